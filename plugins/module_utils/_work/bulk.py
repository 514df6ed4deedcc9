# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Many objects in one task: one list, one plan for all, parallel writes. Private; no stable interface.

Everything is validated and planned before the first write. Writes then run in parallel across the objects they belong
to (gateways), one at a time within each; what has to be waited for is read by one list a round. Within a gateway
deletions come last, and resets take turns. It takes a resource whose objects have a name and a parent; today that is
the connection.
"""

from __future__ import annotations

from typing import Any, Callable, Iterable, Iterator, Mapping

from ansible_collections.huaweicloud.vpn.plugins.module_utils._clock import Clock, Deadline
from ansible_collections.huaweicloud.vpn.plugins.module_utils._errors import (
    MAX_NAMED,
    ApiError,
    InvalidInput,
    NoResponse,
    PlanMismatch,
    Unreachable,
    VpnError,
    first_of,
)
from ansible_collections.huaweicloud.vpn.plugins.module_utils._http.throttle import AdaptiveThrottle
from ansible_collections.huaweicloud.vpn.plugins.module_utils._input.access import AUTH_OPTIONS, out_of_range
from ansible_collections.huaweicloud.vpn.plugins.module_utils._input.options import (
    report_unknown,
    without_blanks,
)
from ansible_collections.huaweicloud.vpn.plugins.module_utils._input.validation import (
    Draft,
    TaskInput,
    hide_secret,
    validate_task,
    value_errors,
    without_secret,
)
from ansible_collections.huaweicloud.vpn.plugins.module_utils._planning.effects import (
    group_alike,
    group_lines,
    prepared_text,
)
from ansible_collections.huaweicloud.vpn.plugins.module_utils._planning.plan import (
    CREATE,
    DELETE,
    Desired,
    Plan,
    derive_key,
    describe_mismatch,
    format_plan_id,
    sha256_of,
)
from ansible_collections.huaweicloud.vpn.plugins.module_utils._schema.fields import ID, Resource
from ansible_collections.huaweicloud.vpn.plugins.module_utils._work import lookup, outcome, references
from ansible_collections.huaweicloud.vpn.plugins.module_utils._work.api import Api, make_api, naming_requests
from ansible_collections.huaweicloud.vpn.plugins.module_utils._work.checks import approve, check_plan
from ansible_collections.huaweicloud.vpn.plugins.module_utils._work.defaults import OPTION as DEFAULTS_OPTION
from ansible_collections.huaweicloud.vpn.plugins.module_utils._work.defaults import Defaults, spec_option
from ansible_collections.huaweicloud.vpn.plugins.module_utils._work.pool import in_parallel
from ansible_collections.huaweicloud.vpn.plugins.module_utils._work.progress import Progress
from ansible_collections.huaweicloud.vpn.plugins.module_utils._work.quota import quota_warnings
from ansible_collections.huaweicloud.vpn.plugins.module_utils._work.reconcile import Reconciler, Steps
from ansible_collections.huaweicloud.vpn.plugins.module_utils._work.scheduler import Job, Scheduler
from ansible_collections.huaweicloud.vpn.plugins.module_utils._work.single import (
    desired_from,
    item_spec,
    validate_item,
    validate_work,
    work_spec,
)
from ansible_collections.huaweicloud.vpn.plugins.module_utils._work.stop import Stop

ITEMS_OPTION = "connections"
EMPTY_ITEM = "<empty>"
LIMITS = {"concurrency": (1, 64)}
# The verbosity (number of v's) from which on core shows the arguments of a task.
INVOCATION_SHOWN = 3
# How many failures are explained in the message; the results have them all.
MAX_FAILURES_SHOWN = 10
# Phases of the work on the objects of one parent.
KEEPING, DELETING, PRUNING = range(3)


def _names(resource: Resource) -> tuple[str, str]:
    """Return (the member with the name, the member with the parent) of a resource that bulk work can take."""
    name, parent = resource.identity.name, resource.identity.parent
    if name is None or parent is None:
        raise ValueError(f"{resource.name}: bulk work needs a name and a parent")
    return name, parent


def argument_spec(resource: Resource) -> dict[str, Any]:
    """Return the argument specification of the module that manages many objects of this kind."""
    _name, parent = _names(resource)
    spec = {**AUTH_OPTIONS, **work_spec(resource)}
    spec[ITEMS_OPTION] = {"type": "list", "elements": "dict", "required": True, "options": item_spec(resource)}
    spec[DEFAULTS_OPTION] = spec_option()
    spec[parent] = resource.managed[parent].option()
    spec["prune"] = {"type": "bool", "default": False}
    spec["concurrency"] = {"type": "int", "default": 16}
    spec["return_unchanged"] = {"type": "bool", "default": False}
    return spec


# -- input


class Item:
    """What a task asks of one of its objects.

    Attributes:
        label: The item in a sentence.
        options: Its validated options.
        desired: What they ask.
    """

    def __init__(self, label: str, options: Mapping[str, Any], desired: Desired) -> None:
        self.label = label
        self.options = options
        self.desired = desired


def enter(resource: Resource, arguments: Mapping[str, Any], environment: Mapping[str, str]) -> TaskInput:
    """Return what a task's arguments amount to, with an `Item` for each object; see `validate_task`."""
    spec = argument_spec(resource)
    # The items are validated one by one below, so that a sentence can say which one it is about.
    spec[ITEMS_OPTION] = {"type": "list", "elements": "raw", "required": True}
    given = dict(arguments)
    if isinstance(given.get(ITEMS_OPTION), list):
        # Blanks are dropped. An entry must not be: the others would be counted wrong, and prune would delete what it
        # was to name.
        given[ITEMS_OPTION] = [
            EMPTY_ITEM if without_blanks(entry, keep=(resource.tags,)) is None else entry
            for entry in given[ITEMS_OPTION]
        ]
    return validate_task(resource, spec, given, environment, _validate)


