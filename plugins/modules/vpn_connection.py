#!/usr/bin/python

# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: vpn_connection
short_description: Manage a VPN connection of Huawei Cloud Enterprise VPN
version_added: "0.1.0"
author:
  - huaweicloud.vpn contributors (@huaweicloud-vpn)
description:
  - Creates, changes, resets and deletes one connection of Huawei Cloud Virtual Private Network, Enterprise Edition VPN.
  - The module reads the connection, compares its settings with the task semantically, and sends only the differences. If there are none, it sends nothing.
  - The module never changes a setting whose option is not set.
    This applies to each suboption of O(ikepolicy), O(ikepolicy.dpd) and O(ipsecpolicy) individually.
  - After a change, the module waits until the connection is stable, and reads it back to verify that the cloud applied the change.
    A stable connection has the status C(ACTIVE) or C(DOWN). C(DOWN) counts as success, because a tunnel stays down while its peer does not respond.
    O(expect_active=true) requires C(ACTIVE).
  - All errors in a task are reported in one message, before anything is written.
extends_documentation_fragment:
  - huaweicloud.vpn._auth
  - huaweicloud.vpn._connection
  - huaweicloud.vpn._connection.work
  - huaweicloud.vpn._object.plan
  - huaweicloud.vpn._attributes
  - huaweicloud.vpn._attributes.actiongroup
attributes:
  check_mode:
    support: full
    details:
      - The return values have the same keys as in a real run. The module does not wait for a busy connection, but warns that the plan may change.
  diff_mode:
    support: full
    details:
      - Shows configuration only, not status, timestamps or request IDs.
      - Sending O(psk) is shown as C(psk_updated). The key itself is never shown.
  idempotent:
    support: partial
    details:
      - The API never returns O(psk), so the module cannot compare it. O(update_psk=always) always reports a change,
        O(update_psk=on_change) only if the key is not the one last sent.
      - O(reset=always) always reports a change.
"""

EXAMPLES = r"""
- name: Set credentials from a vault once for all modules of the collection
  module_defaults:
    group/huaweicloud.vpn.all:
      region: eu-west-101
      access_key: "{{ vault_access_key }}"
      secret_key: "{{ vault_secret_key }}"
  block:
    - name: Rename a connection
      huaweicloud.vpn.vpn_connection:
        id: 98c5af8a-1111-4222-8333-ae2280a6f4c3
        name: branch-berlin

# The other examples take the credentials from the environment:
# HW_ACCESS_KEY, HW_SECRET_KEY, HW_REGION_NAME and HW_PROJECT_ID.
# Run any of them with --check --diff to see what it would change without writing anything.

- name: Route two networks behind the customer gateway
  huaweicloud.vpn.vpn_connection:
    id: 98c5af8a-1111-4222-8333-ae2280a6f4c3
    peer_subnets:
      - 192.168.1.0/24
      - 192.168.2.0/24

- name: Select the traffic that a policy-based connection protects
  huaweicloud.vpn.vpn_connection:
    id: 98c5af8a-1111-4222-8333-ae2280a6f4c3
    policy_rules:
      - source: 10.0.0.0/24
        destination:
          - 192.168.1.0/24
          - 192.168.2.0/24
      - source: 10.0.1.0/24
        destination:
          - 192.168.1.0/24

- name: Rekey every hour, without changing any other setting
  huaweicloud.vpn.vpn_connection:
    id: 98c5af8a-1111-4222-8333-ae2280a6f4c3
    ikepolicy:
      lifetime_seconds: 3600
    ipsecpolicy:
      lifetime_seconds: 3600
  register: lifetimes

- name: Show the changes, and when each takes effect
  ansible.builtin.debug:
    msg: "{{ item.path }}: {{ item.before }} -> {{ item.after }} ({{ item.takes_effect }})"
  loop: "{{ lifetimes.changes }}"
  loop_control:
    label: "{{ item.path }}"

- name: Create a connection
  huaweicloud.vpn.vpn_connection:
    name: branch-hamburg
    vgw_id: 620d99b8-2222-4333-8444-0d1f5a2c7e11
    vgw_ip: 8d2f3c5a-3333-4444-8555-7b9e1c4d6f22
    cgw_id: 1a7e4b9c-4444-4555-8666-3c5d8f0a2b33
    style: static
    peer_subnets:
      - 192.168.20.0/24
    psk: "{{ vault_psk_hamburg }}"
    ikepolicy:
      ike_version: v2
      authentication_algorithm: sha2-256
      encryption_algorithm: aes-256
      dh_group: group20
    ipsecpolicy:
      authentication_algorithm: sha2-256
      encryption_algorithm: aes-256
      pfs: group20
    tags:
      site: hamburg

