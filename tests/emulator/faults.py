# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Faults: rules that corrupt selected requests or their answers.

A rule has a kind and selects requests. A fault replaces the answer (`applied` then states whether a write still takes
effect), corrupts the actual answer during transfer (the request is then always executed), or changes the state of the
resource in the path.
"""

from __future__ import annotations

import dataclasses
import random
import re
import typing as t

from .errors import CODES
from .switches import check_values

REPLACES, DEFORMS, CHANGES = "replaces the answer", "corrupts the answer", "changes the state"


class Fault(t.NamedTuple):
    """One kind of fault: its effect, and its details with their defaults."""

    effect: str
    text: str
    details: dict[str, t.Any]


_RETRY_AFTER = {"retry_after": None, "retry_after_form": "seconds"}

FAULTS: dict[str, Fault] = {
    "status": Fault(
        REPLACES,
        "any status and code; body: vendor, none or html; extra: additional members; retry_after in "
        "seconds, sent as seconds or date",
        {
            "status": 500,
            "code": "VPN.0002",
            "message": "",
            "body": "vendor",
            "extra": {},
            "applied": False,
            **_RETRY_AFTER,
        },
    ),
    "throttled": Fault(REPLACES, "429 with APIGW.0308 or VPN.0429", {"code": "APIGW.0308", **_RETRY_AFTER}),
    "server_error": Fault(
        REPLACES,
        "500, 502, 503 or 504; body: vendor, none or html",
        {"status": 503, "code": "VPN.0002", "body": "vendor", "applied": False, **_RETRY_AFTER},
    ),
    "busy": Fault(
        REPLACES,
        'a code that means "later", with its own status: VPN.0009, 0014, 0016, 0017, 0030, 0031, 0306, 0506, 0507',
        {"code": "VPN.0306", "applied": False},
    ),
    "connection_reset": Fault(REPLACES, "the connection is cut without an answer", {"applied": False}),
    "html": Fault(REPLACES, "200 with an HTML page", {"status": 200, "applied": False}),
    "empty": Fault(REPLACES, "200 without a body", {"status": 200, "applied": False}),
    "not_object": Fault(
        REPLACES, "200 with JSON that is not an object", {"status": 200, "value": [], "applied": False}
    ),
    "redirect": Fault(
        REPLACES,
        "a redirect to another place",
        {"status": 302, "applied": False, "location": "http://127.0.0.2:9/elsewhere"},
    ),
    "token_expired": Fault(
        REPLACES,
        "401 as for an expired token, VPN.0010 or APIGW.0301; expire: issued tokens really expire",
        {"code": "APIGW.0301", "expire": False},
    ),
    "slow_headers": Fault(
        DEFORMS,
        "the answer arrives after some seconds; dribble: in pieces over that time",
        {"seconds": 1.0, "dribble": False, "pieces": 20},
    ),
    "slow_body": Fault(
        DEFORMS,
        "the headers arrive immediately, the body in pieces over some seconds",
        {"seconds": 1.0, "pieces": 20},
    ),
    "truncated": Fault(DEFORMS, "the connection is cut after part of the body", {"fraction": 0.5}),
    "cut_json": Fault(DEFORMS, "part of the JSON, with a matching Content-Length", {"fraction": 0.5}),
    "oversized": Fault(
        DEFORMS, "the JSON, followed by megabytes of spaces, compressed to a few kilobytes", {"megabytes": 17}
    ),
    "wrong_type": Fault(DEFORMS, "the JSON with another content type", {"content_type": "text/plain"}),
    "frozen": Fault(CHANGES, "the connection, gateway or address becomes FREEZED before the request is executed", {}),
    "error_after_update": Fault(
        CHANGES, "the create, update or reset that the request starts ends in ERROR; for gateways: FAULT", {}
    ),
    "vanish": Fault(CHANGES, "the resource in the path is removed before the request is executed", {}),
    "personality": Fault(CHANGES, "other values of switches for this request", {"switches": {}}),
    "storm": Fault(CHANGES, "a random one of several faults: faults is a list of {kind, details}", {"faults": []}),
}

# The default faults of a storm: transient errors without and, for writes, with an effect of the request.
STORM: tuple[dict[str, t.Any], ...] = (
    {"kind": "throttled", "retry_after": 0},
    {"kind": "server_error", "status": 500},
    {"kind": "server_error", "status": 502, "body": "html"},
    {"kind": "server_error", "status": 503},
    {"kind": "server_error", "status": 504, "code": "VPN.0014"},
    {"kind": "server_error", "status": 500, "applied": True},
    {"kind": "server_error", "status": 504, "applied": True},
    {"kind": "connection_reset"},
    {"kind": "connection_reset", "applied": True},
    {"kind": "truncated"},
)


@dataclasses.dataclass
class Rule:
    """A fault and the selection of its requests; see FaultBook.add."""

    number: int
    kind: str
    details: dict[str, t.Any]
    operation: str | None = None
    method: str | None = None
    path: str | None = None
    skip: int = 0
    times: int | None = 1
    probability: float | None = None
    fired: int = 0

    def concerns(self, operation: str | None, method: str, path: str) -> bool:
        """Whether the rule selects such a request."""
        if self.operation is not None and operation not in self.operation.split(","):
            return False
        if self.method is not None and method not in self.method.upper().split(","):
            return False
        return self.path is None or re.search(self.path, path) is not None

    def fires(self, rng: random.Random) -> bool:
        """Whether the rule applies now. Updates the numbers of requests to skip and of faults applied."""
        if self.times is not None and self.fired >= self.times:
            return False
        if self.skip > 0:
            self.skip -= 1
            return False
        if self.probability is not None and rng.random() >= self.probability:
            return False
        self.fired += 1
        return True

    def public(self) -> dict[str, t.Any]:
        """The rule as JSON."""
        return dataclasses.asdict(self)


class Hit(t.NamedTuple):
    """The fault of a request."""

    kind: str
    details: dict[str, t.Any]

    @property
    def effect(self) -> str:
        """One of REPLACES, DEFORMS, CHANGES."""
        return FAULTS[self.kind].effect


class FaultBook:
    """All active rules."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self._rules: list[Rule] = []
        self._count = 0

    def add(
        self,
        kind: str,
        *,
        operation: str | None = None,
        method: str | None = None,
        path: str | None = None,
        skip: int = 0,
        times: t.Any = ...,
        probability: float | None = None,
        **details: t.Any,
    ) -> Rule:
        """Add a rule.

        operation, method: operation IDs and HTTP methods, separated by commas. path: a regular expression to search in
        the path. skip: the number of requests to let through first. times: the number of faults (None: no limit),
        default 1, or no limit if a probability (0 to 1) is given. ValueError for an unknown kind or detail.
        """
        if times is ...:
            times = 1 if probability is None else None
        if path is not None:
            re.compile(path)
        self._count += 1
        rule = Rule(self._count, kind, check_details(kind, details), operation, method, path, skip, times, probability)
        self._rules.append(rule)
        return rule

    def remove(self, number: int | None = None) -> None:
        """Remove one rule, or all."""
        self._rules = [rule for rule in self._rules if number not in (None, rule.number)]

    def rules(self) -> list[Rule]:
        """The rules, in order of precedence."""
        return list(self._rules)

    def hit(self, operation: str | None, method: str, path: str) -> Hit | None:
        """The fault for a request: that of the first rule that applies."""
        for rule in self._rules:
            if rule.concerns(operation, method, path) and rule.fires(self._rng):
                return self._drawn(rule)
        return None

    def _drawn(self, rule: Rule) -> Hit:
        if rule.kind != "storm":
            return Hit(rule.kind, rule.details)
        drawn = dict(self._rng.choice(rule.details["faults"]))
        kind = drawn.pop("kind")
        return Hit(kind, check_details(kind, drawn))


