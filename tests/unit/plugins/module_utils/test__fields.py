# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The vocabulary of the tables: normal forms that stay as they are, keys that mean what they say, and odd answers."""

from __future__ import annotations

import ipaddress
import json
import math

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from ansible_collections.huaweicloud.vpn.plugins.module_utils._planning.compare import differences
from ansible_collections.huaweicloud.vpn.plugins.module_utils._resources.connection import CONNECTION
from ansible_collections.huaweicloud.vpn.plugins.module_utils._resources.customer_gateway import CUSTOMER_GATEWAY
from ansible_collections.huaweicloud.vpn.plugins.module_utils._resources.gateway import GATEWAY
from ansible_collections.huaweicloud.vpn.plugins.module_utils._schema.kinds import (
    Boolean,
    Choice,
    IkeId,
    Integer,
    Object,
    Tags,
    Text,
)
from ansible_collections.huaweicloud.vpn.plugins.module_utils._schema.networks import Interface, Networks, PolicyRules

FIELDS = {
    "%s: %s" % (resource.name, path): field
    for resource in (CONNECTION, GATEWAY, CUSTOMER_GATEWAY)
    for path, field in resource.managed.items()
}
MANAGED = CONNECTION.managed


def networks(version=4):
    """Return a strategy of networks in every spelling, host bits included."""
    if version == 4:
        return st.builds("{}/{}".format, st.ip_addresses(v=4, network="10.0.0.0/16"), st.integers(14, 32))
    return st.builds("{}/{}".format, st.ip_addresses(v=6, network="2001:db8::/48"), st.integers(40, 128))


def rules(version=4):
    members = {"source": networks(version), "destination": st.lists(networks(version), max_size=4)}
    return st.lists(st.fixed_dictionaries(members, optional={"rule_index": st.integers(0, 50)}), max_size=5)


# Scalars that answers of odd servers carry where others are expected.
ODD = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=12),
    st.sampled_from(
        (
            "",
            "true",
            "False",
            "86400",
            "10.0.0.9/24",
            "169.254.1.1/30",
            "2001:DB8::1/64",
            "10.***.134",
            "AES-128",
            "VALUE",
            "1" * 5000,
        )
    ),
)
JSON = st.recursive(
    ODD,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(("source", "destination", "key", "value", "a")), inner, max_size=3)
    ),
    max_leaves=6,
)


# -- odd answers -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", FIELDS)
@settings(max_examples=30)
@given(value=JSON)
@example(value=[None])
@example(value=["10.0.0.0/24", None])
@example(value=[{"source": None, "destination": None}])
@example(value=[{"source": "10.0.0.0/24", "destination": "10.1.0.0/24"}])
@example(value=[{"key": None, "value": 5}, None])
@example(value=float("inf"))
@example(value="10.0.0.0/24")
def test_no_answer_is_too_odd(path, value):
    """Whatever JSON a server sends for a member: it has a normal form, which is its own, can be compared and shown."""
    kind = FIELDS[path].kind
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return
    clean = kind.normalize(value)
    again = kind.normalize(clean)
    assert json.dumps(again) == json.dumps(clean)
    key = kind.compare_key(clean)
    assert json.dumps(key) == json.dumps(kind.compare_key(again))
    assert FIELDS[path].kind.same(clean, again)


@settings(max_examples=100)
@given(
    st.dictionaries(
        st.sampled_from(sorted({path.split(".")[0] for path in CONNECTION.leaves})),
        JSON
        | st.dictionaries(
            st.sampled_from(sorted({path.split(".")[1] for path in CONNECTION.leaves if "." in path})), JSON, max_size=3
        ),
        max_size=6,
    )
)
def test_no_object_is_too_odd(answer):
    form = CONNECTION.normalize(answer)
    assert set(form) <= set(MANAGED)
    assert None not in form.values()
    # Not a number is not even equal to itself; nothing else may differ from itself.
    assume("NaN" not in json.dumps(form))
    assert differences(CONNECTION, form, form) == []


