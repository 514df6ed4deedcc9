# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Renewable keys, agencies, ID tokens and the metadata of a server, against the emulator."""

from __future__ import annotations

import datetime
import json
import threading
import time

import pytest

from ansible_collections.huaweicloud.vpn.plugins.module_utils import _errors, _execute
from ansible_collections.huaweicloud.vpn.plugins.module_utils._clock import Clock
from ansible_collections.huaweicloud.vpn.plugins.module_utils._http import metadata
from ansible_collections.huaweicloud.vpn.plugins.module_utils._http.auth import (
    AkSkAuth,
    HeaderAuth,
    Keys,
    RenewableKeys,
    RenewedKeysAuth,
)
from ansible_collections.huaweicloud.vpn.plugins.module_utils._http.responses import moment
from ansible_collections.huaweicloud.vpn.plugins.module_utils._resources.connection import CONNECTION
from ansible_collections.huaweicloud.vpn.plugins.module_utils._resources.gateway import GATEWAY
from ansible_collections.huaweicloud.vpn.plugins.module_utils._work import bulk, info
from ansible_collections.huaweicloud.vpn.plugins.module_utils._work.pool import THREAD_NAME
from ansible_collections.huaweicloud.vpn.tests.unit.harness.clocks import FastClock
from ansible_collections.huaweicloud.vpn.tests.unit.harness.support import access

MASK = "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"
NOW = datetime.datetime(2026, 1, 2, 3, 4, 5, tzinfo=datetime.timezone.utc)


# -- renewable keys ----------------------------------------------------------------------------------------------------


class SetClock(Clock):
    """A clock that somebody sets."""

    def __init__(self):
        self.date = NOW

    def utc(self):
        return self.date

    def forward(self, seconds):
        self.date += datetime.timedelta(seconds=seconds)


class Issuer:
    """Issues keys that live some seconds, and counts."""

    def __init__(self, clock, life):
        self.clock, self.life, self.count, self.fails = clock, life, 0, None

    def __call__(self):
        self.count += 1
        if self.fails is not None:
            raise self.fails
        end = None if self.life is None else self.clock.utc() + datetime.timedelta(seconds=self.life)
        return Keys("access", "secret", f"token-{self.count}", end)


def renewable(life):
    clock = SetClock()
    issuer = Issuer(clock, life)
    return clock, issuer, RenewableKeys(issuer, clock)


@pytest.mark.parametrize("life, early", [(3600, 600), (2400, 600), (2000, 500), (900, 225), (3, 0.75), (86400, 600)])
def test_keys_are_renewed_before_their_end(life, early):
    """Ten minutes or a quarter of the life before, whichever is less."""
    clock, issuer, keys = renewable(life)
    assert keys.current().security_token == "token-1"
    clock.forward(life - early - 0.01)
    assert keys.current().security_token == "token-1"
    clock.forward(0.02)
    assert keys.current().security_token == "token-2" and issuer.count == 2
    assert keys.current().security_token == "token-2" and issuer.count == 2


@pytest.mark.parametrize("life", [None, 0, -600], ids=["no end known", "at its end", "a clock that is ahead"])
def test_keys_without_a_usable_end_are_used_until_they_are_refused(life):
    clock, issuer, keys = renewable(life)
    for _hour in range(30):
        assert keys.current().security_token == "token-1"
        clock.forward(3600)
    assert keys.forget("token-1") is True
    assert keys.current().security_token == "token-2" and issuer.count == 2


def test_the_same_pair_again_does_not_bring_a_request_each_time():
    """The metadata of a server hands out the same pair until ten minutes before its end."""
    clock = SetClock()
    end = NOW + datetime.timedelta(hours=1)
    asked = []
    keys = RenewableKeys(lambda: asked.append(1) or Keys("access", "secret", "token", end), clock)
    for _second in range(3590):
        keys.current()
        clock.forward(1)
    assert len(asked) < 20


