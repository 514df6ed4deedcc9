# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Time: clocks, deadlines and polling, whatever is waited for. Private to this collection; no stable interface."""

from __future__ import annotations

import datetime
import random
import time
from typing import Callable, Iterator, TypeVar

# Seconds, and the factor from one pause to the next.
FIRST_PAUSE = 0.5
GROWTH = 1.4
LONGEST_PAUSE = 8.0

T = TypeVar("T")


class Clock:
    """The real clock. Tests inject their own with the same four methods."""

    def now(self) -> float:
        """Return seconds since some moment in the past; they never run backwards."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Return after so many seconds."""
        time.sleep(seconds)

    def utc(self) -> datetime.datetime:
        """Return the date and time in UTC, with its time zone."""
        return datetime.datetime.now(datetime.timezone.utc)

    def jitter(self) -> float:
        """Return a factor around 1, so that many clients do not return at the same moment."""
        return random.uniform(0.75, 1.25)


class Deadline:
    """A point in time.

    Args:
        clock: The clock it is measured by.
        seconds: How long from now.

    Attributes:
        end: The point in time, as `Clock.now()` will report it.
    """

    def __init__(self, clock: Clock, seconds: float) -> None:
        self.clock = clock
        self.seconds = seconds
        self.end = clock.now() + seconds

    def left(self) -> float:
        """Return the seconds left, never negative."""
        return max(0.0, self.end - self.clock.now())

    def pause(self, seconds: float) -> bool:
        """Sleep, but not past the deadline; return whether there was time left to sleep."""
        left = self.left()
        if left <= 0:
            return False
        self.clock.sleep(min(seconds, left))
        return True


def in_time(seconds: float, deadline: Deadline | None) -> bool:
    """Return whether a pause of so many seconds ends before a deadline; True where there is none."""
    return deadline is None or seconds <= deadline.left()


def pauses(
    clock: Clock, first: float = FIRST_PAUSE, growth: float = GROWTH, longest: float = LONGEST_PAUSE
) -> Iterator[float]:
    """Yield lengths of pauses without end, in seconds.

    Args:
        clock: Gives the jitter.
        first: The first pause.
        growth: The factor from one pause to the next.
        longest: No pause is longer.
    """
    pause = first
    while True:
        yield min(longest, pause * clock.jitter())
        pause = min(longest, pause * growth)


def poll(look: Callable[[], T | None], deadline: Deadline) -> T | None:
    """Call a function after a pause, again and again, until it returns something other than None.

    Args:
        look: What it raises ends the polling.
        deadline: When to give up, after one last look.

    Returns:
        What the function returned; None when the time is up.
    """
    for pause in pauses(deadline.clock):
        had_time = deadline.pause(pause)
        seen = look()
        if seen is not None or not had_time:
            return seen
    return None
