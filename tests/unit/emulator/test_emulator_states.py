# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The state machine, and what is negotiated when."""

from __future__ import annotations

import pytest

from ansible_collections.huaweicloud.vpn.tests.emulator.items import Association
from ansible_collections.huaweicloud.vpn.tests.unit.emulator.helpers import KEY, code, place

NEW_KEY = "Another-Key-2"


@pytest.mark.parametrize("resting", ["ACTIVE", "DOWN"])
def test_update(cloud, api, resting):
    made = cloud.add_connection(status=resting)
    assert "status" not in api.put(made["id"], {"name": "new"}).json()["vpn_connection"]
    assert api.show(made["id"])["status"] == api.list()[0]["status"] == "PENDING_UPDATE"
    cloud.advance(61)
    assert api.show(made["id"])["status"] == resting


def test_create_and_delete(cloud, api):
    answer = api.create(**place(cloud), peer_subnets=["172.16.0.0/16"])
    made = answer.json()["vpn_connection"]
    assert answer.status_code == 201 and "status" not in made
    assert api.show(made["id"])["status"] == "PENDING_CREATE"
    cloud.advance(61)
    assert api.show(made["id"])["status"] == "DOWN"
    assert api.delete(made["id"]).status_code == 204
    assert api.show(made["id"])["status"] == "PENDING_DELETE"
    cloud.advance(61)
    assert code(api.call("GET", f"vpn-connection/{made['id']}")) == (404, "VPN.0004")
    assert api.list() == []
    assert code(api.delete(made["id"])) == (404, "VPN.0004")


REFUSED = {
    "PENDING_CREATE": ((400, "VPN.0306"), (400, "VPN.0306"), (400, "VPN.0306")),
    "PENDING_UPDATE": ((400, "VPN.0306"), (400, "VPN.0306"), (400, "VPN.0306")),
    "PENDING_DELETE": ((425, "VPN.0009"), (425, "VPN.0009"), (425, "VPN.0009")),
    "FREEZED": ((400, "VPN.0001"), (400, "VPN.0001"), (400, "VPN.0001")),
}


@pytest.mark.parametrize("status", REFUSED)
def test_refusals_by_state(cloud, api, status):
    made = cloud.add_connection(status=status)
    update, reset, delete = REFUSED[status]
    assert code(api.put(made["id"], {"name": "new"})) == update
    assert code(api.reset(made["id"])) == reset
    assert code(api.delete(made["id"])) == delete
    assert [entry.applied for entry in cloud.writes()] == [False] * 3
    assert cloud.connection(made["id"])["name"] == made["name"]


def test_text_of_a_frozen_connection(cloud, api):
    made = cloud.add_connection(status="FREEZED")
    assert api.put(made["id"], {"name": "new"}).json()["error_msg"] == (
        "invalid request: ILLEGAL not allowed update vpnConnection"
    )
    assert api.delete(made["id"]).json()["error_msg"] == "invalid request: ILLEGAL not allowed delete vpnConnection"


@pytest.mark.parametrize(
    "status, expected",
    [
        ("PENDING_CREATE", (400, "VPN.0506")),
        ("PENDING_UPDATE", (400, "VPN.0507")),
        ("PENDING_DELETE", (400, "VPN.0508")),
        ("FREEZED", (400, "VPN.0001")),
    ],
)
def test_refusals_by_the_gateway(cloud, api, status, expected):
    where = place(cloud)
    made = cloud.add_connection(vgw_id=where["vgw_id"])
    cloud.set_gateway_status(where["vgw_id"], status)
    assert code(api.put(made["id"], {"name": "new"})) == expected
    assert code(api.delete(made["id"])) == expected
    assert code(api.create(**where, peer_subnets=["172.16.0.0/16"])) == expected


def test_busy_gateway_becomes_ready(cloud, api):
    made = cloud.add_connection()
    cloud.set_gateway_status(made["vgw_id"], "PENDING_UPDATE", settle_after=5)
    assert code(api.put(made["id"], {"name": "new"})) == (400, "VPN.0507")
    cloud.advance(6)
    assert api.put(made["id"], {"name": "new"}).status_code == 200
    cloud.set_gateway_status(made["vgw_id"], "PENDING_DELETE", settle_after=5)
    cloud.advance(6)
    assert cloud.gateways() == []