def _validate(resource: Resource, draft: Draft) -> None:
    parent = resource.identity.parent
    wanted_parent = _validated_parent(resource, draft)
    if draft.options.get("prune") and parent not in draft.names:
        owner = resource.identity.parent_noun
        draft.problems.append(f"prune needs {parent}: only {ITEMS_OPTION} of that {owner} are deleted")
    draft.problems += out_of_range(draft.options, LIMITS)
    defaults = Defaults(resource, item_spec(resource), draft, wanted_parent)
    entries = draft.options.pop(ITEMS_OPTION, ())
    items = [
        _validated_item(resource, defaults, entry, number, wanted_parent, draft) for number, entry in enumerate(entries)
    ]
    described = [entry for entry in entries if isinstance(entry, dict)]
    draft.shown[ITEMS_OPTION] = lambda verbosity: [_shown(resource, entry, verbosity) for entry in described]
    draft.items = [item for item in items if item]
    _refuse_duplicates(resource, draft)
    validate_work(draft)


def _validated_parent(resource: Resource, draft: Draft) -> str | None:
    """Return what all items belong to, or None where that is not given or wrong."""
    _name, parent = _names(resource)
    errors = list(value_errors([resource.managed[parent]], draft.options))
    draft.problems += errors
    return None if errors else draft.options.get(parent)


def _shown(resource: Resource, entry: Mapping[str, Any], verbosity: int) -> dict[str, Any]:
    """Return an entry as core shall see it.

    Core copies the arguments around with each result, and shows them only from INVOCATION_SHOWN on: until then an
    outline is enough.
    """
    if verbosity >= INVOCATION_SHOWN:
        return without_secret(resource, entry)
    words = (resource.identity.name, ID, *resource.identity.aliases)
    return {word: entry[word] for word in words if word is not None and word in entry}


def _validated_item(
    resource: Resource, defaults: Defaults, entry: Any, number: int, parent: str | None, draft: Draft
) -> Item | None:
    """Return what an entry asks, or None where something is wrong with it."""
    label = f"{ITEMS_OPTION}[{number}]"
    if entry == EMPTY_ITEM:
        draft.problems.append(f"{label} is empty, so it does not name a {resource.noun}")
        return None
    if not isinstance(entry, dict):
        draft.problems.append(f"{label} must be a dictionary")
        return None
    label = _label(resource, label, entry)
    problems: list[str] = []
    unknown: list[str] = []
    options = defaults.beneath(entry, problems, unknown)
    report_unknown(unknown, problems)
    names = set(options).union(entry, defaults.names)
    own = Draft(options, names, problems, draft.secrets, draft.environment)
    hide_secret(resource, own)
    if parent is not None and not _names_parent(resource, options):
        problems += _parent_errors(resource, options, parent)
    validate_item(resource, own)
    draft.problems += (f"{label}: {problem}" for problem in problems)
    return None if problems else Item(label, options, desired_from(resource, options, own.desired))


