# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Many connections in one task, against the emulator."""

from __future__ import annotations

import json
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.huaweicloud.vpn.plugins.module_utils import _errors
from ansible_collections.huaweicloud.vpn.plugins.module_utils._execute import execute, failure
from ansible_collections.huaweicloud.vpn.plugins.module_utils._planning import plan as planning
from ansible_collections.huaweicloud.vpn.plugins.module_utils._resources.connection import CONNECTION
from ansible_collections.huaweicloud.vpn.plugins.module_utils._secrets import MASK
from ansible_collections.huaweicloud.vpn.plugins.module_utils._work import (
    bulk,
    bulk_outcome,
    scheduler,
    sender,
    waiters,
    writes,
)
from ansible_collections.huaweicloud.vpn.tests.unit.harness.clocks import FastClock, Interrupted
from ansible_collections.huaweicloud.vpn.tests.unit.harness.support import (
    KEY,
    access,
    new_beside,
    run_fleet,
    settings_of,
)

POLICY = {"style": "policy", "policy_rules": [{"source": "10.0.0.0/24", "destination": ["192.168.1.0/24"]}]}


@pytest.fixture(autouse=True, scope="module")
def few_rounds():
    """Let keys go into the ids of plans quickly."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(planning, "KEY_ROUNDS", 10)
        yield


def estate(cloud, gateways, each):
    """Seed gateways with connections, and return [(gateway id, [connection, …]), …]."""
    found = []
    for number in range(gateways):
        gateway = cloud.add_gateway()["id"]
        found.append(
            (
                gateway,
                [
                    cloud.add_connection(name="c%d-%d" % (number, other), vgw_id=gateway, psk=KEY)
                    for other in range(each)
                ],
            )
        )
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
    assert [set(item) for item in result["connections"]] == [{"name", "id", "changed", "action", "changes"}] * 6
    assert [item["name"] for item in result["connections"]] == all_names


def test_unchanged_items_are_shown_in_full_on_request(cloud):
    all_names = names(estate(cloud, 1, 2))
    result = run_fleet(cloud, [{"name": name} for name in all_names], return_unchanged=True)
    assert [item["vpn_connection"]["name"] for item in result["connections"]] == all_names


def test_a_dry_run_says_what_the_run_does(cloud):
    all_names = names(estate(cloud, 3, 4))
    wanted = [
        {"name": name, "ikepolicy": {"dpd": {"timeout": 20 + number % 2}}} for number, name in enumerate(all_names)
    ]
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
    clock = FastClock(speed=1)
    began = clock.now()
    run_fleet(cloud, wanted, clock=clock)
    # A slow machine takes longer to send, and rounds go on meanwhile, but not more often than the scheduler's pauses.
    rounds_while_sending = (clock.now() - began) / scheduler.POLL_WHILE_WRITING
    assert operations(cloud).count("updateVpnConnection") == 100
    assert operations(cloud).count("showVpnConnection") == 0
    assert operations(cloud).count("listVpnConnections") <= 5 + rounds_while_sending


def test_a_whole_life_in_one_task(cloud):
    ((gateway, (rename, gone, rotate)),) = estate(cloud, 1, 3)
    eip = cloud.connection(rename["id"])["vgw_ip"]
    new = dict(
        POLICY,
        name="new",
        vgw_ip=eip,
        cgw_id=cloud.add_customer_gateway()["id"],
        peer_subnets=["192.168.1.0/24"],
        psk=KEY,
    )
    wanted = [
        {"id": rename["id"], "name": "renamed"},
        {"name": gone["name"], "state": "absent"},
        new,
        {"name": rotate["name"], "psk": "Another-Key-2", "update_psk": "always", "reset": "if_required"},
    ]
    dry = run_fleet(cloud, wanted, True, vgw_id=gateway)
    result = run_fleet(cloud, wanted, vgw_id=gateway)
    assert (
        [item["changed"] for item in result["connections"]]
        == [item["changed"] for item in dry["connections"]]
        == [True] * 4
    )
    assert sorted(connection["name"] for connection in cloud.connections()) == sorted(
        ["renamed", "new", rotate["name"]]
    )
    assert cloud.negotiated(rotate["id"])["psk"] == "Another-Key-2"
    assert "Another-Key-2" not in json.dumps(result)
    settled = [dict(item) for item in wanted]
    settled[3].update(update_psk="on_create")
    assert run_fleet(cloud, settled, vgw_id=gateway)["changed"] is False


def test_prune_deletes_what_the_list_does_not_name(cloud):
    (gateway, (kept, dummy, dummy2)), (other, dummy3) = estate(cloud, 2, 3)
    dry = run_fleet(cloud, [{"name": kept["name"]}], True, vgw_id=gateway, prune=True)
    result = run_fleet(cloud, [{"name": kept["name"]}], vgw_id=gateway, prune=True)
    assert (
        [item["changed"] for item in result["connections"]]
        == [item["changed"] for item in dry["connections"]]
        == [False, True, True]
    )
    left = cloud.connections()
    assert [connection["id"] for connection in left if connection["vgw_id"] == gateway] == [kept["id"]]
    assert len([connection for connection in left if connection["vgw_id"] == other]) == 3


def test_violations_of_all_items_are_one_message(cloud):
    found = estate(cloud, 1, 2)
    one, two = names(found)
    with pytest.raises(_errors.InvalidInput) as caught:
        run_fleet(
            cloud,
            [
                {"name": one, "psk": "short"},
                {"peer_subnets": ["x"]},
                {"name": two, "nonsense": 1},
                {"name": one},
                "text",
            ],
        )
    assert str(caught.value).count("connections[") == 6
    assert cloud.journal() == []
    with pytest.raises(_errors.InvalidInput) as caught:
        run_fleet(cloud, [{"name": one, "style": "bgp"}, {"id": found[0][1][0]["id"]}, {"name": "unknown"}])
    assert "connections[0] (c0-0): style is fixed at creation" in str(caught.value)
    assert "connections[0] (c0-0) and connections[1] (%s) name the same VPN connection" % found[0][1][0]["id"] in str(
        caught.value
    )
    assert "connections[2] (unknown): no VPN connection is named unknown" in str(caught.value)
    assert cloud.writes() == []


@pytest.mark.parametrize(
    "one, two",
    [
        ({"id": "A" * 36}, {"id": "a" * 36, "name": "new"}),
        ({"name": "a"}, {"name": "a"}),
        ({"name": "a", "vgw_id": "A" * 36}, {"name": "a", "vgw_id": "a" * 36}),
    ],
    ids=["id", "name", "name within a gateway"],
)
def test_two_items_that_mean_one_object_are_refused_before_any_request(cloud, one, two):
    with pytest.raises(
        _errors.InvalidInput, match=r"connections\[0\] .* and connections\[2\] .* name the same VPN connection"
    ):
        run_fleet(cloud, [one, {"name": "b"}, two])
    assert cloud.journal() == []
    run_fleet(
        cloud,
        [
            {"name": name, "vgw_id": vgw_id, "state": "absent"}
            for name, vgw_id in (("a", "a" * 36), ("a", "b" * 36), ("b", "a" * 36))
        ],
    )


def test_prune_needs_a_gateway(cloud):
    with pytest.raises(_errors.InvalidInput, match="prune needs vgw_id"):
        run_fleet(cloud, [], prune=True)


def test_one_failure_does_not_stop_the_others_and_is_told(cloud):
    found = estate(cloud, 2, 2)
    broken = found[0][1][0]
    cloud.fault(
        "status", path=broken["id"], method="PUT", status=400, code="VPN.0012", message="address occupied", times=9
    )
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
    with pytest.raises(_errors.PlanMismatch, match="intended changes"):
        run_fleet(cloud, wanted[:2], expect_plan=plan_id)
    assert cloud.writes() == []
    assert run_fleet(cloud, wanted, expect_plan=plan_id)["changed"] is True
    assert run_fleet(cloud, wanted, expect_plan=plan_id)["changed"] is False


@pytest.mark.parametrize(
    "switches",
    [
        {"gateway_busy": "VPN.0507"},
        {"rate_limit": 40},
        {"lag": 0.02},
        {"stale_seconds": 0.1},
        {"list_items": "no_policies"},
    ],
    ids=str,
)
def test_busy_slow_and_odd_clouds(cloud, switches):
    all_names = names(estate(cloud, 3, 3))
    cloud.switch(**switches)
    wanted = [{"name": name, "ipsecpolicy": {"pfs": "group20"}, "tags": {"a": "b"}} for name in all_names]
    assert run_fleet(cloud, wanted)["changed"] is True
    assert {connection["ipsecpolicy"]["pfs"] for connection in cloud.connections()} == {"group20"}
    cloud.switch(rate_limit=0)
    assert run_fleet(cloud, wanted)["changed"] is False


# -- which object an item means ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", ["present", "absent"])
def test_a_name_means_the_object_of_its_gateway(cloud, state):
    """Another gateway's connection of the same name is never touched."""
    one, two = (cloud.add_gateway()["id"] for dummy in range(2))
    mine = cloud.add_connection(name="twin", vgw_id=one)["id"]
    other = cloud.add_connection(name="twin", vgw_id=two)["id"]
    lone = cloud.add_connection(name="lone", vgw_id=two)["id"]
    result = run_fleet(
        cloud, [{"name": "twin", "vgw_id": one.upper(), "state": state, "ipsecpolicy": {"pfs": "group20"}}]
    )
    assert [item["id"] for item in result["connections"]] == [mine]
    assert result["changed"] is True
    gone = run_fleet(cloud, [{"name": "lone", "vgw_id": one, "state": "absent"}], prune=False)
    assert gone["changed"] is False
    with pytest.raises(_errors.InvalidInput, match="no VPN connection is named lone"):
        run_fleet(cloud, [{"name": "lone", "vgw_id": one}])
    left = {connection["id"]: connection["ipsecpolicy"]["pfs"] for connection in cloud.connections()}
    assert set(left) == {other, lone} | ({mine} if state == "present" else set())
    assert left[other] == left[lone] == "group15"


