# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is waited for. Private to this collection; no stable interface.

A waiter is told what reads show, one after another, and says when that is what it waits for. It neither reads nor
sleeps, and knows nothing of who waits: one object is read by itself, many by one list a round. A turn is waited for
where work on one object must not begin before work on another is over.
"""

from __future__ import annotations

from typing import Any, Callable, Iterable, Mapping

from ansible_collections.huaweicloud.vpn.plugins.module_utils._clock import Clock, Deadline
from ansible_collections.huaweicloud.vpn.plugins.module_utils._errors import (
    ChangeNotApplied,
    NotActive,
    NotFound,
    WaitFailed,
)
from ansible_collections.huaweicloud.vpn.plugins.module_utils._planning.plan import Plan, remaining
from ansible_collections.huaweicloud.vpn.plugins.module_utils._schema.behavior import States
from ansible_collections.huaweicloud.vpn.plugins.module_utils._schema.resource import Resource

# How long a read after a write may still show what was before (API contract: reads lag behind writes; the delay is not
# published, and the vendor's own clients wait ten seconds before they look).
STALE_READ_SECONDS = 15.0

Found = Mapping[str, Any]


class Waiter:
    """Waits for something about one object.

    Args:
        what: The object's kind and identifier, for a sentence.
        states: The words of the object's state.
        clock: The clock.
        deadline: When the time is up.

    Attributes:
        deadline: See above.
    """

    def __init__(self, what: str, states: States, clock: Clock, deadline: Deadline) -> None:
        self.what = what
        self.states = states
        self.clock = clock
        self.deadline = deadline
        self.since = clock.now()
        self.status: str | None = None

    def may_be_stale(self) -> bool:
        """Return whether reads may still show what was before."""
        return self.clock.now() - self.since < STALE_READ_SECONDS

    def check(self, found: Found | None) -> bool:
        """Return whether the wait is over.

        Args:
            found: The object as a read shows it; None when there is none.

        Raises:
            VpnError: What is waited for will not come.
        """
        raise NotImplementedError

    def timeout_error(self) -> WaitFailed:
        """Return the exception for a deadline that has passed."""
        raise NotImplementedError


class UntilStable(Waiter):
    """Waits until the object is stable and shows what was asked for.

    One stable read is not enough unless the object was seen at work before: right after a write the cloud may still
    show the state from before it. An object without states is done once a read shows the change.

    Args:
        plan: What was sent.
        ignored: Members of the plan that are not sent yet.
        expect_active: Whether the object has to work too.
    """

    def __init__(
        self,
        what: str,
        plan: Plan,
        clock: Clock,
        deadline: Deadline,
        ignored: Iterable[str] = (),
        expect_active: bool = False,
    ) -> None:
        super().__init__(what, plan.resource.states, clock, deadline)
        self.plan = plan
        self.ignored = frozenset(ignored)
        self.expect_active = expect_active
        self.inactive = False
        self.worked = self.states.synchronous
        self.previous: Found | None = None
        self.before = self.states.of(plan.found)

    def check(self, found: Found | None) -> bool:
        if found is None:
            if self.may_be_stale():
                return False
            raise NotFound(f"the change was sent, and the {self.what} does not exist any more")
        self.status = self.states.of(found)
        if self.status in self.states.failed | self.states.frozen:
            return self._stays_failed()
        if self.status is not None and self.status not in self.states.stable:
            self.worked, self.since, self.previous, self.before = True, self.clock.now(), None, None
            return False
        return self._shows_change(found)

    def _stays_failed(self) -> bool:
        if self.status == self.before and self.may_be_stale():
            return False
        raise WaitFailed(f"the change was sent, and the {self.what} went to {self.status}")

    def _shows_change(self, found: Found) -> bool:
        lacking = {path: value for path, value in remaining(self.plan, found).items() if path not in self.ignored}
        if lacking:
            if self.may_be_stale():
                return False
            raise ChangeNotApplied(
                f"the change was sent, but {STALE_READ_SECONDS:.0f} seconds after it the server still shows"
                f" {listed_values(lacking)}; somebody else may have changed it"
            )
        if self.worked or found == self.previous:
            self.inactive = self.expect_active and self.status not in self.states.active
            return not self.inactive
        self.previous = found
        return False

    def timeout_error(self) -> WaitFailed:
        if self.inactive:
            expected = " or ".join(sorted(self.states.active))
            return NotActive(
                f"the change was sent and is complete, but the {self.what} is {self.status}, not {expected},"
                f" after {self.deadline.seconds} seconds"
            )
        return WaitFailed(
            f"the change was sent, but the {self.what} did not become stable within {self.deadline.seconds} seconds;"
            f" its last status was {self.status}"
        )


class UntilRestored(Waiter):
    """Waits until an object that was in use before its reset is in use again.

    A read that shows it in use proves nothing unless the object was seen otherwise since the reset, or reads cannot be
    that old any more.

    Args:
        begun: When the reset was sent, by the clock.
        worked: Whether the object was seen at work since then.
    """

    def __init__(self, what: str, states: States, clock: Clock, deadline: Deadline, begun: float, worked: bool) -> None:
        super().__init__(what, states, clock, deadline)
        self.since = begun
        self.worked = worked

    def check(self, found: Found | None) -> bool:
        if found is None:
            if self.may_be_stale():
                return False
            raise NotFound(f"the {self.what} was reset, and does not exist any more")
        self.status = self.states.of(found)
        if self.status in self.states.failed | self.states.frozen:
            raise WaitFailed(f"the {self.what} was reset, and went to {self.status}")
        if self.status not in self.states.active:
            self.worked = True
            return False
        return self.worked or not self.may_be_stale()

    def timeout_error(self) -> WaitFailed:
        return NotActive(
            f"the {self.what} was reset, and did not come back within {self.deadline.seconds} seconds: it was in use"
            f" before, and its last status was {self.status}"
        )


class UntilIdle(Waiter):
    """Waits while something is under way on the object.

    Args:
        absence: Whether the absence of the object is a good end.
        last_write: When this task last wrote, by the clock; None where it has not.
    """

    def __init__(
        self, what: str, states: States, clock: Clock, deadline: Deadline, absence: bool, last_write: float | None
    ) -> None:
        super().__init__(what, states, clock, deadline)
        self.absence = absence
        self.last_write = last_write

    def check(self, found: Found | None) -> bool:
        if found is None and not self.absence:
            if self.last_write is not None and self.clock.now() - self.last_write < STALE_READ_SECONDS:
                return False
            raise NotFound(f"the {self.what} was deleted by somebody else meanwhile")
        return self.states.of(found) not in self.states.busy

    def timeout_error(self) -> WaitFailed:
        sent = "nothing was sent" if self.last_write is None else "part of the change may have been sent"
        return WaitFailed(f"the {self.what} was still busy after {self.deadline.seconds} seconds; {sent}")


class UntilGone(Waiter):
    """Waits until the object is gone."""

    def check(self, found: Found | None) -> bool:
        if found is None:
            return True
        self.status = self.states.of(found)
        if not self.may_be_stale() and self.status in self.states.failed | self.states.frozen:
            raise WaitFailed(f"the {self.what} was to be deleted and is {self.status}")
        return False

    def timeout_error(self) -> WaitFailed:
        return WaitFailed(f"the {self.what} was still there {self.deadline.seconds} seconds after its deletion began")


class UntilAccompanied(Waiter):
    """Waits until the object shows that it has its companion, or has none any more.

    Args:
        resource: The table.
        wanted: Whether it shall have one.
    """

    def __init__(self, what: str, resource: Resource, wanted: bool, clock: Clock, deadline: Deadline) -> None:
        super().__init__(what, resource.states, clock, deadline)
        self.resource = resource
        self.wanted = wanted

    def check(self, found: Found | None) -> bool:
        if found is None:
            if self.may_be_stale():
                return False
            raise NotFound(f"the change was sent, and the {self.what} does not exist any more")
        companion = self.resource.companion
        return companion is None or (companion.identifier(found) is not None) == self.wanted

    def timeout_error(self) -> WaitFailed:
        companion = self.resource.companion
        option = companion.option if companion else ""
        return WaitFailed(
            f"{option} {str(self.wanted).lower()} was sent, but the {self.what} does not show it after"
            f" {self.deadline.seconds} seconds"
        )


class Turn:
    """What is yielded in place of a waiter by work that must go on alone.

    Of the pieces of work in a queue that ask for their turn, one goes on at a time, until it has ended.

    Args:
        spoilt: Asked when the work has failed: whether those that wait for their turn must not go on.

    Attributes:
        awaited: Whether other work in the queue is still to be done; known once the turn has come.
    """

    def __init__(self, spoilt: Callable[[], bool]) -> None:
        self.spoilt = spoilt
        self.awaited = False


class UntilMarked(Waiter):
    """Waits until the object shows the marks that this task has written.

    Args:
        resource: The table.
        marks: `{key: text}`, with None as text of those removed.
    """

    def __init__(
        self, what: str, resource: Resource, marks: Mapping[str, str | None], clock: Clock, deadline: Deadline
    ) -> None:
        super().__init__(what, resource.states, clock, deadline)
        self.resource = resource
        self.marks = dict(marks)

    def check(self, found: Found | None) -> bool:
        shown = self.resource.marks(found)
        return found is not None and all(shown.get(tag) == text for tag, text in self.marks.items())

    def timeout_error(self) -> WaitFailed:
        return WaitFailed(f"the {self.what} does not show {', '.join(sorted(self.marks))} as it was written")


def listed_values(values: Mapping[str, Any]) -> str:
    """Return paths with their values as a sentence shows them."""
    return "; ".join(f"{path} {'unset' if value is None else value}" for path, value in values.items())
