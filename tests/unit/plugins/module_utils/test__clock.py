# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Deadlines, pauses and polling, with time that passes at no cost."""

from __future__ import annotations

import datetime
import itertools
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.huaweicloud.vpn.plugins.module_utils._clock import Clock, Deadline, pauses, poll
from ansible_collections.huaweicloud.vpn.tests.unit.harness.clocks import StillClock

FACTORS = st.floats(0.75, 1.25)


@given(FACTORS)
def test_the_first_pause_is_below_a_second_and_none_is_long(factor):
    taken = list(itertools.islice(pauses(StillClock(factor)), 30))
    assert 0.3 < taken[0] < 1
    assert taken == sorted(taken)
    assert max(taken) <= 8
    assert sum(taken) > 100, "a wait of minutes asks tens of times, not hundreds"


@given(FACTORS, st.floats(0.1, 2), st.floats(1.1, 3), st.floats(2, 60))
def test_pauses_grow_to_their_bound(factor, first, growth, longest):
    taken = list(itertools.islice(pauses(StillClock(factor), first, growth, longest), 100))
    assert taken[0] == pytest.approx(min(longest, first * factor))
    assert taken == sorted(taken)
    assert taken[-1] == pytest.approx(longest * min(1, factor))


def test_pauses_of_many_tasks_differ():
    assert len({next(pauses(Clock())) for dummy in range(50)}) > 10


def test_the_real_clock():
    clock = Clock()
    before, start = clock.now(), time.monotonic()
    clock.sleep(0.02)
    assert 0.02 <= clock.now() - before < time.monotonic() - start + 0.02
    assert abs(clock.utc() - datetime.datetime.now(datetime.timezone.utc)) < datetime.timedelta(seconds=5)
    assert clock.utc().utcoffset() == datetime.timedelta(0)
    assert all(0.75 <= clock.jitter() <= 1.25 for dummy in range(100))


def test_a_deadline_never_has_less_than_nothing_left():
    clock = StillClock()
    deadline = Deadline(clock, 3)
    assert (deadline.left(), deadline.seconds) == (3, 3)
    clock.sleep(2)
    assert deadline.left() == 1
    clock.sleep(5)
    assert deadline.left() == 0
    assert Deadline(clock, 0).left() == 0


def test_a_pause_ends_at_the_deadline():
    clock = StillClock()
    deadline = Deadline(clock, 3)
    assert [deadline.pause(2), deadline.pause(2), deadline.pause(2)] == [True, True, False]
    assert clock.slept == [2, 1]


def test_polling_ends_with_what_was_seen():
    clock = StillClock()
    answers = iter([None, None, "there", "too late"])
    assert poll(lambda: next(answers), Deadline(clock, 100)) == "there"
    assert next(answers) == "too late"
    assert len(clock.slept) == 3 and 0 < clock.slept[0] < 1


@pytest.mark.parametrize("seen", [0, False, "", (), {}])
def test_only_none_is_nothing(seen):
    clock = StillClock()
    assert poll(lambda: seen, Deadline(clock, 5)) == seen
    assert len(clock.slept) == 1


@given(st.floats(0, 200), FACTORS)
def test_polling_ends_at_the_deadline_after_a_last_look(seconds, factor):
    clock = StillClock(factor)
    looks = []
    assert poll(lambda: looks.append(clock.now()), Deadline(clock, seconds)) is None
    assert looks[-1] == pytest.approx(seconds) and clock.now() == pytest.approx(seconds)
    assert len(looks) < 20 + seconds / 5


def test_what_a_look_raises_ends_the_polling():
    clock = StillClock()

    def look():
        raise LookupError("gone")

    with pytest.raises(LookupError):
        poll(look, Deadline(clock, 100))
    assert len(clock.slept) == 1


def test_a_slow_look_counts_as_time():
    clock = StillClock()

    def look():
        clock.sleep(40)

    assert poll(look, Deadline(clock, 100)) is None
    assert clock.now() <= 100 + 2 * 40
