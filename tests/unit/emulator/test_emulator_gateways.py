# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""VPN gateways: what creation takes, what answers show, the states, and what goes with a gateway that goes."""

from __future__ import annotations

import pytest

from ansible_collections.huaweicloud.vpn.tests.emulator import contract
from ansible_collections.huaweicloud.vpn.tests.unit.emulator.helpers import (
    NEW_EIP,
    NOWHERE,
    ROUTER,
    SUBNET,
    VPC,
    code,
    routed,
    site,
)

ONCE_ACTIVE = {"eip1", "eip2", "created_at", "applied_at", "updated_at", "availability_zone_ids"}
NOT_READY = "resource (type=GATEWAY, ID={}) is not ready, currently {}"


def made(api, wanted):
    """The gateway of the answer of a good create."""
    answer = api.make("gateway", **wanted)
    assert answer.status_code == 201, answer.text
    return answer.json()["vpn_gateway"]


def settled(cloud, api, **members):
    """A gateway that was created and is ready."""
    found = made(api, site(cloud, **members))
    cloud.advance(61)
    return api.shown("gateway", found["id"])


# -- the life of one


def test_creation(cloud, api):
    wanted = site(cloud, name="hq", tags=[{"key": "owner", "value": "ops"}])
    answer = made(api, wanted)
    assert answer == {
        "id": answer["id"],
        "name": "hq",
        "network_type": "public",
        "attachment_type": "vpc",
        "ip_version": "ipv4",
        "vpc_id": VPC,
        "local_subnets": ["10.0.0.0/24"],
        "connect_subnet": SUBNET,
        "bgp_asn": 64512,
        "flavor": "Professional1",
        "connection_number": 200,
        "used_connection_number": 0,
        "used_connection_group": 0,
        "enterprise_project_id": "0",
        "access_vpc_id": VPC,
        "access_subnet_id": SUBNET,
        "ha_mode": "active-active",
        "tags": [{"key": "owner", "value": "ops"}],
    }
    pending = api.shown("gateway", answer["id"])
    assert pending["status"] == "PENDING_CREATE" and not ONCE_ACTIVE & set(pending)
    assert api.all("gateway") == [pending]
    cloud.advance(61)
    ready = api.shown("gateway", answer["id"])
    assert ready["status"] == "ACTIVE" and set(ready) >= ONCE_ACTIVE and ready["supported_flavors"] == ["Professional2"]
    assert [ready[side]["id"] for side in ("eip1", "eip2")] == [wanted[side]["id"] for side in ("eip1", "eip2")]
    assert len(ready["availability_zone_ids"]) == 2 and "lock_status" not in ready
    assert [entry.applied for entry in cloud.writes()] == [True]


def test_zones_that_were_asked_for_show_at_once(cloud, api):
    answer = made(api, site(cloud, availability_zone_ids=["az-3", "az-1"]))
    assert "availability_zone_ids" not in answer
    assert api.shown("gateway", answer["id"])["availability_zone_ids"] == ["az-3", "az-1"]


def test_generated_name(cloud, api):
    assert made(api, site(cloud))["name"].startswith("vpngw-")


def test_new_addresses(cloud, api):
    own = {"type": "5_bgp", "charge_mode": "traffic", "bandwidth_size": 20, "bandwidth_name": "hq-1"}
    answer = made(api, site(cloud, eip1=own, eip2={"type": "5_bgp", "bandwidth_id": NOWHERE}))
    cloud.advance(61)
    ready = api.shown("gateway", answer["id"])
    assert {name: ready["eip1"][name] for name in own} == own and ready["eip1"]["share_type"] == "PER"
    assert (ready["eip2"]["bandwidth_id"], ready["eip2"]["share_type"]) == (NOWHERE, "WHOLE")
    assert api.shown("eip", ready["eip1"]["id"])["status"] == "VPN"


def test_enterprise_router(cloud, api):
    """Answers carry neither vpc_id nor connect_subnet, even when the request did."""
    for place in ({}, {"access_vpc_id": None, "access_subnet_id": None, "vpc_id": VPC, "connect_subnet": SUBNET}):
        answer = made(api, routed(cloud, **place))
        assert (answer["er_id"], answer["access_vpc_id"], answer["access_subnet_id"]) == (ROUTER, VPC, SUBNET)
        assert not {"vpc_id", "connect_subnet", "local_subnets", "er_attachment_id"} & set(answer)
        cloud.advance(61)
        assert api.shown("gateway", answer["id"])["er_attachment_id"]


