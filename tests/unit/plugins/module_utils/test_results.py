# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a result says of a plan: the action, the changes, the text below the difference, the plan ID."""

from __future__ import annotations

import copy
import re

import pytest
from ansible.plugins.callback import CallbackBase

from ansible_collections.huaweicloud.vpn.plugins.module_utils import _errors
from ansible_collections.huaweicloud.vpn.plugins.module_utils._planning import plan as planning
from ansible_collections.huaweicloud.vpn.plugins.module_utils._planning.planner import make_plan
from ansible_collections.huaweicloud.vpn.plugins.module_utils._resources.connection import CONNECTION
from ansible_collections.huaweicloud.vpn.plugins.module_utils._work.api import Api
from ansible_collections.huaweicloud.vpn.tests.unit.harness.creations import new
from ansible_collections.huaweicloud.vpn.tests.unit.harness.support import KEY, run_fleet, run_task

PLAN_ID = re.compile(r"v1\.[0-9a-f]{32}\.[0-9a-f]{32}")


def lines(diff):
    """Return the text below a difference, line by line."""
    assert diff["prepared"].endswith("\n")
    return diff["prepared"].splitlines()


# -- the action -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("check_mode", [True, False])
def test_each_result_has_its_action(cloud, check_mode):
    found = cloud.add_connection(name="office", psk=KEY)
    gone = cloud.add_connection(name="gone")
    tasks = {
        "create": new(cloud),
        "update": {"id": found["id"], "ikepolicy": {"lifetime_seconds": 3600}},
        "delete": {"id": gone["id"], "state": "absent"},
        "none": {"id": found["id"]},
    }
    for action, task in tasks.items():
        assert run_task(cloud, task, check_mode)["action"] == action
    assert run_task(cloud, {"name": "nobody", "state": "absent"}, check_mode)["action"] == "none"


@pytest.mark.parametrize("check_mode", [True, False])
def test_each_entry_has_its_action_and_changes(cloud, check_mode):
    found, other = cloud.add_connection(name="office"), cloud.add_connection(name="other")
    result = run_fleet(
        cloud,
        [
            {"id": found["id"]},
            {"id": other["id"], "ikepolicy": {"lifetime_seconds": 3600}},
            {"name": "nobody", "state": "absent"},
        ],
        check_mode,
    )
    assert [
        (set(entry) >= {"name", "id", "changed"}, entry["action"], len(entry["changes"]))
        for entry in result["connections"]
    ] == [(True, "none", 0), (True, "update", 1), (True, "none", 0)]


def test_a_failed_entry_has_its_action_and_changes(cloud):
    found = cloud.add_connection(name="office")
    cloud.fault("status", method="PUT", path=found["id"], status=400, code="VPN.0001", message="no")
    with pytest.raises(_errors.VpnError) as caught:
        run_fleet(cloud, [{"id": found["id"], "ikepolicy": {"lifetime_seconds": 3600}}])
    entry = caught.value.details["connections"][0]
    assert (entry["changed"], entry["action"]) == (False, "update") and entry["error"]
    assert [change["path"] for change in entry["changes"]] == ["ikepolicy.lifetime_seconds"]


# -- the text below the difference ----------------------------------------------------------------------------------


def test_the_difference_ends_with_effects_and_plan_id(cloud):
    found = cloud.add_connection(name="office", psk=KEY)
    wanted = {
        "id": found["id"],
        "name": "hq",
        "ikepolicy": {"lifetime_seconds": 3600, "dh_group": "group20"},
        "ipsecpolicy": {"pfs": "group20"},
        "psk": "Another-Key-2",
        "update_psk": "always",
    }
    dry = run_task(cloud, wanted, check_mode=True)
    assert lines(dry["diff"]) == [
        "at the next phase 1 negotiation: ikepolicy.dh_group, ikepolicy.lifetime_seconds",
        "at the next phase 2 negotiation: ipsecpolicy.pfs",
        "only after a reset, which is not part of this plan: psk",
        "plan_id: " + dry["plan_id"],
    ]
    assert run_task(cloud, wanted)["diff"] == dry["diff"]


def test_the_difference_announces_a_reset(cloud):
    found = cloud.add_connection(name="office", psk=KEY)
    dry = run_task(
        cloud,
        {"id": found["id"], "psk": "Another-Key-2", "update_psk": "always", "reset": "if_required"},
        check_mode=True,
    )
    assert lines(dry["diff"]) == [
        "after the reset: psk",
        "the VPN connection is reset: its tunnel is interrupted until both ends have negotiated again",
        "plan_id: " + dry["plan_id"],
    ]


