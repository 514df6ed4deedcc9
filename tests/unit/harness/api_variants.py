# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Variants of the API: whichever way the cloud behaves where its documentation is silent, tasks converge or say why not.

A row is a switch of the emulator at a value that is not its default; a column is a property, made of cases. Where a
personality makes convergence impossible, TOLD declares the sentence that a case ends in instead, and why.
C(tests/matrix) prints the table; test_api_variants.py runs a part of each row under pytest.
"""

from __future__ import annotations

import argparse
import collections
import contextlib
import functools
import multiprocessing
import re
import sys
import time
import traceback
import typing as t
from unittest import mock

import pytest
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as hypothesis_settings

from ansible_collections.huaweicloud.vpn.plugins.module_utils._errors import Ambiguous, ApiError, VpnError
from ansible_collections.huaweicloud.vpn.plugins.module_utils._planning import plan as planning
from ansible_collections.huaweicloud.vpn.plugins.module_utils._resources.connection import CONNECTION
from ansible_collections.huaweicloud.vpn.tests.emulator import Emulator
from ansible_collections.huaweicloud.vpn.tests.emulator.family_switches import FAMILY
from ansible_collections.huaweicloud.vpn.tests.emulator.identity_switches import IDENTITY
from ansible_collections.huaweicloud.vpn.tests.emulator.switches import SWITCHES
from ansible_collections.huaweicloud.vpn.tests.unit.harness import support
from ansible_collections.huaweicloud.vpn.tests.unit.harness.clocks import CloudClock
from ansible_collections.huaweicloud.vpn.tests.unit.harness.convergence import (
    MEMBERS,
    OTHER_GATEWAY,
    RULE,
    assert_converges,
)
from ansible_collections.huaweicloud.vpn.tests.unit.harness.support import KEY, run_task, settings_of

DWELL = 4.0
# Random pairs of settings, for each style; the first few where a personality does not touch members.
PAIRS, FEW_PAIRS = 8, 3
NEW_KEY = "Another-Key-2"

# -- rows -------------------------------------------------------------------------------------------------------------

# Switches that are no row, and why.
NO_ROW = {
    **dict.fromkeys(FAMILY, "concerns what stands around connections; test_site_variants.py has a row for each"),
    **dict.fromkeys(IDENTITY, "concerns who asks, which test__http_keyless.py takes through every way"),
    "dwell": "how long work lasts is what every row waits for anyway",
    "latency": "true seconds, which change nothing but the time of this table",
}
# Values to try where any number, path or list is allowed; virtual seconds.
VALUES: dict[str, tuple] = {
    "dwell_create": (30, 0),
    "dwell_update": (30, 0),
    "dwell_delete": (30, 0),
    "dwell_reset": (30, 0),
    "reset_down": (5,),
    "lag": (3,),
    "stale_reads": (1, 3),
    "stale_seconds": (8,),
    "transient_404_reads": (1, 3),
    "tags_delay": (8,),
    "dropped_members": (
        ["peer_subnets"],
        ["policy_rules"],
        ["name"],
        ["ikepolicy.lifetime_seconds"],
        ["ikepolicy.dpd.timeout"],
        ["ipsecpolicy.pfs"],
        ["cgw_id"],
    ),
    "page_cap": (1,),
    "connection_quota": (0,),
    "rate_limit": (4,),
    "token_lifetime": (2,),
}
# Switches that say how another one works need that other one.
COMPANIONS: dict[str, dict] = {
    "stale_scope": {"stale_seconds": 8},
    "dropped_echo": {"dropped_members": ["peer_subnets", "ikepolicy.lifetime_seconds"]},
    "quota_code": {"connection_quota": 0},
    "rate_limit_code": {"rate_limit": 4},
    "rate_limit_retry_after": {"rate_limit": 4},
    "expired_token_code": {"token_lifetime": 2},
    "last_marker": {"page_cap": 2},
    "page_border": {"page_cap": 2},
    "total_count": {"page_cap": 1},
}
# Personalities that touch neither how members are taken nor how they are shown get by with some of the cases.
ELSEWHERE = frozenset(
    (
        "dwell_create",
        "dwell_delete",
        "dwell_reset",
        "resting_status",
        "reset_pending",
        "reset_renegotiates",
        "reset_down",
        "update_in_error",
        "delete_in_error",
        "delete_in_pending",
        "gateway_busy",
        "list_order",
        "bgp_peer",
        "old_members",
        "updated_at",
        "fraction_digits",
        "error_shape",
        "iam_error_shape",
        "request_id",
        "psk_in_errors",
        "psk_in_export",
        "devices_form",
        "page_cap",
        "total_count",
        "last_marker",
        "page_border",
        "limit_zero",
        "unknown_query",
        "sdk_only_filters",
        "name_match",
        "psk_on_create",
        "duplicate_pair",
        "duplicate_pair_code",
        "duplicate_names",
        "batch_atomic",
        "connection_quota",
        "quota_code",
        "tag_characters",
        "rate_limit",
        "rate_limit_code",
        "rate_limit_retry_after",
        "token_lifetime",
        "expired_token_code",
        "enable_nqa_on_put",
        "name_characters",
        "reserved_subnets",
    )
)
# The first three, and the first seven, are enough for a quick look.
SOME = (
    "cgw_id",
    "peer_subnets, one removed",
    "ikepolicy.dpd.timeout",
    "policy_rules, one added",
    "both tunnel addresses",
    "ikepolicy.peer_id_type",
    "ikepolicy.ike_version",
    "name",
    "policy_rules_v6",
    "enable_hub, off",
    "ipsecpolicy.pfs",
)
# Where the object after a change cannot be foretold in full: the rest is still compared.
NOT_FORETOLD = {
    "ids = masked": "answers show asterisks instead of the ID that was sent",
    "list_ha_role = absent": "lists lack a member that the answers after a change have",
}
# Where lists lag behind, a repetition by name comes when they have caught up.
LAGGING_LISTS = "stale_scope = list"


class Row(t.NamedTuple):
    """A personality: one switch at one value, and what it needs beside it."""

    switch: str
    value: t.Any
    switches: dict

    @property
    def label(self):
        return "%s = %s" % (self.switch, ", ".join(self.value) if isinstance(self.value, list) else self.value)


def _values(name, switch):
    if name in VALUES:
        return VALUES[name]
    if switch.allowed == "bool":
        return (not switch.default,)
    return tuple(value for value in switch.allowed if value != switch.default)


def rows():
    """Return every row. Raises where a switch that takes any number or path has no values to try."""
    return [
        Row(name, value, dict(COMPANIONS.get(name, {}), **{name: value}))
        for name, switch in SWITCHES.items()
        if name not in NO_ROW
        for value in _values(name, switch)
    ]


# -- seeds ------------------------------------------------------------------------------------------------------------

NETS = ["192.168.1.0/24", "192.168.2.5/24"]
LONG_RULES = [{"source": "10.0.0.0/24", "destination": NETS}, {"source": "10.1.0.9/24", "destination": NETS[:1]}]
_TAGS = {"owner": "net", "cost": "7"}


def reset(cloud, row):
    """Make the emulator new, with the row's personality."""
    cloud.reset()
    cloud.switch(dwell=DWELL, **row.switches)
    cloud.add_customer_gateway(id=OTHER_GATEWAY)


