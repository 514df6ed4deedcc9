# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the filters share: the way in and out of Ansible. Private to this collection; no stable interface."""

from __future__ import annotations

from typing import Any, Callable, Iterable

import ansible.template
from ansible.errors import AnsibleFilterError
from ansible.utils.display import Display

from ansible_collections.huaweicloud.vpn.plugins.module_utils._errors import InvalidInput

# How to hand values to Ansible that it must not take for templates: others may have chosen names and identities.
if not hasattr(ansible.template, "trust_as_template"):
    # before ansible-core 2.19, where every text is a template unless it is marked not to be one
    from ansible.utils.unsafe_proxy import wrap_var as inert
else:

    def inert(value: Any) -> Any:
        """Return the value as it is: a text is a template only if it is marked as one."""
        return value


def filtered(name: str, make: Callable[[], Any]) -> Any:
    """Return what a function makes, in a form that is no template.

    Args:
        name: The filter.
        make: Makes the result.

    Raises:
        AnsibleFilterError: With one sentence that says what is wrong.
    """
    try:
        return inert(make())
    except InvalidInput as refusal:
        raise AnsibleFilterError(f"huaweicloud.vpn.{name}: {refusal.line}") from None


def warn(sentences: Iterable[str]) -> None:
    """Show warnings."""
    for sentence in sentences:
        Display().warning(sentence)
