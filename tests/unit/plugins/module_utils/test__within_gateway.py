# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Safety within a gateway: deletions come last, resets take turns, and a failure holds both back."""

from __future__ import annotations

import pytest

from ansible_collections.huaweicloud.vpn.plugins.module_utils import _errors
from ansible_collections.huaweicloud.vpn.plugins.module_utils._planning import plan as planning
from ansible_collections.huaweicloud.vpn.tests.unit.harness.clocks import FastClock
from ansible_collections.huaweicloud.vpn.tests.unit.harness.support import KEY, new_beside, run_fleet

NEW_KEY = "Another-Key-2"


@pytest.fixture(autouse=True)
def few_rounds(monkeypatch):
    """Let keys go into the ids of plans quickly."""
    monkeypatch.setattr(planning, "KEY_ROUNDS", 10)


class Watch(FastClock):
    """A clock that the cloud shares, and that looks at some connections at each pause."""

    def __init__(self, cloud, **speed):
        super().__init__(**speed)
        self.cloud = cloud
        self.watched = []
        self.seen = []

    def look(self, entry=None):
        self.seen.append(tuple(self.cloud.connection(identifier)["status"] for identifier in self.watched))

    def sleep(self, seconds):
        self.look()
        super().sleep(seconds)


@pytest.fixture
def clock(cloud, monkeypatch):
    # Not faster: while a busy machine holds a thread up, the time of the cloud goes on.
    found = Watch(cloud, speed=8)
    monkeypatch.setattr(cloud.service.clock, "now", found.now)
    cloud.switch(dwell=1)
    cloud.on_request(found.look)
    yield found
    cloud.service.listeners.clear()


def seed(cloud, *names, **members):
    """Return the id of a new gateway, and its new connections by name."""
    gateway = cloud.add_gateway()["id"]
    return gateway, {
        name: cloud.add_connection(**dict({"name": name, "vgw_id": gateway, "psk": KEY}, **members)) for name in names
    }


def pair(cloud, clock, **switches):
    """Return two working connections of one gateway, watched from now on."""
    cloud.switch(**switches)
    found = list(seed(cloud, "one", "two", status="ACTIVE")[1].values())
    clock.watched = [connection["id"] for connection in found]
    return found


def pfs(name, **more):
    return dict(more, name=name, ipsecpolicy={"pfs": "group20"})


def rotate(name, reset="if_required"):
    return {"name": name, "psk": NEW_KEY, "update_psk": "always", "reset": reset}


def written(cloud):
    """Return (method, name or id at the time) of all writes, by the id in the path."""
    return [
        (entry.operation, next((part for part in entry.path.split("/") if len(part) == 36), None))
        for entry in cloud.writes()
    ]


def resets(cloud):
    """Return the resets that the cloud carried out."""
    return [entry for entry in cloud.writes() if entry.operation == "resetVpnConnection" and entry.applied]


def refused(cloud, connection, method="PUT"):
    cloud.fault(
        "status", path=connection["id"], method=method, status=400, code="VPN.0012", message="address occupied", times=9
    )


def failing(cloud, connections, **options):
    with pytest.raises(_errors.VpnError) as caught:
        run_fleet(cloud, connections, **options)
    return caught.value


# -- deletions --------------------------------------------------------------------------------------------------------


def test_deletions_come_last_and_prune_at_the_very_end(cloud, clock):
    gateway, found = seed(cloud, "gone", "kept", "stray")
    new = new_beside(cloud, found["kept"])
    run_fleet(cloud, [{"name": "gone", "state": "absent"}, pfs("kept"), new], clock=clock, vgw_id=gateway, prune=True)
    assert [name for name, _id in written(cloud)] == [
        "updateVpnConnection",
        "createVpnConnection",
        "deleteVpnConnection",
        "deleteVpnConnection",
    ]
    assert [identifier for _name, identifier in written(cloud)][2:] == [found["gone"]["id"], found["stray"]["id"]]
    deletions = [number for number, entry in enumerate(cloud.journal()) if entry.operation == "deleteVpnConnection"]
    between = [entry.operation for entry in cloud.journal()[: deletions[0]]]
    assert between[-1] == "listVpnConnections", "what was written before is known to be well"


