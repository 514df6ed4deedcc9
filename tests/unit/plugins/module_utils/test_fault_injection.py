# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A part of the fault matrix, enough to see each kind of fault at each moment. tests/matrix runs and prints all of it."""

from __future__ import annotations

import pytest

from ansible_collections.huaweicloud.vpn.tests.emulator.faults import FAULTS
from ansible_collections.huaweicloud.vpn.tests.unit.harness import fault_injection
from ansible_collections.huaweicloud.vpn.tests.unit.harness.sameness import at_rest

# One of each kind that the client tells apart. What differs only in code, status or body is left to tests/fault_injection.
TYPICAL = (
    "429 APIGW.0308",
    "429 VPN.0429, Retry-After in date",
    "500, body: vendor",
    "503, body: html",
    "504, body: none",
    "busy VPN.0306",
    "not ready, VPN.0003",
    "busy VPN.0014",
    "busy VPN.0031",
    "408",
    "400 VPN.0012",
    "404 VPN.0004",
    "connection reset",
    "truncated",
    "HTML with 200",
    "text/plain",
    "redirect",
    "token expired APIGW.0301, keys",
    "token expired VPN.0010, token",
    "token expired APIGW.0301, password",
    "frozen",
    "ERROR afterwards",
    "vanishes",
    "six stale seconds",
    "two reads answer 404",
    "process killed",
)
# These wait on the wire for as long as a task does, or end like others, so not at every moment.
SLOW = ("slow headers", "dribbling headers", "dribbling body", "TLS alert", "oversized")
SLOW_AT = (
    ("update", "lookup"),
    ("update", "PUT, carried out"),
    ("update", "first poll"),
    ("create", "POST, carried out"),
)
# What these are about is whether a write is sent twice; for what only reads they are a connection that breaks.
AT_WRITES = ("proxy closes",)

ROWS = fault_injection.rows()


@pytest.fixture(scope="module")
def bench():
    with fault_injection.Bench() as made:
        yield made


def test_every_fault_of_the_emulator_has_a_row():
    kinds = {variant.kind for variant in fault_injection.VARIANTS if variant.kind}
    assert kinds | set(fault_injection.NO_ROW) == set(FAULTS)
    assert kinds.isdisjoint(fault_injection.NO_ROW)


def test_every_kind_of_fault_is_among_the_typical_ones():
    typical = {variant.group for variant in fault_injection.VARIANTS if variant.label in TYPICAL}
    assert typical == {variant.group for variant in fault_injection.VARIANTS}
    assert set(TYPICAL + SLOW + AT_WRITES) <= {variant.label for variant in fault_injection.VARIANTS}


def test_every_cell_is_accounted_for():
    """A cell has a reason not to be, or an end that is expected; and each expectation and its reason is needed."""
    used = {
        fault_injection.expected(*cell) for cell in fault_injection.cells() if not fault_injection.not_applicable(*cell)
    }
    assert used == set(fault_injection.EXPECTED)


@pytest.mark.parametrize(
    "operation, moment", ROWS, ids=["%s; %s" % (operation.label, moment.label) for operation, moment in ROWS]
)
def test_row(bench, operation, moment):
    wanted = (
        TYPICAL
        + (SLOW if (operation.label, moment.label) in SLOW_AT else ())
        + (AT_WRITES if moment.sort == fault_injection.WRITE else ())
    )
    verdicts = [
        bench.cell(operation, moment, variant, times)
        for variant in fault_injection.VARIANTS
        if variant.label in wanted
        for times in (fault_injection.ONCE, fault_injection.ALWAYS)
    ]
    assert [(verdict.variant, verdict.times, verdict.problems) for verdict in verdicts if verdict.problems] == []


EVERY_OPERATION = fault_injection.OPERATIONS + fault_injection.INTERRUPTED + fault_injection.FLEETS


