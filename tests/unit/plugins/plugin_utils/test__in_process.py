# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""When a task runs in the controller's own process, and what comes of it there; against the emulator."""

from __future__ import annotations

import gc
import json
import os
import sys
import types
from unittest import mock

import pytest
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar

from ansible_collections.huaweicloud.vpn.plugins.action import vpn_connection, vpn_connection_info, vpn_connections
from ansible_collections.huaweicloud.vpn.plugins.module_utils._http import metadata
from ansible_collections.huaweicloud.vpn.plugins.module_utils._secrets import MASK
from ansible_collections.huaweicloud.vpn.plugins.module_utils._work import bulk, info, single
from ansible_collections.huaweicloud.vpn.plugins.plugin_utils import _in_process
from ansible_collections.huaweicloud.vpn.tests.unit.harness.clocks import FastClock
from ansible_collections.huaweicloud.vpn.tests.unit.harness.support import KEY, access, by_password, repeating_login

HERE = {"ansible_playbook_python": sys.executable}
ELSEWHERE = os.path.join(os.path.dirname(sys.executable), "some-other-python")


FLEET = {"vgw_id": "b32d91a4-1111-4222-8333-e907174eb11d", "connections": [{"name": "hq", "state": "absent"}]}


def action(kind, arguments, transport="local", become=False, **task):
    """Return an action plugin as core makes it, whose module says so instead of running."""
    settings = {"async_val": 0, "environment": [], "delegate_to": None, "check_mode": False, "diff": False}
    connection = mock.MagicMock(transport=transport, has_native_async=False)
    connection._shell.tmpdir = None
    made = kind.ActionModule(
        types.SimpleNamespace(args=arguments, **dict(settings, **task)),
        connection,
        types.SimpleNamespace(become=become),
        DataLoader(),
        Templar(DataLoader()),
        mock.MagicMock(),
    )
    made._execute_module = mock.MagicMock(return_value={"handed": "over"})
    return made


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    """Let time pass fast, and let nothing come from the environment."""
    monkeypatch.setattr(_in_process, "Clock", FastClock)
    for name in [name for name in os.environ if name.startswith(("HW_", "HUAWEICLOUD_"))]:
        monkeypatch.delenv(name)


@pytest.fixture
def arguments(cloud):
    cloud.add_connection(name="hq")
    return dict(access(cloud), name="hq")


# -- where it runs ----------------------------------------------------------------------------------------------------

STAYS = {
    "nothing said": ({}, {}),
    "no interpreter": ({}, {"ansible_python_interpreter": None}),
    "this interpreter": ({}, {"ansible_python_interpreter": sys.executable}),
    "this interpreter, written otherwise": ({}, {"ansible_python_interpreter": "/.%s" % sys.executable}),
    "any interpreter": ({}, {"ansible_python_interpreter": "auto"}),
    "any interpreter, silently": ({}, {"ansible_python_interpreter": "auto_silent"}),
    "no environment": ({"environment": [{}, None]}, {}),
    "delegated to a host like this": (
        {"delegate_to": "near"},
        {"ansible_python_interpreter": ELSEWHERE, "ansible_delegated_vars": {"near": {"ansible_host": "near"}}},
    ),
    "delegated to a host with this interpreter": (
        {"delegate_to": "near"},
        {
            "ansible_python_interpreter": ELSEWHERE,
            "ansible_delegated_vars": {"near": {"ansible_python_interpreter": sys.executable}},
        },
    ),
}
GOES = {
    "another connection": ({"transport": "ssh"}, {}),
    "become": ({"become": True}, {}),
    "async": ({"async_val": 60}, {}),
    "environment": ({"environment": [{}, {"A": "b"}]}, {}),
    "environment in a variable": ({"environment": ["{{ somewhere }}"]}, {}),
    "another interpreter": ({}, {"ansible_python_interpreter": ELSEWHERE}),
    "an interpreter to be looked for": ({}, {"ansible_python_interpreter": "python3"}),
    "delegated to a host with another interpreter": (
        {"delegate_to": "far"},
        {"ansible_delegated_vars": {"far": {"ansible_python_interpreter": ELSEWHERE}}},
    ),
}


