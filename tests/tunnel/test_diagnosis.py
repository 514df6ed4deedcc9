# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""With ends that differ, what the daemon of the cloud says of it leads the diagnosis to the right cause."""

from __future__ import annotations

import json
import pathlib
import typing as t

import pytest
from controller import ansible
from device import CLOUD, SITES, Device, text
from emulator import Emulator
from ends import FAR, IKE, IPSEC, KEY, NEAR, OTHER_KEY, changed
from gateway import Gateway
from hosts import UP, until

Values = dict[str, t.Any]
OTHER_VERSION = {"v2": "v1", "v1": "v2"}
PHASE2 = "phase2 proposal or pfs mismatch"
PHASE1, FLOW, IDENTITY = "phase1 proposal mismatch", "flow mismatch", "config ID mismatch"
# What differs at the device, and the cause that the diagnosis names first, with IKEv2 and IKEv1. What differs in
# "version" and "key" depends on the version, or is no member.
DIFFERENCES: dict[str, tuple[Values, tuple[str | None, str | None]]] = {
    # Packets are sent through the first of the two only.
    "none": ({}, (None, "no traffic")),
    "version": ({}, ("version mismatch", "version mismatch")),
    "suite": ({"ikepolicy": {"encryption_algorithm": "aes-256"}}, (PHASE1, PHASE1)),
    "group": ({"ikepolicy": {"dh_group": "group20"}}, (PHASE1, PHASE1)),
    "ipsec": ({"ipsecpolicy": {"authentication_algorithm": "sha2-512"}}, (PHASE2, PHASE2)),
    "pfs": ({"ipsecpolicy": {"pfs": "group20"}}, (PHASE2, PHASE2)),
    # With IKEv1, what another key has encrypted cannot be read.
    "key": ({}, ("authentication fail", "malformed payload")),
    "device-id": ({"ikepolicy": {"peer_id": "172.16.5.4"}}, (IDENTITY, IDENTITY)),
    # With IKEv1, it is the device that compares it, and only the device's own log says so.
    "cloud-id": ({"ikepolicy": {"local_id": "172.16.5.5"}}, (IDENTITY, "peer request")),
    "networks": ({"policy_rules": [{"source": "10.9.0.0/24", "destination": ["10.8.0.0/24"]}]}, (FLOW, FLOW)),
}
CASES = [(version, difference) for version in OTHER_VERSION for difference in DIFFERENCES]


# A device that does not answer, with an address that nobody has.
SILENT = ("v2-silent", "192.0.2.200")


@pytest.fixture
def estate(emulator: Emulator, gateway: Gateway) -> list[Values]:
    """Return a connection for each case, with a device of its own, and one whose device does not answer."""
    cloud = emulator.add_gateway(name="cloud", eip1={"ip_address": CLOUD}, local_subnets=["10.2.0.0/16"])
    names = [f"{version}-{difference}" for version, difference in CASES]
    for number, (name, address) in enumerate([*zip(names, SITES), SILENT]):
        customer = emulator.add_customer_gateway(name=name, id_value=address)
        emulator.add_connection(
            name=name,
            style="policy",
            vgw_id=cloud["id"],
            vgw_ip=cloud["eip1"]["id"],
            cgw_id=customer["id"],
            psk=KEY,
            policy_rules=[{"source": f"10.2.{number}.0/24", "destination": [f"10.1.{number}.0/24"]}],
            ikepolicy={**IKE, "ike_version": name[:2], "local_id": None, "peer_id": None},
            ipsecpolicy=IPSEC,
        )
    gateway.refresh()
    return [emulator.shown(item["id"]) for item in emulator.connections()]


def at_the_device(item: Values) -> Values:
    """Return a connection as the device has it, with its difference."""
    version, _dash, difference = item["name"].partition("-")
    if difference == "version":
        return changed(item, ikepolicy={"ike_version": OTHER_VERSION[version]})
    return changed(item, **DIFFERENCES[difference][0])


def test_each_difference_is_named(
    estate: list[Values], emulator: Emulator, gateway: Gateway, device: Device, tmp_path: pathlib.Path
) -> None:
    sites = [item for item in estate if item["name"] != SILENT[0]]
    addresses = dict(zip((item["name"] for item in sites), SITES))
    keys = {name: OTHER_KEY if name.endswith("-key") else KEY for name in addresses}
    rendered = [at_the_device(item) for item in sites]
    gateways, customers = emulator.gateways(), emulator.customer_gateways()
    device.load(text(rendered, keys, gateways=gateways, customers=customers, local_addresses=addresses))
    gateway.renew(next(item["id"] for item in estate if item["name"] == SILENT[0]))
    for name in addresses:
        device.initiate(name)
    assert not device.rekey("v2-pfs")
    assert device.charon.host.echo(NEAR, FAR) == UP
    assert until(lambda: "giving up after" in gateway.charon.text())

    words = ("localhost", "-m", "huaweicloud.vpn.vpn_connection_info", "-a", json.dumps({"details": ["diagnosis"]}))
    answer = ansible("adhoc", tmp_path, emulator, *words, ANSIBLE_INVENTORY_UNPARSED_WARNING="false")
    found = {item["name"]: item for item in json.loads(answer.partition("=> ")[2])["vpn_connections"]}
    causes = {name: next((finding["cause"] for finding in item["diagnosis"]), None) for name, item in found.items()}
    expected = {
        f"{version}-{difference}": cause
        for difference, (_changes, pair) in DIFFERENCES.items()
        for version, cause in zip(OTHER_VERSION, pair)
    }
    assert causes == {**expected, SILENT[0]: "max transmit reached"}
