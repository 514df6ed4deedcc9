# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a task gives in people's words: entries to add or remove, names instead of identifiers, defaults beneath entries."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.huaweicloud.vpn.plugins.module_utils import _errors
from ansible_collections.huaweicloud.vpn.plugins.module_utils._execute import execute
from ansible_collections.huaweicloud.vpn.plugins.module_utils._planning import plan as planning
from ansible_collections.huaweicloud.vpn.plugins.module_utils._resources.connection import CONNECTION
from ansible_collections.huaweicloud.vpn.plugins.module_utils._secrets import MASK
from ansible_collections.huaweicloud.vpn.plugins.module_utils._work import bulk, info
from ansible_collections.huaweicloud.vpn.tests.unit.harness.clocks import FastClock
from ansible_collections.huaweicloud.vpn.tests.unit.harness.convergence import assert_converges
from ansible_collections.huaweicloud.vpn.tests.unit.harness.creations import new
from ansible_collections.huaweicloud.vpn.tests.unit.harness.support import (
    KEY,
    access,
    networks,
    rules,
    run_fleet,
    run_task,
)

NETS = ["192.168.1.0/24", "192.168.2.0/24"]
RULES = [{"source": "10.0.0.0/24", "destination": NETS}, {"source": "10.1.0.0/24", "destination": NETS[:1]}]
SPLITTING = {"rules_form": "split", "answer_lists": "reversed", "list_order": "shuffled"}
SUBNETS, POLICY_RULES = CONNECTION.managed["peer_subnets"], CONNECTION.managed["policy_rules"]


@pytest.fixture(autouse=True, scope="module")
def few_rounds():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(planning, "KEY_ROUNDS", 10)
        yield


def operations(cloud):
    return [entry.operation for entry in cloud.journal()]


def pairs(value):
    """Return policy rules as what they protect, whatever their order and splitting."""
    return {(rule["source"], item) for rule in POLICY_RULES.kind.normalize(value) for item in rule["destination"]}


# -- the algebra of lists ---------------------------------------------------------------------------------------------


@given(found=st.lists(networks(), max_size=6), wanted=st.lists(networks(), max_size=6))
def test_networks_are_added_and_removed(found, wanted):
    kind = SUBNETS.kind
    have, given_ = kind.normalize(found), kind.normalize(wanted)
    added, removed = SUBNETS.resulting("add", given_, have), SUBNETS.resulting("remove", given_, have)
    assert set(added) == set(have) | set(given_) and added == kind.normalize(added)
    assert set(removed) == set(have) - set(given_) and removed == kind.normalize(removed)
    assert SUBNETS.resulting("add", given_, added) == added
    assert SUBNETS.resulting("remove", given_, removed) == removed
    assert kind.normalize(found[::-1]) == have


@given(found=rules(), wanted=rules(), data=st.data())
def test_rules_are_added_and_removed_whatever_their_order_and_splitting(found, wanted, data):
    kind = POLICY_RULES.kind
    split = [{"source": rule["source"], "destination": [item]} for rule in found for item in rule["destination"]]
    have, given_ = kind.normalize(data.draw(st.permutations(split))), kind.normalize(wanted)
    assert have == kind.normalize(found)
    added, removed = POLICY_RULES.resulting("add", given_, have), POLICY_RULES.resulting("remove", given_, have)
    assert pairs(added) == pairs(found) | pairs(wanted) and added == kind.normalize(added)
    assert pairs(removed) == pairs(found) - pairs(wanted) and removed == kind.normalize(removed)
    assert POLICY_RULES.resulting("add", given_, added) == added
    assert POLICY_RULES.resulting("remove", given_, removed) == removed


@given(found=rules(), data=st.data())
def test_a_rule_without_destinations_removes_its_source_and_no_other(found, data):
    kind, source = POLICY_RULES.kind, data.draw(st.sampled_from(found))["source"]
    have, unwanted = kind.normalize(found), kind.normalize([{"source": source}])
    left = POLICY_RULES.resulting("remove", unwanted, have)
    assert pairs(left) == {pair for pair in pairs(found) if pair[0] != unwanted[0]["source"]}


