# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The VPN gateway's whole life: creation, changes, deletion with what surrounds it, and what is refused."""

from __future__ import annotations

import time

import pytest

from ansible_collections.huaweicloud.vpn.plugins.module_utils import _errors
from ansible_collections.huaweicloud.vpn.plugins.module_utils._planning.plan import Desired
from ansible_collections.huaweicloud.vpn.plugins.module_utils._planning.planner import make_plan
from ansible_collections.huaweicloud.vpn.plugins.module_utils._resources.connection import CONNECTION
from ansible_collections.huaweicloud.vpn.plugins.module_utils._resources.gateway import GATEWAY
from ansible_collections.huaweicloud.vpn.plugins.module_utils._work import info, single
from ansible_collections.huaweicloud.vpn.tests.unit.harness.site import converges, listed, operations, run
from ansible_collections.huaweicloud.vpn.tests.unit.harness.support import KEY, access

VPC = "0b7e4f4a-9a55-4d2e-8c4b-5a0100000001"
SUBNET = "0b7e4f4a-9a55-4d2e-8c4b-5a0100000002"
ROUTER = "0b7e4f4a-9a55-4d2e-8c4b-5a0100000003"
NEW_EIP = {"type": "5_bgp", "charge_mode": "traffic", "bandwidth_size": 100}
PUBLIC = {
    "name": "edge",
    "vpc_id": VPC,
    "connect_subnet": SUBNET,
    "local_subnets": ["10.0.0.0/24"],
    "eip1": NEW_EIP,
    "eip2": NEW_EIP,
}
PRIVATE = {name: value for name, value in PUBLIC.items() if not name.startswith("eip")}
PRIVATE["network_type"] = "private"
ROUTED = {
    "name": "edge",
    "attachment_type": "er",
    "er_id": ROUTER,
    "access_vpc_id": VPC,
    "access_subnet_id": SUBNET,
    "eip1": NEW_EIP,
    "eip2": NEW_EIP,
}
INTERRUPTED = "the tunnels of the gateway may be interrupted while its flavor changes"
RELEASED = "the elastic IP %s is released with it"
KEPT = "the elastic IP %s is detached and kept"
GONE = {"name": "edge", "state": "absent", "eips_on_delete": "release"}


def seed(cloud, **members):
    """Return a gateway that exists (dict)."""
    return cloud.add_gateway(**{"name": "edge", **members})


def keeping(cloud, **more):
    """Return the options of a task that deletes a gateway and keeps its addresses (dict)."""
    return dict(GONE, eips_on_delete="keep", eip_endpoint=cloud.url, **more)


def writes(cloud):
    return [entry.operation for entry in cloud.writes()]


def refused(cloud, arguments, *sentences):
    """Assert that a task is refused in these words before any write."""
    cloud.clear_journal()
    for check_mode in (True, False):
        with pytest.raises(_errors.InvalidInput) as caught:
            run(cloud, GATEWAY, arguments, check_mode=check_mode)
        assert caught.value.violations == list(sentences)
    assert cloud.writes() == []


# -- creation ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("wanted", [PUBLIC, PRIVATE, ROUTED], ids=["public", "private", "router"])
def test_a_creation_converges(cloud, wanted):
    paths = ["network_type", "attachment_type", "vpc_id", "er_id", "local_subnets", "connect_subnet"]
    eips = [f"{side}.{member}" for side in ("eip1", "eip2") for member in NEW_EIP] if "eip1" in wanted else []
    later = [path for path in ("access_vpc_id", "access_subnet_id") if path in wanted]
    made = converges(cloud, GATEWAY, wanted, ["name", *(path for path in paths if path in wanted), *eips, *later])
    shown = made["vpn_gateway"]
    assert (made["action"], shown["status"]) == ("create", "ACTIVE")
    assert ("ip_address" in shown.get("eip1", {})) is ("eip1" in wanted)


def test_a_creation_waits_until_it_is_active_and_shows_the_addresses(cloud):
    cloud.clear_journal()
    run(cloud, GATEWAY, PUBLIC)
    assert operations(cloud)[:3] == ["listVpnGateways", "showQuotas", "createVpnGateway"]
    assert writes(cloud) == ["createVpnGateway"]


def test_what_stands_in_for_another_member_is_compared_with_that(cloud):
    """Answers for a gateway at a router carry neither vpc_id nor connect_subnet."""
    wanted = {name: value for name, value in ROUTED.items() if not name.startswith("access")}
    wanted.update(vpc_id=VPC, connect_subnet=SUBNET)
    made = run(cloud, GATEWAY, wanted)
    assert "vpc_id" not in made["vpn_gateway"]
    assert "access_vpc_id" not in made["request_body"]["vpn_gateway"]
    assert run(cloud, GATEWAY, wanted)["changed"] is False
    with pytest.raises(_errors.InvalidInput, match="vpc_id is fixed at creation: it is 0b7e"):
        run(cloud, GATEWAY, dict(wanted, vpc_id=ROUTER))


