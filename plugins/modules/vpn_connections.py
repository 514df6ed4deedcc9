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
  - Creates, changes, resets and deletes many connections of Huawei Cloud Virtual Private Network, Enterprise Edition VPN, in one task.
  - Processes each entry of O(connections) as M(huaweicloud.vpn.vpn_connection) does, but reads all connections with one request,
    compares them without starting a process for each, and changes connections of different gateways in parallel.
  - All entries are validated and planned before the first change is sent. If any entry has errors, the errors of all entries
    are reported in one message, and nothing is written. RV(connections) then still contains the plans of the other entries.
  - If the change of one connection fails, the others are still changed. The task then fails at the end,
    and RV(connections) reports the result of each.
  - With O(prune=true), connections of the gateway that are not in the list are deleted.
  - Within a gateway, connections are deleted last, and not at all if anything failed on that gateway.
    Connections that are deleted because of O(prune) come after those with O(connections[].state=absent).
  - Within a gateway, tunnels are reset one after the other. An entry with a reset is only processed once the tunnel that was
    reset before it is back at the status it had. This also applies with O(wait=false), unless nothing follows on that gateway. If a tunnel
    that was C(ACTIVE) is not C(ACTIVE) again within O(wait_timeout), its entry fails, and the remaining entries with a reset
    on that gateway fail without being changed. Of two connections to the same site, one is therefore always up.
extends_documentation_fragment:
  - huaweicloud.vpn._auth
  - huaweicloud.vpn._connection.items
  - huaweicloud.vpn._connection.work
  - huaweicloud.vpn._object.plan
  - huaweicloud.vpn._attributes
  - huaweicloud.vpn._attributes.actiongroup
attributes:
  check_mode:
    support: full
    details:
      - The return values have the same keys as in a real run. The module does not wait for busy connections,
        but warns that the plan may change.
  diff_mode:
    support: full
    details:
      - Shows only connections that change, and only their configuration, not status, timestamps or request IDs.
      - Sending O(connections[].psk) is shown as C(psk_updated). The key itself is never shown.
  idempotent:
    support: partial
    details:
      - The API never returns O(connections[].psk), so the module cannot compare it. O(connections[].update_psk=always) always reports a change,
        O(connections[].update_psk=on_change) only if the key is not the one last sent.
      - O(connections[].reset=always) always reports a change.
options:
  defaults:
    description:
      - Options that apply to all entries of O(connections), unless an entry sets them itself. It takes the same options as an entry.
      - Dictionaries such as C(ikepolicy) and C(tags) are merged member by member. Lists are not merged.
      - An option that is blank or V(null) in an entry counts as not set, so its default applies.
      - Entries with O(connections[].state=absent) only use the defaults of C(id), C(name), C(vgw_id) and C(vgw_name).
    type: dict
  vgw_id:
    description:
      - ID of the VPN gateway that all entries belong to. Entries then do not need O(connections[].vgw_id), and must not set a different one.
      - Limits the request that reads all connections to this gateway, so names only need to be unique within it.
      - If not set, the connections of all gateways are read.
    type: str
    aliases:
      - vpn_gateway_id
  prune:
    description:
      - Whether to delete connections of O(vgw_id) that are not in O(connections). O(vgw_id) is then required.
      - Connections whose entry has O(connections[].state=absent) are deleted regardless of this option.
      - A new entry that has the O(connections[].vgw_ip) and O(connections[].cgw_id) of a connection that would be deleted is an error,
        because it looks like a rename. To rename a connection, set its O(connections[].id).
      - With O(connections=[]), all connections of the gateway are deleted.
      - The results of deleted connections follow those of the entries in RV(connections).
      - Run it with C(--check --diff) first.
    type: bool
    default: false
  concurrency:
    description:
      - Maximum number of changes that are sent in parallel, 1 to 64.
      - A gateway accepts one change at a time, so changes of one gateway are always sent sequentially.
    type: int
    default: 16
  return_unchanged:
    description:
      - Whether RV(connections) contains all return values for connections that do not change.
        Otherwise it only contains their name, ID and RV(connections[].changed).
      - With V(true), the result of a task with thousands of connections is large.
    type: bool
    default: false
notes:
  - A task without changes sends one request regardless of the number of connections, or a few if the cloud returns pages.
    A connection whose settings are missing from the list is read individually.
  - When the cloud throttles requests, all parallel requests pause for as long as the cloud demands.
    O(max_retries) applies to each request separately.
"""

EXAMPLES = r"""
# The examples take the credentials from the environment:
# HW_ACCESS_KEY, HW_SECRET_KEY, HW_REGION_NAME and HW_PROJECT_ID.
# Run any of them with --check --diff to see what it would change without writing anything.

