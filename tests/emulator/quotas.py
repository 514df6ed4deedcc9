# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Quotas. API contract, section 14: Quotas; family contract, section 5: Quotas."""

from __future__ import annotations

import typing as t

from .calls import Answer, Call, operation
from .errors import ApiError
from .items import Shelf


def _used(call: Call) -> dict[str, tuple[int, Shelf[t.Any]]]:
    store, settings = call.store, call.settings
    return {
        "customer_gateway": (settings.customer_gateway_quota, store.customer_gateways),
        "vpn_connection": (settings.connection_quota, store.connections),
        "vpn_gateway": (settings.gateway_quota, store.gateways),
    }


def check(call: Call, kind: str) -> None:
    """Refuse a new resource if it would exceed the quota of the project."""
    quota, shelf = _used(call)[kind]
    if len(shelf.living()) >= quota:
        head, *rest = kind.split("_")
        name = head + "".join(part.title() for part in rest)
        raise ApiError(call.settings.quota_code, f"invalid request: the quota of {name} is exceeded")


@operation("showQuotas")
def show_quotas(call: Call) -> Answer:
    """Quota and current number of each kind of resource in the project."""
    shown = []
    for kind, (quota, shelf) in _used(call).items():
        counted = [
            item
            for item in shelf.living()
            if call.settings.quota_counts == "all" or item.pending() not in ("create", "delete")
        ]
        shown.append({"type": kind, "quota": quota, "used": len(counted)})
    return Answer(200, {"quotas": {"resources": shown}})
