# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The operations of one kind of object, as calls. Private to this collection; no stable interface.

Paths, envelopes and filters come from the resource's table; requests go through the client. Nothing is decided here.
"""

from __future__ import annotations

import contextlib
from typing import Any, Iterator, Mapping, Sequence, TypeVar

from ansible_collections.huaweicloud.vpn.plugins.module_utils._clock import Clock, Deadline
from ansible_collections.huaweicloud.vpn.plugins.module_utils._errors import ApiError, NoResponse, VpnError
from ansible_collections.huaweicloud.vpn.plugins.module_utils._http.client import Client
from ansible_collections.huaweicloud.vpn.plugins.module_utils._http.session import open_session
from ansible_collections.huaweicloud.vpn.plugins.module_utils._http.signing import encode
from ansible_collections.huaweicloud.vpn.plugins.module_utils._input.access import Access
from ansible_collections.huaweicloud.vpn.plugins.module_utils._schema.behavior import (
    ID,
    Dependent,
    Detail,
    Held,
    ObjectType,
)
from ansible_collections.huaweicloud.vpn.plugins.module_utils._schema.catalog import Source
from ansible_collections.huaweicloud.vpn.plugins.module_utils._schema.fields import Companion
from ansible_collections.huaweicloud.vpn.plugins.module_utils._schema.resource import Resource
from ansible_collections.huaweicloud.vpn.plugins.module_utils._secrets import reveal

Query = Sequence["tuple[str, Any]"]


class Listed:
    """All objects of one kind, as one list shows them.

    Attributes:
        items: The objects.
        by_id: The objects by identifier, in lower case.
    """

    def __init__(self, items: Sequence[dict[str, Any]]) -> None:
        self.items = items
        self.by_id = {str(item[ID]).lower(): item for item in items}
        self._by_member: dict[str, dict[Any, list[dict[str, Any]]]] = {}

    def by_member(self, member: str) -> Mapping[Any, Sequence[dict[str, Any]]]:
        """Return the objects by the text of a member."""
        if member not in self._by_member:
            grouped = self._by_member.setdefault(member, {})
            for item in self.items:
                if isinstance(item.get(member), str):
                    grouped.setdefault(item[member], []).append(item)
        return self._by_member[member]


class Reader:
    """The operations that only read.

    Every method raises what `Client.call` raises, which says what a deadline does.

    Args:
        resource: The table.
        client: Sends requests.
        project_id: Where the objects are.
    """

    def __init__(self, resource: Resource, client: Client, project_id: str) -> None:
        self.resource = resource
        self.client = client
        self.project_id = project_id
        self.held_url: str | None = None
        self._others: dict[tuple[str, str], dict[str, Any] | None] = {}
        self._other_lists: dict[str, Listed] = {}

    def clone(self: ReaderT) -> ReaderT:
        """Return the same operations for another thread, which keeps its own request ids."""
        clone = type(self)(self.resource, self.client.clone(), self.project_id)
        clone._others = self._others
        clone._other_lists = self._other_lists
        clone.held_url = self.held_url
        return clone

    def _path(self, template: str, identifier: str = "") -> str:
        return template.format(project_id=encode(self.project_id), id=encode(identifier))

    def entries(self, source: Source, deadline: Deadline | None = None) -> list[Any]:
        """Return what a source of a catalog lists.

        Raises:
            NoResponse: The answer holds no such list.
        """
        path = self._path(source.path)
        found = source.entries(self.client.get(path, deadline=deadline).data)
        if found is None:
            named = ".".join(source.members)
            raise NoResponse(f"the API answered with JSON that holds no {named}", "GET", self.client.base + path)
        return found

    def list_dependents(self, dependent: Dependent, identifier: str) -> list[dict[str, Any]]:
        """Return the objects of another kind that use this one."""
        query = [(dependent.member, identifier)] if dependent.on_server else []
        listed = self.client.pages(self._path(dependent.collection), dependent.plural, query)[0]
        return [item for item in listed if str(item.get(dependent.member)).lower() == identifier.lower()]

    def listing(
        self, query: Query = (), deadline: Deadline | None = None, odd: list[Any] | None = None
    ) -> tuple[list[dict[str, Any]], int | None]:
        """Return every object, and the number the API says there are or None.

        Args:
            query: Filters the API knows.
            deadline: See `Client.call`.
            odd: See `Client.pages`.
        """
        return self.client.pages(self._path(self.resource.collection), self.resource.plural, query, deadline, odd)

    def list(self, query: Query = (), deadline: Deadline | None = None) -> list[dict[str, Any]]:
        """Return every object."""
        return self.listing(query, deadline)[0]

    def read(self, identifier: str, deadline: Deadline | None = None) -> dict[str, Any] | None:
        """Return one object, or None when the API answers that there is none."""
        return self._read(self.resource, identifier, deadline)

    def _read(self, resource: ObjectType, identifier: str, deadline: Deadline | None = None) -> dict[str, Any] | None:
        try:
            answer = self.client.get(
                self._path(resource.item, identifier), expect=(resource.name, dict), deadline=deadline
            )
        except ApiError as error:
            if _says_absent(resource, error):
                return None
            raise
        found = answer.data[resource.name]
        return {**found, ID: found.get(ID) or identifier}

    def read_other_cached(self, resource: ObjectType, identifier: str) -> dict[str, Any] | None:
        """Return an object of another kind, or None when there is none; what was read is remembered, for clones too."""
        key = (resource.name, identifier)
        if key not in self._others:
            self._others[key] = self._read(resource, identifier)
        return self._others[key]

    def list_other_cached(self, resource: ObjectType) -> Listed:
        """Return all objects of another kind; what was read is remembered, for clones too."""
        if resource.name not in self._other_lists:
            listed = self.client.pages(self._path(resource.collection), resource.plural)[0]
            self._other_lists[resource.name] = Listed(listed)
        return self._other_lists[resource.name]

    def read_dependent(self, dependent: Dependent, identifier: str, deadline: Deadline | None = None) -> bool:
        """Return whether an object of another kind still exists."""
        try:
            self.client.get(self._path(dependent.item, identifier), deadline=deadline)
        except ApiError as error:
            if _says_absent(dependent, error):
                return False
            raise
        return True

    @property
    def knows_held(self) -> bool:
        """Return whether the service of what objects hold can be asked."""
        return self.held_url is not None

    def _held_client(self) -> Client:
        if self.held_url is None:
            raise VpnError("the service of what the object holds is not known")
        return self.client.elsewhere(self.held_url)

    def read_held(self, held: Held, identifier: str, deadline: Deadline | None = None) -> dict[str, Any] | None:
        """Return what an object holds, as its own service shows it; None when there is none."""
        path = self._path(held.item, identifier)
        try:
            found = self._held_client().get(path, expect=(held.envelope, dict), deadline=deadline)
        except ApiError as error:
            if error.missing:
                return None
            raise
        shown: dict[str, Any] = found.data[held.envelope]
        return shown

    def detail(self, detail: Detail, identifier: str, question: Mapping[str, Any] | None) -> Any:
        """Return what a detail tells of one object.

        Args:
            detail: What is asked for.
            identifier: The object.
            question: The body, for details that are asked with one.
        """
        path = self._path(detail.path, identifier)
        if detail.question is None:
            answer = self.client.get(path)
        else:
            answer = self.client.call("POST", path, body=question, safe=True)
        return answer.data.get(detail.member)


ReaderT = TypeVar("ReaderT", bound=Reader)


class Api(Reader):
    """The operations that read and write. Secrets in a body are opened here, right before it is sent."""

    def _write(self, method: str, path: str, body: Any) -> dict[str, Any]:
        name = self.resource.name
        written: dict[str, Any] = self.client.call(method, path, body=reveal(body), expect=(name, dict)).data[name]
        return written

    def create(self, body: Any) -> dict[str, Any]:
        """Return the object as the answer to its creation shows it.

        Raises:
            NoResponse: The answer has no identifier, so it is not known what was made.
        """
        path = self._path(self.resource.collection)
        made = self._write("POST", path, body)
        if not made.get(ID):
            raise NoResponse(
                "the API answered a creation without the id of what it made", "POST", self.client.base + path
            )
        return made

    def update(self, identifier: str, body: Any) -> dict[str, Any]:
        """Return the object as the answer to the change shows it."""
        return self._write("PUT", self._path(self.resource.item, identifier), body)

    def delete(self, identifier: str) -> None:
        """Start a deletion; an object that is gone already is not an error."""
        self.delete_other(self.resource, identifier)

    def delete_other(self, kind: ObjectType | Dependent, identifier: str) -> None:
        """Start the deletion of an object of another kind; one that is gone already is not an error."""
        try:
            self.client.call("DELETE", self._path(kind.item, identifier))
        except ApiError as error:
            if not _says_absent(kind, error):
                raise

    def create_companion(self, companion: Companion, owner: str) -> str | None:
        """Make the companion of an object, and return its identifier; None where it was there already."""
        name, path = companion.resource.name, self._path(companion.resource.collection)
        try:
            answer = self.client.call("POST", path, body={name: {companion.owner: owner}}, expect=(name, dict))
        except ApiError as error:
            if error.code != companion.exists:
                raise
            return None
        made: dict[str, Any] = answer.data[name]
        return made.get(ID)

    def detach(self, held: Held, identifier: str) -> None:
        """Detach what an object holds."""
        self._held_client().call("POST", self._path(held.detach, identifier))

    def act(self, action: str, identifier: str, body: Any = None) -> None:
        """Call one of the object's further operations, by its name in the table."""
        self.client.call("POST", self._path(self.resource.actions[action], identifier), body=body)