@pytest.mark.parametrize("switches", [{}, SPLITTING, {"rules_form": "split", "list_items": "no_policies"}])
@pytest.mark.parametrize(
    "list_mode, given_, wanted",
    [
        ("add", [{"source": "10.1.0.7/24", "destination": NETS[1:]}], pairs(RULES) | {("10.1.0.0/24", NETS[1])}),
        ("add", RULES[:1], None),
        ("add", [], None),
        ("remove", [], None),
        ("remove", [{"source": "10.9.0.0/24"}], None),
        ("remove", [{"source": "10.0.0.0/16"}, {"source": "10.0.0.0/24", "destination": ["192.168.0.0/16"]}], None),
        ("remove", [{"source": "10.0.0.0/24", "destination": NETS[:1]}], pairs(RULES) - {("10.0.0.0/24", NETS[0])}),
        ("remove", [{"source": "10.0.0.0/24"}], pairs(RULES[1:])),
    ],
)
def test_rules_in_one_task(cloud, switches, list_mode, given_, wanted):
    cloud.switch(**switches)
    found = cloud.add_connection(name="office", style="policy", policy_rules=RULES, psk=KEY)
    arguments = {"name": "office", "list_mode": list_mode, "policy_rules": given_}
    result = assert_converges(cloud, arguments, changes=wanted is not None)
    assert pairs(cloud.configured(found["id"])["policy_rules"]) == (wanted or pairs(RULES))
    if wanted:
        assert pairs(result["request_body"]["vpn_connection"]["policy_rules"]) == wanted
        assert [change["path"] for change in result["changes"]] == ["policy_rules"]


@pytest.mark.parametrize(
    "path, nets", [("peer_subnets", NETS), ("peer_subnets_v6", ["2001:db8:1::/64", "2001:db8:2::/64"])]
)
def test_networks_in_many(cloud, path, nets):
    gateway = cloud.add_gateway(ip_version="ipv6" if path.endswith("6") else "ipv4")["id"]
    for number in range(2):
        cloud.add_connection(name="c%d" % number, vgw_id=gateway, psk=KEY, **{path: nets[:1]})
    entries = [{"name": "c0", "list_mode": "add"}, {"name": "c1", "list_mode": "remove", path: nets[1:]}]
    result = run_fleet(cloud, entries, defaults={path: nets})
    assert [one["changed"] for one in result["connections"]] == [True, False]
    (change,) = result["connections"][0]["changes"]
    assert (change["path"], change["before"], change["after"]) == (path, nets[:1], nets)
    assert run_fleet(cloud, entries, defaults={path: nets})["changed"] is False


@pytest.mark.parametrize(
    "arguments, sentence",
    [
        (
            {"list_mode": "add", "peer_subnets": ["10.7.0.0/24"]},
            "peer_subnets has 51 networks; at most 50 are possible",
        ),
        (
            {"list_mode": "remove", "peer_subnets": ["10.0.%d.0/24" % number for number in range(60)]},
            "peer_subnets cannot be emptied: the API documents no way to clear it",
        ),
    ],
)
def test_limits_hold_for_the_result(cloud, arguments, sentence):
    cloud.add_connection(name="office", psk=KEY, peer_subnets=["10.0.%d.0/24" % number for number in range(50)])
    with pytest.raises(_errors.InvalidInput) as caught:
        run_task(cloud, dict(arguments, name="office"))
    assert caught.value.violations == [sentence]
    assert cloud.writes() == []


def test_added_at_creation(cloud):
    arguments = new(cloud)
    made = run_task(cloud, dict(arguments, list_mode="add"))
    assert made["vpn_connection"]["peer_subnets"] == arguments["peer_subnets"]
    with pytest.raises(_errors.InvalidInput) as caught:
        run_task(cloud, dict(arguments, name="other", list_mode="remove"))
    assert caught.value.violations == ["list_mode is remove, but there is no VPN connection to remove anything from"]


# -- names ------------------------------------------------------------------------------------------------------------


def pair(cloud, **members):
    """Seed a gateway and a customer gateway with names."""
    gateway = cloud.add_gateway(name="hq", **members)
    return gateway, cloud.add_customer_gateway(name="branch")


