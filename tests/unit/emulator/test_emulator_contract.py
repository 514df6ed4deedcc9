# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is accepted, what is refused, and what an update makes of a connection."""

from __future__ import annotations

import ast
import concurrent.futures
import json
import pathlib

import pytest

from ansible_collections.huaweicloud.vpn.tests.emulator import Emulator, contract, seed
from ansible_collections.huaweicloud.vpn.tests.emulator.calls import HANDLERS
from ansible_collections.huaweicloud.vpn.tests.unit.emulator.helpers import KEY, Api, code, fixture, place

EXAMPLES = fixture("examples.json")
PACKAGE = pathlib.Path(contract.__file__).parent


def test_independent_of_the_product():
    for path in PACKAGE.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and not node.level:
                names = [node.module]
            assert not [name for name in names if name.startswith("ansible")], path.name


def test_operations_exist():
    """Everything the handlers are for is in the contract; left out: upgrades, jobs, routes, GM certificates."""
    known = set(contract.load().operations)
    assert set(HANDLERS) <= known
    assert known - set(HANDLERS) == {
        "upgradeVpnGateway",
        "listGatewayJobs",
        "deleteGatewayJob",
        "showGatewayRoutingTable",
        "showGatewayCertificate",
        "createGatewayCertificate",
        "updateGatewayCertificate",
        "listGatewayCertificates",
    }


@pytest.mark.parametrize(
    "method, path, status",
    [
        ("GET", "nothing", 404),
        ("PATCH", "vpn-connection/x", 404),
        ("GET", "vpn-connections", 404),
        ("GET", "vpn-connection/x/y/z", 404),
        ("GET", "other-thing/x/tags", 404),
        ("GET", "vpn-gateways/jobs", 501),
    ],
)
def test_unknown_operations(cloud, api, method, path, status):
    answer = api.call(method, path)
    assert answer.status_code == status
    if status == 404:
        assert answer.json()["error_code"] == "APIGW.0101"


@pytest.mark.parametrize(
    "path, operation",
    [
        ("vpn-connection/tags", "listProjectTags"),
        ("vpn-connection/x", "showVpnConnection"),
        ("vpn-connection/x/tags", "showResourceTags"),
        ("vpn-connection/x/log", "showVpnConnectionLog"),
        ("vpn-gateways/jobs", "listGatewayJobs"),
        ("vpn-gateways/x", "showVpnGateway"),
        ("vpn-gateways/availability-zones", "listGatewayAvailabilityZones"),
    ],
)
def test_literal_paths_win(path, operation):
    assert contract.load().route("GET", f"/v5/p/{path}")[0].id == operation


# -- the published update requests

PUBLISHED = [name for name in EXAMPLES if name.startswith("request_")]


@pytest.mark.parametrize("name", PUBLISHED)
def test_published_requests(cloud, api, name):
    """Each changes the seeded connection in exactly its members."""
    seed.plant(cloud, seed.DEFAULT)
    connection_id = EXAMPLES["response_update_200"]["vpn_connection"]["id"]
    before = api.show(connection_id)
    answer = api.call("PUT", f"vpn-connection/{connection_id}", EXAMPLES[name])
    assert answer.status_code == 200
    changed = {
        path for path, value in leaves(answer.json()["vpn_connection"]) if value != dict(leaves(before)).get(path)
    }
    assert changed == {path for path, value in leaves(EXAMPLES[name]["vpn_connection"])} | {"updated_at"}


def leaves(value, path=""):
    """Dotted paths and values of everything that is no object."""
    for name, member in value.items():
        if isinstance(member, dict):
            yield from leaves(member, f"{path}{name}.")
        else:
            yield path + name, member


def test_published_answer(cloud, api):
    """With the published requests carried out, the answer is the published one, but for masked and moving parts."""
    cloud.switch(ids="masked", updated_at="unchanged")
    seed.plant(cloud, seed.DEFAULT)
    published = EXAMPLES["response_update_200"]["vpn_connection"]
    for name in ("request_update_peer_subnets", "request_update_policy_rules", "request_update_sa_lifetimes"):
        answer = api.call("PUT", f"vpn-connection/{published['id']}", EXAMPLES[name]).json()["vpn_connection"]
        cloud.advance(61)
    expected = json.loads(json.dumps(published))
    expected["ikepolicy"].update(lifetime_seconds=3600, local_id="203.***.***.134", peer_id="198.***.***.164")
    assert answer == expected
    assert list(answer) == [name for name in answer if name in published]


