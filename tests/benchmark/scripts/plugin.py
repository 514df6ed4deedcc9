# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Import an action plugin the way ansible-playbook would, on top of what ansible-playbook has imported already.

Usage: python -X importtime plugin.py COLLECTIONS-PATH PLUGIN

Whatever is imported after the line that says so on the standard error is the plugin's own.
"""

from __future__ import annotations

import importlib
import sys

# What Ansible has loaded before it comes to an action plugin.
BEFORE = ("ansible.cli.playbook", "ansible.executor.task_executor", "ansible.plugins.strategy.linear")


def main(collections, plugin):
    for name in BEFORE:
        importlib.import_module(name)
    sys.path.insert(0, collections)
    print("NOW THE PLUGIN", file=sys.stderr, flush=True)
    importlib.import_module(f"ansible_collections.huaweicloud.vpn.plugins.action.{plugin}")


if __name__ == "__main__":
    main(*sys.argv[1:])
