# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Properties of comparison and plan: what is sent, what it leads to, and that it ends there."""

from __future__ import annotations

import copy
import hashlib
import ipaddress
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.huaweicloud.vpn.plugins.module_utils._planning import plan as planning
from ansible_collections.huaweicloud.vpn.plugins.module_utils._planning.plan import (
    CREATE,
    DELETE,
    NOTHING,
    UPDATE,
    Desired,
    remaining,
)
from ansible_collections.huaweicloud.vpn.plugins.module_utils._planning.planner import make_plan
from ansible_collections.huaweicloud.vpn.plugins.module_utils._resources.connection import CONNECTION
from ansible_collections.huaweicloud.vpn.plugins.module_utils._secrets import MASK, SecretText, reveal
from ansible_collections.huaweicloud.vpn.tests.unit.harness.support import examples, settings_of

BASE = {
    "id": "98c5af8a-1111-4222-8333-ae2280a6f4c3",
    "name": "office",
    "status": "DOWN",
    "vgw_id": "b32d91a4-1111-4222-8333-e907174eb11d",
    "vgw_ip": "0c464dad-1111-4222-8333-c22bb0eb0bde",
    "cgw_id": "5247ae10-1111-4222-8333-dd36659a7f5d",
    "peer_subnets": ["192.168.1.0/24"],
    "ikepolicy": {
        "ike_version": "v2",
        "authentication_algorithm": "sha2-256",
        "encryption_algorithm": "aes-128",
        "dh_group": "group15",
        "authentication_method": "pre-share",
        "lifetime_seconds": 86400,
        "local_id_type": "ip",
        "local_id": "203.0.113.10",
        "peer_id_type": "ip",
        "peer_id": "198.51.100.7",
        "dpd": {"timeout": 15, "interval": 30, "msg": "seq-hash-notify"},
    },
    "ipsecpolicy": {
        "authentication_algorithm": "sha2-256",
        "encryption_algorithm": "aes-128",
        "pfs": "group15",
        "transform_protocol": "esp",
        "lifetime_seconds": 3600,
        "encapsulation_mode": "tunnel",
    },
    "created_at": "2026-01-02T03:04:05.678Z",
    "updated_at": "2026-01-02T03:04:05.678Z",
    "enterprise_project_id": "0",
    "ha_role": "master",
}
STYLES = {
    "policy": {"style": "POLICY", "policy_rules": [{"source": "10.0.0.0/24", "destination": ["192.168.1.0/24"]}]},
    "static": {
        "style": "STATIC",
        "enable_nqa": True,
        "tunnel_local_address": "169.254.76.1/30",
        "tunnel_peer_address": "169.254.76.2/30",
    },
    "bgp": {
        "style": "BGP",
        "enable_hub": False,
        "tunnel_local_address": "169.254.76.1/30",
        "tunnel_peer_address": "169.254.76.2/30",
    },
}


def answer(style="policy", **members):
    return copy.deepcopy({**BASE, **STYLES[style], **members})


def plan(found, wanted, **desired):
    if "psk" in wanted:
        wanted = dict(wanted, psk=SecretText(wanted["psk"]))
    return make_plan(CONNECTION, Desired(CONNECTION.normalize(wanted), **desired), found)


# -- an oracle of its own: what two values mean, and what a PUT does (API contract, sections 7 and 8) --------------------


def network(text):
    return ipaddress.ip_network(text, strict=False)


def meaning(path, value):
    if value in (None, [], False, ""):
        return None
    if path == "peer_subnets":
        return frozenset(map(network, value))
    if path == "policy_rules":
        merged = {}
        for rule in value:
            merged.setdefault(network(rule["source"]), set()).update(map(network, rule["destination"]))
        return frozenset((source, frozenset(targets)) for source, targets in merged.items())
    return value


def leaves(tree, prefix=""):
    for name, value in tree.items():
        if isinstance(value, dict):
            yield from leaves(value, prefix + name + ".")
        else:
            yield prefix + name, value


def put(found, body):
    """Apply a body as the API does: objects member by member, lists whole."""
    for name, value in body.items():
        if isinstance(value, dict):
            put(found.setdefault(name, {}), value)
        else:
            found[name] = value