# -- merging


def test_objects_merge_and_lists_replace(cloud, api):
    rules = [
        {"source": "10.0.1.0/24", "destination": ["192.168.1.0/24"]},
        {"source": "10.0.2.0/24", "destination": ["192.168.2.0/24"]},
    ]
    made = cloud.add_connection(style="policy", policy_rules=rules, peer_subnets=["192.168.1.0/24", "192.168.2.0/24"])
    before = api.show(made["id"])
    answer = api.put(made["id"], {"policy_rules": rules[1:], "ikepolicy": {"dpd": {"interval": 99}}}).json()
    shown = answer["vpn_connection"]
    assert shown["policy_rules"] == rules[1:] and shown["peer_subnets"] == before["peer_subnets"]
    assert shown["ikepolicy"] == {**before["ikepolicy"], "dpd": {**before["ikepolicy"]["dpd"], "interval": 99}}
    assert shown["ipsecpolicy"] == before["ipsecpolicy"]
    assert api.show(made["id"])["ikepolicy"] == shown["ikepolicy"]


def test_ids(cloud, api):
    made = cloud.add_connection()
    automatic = api.show(made["id"])["ikepolicy"]
    assert automatic["local_id"] == cloud.gateways()[0]["eip1"]["ip_address"]
    assert automatic["peer_id"] == cloud.customer_gateways()[0]["id_value"]
    cloud.switch(dwell=0)
    api.put(made["id"], {"ikepolicy": {"peer_id_type": "fqdn", "peer_id": "Branch.example"}})
    assert api.show(made["id"])["ikepolicy"]["peer_id"] == "Branch.example"
    api.put(made["id"], {"ikepolicy": {"peer_id_type": "ip"}})
    assert api.show(made["id"])["ikepolicy"] == automatic
    other = cloud.add_customer_gateway()
    api.put(made["id"], {"cgw_id": other["id"]})
    assert api.show(made["id"])["ikepolicy"]["peer_id"] == other["id_value"]


def test_psk_is_never_answered(cloud, api):
    made = api.create(**place(cloud), peer_subnets=["172.16.0.0/16"], psk=KEY)
    connection_id = made.json()["vpn_connection"]["id"]
    answers = [made, api.call("GET", "vpn-connection"), api.call("GET", f"vpn-connection/{connection_id}")]
    cloud.advance(61)
    answers.append(api.put(connection_id, {"psk": "Short1!"}))
    answers.append(api.put(connection_id, {"psk": "onlyonekindofletter"}))
    answers.append(api.put(connection_id, {"psk": "Another-Key-2"}))
    assert [answer.status_code for answer in answers[3:]] == [400, 400, 200]
    text = "".join(answer.text for answer in answers) + str(cloud.connection(connection_id))
    assert not [key for key in (KEY, "Short1!", "onlyonekindofletter", "Another-Key-2", 'psk"') if key in text]


# -- refusals of an update: style, members, part of the text


def rule(source="10.0.1.0/24", *destinations):
    """A policy rule."""
    return {"source": source, "destination": list(destinations or ["192.168.1.0/24"])}


