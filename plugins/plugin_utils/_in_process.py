# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The front end that runs a task inside the controller's process. Private to this collection; no stable interface.

Starting a module takes a third of a second and more. When the target is the controller itself nothing is gained by
that, so the same function is called directly; everywhere else the task goes to the module, unchanged.
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
from typing import Any, Iterator, Mapping

from ansible import constants
from ansible.module_utils.common import json as core_json
from ansible.plugins.action import ActionBase
from ansible.release import __version__ as ansible_version

from ansible_collections.huaweicloud.vpn.plugins.module_utils._clock import Clock
from ansible_collections.huaweicloud.vpn.plugins.module_utils._errors import InvalidInput
from ansible_collections.huaweicloud.vpn.plugins.module_utils._execute import (
    Operation,
    Result,
    execute,
    failure,
    read_input,
)
from ansible_collections.huaweicloud.vpn.plugins.module_utils._http.transport import REQUESTS_PROBLEM, user_agent
from ansible_collections.huaweicloud.vpn.plugins.module_utils._input.validation import TaskInput
from ansible_collections.huaweicloud.vpn.plugins.module_utils._lifeline import parent_lost
from ansible_collections.huaweicloud.vpn.plugins.module_utils._masking import masker
from ansible_collections.huaweicloud.vpn.plugins.module_utils._schema.resource import Resource


def _encoding() -> dict[str, Any]:
    """Return the keywords by which `json.dumps` encodes like Ansible for a module: without vaults and tags."""
    if hasattr(core_json, "get_module_encoder"):
        return {"cls": core_json.get_module_encoder("legacy", core_json.Direction.CONTROLLER_TO_MODULE)}
    # ansible-core before 2.19
    return {"cls": core_json.AnsibleJSONEncoder, "vault_to_text": True}


ENCODING = _encoding()
# The setting of ansible-core that decides whether results hold the arguments of the task; older releases have none.
INVOCATION = "INJECT_INVOCATION"
INVOCATION_IS_A_CHOICE = INVOCATION in constants.config.get_configuration_definitions()


@contextlib.contextmanager
def _without_inherited_heap() -> Iterator[None]:
    """Exclude the objects that exist already from garbage collection.

    The process of a task starts with everything the controller holds, and each full collection would walk through it.
    """
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


class InProcessAction(ActionBase):
    """The base of the action plugins, which only set the two attributes.

    Attributes:
        operation: What to run.
        resource: A table from `_resources`.
    """

    operation: Operation
    resource: Resource

    _supports_async = True
    _supports_check_mode = True

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> Result:
        """Run the task, here or as a module, and return its result.

        Args:
            tmp: Not used; part of the interface of action plugins.
            task_vars: The variables of the task.
        """
        super().run(tmp, task_vars)
        if not self._runs_here(task_vars or {}):
            wrap_async = self._task.async_val and not self._connection.has_native_async
            result: Result = self._execute_module(task_vars=task_vars, wrap_async=wrap_async)
            return result
        with _without_inherited_heap():
            return self._result(task_vars)

    def _result(self, task_vars: dict[str, Any] | None) -> Result:
        arguments = json.loads(json.dumps(self._task.args, **ENCODING))
        try:
            task_input = read_input(self.operation, self.resource, arguments, os.environ)
        except InvalidInput as refusal:
            return failure(refusal)
        result = execute(
            self.operation,
            self.resource,
            task_input,
            self._task.check_mode,
            self._task.diff,
            Clock(),
            user_agent(ansible_version),
            parent_lost(),
        )
        if not INVOCATION_IS_A_CHOICE or constants.config.get_config_value(INVOCATION, variables=task_vars):
            result["invocation"] = {"module_args": self._shown(task_input)}
        return result

    def _shown(self, task_input: TaskInput) -> dict[str, Any]:
        """Return the options as Ansible shows them: every one there is, null where it is not given."""
        given = task_input.logged(self.resource, self._display.verbosity)
        options = {name: given.get(name) for name in self.operation.argument_spec(self.resource)}
        # An option that is not secret may quote a secret.
        masked: dict[str, Any] = masker(task_input.secrets)(options)
        return masked

    def _runs_here(self, task_vars: Mapping[str, Any]) -> bool:
        """Return whether the target of the task is the controller itself, as this process is."""
        return (
            REQUESTS_PROBLEM is None
            and self._connection.transport == "local"
            and not self._play_context.become
            and not self._task.async_val
            and not any(self._task.environment or ())
            and self._same_interpreter(task_vars)
        )

    def _same_interpreter(self, task_vars: Mapping[str, Any]) -> bool:
        """Return whether a module would run in the Python that runs this."""
        host_vars = task_vars
        if self._task.delegate_to:
            host_vars = (task_vars.get("ansible_delegated_vars") or {}).get(self._task.delegate_to) or task_vars
        wanted = self._templar.template(host_vars.get("ansible_python_interpreter"))
        if not wanted or str(wanted).startswith("auto"):
            return True
        here = self._templar.template(task_vars.get("ansible_playbook_python"))
        return bool(wanted == here) or os.path.abspath(str(wanted)) == os.path.abspath(str(here))