def scrambled(wanted, shuffle):
    """Return the same settings written differently: other order, host bits, repetitions, rules split by destination."""
    wanted = copy.deepcopy(wanted)

    def spread(networks):
        texts = [
            str(network(text)[shuffle.randrange(network(text).num_addresses)]) + "/" + text.split("/")[1]
            for text in networks * 2
        ]
        shuffle.shuffle(texts)
        return texts

    if "peer_subnets" in wanted:
        wanted["peer_subnets"] = spread(wanted["peer_subnets"])
    if "policy_rules" in wanted:
        split = [
            {"source": rule["source"], "destination": [text]}
            for rule in wanted["policy_rules"]
            for text in spread(rule["destination"])
        ]
        shuffle.shuffle(split)
        wanted["policy_rules"] = split
    return wanted


PAIRS_OF = {
    style: st.tuples(st.just(style), settings_of(style), settings_of(style), st.booleans(), st.randoms())
    for style in sorted(STYLES)
}
PAIRS = st.sampled_from(sorted(STYLES)).flatmap(PAIRS_OF.get)


@settings(max_examples=examples(1000), deadline=None)
@given(PAIRS)
def test_a_body_holds_exactly_what_differs_and_leads_there(pair):
    style, found_settings, wanted, keep_some, shuffle = pair
    found = answer(style)
    put(found, copy.deepcopy(found_settings))
    if keep_some:
        wanted = dict(wanted, **{name: value for name, value in found_settings.items() if shuffle.random() < 0.5})
    wanted = scrambled(wanted, shuffle)
    first = plan(found, wanted)
    assert not first.violations

    differing = {
        path for path, value in leaves(wanted) if meaning(path, value) != meaning(path, dict(leaves(found)).get(path))
    }
    sent = {} if first.body is None else first.body["vpn_connection"]
    together = {
        "cgw_id": "ikepolicy.peer_id",
        "ikepolicy.local_id_type": "ikepolicy.local_id",
        "ikepolicy.peer_id_type": "ikepolicy.peer_id",
    }
    companions = {together[path] for path in differing if path in together and together[path] in dict(leaves(wanted))}
    assert set(dict(leaves(sent))) == differing | companions
    assert {change["path"] for change in first.changes} == differing
    assert first.changed == bool(differing) == (first.before != first.after)

    after = copy.deepcopy(found)
    put(after, copy.deepcopy(sent))
    for path, value in leaves(wanted):
        assert meaning(path, dict(leaves(after)).get(path)) == meaning(path, value), path
    untouched = {path: value for path, value in leaves(found) if path not in dict(leaves(sent))}
    assert {path: dict(leaves(after))[path] for path in untouched} == untouched

    again = plan(after, wanted)
    assert (again.action, again.body, again.changes) == (NOTHING, None, [])
    assert dict(leaves(again.before)) == {path: value for path, value in leaves(first.after) if value is not False}
    assert remaining(first, after) == {}
    assert json.loads(json.dumps(first.predicted())) == first.predicted()
    assert CONNECTION.normalize(first.predicted()) == CONNECTION.normalize(after)


@settings(max_examples=examples(200), deadline=None)
@given(PAIRS)
def test_the_same_settings_written_differently_are_the_same_plan(pair):
    style, found_settings, wanted, dummy, shuffle = pair
    found, twin = answer(style), answer(style)
    put(found, copy.deepcopy(found_settings))
    put(twin, scrambled(found_settings, shuffle))
    one, other = plan(found, wanted), plan(twin, scrambled(wanted, shuffle))
    assert one.plan_id() == other.plan_id()
    assert (one.body, one.before, one.after) == (other.body, other.before, other.after)


@settings(max_examples=examples(200), deadline=None)
@given(PAIRS)
def test_a_found_connection_given_back_changes_nothing(pair):
    style, found_settings, dummy, dummy2, dummy3 = pair
    found = answer(style)
    put(found, copy.deepcopy(found_settings))
    again = plan(found, found)
    assert (again.action, again.violations, again.warnings) == (NOTHING, [], [])