def test_an_option_never_stands_in_for_another_one_in_a_request(cloud):
    """access_vpc_id alone must not become vpc_id: that reading is for answers."""
    with pytest.raises(_errors.InvalidInput, match="creating a VPN gateway needs vpc_id, and connect_subnet"):
        wanted = {name: value for name, value in PUBLIC.items() if name not in ("vpc_id", "connect_subnet")}
        run(cloud, GATEWAY, dict(wanted, access_vpc_id=VPC, access_subnet_id=SUBNET))


def test_existing_addresses_are_waited_for(cloud):
    eips = [cloud.add_eip(status="PENDING_CREATE", settle_after=0.3)["id"], cloud.add_eip()["id"]]
    wanted = dict(PUBLIC, eip1={"id": eips[0]}, eip2={"id": eips[1]}, eip_endpoint=cloud.url)
    cloud.clear_journal()
    made = run(cloud, GATEWAY, wanted)
    assert [made["vpn_gateway"][side]["id"] for side in ("eip1", "eip2")] == eips
    asked = operations(cloud)
    assert asked.count("showPublicIp") > 2 and asked.count("createVpnGateway") == 1
    assert run(cloud, GATEWAY, wanted)["changed"] is False


def test_addresses_that_stay_busy_end_the_task_before_it_sends_anything(cloud):
    eips = [cloud.add_eip(status="PENDING_CREATE")["id"], cloud.add_eip()["id"]]
    wanted = dict(PUBLIC, eip1={"id": eips[0]}, eip2={"id": eips[1]}, eip_endpoint=cloud.url, wait_timeout=5)
    with pytest.raises(_errors.WaitFailed, match=f"the elastic IP {eips[0]} was still busy after 5 seconds"):
        run(cloud, GATEWAY, wanted)
    assert cloud.writes() == []


def test_whoever_may_not_read_addresses_may_use_them(cloud):
    eips = [cloud.add_eip()["id"] for _number in range(2)]
    cloud.fault("status", operation="showPublicIp", status=403, code="EIP.0002", message="no right", times=None)
    made = run(cloud, GATEWAY, dict(PUBLIC, eip1={"id": eips[0]}, eip2={"id": eips[1]}, eip_endpoint=cloud.url))
    assert made["vpn_gateway"]["eip1"]["id"] == eips[0]


@pytest.mark.parametrize("applied", [True, False])
def test_a_lost_creation_makes_one_gateway(cloud, applied):
    cloud.fault("connection_reset", operation="createVpnGateway", applied=applied)
    made = run(cloud, GATEWAY, PUBLIC)
    assert [gateway["id"] for gateway in cloud.gateways()] == [made["vpn_gateway"]["id"]]
    assert writes(cloud).count("createVpnGateway") == (1 if applied else 2)


def test_a_lost_creation_is_not_taken_for_another_gateway_of_its_name(cloud, monkeypatch):
    """Made by somebody else between the first look and the creation: it differs in what tells gateways apart."""
    _make_at_creation(cloud, monkeypatch, lambda: cloud.add_gateway(name="edge", vpc_id=ROUTER))
    made = run(cloud, GATEWAY, PUBLIC)
    assert made["vpn_gateway"]["vpc_id"] == VPC and len(cloud.gateways()) == 2


def test_of_several_that_a_lost_creation_may_have_made_none_is_chosen(cloud, monkeypatch):
    _make_at_creation(cloud, monkeypatch, lambda: cloud.add_gateway(**{**PUBLIC, "eip1": {}, "eip2": {}}))
    with pytest.raises(_errors.Ambiguous, match="2 VPN gateways of this name with the same settings exist") as caught:
        run(cloud, GATEWAY, PUBLIC)
    assert sorted(caught.value.details["ids"]) == sorted(gateway["id"] for gateway in cloud.gateways())
    assert writes(cloud) == ["createVpnGateway"]


def _make_at_creation(cloud, monkeypatch, make):
    """Lose the answer to the creation of a gateway, and let somebody else make one right before it."""
    cloud.fault("connection_reset", operation="createVpnGateway", applied=True)
    right, done = single.Api.create, []

    def create(self, body):
        if not done:
            done.append(make())
        return right(self, body)

    monkeypatch.setattr(single.Api, "create", create)


