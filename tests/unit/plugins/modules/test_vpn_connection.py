# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The module as core starts it: arguments in, one JSON document out."""

from __future__ import annotations

import contextlib
import gc
import inspect
import json
import os
import socket

import pytest
from ansible.module_utils import basic

from ansible_collections.huaweicloud.vpn.plugins.module_utils import _module
from ansible_collections.huaweicloud.vpn.plugins.module_utils._http import metadata
from ansible_collections.huaweicloud.vpn.plugins.module_utils._secrets import MASK
from ansible_collections.huaweicloud.vpn.plugins.module_utils._work import single
from ansible_collections.huaweicloud.vpn.plugins.modules import vpn_connection
from ansible_collections.huaweicloud.vpn.tests.unit.harness.clocks import FastClock
from ansible_collections.huaweicloud.vpn.tests.unit.harness.support import KEY, access, by_password, repeating_login

try:
    from ansible.module_utils.testing import patch_module_args
except ImportError:  # before ansible-core 2.18

    @contextlib.contextmanager
    def patch_module_args(args):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(basic, "_ANSIBLE_ARGS", json.dumps({"ANSIBLE_MODULE_ARGS": args}).encode())
            yield


ID = "98c5af8a-1111-4222-8333-ae2280a6f4c3"
OTHER = "98c5af8a-1111-4222-8333-ae2280a6f4c4"
PSK = "Never-Show-This-1"
ALWAYS = {"changed", "action", "vpn_connection", "changes", "psk_updated", "reset_required", "plan_id", "request_ids"}
WEAK = "ikepolicy.encryption_algorithm is set to 3des, which the vendor advises against as weak"
LATE = (
    "psk: the API takes the change at once, but the tunnel uses it only after it has been re-established;"
    " set reset=if_required, or reset it at a time that suits both ends"
)


def unused_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


# -- the module in this process ----------------------------------------------------------------------------------------


@pytest.fixture
def module(cloud, capsys, monkeypatch):
    """Return a function that runs the module with arguments and internal settings of core, and returns (result, log)."""
    for name in [name for name in os.environ if name.startswith(("HW_", "HUAWEICLOUD_"))]:
        monkeypatch.delenv(name)
    log = []
    monkeypatch.setattr(_module, "Clock", lambda: FastClock(speed=8.0))
    monkeypatch.setattr(
        basic.AnsibleModule, "log", lambda self, msg, log_args=None: log.append("%s %s" % (msg, log_args))
    )

    def run(arguments, **internal):
        settings = {"_ansible_%s" % name: value for name, value in internal.items()}
        settings.setdefault("_ansible_remote_tmp", "/tmp")
        settings.setdefault("_ansible_keep_remote_files", False)
        for store in ("_global_warnings", "_global_deprecations"):
            # Core keeps warnings for the life of the process, which for a module is one task.
            if hasattr(basic, store):
                getattr(basic, store).clear()
        clear_warnings()
        with patch_module_args(dict(access(cloud), **arguments, **settings)), pytest.raises(SystemExit) as end:
            vpn_connection.main()
        result = json.loads(capsys.readouterr().out)
        assert end.value.code == (1 if result.get("failed") else 0)
        return result, "\n".join(log)

    yield run
    # The process of a module ends here; that of the tests does not.
    gc.unfreeze()


def clear_warnings():
    from ansible.module_utils.common import warnings

    for name in ("_global_warnings", "_global_deprecations"):
        store = getattr(warnings, name, None)
        if store is not None:
            store.clear()


def test_a_token_got_by_password_is_masked(cloud, module, monkeypatch):
    tokens = repeating_login(cloud, monkeypatch)
    result, log = module(dict(by_password(cloud), access_key="", secret_key="", name="hq"))
    assert result["failed"] is True and "bad headers" in result["msg"] and tokens
    assert tokens[0] not in json.dumps(result) + log and MASK in result["msg"]


@pytest.mark.parametrize(
    "wrong, says",
    [
        ({"a\r\nb\x1b[2J": 1}, "unsupported option: a b [2J"),
        ({"name": "h\ud800q"}, "name contains half a character"),
        ({"tags": {"h\ud800q": "x"}}, "the name tags.h q contains half a character"),
    ],
)
def test_what_a_task_gives_is_quoted_in_printable_characters(cloud, module, wrong, says):
    result, log = module(dict({"name": "hq"}, **wrong))
    assert result["failed"] is True and says in result["msg"] and result["msg"].isprintable()
    assert "\x1b" not in log and cloud.journal() == []


@pytest.mark.parametrize("secret", ["failed", "changed", "msg-", "invocation"])
def test_a_failed_task_fails_whatever_its_secret_is(cloud, module, secret):
    """Core goes by the exit code, the fixture compares it with the result."""
    cloud.add_connection(name="hq")
    result, dummy = module({"name": "hq", "access_key": "", "secret_key": "", "auth_token": secret})
    assert result["failed"] is True and result["status_code"] == 401


