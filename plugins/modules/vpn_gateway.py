#!/usr/bin/python

# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: vpn_gateway
short_description: Manage a VPN gateway of Huawei Cloud Enterprise VPN
version_added: "0.1.0"
author:
  - huaweicloud.vpn contributors (@huaweicloud-vpn)
description:
  - Creates, changes and deletes one VPN gateway of Huawei Cloud Virtual Private Network, Enterprise Edition VPN.
    A VPN gateway is the end of VPN connections in the cloud. It costs money as long as it exists.
  - The module reads the gateway, compares its settings with the task semantically, and sends only the differences.
    If there are none, it sends nothing. The module never changes a setting whose option is not set.
  - A changed flavor is sent by an operation of its own, once other changes are complete, and tags last.
  - After a change, the module waits until the gateway is C(ACTIVE), and reads it back to verify that the cloud applied the change.
  - If the response to a creation is lost, the module looks for a gateway with the same name, attachment type, network type, VPC or enterprise router,
    AS number, flavor and HA mode, and continues with it. If there are several, the task fails and lists their IDs.
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
      - The return values have the same keys as in a real run. The module does not wait for a busy gateway, but warns that the plan may change.
  diff_mode:
    support: full
    details:
      - Shows configuration only, not status, timestamps or request IDs.
  idempotent:
    support: full
