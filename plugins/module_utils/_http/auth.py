# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Authentication of requests: by access key, by token, or not at all. Private to this collection; no stable interface.

An object of these classes is what requests takes for `auth`: it is called with each request before that is sent.
"""

from __future__ import annotations

import threading
from typing import Any, Callable
from urllib.parse import urlsplit

from ansible_collections.huaweicloud.vpn.plugins.module_utils._clock import Clock
from ansible_collections.huaweicloud.vpn.plugins.module_utils._errors import Effect, Retry, VpnError
from ansible_collections.huaweicloud.vpn.plugins.module_utils._http import signing

# The ways to authenticate that a task can choose.
KEYS, TOKEN, PASSWORD = "access key", "token", "user name and password"

TOKEN_HEADER = "X-Auth-Token"


class AuthMethod:
    """A way to authenticate."""

    def __call__(self, prepared: Any) -> Any:
        """Add what authenticates a request to its headers.

        Args:
            prepared: A `requests.PreparedRequest`.

        Returns:
            The same request.
        """
        raise NotImplementedError

    def hint(self) -> str:
        """Return what to check when the authentication is refused, as the end of a sentence."""
        raise NotImplementedError

    def renew(self, refused: str | None) -> bool:
        """Return whether the next request will authenticate with something new.

        Args:
            refused: The token that was refused; None where the request carried none.
        """
        return False


class NoAuth(AuthMethod):
    """Adds nothing, for the login itself. Where `auth` is None, requests would take a password from a netrc file."""

    def __call__(self, prepared: Any) -> Any:
        return prepared

    def hint(self) -> str:
        return "check user_name, password and domain_name"


class AkSkAuth(AuthMethod):
    """Signs each request with an access key (SDK-HMAC-SHA256).

    Args:
        access_key: The access key's id.
        secret_key: Its secret.
        clock: Gives the date of each signature.
        security_token: Belongs to temporary keys.
        project_id: Also sent and signed, for accounts with several projects; None leaves it out.
    """

    def __init__(
        self,
        access_key: str,
        secret_key: str,
        clock: Clock,
        security_token: str | None = None,
        project_id: str | None = None,
    ) -> None:
        self.access_key = access_key
        self.secret_key = secret_key
        self.clock = clock
        self.security_token = security_token
        self.project_id = project_id

    def __call__(self, prepared: Any) -> Any:
        parts = urlsplit(prepared.url)
        headers = {
            signing.DATE_HEADER: self.clock.utc().strftime(signing.DATE_FORMAT),
            "Host": parts.netloc,
            "Content-Type": prepared.headers["Content-Type"],
        }
        if self.project_id:
            headers["X-Project-Id"] = self.project_id
        if self.security_token:
            headers["X-Security-Token"] = self.security_token
        prepared.headers.update(headers)
        prepared.headers["Authorization"] = signing.authorization(
            self.access_key, self.secret_key, prepared.method, parts.path, parts.query, headers, prepared.body or b""
        )
        return prepared

    def hint(self) -> str:
        return (
            "check access_key and secret_key (and security_token for temporary keys), that no proxy rewrites requests,"
            f" and this machine's clock: it says {self.clock.utc().strftime('%Y-%m-%dT%H:%M:%SZ')}"
        )


class TokenAuth(AuthMethod):
    """Sends an IAM token.

    Args:
        token: The token; None to have `fetch` called before the first request.
        fetch: Returns a new token; None where there is no way to get one.
    """

    def __init__(self, token: str | None = None, fetch: Callable[[], str] | None = None) -> None:
        self._token = token
        self._fetch = fetch
        self._lock = threading.Lock()

    def __call__(self, prepared: Any) -> Any:
        with self._lock:
            if self._token is None:
                self._token = self._fetched()
            prepared.headers[TOKEN_HEADER] = self._token
        return prepared

    def _fetched(self) -> str | None:
        """Fetch a token. A failure was retried already, and the request that was to follow has not been sent."""
        try:
            return None if self._fetch is None else self._fetch()
        except VpnError as error:
            error.effect, error.retry = Effect.NONE, Retry.NEVER
            raise

    def hint(self) -> str:
        return "the token was refused: it may have expired, or belong to another project or region"

    def renew(self, refused: str | None) -> bool:
        """Forget the token that was refused, so that the next request fetches one; return whether that is possible.

        Another thread may have renewed it already. A refusal that names no token is one of the login, and not of a
        request that carried what `fetch` returned: a new token would not help.
        """
        if self._fetch is None or refused is None:
            return False
        with self._lock:
            if self._token == refused:
                self._token = None
        return True
