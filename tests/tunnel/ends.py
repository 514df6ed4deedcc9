# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Connections without an emulator, and the check whether one comes up as the cloud means it."""

from __future__ import annotations

import copy
import typing as t

from device import CLOUD, CUSTOMER_ID, EIP_ID, GATEWAY_ID, SITE, Device
from gateway import End, expected_child, expected_ike, section

Values = dict[str, t.Any]

KEY, OTHER_KEY = "First@12345", "Second@12345"
RULES = [{"source": "10.2.0.0/24", "destination": ["10.1.0.0/24"]}]
OTHER_RULES = [{"source": "10.2.1.0/24", "destination": ["10.1.1.0/24"]}]
NEAR, FAR = "10.1.0.1", "10.2.0.1"
IKE = {
    "ike_version": "v2",
    "phase1_negotiation_mode": "main",
    "authentication_method": "pre-share",
    "authentication_algorithm": "sha2-256",
    "encryption_algorithm": "aes-128",
    "dh_group": "group19",
    "lifetime_seconds": 86400,
    "local_id_type": "ip",
    "local_id": CLOUD,
    "peer_id_type": "ip",
    "peer_id": SITE,
    "dpd": {"interval": 30, "timeout": 15, "msg": "seq-hash-notify"},
}
IPSEC = {
    "authentication_algorithm": "sha2-256",
    "encryption_algorithm": "aes-128",
    "pfs": "group19",
    "transform_protocol": "esp",
    "encapsulation_mode": "tunnel",
    "lifetime_seconds": 3600,
}


def connection(name: str = "site", **differences: t.Any) -> Values:
    """Return a connection as the modules return it, with some members or leaves of policies that differ."""
    made: Values = {
        "name": name,
        "style": "policy",
        "vgw_id": GATEWAY_ID,
        "vgw_ip": EIP_ID,
        "cgw_id": CUSTOMER_ID,
        "policy_rules": RULES,
        "ikepolicy": IKE,
        "ipsecpolicy": IPSEC,
    }
    return changed(made, **differences)


def changed(found: Values, **differences: t.Any) -> Values:
    """Return a connection with other members, or leaves of its policies."""
    made = copy.deepcopy(found)
    for member, value in differences.items():
        made[member] = {**made[member], **value} if isinstance(value, dict) else value
    return made


class Ends:
    """The daemons at both ends of a wire. What the device loads does not come from here."""

    def __init__(self, device: Device, cloud: End) -> None:
        self.device, self.cloud = device, cloud

    def configure_cloud(self, configured: Values, key: str = KEY, device: str = SITE) -> None:
        """Load a connection at the cloud."""
        self.cloud.load(configured["name"], section(configured, CLOUD, device), key)

    def up(self, name: str = "site") -> bool:
        """Return whether there is an IPsec SA at the site."""
        return bool(self.device.charon.children(name))

    def check(self, configured: Values, key: str = KEY) -> str:
        """Bring up and renew a connection that the device has loaded. Return what is wrong; nothing if all is well."""
        name = configured["name"]
        self.configure_cloud(configured, key)
        try:
            log = len(self.device.charon.text())
            why = self.device.initiate(name)
            if why:
                notifies = [line for line in self.device.charon.text()[log:].splitlines() if "received" in line]
                return f"{name}: {why}; {notifies[-1:]}"
            wrong = self._differences(configured, renewed=False)
            if not self.device.rekey(name):
                wrong.append("is not renewed")
            wrong += self._differences(configured, renewed=True)
            return f"{name}: {'; '.join(wrong)}" if wrong else ""
        finally:
            self.device.terminate(name)
            self.cloud.drop(name)

    def _differences(self, configured: Values, renewed: bool) -> list[str]:
        name, charon = configured["name"], self.device.charon
        expectations = expected_ike(configured), expected_child(configured, renewed)
        return [
            f"{word} is {said.get(word)}, not {meant}"
            for expected, said in zip(expectations, (charon.associations(name)[0], charon.children(name)[0]))
            for word, meant in expected.items()
            if said.get(word) != meant
        ]
