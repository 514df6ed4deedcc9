# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The whole life of a connection against the emulator: creation, tags, keys, reset, deletion."""

from __future__ import annotations

import threading

import pytest

from ansible_collections.huaweicloud.vpn.plugins.module_utils import _errors
from ansible_collections.huaweicloud.vpn.plugins.module_utils._secrets import MASK
from ansible_collections.huaweicloud.vpn.tests.emulator import Emulator
from ansible_collections.huaweicloud.vpn.tests.unit.harness.clocks import CloudClock, Interrupted, Killed
from ansible_collections.huaweicloud.vpn.tests.unit.harness.convergence import assert_converges
from ansible_collections.huaweicloud.vpn.tests.unit.harness.creations import STYLES, new, only
from ansible_collections.huaweicloud.vpn.tests.unit.harness.support import KEY, run_task

# -- creation --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("style", sorted(STYLES))
def test_creation_converges(cloud, style):
    wanted = new(
        cloud,
        style,
        tags={"owner": "net", "empty": ""},
        ha_role="master",
        ikepolicy={"dh_group": "group20", "dpd": {"timeout": 20}},
        ipsecpolicy={"lifetime_seconds": 7200},
    )
    dry = run_task(cloud, wanted, check_mode=True)
    assert (cloud.writes(), dry["diff"]["before"], dry["psk_updated"]) == ([], {}, True)
    real = run_task(cloud, wanted)
    assert [entry.operation for entry in cloud.writes()] == ["createVpnConnection"]
    keys = ("changed", "changes", "diff", "plan_id", "psk_updated", "reset_required", "request_body")
    for key in set(keys) - {"diff"}:
        assert dry[key] == real[key], key
    assert (dry["diff"]["before"], dry["diff"]["after"]) == (real["diff"]["before"], real["diff"]["after"])
    assert real["request_body"]["vpn_connection"]["psk"] == MASK
    assert real["vpn_connection"]["tags"] == {"owner": "net", "empty": ""}
    assert cloud.negotiated(only(cloud)["id"])["psk"] == KEY
    assert_converges(cloud, wanted, changes=False)
    assert_converges(cloud, dict(wanted, ikepolicy={"dpd": {"interval": 77}}))


@pytest.mark.parametrize(
    "style, member",
    [("policy", "enable_nqa"), ("policy", "enable_hub"), ("bgp", "enable_nqa"), ("static", "enable_hub")],
)
def test_a_false_that_does_not_belong_stays_out_of_the_body(cloud, style, member):
    wanted = dict(new(cloud, style), **{member: False})
    run_task(cloud, wanted)
    assert member not in cloud.writes()[0].body["vpn_connection"]
    assert_converges(cloud, wanted, changes=False)


def test_what_creation_lacks_is_named_before_any_write(cloud):
    for check_mode in (True, False):
        with pytest.raises(
            _errors.InvalidInput, match="needs vgw_id, vgw_ip, cgw_id, psk, and peer_subnets or peer_subnets_v6"
        ):
            run_task(cloud, {"name": "office"}, check_mode=check_mode)
    assert cloud.writes() == []


@pytest.mark.parametrize("style", ["policy", "bgp"])
@pytest.mark.parametrize("attachment, allowed", [("er", True), ("vpc", False)])
def test_an_enterprise_router_waives_the_subnets(cloud, style, attachment, allowed):
    wanted = new(cloud, style, gateway=cloud.add_gateway(attachment_type=attachment))
    del wanted["peer_subnets"]
    if allowed:
        assert run_task(cloud, wanted)["changed"] is True
        assert_converges(cloud, wanted, changes=False)
    else:
        with pytest.raises(_errors.InvalidInput, match="needs peer_subnets or peer_subnets_v6"):
            run_task(cloud, wanted)


def test_an_enterprise_router_waives_the_subnets_of_a_successor(cloud):
    wanted = new(cloud, "bgp", gateway=cloud.add_gateway(attachment_type="er"))
    del wanted["peer_subnets"]
    run_task(cloud, wanted)
    cloud.set_status(only(cloud)["id"], "PENDING_DELETE")
    assert run_task(cloud, wanted)["changed"] is True


