# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The function behind vpn_connection, over a real socket, against the emulator."""

from __future__ import annotations

import copy
import json
import pathlib

import pytest

from ansible_collections.huaweicloud.vpn.plugins.module_utils import _errors
from ansible_collections.huaweicloud.vpn.plugins.module_utils._execute import execute
from ansible_collections.huaweicloud.vpn.plugins.module_utils._planning import plan as planning
from ansible_collections.huaweicloud.vpn.plugins.module_utils._resources.connection import CONNECTION
from ansible_collections.huaweicloud.vpn.plugins.module_utils._schema.resource import Resource
from ansible_collections.huaweicloud.vpn.plugins.module_utils._secrets import MASK
from ansible_collections.huaweicloud.vpn.plugins.module_utils._work import bulk, info, single
from ansible_collections.huaweicloud.vpn.plugins.module_utils._work.api import Api, Reader
from ansible_collections.huaweicloud.vpn.tests.unit.harness.clocks import FastClock, StillClock
from ansible_collections.huaweicloud.vpn.tests.unit.harness.convergence import (
    DERIVED,
    MEMBERS,
    NETS,
    OTHER_GATEWAY,
    RULE,
    assert_converges,
)
from ansible_collections.huaweicloud.vpn.tests.unit.harness.support import KEY, access, run_task

EXAMPLES = json.loads((pathlib.Path(__file__).parents[2] / "fixtures" / "examples.json").read_text(encoding="utf-8"))
ID = EXAMPLES["response_update_200"]["vpn_connection"]["id"]


def example_connection(cloud, **members):
    """Seed the published connection; members that answers mask get values of the same shape."""
    published = copy.deepcopy(EXAMPLES["response_update_200"]["vpn_connection"])
    published["ikepolicy"].update(local_id="10.1.2.134", peer_id="88.1.2.164")
    return cloud.add_connection(**{**published, "psk": KEY, **members})


# -- the published updates ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "example",
    [
        "request_update_peer_subnets",
        "request_update_policy_rules",
        "request_update_sa_lifetimes",
        "request_update_name",
    ],
)
def test_published_update(cloud, example):
    body = EXAMPLES[example]
    connection = example_connection(cloud)
    changed = copy.deepcopy(connection)
    changed.update(
        peer_subnets=["172.16.0.0/24"],
        policy_rules=[{"source": "10.9.0.0/24", "destination": ["172.16.0.0/24"]}],
        name="vpn-before",
        ikepolicy=dict(connection["ikepolicy"], lifetime_seconds=86400),
        ipsecpolicy=dict(connection["ipsecpolicy"], lifetime_seconds=86400),
    )
    cloud.reset()
    example_connection(cloud, **{name: changed[name] for name in body["vpn_connection"]})
    result = run_task(cloud, dict(body["vpn_connection"], id=ID), check_mode=True)
    assert (cloud.writes(), result["request_body"]) == ([], body)
    run_task(cloud, dict(body["vpn_connection"], id=ID))
    assert [(entry.method, entry.body) for entry in cloud.writes()] == [("PUT", body)]
    cloud.clear_journal()
    assert run_task(cloud, dict(body["vpn_connection"], id=ID))["changed"] is False
    assert [entry.method for entry in cloud.journal()] == ["GET"]


# -- every changeable member -----------------------------------------------------------------------------------------

ONLY_ONE_VALUE = {"ipsecpolicy.transform_protocol", "ipsecpolicy.encapsulation_mode"}
WRITTEN_OTHERWISE = {"psk", "tags"}


def leaf_paths(tree, prefix=""):
    for name, value in tree.items():
        yield from leaf_paths(value, prefix + name + ".") if isinstance(value, dict) else [prefix + name]


def test_no_changeable_member_is_forgotten():
    tried = {path for dummy, dummy2, dummy3, wanted in MEMBERS for path in leaf_paths(wanted)}
    changeable = {path for path, field in CONNECTION.leaves.items() if field.change == "changeable"}
    assert tried | ONLY_ONE_VALUE | {"psk"} == changeable