BAD_UPDATES = {
    "vgw_id": ("static", {"vgw_id": "x" * 36}, "VPN.0013"),
    "vgw_ip": ("static", {"vgw_ip": "x" * 36}, "VPN.0013"),
    "style": ("static", {"style": "static"}, "VPN.0013"),
    "ha_role": ("static", {"ha_role": "master"}, "VPN.0013"),
    "tags": ("static", {"tags": []}, "must not be empty"),
    "tags with something": ("static", {"tags": [{"key": "a", "value": "b"}]}, "VPN.0013"),
    "project": ("static", {"enterprise_project_id": "0"}, "VPN.0013"),
    "authentication method": ("static", {"ikepolicy": {"authentication_method": "pre-share"}}, "VPN.0013"),
    "rule_index": ("policy", {"policy_rules": [{**rule(), "rule_index": 1}]}, "VPN.0013"),
    "unlisted": ("static", {"nonsense": 1}, "VPN.0013"),
    "unlisted leaf": ("static", {"ipsecpolicy": {"nonsense": 1}}, "VPN.0013"),
    "enable_nqa": ("static", {"enable_nqa": True}, "VPN.0013"),
    "enable_hub": ("static", {"enable_hub": False}, "enable_hub must not be filled"),
    "name too long": ("static", {"name": "x" * 65}, "name"),
    "name with a space": ("static", {"name": "a b"}, "name"),
    "name as a number": ("static", {"name": 7}, "name"),
    "short cgw_id": ("static", {"cgw_id": "x"}, "cgw_id"),
    "short psk": ("static", {"psk": "Abc-123"}, "psk"),
    "long psk": ("static", {"psk": "Abc-123" * 20}, "psk"),
    "weak psk": ("static", {"psk": "abcdefgh1234"}, "psk"),
    "psk with a tab": ("static", {"psk": "Abcdefgh\t1234"}, "psk"),
    "subnet": ("static", {"peer_subnets": ["192.168.1.0/33"]}, "peer_subnets"),
    "subnet octets": ("static", {"peer_subnets": ["192.168.300.0/24"]}, "peer_subnets"),
    "subnet without mask": ("static", {"peer_subnets": ["192.168.1.0"]}, "peer_subnets"),
    "51 subnets": ("static", {"peer_subnets": [f"192.168.{number}.0/24" for number in range(51)]}, "peer_subnets"),
    "reserved subnet": ("static", {"peer_subnets": ["100.64.3.0/24"]}, "reserved"),
    "local subnet": ("static", {"peer_subnets": ["10.0.0.0/24"]}, "equals a local subnet"),
    "v6 subnet": ("static", {"peer_subnets_v6": ["fd00::/64"]}, "peer_subnets_v6"),
    "one tunnel end": ("static", {"tunnel_local_address": "169.254.7.1/30"}, "one /30"),
    "tunnel network": (
        "static",
        {"tunnel_local_address": "169.254.7.0/30", "tunnel_peer_address": "169.254.7.1/30"},
        "not a host address",
    ),
    "equal tunnel ends": (
        "static",
        {"tunnel_local_address": "169.254.7.1/30", "tunnel_peer_address": "169.254.7.1/30"},
        "one /30",
    ),
    "reserved tunnel": (
        "static",
        {"tunnel_local_address": "169.254.195.1/30", "tunnel_peer_address": "169.254.195.2/30"},
        "reserved",
    ),
    "wide tunnel": ("static", {"tunnel_local_address": "169.254.7.1/29"}, "tunnel_local_address"),
    "rules off style": ("static", {"policy_rules": [rule()]}, "policy_rules must not be filled"),
    "six rules": ("policy", {"policy_rules": [rule(f"10.0.{number}.0/24") for number in range(6)]}, "policy_rules"),
    "one source twice": ("policy", {"policy_rules": [rule(), rule("10.0.1.7/24", "192.168.2.0/24")]}, "used twice"),
    "overlapping rules": ("policy", {"policy_rules": [rule(), rule("10.0.0.0/16")]}, "overlap"),
    "no source": ("policy", {"policy_rules": [{"destination": ["192.168.1.0/24"]}]}, "needs source"),
    "no destination": ("policy", {"policy_rules": [{"source": "10.0.1.0/24"}]}, "needs source"),
    "bad destination": ("policy", {"policy_rules": [rule("10.0.1.0/24", "192.168.1.999/24")]}, "policy_rules"),
    "cipher": ("static", {"ikepolicy": {"encryption_algorithm": "rot13"}}, "encryption_algorithm"),
    "IKE lifetime": ("static", {"ikepolicy": {"lifetime_seconds": 59}}, "lifetime_seconds"),
    "lifetime as text": ("static", {"ikepolicy": {"lifetime_seconds": "3600"}}, "lifetime_seconds"),
    "IPsec lifetime": ("static", {"ipsecpolicy": {"lifetime_seconds": 29}}, "lifetime_seconds"),
    "DPD timeout": ("static", {"ikepolicy": {"dpd": {"timeout": 1}}}, "dpd.timeout"),
    "GCM with v1": (
        "static",
        {"ikepolicy": {"ike_version": "v1", "encryption_algorithm": "aes-256-gcm-16"}},
        "requires",
    ),
    "ID no address": ("static", {"ikepolicy": {"local_id": "name"}}, "local_id"),
    "FQDN without ID": ("static", {"ikepolicy": {"local_id_type": "fqdn"}}, "FQDN"),
    "FQDN with a space": ("static", {"ikepolicy": {"local_id_type": "fqdn", "local_id": "a b"}}, "FQDN"),
    "equal IDs": ("static", {"ikepolicy": {"local_id": "203.0.113.9", "peer_id": "203.0.113.9"}}, "must differ"),
    "empty object": ("static", {}, "is empty"),
    "null": ("static", {"name": None}, "must not be empty"),
    "empty text": ("static", {"name": ""}, "must not be empty"),
    "empty list": ("static", {"peer_subnets": []}, "must not be empty"),
    "null leaf": ("static", {"ikepolicy": {"dh_group": None}}, "ikepolicy.dh_group must not be empty"),
    "no object": ("static", [], "vpn_connection"),
    "policy no object": ("static", {"ikepolicy": "strong"}, "ikepolicy"),
}


