# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The VPN gateway, as far as it is read. Private to this collection; no stable interface.

Source: API reference, "Querying a Specified VPN Gateway" and "Querying the VPN Gateway List".
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

_ANY_CASE = Text(any_case=True)

GATEWAY = Resource(
    name="vpn_gateway",
    plural="vpn_gateways",
    noun="VPN gateway",
    collection="/v5/{project_id}/vpn-gateways",
    item="/v5/{project_id}/vpn-gateways/{id}",
    actions={
        TAGS_CREATE: "/v5/{project_id}/vpn-gateway/{id}/tags/create",
        TAGS_DELETE: "/v5/{project_id}/vpn-gateway/{id}/tags/delete",
    },
    identity=Identity(
        aliases=("vgw_id", "vpn_gateway_id"),
        pattern=ID_PATTERN,
        pattern_text="the 36 characters of a gateway's id",
    ),
    filters=(
        Filter("name", Text()),
        Filter("status", _ANY_CASE),
        Filter("enterprise_project_id", _ANY_CASE, on_server=True),
    ),
    fields=(Field("tags", TAGS, "API reference", change=BY_TAGS),),
    # API reference, "Error Codes": there is no such gateway.
    absent=((404, "VPN.0509"),),
)
