# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This doc fragment is private to the collection huaweicloud.vpn and may change at any time. Do not use it elsewhere.

from __future__ import annotations


class ModuleDocFragment:
    # The attributes every module has; the module itself says how far it supports each
    DOCUMENTATION = r"""
options: {}
attributes:
  check_mode:
    description:
      - In check mode, the module reads and plans, writes nothing, and returns what a real run would change.
  diff_mode:
    description:
      - In diff mode, the module returns the state before and after the change.
  idempotent:
    description:
      - A second run with the same arguments reports no change.
      - This assumes that nobody else changes the managed settings in the meantime.
"""

    ACTIONGROUP = r"""
options: {}
attributes:
  action_group:
    description:
      - Set defaults for all modules of this collection with C(group/huaweicloud.vpn.all) in C(module_defaults).
    support: full
    membership:
      - huaweicloud.vpn.all
"""
