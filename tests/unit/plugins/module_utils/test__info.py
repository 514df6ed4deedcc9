# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The function behind the info modules, over a real socket, against the emulator."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.huaweicloud.vpn.plugins.module_utils import _errors
from ansible_collections.huaweicloud.vpn.plugins.module_utils._resources.connection import CONNECTION
from ansible_collections.huaweicloud.vpn.plugins.module_utils._resources.customer_gateway import CUSTOMER_GATEWAY
from ansible_collections.huaweicloud.vpn.plugins.module_utils._resources.gateway import GATEWAY
from ansible_collections.huaweicloud.vpn.plugins.module_utils._secrets import MASK
from ansible_collections.huaweicloud.vpn.plugins.module_utils._work import bulk, info
from ansible_collections.huaweicloud.vpn.tests.emulator.family_switches import FAMILY
from ansible_collections.huaweicloud.vpn.tests.emulator.switches import SWITCHES
from ansible_collections.huaweicloud.vpn.tests.unit.harness.clocks import CloudClock
from ansible_collections.huaweicloud.vpn.tests.unit.harness.support import KEY, access, run_task, settings_of

DEVICE = {"vendor": "Huawei", "type": "Router", "model": "AR1000", "version": "V300R019"}
DETAILS = {"details": ["log", "ipsec_sa", "peer_configuration"], "peer_device": DEVICE}
NOWHERE = "6d3c1e52-0000-4000-8000-000000000000"


def gather(cloud, resource=CONNECTION, check_mode=False, **arguments):
    """Run an info module's function with the emulator's access, and return its result (dict) or raise."""
    request = info.enter(resource, dict(access(cloud), **arguments), {})
    return info.perform(resource, request, check_mode, CloudClock(cloud), "tests")


def found(cloud, resource=CONNECTION, **arguments):
    """Return the names of what is found (set of str)."""
    return {item["name"] for item in gather(cloud, resource, **arguments)[resource.plural]}


def refusal(cloud, resource=CONNECTION, **arguments):
    with pytest.raises(_errors.InvalidInput) as caught:
        gather(cloud, resource, **arguments)
    assert cloud.journal() == []
    return caught.value.message


def operations(cloud):
    """Return the operations of the requests the cloud saw, and forget these."""
    seen = [entry.operation for entry in cloud.journal()]
    cloud.clear_journal()
    return seen


# -- gather, apply: nothing changes -----------------------------------------------------------------------------------

