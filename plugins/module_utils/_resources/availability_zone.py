# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The availability zones for VPN gateways. Private to this collection; no stable interface.

Sources: help pages, "Querying the AZs of a VPN Gateway" V5.1 and V5; API reference for V5.
"""

from __future__ import annotations

from ansible_collections.huaweicloud.vpn.plugins.module_utils._resources._common import FLAVORS
from ansible_collections.huaweicloud.vpn.plugins.module_utils._schema.behavior import Filter
from ansible_collections.huaweicloud.vpn.plugins.module_utils._schema.catalog import Catalog, Pivot, Source
from ansible_collections.huaweicloud.vpn.plugins.module_utils._schema.kinds import Text

_MEMBER = "availability_zones"
_ANY_CASE = Text(any_case=True)

AVAILABILITY_ZONES = Catalog(
    plural="vpn_availability_zones",
    noun="availability zone",
    sources=(
        Source("/v5.1/{project_id}/vpn-gateways/availability-zones", (_MEMBER,)),
        # Not all clouds have V5.1. The older list knows IPv4 only, and writes most flavors in lower case.
        Source(
            "/v5/{project_id}/vpn-gateways/availability-zones",
            (_MEMBER,),
            Pivot("name", "available_specs", ("flavor", "attachment_type"), {"ip_version": "ipv4"}, FLAVORS),
        ),
    ),
    filters=(Filter("flavor", _ANY_CASE), Filter("attachment_type", _ANY_CASE), Filter("ip_version", _ANY_CASE)),
    inner="available_specs",
)
