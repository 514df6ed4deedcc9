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
    - V(absent) deletes the connection. Settings other than O(id), O(name) and O(vgw_id) are then ignored.
  type: str
  choices:
    - present
    - absent
  default: present
id:
  description:
    - ID of the connection, 36 characters. It identifies the connection.
    - With O(state=present), the task fails if there is no connection with this ID.
    - One of O(id) and O(name) is required.
  type: str
  aliases:
    - vpn_connection_id
name:
  description:
    - Name of the connection, 1 to 64 letters, digits, underscores, hyphens and periods.
      Chinese characters cause a warning, because only regions in China accept them.
    - With O(id), this is the desired name. A different name renames the connection.
    - Without O(id), it identifies the connection by exact match among all connections, or among those of O(vgw_id) if that is set.
      If no connection has the name, O(state=present) creates one. If several do, the task fails and lists their IDs.
    - Required to create a connection.
  type: str
create:
  description:
    - Whether O(state=present) creates the connection if there is none with this O(name).
    - With V(false), the task fails instead, and its message states what it looked for. Use it for connections that must exist,
      so that a mistyped name does not create a second one.
  type: bool
  default: true
vgw_id:
  description:
    - ID of the VPN gateway, 36 characters.
    - Fixed at creation. Required to create a connection.
    - Also narrows the search by O(name).
    - O(vgw_name) can be set instead.
  type: str
  aliases:
    - vpn_gateway_id
vgw_name:
  description:
    - Name of the VPN gateway, as another way to set O(vgw_id). The two are mutually exclusive.
    - The gateway is looked up by exact match. If no gateway has the name, or several do, the task fails and lists IDs.
    - A task that sets gateways by name sends one more request, which lists all gateways.
  type: str
  aliases:
    - vpn_gateway_name
vgw_ip:
  description:
    - The address of the VPN gateway that the connection uses.
      For a public gateway, this is the ID of the EIP. For a private gateway, it is the private IPv4 address.
    - For a public gateway, V(eip1), V(eip2) or the public IPv4 address of one of them can be set instead of the ID.
      The ID is then taken from the list of gateways, which the task requests once.
    - Otherwise, has 7 to 36 characters.
    - Fixed at creation. Required to create a connection.
  type: str
style:
  description:
    - The mode of the connection.
    - Known values are V(policy), V(static) and V(bgp), and V(policy-template) in some regions. Case is ignored.
    - Fixed at creation. If not set, the cloud creates a V(static) connection.
  type: str
ha_role:
  description:
    - The role of the connection.
    - Known values are V(master) and V(slave).
    - On an active-standby gateway, the connection of the first address is V(master) and that of the second is V(slave).
      On an active-active gateway, every connection is V(master).
    - Fixed at creation. If not set, the cloud creates a V(master).
  type: str
enable_nqa:
  description:
    - Whether network quality analysis (NQA) probes the remote end of the tunnel.
    - Only applies to O(style=static). With other styles, V(false) is treated as not set and V(true) is an error.
    - Fixed at creation. If not set, the cloud uses V(false).
  type: bool
cgw_id:
  description:
    - ID of the customer gateway, 36 characters.
    - Required to create a connection. A change takes effect immediately.
    - O(cgw_name) can be set instead.
  type: str
  aliases:
    - customer_gateway_id
cgw_name:
  description:
    - Name of the customer gateway, as another way to set O(cgw_id). The two are mutually exclusive.
    - The customer gateway is looked up by exact match. If none has the name, or several do, the task fails and lists IDs.
    - A task that sets customer gateways by name lists all customer gateways once.
  type: str
  aliases:
    - customer_gateway_name
list_mode:
  description:
    - How O(peer_subnets), O(peer_subnets_v6), O(policy_rules) and O(policy_rules_v6) relate to the lists of the connection.
    - V(replace) makes the current list equal to the option.
    - V(add) adds the entries of the option that are missing, and keeps all others.
    - V(remove) removes the entries of the option, and keeps all others. Networks must be equal, not only overlap.
      A rule without C(destination) removes all rules with its C(source). C(destination=[]) is an error.
    - The API only accepts complete lists, so the complete resulting list is compared, checked against the limits and sent.
      A resulting list that is empty is an error, because the API documents no way to empty a list.
    - With V(add) and V(remove), V([]) changes nothing.
    - To create a connection, V(add) is the same as V(replace), and V(remove) is an error.
  type: str
  choices:
    - replace
    - add
    - remove
  default: replace
