#!/usr/bin/python

# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: vpn_gateway_info
short_description: List VPN gateways of Huawei Cloud Enterprise VPN
version_added: "0.1.0"
author:
  - huaweicloud.vpn contributors (@huaweicloud-vpn)
description:
  - Returns the VPN gateways of Huawei Cloud Virtual Private Network, Enterprise Edition VPN, with the addresses that connections use.
  - A gateway is returned if it matches all filters. Without filters, all gateways of the project are returned.
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
      - ID of a gateway, 36 characters. Only that gateway is read.
      - Other filters also apply. If the gateway does not match them, the list is empty.
    type: str
    aliases:
      - vgw_id
      - vpn_gateway_id
  name:
    description:
      - Name of the gateways, matched exactly. Names need not be unique.
    type: str
  status:
    description:
      - Status of the gateway.
      - Known values are V(ACTIVE), V(FAULT), V(PENDING_CREATE), V(PENDING_UPDATE), V(PENDING_DELETE) and V(FREEZED).
    type: str
  enterprise_project_id:
    description:
      - ID of the enterprise project, or V(0) for the default one.
    type: str
  details:
    description:
      - Additional information about each gateway.
      - V(diagnosis) tells what the state of the gateway means for its tunnels. It needs no further request.
        Why a single tunnel is down is told by O(huaweicloud.vpn.vpn_connection_info#module:details).
    type: list
    elements: str
    choices:
      - diagnosis
notes:
  - One list request serves all filters. The API applies O(enterprise_project_id). The module applies the others.
  - IDs and O(status) are not case-sensitive. O(name) is.
seealso:
  - module: huaweicloud.vpn.vpn_gateway
  - module: huaweicloud.vpn.vpn_connection
  - module: huaweicloud.vpn.vpn_connection_info
  - module: huaweicloud.vpn.vpn_connections
  - module: huaweicloud.vpn.vpn_customer_gateway
  - module: huaweicloud.vpn.vpn_customer_gateway_info
  - name: "Huawei Cloud API reference: Querying the VPN gateway list"
    description: The members of a gateway as documented by the vendor.
    link: https://support.huaweicloud.com/intl/en-us/api-vpn/vpn_api_0016.html
"""

EXAMPLES = r"""
# The credentials come from the environment:
# HW_ACCESS_KEY, HW_SECRET_KEY, HW_REGION_NAME and HW_PROJECT_ID.

- name: List all gateways that are ready
  huaweicloud.vpn.vpn_gateway_info:
    status: ACTIVE
  register: gateways

- name: Show their addresses
  ansible.builtin.debug:
    msg: "{{ item.name }}: {{ item.eip1.ip_address }} and {{ item.eip2.ip_address }}"
  loop: "{{ gateways.vpn_gateways | selectattr('network_type', 'eq', 'public') }}"
  loop_control:
    label: "{{ item.name }}"

- name: Find a gateway by name
  huaweicloud.vpn.vpn_gateway_info:
    name: vpngw-frankfurt
  register: frankfurt

- name: Find the customer gateway by name
  huaweicloud.vpn.vpn_customer_gateway_info:
    name: cgw-hamburg
  register: hamburg

- name: Create a connection between them that uses the first address of the gateway
  huaweicloud.vpn.vpn_connection:
    name: branch-hamburg
    vgw_id: "{{ gateway.id }}"
    vgw_ip: "{{ gateway.eip1.id if gateway.network_type == 'public' else gateway.access_private_ip_1 }}"
    cgw_id: "{{ hamburg.customer_gateways[0].id }}"
    style: static
    peer_subnets:
      - 192.168.20.0/24
    psk: "{{ vault_psk_hamburg }}"
  vars:
    gateway: "{{ frankfurt.vpn_gateways[0] }}"
"""

RETURN = r"""
vpn_gateways:
  description:
    - The gateways that match, as the API returns them and in its order. Empty if there are none. RV(vpn_gateways[].tags) is a dictionary.
    - The API omits members that do not apply to a gateway, and may return members that are not listed here.
  returned: success
  type: list
  elements: dict
  contains:
    id:
      description: ID of the gateway.
      returned: success
      type: str
      sample: 620d99b8-2222-4333-8444-0d1f5a2c7e11
    name:
      description: Name of the gateway.
      returned: success
      type: str
      sample: vpngw-frankfurt
    status:
      description:
        - Status of the gateway.
        - One of C(ACTIVE), C(FAULT), C(PENDING_CREATE), C(PENDING_UPDATE), C(PENDING_DELETE) and C(FREEZED).
      returned: success
      type: str
      sample: ACTIVE
    network_type:
      description: Whether connections use public addresses (V(public)) or private ones (V(private)).
      returned: when the API returns it
      type: str
      sample: public
    attachment_type:
      description: Whether the gateway is attached to a VPC (V(vpc)) or to an enterprise router (V(er)).
      returned: when the API returns it
      type: str
      sample: vpc
    ip_version:
      description: IP version, V(ipv4) or V(ipv6).
      returned: when the API returns it
      type: str
      sample: ipv4
    ha_mode:
      description:
        - High availability mode of the two addresses of the gateway, V(active-active) or V(active-standby).
        - With V(active-standby), the connection of the first address is the master and that of the second is the slave.
      returned: when the API returns it
      type: str
      sample: active-active
    flavor:
      description: Specification of the gateway.
      returned: when the API returns it
      type: str
      sample: Professional1
    eip1:
      description:
        - The first EIP. With V(active-standby), the EIP of the master.
      returned: for a public gateway, once it is ready
      type: dict
      contains: &eip
        id:
          description: ID of the EIP. Use it as O(huaweicloud.vpn.vpn_connection#module:vgw_ip).
          returned: success
          type: str
          sample: 8d2f3c5a-3333-4444-8555-7b9e1c4d6f22
        ip_address:
          description: The address.
          returned: when the API returns it
          type: str
          sample: 203.0.113.10
        ip_version:
          description: IP version of the address.
          returned: when the API returns it
          type: int
          sample: 4
        type:
          description: Type of the EIP.
          returned: when the API returns it
          type: str
          sample: 5_bgp
        charge_mode:
          description: Whether bandwidth or traffic is billed.
          returned: when the API returns it
          type: str
          sample: bandwidth
        bandwidth_id:
          description: ID of the bandwidth.
          returned: when the API returns it
          type: str
          sample: e1a2b3c4-7777-4888-8999-0a1b2c3d4e5f
        bandwidth_size:
          description: Bandwidth in Mbit/s.
          returned: when the API returns it
          type: int
          sample: 300
        bandwidth_name:
          description: Name of the bandwidth.
          returned: when the API returns it
          type: str
          sample: vpngw-bandwidth-1391
        share_type:
          description: Whether the bandwidth belongs to this EIP alone (V(PER)) or is shared (V(WHOLE)).
          returned: when the API returns it
          type: str
          sample: PER
        ip_billing_info:
          description: Order of the address, for a yearly or monthly gateway.
          returned: when the API returns it
          type: str
          sample: CS2301011230ABCDE:product:0605768a0c5bd5f1bd3f9a2f5c0d1c2e:e1a2b3c4
        bandwidth_billing_info:
          description: Order of the bandwidth, for a yearly or monthly gateway.
          returned: when the API returns it
          type: str
          sample: CS2301011230ABCDF:product:0605768a0c5bd5f1bd3f9a2f5c0d1c2e:e1a2b3c5
        network_type:
          description: Deprecated by the vendor.
          returned: when the API returns it
          type: str
          sample: public
    eip2:
      description:
        - The second EIP. With V(active-standby), the EIP of the slave.
      returned: for a public gateway, once it is ready
      type: dict
      contains: *eip
    access_private_ip_1:
      description: The first private address. Use it as O(huaweicloud.vpn.vpn_connection#module:vgw_ip).
      returned: for a private gateway
      type: str
      sample: 192.168.250.2
    access_private_ip_2:
      description: The second private address.
      returned: for a private gateway
      type: str
      sample: 192.168.250.3
    vpc_id:
      description: ID of the VPC.
      returned: when the gateway is attached to a VPC
      type: str
      sample: cb4a631d-6666-4777-8888-ca3fa348c36c
    local_subnets:
      description: The IPv4 networks in the VPC that customers can reach.
      returned: when the API returns it
      type: list
      elements: str
      sample:
        - 10.0.0.0/24
    local_subnets_v6:
      description: The IPv6 networks in the VPC that customers can reach.
      returned: for an IPv6 gateway
      type: list
      elements: str
      sample:
        - 2001:db8:1::/64
    connect_subnet:
      description: ID of the subnet of the VPC that the gateway uses.
      returned: when the API returns it
      type: str
      sample: f5741286-6666-4777-8888-2c82bd9ee114
    er_id:
      description: ID of the enterprise router.
      returned: when the gateway is attached to an enterprise router
      type: str
      sample: cb4a631d-6666-4777-8888-ca3fa348c36d
    er_attachment_id:
      description: ID of the attachment to the enterprise router.
      returned: when the gateway is attached to an enterprise router
      type: str
      sample: cb4a631d-6666-4777-8888-ca3fa348c36e
    access_vpc_id:
      description: ID of the access VPC, through which customers connect.
      returned: when the API returns it
      type: str
      sample: cb4a631d-6666-4777-8888-ca3fa348c36c
    access_subnet_id:
      description: ID of the access subnet, through which customers connect.
      returned: when the API returns it
      type: str
      sample: f5741286-6666-4777-8888-2c82bd9ee114
    bgp_asn:
      description: AS number of the gateway.
      returned: when the API returns it
      type: int
      sample: 64512
    availability_zone_ids:
      description: IDs of the availability zones.
      returned: when the API returns it
      type: list
      elements: str
      sample:
        - eu-west-101a
        - eu-west-101b
    public_border_group:
      description: The border group of the site.
      returned: when the API returns it
      type: str
      sample: center
    connection_number:
      description: Maximum number of connections of the gateway.
      returned: when the API returns it
      type: int
      sample: 10
    used_connection_number:
      description: Number of connections of the gateway.
      returned: when the API returns it
      type: int
      sample: 2
    used_connection_group:
      description: Number of customer gateways that the gateway has connections with.
      returned: when the API returns it
      type: int
      sample: 1
    enterprise_project_id:
      description: ID of the enterprise project, or V(0) for the default one.
      returned: when the API returns it
      type: str
      sample: "0"
    certificate_id:
      description: ID of the certificate of the gateway.
      returned: when the API returns it
      type: str
      sample: cb4a631d-6666-4777-8888-ca3fa348c36f
    lock_status:
      description: Whether a C(FREEZED) gateway can be deleted (V(1)) or not (V(2)).
      returned: when the API returns it
      type: int
      sample: 1
    policy_template:
      description: The policies of connections to customers without a fixed address.
      returned: when the gateway accepts such customers
      type: dict
      contains:
        ike_policy:
          description: IKE (phase 1) settings.
          returned: when the API returns it
          type: dict
          contains:
            authentication_algorithm:
              description: Authentication algorithm.
              returned: when the API returns it
              type: str
              sample: sha2-256
            encryption_algorithm:
              description: Encryption algorithm.
              returned: when the API returns it
              type: str
              sample: aes-256
            dh_group:
              description: Diffie-Hellman group of phase 1.
              returned: when the API returns it
              type: str
              sample: group20
            lifetime_seconds:
              description: Lifetime of a security association in seconds.
              returned: when the API returns it
              type: int
              sample: 86400
        ipsec_policy:
          description: IPsec (phase 2) settings.
          returned: when the API returns it
          type: dict
          contains:
            authentication_algorithm:
              description: Authentication algorithm.
              returned: when the API returns it
              type: str
              sample: sha2-256
            encryption_algorithm:
              description: Encryption algorithm.
              returned: when the API returns it
              type: str
              sample: aes-256
            pfs:
              description: Diffie-Hellman group for perfect forward secrecy, or V(disable).
              returned: when the API returns it
              type: str
              sample: group20
            lifetime_seconds:
              description: Lifetime of a security association in seconds.
              returned: when the API returns it
              type: int
              sample: 3600
    supported_flavors:
      description: The specifications that the gateway can be changed to.
      returned: when the API returns it
      type: list
      elements: str
      sample:
        - Professional2
    supported_features:
      description: Features of the gateway, for example C(query_connection_log).
      returned: when the API returns it
      type: list
      elements: str
      sample:
        - query_connection_log
    upgrade_info:
      description: Whether the gateway can be upgraded.
      returned: when the API returns it
      type: str
      sample: unready
    tags:
      description: Tags of the gateway, including system tags. Empty if there are none.
      returned: success
      type: dict
      sample:
        site: frankfurt
    created_at:
      description: When the gateway was created, in UTC.
      returned: once the gateway is ready
      type: str
      sample: "2026-01-15T08:11:25.786Z"
    applied_at:
      description: When the gateway became ready, in UTC.
      returned: once the gateway is ready
      type: str
      sample: "2026-01-15T08:21:25.786Z"
    updated_at:
      description: When the gateway was changed, in UTC.
      returned: once the gateway is ready
      type: str
      sample: "2026-01-15T09:40:02.107Z"
    master_eip:
      description: Old name of RV(vpn_gateways[].eip1).
      returned: when the API returns it
      type: dict
      sample:
        id: 8d2f3c5a-3333-4444-8555-7b9e1c4d6f22
    slave_eip:
      description: Old name of RV(vpn_gateways[].eip2).
      returned: when the API returns it
      type: dict
      sample:
        id: 8d2f3c5a-3333-4444-8555-7b9e1c4d6f23
    high_availability:
      description: Deprecated by the vendor.
      returned: when the API returns it
      type: bool
      sample: true
    diagnosis:
      description:
        - What the state of the gateway means for its tunnels. Empty if nothing is wrong.
        - The members are those of RV(huaweicloud.vpn.vpn_connection_info#module:vpn_connections[].diagnosis).
      returned: when O(details) contains V(diagnosis)
      type: list
      elements: dict
      contains:
        cause:
          description: Name of the finding.
          returned: success
          type: str
          sample: gateway frozen
        kind:
          description: Always C(state).
          returned: success
          type: str
          sample: state
        count:
          description: Always V(1).
          returned: success
          type: int
          sample: 1
        last_seen:
          description: Always V(none).
          returned: success
          type: str
          sample: null
        meaning:
          description: What it means.
          returned: success
          type: str
          sample: the gateway is frozen, because of arrears or by the vendor
        check:
          description: What to check or change. A text that begins with C(Suggestion:) is not published by the vendor.
          returned: success
          type: str
          sample: pay the outstanding balance, or contact the vendor; a gateway with lock_status 2 cannot even be deleted
        where:
          description: Where to check, always C(cloud).
          returned: success
          type: str
          sample: cloud
        evidence:
          description: The state that the finding rests on.
          returned: success
          type: str
          sample: status FREEZED
total_count:
  description:
    - Number of gateways that the API returned, before O(name) and O(status) were applied. The API does not count them.
    - With O(id) it is V(1) if the gateway exists, and V(0) otherwise.
  returned: success
  type: int
  sample: 2
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
  sample: "id must be the 36 characters of a gateway's id, not 'hamburg'"
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
  sample: https://vpn.eu-west-101.myhuaweicloud.eu/v5/0605768a0c5bd5f1bd3f9a2f5c0d1c2e/vpn-gateways
"""

from ansible_collections.huaweicloud.vpn.plugins.module_utils._module import run_module
from ansible_collections.huaweicloud.vpn.plugins.module_utils._resources.gateway import GATEWAY
from ansible_collections.huaweicloud.vpn.plugins.module_utils._work import info


def main() -> None:
    run_module(info, GATEWAY)


if __name__ == "__main__":
    main()
