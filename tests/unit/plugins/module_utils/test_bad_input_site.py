# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Everything a task can get wrong about gateways and customer gateways, and the sentences it gets for it, word for word."""

from __future__ import annotations

import pytest

from ansible_collections.huaweicloud.vpn.plugins.module_utils import _errors
from ansible_collections.huaweicloud.vpn.plugins.module_utils._resources.availability_zone import AVAILABILITY_ZONES
from ansible_collections.huaweicloud.vpn.plugins.module_utils._resources.customer_gateway import CUSTOMER_GATEWAY
from ansible_collections.huaweicloud.vpn.plugins.module_utils._resources.gateway import GATEWAY
from ansible_collections.huaweicloud.vpn.plugins.module_utils._resources.peer_device import PEER_DEVICES
from ansible_collections.huaweicloud.vpn.plugins.module_utils._resources.quota import QUOTAS
from ansible_collections.huaweicloud.vpn.plugins.module_utils._work import catalog, single
from ansible_collections.huaweicloud.vpn.tests.unit.harness.site import operations, run
from ansible_collections.huaweicloud.vpn.tests.unit.harness.support import access

LETTERS = "made of the letters A to Z, digits, underscores, hyphens and periods"
LENGTH = "must have 36 characters, not"
TAG_LETTERS = "letters, digits, spaces and _.:=+-@"
URL = "must be a URL such as https://vpn.eu-de.example.com, not"
REASON = "because the API releases the elastic IPs along with the gateway, even those that were given by id"
IPV4 = "must be an IPv4 address such as 10.0.0.5, not"
ASN = "bgp_asn must be between 1 and 4294967295, not"
VPC = "0b7e4f4a-9a55-4d2e-8c4b-5a0100000001"
IKE = "policy_template.ike_policy"
IPSEC = "policy_template.ipsec_policy"


def template(part, **members):
    return {"policy_template": {part: members}}


def gone(**more):
    return dict({"state": "absent", "eips_on_delete": "release"}, **more)


