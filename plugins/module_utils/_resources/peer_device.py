# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The devices whose configuration the cloud can write. Private to this collection; no stable interface.

Source: help pages, "Querying the Supported Peer Devices"; the SDK 3.1.219 has other members.
"""

from __future__ import annotations

from ansible_collections.huaweicloud.vpn.plugins.module_utils._schema.catalog import Catalog, Source

PEER_DEVICES = Catalog(
    plural="vpn_peer_devices",
    noun="peer device",
    sources=(Source("/v5/{project_id}/peer-configuration/supported-devices", ("supported_devices",)),),
)
