# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The resources of the emulated cloud before docs/awx/project runs: some as the project describes them, some not."""

from __future__ import annotations

KEYS = ("Old-Key-Of-Hamburg-1", "Old-Key-Of-Bremen-1", "Old-Key-Of-Ulm-1")
PHASE1 = {
    "ike_version": "v2",
    "authentication_algorithm": "sha2-256",
    "encryption_algorithm": "aes-256",
    "dh_group": "group20",
    "lifetime_seconds": 28800,
}
PHASE2 = {
    "authentication_algorithm": "sha2-256",
    "encryption_algorithm": "aes-256",
    "pfs": "group20",
    "lifetime_seconds": 3600,
}


def fill(cloud):
    """Create gateways and connections in an emulator.

    branch-hamburg lacks a subnet and a tag, and its IKE lifetime is too long; branch-bremen-2 is missing; everything
    else is as described.
    """
    berlin = cloud.add_gateway(id="620d99b8-2222-4333-8444-0d1f5a2c7e11", name="vpngw-berlin")
    munich = cloud.add_gateway(id="7b31c0da-3333-4444-8555-1e2f6b3d8f22", name="vpngw-munich")
    _connect(
        cloud,
        berlin,
        "1a7e4b9c-4444-4555-8666-3c5d8f0a2b33",
        name="branch-hamburg",
        psk=KEYS[0],
        peer_subnets=["192.168.20.0/24"],
        ikepolicy={**PHASE1, "lifetime_seconds": 86400},
    )
    _connect(
        cloud,
        berlin,
        "5d8f0a2b-5555-4666-8777-1a7e4b9c3c44",
        name="branch-bremen-1",
        psk=KEYS[1],
        peer_subnets=["192.168.30.0/24"],
    )
    _connect(
        cloud,
        munich,
        "8f0a2b3c-6666-4777-8888-4b9c5d1a7e55",
        name="branch-ulm",
        psk=KEYS[2],
        style="policy",
        peer_subnets=["192.168.40.0/24"],
        policy_rules=[{"source": "10.0.0.0/24", "destination": ["192.168.40.0/24"]}],
    )
    cloud.clear_journal()


def _connect(cloud, gateway, customer, **members):
    """Create a customer gateway, and a connection to it that is up and has the common settings of the project."""
    cloud.add_customer_gateway(id=customer)
    settings = {"style": "static", "ikepolicy": PHASE1, "ipsecpolicy": PHASE2, "status": "ACTIVE", **members}
    cloud.add_connection(vgw_id=gateway["id"], vgw_ip=gateway["eip1"]["id"], cgw_id=customer, **settings)


def named(cloud, name):
    """Return the id of the connection with a name (str)."""
    return next(item["id"] for item in cloud.connections() if item["name"] == name)
