# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Authentication of requests: by access key, by token, or not at all. Private to this collection; no stable interface.

An object of these classes is what requests takes for `auth`: it is called with each request before that is sent.
"""

from __future__ import annotations

import copy
import datetime
import threading
from typing import Any, Callable, Mapping, NamedTuple, Protocol
from urllib.parse import urlsplit

from ansible_collections.huaweicloud.vpn.plugins.module_utils._clock import Clock
from ansible_collections.huaweicloud.vpn.plugins.module_utils._errors import ApiError, Effect, Retry, VpnError
from ansible_collections.huaweicloud.vpn.plugins.module_utils._http import signing

# The ways to authenticate that a task can choose.
KEYS, TOKEN, PASSWORD = "access key", "token", "user name and password"
ID_TOKEN, ECS = "ID token", "agency of the ECS server"

TOKEN_HEADER = "X-Auth-Token"
SECURITY_TOKEN_HEADER = "X-Security-Token"

# Keys are renewed when no more of their life is left: so many seconds, or this part of it, whichever is less.
RENEWAL_SECONDS = 600.0
RENEWAL_PART = 0.25
# After a renewal that failed, the next one is tried when half of what is left of the old keys is over, but not at once.
SHORTEST_PAUSE = datetime.timedelta(seconds=1)


class Origin(Protocol):
    """Who authenticates, as far as it matters here."""

    @property
    def auth_method(self) -> str:
        """Return one of the ways to authenticate named above."""

    @property
    def credentials(self) -> Mapping[str, str]:
        """Return the options of that way."""

    @property
    def agency(self) -> tuple[str, str] | None:
        """Return the agency to assume and the account it belongs to; None for none."""

    @property
    def secrets(self) -> set[str]:
        """Return the secrets of the task, to which whatever arises is added."""


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
            refused: The token or security token that was refused; None where the request carried none.
        """
        return False


def as_login_failure(error: VpnError) -> None:
    """Let an error that happened before a request was sent count as the failure of that request.

    It was retried already, and neither its effect nor the token that it names are those of the request to follow.
    """
    error.effect, error.retry = Effect.NONE, Retry.NEVER
    if isinstance(error, ApiError):
        error.token = None


class HeaderAuth(AuthMethod):
    """Adds headers that are always the same.

    Args:
        headers: The headers.
        hint: See `AuthMethod.hint`.
    """

    def __init__(self, headers: Mapping[str, str], hint: str) -> None:
        self._headers = headers
        self._hint = hint

    def __call__(self, prepared: Any) -> Any:
        prepared.headers.update(self._headers)
        return prepared

    def hint(self) -> str:
        return self._hint


class NoAuth(AuthMethod):
    """Adds nothing, for the login itself. Where `auth` is None, requests would take a password from a netrc file."""

    def __call__(self, prepared: Any) -> Any:
        return prepared

    def hint(self) -> str:
        return "check user_name, password and domain_name"


class Keys(NamedTuple):
    """An access key, its secret, the security token of temporary ones, and their end where it is known."""

    access_key: str
    secret_key: str
    security_token: str | None = None
    expires: datetime.datetime | None = None


class _Held(NamedTuple):
    """Keys that were fetched, when to renew them, and when they end; None where that is not known."""

    keys: Keys
    renewal: datetime.datetime | None
    end: datetime.datetime | None

    def is_due(self, now: datetime.datetime) -> bool:
        return self.renewal is not None and now >= self.renewal

    def lives(self, now: datetime.datetime) -> bool:
        return self.end is None or now < self.end


def _held(keys: Keys, now: datetime.datetime) -> _Held:
    """Return keys with the moment to renew them.

    Where this machine's clock is so far ahead that new keys seem to have ended, they are used until they are refused.
    """
    if keys.expires is None or keys.expires <= now:
        return _Held(keys, None, None)
    life = (keys.expires - now).total_seconds()
    early = datetime.timedelta(seconds=min(RENEWAL_SECONDS, life * RENEWAL_PART))
    return _Held(keys, keys.expires - early, keys.expires)


