# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Each fault does what it says, to the requests it is meant for, and a write takes effect exactly when it should."""

from __future__ import annotations

import collections
import contextlib
import email.utils
import socket
import time

import pytest
import requests

from ansible_collections.huaweicloud.vpn.tests.emulator import FAULTS
from ansible_collections.huaweicloud.vpn.tests.emulator.faults import DEFORMS, REPLACES, STORM, table
from ansible_collections.huaweicloud.vpn.tests.unit.emulator.helpers import Api, code, place

BROKEN = requests.exceptions.RequestException
CHECKS = {}
BUSY = {
    "VPN.0009": 425,
    "VPN.0014": 504,
    "VPN.0016": 409,
    "VPN.0017": 409,
    "VPN.0030": 400,
    "VPN.0031": 400,
    "VPN.0306": 400,
    "VPN.0506": 400,
    "VPN.0507": 400,
}


def checks(check):
    """Register the check of the fault that a function is named for."""
    CHECKS[check.__name__] = check
    return check


@pytest.mark.parametrize("kind", FAULTS)
def test_fault(cloud, api, kind):
    CHECKS[kind](cloud, api, cloud.add_connection(name="old"))


def test_no_check_too_many():
    assert set(CHECKS) == set(FAULTS)
    assert all(f"\n{kind}\n" in f"\n{table()}" and fault.text for kind, fault in FAULTS.items())


def show(api, made, **options):
    """A show request, as it is."""
    return api.call("GET", f"vpn-connection/{made['id']}", **options)


@checks
def status(cloud, api, made):
    cloud.fault("status", status=500, code="VPN.0006", message="gone fishing", retry_after=3)
    answer = show(api, made)
    assert code(answer) == (500, "VPN.0006") and answer.json()["error_msg"] == "gone fishing"
    assert answer.headers["Retry-After"] == "3"
    cloud.fault("status", status=403, code="VPN.0007", extra={"encoded_authorization_message": "abc"})
    assert show(api, made).json()["encoded_authorization_message"] == "abc"
    cloud.fault("status", status=502, body="none", retry_after=3, retry_after_form="date")
    answer = show(api, made)
    assert (answer.status_code, answer.content) == (502, b"")
    moment = email.utils.parsedate_to_datetime(answer.headers["Retry-After"])
    assert 0 < moment.timestamp() - time.time() < 5
    cloud.fault("status", status=502, body="html")
    assert show(api, made).headers["Content-Type"] == "text/html"
    assert show(api, made).status_code == 200
    assert [entry.error_code for entry in cloud.journal()] == ["VPN.0006", "VPN.0007", None, None, None]


@checks
def throttled(cloud, api, made):
    for refusal in ("APIGW.0308", "VPN.0429"):
        cloud.fault("throttled", code=refusal)
        answer = show(api, made)
        assert code(answer) == (429, refusal) and "Retry-After" not in answer.headers


@checks
def server_error(cloud, api, made):
    for number in (500, 502, 503, 504):
        cloud.fault("server_error", status=number)
        assert code(show(api, made)) == (number, "VPN.0002")


@checks
def busy(cloud, api, made):
    for refusal, number in BUSY.items():
        cloud.fault("busy", code=refusal)
        assert code(api.put(made["id"], {"name": "new"})) == (number, refusal)
    assert cloud.connection(made["id"]) == made


@checks
def connection_reset(cloud, api, made):
    cloud.fault("connection_reset")
    with pytest.raises(BROKEN):
        show(api, made)
    assert cloud.journal()[0].status == 0 and cloud.journal()[0].fault == "connection_reset"


@checks
def html(cloud, api, made):
    cloud.fault("html")
    answer = show(api, made)
    assert answer.status_code == 200 and answer.headers["Content-Type"] == "text/html" and "<html>" in answer.text


@checks
def empty(cloud, api, made):
    cloud.fault("empty")
    assert (show(api, made).status_code, api.call("GET", "vpn-connection").content != b"") == (200, True)
    cloud.fault("empty")
    assert show(api, made).content == b""


@checks
def not_object(cloud, api, made):
    for value in ([], "text", None, 7):
        cloud.fault("not_object", value=value)
        assert show(api, made).json() == value


@checks
def redirect(cloud, api, made):
    cloud.fault("redirect", status=307, location="https://elsewhere.example.test/")
    answer = show(api, made)
    assert (answer.status_code, answer.headers["Location"]) == (307, "https://elsewhere.example.test/")


@checks
def token_expired(cloud, api, made):
    for refusal in ("APIGW.0301", "VPN.0010"):
        cloud.fault("token_expired", code=refusal)
        answer = show(api, made)
        assert code(answer) == (401, refusal) and "expired" in answer.json()["error_msg"]
    assert show(api, made).status_code == 200
    cloud.fault("token_expired", expire=True)
    assert [show(api, made).status_code for _number in range(2)] == [401, 401]
    assert show(Api(cloud), made).status_code == 200


