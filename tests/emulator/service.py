# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The emulated services, independent of the network: parse and execute requests, and determine answers."""

from __future__ import annotations

import collections
import email.utils
import json
import random
import threading
import time
import typing as t
import urllib.parse

from . import (
    connections,
    contract,
    customer_gateways,
    details,
    eips,
    gateways,
    iam,
    lifecycle,
    monitors,
    quotas,
    tags,
    zones,
)
from .calls import HANDLERS, WRITES, Answer, Call
from .clock import Clock
from .errors import ApiError, error_body, iam_error_body
from .faults import REPLACES, FaultBook, Hit
from .journal import Entry, Journal, masked
from .signing import SignedRequest
from .store import Store
from .switches import Settings

# Their bodies have tokens as members with this name.
TOKEN_OPERATIONS = ("createTemporaryKeys", "exchangeIdToken")
# The modules whose operations are registered on import.
OPERATION_MODULES = (connections, lifecycle, details, gateways, customer_gateways, monitors, quotas, zones, eips, tags)


class Incoming(t.NamedTuple):
    """A request as received. target: raw path and query. headers: with names in lower case."""

    method: str
    target: str
    headers: t.Mapping[str, str]
    body: bytes

    @property
    def path(self) -> str:
        """The raw path."""
        return self.target.partition("?")[0]

    @property
    def query(self) -> list[tuple[str, str]]:
        """The decoded pairs of the query."""
        return urllib.parse.parse_qsl(self.target.partition("?")[2], keep_blank_values=True)


class Reply(t.NamedTuple):
    """An answer, the fault to apply during its transfer, and the delay before it in seconds."""

    answer: Answer
    hit: Hit | None
    latency: float


