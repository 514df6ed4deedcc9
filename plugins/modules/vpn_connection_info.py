#!/usr/bin/python

# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: vpn_connection_info
short_description: List VPN connections of Huawei Cloud Enterprise VPN
version_added: "0.1.0"
author:
  - huaweicloud.vpn contributors (@huaweicloud-vpn)
description:
  - Returns the connections of Huawei Cloud Virtual Private Network, Enterprise Edition VPN, with all their settings.
  - A connection is returned if it matches all filters. Without filters, all connections of the project are returned.
  - If nothing matches, the list is empty and the task still succeeds.
  - The returned data can be passed to M(huaweicloud.vpn.vpn_connection) and M(huaweicloud.vpn.vpn_connections) without modification,
    and changes nothing. In this way, existing connections become variables of a playbook.
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
      - ID of a connection, 36 characters. Only that connection is read.
      - Other filters also apply. If the connection does not match them, the list is empty.
    type: str
    aliases:
      - vpn_connection_id
  name:
    description:
      - Name of the connections, matched exactly. Names need not be unique.
    type: str
  vgw_id:
    description:
      - ID of the VPN gateway.
    type: str
    aliases:
      - vpn_gateway_id
  vgw_ip:
    description:
      - The address of the VPN gateway that the connection uses.
        For a public gateway, this is the ID of the EIP. For a private gateway, it is the private IPv4 address.
    type: str
  cgw_id:
    description:
      - ID of the customer gateway.
    type: str
    aliases:
      - customer_gateway_id
  style:
    description:
      - The mode of the connection.
      - Known values are V(policy), V(static), V(bgp) and V(policy-template).
    type: str
  status:
    description:
      - Status of the connection.
      - Known values are V(ACTIVE), V(DOWN), V(ERROR), V(PENDING_CREATE), V(PENDING_UPDATE), V(PENDING_DELETE), V(FREEZED) and V(UNKNOWN).
    type: str
  enterprise_project_id:
    description:
      - ID of the enterprise project, or V(0) for the default one.
    type: str
  details:
    description:
      - Additional information to retrieve for each connection. Several connections are read at the same time.
        Each detail costs one request per connection, except V(posture), which needs none, and V(diagnosis), which needs two.
      - V(log) is the negotiation log. Old gateways and connections with the style C(policy-template) have none.
      - V(ipsec_sa) is the list of IPsec security associations.
      - V(peer_configuration) is a configuration for the customer's device. It requires O(peer_device).
      - V(monitor_status) is the connection monitor (health check).
      - V(posture) lists weak, deprecated and unusual settings. Other connections of the gateway are only taken into account
        if all of them were read, that is without O(id), O(vgw_ip) and O(enterprise_project_id).
      - V(diagnosis) tells why a tunnel is down, or what will interrupt it. It reads V(log) and V(ipsec_sa),
        and with O(traffic_seconds) the latter twice.
      - If the cloud fails to return a detail of a connection, for example with HTTP 500, the detail is null, and a warning contains the
        reason. V(diagnosis) then contains the finding C(diagnosis incomplete). If the cloud fails more than 8 times, the task fails.
      - Not every cloud provides these operations.
    type: list
    elements: str
    choices:
      - log
      - ipsec_sa
      - peer_configuration
      - monitor_status
      - posture
      - diagnosis
  traffic_seconds:
    description:
      - For V(diagnosis) in O(details), read the traffic of the tunnels twice, this number of seconds apart, and judge what passes
        in between. 1 to 300 seconds. All tunnels are read at the same time.
      - If not set, the traffic is read once, and judged since the keys of the tunnel were last renewed.
        A tunnel whose traffic stopped after that therefore looks sound.
      - Costs one more request for each tunnel that is up. A tunnel that nobody uses during this time is reported as C(no traffic).
    type: int
  show_secrets:
    description:
      - Whether to return the text of RV(vpn_connections[].peer_configuration). It may contain the pre-shared key.
      - With V(false), the whole text is masked, and it is not even requested.
      - With V(true), set C(no_log=true) for the task, and be careful where you store its result.
    type: bool
    default: false
  peer_device:
    description:
      - The customer's device that the configuration is for. Required for V(peer_configuration) in O(details), with all suboptions.
      - The vendor publishes a list of supported devices. For other devices, the API refuses the request and the task fails.
    type: dict
    suboptions:
      vendor:
        description:
          - Vendor of the device.
        type: str
      type:
        description:
          - Series of the device.
        type: str
      model:
        description:
          - Model of the device.
        type: str
      version:
        description:
          - Software version of the device.
        type: str