def test_nothing_is_said_below_no_difference(cloud):
    found = cloud.add_connection(name="office")
    assert "prepared" not in run_task(cloud, {"id": found["id"]}, check_mode=True)["diff"]
    assert run_fleet(cloud, [{"id": found["id"]}], check_mode=True)["diff"] == []


def test_of_many_the_last_difference_speaks_for_the_whole_task(cloud):
    one, two, same = (cloud.add_connection(name=name, psk=KEY) for name in ("one", "two", "same"))
    wanted = [
        {"id": one["id"], "ikepolicy": {"lifetime_seconds": 3600}},
        {"id": same["id"]},
        {"id": two["id"], "reset": "always"},
    ]
    dry = run_fleet(cloud, wanted, check_mode=True)
    assert ["prepared" in diff for diff in dry["diff"]] == [False, True]
    assert lines(dry["diff"][-1]) == [
        "one: at the next phase 1 negotiation: ikepolicy.lifetime_seconds",
        "two: the VPN connection is reset: its tunnel is interrupted until both ends have negotiated again",
        "plan_id: " + dry["plan_id"],
    ]
    assert run_fleet(cloud, wanted, expect_plan=dry["plan_id"])["diff"] == dry["diff"]


STANDARD = {
    "ikepolicy": {
        "authentication_algorithm": "sha2-512",
        "encryption_algorithm": "aes-256",
        "dh_group": "group21",
        "lifetime_seconds": 28800,
    },
    "ipsecpolicy": {"authentication_algorithm": "sha2-512", "encryption_algorithm": "aes-256", "pfs": "group21"},
}


def printed(diff):
    """Return the lines that core prints of a difference, without colors."""
    text = CallbackBase()._get_diff(copy.deepcopy(diff))
    return re.sub(r"\x1b\[[0-9;]*m", "", text).splitlines()


def brought_to_standard(cloud):
    """Return the dry run that brings 30 connections to one standard: 28 are alike, two have one setting already."""
    found = [cloud.add_connection(name=f"site-{number}", psk=KEY) for number in range(28)]
    found += [
        cloud.add_connection(name="odd-1", psk=KEY, ipsecpolicy={"pfs": "group21"}),
        cloud.add_connection(name="odd-2", psk=KEY, ikepolicy={"dh_group": "group21"}),
    ]
    return [{"id": connection["id"], **STANDARD} for connection in found]


def test_one_standard_for_thirty_connections_is_a_difference_one_can_read(cloud):
    wanted = brought_to_standard(cloud)
    one_by_one = [run_task(cloud, entry, check_mode=True)["diff"] for entry in wanted]
    result = run_fleet(cloud, wanted, check_mode=True)
    shown = printed(result["diff"])
    assert len(printed(one_by_one)) > 1200
    assert len(shown) < 130
    assert [line for line in shown if line.startswith("+++")] == [
        "+++ after: " + result["diff"][number]["after_header"] for number in (0, 28, 29)
    ]
    # Each shown difference is what core shows of that connection alone.
    alone = [dict(diff, prepared="") for diff in (one_by_one[0], one_by_one[28], one_by_one[29])]
    assert shown[: len(printed(alone))] == printed(alone)


def test_equal_changes_of_many_are_told_once(cloud):
    result = run_fleet(cloud, brought_to_standard(cloud), check_mode=True)
    names = ", ".join(f"site-{number}" for number in range(28))
    first, *others = lines(result["diff"][-1])
    changes, _separator, named = first.rpartition(": ")
    assert named == names
    assert set(changes.removeprefix("28 connections: ").split(", ")) == {
        f"{change['path']} {change['before']} → {change['after']}" for change in result["connections"][0]["changes"]
    }
    assert others[:2] == [
        "these 28: at the next phase 1 negotiation: ikepolicy.authentication_algorithm, ikepolicy.dh_group, "
        "ikepolicy.encryption_algorithm, ikepolicy.lifetime_seconds",
        "these 28: at the next phase 2 negotiation: ipsecpolicy.authentication_algorithm, "
        "ipsecpolicy.encryption_algorithm, ipsecpolicy.pfs",
    ]
    assert [line.partition(":")[0] for line in others[2:]] == ["odd-1", "odd-1", "odd-2", "odd-2", "plan_id"]


