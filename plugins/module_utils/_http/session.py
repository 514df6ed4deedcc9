# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From the way to reach the cloud to a client of the service. Private to this collection; no stable interface."""

from __future__ import annotations

from typing import Mapping, Protocol, cast

from ansible_collections.huaweicloud.vpn.plugins.module_utils._clock import Clock
from ansible_collections.huaweicloud.vpn.plugins.module_utils._http import iam
from ansible_collections.huaweicloud.vpn.plugins.module_utils._http.auth import (
    KEYS,
    TOKEN,
    AkSkAuth,
    AuthMethod,
    NoAuth,
    TokenAuth,
)
from ansible_collections.huaweicloud.vpn.plugins.module_utils._http.client import Client


class Access(Protocol):
    """How to reach and authenticate to the cloud, as far as it matters here."""

    @property
    def auth_method(self) -> str:
        """Return one of the ways to authenticate that `auth` names."""

    @property
    def credentials(self) -> Mapping[str, str]:
        """Return the options of that way."""

    @property
    def endpoint(self) -> str | None:
        """Return the service's base URL."""

    @property
    def auth_url(self) -> str | None:
        """Return IAM's base URL; None where IAM is not asked."""

    @property
    def project_id(self) -> str | None:
        """Return the project's id; None where IAM is to be asked for it."""

    @property
    def project_name(self) -> str | None:
        """Return what IAM is asked for then."""

    @property
    def verify(self) -> bool | str:
        """Return whether certificates are checked, or the path of a CA bundle."""

    @property
    def request_timeout(self) -> float:
        """Return the seconds for connecting, and for an answer."""

    @property
    def max_retries(self) -> int:
        """Return how often a request is repeated at most."""

    @property
    def host_origins(self) -> Mapping[str, str]:
        """Return a sentence for each of `endpoint` and `auth_url` on where its host name comes from."""

    @property
    def secrets(self) -> set[str]:
        """Return the secrets of the task, to which a token that arises is added."""


def open_session(access: Access, clock: Clock, user_agent: str) -> tuple[Client, str]:
    """Return a client of the service and the id of the project, asking IAM for a token and a project where needed.

    A token lives as long as the task and is renewed once when it is refused; it is never written anywhere.

    Args:
        access: How to reach and authenticate to the cloud. Every token is added to its `secrets`.
        clock: The clock.
        user_agent: What requests state of their sender.

    Raises:
        ApiError: IAM refused.
        NoResponse: IAM did not answer.
        NotFound: IAM knows no such project, or several.
        Unreachable: IAM could not be reached.
    """
    if access.auth_method in (KEYS, TOKEN):
        project = access.project_id
        if not project:
            asking = _client(access, access.auth_url, _given_auth(access, clock, None), clock, user_agent)
            project = iam.project_id(asking, access.project_name)
        return _client(access, access.endpoint, _given_auth(access, clock, project), clock, user_agent), project
    return _logged_in(access, clock, user_agent)


def _given_auth(access: Access, clock: Clock, project: str | None) -> AuthMethod:
    """Return the authentication with an access key or a token that the task gives."""
    known = access.credentials
    if access.auth_method == TOKEN:
        return TokenAuth(known["auth_token"])
    return AkSkAuth(known["access_key"], known["secret_key"], clock, known.get("security_token"), project)


def _logged_in(access: Access, clock: Clock, user_agent: str) -> tuple[Client, str]:
    """Return what `open_session` does for a user with a password.

    Where the project's id is known, the login waits for the first request. Else it is done now: its answer names it.
    """
    project = access.project_id
    scope = {"id": project} if project else {"name": access.project_name}
    asked = _client(access, access.auth_url, NoAuth(), clock, user_agent)

    def login() -> tuple[str, str | None]:
        known = access.credentials
        token, found = iam.password_token(asked, known["user_name"], known["password"], known["domain_name"], scope)
        access.secrets.add(token)
        return token, found

    token, project = (None, project) if project else login()
    auth = TokenAuth(token, fetch=lambda: login()[0])
    if not project:
        project = iam.project_id(_client(access, access.auth_url, auth, clock, user_agent), access.project_name)
    return _client(access, access.endpoint, auth, clock, user_agent), project


def _client(access: Access, base: str | None, auth: AuthMethod, clock: Clock, user_agent: str) -> Client:
    # Input validation makes sure of the URLs that are needed.
    origin = access.host_origins["endpoint" if base == access.endpoint else "auth_url"]
    return Client(
        cast(str, base), auth, access.verify, access.request_timeout, access.max_retries, clock, user_agent, origin
    )