# -- single facts ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "wanted",
    [
        {"peer_subnets": ["192.168.1.77/24"]},
        {"peer_subnets": ["192.168.1.0/24", "192.168.1.0/24"]},
        {"style": "Policy"},
        {"style": "policy", "ha_role": "MASTER", "vgw_id": BASE["vgw_id"].upper()},
        {"enable_hub": False, "enable_nqa": False, "peer_subnets_v6": [], "policy_rules_v6": [], "tags": {}},
        {"ikepolicy": {}, "ipsecpolicy": {"encryption_algorithm": "AES-128"}},
        {"policy_rules": [{"source": "10.0.0.9/24", "destination": ["192.168.1.0/24"], "rule_index": 7}]},
        {"status": "ACTIVE", "updated_at": "never", "bgp_peer": {"state": "up"}},
    ],
    ids=str,
)
def test_equal_by_meaning_sends_nothing(wanted):
    assert plan(answer(), wanted).action == NOTHING


@pytest.mark.parametrize("nothing", [None, []])
@pytest.mark.parametrize("member", ["peer_subnets_v6", "policy_rules_v6", "tags"])
def test_absent_null_and_empty_are_alike_in_an_answer(member, nothing):
    assert plan(answer(**{member: nothing}), {member: {} if member == "tags" else []}).action == NOTHING
    assert plan(answer(**{member: nothing}), {}).plan_id() == plan(answer(), {}).plan_id()


def test_rules_split_by_the_server_are_one_rule():
    split = [
        {"rule_index": number, "source": "10.0.0.0/24", "destination": [text]}
        for number, text in enumerate(("192.168.2.0/24", "192.168.1.0/24"))
    ]
    wanted = [{"source": "10.0.0.0/24", "destination": ["192.168.1.0/24", "192.168.2.0/24"]}]
    assert plan(answer(policy_rules=split), {"policy_rules": wanted}).action == NOTHING


@pytest.mark.parametrize(
    "wanted", [["192.168.1.0/24"], ["192.168.2.0/24", "192.168.1.0/24", "192.168.3.0/24"]], ids=["removed", "added"]
)
def test_one_network_removed_or_added_is_a_change_of_the_whole_list(wanted):
    result = plan(answer(peer_subnets=["192.168.1.0/24", "192.168.2.0/24"]), {"peer_subnets": wanted})
    assert result.body == {"vpn_connection": {"peer_subnets": sorted(wanted)}}


def test_a_tunnel_address_keeps_its_host_bits():
    found = answer("static")
    assert plan(found, {"tunnel_local_address": "169.254.76.1/30"}).action == NOTHING
    swapped = plan(found, {"tunnel_local_address": "169.254.76.2/30", "tunnel_peer_address": "169.254.76.1/30"})
    assert swapped.leaves == {"tunnel_local_address": "169.254.76.2/30", "tunnel_peer_address": "169.254.76.1/30"}


def test_a_masked_identity_matches_what_it_may_stand_for():
    found = answer()
    found["ikepolicy"]["peer_id"] = "88.***.***.164"
    assert plan(found, {"ikepolicy": {"peer_id": "88.1.2.164"}}).action == NOTHING
    assert plan(found, {"ikepolicy": {"peer_id": "88.1.2.165"}}).leaves == {"ikepolicy.peer_id": "88.1.2.165"}


def test_a_type_and_its_identity_go_together():
    result = plan(answer(), {"ikepolicy": {"local_id_type": "fqdn", "local_id": "203.0.113.10"}})
    assert result.leaves == {"ikepolicy.local_id_type": "fqdn", "ikepolicy.local_id": "203.0.113.10"}
    assert [change["path"] for change in result.changes] == ["ikepolicy.local_id_type"]


@pytest.mark.parametrize(
    "version, effect, required", [("v1", "next_phase1_negotiation", False), ("v2", "after_reset", True)]
)
def test_when_a_key_and_identities_bite(version, effect, required):
    found = answer()
    found["ikepolicy"]["ike_version"] = version
    result = plan(found, {"psk": "Example-Key-1", "ikepolicy": {"peer_id": "198.51.100.9"}}, update_write_only=True)
    assert {change["path"]: change["takes_effect"] for change in result.changes} == {
        "ikepolicy.peer_id": effect,
        "psk": effect,
    }
    assert result.reset_required is required
    assert any("re-established" in warning for warning in result.warnings) is required
    assert plan(found, {"psk": "Example-Key-1"}, update_write_only=True, reset="if_required").reset is required


