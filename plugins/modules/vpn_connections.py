#!/usr/bin/python

# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: vpn_connections
short_description: Manage many VPN connections of Huawei Cloud Enterprise VPN in one task
version_added: "0.1.0"
author:
  - huaweicloud.vpn contributors (@huaweicloud-vpn)
description:
  - Creates, changes, resets and deletes connections of Huawei Cloud Virtual Private Network, Enterprise Edition VPN, many in one task.
  - Does for each entry of O(connections) what M(huaweicloud.vpn.vpn_connection) does, but reads all connections with one request,
    compares them without starting anything for each, and sends the changes of different gateways at the same time.
  - All entries are validated and planned before the first change is sent. All mistakes of all entries are reported in one message,
    and nothing is written then.
  - If a change of one connection fails, the others are changed nevertheless. The task then fails at the end,
    and RV(connections) says for each what was done.
  - With O(prune=true) the list is complete. Connections of the gateway that it does not name are deleted.
extends_documentation_fragment:
  - huaweicloud.vpn._auth
  - huaweicloud.vpn._connection.items
  - huaweicloud.vpn._connection.work
  - huaweicloud.vpn._attributes
  - huaweicloud.vpn._attributes.actiongroup
attributes:
  check_mode:
    support: full
    details:
      - The return values have the same keys as in a real run. The module does not wait for connections that are busy,
        but warns that the plan may change.
  diff_mode:
    support: full
    details:
      - Shows only connections that change, and of those configuration only, not the status, times or request IDs.
      - Sending a O(connections[].psk) shows as C(psk_updated), never as the key itself.
  idempotent:
    support: partial
    details:
      - The API never returns O(connections[].psk), so the module cannot compare it. O(connections[].update_psk=always) always reports a change.
      - O(connections[].reset=always) always reports a change.
options:
  vgw_id:
    description:
      - ID of the VPN gateway that all entries belong to. Entries then need no O(connections[].vgw_id), and must not name another.
      - Narrows the one request that reads all connections, so that names need to be unique only within this gateway.
      - If left out, the connections of all gateways are read.
    type: str
    aliases:
      - vpn_gateway_id
  prune:
    description:
      - Whether connections of O(vgw_id) that O(connections) does not name are deleted. O(vgw_id) is then needed.
      - A connection that an entry names with O(connections[].state=absent) is deleted in any case.
      - With O(connections=[]) all connections of the gateway are deleted.
      - Their results follow those of the entries in RV(connections).
      - Run it with C(--check --diff) first.
    type: bool
    default: false
  concurrency:
    description:
      - How many changes are sent at the same time at the most, 1 to 64.
      - A gateway takes one change at a time, so the changes of one gateway are always sent one after the other.
    type: int
    default: 8
  return_unchanged:
    description:
      - Whether RV(connections) has all return values for a connection that does not change, too.
        Otherwise it has only the name, ID and RV(connections[].changed) of that.
      - With V(true) the result of a task with thousands of connections is large.
    type: bool
    default: false
notes:
  - A task without changes sends one request, however many connections there are, or a few where the cloud answers in pages.
    A connection whose settings the list leaves out is read by itself.
  - When the cloud asks for fewer requests, all that are sent at the same time hold back for as long as it asks.
    O(max_retries) counts for each request by itself.
"""

EXAMPLES = r"""
# The examples take the credentials from the environment:
# HW_ACCESS_KEY, HW_SECRET_KEY, HW_REGION_NAME and HW_PROJECT_ID.
# Run any of them with --check --diff to see what it would change. Nothing is written then.

- name: Let every connection that the inventory lists renew its keys every hour
  huaweicloud.vpn.vpn_connections:
    connections:
      - name: branch-berlin
        ikepolicy:
          lifetime_seconds: 3600
      - name: branch-hamburg
        ikepolicy:
          lifetime_seconds: 3600
      - id: 98c5af8a-1111-4222-8333-ae2280a6f4c3
        ikepolicy:
          lifetime_seconds: 3600

