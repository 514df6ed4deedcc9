# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether anybody still waits for this process. Private to this collection; no stable interface.

When a playbook is stopped, the modules that it started are not: they would go on changing tunnels with nobody there
to see it. That a run has no terminal says nothing, nor does how long it takes: only what was there and is gone does.
"""

from __future__ import annotations

import os
import select
import time

# Core closes the standard input of a module right after the start; its end counts only where it stayed open this long.
SECONDS_OPEN = 3.0
STDIN, STDOUT = 0, 1


def parent_lost():
    """Return a function that says why nobody waits for this process (str), or None while its parent lives."""
    parent = os.getppid()
    return lambda: None if os.getppid() == parent else "the process that started this one is gone"


def module_lost():
    """Return the same for a module, which is started through shells and networks: its output and input tell as well."""
    orphaned = parent_lost()
    stdin = _Input()

    def lost():
        if _hung_up(STDOUT):
            return "nobody reads the output of this process any more"
        return orphaned() or stdin.lost()
    return lost


class _Input:
    """The standard input of this process, which says something only if it was open for a while."""

    def __init__(self):
        self.since = time.monotonic()
        self.was_open = False

    def lost(self):
        """Return that the input has ended (str), or None."""
        if not _hung_up(STDIN):
            self.was_open = time.monotonic() - self.since > SECONDS_OPEN
            return None
        return "the input of this process was closed at its other end" if self.was_open else None


def _hung_up(descriptor):
    """Say whether a pipe, socket or terminal has lost its other end; never true of a file, or of what is not there."""
    watch = select.poll()
    watch.register(descriptor, 0)
    return any(events & (select.POLLERR | select.POLLHUP) for dummy, events in watch.poll(0))
