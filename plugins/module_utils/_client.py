# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""HTTP: one session, authentication, retries, paging and errors. Private to this collection; no stable interface.

This file knows how the vendor's APIs speak, and no resource of theirs. It is the only one that imports requests.
"""

from __future__ import annotations

import copy
import email.utils
import http.client
import json
import re
import socket
import threading
import traceback
import zlib
from urllib.parse import urlsplit

from ansible_collections.huaweicloud.vpn.plugins.module_utils import _signing
from ansible_collections.huaweicloud.vpn.plugins.module_utils._errors import ApiError, NoResponse, Unreachable, VpnError
from ansible_collections.huaweicloud.vpn.plugins.module_utils._text import is_loopback, printable
from ansible_collections.huaweicloud.vpn.plugins.module_utils._wait import Deadline, pauses
from ansible_collections.huaweicloud.vpn.plugins.module_utils._wire import (
    CHUNK,
    MAX_BYTES,
    TooLarge,
    Wire,
    is_tls,
    remedy,
    unpacked,
)

try:
    import requests
    import urllib3
    from requests.adapters import HTTPAdapter
    from requests.auth import AuthBase
    REQUESTS_PROBLEM = None
except ImportError:
    AuthBase = HTTPAdapter = object
    REQUESTS_PROBLEM = traceback.format_exc()

# API reference, "Error Codes": refusals that mean "later" and can last minutes.
BUSY_CODES = frozenset("VPN.%s" % number for number in ("0009", "0016", "0017", "0306", "0506", "0507"))
# The same: refusals that pass quickly, whatever the request was.
AGAIN_CODES = frozenset(("VPN.0014", "VPN.0030", "VPN.0031"))
THROTTLED_CODES = frozenset(("VPN.0429", "APIGW.0308"))
# Failed authorisation by the table, a gateway that is not ready by the examples; only the text tells.
AMBIGUOUS_CODE = "VPN.0003"
# Codes with status 404 that speak of the path or the gateway, not of the object asked for.
OTHER_MISSING_CODES = frozenset(("APIGW.0101", "APIGW.0103", "VPN.0509"))
NOT_READY = re.compile(r"not ready|currently\s+\S*ing\b|status is PENDING", re.IGNORECASE)

LONGEST_RETRY_AFTER = 120.0
LONGEST_PAUSE = 30.0
# A tenant has 10,000 connections at the most (50 gateways with 100 pairs each, user guide), and far fewer of all else.
# The shortest page that is documented holds 200 objects; even with 10 to a page this many pages hold them all.
MAX_PAGES = 1000
# The API's own answers have six levels; what walks through them need not fear for Python's stack.
MAX_LEVELS = 50
# A code, a request id, a content type, a reason phrase.
MAX_WORD_LENGTH = 200
PROXY_SCHEMES = ("http", "https", "socks4", "socks4a", "socks5", "socks5h")
PROXY_HOST = re.compile(r"[A-Za-z0-9._-]+|[0-9A-Fa-f:.]+")
SAFE_METHODS = frozenset(("GET", "HEAD"))


def user_agent(ansible_version):
    """Return what requests say of their sender (str)."""
    return "huaweicloud.vpn ansible-core/%s python-requests/%s" % (ansible_version, requests.__version__)


class Response:
    """What the API answered: C(status) (int), C(data) (dict; empty without a body), C(headers) (mapping without case)."""

    def __init__(self, status, data, headers):
        self.status = status
        self.data = data
        self.headers = headers


class AkSkAuth(AuthBase):
    """Signs each request with an access key (SDK-HMAC-SHA256).

    :arg project_id: also sent and signed, for accounts with several projects; None leaves it out.
    :arg security_token: belongs to temporary keys.
    """

    HINT = (
        "check access_key and secret_key (and security_token for temporary keys), that no proxy rewrites requests,"
        " and this machine's clock: it says %s"
    )

    def __init__(self, access_key, secret_key, clock, security_token=None, project_id=None):
        self.access_key = access_key
        self.secret_key = secret_key
        self.clock = clock
        self.security_token = security_token
        self.project_id = project_id

    def __call__(self, prepared):
        parts = urlsplit(prepared.url)
        headers = {
            _signing.DATE_HEADER: self.clock.utc().strftime(_signing.DATE_FORMAT),
            "Host": parts.netloc,
            "Content-Type": prepared.headers["Content-Type"],
        }
        if self.project_id:
            headers["X-Project-Id"] = self.project_id
        if self.security_token:
            headers["X-Security-Token"] = self.security_token
        prepared.headers.update(headers)
        prepared.headers["Authorization"] = _signing.authorization(
            self.access_key, self.secret_key, prepared.method, parts.path, parts.query, headers, prepared.body or b"")
        return prepared

    def hint(self):
        """Return what to check when a signature is refused (str)."""
        return self.HINT % self.clock.utc().strftime("%Y-%m-%dT%H:%M:%SZ")

    def renew(self, refused):
        """Return False: a signature is made anew for each request anyway."""
        return False


class NoAuth(AuthBase):
    """Adds nothing, for the login itself. Without any authentication of ours requests would take one from a netrc file."""

    def __call__(self, prepared):
        return prepared

    def hint(self):
        """Return what to check when a login is refused (str)."""
        return "check user_name, password and domain_name"

    def renew(self, refused):
        """Return False: there is nothing to renew."""
        return False


class TokenAuth(AuthBase):
    """Sends an IAM token.

    :arg token: the token, or None to have C(fetch) called first.
    :arg fetch: function without arguments that returns a new token, or None where there is no way to get one.
    """

    def __init__(self, token=None, fetch=None):
        self.token = token
        self.fetch = fetch
        self.lock = threading.Lock()

    def __call__(self, prepared):
        with self.lock:
            if self.token is None:
                self.token = self._fetched()
            prepared.headers["X-Auth-Token"] = self.token
        return prepared

    def _fetched(self):
        """Fetch a token; a failure was retried already, and says nothing about the request that was to follow."""
        try:
            return self.fetch()
        except VpnError as error:
            error.harmless = error.passing = error.doubtful = error.again = error.busy = False
            error.final = True
            raise

    def hint(self):
        """Return what to check when a token is refused (str)."""
        return "the token was refused: it may have expired, or belong to another project or region"

    def renew(self, refused):
        """Forget the token that was refused, so that the next request fetches one; say whether that is possible."""
        if self.fetch is None:
            return False
        with self.lock:
            if self.token == refused:
                self.token = None
        return True


class Watching(HTTPAdapter):
    """Sends requests over connections that tell a C(Wire) what becomes of them."""

    def __init__(self, wire):
        self.wire = wire
        super().__init__()

    def init_poolmanager(self, *args, **kwargs):
        super().init_poolmanager(*args, **kwargs)
        self.wire.watch(self.poolmanager)

    def proxy_manager_for(self, proxy, **kwargs):
        known = proxy in self.proxy_manager
        manager = super().proxy_manager_for(proxy, **kwargs)
        if not known:
            self.wire.watch(manager)
        return manager


class Throttle:
    """What all clients of a task pass before each request: when the cloud throttles one of them, all hold back.

    :arg clock: see _wait.Clock.
    """

    def __init__(self, clock):
        self.clock = clock
        self.lock = threading.Lock()
        self.opens = 0.0

    def close(self, seconds):
        """Let nobody pass for so long (number)."""
        with self.lock:
            self.opens = max(self.opens, self.clock.now() + seconds)

    def wait(self, deadline=None):
        """Return True once the gate is open, or False at once when it opens after a C(Deadline) only."""
        while True:
            with self.lock:
                left = self.opens - self.clock.now()
            if left <= 0:
                return True
            if not in_time(left, deadline):
                return False
            self.clock.sleep(left)


class Client:
    """One service of the vendor.

    :arg base: base URL without a closing slash (str).
    :arg auth: a C(AkSkAuth), a C(TokenAuth) or None.
    :arg verify: True, False or the path of a CA bundle.
    :arg timeout: seconds for connecting, and for an answer in all (number).
    :arg max_retries: how often a request is repeated at the most (int).
    :arg clock: see _wait.Clock.
    """

    def __init__(self, base, auth, verify, timeout, max_retries, clock, user_agent):
        self.base = _without_user(base)
        self.auth = auth
        self.timeout = timeout
        self.max_retries = max_retries
        self.clock = clock
        self.verify = verify
        self.user_agent = user_agent
        self.gate = Throttle(clock)
        self.request_ids = []
        self._threads = threading.local()

    def clone(self):
        """Return a client that notes request ids of its own and shares everything else; each thread has its own session."""
        clone = copy.copy(self)
        clone.request_ids = []
        return clone

    @property
    def wire(self):
        """Return what this thread's connections tell (Wire)."""
        if not hasattr(self._threads, "wire"):
            self._threads.wire = Wire()
        return self._threads.wire

    @property
    def session(self):
        """Return this thread's session (requests.Session)."""
        if not hasattr(self._threads, "session"):
            self._threads.session = requests.Session()
            self._threads.session.verify = self.verify
            if not self.verify:
                # The task says so itself; a line on the terminal at each request would tell nobody anything.
                urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)
            # No other compression than what _wire decompresses within bounds.
            headers = {"User-Agent": self.user_agent, "Accept": "application/json", "Accept-Encoding": "gzip, deflate"}
            self._threads.session.headers.update(headers)
            adapter = Watching(self.wire)
            for scheme in ("https://", "http://"):
                self._threads.session.mount(scheme, adapter)
        return self._threads.session

    @property
    def settings(self):
        """Return what the environment says of proxies and trust (dict).

        It is read once a thread, since all requests go to one host. What is on this machine is asked without a proxy:
        there http:// is allowed, and a proxy would read the token.
        """
        if not hasattr(self._threads, "settings"):
            self._threads.settings = self.session.merge_environment_settings(self.base, {}, True, self.verify, None)
            if is_loopback(urlsplit(self.base).hostname):
                self._threads.settings["proxies"] = {}
        return self._threads.settings

    def get(self, path, query=(), expect=None, deadline=None):
        """Read; see C(call)."""
        return self.call("GET", path, query, expect=expect, deadline=deadline)

    def call(self, method, path, query=(), body=None, expect=None, safe=None, deadline=None):
        """Send one request, and send it again where that cannot do harm.

        A request that certainly had no effect (it never left, it was throttled) is repeated whatever it was; one whose
        answer was lost or that failed inside the cloud only when it reads. Refusals that mean "later" are repeated
        for reads; for writes they are the caller's, who has to look at the object again first.

        :arg path: below the base URL, already percent-encoded. C(query): pairs. C(body): dict or None.
        :arg holding: (member, type) without which an answer is no answer, or None.
        :arg safe: whether the request may be repeated like a read; None goes by the method.
        :arg deadline: a C(Deadline), or None: rather than pause beyond it the request fails. No request is cut by it.
        :returns: an C(Response).
        :raises ApiError: refused. :raises LostAnswer: no usable answer. :raises Unreachable: never sent.
        """
        waits = pauses(self.clock, growth=2.0, longest=LONGEST_PAUSE)
        safe = method in SAFE_METHODS if safe is None else safe
        repeated = 0
        renewed = False
        while True:
            if not self.gate.wait(deadline):
                raise self._held_back(method, path, query)
            try:
                return self._once(method, path, query, body, expect)
            except VpnError as error:
                if not renewed and self._renew(error):
                    renewed = True
                    continue
                if repeated >= self.max_retries or not (error.harmless or (error.passing and safe)):
                    raise
                repeated += 1
                pause = self._pause(error, waits)
                if error.throttled:
                    self.gate.close(pause)
                if not in_time(pause, deadline):
                    raise
                if not error.throttled:
                    self.clock.sleep(pause)

    def pages(self, path, key, query=(), deadline=None, odd=None):
        """Return (every object of a list once, the number the API says there are or None), following pages to the end.

        The largest page differs by region, so the first is asked for without a limit and the next with its length. The end
        is reached when a page brings nothing new, names no next page, or as many objects have come as the whole tenant has;
        a short page alone is no end. A page is named by the object before it; when the API refuses to go on from there,
        because that object is gone by now, the list is read once more from its beginning.

        :arg key: the member of an answer that holds the list. C(deadline): see C(call).
        :arg odd: gets the entries that are no objects with an id (list); None for those who must know all there are.
        :raises LostAnswer: for an entry that cannot be read, where C(odd) is None; one without an id is passed over.
        """
        found = {}
        extra = []
        again = False
        for dummy in range(MAX_PAGES):
            try:
                data = self.get(path, list(query) + extra, expect=(key, list), deadline=deadline).data
            except ApiError as error:
                if again or not extra or error.passing or error.status not in (400, 404):
                    raise
                found, extra, again = {}, [], True
                continue
            strange = [item for item in data[key] if not _has_id(item)]
            if odd is not None:
                odd += strange
            elif not all(isinstance(item, dict) and not item.get("id") for item in strange):
                raise NoResponse("an entry of %s is no object with an id" % key, "GET", self.base + path)
            fresh = {item["id"]: item for item in data[key] if _has_id(item) and item["id"] not in found}
            found.update(fresh)
            marker = _member(data.get("page_info"), "next_marker")
            total = data.get("total_count") if isinstance(data.get("total_count"), int) else None
            if not fresh or marker is None or (total is not None and len(found) >= total):
                return list(found.values()), total
            limit = extra[0][1] if extra else len(data[key])
            extra = [("limit", limit), ("marker", marker)]
        raise NoResponse(
            "%s does not end its list of %s: %d pages brought %d of them, and it names a next one: check the endpoint"
            % (urlsplit(self.base).netloc, key, MAX_PAGES, len(found)), "GET", self.base + path)

    def _held_back(self, method, path, query):
        """Return the exception for a request that was not sent, because all hold back for longer than it may wait."""
        error = Unreachable(
            "the API throttles requests, and asks to hold back for longer than the task may wait; %s was not sent"
            % method, method, self._url(path, query))
        error.throttled = True
        return error

    def _renew(self, error):
        return isinstance(error, ApiError) and error.status == 401 and not error.final and self.auth is not None and self.auth.renew(error.token)

    @staticmethod
    def _pause(error, waits):
        asked = getattr(error, "retry_after", None)
        own = next(waits)
        # A date has whole seconds and comes from another clock; what it asks for may be over already.
        return own if asked is None else max(own, min(asked, LONGEST_RETRY_AFTER))

    def _url(self, path, query):
        return self.base + path + ("?" + _signing.query_string(query) if query else "")

    def _once(self, method, path, query, body, expect):
        url = self._url(path, query)
        payload = None if body is None else json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode("utf-8")
        self.wire.begin(None)
        request = requests.Request(method, url, headers={"Content-Type": "application/json"}, data=payload, auth=self.auth)
        try:
            response = self._send(self.session.prepare_request(request))
            content = self._read(response)
        except (OSError, ValueError, http.client.HTTPException, urllib3.exceptions.HTTPError, zlib.error) as error:
            raise self._network_error(error, method, url) from error
        return self._check_response(response, content, method, url, expect)

    def _send(self, prepared):
        """Return the answer's beginning (requests.Response).

        The session's own way of sending would read what comes with a redirect to its end, however long that is.
        """
        settings = self.settings
        proxy = requests.utils.select_proxy(self.base, settings["proxies"])
        if proxy and not _is_proxy_url(proxy):
            raise requests.exceptions.InvalidProxyURL
        # Only now: to authenticate may have taken a login.
        self.wire.begin(Deadline(self.clock, self.timeout))
        return self.session.get_adapter(self.base).send(prepared, timeout=self.timeout, **settings)

    @staticmethod
    def _read(response):
        """Return the body (bytes), within the bounds of _wire. What comes with a redirect is nothing to be read."""
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

    def _network_error(self, error, method, url):
        """Return the exception for a request that no answer came to."""
        inner = _reason(error)
        where = urlsplit(url).netloc
        wire = self.wire
        if isinstance(inner, TooLarge):
            return NoResponse("%s answered %s with more than %d MB: check the endpoint and proxies" % (
                where, method, MAX_BYTES // 1024 ** 2), method, url)
        if wire.sent and _is_timeout(error, inner):
            return NoResponse("%s did not answer %s within %s seconds" % (where, method, self.timeout), method, url)
        if wire.sent:
            told = "the connection to %s broke before %s was answered: %s" % (where, method, _plain(inner))
            return NoResponse(told, method, url)
        if is_tls(inner):
            hint = remedy(inner)
            told = "; ".join(filter(None, (_plain(inner), hint)))
            return Unreachable("no trusted connection to %s: %s" % (where, told), method, url, final=hint is not None)
        if wire.tried and not _is_value_error(inner):
            return Unreachable("no connection to %s: %s" % (where, _plain(inner)), method, url)
        return Unreachable("%s cannot be asked: %s" % (where, self._misconfigured(inner)), method, url, final=True)

    def _misconfigured(self, error):
        """Return what is wrong with what the environment says (str); nothing of a proxy's URL, which holds a password."""
        if not isinstance(error, requests.exceptions.RequestException) and isinstance(error, OSError):
            return "%s; check ca_path, and REQUESTS_CA_BUNDLE in the environment" % _plain(error)
        if self.settings["proxies"]:
            scheme = urlsplit(self.base).scheme
            return "the proxy's URL cannot be used; check %s_proxy and all_proxy in the environment" % scheme
        return _plain(error)

    def _check_response(self, response, content, method, url, expect):
        """Return the C(Response), or raise what is wrong with it."""
        status = response.status_code
        data = _parse(content)
        request_id = _request_id(data, response.headers)
        if request_id and request_id not in self.request_ids:
            self.request_ids.append(request_id)
        if 300 <= status < 400:
            raise ApiError(
                "%s answered %s with a redirect (HTTP %d), which is not followed: check the endpoint" % (urlsplit(url).netloc, method, status),
                status=status, request_id=request_id, method=method, url=url)
        if status >= 400:
            raise self._refusal(response, data, request_id, method, url)
        flaw = _body_problem(content, data, status, expect)
        if flaw:
            raise NoResponse(
                "%s answered %s (HTTP %d) with %s (%s, %d bytes): check the endpoint and proxies" % (
                    urlsplit(url).netloc, method, status, flaw,
                    _word(response.headers.get("Content-Type")) or "no content type", len(content)),
                method, url, status, request_id)
        return Response(status, data or {}, response.headers)

    def _refusal(self, response, data, request_id, method, url):
        code, text = _error_words(data)
        status = response.status_code
        # IAM repeats the status where others put a code.
        code = None if code == str(status) else code
        known = ", ".join(filter(None, (code, "HTTP %d" % status, "request id %s" % request_id if request_id else None)))
        text_or_reason = text or _word(response.reason) or "no reason given"
        message = "the API refused %s %s: %s (%s)" % (method, urlsplit(url).path, text_or_reason, known)
        if status == 401 and self.auth is not None:
            message += "; " + self.auth.hint()
        error = ApiError(message, code, status, request_id, method, url, _retry_after(response.headers, self.clock))
        error.token = response.request.headers.get("X-Auth-Token")
        error.throttled = status == 429 or code in THROTTLED_CODES
        error.harmless = error.throttled or (code in AGAIN_CODES and status < 500)
        error.busy = code in BUSY_CODES or (code == AMBIGUOUS_CODE and NOT_READY.search(text or "") is not None)
        error.missing = status == 404 and code is not None and code not in OTHER_MISSING_CODES
        error.passing = error.passing or error.harmless or error.busy or status == 408
        return error


def _body_problem(content, data, status, expect):
    """Return why a good status cannot be believed, or None."""
    if (content and not isinstance(data, dict)) or (not content and status == 200):
        return "something that is no complete JSON object"
    if expect is not None and not isinstance((data or {}).get(expect[0]), expect[1]):
        return "JSON that holds no %s" % expect[0]
    return None


def in_time(pause, deadline):
    """Say whether a pause (seconds) ends before a C(Deadline), or there is none."""
    return deadline is None or pause <= deadline.left()


def _without_user(url):
    """Return a URL without user name and password."""
    return re.sub(r"^([a-z]+://)[^/?#]*@", r"\1", url)


def _is_proxy_url(text):
    """Say whether a proxy's URL can be read in one way only: else a part of a password could be taken for a host."""
    try:
        parts = urlsplit(text if "://" in text else "http://" + text)
        rest = parts.path + parts.query + parts.fragment
        return (
            parts.scheme in PROXY_SCHEMES and parts.port != 0 and "@" not in rest
            and PROXY_HOST.fullmatch(parts.hostname or "") is not None)
    except ValueError:
        return False


def _is_timeout(error, inner):
    timeouts = (socket.timeout, urllib3.exceptions.TimeoutError)
    return isinstance(error, requests.exceptions.Timeout) or isinstance(inner, timeouts)


def _reason(error):
    """Return the innermost reason that requests and urllib3 wrapped (an exception)."""
    while True:
        inner = getattr(error, "reason", None) or next((part for part in error.args if isinstance(part, BaseException)), None)
        if not isinstance(inner, BaseException):
            return error
        error = inner


def _is_value_error(error):
    return isinstance(error, ValueError) and not isinstance(error, OSError)


def _plain(error):
    """Return an exception's text without the address of an object in memory, and fit to be shown."""
    if _is_value_error(error) and not isinstance(error, urllib3.exceptions.HTTPError):
        # The standard library quotes what it refuses, such as a header with a token.
        return type(error).__name__
    return printable(re.sub(r"<[^>]* object at 0x[0-9a-f]+>:?\s*", "", str(error))) or type(error).__name__


def _parse(content):
    """Return what a body holds, or None where it is no JSON or nested as no answer is."""
    try:
        data = json.loads(content.decode("utf-8"))
    except (ValueError, RecursionError):
        return None
    level = [data]
    for dummy in range(MAX_LEVELS):
        level = [inner for outer in level for inner in _inside(outer) if isinstance(inner, (dict, list))]
        if not level:
            return data
    return None


def _inside(value):
    return value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()


def _member(value, name):
    return value.get(name) if isinstance(value, dict) else None


def _word(value):
    """Return a short text of the server's, fit to be shown (str), or None."""
    return printable(str(value), MAX_WORD_LENGTH) or None if value is not None else None


def _has_id(item):
    return isinstance(item, dict) and isinstance(item.get("id"), str) and item["id"] != ""


def _first(data, *names):
    return next((data[name] for name in names if data.get(name) not in (None, "")), None)


def _error_words(data):
    """Return (code, text) of an error body, in any of the shapes the vendor's services use."""
    if not isinstance(data, dict):
        return None, None
    inner = data.get("error")
    if isinstance(inner, dict):
        data = inner
    code = _first(data, "error_code", "errorCode", "code")
    text = _first(data, "error_msg", "errorMsg", "error_message", "message", "msg", "title")
    return _word(code), None if text is None else printable(str(text))


def _request_id(data, headers):
    found = _first(data, "request_id", "requestId") if isinstance(data, dict) else None
    return _word(found or headers.get("X-Request-Id"))


def _retry_after(headers, clock):
    """Return the seconds of a Retry-After header, given as a number or as a date; None when there is none."""
    value = (headers.get("Retry-After") or "").strip()
    if re.fullmatch(r"[0-9]+(\.[0-9]+)?", value):
        return float(value)
    try:
        moment = email.utils.parsedate_to_datetime(value)
        return max(0.0, (moment - clock.utc()).total_seconds())
    except (TypeError, ValueError, IndexError):
        return None
