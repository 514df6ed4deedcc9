# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The vendor's own client at work against the emulator: the two were written by different people from the same API."""

from __future__ import annotations

import huaweicloudsdkvpn.v5 as sdk
import pytest
from huaweicloudsdkcore.auth.credentials import BasicCredentials
from huaweicloudsdkcore.exceptions.exceptions import ClientRequestException
from huaweicloudsdkcore.region.region import Region

from ansible_collections.huaweicloud.vpn.tests.unit.emulator.helpers import KEY, place


def client(cloud, credentials=None):
    """A VpnClient for the emulator."""
    credentials = credentials or BasicCredentials(cloud.access_key, cloud.secret_key, cloud.project_id)
    return sdk.VpnClient.new_builder().with_credentials(credentials).with_endpoints([cloud.url]).build()


@pytest.fixture(name="vpn")
def vpn_fixture(cloud):
    """A VpnClient with permanent keys."""
    return client(cloud)


def update(vpn, connection_id, **members):
    """An update through the client."""
    body = sdk.UpdateVpnConnectionRequestBody(vpn_connection=sdk.UpdateVpnConnectionRequestBodyContent(**members))
    return vpn.update_vpn_connection(sdk.UpdateVpnConnectionRequest(connection_id, body))


def create(vpn, **members):
    """A create through the client."""
    body = sdk.CreateVpnConnectionRequestBody(vpn_connection=sdk.CreateVpnConnectionRequestBodyContent(**members))
    return vpn.create_vpn_connection(sdk.CreateVpnConnectionRequest(body))


def show(vpn, connection_id):
    """A show through the client."""
    return vpn.show_vpn_connection(sdk.ShowVpnConnectionRequest(connection_id)).vpn_connection


def test_list(cloud, vpn):
    made = [cloud.add_connection(name=f"branch-{number}") for number in range(3)]
    answer = vpn.list_vpn_connections(sdk.ListVpnConnectionsRequest())
    assert [found.id for found in answer.vpn_connections] == [connection["id"] for connection in reversed(made)]
    assert answer.total_count == 3 and answer.page_info.current_count == 3
    page = vpn.list_vpn_connections(sdk.ListVpnConnectionsRequest(limit=2))
    rest = vpn.list_vpn_connections(sdk.ListVpnConnectionsRequest(limit=2, marker=page.page_info.next_marker))
    assert [found.name for found in page.vpn_connections + rest.vpn_connections] == ["branch-2", "branch-1", "branch-0"]


def test_list_filters(cloud, vpn):
    mine, other = cloud.add_connection(), cloud.add_connection(**place(cloud, enterprise_project_id="ep-2"))
    for request, expected in (
        (sdk.ListVpnConnectionsRequest(vgw_id=other["vgw_id"]), [other["id"]]),
        (sdk.ListVpnConnectionsRequest(vgw_ip=mine["vgw_ip"]), [mine["id"]]),
        (sdk.ListVpnConnectionsRequest(enterprise_project_id=["ep-2", "ep-3"]), [other["id"]]),
        (sdk.ListVpnConnectionsRequest(enterprise_project_id=["0", "ep-2"]), [other["id"], mine["id"]]),
    ):
        assert [found.id for found in vpn.list_vpn_connections(request).vpn_connections] == expected


def test_show_update_reset(cloud, vpn):
    made = cloud.add_connection(style="policy", psk=KEY)
    rules = [sdk.PolicyRule(source="10.0.9.0/24", destination=["192.168.9.0/24"])]
    answer = update(
        vpn,
        made["id"],
        name="other",
        psk="Another-Key-2",
        policy_rules=rules,
        ikepolicy=sdk.UpdateIkePolicy(lifetime_seconds=3600, dpd=sdk.Dpd(timeout=20)),
    )
    assert answer.vpn_connection.name == "other" and answer.vpn_connection.style == "POLICY"
    assert answer.vpn_connection.ikepolicy.lifetime_seconds == 3600
    found = show(vpn, made["id"])
    assert found.status == "PENDING_UPDATE" and found.ikepolicy.dpd.timeout == 20 and found.ikepolicy.dpd.interval == 30
    assert [rule.source for rule in found.policy_rules] == ["10.0.9.0/24"]
    cloud.advance(61)
    assert cloud.negotiated(made["id"])["psk"] == KEY
    assert vpn.reset_vpn_connection(sdk.ResetVpnConnectionRequest(made["id"])).request_id
    cloud.advance(61)
    assert cloud.negotiated(made["id"])["psk"] == "Another-Key-2"


def test_create_and_delete(cloud, vpn):
    answer = create(
        vpn,
        **place(cloud),
        name="hq",
        psk=KEY,
        peer_subnets=["172.16.44.0/24"],
        tags=[sdk.VpnResourceTag("owner", "ops")],
    )
    assert answer.vpn_connection.ikepolicy.dh_group == "group15"
    assert [(tag.key, tag.value) for tag in answer.vpn_connection.tags] == [("owner", "ops")]
    assert show(vpn, answer.vpn_connection.id).status == "PENDING_CREATE"
    cloud.advance(61)
    assert show(vpn, answer.vpn_connection.id).status == "DOWN"
    vpn.delete_vpn_connection(sdk.DeleteVpnConnectionRequest(answer.vpn_connection.id))
    assert show(vpn, answer.vpn_connection.id).status == "PENDING_DELETE"
    cloud.advance(61)
    assert cloud.connections() == []
    with pytest.raises(ClientRequestException) as refused:
        show(vpn, answer.vpn_connection.id)
    assert (refused.value.status_code, refused.value.error_code) == (404, "VPN.0004")
    assert refused.value.request_id == cloud.journal()[-1].request_id


