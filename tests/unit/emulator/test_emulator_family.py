# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What stands around connections besides gateways: customer gateways, monitors, quotas, zones, devices, elastic IPs."""

from __future__ import annotations

import pytest

from ansible_collections.huaweicloud.vpn.tests.emulator import seed
from ansible_collections.huaweicloud.vpn.tests.unit.emulator.helpers import NOWHERE, code, place, site

PEM = "-----BEGIN CERTIFICATE-----\nMIIBexample\n-----END CERTIFICATE-----\n"


# -- customer gateways


def test_customer_gateway(cloud, api):
    answer = api.make(
        "customer", name="branch", id_value="198.51.100.9", bgp_asn=65010, tags=[{"key": "a", "value": "b"}]
    )
    made = answer.json()["customer_gateway"]
    assert answer.status_code == 201 and made == {
        "id": made["id"],
        "name": "branch",
        "id_type": "ip",
        "id_value": "198.51.100.9",
        "bgp_asn": 65010,
        "created_at": made["created_at"],
        "updated_at": made["created_at"],
        "tags": [{"key": "a", "value": "b"}],
    }
    shown = {**made, "ip": "198.51.100.9", "route_mode": "bgp"}
    assert api.shown("customer", made["id"]) == api.all("customer")[0] == shown
    changed = api.change("customer", made["id"], name="new").json()["customer_gateway"]
    assert changed == {**made, "name": "new", "updated_at": changed["updated_at"]} != {**made, "name": "new"}
    assert api.remove("customer", made["id"]).status_code == 204
    for answer in (
        api.get("customer", made["id"]),
        api.remove("customer", made["id"]),
        api.change("customer", made["id"], name="newer"),
    ):
        assert code(answer) == (404, "VPN.0004")
    assert api.all("customer") == [] and [entry.applied for entry in cloud.writes()] == [True, True, True, False, False]


def test_customer_gateway_by_name(api):
    made = api.make("customer", id_type="fqdn", id_value="device7.example.test").json()["customer_gateway"]
    assert made["name"].startswith("cgw-") and "bgp_asn" not in made
    assert api.shown("customer", made["id"])["route_mode"] == "static"


@pytest.mark.parametrize(
    "members, expected",
    [
        ({"id_value": "branch.example.test"}, "VPN.0203"),
        ({"id_value": "198.51.100.256"}, "VPN.0203"),
        ({"id_value": "224.0.0.5"}, "VPN.0204"),
        ({"id_value": "240.0.0.1"}, "VPN.0204"),
        ({"id_value": "127.0.0.1"}, "VPN.0204"),
        ({"id_type": "fqdn", "id_value": "with space"}, "VPN.0001"),
        ({}, "VPN.0001"),
        ({"id_type": "mac", "id_value": "x"}, "VPN.0001"),
        ({"id_type": "fqdn", "id_value": "x", "bgp_asn": 65000}, "VPN.0001"),
        ({"id_value": "10.0.0.1", "bgp_asn": 0}, "VPN.0001"),
        ({"id_value": "10.0.0.1", "ip": "10.0.0.1"}, "VPN.0013"),
        ({"id_value": "10.0.0.1", "ca_certificate": {}}, "VPN.0001"),
        ({"id_value": "10.0.0.1", "tags": [{"key": "a", "value": ""}, {"key": "a", "value": ""}]}, "VPN.0001"),
        ({"id_value": "10.0.0.1", "ca_certificate": {"id": "x", "content": "y"}}, "VPN.0001"),
    ],
)
def test_refused_customer_gateways(cloud, api, members, expected):
    assert code(api.make("customer", **members)) == (400, expected)
    assert cloud.customer_gateways() == []


@pytest.mark.parametrize(
    "members, expected",
    [
        ({"id_value": "198.51.100.9"}, "VPN.0013"),
        ({"id_type": "ip"}, "VPN.0013"),
        ({"bgp_asn": 1}, "VPN.0013"),
        ({}, "VPN.0001"),
        ({"name": ""}, "VPN.0001"),
    ],
)
def test_refused_updates_of_customer_gateways(cloud, api, members, expected):
    made = cloud.add_customer_gateway()
    assert code(api.change("customer", made["id"], **members)) == (400, expected)
    assert cloud.customer_gateways() == [made]


