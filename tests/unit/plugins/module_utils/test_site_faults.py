# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Each request of each step in the life of gateways and customer gateways: disturbed, or the last one of its process.

Whatever happens, the same task run again finishes the work, nothing is there twice, and nothing is left to do.
"""

from __future__ import annotations

import itertools

import pytest

from ansible_collections.huaweicloud.vpn.tests.unit.harness.sameness import at_rest
from ansible_collections.huaweicloud.vpn.tests.unit.harness.site_life import (
    DWELL,
    LINES,
    STEPS,
    attempt,
    killed_at,
    perform,
    plant,
    snapshot,
)

FAULTS = [
    ("connection_reset", {"applied": False}),
    ("connection_reset", {"applied": True}),
    ("server_error", {"status": 500}),
    ("server_error", {"status": 500, "applied": True}),
    ("server_error", {"status": 504, "applied": True, "body": "html"}),
    ("throttled", {}),
    ("status", {"status": 403, "code": "VPN.0003", "message": "resource is not ready, currently UPDATING"}),
    ("status", {"status": 409, "code": "VPN.0016"}),
    ("status", {"status": 400, "code": "VPN.0001", "message": "no: " + LINES[1]}),
    ("truncated", {}),
    ("vanish", {}),
]
# Of long waits, enough to see first and later reads.
MOST_REQUESTS = 12


def goal(cloud, step):
    """Return what the cloud holds once a step is done, and how many requests that takes."""
    plant(cloud, step)
    dry = perform(cloud, step, check_mode=True)
    assert cloud.writes() == []
    cloud.clear_journal()
    done = perform(cloud, step)
    for key in ("changed", "action", "changes", "plan_id", "diff"):
        assert dry[key] == done[key], key
    return snapshot(cloud), min(MOST_REQUESTS, len(cloud.journal()))


@pytest.fixture(scope="module")
def finished():
    """Return a set of (step, cloud): from where the task was seen to finish its work."""
    return set()


def examine(cloud, step, wanted, finished):
    """Let time pass, run the task again, and once more; unless that has been seen in just this cloud."""
    cloud.clear_faults()
    cloud.advance(4 * DWELL)
    place = (step.label, at_rest(cloud))
    if place in finished:
        return []
    problems = _rerun(cloud, step, wanted)
    if place[-1] is not None and not problems:
        finished.add(place)
    return problems


def _rerun(cloud, step, wanted):
    perform(cloud, step)
    cloud.advance(4 * DWELL)
    found = snapshot(cloud)
    cloud.clear_journal()
    again = perform(cloud, step)
    problems = [] if found == wanted else [f"holds {found}"]
    return problems + (["changes something again"] if again["changed"] or cloud.writes() else [])


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.label)
def test_a_process_that_ends_at_any_request(cloud, finished, step):
    wanted, requests = goal(cloud, step)
    problems = {}
    for number, carried_out in itertools.product(range(requests), (False, True)):
        plant(cloud, step)
        with killed_at(number, carried_out):
            assert attempt(cloud, step) is None
        problems[number, carried_out] = examine(cloud, step, wanted, finished)
    assert {place: found for place, found in problems.items() if found} == {}


@pytest.mark.parametrize(
    "kind, details", FAULTS, ids=lambda part: part if isinstance(part, str) else "-".join(map(str, part.values()))[:30]
)
@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.label)
def test_a_fault_at_any_request(cloud, finished, step, kind, details):
    wanted, requests = goal(cloud, step)
    problems = {}
    for number in range(requests):
        plant(cloud, step)
        cloud.fault(kind, skip=number, **details)
        told = attempt(cloud, step)
        assert "internal error" not in told, told
        assert "ca_certificate" not in step.wanted or LINES[1] not in told, told
        if kind == "vanish":
            # What is gone cannot be changed; that this is said is all there is to see.
            continue
        problems[number] = examine(cloud, step, wanted, finished)
    assert {place: found for place, found in problems.items() if found} == {}