V4 = {
    "policy": {
        "peer_subnets": ["192.168.2.0/24", "192.168.1.7/24"],
        "policy_rules": [
            {"source": "10.0.1.0/24", "destination": ["192.168.2.0/24", "192.168.1.0/24"]},
            {"source": "10.0.0.5/24", "destination": ["192.168.1.0/24"]},
            {"source": "10.0.1.0/24", "destination": ["192.168.9.0/24"]},
        ],
    },
    "static": {"peer_subnets": ["192.168.2.0/24", "192.168.1.7/24"], "enable_nqa": True},
    "bgp": {"peer_subnets": ["192.168.1.0/24"], "enable_hub": True},
}
V6 = {
    "policy": {
        "peer_subnets_v6": ["2001:db8:2::/64", "2001:DB8:1:0::/64"],
        "policy_rules_v6": [{"source": "2001:db8::/64", "destination": ["2001:db8:2::/64", "2001:db8:1::/64"]}],
    },
    "static": {"peer_subnets_v6": ["2001:db8:2::/64", "2001:db8:1::/64"]},
    "bgp": {"peer_subnets_v6": ["2001:db8:1::/64"]},
}
ROUTED = {
    "policy": {"policy_rules": V4["policy"]["policy_rules"], "peer_subnets": []},
    "static": V4["static"],
    "bgp": {"peer_subnets": []},
}
# gateway: (its members, the settings of a connection of each style)
GATEWAYS = {
    "ipv4": ({}, V4),
    "ipv6": ({"ip_version": "ipv6"}, V6),
    "er": ({"attachment_type": "er"}, ROUTED),
    "private": ({"network_type": "private"}, V4),
}
# What a cloud may hold although this collection, or another cloud, would not make it so.
ODD = {
    "v1": {
        "style": "policy",
        "ikepolicy": {
            "ike_version": "v1",
            "phase1_negotiation_mode": "aggressive",
            "encryption_algorithm": "aes-256-gcm-16",
            "dh_group": "group2",
            "authentication_algorithm": "md5",
            "local_id_type": "fqdn",
            "local_id": "gw.example.com",
            "peer_id_type": "any",
            "peer_id": "",
        },
    },
    "newer": {
        "ikepolicy": {"encryption_algorithm": "aes-256-gcm-128", "authentication_method": "digital-envelope-v2"},
        "ipsecpolicy": {"encryption_algorithm": "AES-512-X", "pfs": "group99", "lifetime_seconds": 30},
    },
    "template": {"style": "policy-template"},
    "slave": {
        "ha_role": "slave",
        "enable_nqa": False,
        "enterprise_project_id": "8a1ad5c5-1111-4222-8333-000000000001",
        "connection_monitor_id": "a4d68a3d-1111-4222-8333-000000000002",
        "status": "ACTIVE",
    },
    "reserved": {
        "style": "policy",
        "peer_subnets": ["100.64.3.0/24", "214.1.0.0/16"],
        "policy_rules": [
            {"source": "10.0.0.0/16", "destination": ["100.64.3.0/24"]},
            {"source": "10.0.1.0/24", "destination": ["100.64.3.0/24"]},
        ],
    },
    "\u4e2d\u6587": {
        "tags": {"\u6240\u6709\u8005": "\u7f51\u7edc", "empty": "", "_sys_of&the cloud": "<1>", "Key": "Value"}
    },
}


def plant(cloud):
    """Put a connection of each style on each sort of gateway, and the odd ones."""
    for label, (members, styles) in GATEWAYS.items():
        gateway = cloud.add_gateway(name=label, **members)
        for style, configured in styles.items():
            cloud.add_connection(
                name="%s-%s" % (style, label),
                style=style,
                vgw_id=gateway["id"],
                psk=KEY,
                **json.loads(json.dumps(configured)),
            )
    for name, members in ODD.items():
        cloud.add_connection(name=name, psk=KEY, **members)


NAMES = {"%s-%s" % (style, label) for label in GATEWAYS for style in V4} | set(ODD)


def other_values(name):
    """Return the values of a switch that are not its default, or one for each sort that has endless ones."""
    switch = SWITCHES[name]
    if isinstance(switch.allowed, tuple):
        return [value for value in switch.allowed if value != switch.default]
    return {
        "bool": [not switch.default],
        "count": [4],
        "number": [0.3],
        "dwell": [2],
        "paths": [["name", "peer_subnets"]],
    }[switch.allowed]


PERSONALITIES = [(name, value) for name in SWITCHES for value in other_values(name)]
# Personalities under which an unchanged connection cannot be recognised as such: {"switch=value": why}. There is none.
IMPOSSIBLE = {}


def assert_adopted(cloud, gathered):
    """Feed each connection back as it was gathered, and see that nothing is changed, sent or warned of."""
    for item in json.loads(json.dumps(gathered)):
        result = run_task(cloud, item, clock=CloudClock(cloud))
        assert (item["name"], result["changed"], result["changes"], result["warnings"]) == (item["name"], False, [], [])
    assert cloud.writes() == []


def assert_adopted_at_once(cloud, gathered):
    """The same by one task for all."""
    request = bulk.enter(CONNECTION, dict(access(cloud), connections=json.loads(json.dumps(gathered))), {})
    result = bulk.perform(CONNECTION, request, False, CloudClock(cloud), "tests")
    assert (result["changed"], [item["changed"] for item in result["connections"]], result["warnings"]) == (
        False,
        [False] * len(gathered),
        [],
    )
    assert cloud.writes() == []


