# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Connections of each style, with each type of identity and in each mode make tunnels, and packets pass."""

from __future__ import annotations

import typing as t

import pytest
from device import SITE, SITES, text
from ends import FAR, KEY, NEAR, Ends, connection
from hosts import UP

Values = dict[str, t.Any]
FURTHER_RULES = [
    {"source": "10.2.0.0/24", "destination": ["10.1.0.0/24", "10.1.1.0/24"]},
    {"source": "10.2.1.0/24", "destination": ["10.1.1.0/24"]},
]
NAMES = {"local_id_type": "fqdn", "local_id": "gw.example", "peer_id_type": "fqdn", "peer_id": "site-1.example"}
KINDS: dict[str, Values] = {
    "policy": {},
    "static": {"style": "static", "policy_rules": []},
    "bgp": {"style": "bgp", "policy_rules": []},
    "names": {"ikepolicy": NAMES},
    "a name like an address": {"ikepolicy": {"peer_id_type": "fqdn", "peer_id": "10.9.8.7"}},
    "another address, as behind NAT": {"ikepolicy": {"peer_id": "172.16.5.4"}},
    "any device": {"ikepolicy": {"peer_id_type": "any", "peer_id": None}},
}


@pytest.mark.parametrize("version", ["v2", "v1"])
@pytest.mark.parametrize("kind", KINDS)
def test_a_connection_makes_a_tunnel(ends: Ends, kind: str, version: str) -> None:
    members = KINDS[kind]
    item = connection(**{**members, "ikepolicy": {**members.get("ikepolicy", {}), "ike_version": version}})
    ends.device.load(text([item], {"site": KEY}))
    assert ends.check(item) == ""
    ends.configure_cloud(item)
    assert ends.device.initiate("site") == ""
    assert ends.device.charon.host.echo(NEAR, FAR) == UP


@pytest.mark.parametrize("version", ["v2", "v1"])
def test_each_pair_of_networks_has_its_own_associations(ends: Ends, version: str) -> None:
    item = connection(policy_rules=FURTHER_RULES, ikepolicy={"ike_version": version})
    ends.device.load(text([item], {"site": KEY}))
    ends.configure_cloud(item)
    assert [ends.device.initiate("site", f"traffic{number}") for number in (1, 2, 3)] == ["", "", ""]
    found = sorted((child["local-ts"], child["remote-ts"]) for child in ends.device.charon.children("site"))
    near, far = (["10.1.0.0/24"], ["10.1.1.0/24"]), (["10.2.0.0/24"], ["10.2.1.0/24"])
    assert found == [(near[0], far[0]), (near[1], far[0]), (near[1], far[1])]
    assert ends.device.charon.host.echo(NEAR, FAR) == ends.device.charon.host.echo("10.1.1.1", FAR) == UP


@pytest.mark.parametrize("daemons", ["i_dont_care_about_security_and_use_aggressive_mode_psk = yes"], indirect=True)
def test_aggressive_mode(ends: Ends) -> None:
    item = connection(ikepolicy={"ike_version": "v1", "phase1_negotiation_mode": "aggressive"})
    ends.device.load(text([item], {"site": KEY}))
    assert ends.check(item) == ""
    assert "initiating Aggressive Mode" in ends.device.charon.text()


def test_a_device_with_several_addresses(ends: Ends) -> None:
    """It takes the one that it is told to take, with the identity that the cloud knows."""
    item = connection()
    ends.device.load(text([item], {"site": KEY}, local_addresses={"site": SITES[0]}))
    ends.configure_cloud(item, device=SITES[0])
    assert ends.device.initiate("site") == ""
    (found,) = ends.device.charon.associations("site")
    assert (found["local-host"], found["local-id"]) == (SITES[0], SITE)
    assert ends.device.charon.host.echo(NEAR, FAR) == UP
