# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Phases and turns of the scheduler, with jobs that have nothing to do with the cloud."""

from __future__ import annotations

import pytest

from ansible_collections.huaweicloud.vpn.plugins.module_utils._clock import Deadline
from ansible_collections.huaweicloud.vpn.plugins.module_utils._errors import VpnError
from ansible_collections.huaweicloud.vpn.plugins.module_utils._schema.behavior import States
from ansible_collections.huaweicloud.vpn.plugins.module_utils._work.scheduler import Job, Scheduler
from ansible_collections.huaweicloud.vpn.plugins.module_utils._work.stop import Stop
from ansible_collections.huaweicloud.vpn.plugins.module_utils._work.waiters import Turn, Waiter
from ansible_collections.huaweicloud.vpn.tests.unit.harness.clocks import FastClock, StillClock

CLOCK = FastClock(speed=100)


class Reads(Waiter):
    """Waits for a number of reads."""

    def __init__(self, number):
        super().__init__("thing", States(), CLOCK, Deadline(CLOCK, 600))
        self.left = number

    def check(self, found):
        self.left -= 1
        return self.left < 1


class Work(Job):
    """C(script): what it does, a letter each: w writes, r waits for two reads, t asks for its turn, x fails."""

    def __init__(self, name, script, log, queue="q", phase=0):
        self.name, self.phase, self._queue, self.log = name, phase, queue, log
        self.turn = Turn(lambda: self.name + "w" in log)
        self.waited = None
        self.steps = self._steps(script)

    def queue(self):
        return self._queue

    def read(self, listed, deadline):
        return listed

    def _steps(self, script):
        for letter in script:
            self.log.append(self.name + letter)
            if letter == "x":
                raise VpnError("failed")
            if letter == "t":
                self.waited = yield self.turn
                self.log.append(self.name + "T")
            if letter == "r":
                yield Reads(2)
        self.log.append(self.name + ".")


def run(*jobs):
    scheduler = Scheduler(jobs, lambda deadline: lambda job: {}, 4, CLOCK, Stop(), 1)
    scheduler.run()
    return {job.name for job in scheduler.failed}, {job.name: other.name for job, other in scheduler.held_back.items()}


def test_a_phase_begins_when_the_one_before_has_ended():
    log = []
    assert run(
        Work("c", "w", log, phase=2), Work("b", "wr", log, phase=1), Work("a", "wr", log), Work("d", "wr", log)
    ) == (set(), {})
    assert log == ["aw", "ar", "dw", "dr", "a.", "d.", "bw", "br", "b.", "cw", "c."]


@pytest.mark.parametrize("script", ["x", "wrx"])
def test_a_failure_holds_later_phases_of_its_queue_back(script):
    log = []
    jobs = [
        Work("b", "w", log, phase=1),
        Work("c", "w", log, phase=2),
        Work("a", script, log),
        Work("other", "w", log, queue="p", phase=1),
    ]
    assert run(*jobs) == ({"a"}, {"b": "a", "c": "a"})
    assert "other." in log and not {"bw", "cw"} & set(log)


def test_a_queue_without_a_first_phase_begins_with_the_next():
    log = []
    assert run(Work("b", "w", log, phase=1)) == (set(), {})
    assert log == ["bw", "b."]


def test_turns_come_one_after_the_other_and_the_rest_goes_on():
    log = []
    jobs = [Work("a", "twr", log), Work("b", "twr", log), Work("c", "w", log), Work("p", "twr", log, queue="p")]
    assert run(*jobs) == (set(), {})
    assert log.index("a.") < log.index("bT") and log.index("cw") < log.index("a.")
    assert [job.waited for job in jobs if job.name != "c"] == [False, True, False]
    assert [job.turn.awaited for job in jobs if job.name != "c"] == [True, False, False]


def test_a_spoilt_turn_holds_those_back_that_wait_and_those_that_ask_later():
    log = []
    assert run(
        Work("a", "twrx", log), Work("b", "tw", log), Work("c", "rrrrrtw", log), Work("d", "w", log, phase=1)
    ) == ({"a"}, {"b": "a", "c": "a", "d": "a"})
    assert not {"bw", "cw", "dw"} & set(log)


def test_a_failure_that_spoils_nothing_passes_the_turn_on():
    log = []
    assert run(Work("a", "tx", log), Work("b", "tw", log)) == ({"a"}, {})
    assert log[-1] == "b."


def test_a_turn_is_awaited_where_a_later_phase_follows():
    log = []
    jobs = [Work("a", "tw", log), Work("b", "w", log, phase=1)]
    assert run(*jobs) == (set(), {})
    assert jobs[0].turn.awaited is True


class Patient(Work):
    """C(script): how often it is read."""

    def _steps(self, script):
        yield Reads(script)


def test_where_nothing_is_sent_there_is_one_pause_between_two_rounds():
    clock, pauses = StillClock(), []

    def read_all(deadline):
        pauses.append(len(clock.slept))
        return lambda job: {}

    Scheduler([Patient("a", 20, [])], read_all, 4, clock, Stop(), 1).run()
    # The first rounds may come while the job is still being started.
    assert [later - sooner for sooner, later in zip(pauses[-10:], pauses[-9:])] == [1] * 9
