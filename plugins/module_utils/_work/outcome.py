# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The result of the work on one object. Private to this collection; no stable interface.

Result keys, difference, warnings and the details of a failure, all from what `Progress` holds; nothing here sends.
"""

from __future__ import annotations

from typing import Any

from ansible_collections.huaweicloud.vpn.plugins.module_utils._errors import NotActive, VpnError
from ansible_collections.huaweicloud.vpn.plugins.module_utils._planning.compare import presentable
from ansible_collections.huaweicloud.vpn.plugins.module_utils._planning.plan import (
    RESET_ALWAYS,
    RESET_IF_REQUIRED,
    predicted_marks,
)
from ansible_collections.huaweicloud.vpn.plugins.module_utils._schema.behavior import ID
from ansible_collections.huaweicloud.vpn.plugins.module_utils._schema.fields import RESET_REQUIRED
from ansible_collections.huaweicloud.vpn.plugins.module_utils._work.api import request_ids
from ansible_collections.huaweicloud.vpn.plugins.module_utils._work.progress import Progress


def result(progress: Progress, check_mode: bool) -> dict[str, Any]:
    """Return the result keys.

    Args:
        progress: The work.
        check_mode: Whether the object is shown as the plan predicts it, not as it was read.
    """
    plan = progress.reported_plan
    keys = {
        "changed": plan.changed,
        "action": plan.action,
        progress.resource.name: _shown_object(progress, check_mode),
        "changes": plan.changes,
        "diff": diff(progress),
        "warnings": all_warnings(progress),
    }
    if progress.resource.updated_key:
        keys[progress.resource.updated_key] = plan.sends_write_only
    if progress.resource.resettable:
        keys[RESET_REQUIRED] = plan.reset_required
    if plan.body is not None:
        keys["request_body"] = plan.shown_body
    return {**keys, **request_ids(progress.api.client)}


def _shown_object(progress: Progress, check_mode: bool) -> dict[str, Any] | None:
    answer = progress.plan.predicted() if check_mode else progress.last_read
    if answer is None:
        return None
    shown, path = presentable(progress.resource, answer), progress.resource.tags
    marks = predicted_marks(progress.plan, progress.desired) if check_mode else progress.sent.marks
    if path and marks:
        tags = {**shown.get(path, {}), **marks}
        shown[path] = {key: text for key, text in sorted(tags.items()) if text is not None}
    return shown


def diff(progress: Progress) -> dict[str, Any]:
    """Return the difference as core shows it."""
    plan, name = progress.reported_plan, progress.resource.identity.name or ""
    found = plan.found or {}
    called = found.get(name) or progress.options.get(name)
    # What a creation will be called by the cloud is not known beforehand, and a dry run has the same header.
    identifier = found.get(ID) or progress.options.get(ID)
    header = " ".join(filter(None, (progress.resource.noun, called, f"({identifier})" if identifier else None)))
    return {"before": plan.before, "after": plan.after, "before_header": header, "after_header": header}


def all_warnings(progress: Progress) -> list[str]:
    """Return all warnings, each once."""
    return list(dict.fromkeys(progress.warnings + progress.reported_plan.warnings))


def named_warnings(progress: Progress) -> list[str]:
    """Return all warnings, each with the object's name: where a task has several objects, they stand in a row."""
    found = progress.reported_plan.found or {}
    key = progress.resource.identity.key
    name = found.get(key) or progress.desired.values.get(key) or progress.identifier
    return [f"{progress.resource.noun} {name}: {warning}" for warning in all_warnings(progress)]


def explain(progress: Progress, error: VpnError) -> None:
    """Add to the message of a failure what the log says, where the object does not work."""
    if not isinstance(error, NotActive):
        return
    # Not at the top: few tasks need it, and importing takes time.
    from ansible_collections.huaweicloud.vpn.plugins.module_utils._work.cause import newest_cause

    cause = newest_cause(progress.api, str(progress.identifier))
    if cause:
        error.message = f"{error.message}; {cause}"


def owed_reset_note(progress: Progress) -> str:
    """Return the end of the sentence of a failure: that a reset is owed, and what to do; nothing where none is."""
    if not progress.owes_reset:
        return ""
    word = RESET_IF_REQUIRED if progress.is_marked else RESET_ALWAYS
    return f"; a reset is still owed: run again with reset: {word}"


def failure_details(progress: Progress) -> dict[str, Any]:
    """Return the result keys that a failure carries too."""
    details: dict[str, Any] = dict(request_ids(progress.api.client))
    if progress.written:
        plan = progress.reported_plan
        details.update(changed=True, action=plan.action, changes=plan.changes)
    if progress.resource.resettable and (progress.written or progress.owes_reset):
        details[RESET_REQUIRED] = progress.owes_reset
    return details
