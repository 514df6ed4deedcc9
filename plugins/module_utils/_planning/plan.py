# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The plan: what has to be done, computed once. Private to this collection; no stable interface.

Check mode, diff, result, verification and the request bodies all come from one `Plan`; nothing predicts beside it.
"""

from __future__ import annotations

import copy
import hashlib
import json
from typing import Any, Iterable, Iterator, Mapping, Sequence

from ansible_collections.huaweicloud.vpn.plugins.module_utils._planning.compare import (
    differences,
    merge,
    nest,
    without_absent,
)
from ansible_collections.huaweicloud.vpn.plugins.module_utils._planning.fingerprint import fingerprint
from ansible_collections.huaweicloud.vpn.plugins.module_utils._schema.constraints import Case
from ansible_collections.huaweicloud.vpn.plugins.module_utils._schema.fields import (
    AFTER_RESET,
    AT_CREATION,
    BY_TAGS,
    FIXED,
    ID,
    IMMEDIATELY,
    LIST_MODE,
    RELEASE,
    REMOVE,
    REPLACE,
    ByAction,
    Depends,
    Field,
    OnlyWith,
    Required,
    Resource,
)
from ansible_collections.huaweicloud.vpn.plugins.module_utils._secrets import MASK, SecretText, masked, reveal

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
        return bool(_late(self.changes))

    @property
    def owed_reset(self) -> str | None:
        """Return what the mark of an earlier run says that a reset is needed for; None where there is no such mark."""
        return self.resource.marks(self.found).get(self.resource.reset_tag or "")

    @property
    def reset_mark(self) -> str:
        """Return what the mark has to say while the plan is carried out: the paths that need a reset."""
        return " ".join(dict.fromkeys([*(self.owed_reset or "").split(), *_late(self.changes)]))

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
        predicted: dict[str, Any] = copy.deepcopy(self.found) if self.found is not None else {}
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


def make_plan(resource: Resource, desired: Desired, found: dict[str, Any] | None) -> Plan:
    """Return the plan that turns what was found into what a task asks.

    Args:
        resource: The table.
        desired: What the task asks.
        found: The object as an answer shows it; None when there is none.
    """
    form = without_absent(resource, resource.normalize(found)) if found is not None else {}
    current = {path: value for path, value in form.items() if resource.managed[path].compared}
    if desired.absent:
        return _plan_absence(resource, desired, found, current)
    if found is None:
        return _Creation(resource, desired).plan()
    return _Update(resource, desired, found, current).plan()


def _plan_absence(resource: Resource, desired: Desired, found: dict[str, Any] | None, current: Form) -> Plan:
    if found is None:
        return Plan(resource, found, {})
    change = _change("state", "present", "absent", IMMEDIATELY)
    return Plan(
        resource,
        found,
        nest(current),
        action=DELETE,
        changes=[change],
        violations=desired.obstacles,
        effects=[*desired.losses, *_fates(resource, desired, current)],
    )


def _fates(resource: Resource, desired: Desired, current: Form) -> Iterator[str]:
    """Yield what becomes of what the object holds, as sentences."""
    held = resource.held
    for path in held.paths if held is not None and desired.fate else ():
        if held is not None and path in current:
            words = "is released with it" if desired.fate == RELEASE else "is detached and kept"
            yield f"the {held.noun} {current[path]} {words}"


def _late(changes: Iterable[Mapping[str, Any]]) -> list[str]:
    """Return the paths of the changes that are used only after a reset."""
    return [change["path"] for change in changes if change["takes_effect"] == AFTER_RESET]


def _change(path: str, before: Any, after: Any, takes_effect: str) -> dict[str, Any]:
    return {"path": path, "before": before, "after": after, "takes_effect": takes_effect}


class _Planner:
    """What the planning of a creation and of an update share.

    Attributes:
        violations: What forbids the plan, so far.
        warnings: What makes it doubtful, so far.
    """

    def __init__(self, resource: Resource, desired: Desired) -> None:
        self.resource = resource
        self.desired = desired
        self.violations: list[str] = []
        self.warnings: list[str] = []

    def check(self, case: Case, leaves: Form) -> None:
        """Let the constraints between members, and the kinds of what is sent, speak."""
        for constraint in self.resource.constraints:
            self.violations += constraint.errors(case)
            self.warnings += constraint.warnings(case)
        for path, value in leaves.items():
            doubts = (
                value.warnings if isinstance(value, SecretText) else self.resource.managed[path].kind.warnings(value)
            )
            self.warnings += (f"{path} {warning}" for warning in doubts)

    def report_misplaced(self, path: str, value: Any, effective: Form, condition: OnlyWith) -> None:
        """Tell of a member that does not exist under the settings in force."""
        if self.resource.managed[path].kind.compare_key(value) is None:
            return
        values, other = " or ".join(sorted(condition.values)), effective.get(condition.path, condition.default)
        sentence = f"{path} exists only with {condition.path} {values}, not with {other}"
        if condition.refused:
            self.violations.append(sentence)
        else:
            self.warnings.append(f"{sentence}; it is left alone")

    def effect(self, path: str, effective: Form) -> str:
        """Return when a change of this member is used."""
        effect = self.resource.managed[path].takes_effect
        return effect.resolve(effective) if isinstance(effect, Depends) else effect


class _Creation(_Planner):
    """Plans a new object."""

    def plan(self) -> Plan:
        """Return the finished plan."""
        resource, wanted = self.resource, dict(self._applicable())
        tags = self.resource.own_tags(wanted.pop(resource.tags, None)) if resource.tags else {}
        leaves = {path: value for path, value in wanted.items() if self._is_sent(path, value)}
        if self.desired.list_mode == REMOVE:
            self.violations.append(f"{LIST_MODE} is {REMOVE}, but there is no {resource.noun} to remove anything from")
        self.violations += missing_for_creation(resource, self.desired)
        self.check(Case(leaves, leaves, leaves), leaves)
        self.violations += self._unfit(leaves)
        ordinary = {path: value for path, value in leaves.items() if not resource.managed[path].write_only}
        changes = [_change(path, None, value, IMMEDIATELY) for path, value in ordinary.items()]
        changes += [_change(path, None, MASK, IMMEDIATELY) for path in leaves if path not in ordinary]
        after = dict(ordinary)
        if tags and resource.tags:
            changes.append(_change(resource.tags, None, tags, IMMEDIATELY))
            after[resource.tags] = tags
        nested = nest(after)
        if resource.updated_key and resource.write_only in leaves:
            nested[resource.updated_key] = True
        companion = True if resource.companion and self.desired.companion else None
        if resource.companion and companion:
            changes.append(_change(resource.companion.option, None, True, IMMEDIATELY))
            nested[resource.companion.option] = True
        return Plan(
            resource,
            None,
            {},
            action=CREATE,
            leaves=leaves,
            tags_set=tags,
            changes=changes,
            after=nested,
            violations=self.violations,
            warnings=self.warnings,
            companion=companion,
        )

    def _applicable(self) -> Iterator[tuple[str, Any]]:
        """Yield the wanted members that exist under the wanted settings."""
        for path, value in self.desired.values.items():
            condition = self.resource.managed[path].only_with
            if condition is None or condition.holds(self.desired.values):
                yield path, value
            else:
                self.report_misplaced(path, value, self.desired.values, condition)

    def _unfit(self, leaves: Form) -> Iterator[str]:
        """Yield what is wrong with members that count at creation only, or after it only."""
        for path, value in leaves.items():
            field = self.resource.managed[path]
            if field.change == AT_CREATION:
                yield from (f"{path} {error}" for error in field.kind.errors(value))
            elif field.only_later:
                yield f"{path} cannot be set at creation: create the {self.resource.noun} first, then set it"

    def _is_sent(self, path: str, value: Any) -> bool:
        """Return whether a value is sent: not what equals an absent member, except for a false that the task gives."""
        return value is False or self.resource.managed[path].kind.compare_key(value) is not None


def missing_for_creation(resource: Resource, desired: Desired) -> list[str]:
    """Return a sentence that names what a creation lacks, or nothing."""
    given = set(without_absent(resource, desired.values))
    missing = [
        str(required)
        for required in resource.required
        if required.lacks(given, desired.values) and required not in desired.waived
    ]
    if not missing:
        return []
    name = desired.values.get(resource.identity.name or "")
    unknown = f"no {resource.noun} is named {name}; " if name else ""
    return [f"{unknown}creating a {resource.noun} needs {_enumerated(missing)}"]


def _enumerated(parts: Sequence[str]) -> str:
    """Return a list as a sentence names it; a comma separates its last part, which may be a choice."""
    return ", and ".join(filter(None, (", ".join(parts[:-1]), parts[-1])))


class _Update(_Planner):
    """Plans a change of what exists."""

    def __init__(self, resource: Resource, desired: Desired, found: dict[str, Any], current: dict[str, Any]) -> None:
        super().__init__(resource, desired)
        self.found = found
        self.current = current
        self.shown = resource.normalize(found)
        self.wanted = self._resulting()
        self.effective = {**current, **self.wanted}
        self.marks = resource.marks(found)

    def _resulting(self) -> Form:
        """Return the wanted members, with lists as they shall be once entries were added or removed."""
        desired, managed = self.desired, self.resource.managed
        if desired.list_mode == REPLACE:
            return desired.values
        wanted = dict(desired.values)
        for path in self.resource.by_entries:
            if path in wanted:
                wanted[path] = managed[path].resulting(desired.list_mode, wanted[path], self.current.get(path))
        return wanted

    def plan(self) -> Plan:
        """Return the finished plan."""
        resource, wanted = self.resource, self.wanted
        changing = self._changing()
        tags_set, tags_removed = self._tags()
        by_action = self._by_action(changing)
        leaves = self._body_leaves(changing)
        self.check(Case(self.effective, changing, wanted), {**leaves, **dict(self._flat(by_action))})
        changes = [
            _change(path, self.shown.get(path), wanted[path], self.effect(path, self.effective)) for path in changing
        ]
        before, after = self.current, {**self.current, **{path: wanted[path] for path in changing}}
        if resource.write_only and self._sends_write_only():
            changes.append(_change(resource.write_only, None, MASK, self.effect(resource.write_only, self.effective)))
        if resource.tags and (tags_set or tags_removed):
            after[resource.tags] = self._tags_after(tags_set, tags_removed)
            changes.append(_change(resource.tags, before.get(resource.tags), after[resource.tags], IMMEDIATELY))
        companion = self._companion()
        flags: dict[str, Any] = {}
        if resource.companion and companion is not None:
            changes.append(_change(resource.companion.option, not companion, companion, IMMEDIATELY))
            flags[resource.companion.option] = not companion
        late = _late(changes)
        reset = self._resets(late)
        self._warn_of_reset(late, reset)
        marks = [resource.updated_key] if resource.updated_key and self._sends_write_only() else []
        if reset:
            changes.append(_change("reset", False, True, IMMEDIATELY))
            marks.append("reset")
        return Plan(
            resource,
            self.found,
            nest(before),
            action=UPDATE if changes else NOTHING,
            leaves=leaves,
            by_action=by_action,
            tags_set=tags_set,
            tags_removed=tags_removed,
            reset=reset,
            reset_required=bool(late or self._owes_reset) and not reset,
            changes=changes,
            before={**nest(before), **dict.fromkeys(marks, False), **flags},
            after={**nest(after), **dict.fromkeys(marks, True), **{name: not there for name, there in flags.items()}},
            violations=self.violations,
            warnings=self.warnings,
            companion=companion,
            effects=self._interruptions(changing),
        )

    def _companion(self) -> bool | None:
        """Return whether the companion is to be made or removed; None where it is left as it is."""
        wanted, companion = self.desired.companion, self.resource.companion
        if companion is None or wanted is None or wanted == bool(companion.identifier(self.found)):
            return None
        return wanted

    def _interruptions(self, changing: Iterable[str]) -> list[str]:
        """Return what the changes may interrupt, as sentences."""
        managed = self.resource.managed
        return [managed[path].interrupts for path in changing if managed[path].interrupts and self._takes_away(path)]

    def _takes_away(self, path: str) -> bool:
        """Return whether a change takes away what was there; that of a list may only add."""
        found, wanted = self.shown.get(path), self.wanted[path]
        return not isinstance(found, list) or not set(found) <= set(wanted)

    def _changing(self) -> list[str]:
        """Return the paths that change; what differs and may not change is reported and stays in force as it is."""
        changing = []
        for path in differences(self.resource, self.wanted, self.current):
            if self._may_change(path, self.wanted[path]):
                changing.append(path)
            else:
                self.effective.pop(path, None)
                if path in self.current:
                    self.effective[path] = self.current[path]
        return changing

    def _may_change(self, path: str, wanted: Any) -> bool:
        field = self.resource.managed[path]
        if field.change == BY_TAGS:
            return False
        if field.only_with is not None and not field.only_with.holds(self.effective):
            self.report_misplaced(path, wanted, self.effective, field.only_with)
            return False
        if field.change == FIXED:
            self._report_fixed(path, wanted)
            return False
        if field.targets is not None and not self._is_target(field, wanted):
            self._report_no_target(path, field.targets, wanted)
            return False
        if not field.may_empty(wanted):
            self.violations.append(f"{path} cannot be emptied: the API documents no way to clear it")
            return False
        if self.desired.list_mode != REPLACE:
            self.violations += (f"{path} {error}" for error in field.result_errors(wanted))
        return True

    def _is_target(self, field: Field, wanted: Any) -> bool:
        return any(field.kind.same(wanted, field.kind.normalize(word)) for word in self._targets(field.targets))

    def _targets(self, member: str | None) -> list[str]:
        listed = self.found.get(member or "")
        return [str(word) for word in listed] if isinstance(listed, list) else []

    def _report_no_target(self, path: str, member: str, wanted: Any) -> None:
        possible = " or ".join(self._targets(member)) or "nothing else"
        self.violations.append(
            f"{path} cannot be changed from {_format(self.shown.get(path))} to {_format(wanted)}: the API lists"
            f" {possible} as possible"
        )

    def _report_fixed(self, path: str, wanted: Any) -> None:
        found = self.shown.get(path)
        if found is None:
            found = self.resource.managed[path].kind.absent
        if found is None or found == "":
            self.warnings.append(f"{path} is not in the answer of the API, so it was not compared")
        else:
            sentence = f"{path} is fixed at creation: it is {_format(found)}, the task asks for {_format(wanted)}"
            remedy = self.resource.managed[path].remedy
            self.violations.append(f"{sentence}; {remedy}" if remedy else sentence)

    def _by_action(self, changing: Iterable[str]) -> dict[str, dict[str, Any]]:
        grouped: dict[str, dict[str, Any]] = {}
        for path in changing:
            change = self.resource.managed[path].change
            if isinstance(change, ByAction):
                grouped.setdefault(change.action, {})[path] = self.wanted[path]
        return grouped

    @staticmethod
    def _flat(by_action: Mapping[str, Form]) -> Iterator[tuple[str, Any]]:
        for leaves in by_action.values():
            yield from leaves.items()

    def _body_leaves(self, changing: Sequence[str]) -> dict[str, Any]:
        """Return what the PUT carries: what changes, what has to go with it, and the write-only member where asked."""
        managed, wanted = self.resource.managed, self.wanted
        sent = {path for path in changing if not isinstance(managed[path].change, ByAction)}
        sent |= {path for leaf in changing for path in managed[leaf].sent_with if path in wanted}
        leaves = {path: wanted[path] for path in managed if path in sent}
        if self.resource.write_only and self._sends_write_only():
            leaves[self.resource.write_only] = wanted[self.resource.write_only]
        return leaves

    def _sends_write_only(self) -> bool:
        given = self.resource.write_only in self.desired.values
        return self.desired.update_write_only and given and not self._is_last_sent()

    def _is_last_sent(self) -> bool:
        """Return whether the object's mark tells that the write-only value of the task is the one last sent."""
        known = self.marks.get(self.resource.fingerprint_tag or "")
        return known is not None and known == wanted_fingerprint(self.resource, self.desired, self.found[ID])

    def _tags(self) -> tuple[dict[str, str], dict[str, str]]:
        """Return (tags to set, tags to remove)."""
        path = self.resource.tags
        if path is None or path not in self.desired.values:
            return {}, {}
        wanted, found = (
            self.resource.own_tags(self.desired.values[path]),
            self.resource.own_tags(self.current.get(path)),
        )
        changed = {key: text for key, text in wanted.items() if found.get(key) != text}
        removed = {key: text for key, text in found.items() if key not in wanted} if self.desired.purge_tags else {}
        return changed, removed

    def _tags_after(self, tags_set: Form, tags_removed: Form) -> Any:
        path = self.resource.tags or ""
        kept = {key: text for key, text in (self.current.get(path) or {}).items() if key not in tags_removed}
        return self.resource.managed[path].kind.normalize({**kept, **tags_set})

    @property
    def _owes_reset(self) -> bool:
        return self.resource.reset_tag in self.marks

    def _resets(self, late: Sequence[str]) -> bool:
        if self.desired.reset == RESET_ALWAYS:
            return True
        return self.desired.reset == RESET_IF_REQUIRED and bool(late or self._owes_reset)

    def _warn_of_reset(self, late: Sequence[str], reset: bool) -> None:
        if reset:
            return
        if late:
            self.warnings.append(f"{', '.join(late)}: {self.resource.late_warning}")
        if self._owes_reset:
            paths = ", ".join(self.marks[str(self.resource.reset_tag)].split()) or "settings"
            self.warnings.append(
                f"a reset is owed since an earlier change of {paths}: the {self.resource.noun} uses the change only"
                " once it has been re-established; set reset=if_required at a time that suits both ends"
            )


def _format(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, (bool, list, dict)) else str(value)


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
