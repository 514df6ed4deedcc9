# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The quotas of a project. Private to this collection; no stable interface.

Source: API reference, "Querying VPN Quotas".
"""

from __future__ import annotations

from ansible_collections.huaweicloud.vpn.plugins.module_utils._schema.catalog import Catalog, Rest, Source

QUOTAS = Catalog(
    plural="vpn_quotas",
    noun="quota",
    sources=(Source("/v5/{project_id}/vpn/quotas", ("quotas", "resources")),),
    rest=Rest("free", "quota", "used"),
)
