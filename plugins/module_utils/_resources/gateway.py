# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The VPN gateway as a table: every API fact about it, once. Private to this collection; no stable interface.

Sources, by short name: `API reference` and `user guide` are the Enterprise Edition VPN documents of Open Telekom Cloud;
`help pages` are Huawei Cloud's; `SDK` is the vendor's huaweicloudsdkvpn 3.1.219, `EIP SDK` its huaweicloudsdkeip.
"""

from __future__ import annotations

from ansible_collections.huaweicloud.vpn.plugins.module_utils._resources._common import (
    CONNECTIONS,
    FLAVORS,
    ID_PATTERN,
    NAME,
    RESOURCE_ID,
    TAGS,
    tag_actions,
)
from ansible_collections.huaweicloud.vpn.plugins.module_utils._resources.monitor import MONITOR
from ansible_collections.huaweicloud.vpn.plugins.module_utils._resources.quota import QUOTAS
from ansible_collections.huaweicloud.vpn.plugins.module_utils._schema.behavior import (
    Dependent,
    Filter,
    Held,
    Identity,
    States,
)
from ansible_collections.huaweicloud.vpn.plugins.module_utils._schema.causes import Diagnosis
from ansible_collections.huaweicloud.vpn.plugins.module_utils._schema.constraints import (
    Excludes,
    ExistsWith,
    MustAgree,
    MustDiffer,
    Needs,
    RequiredTogether,
    RequiresValue,
)
from ansible_collections.huaweicloud.vpn.plugins.module_utils._schema.fields import (
    AT_CREATION,
    BY_TAGS,
    CHANGEABLE,
    FIXED,
    READ_ONLY,
    ByAction,
    Field,
    OnlyWith,
    Quota,
    Required,
)
from ansible_collections.huaweicloud.vpn.plugins.module_utils._schema.kinds import (
    Choice,
    Integer,
    Kind,
    Object,
    ReadOnly,
    Text,
    TextSet,
)
from ansible_collections.huaweicloud.vpn.plugins.module_utils._schema.networks import Networks
from ansible_collections.huaweicloud.vpn.plugins.module_utils._schema.resource import Resource

_SOURCE = "API reference, SDK"
_ANY_CASE = Text(any_case=True)
_IPV4 = Text(
    pattern=r"((25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(25[0-5]|2[0-4]\d|1?\d?\d)",
    pattern_text="an IPv4 address such as 10.0.0.5",
)
_VPC = OnlyWith("attachment_type", ("vpc",), default="vpc")
_ROUTER = OnlyWith("attachment_type", ("er",), default="vpc")
_PUBLIC = OnlyWith("network_type", ("public",), default="public")
_PRIVATE = OnlyWith("network_type", ("private",), default="public")
_UNFIXED = OnlyWith("flavor", ("Professional1-NonFixedIP", "Professional2-NonFixedIP"), default="Professional1")

_REMEDY = "create another VPN gateway, and connections with that as vgw_id"
# API reference: the service of enterprise projects moves it.
_PROJECT_REMEDY = "move the VPN gateway in the console, or create another one"
# User guide: an elastic IP that a connection uses cannot be unbound.
_EIP_REMEDY = (
    "replacing an elastic IP means to delete the connections that use it and to unbind it first, which this module does"
    " not do"
)

# Help pages: the default policies of gateways without fixed addresses.
_AUTHENTICATION = Choice("sha2-512", "sha2-384", "sha2-256")
_ENCRYPTION = Choice("aes-256-gcm-16", "aes-128-gcm-16", "aes-256", "aes-192", "aes-128")
_GROUPS = ("group14", "group15", "group16", "group19", "group20", "group21")


def _fixed(
    name: str, kind: Kind, only_with: OnlyWith | None = None, read_from: str | None = None, peer: str | None = None
) -> Field:
    return Field(name, kind, _SOURCE, change=FIXED, only_with=only_with, read_from=read_from, remedy=_REMEDY, peer=peer)


def _read_only(name: str, option_type: str = "str") -> Field:
    return Field(name, ReadOnly(option_type), _SOURCE, change=READ_ONLY)


def _new(name: str, kind: Kind) -> Field:
    """A member of a new elastic IP. What becomes of it later is up to another service."""
    return Field(name, kind, _SOURCE, change=AT_CREATION, only_with=_PUBLIC)


def _eip(name: str) -> Field:
    return Field(
        name,
        Object(
            Field("id", RESOURCE_ID, _SOURCE, change=FIXED, only_with=_PUBLIC, remedy=_EIP_REMEDY),
            _new("type", Text(minimum=1, maximum=36)),
            _new("charge_mode", Choice("bandwidth", "traffic", "95peak_plus")),
            _new("bandwidth_size", Integer(1, 1000)),
            _new("bandwidth_name", NAME),
            _new("bandwidth_id", RESOURCE_ID),
            _read_only("ip_version", "int"),
            _read_only("ip_address"),
            _read_only("share_type"),
            _read_only("ip_billing_info"),
            _read_only("bandwidth_billing_info"),
            _read_only("network_type"),
        ),
        _SOURCE,
    )


def _template(name: str, kind: Kind) -> Field:
    return Field(name, kind, "help pages, SDK", change=CHANGEABLE, only_with=_UNFIXED, only_later=True)


def _diagnosis() -> Diagnosis:
    # Not at the top: few tasks need it, and importing takes time.
    from ansible_collections.huaweicloud.vpn.plugins.module_utils._resources import gateway_causes

    return gateway_causes.GATEWAY_DIAGNOSIS


GATEWAY = Resource(
    name="vpn_gateway",
    plural="vpn_gateways",
    noun="VPN gateway",
    collection="/v5/{project_id}/vpn-gateways",
    item="/v5/{project_id}/vpn-gateways/{id}",
    actions={
        **tag_actions("vpn-gateway"),
        "update_specification": "/v5/{project_id}/vpn-gateways/{id}/update-specification",
    },
    identity=Identity(
        aliases=("vgw_id", "vpn_gateway_id"),
        pattern=ID_PATTERN,
        pattern_text="the 36 characters of a gateway's id",
    ),
    states=States(
        member="status",
        stable=("ACTIVE",),
        pending=("PENDING_CREATE", "PENDING_UPDATE"),
        deleting=("PENDING_DELETE",),
        failed=("FAULT",),
        frozen=("FREEZED",),
        deletable_when_frozen={"lock_status": 1},
    ),
    required=(
        Required("name"),
        Required("vpc_id", when=_VPC),
        Required("connect_subnet", when=_VPC),
        Required("local_subnets", "local_subnets_v6", when=_VPC),
        Required("er_id", when=_ROUTER),
        Required("access_vpc_id", "vpc_id", when=_ROUTER),
        Required("access_subnet_id", "connect_subnet", when=_ROUTER),
        # API reference has them as optional; no client has been seen to leave one out.
        Required("eip1.id", "eip1.type", when=_PUBLIC),
        Required("eip2.id", "eip2.type", when=_PUBLIC),
    ),
    likeness=("attachment_type", "network_type", "vpc_id", "er_id", "bgp_asn", "flavor", "ha_mode"),
    likeness_defaults={
        "attachment_type": "vpc",
        "network_type": "public",
        "bgp_asn": 64512,
        "flavor": "Professional1",
        "ha_mode": "active-active",
    },
    likeness_text="with the same settings",
    lists_whole=True,
    quota=Quota(QUOTAS, "vpn_gateway"),
    diagnosis=_diagnosis,
    tags_last=True,
    dependents=(
        Dependent(
            "VPN connection",
            "vpn_connections",
            CONNECTIONS,
            "vgw_id",
            on_server=True,
            remedy="delete them first, or set delete_connections to delete them too",
            option="delete_connections",
            dependents=(
                Dependent(
                    MONITOR.noun,
                    MONITOR.plural,
                    MONITOR.collection,
                    "vpn_connection_id",
                    on_server=True,
                    absent=MONITOR.absent,
                ),
            ),
        ),
    ),
    held=Held(
        "elastic IP",
        ("eip1.id", "eip2.id"),
        service="vpc",
        endpoint_option="eip_endpoint",
        endpoint_variable="HW_EIP_ENDPOINT",
        item="/v3/{project_id}/eip/publicips/{id}",
        detach="/v3/{project_id}/eip/publicips/{id}/disassociate-instance",
        envelope="publicip",
        # EIP SDK.
        states=States(
            member="status",
            stable=("DOWN",),
            pending=(
                "PENDING_CREATE",
                "PENDING_UPDATE",
                "PENDING_DELETE",
                "BINDING",
                "NOTIFYING",
                "NOTIFY_DELETE",
            ),
        ),
        option="eips_on_delete",
        reason="because the API releases the elastic IPs along with the gateway, even those that were given by id",
    ),
    filters=(
        Filter("name", Text()),
        Filter("status", _ANY_CASE),
        Filter("enterprise_project_id", _ANY_CASE, on_server=True),
    ),
    fields=(
        Field("name", NAME, _SOURCE),
        _fixed("network_type", Choice("public", "private")),
        _fixed("attachment_type", Choice("vpc", "er")),
        _fixed("ip_version", Choice("ipv4", "ipv6"), peer="traffic_version"),
        # API reference: a gateway at an enterprise router shows only the VPC and the subnet of its access.
        _fixed("vpc_id", RESOURCE_ID, read_from="access_vpc_id"),
        _fixed("er_id", RESOURCE_ID, only_with=_ROUTER),
        Field(
            "local_subnets",
            Networks(4, 50),
            _SOURCE,
            only_with=_VPC,
            by_entries=True,
            interrupts="traffic of local subnets that are removed may be interrupted",
            peer="remote.networks",
        ),
        Field(
            "local_subnets_v6",
            Networks(6, 50),
            "help pages, SDK",
            only_with=_VPC,
            by_entries=True,
            interrupts="traffic of local subnets that are removed may be interrupted",
            peer="remote.networks",
        ),
        _fixed("connect_subnet", RESOURCE_ID, read_from="access_subnet_id"),
        _fixed("bgp_asn", Integer(1, 4294967295), peer="remote.asn"),
        Field(
            "flavor",
            Choice(*FLAVORS, exact=False),
            _SOURCE,
            change=ByAction("update_specification"),
            targets="supported_flavors",
            interrupts="the tunnels of the gateway may be interrupted while its flavor changes",
        ),
        _fixed("availability_zone_ids", TextSet()),
        Field(
            "enterprise_project_id",
            Text(minimum=1, maximum=64, any_case=True, absent="0"),
            _SOURCE,
            change=FIXED,
            remedy=_PROJECT_REMEDY,
        ),
        _eip("eip1"),
        _eip("eip2"),
        _fixed("access_vpc_id", RESOURCE_ID),
        _fixed("access_subnet_id", RESOURCE_ID),
        _fixed("ha_mode", Choice("active-active", "active-standby")),
        _fixed("access_private_ip_1", _IPV4, only_with=_PRIVATE),
        _fixed("access_private_ip_2", _IPV4, only_with=_PRIVATE),
        Field(
            "policy_template",
            Object(
                Field(
                    "ike_policy",
                    Object(
                        _template("encryption_algorithm", _ENCRYPTION),
                        _template("dh_group", Choice(*_GROUPS)),
                        _template("authentication_algorithm", _AUTHENTICATION),
                        _template("lifetime_seconds", Integer(60, 604800)),
                    ),
                    "help pages, SDK",
                ),
                Field(
                    "ipsec_policy",
                    Object(
                        _template("encryption_algorithm", _ENCRYPTION),
                        _template("pfs", Choice("disable", *_GROUPS)),
                        _template("authentication_algorithm", _AUTHENTICATION),
                        _template("lifetime_seconds", Integer(30, 604800)),
                    ),
                    "help pages, SDK",
                ),
            ),
            "help pages, SDK",
        ),
        Field("tags", TAGS, _SOURCE, change=BY_TAGS),
        _read_only("status"),
        _read_only("certificate_id"),
        _read_only("er_attachment_id"),
        _read_only("public_border_group"),
        _read_only("connection_number", "int"),
        _read_only("used_connection_number", "int"),
        _read_only("used_connection_group", "int"),
        _read_only("created_at"),
        _read_only("applied_at"),
        _read_only("updated_at"),
        _read_only("lock_status", "int"),
        _read_only("supported_flavors", "list"),
        _read_only("supported_features", "list"),
        _read_only("upgrade_info"),
        _read_only("master_eip", "dict"),
        _read_only("slave_eip", "dict"),
        _read_only("high_availability", "bool"),
    ),
    constraints=(
        ExistsWith("local_subnets", "ip_version", "ipv4", default="ipv4"),
        ExistsWith("local_subnets_v6", "ip_version", "ipv6", default="ipv4"),
        Needs("access_vpc_id", "access_subnet_id"),
        MustAgree("vpc_id", "access_vpc_id", "attachment_type", "er"),
        MustAgree("connect_subnet", "access_subnet_id", "attachment_type", "er"),
        RequiredTogether("access_private_ip_1", "access_private_ip_2"),
        MustDiffer("access_private_ip_1", "access_private_ip_2"),
        MustDiffer("eip1.id", "eip2.id"),
        # User guide: the flavor Basic.
        RequiresValue("flavor", ("Basic",), "network_type", ("public",)),
        RequiresValue("flavor", ("Basic",), "attachment_type", ("vpc",)),
        # API reference: an elastic IP that exists, or a new one with a bandwidth of its own or a shared one.
        Excludes("eip1.id", "eip1.type", "eip1.charge_mode", "eip1.bandwidth_size", "eip1.bandwidth_id"),
        Excludes("eip2.id", "eip2.type", "eip2.charge_mode", "eip2.bandwidth_size", "eip2.bandwidth_id"),
        Needs("eip1.type", "eip1.bandwidth_size", "eip1.bandwidth_id"),
        Needs("eip2.type", "eip2.bandwidth_size", "eip2.bandwidth_id"),
        Needs("eip1.bandwidth_size", "eip1.charge_mode", "eip1.bandwidth_id"),
        Needs("eip2.bandwidth_size", "eip2.charge_mode", "eip2.bandwidth_id"),
    ),
    # API reference, "Error Codes": there is no such gateway.
    absent=((404, "VPN.0509"),),
    wait_timeout=900,
)