@pytest.mark.parametrize("style, members, expected", BAD_UPDATES.values(), ids=BAD_UPDATES)
def test_refused_updates(cloud, api, style, members, expected):
    made = cloud.add_connection(style=style)
    answer = api.put(made["id"], members)
    assert answer.status_code == 400 and expected in answer.text
    assert answer.json()["error_code"] in ("VPN.0001", "VPN.0013")
    assert cloud.connection(made["id"]) == made and not cloud.writes()[0].applied


GOOD_UPDATES = {
    "all of the IKE policy": (
        "static",
        {
            "ikepolicy": {
                "ike_version": "v1",
                "phase1_negotiation_mode": "aggressive",
                "authentication_algorithm": "sha2-512",
                "encryption_algorithm": "aes-256",
                "dh_group": "group21",
                "lifetime_seconds": 60,
                "local_id_type": "fqdn",
                "local_id": "Head",
                "peer_id_type": "fqdn",
                "peer_id": "head",
                "dpd": {"timeout": 60, "interval": 3600, "msg": "seq-notify-hash"},
            }
        },
    ),
    "all of the IPsec policy": (
        "bgp",
        {
            "ipsecpolicy": {
                "authentication_algorithm": "md5",
                "encryption_algorithm": "aes-256-gcm-16",
                "pfs": "disable",
                "transform_protocol": "esp",
                "lifetime_seconds": 604800,
                "encapsulation_mode": "tunnel",
            }
        },
    ),
    "tunnel": ("bgp", {"tunnel_local_address": "169.254.7.2/30", "tunnel_peer_address": "169.254.7.1/30"}),
    "hub": ("bgp", {"enable_hub": True}),
    "rules": ("policy", {"policy_rules": [rule(), rule("10.0.2.0/24", "192.168.2.0/24", "192.168.3.7/24")]}),
    "host bits": ("static", {"peer_subnets": ["192.168.1.5/24"]}),
    "name": ("static", {"name": "A_b-c.9"}),
}


@pytest.mark.parametrize("style, members", GOOD_UPDATES.values(), ids=GOOD_UPDATES)
def test_accepted_updates(cloud, api, style, members):
    made = cloud.add_connection(style=style)
    answer = api.put(made["id"], members)
    assert answer.status_code == 200, answer.text
    shown = dict(leaves(api.show(made["id"])))
    assert {path: shown[path] for path, _value in leaves(members)} == dict(leaves(members))
    assert cloud.writes()[0].applied


# -- refusals of a create

