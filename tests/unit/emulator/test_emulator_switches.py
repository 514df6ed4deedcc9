# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Each switch does what it says, with each of its values."""

from __future__ import annotations

import email.utils
import functools
import pathlib
import time

import pytest

from ansible_collections.huaweicloud.vpn.tests.emulator import SWITCHES, switches
from ansible_collections.huaweicloud.vpn.tests.emulator.family_switches import FAMILY
from ansible_collections.huaweicloud.vpn.tests.emulator.identity_switches import IDENTITY
from ansible_collections.huaweicloud.vpn.tests.emulator.switches import table
from ansible_collections.huaweicloud.vpn.tests.unit.emulator.family_checks import FAMILY_CHECKS
from ansible_collections.huaweicloud.vpn.tests.unit.emulator.helpers import KEY, Api, code, place, register
from ansible_collections.huaweicloud.vpn.tests.unit.emulator.identity_checks import IDENTITY_CHECKS

# Switches that make answers break the published schemas, which is their purpose.
OFF_CONTRACT = {"optional_members", "empty_tags", "style_case", "numbers", "last_marker", "enum_values"}
NEW = {"name": "new"}
README = pathlib.Path(switches.__file__).with_name("README.md")
CHECKS = {**FAMILY_CHECKS, **IDENTITY_CHECKS}
checks = functools.partial(register, CHECKS)


@pytest.mark.parametrize("name", SWITCHES)
def test_switch(cloud, api, name):
    CHECKS[name](cloud, api)
    if name in OFF_CONTRACT:
        cloud.service.broken_answers.clear()


def test_no_check_too_many():
    assert set(CHECKS) == set(SWITCHES)


@pytest.mark.parametrize("name", SWITCHES)
def test_documented(name):
    switch = SWITCHES[name]
    assert switch.text and switch.source and switch.check(switch.default) == switch.default
    assert f"{name} = {switch.default}" in table()


@pytest.mark.parametrize("name", {**FAMILY, **IDENTITY})
def test_in_the_readme(name):
    """Each switch besides those of connections stands in the README with its purpose and with each of its values."""
    line = next(line for line in README.read_text(encoding="utf-8").splitlines() if line.startswith(f"| `{name}` |"))
    switch = SWITCHES[name]
    values = switch.allowed if isinstance(switch.allowed, tuple) else (switch.default,)
    assert switch.text in line and line.split("|")[3].split("`")[1] == shown_value(switch.default)
    assert all(f"`{shown_value(value)}`" in line for value in values)


def shown_value(value):
    """A value as the README writes it."""
    return str(value).lower() if isinstance(value, bool) else str(value)


@pytest.mark.parametrize(
    "values",
    [
        {"nonsense": 1},
        {"dwell": -1},
        {"dwell": "x"},
        {"list_order": "none"},
        {"page_cap": 1.5},
        {"psk_in_errors": 1},
        {"dropped_members": "name"},
    ],
)
def test_bad_values(cloud, values):
    before = cloud.switches
    with pytest.raises(ValueError, match="nonsense|is not one of"):
        cloud.switch(lag=3, **values)
    assert cloud.switches == before


def test_reset(cloud):
    cloud.switch(lag=3, dwell=1)
    cloud.reset_switches()
    assert cloud.switches["lag"] == 0 and cloud.switches["dwell"] == 60


def lasts(cloud, api, made, seconds):
    """Whether a connection is pending for so long and no longer."""
    assert api.show(made["id"])["status"].startswith("PENDING_")
    cloud.advance(seconds - 1)
    assert api.show(made["id"])["status"].startswith("PENDING_")
    cloud.advance(2)
    answer = api.call("GET", f"vpn-connection/{made['id']}").json()
    assert not answer.get("vpn_connection", {}).get("status", "").startswith("PENDING_")


def created(cloud, api, **members):
    """The answer of a good create."""
    return api.create(**{**place(cloud), "peer_subnets": ["172.16.0.0/16"], **members}).json()["vpn_connection"]


def policy(cloud, **members):
    """A policy connection with two rules, the first with two destinations and host bits."""
    rules = [
        {"source": "10.0.2.9/24", "destination": ["192.168.2.9/24", "192.168.1.0/24"]},
        {"source": "10.0.1.0/24", "destination": ["192.168.3.0/24"]},
    ]
    return cloud.add_connection(
        **{
            "style": "policy",
            "policy_rules": rules,
            "psk": KEY,
            "peer_subnets": ["192.168.2.9/24", "192.168.1.0/24", "192.168.3.0/24"],
            **members,
        }
    )


# -- time and states


@checks
def dwell(cloud, api):
    made = cloud.add_connection()
    cloud.switch(dwell=7)
    api.put(made["id"], NEW)
    lasts(cloud, api, made, 7)
    cloud.switch(dwell=0)
    api.put(made["id"], {"name": "newer"})
    assert api.show(made["id"])["status"] == "DOWN"


@checks
def dwell_create(cloud, api):
    cloud.switch(dwell_create=7)
    lasts(cloud, api, created(cloud, api), 7)


@checks
def dwell_update(cloud, api):
    cloud.switch(dwell_update=7)
    made = cloud.add_connection()
    api.put(made["id"], NEW)
    lasts(cloud, api, made, 7)


