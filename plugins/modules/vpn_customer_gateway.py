#!/usr/bin/python

# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: vpn_customer_gateway
short_description: Manage a customer gateway of Huawei Cloud Enterprise VPN
version_added: "0.1.0"
author:
  - huaweicloud.vpn contributors (@huaweicloud-vpn)
description:
  - Creates, changes and deletes one customer gateway of Huawei Cloud Virtual Private Network, Enterprise Edition VPN.
    A customer gateway represents a customer's device in the cloud.
  - The module reads the customer gateway, compares its settings with the task semantically, and sends only the differences.
    If there are none, it sends nothing. The module never changes a setting whose option is not set.
  - The API changes only the name, the CA certificate and the tags of a customer gateway. A device with another address or AS number needs another
    customer gateway. Create it, set O(huaweicloud.vpn.vpn_connection#module:cgw_id) of the connections, and delete the old one.
  - All errors in a task are reported in one message, before anything is written.
extends_documentation_fragment:
  - huaweicloud.vpn._auth
  - huaweicloud.vpn._object
  - huaweicloud.vpn._object.plan
  - huaweicloud.vpn._attributes
  - huaweicloud.vpn._attributes.actiongroup
attributes:
  check_mode:
    support: full
    details:
      - The return values have the same keys as in a real run.
  diff_mode:
    support: full
    details:
      - Shows configuration only, not timestamps or request IDs.
      - Sending O(ca_certificate.content) is shown as C(ca_certificate_updated). The text itself is never shown.
  idempotent:
    support: partial
    details:
      - The API never returns O(ca_certificate.content), so the module cannot compare it. O(update_ca_certificate=always) always reports a change.
options:
  id:
    description:
      - ID of the customer gateway, 36 characters. It identifies the customer gateway.
      - With O(state=present), the task fails if there is no customer gateway with this ID.
      - One of O(id) and O(name) is required.
    type: str
    aliases:
      - cgw_id
      - customer_gateway_id
  name:
    description:
      - Name of the customer gateway, 1 to 64 letters, digits, underscores, hyphens and periods.
        Chinese characters cause a warning, because only regions in China accept them.
      - With O(id), this is the desired name. A different name renames the customer gateway.
      - Without O(id), it identifies the customer gateway by exact match.
        If no customer gateway has the name, O(state=present) creates one. If several do, the task fails and lists their IDs.
      - Required to create a customer gateway.
    type: str
  id_type:
    description:
      - Type of the identity of the device, V(ip) or V(fqdn). Only some regions accept V(fqdn).
      - Fixed at creation. If not set, the cloud uses V(ip) for a new customer gateway.
    type: str
  id_value:
    description:
      - Identity of the device.
      - With V(ip), the static IPv4 address that the cloud sees. Behind NAT, this is the address of the NAT device.
        Multicast, reserved and loopback addresses are not possible.
      - With V(fqdn), a name of 1 to 128 characters without spaces and C(&<>[]\?). It is case-sensitive.
      - Fixed at creation. Required to create a customer gateway.
    type: str
  bgp_asn:
    description:
      - AS number of the device, 1 to 4294967295. It must differ from that of the VPN gateway.
      - Possible only with O(id_type=ip).
      - Fixed at creation.
    type: int
  ca_certificate:
    description:
      - The CA certificate of the device, for VPN gateways with the flavor C(GM).
      - To create a customer gateway, set one of O(ca_certificate.id) and O(ca_certificate.content), not both.
    type: dict
    suboptions:
      id:
        description:
          - ID of an existing certificate, 36 characters.
        type: str
      content:
        description:
          - Text of the certificate in PEM format, 1 to 8192 characters.
          - The API never returns it. It is masked in all results, diffs, logs and messages, and each of its lines as well.
        type: str
      serial_number: &ignored
        description:
          - Accepted and ignored, so that a returned customer gateway can be used as options.
        type: str
      signature_algorithm: *ignored
      issuer: *ignored
      subject: *ignored
      expire_time: *ignored
      is_updatable:
        description:
          - Accepted and ignored, so that a returned customer gateway can be used as options.
        type: bool
  update_ca_certificate:
    description:
      - When to send O(ca_certificate.content).
      - V(on_create) sends it only to a new customer gateway.
      - V(always) sends it in each run and always reports a change. The cloud refuses this if the certificate cannot be replaced.
    type: str
    choices:
      - on_create
      - always
    default: on_create
  wait_timeout:
    description:
      - Maximum number of seconds to wait until a change shows. At least 1. Changes of a customer gateway are complete when they are answered.
    type: int
    default: 600
  created_at: *ignored
  updated_at: *ignored
  ip: *ignored
  route_mode: *ignored
notes:
  - A customer gateway that connections use is not deleted. The task fails before it sends anything, and its message names the connections.
  - Before it creates a customer gateway, the module reads the quota, and issues a warning if the quota is used up.
    The cloud decides whether to create it.
  - IDs are not case-sensitive.
seealso:
  - module: huaweicloud.vpn.vpn_customer_gateway_info
  - module: huaweicloud.vpn.vpn_connection
  - module: huaweicloud.vpn.vpn_connections
  - module: huaweicloud.vpn.vpn_gateway
  - module: huaweicloud.vpn.vpn_gateway_info
  - name: "Huawei Cloud API reference: Creating a customer gateway"
    description: The settings of a customer gateway and their limits as documented by the vendor.
    link: https://support.huaweicloud.com/intl/en-us/api-vpn/vpn_api_0021.html
"""

EXAMPLES = r"""
# The credentials come from the environment:
# HW_ACCESS_KEY, HW_SECRET_KEY, HW_REGION_NAME and HW_PROJECT_ID.

- name: Create the customer gateway of a branch
  huaweicloud.vpn.vpn_customer_gateway:
    name: cgw-hamburg
    id_value: 198.51.100.20
    bgp_asn: 65010
    tags:
      site: hamburg
  register: hamburg

- name: Show the ID that connections use
  ansible.builtin.debug:
    msg: "{{ hamburg.customer_gateway.id }}"

- name: Rename it
  huaweicloud.vpn.vpn_customer_gateway:
    id: "{{ hamburg.customer_gateway.id }}"
    name: cgw-hamburg-1

- name: Change a tag of a customer gateway that must exist
  huaweicloud.vpn.vpn_customer_gateway:
    name: cgw-hamburg-1
    create: false
    tags:
      owner: network-team

- name: Delete it, once no connection uses it
  huaweicloud.vpn.vpn_customer_gateway:
    name: cgw-hamburg-1
    state: absent
"""

RETURN = r"""
changed:
  description: Whether anything was changed, or would be in check mode.
  returned: always
  type: bool
  sample: true
customer_gateway:
  description:
    - The customer gateway as the API returns it, or V(null) if there is none. RV(customer_gateway.tags) is a dictionary.
    - In check mode, this is the state after the planned changes.
    - The API omits members that do not apply, and may return members that are not listed here.
  returned: success
  type: dict
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
      returned: when RV(customer_gateway.id_type) is V(ip)
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
      description: Old name of RV(customer_gateway.id_value).
      returned: when the API returns it
      type: str
      sample: 198.51.100.20
    route_mode:
      description: Deprecated by the vendor.
      returned: when the API returns it
      type: str
      sample: bgp
action:
  description: What was done to the customer gateway, or would be in check mode.
  returned: success, a failure after something was written, and a failure because of O(expect_plan)
  type: str
  choices:
    - create
    - update
    - delete
    - none
  sample: update
changes:
  description:
    - What was changed, or would be in check mode. Empty if there are no changes.
    - A creation has one entry for each value that is sent. A deletion has one entry with the path V(state).
  returned: success, a failure after something was written, and a failure because of O(expect_plan)
  type: list
  elements: dict
  contains:
    path:
      description: The option, with suboptions separated by dots.
      returned: success
      type: str
      sample: name
    before:
      description: The value that the API returned, or V(null) if it returned none. Always V(null) for V(ca_certificate.content).
      returned: success
      type: raw
      sample: cgw-hamburg
    after:
      description: The desired value. Masked for V(ca_certificate.content).
      returned: success
      type: raw
      sample: cgw-hamburg-1
    takes_effect:
      description:
        - When the change takes effect. Always V(immediately).
      returned: success
      type: str
      sample: immediately
request_body:
  description: The exact body of the request that creates or changes the customer gateway, with O(ca_certificate.content) masked.
  returned: success, when a POST or PUT is sent, or would be in check mode. Tags of an existing customer gateway are sent separately.
  type: dict
  sample:
    customer_gateway:
      name: cgw-hamburg-1
ca_certificate_updated:
  description: Whether O(ca_certificate.content) was sent, or would be in check mode.
  returned: success
  type: bool
  sample: false
plan_id:
  description:
    - Identifies the configuration found and the changes made or planned. Pass it to O(expect_plan) to apply exactly this plan.
    - It has the form C(v1.<state>.<intent>), with 32 hexadecimal digits for each hash. The first covers the configuration found, the second the changes.
  returned: success, a failure after something was written, and a failure because of O(expect_plan)
  type: str
  sample: v1.5f70bf18a086007016e948b04aed3b82.4bf5122f344554c53bde2ebb8cd2b7e3
diff:
  description: The configuration before and after the change. The two differ if and only if the task changes something.
  returned: success, and a failure because of O(expect_plan), both in diff mode
  type: dict
  contains:
    before:
      description: The configuration found, empty if there was none.
      returned: success
      type: dict
      sample:
        name: cgw-hamburg
    after:
      description: The configuration after the change, empty after a deletion.
      returned: success
      type: dict
      sample:
        name: cgw-hamburg-1
    before_header:
      description: Title of the state before the change. A creation has no ID here, so that it has the title of its dry run.
      returned: success
      type: str
      sample: customer gateway cgw-hamburg (1a7e4b9c-4444-4555-8666-3c5d8f0a2b33)
    after_header:
      description: Title of the state after the change.
      returned: success
      type: str
      sample: customer gateway cgw-hamburg (1a7e4b9c-4444-4555-8666-3c5d8f0a2b33)
    prepared:
      description:
        - What Ansible prints below the difference, one item per line. The plan ID, so that the output of C(--check --diff)
          is enough to approve the plan with O(expect_plan).
      returned: when something changes
      type: str
      sample: |
        plan_id: v1.5f70bf18a086007016e948b04aed3b82.4bf5122f344554c53bde2ebb8cd2b7e3
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
  sample: "id_value must be an IPv4 address while id_type is ip, not 'hamburg'"
errors:
  description: All errors in the task, one sentence each. The message contains the first twenty, one per line.
  returned: failure, when the task is invalid
  type: list
  elements: str
  sample:
    - "id_value must be an IPv4 address while id_type is ip, not 'hamburg'"
ids:
  description: IDs of all customer gateways that match. The message contains the first twenty.
  returned: failure, when several customer gateways match
  type: list
  elements: str
  sample:
    - 1a7e4b9c-4444-4555-8666-3c5d8f0a2b33
    - 1a7e4b9c-4444-4555-8666-3c5d8f0a2b34
error_code:
  description: The error code of the API.
  returned: failure, when the API returned an error code
  type: str
  sample: VPN.0001
status_code:
  description: The HTTP status of the response.
  returned: failure, when the API responded
  type: int
  sample: 400
request_id:
  description: The ID that the cloud assigned to the failed request.
  returned: failure, when the API returned a request ID
  type: str
  sample: 33a2b77a-65f9-4fa0-90bd-4bd42038eb41
method:
  description: The HTTP method of the failed request.
  returned: failure of a request, with or without a response
  type: str
  sample: PUT
url:
  description: The URL of the failed request.
  returned: failure of a request, with or without a response
  type: str
  sample: https://vpn.eu-west-101.myhuaweicloud.eu/v5/0605768a0c5bd5f1bd3f9a2f5c0d1c2e/customer-gateways/1a7e4b9c-4444-4555-8666-3c5d8f0a2b33
"""

from ansible_collections.huaweicloud.vpn.plugins.module_utils._module import run_module
from ansible_collections.huaweicloud.vpn.plugins.module_utils._resources.customer_gateway import CUSTOMER_GATEWAY
from ansible_collections.huaweicloud.vpn.plugins.module_utils._work import single


def main() -> None:
    run_module(single, CUSTOMER_GATEWAY)


if __name__ == "__main__":
    main()
