# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The fault matrix: every operation, struck by every fault at every moment, once and for good.

A moment is one request of an operation; a cell is an operation whose moment meets a fault. Each cell says beforehand
how it ends (see EXPECTED) and is held against what may never happen, whatever it ends in (see C(_Cell.examine)).
C(tests/matrix) runs and prints all cells; test_fault_injection.py runs a part of each row, and a storm, under pytest.
"""

from __future__ import annotations

import argparse
import collections
import contextlib
import copy
import functools
import hashlib
import hmac
import itertools
import json
import multiprocessing
import os
import pathlib
import random
import re
import sys
import tempfile
import threading
import time
import typing as t
from unittest import mock
from urllib.parse import urlsplit

import requests

from ansible_collections.huaweicloud.vpn.plugins.module_utils._errors import VpnError
from ansible_collections.huaweicloud.vpn.plugins.module_utils._planning import plan as planning
from ansible_collections.huaweicloud.vpn.plugins.module_utils._resources.connection import CONNECTION
from ansible_collections.huaweicloud.vpn.plugins.module_utils._work import bulk, single
from ansible_collections.huaweicloud.vpn.tests.emulator import Emulator
from ansible_collections.huaweicloud.vpn.tests.emulator.faults import DEFORMS, FAULTS, STORM
from ansible_collections.huaweicloud.vpn.tests.unit.harness.clocks import CloudClock, Killed
from ansible_collections.huaweicloud.vpn.tests.unit.harness.sameness import at_rest
from ansible_collections.huaweicloud.vpn.tests.unit.harness.support import access
from ansible_collections.huaweicloud.vpn.tests.unit.harness.wire import (
    HOST,
    Server,
    alerts_link,
    closes_link,
    fronts,
    make_certificate,
)

# Retriable answers beyond the first; enough to see that tries are counted, few enough for thousands of cells.
MAX_RETRIES = 2
WAIT_TIMEOUT = 60
# Where failing reads are ridden out until the time is up, and each takes true time.
SHORT_WAIT = 15
# Virtual seconds, see CloudClock: long enough for several polls.
DWELL = 6.0
# True seconds for each virtual one where several threads work on a task.
PACE = 0.002
# True seconds: the wire of the emulator is as slow as it says, whatever the shared clock does.
TIMEOUT = 20.0
SHORT_TIMEOUT = 0.15
SLOW = 0.5
# Nobody waits for the end of this; it only has to be so long that waiting for it shows.
DRIBBLE = 4.0
# Each comes well within the short timeout, so that no timeout of a socket ends it.
PIECES = 100
PATIENCE = 2.5
LONGEST_PAUSE = 30.0
STALE_READ_SECONDS = 15.0

# Through a proxy and TLS, where a request that the cloud leaves without an answer ends in one of these ways.
ROUTES = {"proxy": closes_link, "alert": alerts_link}

KEYS, TOKEN, PASSWORD = "keys", "token", "password"
READ, WRITE, POLL = "read", "write", "poll"
ONCE, ALWAYS = "once", "always"
DONE, BELIEVED, KILLED = "done", "believed", "killed"


# -- faults -----------------------------------------------------------------------------------------------------------


class Variant(t.NamedTuple):
    """A row: one kind of fault with details. C(group): what EXPECTED calls it. C(way): how the task authenticates.

    C(route): how the task reaches the cloud, if not straight: see ROUTES.
    """

    label: str
    group: str
    kind: str
    details: dict = {}
    way: str = ""
    route: str = ""


def _variants():
    for code in ("APIGW.0308", "VPN.0429"):
        yield Variant("429 %s" % code, "throttled", "throttled", {"code": code})
        for form in ("seconds", "date"):
            details = {"code": code, "retry_after": 3, "retry_after_form": form}
            yield Variant("429 %s, Retry-After in %s" % (code, form), "throttled", "throttled", details)
    for status in (500, 502, 503, 504):
        for body in ("vendor", "html", "none"):
            group = "server_error" if status == 500 else "gateway_error"
            yield Variant("%d, body: %s" % (status, body), group, "server_error", {"status": status, "body": body})
    for code in ("VPN.0009", "VPN.0016", "VPN.0017", "VPN.0306", "VPN.0506", "VPN.0507"):
        yield Variant("busy %s" % code, "busy", "busy", {"code": code})
    yield Variant(
        "not ready, VPN.0003",
        "busy",
        "status",
        {"status": 403, "code": "VPN.0003", "message": "the gateway is not ready"},
    )
    yield Variant("busy VPN.0014", "gateway_error", "busy", {"code": "VPN.0014"})
    for code in ("VPN.0030", "VPN.0031"):
        yield Variant("busy %s" % code, "again", "busy", {"code": code})
    yield Variant("408", "timeout", "status", {"status": 408, "body": "none"})
    yield Variant("400 VPN.0012", "refused", "status", {"status": 400, "code": "VPN.0012"})
    yield Variant("404 VPN.0004", "gone", "status", {"status": 404, "code": "VPN.0004"})
    yield Variant("connection reset", "lost", "connection_reset")
    # The cloud resets the connection of such a request, and what stands before it passes that on in its own way.
    yield Variant("proxy closes", "lost", "connection_reset", route="proxy")
    yield Variant("TLS alert", "lost", "connection_reset", route="alert")
    yield Variant("truncated", "lost", "truncated")
    yield Variant("oversized", "lost", "oversized")
    yield Variant("JSON cut", "lost", "cut_json")
    yield Variant("HTML with 200", "lost", "html")
    yield Variant("empty with 200", "lost", "empty")
    yield Variant("JSON list", "lost", "not_object")
    yield Variant("slow headers", "lost", "slow_headers", {"seconds": SLOW})
    yield Variant("dribbling headers", "lost", "slow_headers", {"seconds": DRIBBLE, "dribble": True, "pieces": PIECES})
    yield Variant("dribbling body", "lost", "slow_body", {"seconds": DRIBBLE, "pieces": PIECES})
    yield Variant("text/plain", "odd_type", "wrong_type")
    yield Variant("redirect", "redirect", "redirect")
    for code in ("APIGW.0301", "VPN.0010"):
        for way in (KEYS, TOKEN, PASSWORD):
            yield Variant(
                "token expired %s, %s" % (code, way),
                "token_%s" % way,
                "token_expired",
                {"code": code, "expire": True},
                way,
            )
    yield Variant("frozen", "frozen", "frozen")
    yield Variant("ERROR afterwards", "error", "error_after_update")
    yield Variant("vanishes", "vanish", "vanish")
    yield Variant("two stale reads", "lag", "personality", {"stale_reads": 2})
    yield Variant("six stale seconds", "lag", "personality", {"stale_seconds": 6})
    yield Variant("two reads answer 404", "lag", "personality", {"transient_404_reads": 2})
    yield Variant("process killed", "killed", "")


VARIANTS = tuple(_variants())
# Kinds of the emulator that are no row, and why.
NO_ROW = {"storm": "chance, not a moment: see storm()"}
_OF_THE_SERVICE = ("busy", "frozen", "error_after_update", "vanish")
_TOLD_AT_THE_DOOR = ("throttled", "token_expired", "status")


# -- operations -------------------------------------------------------------------------------------------------------


class Moment(t.NamedTuple):
    """A column: one request of an operation.

    C(request): operation id of the API. C(skip): how many of these pass unharmed before. C(sort): READ, WRITE or POLL.
    C(applied): for writes, whether they take effect although the fault strikes; None for reads. C(after): operation id of
    the request after which the counting begins, if not from the start.
    """

    label: str
    request: str
    skip: int
    sort: str
    applied: bool | None = None
    after: str = ""


class Operation(t.NamedTuple):
    """What a task asks. C(later): arguments that differ once it is done (what is no state but an order).

    C(switches): of the emulator. C(setup): faults that make the operation what it is. C(first): a task that ran before.
    C(check): yields what is wrong with the cloud after an interruption.
    """

    label: str
    arguments: dict
    moments: tuple
    later: dict = {}
    switches: dict = {}
    setup: tuple = ()
    way: str = KEYS
    changes: bool = True
    check: t.Callable = lambda cloud: ()
    first: dict = {}


ID = "98c5af8a-1111-4222-8333-ae2280a6f4c3"
GATEWAY = "b32d91a4-1111-4222-8333-e907174eb11d"
ADDRESS = "0c464dad-1111-4222-8333-c22bb0eb0bde"
CUSTOMER = "5247ae10-1111-4222-8333-dd36659a7f5d"
CUSTOMERS = tuple("5247ae10-1111-4222-8333-dd36659a7f6%d" % number for number in range(3))
KEY, NEW_KEY = "Example-Key-1", "Another-Key-2"


def plant(cloud, operation=None):
    """Make the emulator as every cell finds it: three connections, with the one the cells are about on the second page."""
    cloud.reset()
    cloud.service.listeners.clear()
    cloud.switch(dwell=DWELL, **(operation.switches if operation else {}))
    cloud.add_gateway(id=GATEWAY, name="hq", eip1={"id": ADDRESS})
    cloud.add_customer_gateway(id=CUSTOMER, name="branch")
    for identifier in CUSTOMERS:
        cloud.add_customer_gateway(id=identifier)
    cloud.add_connection(
        id=ID,
        name="office",
        style="policy",
        vgw_id=GATEWAY,
        vgw_ip=ADDRESS,
        cgw_id=CUSTOMERS[0],
        peer_subnets=["192.168.1.0/24"],
        policy_rules=[{"source": "10.0.0.0/24", "destination": ["192.168.1.0/24"]}],
        psk=KEY,
        tags={"owner": "net", "old": "1", "stays": "2"},
    )
    for number in (1, 2):
        cloud.add_connection(
            name="other-%d" % number, vgw_id=GATEWAY, vgw_ip=ADDRESS, cgw_id=CUSTOMERS[number], psk=KEY, status="ACTIVE"
        )


def _write(label, request):
    return [
        Moment("%s, not carried out" % label, request, 0, WRITE, False),
        Moment("%s, carried out" % label, request, 0, WRITE, True),
    ]


def _polls(skip, label="", after=""):
    return [
        Moment("first poll%s" % label, "showVpnConnection", skip, POLL, after=after),
        Moment("later poll%s" % label, "showVpnConnection", skip + 2, POLL, after=after),
    ]


_LOOKUP = [Moment("lookup", "showVpnConnection", 0, READ)]
_LISTED = [Moment("lookup", "listVpnConnections", 0, READ)]
_PAGES = _LISTED + [Moment("second page", "listVpnConnections", 1, READ)]
_SETTINGS = {
    "name": "branch",
    "peer_subnets": ["192.168.2.0/24", "192.168.3.0/24"],
    "policy_rules": [{"source": "10.1.0.0/24", "destination": ["192.168.2.0/24"]}],
    "ikepolicy": {"lifetime_seconds": 7200, "dpd": {"timeout": 20}},
    "ipsecpolicy": {"pfs": "group20"},
}
_NEW = {
    "name": "new",
    "vgw_id": GATEWAY,
    "vgw_ip": ADDRESS,
    "cgw_id": CUSTOMER,
    "style": "static",
    "peer_subnets": ["192.168.9.0/24"],
    "psk": KEY,
    "ikepolicy": {"lifetime_seconds": 7200},
    "tags": {"owner": "net"},
}
# The hard case: the server would take a second connection between the same gateways.
_ACCEPTING = {"duplicate_pair": "accepted"}
_LOST_POST = ({"kind": "connection_reset", "operation": "createVpnConnection", "applied": True},)

OPERATIONS = (
    Operation("read by id", {"id": ID, "peer_subnets": ["192.168.1.0/24"]}, tuple(_LOOKUP), changes=False),
    Operation(
        "read by name", {"name": "office", "style": "policy"}, tuple(_PAGES), switches={"page_cap": 2}, changes=False
    ),
    Operation(
        "log in, then read",
        {"id": ID, "name": "office"},
        (Moment("login", "createToken", 0, READ),),
        way=PASSWORD,
        changes=False,
    ),
    Operation(
        "find the project, then read",
        {"id": ID, "name": "office", "project_id": ""},
        (Moment("projects", "listProjects", 0, READ),),
        changes=False,
    ),
    Operation("update", dict(_SETTINGS, id=ID), tuple(_LOOKUP + _write("PUT", "updateVpnConnection") + _polls(1))),
    Operation(
        "update, answer lost",
        dict(_SETTINGS, id=ID),
        (Moment("look again", "showVpnConnection", 1, POLL),),
        setup=({"kind": "connection_reset", "operation": "updateVpnConnection", "applied": True},),
    ),
    Operation(
        "psk and reset",
        {"id": ID, "psk": NEW_KEY, "update_psk": "always", "reset": "if_required"},
        tuple(
            _LOOKUP
            + _write("PUT", "updateVpnConnection")
            + _polls(1)
            + _write("reset", "resetVpnConnection")
            + _polls(0, " after reset", "resetVpnConnection")
        ),
        later={"update_psk": "on_create"},
    ),
    Operation(
        "identities and reset",
        {"id": ID, "ikepolicy": {"peer_id": "203.0.113.9"}, "reset": "if_required"},
        tuple(
            _write("PUT", "updateVpnConnection")
            + _polls(1)[1:]
            + _write("reset", "resetVpnConnection")
            + _polls(0, " after reset", "resetVpnConnection")[1:]
        ),
    ),
    Operation(
        "tags",
        {"id": ID, "tags": {"owner": "ops", "new": "3", "stays": "2"}, "purge_tags": True},
        tuple(
            _LOOKUP
            + _write("tags/delete", "deleteResourceTags")
            + _write("tags/create", "createResourceTags")
            + _polls(1)[:1]
        ),
    ),
    Operation(
        "tags and settings",
        dict(_SETTINGS, id=ID, tags={"owner": "ops"}),
        tuple(_write("tags/create", "createResourceTags") + _write("PUT", "updateVpnConnection") + _polls(1)[:1]),
    ),
    Operation(
        "reset",
        {"id": ID, "reset": "always"},
        tuple(_LOOKUP + _write("reset", "resetVpnConnection") + _polls(1)),
        later={"reset": "never"},
    ),
    Operation("create", _NEW, tuple(_LISTED + _write("POST", "createVpnConnection") + _polls(0)), switches=_ACCEPTING),
    Operation("create, pair refused", _NEW, tuple(_write("POST", "createVpnConnection"))),
    Operation(
        "create, answer lost",
        _NEW,
        (Moment("look for it", "listVpnConnections", 1, POLL), Moment("first poll", "showVpnConnection", 0, POLL)),
        switches=_ACCEPTING,
        setup=_LOST_POST,
    ),
    Operation(
        "create, lists lag",
        _NEW,
        tuple(_write("POST", "createVpnConnection") + _polls(0)[:1]),
        switches=dict(_ACCEPTING, stale_seconds=9, stale_scope="list"),
    ),
    Operation(
        "delete by id",
        {"id": ID, "state": "absent"},
        tuple(_LOOKUP + _write("DELETE", "deleteVpnConnection") + _polls(1)),
    ),
    Operation(
        "delete by name",
        {"name": "office", "state": "absent"},
        tuple(_LISTED + _write("DELETE", "deleteVpnConnection") + _polls(0)),
    ),
)


def _pair_in_turn(cloud):
    """Nothing is lost, and of a pair at most one waits for its new key to be used."""
    found = {connection["name"]: connection["id"] for connection in cloud.connections()}
    if set(found) != {"office", "other-1", "other-2"}:
        yield "there are %s" % sorted(found)
    waiting = [name for name, one in found.items() if cloud.configured(one)["psk"] != cloud.negotiated(one)["psk"]]
    if len(waiting) > 1:
        yield "%s wait for a reset at a time" % waiting
    if any(cloud.connection(one)["status"] != "ACTIVE" for name, one in found.items() if name != "office"):
        yield "a tunnel is down"


def _renamed_before_pruned(cloud):
    """The connection is there under one of its names, and nothing was pruned before it has the new one."""
    found = {connection["id"]: connection["name"] for connection in cloud.connections()}
    if found.get(ID) not in ("office", "renamed"):
        yield "the renamed one is lost: %s" % found
    if "other-1" not in found.values():
        yield "other-1 is lost: %s" % found
    if "other-2" not in found.values() and found.get(ID) != "renamed":
        yield "other-2 was pruned before the rename: %s" % found


def _new_key(name):
    return {"name": name, "psk": NEW_KEY, "update_psk": "always", "reset": "if_required"}


_QUICK = {"dwell_update": 1, "dwell_reset": 1, "dwell_delete": 1, "reset_down": 1}
# Several connections in one task; they are interrupted only.
FLEETS = (
    Operation(
        "rotate the keys of a pair",
        {"vgw_id": GATEWAY, "connections": [_new_key("other-1"), _new_key("other-2")]},
        tuple(_LISTED),
        later={"connections": [{"name": "other-1"}, {"name": "other-2"}]},
        switches=_QUICK,
        check=_pair_in_turn,
    ),
    Operation(
        "rename and prune",
        {"vgw_id": GATEWAY, "connections": [{"id": ID, "name": "renamed"}, {"name": "other-1"}], "prune": True},
        tuple(_LISTED),
        switches=_QUICK,
        check=_renamed_before_pruned,
    ),
)

SALT = "0123456789abcdef-salt"
FINGERPRINT_TAG, RESET_TAG = "ansible_psk_fingerprint", "ansible_reset_required"
_MARKED = {"id": ID, "psk": NEW_KEY, "update_psk": "on_change", "psk_fingerprint_key": SALT}
_ADDED = {
    "id": ID,
    "peer_subnets": ["192.168.2.0/24"],
    "policy_rules": [
        {"source": "10.0.0.0/24", "destination": ["192.168.2.0/24"]},
        {"source": "10.1.0.0/24", "destination": ["192.168.2.0/24"]},
    ],
}
# Only interrupted, at each request; the kinds of requests that they consist of meet all faults above.
INTERRUPTED = (
    Operation("psk on change", _MARKED, tuple(_LOOKUP)),
    Operation("psk on change and reset", dict(_MARKED, reset="if_required"), tuple(_LOOKUP)),
    Operation(
        "psk on change again, and reset",
        dict(_MARKED, reset="if_required"),
        tuple(_LOOKUP),
        first=dict(_MARKED, psk="A-Third-Key-3"),
    ),
    Operation(
        "psk, identities, tags and reset",
        dict(
            _MARKED,
            ikepolicy={"peer_id": "203.0.113.9"},
            tags={"owner": "ops", "new": "3"},
            purge_tags=True,
            reset="if_required",
        ),
        tuple(_LOOKUP),
    ),
    Operation(
        "owed reset",
        {"id": ID, "ikepolicy": {"peer_id": "203.0.113.9"}, "reset": "if_required"},
        tuple(_LOOKUP),
        first={"id": ID, "ikepolicy": {"peer_id": "203.0.113.9"}},
    ),
    Operation("tag replacement", {"id": ID, "tags": {"owner": "ops"}}, tuple(_LOOKUP)),
    Operation(
        "create by names, with a monitor",
        dict(
            {name: value for name, value in _NEW.items() if name not in ("vgw_id", "cgw_id")},
            vgw_name="hq",
            cgw_name="branch",
            vgw_ip="eip1",
            monitor=True,
        ),
        tuple(_LISTED),
        switches=_ACCEPTING,
    ),
    Operation("add to lists", dict(_ADDED, list_mode="add"), tuple(_LOOKUP)),
    Operation(
        "remove from lists", dict(_ADDED, list_mode="remove"), tuple(_LOOKUP), first=dict(_ADDED, list_mode="add")
    ),
    Operation("monitor on, with settings", dict(_SETTINGS, id=ID, monitor=True), tuple(_LOOKUP)),
    Operation(
        "monitor off, and reset",
        {"id": ID, "monitor": False, "reset": "if_required", "ikepolicy": {"peer_id": "203.0.113.9"}},
        tuple(_LOOKUP),
        first={"id": ID, "monitor": True},
    ),
    Operation(
        "delete with a monitor", {"id": ID, "state": "absent"}, tuple(_LOOKUP), first={"id": ID, "monitor": True}
    ),
    Operation(
        "create, psk on change",
        dict(_NEW, update_psk="on_change", psk_fingerprint_key=SALT, reset="if_required"),
        tuple(_LISTED),
    ),
)
_WITHOUT_BODY = ("deleteVpnConnection", "deleteResourceTags", "createResourceTags")
_WITH_WORK = ("createVpnConnection", "updateVpnConnection", "resetVpnConnection")
_OF_ONE_CONNECTION = ("showVpnConnection", "updateVpnConnection", "deleteVpnConnection", "resetVpnConnection")
_OF_IAM = ("createToken", "listProjects")


def not_applicable(operation, moment, variant, times):
    """Return why a cell makes no sense, or None when it does."""
    kind, effect = variant.kind, FAULTS[variant.kind].effect if variant.kind else None
    if variant.group == "killed":
        return (
            "a process dies once"
            if times == ALWAYS
            else "dies after the answer either way"
            if moment.applied is False
            else None
        )
    if variant.way and operation.way != KEYS and variant.way != operation.way:
        return "the operation logs in with a password"
    if kind == "token_expired" and moment.request == "createToken":
        return "a login carries no token"
    if kind == "token_expired" and variant.way != KEYS and moment.request == "listProjects":
        return "a token names its project"
    if moment.request in _OF_IAM and (variant.group in ("busy", "again", "gone", "lag") or kind in _OF_THE_SERVICE):
        return "the identity service knows neither these codes nor connections"
    if effect == DEFORMS and moment.applied is False:
        return "an answer that is spoilt on its way is that of a request which was carried out"
    if (kind in _TOLD_AT_THE_DOOR or variant.group in ("busy", "again", "redirect")) and moment.applied is True:
        return "a request refused like this is not carried out"
    if kind in ("frozen", "vanish"):
        if moment.request not in _OF_ONE_CONNECTION:
            return "happens to the connection that the path names, and this path names none"
        if moment.applied is True:
            return "happens before the request, which is then judged as always"
    if kind == "error_after_update" and (moment.request not in _WITH_WORK or moment.applied is not True):
        return "only a create, update or reset that is carried out can end in ERROR"
    if kind == "personality":
        if "stale_scope" in operation.switches:
            return "reads lag already"
        if moment.request not in _WITH_WORK + ("deleteVpnConnection",) or moment.applied is not True:
            return "reads lag behind a write that is carried out"
        if "transient_404_reads" in variant.details and moment.request != "updateVpnConnection":
            return "seen after updates only"
    if kind in ("cut_json", "wrong_type", "slow_body", "oversized") and moment.request in _WITHOUT_BODY:
        return "the answer has no body"
    return None


# -- what is expected -------------------------------------------------------------------------------------------------


class Expected(t.NamedTuple):
    """How cells end. Empty words stand for any.

    C(groups): of faults, separated by spaces. C(sorts): of moments. C(times): ONCE or ALWAYS. C(outcome): DONE, BELIEVED
    (success because the answers say so, whatever is true), KILLED or the name of an exception. C(because): why.
    C(applied): of the moment. C(operations), C(moments), C(requests): labels and operation ids, separated by
    semicolons.
    """

    groups: str
    sorts: str
    times: str
    outcome: str
    because: str
    operations: str = ""
    requests: str = ""
    applied: bool | None = None
    moments: str = ""

    def covers(self, operation, moment, variant, times):
        return (
            variant.group in (self.groups.split() or (variant.group,))
            and moment.sort in (self.sorts.split() or (moment.sort,))
            and times in (self.times or times)
            and self.applied in (None, moment.applied)
            and operation.label in (self.operations.split("; ") if self.operations else (operation.label,))
            and moment.request in (self.requests.split("; ") if self.requests else (moment.request,))
            and moment.label in (self.moments.split("; ") if self.moments else (moment.label,))
        )


_DELETES = "delete by id; delete by name"
_SURVIVED = "a retriable answer once"
_COUNTED = "at most max_retries + 1 tries"

# The first that covers a cell counts.
EXPECTED = (
    Expected(
        "token_password odd_type",
        "",
        ONCE,
        DONE,
        "a token is renewed once; what counts is that the body is JSON",
        "create, answer lost",
    ),
    Expected(
        "token_keys token_token redirect refused gone",
        "",
        "",
        "VpnError",
        "tells both: the creation's answer was lost, and so was the look",
        "create, answer lost",
        "listVpnConnections",
    ),
    Expected(
        "throttled server_error gateway_error busy again timeout lost token_password",
        "",
        ALWAYS,
        "VpnError",
        "tells both: the creation's answer was lost, and so was the look",
        "create, answer lost",
        "listVpnConnections",
    ),
    Expected("killed", "", "", KILLED, "nothing is left to answer"),
    Expected("redirect", "", "", "ApiError", "redirects are never followed; a wrong endpoint does not become right"),
    Expected("token_keys", "", "", "ApiError", "APIGW.0301 with AK/SK is not retried"),
    Expected("token_token", "", "", "ApiError", "a token that the task was given cannot be renewed"),
    Expected("token_password", "", ONCE, DONE, "a token is renewed once"),
    Expected("token_password", "", ALWAYS, "ApiError", "a new token is refused too"),
    Expected(
        "refused gone",
        "",
        ONCE,
        DONE,
        "the object that a page begins after may be gone: the list is read once more",
        moments="second page",
    ),
    Expected("refused", "", "", "ApiError", "a refusal is passed on"),
    Expected("odd_type", "", "", DONE, "what counts is that the body is JSON"),
    Expected("lag", "", "", DONE, "reads that still show old values count as stale for 15 s"),
    Expected("error", "", "", "WaitFailed", "ERROR after a write fails at once"),
    # frozen, vanished, gone
    Expected(
        "frozen",
        "read",
        "",
        "VpnError",
        "FREEZED fails with our sentence, nothing is sent",
        operations="update; psk and reset; tags; reset",
    ),
    Expected("frozen", "read", "", "VpnError", "FREEZED fails with our sentence, nothing is sent", operations=_DELETES),
    Expected("frozen", "read", "", DONE, "FREEZED with nothing to change succeeds with a warning"),
    Expected("frozen", "write", "", "ApiError", "the refusal is passed on: it was not frozen when it was read"),
    Expected("frozen", "poll", "", "WaitFailed", "FREEZED after a write fails at once"),
    Expected(
        "gone", "read", "", BELIEVED, "gone is what was asked for, and what the answer says", operations="delete by id"
    ),
    Expected("gone", "read", "", "ApiError", "a list is never missing", requests="listVpnConnections"),
    Expected(
        "gone", "write", "", "WaitFailed", "the cloud says that it is gone, and goes on showing it", operations=_DELETES
    ),
    Expected("gone", "poll", "", BELIEVED, "gone is what was asked for, and what the answer says", operations=_DELETES),
    Expected("vanish", "", "", DONE, "gone is what was asked for", operations=_DELETES),
    Expected("vanish", "read", "", "NotFound", "an id that is not found with present fails"),
    Expected("vanish", "write", "", "ApiError", "the refusal is passed on"),
    Expected("vanish", "poll", "", "NotFound", "gone for longer than reads may lag"),
    Expected("gone", "read", "", "NotFound", "an id that is not found with present fails"),
    Expected("gone", "write", "", "ApiError", "the refusal is passed on"),
    Expected("gone", "poll", ONCE, DONE, "one 404 after a PUT is transient"),
    Expected("gone", "poll", ALWAYS, "NotFound", "gone for longer than reads may lag"),
    # reads
    Expected("", "read poll", ONCE, DONE, _SURVIVED),
    Expected("throttled server_error gateway_error busy again timeout", "read poll", ALWAYS, "ApiError", _COUNTED),
    Expected("lost", "read poll", ALWAYS, "NoResponse", _COUNTED),
    # writes that were not carried out
    Expected(
        "server_error",
        "write",
        ONCE,
        DONE,
        "a lost answer; at most one more POST",
        applied=False,
        requests="createVpnConnection",
    ),
    Expected(
        "server_error timeout",
        "write",
        "",
        "ApiError",
        "API contract, section 12: 500 is retried for GET only",
        applied=False,
    ),
    Expected("", "write", ONCE, DONE, _SURVIVED, applied=False),
    Expected(
        "throttled gateway_error busy again",
        "write",
        ALWAYS,
        "ApiError",
        "bounded by max_retries, busy codes by wait_timeout",
        applied=False,
    ),
    Expected("lost", "write", ALWAYS, "NoResponse", _COUNTED, applied=False),
    # writes that were carried out, and whose answer says otherwise or nothing
    Expected(
        "server_error",
        "write",
        "",
        "ApiError",
        "no read shows a reset, and 500 is retried for GET only",
        requests="resetVpnConnection",
        applied=True,
    ),
    Expected(
        "lost",
        "write",
        ALWAYS,
        "NoResponse",
        "no read shows a reset, so it is repeated",
        requests="resetVpnConnection",
        applied=True,
    ),
    Expected(
        "",
        "write",
        ALWAYS,
        "ApiError",
        "no read shows a reset, so it is repeated",
        requests="resetVpnConnection",
        applied=True,
    ),
    Expected(
        "server_error",
        "write",
        "",
        "ApiError",
        "no read shows a key, and 500 is retried for GET only",
        "psk and reset",
        "updateVpnConnection",
        True,
    ),
    Expected(
        "lost",
        "write",
        ALWAYS,
        "NoResponse",
        "no read shows a key, so it is sent again",
        "psk and reset",
        "updateVpnConnection",
        True,
    ),
    Expected(
        "",
        "write",
        ALWAYS,
        "ApiError",
        "no read shows a key, so it is sent again",
        "psk and reset",
        "updateVpnConnection",
        True,
    ),
    Expected(
        "server_error",
        "write",
        "",
        "ApiError",
        "a part was carried out for certain; what is left is for the next run",
        "tags",
        "deleteResourceTags",
        True,
    ),
    Expected("", "write", "", DONE, "the next look shows that it was carried out", applied=True),
)


def expected(operation, moment, variant, times):
    return next(entry for entry in EXPECTED if entry.covers(operation, moment, variant, times))


# -- running ----------------------------------------------------------------------------------------------------------


class Run(t.NamedTuple):
    """One run of a task: its result or its exception, the requests, virtual seconds, true seconds."""

    result: dict | None
    error: BaseException | None
    entries: list
    seconds: float
    true_seconds: float

    @property
    def outcome(self):
        if self.error is None:
            return DONE
        return KILLED if isinstance(self.error, Killed) else type(self.error).__name__


def credentials(cloud, way):
    """Return the arguments by which a task authenticates."""
    if way == TOKEN:
        return {"auth_token": cloud.issue_token()}
    if way == PASSWORD:
        return {"user_name": cloud.user_name, "password": cloud.password, "domain_name": cloud.domain_name}
    return {}


def run(cloud, arguments, check_mode=False, way=KEYS, timeout=TIMEOUT, fatal=None):
    """Run a task on the shared clock and return its C(Run); only what is no exception of a task at all gets through."""
    reach = access(cloud)
    if way != KEYS:
        del reach["access_key"], reach["secret_key"]
    operation = bulk if "connections" in arguments else single
    clock = CloudClock(cloud, fatal, PACE if operation is bulk else 0)
    given = dict({"max_retries": MAX_RETRIES, "wait_timeout": WAIT_TIMEOUT}, **reach)
    given.update(credentials(cloud, way))
    given.update(copy.deepcopy(arguments))
    cloud.clear_journal()
    began, slept, result, error = cloud.service.clock.now(), clock.slept, None, None
    try:
        request = operation.enter(CONNECTION, given, {})
        # The option takes whole seconds, too long for cells that wait for it.
        request.access.request_timeout = timeout
        result = operation.perform(CONNECTION, request, check_mode, clock, "tests")
        # Killed at its last request, a process is gone before it can return a result.
        clock.now()
    except (Exception, Killed) as caught:
        error = caught
    seconds = cloud.service.clock.now() - began
    return Run(result, error, cloud.journal(), seconds, seconds - (clock.slept - slept))


def fingerprint_of(identifier, key):
    """Return what the tag has to be, from the published rule."""
    return "v1:" + hmac.new(SALT.encode(), identifier.encode() + b"\0" + key.encode(), hashlib.sha256).hexdigest()[:32]


def state(cloud):
    """Return the stored truth in a form that can be compared: {name: …} of what a task decides.

    Of a fingerprint only whether it is that of the key in the cloud: ids differ from run to run.
    """
    found = {}
    monitored = {monitor["vpn_connection_id"] for monitor in cloud.monitors()}
    for connection in cloud.connections():
        full, live = cloud.configured(connection["id"]), cloud.negotiated(connection["id"])
        kept = {name: value for name, value in full.items() if not name.startswith("tunnel_")}
        tags = dict(connection["tags"])
        if FINGERPRINT_TAG in tags:
            tags[FINGERPRINT_TAG] = tags[FINGERPRINT_TAG] == fingerprint_of(connection["id"], full["psk"])
        found.setdefault(kept["name"], []).append(
            {
                "configured": kept,
                "tags": tags,
                "monitored": connection["id"] in monitored,
                "negotiated": {"psk": live["psk"], "peer_id": live["ikepolicy"]["peer_id"]},
            }
        )
    return found


class Verdict(t.NamedTuple):
    """What became of a cell. C(outcome): see C(Expected). C(problems): sentences. C(reason): why not applicable."""

    operation: str
    moment: str
    variant: str
    times: str
    outcome: str
    problems: tuple = ()
    reason: str = ""
    because: str = ""


def _has_been(cloud, moment):
    """Say whether the request of a moment has been answered."""
    entries = cloud.journal()
    if moment.after:
        begun = [number for number, entry in enumerate(entries) if entry.operation == moment.after and entry.status]
        entries = entries[begun[0] + 1 :] if begun else []
    return sum(entry.operation == moment.request and bool(entry.status) for entry in entries) > moment.skip


class Bench:
    """An emulator to run cells on, and another one that no request may ever reach."""

    def __init__(self):
        self.cloud = Emulator(dwell=DWELL)
        self.elsewhere = Emulator()
        self.goals = {}
        # (operation, way, whether its object is gone, cloud) from where reruns did as they should.
        self.converged = set()
        self._stack = contextlib.ExitStack()
        self._routes = {}
        self._certificate = None

    def __enter__(self):
        self.cloud.start()
        self.elsewhere.start()
        folder = pathlib.Path(self._stack.enter_context(tempfile.TemporaryDirectory()))
        self._certificate = make_certificate(folder)
        port = urlsplit(self.cloud.url).port
        for name, breaks in ROUTES.items():
            self._routes[name] = self._stack.enter_context(Server(fronts(port, breaks, self._certificate)))
        # What a plan id costs to guess is not what is tried here, and would be most of the time.
        self._cheap = mock.patch.object(planning, "KEY_ROUNDS", 1)
        self._cheap.start()
        return self

    def __exit__(self, *dummy):
        self._cheap.stop()
        self._stack.close()
        self.cloud.stop()
        self.elsewhere.stop()

    @contextlib.contextmanager
    def through(self, route):
        """Have what is asked go through a route for a while; yield the arguments that lead there."""
        if not route:
            yield {}
            return
        with mock.patch.dict(os.environ, {"https_proxy": self._routes[route].url, "no_proxy": ""}):
            yield {"endpoint": "https://" + HOST, "auth_url": "https://" + HOST, "ca_path": self._certificate.path}

    def goal(self, operation):
        """Return the state that the operation leads to when nothing goes wrong."""
        if operation.label not in self.goals:
            plant(self.cloud, operation)
            before = state(self.cloud)
            self.set_up(operation)
            outcome = run(self.cloud, operation.arguments, way=operation.way)
            assert outcome.error is None, "%s fails without a fault: %r" % (operation.label, outcome.error)
            assert outcome.result["changed"] is operation.changes
            self.goals[operation.label] = (before, state(self.cloud))
        return self.goals[operation.label]

    def set_up(self, operation):
        if operation.first:
            outcome = run(self.cloud, operation.first, way=operation.way)
            assert outcome.error is None, "what comes before %s fails: %r" % (operation.label, outcome.error)
        for fault in operation.setup:
            self.cloud.fault(**fault)

    def strike(self, operation, moment, variant, times, pace=1):
        """Have the fault strike. Return the list its rule comes into, and the function that kills the process, or None."""
        if variant.group == "killed":
            return None, functools.partial(_has_been, self.cloud, moment)
        details = dict(variant.details)
        if moment.applied is not None and "applied" in FAULTS[variant.kind].details:
            details["applied"] = moment.applied
        if "seconds" in details:
            details["seconds"] *= pace
        if variant.kind == "redirect":
            details["location"] = self.elsewhere.url + "/v5/elsewhere"
        rules = []

        def arm(entry=None):
            if not rules and (entry is None or entry.operation == moment.after):
                rules.append(
                    self.cloud.fault(
                        variant.kind,
                        operation=moment.request,
                        skip=moment.skip,
                        times=1 if times == ONCE else None,
                        **details,
                    )
                )

        if moment.after:
            self.cloud.on_request(arm)
        else:
            arm()
        return rules, None

    def cell(self, operation, moment, variant, times):
        """Run one cell and return its C(Verdict)."""
        reason = not_applicable(operation, moment, variant, times)
        labels = (operation.label, moment.label, variant.label, times)
        if reason:
            return Verdict(*labels, "", reason=reason)
        for pace in (1, 5):
            verdict = _Cell(self, operation, moment, variant, times, pace).examine(labels)
            # On a machine that is busy otherwise even a good answer may take longer than the short timeout.
            if not verdict.problems or not variant.kind.startswith("slow"):
                break
        return verdict

    def interruptions(self, operation):
        """Interrupt an operation at each of its requests, before it is sent and once it has been carried out; return a C(Verdict) for each."""
        self.goal(operation)
        verdicts = []
        for carried_out in (False, True):
            for number in itertools.count():
                # At a write, and then at each read that follows it, of which there may be more or fewer.
                own = list(
                    itertools.takewhile(
                        lambda verdict: verdict is not None,
                        (
                            self._interruption(operation, (number, reads), carried_out)
                            for reads in itertools.count(not number)
                        ),
                    )
                )
                verdicts += own
                if number and not own:
                    break
        return verdicts

    def _interruption(self, operation, place, carried_out):
        variant = Variant("interrupted at write %d, read %d, %s" % (*place, INTERRUPTIONS[carried_out]), "killed", "")
        return _Interrupted(self, operation, operation.moments[0], variant, ONCE, 1).interrupt(place, carried_out)


class _Cell:
    def __init__(self, bench, operation, moment, variant, times, pace):
        self.pace = pace
        self.bench = bench
        self.cloud = bench.cloud
        self.operation = operation
        self.moment = moment
        self.variant = variant
        self.times = times
        self.way = variant.way or operation.way
        self.slow = variant.kind.startswith("slow")
        # Every try of these takes true time.
        self.retries = 1 if self.slow else MAX_RETRIES
        self.timeout = SHORT_TIMEOUT * pace if self.slow else TIMEOUT
        self.expected = expected(operation, moment, variant, times)
        self.problems = []

    def _require(self, condition, sentence, *words):
        if not condition:
            self.problems.append(sentence % words if words else sentence)

    def _run(self, check_mode=False, timeout=TIMEOUT, fatal=None, route="", **more):
        if timeout != TIMEOUT:
            more["max_retries"] = self.retries
            if self.moment.sort == POLL:
                more["wait_timeout"] = SHORT_WAIT
        with self.bench.through(route) as reach:
            arguments = dict(self.operation.arguments, **reach, **more)
            return run(self.cloud, arguments, check_mode, self.way, timeout, fatal)

    def examine(self, labels):
        before, goal = self.bench.goal(self.operation)
        if self.moment.sort == READ:
            self._examine_check_mode(before)
        plant(self.cloud, self.operation)
        self.bench.set_up(self.operation)
        rules, fatal = self.bench.strike(self.operation, self.moment, self.variant, self.times, self.pace)
        self.bench.elsewhere.clear_journal()
        outcome = self._run(timeout=self.timeout, fatal=fatal, route=self.variant.route)
        self._require(rules is None or (rules and rules[0].fired), "the fault never struck")
        # What was begun comes to its end; no task can wait for what lagging reads do not show yet.
        self.cloud.advance(3 * DWELL)
        self._judge(outcome)
        self._require(self.bench.elsewhere.journal() == [], "the target of the redirect was asked")
        wanted = self.expected.outcome
        ends = DONE if wanted == BELIEVED else wanted
        self._require(outcome.outcome == ends, "ends in %s, not in %s: %s", outcome.outcome, ends, outcome.error)
        if outcome.error is None and wanted != BELIEVED:
            self._require(
                alike(state(self.cloud), goal),
                "succeeds, but the state is not as asked: %s",
                _difference(state(self.cloud), goal),
            )
            gone = self.variant.group in ("vanish", "gone")
            self._require(
                gone or outcome.result["changed"] is self.operation.changes, "changed is %s", outcome.result["changed"]
            )
        self._examine_reset(outcome)
        self._examine_twins()
        self._examine_rerun(outcome, goal)
        return Verdict(*labels, outcome.outcome, tuple(self.problems), because=self.expected.because)

    def _examine_check_mode(self, before):
        """In check mode nothing is written, whatever happens."""
        plant(self.cloud, self.operation)
        dummy, fatal = self.bench.strike(self.operation, self.moment, self.variant, self.times, self.pace)
        untouched = self.variant.kind not in ("frozen", "vanish")
        dry = self._run(check_mode=True, timeout=self.timeout, fatal=fatal, route=self.variant.route)
        self._require([entry for entry in dry.entries if entry.write] == [], "check mode writes")
        self._require(not untouched or alike(state(self.cloud), before), "check mode changes the state")
        self._judge(dry)

    def _judge(self, outcome):
        """What may never happen, whatever the fault."""
        error = outcome.error
        if error is not None and not isinstance(error, (VpnError, Killed)):
            self._require(False, "%s escapes: %s", type(error).__name__, error)
        if isinstance(error, VpnError):
            self._judge_sentence(error)
        told = json.dumps(
            [outcome.result, error.message, error.details] if isinstance(error, VpnError) else [outcome.result],
            ensure_ascii=False,
        )
        tokens = [token.text for token in self.cloud.service.identity._tokens.values()]
        secrets = [KEY, NEW_KEY, SALT, self.cloud.secret_key, self.cloud.access_key, self.cloud.password] + tokens
        self._require(not any(secret in told for secret in secrets), "a secret is told")
        self._judge_effort(outcome)

    def _judge_sentence(self, error):
        text = error.message
        self._require(20 <= len(text) <= 600, "the sentence is %d characters long: %s", len(text), text)
        for mark in (
            "\n",
            "Traceback",
            "<html",
            "object at 0x",
            "Error(",
            "Exception",
            "None ",
            "HTTPConnectionPool",
            "{",
            "%s",
        ):
            self._require(mark not in text, "the sentence has %r in it: %s", mark, text)
        self._require(str(error) == text, "the exception says something else than its sentence")

    def _judge_effort(self, outcome):
        """Tries and time are bounded by the options."""
        struck = [entry for entry in outcome.entries if entry.fault and entry.operation == self.moment.request]
        tries = _longest(struck, outcome.entries)
        spare = 1 if self.variant.group == "token_password" else 0
        # Waiting for what a good answer shows is no trying again.
        polling = self.moment.sort == POLL or self.variant.group in ("odd_type", "gone", "vanish", "frozen")
        patient = polling or (self.variant.group == "busy" and self.moment.sort == WRITE)
        self._require(patient or tries <= self.retries + 1 + spare, "%d tries of one request", tries)
        posts = [entry for entry in outcome.entries if entry.operation == "createVpnConnection"]
        doubtful = sum(entry.applied or entry.status >= 500 or not entry.status for entry in posts)
        self._require(doubtful <= 2, "%d creations that may have been carried out", doubtful)
        most = 60 * len(self.operation.arguments.get("connections", "1"))
        self._require(len(outcome.entries) <= most, "%d requests", len(outcome.entries))
        phases = 1 + sum(entry.write and entry.status < 300 for entry in outcome.entries)
        allowed = phases * (WAIT_TIMEOUT + MAX_RETRIES * LONGEST_PAUSE + 2 * STALE_READ_SECONDS)
        self._require(outcome.seconds <= allowed, "takes %.1f seconds of %.1f", outcome.seconds, allowed)
        if self.slow:
            patience = (PATIENCE + 0.03 * len(outcome.entries)) * self.pace + 1.5 * self.timeout * len(struck)
            self._require(
                outcome.true_seconds <= patience,
                "waits %.1f seconds on the wire for %d answers of at most %s",
                outcome.true_seconds,
                len(struck),
                self.timeout,
            )

    def _examine_reset(self, outcome):
        """A failure that leaves a key or an identity without its reset says so."""
        if not isinstance(outcome.error, VpnError) or self.operation.arguments.get("reset") != "if_required":
            return
        try:
            full, live = self.cloud.configured(ID), self.cloud.negotiated(ID)
        except Exception:
            return
        due = full["psk"] != live["psk"] or full["ikepolicy"]["peer_id"] != live["ikepolicy"]["peer_id"]
        said = outcome.error.details.get("reset_required", False)
        self._require(not due or said, "fails with the reset still to be done, and does not say so: %s", outcome.error)

    def _examine_twins(self):
        """Never two connections of one name."""
        for name, found in state(self.cloud).items():
            self._require(len(found) == 1, "%d connections are named %s", len(found), name)

    def _examine_rerun(self, outcome, goal):
        """Once the fault is over a rerun converges, and a further run finds nothing to do.

        Most faults leave the cloud as another one has left it before. What a task does there has then been seen.
        """
        self.cloud.clear_faults()
        self.cloud.service.listeners.clear()
        for connection in self.cloud.connections():
            if connection["status"] == "FREEZED":
                self.cloud.set_status(connection["id"], "DOWN")
        lost = (
            self.variant.kind == "vanish"
            and self.operation.arguments.get("id")
            and self.operation.arguments.get("state") != "absent"
        )
        place = (self.operation.label, self.way, lost, at_rest(self.cloud))
        if place in self.bench.converged:
            return
        before = len(self.problems)
        self._rerun(lost, goal)
        if place[-1] is not None and len(self.problems) == before:
            self.bench.converged.add(place)

    def _rerun(self, lost, goal):
        again = self._run()
        if lost:
            self._require(again.outcome == "NotFound", "a rerun ends in %s: %s", again.outcome, again.error)
            return
        self._require(again.error is None, "a rerun ends in %s: %s", again.outcome, again.error)
        # Where the server takes a second pair, only a list that shows the first one can keep a run from making it.
        self.cloud.advance(STALE_READ_SECONDS if "stale_scope" in self.operation.switches else 0)
        after = self._run(**self.operation.later)
        self._require(after.error is None, "a further run ends in %s: %s", after.outcome, after.error)
        self._require(
            after.error or after.result["changed"] is False,
            "a further run reports a change: %s",
            after.result and after.result.get("changes"),
        )
        self._require([entry for entry in after.entries if entry.write] == [], "a further run writes")
        found = state(self.cloud)
        self._require(alike(found, goal), "the state after a rerun is not as asked: %s", _difference(found, goal))
        self._examine_twins()


class _Deadly:
    """Sends requests until it comes to a place, (writes so far, reads since the last one): there the process dies.

    C(struck): what was asked for there, and how many requests had been sent; None until then.
    """

    def __init__(self, place, carried_out):
        self.place = place
        self.carried_out = carried_out
        self.struck = None
        self._lock = threading.Lock()
        self._sent = self._writes = self._reads = 0
        self._right = requests.adapters.HTTPAdapter.send

    def send(self, adapter, prepared, **more):
        struck = self._comes_to(prepared)
        answer = None if struck and not self.carried_out else self._right(adapter, prepared, **more)
        if struck:
            raise Killed
        return answer

    def _comes_to(self, prepared):
        """Say whether this request is the one. No thread of a dead process sends anything after it."""
        with self._lock:
            if self.struck:
                raise Killed
            reads = prepared.method == "GET"
            self._writes, self._reads = (self._writes, self._reads + 1) if reads else (self._writes + 1, 0)
            if (self._writes, self._reads) != self.place:
                self._sent += 1
                return False
            self._sent += self.carried_out
            self.struck = (_asked(prepared), self._sent)
            return True


class _Interrupted(_Cell):
    """A run that is stopped, as by Control-C or the end of its time, while it deals with a request."""

    def interrupt(self, place, carried_out):
        """Return a C(Verdict), or None where the operation does not come to that place; see C(_Deadly)."""
        dummy, goal = self.bench.goal(self.operation)
        plant(self.cloud, self.operation)
        self.bench.set_up(self.operation)
        deadly = _Deadly(place, carried_out)
        with mock.patch.object(requests.adapters.HTTPAdapter, "send", functools.partialmethod(_send_by, deadly)):
            outcome = self._run()
        if outcome.outcome != KILLED:
            self._require(outcome.error is None, "ends in %s without an interruption", outcome.error)
            return None
        asked, sent = deadly.struck
        self._require(len(outcome.entries) == sent, "%d requests instead of %d", len(outcome.entries), sent)
        self.cloud.advance(3 * DWELL)
        self._judge(outcome)
        self._examine_twins()
        self.problems += self.operation.check(self.cloud)
        self._examine_announced()
        self._examine_rerun(outcome, goal)
        moment = "%d %s" % (place[0], asked)
        return Verdict(
            self.operation.label,
            moment,
            self.variant.label,
            ONCE,
            outcome.outcome,
            tuple(self.problems),
            because=INTERRUPTIONS[carried_out],
        )

    def _examine_announced(self):
        """Nothing that was sent waits for a reset without a tag that says so, and no fingerprint tells of another key."""
        for connection in self.cloud.connections():
            full, live, tags = (
                self.cloud.configured(connection["id"]),
                self.cloud.negotiated(connection["id"]),
                connection["tags"],
            )
            due = full["psk"] != live["psk"] or full["ikepolicy"]["peer_id"] != live["ikepolicy"]["peer_id"]
            self._require(not due or RESET_TAG in tags, "a reset is due for %s, and no tag says so", connection["name"])
            told = tags.get(FINGERPRINT_TAG)
            self._require(
                told in (None, fingerprint_of(connection["id"], full["psk"])),
                "the fingerprint of %s is wrong",
                connection["name"],
            )


# When a process is interrupted at a request.
INTERRUPTIONS = ("not sent", "carried out")


def _send_by(adapter, deadly, prepared, **more):
    return deadly.send(adapter, prepared, **more)


def _asked(prepared):
    """Return what a request asks for, in a few words."""
    path = re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}", "{id}", urlsplit(prepared.url).path)
    return "%s %s" % (prepared.method, re.sub(r"^/v[0-9.]+/[0-9a-f]{32}/", "", path))


def _longest(struck, entries):
    """Return how often one request was sent in vain without another one between them, or, if it writes, at all."""
    if struck and struck[0].write:
        bodies = [json.dumps(entry.raw_body) for entry in struck]
        return max(bodies.count(body) for body in bodies)
    longest = count = 0
    previous = None
    for entry in entries:
        shape = (entry.method, entry.path, entry.query)
        count = count + 1 if entry.fault and shape == previous else int(bool(entry.fault))
        previous, longest = shape, max(longest, count)
    return longest


def alike(found, wanted, live=True):
    """Say whether two states are the same; C(live): in what the tunnels run with, too."""

    def plain(states):
        return {
            name: [dict(one, negotiated=live and one["negotiated"]) for one in several]
            for name, several in states.items()
        }

    return plain(found) == plain(wanted)


def _difference(found, wanted):
    """Return what differs, in a few words."""
    if set(found) != set(wanted):
        return "connections %s instead of %s" % (sorted(found), sorted(wanted))
    words = []
    for name in found:
        for one, other in zip(found[name], wanted[name]):
            for part in one:
                if isinstance(one[part], dict):
                    pairs = [(key, value, other[part].get(key)) for key, value in one[part].items()]
                    words += ["%s %s: %s, not %s" % ((part,) + pair) for pair in pairs if pair[1] != pair[2]]
    return "; ".join(words)[:400]


def rows():
    """Return every (operation, moment)."""
    return [(operation, moment) for operation in OPERATIONS for moment in operation.moments]


def cells():
    """Return every (operation, moment, variant, times)."""
    return [
        (operation, moment, variant, times)
        for operation, moment in rows()
        for variant in VARIANTS
        for times in (ONCE, ALWAYS)
    ]


# -- the storm --------------------------------------------------------------------------------------------------------

# A bad day: beside the emulator's own storm answers that are none, and a busy connection.
_BAD_DAY = list(STORM) + [
    {"kind": "busy", "code": "VPN.0306"},
    {"kind": "cut_json"},
    {"kind": "html"},
    {"kind": "wrong_type"},
]
_RERUNS = 12


def _is_up(looks):
    """Say whether the last of some looks has been taken."""
    return next(looks, None) is None


class Storm:
    """Operations on several connections while a part of all answers is faulty and processes die.

    C(model): what was asked for, {name: members}. C(told): failures by class. C(problems): sentences.
    """

    def __init__(self, cloud, seed=1, probability=0.3):
        self.cloud = cloud
        self.seed = seed
        self.chance = random.Random(seed)
        self.probability = probability
        self.model = {}
        self.ids = {}
        self.told = collections.Counter()
        self.problems = []
        self.runs = 0
        self.named = 0

    def perform(self, operations):
        """Carry out this many operations, and hold the state against the model."""
        # The same storm, whatever the emulator has been used for before.
        self.cloud.service.rng.seed(self.seed)
        plant(self.cloud)
        for connection in self.cloud.connections():
            self.cloud.remove_connection(connection["id"])
        self.cloud.switch(dwell=2.0, **_ACCEPTING)
        self.cloud.storm(self.probability, faults=_BAD_DAY)
        for dummy in range(operations):
            choices = [self._create, self._update, self._update, self._rename, self._tag, self._tag, self._delete]
            self.chance.choice(
                choices[:1] if len(self.model) < 3 else choices[1:] if len(self.model) > 8 else choices
            )()
        self.cloud.clear_faults()
        self.cloud.advance(60)
        self._compare()
        return self

    def _do(self, arguments):
        """Run a task, again and again while it fails."""
        for dummy in range(_RERUNS):
            # About one run in twenty dies at some look at the clock.
            doomed = self.chance.randrange(40) if self.chance.random() < 0.05 else None
            fatal = None if doomed is None else functools.partial(_is_up, iter(range(doomed + 1)))
            outcome = run(self.cloud, dict(arguments, max_retries=5, wait_timeout=600), fatal=fatal)
            self.runs += 1
            if outcome.error is None:
                return outcome.result
            self.told[outcome.outcome] += 1
            if not isinstance(outcome.error, (VpnError, Killed)):
                self.problems.append("%s escapes: %s" % (type(outcome.error).__name__, outcome.error))
        self.problems.append("%d runs of %s were not enough: %s" % (_RERUNS, sorted(arguments), outcome.error))
        return None

    def _which(self):
        name = self.chance.choice(sorted(self.model))
        return name, ({"id": self.ids[name]} if self.chance.random() < 0.5 else {"name": name, "vgw_id": GATEWAY})

    def _settings(self):
        return {
            "peer_subnets": [
                "192.168.%d.0/24" % number for number in self.chance.sample(range(200), self.chance.randint(1, 3))
            ],
            "ikepolicy": {"lifetime_seconds": self.chance.randint(60, 9999)},
        }

    def _tags(self):
        return {
            key: str(self.chance.randint(0, 9))
            for key in self.chance.sample(("owner", "site", "cost", "term"), self.chance.randint(1, 4))
        }

    def _create(self):
        self.named += 1
        name, members = "storm-%d" % self.named, dict(self._settings(), tags=self._tags())
        result = self._do(dict(_NEW, name=name, **members))
        self.model[name] = members
        if result:
            self.ids[name] = result["vpn_connection"]["id"]

    def _update(self):
        name, who = self._which()
        members = self._settings()
        self._do(dict(who, **members))
        self.model[name].update(members)

    def _rename(self):
        old, dummy = self._which()
        self.named += 1
        new = "storm-%d" % self.named
        self._do({"id": self.ids[old], "name": new})
        self.model[new], self.ids[new] = self.model.pop(old), self.ids.pop(old)

    def _tag(self):
        name, who = self._which()
        tags = self._tags()
        self._do(dict(who, tags=tags, purge_tags=True))
        self.model[name]["tags"] = tags

    def _delete(self):
        name, who = self._which()
        self._do(dict(who, state="absent"))
        del self.model[name], self.ids[name]

    def _compare(self):
        found = self.cloud.connections()
        names = sorted(connection["name"] for connection in found)
        if names != sorted(self.model):
            self.problems.append("there are %s instead of %s" % (names, sorted(self.model)))
        for connection in found:
            wanted = self.model.get(connection["name"], {})
            if connection["id"] != self.ids.get(connection["name"]):
                self.problems.append("%s is another one than was reported" % connection["name"])
            for path, value in wanted.items():
                shown = {key: connection[path][key] for key in value} if path == "ikepolicy" else connection[path]
                if path == "peer_subnets":
                    shown, value = sorted(shown), sorted(value)
                if shown != value:
                    self.problems.append("%s of %s is %s instead of %s" % (path, connection["name"], shown, value))


# -- the table --------------------------------------------------------------------------------------------------------

MARKS = {
    DONE: "+",
    KILLED: "k",
    "ApiError": "A",
    "NoResponse": "L",
    "Unreachable": "U",
    "WaitFailed": "W",
    "NotFound": "M",
    "ChangeNotApplied": "N",
    "Ambiguous": "D",
    "InvalidInput": "I",
    "VpnError": "E",
}
LEGEND = """\
A cell has two marks: the fault strikes once, and for as long as the task runs.
  +  success, and the state is as asked        k  the process was killed
  A  ApiError: the refusal, in one sentence    L  LostAnswer: no usable answer came
  W  WaitFailed: it will not become stable     M  Missing: it does not exist (any more)
  E  VpnError: another clear sentence          .  not applicable, see the reasons below
  !  a violation, listed at the end
