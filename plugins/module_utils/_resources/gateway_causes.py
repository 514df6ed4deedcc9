# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the state of a VPN gateway means for its tunnels. Private to this collection; no stable interface.

Source: API reference, the states of a gateway. The repair of an abnormal one is not published.
"""

from __future__ import annotations

from ansible_collections.huaweicloud.vpn.plugins.module_utils._schema.causes import CLOUD, Diagnosis, Signal

GATEWAY_DIAGNOSIS = Diagnosis(
    signals=(
        Signal(
            "gateway frozen",
            "state",
            "the gateway is frozen, because of arrears or by the vendor",
            "pay the outstanding balance, or contact the vendor; a gateway with lock_status 2 cannot even be deleted",
            CLOUD,
            status=("FREEZED",),
            first=True,
        ),
        Signal(
            "gateway abnormal",
            "state",
            "the gateway is abnormal; its connections may still pass traffic",
            "contact support with the request IDs",
            CLOUD,
            suggested=True,
            status=("FAULT",),
            first=True,
        ),
    ),
)
