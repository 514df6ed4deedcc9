# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How the API treats the objects of a resource. Private to this collection; no stable interface.

What a table says of an object as a whole: what identifies it, which states it has, what a search can choose by, what
else can be asked of it, what uses it and what it holds. What it says of the members is in `fields`.
"""

from __future__ import annotations

from typing import Any, Iterable, Mapping, NamedTuple, Optional, Sequence

from ansible_collections.huaweicloud.vpn.plugins.module_utils._schema.kinds import Kind, Values

# The member with an object's identifier: the same in all of the vendor's answers.
ID = "id"
# What becomes of what a deleted object held.
KEEP, RELEASE = "keep", "release"


class Identity:
    """Which members tell one object from another.

    Args:
        aliases: Further option names of the identifier.
        pattern: Regular expression of an identifier.
        pattern_text: The pattern in words.
        name: The member that names the object within its parent; None for objects of which a parent has at most one.
        parent: The member with the identifier of what the object belongs to, also a filter of its list; None for none.
        parent_noun: What people call the object that it belongs to in a sentence.
    """

    def __init__(
        self,
        aliases: Sequence[str],
        pattern: str,
        pattern_text: str,
        name: str | None = "name",
        parent: str | None = None,
        parent_noun: str = "",
    ) -> None:
        self.aliases = tuple(aliases)
        self.pattern = pattern
        self.pattern_text = pattern_text
        self.name = name
        self.parent = parent
        self.parent_noun = parent_noun

    @property
    def key(self) -> str:
        """Return the member by which an object is found when its identifier is not given."""
        return self.name or self.parent or ID


class ObjectType:
    """A type of objects of the API: how requests and messages name them, and what identifies one.

    A table is one with members (`resource.Resource`). What mentions another table needs no more than this.

    Args:
        name: Result key and envelope of one object.
        plural: Result key and envelope of many.
        noun: What people call one in a sentence.
        collection: Path of the collection.
        item: Path of one object, with `{id}`.
        identity: The members that identify.
        absent: (HTTP status, code) pairs of answers that mean there is no such object, beyond a plain 404.
    """

    def __init__(
        self,
        name: str,
        plural: str,
        noun: str,
        collection: str,
        item: str,
        identity: Identity,
        absent: Iterable[tuple[int, str]] = (),
    ) -> None:
        self.name = name
        self.plural = plural
        self.noun = noun
        self.collection = collection
        self.item = item
        self.identity = identity
        self.absent = frozenset(absent)


class States:
    """The words an object's state member uses, by what they mean for a client.

    Args:
        member: The member that carries the state; None for objects whose changes are done once they are answered.
        stable: Nothing is under way.
        active: Those of the stable ones in which the object works; none if its state does not tell.
        pending: Something is under way and passes.
        deleting: The object is being deleted.
        failed: Passes only by a change or a repair.
        frozen: The cloud takes no change.
        deletable_when_frozen: `{member: value}` of a frozen object that can still be deleted; None if none can.

    Attributes:
        busy: Pending or deleting.
    """

    def __init__(
        self,
        member: str | None = None,
        stable: Iterable[str] = (),
        active: Iterable[str] = (),
        pending: Iterable[str] = (),
        deleting: Iterable[str] = (),
        failed: Iterable[str] = (),
        frozen: Iterable[str] = (),
        deletable_when_frozen: Mapping[str, Any] | None = None,
    ) -> None:
        self.member = member
        self.stable = frozenset(stable)
        self.active = frozenset(active)
        self.pending = frozenset(pending)
        self.deleting = frozenset(deleting)
        self.failed = frozenset(failed)
        self.frozen = frozenset(frozen)
        self.deletable_when_frozen = deletable_when_frozen
        self.busy = self.pending | self.deleting

    @property
    def synchronous(self) -> bool:
        """Return whether a change is done once it is answered."""
        return self.member is None

    def of(self, found: Values | None) -> str | None:
        """Return the state that an answer shows; None where it shows none."""
        return found.get(self.member) if found is not None and self.member is not None else None

    def may_delete(self, found: Values) -> bool:
        """Return whether the cloud deletes this frozen object."""
        exception = self.deletable_when_frozen
        return exception is not None and all(found.get(name) == value for name, value in exception.items())


class Filter:
    """A member that a search can choose by.

    Args:
        name: The member and the option.
        kind: How values are compared.
        on_server: Whether the API takes it as a query parameter of the list; other filters choose from its answer.
    """

    def __init__(self, name: str, kind: Kind, on_server: bool = False) -> None:
        self.name = name
        self.kind = kind
        self.on_server = on_server

    def matches(self, wanted: Any, item: Values) -> bool:
        """Return whether an object has the wanted value."""
        return self.kind.same(self.kind.normalize(wanted), self.kind.normalize(item.get(self.name)))


class Log(NamedTuple):
    """The form of a detail that is a log.

    Attributes:
        time: The member of an entry with its time, as a number that grows.
        text: The member of an entry with its text.
        causes: The keys of the `key=[value]` pairs, in the last parentheses of a text, that name a cause.
    """

    time: str
    text: str
    causes: Sequence[str]


class Detail(NamedTuple):
    """Something that can be asked of one object beyond what a list tells.

    Attributes:
        name: Its word in the options, and the key of its result.
        path: Path of the request, with `{id}`.
        member: The member of the answer.
        unavailable: Codes of refusals which mean that this object has no such thing.
        question: The option whose members are the body; None for details asked by GET.
        question_members: The members of the question, all required.
        secret: Whether the answer may hold secrets.
        log: The form of its entries, where it is the object's log; None where it is not.
        subject: The member of the object whose value stands for `{id}`; an object without one has no such detail.
    """

    name: str
    path: str
    member: str
    unavailable: Sequence[str] = ()
    question: Optional[str] = None  # noqa: UP045 - evaluated at run time, on Python 3.8 too
    question_members: Sequence[str] = ()
    secret: bool = False
    log: Optional[Log] = None  # noqa: UP045 - see above
    subject: str = ID


class Dependent:
    """Objects of another kind that use an object, and forbid its deletion unless they are deleted before.

    Args:
        noun: What people call one of them in a sentence.
        plural: Envelope of their list.
        collection: Path of their list.
        member: Their member with the identifier of what they use.
        on_server: Whether the API takes that member as a query parameter of the list.
        remedy: What to do about them, as the end of a sentence.
        option: The option of a task that deletes them too; None where no task can.
        absent: (HTTP status, code) pairs of answers that mean there is no such object, beyond a plain 404.
        dependents: What uses them in turn, and is deleted before them.
    """

    def __init__(
        self,
        noun: str,
        plural: str,
        collection: str,
        member: str,
        on_server: bool = False,
        remedy: str = "",
        option: str | None = None,
        absent: Iterable[tuple[int, str]] = (),
        dependents: Iterable[Dependent] = (),
    ) -> None:
        self.noun = noun
        self.plural = plural
        self.collection = collection
        self.item = collection + "/{id}"
        self.member = member
        self.on_server = on_server
        self.remedy = remedy
        self.option = option
        self.absent = frozenset(absent)
        self.dependents = tuple(dependents)


class Held:
    """Objects of another service that an object holds; the cloud releases them with it unless they are detached.

    Args:
        noun: What people call one of them in a sentence.
        paths: Dotted paths of the members with their identifiers.
        service: The first part of the service's host name.
        endpoint_option: The option with the base URL of the service.
        endpoint_variable: The environment variable that it may come from.
        item: Path of one of them, with `{id}`.
        detach: Path of the operation that detaches it, with `{id}`.
        envelope: Envelope of one of them.
        states: The words of their state; stable means that nothing holds them.
        option: The option of a task that deletes, which says what becomes of them: one of KEEP and RELEASE.
        reason: Why that has to be said, as the end of a sentence.
    """

    def __init__(
        self,
        noun: str,
        paths: Iterable[str],
        service: str,
        endpoint_option: str,
        endpoint_variable: str,
        item: str,
        detach: str,
        envelope: str,
        states: States,
        option: str,
        reason: str,
    ) -> None:
        self.noun = noun
        self.paths = tuple(paths)
        self.service = service
        self.endpoint_option = endpoint_option
        self.endpoint_variable = endpoint_variable
        self.item = item
        self.detach = detach
        self.envelope = envelope
        self.states = states
        self.option = option
        self.reason = reason