def test_private(cloud, api):
    given = {"access_private_ip_1": "192.168.0.5", "access_private_ip_2": "192.168.0.6"}
    first, second = (made(api, site(cloud, network_type="private", **more)) for more in ({}, given))
    assert not set(given) & set(first) and api.shown("gateway", second["id"]).items() >= given.items()
    cloud.advance(61)
    ready = api.shown("gateway", first["id"])
    assert ready["access_private_ip_1"] != ready["access_private_ip_2"] and "eip1" not in ready


def test_ipv6(cloud, api):
    wanted = site(
        cloud, ip_version="ipv6", flavor="Professional2", local_subnets=None, local_subnets_v6=["2001:db8::/64"]
    )
    assert made(api, wanted)["local_subnets_v6"] == ["2001:db8::/64"]


REFUSED = [
    ({"vpc_id": None}, (400, "VPN.0001"), "vpc_id is required"),
    ({"connect_subnet": None}, (400, "VPN.0001"), "connect_subnet is required"),
    ({"local_subnets": None}, (400, "VPN.0001"), "local_subnets is required"),
    ({"er_id": ROUTER}, (400, "VPN.0001"), "er_id must not be filled"),
    ({"attachment_type": "er"}, (400, "VPN.0001"), "er_id is required"),
    ({"attachment_type": "er", "er_id": ROUTER}, (400, "VPN.0001"), "local_subnets must not be filled"),
    (
        {"attachment_type": "er", "er_id": ROUTER, "local_subnets": None, "vpc_id": None},
        (400, "VPN.0001"),
        "access_vpc_id",
    ),
    ({"local_subnets_v6": ["2001:db8::/64"]}, (400, "VPN.0001"), "local_subnets_v6 must not be filled"),
    ({"local_subnets": ["300.0.0.0/24"]}, (400, "VPN.0001"), "is not an IPv4 CIDR"),
    ({"flavor": "Basic", "network_type": "private"}, (400, "VPN.0105"), ""),
    ({"flavor": "Enormous"}, (400, "VPN.0001"), "no availability zone"),
    ({"flavor": "Basic", "eip1": {**NEW_EIP, "bandwidth_size": 101}, "eip2": NEW_EIP}, (400, "VPN.0101"), ""),
    ({"eip1": {"type": "5_bgp", "charge_mode": "traffic"}}, (400, "VPN.0001"), "bandwidth_size"),
    ({"eip1": {"bandwidth_size": 5}}, (400, "VPN.0001"), "id or type"),
    ({"eip1": {"id": NOWHERE}}, (404, "VPN.0004"), "elastic IP"),
    ({"network_type": "private", "eip1": {"id": NOWHERE}}, (400, "VPN.0001"), "eip1 must not be filled"),
    ({"access_private_ip_1": "10.0.0.5"}, (400, "VPN.0001"), "access_private_ip_1 must not be filled"),
    ({"network_type": "private", "access_private_ip_1": "10.0.0.5"}, (400, "VPN.0109"), ""),
    (
        {"network_type": "private", "access_private_ip_1": "10.0.0.5", "access_private_ip_2": "10.0.0.5"},
        (400, "VPN.0107"),
        "",
    ),
    ({"network_type": "private", "access_private_ip_1": "10.0.0.5", "access_private_ip_2": "x"}, (400, "VPN.0108"), ""),
    ({"status": "ACTIVE"}, (400, "VPN.0013"), "vpn_gateway.status"),
    ({"policy_template": {}}, (400, "VPN.0013"), "policy_template"),
    ({"bgp_asn": 0}, (400, "VPN.0001"), "bgp_asn"),
    ({"name": "no spaces please"}, (400, "VPN.0001"), "name"),
    ({"tags": [{"key": "a", "value": "1"}, {"key": "a", "value": "2"}]}, (400, "VPN.0001"), "tag key"),
]