- name: Create a connection between gateways that are set by name
  huaweicloud.vpn.vpn_connection:
    name: branch-leipzig
    vgw_name: vpngw-frankfurt
    vgw_ip: eip1
    cgw_name: cgw-leipzig
    peer_subnets:
      - 192.168.40.0/24
    psk: "{{ vault_psk_leipzig }}"

- name: Monitor a connection
  huaweicloud.vpn.vpn_connection:
    name: branch-hamburg
    monitor: true

- name: Add a network, and keep those that are there
  huaweicloud.vpn.vpn_connection:
    name: branch-hamburg
    list_mode: add
    peer_subnets:
      - 192.168.22.0/24

- name: Remove everything that a policy-based connection protects for one source
  huaweicloud.vpn.vpn_connection:
    id: 98c5af8a-1111-4222-8333-ae2280a6f4c3
    list_mode: remove
    policy_rules:
      - source: 10.0.1.0/24

- name: Set these tags and remove all others
  huaweicloud.vpn.vpn_connection:
    name: branch-hamburg
    tags:
      site: hamburg
      owner: network-team
    purge_tags: true

- name: Change the pre-shared key, and re-establish the tunnel if that is required to use it
  huaweicloud.vpn.vpn_connection:
    name: branch-hamburg
    psk: "{{ vault_new_psk_hamburg }}"
    update_psk: always
    reset: if_required

- name: Plan a change without applying it
  huaweicloud.vpn.vpn_connection:
    name: branch-hamburg
    peer_subnets:
      - 192.168.20.0/24
      - 192.168.21.0/24
  check_mode: true
  diff: true
  register: plan

- name: Apply exactly the approved plan, or fail
  huaweicloud.vpn.vpn_connection:
    name: branch-hamburg
    peer_subnets:
      - 192.168.20.0/24
      - 192.168.21.0/24
    expect_plan: "{{ plan.plan_id }}"

- name: Re-establish the tunnel of a connection that is down
  huaweicloud.vpn.vpn_connection:
    name: branch-hamburg
    reset: always

- name: Change the key at both ends, and fail with the reason from the log if the tunnel does not come up again
  huaweicloud.vpn.vpn_connection:
    name: branch-hamburg
    psk: "{{ vault_new_psk_hamburg }}"
    update_psk: always
    reset: if_required
    expect_active: true

- name: Change a connection that must exist, instead of creating one if its name is mistyped
  huaweicloud.vpn.vpn_connection:
    name: branch-hamburg
    create: false
    ikepolicy:
      lifetime_seconds: 3600

- name: Delete a connection
  huaweicloud.vpn.vpn_connection:
    name: branch-hamburg
    state: absent
"""

RETURN = r"""
changed:
  description: Whether anything was changed, or would be in check mode.
  returned: always
  type: bool
  sample: true
action:
  description: What was done to the connection, or would be in check mode.
  returned: success, a failure after something was written, and a failure because of O(expect_plan)
  type: str
  choices:
    - create
    - update
    - delete
    - none
  sample: update
vpn_connection:
  description:
    - The connection as the API returns it, or V(null) if there is none.
      O(style) and O(ha_role) are lowercase as in the options, and O(tags) is a dictionary.
    - In check mode, this is the connection as found, with the planned changes. A connection to be created has no RV(vpn_connection.id).
    - It never contains O(psk). The API omits members that do not apply to a connection, and may return members that are not listed here.
  returned: success
  type: dict
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
      returned: when the API has returned it. Without O(wait), only if the response to the change contains it
      type: str
      sample: ACTIVE
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
      returned: when O(style) is V(static)
      type: bool
      sample: false
    enable_hub:
      description: Whether branches can reach each other through the gateway.
      returned: when O(style) is V(bgp)
      type: bool
      sample: false
    enable_health_check:
      description: Whether the health check is enabled.
      returned: when the API returns it
      type: bool
      sample: false
    policy_rules:
      description: The traffic that the connection protects.
      returned: when O(style) is V(policy)
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
      returned: when O(style) is V(policy) and the gateway is an IPv6 gateway
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
      description: Tags of the connection, including system tags.
      returned: when the API returns it
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
      description: Old name of RV(vpn_connection.vgw_ip).
      returned: when the API returns it
      type: str
      sample: 8d2f3c5a-3333-4444-8555-7b9e1c4d6f22
    type:
      description: Old form of RV(vpn_connection.style).
      returned: when the API returns it
      type: str
      sample: ROUTE
    route_mode:
      description: Old form of RV(vpn_connection.style).
      returned: when the API returns it
      type: str
      sample: static