@checks
def dwell_delete(cloud, api):
    cloud.switch(dwell_delete=7)
    made = cloud.add_connection()
    api.delete(made["id"])
    lasts(cloud, api, made, 7)
    assert api.list() == []


@checks
def dwell_reset(cloud, api):
    cloud.switch(dwell_reset=7)
    made = cloud.add_connection()
    api.reset(made["id"])
    lasts(cloud, api, made, 7)


@checks
def resting_status(cloud, api):
    cloud.switch(resting_status="ACTIVE", dwell=0)
    assert api.show(created(cloud, api)["id"])["status"] == "ACTIVE"


@checks
def update_status(cloud, api):
    cloud.switch(update_status="PENDING_CREATE")
    made = cloud.add_connection()
    api.put(made["id"], NEW)
    assert api.show(made["id"])["status"] == "PENDING_CREATE"
    assert code(api.put(made["id"], {"name": "newer"})) == (400, "VPN.0306")


@checks
def reset_pending(cloud, api):
    made = cloud.add_connection(psk=KEY)
    api.put(made["id"], {"psk": "Another-Key-2"})
    cloud.advance(61)
    cloud.switch(reset_pending=False)
    api.reset(made["id"])
    assert api.show(made["id"])["status"] == "DOWN" and cloud.negotiated(made["id"])["psk"] == "Another-Key-2"


@checks
def reset_renegotiates(cloud, api):
    for pending in (True, False):
        made = cloud.add_connection(psk=KEY)
        cloud.switch(reset_renegotiates=False, reset_pending=pending)
        api.put(made["id"], {"psk": "Another-Key-2"})
        cloud.advance(61)
        assert api.reset(made["id"]).status_code == 200
        cloud.advance(61)
        assert cloud.negotiated(made["id"])["psk"] == KEY


@checks
def reset_down(cloud, api):
    for pending, dwell in ((True, 60), (False, 0)):
        made = cloud.add_connection(psk=KEY, status="ACTIVE")
        cloud.switch(reset_down=30, reset_pending=pending)
        api.reset(made["id"])
        cloud.advance(dwell + 1)
        assert api.show(made["id"])["status"] == "DOWN"
        cloud.advance(28)
        assert api.show(made["id"])["status"] == "DOWN"
        cloud.advance(2)
        assert api.show(made["id"])["status"] == "ACTIVE"
    api.reset(made["id"])
    cloud.set_status(made["id"], "ACTIVE")
    assert api.show(made["id"])["status"] == "ACTIVE"


@checks
def version_change_renegotiates(cloud, api):
    cloud.switch(version_change_renegotiates=True)
    made = cloud.add_connection(psk=KEY)
    api.put(made["id"], {"psk": "Another-Key-2", "ikepolicy": {"ike_version": "v1"}})
    assert cloud.negotiated(made["id"])["psk"] == "Another-Key-2"


@checks
def update_in_error(cloud, api):
    cloud.switch(update_in_error="refused")
    for status in ("ERROR", "UNKNOWN"):
        made = cloud.add_connection(status=status)
        assert code(api.put(made["id"], NEW)) == code(api.reset(made["id"])) == (400, "VPN.0001")
        assert api.delete(made["id"]).status_code == 204


@checks
def delete_in_error(cloud, api):
    cloud.switch(delete_in_error="refused")
    for status in ("ERROR", "UNKNOWN"):
        assert code(api.delete(cloud.add_connection(status=status)["id"])) == (400, "VPN.0001")


@checks
def delete_in_pending(cloud, api):
    for status in ("PENDING_CREATE", "PENDING_UPDATE"):
        cloud.switch(delete_in_pending="refused")
        made = cloud.add_connection(status=status)
        assert code(api.delete(made["id"])) == (400, "VPN.0306")
        cloud.switch(delete_in_pending="accepted")
        assert api.delete(made["id"]).status_code == 204 and api.show(made["id"])["status"] == "PENDING_DELETE"


@checks
def gateway_busy(cloud, api):
    first, second = cloud.add_connection(), cloud.add_connection()
    elsewhere = cloud.add_connection(**place(cloud))
    api.put(first["id"], NEW)
    for busy, status in (("VPN.0016", 409), ("VPN.0017", 409), ("VPN.0507", 400), ("VPN.0003", 403)):
        cloud.switch(gateway_busy=busy)
        assert code(api.put(second["id"], NEW)) == code(api.reset(second["id"])) == (status, busy)
        wanted = {"vgw_id": first["vgw_id"], "vgw_ip": first["vgw_ip"], "peer_subnets": ["172.16.0.0/16"]}
        assert code(api.create(**wanted, cgw_id=elsewhere["cgw_id"])) == (status, busy)
        assert code(api.put(first["id"], {"name": "newer"})) == (400, "VPN.0306")
    assert api.put(elsewhere["id"], NEW).status_code == 200
    cloud.switch(gateway_busy="off")
    assert api.put(second["id"], NEW).status_code == 200


# -- eventual consistency