@pytest.mark.parametrize("name, value", PERSONALITIES, ids=lambda value: json.dumps(value).strip('"'))
def test_what_was_gathered_is_applied_without_a_change(cloud, name, value):
    plant(cloud)
    cloud.switch(**{name: value})
    gathered = gather(cloud)["vpn_connections"]
    assert {item["name"] for item in gathered} == NAMES
    # What concerns only what stands around connections is seen by one task for all of them as well as by one for each.
    adopted = assert_adopted_at_once if name in FAMILY else assert_adopted
    if "%s=%s" % (name, value) in IMPOSSIBLE:
        with pytest.raises((AssertionError, _errors.VpnError)):
            adopted(cloud, gathered)
    else:
        adopted(cloud, gathered)


UP = [{"style": style, "status": "ACTIVE", "tags": {"site": style}} for style in V4]


@pytest.mark.parametrize("show_secrets", [True, False])
def test_details_are_accepted_and_ignored(cloud, show_secrets):
    plant(cloud)
    for members in UP:
        cloud.add_connection(psk=KEY, **members)
    gathered = gather(cloud, show_secrets=show_secrets, **DETAILS)["vpn_connections"]
    assert all({"log", "ipsec_sa", "peer_configuration"} <= set(item) for item in gathered)
    assert_adopted(cloud, gathered)
    assert_adopted_at_once(cloud, gathered)


def test_a_single_one_is_adopted_like_a_list(cloud):
    plant(cloud)
    cloud.switch(
        old_members="present",
        bgp_peer="present",
        optional_members="empty",
        rules_form="split",
        numbers="strings",
        ids="masked",
    )
    gathered = [item for one in cloud.connections() for item in gather(cloud, id=one["id"])["vpn_connections"]]
    assert {item["name"] for item in gathered} == NAMES
    assert_adopted(cloud, gathered)


@pytest.mark.parametrize("status", ["ERROR", "UNKNOWN", "FREEZED", "PENDING_CREATE", "PENDING_UPDATE"])
def test_in_any_state_nothing_changes(cloud, status):
    cloud.add_connection(name="one", psk=KEY)
    cloud.set_status(gather(cloud)["vpn_connections"][0]["id"], status, settle_after=float("inf"))
    gathered = gather(cloud, status=status.lower())["vpn_connections"][0]
    result = run_task(cloud, gathered, clock=CloudClock(cloud))
    assert (result["changed"], [status in warning for warning in result["warnings"]]) == (False, [True])
    assert cloud.writes() == []


# How answers look. Stale reads and the like are tried one by one above.
FORMS = {
    name: [SWITCHES[name].default] + other_values(name)
    for name in (
        "list_order",
        "answer_lists",
        "host_bits",
        "rules_form",
        "rule_index",
        "optional_members",
        "empty_tags",
        "ids",
        "id_types",
        "style_case",
        "numbers",
        "old_members",
        "bgp_peer",
        "er_peer_subnets",
        "list_items",
        "list_ha_role",
        "fraction_digits",
        "total_count",
        "page_border",
    )
}


# Variables outlive the form in which a cloud answers; these do not, for a reason.
ONE_WAY = {
    ("ids", "absent", "applied so"): "a wanted identity that no answer shows has to be sent",
    ("id_types", "absent", "applied so"): "a wanted type of identity that no answer shows has to be sent",
    ("list_ha_role", "absent", "applied so"): "what is fixed and not shown is not compared, which is worth a warning",
}


@pytest.mark.parametrize("when", ["gathered so", "applied so"])
@pytest.mark.parametrize("name, value", [(name, value) for name in FORMS for value in other_values(name)])
def test_variables_outlive_the_form_of_answers(cloud, name, value, when):
    plant(cloud)
    if when == "gathered so":
        cloud.switch(**{name: value})
    gathered = gather(cloud)["vpn_connections"]
    cloud.reset_switches()
    if when == "applied so":
        cloud.switch(**{name: value})
    if (name, value, when) in ONE_WAY:
        with pytest.raises((AssertionError, _errors.VpnError)):
            assert_adopted_at_once(cloud, gathered)
    else:
        assert_adopted_at_once(cloud, gathered)