@pytest.mark.parametrize("members, expected, words", REFUSED)
def test_refused_creations(cloud, api, members, expected, words):
    answer = api.make("gateway", **site(cloud, **members))
    assert code(answer) == expected and words in answer.json()["error_msg"]
    assert cloud.gateways() == [] and not cloud.writes()[0].applied
    assert all(eip["status"] == "DOWN" for eip in cloud.eips())


def test_addresses_that_are_taken(cloud, api):
    gateway = cloud.add_gateway()
    assert code(api.make("gateway", **site(cloud, eip1={"id": gateway["eip1"]["id"]}))) == (400, "VPN.0112")
    elsewhere = cloud.add_eip(status="ELB")
    assert code(api.make("gateway", **site(cloud, eip2={"id": elsewhere["id"]}))) == (400, "VPN.0112")
    one = {"id": cloud.add_eip()["id"]}
    assert code(api.make("gateway", **site(cloud, eip1=one, eip2=one))) == (400, "VPN.0112")
    large = cloud.add_eip(bandwidth_size=500)
    assert code(api.make("gateway", **site(cloud, eip1={"id": large["id"]}))) == (400, "VPN.0101")
    addresses = {"access_private_ip_1": "192.168.0.5", "access_private_ip_2": "192.168.0.6"}
    made(api, site(cloud, network_type="private", **addresses))
    assert code(api.make("gateway", **site(cloud, network_type="private", **addresses))) == (400, "VPN.0111")


def test_an_address_needs_its_time(cloud, api):
    eip = cloud.add_eip(status="PENDING_CREATE", settle_after=5)
    wanted = site(cloud, eip1={"id": eip["id"]})
    assert code(api.make("gateway", **wanted)) == (400, "VPN.0103")
    cloud.advance(6)
    assert api.shown("eip", eip["id"])["status"] == "DOWN"
    assert api.make("gateway", **wanted).status_code == 201


# -- PUT


def test_update(cloud, api):
    gateway = settled(cloud, api)
    answer = api.change("gateway", gateway["id"], name="new", local_subnets=["10.1.0.0/24", "10.2.0.0/24"])
    shown = answer.json()["vpn_gateway"]
    assert answer.status_code == 200 and "status" not in shown and "supported_flavors" not in shown
    assert (shown["name"], shown["local_subnets"]) == ("new", ["10.1.0.0/24", "10.2.0.0/24"])
    assert shown["eip1"] == gateway["eip1"] and shown["updated_at"] != gateway["updated_at"]
    assert api.shown("gateway", gateway["id"])["status"] == "PENDING_UPDATE"
    cloud.advance(61)
    assert api.shown("gateway", gateway["id"]) == {**gateway, **shown, "status": "ACTIVE"}


@pytest.mark.parametrize(
    "members, expected",
    [
        ({"flavor": "Professional2"}, (400, "VPN.0013")),
        ({"bgp_asn": 65000}, (400, "VPN.0013")),
        ({"eip1": {"id": NOWHERE}}, (400, "VPN.0013")),
        ({"tags": [{"key": "a", "value": ""}]}, (400, "VPN.0013")),
        ({}, (400, "VPN.0001")),
        ({"name": None}, (400, "VPN.0001")),
        ({"local_subnets": []}, (400, "VPN.0001")),
        ({"local_subnets_v6": ["2001:db8::/64"]}, (400, "VPN.0001")),
        ({"eip_id_1": NOWHERE}, (400, "VPN.0001")),
        ({"policy_template": {"ike_policy": {"dh_group": "group14"}}}, (400, "VPN.0001")),
    ],
)
def test_refused_updates(cloud, api, members, expected):
    gateway = cloud.add_gateway()
    assert code(api.change("gateway", gateway["id"], **members)) == expected
    assert cloud.gateways() == [gateway]


def test_updates_that_do_not_fit_the_gateway(cloud, api):
    router, private = cloud.add_gateway(attachment_type="er"), cloud.add_gateway(network_type="private")
    for answer in (
        api.change("gateway", router["id"], local_subnets=["10.0.0.0/24"]),
        api.change("gateway", private["id"], eip_id_1=cloud.add_eip()["id"]),
    ):
        assert code(answer) == (400, "VPN.0001") and "must not be filled if" in answer.text


