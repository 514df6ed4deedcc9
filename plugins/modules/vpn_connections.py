#!/usr/bin/python

# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
"""

EXAMPLES = r"""
"""

RETURN = r"""
"""

from ansible_collections.huaweicloud.vpn.plugins.module_utils import _fleet
from ansible_collections.huaweicloud.vpn.plugins.module_utils._module import run_module
from ansible_collections.huaweicloud.vpn.plugins.module_utils._resources.connection import CONNECTION


def main():
    run_module(_fleet, CONNECTION)


if __name__ == "__main__":
    main()
