# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The control interface of the emulator: JSON over HTTP, below /_emulator on the same port, without authentication.

It returns keys and changes the emulator's resources. Therefore it refuses all requests of web pages, and requests that
arrive under another host name (DNS rebinding).

    GET    health
    GET    environment                          HW_* variables for a playbook
    GET    journal, DELETE journal              ?writes=true: only writes
    GET    switches, PATCH switches {name: value, ...}, DELETE switches
    GET    faults, POST faults {kind, operation, method, path, skip, times, probability, ...}, DELETE faults[/number]
    GET    connections, POST connections {...}, DELETE connections/{id}: gone at once
                                                likewise gateways, customer_gateways, monitors, eips
    GET    connections/{id}                     stored, configured, negotiated, status
    POST   connections/{id}/status {status}     PENDING_* settles after settle_after seconds (default: the dwell time)
    POST   connections/{id}/renegotiate {phase} 1, 2 or nothing for both
    POST   connections/{id}/device {...}        settings in which the device differs
    POST   connections/{id}/log {entries}       {time, raw_message} of each
    POST   connections/{id}/traffic {sent, received}  packets a second, of each security association
    POST   gateways/{id}/status {status}        settle_after seconds (default: never); lock_status 1 or 2 of FREEZED
    POST   eips/{id}/status {status}            settle_after seconds (default: never)
    POST   clock {advance: seconds}
    POST   tokens, DELETE tokens                a new token; expire all
    POST   id_tokens {lifetime, ...}            a new ID token; other claims than the right ones
    GET    metadata                             its URL, and the requests that it received
    POST   reset
"""

from __future__ import annotations

import json
import re
import typing as t

from .calls import Answer
from .errors import ApiError
from .items import Values

if t.TYPE_CHECKING:
    from .emulator import Emulator
    from .service import Incoming

PREFIX = "/_emulator"
_OWN_HOST = re.compile(r"(127\.0\.0\.1|localhost|\[::1\])(:[0-9]+)?", re.IGNORECASE)
# Takes the emulator, the parts of the path, the JSON body and the query.
Route = t.Callable[["Emulator", list[str], Values, dict[str, str]], t.Any]


def handle(emulator: Emulator, request: Incoming) -> Answer:
    """Answer a control request. Errors are {"error": text} with 400, 403 or 404."""
    refusal = _refusal(request.headers, bool(request.body))
    if refusal:
        return Answer(403, {"error": refusal})
    parts = [part for part in request.path[len(PREFIX) :].split("/") if part]
    try:
        given = json.loads(request.body) if request.body else {}
        if not isinstance(given, dict):
            raise ValueError("the body is no JSON object")
        with emulator.service.lock:
            found = _ROUTES[(request.method, *(_shape(parts)))](emulator, parts, given, dict(request.query))
    except KeyError as error:
        return Answer(404, {"error": f"unknown: {request.method} {request.path} ({error})"})
    except ApiError as error:
        return Answer(error.status, {"error": str(error)})
    except (ValueError, TypeError) as error:
        return Answer(400, {"error": str(error)})
    return Answer(200, found)


def _refusal(headers: t.Mapping[str, str], has_body: bool) -> str | None:
    """The reason to refuse a request that may come from a web page, or None. Header names are in lower case."""
    if not _OWN_HOST.fullmatch(headers.get("host", "")):
        return "the Host is not this machine's"
    if "origin" in headers or headers.get("sec-fetch-site", "none") != "none":
        return "requests of web pages are refused"
    # A web page may not send this type without a preflight request.
    if has_body and headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        return "the Content-Type is not application/json"
    return None


def _shape(parts: list[str]) -> list[str]:
    """The path with the second part, an ID, replaced by an asterisk."""
    return [part if number != 1 else "*" for number, part in enumerate(parts)]


def _journal(emulator: Emulator, _parts: list[str], _given: Values, query: dict[str, str]) -> t.Any:
    entries = emulator.writes() if query.get("writes") == "true" else emulator.journal()
    return {"journal": [entry.public() for entry in entries]}


def _switches(emulator: Emulator, _parts: list[str], _given: Values, _query: dict[str, str]) -> t.Any:
    return {"switches": emulator.switches}


def _patch_switches(emulator: Emulator, parts: list[str], given: Values, query: dict[str, str]) -> t.Any:
    emulator.switch(**given)
    return _switches(emulator, parts, given, query)


def _reset_switches(emulator: Emulator, parts: list[str], given: Values, query: dict[str, str]) -> t.Any:
    emulator.reset_switches()
    return _switches(emulator, parts, given, query)


def _faults(emulator: Emulator, _parts: list[str], _given: Values, _query: dict[str, str]) -> t.Any:
    return {"faults": [rule.public() for rule in emulator.faults()]}


def _add_fault(emulator: Emulator, _parts: list[str], given: Values, _query: dict[str, str]) -> t.Any:
    if "kind" not in given:
        raise ValueError("kind is missing")
    return {"fault": emulator.fault(**given).public()}


def _connection(emulator: Emulator, parts: list[str], _given: Values, _query: dict[str, str]) -> t.Any:
    return {
        "connection": emulator.connection(parts[1]),
        "configured": emulator.configured(parts[1]),
        "negotiated": emulator.negotiated(parts[1]),
    }


def _set_status(emulator: Emulator, parts: list[str], given: Values, query: dict[str, str]) -> t.Any:
    emulator.set_status(parts[1], given["status"], given.get("settle_after"))
    return _connection(emulator, parts, given, query)


def _renegotiate(emulator: Emulator, parts: list[str], given: Values, query: dict[str, str]) -> t.Any:
    emulator.renegotiate(parts[1], given.get("phase"))
    return _connection(emulator, parts, given, query)


def _done(action: t.Callable[[Emulator, list[str], Values], None]) -> Route:
    """A route that returns no data."""

    def act(emulator: Emulator, parts: list[str], given: Values, _query: dict[str, str]) -> t.Any:
        action(emulator, parts, given)
        return {"done": True}

    return act


def _holding(kind: str) -> dict[tuple[str, ...], Route]:
    """The routes that list, seed and remove resources of a kind with the emulator's methods for this kind."""
    one = kind.removesuffix("s")
    return {
        ("GET", kind): lambda emulator, parts, given, query: {kind: getattr(emulator, kind)()},
        ("POST", kind): lambda emulator, parts, given, query: {one: getattr(emulator, f"add_{one}")(**given)},
        ("DELETE", kind, "*"): _done(lambda emulator, parts, given: getattr(emulator, f"remove_{one}")(parts[1])),
    }


