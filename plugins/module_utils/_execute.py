# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the two front ends, module and action plugin, share. Private to this collection; no stable interface."""

from __future__ import annotations

from typing import Any, Dict, Mapping, Protocol

from ansible_collections.huaweicloud.vpn.plugins.module_utils._clock import Clock
from ansible_collections.huaweicloud.vpn.plugins.module_utils._errors import InvalidInput, VpnError, as_failure
from ansible_collections.huaweicloud.vpn.plugins.module_utils._input.validation import TaskInput
from ansible_collections.huaweicloud.vpn.plugins.module_utils._lifeline import Lost
from ansible_collections.huaweicloud.vpn.plugins.module_utils._masking import masker
from ansible_collections.huaweicloud.vpn.plugins.module_utils._schema.resource import Resource
from ansible_collections.huaweicloud.vpn.plugins.module_utils._text import printable

# Ansible and its callbacks process a result recursively, with several calls on the stack for each level.
MAX_DEPTH = 64

# The keys of a task's result.
Result = Dict[str, Any]


class Operation(Protocol):
    """What a front end runs: a Python module of `_work` with these functions, such as `single`."""

    def argument_spec(self, resource: Resource) -> dict[str, Any]:
        """Return the argument specification of the Ansible module for this resource."""

    def enter(self, resource: Resource, arguments: Mapping[str, Any], environment: Mapping[str, str]) -> TaskInput:
        """Validate the arguments of a task.

        Args:
            resource: The description of the objects that the task is about.
            arguments: What the task gives, by option.
            environment: The environment variables that options may come from.

        Raises:
            InvalidInput: With everything that is wrong.
        """

    def perform(
        self,
        resource: Resource,
        task_input: TaskInput,
        check_mode: bool,
        clock: Clock,
        user_agent: str,
        lost: Lost | None = None,
    ) -> Result:
        """Do what a task asks for.

        Args:
            resource: The description of the objects that the task is about.
            task_input: What `enter` returned.
            check_mode: Whether to read and plan only.
            clock: The clock.
            user_agent: The HTTP header of that name.
            lost: See `_lifeline.Lost`; None if something always waits for the task.

        Raises:
            VpnError: With a sentence and further result keys.
        """


def execute(
    operation: Operation,
    resource: Resource,
    task_input: TaskInput,
    check_mode: bool,
    diff: bool,
    clock: Clock,
    user_agent: str,
    lost: Lost | None = None,
) -> Result:
    """Do what a task asks for, and return its result; a failure is a result too, with `failed` and `msg`.

    Args:
        operation: What to run.
        resource: See `Operation.perform`.
        task_input: See `Operation.perform`.
        check_mode: Whether the task runs in check mode.
        diff: Whether the task runs in diff mode.
        clock: See `Operation.perform`.
        user_agent: See `Operation.perform`.
        lost: See `Operation.perform`.
    """
    try:
        result = operation.perform(resource, task_input, check_mode, clock, user_agent, lost)
    except Exception as error:  # pylint: disable=broad-except
        # A bug of ours ends as a failed task like any other; the message has its type and text.
        failed = as_failure(error)
        result = dict(failed.details, failed=True, msg=failed.sentences)
    result = _limit_depth(result)
    if not diff:
        result.pop("diff", None)
    if not result.get("warnings"):
        # As Ansible does with the empty list of a module.
        result.pop("warnings", None)
    # Not earlier: the task may have obtained a token while it ran.
    return _fit(masker(task_input.secrets)(result))


def _limit_depth(result: Result) -> Result:
    """Return a result; one with a part that is nested too deep becomes a failure, and loses that part."""
    level: list[Any] = [result]
    for dummy in range(MAX_DEPTH):
        level = [part for item in level for part in _parts(item).values()]
    for item in level:
        for place in _parts(item):
            item[place] = "left out: nested too deep"
            result.setdefault(
                "msg",
                [f"the API answered with data nested more than {MAX_DEPTH} levels deep; what lies deeper is left out"],
            )
            result["failed"] = True
    return result


def _parts(item: Any) -> dict[Any, Any]:
    """Return the dictionaries and lists directly inside a dictionary or list, by key or index."""
    places = item.items() if isinstance(item, dict) else enumerate(item)
    return {place: part for place, part in places if isinstance(part, (dict, list))}


def read_input(
    operation: Operation, resource: Resource, arguments: Mapping[str, Any], environment: Mapping[str, str]
) -> TaskInput:
    """Validate the arguments of a task; a bug of ours is reported like an error of theirs.

    Args:
        operation: What the task is for.
        resource: See `Operation.enter`.
        arguments: See `Operation.enter`.
        environment: See `Operation.enter`.

    Raises:
        InvalidInput: With everything that is wrong.
    """
    try:
        return operation.enter(resource, arguments, environment)
    except VpnError:
        raise
    except Exception as error:  # pylint: disable=broad-except
        # Which texts are secrets is not known here, so the text of the exception is not repeated.
        problem = f"internal error while reading the options, please report it: {type(error).__name__}"
        raise InvalidInput([problem]) from error


def failure(refusal: InvalidInput) -> Result:
    """Return the result of a task whose arguments are invalid."""
    return _fit(masker(refusal.secrets)(dict(refusal.details, failed=True, msg=refusal.sentences)))


def _fit(result: Result) -> Result:
    """Return a result whose sentences a terminal and a log can show, whatever text they quote.

    Line breaks stand between the sentences of a message only. One that a sentence quotes becomes a space.
    """
    for key in ("msg", "errors", "warnings"):
        if key in result:
            result[key] = [printable(sentence, len(sentence)) for sentence in result[key]]
    if "msg" in result:
        result["msg"] = "\n".join(result["msg"])
    return result