def plant(cloud, row, kind="policy", **members):
    """Seed one connection among others and return it: policy, static, bgp, ipv6 (static) or er (bgp)."""
    style = {"ipv6": "static", "er": "bgp"}.get(kind, kind)
    gateway = {"ipv6": {"ip_version": "ipv6"}, "er": {"attachment_type": "er"}}.get(kind, {})
    # Random subnets must not hit a local one.
    local = {} if kind == "er" else {"local_subnets": ["172.31.0.0/24"]}
    vgw_id = cloud.add_gateway(**gateway, **local)["id"]
    own = {"name": "office", "style": style, "vgw_id": vgw_id, "psk": KEY, "tags": _TAGS}
    if kind == "ipv6":
        own.update(peer_subnets_v6=["2001:db8:1::/64"], peer_subnets=[])
    elif kind == "er":
        own.update(peer_subnets=[])
    else:
        own.update(peer_subnets=NETS)
    if style == "policy":
        own.update(policy_rules=LONG_RULES)
    if style == "static":
        own.update(enable_nqa=True)
    connection = cloud.add_connection(**dict(own, **members))
    busy = cloud.add_connection(name="other", vgw_id=vgw_id)
    cloud.add_connection(name="elsewhere")
    if row.switch == "gateway_busy":
        cloud.set_status(busy["id"], "PENDING_UPDATE", settle_after=5)
    return connection


