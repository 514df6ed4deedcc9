# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This doc fragment is private to the collection huaweicloud.vpn and may change at any time. Do not use it elsewhere.

from __future__ import annotations

import re
import textwrap

# What a task asks of one connection: options of a module, or of each entry of a list of connections
_OPTIONS = r"""
state:
  description:
    - V(present) creates the connection, or changes the settings that differ.
    - V(absent) deletes the connection. All settings other than O(id), O(name) and O(vgw_id) then have no effect.
  type: str
  choices:
    - present
    - absent
  default: present
id:
  description:
    - ID of the connection, 36 characters. It identifies the connection.
    - With O(state=present) the task fails if there is no connection with this ID.
    - One of O(id) and O(name) is needed.
  type: str
  aliases:
    - vpn_connection_id
name:
  description:
    - Name of the connection, 1 to 64 letters, digits, underscores, hyphens and periods.
      Chinese characters cause a warning, since only regions in China take them.
    - With O(id) this is the name the connection shall have, so a different name renames it.
    - Without O(id) it identifies the connection, by exact match among all connections, or among those of O(vgw_id) if that is given.
      If no connection has the name, O(state=present) creates it. If several have it, the task fails and lists their IDs.
    - Needed to create a connection.
  type: str
vgw_id:
  description:
    - ID of the VPN gateway, 36 characters.
    - Fixed at creation. Needed to create a connection.
    - Also narrows the search by O(name).
  type: str
  aliases:
    - vpn_gateway_id
vgw_ip:
  description:
    - The address of the VPN gateway that the connection uses.
      With a public gateway this is the ID of the EIP, not its address. With a private gateway it is the private IPv4 address.
    - Has 7 to 36 characters.
    - Fixed at creation. Needed to create a connection.
  type: str
style:
  description:
    - The mode of the connection.
    - Known values are V(policy), V(static) and V(bgp), and V(policy-template) in some regions. Upper and lower case are the same.
    - Fixed at creation. If left out, the cloud creates a V(static) connection.
  type: str
ha_role:
  description:
    - The role of the connection.
    - Known values are V(master) and V(slave).
    - On an active-standby gateway the connection of the first address is V(master) and that of the second V(slave).
      On an active-active gateway every connection is V(master).
    - Fixed at creation. If left out, the cloud creates a V(master).
  type: str
enable_nqa:
  description:
    - Whether the far end of the tunnel is probed (NQA).
    - Exists only with O(style=static). With another style V(false) counts as left out, and V(true) fails.
    - Fixed at creation. If left out, the cloud takes V(false).
  type: bool
cgw_id:
  description:
    - ID of the customer gateway, 36 characters.
    - Needed to create a connection. A change takes effect immediately.
  type: str
  aliases:
    - customer_gateway_id
peer_subnets:
  description:
    - The IPv4 networks behind the customer gateway, as CIDR blocks. At most 50.
    - The list replaces the one the connection has. Order, repetition and host bits do not count.
    - V([]) equals a list that the API does not return. A list that is not empty cannot be emptied, since the API documents no way to do so.
    - Needed to create a connection, unless O(peer_subnets_v6) is given.
      If the gateway is attached to an enterprise router and O(style) is V(policy) or V(bgp), leave it out.
    - Networks in 100.64.0.0/10 and 214.0.0.0/8 cause a warning, since some regions reserve them.
    - A change takes effect immediately.
  type: list
  elements: str
peer_subnets_v6:
  description:
    - The IPv6 networks behind the customer gateway, for an IPv6 gateway. Otherwise like O(peer_subnets).
  type: list
  elements: str
tunnel_local_address:
  description:
    - The address of the tunnel interface of the VPN gateway, with its prefix length, for example V(169.254.76.1/30).
    - Must be a host address in 169.254.0.0/16 with prefix length 30, outside 169.254.195.0/24. Here the host bits count.
    - Give O(tunnel_peer_address) too. Both addresses must be different and in the same network.
    - Exists with O(style=static) and O(style=bgp). With O(style=policy) it is not managed. A different value then causes a warning.
    - If left out, the cloud chooses an address for a new connection.
    - A change takes effect immediately.
  type: str
tunnel_peer_address:
  description:
    - The address of the tunnel interface of the customer's device, for example V(169.254.76.2/30).
    - What O(tunnel_local_address) says holds here too.
  type: str
enable_hub:
  description:
    - Whether branches reach each other through the gateway.
    - Exists only with O(style=bgp). With another style V(false) counts as left out, and V(true) fails.
    - If left out, the cloud takes V(false) for a new connection.
    - A change takes effect immediately.
  type: bool
policy_rules:
  description:
    - The traffic that the connection protects, on an IPv4 gateway.
    - Exists only with O(style=policy), and is then needed to create a connection, unless O(policy_rules_v6) is given.
    - The list replaces the one the connection has. Order, repetition and host bits do not count.
    - Rules with the same source are merged before they are compared, checked and sent.
      At most 5 rules may be left then. Rules that overlap cause a warning.
    - V([]) equals a list that the API does not return. A list that is not empty cannot be emptied, since the API documents no way to do so.
    - A change takes effect immediately.
  type: list
  elements: dict
  suboptions: &rule
    source:
      description:
        - The network on the side of the cloud, as a CIDR block. Every rule needs it.
      type: str
    destination:
      description:
        - The networks on the side of the customer, as CIDR blocks. Every rule needs at least one.
        - At most 50 for each source.
      type: list
      elements: str
    rule_index:
      description:
        - Accepted and ignored, so that what the API returns can be given back. The cloud numbers the rules itself.
      type: int
policy_rules_v6:
  description:
    - The traffic that the connection protects, on an IPv6 gateway. Otherwise like O(policy_rules).
  type: list
  elements: dict
  suboptions: *rule
psk:
  description:
    - The pre-shared key. Needed to create a connection.
    - Has 8 to 128 characters, with at least three of upper-case letters, lower-case letters, digits and special characters.
      The special characters are space and V(~!@#$%^*(\)-_+={},./:;).
      A space or an asterisk causes a warning, since not every region takes them.
    - The API never returns the key, so the module cannot tell whether it differs. O(update_psk) says when it is sent.
    - No return value, message or difference contains the key.
    - With IKEv1 a new key is used from the next negotiation of phase 1.
    - With IKEv2 the API accepts a new key at once, but the tunnel uses the old one until it is re-established. See O(reset).
  type: str
update_psk:
  description:
    - When O(psk) is sent.
    - V(on_create) sends it only when the connection is created.
    - V(always) sends it in each run, and reports a change each time. O(psk) is then needed.
  type: str
  choices:
    - on_create
    - always
  default: on_create
ikepolicy:
  description:
    - The settings of IKE, phase 1. Only the suboptions given are compared and changed.
    - For a new connection the cloud fills in what is left out. The suboptions name the value the vendor documents for that.
  type: dict
  suboptions:
    ike_version:
      description:
        - Version of IKE.
        - Known values are V(v1) and V(v2). For a new connection the cloud takes V(v2) if left out.
        - A change takes effect immediately.
      type: str
    phase1_negotiation_mode:
      description:
        - Mode of the negotiation in phase 1.
        - Known values are V(main) and V(aggressive). For a new connection the cloud takes V(main) if left out.
        - Exists only with O(ikepolicy.ike_version=v1). It is an error if the connection uses IKEv2, or will use it after the change.
        - A change takes effect with the next negotiation of phase 1.
      type: str
    authentication_algorithm:
      description:
        - Algorithm that authenticates phase 1.
        - Known values are V(sha2-512), V(sha2-384), V(sha2-256), V(sha1) and V(md5). The last two are weak, and setting them causes a warning.
        - For a new connection the cloud takes V(sha2-256) if left out.
        - A change takes effect with the next negotiation of phase 1.
      type: str
    encryption_algorithm:
      description:
        - Algorithm that encrypts phase 1.
        - Known values are V(aes-256-gcm-16), V(aes-128-gcm-16), V(aes-256), V(aes-192), V(aes-128) and V(3des).
          The last one is weak, and setting it causes a warning.
        - V(aes-256-gcm-16) needs IKEv2. V(aes-128-gcm-16) with IKEv1 causes a warning.
        - For a new connection the cloud takes V(aes-128) if left out.
        - A change takes effect with the next negotiation of phase 1.
      type: str
    dh_group:
      description:
        - Diffie-Hellman group of phase 1.
        - Known values are V(group1), V(group2), V(group5), V(group14), V(group15), V(group16), V(group19), V(group20) and V(group21).
          The first four are weak, and setting them causes a warning.
        - For a new connection the cloud takes V(group15) if left out.
        - A change takes effect with the next negotiation of phase 1.
      type: str
    authentication_method:
      description:
        - How the two ends authenticate.
        - The known value is V(pre-share), which the cloud takes for a new connection if left out.
        - Fixed at creation.
      type: str
    lifetime_seconds:
      description:
        - Lifetime of a security association of IKE in seconds, 60 to 604800.
        - For a new connection the cloud takes V(86400) if left out.
        - A change takes effect with the next negotiation of phase 1.
      type: int
    local_id_type:
      description:
        - Type of O(ikepolicy.local_id).
        - Known values are V(ip), V(fqdn) and V(any). The vendor's reference lists only V(ip) and V(fqdn) here, and not every cloud takes V(fqdn).
        - For a new connection the cloud takes V(ip) if left out.
        - To change the type to V(fqdn), give O(ikepolicy.local_id) too.
        - A change takes effect as that of O(ikepolicy.local_id) does.
      type: str
    local_id:
      description:
        - Identity of the VPN gateway.
        - With O(ikepolicy.local_id_type=ip) an IPv4 address. If left out, a new connection has the address of the gateway.
        - With O(ikepolicy.local_id_type=fqdn) 1 to 128 characters without spaces and V(&<>[]\\?). Upper and lower case differ.
        - Must differ from O(ikepolicy.peer_id).
        - With IKEv1 a change takes effect with the next negotiation of phase 1.
          With IKEv2 the tunnel uses the old identity until it is re-established. See O(reset).
        - If the API shows an identity in part as asterisks, only the visible part is compared.
      type: str
    peer_id_type:
      description:
        - Type of O(ikepolicy.peer_id).
        - Known values are V(ip), V(fqdn) and V(any). The API may return V(any), but its reference does not list it for requests.
          Not every cloud takes V(fqdn).
        - For a new connection the cloud takes V(ip) if left out.
        - To change the type to V(fqdn), give O(ikepolicy.peer_id) too.
        - A change takes effect as that of O(ikepolicy.peer_id) does.
      type: str
    peer_id:
      description:
        - Identity of the customer gateway. If left out, a new connection of type V(ip) has the address of the customer gateway.
        - What O(ikepolicy.local_id) says holds here too.
      type: str
    dpd:
      description:
        - Dead peer detection. Only the suboptions given are compared and changed. A change takes effect immediately.
      type: dict
      suboptions:
        timeout:
          description:
            - Seconds after which a detection packet is repeated, 2 to 60.
            - For a new connection the cloud takes V(15) if left out.
          type: int
        interval:
          description:
            - Seconds without traffic after which detection begins, 10 to 3600.
            - For a new connection the cloud takes V(30) if left out.
          type: int
        msg:
          description:
            - Order of the payloads in a detection packet.
            - Known values are V(seq-hash-notify) and V(seq-notify-hash). For a new connection the cloud takes V(seq-hash-notify) if left out.
          type: str
ipsecpolicy:
  description:
    - The settings of IPsec, phase 2. Only the suboptions given are compared and changed.
    - For a new connection the cloud fills in what is left out. The suboptions name the value the vendor documents for that.
    - A change takes effect with the next negotiation of phase 2.
  type: dict
  suboptions:
    authentication_algorithm:
      description:
        - Algorithm that authenticates the traffic.
        - Known values are V(sha2-512), V(sha2-384), V(sha2-256), V(sha1) and V(md5). The last two are weak, and setting them causes a warning.
        - For a new connection the cloud takes V(sha2-256) if left out.
      type: str
    encryption_algorithm:
      description:
        - Algorithm that encrypts the traffic.
        - Known values are V(aes-256-gcm-16), V(aes-128-gcm-16), V(aes-256), V(aes-192), V(aes-128) and V(3des).
          The last one is weak, and setting it causes a warning.
        - For a new connection the cloud takes V(aes-128) if left out.
      type: str
    pfs:
      description:
        - Diffie-Hellman group for perfect forward secrecy, or V(disable).
        - Known values are V(disable), V(group1), V(group2), V(group5), V(group14), V(group15), V(group16), V(group19), V(group20) and V(group21).
          The first five are weak, and setting them causes a warning.
        - For a new connection the cloud takes V(group15) if left out.
      type: str
    transform_protocol:
      description:
        - The IPsec protocol.
        - The known value is V(esp), which the cloud takes for a new connection if left out.
      type: str
    lifetime_seconds:
      description:
        - Lifetime of a security association of IPsec in seconds, 30 to 604800. Setting less than 60 causes a warning, since not every region takes it.
        - For a new connection the cloud takes V(3600) if left out.
      type: int
    encapsulation_mode:
      description:
        - How packets are encapsulated.
        - The known value is V(tunnel), which the cloud takes for a new connection if left out.
      type: str
tags:
  description:
    - Tags of the connection, as a dictionary of keys and values. At most 20.
    - A key has 1 to 128 and a value up to 255 letters, digits, spaces and characters of C(_.:=+-@). A value may be empty.
      Numbers and booleans become text, V(true) and V(false) in lower case.
    - Tags that are missing or have another value are set. Other tags stay, unless O(purge_tags=true).
    - Tags of the system, whose keys begin with C(_sys_), are never changed.
    - A change takes effect immediately.
  type: dict
purge_tags:
  description:
    - Whether tags that O(tags) does not name are removed. Without O(tags) it has no effect.
    - With O(tags={}) all tags are removed, except for those of the system.
  type: bool
  default: false
reset:
  description:
    - Whether the tunnel is re-established. The traffic through it is interrupted meanwhile.
    - V(never) does not re-establish it. If a change needs that, the task warns, and RV(reset_required) is true.
    - V(if_required) re-establishes it after a change that takes effect only then.
      With IKEv2 this is a change of O(psk), O(ikepolicy.local_id_type), O(ikepolicy.local_id), O(ikepolicy.peer_id_type) or O(ikepolicy.peer_id).
    - V(always) re-establishes it in each run, and reports a change each time. Use it to repair a connection.
    - A connection that the task creates is not reset.
    - Not every cloud has this operation.
  type: str
  choices:
    - never
    - if_required
    - always
  default: never
status:
  description: &ignored
    - Accepted and ignored, so that a connection as it was returned can be given back.
  type: str
created_at:
  description: *ignored
  type: str
updated_at:
  description: *ignored
  type: str
enterprise_project_id:
  description: *ignored
  type: str
connection_monitor_id:
  description: *ignored
  type: str
bgp_peer:
  description: *ignored
  type: dict
eip_id:
  description: *ignored
  type: str
type:
  description: *ignored
  type: str
route_mode:
  description: *ignored
  type: str
enable_health_check:
  description: *ignored
  type: bool
log:
  description: *ignored
  type: raw
ipsec_sa:
  description: *ignored
  type: raw
peer_configuration:
  description: *ignored
  type: raw
"""

