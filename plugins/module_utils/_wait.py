# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Time: clocks, deadlines and polling, without a word about what is waited for. Private; no stable interface."""

from __future__ import annotations

import datetime
import random
import time

FIRST_PAUSE = 0.5
GROWTH = 1.4
LONGEST_PAUSE = 8.0


class Clock:
    """The real clock; tests inject their own with the same four methods."""

    def now(self):
        """Return seconds that only ever grow (float)."""
        return time.monotonic()

    def sleep(self, seconds):
        time.sleep(seconds)

    def utc(self):
        """Return the time of day in UTC (aware datetime)."""
        return datetime.datetime.now(datetime.timezone.utc)

    def jitter(self):
        """Return a factor around 1, so that many clients do not return at the same moment (float)."""
        return random.uniform(0.75, 1.25)


class Deadline:
    """A point in time C(seconds) from now."""

    def __init__(self, clock, seconds):
        self.clock = clock
        self.seconds = seconds
        self.end = clock.now() + seconds

    def left(self):
        """Return the seconds left, never negative (float)."""
        return max(0.0, self.end - self.clock.now())

    def pause(self, seconds):
        """Sleep, but not past the deadline; say whether there was time left to sleep."""
        left = self.left()
        if left <= 0:
            return False
        self.clock.sleep(min(seconds, left))
        return True


def pauses(clock, first=FIRST_PAUSE, growth=GROWTH, longest=LONGEST_PAUSE):
    """Yield lengths of pauses without end: the first below a second, each longer, up to C(longest) (floats, seconds)."""
    pause = first
    while True:
        yield min(longest, pause * clock.jitter())
        pause = min(longest, pause * growth)


def poll(look, deadline):
    """Call C(look) after a pause, again and again, until it returns something other than None.

    :arg look: function without arguments; what it raises ends the polling.
    :returns: what C(look) returned, or None when the time is up (after one last look).
    """
    for pause in pauses(deadline.clock):
        in_time = deadline.pause(pause)
        seen = look()
        if seen is not None or not in_time:
            return seen