@checks
def lag(cloud, api):
    cloud.switch(lag=3)
    made = cloud.add_connection()
    api.put(made["id"], NEW)
    assert (api.show(made["id"])["status"], api.show(made["id"])["name"]) == ("DOWN", "new")
    assert code(api.put(made["id"], {"name": "newer"})) == (400, "VPN.0306")
    cloud.advance(4)
    assert api.show(made["id"])["status"] == "PENDING_UPDATE"
    cloud.advance(60)
    assert api.show(made["id"])["status"] == "DOWN"


@checks
def stale_reads(cloud, api):
    cloud.switch(stale_reads=2, dwell=0)
    made = cloud.add_connection(name="old")
    assert api.put(made["id"], NEW).json()["vpn_connection"]["name"] == "new"
    assert [api.show(made["id"])["name"], api.list()[0]["name"], api.show(made["id"])["name"]] == ["old", "old", "new"]
    fresh = created(cloud, api)
    assert [len(api.list()), len(api.list()), len(api.list())] == [1, 1, 2]
    api.delete(fresh["id"])
    assert [api.show(fresh["id"])["status"], len(api.list()), len(api.list())] == ["DOWN", 2, 1]


@checks
def stale_seconds(cloud, api):
    cloud.switch(stale_seconds=5, dwell=0)
    made = cloud.add_connection(name="old")
    api.put(made["id"], NEW)
    assert [api.show(made["id"])["name"] for _number in range(3)] == ["old"] * 3
    cloud.advance(6)
    assert api.show(made["id"])["name"] == "new"
    api.delete(made["id"])
    assert api.show(made["id"])["status"] == "DOWN"
    cloud.advance(6)
    assert api.list() == []


@checks
def stale_scope(cloud, api):
    for scope, shown, listed in (("show", "old", "new"), ("list", "new", "old")):
        cloud.reset()
        cloud.switch(stale_scope=scope, stale_reads=1)
        made = cloud.add_connection(name="old")
        api.put(made["id"], NEW)
        assert (api.show(made["id"])["name"], api.list()[0]["name"]) == (shown, listed)


@checks
def transient_404_reads(cloud, api):
    cloud.switch(transient_404_reads=2)
    made = cloud.add_connection()
    api.put(made["id"], NEW)
    path = f"vpn-connection/{made['id']}"
    assert [api.call("GET", path).status_code for _number in range(3)] == [404, 404, 200]


@checks
def tags_delay(cloud, api):
    cloud.switch(tags_delay=5)
    made = cloud.add_connection(tags={"a": "1"})
    api.list()
    api.tags(made["id"], "create", {"key": "b", "value": "2"})
    assert len(api.call("GET", f"vpn-connection/{made['id']}/tags").json()["tags"]) == 2
    assert api.show(made["id"])["tags"] == api.list()[0]["tags"] == [{"key": "a", "value": "1"}]
    cloud.advance(6)
    assert len(api.show(made["id"])["tags"]) == len(api.list()[0]["tags"]) == 2


# -- order and form of answers


@checks
def list_order(cloud, api):
    made = [cloud.add_connection()["id"] for _number in range(8)]
    orders = {}
    for order in SWITCHES["list_order"].allowed:
        cloud.switch(list_order=order)
        orders[order] = [found["id"] for found in api.list()]
        assert orders[order] == [found["id"] for found in api.list()]
    assert orders["oldest_first"] == made and orders["newest_first"] == made[::-1]
    assert sorted(orders["shuffled"]) == sorted(made) and orders["shuffled"] not in (made, made[::-1])


@checks
def answer_lists(cloud, api):
    made = policy(cloud, tags={"b": "1", "a": "2"})
    expected = {"kept": ["192.168.2.9/24", "192.168.1.0/24"], "reversed": ["192.168.1.0/24", "192.168.2.9/24"]}
    for order in ("kept", "reversed"):
        cloud.switch(answer_lists=order)
        shown = api.show(made["id"])
        rules = shown["policy_rules"][:: -1 if order == "reversed" else 1]
        assert [rule["source"] for rule in rules] == ["10.0.2.9/24", "10.0.1.0/24"]
        assert rules[0]["destination"] == expected[order]
    cloud.switch(answer_lists="sorted")
    shown = api.show(made["id"])
    assert shown["peer_subnets"] == ["192.168.1.0/24", "192.168.2.9/24", "192.168.3.0/24"]
    assert [rule["source"] for rule in shown["policy_rules"]] == ["10.0.1.0/24", "10.0.2.9/24"]
    assert [tag["key"] for tag in shown["tags"]] == ["a", "b"]


@checks
def host_bits(cloud, api):
    made = policy(cloud)
    assert api.show(made["id"])["peer_subnets"][0] == "192.168.2.9/24"
    cloud.switch(host_bits="rewritten")
    for shown in (api.show(made["id"]), api.list()[0], api.put(made["id"], NEW).json()["vpn_connection"]):
        assert shown["peer_subnets"] == ["192.168.2.0/24", "192.168.1.0/24", "192.168.3.0/24"]
        assert shown["policy_rules"][0] == {
            "source": "10.0.2.0/24",
            "destination": ["192.168.2.0/24", "192.168.1.0/24"],
        }
        assert shown["tunnel_local_address"].endswith("/30")


