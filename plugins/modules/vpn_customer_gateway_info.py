#!/usr/bin/python

# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: vpn_customer_gateway_info
short_description: List customer gateways of Huawei Cloud Enterprise VPN
version_added: "0.1.0"
author:
  - huaweicloud.vpn contributors (@huaweicloud-vpn)
description:
  - Returns the customer gateways of Huawei Cloud Virtual Private Network, Enterprise Edition VPN.
    A customer gateway represents a customer's device in the cloud.
  - A customer gateway is returned if it matches all filters. Without filters, all customer gateways of the project are returned.
  - If nothing matches, the list is empty and the task still succeeds.
extends_documentation_fragment:
  - huaweicloud.vpn._auth
  - huaweicloud.vpn._attributes
  - huaweicloud.vpn._attributes.actiongroup
attributes:
  check_mode:
    support: full
    details:
      - The module only reads, with or without check mode.
  diff_mode:
    support: N/A
    details:
      - The module changes nothing, so there is no diff.
  idempotent:
    support: full
    details:
      - The module changes nothing. Its results follow the state of the cloud.
options:
  id:
    description:
      - ID of a customer gateway, 36 characters. Only that customer gateway is read.
      - Other filters also apply. If the customer gateway does not match them, the list is empty.
    type: str
    aliases:
      - cgw_id
      - customer_gateway_id
  name:
    description:
      - Name of the customer gateways, matched exactly. Names need not be unique.
    type: str
  id_value:
    description:
      - The identity of the device, an IPv4 address or a name.
    type: str
notes:
  - One list request serves all filters. The API supports none of them, so the module applies them. The module reads all pages of the list.
  - IDs and O(id_value) are not case-sensitive. O(name) is.
  - A customer gateway has no status.
seealso:
  - module: huaweicloud.vpn.vpn_connection
  - module: huaweicloud.vpn.vpn_connection_info
  - module: huaweicloud.vpn.vpn_connections
  - module: huaweicloud.vpn.vpn_customer_gateway
  - module: huaweicloud.vpn.vpn_gateway
  - module: huaweicloud.vpn.vpn_gateway_info
  - name: "Huawei Cloud API reference: Querying the customer gateway list"
    description: The members of a customer gateway as documented by the vendor.
    link: https://support.huaweicloud.com/intl/en-us/api-vpn/vpn_api_0023.html
"""

EXAMPLES = r"""
# The credentials come from the environment:
# HW_ACCESS_KEY, HW_SECRET_KEY, HW_REGION_NAME and HW_PROJECT_ID.

- name: List all customer gateways
  huaweicloud.vpn.vpn_customer_gateway_info:
  register: customers

- name: Find a customer gateway by its address
  huaweicloud.vpn.vpn_customer_gateway_info:
    id_value: 198.51.100.20
  register: hamburg

- name: List its connections
  huaweicloud.vpn.vpn_connection_info:
    cgw_id: "{{ hamburg.customer_gateways[0].id }}"
  register: connections