- name: Rekey every hour on several connections
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

- name: Build the list from variables, with common settings
  huaweicloud.vpn.vpn_connections:
    vgw_id: 620d99b8-2222-4333-8444-0d1f5a2c7e11
    defaults:
      vgw_ip: eip1
      style: static
      ipsecpolicy:
        pfs: group20
    connections: "{{ branches }}"
  vars:
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

- name: Add a network to several connections, and keep their other networks
  huaweicloud.vpn.vpn_connections:
    defaults:
      list_mode: add
      peer_subnets:
        - 192.168.90.0/24
    connections:
      - name: branch-hamburg
      - name: branch-munich

- name: Delete a connection and change another in the same task
  huaweicloud.vpn.vpn_connections:
    connections:
      - name: branch-bremen
        state: absent
      - name: branch-berlin
        peer_subnets:
          - 192.168.40.0/24
          - 192.168.41.0/24

- name: Keep only these connections on a gateway
  huaweicloud.vpn.vpn_connections:
    vgw_id: 620d99b8-2222-4333-8444-0d1f5a2c7e11
    connections:
      - name: branch-hamburg
      - name: branch-munich
    prune: true

- name: Plan the changes of all connections
  huaweicloud.vpn.vpn_connections:
    connections: "{{ branches }}"
  check_mode: true
  diff: true
  register: plan

- name: Apply exactly the approved plan, or fail
  huaweicloud.vpn.vpn_connections:
    connections: "{{ branches }}"
    expect_plan: "{{ plan.plan_id }}"
  register: done

