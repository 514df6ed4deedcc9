# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether a plan may be carried out. Private to this collection; no stable interface.

Asked before the first write, and again each time the object was read and planned anew on the way.
"""

from __future__ import annotations

from typing import Any

from ansible_collections.huaweicloud.vpn.plugins.module_utils._errors import (
    InvalidInput,
    NotFound,
    PlanMismatch,
    VpnError,
)
from ansible_collections.huaweicloud.vpn.plugins.module_utils._planning.approval import Approval
from ansible_collections.huaweicloud.vpn.plugins.module_utils._planning.plan import CREATE, DELETE, describe_mismatch
from ansible_collections.huaweicloud.vpn.plugins.module_utils._schema.behavior import ID
from ansible_collections.huaweicloud.vpn.plugins.module_utils._work import outcome
from ansible_collections.huaweicloud.vpn.plugins.module_utils._work.progress import Progress


def check_plan(progress: Progress, check_mode: bool = False) -> None:
    """Raise what forbids the plan; warn of what makes it doubtful.

    Args:
        progress: The work, with its plan.
        check_mode: Whether the plan is only shown.

    Raises:
        NotFound: The task gives an identifier that no object has.
        InvalidInput: The plan has violations.
        PlanMismatch: The plan is not part of the approved one.
        VpnError: The cloud takes no change of this object.
    """
    plan = progress.plan
    if plan.action == CREATE and progress.options.get(ID):
        raise NotFound(f"no {progress.resource.noun} has the {ID} {progress.options[ID]}")
    if plan.action == CREATE and not progress.desired.may_create:
        raise NotFound(_not_created(progress))
    if plan.violations:
        raise InvalidInput(plan.violations)
    _refuse_frozen(progress)
    _refuse_unapproved(progress)
    _warn_of_status(progress, check_mode)


def _not_created(progress: Progress) -> str:
    """Return a sentence with what was looked for, where nothing was found and nothing may be created."""
    wanted = progress.desired.values
    words = (progress.resource.identity.key, progress.resource.identity.parent)
    known = (path for path in dict.fromkeys(words) if path and path in wanted)
    sought = " and ".join(f"the {path} {wanted[path]}" for path in known)
    leaving = " but one that is being deleted" if progress.is_being_deleted() else ""
    return f"no {progress.resource.noun} with {sought} was found{leaving}, and create is false"


def _refuse_frozen(progress: Progress) -> None:
    states, found = progress.resource.states, progress.last_read
    if found is None or states.of(found) not in states.frozen or not progress.plan.changed:
        return
    if progress.plan.action == DELETE and states.may_delete(found):
        return
    raise VpnError(
        f"the {progress.what} is {states.of(found)}: the cloud takes no change until the account's arrears or"
        " restrictions are settled; nothing was sent"
    )


def approve(progress: Progress, expected: str | None = None) -> None:
    """Hold the work to the plan as it stands: nothing is sent from here on but what that holds.

    Args:
        progress: The work, with its plan.
        expected: The id that the plan must have if anything is to be sent; None where that is known already.

    Raises:
        PlanMismatch: The plan has another id.
    """
    if expected is not None and progress.plan.changed and expected != progress.plan.plan_id():
        raise _mismatch(progress, describe_mismatch(expected, progress.plan.plan_id()))
    progress.approval = Approval(progress.plan)


def _refuse_unapproved(progress: Progress) -> None:
    """Refuse a plan made anew on the way that is not part of the approved one."""
    plan, approval = progress.plan, progress.approval
    if approval is None or not (plan.changed or progress.reset_due) or approval.allows(plan):
        return
    same_changes = plan.changes == approval.plan.changes
    raise _mismatch(progress, "found state" if same_changes else "found state and the intended changes")


def _mismatch(progress: Progress, halves: str) -> PlanMismatch:
    return mismatch(
        halves,
        progress.written,
        plan_id=progress.plan.plan_id(),
        action=progress.plan.action,
        changes=progress.plan.changes,
        diff=outcome.diff(progress),
    )


def mismatch(halves: str, written: bool = False, **details: Any) -> PlanMismatch:
    """Return the exception for a plan that is not the approved one.

    Args:
        halves: Which parts of its id are different, in words.
        written: Whether anything has been written.
        details: Further result keys.
    """
    sent = "what was sent before stays, and the rest was not sent" if written else "nothing was sent"
    return PlanMismatch(f"the plan is not the approved one: the {halves} moved; {sent}", **details)


def _warn_of_status(progress: Progress, check_mode: bool) -> None:
    states, status = progress.resource.states, progress.resource.states.of(progress.last_read)
    if status in states.busy and check_mode:
        progress.warnings.append(f"the {progress.resource.noun} is {status}; the plan may change once that is over")
    elif status in states.pending | states.failed | states.frozen and not progress.plan.changed:
        progress.warnings.append(f"the {progress.resource.noun} has the settings asked for, but its status is {status}")