NEEDS = "no VPN gateway is named edge; creating a VPN gateway needs "


@pytest.mark.parametrize(
    "wanted, sentences",
    [
        (
            {"name": "edge"},
            [
                f"{NEEDS}vpc_id, connect_subnet, local_subnets or local_subnets_v6, eip1.id or eip1.type, and eip2.id or eip2.type"
            ],
        ),
        (
            {"name": "edge", "attachment_type": "er", "network_type": "private"},
            [f"{NEEDS}er_id, access_vpc_id or vpc_id, and access_subnet_id or connect_subnet"],
        ),
        (
            dict(PUBLIC, eip1={"bandwidth_size": 5}),
            [
                f"{NEEDS}eip1.id or eip1.type",
                "eip1.bandwidth_size needs eip1.charge_mode or eip1.bandwidth_id beside it",
            ],
        ),
        (dict(PUBLIC, eip1={"type": "5_bgp"}), ["eip1.type needs eip1.bandwidth_size or eip1.bandwidth_id beside it"]),
        (
            dict(PUBLIC, eip2={"type": "5_bgp", "bandwidth_size": 5}),
            ["eip2.bandwidth_size needs eip2.charge_mode or eip2.bandwidth_id beside it"],
        ),
        (
            dict(PUBLIC, eip1=dict(NEW_EIP, id=VPC)),
            ["eip1.id must not be given together with eip1.type or eip1.charge_mode or eip1.bandwidth_size"],
        ),
        (dict(PUBLIC, eip1={"id": VPC}, eip2={"id": VPC}), [f"eip1.id and eip2.id must differ, both are {VPC}"]),
        (
            dict(PUBLIC, eip1=dict(NEW_EIP, bandwidth_size=1001)),
            ["eip1.bandwidth_size must be between 1 and 1000, not 1001"],
        ),
        (
            dict(PUBLIC, eip1=dict(NEW_EIP, bandwidth_name="a b")),
            [
                "eip1.bandwidth_name must be made of the letters A to Z, digits, underscores, hyphens and periods, not 'a b'"
            ],
        ),
        (
            dict(PUBLIC, network_type="private"),
            [
                f"{side}.{member} exists only with network_type public, not with private"
                for side in ("eip1", "eip2")
                for member in NEW_EIP
            ],
        ),
        (dict(PUBLIC, er_id=ROUTER), ["er_id exists only with attachment_type er, not with vpc"]),
        (
            dict(ROUTED, local_subnets=["10.0.0.0/24"]),
            ["local_subnets exists only with attachment_type vpc, not with er"],
        ),
        (
            dict(PUBLIC, local_subnets_v6=["2001:db8::/64"]),
            ["local_subnets_v6 exists only with ip_version ipv6, not with ipv4"],
        ),
        (dict(PUBLIC, ip_version="ipv6"), ["local_subnets exists only with ip_version ipv4, not with ipv6"]),
        (dict(PUBLIC, access_vpc_id=VPC), ["access_vpc_id needs access_subnet_id beside it"]),
        (
            dict(ROUTED, vpc_id=ROUTER),
            ["with attachment_type er, vpc_id and access_vpc_id mean the same: give one of them"],
        ),
        (
            dict(PRIVATE, access_private_ip_1="10.0.0.5"),
            ["access_private_ip_1 and access_private_ip_2 must be given together"],
        ),
        (
            dict(PRIVATE, access_private_ip_1="10.0.0.5", access_private_ip_2="10.0.0.5"),
            ["access_private_ip_1 and access_private_ip_2 must differ, both are 10.0.0.5"],
        ),
        (
            dict(PUBLIC, access_private_ip_1="10.0.0.5", access_private_ip_2="10.0.0.6"),
            [f"access_private_ip_{number} exists only with network_type private, not with public" for number in (1, 2)],
        ),
        (dict(PRIVATE, flavor="basic"), ["flavor Basic needs network_type public, not private"]),
        (dict(ROUTED, flavor="Basic"), ["flavor Basic needs attachment_type vpc, not er"]),
        (
            dict(PUBLIC, flavor="Professional1-NonFixedIP", policy_template={"ike_policy": {"dh_group": "group20"}}),
            [
                "policy_template.ike_policy.dh_group cannot be set at creation: create the VPN gateway first, then set it"
            ],
        ),
        (
            dict(PUBLIC, policy_template={"ike_policy": {"dh_group": "group20"}}),
            [
                "policy_template.ike_policy.dh_group exists only with flavor Professional1-NonFixedIP or"
                " Professional2-NonFixedIP, not with Professional1"
            ],
        ),
    ],
    ids=lambda part: None if isinstance(part, dict) else part[0][:60],
)
def test_a_creation_that_cannot_be(cloud, wanted, sentences):
    refused(cloud, wanted, *sentences)