@checks
def rules_form(cloud, api):
    made = policy(cloud)
    cloud.switch(rules_form="split")
    assert api.show(made["id"])["policy_rules"] == [
        {"rule_index": 0, "source": "10.0.2.9/24", "destination": ["192.168.2.9/24"]},
        {"rule_index": 1, "source": "10.0.2.9/24", "destination": ["192.168.1.0/24"]},
        {"rule_index": 2, "source": "10.0.1.0/24", "destination": ["192.168.3.0/24"]},
    ]
    rules = [
        {"source": "10.0.2.0/24", "destination": [destination]} for destination in ("192.168.1.0/24", "192.168.2.0/24")
    ]
    twice = cloud.add_connection(style="policy", policy_rules=rules)
    cloud.switch(rules_form="merged")
    assert api.show(twice["id"])["policy_rules"] == [
        {"source": "10.0.2.0/24", "destination": ["192.168.1.0/24", "192.168.2.0/24"]}
    ]
    cloud.switch(rules_form="kept")
    assert api.show(twice["id"])["policy_rules"] == rules


@checks
def rule_index(cloud, api):
    for setting, when_created, when_shown in (("create", True, False), ("never", False, False), ("always", True, True)):
        cloud.switch(rule_index=setting)
        rules = [{"source": "10.0.1.0/24", "destination": ["172.16.0.0/16"]}]
        made = created(cloud, api, style="policy", policy_rules=rules)
        assert ("rule_index" in made["policy_rules"][0]) == when_created
        assert ("rule_index" in api.show(made["id"])["policy_rules"][0]) == when_shown


@checks
def optional_members(cloud, api):
    made = cloud.add_connection()
    not_applying = ("policy_rules", "policy_rules_v6", "peer_subnets_v6", "tags", "enable_hub", "connection_monitor_id")
    assert not set(not_applying) & set(api.show(made["id"]))
    cloud.switch(optional_members="null")
    for shown in (api.show(made["id"]), api.list()[0]):
        assert {shown[name] for name in not_applying} == {None} and shown["ikepolicy"][
            "phase1_negotiation_mode"
        ] is None
    cloud.switch(optional_members="empty")
    shown = api.show(made["id"])
    assert shown["policy_rules"] == shown["tags"] == shown["peer_subnets_v6"] == [] and "enable_hub" not in shown
    assert shown["ikepolicy"]["phase1_negotiation_mode"] == shown["connection_monitor_id"] == ""


@checks
def empty_tags(cloud, api):
    made = cloud.add_connection()
    for setting, expected in (("absent", "absent"), ("list", []), ("null", None)):
        cloud.switch(empty_tags=setting)
        assert api.show(made["id"]).get("tags", "absent") == expected


@checks
def ids(cloud, api):
    made = cloud.add_connection(ikepolicy={"peer_id_type": "fqdn", "peer_id": "branch.example"})
    assert api.show(made["id"])["ikepolicy"]["local_id"] == "198.18.0.1"
    cloud.switch(ids="masked")
    assert api.show(made["id"])["ikepolicy"]["local_id"] == "198.***.***.1"
    assert api.show(made["id"])["ikepolicy"]["peer_id"] == "branch.example"
    cloud.switch(ids="absent")
    assert not {"local_id", "peer_id"} & set(api.show(made["id"])["ikepolicy"])


@checks
def id_types(cloud, api):
    made = cloud.add_connection()
    assert api.show(made["id"])["ikepolicy"]["local_id_type"] == "ip"
    cloud.switch(id_types="absent")
    assert not {"local_id_type", "peer_id_type"} & set(api.show(made["id"])["ikepolicy"])


@checks
def style_case(cloud, api):
    made = cloud.add_connection()
    cloud.switch(style_case="lower")
    assert api.show(made["id"])["style"] == "static"


@checks
def numbers(cloud, api):
    made = cloud.add_connection()
    cloud.switch(numbers="strings")
    shown, page = api.show(made["id"]), api.list_page()
    assert shown["ikepolicy"]["lifetime_seconds"] == "86400" and shown["ikepolicy"]["dpd"]["timeout"] == "15"
    assert shown["enable_nqa"] is False and page["total_count"] == "1"
    assert page["vpn_connections"][0]["ipsecpolicy"]["lifetime_seconds"] == "3600"


@checks
def old_members(cloud, api):
    cloud.switch(old_members="present")
    bgp, rules = api.show(cloud.add_connection(style="bgp")["id"]), api.show(policy(cloud)["id"])
    assert (bgp["eip_id"], bgp["type"], bgp["route_mode"]) == (bgp["vgw_ip"], "ROUTE", "bgp")
    assert rules["type"] == "POLICY" and "route_mode" not in rules


@checks
def bgp_peer(cloud, api):
    cloud.switch(bgp_peer="present")
    made = cloud.add_connection(style="bgp", status="ACTIVE")
    assert api.show(made["id"])["bgp_peer"]["state"] == api.list()[0]["bgp_peer"]["state"] == "ESTABLISHED"
    assert "bgp_peer" not in api.show(cloud.add_connection()["id"])
    assert "bgp_peer" not in api.put(made["id"], NEW).json()["vpn_connection"]


@checks
def er_peer_subnets(cloud, api):
    made = cloud.add_connection(**place(cloud, attachment_type="er"), style="bgp", peer_subnets=["192.168.1.0/24"])
    assert "peer_subnets" not in api.show(made["id"])
    cloud.switch(er_peer_subnets="present")
    assert api.show(made["id"])["peer_subnets"] == ["192.168.1.0/24"]