@pytest.mark.parametrize("task, variables", STAYS.values(), ids=STAYS)
def test_it_runs_here(cloud, arguments, task, variables):
    made = action(vpn_connection, arguments, **task)
    result = made.run(task_vars=dict(HERE, **variables))
    assert result["vpn_connection"]["name"] == "hq"
    assert not made._execute_module.called


@pytest.mark.parametrize(
    "kind", [vpn_connection, vpn_connections, vpn_connection_info], ids=lambda kind: kind.__name__.rpartition(".")[2]
)
@pytest.mark.parametrize("task, variables", GOES.values(), ids=GOES)
def test_it_is_handed_over_unchanged(cloud, arguments, kind, task, variables):
    given = json.loads(json.dumps(arguments))
    made = action(kind, arguments, **task)
    variables = dict(HERE, **variables)
    assert made.run(task_vars=variables) == {"handed": "over"}
    made._execute_module.assert_called_once()
    assert made._execute_module.call_args.kwargs["task_vars"] is variables
    assert bool(made._execute_module.call_args.kwargs["wrap_async"]) == bool(task.get("async_val"))
    assert not made._execute_module.call_args.kwargs.get("module_args")
    assert made._task.args == given
    assert cloud.journal() == []


def test_without_requests_it_is_handed_over(cloud, arguments, monkeypatch):
    """The module then says which library it lacks."""
    monkeypatch.setattr(_in_process, "REQUESTS_PROBLEM", "Traceback")
    assert action(vpn_connection, arguments).run(task_vars=HERE) == {"handed": "over"}


def test_without_variables_it_runs_here(arguments):
    assert action(vpn_connection, arguments).run()["changed"] is False


# -- what comes of it -------------------------------------------------------------------------------------------------


def test_a_result_is_what_the_function_returns(cloud, arguments):
    wanted = dict(arguments, ipsecpolicy={"pfs": "group20"}, psk=KEY, update_psk="always")
    dry = action(vpn_connection, wanted, check_mode=True, diff=True).run(task_vars=HERE)
    assert cloud.writes() == []
    assert dry["diff"]["after"]["ipsecpolicy"]["pfs"] == "group20"
    result = action(vpn_connection, wanted).run(task_vars=HERE)
    assert "diff" not in result and "failed" not in result
    assert (result["changed"], result["plan_id"], result["changes"]) == (True, dry["plan_id"], dry["changes"])
    assert KEY not in json.dumps([dry, result]) and cloud.secret_key not in json.dumps([dry, result])
    assert result["warnings"]


def test_what_core_shows_of_the_arguments_is_what_it_shows_of_a_modules(arguments, monkeypatch):
    monkeypatch.setattr(_in_process, "INVOCATION_IS_A_CHOICE", False)
    shown = action(vpn_connection, dict(arguments, psk=KEY)).run(task_vars=HERE)["invocation"]["module_args"]
    assert set(shown) == set(single.argument_spec(vpn_connection.CONNECTION))
    assert (shown["psk"], shown["secret_key"], shown["name"], shown["state"], shown["ikepolicy"]) == (
        MASK,
        MASK,
        "hq",
        "present",
        None,
    )


def test_the_arguments_are_shown_only_where_core_shows_them(arguments, monkeypatch):
    monkeypatch.setattr(_in_process, "INVOCATION_IS_A_CHOICE", True)
    monkeypatch.setattr(_in_process.constants.config, "get_config_value", lambda name, variables=None: False)
    assert "invocation" not in action(vpn_connection, arguments).run(task_vars=HERE)


@pytest.mark.parametrize(
    "wrong, says",
    [
        ({"psk": "short", "wait_timeout": "long"}, "wait_timeout must be"),
        ({"peer_subnets": ["x"]}, "peer_subnets"),
        ({"nonsense": 1}, "unsupported option: nonsense"),
        ({"a\r\nb\x1b[2J": 1}, "unsupported option: a b [2J"),
        ({"name": "h\ud800q"}, "name contains half a character"),
    ],
)
def test_a_violation_is_a_failure_with_a_sentence(cloud, arguments, wrong, says):
    result = action(vpn_connection, dict(arguments, **wrong)).run(task_vars=HERE)
    assert (
        result["failed"] is True
        and says in result["msg"]
        and all(line.isprintable() for line in result["msg"].split("\n"))
    )
    assert result["msg"].split("\n") == result["errors"]
    assert cloud.journal() == []


