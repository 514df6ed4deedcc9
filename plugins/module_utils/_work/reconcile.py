# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The work on one object, from the first read to the last write. Private to this collection; no stable interface.

What forbids a change, in which order changes are sent, what is done when the cloud is busy or does not answer, and when
the work is done: once, for one object and for many.
"""

from __future__ import annotations

import contextlib
from functools import partial
from typing import Any, Callable, Generator, Iterable, Mapping, Union

from ansible_collections.huaweicloud.vpn.plugins.module_utils._clock import Clock, Deadline, pauses, poll
from ansible_collections.huaweicloud.vpn.plugins.module_utils._errors import (
    Ambiguous,
    ApiError,
    ChangeNotApplied,
    InvalidInput,
    NotActive,
    NotFound,
    PlanMismatch,
    VpnError,
)
from ansible_collections.huaweicloud.vpn.plugins.module_utils._planning.approval import BODY, TAGS, Approval
from ansible_collections.huaweicloud.vpn.plugins.module_utils._planning.compare import merge, presentable
from ansible_collections.huaweicloud.vpn.plugins.module_utils._planning.plan import (
    CREATE,
    DELETE,
    NOTHING,
    RESET_ALWAYS,
    RESET_IF_REQUIRED,
    UPDATE,
    Desired,
    Plan,
    describe_mismatch,
    make_plan,
    predicted_marks,
    remaining,
    wanted_fingerprint,
)
from ansible_collections.huaweicloud.vpn.plugins.module_utils._schema.fields import (
    ID,
    RESET,
    RESET_REQUIRED,
    TAGS_CREATE,
    TAGS_DELETE,
    Resource,
)
from ansible_collections.huaweicloud.vpn.plugins.module_utils._work import lookup
from ansible_collections.huaweicloud.vpn.plugins.module_utils._work.api import Api
from ansible_collections.huaweicloud.vpn.plugins.module_utils._work.cause import newest_cause
from ansible_collections.huaweicloud.vpn.plugins.module_utils._work.stop import Stop
from ansible_collections.huaweicloud.vpn.plugins.module_utils._work.surroundings import Surroundings
from ansible_collections.huaweicloud.vpn.plugins.module_utils._work.waiters import (
    STALE_READ_SECONDS,
    Turn,
    UntilGone,
    UntilIdle,
    UntilMarked,
    UntilRestored,
    UntilStable,
    Waiter,
    listed_values,
)

# What a write carries that is only for later runs.
MARK = "mark"

Steps = Generator[Union[Waiter, Turn], Any, None]


class Reconciler:
    """Brings one object to its desired state.

    Args:
        resource: The table.
        desired: What the task asks.
        options: Validated options, of which the identity, `wait` and `wait_timeout` (seconds) count.
        api: The operations of the resource.
        clock: The clock.
        stop: Asked before each write; None where nothing can end the task.
        takes_turns: Whether a reset has to wait until others of the same parent are back as they were.

    Attributes:
        identifier: The object's identifier, once it is known.
        plan: What is left to do.
        initial_plan: The plan that the result tells of: the last one made before anything was written.
        last_read: The object as last read or predicted; None when there is none.
        last_write: When this task last wrote, or may have written, by the clock; None where it has not.
        needs_reset: Whether what was sent is used only after a reset that has not been done.
        marks: Tags of this collection that this task has written, `{key: text}`; None as text of those it has removed.
        approval: Limits what may be sent; None where no plan was approved.
    """

    def __init__(
        self,
        resource: Resource,
        desired: Desired,
        options: Mapping[str, Any],
        api: Api,
        clock: Clock,
        stop: Stop | None = None,
        takes_turns: bool = False,
    ) -> None:
        self.resource = resource
        self.desired = desired
        self.options = options
        self.api = api
        self.clock = clock
        self.stop = stop or Stop()
        self.takes_turns = takes_turns
        self.approval: Approval | None = None
        self.warnings: list[str] = []
        self.identifier: str | None = options.get(ID)
        self.plan = Plan(resource, None, {})
        self.initial_plan: Plan | None = None
        self.last_read: dict[str, Any] | None = None
        self.last_write: float | None = None
        self.needs_reset = False
        self.marks: dict[str, str | None] = {}
        self._secret_sent = False
        self._reset_due = False
        # Whether anything but a mark was, or may have been, written.
        self._touched = False
        self._deadline = Deadline(clock, 0)
        self.around = Surroundings(api, options, partial(self._write, None))

    @property
    def what(self) -> str:
        """Return the object's kind and identifier, for a sentence."""
        return f"{self.resource.noun} {self.identifier}"

    @property
    def written(self) -> bool:
        """Return whether anything was, or may have been, written."""
        return self.last_write is not None

    @property
    def reported_plan(self) -> Plan:
        """Return the plan that the result tells of."""
        return self.initial_plan or self.plan

    # -- reading and planning

    def load(self) -> None:
        """Look the object up in the cloud, and plan."""
        self.accept(lookup.find(self.api, self.desired, self.identifier))

    def accept(self, found: dict[str, Any] | None) -> None:
        """Plan from what was found."""
        self.last_read = found
        if found is not None:
            self.identifier = found[ID]
        desired = self.desired
        if desired.may_create and not desired.absent and (found is None or self._is_being_deleted()):
            lookup.waive_requirements(self.api, self.desired)
        self.replan(found)

    def replan(self, found: dict[str, Any] | None) -> None:
        """Plan from what was found; until something is written, this is also the plan that is reported."""
        self.last_read = found
        if self.desired.absent and found is not None and not self._is_being_deleted():
            self.around.look(self.desired, found[ID])
        self.plan = make_plan(self.resource, self.desired, None if self._is_being_deleted() else found)
        if not self.written:
            self.initial_plan = self.plan

    def check_plan(self, check_mode: bool = False) -> None:
        """Raise what forbids the plan; warn of what makes it doubtful.

        Raises:
            NotFound: The task gives an identifier that no object has.
            InvalidInput: The plan has violations.
            PlanMismatch: The plan is not part of the approved one.
            VpnError: The cloud takes no change of this object.
        """
        plan = self.plan
        if plan.action == CREATE and self.options.get(ID):
            raise NotFound(f"no {self.resource.noun} has the {ID} {self.options[ID]}")
        if plan.action == CREATE and not self.desired.may_create:
            raise NotFound(self._not_created())
        if plan.violations:
            raise InvalidInput(plan.violations)
        self._refuse_frozen()
        self._refuse_unapproved()
        self._warn_of_status(check_mode)

    def _not_created(self) -> str:
        """Return a sentence with what was looked for, where nothing was found and nothing may be created."""
        wanted = self.desired.values
        words = (self.resource.identity.key, self.resource.identity.parent)
        known = (path for path in dict.fromkeys(words) if path and path in wanted)
        sought = " and ".join(f"the {path} {wanted[path]}" for path in known)
        leaving = " but one that is being deleted" if self._is_being_deleted() else ""
        return f"no {self.resource.noun} with {sought} was found{leaving}, and create is false"

    def _refuse_frozen(self) -> None:
        states, found = self.resource.states, self.last_read
        if found is None or states.of(found) not in states.frozen or not self.plan.changed:
            return
        if self.plan.action == DELETE and states.may_delete(found):
            return
        raise VpnError(
            f"the {self.what} is {states.of(found)}: the cloud takes no change until the account's arrears or"
            " restrictions are settled; nothing was sent"
        )

    def approve(self, expected: str | None = None) -> None:
        """Hold the work to the plan as it stands: nothing is sent from here on but what that holds.

        Args:
            expected: The id that the plan must have if anything is to be sent; None where that is known already.

        Raises:
            PlanMismatch: The plan has another id.
        """
        if expected is not None and self.plan.changed and expected != self.plan.plan_id():
            raise self._mismatch(describe_mismatch(expected, self.plan.plan_id()))
        self.approval = Approval(self.plan)

    def _refuse_unapproved(self) -> None:
        """Refuse a plan made anew on the way that is not part of the approved one."""
        if self.approval is None or not (self.plan.changed or self._reset_due) or self.approval.allows(self.plan):
            return
        same_changes = self.plan.changes == self.approval.plan.changes
        raise self._mismatch("found state" if same_changes else "found state and the intended changes")

    def _mismatch(self, halves: str) -> PlanMismatch:
        sent = "what was sent before stays, and the rest was not sent" if self.written else "nothing was sent"
        return PlanMismatch(
            f"the plan is not the approved one: the {halves} moved; {sent}",
            plan_id=self.plan.plan_id(),
            action=self.plan.action,
            changes=self.plan.changes,
            diff=self.diff(),
        )

    def _warn_of_status(self, check_mode: bool) -> None:
        states, status = self.resource.states, self.resource.states.of(self.last_read)
        if status in states.busy and check_mode:
            self.warnings.append(f"the {self.resource.noun} is {status}; the plan may change once that is over")
        elif status in states.pending | states.failed | states.frozen and not self.plan.changed:
            self.warnings.append(f"the {self.resource.noun} has the settings asked for, but its status is {status}")

    def _is_being_deleted(self) -> bool:
        return self.resource.states.of(self.last_read) in self.resource.states.deleting

    def waits_for_deletion(self) -> bool:
        """Return whether the object is being deleted already, and that has to be waited for."""
        return self._is_being_deleted() and bool(self.plan.changed or self.options["wait"])

    def is_busy(self) -> bool:
        """Return whether something is under way on the object, which has to be over before a write."""
        return self.resource.states.of(self.last_read) in self.resource.states.busy

    # -- writing

    def apply(self) -> None:
        """Send everything the plan holds, and wait for it."""
        steps = self.steps()
        try:
            step = next(steps)
            while True:
                # An object by itself has nobody to take turns with.
                step = steps.send(self._wait_for(step) if isinstance(step, Waiter) else False)
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
        self._deadline = Deadline(self.clock, self.options["wait_timeout"])
        if self.waits_for_deletion():
            yield UntilGone(self.what, self.resource.states, self.clock, self._own_deadline())
            self.replan(None)
            self.check_plan()
        elif self.plan.changed and self.is_busy():
            self._continue_from((yield self._until_idle()))
        action = {NOTHING: self._do_nothing, CREATE: self._create, UPDATE: self._update, DELETE: self._delete}
        yield from action[self.plan.action]()

    def _do_nothing(self) -> Steps:
        yield from ()

    def _wait_for(self, waiter: Waiter, at_once: bool = False) -> dict[str, Any] | None:
        """Read until a waiter is content, and return what the last read showed. Reads may fail while there is time.

        Args:
            waiter: What is waited for.
            at_once: Whether the first read comes without a pause before it.
        """

        def look() -> tuple[dict[str, Any] | None] | None:
            try:
                found = self.api.read(str(self.identifier), waiter.deadline)
            except VpnError as error:
                if not error.may_retry_read(waiter.deadline):
                    raise
                return None
            return (found,) if waiter.check(found) else None

        seen = (look() if at_once or self.resource.states.synchronous else None) or poll(look, waiter.deadline)
        if seen is None:
            raise waiter.timeout_error()
        return seen[0]

    def _own_deadline(self) -> Deadline:
        return Deadline(self.clock, self.options["wait_timeout"])

    def _until_idle(self) -> UntilIdle:
        absence = self.desired.absent
        return UntilIdle(self.what, self.resource.states, self.clock, self._deadline, absence, self.last_write)

    def _until_stable(self, ignored: Iterable[str] = (), last: bool = False) -> UntilStable:
        """Return the waiter for a change; with the last one, the object has to work where the task expects that."""
        expect_active = last and self.options.get("expect_active", False)
        return UntilStable(self.what, self.reported_plan, self.clock, self._own_deadline(), ignored, expect_active)

    def _continue_from(self, found: dict[str, Any] | None) -> None:
        self.replan(found)
        self.check_plan()

    def _await_turn(self) -> Generator[Waiter | Turn, Any, Turn]:
        """Go on once no other object of the parent is being reset; if that took time, look again first."""
        turn = Turn(lambda: self._touched)
        if (yield turn):
            self._deadline = self._own_deadline()
            self._continue_from((yield self._until_idle()))
        return turn

    def _update(self) -> Steps:
        turn = None
        if self.takes_turns and self.reported_plan.reset:
            turn = yield from self._await_turn()
        if not self.resource.tags_last:
            self._persist(lambda plan: plan.changes_tags, self._send_tags)
        self._mark_before()
        try:
            self._persist(lambda plan: plan.body is not None, self._send_body)
        except VpnError:
            self._take_back_mark()
            raise
        yield from self._send_actions()
        if self.resource.tags_last and self.plan.changes_tags:
            yield from self._settle(())
            self._persist(lambda plan: plan.changes_tags, self._send_tags)
        if self.written and (self.options["wait"] or self.reported_plan.reset):
            self.last_read = yield self._until_stable(last=not self.reported_plan.reset)
        if self.reported_plan.reset:
            yield from self._reset(turn)
        else:
            self._mark_after()

    def _reset(self, turn: Turn | None) -> Steps:
        """Reset the object and wait. Once it is stable the reset counts as done, whatever its tunnel does then."""
        states, awaited = self.resource.states, turn is not None and turn.awaited
        was_active = states.of(self.reported_plan.found) in states.active or states.of(self.last_read) in states.active
        # What is owed is the reset that was reported: once the key is sent, a new plan has no reason for one.
        self._reset_due = True
        self._persist(lambda plan: self._reset_due, self._send_reset)
        begun, deadline, stable = self.last_write or 0.0, self._own_deadline(), self._until_stable()
        if not (self.options["wait"] or awaited):
            self.needs_reset = False
            self._mark_after()
            return
        self.last_read = yield stable
        self.needs_reset = False
        self._mark_after()
        if self.takes_turns and was_active:
            # Where others wait for their turn, nothing that may be stale counts.
            worked = stable.worked or not awaited
            self.last_read = yield UntilRestored(self.what, states, self.clock, deadline, begun, worked)
        elif self.options.get("expect_active"):
            active = self._until_stable(last=True)
            active.worked = True
            self.last_read = yield active

    def _send_actions(self) -> Steps:
        """Change the members that have an operation of their own; between two operations the object has to settle."""
        plan = self.reported_plan
        for action, leaves in plan.by_action.items():
            yield from self._settle(leaves)
            self._persist(partial(_changes_by, action), partial(self._send_action, action))

    def _settle(self, later: Iterable[str]) -> Steps:
        """Wait until what was written before shows, but for the members that are written later."""
        if self.written:
            last = [self.resource.tags] if self.resource.tags and self.resource.tags_last else []
            self.last_read = yield self._until_stable(ignored=[*later, *last])

    def _persist(self, due: Callable[[Plan], bool], send: Callable[[], None]) -> None:
        """Send what is due; where the cloud is busy or its answer was lost, look again and send what is still due.

        It waits by itself instead of yielding, so that of many objects the others of this one's parent wait too.
        """
        doubts = 0
        waits = pauses(self.clock)
        while due(self.plan):
            try:
                return send()
            except VpnError as error:
                doubts += error.effect_unknown
                may_look_again = error.busy or error.effect_unknown
                if not may_look_again or doubts > self.api.client.max_retries or not self._deadline.pause(next(waits)):
                    raise
                self._continue_from(self._wait_for(self._until_idle(), at_once=True))
                if error.effect_unknown and not error.may_repeat_after_reading and due(self.plan):
                    raise

    def _write(self, part: str | None, send: Callable[..., Any], *arguments: Any) -> Any:
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
        self.last_write = self.clock.now()
        self._touched = self._touched or part != MARK
        if part == BODY:
            self.needs_reset = self.needs_reset or self.plan.needs_reset
        if self.approval is not None and part in (BODY, TAGS):
            self.approval.sent.add(part)

    def _send_tags(self) -> None:
        """Set and remove tags.

        Whether creating a tag overwrites one of the same key is not published, so a changed one is deleted first.
        """
        plan, kind = self.plan, self.resource.managed[str(self.resource.tags)].kind
        found = kind.normalize((plan.found or {}).get(self.resource.tags or "")) or {}
        replaced = {key: text for key, text in found.items() if key in plan.tags_set}
        gone = {**plan.tags_removed, **replaced}
        if gone:
            self._write(TAGS, self.api.act, TAGS_DELETE, self.identifier, {"tags": kind.for_request(gone)})
        if plan.tags_set:
            try:
                self._write(TAGS, self.api.act, TAGS_CREATE, self.identifier, {"tags": kind.for_request(plan.tags_set)})
            except ApiError as error:
                if replaced and not (error.busy or error.effect_unknown):
                    self._restore_tags(kind.for_request(replaced))
                raise
        self.last_read = self._without_state(plan.predicted())

    def _restore_tags(self, tags: list[dict[str, str]]) -> None:
        """Put back what was deleted to make room for tags that the cloud then refused; the refusal is reported."""
        try:
            self._write(TAGS, self.api.act, TAGS_CREATE, self.identifier, {"tags": tags})
        except VpnError as error:
            self.warnings.append(f"tags deleted to be replaced could not be put back: {error.message}")

    def _send_body(self) -> None:
        plan = self.plan
        self._note_answer(plan, self._write(BODY, self.api.update, self.identifier, plan.body))

    def _send_action(self, action: str) -> None:
        plan = self.plan
        self._write(BODY, self.api.act, action, self.identifier, plan.action_body(action))
        self.last_read = self._without_state(plan.predicted())

    def _note_answer(self, plan: Plan, answer: dict[str, Any]) -> None:
        """Note what a write did, and refuse an answer that shows other values than those sent."""
        if plan.sends_write_only:
            self.desired.update_write_only = False
            self._secret_sent = True
        form = self.resource.normalize(answer)
        kept = {path: value for path, value in remaining(plan, answer).items() if path in form and path in plan.leaves}
        if kept:
            raise ChangeNotApplied(f"the server accepted the change and kept {listed_values(kept)}")
        shown = self._without_state(plan.predicted())
        merge(shown, answer)
        self.last_read = shown

    def _without_state(self, found: Mapping[str, Any] | None) -> dict[str, Any]:
        """Return an object without the state it had before a write, which must not pass for the one after it."""
        return {name: value for name, value in (found or {}).items() if name != self.resource.states.member}

    def _send_reset(self) -> None:
        self._write(None, self.api.act, RESET, self.identifier)
        self.last_read = self._without_state(self.last_read)
        self._reset_due = False

    # -- marks: tags by which a later run knows what this one did

    def _mark_before(self) -> None:
        """Mark the object before something is sent that needs a reset, and unmark a secret that is to be replaced.

        A run that ends anywhere after this leaves the marks that make the next one finish the work.
        """
        plan, tag = self.reported_plan, self.resource.reset_tag
        if tag and self.desired.remember_reset and plan.needs_reset and plan.owed_reset != plan.reset_mark:
            # One that is there already is left in its place, whether or not the cloud overwrites it: it must not be
            # missing for a moment.
            refusal = self._set_mark(tag, plan.reset_mark)
            if refusal and plan.owed_reset is None:
                self.warnings.append(
                    f"the reset that the change needs cannot be remembered in the tag {tag}: {refusal};"
                    " if the task ends before the reset, run it again with reset=always"
                )
        tag = self.resource.fingerprint_tag
        if tag and plan.sends_write_only and tag in self.resource.marks(plan.found):
            refusal = self._remove_mark(tag)
            if refusal:
                self.warnings.append(f"the tag {tag} still tells of an earlier {self.resource.write_only}: {refusal}")

    def _take_back_mark(self) -> None:
        """Remove the mark of a change that was refused: nothing is owed for it."""
        tag = self.resource.reset_tag
        if tag and not self.needs_reset and self.marks.get(tag) and self.reported_plan.owed_reset is None:
            # What is reported is why the change failed. A mark that stays costs at most a reset.
            with contextlib.suppress(VpnError):
                self._remove_mark(tag)

    def _mark_after(self) -> None:
        """Remove the mark of a reset that has been done; then mark the object with the secret that it was sent."""
        self._unmark_reset()
        self._mark_secret()
        shown = self.resource.marks(self.last_read)
        if any(shown.get(tag) != text for tag, text in self.marks.items()):
            self._look_at_marks()

    def _unmark_reset(self) -> None:
        tag, plan = self.resource.reset_tag, self.reported_plan
        if not (tag and plan.reset and (plan.owed_reset is not None or self.marks.get(tag))):
            return
        refusal = self._remove_mark(tag)
        if refusal:
            self.warnings.append(
                f"the reset was done, but the tag {tag}, which asks for it, could not be removed: {refusal};"
                " remove it, or the next run with reset=if_required resets again"
            )

    def _mark_secret(self) -> None:
        tag = self.resource.fingerprint_tag
        text = wanted_fingerprint(self.resource, self.desired, str(self.identifier)) if self._secret_sent else None
        if tag is None or text is None:
            return
        refusal = self._set_mark(tag, text)
        if refusal:
            path = self.resource.write_only
            self.warnings.append(f"the tag {tag} could not be set: {refusal}; the next run sends the {path} again")

    def _set_mark(self, tag: str, text: str) -> str | None:
        """Set a mark; return why the cloud refuses that, or None where it does not."""
        return self._send_mark(TAGS_CREATE, tag, text, text)

    def _remove_mark(self, tag: str) -> str | None:
        """Remove a mark; return why the cloud refuses that, or None where it does not."""
        text = self.marks.get(tag) or self.resource.marks(self.reported_plan.found).get(tag, "")
        return self._send_mark(TAGS_DELETE, tag, text, None)

    def _send_mark(self, action: str, tag: str, text: str, result: str | None) -> str | None:
        kind = self.resource.managed[str(self.resource.tags)].kind
        body = {"tags": kind.for_request({tag: text})}
        tries = 0

        def send() -> None:
            nonlocal tries
            tries += 1
            self._write(MARK, self.api.act, action, self.identifier, body)

        try:
            # What was read before this task wrote does not count.
            self._persist(lambda plan: not tries or self.resource.marks(plan.found).get(tag) != result, send)
        except ApiError as error:
            if error.effect_unknown or error.busy:
                raise
            return error.message
        self.marks[tag] = result
        return None

    def _look_at_marks(self) -> None:
        """Read until the marks show: a run that begins right after this one must not act on what they were."""
        if not self.options["wait"]:
            return
        deadline = Deadline(self.clock, STALE_READ_SECONDS)
        with contextlib.suppress(VpnError):
            # The work is done; that reads still show old marks, or fail, is no failure of it.
            marks = UntilMarked(self.what, self.resource, self.marks, self.clock, deadline)
            self.last_read = self._wait_for(marks, at_once=True)

    def owed_reset_note(self) -> str:
        """Return the end of the sentence of a failure: that a reset is owed, and what to do; nothing where none is."""
        if not self._owes_reset:
            return ""
        word = RESET_IF_REQUIRED if self._is_marked else RESET_ALWAYS
        return f"; a reset is still owed: run again with reset: {word}"

    @property
    def _owes_reset(self) -> bool:
        begun = self.written or self._reset_due
        return begun and (self.needs_reset or self._is_marked)

    @property
    def _is_marked(self) -> bool:
        """Return whether the object is marked as one that needs a reset."""
        return self.marks.get(self.resource.reset_tag or "", self.reported_plan.owed_reset) is not None

    # -- creation

    def _create(self) -> Steps:
        self.around.await_held(self.plan, self._deadline)
        duplicate = self._post()
        if duplicate is not None:
            yield from self._adopt(duplicate)
            return
        if self.options["wait"]:
            self.last_read = yield self._until_stable(last=True)
        self._mark_after()

    def _post(self) -> dict[str, Any] | None:
        """Make the object.

        Returns:
            None where that went well; otherwise what a lost creation made, or what stands in its way.
        """
        waits = pauses(self.clock)
        lost = 0
        while True:
            plan = self.plan
            try:
                answer = self._write(BODY, self.api.create, plan.body)
                self.identifier = answer[ID]
                self._note_answer(plan, answer)
                return None
            except ChangeNotApplied:
                raise
            except VpnError as error:
                duplicate = self._find_duplicate(error)
                if duplicate is not None:
                    return duplicate
                lost += error.effect_unknown
                if not (error.busy or error.effect_unknown) or lost > 1 or not self._deadline.pause(next(waits)):
                    raise

    def _find_duplicate(self, error: VpnError) -> dict[str, Any] | None:
        """Return the object that a creation without a good answer made, or somebody else's that stands in its way."""
        refused = isinstance(error, ApiError) and error.status in (400, 409)
        if not (error.effect_unknown or error.busy or refused):
            return None
        until = Deadline(self.clock, STALE_READ_SECONDS if error.effect_unknown else 0)
        try:
            found = poll(lambda: lookup.find_duplicates(self.api, self.plan) or None, until) or []
        except VpnError as second:
            raise VpnError(
                f"{error.message}; whether the {self.resource.noun} was made could not be looked up: {second.message};"
                " run the task again, it looks first",
                **error.details,
            ) from error
        if len(found) > 1:
            kind = " ".join(
                filter(None, (f"{len(found)} {self.resource.noun}s of this name", self.resource.likeness_text))
            )
            raise Ambiguous(f"{kind} exist: ", [item[ID] for item in found], "; delete one of them")
        return found[0] if found else None

    def _adopt(self, duplicate: dict[str, Any]) -> Steps:
        """Go on with an object that exists although its creation was not answered, or was somebody else's."""
        self.identifier = duplicate[ID]
        if self.written:
            if self.options["wait"]:
                self.last_read = yield self._until_stable(last=True)
            else:
                self._recognize(lookup.with_nested(self.api, self.desired, duplicate))
            self._secret_sent = self.reported_plan.sends_write_only
            self._mark_after()
        else:
            self._take_over(duplicate)
            if self.plan.changed:
                yield from self._update()

    def _recognize(self, found: dict[str, Any] | None) -> None:
        """Refuse to take for the lost creation's an object that shows other values than were sent."""
        plan = self.reported_plan
        lacking = {path: value for path, value in remaining(plan, found or {}).items() if path in plan.leaves}
        if lacking:
            raise ChangeNotApplied(
                f"the creation was not answered, and the {self.what} found in its place shows {listed_values(lacking)}"
            )
        self.last_read = found

    def _take_over(self, duplicate: dict[str, Any]) -> None:
        """Plan from an object that stands in the way of a creation, once it is idle where that matters."""
        self.replan(lookup.with_nested(self.api, self.desired, duplicate) or duplicate)
        if self.options["wait"] or (self.plan.changed and self.is_busy()):
            self._continue_from(self._wait_for(self._until_idle(), at_once=True))
        else:
            self.check_plan()
        path = self.resource.write_only
        if path in self.desired.values and not self.plan.sends_write_only and self.desired.fingerprint_key is None:
            self.warnings.append(
                f"the {self.what} existed already; its {path} is not known to be the one given:"
                f" set {self.resource.update_option}=always to send it"
            )

    # -- deletion

    def _delete(self) -> Steps:
        self.around.clear(self.desired, self.plan.found or {}, self._own_deadline())
        self._persist(lambda plan: plan.changed, self._send_deletion)
        if self.options["wait"] and self.last_read is not None:
            yield UntilGone(self.what, self.resource.states, self.clock, self._own_deadline())
        self.last_read = None

    def _send_deletion(self) -> None:
        self._write(None, self.api.delete, self.identifier)

    # -- the result

    def diff(self) -> dict[str, Any]:
        """Return the difference as core shows it."""
        plan, name = self.reported_plan, self.resource.identity.name or ""
        found = plan.found or {}
        called = found.get(name) or self.options.get(name)
        # What a creation will be called by the cloud is not known beforehand, and a dry run has the same header.
        identifier = found.get(ID) or self.options.get(ID)
        header = " ".join(filter(None, (self.resource.noun, called, f"({identifier})" if identifier else None)))
        return {"before": plan.before, "after": plan.after, "before_header": header, "after_header": header}

    def all_warnings(self) -> list[str]:
        """Return all warnings, each once."""
        return list(dict.fromkeys(self.warnings + self.reported_plan.warnings))

    def named_warnings(self) -> list[str]:
        """Return all warnings, each with the object's name: where a task has several objects, they stand in a row."""
        found = self.reported_plan.found or {}
        key = self.resource.identity.key
        name = found.get(key) or self.desired.values.get(key) or self.identifier
        return [f"{self.resource.noun} {name}: {warning}" for warning in self.all_warnings()]

    def explain(self, error: VpnError) -> None:
        """Add to the message of a failure what the log says, where the object does not work."""
        cause = newest_cause(self.api, str(self.identifier)) if isinstance(error, NotActive) else None
        if cause:
            error.message = f"{error.message}; {cause}"

    def failure_details(self) -> dict[str, Any]:
        """Return the result keys that a failure carries too."""
        details: dict[str, Any] = {}
        if self.api.client.request_ids:
            details["request_ids"] = list(self.api.client.request_ids)
        if self.written:
            plan = self.reported_plan
            details.update(changed=True, action=plan.action, changes=plan.changes)
        if self.resource.resettable and (self.written or self._owes_reset):
            details[RESET_REQUIRED] = self._owes_reset
        return details

    def result(self, check_mode: bool) -> dict[str, Any]:
        """Return the result keys.

        Args:
            check_mode: Whether the object is shown as the plan predicts it, not as it was read.
        """
        plan = self.reported_plan
        result = {
            "changed": plan.changed,
            "action": plan.action,
            self.resource.name: self._shown_object(check_mode),
            "changes": plan.changes,
            "diff": self.diff(),
            "warnings": self.all_warnings(),
        }
        if self.resource.updated_key:
            result[self.resource.updated_key] = plan.sends_write_only
        if self.resource.resettable:
            result[RESET_REQUIRED] = plan.reset_required
        if plan.body is not None:
            result["request_body"] = plan.shown_body
        if self.api.client.request_ids:
            result["request_ids"] = list(self.api.client.request_ids)
        return result

    def _shown_object(self, check_mode: bool) -> dict[str, Any] | None:
        answer = self.plan.predicted() if check_mode else self.last_read
        if answer is None:
            return None
        shown, path = presentable(self.resource, answer), self.resource.tags
        marks = predicted_marks(self.plan, self.desired) if check_mode else self.marks
        if path and marks:
            tags = {**shown.get(path, {}), **marks}
            shown[path] = {key: text for key, text in sorted(tags.items()) if text is not None}
        return shown


def _changes_by(action: str, plan: Plan) -> bool:
    return action in plan.by_action