def restated(cloud, connection):
    """Return the arguments that ask for what there is, in other words and another order."""
    truth = cloud.connection(connection["id"])
    wanted = {name: truth[name] for name in ("id", "name", "vgw_id", "vgw_ip", "cgw_id", "style", "ha_role", "tags")}
    wanted["ikepolicy"] = {
        name: value for name, value in truth["ikepolicy"].items() if name != "phase1_negotiation_mode"
    }
    wanted["ipsecpolicy"] = dict(truth["ipsecpolicy"])
    for name in ("peer_subnets", "peer_subnets_v6"):
        if truth[name]:
            wanted[name] = [text.replace("2.5/", "2.0/") for text in truth[name]][::-1]
    if truth["style"] == "policy":
        pairs_of_nets = [(rule["source"], text) for rule in truth["policy_rules"] for text in rule["destination"]]
        wanted["policy_rules"] = [{"source": source, "destination": [text]} for source, text in reversed(pairs_of_nets)]
    else:
        wanted.update((name, truth[name]) for name in ("tunnel_local_address", "tunnel_peer_address"))
    return wanted


# -- properties -------------------------------------------------------------------------------------------------------

KINDS = ("policy", "static", "bgp", "ipv6", "er")


def _quiet(cloud, arguments):
    """Run a task that must neither change nor write anything; return its result."""
    cloud.clear_journal()
    result = run_task(cloud, arguments)
    assert (result["changed"], result["changes"]) == (False, [])
    assert [entry.line() for entry in cloud.writes()] == []
    return result


def _same(kind):
    def case(cloud, row):
        reset(cloud, row)
        _quiet(cloud, restated(cloud, plant(cloud, row, kind)))

    return case


def _fed_back(kind):
    def case(cloud, row):
        reset(cloud, row)
        connection = plant(cloud, row, kind)
        by_id = _quiet(cloud, {"id": connection["id"]})["vpn_connection"]
        _quiet(cloud, by_id)
        by_name = _quiet(cloud, {"name": "office", "vgw_id": connection["vgw_id"]})["vpn_connection"]
        _quiet(cloud, by_name)
        assert by_id["id"] == by_name["id"] == connection["id"]

    return case


def converge(cloud, row, wanted, changes=True):
    """Dry run, run, run again, dry run again: one truth, written once."""
    if changes and (row.label in NOT_FORETOLD or row.label == LAGGING_LISTS):
        _twice(cloud, row, wanted)
    else:
        assert_converges(cloud, wanted, changes)


def _caught_up(cloud, row):
    if row.label == LAGGING_LISTS:
        cloud.advance(row.switches["stale_seconds"])


def _member(style, found, wanted, label):
    def case(cloud, row):
        reset(cloud, row)
        version_6 = "_v6" in label
        members = {"policy_rules": [] if version_6 else [RULE]} if style == "policy" else {}
        if version_6:
            members["vgw_id"] = cloud.add_gateway(ip_version="ipv6")["id"]
        connection = plant(cloud, row, style, **dict(members, **found))
        converge(cloud, row, dict(wanted, id=connection["id"]))

    return case


def _all_at_once(cloud, row):
    reset(cloud, row)
    connection = plant(cloud, row)
    wanted = {
        "name": "all",
        "peer_subnets": ["192.168.77.0/24"],
        "policy_rules": [{"source": "10.9.0.0/24", "destination": ["192.168.77.0/24"]}],
        "ikepolicy": {"authentication_algorithm": "sha2-512", "dh_group": "group20", "dpd": {"timeout": 3}},
        "ipsecpolicy": {"pfs": "group20"},
        "tags": {"owner": "ops", "new": "1"},
        "purge_tags": True,
    }
    converge(cloud, row, dict(wanted, id=connection["id"]))
    assert cloud.connection(connection["id"])["tags"] == {"owner": "ops", "new": "1"}


