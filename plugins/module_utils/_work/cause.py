# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Why an object does not work: what is read for it. Private to this collection; no stable interface."""

from __future__ import annotations

from typing import Any, Mapping

from ansible_collections.huaweicloud.vpn.plugins.module_utils._diagnosis.findings import Observed, check_of, diagnose
from ansible_collections.huaweicloud.vpn.plugins.module_utils._diagnosis.lines import Entry, find_cause, read_log
from ansible_collections.huaweicloud.vpn.plugins.module_utils._errors import ApiError, VpnError
from ansible_collections.huaweicloud.vpn.plugins.module_utils._schema.behavior import ID, Detail
from ansible_collections.huaweicloud.vpn.plugins.module_utils._schema.causes import Diagnosis
from ansible_collections.huaweicloud.vpn.plugins.module_utils._work.api import Reader


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


def says_unavailable(detail: Detail, error: ApiError) -> bool:
    """Return whether a refusal means that the object has no such detail."""
    return error.code in detail.unavailable or error.missing


def diagnosis_of(
    reader: Reader, table: Diagnosis, shown: Mapping[str, Any], known: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """Return findings on an object, with one request for each detail that was not read before.

    Args:
        reader: The operations of the resource.
        table: What is known of such objects.
        shown: The object.
        known: Details that were read, by name; None for one that the object does not have.
    """
    details = {detail.name: detail for detail in reader.resource.details}
    read = {name: _read(reader, details[name], shown, known) for name in (table.log, table.associations)}
    form = details[table.log].log
    states = reader.resource.states
    status = str(shown.get(states.member or "") or "").upper()
    associations = read[table.associations]
    observed = Observed(
        shown,
        status,
        status in states.active,
        None if form is None or read[table.log] is None else read_log(form, read[table.log], table.success),
        [item for item in associations if isinstance(item, dict)] if isinstance(associations, list) else None,
    )
    return diagnose(table, observed)


def _read(reader: Reader, detail: Detail, shown: Mapping[str, Any], known: Mapping[str, Any]) -> Any:
    if detail.name in known:
        return known[detail.name]
    try:
        return reader.detail(detail, shown[ID], None)
    except ApiError as error:
        if not says_unavailable(detail, error):
            raise
        return None
