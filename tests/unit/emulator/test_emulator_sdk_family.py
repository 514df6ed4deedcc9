# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The vendor's own clients take everything around connections through its whole life, against the emulator."""

from __future__ import annotations

import huaweicloudsdkeip.v3 as eip_sdk
import huaweicloudsdkvpn.v5 as sdk
import pytest
from huaweicloudsdkcore.auth.credentials import BasicCredentials
from huaweicloudsdkcore.exceptions.exceptions import ClientRequestException

from ansible_collections.huaweicloud.vpn.tests.unit.emulator.helpers import NOWHERE, ROUTER, SUBNET, VPC


def client(cloud, kind):
    """A client of a service for the emulator."""
    credentials = BasicCredentials(cloud.access_key, cloud.secret_key, cloud.project_id)
    return kind.new_builder().with_credentials(credentials).with_endpoints([cloud.url]).build()


@pytest.fixture(name="vpn")
def vpn_fixture(cloud):
    """The client of the VPN service."""
    return client(cloud, sdk.VpnClient)


@pytest.fixture(name="addresses")
def addresses_fixture(cloud):
    """The client of the elastic IP service."""
    return client(cloud, eip_sdk.EipClient)


def create(vpn, **members):
    """A new gateway."""
    body = sdk.CreateVgwRequestBody(vpn_gateway=sdk.CreateVgwRequestBodyContent(**members))
    return vpn.create_vgw(sdk.CreateVgwRequest(body)).vpn_gateway


def show(vpn, gateway_id):
    """A gateway."""
    return vpn.show_vgw(sdk.ShowVgwRequest(gateway_id)).vpn_gateway


def update(vpn, gateway_id, **members):
    """A changed gateway."""
    body = sdk.UpdateVgwRequestBody(vpn_gateway=sdk.UpdateVgwRequestBodyContent(**members))
    return vpn.update_vgw(sdk.UpdateVgwRequest(gateway_id, body)).vpn_gateway


def status(addresses, eip_id):
    """The status of an elastic IP."""
    return addresses.show_publicip(eip_sdk.ShowPublicipRequest(publicip_id=eip_id)).publicip.status


def refusal(ask, *arguments):
    """Status and code of a refusal."""
    with pytest.raises(ClientRequestException) as refused:
        ask(*arguments)
    return refused.value.status_code, refused.value.error_code


def test_gateway_life(cloud, vpn, addresses):
    kept, lost = cloud.add_eip()["id"], cloud.add_eip()["id"]
    made = create(
        vpn,
        name="hq",
        vpc_id=VPC,
        connect_subnet=SUBNET,
        local_subnets=["10.0.0.0/24"],
        eip1=sdk.CreateRequestEip(id=kept),
        eip2=sdk.CreateRequestEip(id=lost),
        tags=[sdk.VpnResourceTag("owner", "ops")],
    )
    assert (made.name, made.flavor, made.vpc_id, made.used_connection_number) == ("hq", "Professional1", VPC, 0)
    assert (show(vpn, made.id).status, show(vpn, made.id).eip1) == ("PENDING_CREATE", None)
    assert refusal(update, vpn, made.id) == (403, "VPN.0003")
    cloud.advance(61)
    ready = show(vpn, made.id)
    assert (ready.status, ready.eip1.id, ready.eip2.id, ready.tags[0].key) == ("ACTIVE", kept, lost, "owner")
    assert ready.supported_flavors == ["Professional2"] and status(addresses, kept) == "VPN"

    changed = update(vpn, made.id, name="new", local_subnets=["10.0.0.0/24", "10.1.0.0/24"])
    assert (changed.name, changed.local_subnets) == ("new", ["10.0.0.0/24", "10.1.0.0/24"])
    assert show(vpn, made.id).status == "PENDING_UPDATE"
    assert refusal(vpn.delete_vgw, sdk.DeleteVgwRequest(made.id)) == (403, "VPN.0003")
    cloud.advance(61)

    body = sdk.UpdateVgwSpecificationRequestBody(sdk.UpdateVgwSpecificationRequestBodyContent("Professional2"))
    answer = vpn.update_postpaid_vgw_specification(sdk.UpdatePostpaidVgwSpecificationRequest(made.id, body))
    assert answer.vpn_gateway.flavor == "Professional2" and show(vpn, made.id).status == "PENDING_UPDATE"
    cloud.advance(61)
    assert [(found.status, found.flavor) for found in vpn.list_vgws(sdk.ListVgwsRequest()).vpn_gateways] == [
        ("ACTIVE", "Professional2")
    ]

    answer = addresses.disassociate_publicips(eip_sdk.DisassociatePublicipsRequest(publicip_id=kept))
    assert answer.publicip.id == kept and status(addresses, kept) == "DOWN"
    vpn.delete_vgw(sdk.DeleteVgwRequest(made.id))
    assert show(vpn, made.id).status == "ACTIVE"
    cloud.advance(31)
    assert show(vpn, made.id).status == "PENDING_DELETE"
    cloud.advance(31)
    assert refusal(show, vpn, made.id) == (404, "VPN.0509")
    assert status(addresses, kept) == "DOWN" and refusal(status, addresses, lost)[0] == 404


