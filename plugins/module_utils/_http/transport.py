# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One request and its answer. Private to this collection; no stable interface.

Connections, proxies, trust, and what can be wrong with an answer or with the way to it. Nothing is repeated here; that
is up to `client`. This is the only file that imports requests.
"""

from __future__ import annotations

import copy
import http.client
import re
import socket
import threading
import traceback
import zlib
from typing import Any, Mapping
from urllib.parse import urlsplit

from ansible_collections.huaweicloud.vpn.plugins.module_utils._clock import Clock, Deadline
from ansible_collections.huaweicloud.vpn.plugins.module_utils._errors import ApiError, NoResponse, Unreachable, VpnError
from ansible_collections.huaweicloud.vpn.plugins.module_utils._http import responses
from ansible_collections.huaweicloud.vpn.plugins.module_utils._http.auth import (
    SECURITY_TOKEN_HEADER,
    TOKEN_HEADER,
    AuthMethod,
)
from ansible_collections.huaweicloud.vpn.plugins.module_utils._http.responses import Expected
from ansible_collections.huaweicloud.vpn.plugins.module_utils._http.wire import (
    CHUNK,
    MAX_BYTES,
    TooLarge,
    Wire,
    is_tls,
    remedy,
    unpacked,
)
from ansible_collections.huaweicloud.vpn.plugins.module_utils._text import is_loopback, printable

REQUESTS_PROBLEM: str | None = None
try:
    import requests
    import urllib3
    from requests.adapters import HTTPAdapter
except ImportError:
    HTTPAdapter = object  # type: ignore[assignment, misc]
    REQUESTS_PROBLEM = traceback.format_exc()

# Bytes of a refusal's body that are kept for callers who know more of its form.
BEGINNING = 4096
PROXY_SCHEMES = ("http", "https", "socks4", "socks4a", "socks5", "socks5h")
PROXY_HOST = re.compile(r"[A-Za-z0-9._-]+|[0-9A-Fa-f:.]+")


def user_agent(ansible_version: str) -> str:
    """Return what requests state of their sender."""
    return f"huaweicloud.vpn ansible-core/{ansible_version} python-requests/{requests.__version__}"


class Response:
    """What the API answered.

    Args:
        status: The HTTP status.
        data: The body; empty where there is none.
        headers: The headers, by name in any case.
        content: The body as it came.
    """

    def __init__(self, status: int, data: dict[str, Any], headers: Mapping[str, str], content: bytes = b"") -> None:
        self.status = status
        self.data = data
        self.headers = headers
        self.content = content


class Request:
    """What is to be sent.

    Args:
        method: The HTTP method.
        url: The URL with its query.
        body: The body; None where there is none.
        expect: What the body of a good answer must hold.
        auth: Signs it; None for a request that is not authenticated.
    """

    def __init__(
        self, method: str, url: str, body: bytes | None, expect: Expected | None, auth: AuthMethod | None
    ) -> None:
        self.method = method
        self.url = url
        self.body = body
        self.expect = expect
        self.auth = auth

    @property
    def host(self) -> str:
        """The host and the port."""
        return urlsplit(self.url).netloc


class _WatchedAdapter(HTTPAdapter):
    """Sends requests over connections that report to a `Wire` what becomes of them."""

    def __init__(self, wire: Wire) -> None:
        self.wire = wire
        super().__init__()

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.wire.watch(self.poolmanager)

    def proxy_manager_for(self, proxy: Any, **kwargs: Any) -> Any:
        known = proxy in self.proxy_manager
        manager = super().proxy_manager_for(proxy, **kwargs)
        if not known:
            self.wire.watch(manager)
        return manager


class Transport:
    """The way to one host.

    Several threads may use it at the same time: each has a session of its own.

    Args:
        base: The base URL without a slash at its end, and without a user.
        verify: Whether to check certificates, or the path of a CA bundle.
        timeout: Seconds for connecting, and for an answer in all.
        clock: The clock.
        user_agent: What requests state of their sender.
        origin: A sentence on where the host name comes from, for a name that does not resolve; None for none.
        direct: Whether no proxy may be used, whatever the environment states.
    """

    def __init__(
        self,
        base: str,
        verify: bool | str,
        timeout: float,
        clock: Clock,
        user_agent: str,
        origin: str | None,
        direct: bool,
    ) -> None:
        self.base = base
        self.verify = verify
        self.timeout = timeout
        self.clock = clock
        self.user_agent = user_agent
        self.origin = origin
        self.direct = direct
        self._threads = threading.local()

    def elsewhere(self, base: str) -> Transport:
        """Return the way to another host of the same cloud."""
        other = copy.copy(self)
        other.base = base
        other.origin = None
        other._threads = threading.local()
        return other

    # -- one request ------------------------------------------------------------------------------------------------

    def send(self, request: Request, request_ids: list[str]) -> Response:
        """Send a request once, and return its answer or raise what is wrong with it.

        Args:
            request: The request.
            request_ids: Gets the vendor's id of it, unless it is there.

        Raises:
            ApiError: The API refused.
            NoResponse: No usable answer came.
            Unreachable: The request was never sent.
        """
        self._wire.forget()
        try:
            response = self._begin(request)
            content = self._read(response)
        except (OSError, ValueError, http.client.HTTPException, urllib3.exceptions.HTTPError, zlib.error) as error:
            raise self._network_error(error, request) from error
        return self._check_response(response, content, request, request_ids)

    def _begin(self, request: Request) -> requests.Response:
        """Return the beginning of the answer.

        The session's own way of sending would read what comes with a redirect to its end, however long that is.
        """
        # Not by the session: it would look for cookies, and for a user in ~/.netrc.
        prepared = requests.Request(
            request.method,
            request.url,
            headers={**self._session.headers, "Content-Type": "application/json"},
            data=request.body,
            auth=request.auth,
        ).prepare()
        settings = self._settings
        proxy = requests.utils.select_proxy(self.base, settings["proxies"])
        if proxy and not _is_proxy_url(proxy):
            raise requests.exceptions.InvalidProxyURL
        # Only now: to authenticate may have taken a login.
        self._wire.begin(Deadline(self.clock, self.timeout))
        return self._session.get_adapter(self.base).send(prepared, timeout=self.timeout, **settings)

    @staticmethod
    def _read(response: requests.Response) -> bytes:
        """Return the body, within the bounds of `wire`. What comes with a redirect is not read."""
        if 300 <= response.status_code < 400:
            response.close()
            return b""
        raw = response.raw
        try:
            content = unpacked(raw.stream(CHUNK, decode_content=False), response.headers.get("Content-Encoding"))
        except BaseException:
            response.close()
            raise
        if raw.length_remaining:
            raise requests.exceptions.ChunkedEncodingError("the answer ends too early")
        return content

    # -- this thread's connections ----------------------------------------------------------------------------------

    @property
    def _wire(self) -> Wire:
        """What this thread's connections report."""
        if not hasattr(self._threads, "wire"):
            self._threads.wire = Wire()
        found: Wire = self._threads.wire
        return found

    @property
    def _session(self) -> requests.Session:
        """This thread's session."""
        if not hasattr(self._threads, "session"):
            self._threads.session = self._new_session()
        found: requests.Session = self._threads.session
        return found

    def _new_session(self) -> requests.Session:
        session = requests.Session()
        session.verify = self.verify
        if not self.verify:
            # The task warns of it itself; a line on the terminal at each request would help nobody.
            urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)
        # No other compression than what `wire` decompresses within bounds.
        headers = {"User-Agent": self.user_agent, "Accept": "application/json", "Accept-Encoding": "gzip, deflate"}
        session.headers.update(headers)
        adapter = _WatchedAdapter(self._wire)
        for scheme in ("https://", "http://"):
            session.mount(scheme, adapter)
        return session

    @property
    def _settings(self) -> dict[str, Any]:
        """What the environment states of proxies and trust.

        It is read once a thread, since all requests go to one host. What is on this machine is asked without a proxy:
        there http:// is allowed, and a proxy would read the token.
        """
        if not hasattr(self._threads, "settings"):
            settings = self._session.merge_environment_settings(self.base, {}, True, self.verify, None)
            if self.direct or is_loopback(urlsplit(self.base).hostname or ""):
                settings["proxies"] = {}
            self._threads.settings = settings
        found: dict[str, Any] = self._threads.settings
        return found

    # -- what can be wrong ------------------------------------------------------------------------------------------

    def _network_error(self, error: Exception, request: Request) -> VpnError:
        """Return the exception for a request that got no answer."""
        inner = _reason(error)
        method, url, host = request.method, request.url, request.host
        if isinstance(inner, TooLarge):
            text = f"{host} answered {method} with more than {MAX_BYTES // 1024**2} MB: check the endpoint and proxies"
            return NoResponse(text, method, url)
        if self._wire.sent and _is_timeout(error, inner):
            return NoResponse(f"{host} did not answer {method} within {self.timeout} seconds", method, url)
        if self._wire.sent:
            text = f"the connection to {host} broke before {method} was answered: {_plain(inner)}"
            return NoResponse(text, method, url)
        return self._unreachable(inner, request)

    def _unreachable(self, inner: BaseException, request: Request) -> Unreachable:
        """Return the exception for a request that never left."""
        method, url, host = request.method, request.url, request.host
        if is_tls(inner):
            hint = remedy(inner)
            text = "; ".join(filter(None, (_plain(inner), hint)))
            return Unreachable(f"no trusted connection to {host}: {text}", method, url, final=hint is not None)
        if self._wire.tried and not _is_value_error(inner):
            hint = self.origin if _is_unresolved(inner) else None
            return Unreachable(
                "; ".join(filter(None, (f"no connection to {host}: {_plain(inner)}", hint))), method, url
            )
        return Unreachable(f"{host} cannot be asked: {self._misconfigured(inner)}", method, url, final=True)

    def _misconfigured(self, error: BaseException) -> str:
        """Return what is wrong with the environment; nothing of a proxy's URL, which may hold a password."""
        if not isinstance(error, requests.exceptions.RequestException) and isinstance(error, OSError):
            return f"{_plain(error)}; check ca_path, and REQUESTS_CA_BUNDLE in the environment"
        if self._settings["proxies"]:
            scheme = urlsplit(self.base).scheme
            return f"the proxy's URL cannot be used; check {scheme}_proxy and all_proxy in the environment"
        return _plain(error)

    def _check_response(
        self, response: requests.Response, content: bytes, request: Request, request_ids: list[str]
    ) -> Response:
        """Return an answer, or raise what is wrong with it."""
        status = response.status_code
        data = responses.parse(content)
        request_id = responses.request_id(data, response.headers)
        if request_id and request_id not in request_ids:
            request_ids.append(request_id)
        if 300 <= status < 400:
            raise _redirect(request, status, request_id)
        if status >= 400:
            refusal = _refusal(response, data, request_id, request, self.clock)
            refusal.beginning = content[:BEGINNING]
            raise refusal
        problem = responses.body_problem(content, data, status, request.expect)
        if problem:
            content_type = responses.word(response.headers.get("Content-Type")) or "no content type"
            raise NoResponse(
                f"{request.host} answered {request.method} (HTTP {status}) with {problem}"
                f" ({content_type}, {len(content)} bytes): check the endpoint and proxies",
                request.method,
                request.url,
                status,
                request_id,
            )
        return Response(status, data if isinstance(data, dict) else {}, response.headers, content)


