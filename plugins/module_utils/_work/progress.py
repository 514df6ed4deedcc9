# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is known of one object, and what has been done to it. Private to this collection; no stable interface.

The files of this package that work on one object share a `Progress`: `checks` decides from it whether to go on;
`sender`, `writes`, `marks`, `creation` and `reconcile` send, and note what they sent; `outcome` makes the result of it.
"""

from __future__ import annotations

from typing import Any, Callable, Dict, Mapping, Optional

from ansible_collections.huaweicloud.vpn.plugins.module_utils._planning.approval import Approval
from ansible_collections.huaweicloud.vpn.plugins.module_utils._planning.plan import Desired, Plan
from ansible_collections.huaweicloud.vpn.plugins.module_utils._planning.planner import make_plan
from ansible_collections.huaweicloud.vpn.plugins.module_utils._schema.behavior import ID
from ansible_collections.huaweicloud.vpn.plugins.module_utils._schema.resource import Resource
from ansible_collections.huaweicloud.vpn.plugins.module_utils._work import lookup, references
from ansible_collections.huaweicloud.vpn.plugins.module_utils._work.api import Api, Reader
from ansible_collections.huaweicloud.vpn.plugins.module_utils._work.surroundings import look_around

# Returns the object that a task means, as `lookup.find` does.
Find = Callable[[Reader, Desired, Optional[str]], Optional[Dict[str, Any]]]


class Sent:
    """What a task has sent to the object, or may have sent.

    Attributes:
        last_write: When it last wrote, by the clock; None where it has not.
        touched: Whether anything but a mark was written.
        needs_reset: Whether what was sent is used only after a reset that has not been done.
        secret: Whether the write-only member was sent.
        marks: Tags of this collection that were written, `{key: text}`; None as text of those removed.
    """

    def __init__(self) -> None:
        self.last_write: float | None = None
        self.touched = False
        self.needs_reset = False
        self.secret = False
        self.marks: dict[str, str | None] = {}


class Progress:
    """The work on one object, as far as it has come.

    Args:
        resource: The table.
        desired: What the task asks.
        options: Validated options, of which the identity, `wait`, `wait_timeout` (seconds) and `expect_active` count.
        api: The operations of the resource.

    Attributes:
        identifier: The object's identifier, once it is known.
        plan: What is left to do.
        initial_plan: The plan that the result tells of: the last one made before anything was written.
        last_read: The object as last read or predicted; None when there is none.
        approval: Limits what may be sent; None where no plan was approved.
        reset_due: Whether the reset that was reported is the next thing to send.
        sent: What has been sent.
        warnings: What the task has to say besides the plan's warnings, as sentences.
    """

    def __init__(self, resource: Resource, desired: Desired, options: Mapping[str, Any], api: Api) -> None:
        self.resource = resource
        self.desired = desired
        self.options = options
        self.api = api
        self.identifier: str | None = options.get(ID)
        self.plan = Plan(resource, None, {})
        self.initial_plan: Plan | None = None
        self.last_read: dict[str, Any] | None = None
        self.approval: Approval | None = None
        self.reset_due = False
        self.sent = Sent()
        self.warnings: list[str] = []

    @property
    def what(self) -> str:
        """Return the object's kind and identifier, for a sentence."""
        return f"{self.resource.noun} {self.identifier}"

    @property
    def written(self) -> bool:
        """Return whether anything was, or may have been, written."""
        return self.sent.last_write is not None

    @property
    def reported_plan(self) -> Plan:
        """Return the plan that the result tells of."""
        return self.initial_plan or self.plan

    def load(self, find: Find = lookup.find) -> None:
        """Look the object up, and plan.

        Args:
            find: How it is looked up: in the cloud, or in what was read for many.
        """
        references.resolve_names(self.api, self.desired, self.identifier)
        self.accept(find(self.api, self.desired, self.identifier))

    def accept(self, found: dict[str, Any] | None) -> None:
        """Plan from what was found."""
        self.last_read = found
        if found is not None:
            self.identifier = found[ID]
        desired = self.desired
        references.resolve_parts(self.api, desired, None if self.is_being_deleted() else found)
        if desired.may_create and not desired.absent and (found is None or self.is_being_deleted()):
            lookup.waive_requirements(self.api, self.desired)
        self.replan(found)

    def replan(self, found: dict[str, Any] | None) -> None:
        """Plan from what was found; until something is written, this is also the plan that is reported."""
        self.last_read = found
        if self.desired.absent and found is not None and not self.is_being_deleted():
            look_around(self.api, self.options, self.desired, found[ID])
        self.plan = make_plan(self.resource, self.desired, None if self.is_being_deleted() else found)
        if not self.written:
            self.initial_plan = self.plan

    def is_being_deleted(self) -> bool:
        """Return whether a deletion of the object, as last read, is under way."""
        return self.resource.states.of(self.last_read) in self.resource.states.deleting

    def is_busy(self) -> bool:
        """Return whether something is under way on the object, which has to be over before a write."""
        return self.resource.states.of(self.last_read) in self.resource.states.busy

    def waits_for_deletion(self) -> bool:
        """Return whether the object is being deleted already, and that has to be waited for."""
        return self.is_being_deleted() and bool(self.plan.changed or self.options["wait"])

    @property
    def has_work(self) -> bool:
        """Return whether anything has to be sent or waited for."""
        return self.plan.changed or self.waits_for_deletion()

    @property
    def owes_reset(self) -> bool:
        """Return whether the object still needs a reset, after what this task has begun."""
        begun = self.written or self.reset_due
        return begun and (self.sent.needs_reset or self.is_marked)

    @property
    def is_marked(self) -> bool:
        """Return whether the object is marked as one that needs a reset."""
        return self.sent.marks.get(self.resource.reset_tag or "", self.reported_plan.owed_reset) is not None