_ROUTES: dict[tuple[str, ...], Route] = {
    ("GET", "health"): _done(lambda emulator, parts, given: None),
    ("GET", "environment"): lambda emulator, parts, given, query: emulator.environment(),
    ("GET", "journal"): _journal,
    ("DELETE", "journal"): _done(lambda emulator, parts, given: emulator.clear_journal()),
    ("GET", "switches"): _switches,
    ("PATCH", "switches"): _patch_switches,
    ("DELETE", "switches"): _reset_switches,
    ("GET", "faults"): _faults,
    ("POST", "faults"): _add_fault,
    ("DELETE", "faults"): _done(lambda emulator, parts, given: emulator.clear_faults()),
    ("DELETE", "faults", "*"): _done(lambda emulator, parts, given: emulator.clear_faults(int(parts[1]))),
    ("GET", "connections", "*"): _connection,
    ("POST", "connections", "*", "status"): _set_status,
    ("POST", "connections", "*", "renegotiate"): _renegotiate,
    ("POST", "connections", "*", "device"): _done(
        lambda emulator, parts, given: emulator.set_device(parts[1], **given)
    ),
    ("POST", "connections", "*", "log"): _done(
        lambda emulator, parts, given: emulator.set_log(parts[1], given["entries"])
    ),
    ("POST", "connections", "*", "traffic"): _done(
        lambda emulator, parts, given: emulator.set_traffic(parts[1], **given)
    ),
    ("POST", "gateways", "*", "status"): _done(
        lambda emulator, parts, given: emulator.set_gateway_status(parts[1], **given)
    ),
    ("POST", "eips", "*", "status"): _done(lambda emulator, parts, given: emulator.set_eip_status(parts[1], **given)),
    ("POST", "clock"): _done(lambda emulator, parts, given: emulator.advance(given["advance"])),
    ("POST", "tokens"): lambda emulator, parts, given, query: {"token": emulator.issue_token()},
    ("DELETE", "tokens"): _done(lambda emulator, parts, given: emulator.expire_tokens()),
    ("POST", "id_tokens"): lambda emulator, parts, given, query: {"id_token": emulator.id_token(**given)},
    ("GET", "metadata"): lambda emulator, parts, given, query: {
        "url": emulator.metadata.url,
        "requests": [f"{request.method} {request.path}" for request in emulator.metadata.requests],
    },
    ("POST", "reset"): _done(lambda emulator, parts, given: emulator.reset()),
    **_holding("connections"),
    **_holding("gateways"),
    **_holding("customer_gateways"),
    **_holding("monitors"),
    **_holding("eips"),
}