def _peer_id_stays(cloud, row):
    """An ID that is asked for must not become that of the new customer gateway, even if it was automatic so far."""
    reset(cloud, row)
    connection = plant(cloud, row)
    peer_id = connection["ikepolicy"]["peer_id"]
    wanted = {"id": connection["id"], "cgw_id": OTHER_GATEWAY, "ikepolicy": {"peer_id": peer_id}}
    run_task(cloud, wanted)
    _quiet(cloud, wanted)
    assert cloud.connection(connection["id"])["ikepolicy"]["peer_id"] == peer_id


def _renamed(cloud, row):
    reset(cloud, row)
    connection = plant(cloud, row)
    converge(cloud, row, {"id": connection["id"], "name": "renamed"})
    _caught_up(cloud, row)
    assert _quiet(cloud, {"name": "renamed"})["vpn_connection"]["id"] == connection["id"]


def _by_name(cloud, row):
    """A change of what lists may leave out, found by name."""
    reset(cloud, row)
    connection = plant(cloud, row)
    wanted = {
        "name": "office",
        "vgw_id": connection["vgw_id"],
        "ikepolicy": {"lifetime_seconds": 7200},
        "peer_subnets": ["192.168.5.0/24"],
    }
    converge(cloud, row, wanted)


def _tags(cloud, row):
    reset(cloud, row)
    connection = plant(cloud, row)
    converge(cloud, row, {"id": connection["id"], "tags": {"owner": "ops", "new": "1"}})
    assert cloud.connection(connection["id"])["tags"] == {"owner": "ops", "new": "1", "cost": "7"}
    _twice(cloud, row, {"id": connection["id"], "tags": {}, "purge_tags": True})
    assert cloud.connection(connection["id"])["tags"] == {}


def _key(cloud, row):
    reset(cloud, row)
    connection = plant(cloud, row)
    result = run_task(cloud, {"id": connection["id"], "psk": NEW_KEY, "update_psk": "always", "reset": "if_required"})
    assert (result["psk_updated"], result["reset_required"]) == (True, False)
    cloud.advance(2 * DWELL)
    assert cloud.configured(connection["id"])["psk"] == NEW_KEY
    assert cloud.negotiated(connection["id"])["psk"] == NEW_KEY or row.switch == "reset_renegotiates"


def _created(style):
    """Created, found again, deleted, found gone."""

    def case(cloud, row):
        reset(cloud, row)
        gateway = cloud.add_gateway()
        wanted = {
            "name": "new",
            "style": style,
            "vgw_id": gateway["id"],
            "vgw_ip": gateway["eip1"]["id"],
            "cgw_id": OTHER_GATEWAY,
            "psk": KEY,
            "peer_subnets": NETS,
            "tags": _TAGS,
            "ikepolicy": {"dh_group": "group20", "dpd": {"timeout": 3}},
        }
        if style == "policy":
            wanted["policy_rules"] = LONG_RULES
        _twice(cloud, row, wanted)
        assert [connection["name"] for connection in cloud.connections()] == ["new"]
        _twice(cloud, row, {"name": "new", "state": "absent"})
        assert cloud.connections() == []

    return case


def _twice(cloud, row, wanted):
    """Dry run, run, again: what is foretold is done, once."""
    cloud.clear_journal()
    dry = run_task(cloud, wanted, check_mode=True)
    assert cloud.writes() == []
    real = run_task(cloud, wanted)
    assert dry["changed"] is True
    assert dry["changes"] == real["changes"]
    assert [dry["diff"][side] for side in ("before", "after")] == [real["diff"][side] for side in ("before", "after")]
    _caught_up(cloud, row)
    _quiet(cloud, wanted)


def _deleted(cloud, row):
    reset(cloud, row)
    connection = plant(cloud, row)
    _twice(cloud, row, {"id": connection["id"], "state": "absent"})
    assert connection["id"] not in [other["id"] for other in cloud.connections()]


def _user(cloud, password):
    return {
        "access_key": "",
        "secret_key": "",
        "user_name": cloud.user_name,
        "password": password,
        "domain_name": cloud.domain_name,
    }


def _password(cloud, row):
    """With a user's token, which may expire at any time."""
    reset(cloud, row)
    connection = plant(cloud, row)
    wanted = dict(
        _user(cloud, cloud.password), project_id="", id=connection["id"], ikepolicy={"lifetime_seconds": 7200}
    )
    assert run_task(cloud, wanted)["changed"] is True
    _quiet(cloud, wanted)