options:
  id:
    description:
      - ID of the VPN gateway, 36 characters. It identifies the gateway.
      - With O(state=present), the task fails if there is no gateway with this ID.
      - One of O(id) and O(name) is required.
    type: str
    aliases:
      - vgw_id
      - vpn_gateway_id
  name:
    description:
      - Name of the VPN gateway, 1 to 64 letters, digits, underscores, hyphens and periods.
        Chinese characters cause a warning, because only regions in China accept them.
      - With O(id), this is the desired name. A different name renames the gateway.
      - Without O(id), it identifies the gateway by exact match.
        If no gateway has the name, O(state=present) creates one. If several do, the task fails and lists their IDs.
      - Required to create a gateway.
    type: str
  network_type:
    description:
      - How devices reach the gateway. V(public) over two elastic IPs, V(private) over two private addresses.
      - Fixed at creation. If not set, the cloud uses V(public) for a new gateway.
    type: str
  attachment_type:
    description:
      - What the gateway serves. V(vpc) is one VPC, V(er) what an enterprise router connects.
      - Fixed at creation. If not set, the cloud uses V(vpc) for a new gateway.
    type: str
  ip_version:
    description:
      - The IP version of the traffic in the tunnels, V(ipv4) or V(ipv6). Not every cloud has V(ipv6).
      - Fixed at creation. If not set, the cloud uses V(ipv4) for a new gateway.
    type: str
  vpc_id:
    description:
      - ID of the VPC that the gateway serves, 36 characters.
      - Required to create a gateway with O(attachment_type=vpc). With V(er), it stands in for O(access_vpc_id), and is compared with that.
      - Fixed at creation.
    type: str
  er_id:
    description:
      - ID of the enterprise router, 36 characters. Required with O(attachment_type=er), and possible only then.
      - Fixed at creation.
    type: str
  local_subnets:
    description:
      - IPv4 networks in the cloud that may use the tunnels, at most 50. Order and host bits do not count.
      - Required to create a gateway with O(attachment_type=vpc), which has O(local_subnets_v6) instead with O(ip_version=ipv6).
        Not possible with V(er).
      - The list replaces the current list, unless O(list_mode) is set. It cannot be emptied.
        If networks are removed, a warning states that traffic may be interrupted.
    type: list
    elements: str
  local_subnets_v6:
    description:
      - Like O(local_subnets), with IPv6 networks.
    type: list
    elements: str
  list_mode:
    description:
      - How O(local_subnets) and O(local_subnets_v6) relate to the lists of the gateway.
      - V(replace) makes the current list equal to the option.
      - V(add) adds the networks of the option that are missing, and keeps all others.
      - V(remove) removes the networks of the option, and keeps all others. Networks must be equal, not only overlap.
      - The API only accepts complete lists, so the complete resulting list is compared, checked against the limits and sent.
        A resulting list that is empty is an error.
      - With V(add) and V(remove), V([]) changes nothing.
      - To create a gateway, V(add) is the same as V(replace), and V(remove) is an error.
    type: str
    choices:
      - replace
      - add
      - remove
    default: replace
  connect_subnet:
    description:
      - ID of the subnet from which the gateway takes its addresses, 36 characters.
      - Required to create a gateway with O(attachment_type=vpc). With V(er), it stands in for O(access_subnet_id), and is compared with that.
      - Fixed at creation.
    type: str
  bgp_asn:
    description:
      - AS number of the gateway, 1 to 4294967295. It must differ from those of its customer gateways.
      - Fixed at creation. If not set, the cloud uses V(64512) for a new gateway.
    type: int
  flavor:
    description:
      - Size of the gateway, such as V(Basic), V(Professional1) or V(Professional2). Not case-sensitive.
      - V(Basic) is for public gateways of a VPC only.
      - A change is possible only to a flavor that RV(vpn_gateway.supported_flavors) lists. It may interrupt the tunnels of the gateway.
        The task issues a warning, also in check mode.
      - If not set, the cloud uses V(Professional1) for a new gateway.
    type: str
  availability_zone_ids:
    description:
      - Names of the availability zones, in any order. Two where the flavor is offered in two or more, one where it is offered in one.
        M(huaweicloud.vpn.vpn_availability_zone_info) lists them.
      - Fixed at creation. If not set, the cloud chooses.
    type: list
    elements: str
  enterprise_project_id:
    description:
      - ID of the enterprise project. V(0) is the default project.
      - Fixed at creation.
    type: str
  eip1:
    description:
      - The first or active elastic IP of a public gateway, either an existing one by O(eip1.id), or a new one by the other suboptions.
      - Required to create a public gateway. Not possible for a private one.
      - Later, only O(eip1.id) is compared. An address cannot be replaced by this module.
    type: dict
    suboptions:
      id:
        description:
          - ID of an existing elastic IP, 36 characters. Before the creation, the module waits until it is ready to be bound.
          - Fixed at creation.
        type: str
      type:
        description:
          - Line type of a new elastic IP, such as V(5_bgp).
        type: str
      charge_mode:
        description:
          - How the bandwidth of a new elastic IP is billed, V(bandwidth), V(traffic) or V(95peak_plus).
          - Required with O(eip1.bandwidth_size).
        type: str
      bandwidth_size:
        description:
          - Bandwidth of a new elastic IP in Mbit/s, 1 to 1000. The flavor limits it further.
        type: int
      bandwidth_name:
        description:
          - Name of the new bandwidth, 1 to 64 letters, digits, underscores, hyphens and periods.
        type: str
      bandwidth_id:
        description:
          - ID of an existing shared bandwidth for a new elastic IP, 36 characters.
            Other suboptions for the bandwidth are then ignored by the cloud.
        type: str
      ip_version:
        description: &ignored
          - Accepted and ignored, so that a returned gateway can be used as options.
        type: int
      ip_address:
        description: *ignored
        type: str
      share_type:
        description: *ignored
        type: str
      ip_billing_info:
        description: *ignored
        type: str
      bandwidth_billing_info:
        description: *ignored
        type: str
      network_type:
        description: *ignored
        type: str
  eip2:
    description:
      - The second or standby elastic IP of a public gateway, either an existing one by O(eip2.id), or a new one by the other suboptions.
      - Required to create a public gateway. Not possible for a private one.
      - Later, only O(eip2.id) is compared. An address cannot be replaced by this module.
    type: dict
    suboptions:
      id:
        description:
          - ID of an existing elastic IP, 36 characters. Before the creation, the module waits until it is ready to be bound.
          - Fixed at creation.
        type: str
      type:
        description:
          - Line type of a new elastic IP, such as V(5_bgp).
        type: str
      charge_mode:
        description:
          - How the bandwidth of a new elastic IP is billed, V(bandwidth), V(traffic) or V(95peak_plus).
          - Required with O(eip2.bandwidth_size).
        type: str
      bandwidth_size:
        description:
          - Bandwidth of a new elastic IP in Mbit/s, 1 to 1000. The flavor limits it further.
        type: int
      bandwidth_name:
        description:
          - Name of the new bandwidth, 1 to 64 letters, digits, underscores, hyphens and periods.
        type: str
      bandwidth_id:
        description:
          - ID of an existing shared bandwidth for a new elastic IP, 36 characters.
            Other suboptions for the bandwidth are then ignored by the cloud.
        type: str
      ip_version:
        description: *ignored
        type: int
      ip_address:
        description: *ignored
        type: str
      share_type:
        description: *ignored
        type: str
      ip_billing_info:
        description: *ignored
        type: str
      bandwidth_billing_info:
        description: *ignored
        type: str
      network_type:
        description: *ignored
        type: str
  access_vpc_id:
    description:
      - ID of the VPC through which devices reach the gateway, 36 characters. If not set, O(vpc_id).
      - Required with O(attachment_type=er), unless O(vpc_id) is set.
      - Fixed at creation.
    type: str
  access_subnet_id:
    description:
      - ID of a subnet of that VPC, 36 characters. If not set, O(connect_subnet). Required with O(access_vpc_id).
      - Fixed at creation.
    type: str
  access_private_ip_1:
    description:
      - The first or active private IPv4 address of a private gateway. Both addresses or neither.
      - Fixed at creation. If not set, the cloud chooses.
    type: str
  access_private_ip_2:
    description:
      - The second or standby private IPv4 address of a private gateway.
      - Fixed at creation. If not set, the cloud chooses.
    type: str
  ha_mode:
    description:
      - V(active-active) or V(active-standby).
      - Fixed at creation. If not set, the cloud uses V(active-active) for a new gateway.
    type: str
  policy_template:
    description:
      - Default policies of a gateway with a flavor that ends in C(-NonFixedIP). Only the suboptions that are set are managed.
      - Cannot be set at creation.
    type: dict
    suboptions:
      ike_policy:
        description:
          - Default IKE policy.
        type: dict
        suboptions:
          encryption_algorithm:
            description: &encryption
              - The encryption algorithm, V(aes-128), V(aes-192), V(aes-256), V(aes-128-gcm-16) or V(aes-256-gcm-16).
            type: str
          dh_group:
            description:
              - The Diffie-Hellman group, V(group14), V(group15), V(group16), V(group19), V(group20) or V(group21).
            type: str
          authentication_algorithm:
            description: &authentication
              - The authentication algorithm, V(sha2-256), V(sha2-384) or V(sha2-512).
            type: str
          lifetime_seconds:
            description:
              - Lifetime of an IKE security association in seconds, 60 to 604800.
            type: int
      ipsec_policy:
        description:
          - Default IPsec policy.
        type: dict
        suboptions:
          encryption_algorithm:
            description: *encryption
            type: str
          pfs:
            description:
              - The group for perfect forward secrecy, as for IKE, or V(disable).
            type: str
          authentication_algorithm:
            description: *authentication
            type: str
          lifetime_seconds:
            description:
              - Lifetime of an IPsec security association in seconds, 30 to 604800.
            type: int
  delete_connections:
    description:
      - Whether O(state=absent) also deletes the connections of the gateway, with their monitors. A dry run names them.
      - Otherwise a gateway with connections is not deleted. The task fails before it sends anything, and its message names the connections.
    type: bool
    default: false
  eips_on_delete:
    description:
      - What becomes of the elastic IPs of a deleted gateway. Required with O(state=absent), also for private gateways and gateways that are gone.
      - V(release) lets the API release them, which it does even with elastic IPs that were given by ID. Their addresses are lost.
      - V(keep) unbinds them first, with the elastic IP service. They still cost money.
    type: str
    choices:
      - keep
      - release
  eip_endpoint:
    description:
      - Base URL of the elastic IP service. V(https://vpc.{region}.{cloud}) if not set.
      - Taken from the environment variable E(HW_EIP_ENDPOINT) if not set.
    type: str
  wait_timeout:
    description:
      - Maximum number of seconds to wait for a busy gateway, and after a change until the gateway is C(ACTIVE) or gone. At least 1.
      - The limit applies to each wait separately.
      - Reads that fail during a wait, for example because the service is overloaded, are retried until the time is up.
    type: int
    default: 900
  status:
    description: *ignored
    type: str
  certificate_id:
    description: *ignored
    type: str
  er_attachment_id:
    description: *ignored
    type: str
  public_border_group:
    description: *ignored
    type: str
  connection_number:
    description: *ignored
    type: int
  used_connection_number:
    description: *ignored
    type: int
  used_connection_group:
    description: *ignored
    type: int
  created_at:
    description: *ignored
    type: str
  applied_at:
    description: *ignored
    type: str
  updated_at:
    description: *ignored
    type: str
  lock_status:
    description: *ignored
    type: int
  supported_flavors:
    description: *ignored
    type: list
    elements: str
  supported_features:
    description: *ignored
    type: list
    elements: str
  upgrade_info:
    description: *ignored
    type: str
  master_eip:
    description: *ignored
    type: dict
  slave_eip:
    description: *ignored
    type: dict
  high_availability:
    description: *ignored
    type: bool
  diagnosis:
    description: *ignored
    type: raw
notes:
  - Only pay-per-use gateways can be created by the API.
  - If the gateway is in a pending state, a change waits until the state has passed, and is then planned again.
    If it is C(FREEZED), a change fails. Without a change, these states and C(FAULT) only cause a warning.
  - Before it creates a gateway, the module reads the quota, and issues a warning if the quota is used up.
    The cloud decides whether to create it.
  - An approved plan includes what a deletion takes along. If another connection appears meanwhile, the task fails.
seealso:
  - module: huaweicloud.vpn.vpn_gateway_info
  - module: huaweicloud.vpn.vpn_customer_gateway
  - module: huaweicloud.vpn.vpn_connection
  - module: huaweicloud.vpn.vpn_connections
  - module: huaweicloud.vpn.vpn_availability_zone_info
  - module: huaweicloud.vpn.vpn_quota_info
  - name: "Huawei Cloud API reference: Creating a VPN gateway"
    description: The settings of a gateway and their limits as documented by the vendor.
    link: https://support.huaweicloud.com/intl/en-us/api-vpn/vpn_api_0001.html
"""

EXAMPLES = r"""
# The credentials come from the environment:
# HW_ACCESS_KEY, HW_SECRET_KEY, HW_REGION_NAME and HW_PROJECT_ID.
# Run any of them with --check --diff to see what it would change without writing anything.

- name: Create a gateway with two new elastic IPs
  huaweicloud.vpn.vpn_gateway:
    name: vpngw-frankfurt
    vpc_id: 0b7e4f4a-9a55-4d2e-8c4b-5a0100000001
    connect_subnet: 0b7e4f4a-9a55-4d2e-8c4b-5a0100000002
    local_subnets:
      - 10.0.0.0/24
    eip1: &new
      type: 5_bgp
      charge_mode: traffic
      bandwidth_size: 100
    eip2: *new
    tags:
      site: frankfurt
  register: frankfurt

- name: Show the addresses that devices connect to
  ansible.builtin.debug:
    msg: "{{ frankfurt.vpn_gateway.eip1.ip_address }} and {{ frankfurt.vpn_gateway.eip2.ip_address }}"

- name: Let another network use the tunnels
  huaweicloud.vpn.vpn_gateway:
    name: vpngw-frankfurt
    create: false
    list_mode: add
    local_subnets:
      - 10.0.1.0/24

- name: Make it larger, which may interrupt its tunnels
  huaweicloud.vpn.vpn_gateway:
    name: vpngw-frankfurt
    create: false
    flavor: Professional2

- name: Delete it with its connections, and keep its addresses
  huaweicloud.vpn.vpn_gateway:
    name: vpngw-frankfurt
    state: absent
    delete_connections: true
    eips_on_delete: keep
"""

RETURN = r"""
changed:
  description: Whether anything was changed, or would be in check mode.
  returned: always
  type: bool
  sample: true
vpn_gateway:
  description:
    - The VPN gateway as the API returns it, or V(null) if there is none. RV(vpn_gateway.tags) is a dictionary.
    - In check mode, this is the state after the planned changes.
    - The API omits members that do not apply, and may return members that are not listed here.
  returned: success
  type: dict
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
      description: Old name of RV(vpn_gateway.eip1).
      returned: when the API returns it
      type: dict
      sample:
        id: 8d2f3c5a-3333-4444-8555-7b9e1c4d6f22
    slave_eip:
      description: Old name of RV(vpn_gateway.eip2).
      returned: when the API returns it
      type: dict
      sample:
        id: 8d2f3c5a-3333-4444-8555-7b9e1c4d6f23
    high_availability:
      description: Deprecated by the vendor.
      returned: when the API returns it
      type: bool
      sample: true
action:
  description: What was done to the VPN gateway, or would be in check mode.
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
      description: The value that the API returned, or V(null) if it returned none.
      returned: success
      type: raw
      sample: vpngw-frankfurt
    after:
      description: The desired value.
      returned: success
      type: raw
      sample: vpngw-frankfurt-1
    takes_effect:
      description:
        - When the change takes effect. Always V(immediately).
      returned: success
      type: str
      sample: immediately
request_body:
  description: The exact body of the request that creates or changes the VPN gateway.
  returned: success, when a POST or PUT is sent, or would be in check mode. The flavor and the tags of an existing VPN gateway are sent separately.
  type: dict
  sample:
    vpn_gateway:
      name: vpngw-frankfurt-1
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
        name: vpngw-frankfurt
    after:
      description: The configuration after the change, empty after a deletion.
      returned: success
      type: dict
      sample:
        name: vpngw-frankfurt-1
    before_header:
      description: Title of the state before the change. A creation has no ID here, so that it has the title of its dry run.
      returned: success
      type: str
      sample: VPN gateway vpngw-frankfurt (620d99b8-2222-4333-8444-0d1f5a2c7e11)
    after_header:
      description: Title of the state after the change.
      returned: success
      type: str
      sample: VPN gateway vpngw-frankfurt (620d99b8-2222-4333-8444-0d1f5a2c7e11)
    prepared:
      description:
        - What Ansible prints below the difference, one item per line. What the change may interrupt, and what a deletion takes
          along. The plan ID, so that the output of C(--check --diff) is enough to approve the plan with O(expect_plan).
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
  sample: "access_private_ip_1 must be an IPv4 address such as 10.0.0.5, not 'frankfurt'"
errors:
  description: All errors in the task, one sentence each. The message contains the first twenty, one per line.
  returned: failure, when the task is invalid
  type: list
  elements: str
  sample:
    - "access_private_ip_1 must be an IPv4 address such as 10.0.0.5, not 'frankfurt'"
ids:
  description: IDs of all VPN gateways that match. The message contains the first twenty.
  returned: failure, when several VPN gateways match
  type: list
  elements: str
  sample:
    - 620d99b8-2222-4333-8444-0d1f5a2c7e11
    - 620d99b8-2222-4333-8444-0d1f5a2c7e12
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
  sample: https://vpn.eu-west-101.myhuaweicloud.eu/v5/0605768a0c5bd5f1bd3f9a2f5c0d1c2e/vpn-gateways/620d99b8-2222-4333-8444-0d1f5a2c7e11
"""

from ansible_collections.huaweicloud.vpn.plugins.module_utils._module import run_module
from ansible_collections.huaweicloud.vpn.plugins.module_utils._resources.gateway import GATEWAY
from ansible_collections.huaweicloud.vpn.plugins.module_utils._work import single


def main() -> None:
    run_module(single, GATEWAY)


if __name__ == "__main__":
    main()