def test_a_refusal_is_a_failure_with_its_keys(cloud, arguments):
    cloud.fault("status", method="PUT", status=400, code="VPN.0001", message="psk %s is bad" % KEY)
    result = action(vpn_connection, dict(arguments, psk=KEY, update_psk="always")).run(task_vars=HERE)
    assert (result["failed"], result["error_code"], result["status_code"], result["method"]) == (
        True,
        "VPN.0001",
        400,
        "PUT",
    )
    assert MASK in result["msg"] and KEY not in json.dumps(result)


@pytest.mark.parametrize(
    "kind, more",
    [(vpn_connection, {"name": "hq"}), (vpn_connections, FLEET), (vpn_connection_info, {})],
    ids=["one", "many", "info"],
)
def test_a_token_got_by_password_is_masked(cloud, monkeypatch, kind, more):
    tokens = repeating_login(cloud, monkeypatch)
    result = action(kind, dict(by_password(cloud), **more)).run(task_vars=HERE)
    assert result["failed"] is True and "bad headers" in json.dumps(result) and tokens
    assert tokens[0] not in json.dumps(result) and MASK in json.dumps(result)


@pytest.mark.parametrize("way", ["ID token", "ID token in a file", "ECS", "credentials file"])
def test_keys_that_arise_are_masked_here_too(cloud, arguments, monkeypatch, tmp_path, way):
    monkeypatch.setattr(metadata, "BASE", cloud.metadata.url)
    (tmp_path / "id_token").write_text(cloud.id_token())
    (tmp_path / "credentials").write_text(f"[basic]\nak = {cloud.access_key}\nsk = {cloud.secret_key}\n")
    own = {
        "ID token": {"idp_id": cloud.idp_id, "id_token": cloud.id_token()},
        "ID token in a file": {"idp_id": cloud.idp_id, "id_token_file": str(tmp_path / "id_token")},
        "ECS": {"ecs_agency": True},
        "credentials file": {"credentials_file": str(tmp_path / "credentials")},
    }[way]
    agency = {"agency_name": cloud.agency_name, "agency_domain_name": cloud.agency_domain_name}
    options = dict(arguments, access_key="", secret_key="", project_id=cloud.other_project_id, **own, **agency)
    result = action(vpn_connection, options).run(task_vars=HERE)
    assert result["vpn_connection"]["name"] == "hq" and not result["changed"]
    cloud.service.identity.expire_keys()
    cloud.metadata.reset()

    def repeat(entry):
        known = [text for keys in cloud.service.identity._keys.values() if keys.token for text in keys]
        if entry.iam:
            cloud.clear_faults()
            cloud.fault("status", path="/v5/", status=400, code="VPN.0001", message=" ".join(known), times=None)

    cloud.on_request(repeat)
    try:
        result = action(vpn_connection, options).run(task_vars=HERE)
    finally:
        cloud.service.listeners.remove(repeat)
    arisen = {text for keys in cloud.service.identity._keys.values() if keys.token for text in keys}
    assert result["failed"] and MASK in result["msg"] and len(arisen) >= 3
    assert not [text for text in arisen if text in json.dumps(result)]


@pytest.mark.parametrize("secret", ["failed", "changed", "msg-", "invocation", "name"])
def test_a_secret_that_is_the_name_of_a_result_key_hides_no_key(cloud, arguments, secret):
    result = action(vpn_connection, dict(arguments, access_key="", secret_key="", auth_token=secret)).run(
        task_vars=HERE
    )
    assert result["failed"] is True and result["status_code"] == 401
    assert secret not in json.dumps([value for value in result.values() if isinstance(value, str)])


def test_a_secret_within_another_option_is_not_shown(arguments):
    shown = action(vpn_connection, dict(arguments, name="hq-%s" % KEY, psk=KEY), check_mode=True).run(task_vars=HERE)
    assert KEY not in json.dumps(shown)


