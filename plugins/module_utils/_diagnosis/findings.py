# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Why an object does not work: findings from its log, state, associations and settings, the likeliest first.

Private to this collection; no stable interface.
"""

from __future__ import annotations

from typing import Any, Iterable, Mapping, NamedTuple, Sequence

from ansible_collections.huaweicloud.vpn.plugins.module_utils._diagnosis.lines import Entry, find_cause, timestamp
from ansible_collections.huaweicloud.vpn.plugins.module_utils._diagnosis.values import (
    as_list,
    growth,
    look_up,
    moment,
    network,
    packets,
)
from ansible_collections.huaweicloud.vpn.plugins.module_utils._schema.causes import (
    HARMLESS,
    Associations,
    Cause,
    Diagnosis,
    Signal,
)

Values = Mapping[str, Any]

# Repairs that the vendor does not publish are marked with it.
SUGGESTION = "Suggestion: "
# The order of findings.
EXPLAINS_ALL, FAULT, SIGN, HARMLESS_LINE = range(4)
# How many pairs of networks a sentence names.
MAX_PAIRS = 5
# An object that recovered this many times within this many seconds is interrupted again and again.
INTERRUPTIONS = 3
LATELY = 86400
# This many interruptions are regular if the mean is at least a second, and none differs from it by more than
# this part of it.
REGULAR_INTERRUPTIONS = 4
TOLERANCE = 0.1


class Observed(NamedTuple):
    """What was read of an object.

    Attributes:
        members: The object.
        status: Its state, in upper case.
        up: Whether it works.
        log: The entries of its log, the oldest first; None if it has no log, or it could not be read.
        associations: Its security associations; None if they are not known.
        later: The same, read again after `seconds`; None if they were read once.
        seconds: See above.
        paired: Whether another object of the same pair works.
        now: Seconds since 1970; 0 if the time is not known.
        unread: Why details could not be read, by their names.
    """

    members: Values
    status: str
    up: bool
    log: Sequence[Entry] | None
    associations: Sequence[Values] | None
    later: Sequence[Values] | None = None
    seconds: int = 0
    paired: bool = False
    now: float = 0
    unread: Mapping[str, str] = {}


def diagnose(table: Diagnosis, observed: Observed) -> list[dict[str, Any]]:
    """Return what keeps an object from working, or will, the likeliest first; nothing if all is well.

    A failure that is older than a success is history. Lines that need no repair count only where the object is down.

    Args:
        table: What is known of such objects.
        observed: What was read of the object.
    """
    ranked = _from_log(table, _since_success(observed.log or ()), observed.up) + _from_signals(table, observed)
    # Of the same rank, the newest comes first; what has no time keeps the order of the table.
    ranked.sort(key=lambda entry: (entry[0], -entry[1]))
    return [finding for _rank, _time, finding in ranked]


def _since_success(entries: Sequence[Entry]) -> Sequence[Entry]:
    last = max((number for number, entry in enumerate(entries) if entry.success), default=-1)
    return entries[last + 1 :]


def _from_log(table: Diagnosis, entries: Iterable[Entry], up: bool) -> list[tuple[int, float, dict[str, Any]]]:
    found: dict[str, list[Entry]] = {}
    rows: dict[str, Cause] = {}
    for entry in entries:
        if entry.cause is not None:
            row = find_cause(table.causes, entry.cause) or table.unknown._replace(keywords=(entry.cause,))
            found.setdefault(row.keywords[0], []).append(entry)
            rows[row.keywords[0]] = row
    return [
        (HARMLESS_LINE if rows[word].kind in HARMLESS else FAULT, lines[-1].time, _line_finding(rows[word], lines))
        for word, lines in found.items()
        if not (up and rows[word].kind in HARMLESS)
    ]


def _line_finding(row: Cause, lines: Sequence[Entry]) -> dict[str, Any]:
    return {
        "cause": row.keywords[0],
        "kind": row.kind,
        "count": len(lines),
        "last_seen": timestamp(lines[-1].time),
        "meaning": row.meaning,
        "check": check_of(row),
        "where": row.where,
        "evidence": lines[-1].text,
    }


def check_of(row: Cause | Signal) -> str:
    """Return what to check; what the vendor does not publish is worded as a suggestion."""
    return f"{SUGGESTION}{row.check}" if row.suggested and row.check else row.check


def _from_signals(table: Diagnosis, observed: Observed) -> list[tuple[int, float, dict[str, Any]]]:
    return [
        (EXPLAINS_ALL if signal.first else SIGN, 0.0, _signal_finding(signal, evidence))
        for signal in table.signals
        for evidence in [_evidence(table, signal, observed)]
        if evidence is not None
    ]


def _signal_finding(signal: Signal, evidence: str) -> dict[str, Any]:
    return {
        "cause": signal.cause,
        "kind": signal.kind,
        "count": 1,
        "last_seen": None,
        "meaning": signal.meaning,
        "check": check_of(signal),
        "where": signal.where,
        "evidence": evidence,
    }


def _evidence(table: Diagnosis, signal: Signal, observed: Observed) -> str | None:
    """Return what a signal rests on; None if it does not hold."""
    if (signal.status and observed.status not in signal.status) or (signal.alone and observed.paired):
        return None
    form = table.association_form
    parts: list[str | None] = [f"status {observed.status}"] if observed.status else []
    if signal.changed_within:
        parts.append(_change_evidence(table, signal.changed_within, observed))
    if signal.log:
        parts.append(_log_evidence(table, signal.log, observed))
    if signal.interrupted:
        parts.append(_interruption_evidence(table, signal.interrupted, observed))
    if signal.traffic:
        parts.append(_traffic_evidence(form, signal.traffic, observed))
    if signal.pairs:
        parts.append(_pairs_evidence(form, observed))
    if signal.without_associations:
        parts.append("no associations" if observed.associations is not None and not observed.associations else None)
    if signal.unread:
        parts += [f"{name}: {reason}" for name, reason in observed.unread.items()] or [None]
    if signal.members:
        parts.append(_members_evidence(signal.members, observed.members))
    known = [part for part in parts if part is not None]
    return ", ".join(known) if len(known) == len(parts) else None


def _names_no_cause(entries: Iterable[Entry]) -> bool:
    return all(entry.cause is None for entry in entries)


def _log_evidence(table: Diagnosis, wanted: str, observed: Observed) -> str | None:
    if observed.log is None:
        return "no log" if wanted == "unavailable" and table.log not in observed.unread else None
    if not observed.log:
        return "empty log" if wanted == "empty" else None
    newest = observed.log[-1]
    if wanted == "silent":
        holds = _names_no_cause(_since_success(observed.log))
    else:
        said = newest.text.partition("(")[0].lower()
        holds = wanted == "first phase" and newest.success and any(word in said for word in table.first_phase)
    return f"newest line: {newest.text}" if holds else None


def _change_evidence(table: Diagnosis, seconds: int, observed: Observed) -> str | None:
    """Return when an object was changed, if that is less than some seconds ago and its log names no cause."""
    if not observed.now or not _names_no_cause(_since_success(observed.log or ())):
        return None
    times = ((member, observed.members.get(member)) for member in table.changed)
    member, text = next(((member, text) for member, text in times if text), ("", None))
    changed = moment(text)
    # The clocks of the cloud and of this machine differ a little: a change may seem to be in the future.
    if changed is None or abs(observed.now - changed) >= seconds:
        return None
    return f"{member} {timestamp(changed)}"


def _interruption_evidence(table: Diagnosis, wanted: str, observed: Observed) -> str | None:
    begins = [time for time in _interruptions(table, observed.log or ()) if observed.now - LATELY <= time]
    if len(begins) < INTERRUPTIONS or not observed.now:
        return None
    intervals = [later - earlier for earlier, later in zip(begins, begins[1:])]
    mean = sum(intervals) / len(intervals)
    equal = mean >= 1 and all(abs(interval - mean) <= TOLERANCE * mean for interval in intervals)
    if wanted != ("regularly" if equal and len(begins) >= REGULAR_INTERRUPTIONS else "irregularly"):
        return None
    period = f", every {round(mean)} seconds" if wanted == "regularly" else ""
    return f"{len(begins)} interruptions within a day{period}"


def _interruptions(table: Diagnosis, entries: Iterable[Entry]) -> list[float]:
    """Return when the failures began that a success has ended."""
    begins, began = [], None
    for entry in entries:
        if entry.success and began is not None:
            begins.append(began)
            began = None
        elif entry.cause is not None and began is None:
            row = find_cause(table.causes, entry.cause)
            began = None if row is not None and row.kind in HARMLESS else entry.time
    return begins


def _traffic_evidence(form: Associations, wanted: str, observed: Observed) -> str | None:
    """Compare the totals of all associations, or by how much they have grown if they were read twice."""
    if not observed.associations:
        return None
    if observed.later is None:
        sent = packets(observed.associations, form.sent)
        received = packets(observed.associations, form.received)
        period = "since the keys were renewed"
    else:
        sent = growth(observed.associations, observed.later, form.identifier, form.sent)
        received = growth(observed.associations, observed.later, form.identifier, form.received)
        period = f"within {observed.seconds} second{'s' if observed.seconds > 1 else ''}"
    if sent is None or received is None:
        return None
    patterns = {"sent only": (True, False), "received only": (False, True), "none": (False, False)}
    if patterns[wanted] != (sent > 0, received > 0):
        return None
    return f"{form.sent} {sent} and {form.received} {received} {period}"


def _pairs_evidence(form: Associations, observed: Observed) -> str | None:
    if not observed.associations:
        return None
    there = {(network(item.get(form.source)), network(item.get(form.destination))) for item in observed.associations}
    wanted = [
        (network(rule.get(form.rule_source)), network(destination))
        for member in form.rules
        for rule in as_list(observed.members.get(member))
        if isinstance(rule, dict)
        for destination in as_list(rule.get(form.rule_destinations))
    ]
    missing = [f"{source} to {destination}" for source, destination in wanted if (source, destination) not in there]
    if not missing:
        return None
    more = f" and {len(missing) - MAX_PAIRS} more" if len(missing) > MAX_PAIRS else ""
    return f"no association for {', '.join(missing[:MAX_PAIRS])}{more}"


def _members_evidence(conditions: Iterable[tuple[str, Sequence[Any]]], members: Values) -> str | None:
    parts = []
    for path, values in conditions:
        value = look_up(members, path)
        known = value.lower() if isinstance(value, str) else value
        if known not in values:
            return None
        parts.append(f"{path} {value}")
    return ", ".join(parts)
