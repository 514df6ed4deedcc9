# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The words in which a resource of the API is described. Private to this collection; no stable interface.

A resource is a table of `Field`s, with what `behavior` says of its objects as a whole. From this one table the
collection derives the argument specification, the validation of wanted values, the normal form both sides are compared
in, the request bodies, the masking of secrets, and what may not change after creation.
"""

from __future__ import annotations

from typing import Any, Callable, Iterable, Iterator, Mapping, NamedTuple, Sequence

from ansible_collections.huaweicloud.vpn.plugins.module_utils._schema.behavior import (
    ID,
    Dependent,
    Detail,
    Filter,
    Held,
    Identity,
    States,
)
from ansible_collections.huaweicloud.vpn.plugins.module_utils._schema.causes import Diagnosis, Posture
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

    def __init__(self, path: str, resource: Resource, member: str, value: str, when: OnlyWith | None = None) -> None:
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
    resource: Resource
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
    resource: Resource
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
    resource: Resource
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
        """Return whether a wanted value is no attempt to empty what cannot be emptied."""
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

    catalog: Resource
    type: str


class Resource:
    """The description of one kind of object of the API. Data only; see the files in `_resources`.

    Args:
        name: Result key and envelope of one object.
        plural: Result key and envelope of many.
        noun: What people call it in a sentence.
        collection: Path of the collection.
        item: Path of one object, with `{id}`.
        fields: The table.
        identity: The members that identify.
        constraints: Conditions between members (see `_schema.constraints`).
        states: The words of its state; None for objects whose changes are done once they are answered.
        actions: Paths of the object's further operations, by name.
        required: What a creation must be given.
        likeness: Members by which an object whose creation was not answered is recognized, besides its name.
        likeness_defaults: What the server fills in for them when a creation leaves them out.
        likeness_text: Where two objects that are alike stand, for a sentence, such as "between the same gateways".
        exclusive: Members of which no two objects have the same values, taken together.
        late_warning: What to say of changes that are used only after a reset that is not done.
        reset_warning: What a reset interrupts, as the end of a sentence.
        items_option: The option and result key with the objects of a task on many; empty where there is none.
        filters: What a search can choose by.
        details: What can be asked of one object.
        absent: (HTTP status, code) pairs of answers that mean there is no such object, beyond a plain 404.
        wait_timeout: Default of the option of that name, in seconds.
        reset_tag: Key of the tag with which this collection marks an object that needs a reset; None for no such mark.
        fingerprint_tag: Key of the tag by which this collection recognizes the write-only value; None for no such mark.
        companion: The other object that an object may have; None where there is no such thing.
        lists_whole: Whether an entry of the list holds the objects inside it that a read shows.
        dependents: What forbids the deletion of an object that it uses.
        held: Objects of another service that an object holds; None where it holds none.
        quota: How many objects there may be; None where there is no quota.
        tags_last: Whether tags are written once everything else is done and settled; otherwise before it.
        diagnosis: How to tell why an object does not work; None where nothing is known.
        posture: Which settings are weak; None where nothing is known.

    Attributes:
        environment: Environment variables of the resource's own options, `{option: (variable, ...)}`.
        leaves: `{dotted path: Field}` of every member.
        managed: The same without the read-only ones.
        ignored: Options that are accepted only so that a result can be given back.
        write_only: Path of the write-only member, or None.
        update_option: The option that tells when the write-only member is sent to an existing object, or None.
        updated_key: The result key that tells that it was sent, or None.
        tags: The member with the tags, or None.
        purge_option: The option that removes tags not named, or None.
        resettable: Whether the object can be reset.
        log: The detail that is the object's log, or None.
        detail_names: What a search can add to each object.
        own_marks: Keys of the tags that belong to this collection.
        by_entries: Paths of the lists that a task may also add to, or remove from.
        by_name: `{path: ByName}` of the members that may be given by a name.
        part_of: `{path: PartOf}` of the members whose value belongs to another object.
        telling: Names of what does not count as left out where it is blank.
        fingerprint_option: The option with the key of the fingerprint, or None.

    Raises:
        ValueError: The table contradicts itself.
    """

    def __init__(
        self,
        name: str,
        plural: str,
        noun: str,
        collection: str,
        item: str,
        fields: Iterable[Field],
        identity: Identity,
        constraints: Iterable[Any] = (),
        states: States | None = None,
        actions: Mapping[str, str] | None = None,
        required: Iterable[Required] = (),
        likeness: Iterable[str] = (),
        likeness_defaults: Mapping[str, Any] | None = None,
        likeness_text: str = "",
        exclusive: Iterable[str] = (),
        late_warning: str = "",
        reset_warning: str = "",
        items_option: str = "",
        filters: Iterable[Filter] = (),
        details: Iterable[Detail] = (),
        absent: Iterable[tuple[int, str]] = (),
        wait_timeout: int = 600,
        reset_tag: str | None = None,
        fingerprint_tag: str | None = None,
        companion: Companion | None = None,
        lists_whole: bool = False,
        dependents: Iterable[Dependent] = (),
        held: Held | None = None,
        tags_last: bool = False,
        quota: Quota | None = None,
        diagnosis: Diagnosis | None = None,
        posture: Posture | None = None,
    ) -> None:
        self.name = name
        self.plural = plural
        self.noun = noun
        self.collection = collection
        self.item = item
        self.fields = tuple(fields)
        self._readers = _readers(self.fields)
        self.identity = identity
        self.constraints = tuple(constraints)
        self.states = states or States()
        self.actions = dict(actions or {})
        self.required = tuple(required)
        self.likeness = tuple(likeness)
        self.likeness_defaults = dict(likeness_defaults or {})
        self.likeness_text = likeness_text
        self.exclusive = tuple(exclusive)
        self.late_warning = late_warning
        self.reset_warning = reset_warning
        self.items_option = items_option
        self.filters = tuple(filters)
        self.details = tuple(details)
        self.absent = frozenset(absent)
        self.wait_timeout = wait_timeout
        self.reset_tag = reset_tag
        self.fingerprint_tag = fingerprint_tag
        self.companion = companion
        self.lists_whole = lists_whole
        self.dependents = tuple(dependents)
        self.held = held
        self.tags_last = tags_last
        self.quota = quota
        self.diagnosis = diagnosis
        self.posture = posture
        judged = ((POSTURE, posture), (DIAGNOSIS, diagnosis))
        self.detail_names = [detail.name for detail in self.details] + [name for name, table in judged if table]
        self.own_marks = frozenset(tag for tag in (reset_tag, fingerprint_tag) if tag)
        self.leaves = dict(walk(self.fields))
        self.managed = {path: field for path, field in self.leaves.items() if field.change != READ_ONLY}
        ignored = {path for path, field in self.leaves.items() if field.change == READ_ONLY}
        marks = {RESET_REQUIRED} if reset_tag else set()
        self.ignored = frozenset(ignored | marks | set(self.detail_names))
        self.write_only = next((path for path, field in self.leaves.items() if field.write_only), None)
        member = self.write_only and self.write_only.partition(".")[0]
        self.update_option = member and f"update_{member}"
        self.updated_key = member and f"{member}_updated"
        self.fingerprint_option = f"{member}_fingerprint_key" if member and fingerprint_tag else None
        self.tags = next((path for path, field in self.leaves.items() if isinstance(field.kind, Tags)), None)
        self.purge_option = self.tags and f"purge_{self.tags}"
        self.by_entries = tuple(path for path, field in self.managed.items() if field.by_entries)
        self.by_name = {path: field.by_name for path, field in self.managed.items() if field.by_name}
        self.part_of = {path: field.part_of for path, field in self.managed.items() if field.part_of}
        self.telling = frozenset(name for field in self.managed.values() for name in field.kind.telling)
        self.resettable = RESET in self.actions
        self.log = next((detail for detail in self.details if detail.log), None)
        self.environment = {held.endpoint_option: (held.endpoint_variable,)} if held else {}
        self._validate()

    def _validate(self) -> None:
        for path, other in self._references():
            if other not in self.leaves:
                raise ValueError(f"{path} refers to {other}, which is not a member")
        for path, field in self.leaves.items():
            if "." in path and isinstance(field.kind, (Secret, Tags)):
                raise ValueError(f"{path}: a secret or tags must not be inside another member")
            if "." in path and (field.by_entries or field.by_name or field.part_of):
                raise ValueError(f"{path}: what is given in another way must not be inside another member")
            if isinstance(field.change, ByAction) and field.change.action not in self.actions:
                raise ValueError(f"{path} changes by {field.change.action}, which is not an action")
        if sum(field.write_only for field in self.leaves.values()) > 1:
            raise ValueError(f"{self.name}: at most one member is write-only")
        if self.tags and not {TAGS_CREATE, TAGS_DELETE} <= set(self.actions):
            raise ValueError(f"{self.name}: tags need the operations {TAGS_CREATE} and {TAGS_DELETE}")
        if self.own_marks and not self.tags:
            raise ValueError(f"{self.name}: marks need tags")
        if (self.reset_tag and not self.resettable) or (self.fingerprint_tag and not self.write_only):
            raise ValueError(f"{self.name}: there is nothing that the marks could be about")

    def _references(self) -> Iterator[tuple[str, str]]:
        """Yield (who refers, dotted path) for every path that the table mentions."""
        for path, field in self.leaves.items():
            others = list(field.sent_with)
            parts = (field.takes_effect, field.only_with, field.part_of)
            others += [part.path for part in parts if isinstance(part, (Depends, OnlyWith, PartOf))]
            yield from ((path, other) for other in others)
        for constraint in self.constraints:
            yield from (("a constraint", other) for other in constraint.paths)
        for required in self.required:
            yield from (("what a creation needs", other) for other in required.paths)
        yield from (("what a creation is recognized by", other) for other in self.likeness)
        yield from (("what no two objects share", other) for other in self.exclusive)
        yield from (("what an object holds", other) for other in (self.held.paths if self.held else ()))

    def options(self) -> dict[str, Any]:
        """Return the argument specification of the resource's own options.

        What a search adds to an object is accepted too, so that its result can be given back.
        """
        spec = {field.name: field.option() for field in self.fields}
        spec[ID] = {"type": "str", "aliases": list(self.identity.aliases)}
        spec.update((name, {"type": "raw"}) for name in self.detail_names)
        if self.reset_tag:
            spec[RESET_REQUIRED] = {"type": "bool"}
        for by_name in self.by_name.values():
            spec[by_name.option] = {"type": "str", "aliases": list(by_name.aliases)}
        if self.companion:
            spec[self.companion.option] = {"type": "bool"}
        return spec

    def own_tags(self, value: Values | None) -> dict[str, str]:
        """Return tags without those that belong to the cloud or to this collection."""
        kind = self.leaves[self.tags].kind if self.tags else None
        tags = kind.without_system(value) if isinstance(kind, Tags) else {}
        return {key: text for key, text in tags.items() if key not in self.own_marks}

    def marks(self, answer: Values | None) -> dict[str, str]:
        """Return the tags of an answer that belong to this collection."""
        tags = self.leaves[self.tags].kind.normalize((answer or {}).get(self.tags)) if self.tags else None
        return {key: text for key, text in (tags or {}).items() if key in self.own_marks}

    def normalize(self, values: Values, answer: bool = True) -> dict[str, Any]:
        """Return the leaves of an answer or of task options in normal form.

        Members that are absent or null are left out; false and empty stay, since a task may ask for them.

        Args:
            values: Nested members, as an answer or the options hold them.
            answer: Whether they are those of an answer, where some members may stand elsewhere.

        Returns:
            `{dotted path: canonical value}`.
        """
        form: dict[str, Any] = {}
        _read(self._readers, values, values if answer else None, form)
        return form


class _Reader(NamedTuple):
    """How a member is read; `inner` holds the members of an object, and is None for all others."""

    name: str
    path: str
    read_from: str | None
    inner: tuple[_Reader, ...] | None
    normalize: Callable[[Any], Any]


def _readers(fields: Iterable[Field], prefix: str = "") -> tuple[_Reader, ...]:
    found = []
    for field in fields:
        if field.change == READ_ONLY:
            continue
        path = prefix + field.name
        inner = _readers(field.kind.fields, f"{path}.") if isinstance(field.kind, Object) else None
        # A write-only value stays the masked text that it travels as.
        normalize = _as_it_is if field.write_only else field.kind.normalize
        found.append(_Reader(field.name, path, field.read_from, inner, normalize))
    return tuple(found)


def _as_it_is(value: Any) -> Any:
    return value


def _read(readers: tuple[_Reader, ...], values: Values, whole: Values | None, form: dict[str, Any]) -> None:
    """Put the members of an object, or of one within it, into a normal form."""
    for name, path, read_from, inner, normalize in readers:
        value = values.get(name)
        if value is None and read_from and whole is not None:
            value = _lookup(whole, read_from)
        if value is None:
            continue
        if inner is None:
            form[path] = normalize(value)
        elif isinstance(value, dict):
            _read(inner, value, whole, form)


def _lookup(values: Any, path: str) -> Any:
    for name in path.split("."):
        values = values.get(name) if isinstance(values, dict) else None
    return values
