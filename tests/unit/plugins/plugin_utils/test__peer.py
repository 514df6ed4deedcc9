# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The other end of a connection: its settings, and these as text for strongSwan."""

from __future__ import annotations

import copy
import re

import pytest
from ansible.errors import AnsibleError
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar
from hypothesis import example, given
from hypothesis import strategies as st

from ansible_collections.huaweicloud.vpn.plugins.filter.peer_settings import peer_settings
from ansible_collections.huaweicloud.vpn.plugins.filter.swanctl import swanctl
from ansible_collections.huaweicloud.vpn.plugins.filter.swanctl_secrets import swanctl_secrets
from ansible_collections.huaweicloud.vpn.plugins.module_utils._errors import InvalidInput
from ansible_collections.huaweicloud.vpn.plugins.module_utils._resources.connection import CONNECTION
from ansible_collections.huaweicloud.vpn.plugins.module_utils._resources.customer_gateway import CUSTOMER_GATEWAY
from ansible_collections.huaweicloud.vpn.plugins.module_utils._resources.gateway import GATEWAY
from ansible_collections.huaweicloud.vpn.plugins.module_utils._secrets import MASK
from ansible_collections.huaweicloud.vpn.plugins.plugin_utils import _filters, _peer_settings
from ansible_collections.huaweicloud.vpn.plugins.plugin_utils._swanctl import ACTIONS, connections_text, warnings
from ansible_collections.huaweicloud.vpn.tests.unit.harness.support import KEY
from ansible_collections.huaweicloud.vpn.tests.unit.harness.swanctl import identity as swanctl_identity
from ansible_collections.huaweicloud.vpn.tests.unit.harness.swanctl import parsed, secret

GATEWAY_ID = "620d99b8-2222-4333-8444-0d1f5a2c7e11"
EIP = "8d2f3c5a-3333-4444-8555-7b9e1c4d6f22"
CUSTOMER_ID = "1a7e4b9c-4444-4555-8666-3c5d8f0a2b33"
CLOUD, SITE = "203.0.113.10", "198.51.100.7"
GATEWAYS = [
    {
        "id": GATEWAY_ID,
        "name": "vpngw",
        "eip1": {"id": "another", "ip_address": "203.0.113.99"},
        "eip2": {"id": EIP, "ip_address": CLOUD},
        "bgp_asn": 64512,
        "local_subnets": ["10.0.0.0/24"],
    }
]
CUSTOMERS = [{"id": CUSTOMER_ID, "name": "hamburg", "id_type": "ip", "id_value": SITE, "bgp_asn": 65010}]
CONNECTION_FOUND = {
    "id": "98c5af8a-1111-4222-8333-ae2280a6f4c3",
    "name": "branch-hamburg",
    "style": "STATIC",
    "ha_role": "MASTER",
    "vgw_id": GATEWAY_ID,
    "vgw_ip": EIP,
    "cgw_id": CUSTOMER_ID,
    "peer_subnets": ["192.168.20.0/24"],
    "tunnel_local_address": "169.254.76.1/30",
    "tunnel_peer_address": "169.254.76.2/30",
    "ikepolicy": {
        "ike_version": "v2",
        "authentication_algorithm": "sha2-256",
        "encryption_algorithm": "aes-128",
        "dh_group": "group14",
        "authentication_method": "pre-share",
        "lifetime_seconds": 86400,
        "local_id_type": "ip",
        "local_id": CLOUD,
        "peer_id_type": "ip",
        "peer_id": SITE,
        "dpd": {"timeout": 15, "interval": 30, "msg": "seq-hash-notify"},
    },
    "ipsecpolicy": {
        "authentication_algorithm": "sha2-512",
        "encryption_algorithm": "aes-256",
        "pfs": "group20",
        "transform_protocol": "esp",
        "lifetime_seconds": 3600,
        "encapsulation_mode": "tunnel",
    },
}
V1 = {"ikepolicy.ike_version": "v1", "ikepolicy.phase1_negotiation_mode": "main"}
RULES = [
    {"rule_index": 2, "source": "10.0.1.0/24", "destination": ["192.168.2.0/24"]},
    {"rule_index": 1, "source": "10.0.0.0/24", "destination": ["192.168.1.0/24", "192.168.2.0/24"]},
]
NAME = "branch-hamburg"