- name: Make the list from variables, a few settings being the same for all
  huaweicloud.vpn.vpn_connections:
    vgw_id: 620d99b8-2222-4333-8444-0d1f5a2c7e11
    connections: "{{ branches | map('combine', common) }}"
  vars:
    common:
      vgw_ip: 8d2f3c5a-3333-4444-8555-7b9e1c4d6f22
      style: static
      ipsecpolicy:
        pfs: group20
    branches:
      - name: branch-hamburg
        cgw_id: 1a7e4b9c-4444-4555-8666-3c5d8f0a2b33
        peer_subnets:
          - 192.168.20.0/24
        psk: "{{ vault_psk_hamburg }}"
      - name: branch-munich
        cgw_id: 2b8f5c0d-5555-4666-8777-4d6e9a1b3c44
        peer_subnets:
          - 192.168.30.0/24
        psk: "{{ vault_psk_munich }}"

- name: Delete a connection and change another in the same task
  huaweicloud.vpn.vpn_connections:
    connections:
      - name: branch-bremen
        state: absent
      - name: branch-berlin
        peer_subnets:
          - 192.168.40.0/24
          - 192.168.41.0/24

- name: Let a gateway have these connections and no others
  huaweicloud.vpn.vpn_connections:
    vgw_id: 620d99b8-2222-4333-8444-0d1f5a2c7e11
    connections:
      - name: branch-hamburg
      - name: branch-munich
    prune: true

- name: Plan the changes of an estate
  huaweicloud.vpn.vpn_connections:
    connections: "{{ estate }}"
  check_mode: true
  diff: true
  register: plan

- name: Carry out exactly the plan that was approved, or fail
  huaweicloud.vpn.vpn_connections:
    connections: "{{ estate }}"
    expect_plan: "{{ plan.plan_id }}"
  register: done

- name: Show what each connection came to
  ansible.builtin.debug:
    msg: "{{ item.error.msg | default(item.changed | ternary('changed', 'as it was')) }}"
  loop: "{{ done.connections }}"
  loop_control:
    label: "{{ item.name }}"
"""

RETURN = r"""
changed:
  description: Whether anything was changed, or would be in check mode.
  returned: always
  type: bool
  sample: true