def test_a_failed_renewal_goes_on_with_keys_that_live():
    clock, issuer, keys = renewable(3600)
    keys.current()
    clock.forward(3100)
    issuer.fails = _errors.NoResponse("IAM is down")
    assert keys.current().security_token == "token-1" and issuer.count == 2
    # Not at each request.
    assert keys.current().security_token == "token-1" and issuer.count == 2
    clock.forward(251)
    assert keys.current().security_token == "token-1" and issuer.count == 3
    clock.forward(250)
    with pytest.raises(_errors.NoResponse, match="IAM is down") as caught:
        keys.current()
    assert caught.value.effect is _errors.Effect.NONE and caught.value.retry is _errors.Retry.NEVER
    issuer.fails = None
    assert keys.current().security_token.startswith("token-")


def test_after_a_refusal_a_failed_renewal_is_a_failure():
    _clock, issuer, keys = renewable(3600)
    keys.current()
    assert keys.forget("token-1") is True
    issuer.fails = _errors.ApiError("refused", status=401)
    issuer.fails.token = "what the exchange carried"
    with pytest.raises(_errors.ApiError) as caught:
        keys.current()
    # Else the request to follow would be taken for refused itself.
    assert caught.value.token is None


def test_only_a_refusal_of_the_current_keys_drops_them():
    _clock, issuer, keys = renewable(3600)
    keys.current()
    assert keys.forget(None) is False and keys.forget("token-0") is True
    assert keys.current().security_token == "token-1" and issuer.count == 1


def test_one_thread_renews_for_all():
    clock, issuer, keys = renewable(3600)
    gate, inside = threading.Event(), threading.Event()

    def slowly():
        if issuer.count:
            inside.set()
            assert gate.wait(5)
        return issuer()

    keys = RenewableKeys(slowly, clock)
    first = keys.current()
    clock.forward(3100)
    renewing = threading.Thread(target=keys.current)
    renewing.start()
    assert inside.wait(5)
    # The others go on with the old pair while it lives ...
    assert keys.current() is first
    # ... and wait once it does not.
    clock.forward(600)
    got = []
    waiting = [threading.Thread(target=lambda: got.append(keys.current().security_token)) for _dummy in range(8)]
    for thread in waiting:
        thread.start()
    time.sleep(0.05)
    assert got == []
    gate.set()
    for thread in [renewing, *waiting]:
        thread.join(5)
    assert got == ["token-2"] * 8 and issuer.count == 2


def test_one_thread_fails_for_all_that_wait():
    """Each of them would else try as long as the first did, one after the other."""
    clock, issuer, _keys = renewable(3600)
    gate, inside = threading.Event(), threading.Event()
    issuer.fails = _errors.NoResponse("IAM is down", "POST")

    def slowly():
        inside.set()
        assert gate.wait(5)
        return issuer()

    keys = RenewableKeys(slowly, clock)
    told = []

    def ask():
        try:
            keys.current()
        except _errors.NoResponse as error:
            error.add("!")
            told.append((error.message, error.details))

    threads = [threading.Thread(target=ask) for _dummy in range(8)]
    threads[0].start()
    assert inside.wait(5)
    for thread in threads[1:]:
        thread.start()
    time.sleep(0.05)
    gate.set()
    for thread in threads:
        thread.join(5)
    assert told == [("IAM is down!", {"method": "POST"})] * 8 and issuer.count == 1
    # Whoever comes later tries again.
    issuer.fails = None
    assert keys.current().security_token == "token-2"


def test_what_a_refusal_of_renewed_keys_says():
    clock, _issuer, keys = renewable(3600)
    hint = RenewedKeysAuth(keys, clock, "agency").hint()
    assert hint == (
        "the temporary keys from the agency were refused: check that no proxy rewrites requests,"
        " and this machine's clock: it says 2026-01-02T03:04:05Z"
    )
    assert HeaderAuth({}, "what to check").hint() == "what to check"
    assert AkSkAuth("a", "s", clock).renew("token") is False


@pytest.mark.parametrize(
    "text, expected",
    [
        ("2026-01-02T03:04:05.575000Z", NOW),
        ("2026-01-02T03:04:05Z", NOW),
        ("2026-01-02T04:04:05.1+01:00", NOW),
        ("2026-01-02T03:04:05", None),
        ("2026-13-02T03:04:05Z", None),
        ("0001-01-01T00:00:00+23:00", None),
        ("soon", None),
        ("", None),
        (None, None),
        (5, None),
    ],
)
def test_moments(text, expected):
    assert moment(text) == expected