@settings(max_examples=25)
@given(data=st.data(), forms=st.fixed_dictionaries({name: st.sampled_from(values) for name, values in FORMS.items()}))
@pytest.mark.parametrize("style", ["policy", "static", "bgp"])
def test_any_settings_are_adopted_in_any_form(shared_cloud, style, data, forms):
    shared_cloud.reset()
    members = data.draw(settings_of(style))
    for gateway in ("ipv4", "er"):
        made = shared_cloud.add_gateway(**GATEWAYS[gateway][0])
        shared_cloud.add_connection(style=style, vgw_id=made["id"], psk=KEY, **json.loads(json.dumps(members)))
    shared_cloud.switch(**dict(forms, page_cap=0))
    gathered = gather(shared_cloud)["vpn_connections"]
    assert len(gathered) == 2
    assert_adopted(shared_cloud, gathered)


@pytest.mark.parametrize("name", sorted(NAMES - {"newer", "v1"}))
def test_one_thing_changed_in_what_was_gathered_is_one_change(cloud, name):
    """The tests above would pass as well if nothing were ever compared. What the emulator's cloud would not take is left out."""
    plant(cloud)
    item = gather(cloud, name=name)["vpn_connections"][0]
    item["ipsecpolicy"]["lifetime_seconds"] = 7200
    result = run_task(cloud, item, clock=CloudClock(cloud))
    assert [change["path"] for change in result["changes"]] == ["ipsecpolicy.lifetime_seconds"]
    assert [entry.body for entry in cloud.writes()] == [{"vpn_connection": {"ipsecpolicy": {"lifetime_seconds": 7200}}}]


# -- what is found ----------------------------------------------------------------------------------------------------


@pytest.fixture
def office(cloud):
    """Return two gateways' worth of connections, by name."""
    one, two = (
        cloud.add_gateway(name="one"),
        cloud.add_gateway(name="two", enterprise_project_id="8a1ad5c5-1111-4222-8333-000000000001"),
    )
    made = {
        "hq": {"vgw_id": one["id"], "vgw_ip": one["eip1"]["id"], "style": "policy", "status": "ACTIVE"},
        "hq-2": {"vgw_id": one["id"], "vgw_ip": one["eip2"]["id"], "style": "policy"},
        "lab": {"vgw_id": two["id"], "vgw_ip": two["eip1"]["id"], "style": "static"},
        "old": {"vgw_id": two["id"], "vgw_ip": two["eip2"]["id"], "style": "bgp", "status": "ERROR"},
    }
    return {name: cloud.add_connection(name=name, psk=KEY, **members) for name, members in made.items()}


ALL = {"hq", "hq-2", "lab", "old"}
FILTERS = [
    ({}, ALL),
    ({"name": "hq"}, {"hq"}),
    ({"name": "HQ"}, set()),
    ({"name": "h"}, set()),
    ({"name": ""}, ALL),
    ({"vgw_id": "of hq"}, {"hq", "hq-2"}),
    ({"vpn_gateway_id": "of lab"}, {"lab", "old"}),
    ({"vgw_ip": "of old"}, {"old"}),
    ({"cgw_id": "of hq-2"}, {"hq-2"}),
    ({"customer_gateway_id": "of lab"}, {"lab"}),
    ({"style": "POLICY"}, {"hq", "hq-2"}),
    ({"style": "bgp"}, {"old"}),
    ({"style": "other"}, set()),
    ({"status": "active"}, {"hq"}),
    ({"status": "ERROR"}, {"old"}),
    ({"enterprise_project_id": "0"}, {"hq", "hq-2"}),
    ({"enterprise_project_id": "of lab"}, {"lab", "old"}),
    ({"style": "policy", "status": "DOWN", "vgw_id": "of hq"}, {"hq-2"}),
    ({"vgw_id": "of hq", "vgw_ip": "of lab"}, set()),
    ({"id": "of hq"}, {"hq"}),
    ({"vpn_connection_id": "of old"}, {"old"}),
    (
        {"id": "of hq", "name": "hq", "style": "policy", "status": "ACTIVE", "vgw_id": "of hq", "cgw_id": "of hq"},
        {"hq"},
    ),
    ({"id": "of hq", "status": "DOWN"}, set()),
    ({"id": "of hq", "vgw_id": "of lab"}, set()),
    ({"id": NOWHERE}, set()),
    ({"vgw_id": NOWHERE}, set()),
]