@pytest.mark.parametrize("label, style, found, wanted", MEMBERS, ids=[case[0] for case in MEMBERS])
def test_each_member_converges(cloud, label, style, found, wanted):
    cloud.add_customer_gateway(id=OTHER_GATEWAY)
    members = dict({"policy_rules": [RULE]} if style == "policy" else {}, **found)
    gateway = cloud.add_gateway(ip_version="ipv6" if "_v6" in label else "ipv4")
    if "_v6" in label:
        members.pop("policy_rules", None)
    connection = cloud.add_connection(style=style, vgw_id=gateway["id"], psk=KEY, **dict({"name": "office"}, **members))
    before = cloud.connection(connection["id"])
    result = assert_converges(cloud, dict(wanted, id=connection["id"]))
    assert set(leaf_paths(result["request_body"]["vpn_connection"])) == set(leaf_paths(wanted))
    after = cloud.connection(connection["id"])
    touched = set(leaf_paths(wanted)).union(*(DERIVED.get(path, ()) for path in leaf_paths(wanted)))
    late = [change["path"] for change in result["changes"] if change["takes_effect"] == "after_reset"]
    assert after["tags"] == dict(before["tags"], **({"ansible_reset_required": " ".join(late)} if late else {}))
    touched.add("tags")
    untouched = [path for path in CONNECTION.normalize(before) if path not in touched]
    assert {path: CONNECTION.normalize(after)[path] for path in untouched} == {
        path: CONNECTION.normalize(before)[path] for path in untouched
    }
    assert cloud.configured(connection["id"])["psk"] == KEY


def test_all_members_at_once(cloud):
    example_connection(cloud)
    wanted = {
        "name": "all",
        "peer_subnets": NETS,
        "policy_rules": [RULE],
        "ikepolicy": {
            "authentication_algorithm": "sha2-512",
            "encryption_algorithm": "aes-256",
            "dh_group": "group20",
            "dpd": {"timeout": 3},
        },
        "ipsecpolicy": {"pfs": "group20"},
        "tags": {"owner": "net"},
    }
    result = assert_converges(cloud, dict(wanted, id=ID))
    assert {change["path"] for change in result["changes"]} == set(leaf_paths(dict(wanted, tags=1)))


# -- who is meant ----------------------------------------------------------------------------------------------------


def test_a_name_finds_its_connection_with_one_request(cloud):
    example_connection(cloud)
    cloud.add_connection(name="other")
    result = run_task(cloud, {"name": "vpn-1655", "ipsecpolicy": {"lifetime_seconds": 3600}})
    assert (result["changed"], result["vpn_connection"]["id"], len(cloud.journal())) == (False, ID, 1)


def test_a_name_that_several_bear_is_refused_with_their_ids(cloud):
    one, two = cloud.add_connection(name="twin"), cloud.add_connection(name="twin")
    with pytest.raises(_errors.Ambiguous) as caught:
        run_task(cloud, {"name": "twin"})
    assert one["id"] in str(caught.value) and two["id"] in str(caught.value)


def test_a_gateway_narrows_a_name(cloud):
    cloud.add_connection(name="twin")
    gateway = cloud.add_gateway()
    two = cloud.add_connection(name="twin", vgw_id=gateway["id"])
    assert run_task(cloud, {"name": "twin", "vgw_id": gateway["id"]})["vpn_connection"]["id"] == two["id"]


def test_an_unknown_id_fails(cloud):
    with pytest.raises(_errors.NotFound, match="no VPN connection has the id"):
        run_task(cloud, {"id": ID})
    assert run_task(cloud, {"id": ID, "state": "absent"})["changed"] is False


def test_an_id_with_another_name_renames(cloud):
    example_connection(cloud)
    assert assert_converges(cloud, {"vpn_connection_id": ID, "name": "new"})["request_body"] == {
        "vpn_connection": {"name": "new"}
    }


# -- violations ------------------------------------------------------------------------------------------------------


