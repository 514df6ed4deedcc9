# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What each switch around connections does, with each of its values; test_emulator_switches.py runs these."""

from __future__ import annotations

import functools

from ansible_collections.huaweicloud.vpn.tests.unit.emulator.helpers import (
    NEW_EIP,
    NOWHERE,
    SUBNET,
    VPC,
    code,
    place,
    register,
    routed,
    site,
)

FAMILY_CHECKS: dict = {}
checks = functools.partial(register, FAMILY_CHECKS)


def refused(cloud, switch, ask, expected, setting="refused", otherwise="accepted"):
    """A request that one setting refuses and the other takes."""
    cloud.switch(**{switch: setting})
    assert code(ask()) == expected
    cloud.switch(**{switch: otherwise})
    assert ask().status_code < 300


@checks
def gateway_delete_hidden(cloud, api):
    for part, statuses in (
        (0.0, ["PENDING_DELETE"] * 3),
        (0.5, ["ACTIVE", "ACTIVE", "PENDING_DELETE"]),
        (1.0, ["ACTIVE"] * 3),
    ):
        cloud.switch(gateway_delete_hidden=part)
        gateway = cloud.add_gateway()
        api.remove("gateway", gateway["id"])
        seen = []
        for _third in range(3):
            seen.append(api.shown("gateway", gateway["id"])["status"])
            cloud.advance(19 if len(seen) == 1 else 21)
        assert seen == statuses and api.get("gateway", gateway["id"]).status_code == 404


@checks
def gateway_not_ready(cloud, api):
    for setting, codes in (
        ("VPN.0003", ["VPN.0003"] * 3),
        ("VPN.0016", ["VPN.0016"] * 3),
        ("table", ["VPN.0506", "VPN.0507", "VPN.0508"]),
    ):
        cloud.switch(gateway_not_ready=setting)
        for status, expected in zip(("PENDING_CREATE", "PENDING_UPDATE", "PENDING_DELETE"), codes):
            gateway = cloud.add_gateway(status=status)
            assert code(api.change("gateway", gateway["id"], name="new"))[1] == expected


@checks
def gateway_not_ready_status(cloud, api):
    gateway = cloud.add_gateway(status="PENDING_CREATE")
    for status in (403, 400, 409):
        cloud.switch(gateway_not_ready_status=status)
        assert code(api.remove("gateway", gateway["id"])) == (status, "VPN.0003")


@checks
def gateway_update_in_fault(cloud, api):
    gateway = cloud.add_gateway(status="FAULT")
    refused(
        cloud, "gateway_update_in_fault", lambda: api.change("gateway", gateway["id"], name="new"), (400, "VPN.0001")
    )


@checks
def gateway_delete_in_fault(cloud, api):
    gateway = cloud.add_gateway(status="FAULT")
    refused(cloud, "gateway_delete_in_fault", lambda: api.remove("gateway", gateway["id"]), (400, "VPN.0001"))


@checks
def gateway_update_when_frozen(cloud, api):
    gateway = cloud.add_gateway(status="FREEZED")
    refused(cloud, "gateway_update_when_frozen", lambda: api.flavor(gateway["id"], "Professional2"), (400, "VPN.0001"))


@checks
def rename_pending(cloud, api):
    for setting, status in ((True, "PENDING_UPDATE"), (False, "ACTIVE")):
        cloud.switch(rename_pending=setting)
        gateway = cloud.add_gateway()
        assert api.change("gateway", gateway["id"], name="new").status_code == 200
        shown = api.shown("gateway", gateway["id"])
        assert (shown["status"], shown["name"], cloud.writes()[-1].applied) == (status, "new", True)
    api.change("gateway", gateway["id"], name="newer", local_subnets=["10.7.0.0/24"])
    assert api.shown("gateway", gateway["id"])["status"] == "PENDING_UPDATE"


@checks
def gateway_without_eip(cloud, api):
    for status in ("ACTIVE", "PENDING_UPDATE", "FAULT"):
        cloud.switch(gateway_without_eip=status)
        gateway = cloud.add_gateway()
        api.unbind(gateway["eip1"]["id"])
        assert api.shown("gateway", gateway["id"])["status"] == status
        cloud.advance(61)
        api.change("gateway", gateway["id"], eip_id_1=gateway["eip1"]["id"])
        cloud.advance(61)
        assert api.shown("gateway", gateway["id"])["status"] == "ACTIVE"


@checks
def gateway_delete_with_connections(cloud, api):
    connection = cloud.add_connection()
    refused(
        cloud,
        "gateway_delete_with_connections",
        lambda: api.remove("gateway", connection["vgw_id"]),
        (400, "VPN.0001"),
        otherwise="cascades",
    )
    assert api.show(connection["id"])["status"] == "PENDING_DELETE"


