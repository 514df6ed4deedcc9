# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ansible_collections.huaweicloud.vpn.plugins.module_utils._resources.availability_zone import AVAILABILITY_ZONES
from ansible_collections.huaweicloud.vpn.plugins.module_utils._work import catalog
from ansible_collections.huaweicloud.vpn.plugins.plugin_utils._in_process import InProcessAction


class ActionModule(InProcessAction):
    operation = catalog
    resource = AVAILABILITY_ZONES