# -- every way, in a task ----------------------------------------------------------------------------------------------


@pytest.fixture(autouse=True)
def local_metadata(cloud, monkeypatch):
    """Nothing in these tests asks the real address; whoever asks for metadata asks the emulator, which counts."""
    monkeypatch.setattr(metadata, "BASE", cloud.metadata.url)


def place(cloud, **options):
    found = access(cloud)
    return dict({name: found[name] for name in ("endpoint", "auth_url", "region", "project_id")}, **options)


def way(cloud, name, folder):
    """The options of a way to authenticate."""
    if name == "keys":
        return {"access_key": cloud.access_key, "secret_key": cloud.secret_key}
    if name == "temporary keys":
        return dict(zip(("access_key", "secret_key", "security_token"), cloud.temporary_keys()))
    if name == "token":
        return {"auth_token": cloud.issue_token()}
    if name == "password":
        return {"user_name": cloud.user_name, "password": cloud.password, "domain_name": cloud.domain_name}
    if name == "ID token":
        return {"idp_id": cloud.idp_id, "id_token": cloud.id_token()}
    if name == "ID token in a file":
        (folder / "id_token").write_text(cloud.id_token() + "\n")
        return {"idp_id": cloud.idp_id, "id_token_file": str(folder / "id_token")}
    if name == "ECS":
        return {"ecs_agency": True}
    path = folder / "credentials"
    path.write_text(f"[basic]\nak = {cloud.access_key}\nsk = {cloud.secret_key}\n")
    return {"credentials_file": str(path)}


WAYS = (
    "keys",
    "temporary keys",
    "token",
    "password",
    "ID token",
    "ID token in a file",
    "ECS",
    "credentials file",
)


def agency(cloud, **changes):
    return dict({"agency_name": cloud.agency_name, "agency_domain_name": cloud.agency_domain_name}, **changes)


def listing(cloud, options, clock=None, environment=None):
    """List gateways; return the result and the input of the task."""
    request = info.enter(GATEWAY, options, environment or {})
    result = info.perform(GATEWAY, request, False, clock or FastClock(), "tests")
    return result, request


def operations(cloud):
    return [entry.operation for entry in cloud.journal()]


COST = {
    # Requests to IAM, and to the metadata.
    "keys": ([], 0),
    "temporary keys": ([], 0),
    "token": ([], 0),
    "password": (["createToken"], 0),
    "ID token": (["exchangeIdToken", "createTemporaryKeys"], 0),
    "ID token in a file": (["exchangeIdToken", "createTemporaryKeys"], 0),
    "ECS": ([], 2),
    "credentials file": ([], 0),
}


@pytest.mark.parametrize("known", [True, False], ids=["project known", "project looked up"])
@pytest.mark.parametrize("name", WAYS)
def test_each_way_and_what_it_costs(cloud, tmp_path, name, known):
    options = place(cloud, **way(cloud, name, tmp_path))
    if not known:
        del options["project_id"]
    result, _request = listing(cloud, options)
    assert result["vpn_gateways"] == []
    lookup = [] if known or name == "password" else ["listProjects"]
    assert operations(cloud) == COST[name][0] + lookup + ["listVpnGateways"]
    assert len(cloud.metadata.requests) == COST[name][1]


@pytest.mark.parametrize("known", [True, False], ids=["project known", "project looked up"])
@pytest.mark.parametrize("name", WAYS)
def test_an_agency_on_top_of_each_way(cloud, tmp_path, name, known):
    options = place(cloud, project_id=cloud.other_project_id, **way(cloud, name, tmp_path), **agency(cloud))
    if not known:
        del options["project_id"]
    result, request = listing(cloud, options)
    assert result["vpn_gateways"] == []
    lookup = [] if known else ["listProjects"]
    assert operations(cloud) == COST[name][0] + ["createTemporaryKeys"] + lookup + ["listVpnGateways"]
    assert cloud.journal()[-1].path.split("/")[2] == cloud.other_project_id
    assert len(cloud.metadata.requests) == COST[name][1]
    assumed = cloud.journal()[len(COST[name][0])]
    assert assumed.auth == ("token" if name in ("token", "password") else "aksk")
    assert assumed.raw_body["auth"]["identity"]["assume_role"]["duration_seconds"] == 3600
    assert len([text for text in request.secrets if len(text) > 100]) >= 1