def test_a_cloud_that_does_not_narrow_its_list_is_not_believed(cloud, monkeypatch):
    (gateway, (kept, dummy)), (dummy2, others) = estate(cloud, 2, 2)
    true_list = bulk.Api.list
    monkeypatch.setattr(bulk.Api, "list", lambda api, query=(), deadline=None: true_list(api))
    result = run_fleet(cloud, [{"name": kept["name"]}], vgw_id=gateway, prune=True)
    assert [item["changed"] for item in result["connections"]] == [False, True]
    assert {connection["id"] for connection in cloud.connections()} == {kept["id"]} | {other["id"] for other in others}


def test_no_two_objects_get_one_name(cloud):
    ((gateway, (one, two, three)),) = estate(cloud, 1, 3)
    new = dict(
        POLICY,
        name="new",
        vgw_id=gateway,
        vgw_ip=one["vgw_ip"],
        cgw_id=cloud.add_customer_gateway()["id"],
        peer_subnets=["192.168.1.0/24"],
        psk=KEY,
    )
    for wanted in (
        [{"id": one["id"], "name": "x"}, {"id": two["id"], "name": "x"}],
        [{"id": one["id"], "name": two["name"]}, {"name": two["name"]}],
        [new, {"id": one["id"], "name": "new"}],
    ):
        with pytest.raises(
            _errors.InvalidInput, match=r"connections\[0\] .* and connections\[1\] .* would both be named"
        ):
            run_fleet(cloud, wanted)
    assert cloud.writes() == []
    # Names that change hands, and one that becomes free, are something else.
    run_fleet(cloud, [{"id": one["id"], "name": two["name"]}, {"id": two["id"], "name": one["name"]}])
    run_fleet(cloud, [{"id": one["id"], "name": three["name"]}, {"id": three["id"], "state": "absent"}])
    assert {connection["id"]: connection["name"] for connection in cloud.connections()} == {
        one["id"]: three["name"],
        two["id"]: one["name"],
    }


