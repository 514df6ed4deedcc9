# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The work on one object, from its plan to the last write. Private to this collection; no stable interface.

In which order changes are sent, and what is waited for between them: once, for one object and for many. What forbids a
plan is in `checks`; how a write is sent, and what is done when the cloud is busy or does not answer, in `sender`, and
for a creation in `creation`; the requests themselves in `writes` and `marks`; the result in `outcome`.
"""

from __future__ import annotations

from functools import partial
from typing import Any, Generator, Iterable, Union

from ansible_collections.huaweicloud.vpn.plugins.module_utils._clock import Clock
from ansible_collections.huaweicloud.vpn.plugins.module_utils._errors import VpnError
from ansible_collections.huaweicloud.vpn.plugins.module_utils._planning.plan import (
    CREATE,
    DELETE,
    NOTHING,
    UPDATE,
    Plan,
)
from ansible_collections.huaweicloud.vpn.plugins.module_utils._work.checks import check_plan
from ansible_collections.huaweicloud.vpn.plugins.module_utils._work.creation import Creation
from ansible_collections.huaweicloud.vpn.plugins.module_utils._work.marks import Marks
from ansible_collections.huaweicloud.vpn.plugins.module_utils._work.progress import Progress
from ansible_collections.huaweicloud.vpn.plugins.module_utils._work.sender import Sender
from ansible_collections.huaweicloud.vpn.plugins.module_utils._work.stop import Stop
from ansible_collections.huaweicloud.vpn.plugins.module_utils._work.surroundings import Surroundings
from ansible_collections.huaweicloud.vpn.plugins.module_utils._work.waiters import (
    Turn,
    UntilAccompanied,
    UntilGone,
    UntilRestored,
    Waiter,
)
from ansible_collections.huaweicloud.vpn.plugins.module_utils._work.writes import Writes

Steps = Generator[Union[Waiter, Turn], Any, None]


class Reconciler:
    """Brings one object to its desired state.

    Args:
        progress: The work, with its plan.
        clock: The clock.
        stop: Asked before each write; None where nothing can end the task.
        takes_turns: Whether a reset has to wait until others of the same parent are back as they were.
    """

    def __init__(self, progress: Progress, clock: Clock, stop: Stop | None = None, takes_turns: bool = False) -> None:
        self.progress = progress
        self.resource = progress.resource
        self.clock = clock
        self.takes_turns = takes_turns
        self.sender = Sender(progress, clock, stop or Stop())
        self.writes = Writes(progress, self.sender)
        self.marks = Marks(progress, self.sender)
        self.creation = Creation(progress, self.sender, self.writes, self.marks)
        self.surroundings = Surroundings(progress.api, partial(self.sender.write, None))

    def apply(self) -> None:
        """Send everything the plan holds, and wait for it."""
        steps = self.steps()
        try:
            step = next(steps)
            while True:
                # An object by itself has nobody to take turns with.
                step = steps.send(self.sender.wait_for(step) if isinstance(step, Waiter) else False)
        except StopIteration:
            pass

    def steps(self) -> Steps:
        """Send what the plan holds, write by write.

        To wait for something, it yields a waiter. Whoever drives it reads the object until the waiter is content, and
        sends in what the last read showed:

            waiter = next(steps)
            waiter = steps.send(found)

        It may also yield a turn, where the work on several objects of one parent must not overlap, and is sent whether
        that took time.

        Exceptions end the work on this object.
        """
        self.sender.deadline = self.sender.own_deadline()
        if self.progress.waits_for_deletion():
            yield UntilGone(self.progress.what, self.resource.states, self.clock, self.sender.own_deadline())
            self.progress.replan(None)
            check_plan(self.progress)
        elif self.progress.plan.changed and self.progress.is_busy():
            self.sender.continue_from((yield self.sender.until_idle()))
        action = {NOTHING: self._do_nothing, CREATE: self._create, UPDATE: self._update, DELETE: self._delete}
        yield from action[self.progress.plan.action]()

    def _do_nothing(self) -> Steps:
        yield from ()

    def _create(self) -> Steps:
        self.surroundings.await_held(self.progress.plan, self.sender.deadline)
        taken_over = yield from self.creation.steps()
        if not taken_over:
            yield from self._send_companion()
        elif self.progress.plan.changed:
            yield from self._update()

    def _update(self) -> Steps:
        turn = None
        if self.takes_turns and self.progress.reported_plan.reset:
            turn = yield from self._await_turn()
        if not self.resource.tags_last:
            self.sender.persist(lambda plan: plan.changes_tags, self.writes.send_tags)
        self.marks.before()
        try:
            self.sender.persist(lambda plan: plan.body is not None, self.writes.send_body)
        except VpnError:
            self.marks.take_back()
            raise
        yield from self._send_actions()
        if self.resource.tags_last and self.progress.plan.changes_tags:
            yield from self._settle(())
            self.sender.persist(lambda plan: plan.changes_tags, self.writes.send_tags)
        if self.progress.written and (self.progress.options["wait"] or self.progress.reported_plan.reset):
            self.progress.last_read = yield self.sender.until_stable(last=not self.progress.reported_plan.reset)
        yield from self._send_companion()
        if self.progress.reported_plan.reset:
            yield from self._reset(turn)
        else:
            self.marks.after()

    def _await_turn(self) -> Generator[Waiter | Turn, Any, Turn]:
        """Go on once no other object of the parent is being reset; if that took time, look again first."""
        turn = Turn(lambda: self.progress.sent.touched)
        if (yield turn):
            self.sender.deadline = self.sender.own_deadline()
            self.sender.continue_from((yield self.sender.until_idle()))
        return turn

    def _send_actions(self) -> Steps:
        """Change the members that have an operation of their own; between two operations the object has to settle."""
        plan = self.progress.reported_plan
        for action, leaves in plan.by_action.items():
            yield from self._settle(leaves)
            self.sender.persist(partial(_changes_by, action), partial(self.writes.send_action, action))

    def _settle(self, later: Iterable[str]) -> Steps:
        """Wait until what was written before shows, but for the members that are written later."""
        if self.progress.written:
            last = [self.resource.tags] if self.resource.tags and self.resource.tags_last else []
            self.progress.last_read = yield self.sender.until_stable(ignored=[*later, *last])

    def _send_companion(self) -> Steps:
        """Make or remove the companion, and wait until the object shows that."""
        companion, wanted = self.resource.companion, self.progress.reported_plan.companion
        if companion is None or wanted is None:
            return
        self.sender.deadline = self.sender.own_deadline()
        self.sender.persist(lambda plan: plan.companion is not None, self.writes.send_companion)
        if self.progress.options["wait"]:
            what, deadline = self.progress.what, self.sender.own_deadline()
            self.progress.last_read = yield UntilAccompanied(what, self.resource, wanted, self.clock, deadline)

    def _reset(self, turn: Turn | None) -> Steps:
        """Reset the object and wait. Once it is stable the reset counts as done, whatever its tunnel does then."""
        progress, states, awaited = self.progress, self.resource.states, turn is not None and turn.awaited
        before = (progress.reported_plan.found, progress.last_read)
        was_active = any(states.of(found) in states.active for found in before)
        # What is owed is the reset that was reported: once the key is sent, a new plan has no reason for one.
        progress.reset_due = True
        self.sender.persist(lambda plan: progress.reset_due, self.writes.send_reset)
        begun = progress.sent.last_write or 0.0
        deadline, stable = self.sender.own_deadline(), self.sender.until_stable()
        if not (progress.options["wait"] or awaited):
            progress.sent.needs_reset = False
            self.marks.after()
            return
        progress.last_read = yield stable
        progress.sent.needs_reset = False
        self.marks.after()
        if self.takes_turns and was_active:
            # Where others wait for their turn, nothing that may be stale counts.
            worked = stable.worked or not awaited
            progress.last_read = yield UntilRestored(progress.what, states, self.clock, deadline, begun, worked)
        elif progress.options.get("expect_active"):
            active = self.sender.until_stable(last=True)
            active.worked = True
            progress.last_read = yield active

    def _delete(self) -> Steps:
        self.surroundings.clear(self.progress.desired, self.progress.plan.found or {}, self.sender.own_deadline())
        self.sender.persist(self._is_accompanied, self.writes.remove_companion)
        self.sender.persist(lambda plan: plan.changed, self.writes.send_deletion)
        if self.progress.options["wait"] and self.progress.last_read is not None:
            yield UntilGone(self.progress.what, self.resource.states, self.clock, self.sender.own_deadline())
        self.progress.last_read = None

    def _is_accompanied(self, plan: Plan) -> bool:
        companion = self.resource.companion
        return plan.changed and companion is not None and companion.identifier(plan.found) is not None


def _changes_by(action: str, plan: Plan) -> bool:
    return action in plan.by_action
