# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A large inventory in slices: two jobs that run at the same time never write to the same gateway."""

from __future__ import annotations

import pytest
from checks import FLEET, assert_silent

GATEWAYS = [f"vpngw-{number}" for number in range(5)]
EACH = 3
VARIABLES = {
    "connection_defaults": {},
    "wanted_connections": [
        {"name": f"site-{{{{ inventory_hostname }}}}-{number}", "peer_subnets": ["10.9.0.0/16"]}
        for number in range(EACH)
    ],
}


@pytest.fixture
def large(awx, cloud):
    """A controller whose inventory has five gateways with three connections each."""
    cloud.reset()
    for name in GATEWAYS:
        gateway = cloud.add_gateway(name=name)
        for number in range(EACH):
            cloud.add_connection(name=f"site-{name}-{number}", vgw_id=gateway["id"], psk="Example-Key-1")
    cloud.clear_journal()
    awx.update_inventory()
    assert len(cloud.journal()) == 2
    cloud.clear_journal()
    return awx


def test_slices_split_gateways_and_never_share_one(large, cloud):
    plans = large.launch("VPN plan", slices=3, extra_vars=VARIABLES)
    assert {job.status for job in plans} == {"successful"} and not cloud.writes()
    # AWX merges the artifacts of slices by name: none may overwrite another
    merged = {}
    for job in plans:
        assert not set(merged) & set(job.artifacts)
        merged.update(job.artifacts)
    assert len(merged) == len(GATEWAYS)

    cloud.clear_journal()
    jobs = large.launch("VPN apply", slices=3, extra_vars=dict(VARIABLES, **merged))
    assert {job.status for job in jobs} == {"successful"}
    assert sorted(len(job.results(FLEET)) for job in jobs) == [1, 2, 2]
    assert sorted(host for job in jobs for host in job.results(FLEET)) == GATEWAYS

    # each write belongs to a task of one slice, by the request's id, and to one gateway, by the journal
    slice_of = {
        request: number
        for number, job in enumerate(jobs)
        for results in job.results(FLEET).values()
        for result in results
        for part in (result, *result["connections"])
        for request in part["request_ids"]
    }
    gateway_of = {item["id"]: item["vgw_id"] for item in cloud.connections()}
    slices_by_gateway = {}
    for entry in cloud.writes():
        gateway = gateway_of[entry.path.split("/vpn-connection/")[1].split("/")[0]]
        slices_by_gateway.setdefault(gateway, set()).add(slice_of[entry.request_id])
    assert len(cloud.writes()) == len(GATEWAYS) * EACH and len(slices_by_gateway) == len(GATEWAYS)
    assert all(len(found) == 1 for found in slices_by_gateway.values())
    assert len(set().union(*slices_by_gateway.values())) == 3
    assert all(item["peer_subnets"] == ["10.9.0.0/16"] for item in cloud.connections())
    for job in jobs:
        assert_silent(job, cloud)