@pytest.mark.parametrize(
    "path, value, clean",
    [
        ("ikepolicy.lifetime_seconds", "86400", 86400),
        ("ikepolicy.lifetime_seconds", 86400.0, 86400),
        ("ikepolicy.lifetime_seconds", "a day", "a day"),
        ("ikepolicy.dpd.timeout", "15", 15),
        ("enable_nqa", "True", True),
        ("enable_nqa", "false", False),
        ("enable_nqa", "perhaps", "perhaps"),
        ("style", "POLICY", "policy"),
        ("style", "Policy-Template", "policy-template"),
        ("style", "NEW_STYLE", "NEW_STYLE"),
        ("ikepolicy.encryption_algorithm", "AES-256", "aes-256"),
        ("ikepolicy.encryption_algorithm", "AES-1024", "AES-1024"),
        ("ikepolicy.ike_version", "V2", "v2"),
        ("name", 5, "5"),
        ("vgw_id", "ABC", "ABC"),
        ("ikepolicy.local_id", "10.***.134", "10.***.134"),
        ("peer_subnets", ["10.0.0.9/24", "9.0.0.0/8", "10.0.0.0/24"], ["9.0.0.0/8", "10.0.0.0/24"]),
        ("peer_subnets", ["10.0.0.0/24", None], ["10.0.0.0/24"]),
        ("peer_subnets", [None], []),
        ("peer_subnets", [" 10.0.0.0/24 "], ["10.0.0.0/24"]),
        ("peer_subnets", ["10.0.0.0/24", "elsewhere", "10.0.0.0/99"], ["10.0.0.0/24", "10.0.0.0/99", "elsewhere"]),
        ("peer_subnets", ["2001:db8::/64"], ["2001:db8::/64"]),
        ("peer_subnets", ["10.0.0.1"], ["10.0.0.1/32"]),
        ("peer_subnets_v6", ["2001:DB8:0::1/64"], ["2001:db8::/64"]),
        (
            "policy_rules",
            [
                {"source": "10.0.0.1/24", "destination": ["10.2.0.0/24"]},
                {"source": "10.0.0.0/24", "destination": ["10.1.0.9/24"]},
            ],
            [{"source": "10.0.0.0/24", "destination": ["10.1.0.0/24", "10.2.0.0/24"]}],
        ),
        (
            "policy_rules",
            [{"rule_index": 3, "source": "10.0.0.0/24", "destination": None}],
            [{"source": "10.0.0.0/24", "destination": []}],
        ),
        (
            "policy_rules",
            [None, {"source": "10.0.0.0/24", "destination": ["10.1.0.0/24", None]}],
            [{"source": "10.0.0.0/24", "destination": ["10.1.0.0/24"]}],
        ),
        (
            "policy_rules",
            [{"source": "10.0.0.0/24", "destination": "10.1.0.0/24"}],
            [{"source": "10.0.0.0/24", "destination": ["10.1.0.0/24"]}],
        ),
        ("policy_rules", [{"source": None, "destination": []}], []),
        ("tunnel_local_address", " 169.254.56.225/30", "169.254.56.225/30"),
        ("tunnel_local_address", "169.254.56.225", "169.254.56.225"),
        ("tags", [{"key": "b", "value": "2"}, {"key": "a"}], {"a": "", "b": "2"}),
        ("tags", {"n": 5, "f": True, "e": None}, {"e": "", "f": "true", "n": "5"}),
        ("tags", [], {}),
        ("tags", [None, {"value": "x"}], {}),
    ],
)
def test_normal_forms(path, value, clean):
    found = MANAGED[path].kind.normalize(value)
    assert (found, type(found)) == (clean, type(clean))
    if isinstance(clean, dict):
        assert list(found) == sorted(found)


# -- what means the same -----------------------------------------------------------------------------------------------


@given(st.lists(networks(), max_size=8), st.randoms())
def test_order_repetition_and_host_bits_of_networks_do_not_count(nets, random):
    kind = Networks(4, 50)
    other = [str(ipaddress.ip_interface(net)) for net in nets] + nets[:2]
    random.shuffle(other)
    assert kind.compare_key(kind.normalize(nets)) == kind.compare_key(kind.normalize(other))


@given(st.lists(networks(), max_size=5), st.lists(networks(), max_size=5))
def test_different_sets_of_networks_differ(one, other):
    kind = Networks(4, 50)
    meant = [{ipaddress.ip_network(net, strict=False) for net in nets} for nets in (one, other)]
    assert (kind.compare_key(kind.normalize(one)) == kind.compare_key(kind.normalize(other))) is (meant[0] == meant[1])


def pairs(wanted):
    """Return what rules mean: which source may reach which destination; a source without any is a rule too."""
    return {
        (ipaddress.ip_network(rule["source"], strict=False), net and ipaddress.ip_network(net, strict=False))
        for rule in wanted
        for net in [None] + rule["destination"]
    }


