# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The work on many objects, from one list to the last write. Private to this collection; no stable interface.

Each object is brought to its desired state by a `Reconciler`, as in a task on a single one. What is different for many:
all are planned before the first write, a `Scheduler` drives them side by side, and one list a round reads for all.
"""

from __future__ import annotations

from typing import Any, Callable, Mapping

from ansible_collections.huaweicloud.vpn.plugins.module_utils._clock import Clock, Deadline
from ansible_collections.huaweicloud.vpn.plugins.module_utils._errors import VpnError
from ansible_collections.huaweicloud.vpn.plugins.module_utils._planning.plan import CREATE
from ansible_collections.huaweicloud.vpn.plugins.module_utils._schema.behavior import ID
from ansible_collections.huaweicloud.vpn.plugins.module_utils._work import (
    bulk_checks,
    bulk_lookup,
    bulk_outcome,
    outcome,
)
from ansible_collections.huaweicloud.vpn.plugins.module_utils._work.bulk_progress import KEEPING, BulkProgress, Entry
from ansible_collections.huaweicloud.vpn.plugins.module_utils._work.pool import in_parallel
from ansible_collections.huaweicloud.vpn.plugins.module_utils._work.quota import quota_warnings
from ansible_collections.huaweicloud.vpn.plugins.module_utils._work.reconcile import Reconciler
from ansible_collections.huaweicloud.vpn.plugins.module_utils._work.scheduler import Scheduler
from ansible_collections.huaweicloud.vpn.plugins.module_utils._work.stop import Stop


def plan(bulk: BulkProgress, check_mode: bool) -> None:
    """Look all objects up with one list, plan each, and refuse everything that cannot be, all at once."""
    listed = bulk_lookup.list_all(bulk)
    bulk_lookup.load(bulk, listed)
    bulk_checks.refuse_same_objects(bulk)
    bulk_checks.refuse_same_names(bulk)
    if not bulk.violations and bulk.options["prune"]:
        bulk_lookup.add_prunes(bulk, listed)
        bulk_checks.refuse_renames(bulk)
    bulk_checks.check_plans(bulk, check_mode)
    bulk_checks.approve_all(bulk)
    created = sum(entry.progress.plan.action == CREATE for entry in bulk.entries)
    bulk.warnings += quota_warnings(bulk.api, created)


class BulkReconciler:
    """Brings all objects of a task to their desired state.

    Args:
        bulk: The work, with its plans.
        clock: The clock.
        stop: Asked before each write.
        patience: How long requests under way are waited for where the task is ended from outside, in seconds.
    """

    def __init__(self, bulk: BulkProgress, clock: Clock, stop: Stop, patience: float) -> None:
        self.bulk = bulk
        self.clock = clock
        self.stop = stop
        self.patience = patience

    def apply(self) -> None:
        """Write in parallel across parents and in turn within each; wait for all with one list a round.

        Raises:
            VpnError: Some items failed.
        """
        bulk, concurrency = self.bulk, self.bulk.options["concurrency"]
        work = [entry for entry in bulk.entries if entry.progress.has_work]
        for entry in work:
            entry.steps = Reconciler(entry.progress, self.clock, self.stop, takes_turns=True).steps()
        scheduler = Scheduler(work, self._read_all, concurrency, self.clock, self.stop, self.patience)
        scheduler.run()
        self._explain(scheduler.failed)
        bulk.held_back = scheduler.held_back
        held = {entry: self._holding_back(entry, culprit) for entry, culprit in bulk.held_back.items()}
        bulk.failed = {**scheduler.failed, **held}
        if bulk.failed:
            raise bulk_outcome.failure(bulk)

    def _read_all(self, deadline: Deadline) -> Callable[[Entry], Any]:
        by_id = {item[ID]: item for item in bulk_lookup.list_all(self.bulk, deadline)}
        return lambda entry: by_id.get(str(entry.progress.identifier))

    def _explain(self, failed: Mapping[Entry, VpnError]) -> None:
        """Add to failures what the logs say, several of which are read at a time."""
        in_parallel(
            lambda entry: outcome.explain(entry.progress, failed[entry]), failed, self.bulk.options["concurrency"]
        )

    def _holding_back(self, entry: Entry, culprit: Entry) -> VpnError:
        """Return why an entry was not gone on with."""
        what = "reset" if entry.phase == KEEPING else "deleted"
        return VpnError(
            f"not {what}, because {culprit.item.label}, of the same {self.bulk.parent}, failed; nothing was sent"
        )
