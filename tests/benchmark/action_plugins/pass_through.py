# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An action plugin that does nothing: it takes the arguments of the task and returns what another task returned.

With it, the same play costs what the play costs without our work: Ansible's start, the variables, the templating of the
arguments, the worker process, and the handling of the result.
"""

from __future__ import annotations

import json

from ansible.plugins.action import ActionBase


class ActionModule(ActionBase):
    """Return the result that was recorded in a file."""

    def run(self, tmp=None, task_vars=None):
        super().run(tmp, task_vars)
        with open(self._task.args["recorded"], encoding="utf-8") as file:
            return json.load(file)
