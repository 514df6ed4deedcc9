# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The text below a difference, for whoever approves it. Private to this collection; no stable interface.

A difference shows what changes, not when the change is used, what it interrupts, and how to approve it.
"""

from __future__ import annotations

from typing import Iterable, Iterator

from ansible_collections.huaweicloud.vpn.plugins.module_utils._planning.plan import Plan
from ansible_collections.huaweicloud.vpn.plugins.module_utils._schema.fields import (
    AFTER_RESET,
    NEXT_PHASE1,
    NEXT_PHASE2,
)


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


def prepared_text(lines: Iterable[str], plan_id: str | None) -> str:
    """Return lines and a plan ID, if there is one, as core prints them below a difference."""
    known = [] if plan_id is None else [f"plan_id: {plan_id}"]
    return "".join(f"{line}\n" for line in (*lines, *known))
