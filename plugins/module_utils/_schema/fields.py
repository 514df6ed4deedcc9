# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The words in which the members of a resource are described. Private to this collection; no stable interface.

A `Field` says what the API does with one member: what values it holds, when it may change, and what it depends on.
"""

from __future__ import annotations

from typing import Any, Iterable, Iterator, NamedTuple, Sequence

from ansible_collections.huaweicloud.vpn.plugins.module_utils._schema.behavior import ObjectType
from ansible_collections.huaweicloud.vpn.plugins.module_utils._schema.kinds import (
    Entries,
    Kind,
    Object,
    ReadOnly,
    Secret,
    Tags,
    Values,
)
from ansible_collections.huaweicloud.vpn.plugins.module_utils._schema.words import squeezed

CHANGEABLE = "changeable"
FIXED = "fixed at creation"
AT_CREATION = "given at creation, never compared"
READ_ONLY = "read only"
BY_TAGS = "changed by the tag operations"

IMMEDIATELY = "immediately"
NEXT_PHASE1 = "next_phase1_negotiation"
NEXT_PHASE2 = "next_phase2_negotiation"
AFTER_RESET = "after_reset"

# Names of further operations that generic code calls where a resource has them.
RESET, TAGS_CREATE, TAGS_DELETE = "reset", "tags_create", "tags_delete"
# The result key that tells whether a reset is owed.
RESET_REQUIRED = "reset_required"
# The option that tells how lists relate to those found, and its words.
LIST_MODE = "list_mode"
REPLACE, ADD, REMOVE = "replace", "add", "remove"

# Details that are concluded from what was read.
DIAGNOSIS = "diagnosis"
POSTURE = "posture"


class ByAction(NamedTuple):
    """A member that changes by an operation of its own, not by PUT.

    Attributes:
        action: The operation's name in `Resource.actions`; its body holds the member like that of a PUT.
    """

    action: str


class Depends:
    """Something that depends on the value another member has once the change is done.

    Args:
        path: Dotted path of the other member.
        otherwise: The result for all values but those of `cases`.
        cases: The results by value.
    """

    def __init__(self, path: str, otherwise: str, **cases: str) -> None:
        self.path = path
        self.otherwise = otherwise
        self.cases = cases

    def resolve(self, effective: Values) -> str:
        """Return the case for the settings in force, `{dotted path: canonical value}`."""
        return self.cases.get(effective.get(self.path, ""), self.otherwise)


class OnlyWith:
    """A member that exists only while another one has certain values.

    Args:
        path: Dotted path of the other member.
        values: Its values under which this member exists.
        default: What the server takes for the other member when a creation leaves it out.
        refused: Whether asking for the member nonetheless is an error; otherwise it is left alone, with a warning.
    """

    def __init__(self, path: str, values: Iterable[str], default: str, refused: bool = True) -> None:
        self.path = path
        self.values = frozenset(values)
        self.default = default
        self.refused = refused

    def holds(self, effective: Values) -> bool:
        """Return whether the member exists under these settings, `{dotted path: canonical value}`."""
        return effective.get(self.path, self.default) in self.values


class Parent:
    """What the object that a new one belongs to must show.

    Args:
        path: The member with the other object's identifier.
        resource: The table of the other object.
        member: A member of the other object.
        value: What that member must be.
        when: The other object matters only then; None for always.
    """

    def __init__(self, path: str, resource: ObjectType, member: str, value: str, when: OnlyWith | None = None) -> None:
        self.path = path
        self.resource = resource
        self.member = member
        self.value = value
        self.when = when

    def matters(self, wanted: Values) -> bool:
        """Return whether the other object has to be read for these wanted values."""
        return bool(wanted.get(self.path)) and (self.when is None or self.when.holds(wanted))

    def shows(self, found: Values | None) -> bool:
        """Return whether the other object, as an answer shows it, is of the sort meant."""
        return found is not None and found.get(self.member) == self.value


class Required:
    """What a creation must be given.

    Args:
        paths: Members of which one must be given.
        when: They are required only then; None for always.
        unless: A parent of this sort makes them optional; None for never.
    """

    def __init__(self, *paths: str, when: OnlyWith | None = None, unless: Parent | None = None) -> None:
        self.paths = paths
        self.when = when
        self.unless = unless

    def lacks(self, given: Iterable[str], wanted: Values) -> bool:
        """Return whether a creation with these given paths lacks the members."""
        return not set(self.paths).intersection(given) and (self.when is None or self.when.holds(wanted))

    def __str__(self) -> str:
        return " or ".join(self.paths)


class ByName(NamedTuple):
    """Another way to give a member that holds an identifier: by the exact name of the object that it identifies.

    Attributes:
        option: The option with the name.
        resource: The table of the other object.
        aliases: Further option names.
    """

    option: str
    resource: ObjectType
    aliases: Sequence[str] = ()


class PartOf(NamedTuple):
    """The object of which a member's value is a part. The value may also be given by the part's name or address there.

    Attributes:
        path: The member with the identifier of the other object.
        resource: The table of the other object.
        members: The members of the other object that are such parts; their names may be given instead of the value.
        value: The member of a part that holds the value.
        address: The member of a part with an IPv4 address, which may also be given instead of the value.
    """

    path: str
    resource: ObjectType
    members: Sequence[str]
    value: str
    address: str

    def misspelled(self, value: Any) -> str | None:
        """Return the name that a value differs from only by letter case or hyphens; None where it is spelled right."""
        if value in self.members:
            return None
        form = squeezed(str(value))
        return next((name for name in self.members if squeezed(name) == form), None)


class Companion(NamedTuple):
    """Another object that an object has or does not have. It has no settings, and operations of its own.

    Attributes:
        option: The option, which tells whether it shall be there, and the result key.
        resource: The table of the other object.
        owner: The member of the other object with the identifier of the one that it accompanies.
        shown_as: The member of the accompanied object's answers with the identifier of the other.
        exists: The code of the refusal which means that it is there already.
    """

    option: str
    resource: ObjectType
    owner: str
    shown_as: str
    exists: str

    def identifier(self, found: Values | None) -> str | None:
        """Return the identifier of the companion that an answer shows; None where it shows none."""
        return (found or {}).get(self.shown_as) or None


class Field:
    """One member of a resource.

    Args:
        name: The API's own name, and the option's.
        kind: What values it holds.
        source: Where the facts of this field are published.
        change: CHANGEABLE, FIXED, AT_CREATION, READ_ONLY, BY_TAGS or a `ByAction`.
        aliases: Further option names.
        takes_effect: When a change is used, a constant or a `Depends`.
        only_with: Under which settings the member exists; None for all.
        sent_with: Paths of wanted members that go into the body whenever this one does.
        write_only: The API takes the member and never returns it: it is masked, never compared, and sent to an existing
            object only when the option `update_<member>` says so.
        clearable: Whether an empty list may replace one that is not.
        update_as: The member's name in a PUT where it differs; None where it does not.
        read_from: Dotted path of the value in answers where it differs; None where it does not.
        by_entries: Whether a task may also add entries to the list, or remove some.
        by_name: How to give the identifier that it holds by a name; None where there is no such way.
        part_of: What its value belongs to; None where it has to be given as it is.
        remedy: What to do instead where the member may not change, as the end of a sentence.
        only_later: Whether a creation does not take the member.
        targets: The member of an answer that lists what this one can be changed to; None where nothing does.
        interrupts: What a change may interrupt, as a sentence; of a list only one that takes something away.
        peer: Dotted path of where the member stands in the settings of the other end; None where the other end has no
            use for it. Lists of one path are joined.
    """

    def __init__(
        self,
        name: str,
        kind: Kind,
        source: str,
        change: str | ByAction = CHANGEABLE,
        aliases: Sequence[str] = (),
        takes_effect: str | Depends = IMMEDIATELY,
        only_with: OnlyWith | None = None,
        sent_with: Sequence[str] = (),
        write_only: bool = False,
        clearable: bool = False,
        update_as: str | None = None,
        read_from: str | None = None,
        by_entries: bool = False,
        by_name: ByName | None = None,
        part_of: PartOf | None = None,
        remedy: str = "",
        only_later: bool = False,
        targets: str | None = None,
        interrupts: str = "",
        peer: str | None = None,
    ) -> None:
        if not isinstance(change, ByAction) and change not in (CHANGEABLE, FIXED, AT_CREATION, READ_ONLY, BY_TAGS):
            raise ValueError(f"{name}: unknown way to change {change!r}")
        if isinstance(kind, ReadOnly) != (change == READ_ONLY):
            raise ValueError(f"{name}: exactly the read-only members are of the kind ReadOnly")
        if isinstance(kind, Tags) != (change == BY_TAGS):
            raise ValueError(f"{name}: exactly tags change by the tag operations")
        if isinstance(kind, Secret) and not write_only:
            raise ValueError(f"{name}: a secret is write-only")
        if write_only and getattr(kind, "pattern", None) is not None:
            raise ValueError(f"{name}: an error would quote a write-only value")
        if by_entries and not isinstance(kind, Entries):
            raise ValueError(f"{name}: only lists have entries")
        if not source:
            raise ValueError(f"{name}: a fact needs its source")
        self.name = name
        self.kind = kind
        self.source = source
        self.change = change
        self.aliases = tuple(aliases)
        self.takes_effect = takes_effect
        self.only_with = only_with
        self.sent_with = tuple(sent_with)
        self.write_only = write_only
        self.clearable = clearable
        self.update_as = update_as
        self.read_from = read_from
        self.by_entries = by_entries
        self.by_name = by_name
        self.part_of = part_of
        self.remedy = remedy
        self.only_later = only_later
        self.targets = targets
        self.interrupts = interrupts
        self.peer = peer

    @property
    def compared(self) -> bool:
        """Return whether what an answer shows of the member counts."""
        return not self.write_only and self.change != AT_CREATION

    def option(self) -> dict[str, Any]:
        """Return the argument specification of this member's option."""
        option = self.kind.option()
        if self.aliases:
            option["aliases"] = list(self.aliases)
        if self.write_only:
            option["no_log"] = True
        return option

    def errors(self, value: Any, list_mode: str = REPLACE) -> Iterable[str]:
        """Yield what is wrong with a value that a task gives, as ends of a sentence that begins with the path."""
        if self.by_entries and list_mode == REMOVE and isinstance(self.kind, Entries):
            return self.kind.removal_errors(value)
        if self.part_of is not None and squeezed(value) in self.part_of.members:
            meant = self.part_of.misspelled(value)
            return [f"must be {meant}, not {value!r}"] if meant else ()
        return self.kind.errors(value)

    def result_errors(self, value: Any) -> Iterable[str]:
        """Yield which limits a list exceeds that entries were added to or removed from, in the same form."""
        return self.kind.size_errors(value) if isinstance(self.kind, Entries) else ()

    def resulting(self, list_mode: str, given: Any, found: Any) -> Any:
        """Return the value, in normal form, that a given one amounts to.

        Args:
            list_mode: How a list relates to the one found.
            given: The given value in normal form.
            found: The value found in normal form; None where there is none.
        """
        if not self.by_entries or not isinstance(self.kind, Entries) or list_mode == REPLACE:
            return given
        return self.kind.joined(found, given) if list_mode == ADD else self.kind.without(found, given)

    def may_empty(self, wanted: Any) -> bool:
        """Return whether a wanted value may be sent: it is not empty, or the API can empty the list."""
        return bool(wanted) or not self.kind.set_like or self.clearable


def walk(fields: Iterable[Field], prefix: str = "") -> Iterator[tuple[str, Field]]:
    """Yield (dotted path, field) for every leaf below `fields`."""
    for field in fields:
        path = prefix + field.name
        if isinstance(field.kind, Object):
            yield from walk(field.kind.fields, path + ".")
        else:
            yield path, field


class Quota(NamedTuple):
    """How many objects of a kind there may be.

    Attributes:
        catalog: Where that can be read: a table of `_schema.catalog`.
        type: The word of the kind there.
    """

    catalog: ObjectType
    type: str
