# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One object to its desired state: the function behind the modules that write. Private; no stable interface.

Plain dictionary in, result dictionary or exception out. Whoever calls it decides how arguments come and results go.
"""

from __future__ import annotations

import re
from typing import Any, Callable, Mapping

from ansible_collections.huaweicloud.vpn.plugins.module_utils._clock import Clock
from ansible_collections.huaweicloud.vpn.plugins.module_utils._errors import VpnError, as_failure
from ansible_collections.huaweicloud.vpn.plugins.module_utils._http.throttle import Throttle
from ansible_collections.huaweicloud.vpn.plugins.module_utils._input.access import (
    AUTH_OPTIONS,
    out_of_range,
    url_errors,
)
from ansible_collections.huaweicloud.vpn.plugins.module_utils._input.draft import Draft
from ansible_collections.huaweicloud.vpn.plugins.module_utils._input.validation import (
    TaskInput,
    fingerprint_variable,
    hide_fingerprint_key,
    validate_object,
    validate_task,
)
from ansible_collections.huaweicloud.vpn.plugins.module_utils._planning.effects import effect_lines, prepared_text
from ansible_collections.huaweicloud.vpn.plugins.module_utils._planning.plan import (
    CREATE,
    PLAN_ID_DIGITS,
    RESET_ALWAYS,
    RESET_IF_REQUIRED,
    RESET_NEVER,
    Desired,
    Plan,
)
from ansible_collections.huaweicloud.vpn.plugins.module_utils._schema.behavior import KEEP, RELEASE, Held
from ansible_collections.huaweicloud.vpn.plugins.module_utils._schema.fields import (
    ADD,
    LIST_MODE,
    REMOVE,
    REPLACE,
)
from ansible_collections.huaweicloud.vpn.plugins.module_utils._schema.resource import Resource
from ansible_collections.huaweicloud.vpn.plugins.module_utils._work import outcome
from ansible_collections.huaweicloud.vpn.plugins.module_utils._work.api import Api, make_api
from ansible_collections.huaweicloud.vpn.plugins.module_utils._work.checks import approve, check_plan
from ansible_collections.huaweicloud.vpn.plugins.module_utils._work.progress import Progress
from ansible_collections.huaweicloud.vpn.plugins.module_utils._work.quota import quota_warnings
from ansible_collections.huaweicloud.vpn.plugins.module_utils._work.stop import Stop

PLAN_ID = re.compile(rf"v[0-9]+(\.[0-9a-f]{{{PLAN_ID_DIGITS}}}){{2}}")
LIMITS = {"wait_timeout": (1, 86400)}
# When the write-only member is sent.
ON_CREATE, ALWAYS, ON_CHANGE = "on_create", "always", "on_change"


def item_spec(resource: Resource) -> dict[str, Any]:
    """Return the argument specification of what a task asks of one object."""
    spec = resource.options()
    spec["state"] = {"type": "str", "choices": ["present", "absent"], "default": "present"}
    spec["create"] = {"type": "bool", "default": True}
    if resource.update_option:
        choices = [ON_CREATE, ALWAYS, *([ON_CHANGE] if resource.fingerprint_option else [])]
        spec[resource.update_option] = {"type": "str", "choices": choices, "default": ON_CREATE, "no_log": False}
    if resource.fingerprint_option:
        spec[resource.fingerprint_option] = {"type": "str", "no_log": True}
    if resource.by_entries:
        spec[LIST_MODE] = {"type": "str", "choices": [REPLACE, ADD, REMOVE], "default": REPLACE}
    if resource.purge_option:
        spec[resource.purge_option] = {"type": "bool", "default": False}
    if resource.resettable:
        choices = [RESET_NEVER, RESET_IF_REQUIRED, RESET_ALWAYS]
        spec["reset"] = {"type": "str", "choices": choices, "default": RESET_NEVER}
    if resource.reset_tag:
        spec["remember_reset"] = {"type": "bool", "default": True}
    for dependent in resource.dependents:
        if dependent.option:
            spec[dependent.option] = {"type": "bool", "default": False}
    if resource.held is not None:
        spec[resource.held.option] = {"type": "str", "choices": [KEEP, RELEASE]}
        spec[resource.held.endpoint_option] = {"type": "str"}
    return spec


def work_spec(resource: Resource) -> dict[str, Any]:
    """Return the argument specification of how a task that writes proceeds."""
    spec: dict[str, Any] = {
        "expect_plan": {"type": "str"},
        "wait": {"type": "bool", "default": True},
        "wait_timeout": {"type": "int", "default": resource.wait_timeout},
    }
    if resource.states.active:
        spec["expect_active"] = {"type": "bool", "default": False}
    return spec


def argument_spec(resource: Resource) -> dict[str, Any]:
    """Return the argument specification of the module that manages this resource."""
    return {**AUTH_OPTIONS, **item_spec(resource), **work_spec(resource)}


def enter(resource: Resource, arguments: Mapping[str, Any], environment: Mapping[str, str]) -> TaskInput:
    """Return what a task's arguments amount to; see `validate_task`."""
    return validate_task(resource, argument_spec(resource), arguments, environment, _validate)


def _validate(resource: Resource, draft: Draft) -> None:
    validate_item(resource, draft)
    validate_work(draft)