# (options beside complete access and a name, sentences)
OF_GATEWAYS = [
    ({"colour": "red"}, ["unsupported option: colour"]),
    ({"vpcid": VPC}, ["unsupported option: vpcid (did you mean vpc_id?)"]),
    ({"local_subnet": []}, ["unsupported option: local_subnet (did you mean local_subnets?)"]),
    ({"eip1": {"identifier": VPC}}, ["unsupported option: eip1.identifier"]),
    ({"eip2": {"bandwith_size": 5}}, ["unsupported option: eip2.bandwith_size (did you mean eip2.bandwidth_size?)"]),
    (template("ike_policy", pfs="group20"), [f"unsupported option: {IKE}.pfs"]),
    (
        {"policy_template": {"ikepolicy": {}}},
        ["unsupported option: policy_template.ikepolicy (did you mean policy_template.ike_policy?)"],
    ),
    ({"reset": "always"}, ["unsupported option: reset"]),
    ({"expect_active": True}, ["unsupported option: expect_active"]),
    ({"name": "a b"}, [f"name must be {LETTERS}, not 'a b'"]),
    ({"name": "a" * 65}, ["name must have 1 to 64 characters, not 65"]),
    ({"id": "short"}, ["id must be the 36 characters of a gateway's id, not 'short'"]),
    (
        {"vgw_id": VPC, "vpn_gateway_id": VPC[:-1] + "9"},
        ["id and vgw_id, vpn_gateway_id are two names of one option, and differ"],
    ),
    ({"network_type": "Public"}, ["network_type must be public, not 'Public'"]),
    ({"attachment_type": "ER"}, ["attachment_type must be er, not 'ER'"]),
    ({"ip_version": "IPv4"}, ["ip_version must be ipv4, not 'IPv4'"]),
    ({"ha_mode": "activeactive"}, ["ha_mode must be active-active, not 'activeactive'"]),
    ({"ha_mode": True}, ["ha_mode must be text (in quotes, so that YAML takes it for text), not true"]),
    ({"vpc_id": "vpc"}, [f"vpc_id {LENGTH} 3"]),
    ({"er_id": VPC + "0"}, [f"er_id {LENGTH} 37"]),
    (
        {"connect_subnet": VPC.replace("-", "_")},
        [f"connect_subnet must be made of letters, digits and hyphens, not '{VPC.replace('-', '_')}'"],
    ),
    ({"access_vpc_id": "x"}, [f"access_vpc_id {LENGTH} 1"]),
    ({"access_subnet_id": "x"}, [f"access_subnet_id {LENGTH} 1"]),
    ({"eip1": {"id": "203.0.113.1"}}, [f"eip1.id {LENGTH} 11"]),
    ({"eip1": "203.0.113.1"}, ["eip1 must be a dictionary, not '203.0.113.1'"]),
    ({"eip2": [VPC]}, ["eip2 must be a dictionary, not a list"]),
    ({"eip1": {"bandwidth_size": "fast"}}, ["eip1.bandwidth_size must be a whole number, not 'fast'"]),
    ({"bgp_asn": 0}, [f"{ASN} 0"]),
    ({"bgp_asn": 4294967296}, [f"{ASN} 4294967296"]),
    ({"bgp_asn": "AS65000"}, ["bgp_asn must be a whole number, not 'AS65000'"]),
    ({"access_private_ip_1": "10.0.0.256"}, [f"access_private_ip_1 {IPV4} '10.0.0.256'"]),
    ({"access_private_ip_2": "10.0.0.5/24"}, [f"access_private_ip_2 {IPV4} '10.0.0.5/24'"]),
    (
        {"local_subnets": "10.0.0.0/24x"},
        ["local_subnets contains an entry that cannot be used: '10.0.0.0/24x' is not an IPv4 network"],
    ),
    ({"local_subnets": {"a": 1}}, ["local_subnets must be a list, not a dictionary"]),
    ({"list_mode": "Add"}, ["list_mode must be replace, add or remove, not 'Add'"]),
    (
        {"list_mode": "remove", "local_subnets": ["10.0.0.0/33"]},
        ["local_subnets contains an entry that cannot be used: '10.0.0.0/33' is not an IPv4 network"],
    ),
    ({"availability_zone_ids": {"a": 1}}, ["availability_zone_ids must be a list, not a dictionary"]),
    ({"enterprise_project_id": "e" * 65}, ["enterprise_project_id must have 1 to 64 characters, not 65"]),
    (template("ike_policy", lifetime_seconds=59), [f"{IKE}.lifetime_seconds must be between 60 and 604800, not 59"]),
    (
        template("ipsec_policy", lifetime_seconds=29),
        [f"{IPSEC}.lifetime_seconds must be between 30 and 604800, not 29"],
    ),
    (template("ike_policy", dh_group="20"), [f"{IKE}.dh_group must be group20, not '20'"]),
    (
        template("ipsec_policy", encryption_algorithm="aes256"),
        [f"{IPSEC}.encryption_algorithm must be aes-256, not 'aes256'"],
    ),
    (
        template("ike_policy", authentication_algorithm="SHA2-256"),
        [f"{IKE}.authentication_algorithm must be sha2-256, not 'SHA2-256'"],
    ),
    ({"tags": {"a#": "b"}}, [f"tags has the key 'a#'; a key may contain only {TAG_LETTERS}"]),
    ({"purge_tags": "perhaps"}, ["purge_tags must be true or false, not 'perhaps'"]),
    ({"state": "gone"}, ["state must be present or absent, not 'gone'"]),
    ({"state": "absent"}, [f"eips_on_delete is missing: it must be keep or release with state absent, {REASON}"]),
    (gone(eips_on_delete=""), [f"eips_on_delete is missing: it must be keep or release with state absent, {REASON}"]),
    (gone(eips_on_delete="Keep"), ["eips_on_delete must be keep or release, not 'Keep'"]),
    (gone(delete_connections="some"), ["delete_connections must be true or false, not 'some'"]),
    (gone(eip_endpoint="vpc.example.com"), [f"eip_endpoint {URL} 'vpc.example.com'"]),
    (
        gone(eip_endpoint="http://vpc.example.com"),
        [
            "eip_endpoint must begin with https://, not 'http://vpc.example.com' (http:// is for a server on this machine only)"
        ],
    ),
    (gone(eip_endpoint="https://u:p@vpc.example.com"), ["eip_endpoint must not contain a user name or password"]),
    ({"wait_timeout": 0}, ["wait_timeout must be between 1 and 86400, not 0"]),
    ({"create": "maybe"}, ["create must be true or false, not 'maybe'"]),
    (
        {"vpc_id": "x", "bgp_asn": 0, "state": "absent"},
        [
            f"eips_on_delete is missing: it must be keep or release with state absent, {REASON}",
            f"vpc_id {LENGTH} 1",
            f"{ASN} 0",
        ],
    ),
]

