# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The plan: what has to be done, computed once. Private to this collection; no stable interface.

Check mode, diff, result, verification and the request bodies all come from one `Plan`; nothing else predicts. This file
has what a task wants, what a plan holds, its ID, and what follows from it; `planner` makes the plan.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any, Iterable, Mapping, Sequence

from ansible_collections.huaweicloud.vpn.plugins.module_utils._planning.compare import copied, merge, nest
from ansible_collections.huaweicloud.vpn.plugins.module_utils._planning.fingerprint import fingerprint
from ansible_collections.huaweicloud.vpn.plugins.module_utils._schema.behavior import ID
from ansible_collections.huaweicloud.vpn.plugins.module_utils._schema.fields import (
    AFTER_RESET,
    REPLACE,
    Field,
    Required,
)
from ansible_collections.huaweicloud.vpn.plugins.module_utils._schema.resource import Resource
from ansible_collections.huaweicloud.vpn.plugins.module_utils._secrets import masked, reveal

# Rounds of PBKDF2 for a secret in a plan id.
KEY_ROUNDS = 600000
# Hexadecimal digits of each half of a plan ID.
PLAN_ID_DIGITS = 32

NOTHING = "none"
CREATE = "create"
UPDATE = "update"
DELETE = "delete"

RESET_NEVER = "never"
RESET_IF_REQUIRED = "if_required"
RESET_ALWAYS = "always"

Form = Mapping[str, Any]


class Desired:
    """What a task asks of one object.

    Args:
        values: Wanted leaves in normal form, `{dotted path: canonical value}`; a write-only one as a `SecretText`.
        absent: Whether the object shall be gone.
        update_write_only: Whether the write-only member is sent to an existing object.
        purge_tags: Whether tags that are not named are removed.
        reset: One of the RESET words.
        may_create: Whether the object is created where there is none.
        remember_reset: Whether a tag marks the object while it needs a reset.
        fingerprint_key: Where the write-only member is sent only if it is not the one last sent: the key of the
            fingerprint that tells, as a `SecretText`; None otherwise.
        list_mode: How the wanted lists of `Resource.by_entries` relate to those found: REPLACE, ADD or REMOVE.
        names: `{path: name}` of members that the task gives by a name; each becomes one of `values` once it is known.
        companion: Whether the object shall have its companion; None where that is not managed.
        fate: What becomes of what a deleted object held: KEEP or RELEASE; None where it holds nothing.

    Attributes:
        waived: What a creation needs by the table, but not here.
        obstacles: What forbids a deletion, as sentences.
        losses: What is deleted along with the object, as sentences.
    """

    def __init__(
        self,
        values: Form,
        absent: bool = False,
        update_write_only: bool = False,
        purge_tags: bool = False,
        reset: str = RESET_NEVER,
        may_create: bool = True,
        remember_reset: bool = True,
        fingerprint_key: str | None = None,
        list_mode: str = REPLACE,
        names: Mapping[str, str] | None = None,
        companion: bool | None = None,
        fate: str | None = None,
    ) -> None:
        self.values = values
        self.absent = absent
        self.update_write_only = update_write_only
        self.purge_tags = purge_tags
        self.reset = reset
        self.may_create = may_create
        self.remember_reset = remember_reset
        self.fingerprint_key = fingerprint_key
        self.list_mode = list_mode
        self.names = dict(names or {})
        self.companion = companion
        self.fate = fate
        self.waived: set[Required] = set()
        self.obstacles: list[str] = []
        self.losses: list[str] = []