@pytest.mark.parametrize(
    "filters, names", FILTERS, ids=lambda value: json.dumps(value) if isinstance(value, dict) else ""
)
def test_filters(cloud, office, filters, names):
    arguments = {}
    for name, value in filters.items():
        dummy, mark, owner = value.partition("of ")
        member = {"vpn_gateway_id": "vgw_id", "customer_gateway_id": "cgw_id", "vpn_connection_id": "id"}.get(
            name, name
        )
        arguments[name] = office[owner][member] if mark else value
    assert found(cloud, **arguments) == names
    asked = cloud.journal()
    by_id = set(arguments) & {"id", "vpn_connection_id"}
    assert {entry.operation for entry in asked} == {"showVpnConnection" if by_id else "listVpnConnections"}
    assert {name for name, dummy in asked[0].query} <= {"vgw_id", "vgw_ip", "enterprise_project_id", "limit"}
    # What the API chose from may have a further page: the number it tells is that of all.
    assert all("marker" in dict(entry.query) for entry in asked[1:])
    assert len(asked) == 1 or {"vgw_id", "vgw_ip", "enterprise_project_id"} & {name for name, dummy in asked[0].query}


@pytest.mark.parametrize(
    "arguments, total",
    [({}, 4), ({"name": "hq"}, 4), ({"id": "hq"}, 1), ({"id": "hq", "name": "lab"}, 1), ({"id": NOWHERE}, 0)],
)
def test_the_count_is_that_of_the_project(cloud, office, arguments, total):
    if arguments.get("id") in office:
        arguments = dict(arguments, id=office[arguments["id"]]["id"])
    assert gather(cloud, **arguments)["total_count"] == total


def test_a_filter_the_api_applied_is_believed_where_the_answer_lacks_the_member(cloud, office):
    for project, names in (("0", {"hq", "hq-2"}), (NOWHERE, set())):
        request = info.enter(CONNECTION, dict(access(cloud), enterprise_project_id=project), {})
        with pytest.MonkeyPatch.context() as patch:
            pages = info.Reader.listing
            patch.setattr(
                info.Reader,
                "listing",
                lambda self, query, odd, pages=pages: without(pages(self, query, odd), "enterprise_project_id"),
            )
            result = info.perform(CONNECTION, request, False, CloudClock(cloud), "tests")
        assert {item["name"] for item in result["vpn_connections"]} == names


def without(listing, member):
    return [{name: value for name, value in item.items() if name != member} for item in listing[0]], listing[1]


# Pages of one object that begin with the one asked from never bring a second object; no client gets along with that.
PAGES = [
    (cap, name, value)
    for cap in (0, 1, 2, 3, 7)
    for name, value in PERSONALITIES
    if name in ("list_order", "total_count", "last_marker", "page_border", "limit_zero", "numbers")
    and (cap, name, value) != (1, "page_border", "at")
]


@pytest.mark.parametrize("cap, name, value", PAGES)
def test_paging_goes_to_the_end(cloud, cap, name, value):
    for number in range(7):
        cloud.add_connection(name="c%d" % number, psk=KEY, created_at="2026-01-02T03:04:0%d.000Z" % number)
        cloud.add_customer_gateway(name="g%d" % number, created_at="2026-01-02T03:04:0%d.000Z" % number)
    cloud.switch(page_cap=cap, **{name: value})
    assert found(cloud) == {"c%d" % number for number in range(7)}
    assert found(cloud, name="c0") == {"c0"}
    assert found(cloud, CUSTOMER_GATEWAY) >= {"g%d" % number for number in range(7)}


