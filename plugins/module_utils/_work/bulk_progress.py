# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is known of all objects of one task. Private to this collection; no stable interface.

The counterpart of `Progress` for many objects: an `Entry` for each, and what concerns them together. `bulk_lookup`
finds the objects, `bulk_checks` decides whether to go on, `bulk_reconcile` carries the plans out, and `bulk_outcome`
makes the result.
"""

from __future__ import annotations

from typing import Any, Iterable, Mapping

from ansible_collections.huaweicloud.vpn.plugins.module_utils._clock import Deadline
from ansible_collections.huaweicloud.vpn.plugins.module_utils._errors import VpnError
from ansible_collections.huaweicloud.vpn.plugins.module_utils._planning.plan import Desired
from ansible_collections.huaweicloud.vpn.plugins.module_utils._schema.resource import Resource
from ansible_collections.huaweicloud.vpn.plugins.module_utils._work import lookup
from ansible_collections.huaweicloud.vpn.plugins.module_utils._work.api import Api
from ansible_collections.huaweicloud.vpn.plugins.module_utils._work.progress import Progress
from ansible_collections.huaweicloud.vpn.plugins.module_utils._work.scheduler import Job

# Phases of the work on the objects of one parent.
KEEPING, DELETING, PRUNING = range(3)
# What holds for all items of a task.
COMMON_OPTIONS = ("wait", "wait_timeout", "expect_active")


def name_and_parent(resource: Resource) -> tuple[str, str]:
    """Return (the member with the name, the member with the parent) of a resource that bulk work can take."""
    name, parent = resource.identity.name, resource.identity.parent
    if name is None or parent is None or not resource.items_option:
        raise ValueError(f"{resource.name}: bulk work needs a name, a parent and an items_option")
    return name, parent


class Item:
    """What a task asks of one of its objects.

    Attributes:
        label: The item in a sentence.
        options: Its validated options.
        desired: What they ask.
    """

    def __init__(self, label: str, options: Mapping[str, Any], desired: Desired) -> None:
        self.label = label
        self.options = options
        self.desired = desired


class Entry(Job):
    """One object of the task: what is asked of it, and the work on it.

    Attributes:
        item: What is asked.
        progress: What is known of the object.
        planned: Whether the object could be looked up and planned.
    """

    def __init__(self, item: Item, progress: Progress, pruned: bool = False) -> None:
        self.item = item
        self.progress = progress
        self.phase = PRUNING if pruned else DELETING if item.desired.absent else KEEPING
        self.planned = False

    def queue(self) -> str:
        """Return what the object belongs to: within it, one write at a time."""
        member = self.progress.resource.identity.parent or ""
        found = self.progress.last_read or {}
        return str(found.get(member) or self.progress.desired.values.get(member)).lower()

    def read(self, listed: Any, deadline: Deadline) -> Any:
        """Return the object, read by itself where the round's list proves too little."""
        work = self.progress
        if listed:
            return lookup.with_nested(work.api, work.desired, listed, deadline)
        return work.api.read(str(work.identifier), deadline)


class BulkProgress:
    """The work on all objects of one task, as far as it has come.

    Args:
        resource: The table.
        options: Validated options of the task.
        items: What the task asks, object by object.
        api: The operations of the resource.

    Attributes:
        name: The member with an object's name.
        parent: The member with what an object belongs to.
        entries: The objects, in the order of the items; then those that prune deletes.
        refused: What cannot be, as sentences, for each entry that it is about.
        violations: The same for the whole task, each with the entry that it is about where that is a single one.
        warnings: What the task has to say besides the warnings of its entries, as sentences.
        failed: Why entries failed, or were held back.
        held_back: Entries that were not gone on with, each with the one whose failure is why.
    """

    def __init__(self, resource: Resource, options: Mapping[str, Any], items: Iterable[Item], api: Api) -> None:
        self.resource = resource
        self.name, self.parent = name_and_parent(resource)
        self.options = options
        self.api = api
        self.entries: list[Entry] = []
        self.refused: dict[Entry, list[str]] = {}
        self.violations: list[str] = []
        self.warnings: list[str] = []
        self.failed: dict[Entry, VpnError] = {}
        self.held_back: Mapping[Entry, Entry] = {}
        for item in items:
            self.add(item)

    def add(self, item: Item, pruned: bool = False) -> Entry:
        """Add an object to the task."""
        common = {name: self.options[name] for name in COMMON_OPTIONS if name in self.options}
        # A clone, so that each object has request ids of its own.
        progress = Progress(self.resource, item.desired, {**item.options, **common}, self.api.clone())
        entry = Entry(item, progress, pruned)
        self.entries.append(entry)
        return entry

    def refuse(self, sentence: str, *entries: Entry) -> None:
        """Note what cannot be; where it is about a single entry, the message says which."""
        for entry in entries:
            self.refused.setdefault(entry, []).append(sentence)
        self.violations.append(f"{entries[0].item.label}: {sentence}" if len(entries) == 1 else sentence)

    def name_of(self, entry: Entry) -> str | None:
        """Return the name of an entry's object: as found, or else as the task gives it."""
        found: str | None = (entry.progress.reported_plan.found or {}).get(self.name)
        return found or entry.item.options.get(self.name)