def connection(**changes):
    """Return the connection with members changed, by their dotted paths; None takes one away."""
    found = copy.deepcopy(CONNECTION_FOUND)
    for path, value in changes.items():
        *parents, leaf = path.split(".")
        place = found
        for name in parents:
            place = place[name]
        place[leaf] = value
        if value is None:
            del place[leaf]
    return found


def settings(gateways=None, customers=None, **changes):
    return peer_settings(connection(**changes), *_known(gateways, customers))


def _known(gateways, customers):
    return GATEWAYS if gateways is None else gateways, CUSTOMERS if customers is None else customers


def section(options=None, gateways=None, customers=None, **changes):
    text = swanctl([connection(**changes)], *_known(gateways, customers), **options or {})
    (found,) = parsed(text)["connections"].values()
    return found


def keys(psk=KEY, **changes):
    text = swanctl_secrets([connection(**changes)], GATEWAYS, CUSTOMERS, {changes.get("name", NAME): psk})
    (found,) = parsed(text)["secrets"].values()
    return found


def refusal(render, *arguments, **options):
    with pytest.raises(AnsibleError) as raised:
        render(*arguments, **options)
    return str(raised.value)


# -- settings ---------------------------------------------------------------------------------------------------------


def test_the_settings_are_those_of_the_device():
    assert settings() == {
        "name": NAME,
        "style": "static",
        "ha_role": "master",
        "local": {
            "address": SITE,
            "id_type": "ip",
            "id": SITE,
            "networks": ["192.168.20.0/24"],
            "tunnel_address": "169.254.76.2/30",
            "asn": 65010,
        },
        "remote": {
            "address": CLOUD,
            "id_type": "ip",
            "id": CLOUD,
            "networks": ["10.0.0.0/24"],
            "tunnel_address": "169.254.76.1/30",
            "asn": 64512,
        },
        "traffic": [{"local": "0.0.0.0/0", "remote": "0.0.0.0/0"}],
        "ike": {
            "version": 2,
            "aggressive": False,
            "authentication": "pre-share",
            "encryption": "aes-128",
            "integrity": "sha2-256",
            "group": 14,
            "lifetime": 86400,
            "dpd": {"interval": 30, "timeout": 15, "msg": "seq-hash-notify"},
        },
        "ipsec": {
            "protocol": "esp",
            "mode": "tunnel",
            "encryption": "aes-256",
            "integrity": "sha2-512",
            "group": 20,
            "lifetime": 3600,
        },
    }


def test_as_many_come_out_as_go_in():
    assert peer_settings([], [], []) == []
    two = [connection(), connection(name="second")]
    assert [found["name"] for found in peer_settings(two, GATEWAYS, CUSTOMERS)] == [NAME, "second"]
    assert peer_settings(connection(), GATEWAYS[0], CUSTOMERS[0]) == settings()


def test_what_the_emulated_cloud_returns_is_enough(cloud):
    gateway = cloud.add_gateway(eip1={"id": EIP}, eip2={"id": "9e3a4d6b-3333-4444-8555-7b9e1c4d6f23"})
    customer = cloud.add_customer_gateway(id_value=SITE)
    made = cloud.add_connection(vgw_id=gateway["id"], vgw_ip=EIP, cgw_id=customer["id"], psk=KEY)
    found = peer_settings(made, cloud.gateways(), cloud.customer_gateways())
    assert found["local"]["id"] == found["local"]["address"] == SITE
    assert found["remote"]["id"] == found["remote"]["address"]
    assert parsed(swanctl(made, cloud.gateways(), cloud.customer_gateways()))["connections"]


def test_policy_mode_has_a_pair_for_each_security_association():
    found = settings(style="policy", policy_rules=RULES)
    assert found["traffic"] == [
        {"local": "192.168.1.0/24", "remote": "10.0.0.0/24"},
        {"local": "192.168.2.0/24", "remote": "10.0.0.0/24"},
        {"local": "192.168.2.0/24", "remote": "10.0.1.0/24"},
    ]
    assert settings(style="policy", policy_rules=RULES[::-1]) == found


