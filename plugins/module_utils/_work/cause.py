# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Why an object does not work: what is read for it. Private to this collection; no stable interface."""

from __future__ import annotations

from typing import Any, Iterator, Mapping, NamedTuple

from ansible_collections.huaweicloud.vpn.plugins.module_utils._diagnosis.findings import Observed, check_of, diagnose
from ansible_collections.huaweicloud.vpn.plugins.module_utils._diagnosis.lines import Entry, find_cause, read_log
from ansible_collections.huaweicloud.vpn.plugins.module_utils._diagnosis.posture import Neighbors, has_active_partner
from ansible_collections.huaweicloud.vpn.plugins.module_utils._errors import VpnError
from ansible_collections.huaweicloud.vpn.plugins.module_utils._schema.behavior import Detail
from ansible_collections.huaweicloud.vpn.plugins.module_utils._schema.causes import Diagnosis
from ansible_collections.huaweicloud.vpn.plugins.module_utils._schema.resource import Resource
from ansible_collections.huaweicloud.vpn.plugins.module_utils._work.api import Reader
from ansible_collections.huaweicloud.vpn.plugins.module_utils._work.details import Failures, Reading, read_detail


def newest_cause(api: Reader, identifier: str) -> str | None:
    """Return a sentence on the newest entry of an object's log; None where such objects have no log.

    It only adds to a message: where the log cannot be read, it says so.

    Args:
        api: The operations of the resource.
        identifier: The object.
    """
    detail = api.resource.log
    if detail is None or detail.log is None:
        return None
    try:
        raw = api.detail(detail, identifier, None)
    except VpnError as error:
        return f"its log could not be read: {error.line}"
    table = api.resource.diagnosis
    entries = read_log(detail.log, raw, table.success if table else ())
    if not entries:
        return "its log has no entry"
    return _describe(table, entries[-1])


def _describe(table: Diagnosis | None, entry: Entry) -> str:
    if entry.cause is None:
        return f"the newest entry of its log is: {entry.text}"
    said = f"the newest entry of its log names the cause {entry.cause!r}"
    row = find_cause(table.causes, entry.cause) if table else None
    if row is None:
        return f"{said}: {entry.text}"
    first = check_of(row).partition(";")[0]
    return f"{said}: {entry.text}; this means that {row.meaning}" + (f"; first check: {first}" if first else "")


class Raw(NamedTuple):
    """What was read for a diagnosis.

    Attributes:
        log: The log of the object.
        associations: Its security associations.
        later: The same, read again; None if they were read once.
    """

    log: Reading
    associations: Reading
    later: Reading | None = None


class Around(NamedTuple):
    """What a diagnosis has to know beside the object.

    Attributes:
        now: Seconds since 1970.
        seconds: How long after the first reading the associations were read again.
        neighbors: All objects of its parent by parent; None if not all were read.
    """

    now: float
    seconds: int
    neighbors: Neighbors | None


def read_raw(
    reader: Reader, table: Diagnosis, shown: Mapping[str, Any], known: Mapping[str, Reading], failures: Failures
) -> Raw:
    """Return what a diagnosis rests on, with one request for each detail that was not read before.

    Args:
        reader: The operations of the resource.
        table: What is known of such objects.
        shown: The object.
        known: What was read before, by the name of the detail.
        failures: See `read_detail`.
    """
    log, associations = (
        known[name] if name in known else _read(reader, name, shown, failures)
        for name in (table.log, table.associations)
    )
    return Raw(log, associations)


def read_again(reader: Reader, table: Diagnosis, shown: Mapping[str, Any], raw: Raw, failures: Failures) -> Raw:
    """Return what was read, with the associations as they are now, if there were any; see `read_raw`."""
    if not raw.associations.value:
        return raw
    return raw._replace(later=_read(reader, table.associations, shown, failures))


def _detail(resource: Resource, name: str) -> Detail | None:
    return next((detail for detail in resource.details if detail.name == name), None)


def _read(reader: Reader, name: str, shown: Mapping[str, Any], failures: Failures) -> Reading:
    detail = _detail(reader.resource, name)
    return Reading() if detail is None else read_detail(reader, detail, shown, failures)


def diagnosis_of(
    resource: Resource, table: Diagnosis, shown: Mapping[str, Any], raw: Raw, around: Around
) -> list[dict[str, Any]]:
    """Return findings on an object.

    Args:
        resource: The table.
        table: What is known of such objects.
        shown: The object.
        raw: What was read for it.
        around: What else has to be known.
    """
    detail = _detail(resource, table.log)
    form = None if detail is None else detail.log
    states = resource.states
    status = str(shown.get(states.member or "") or "").upper()
    neighbors = around.neighbors
    observed = Observed(
        members=shown,
        status=status,
        up=status in states.active,
        log=None if form is None or raw.log.value is None else read_log(form, raw.log.value, table.success),
        associations=_associations(raw.associations.value),
        later=None if raw.later is None else _associations(raw.later.value),
        seconds=around.seconds,
        paired=neighbors is not None and has_active_partner(resource, shown, neighbors),
        now=around.now,
        unread=dict(_unread(table, raw)),
    )
    return diagnose(table, observed)


def _unread(table: Diagnosis, raw: Raw) -> Iterator[tuple[str, str]]:
    """Yield (detail, why the cloud failed to answer) for what could not be read."""
    for name, reading in (
        (table.log, raw.log),
        (table.associations, raw.associations),
        (table.associations, raw.later),
    ):
        if reading is not None and reading.failure is not None:
            yield name, reading.failure


def _associations(raw: Any) -> list[dict[str, Any]] | None:
    return [item for item in raw if isinstance(item, dict)] if isinstance(raw, list) else None
