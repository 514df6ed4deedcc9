# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The customer gateway, as far as it is read. Private to this collection; no stable interface.

Source: API reference, "Querying a Specified Customer Gateway" and "Querying the Customer Gateway List".
"""

from __future__ import annotations

from ansible_collections.huaweicloud.vpn.plugins.module_utils._resources._common import ID_PATTERN, TAGS
from ansible_collections.huaweicloud.vpn.plugins.module_utils._schema.fields import (
    BY_TAGS,
    TAGS_CREATE,
    TAGS_DELETE,
    Field,
    Filter,
    Identity,
    Resource,
)
from ansible_collections.huaweicloud.vpn.plugins.module_utils._schema.kinds import Text

CUSTOMER_GATEWAY = Resource(
    name="customer_gateway",
    plural="customer_gateways",
    noun="customer gateway",
    collection="/v5/{project_id}/customer-gateways",
    item="/v5/{project_id}/customer-gateways/{id}",
    actions={
        TAGS_CREATE: "/v5/{project_id}/customer-gateway/{id}/tags/create",
        TAGS_DELETE: "/v5/{project_id}/customer-gateway/{id}/tags/delete",
    },
    identity=Identity(
        aliases=("cgw_id", "customer_gateway_id"),
        pattern=ID_PATTERN,
        pattern_text="the 36 characters of a customer gateway's id",
    ),
    filters=(Filter("name", Text()), Filter("id_value", Text(any_case=True))),
    fields=(Field("tags", TAGS, "API reference", change=BY_TAGS),),
)