def test_an_ipv6_gateway(cloud):
    gateway = cloud.add_gateway(ip_version="ipv6")
    wanted = new(cloud, "policy", gateway=gateway, peer_subnets_v6=["2001:db8:1::/64"])
    wanted.update(policy_rules_v6=[{"source": "2001:db8::/64", "destination": ["2001:db8:1::/64"]}])
    del wanted["peer_subnets"], wanted["policy_rules"]
    run_task(cloud, wanted)
    assert_converges(cloud, wanted, changes=False)


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "connection_reset", "applied": True},
        {"kind": "connection_reset", "applied": False},
        {"kind": "server_error", "status": 504, "applied": True},
        {"kind": "server_error", "status": 500, "applied": False},
        {"kind": "truncated"},
        {"kind": "html", "applied": True},
    ],
    ids=str,
)
@pytest.mark.parametrize("stale", [0, 3])
def test_a_lost_creation_is_found_again_and_never_doubled(cloud, fault, stale):
    wanted = new(cloud)
    cloud.switch(stale_seconds=stale / 25.0, duplicate_pair="accepted")
    cloud.fault(operation="createVpnConnection", **fault)
    result = run_task(cloud, wanted)
    assert (result["changed"], result["vpn_connection"]["id"]) == (True, only(cloud)["id"])
    assert_converges(cloud, wanted, changes=False)


def test_a_creation_that_keeps_being_lost_ends_after_two(cloud):
    wanted = new(cloud)
    cloud.fault("connection_reset", operation="createVpnConnection", times=99)
    with pytest.raises(_errors.NoResponse):
        run_task(cloud, wanted)
    assert (len(cloud.writes()), cloud.connections()) == (2, [])
    cloud.clear_faults()
    assert run_task(cloud, wanted)["changed"] is True
    assert only(cloud)["name"] == "office"


def test_a_process_that_dies_after_the_post_leaves_nothing_to_double(cloud):
    wanted = new(cloud)

    def dies():
        raise Killed

    with pytest.raises(Killed):
        run_task(cloud, wanted, clock=Interrupted(dies))
    assert len(cloud.writes()) == 1
    assert run_task(cloud, wanted)["changed"] is False
    assert only(cloud)["name"] == "office"


