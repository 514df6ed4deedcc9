# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Creation, with its lost answers and duplicates. Private to this collection; no stable interface.

A creation without an answer may have made the object all the same. Before it is sent again, all objects like it are
looked for; the one that is found is gone on with. So is an object of somebody else's that stands in its way.
"""

from __future__ import annotations

from typing import Any, Generator

from ansible_collections.huaweicloud.vpn.plugins.module_utils._clock import Deadline, pauses, poll
from ansible_collections.huaweicloud.vpn.plugins.module_utils._errors import (
    Ambiguous,
    ApiError,
    ChangeNotApplied,
    VpnError,
)
from ansible_collections.huaweicloud.vpn.plugins.module_utils._planning.plan import remaining
from ansible_collections.huaweicloud.vpn.plugins.module_utils._schema.behavior import ID
from ansible_collections.huaweicloud.vpn.plugins.module_utils._work import lookup
from ansible_collections.huaweicloud.vpn.plugins.module_utils._work.checks import check_plan
from ansible_collections.huaweicloud.vpn.plugins.module_utils._work.marks import Marks
from ansible_collections.huaweicloud.vpn.plugins.module_utils._work.progress import Progress
from ansible_collections.huaweicloud.vpn.plugins.module_utils._work.sender import Sender
from ansible_collections.huaweicloud.vpn.plugins.module_utils._work.waiters import (
    STALE_READ_SECONDS,
    Waiter,
    listed_values,
)
from ansible_collections.huaweicloud.vpn.plugins.module_utils._work.writes import Writes


class Creation:
    """Makes one object.

    Args:
        progress: The work, with its plan.
        sender: Waits, and knows how long.
        writes: Sends the creation.
        marks: Marks the object once it is made.
    """

    def __init__(self, progress: Progress, sender: Sender, writes: Writes, marks: Marks) -> None:
        self.progress = progress
        self.resource = progress.resource
        self.sender = sender
        self.writes = writes
        self.marks = marks

    def steps(self) -> Generator[Waiter, Any, bool]:
        """Make the object, and wait for it; see `Reconciler.steps`.

        Returns:
            Whether an object of somebody else's stands in the way, which the plan is now about.
        """
        duplicate = self._post()
        if duplicate is not None and not self.progress.written:
            self._take_over(duplicate)
            return True
        if duplicate is not None:
            self.progress.identifier = duplicate[ID]
            self.progress.sent.secret = self.progress.reported_plan.sends_write_only
        if self.progress.options["wait"]:
            self.progress.last_read = yield self.sender.until_stable(last=True)
        elif duplicate is not None:
            self._recognize(lookup.with_nested(self.progress.api, self.progress.desired, duplicate))
        self.marks.after()
        return False

    def _post(self) -> dict[str, Any] | None:
        """Make the object.

        Returns:
            None where that went well; otherwise what a lost creation made, or what stands in its way.
        """
        waits = pauses(self.sender.clock)
        lost = 0
        while True:
            try:
                self.writes.create()
                return None
            except ChangeNotApplied:
                raise
            except VpnError as error:
                duplicate = self._find_duplicate(error)
                if duplicate is not None:
                    return duplicate
                lost += error.effect_unknown
                if not (error.busy or error.effect_unknown) or lost > 1 or not self.sender.deadline.pause(next(waits)):
                    raise

    def _find_duplicate(self, error: VpnError) -> dict[str, Any] | None:
        """Return the object that a creation without a good answer made, or somebody else's that stands in its way."""
        refused = isinstance(error, ApiError) and error.status in (400, 409)
        if not (error.effect_unknown or error.busy or refused):
            return None
        until = Deadline(self.sender.clock, STALE_READ_SECONDS if error.effect_unknown else 0)
        try:
            found = poll(lambda: lookup.find_duplicates(self.progress.api, self.progress.plan) or None, until) or []
        except VpnError as second:
            raise VpnError(
                f"{error.message}; whether the {self.resource.noun} was made could not be looked up: {second.message};"
                " run the task again, it looks first",
                **error.details,
            ) from error
        if len(found) > 1:
            kind = " ".join(
                filter(None, (f"{len(found)} {self.resource.noun}s of this name", self.resource.likeness_text))
            )
            raise Ambiguous(f"{kind} exist: ", [item[ID] for item in found], "; delete one of them")
        return found[0] if found else None

    def _recognize(self, found: dict[str, Any] | None) -> None:
        """Refuse to take for the lost creation's an object that shows other values than were sent."""
        plan = self.progress.reported_plan
        what = self.progress.what
        lacking = {path: value for path, value in remaining(plan, found or {}).items() if path in plan.leaves}
        if lacking:
            raise ChangeNotApplied(
                f"the creation was not answered, and the {what} found in its place shows {listed_values(lacking)}"
            )
        self.progress.last_read = found

    def _take_over(self, duplicate: dict[str, Any]) -> None:
        """Plan from an object that stands in the way of a creation, once it is idle where that matters."""
        self.progress.identifier = duplicate[ID]
        self.progress.replan(lookup.with_nested(self.progress.api, self.progress.desired, duplicate) or duplicate)
        if self.progress.options["wait"] or (self.progress.plan.changed and self.progress.is_busy()):
            self.sender.continue_from(self.sender.wait_for(self.sender.until_idle(), at_once=True))
        else:
            check_plan(self.progress)
        path, desired = self.resource.write_only, self.progress.desired
        if path in desired.values and not self.progress.plan.sends_write_only and desired.fingerprint_key is None:
            self.progress.warnings.append(
                f"the {self.progress.what} existed already; its {path} is not known to be the one given:"
                f" set {self.resource.update_option}=always to send it"
            )