def test_ca_certificate(cloud, api):
    answer = api.make("customer", id_value="198.51.100.9", ca_certificate={"content": PEM})
    made = answer.json()["customer_gateway"]
    assert set(made["ca_certificate"]) == {
        "id",
        "serial_number",
        "signature_algorithm",
        "issuer",
        "subject",
        "expire_time",
        "is_updatable",
    }
    changed = api.change("customer", made["id"], ca_certificate={"content": PEM.replace("MII", "MIJ")})
    other = changed.json()["customer_gateway"]["ca_certificate"]
    assert other["serial_number"] != made["ca_certificate"]["serial_number"]
    api.change("customer", made["id"], ca_certificate={"id": "cert-1"})
    shown = api.get("customer", made["id"])
    assert shown.json()["customer_gateway"]["ca_certificate"]["id"] == "cert-1"
    for text in (answer.text, changed.text, shown.text, str([entry.public() for entry in cloud.journal()])):
        assert "BEGIN CERTIFICATE" not in text
    assert cloud.writes()[0].body["customer_gateway"]["ca_certificate"] == {"content": "********"}
    cloud.switch(null_on_put="clears")
    assert "ca_certificate" not in api.change("customer", made["id"], ca_certificate=None).json()["customer_gateway"]


def test_customer_gateway_of_a_connection(cloud, api):
    """In use until the connection's own show answers 404; the cache of lists follows."""
    made = cloud.add_connection()
    api.delete(made["id"])
    assert "has connection" in api.remove("customer", made["cgw_id"]).text
    cloud.advance(61)
    assert api.remove("customer", made["cgw_id"]).status_code == 204


def test_lists_of_connections_follow_their_customer_gateway(cloud, api):
    made = cloud.add_connection()
    assert api.list()[0]["ikepolicy"]["peer_id"] == cloud.customer_gateways()[0]["id_value"]
    cloud.remove_customer_gateway(made["cgw_id"])
    assert api.list()[0]["ikepolicy"]["peer_id"] == ""


def test_stale_reads_of_customer_gateways(cloud, api):
    made = cloud.add_customer_gateway(name="old")
    cloud.switch(stale_reads=1)
    api.change("customer", made["id"], name="new")
    assert [api.shown("customer", made["id"])["name"] for _read in range(2)] == ["old", "new"]
    api.remove("customer", made["id"])
    assert [api.get("customer", made["id"]).status_code for _read in range(2)] == [200, 404]
    fresh = api.make("customer", id_value="198.51.100.9").json()["customer_gateway"]["id"]
    assert [api.get("customer", fresh).status_code for _read in range(2)] == [404, 200]


def test_dropped_members_of_customer_gateways(cloud, api):
    made = cloud.add_customer_gateway()
    cloud.switch(dropped_members=["name", "ikepolicy.lifetime_seconds"])
    assert api.change("customer", made["id"], name="new").json()["customer_gateway"]["name"] == made["name"]


def test_customer_gateways_by_name_are_not_everywhere(cloud, api):
    cloud.switch(fqdn_ids="refused")
    assert "fqdn is not supported" in api.make("customer", id_type="fqdn", id_value="x").text


# -- monitors


