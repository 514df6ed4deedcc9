# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The VPN connection as a table: every API fact about it, once. Private to this collection; no stable interface.

Sources, by short name: `update page` is the vendor's page "Updating a VPN Connection" (vpn_api_0030); `API reference`
and `user guide` are the Enterprise Edition VPN documents of Open Telekom Cloud, which print the same pages in full;
`help pages` are Huawei Cloud's; `SDK` is the vendor's huaweicloudsdkvpn 3.1.219.
"""

from __future__ import annotations

from ansible_collections.huaweicloud.vpn.plugins.module_utils._resources._common import (
    CONNECTIONS,
    FQDN_PATTERN,
    FQDN_TEXT,
    ID_PATTERN,
    NAME,
    RESOURCE_ID,
    TAGS,
    WEAK_CIPHERS,
    WEAK_GROUPS,
    WEAK_HASHES,
    tag_actions,
)
from ansible_collections.huaweicloud.vpn.plugins.module_utils._resources.customer_gateway import CUSTOMER_GATEWAY
from ansible_collections.huaweicloud.vpn.plugins.module_utils._resources.gateway import GATEWAY
from ansible_collections.huaweicloud.vpn.plugins.module_utils._resources.monitor import MONITOR
from ansible_collections.huaweicloud.vpn.plugins.module_utils._resources.quota import QUOTAS
from ansible_collections.huaweicloud.vpn.plugins.module_utils._schema.behavior import (
    Detail,
    Filter,
    Identity,
    Log,
    States,
)
from ansible_collections.huaweicloud.vpn.plugins.module_utils._schema.causes import Diagnosis, Posture
from ansible_collections.huaweicloud.vpn.plugins.module_utils._schema.constraints import (
    IkeIdFormat,
    MustDiffer,
    RequiredTogether,
    RequiresValue,
    SameNetwork,
)
from ansible_collections.huaweicloud.vpn.plugins.module_utils._schema.fields import (
    AFTER_RESET,
    BY_TAGS,
    CHANGEABLE,
    FIXED,
    IMMEDIATELY,
    NEXT_PHASE1,
    NEXT_PHASE2,
    READ_ONLY,
    ByName,
    Companion,
    Depends,
    Field,
    OnlyWith,
    Parent,
    PartOf,
    Quota,
    Required,
)
from ansible_collections.huaweicloud.vpn.plugins.module_utils._schema.kinds import (
    Boolean,
    Choice,
    IkeId,
    Integer,
    Kind,
    Object,
    ReadOnly,
    Secret,
    Text,
)
from ansible_collections.huaweicloud.vpn.plugins.module_utils._schema.networks import Interface, Networks, PolicyRules
from ansible_collections.huaweicloud.vpn.plugins.module_utils._schema.resource import Resource

UPDATE_PAGE = "update page, API reference"
IPV6 = "help pages, SDK"

_AUTHENTICATION = Choice("sha2-512", "sha2-384", "sha2-256", "sha1", "md5", weak=WEAK_HASHES)
_ENCRYPTION = Choice("aes-256-gcm-16", "aes-128-gcm-16", "aes-256", "aes-192", "aes-128", "3des", weak=WEAK_CIPHERS)
_GROUPS = ("group1", "group2", "group5", "group14", "group15", "group16", "group19", "group20", "group21")
_ID = RESOURCE_ID
_ADDRESS = Text(minimum=7, maximum=36, any_case=True)
# API reference: options in lowercase; the API answers in upper case, and older playbooks do so too.
_STYLE = Choice("policy", "static", "bgp", "policy-template", exact=False)
_ID_TYPE = Choice("ip", "fqdn", "any")
_RESERVED = ("100.64.0.0/10", "214.0.0.0/8")
# Help pages (vpn_faq_00128): the cloud sends this many probes before it takes the other end for dead.
DPD_PROBES = 3
# The address of a tunnel interface, at either end.
TUNNEL_ADDRESS = Interface("169.254.0.0/16", "169.254.195.0/24", 30)
_ROUTE_MODE = OnlyWith("style", ("static", "bgp"), default="static", refused=False)
_SUBNETS = ("peer_subnets", "peer_subnets_v6")
_POLICY_MODE = OnlyWith("style", ("policy",), default="static")
# API reference: a gateway attached to an enterprise router learns the subnets by itself, but not for static routing.
_ROUTER_GATEWAY = Parent(
    "vgw_id", GATEWAY, "attachment_type", "er", when=OnlyWith("style", ("policy", "bgp"), default="static")
)

# User guide: with IKEv2 a new key or identity is used only once the tunnel is re-established.
_KEY_TAKES_EFFECT = Depends("ikepolicy.ike_version", AFTER_RESET, v1=NEXT_PHASE1)


def _phase1(
    name: str,
    kind: Kind,
    peer: str,
    source: str = UPDATE_PAGE,
    change: str = CHANGEABLE,
    only_with: OnlyWith | None = None,
) -> Field:
    return Field(name, kind, source, change=change, takes_effect=NEXT_PHASE1, only_with=only_with, peer=peer)


def _phase2(name: str, kind: Kind, peer: str) -> Field:
    return Field(name, kind, UPDATE_PAGE, takes_effect=NEXT_PHASE2, peer=peer)


def _read_only(name: str, option_type: str = "str") -> Field:
    return Field(name, ReadOnly(option_type), "API reference, SDK", change=READ_ONLY)


def _diagnosis() -> Diagnosis:
    # Not at the top: few tasks need it, and importing takes time.
    from ansible_collections.huaweicloud.vpn.plugins.module_utils._resources import connection_causes

    return connection_causes.CONNECTION_DIAGNOSIS


def _posture() -> Posture:
    # Not at the top: few tasks need it, and importing takes time.
    from ansible_collections.huaweicloud.vpn.plugins.module_utils._resources import connection_causes

    return connection_causes.CONNECTION_POSTURE


CONNECTION = Resource(
    name="vpn_connection",
    plural="vpn_connections",
    noun="VPN connection",
    collection=CONNECTIONS,
    item=CONNECTIONS + "/{id}",
    actions={
        "reset": "/v5/{project_id}/vpn-connection/{id}/reset",
        **tag_actions("vpn-connection"),
    },
    identity=Identity(
        aliases=("vpn_connection_id",),
        pattern=ID_PATTERN,
        pattern_text="the 36 characters of a connection's id",
        parent="vgw_id",
        parent_noun="gateway",
    ),
    reset_tag="ansible_reset_required",
    fingerprint_tag="ansible_psk_fingerprint",
    companion=Companion("monitor", MONITOR, "vpn_connection_id", "connection_monitor_id", exists="VPN.0381"),
    states=States(
        member="status",
        stable=("ACTIVE", "DOWN"),
        active=("ACTIVE",),
        pending=("PENDING_CREATE", "PENDING_UPDATE"),
        deleting=("PENDING_DELETE",),
        failed=("ERROR", "UNKNOWN"),
        frozen=("FREEZED",),
    ),
    required=(
        Required("name"),
        Required("vgw_id"),
        Required("vgw_ip"),
        Required("cgw_id"),
        Required("psk"),
        Required(*_SUBNETS, unless=_ROUTER_GATEWAY),
        Required("policy_rules", "policy_rules_v6", when=_POLICY_MODE),
    ),
    likeness=("vgw_id", "vgw_ip", "cgw_id", "ha_role"),
    likeness_defaults={"ha_role": "master"},
    likeness_text="between the same gateways",
    quota=Quota(QUOTAS, "vpn_connection"),
    # API contract, section 1: the cloud refuses a second connection of one gateway address and customer gateway.
    exclusive=("vgw_ip", "cgw_id"),
    late_warning=(
        "the API takes the change at once, but the tunnel uses it only after it has been re-established;"
        " set reset=if_required, or reset it at a time that suits both ends"
    ),
    reset_warning="its tunnel is interrupted until both ends have negotiated again",
    items_option="connections",
    filters=(
        Filter("name", Text()),
        Filter("vgw_id", _ID, on_server=True),
        Filter("vgw_ip", _ADDRESS, on_server=True),
        Filter("cgw_id", _ID),
        Filter("style", _STYLE),
        Filter("status", Text(any_case=True)),
        Filter("enterprise_project_id", _ID, on_server=True),
    ),
    details=(
        Detail(
            "log",
            "/v5/{project_id}/vpn-connection/{id}/log",
            "logs",
            unavailable=("VPN.0304", "VPN.0305"),
            # User guide, "VPN Connection Logs": one line is printed; further keys from the vendor's device references.
            log=Log("time", "raw_message", ("Reason", "OfflineReason")),
        ),
        Detail("ipsec_sa", "/v5/{project_id}/vpn-connection/{id}/ipsec-sa", "sa_infos"),
        Detail(
            "peer_configuration",
            "/v5/{project_id}/vpn-connection/{id}/peer-configuration/export",
            "peer_config",
            question="peer_device",
            question_members=("vendor", "type", "model", "version"),
            secret=True,
        ),
        Detail(
            "monitor_status",
            "/v5/{project_id}/connection-monitors/{id}",
            "connection_monitor",
            subject="connection_monitor_id",
        ),
    ),
    diagnosis=_diagnosis,
    posture=_posture,
    fields=(
        Field(
            "name",
            NAME,
            "update page; China-region help pages for Chinese characters",
            peer="name",
        ),
        Field(
            "vgw_id",
            _ID,
            "API reference",
            change=FIXED,
            aliases=("vpn_gateway_id",),
            by_name=ByName("vgw_name", GATEWAY, aliases=("vpn_gateway_name",)),
        ),
        # API reference: for a public gateway the ID of one of its EIPs, which the gateway shows with their addresses.
        Field(
            "vgw_ip",
            _ADDRESS,
            "API reference",
            change=FIXED,
            part_of=PartOf("vgw_id", GATEWAY, ("eip1", "eip2"), "id", "ip_address"),
        ),
        Field("style", _STYLE, "API reference, SDK", change=FIXED, peer="style"),
        Field("ha_role", Choice("master", "slave"), "API reference", change=FIXED, peer="ha_role"),
        Field(
            "enable_nqa",
            Boolean(),
            "API reference; the refusal for other styles: Terraform provider issue 3009",
            change=FIXED,
            only_with=OnlyWith("style", ("static",), default="static"),
        ),
        # An identity that follows the gateway's address moves with it; one that the task names is sent along.
        Field(
            "cgw_id",
            _ID,
            UPDATE_PAGE,
            aliases=("customer_gateway_id",),
            sent_with=("ikepolicy.peer_id",),
            by_name=ByName("cgw_name", CUSTOMER_GATEWAY, aliases=("customer_gateway_name",)),
        ),
        Field(
            "peer_subnets",
            Networks(4, 50, reserved=_RESERVED),
            UPDATE_PAGE,
            by_entries=True,
            peer="local.networks",
        ),
        Field("peer_subnets_v6", Networks(6, 50), IPV6, by_entries=True, peer="local.networks"),
        # What is local to the cloud is remote to the customer's device, and the other way round.
        Field("tunnel_local_address", TUNNEL_ADDRESS, UPDATE_PAGE, only_with=_ROUTE_MODE, peer="remote.tunnel_address"),
        Field("tunnel_peer_address", TUNNEL_ADDRESS, UPDATE_PAGE, only_with=_ROUTE_MODE, peer="local.tunnel_address"),
        Field("enable_hub", Boolean(), "update page, SDK", only_with=OnlyWith("style", ("bgp",), default="static")),
        Field(
            "policy_rules",
            PolicyRules(4, 5, 50, ignored=("rule_index",)),
            UPDATE_PAGE,
            only_with=_POLICY_MODE,
            by_entries=True,
            peer="traffic",
        ),
        Field(
            "policy_rules_v6",
            PolicyRules(6, 5, 50, ignored=("rule_index",)),
            IPV6,
            only_with=_POLICY_MODE,
            by_entries=True,
            peer="traffic",
        ),
        Field(
            "psk",
            Secret(
                minimum=8,
                maximum=128,
                allowed=r"[A-Za-z0-9~!@#$%^*()\-_+={ },./:;]*",
                allowed_text="letters, digits, space and ~!@#$%^*()-_+={},./:;",
                classes=(r"[A-Z]", r"[a-z]", r"[0-9]", r"[^A-Za-z0-9]"),
                minimum_classes=3,
                classes_text="three of upper-case letters, lower-case letters, digits and special characters",
                unusual=r"[* ]",
                unusual_text="contains an asterisk or a space, which not every region takes",
            ),
            UPDATE_PAGE,
            takes_effect=_KEY_TAKES_EFFECT,
            write_only=True,
        ),
        Field(
            "ikepolicy",
            Object(
                # User guide: a change of the version works at once.
                Field("ike_version", Choice("v1", "v2"), UPDATE_PAGE, takes_effect=IMMEDIATELY, peer="ike.version"),
                _phase1(
                    "phase1_negotiation_mode",
                    Choice("main", "aggressive"),
                    "ike.aggressive",
                    only_with=OnlyWith("ikepolicy.ike_version", ("v1",), default="v2"),
                ),
                _phase1("authentication_algorithm", _AUTHENTICATION, "ike.integrity"),
                _phase1("encryption_algorithm", _ENCRYPTION, "ike.encryption"),
                _phase1("dh_group", Choice(*_GROUPS, weak=WEAK_GROUPS), "ike.group"),
                _phase1(
                    "authentication_method",
                    Choice("pre-share"),
                    "ike.authentication",
                    source="API reference",
                    change=FIXED,
                ),
                _phase1("lifetime_seconds", Integer(60, 604800), "ike.lifetime"),
                Field(
                    "local_id_type",
                    _ID_TYPE,
                    UPDATE_PAGE,
                    takes_effect=_KEY_TAKES_EFFECT,
                    sent_with=("ikepolicy.local_id",),
                    peer="remote.id_type",
                ),
                Field("local_id", IkeId(), UPDATE_PAGE, takes_effect=_KEY_TAKES_EFFECT, peer="remote.id"),
                Field(
                    "peer_id_type",
                    _ID_TYPE,
                    UPDATE_PAGE,
                    takes_effect=_KEY_TAKES_EFFECT,
                    sent_with=("ikepolicy.peer_id",),
                    peer="local.id_type",
                ),
                Field("peer_id", IkeId(), UPDATE_PAGE, takes_effect=_KEY_TAKES_EFFECT, peer="local.id"),
                Field(
                    "dpd",
                    Object(
                        Field("timeout", Integer(2, 60), UPDATE_PAGE, peer="ike.dpd.timeout"),
                        Field("interval", Integer(10, 3600), UPDATE_PAGE, peer="ike.dpd.interval"),
                        Field("msg", Choice("seq-hash-notify", "seq-notify-hash"), UPDATE_PAGE, peer="ike.dpd.msg"),
                    ),
                    UPDATE_PAGE,
                ),
            ),
            UPDATE_PAGE,
        ),
        Field(
            "ipsecpolicy",
            Object(
                _phase2("authentication_algorithm", _AUTHENTICATION, "ipsec.integrity"),
                _phase2("encryption_algorithm", _ENCRYPTION, "ipsec.encryption"),
                _phase2("pfs", Choice("disable", *_GROUPS, weak=("disable", *WEAK_GROUPS)), "ipsec.group"),
                _phase2("transform_protocol", Choice("esp"), "ipsec.protocol"),
                _phase2("lifetime_seconds", Integer(30, 604800, unusual_below=60), "ipsec.lifetime"),
                _phase2("encapsulation_mode", Choice("tunnel"), "ipsec.mode"),
            ),
            UPDATE_PAGE,
        ),
        Field("tags", TAGS, "API reference", change=BY_TAGS),
        _read_only("status"),
        _read_only("created_at"),
        _read_only("updated_at"),
        _read_only("enterprise_project_id"),
        _read_only("connection_monitor_id"),
        _read_only("bgp_peer", "dict"),
        _read_only("eip_id"),
        _read_only("type"),
        _read_only("route_mode"),
        _read_only("enable_health_check", "bool"),
    ),
    constraints=(
        RequiredTogether("tunnel_local_address", "tunnel_peer_address"),
        SameNetwork("tunnel_local_address", "tunnel_peer_address"),
        MustDiffer("ikepolicy.local_id", "ikepolicy.peer_id"),
        IkeIdFormat("ikepolicy.local_id_type", "ikepolicy.local_id", "ip", "fqdn", FQDN_PATTERN, FQDN_TEXT),
        IkeIdFormat("ikepolicy.peer_id_type", "ikepolicy.peer_id", "ip", "fqdn", FQDN_PATTERN, FQDN_TEXT),
        # RFC 5282 defines GCM in phase 1 for IKEv2 only; the user guide says so plainly of the 256-bit cipher alone.
        RequiresValue(
            "ikepolicy.encryption_algorithm", ("aes-256-gcm-16", "aes-128-gcm-16"), "ikepolicy.ike_version", ("v2",)
        ),
    ),
)