def test_policy_template(cloud, api):
    before = {"ike_policy": {"dh_group": "group14", "lifetime_seconds": 3600}}
    gateway = cloud.add_gateway(flavor="Professional1-NonFixedIP", policy_template=before)
    api.change("gateway", gateway["id"], policy_template={"ike_policy": {"dh_group": "group19"}})
    assert api.shown("gateway", gateway["id"])["policy_template"] == {
        "ike_policy": {"dh_group": "group19", "lifetime_seconds": 3600}
    }


def test_cleared_local_subnets(cloud, api):
    gateway = cloud.add_gateway()
    cloud.switch(empty_list_on_put="clears")
    assert api.change("gateway", gateway["id"], local_subnets=[]).json()["vpn_gateway"]["local_subnets"] == []


def test_dropped_members(cloud, api):
    gateway = cloud.add_gateway()
    cloud.switch(dropped_members=["local_subnets"], dropped_echo="new")
    answer = api.change("gateway", gateway["id"], local_subnets=["10.7.0.0/24"]).json()["vpn_gateway"]
    assert answer["local_subnets"] == ["10.7.0.0/24"]
    assert api.shown("gateway", gateway["id"])["local_subnets"] == ["10.0.0.0/24"]


def test_replaced_address(cloud, api):
    gateway, fresh = cloud.add_gateway(), cloud.add_eip()
    old = gateway["eip2"]["id"]
    assert "unbound" in api.change("gateway", gateway["id"], eip_id_2=fresh["id"]).text
    assert api.unbind(old).status_code == 200
    shown = api.shown("gateway", gateway["id"])
    assert shown["eip1"] == gateway["eip1"] and "eip2" not in shown
    assert api.change("gateway", gateway["id"], eip_id_2=fresh["id"]).json()["vpn_gateway"]["eip2"]["id"] == fresh["id"]
    cloud.advance(61)
    assert api.shown("gateway", gateway["id"])["status"] == "ACTIVE"
    assert (api.shown("eip", old)["status"], api.shown("eip", fresh["id"])["status"]) == ("DOWN", "VPN")


# -- change of flavor


def test_flavor(cloud, api):
    gateway = cloud.add_gateway()
    answer = api.flavor(gateway["id"], "Professional2")
    assert answer.status_code == 200 and "status" not in answer.json()["vpn_gateway"]
    assert answer.json()["vpn_gateway"]["flavor"] == "Professional2"
    assert api.shown("gateway", gateway["id"])["status"] == "PENDING_UPDATE"
    cloud.advance(61)
    shown = api.shown("gateway", gateway["id"])
    assert (shown["status"], shown["flavor"]) == ("ACTIVE", "Professional2")
    assert shown["supported_flavors"] == ["Professional1"]


@pytest.mark.parametrize(
    "members, target, refusal",
    [
        ({}, "Professional1", "VPN.0518"),
        ({}, "Basic", "VPN.0518"),
        ({"flavor": "Basic"}, "Professional1", "VPN.0518"),
        ({}, "professional2", "VPN.0518"),
        ({}, "Professional2-NonFixedIP", "VPN.0516"),
        ({"prepaid": True}, "Professional2", "VPN.0001"),
        ({"network_type": "private"}, "Basic", "VPN.0105"),
        ({"attachment_type": "er"}, "Basic", "VPN.0105"),
    ],
)
def test_refused_flavors(cloud, api, members, target, refusal):
    gateway = cloud.add_gateway(**members)
    assert code(api.flavor(gateway["id"], target)) == (400, refusal)
    assert cloud.gateways()[0] == gateway


def test_too_many_groups_for_a_flavor(cloud, api):
    gateway = cloud.add_gateway()
    for number in range(11):
        cloud.add_connection(vgw_id=gateway["id"])
        assert code(api.flavor(gateway["id"], "Basic")) == (400, "VPN.0518" if number < 10 else "VPN.0517")
    assert api.shown("gateway", gateway["id"])["used_connection_group"] == 11


# -- states


@pytest.mark.parametrize(
    "status, word", [("PENDING_CREATE", "CREATING"), ("PENDING_UPDATE", "UPDATING"), ("PENDING_DELETE", "DELETING")]
)
def test_not_ready(cloud, api, status, word):
    gateway = cloud.add_gateway(status=status)
    for answer in (
        api.change("gateway", gateway["id"], name="new"),
        api.remove("gateway", gateway["id"]),
        api.flavor(gateway["id"], "Professional2"),
    ):
        assert code(answer) == (403, "VPN.0003")
        assert answer.json()["error_msg"] == NOT_READY.format(gateway["id"], word)
    assert cloud.gateways() == [gateway]