@contextlib.contextmanager
def naming_requests(client: Client) -> Iterator[None]:
    """Have every failure inside carry the ids of all requests that were answered before it."""
    try:
        yield
    except VpnError as error:
        if client.request_ids:
            error.details.setdefault("request_ids", list(client.request_ids))
        raise


def request_ids(client: Client) -> dict[str, list[str]]:
    """Return the result key with the vendor's ids of a client's requests; nothing where none were answered."""
    return {"request_ids": list(client.request_ids)} if client.request_ids else {}


def unusable_entries(resource: Resource, count: int) -> str:
    """Return a warning of entries of a list whose form is not that of the API."""
    return f"{count} of the {resource.noun}s that the API lists were left out: they do not have the documented form"


def _says_absent(resource: ObjectType | Dependent, error: ApiError) -> bool:
    """Return whether a refusal means that there is no such object."""
    return error.missing or (error.status, error.code) in resource.absent


def make_api(kind: type[ReaderT], resource: Resource, access: Access, clock: Clock, user_agent: str) -> ReaderT:
    """Return the operations of a resource, asking IAM for a token and a project where needed.

    Args:
        kind: `Reader` or `Api`.
        resource: The table.
        access: How to reach the cloud.
        clock: The clock.
        user_agent: For the requests.
    """
    client, project_id = open_session(access, clock, user_agent)
    api = kind(resource, client, project_id)
    if resource.held is not None:
        api.held_url = access.service_url(resource.held.endpoint_option, resource.held.service)
    return api
