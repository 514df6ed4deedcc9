# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The customer gateway as a table: every API fact about it, once. Private to this collection; no stable interface.

Sources, by short name: `API reference` and `user guide` are the Enterprise Edition VPN documents of Open Telekom Cloud;
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
    tag_actions,
)
from ansible_collections.huaweicloud.vpn.plugins.module_utils._resources.quota import QUOTAS
from ansible_collections.huaweicloud.vpn.plugins.module_utils._schema.behavior import Dependent, Filter, Identity
from ansible_collections.huaweicloud.vpn.plugins.module_utils._schema.constraints import (
    DeviceAddress,
    Excludes,
    IkeIdFormat,
)
from ansible_collections.huaweicloud.vpn.plugins.module_utils._schema.fields import (
    BY_TAGS,
    FIXED,
    READ_ONLY,
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
)
from ansible_collections.huaweicloud.vpn.plugins.module_utils._schema.resource import Resource

# API reference, "Updating a Customer Gateway": whoever needs other values creates another one.
_REMEDY = "create another customer gateway, and set cgw_id of its connections to that"


def _fixed(name: str, kind: Kind, source: str, peer: str, only_with: OnlyWith | None = None) -> Field:
    return Field(name, kind, source, change=FIXED, only_with=only_with, remedy=_REMEDY, peer=peer)


def _read_only(name: str, option_type: str = "str") -> Field:
    return Field(name, ReadOnly(option_type), "API reference, SDK", change=READ_ONLY)


CUSTOMER_GATEWAY = Resource(
    name="customer_gateway",
    plural="customer_gateways",
    noun="customer gateway",
    collection="/v5/{project_id}/customer-gateways",
    item="/v5/{project_id}/customer-gateways/{id}",
    actions=tag_actions("customer-gateway"),
    identity=Identity(
        aliases=("cgw_id", "customer_gateway_id"),
        pattern=ID_PATTERN,
        pattern_text="the 36 characters of a customer gateway's id",
    ),
    required=(Required("name"), Required("id_value")),
    # Not id_type: the list leaves it out for some, and id_value tells them apart.
    likeness=("id_value", "bgp_asn"),
    likeness_text="with this id_value",
    lists_whole=True,
    quota=Quota(QUOTAS, "customer_gateway"),
    dependents=(
        Dependent(
            "VPN connection",
            "vpn_connections",
            CONNECTIONS,
            "cgw_id",
            remedy="delete them first, or set their cgw_id to another customer gateway",
        ),
    ),
    filters=(Filter("name", Text()), Filter("id_value", Text(any_case=True))),
    fields=(
        Field("name", NAME, "API reference"),
        _fixed("id_type", Choice("ip", "fqdn"), "API reference; help pages for fqdn", "local.id_type"),
        _fixed("id_value", Text(minimum=1, maximum=128), "API reference", "local.id"),
        _fixed(
            "bgp_asn",
            Integer(1, 4294967295),
            "API reference",
            "local.asn",
            only_with=OnlyWith("id_type", ("ip",), "ip"),
        ),
        Field(
            "ca_certificate",
            Object(
                Field("id", RESOURCE_ID, "help pages, SDK"),
                Field("content", Text(minimum=1, maximum=8192), "help pages, SDK", write_only=True),
                _read_only("serial_number"),
                _read_only("signature_algorithm"),
                _read_only("issuer"),
                _read_only("subject"),
                _read_only("expire_time"),
                _read_only("is_updatable", "bool"),
            ),
            "help pages, SDK",
        ),
        Field("tags", TAGS, "API reference", change=BY_TAGS),
        _read_only("created_at"),
        _read_only("updated_at"),
        _read_only("ip"),
        _read_only("route_mode"),
    ),
    constraints=(
        IkeIdFormat("id_type", "id_value", "ip", "fqdn", FQDN_PATTERN, FQDN_TEXT),
        # API reference, "Error Codes", VPN.0204.
        DeviceAddress("id_value"),
        Excludes("ca_certificate.id", "ca_certificate.content"),
    ),
)