def test_not_ready_at_once(cloud, api):
    """Also while reads still say ACTIVE."""
    gateway = settled(cloud, api)
    cloud.switch(lag=3)
    api.change("gateway", gateway["id"], name="new")
    assert api.shown("gateway", gateway["id"])["status"] == "ACTIVE"
    assert NOT_READY.format(gateway["id"], "UPDATING") in api.remove("gateway", gateway["id"]).text


def test_busy_with_a_connection(cloud, api):
    connection = cloud.add_connection()
    cloud.switch(gateway_busy="VPN.0016")
    api.put(connection["id"], {"name": "new"})
    for answer in (
        api.change("gateway", connection["vgw_id"], name="new"),
        api.remove("gateway", connection["vgw_id"]),
    ):
        assert code(answer) == (409, "VPN.0016")
    cloud.advance(61)
    assert api.change("gateway", connection["vgw_id"], name="new").status_code == 200


def test_connections_in_use_and_their_groups(cloud, api):
    connection = cloud.add_connection()
    cloud.add_connection(vgw_id=connection["vgw_id"], cgw_id=connection["cgw_id"])
    shown = api.shown("gateway", connection["vgw_id"])
    assert (shown["used_connection_number"], shown["used_connection_group"]) == (2, 1)


def test_lost_answer_of_a_creation(cloud, api):
    cloud.fault("server_error", operation="createVpnGateway", applied=True)
    assert api.make("gateway", **site(cloud, name="hq")).status_code == 503
    assert [found["name"] for found in api.all("gateway")] == ["hq"] and cloud.writes()[0].applied


def test_frozen(cloud, api):
    gateway = cloud.add_gateway(status="FREEZED")
    assert api.shown("gateway", gateway["id"])["lock_status"] == 2
    for answer in (
        api.change("gateway", gateway["id"], name="new"),
        api.flavor(gateway["id"], "Professional2"),
        api.remove("gateway", gateway["id"]),
    ):
        assert code(answer) == (400, "VPN.0001") and "ILLEGAL not allowed" in answer.text
    cloud.set_gateway_status(gateway["id"], "FREEZED", lock_status=1)
    assert api.shown("gateway", gateway["id"])["lock_status"] == 1
    assert api.remove("gateway", gateway["id"]).status_code == 204


def test_failed_creation(cloud, api):
    cloud.fault("error_after_update", operation="createVpnGateway")
    gateway = settled(cloud, api)
    assert gateway["status"] == "FAULT"
    api.change("gateway", gateway["id"], name="new")
    cloud.advance(61)
    assert api.shown("gateway", gateway["id"])["status"] == "ACTIVE"


def test_faults_of_the_state(cloud, api):
    gateway = cloud.add_gateway()
    cloud.fault("frozen", operation="showVpnGateway")
    assert api.shown("gateway", gateway["id"])["status"] == "FREEZED"
    connection = cloud.add_connection(vgw_id=gateway["id"])
    cloud.fault("vanish", operation="showVpnGateway")
    assert code(api.get("gateway", gateway["id"])) == (404, "VPN.0509")
    assert cloud.gateways() == cloud.connections() == cloud.eips() == [] and connection


def test_stale_reads(cloud, api):
    cloud.switch(stale_reads=1)
    answer = made(api, site(cloud))
    assert code(api.get("gateway", answer["id"])) == (404, "VPN.0509")
    cloud.advance(61)
    before = api.shown("gateway", answer["id"])
    api.change("gateway", answer["id"], name="new")
    assert api.all("gateway")[0]["name"] == before["name"] and api.all("gateway")[0]["name"] == "new"
    cloud.advance(61)
    cloud.switch(gateway_delete_hidden=0.0)
    api.remove("gateway", answer["id"])
    assert [api.shown("gateway", answer["id"])["status"] for _read in range(2)] == ["ACTIVE", "PENDING_DELETE"]