@checks
def gateway_delete_prepaid(cloud, api):
    gateway = cloud.add_gateway(prepaid=True)
    refused(cloud, "gateway_delete_prepaid", lambda: api.remove("gateway", gateway["id"]), (400, "VPN.0001"))


@checks
def flavor_change_tunnels(cloud, api):
    for setting, meanwhile in (("kept", "ACTIVE"), ("down", "DOWN")):
        cloud.switch(flavor_change_tunnels=setting)
        gateway = cloud.add_gateway()
        connection = cloud.add_connection(vgw_id=gateway["id"], status="ACTIVE")
        api.flavor(gateway["id"], "Professional2")
        assert api.show(connection["id"])["status"] == meanwhile
        cloud.advance(61)
        assert api.show(connection["id"])["status"] == "ACTIVE"


@checks
def flavor_change_large_eips(cloud, api):
    gateway = cloud.add_gateway(flavor="Professional2", eip1={"bandwidth_size": 500})
    refused(cloud, "flavor_change_large_eips", lambda: api.flavor(gateway["id"], "Professional1"), (400, "VPN.0101"))


@checks
def supported_flavors(cloud, api):
    gateway = cloud.add_gateway()
    for setting, shown in (("absent", None), ("empty", []), ("listed", ["Professional2"])):
        cloud.switch(supported_flavors=setting)
        assert api.shown("gateway", gateway["id"]).get("supported_flavors") == shown
        assert api.flavor(gateway["id"], "Professional2").status_code == (200 if shown else 400)


@checks
def gateway_eips(cloud, api):
    for members in ({"eip2": None}, {"eip1": None}, {"eip1": None, "eip2": None}):
        wanted = site(cloud, **members)
        make = functools.partial(api.make, "gateway", **wanted)
        refused(cloud, "gateway_eips", make, (400, "VPN.0001"), "required", "optional")


@checks
def gateway_zones(cloud, api):
    for zones in (["az-1"], ["az-1", "az-2", "az-3"], ["az-1", "nowhere"], ["az-1", "az-1"]):
        wanted = site(cloud, availability_zone_ids=zones)
        refused(cloud, "gateway_zones", functools.partial(api.make, "gateway", **wanted), (400, "VPN.0001"))


@checks
def access_subnet(cloud, api):
    wanted = site(cloud, access_vpc_id=VPC)
    refused(cloud, "access_subnet", lambda: api.make("gateway", **wanted), (400, "VPN.0001"), "required", "optional")


@checks
def local_subnets_check(cloud, api):
    gateway = cloud.add_gateway()
    for subnets in (["10.0.0.9/24"], ["10.0.0.0/16", "10.0.1.0/24"]):
        wanted = site(cloud, local_subnets=subnets)
        make = functools.partial(api.make, "gateway", **wanted)
        refused(cloud, "local_subnets_check", make, (400, "VPN.0001"), "strict", "lenient")
        change = functools.partial(api.change, "gateway", gateway["id"], local_subnets=subnets)
        refused(cloud, "local_subnets_check", change, (400, "VPN.0001"), "strict", "lenient")
        cloud.advance(61)


@checks
def local_subnets_in_use(cloud, api):
    gateway = cloud.add_gateway(local_subnets=["10.0.0.0/16", "10.7.0.0/24"])
    cloud.add_connection(
        vgw_id=gateway["id"], style="policy", policy_rules=[{"source": "10.0.1.0/24", "destination": ["172.16.0.0/24"]}]
    )
    cloud.switch(local_subnets_in_use="refused")
    assert api.change("gateway", gateway["id"], local_subnets=["10.0.0.0/16"]).status_code == 200
    cloud.advance(61)
    refused(
        cloud,
        "local_subnets_in_use",
        lambda: api.change("gateway", gateway["id"], local_subnets=["10.7.0.0/24"]),
        (400, "VPN.0001"),
    )


@checks
def nonfixed_create(cloud, api):
    wanted = site(cloud, flavor="Professional1-NonFixedIP")
    refused(cloud, "nonfixed_create", lambda: api.make("gateway", **wanted), (400, "VPN.0516"))


@checks
def eip_mixed_forms(cloud, api):
    wanted = site(cloud, eip1={"id": cloud.add_eip()["id"], "bandwidth_size": 20})
    refused(cloud, "eip_mixed_forms", lambda: api.make("gateway", **wanted), (400, "VPN.0001"))
    cloud.advance(61)
    assert cloud.gateways()[0]["eip1"]["bandwidth_size"] == 300