notes:
  - One list request serves all filters. The API applies O(vgw_id), O(vgw_ip) and O(enterprise_project_id). The module applies the others.
    The module reads all pages of the list.
  - IDs, O(style) and O(status) are not case-sensitive. O(name) is.
  - If the list omits the policies of the connections, the module reads each connection individually.
seealso:
  - module: huaweicloud.vpn.vpn_connection
  - module: huaweicloud.vpn.vpn_connections
  - module: huaweicloud.vpn.vpn_customer_gateway
  - module: huaweicloud.vpn.vpn_customer_gateway_info
  - module: huaweicloud.vpn.vpn_gateway
  - module: huaweicloud.vpn.vpn_gateway_info
  - ref: ansible_collections.huaweicloud.vpn.docsite.guide_adopt
    description: How to manage connections that exist already or come from Terraform.
  - name: "Huawei Cloud API reference: Querying the VPN connection list"
    description: The members of a connection as documented by the vendor.
    link: https://support.huaweicloud.com/intl/en-us/api-vpn/vpn_api_0029.html
"""

EXAMPLES = r"""
- name: Set credentials from a vault once for all modules of the collection
  module_defaults:
    group/huaweicloud.vpn.all:
      region: eu-west-101
      access_key: "{{ vault_access_key }}"
      secret_key: "{{ vault_secret_key }}"
  block:
    - name: List all connections
      huaweicloud.vpn.vpn_connection_info:
      register: all_connections

# The other examples take the credentials from the environment:
# HW_ACCESS_KEY, HW_SECRET_KEY, HW_REGION_NAME and HW_PROJECT_ID.

- name: List the connections of a gateway that are down
  huaweicloud.vpn.vpn_connection_info:
    vgw_id: 620d99b8-2222-4333-8444-0d1f5a2c7e11
    status: DOWN
  register: down

- name: Show their names
  ansible.builtin.debug:
    msg: "{{ down.vpn_connections | map(attribute='name') }}"

- name: Find a connection by name
  huaweicloud.vpn.vpn_connection_info:
    name: branch-hamburg
  register: hamburg

- name: Fail unless there is exactly one
  ansible.builtin.assert:
    that: hamburg.vpn_connections | length == 1

- name: Apply it with one setting changed
  huaweicloud.vpn.vpn_connections:
    connections:
      - "{{ hamburg.vpn_connections[0] | combine({'ipsecpolicy': {'lifetime_seconds': 7200}}, recursive=true) }}"

- name: Find out why a tunnel does not come up
  huaweicloud.vpn.vpn_connection_info:
    name: branch-hamburg
    details:
      - diagnosis
      - posture
      - log
  register: hamburg

- name: Show the likeliest cause, and what to check
  ansible.builtin.debug:
    msg: "{{ hamburg.vpn_connections[0].diagnosis[0] | default('The tunnel is up') }}"

- name: Show the end of the log
  ansible.builtin.debug:
    msg: "{{ hamburg.vpn_connections[0].log[-20:] | map(attribute='raw_message') }}"

- name: Generate a configuration for the device in Hamburg
  huaweicloud.vpn.vpn_connection_info:
    name: branch-hamburg
    details:
      - peer_configuration
    peer_device:
      vendor: Huawei
      type: Router
      model: AR1000
      version: V300R019
    show_secrets: true
  register: hamburg
  no_log: true

