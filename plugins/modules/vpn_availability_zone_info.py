#!/usr/bin/python

# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: vpn_availability_zone_info
short_description: List the availability zones for VPN gateways of Huawei Cloud Enterprise VPN
version_added: "0.1.0"
author:
  - huaweicloud.vpn contributors (@huaweicloud-vpn)
description:
  - Returns the availability zones in which VPN gateways can be created, with the flavors, attachment types and IP versions that each one offers.
  - Where the cloud has version 5.1 of this list, the module reads that. Otherwise it reads version 5, which only knows IPv4.
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
  flavor:
    description:
      - Only zones that offer this flavor, such as V(Professional1). Not case-sensitive.
    type: str
  attachment_type:
    description:
      - Only zones that offer this attachment type, V(vpc) or V(er). Not case-sensitive.
    type: str
  ip_version:
    description:
      - Only zones that offer this IP version, V(ipv4) or V(ipv6). Not case-sensitive.
    type: str
notes:
  - Filters apply together. A zone is returned if one of its offers matches all of them, and only with the offers that do.
seealso:
  - module: huaweicloud.vpn.vpn_gateway
  - module: huaweicloud.vpn.vpn_gateway_info
  - name: "Huawei Cloud API reference: Querying the AZs of a VPN gateway"
    description: The availability zones as documented by the vendor.
    link: https://support.huaweicloud.com/intl/en-us/api-vpn/vpn_api_0007.html
"""

EXAMPLES = r"""
# The credentials come from the environment:
# HW_ACCESS_KEY, HW_SECRET_KEY, HW_REGION_NAME and HW_PROJECT_ID.

- name: Find the zones for a gateway
  huaweicloud.vpn.vpn_availability_zone_info:
    flavor: Professional1
    attachment_type: vpc
  register: zones

- name: Show the first one
  ansible.builtin.debug:
    msg: "{{ zones.vpn_availability_zones | map(attribute='name') | sort | first }}"
"""

RETURN = r"""
vpn_availability_zones:
  description: The availability zones that match. Empty if there are none.
  returned: success
  type: list
  elements: dict
  contains:
    name:
      description: Name of the zone. Use it in O(huaweicloud.vpn.vpn_gateway#module:availability_zone_ids).
      returned: success
      type: str
      sample: eu-west-101a
    public_border_group:
      description: V(center), or the name of an edge site.
      returned: when the API returns it. Version 5 does not.
      type: str
      sample: center
    available_specs:
      description: What the zone offers.
      returned: success
      type: list
      elements: dict
      contains:
        flavor:
          description: The flavor, spelled as in O(huaweicloud.vpn.vpn_gateway#module:flavor).
          returned: success
          type: str
          sample: Professional1
        attachment_type:
          description: The attachment type.
          returned: success
          type: str
          sample: vpc
        ip_version:
          description: The IP version. Always V(ipv4) if the cloud only has version 5 of this list.
          returned: success
          type: str
          sample: ipv4
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
  sample: "unsupported option: color"
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
  sample: https://vpn.eu-west-101.myhuaweicloud.eu/v5/0605768a0c5bd5f1bd3f9a2f5c0d1c2e/vpn-gateways/availability-zones
"""

from ansible_collections.huaweicloud.vpn.plugins.module_utils._module import run_module
from ansible_collections.huaweicloud.vpn.plugins.module_utils._resources.availability_zone import AVAILABILITY_ZONES
from ansible_collections.huaweicloud.vpn.plugins.module_utils._work import catalog


def main() -> None:
    run_module(catalog, AVAILABILITY_ZONES)


if __name__ == "__main__":
    main()
