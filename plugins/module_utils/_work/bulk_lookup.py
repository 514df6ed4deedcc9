# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which objects the items of a task mean, found with one list. Private to this collection; no stable interface.

The counterpart of `lookup` for many objects. An object is read by itself only where the list proves too little.
"""

from __future__ import annotations

from typing import Any, Iterable

from ansible_collections.huaweicloud.vpn.plugins.module_utils._clock import Deadline
from ansible_collections.huaweicloud.vpn.plugins.module_utils._errors import (
    ApiError,
    InvalidInput,
    NoResponse,
    Unreachable,
    VpnError,
)
from ansible_collections.huaweicloud.vpn.plugins.module_utils._planning.plan import Desired
from ansible_collections.huaweicloud.vpn.plugins.module_utils._schema.behavior import ID
from ansible_collections.huaweicloud.vpn.plugins.module_utils._work import lookup
from ansible_collections.huaweicloud.vpn.plugins.module_utils._work.api import Reader
from ansible_collections.huaweicloud.vpn.plugins.module_utils._work.bulk_progress import BulkProgress, Item


def list_all(bulk: BulkProgress, deadline: Deadline | None = None) -> list[dict[str, Any]]:
    """Return all objects, or those of the task's parent."""
    return lookup.list_in_parent(bulk.api, bulk.options.get(bulk.parent), deadline)


def load(bulk: BulkProgress, listed: Iterable[dict[str, Any]]) -> None:
    """Find the object of each entry, and plan it."""
    known = Listed(bulk, listed)
    for entry in bulk.entries:
        try:
            entry.progress.load(known.find)
            entry.planned = True
        except (ApiError, NoResponse, Unreachable) as error:
            # Not the item's fault, and with thousands of items no reason to try the next one.
            error.lead(entry.item.label)
            raise
        except VpnError as error:
            bulk.refuse(error.message, entry)


def add_prunes(bulk: BulkProgress, listed: Iterable[dict[str, Any]]) -> None:
    """Add a deletion for every object of the parent that no item names."""
    named = {entry.progress.identifier for entry in bulk.entries}
    for found in listed:
        if found[ID] not in named:
            label = f"prune {found.get(bulk.name)} ({found[ID]})"
            entry = bulk.add(Item(label, {ID: found[ID]}, Desired({}, absent=True)), pruned=True)
            entry.progress.accept(found)
            entry.planned = True


class Listed:
    """What a list showed, in which the objects of many items are found.

    Args:
        bulk: The work.
        listed: The objects of the list.
    """

    def __init__(self, bulk: BulkProgress, listed: Iterable[dict[str, Any]]) -> None:
        self.resource = bulk.resource
        self.name = bulk.name
        self.parent = bulk.parent
        self.wanted_parent: str | None = bulk.options.get(bulk.parent)
        self._by_id: dict[str, dict[str, Any]] = {}
        self._by_name: dict[Any, list[dict[str, Any]]] = {}
        for item in listed:
            self._by_id[item[ID].lower()] = item
            self._by_name.setdefault(item.get(self.name), []).append(item)

    def find(self, api: Reader, desired: Desired, identifier: str | None) -> dict[str, Any] | None:
        """Return the object that an item means; None where there is none. See `lookup.find`."""
        own = desired.values.get(self.parent)
        self._refuse_other_parent(own)
        if not identifier:
            named = self._by_name.get(desired.values[self.name], [])
            return lookup.match(api, desired, lookup.in_parent(self.resource, named, own))
        found = self._by_id.get(identifier.lower())
        # A list that leaves one out is no proof that it does not exist.
        return lookup.with_nested(api, desired, found) if found else self._read(api, identifier)

    def _refuse_other_parent(self, own: str | None) -> None:
        """Refuse what belongs elsewhere than the task says; where an identifier is given, that is known before."""
        wanted = self.wanted_parent
        if wanted and own and wanted.lower() != own.lower():
            raise InvalidInput([f"{self.parent} is {own}, and not the {self.parent} of the task"])

    def _read(self, api: Reader, identifier: str) -> dict[str, Any] | None:
        """Return an object that the list left out; None where there is none, or it belongs elsewhere."""
        found = api.read(identifier)
        listed = [] if found is None else [found]
        return next(iter(lookup.in_parent(self.resource, listed, self.wanted_parent)), None)