def _refusal(cloud, row):
    """A refusal is told in the cloud's own words, whatever its form."""
    reset(cloud, row)
    connection = plant(cloud, row)
    cloud.fault(
        "status", operation="updateVpnConnection", status=400, code="VPN.0012", message="address occupied", times=None
    )
    try:
        run_task(cloud, {"id": connection["id"], "ikepolicy": {"lifetime_seconds": 7200}})
    except ApiError as error:
        assert ("address occupied" in error.message, error.details["error_code"], error.details["status_code"]) == (
            True,
            "VPN.0012",
            400,
        )
        assert (error.details.get("request_id") is None) == (cloud.switches["request_id"] == "absent")
    else:
        raise AssertionError("the refusal went unnoticed")
    try:
        run_task(cloud, dict(_user(cloud, "Wrong-Password-1"), id=connection["id"]))
    except ApiError as error:
        assert (
            error.details["status_code"] == 401
            and "Wrong-Password" not in error.message
            and "password" in error.message
        )
    else:
        raise AssertionError("the wrong password went unnoticed")


@functools.lru_cache(maxsize=None)
def pairs(style):
    """Return random pairs of settings, the same ones every time."""
    found = []
    quiet = hypothesis_settings(
        max_examples=2 * PAIRS,
        derandomize=True,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        phases=(Phase.generate,),
    )

    @quiet
    @given(settings_of(style), settings_of(style))
    def collect(one, other):
        policy = one.get("ikepolicy", {})
        if "local_id" not in policy or policy["local_id"] != policy.get("peer_id"):
            found.append((one, other))

    collect()
    # The first ones are the simplest.
    return sorted(found, key=lambda pair: len(repr(pair)), reverse=True)[:PAIRS]


def _pairs(style):
    """Any settings to any other settings."""

    def case(cloud, row):
        declared, last = told(row, "random pairs", style), None
        for found, wanted in pairs(style)[: FEW_PAIRS if row.switch in ELSEWHERE else None]:
            reset(cloud, row)
            # Random rules overlap; that refusal is a row of its own.
            cloud.switch(overlapping_rules="accepted")
            for letter in "de":
                cloud.add_customer_gateway(id="5247ae10-1111-4222-8333-dd36659a7f5" + letter)
            asked = dict(wanted, id=plant(cloud, row, style, **_canonical(found))["id"])
            try:
                converge(cloud, row, asked, run_task(cloud, asked, check_mode=True)["changed"])
            except VpnError as error:
                if not (declared and declared.fits(error)):
                    raise
                last = error
        if last is not None:
            raise last

    return case


def _canonical(found):
    """Return settings as a cloud would have taken them: rules of one source are one."""
    if "policy_rules" not in found:
        return found
    merged = CONNECTION.normalize({"policy_rules": found["policy_rules"]})["policy_rules"]
    return dict(found, policy_rules=merged)


def _found(status, absent=False):
    """A write to a connection that is under way, or stuck."""

    def case(cloud, row):
        reset(cloud, row)
        identifier = plant(cloud, row)["id"]
        cloud.set_status(identifier, status)
        wanted = (
            {"id": identifier, "state": "absent"}
            if absent
            else {"id": identifier, "ikepolicy": {"lifetime_seconds": 7200}}
        )
        cloud.clear_journal()
        assert run_task(cloud, wanted)["changed"] is True
        # Waited out rather than tried.
        assert (
            status == "ERROR"
            or [entry.error_code for entry in cloud.writes()] == [None]
            or row.switch in ("gateway_busy", "rate_limit", "lag")
        )
        _caught_up(cloud, row)
        _quiet(cloud, wanted)

    return case


def _new_to_a_gateway(cloud, row):
    """Let the cloud be as new but for a gateway, and return what a task says of a connection to that."""
    reset(cloud, row)
    gateway = cloud.add_gateway()
    return {
        "name": "new",
        "vgw_id": gateway["id"],
        "vgw_ip": gateway["eip1"]["id"],
        "cgw_id": OTHER_GATEWAY,
        "psk": KEY,
        "peer_subnets": NETS,
    }


