# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An approved plan holds to the end: whatever is planned anew on the way must be a part of it. Against the emulator."""

from __future__ import annotations

import functools

import pytest

from ansible_collections.huaweicloud.vpn.plugins.module_utils import _errors
from ansible_collections.huaweicloud.vpn.plugins.module_utils._planning import plan as planning
from ansible_collections.huaweicloud.vpn.tests.unit.harness.clocks import FastClock
from ansible_collections.huaweicloud.vpn.tests.unit.harness.creations import new, only
from ansible_collections.huaweicloud.vpn.tests.unit.harness.support import KEY, run_fleet, run_task

ID = "98c5af8a-1111-4222-8333-ae2280a6f4c3"
BUSY = {"kind": "busy", "code": "VPN.0306"}
LOST = {"kind": "server_error", "status": 502, "body": "html"}
WAIT = pytest.mark.parametrize("wait", [True, False], ids=["wait", "no wait"])


@pytest.fixture(autouse=True)
def cheap_ids(monkeypatch):
    """Let keys go into the ids of plans quickly."""
    monkeypatch.setattr(planning, "KEY_ROUNDS", 10)


@pytest.fixture(autouse=True)
def nobody_listens(cloud):
    yield
    cloud.service.listeners.clear()


def one(cloud, arguments, check_mode=False):
    return run_task(cloud, arguments, check_mode, clock=FastClock())


def many(cloud, arguments, check_mode=False):
    """Run vpn_connections for one connection, with the arguments of vpn_connection."""
    common = {
        name: arguments[name] for name in ("wait", "expect_plan", "wait_timeout", "max_retries") if name in arguments
    }
    return run_fleet(
        cloud,
        [{name: value for name, value in arguments.items() if name not in common}],
        check_mode,
        clock=FastClock(20),
        **common,
    )


BOTH = pytest.mark.parametrize("run", [one, many])


def seeded(cloud, **members):
    return cloud.add_connection(
        **dict(
            {"id": ID, "name": "office", "style": "static", "peer_subnets": ["192.168.1.0/24"], "psk": KEY}, **members
        )
    )


def once_answered(cloud, operation, happens):
    """Let something happen in the cloud right after the first answer to an operation."""
    over = []

    def listener(entry):
        if entry.operation == operation and not over:
            over.append(True)
            happens()

    cloud.on_request(listener)


def somebody_sets(cloud, **members):
    """Return a function that changes the connection as somebody else would."""

    def happens():
        found = cloud.configured(ID)
        tags = cloud.connection(ID)["tags"]
        cloud.remove_connection(ID)
        cloud.add_connection(**dict(found, id=ID, tags=tags, **members))

    return happens


def approved(run, cloud, arguments):
    """Return arguments with the id of the plan that they make now; nothing is written."""
    plan_id = run(cloud, arguments, True)["plan_id"]
    assert cloud.writes() == []
    cloud.clear_journal()
    return dict(arguments, expect_plan=plan_id)


def refused(run, cloud, arguments):
    """Run what must be refused since the plan moved, and return what is told of it (dict)."""
    with pytest.raises(_errors.VpnError, match="the plan is not the approved one: the found state") as caught:
        run(cloud, arguments)
    details = caught.value.details
    return details["connections"][0] if "connections" in details else details


def operations(cloud):
    return [entry.operation for entry in cloud.writes()]


@BOTH
@WAIT
@pytest.mark.parametrize("fault", [BUSY, LOST], ids=["busy", "lost"])
@pytest.mark.parametrize(
    "arguments, operation",
    [
        ({"peer_subnets": ["192.168.7.0/24"]}, "updateVpnConnection"),
        ({"state": "absent"}, "deleteVpnConnection"),
        ({"tags": {"a": "1"}}, "createResourceTags"),
        ({"reset": "always"}, "resetVpnConnection"),
    ],
    ids=["PUT", "DELETE", "tags", "reset"],
)
def test_what_somebody_else_changes_meanwhile_ends_the_approval(cloud, run, wait, fault, arguments, operation):
    seeded(cloud)
    wanted = approved(run, cloud, dict(arguments, id=ID, wait=wait))
    cloud.fault(operation=operation, **fault)
    once_answered(cloud, operation, somebody_sets(cloud, peer_subnets=["10.99.0.0/16"]))
    told = refused(run, cloud, wanted)
    assert operations(cloud) == [operation]
    assert cloud.connection(ID)["peer_subnets"] == ["10.99.0.0/16"]
    # Whether the lost one was carried out is not known.
    assert bool(told.get("changed")) is (fault is LOST)