class Plan:
    """What has to be done, and how it will look.

    Attributes:
        resource: The table.
        found: The object as an answer shows it; None when there is none.
        current: The configuration found, nested, in normal form.
        action: NOTHING, CREATE, UPDATE or DELETE.
        leaves: `{path: value}` that the body carries.
        by_action: `{action: {path: value}}` for members that change by an operation of their own.
        tags_set: Tags to create or change.
        tags_removed: Tags to delete.
        reset: Whether the object is reset afterwards.
        reset_required: Whether a change is used only after a reset that this plan does not do.
        changes: `{path, before, after, takes_effect}` as the result shows them.
        before: The configuration before, as the diff shows it, with marks for what has no value to show.
        after: The same afterwards.
        violations: What forbids the plan, as sentences.
        warnings: What makes it doubtful, as sentences.
        companion: Whether the companion is made (True) or removed (False); None where it is left as it is.
        effects: What it does or may do to others, as sentences; they belong to what is approved.
    """

    def __init__(
        self,
        resource: Resource,
        found: dict[str, Any] | None,
        current: dict[str, Any],
        action: str = NOTHING,
        leaves: Form | None = None,
        by_action: Mapping[str, Form] | None = None,
        tags_set: Mapping[str, str] | None = None,
        tags_removed: Mapping[str, str] | None = None,
        reset: bool = False,
        reset_required: bool = False,
        changes: Sequence[dict[str, Any]] = (),
        before: dict[str, Any] | None = None,
        after: dict[str, Any] | None = None,
        violations: Sequence[str] = (),
        warnings: Sequence[str] = (),
        companion: bool | None = None,
        effects: Sequence[str] = (),
    ) -> None:
        self.resource = resource
        self.found = found
        self.current = current
        self.action = action
        self.leaves = dict(leaves or {})
        self.by_action = dict(by_action or {})
        self.tags_set = dict(tags_set or {})
        self.tags_removed = dict(tags_removed or {})
        self.reset = reset
        self.reset_required = reset_required
        self.changes = list(changes)
        self.before = current if before is None else before
        self.after = {} if after is None else after
        self.violations = list(violations)
        self.companion = companion
        self.effects = list(effects)
        self.warnings = [*warnings, *self.effects]
        self._plan_id: str | None = None

    @property
    def changed(self) -> bool:
        """Return whether anything has to be done."""
        return self.action != NOTHING

    @property
    def changes_tags(self) -> bool:
        """Return whether tags are set or removed."""
        return bool(self.tags_set or self.tags_removed)

    @property
    def intent(self) -> list[dict[str, Any]]:
        """Return the changes as a plan ID hashes them: whether an answer shows nothing or leaves it out is the same."""
        effects = [{"effect": effect} for effect in self.effects]
        return [{**change, "before": change["before"] or None} for change in self.changes] + effects

    @property
    def needs_reset(self) -> bool:
        """Return whether a change is used only after the object has been reset."""
        return bool(late_paths(self.changes))

    @property
    def owed_reset(self) -> str | None:
        """Return what the mark of an earlier run says that a reset is needed for; None where there is no such mark."""
        return self.resource.marks(self.found).get(self.resource.reset_tag or "")

    @property
    def reset_mark(self) -> str:
        """Return what the mark has to say while the plan is carried out: the paths that need a reset."""
        return " ".join(dict.fromkeys([*(self.owed_reset or "").split(), *late_paths(self.changes)]))

    @property
    def sends_write_only(self) -> bool:
        """Return whether the body carries the write-only member."""
        return self.resource.write_only in self.leaves

    @property
    def body(self) -> dict[str, Any] | None:
        """Return what a POST or PUT carries, secrets as `SecretText`s; None when there is nothing to send."""
        members = {self._request_path(path): self._request_value(path, value) for path, value in self.leaves.items()}
        if self.action == CREATE and self.tags_set and self.resource.tags:
            members[self.resource.tags] = self._request_value(self.resource.tags, self.tags_set)
        return {self.resource.name: nest(members)} if members else None

    @property
    def shown_body(self) -> dict[str, Any] | None:
        """Return the body with secrets masked."""
        body: dict[str, Any] | None = masked(self.body)
        return body

    def action_body(self, action: str) -> dict[str, Any]:
        """Return what an operation carries that changes members of its own."""
        members = {path: self._request_value(path, value) for path, value in self.by_action[action].items()}
        return {self.resource.name: nest(members)}

    def _request_path(self, path: str) -> str:
        update_as = self.resource.managed[path].update_as
        return update_as if update_as and self.action == UPDATE else path

    def _request_value(self, path: str, value: Any) -> Any:
        return self.resource.managed[path].kind.for_request(value)

    @property
    def visible_leaves(self) -> dict[str, Any]:
        """Return the leaves that an answer shows once the plan is carried out."""
        every = dict(self.leaves)
        for leaves in self.by_action.values():
            every.update(leaves)
        return {path: value for path, value in every.items() if not self.resource.managed[path].write_only}

    def predicted(self) -> dict[str, Any] | None:
        """Return the object as an answer would show it once the plan is carried out; None when it is gone."""
        if self.action == DELETE or (self.found is None and self.action != CREATE):
            return None
        predicted: dict[str, Any] = copied(self.found) if self.found is not None else {}
        merge(predicted, nest(self.visible_leaves))
        if self.changes_tags and self.resource.tags:
            found = self.resource.normalize(predicted).get(self.resource.tags) or {}
            kept = {key: text for key, text in found.items() if key not in self.tags_removed}
            predicted[self.resource.tags] = {**kept, **self.tags_set}
        if self.companion is False and self.resource.companion:
            predicted.pop(self.resource.companion.shown_as, None)
        return predicted

    def plan_id(self) -> str:
        """Return `v1.<state>.<intent>`: what was found, and what would be done to it, each as a hash.

        Equal plans have equal ids on any host and Python. A secret that would be sent goes in through PBKDF2, salted
        with the state, so that guessing it from the id costs KEY_ROUNDS hashes a try.
        """
        if self._plan_id is None:
            state = sha256_of(self.current)
            key = derive_key(self.secrets(), state)
            self._plan_id = format_plan_id(state, sha256_of([self.intent, key]))
        return self._plan_id

    def secrets(self) -> list[str]:
        """Return what the plan would send of the write-only member, as `SecretText`s."""
        path = self.resource.write_only
        return [self.leaves[path]] if path is not None and path in self.leaves else []