@pytest.mark.parametrize("name", WAYS)
def test_without_an_agency_the_other_account_is_closed(cloud, tmp_path, name):
    options = place(cloud, project_id=cloud.other_project_id, **way(cloud, name, tmp_path))
    with pytest.raises(_errors.ApiError):
        listing(cloud, options)


def test_the_metadata_is_never_asked_without_being_named(cloud, tmp_path):
    """Not as a fallback either: nothing given, half a way given, everything refused."""
    for options in (place(cloud), place(cloud, access_key="an-access-key"), place(cloud, ecs_agency=False)):
        for environment in ({}, {"HW_ECS_AGENCY": ""}, {"HW_ECS_AGENCY": "false"}):
            with pytest.raises(_errors.InvalidInput):
                listing(cloud, options, environment=environment)
    for wrong in ({"access_key": "an-access-key", "secret_key": "a-secret-key"}, {"auth_token": "a-wrong-token"}):
        with pytest.raises(_errors.ApiError):
            listing(cloud, place(cloud, **wrong))
    assert cloud.metadata.requests == []


def test_a_file_is_read_again_at_each_exchange(cloud, tmp_path):
    """The first keys are refused; the ID token has been replaced meanwhile, and the old one has ended."""
    path = tmp_path / "id_token"
    path.write_text(cloud.id_token(lifetime=100))
    options = place(cloud, idp_id=cloud.idp_id, id_token_file=str(path))
    request = info.enter(GATEWAY, options, {})

    def replace(entry):
        if entry.operation == "createTemporaryKeys" and not replaced:
            replaced.append(1)
            cloud.expire_temporary_keys()
            cloud.advance(200)
            path.write_text("  " + cloud.id_token() + "\n")

    replaced = []
    cloud.on_request(replace)
    try:
        info.perform(GATEWAY, request, False, FastClock(), "tests")
    finally:
        cloud.service.listeners.remove(replace)
    names = ["exchangeIdToken", "createTemporaryKeys"] * 2
    assert operations(cloud)[:2] == names[:2] and operations(cloud)[-3:] == [*names[2:], "listVpnGateways"]


@pytest.mark.parametrize("name", ["password", "ID token in a file", "ECS"])
def test_a_renewal_repeats_the_whole_chain(cloud, tmp_path, name):
    options = place(cloud, project_id=cloud.other_project_id, **way(cloud, name, tmp_path), **agency(cloud))
    request = info.enter(GATEWAY, options, {})
    cloud.fault("token_expired", operation="listVpnGateways", times=1)
    info.perform(GATEWAY, request, False, FastClock(), "tests")
    chain = [*COST[name][0], "createTemporaryKeys"]
    assert operations(cloud) == [*chain, "listVpnGateways", *chain, "listVpnGateways"]
    assert len(cloud.metadata.requests) == 2 * COST[name][1]


def test_keys_are_renewed_once_after_a_refusal(cloud, tmp_path):
    cloud.fault("token_expired", operation="listVpnGateways", times=None)
    options = place(cloud, **way(cloud, "ID token", tmp_path))
    with pytest.raises(_errors.ApiError, match="the temporary keys from the ID token were refused"):
        listing(cloud, options)
    assert operations(cloud) == ["exchangeIdToken", "createTemporaryKeys", "listVpnGateways"] * 2