@pytest.mark.parametrize("operation", EVERY_OPERATION, ids=lambda operation: operation.label)
def test_interruption_at_each_request(bench, operation):
    verdicts = bench.interruptions(operation)
    assert [(verdict.variant, verdict.problems) for verdict in verdicts if verdict.problems] == []
    # Each request at least once before it is sent, and once after it was carried out.
    assert len(verdicts) >= 2
    table = fault_injection.interruptions_told(verdicts)
    assert operation.label in table and "!" not in table.replace("!  a violation", "")


@pytest.mark.parametrize("seed", [1, 2])
def test_storm(bench, seed):
    storm = fault_injection.Storm(bench.cloud, seed).perform(200)
    assert storm.problems == []
    # It was one: without faults no run would have failed.
    assert sum(storm.told.values()) > 10


def _configure(path, value):
    """Return a function that changes a member of the stored connection, past the API."""

    def change(cloud):
        *parents, leaf = path.split(".")
        members = cloud.service.store.connections.find(fault_injection.ID).configured
        for name in parents:
            members = members[name]
        members[leaf] = value

    return change


def _negotiate(cloud):
    cloud.service.store.connections.find(fault_injection.ID).negotiated["psk"] = fault_injection.NEW_KEY


def _tag(cloud):
    cloud.service.store.connections.find(fault_injection.ID).tags["owner"] = "ops"


def _remove(cloud):
    cloud.remove_connection(cloud.connections()[-1]["id"])


# What a task could see or run into, each of which makes another cloud.
DIFFERENCES = {
    "name": _configure("name", "other"),
    "a policy": _configure("ikepolicy.lifetime_seconds", 7200),
    "key": _configure("psk", fault_injection.NEW_KEY),
    "gateway of another": _configure("cgw_id", fault_injection.CUSTOMERS[1]),
    "key in use": _negotiate,
    "tag": _tag,
    "status": lambda cloud: cloud.set_status(fault_injection.ID, "ERROR"),
    "status after work": lambda cloud: cloud.set_status(fault_injection.ID, "ACTIVE"),
    "one less": _remove,
    "monitor": lambda cloud: cloud.add_monitor(fault_injection.ID),
    "address": lambda cloud: cloud.add_eip(),
    "gateway": lambda cloud: cloud.set_gateway_status(fault_injection.GATEWAY, "FAULT"),
    "switch": lambda cloud: cloud.switch(page_cap=1),
}


@pytest.mark.parametrize("change", DIFFERENCES.values(), ids=DIFFERENCES)
def test_a_cloud_is_only_taken_for_another_one_that_no_task_could_tell_from_it(bench, change):
    fault_injection.plant(bench.cloud)
    once = at_rest(bench.cloud)
    fault_injection.plant(bench.cloud)
    assert once is not None and at_rest(bench.cloud) == once
    change(bench.cloud)
    assert at_rest(bench.cloud) not in (once, None)


@pytest.mark.parametrize(
    "begin",
    [
        lambda cloud: cloud.set_status(fault_injection.ID, "PENDING_UPDATE", settle_after=5),
        lambda cloud: cloud.set_gateway_status(fault_injection.GATEWAY, "PENDING_UPDATE"),
        lambda cloud: cloud.switch(rate_limit=5),
        lambda cloud: cloud.set_device(fault_injection.ID, psk="Other-Key-1"),
    ],
    ids=["a connection is being changed", "a gateway is being changed", "requests count", "a tunnel is negotiated"],
)
def test_a_cloud_in_which_time_counts_is_like_no_other(bench, begin):
    fault_injection.plant(bench.cloud)
    begin(bench.cloud)
    assert at_rest(bench.cloud) is None


def test_reads_that_lag_make_time_count(bench):
    fault_injection.plant(bench.cloud)
    bench.cloud.switch(stale_seconds=6)
    before = at_rest(bench.cloud)
    fault_injection.run(bench.cloud, {"id": fault_injection.ID, "name": "other"})
    bench.cloud.service.store.connections.find(fault_injection.ID).stale.until = bench.cloud.service.clock.now() + 60
    assert (before is None, at_rest(bench.cloud)) == (False, None)