def late_paths(changes: Iterable[Mapping[str, Any]]) -> list[str]:
    """Return the paths of the changes that are used only after a reset."""
    return [change["path"] for change in changes if change["takes_effect"] == AFTER_RESET]


def derive_key(secrets: Sequence[str], salt: str) -> str | None:
    """Return the hexadecimal PBKDF2-HMAC-SHA256 of several secrets as one; None where there are none.

    Args:
        secrets: `SecretText`s. Each goes in with its length, so that none runs into the next.
        salt: Hexadecimal digits.
    """
    if not secrets:
        return None
    joined = "".join(f"{len(secret)}:{secret}" for secret in reveal(list(secrets)))
    return hashlib.pbkdf2_hmac("sha256", joined.encode("utf-8"), salt.encode("ascii"), KEY_ROUNDS).hex()


def sha256_of(value: Any) -> str:
    """Return the SHA-256 of a value's canonical JSON."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def format_plan_id(state: str, intent: str) -> str:
    """Return the plan ID of two hashes; its halves are short enough to be read, copied and compared."""
    return f"v1.{state[:PLAN_ID_DIGITS]}.{intent[:PLAN_ID_DIGITS]}"


def id_of_all(plans: Iterable[Plan]) -> str:
    """Return the id of several plans as one: the halves of `Plan.plan_id`, hashed over the plans in order."""
    plans = list(plans)
    state = sha256_of([plan.current for plan in plans])
    secrets = [secret for plan in plans for secret in plan.secrets()]
    return format_plan_id(state, sha256_of([[plan.intent for plan in plans], derive_key(secrets, state)]))


def describe_mismatch(expected: str, actual: str) -> str:
    """Return which parts of two plan ids differ, in words."""
    parts = zip(("version", "found state", "intended changes"), expected.split("."), actual.split("."))
    return " and the ".join(name for name, one, other in parts if one != other)


def wanted_fingerprint(resource: Resource, desired: Desired, identifier: str) -> str | None:
    """Return the mark of an object that was last sent the write-only value of the task; None where none is wanted."""
    secret = desired.values.get(resource.write_only or "")
    if desired.fingerprint_key is None or secret is None:
        return None
    return fingerprint(desired.fingerprint_key, identifier, secret)


def predicted_marks(plan: Plan, desired: Desired) -> dict[str, str | None]:
    """Return the marks that the plan leaves behind, `{key: text}`, with None as text of those it removes.

    That of a new object is not known before its identifier.
    """
    resource = plan.resource
    marks: dict[str, str | None] = {}
    if resource.reset_tag and plan.reset:
        marks[resource.reset_tag] = None
    elif resource.reset_tag and plan.needs_reset and desired.remember_reset:
        marks[resource.reset_tag] = plan.reset_mark
    if resource.fingerprint_tag and plan.sends_write_only and plan.found is not None:
        marks[resource.fingerprint_tag] = wanted_fingerprint(resource, desired, plan.found[ID])
    return marks


def remaining(plan: Plan, answer: Form) -> dict[str, Any]:
    """Return the leaves of a plan that an answer does not show as planned.

    Returns:
        `{path: value shown}`; None for members the answer does not carry. Tags are compared by what the plan sets and
        removes.
    """
    resource, form = plan.resource, plan.resource.normalize(answer)
    fields: Mapping[str, Field] = resource.managed
    lacking = {
        path: form.get(path)
        for path, value in plan.visible_leaves.items()
        if fields[path].compared and not fields[path].kind.same(value, form.get(path))
    }
    if resource.tags and plan.changes_tags:
        tags = form.get(resource.tags) or {}
        wrong = any(tags.get(key) != text for key, text in plan.tags_set.items())
        if wrong or any(key in tags for key in plan.tags_removed):
            lacking[resource.tags] = tags
    return lacking