@pytest.mark.parametrize(
    "wanted, effect",
    [
        ({"name": "x"}, "immediately"),
        ({"ikepolicy": {"ike_version": "v1"}}, "immediately"),
        ({"ikepolicy": {"dpd": {"timeout": 20}}}, "immediately"),
        ({"ikepolicy": {"dh_group": "group20"}}, "next_phase1_negotiation"),
        ({"ipsecpolicy": {"pfs": "group20"}}, "next_phase2_negotiation"),
    ],
)
def test_when_other_settings_bite(wanted, effect):
    assert [change["takes_effect"] for change in plan(answer(), wanted).changes] == [effect]


def test_a_key_is_masked_everywhere_but_in_the_body():
    result = plan(answer(), {"psk": "Example-Key-1"}, update_write_only=True)
    assert reveal(result.body) == {"vpn_connection": {"psk": "Example-Key-1"}}
    assert result.shown_body == {"vpn_connection": {"psk": MASK}}
    assert result.changes == [{"path": "psk", "before": None, "after": MASK, "takes_effect": "after_reset"}]
    assert (result.before["psk_updated"], result.after["psk_updated"]) == (False, True)
    assert "Example-Key-1" not in json.dumps(
        [result.before, result.after, result.changes, result.predicted(), result.warnings, result.plan_id()]
    )


def test_a_key_is_not_sent_to_an_existing_connection_unasked():
    assert plan(answer(), {"psk": "Example-Key-1"}).action == NOTHING


def test_reset_always_is_a_change_of_its_own():
    result = plan(answer(), {}, reset="always")
    assert (result.action, result.reset, result.body) == (UPDATE, True, None)
    assert result.changes == [{"path": "reset", "before": False, "after": True, "takes_effect": "immediately"}]
    assert result.before != result.after


@pytest.mark.parametrize(
    "wanted, sentences",
    [
        (
            {"style": "static", "vgw_id": BASE["cgw_id"], "ha_role": "slave"},
            ["vgw_id is fixed", "style is fixed", "ha_role is fixed"],
        ),
        ({"ikepolicy": {"authentication_method": "digital-envelope-v2"}}, ["ikepolicy.authentication_method is fixed"]),
        (
            {"peer_subnets": [], "policy_rules": []},
            ["peer_subnets cannot be emptied", "policy_rules cannot be emptied"],
        ),
        (
            {"ikepolicy": {"phase1_negotiation_mode": "main"}},
            ["ikepolicy.phase1_negotiation_mode exists only with ikepolicy.ike_version v1"],
        ),
        ({"enable_hub": True}, ["enable_hub exists only with style bgp, not with policy"]),
        ({"enable_nqa": True}, ["enable_nqa exists only with style static, not with policy"]),
        ({"ikepolicy": {"local_id": "198.51.100.7"}}, ["ikepolicy.local_id and ikepolicy.peer_id must differ"]),
        ({"ikepolicy": {"local_id": "gw.example.com"}}, ["ikepolicy.local_id must be an IPv4 address"]),
        ({"ikepolicy": {"peer_id_type": "fqdn"}}, ["ikepolicy.peer_id_type fqdn needs ikepolicy.peer_id beside it"]),
        ({"ikepolicy": {"peer_id_type": "fqdn", "peer_id": "a b"}}, ["ikepolicy.peer_id must be 1 to 128 characters"]),
        (
            {"ikepolicy": {"ike_version": "v1", "encryption_algorithm": "aes-256-gcm-16"}},
            ["ikepolicy.encryption_algorithm aes-256-gcm-16 needs"],
        ),
        (
            {"ikepolicy": {"ike_version": "v1", "encryption_algorithm": "aes-128-gcm-16"}},
            ["ikepolicy.encryption_algorithm aes-128-gcm-16 needs"],
        ),
    ],
    ids=str,
)
def test_what_the_found_connection_forbids_is_named_all_at_once(wanted, sentences):
    violations = plan(answer(), wanted).violations
    assert len(violations) == len(sentences)
    assert all(any(violation.startswith(sentence) for violation in violations) for sentence in sentences), violations