def test_three_violations_of_the_task_are_one_message_without_a_request(cloud):
    with pytest.raises(_errors.InvalidInput) as caught:
        run_task(
            cloud, {"id": ID, "peer_subnets": ["10.0.0.0/33"], "ikepolicy": {"dpd": {"timeout": 90}}, "psk": "short"}
        )
    assert all(word in str(caught.value) for word in ("peer_subnets", "ikepolicy.dpd.timeout", "psk"))
    assert "short" not in str(caught.value)
    assert cloud.journal() == []


def test_three_violations_of_the_found_connection_are_one_message_without_a_write(cloud):
    example_connection(cloud)
    for check_mode in (True, False):
        with pytest.raises(_errors.InvalidInput) as caught:
            run_task(
                cloud,
                {"id": ID, "style": "static", "ha_role": "slave", "enable_hub": True, "name": "new"},
                check_mode=check_mode,
            )
        assert all(word in str(caught.value) for word in ("style", "ha_role", "enable_hub"))
    assert cloud.writes() == []


# -- found states ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", ["ERROR", "UNKNOWN", "FREEZED", "PENDING_UPDATE", "PENDING_CREATE"])
def test_nothing_to_change_succeeds_with_a_warning(cloud, status):
    example_connection(cloud)
    cloud.switch(dwell=60)
    cloud.set_status(ID, status)
    result = run_task(cloud, {"id": ID, "name": "vpn-1655"})
    assert (result["changed"], [status in warning for warning in result["warnings"]], len(cloud.journal())) == (
        False,
        [True],
        1,
    )


@pytest.mark.parametrize("check_mode", [True, False])
def test_a_frozen_connection_is_not_written_to(cloud, check_mode):
    example_connection(cloud, status="FREEZED")
    with pytest.raises(_errors.VpnError, match="FREEZED.*nothing was sent"):
        run_task(cloud, {"id": ID, "name": "new"}, check_mode=check_mode)
    assert cloud.writes() == []


@pytest.mark.parametrize("status", ["ERROR", "UNKNOWN"])
def test_a_write_to_a_stuck_connection_is_sent(cloud, status):
    example_connection(cloud, status=status)
    assert run_task(cloud, {"id": ID, "name": "new"})["vpn_connection"]["status"] == "DOWN"


def test_pending_is_waited_out_before_a_write(cloud):
    example_connection(cloud)
    cloud.set_status(ID, "PENDING_UPDATE", settle_after=float("inf"))
    dry = run_task(cloud, {"id": ID, "name": "new"}, check_mode=True)
    assert (dry["changed"], len(dry["warnings"])) == (True, 1)
    cloud.set_status(ID, "PENDING_UPDATE", settle_after=0.05)
    assert run_task(cloud, {"id": ID, "name": "new"})["changed"] is True
    assert [entry.status for entry in cloud.writes()] == [200]


def test_pending_that_lasts_too_long_fails_before_a_write(cloud):
    example_connection(cloud)
    cloud.switch(dwell=60)
    cloud.set_status(ID, "PENDING_UPDATE")
    with pytest.raises(_errors.WaitFailed, match="still busy after 5 seconds; nothing was sent"):
        run_task(cloud, {"id": ID, "name": "new", "wait_timeout": 5})
    assert cloud.writes() == []


# -- waiting and verifying -------------------------------------------------------------------------------------------


def test_the_first_look_comes_within_a_second(cloud):
    example_connection(cloud)
    clock = FastClock()
    run_task(cloud, {"id": ID, "name": "new"}, clock=clock)
    assert 0 < clock.slept[0] < 1
    assert clock.slept == sorted(clock.slept)


def test_without_wait_the_answer_is_the_result(cloud):
    example_connection(cloud)
    result = run_task(cloud, {"id": ID, "name": "new", "wait": False})
    assert [entry.method for entry in cloud.journal()] == ["GET", "PUT"]
    assert (result["vpn_connection"]["name"], result["vpn_connection"]["style"]) == ("new", "policy")


def test_waiting_ends_at_its_time(cloud):
    example_connection(cloud)
    cloud.switch(dwell=60)
    with pytest.raises(
        _errors.WaitFailed, match="did not become stable within 3 seconds; its last status was PENDING_UPDATE"
    ) as caught:
        run_task(cloud, {"id": ID, "name": "new", "wait_timeout": 3})
    assert caught.value.details["changed"] is True