def test_an_ipv6_gateway_has_ipv6_traffic():
    gateways = [dict(GATEWAYS[0], ip_version="ipv6", local_subnets_v6=["2001:db8:1::/64"])]
    found = settings(gateways, peer_subnets_v6=["2001:db8:20::/48"])
    assert found["traffic"] == [{"local": "::/0", "remote": "::/0"}]
    assert found["local"]["networks"] == ["192.168.20.0/24", "2001:db8:20::/48"]
    assert found["remote"]["networks"] == ["10.0.0.0/24", "2001:db8:1::/64"]
    rules = [{"source": "2001:db8:1::/64", "destination": ["2001:db8:20::/48"]}]
    pairs = settings(gateways, style="policy", policy_rules_v6=rules)["traffic"]
    assert pairs == [{"local": "2001:db8:20::/48", "remote": "2001:db8:1::/64"}]


def test_a_private_gateway_is_reached_at_its_own_address():
    found = settings([dict(GATEWAYS[0], eip2=None)], vgw_ip="10.9.8.7", **{"ikepolicy.local_id": None})
    assert found["remote"]["address"] == found["remote"]["id"] == "10.9.8.7"


def test_identifiers_are_found_in_any_case():
    found = settings(vgw_ip=EIP.upper(), vgw_id=GATEWAY_ID.upper(), cgw_id=CUSTOMER_ID.upper())
    assert (found["remote"]["address"], found["local"]["address"]) == (CLOUD, SITE)


def test_identities_that_nobody_has_chosen_are_addresses_or_names():
    nothing = {f"ikepolicy.{side}_{part}": None for side in ("local", "peer") for part in ("id", "id_type")}
    assert settings(**nothing) == settings()
    named = [{"id": CUSTOMER_ID, "id_type": "fqdn", "id_value": "hamburg.example.com"}]
    local = settings(customers=named, **nothing)["local"]
    assert (local["id_type"], local["id"], local["address"]) == ("fqdn", "hamburg.example.com", None)


def test_any_identity_is_none():
    found = settings(**{"ikepolicy.local_id_type": "any", "ikepolicy.peer_id_type": "any"})
    assert (found["local"]["id"], found["remote"]["id"]) == (None, None)


@pytest.mark.parametrize(
    "version, mode, aggressive", [("v1", "aggressive", True), ("v1", "main", False), ("v2", "aggressive", False)]
)
def test_only_ikev1_is_aggressive(version, mode, aggressive):
    changes = {"ikepolicy.ike_version": version, "ikepolicy.phase1_negotiation_mode": mode}
    assert settings(**changes)["ike"]["aggressive"] is aggressive
    assert ("aggressive" in section(**changes)) is aggressive


def test_every_member_has_a_place_at_the_other_end_or_a_reason_for_none():
    """The key must not be there; hub, probes and tags are the cloud's own; the rest says where the other members are."""
    elsewhere = {"psk", "tags", "enable_hub", "enable_nqa", "vgw_id", "vgw_ip", "cgw_id"}
    assert {path for path, field in CONNECTION.managed.items() if not field.peer} == elsewhere
    resources = (CONNECTION, GATEWAY, CUSTOMER_GATEWAY)
    places = {field.peer for resource in resources for field in resource.leaves.values() if field.peer}
    assert places == set(_peer_settings._FORMS)


# -- text -------------------------------------------------------------------------------------------------------------


def test_the_text_of_a_connection():
    assert (
        swanctl(connection(), GATEWAYS, CUSTOMERS)
        == """connections {
  branch-hamburg {
    version = 2
    remote_addrs = 203.0.113.10
    proposals = aes128-sha256-modp2048
    rekey_time = 73440s
    over_time = 12960s
    unique = replace
    mobike = no
    dpd_delay = 30s
    local {
      auth = psk
      id = 198.51.100.7
    }
    remote {
      auth = psk
      id = 203.0.113.10
    }
    children {
      traffic1 {
        local_ts = 0.0.0.0/0
        remote_ts = 0.0.0.0/0
        esp_proposals = aes256-sha512-ecp384
        life_time = 3600s
        rekey_time = 3060s
        start_action = trap
        dpd_action = trap
      }
    }
  }
}
"""
    )


