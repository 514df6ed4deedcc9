# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The text below a difference, for whoever approves it. Private to this collection; no stable interface.

A difference shows what changes, not when the change is used, what it interrupts, and how to approve it.
"""

from __future__ import annotations

import json
from typing import Any, Iterable, Iterator, Mapping, Sequence

from ansible_collections.huaweicloud.vpn.plugins.module_utils._planning.plan import UPDATE, Plan
from ansible_collections.huaweicloud.vpn.plugins.module_utils._schema.fields import (
    AFTER_RESET,
    NEXT_PHASE1,
    NEXT_PHASE2,
)

# From how many objects on equal changes are shown once. Fewer, such as the two of a pair, are reviewed one by one.
MANY = 3


def effect_lines(plan: Plan) -> Iterator[str]:
    """Yield a line for each moment at which a part of a plan takes effect later, and one for what it interrupts."""
    after_reset = "after the reset" if plan.reset else "only after a reset, which is not part of this plan"
    moments = {
        NEXT_PHASE1: "at the next phase 1 negotiation",
        NEXT_PHASE2: "at the next phase 2 negotiation",
        AFTER_RESET: after_reset,
    }
    for moment, text in moments.items():
        paths = sorted(change["path"] for change in plan.changes if change["takes_effect"] == moment)
        if paths:
            yield f"{text}: {', '.join(paths)}"
    yield from plan.effects
    if plan.reset:
        yield f"the {plan.resource.noun} is reset: {plan.resource.reset_warning}"


def group_alike(plans: Sequence[Plan]) -> list[list[int]]:
    """Return the positions of plans in groups: updates with equal changes together, every other plan by itself.

    A creation or a deletion stays alone: everything of it differs. Groups are in the order of their first plan.
    """
    groups: dict[Any, list[int]] = {}
    for number, plan in enumerate(plans):
        mark = json.dumps(plan.changes, sort_keys=True) if plan.action == UPDATE else number
        groups.setdefault(mark, []).append(number)
    together = [group for group in groups.values() if len(group) >= MANY]
    alone = [[number] for group in groups.values() if len(group) < MANY for number in group]
    return sorted(together + alone)


def group_lines(plan: Plan, noun: str, names: Sequence[str]) -> Iterator[str]:
    """Yield what is to be said of the objects of a group.

    Args:
        plan: The plan of the first one.
        noun: What several objects are called.
        names: The names of all.
    """
    if len(names) == 1:
        yield from (f"{names[0]}: {line}" for line in effect_lines(plan))
        return
    changes = ", ".join(_change_text(plan, change) for change in plan.changes)
    yield f"{len(names)} {noun}: {changes}: {', '.join(names)}"
    yield from (f"these {len(names)}: {line}" for line in effect_lines(plan))


def _change_text(plan: Plan, change: Mapping[str, Any]) -> str:
    if change["path"] == plan.resource.write_only:
        return f"{plan.resource.updated_key} false → true"
    return f"{change['path']} {_value_text(change['before'])} → {_value_text(change['after'])}"


def _value_text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, sort_keys=True)


def prepared_text(lines: Iterable[str], plan_id: str | None) -> str:
    """Return lines and a plan ID, if there is one, as core prints them below a difference."""
    known = [] if plan_id is None else [f"plan_id: {plan_id}"]
    return "".join(f"{line}\n" for line in (*lines, *known))
