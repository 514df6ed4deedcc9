# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the two shells, module and action plugin, share. Private to this collection; no stable interface."""

from __future__ import annotations

from ansible_collections.huaweicloud.vpn.plugins.module_utils._errors import InvalidInput, VpnError, as_failure
from ansible_collections.huaweicloud.vpn.plugins.module_utils._masking import masker
from ansible_collections.huaweicloud.vpn.plugins.module_utils._text import printable


# Core and its callbacks walk through a result level by level, with several calls on the stack for each.
MAX_DEPTH = 64


def execute(operation, resource, task_input, check_mode, diff, clock, user_agent, lost=None):
    """Carry a request out and return the result keys, those of a failure among them (dict).

    :arg operation: a module of this collection with C(perform), such as _run. C(check_mode), C(diff): as the task has them.
    :arg lost: see C(_stop.Stop).
    """
    try:
        result = operation.perform(resource, task_input, check_mode, clock, user_agent, lost)
    except Exception as error:  # pylint: disable=broad-except
        # A bug of ours ends as a failed task like any other; what it was is in the message.
        failure = as_failure(error)
        result = dict(failure.details, failed=True, msg=failure.message)
    result = _limit_depth(result)
    if not diff:
        result.pop("diff", None)
    if not result.get("warnings"):
        # Core leaves an empty list of a module out.
        result.pop("warnings", None)
    # Only now: a token may have come while the task ran.
    return _fit(masker(task_input.secrets)(result))


def _limit_depth(result):
    """Return a result; one with a part that is nested too deep becomes a failure, and loses that part (dict)."""
    level = [result]
    for dummy in range(MAX_DEPTH):
        level = [part for item in level for part in _parts(item).values()]
    for item in level:
        for place in _parts(item):
            item[place] = "left out: nested too deep"
            result.setdefault(
                "msg", "the API answered with data nested more than %d levels deep; what lies deeper is left out" % MAX_DEPTH)
            result["failed"] = True
    return result


def _parts(item):
    """Return the dictionaries and lists right inside one, by their places (dict)."""
    places = item.items() if isinstance(item, dict) else enumerate(item)
    return {place: part for place, part in places if isinstance(part, (dict, list))}


def read_input(operation, resource, arguments, environment):
    """Return the C(TaskInput) that arguments make (see C(_validation.validate_task)); a bug of ours is a refusal like any other."""
    try:
        return operation.enter(resource, arguments, environment)
    except VpnError:
        raise
    except Exception as error:  # pylint: disable=broad-except
        # Which texts are secrets is not known here, so the words of the exception are not repeated.
        raise InvalidInput(["internal error while reading the options, please report it: %s" % type(error).__name__]) from error


def failure(refusal):
    """Return the result keys of arguments that the front door refused (dict)."""
    return _fit(masker(refusal.secrets)(dict(refusal.details, failed=True, msg=refusal.message)))


def _fit(result):
    """Return a result whose sentences a terminal and a log can show, whatever words of others they quote."""
    if "msg" in result:
        result["msg"] = printable(result["msg"], len(result["msg"]))
    if "warnings" in result:
        result["warnings"] = [printable(warning, len(warning)) for warning in result["warnings"]]
    return result