@pytest.mark.parametrize(
    "blank",
    [{}, {"name": ""}, {"name": None, "tags": {}}, "", None, {"ikepolicy": {"dpd": {"timeout": None}}}],
    ids=str,
)
def test_a_blank_entry_is_a_violation_and_nothing_is_pruned_for_it(cloud, blank):
    ((gateway, (one, dummy)),) = estate(cloud, 1, 2)
    with pytest.raises(_errors.InvalidInput) as caught:
        run_fleet(cloud, [blank, {"name": one["name"], "nonsense": 1}], vgw_id=gateway, prune=True)
    assert "connections[0]" in str(caught.value) and "connections[1] (c0-0): unsupported option: nonsense" in str(
        caught.value
    )
    assert cloud.journal() == []


@pytest.mark.parametrize("connections", [None, "", "  "], ids=repr)
def test_a_list_that_is_not_there_prunes_nothing(cloud, connections):
    ((gateway, dummy),) = estate(cloud, 1, 2)
    with pytest.raises(_errors.InvalidInput, match="connections is missing"):
        run_fleet(cloud, connections, vgw_id=gateway, prune=True)
    assert run_fleet(cloud, [], vgw_id=gateway)["changed"] is False
    assert len(run_fleet(cloud, [], vgw_id=gateway, prune=True)["connections"]) == 2
    assert cloud.connections() == []


def test_what_is_wrong_with_the_task_is_said_once(cloud):
    with pytest.raises(_errors.InvalidInput) as caught:
        run_fleet(cloud, [{"name": "a"}, {"name": "b"}], vgw_id="short", concurrency=0, prune=True, wait_timeout=0)
    assert sorted(problem.split()[0] for problem in caught.value.violations) == [
        "concurrency",
        "vgw_id",
        "wait_timeout",
    ]
    gateway = cloud.add_gateway()["id"]
    with pytest.raises(_errors.InvalidInput, match=r"connections\[0\] \(a\): vgw_id is not the vgw_id of the task"):
        run_fleet(cloud, [{"name": "a", "vgw_id": gateway}], vgw_id=gateway[::-1])
    assert cloud.journal() == []


def test_prune_and_odd_states(cloud):
    ((gateway, (frozen, leaving, kept)),) = estate(cloud, 1, 3)
    cloud.set_status(frozen["id"], "FREEZED")
    with pytest.raises(_errors.InvalidInput, match=r"prune c0-0 \(%s\): .*FREEZED" % frozen["id"]):
        run_fleet(cloud, [{"name": kept["name"]}, {"name": leaving["name"]}], vgw_id=gateway, prune=True)
    assert cloud.writes() == []
    cloud.set_status(frozen["id"], "ERROR")
    cloud.set_status(leaving["id"], "PENDING_DELETE")
    result = run_fleet(cloud, [{"name": kept["name"]}], vgw_id=gateway, prune=True)
    assert [item["changed"] for item in result["connections"]] == [False, True, False] or next(
        item["id"] for item in result["connections"]
    ) == kept["id"]
    assert [connection["id"] for connection in cloud.connections()] == [kept["id"]]
    assert [entry.path.rpartition("/")[2] for entry in cloud.writes()] == [frozen["id"]]


# -- any estate, any wishes -------------------------------------------------------------------------------------------

CUSTOMERS = ("5247ae10-1111-4222-8333-dd36659a7f5d", "5247ae10-1111-4222-8333-dd36659a7f5e")
WISHES = (
    "unnamed",
    "as it is",
    "settings",
    "settings by id",
    "renamed",
    "absent",
    "new key",
    "new key and reset",
    "tags",
)


def drawn_wish(data, connection, number):
    """Return what a task asks of a connection that exists (dict), or None when it does not name it."""
    kind = data.draw(st.sampled_from(WISHES))
    named = {"name": connection["name"]}
    if kind in ("settings", "settings by id"):
        found = data.draw(settings_of(connection["style"]))
        found.pop("name", None)
        return dict(found, **({"id": connection["id"]} if kind == "settings by id" else named))
    return {
        "unnamed": None,
        "as it is": named,
        "renamed": {"id": connection["id"], "name": "renamed-%d" % number},
        "absent": dict(named, state="absent"),
        "new key": dict(named, psk="Another-Key-2", update_psk="always"),
        "new key and reset": dict(named, psk="Another-Key-2", update_psk="always", reset="if_required"),
        "tags": dict(named, tags={"a": "b"}, purge_tags=True),
    }[kind]


def drawn_estate(cloud, data):
    """Fill the cloud; return {gateway id: what a task asks of it} and the ids that it names."""
    for customer in CUSTOMERS:
        cloud.add_customer_gateway(id=customer)
    wanted, named = {}, set()
    for number in range(data.draw(st.integers(1, 3))):
        gateway = cloud.add_gateway()
        mine = wanted[gateway["id"]] = []
        for other in range(data.draw(st.integers(0, 3))):
            connection = cloud.add_connection(
                name="c%d-%d" % (number, other),
                vgw_id=gateway["id"],
                psk=KEY,
                style=data.draw(st.sampled_from(("static", "policy", "bgp"))),
                tags=data.draw(st.sampled_from(({}, {"c": "d"}))),
            )
            wish = drawn_wish(data, connection, len(named))
            if wish is not None:
                mine.append(wish)
                named.add(connection["id"])
        for other in range(data.draw(st.integers(0, 2))):
            mine.append(
                {
                    "name": "new%d-%d" % (number, other),
                    "vgw_id": gateway["id"],
                    "vgw_ip": gateway["eip1"]["id"],
                    "cgw_id": CUSTOMERS[other],
                    "psk": KEY,
                    "peer_subnets": ["192.168.1.0/24"],
                    "style": "static",
                }
            )
    return wanted, named