connections:
  description:
    - For each entry of O(connections), in their order, what was done. After them, with O(prune=true), the connections that the list does not name.
    - An entry that does not change has only RV(connections[].name), RV(connections[].id) and RV(connections[].changed),
      unless O(return_unchanged=true).
    - An entry that failed has RV(connections[].error) instead of what follows it here.
    - There is no ID of a plan for each entry. RV(plan_id) covers them all.
  returned: when all entries could be planned
  type: list
  elements: dict
  contains:
    name:
      description: Name that the connection has, or had before it was renamed or deleted. V(null) if it is not known.
      returned: always
      type: str
      sample: branch-hamburg
    id:
      description: ID of the connection, or V(null) if there is none (yet).
      returned: always
      type: str
      sample: 98c5af8a-1111-4222-8333-ae2280a6f4c3
    changed:
      description: Whether the connection was changed, or would be in check mode. For an entry that failed, whether anything of its change was sent.
      returned: always
      type: bool
      sample: true
    error:
      description:
        - Why the change failed.
        - Beside the keys here, it has what M(huaweicloud.vpn.vpn_connection) returns when it fails after a part of a change was sent,
          for example C(changes) and C(reset_required).
      returned: when the change failed
      type: dict
      contains:
        msg:
          description: A sentence that says what went wrong.
          returned: always
          type: str
          sample: "PUT was refused with HTTP 400, VPN.0012: the address is occupied (request 33a2b77a-65f9-4fa0-90bd-4bd42038eb41)"
        error_code:
          description: The vendor's code.
          returned: when the API refused a request with one
          type: str
          sample: VPN.0012
        status_code:
          description: The HTTP status.
          returned: when the API answered
          type: int
          sample: 400
        request_id:
          description: The vendor's ID of the request that failed.
          returned: when the API answered with one
          type: str
          sample: 33a2b77a-65f9-4fa0-90bd-4bd42038eb41
        method:
          description: HTTP method of the request that failed.
          returned: when a request failed
          type: str
          sample: PUT
        url:
          description: URL of the request that failed.
          returned: when a request failed
          type: str
          sample: https://vpn.eu-west-101.myhuaweicloud.eu/v5/0123456789abcdef0123456789abcdef/vpn-connection/98c5af8a-1111-4222-8333-ae2280a6f4c3
    vpn_connection:
      description:
        - The connection as the API returns it, or V(null) if there is none.
          See RV(huaweicloud.vpn.vpn_connection#module:vpn_connection) for its members.
        - It never contains O(connections[].psk).
      returned: when it changes, or with O(return_unchanged=true)
      type: dict
      sample:
        id: 98c5af8a-1111-4222-8333-ae2280a6f4c3
        name: branch-hamburg
        status: ACTIVE
        style: static
    changes:
      description: What was changed, or would be. See RV(huaweicloud.vpn.vpn_connection#module:changes).
      returned: when it changes, or with O(return_unchanged=true)
      type: list
      elements: dict
      sample:
        - path: ikepolicy.lifetime_seconds
          before: 86400
          after: 3600
          takes_effect: next_phase1_negotiation
    request_body:
      description: What is or would be sent to create or change the connection, with the key masked.
      returned: when a creation or change is or would be sent
      type: dict
      sample:
        vpn_connection:
          ikepolicy:
            lifetime_seconds: 3600
    psk_updated:
      description: Whether O(connections[].psk) was sent, or would be.
      returned: when it changes, or with O(return_unchanged=true)
      type: bool
      sample: false
    reset_required:
      description:
        - Whether a change is used only after the tunnel has been re-established, and that was not done.
          See RV(huaweicloud.vpn.vpn_connection#module:reset_required).
      returned: when it changes, or with O(return_unchanged=true)
      type: bool
      sample: false
    request_ids:
      description: The vendor's IDs of the requests that were sent for this connection alone, for a support ticket.
      returned: when such a request was answered
      type: list
      elements: str
      sample:
        - 33a2b77a-65f9-4fa0-90bd-4bd42038eb41
plan_id:
  description:
    - Identifies the plan for all entries, C(v1.<state>.<intent>), for O(expect_plan).
      The first part stands for the connections as they were found, the second for the changes, both in the order of the entries.
    - The keys that are part of the plan enter together through 600000 rounds of PBKDF2, so that the ID does not give a good key away.
  returned: when all entries could be planned
  type: str
  sample: >-
    v1.44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a.4f53cda18c2baa0c0354bb5f9a3ecbe5ed12ab4d8e11ba873c2f11161202b945
diff:
  description: For each connection that changes, its configuration before and after, with a header that names it.
  returned: in diff mode, when all entries could be planned
  type: list
  elements: dict
  contains:
    before_header:
      description: The connection, by name and ID.
      returned: always
      type: str
      sample: VPN connection branch-hamburg (98c5af8a-1111-4222-8333-ae2280a6f4c3)
    after_header:
      description: The same.
      returned: always
      type: str
      sample: VPN connection branch-hamburg (98c5af8a-1111-4222-8333-ae2280a6f4c3)
    before:
      description: The configuration found. Empty if the connection is created.
      returned: always
      type: dict
      sample:
        name: branch-hamburg
        ikepolicy:
          lifetime_seconds: 86400
    after:
      description: The configuration after the change. Empty if the connection is deleted.
      returned: always
      type: dict
      sample:
        name: branch-hamburg
        ikepolicy:
          lifetime_seconds: 3600
request_ids:
  description: The vendor's IDs of the requests for all connections together, such as the list, for a support ticket.
  returned: when a request was answered
  type: list
  elements: str
  sample:
    - 5c0b1a92-7d3e-4f61-9b80-2f6c1d7a4e35
msg:
  description: What went wrong. All that is wrong with the task, or how many connections failed, which, and why.
  returned: failure
  type: str
  sample: "1 of 40 VPN connections failed: connections[3] (branch-berlin): the change was sent, and the VPN connection
    98c5af8a-1111-4222-8333-ae2280a6f4c3 went to ERROR"
errors:
  description: All that is wrong with the task, a sentence for each violation. The message tells the first twenty.
  returned: failure, when the task asks for something that cannot be
  type: list
  elements: str
  sample:
    - "connections[0] (branch-hamburg): unsupported option: colour"
"""

from ansible_collections.huaweicloud.vpn.plugins.module_utils._module import run_module
from ansible_collections.huaweicloud.vpn.plugins.module_utils._resources.connection import CONNECTION
from ansible_collections.huaweicloud.vpn.plugins.module_utils._work import bulk


def main() -> None:
    run_module(bulk, CONNECTION)


if __name__ == "__main__":
    main()