@pytest.mark.parametrize(
    "wanted, sentence",
    [
        ({"tunnel_local_address": "169.254.80.1/30"}, "must lie in one network"),
        ({"tunnel_local_address": "169.254.76.2/30"}, "must differ"),
    ],
)
def test_tunnel_addresses_belong_together(wanted, sentence):
    assert [sentence in violation for violation in plan(answer("static"), wanted).violations] == [True]


def test_tunnel_addresses_of_a_policy_connection_are_left_alone():
    result = plan(answer(), {"tunnel_local_address": "169.254.80.1/30", "tunnel_peer_address": "169.254.80.2/30"})
    assert (result.action, result.violations, len(result.warnings)) == (NOTHING, [], 2)


def test_what_is_so_already_is_never_questioned():
    found = answer()
    found["ikepolicy"].update(local_id="same", peer_id="same", phase1_negotiation_mode="main")
    given_back = {"ikepolicy": {"local_id": "same", "peer_id": "same", "phase1_negotiation_mode": "main"}}
    assert plan(found, given_back).violations == []


def test_a_fixed_member_that_no_answer_carries_is_no_violation():
    found = answer()
    del found["ha_role"]
    result = plan(found, {"ha_role": "slave"})
    assert (result.action, result.violations) == (NOTHING, [])
    assert ["ha_role is not in the answer" in warning for warning in result.warnings] == [True]


@pytest.mark.parametrize(
    "wanted, word",
    [
        ({"ikepolicy": {"authentication_algorithm": "md5"}}, "weak"),
        ({"ikepolicy": {"dh_group": "group2"}}, "weak"),
        ({"ipsecpolicy": {"encryption_algorithm": "3des"}}, "weak"),
        ({"ipsecpolicy": {"pfs": "disable"}}, "weak"),
        ({"ipsecpolicy": {"lifetime_seconds": 40}}, "no less than 60"),
        ({"peer_subnets": ["100.64.1.0/24"]}, "reserves"),
        ({"ipsecpolicy": {"encryption_algorithm": "aes-512"}}, "does not know"),
    ],
)
def test_doubtful_settings_are_warned_of_when_they_are_set(wanted, word):
    result = plan(answer(), wanted)
    assert [word in warning for warning in result.warnings] == [True]
    put(result.found, result.body["vpn_connection"])
    assert plan(result.found, wanted).warnings == []


# -- tags, creation, deletion ------------------------------------------------------------------------------------------


def tagged(**tags):
    return answer(tags=[{"key": name, "value": text} for name, text in tags.items()])


@pytest.mark.parametrize(
    "wanted, purge, set_, removed",
    [
        ({"a": "1"}, False, {}, {}),
        ({"a": "2"}, False, {"a": "2"}, {}),
        ({"c": ""}, False, {"c": ""}, {}),
        ({}, False, {}, {}),
        ({}, True, {}, {"a": "1", "b": "2"}),
        ({"a": 1}, True, {}, {"b": "2"}),
        ({"b": "3", "c": "4"}, True, {"b": "3", "c": "4"}, {"a": "1"}),
    ],
    ids=str,
)
def test_tags(wanted, purge, set_, removed):
    result = plan(tagged(a="1", b="2", _sys_x="y"), {"tags": wanted}, purge_tags=purge)
    assert (result.tags_set, result.tags_removed, result.body) == (set_, removed, None)
    assert result.changed == bool(set_ or removed) == (result.before != result.after)
    if result.changed:
        assert result.predicted()["tags"] == result.after["tags"] == result.changes[0]["after"]
        assert result.after["tags"]["_sys_x"] == "y"


CREATION = {
    "name": "office",
    "vgw_id": BASE["vgw_id"],
    "vgw_ip": BASE["vgw_ip"],
    "cgw_id": BASE["cgw_id"],
    "peer_subnets": ["192.168.1.0/24"],
    "psk": "Example-Key-1",
}