@settings(max_examples=20)
@given(data=st.data(), prune=st.booleans(), concurrency=st.integers(1, 8))
def test_any_wishes_for_any_estate(shared_cloud, data, prune, concurrency):
    cloud = shared_cloud
    cloud.reset()
    # Random rules overlap, and random customers repeat; these refusals have tests of their own.
    cloud.switch(overlapping_rules="accepted", duplicate_pair="accepted", dwell=0.01)
    by_gateway, named = drawn_estate(cloud, data)
    pruned = next(iter(by_gateway)) if prune else None
    within = {"vgw_id": pruned, "prune": True} if prune else {}
    wanted = data.draw(
        st.permutations([item for gateway, items in by_gateway.items() if pruned in (None, gateway) for item in items])
    )
    before = {connection["id"]: connection for connection in cloud.connections()}
    dry = run_fleet(cloud, wanted, True, concurrency=concurrency, return_unchanged=True, **within)
    assert cloud.writes() == []
    result = run_fleet(cloud, wanted, concurrency=concurrency, return_unchanged=True, **within)
    for key in ("changed", "plan_id", "warnings"):
        assert dry[key] == result[key], key
    assert dry["diff"] == result["diff"]
    for one, other in zip(dry["connections"], result["connections"]):
        for key in ("name", "changed", "changes", "psk_updated", "reset_required"):
            assert one[key] == other[key], key
        assert one.get("request_body") == other.get("request_body")
    assert bool(cloud.writes()) == result["changed"]
    # Nothing has changed that was not named, unless it was to go.
    after = {connection["id"]: connection for connection in cloud.connections()}
    for identifier, connection in before.items():
        if prune and connection["vgw_id"] != pruned:
            assert after[identifier] == connection
        elif identifier not in named:
            assert after.get(identifier) == (None if prune else connection)
    assert KEY not in json.dumps([dry, result]) and "Another-Key-2" not in json.dumps([dry, result])
    settled = [dict(item, update_psk="on_create", reset="never") for item in wanted]
    cloud.clear_journal()
    again = run_fleet(cloud, settled, concurrency=concurrency, **within)
    assert (again["changed"], again["diff"]) == (False, [])
    assert set(operations(cloud)) == {"listVpnConnections"}


def test_two_thousand_connections_are_one_request(cloud):
    gateway, customer = cloud.add_gateway()["id"], CUSTOMERS[0]
    for number in range(2000):
        cloud.add_connection(name="c%d" % number, vgw_id=gateway, cgw_id=customer, psk=KEY)
    wanted = [
        {"name": "c%d" % number, "ikepolicy": {"lifetime_seconds": 86400}, "psk": "Example-Key-%d" % number}
        for number in range(2000)
    ]
    started = time.thread_time()
    result = run_fleet(cloud, wanted, clock=FastClock(speed=1))
    assert (result["changed"], len(result["connections"])) == (False, 2000)
    assert operations(cloud) == ["listVpnConnections"]
    assert time.thread_time() - started < 10, "about half a second on an ordinary machine"


# -- a bad day --------------------------------------------------------------------------------------------------------


@pytest.fixture
def clock(cloud, monkeypatch):
    """Return a clock that runs fast, and lets the cloud's run as fast."""
    found = FastClock(speed=20)
    monkeypatch.setattr(cloud.service.clock, "now", found.now)
    cloud.switch(dwell=1)
    return found


def pfs_for(estate_):
    return [{"name": name, "ipsecpolicy": {"pfs": "group20"}} for name in names(estate_)]


def all_have(cloud, pfs="group20"):
    return {connection["ipsecpolicy"]["pfs"] for connection in cloud.connections()} == {pfs}


@pytest.mark.parametrize("retry_after", ["seconds", "absent"])
def test_a_tight_rate_limit_slows_a_task_down_and_does_not_break_it(cloud, clock, retry_after):
    """Fewer requests a second than there are threads: none may come too late every time until its tries are used up."""
    found = estate(cloud, 8, 2)
    cloud.switch(rate_limit=2, rate_limit_retry_after=retry_after, latency=5)
    assert run_fleet(cloud, pfs_for(found), clock=clock)["changed"] is True
    cloud.switch(rate_limit=0)
    assert all_have(cloud)
    writes = cloud.writes()
    refused_ones = [entry for entry in writes if entry.status == 429]
    assert len(writes) - len(refused_ones) == 16
    assert len(refused_ones) <= 2 * 16, "most requests wait their turn"
    tries = [entry.path for entry in writes]
    assert max(tries.count(path) for path in tries) <= 6


def test_all_threads_hold_back_when_one_is_throttled(cloud, clock):
    clock.speed = 10
    found = estate(cloud, 4, 6)
    cloud.switch(latency=10)
    cloud.fault("throttled", method="PUT", skip=5, retry_after=6)
    run_fleet(cloud, pfs_for(found), clock=clock)
    writes = cloud.writes()
    throttled = next(entry for entry in writes if entry.status == 429)
    # What is under way when the cloud answers 429 cannot be called back.
    assert not [entry for entry in writes if throttled.time + 3 < entry.time < throttled.time + 5.5]
    assert [entry for entry in writes if throttled.time + 5.5 < entry.time]
    assert len(writes) == 24 + 1
    assert all_have(cloud)


@pytest.mark.parametrize("applied", [False, True])
@pytest.mark.parametrize("operation", ["updateVpnConnection", "createVpnConnection", "deleteVpnConnection"])
def test_answers_lost_in_the_middle(cloud, clock, operation, applied):
    (gateway, connections), (dummy, others) = estate(cloud, 2, 4)
    wanted = [{"name": connections[0]["name"], "state": "absent"}, {"name": others[0]["name"], "state": "absent"}]
    wanted += [
        {"name": connection["name"], "ipsecpolicy": {"pfs": "group20"}} for connection in connections[1:] + others[1:]
    ]
    wanted += [
        dict(
            POLICY,
            name="new-%d" % number,
            vgw_id=gateway,
            vgw_ip=connections[0]["vgw_ip"],
            cgw_id=cloud.add_customer_gateway()["id"],
            peer_subnets=["192.168.1.0/24"],
            psk=KEY,
            ipsecpolicy={"pfs": "group20"},
        )
        for number in range(2)
    ]
    cloud.fault("connection_reset", operation=operation, skip=1, applied=applied)
    result = run_fleet(cloud, wanted, clock=clock)
    assert result["changed"] is True
    assert all_have(cloud)
    assert sorted(connection["name"] for connection in cloud.connections()) == sorted(
        [connection["name"] for connection in connections[1:] + others[1:]] + ["new-0", "new-1"]
    )
    assert run_fleet(cloud, wanted, clock=clock)["changed"] is False