"""

RETURN = r"""
customer_gateways:
  description:
    - The customer gateways that match, as the API returns them and in its order. Empty if there are none.
      RV(customer_gateways[].tags) is a dictionary.
    - The API omits members that do not apply to a customer gateway, and may return members that are not listed here.
  returned: success
  type: list
  elements: dict
  contains:
    id:
      description: ID of the customer gateway. Use it as O(huaweicloud.vpn.vpn_connection#module:cgw_id).
      returned: success
      type: str
      sample: 1a7e4b9c-4444-4555-8666-3c5d8f0a2b33
    name:
      description: Name of the customer gateway.
      returned: success
      type: str
      sample: cgw-hamburg
    id_type:
      description: Type of the identity of the device, V(ip) or V(fqdn).
      returned: when the API returns it
      type: str
      sample: ip
    id_value:
      description: Identity of the device.
      returned: when the API returns it
      type: str
      sample: 198.51.100.20
    bgp_asn:
      description: AS number of the device.
      returned: when RV(customer_gateways[].id_type) is V(ip)
      type: int
      sample: 65010
    ca_certificate:
      description: The CA certificate of the device.
      returned: when the device has one
      type: dict
      contains:
        id:
          description: ID of the certificate.
          returned: when the API returns it
          type: str
          sample: cb4a631d-6666-4777-8888-ca3fa348c370
        serial_number:
          description: Serial number of the certificate.
          returned: when the API returns it
          type: str
          sample: "1234567890"
        signature_algorithm:
          description: Signature algorithm of the certificate.
          returned: when the API returns it
          type: str
          sample: SM3WITHSM2
        issuer:
          description: Issuer of the certificate.
          returned: when the API returns it
          type: str
          sample: "CN=example CA"
        subject:
          description: Subject of the certificate.
          returned: when the API returns it
          type: str
          sample: "CN=example"
        expire_time:
          description: When the certificate expires, in UTC.
          returned: when the API returns it
          type: str
          sample: "2027-01-15T08:11:25.786Z"
        is_updatable:
          description: Whether the certificate can be replaced.
          returned: when the API returns it
          type: bool
          sample: true
    tags:
      description: Tags of the customer gateway, including system tags. Empty if there are none.
      returned: success
      type: dict
      sample:
        site: hamburg
    created_at:
      description: When the customer gateway was created, in UTC.
      returned: when the API returns it
      type: str
      sample: "2026-01-15T08:11:25.786Z"
    updated_at:
      description: When the customer gateway was changed, in UTC.
      returned: when the API returns it
      type: str
      sample: "2026-01-15T09:40:02.107Z"
    ip:
      description: Old name of RV(customer_gateways[].id_value).
      returned: when the API returns it
      type: str
      sample: 198.51.100.20
    route_mode:
      description: Deprecated by the vendor.
      returned: when the API returns it
      type: str
      sample: bgp
total_count:
  description:
    - How many customer gateways the project has, as counted by the API, regardless of the filters.
    - With O(id) it is V(1) if the customer gateway exists, and V(0) otherwise.
  returned: success
  type: int
  sample: 3
request_ids:
  description: IDs that the cloud assigned to the requests of this task. Include them in support tickets.
  returned: when a response contains a request ID
  type: list
  elements: str
  sample:
    - 33a2b77a-65f9-4fa0-90bd-4bd42038eb41
msg:
  description: What went wrong, in one sentence, or all errors in the task, one per line.
  returned: failure
  type: str
  sample: "id must be the 36 characters of a customer gateway's id, not 'hamburg'"
errors:
  description: All errors in the task, one sentence each. The message contains the first twenty, one per line.
  returned: failure, when the task is invalid
  type: list
  elements: str
  sample:
    - "unsupported option: color"
error_code:
  description: The error code of the API.
  returned: failure, when the API returned an error code
  type: str
  sample: VPN.0007
status_code:
  description: The HTTP status of the response.
  returned: failure, when the API responded
  type: int
  sample: 403
request_id:
  description: The ID that the cloud assigned to the failed request.
  returned: failure, when the API returned a request ID
  type: str
  sample: 33a2b77a-65f9-4fa0-90bd-4bd42038eb41
method:
  description: The HTTP method of the failed request.
  returned: failure of a request, with or without a response
  type: str
  sample: GET
url:
  description: The URL of the failed request.
  returned: failure of a request, with or without a response
  type: str
  sample: https://vpn.eu-west-101.myhuaweicloud.eu/v5/0605768a0c5bd5f1bd3f9a2f5c0d1c2e/customer-gateways
"""

from ansible_collections.huaweicloud.vpn.plugins.module_utils._module import run_module
from ansible_collections.huaweicloud.vpn.plugins.module_utils._resources.customer_gateway import CUSTOMER_GATEWAY
from ansible_collections.huaweicloud.vpn.plugins.module_utils._work import info


def main() -> None:
    run_module(info, CUSTOMER_GATEWAY)


if __name__ == "__main__":
    main()