def _two_at_once(cloud, row):
    """Somebody else creates the same between the look and the creation: one is made, or the next run tells both ids."""
    same = _new_to_a_gateway(cloud, row)
    wanted = {**same, "ikepolicy": {"lifetime_seconds": 7200}}

    def race(entry):
        if entry.operation == "listVpnConnections" and not cloud.connections():
            cloud.add_connection(**same)

    cloud.on_request(race)
    try:
        result = run_task(cloud, wanted)
    finally:
        cloud.service.listeners.remove(race)
    _caught_up(cloud, row)
    if cloud.switches["duplicate_pair"] == "accepted" and cloud.switches["duplicate_names"] == "accepted":
        ids = [connection["id"] for connection in cloud.connections()]
        assert len(ids) == 2
        with pytest.raises(Ambiguous) as caught:
            run_task(cloud, wanted)
        assert all(identifier in str(caught.value) for identifier in ids)
    else:
        assert [connection["id"] for connection in cloud.connections()] == [result["vpn_connection"]["id"]]
        _quiet(cloud, wanted)


def _pair_taken(cloud, row):
    """Another connection, of another name, has both gateways already."""
    wanted = _new_to_a_gateway(cloud, row)
    cloud.add_connection(**dict(wanted, name="old"))
    if cloud.switches["duplicate_pair"] == "accepted":
        return _twice(cloud, row, wanted)
    with pytest.raises(ApiError, match="have a vpnConnection already"):
        run_task(cloud, wanted)
    assert len(cloud.connections()) == 1


# label: cases
PROPERTIES: dict[str, dict[str, t.Callable]] = {
    "nothing to change": {kind: _same(kind) for kind in KINDS},
    "result fed back": {kind: _fed_back(kind) for kind in KINDS},
    "each member": {label: _member(style, found, wanted, label) for label, style, found, wanted in MEMBERS},
    "all members at once": {"all": _all_at_once, "peer_id stays": _peer_id_stays},
    "random pairs": {style: _pairs(style) for style in ("policy", "static", "bgp")},
    "found by name": {"update": _by_name},
    "rename": {"rename": _renamed},
    "tags": {"tags": _tags},
    "key and reset": {"key": _key},
    "create, delete": {
        "policy": _created("policy"),
        "static": _created("static"),
        "bgp": _created("bgp"),
        "delete by id": _deleted,
    },
    "two at once": {"same name": _two_at_once, "other name": _pair_taken},
    "found pending": {"update": _found("PENDING_UPDATE"), "delete": _found("PENDING_CREATE", absent=True)},
    "found in ERROR": {"update": _found("ERROR"), "delete": _found("ERROR", absent=True)},
    "password": {"password": _password},
    "refusals told": {"refusals": _refusal},
}


# -- what cannot converge ---------------------------------------------------------------------------------------------


class Told(t.NamedTuple):
    """Cases that end in a sentence, and why. C(switches), C(cases): regular expressions of row and "property: case"."""

    switches: str
    cases: str
    error: str
    says: str
    because: str

    def fits(self, error):
        return type(error).__name__ == self.error and re.search(self.says, str(error)) is not None


def _dropped(member, cases):
    return Told(
        "dropped_members = %s" % re.escape(member),
        cases + "|random pairs: .*",
        "ChangeNotApplied",
        "accepted the change and kept",
        "the cloud takes the change and drops it; the answer to the write shows it",
    )