def test_the_text_of_a_key():
    assert (
        swanctl_secrets(connection(), GATEWAYS, CUSTOMERS, {NAME: "Example-Key-1"})
        == """secrets {
  ike-branch-hamburg {
    id-1 = 198.51.100.7
    id-2 = 203.0.113.10
    secret = 0x4578616d706c652d4b65792d31
  }
}
"""
    )


# Keywords of strongSwan ("IKEv2 Cipher Suites").
KEYWORDS = {
    "group1": "modp768",
    "group2": "modp1024",
    "group5": "modp1536",
    "group14": "modp2048",
    "group15": "modp3072",
    "group16": "modp4096",
    "group19": "ecp256",
    "group20": "ecp384",
    "group21": "ecp521",
}
CIPHERS = {
    "aes-256-gcm-16": "aes256gcm16",
    "aes-128-gcm-16": "aes128gcm16",
    "aes-256": "aes256",
    "aes-192": "aes192",
    "aes-128": "aes128",
    "3des": "3des",
}
DIGESTS = {"sha2-512": "sha512", "sha2-384": "sha384", "sha2-256": "sha256", "sha1": "sha1", "md5": "md5"}


def test_every_known_word_is_tried():
    for policy, group in (("ikepolicy", "dh_group"), ("ipsecpolicy", "pfs")):
        words = {group: KEYWORDS, "encryption_algorithm": CIPHERS, "authentication_algorithm": DIGESTS}
        for name, tried in words.items():
            assert set(CONNECTION.leaves[f"{policy}.{name}"].kind.words) - {"disable"} == set(tried), (policy, name)


@pytest.mark.parametrize("group", sorted(KEYWORDS))
@pytest.mark.parametrize("cipher", sorted(CIPHERS))
def test_a_suite_is_the_only_proposal(cipher, group):
    for digest, word in DIGESTS.items():
        suite = {"encryption_algorithm": cipher, "authentication_algorithm": digest}
        changes = {
            f"{policy}.{name}": value for policy in ("ikepolicy", "ipsecpolicy") for name, value in suite.items()
        }
        found = section(**changes, **{"ikepolicy.dh_group": group, "ipsecpolicy.pfs": group})
        own = "gcm" in cipher
        assert found["proposals"] == "-".join([CIPHERS[cipher], ("prf" if own else "") + word, KEYWORDS[group]])
        esp = [CIPHERS[cipher]] + ([] if own else [word])
        assert found["children"]["traffic1"]["esp_proposals"] == "-".join([*esp, KEYWORDS[group]])


def test_without_perfect_forward_secrecy_there_is_no_group():
    found = section(**{"ipsecpolicy.pfs": "disable"})
    assert found["children"]["traffic1"]["esp_proposals"] == "aes256-sha512"
    assert found["proposals"] == "aes128-sha256-modp2048"


def test_values_that_the_api_gets_later_are_rendered():
    found = section(**{"ikepolicy.encryption_algorithm": "aes-256-gcm-128", "ikepolicy.dh_group": "group31"})
    assert found["proposals"] == "aes256gcm128-prfsha256-curve25519"


def test_ikev1_authenticates_again_and_has_a_timeout():
    found = section(**V1)
    assert (found["version"], found["reauth_time"], found["dpd_timeout"]) == ("1", "73440s", "75s")
    assert "rekey_time" not in found
    assert "dpd_timeout" not in section() and "reauth_time" not in section()


def test_each_pair_of_networks_is_a_child():
    children = section(style="policy", policy_rules=RULES)["children"]
    assert [(child["local_ts"], child["remote_ts"]) for child in children.values()] == [
        ("192.168.1.0/24", "10.0.0.0/24"),
        ("192.168.2.0/24", "10.0.0.0/24"),
        ("192.168.2.0/24", "10.0.1.0/24"),
    ]


@pytest.mark.parametrize("action, when_dead", sorted(ACTIONS.items()))
def test_the_actions(action, when_dead):
    child = section({"start_action": action})["children"]["traffic1"]
    assert (child["start_action"], child["dpd_action"]) == (action, when_dead)


def test_addresses_and_interfaces_of_the_device():
    options = {"local_addresses": {NAME: "10.20.0.5", "other": "10.20.0.6"}, "if_ids": {NAME: 7, "other": 8}}
    found = section(options)
    assert (found["local_addrs"], found["if_id_in"], found["if_id_out"]) == ("10.20.0.5", "7", "7")
    assert not {"local_addrs", "if_id_in", "if_id_out"} & set(section())