@pytest.mark.parametrize("word", ["eip1", "eip2", "address"])
def test_a_creation_by_names(cloud, word):
    gateway, customer = pair(cloud)
    cloud.add_gateway(name="HQ"), cloud.add_customer_gateway(name="Branch")
    wanted = gateway["eip2" if word == "eip2" else "eip1"]
    arguments = dict(new(cloud, gateway=gateway), vgw_name="hq", customer_gateway_name="branch")
    arguments["vgw_ip"] = wanted["ip_address"] if word == "address" else word
    del arguments["vgw_id"], arguments["cgw_id"]
    cloud.clear_journal()
    dry, result = run_task(cloud, arguments, check_mode=True), run_task(cloud, arguments)
    assert (dry["plan_id"], dry["diff"], dry["request_body"]) == (
        result["plan_id"],
        result["diff"],
        result["request_body"],
    )
    assert run_task(cloud, arguments)["changed"] is False
    result = result["vpn_connection"]
    assert (result["vgw_id"], result["cgw_id"], result["vgw_ip"]) == (gateway["id"], customer["id"], wanted["id"])


def test_names_in_many_are_one_list_of_each_kind(cloud):
    gateway, customer = pair(cloud)
    entries = []
    for number in range(4):
        cloud.add_connection(
            name="c%d" % number, vgw_id=gateway["id"], vgw_ip=gateway["eip1"]["id"], psk=KEY, cgw_id=customer["id"]
        )
        entries.append({"name": "c%d" % number})
    defaults = {"vgw_name": "hq", "cgw_name": "branch", "vgw_ip": "eip1"}
    cloud.clear_journal()
    assert run_fleet(cloud, entries, defaults=defaults)["changed"] is False
    assert sorted(operations(cloud)) == ["listCustomerGateways", "listVpnConnections", "listVpnGateways"]


def test_identifiers_need_no_list(cloud):
    gateway, customer = pair(cloud)
    private = cloud.add_gateway(network_type="private")
    ids = {"vgw_id": gateway["id"], "cgw_id": customer["id"], "vgw_ip": gateway["eip1"]["id"]}
    cloud.add_connection(name="c", psk=KEY, **ids)
    cloud.add_connection(name="p", psk=KEY, vgw_id=private["id"], vgw_ip="10.0.0.9")
    cloud.clear_journal()
    assert run_fleet(cloud, [dict(ids, name="c"), {"name": "p", "vgw_ip": "10.0.0.9"}])["changed"] is False
    assert run_task(cloud, dict(ids, name="c"))["changed"] is False
    assert set(operations(cloud)) == {"listVpnConnections"}


@pytest.mark.parametrize("many", [False, True])
def test_names_that_mean_none_or_several(cloud, many):
    gateway, _customer = pair(cloud)
    twins = [cloud.add_customer_gateway(name="twin")["id"] for _dummy in range(2)]
    found = cloud.add_connection(name="c", vgw_id=gateway["id"], vgw_ip=gateway["eip1"]["id"], psk=KEY)

    def message(**arguments):
        with pytest.raises(_errors.VpnError) as caught:
            run_fleet(cloud, [dict(arguments, name="c")]) if many else run_task(cloud, dict(arguments, name="c"))
        return caught.value.message

    text = message(vgw_name="hp")
    assert "vgw_name: no VPN gateway is named hp; there are " in text and "hq (%s)" % gateway["id"] in text
    text = message(cgw_name="twin")
    assert "cgw_name: 2 customer gateways are named twin: " in text and all(twin in text for twin in twins)
    assert text.endswith("; give cgw_id")
    text = message(vgw_ip="203.0.113.250")
    assert "the VPN gateway %s has no 203.0.113.250; it has eip1 (" % gateway["id"] in text
    assert cloud.writes() == [] and cloud.connection(found["id"])


def test_what_shall_be_gone_needs_only_what_it_is_found_by(cloud):
    gateway, _customer = pair(cloud)
    cloud.add_connection(name="c", vgw_id=gateway["id"], psk=KEY)
    cloud.add_connection(name="c", psk=KEY)
    result = run_task(cloud, {"name": "c", "state": "absent", "vgw_name": "hq", "cgw_name": "none", "vgw_ip": "eip1"})
    assert result["changed"] and [one["vgw_id"] != gateway["id"] for one in cloud.connections()] == [True]


def test_a_named_gateway_that_is_not_the_tasks(cloud):
    pair(cloud)
    other = cloud.add_gateway(name="other")
    with pytest.raises(_errors.InvalidInput) as caught:
        run_fleet(cloud, [{"name": "c", "vgw_name": "hq"}], vgw_id=other["id"])
    assert "and not the vgw_id of the task" in caught.value.violations[0]


