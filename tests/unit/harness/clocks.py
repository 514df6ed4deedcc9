# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The clocks of the unit tests, each in place of C(_clock.Clock)."""

from __future__ import annotations

import datetime
import time


class Killed(BaseException):
    """The process of a task ends here, as if by a signal."""


class FastClock:
    """Time that passes C(speed) times as fast as outside, so that waits of seconds take milliseconds."""

    def __init__(self, speed=25.0):
        self.speed = speed
        self.slept = []

    def now(self):
        return time.monotonic() * self.speed

    def sleep(self, seconds):
        self.slept.append(seconds)
        time.sleep(seconds / self.speed)

    def utc(self):
        return datetime.datetime.now(datetime.timezone.utc)

    def jitter(self):
        return 1.0


class Interrupted(FastClock):
    """Lets something happen when the task pauses for the first time."""

    def __init__(self, happens, **speed):
        super().__init__(**speed)
        self.happens = happens

    def sleep(self, seconds):
        if not self.slept:
            self.happens()
        super().sleep(seconds)


class StillClock:
    """Time that passes only by sleeping, at no cost.

    C(jitter): the factor of each pause. C(true_date): whether it returns the actual time of day, for signatures and
    dates.
    """

    def __init__(self, jitter=1.0, true_date=False):
        self.factor = jitter
        self.true_date = true_date
        self.time = 0.0
        self.slept = []

    def now(self):
        return self.time

    def sleep(self, seconds):
        self.slept.append(seconds)
        self.time += seconds

    def utc(self):
        if self.true_date:
            return datetime.datetime.now(datetime.timezone.utc)
        return datetime.datetime(2026, 1, 2, 3, 4, 5, tzinfo=datetime.timezone.utc) + datetime.timedelta(
            seconds=self.time
        )

    def jitter(self):
        return self.factor


class CloudClock:
    """The emulator's own time as the task's: a pause takes no time at all, and lets as much of it pass in the cloud.

    True time counts as well. C(fatal): called at each look at the clock; kills the task when it returns true.
    C(pace): true seconds that a second of a pause takes, so that no thread of a task gets far ahead of the others.
    """

    def __init__(self, cloud, fatal=None, pace=0.0):
        self.cloud = cloud
        self.fatal = fatal
        self.pace = pace
        self.slept = 0.0

    def _live(self):
        if self.fatal is not None and self.fatal():
            raise Killed

    def now(self):
        self._live()
        return self.cloud.service.clock.now()

    def sleep(self, seconds):
        self._live()
        self.slept += seconds
        if self.pace:
            time.sleep(seconds * self.pace)
        self.cloud.advance(seconds)

    def utc(self):
        return self.cloud.service.clock.utc()

    def jitter(self):
        return 1.0
