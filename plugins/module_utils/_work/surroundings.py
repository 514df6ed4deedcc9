# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What surrounds an object: what uses it, and what it holds. Private to this collection; no stable interface.

It matters where an object is made or deleted. What belongs to others is never deleted without being named before.
"""

from __future__ import annotations

from typing import Any, Callable, Mapping

from ansible_collections.huaweicloud.vpn.plugins.module_utils._clock import Deadline, pauses, poll
from ansible_collections.huaweicloud.vpn.plugins.module_utils._errors import VpnError, WaitFailed, first_of
from ansible_collections.huaweicloud.vpn.plugins.module_utils._planning.plan import Desired, Plan
from ansible_collections.huaweicloud.vpn.plugins.module_utils._schema.behavior import ID, KEEP, Dependent, Held
from ansible_collections.huaweicloud.vpn.plugins.module_utils._work.api import Api, Reader

Write = Callable[..., Any]


def look_around(api: Reader, options: Mapping[str, Any], desired: Desired, identifier: str) -> None:
    """Note what forbids the deletion of an object, and what is deleted along with it.

    Args:
        api: The operations of the resource.
        options: Validated options.
        desired: Gets the sentences.
        identifier: The object.
    """
    desired.obstacles, desired.losses = [], []
    for dependent in api.resource.dependents:
        using = api.list_dependents(dependent, identifier)
        if using and not options.get(dependent.option or ""):
            desired.obstacles.append(_obstacle(api.resource.noun, dependent, identifier, using))
        elif using:
            desired.losses += sorted(_loss(dependent, item) for item in using)


def _obstacle(noun: str, dependent: Dependent, identifier: str, using: list[dict[str, Any]]) -> str:
    names = ", ".join(first_of(sorted(_called(item) for item in using)))
    plural = "" if len(using) == 1 else "s"
    return f"the {noun} {identifier} is used by {len(using)} {dependent.noun}{plural}: {names}; {dependent.remedy}"


class Surroundings:
    """What surrounds one object while it is made or deleted.

    Args:
        api: The operations of the resource.
        write: Sends a write, given the operation and its arguments, and notes that it was sent.
    """

    def __init__(self, api: Api, write: Write) -> None:
        self.api = api
        self.resource = api.resource
        self.write = write

    # -- before a creation

    def await_held(self, plan: Plan, deadline: Deadline) -> None:
        """Wait until what a new object shall hold is ready for it, as far as that can be read."""
        held = self.resource.held
        if held is None or not self.api.knows_held:
            return
        for path in held.paths:
            if path in plan.leaves:
                self._await_ready(held, plan.leaves[path], deadline)

    def _await_ready(self, held: Held, identifier: str, deadline: Deadline) -> None:
        def look() -> bool | None:
            try:
                found = self.api.read_held(held, identifier, deadline)
            except VpnError:
                # Whoever may not read it may use it nonetheless: the answer to the creation decides.
                return True
            return None if held.states.of(found) in held.states.pending else True

        if not (look() or poll(look, deadline)):
            raise WaitFailed(
                f"the {held.noun} {identifier} was still busy after {deadline.seconds} seconds; nothing was sent"
            )

    # -- before a deletion

    def clear(self, desired: Desired, found: Mapping[str, Any], deadline: Deadline) -> None:
        """Delete what uses the object, and detach what it holds and the task keeps.

        Args:
            desired: What the task asks; what it does not name is not deleted.
            found: The object.
            deadline: When the time is up.
        """
        for dependent in self.resource.dependents:
            using = self.api.list_dependents(dependent, found[ID])
            unplanned = [_called(item) for item in using if _loss(dependent, item) not in desired.losses]
            if unplanned:
                raise VpnError(
                    f"the {self.resource.noun} {found[ID]} is used by {', '.join(first_of(unplanned))} meanwhile, which"
                    " is not part of the plan; nothing more was sent"
                )
            for item in using:
                self._delete(dependent, item[ID], deadline)
        held = self.resource.held
        if held is not None and desired.fate == KEEP:
            form = self.resource.normalize(found)
            for path in held.paths:
                if path in form:
                    self._detach(held, form[path], deadline)

    def _delete(self, dependent: Dependent, identifier: str, deadline: Deadline) -> None:
        for inner in dependent.dependents:
            for item in self.api.list_dependents(inner, identifier):
                self._delete(inner, item[ID], deadline)
        self._send(deadline, self.api.delete_other, dependent, identifier)

        def look() -> bool | None:
            try:
                return None if self.api.read_dependent(dependent, identifier, deadline) else True
            except VpnError as error:
                if not error.may_retry_read(deadline):
                    raise
                return None

        if not poll(look, deadline):
            raise WaitFailed(
                f"the {dependent.noun} {identifier} was still there {deadline.seconds} seconds after its deletion began"
            )

    def _detach(self, held: Held, identifier: str, deadline: Deadline) -> None:
        """Detach what the object holds, and wait until nothing holds it any more."""
        waits = pauses(self.api.client.clock)
        sent = False
        while True:
            status = held.states.of(self.api.read_held(held, identifier, deadline))
            if status is None or status in held.states.stable:
                return
            if not sent and status not in held.states.pending:
                sent = self._try_to_detach(held, identifier)
            if not deadline.pause(next(waits)):
                raise WaitFailed(
                    f"the {held.noun} {identifier} was not detached within {deadline.seconds} seconds; its last status"
                    f" was {status}"
                )

    def _try_to_detach(self, held: Held, identifier: str) -> bool:
        """Return whether the request was taken; it is worth another look where that is not known."""
        try:
            self.write(self.api.detach, held, identifier)
            return True
        except VpnError as error:
            if error.busy or error.effect_unknown:
                return False
            if held.states.of(self.api.read_held(held, identifier)) in held.states.stable:
                # Somebody else was faster, or an earlier look was old.
                return True
            raise

    def _send(self, deadline: Deadline, send: Write, *arguments: Any) -> None:
        """Send what may be repeated without harm, until it is taken."""
        waits = pauses(self.api.client.clock)
        doubts = 0
        while True:
            try:
                self.write(send, *arguments)
                return
            except VpnError as error:
                doubts += error.effect_unknown
                may_repeat = error.busy or error.effect_unknown
                if not may_repeat or doubts > self.api.client.max_retries or not deadline.pause(next(waits)):
                    raise


def _called(item: Mapping[str, Any]) -> str:
    """Return an object as a sentence names it."""
    return f"{item['name']} ({item[ID]})" if item.get("name") else str(item[ID])


def _loss(dependent: Dependent, item: Mapping[str, Any]) -> str:
    return f"the {dependent.noun} {_called(item)} is deleted with it"
