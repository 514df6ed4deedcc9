# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How an object is looked up. Private to this collection; no stable interface."""

from __future__ import annotations

from typing import Any, Iterable, Mapping

from ansible_collections.huaweicloud.vpn.plugins.module_utils._clock import Deadline
from ansible_collections.huaweicloud.vpn.plugins.module_utils._errors import Ambiguous
from ansible_collections.huaweicloud.vpn.plugins.module_utils._planning.plan import Desired, Plan
from ansible_collections.huaweicloud.vpn.plugins.module_utils._schema.behavior import ID
from ansible_collections.huaweicloud.vpn.plugins.module_utils._schema.fields import REPLACE
from ansible_collections.huaweicloud.vpn.plugins.module_utils._schema.resource import Resource
from ansible_collections.huaweicloud.vpn.plugins.module_utils._work.api import Reader


def find(api: Reader, desired: Desired, identifier: str | None) -> dict[str, Any] | None:
    """Return the object that a task means; None where there is none.

    Args:
        api: The operations of the resource.
        desired: What the task asks.
        identifier: The object's identifier; None where the task names it otherwise.

    Raises:
        Ambiguous: Several objects bear the name.
    """
    if identifier:
        return api.read(identifier)
    parent = desired.values.get(api.resource.identity.parent or "")
    return match(api, desired, list_in_parent(api, parent))


def list_in_parent(api: Reader, parent: str | None, deadline: Deadline | None = None) -> list[dict[str, Any]]:
    """Return all objects, or those that belong to `parent`.

    A server that does not narrow its list is not believed: what belongs elsewhere is left out here.
    """
    member = api.resource.identity.parent
    if member is None or parent is None:
        return api.list(deadline=deadline)
    query = [(member, api.resource.managed[member].kind.compare_key(parent))]
    return in_parent(api.resource, api.list(query, deadline), parent)


def in_parent(resource: Resource, listed: Iterable[dict[str, Any]], parent: str | None) -> list[dict[str, Any]]:
    """Return those of some objects that belong to `parent`, or all where that is None."""
    member = resource.identity.parent
    if member is None or parent is None:
        return list(listed)
    kind = resource.managed[member].kind
    return [item for item in listed if item.get(member) is None or kind.same(parent, item[member])]


def match(api: Reader, desired: Desired, listed: Iterable[dict[str, Any]]) -> dict[str, Any] | None:
    """Return the one object of a list that a task means, with all members the task names; None where there is none.

    Raises:
        Ambiguous: Several bear the name.
    """
    resource, key = api.resource, api.resource.identity.key
    wanted, kind = desired.values[key], api.resource.managed[key].kind
    named = [item for item in listed if kind.same(wanted, item.get(key))]
    staying = [item for item in named if resource.states.of(item) not in resource.states.deleting]
    found = staying or named
    if len(found) > 1:
        raise Ambiguous(
            f"{len(found)} {resource.noun}s are named {wanted}: ", [item[ID] for item in found], f"; give {ID}"
        )
    return with_nested(api, desired, found[0]) if found else None


def with_nested(
    api: Reader, desired: Desired, item: dict[str, Any], deadline: Deadline | None = None
) -> dict[str, Any] | None:
    """Return an entry of a list, read by itself where it leaves out what the task has wishes about."""
    nested = {path.split(".")[0] for path in desired.values if "." in path}
    whole = api.resource.lists_whole or all(item.get(name) for name in nested)
    if desired.absent or (whole and not _lacks_list(api.resource, desired, item)):
        return item
    return api.read(item[ID], deadline)


def _lacks_list(resource: Resource, desired: Desired, item: Mapping[str, Any]) -> bool:
    """Return whether an entry leaves out a list that entries are to be added to or removed from."""
    return desired.list_mode != REPLACE and any(
        desired.values.get(path) and item.get(path) is None for path in resource.by_entries
    )


def waive_requirements(api: Reader, desired: Desired) -> None:
    """Learn from the objects that a new one belongs to which members it can do without."""
    for required in api.resource.required:
        unless = required.unless
        if unless is None or not required.lacks(desired.values, desired.values) or not unless.matters(desired.values):
            continue
        if unless.shows(api.read_other_cached(unless.resource, desired.values[unless.path])):
            desired.waived.add(required)


def find_duplicates(api: Reader, plan: Plan) -> list[dict[str, Any]]:
    """Return the objects that a planned creation may have made: all that are like it."""
    resource = api.resource
    wanted = {**resource.likeness_defaults, **plan.leaves}
    return [
        item
        for item in list_in_parent(api, wanted.get(resource.identity.parent or ""))
        if resource.states.of(item) not in resource.states.deleting and _is_like(resource, item, wanted)
    ]


def _is_like(resource: Resource, item: Mapping[str, Any], wanted: Mapping[str, Any]) -> bool:
    form = {**resource.likeness_defaults, **resource.normalize(item)}
    # What a creation left out the cloud may have filled in.
    members = [path for path in dict.fromkeys((resource.identity.key, *resource.likeness)) if path in wanted]
    return all(resource.managed[path].kind.same(wanted[path], form.get(path)) for path in members)