def test_entries_without_their_policies_are_read_by_themselves(cloud, office):
    cloud.switch(list_items="no_policies")
    shown = gather(cloud, style="policy")["vpn_connections"]
    assert operations(cloud) == ["listVpnConnections"] + ["showVpnConnection"] * 2
    assert all(item["ikepolicy"]["dpd"] and item["ipsecpolicy"] and item["policy_rules"] for item in shown)
    cloud.fault("status", operation="showVpnConnection", status=404, code="VPN.0004")
    assert len(gather(cloud, style="policy")["vpn_connections"]) == 1


@pytest.mark.parametrize("resource", [CONNECTION, GATEWAY, CUSTOMER_GATEWAY], ids=lambda resource: resource.name)
@pytest.mark.parametrize("check_mode", [True, False])
def test_nothing_found_is_no_failure(cloud, resource, check_mode):
    for arguments in ({}, {"id": NOWHERE}, {"name": "nobody"}):
        result = gather(cloud, resource, check_mode=check_mode, **arguments)
        assert (result["changed"], result[resource.plural], result["total_count"], result["warnings"]) == (
            False,
            [],
            0,
            [],
        )


@pytest.mark.parametrize("code, status", [("APIGW.0101", 404), ("VPN.0007", 403), ("VPN.0001", 400)])
@pytest.mark.parametrize("resource", [CONNECTION, GATEWAY, CUSTOMER_GATEWAY], ids=lambda resource: resource.name)
def test_a_refusal_is_a_failure(cloud, resource, code, status):
    cloud.fault("status", status=status, code=code, message="not for you", times=None)
    for arguments in ({}, {"id": NOWHERE}):
        with pytest.raises(_errors.ApiError, match="not for you") as caught:
            gather(cloud, resource, **arguments)
        assert {"error_code", "status_code", "request_id", "request_ids", "method", "url"} <= set(caught.value.details)


def test_check_mode_is_the_same(cloud, office):
    asking = {"details": ["log", "peer_configuration"], "peer_device": DEVICE, "show_secrets": True}
    # Details of several connections are read at the same time, in any order.
    real, asked = gather(cloud, **asking), sorted(operations(cloud))
    dry = gather(cloud, check_mode=True, **asking)
    assert dict(dry, request_ids=None) == dict(real, request_ids=None)
    assert (sorted(operations(cloud)), set(dry)) == (
        asked,
        {"changed", "vpn_connections", "total_count", "request_ids", "warnings"},
    )


def test_results_are_in_the_words_of_the_options(cloud):
    cloud.add_connection(name="one", style="bgp", tags={"site": "hq"}, psk=KEY)
    item = gather(cloud)["vpn_connections"][0]
    assert (item["style"], item["ha_role"], item["tags"]) == ("bgp", "master", {"site": "hq"})
    assert KEY not in json.dumps(gather(cloud, **DETAILS))


# -- details ----------------------------------------------------------------------------------------------------------


def test_details(cloud, office):
    shown = gather(cloud, name="hq", show_secrets=True, **DETAILS)["vpn_connections"][0]
    assert shown["log"][-1] == {"time": shown["log"][-1]["time"], "raw_message": "IKE SA established"}
    assert shown["ipsec_sa"][0]["source_ip_cidr"] == "10.0.0.0/24"
    assert "pre-shared-key %s\n" % KEY in shown["peer_configuration"]
    exported = [entry for entry in cloud.journal() if entry.operation == "exportPeerConfiguration"]
    assert [entry.body for entry in exported] == [DEVICE]
    assert cloud.writes() == []


def test_without_details_nothing_more_is_asked(cloud, office):
    gather(cloud, peer_device=DEVICE, show_secrets=True)
    assert operations(cloud) == ["listVpnConnections"]
    gather(cloud, name="hq", details="ipsec_sa,log")
    assert operations(cloud) == ["listVpnConnections", "showVpnConnectionLog", "listConnectionIpsecSa"]


