# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: peer_settings
short_description: VPN connections as the customer's device sees them
version_added: "0.1.0"
author:
  - huaweicloud.vpn contributors (@huaweicloud-vpn)
description:
  - Converts VPN connections to the settings of the customer's device. What is local to the cloud is remote to the customer's device, and the other way round.
  - Use the result in a template for the configuration of the device. For strongSwan, the filter P(huaweicloud.vpn.swanctl#filter)
    renders the configuration.
  - The filter sends no request. It needs neither credentials nor the Python library requests.
  - It fails with one message that names everything that is missing or cannot be used. For example, a dry run that would create a connection
    does not know all its settings, and a connection with O(huaweicloud.vpn.vpn_connection#module:style=policy-template) has no single
    device at its other end.
extends_documentation_fragment:
  - huaweicloud.vpn._other_end
positional: gateways, customer_gateways
notes:
  - The result contains no pre-shared key.
  - The settings have not yet been tested with a device connected to a real gateway.
seealso:
  - plugin: huaweicloud.vpn.swanctl
    plugin_type: filter
  - module: huaweicloud.vpn.vpn_connection_info
  - module: huaweicloud.vpn.vpn_gateway_info
  - module: huaweicloud.vpn.vpn_customer_gateway_info
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

- name: Configure the device from a template of your own
  ansible.builtin.template:
    src: device.conf.j2
    dest: /etc/device.conf
    mode: "0644"
  vars:
    peers: "{{ found.vpn_connections | huaweicloud.vpn.peer_settings(cloud.vpn_gateways, sites.customer_gateways) }}"

# A line of device.conf.j2:
# {% for peer in peers %}peer {{ peer.remote.address }} group {{ peer.ike.group }}
# {% endfor %}
"""

RETURN = r"""
_value:
  description:
    - The settings of the device, a dictionary for one connection and a list of dictionaries for a list.
    - Values that the cloud does not show are null.
  type: raw
  sample:
    name: branch-hamburg
    style: static
    ha_role: master
    local:
      address: 198.51.100.7
      id_type: ip
      id: 198.51.100.7
      networks:
        - 192.168.20.0/24
      tunnel_address: 169.254.76.2/30
      asn: 65010
    remote:
      address: 203.0.113.10
      id_type: ip
      id: 203.0.113.10
      networks:
        - 10.0.0.0/24
      tunnel_address: 169.254.76.1/30
      asn: 64512
    traffic:
      - local: 0.0.0.0/0
        remote: 0.0.0.0/0
    ike:
      version: 2
      aggressive: false
      authentication: pre-share
      encryption: aes-256
      integrity: sha2-256
      group: 20
      lifetime: 86400
      dpd:
        interval: 30
        timeout: 15
        msg: seq-hash-notify
    ipsec:
      protocol: esp
      mode: tunnel
      encryption: aes-256
      integrity: sha2-256
      group: 20
      lifetime: 3600
  contains:
    name:
      description: Name of the connection.
      type: str
    style:
      description: Mode of the connection, V(policy), V(static) or V(bgp).
      type: str
    ha_role:
      description: Role of the connection.
      type: str
    local:
      description: The end of the device.
      type: dict
      contains:
        address:
          description: Public address of the device. Null if the customer gateway is known by a name.
          type: str
        id_type:
          description: Type of the IKE identity, V(ip), V(fqdn) or V(any).
          type: str
        id:
          description: The IKE identity. Null if the type is V(any).
          type: str
        networks:
          description: The networks behind the device.
          type: list
          elements: str
        tunnel_address:
          description: Address of the tunnel interface, with its prefix length.
          type: str
        asn:
          description: AS number of the device.
          type: int
    remote:
      description: The end of the cloud, with the same members as RV(_value.local). Its address is that of the EIP.
      type: dict
    traffic:
      description:
        - Pairs of networks, one for each security association.
        - With RV(_value.style=policy), one for each pair of the rules, and otherwise one with all addresses.
      type: list
      elements: dict
      contains:
        local:
          description: Network at the device.
          type: str
        remote:
          description: Network in the cloud.
          type: str
    ike:
      description: Phase 1. The names of the algorithms are those of the API.
      type: dict
      contains:
        version:
          description: IKE version, V(1) or V(2).
          type: int
        aggressive:
          description: Whether IKEv1 uses aggressive mode.
          type: bool
        authentication:
          description: Authentication method.
          type: str
        encryption:
          description: Encryption algorithm.
          type: str
        integrity:
          description: Authentication algorithm, also used as pseudorandom function.
          type: str
        group:
          description: Number of the Diffie-Hellman group.
          type: int
        lifetime:
          description: Lifetime in seconds.
          type: int
        dpd:
          description: Dead peer detection of the cloud, with its interval and timeout in seconds and the order of its messages.
          type: dict
    ipsec:
      description: Phase 2.
      type: dict
      contains:
        protocol:
          description: Transform protocol.
          type: str
        mode:
          description: Encapsulation mode.
          type: str
        encryption:
          description: Encryption algorithm.
          type: str
        integrity:
          description: Authentication algorithm. Not used if the encryption algorithm is GCM.
          type: str
        group:
          description: Number of the Diffie-Hellman group for perfect forward secrecy. Null if that is disabled.
          type: int
        lifetime:
          description: Lifetime in seconds.
          type: int
"""

from typing import Any, Callable

from ansible_collections.huaweicloud.vpn.plugins.plugin_utils._filters import filtered
from ansible_collections.huaweicloud.vpn.plugins.plugin_utils._peer_settings import settings_of


def peer_settings(connections: Any, gateways: Any, customer_gateways: Any) -> Any:
    return filtered("peer_settings", lambda: settings_of(connections, gateways, customer_gateways))


class FilterModule:
    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"peer_settings": peer_settings}