@checks
def list_items(cloud, api):
    made = policy(cloud)
    cloud.switch(list_items="no_policies")
    assert not {"ikepolicy", "ipsecpolicy", "policy_rules"} & set(api.list()[0])
    assert {"ikepolicy", "ipsecpolicy", "policy_rules"} <= set(api.show(made["id"]))


@checks
def list_ha_role(cloud, api):
    made = cloud.add_connection()
    cloud.switch(list_ha_role="absent")
    assert "ha_role" not in api.list()[0] and api.show(made["id"])["ha_role"] == "master"


@checks
def updated_at(cloud, api):
    made = cloud.add_connection()
    api.put(made["id"], NEW)
    assert api.show(made["id"])["updated_at"] > made["created_at"]
    cloud.switch(updated_at="unchanged")
    assert api.show(made["id"])["updated_at"] == made["created_at"]


@checks
def fraction_digits(cloud, api):
    for digits in SWITCHES["fraction_digits"].allowed:
        cloud.switch(fraction_digits=digits)
        cloud.add_connection(name=f"c-{digits}")
        assert len(api.list()[0]["created_at"]) == len("2026-01-02T03:04:05.Z") + digits
    cloud.switch(list_order="oldest_first")
    assert [found["name"] for found in api.list()] == [f"c-{digits}" for digits in range(1, 10)]


@checks
def error_shape(cloud, api):
    shapes = {
        "vpn": ["error_code", "error_msg", "request_id"],
        "code_message": ["code", "message", "request_id"],
        "camel": ["errorCode", "errorMsg", "requestId"],
        "nested": ["error", "request_id"],
    }
    for shape, members in shapes.items():
        cloud.switch(error_shape=shape)
        answer = api.call("GET", "vpn-connection/x").json()
        assert list(answer) == members
        assert (answer["error"]["code"] if shape == "nested" else answer[members[0]]) == "VPN.0004"
        assert "error_code" in api.call("GET", "nothing").json()


@checks
def iam_error_shape(cloud, api):
    assert "error" in api.call("POST", "/v3/auth/tokens", {}).json()
    cloud.switch(iam_error_shape="flat")
    assert api.call("POST", "/v3/auth/tokens", {}).json()["error_code"] == "IAM.0011"


@checks
def request_id(cloud, api):
    cloud.add_connection()
    for place_of_it, in_body, in_header in (
        ("both", True, True),
        ("body", True, False),
        ("header", False, True),
        ("absent", False, False),
    ):
        cloud.switch(request_id=place_of_it)
        for path in ("vpn-connection", "vpn-connection/x"):
            answer = api.call("GET", path)
            assert ("request_id" in answer.json()) == in_body and ("X-Request-Id" in answer.headers) == in_header


@checks
def psk_in_errors(cloud, api):
    made = cloud.add_connection()
    cloud.switch(psk_in_errors=True)
    for bad in ("Abc-1", "onlyonekindofletter"):
        assert bad in api.put(made["id"], {"psk": bad}).text


@checks
def psk_in_export(cloud, api):
    made = policy(cloud)
    cloud.switch(psk_in_export=False)
    device = api.call("GET", "peer-configuration/supported-devices").json()["supported_devices"][0]
    text = api.call("POST", f"vpn-connection/{made['id']}/peer-configuration/export", device).json()["peer_config"]
    assert KEY not in text and "pre-shared-key ********" in text


@checks
def devices_form(cloud, api):
    cloud.switch(devices_form="platform")
    shown = api.call("GET", "peer-configuration/supported-devices").json()["supported_devices"]
    assert {tuple(device) for device in shown} == {("vendor", "platform", "version")}


# -- paging


def three(cloud):
    """Three connections, one of them of another gateway."""
    return [cloud.add_connection(), cloud.add_connection(), cloud.add_connection(**place(cloud))]


@checks
def page_cap(cloud, api):
    three(cloud)
    cloud.switch(page_cap=2)
    assert len(api.list()) == len(api.list(limit=2000)) == 2 and len(api.list(limit=1)) == 1


@checks
def total_count(cloud, api):
    made = three(cloud)
    assert api.list_page(vgw_id=made[2]["vgw_id"])["total_count"] == 3
    cloud.switch(total_count="filter")
    assert api.list_page(vgw_id=made[2]["vgw_id"])["total_count"] == 1


@checks
def last_marker(cloud, api):
    made = three(cloud)
    for setting, expected in (("present", made[0]["created_at"]), ("absent", "absent"), ("null", None)):
        cloud.switch(last_marker=setting)
        page = api.list_page(limit=2)
        assert page["page_info"]["next_marker"] == made[1]["created_at"]
        rest = api.list_page(limit=2, marker=page["page_info"]["next_marker"])
        assert rest["page_info"].get("next_marker", "absent") == expected


@checks
def page_border(cloud, api):
    made = three(cloud)
    marker = made[1]["created_at"]
    assert [found["id"] for found in api.list(limit=5, marker=marker)] == [made[0]["id"]]
    cloud.switch(page_border="at")
    assert [found["id"] for found in api.list(limit=5, marker=marker)] == [made[1]["id"], made[0]["id"]]


