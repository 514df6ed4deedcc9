# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From the way to reach the cloud to a client of the service. Private to this collection; no stable interface."""

from __future__ import annotations

from typing import Callable, Mapping, Protocol, cast

from ansible_collections.huaweicloud.vpn.plugins.module_utils._clock import Clock
from ansible_collections.huaweicloud.vpn.plugins.module_utils._http import iam
from ansible_collections.huaweicloud.vpn.plugins.module_utils._http.auth import (
    KEYS,
    PASSWORD,
    TOKEN,
    AkSkAuth,
    AuthMethod,
    NoAuth,
    Origin,
    RenewableKeys,
    RenewedKeysAuth,
    TokenAuth,
)
from ansible_collections.huaweicloud.vpn.plugins.module_utils._http.client import Client


class Access(Origin, Protocol):
    """How to reach and authenticate to the cloud, as far as it matters here."""

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


def open_session(access: Access, clock: Clock, user_agent: str) -> tuple[Client, str]:
    """Return a client of the service and the id of the project, asking IAM for a token and a project where needed.

    A token lives as long as the task and is renewed once when it is refused; temporary keys are renewed before they end
    too. Neither is ever written anywhere.

    Args:
        access: How to reach and authenticate to the cloud. Tokens and keys are added to its `secrets`.
        clock: The clock.
        user_agent: What requests state of their sender.

    Raises:
        ApiError: IAM refused.
        NoResponse: IAM did not answer.
        NotFound: IAM knows no such project, or several.
        Unreachable: IAM could not be reached.
    """
    if access.auth_method == PASSWORD and access.agency is None:
        return _logged_in(access, clock, user_agent)
    auth_for = _auth_by_project(access, clock, user_agent)
    project = access.project_id
    if not project:
        asking = _client(access, access.auth_url, auth_for(None), clock, user_agent)
        project = iam.project_id(asking, access.project_name)
    return _client(access, access.endpoint, auth_for(project), clock, user_agent), project


def _auth_by_project(access: Access, clock: Clock, user_agent: str) -> Callable[[str | None], AuthMethod]:
    """Return a function from a project's id, or None, to the authentication; all it returns share their keys."""
    known = access.credentials
    if access.agency is None and access.auth_method == TOKEN:
        return lambda _project: TokenAuth(known["auth_token"])
    if access.agency is None and access.auth_method == KEYS:
        return lambda project: AkSkAuth(
            known["access_key"], known["secret_key"], clock, known.get("security_token"), project
        )
    # Not at the top: few tasks need it, and importing takes time.
    from ansible_collections.huaweicloud.vpn.plugins.module_utils._http.chain import Chain

    chain = Chain(access, lambda auth: _client(access, access.auth_url, auth, clock, user_agent), clock, user_agent)
    keys = RenewableKeys(chain.keys, clock)
    return lambda project: RenewedKeysAuth(keys, clock, chain.name, project)


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
