# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Holding requests back once the cloud throttles. Private to this collection; no stable interface."""

from __future__ import annotations

import threading
from typing import Callable

from ansible_collections.huaweicloud.vpn.plugins.module_utils._clock import Clock, Deadline, in_time
from ansible_collections.huaweicloud.vpn.plugins.module_utils._errors import VpnError

# Seconds between two requests once the cloud has throttled, and the factor by which each next interval is shorter while
# it does not throttle again.
FIRST_INTERVAL = 0.125
LONGEST_INTERVAL = 2.0
SHORTEST_INTERVAL = 0.01
RECOVERY = 0.9


class Throttle:
    """What all clients of a task pass before each request: when the cloud throttles one of them, all hold back.

    Args:
        clock: The clock.
        check: Called before a request passes; it raises where the task is to stop.
    """

    def __init__(self, clock: Clock, check: Callable[[], None] | None = None) -> None:
        self.clock = clock
        self._check = check
        self._lock = threading.Lock()
        self._opens = 0.0
        self.reason: VpnError | None = None

    def close(self, seconds: float, reason: VpnError | None = None) -> None:
        """Let no request pass for so many seconds.

        Args:
            seconds: How long.
            reason: The answer that asked for it, kept in `reason` for those who cannot wait that long.
        """
        with self._lock:
            self._opens = max(self._opens, self.clock.now() + seconds)
            self.reason = reason or self.reason

    def wait(self, deadline: Deadline | None = None) -> bool:
        """Return True once a request may pass.

        Args:
            deadline: Return False at once where that will be later.

        Raises:
            Stopped: `check` did, since the task is to stop.
        """
        opened = self._wait_until_open(deadline)
        if self._check is not None:
            self._check()
        return opened

    def _wait_until_open(self, deadline: Deadline | None) -> bool:
        while True:
            with self._lock:
                left = self._opens - self.clock.now()
            if left <= 0:
                return True
            if not in_time(left, deadline):
                return False
            self.clock.sleep(left)


class AdaptiveThrottle(Throttle):
    """A throttle for many threads: once the cloud has throttled, requests pass one by one, at intervals.

    Say eight threads send, the cloud answers two of them with 429, and both ask to hold back for a second. Without
    intervals all eight would return after that second, at the same moment, and the cloud would throttle again: the
    threads that always come last would use up their repetitions and fail. So, after the pause,

    * one request passes each 0.125 seconds; the interval doubles, up to 2 seconds, whenever the cloud throttles again,
      and shrinks by a tenth with each request that passes, until requests pass freely again;
    * of the waiting threads, one whose request was throttled most often passes first.

    Args:
        clock: The clock.
        check: Called before a request passes; it raises where the task is to stop.
    """

    def __init__(self, clock: Clock, check: Callable[[], None] | None = None) -> None:
        super().__init__(clock, check)
        self._interval = 0.0
        self._next = 0.0
        # By thread: how often its request was throttled; how often it had been when it last passed; and the first of
        # these numbers for threads that wait.
        self._throttled: dict[int, int] = {}
        self._passed: dict[int, int] = {}
        self._waiting: dict[int, int] = {}

    def close(self, seconds: float, reason: VpnError | None = None) -> None:
        """Let no request pass for so many seconds; note that this thread's request was throttled."""
        thread = threading.get_ident()
        with self._lock:
            self._throttled[thread] = self._throttled.get(thread, 0) + 1
            # Requests that were under way together are throttled together: that counts once.
            if self._opens <= self.clock.now():
                self._interval = min(max(FIRST_INTERVAL, 2 * self._interval), LONGEST_INTERVAL)
        super().close(seconds, reason)

    def wait(self, deadline: Deadline | None = None) -> bool:
        """Return True once it is this thread's turn.

        Args:
            deadline: Return False at once where that will be later.

        Raises:
            Stopped: `check` did, since the task is to stop.
        """
        thread = threading.get_ident()
        times = self._begin_waiting(thread)
        try:
            while super().wait(deadline):
                left = self._left(thread, times)
                if left <= 0 or not in_time(left, deadline):
                    return left <= 0
                self.clock.sleep(left)
            return False
        finally:
            with self._lock:
                del self._waiting[thread]

    def _begin_waiting(self, thread: int) -> int:
        """Return how often the request of this thread has been throttled."""
        with self._lock:
            times = self._throttled.get(thread, 0)
            # The count belongs to one request and its repetitions. A thread that returns without having been throttled
            # since it last passed has had its answer: this is another request.
            if times == self._passed.get(thread):
                times = self._throttled[thread] = 0
            self._waiting[thread] = times
            return times

    def _left(self, thread: int, times: int) -> float:
        """Return the seconds until this thread may ask again whether it is its turn; 0 when it is."""
        with self._lock:
            now = self.clock.now()
            left = max(self._next, self._opens) - now
            if left <= 0 and times >= max(self._waiting.values()):
                self._next = now + self._interval
                self._interval = self._interval * RECOVERY if self._interval > SHORTEST_INTERVAL else 0.0
                self._passed[thread] = times
                return 0.0
        return max(left, SHORTEST_INTERVAL)
