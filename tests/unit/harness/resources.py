# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tables of resources that only tests manage: one of each sort that generic code has to serve.

They show that a new resource is a table. What the collection's own tables say of the same objects is taken from these.
"""

from __future__ import annotations

from typing import Any

from ansible_collections.huaweicloud.vpn.plugins.module_utils._resources._common import NAME, RESOURCE_ID, TAGS
from ansible_collections.huaweicloud.vpn.plugins.module_utils._resources.customer_gateway import CUSTOMER_GATEWAY
from ansible_collections.huaweicloud.vpn.plugins.module_utils._resources.gateway import GATEWAY
from ansible_collections.huaweicloud.vpn.plugins.module_utils._resources.monitor import MONITOR
from ansible_collections.huaweicloud.vpn.plugins.module_utils._schema.behavior import States
from ansible_collections.huaweicloud.vpn.plugins.module_utils._schema.fields import (
    BY_TAGS,
    FIXED,
    READ_ONLY,
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


def placed(table: Resource) -> dict[str, Any]:
    """Return where the objects of a table are, and how they are found."""
    return {
        name: getattr(table, name)
        for name in ("name", "plural", "noun", "collection", "item", "actions", "identity", "absent")
    }


# Its changes are done once they are answered, and it has a write-only member inside another one.
SYNCHRONOUS = Resource(
    **placed(CUSTOMER_GATEWAY),
    required=(Required("name"), Required("id_value")),
    likeness=("id_type", "id_value"),
    likeness_defaults={"id_type": "ip"},
    fields=(
        Field("name", NAME, SOURCE),
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

# Found by what it belongs to: without a name, tags and PUT; its absence is told by a pair of status and code. It calls
# nothing of this file, because test_how_to.py makes a file of its own of it.
NAMELESS = Resource(
    name=MONITOR.name,
    plural=MONITOR.plural,
    noun=MONITOR.noun,
    collection=MONITOR.collection,
    item=MONITOR.item,
    identity=MONITOR.identity,
    states=States(member="status", stable=("ACTIVE",), pending=("PENDING_CREATE",), deleting=("PENDING_DELETE",)),
    required=(Required("vpn_connection_id"),),
    likeness=("vpn_connection_id",),
    absent=MONITOR.absent,
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
    **placed(GATEWAY),
    states=GATEWAY.states,
    wait_timeout=GATEWAY.wait_timeout,
    required=(Required("name"), Required("local_subnets")),
    likeness=("flavor",),
    likeness_defaults={"flavor": "professional1"},
    fields=(
        Field("name", NAME, SOURCE),
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
)

TEST_RESOURCES = (SYNCHRONOUS, NAMELESS, WIDE)