@checks
def slow_headers(cloud, api, made):
    cloud.fault("slow_headers", seconds=0.3)
    begun = time.monotonic()
    assert show(api, made).json()["vpn_connection"]["name"] == "old"
    assert time.monotonic() - begun >= 0.3
    cloud.fault("slow_headers", seconds=2)
    with pytest.raises(requests.exceptions.ReadTimeout):
        show(api, made, timeout=0.1)
    cloud.fault("slow_headers", seconds=0.3, dribble=True)
    begun = time.monotonic()
    # Something arrives all the time, so that a timeout between two bytes does not help.
    assert show(api, made, timeout=0.1).json()["vpn_connection"]["name"] == "old"
    assert time.monotonic() - begun >= 0.25


@checks
def oversized(cloud, api, made):
    cloud.fault("oversized", megabytes=2)
    answer = show(api, made)
    assert answer.headers["Content-Encoding"] == "gzip" and int(answer.headers["Content-Length"]) < 50000
    assert len(answer.content) > 2 << 20 and answer.json()["vpn_connection"]["id"] == made["id"]
    cloud.fault("oversized")
    assert api.delete(made["id"]).content == b""


@checks
def slow_body(cloud, api, made):
    cloud.fault("slow_body", seconds=0.3)
    begun = time.monotonic()
    answer = show(api, made, stream=True, timeout=0.2)
    assert answer.status_code == 200 and time.monotonic() - begun < 0.25
    assert answer.json()["vpn_connection"]["name"] == "old" and time.monotonic() - begun >= 0.25
    cloud.fault("slow_body")
    cloud.switch(dwell=0)
    assert api.delete(made["id"]).status_code == 204


@checks
def truncated(cloud, api, made):
    cloud.fault("truncated")
    with pytest.raises(BROKEN):
        show(api, made)
    cloud.fault("truncated", method="DELETE")
    with pytest.raises(BROKEN):
        api.delete(made["id"])
    assert cloud.writes()[0].applied


@checks
def cut_json(cloud, api, made):
    cloud.fault("cut_json", fraction=0.9)
    answer = show(api, made)
    assert answer.status_code == 200 and answer.text.startswith('{"vpn_connection"')
    with pytest.raises(ValueError, match="."):
        answer.json()


@checks
def wrong_type(cloud, api, made):
    cloud.fault("wrong_type", content_type="text/plain; charset=latin-1")
    answer = show(api, made)
    assert answer.headers["Content-Type"] == "text/plain; charset=latin-1"
    assert answer.json()["vpn_connection"]["name"] == "old"


@checks
def frozen(cloud, api, made):
    cloud.fault("frozen", method="PUT")
    assert show(api, made).json()["vpn_connection"]["status"] == "DOWN"
    assert "ILLEGAL not allowed update" in api.put(made["id"], {"name": "new"}).text
    assert show(api, made).json()["vpn_connection"]["status"] == "FREEZED"


@checks
def error_after_update(cloud, api, made):
    cloud.fault("error_after_update", times=3)
    fresh = api.create(**place(cloud), peer_subnets=["172.16.0.0/16"]).json()["vpn_connection"]
    other = cloud.add_connection()
    assert api.put(made["id"], {"name": "new"}).status_code == api.reset(other["id"]).status_code == 200
    assert {found["status"] for found in api.list()} == {"PENDING_CREATE", "PENDING_UPDATE"}
    cloud.advance(61)
    assert {found["status"] for found in api.list()} == {"ERROR"} and cloud.connection(made["id"])["name"] == "new"
    assert fresh["id"] in {found["id"] for found in api.list()}


@checks
def vanish(cloud, api, made):
    cloud.fault("vanish", skip=1)
    assert [show(api, made).status_code for _number in range(3)] == [200, 404, 404]


@checks
def personality(cloud, api, made):
    cloud.fault("personality", style_case="lower", ids="masked")
    assert show(api, made).json()["vpn_connection"]["style"] == "static"
    assert show(api, made).json()["vpn_connection"]["style"] == "STATIC"


@checks
def storm(cloud, api, made):
    cloud.storm(0.5, [{"kind": "server_error"}, {"kind": "throttled"}])
    counted = collections.Counter(show(api, made).status_code for _number in range(200))
    assert set(counted) == {200, 429, 503} and 60 < counted[200] < 140
    cloud.clear_faults()
    cloud.storm(1.0)
    kinds = set()
    for _number in range(60):
        with contextlib.suppress(BROKEN):
            show(api, made)
        kinds.add(cloud.journal()[-1].fault)
    assert kinds == {fault["kind"] for fault in STORM}


# -- whether a write takes effect