def failed_items(details):
    return [number for number, item in enumerate(details["connections"]) if "error" in item]


def test_one_goes_to_error_and_the_others_are_done(cloud, clock):
    found = estate(cloud, 2, 3)
    broken = found[1][1][1]
    cloud.fault("error_after_update", path=broken["id"])
    with pytest.raises(_errors.VpnError, match="1 of 6 VPN connections failed: .*went to ERROR") as caught:
        run_fleet(cloud, pfs_for(found), clock=clock)
    details = caught.value.details
    assert failed_items(details) == [4]
    assert details["connections"][4]["changed"] is True
    assert [item["changed"] for item in details["connections"]] == [True] * 6
    assert [change["path"] for change in details["connections"][4]["error"]["changes"]] == ["ipsecpolicy.pfs"]
    assert all_have(cloud)


def test_results_are_complete_when_some_fail(cloud, clock):
    ((gateway, (one, two, three, four)),) = estate(cloud, 1, 4)
    cloud.fault("status", path=two["id"], method="PUT", status=400, code="VPN.0012", message="address occupied")
    cloud.fault("status", operation="createVpnConnection", status=403, code="VPN.0007", message="the quota is used up")
    wanted = pfs_for([(gateway, (one, two))]) + [
        new_beside(cloud, one, **POLICY),
        {"name": three["name"], "state": "absent"},
        {"name": four["name"]},
    ]
    with pytest.raises(_errors.VpnError) as caught:
        run_fleet(cloud, wanted, clock=clock, vgw_id=gateway)
    details = caught.value.details
    assert set(details) == {"changed", "connections", "plan_id", "diff", "warnings", "request_ids"}
    assert [item["changed"] for item in details["connections"]] == [True, False, False, False, False]
    assert [item["name"] for item in details["connections"]] == [
        one["name"],
        two["name"],
        "new",
        three["name"],
        four["name"],
    ]
    assert failed_items(details) == [1, 2, 3]
    assert details["connections"][2]["error"]["status_code"] == 403
    assert set(details["connections"][1]["error"]) >= {
        "msg",
        "error_code",
        "status_code",
        "request_id",
        "method",
        "url",
    }
    assert details["connections"][0]["vpn_connection"]["ipsecpolicy"]["pfs"] == "group20"
    assert details["connections"][3]["error"]["msg"].startswith("not deleted, because connections[1] (c0-1), ")
    assert "connections[1] (c0-1): " in caught.value.message and "connections[2] (new): " in caught.value.message


def test_when_many_fail_the_message_names_twenty_and_the_results_all(cloud, clock):
    found = estate(cloud, 2, 15)
    cloud.fault("status", method="PUT", status=400, code="VPN.0012", message="address occupied", times=None)
    with pytest.raises(_errors.VpnError) as caught:
        run_fleet(cloud, pfs_for(found), clock=clock)
    assert caught.value.message.startswith("30 of 30 VPN connections failed: ")
    assert caught.value.message.count("address occupied") == bulk_outcome.MAX_FAILURES_SHOWN
    assert [name for name in names(found) if "(%s)" % name in caught.value.message] == names(found)[:20]
    assert caught.value.message.endswith(", 10 more")
    assert failed_items(caught.value.details) == list(range(30))
    assert caught.value.details["changed"] is False


@pytest.mark.parametrize(
    "fault, times",
    [({"kind": "server_error", "status": 503}, 2), ({"kind": "html"}, 1), ({"kind": "throttled"}, 2)],
    ids=str,
)
def test_a_list_that_fails_in_a_round_is_asked_again(cloud, clock, fault, times):
    found = estate(cloud, 2, 2)
    cloud.fault(operation="listVpnConnections", skip=1, times=times, **fault)
    assert run_fleet(cloud, pfs_for(found), clock=clock, max_retries=0)["changed"] is True
    assert all_have(cloud)


def test_a_list_that_is_refused_in_a_round_ends_the_waiting(cloud, clock, monkeypatch):
    # On a slow machine there might be one after each write.
    monkeypatch.setattr(scheduler, "POLL_WHILE_WRITING", float("inf"))
    found = estate(cloud, 2, 2)
    cloud.fault(
        "status",
        operation="listVpnConnections",
        skip=1,
        status=403,
        code="VPN.0003",
        message="no permission",
        times=None,
    )
    with pytest.raises(_errors.VpnError, match="4 of 4 VPN connections failed: .*no permission") as caught:
        run_fleet(cloud, pfs_for(found), clock=clock)
    # What is found, and one round.
    assert operations(cloud).count("listVpnConnections") == 2
    assert caught.value.details["changed"] is True
    assert all("changes" in item["error"] for item in caught.value.details["connections"])


def test_lists_that_fail_for_good_end_with_the_time_that_each_has(cloud, clock):
    found = estate(cloud, 1, 2)
    cloud.fault("server_error", operation="listVpnConnections", skip=1, times=None)
    with pytest.raises(_errors.VpnError, match="2 of 2 VPN connections failed") as caught:
        run_fleet(cloud, pfs_for(found), clock=clock, max_retries=0, wait_timeout=5)
    assert [item["error"]["status_code"] for item in caught.value.details["connections"]] == [503, 503]


