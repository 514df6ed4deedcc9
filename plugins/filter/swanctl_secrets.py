# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: swanctl_secrets
short_description: Pre-shared keys of VPN connections for strongSwan
version_added: "0.1.0"
author:
  - huaweicloud.vpn contributors (@huaweicloud-vpn)
description:
  - Renders the section C(secrets) of C(swanctl.conf) for a strongSwan device at the other end of VPN connections.
  - The text contains the keys. Write it to a file of its own that only root can read, and set C(no_log) and C(diff) as in the examples.
  - strongSwan finds a key by the IKE identities of the two ends. Keys are written in hexadecimal, since strongSwan would take some texts for
    something else.
  - It fails with one message that names everything that cannot be rendered, but no key. For example, a connection without a key,
    a key that the cloud would not accept, or two connections with the same identities and different keys.
extends_documentation_fragment:
  - huaweicloud.vpn._other_end
positional: gateways, customer_gateways, psks
options:
  psks:
    description:
      - The pre-shared key of each connection, by its name. Keys of other connections are ignored.
    type: dict
    required: true
seealso:
  - plugin: huaweicloud.vpn.swanctl
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

- name: Write the keys of the device
  ansible.builtin.copy:
    content: "{{ found.vpn_connections | huaweicloud.vpn.swanctl_secrets(cloud.vpn_gateways, sites.customer_gateways, vault_psks) }}"
    dest: /etc/swanctl/conf.d/huaweicloud-secrets.conf
    owner: root
    group: root
    mode: "0600"
  diff: false
  no_log: true
"""

RETURN = r"""
_value:
  description: The section C(secrets) of C(swanctl.conf).
  type: str
  sample: |
    secrets {
      ike-branch-hamburg {
        id-1 = 198.51.100.7
        id-2 = 203.0.113.10
        secret = 0x4578616d706c652d4b65792d31
      }
    }
"""

from typing import Any, Callable, Mapping

from ansible_collections.huaweicloud.vpn.plugins.plugin_utils._filters import filtered
from ansible_collections.huaweicloud.vpn.plugins.plugin_utils._peer_settings import peers_of
from ansible_collections.huaweicloud.vpn.plugins.plugin_utils._swanctl import secrets_text


def swanctl_secrets(connections: Any, gateways: Any, customer_gateways: Any, psks: Mapping[str, str]) -> Any:
    return filtered("swanctl_secrets", lambda: secrets_text(peers_of(connections, gateways, customer_gateways), psks))


class FilterModule:
    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"swanctl_secrets": swanctl_secrets}