@checks
def eip_charge_mode(cloud, api):
    wanted = site(cloud, eip1={"type": "5_bgp", "bandwidth_size": 20}, eip2=NEW_EIP)
    refused(cloud, "eip_charge_mode", lambda: api.make("gateway", **wanted), (400, "VPN.0001"), "required", "optional")


@checks
def bound_eip_on_put(cloud, api):
    gateway = cloud.add_gateway()
    refused(
        cloud,
        "bound_eip_on_put",
        lambda: api.change("gateway", gateway["id"], eip_id_1=gateway["eip1"]["id"]),
        (400, "VPN.0112"),
    )
    assert api.shown("gateway", gateway["id"])["eip1"] == gateway["eip1"]


@checks
def eip_not_ready_code(cloud, api):
    wanted = site(cloud, eip1={"id": cloud.add_eip(status="PENDING_CREATE")["id"]})
    for setting, status in (("VPN.0103", 400), ("VPN.0002", 500)):
        cloud.switch(eip_not_ready_code=setting)
        assert code(api.make("gateway", **wanted)) == (status, setting)


@checks
def free_addresses(cloud, api):
    apart = site(cloud, access_vpc_id=VPC, access_subnet_id=NOWHERE)
    for wanted, needed, subnet in ((site(cloud), 4, SUBNET), (apart, 2, NOWHERE), (routed(cloud), 2, SUBNET)):
        cloud.switch(free_addresses=needed - 1)
        answer = api.make("gateway", **wanted)
        assert code(answer) == (400, "VPN.0285")
        assert answer.json()["error_msg"] == f"subnet {subnet} has {needed - 1} free addresses, {needed} are needed"
        cloud.switch(free_addresses=needed)
        assert api.make("gateway", **wanted).status_code == 201


@checks
def duplicate_addresses(cloud, api):
    cloud.add_customer_gateway(id_value="198.51.100.9")
    refused(cloud, "duplicate_addresses", lambda: api.make("customer", id_value="198.51.100.9"), (400, "VPN.0001"))


@checks
def customer_asn(cloud, api):
    for setting, number in (("none", None), ("65000", 65000)):
        cloud.switch(customer_asn=setting)
        made = api.make("customer", id_value="198.51.100.9").json()["customer_gateway"]
        assert made.get("bgp_asn") == api.shown("customer", made["id"]).get("bgp_asn") == number
        assert "bgp_asn" not in api.make("customer", id_type="fqdn", id_value="x").json()["customer_gateway"]
        assert api.make("customer", id_value="198.51.100.9", bgp_asn=7).json()["customer_gateway"]["bgp_asn"] == 7


@checks
def list_id_type(cloud, api):
    named = cloud.add_customer_gateway(id_type="fqdn", id_value="x")
    cloud.add_customer_gateway()
    cloud.switch(list_id_type="absent")
    assert [found.get("id_type") for found in api.all("customer")] == ["ip", None]
    assert api.shown("customer", named["id"])["id_type"] == "fqdn"
    cloud.switch(list_id_type="present")
    assert [found["id_type"] for found in api.all("customer")] == ["ip", "fqdn"]


@checks
def ca_updatable(cloud, api):
    made = api.make("customer", id_value="198.51.100.9", ca_certificate={"content": "one"}).json()["customer_gateway"]
    refused(
        cloud,
        "ca_updatable",
        lambda: api.change("customer", made["id"], ca_certificate={"content": "two"}),
        (400, "VPN.0001"),
        False,
        True,
    )
    cloud.switch(ca_updatable=False)
    assert api.shown("customer", made["id"])["ca_certificate"]["is_updatable"] is False
    assert api.change("customer", made["id"], ca_certificate={"id": "cert-1"}).status_code == 200


@checks
def monitor_after_connection(cloud, api):
    for setting, left in (("deleted", 0), ("kept", 1)):
        cloud.switch(monitor_after_connection=setting)
        connection = cloud.add_connection()
        cloud.add_monitor(connection["id"])
        api.delete(connection["id"])
        cloud.advance(61)
        assert cloud.connections() == [] and len(cloud.monitors()) == len(api.all("monitor")) == left


@checks
def monitor_fqdn(cloud, api):
    customer = cloud.add_customer_gateway(id_type="fqdn", id_value="x")
    connection = cloud.add_connection(cgw_id=customer["id"])
    refused(cloud, "monitor_fqdn", lambda: api.make("monitor", vpn_connection_id=connection["id"]), (400, "VPN.0001"))


@checks
def monitor_in_pending(cloud, api):
    connection = cloud.add_connection(status="PENDING_CREATE")
    refused(
        cloud, "monitor_in_pending", lambda: api.make("monitor", vpn_connection_id=connection["id"]), (400, "VPN.0306")
    )