@checks
def limit_zero(cloud, api):
    three(cloud)
    assert api.list(limit=0) == []
    cloud.switch(limit_zero="default")
    assert len(api.list(limit=0)) == 3
    cloud.switch(limit_zero="refused")
    assert code(api.call("GET", "vpn-connection", params={"limit": 0})) == (400, "VPN.0001")


@checks
def unknown_query(cloud, api):
    three(cloud)
    cloud.switch(unknown_query="ignored")
    assert len(api.list(name="x")) == 3


@checks
def sdk_only_filters(cloud, api):
    made = three(cloud)[2]
    filters = (
        ("vpn-connection", "vpn_id", made["id"]),
        ("vpn-connection", "eip_id", made["vgw_ip"]),
        ("vpn-gateways", "vgw_id", made["vgw_id"]),
        ("customer-gateways", "cgw_id", made["cgw_id"]),
    )
    for setting, alone in (("ignored", False), ("honoured", True)):
        cloud.switch(sdk_only_filters=setting)
        for path, name, value in filters:
            answer = api.call("GET", path, params={name: value}).json()
            assert (len(answer[path.replace("-", "_").rstrip("s") + "s"]) == 1) == alone


@checks
def name_match(cloud, api):
    cloud.add_connection(name="branch")
    cloud.add_connection(name="branch-2")
    for setting, number in (("exact", 1), ("partial", 2)):
        cloud.switch(name_match=setting)
        query = {"matches": [{"key": "resource_name", "value": "branch"}]}
        assert api.call("POST", "vpn-connection/resource-instances/count", query).json()["total_count"] == number


# -- what PUT and POST accept


@checks
def unlisted_members(cloud, api):
    made = cloud.add_connection()
    cloud.switch(unlisted_members="ignored", dwell=0)
    answer = api.put(
        made["id"], {"name": "new", "vgw_id": "x", "nonsense": 1, "ikepolicy": {"authentication_method": "x"}}
    )
    assert answer.status_code == 200 and cloud.connection(made["id"])["vgw_id"] == made["vgw_id"]
    assert created(cloud, api, status="ACTIVE")["id"]


def empty_values(cloud, api, switch, value):
    """A value that stands for nothing: refused, ignored, or taken as clearing."""
    made = cloud.add_connection(psk=KEY, ikepolicy={"local_id": "203.0.113.77"})
    cloud.switch(dwell=0)
    members = (
        {"name": "new", "ikepolicy": {"local_id": value}} if value != [] else {"name": "new", "peer_subnets": value}
    )
    assert code(api.put(made["id"], members)) == (400, "VPN.0001")
    cloud.switch(**{switch: "ignored"})
    assert api.put(made["id"], members).json()["vpn_connection"]["ikepolicy"]["local_id"] == "203.0.113.77"
    assert api.show(made["id"])["peer_subnets"] == ["192.168.0.0/24"]
    cloud.switch(**{switch: "clears"})
    shown = api.put(made["id"], members).json()["vpn_connection"]
    return shown, made


@checks
def null_on_put(cloud, api):
    shown, made = empty_values(cloud, api, "null_on_put", None)
    assert shown["ikepolicy"]["local_id"] == "198.18.0.1"
    api.put(made["id"], {"psk": None, "cgw_id": None})
    assert cloud.configured(made["id"])["psk"] is None and cloud.connection(made["id"])["cgw_id"] == made["cgw_id"]


@checks
def empty_list_on_put(cloud, api):
    assert empty_values(cloud, api, "empty_list_on_put", [])[0]["peer_subnets"] == []


@checks
def empty_string_on_put(cloud, api):
    assert empty_values(cloud, api, "empty_string_on_put", "")[0]["ikepolicy"]["local_id"] == "198.18.0.1"


@checks
def empty_update(cloud, api):
    made = cloud.add_connection()
    cloud.switch(empty_update="accepted")
    assert api.put(made["id"], {}).status_code == 200


@checks
def dropped_members(cloud, api):
    made = cloud.add_connection(name="old")
    cloud.switch(dropped_members=["name", "ikepolicy.dpd.timeout"])
    answer = api.put(made["id"], {"name": "new", "ikepolicy": {"dpd": {"timeout": 50, "interval": 50}}}).json()
    assert answer["vpn_connection"]["name"] == api.show(made["id"])["name"] == "old"
    assert api.show(made["id"])["ikepolicy"]["dpd"] == {"timeout": 15, "interval": 50, "msg": "seq-hash-notify"}


@checks
def dropped_echo(cloud, api):
    made = cloud.add_connection(name="old")
    cloud.switch(dropped_members=["name"], dropped_echo="new")
    assert api.put(made["id"], NEW).json()["vpn_connection"]["name"] == "new"
    assert api.show(made["id"])["name"] == "old"


@checks
def enable_nqa_on_put(cloud, api):
    cloud.switch(dwell=0)
    made, rules = cloud.add_connection(), policy(cloud)
    for setting, status, value in (("refused", 400, False), ("ignored", 200, False), ("applied", 200, True)):
        cloud.switch(enable_nqa_on_put=setting)
        assert api.put(made["id"], {"name": "new", "enable_nqa": True}).status_code == status
        assert api.show(made["id"])["enable_nqa"] is value
    assert "enable_nqa must not be filled" in api.put(rules["id"], {"enable_nqa": False}).text