def check_details(kind: str, details: dict[str, t.Any]) -> dict[str, t.Any]:
    """The details of a fault, including defaults. ValueError for an unknown kind, detail or code."""
    if kind not in FAULTS:
        raise ValueError(f"unknown fault {kind}; known: {', '.join(FAULTS)}")
    known = FAULTS[kind].details
    if kind == "personality":
        return {"switches": check_values(details.get("switches", details))}
    unknown = sorted(set(details) - set(known))
    if unknown:
        raise ValueError(f"fault {kind} has no {', '.join(unknown)}; it has: {', '.join(known) or 'no details'}")
    found = {**known, **details}
    if kind == "storm":
        found["faults"] = [dict(entry) for entry in found["faults"] or STORM]
        for entry in found["faults"]:
            check_details(entry["kind"], {name: value for name, value in entry.items() if name != "kind"})
    if kind in ("busy", "throttled", "token_expired") and found["code"] not in CODES:
        raise ValueError(f"unknown code {found['code']}")
    return found


def table() -> str:
    """The registry as text."""
    lines = []
    for kind, fault in FAULTS.items():
        details = ", ".join(f"{name}={value!r}" for name, value in fault.details.items())
        lines += [kind, f"    {fault.text}", f"    {fault.effect}; details: {details or 'none'}"]
    return "\n".join(lines)