def _refusal(
    response: requests.Response, data: Any, request_id: str | None, request: Request, clock: Clock
) -> ApiError:
    """Return the exception for an answer with an error's status."""
    status = response.status_code
    code, text = responses.error_words(data, status)
    known = ", ".join(filter(None, (code, f"HTTP {status}", f"request id {request_id}" if request_id else None)))
    reason = text or responses.word(response.reason) or "no reason given"
    message = f"the API refused {request.method} {urlsplit(request.url).path}: {reason} ({known})"
    if status == 401 and request.auth is not None:
        message += "; " + request.auth.hint()
    asked = responses.retry_after(response.headers, clock)
    error = ApiError(message, code, status, request_id, request.method, request.url, asked)
    sent = response.request.headers
    error.token = sent.get(TOKEN_HEADER) or sent.get(SECURITY_TOKEN_HEADER)
    error.effect = responses.effect_of(status)
    error.retry = responses.retry_of(status, code, text)
    error.throttled = responses.is_throttled(status, code)
    error.missing = responses.is_missing(status, code)
    return error


def _redirect(request: Request, status: int, request_id: str | None) -> ApiError:
    return ApiError(
        f"{request.host} answered {request.method} with a redirect (HTTP {status}), which is not followed:"
        " check the endpoint",
        status=status,
        request_id=request_id,
        method=request.method,
        url=request.url,
    )


