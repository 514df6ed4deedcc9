# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An approved plan, held to until all of it has been sent. Private to this collection; no stable interface."""

from __future__ import annotations

from ansible_collections.huaweicloud.vpn.plugins.module_utils._compare import same
from ansible_collections.huaweicloud.vpn.plugins.module_utils._plan import remaining

BODY = "body"
TAGS = "tags"


class Approval:
    """Says in which states of an object what is left of an approved plan may be sent.

    These are the state that was approved and those that the plan's own writes make of it. A wish does not change
    while a task runs, so where the state is one of these, what is planned anew is a part of what was approved.

    :arg plan: the approved C(Plan).
    :ivar sent: which parts of the plan may have been carried out: BODY, TAGS (set of str).
    """

    def __init__(self, plan):
        self.plan = plan
        self.sent = set()

    def covers(self, found):
        """Say whether an object (dict), or that there is none (None), is as the plan found it or as its writes do."""
        if found is None:
            return self.plan.found is None
        if self.plan.found is None:
            return BODY in self.sent and not remaining(self.plan.resource, self.plan, found)
        form = self.plan.resource.normalize(found)
        outcomes = {False, BODY in self.sent}
        return self._tags_fit(form) and any(self._body_fits(form, found, carried_out) for carried_out in outcomes)

    def _body_fits(self, form, found, carried_out):
        resource, base = self.plan.resource, self.plan.resource.normalize(self.plan.found)
        free = {resource.tags, resource.secret}
        if carried_out:
            base.update(self.plan.leaves)
            free |= self._followers()
        return all(
            same(resource.managed[path], base.get(path), form.get(path))
            for path in set(base) | set(form) if path not in free and self._in_both(path, found))

    def _in_both(self, path, found):
        """Say whether two answers can be compared here: a list may leave out whole objects that a read shows."""
        group, dot, dummy = path.partition(".")
        return not dot or bool(self.plan.found.get(group) and found.get(group))

    def _followers(self):
        """Return the members that the cloud changes by itself along with those that the plan sends (set of paths)."""
        sent, managed = self.plan.leaves, self.plan.resource.managed
        found = {path for leaf in sent for path in managed[leaf].sent_with}
        found |= {path for path, field in managed.items() if field.only_with and field.only_with.path in sent}
        return found - set(sent)

    def _tags_fit(self, form):
        """Say whether each tag is as it was found, or as the plan's writes make it, one after another."""
        resource = self.plan.resource
        kind = resource.managed[resource.tags].kind
        before = kind.without_system(resource.normalize(self.plan.found).get(resource.tags))
        now = kind.without_system(form.get(resource.tags))
        touched = set(self.plan.tags_set) | set(self.plan.tags_removed) if TAGS in self.sent else set()
        # One that is replaced is gone for a moment.
        allowed = {name: (before.get(name), self.plan.tags_set.get(name), None) for name in touched}
        return all(now.get(name) in allowed.get(name, (before.get(name),)) for name in set(before) | set(now))
