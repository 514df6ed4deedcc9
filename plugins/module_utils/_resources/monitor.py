# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The connection monitor (health check), of which a connection has at most one. Private; no stable interface.

Source: API reference, "VPN Connection Monitoring".
"""

from __future__ import annotations

from ansible_collections.huaweicloud.vpn.plugins.module_utils._resources._common import ID_PATTERN, RESOURCE_ID
from ansible_collections.huaweicloud.vpn.plugins.module_utils._schema.behavior import Identity
from ansible_collections.huaweicloud.vpn.plugins.module_utils._schema.fields import FIXED, Field
from ansible_collections.huaweicloud.vpn.plugins.module_utils._schema.resource import Resource

MONITOR = Resource(
    name="connection_monitor",
    plural="connection_monitors",
    noun="connection monitor",
    collection="/v5/{project_id}/connection-monitors",
    item="/v5/{project_id}/connection-monitors/{id}",
    identity=Identity(
        aliases=(),
        pattern=ID_PATTERN,
        pattern_text="the 36 characters of a monitor's id",
        name=None,
        parent="vpn_connection_id",
    ),
    # The vendor's Terraform provider takes the second for a monitor that is gone.
    absent=((400, "VPN.0001"),),
    fields=(Field("vpn_connection_id", RESOURCE_ID, "API reference", change=FIXED),),
)