def _parent_errors(resource: Resource, options: dict[str, Any], parent: str) -> Iterator[str]:
    """Add to an entry what all objects of the task belong to; yield a sentence if it says otherwise."""
    member = resource.identity.parent or ""
    if options.setdefault(member, parent).lower() != parent.lower():
        yield f"{member} is not the {member} of the task"


def _names_parent(resource: Resource, options: Mapping[str, Any]) -> bool:
    """Return whether an entry gives by a name what the object belongs to; that is compared once it is known."""
    by_name = resource.by_name.get(resource.identity.parent or "")
    return by_name is not None and by_name.option in options


def _label(resource: Resource, label: str, entry: Mapping[str, Any]) -> str:
    words = (resource.identity.name, ID, *resource.identity.aliases)
    known = next((entry[word] for word in words if word is not None and entry.get(word)), None)
    return f"{label} ({known})" if isinstance(known, str) else label


def _refuse_duplicates(resource: Resource, draft: Draft) -> None:
    """Two items that mean one object would undo each other."""
    name, parent = _names(resource)
    first: dict[Any, Item] = {}
    for item in draft.items:
        owner = (item.options.get(parent, "").lower(), item.desired.names.get(parent))
        mark = item.options.get(ID, "").lower() or (item.options[name], owner)
        other = first.setdefault(mark, item)
        if other is not item:
            draft.problems.append(f"{other.label} and {item.label} name the same {resource.noun}")


# -- the work


def perform(
    resource: Resource,
    task_input: TaskInput,
    check_mode: bool,
    clock: Clock,
    user_agent: str,
    lost: Callable[[], str | None] | None = None,
) -> dict[str, Any]:
    """Do what a task asks of all its items, and return the result; see `Operation.perform`.

    Raises:
        VpnError: Nothing was written, or some items failed; then with the results of all in its details.
    """
    api = make_api(Api, resource, task_input.access, clock, user_agent)
    stop = Stop(lost)
    api.client.throttle = AdaptiveThrottle(clock, stop.check)
    bulk = _BulkReconciler(resource, task_input, api, clock, stop)
    with naming_requests(api.client):
        bulk.plan(check_mode)
        if not check_mode:
            bulk.apply(task_input.access.request_timeout)
    return bulk.result(check_mode)


class _Entry(Job):
    """One object of the task: what is asked of it, and the work on it."""

    def __init__(self, item: Item, progress: Progress, steps: Steps, pruned: bool = False) -> None:
        self.item = item
        self.progress = progress
        self.phase = PRUNING if pruned else DELETING if item.desired.absent else KEEPING
        self.planned = False
        self.steps = steps

    def queue(self) -> str:
        """Return what the object belongs to: within it, one write at a time."""
        member = self.progress.resource.identity.parent or ""
        found = self.progress.last_read or {}
        return str(found.get(member) or self.progress.desired.values.get(member)).lower()

    def read(self, listed: Any, deadline: Deadline) -> Any:
        """Return the object, read by itself where the round's list proves too little."""
        work = self.progress
        if listed:
            return lookup.with_nested(work.api, work.desired, listed, deadline)
        return work.api.read(str(work.identifier), deadline)

    @property
    def has_work(self) -> bool:
        """Return whether anything has to be sent or waited for."""
        return self.progress.plan.changed or self.progress.waits_for_deletion()