def test_gateway_of_an_enterprise_router(cloud, vpn):
    bandwidth = {"type": "5_bgp", "charge_mode": "bandwidth", "bandwidth_size": 1000}
    made = create(
        vpn,
        attachment_type="er",
        er_id=ROUTER,
        access_vpc_id=VPC,
        access_subnet_id=SUBNET,
        bgp_asn=65533,
        flavor="Professional2",
        availability_zone_ids=["az-1", "az-2"],
        eip1=sdk.CreateRequestEip(**bandwidth),
        eip2=sdk.CreateRequestEip(**bandwidth),
    )
    assert (made.er_id, made.access_vpc_id, made.vpc_id, made.connect_subnet) == (ROUTER, VPC, None, None)
    cloud.advance(61)
    assert show(vpn, made.id).er_attachment_id and show(vpn, made.id).eip1.bandwidth_size == 1000


def test_private_gateway(cloud, vpn):
    made = create(vpn, network_type="private", vpc_id=VPC, connect_subnet=SUBNET, local_subnets=["10.0.0.0/24"])
    cloud.advance(61)
    assert show(vpn, made.id).access_private_ip_1 and show(vpn, made.id).eip1 is None


def test_replaced_address(cloud, vpn, addresses):
    gateway, fresh = cloud.add_gateway(), cloud.add_eip()
    addresses.disassociate_publicips(eip_sdk.DisassociatePublicipsRequest(publicip_id=gateway["eip1"]["id"]))
    assert update(vpn, gateway["id"], eip_id_1=fresh["id"]).eip1.ip_address == fresh["ip_address"]


def test_customer_gateway_life(cloud, vpn):
    content = sdk.CreateCgwRequestBodyContent(
        name="branch",
        id_type="ip",
        id_value="198.51.100.9",
        bgp_asn=65010,
        ca_certificate=sdk.CaCertificateRequest(content="-----BEGIN"),
        tags=[sdk.VpnResourceTag("owner", "ops")],
    )
    made = vpn.create_cgw(sdk.CreateCgwRequest(sdk.CreateCgwRequestBody(content))).customer_gateway
    assert made.bgp_asn == 65010 and made.ca_certificate.is_updatable and made.ca_certificate.serial_number
    found = vpn.show_cgw(sdk.ShowCgwRequest(made.id)).customer_gateway
    assert (found.name, found.id_value, found.tags[0].value) == ("branch", "198.51.100.9", "ops")
    other = sdk.UpdateCgwRequestBodyContent(name="new", ca_certificate=sdk.CaCertificateRequest(id=NOWHERE))
    changed = vpn.update_cgw(sdk.UpdateCgwRequest(made.id, sdk.UpdateCgwRequestBody(other))).customer_gateway
    assert (changed.name, changed.ca_certificate.id) == ("new", NOWHERE)
    connection = cloud.add_connection(cgw_id=made.id)
    assert refusal(vpn.delete_cgw, sdk.DeleteCgwRequest(made.id)) == (400, "VPN.0001")
    cloud.remove_connection(connection["id"])
    vpn.delete_cgw(sdk.DeleteCgwRequest(made.id))
    assert vpn.list_cgws(sdk.ListCgwsRequest()).customer_gateways == []
    assert refusal(vpn.show_cgw, sdk.ShowCgwRequest(made.id)) == (404, "VPN.0004")


