# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What exists: the function behind the info modules. Private to this collection; no stable interface.

Plain dictionary in, result dictionary or exception out, as in `single`; but nothing here can write.
"""

from __future__ import annotations

from typing import Any, Callable, Iterable, Iterator, Mapping, NamedTuple, Sequence, TypeVar

from ansible_collections.huaweicloud.vpn.plugins.module_utils._clock import Clock
from ansible_collections.huaweicloud.vpn.plugins.module_utils._diagnosis.posture import assess, survey
from ansible_collections.huaweicloud.vpn.plugins.module_utils._input.access import AUTH_OPTIONS
from ansible_collections.huaweicloud.vpn.plugins.module_utils._input.draft import Draft
from ansible_collections.huaweicloud.vpn.plugins.module_utils._input.validation import (
    TaskInput,
    id_errors,
    validate_task,
)
from ansible_collections.huaweicloud.vpn.plugins.module_utils._planning.compare import presentable
from ansible_collections.huaweicloud.vpn.plugins.module_utils._schema.behavior import ID, Detail, Filter
from ansible_collections.huaweicloud.vpn.plugins.module_utils._schema.causes import Diagnosis
from ansible_collections.huaweicloud.vpn.plugins.module_utils._schema.fields import (
    DIAGNOSIS,
    POSTURE,
    RESET_REQUIRED,
)
from ansible_collections.huaweicloud.vpn.plugins.module_utils._schema.kinds import Object
from ansible_collections.huaweicloud.vpn.plugins.module_utils._schema.resource import Resource
from ansible_collections.huaweicloud.vpn.plugins.module_utils._secrets import MASK
from ansible_collections.huaweicloud.vpn.plugins.module_utils._work.api import (
    Reader,
    make_api,
    naming_requests,
    request_ids,
    unusable_entries,
)
from ansible_collections.huaweicloud.vpn.plugins.module_utils._work.cause import (
    Around,
    Raw,
    diagnosis_of,
    read_again,
    read_raw,
)
from ansible_collections.huaweicloud.vpn.plugins.module_utils._work.details import Failures, Reading, read_detail
from ansible_collections.huaweicloud.vpn.plugins.module_utils._work.pool import in_parallel

# How many objects are asked for their details at the same time.
MAX_THREADS = 8
# The option with the time between two readings of the traffic, and its limits in seconds.
TRAFFIC_SECONDS = "traffic_seconds"
MIN_TRAFFIC_SECONDS, MAX_TRAFFIC_SECONDS = 1, 300

_Read = TypeVar("_Read")


def argument_spec(resource: Resource) -> dict[str, Any]:
    """Return the argument specification of the module that lists this resource."""
    spec = dict(AUTH_OPTIONS)
    spec[ID] = {"type": "str", "aliases": list(resource.identity.aliases)}
    for item in resource.filters:
        field = resource.leaves.get(item.name)
        spec[item.name] = (
            {"type": "str", "aliases": list(field.aliases)} if field is not None and field.aliases else {"type": "str"}
        )
    if resource.detail_names:
        spec["details"] = {"type": "list", "elements": "str", "choices": list(resource.detail_names)}
    if any(detail.secret for detail in resource.details):
        spec["show_secrets"] = {"type": "bool", "default": False, "no_log": False}
    if resource.diagnosis is not None and resource.diagnosis.associations:
        spec[TRAFFIC_SECONDS] = {"type": "int"}
    for detail in resource.details:
        if detail.question is not None:
            spec[detail.question] = {
                "type": "dict",
                "options": {name: {"type": "str"} for name in detail.question_members},
            }
    return spec


def enter(resource: Resource, arguments: Mapping[str, Any], environment: Mapping[str, str]) -> TaskInput:
    """Return what a task's arguments amount to; see `validate_task`."""
    return validate_task(resource, argument_spec(resource), arguments, environment, _validate)


def _validate(resource: Resource, draft: Draft) -> None:
    draft.problems += id_errors(resource, draft.options)
    draft.problems += _traffic_errors(draft.options)
    draft.shown.update((item.name, draft.options[item.name]) for item in resource.filters if item.name in draft.options)
    for detail in _wanted_details(resource, draft.options):
        if detail.question is None:
            continue
        answers = draft.options.get(detail.question) or {}
        missing = [f"{detail.question}.{name}" for name in detail.question_members if not answers.get(name)]
        if missing:
            draft.problems.append(f"details {detail.name} needs {', '.join(missing)}")


