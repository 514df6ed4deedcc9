# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Options that lie beneath each entry of a list. Private to this collection; no stable interface.

They are validated once, and then take the place of the defaults of the argument specification. So an entry is converted
and merged in one go, however much lies beneath it.
"""

from __future__ import annotations

from typing import Any, Mapping, Sequence

from ansible_collections.huaweicloud.vpn.plugins.module_utils._input.draft import Draft
from ansible_collections.huaweicloud.vpn.plugins.module_utils._input.options import (
    convert_options,
    report_unknown,
    resolve_alias,
)
from ansible_collections.huaweicloud.vpn.plugins.module_utils._input.validation import (
    hide_fingerprint_key,
    hide_secret,
    member_errors,
    without_secret,
)
from ansible_collections.huaweicloud.vpn.plugins.module_utils._schema.behavior import ID
from ansible_collections.huaweicloud.vpn.plugins.module_utils._schema.resource import Resource

OPTION = "defaults"

Spec = Mapping[str, Any]


class Defaults:
    """What lies beneath each entry.

    Args:
        resource: The table.
        spec: The argument specification of an entry.
        draft: The task, whose option is taken out of it; what is wrong with it goes to its problems.
        parent: What all objects of the task belong to; None where the task does not say.

    Attributes:
        names: The options that are given, refused ones too.
        valid: Whether nothing is wrong with them.
    """

    def __init__(self, resource: Resource, spec: Spec, draft: Draft, parent: str | None) -> None:
        given = draft.options.pop(OPTION, {})
        problems: list[str] = []
        self.resource = resource
        self.options = _converted(resource, spec, given, draft, problems, parent)
        self.names = set(given).union(self.options)
        self.valid = not problems
        draft.problems += problems
        if given:
            draft.shown[OPTION] = without_secret(resource, given)
        if not self.valid:
            # An entry is told what is wrong with it, not once more what is wrong here.
            members = resource.options()
            self.options = {name: value for name, value in self.options.items() if name not in members}
        self._free = [name for name in self.options if spec[name].get("type") == "dict" and "options" not in spec[name]]
        self._pairs = [(path, by_name.option) for path, by_name in resource.by_name.items()]
        self._specs = {False: _above(spec, self.options), True: _above(spec, self._identifying())}

    def _identifying(self) -> dict[str, Any]:
        """Return what counts for an object that shall be gone."""
        identity = self.resource.identity
        parent = self.resource.by_name.get(identity.parent or "")
        kept = {"state", ID, identity.name, identity.parent, parent.option if parent else None}
        return {name: value for name, value in self.options.items() if name in kept}

    def beneath(self, entry: Mapping[str, Any], problems: list[str], unknown: list[str]) -> dict[str, Any]:
        """Return the options of an entry, with what lies beneath it; see `convert_options`."""
        absent = entry.get("state", self.options.get("state")) == "absent"
        options = convert_options(self._specs[absent], entry, problems, unknown)
        if not self.options:
            return options
        if not absent:
            for name in self._free:
                if isinstance(options.get(name), dict):
                    options[name] = {**self.options[name], **options[name]}
        for pair in self._pairs:
            if options.keys() >= set(pair):
                self._choose_form(options, entry, pair)
        return options

    def _choose_form(self, options: dict[str, Any], entry: Mapping[str, Any], pair: Sequence[str]) -> None:
        """Of two forms of one member, leave out the one beneath where the entry gives the other."""
        own = {resolve_alias(self._specs[False], word) for word in entry}
        beneath = [name for name in pair if name not in own]
        if len(beneath) == 1:
            del options[beneath[0]]


def _converted(
    resource: Resource, spec: Spec, given: Mapping[str, Any], draft: Draft, problems: list[str], parent: str | None
) -> dict[str, Any]:
    """Return the options given, in the right types; whatever is wrong with them goes to `problems`."""
    prefix = f"{OPTION}."
    unknown: list[str] = []
    options = convert_options(_without_defaults(spec), given, problems, unknown, prefix)
    report_unknown(unknown, problems)
    own = Draft(options, set(options).union(given), problems, draft.secrets, draft.environment)
    hide_secret(resource, own, prefix)
    hide_fingerprint_key(resource, own, needed=False, prefix=prefix)
    problems += member_errors(resource, options, prefix)
    member = resource.identity.parent or ""
    if parent is not None and isinstance(options.get(member), str) and options[member].lower() != parent.lower():
        problems.append(f"{prefix}{member} is not the {member} of the task")
    return options


def _without_defaults(spec: Spec) -> dict[str, Any]:
    return {
        name: {key: value for key, value in option.items() if key not in ("default", "required")}
        for name, option in spec.items()
    }


def _above(spec: Spec, options: Mapping[str, Any]) -> dict[str, Any]:
    """Return a specification with options as its defaults, in each dictionary member by member."""
    return {name: _option_above(option, options[name]) if name in options else option for name, option in spec.items()}


def _option_above(option: Mapping[str, Any], value: Any) -> dict[str, Any]:
    inner = {"options": _above(option["options"], value)} if "options" in option and isinstance(value, dict) else {}
    return {**option, "default": value, **inner}


def spec_option() -> dict[str, Any]:
    """Return the argument specification of the option."""
    return {"type": "dict"}