def fleet(cloud, number=24):
    gateways = [cloud.add_gateway() for _dummy in range(4)]
    return [
        {
            "name": f"branch-{count}",
            "vgw_id": gateways[count % 4]["id"],
            "vgw_ip": gateways[count % 4]["eip1"]["id"],
            "cgw_id": cloud.add_customer_gateway()["id"],
            "style": "static",
            "peer_subnets": [f"10.{count}.0.0/16"],
            "psk": "Example-Key-1",
        }
        for count in range(number)
    ]


@pytest.mark.parametrize("name", ["keys", "ID token in a file", "ECS"])
def test_a_fleet_against_keys_that_live_three_seconds_finishes(cloud, tmp_path, name):
    """With the real clock, and for longer than the keys of three chains live."""
    connections = fleet(cloud)
    cloud.switch(temporary_keys_life=3, metadata_keys_life=3, dwell=0.8, gateway_busy="VPN.0016")
    on_top = agency(cloud) if name != "ECS" else {}
    project = cloud.other_project_id if on_top else cloud.project_id
    options = place(cloud, project_id=project, **way(cloud, name, tmp_path), **on_top)
    request = bulk.enter(CONNECTION, dict(options, connections=connections, wait_timeout=120), {})
    started = time.monotonic()
    result = bulk.perform(CONNECTION, request, False, Clock(), "tests")
    took = time.monotonic() - started
    assert [entry["action"] for entry in result["connections"]] == ["create"] * len(connections)
    assert took > 6
    if name == "ECS":
        renewals = len(cloud.metadata.requests) // 2
    else:
        renewals = len([entry for entry in cloud.journal() if entry.operation == "createTemporaryKeys"])
        renewals //= 2 if name == "ID token in a file" else 1
    refused = [entry for entry in cloud.journal() if entry.status == 401]
    # All threads share a pair. It is renewed after three quarters of its life, which is counted in whole seconds, so that
    # of three seconds at least two are left at first. The metadata still hands out the old pair then, and is asked again
    # each time three quarters of the rest are over, or after a refusal: four times at most in one life.
    most = 1 + (5 * took / 3 if name == "ECS" else took / 1.5 + len(refused))
    assert took / 3 - 1 < renewals <= most
    # Renewal comes before the end. A busy machine may take longer than the moment between, and then it comes after.
    assert len(refused) <= (renewals if name == "ECS" else 2)


# -- what can go wrong -------------------------------------------------------------------------------------------------


def failure_of(cloud, options, clock=None):
    request = info.enter(GATEWAY, options, {})
    result = _execute.execute(info, GATEWAY, request, False, False, clock or FastClock(), "tests")
    assert result["failed"]
    hidden = [text for text in request.secrets if text in json.dumps(result)]
    assert hidden == []
    return result["msg"]


AGENCY_FAILURES = [
    ({"agency_name": "nobody"}, "Could not find agency: nobody. (HTTP 404); check agency_name and agency_domain_name"),
    ({"agency_domain_name": "nobody"}, "Could not find domain: nobody. (HTTP 404)"),
    ({"agency_name": "emulator-agency-for-others"}, "iam:agencies:assume to be performed. (HTTP 403)"),
]


@pytest.mark.parametrize("changes, text", AGENCY_FAILURES, ids=["agency", "account", "permission"])
@pytest.mark.parametrize("name", WAYS)
def test_an_agency_that_cannot_be_assumed(cloud, tmp_path, name, changes, text):
    sentence = failure_of(cloud, place(cloud, **way(cloud, name, tmp_path), **agency(cloud, **changes)))
    assert "\n" not in sentence and text in sentence
    assert sentence.startswith("the agency ") and "cannot be assumed: the API refused POST /v3.0/" in sentence
    assert "or role Agent Operator)" in sentence
    assert "listVpnGateways" not in operations(cloud)


def test_an_agency_with_the_wrong_base(cloud):
    wrong = {"access_key": "an-access-key", "secret_key": "a-secret-key"}
    assert "check access_key and secret_key" in failure_of(cloud, place(cloud, **wrong, **agency(cloud)))
    wrong = {"user_name": "nobody", "password": "a-wrong-password", "domain_name": "nobody"}
    sentence = failure_of(cloud, place(cloud, **wrong, **agency(cloud)))
    assert sentence.startswith("no login for the agency: the API refused")
    assert sentence.endswith("check user_name, password and domain_name")
    assert sentence.count("check user_name") == 1
    assert operations(cloud)[1:] == ["createToken"]


