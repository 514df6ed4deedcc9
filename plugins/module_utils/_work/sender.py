# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How a write is sent, and how the work waits. Private to this collection; no stable interface.

Each write is noted, whatever becomes of it. Where the cloud is busy, or the answer was lost, the object is read and
planned again, and what is still due is sent again.
"""

from __future__ import annotations

from typing import Any, Callable, Iterable

from ansible_collections.huaweicloud.vpn.plugins.module_utils._clock import Clock, Deadline, pauses, poll
from ansible_collections.huaweicloud.vpn.plugins.module_utils._errors import VpnError
from ansible_collections.huaweicloud.vpn.plugins.module_utils._planning.approval import BODY, TAGS
from ansible_collections.huaweicloud.vpn.plugins.module_utils._planning.plan import Plan
from ansible_collections.huaweicloud.vpn.plugins.module_utils._work.checks import check_plan
from ansible_collections.huaweicloud.vpn.plugins.module_utils._work.progress import Progress
from ansible_collections.huaweicloud.vpn.plugins.module_utils._work.stop import Stop
from ansible_collections.huaweicloud.vpn.plugins.module_utils._work.waiters import UntilIdle, UntilStable, Waiter

# What a write carries that is only for later runs.
MARK = "mark"


class Sender:
    """Sends the writes of one object.

    Args:
        progress: The work.
        clock: The clock.
        stop: Asked before each write.

    Attributes:
        deadline: Until when what comes before a write may take.
    """

    def __init__(self, progress: Progress, clock: Clock, stop: Stop) -> None:
        self.progress = progress
        self.resource = progress.resource
        self.clock = clock
        self.stop = stop
        self.deadline = Deadline(clock, 0)

    def write(self, part: str | None, send: Callable[..., Any], *arguments: Any) -> Any:
        """Send a write and return its answer; note that it was, or may have been, carried out.

        Args:
            part: What it carries: BODY or TAGS of the plan, MARK, or None for anything else.
            send: The operation.
            arguments: Its arguments.
        """
        try:
            with self.stop.begun():
                answer = send(*arguments)
        except VpnError as error:
            if error.effect_unknown:
                self._note_write(part)
            raise
        except BaseException:
            self._note_write(part)
            raise
        self._note_write(part)
        return answer

    def _note_write(self, part: str | None) -> None:
        sent = self.progress.sent
        sent.last_write = self.clock.now()
        sent.touched = sent.touched or part != MARK
        if part == BODY:
            sent.needs_reset = sent.needs_reset or self.progress.plan.needs_reset
        if self.progress.approval is not None and part in (BODY, TAGS):
            self.progress.approval.sent.add(part)

    def persist(self, due: Callable[[Plan], bool], send: Callable[[], None]) -> None:
        """Send what is due; where the cloud is busy or its answer was lost, look again and send what is still due.

        It waits by itself instead of yielding, so that of many objects the others of this one's parent wait too.
        """
        doubts, most = 0, self.progress.api.client.max_retries
        waits = pauses(self.clock)
        while due(self.progress.plan):
            try:
                return send()
            except VpnError as error:
                doubts += error.effect_unknown
                may_look_again = error.busy or error.effect_unknown
                if not may_look_again or doubts > most or not self.deadline.pause(next(waits)):
                    raise
                self.continue_from(self.wait_for(self.until_idle(), at_once=True))
                if error.effect_unknown and not error.may_repeat_after_reading and due(self.progress.plan):
                    raise

    def continue_from(self, found: dict[str, Any] | None) -> None:
        """Plan anew from what was found, and check that plan."""
        self.progress.replan(found)
        check_plan(self.progress)

    def wait_for(self, waiter: Waiter, at_once: bool = False) -> dict[str, Any] | None:
        """Read until a waiter is content, and return what the last read showed. Reads may fail while there is time.

        Args:
            waiter: What is waited for.
            at_once: Whether the first read comes without a pause before it.
        """

        def look() -> tuple[dict[str, Any] | None] | None:
            try:
                found = self.progress.api.read(str(self.progress.identifier), waiter.deadline)
            except VpnError as error:
                if not error.may_retry_read(waiter.deadline):
                    raise
                return None
            return (found,) if waiter.check(found) else None

        seen = (look() if at_once or self.resource.states.synchronous else None) or poll(look, waiter.deadline)
        if seen is None:
            raise waiter.timeout_error()
        return seen[0]

    def own_deadline(self) -> Deadline:
        """Return a deadline for a wait that begins now."""
        return Deadline(self.clock, self.progress.options["wait_timeout"])

    def until_idle(self) -> UntilIdle:
        """Return the waiter for what has to be over before the next write."""
        what, absence, last_write = self.progress.what, self.progress.desired.absent, self.progress.sent.last_write
        return UntilIdle(what, self.resource.states, self.clock, self.deadline, absence, last_write)

    def until_stable(self, ignored: Iterable[str] = (), last: bool = False) -> UntilStable:
        """Return the waiter for a change; with the last one, the object has to work where the task expects that."""
        expect_active = last and self.progress.options.get("expect_active", False)
        what, plan = self.progress.what, self.progress.reported_plan
        return UntilStable(what, plan, self.clock, self.own_deadline(), ignored, expect_active)
