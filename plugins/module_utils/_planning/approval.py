# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An approved plan, held to until all of it has been sent. Private to this collection; no stable interface."""

from __future__ import annotations

from typing import Any, Mapping

from ansible_collections.huaweicloud.vpn.plugins.module_utils._planning.plan import DELETE, Plan, remaining

BODY = "body"
TAGS = "tags"

Form = Mapping[str, Any]


class Approval:
    """Says in which states of an object the rest of an approved plan may be sent.

    These are the state that was approved and those that the plan's own writes make of it. What a task desires does not
    change while it runs, so where the state is one of these, what is planned anew is part of what was approved.

    Args:
        plan: The approved plan.

    Attributes:
        sent: Which parts of the plan may have been carried out: BODY, TAGS.
    """

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.sent: set[str] = set()
        self._found = plan.found or {}

    def allows(self, plan: Plan) -> bool:
        """Return whether a plan made anew is a part of the approved one.

        Its state and changes follow from the found state, but for what marks decide, which belong to no state: whether
        there is a reset, and whether the write-only member is sent.
        """
        more_resets = plan.reset and not self.plan.reset
        more_secrets = plan.sends_write_only and not self.plan.sends_write_only
        more_effects = not set(plan.effects) <= set(self.plan.effects)
        other_companion = plan.companion not in (None, self.plan.companion)
        return not (more_resets or more_secrets or more_effects or other_companion) and self.covers(plan.found)

    def covers(self, found: dict[str, Any] | None) -> bool:
        """Return whether an object, or its absence, is as the plan found it or as its writes make it."""
        if found is None:
            return self.plan.found is None
        if self.plan.found is None:
            return BODY in self.sent and not remaining(self.plan, found)
        form = self.plan.resource.normalize(found)
        return self._tags_fit(form) and any(self._body_fits(form, found, done) for done in (False, BODY in self.sent))

    def _body_fits(self, form: Form, found: Form, carried_out: bool) -> bool:
        resource, base = self.plan.resource, self.plan.resource.normalize(self._found)
        free = {resource.tags, *(path for path, field in resource.managed.items() if not field.compared)}
        if resource.held is not None and self.plan.action == DELETE:
            # They are detached on the way.
            free |= set(resource.held.paths)
        if carried_out:
            base.update(self.plan.visible_leaves)
            free |= self._followers()
        return all(
            resource.managed[path].kind.same(base.get(path), form.get(path))
            for path in set(base) | set(form)
            if path not in free and self._in_both(path, found)
        )

    def _in_both(self, path: str, found: Form) -> bool:
        """Return whether two answers can be compared here: a list's entries may leave out objects that a read shows."""
        group, dot, _rest = path.partition(".")
        return not dot or bool(self._found.get(group) and found.get(group))

    def _followers(self) -> set[str]:
        """Return the members that the cloud changes by itself along with those that the plan sends."""
        sent, managed = set(self.plan.visible_leaves), self.plan.resource.managed
        found = {path for leaf in sent for path in managed[leaf].sent_with}
        found |= {
            path for path, field in managed.items() if field.only_with is not None and field.only_with.path in sent
        }
        return found - sent

    def _tags_fit(self, form: Form) -> bool:
        """Return whether each tag is as it was found, or as the plan's writes make it, one after another."""
        resource, tags = self.plan.resource, self.plan.resource.tags or ""
        before = resource.own_tags(resource.normalize(self._found).get(tags))
        now = resource.own_tags(form.get(tags))
        touched = set(self.plan.tags_set) | set(self.plan.tags_removed) if TAGS in self.sent else set()
        for key in set(before) | set(now):
            possible = [before.get(key)]
            if key in touched:
                possible += [self.plan.tags_set.get(key), None]
            if now.get(key) not in possible:
                return False
        return True