- name: Store it in a file that only its owner can read
  ansible.builtin.copy:
    content: "{{ hamburg.vpn_connections[0].peer_configuration }}"
    dest: /etc/ipsec.d/huawei.conf
    mode: "0600"
  no_log: true
"""

RETURN = r"""
vpn_connections:
  description:
    - The connections that match, as the API returns them and in its order. Empty if there are none.
      RV(vpn_connections[].style) and RV(vpn_connections[].ha_role) are lowercase and RV(vpn_connections[].tags) is a dictionary,
      as in the options of M(huaweicloud.vpn.vpn_connection).
    - They never contain the pre-shared key, except in RV(vpn_connections[].peer_configuration).
      The API omits members that do not apply to a connection, and may return members that are not listed here.
  returned: success
  type: list
  elements: dict
  contains:
    id:
      description: ID of the connection.
      returned: success
      type: str
      sample: 98c5af8a-1111-4222-8333-ae2280a6f4c3
    name:
      description: Name of the connection.
      returned: success
      type: str
      sample: branch-hamburg
    status:
      description:
        - Status of the connection.
        - One of C(ACTIVE), C(DOWN), C(ERROR), C(PENDING_CREATE), C(PENDING_UPDATE), C(PENDING_DELETE), C(FREEZED) and C(UNKNOWN).
      returned: success
      type: str
      sample: ACTIVE
    monitor:
      description: Whether the connection has a connection monitor (health check).
      returned: success
      type: bool
      sample: false
    reset_required:
      description:
        - Whether a change only takes effect once the tunnel is re-established. The tag C(ansible_reset_required) names the changed options.
        - See O(huaweicloud.vpn.vpn_connection#module:remember_reset).
      returned: success
      type: bool
      sample: false
    vgw_id:
      description: ID of the VPN gateway.
      returned: success
      type: str
      sample: 620d99b8-2222-4333-8444-0d1f5a2c7e11
    vgw_ip:
      description: ID of the EIP, or private address, of the VPN gateway that the connection uses.
      returned: success
      type: str
      sample: 8d2f3c5a-3333-4444-8555-7b9e1c4d6f22
    style:
      description: Mode of the connection, in lowercase.
      returned: success
      type: str
      sample: static
    ha_role:
      description: Role of the connection.
      returned: when the API returns it
      type: str
      sample: master
    cgw_id:
      description: ID of the customer gateway.
      returned: success
      type: str
      sample: 1a7e4b9c-4444-4555-8666-3c5d8f0a2b33
    peer_subnets:
      description: The IPv4 networks behind the customer gateway.
      returned: when the API returns it
      type: list
      elements: str
      sample:
        - 192.168.20.0/24
    peer_subnets_v6:
      description: The IPv6 networks behind the customer gateway.
      returned: when the gateway is an IPv6 gateway
      type: list
      elements: str
      sample:
        - 2001:db8:20::/48
    tunnel_local_address:
      description: Address of the tunnel interface of the VPN gateway.
      returned: when the API returns it
      type: str
      sample: 169.254.76.1/30
    tunnel_peer_address:
      description: Address of the tunnel interface of the customer's device.
      returned: when the API returns it
      type: str
      sample: 169.254.76.2/30
    enable_nqa:
      description: Whether network quality analysis (NQA) probes the remote end of the tunnel.
      returned: when RV(vpn_connections[].style) is V(static)
      type: bool
      sample: false
    enable_hub:
      description: Whether branches can reach each other through the gateway.
      returned: when RV(vpn_connections[].style) is V(bgp)
      type: bool
      sample: false
    enable_health_check:
      description: Whether the health check is enabled.
      returned: when the API returns it
      type: bool
      sample: false
    policy_rules:
      description: The traffic that the connection protects.
      returned: when RV(vpn_connections[].style) is V(policy)
      type: list
      elements: dict
      contains:
        rule_index:
          description: Number of the rule.
          returned: when the API returns it
          type: int
          sample: 1
        source:
          description: Network on the cloud side.
          returned: success
          type: str
          sample: 10.0.0.0/24
        destination:
          description: Networks on the customer side.
          returned: success
          type: list
          elements: str
          sample:
            - 192.168.20.0/24
    policy_rules_v6:
      description: The IPv6 traffic that the connection protects.
      returned: when RV(vpn_connections[].style) is V(policy) and the gateway is an IPv6 gateway
      type: list
      elements: dict
      contains:
        rule_index:
          description: Number of the rule.
          returned: when the API returns it
          type: int
          sample: 1
        source:
          description: Network on the cloud side.
          returned: success
          type: str
          sample: 2001:db8:1::/64
        destination:
          description: Networks on the customer side.
          returned: success
          type: list
          elements: str
          sample:
            - 2001:db8:20::/48
    ikepolicy:
      description: IKE (phase 1) settings.
      returned: success
      type: dict
      contains:
        ike_version:
          description: IKE version.
          returned: success
          type: str
          sample: v2
        phase1_negotiation_mode:
          description: Negotiation mode of phase 1.
          returned: with IKEv1
          type: str
          sample: main
        authentication_algorithm:
          description: Authentication algorithm of phase 1.
          returned: success
          type: str
          sample: sha2-256
        encryption_algorithm:
          description: Encryption algorithm of phase 1.
          returned: success
          type: str
          sample: aes-256
        dh_group:
          description: Diffie-Hellman group of phase 1.
          returned: success
          type: str
          sample: group20
        authentication_method:
          description: Authentication method of the two ends.
          returned: success
          type: str
          sample: pre-share
        lifetime_seconds:
          description: Lifetime of an IKE security association in seconds.
          returned: success
          type: int
          sample: 86400
        local_id_type:
          description: Type of the identity of the VPN gateway.
          returned: when the API returns it
          type: str
          sample: ip
        local_id:
          description: Identity of the VPN gateway.
          returned: when the API returns it
          type: str
          sample: 203.0.113.10
        peer_id_type:
          description: Type of the identity of the customer gateway.
          returned: when the API returns it
          type: str
          sample: ip
        peer_id:
          description: Identity of the customer gateway.
          returned: when the API returns it
          type: str
          sample: 198.51.100.20
        dpd:
          description: Dead peer detection.
          returned: success
          type: dict
          contains:
            timeout:
              description: Seconds to wait before a detection packet is retransmitted.
              returned: success
              type: int
              sample: 15
            interval:
              description: Seconds without traffic before detection starts.
              returned: success
              type: int
              sample: 30
            msg:
              description: Order of the payloads in a detection packet.
              returned: success
              type: str
              sample: seq-hash-notify
    ipsecpolicy:
      description: IPsec (phase 2) settings.
      returned: success
      type: dict
      contains:
        authentication_algorithm:
          description: Authentication algorithm of the traffic.
          returned: success
          type: str
          sample: sha2-256
        encryption_algorithm:
          description: Encryption algorithm of the traffic.
          returned: success
          type: str
          sample: aes-256
        pfs:
          description: Diffie-Hellman group for perfect forward secrecy, or V(disable).
          returned: success
          type: str
          sample: group20
        transform_protocol:
          description: The IPsec protocol.
          returned: success
          type: str
          sample: esp
        lifetime_seconds:
          description: Lifetime of an IPsec security association in seconds.
          returned: success
          type: int
          sample: 3600
        encapsulation_mode:
          description: How packets are encapsulated.
          returned: success
          type: str
          sample: tunnel
    tags:
      description: Tags of the connection, including system tags. Empty if there are none.
      returned: success
      type: dict
      sample:
        site: hamburg
    created_at:
      description: When the connection was created, in UTC.
      returned: when the API returns it
      type: str
      sample: "2026-01-15T08:11:25.786Z"
    updated_at:
      description: When the connection was changed, in UTC.
      returned: when the API returns it
      type: str
      sample: "2026-01-15T09:40:02.107Z"
    enterprise_project_id:
      description: ID of the enterprise project, or V(0) for the default one.
      returned: when the API returns it
      type: str
      sample: "0"
    connection_monitor_id:
      description: ID of the monitor of the connection.
      returned: when the connection has a monitor
      type: str
      sample: a4d68a3d-5555-4666-8777-9e1f3b5c7d44
    bgp_peer:
      description: The BGP session.
      returned: when the API returns it
      type: dict
      contains:
        peer_ip_address:
          description: Address of the peer.
          returned: when the API returns it
          type: str
          sample: 169.254.76.2
        peer_asn:
          description: AS number of the peer.
          returned: when the API returns it
          type: int
          sample: 65010
        state:
          description: State of the session.
          returned: when the API returns it
          type: str
          sample: Established
        state_duration:
          description: How long the session has been in this state.
          returned: when the API returns it
          type: str
          sample: 01h12m30s
        num_received_routes:
          description: Number of routes received.
          returned: when the API returns it
          type: int
          sample: 4
        num_message_received:
          description: Number of messages received.
          returned: when the API returns it
          type: int
          sample: 76
        num_message_sent:
          description: Number of messages sent.
          returned: when the API returns it
          type: int
          sample: 75
    eip_id:
      description: Old name of RV(vpn_connections[].vgw_ip).
      returned: when the API returns it
      type: str
      sample: 8d2f3c5a-3333-4444-8555-7b9e1c4d6f22
    type:
      description: Old form of RV(vpn_connections[].style).
      returned: when the API returns it
      type: str
      sample: ROUTE
    route_mode:
      description: Old form of RV(vpn_connections[].style).
      returned: when the API returns it
      type: str
      sample: static
    log:
      description: The negotiation log, or V(null) with a warning if the connection has none.
      returned: when O(details) contains V(log)
      type: list
      elements: dict
      contains:
        time:
          description: When the message was written, in milliseconds since 1970-01-01 UTC.
          returned: success
          type: int
          sample: 1768464685786
        raw_message:
          description: The message.
          returned: success
          type: str
          sample: IKE SA established
    ipsec_sa:
      description: The IPsec security associations.
      returned: when O(details) contains V(ipsec_sa)
      type: list
      elements: dict
      contains:
        id:
          description: ID of the security association.
          returned: when the API returns it
          type: str
          sample: 98c5af8a-1111-4222-8333-000000000000
        source_ip_cidr:
          description: Network on the cloud side.
          returned: when the API returns it
          type: str
          sample: 10.0.0.0/24
        dest_ip_cidr:
          description: Network on the customer side.
          returned: when the API returns it
          type: str
          sample: 192.168.20.0/24
        packets_sent:
          description: Number of packets sent.
          returned: when the API returns it
          type: float
          sample: 120
        packets_recv:
          description: Number of packets received.
          returned: when the API returns it
          type: float
          sample: 100
        traffic_sent:
          description: Number of bytes sent.
          returned: when the API returns it
          type: float
          sample: 9600
        traffic_recv:
          description: Number of bytes received.
          returned: when the API returns it
          type: float
          sample: 8000
        collected_at:
          description: When the numbers were collected.
          returned: when the API returns it
          type: str
          sample: "2026-01-15T09:41:00.000Z"
    peer_configuration:
      description:
        - The configuration for O(peer_device).
        - With O(show_secrets=false), always C(VALUE_SPECIFIED_IN_NO_LOG_PARAMETER).
      returned: when O(details) contains V(peer_configuration)
      type: str
      sample: VALUE_SPECIFIED_IN_NO_LOG_PARAMETER
    monitor_status:
      description:
        - The connection monitor (health check), as the API returns it. V(none) if the connection has none.
      returned: when O(details) contains V(monitor_status)
      type: dict
      contains:
        id:
          description: ID of the monitor.
          returned: success
          type: str
          sample: 5c0e7f3b-6666-4777-8888-9a1b2c3d4e5f
        status:
          description: Status of the monitor, C(ACTIVE), C(PENDING_CREATE) or C(PENDING_DELETE).
          returned: success
          type: str
          sample: ACTIVE
        vpn_connection_id:
          description: ID of the connection.
          returned: success
          type: str
          sample: 98c5af8a-1111-4222-8333-ae2280a6f4c3
        type:
          description: Type of the monitor.
          returned: success
          type: str
          sample: gateway
        source_ip:
          description: Address that sends the probes.
          returned: success
          type: str
          sample: 203.0.113.10
        destination_ip:
          description: Address that is probed.
          returned: success
          type: str
          sample: 198.51.100.20
        proto_type:
          description: Protocol of the probes.
          returned: success
          type: str
          sample: icmp
    posture:
      description:
        - Sentences about weak, deprecated and unusual settings, each with the setting and what to do. Empty if there is nothing to say.
      returned: when O(details) contains V(posture)
      type: list
      elements: str
      sample:
        - "ikepolicy.dh_group is group2, which is weak; set group15 or higher"
    diagnosis:
      description:
        - Why the tunnel is down, or what will interrupt it, the likeliest first. Empty if the tunnel is up and nothing was found.
        - A failure in the log that is older than a success is history, and not listed.
        - The traffic of the tunnel is read once, unless O(traffic_seconds) is set. Its counters begin when its keys are renewed.
      returned: when O(details) contains V(diagnosis)
      type: list
      elements: dict
      contains:
        cause:
          description: The keyword of the vendor's log, or a name of the finding. Unknown keywords are returned as they are.
          returned: success
          type: str
          sample: version mismatch
        kind:
          description:
            - The sort of fault. One of C(proposal), C(identity), C(flow), C(reachability), C(nat), C(capacity), C(certificate),
              C(protocol), C(peer), C(routing), C(traffic), C(stability), C(state), C(pending), C(normal), C(internal), C(unused) and C(unknown).
          returned: success
          type: str
          sample: proposal
        count:
          description: How many lines of the log name the cause since the tunnel was last established.
          returned: success
          type: int
          sample: 14
        last_seen:
          description: Time of the newest of these lines, in ISO 8601 UTC. V(none) if the finding does not rest on the log.
          returned: success
          type: str
          sample: "2026-03-01T08:15:00Z"
        meaning:
          description: What the cause means.
          returned: success
          type: str
          sample: the IKE versions of the two ends differ
        check:
          description:
            - What to check or change, the first thing first. Empty if there is nothing to do.
            - A text that begins with C(Suggestion:) is not published by the vendor.
          returned: success
          type: str
          sample: make ikepolicy.ike_version equal at both ends; a change takes effect immediately
        where:
          description: Where to check, C(cloud), C(device) or C(both).
          returned: success
          type: str
          sample: both
        evidence:
          description: The newest line of the log, or the figures, that the finding rests on.
          returned: success
          type: str
          sample: "IPSec tunnel negotiation fails. (PeerAddress=[198.51.100.20], PeerPort=[500], Reason=[version mismatch])"
total_count:
  description:
    - How many connections the project has, as counted by the API, regardless of the filters.
    - With O(id) it is V(1) if the connection exists, and V(0) otherwise.
  returned: success
  type: int
  sample: 12
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
  sample: "id must be the 36 characters of a connection's id, not 'hamburg'"
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
  sample: https://vpn.eu-west-101.myhuaweicloud.eu/v5/0605768a0c5bd5f1bd3f9a2f5c0d1c2e/vpn-connection
"""

from ansible_collections.huaweicloud.vpn.plugins.module_utils._module import run_module
from ansible_collections.huaweicloud.vpn.plugins.module_utils._resources.connection import CONNECTION
from ansible_collections.huaweicloud.vpn.plugins.module_utils._work import info


def main() -> None:
    run_module(info, CONNECTION)


if __name__ == "__main__":
    main()