def test_one_that_does_not_come_to_rest_in_time(cloud, clock):
    found = estate(cloud, 2, 2)
    slow = found[0][1][0]
    cloud.fault("personality", path=slow["id"], method="PUT", dwell_update=1000)
    late = (
        "1 of 4 VPN connections failed: .*did not become stable within 15 seconds; its last status was PENDING_UPDATE"
    )
    with pytest.raises(_errors.VpnError, match=late) as caught:
        run_fleet(cloud, pfs_for(found), clock=clock, wait_timeout=15)
    assert failed_items(caught.value.details) == [0]


def test_a_long_queue_does_not_use_up_the_time_of_those_sent_first(cloud, clock):
    found = estate(cloud, 1, 12)
    cloud.switch(latency=40)
    result = run_fleet(cloud, pfs_for(found), clock=clock, wait_timeout=3)
    assert [item["changed"] for item in result["connections"]] == [True] * 12


def test_those_sent_first_are_looked_at_while_a_long_queue_is_sent(cloud, monkeypatch):
    monkeypatch.setattr(scheduler, "LONGEST_POLL_PAUSE", 0.05)
    found = estate(cloud, 1, 12)
    cloud.switch(latency=20)
    run_fleet(cloud, pfs_for(found), clock=FastClock(speed=20))
    seen = operations(cloud)
    last_write = max(number for number, name in enumerate(seen) if name == "updateVpnConnection")
    assert "listVpnConnections" in seen[2:last_write]


@pytest.mark.parametrize("code", ["VPN.0016", "VPN.0507", "VPN.0003"])
def test_busy_gateways_are_waited_for(cloud, clock, code):
    found = estate(cloud, 2, 4)
    cloud.switch(gateway_busy=code)
    assert run_fleet(cloud, pfs_for(found), clock=clock)["changed"] is True
    assert all_have(cloud)


def test_found_pending_ones_are_waited_out_and_planned_anew(cloud, clock):
    found = estate(cloud, 2, 2)
    pending, leaving = found[0][1][0], found[1][1][0]
    cloud.set_status(pending["id"], "PENDING_UPDATE", settle_after=float("inf"))
    cloud.set_status(leaving["id"], "PENDING_DELETE", settle_after=float("inf"))
    wanted = pfs_for(found)
    wanted[2] = {"name": leaving["name"], "state": "absent"}
    dry = run_fleet(cloud, wanted, True, clock=clock)
    assert [warning for warning in dry["warnings"] if "the plan may change" in warning]
    assert cloud.writes() == []
    cloud.clear_journal()

    def settle():
        cloud.set_status(pending["id"], "ACTIVE")
        cloud.remove_connection(leaving["id"])

    result = run_fleet(cloud, wanted, clock=Interrupted(settle, speed=20))
    assert [item["changed"] for item in result["connections"]] == [True, True, False, True]
    assert all_have(cloud)
    # That one is gone is not believed of a list that leaves it out.
    assert {entry.path.rpartition("/")[2] for entry in cloud.journal() if entry.operation == "showVpnConnection"} == {
        leaving["id"]
    }


def test_a_part_of_an_approved_plan_that_moves_while_pending_is_not_carried_out(cloud, clock):
    ((dummy, (pending, other)),) = found = estate(cloud, 1, 2)
    cloud.set_status(pending["id"], "PENDING_UPDATE", settle_after=float("inf"))
    approved = run_fleet(cloud, pfs_for(found), True, clock=clock)["plan_id"]

    def somebody_else():
        cloud.set_status(pending["id"], "ACTIVE")
        run_fleet(cloud, [{"id": pending["id"], "ipsecpolicy": {"pfs": "group2"}}], clock=clock)

    with pytest.raises(_errors.VpnError, match="1 of 2 .*the plan is not the approved one") as caught:
        run_fleet(cloud, pfs_for(found), clock=Interrupted(somebody_else, speed=20), expect_plan=approved)
    assert failed_items(caught.value.details) == [0]
    assert cloud.connection(pending["id"])["ipsecpolicy"]["pfs"] == "group2"
    assert cloud.connection(other["id"])["ipsecpolicy"]["pfs"] == "group20"


def test_the_gateway_of_new_connections_is_read_once(cloud, clock):
    """Whether they need subnets depends on it."""
    gateway = cloud.add_gateway(attachment_type="er")
    new = [
        {
            "name": "new-%d" % number,
            "vgw_id": gateway["id"],
            "vgw_ip": gateway["eip1"]["id"],
            "style": "bgp",
            "psk": KEY,
            "cgw_id": cloud.add_customer_gateway()["id"],
        }
        for number in range(3)
    ]
    run_fleet(cloud, new, True, clock=clock)
    assert sorted(operations(cloud)) == ["listVpnConnections", "showQuotas", "showVpnGateway"]


def test_without_waiting_there_is_one_list(cloud, clock):
    found = estate(cloud, 2, 2)
    cloud.switch(dwell=1000)
    result = run_fleet(cloud, pfs_for(found) + [], clock=clock, wait=False)
    assert sorted(operations(cloud)) == ["listVpnConnections"] + ["updateVpnConnection"] * 4
    assert [item["vpn_connection"]["ipsecpolicy"]["pfs"] for item in result["connections"]] == ["group20"] * 4
    assert {connection["status"] for connection in cloud.connections()} == {"PENDING_UPDATE"}


def test_a_read_that_fails_while_planning_ends_the_task_at_once(cloud, clock):
    """Not one try for each of thousands: nothing was written, and the next read would fail as well."""
    found = estate(cloud, 1, 5)
    cloud.switch(list_items="no_policies")
    cloud.fault("server_error", operation="showVpnConnection", times=None)
    with pytest.raises(_errors.ApiError, match="HTTP 503") as caught:
        run_fleet(cloud, pfs_for(found), clock=clock, max_retries=1)
    assert caught.value.message.startswith("connections[0] (c0-0): ")
    assert caught.value.details["status_code"] == 503
    assert operations(cloud).count("showVpnConnection") == 2


