# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The initial resources of an emulator: from a file, or the connection of the vendor's published example.

The published connection is modified so that each of the four published update requests changes something: its customer
subnets, policy rules, lifetimes and name differ from those in the requests.
"""

from __future__ import annotations

import typing as t

# In the order of their dependencies.
KINDS = ("eips", "gateways", "customer_gateways", "connections", "monitors")
DEFAULT: dict[str, t.Any] = {
    "gateways": [
        {
            "id": "b32d91a4-demo-a8df-va86-e907174eb11d",
            "name": "vpngw-demo",
            "local_subnets": ["10.0.0.0/24", "10.0.1.0/24"],
            "eip1": {"id": "0c464dad-demo-a8df-va86-c22bb0eb0bde", "ip_address": "203.0.113.134"},
            "eip2": {"ip_address": "203.0.113.135"},
        }
    ],
    "customer_gateways": [
        {
            "id": "5247ae10-demo-a8df-va86-dd36659a7f5d",
            "name": "cgw-demo",
            "id_value": "198.51.100.164",
        }
    ],
    "connections": [
        {
            "id": "98c5af8a-demo-a8df-va86-ae2280a6f4c3",
            "name": "vpn-1655",
            "style": "policy",
            "vgw_id": "b32d91a4-demo-a8df-va86-e907174eb11d",
            "vgw_ip": "0c464dad-demo-a8df-va86-c22bb0eb0bde",
            "cgw_id": "5247ae10-demo-a8df-va86-dd36659a7f5d",
            "peer_subnets": ["192.168.2.0/24"],
            "tunnel_local_address": "169.254.56.225/30",
            "tunnel_peer_address": "169.254.56.226/30",
            "policy_rules": [{"source": "10.0.1.0/24", "destination": ["192.168.2.0/24"]}],
            "ikepolicy": {"lifetime_seconds": 86400},
            "ipsecpolicy": {"lifetime_seconds": 86400},
            "psk": "Published-Example-1",
            "created_at": "2025-06-26T13:41:34.626Z",
            "updated_at": "2025-06-26T13:41:34.626Z",
        }
    ],
}


def plant(emulator: t.Any, content: dict[str, t.Any]) -> None:
    """Seed an emulator with content: lists by kind (see KINDS). ValueError for other kinds."""
    unknown = sorted(set(content) - set(KINDS))
    if unknown:
        raise ValueError(f"a seed has no {', '.join(unknown)}")
    add = {
        "eips": emulator.add_eip,
        "gateways": emulator.add_gateway,
        "customer_gateways": emulator.add_customer_gateway,
        "connections": emulator.add_connection,
        "monitors": emulator.add_monitor,
    }
    for kind in KINDS:
        for members in content.get(kind, []):
            add[kind](**members)