# -- changes ----------------------------------------------------------------------------------------------------------------


def test_flavor_name_and_tags_go_one_after_another(cloud):
    seed(cloud, flavor="Professional1", tags={"site": "1"})
    identifier = cloud.gateways()[0]["id"]
    wanted = {"id": identifier, "name": "edge-2", "flavor": "PROFESSIONAL2", "tags": {"site": "2"}}
    cloud.clear_journal()
    dry = run(cloud, GATEWAY, wanted, check_mode=True)
    assert cloud.writes() == []
    done = run(cloud, GATEWAY, wanted)
    assert writes(cloud) == [
        "updateVpnGateway",
        "updateGatewaySpecification",
        "deleteResourceTags",
        "createResourceTags",
    ]
    assert dry["plan_id"] == done["plan_id"]
    assert INTERRUPTED in done["warnings"][0] and INTERRUPTED in dry["warnings"][0]
    assert INTERRUPTED in done["diff"]["prepared"]
    assert [change["path"] for change in done["changes"]] == ["name", "flavor", "tags"]
    assert {change["takes_effect"] for change in done["changes"]} == {"immediately"}
    assert run(cloud, GATEWAY, wanted)["changed"] is False


def test_without_waiting_the_steps_still_wait_for_each_other(cloud):
    identifier = seed(cloud)["id"]
    wanted = {"id": identifier, "name": "edge-2", "flavor": "Professional2", "tags": {"site": "2"}, "wait": False}
    run(cloud, GATEWAY, wanted)
    assert writes(cloud) == ["updateVpnGateway", "updateGatewaySpecification", "createResourceTags"]
    gateway = cloud.gateways()[0]
    assert (gateway["name"], gateway["flavor"], gateway["tags"]) == ("edge-2", "Professional2", {"site": "2"})


@pytest.mark.parametrize("spelling", ["Professional1", "professional1", "PROFESSIONAL1"])
def test_a_flavor_has_no_case(cloud, spelling):
    seed(cloud)
    assert run(cloud, GATEWAY, {"name": "edge", "flavor": spelling})["changed"] is False


@pytest.mark.parametrize(
    "switch, possible", [("listed", "Professional2"), ("empty", "nothing else"), ("absent", "nothing else")]
)
def test_a_flavor_that_is_no_target(cloud, switch, possible):
    cloud.switch(supported_flavors=switch)
    seed(cloud)
    sentence = f"flavor cannot be changed from Professional1 to Basic: the API lists {possible} as possible"
    refused(cloud, {"name": "edge", "flavor": "Basic"}, sentence)


def test_local_subnets_are_replaced_as_a_whole(cloud):
    seed(cloud, local_subnets=["10.0.0.0/24"])
    more = run(cloud, GATEWAY, {"name": "edge", "local_subnets": ["10.0.1.7/24", "10.0.0.0/24"]})
    assert more["request_body"] == {"vpn_gateway": {"local_subnets": ["10.0.0.0/24", "10.0.1.0/24"]}}
    assert more["warnings"] == []
    less = run(cloud, GATEWAY, {"name": "edge", "local_subnets": ["10.0.1.0/24"]})
    assert less["warnings"] == ["VPN gateway edge: traffic of local subnets that are removed may be interrupted"]
    refused(
        cloud,
        {"name": "edge", "local_subnets": []},
        "local_subnets cannot be emptied: the API documents no way to clear it",
    )


@pytest.mark.parametrize(
    "list_mode, networks, wanted",
    [
        ("add", ["10.0.2.7/24", "10.0.0.0/24"], ["10.0.0.0/24", "10.0.1.0/24", "10.0.2.0/24"]),
        ("add", ["10.0.1.0/24"], None),
        ("add", [], None),
        ("remove", ["10.0.0.9/24", "10.0.0.0/16", "10.9.0.0/24"], ["10.0.1.0/24"]),
        ("remove", ["10.0.0.0/25"], None),
        ("remove", [], None),
    ],
)
def test_networks_are_added_and_removed(cloud, list_mode, networks, wanted):
    """Whatever the order of the list in the cloud; the complete resulting list is sent."""
    found = ["10.0.1.0/24", "10.0.0.0/24"]
    seed(cloud, local_subnets=found)
    arguments = {"name": "edge", "list_mode": list_mode, "local_subnets": networks}
    done = converges(cloud, GATEWAY, arguments, ["local_subnets"] if wanted else [])
    assert sorted(cloud.gateways()[0]["local_subnets"]) == (wanted or sorted(found))
    if wanted:
        assert done["request_body"] == {"vpn_gateway": {"local_subnets": wanted}}
    less = [warning for warning in done["warnings"] if "local subnets that are removed" in warning]
    assert len(less) == (list_mode == "remove" and wanted is not None)