# -- keys ------------------------------------------------------------------------------------------------------------


def test_a_key_is_never_shown(cloud):
    example_connection(cloud)
    secret = "Never-Show-This-1"
    result = run_task(cloud, {"id": ID, "psk": secret, "update_psk": "always"})
    assert (result["changed"], result["psk_updated"], result["reset_required"]) == (True, True, True)
    assert secret not in json.dumps(result)
    assert result["request_body"] == {"vpn_connection": {"psk": MASK}}
    assert cloud.configured(ID)["psk"] == secret
    assert cloud.negotiated(ID)["psk"] == KEY
    assert all(secret not in entry.path + str(entry.query) for entry in cloud.journal())


def test_a_reset_puts_a_new_key_to_use(cloud):
    example_connection(cloud)
    result = run_task(cloud, {"id": ID, "psk": "Another-Key-2", "update_psk": "always", "reset": "if_required"})
    assert result["reset_required"] is False
    assert [entry.operation for entry in cloud.writes()] == [
        "createResourceTags",
        "updateVpnConnection",
        "resetVpnConnection",
        "deleteResourceTags",
    ]
    assert cloud.negotiated(ID)["psk"] == "Another-Key-2"


# -- results and requests --------------------------------------------------------------------------------------------


def test_every_return_value_is_there(cloud):
    example_connection(cloud)
    result = run_task(cloud, {"id": ID, "name": "new"})
    assert set(result) == {
        "changed",
        "action",
        "vpn_connection",
        "changes",
        "request_body",
        "psk_updated",
        "reset_required",
        "plan_id",
        "diff",
        "request_ids",
        "warnings",
    }
    assert result["vpn_connection"]["style"] == "policy"
    assert result["changes"] == [{"path": "name", "before": "vpn-1655", "after": "new", "takes_effect": "immediately"}]
    assert not {"status", "created_at", "updated_at", "id"} & set(result["diff"]["before"])
    assert len(result["request_ids"]) == len(cloud.journal()) == len({entry.request_id for entry in cloud.journal()})


def test_a_refusal_is_in_the_apis_own_words(cloud):
    example_connection(cloud)
    cloud.fault("status", operation="updateVpnConnection", status=400, code="VPN.0012", message="address occupied")
    with pytest.raises(_errors.ApiError, match="address occupied") as caught:
        run_task(cloud, {"id": ID, "name": "new"})
    entry = cloud.writes()[0]
    assert caught.value.details["error_code"] == "VPN.0012"
    assert caught.value.details["status_code"] == 400
    assert caught.value.details["request_id"] == entry.request_id
    assert (caught.value.details["method"], caught.value.details["url"]) == ("PUT", cloud.url + entry.path)


def test_an_approved_plan_is_honoured_and_another_refused(cloud):
    example_connection(cloud)
    plan_id = run_task(cloud, {"id": ID, "name": "new"}, check_mode=True)["plan_id"]
    with pytest.raises(_errors.PlanMismatch, match="the intended changes moved; nothing was sent"):
        run_task(cloud, {"id": ID, "name": "newer", "expect_plan": plan_id})
    assert cloud.writes() == []
    assert run_task(cloud, {"id": ID, "name": "new", "expect_plan": plan_id})["changed"] is True
    assert run_task(cloud, {"id": ID, "name": "new", "expect_plan": plan_id})["changed"] is False
    with pytest.raises(_errors.PlanMismatch, match="found state and the intended changes moved"):
        run_task(cloud, {"id": ID, "name": "third", "expect_plan": plan_id}, check_mode=True)


def test_a_token_is_enough(cloud):
    example_connection(cloud)
    arguments = dict(access(cloud), id=ID, auth_token=cloud.issue_token())
    arguments.update(access_key="", secret_key="")
    assert run_task(cloud, arguments)["changed"] is False


# -- failures on the way ----------------------------------------------------------------------------------------------


