# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The words of a table that says why an object does not work. Private to this collection; no stable interface."""

from __future__ import annotations

from typing import Any, NamedTuple, Sequence, Tuple

CLOUD = "cloud"
DEVICE = "device"
BOTH = "both"

# Sorts of findings that alone do not keep an object from working.
NORMAL = "normal"
INTERNAL = "internal"
UNUSED = "unused"
HARMLESS = (NORMAL, INTERNAL, UNUSED)


class Cause(NamedTuple):
    """A keyword of the vendor's log.

    Attributes:
        keywords: The keyword as published, then its other spellings.
        kind: The sort of fault.
        meaning: What it means.
        check: What to check or change, the first thing first, parts separated by semicolons.
        where: `CLOUD`, `DEVICE` or `BOTH`.
        suggested: Whether the repair is our reading of the meaning, not the vendor's.
    """

    keywords: Sequence[str]
    kind: str
    meaning: str
    check: str
    where: str
    suggested: bool = True


class Signal(NamedTuple):
    """A finding that rests on the state, the traffic or the settings of an object. All its conditions have to hold.

    Attributes:
        cause: Our name of it.
        kind: The sort of fault.
        meaning: What it means.
        check: As in `Cause`.
        where: As in `Cause`.
        suggested: As in `Cause`.
        status: The states it is about; empty for all.
        log: `empty`, `unavailable`, `silent` (it names no cause), `first phase` (its newest line says that the first
            phase succeeded), or empty for any.
        traffic: `sent only`, `received only`, `none`, or empty for any.
        pairs: Whether associations for some of the pairs of networks are missing.
        without_associations: Whether there are no associations at all.
        interrupted: `irregularly`, `regularly` (at equal intervals), or empty for any: it came back several times.
        changed_within: It was changed less than this many seconds ago, and its log names no cause; 0 for any time.
        unread: Whether the log or the associations could not be read.
        members: `(path, values)`; the member has one of these values.
        first: Whether it explains everything else.
        alone: Whether it does not hold beside another object of the same pair that works.
    """

    cause: str
    kind: str
    meaning: str
    check: str
    where: str
    suggested: bool = False
    status: Sequence[str] = ()
    log: str = ""
    traffic: str = ""
    pairs: bool = False
    without_associations: bool = False
    interrupted: str = ""
    changed_within: int = 0
    unread: bool = False
    members: Sequence[Tuple[str, Sequence[Any]]] = ()  # noqa: UP006 - evaluated at run time, on Python 3.8 too
    first: bool = False
    alone: bool = False


class Associations(NamedTuple):
    """The form of a detail that lists security associations, and the rules they are made for.

    Attributes:
        identifier: The member that identifies an association.
        sent: The member with the number of packets sent.
        received: The member with the number of packets received.
        source: The member with the network on the cloud's side.
        destination: The member with the network on the other side.
        rules: Members of the object with the pairs of networks.
        rule_source: The member of a rule with the network on the cloud's side.
        rule_destinations: The member of a rule with the networks on the other side.
    """

    identifier: str
    sent: str
    received: str
    source: str
    destination: str
    rules: Sequence[str]
    rule_source: str
    rule_destinations: str


class Diagnosis(NamedTuple):
    """How to tell why an object does not work.

    Attributes:
        signals: Findings without a line of the log.
        log: The detail that is the log; empty for objects without one.
        associations: The detail that lists security associations, and its form; empty for objects without them.
        association_form: See above.
        causes: The keywords of the log.
        unknown: What is said of other keywords; it has none.
        success: Words of a line without a cause that says that it works.
        first_phase: Words of such a line that is about the first phase only.
        changed: Members with the time of the last change, the first one that is there counts.
    """

    signals: Sequence[Signal]
    log: str = ""
    associations: str = ""
    association_form: Associations = Associations("", "", "", "", "", (), "", "")
    causes: Sequence[Cause] = ()
    unknown: Cause = Cause((), "unknown", "", "", BOTH)
    success: Sequence[str] = ()
    first_phase: Sequence[str] = ()
    changed: Sequence[str] = ()


class Habit(NamedTuple):
    """A setting that is weak, deprecated or unusual.

    Attributes:
        path: The dotted path of the setting.
        says: What is wrong with it, as the rest of a sentence that begins with path and value.
        advice: What to do, as the end of the sentence.
        values: The values it is about.
        minimum: A number below it is meant, too.
        maximum: A number above it is meant, too.
        missing: Whether a missing value is meant.
        only_with: `(path, values)` that another setting must have; None for no such condition.
    """

    path: str
    says: str
    advice: str
    values: Sequence[Any] = ()
    minimum: int = 0
    maximum: int = 0
    missing: bool = False
    only_with: Any = None


class Posture(NamedTuple):
    """What makes the settings of an object weak.

    Attributes:
        habits: Settings to avoid.
        reserved: Networks that must not be used.
        networks: Members with networks on the other side.
        rules: Members with rules, each with a network on this side and several on the other.
        rule_source: See above.
        rule_destinations: See above.
        address: The member with the parent's address, in which the two of a pair differ.
        partner: The member with the other end.
        created: The member with the time of creation.
        alike: Paths of what has to be equal within a pair.
    """

    habits: Sequence[Habit]
    reserved: Sequence[str]
    networks: Sequence[str]
    rules: Sequence[str]
    rule_source: str
    rule_destinations: str
    address: str
    partner: str
    created: str
    alike: Sequence[str]