def test_a_reset_that_fails_negotiates_nothing(cloud, api):
    made = cloud.add_connection(psk=KEY)
    cloud.switch(dwell=0)
    api.put(made["id"], {"psk": "Another-Key-2"})
    for fault, key in ((True, KEY), (False, "Another-Key-2")):
        if fault:
            cloud.fault("error_after_update", operation="resetVpnConnection")
        assert api.reset(made["id"]).status_code == 200
        assert api.show(made["id"])["status"] == ("ERROR" if fault else "DOWN")
        assert cloud.negotiated(made["id"])["psk"] == key


def test_unknown_partners(cloud, api):
    where = {**place(cloud), "peer_subnets": ["172.16.0.0/16"]}
    nowhere = "6d3c1e52-0000-4000-8000-000000000000"
    assert code(api.create(**{**where, "vgw_id": nowhere})) == (404, "VPN.0509")
    assert code(api.create(**{**where, "cgw_id": nowhere})) == (404, "VPN.0004")
    assert code(api.create(**{**where, "vgw_ip": nowhere})) == (400, "VPN.0001")
    assert cloud.connections() == []


def test_forced_states_settle(cloud, api):
    made = cloud.add_connection(status="PENDING_UPDATE", resting="ACTIVE")
    cloud.advance(61)
    assert api.show(made["id"])["status"] == "ACTIVE"
    cloud.set_status(made["id"], "PENDING_UPDATE", float("inf"))
    cloud.advance(500)
    assert api.show(made["id"])["status"] == "PENDING_UPDATE"
    cloud.set_status(made["id"], "PENDING_DELETE", 1)
    cloud.advance(2)
    assert api.list() == []
    with pytest.raises(ValueError, match="FROZEN"):
        cloud.set_status(made["id"], "FROZEN")


@pytest.mark.parametrize("status", ["ERROR", "UNKNOWN"])
def test_update_heals(cloud, api, status):
    made = cloud.add_connection(status=status)
    assert api.put(made["id"], {"name": "new"}).status_code == 200
    cloud.advance(61)
    assert api.show(made["id"])["status"] == "DOWN"


def update(cloud, api, connection_id, members):
    """An update, settled."""
    assert api.put(connection_id, members).status_code == 200
    cloud.advance(61)
    assert api.show(connection_id)["status"] == "DOWN"


def differing(cloud, connection_id):
    """Paths whose negotiated value is not the configured one."""
    configured, negotiated = cloud.configured(connection_id), cloud.negotiated(connection_id)
    found = [
        name for name in configured if not isinstance(configured[name], dict) and configured[name] != negotiated[name]
    ]
    for policy in ("ikepolicy", "ipsecpolicy"):
        found += [
            f"{policy}.{leaf}"
            for leaf in configured[policy]
            if configured[policy][leaf] != negotiated[policy].get(leaf)
        ]
    return sorted(found)


CHANGE = {
    "psk": NEW_KEY,
    "peer_subnets": ["192.168.7.0/24"],
    "ikepolicy": {"local_id": "203.0.113.77", "dh_group": "group20", "dpd": {"timeout": 33}},
    "ipsecpolicy": {"pfs": "group20"},
}


def test_negotiation_under_ikev2(cloud, api):
    made = cloud.add_connection(psk=KEY)
    assert differing(cloud, made["id"]) == []
    update(cloud, api, made["id"], CHANGE)
    assert differing(cloud, made["id"]) == ["ikepolicy.dh_group", "ikepolicy.local_id", "ipsecpolicy.pfs", "psk"]
    cloud.renegotiate(made["id"], 2)
    assert differing(cloud, made["id"]) == ["ikepolicy.dh_group", "ikepolicy.local_id", "psk"]
    cloud.renegotiate(made["id"])
    assert differing(cloud, made["id"]) == ["ikepolicy.local_id", "psk"]
    assert cloud.negotiated(made["id"])["psk"] == KEY and cloud.configured(made["id"])["psk"] == NEW_KEY
    assert api.reset(made["id"]).json().keys() == {"request_id"}
    assert differing(cloud, made["id"]) == ["ikepolicy.local_id", "psk"]
    cloud.advance(61)
    assert differing(cloud, made["id"]) == []


def test_negotiation_under_ikev1(cloud, api):
    made = cloud.add_connection(psk=KEY, ikepolicy={"ike_version": "v1"})
    update(cloud, api, made["id"], CHANGE)
    assert differing(cloud, made["id"]) == ["ikepolicy.dh_group", "ikepolicy.local_id", "ipsecpolicy.pfs", "psk"]
    cloud.renegotiate(made["id"], 1)
    assert differing(cloud, made["id"]) == ["ipsecpolicy.pfs"]


