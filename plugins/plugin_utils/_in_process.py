# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The shell that runs a task inside the controller's process. Private to this collection; no stable interface.

Starting a module costs a third of a second and more. When the target is the controller itself nothing is gained by it, so
the same function is called right here; everywhere else the task is handed over to the module, unchanged.
"""

from __future__ import annotations

import contextlib
import gc
import json
import os

from ansible import constants
from ansible.module_utils.common import json as core_json
from ansible.plugins.action import ActionBase
from ansible.release import __version__ as ansible_version

from ansible_collections.huaweicloud.vpn.plugins.module_utils._http.client import REQUESTS_PROBLEM, user_agent
from ansible_collections.huaweicloud.vpn.plugins.module_utils._errors import InvalidInput
from ansible_collections.huaweicloud.vpn.plugins.module_utils._lifeline import parent_lost
from ansible_collections.huaweicloud.vpn.plugins.module_utils._masking import masker
from ansible_collections.huaweicloud.vpn.plugins.module_utils._execute import read_input, execute, failure
from ansible_collections.huaweicloud.vpn.plugins.module_utils._clock import Clock


def _encoding():
    """Return how core turns arguments into JSON for a module (keywords of json.dumps): vault values decrypted, tags dropped."""
    if hasattr(core_json, "get_module_encoder"):
        return {"cls": core_json.get_module_encoder("legacy", core_json.Direction.CONTROLLER_TO_MODULE)}
    return {"cls": core_json.AnsibleJSONEncoder, "vault_to_text": True}


ENCODING = _encoding()
INVOCATION = "INJECT_INVOCATION"
INVOCATION_IS_A_CHOICE = INVOCATION in constants.config.get_configuration_definitions()


@contextlib.contextmanager
def _heap_of_our_own():
    """Keep the garbage collector off what was there before.

    The process of a task is born with everything the controller holds, and each full collection would walk through all of that.
    """
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


class InProcessAction(ActionBase):
    """An action plugin is this class with two attributes.

    :cvar operation: a module of this collection with C(argument_spec), C(enter) and C(perform), such as _run.
    :cvar resource: a C(Resource) from _resources.
    """

    operation = None
    resource = None

    _supports_async = True
    _supports_check_mode = True

    def run(self, tmp=None, task_vars=None):
        super().run(tmp, task_vars)
        if not self._runs_here(task_vars or {}):
            return self._execute_module(task_vars=task_vars, wrap_async=self._task.async_val and not self._connection.has_native_async)
        with _heap_of_our_own():
            return self._result(task_vars)

    def _result(self, task_vars):
        arguments = json.loads(json.dumps(self._task.args, **ENCODING))
        try:
            task_input = read_input(self.operation, self.resource, arguments, os.environ)
        except InvalidInput as refusal:
            return failure(refusal)
        result = execute(
            self.operation, self.resource, task_input, self._task.check_mode, self._task.diff, Clock(), user_agent(ansible_version),
            parent_lost())
        if not INVOCATION_IS_A_CHOICE or constants.config.get_config_value(INVOCATION, variables=task_vars):
            shown = self._all_options(task_input.logged(self.resource, self._display.verbosity))
            # An option that is no secret may quote one.
            result["invocation"] = {"module_args": masker(task_input.secrets)(shown)}
        return result

    def _all_options(self, given):
        """Return options as core shows them: every one there is, null where it is not given (dict)."""
        return {name: given.get(name) for name in self.operation.argument_spec(self.resource)}

    def _runs_here(self, task_vars):
        """Say whether the target of the task is the controller itself, as this process is."""
        return (
            REQUESTS_PROBLEM is None
            and self._connection.transport == "local"
            and not self._play_context.become
            and not self._task.async_val
            and not any(self._task.environment or ())
            and self._same_interpreter(task_vars)
        )

    def _same_interpreter(self, task_vars):
        host_vars = task_vars
        if self._task.delegate_to:
            host_vars = (task_vars.get("ansible_delegated_vars") or {}).get(self._task.delegate_to) or task_vars
        wanted = self._templar.template(host_vars.get("ansible_python_interpreter"))
        here = self._templar.template(task_vars.get("ansible_playbook_python"))
        return not wanted or str(wanted).startswith("auto") or wanted == here or os.path.abspath(str(wanted)) == os.path.abspath(str(here))