_IDS = r"ikepolicy\.(local|peer)_id"
_RESTATED = "nothing to change: .*|random pairs: .*|each member: "
MAX_FAILURES_SHOWN: tuple[Told, ...] = (
    _dropped("peer_subnets", "each member: peer_subnets(, .*)?|all members at once: all|found by name: .*"),
    _dropped("policy_rules", "each member: policy_rules(, .*)?|all members at once: all"),
    _dropped("name", "each member: name|all members at once: all|rename: .*"),
    _dropped(
        "ikepolicy.lifetime_seconds",
        r"each member: ikepolicy\.lifetime_seconds|found by name: .*|password: .*|found (pending|in ERROR): update|two at once: same name",
    ),
    _dropped("ikepolicy.dpd.timeout", r"each member: ikepolicy\.dpd\.timeout|all members at once: all"),
    _dropped("ipsecpolicy.pfs", r"each member: ipsecpolicy\.pfs|all members at once: all"),
    _dropped("cgw_id", "each member: cgw_id|all members at once: peer_id stays"),
    Told(
        "dropped_echo = new",
        r"each member: peer_subnets(, .*)?|each member: ikepolicy\.lifetime_seconds|all members at once: all|found by name: .*|password: .*"
        "|random pairs: .*|found (pending|in ERROR): update|two at once: same name",
        "ChangeNotApplied",
        "15 seconds after it the server still shows",
        "the cloud drops the change, and only later reads show it",
    ),
    Told(
        "ids = absent",
        _RESTATED + _IDS + "(_type)?|all members at once: peer_id stays",
        "ChangeNotApplied",
        "still shows ikepolicy.(local|peer)_id unset",
        "no answer shows IDs, so none can be kept in a state",
    ),
    Told(
        "id_types = absent",
        _RESTATED + _IDS + "_type",
        "ChangeNotApplied",
        "still shows ikepolicy.(local|peer)_id_type unset",
        "no answer shows the type, so it cannot be kept in a state",
    ),
    Told(
        "ip_ids_on_put = refused",
        "each member: %s|random pairs: .*|all members at once: peer_id stays" % _IDS,
        "ApiError",
        "must be empty if",
        "the cloud refuses it",
    ),
    Told(
        "fqdn_ids = refused", "each member: %s_type" % _IDS, "ApiError", "fqdn is not supported", "the cloud refuses it"
    ),
    Told(
        "ipsec_lifetime_minimum = 60",
        r"each member: ipsecpolicy\.lifetime_seconds|random pairs: .*",
        "ApiError",
        "is less than 60",
        "the cloud refuses it",
    ),
    Told(
        "connection_quota = 0|quota_code = .*",
        "create, delete: (policy|static|bgp)",
        "ApiError",
        "quota of vpnConnection is exceeded",
        "the cloud refuses it",
    ),
    Told(
        "update_in_error = refused", "found in ERROR: update", "ApiError", "not allowed update", "the cloud refuses it"
    ),
    Told(
        "delete_in_error = refused", "found in ERROR: delete", "ApiError", "not allowed delete", "the cloud refuses it"
    ),
)


def told(row, name, case):
    """Return what declares that a case ends in a sentence, or None."""
    where = "%s: %s" % (name, case)
    return next(
        (
            entry
            for entry in MAX_FAILURES_SHOWN
            if re.fullmatch(entry.switches, row.label) and re.fullmatch(entry.cases, where)
        ),
        None,
    )


# -- running ----------------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def bench():
    """An emulator whose time is the tasks' time: see C(CloudClock)."""
    with Emulator(dwell=DWELL) as cloud:
        # Every run_task of these tests makes its own clock; here it is the shared one.
        with mock.patch.object(support, "FastClock", lambda: CloudClock(cloud)), mock.patch.object(
            planning, "KEY_ROUNDS", 1
        ):
            yield cloud


class Verdict(t.NamedTuple):
    """What became of a cell: cases that converged, cases that told why not as declared, violations."""

    row: str
    name: str
    fine: int
    told: tuple
    problems: tuple


# A quick look leaves these out.
_LENGTHY = {
    "each member": tuple(case for case in PROPERTIES["each member"] if case not in SOME[:7]),
    "nothing to change": ("ipv6", "er"),
    "result fed back": ("ipv6", "er"),
    "create, delete": ("static", "bgp"),
    "random pairs": tuple(PROPERTIES["random pairs"]),
}


def cases_of(row, name, quick=False):
    """Return the cases of a property that a row is held against; C(quick): enough to see the property at all."""
    cases = PROPERTIES[name]
    left_out = _LENGTHY.get(name, ()) if quick else ()
    if name == "each member" and row.switch in ELSEWHERE:
        return {case: cases[case] for case in (SOME[:3] if quick else SOME)}
    return {case: function for case, function in cases.items() if case not in left_out}


def cell(cloud, row, name, quick=False):
    """Run the cases of one property under one personality."""
    fine, sentences, problems = 0, [], []
    for case, function in cases_of(row, name, quick).items():
        declared = told(row, name, case)
        error = _ended(function, cloud, row)
        if error is None and (declared is None or name == "random pairs"):
            fine += 1
        elif error is not None and declared is not None and declared.fits(error):
            sentences.append((declared, "%s" % error))
        else:
            ended = (
                "converges, but was declared not to"
                if error is None
                else "%s: %s" % (type(error).__name__, _short(error))
            )
            problems.append("%s: %s" % (case, ended))
    return Verdict(row.label, name, fine, tuple(sentences), tuple(problems))