def _is_proxy_url(text: str) -> bool:
    """Return whether a proxy's URL can be read in one way only: else a part of a password might be taken for a host."""
    try:
        parts = urlsplit(text if "://" in text else "http://" + text)
        rest = parts.path + parts.query + parts.fragment
        return (
            parts.scheme in PROXY_SCHEMES
            and parts.port != 0
            and "@" not in rest
            and PROXY_HOST.fullmatch(parts.hostname or "") is not None
        )
    except ValueError:
        return False


def _is_timeout(error: BaseException, inner: BaseException) -> bool:
    timeouts = (socket.timeout, urllib3.exceptions.TimeoutError)
    return isinstance(error, requests.exceptions.Timeout) or isinstance(inner, timeouts)


def _reason(error: BaseException) -> BaseException:
    """Return the innermost reason that requests and urllib3 wrapped."""
    while True:
        wrapped = (part for part in error.args if isinstance(part, BaseException))
        inner = getattr(error, "reason", None) or next(wrapped, None)
        if not isinstance(inner, BaseException):
            return error
        error = inner


def _is_unresolved(error: BaseException | None) -> bool:
    """Return whether the host's name could not be resolved; urllib3 keeps the reason as the cause."""
    while error is not None and not isinstance(error, socket.gaierror):
        error = error.__cause__ or error.__context__
    return error is not None


def _is_value_error(error: BaseException) -> bool:
    return isinstance(error, ValueError) and not isinstance(error, OSError)


def _plain(error: BaseException) -> str:
    """Return an exception's text without the address of an object in memory, and fit to be shown."""
    if _is_value_error(error) and not isinstance(error, urllib3.exceptions.HTTPError):
        # The standard library quotes what it refuses, such as a header with a token.
        return type(error).__name__
    return printable(re.sub(r"<[^>]* object at 0x[0-9a-f]+>:?\s*", "", str(error))) or type(error).__name__
