# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a task gives in people's words instead of identifiers. Private to this collection; no stable interface.

Objects of another kind are listed once per task, and only where a word has to be looked up.
"""

from __future__ import annotations

import ipaddress
from typing import Any, Iterable, Mapping

from ansible_collections.huaweicloud.vpn.plugins.module_utils._errors import Ambiguous, NotFound, first_of
from ansible_collections.huaweicloud.vpn.plugins.module_utils._planning.plan import Desired
from ansible_collections.huaweicloud.vpn.plugins.module_utils._schema.behavior import ID
from ansible_collections.huaweicloud.vpn.plugins.module_utils._schema.fields import ByName, PartOf
from ansible_collections.huaweicloud.vpn.plugins.module_utils._work.api import Reader

# Addresses that are never public: RFC 1918 and RFC 6598.
_PRIVATE = tuple(
    ipaddress.IPv4Network(network) for network in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10")
)

Found = Mapping[str, Any]


def resolve_names(api: Reader, desired: Desired, identifier: str | None = None) -> None:
    """Put the identifiers into a task's wishes that it gives by names.

    Args:
        api: The operations of the resource.
        desired: What the task asks.
        identifier: The object's own identifier; None where it is looked up otherwise.

    Raises:
        NotFound: No object has the name.
        Ambiguous: Several have it.
    """
    for path, name in desired.names.items():
        if _matters(api, desired, path, identifier):
            by_name = api.resource.by_name[path]
            desired.values = {**desired.values, path: _identified(api, by_name, path, name)}
    desired.names = {}


def _matters(api: Reader, desired: Desired, path: str, identifier: str | None) -> bool:
    """Return whether a member counts: of what shall be gone, only that by which it is found."""
    return not desired.absent or (path == api.resource.identity.parent and not identifier)


def _identified(api: Reader, by_name: ByName, path: str, name: str) -> str:
    """Return the identifier of the one object of another kind that has a name."""
    other, listed = by_name.resource, api.list_other_cached(by_name.resource)
    key = other.identity.key
    identifiers = [item[ID] for item in listed.by_member(key).get(name, ())]
    if len(identifiers) > 1:
        before = f"{by_name.option}: {len(identifiers)} {other.noun}s are named {name}: "
        raise Ambiguous(before, identifiers, f"; give {path}")
    if not identifiers:
        known = first_of(f"{item.get(key)} ({item[ID]})" for item in listed.items)
        there = f"there are {', '.join(known)}" if known else "there is none"
        raise NotFound(f"{by_name.option}: no {other.noun} is named {name}; {there}; check the name, or give {path}")
    return str(identifiers[0])


def resolve_parts(api: Reader, desired: Desired, found: Found | None) -> None:
    """Put the values into a task's wishes that it gives in the words of the object that they belong to.

    Args:
        api: The operations of the resource.
        desired: What the task asks.
        found: The object as an answer shows it; None where there is none.

    Raises:
        NotFound: The other object has nothing of that name or address.
    """
    if desired.absent:
        return
    for path, part_of in api.resource.part_of.items():
        given, kind = desired.values.get(path), api.resource.managed[path].kind
        if given is None or (found is not None and kind.same(given, found.get(path))):
            continue
        if given in part_of.members or _is_public(given):
            value = _part_value(api, desired, path, part_of, found or {})
            desired.values = {**desired.values, path: value}


def _is_public(text: str) -> bool:
    """Return whether a text is an IPv4 address that only the other object can tell the meaning of."""
    try:
        address = ipaddress.IPv4Address(text)
    except ValueError:
        return False
    return not any(address in network for network in _PRIVATE)


def _part_value(api: Reader, desired: Desired, path: str, part_of: PartOf, found: Found) -> str:
    """Return the value that a word or an address stands for."""
    given: str = desired.values[path]
    owner = desired.values.get(part_of.path) or found.get(part_of.path)
    if owner is None:
        # A creation without it is refused for that.
        return given
    other = part_of.resource
    item = api.list_other_cached(other).by_id.get(str(owner).lower())
    if item is None:
        raise NotFound(f"{path} is {given}, but there is no {other.noun} {owner} that it could belong to")
    parts = dict(_parts(part_of, item))
    wanted = [part for name, part in parts.items() if given in (name, part.get(part_of.address))]
    if wanted:
        return str(wanted[0][part_of.value])
    if not parts and given not in part_of.members:
        # It has nothing that an address could stand for, so the address is the value.
        return given
    known = [f"{name} ({part.get(part_of.address)}, {part[part_of.value]})" for name, part in parts.items()]
    there = f"it has {', '.join(known)}" if known else f"it has neither {' nor '.join(part_of.members)}"
    raise NotFound(f"{path}: the {other.noun} {owner} has no {given}; {there}")


def _parts(part_of: PartOf, item: Found) -> Iterable[tuple[str, Found]]:
    for name in part_of.members:
        part = item.get(name)
        if isinstance(part, dict) and part.get(part_of.value):
            yield name, part
