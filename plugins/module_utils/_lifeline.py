# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether anything still waits for this process. Private to this collection; no stable interface.

When a playbook is stopped, the modules that it started are not: they would go on changing tunnels with nobody there
to see it. That a run has no terminal means nothing, and neither does how long it takes. Only a parent process, an input
or an output that was there and is gone shows that the playbook has ended.
"""

from __future__ import annotations

import os
import select
import time
from typing import Callable, Optional

# Ansible closes the standard input of a module right after the start, so the end of the input counts only if the input
# stayed open for this many seconds.
SECONDS_OPEN = 3.0
STDIN, STDOUT = 0, 1

# Returns why nothing waits for this process any more, as part of a sentence, or None while something does.
Lost = Callable[[], Optional[str]]


def parent_lost() -> Lost:
    """Return a function that checks whether the parent of this process still lives."""
    parent = os.getppid()
    return lambda: None if os.getppid() == parent else "the process that started this one is gone"


def module_lost() -> Lost:
    """Return the same for a module, which is started through other processes: its output and input count as well."""
    orphaned = parent_lost()
    stdin = _Input()

    def lost() -> str | None:
        if _hung_up(STDOUT):
            return "nobody reads the output of this process any more"
        return orphaned() or stdin.lost()

    return lost


class _Input:
    """The standard input of this process, whose end counts only if it was open for a while."""

    def __init__(self) -> None:
        self.since = time.monotonic()
        self.was_open = False

    def lost(self) -> str | None:
        """Return that the input has ended, or None."""
        if not _hung_up(STDIN):
            self.was_open = time.monotonic() - self.since > SECONDS_OPEN
            return None
        return "the input of this process was closed at its other end" if self.was_open else None


def _hung_up(descriptor: int) -> bool:
    """Return whether a pipe, socket or terminal has lost its other end; never true of a file or a closed descriptor."""
    watch = select.poll()
    watch.register(descriptor, 0)
    return any(events & (select.POLLERR | select.POLLHUP) for dummy, events in watch.poll(0))