def test_monitor(cloud, api):
    connection = cloud.add_connection()
    answer = api.make("monitor", vpn_connection_id=connection["id"])
    made = answer.json()["connection_monitor"]
    gateway, customer = cloud.gateways()[0], cloud.customer_gateways()[0]
    assert answer.status_code == 201 and made == {
        "id": made["id"],
        "vpn_connection_id": connection["id"],
        "type": "gateway",
        "proto_type": "icmp",
        "source_ip": gateway["eip1"]["ip_address"],
        "destination_ip": customer["id_value"],
    }
    assert api.shown("monitor", made["id"]) == {**made, "status": "PENDING_CREATE"}
    assert api.show(connection["id"])["connection_monitor_id"] == api.list()[0]["connection_monitor_id"] == made["id"]
    cloud.advance(61)
    assert api.all("monitor") == [{**made, "status": "ACTIVE"}]
    assert api.remove("monitor", made["id"]).status_code == 204
    assert api.shown("monitor", made["id"])["status"] == "PENDING_DELETE"
    cloud.advance(61)
    assert code(api.get("monitor", made["id"])) == (404, "VPN.0004") and api.all("monitor") == []
    assert "connection_monitor_id" not in api.show(connection["id"]) and "connection_monitor_id" not in api.list()[0]


def test_one_monitor_for_each_connection(cloud, api):
    connection = cloud.add_connection()
    first = api.make("monitor", vpn_connection_id=connection["id"]).json()["connection_monitor"]
    assert code(api.make("monitor", vpn_connection_id=connection["id"])) == (400, "VPN.0381")
    api.remove("monitor", first["id"])
    assert code(api.make("monitor", vpn_connection_id=connection["id"])) == (400, "VPN.0381")
    cloud.advance(61)
    assert api.make("monitor", vpn_connection_id=connection["id"]).status_code == 201


def test_monitors_that_cannot_be(cloud, api):
    assert code(api.make("monitor", vpn_connection_id=NOWHERE)) == (404, "VPN.0004")
    assert code(api.make("monitor")) == (400, "VPN.0001")
    connection = cloud.add_connection()
    assert code(api.make("monitor", vpn_connection_id=connection["id"], proto_type="icmp")) == (400, "VPN.0013")
    api.delete(connection["id"])
    assert code(api.make("monitor", vpn_connection_id=connection["id"])) == (425, "VPN.0009")
    assert cloud.monitors() == []


def test_monitor_filters(cloud, api):
    mine, other = cloud.add_connection(), cloud.add_connection(**place(cloud, enterprise_project_id="ep-2"))
    made = [cloud.add_monitor(connection["id"])["id"] for connection in (mine, other)]
    for query, expected in (
        ({"vpn_connection_id": mine["id"]}, made[:1]),
        ({"enterprise_project_id": "ep-2"}, made[1:]),
        ({"vpn_connection_id": NOWHERE}, []),
        ({"limit": "2"}, None),
        ({}, made[::-1]),
    ):
        if expected is None:
            assert code(api.call("GET", "connection-monitors", params=query)) == (400, "VPN.0001")
        else:
            assert [found["id"] for found in api.all("monitor", **query)] == expected


def test_monitor_work_does_not_fail(cloud, api):
    cloud.fault("error_after_update", operation="createConnectionMonitor")
    made = api.make("monitor", vpn_connection_id=cloud.add_connection()["id"]).json()["connection_monitor"]
    cloud.advance(61)
    assert api.shown("monitor", made["id"])["status"] == "ACTIVE"


# -- quotas, availability zones, devices


def quotas(api):
    """(quota, used) by type."""
    resources = api.call("GET", "vpn/quotas").json()["quotas"]["resources"]
    return {entry["type"]: (entry["quota"], entry["used"]) for entry in resources}


def test_quotas_count(cloud, api):
    assert quotas(api) == {"customer_gateway": (100, 0), "vpn_connection": (5000, 0), "vpn_gateway": (50, 0)}
    made = cloud.add_connection()
    gateway = api.make("gateway", **site(cloud)).json()["vpn_gateway"]
    api.make("customer", id_value="198.51.100.9")
    assert quotas(api) == {"customer_gateway": (100, 2), "vpn_connection": (5000, 1), "vpn_gateway": (50, 2)}
    cloud.advance(61)
    api.remove("gateway", gateway["id"])
    api.remove("gateway", made["vgw_id"])
    assert quotas(api)["vpn_gateway"] == (50, 2)
    cloud.advance(61)
    assert quotas(api) == {"customer_gateway": (100, 2), "vpn_connection": (5000, 0), "vpn_gateway": (50, 0)}


