# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Stopping: after a task has been told to end, none of its threads begins anything. Private; no stable interface."""

from __future__ import annotations

import contextlib
import threading
from typing import Callable, Iterator

from ansible_collections.huaweicloud.vpn.plugins.module_utils._errors import Stopped


class Stop:
    """Whether a task may still begin something; all its threads share one.

    Args:
        lost: Returns why nobody waits for the task any more, or None while somebody does.
    """

    def __init__(self, lost: Callable[[], str | None] | None = None) -> None:
        self._lost = lost
        self._reason: str | None = None
        self._ends = threading.Condition()
        self._under_way = 0

    def check(self) -> None:
        """Return if something may be begun.

        Raises:
            Stopped: It may not.
        """
        if self._reason is None and self._lost is not None:
            self._reason = self._lost()
        if self._reason is not None:
            raise Stopped(f"{self._reason}; nothing more is sent; run the task again to finish what it began")

    @contextlib.contextmanager
    def begun(self) -> Iterator[None]:
        """Do inside what must not be begun any more after `end`."""
        with self._ends:
            self.check()
            self._under_way += 1
        try:
            yield
        finally:
            with self._ends:
                self._under_way -= 1
                self._ends.notify_all()

    def end(self, reason: str, seconds: float) -> None:
        """Let nothing more be begun; return once all that was has ended, or when the time is up."""
        with self._ends:
            self._reason = reason
            self._ends.wait_for(lambda: not self._under_way, seconds)