def test_every_changing_connection_keeps_its_element(cloud):
    wanted = brought_to_standard(cloud)
    dry = run_fleet(cloud, wanted, check_mode=True)
    assert len(dry["diff"]) == 30
    headers = [f"VPN connection {entry['name']} ({entry['id']})" for entry in dry["connections"]]
    assert [diff["before_header"] for diff in dry["diff"]] == [diff["after_header"] for diff in dry["diff"]] == headers
    told = [number for number, diff in enumerate(dry["diff"]) if "before" in diff]
    assert told == [0, 28, 29]
    for number in told:
        diff = run_task(cloud, wanted[number], check_mode=True)["diff"]
        assert (dry["diff"][number]["before"], dry["diff"][number]["after"]) == (diff["before"], diff["after"])
    assert {diff["same_changes_as"] for diff in dry["diff"][1:28]} == {headers[0]}
    assert run_fleet(cloud, wanted, expect_plan=dry["plan_id"])["diff"] == dry["diff"]


def test_a_pair_is_shown_one_by_one(cloud):
    pair = [cloud.add_connection(name=name, psk=KEY) for name in ("one", "two")]
    diff = run_fleet(cloud, [{"id": found["id"], **STANDARD} for found in pair], check_mode=True)["diff"]
    assert all(element["before"] != element["after"] for element in diff)
    assert [line.partition(":")[0] for line in lines(diff[-1])] == ["one", "one", "two", "two", "plan_id"]


def test_keys_and_resets_of_many_are_told_once(cloud):
    found = [cloud.add_connection(name=name, psk=KEY) for name in ("one", "two", "three")]
    entry = {"psk": "Another-Key-2", "update_psk": "always", "reset": "if_required"}
    result = run_fleet(cloud, [{"id": connection["id"], **entry} for connection in found], check_mode=True)
    assert lines(result["diff"][-1]) == [
        "3 connections: psk_updated false → true, reset false → true: one, two, three",
        "these 3: after the reset: psk",
        "these 3: the VPN connection is reset: its tunnel is interrupted until both ends have negotiated again",
        "plan_id: " + result["plan_id"],
    ]


def test_what_deletions_lose_is_shown_of_each(cloud):
    for name in ("one", "two", "three"):
        cloud.add_connection(name=name)
    gone = [{"name": name, "state": "absent"} for name in ("one", "two", "three")]
    diff = run_fleet(cloud, gone, check_mode=True)["diff"]
    assert [(element["before"]["name"], element["after"]) for element in diff] == [
        ("one", {}),
        ("two", {}),
        ("three", {}),
    ]


def test_a_refused_plan_is_described_like_any_other(cloud):
    found = cloud.add_connection(name="office")
    wanted = {"id": found["id"], "ikepolicy": {"lifetime_seconds": 3600}}
    now = run_task(cloud, wanted, check_mode=True)
    with pytest.raises(_errors.PlanMismatch) as caught:
        run_task(cloud, dict(wanted, expect_plan="v1.%s.%s" % ("a" * 32, "b" * 32)))
    assert {key: caught.value.details[key] for key in ("diff", "plan_id", "action", "changes")} == {
        key: now[key] for key in ("diff", "plan_id", "action", "changes")
    }


# -- headers and plan IDs -------------------------------------------------------------------------------------------


def test_a_creation_has_the_headers_of_its_dry_run(cloud):
    wanted = new(cloud)
    dry, real = run_task(cloud, wanted, check_mode=True), run_task(cloud, wanted)
    assert real["vpn_connection"]["id"]
    assert real["diff"] == dry["diff"]
    assert dry["diff"]["before_header"] == dry["diff"]["after_header"] == "VPN connection " + wanted["name"]


def test_creations_of_many_have_the_headers_of_their_dry_run(cloud):
    wanted = [new(cloud)]
    dry = run_fleet(cloud, wanted, check_mode=True)
    assert run_fleet(cloud, wanted)["diff"] == dry["diff"]


def test_plan_ids_are_short_for_one_and_for_many(cloud):
    found = cloud.add_connection(name="office", psk=KEY)
    wanted = {"id": found["id"], "psk": "Another-Key-2", "update_psk": "always"}
    assert PLAN_ID.fullmatch(run_task(cloud, wanted, check_mode=True)["plan_id"])
    assert PLAN_ID.fullmatch(run_fleet(cloud, [wanted], check_mode=True)["plan_id"])


def test_a_long_plan_id_of_an_earlier_release_is_refused_with_its_form(cloud):
    with pytest.raises(_errors.InvalidInput) as caught:
        run_task(cloud, {"name": "office", "expect_plan": "v1.%s.%s" % ("a" * 64, "b" * 64)})
    assert "it has the form v1.<32 hexadecimal digits>.<32 hexadecimal digits>" in str(caught.value)
    assert cloud.journal() == []


# -- what the API showed --------------------------------------------------------------------------------------------


