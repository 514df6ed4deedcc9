# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The writes of a plan, one method each. Private to this collection; no stable interface.

Each sends its part of the plan once, and notes how the object looks afterwards. When they are sent, and whether again,
is decided in `reconcile` and `sender`.
"""

from __future__ import annotations

from typing import Any, Mapping

from ansible_collections.huaweicloud.vpn.plugins.module_utils._errors import ApiError, ChangeNotApplied, VpnError
from ansible_collections.huaweicloud.vpn.plugins.module_utils._planning.approval import BODY, TAGS
from ansible_collections.huaweicloud.vpn.plugins.module_utils._planning.compare import merge
from ansible_collections.huaweicloud.vpn.plugins.module_utils._planning.plan import Plan, remaining
from ansible_collections.huaweicloud.vpn.plugins.module_utils._schema.behavior import ID
from ansible_collections.huaweicloud.vpn.plugins.module_utils._schema.fields import RESET, TAGS_CREATE, TAGS_DELETE
from ansible_collections.huaweicloud.vpn.plugins.module_utils._work.progress import Progress
from ansible_collections.huaweicloud.vpn.plugins.module_utils._work.sender import Sender
from ansible_collections.huaweicloud.vpn.plugins.module_utils._work.waiters import listed_values


class Writes:
    """Sends the parts of the plan of one object.

    Args:
        progress: The work, with its plan.
        sender: Sends each request.
    """

    def __init__(self, progress: Progress, sender: Sender) -> None:
        self.progress = progress
        self.resource = progress.resource
        self.sender = sender

    def create(self) -> None:
        """Make the object."""
        plan = self.progress.plan
        answer = self.sender.write(BODY, self.progress.api.create, plan.body)
        self.progress.identifier = answer[ID]
        self._note_answer(plan, answer)

    def send_body(self) -> None:
        """Change the members that the body carries."""
        plan = self.progress.plan
        self._note_answer(plan, self.sender.write(BODY, self.progress.api.update, self.progress.identifier, plan.body))

    def send_tags(self) -> None:
        """Set and remove tags.

        Whether creating a tag overwrites one of the same key is not published, so a changed one is deleted first.
        """
        plan, kind = self.progress.plan, self.resource.managed[str(self.resource.tags)].kind
        found = kind.normalize((plan.found or {}).get(self.resource.tags or "")) or {}
        replaced = {key: text for key, text in found.items() if key in plan.tags_set}
        gone = {**plan.tags_removed, **replaced}
        if gone:
            self._act(TAGS, TAGS_DELETE, {"tags": kind.for_request(gone)})
        if plan.tags_set:
            try:
                self._act(TAGS, TAGS_CREATE, {"tags": kind.for_request(plan.tags_set)})
            except ApiError as error:
                if replaced and not (error.busy or error.effect_unknown):
                    self._restore_tags(kind.for_request(replaced))
                raise
        self.progress.last_read = self._without_state(plan.predicted())

    def _restore_tags(self, tags: list[dict[str, str]]) -> None:
        """Put back what was deleted to make room for tags that the cloud then refused; the refusal is reported."""
        try:
            self._act(TAGS, TAGS_CREATE, {"tags": tags})
        except VpnError as error:
            self.progress.warnings.append(f"tags deleted to be replaced could not be put back: {error.message}")

    def send_action(self, action: str) -> None:
        """Change the members that have this operation of their own."""
        plan = self.progress.plan
        self._act(BODY, action, plan.action_body(action))
        self.progress.last_read = self._without_state(plan.predicted())

    def send_reset(self) -> None:
        """Reset the object."""
        self._act(None, RESET)
        self.progress.last_read = self._without_state(self.progress.last_read)
        self.progress.reset_due = False

    def send_companion(self) -> None:
        """Make or remove the companion, as the plan says."""
        companion, api, last_read = self.resource.companion, self.progress.api, dict(self.progress.last_read or {})
        if companion is None:
            return
        if self.progress.plan.companion:
            made = self.sender.write(None, api.create_companion, companion, str(self.progress.identifier))
            last_read[companion.shown_as] = made
        else:
            self.remove_companion()
            last_read.pop(companion.shown_as, None)
        self.progress.last_read = last_read

    def remove_companion(self) -> None:
        """Remove the companion that the object was found with."""
        companion = self.resource.companion
        identifier = companion.identifier(self.progress.plan.found) if companion else None
        if companion and identifier:
            self.sender.write(None, self.progress.api.delete_other, companion.resource, identifier)

    def send_deletion(self) -> None:
        """Delete the object."""
        self.sender.write(None, self.progress.api.delete, self.progress.identifier)

    def _act(self, part: str | None, action: str, body: dict[str, Any] | None = None) -> None:
        arguments = () if body is None else (body,)
        self.sender.write(part, self.progress.api.act, action, self.progress.identifier, *arguments)

    def _note_answer(self, plan: Plan, answer: dict[str, Any]) -> None:
        """Note what a write did, and refuse an answer that shows other values than those sent."""
        if plan.sends_write_only:
            self.progress.desired.update_write_only = False
            self.progress.sent.secret = True
        form = self.resource.normalize(answer)
        kept = {path: value for path, value in remaining(plan, answer).items() if path in form and path in plan.leaves}
        if kept:
            raise ChangeNotApplied(f"the server accepted the change and kept {listed_values(kept)}")
        shown = self._without_state(plan.predicted())
        merge(shown, answer)
        self.progress.last_read = shown

    def _without_state(self, found: Mapping[str, Any] | None) -> dict[str, Any]:
        """Return an object without the state it had before a write, which must not pass for the one after it."""
        return {name: value for name, value in (found or {}).items() if name != self.resource.states.member}