def test_a_hidden_configuration_is_masked_whole_and_not_asked_for(cloud, office):
    shown = gather(cloud, name="hq", details=["peer_configuration"], peer_device=DEVICE)["vpn_connections"][0]
    assert shown["peer_configuration"] == MASK
    assert operations(cloud) == ["listVpnConnections"]


@pytest.mark.parametrize(
    "members, gateway, code", [({"style": "policy-template"}, {}, "VPN.0305"), ({}, {"flavor": "V300"}, "VPN.0304")]
)
def test_a_connection_without_a_log_has_none(cloud, members, gateway, code):
    cloud.add_connection(name="one", vgw_id=cloud.add_gateway(**gateway)["id"], **members)
    result = gather(cloud, details=["log", "ipsec_sa"])
    assert (result["vpn_connections"][0]["log"], result["vpn_connections"][0]["ipsec_sa"]) == (None, [])
    assert [code in warning and "no log of" in warning for warning in result["warnings"]] == [True]


def test_a_connection_that_goes_meanwhile_has_no_details(cloud, office):
    cloud.fault("status", operation="listConnectionIpsecSa", status=404, code="VPN.0004")
    result = gather(cloud, name="hq", details=["ipsec_sa"])
    assert result["vpn_connections"][0]["ipsec_sa"] is None and len(result["warnings"]) == 1


@pytest.mark.parametrize("fault", [{"kind": "status", "status": 500}, {"kind": "html"}, {"kind": "connection_reset"}])
def test_a_detail_that_cannot_be_read_is_none_with_a_warning(cloud, fault):
    one, _two = cloud.add_connection(name="one"), cloud.add_connection(name="two")
    cloud.fault(path=one["id"] + "/log", times=None, **fault)
    result = gather(cloud, details=["log", "ipsec_sa"])
    by_name = {item["name"]: item for item in result["vpn_connections"]}
    assert by_name["one"]["log"] is None and by_name["one"]["ipsec_sa"] == []
    assert by_name["two"]["log"]
    (warning,) = result["warnings"]
    assert warning.startswith("log of %s could not be read: " % one["id"])


def test_details_that_fail_again_and_again_are_a_failure(cloud):
    for number in range(9):
        cloud.add_connection(name="c%d" % number)
    rule = cloud.fault("status", path="/log", status=503, code="VPN.0002", times=None)
    with pytest.raises(_errors.ApiError, match="HTTP 503"):
        gather(cloud, details=["log"])
    cloud.clear_faults(rule.number)
    assert all(item["log"] for item in gather(cloud, details=["log"])["vpn_connections"])


@pytest.mark.parametrize("status, code", [(403, "VPN.0003"), (429, "APIGW.0308")])
def test_a_detail_that_the_task_may_not_read_is_a_failure(cloud, office, status, code):
    cloud.fault("status", operation="showVpnConnectionLog", status=status, code=code, times=None)
    with pytest.raises(_errors.ApiError, match=code):
        gather(cloud, name="hq", details=["log"])


def test_an_unknown_device_is_refused_in_the_apis_words(cloud, office):
    with pytest.raises(_errors.ApiError, match="the device is not supported"):
        gather(
            cloud, name="hq", details=["peer_configuration"], peer_device=dict(DEVICE, version="0"), show_secrets=True
        )


@pytest.mark.parametrize(
    "device, lacking",
    [
        (None, "peer_device.vendor, peer_device.type, peer_device.model, peer_device.version"),
        (dict(DEVICE, model=""), "peer_device.model"),
    ],
)
def test_a_configuration_needs_its_device(cloud, device, lacking):
    for show_secrets in (True, False):
        message = refusal(cloud, details=["peer_configuration"], peer_device=device, show_secrets=show_secrets)
        assert message == "details peer_configuration needs %s" % lacking