After each cell the task was run again without the fault, which had to succeed, and once more, which had to find nothing to do;
of cells that leave the very same cloud behind, after the first of them."""


def grid(verdicts):
    """Return the matrix as text, one table for each operation."""
    lines = []
    for operation in OPERATIONS:
        own = [verdict for verdict in verdicts if verdict.operation == operation.label]
        moments = [moment.label for moment in operation.moments]
        lines += ["", operation.label] + [
            "    %s = %s" % (chr(97 + number), label) for number, label in enumerate(moments)
        ]
        lines.append("    %-40s%s" % ("", "".join("%-4s" % chr(97 + number) for number in range(len(moments)))))
        marks = {(verdict.moment, verdict.variant, verdict.times): mark(verdict) for verdict in own}
        for variant in VARIANTS:
            cell = [
                "%s%s  " % tuple(marks.get((label, variant.label, times), "?") for times in (ONCE, ALWAYS))
                for label in moments
            ]
            lines.append(("    %-40s%s" % (variant.label, "".join(cell))).rstrip())
    return "\n".join(lines)


def mark(verdict):
    """Return the one letter of a cell."""
    return "!" if verdict.problems else "." if verdict.reason else MARKS.get(verdict.outcome, "?")


def _counted(title, words):
    counts = collections.Counter(words)
    return ["", title] + ["%6d  %s" % (count, word) for word, count in counts.most_common()]


def summary(verdicts):
    """Return why cells end as they do, totals and violations, as text."""
    lines = _counted(
        "How cells end, and why",
        ("%s: %s" % (verdict.outcome, verdict.because) for verdict in verdicts if verdict.because),
    )
    lines += _counted("Not applicable", (verdict.reason for verdict in verdicts if verdict.reason))
    return "\n".join(lines + _violations(verdicts))


INTERRUPTION_HEADER = """\
Interruptions: operations x requests
The process is killed at each of its requests, before this is sent and once it has been carried out: one mark for each.
  +  nothing is doubled or lost, the next run finishes the work, and a further one finds nothing to do
  !  a violation, listed at the end"""


def interruptions_told(verdicts):
    """Return how each interruption of each operation ended, and violations, as text."""
    lines = ["", INTERRUPTION_HEADER]
    for label, own in itertools.groupby(verdicts, lambda verdict: verdict.operation):
        marks = collections.defaultdict(lambda: dict.fromkeys(INTERRUPTIONS, ""))
        for verdict in own:
            number, asked = verdict.moment.split(" ", 1)
            marks[int(number), asked.startswith("GET"), asked][verdict.because] += "!" if verdict.problems else "+"
        lines += ["", "%-48s%-16s%s" % (label, *INTERRUPTIONS)]
        lines += ["    %-44s%-16s%s" % (key[-1], *row.values()) for key, row in sorted(marks.items())]
    return "\n".join(lines + _violations(verdicts))


def _violations(verdicts):
    bad = [verdict for verdict in verdicts if verdict.problems]
    lines = ["", "Violations"] if bad else []
    for verdict in bad:
        lines += ["  %s / %s / %s / %s" % verdict[:4]] + ["      %s" % problem for problem in verdict.problems]
    return lines


def _work(number):
    operation, moment = rows()[number]
    with Bench() as bench:
        return [bench.cell(operation, moment, variant, times) for variant in VARIANTS for times in (ONCE, ALWAYS)]


def main():
    parser = argparse.ArgumentParser(
        description="Runs every cell of the fault matrix, and a storm; prints how each ended."
    )
    parser.add_argument(
        "--jobs",
        type=int,
        default=3 * multiprocessing.cpu_count(),
        help="processes (default: %(default)s; many cells wait)",
    )
    parser.add_argument("--operations", type=int, default=200, help="of the storm (default: %(default)s)")
    options = parser.parse_args()
    began = time.monotonic()
    with multiprocessing.get_context("fork").Pool(options.jobs) as pool:
        verdicts = [verdict for row in pool.imap(_work, range(len(rows())), chunksize=1) for verdict in row]
    print("Fault matrix: operations x moments x faults\n")
    print(LEGEND)
    print(grid(verdicts))
    print(summary(verdicts))
    took = time.monotonic() - began
    with Bench() as bench:
        interrupted = [
            verdict for operation in OPERATIONS + INTERRUPTED + FLEETS for verdict in bench.interruptions(operation)
        ]
        print(interruptions_told(interrupted))
        storm = Storm(bench.cloud).perform(options.operations)
    told = ", ".join("%d %s" % (count, name) for name, count in sorted(storm.told.items()))
    print(
        "\nStorm: %d operations, %d %% of all answers faulty: %d runs, of which ended in failure: %s"
        % (options.operations, 100 * storm.probability, storm.runs, told or "none")
    )
    problems = storm.problems or ["nothing lost, nothing doubled: %d connections are as asked" % len(storm.model)]
    print("\n".join("    %s" % problem for problem in problems))
    missing = len(cells()) - len(verdicts)
    bad = sum(bool(verdict.problems) for verdict in verdicts + interrupted)
    applicable = [verdict for verdict in verdicts if not verdict.reason]
    says = "%d cells: %d succeed, %d fail with one clear sentence, %d not applicable, %d not accounted for; %d violations; %.0f s, storm %.0f s"
    print(
        "\n"
        + says
        % (
            len(verdicts),
            sum(verdict.outcome == DONE for verdict in applicable),
            sum(verdict.outcome != DONE for verdict in applicable),
            len(verdicts) - len(applicable),
            missing,
            bad + len(storm.problems),
            took,
            time.monotonic() - began - took,
        )
    )
    return 1 if bad or missing or storm.problems else 0


if __name__ == "__main__":
    sys.exit(main())