peer_subnets:
  description:
    - The IPv4 networks behind the customer gateway, as CIDR blocks. At most 50.
    - The list replaces the current list, unless O(list_mode) is set. Order, duplicates and host bits are ignored.
    - V([]) is equal to a list that the API does not return. A list that has entries cannot be emptied, because the API documents no way to do so.
    - Required to create a connection, unless O(peer_subnets_v6) is set.
      Do not set it if the gateway is attached to an enterprise router and O(style) is V(policy) or V(bgp).
    - Networks in 100.64.0.0/10 and 214.0.0.0/8 cause a warning, because some regions reserve them.
    - A change takes effect immediately.
  type: list
  elements: str
peer_subnets_v6:
  description:
    - The IPv6 networks behind the customer gateway, for an IPv6 gateway. Otherwise the same as O(peer_subnets).
  type: list
  elements: str
tunnel_local_address:
  description:
    - The address of the tunnel interface of the VPN gateway, with its prefix length, for example V(169.254.76.1/30).
    - Must be a host address in 169.254.0.0/16 with prefix length 30, outside 169.254.195.0/24. Host bits are significant here.
    - Also set O(tunnel_peer_address). The two addresses must be different and in the same network.
    - Applies to O(style=static) and O(style=bgp). With O(style=policy), it is not managed, and a different value causes a warning.
    - If not set, the cloud chooses an address for a new connection.
    - A change takes effect immediately.
  type: str
tunnel_peer_address:
  description:
    - The address of the tunnel interface of the customer's device, for example V(169.254.76.2/30).
    - The rules of O(tunnel_local_address) apply.
  type: str
enable_hub:
  description:
    - Whether branches can reach each other through the gateway.
    - Only applies to O(style=bgp). With other styles, V(false) is treated as not set and V(true) is an error.
    - If not set, the cloud uses V(false) for a new connection.
    - A change takes effect immediately.
  type: bool
policy_rules:
  description:
    - The traffic that the connection protects, on an IPv4 gateway.
    - Only applies to O(style=policy), where it is required to create a connection unless O(policy_rules_v6) is set.
    - The list replaces the current list, unless O(list_mode) is set. Order, duplicates and host bits are ignored.
    - Rules with the same source are merged before they are compared, checked and sent.
      At most 5 rules may remain after merging. Overlapping rules cause a warning.
    - V([]) is equal to a list that the API does not return. A list that has entries cannot be emptied, because the API documents no way to do so.
    - A change takes effect immediately.
  type: list
  elements: dict
  suboptions: &rule
    source:
      description:
        - The network on the cloud side, as a CIDR block. Required in every rule.
      type: str
    destination:
      description:
        - The networks on the customer side, as CIDR blocks. At least one is required in every rule, unless O(list_mode=remove).
        - At most 50 for each source.
      type: list
      elements: str
    rule_index:
      description:
        - Accepted and ignored, so that returned rules can be used as options. The cloud numbers the rules itself.
      type: int
policy_rules_v6:
  description:
    - The traffic that the connection protects, on an IPv6 gateway. Otherwise the same as O(policy_rules).
  type: list
  elements: dict
  suboptions: *rule
monitor:
  description:
    - Whether the connection has a connection monitor (health check), which measures the path between the two public addresses.
      It does not affect the tunnel, and the device must answer ICMP.
    - V(true) creates one, V(false) deletes it. If not set, it is not managed.
    - The monitor of a connection is deleted before the connection.
  type: bool