@given(rules(), st.randoms())
def test_rules_split_merged_or_shuffled_are_the_same(wanted, random):
    kind = PolicyRules(4, 5, 50)
    split = [dict(rule, destination=[net]) for rule in wanted for net in rule["destination"]]
    split += [rule for rule in wanted if not rule["destination"]]
    random.shuffle(split)
    assert kind.compare_key(kind.normalize(split)) == kind.compare_key(kind.normalize(wanted))


@given(rules(), rules())
def test_rules_that_mean_something_else_differ(one, other):
    kind = PolicyRules(4, 5, 50)
    assert (kind.compare_key(kind.normalize(one)) == kind.compare_key(kind.normalize(other))) is (
        pairs(one) == pairs(other)
    )


@given(
    st.integers(4, 6)
    .filter(lambda version: version != 5)
    .flatmap(lambda version: st.tuples(st.just(version), rules(version)))
)
def test_rules_are_sent_merged(case):
    version, wanted = case
    merged = PolicyRules(version, 5, 50).normalize(wanted)
    assert [set(rule) for rule in merged] == [{"source", "destination"}] * len(merged)
    assert len({rule["source"] for rule in merged}) == len(merged)
    assert pairs(merged) == pairs(wanted)


@given(st.text(max_size=8), st.text(max_size=8))
def test_text_is_compared_to_the_letter_unless_case_does_not_count(one, other):
    exact, loose = Text(), Text(any_case=True)
    assert (exact.compare_key(one) == exact.compare_key(other)) is (one == other)
    assert (loose.compare_key(one) == loose.compare_key(other)) is (one.lower() == other.lower())


@given(st.sampled_from(("static", "policy", "bgp", "policy-template", "somethingNew")), st.randoms())
def test_words_are_compared_without_case(word, random):
    kind = MANAGED["style"].kind
    shuffled = "".join(random.choice((letter.lower(), letter.upper())) for letter in word)
    assert kind.compare_key(kind.normalize(shuffled)) == kind.compare_key(kind.normalize(word))


@given(st.integers(), st.integers())
def test_numbers_are_compared_as_numbers(one, other):
    kind = Integer(0, 9)
    assert kind.compare_key(kind.normalize(str(one))) == kind.compare_key(kind.normalize(one))
    assert (kind.compare_key(kind.normalize(one)) == kind.compare_key(kind.normalize(str(other)))) is (one == other)


@pytest.mark.parametrize(
    "kind, value, absent",
    [
        (Boolean(), False, True),
        (Boolean(), True, False),
        (Networks(4, 5), [], True),
        (Networks(4, 5), ["10.0.0.0/8"], False),
        (PolicyRules(4, 5, 5), [], True),
        (Tags(1, 1, 1, "", "", "_sys_"), {}, True),
        (Tags(1, 1, 1, "", "", "_sys_"), {"a": ""}, False),
        (Text(), "", True),
        (Text(any_case=True), "", True),
        (Text(), "0", False),
        (Integer(0, 5), 0, False),
        (Choice("a"), "", True),
        (IkeId(), "", True),
        (Interface("169.254.0.0/16", "169.254.195.0/24", 30), "", True),
    ],
)
def test_what_equals_an_absent_member(kind, value, absent):
    """False, empty lists and empty text mean what a member means that an answer does not carry; a zero is a number."""
    assert (kind.compare_key(kind.normalize(value)) is None) is absent


def test_the_host_bits_of_an_interface_count():
    kind = MANAGED["tunnel_local_address"].kind
    assert kind.compare_key(kind.normalize("169.254.56.225/30")) != kind.compare_key(
        kind.normalize("169.254.56.226/30")
    )


@pytest.mark.parametrize(
    "found, wanted, matches",
    [
        ("10.***.134", "10.1.2.134", False),
        ("10.***.***.134", "10.1.2.134", True),
        ("10.***.***.134", "10.1.2.135", False),
        ("10.1.2.***", "10.1.2.134", True),
        ("10.1.2.***", "10.1.3.134", False),
        ("88.*****.164", "88.12345.164", True),
        ("***", "branch", True),
        ("***", "branch.example", False),
        ("b***h.example", "branch.example", True),
        ("b***h.example", "bravo.example", False),
        ("10.**.134", "10.1.134", False),
        ("a+***", "a+b", True),
        ("a+***", "aab", False),
        ("", "x", False),
        (None, "x", False),
        ("***", "", False),
    ],
)
def test_masked_identities(found, wanted, matches):
    """Published answers show identities with asterisks; a mask matches what it may stand for, and a dot is never part of that."""
    assert IkeId().same(wanted, found) is (matches or (not wanted and not found))
    if found and wanted:
        assert MANAGED["ikepolicy.peer_id"].kind.same(wanted, found) is matches
        # What was shown masked may also be given back.
        assert MANAGED["ikepolicy.peer_id"].kind.same(found, wanted) is matches
        assert not MANAGED["name"].kind.same(wanted, found)


