# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This doc fragment is private to the collection huaweicloud.vpn and may change at any time. Do not use it elsewhere.

from __future__ import annotations


class ModuleDocFragment:
    # What all filters for the device at the other end have in common
    DOCUMENTATION = r"""
options:
  _input:
    description:
      - A VPN connection, or a list of them, as returned by M(huaweicloud.vpn.vpn_connection_info),
        M(huaweicloud.vpn.vpn_connection) or the inventory plugin P(huaweicloud.vpn.vpn_gateways#inventory).
    type: raw
    required: true
  gateways:
    description:
      - The VPN gateways of the connections, as returned by M(huaweicloud.vpn.vpn_gateway_info), or one of them.
        Further gateways are ignored.
    type: raw
    required: true
  customer_gateways:
    description:
      - The customer gateways of the connections, as returned by M(huaweicloud.vpn.vpn_customer_gateway_info), or one of them.
        Further customer gateways are ignored.
    type: raw
    required: true
"""