# -- bugs of ours, and the end from outside ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "owner, method",
    [(writes.Writes, "send_body"), (sender.Sender, "persist"), (waiters.UntilStable, "check")],
)
def test_a_bug_in_one_item_is_told_as_its_failure_and_the_others_are_done(cloud, clock, monkeypatch, owner, method):
    found = estate(cloud, 2, 3)
    victim = found[0][1][1]["id"]
    right = getattr(owner, method)

    def wrong(self, *arguments):
        if victim in getattr(self, "progress", self).what:
            raise KeyError("a bug")
        return right(self, *arguments)

    monkeypatch.setattr(owner, method, wrong)
    with pytest.raises(
        _errors.VpnError, match="1 of 6 VPN connections failed: .*internal error, please report it: KeyError: 'a bug'"
    ) as caught:
        run_fleet(cloud, pfs_for(found), clock=clock)
    assert failed_items(caught.value.details) == [1]
    others = [connection for connection in cloud.connections() if connection["id"] != victim]
    assert {connection["ipsecpolicy"]["pfs"] for connection in others} == {"group20"}


def test_a_task_that_is_ended_from_outside_begins_nothing_more(cloud, monkeypatch):
    found = estate(cloud, 1, 30)
    cloud.switch(latency=20)

    def ended(*arguments):
        raise KeyboardInterrupt

    monkeypatch.setattr(scheduler, "_PollSchedule", ended)
    with pytest.raises(KeyboardInterrupt):
        run_fleet(cloud, pfs_for(found))
    assert len(cloud.writes()) <= 2


# -- approval ---------------------------------------------------------------------------------------------------------


def test_an_approved_plan_that_moved_is_shown_as_it_is_now(cloud):
    found = estate(cloud, 1, 2)
    wanted = [dict(item, psk="Another-Key-2", update_psk="always") for item in pfs_for(found)]
    approved = run_fleet(cloud, wanted, True)["plan_id"]
    assert approved.startswith("v1.") and run_fleet(cloud, wanted, True)["plan_id"] == approved
    for check_mode in (True, False):
        with pytest.raises(_errors.PlanMismatch, match="the intended changes moved; nothing was sent") as caught:
            run_fleet(cloud, [dict(wanted[0], psk="Another-Key-3"), wanted[1]], check_mode, expect_plan=approved)
        assert [item["changed"] for item in caught.value.details["connections"]] == [True, True]
        assert len(caught.value.details["diff"]) == 2
        with pytest.raises(
            _errors.PlanMismatch, match="the found state and the intended changes moved|the found state moved"
        ):
            run_fleet(cloud, wanted[::-1], check_mode, expect_plan=approved)
    assert cloud.writes() == []
    # Of a plan that is not carried out nothing is left over: the approved one still fits.
    assert run_fleet(cloud, wanted, expect_plan=approved)["plan_id"] == approved


def test_check_mode_never_writes(cloud):
    ((gateway, (one, two, three)),) = estate(cloud, 1, 3)
    cloud.set_status(three["id"], "PENDING_DELETE")
    wanted = [
        new_beside(cloud, one, **POLICY),
        {"name": one["name"], "state": "absent"},
        {"name": three["name"], "reset": "always", "psk": KEY, "update_psk": "always"},
    ]
    wanted[2].update(vgw_ip=three["vgw_ip"], cgw_id=three["cgw_id"], peer_subnets=["192.168.1.0/24"])
    result = run_fleet(cloud, wanted, True, vgw_id=gateway, prune=True, reset_after=None)
    assert [item["changed"] for item in result["connections"]] == [True, True, True, True]
    assert result["connections"][3]["id"] == two["id"]
    assert operations(cloud) == ["listVpnConnections", "showQuotas"]


# -- secrets ----------------------------------------------------------------------------------------------------------


def shown(cloud, connections, check_mode=False, **options):
    """Return all that a shell shows of a task: the result and what core logs of its arguments (str)."""
    arguments = dict(access(cloud), connections=connections, **options)
    try:
        request = bulk.enter(CONNECTION, arguments, {})
    except _errors.InvalidInput as refusal:
        return json.dumps(failure(refusal))
    logged = [request.logged(CONNECTION, verbosity) for verbosity in (0, 3)]
    return json.dumps([execute(bulk, CONNECTION, request, check_mode, True, FastClock(), "tests"), logged])


@pytest.mark.parametrize("check_mode", [True, False])
def test_no_key_is_ever_shown(cloud, check_mode):
    found = estate(cloud, 2, 3)
    keys = ["Secret-Key-%d%d" % (number, number) for number in range(7)]
    wanted = [dict(item, psk=key, update_psk="always", reset="if_required") for item, key in zip(pfs_for(found), keys)]
    wanted.append(
        dict(
            POLICY,
            name="new",
            vgw_id=found[0][0],
            vgw_ip=found[0][1][0]["vgw_ip"],
            cgw_id=cloud.add_customer_gateway()["id"],
            peer_subnets=["192.168.1.0/24"],
            psk=keys[6],
        )
    )
    # Clouds that repeat what was sent to them, in a refusal and in an answer.
    cloud.fault(
        "status",
        path=found[0][1][0]["id"],
        method="PUT",
        status=400,
        code="VPN.0001",
        message="psk %s is bad" % keys[0],
    )
    cloud.fault(
        "status",
        path=found[1][1][0]["id"],
        method="PUT",
        status=400,
        code="VPN.0001",
        message="bad",
        extra={"psk": keys[3]},
    )
    text = shown(cloud, wanted, check_mode)
    assert not [key for key in keys if key in text]
    assert cloud.secret_key not in text
    assert check_mode or "2 of 7 VPN connections failed" in text
    wanted[0]["peer_subnets"] = "nonsense"
    text = shown(cloud, wanted, check_mode)
    assert "connections[0]" in text and not [key for key in keys if key in text]


