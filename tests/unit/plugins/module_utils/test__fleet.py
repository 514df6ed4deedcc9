# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Many connections in one task, against the emulator."""

from __future__ import annotations

import json

import pytest

from ansible_collections.huaweicloud.vpn.plugins.module_utils import _errors, _fleet
from ansible_collections.huaweicloud.vpn.plugins.module_utils._resources.connection import CONNECTION
from ansible_collections.huaweicloud.vpn.tests.unit.support import KEY, FastClock, access

POLICY = {"style": "policy", "policy_rules": [{"source": "10.0.0.0/24", "destination": ["192.168.1.0/24"]}]}


def run_fleet(cloud, connections, check_mode=False, clock=None, **options):
    arguments = dict(access(cloud), connections=connections, **options)
    request = _fleet.enter(CONNECTION, arguments, {})
    return _fleet.perform(CONNECTION, request, check_mode, clock or FastClock(), "tests")


def estate(cloud, gateways, each):
    """Seed gateways with connections, and return [(gateway id, [connection, …]), …]."""
    found = []
    for number in range(gateways):
        gateway = cloud.add_gateway()["id"]
        found.append((gateway, [cloud.add_connection(name="c%d-%d" % (number, other), vgw_id=gateway, psk=KEY) for other in range(each)]))
    return found


def names(estate_):
    return [connection["name"] for dummy, connections in estate_ for connection in connections]


def operations(cloud):
    return [entry.operation for entry in cloud.journal()]


@pytest.mark.parametrize("check_mode", [False, True])
def test_nothing_to_do_is_one_request(cloud, check_mode):
    all_names = names(estate(cloud, 2, 3))
    result = run_fleet(cloud, [{"name": name, "psk": KEY} for name in all_names], check_mode)
    assert operations(cloud) == ["listVpnConnections"]
    assert (result["changed"], result["diff"]) == (False, [])
    assert [set(item) for item in result["connections"]] == [{"name", "id", "changed"}] * 6
    assert [item["name"] for item in result["connections"]] == all_names


def test_unchanged_items_are_shown_in_full_on_request(cloud):
    all_names = names(estate(cloud, 1, 2))
    result = run_fleet(cloud, [{"name": name} for name in all_names], return_unchanged=True)
    assert [item["vpn_connection"]["name"] for item in result["connections"]] == all_names


def test_a_dry_run_says_what_the_run_does(cloud):
    all_names = names(estate(cloud, 3, 4))
    wanted = [{"name": name, "ikepolicy": {"dpd": {"timeout": 20 + number % 2}}} for number, name in enumerate(all_names)]
    dry = run_fleet(cloud, wanted, True)
    assert cloud.writes() == []
    real = run_fleet(cloud, wanted)
    assert len(cloud.writes()) == 12
    for key in ("changed", "plan_id", "diff"):
        assert dry[key] == real[key], key
    for one, other in zip(dry["connections"], real["connections"]):
        for key in ("name", "id", "changed", "changes", "request_body", "psk_updated", "reset_required"):
            assert one[key] == other[key], key
    assert run_fleet(cloud, wanted)["changed"] is False
    assert [entry["before_header"] for entry in real["diff"]] == [entry["after_header"] for entry in real["diff"]]


def test_writes_of_one_gateway_do_not_overlap_and_those_of_several_do(cloud):
    cloud.switch(latency=20)
    found = estate(cloud, 3, 3)
    gateway_of = {connection["id"]: gateway for gateway, connections in found for connection in connections}
    run_fleet(cloud, [{"name": name, "ipsecpolicy": {"pfs": "group20"}} for name in names(found)])
    order = [gateway_of[entry.path.rpartition("/")[2]] for entry in cloud.writes()]
    assert sorted(order) == sorted(gateway_of.values())
    assert len(set(order[:3])) == 3, "the first three writes go to three gateways"


def test_reads_are_lists_a_few_for_all(cloud):
    wanted = [{"name": name, "ipsecpolicy": {"pfs": "group20"}} for name in names(estate(cloud, 10, 10))]
    run_fleet(cloud, wanted, clock=FastClock(speed=1))
    assert operations(cloud).count("updateVpnConnection") == 100
    assert operations(cloud).count("showVpnConnection") == 0
    assert operations(cloud).count("listVpnConnections") <= 6


def test_a_whole_life_in_one_task(cloud):
    (gateway, (rename, gone, rotate)), = estate(cloud, 1, 3)
    eip = cloud.connection(rename["id"])["vgw_ip"]
    new = dict(POLICY, name="new", vgw_ip=eip, cgw_id=cloud.add_customer_gateway()["id"], peer_subnets=["192.168.1.0/24"], psk=KEY)
    wanted = [
        {"id": rename["id"], "name": "renamed"}, {"name": gone["name"], "state": "absent"}, new,
        {"name": rotate["name"], "psk": "Another-Key-2", "update_psk": "always", "reset": "if_required"}]
    dry = run_fleet(cloud, wanted, True, vgw_id=gateway)
    result = run_fleet(cloud, wanted, vgw_id=gateway)
    assert [item["changed"] for item in result["connections"]] == [item["changed"] for item in dry["connections"]] == [True] * 4
    assert sorted(connection["name"] for connection in cloud.connections()) == sorted(["renamed", "new", rotate["name"]])
    assert cloud.negotiated(rotate["id"])["psk"] == "Another-Key-2"
    assert "Another-Key-2" not in json.dumps(result)
    settled = [dict(item) for item in wanted]
    settled[3].update(update_psk="on_create")
    assert run_fleet(cloud, settled, vgw_id=gateway)["changed"] is False