def test_of_two_simultaneous_creations_the_loser_adopts():
    with Emulator(dwell=0.05, latency=40, duplicate_pair="refused") as cloud:
        wanted = new(cloud)
        results = []
        threads = [threading.Thread(target=lambda: results.append(run_task(cloud, wanted))) for dummy in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len({result["vpn_connection"]["id"] for result in results}) == 1
        assert sorted(result["changed"] for result in results) == [False, True]
        assert len(cloud.connections()) == 1


def test_two_of_one_name_are_told_with_both_ids(cloud):
    cloud.switch(duplicate_pair="accepted")
    wanted = new(cloud)
    run_task(cloud, wanted)
    twin = cloud.add_connection(
        name="office", vgw_id=wanted["vgw_id"], vgw_ip=wanted["vgw_ip"], cgw_id=wanted["cgw_id"]
    )
    with pytest.raises(_errors.Ambiguous, match=twin["id"]):
        run_task(cloud, wanted)


def test_a_lost_creation_beside_somebody_elses_is_told_with_both_ids(cloud):
    wanted = new(cloud)
    cloud.switch(duplicate_pair="accepted")
    cloud.fault("connection_reset", applied=True, operation="createVpnConnection")
    place = {name: wanted[name] for name in ("name", "vgw_id", "vgw_ip", "cgw_id", "style")}
    with pytest.raises(
        _errors.Ambiguous,
        match="2 VPN connections of this name between the same gateways exist: .*; delete one of them",
    ) as caught:
        run_task(cloud, wanted, clock=Interrupted(lambda: cloud.add_connection(psk=KEY, **place)))
    assert all(connection["id"] in str(caught.value) for connection in cloud.connections())


def test_a_lost_creation_that_cannot_be_looked_up_says_so(cloud):
    wanted = new(cloud)
    cloud.fault("connection_reset", applied=True, operation="createVpnConnection")
    refused = {
        "operation": "listVpnConnections",
        "status": 403,
        "code": "VPN.0005",
        "message": "not now",
        "times": None,
    }
    with pytest.raises(
        _errors.VpnError, match="was made could not be looked up: .*not now.*; run the task again, it looks first"
    ):
        run_task(cloud, wanted, clock=Interrupted(lambda: cloud.fault("status", **refused)))
    cloud.clear_faults()
    assert run_task(cloud, wanted)["changed"] is False
    assert only(cloud)["name"] == "office"


def test_a_refused_creation_is_in_the_apis_own_words(cloud):
    wanted = new(cloud)
    cloud.fault(
        "status", operation="createVpnConnection", status=400, code="VPN.0285", message="too few free addresses"
    )
    with pytest.raises(_errors.ApiError, match="too few free addresses"):
        run_task(cloud, wanted)
    assert len(cloud.writes()) == 1


def test_a_creation_that_ends_in_error_fails_at_once_with_its_id(cloud):
    wanted = new(cloud)
    cloud.fault("error_after_update", operation="createVpnConnection")
    with pytest.raises(_errors.WaitFailed, match="went to ERROR") as caught:
        run_task(cloud, wanted)
    assert only(cloud)["id"] in str(caught.value)


def test_creation_waits_for_a_deletion_under_way(cloud):
    wanted = new(cloud)
    run_task(cloud, wanted)
    old = only(cloud)["id"]
    cloud.set_status(old, "PENDING_DELETE", settle_after=float("inf"))
    dry = run_task(cloud, wanted, check_mode=True)
    assert (dry["changed"], dry["changes"][0]["before"], len(dry["warnings"])) == (True, None, 1)
    cloud.set_status(old, "PENDING_DELETE", settle_after=5)
    assert run_task(cloud, wanted, clock=CloudClock(cloud))["changed"] is True
    assert only(cloud)["id"] != old


# -- deletion --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("by", ["id", "name"])
@pytest.mark.parametrize("status", ["DOWN", "ERROR", "PENDING_UPDATE"])
def test_deletion_converges(cloud, by, status):
    connection = cloud.add_connection(name="office", status=status)
    arguments = {by: connection[by], "state": "absent"}
    dry = run_task(cloud, arguments, check_mode=True)
    assert (dry["changed"], dry["vpn_connection"], dry["diff"]["after"], cloud.writes()) == (True, None, {}, [])
    real = run_task(cloud, arguments)
    assert (real["changed"], real["vpn_connection"], cloud.connections()) == (True, None, [])
    assert (
        dry["changes"]
        == real["changes"]
        == [{"path": "state", "before": "present", "after": "absent", "takes_effect": "immediately"}]
    )
    assert dry["plan_id"] == real["plan_id"]
    cloud.clear_journal()
    again = run_task(cloud, arguments)
    assert (again["changed"], cloud.writes()) == (False, [])


def test_a_deletion_under_way_is_no_change_and_is_waited_for(cloud):
    connection = cloud.add_connection(name="office")
    cloud.set_status(connection["id"], "PENDING_DELETE", settle_after=float("inf"))
    assert run_task(cloud, {"name": "office", "state": "absent"}, check_mode=True)["changed"] is False
    cloud.set_status(connection["id"], "PENDING_DELETE", settle_after=0.05)
    assert run_task(cloud, {"name": "office", "state": "absent"})["changed"] is False
    assert (cloud.connections(), cloud.writes()) == ([], [])


@pytest.mark.parametrize("code", ["VPN.0306", "VPN.0016", "VPN.0017", "VPN.0506", "VPN.0507"])
@pytest.mark.parametrize(
    "arguments, operation",
    [({"state": "absent"}, "deleteVpnConnection"), ({"ikepolicy": {"dpd": {"timeout": 3}}}, "updateVpnConnection")],
)
def test_busy_codes_are_waited_out_beyond_max_retries(cloud, code, arguments, operation):
    cloud.add_connection(name="office")
    cloud.fault("busy", code=code, operation=operation, times=6)
    assert run_task(cloud, dict(arguments, name="office", max_retries=2))["changed"] is True
    assert len(cloud.writes()) == 7


def test_busy_codes_end_with_wait_timeout(cloud):
    cloud.add_connection(name="office")
    cloud.fault("busy", code="VPN.0306", operation="deleteVpnConnection", times=999)
    with pytest.raises(_errors.ApiError, match="VPN.0306"):
        run_task(cloud, {"name": "office", "state": "absent", "wait_timeout": 10})


def test_deletion_without_wait(cloud):
    cloud.switch(dwell=60)
    cloud.add_connection(name="office")
    assert run_task(cloud, {"name": "office", "state": "absent", "wait": False})["vpn_connection"] is None
    assert only(cloud)["status"] == "PENDING_DELETE"


def test_a_deletion_that_the_cloud_gives_up_fails(cloud):
    connection = cloud.add_connection(name="office")
    cloud.switch(dwell=60)
    with pytest.raises(
        _errors.WaitFailed, match="the VPN connection %s was to be deleted and is FREEZED" % connection["id"]
    ):
        run_task(
            cloud,
            {"name": "office", "state": "absent"},
            clock=Interrupted(lambda: cloud.set_status(connection["id"], "FREEZED")),
        )


def test_a_deletion_that_takes_too_long_fails(cloud):
    cloud.add_connection(name="office")
    cloud.switch(dwell=60)
    with pytest.raises(_errors.WaitFailed, match="was still there 5 seconds after its deletion began"):
        run_task(cloud, {"name": "office", "state": "absent", "wait_timeout": 5})


@pytest.mark.parametrize(
    "status, says, writes",
    [
        ("PENDING_UPDATE", "was deleted by somebody else meanwhile", 0),
        ("ACTIVE", "the change was sent, and the VPN connection .* does not exist any more", 1),
    ],
)
def test_a_connection_that_somebody_else_deletes_meanwhile(cloud, status, says, writes):
    connection = cloud.add_connection(name="office")
    cloud.set_status(connection["id"], status)
    deletion = Interrupted(lambda: cloud.set_status(connection["id"], "PENDING_DELETE", settle_after=0))
    with pytest.raises(_errors.NotFound, match=says):
        run_task(cloud, {"name": "office", "ikepolicy": {"dpd": {"timeout": 3}}}, clock=deletion)
    assert len(cloud.writes()) == writes


# -- tags ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "wanted, purge, operations, left",
    [
        ({"c": "3"}, False, ["createResourceTags"], {"a": "1", "b": "2", "c": "3"}),
        ({"a": "9"}, False, ["deleteResourceTags", "createResourceTags"], {"a": "9", "b": "2"}),
        ({}, True, ["deleteResourceTags"], {}),
        ({"a": "1"}, True, ["deleteResourceTags"], {"a": "1"}),
        ({"b": "", "z": "0"}, True, ["deleteResourceTags", "createResourceTags"], {"b": "", "z": "0"}),
    ],
    ids=str,
)
@pytest.mark.parametrize(
    "switches", [{}, {"tags_create": "refuses", "tags_delete_value": "must_match", "tags_delay": 0.1}], ids=str
)
def test_tags_converge_without_a_put(cloud, wanted, purge, operations, left, switches):
    cloud.switch(**switches)
    connection = cloud.add_connection(name="office", tags={"a": "1", "b": "2", "_sys_x": "y"})
    arguments = {"name": "office", "tags": wanted, "purge_tags": purge}
    result = run_task(cloud, arguments)
    assert [entry.operation for entry in cloud.writes()] == operations
    assert result["vpn_connection"]["tags"] == dict(left, _sys_x="y")
    assert cloud.connection(connection["id"])["status"] == "DOWN"
    assert_converges(cloud, arguments, changes=False)