changes:
  description:
    - What was changed, or would be in check mode. Empty if there are no changes.
    - A creation has one entry for each value that is sent. A deletion has one entry with the path V(state).
      A reset adds one with the path V(reset).
  returned: success, a failure after something was written, and a failure because of O(expect_plan)
  type: list
  elements: dict
  contains:
    path:
      description: The option, with suboptions separated by dots.
      returned: success
      type: str
      sample: ikepolicy.lifetime_seconds
    before:
      description: The value that the API returned, or V(null) if it returned none. V(false) if it returned that. Always V(null) for V(psk).
      returned: success
      type: raw
      sample: 86400
    after:
      description: The desired value. Masked for V(psk).
      returned: success
      type: raw
      sample: 3600
    takes_effect:
      description:
        - When the change takes effect.
        - One of V(immediately), V(next_phase1_negotiation), V(next_phase2_negotiation) and V(after_reset).
      returned: success
      type: str
      sample: next_phase1_negotiation
request_body:
  description: The exact body of the request that creates or changes the connection, with O(psk) masked.
  returned: success, when a POST or PUT is sent, or would be in check mode. Tags of an existing connection and a reset are sent separately.
  type: dict
  sample:
    vpn_connection:
      ikepolicy:
        lifetime_seconds: 3600
psk_updated:
  description: Whether O(psk) was sent, or would be in check mode.
  returned: success
  type: bool
  sample: false
reset_required:
  description:
    - Whether a change, of this task or an earlier one, only takes effect once the tunnel is re-established, and the task does not do that.
    - See O(reset) and O(remember_reset).
  returned: success, and a failure after something was written
  type: bool
  sample: false
plan_id:
  description:
    - Identifies the configuration found and the changes made or planned. Pass it to O(expect_plan) to apply exactly this plan.
    - It has the form C(v1.<state>.<intent>), with 32 hexadecimal digits for each hash. The first covers the configuration found, the second the changes.
    - If O(psk) is part of the plan, it is hashed with 600000 rounds of PBKDF2, so that the ID does not reveal a strong key.
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
        name: branch-hamburg
        ikepolicy:
          lifetime_seconds: 86400
    after:
      description: The configuration after the change, empty after a deletion.
      returned: success
      type: dict
      sample:
        name: branch-hamburg
        ikepolicy:
          lifetime_seconds: 3600
    before_header:
      description: Title of the state before the change. A creation has no ID here, so that it has the title of its dry run.
      returned: success
      type: str
      sample: VPN connection branch-hamburg (98c5af8a-1111-4222-8333-ae2280a6f4c3)
    after_header:
      description: Title of the state after the change.
      returned: success
      type: str
      sample: VPN connection branch-hamburg (98c5af8a-1111-4222-8333-ae2280a6f4c3)
    prepared:
      description:
        - What Ansible prints below the difference, one item per line. The changes that take effect later and when, whether a reset interrupts the tunnel,
          and the plan ID, so that the output of C(--check --diff) is enough to approve the plan with O(expect_plan).
      returned: when something changes
      type: str
      sample: |
        at the next phase 1 negotiation: ikepolicy.lifetime_seconds
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
  sample: "peer_subnets contains an entry that cannot be used: '192.168.1.0' lacks its prefix length"
errors:
  description: All errors in the task, one sentence each. The message contains the first twenty, one per line.
  returned: failure, when the task is invalid
  type: list
  elements: str
  sample:
    - "peer_subnets contains an entry that cannot be used: '192.168.1.0' lacks its prefix length"
ids:
  description: IDs of all connections that match. The message contains the first twenty.
  returned: failure, when several connections match
  type: list
  elements: str
  sample:
    - 98c5af8a-1111-4222-8333-ae2280a6f4c3
    - 98c5af8a-1111-4222-8333-ae2280a6f4c4
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
  sample: https://vpn.eu-west-101.myhuaweicloud.eu/v5/0605768a0c5bd5f1bd3f9a2f5c0d1c2e/vpn-connection/98c5af8a-1111-4222-8333-ae2280a6f4c3
"""

from ansible_collections.huaweicloud.vpn.plugins.module_utils._module import run_module
from ansible_collections.huaweicloud.vpn.plugins.module_utils._resources.connection import CONNECTION
from ansible_collections.huaweicloud.vpn.plugins.module_utils._work import single


def main() -> None:
    run_module(single, CONNECTION)


if __name__ == "__main__":
    main()