@pytest.mark.parametrize(
    "claims, reason",
    [
        ({"lifetime": -1}, "the ID token has expired"),
        ({"aud": "somebody-else"}, "the ID token has another aud"),
        ({"key": "somebody-else"}, "the signature of the ID token is wrong"),
    ],
    ids=["expired", "aud", "signature"],
)
def test_an_id_token_that_is_refused(cloud, claims, reason):
    options = place(cloud, idp_id=cloud.idp_id, id_token=cloud.id_token(**claims))
    sentence = failure_of(cloud, options)
    assert sentence.startswith("the ID token cannot be exchanged: the API refused POST /v3.0/OS-AUTH/id-token/tokens: ")
    assert reason in sentence and sentence.count("check idp_id") == 1 and "client ID (aud)" in sentence
    assert operations(cloud) == ["exchangeIdToken"]


def test_an_unknown_identity_provider(cloud):
    sentence = failure_of(cloud, place(cloud, idp_id="nobody", id_token=cloud.id_token()))
    assert "Could not find identity provider: nobody. (HTTP 404); check idp_id" in sentence


@pytest.mark.parametrize(
    "content, text",
    [
        (None, "is not a file on the machine that runs the task: "),
        (b"", " is empty"),
        (b" \n", " is empty"),
        (b"short", " does not contain an ID token"),
        (b"two words", " does not contain an ID token"),
        (b"\xff\xfe\x00", " does not contain an ID token"),
        (b"a" * 70000, " does not contain an ID token"),
    ],
    ids=["absent", "empty", "blank", "short", "words", "binary", "large"],
)
def test_an_id_token_file_that_cannot_be_used(cloud, tmp_path, content, text):
    path = tmp_path / "id_token"
    if content is not None:
        path.write_bytes(content)
    sentence = failure_of(cloud, place(cloud, idp_id=cloud.idp_id, id_token_file=str(path)))
    assert sentence.startswith("id_token_file ") and text in sentence and str(path) in sentence
    assert operations(cloud) == []


def test_an_id_token_file_that_may_not_be_read(cloud, tmp_path, monkeypatch):
    path = tmp_path / "id_token"
    path.write_text(cloud.id_token())

    def refuse(*_arguments):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("builtins.open", refuse)
    sentence = failure_of(cloud, place(cloud, idp_id=cloud.idp_id, id_token_file=str(path)))
    assert sentence == f"id_token_file {str(path)!r} cannot be read: Permission denied"


ECS_BEGINNING = "no keys from the metadata of this server (ecs_agency): "
ECS_FAILURES = [
    ({"metadata_agency": "absent"}, "; bind an agency of the type cloud service to the server", 2),
    ({"metadata_fault": "redirect"}, "with a redirect (HTTP 302), which is not followed", 1),
    ({"metadata_fault": "server_error"}, "(HTTP 500)", 1),
    ({"metadata_fault": "bad_token"}, "the answer is no token", 1),
    ({"metadata_fault": "not_json"}, "something that is no complete JSON object", 3),
    ({"metadata_fault": "without_credential"}, "JSON that holds no credential", 3),
    ({"metadata_fault": "without_access"}, "the answer has no complete temporary keys", 2),
    ({"metadata_fault": "without_secret"}, "the answer has no complete temporary keys", 2),
    ({"metadata_fault": "without_securitytoken"}, "the answer has no complete temporary keys", 2),
    ({"metadata_refusals": 9}, "(HTTP 401); the server refuses to show its keys", 4),
]


@pytest.mark.parametrize("switches, text, count", ECS_FAILURES, ids=[str(case[0]) for case in ECS_FAILURES])
def test_metadata_that_cannot_be_used(cloud, switches, text, count):
    cloud.switch(**switches)
    sentence = failure_of(cloud, place(cloud, ecs_agency=True))
    assert sentence.startswith(ECS_BEGINNING) and text in sentence and "\n" not in sentence
    assert len(cloud.metadata.requests) == count and operations(cloud) == []