@checks
def enable_nqa_off_static(cloud, api):
    cloud.switch(enable_nqa_off_static="ignored")
    assert created(cloud, api, style="bgp", enable_nqa=False)["style"] == "BGP"


@checks
def enable_hub_off_bgp(cloud, api):
    cloud.switch(enable_hub_off_bgp="ignored")
    made = created(cloud, api, enable_hub=False)
    cloud.advance(61)
    assert api.put(made["id"], {"name": "new", "enable_hub": True}).status_code == 200
    assert "enable_hub" not in api.show(made["id"])


@checks
def phase1_mode_under_v2(cloud, api):
    made = cloud.add_connection()
    members = {"name": "new", "ikepolicy": {"phase1_negotiation_mode": "aggressive"}}
    assert api.put(made["id"], members).status_code == 200
    assert cloud.configured(made["id"])["ikepolicy"]["phase1_negotiation_mode"] == "main"
    cloud.advance(61)
    cloud.switch(phase1_mode_under_v2="refused")
    assert code(api.put(made["id"], members)) == (400, "VPN.0001")


@checks
def gcm_under_v1(cloud, api):
    cloud.switch(gcm_under_v1="accepted")
    made = cloud.add_connection(ikepolicy={"ike_version": "v1"})
    assert api.put(made["id"], {"ikepolicy": {"encryption_algorithm": "aes-256-gcm-16"}}).status_code == 200


@checks
def ip_ids_on_put(cloud, api):
    cloud.switch(ip_ids_on_put="refused")
    made = cloud.add_connection()
    assert code(api.put(made["id"], {"ikepolicy": {"peer_id": "203.0.113.9"}})) == (400, "VPN.0001")
    fqdn = {"peer_id_type": "fqdn", "peer_id": "branch"}
    assert api.put(made["id"], {"ikepolicy": fqdn}).status_code == 200


@checks
def fqdn_ids(cloud, api):
    cloud.switch(fqdn_ids="refused")
    made = cloud.add_connection()
    fqdn = {"peer_id_type": "fqdn", "peer_id": "branch"}
    assert "not supported" in api.put(made["id"], {"ikepolicy": fqdn}).text


@checks
def enum_values(cloud, api):
    made = cloud.add_connection()
    members = {"ikepolicy": {"encryption_algorithm": "aes-256-gcm-128", "peer_id_type": "any"}}
    assert code(api.put(made["id"], members)) == (400, "VPN.0001")
    cloud.switch(enum_values="wider")
    assert api.put(made["id"], members).status_code == 200
    assert created(cloud, api, style="policy-template")["style"] == "POLICY-TEMPLATE"


@checks
def ipsec_lifetime_minimum(cloud, api):
    made = cloud.add_connection()
    cloud.switch(ipsec_lifetime_minimum=60)
    assert code(api.put(made["id"], {"ipsecpolicy": {"lifetime_seconds": 59}})) == (400, "VPN.0001")
    assert api.put(made["id"], {"ipsecpolicy": {"lifetime_seconds": 60}}).status_code == 200


@checks
def name_characters(cloud, api):
    made = cloud.add_connection()
    assert code(api.put(made["id"], {"name": "\u5206\u652f-1"})) == (400, "VPN.0001")
    cloud.switch(name_characters="chinese")
    assert code(api.put(made["id"], {"name": "a b"})) == (400, "VPN.0001")
    assert api.put(made["id"], {"name": "\u5206\u652f-1"}).json()["vpn_connection"]["name"] == "\u5206\u652f-1"


@checks
def reserved_subnets(cloud, api):
    cloud.switch(reserved_subnets="accepted")
    made = cloud.add_connection()
    assert api.put(made["id"], {"peer_subnets": ["100.64.1.0/24", "214.0.0.0/8"]}).status_code == 200


@checks
def overlapping_rules(cloud, api):
    cloud.switch(overlapping_rules="accepted")
    rules = [{"source": source, "destination": ["192.168.1.0/24"]} for source in ("10.0.0.0/24", "10.0.0.0/16")]
    assert api.put(policy(cloud)["id"], {"policy_rules": rules}).status_code == 200


@checks
def psk_on_create(cloud, api):
    assert created(cloud, api)["id"]
    cloud.switch(psk_on_create="required")
    assert "psk is required" in api.create(**place(cloud), peer_subnets=["172.16.0.0/16"]).text
    assert created(cloud, api, psk=KEY)["id"]


def second_pair(cloud, api):
    """A second connection of a pair of vgw_ip and cgw_id: by create, and by update."""
    first, other = cloud.add_connection(), cloud.add_connection()
    pair = {name: first[name] for name in ("vgw_id", "vgw_ip", "cgw_id")}
    return [api.create(**pair, peer_subnets=["172.16.0.0/16"]), api.put(other["id"], {"cgw_id": first["cgw_id"]})]


@checks
def duplicate_pair(cloud, api):
    assert [code(answer) for answer in second_pair(cloud, api)] == [(400, "VPN.0001")] * 2
    cloud.switch(duplicate_pair="accepted")
    assert [answer.status_code for answer in second_pair(cloud, api)] == [201, 200]