@pytest.mark.parametrize(
    "address, number",
    [("169.254.0.2/30", 1), ("169.254.0.6/30", 2), ("169.254.76.2/30", 4865), ("169.254.255.254/30", 16384)],
)
def test_numbers_of_interfaces_follow_from_the_tunnel(address, number):
    found = section({"if_ids": True}, tunnel_peer_address=address)
    assert found["if_id_in"] == found["if_id_out"] == str(number)


def test_what_has_no_number_of_its_own_is_refused():
    two = [connection(), connection(name="second"), connection(name="third", tunnel_peer_address=None)]
    said = refusal(swanctl, two, GATEWAYS, CUSTOMERS, if_ids=True)
    assert "2 connections have the interface number 4865" in said and "third lacks tunnel_peer_address" in said


def test_identities_are_not_swapped():
    changes = {
        "ikepolicy.local_id_type": "fqdn",
        "ikepolicy.local_id": "cloud.example",
        "ikepolicy.peer_id_type": "fqdn",
        "ikepolicy.peer_id": "site.example",
    }
    found = section(**changes)
    assert (found["local"]["id"], found["remote"]["id"]) == ("fqdn:site.example", "fqdn:cloud.example")
    assert (keys(**changes)["id-1"], keys(**changes)["id-2"]) == ("fqdn:site.example", "fqdn:cloud.example")
    either = section(**{"ikepolicy.local_id_type": "any"})
    assert (either["local"]["id"], either["remote"]["id"]) == (SITE, "%any")


# -- what is dangerous ------------------------------------------------------------------------------------------------

# Printable characters that an identity may consist of, and the alphabet of keys.
IDENTITIES = st.from_regex(r"[^&<>\[\]\\?\s]{1,128}", fullmatch=True).filter(
    lambda text: text.isprintable() and "***" not in text
)
SIGNS = "~!@#$%^*()-_+={ },./:;"
PSKS = (
    st.text("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789" + SIGNS, max_size=120)
    .map("Aa1".__add__)
    .filter(lambda key: len(key) >= 8)
)


@given(identity=IDENTITIES)
@example("a=b")
@example('say"hi"')
@example("a#b{c}")
@example("}")
@example("{{7*7}}")
@example("{%raw%}")
@example("x;y,z=:$HOME")
@example("@at")
@example("include")
@example("Größe")
@example("#12")
def test_every_identity_stays_in_its_place(identity):
    found = section(**{"ikepolicy.peer_id_type": "fqdn", "ikepolicy.peer_id": identity})
    assert swanctl_identity(found["local"].pop("id")) == identity.encode()
    assert found["local"] == {"auth": "psk"} and set(found) == set(section())
    made = keys(**{"ikepolicy.peer_id_type": "fqdn", "ikepolicy.peer_id": identity})
    assert swanctl_identity(made["id-1"]) == identity.encode()


@given(
    psk=PSKS
    | st.sampled_from(
        ["0xAb12345678@", "0sQWJjZEVmMTI=", "Abc#12345", " Ab12345", "Ab12345 ", "include 12A", "Abc {12345}"]
    )
)
def test_every_key_is_the_key(psk):
    assert secret(keys(psk)["secret"]) == psk.encode()


@given(name=st.from_regex(r"[A-Za-z0-9_.\-\u4e00-\u9fa5]{1,64}", fullmatch=True))
@example("include")
@example("branch.1")
@example("分支")
def test_every_name_is_a_section(name):
    found = parsed(swanctl(connection(name=name), GATEWAYS, CUSTOMERS))["connections"]
    assert list(found.values()) == [section()]
    (made,) = parsed(swanctl_secrets(connection(name=name), GATEWAYS, CUSTOMERS, {name: KEY}))["secrets"]
    assert made == "ike-" + next(iter(found))