def test_nothing_is_deleted_on_a_gateway_where_something_failed(cloud, clock):
    gateway, found = seed(cloud, "broken", "gone")
    _other, others = seed(cloud, "fine", "leaving")
    refused(cloud, found["broken"])
    wanted = [{"name": "gone", "state": "absent"}, pfs("broken"), pfs("fine"), {"name": "leaving", "state": "absent"}]
    error = failing(cloud, wanted, clock=clock)
    assert error.message.startswith("1 of 4 VPN connections failed: connections[1] (broken): ")
    assert error.message.endswith("; held back because of failures of the same vgw_id: connections[0] (gone)")
    held = error.details["connections"][0]
    assert held["changed"] is False
    assert (
        held["error"]["msg"]
        == "not deleted, because connections[1] (broken), of the same vgw_id, failed; nothing was sent"
    )
    left = {connection["id"] for connection in cloud.connections()}
    assert left == {found["broken"]["id"], found["gone"]["id"], others["fine"]["id"]}
    cloud.clear_faults()
    assert [item["changed"] for item in run_fleet(cloud, wanted, clock=clock)["connections"]] == [
        True,
        True,
        False,
        False,
    ]


def test_a_change_that_does_not_become_stable_holds_prune_back(cloud, clock):
    gateway, found = seed(cloud, "slow", "stray", "stray-2")
    cloud.fault("personality", path=found["slow"]["id"], method="PUT", dwell_update=1000)
    error = failing(cloud, [pfs("slow")], clock=clock, vgw_id=gateway, prune=True, wait_timeout=15)
    assert error.message.startswith("1 of 3 VPN connections failed: ")
    assert "prune stray (%s)" % found["stray"]["id"] in error.message and "prune stray-2 (" in error.message
    assert [name for name, _id in written(cloud)] == ["updateVpnConnection"]


def test_a_deletion_that_failed_holds_prune_back_and_no_other_deletion(cloud, clock):
    gateway, found = seed(cloud, "stuck", "gone", "stray")
    refused(cloud, found["stuck"], "DELETE")
    wanted = [{"name": "stuck", "state": "absent"}, {"name": "gone", "state": "absent"}]
    failing(cloud, wanted, clock=clock, vgw_id=gateway, prune=True)
    assert {connection["name"] for connection in cloud.connections()} == {"stuck", "stray"}


def test_what_looks_like_a_rename_is_refused(cloud):
    gateway, found = seed(cloud, "old", "kept", "other")
    old = found["old"]
    new = {
        "name": "new",
        "vgw_ip": old["vgw_ip"].upper(),
        "cgw_id": old["cgw_id"],
        "psk": KEY,
        "style": "static",
        "peer_subnets": ["192.168.1.0/24"],
    }
    for check_mode in (True, False):
        with pytest.raises(_errors.InvalidInput) as caught:
            run_fleet(cloud, [new, {"name": "kept"}], check_mode, vgw_id=gateway, prune=True)
        assert caught.value.violations == [
            "connections[0] (new): it has the vgw_ip and cgw_id of old (%s), which prune would delete; to rename that one,"
            " give its id" % old["id"]
        ]
    assert cloud.writes() == []
    run_fleet(cloud, [{"id": old["id"], "name": "new"}, {"name": "kept"}], vgw_id=gateway, prune=True)
    assert {connection["name"]: connection["id"] for connection in cloud.connections()} == {
        "new": old["id"],
        "kept": found["kept"]["id"],
    }


def test_a_new_connection_with_another_customer_gateway_is_no_rename(cloud):
    gateway, found = seed(cloud, "old")
    run_fleet(cloud, [new_beside(cloud, found["old"])], vgw_id=gateway, prune=True)
    assert {connection["name"] for connection in cloud.connections()} == {"new"}


# -- resets -----------------------------------------------------------------------------------------------------------

SLOW_TUNNELS = (
    {"reset_down": 8},
    {"reset_down": 8, "reset_pending": False},
    {"reset_down": 8, "lag": 4},
    {"reset_down": 8, "stale_seconds": 4},
    {"reset_down": 0},
    {"reset_down": 8, "gateway_busy": "VPN.0507"},
)