def test_batch_create(cloud, vpn):
    gateway, customer = cloud.add_gateway(), cloud.add_customer_gateway()
    wanted = [
        sdk.CreateVpnConnectionRequestBodyContent(
            vgw_id=gateway["id"],
            vgw_ip=gateway[eip]["id"],
            psk=KEY,
            cgw_id=customer["id"],
            peer_subnets=["172.16.44.0/24"],
        )
        for eip in ("eip1", "eip2")
    ]
    body = sdk.BatchCreateVpnConnectionRequestBody(vpn_connections=wanted)
    answer = vpn.batch_create_vpn_connection(sdk.BatchCreateVpnConnectionRequest(body))
    assert [found.vgw_ip for found in answer.vpn_connections] == [gateway["eip1"]["id"], gateway["eip2"]["id"]]
    assert len(cloud.connections()) == 2


def test_details(cloud, vpn):
    made = cloud.add_connection(style="policy", psk=KEY, status="ACTIVE")
    assert vpn.show_vpn_connection_log(sdk.ShowVpnConnectionLogRequest(made["id"])).logs[0].raw_message
    associations = vpn.list_connection_ipsec_sa(sdk.ListConnectionIpsecSaRequest(made["id"])).sa_infos
    assert [(found.source_ip_cidr, found.dest_ip_cidr) for found in associations] == [("10.0.0.0/24", "192.168.0.0/24")]
    devices = vpn.list_peer_configuration_supported_devices(sdk.ListPeerConfigurationSupportedDevicesRequest())
    assert {"V500R005", "V300R019"} == {device.version for device in devices.supported_devices}


def test_gateways_and_quotas(cloud, vpn):
    made = cloud.add_connection()
    gateways = vpn.list_vgws(sdk.ListVgwsRequest()).vpn_gateways
    assert [gateway.id for gateway in gateways] == [made["vgw_id"]] and gateways[0].used_connection_number == 1
    assert vpn.show_vgw(sdk.ShowVgwRequest(made["vgw_id"])).vpn_gateway.eip1.id == made["vgw_ip"]
    assert [found.id for found in vpn.list_cgws(sdk.ListCgwsRequest()).customer_gateways] == [made["cgw_id"]]
    assert vpn.show_cgw(sdk.ShowCgwRequest(made["cgw_id"])).customer_gateway.id_type == "ip"
    quotas = vpn.show_quotas_info(sdk.ShowQuotasInfoRequest()).quotas.resources
    assert {(quota.type, quota.used) for quota in quotas} == {
        ("customer_gateway", 1),
        ("vpn_connection", 1),
        ("vpn_gateway", 1),
    }


def test_tags(cloud, vpn):
    made = cloud.add_connection(tags={"owner": "ops"})
    where = ("vpn-connection", made["id"])
    vpn.batch_create_resource_tags(
        sdk.BatchCreateResourceTagsRequest(
            *where, sdk.CreateResourcesTagsRequestBody([sdk.ResourceTag("site", "north")])
        )
    )
    tags = vpn.show_resource_tags(sdk.ShowResourceTagsRequest(*where)).tags
    assert {tag.key: tag.value for tag in tags} == {"owner": "ops", "site": "north"}
    vpn.batch_delete_resource_tags(
        sdk.BatchDeleteResourceTagsRequest(
            *where, sdk.DeleteResourcesTagsRequestBody([sdk.ResourceTag("owner", "ops")])
        )
    )
    assert cloud.connection(made["id"])["tags"] == {"site": "north"}
    listed = vpn.list_project_tags(sdk.ListProjectTagsRequest("vpn-connection")).tags
    assert [(tag.key, tag.values) for tag in listed] == [("site", ["north"])]
    query = sdk.QueryResourcesRequestBody(matches=[sdk.Match("resource_name", made["name"])])
    found = vpn.list_resources_by_tags(sdk.ListResourcesByTagsRequest("vpn-connection", body=query))
    assert [resource.resource_id for resource in found.resources] == [made["id"]]
    query = sdk.QueryResourcesRequestBody(tags=[sdk.Tag("site", ["south"])])
    assert vpn.count_resources_by_tags(sdk.CountResourcesByTagsRequest("vpn-connection", query)).total_count == 0


def test_temporary_keys(cloud):
    made = cloud.add_connection()
    access, secret, token = cloud.temporary_keys()
    temporary = BasicCredentials(access, secret, cloud.project_id).with_security_token(token)
    assert show(client(cloud, temporary), made["id"]).id == made["id"]
    with pytest.raises(ClientRequestException) as refused:
        show(client(cloud, BasicCredentials(access, secret, cloud.project_id)), made["id"])
    assert (refused.value.status_code, refused.value.error_code) == (401, "APIGW.0301")


def test_project_lookup(cloud):
    made = cloud.add_connection()
    cloud.add_project(cloud.region + "_branch")
    credentials = BasicCredentials(cloud.access_key, cloud.secret_key).with_iam_endpoint(cloud.url)
    vpn = sdk.VpnClient.new_builder().with_credentials(credentials).with_region(Region(cloud.region, cloud.url)).build()
    assert show(vpn, made["id"]).id == made["id"]
    assert [entry.operation for entry in cloud.journal()] == ["listProjects", "showVpnConnection"]
    assert all(entry.auth == "aksk" for entry in cloud.journal())