def test_metadata_out_of_reach(cloud):
    cloud.metadata.stop()
    sentence = failure_of(cloud, place(cloud, ecs_agency=True))
    assert sentence.startswith(ECS_BEGINNING + "no connection to 127.0.0.1:")
    assert sentence.endswith("; it exists only on an ECS server, so check where the task runs")


def test_metadata_that_does_not_answer(cloud, monkeypatch):
    monkeypatch.setattr(metadata, "TIMEOUT", 0.2)
    cloud.switch(metadata_fault="slow")
    sentence = failure_of(cloud, place(cloud, ecs_agency=True), Clock())
    assert "did not answer PUT within 0.2 seconds; it exists only on an ECS server" in sentence
    assert len(cloud.metadata.requests) == 1


@pytest.mark.parametrize("tokens", ["optional", "enforced", "404", "405", "503"])
def test_every_mode_of_the_metadata(cloud, tokens):
    cloud.switch(metadata_tokens=tokens, metadata_refusals=1 if tokens == "enforced" else 0)
    listing(cloud, place(cloud, ecs_agency=True))
    seen = [request.method for request in cloud.metadata.requests]
    assert seen == ["PUT", "GET"] * (2 if tokens == "enforced" else 1)
    assert {request.path for request in cloud.metadata.requests} == {metadata.TOKEN_PATH, metadata.KEYS_PATH}


def test_the_metadata_is_asked_past_every_proxy(cloud, monkeypatch):
    """The address is link-local; a proxy would read the keys, and would forward to its own server."""
    for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.setattr(
        "ansible_collections.huaweicloud.vpn.plugins.module_utils._http.transport.is_loopback", lambda host: False
    )
    keys = metadata.Metadata(FastClock(), "tests", set()).keys()
    assert keys.security_token and len(cloud.metadata.requests) == 2
    assert not [request for request in cloud.metadata.requests if "x-forwarded-for" in request.headers]


def test_the_address_of_the_metadata_is_fixed(monkeypatch):
    monkeypatch.undo()
    assert metadata.BASE == "http://169.254.169.254"


# Faults of IAM: those that pass are repeated, the others end in a sentence that says which step failed.
PASSING = {
    "throttled": {"kind": "throttled"},
    "bad gateway": {"kind": "server_error", "status": 502, "body": "html"},
    "unavailable": {"kind": "server_error", "status": 503},
    "connection reset": {"kind": "connection_reset"},
    "internal error": {"kind": "server_error", "status": 500},
    "HTML": {"kind": "html"},
    "empty": {"kind": "empty"},
    "list": {"kind": "not_object"},
}
LASTING = dict(
    PASSING,
    redirect={"kind": "redirect"},
    forbidden={"kind": "status", "status": 403, "code": "IAM.0003", "message": "not allowed"},
    expired={"kind": "status", "status": 401, "code": "IAM.0066", "message": "the token has expired"},
)
STEPS = {"exchangeIdToken": "the ID token cannot be exchanged: ", "createTemporaryKeys": "the agency "}


@pytest.mark.parametrize("operation", STEPS)
@pytest.mark.parametrize("fault", PASSING.values(), ids=PASSING)
def test_what_passes_is_repeated(cloud, tmp_path, operation, fault):
    """To exchange something twice does no harm."""
    cloud.fault(operation=operation, times=1, **fault)
    name = "ID token" if operation == "exchangeIdToken" else "keys"
    options = place(cloud, project_id=cloud.other_project_id, **way(cloud, name, tmp_path), **agency(cloud))
    listing(cloud, options)
    assert operations(cloud).count(operation) == COST[name][0].count(operation) + (2 if name == "keys" else 1)


