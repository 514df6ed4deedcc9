# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The front end for modules, which alone knows AnsibleModule. Private to this collection; no stable interface."""

from __future__ import annotations

import gc
import os
from typing import Any

from ansible.module_utils.basic import AnsibleModule, missing_required_lib

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
from ansible_collections.huaweicloud.vpn.plugins.module_utils._lifeline import Lost, module_lost
from ansible_collections.huaweicloud.vpn.plugins.module_utils._masking import masker
from ansible_collections.huaweicloud.vpn.plugins.module_utils._schema.resource import Resource
from ansible_collections.huaweicloud.vpn.plugins.module_utils._secrets import MASK


class _Module(AnsibleModule):
    """AnsibleModule with our input validation before its own.

    AnsibleModule reports only the first error of an argument specification, takes an empty string for a wrong integer
    and does not report where a value came from. The arguments are therefore validated first; AnsibleModule then sees
    the validated ones.

    Attributes:
        operation: What to run.
        resource: A table from `_resources`.
        entered: The validated arguments, or what is wrong with them.
        params: The arguments as Ansible sees them, with keys of its own that begin with `_ansible_`.
    """

    entered: TaskInput | InvalidInput
    params: dict[str, Any]

    def __init__(self, operation: Operation, resource: Resource) -> None:
        self.operation = operation
        self.resource = resource
        super().__init__(argument_spec=operation.argument_spec(resource), supports_check_mode=True)

    def _load_params(self) -> None:
        super()._load_params()
        internal = {name: value for name, value in self.params.items() if name.startswith("_ansible_")}
        given = {name: value for name, value in self.params.items() if name not in internal}
        try:
            self.entered = read_input(self.operation, self.resource, given, os.environ)
            self.params = dict(self.entered.logged(self.resource, internal.get("_ansible_verbosity", 0)), **internal)
        except InvalidInput as refusal:
            self.entered = refusal
            # AnsibleModule would report missing options before we can report what is wrong.
            spec = self.operation.argument_spec(self.resource)
            self.params = dict(internal, **{name: [] for name, option in spec.items() if option.get("required")})

    def _log_invocation(self) -> None:
        # An option that is not secret may quote a secret. Validation is complete here; from now on parameters are only
        # displayed.
        if isinstance(self.entered, TaskInput):
            self.params = masker(self.entered.secrets)(self.params)
        super()._log_invocation()


def run_module(operation: Operation, resource: Resource) -> None:
    """Run one operation on one resource as a module; ends the process.

    Args:
        operation: What to run.
        resource: A table from `_resources`.
    """
    lost = module_lost()
    module = _Module(operation, resource)
    # The parameters hold masks in place of secrets. AnsibleModule takes these for secrets, and would mask the mask.
    module.no_log_values.discard(MASK)
    result = _result(module, lost)
    # The process ends here. Without this Python would first walk through everything it has imported, to free it.
    gc.freeze()
    for warning in result.pop("warnings", ()):
        module.warn(warning)
    if result.pop("failed", False):
        module.fail_json(**result)
    module.exit_json(**result)


def _result(module: _Module, lost: Lost) -> Result:
    """Do what a task asks for, and return its result; a failure is a result too."""
    if isinstance(module.entered, InvalidInput):
        return failure(module.entered)
    if REQUESTS_PROBLEM is not None:
        return {"failed": True, "msg": missing_required_lib("requests"), "exception": REQUESTS_PROBLEM}
    try:
        return execute(
            module.operation,
            module.resource,
            module.entered,
            module.check_mode,
            module._diff,
            Clock(),
            user_agent(module.ansible_version),
            lost,
        )
    except KeyboardInterrupt:
        message = "the task was interrupted; nothing more is sent; run it again to finish what it began"
        return {"failed": True, "msg": message}
