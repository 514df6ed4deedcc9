# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The shell around the functions: the only place that knows AnsibleModule. Private to this collection; no stable interface."""

from __future__ import annotations

import gc
import os

from ansible.module_utils.basic import AnsibleModule, missing_required_lib

from ansible_collections.huaweicloud.vpn.plugins.module_utils._http.client import REQUESTS_PROBLEM, user_agent
from ansible_collections.huaweicloud.vpn.plugins.module_utils._errors import InvalidInput
from ansible_collections.huaweicloud.vpn.plugins.module_utils._lifeline import module_lost
from ansible_collections.huaweicloud.vpn.plugins.module_utils._masking import masker
from ansible_collections.huaweicloud.vpn.plugins.module_utils._plan import MASK
from ansible_collections.huaweicloud.vpn.plugins.module_utils._execute import read_input, execute, failure
from ansible_collections.huaweicloud.vpn.plugins.module_utils._clock import Clock


class _Module(AnsibleModule):
    """AnsibleModule with the front door before the argument specification.

    Core reports only the first error of a specification, takes an empty string for a wrong integer and does not say
    where a value came from. The arguments therefore pass the front door first; core sees what is left of them.
    """

    def __init__(self, operation, resource):
        self.operation = operation
        self.resource = resource
        self.task_input = None
        self.refusal = None
        super().__init__(argument_spec=operation.argument_spec(resource), supports_check_mode=True)

    def _load_params(self):
        super()._load_params()
        internal = {name: value for name, value in self.params.items() if name.startswith("_ansible_")}
        given = {name: value for name, value in self.params.items() if name not in internal}
        try:
            self.task_input = read_input(self.operation, self.resource, given, os.environ)
            self.params = dict(self.task_input.logged(self.resource, internal.get("_ansible_verbosity", 0)), **internal)
        except InvalidInput as refusal:
            self.refusal = refusal
            # Core would complain of missing options before we can say what is wrong.
            spec = self.operation.argument_spec(self.resource)
            self.params = dict(internal, **{name: [] for name, option in spec.items() if option.get("required")})


    def _log_invocation(self):
        # An option that is no secret may quote one. Core has validated by now, and from here on only shows the parameters.
        if self.task_input is not None:
            self.params = masker(self.task_input.secrets)(self.params)
        super()._log_invocation()


def run_module(operation, resource):
    """Run one operation on one resource as a module.

    :arg operation: a module of this collection with C(argument_spec), C(enter) and C(perform), such as _run.
    :arg resource: a C(Resource) from _resources.
    """
    lost = module_lost()
    module = _Module(operation, resource)
    # The parameters hold masks where secrets were; core takes them for secrets, and would mask the mask.
    module.no_log_values.discard(MASK)
    if module.refusal is not None:
        module.fail_json(**failure(module.refusal))
    if REQUESTS_PROBLEM is not None:
        module.fail_json(msg=missing_required_lib("requests"), exception=REQUESTS_PROBLEM)
    try:
        result = execute(
            operation, resource, module.task_input, module.check_mode, module._diff, Clock(),
            user_agent(module.ansible_version), lost)
    except KeyboardInterrupt:
        result = {
            "failed": True, "msg": "the task was interrupted; nothing more is sent; run it again to finish what it began"}
    # The process ends here. Without this Python would first walk through all it has imported, to free it piece by piece.
    gc.freeze()
    for warning in result.pop("warnings", ()):
        module.warn(warning)
    if result.pop("failed", False):
        module.fail_json(**result)
    module.exit_json(**result)