_NOTES = r"""
notes:
  - Options that are members of the API bear the API's names, and their values are those of the API.
    The values named as known are not enforced. A value this collection does not know is sent with a warning, since the cloud may be newer.
  - V(false) is a value. It equals a member that the API does not return.
  - Options that are fixed at creation may be given for an existing connection as long as they do not differ from it.
    If one does, the task fails, names each that differs, and sends nothing. One that the API does not return is not compared.
  - The upper or lower case of IDs and of known values does not count.
  - If the connection is pending, a change waits until that is over, and is planned anew.
    If it is C(FREEZED), a change fails. Without a change these states, C(ERROR) and C(UNKNOWN) only cause a warning.
seealso:
  - module: huaweicloud.vpn.vpn_connection
  - module: huaweicloud.vpn.vpn_connections
  - module: huaweicloud.vpn.vpn_connection_info
  - module: huaweicloud.vpn.vpn_gateway_info
  - module: huaweicloud.vpn.vpn_customer_gateway_info
  - name: "Huawei Cloud API reference: Updating a VPN connection"
    description: The settings of a connection and their limits, as the vendor documents them.
    link: https://support.huaweicloud.com/intl/en-us/api-vpn/vpn_api_0030.html
"""


class ModuleDocFragment:
    # Set below.
    DOCUMENTATION: str
    ITEMS: str

    # How a task that writes goes about it
    WORK = r"""
options:
  expect_plan:
    description:
      - The RV(plan_id) of an earlier run, usually one in check mode that somebody has approved.
      - If what would be done now is not that plan, the task fails before it writes anything, in check mode too.
        The message says whether what was found or the intended changes are not the same any more. The plan as it is now is in the result.
      - It holds to the end. Where the cloud is busy or an answer is lost, the task looks at the connection again, and goes on only
        if it finds what was approved or what its own changes make of it.
      - If nothing is left to be done, the task succeeds, whatever this option says.
    type: str
  wait:
    description:
      - Whether to wait after a change until the connection is C(ACTIVE) or C(DOWN), or gone, and to verify the change by reading it back.
      - With V(false) only the answer to the change is verified. Before a reset the task waits nevertheless.
    type: bool
    default: true
  wait_timeout:
    description:
      - How many seconds to wait at the most for a connection that is busy, and after a change until it is at rest or gone. At least 1.
      - Each of these waits may take that long.
      - Reads that fail meanwhile, because the service is overloaded for example, are repeated until the time is up.
    type: int
    default: 600
"""


# One connection. Put in here, since the sanity tests read texts inside the class without running it.
ModuleDocFragment.DOCUMENTATION = "options:" + textwrap.indent(_OPTIONS, "  ") + _NOTES

# Many connections: the same options one level down, and so the references to them.
_ITEMS = r"""
options:
  connections:
    description:
      - The connections, each as a dictionary of the options that M(huaweicloud.vpn.vpn_connection) takes for one.
      - Each entry has a O(connections[].state) of its own, so that one task can create, change, reset and delete.
      - An entry that lacks O(connections[].vgw_id) has that of O(vgw_id), if that is given.
      - Two entries that mean one connection are an error, also if one names it by O(connections[].id) and the other by O(connections[].name).
      - The list may be empty.
    type: list
    elements: dict
    required: true
    suboptions:"""
_SUBOPTIONS = textwrap.indent(re.sub(r"\b(O|RV)\(", r"\1(connections[].", _OPTIONS), "      ")
ModuleDocFragment.ITEMS = _ITEMS + _SUBOPTIONS + _NOTES
