# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Comparison by meaning, on normal forms. Private to this collection; no stable interface.

A normal form maps dotted paths to canonical values, as `Resource.normalize` makes it of an answer and of task options
alike. Nothing here knows where a form came from.
"""

from __future__ import annotations

import functools
from typing import Any, Mapping

from ansible_collections.huaweicloud.vpn.plugins.module_utils._schema.resource import Resource

Form = Mapping[str, Any]


def differences(resource: Resource, wanted: Form, found: Form) -> list[str]:
    """Return the paths, in the table's order, whose wanted value differs from the found one.

    A write-only member has no found value, so it never differs.
    """
    return [
        path
        for path, field in resource.managed.items()
        if path in wanted and field.compared and not field.kind.same(wanted[path], found.get(path))
    ]


def without_absent(resource: Resource, form: Form) -> dict[str, Any]:
    """Return a form without what equals an absent member: false, empty lists, empty text."""
    return {path: value for path, value in form.items() if resource.managed[path].kind.compare_key(value) is not None}


def nest(form: Form) -> dict[str, Any]:
    """Turn `{dotted path: value}` into nested dictionaries."""
    tree: dict[str, Any] = {}
    for path, value in form.items():
        branch = tree
        *parents, leaf = _split(path)
        for parent in parents:
            branch = branch.setdefault(parent, {})
        branch[leaf] = value
    return tree


@functools.lru_cache(maxsize=None)
def _split(path: str) -> tuple[str, ...]:
    """Return the names in a path of a table: there are few, and each is split for every object."""
    return tuple(path.split("."))


def copied(value: Any) -> Any:
    """Return a copy of nested dictionaries and lists, which shares everything else with the original.

    A fraction of the time of `copy.deepcopy`, which looks out for objects that contain themselves.
    """
    if isinstance(value, dict):
        return {name: copied(member) for name, member in value.items()}
    if isinstance(value, list):
        return [copied(entry) for entry in value]
    return value


def merge(target: dict[str, Any], changes: Mapping[str, Any]) -> None:
    """Put `changes` into `target` by the API's rules: objects member by member, all else whole; null is nothing."""
    for name, value in changes.items():
        if isinstance(value, dict) and isinstance(target.get(name), dict):
            merge(target[name], value)
        elif value is not None:
            target[name] = copied(value)


def presentable(resource: Resource, answer: Mapping[str, Any]) -> dict[str, Any]:
    """Return an answer in the words of the options: enumerations as the table writes them, tags as a dictionary.

    A write-only member is left out, should a server ever return it.
    """
    shown = _without(answer, resource.write_only)
    for field in resource.fields:
        value = field.kind.present(shown.get(field.name))
        if value is not None:
            shown[field.name] = value
    return shown


def _without(answer: Mapping[str, Any], path: str | None) -> dict[str, Any]:
    name, _dot, rest = (path or "").partition(".")
    if rest and isinstance(answer.get(name), dict):
        return {**answer, name: _without(answer[name], rest)}
    return {member: value for member, value in answer.items() if rest or member != name}