HOSTILE = [
    "x\n}\nsecrets {",
    "x { start_action = start }",
    'a"b',
    "a#b",
    "a=b",
    "{{ lookup('pipe', 'id') }}",
    "{% raw %}",
    "a\x00b",
    "a\x1b[2Jb",
    "x\u2028y",
    "",
    "x" * 65,
    ["list"],
    {"a": "dict"},
    7.5,
    True,
]
TEXTS = [
    "name",
    "style",
    "ha_role",
    "vgw_ip",
    "vgw_id",
    "cgw_id",
    "tunnel_peer_address",
    "tunnel_local_address",
    "peer_subnets",
]
TEXTS += [f"ikepolicy.{name}" for name in CONNECTION_FOUND["ikepolicy"] if name != "dpd"]
TEXTS += [f"ikepolicy.dpd.{name}" for name in CONNECTION_FOUND["ikepolicy"]["dpd"]]
TEXTS += [f"ipsecpolicy.{name}" for name in CONNECTION_FOUND["ipsecpolicy"]]


@pytest.mark.parametrize("path", TEXTS)
def test_no_value_breaks_out_of_its_place(path):
    """It is refused in one line without control characters, or rendered as a value."""
    for value in HOSTILE:
        try:
            text = swanctl(connection(**{path: value}), GATEWAYS, CUSTOMERS)
        except AnsibleError as error:
            assert str(error).isprintable(), (path, value)
        else:
            (found,) = parsed(text)["connections"].values()
            assert set(found) <= set(section(**V1)) | set(section()), (path, value)
            assert len(found["children"]) == 1


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=20),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
        max_leaves=8,
    ),
    st.sampled_from([*TEXTS, "ikepolicy", "ikepolicy.dpd", "ipsecpolicy", "policy_rules"]),
    st.sampled_from(["policy", "static"]),
)
def test_answers_of_any_form_give_a_text_or_a_sentence(value, path, style):
    changes = {"style": style, "policy_rules": RULES, path: value}
    for render, options in ((swanctl, []), (swanctl_secrets, [{NAME: KEY}])):
        try:
            parsed(render(connection(**changes), GATEWAYS, CUSTOMERS, *options))
        except AnsibleError as error:
            assert str(error).startswith(("huaweicloud.vpn.", "The ")), error


@pytest.mark.parametrize("value", [None, 7, "text", [None], ["text"], [[]]])
def test_what_is_no_list_of_objects_is_said(value):
    for arguments in (
        (value, GATEWAYS, CUSTOMERS),
        ([connection()], value, CUSTOMERS),
        ([connection()], GATEWAYS, value),
    ):
        assert "must be a list of dictionaries" in refusal(peer_settings, *arguments)


def test_nothing_that_is_rendered_is_a_template():
    identity = "{{7*7}}"
    changed = connection(**{"ikepolicy.peer_id_type": "fqdn", "ikepolicy.peer_id": identity})
    templar = Templar(DataLoader(), variables={})
    text = swanctl(changed, GATEWAYS, CUSTOMERS)
    assert identity in text and templar.template(text) == text
    assert templar.template(peer_settings(changed, GATEWAYS, CUSTOMERS)["local"]["id"]) == identity
    kept = swanctl_secrets(changed, GATEWAYS, CUSTOMERS, {NAME: KEY})
    assert identity in kept and templar.template(kept) == kept


