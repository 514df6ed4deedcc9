# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether the plans of a task may be carried out together. Private to this collection; no stable interface.

`checks` decides that for one object, and is asked for each. This file finds items that exclude each other, and approves
the plan of the whole task. All errors are reported at once, before anything is sent.
"""

from __future__ import annotations

from typing import Any, Mapping

from ansible_collections.huaweicloud.vpn.plugins.module_utils._errors import InvalidInput, VpnError
from ansible_collections.huaweicloud.vpn.plugins.module_utils._planning.plan import CREATE, DELETE, describe_mismatch
from ansible_collections.huaweicloud.vpn.plugins.module_utils._schema.behavior import ID
from ansible_collections.huaweicloud.vpn.plugins.module_utils._work import bulk_outcome
from ansible_collections.huaweicloud.vpn.plugins.module_utils._work.bulk_progress import PRUNING, BulkProgress, Entry
from ansible_collections.huaweicloud.vpn.plugins.module_utils._work.checks import approve, check_plan, mismatch


def refuse_same_objects(bulk: BulkProgress) -> None:
    """Refuse items that mean one object, one by its id and another by its name."""
    first: dict[Any, Entry] = {}
    for entry in bulk.entries:
        if entry.progress.last_read is None:
            continue
        other = first.setdefault(entry.progress.identifier, entry)
        if other is not entry:
            labels = f"{other.item.label} and {entry.item.label}"
            bulk.refuse(f"{labels} name the same {bulk.resource.noun}", other, entry)


def refuse_same_names(bulk: BulkProgress) -> None:
    """Refuse a name that several objects would have: none could be found by it afterwards."""
    first: dict[Any, tuple[Entry, bool]] = {}
    for entry in bulk.entries:
        work = entry.progress
        if not entry.planned or work.plan.action == DELETE or work.desired.absent:
            continue
        final = (work.plan.predicted() if work.plan.changed else work.last_read) or {}
        mark = (final.get(bulk.name), str(final.get(bulk.parent)).lower())
        other, given = first.setdefault(mark, (entry, bulk.name in work.plan.leaves))
        if other is not entry and (given or bulk.name in work.plan.leaves):
            labels = f"{other.item.label} and {entry.item.label}"
            bulk.refuse(f"{labels} would both be named {mark[0]}", other, entry)


def refuse_renames(bulk: BulkProgress) -> None:
    """Refuse a new object with what no two can share if prune would delete the one that has it now."""
    pruned = {_place(bulk, entry.progress.last_read): entry for entry in bulk.entries if entry.phase == PRUNING}
    pruned.pop(None, None)
    for entry in bulk.entries:
        plan = entry.progress.plan
        old = pruned.get(_place(bulk, plan.predicted())) if entry.planned and plan.action == CREATE else None
        if old is not None:
            found = old.progress.last_read or {}
            bulk.refuse(
                f"it has the {' and '.join(bulk.resource.exclusive)} of {found.get(bulk.name)} ({found[ID]}), which"
                f" prune would delete; to rename that one, give its {ID}",
                entry,
            )


def _place(bulk: BulkProgress, found: Mapping[str, Any] | None) -> tuple[Any, ...] | None:
    """Return what no other object can share with this one; None where it is not known."""
    form, managed = bulk.resource.normalize(found or {}), bulk.resource.managed
    place = tuple(managed[path].kind.compare_key(form.get(path)) for path in bulk.resource.exclusive)
    return None if not place or None in place else place


def check_plans(bulk: BulkProgress, check_mode: bool) -> None:
    """Raise what forbids any of the plans, with all there is to say."""
    for entry in bulk.entries:
        try:
            if entry.planned:
                check_plan(entry.progress, check_mode)
        except InvalidInput as error:
            for violation in error.violations:
                bulk.refuse(violation, entry)
        except VpnError as error:
            bulk.refuse(error.message, entry)
    if bulk.violations:
        raise bulk_outcome.refusal(bulk)


def approve_all(bulk: BulkProgress) -> None:
    """Hold all entries to their plans as they stand, where the task expects the plan of the whole.

    Raises:
        PlanMismatch: The plan has another id than the task expects.
    """
    expected = bulk.options.get("expect_plan")
    if not expected or not any(entry.progress.plan.changed for entry in bulk.entries):
        return
    actual = bulk_outcome.plan_id(bulk)
    if expected != actual:
        raise mismatch(describe_mismatch(expected, actual), **bulk_outcome.mismatch_details(bulk, actual))
    for entry in bulk.entries:
        approve(entry.progress)