def test_monitor_life(cloud, vpn):
    connection = cloud.add_connection()
    content = sdk.CreateConnectionMonitorRequestBodyContent(vpn_connection_id=connection["id"])
    request = sdk.CreateConnectionMonitorRequest(sdk.CreateConnectionMonitorRequestBody(content))
    made = vpn.create_connection_monitor(request).connection_monitor
    assert refusal(vpn.create_connection_monitor, request) == (400, "VPN.0381")
    found = vpn.show_connection_monitor(sdk.ShowConnectionMonitorRequest(made.id)).connection_monitor
    assert (found.status, found.proto_type, found.vpn_connection_id) == ("PENDING_CREATE", "icmp", connection["id"])
    cloud.advance(61)
    listing = sdk.ListConnectionMonitorsRequest(vpn_connection_id=connection["id"])
    assert [found.status for found in vpn.list_connection_monitors(listing).connection_monitors] == ["ACTIVE"]
    shown = vpn.show_vpn_connection(sdk.ShowVpnConnectionRequest(connection["id"])).vpn_connection
    assert shown.connection_monitor_id == made.id
    vpn.delete_connection_monitor(sdk.DeleteConnectionMonitorRequest(made.id))
    cloud.advance(61)
    assert vpn.list_connection_monitors(listing).connection_monitors == []
    assert refusal(vpn.show_connection_monitor, sdk.ShowConnectionMonitorRequest(made.id)) == (404, "VPN.0004")


def test_zones_quotas_and_devices(cloud, vpn):
    zones = vpn.list_availability_zones(sdk.ListAvailabilityZonesRequest()).availability_zones
    assert zones.basic.vpc == ["az-1"] and zones.professional2.er == ["az-1", "az-2"]
    extended = vpn.list_extended_availability_zones(sdk.ListExtendedAvailabilityZonesRequest()).availability_zones
    assert (extended[0].name, extended[0].public_border_group) == ("az-1", "center")
    assert "Basic" in [spec.flavor for spec in extended[0].available_specs]
    cloud.switch(gateway_quota=3)
    cloud.add_gateway()
    quotas = {quota.type: quota for quota in vpn.show_quotas_info(sdk.ShowQuotasInfoRequest()).quotas.resources}
    assert (quotas["vpn_gateway"].quota, quotas["vpn_gateway"].used) == (3, 1)
    devices = vpn.list_peer_configuration_supported_devices(sdk.ListPeerConfigurationSupportedDevicesRequest())
    assert {device.version for device in devices.supported_devices} == {"V500R005", "V300R019"}


def test_tags_of_gateways(cloud, vpn):
    for kind, made in (("vpn-gateway", cloud.add_gateway()), ("customer-gateway", cloud.add_customer_gateway())):
        vpn.batch_create_resource_tags(
            sdk.BatchCreateResourceTagsRequest(
                kind, made["id"], sdk.CreateResourcesTagsRequestBody([sdk.ResourceTag("site", "north")])
            )
        )
        tags = vpn.show_resource_tags(sdk.ShowResourceTagsRequest(kind, made["id"])).tags
        assert {tag.key: tag.value for tag in tags} == {"site": "north"}
    assert show(vpn, cloud.gateways()[0]["id"]).tags[0].value == "north"
