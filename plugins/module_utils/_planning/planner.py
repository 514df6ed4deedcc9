# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How a plan is made from what a task wants and what was found. Private to this collection; no stable interface.

A creation, an update and a deletion each have rules of their own; what they amount to is always a `Plan`.
"""

from __future__ import annotations

import json
from typing import Any, Iterable, Iterator, Mapping, Sequence

from ansible_collections.huaweicloud.vpn.plugins.module_utils._planning.compare import (
    differences,
    nest,
    without_absent,
)
from ansible_collections.huaweicloud.vpn.plugins.module_utils._planning.plan import (
    CREATE,
    DELETE,
    NOTHING,
    RESET_ALWAYS,
    RESET_IF_REQUIRED,
    UPDATE,
    Desired,
    Form,
    Plan,
    late_paths,
    wanted_fingerprint,
)
from ansible_collections.huaweicloud.vpn.plugins.module_utils._schema.behavior import ID, RELEASE
from ansible_collections.huaweicloud.vpn.plugins.module_utils._schema.constraints import Case
from ansible_collections.huaweicloud.vpn.plugins.module_utils._schema.fields import (
    AT_CREATION,
    BY_TAGS,
    FIXED,
    IMMEDIATELY,
    LIST_MODE,
    REMOVE,
    REPLACE,
    ByAction,
    Depends,
    Field,
    OnlyWith,
)
from ansible_collections.huaweicloud.vpn.plugins.module_utils._schema.resource import Resource
from ansible_collections.huaweicloud.vpn.plugins.module_utils._secrets import MASK, SecretText


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
        """Add what the constraints between members and the kinds of what is sent find wrong or doubtful.

        Args:
            case: The settings, for the constraints.
            leaves: What is sent, `{path: canonical value}`.
        """
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
        companion = True if resource.companion and self.desired.companion else None
        self._judge(leaves)
        return Plan(
            resource,
            None,
            {},
            action=CREATE,
            leaves=leaves,
            tags_set=tags,
            changes=list(self._changes(leaves, tags, companion)),
            after=self._after(leaves, tags, companion),
            violations=self.violations,
            warnings=self.warnings,
            companion=companion,
        )

    def _judge(self, leaves: Form) -> None:
        """Find what forbids the creation, and what makes it doubtful."""
        if self.desired.list_mode == REMOVE:
            noun = self.resource.noun
            self.violations.append(f"{LIST_MODE} is {REMOVE}, but there is no {noun} to remove anything from")
        self.violations += missing_for_creation(self.resource, self.desired)
        self.check(Case(leaves, leaves, leaves), leaves)
        self.violations += self._unfit(leaves)

    def _changes(self, leaves: Form, tags: Form, companion: bool | None) -> Iterator[dict[str, Any]]:
        resource = self.resource
        yield from (_change(path, None, value, IMMEDIATELY) for path, value in self._visible(leaves).items())
        if resource.write_only in leaves:
            yield _change(str(resource.write_only), None, MASK, IMMEDIATELY)
        if tags and resource.tags:
            yield _change(resource.tags, None, tags, IMMEDIATELY)
        if resource.companion and companion:
            yield _change(resource.companion.option, None, True, IMMEDIATELY)

    def _after(self, leaves: Form, tags: Form, companion: bool | None) -> dict[str, Any]:
        """Return the new object as the diff shows it."""
        resource = self.resource
        after = nest({**self._visible(leaves), **({resource.tags: tags} if tags and resource.tags else {})})
        if resource.updated_key and resource.write_only in leaves:
            after[resource.updated_key] = True
        if resource.companion and companion:
            after[resource.companion.option] = True
        return after

    def _visible(self, leaves: Form) -> dict[str, Any]:
        return {path: value for path, value in leaves.items() if path != self.resource.write_only}

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
        changing = self._changing()
        tags_set, tags_removed = self._tags()
        by_action = self._by_action(changing)
        leaves = self._body_leaves(changing)
        self.check(Case(self.effective, changing, self.wanted), {**leaves, **dict(self._flat(by_action))})
        after = {**self.current, **{path: self.wanted[path] for path in changing}}
        if self.resource.tags and (tags_set or tags_removed):
            after[self.resource.tags] = self._tags_after(tags_set, tags_removed)
        companion = self._companion()
        changes = list(self._changes(changing, after, companion))
        late = late_paths(changes)
        reset = self._resets(late)
        if reset:
            changes.append(_change("reset", False, True, IMMEDIATELY))
        else:
            self._warn_of_reset(late)
        events = self._events(reset, companion)
        return Plan(
            self.resource,
            self.found,
            nest(self.current),
            action=UPDATE if changes else NOTHING,
            leaves=leaves,
            by_action=by_action,
            tags_set=tags_set,
            tags_removed=tags_removed,
            reset=reset,
            reset_required=bool(late or self._owes_reset) and not reset,
            changes=changes,
            before={**nest(self.current), **{name: not value for name, value in events.items()}},
            after={**nest(after), **events},
            violations=self.violations,
            warnings=self.warnings,
            companion=companion,
            effects=self._interruptions(changing),
        )

    def _changes(self, changing: Iterable[str], after: Form, companion: bool | None) -> Iterator[dict[str, Any]]:
        """Yield the changes, except for a reset, which follows from them.

        Args:
            changing: The paths of the members that change.
            after: The configuration afterwards.
            companion: Whether the companion is made or removed.
        """
        resource = self.resource
        for path in changing:
            yield _change(path, self.shown.get(path), after[path], self.effect(path, self.effective))
        if resource.write_only and self._sends_write_only():
            yield _change(resource.write_only, None, MASK, self.effect(resource.write_only, self.effective))
        if resource.tags and after.get(resource.tags) != self.current.get(resource.tags):
            yield _change(resource.tags, self.current.get(resource.tags), after[resource.tags], IMMEDIATELY)
        if resource.companion and companion is not None:
            yield _change(resource.companion.option, not companion, companion, IMMEDIATELY)

    def _events(self, reset: bool, companion: bool | None) -> dict[str, bool]:
        """Return what the diff shows beside the members, `{name: value afterwards}`. Before, the value is the other."""
        resource = self.resource
        events: dict[str, bool] = {}
        if resource.updated_key and self._sends_write_only():
            events[resource.updated_key] = True
        if reset:
            events["reset"] = True
        if resource.companion and companion is not None:
            events[resource.companion.option] = companion
        return events

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
        wanted = self.resource.own_tags(self.desired.values[path])
        found = self.resource.own_tags(self.current.get(path))
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

    def _warn_of_reset(self, late: Sequence[str]) -> None:
        """Warn of changes that are not used yet, since the plan does not reset the object."""
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