# -- defaults ---------------------------------------------------------------------------------------------------------


def planned(cloud, entries, defaults, **options):
    """Return what a task wants of each entry."""
    arguments = dict(access(cloud), connections=entries, defaults=defaults, **options)
    return [item.desired.values for item in bulk.enter(CONNECTION, arguments, {}).items]


def test_defaults_lie_beneath_entries(cloud):
    gateway = "b32d91a4-1111-4222-8333-e907174eb11d"
    defaults = {
        "vpn_gateway_id": gateway,
        "ikepolicy": {"dh_group": "group20", "dpd": {"timeout": 20, "interval": 60}},
        "peer_subnets": NETS,
        "tags": {"a": "1", "b": "2"},
        "enable_hub": True,
        "style": "static",
    }
    entry = {
        "name": "c",
        "style": "",
        "ikepolicy": {"lifetime_seconds": 3600, "dh_group": None, "dpd": {"timeout": 30}},
        "peer_subnets": NETS[:1],
        "tags": {"b": "3"},
        "enable_hub": False,
    }
    (wanted,) = planned(cloud, [entry], defaults)
    assert wanted == {
        "name": "c",
        "vgw_id": gateway,
        "style": "static",
        "ikepolicy.dh_group": "group20",
        "ikepolicy.lifetime_seconds": 3600,
        "ikepolicy.dpd.timeout": 30,
        "ikepolicy.dpd.interval": 60,
        "peer_subnets": NETS[:1],
        "tags": {"a": "1", "b": "3"},
        "enable_hub": False,
    }


@pytest.mark.parametrize("entry, defaults", [({"state": "absent"}, {}), ({}, {"state": "absent"})])
def test_what_shall_be_gone_takes_only_what_identifies(cloud, entry, defaults):
    gateway = "b32d91a4-1111-4222-8333-e907174eb11d"
    defaults = dict(defaults, vgw_id=gateway, psk=KEY, update_psk="always", peer_subnets=NETS, tags={"a": "1"})
    (wanted,) = planned(cloud, [dict(entry, name="c")], defaults)
    assert wanted == {"name": "c", "vgw_id": gateway}


def test_an_entry_may_use_the_other_form(cloud):
    one, other = "b32d91a4-1111-4222-8333-e907174eb11d", "b32d91a4-1111-4222-8333-e907174eb11e"
    request = bulk.enter(
        CONNECTION,
        dict(
            access(cloud),
            defaults={"vgw_id": one, "cgw_name": "branch"},
            connections=[{"name": "a", "vpn_gateway_name": "hq"}, {"name": "b", "cgw_id": other}],
        ),
        {},
    )
    assert [item.desired.names for item in request.items] == [{"vgw_id": "hq", "cgw_id": "branch"}, {}]
    assert [item.desired.values for item in request.items] == [
        {"name": "a"},
        {"name": "b", "vgw_id": one, "cgw_id": other},
    ]


def test_the_key_of_fingerprints_may_stand_in_defaults(cloud):
    cloud.add_connection(name="c", psk=KEY)
    defaults = {"psk_fingerprint_key": "0123456789abcdef-salt", "update_psk": "on_change", "psk": KEY}
    assert run_fleet(cloud, [{"name": "c"}], defaults=defaults)["connections"][0]["psk_updated"] is True
    assert run_fleet(cloud, [{"name": "c"}], defaults=defaults)["changed"] is False


def test_secrets_in_defaults_are_hidden(cloud):
    salt = "0123456789abcdef-salt"
    defaults = {"psk": KEY, "psk_fingerprint_key": salt, "name": KEY, "peer_configuration": "key %s" % KEY}
    request = bulk.enter(
        CONNECTION,
        dict(access(cloud), connections=[{"id": "98c5af8a-1111-4222-8333-ae2280a6f4c3"}], defaults=defaults),
        {},
    )
    assert {KEY, salt} <= request.secrets
    shown = request.logged(CONNECTION, 3)["defaults"]
    assert (shown["psk"], shown["psk_fingerprint_key"]) == (MASK, MASK) and "peer_configuration" not in shown
    result = execute(bulk, CONNECTION, request, True, True, FastClock(), "tests")
    assert KEY not in json.dumps(result) and salt not in json.dumps(result)


