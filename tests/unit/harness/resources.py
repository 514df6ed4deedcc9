# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tables of resources that only tests manage: one of each sort that generic code has to serve.

They show that a new resource is a table. Their facts are those of the API's contract as far as the tests need them.
"""

from __future__ import annotations

from ansible_collections.huaweicloud.vpn.plugins.module_utils._resources._common import ID_PATTERN, RESOURCE_ID, TAGS
from ansible_collections.huaweicloud.vpn.plugins.module_utils._schema.behavior import Identity, States
from ansible_collections.huaweicloud.vpn.plugins.module_utils._schema.fields import (
    BY_TAGS,
    FIXED,
    READ_ONLY,
    TAGS_CREATE,
    TAGS_DELETE,
    ByAction,
    Field,
    Required,
)
from ansible_collections.huaweicloud.vpn.plugins.module_utils._schema.kinds import (
    Choice,
    Integer,
    Object,
    ReadOnly,
    Text,
    TextSet,
)
from ansible_collections.huaweicloud.vpn.plugins.module_utils._schema.networks import Networks
from ansible_collections.huaweicloud.vpn.plugins.module_utils._schema.resource import Resource

SOURCE = "family contract"


def tag_operations(resource_type: str) -> dict[str, str]:
    path = f"/v5/{{project_id}}/{resource_type}/{{id}}/tags/"
    return {TAGS_CREATE: path + "create", TAGS_DELETE: path + "delete"}


# Its changes are done once they are answered, and it has a write-only member inside another one.
SYNCHRONOUS = Resource(
    name="customer_gateway",
    plural="customer_gateways",
    noun="customer gateway",
    collection="/v5/{project_id}/customer-gateways",
    item="/v5/{project_id}/customer-gateways/{id}",
    actions=tag_operations("customer-gateway"),
    identity=Identity(aliases=("customer_gateway_id",), pattern=ID_PATTERN, pattern_text="a customer gateway's id"),
    required=(Required("name"), Required("id_value")),
    likeness=("id_type", "id_value"),
    likeness_defaults={"id_type": "ip"},
    fields=(
        Field("name", Text(minimum=1, maximum=64), SOURCE),
        Field("id_type", Choice("ip", "fqdn"), SOURCE, change=FIXED),
        Field("id_value", Text(minimum=1, maximum=128), SOURCE, change=FIXED),
        Field("bgp_asn", Integer(1, 4294967295), SOURCE, change=FIXED),
        Field(
            "ca_certificate",
            Object(
                Field("id", RESOURCE_ID, SOURCE),
                Field("content", Text(minimum=1, maximum=8192), SOURCE, write_only=True),
                Field("serial_number", ReadOnly("str"), SOURCE, change=READ_ONLY),
            ),
            SOURCE,
        ),
        Field("tags", TAGS, SOURCE, change=BY_TAGS),
        Field("created_at", ReadOnly("str"), SOURCE, change=READ_ONLY),
    ),
)

# Found by what it belongs to: without a name, tags and PUT; its absence is told by a pair of status and code.
NAMELESS = Resource(
    name="connection_monitor",
    plural="connection_monitors",
    noun="connection monitor",
    collection="/v5/{project_id}/connection-monitors",
    item="/v5/{project_id}/connection-monitors/{id}",
    identity=Identity(
        aliases=(), pattern=ID_PATTERN, pattern_text="a monitor's id", name=None, parent="vpn_connection_id"
    ),
    states=States(member="status", stable=("ACTIVE",), pending=("PENDING_CREATE",), deleting=("PENDING_DELETE",)),
    required=(Required("vpn_connection_id"),),
    likeness=("vpn_connection_id",),
    absent=((400, "VPN.0001"),),
    fields=(
        Field("vpn_connection_id", RESOURCE_ID, SOURCE, change=FIXED),
        Field("proto_type", ReadOnly("str"), SOURCE, change=READ_ONLY),
        Field("status", ReadOnly("str"), SOURCE, change=READ_ONLY),
    ),
    wait_timeout=60,
)

# Slow, with other names on the way in and out, a set of texts, a member that has an operation of its own, a list that may
# be emptied, and deletion while it is frozen.
WIDE = Resource(
    name="vpn_gateway",
    plural="vpn_gateways",
    noun="VPN gateway",
    collection="/v5/{project_id}/vpn-gateways",
    item="/v5/{project_id}/vpn-gateways/{id}",
    actions={
        **tag_operations("vpn-gateway"),
        "update_specification": "/v5/{project_id}/vpn-gateways/{id}/update-specification",
    },
    identity=Identity(aliases=("vpn_gateway_id",), pattern=ID_PATTERN, pattern_text="a gateway's id"),
    states=States(
        member="status",
        stable=("ACTIVE",),
        pending=("PENDING_CREATE", "PENDING_UPDATE"),
        deleting=("PENDING_DELETE",),
        failed=("FAULT",),
        frozen=("FREEZED",),
        deletable_when_frozen={"lock_status": 1},
    ),
    required=(Required("name"), Required("local_subnets")),
    likeness=("flavor",),
    likeness_defaults={"flavor": "professional1"},
    absent=((404, "VPN.0509"),),
    fields=(
        Field("name", Text(minimum=1, maximum=64), SOURCE),
        Field("flavor", Text(any_case=True), SOURCE, change=ByAction("update_specification")),
        Field("network_type", Choice("public", "private"), SOURCE, change=FIXED),
        Field("attachment_type", Choice("vpc", "er"), SOURCE, change=FIXED),
        Field("vpc_id", RESOURCE_ID, SOURCE, change=FIXED, read_from="access_vpc_id"),
        Field("connect_subnet", RESOURCE_ID, SOURCE, change=FIXED),
        Field("local_subnets", Networks(4, 50), SOURCE, clearable=True),
        Field("availability_zone_ids", TextSet(2), SOURCE, change=FIXED),
        Field("eip1", Object(Field("id", RESOURCE_ID, SOURCE, update_as="eip_id_1")), SOURCE),
        Field("eip2", Object(Field("id", RESOURCE_ID, SOURCE, update_as="eip_id_2")), SOURCE),
        Field("tags", TAGS, SOURCE, change=BY_TAGS),
        Field("status", ReadOnly("str"), SOURCE, change=READ_ONLY),
        Field("lock_status", ReadOnly("int"), SOURCE, change=READ_ONLY),
    ),
    wait_timeout=900,
)

TEST_RESOURCES = (SYNCHRONOUS, NAMELESS, WIDE)