def test_availability_zones(cloud, api):
    old = api.call("GET", "vpn-gateways/availability-zones").json()["availability_zones"]
    assert old["professional1"] == {"vpc": ["az-1", "az-2", "az-3"], "er": ["az-1", "az-2"]}
    assert old["basic"] == {"vpc": ["az-1"], "er": []} and "Professional1-NonFixedIP" in old
    new = api.call("GET", f"/v5.1/{cloud.project_id}/vpn-gateways/availability-zones").json()["availability_zones"]
    assert [zone["name"] for zone in new] == ["az-1", "az-2", "az-3"]
    assert {"flavor": "Professional2", "attachment_type": "vpc", "ip_version": "ipv6"} in new[1]["available_specs"]
    for flavor, lists in old.items():
        for attachment, zones in lists.items():
            assert zones == [
                zone["name"]
                for zone in new
                if any(
                    (spec["flavor"].lower(), spec["attachment_type"], spec["ip_version"])
                    == (flavor.lower(), attachment, "ipv4")
                    for spec in zone["available_specs"]
                )
            ]


def test_a_gateway_takes_the_zones_that_are_listed(cloud, api):
    made = api.make(
        "gateway",
        **site(
            cloud,
            flavor="Basic",
            availability_zone_ids=["az-1"],
            eip1={"type": "5_bgp", "charge_mode": "traffic", "bandwidth_size": 5},
            eip2={"type": "5_bgp", "charge_mode": "traffic", "bandwidth_size": 5},
        ),
    )
    assert made.status_code == 201 and made.json()["vpn_gateway"]["connection_number"] == 20


# -- elastic IPs


def test_unbinding(cloud, api):
    gateway = cloud.add_gateway()
    eip_id = gateway["eip1"]["id"]
    bound = api.shown("eip", eip_id)
    assert (bound["status"], bound["associate_instance_type"]) == ("VPN", "VPN")
    assert bound["associate_instance_id"] == gateway["id"]
    assert bound["public_ip_address"] == gateway["eip1"]["ip_address"]
    answer = api.unbind(eip_id)
    assert answer.status_code == 200 and answer.json()["publicip"] == api.shown("eip", eip_id)
    free = answer.json()["publicip"]
    assert (free["status"], free["associate_instance_id"]) == ("DOWN", None) and "associate_instance_type" not in free
    assert "eip1" not in api.shown("gateway", gateway["id"])
    assert cloud.writes()[0].operation == "disassociatePublicIp" and cloud.writes()[0].applied


def test_an_address_in_use_is_not_unbound(cloud, api):
    connection = cloud.add_connection()
    assert connection["id"] in api.unbind(connection["vgw_ip"]).json()["error_msg"]
    assert api.shown("eip", connection["vgw_ip"])["status"] == "VPN"
    api.delete(connection["id"])
    assert api.unbind(connection["vgw_ip"]).status_code == 400
    cloud.advance(61)
    assert api.unbind(connection["vgw_ip"]).status_code == 200


def test_an_address_that_is_being_released_is_not_unbound(cloud, api):
    gateway = cloud.add_gateway()
    api.remove("gateway", gateway["id"])
    assert code(api.unbind(gateway["eip1"]["id"])) == (400, "EIP.0001")
    cloud.advance(61)
    assert cloud.eips() == []


def test_stale_reads_of_monitors(cloud, api):
    connection = cloud.add_connection()
    cloud.switch(stale_reads=1)
    made = api.make("monitor", vpn_connection_id=connection["id"]).json()["connection_monitor"]["id"]
    assert [api.get("monitor", made).status_code for _read in range(2)] == [404, 200]
    cloud.advance(61)
    api.remove("monitor", made)
    assert [api.shown("monitor", made)["status"] for _read in range(2)] == ["ACTIVE", "PENDING_DELETE"]