# (what is wrong, defaults, entries, options of the task, sentences)
WRONG = [
    ("no dictionary", ["x"], [{"name": "c"}], {}, ["defaults must be a dictionary, not a list"]),
    (
        "an unknown option",
        {"ikepolicy": {"dhgroup": "group20"}},
        [{"name": "c"}, {"name": "d"}],
        {},
        ["unsupported option: defaults.ikepolicy.dhgroup (did you mean defaults.ikepolicy.dh_group?)"],
    ),
    (
        "a bad value",
        {"ikepolicy": {"dpd": {"timeout": 1}}},
        [{"name": "c"}, {"name": "d"}],
        {},
        ["defaults.ikepolicy.dpd.timeout must be between 2 and 60, not 1"],
    ),
    (
        "a bad key",
        {"psk": "short", "update_psk": "always"},
        [{"name": "c"}],
        {},
        [
            "defaults.psk must have 8 to 128 characters",
            "defaults.psk must contain at least three of upper-case letters, lower-case letters, digits and special characters",
        ],
    ),
    (
        "a short fingerprint key",
        {"psk_fingerprint_key": "short", "update_psk": "on_change", "psk": KEY},
        [{"name": "c"}],
        {},
        ["defaults.psk_fingerprint_key must have at least 16 characters"],
    ),
    (
        "two forms",
        {"vgw_id": "b32d91a4-1111-4222-8333-e907174eb11d", "vgw_name": "hq"},
        [{"name": "c"}, {"name": "d"}],
        {},
        ["defaults.vgw_id and defaults.vgw_name are two ways to give one thing; give one of them"],
    ),
    (
        "another gateway than the task's",
        {"vgw_id": "b32d91a4-1111-4222-8333-e907174eb11d"},
        [{"name": "c"}, {"name": "d"}],
        {"vgw_id": "b32d91a4-1111-4222-8333-e907174eb11e"},
        ["defaults.vgw_id is not the vgw_id of the task"],
    ),
    (
        "both wrong, each by itself",
        {"peer_subnets": "10.0.0.0", "list_mode": "remove"},
        [{"name": "c", "policy_rules": [{"source": "10.0.0.0/24"}], "ikepolicy": {"dpd": {"timeout": 1}}}],
        {},
        [
            "defaults.peer_subnets contains an entry that cannot be used: '10.0.0.0' lacks its prefix length",
            "connections[0] (c): ikepolicy.dpd.timeout must be between 2 and 60, not 1",
        ],
    ),
]


@pytest.mark.parametrize(
    "defaults, entries, options, sentences", [row[1:] for row in WRONG], ids=[row[0] for row in WRONG]
)
def test_what_is_wrong_with_defaults_is_told_once(cloud, defaults, entries, options, sentences):
    with pytest.raises(_errors.InvalidInput) as caught:
        run_fleet(cloud, entries, defaults=defaults, **options)
    assert caught.value.violations == sentences
    assert cloud.journal() == []


def test_sixteen_at_a_time(cloud):
    assert bulk.argument_spec(CONNECTION)["concurrency"]["default"] == 16


# -- the companion ----------------------------------------------------------------------------------------------------


def monitored(cloud):
    return [one["vpn_connection_id"] for one in cloud.monitors()]


@pytest.mark.parametrize("wait", [True, False])
def test_a_monitor_comes_and_goes(cloud, wait):
    found = cloud.add_connection(name="c", psk=KEY)["id"]
    for wanted in (True, False):
        arguments = {"name": "c", "monitor": wanted, "wait": wait}
        cloud.clear_journal()
        dry = run_task(cloud, arguments, check_mode=True)
        assert cloud.writes() == []
        real = run_task(cloud, arguments)
        assert [write.operation for write in cloud.writes()] == [
            "createConnectionMonitor" if wanted else "deleteConnectionMonitor"
        ]
        change = {"path": "monitor", "before": not wanted, "after": wanted, "takes_effect": "immediately"}
        assert dry["changes"] == real["changes"] == [change]
        assert (dry["plan_id"], dry["diff"], dry["action"]) == (real["plan_id"], real["diff"], "update")
        assert (real["diff"]["before"]["monitor"], real["diff"]["after"]["monitor"]) == (not wanted, wanted)
        if wait:
            assert monitored(cloud) == [found] * wanted
            assert run_task(cloud, arguments)["changed"] is False
            assert run_fleet(cloud, [{"name": "c", "monitor": wanted}])["changed"] is False
        else:
            cloud.reset()
            found = cloud.add_connection(name="c", psk=KEY)["id"]
            cloud.add_monitor(found)