def test_prune_deletes_what_the_list_does_not_name(cloud):
    (gateway, (kept, dummy, dummy2)), (other, dummy3) = estate(cloud, 2, 3)
    dry = run_fleet(cloud, [{"name": kept["name"]}], True, vgw_id=gateway, prune=True)
    result = run_fleet(cloud, [{"name": kept["name"]}], vgw_id=gateway, prune=True)
    assert [item["changed"] for item in result["connections"]] == [item["changed"] for item in dry["connections"]] == [False, True, True]
    left = cloud.connections()
    assert [connection["id"] for connection in left if connection["vgw_id"] == gateway] == [kept["id"]]
    assert len([connection for connection in left if connection["vgw_id"] == other]) == 3


def test_violations_of_all_items_are_one_message(cloud):
    found = estate(cloud, 1, 2)
    one, two = names(found)
    with pytest.raises(_errors.InvalidInput) as caught:
        run_fleet(cloud, [{"name": one, "psk": "short"}, {"peer_subnets": ["x"]}, {"name": two, "nonsense": 1}, {"name": one}, "text"])
    assert str(caught.value).count("connections[") == 6
    assert cloud.journal() == []
    with pytest.raises(_errors.InvalidInput) as caught:
        run_fleet(cloud, [{"name": one, "style": "bgp"}, {"id": found[0][1][0]["id"]}, {"name": "unknown"}])
    assert "connections[0] (c0-0): style is fixed at creation" in str(caught.value)
    assert "connections[0] (c0-0) and connections[1] (%s) name the same VPN connection" % found[0][1][0]["id"] in str(caught.value)
    assert "connections[2] (unknown): no VPN connection is named unknown" in str(caught.value)
    assert cloud.writes() == []


def test_prune_needs_a_gateway(cloud):
    with pytest.raises(_errors.InvalidInput, match="prune needs vgw_id"):
        run_fleet(cloud, [], prune=True)


def test_one_failure_does_not_stop_the_others_and_is_told(cloud):
    found = estate(cloud, 2, 2)
    broken = found[0][1][0]
    cloud.fault("status", path=broken["id"], method="PUT", status=400, code="VPN.0012", message="address occupied", times=9)
    wanted = [{"name": name, "ipsecpolicy": {"pfs": "group20"}} for name in names(found)]
    with pytest.raises(_errors.VpnError, match="1 of 4 VPN connections failed: .*address occupied") as caught:
        run_fleet(cloud, wanted)
    details = caught.value.details
    assert details["changed"] is True
    assert [item["changed"] for item in details["connections"]] == [False, True, True, True]
    assert details["connections"][0]["error"]["error_code"] == "VPN.0012"
    assert "vpn_connection" in details["connections"][1]
    cloud.clear_faults()
    assert [item["changed"] for item in run_fleet(cloud, wanted)["connections"]] == [True, False, False, False]


def test_an_approved_plan_of_many(cloud):
    all_names = names(estate(cloud, 1, 3))
    wanted = [{"name": name, "ipsecpolicy": {"pfs": "group20"}} for name in all_names]
    plan_id = run_fleet(cloud, wanted, True)["plan_id"]
    with pytest.raises(_errors.PlanMoved, match="intended changes"):
        run_fleet(cloud, wanted[:2], expect_plan=plan_id)
    assert cloud.writes() == []
    assert run_fleet(cloud, wanted, expect_plan=plan_id)["changed"] is True
    assert run_fleet(cloud, wanted, expect_plan=plan_id)["changed"] is False


@pytest.mark.parametrize("switches", [{"gateway_busy": "VPN.0507"}, {"rate_limit": 40}, {"lag": 0.02}, {"stale_seconds": 0.1}, {"list_items": "no_policies"}], ids=str)
def test_busy_slow_and_odd_clouds(cloud, switches):
    all_names = names(estate(cloud, 3, 3))
    cloud.switch(**switches)
    wanted = [{"name": name, "ipsecpolicy": {"pfs": "group20"}, "tags": {"a": "b"}} for name in all_names]
    assert run_fleet(cloud, wanted)["changed"] is True
    assert {connection["ipsecpolicy"]["pfs"] for connection in cloud.connections()} == {"group20"}
    cloud.switch(rate_limit=0)
    assert run_fleet(cloud, wanted)["changed"] is False
