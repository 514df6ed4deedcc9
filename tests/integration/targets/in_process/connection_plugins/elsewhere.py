# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ansible.plugins.connection.local import Connection as LocalConnection

DOCUMENTATION = r"""
name: elsewhere
short_description: Reach this machine as if it were another
description:
  - Does what P(ansible.builtin.local#connection) does, without being it.
author: huaweicloud.vpn contributors (@huaweicloud-vpn)
extends_documentation_fragment:
  - connection_pipelining
"""


class Connection(LocalConnection):
    """The controller, over a connection that core does not know to lead there."""

    transport = "elsewhere"