@pytest.mark.parametrize(
    "refusals, left, told",
    [(1, {"a": "1", "b": "2"}, []), (2, {"b": "2"}, ["tags deleted to be replaced could not be put back"])],
)
def test_a_tag_whose_new_value_is_refused_is_put_back(cloud, refusals, left, told):
    cloud.add_connection(name="office", tags={"a": "1", "b": "2"})
    cloud.fault(
        "status", operation="createResourceTags", status=400, code="VPN.0001", message="no such value", times=refusals
    )
    with pytest.raises(_errors.ApiError, match="no such value") as caught:
        run_task(cloud, {"name": "office", "tags": {"a": "9"}})
    assert only(cloud)["tags"] == left
    assert [warning.split(": ")[:2] for warning in caught.value.details["warnings"]] == [
        ["VPN connection office", text] for text in told
    ]


def test_an_answer_that_shows_other_values_is_a_failure(cloud):
    cloud.add_connection(name="office")
    cloud.switch(dropped_members=["ikepolicy.dpd.timeout"])
    with pytest.raises(
        _errors.ChangeNotApplied, match="the server accepted the change and kept ikepolicy.dpd.timeout 15"
    ):
        run_task(cloud, {"name": "office", "ikepolicy": {"dpd": {"timeout": 3}}})


def test_tags_without_wait_are_returned_as_planned(cloud):
    cloud.add_connection(name="office", tags={"a": "1"})
    assert run_task(cloud, {"name": "office", "tags": {"b": "2"}, "wait": False})["vpn_connection"]["tags"] == {
        "a": "1",
        "b": "2",
    }


def test_tags_and_settings_together(cloud):
    cloud.add_connection(name="office", tags={"a": "1"})
    result = assert_converges(
        cloud, {"name": "office", "tags": {"b": "2"}, "purge_tags": True, "ipsecpolicy": {"pfs": "group20"}}
    )
    assert {change["path"] for change in result["changes"]} == {"tags", "ipsecpolicy.pfs"}


