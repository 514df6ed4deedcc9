# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs commands one after the other, and says what each cost: wall time, CPU time, memory, requests."""

from __future__ import annotations

import os
import pathlib
import statistics
import subprocess
import time
import typing as t


class Cost(t.NamedTuple):
    """What one run of one command cost.

    wall, cpu: seconds; cpu is that of the process and of all it started. memory: the largest process, MiB.
    requests: how many of each operation the cloud saw. inner: seconds the command itself says its work took, or None.
    """

    wall: float
    cpu: float
    memory: float
    requests: dict[str, int]
    inner: float | None = None


class Failed(Exception):
    """A command that had to succeed did not."""


def run(command: t.Sequence[str], environment: dict[str, str], log: pathlib.Path) -> tuple[float, float, float]:
    """Run a command to its end; returns wall seconds, CPU seconds and MiB. Its output goes to log."""
    with log.open("wb") as output:
        start = time.perf_counter()
        process = subprocess.Popen(
            command, env=environment, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT
        )
        _pid, status, used = os.wait4(process.pid, 0)
        wall = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise Failed(f"{' '.join(command)} ended with {process.returncode}:\n{log.read_text(errors='replace')[-3000:]}")
    return wall, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024


Costs = dict[str, list[Cost]]


def interleaved(subjects: dict[str, t.Callable[[], Cost]], repeat: int, warm: bool = True) -> Costs:
    """Run each subject in turn, again and again (A B C A B C …), so that a drifting machine is unfair to none.

    warm: run each once before, uncounted: caches fill up, byte code is written.
    """
    if warm:
        for subject in subjects.values():
            subject()
    costs: Costs = {name: [] for name in subjects}
    for _round in range(repeat):
        for name, subject in subjects.items():
            costs[name].append(subject())
    return costs


def median(costs: t.Sequence[Cost], member: str) -> float:
    """The median of one figure."""
    return statistics.median(getattr(cost, member) for cost in costs)


def ratio(ones: t.Sequence[float], others: t.Sequence[float]) -> float:
    """The median of the ratios, pair by pair."""
    return statistics.median(one / other for one, other in zip(ones, others))