OF_CUSTOMER_GATEWAYS = [
    ({"ip": "198.51.100.1", "address": "x"}, ["unsupported option: address"]),
    ({"idtype": "ip"}, ["unsupported option: idtype (did you mean id_type?)"]),
    (
        {"ca_certificate": {"contents": "x"}},
        ["unsupported option: ca_certificate.contents (did you mean ca_certificate.content?)"],
    ),
    ({"eips_on_delete": "keep"}, ["unsupported option: eips_on_delete"]),
    ({"id": "short"}, ["id must be the 36 characters of a customer gateway's id, not 'short'"]),
    ({"id_type": "IP"}, ["id_type must be ip, not 'IP'"]),
    ({"id_value": "x" * 129}, ["id_value must have 1 to 128 characters, not 129"]),
    ({"id_value": ["198.51.100.1"]}, ["id_value must be text, not a list"]),
    ({"bgp_asn": -1}, [f"{ASN} -1"]),
    ({"ca_certificate": "PEM"}, ["ca_certificate must be a dictionary, not 'PEM'"]),
    ({"ca_certificate": {"id": "x"}}, [f"ca_certificate.id {LENGTH} 1"]),
    (
        {"ca_certificate": {"content": "hidden" * 2000}},
        ["ca_certificate.content must have 1 to 8192 characters, not 12000"],
    ),
    ({"ca_certificate": {"content": ["hidden"]}}, ["ca_certificate.content must be text"]),
    ({"update_ca_certificate": "always"}, ["update_ca_certificate is always, but ca_certificate.content is missing"]),
    ({"update_ca_certificate": "on_change"}, ["update_ca_certificate must be on_create or always, not 'on_change'"]),
    ({"tags": {"": "x"}}, ["tags has an empty key"]),
    (
        {"expect_plan": "v1"},
        [
            "expect_plan must be a plan_id that an earlier run returned, not 'v1'; it has the form v1.<32 hexadecimal digits>.<32 hexadecimal digits>"
        ],
    ),
]

# After reading: (what a new one shall be, sentences)
NEW_CUSTOMER_GATEWAYS = [
    ({}, ["no customer gateway is named branch; creating a customer gateway needs id_value"]),
    ({"id_value": "device"}, ["id_value must be an IPv4 address while id_type is ip, not 'device'"]),
    ({"id_value": "2001:db8::1"}, ["id_value must be an IPv4 address while id_type is ip, not '2001:db8::1'"]),
    (
        {"id_value": "127.0.0.1"},
        ["id_value must be the address of a device, not 127.0.0.1, which is a loopback address"],
    ),
    (
        {"id_value": "224.0.0.5"},
        ["id_value must be the address of a device, not 224.0.0.5, which is a multicast address"],
    ),
    (
        {"id_value": "240.0.0.1"},
        ["id_value must be the address of a device, not 240.0.0.1, which is a reserved address"],
    ),
    (
        {"id_type": "fqdn", "id_value": "a b"},
        ["id_value must be 1 to 128 characters without spaces and &<>[]\\?, not 'a b'"],
    ),
    (
        {"id_type": "fqdn", "id_value": "device", "bgp_asn": 65000},
        ["bgp_asn exists only with id_type ip, not with fqdn"],
    ),
    (
        {"id_value": "198.51.100.1", "ca_certificate": {"id": VPC, "content": "PEM-text"}},
        ["ca_certificate.id must not be given together with ca_certificate.content"],
    ),
]