@pytest.mark.parametrize("operation", STEPS)
@pytest.mark.parametrize("fault", LASTING.values(), ids=LASTING)
def test_what_lasts_is_a_sentence(cloud, tmp_path, operation, fault):
    cloud.fault(operation=operation, times=None, **fault)
    name = "ID token" if operation == "exchangeIdToken" else "keys"
    options = place(cloud, project_id=cloud.other_project_id, **way(cloud, name, tmp_path), **agency(cloud))
    sentence = failure_of(cloud, dict(options, max_retries=1))
    assert sentence.startswith(STEPS[operation]) and "\n" not in sentence
    assert "listVpnGateways" not in operations(cloud)
    advised = "check idp_id" in sentence or "check agency_name" in sentence
    assert advised == (fault.get("kind") == "status")
    tried = operations(cloud).count(operation)
    assert tried == (1 if fault["kind"] in ("redirect", "status") else 2)


# -- secrets -----------------------------------------------------------------------------------------------------------


def issued(cloud):
    """Return every secret text that the cloud has given out."""
    identity = cloud.service.identity
    keys = {text for pair in identity._keys.values() if pair.token for text in pair}
    return keys | set(identity._tokens) | cloud.metadata._tokens


@pytest.mark.parametrize("name", ["ID token", "ID token in a file", "ECS", "password", "keys"])
@pytest.mark.parametrize("with_agency", [True, False], ids=["agency", "no agency"])
def test_everything_fetched_is_masked(cloud, tmp_path, name, with_agency):
    """Each token and key of each step is known, so that no answer can bring one into a result."""
    on_top = agency(cloud) if with_agency else {}
    project = cloud.other_project_id if with_agency else cloud.project_id
    options = place(cloud, project_id=project, **way(cloud, name, tmp_path), **on_top)
    # A thread of an earlier test may be about to renew its keys.
    for thread in threading.enumerate():
        if thread.name == THREAD_NAME:
            thread.join(60)
            assert not thread.is_alive()
    before = issued(cloud)
    request = info.enter(GATEWAY, options, {})
    info.perform(GATEWAY, request, False, FastClock(), "tests")
    arisen = issued(cloud) - before
    steps = {"ID token": 4, "ID token in a file": 4, "ECS": 4, "password": 1, "keys": 0}[name]
    assert len(arisen) == steps + 3 * with_agency
    if name == "ID token in a file":
        arisen.add((tmp_path / "id_token").read_text().strip())
    assert arisen <= request.secrets
    cloud.fault("status", path="/v5/", status=400, code="VPN.0001", message=" ".join(arisen) or "nothing", times=None)
    result = _execute.execute(info, GATEWAY, request, False, False, FastClock(), "tests")
    assert result["failed"] and not [text for text in arisen if text in json.dumps(result)]


@pytest.mark.parametrize("operation", ["exchangeIdToken", "createTemporaryKeys"])
def test_a_server_that_repeats_what_it_got(cloud, operation):
    token = cloud.id_token()
    cloud.fault("status", operation=operation, status=400, code="IAM.0011", message=f"bad token {token}", times=None)
    sentence = failure_of(cloud, place(cloud, idp_id=cloud.idp_id, id_token=token))
    assert f"bad token {MASK}" in sentence
    cloud.clear_faults()


@pytest.mark.parametrize("member", ["access", "secret", "securitytoken"])
@pytest.mark.parametrize("value", ["", "x", 5, None, "with space and more", "line\nbreak-and-more"])
def test_an_answer_with_bad_keys_is_none(cloud, monkeypatch, member, value):
    right = cloud.service.identity.temporary
    monkeypatch.setattr(cloud.service.identity, "temporary", lambda *given: dict(right(*given), **{member: value}))
    sentence = failure_of(cloud, place(cloud, **way(cloud, "keys", None), **agency(cloud)))
    assert sentence.startswith("the agency ") and sentence.endswith("the answer has no complete temporary keys")


def test_nothing_is_written_to_disk(cloud, tmp_path, monkeypatch):
    opened = []
    real = open

    def watched(path, mode="r", *more, **named):
        opened.append(mode)
        return real(path, mode, *more, **named)

    options = place(
        cloud, project_id=cloud.other_project_id, **way(cloud, "ID token in a file", tmp_path), **agency(cloud)
    )
    monkeypatch.setattr("builtins.open", watched)
    listing(cloud, options)
    assert set(opened) <= {"r", "rb"} and "rb" in opened