# -- what is judged ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", [path for path, field in MANAGED.items() if hasattr(field.kind, "errors")])
def test_no_welcome_value_is_judged_after_it_was_cleaned(path):
    """What a normal form is made of passes the judgement that its spellings passed."""
    welcome = {
        "name": "office",
        "vgw_ip": "192.168.250.2",
        "style": "BGP",
        "peer_subnets": ["10.0.0.9/24"],
        "peer_subnets_v6": ["2001:db8::1/64"],
        "policy_rules": [{"source": "10.0.0.9/24", "destination": ["10.1.0.9/24"]}],
        "psk": "Example-Key-1",
        "tags": {"owner": 5},
        "policy_rules_v6": [{"source": "2001:db8::1/64", "destination": ["2001:db8:1::/64"]}],
    }
    kind = MANAGED[path].kind
    word = getattr(kind, "words", [""])[0]
    by_kind = {
        Integer: getattr(kind, "minimum", 0),
        Boolean: True,
        Choice: word,
        IkeId: "203.0.113.1",
        Interface: "169.254.56.225/30",
        Text: "a" * 36,
    }
    value = welcome.get(path, by_kind.get(type(kind)))
    assert list(kind.errors(value)) == [] == list(kind.errors(kind.normalize(value)))


@pytest.mark.parametrize("path", [path for path, field in MANAGED.items() if isinstance(field.kind, Integer)])
def test_bounds_are_included(path):
    kind = MANAGED[path].kind
    assert [
        len(list(kind.errors(value))) for value in (kind.minimum - 1, kind.minimum, kind.maximum, kind.maximum + 1)
    ] == [1, 0, 0, 1]


@pytest.mark.parametrize(
    "path, value, advice",
    [
        ("name", "\u529e\u516c\u5ba4", "contains Chinese characters, which only regions in China take"),
        ("name", "office", None),
        ("peer_subnets", ["100.64.1.0/24"], "contains 100.64.1.0/24, which the vendor reserves in some regions"),
        ("peer_subnets", ["214.0.0.0/8"], "contains 214.0.0.0/8, which the vendor reserves in some regions"),
        ("peer_subnets", ["100.128.0.0/24"], None),
        ("ikepolicy.encryption_algorithm", "3des", "is set to 3des, which the vendor advises against as weak"),
        ("ikepolicy.dh_group", "group20", None),
        ("ikepolicy.dh_group", "group2", "is set to group2, which the vendor advises against as weak"),
        ("ipsecpolicy.lifetime_seconds", 59, "is 59; some regions take no less than 60"),
        ("ipsecpolicy.lifetime_seconds", 60, None),
        (
            "ikepolicy.ike_version",
            "v3",
            "has the value 'v3', which this collection does not know; it is passed on (known: v1, v2)",
        ),
        (
            "policy_rules",
            [
                {"source": "10.0.0.0/24", "destination": ["10.1.0.0/24"]},
                {"source": "10.0.0.0/25", "destination": ["10.1.0.0/16"]},
            ],
            "has overlapping rules for 10.0.0.0/24 and 10.0.0.0/25",
        ),
        (
            "policy_rules",
            [
                {"source": "10.0.0.0/24", "destination": ["10.1.0.0/24"]},
                {"source": "10.0.0.0/25", "destination": ["10.2.0.0/16"]},
            ],
            None,
        ),
        ("psk", "Example Key 1", "contains an asterisk or a space, which not every region takes"),
        ("psk", "Example-Key-1", None),
    ],
)
def test_advice(path, value, advice):
    assert list(MANAGED[path].kind.warnings(value)) == ([advice] if advice else [])


# -- the tables themselves ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("resource", [CONNECTION, GATEWAY, CUSTOMER_GATEWAY], ids=lambda resource: resource.name)
def test_every_kind_has_what_it_takes(resource):
    for path, field in resource.leaves.items():
        assert set(field.option()) <= {"type", "elements", "options", "aliases", "no_log"}, path
        assert not isinstance(field.kind, Object)
    assert list(resource.normalize({})) == []


@given(st.sampled_from(sorted(MANAGED)), st.sampled_from((None, {}, {"dpd": None}, {"dpd": []}, "text", 5)))
def test_groups_that_are_none_have_no_leaves(path, value):
    assert CONNECTION.normalize({path.split(".")[0]: value}) == {} if "." in path else True