ALL = [(GATEWAY, *row) for row in OF_GATEWAYS] + [(CUSTOMER_GATEWAY, *row) for row in OF_CUSTOMER_GATEWAYS]


@pytest.mark.parametrize(
    "resource, arguments, sentences", ALL, ids=lambda part: part[0][:60] if isinstance(part, list) else ""
)
def test_refused_before_any_request(cloud, resource, arguments, sentences):
    cloud.clear_journal()
    with pytest.raises(_errors.InvalidInput) as caught:
        single.enter(resource, dict(access(cloud), **dict({"name": "branch"}, **arguments)), {})
    assert caught.value.violations == sentences
    assert operations(cloud) == []
    assert "hidden" not in str(caught.value)


@pytest.mark.parametrize(
    "wanted, sentences", NEW_CUSTOMER_GATEWAYS, ids=lambda part: part[0][:60] if isinstance(part, list) else ""
)
def test_refused_before_a_write(cloud, wanted, sentences):
    with pytest.raises(_errors.InvalidInput) as caught:
        run(cloud, CUSTOMER_GATEWAY, dict(wanted, name="branch"))
    assert caught.value.violations == sentences
    assert cloud.writes() == []


@pytest.mark.parametrize("resource", [GATEWAY, CUSTOMER_GATEWAY], ids=lambda resource: resource.noun)
def test_whoever_names_nothing_is_told_how(cloud, resource):
    arguments = dict(access(cloud), state="present")
    with pytest.raises(_errors.InvalidInput, match=f"id or name is needed to identify the {resource.noun}"):
        single.enter(resource, arguments, {})


@pytest.mark.parametrize("resource", [GATEWAY, CUSTOMER_GATEWAY], ids=lambda resource: resource.noun)
def test_an_id_that_nobody_has(cloud, resource):
    with pytest.raises(_errors.NotFound, match=f"no {resource.noun} has the id {VPC}"):
        run(cloud, resource, {"id": VPC, "name": "branch"})


@pytest.mark.parametrize("resource", [GATEWAY, CUSTOMER_GATEWAY], ids=lambda resource: resource.noun)
def test_a_name_that_must_exist(cloud, resource):
    with pytest.raises(
        _errors.NotFound, match=f"no {resource.noun} with the name branch was found, and create is false"
    ):
        run(cloud, resource, {"name": "branch", "create": False})
    assert cloud.writes() == []


@pytest.mark.parametrize("resource", [QUOTAS, AVAILABILITY_ZONES, PEER_DEVICES], ids=lambda resource: resource.noun)
@pytest.mark.parametrize(
    "arguments, sentence",
    [
        ({"colour": "red"}, "unsupported option: colour"),
        ({"request_timeout": 0}, "request_timeout must be between 1 and 3600, not 0"),
        ({"endpoint": "ftp://x"}, f"endpoint {URL} 'ftp://x'"),
    ],
    ids=["option", "number", "URL"],
)
def test_what_catalogs_refuse(cloud, resource, arguments, sentence):
    with pytest.raises(_errors.InvalidInput) as caught:
        catalog.enter(resource, dict(access(cloud), **arguments), {})
    assert caught.value.violations == [sentence]


def test_the_tables_are_long_and_every_entry_is_one_of_its_own():
    everything = [(resource.name, repr(arguments)) for resource, arguments, _sentences in ALL]
    assert len(set(everything)) == len(everything) and len(everything) + len(NEW_CUSTOMER_GATEWAYS) >= 75
