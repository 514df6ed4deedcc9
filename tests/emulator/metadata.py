# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The metadata of a server, on a port of its own. Authentication contract, sections 5, 8 and 14."""

from __future__ import annotations

import http.server
import json
import secrets
import threading
import typing as t

if t.TYPE_CHECKING:
    from .service import Service

TOKEN_PATH = "/meta-data/latest/api/token"
KEYS_PATH = "/openstack/latest/securitykey"
# "Replaced 10 minutes before the end, and in those minutes both pairs work."
OVERLAP = 600
# The time that a slow answer takes; clients give up after 3 seconds.
SLOW_SECONDS = 5.0
NO_AGENCY = "Please configure Cloud Service Agency first"


class Answer(t.NamedTuple):
    """Status, text and headers."""

    status: int
    text: str = ""
    headers: t.Mapping[str, str] = {}


class Request(t.NamedTuple):
    """A request as received. headers: names in lower case."""

    method: str
    path: str
    headers: dict[str, str]


class Metadata:
    """The metadata service, started when its URL is asked for the first time.

    requests: all requests so far, of whoever sent them.
    """

    def __init__(self, service: Service) -> None:
        self._service = service
        self._server: http.server.ThreadingHTTPServer | None = None
        self._lock = threading.Lock()
        self.requests: list[Request] = []
        self._tokens: set[str] = set()
        self._pair: dict[str, t.Any] | None = None
        self._end = 0.0
        self._refused = 0
        self._stopped = threading.Event()

    @property
    def url(self) -> str:
        """The base URL; starts the service."""
        with self._lock:
            if self._server is None:
                self._stopped.clear()
                handler = type("Handler", (_Handler,), {"metadata": self})
                self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
                self._server.daemon_threads = True
                threading.Thread(target=self._server.serve_forever, name="metadata", daemon=True).start()
            return f"http://127.0.0.1:{self._server.server_address[1]}"

    def stop(self) -> None:
        """Stop listening."""
        with self._lock:
            self._stopped.set()
            if self._server is not None:
                self._server.shutdown()
                self._server.server_close()
                self._server = None

    def reset(self) -> None:
        """Forget all requests, tokens and keys."""
        with self._lock:
            self.requests.clear()
            self._tokens.clear()
            self._pair, self._refused = None, 0

    def answer(self, request: Request) -> Answer:
        """Answer a request."""
        settings = self._service.settings
        with self._lock:
            self.requests.append(request)
        if settings.metadata_fault == "slow":
            # Until the client has certainly given up, or nobody waits for it any more.
            self._stopped.wait(SLOW_SECONDS)
        if settings.metadata_fault == "redirect":
            return Answer(302, headers={"Location": "http://127.0.0.2:9/elsewhere"})
        if settings.metadata_fault == "server_error":
            return Answer(500, "internal error")
        if (request.method, request.path) == ("PUT", TOKEN_PATH):
            return self._new_token(request)
        if (request.method, request.path) == ("GET", KEYS_PATH):
            return self._keys(request)
        return Answer(404, "not found")

    def _new_token(self, request: Request) -> Answer:
        settings = self._service.settings
        if settings.metadata_tokens.isdigit():
            return Answer(int(settings.metadata_tokens), "not supported")
        if "x-forwarded-for" in request.headers:
            return Answer(403, "refused for a proxy")
        life = request.headers.get("x-metadata-token-ttl-seconds", "")
        if not life.isdigit() or not 60 <= int(life) <= 21600:
            return Answer(400, "bad life of a token")
        if settings.metadata_fault == "bad_token":
            return Answer(200, "<html>no token</html> \r\n with spaces")
        token = "metadata-" + secrets.token_urlsafe(32)
        with self._lock:
            self._tokens.add(token)
        return Answer(200, token)

    def _keys(self, request: Request) -> Answer:
        settings = self._service.settings
        token = request.headers.get("x-metadata-token")
        with self._lock:
            known = token in self._tokens or (token is None and settings.metadata_tokens != "enforced")
            refused = self._refused < settings.metadata_refusals
            self._refused += refused
        if not known or refused:
            return Answer(401, "the token is missing, wrong or expired")
        if settings.metadata_agency == "absent":
            return Answer(401, NO_AGENCY)
        if settings.metadata_fault == "not_json":
            return Answer(200, "<html></html>")
        pair = self._current()
        fault = settings.metadata_fault.removeprefix("without_")
        if fault == "credential":
            return Answer(200, "{}")
        return Answer(200, json.dumps({"credential": {name: text for name, text in pair.items() if name != fault}}))

    def _current(self) -> dict[str, t.Any]:
        """The keys of the server's agency, which is one of the user's account."""
        service = self._service
        with service.lock:
            life = service.settings.metadata_keys_life
            overlap = min(OVERLAP, life / 6)
            if self._pair is None or self._end - service.clock.now() < overlap:
                self._pair = service.identity.temporary(service.identity.home, life)
                self._end = service.clock.now() + life
            return dict(self._pair)


class _Handler(http.server.BaseHTTPRequestHandler):
    metadata: Metadata

    def do_GET(self) -> None:
        """Answer a GET request."""
        self._reply()

    def do_PUT(self) -> None:
        """Answer a PUT request."""
        self._reply()

    def do_POST(self) -> None:
        """Answer a POST request."""
        self._reply()

    def _reply(self) -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        answer = self.metadata.answer(Request(self.command, self.path, headers))
        content = answer.text.encode()
        try:
            self.send_response(answer.status)
            for name, value in {**answer.headers, "Content-Length": str(len(content))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)
        except OSError:
            # The client has given up.
            self.close_connection = True

    def log_message(self, *_arguments: t.Any) -> None:
        """Write nothing."""
