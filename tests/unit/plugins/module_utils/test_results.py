# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a result says of a plan: the action, the changes, the text below the difference, the plan ID."""

from __future__ import annotations

import re

import pytest

from ansible.plugins.callback import CallbackBase

from ansible_collections.huaweicloud.vpn.plugins.module_utils import _errors
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
        "create": new(cloud), "update": {"id": found["id"], "ikepolicy": {"lifetime_seconds": 3600}},
        "delete": {"id": gone["id"], "state": "absent"}, "none": {"id": found["id"]},
    }
    for action, task in tasks.items():
        assert run_task(cloud, task, check_mode)["action"] == action
    assert run_task(cloud, {"name": "nobody", "state": "absent"}, check_mode)["action"] == "none"


@pytest.mark.parametrize("check_mode", [True, False])
def test_each_entry_has_its_action_and_changes(cloud, check_mode):
    found, other = cloud.add_connection(name="office"), cloud.add_connection(name="other")
    result = run_fleet(cloud, [
        {"id": found["id"]}, {"id": other["id"], "ikepolicy": {"lifetime_seconds": 3600}}, {"name": "nobody", "state": "absent"}], check_mode)
    assert [(set(entry) >= {"name", "id", "changed"}, entry["action"], len(entry["changes"])) for entry in result["connections"]] == [
        (True, "none", 0), (True, "update", 1), (True, "none", 0)]


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
        "id": found["id"], "name": "hq", "ikepolicy": {"lifetime_seconds": 3600, "dh_group": "group20"}, "ipsecpolicy": {"pfs": "group20"},
        "psk": "Another-Key-2", "update_psk": "always"}
    dry = run_task(cloud, wanted, check_mode=True)
    assert lines(dry["diff"]) == [
        "at the next phase 1 negotiation: ikepolicy.dh_group, ikepolicy.lifetime_seconds",
        "at the next phase 2 negotiation: ipsecpolicy.pfs",
        "only after a reset, which is not part of this plan: psk",
        "plan_id: " + dry["plan_id"]]
    assert run_task(cloud, wanted)["diff"] == dry["diff"]


def test_the_difference_announces_a_reset(cloud):
    found = cloud.add_connection(name="office", psk=KEY)
    dry = run_task(cloud, {"id": found["id"], "psk": "Another-Key-2", "update_psk": "always", "reset": "if_required"}, check_mode=True)
    assert lines(dry["diff"]) == [
        "after the reset: psk", "the VPN connection is reset: its tunnel is interrupted until both ends have negotiated again",
        "plan_id: " + dry["plan_id"]]


def test_core_prints_what_a_plain_dry_run_needs_for_an_approval(cloud):
    found = cloud.add_connection(name="office")
    wanted = {"id": found["id"], "ikepolicy": {"lifetime_seconds": 3600}}
    dry = run_task(cloud, wanted, check_mode=True)
    printed = CallbackBase()._get_diff(dry["diff"])
    assert "lifetime_seconds" in printed
    approved = re.search(r"(?m)^plan_id: (\S+)$", re.sub(r"\x1b\[[0-9;]*m", "", printed)).group(1)
    assert run_task(cloud, dict(wanted, expect_plan=approved))["changed"] is True


def test_nothing_is_said_below_no_difference(cloud):
    found = cloud.add_connection(name="office")
    assert "prepared" not in run_task(cloud, {"id": found["id"]}, check_mode=True)["diff"]
    assert run_fleet(cloud, [{"id": found["id"]}], check_mode=True)["diff"] == []


def test_of_many_the_last_difference_speaks_for_the_whole_task(cloud):
    one, two, same = (cloud.add_connection(name=name, psk=KEY) for name in ("one", "two", "same"))
    wanted = [
        {"id": one["id"], "ikepolicy": {"lifetime_seconds": 3600}}, {"id": same["id"]}, {"id": two["id"], "reset": "always"}]
    dry = run_fleet(cloud, wanted, check_mode=True)
    assert ["prepared" in diff for diff in dry["diff"]] == [False, True]
    assert lines(dry["diff"][-1]) == [
        "one: at the next phase 1 negotiation: ikepolicy.lifetime_seconds",
        "two: the VPN connection is reset: its tunnel is interrupted until both ends have negotiated again",
        "plan_id: " + dry["plan_id"]]
    assert run_fleet(cloud, wanted, expect_plan=dry["plan_id"])["diff"] == dry["diff"]


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