def _ended(function, cloud, row):
    try:
        function(cloud, row)
    except Exception as error:
        return error
    return None


def _short(error):
    """Return an error in one line; of a bare assertion, the line that asserts."""
    text = " ".join(str(error).split())
    if isinstance(error, AssertionError) and not text:
        frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.line]
        text = "%s, for %s" % (frames[-1].line, frames[-2].line)
    return text if len(text) <= 500 else text[:500] + "…"


def mark(verdict):
    """Return the two characters of a cell."""
    return "! " if verdict.problems else "t " if verdict.told and not verdict.fine else "+t" if verdict.told else "+ "


LEGEND = """\
+   every case converges: a dry run foretells it, it is written once, a repetition finds nothing to do
t   the personality makes that impossible: a clear sentence instead of an endless difference, see below
+t  some cases converge, some end in such a sentence
!   a violation, listed at the end"""


def table(verdicts):
    """Return the table as text."""
    names = list(PROPERTIES)
    lines = [
        "%s = %s (%d cases)" % (chr(97 + number), name, len(PROPERTIES[name])) for number, name in enumerate(names)
    ]
    lines += ["", "%-50s%s" % ("", "".join("%-4s" % chr(97 + number) for number in range(len(names))))]
    marks = {(verdict.row, verdict.name): mark(verdict) for verdict in verdicts}
    for row in rows():
        lines.append(
            (
                "%-50s%s" % (row.label[:49], "".join("%-4s" % marks.get((row.label, name), "?") for name in names))
            ).rstrip()
        )
    lines += ["", "No row"] + ["    %s: %s" % entry for entry in NO_ROW.items()]
    lines += ["", "The object after a change is not foretold in full"] + [
        "    %s: %s" % entry for entry in NOT_FORETOLD.items()
    ]
    lines += ["", "A repetition by name waits until lists have caught up", "    %s" % LAGGING_LISTS]
    causes = collections.Counter(entry for verdict in verdicts for entry, dummy in verdict.told)
    lines += ["", "What cannot converge, and why"]
    lines += [
        "%6d  %s; %s: %s" % (count, entry.switches, entry.error, entry.because) for entry, count in causes.items()
    ]
    bad = [verdict for verdict in verdicts if verdict.problems]
    if bad:
        lines += ["", "Violations"]
        for verdict in bad:
            lines += ["  %s / %s" % (verdict.row, verdict.name)] + [
                "      %s" % problem for problem in verdict.problems
            ]
    return "\n".join(lines)


def _work(number):
    with bench() as cloud:
        return [cell(cloud, rows()[number], name) for name in PROPERTIES]


def main():
    parser = argparse.ArgumentParser(
        description="Runs every property under every personality of the emulator; prints how each fares."
    )
    parser.add_argument(
        "--jobs", type=int, default=2 * multiprocessing.cpu_count(), help="processes (default: %(default)s)"
    )
    options = parser.parse_args()
    began = time.monotonic()
    for style in ("policy", "static", "bgp"):
        pairs(style)
    with multiprocessing.get_context("fork").Pool(options.jobs) as pool:
        verdicts = [verdict for row in pool.imap(_work, range(len(rows())), chunksize=1) for verdict in row]
    print("Personalities x properties\n")
    print(LEGEND + "\n")
    print(table(verdicts))
    bad = sum(bool(verdict.problems) for verdict in verdicts)
    missing = len(rows()) * len(PROPERTIES) - len(verdicts)
    says = "%d personalities x %d properties = %d cells, %d not accounted for; %d cases converge, %d say why not; %d cells with violations; %.0f s"
    print(
        "\n"
        + says
        % (
            len(rows()),
            len(PROPERTIES),
            len(verdicts),
            missing,
            sum(verdict.fine for verdict in verdicts),
            sum(len(verdict.told) for verdict in verdicts),
            bad,
            time.monotonic() - began,
        )
    )
    return 1 if bad or missing else 0


if __name__ == "__main__":
    sys.exit(main())