- name: Show the result of each connection
  ansible.builtin.debug:
    msg: "{{ item.error.msg | default(item.changed | ternary('changed', 'unchanged')) }}"
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
    - One result for each entry of O(connections), in the same order. With O(prune=true), followed by the connections that are not in the list.
    - An entry that does not change only has RV(connections[].name), RV(connections[].id), RV(connections[].changed), RV(connections[].action)
      and RV(connections[].changes), unless O(return_unchanged=true).
    - A failed entry has RV(connections[].error) instead of the members listed after it here.
    - If entries cannot be planned, for example because a connection does not exist, only these have RV(connections[].error).
      The others show what would be done, in a real run too, and nothing is sent.
    - Entries have no plan IDs of their own. RV(plan_id) covers all of them.
  returned: unless the options are invalid, or the cloud could not be read
  type: list
  elements: dict
  contains:
    name:
      description: Name of the connection, or its name before it was renamed or deleted. V(null) if unknown.
      returned: always
      type: str
      sample: branch-hamburg
    id:
      description: ID of the connection, or V(null) if it does not exist (yet).
      returned: always
      type: str
      sample: 98c5af8a-1111-4222-8333-ae2280a6f4c3
    changed:
      description: Whether the connection was changed, or would be in check mode. For a failed entry, whether any part of its change was sent.
      returned: always
      type: bool
      sample: true
    action:
      description: What was done to the connection, or would be in check mode. For a failed entry, what was planned.
      returned: always
      type: str
      choices:
        - create
        - update
        - delete
        - none
      sample: update
    changes:
      description:
        - What was changed, or would be in check mode. For a failed entry, what was planned. Empty if there are no changes.
          See RV(huaweicloud.vpn.vpn_connection#module:changes).
      returned: always
      type: list
      elements: dict
      sample:
        - path: ikepolicy.lifetime_seconds
          before: 86400
          after: 3600
          takes_effect: next_phase1_negotiation
    error:
      description:
        - Why the change failed, is impossible, or was held back because of another failure on the same gateway.
        - In addition to the keys listed here, it has what M(huaweicloud.vpn.vpn_connection) returns when it fails after part of a change was sent,
          for example C(reset_required).
      returned: when the change failed, is impossible or was held back
      type: dict
      contains:
        msg:
          description: What went wrong, in one sentence.
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
          returned: when the API responded
          type: int
          sample: 400
        request_id:
          description: The vendor's ID of the failed request.
          returned: when the API returned one
          type: str
          sample: 33a2b77a-65f9-4fa0-90bd-4bd42038eb41
        method:
          description: HTTP method of the failed request.
          returned: when a request failed
          type: str
          sample: PUT
        url:
          description: URL of the failed request.
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
    request_body:
      description: The body of the request that creates or changes the connection, with the key masked.
      returned: when a creation or change is sent, or would be in check mode
      type: dict
      sample:
        vpn_connection:
          ikepolicy:
            lifetime_seconds: 3600
    psk_updated:
      description: Whether O(connections[].psk) was sent, or would be in check mode.
      returned: when it changes, or with O(return_unchanged=true)
      type: bool
      sample: false
    reset_required:
      description:
        - Whether a change, of this task or an earlier one, only takes effect once the tunnel is re-established, and the task does not do that.
          See RV(huaweicloud.vpn.vpn_connection#module:reset_required).
      returned: when it changes, or with O(return_unchanged=true)
      type: bool
      sample: false
    request_ids:
      description: The vendor's IDs of the requests for this connection alone. Include them in support tickets.
      returned: when the response to such a request contains an ID
      type: list
      elements: str
      sample:
        - 33a2b77a-65f9-4fa0-90bd-4bd42038eb41
plan_id:
  description:
    - Identifies the plan for all entries. Pass it to O(expect_plan) to apply exactly this plan.
    - It has the form C(v1.<state>.<intent>), with 32 hexadecimal digits for each hash. The first covers the connections as found,
      the second the changes, both in the order of the entries.
    - The keys that are part of the plan are hashed together with 600000 rounds of PBKDF2, so that the ID does not reveal a strong key.
    - V(null) if an entry could not be planned.
  returned: unless the options are invalid, or the cloud could not be read
  type: str
  sample: v1.44136fa355b3678a1146ad16f7e8649e.4f53cda18c2baa0c0354bb5f9a3ecbe5
diff:
  description:
    - The configuration before and after the change of each connection that changes, with a header that names it.
    - From three connections on that change alike, only the first one has RV(diff[].before) and RV(diff[].after), which
      Ansible prints. RV(diff[].prepared) lists the changes once, with the names of all these connections.
    - Entries that could not be planned are left out.
  returned: in diff mode, unless the options are invalid, or the cloud could not be read
  type: list
  elements: dict
  contains:
    before_header:
      description: The connection, by name and ID. A connection that is created has no ID here.
      returned: always
      type: str
      sample: VPN connection branch-hamburg (98c5af8a-1111-4222-8333-ae2280a6f4c3)
    after_header:
      description: Same as RV(diff[].before_header).
      returned: always
      type: str
      sample: VPN connection branch-hamburg (98c5af8a-1111-4222-8333-ae2280a6f4c3)
    before:
      description: The configuration found. Empty if the connection is created.
      returned: unless an earlier element has the same changes
      type: dict
      sample:
        name: branch-hamburg
        ikepolicy:
          lifetime_seconds: 86400
    after:
      description: The configuration after the change. Empty if the connection is deleted.
      returned: unless an earlier element has the same changes
      type: dict
      sample:
        name: branch-hamburg
        ikepolicy:
          lifetime_seconds: 3600
    same_changes_as:
      description: The header of the connection whose RV(diff[].before) and RV(diff[].after) show the changes of this one too.
      returned: if an earlier element has the same changes
      type: str
      sample: VPN connection branch-hamburg (98c5af8a-1111-4222-8333-ae2280a6f4c3)
    prepared:
      description:
        - What Ansible prints below the last difference, one item per line. The equal changes of three or more connections
          with their names, the changes of all connections that take effect later and when, the tunnels that a reset interrupts,
          and the plan ID, so that the output of C(--check --diff) is enough to approve the plan with O(expect_plan).
      returned: in the last element
      type: str
      sample: |
        branch-hamburg: at the next phase 1 negotiation: ikepolicy.lifetime_seconds
        plan_id: v1.44136fa355b3678a1146ad16f7e8649e.4f53cda18c2baa0c0354bb5f9a3ecbe5
request_ids:
  description: The vendor's IDs of the requests for all connections together, such as the list. Include them in support tickets.
  returned: when a response contains an ID
  type: list
  elements: str
  sample:
    - 5c0b1a92-7d3e-4f61-9b80-2f6c1d7a4e35
msg:
  description:
    - What went wrong, all errors in the task, one per line, or how many connections failed, which ones, why, and which ones were held back.
  returned: failure
  type: str
  sample: "1 of 40 VPN connections failed: connections[3] (branch-berlin): the change was sent, and the VPN connection
    98c5af8a-1111-4222-8333-ae2280a6f4c3 went to ERROR"
errors:
  description: All errors in the task, one sentence each. The message contains the first twenty, one per line.
  returned: failure, when the task is invalid
  type: list
  elements: str
  sample:
    - "connections[0] (branch-hamburg): unsupported option: color"
"""

from ansible_collections.huaweicloud.vpn.plugins.module_utils._module import run_module
from ansible_collections.huaweicloud.vpn.plugins.module_utils._resources.connection import CONNECTION
from ansible_collections.huaweicloud.vpn.plugins.module_utils._work import bulk


def main() -> None:
    run_module(bulk, CONNECTION)


if __name__ == "__main__":
    main()