# -- keys and reset --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "version, reset, required, in_use",
    [
        ("v2", "never", True, KEY),
        ("v2", "if_required", False, "Another-Key-2"),
        ("v2", "always", False, "Another-Key-2"),
        ("v1", "never", False, KEY),
        ("v1", "if_required", False, KEY),
    ],
)
def test_a_new_key(cloud, version, reset, required, in_use):
    connection = cloud.add_connection(name="office", psk=KEY, ikepolicy={"ike_version": version})
    arguments = {"name": "office", "psk": "Another-Key-2", "update_psk": "always", "reset": reset}
    dry = run_task(cloud, arguments, check_mode=True)
    real = run_task(cloud, arguments)
    for result in (dry, real):
        assert (result["changed"], result["psk_updated"], result["reset_required"]) == (True, True, required)
    assert dry["plan_id"] == real["plan_id"]
    assert cloud.configured(connection["id"])["psk"] == "Another-Key-2"
    assert cloud.negotiated(connection["id"])["psk"] == in_use
    assert any("re-established" in warning for warning in real["warnings"]) is required


@pytest.mark.parametrize("reset, in_use", [("never", "198.51.100.7"), ("if_required", "198.51.100.99")])
def test_a_new_identity_bites_after_a_reset(cloud, reset, in_use):
    connection = cloud.add_connection(name="office", psk=KEY, ikepolicy={"peer_id": "198.51.100.7"})
    result = assert_converges(cloud, {"name": "office", "ikepolicy": {"peer_id": "198.51.100.99"}, "reset": reset})
    assert result["reset_required"] is (reset == "never")
    assert cloud.negotiated(connection["id"])["ikepolicy"]["peer_id"] == in_use


def test_the_reset_comes_after_the_write_has_settled(cloud):
    cloud.add_connection(name="office", psk=KEY)
    run_task(
        cloud, {"name": "office", "psk": "Another-Key-2", "update_psk": "always", "reset": "if_required", "wait": False}
    )
    assert [(entry.operation, entry.status) for entry in cloud.writes()] == [
        ("createResourceTags", 204),
        ("updateVpnConnection", 200),
        ("resetVpnConnection", 200),
        ("deleteResourceTags", 204),
    ]


def test_an_innocent_run_never_resets(cloud):
    cloud.add_connection(name="office", psk=KEY)
    run_task(cloud, {"name": "office", "psk": KEY, "reset": "if_required", "ipsecpolicy": {"pfs": "group20"}})
    assert [entry.operation for entry in cloud.writes()] == ["updateVpnConnection"]


def test_a_repair(cloud):
    cloud.add_connection(name="office", psk=KEY)
    dry = run_task(cloud, {"name": "office", "reset": "always"}, check_mode=True)
    assert (dry["changed"], [change["path"] for change in dry["changes"]], cloud.writes()) == (True, ["reset"], [])
    real = run_task(cloud, {"name": "office", "reset": "always"})
    assert [entry.operation for entry in cloud.writes()] == ["resetVpnConnection"]
    assert "request_body" not in real and real["changes"] == dry["changes"]


def test_a_failure_before_the_reset_says_that_it_is_still_due(cloud):
    cloud.add_connection(name="office", psk=KEY)
    cloud.fault(
        "status", operation="resetVpnConnection", status=403, code="VPN.0007", message="not authorised", times=9
    )
    with pytest.raises(_errors.ApiError, match="not authorised") as caught:
        run_task(cloud, {"name": "office", "psk": "Another-Key-2", "update_psk": "always", "reset": "if_required"})
    assert caught.value.details["reset_required"] is True
    assert caught.value.details["changed"] is True


RESET = {"path": "reset", "before": False, "after": True, "takes_effect": "immediately"}


def test_a_reset_that_will_be_done_is_part_of_the_plan(cloud):
    cloud.add_connection(name="office", psk=KEY)
    rotation = {"name": "office", "psk": "Another-Key-2", "update_psk": "always"}
    kept = run_task(cloud, dict(rotation, reset="never"), check_mode=True)
    dry = run_task(cloud, dict(rotation, reset="if_required"), check_mode=True)
    assert ([change["path"] for change in kept["changes"]], dry["changes"][-1]) == (["psk"], RESET)
    assert (dry["diff"]["before"]["reset"], dry["diff"]["after"]["reset"]) == (False, True)
    assert "reset" not in kept["diff"]["after"] and kept["plan_id"] != dry["plan_id"]
    with pytest.raises(_errors.PlanMismatch, match="intended changes moved; nothing was sent"):
        run_task(cloud, dict(rotation, reset="if_required", expect_plan=kept["plan_id"]))
    assert cloud.writes() == []
    assert run_task(cloud, dict(rotation, reset="if_required", expect_plan=dry["plan_id"]))["changes"] == dry["changes"]
