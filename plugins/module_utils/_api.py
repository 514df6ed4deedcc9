# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The operations of one kind of object, as calls. Private to this collection; no stable interface.

Paths, envelopes and filters come from the resource's table; requests go through the client. Nothing is decided here.
"""

from __future__ import annotations

from ansible_collections.huaweicloud.vpn.plugins.module_utils._errors import ApiError, NoResponse
from ansible_collections.huaweicloud.vpn.plugins.module_utils._http.session import open_session
from ansible_collections.huaweicloud.vpn.plugins.module_utils._http.signing import encode


class Reader:
    """The operations that only read.

    Every method raises what C(Client.call) raises, which says what a C(deadline) does.

    :arg resource: a C(Resource). C(client): a C(Client). C(project_id): where the objects live (str).
    :ivar others: what C(read_other_cached) remembers, by path and id (dict).
    """

    def __init__(self, resource, client, project_id):
        self.resource = resource
        self.client = client
        self.project_id = project_id
        self.others = {}

    def clone(self):
        """Return the same operations for another thread, which keeps its own request ids."""
        clone = type(self)(self.resource, self.client.clone(), self.project_id)
        clone.others = self.others
        return clone

    def _path(self, template, identifier=""):
        return template.format(project_id=encode(self.project_id), id=encode(identifier))

    def listing(self, query=(), deadline=None, odd=None):
        """Return (every object, the number the API says there are or None); C(query) are filters the API knows.

        :arg odd: see C(Client.pages).
        """
        return self.client.pages(self._path(self.resource.collection), self.resource.plural, query, deadline, odd)

    def list(self, query=(), deadline=None):
        """Return every object (list of dict)."""
        return self.listing(query, deadline)[0]

    def read(self, identifier, deadline=None):
        """Return one object, or None when the API answers that there is none (dict)."""
        try:
            return self.read_other(self.resource.item, self.resource.name, identifier, deadline)
        except ApiError as error:
            if error.status == 404 and error.code in self.resource.absent:
                return None
            raise

    def read_other(self, path, envelope, identifier, deadline=None):
        """Return an object of another kind, or None when the API answers that there is none (dict)."""
        try:
            answer = self.client.get(self._path(path, identifier), expect=(envelope, dict), deadline=deadline)
            found = answer.data[envelope]
        except ApiError as error:
            if error.missing:
                return None
            raise
        return dict(found, id=found.get("id") or identifier)

    def read_other_cached(self, path, envelope, identifier):
        """Return what C(read_other) does; what was read is remembered, for the twins too."""
        if (path, identifier) not in self.others:
            self.others[path, identifier] = self.read_other(path, envelope, identifier)
        return self.others[path, identifier]

    def detail(self, detail, identifier, question):
        """Return what a C(Detail) tells of one object; C(question) is the body, for those that are asked with one."""
        path = self._path(detail.path, identifier)
        if detail.question is None:
            answer = self.client.get(path)
        else:
            answer = self.client.call("POST", path, body=question, safe=True)
        return answer.data.get(detail.member)


class Api(Reader):
    """The operations that read and write."""

    def _write(self, method, path, body):
        name = self.resource.name
        return self.client.call(method, path, body=body, expect=(name, dict)).data[name]

    def create(self, body):
        """Return the object as the answer to its creation shows it (dict)."""
        path = self._path(self.resource.collection)
        made = self._write("POST", path, body)
        if not made.get("id"):
            raise NoResponse("the API answered a creation without the id of what it made", "POST", self.client.base + path)
        return made

    def update(self, identifier, body):
        """Return the object as the answer to the change shows it (dict)."""
        return self._write("PUT", self._path(self.resource.item, identifier), body)

    def delete(self, identifier):
        """Start a deletion; an object that is gone already is no error."""
        try:
            self.client.call("DELETE", self._path(self.resource.item, identifier))
        except ApiError as error:
            if not error.missing:
                raise

    def act(self, action, identifier, body=None):
        """Call one of the object's further operations, by its name in the table."""
        self.client.call("POST", self._path(self.resource.actions[action], identifier), body=body)


def make_api(kind, resource, access, clock, user_agent):
    """Return the C(Reader) or C(Api), as C(kind) says, that an C(Access) leads to, asking IAM for a token and a project where needed."""
    return kind(resource, *open_session(access, clock, user_agent))
