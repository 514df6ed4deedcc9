# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The table of a resource of the API. Private to this collection; no stable interface.

A resource is a table of `Field`s, with what `behavior` says of its objects as a whole. From this one table the
collection derives the argument specification, the validation of wanted values, the normal form both sides are compared
in, the request bodies, the masking of secrets, and what may not change after creation.
"""

from __future__ import annotations

from typing import Any, Callable, Iterable, Iterator, Mapping, NamedTuple

from ansible_collections.huaweicloud.vpn.plugins.module_utils._schema.behavior import (
    ID,
    Dependent,
    Detail,
    Filter,
    Held,
    Identity,
    ObjectType,
    States,
)
from ansible_collections.huaweicloud.vpn.plugins.module_utils._schema.causes import Diagnosis, Posture
from ansible_collections.huaweicloud.vpn.plugins.module_utils._schema.fields import (
    DIAGNOSIS,
    POSTURE,
    READ_ONLY,
    RESET,
    RESET_REQUIRED,
    TAGS_CREATE,
    TAGS_DELETE,
    ByAction,
    Companion,
    Depends,
    Field,
    OnlyWith,
    PartOf,
    Quota,
    Required,
    walk,
)
from ansible_collections.huaweicloud.vpn.plugins.module_utils._schema.kinds import Object, Secret, Tags, Values


class Resource(ObjectType):
    """The description of one kind of object of the API. Data only; see the files in `_resources`.

    Args:
        name: See `ObjectType`.
        plural: See there.
        noun: See there.
        collection: See there.
        item: See there.
        fields: The table.
        identity: See `ObjectType`.
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
        absent: See `ObjectType`.
        wait_timeout: Default of the option of that name, in seconds.
        reset_tag: Key of the tag with which this collection marks an object that needs a reset; None for no such mark.
        fingerprint_tag: Key of the tag by which this collection recognizes the write-only value; None for no such mark.
        companion: The other object that an object may have; None where there is no such thing.
        lists_whole: Whether an entry of the list holds the objects inside it that a read shows.
        dependents: What forbids the deletion of an object that it uses.
        held: Objects of another service that an object holds; None where it holds none.
        quota: How many objects there may be; None where there is no quota.
        tags_last: Whether tags are written once everything else is done and settled; otherwise before it.
        diagnosis: Returns how to tell why an object does not work; None where nothing is known.
        posture: Returns which settings are weak; None where nothing is known.

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
        diagnosis: Callable[[], Diagnosis] | None = None,
        posture: Callable[[], Posture] | None = None,
    ) -> None:
        super().__init__(name, plural, noun, collection, item, identity, absent)
        self.fields = tuple(fields)
        self._readers = _readers(self.fields)
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
        self.wait_timeout = wait_timeout
        self.reset_tag = reset_tag
        self.fingerprint_tag = fingerprint_tag
        self.companion = companion
        self.lists_whole = lists_whole
        self.dependents = tuple(dependents)
        self.held = held
        self.tags_last = tags_last
        self.quota = quota
        self._diagnosis = diagnosis
        self._posture = posture
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

    @property
    def diagnosis(self) -> Diagnosis | None:
        """Return how to tell why an object does not work; None where nothing is known."""
        return self._diagnosis() if self._diagnosis else None

    @property
    def posture(self) -> Posture | None:
        """Return which settings are weak; None where nothing is known."""
        return self._posture() if self._posture else None

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
