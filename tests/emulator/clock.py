# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Time: one monotonic clock for all states, and unique UTC time stamps."""

from __future__ import annotations

import datetime
import functools
import threading
import time


class Clock:
    """Monotonic seconds and UTC time, both of which can be moved forward."""

    def __init__(self) -> None:
        self._offset = 0.0
        self._last = datetime.datetime.min.replace(tzinfo=datetime.timezone.utc)
        self._lock = threading.Lock()

    def now(self) -> float:
        """Monotonic seconds."""
        return time.monotonic() + self._offset

    def utc(self) -> datetime.datetime:
        """The time of day, UTC."""
        return datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=self._offset)

    def advance(self, seconds: float) -> None:
        """Move both times forward."""
        self._offset += seconds

    def reset(self) -> None:
        """Undo all advances."""
        self._offset = 0.0

    def stamp(self, digits: int = 3) -> str:
        """A time stamp in the vendor's format (1 to 9 fraction digits), later than all previous ones.

        Time stamps must be unique because they are the markers of pages. API contract, section 11: Paging.
        """
        step = datetime.timedelta(microseconds=10 ** max(0, 6 - digits))
        with self._lock:
            moment = max(self.utc(), self._last + step)
            self._last = moment
        fraction = f"{moment.microsecond:06d}000"[:digits]
        return f"{moment:%Y-%m-%dT%H:%M:%S}.{fraction}Z"


@functools.lru_cache(maxsize=65536)
def parse_stamp(text: str) -> datetime.datetime:
    """The time in a stamp with any number of fraction digits; ValueError for any other text."""
    head, _dot, fraction = text.rstrip("Zz").partition(".")
    if fraction and not fraction.isdigit():
        raise ValueError(text)
    moment = datetime.datetime.strptime(head, "%Y-%m-%dT%H:%M:%S")
    return moment.replace(microsecond=int(f"{fraction}000000"[:6]), tzinfo=datetime.timezone.utc)