BAD_CREATES = {
    "no vgw_id": ({"vgw_id": None}, "vgw_id"),
    "no subnets": ({"peer_subnets": None}, "peer_subnets is required"),
    "policy without rules": ({"style": "policy"}, "policy_rules is required"),
    "nqa off static": (
        {"style": "bgp", "enable_nqa": False},
        "invalid request: enable_nqa must not be filled if style is not static",
    ),
    "hub off bgp": ({"enable_hub": False}, "enable_hub must not be filled"),
    "upper case style": ({"style": "BGP"}, "style"),
    "slave": ({"ha_role": "slave"}, "ha_role must be master"),
    "one tunnel end": ({"tunnel_local_address": "169.254.7.1/30"}, "given together"),
    "tag twice": ({"tags": [{"key": "a", "value": "b"}, {"key": "a", "value": "c"}]}, "twice"),
    "tag without value": ({"tags": [{"key": "a"}]}, "value is required"),
    "tag letters": ({"tags": [{"key": "a/b", "value": "c"}]}, "tag"),
    "status": ({"status": "DOWN"}, "VPN.0013"),
    "weak psk": ({"psk": "abcdefghijkl"}, "psk"),
}


@pytest.mark.parametrize("members, expected", BAD_CREATES.values(), ids=BAD_CREATES)
def test_refused_creates(cloud, api, members, expected):
    wanted = {**place(cloud), "peer_subnets": ["172.16.0.0/16"], **members}
    answer = api.create(**{name: value for name, value in wanted.items() if value is not None})
    assert answer.status_code == 400 and expected in answer.text
    assert cloud.connections() == []


def test_create_by_style(cloud, api):
    shown = {}
    for style, members in (
        ("static", {"enable_nqa": True}),
        ("bgp", {"enable_hub": True}),
        ("policy", {"policy_rules": [rule()]}),
    ):
        answer = api.create(**place(cloud), style=style, peer_subnets=["192.168.1.0/24"], **members)
        shown[style] = answer.json()["vpn_connection"]
    assert shown["static"]["enable_nqa"] is True and shown["bgp"]["enable_hub"] is True
    assert shown["policy"]["policy_rules"] == [{"rule_index": 0, **rule()}]
    for style, absent in (
        ("static", {"enable_hub", "policy_rules"}),
        ("bgp", {"enable_nqa", "policy_rules"}),
        ("policy", {"enable_nqa", "enable_hub"}),
    ):
        assert not absent & set(shown[style]) and shown[style]["style"] == style.upper()


def test_create_on_other_gateways(cloud, api):
    router = place(cloud, attachment_type="er")
    assert "must not be filled" in api.create(**router, style="bgp", peer_subnets=["172.16.0.0/16"]).text
    made = api.create(**router, style="bgp")
    assert made.status_code == 201 and "peer_subnets" not in made.json()["vpn_connection"]
    assert api.create(**place(cloud, attachment_type="er"), peer_subnets=["172.16.0.0/16"]).status_code == 201
    version_6 = place(cloud, ip_version="ipv6")
    assert "peer_subnets_v6 is required" in api.create(**version_6).text
    made = api.create(
        **version_6,
        style="policy",
        peer_subnets_v6=["fd00:1::/64"],
        policy_rules_v6=[{"source": "fd00:2::/64", "destination": ["fd00:1::/64"]}],
    )
    assert made.status_code == 201 and "peer_subnets" not in made.json()["vpn_connection"]
    private = place(cloud, network_type="private")
    assert private["vgw_ip"] == "192.168.250.2"
    assert api.create(**private, peer_subnets=["172.16.0.0/16"]).status_code == 201


def test_active_standby(cloud, api):
    gateway = cloud.add_gateway(ha_mode="active-standby")
    customer = cloud.add_customer_gateway()
    wanted = {"vgw_id": gateway["id"], "cgw_id": customer["id"], "peer_subnets": ["172.16.0.0/16"]}
    assert api.create(**wanted, vgw_ip=gateway["eip2"]["id"]).status_code == 400
    assert api.create(**wanted, vgw_ip=gateway["eip2"]["id"], ha_role="slave").status_code == 201
    assert api.create(**wanted, vgw_ip=gateway["eip1"]["id"]).status_code == 201


