# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: swanctl
short_description: VPN connections as a configuration for strongSwan
version_added: "0.1.0"
author:
  - huaweicloud.vpn contributors (@huaweicloud-vpn)
description:
  - Renders the section C(connections) of C(swanctl.conf) for a strongSwan device at the other end of VPN connections.
  - The text contains no pre-shared key, so its difference can be shown. The filter P(huaweicloud.vpn.swanctl_secrets#filter) renders the keys.
  - Each connection has one proposal, the suite of the cloud. In policy mode, each pair of networks has its own child
    C(traffic1), C(traffic2) and so on. Otherwise the only child is C(traffic1), for all addresses.
  - Connections are sections with their own name. Periods in it become underscores, and Chinese characters their numbers,
    because strongSwan does not accept them. A connection C(include) becomes C(include_).
  - It fails with one message that names everything that cannot be rendered. For example, GCM in phase 1 with IKEv1,
    an authentication method other than C(pre-share), or a Diffie-Hellman group that strongSwan has no name for.
extends_documentation_fragment:
  - huaweicloud.vpn._other_end
positional: gateways, customer_gateways
options:
  start_action:
    description:
      - What strongSwan does when it loads a connection. V(trap) makes it set up the tunnel on the first packet.
      - With V(start) and V(trap|start), loading a changed file re-establishes tunnels that are in use.
    type: str
    choices:
      - none
      - trap
      - start
      - trap|start
    default: trap
  local_addresses:
    description:
      - The address that the device uses, by the name of the connection. Set it if the device has several addresses.
        Behind NAT, it is the private address.
      - Names of other connections are ignored. For connections that it does not name, the device chooses its address.
    type: dict
    default: {}
  if_ids:
    description:
      - The number of the XFRM interface, by the name of the connection. Names of other connections are ignored.
      - V(true) derives the numbers from the tunnel addresses. The first C(/30) of C(169.254.0.0/16) has number 1, and the last one has number 16384.
      - Without numbers, two connections with C(0.0.0.0/0) at the same device cannot be told apart.
    type: raw
    default: {}
notes:
  - strongSwan keeps the settings of a tunnel that is up until it is re-established, even if the new file is loaded.
    After a change of suites, perfect forward secrecy or lifetimes, load the file of the device first, then change the cloud,
    and then re-establish the tunnel. Do not leave it to the next rekeying.
  - The generated configuration was tested between strongSwan 5.9.8 daemons, not with a gateway of the cloud.
    O(if_ids) has not been tried with XFRM interfaces.
  - Two connections with the same IKE identities at both ends and without different O(if_ids) cause a warning, because strongSwan replaces
    the tunnel of one with that of the other.
  - With IKEv1, the order of the messages for dead peer detection and the aggressive mode cause warnings, because strongSwan differs there.
seealso:
  - plugin: huaweicloud.vpn.swanctl_secrets
    plugin_type: filter
  - plugin: huaweicloud.vpn.peer_settings
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Read the connections of a site
  huaweicloud.vpn.vpn_connection_info:
    cgw_id: 1a7e4b9c-4444-4555-8666-3c5d8f0a2b33
  register: found

- name: Read the VPN gateways
  huaweicloud.vpn.vpn_gateway_info:
  register: cloud

- name: Read the customer gateways
  huaweicloud.vpn.vpn_customer_gateway_info:
  register: sites

- name: Write the connections of the device
  ansible.builtin.copy:
    content: "{{ found.vpn_connections | huaweicloud.vpn.swanctl(cloud.vpn_gateways, sites.customer_gateways) }}"
    dest: /etc/swanctl/conf.d/huaweicloud.conf
    mode: "0644"

- name: The same for two tunnels with XFRM interfaces, from a private address
  ansible.builtin.copy:
    content: >-
      {{ found.vpn_connections | huaweicloud.vpn.swanctl(cloud.vpn_gateways, sites.customer_gateways,
         local_addresses={'branch-hamburg-1': '10.20.0.5'}, if_ids=true) }}
    dest: /etc/swanctl/conf.d/huaweicloud.conf
    mode: "0644"
"""

RETURN = r"""
_value:
  description: The section C(connections) of C(swanctl.conf).
  type: str
  sample: |
    connections {
      branch-hamburg {
        version = 2
        remote_addrs = 203.0.113.10
        proposals = aes256-sha256-ecp384
        ...
      }
    }
"""

from typing import Any, Callable, Mapping

from ansible_collections.huaweicloud.vpn.plugins.plugin_utils._filters import filtered, warn
from ansible_collections.huaweicloud.vpn.plugins.plugin_utils._peer_settings import peers_of
from ansible_collections.huaweicloud.vpn.plugins.plugin_utils._swanctl import NOTHING, connections_text, warnings


def swanctl(
    connections: Any,
    gateways: Any,
    customer_gateways: Any,
    start_action: str = "trap",
    local_addresses: Mapping[str, str] = NOTHING,
    if_ids: Mapping[str, int] | bool = NOTHING,
) -> Any:
    def make() -> str:
        peers = peers_of(connections, gateways, customer_gateways)
        text = connections_text(peers, start_action, local_addresses, if_ids)
        warn(warnings(peers, if_ids))
        return text

    return filtered("swanctl", make)


class FilterModule:
    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"swanctl": swanctl}