def test_a_secret_within_another_option_is_not_shown(cloud, module):
    result, log = module({"name": "hq-%s" % PSK, "psk": PSK}, verbosity=3)
    assert PSK not in json.dumps(result) + log and "name=hq-" in log


def words(result):
    """Return the warnings of a result as texts, whatever form this release of core gives them."""
    return [warning if isinstance(warning, str) else warning["event"]["msg"] for warning in result.get("warnings", [])]


def connection(cloud, **members):
    return cloud.add_connection(**dict({"id": ID, "name": "office", "psk": KEY}, **members))


def test_nothing_to_do(module, cloud):
    connection(cloud)
    result, dummy = module({"id": ID, "name": "office"})
    assert set(result) - {"invocation"} == ALWAYS
    assert (result["changed"], result["changes"], result["psk_updated"]) == (False, [], False)
    assert result["vpn_connection"]["id"] == ID and "psk" not in result["vpn_connection"]


@pytest.mark.parametrize("check_mode", [True, False])
@pytest.mark.parametrize("diff", [True, False])
def test_check_mode_and_diff(module, cloud, check_mode, diff):
    connection(cloud)
    result, dummy = module({"id": ID, "name": "new"}, check_mode=check_mode, diff=diff)
    assert set(result) - {"invocation"} == ALWAYS | {"request_body"} | ({"diff"} if diff else set())
    assert (result["changed"], result["request_body"]) == (True, {"vpn_connection": {"name": "new"}})
    assert len(cloud.writes()) == (0 if check_mode else 1)
    if diff:
        assert (result["diff"]["before"]["name"], result["diff"]["after"]["name"]) == ("office", "new")


def test_nothing_is_collected_when_the_process_ends(module, cloud):
    connection(cloud)
    before = gc.get_freeze_count()
    module({"id": ID, "name": "office"})
    assert gc.get_freeze_count() > before


def test_warnings_are_warnings_of_core(module, cloud):
    connection(cloud)
    result, dummy = module(
        {"id": ID, "psk": PSK, "update_psk": "always", "ikepolicy": {"encryption_algorithm": "3des"}}, check_mode=True
    )
    assert sorted(words(result)) == sorted("VPN connection office: " + text for text in (WEAK, LATE))


def test_a_refusal_brings_its_keys(module, cloud):
    connection(cloud)
    cloud.fault(
        "status", operation="updateVpnConnection", status=400, code="VPN.0012", message="address occupied by " + PSK
    )
    result, dummy = module({"id": ID, "name": "new", "psk": PSK, "update_psk": "always"})
    dummy, entry, dummy = cloud.writes()
    assert {name: result[name] for name in ("failed", "error_code", "status_code", "request_id", "method", "url")} == {
        "failed": True,
        "error_code": "VPN.0012",
        "status_code": 400,
        "request_id": entry.request_id,
        "method": "PUT",
        "url": cloud.url + entry.path,
    }
    assert result["msg"] == "the API refused PUT %s: address occupied by %s (VPN.0012, HTTP 400, request id %s)" % (
        entry.path,
        MASK,
        entry.request_id,
    )
    assert result["request_ids"][-2] == entry.request_id
    assert "exception" not in result or "Traceback" not in str(result["exception"])


def test_a_cloud_that_cannot_be_reached(module):
    port = unused_port()
    result, dummy = module({"id": ID, "endpoint": "http://127.0.0.1:%d" % port, "max_retries": 0})
    assert result["msg"].startswith("no connection to 127.0.0.1:%d: " % port) and "Traceback" not in json.dumps(result)
    assert (result["failed"], result["method"], "status_code" in result) == (True, "GET", False)
    assert result["url"].startswith("http://127.0.0.1:%d/v5/" % port)


@pytest.mark.parametrize("psk", ["e", "zqxj"])
def test_a_key_that_is_too_short_is_neither_shown_nor_used_for_masking(module, cloud, psk):
    """Replacing a letter by a mask of thirty would leave nothing of the sentence that says what is wrong."""
    result, log = module({"id": ID, "psk": psk, "colour": "red", "peer_subnets": ["10.0.0.0/33"]})
    assert result["msg"] == (
        "unsupported option: colour\npsk must have 8 to 128 characters\npsk must contain at least three of upper-case letters, lower-case letters,"
        " digits and special characters\npeer_subnets contains an entry that cannot be used: '10.0.0.0/33' is not an IPv4 network"
    )
    assert result["failed"] and cloud.journal() == []
    assert MASK not in result["msg"]
    if len(psk) > 1:
        assert psk not in json.dumps(result) + log


def test_no_arguments_at_all(module, monkeypatch):
    blank = dict.fromkeys(single.argument_spec(vpn_connection.CONNECTION), "")
    result, dummy = module(blank)
    assert result["failed"] and "id or name is needed" in result["msg"] and "no complete credentials" in result["msg"]