@checks
def health_check_makes_monitor(cloud, api):
    wanted = {"peer_subnets": ["172.16.0.0/16"], "enable_health_check": True}
    for setting, number in ((False, 0), (True, 2)):
        cloud.switch(health_check_makes_monitor=setting)
        made = api.create(**place(cloud), **wanted).json()["vpn_connection"]
        api.create(**place(cloud), **{**wanted, "enable_health_check": False})
        api.call("POST", "vpn-connections/batch-create", {"vpn_connections": [{**place(cloud), **wanted}]})
        assert len(cloud.monitors()) == number
        assert ("connection_monitor_id" in api.show(made["id"])) == setting


@checks
def missing_monitor(cloud, api):
    for setting, status in (("VPN.0004", 404), ("VPN.0001", 400)):
        cloud.switch(missing_monitor=setting)
        assert code(api.remove("monitor", NOWHERE)) == (status, setting)
        assert code(api.get("monitor", NOWHERE)) == (404, "VPN.0004")


def used(api, kind):
    """(quota, used) of a type."""
    resources = api.call("GET", "vpn/quotas").json()["quotas"]["resources"]
    return next((entry["quota"], entry["used"]) for entry in resources if entry["type"] == kind)


@checks
def gateway_quota(cloud, api):
    cloud.switch(gateway_quota=1)
    assert api.make("gateway", **site(cloud)).status_code == 201
    answer = api.make("gateway", **site(cloud))
    assert code(answer) == (400, "VPN.0001") and "quota of vpnGateway" in answer.text
    assert used(api, "vpn_gateway") == (1, 1)
    assert [eip["status"] for eip in cloud.eips()] == ["VPN", "VPN", "DOWN", "DOWN"]


@checks
def customer_gateway_quota(cloud, api):
    cloud.switch(customer_gateway_quota=1, quota_code="VPN.0007")
    assert api.make("customer", id_value="198.51.100.9").status_code == 201
    assert code(api.make("customer", id_value="198.51.100.8")) == (403, "VPN.0007")
    assert used(api, "customer_gateway") == (1, 1)


@checks
def quota_counts(cloud, api):
    cloud.add_gateway()
    api.make("gateway", **site(cloud))
    for setting, number in (("all", 2), ("settled", 1)):
        cloud.switch(quota_counts=setting)
        assert used(api, "vpn_gateway") == (50, number)
    cloud.advance(61)
    assert used(api, "vpn_gateway") == (50, 2)


@checks
def zones_v51(cloud, api):
    path = f"/v5.1/{cloud.project_id}/vpn-gateways/availability-zones"
    cloud.switch(zones_v51="absent")
    assert code(api.call("GET", path)) == (404, "APIGW.0101")
    assert api.call("GET", "vpn-gateways/availability-zones").status_code == 200
    cloud.switch(zones_v51="present")
    assert api.call("GET", path).status_code == 200


@checks
def zones_thin(cloud, api):
    for setting, has in ((False, True), (True, False)):
        cloud.switch(zones_thin=setting)
        zones = api.call("GET", "vpn-gateways/availability-zones").json()["availability_zones"]
        assert ("er" in zones["basic"]) == ("Professional2-NonFixedIP" in zones) == has


@checks
def dwell_unbind(cloud, api):
    gateway = cloud.add_gateway()
    cloud.switch(dwell_unbind=5)
    assert api.unbind(gateway["eip1"]["id"]).json()["publicip"]["status"] == "PENDING_UPDATE"
    assert code(api.change("gateway", gateway["id"], eip_id_1=gateway["eip1"]["id"])) == (400, "VPN.0103")
    cloud.advance(6)
    assert api.shown("eip", gateway["eip1"]["id"])["status"] == "DOWN"
    cloud.switch(dwell_unbind=0)
    assert api.unbind(gateway["eip2"]["id"]).json()["publicip"]["status"] == "DOWN"


@checks
def unbind_unbound(cloud, api):
    eip = cloud.add_eip()
    refused(cloud, "unbind_unbound", lambda: api.unbind(eip["id"]), (400, "EIP.0001"))


@checks
def eip_refusal_status(cloud, api):
    connection = cloud.add_connection()
    for status in (400, 409):
        cloud.switch(eip_refusal_status=status)
        assert code(api.unbind(connection["vgw_ip"])) == (status, "EIP.0001")


@checks
def eip_gone_status(cloud, api):
    for status in (404, 400):
        cloud.switch(eip_gone_status=status)
        assert code(api.get("eip", NOWHERE)) == code(api.unbind(NOWHERE)) == (status, "EIP.0001")