@pytest.mark.parametrize(
    "arguments, words",
    [
        (
            {"details": ["logs"]},
            ["details must be log, ipsec_sa, peer_configuration, monitor_status, posture or diagnosis, not 'logs'"],
        ),
        (
            {"id": "short", "psk": "x", "state": "present"},
            ["id must be the 36 characters of a connection's id", "unsupported options: psk, state"],
        ),
        ({"vgw_id": NOWHERE, "vpn_gateway_id": NOWHERE.replace("6d", "7d")}, ["two names of one option"]),
    ],
)
def test_mistakes_are_told_together_and_before_any_request(cloud, arguments, words):
    message = refusal(cloud, **arguments)
    assert [word for word in words if word not in message] == []


# -- gateways ---------------------------------------------------------------------------------------------------------


def test_gateways(cloud):
    one = cloud.add_gateway(name="one", ha_mode="active-standby", tags={"site": "hq"})
    two = cloud.add_gateway(name="two", network_type="private", status="FAULT", enterprise_project_id=NOWHERE)
    cloud.add_gateway(name="new", status="PENDING_CREATE")
    cloud.add_connection(vgw_id=one["id"])
    assert found(cloud, GATEWAY) == {"one", "two", "new"}
    assert found(cloud, GATEWAY, name="one") == found(cloud, GATEWAY, vgw_id=one["id"]) == {"one"}
    assert found(cloud, GATEWAY, status="fault") == found(cloud, GATEWAY, enterprise_project_id=NOWHERE) == {"two"}
    assert (
        found(cloud, GATEWAY, status="ACTIVE", name="two")
        == found(cloud, GATEWAY, id=two["id"], status="ACTIVE")
        == set()
    )
    assert set(operations(cloud)) == {"listVpnGateways", "showVpnGateway"}
    for arguments in ({"name": "one"}, {"id": one["id"]}):
        shown = gather(cloud, GATEWAY, **arguments)["vpn_gateways"][0]
        assert (shown["eip1"]["id"], shown["eip2"]["id"], shown["tags"]) == (
            one["eip1"]["id"],
            one["eip2"]["id"],
            {"site": "hq"},
        )
        assert (shown["ha_mode"], shown["used_connection_number"]) == ("active-standby", 1)
    shown = gather(cloud, GATEWAY, id=two["id"])
    assert (shown["vpn_gateways"][0]["access_private_ip_1"], shown["total_count"]) == ("192.168.250.2", 1)
    result = gather(cloud, GATEWAY, status="PENDING_CREATE")
    assert ("eip1" in result["vpn_gateways"][0], result["total_count"]) == (False, 3)


def test_customer_gateways(cloud):
    one = cloud.add_customer_gateway(name="one", id_value="198.51.100.7", bgp_asn=65010, tags={"site": "hq"})
    cloud.add_customer_gateway(name="two", id_type="fqdn", id_value="branch.example.com")
    cloud.switch(page_cap=1)
    assert found(cloud, CUSTOMER_GATEWAY) == {"one", "two"}
    assert (
        found(cloud, CUSTOMER_GATEWAY, name="two")
        == found(cloud, CUSTOMER_GATEWAY, id_value="Branch.example.com")
        == {"two"}
    )
    for arguments in ({"name": "one"}, {"cgw_id": one["id"]}, {"customer_gateway_id": one["id"]}):
        shown = gather(cloud, CUSTOMER_GATEWAY, **arguments)["customer_gateways"][0]
        assert shown == dict(one, tags={"site": "hq"}, ip="198.51.100.7", route_mode="bgp")


def test_customer_gateways_have_no_details(cloud):
    assert refusal(cloud, CUSTOMER_GATEWAY, details=["diagnosis"], show_secrets=True).startswith(
        "unsupported options: details, show_secrets"
    )


def test_gateways_have_no_log(cloud):
    refused = refusal(cloud, GATEWAY, details=["log"], show_secrets=True)
    assert "each entry of details must be diagnosis, not 'log'" in refused and "show_secrets" in refused