def test_a_fixed_member_that_the_api_shows_as_false_is_refused(cloud):
    found = cloud.add_connection(name="office", style="static", enable_nqa=False)
    assert run_task(cloud, {"id": found["id"]})["vpn_connection"]["enable_nqa"] is False
    with pytest.raises(_errors.InvalidInput) as caught:
        run_task(cloud, {"id": found["id"], "enable_nqa": True})
    assert caught.value.violations == ["enable_nqa is fixed at creation: it is false, the task asks for true"]


def test_before_is_what_the_api_showed(cloud):
    found = cloud.add_connection(name="office", style="bgp", enable_hub=False)
    result = run_task(cloud, {"id": found["id"], "enable_hub": True}, check_mode=True)
    assert [(change["path"], change["before"]) for change in result["changes"]] == [("enable_hub", False)]


def plan_of(**members):
    found = {"id": "1", "name": "office", "style": "BGP", "status": "ACTIVE", **members}
    return make_plan(CONNECTION, planning.Desired({"enable_hub": True}), found)


def test_a_member_shown_as_false_and_one_left_out_have_one_plan_id():
    shown, left_out = plan_of(enable_hub=False), plan_of()
    assert (shown.changes[0]["before"], left_out.changes[0]["before"]) == (False, None)
    assert shown.plan_id() == left_out.plan_id()


# -- the status after a change that is not waited for ---------------------------------------------------------------

WITHOUT_WAIT = {
    "body": {"ikepolicy": {"lifetime_seconds": 3600}},
    "tags": {"tags": {"owner": "net"}},
    "reset": {"reset": "always"},
    "both": {"ikepolicy": {"lifetime_seconds": 3600}, "tags": {"owner": "net"}},
}


@pytest.mark.parametrize("what", list(WITHOUT_WAIT))
def test_no_status_from_before_a_change_is_shown(cloud, what):
    found = cloud.add_connection(name="office", tags={})
    result = run_task(cloud, {"id": found["id"], "wait": False, **WITHOUT_WAIT[what]})
    assert result["changed"] is True and "status" not in result["vpn_connection"]
    assert result["vpn_connection"]["name"] == "office"


def test_a_status_that_the_answer_to_the_change_carried_is_shown(cloud, monkeypatch):
    found = cloud.add_connection(name="office")
    right = Api.update
    monkeypatch.setattr(Api, "update", lambda self, *given: dict(right(self, *given), status="PENDING_UPDATE"))
    result = run_task(cloud, {"id": found["id"], "wait": False, **WITHOUT_WAIT["body"]})
    assert result["vpn_connection"]["status"] == "PENDING_UPDATE"


def test_without_a_change_the_status_that_was_read_is_shown(cloud):
    found = cloud.add_connection(name="office")
    assert run_task(cloud, {"id": found["id"], "wait": False})["vpn_connection"]["status"] == found["status"]


# -- no creation ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("check_mode", [True, False])
def test_nothing_is_created_where_that_is_ruled_out(cloud, check_mode):
    wanted = dict(new(cloud), create=False)
    with pytest.raises(_errors.NotFound) as caught:
        run_task(cloud, wanted, check_mode)
    assert str(
        caught.value
    ) == "no VPN connection with the name %s and the vgw_id %s was found, and create is false" % (
        wanted["name"],
        wanted["vgw_id"],
    )
    with pytest.raises(_errors.NotFound, match="no VPN connection with the name nobody was found, and create is false"):
        run_task(cloud, {"name": "nobody", "create": False}, check_mode)
    assert cloud.writes() == []


def test_an_entry_that_may_not_be_created_is_named(cloud):
    cloud.add_connection(name="office")
    with pytest.raises(_errors.InvalidInput) as caught:
        run_fleet(cloud, [{"name": "office", "create": False}, {"name": "ofice", "create": False}])
    assert caught.value.violations == [
        "connections[1] (ofice): no VPN connection with the name ofice was found, and create is false"
    ]


def test_what_exists_is_changed_and_deleted_without_creation(cloud):
    found = cloud.add_connection(name="office")
    assert (
        run_task(cloud, {"name": "office", "create": False, "ikepolicy": {"lifetime_seconds": 3600}})["action"]
        == "update"
    )
    assert run_task(cloud, {"name": "office", "create": False, "state": "absent"})["action"] == "delete"
    assert run_task(cloud, {"name": "office", "create": False, "state": "absent"})["action"] == "none"
    assert found["id"] not in {connection["id"] for connection in cloud.connections()}


def test_a_connection_on_its_way_out_is_not_made_again(cloud):
    found = cloud.add_connection(name="office")
    cloud.set_status(found["id"], "PENDING_DELETE", settle_after=float("inf"))
    with pytest.raises(_errors.NotFound, match="was found but one that is being deleted, and create is false"):
        run_task(cloud, {"name": "office", "create": False})
