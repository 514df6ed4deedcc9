# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The emulator's own interface over HTTP, below /_emulator on the same port: JSON, without authentication.

It hands out keys and changes what the emulator holds. So a request that a web page makes is refused, whatever page it is,
and so is one that came here by a name of somebody else's (DNS rebinding).

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
    POST   gateways/{id}/status {status}        settle_after seconds (default: never); lock_status 1 or 2 of FREEZED
    POST   eips/{id}/status {status}            settle_after seconds (default: never)
    POST   clock {advance: seconds}
    POST   tokens, DELETE tokens                a new token; expire all
    POST   reset
"""

from __future__ import annotations

import json
import re
import typing as t

from .calls import Answer
from .errors import ApiError

PREFIX = "/_emulator"
_OWN_HOST = re.compile(r"(127\.0\.0\.1|localhost|\[::1\])(:[0-9]+)?", re.IGNORECASE)


def handle(service: t.Any, request: t.Any) -> Answer:
    """Answer a control request. Errors are {"error": text} with 400, 403 or 404."""
    refusal = _refusal(request.headers, bool(request.body))
    if refusal:
        return Answer(403, {"error": refusal})
    desk = service.desk
    parts = [part for part in request.path[len(PREFIX) :].split("/") if part]
    try:
        given = json.loads(request.body) if request.body else {}
        if not isinstance(given, dict):
            raise ValueError("the body is no JSON object")
        with service.lock:
            found = _ROUTES[(request.method, *(_shape(parts)))](desk, parts, given, dict(request.query))
    except KeyError as error:
        return Answer(404, {"error": f"unknown: {request.method} {request.path} ({error})"})
    except ApiError as error:
        return Answer(error.status, {"error": str(error)})
    except (ValueError, TypeError) as error:
        return Answer(400, {"error": str(error)})
    return Answer(200, found)


def _refusal(headers: t.Mapping[str, str], has_body: bool) -> str | None:
    """Why a request looks like that of a web page, or None. Names of headers are in small letters."""
    if not _OWN_HOST.fullmatch(headers.get("host", "")):
        return "the Host is not this machine's"
    if "origin" in headers or headers.get("sec-fetch-site", "none") != "none":
        return "requests of web pages are refused"
    # The types a page may send without asking first are others.
    if has_body and headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        return "the Content-Type is not application/json"
    return None


def _shape(parts: list[str]) -> list[str]:
    """The path with the second part, an id, replaced by a star."""
    return [part if number != 1 else "*" for number, part in enumerate(parts)]


def _journal(desk: t.Any, _parts: list, _given: dict, query: dict) -> t.Any:
    entries = desk.writes() if query.get("writes") == "true" else desk.journal()
    return {"journal": [entry.public() for entry in entries]}


def _switches(desk: t.Any, _parts: list, _given: dict, _query: dict) -> t.Any:
    return {"switches": desk.switches}


def _patch_switches(desk: t.Any, parts: list, given: dict, query: dict) -> t.Any:
    desk.switch(**given)
    return _switches(desk, parts, given, query)


def _reset_switches(desk: t.Any, parts: list, given: dict, query: dict) -> t.Any:
    desk.reset_switches()
    return _switches(desk, parts, given, query)


def _faults(desk: t.Any, _parts: list, _given: dict, _query: dict) -> t.Any:
    return {"faults": [rule.public() for rule in desk.faults()]}


def _add_fault(desk: t.Any, _parts: list, given: dict, _query: dict) -> t.Any:
    if "kind" not in given:
        raise ValueError("kind is missing")
    return {"fault": desk.fault(**given).public()}


def _connection(desk: t.Any, parts: list, _given: dict, _query: dict) -> t.Any:
    return {
        "connection": desk.connection(parts[1]),
        "configured": desk.configured(parts[1]),
        "negotiated": desk.negotiated(parts[1]),
    }


def _set_status(desk: t.Any, parts: list, given: dict, query: dict) -> t.Any:
    desk.set_status(parts[1], given["status"], given.get("settle_after"))
    return _connection(desk, parts, given, query)


def _renegotiate(desk: t.Any, parts: list, given: dict, query: dict) -> t.Any:
    desk.renegotiate(parts[1], given.get("phase"))
    return _connection(desk, parts, given, query)


def _done(action: t.Callable[..., t.Any]) -> t.Callable[..., t.Any]:
    """A route that only acts; action takes the emulator and the path's parts."""

    def act(desk: t.Any, parts: list, given: dict, _query: dict) -> t.Any:
        action(desk, parts, given)
        return {"done": True}

    return act


def _holding(kind: str) -> dict[tuple[str, ...], t.Callable[..., t.Any]]:
    """The routes that list, seed and remove things of a kind, by the emulator's methods of the same name."""
    one = kind.removesuffix("s")
    return {
        ("GET", kind): lambda desk, parts, given, query: {kind: getattr(desk, kind)()},
        ("POST", kind): lambda desk, parts, given, query: {one: getattr(desk, f"add_{one}")(**given)},
        ("DELETE", kind, "*"): _done(lambda desk, parts, given: getattr(desk, f"remove_{one}")(parts[1])),
    }


_ROUTES: dict[tuple[str, ...], t.Callable[..., t.Any]] = {
    ("GET", "health"): _done(lambda desk, parts, given: None),
    ("GET", "environment"): lambda desk, parts, given, query: desk.environment(),
    ("GET", "journal"): _journal,
    ("DELETE", "journal"): _done(lambda desk, parts, given: desk.clear_journal()),
    ("GET", "switches"): _switches,
    ("PATCH", "switches"): _patch_switches,
    ("DELETE", "switches"): _reset_switches,
    ("GET", "faults"): _faults,
    ("POST", "faults"): _add_fault,
    ("DELETE", "faults"): _done(lambda desk, parts, given: desk.clear_faults()),
    ("DELETE", "faults", "*"): _done(lambda desk, parts, given: desk.clear_faults(int(parts[1]))),
    ("GET", "connections", "*"): _connection,
    ("POST", "connections", "*", "status"): _set_status,
    ("POST", "connections", "*", "renegotiate"): _renegotiate,
    ("POST", "gateways", "*", "status"): _done(lambda desk, parts, given: desk.set_gateway_status(parts[1], **given)),
    ("POST", "eips", "*", "status"): _done(lambda desk, parts, given: desk.set_eip_status(parts[1], **given)),
    ("POST", "clock"): _done(lambda desk, parts, given: desk.advance(given["advance"])),
    ("POST", "tokens"): lambda desk, parts, given, query: {"token": desk.issue_token()},
    ("DELETE", "tokens"): _done(lambda desk, parts, given: desk.expire_tokens()),
    ("POST", "reset"): _done(lambda desk, parts, given: desk.reset()),
    **_holding("connections"),
    **_holding("gateways"),
    **_holding("customer_gateways"),
    **_holding("monitors"),
    **_holding("eips"),
}