psk:
  description:
    - The pre-shared key. Required to create a connection.
    - Has 8 to 128 characters, with at least three of uppercase letters, lowercase letters, digits and special characters.
      The special characters are space and V(~!@#$%^*(\)-_+={},./:;).
      A space or an asterisk causes a warning, because not every region accepts them.
    - The API never returns the key, so the module cannot compare it. O(update_psk) controls when it is sent.
    - No return value, message or diff contains the key.
    - With IKEv1, a new key is used from the next phase 1 negotiation.
    - With IKEv2, the API accepts a new key immediately, but the tunnel uses the old one until it is re-established. See O(reset).
  type: str
update_psk:
  description:
    - When O(psk) is sent.
    - V(on_create) sends it only when the connection is created.
    - V(always) sends it in every run and always reports a change. O(psk) is then required.
    - V(on_change) also sends it to an existing connection if it is not the key that was last sent with V(on_change).
      O(psk) and O(psk_fingerprint_key) are then required.
      The connection gets the tag C(ansible_psk_fingerprint), by which the next run recognizes the key.
      The tag is removed before another key is sent, and set after everything else, so after an interruption the key is sent again.
      If the cloud refuses the tag, the task issues a warning, and the next run sends the key again.
      A key that somebody changes without this collection is not noticed.
  type: str
  choices:
    - on_create
    - always
    - on_change
  default: on_create
psk_fingerprint_key:
  description:
    - A secret of at least 16 characters that O(update_psk=on_change) uses to recognize O(psk).
      If not set, the environment variable E(HW_VPN_PSK_FINGERPRINT_KEY) is used.
    - The fingerprint is an HMAC-SHA256 of the ID of the connection and the key. Without this secret, it reveals nothing about the key,
      and equal keys of two connections have different fingerprints.
    - Use the same value in all runs. After a change of this secret, every key is sent once more.
    - Generate it randomly, for example with C(openssl rand -base64 24), and keep it in a vault.
  type: str
ikepolicy:
  description:
    - The IKE (phase 1) settings. Only suboptions that are set are compared and changed.
    - For a new connection, the cloud supplies defaults for suboptions that are not set. Each suboption names the default that the vendor documents.
  type: dict
  suboptions:
    ike_version:
      description:
        - IKE version.
        - Known values are V(v1) and V(v2). If not set, the cloud uses V(v2) for a new connection.
        - A change takes effect immediately.
      type: str
    phase1_negotiation_mode:
      description:
        - Negotiation mode of phase 1.
        - Known values are V(main) and V(aggressive). If not set, the cloud uses V(main) for a new connection.
        - Only applies to O(ikepolicy.ike_version=v1). It is an error if the connection uses IKEv2, or will use it after the change.
        - A change takes effect at the next phase 1 negotiation.
      type: str
    authentication_algorithm:
      description:
        - Authentication algorithm of phase 1.
        - Known values are V(sha2-512), V(sha2-384), V(sha2-256), V(sha1) and V(md5). The last two are weak. Setting them causes a warning.
        - If not set, the cloud uses V(sha2-256) for a new connection.
        - A change takes effect at the next phase 1 negotiation.
      type: str
    encryption_algorithm:
      description:
        - Encryption algorithm of phase 1.
        - Known values are V(aes-256-gcm-16), V(aes-128-gcm-16), V(aes-256), V(aes-192), V(aes-128) and V(3des).
          The last one is weak. Setting it causes a warning.
        - V(aes-256-gcm-16) and V(aes-128-gcm-16) need IKEv2, because RFC 5282 defines AES-GCM in phase 1 for IKEv2 only.
        - If not set, the cloud uses V(aes-128) for a new connection.
        - A change takes effect at the next phase 1 negotiation.
      type: str
    dh_group:
      description:
        - Diffie-Hellman group of phase 1.
        - Known values are V(group1), V(group2), V(group5), V(group14), V(group15), V(group16), V(group19), V(group20) and V(group21).
          The first four are weak. Setting them causes a warning.
        - If not set, the cloud uses V(group15) for a new connection.
        - A change takes effect at the next phase 1 negotiation.
      type: str
    authentication_method:
      description:
        - Authentication method of the two ends.
        - The known value is V(pre-share), which the cloud uses for a new connection if this option is not set.
        - Fixed at creation.
      type: str
    lifetime_seconds:
      description:
        - Lifetime of an IKE security association in seconds, 60 to 604800.
        - If not set, the cloud uses V(86400) for a new connection.
        - A change takes effect at the next phase 1 negotiation.
      type: int
    local_id_type:
      description:
        - Type of O(ikepolicy.local_id).
        - Known values are V(ip), V(fqdn) and V(any). The vendor's reference lists only V(ip) and V(fqdn) here, and not every cloud accepts V(fqdn).
        - If not set, the cloud uses V(ip) for a new connection.
        - To change the type to V(fqdn), also set O(ikepolicy.local_id).
        - A change takes effect at the same time as a change of O(ikepolicy.local_id).
      type: str
    local_id:
      description:
        - Identity of the VPN gateway.
        - With O(ikepolicy.local_id_type=ip), an IPv4 address. If not set, a new connection uses the address of the gateway.
        - With O(ikepolicy.local_id_type=fqdn), 1 to 128 characters other than spaces and V(&<>[]\\?). Case-sensitive.
        - Must differ from O(ikepolicy.peer_id).
        - With IKEv1, a change takes effect at the next phase 1 negotiation.
          With IKEv2, the tunnel uses the old identity until it is re-established. See O(reset).
        - If the API masks part of an identity with asterisks, only the visible part is compared.
      type: str
    peer_id_type:
      description:
        - Type of O(ikepolicy.peer_id).
        - Known values are V(ip), V(fqdn) and V(any). The API may return V(any), but its reference does not list it for requests.
          Not every cloud accepts V(fqdn).
        - If not set, the cloud uses V(ip) for a new connection.
        - To change the type to V(fqdn), also set O(ikepolicy.peer_id).
        - A change takes effect at the same time as a change of O(ikepolicy.peer_id).
      type: str
    peer_id:
      description:
        - Identity of the customer gateway. If not set, a new connection of type V(ip) uses the address of the customer gateway.
        - The rules of O(ikepolicy.local_id) apply.
      type: str
    dpd:
      description:
        - Dead peer detection. Only suboptions that are set are compared and changed. A change takes effect immediately.
      type: dict
      suboptions:
        timeout:
          description:
            - Seconds to wait before a detection packet is retransmitted, 2 to 60.
            - If not set, the cloud uses V(15) for a new connection.
          type: int
        interval:
          description:
            - Seconds without traffic before detection starts, 10 to 3600.
            - If not set, the cloud uses V(30) for a new connection.
          type: int
        msg:
          description:
            - Order of the payloads in a detection packet.
            - Known values are V(seq-hash-notify) and V(seq-notify-hash). If not set, the cloud uses V(seq-hash-notify) for a new connection.
          type: str
ipsecpolicy:
  description:
    - The IPsec (phase 2) settings. Only suboptions that are set are compared and changed.
    - For a new connection, the cloud supplies defaults for suboptions that are not set. Each suboption names the default that the vendor documents.
    - A change takes effect at the next phase 2 negotiation.
  type: dict
  suboptions:
    authentication_algorithm:
      description:
        - Authentication algorithm of the traffic.
        - Known values are V(sha2-512), V(sha2-384), V(sha2-256), V(sha1) and V(md5). The last two are weak. Setting them causes a warning.
        - If not set, the cloud uses V(sha2-256) for a new connection.
      type: str
    encryption_algorithm:
      description:
        - Encryption algorithm of the traffic.
        - Known values are V(aes-256-gcm-16), V(aes-128-gcm-16), V(aes-256), V(aes-192), V(aes-128) and V(3des).
          The last one is weak. Setting it causes a warning.
        - If not set, the cloud uses V(aes-128) for a new connection.
      type: str
    pfs:
      description:
        - Diffie-Hellman group for perfect forward secrecy, or V(disable).
        - Known values are V(disable), V(group1), V(group2), V(group5), V(group14), V(group15), V(group16), V(group19), V(group20) and V(group21).
          The first five are weak. Setting them causes a warning.
        - If not set, the cloud uses V(group15) for a new connection.
      type: str
    transform_protocol:
      description:
        - The IPsec protocol.
        - The known value is V(esp), which the cloud uses for a new connection if this option is not set.
      type: str
    lifetime_seconds:
      description:
        - Lifetime of an IPsec security association in seconds, 30 to 604800. A value below 60 causes a warning, because not every region accepts it.
        - If not set, the cloud uses V(3600) for a new connection.
      type: int
    encapsulation_mode:
      description:
        - How packets are encapsulated.
        - The known value is V(tunnel), which the cloud uses for a new connection if this option is not set.
      type: str
tags:
  description:
    - Tags of the connection, as a dictionary of keys and values. At most 20.
    - A key has 1 to 128 characters, a value up to 255. Allowed are letters, digits, spaces and C(_.:=+-@). A value may be empty.
      Numbers and booleans are converted to strings, V(true) and V(false) in lowercase.
    - Tags that are missing or have a different value are set. Other tags are kept, unless O(purge_tags=true).
    - System tags, whose keys begin with C(_sys_), are never changed by this option. The same applies to the tags that this collection sets,
      C(ansible_reset_required) and C(ansible_psk_fingerprint). They count toward the limit of 20.
    - A change takes effect immediately.
  type: dict
purge_tags:
  description:
    - Whether to remove tags that are not listed in O(tags). Has no effect without O(tags).
    - With O(tags={}), all tags except system tags and the tags that this collection sets are removed.
  type: bool
  default: false
reset:
  description:
    - Whether to re-establish the tunnel. This interrupts its traffic.
    - V(never) does not re-establish it. If a change requires it, the task issues a warning and RV(reset_required) is true.
    - V(if_required) re-establishes it after a change that only takes effect then, or if an earlier run made such a change
      and nobody has re-established the tunnel with this collection since. See O(remember_reset).
      With IKEv2, this is a change of O(psk), O(ikepolicy.local_id_type), O(ikepolicy.local_id), O(ikepolicy.peer_id_type) or O(ikepolicy.peer_id).
    - V(always) re-establishes it in every run and always reports a change. Use it to repair a connection.
    - A reset that the task will do is part of the plan. It is listed in RV(changes) and changes the plan ID.
    - A connection that the task creates is not reset.
    - Not every cloud provides this operation.
  type: str
  choices:
    - never
    - if_required
    - always
  default: never
remember_reset:
  description:
    - Whether to remember in the tag C(ansible_reset_required) that the tunnel must be re-established.
    - The tag is set before a change that only takes effect then, with the changed options as its value.
      It is removed after a reset by this task or a later one.
      If a task is interrupted, the next one with O(reset=if_required) therefore does the reset.
    - If the cloud refuses the tag, for example because the connection already has 20, the task issues a warning and continues.
  type: bool
  default: true
status:
  description: &ignored
    - Accepted and ignored, so that a returned connection can be used as options.
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
reset_required:
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
monitor_status:
  description: *ignored
  type: raw
posture:
  description: *ignored
  type: raw
diagnosis:
  description: *ignored
  type: raw
"""

_NOTES = r"""
notes:
  - Options that correspond to members of the API have the names and values of the API.
    An unknown value is sent with a warning, because the cloud may be newer than this collection.
    A value that differs from a known one only by case, hyphens or a missing prefix, such as C(aes256) or C(20), is an error. The message
    contains the correct value.
  - V(false) is a value. It is equal to a member that the API does not return.
  - Options that are fixed at creation may be set for an existing connection if they match it.
    If any differ, the task fails, names all of them, and sends nothing.
    Options that the API does not return are not compared. V(false) is a value that the API returns.
  - IDs and the values of C(style) are not case-sensitive.
  - If the connection is in a pending state, a change waits until the state has passed, and is then planned again.
    If it is C(FREEZED), a change fails. Without a change, these states, C(ERROR) and C(UNKNOWN) only cause a warning.
  - A task that creates connections reads the quota of the project first, with one request. If the quota cannot hold all of them,
    the task issues a warning. A quota that cannot be read is ignored.
seealso:
  - module: huaweicloud.vpn.vpn_connection
  - module: huaweicloud.vpn.vpn_connections
  - module: huaweicloud.vpn.vpn_connection_info
  - module: huaweicloud.vpn.vpn_gateway
  - module: huaweicloud.vpn.vpn_gateway_info
  - module: huaweicloud.vpn.vpn_customer_gateway
  - module: huaweicloud.vpn.vpn_customer_gateway_info
  - name: "Huawei Cloud API reference: Updating a VPN connection"
    description: The settings of a connection and their limits as documented by the vendor.
    link: https://support.huaweicloud.com/intl/en-us/api-vpn/vpn_api_0030.html
"""


class ModuleDocFragment:
    # Set below.
    DOCUMENTATION: str
    ITEMS: str

    # How a task that writes goes about it
    WORK = r"""
options:
  wait:
    description:
      - Whether to wait after a change until the connection is C(ACTIVE) or C(DOWN), or gone, and to verify the change by reading it back.
      - With V(false), only the response to the change is verified, and the result has a C(status) only if that response contains one.
        The task still waits before a reset.
    type: bool
    default: true
  wait_timeout:
    description:
      - Maximum number of seconds to wait for a busy connection, and after a change until the connection is stable or gone. At least 1.
      - The limit applies to each wait separately.
      - Reads that fail during a wait, for example because the service is overloaded, are retried until the time is up.
    type: int
    default: 600
  expect_active:
    description:
      - Whether the tunnel has to be up after a change. The wait then only ends when the connection is C(ACTIVE).
      - If it is still C(DOWN) after O(wait_timeout), the task fails. The message contains the newest entry of the connection's log,
        and the cause that it names. The change itself remains.
      - Without a change, the status is not checked. Requires O(wait=true).
    type: bool
    default: false
"""


# One connection. Put in here, since the sanity tests read texts inside the class without running it.
ModuleDocFragment.DOCUMENTATION = "options:" + textwrap.indent(_OPTIONS, "  ") + _NOTES

# Many connections: the same options one level down, and so the references to them.
_ITEMS = r"""
options:
  connections:
    description:
      - The connections, each as a dictionary of the options that M(huaweicloud.vpn.vpn_connection) accepts.
      - Each entry has its own O(connections[].state), so one task can create, change, reset and delete.
      - An entry without O(connections[].vgw_id) uses O(vgw_id), if that is set.
      - Two entries for the same connection are an error, even if one identifies it by O(connections[].id) and the other by O(connections[].name).
      - The list may be empty.
    type: list
    elements: dict
    required: true
    suboptions:"""
_SUBOPTIONS = textwrap.indent(re.sub(r"\b(O|RV)\(", r"\1(connections[].", _OPTIONS), "      ")
ModuleDocFragment.ITEMS = _ITEMS + _SUBOPTIONS + _NOTES