def test_stale_reads_of_addresses(cloud, api):
    gateway = cloud.add_gateway()
    cloud.switch(stale_reads=1)
    api.unbind(gateway["eip1"]["id"])
    shown = [api.shown("eip", gateway["eip1"]["id"]) for _read in range(2)]
    assert [(found["status"], found["associate_instance_id"]) for found in shown] == [
        ("VPN", gateway["id"]),
        ("DOWN", None),
    ]


def test_requests_to_the_address_service_are_authenticated(cloud, api):
    eip = cloud.add_eip()
    path = f"/v3/{cloud.project_id}/eip/publicips/{eip['id']}"
    assert code(api.call("GET", path, headers={"X-Auth-Token": "x"})) == (401, "APIGW.0301")
    assert cloud.environment()["HW_EIP_ENDPOINT"] == cloud.url


# -- forms that several have in common


def test_numbers_as_text(cloud, api):
    connection = cloud.add_connection()
    cloud.switch(numbers="strings")
    assert api.shown("gateway", connection["vgw_id"])["connection_number"] == "200"
    assert api.shown("customer", connection["cgw_id"])["bgp_asn"] == "65000"
    cloud.service.broken_answers.clear()


@pytest.mark.parametrize("kind", ["gateway", "customer"])
def test_empty_tags(cloud, api, kind):
    made = cloud.add_gateway() if kind == "gateway" else cloud.add_customer_gateway()
    assert "tags" not in api.shown(kind, made["id"])
    cloud.switch(empty_tags="list")
    assert api.shown(kind, made["id"])["tags"] == []
    cloud.switch(empty_tags="null")
    assert api.shown(kind, made["id"])["tags"] is None
    cloud.service.broken_answers.clear()


def test_host_bits_and_order_of_local_subnets(cloud, api):
    made = cloud.add_gateway(local_subnets=["10.2.0.9/24", "10.1.0.0/24"])
    cloud.switch(host_bits="rewritten", answer_lists="sorted")
    assert api.shown("gateway", made["id"])["local_subnets"] == ["10.1.0.0/24", "10.2.0.0/24"]


def test_duplicate_names(cloud, api):
    for kind, wanted in (("gateway", lambda: site(cloud)), ("customer", lambda: {"id_value": "198.51.100.9"})):
        cloud.switch(duplicate_names="accepted")
        for _time in range(2):
            assert api.make(kind, **wanted(), name="one").status_code == 201
        cloud.advance(61)
        cloud.switch(duplicate_names="refused")
        assert "exists" in api.make(kind, **wanted(), name="one").text
        second = api.all(kind)[0]["id"]
        assert "exists" in api.change(kind, second, name="one").text
        assert api.change(kind, second, name="two").status_code == 200


# -- seeding


def test_seed_of_everything(cloud):
    eip, gateway, connection = ({"id": f"6d3c1e52-0000-4000-8000-00000000001{number}"} for number in range(3))
    seed.plant(
        cloud,
        {
            "monitors": [{"vpn_connection_id": connection["id"], "status": "PENDING_CREATE"}],
            "connections": [{**connection, "vgw_id": gateway["id"]}],
            "gateways": [{**gateway, "eip1": eip, "tags": [{"key": "a", "value": "b"}]}],
            "eips": [{**eip, "bandwidth_size": 5}],
        },
    )
    assert cloud.connections()[0]["vgw_ip"] == eip["id"] and cloud.monitors()[0]["status"] == "PENDING_CREATE"
    assert cloud.gateways()[0]["eip1"]["bandwidth_size"] == 5 and cloud.gateways()[0]["tags"] == {"a": "b"}
    assert next(found for found in cloud.eips() if found["id"] == eip["id"])["gateway_id"] == gateway["id"]


def test_seeds_that_cannot_be(cloud):
    for add in (
        lambda: cloud.add_gateway(status="DOWN"),
        lambda: cloud.add_eip(status="GREAT"),
        lambda: cloud.add_monitor(cloud.add_connection()["id"], status="FAULT"),
    ):
        with pytest.raises(ValueError, match="is not one of"):
            add()
    assert cloud.monitors() == []