@pytest.mark.parametrize(
    "arguments",
    [
        {"id": ID},
        {"id": ID, "psk": PSK, "update_psk": "always"},
        {"id": ID, "psk": PSK, "wait": "perhaps"},
        {"id": OTHER, "psk": PSK},
        {"id": ID, "secret_key": "wrong-secret-key-1", "psk": PSK},
        {
            "access_key": "",
            "secret_key": "",
            "user_name": "somebody",
            "password": "Wrong-Password-1",
            "domain_name": "d",
            "id": ID,
            "project_id": "",
        },
    ],
)
@pytest.mark.parametrize("verbosity", [0, 4])
def test_neither_result_nor_log_holds_a_secret(module, cloud, arguments, verbosity):
    connection(cloud)
    result, log = module(arguments, verbosity=verbosity, debug=True, diff=True)
    secrets = [cloud.secret_key, PSK, "wrong-secret-key-1", "Wrong-Password-1", cloud.password]
    assert [secret for secret in secrets if secret in json.dumps(result) + log] == []
    assert "Invoked with" in log, "the log is where core writes it"
    if result.get("invocation", {}).get("module_args", {}).get("psk"):
        assert result["invocation"]["module_args"]["psk"] == MASK


def test_the_environment_counts(module, cloud, monkeypatch):
    connection(cloud)
    for name, value in cloud.environment().items():
        monkeypatch.setenv(name, value)
    result, log = module(dict(dict.fromkeys(access(cloud), ""), id=ID, name="office"))
    assert result["changed"] is False
    assert cloud.secret_key not in json.dumps(result) + log


# -- without a long-lived key ------------------------------------------------------------------------------------------


def keyless(cloud, way, folder):
    """Return the options of a way without a long-lived key, with an agency on top (dict)."""
    token, credentials = folder / "id_token", folder / "credentials"
    token.write_text(cloud.id_token())
    credentials.write_text(f"[basic]\nak = {cloud.access_key}\nsk = {cloud.secret_key}\n")
    own = {
        "ID token": {"idp_id": cloud.idp_id, "id_token": cloud.id_token()},
        "ID token in a file": {"idp_id": cloud.idp_id, "id_token_file": str(token)},
        "ECS": {"ecs_agency": True},
        "credentials file": {"credentials_file": str(credentials)},
    }[way]
    agency = {"agency_name": cloud.agency_name, "agency_domain_name": cloud.agency_domain_name}
    return dict(own, access_key="", secret_key="", project_id=cloud.other_project_id, **agency)


KEYLESS = ("ID token", "ID token in a file", "ECS", "credentials file")


@pytest.mark.parametrize("way", KEYLESS)
def test_keys_that_arise_are_in_no_result_and_no_log(cloud, module, monkeypatch, tmp_path, way):
    monkeypatch.setattr(metadata, "BASE", cloud.metadata.url)
    cloud.add_connection(name="hq", id=ID)
    options = dict(keyless(cloud, way, tmp_path), id=ID)

    def repeat(entry):
        # As soon as keys are known to the server, it repeats all of them in each answer.
        known = [text for keys in cloud.service.identity._keys.values() if keys.token for text in keys]
        if entry.iam:
            cloud.clear_faults()
            cloud.fault("status", path="/v5/", status=400, code="VPN.0001", message=" ".join(known), times=None)

    result, _log = module(options)
    assert result["vpn_connection"]["name"] == "hq" and not result["changed"]
    # Keys of earlier tests are not those of this task.
    cloud.service.identity.expire_keys()
    cloud.metadata.reset()
    cloud.on_request(repeat)
    try:
        result, log = module(options, verbosity=3)
    finally:
        cloud.service.listeners.remove(repeat)
    arisen = {text for keys in cloud.service.identity._keys.values() if keys.token for text in keys}
    assert result["failed"] and MASK in result["msg"] and len(arisen) >= 3
    assert not [text for text in arisen if text in json.dumps(result) + log]
    assert cloud.id_token()[:20] not in json.dumps(result) + log


@pytest.mark.parametrize("way", KEYLESS)
def test_the_arguments_that_core_shows(cloud, module, monkeypatch, tmp_path, way):
    monkeypatch.setattr(metadata, "BASE", cloud.metadata.url)
    cloud.add_connection(name="hq", id=ID)
    # Later versions of core add the invocation only if they are told to.
    told = {"inject_invocation": True} if "_ansible_inject_invocation" in inspect.getsource(basic) else {}
    result, log = module(dict(keyless(cloud, way, tmp_path), id=ID), verbosity=3, **told)
    shown = result["invocation"]["module_args"]
    assert shown["agency_name"] == cloud.agency_name and shown["agency_domain_name"] == cloud.agency_domain_name
    assert shown["ecs_agency"] is (way == "ECS")
    assert shown["id_token"] == (MASK if way == "ID token" else None)
    assert ("id_token" in log) and "eyJ" not in log
