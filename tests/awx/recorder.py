# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An action plugin that stands in for any module of awx.awx: it records the arguments of the module."""

from __future__ import annotations

import json
import os

from ansible.plugins.action import ActionBase

from ansible_collections.huaweicloud.vpn.plugins.plugin_utils._in_process import ENCODING


class ActionModule(ActionBase):
    _supports_check_mode = True

    def run(self, tmp=None, task_vars=None):
        super().run(tmp, task_vars)
        record = {"module": self._task.action.rpartition(".")[2], "arguments": self._task.args}
        with open(os.environ["RECORD"], "a", encoding="utf-8") as stream:
            stream.write(json.dumps(record, **ENCODING) + "\n")
        return {"changed": True}