class TimelessClock(StillClock):
    """Time that passes only by sleeping, with dates that a server accepts."""

    def utc(self):
        return FastClock().utc()


@pytest.mark.parametrize("where", ["normalize", "predicted"])
def test_an_internal_error_after_a_write_keeps_what_was_written(cloud, monkeypatch, where):
    example_connection(cloud)
    owner = {"normalize": Resource, "predicted": planning.Plan}[where]
    right = getattr(owner, where)

    def wrong(self, *arguments, **more):
        if cloud.writes():
            raise KeyError("a bug")
        return right(self, *arguments, **more)

    monkeypatch.setattr(owner, where, wrong)
    with pytest.raises(_errors.VpnError, match="internal error, please report it: KeyError: 'a bug'") as caught:
        run_task(cloud, {"id": ID, "psk": "Another-Key-2", "update_psk": "always", "name": "new"})
    assert_told(cloud, caught.value.details, ["name", "psk"])


def assert_told(cloud, details, paths, reset_required=True):
    assert (details["changed"], details["reset_required"]) == (True, reset_required)
    assert [change["path"] for change in details["changes"]] == paths
    assert cloud.writes()[-1].request_id in details["request_ids"]
    assert details["plan_id"].startswith("v1.")


@pytest.mark.parametrize(
    "answer",
    [
        {"ikepolicy": "text"},
        {"ikepolicy": {"dpd": [1]}},
        {"peer_subnets": 5},
        {"peer_subnets": [{"a": 1}]},
        {"policy_rules": "x"},
        {"policy_rules": [5]},
        {"tags": [5]},
        {"name": {"a": []}},
        {"status": ["x"]},
    ],
    ids=str,
)
@pytest.mark.parametrize("method", ["update", "read"])
def test_an_answer_of_the_wrong_shape_after_a_write_keeps_what_was_written(cloud, monkeypatch, answer, method):
    example_connection(cloud)
    right = getattr(Api, method)
    monkeypatch.setattr(
        Api, method, lambda self, *arguments: dict(right(self, *arguments), **(answer if cloud.writes() else {}))
    )
    arguments = {"id": ID, "psk": "Another-Key-2", "update_psk": "always", "ikepolicy": {"lifetime_seconds": 7777}}
    try:
        details = run_task(cloud, arguments)
    except _errors.VpnError as error:
        details = error.details
    assert_told(cloud, details, ["ikepolicy.lifetime_seconds", "psk"])


def test_an_error_of_ours_while_a_write_is_under_way_may_have_been_one(cloud, monkeypatch):
    example_connection(cloud)
    right = Api.update

    def wrong(self, *arguments):
        right(self, *arguments)
        raise RecursionError("too deep")

    monkeypatch.setattr(Api, "update", wrong)
    with pytest.raises(_errors.VpnError, match="internal error") as caught:
        run_task(cloud, {"id": ID, "psk": "Another-Key-2", "update_psk": "always"})
    assert_told(cloud, caught.value.details, ["psk"])


@pytest.mark.parametrize("levels", [600, 5000])
def test_data_nested_too_deep_are_a_sentence(cloud, monkeypatch, levels):
    example_connection(cloud)
    deep = {}
    for dummy in range(levels):
        deep = {"a": deep}
    right = Api.update
    monkeypatch.setattr(Api, "update", lambda self, *arguments: dict(right(self, *arguments), bgp_peer=deep))
    request = single.enter(CONNECTION, dict(access(cloud), id=ID, name="new", wait=False), {})
    result = execute(single, CONNECTION, request, False, True, FastClock(), "tests")
    json.dumps(result)
    assert result["failed"] is True and "Traceback" not in result["msg"]
    assert (result["changed"], result["changes"][0]["path"], result["reset_required"], len(result["request_ids"])) == (
        True,
        "name",
        False,
        2,
    )