def test_negotiation_of_the_version(cloud, api):
    made = cloud.add_connection(psk=KEY)
    update(cloud, api, made["id"], {"psk": NEW_KEY, "ikepolicy": {"ike_version": "v1"}})
    assert cloud.negotiated(made["id"])["ikepolicy"]["ike_version"] == "v1"
    assert differing(cloud, made["id"]) == ["psk"]


def test_creation_negotiates(cloud, api):
    made = api.create(**place(cloud), peer_subnets=["172.16.0.0/16"], psk=KEY).json()["vpn_connection"]
    assert differing(cloud, made["id"]) == [] and cloud.negotiated(made["id"])["psk"] == KEY


@pytest.mark.parametrize(
    "settings, reason",
    [
        ({"ikepolicy": {"ike_version": "v1"}}, "version mismatch"),
        ({"ikepolicy": {"dh_group": "group14"}}, "phase1 proposal mismatch"),
        ({"ikepolicy": {"peer_id": "10.9.9.9"}}, "config ID mismatch"),
        ({"psk": NEW_KEY}, "authentication fail"),
        ({"ipsecpolicy": {"pfs": "disable"}}, "phase2 proposal or pfs mismatch"),
        ({"peer_subnets": ["192.168.9.0/24"]}, "flow mismatch"),
    ],
)
def test_a_tunnel_is_down_until_both_ends_fit(cloud, api, settings, reason):
    made = cloud.add_connection(name="office", psk=KEY)
    cloud.set_device(made["id"], **settings)
    assert api.show(made["id"])["status"] == "DOWN"
    lines = api.call("GET", f"vpn-connection/{made['id']}/log").json()["logs"]
    assert [line["raw_message"].rpartition("Reason=")[2] for line in lines] == [f"[{reason}])"] * 3
    assert api.call("GET", f"vpn-connection/{made['id']}/ipsec-sa").json()["sa_infos"] == []
    api.put(made["id"], settings)
    cloud.advance(61)
    assert api.show(made["id"])["status"] == "ACTIVE"


def test_an_established_tunnel_lasts_until_it_negotiates_anew(cloud, api):
    made = cloud.add_connection(name="office", psk=KEY)
    cloud.set_device(made["id"])
    api.put(made["id"], {"ipsecpolicy": {"pfs": "disable"}})
    cloud.advance(61)
    assert api.show(made["id"])["status"] == "ACTIVE"
    cloud.renegotiate(made["id"], 2)
    assert api.show(made["id"])["status"] == "DOWN"


class Outside:
    """A tunnel outside the emulator."""

    def __init__(self, up, attempts):
        self.up = up
        self.found = attempts

    def is_up(self):
        return self.up

    def attempts(self):
        return self.found

    def associations(self):
        return [Association("10.0.0.0/24", "192.168.0.0/24", 1, 2, 300, 400)] if self.up else []


def test_a_tunnel_outside_says_what_has_become_of_a_connection(cloud, api):
    made = cloud.add_connection(name="office", status="ACTIVE")
    path = f"vpn-connection/{made['id']}"
    cloud.use_tunnel(made["id"], Outside(False, [(1764124768, "flow mismatch")]))
    assert api.show(made["id"])["status"] == api.list()[0]["status"] == "DOWN"
    (line,) = api.call("GET", f"{path}/log").json()["logs"]
    assert line["time"] == 1764124768 and line["raw_message"].endswith("Reason=[flow mismatch])")
    assert api.call("GET", f"{path}/ipsec-sa").json()["sa_infos"] == []
    cloud.use_tunnel(made["id"], Outside(True, [(1764124799, None)]))
    assert api.show(made["id"])["status"] == api.list()[0]["status"] == "ACTIVE"
    (line,) = api.call("GET", f"{path}/log").json()["logs"]
    assert "IPSec tunnel established. (" in line["raw_message"] and "Reason" not in line["raw_message"]
    (association,) = api.call("GET", f"{path}/ipsec-sa").json()["sa_infos"]
    assert (association["dest_ip_cidr"], association["packets_sent"]) == ("192.168.0.0/24", 2)
    cloud.set_status(made["id"], "PENDING_UPDATE", settle_after=60)
    assert api.show(made["id"])["status"] == "PENDING_UPDATE"