def test_messages_and_warnings_are_printable(cloud, arguments, monkeypatch):
    def told(resource, request, *more):
        return {"changed": False, "warnings": ["a\x1b[2J\nb", "c"], "kept": "a\n  b"}

    monkeypatch.setattr(single, "perform", told)
    result = action(vpn_connection, arguments).run(task_vars=HERE)
    assert (result["warnings"], result["kept"]) == (["a [2J b", "c"], "a\n  b"), "only sentences are rewritten"
    monkeypatch.setattr(single, "perform", lambda *more: told(None, None)["missing\n\x07"])
    assert action(vpn_connection, arguments).run(task_vars=HERE)["msg"].isprintable()


def test_a_cloud_out_of_reach_is_a_failure(arguments):
    result = action(vpn_connection, dict(arguments, endpoint="http://127.0.0.1:1", max_retries=0)).run(task_vars=HERE)
    assert result["failed"] is True and "127.0.0.1:1" in result["msg"]


@pytest.mark.parametrize(
    "kind, operation, more",
    [(vpn_connection, single, {}), (vpn_connections, bulk, {"connections": []}), (vpn_connection_info, info, {})],
    ids=["one", "many", "info"],
)
def test_a_bug_of_ours_is_a_failure(arguments, monkeypatch, kind, operation, more):
    def broken(*arguments):
        raise KeyError("a bug")

    monkeypatch.setattr(operation, "perform", broken)
    arguments = dict(arguments, **more)
    if more:
        del arguments["name"]
    result = action(kind, arguments).run(task_vars=HERE)
    assert (result["failed"], result["msg"]) == (True, "internal error, please report it: KeyError: 'a bug'")
    assert "Traceback" not in json.dumps(result)


# -- nothing stays ----------------------------------------------------------------------------------------------------


def test_nothing_of_one_task_reaches_the_next(cloud, arguments):
    before = dict(os.environ)
    other = cloud.temporary_keys()
    first = action(vpn_connection, arguments).run(task_vars=HERE)
    wrong = action(vpn_connection, dict(arguments, access_key="", secret_key="")).run(task_vars=HERE)
    assert "failed" not in first and "access_key" in wrong["msg"]
    wrong = action(vpn_connection, dict(arguments, secret_key="Not-The-Right-One")).run(task_vars=HERE)
    assert wrong["status_code"] == 401
    second = action(
        vpn_connection, dict(arguments, access_key=other[0], secret_key=other[1], security_token=other[2])
    ).run(task_vars=HERE)
    again = action(vpn_connection, arguments).run(task_vars=HERE)
    assert second["vpn_connection"] == again["vpn_connection"] == first["vpn_connection"]
    assert dict(os.environ) == before


def test_the_arguments_of_the_task_stay_as_they_are(arguments):
    given = dict(
        arguments, ikepolicy={"dpd": {"timeout": "20", "interval": None}}, tags={"a": ""}, psk=KEY, peer_subnets=[""]
    )
    before = json.dumps(given)
    action(vpn_connection, given, check_mode=True).run(task_vars=HERE)
    assert json.dumps(given) == before


@pytest.mark.parametrize(
    "kind, operation",
    [(vpn_connection, single), (vpn_connections, bulk), (vpn_connection_info, info)],
    ids=["one", "many", "info"],
)
def test_a_bug_in_the_front_door_is_a_failure(arguments, monkeypatch, kind, operation):
    def broken(*arguments):
        raise KeyError(KEY)

    monkeypatch.setattr(operation, "enter", broken)
    result = action(kind, arguments).run(task_vars=HERE)
    assert (result["failed"], result["msg"]) == (
        True,
        "internal error while reading the options, please report it: KeyError",
    )


def test_without_a_warning_there_is_no_list_of_them(arguments):
    assert "warnings" not in action(vpn_connection, arguments).run(task_vars=HERE)


@pytest.mark.parametrize("wrong", [{}, {"name": None}], ids=["done", "refused"])
def test_the_garbage_collector_is_kept_off_what_was_there_before_and_only_meanwhile(arguments, monkeypatch, wrong):
    frozen = []
    right = single.enter

    def entered(*given):
        frozen.append(gc.get_freeze_count())
        return right(*given)

    monkeypatch.setattr(single, "enter", entered)
    before = gc.get_freeze_count()
    result = action(vpn_connection, dict(arguments, **wrong)).run(task_vars=HERE)
    assert bool(result.get("failed")) == bool(wrong)
    assert frozen[0] > before == gc.get_freeze_count()