# -- what cannot be rendered ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "changes, sentence",
    [
        ({"vgw_id": "nowhere"}, "has vgw_id nowhere, which is not among the VPN gateways given"),
        ({"cgw_id": None}, "has cgw_id nothing, which is not among the customer gateways given"),
        ({"vgw_ip": "0d3f3c5a-3333-4444-8555-7b9e1c4d6f22"}, "for which its VPN gateway shows no address"),
        ({"style": "policy-template"}, "has style 'policy-template', which cannot be used"),
        ({"style": "policy"}, "lacks policy_rules"),
        ({"ikepolicy.authentication_method": "digital-envelope-v2"}, "and only pre-share can be rendered"),
        ({"ipsecpolicy.transform_protocol": "ah"}, "has ipsecpolicy.transform_protocol ah, and only esp"),
        (
            {"ipsecpolicy.encapsulation_mode": "transport"},
            "has ipsecpolicy.encapsulation_mode transport, and only tunnel",
        ),
        ({"ikepolicy.dh_group": "group22"}, "has ikepolicy.dh_group group22, for which strongSwan has no name"),
        ({"ipsecpolicy.pfs": "group22"}, "has ipsecpolicy.pfs group22, for which strongSwan has no name"),
        ({"ikepolicy.dh_group": "disable"}, "has ikepolicy.dh_group 'disable', which cannot be used"),
        ({**V1, "ikepolicy.encryption_algorithm": "aes-128-gcm-16"}, "aes-128-gcm-16, which IKEv1 does not have"),
        ({**V1, "ikepolicy.encryption_algorithm": "aes-256-gcm-16"}, "aes-256-gcm-16, which IKEv1 does not have"),
        ({"ikepolicy.peer_id_type": "fqdn", "ikepolicy.peer_id": "site-***"}, "has ikepolicy.peer_id 'site-***'"),
        ({"ikepolicy.peer_id_type": "fqdn", "ikepolicy.peer_id": None}, "has no ID for ikepolicy.peer_id_type fqdn"),
        ({"ikepolicy.local_id": "name"}, "has ikepolicy.local_id name for ikepolicy.local_id_type ip"),
        (
            {"ikepolicy.peer_id_type": "fqdn", "ikepolicy.peer_id": "a b"},
            "has ikepolicy.peer_id a b for ikepolicy.peer_id_type",
        ),
        ({"ikepolicy.dh_group": None}, "lacks ikepolicy.dh_group"),
        ({"ipsecpolicy": None}, "lacks ipsecpolicy.pfs"),
        ({"name": None}, "connection number 1 lacks name"),
        ({"name": "x}y"}, "has name 'x}y', which cannot be used"),
    ],
    ids=str,
)
def test_what_cannot_be_rendered(changes, sentence):
    assert sentence in refusal(swanctl, connection(**changes), GATEWAYS, CUSTOMERS)


def test_gcm_of_phase_2_is_no_matter_of_the_version():
    changes = dict(V1, **{"ipsecpolicy.encryption_algorithm": "aes-128-gcm-16"})
    assert section(**changes)["children"]["traffic1"]["esp_proposals"] == "aes128gcm16-ecp384"


def test_everything_is_named_at_once():
    bad = [
        connection(name="first", vgw_id="nowhere", **V1, **{"ikepolicy.encryption_algorithm": "aes-128-gcm-16"}),
        connection(name="second", **{"ipsecpolicy.pfs": "group22", "ikepolicy.authentication_method": "other"}),
        connection(name="a.b"),
        connection(name="a_b"),
    ]
    said = refusal(swanctl, bad, GATEWAYS, CUSTOMERS)
    parts = (
        "first has vgw_id",
        "first has ikepolicy.encryption",
        "second has ipsecpolicy.pfs",
        "second has ikepolicy.auth",
        "2 connections have the section name a_b",
    )
    assert "\n" not in said and [part for part in parts if part not in said] == []
    assert "2 connections have the section name a_b" in refusal(
        swanctl_secrets, bad[2:], GATEWAYS, CUSTOMERS, {"a.b": KEY, "a_b": KEY}
    )


@pytest.mark.parametrize(
    "options, sentence",
    [
        ({"start_action": "now"}, "start_action must be none or trap or start or trap|start, not now"),
        ({"start_action": ["trap"]}, "start_action must be"),
        ({"local_addresses": "10.0.0.1"}, "local_addresses must be a dictionary"),
        ({"local_addresses": {NAME: "host"}}, "local_addresses has host for branch-hamburg, which is not an address"),
        ({"if_ids": 7}, "if_ids must be true or a dictionary"),
        ({"if_ids": False}, "if_ids must be true or a dictionary"),
        ({"if_ids": {NAME: 0}}, "if_ids has 0 for branch-hamburg"),
        ({"if_ids": {NAME: True}}, "if_ids has True for branch-hamburg"),
        ({"if_ids": {NAME: 2**32}}, "which is not a number from 1 to 4294967295"),
    ],
)
def test_options_that_cannot_be_used(options, sentence):
    assert sentence in refusal(swanctl, connection(), GATEWAYS, CUSTOMERS, **options)