@pytest.mark.parametrize("wait", [True, False])
@pytest.mark.parametrize("switches", SLOW_TUNNELS, ids=str)
def test_of_a_pair_one_is_active_at_every_moment(cloud, clock, switches, wait):
    one, two = pair(cloud, clock, **switches)
    result = run_fleet(cloud, [rotate("one"), rotate("two")], clock=clock, wait=wait)
    assert [item["changed"] for item in result["connections"]] == [True, True]
    assert [("ACTIVE" in seen) for seen in clock.seen].count(False) == 0
    assert {"ACTIVE"} != {status for seen in clock.seen for status in seen}, "the watch saw tunnels go down"
    assert len(resets(cloud)) == 2
    if wait:
        # What reads that lag hide of the last reset comes to its end.
        clock.sleep(10)
        assert [cloud.negotiated(connection["id"])["psk"] for connection in (one, two)] == [NEW_KEY] * 2


def test_where_the_first_does_not_come_back_the_second_is_never_reset(cloud, clock):
    one, two = pair(cloud, clock, reset_down=1e9)
    seed(cloud, "else", status="ACTIVE")
    wanted = [rotate("one"), rotate("two"), pfs("else")]
    error = failing(cloud, wanted, clock=clock, wait_timeout=30)
    assert [entry.path.split("/")[-2] for entry in resets(cloud)] == [one["id"]]
    first, second, third = error.details["connections"]
    assert "was reset, and did not come back within 30 seconds" in first["error"]["msg"]
    assert "its last status was DOWN; the newest entry of its log is: no answer from " in first["error"]["msg"]
    assert first["changed"] is True and first["error"]["reset_required"] is False, "the reset counts as done"
    assert (
        second["error"]["msg"]
        == "not reset, because connections[0] (one), of the same vgw_id, failed; nothing was sent"
    )
    assert second["changed"] is False and third["changed"] is True
    assert error.message.startswith("1 of 3 VPN connections failed: connections[0] (one): ")
    assert error.message.endswith("held back because of failures of the same vgw_id: connections[1] (two)")
    # The second still runs with the key that is configured.
    assert cloud.configured(two["id"])["psk"] == cloud.negotiated(two["id"])["psk"] == KEY
    assert cloud.connection(two["id"])["status"] == "ACTIVE"


def test_a_tunnel_that_stays_down_holds_deletions_back(cloud, clock):
    gateway, _found = seed(cloud, "one", "stray", status="ACTIVE")
    cloud.switch(reset_down=1e9)
    error = failing(
        cloud, [{"name": "one", "reset": "always"}], clock=clock, vgw_id=gateway, prune=True, wait_timeout=30
    )
    assert "held back because of failures of the same vgw_id: prune stray (" in error.message
    assert len(cloud.connections()) == 2


@pytest.mark.parametrize("wait", [True, False])
def test_a_late_cloud_does_not_hide_a_tunnel_that_stays_down(cloud, clock, wait):
    """Reads that still show it up are from before the reset."""
    gateway, _found = seed(cloud, "one", "stray", status="ACTIVE")
    cloud.switch(reset_down=1e9, lag=4)
    failing(
        cloud, [{"name": "one", "reset": "always"}], clock=clock, vgw_id=gateway, prune=True, wait_timeout=30, wait=wait
    )
    assert len(cloud.connections()) == 2


def test_resets_of_several_gateways_do_not_wait_for_each_other(cloud, clock):
    cloud.switch(reset_down=8)
    found = [seed(cloud, "a%d" % number, "b%d" % number, status="ACTIVE")[1] for number in range(2)]
    names = [name for connections in found for name in connections]
    run_fleet(cloud, [{"name": name, "reset": "always"} for name in names], clock=clock)
    order = [entry.path.split("/")[-2] for entry in resets(cloud)]
    gateway_of = {
        connection["id"]: number for number, connections in enumerate(found) for connection in connections.values()
    }
    assert {gateway_of[identifier] for identifier in order[:2]} == {0, 1}


def test_a_tunnel_that_was_down_need_not_come_up(cloud, clock):
    seed(cloud, "one", "two", status="DOWN")
    result = run_fleet(
        cloud, [{"name": "one", "reset": "always"}, {"name": "two", "reset": "always"}], clock=clock, wait_timeout=30
    )
    assert [item["changed"] for item in result["connections"]] == [True, True]


def test_a_refusal_before_anything_was_sent_does_not_hold_the_others_back(cloud, clock):
    one, two = pair(cloud, clock, reset_down=3)
    refused(cloud, one)
    error = failing(cloud, [rotate("one"), rotate("two")], clock=clock)
    assert [("error" in item) for item in error.details["connections"]] == [True, False]
    assert cloud.negotiated(two["id"])["psk"] == NEW_KEY and cloud.negotiated(one["id"])["psk"] == KEY


