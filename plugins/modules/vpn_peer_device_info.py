#!/usr/bin/python

# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: vpn_peer_device_info
short_description: List the devices that Huawei Cloud Enterprise VPN can write a configuration for
version_added: "0.1.0"
author:
  - huaweicloud.vpn contributors (@huaweicloud-vpn)
description:
  - Returns the devices for which the cloud can write the configuration of the other end of a connection.
  - The four values of a device are those of O(huaweicloud.vpn.vpn_connection_info#module:peer_device).
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
  - The vendor does not publish the list, so ask for it instead of relying on values.
  - Not every cloud provides this operation.
seealso:
  - module: huaweicloud.vpn.vpn_connection_info
"""

EXAMPLES = r"""
# The credentials come from the environment:
# HW_ACCESS_KEY, HW_SECRET_KEY, HW_REGION_NAME and HW_PROJECT_ID.

- name: List the devices
  huaweicloud.vpn.vpn_peer_device_info:
  register: devices

- name: Get the configuration of the first one for a connection
  huaweicloud.vpn.vpn_connection_info:
    id: 98c5af8a-1111-4222-8333-ae2280a6f4c3
    details:
      - peer_configuration
    peer_device: "{{ devices.vpn_peer_devices[0] }}"
    show_secrets: true
  register: configuration
"""

RETURN = r"""
vpn_peer_devices:
  description: The devices, as the API returns them and in its order.
  returned: success
  type: list
  elements: dict
  contains:
    vendor:
      description: Vendor of the device.
      returned: success
      type: str
      sample: Huawei
    type:
      description: Series of the device.
      returned: when the API returns it
      type: str
      sample: USG
    model:
      description: Model of the device.
      returned: when the API returns it
      type: str
      sample: USG6655F
    version:
      description: Version of the device's software.
      returned: success
      type: str
      sample: default
    platform:
      description: Some clouds return this in place of the series and the model.
      returned: when the API returns it
      type: str
      sample: USG
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
  sample: https://vpn.eu-west-101.myhuaweicloud.eu/v5/0605768a0c5bd5f1bd3f9a2f5c0d1c2e/peer-configuration/supported-devices
"""

from ansible_collections.huaweicloud.vpn.plugins.module_utils._module import run_module
from ansible_collections.huaweicloud.vpn.plugins.module_utils._resources.peer_device import PEER_DEVICES
from ansible_collections.huaweicloud.vpn.plugins.module_utils._work import catalog


def main() -> None:
    run_module(catalog, PEER_DEVICES)


if __name__ == "__main__":
    main()
