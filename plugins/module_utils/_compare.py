# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Comparison by meaning, on normal forms. Private to this collection; no stable interface.

A normal form maps dotted paths to canonical values, as C(Resource.own) makes it of an answer and of task options
alike. Nothing here knows where a form came from.
"""

from __future__ import annotations

from ansible_collections.huaweicloud.vpn.plugins.module_utils._fields import Choice, IkeId, Tags


def same(field, wanted, found):
    """Say whether two canonical values (or None for an absent member) mean the same."""
    if (None if wanted is None else field.kind.compare_key(wanted)) == (None if found is None else field.kind.compare_key(found)):
        return True
    return isinstance(field.kind, IkeId) and (field.kind.masks(found, wanted) or field.kind.masks(wanted, found))


def differences(resource, wanted, found):
    """Return the paths, in the table's order, whose wanted value differs from the found one (list of str)."""
    return [path for path, field in resource.managed.items() if path in wanted and not same(field, wanted[path], found.get(path))]


def shown(resource, form):
    """Return a form without what equals an absent member: false, empty lists, empty text (dict)."""
    return {path: value for path, value in form.items() if resource.managed[path].kind.compare_key(value) is not None}


def nest(form):
    """Turn {dotted path: value} into nested dictionaries."""
    tree = {}
    for path, value in form.items():
        branch = tree
        *parents, leaf = path.split(".")
        for parent in parents:
            branch = branch.setdefault(parent, {})
        branch[leaf] = value
    return tree


def presentable(resource, answer):
    """Return an answer in the words of the options: C(style) and its like as the table writes them, tags as a dictionary.

    The secret is left out, should a server ever return it.
    """
    shown = {name: value for name, value in answer.items() if name != resource.secret}
    for field in resource.fields:
        if isinstance(field.kind, Tags):
            shown[field.name] = field.kind.normalize(shown.get(field.name) or {})
        elif isinstance(field.kind, Choice) and shown.get(field.name) is not None:
            shown[field.name] = field.kind.normalize(shown[field.name])
    return shown