def test_networks_of_a_gateway_with_ipv6(cloud):
    seed(cloud, ip_version="ipv6", local_subnets_v6=["2001:db8:1::/64"])
    arguments = {"name": "edge", "list_mode": "add", "local_subnets_v6": ["2001:db8:2::/64"]}
    done = converges(cloud, GATEWAY, arguments, ["local_subnets_v6"])
    assert done["vpn_gateway"]["local_subnets_v6"] == ["2001:db8:1::/64", "2001:db8:2::/64"]


def test_the_limits_hold_for_the_resulting_list_of_networks(cloud):
    seed(cloud, local_subnets=["10.0.%d.0/24" % number for number in range(50)])
    wanted = {"name": "edge", "list_mode": "add", "local_subnets": ["10.7.0.0/24"]}
    refused(cloud, wanted, "local_subnets has 51 networks; at most 50 are possible")
    everything = ["10.0.%d.0/24" % number for number in range(60)]
    refused(
        cloud,
        dict(wanted, list_mode="remove", local_subnets=everything),
        "local_subnets cannot be emptied: the API documents no way to clear it",
    )


def test_networks_added_at_creation(cloud):
    made = run(cloud, GATEWAY, dict(PUBLIC, list_mode="add"))
    assert made["vpn_gateway"]["local_subnets"] == PUBLIC["local_subnets"]
    refused(
        cloud,
        dict(PUBLIC, name="other", list_mode="remove"),
        "list_mode is remove, but there is no VPN gateway to remove anything from",
    )


def test_what_cannot_change_says_the_way_round(cloud):
    found = seed(cloud)
    another = "create another VPN gateway, and connections with that as vgw_id"
    refused(
        cloud,
        {
            "name": "edge",
            "network_type": "private",
            "bgp_asn": 65000,
            "enterprise_project_id": VPC,
            "eip1": {"id": VPC},
            "ha_mode": "active-standby",
        },
        f"network_type is fixed at creation: it is public, the task asks for private; {another}",
        f"bgp_asn is fixed at creation: it is 64512, the task asks for 65000; {another}",
        f"enterprise_project_id is fixed at creation: it is 0, the task asks for {VPC};"
        " move the VPN gateway in the console, or create another one",
        f"eip1.id is fixed at creation: it is {found['eip1']['id']}, the task asks for {VPC}; replacing an elastic IP"
        " means to delete the connections that use it and to unbind it first, which this module does not do",
        f"ha_mode is fixed at creation: it is active-active, the task asks for active-standby; {another}",
    )


def test_a_project_that_an_answer_does_not_carry_is_the_default_one():
    assert make_plan(GATEWAY, Desired({"enterprise_project_id": "0"}), {"id": "x"}).changed is False
    plan = make_plan(GATEWAY, Desired({"enterprise_project_id": VPC}), {"id": "x"})
    assert plan.violations[0].startswith("enterprise_project_id is fixed at creation: it is 0, the task asks for")


def test_members_of_a_new_address_are_not_compared_later(cloud):
    run(cloud, GATEWAY, PUBLIC)
    other = {"type": "5_sbgp", "charge_mode": "bandwidth", "bandwidth_size": 5000, "bandwidth_name": "a b"}
    assert run(cloud, GATEWAY, dict(PUBLIC, eip1=other))["changed"] is False


def test_a_policy_template_of_a_gateway_made_in_the_console(cloud):
    seed(cloud, flavor="Professional1-NonFixedIP")
    wanted = {"name": "edge", "policy_template": {"ike_policy": {"dh_group": "group20"}}}
    converges(cloud, GATEWAY, wanted, ["policy_template.ike_policy.dh_group"])


@pytest.mark.parametrize(
    "switches",
    [{"gateway_not_ready": "VPN.0003", "gateway_not_ready_status": status} for status in (400, 403, 409)]
    + [{"gateway_not_ready": "VPN.0016"}, {"gateway_not_ready": "table"}],
    ids=str,
)
def test_a_busy_gateway_is_waited_for_whatever_the_refusal_looks_like(cloud, switches, monkeypatch):
    cloud.switch(**switches)
    identifier = seed(cloud)["id"]
    right, tried = single.Api.update, []

    def update(self, *arguments):
        if not tried:
            cloud.set_gateway_status(identifier, "PENDING_UPDATE", settle_after=0.5)
        tried.append(arguments)
        return right(self, *arguments)

    monkeypatch.setattr(single.Api, "update", update)
    done = run(cloud, GATEWAY, {"id": identifier, "local_subnets": ["10.7.0.0/24"]})
    assert done["vpn_gateway"]["local_subnets"] == ["10.7.0.0/24"] and len(tried) > 1