class RenewableKeys:
    """Temporary keys, fetched when they are first needed, before they end, and after a refusal.

    One thread fetches for all. While it does, the others go on with the old keys as long as those live.

    Args:
        fetch: Returns new keys.
        clock: What the end of keys is compared with.
    """

    def __init__(self, fetch: Callable[[], Keys], clock: Clock) -> None:
        self._fetch = fetch
        self._clock = clock
        self._lock = threading.Lock()
        self._held: _Held | None = None
        # What came of the fetches that failed.
        self._failures: list[VpnError] = []

    def current(self) -> Keys:
        """Return the keys for the next request.

        Raises:
            VpnError: New keys are needed, and there are none.
        """
        held, now = self._held, self._clock.utc()
        if held is not None and not held.is_due(now):
            return held.keys
        if held is None or not held.lives(now):
            seen = len(self._failures)
            self._lock.acquire()
        elif self._lock.acquire(blocking=False):
            seen = len(self._failures)
        else:
            return held.keys
        try:
            return self._fetched(seen)
        finally:
            self._lock.release()

    def _fetched(self, seen: int) -> Keys:
        """Return keys that are not due; the lock is held.

        Args:
            seen: How many failures there were before this thread waited for the lock.
        """
        # Another thread may have been faster, and then it has fetched, or failed, for this one too.
        if self._held is None or self._held.is_due(self._clock.utc()):
            if len(self._failures) > seen:
                told = copy.copy(self._failures[-1])
                told.details = dict(told.details)
                raise told
            self._held = self._renewed(self._held)
        return self._held.keys

    def _renewed(self, old: _Held | None) -> _Held:
        """Return new keys, or the old ones where there are no new ones and the old ones still live."""
        try:
            return _held(self._fetch(), self._clock.utc())
        except VpnError as error:
            now = self._clock.utc()
            if old is None or old.end is None or not old.lives(now):
                as_login_failure(error)
                self._failures.append(copy.copy(error))
                raise
            return old._replace(renewal=now + max(SHORTEST_PAUSE, (old.end - now) / 2))

    def forget(self, refused: str | None) -> bool:
        """Drop the keys whose security token was refused; return whether the next request will carry others.

        Another thread may have renewed them already. A refusal without a security token is one of a request that
        fetches keys, and not of one that carried them: new keys would not help.
        """
        if refused is None:
            return False
        with self._lock:
            if self._held is not None and self._held.keys.security_token == refused:
                self._held = None
        return True


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
        self._given = Keys(access_key, secret_key, security_token)
        self.clock = clock
        self.project_id = project_id

    def _keys(self) -> Keys:
        """Return the keys for the next request."""
        return self._given

    def __call__(self, prepared: Any) -> Any:
        parts = urlsplit(prepared.url)
        keys = self._keys()
        headers = {
            signing.DATE_HEADER: self.clock.utc().strftime(signing.DATE_FORMAT),
            "Host": parts.netloc,
            "Content-Type": prepared.headers["Content-Type"],
        }
        if self.project_id:
            headers["X-Project-Id"] = self.project_id
        if keys.security_token:
            headers[SECURITY_TOKEN_HEADER] = keys.security_token
        prepared.headers.update(headers)
        prepared.headers["Authorization"] = signing.authorization(
            keys.access_key, keys.secret_key, prepared.method, parts.path, parts.query, headers, prepared.body or b""
        )
        return prepared

    def hint(self) -> str:
        return (
            "check access_key and secret_key (and security_token for temporary keys), that no proxy rewrites requests,"
            f" and this machine's clock: it says {self.clock.utc().strftime('%Y-%m-%dT%H:%M:%SZ')}"
        )


class RenewedKeysAuth(AkSkAuth):
    """Signs each request with temporary keys that are renewed.

    Args:
        keys: The keys, which several objects of this class may share.
        clock: See `AkSkAuth`.
        origin: Where the keys come from, for a sentence.
        project_id: See `AkSkAuth`.
    """

    def __init__(self, keys: RenewableKeys, clock: Clock, origin: str, project_id: str | None = None) -> None:
        super().__init__("", "", clock, project_id=project_id)
        self._renewable = keys
        self._origin = origin

    def _keys(self) -> Keys:
        return self._renewable.current()

    def renew(self, refused: str | None) -> bool:
        return self._renewable.forget(refused)

    def hint(self) -> str:
        return (
            f"the temporary keys from the {self._origin} were refused: check that no proxy rewrites requests, and this"
            f" machine's clock: it says {self.clock.utc().strftime('%Y-%m-%dT%H:%M:%SZ')}"
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
        try:
            return None if self._fetch is None else self._fetch()
        except VpnError as error:
            as_login_failure(error)
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
