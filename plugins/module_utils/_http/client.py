# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A service of the vendor: requests with their repetitions, and lists. Private to this collection; no stable interface.

Nothing here knows a resource of the vendor. How a single request is sent, and what can be wrong with its answer, is in
`transport`.
"""

from __future__ import annotations

import copy
import json
import re
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
from ansible_collections.huaweicloud.vpn.plugins.module_utils._http.auth import AuthMethod
from ansible_collections.huaweicloud.vpn.plugins.module_utils._http.responses import Expected
from ansible_collections.huaweicloud.vpn.plugins.module_utils._http.signing import query_string
from ansible_collections.huaweicloud.vpn.plugins.module_utils._http.throttle import Throttle
from ansible_collections.huaweicloud.vpn.plugins.module_utils._http.transport import Request, Response, Transport

# Seconds.
LONGEST_RETRY_AFTER = 120.0
LONGEST_PAUSE = 30.0
# A tenant has 10,000 connections at the most (50 gateways with 100 pairs each, user guide), and far fewer of all else.
# The shortest page that is documented holds 200 objects; even with 10 to a page this many pages hold them all.
MAX_PAGES = 1000
SAFE_METHODS = frozenset(("GET", "HEAD"))

# Keys and values of a query; a key may come several times.
Query = Sequence[Tuple[str, Any]]


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
        self.auth = auth
        self.max_retries = max_retries
        self.clock = clock
        self.throttle = Throttle(clock)
        self.request_ids: list[str] = []
        self._transport = Transport(self.base, verify, timeout, clock, user_agent, origin, direct)

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
        other._transport = self._transport.elsewhere(other.base)
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
        request = Request(method, self._url(path, query), payload, expect, self.auth)
        safe = method in SAFE_METHODS if safe is None else safe
        waits = pauses(self.clock, growth=2.0, longest=LONGEST_PAUSE)
        repeated, renewed = 0, False
        while True:
            if not self.throttle.wait(deadline):
                raise _held_back(request, self.throttle.reason)
            try:
                return self._transport.send(request, self.request_ids)
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

    def _url(self, path: str, query: Query) -> str:
        return self.base + path + (f"?{query_string(query)}" if query else "")

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
            odd: Gets the entries that are no objects with an id. None if such an entry is an error; then an object
                without an id is skipped.

        Raises:
            NoResponse: The list does not end, or an entry is an error.
            VpnError: What `call` raises.
        """
        found: dict[str, dict[str, Any]] = {}
        unusable: list[Any] = []
        extra: list[tuple[str, Any]] = []
        again = False
        for _dummy in range(MAX_PAGES):
            try:
                data = self.get(path, [*query, *extra], (key, list), deadline).data
            except ApiError as error:
                if again or not extra or error.retry is not Retry.NEVER or error.status not in (400, 404):
                    raise
                found, unusable, extra, again = {}, [], [], True
                continue
            unusable += (item for item in data[key] if not responses.has_id(item))
            if odd is None:
                self._refuse_unusable(unusable, key, path)
            fresh = {item["id"]: item for item in data[key] if responses.has_id(item) and item["id"] not in found}
            found.update(fresh)
            marker = responses.member(data.get("page_info"), "next_marker")
            total = data.get("total_count") if isinstance(data.get("total_count"), int) else None
            if not fresh or marker is None or (total is not None and len(found) >= total):
                if odd is not None:
                    odd += unusable
                return list(found.values()), total
            limit = extra[0][1] if extra else len(data[key])
            extra = [("limit", limit), ("marker", marker)]
        raise self._endless(path, key, len(found))

    def _refuse_unusable(self, items: list[Any], key: str, path: str) -> None:
        """Raise if any of the entries without a usable id is more than an object without an id."""
        if not all(isinstance(item, dict) and not item.get("id") for item in items):
            raise NoResponse(f"an entry of {key} is no object with an id", "GET", self.base + path)

    def _endless(self, path: str, key: str, count: int) -> NoResponse:
        return NoResponse(
            f"{urlsplit(self.base).netloc} does not end its list of {key}: {MAX_PAGES} pages brought {count} of them,"
            " and it names a next one: check the endpoint",
            "GET",
            self.base + path,
        )


def _held_back(request: Request, reason: VpnError | None) -> VpnError:
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


def _pause(error: VpnError, waits: Iterator[float]) -> float:
    """Return how long to pause before a repetition, in seconds."""
    asked: float | None = getattr(error, "retry_after", None)
    own = next(waits)
    # A date has whole seconds and comes from another clock; what it asks for may be over already.
    return own if asked is None else max(own, min(asked, LONGEST_RETRY_AFTER))


def _without_user(url: str) -> str:
    """Return a URL without user name and password."""
    return re.sub(r"^([a-z]+://)[^/?#]*@", r"\1", url)