def test_a_missing_right_is_not_taken_for_a_busy_gateway(cloud):
    seed(cloud)
    cloud.fault("status", operation="updateVpnGateway", status=403, code="VPN.0003", message="no permission")
    with pytest.raises(_errors.ApiError, match="no permission"):
        run(cloud, GATEWAY, {"name": "edge", "local_subnets": ["10.7.0.0/24"]})
    assert writes(cloud) == ["updateVpnGateway"]


@pytest.mark.parametrize("status", ["FAULT", "FREEZED"])
def test_odd_states_without_a_change_are_a_warning(cloud, status):
    identifier = seed(cloud)["id"]
    cloud.set_gateway_status(identifier, status)
    found = run(cloud, GATEWAY, {"id": identifier, "name": "edge"})
    assert found["warnings"] == [
        f"VPN gateway edge: the VPN gateway has the settings asked for, but its status is {status}"
    ]


def test_a_frozen_gateway_takes_no_change(cloud):
    identifier = seed(cloud)["id"]
    cloud.set_gateway_status(identifier, "FREEZED")
    with pytest.raises(_errors.VpnError, match="is FREEZED: the cloud takes no change"):
        run(cloud, GATEWAY, {"id": identifier, "name": "edge-2"})
    assert cloud.writes() == []


# -- deletion ---------------------------------------------------------------------------------------------------------------


def test_a_deletion_says_what_becomes_of_the_addresses(cloud):
    found = seed(cloud)
    gone = converges(cloud, GATEWAY, GONE, ["state"])
    eips = [found[side]["id"] for side in ("eip1", "eip2")]
    assert [RELEASED % eip in gone["warnings"][number] for number, eip in enumerate(eips)] == [True, True]
    assert all(RELEASED % eip in gone["diff"]["prepared"] for eip in eips)
    assert (gone["vpn_gateway"], cloud.gateways(), cloud.eips()) == (None, [], [])


def test_addresses_can_be_kept(cloud):
    found = seed(cloud)
    eips = [found[side]["id"] for side in ("eip1", "eip2")]
    gone = run(cloud, GATEWAY, keeping(cloud))
    assert writes(cloud) == ["disassociatePublicIp", "disassociatePublicIp", "deleteVpnGateway"]
    assert KEPT % eips[0] in gone["warnings"][0]
    assert sorted((eip["id"], eip["status"]) for eip in cloud.eips()) == sorted((eip, "DOWN") for eip in eips)


@pytest.mark.parametrize("status", ["ACTIVE", "PENDING_UPDATE", "FAULT"])
def test_addresses_are_kept_whatever_the_gateway_does_without_them(cloud, status):
    cloud.switch(gateway_without_eip=status, dwell_unbind=0.1)
    seed(cloud)
    run(cloud, GATEWAY, keeping(cloud))
    assert (cloud.gateways(), len(cloud.eips())) == ([], 2)


def test_keep_and_release_are_two_plans(cloud):
    seed(cloud)
    plans = [run(cloud, GATEWAY, task, check_mode=True)["plan_id"] for task in (GONE, keeping(cloud))]
    assert plans[0].split(".")[1] == plans[1].split(".")[1] and plans[0] != plans[1]
    with pytest.raises(_errors.PlanMismatch):
        run(cloud, GATEWAY, keeping(cloud, expect_plan=plans[0]))
    assert cloud.writes() == []
    run(cloud, GATEWAY, keeping(cloud, expect_plan=plans[1]))
    assert (cloud.gateways(), len(cloud.eips())) == ([], 2)


def test_an_unbinding_whose_answer_is_lost_is_looked_at_first(cloud):
    seed(cloud)
    cloud.fault("connection_reset", operation="disassociatePublicIp", applied=True)
    run(cloud, GATEWAY, keeping(cloud))
    assert writes(cloud).count("disassociatePublicIp") == 2 and len(cloud.eips()) == 2


def test_an_unbinding_that_is_refused_leaves_the_gateway(cloud):
    seed(cloud)
    cloud.fault("status", operation="disassociatePublicIp", status=403, code="EIP.0002", message="no right")
    with pytest.raises(_errors.ApiError, match="no right"):
        run(cloud, GATEWAY, keeping(cloud))
    assert len(cloud.gateways()) == 1 and "deleteVpnGateway" not in writes(cloud)