def _traffic_errors(options: Mapping[str, Any]) -> Iterator[str]:
    seconds = options.get(TRAFFIC_SECONDS)
    if seconds is None:
        return
    if not MIN_TRAFFIC_SECONDS <= seconds <= MAX_TRAFFIC_SECONDS:
        yield f"{TRAFFIC_SECONDS} must be {MIN_TRAFFIC_SECONDS} to {MAX_TRAFFIC_SECONDS}, not {seconds}"
    if DIAGNOSIS not in (options.get("details") or ()):
        yield f"{TRAFFIC_SECONDS} needs {DIAGNOSIS} in details"


def _wanted_details(resource: Resource, options: Mapping[str, Any]) -> list[Detail]:
    return [detail for detail in resource.details if detail.name in (options.get("details") or ())]


def perform(
    resource: Resource,
    task_input: TaskInput,
    check_mode: bool,
    clock: Clock,
    user_agent: str,
    lost: Callable[[], str | None] | None = None,
) -> dict[str, Any]:
    """Return what matches, under the resource's plural, and how many there are in all; see `Operation.perform`.

    Nothing is ever written: `check_mode` and `lost` have no meaning here.
    """
    reader = make_api(Reader, resource, task_input.access, clock, user_agent)
    with naming_requests(reader.client):
        return _collect(reader, task_input.options, clock)


def _collect(reader: Reader, options: Mapping[str, Any], clock: Clock) -> dict[str, Any]:
    resource = reader.resource
    warnings: list[str] = []
    found = _find(reader, options, warnings)
    objects, total = found.objects, found.total
    _add_details(reader, found, options, warnings, clock)
    result = {"changed": False, resource.plural: objects, "total_count": total, "warnings": warnings}
    return {**result, **request_ids(reader.client)}


class _Found(NamedTuple):
    """The objects that all filters let pass, in the words of the options.

    Attributes:
        objects: These objects.
        total: How many there are in all.
        neighbors: All objects of each parent that occurs among them; None if not all of these were read.
    """

    objects: list[dict[str, Any]]
    total: int
    neighbors: list[dict[str, Any]] | None


def _find(reader: Reader, options: Mapping[str, Any], warnings: list[str]) -> _Found:
    filters = [item for item in reader.resource.filters if item.name in options]
    if ID in options:
        found = reader.read(options[ID])
        listed = [] if found is None else [found]
        chosen = [item for item in listed if all(filter_.matches(options[filter_.name], item) for filter_ in filters)]
        return _Found([_shown(reader.resource, item) for item in chosen], len(listed), None)
    return _find_in_list(reader, filters, options, warnings)


def _shown(resource: Resource, answer: dict[str, Any]) -> dict[str, Any]:
    """Return an answer in the words of the options, whether a reset is owed, and whether it has its companion."""
    shown = presentable(resource, answer)
    if resource.reset_tag:
        shown[RESET_REQUIRED] = resource.reset_tag in resource.marks(answer)
    if resource.companion:
        shown[resource.companion.option] = resource.companion.identifier(answer) is not None
    return shown


def _find_in_list(reader: Reader, filters: Iterable[Filter], options: Mapping[str, Any], warnings: list[str]) -> _Found:
    resource = reader.resource

    def shown(item: dict[str, Any]) -> dict[str, Any] | None:
        if not all(_passes(filter_, options[filter_.name], item) for filter_ in filters):
            return None
        whole = _with_nested(reader, item)
        return None if whole is None else _shown(resource, whole)

    odd: list[Any] = []
    query = [(item.name, item.kind.compare_key(options[item.name])) for item in filters if item.on_server]
    listed, total = reader.listing(query, odd=odd)
    objects = _each(listed, shown, odd)
    if odd:
        warnings.append(unusable_entries(resource, len(odd)))
    whole = {item.name for item in filters if item.on_server} <= {resource.identity.parent}
    return _Found(objects, len(listed) if total is None else total, listed if whole else None)


def _each(
    items: Iterable[dict[str, Any]], make: Callable[[dict[str, Any]], dict[str, Any] | None], odd: list[Any]
) -> list[dict[str, Any]]:
    """Return what `make` makes of each item, but for None; an item of a form that it cannot read goes to `odd`."""
    made = []
    for item in items:
        try:
            made.append(make(item))
        except (AttributeError, KeyError, TypeError, ValueError):
            # One object that the API shows in an unknown form must not hide all others.
            odd.append(item)
    return [item for item in made if item is not None]