class _BulkReconciler:
    """All objects of one task."""

    def __init__(self, resource: Resource, task_input: TaskInput, api: Api, clock: Clock, stop: Stop) -> None:
        self.resource = resource
        self.name, self.parent = _names(resource)
        self.stop = stop
        self.options = task_input.options
        self.api = api
        self.clock = clock
        self.entries = [self._entry(item) for item in task_input.items]
        self.violations: list[str] = []
        self.warnings: list[str] = []
        self.refused: dict[_Entry, list[str]] = {}
        self.failed: dict[_Entry, VpnError] = {}
        self.held_back: Mapping[_Entry, _Entry] = {}

    def _entry(self, item: Item, pruned: bool = False) -> _Entry:
        common = ("wait", "wait_timeout", "expect_active")
        options = {**item.options, **{name: self.options[name] for name in common if name in self.options}}
        api = self.api.clone()
        progress = Progress(self.resource, item.desired, options, api)
        return _Entry(item, progress, Reconciler(progress, self.clock, self.stop, takes_turns=True).steps(), pruned)

    # -- planning

    def plan(self, check_mode: bool) -> None:
        """Look all objects up with one list, plan each, and refuse everything that cannot be, all at once."""
        listed = self._list()
        self._load(listed)
        self._refuse_same_objects()
        self._refuse_same_names()
        if not self.violations and self.options["prune"]:
            self._add_prunes(listed)
            self._refuse_renames()
        self._check_plans(check_mode)
        if self.violations:
            raise self._refusal()
        self._refuse_changed_plan()
        created = sum(entry.progress.plan.action == CREATE for entry in self.entries)
        self.warnings += quota_warnings(self.api, created)

    def _refuse(self, sentence: str, *entries: _Entry) -> None:
        """Note what cannot be; where it is about a single entry, the message says which."""
        for entry in entries:
            self.refused.setdefault(entry, []).append(sentence)
        self.violations.append(f"{entries[0].item.label}: {sentence}" if len(entries) == 1 else sentence)

    def _refusal(self) -> InvalidInput:
        """Return the exception for what cannot be, with the plans of the entries that can."""
        self.failed = {entry: VpnError("; ".join(sentences)) for entry, sentences in self.refused.items()}
        possible = [entry for entry in self.entries if entry not in self.refused]
        error = InvalidInput(self.violations)
        error.details.update(
            {
                ITEMS_OPTION: self._results(True),
                "diff": self._diff(possible, None),
                "warnings": self._warnings(),
                "plan_id": None,
            }
        )
        return error

    def _list(self, deadline: Deadline | None = None) -> list[dict[str, Any]]:
        """Return all objects, or those of the task's gateway."""
        return lookup.list_in_parent(self.api, self.options.get(self.parent), deadline)

    def _load(self, listed: Iterable[dict[str, Any]]) -> None:
        """Find the object of each entry and plan it."""
        by_id = {item[ID].lower(): item for item in listed}
        by_name: dict[Any, list[dict[str, Any]]] = {}
        for item in listed:
            by_name.setdefault(item.get(self.name), []).append(item)
        for entry in self.entries:
            try:
                entry.progress.accept(self._found(entry.progress, by_id, by_name))
                entry.planned = True
            except (ApiError, NoResponse, Unreachable) as error:
                # Not the item's fault, and with thousands of items no reason to try the next one.
                error.message = f"{entry.item.label}: {error.message}"
                raise
            except VpnError as error:
                self._refuse(error.message, entry)

    def _found(
        self, work: Progress, by_id: Mapping[str, dict[str, Any]], by_name: Mapping[Any, list[dict[str, Any]]]
    ) -> dict[str, Any] | None:
        references.resolve_names(work.api, work.desired, work.identifier)
        self._refuse_other_parent(work.desired)
        if work.identifier:
            found = by_id.get(work.identifier.lower())
            # A list that leaves one out is no proof that it does not exist.
            return lookup.with_nested(work.api, work.desired, found) if found else self._read(work)
        named = by_name.get(work.options[self.name], [])
        parent = work.desired.values.get(self.parent)
        return lookup.match(work.api, work.desired, lookup.in_parent(self.resource, named, parent))

    def _refuse_other_parent(self, desired: Desired) -> None:
        """Refuse what belongs elsewhere than the task says; where an identifier is given, that is known before."""
        wanted, own = self.options.get(self.parent), desired.values.get(self.parent)
        if wanted and own and wanted.lower() != own.lower():
            raise InvalidInput([f"{self.parent} is {own}, and not the {self.parent} of the task"])

    def _read(self, work: Progress) -> dict[str, Any] | None:
        """Return an object that the list left out; None where there is none, or it belongs elsewhere."""
        found = work.api.read(str(work.identifier))
        listed = [] if found is None else [found]
        return next(iter(lookup.in_parent(self.resource, listed, self.options.get(self.parent))), None)

    def _refuse_same_objects(self) -> None:
        """Refuse items that mean one object, one by its id and another by its name."""
        first: dict[Any, _Entry] = {}
        for entry in self.entries:
            if entry.progress.last_read is None:
                continue
            other = first.setdefault(entry.progress.identifier, entry)
            if other is not entry:
                labels = f"{other.item.label} and {entry.item.label}"
                self._refuse(f"{labels} name the same {self.resource.noun}", other, entry)

    def _refuse_same_names(self) -> None:
        """Refuse a name that several objects would have: none could be found by it afterwards."""
        first: dict[Any, tuple[_Entry, bool]] = {}
        for entry in self.entries:
            work = entry.progress
            if not entry.planned or work.plan.action == DELETE or work.desired.absent:
                continue
            final = (work.plan.predicted() if work.plan.changed else work.last_read) or {}
            mark = (final.get(self.name), str(final.get(self.parent)).lower())
            other, given = first.setdefault(mark, (entry, self.name in work.plan.leaves))
            if other is not entry and (given or self.name in work.plan.leaves):
                labels = f"{other.item.label} and {entry.item.label}"
                self._refuse(f"{labels} would both be named {mark[0]}", other, entry)

    def _add_prunes(self, listed: Iterable[dict[str, Any]]) -> None:
        """Add a deletion for every object of the gateway that no item names."""
        named = {entry.progress.identifier for entry in self.entries}
        for found in listed:
            if found[ID] in named:
                continue
            label = f"prune {found.get(self.name)} ({found[ID]})"
            entry = self._entry(Item(label, {ID: found[ID]}, Desired({}, absent=True)), pruned=True)
            entry.progress.accept(found)
            entry.planned = True
            self.entries.append(entry)

    def _refuse_renames(self) -> None:
        """Refuse a new object with what no two can share if prune would delete the one that has it now."""
        doomed = {self._place(entry.progress.last_read): entry for entry in self.entries if entry.phase == PRUNING}
        doomed.pop(None, None)
        for entry in self.entries:
            plan = entry.progress.plan
            old = doomed.get(self._place(plan.predicted())) if entry.planned and plan.action == CREATE else None
            if old is not None:
                found = old.progress.last_read or {}
                self._refuse(
                    f"it has the {' and '.join(self.resource.exclusive)} of {found.get(self.name)} ({found[ID]}), which"
                    f" prune would delete; to rename that one, give its {ID}",
                    entry,
                )

    def _place(self, found: Mapping[str, Any] | None) -> tuple[Any, ...] | None:
        """Return what no other object can share with this one; None where it is not known."""
        form, managed = self.resource.normalize(found or {}), self.resource.managed
        place = tuple(managed[path].kind.compare_key(form.get(path)) for path in self.resource.exclusive)
        return None if not place or None in place else place

    def _check_plans(self, check_mode: bool) -> None:
        """Refuse everything that forbids a plan."""
        for entry in self.entries:
            try:
                if entry.planned:
                    check_plan(entry.progress, check_mode)
            except InvalidInput as error:
                for violation in error.violations:
                    self._refuse(violation, entry)
            except VpnError as error:
                self._refuse(error.message, entry)

    def plan_id(self) -> str:
        """Return the id of the whole plan: the halves of `Plan.plan_id`, hashed over the items in order."""
        plans: list[Plan] = [entry.progress.reported_plan for entry in self.entries]
        state = sha256_of([plan.current for plan in plans])
        secrets = [secret for plan in plans for secret in plan.secrets()]
        return format_plan_id(state, sha256_of([[plan.intent for plan in plans], derive_key(secrets, state)]))

    def _refuse_changed_plan(self) -> None:
        expected = self.options.get("expect_plan")
        if not expected or not any(entry.progress.plan.changed for entry in self.entries):
            return
        actual = self.plan_id()
        if expected != actual:
            raise PlanMismatch(
                f"the plan is not the approved one: the {describe_mismatch(expected, actual)} moved; nothing was sent",
                plan_id=actual,
                diff=self._diff(self.entries, actual),
                **{ITEMS_OPTION: self._results(True)},
            )
        for entry in self.entries:
            approve(entry.progress)

    # -- writing

    def apply(self, patience: float) -> None:
        """Write in parallel across gateways and in turn within each; wait for all with one list a round.

        Args:
            patience: How long requests under way are waited for where the task is ended from outside, in seconds.

        Raises:
            VpnError: Some items failed.
        """
        work = [entry for entry in self.entries if entry.has_work]
        scheduler = Scheduler(work, self._read_all, self.options["concurrency"], self.clock, self.stop, patience)
        scheduler.run()
        self._explain(scheduler.failed)
        self.held_back = scheduler.held_back
        held = {entry: self._holding_back(entry, culprit) for entry, culprit in self.held_back.items()}
        self.failed = {**scheduler.failed, **held}
        if self.failed:
            raise VpnError(
                f"{len(scheduler.failed)} of {len(self.entries)} {self.resource.noun}s failed:"
                f" {self._failure_summary()}",
                **self.result(False),
            )

    def _explain(self, failed: Mapping[_Entry, VpnError]) -> None:
        """Add to failures what the logs say, several of which are read at a time."""
        in_parallel(lambda entry: outcome.explain(entry.progress, failed[entry]), failed, self.options["concurrency"])

    def _holding_back(self, entry: _Entry, culprit: _Entry) -> VpnError:
        """Return why an entry was not gone on with."""
        what = "reset" if entry.phase == KEEPING else "deleted"
        return VpnError(
            f"not {what}, because {culprit.item.label}, of the same {self.parent}, failed; nothing was sent"
        )

    def _read_all(self, deadline: Deadline) -> Callable[[_Entry], Any]:
        by_id = {item[ID]: item for item in self._list(deadline)}
        return lambda entry: by_id.get(str(entry.progress.identifier))

    def _message(self, entry: _Entry) -> str:
        """Return why an item failed. Several items may share one exception, so it is left as it is."""
        return self.failed[entry].line + outcome.owed_reset_note(entry.progress)

    def _failure_summary(self) -> str:
        """Return which items failed, and why, the first ones in full."""
        held = [entry.item.label for entry in self.entries if entry in self.held_back]
        failed = [
            (entry.item.label, self._message(entry))
            for entry in self.entries
            if entry in self.failed and entry not in self.held_back
        ]
        shown = [f"{label}: {message}" for label, message in failed[:MAX_FAILURES_SHOWN]]
        labels = [label for label, _message in failed[MAX_FAILURES_SHOWN:]]
        if labels:
            named = labels[: MAX_NAMED - MAX_FAILURES_SHOWN]
            more = [f"{len(labels) - len(named)} more"] if len(labels) > len(named) else []
            shown.append(f"and, for reasons given in the results, {', '.join(named + more)}")
        if held:
            shown.append(f"held back because of failures of the same {self.parent}: {', '.join(first_of(held))}")
        return "; ".join(shown)

    # -- the result

    def result(self, check_mode: bool) -> dict[str, Any]:
        """Return the result keys."""
        plan_id = self.plan_id()
        result = {
            "changed": any(self._counts_as_changed(entry) for entry in self.entries),
            ITEMS_OPTION: self._results(check_mode),
            "plan_id": plan_id,
            "diff": self._diff(self.entries, plan_id),
            "warnings": self._warnings(),
        }
        if self.api.client.request_ids:
            result["request_ids"] = list(self.api.client.request_ids)
        return result

    def _counts_as_changed(self, entry: _Entry) -> bool:
        work = entry.progress
        return work.reported_plan.changed and (entry not in self.failed or work.written)

    def _results(self, check_mode: bool) -> list[dict[str, Any]]:
        return [self._item_result(entry, check_mode) for entry in self.entries]

    def _item_result(self, entry: _Entry, check_mode: bool) -> dict[str, Any]:
        work, plan = entry.progress, entry.progress.reported_plan
        known = {
            self.name: self._name_of(entry),
            ID: work.identifier,
            "changed": plan.changed,
            "action": plan.action,
            "changes": plan.changes,
        }
        if entry in self.failed:
            error = self.failed[entry]
            return {
                **known,
                "changed": work.written,
                "error": {**error.details, "msg": self._message(entry), **outcome.failure_details(work)},
            }
        if not plan.changed and not self.options["return_unchanged"]:
            return known
        result = outcome.result(work, check_mode)
        del result["warnings"], result["diff"]
        return {**known, **result}

    def _diff(self, entries: Iterable[_Entry], plan_id: str | None) -> list[dict[str, Any]]:
        """Return the difference of each object that changes; the last one carries the text on the whole task.

        Core shows every difference that has a before and an after. Of objects that change alike, only the first one has
        them; the text names all.
        """
        changing = [entry for entry in entries if entry.progress.reported_plan.changed]
        diffs = [outcome.diff(entry.progress) for entry in changing]
        lines: list[str] = []
        for group in group_alike([entry.progress.reported_plan for entry in changing]):
            first, *others = group
            names = [self._name_of(changing[number]) or changing[number].item.label for number in group]
            lines += group_lines(changing[first].progress.reported_plan, ITEMS_OPTION, names)
            for number in others:
                header = diffs[number]["after_header"]
                diffs[number] = {
                    "before_header": header,
                    "after_header": header,
                    "same_changes_as": diffs[first]["after_header"],
                }
        if diffs:
            diffs[-1]["prepared"] = prepared_text(lines, plan_id)
        return diffs

    def _name_of(self, entry: _Entry) -> str | None:
        found: str | None = (entry.progress.reported_plan.found or {}).get(self.name)
        return found or entry.item.options.get(self.name)

    def _warnings(self) -> list[str]:
        return self.warnings + [
            f"{entry.item.label}: {warning}"
            for entry in self.entries
            for warning in outcome.all_warnings(entry.progress)
        ]