def test_what_becomes_of_the_addresses_has_to_be_said_before_any_request(cloud):
    reason = "because the API releases the elastic IPs along with the gateway, even those that were given by id"
    cloud.clear_journal()
    with pytest.raises(_errors.InvalidInput) as caught:
        run(cloud, GATEWAY, {"name": "nobody", "state": "absent"})
    assert caught.value.violations == [
        f"eips_on_delete is missing: it must be keep or release with state absent, {reason}"
    ]
    assert operations(cloud) == []


def test_keeping_needs_the_service_of_the_addresses(cloud):
    arguments = dict(access(cloud), **dict(GONE, eips_on_delete="keep"))
    del arguments["region"]
    with pytest.raises(_errors.InvalidInput) as caught:
        single.enter(GATEWAY, arguments, {})
    assert caught.value.violations == [
        "eips_on_delete is keep, but eip_endpoint is missing (or HW_EIP_ENDPOINT in the environment), and so is"
        " region, which it follows from"
    ]
    assert single.enter(GATEWAY, arguments, {"HW_EIP_ENDPOINT": cloud.url}).options["eip_endpoint"] == cloud.url


def test_the_service_of_the_addresses_follows_from_the_region(cloud):
    task_input = single.enter(GATEWAY, dict(access(cloud), **GONE, region="eu-west-101"), {})
    assert task_input.access.service_url("eip_endpoint", "vpc") == "https://vpc.eu-west-101.myhuaweicloud.eu"


def test_no_other_module_minds_the_variable_of_the_service(cloud):
    environment = {"HW_EIP_ENDPOINT": "https://vpc.example.com"}
    single.enter(CONNECTION, dict(access(cloud), name="x"), environment)
    info.enter(GATEWAY, access(cloud), environment)


@pytest.mark.parametrize("check_mode", [True, False])
def test_a_gateway_with_connections_is_not_deleted(cloud, check_mode):
    gateway = seed(cloud)["id"]
    one = cloud.add_connection(name="one", vgw_id=gateway, psk=KEY)["id"]
    with pytest.raises(_errors.InvalidInput) as caught:
        run(cloud, GATEWAY, GONE, check_mode=check_mode)
    assert caught.value.violations == [
        f"the VPN gateway {gateway} is used by 1 VPN connection: one ({one});"
        " delete them first, or set delete_connections to delete them too"
    ]
    assert cloud.writes() == []


@pytest.mark.parametrize("cascade", ["cascades", "refused"])
@pytest.mark.parametrize("eips", ["keep", "release"])
def test_connections_are_deleted_first_with_their_monitors(cloud, cascade, eips):
    cloud.switch(gateway_delete_with_connections=cascade)
    gateway = seed(cloud)
    sides = [gateway[side]["id"] for side in ("eip1", "eip2")]
    ids = [
        cloud.add_connection(name=name, vgw_id=gateway["id"], vgw_ip=side, psk=KEY)["id"]
        for name, side in zip(("one", "two"), sides)
    ]
    cloud.add_monitor(ids[0])
    other = cloud.add_connection(name="of another", psk=KEY)["id"]
    cloud.clear_journal()
    task = keeping(cloud, delete_connections=True) if eips == "keep" else dict(GONE, delete_connections=True)
    dry = run(cloud, GATEWAY, task, check_mode=True)
    assert cloud.writes() == []
    for name, identifier in zip(("one", "two"), ids):
        assert f"the VPN connection {name} ({identifier}) is deleted with it" in dry["diff"]["prepared"]
    gone = run(cloud, GATEWAY, dict(task, expect_plan=dry["plan_id"]))
    assert gone["plan_id"] == dry["plan_id"]
    unbound = ["disassociatePublicIp"] * 2 if eips == "keep" else []
    sent = writes(cloud)
    assert sorted(sent[:3]) == ["deleteConnectionMonitor", "deleteVpnConnection", "deleteVpnConnection"]
    assert sent[3:] == [*unbound, "deleteVpnGateway"]
    assert sent.index("deleteConnectionMonitor") < 2
    assert [connection["id"] for connection in cloud.connections()] == [other]
    assert (cloud.monitors(), len(cloud.gateways())) == ([], 1)