def test_core_gets_the_items_in_outline_unless_it_shows_them(cloud):
    """It copies the arguments of a task around with each result, whether or not it shows them."""
    wanted = [
        {"name": "a", "psk": KEY, "ikepolicy": {"dpd": {"timeout": 20}}},
        {"vpn_connection_id": "A" * 36, "peer_subnets": ["10.1.0.0/16"]},
    ]
    request = bulk.enter(CONNECTION, dict(access(cloud), connections=wanted), {})
    outline = [{"name": "a"}, {"vpn_connection_id": "A" * 36}]
    assert [request.logged(CONNECTION, verbosity)["connections"] for verbosity in (0, 2)] == [outline] * 2
    assert request.logged(CONNECTION, 3)["connections"][0] == dict(wanted[0], psk=MASK)


def test_what_is_accepted_only_to_be_ignored_is_not_logged(cloud):
    """The text of a device's configuration holds the key."""
    found = estate(cloud, 1, 1)
    text = shown(cloud, [dict(pfs_for(found)[0], peer_configuration="pre-shared-key Some-Other-Key-9", psk=KEY)])
    assert "Some-Other-Key-9" not in text and KEY not in text


# -- what a list leaves out, and reads that fail ----------------------------------------------------------------------


def leaves_out(monkeypatch, identifiers):
    """Let every list leave out the objects with these ids (a set, which may change)."""
    right = bulk.Api.listing
    monkeypatch.setattr(
        bulk.Api,
        "listing",
        lambda api, *arguments, **more: (
            [item for item in right(api, *arguments, **more)[0] if item["id"] not in identifiers],
            None,
        ),
    )


@pytest.mark.parametrize("state", ["present", "absent"])
def test_a_list_that_leaves_one_out_is_no_proof_that_it_does_not_exist(cloud, clock, monkeypatch, state):
    ((dummy, (one, two)),) = estate(cloud, 1, 2)
    leaves_out(monkeypatch, {one["id"]})
    result = run_fleet(
        cloud,
        [dict(item, id=found["id"], state=state) for item, found in zip(pfs_for([(0, (one, two))]), (one, two))],
        clock=clock,
    )
    assert [item["changed"] for item in result["connections"]] == [True, True]
    assert cloud.connections() == [] if state == "absent" else all_have(cloud)


def test_a_list_that_leaves_one_out_is_no_proof_that_it_is_gone(cloud, clock, monkeypatch):
    ((dummy, (one, two)),) = estate(cloud, 1, 2)
    hidden = set()
    leaves_out(monkeypatch, hidden)
    cloud.on_request(lambda entry: hidden.add(one["id"]) if entry.write else None)
    cloud.switch(dwell=60)
    try:
        with pytest.raises(_errors.VpnError, match="2 of 2 .*still there 5 seconds after its deletion began"):
            run_fleet(
                cloud,
                [{"name": one["name"], "state": "absent"}, {"name": two["name"], "state": "absent"}],
                clock=clock,
                wait_timeout=5,
            )
    finally:
        cloud.service.listeners.clear()


def test_what_a_list_leaves_out_for_good_is_read_by_itself(cloud, clock, monkeypatch):
    found = estate(cloud, 1, 2)
    leaves_out(monkeypatch, {found[0][1][0]["id"]})
    wanted = [dict(item, id=one["id"]) for item, one in zip(pfs_for(found), found[0][1])]
    assert run_fleet(cloud, wanted, clock=clock)["changed"] is True
    assert all_have(cloud)


def test_an_object_of_another_gateway_is_not_taken_for_one_that_a_list_left_out(cloud, clock):
    (gateway, dummy), (dummy2, (other,)) = estate(cloud, 2, 1)
    assert run_fleet(cloud, [{"id": other["id"], "state": "absent"}], clock=clock, vgw_id=gateway)["changed"] is False
    assert len(cloud.connections()) == 2


@pytest.mark.parametrize(
    "fault",
    [{"kind": "server_error", "status": 503}, {"kind": "throttled"}, {"kind": "html"}],
    ids=lambda fault: fault["kind"],
)
def test_a_read_of_one_that_fails_in_a_round_is_ridden_out(cloud, clock, monkeypatch, fault):
    ((dummy, (one, two)),) = estate(cloud, 1, 2)
    cloud.fault(operation="showVpnConnection", times=3, **fault)
    wanted = [{"name": connection["name"], "state": "absent"} for connection in (one, two)]
    assert run_fleet(cloud, wanted, clock=clock, max_retries=0)["changed"] is True
    assert cloud.connections() == []


def test_a_throttled_list_does_not_outlast_the_wait(cloud):
    found = estate(cloud, 1, 2)
    clock = FastClock(speed=10)
    cloud.fault("throttled", operation="listVpnConnections", skip=1, times=None, retry_after=100)
    began = clock.now()
    with pytest.raises(_errors.VpnError, match="2 of 2 VPN connections failed") as caught:
        run_fleet(cloud, pfs_for(found), clock=clock, wait_timeout=20)
    assert clock.now() - began < 90
    assert caught.value.details["changed"] is True


def test_a_list_of_the_wrong_shape_in_a_round_keeps_what_was_written(cloud, clock, monkeypatch):
    found = estate(cloud, 1, 2)
    right = bulk.Api.listing
    monkeypatch.setattr(
        bulk.Api,
        "listing",
        lambda api, *arguments, **more: (["text"], 1) if cloud.writes() else right(api, *arguments, **more),
    )
    wanted = [dict(item, psk="Another-Key-2", update_psk="always") for item in pfs_for(found)]
    with pytest.raises(_errors.VpnError, match="2 of 2 VPN connections failed: .*internal error") as caught:
        run_fleet(cloud, wanted, clock=clock)
    assert caught.value.details["changed"] is True
    written = [item["error"] for item in caught.value.details["connections"] if item["changed"]]
    assert written and all(error["reset_required"] and error["changes"] and error["request_ids"] for error in written)


def test_violations_beyond_twenty_are_in_a_list(cloud):
    with pytest.raises(_errors.InvalidInput, match="\nand 5 more$") as caught:
        run_fleet(cloud, [{"name": "c%d" % number, "nonsense": 1} for number in range(25)])
    assert caught.value.message.count("connections[") == 20
    assert len(caught.value.details["errors"]) == 25