def test_missing(api):
    for answer in (
        api.get("gateway", NOWHERE),
        api.change("gateway", NOWHERE, name="new"),
        api.remove("gateway", NOWHERE),
        api.flavor(NOWHERE, "Professional2"),
    ):
        assert code(answer) == (404, "VPN.0509")


def test_list_by_enterprise_project(cloud, api):
    mine = cloud.add_gateway(enterprise_project_id="ep-2")
    cloud.add_gateway()
    assert [found["id"] for found in api.all("gateway", enterprise_project_id=["ep-2", "ep-3"])] == [mine["id"]]
    assert len(api.all("gateway")) == 2


def test_tags(cloud, api):
    gateway = settled(cloud, api, tags=[{"key": "owner", "value": "ops"}])
    cloud.switch(tags_delay=5)
    assert api.call("POST", f"vpn-gateway/{gateway['id']}/tags/create", {"tags": [{"key": "site"}]}).status_code == 204
    assert api.shown("gateway", gateway["id"])["tags"] == gateway["tags"]
    cloud.advance(6)
    assert api.shown("gateway", gateway["id"])["tags"] == [*gateway["tags"], {"key": "site", "value": ""}]
    assert cloud.gateways()[0]["tags"] == {"owner": "ops", "site": ""}


# -- deletion


def test_deletion(cloud, api):
    """Right after DELETE, reads still say ACTIVE; done is 404."""
    gateway = settled(cloud, api)
    answer = api.remove("gateway", gateway["id"])
    assert answer.status_code == 204 and answer.content == b""
    assert api.shown("gateway", gateway["id"])["status"] == api.all("gateway")[0]["status"] == "ACTIVE"
    cloud.advance(31)
    assert api.shown("gateway", gateway["id"])["status"] == "PENDING_DELETE"
    cloud.advance(30)
    assert code(api.get("gateway", gateway["id"])) == (404, "VPN.0509") and api.all("gateway") == []


def test_deletion_takes_connections_and_addresses(cloud, api):
    given = cloud.add_eip()
    gateway = settled(cloud, api, eip1={"id": given["id"]})
    connection = cloud.add_connection(vgw_id=gateway["id"], vgw_ip=given["id"], status="ACTIVE")
    other, free = cloud.add_connection(), cloud.add_eip()
    api.remove("gateway", gateway["id"])
    assert api.show(connection["id"])["status"] == "PENDING_DELETE"
    assert "has connection" in api.remove("customer", connection["cgw_id"]).text
    cloud.advance(61)
    assert [found["id"] for found in cloud.connections()] == [other["id"]]
    assert api.get("eip", given["id"]).status_code == 404 and api.shown("eip", free["id"])["status"] == "DOWN"
    assert api.remove("customer", connection["cgw_id"]).status_code == 204


def test_an_address_that_is_kept(cloud, api):
    gateway = settled(cloud, api)
    api.unbind(gateway["eip1"]["id"])
    api.remove("gateway", gateway["id"])
    cloud.advance(61)
    assert [(eip["id"], eip["status"], eip["gateway_id"]) for eip in cloud.eips()] == [
        (gateway["eip1"]["id"], "DOWN", None)
    ]


# -- the contract behind it


def test_members_by_kind_of_answer():
    """The answers of POST, PUT and flavor change have no status; addresses and times are not in that of POST."""
    answered = {
        kind: contract.load().answered("ResponseVpnGateway", kind)
        for kind in ("create", "update", "update-specification", "show", "list")
    }
    assert answered["show"] == answered["list"] > answered["update"] > answered["create"]
    assert answered["update"] == answered["update-specification"]
    assert "status" not in answered["update"] and not ONCE_ACTIVE & answered["create"]


def test_both_documents_are_checked():
    known = contract.load()
    members = known.operations["showVpnGateway"].answer_schema(200)["properties"]["vpn_gateway"]["properties"]
    assert "properties" in members["eip1"] and "applied_at" in members
    wrong = {"vpn_gateway": {"id": "x", "eip1": {"colour": "red"}, "status": "GREAT"}}
    assert len(known.operations["showVpnGateway"].answer_errors(200, wrong)) == 2
    unbound = {"publicip": {"id": "x", "associate_instance_id": None}}
    assert known.operations["disassociatePublicIp"].answer_errors(200, unbound) == []
    assert known.operations["disassociatePublicIp"].answer_errors(404, unbound)