@pytest.mark.parametrize("code", ["VPN.0001", "VPN.0004"])
def test_a_monitor_that_is_gone_already_is_no_failure(cloud, code):
    cloud.switch(missing_monitor=code)
    gateway = seed(cloud)["id"]
    connection = cloud.add_connection(name="one", vgw_id=gateway, psk=KEY)["id"]
    cloud.add_monitor(connection)
    cloud.fault("connection_reset", operation="deleteConnectionMonitor", applied=True)
    run(cloud, GATEWAY, dict(GONE, delete_connections=True))
    assert gateway not in [found["id"] for found in cloud.gateways()]


def test_a_connection_that_nobody_was_told_of_is_not_deleted(cloud):
    gateway = seed(cloud)["id"]
    cloud.add_connection(name="one", vgw_id=gateway, psk=KEY)
    dry = run(cloud, GATEWAY, dict(GONE, delete_connections=True), check_mode=True)
    cloud.add_connection(name="two", vgw_id=gateway, psk=KEY)
    with pytest.raises(_errors.PlanMismatch, match="the intended changes moved; nothing was sent"):
        run(cloud, GATEWAY, dict(GONE, delete_connections=True, expect_plan=dry["plan_id"]))
    assert cloud.writes() == []


def test_a_connection_that_comes_right_before_the_deletion_stops_it(cloud, monkeypatch):
    gateway = seed(cloud)["id"]
    looked = []
    right = single.Api.list_dependents

    def list_dependents(self, dependent, identifier):
        if looked:
            cloud.add_connection(name="late", vgw_id=gateway, psk=KEY)
        looked.append(1)
        return right(self, dependent, identifier)

    monkeypatch.setattr(single.Api, "list_dependents", list_dependents)
    with pytest.raises(_errors.VpnError, match="is used by late .* meanwhile, which is not part of the plan"):
        run(cloud, GATEWAY, GONE)
    assert cloud.writes() == []


@pytest.mark.parametrize("lock_status, deleted", [(1, True), (2, False)])
def test_what_is_frozen_may_be_deletable(cloud, lock_status, deleted):
    identifier = seed(cloud)["id"]
    cloud.set_gateway_status(identifier, "FREEZED", lock_status=lock_status)
    if deleted:
        run(cloud, GATEWAY, GONE)
    else:
        with pytest.raises(_errors.VpnError, match="is FREEZED"):
            run(cloud, GATEWAY, GONE)
    assert (cloud.gateways() == []) is deleted


def test_a_deletion_that_still_shows_active_is_waited_for(cloud):
    cloud.switch(gateway_delete_hidden=1.0)
    seed(cloud)
    run(cloud, GATEWAY, GONE)
    assert writes(cloud) == ["deleteVpnGateway"]


def test_a_gateway_that_is_being_deleted_is_made_anew(cloud):
    settings = {name: value for name, value in PUBLIC.items() if not name.startswith("eip")}
    old = seed(cloud, **settings)
    run(cloud, GATEWAY, dict(GONE, wait=False))
    # For a moment after a deletion has begun the API still shows the old status.
    while any(gateway["status"] == "ACTIVE" for gateway in cloud.gateways()):
        time.sleep(0.005)
    made = run(cloud, GATEWAY, PUBLIC)
    assert made["action"] == "create"
    (gateway,) = cloud.gateways()
    assert gateway["status"] == "ACTIVE" and gateway["id"] == made["vpn_gateway"]["id"] != old["id"]


# -- feeding back -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "found",
    [
        {},
        {"network_type": "private"},
        {"attachment_type": "er", "flavor": "Professional2"},
        {"flavor": "Professional1-NonFixedIP"},
        {"eip1": {"bandwidth_size": 2000, "share_type": "WHOLE"}, "tags": {"site": "1", "_sys_x": "y"}},
        {"status": "FREEZED"},
    ],
    ids=str,
)
def test_what_is_listed_can_be_given_back(cloud, found):
    made = seed(cloud, **found)
    if "NonFixedIP" in found.get("flavor", ""):
        run(cloud, GATEWAY, {"id": made["id"], "policy_template": {"ipsec_policy": {"pfs": "group20"}}})
    for item in listed(cloud, GATEWAY):
        cloud.clear_journal()
        for arguments in (item, {name: value for name, value in item.items() if name != "id"}):
            again = run(cloud, GATEWAY, arguments)
            assert (again["changed"], cloud.writes()) == (False, [])
            assert [text for text in again["warnings"] if "its status is" not in text] == []


def test_a_list_is_enough(cloud):
    """No gateway is read by itself only because it has no addresses or template."""
    seed(cloud, network_type="private")
    cloud.clear_journal()
    listed(cloud, GATEWAY)
    assert operations(cloud) == ["listVpnGateways"]


def test_waiting_takes_up_to_fifteen_minutes():
    assert single.argument_spec(GATEWAY)["wait_timeout"]["default"] == 900