def test_a_monitor_that_is_not_managed_stays(cloud):
    found = cloud.add_connection(name="c", psk=KEY)["id"]
    cloud.add_monitor(found)
    assert run_task(cloud, {"name": "c", "enable_nqa": False})["changed"] is False
    run_task(cloud, {"name": "c", "ikepolicy": {"lifetime_seconds": 3600}})
    assert monitored(cloud) == [found]


@pytest.mark.parametrize("wait", [True, False])
def test_created_with_a_monitor_and_deleted_after_it(cloud, wait):
    arguments = dict(new(cloud), monitor=True, wait=wait)
    cloud.clear_journal()
    dry, real = run_task(cloud, arguments, check_mode=True), run_task(cloud, arguments)
    assert (dry["plan_id"], dry["diff"], dry["changes"]) == (real["plan_id"], real["diff"], real["changes"])
    assert {"path": "monitor", "before": None, "after": True, "takes_effect": "immediately"} in real["changes"]
    assert monitored(cloud) == [real["vpn_connection"]["id"]]
    done = [write.operation for write in cloud.writes() if write.status < 300]
    assert done == ["createVpnConnection", "createConnectionMonitor"]
    cloud.clear_journal()
    run_task(cloud, {"name": "office", "state": "absent"})
    done = [write.operation for write in cloud.writes() if write.status < 300]
    assert done == ["deleteConnectionMonitor", "deleteVpnConnection"]
    assert cloud.connections() == [] and monitored(cloud) == []


def test_monitors_in_many(cloud):
    gateway = cloud.add_gateway()["id"]
    ids = [cloud.add_connection(name="c%d" % number, vgw_id=gateway, psk=KEY)["id"] for number in range(3)]
    cloud.add_monitor(ids[2])
    entries = [{"name": "c0"}, {"name": "c1", "ikepolicy": {"lifetime_seconds": 3600}}]
    result = run_fleet(cloud, entries, defaults={"monitor": True}, vgw_id=gateway, prune=True)
    assert result["changed"] and sorted(monitored(cloud)) == sorted(ids[:2])
    assert run_fleet(cloud, entries, defaults={"monitor": True}, vgw_id=gateway, prune=True)["changed"] is False


@pytest.mark.parametrize("applied", [True, False])
@pytest.mark.parametrize("wanted", [True, False])
def test_a_lost_answer_about_a_monitor(cloud, applied, wanted):
    found = cloud.add_connection(name="c", psk=KEY)["id"]
    if not wanted:
        cloud.add_monitor(found)
    cloud.switch(stale_seconds=0.2)
    operation = "createConnectionMonitor" if wanted else "deleteConnectionMonitor"
    cloud.fault("connection_reset", operation=operation, applied=applied)
    assert run_task(cloud, {"name": "c", "monitor": wanted})["changed"] is True
    assert monitored(cloud) == [found] * wanted


def test_a_monitor_that_exists_already_is_done(cloud):
    cloud.add_connection(name="c", psk=KEY)
    cloud.fault("status", operation="createConnectionMonitor", status=400, code="VPN.0381", applied=False)
    assert run_task(cloud, {"name": "c", "monitor": True, "wait": False})["changed"] is True


def test_an_approved_plan_holds_for_monitors(cloud):
    cloud.add_connection(name="c", psk=KEY)
    plan_id = run_task(cloud, {"name": "c", "monitor": True}, check_mode=True)["plan_id"]
    assert run_task(cloud, {"name": "c", "monitor": True, "expect_plan": plan_id})["changed"] is True
    with pytest.raises(_errors.PlanMismatch):
        run_task(cloud, {"name": "c", "monitor": False, "expect_plan": plan_id})


def test_what_info_tells_of_monitors_can_be_fed_back(cloud):
    found = cloud.add_connection(name="c", psk=KEY)["id"]
    cloud.add_monitor(found)
    request = info.enter(CONNECTION, access(cloud), {})
    (shown,) = info.perform(CONNECTION, request, False, FastClock(), "tests")["vpn_connections"]
    assert shown["monitor"] is True
    assert run_task(cloud, shown)["changed"] is False