WRITES = {
    "update": (
        lambda api, made, where: api.put(made["id"], {"name": "new"}),
        lambda cloud, made: cloud.connection(made["id"])["name"] == "new",
    ),
    "create": (
        lambda api, made, where: api.create(**where, peer_subnets=["172.16.0.0/16"]),
        lambda cloud, made: len(cloud.connections()) == 2,
    ),
    "delete": (
        lambda api, made, where: api.delete(made["id"]),
        lambda cloud, made: cloud.connection(made["id"])["status"] == "PENDING_DELETE",
    ),
    "reset": (
        lambda api, made, where: api.reset(made["id"]),
        lambda cloud, made: cloud.connection(made["id"])["status"] == "PENDING_UPDATE",
    ),
    "tags": (
        lambda api, made, where: api.tags(made["id"], "create", {"key": "a", "value": "b"}),
        lambda cloud, made: cloud.connection(made["id"])["tags"] == {"a": "b"},
    ),
}
SPOILED = [
    (kind, {"applied": applied}) for kind in FAULTS if "applied" in FAULTS[kind].details for applied in (False, True)
]
SPOILED += [
    (kind, {})
    for kind in FAULTS
    if FAULTS[kind].effect in (REPLACES, DEFORMS) and "applied" not in FAULTS[kind].details
]
QUICK = {"slow_headers": {"seconds": 0.01}, "slow_body": {"seconds": 0.01}}


@pytest.mark.parametrize("write", WRITES)
@pytest.mark.parametrize(
    "kind, details", SPOILED, ids=[f"{kind}-{details.get('applied')}" for kind, details in SPOILED]
)
def test_effect_of_writes(cloud, api, write, kind, details):
    made, where = cloud.add_connection(name="old"), place(cloud)
    act, has_happened = WRITES[write]
    cloud.fault(kind, **details, **QUICK.get(kind, {}))
    try:
        act(api, made, where)
    except BROKEN:
        assert kind in ("connection_reset", "truncated")
    expected = details.get("applied", FAULTS[kind].effect == DEFORMS)
    assert has_happened(cloud, made) == expected
    assert [(entry.fault, entry.applied) for entry in cloud.writes()] == [(kind, expected)]


def test_reset_is_a_reset(cloud):
    """The peer sees a reset, not an orderly end."""
    cloud.fault("connection_reset")
    with socket.create_connection(("127.0.0.1", cloud.port), timeout=5) as wire:
        wire.sendall(f"GET /v5/{cloud.project_id}/vpn-connection HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        with pytest.raises(ConnectionResetError):
            wire.recv(100)


# -- which requests a rule is for


def answered(api, made, count):
    """Statuses of so many show requests."""
    return [show(api, made).status_code for _number in range(count)]


def test_times_and_skip(cloud, api):
    made = cloud.add_connection()
    cloud.fault("server_error", skip=2, times=2)
    assert answered(api, made, 6) == [200, 200, 503, 503, 200, 200]
    cloud.fault("server_error", times=None)
    assert answered(api, made, 3) == [503] * 3
    cloud.clear_faults()
    assert answered(api, made, 1) == [200] and cloud.faults() == []


def test_rules_in_order(cloud, api):
    made = cloud.add_connection()
    cloud.fault("server_error", status=500)
    second = cloud.fault("server_error", status=502)
    third = cloud.fault("server_error", status=504)
    cloud.clear_faults(second.number)
    assert answered(api, made, 3) == [500, 504, 200] and third.fired == 1


@pytest.mark.parametrize(
    "rule, expected",
    [
        ({"operation": "showVpnConnection"}, [503, 200, 200]),
        ({"operation": "listVpnConnections"}, [200, 503, 200]),
        ({"method": "PUT"}, [200, 200, 503]),
        ({"method": "put,post"}, [200, 200, 503]),
        ({"method": "GET"}, [503, 503, 200]),
        ({"operation": "showVpnConnection,updateVpnConnection"}, [503, 200, 503]),
        ({"path": "vpn-connection$"}, [200, 503, 200]),
        ({"path": "/vpn-connection/[0-9a-f-]+$"}, [503, 200, 503]),
        ({"method": "DELETE"}, [200, 200, 200]),
    ],
)
def test_aim(cloud, api, rule, expected):
    made = cloud.add_connection()
    cloud.fault("server_error", times=None, **rule)
    answers = [show(api, made), api.call("GET", "vpn-connection"), api.put(made["id"], {"name": "new"})]
    assert [answer.status_code for answer in answers] == expected


def test_iam_can_fail_too(cloud):
    cloud.fault("server_error", operation="createToken")
    assert requests.post(f"{cloud.url}/v3/auth/tokens", json={}, timeout=5).status_code == 503


@pytest.mark.parametrize(
    "kind, rule",
    [
        ("nonsense", {}),
        ("html", {"colour": "red"}),
        ("busy", {"code": "VPN.9999"}),
        ("personality", {"colour": "red"}),
        ("storm", {"faults": [{"kind": "x"}]}),
    ],
)
def test_bad_rules(cloud, kind, rule):
    with pytest.raises(ValueError, match="unknown|has no"):
        cloud.fault(kind, **rule)
    assert cloud.faults() == []
