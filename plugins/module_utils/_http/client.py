# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""HTTP: sessions, repetitions, paging and errors. Private to this collection; no stable interface.

Nothing here knows a resource of the vendor. This is the only file that imports requests.
"""

from __future__ import annotations

import copy
import http.client
import json
import re
import socket
import threading
import traceback
import zlib
from typing import Any, Iterator, Mapping, Sequence, Tuple
from urllib.parse import urlsplit

from ansible_collections.huaweicloud.vpn.plugins.module_utils._clock import Clock, Deadline, in_time, pauses
from ansible_collections.huaweicloud.vpn.plugins.module_utils._errors import (
    ApiError,
    NoResponse,
    Retry,
    Unreachable,
    VpnError,
)
from ansible_collections.huaweicloud.vpn.plugins.module_utils._http import responses
from ansible_collections.huaweicloud.vpn.plugins.module_utils._http.auth import (
    SECURITY_TOKEN_HEADER,
    TOKEN_HEADER,
    AuthMethod,
)
from ansible_collections.huaweicloud.vpn.plugins.module_utils._http.responses import Expected
from ansible_collections.huaweicloud.vpn.plugins.module_utils._http.signing import query_string
from ansible_collections.huaweicloud.vpn.plugins.module_utils._http.throttle import Throttle
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

# Seconds.
LONGEST_RETRY_AFTER = 120.0
LONGEST_PAUSE = 30.0
# A tenant has 10,000 connections at the most (50 gateways with 100 pairs each, user guide), and far fewer of all else.
# The shortest page that is documented holds 200 objects; even with 10 to a page this many pages hold them all.
MAX_PAGES = 1000
# Bytes of a refusal's body that are kept for callers who know more of its form.
BEGINNING = 4096
PROXY_SCHEMES = ("http", "https", "socks4", "socks4a", "socks5", "socks5h")
PROXY_HOST = re.compile(r"[A-Za-z0-9._-]+|[0-9A-Fa-f:.]+")
SAFE_METHODS = frozenset(("GET", "HEAD"))

# Keys and values of a query; a key may come several times.
Query = Sequence[Tuple[str, Any]]


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


class _Request:
    """What is to be sent.

    Args:
        method: The HTTP method.
        url: The URL with its query.
        body: The body; None where there is none.
        expect: What the body of a good answer must hold.
    """

    def __init__(self, method: str, url: str, body: bytes | None, expect: Expected | None) -> None:
        self.method = method
        self.url = url
        self.body = body
        self.expect = expect

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


class Client:
    """One service of the vendor.

    Args:
        base: The base URL without a slash at its end.
        auth: The way to authenticate; None for none.
        verify: Whether to check certificates, or the path of a CA bundle.
        timeout: Seconds for connecting, and for an answer in all.
        max_retries: How often a request is repeated at most.
        clock: The clock.
        user_agent: What requests state of their sender.
        origin: A sentence on where the host name comes from, for a name that does not resolve; None for none.
        direct: Whether no proxy may be used, whatever the environment states.

    Attributes:
        throttle: What each request passes; may be replaced before the first request.
        request_ids: The vendor's ids of all requests so far, each once.
    """

    def __init__(
        self,
        base: str,
        auth: AuthMethod | None,
        verify: bool | str,
        timeout: float,
        max_retries: int,
        clock: Clock,
        user_agent: str,
        origin: str | None = None,
        direct: bool = False,
    ) -> None:
        self.base = _without_user(base)
        self.direct = direct
        self.origin = origin
        self.auth = auth
        self.timeout = timeout
        self.max_retries = max_retries
        self.clock = clock
        self.verify = verify
        self.user_agent = user_agent
        self.throttle = Throttle(clock)
        self.request_ids: list[str] = []
        self._threads = threading.local()

    def clone(self) -> Client:
        """Return a client that notes request ids of its own and shares everything else.

        Clones may be used by several threads at the same time: each thread has a session of its own.
        """
        clone = copy.copy(self)
        clone.request_ids = []
        return clone

    def elsewhere(self, base: str) -> Client:
        """Return a client of another service of the same cloud, which notes its request ids with this one's.

        Args:
            base: The base URL without a slash at its end.
        """
        other = copy.copy(self)
        other.base = _without_user(base)
        other.origin = None
        other._threads = threading.local()
        return other

    # -- requests ---------------------------------------------------------------------------------------------------

    def get(
        self, path: str, query: Query = (), expect: Expected | None = None, deadline: Deadline | None = None
    ) -> Response:
        """Read; see `call`."""
        return self.call("GET", path, query, expect=expect, deadline=deadline)

    def call(
        self,
        method: str,
        path: str,
        query: Query = (),
        body: Mapping[str, Any] | None = None,
        expect: Expected | None = None,
        safe: bool | None = None,
        deadline: Deadline | None = None,
    ) -> Response:
        """Send one request, and send it again where that cannot do harm.

        A request that certainly had no effect (it never left, it was throttled) is repeated whatever it was; one whose
        answer was lost or that failed inside the cloud only when it reads. Refusals that mean "later" are repeated for
        reads; for writes that is up to the caller, who has to look at the object again first.

        Args:
            method: The HTTP method.
            path: The path below the base URL, already percent-encoded.
            query: Keys and values.
            body: The body, for JSON; None for none.
            expect: A member that the answer must hold, and its type; or `responses.TEXT`.
            safe: Whether the request may be repeated like a read; None goes by the method.
            deadline: The request fails rather than pause beyond it. No request is cut by it.

        Raises:
            ApiError: The API refused.
            NoResponse: No usable answer came.
            Unreachable: The request was never sent.
            Stopped: The task is to stop.
        """
        payload = None if body is None else json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode("utf-8")
        request = _Request(method, self._url(path, query), payload, expect)
        safe = method in SAFE_METHODS if safe is None else safe
        waits = pauses(self.clock, growth=2.0, longest=LONGEST_PAUSE)
        repeated, renewed = 0, False
        while True:
            if not self.throttle.wait(deadline):
                raise _held_back(request, self.throttle.reason)
            try:
                return self._once(request)
            except VpnError as error:
                if not renewed and self._renew(error):
                    renewed = True
                    continue
                if repeated >= self.max_retries or not error.may_repeat(safe):
                    raise
                repeated += 1
                if not self._hold_back(error, waits, deadline):
                    raise

    def _renew(self, error: VpnError) -> bool:
        """Return whether the request is worth repeating because it will be authenticated with something new."""
        if self.auth is None or not isinstance(error, ApiError) or error.status != 401:
            return False
        return self.auth.renew(error.token)

    def _hold_back(self, error: VpnError, waits: Iterator[float], deadline: Deadline | None) -> bool:
        """Pause before a repetition: all clients where the cloud throttles; return False where that takes too long."""
        pause = _pause(error, waits)
        if error.throttled:
            self.throttle.close(pause, error)
        if not in_time(pause, deadline):
            return False
        if not error.throttled:
            self.clock.sleep(pause)
        return True

    # -- lists ------------------------------------------------------------------------------------------------------

    def pages(
        self,
        path: str,
        key: str,
        query: Query = (),
        deadline: Deadline | None = None,
        odd: list[Any] | None = None,
    ) -> tuple[list[dict[str, Any]], int | None]:
        """Return every object of a list once, and the number that the API reports; None where it reports none.

        The largest page differs by region, so the first is asked for without a limit and the next with its length. The
        end is reached when a page brings nothing new, names no next page, or as many objects have come as the whole
        tenant has; a short page alone is no end. A page is named by the object before it; when the API refuses to go on
        from there, because that object is gone by now, the list is read once more from its beginning.

        Args:
            path: The path below the base URL, already percent-encoded.
            key: The member of an answer that holds the list.
            query: Keys and values, sent with each page.
            deadline: See `call`.
            odd: Gets the entries that are no objects with an id; None for those who must know all there are.

        Raises:
            NoResponse: The list does not end; or `odd` is None and an entry cannot be read. An entry without an id is
                passed over.
            VpnError: What `call` raises.
        """
        found: dict[str, dict[str, Any]] = {}
        extra: list[tuple[str, Any]] = []
        again = False
        for _dummy in range(MAX_PAGES):
            try:
                data = self.get(path, [*query, *extra], (key, list), deadline).data
            except ApiError as error:
                if again or not extra or error.retry is not Retry.NEVER or error.status not in (400, 404):
                    raise
                found, extra, again = {}, [], True
                continue
            self._note_odd(data[key], odd, key, path)
            fresh = {item["id"]: item for item in data[key] if responses.has_id(item) and item["id"] not in found}
            found.update(fresh)
            marker = responses.member(data.get("page_info"), "next_marker")
            total = data.get("total_count") if isinstance(data.get("total_count"), int) else None
            if not fresh or marker is None or (total is not None and len(found) >= total):
                return list(found.values()), total
            limit = extra[0][1] if extra else len(data[key])
            extra = [("limit", limit), ("marker", marker)]
        raise self._endless(path, key, len(found))

    def _note_odd(self, items: list[Any], odd: list[Any] | None, key: str, path: str) -> None:
        """Note the entries of a page that are no objects with an id, or raise where nobody wants to know them."""
        strange = [item for item in items if not responses.has_id(item)]
        if odd is not None:
            odd += strange
        elif not all(isinstance(item, dict) and not item.get("id") for item in strange):
            raise NoResponse(f"an entry of {key} is no object with an id", "GET", self.base + path)

    def _endless(self, path: str, key: str, count: int) -> NoResponse:
        return NoResponse(
            f"{urlsplit(self.base).netloc} does not end its list of {key}: {MAX_PAGES} pages brought {count} of them,"
            " and it names a next one: check the endpoint",
            "GET",
            self.base + path,
        )

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

    # -- one request ------------------------------------------------------------------------------------------------

    def _url(self, path: str, query: Query) -> str:
        return self.base + path + (f"?{query_string(query)}" if query else "")

    def _once(self, request: _Request) -> Response:
        """Send a request once, and return its answer or raise what is wrong with it."""
        self._wire.forget()
        try:
            response = self._send(request)
            content = self._read(response)
        except (OSError, ValueError, http.client.HTTPException, urllib3.exceptions.HTTPError, zlib.error) as error:
            raise self._network_error(error, request) from error
        return self._check_response(response, content, request)

    def _send(self, request: _Request) -> requests.Response:
        """Return the beginning of the answer.

        The session's own way of sending would read what comes with a redirect to its end, however long that is.
        """
        prepared = self._session.prepare_request(
            requests.Request(
                request.method,
                request.url,
                headers={"Content-Type": "application/json"},
                data=request.body,
                auth=self.auth,
            )
        )
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

    # -- what can be wrong ------------------------------------------------------------------------------------------

    def _network_error(self, error: Exception, request: _Request) -> VpnError:
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

    def _unreachable(self, inner: BaseException, request: _Request) -> Unreachable:
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

    def _check_response(self, response: requests.Response, content: bytes, request: _Request) -> Response:
        """Return an answer, or raise what is wrong with it."""
        status = response.status_code
        data = responses.parse(content)
        request_id = responses.request_id(data, response.headers)
        if request_id and request_id not in self.request_ids:
            self.request_ids.append(request_id)
        if 300 <= status < 400:
            raise _redirect(request, status, request_id)
        if status >= 400:
            refusal = self._refusal(response, data, request_id, request)
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

    def _refusal(self, response: requests.Response, data: Any, request_id: str | None, request: _Request) -> ApiError:
        """Return the exception for an answer with an error's status."""
        status = response.status_code
        code, text = responses.error_words(data, status)
        known = ", ".join(filter(None, (code, f"HTTP {status}", f"request id {request_id}" if request_id else None)))
        reason = text or responses.word(response.reason) or "no reason given"
        message = f"the API refused {request.method} {urlsplit(request.url).path}: {reason} ({known})"
        if status == 401 and self.auth is not None:
            message += "; " + self.auth.hint()
        asked = responses.retry_after(response.headers, self.clock)
        error = ApiError(message, code, status, request_id, request.method, request.url, asked)
        sent = response.request.headers
        error.token = sent.get(TOKEN_HEADER) or sent.get(SECURITY_TOKEN_HEADER)
        error.effect = responses.effect_of(status)
        error.retry = responses.retry_of(status, code, text)
        error.throttled = responses.is_throttled(status, code)
        error.missing = responses.is_missing(status, code)
        return error