@pytest.mark.parametrize(
    "operation, arguments, method",
    [
        (info, {}, "listing"),
        (info, {"id": ID}, "read"),
        (bulk, {"connections": [{"name": "vpn-1655"}], "return_unchanged": True}, "listing"),
        (single, {"id": ID}, "read"),
    ],
    ids=["list", "info", "many", "one"],
)
def test_an_answer_nested_too_deep_is_a_sentence(cloud, monkeypatch, operation, arguments, method):
    example_connection(cloud)
    deep = []
    for dummy in range(600):
        deep = [deep]
    right = getattr(Reader, method)

    def nested(self, *given, **more):
        found = right(self, *given, **more)
        return (
            ([dict(item, bgp_peer=deep) for item in found[0]], found[1])
            if method == "listing"
            else dict(found, bgp_peer=deep)
        )

    monkeypatch.setattr(Reader, method, nested)
    request = operation.enter(CONNECTION, dict(access(cloud), **arguments), {})
    result = execute(operation, CONNECTION, request, False, True, FastClock(), "tests")
    assert (result["failed"], result["msg"]) == (
        True,
        "the API answered with data nested more than 64 levels deep; what lies deeper is left out",
    )
    assert (result["changed"], len(result["request_ids"])) == (False, 1)
    assert ID in json.dumps(result)


@pytest.mark.parametrize(
    "fault", [{"kind": "status", "status": 400, "code": "VPN.0001"}, {"kind": "server_error", "status": 500}], ids=str
)
def test_the_warnings_of_a_plan_are_told_when_it_is_refused(cloud, fault):
    example_connection(cloud)
    cloud.fault(operation="updateVpnConnection", times=None, **fault)
    with pytest.raises(_errors.ApiError) as caught:
        run_task(cloud, {"id": ID, "ikepolicy": {"dh_group": "group31"}})
    assert any("group31" in warning for warning in caught.value.details["warnings"])


@pytest.mark.parametrize(
    "fault",
    [{"kind": "server_error", "status": 503}, {"kind": "connection_reset"}, {"kind": "html"}, {"kind": "throttled"}],
    ids=lambda fault: fault["kind"],
)
@pytest.mark.parametrize("arguments", [{"name": "new"}, {"state": "absent"}], ids=["update", "delete"])
def test_reads_that_fail_during_a_wait_are_ridden_out(cloud, fault, arguments):
    example_connection(cloud)
    cloud.fault(operation="showVpnConnection", skip=1, times=8, **fault)
    assert run_task(cloud, dict(arguments, id=ID, max_retries=1), clock=TimelessClock())["changed"] is True


@pytest.mark.parametrize(
    "fault",
    [{"kind": "server_error", "status": 503}, {"kind": "throttled", "retry_after": 50}, {"kind": "connection_reset"}],
    ids=lambda fault: fault["kind"],
)
def test_reads_that_fail_for_good_end_with_the_wait(cloud, fault):
    example_connection(cloud)
    clock = TimelessClock()
    cloud.fault(operation="showVpnConnection", skip=1, times=None, **fault)
    with pytest.raises(_errors.VpnError) as caught:
        run_task(cloud, {"id": ID, "name": "new", "wait_timeout": 20}, clock=clock)
    assert caught.value.details["changed"] is True
    assert sum(clock.slept) <= 20.5
    if fault["kind"] != "throttled":
        assert sum(clock.slept) > 15


def test_a_read_that_is_refused_ends_the_wait_at_once(cloud):
    example_connection(cloud)
    cloud.fault("status", operation="showVpnConnection", skip=1, status=403, code="VPN.0005", times=None)
    with pytest.raises(_errors.ApiError, match="VPN.0005"):
        run_task(cloud, {"id": ID, "name": "new"})
    assert len(cloud.journal()) == 3


def test_a_message_names_twenty_and_a_list_holds_all(cloud):
    ids = [cloud.add_connection(name="twin")["id"] for dummy in range(33)]
    with pytest.raises(
        _errors.Ambiguous, match="33 VPN connections are named twin: .*, and 13 more; give id"
    ) as caught:
        run_task(cloud, {"name": "twin"})
    assert sorted(caught.value.details["ids"]) == sorted(ids)
    assert sum(identifier in caught.value.message for identifier in ids) == 20