def validate_item(resource: Resource, draft: Draft) -> None:
    """Report what is wrong with what a task asks of one object; where nothing is, fill in what it desires."""
    option, key = resource.update_option, resource.fingerprint_option
    update = draft.options.get(option or "") if draft.options.get("state") == "present" else None
    hide_fingerprint_key(resource, draft, needed=update == ON_CHANGE)
    if update in (ALWAYS, ON_CHANGE) and not _is_given(resource, draft):
        draft.problems.append(f"{option} is {update}, but {resource.write_only} is missing")
    if update == ON_CHANGE and key not in {*draft.options, *draft.names}:
        variable = fingerprint_variable(resource)
        draft.problems.append(f"{option} is {update}, but {key} is missing; the environment may give it as {variable}")
    if resource.held is not None:
        _validate_held(resource.held, draft)
    validate_object(resource, draft)


def _validate_held(held: Held, draft: Draft) -> None:
    """Report what is missing to know what becomes of what a deleted object held."""
    options, problems = draft.options, draft.problems
    if options.get("state") == "absent" and held.option not in draft.names:
        problems.append(f"{held.option} is missing: it must be {KEEP} or {RELEASE} with state absent, {held.reason}")
    if options.get(held.endpoint_option):
        problems += (f"{held.endpoint_option} {error}" for error in url_errors(options[held.endpoint_option]))
    elif options.get(held.option) == KEEP and draft.names.isdisjoint((held.endpoint_option, "region")):
        problems.append(
            f"{held.option} is {KEEP}, but {held.endpoint_option} is missing (or {held.endpoint_variable} in the"
            " environment), and so is region, which it follows from"
        )


def _is_given(resource: Resource, draft: Draft) -> bool:
    """Return whether the task gives the write-only member; a value that was refused counts."""
    path = resource.write_only or ""
    return path in resource.normalize(draft.options, answer=False) or ("." not in path and path in draft.names)


def validate_work(draft: Draft) -> None:
    """Report what is wrong with how a task that writes shall proceed."""
    expected = draft.options.get("expect_plan")
    if expected and not PLAN_ID.fullmatch(expected):
        half = f"<{PLAN_ID_DIGITS} hexadecimal digits>"
        draft.problems.append(
            f"expect_plan must be a plan_id that an earlier run returned, not {expected!r};"
            f" it has the form v1.{half}.{half}"
        )
    if draft.options.get("expect_active") and draft.options.get("wait") is False:
        draft.problems.append("expect_active needs wait: without it, nothing is known of the status after a change")
    draft.problems += out_of_range(draft.options, LIMITS)


def desired_from(resource: Resource, options: Mapping[str, Any], values: Mapping[str, Any]) -> Desired:
    """Return what validated options ask of an object.

    Args:
        resource: The table.
        options: Validated options.
        values: The object's members, `{dotted path: canonical value}`.
    """
    update = options.get(resource.update_option or "")
    return Desired(
        values,
        absent=options["state"] == "absent",
        update_write_only=update in (ALWAYS, ON_CHANGE),
        purge_tags=options.get(resource.purge_option or "", False),
        reset=options.get("reset", RESET_NEVER),
        may_create=options["create"],
        remember_reset=options.get("remember_reset", True),
        fingerprint_key=options.get(resource.fingerprint_option or "") if update == ON_CHANGE else None,
        list_mode=options.get(LIST_MODE, REPLACE),
        companion=options.get(resource.companion.option) if resource.companion else None,
        names={path: options[by.option] for path, by in resource.by_name.items() if by.option in options},
        fate=options.get(resource.held.option) if resource.held is not None else None,
    )


def perform(
    resource: Resource,
    task_input: TaskInput,
    check_mode: bool,
    clock: Clock,
    user_agent: str,
    lost: Callable[[], str | None] | None = None,
) -> dict[str, Any]:
    """Do what a task asks, and return the result; see `Operation.perform`."""
    api = make_api(Api, resource, task_input.access, clock, user_agent)
    stop = Stop(lost)
    api.client.throttle = Throttle(clock, stop.check)
    desired = desired_from(resource, task_input.options, task_input.desired)
    progress = Progress(resource, desired, task_input.options, api)
    try:
        progress.load()
        check_plan(progress, check_mode)
        if task_input.options.get("expect_plan"):
            approve(progress, task_input.options["expect_plan"])
        progress.warnings += quota_warnings(api, int(progress.plan.action == CREATE))
        if not check_mode and progress.has_work:
            # Not at the top: most tasks have nothing to send, and importing takes time.
            from ansible_collections.huaweicloud.vpn.plugins.module_utils._work.reconcile import Reconciler

            Reconciler(progress, clock, stop).apply()
        return _result(progress, check_mode)
    except Exception as error:  # pylint: disable=broad-except
        failure = as_failure(error)
        _describe(failure, progress)
        raise failure from (None if failure is error else error)


def _result(progress: Progress, check_mode: bool) -> dict[str, Any]:
    """Return the result keys of a task on one object."""
    plan, warnings = progress.reported_plan, outcome.named_warnings(progress)
    result = {**outcome.result(progress, check_mode), "plan_id": plan.plan_id(), "warnings": warnings}
    if plan.changed:
        _prepare(result, plan)
    return result


def _describe(failure: VpnError, progress: Progress) -> None:
    """Add to a failure what is known of the object, and what was sent."""
    outcome.explain(progress, failure)
    failure.add(outcome.owed_reset_note(progress))
    if "diff" in failure.details:
        _prepare(failure.details, progress.plan)
    failure.details.update(outcome.failure_details(progress))
    if progress.initial_plan is not None:
        failure.details["warnings"] = outcome.named_warnings(progress)
    if progress.written:
        failure.details["plan_id"] = progress.reported_plan.plan_id()


def _prepare(result: Mapping[str, Any], plan: Plan) -> None:
    """Add to the difference of a result what core prints below it."""
    result["diff"]["prepared"] = prepared_text(effect_lines(plan), result["plan_id"])