@BOTH
@WAIT
@pytest.mark.parametrize(
    "fault", [BUSY, dict(LOST, applied=False), dict(LOST, applied=True)], ids=["busy", "not carried out", "carried out"]
)
@pytest.mark.parametrize(
    "arguments, writes",
    [
        ({"peer_subnets": ["192.168.7.0/24"], "ikepolicy": {"dpd": {"timeout": 20}}}, "updateVpnConnection"),
        (
            {
                "peer_subnets": ["192.168.7.0/24"],
                "psk": "Another-Key-2",
                "update_psk": "always",
                "reset": "if_required",
            },
            "updateVpnConnection",
        ),
        # Members that the cloud changes along with those that are sent are the plan's own doing as well.
        (
            {"cgw_id": "5247ae10-1111-4222-8333-dd36659a7f5d", "psk": "Another-Key-2", "update_psk": "always"},
            "updateVpnConnection",
        ),
        ({"ikepolicy": {"ike_version": "v1"}, "psk": "Another-Key-2", "update_psk": "always"}, "updateVpnConnection"),
        ({"tags": {"a": "9", "new": "2"}, "purge_tags": True, "name": "renamed"}, "deleteResourceTags"),
        ({"tags": {"a": "9", "new": "2"}, "purge_tags": True, "name": "renamed"}, "createResourceTags"),
        ({"tags": {"a": "9", "new": "2"}, "purge_tags": True, "name": "renamed"}, "updateVpnConnection"),
        ({"state": "absent"}, "deleteVpnConnection"),
    ],
    ids=lambda value: value if isinstance(value, str) else "-".join(value),
)
def test_the_approved_state_and_those_that_its_own_writes_make_are_accepted(cloud, run, wait, fault, arguments, writes):
    cloud.add_customer_gateway(id="5247ae10-1111-4222-8333-dd36659a7f5d")
    seeded(cloud, tags={"a": "1", "old": "3", "stays": "4"} if "tags" in arguments else {})
    wanted = approved(run, cloud, dict(arguments, id=ID, wait=wait))
    cloud.fault(operation=writes, **fault)
    assert run(cloud, wanted)["changed"] is True
    if arguments.get("state") != "absent":
        found = cloud.configured(ID)
        assert found["psk"] == arguments.get("psk", KEY)
        assert run(cloud, dict(arguments, id=ID, update_psk="on_create", reset="never"))["changed"] is False


@BOTH
@WAIT
def test_a_list_that_shows_less_than_a_read_moves_nothing(cloud, run, wait):
    seeded(cloud)
    cloud.switch(list_items="no_policies")
    wanted = approved(run, cloud, {"name": "office", "peer_subnets": ["192.168.7.0/24"], "wait": wait})
    cloud.fault(operation="updateVpnConnection", **BUSY)
    assert run(cloud, wanted)["changed"] is True


@BOTH
@WAIT
@pytest.mark.parametrize("approve", [True, False], ids=["approved", "not approved"])
def test_somebody_elses_twin_is_no_part_of_an_approved_creation(cloud, run, wait, approve):
    wanted = dict(new(cloud), wait=wait)
    wanted = approved(run, cloud, wanted) if approve else wanted
    other = dict(
        {name: wanted[name] for name in ("name", "vgw_id", "vgw_ip", "cgw_id", "style", "enable_nqa")},
        peer_subnets=["10.99.0.0/16"],
        psk=KEY,
    )
    once_answered(cloud, "listVpnConnections", functools.partial(cloud.add_connection, **other))
    if approve:
        refused(run, cloud, wanted)
        assert only(cloud)["peer_subnets"] == ["10.99.0.0/16"]
        assert operations(cloud) == ["createVpnConnection"]
    else:
        assert run(cloud, wanted)["changed"] is True
        assert only(cloud)["peer_subnets"] == wanted["peer_subnets"]


@BOTH
@WAIT
def test_a_twin_that_is_as_approved_leaves_nothing_to_write(cloud, run, wait):
    wanted = approved(run, cloud, dict(new(cloud), wait=wait))
    same = {name: value for name, value in wanted.items() if name not in ("wait", "expect_plan")}
    once_answered(cloud, "listVpnConnections", functools.partial(cloud.add_connection, **same))
    result = run(cloud, wanted)
    assert (result["changed"], operations(cloud)) == (False, ["createVpnConnection"])
    assert any("psk is not known to be the one given" in warning for warning in result["warnings"])


@BOTH
@WAIT
def test_what_stands_in_the_way_of_a_creation_is_checked_for_what_is_fixed(cloud, run, wait):
    wanted = dict(new(cloud), wait=wait)
    other = dict({name: wanted[name] for name in ("name", "vgw_id", "vgw_ip", "cgw_id")}, style="bgp", psk=KEY)
    once_answered(cloud, "listVpnConnections", functools.partial(cloud.add_connection, **other))
    with pytest.raises(_errors.VpnError, match="style is fixed at creation: it is bgp, the task asks for static"):
        run(cloud, wanted)
    assert operations(cloud) == ["createVpnConnection"]
    assert only(cloud)["style"] == "bgp"


@BOTH
@WAIT
def test_a_twin_that_is_taken_over_has_a_key_that_nobody_knows(cloud, run, wait):
    wanted = dict(new(cloud), wait=wait, peer_subnets=["192.168.8.0/24"])
    other = dict(
        {name: wanted[name] for name in ("name", "vgw_id", "vgw_ip", "cgw_id", "style", "enable_nqa")},
        peer_subnets=["10.99.0.0/16"],
    )
    once_answered(cloud, "listVpnConnections", functools.partial(cloud.add_connection, psk="Somebody-Elses-1", **other))
    result = run(cloud, wanted)
    assert result["changed"] is True and only(cloud)["peer_subnets"] == ["192.168.8.0/24"]
    assert any("set update_psk=always to send it" in warning for warning in result["warnings"])


@BOTH
@WAIT
@pytest.mark.parametrize("alike", [True, False], ids=["as sent", "another"])
def test_after_a_lost_creation_only_what_it_makes_is_accepted(cloud, run, wait, alike):
    wanted = approved(run, cloud, dict(new(cloud), wait=wait))
    cloud.fault(operation="createVpnConnection", applied=False, **LOST)
    other = {name: value for name, value in wanted.items() if name not in ("wait", "expect_plan")}
    other.update({} if alike else {"peer_subnets": ["10.99.0.0/16"]})
    once_answered(cloud, "createVpnConnection", functools.partial(cloud.add_connection, **other))
    if alike:
        assert run(cloud, wanted)["changed"] is True
    else:
        with pytest.raises(_errors.VpnError, match="peer_subnets"):
            run(cloud, wanted)
    assert operations(cloud) == ["createVpnConnection"]
    assert only(cloud)["peer_subnets"] == other["peer_subnets"]