def test_one_that_fails_after_its_key_was_sent_holds_the_others_back(cloud, clock):
    one, _two = pair(cloud, clock)
    cloud.fault("error_after_update", path=one["id"], method="PUT")
    error = failing(cloud, [rotate("one"), rotate("two")], clock=clock)
    assert resets(cloud) == [] and "connections[1] (two)" in error.message


def test_what_waited_for_its_turn_is_planned_anew(cloud, clock):
    """Minutes may have passed since it was read."""
    one, two = pair(cloud, clock, reset_down=8)
    changed = []

    def somebody_else(entry):
        if entry.operation == "resetVpnConnection" and not changed:
            changed.append(True)
            cloud.set_status(two["id"], "FREEZED")

    cloud.on_request(somebody_else)
    error = failing(cloud, [rotate("one"), rotate("two")], clock=clock)
    assert "is FREEZED: the cloud takes no change" in error.message
    assert len(resets(cloud)) == 1


def test_changes_without_a_reset_do_not_wait_for_a_turn(cloud, clock):
    cloud.switch(reset_down=1e9)
    _gateway, found = seed(cloud, "one", "two", "three", status="ACTIVE")
    error = failing(cloud, [{"name": "one", "reset": "always"}, pfs("two"), pfs("three")], clock=clock, wait_timeout=10)
    assert [("error" in item) for item in error.details["connections"]] == [True, False, False]
    assert cloud.connection(found["three"]["id"])["ipsecpolicy"]["pfs"] == "group20"


# -- plans that cannot be ---------------------------------------------------------------------------------------------


def test_a_dry_run_reports_the_possible_entries_beside_the_impossible_ones(cloud):
    gateway, found = seed(cloud, "same", "changed", "frozen", "fixed", "stray")
    cloud.set_status(found["frozen"]["id"], "FREEZED")
    gone = "98c5af8a-1111-4222-8333-ae2280a6f4c3"
    wanted = [
        {"name": "same"},
        pfs("changed"),
        pfs("frozen"),
        {"name": "fixed", "style": "bgp"},
        {"id": gone},
        {"name": "missing"},
    ]
    for check_mode in (True, False):
        with pytest.raises(_errors.InvalidInput) as caught:
            run_fleet(cloud, wanted, check_mode, vgw_id=gateway, prune=True)
        details = caught.value.details
        assert details["plan_id"] is None
        entries = details["connections"]
        assert [("error" in item) for item in entries] == [False, False, True, True, True, True, False]
        assert [item["changed"] for item in entries] == [False, True, False, False, False, False, True]
        assert [item["name"] for item in entries] == ["same", "changed", "frozen", "fixed", None, "missing", "stray"]
        assert [change["path"] for change in entries[1]["changes"]] == ["ipsecpolicy.pfs"]
        assert entries[4]["error"]["msg"] == "no VPN connection has the id %s" % gone
        assert entries[3]["error"]["msg"].startswith("style is fixed at creation")
        assert [item["before_header"].split()[2] for item in details["diff"]] == ["changed", "stray"]
        assert len(details["errors"]) == 4
    assert cloud.writes() == []


def test_two_entries_for_one_object_are_both_impossible(cloud):
    _gateway, found = seed(cloud, "one", "two")
    with pytest.raises(_errors.InvalidInput) as caught:
        run_fleet(cloud, [{"name": "one"}, {"id": found["one"]["id"]}, pfs("two")], True)
    assert [item.get("error", {}).get("msg") for item in caught.value.details["connections"]] == [
        caught.value.message
    ] * 2 + [None]


def test_an_ambiguous_name_does_not_silence_the_others(cloud):
    seed(cloud, "one", "two")
    seed(cloud, "two")
    with pytest.raises(_errors.InvalidInput) as caught:
        run_fleet(cloud, [pfs("one"), pfs("two")], True)
    first, second = caught.value.details["connections"]
    assert first["changes"] and second["error"]["msg"].startswith("2 VPN connections are named two")


def test_values_of_the_task_are_refused_without_a_request_and_without_plans(cloud):
    seed(cloud, "one")
    with pytest.raises(_errors.InvalidInput) as caught:
        run_fleet(cloud, [pfs("one"), {"name": "two", "nonsense": 1}], True)
    assert cloud.journal() == [] and "connections" not in caught.value.details