def test_creation_sends_what_is_given_and_nothing_else():
    result = plan(
        None,
        dict(
            CREATION,
            style="bgp",
            enable_nqa=False,
            enable_hub=False,
            tags={"b": "2", "a": "1"},
            ikepolicy={"dpd": {"timeout": 20}},
        ),
    )
    assert result.violations == []
    assert result.action == CREATE
    assert reveal(result.body) == {
        "vpn_connection": dict(
            CREATION,
            style="bgp",
            enable_hub=False,
            ikepolicy={"dpd": {"timeout": 20}},
            tags=[{"key": "a", "value": "1"}, {"key": "b", "value": "2"}],
        )
    }
    assert result.before == {}
    assert {change["path"] for change in result.changes} == set(CREATION) | {
        "style",
        "enable_hub",
        "ikepolicy.dpd.timeout",
        "tags",
    }
    assert all(change["before"] is None for change in result.changes)


@pytest.mark.parametrize(
    "style, member",
    [
        ("policy", "enable_nqa"),
        ("policy", "enable_hub"),
        ("bgp", "enable_nqa"),
        ("static", "enable_hub"),
        (None, "enable_hub"),
    ],
)
def test_flags_that_do_not_belong_are_not_even_sent_as_false(style, member):
    rules = (
        {"policy_rules": [{"source": "10.0.0.0/24", "destination": ["192.168.1.0/24"]}]} if style == "policy" else {}
    )
    wanted = dict(CREATION, **rules, **{member: False}, **({"style": style} if style else {}))
    result = plan(None, wanted)
    assert (result.violations, member in result.body["vpn_connection"]) == ([], False)
    assert plan(None, dict(wanted, **{member: True})).violations


def test_creation_names_everything_it_lacks():
    assert plan(None, {"style": "policy"}).violations == [
        "creating a VPN connection needs name, vgw_id, vgw_ip, cgw_id, psk, peer_subnets or peer_subnets_v6, and policy_rules or policy_rules_v6"
    ]


def test_deletion():
    result = plan(answer(), {"name": "office"}, absent=True)
    assert (result.action, result.after, result.predicted()) == (DELETE, {}, None)
    assert result.changes == [{"path": "state", "before": "present", "after": "absent", "takes_effect": "immediately"}]
    assert plan(None, {"name": "office"}, absent=True).action == NOTHING


# -- plan ids --------------------------------------------------------------------------------------------------------


def test_plan_ids_tell_which_half_moved():
    version, state, intent = plan(answer(), {"name": "x"}).plan_id().split(".")
    assert version == "v1"
    assert plan(answer(), {"name": "y"}).plan_id().split(".")[1:] == [
        state,
        plan(answer(), {"name": "y"}).plan_id().split(".")[2],
    ]
    assert plan(answer(), {"name": "y"}).plan_id().split(".")[2] != intent
    other = answer()
    other["ipsecpolicy"]["lifetime_seconds"] = 7200
    moved = plan(other, {"name": "x"}).plan_id().split(".")
    assert (moved[1] != state, moved[2]) == (True, intent)


def test_plan_ids_do_not_depend_on_what_is_no_configuration():
    assert (
        plan(answer(status="ACTIVE", updated_at="later", bgp_peer={"state": "up"}), {}).plan_id()
        == plan(answer(), {}).plan_id()
    )


def test_a_key_counts_in_the_intent_only():
    one, two = (
        plan(answer(), {"psk": key}, update_write_only=True).plan_id() for key in ("Example-Key-1", "Example-Key-2")
    )
    assert one.split(".")[1] == two.split(".")[1]
    assert one.split(".")[2] != two.split(".")[2]


def test_a_plan_id_is_the_same_on_every_host():
    """Written down once: a change of this value makes every approved plan of every user void."""
    assert plan(answer(), {"name": "x"}).plan_id() == (
        "v1.bee8fac896af879a2abb5d1cd1bc46e7.85a96d2e1239efeed00db27e9de86d30"
    )


@pytest.mark.usefixtures("true_key_rounds")
def test_a_key_goes_into_a_plan_id_slowly():
    slow = hashlib.pbkdf2_hmac("sha256", b"13:Another-Key-2", b"0123abcd", 600000).hex()
    assert planning.derive_key([SecretText("Another-Key-2")], "0123abcd") == slow
