# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Options that create a connection."""

from __future__ import annotations

from ansible_collections.huaweicloud.vpn.tests.unit.harness.support import KEY

RULES = [{"source": "10.0.0.0/24", "destination": ["192.168.1.0/24"]}]
STYLES = {
    "static": {"enable_nqa": True, "tunnel_local_address": "169.254.76.1/30", "tunnel_peer_address": "169.254.76.2/30"},
    "policy": {"policy_rules": RULES},
    "bgp": {"enable_hub": True},
}


def new(cloud, style="static", gateway=None, **members):
    """Return the options that create a connection between a new pair of gateways."""
    gateway = gateway or cloud.add_gateway()
    return dict(
        STYLES[style],
        name="office",
        style=style,
        vgw_id=gateway["id"],
        vgw_ip=gateway["eip1"]["id"],
        cgw_id=cloud.add_customer_gateway()["id"],
        peer_subnets=["192.168.1.0/24"],
        psk=KEY,
        **members,
    )


def only(cloud):
    connections = cloud.connections()
    assert len(connections) == 1
    return connections[0]