def _passes(filter_: Filter, wanted: Any, item: Mapping[str, Any]) -> bool:
    """Return whether an entry of a list has the wanted value, or was chosen by the API and does not show the member."""
    return filter_.matches(wanted, item) or (filter_.on_server and item.get(filter_.name) is None)


def _with_nested(reader: Reader, item: dict[str, Any]) -> dict[str, Any] | None:
    """Return a list's entry, read by itself where the list leaves out an object inside it; None when it is gone."""
    nested = (field.name for field in reader.resource.fields if isinstance(field.kind, Object))
    whole = reader.resource.lists_whole or all(item.get(name) for name in nested)
    return item if whole else reader.read(item[ID])


def _add_details(reader: Reader, found: _Found, options: Mapping[str, Any], warnings: list[str], clock: Clock) -> None:
    """Add to each object what was asked for, several objects at a time."""
    wanted, resource = options.get("details") or (), reader.resource
    if not wanted:
        return
    failures = Failures()
    readings = _read_details(reader, found.objects, options, failures)
    for shown, own in zip(found.objects, readings):
        shown.update((name, reading.value) for name, reading in own.items())
        warnings += _detail_warnings(shown[ID], own)
    neighbors = None
    if found.neighbors is not None and (POSTURE in wanted or DIAGNOSIS in wanted):
        neighbors = survey(resource, found.neighbors)
    if resource.posture and POSTURE in wanted:
        for shown in found.objects:
            shown[POSTURE] = assess(resource, shown, neighbors)
    if resource.diagnosis and DIAGNOSIS in wanted:
        raws = _read_for_diagnosis(reader, resource.diagnosis, found.objects, readings, failures, options, clock)
        around = Around(clock.utc().timestamp(), options.get(TRAFFIC_SECONDS) or 0, neighbors)
        for shown, raw in zip(found.objects, raws):
            shown[DIAGNOSIS] = diagnosis_of(resource, resource.diagnosis, shown, raw, around)


def _read_details(
    reader: Reader, objects: Sequence[dict[str, Any]], options: Mapping[str, Any], failures: Failures
) -> list[dict[str, Reading]]:
    """Return the wanted details of each object, by their names."""
    wanted = _wanted_details(reader.resource, options)

    def read(own: Reader, shown: dict[str, Any]) -> dict[str, Reading]:
        return {detail.name: _read_detail(own, detail, shown, options, failures) for detail in wanted}

    return _with_each(reader, read, objects)


def _with_each(
    reader: Reader, work: Callable[[Reader, dict[str, Any]], _Read], objects: Sequence[dict[str, Any]]
) -> list[_Read]:
    """Return what was read of each object, several at a time."""

    def call(shown: dict[str, Any]) -> tuple[_Read, list[str]]:
        own = reader.clone()
        return work(own, shown), own.client.request_ids

    results = in_parallel(call, objects, MAX_THREADS)
    for _result, noted in results:
        reader.client.request_ids.extend(noted)
    return [result for result, _noted in results]


def _read_detail(
    reader: Reader, detail: Detail, shown: Mapping[str, Any], options: Mapping[str, Any], failures: Failures
) -> Reading:
    """Return a detail of an object; one that may hold secrets is read only if the task asks for these."""
    if detail.secret and not options["show_secrets"]:
        return Reading(MASK)
    return read_detail(reader, detail, shown, failures, options.get(detail.question or ""))


def _detail_warnings(identifier: str, readings: Mapping[str, Reading]) -> Iterator[str]:
    """Yield why details of an object are missing, in the words of the API."""
    for name, reading in readings.items():
        if reading.absence is not None:
            yield f"no {name} of {identifier}: {reading.absence}"
        if reading.failure is not None:
            yield f"{name} of {identifier} could not be read: {reading.failure}"


def _read_for_diagnosis(
    reader: Reader,
    table: Diagnosis,
    objects: Sequence[dict[str, Any]],
    known: Sequence[Mapping[str, Reading]],
    failures: Failures,
    options: Mapping[str, Any],
    clock: Clock,
) -> list[Raw]:
    """Return what the diagnosis of each object rests on. What was read before, `known`, is not read again."""
    known_of = {shown[ID]: own for shown, own in zip(objects, known)}
    raws = _with_each(reader, lambda own, shown: read_raw(own, table, shown, known_of[shown[ID]], failures), objects)
    seconds = options.get(TRAFFIC_SECONDS)
    if not seconds:
        return raws
    clock.sleep(seconds)
    first = {shown[ID]: raw for shown, raw in zip(objects, raws)}
    return _with_each(reader, lambda own, shown: read_again(own, table, shown, first[shown[ID]], failures), objects)