# -- secrets ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "key", ["short", "all-lower-case", "Key-with-newline-1\n", MASK, "", None, 12345678, ["Example-Key-1"]]
)
def test_a_key_that_the_cloud_does_not_take_is_refused_and_not_shown(key):
    said = refusal(swanctl_secrets, connection(), GATEWAYS, CUSTOMERS, {NAME: key})
    assert f"connection {NAME} has " in said and "key" in said
    assert not key or str(key).strip() not in said


def test_each_connection_needs_its_key():
    two = [connection(), connection(name="second")]
    assert "connection second has no key" in refusal(
        swanctl_secrets, two, GATEWAYS, CUSTOMERS, {NAME: KEY, "third": KEY}
    )
    assert "must be a dictionary" in refusal(swanctl_secrets, two, GATEWAYS, CUSTOMERS, [KEY])


def test_a_key_in_a_vault_of_older_releases():
    class Vaulted:
        __ENCRYPTED__ = True

        def __str__(self):
            return KEY

    assert secret(keys(Vaulted())["secret"]) == KEY.encode()


def test_keys_that_strongswan_would_confuse_are_refused():
    two = [connection(), connection(name="second")]
    said = refusal(swanctl_secrets, two, GATEWAYS, CUSTOMERS, {NAME: KEY, "second": "Another-Key-2"})
    assert "connections branch-hamburg and second have the same IDs and different keys" in said
    assert KEY not in said and "Another-Key-2" not in said
    assert swanctl_secrets(two, GATEWAYS, CUSTOMERS, {NAME: KEY, "second": KEY})


def test_no_key_is_in_the_text_of_connections():
    text = swanctl(connection(psk="Should-Not-Be-1", ipsec_sa="Should-Not-Be-1"), GATEWAYS, CUSTOMERS)
    assert "Should-Not-Be-1" not in text and b"Should-Not-Be-1".hex() not in text
    assert "Should-Not-Be-1" not in str(settings(psk="Should-Not-Be-1"))


# -- warnings ---------------------------------------------------------------------------------------------------------


def warned(*connections):
    return list(warnings(_peer_settings.peers_of(list(connections), GATEWAYS, CUSTOMERS)))


def test_what_strongswan_does_in_another_way_is_a_warning():
    changes = {**V1, "ikepolicy.dpd.msg": "seq-notify-hash", "ikepolicy.phase1_negotiation_mode": "aggressive"}
    (order, mode) = warned(connection(**changes))
    assert "ikepolicy.dpd.msg seq-notify-hash" in order and "aggressive mode" in mode
    assert not warned(connection(), connection(**V1), connection(**{"ikepolicy.dpd.msg": "seq-notify-hash"}))


def test_tunnels_that_strongswan_takes_for_one_are_a_warning():
    """It looks for a tunnel to replace by the identities, and addresses make no difference."""
    two = [connection(), connection(name="second")]
    (warning,) = warned(*two)
    assert "connections branch-hamburg and second have the same IDs at both ends" in warning
    peers = _peer_settings.peers_of(two, GATEWAYS, CUSTOMERS)
    assert not list(warnings(peers, {NAME: 1, "second": 2})) and list(warnings(peers, {"second": 2})) == []
    assert not warned(connection(), connection(name="second", **{"ikepolicy.local_id": "203.0.113.99"}))
    anyone = {"ikepolicy.local_id_type": "any"}
    assert not warned(connection(**anyone), connection(name="second", **anyone))


def test_no_connection_at_all_is_a_warning():
    (warning,) = warned()
    assert "there are no VPN connections" in warning
    assert parsed(swanctl([], GATEWAYS, CUSTOMERS)) == {"connections": {}}


def test_warnings_are_shown(monkeypatch):
    shown = []
    monkeypatch.setattr(_filters.Display, "warning", lambda self, text: shown.append(text))
    swanctl(connection(**V1, **{"ikepolicy.dpd.msg": "seq-notify-hash"}), GATEWAYS, CUSTOMERS)
    assert len(shown) == 1


def test_the_core_raises_what_the_filters_translate():
    with pytest.raises(InvalidInput):
        connections_text(_peer_settings.peers_of([connection(name=None)], GATEWAYS, CUSTOMERS), "trap", {}, {})
    assert re.match(
        r"huaweicloud\.vpn\.swanctl: connection", refusal(swanctl, [connection(name=None)], GATEWAYS, CUSTOMERS)
    )