def test_equal_asn(cloud, api):
    where = place(cloud)
    where["cgw_id"] = cloud.add_customer_gateway(bgp_asn=64512)["id"]
    assert "ASN" in api.create(**where, style="bgp", peer_subnets=["172.16.0.0/16"]).text


def test_customer_gateways(cloud, api):
    made = cloud.add_connection()
    refused = api.call("DELETE", f"customer-gateways/{made['cgw_id']}")
    assert code(refused) == (400, "VPN.0001")
    assert refused.json()["error_msg"] == f"invalid request: customer gateway {made['cgw_id']} has connection"
    assert code(api.call("GET", "customer-gateways/x")) == (404, "VPN.0004")
    assert code(api.call("GET", "vpn-gateways/x")) == (404, "VPN.0509")
    body = {"customer_gateway": {"id_type": "fqdn", "id_value": "branch", "bgp_asn": 65000}}
    assert "bgp_asn" in api.call("POST", "customer-gateways", body).text


@pytest.mark.parametrize(
    "data, content_type", [("{", "application/json"), ('{"a": 1}', "text/plain"), ('{"a": 1}', None)]
)
def test_bodies_that_are_no_json(cloud, api, data, content_type):
    made = cloud.add_connection()
    answer = api.call("PUT", f"vpn-connection/{made['id']}", data=data, headers={"Content-Type": content_type})
    assert code(answer) == (400, "APIGW.0201")


def test_missing_and_superfluous_bodies(cloud, api):
    made = cloud.add_connection()
    assert code(api.call("PUT", f"vpn-connection/{made['id']}")) == (400, "VPN.0001")
    assert code(api.call("PUT", f"vpn-connection/{made['id']}", {"other": {}})) == (400, "VPN.0013")
    assert code(api.call("POST", f"vpn-connection/{made['id']}/reset", {"force": True})) == (400, "VPN.0001")
    assert code(api.call("PUT", f"vpn-connection/{made['id']}", "text")) == (400, "VPN.0001")


def test_body_limit(cloud, api):
    made = cloud.add_connection()
    answer = api.call(
        "PUT",
        f"vpn-connection/{made['id']}",
        data=b"x" * (12 * 1024 * 1024 + 1),
        headers={"Content-Type": "application/json"},
    )
    assert code(answer) == (413, "APIGW.0201")


def test_peer_configuration(cloud, api):
    made = cloud.add_connection(psk=KEY)
    path = f"vpn-connection/{made['id']}/peer-configuration/export"
    device = api.call("GET", "peer-configuration/supported-devices").json()["supported_devices"][0]
    assert KEY in api.call("POST", path, device).json()["peer_config"]
    assert code(api.call("POST", path, {**device, "model": "other"})) == (400, "VPN.0001")
    assert not cloud.writes()


def test_log_refusals(cloud, api):
    old = cloud.add_connection(**place(cloud, flavor="V300"))
    template = cloud.add_connection(style="policy-template")
    assert code(api.call("GET", f"vpn-connection/{old['id']}/log")) == (400, "VPN.0304")
    assert code(api.call("GET", f"vpn-connection/{template['id']}/log")) == (400, "VPN.0305")


def test_ten_clients_at_once(cloud):
    """Keep-alive clients in parallel, each seeing its own answers."""
    made = [cloud.add_connection() for _number in range(12)]

    def shown(connection):
        api = Api(cloud)
        return [api.show(connection["id"])["id"] for _number in range(5)] == [connection["id"]] * 5

    with concurrent.futures.ThreadPoolExecutor(12) as pool:
        assert all(pool.map(shown, made))


def test_two_emulators_side_by_side():
    with Emulator() as one, Emulator(region="eu-test-2") as two:
        one.add_connection()
        assert one.port != two.port and two.connections() == [] and two.project_name == "eu-test-2"


def test_taken_port():
    with Emulator() as one:
        with pytest.raises(OSError, match="in use"):
            Emulator(port=one.port).start()
