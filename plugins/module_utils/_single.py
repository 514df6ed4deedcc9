# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One object to its described state: the function behind the modules. Private to this collection; no stable interface.

Plain dictionary in, result dictionary or exception out. Whoever calls it decides how arguments come and results go.
"""

from __future__ import annotations

from ansible_collections.huaweicloud.vpn.plugins.module_utils._access import AUTH_OPTIONS
from ansible_collections.huaweicloud.vpn.plugins.module_utils._api import Api, make_api
from ansible_collections.huaweicloud.vpn.plugins.module_utils._http.throttle import Throttle
from ansible_collections.huaweicloud.vpn.plugins.module_utils._errors import as_failure
from ansible_collections.huaweicloud.vpn.plugins.module_utils._validation import validate_object, validate_task
from ansible_collections.huaweicloud.vpn.plugins.module_utils._plan import RESET_ALWAYS, RESET_IF_REQUIRED, RESET_NEVER
from ansible_collections.huaweicloud.vpn.plugins.module_utils._stop import Stop
from ansible_collections.huaweicloud.vpn.plugins.module_utils._reconcile import Reconciler, desired_from


def item_spec(resource):
    """Return the argument specification of what a task asks of one object (dict)."""
    spec = resource.options()
    spec.update(
        {
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
            "update_%s" % resource.secret: {"type": "str", "choices": ["on_create", "always"], "default": "on_create", "no_log": False},
            "purge_%s" % resource.tags: {"type": "bool", "default": False},
            "reset": {"type": "str", "choices": [RESET_NEVER, RESET_IF_REQUIRED, RESET_ALWAYS], "default": RESET_NEVER},
        }
    )
    return spec


def work_spec():
    """Return the argument specification of how a task that writes goes about it (dict)."""
    return {
        "expect_plan": {"type": "str"},
        "wait": {"type": "bool", "default": True},
        "wait_timeout": {"type": "int", "default": 600},
    }


def argument_spec(resource):
    """Return the argument specification of the module that manages this resource (dict)."""
    return dict(AUTH_OPTIONS, **item_spec(resource), **work_spec())


def enter(resource, arguments, environment):
    """Return the C(TaskInput) that a task's arguments make; see C(_validation.validate_task)."""
    return validate_task(resource, argument_spec(resource), arguments, environment, validate_item)


def validate_item(resource, draft):
    """Return the members of the object that a task describes, in normal form; say what is wrong with the task's wishes."""
    renewal = "update_%s" % resource.secret
    if draft.options.get("state") == "present" and draft.options.get(renewal) == "always" and resource.secret not in draft.names:
        draft.problems.append("%s is always, but %s is missing" % (renewal, resource.secret))
    return validate_object(resource, draft)


def perform(resource, task_input, check_mode, clock, user_agent, lost=None):
    """Do what a C(TaskInput) asks, and return the result (dict).

    :arg check_mode: read and plan only (bool). C(clock): see C(_clock.Clock). C(user_agent): for the requests (str).
    :arg lost: see C(_stop.Stop).
    :raises VpnError: with a sentence and further result keys.
    """
    api = make_api(Api, resource, task_input.access, clock, user_agent)
    stop = Stop(lost)
    api.client.throttle = Throttle(clock, stop.check)
    desired = desired_from(resource, task_input.options, task_input.desired, task_input.secret)
    reconciler = Reconciler(resource, desired, task_input.options, api, clock, stop)
    try:
        reconciler.load()
        reconciler.refuse(check_mode)
        if task_input.options.get("expect_plan"):
            reconciler.approve(task_input.options["expect_plan"])
        if not check_mode:
            reconciler.apply()
        return dict(reconciler.result(check_mode), plan_id=reconciler.initial_plan.plan_id())
    except Exception as error:  # pylint: disable=broad-except
        failure = as_failure(error)
        failure.details.update(reconciler.failure_details())
        if reconciler.initial_plan is not None:
            failure.details["warnings"] = reconciler.all_warnings()
        if reconciler.written:
            failure.details["plan_id"] = reconciler.initial_plan.plan_id()
        raise failure from (None if failure is error else error)
