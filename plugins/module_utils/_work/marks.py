# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Marks: tags by which a later run knows what this one did. Private to this collection; no stable interface.

The reset mark says that a reset is owed, and for what. It is set before a change that needs a reset, and removed after
the reset. The fingerprint tells which secret was sent last. It is removed before another one is sent, and set last.
A mark that the cloud refuses costs a warning, never the change.
"""

from __future__ import annotations

import contextlib

from ansible_collections.huaweicloud.vpn.plugins.module_utils._clock import Deadline
from ansible_collections.huaweicloud.vpn.plugins.module_utils._errors import ApiError, VpnError
from ansible_collections.huaweicloud.vpn.plugins.module_utils._planning.plan import wanted_fingerprint
from ansible_collections.huaweicloud.vpn.plugins.module_utils._schema.fields import TAGS_CREATE, TAGS_DELETE
from ansible_collections.huaweicloud.vpn.plugins.module_utils._work.progress import Progress
from ansible_collections.huaweicloud.vpn.plugins.module_utils._work.sender import MARK, Sender
from ansible_collections.huaweicloud.vpn.plugins.module_utils._work.waiters import STALE_READ_SECONDS, UntilMarked


class Marks:
    """Sets and removes the marks of one object.

    Args:
        progress: The work; holds which marks were written.
        sender: Sends each request.
    """

    def __init__(self, progress: Progress, sender: Sender) -> None:
        self.progress = progress
        self.resource = progress.resource
        self.sender = sender

    def before(self) -> None:
        """Mark the object before something is sent that needs a reset, and unmark a secret that is to be replaced.

        A run that ends anywhere after this leaves the marks that make the next one finish the work.
        """
        plan, tag = self.progress.reported_plan, self.resource.reset_tag
        if tag and self.progress.desired.remember_reset and plan.needs_reset and plan.owed_reset != plan.reset_mark:
            # One that is there already is left in its place, whether or not the cloud overwrites it: it must not be
            # missing for a moment.
            refusal = self._set(tag, plan.reset_mark)
            if refusal and plan.owed_reset is None:
                self.progress.warnings.append(
                    f"the reset that the change needs cannot be remembered in the tag {tag}: {refusal};"
                    " if the task ends before the reset, run it again with reset=always"
                )
        tag = self.resource.fingerprint_tag
        if tag and plan.sends_write_only and tag in self.resource.marks(plan.found):
            refusal = self._remove(tag)
            if refusal:
                path = self.resource.write_only
                self.progress.warnings.append(f"the tag {tag} still tells of an earlier {path}: {refusal}")

    def take_back(self) -> None:
        """Remove the mark of a change that was refused: nothing is owed for it."""
        tag, sent = self.resource.reset_tag, self.progress.sent
        if tag and not sent.needs_reset and sent.marks.get(tag) and self.progress.reported_plan.owed_reset is None:
            # What is reported is why the change failed. A mark that stays costs at most a reset.
            with contextlib.suppress(VpnError):
                self._remove(tag)

    def after(self) -> None:
        """Remove the mark of a reset that has been done; then mark the object with the secret that it was sent."""
        self._unmark_reset()
        self._mark_secret()
        shown = self.resource.marks(self.progress.last_read)
        if any(shown.get(tag) != text for tag, text in self.progress.sent.marks.items()):
            self._await()

    def _unmark_reset(self) -> None:
        tag, plan = self.resource.reset_tag, self.progress.reported_plan
        if not (tag and plan.reset and (plan.owed_reset is not None or self.progress.sent.marks.get(tag))):
            return
        refusal = self._remove(tag)
        if refusal:
            self.progress.warnings.append(
                f"the reset was done, but the tag {tag}, which asks for it, could not be removed: {refusal};"
                " remove it, or the next run with reset=if_required resets again"
            )

    def _mark_secret(self) -> None:
        tag = self.resource.fingerprint_tag
        if tag is None or not self.progress.sent.secret:
            return
        text = wanted_fingerprint(self.resource, self.progress.desired, str(self.progress.identifier))
        if text is None:
            return
        refusal = self._set(tag, text)
        if refusal:
            path = self.resource.write_only
            self.progress.warnings.append(
                f"the tag {tag} could not be set: {refusal}; the next run sends the {path} again"
            )

    def _set(self, tag: str, text: str) -> str | None:
        """Set a mark; return why the cloud refuses that, or None where it does not."""
        return self._send(TAGS_CREATE, tag, text, text)

    def _remove(self, tag: str) -> str | None:
        """Remove a mark; return why the cloud refuses that, or None where it does not."""
        found = self.resource.marks(self.progress.reported_plan.found)
        text = self.progress.sent.marks.get(tag) or found.get(tag, "")
        return self._send(TAGS_DELETE, tag, text, None)

    def _send(self, action: str, tag: str, text: str, result: str | None) -> str | None:
        kind = self.resource.managed[str(self.resource.tags)].kind
        body = {"tags": kind.for_request({tag: text})}
        tries = 0

        def send() -> None:
            nonlocal tries
            tries += 1
            self.sender.write(MARK, self.progress.api.act, action, self.progress.identifier, body)

        try:
            # What was read before this task wrote does not count.
            self.sender.persist(lambda plan: not tries or self.resource.marks(plan.found).get(tag) != result, send)
        except ApiError as error:
            if error.effect_unknown or error.busy:
                raise
            return error.message
        self.progress.sent.marks[tag] = result
        return None

    def _await(self) -> None:
        """Read until the marks show: a run that begins right after this one must not act on what they were."""
        if not self.progress.options["wait"]:
            return
        deadline = Deadline(self.sender.clock, STALE_READ_SECONDS)
        with contextlib.suppress(VpnError):
            # The work is done; that reads still show old marks, or fail, is no failure of it.
            marks = self.progress.sent.marks
            waiter = UntilMarked(self.progress.what, self.resource, marks, self.sender.clock, deadline)
            self.progress.last_read = self.sender.wait_for(waiter, at_once=True)
