# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The result of the work on many objects. Private to this collection; no stable interface.

`outcome` makes the result of each; here they become the result of the task. Nothing here sends.
"""

from __future__ import annotations

from typing import Any, Iterable

from ansible_collections.huaweicloud.vpn.plugins.module_utils._errors import MAX_NAMED, InvalidInput, VpnError, first_of
from ansible_collections.huaweicloud.vpn.plugins.module_utils._planning.effects import (
    group_alike,
    group_lines,
    prepared_text,
)
from ansible_collections.huaweicloud.vpn.plugins.module_utils._planning.plan import id_of_all
from ansible_collections.huaweicloud.vpn.plugins.module_utils._schema.behavior import ID
from ansible_collections.huaweicloud.vpn.plugins.module_utils._work import outcome
from ansible_collections.huaweicloud.vpn.plugins.module_utils._work.api import request_ids
from ansible_collections.huaweicloud.vpn.plugins.module_utils._work.bulk_progress import BulkProgress, Entry

# How many failures are explained in the message; the results have them all.
MAX_FAILURES_SHOWN = 10


def plan_id(bulk: BulkProgress) -> str:
    """Return the id of the plan of the whole task."""
    return id_of_all(entry.progress.reported_plan for entry in bulk.entries)


def result(bulk: BulkProgress, check_mode: bool) -> dict[str, Any]:
    """Return the result keys.

    Args:
        bulk: The work.
        check_mode: Whether objects are shown as their plans predict them, not as they were read.
    """
    task_plan_id = plan_id(bulk)
    return {
        "changed": any(_counts_as_changed(bulk, entry) for entry in bulk.entries),
        bulk.resource.items_option: _item_results(bulk, check_mode),
        "plan_id": task_plan_id,
        "diff": _diff(bulk, bulk.entries, task_plan_id),
        "warnings": all_warnings(bulk),
        **request_ids(bulk.api.client),
    }


def _counts_as_changed(bulk: BulkProgress, entry: Entry) -> bool:
    work = entry.progress
    return work.reported_plan.changed and (entry not in bulk.failed or work.written)


def _item_results(bulk: BulkProgress, check_mode: bool) -> list[dict[str, Any]]:
    return [_item_result(bulk, entry, check_mode) for entry in bulk.entries]


def _item_result(bulk: BulkProgress, entry: Entry, check_mode: bool) -> dict[str, Any]:
    work, plan = entry.progress, entry.progress.reported_plan
    known = {
        bulk.name: bulk.name_of(entry),
        ID: work.identifier,
        "changed": plan.changed,
        "action": plan.action,
        "changes": plan.changes,
    }
    if entry in bulk.failed:
        error = bulk.failed[entry]
        return {
            **known,
            "changed": work.written,
            "error": {**error.details, "msg": _message(bulk, entry), **outcome.failure_details(work)},
        }
    if not plan.changed and not bulk.options["return_unchanged"]:
        return known
    shown = outcome.result(work, check_mode)
    del shown["warnings"], shown["diff"]
    return {**known, **shown}


def _diff(bulk: BulkProgress, entries: Iterable[Entry], task_plan_id: str | None) -> list[dict[str, Any]]:
    """Return the difference of each object that changes; the last one carries the text on the whole task.

    Core shows every difference that has a before and an after. Of objects that change alike, only the first one has
    them; the text names all.
    """
    changing = [entry for entry in entries if entry.progress.reported_plan.changed]
    diffs = [outcome.diff(entry.progress) for entry in changing]
    lines: list[str] = []
    for group in group_alike([entry.progress.reported_plan for entry in changing]):
        first, *others = group
        names = [bulk.name_of(changing[number]) or changing[number].item.label for number in group]
        lines += group_lines(changing[first].progress.reported_plan, bulk.resource.items_option, names)
        for number in others:
            header = diffs[number]["after_header"]
            diffs[number] = {
                "before_header": header,
                "after_header": header,
                "same_changes_as": diffs[first]["after_header"],
            }
    if diffs:
        diffs[-1]["prepared"] = prepared_text(lines, task_plan_id)
    return diffs


def all_warnings(bulk: BulkProgress) -> list[str]:
    """Return all warnings; those of an entry with its label."""
    return bulk.warnings + [
        f"{entry.item.label}: {warning}" for entry in bulk.entries for warning in outcome.all_warnings(entry.progress)
    ]


# -- failures


def mismatch_details(bulk: BulkProgress, task_plan_id: str) -> dict[str, Any]:
    """Return the result keys of a task whose plan is another one than was approved."""
    return {
        "plan_id": task_plan_id,
        "diff": _diff(bulk, bulk.entries, task_plan_id),
        bulk.resource.items_option: _item_results(bulk, True),
    }


def refusal(bulk: BulkProgress) -> InvalidInput:
    """Return the exception for what cannot be, with the plans of the entries that can."""
    bulk.failed = {entry: VpnError("; ".join(sentences)) for entry, sentences in bulk.refused.items()}
    possible = [entry for entry in bulk.entries if entry not in bulk.refused]
    error = InvalidInput(bulk.violations)
    error.details.update(
        {
            bulk.resource.items_option: _item_results(bulk, True),
            "diff": _diff(bulk, possible, None),
            "warnings": all_warnings(bulk),
            "plan_id": None,
        }
    )
    return error


def failure(bulk: BulkProgress) -> VpnError:
    """Return the exception for entries that failed or were held back, with the results of all."""
    count = len(bulk.failed) - len(bulk.held_back)
    return VpnError(
        f"{count} of {len(bulk.entries)} {bulk.resource.noun}s failed: {_failure_summary(bulk)}",
        **result(bulk, False),
    )


def _failure_summary(bulk: BulkProgress) -> str:
    """Return which items failed, and why, the first ones in full."""
    held = [entry.item.label for entry in bulk.entries if entry in bulk.held_back]
    failed = [
        (entry.item.label, _message(bulk, entry))
        for entry in bulk.entries
        if entry in bulk.failed and entry not in bulk.held_back
    ]
    shown = [f"{label}: {message}" for label, message in failed[:MAX_FAILURES_SHOWN]]
    labels = [label for label, _text in failed[MAX_FAILURES_SHOWN:]]
    if labels:
        named = labels[: MAX_NAMED - MAX_FAILURES_SHOWN]
        more = [f"{len(labels) - len(named)} more"] if len(labels) > len(named) else []
        shown.append(f"and, for reasons given in the results, {', '.join(named + more)}")
    if held:
        shown.append(f"held back because of failures of the same {bulk.parent}: {', '.join(first_of(held))}")
    return "; ".join(shown)


def _message(bulk: BulkProgress, entry: Entry) -> str:
    """Return why an item failed. Several items may share one exception, so it is left as it is."""
    return bulk.failed[entry].line + outcome.owed_reset_note(entry.progress)