class Service:
    """The emulated cloud. All public methods can be called from any thread."""

    def __init__(self, switches: dict[str, t.Any], region: str, seed: int) -> None:
        self.lock = threading.RLock()
        self.initial_switches = dict(switches)
        self.rng = random.Random(seed)
        self.clock = Clock()
        self.contract = contract.load()
        self.settings = Settings(switches)
        self.identity = iam.Identity(self.clock, self.rng, region, f"{self.rng.getrandbits(128):032x}")
        self.journal = Journal()
        self.faults = FaultBook(self.rng)
        self.store = Store(self.clock, self.rng)
        self.listeners: list[t.Callable[[Entry], None]] = []
        self.check_answers = False
        self.broken_answers: list[str] = []
        self._started = self.clock.now()
        self._recent: collections.deque[float] = collections.deque()

    def reset(self) -> None:
        """Remove everything except keys and tokens, and restore the initial switches and the actual time."""
        with self.lock:
            self.settings.reset(self.initial_switches)
            self.clock.reset()
            self.faults.remove()
            self.journal.clear()
            self.store = Store(self.clock, self.rng)
            self._recent.clear()
            self.broken_answers.clear()

    def handle(self, request: Incoming) -> Reply:
        """Execute a request."""
        with self.lock:
            entry, call, refusal = self._open(request)
            hit = self.faults.hit(entry.operation, entry.method, entry.path)
            entry.fault = hit.kind if hit else None
            call.hit = hit
            if hit is not None and hit.kind == "personality":
                call.settings = self.settings.overlay(hit.details["switches"])
            if hit is not None and hit.effect == REPLACES and not hit.details.get("applied"):
                answer = self._replacement(hit, entry, call)
            else:
                answer = self._carry_out(request, entry, call, refusal)
                entry.applied = call.applied
                if hit is not None and hit.effect == REPLACES:
                    answer = self._replacement(hit, entry, call)
            self._close(entry, answer, hit)
            return Reply(answer, hit, call.settings.latency / 1000)

    def _open(self, request: Incoming) -> tuple[Entry, Call, ApiError | None]:
        """Record a request in the journal and find its operation."""
        operation: contract.Operation | None = None
        path: dict[str, str] = {}
        refusal: ApiError | None = None
        name = iam.OPERATIONS.get((request.method, request.path.rstrip("/")))
        if name is None:
            try:
                operation, path = self.contract.route(request.method, request.path)
                name = operation.id
            except ApiError as error:
                refusal = error
        body, bad = _parsed(request)
        refusal = refusal or bad
        entry = self.journal.add(
            time=self.clock.now() - self._started,
            method=request.method,
            path=request.path,
            query=request.query,
            operation=name,
            raw_body=masked(body, ("password",)) if name not in TOKEN_OPERATIONS else masked(body, ("password", "id")),
            user_agent=request.headers.get("user-agent", ""),
            write=name in WRITES,
            iam=operation is None and name is not None,
            request_id=self.store.new_id(),
        )
        call = Call(operation, path, {}, body, entry.request_id, self.clock.now(), self.settings, self.store)
        return entry, call, refusal

    def _close(self, entry: Entry, answer: Answer, hit: Hit | None) -> None:
        entry.status = 0 if hit is not None and hit.kind == "connection_reset" else answer.status
        if answer.status >= 400 and isinstance(answer.body, dict):
            entry.error_code = entry.error_code or "unknown"
        for listener in self.listeners:
            listener(entry)

    def _carry_out(self, request: Incoming, entry: Entry, call: Call, refusal: ApiError | None) -> Answer:
        try:
            self._limit_rate(call)
            if entry.iam:
                return self._answer_iam(request, entry, call, refusal)
            if refusal is not None and refusal.code == "APIGW.0101":
                raise refusal
            entry.auth = self._authenticate(request, call)
            if refusal is not None:
                raise refusal
            self._change_state(call)
            answer = self._operate(request, call)
        except ApiError as error:
            return self._refusal(error, entry, call)
        return self._finished(answer, call)

    def _authenticate(self, request: Incoming, call: Call) -> str:
        signed = SignedRequest(request.method, request.path, request.query, request.headers, request.body)
        caller = self.identity.authenticate(signed, call.settings.expired_token_code)
        project = call.path.get("project_id", self.identity.project_id)
        if project not in caller.account.projects or request.headers.get("x-project-id", project) != project:
            raise ApiError("VPN.0003", "authorization failed: the project is not the one of the credentials")
        if caller.project_id == "":
            raise ApiError("VPN.0003", "authorization failed: the token is for no project")
        return caller.kind

    def _operate(self, request: Incoming, call: Call) -> Answer:
        operation = call.contracted
        handler = HANDLERS.get(operation.id)
        if handler is None:
            raise ApiError("VPN.0002", f"the emulator does not know how to carry out {operation.id}", 501)
        call.query = contract.read_query(operation, request.query, call.settings.unknown_query == "ignored")
        if operation.body_schema is not None and call.body is None:
            raise ApiError("VPN.0001", "invalid request: the body is missing")
        return handler(call)

    def _change_state(self, call: Call) -> None:
        """Apply faults to the resource in the path before the request is executed."""
        for parameter, shelf in self.store.shelves.items():
            item = shelf.peek(call.path.get(parameter, ""))
            if call.hit is None or item is None:
                continue
            if call.hit.kind == "vanish":
                self.store.vanish(parameter, item.id)
            if call.hit.kind == "frozen" and "FREEZED" in item.STATUSES:
                item.force("FREEZED", call.now, 0)

    def _limit_rate(self, call: Call) -> None:
        limit = call.settings.rate_limit
        if not limit:
            return
        while self._recent and self._recent[0] <= call.now - 1:
            self._recent.popleft()
        if len(self._recent) >= limit:
            form = call.settings.rate_limit_retry_after
            headers = {} if form == "absent" else {"Retry-After": self._retry_after(1, form)}
            raise ApiError(call.settings.rate_limit_code, headers=headers)
        self._recent.append(call.now)

    def _answer_iam(self, request: Incoming, entry: Entry, call: Call, refusal: ApiError | None) -> Answer:
        """Authentication contract, sections 2: Project id, 3: Token authentication, 9: Agencies, and 10: OIDC."""
        identity, settings = self.identity, call.settings
        if refusal is not None and entry.method == "POST":
            raise ApiError("IAM.0011", "The request body is invalid", 400, shape="iam")
        if entry.operation in ("createToken", "exchangeIdToken"):
            if entry.operation == "createToken":
                token = identity.create_token(call.body, settings.token_lifetime)
            else:
                provider_id = request.headers.get("x-idp-id", "")
                token = identity.exchange(provider_id, call.body, settings.token_lifetime)
            body = dict(token.body)
            if ("nocatalog", "true") not in request.query:
                body["catalog"] = []
            return Answer(201, {"token": body}, {"X-Subject-Token": token.text})
        signed = SignedRequest(request.method, request.path, request.query, request.headers, request.body)
        if entry.operation == "createTemporaryKeys":
            life = settings.temporary_keys_life
            credential = identity.create_keys(signed, call.body, settings.expired_token_code, life)
            entry.auth = "aksk" if "authorization" in request.headers else "token"
            return Answer(201, {"credential": credential})
        caller = identity.authenticate(signed, settings.expired_token_code)
        entry.auth = caller.kind
        if entry.operation == "listDomains":
            return Answer(200, identity.list_domains(caller.account))
        return Answer(200, identity.list_projects(request.query, caller.account))

    def _finished(self, answer: Answer, call: Call) -> Answer:
        """An answer with its request ID, at the places that the switch request_id specifies."""
        if call.operation is None:
            return answer
        place = call.settings.request_id
        if place in ("both", "header"):
            answer.headers["X-Request-Id"] = call.request_id
        listed = "request_id" in call.operation.answer_schema(answer.status).get("properties", {})
        if place in ("both", "body") and listed:
            if answer.raw is not None:
                answer.raw = answer.raw[:-1] + f', "request_id": "{call.request_id}"}}'.encode()
            else:
                answer.body["request_id"] = call.request_id
        if self.check_answers and not (call.hit and call.hit.kind == "personality"):
            body = json.loads(answer.raw) if answer.raw is not None else answer.body
            self.broken_answers += call.operation.answer_errors(answer.status, body)
        return answer

    def _refusal(self, error: ApiError, entry: Entry, call: Call) -> Answer:
        entry.error_code = error.code
        if error.shape == "iam":
            return Answer(error.status, iam_error_body(error, call.settings.iam_error_shape))
        place = call.settings.request_id
        headers = dict(error.headers)
        if place in ("both", "header"):
            headers["X-Request-Id"] = call.request_id
        body = error_body(error, call.request_id, call.settings.error_shape, place in ("both", "body"))
        if self.check_answers and call.settings.error_shape == "vpn":
            self.broken_answers += self.contract.error_errors(body)
        return Answer(error.status, body, headers)

    def _replacement(self, hit: Hit, entry: Entry, call: Call) -> Answer:
        """The answer of a fault, which replaces the actual one."""
        details = hit.details
        if hit.kind in ("html", "empty", "not_object", "redirect", "connection_reset"):
            return _odd_answer(hit)
        if hit.kind == "token_expired" and details["expire"]:
            self.identity.expire_tokens()
        error = ApiError(details["code"], details.get("message", ""), details.get("status", 0))
        if hit.kind == "token_expired":
            error.text += ": the token has expired"
        if details.get("retry_after") is not None:
            error.headers["Retry-After"] = self._retry_after(details["retry_after"], details["retry_after_form"])
        answer = self._refusal(error, entry, call)
        answer.body.update(details.get("extra", {}))
        if details.get("body", "vendor") != "vendor":
            entry.error_code = None
            page = HTML if details["body"] == "html" else b""
            kind = "text/html" if page else "application/octet-stream"
            return Answer(answer.status, None, answer.headers, page, kind)
        return answer

    def _retry_after(self, seconds: float, form: str) -> str:
        if form == "date":
            return email.utils.formatdate(time.time() + seconds, usegmt=True)
        return f"{seconds:g}"


HTML = b"<html><head><title>Sorry</title></head><body><h1>Something went wrong</h1></body></html>\n"


def _odd_answer(hit: Hit) -> Answer:
    """Answers that a correct service never sends."""
    details = hit.details
    if hit.kind == "html":
        return Answer(details["status"], raw=HTML, content_type="text/html")
    if hit.kind == "not_object":
        return Answer(details["status"], raw=json.dumps(details["value"]).encode())
    if hit.kind == "redirect":
        return Answer(details["status"], raw=b"", headers={"Location": details["location"]})
    return Answer(details.get("status", 200), raw=b"")


def _parsed(request: Incoming) -> tuple[t.Any, ApiError | None]:
    """The JSON body, and the error if the body is not JSON."""
    if not request.body:
        return None, None
    if not request.headers.get("content-type", "").startswith("application/json"):
        return None, ApiError("APIGW.0201", "The request is malformed: the content type is not application/json")
    try:
        return json.loads(request.body), None
    except ValueError:
        return None, ApiError("APIGW.0201", "The request is malformed: the body is not JSON")
