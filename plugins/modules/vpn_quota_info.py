#!/usr/bin/python

# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: vpn_quota_info
short_description: List the quotas of Huawei Cloud Enterprise VPN
version_added: "0.1.0"
author:
  - huaweicloud.vpn contributors (@huaweicloud-vpn)
description:
  - Returns how many VPN gateways, customer gateways and VPN connections a project may have, and how many it has.
  - A quota can only be raised by a request in the console.
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
notes:
  - Whether objects that are being created or deleted count as used is not published.
  - The modules that create objects issue a warning if a quota cannot hold what they create.
seealso:
  - module: huaweicloud.vpn.vpn_gateway
  - module: huaweicloud.vpn.vpn_customer_gateway
  - module: huaweicloud.vpn.vpn_connections
  - name: "Huawei Cloud API reference: Querying VPN quotas"
    description: The quotas as documented by the vendor.
    link: https://support.huaweicloud.com/intl/en-us/api-vpn/vpn_api_0043.html
"""

EXAMPLES = r"""
# The credentials come from the environment:
# HW_ACCESS_KEY, HW_SECRET_KEY, HW_REGION_NAME and HW_PROJECT_ID.

- name: Read the quotas
  huaweicloud.vpn.vpn_quota_info:
  register: quotas

- name: Make sure that ten more connections fit
  ansible.builtin.assert:
    that:
      - (quotas.vpn_quotas | selectattr('type', 'eq', 'vpn_connection') | first).free >= 10
"""

RETURN = r"""
vpn_quotas:
  description: The quotas, as the API returns them and in its order.
  returned: success
  type: list
  elements: dict
  contains:
    type:
      description: What the quota is for. Known values are V(vpn_gateway), V(customer_gateway) and V(vpn_connection).
      returned: success
      type: str
      sample: vpn_connection
    quota:
      description: How many the project may have.
      returned: success
      type: int
      sample: 100
    used:
      description: How many the project has.
      returned: success
      type: int
      sample: 42
    free:
      description: How many more are possible. Never less than V(0), and V(null) if the API does not return both numbers.
      returned: success
      type: int
      sample: 58
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
  sample: https://vpn.eu-west-101.myhuaweicloud.eu/v5/0605768a0c5bd5f1bd3f9a2f5c0d1c2e/vpn/quotas
"""

from ansible_collections.huaweicloud.vpn.plugins.module_utils._module import run_module
from ansible_collections.huaweicloud.vpn.plugins.module_utils._resources.quota import QUOTAS
from ansible_collections.huaweicloud.vpn.plugins.module_utils._work import catalog


def main() -> None:
    run_module(catalog, QUOTAS)


if __name__ == "__main__":
    main()
