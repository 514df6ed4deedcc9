# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The customer gateway, as far as it is read. Private to this collection; no stable interface.

Source: API reference, "Querying a Specified Customer Gateway" and "Querying the Customer Gateway List".
"""

from __future__ import annotations

from ansible_collections.huaweicloud.vpn.plugins.module_utils._fields import BY_TAGS, Field, Filter, Identity, Resource, Text
from ansible_collections.huaweicloud.vpn.plugins.module_utils._resources._common import TAGS

CUSTOMER_GATEWAY = Resource(
    name="customer_gateway",
    plural="customer_gateways",
    noun="customer gateway",
    collection="/v5/{project_id}/customer-gateways",
    item="/v5/{project_id}/customer-gateways/{id}",
    identity=Identity(
        id="id",
        id_aliases=("cgw_id", "customer_gateway_id"),
        id_pattern=r"[0-9A-Za-z-]{36}",
        id_text="the 36 characters of a customer gateway's id",
        name="name",
        parent=None,
    ),
    filters=(Filter("name", Text()), Filter("id_value", Text(any_case=True))),
    fields=(Field("tags", TAGS, "API reference", change=BY_TAGS),),
)