def _held_back(request: _Request, reason: VpnError | None) -> VpnError:
    """Return the exception for a request that was not sent, because all hold back for longer than it may wait.

    Where an answer asked for that, its words, code and request id say more than ours.
    """
    if reason is not None:
        told = copy.copy(reason)
        told.details = dict(reason.details)
        return told
    error = Unreachable(
        "the API throttles requests, and asks to hold back for longer than the task may wait;"
        f" {request.method} was not sent",
        request.method,
        request.url,
    )
    error.throttled = True
    return error


def _redirect(request: _Request, status: int, request_id: str | None) -> ApiError:
    return ApiError(
        f"{request.host} answered {request.method} with a redirect (HTTP {status}), which is not followed:"
        " check the endpoint",
        status=status,
        request_id=request_id,
        method=request.method,
        url=request.url,
    )


def _pause(error: VpnError, waits: Iterator[float]) -> float:
    """Return how long to pause before a repetition, in seconds."""
    asked: float | None = getattr(error, "retry_after", None)
    own = next(waits)
    # A date has whole seconds and comes from another clock; what it asks for may be over already.
    return own if asked is None else max(own, min(asked, LONGEST_RETRY_AFTER))


def _without_user(url: str) -> str:
    """Return a URL without user name and password."""
    return re.sub(r"^([a-z]+://)[^/?#]*@", r"\1", url)


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