@checks
def duplicate_pair_code(cloud, api):
    for refusal in SWITCHES["duplicate_pair_code"].allowed:
        cloud.switch(duplicate_pair_code=refusal)
        assert code(second_pair(cloud, api)[0]) == (400, refusal)


@checks
def duplicate_names(cloud, api):
    first, other = cloud.add_connection(name="one"), cloud.add_connection()
    cloud.switch(duplicate_names="refused")
    assert code(api.put(other["id"], {"name": "one"})) == (400, "VPN.0001")
    assert api.put(first["id"], {"name": "one"}).status_code == 200
    cloud.switch(duplicate_names="accepted")
    assert api.put(other["id"], {"name": "one"}).status_code == 200


@checks
def batch_atomic(cloud, api):
    for atomic in (True, False):
        cloud.reset()
        cloud.switch(batch_atomic=atomic)
        good = {**place(cloud), "peer_subnets": ["172.16.0.0/16"]}
        answer = api.call(
            "POST", "vpn-connections/batch-create", {"vpn_connections": [good, {**good, "vgw_ip": "x" * 36}]}
        )
        assert code(answer) == (400, "VPN.0001")
        assert (len(cloud.connections()), cloud.writes()[0].applied) == ((0, False) if atomic else (1, True))


@checks
def connection_quota(cloud, api):
    three(cloud)
    cloud.switch(connection_quota=3)
    assert "quota" in api.create(**place(cloud), peer_subnets=["172.16.0.0/16"]).text
    quotas = api.call("GET", "vpn/quotas").json()["quotas"]["resources"]
    assert {"type": "vpn_connection", "quota": 3, "used": 3} in quotas


@checks
def quota_code(cloud, api):
    for refusal, status in (("VPN.0001", 400), ("VPN.0007", 403), ("VPN.0013", 400)):
        cloud.switch(connection_quota=0, quota_code=refusal)
        assert code(api.create(**place(cloud), peer_subnets=["172.16.0.0/16"])) == (status, refusal)


# -- tags


@checks
def tags_create(cloud, api):
    made = cloud.add_connection(tags={"a": "1"})
    assert api.tags(made["id"], "create", {"key": "a", "value": "2"}).status_code == 204
    cloud.switch(tags_create="refuses")
    assert code(api.tags(made["id"], "create", {"key": "a", "value": "3"}, {"key": "b"})) == (400, "VPN.0001")
    assert cloud.connection(made["id"])["tags"] == {"a": "2"}


@checks
def tags_delete_value(cloud, api):
    for setting, left in (("ignored", {}), ("must_match", {"a": "1"})):
        made = cloud.add_connection(tags={"a": "1", "b": "2"})
        cloud.switch(tags_delete_value=setting)
        tags = ({"key": "a", "value": "other"}, {"key": "b", "value": "2"}, {"key": "unknown"})
        assert api.tags(made["id"], "delete", *tags).status_code == 204
        assert cloud.connection(made["id"])["tags"] == left


@checks
def tag_characters(cloud, api):
    made = cloud.add_connection()
    tag = {"key": "\u5206\u652f", "value": "x"}
    assert code(api.tags(made["id"], "create", tag)) == (400, "VPN.0001")
    assert api.tags(made["id"], "create", {"key": "due\u00f1o", "value": "a b_.:=+-@"}).status_code == 204
    cloud.switch(tag_characters="chinese")
    assert api.tags(made["id"], "create", tag).status_code == 204


# -- the API gateway


@checks
def latency(cloud, api):
    cloud.switch(latency=100)
    begun = time.monotonic()
    api.list()
    assert time.monotonic() - begun >= 0.1


@checks
def rate_limit(cloud, api):
    cloud.switch(rate_limit=2)
    answers = [api.call("GET", "vpn-connection") for _number in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert answers[2].headers["Retry-After"] == "1" and cloud.journal()[-1].error_code == "APIGW.0308"
    cloud.advance(1.1)
    assert api.call("GET", "vpn-connection").status_code == 200


def throttled(cloud, api, **switches):
    """The refusal of a request too many."""
    cloud.switch(rate_limit=1, **switches)
    api.call("GET", "vpn-connection")
    return api.call("GET", "vpn-connection")


@checks
def rate_limit_code(cloud, api):
    assert code(throttled(cloud, api, rate_limit_code="VPN.0429")) == (429, "VPN.0429")


@checks
def rate_limit_retry_after(cloud, api):
    assert "Retry-After" not in throttled(cloud, api, rate_limit_retry_after="absent").headers
    moment = email.utils.parsedate_to_datetime(
        throttled(cloud, api, rate_limit_retry_after="date").headers["Retry-After"]
    )
    assert -2 < moment.timestamp() - time.time() < 2


@checks
def token_lifetime(cloud, api):
    cloud.switch(token_lifetime=5)
    late = Api(cloud)
    assert late.list() == []
    cloud.advance(6)
    assert code(late.call("GET", "vpn-connection")) == (401, "APIGW.0301")
    assert api.list() == []


@checks
def expired_token_code(cloud, api):
    cloud.switch(expired_token_code="VPN.0010")
    cloud.expire_tokens()
    assert code(api.call("GET", "vpn-connection")) == (401, "VPN.0010")
