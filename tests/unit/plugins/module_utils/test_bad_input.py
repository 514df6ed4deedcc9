# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Everything a task can get wrong, and the sentences it gets for it, word for word: these tables show what people read."""

from __future__ import annotations

import pytest

from ansible_collections.huaweicloud.vpn.plugins.module_utils import _errors
from ansible_collections.huaweicloud.vpn.plugins.module_utils._input.access import AUTH_OPTIONS
from ansible_collections.huaweicloud.vpn.plugins.module_utils._resources.connection import CONNECTION
from ansible_collections.huaweicloud.vpn.plugins.module_utils._work import single
from ansible_collections.huaweicloud.vpn.tests.unit.harness.support import KEY, run_task

ID = "98c5af8a-1111-4222-8333-ae2280a6f4c3"
OTHER = "98c5af8a-1111-4222-8333-ae2280a6f4c4"
GATEWAY = "b32d91a4-1111-4222-8333-e907174eb11d"
ADDRESS = "0c464dad-1111-4222-8333-c22bb0eb0bde"
NET = "10.1.0.0/24"
RULE = {"source": "10.0.0.0/24", "destination": [NET]}
RULE_V6 = {"source": "2001:db8::/64", "destination": ["2001:db8:1::/64"]}
NO_KEYS = {"access_key": "", "secret_key": ""}
USER = dict(NO_KEYS, user_name="operator", password="Operator-Password-1", domain_name="example")
TOKEN = dict(NO_KEYS, auth_token="token-of-the-example")

# Parts that several sentences share.
LETTERS = "made of the letters A to Z, digits, underscores, hyphens and periods"
TAG_LETTERS = "letters, digits, spaces and _.:=+-@"
PSK_LETTERS = "psk may contain only letters, digits, space and ~!@#$%^*()-_+={},./:;"
PSK_LENGTH = "psk must have 8 to 128 characters"
PSK_CLASSES = "psk must contain at least three of upper-case letters, lower-case letters, digits and special characters"
INTERFACE = "must be an interface address such as 169.254.0.1/30, not"
PLAN = "expect_plan must be a plan_id that an earlier run returned, not"
PLAN_FORM = "; it has the form v1.<32 hexadecimal digits>.<32 hexadecimal digits>"
URL = "must be a URL such as https://vpn.eu-de.example.com, not"
REGION = "region must be letters, digits and hyphens, such as eu-de, not"
CLOUD = "cloud must be a domain name such as myhuaweicloud.com, not"
PROJECT = "project_id must be letters, digits, hyphens and underscores, not"
HALF = "contains half a character (a lone surrogate): check the encoding of where it comes from"
STRANGE = "contains a space, a line break or another character that none has: check where it comes from"
WHO = "id or name is needed to identify the VPN connection"
ACCESS_KEY = "access_key (or HW_ACCESS_KEY or HUAWEICLOUD_SDK_AK in the environment)"
SECRET_KEY = "secret_key (or HW_SECRET_KEY or HUAWEICLOUD_SDK_SK in the environment)"
USER_NAME = "user_name (or HW_USER_NAME in the environment)"
PASSWORD = "password (or HW_USER_PASSWORD in the environment)"
DOMAIN = "domain_name (or HW_DOMAIN_NAME in the environment)"
PROVIDER = "idp_id (or HW_ASSUME_ROLE_IDP_ID or HUAWEICLOUD_SDK_IDP_ID in the environment)"
ID_TOKEN = "id_token (or HW_ASSUME_ROLE_ID_TOKEN in the environment)"
ID_TOKEN_FILE = "id_token_file (or HW_ASSUME_ROLE_ID_TOKEN_FILE or HUAWEICLOUD_SDK_ID_TOKEN_FILE in the environment)"
OF_TASK = " comes from the task or its defaults"
ONLY_HALF = "the environment has HW_ACCESS_KEY without HW_SECRET_KEY"
NOBODY = (
    "no complete credentials: give %s and %s; or auth_token (or HW_AUTH_TOKEN in the environment); or %s and %s and %s"
    % (ACCESS_KEY, SECRET_KEY, USER_NAME, PASSWORD, DOMAIN)
)
NOR_OTHERWISE = (
    "or, without a long-lived key, %s and %s or %s; or ecs_agency (or HW_ECS_AGENCY in the environment);"
    " or credentials_file (or HUAWEICLOUD_SDK_CREDENTIALS_FILE in the environment)"
    % (PROVIDER, ID_TOKEN, ID_TOKEN_FILE)
)
KEEP_ONE = "keep one, and set the options of the others to an empty string"


def nets(number):
    return ["10.0.%d.0/24" % part for part in range(number)]


def ike(**members):
    return {"ikepolicy": members}


def dpd(**members):
    return {"ikepolicy": {"dpd": members}}


def rule(**members):
    return {"policy_rules": [dict(RULE, **members)]}


# What the task's own values decide: nothing is sent. (what is wrong, arguments beside complete access and a name, sentences)
AT_THE_DOOR = [
    # options that do not exist
    ("an unknown option", {"colour": "red"}, ["unsupported option: colour"]),
    ("two unknown options", {"colour": "red", "age": 3}, ["unsupported options: age, colour"]),
    (
        "unknown in ikepolicy",
        ike(life_time=60),
        ["unsupported option: ikepolicy.life_time (did you mean ikepolicy.lifetime_seconds?)"],
    ),
    ("unknown in dpd", dpd(delay=5), ["unsupported option: ikepolicy.dpd.delay"]),
    ("unknown in ipsecpolicy", {"ipsecpolicy": {"dh_group": "group20"}}, ["unsupported option: ipsecpolicy.dh_group"]),
    ("unknown in a rule", rule(port=5), ["unsupported option: policy_rules.port"]),
    (
        "unknown at every depth",
        {"colour": 1, "ikepolicy": {"x": 1, "dpd": {"y": 1}}, "policy_rules_v6": [dict(RULE_V6, z=1)]},
        ["unsupported options: colour, ikepolicy.dpd.y, ikepolicy.x, policy_rules_v6.z"],
    ),
    ("an unknown option with a line break", {"a\n\nb\x1b[31m": 1}, ["unsupported option: a b [31m"]),
    ("an unknown option of nothing that shows", {"\x07": 1}, ["unsupported option: '\\x07'"]),
    ("an unknown option that turns the line around", ike(**{"a\u202eb": 1}), ["unsupported option: ikepolicy.a b"]),
    # half characters
    ("half a character in a name", {"name": "a\ud800"}, ["name %s" % HALF]),
    ("half a character in a network", {"peer_subnets": [NET, "\udcff"]}, ["peer_subnets %s" % HALF]),
    ("half a character in a rule", rule(source="\ud83d"), ["policy_rules.source %s" % HALF]),
    ("half a character in a dictionary in a dictionary", dpd(msg="\udfff"), ["ikepolicy.dpd.msg %s" % HALF]),
    (
        "half a character in a tag",
        {"tags": {"owner": "\ud800", "a\ud800": "x"}},
        ["tags.owner %s" % HALF, "the name tags.a %s" % HALF],
    ),
    ("half a character in the name of an option", {"\ud800": 1}, ["the name '\\ud800' %s" % HALF]),
    ("half a character in the key", {"psk": "Example-Key-\ud800"}, ["psk %s" % HALF]),
    ("half a character in a password", dict(USER, password="Operator-\ud800"), ["password %s" % HALF]),
    ("half a character in a user's name", dict(USER, user_name="operator\udc80"), ["user_name %s" % HALF]),
    ("half a character in the project's name", {"project_name": "\udc80"}, ["project_name %s" % HALF]),
    (
        "two times half a character",
        {"peer_subnets": ["\ud800", "\ud801"], "name": "\ud800"},
        ["name %s" % HALF, "peer_subnets %s" % HALF],
    ),
    # who is meant
    ("neither id nor name", {"name": None}, [WHO]),
    ("id and name blank", {"id": "", "name": " "}, [WHO]),
    (
        "an id that is too short",
        {"id": "98c5af8a"},
        ["id must be the 36 characters of a connection's id, not '98c5af8a'"],
    ),
    ("an id that is too long", {"id": ID + "0"}, ["id must be the 36 characters of a connection's id, not '%s0'" % ID]),
    (
        "an id with an underscore",
        {"id": ID[:-1] + "_"},
        ["id must be the 36 characters of a connection's id, not '%s_'" % ID[:-1]],
    ),
    ("an id that is a number", {"id": 12345}, ["id must be the 36 characters of a connection's id, not '12345'"]),
    (
        "a bad id by its other name",
        {"vpn_connection_id": "abc"},
        ["id must be the 36 characters of a connection's id, not 'abc'"],
    ),
    (
        "two ids",
        {"id": ID, "vpn_connection_id": OTHER},
        ["id and vpn_connection_id are two names of one option, and differ"],
    ),
    (
        "two gateways",
        {"vgw_id": ID, "vpn_gateway_id": OTHER},
        ["vgw_id and vpn_gateway_id are two names of one option, and differ"],
    ),
    ("a name that is too long", {"name": "n" * 65}, ["name must have 1 to 64 characters, not 65"]),
    ("a name with a space", {"name": "branch office"}, ["name must be %s, not 'branch office'" % LETTERS]),
    ("a name with an umlaut", {"name": "b\u00fcro"}, ["name must be %s, not 'b\u00fcro'" % LETTERS]),
    ("a name with a line break", {"name": "office\n"}, ["name must be %s, not 'office\\n'" % LETTERS]),
    ("a name that is a list", {"name": ["office"]}, ["name must be text, not a list"]),
    ("a name that is a dictionary", {"name": {"first": "office"}}, ["name must be text, not a dictionary"]),
    (
        "a name that YAML took for a truth value",
        {"name": False},
        ["name must be text (in quotes, so that YAML takes it for text), not false"],
    ),
    # words to choose from
    ("a state that does not exist", {"state": "gone"}, ["state must be present or absent, not 'gone'"]),
    ("a state that is a number", {"state": 1}, ["state must be present or absent, not 1"]),
    (
        "a reset that does not exist",
        {"reset": "sometimes"},
        ["reset must be never, if_required or always, not 'sometimes'"],
    ),
    (
        "a reset that YAML took for a truth value",
        {"reset": True},
        ["reset must be never, if_required or always, not true"],
    ),
    (
        "an update_psk that does not exist",
        {"update_psk": "never"},
        ["update_psk must be on_create, always or on_change, not 'never'"],
    ),
    # types
    (
        "text for a number",
        ike(lifetime_seconds="long"),
        ["ikepolicy.lifetime_seconds must be a whole number, not 'long'"],
    ),
    (
        "a unit behind a number",
        {"ipsecpolicy": {"lifetime_seconds": "1h"}},
        ["ipsecpolicy.lifetime_seconds must be a whole number, not '1h'"],
    ),
    ("a fraction", ike(lifetime_seconds=3600.5), ["ikepolicy.lifetime_seconds must be a whole number, not 3600.5"]),
    (
        "a number in the spelling of engineers",
        dpd(interval="1e3"),
        ["ikepolicy.dpd.interval must be a whole number, not '1e3'"],
    ),
    ("a truth value for a number", dpd(timeout=True), ["ikepolicy.dpd.timeout must be a whole number, not true"]),
    ("a list for a number", dpd(interval=[30]), ["ikepolicy.dpd.interval must be a whole number, not a list"]),
    ("text for a truth value", {"enable_nqa": "maybe"}, ["enable_nqa must be true or false, not 'maybe'"]),
    ("a number for a truth value", {"enable_hub": 2}, ["enable_hub must be true or false, not 2"]),
    ("a list for a truth value", {"purge_tags": ["owner"]}, ["purge_tags must be true or false, not a list"]),
    ("text for a dictionary", {"ikepolicy": "v2"}, ["ikepolicy must be a dictionary, not 'v2'"]),
    ("a list for a dictionary", {"ipsecpolicy": ["esp"]}, ["ipsecpolicy must be a dictionary, not a list"]),
    ("a number for a dictionary", {"ikepolicy": 5}, ["ikepolicy must be a dictionary, not 5"]),
    ("text for a dictionary in a dictionary", ike(dpd="15"), ["ikepolicy.dpd must be a dictionary, not '15'"]),
    ("a dictionary for a list", {"peer_subnets": {"net": NET}}, ["peer_subnets must be a list, not a dictionary"]),
    (
        "a dictionary for a network",
        {"peer_subnets": [{"cidr": NET}]},
        ["each entry of peer_subnets must be text, not a dictionary"],
    ),
    (
        "a list for a network",
        {"peer_subnets_v6": [["2001:db8::/64"]]},
        ["each entry of peer_subnets_v6 must be text, not a list"],
    ),
    ("a dictionary for a list of rules", {"policy_rules": RULE}, ["policy_rules must be a list, not a dictionary"]),
    (
        "text for a rule",
        {"policy_rules": [NET]},
        ["each entry of policy_rules must be a dictionary, not '10.1.0.0/24'"],
    ),
    (
        "a dictionary for destinations",
        rule(destination={"net": NET}),
        ["policy_rules.destination must be a list, not a dictionary"],
    ),
    ("a list for a source", rule(source=["10.0.0.0/24"]), ["policy_rules.source must be text, not a list"]),
    (
        "text for a rule's number",
        rule(rule_index="first"),
        ["policy_rules.rule_index must be a whole number, not 'first'"],
    ),
    ("a list for an identity", ike(local_id=["203.0.113.1"]), ["ikepolicy.local_id must be text, not a list"]),
    ("a list for tags", {"tags": ["owner"]}, ["tags must be a dictionary, not a list"]),
    ("a word for tags", {"tags": "owner"}, ["tags must be a dictionary, not 'owner'"]),
    (
        "text for a member that is only read",
        {"bgp_peer": "192.0.2.1"},
        ["bgp_peer must be a dictionary, not '192.0.2.1'"],
    ),
    # ids of other objects
    ("a gateway id that is too short", {"vgw_id": "abc"}, ["vgw_id must have 36 characters, not 3"]),
    ("a gateway id by its other name", {"vpn_gateway_id": "abcd"}, ["vgw_id must have 36 characters, not 4"]),
    ("a customer gateway id that is too long", {"cgw_id": ID + "99"}, ["cgw_id must have 36 characters, not 38"]),
    (
        "an id of other characters",
        {"cgw_id": "?" * 36},
        ["cgw_id must be made of letters, digits and hyphens, not '%s'" % ("?" * 36)],
    ),
    (
        "an address of the gateway that is too short",
        {"vgw_ip": "1.2.3"},
        ["vgw_ip must have 7 to 36 characters, not 5"],
    ),
    # ranges
    (
        "ikepolicy.lifetime_seconds too low",
        ike(lifetime_seconds=59),
        ["ikepolicy.lifetime_seconds must be between 60 and 604800, not 59"],
    ),
    (
        "ikepolicy.lifetime_seconds too high",
        ike(lifetime_seconds=604801),
        ["ikepolicy.lifetime_seconds must be between 60 and 604800, not 604801"],
    ),
    (
        "ipsecpolicy.lifetime_seconds too low",
        {"ipsecpolicy": {"lifetime_seconds": 29}},
        ["ipsecpolicy.lifetime_seconds must be between 30 and 604800, not 29"],
    ),
    (
        "ipsecpolicy.lifetime_seconds too high",
        {"ipsecpolicy": {"lifetime_seconds": "604801"}},
        ["ipsecpolicy.lifetime_seconds must be between 30 and 604800, not 604801"],
    ),
    (
        "a negative lifetime",
        {"ipsecpolicy": {"lifetime_seconds": -1}},
        ["ipsecpolicy.lifetime_seconds must be between 30 and 604800, not -1"],
    ),
    ("dpd.timeout too low", dpd(timeout=1), ["ikepolicy.dpd.timeout must be between 2 and 60, not 1"]),
    ("dpd.timeout too high", dpd(timeout=61), ["ikepolicy.dpd.timeout must be between 2 and 60, not 61"]),
    ("dpd.interval too low", dpd(interval=9), ["ikepolicy.dpd.interval must be between 10 and 3600, not 9"]),
    ("dpd.interval too high", dpd(interval=3601), ["ikepolicy.dpd.interval must be between 10 and 3600, not 3601"]),
    # networks
    (
        "an address without prefix length",
        {"peer_subnets": ["192.168.1.0"]},
        ["peer_subnets contains an entry that cannot be used: '192.168.1.0' lacks its prefix length"],
    ),
    (
        "a prefix length of 33",
        {"peer_subnets": ["10.0.0.0/33"]},
        ["peer_subnets contains an entry that cannot be used: '10.0.0.0/33' is not an IPv4 network"],
    ),
    (
        "an octet of 256",
        {"peer_subnets": ["10.0.256.0/24"]},
        ["peer_subnets contains an entry that cannot be used: '10.0.256.0/24' is not an IPv4 network"],
    ),
    (
        "a host name",
        {"peer_subnets": ["branch.example.com"]},
        ["peer_subnets contains an entry that cannot be used: 'branch.example.com' is not an IPv4 network"],
    ),
    (
        "a number for networks",
        {"peer_subnets": 10},
        ["peer_subnets contains an entry that cannot be used: '10' is not an IPv4 network"],
    ),
    (
        "two networks in one text",
        {"peer_subnets": ["10.0.0.0/24 10.1.0.0/24"]},
        ["peer_subnets contains an entry that cannot be used: '10.0.0.0/24 10.1.0.0/24' is not an IPv4 network"],
    ),
    (
        "IPv6 among IPv4",
        {"peer_subnets": [NET, "2001:db8::/64"]},
        ["peer_subnets contains an entry that cannot be used: '2001:db8::/64' is not an IPv4 network"],
    ),
    (
        "IPv4 among IPv6",
        {"peer_subnets_v6": [NET]},
        ["peer_subnets_v6 contains an entry that cannot be used: '10.1.0.0/24' is not an IPv6 network"],
    ),
    (
        "two bad networks",
        {"peer_subnets": ["a/8", NET, "b/8"]},
        [
            "peer_subnets contains an entry that cannot be used: 'a/8' is not an IPv4 network",
            "peer_subnets contains an entry that cannot be used: 'b/8' is not an IPv4 network",
        ],
    ),
    ("too many networks", {"peer_subnets": nets(51)}, ["peer_subnets has 51 networks; at most 50 are possible"]),
    (
        "too many networks, repetitions not counted",
        {"peer_subnets": nets(52) + ["10.0.0.9/24", "10.0.1.0/24"]},
        ["peer_subnets has 52 networks; at most 50 are possible"],
    ),
    # rules
    # lists by entries
    (
        "a list_mode that does not exist",
        {"list_mode": "append"},
        ["list_mode must be replace, add or remove, not 'append'"],
    ),
    (
        "a rule to add without destination",
        {"list_mode": "add", "policy_rules": [{"source": "10.0.0.0/24"}]},
        ["policy_rules has a rule without destination"],
    ),
    (
        "a rule to remove with a blank destination",
        {"list_mode": "remove", "policy_rules": [{"source": "10.0.0.0/24", "destination": [""]}]},
        [
            "policy_rules has a rule for 10.0.0.0/24 with nothing in destination;"
            " leave destination out to remove all of it"
        ],
    ),
    (
        "a rule to remove with an empty list",
        {"list_mode": "remove", "policy_rules": [{"source": "10.0.0.0/24", "destination": []}]},
        [
            "policy_rules has a rule for 10.0.0.0/24 with nothing in destination;"
            " leave destination out to remove all of it"
        ],
    ),
    (
        "a rule to remove with and without destination",
        {"list_mode": "remove", "policy_rules": [RULE, {"source": "10.0.0.7/24"}]},
        ["policy_rules has rules for 10.0.0.0/24 with and without destination; without, all of it is removed"],
    ),
    (
        "something to remove that is no network",
        {"list_mode": "remove", "peer_subnets": ["10.0.0.1"], "policy_rules": [{"destination": [NET]}]},
        [
            "peer_subnets contains an entry that cannot be used: '10.0.0.1' lacks its prefix length",
            "policy_rules has a rule without source",
        ],
    ),
    # names
    (
        "a gateway by identifier and by name",
        {"vgw_id": ID, "vpn_gateway_name": "hq"},
        ["vgw_id and vgw_name are two ways to give one thing; give one of them"],
    ),
    (
        "a customer gateway by identifier and by name",
        {"customer_gateway_id": ID, "cgw_name": "branch"},
        ["cgw_id and cgw_name are two ways to give one thing; give one of them"],
    ),
    ("an address in capitals", {"vgw_ip": "EIP1"}, ["vgw_ip must be eip1, not 'EIP1'"]),
    ("an address that is too short", {"vgw_ip": "eip3"}, ["vgw_ip must have 7 to 36 characters, not 4"]),
    ("a monitor that is no truth value", {"monitor": "maybe"}, ["monitor must be true or false, not 'maybe'"]),
    ("a rule without source", {"policy_rules": [{"destination": [NET]}]}, ["policy_rules has a rule without source"]),
    (
        "a rule without destination",
        {"policy_rules": [{"source": NET}]},
        ["policy_rules has a rule without destination"],
    ),
    (
        "a rule of blanks",
        {"policy_rules": [{"source": "", "destination": []}]},
        ["policy_rules has a rule without source", "policy_rules has a rule without destination"],
    ),
    (
        "a rule whose destinations are blank",
        rule(destination=[None, ""]),
        ["policy_rules has a rule without destination"],
    ),
    (
        "a bad source",
        rule(source="10.0.0.0"),
        ["policy_rules has a rule that cannot be used: '10.0.0.0' lacks its prefix length"],
    ),
    (
        "a bad destination",
        rule(destination=["10.1.0.0/99"]),
        ["policy_rules has a rule that cannot be used: '10.1.0.0/99' is not an IPv4 network"],
    ),
    (
        "an IPv4 source among IPv6 rules",
        {"policy_rules_v6": [dict(RULE_V6, source=NET)]},
        ["policy_rules_v6 has a rule that cannot be used: '10.1.0.0/24' is not an IPv6 network"],
    ),
    (
        "too many sources",
        {"policy_rules": [dict(RULE, source=net) for net in nets(6)]},
        ["policy_rules has 6 different sources; at most 5 are possible"],
    ),
    (
        "too many sources after merging",
        {"policy_rules": [dict(RULE, source=net) for net in nets(7) + ["10.0.3.3/24"]]},
        ["policy_rules has 7 different sources; at most 5 are possible"],
    ),
    (
        "too many destinations only after merging",
        {
            "policy_rules": [
                dict(RULE, destination=nets(30)),
                dict(RULE, source="10.0.0.9/24", destination=["10.9.0.0/24"] + nets(50)[30:]),
            ]
        },
        ["policy_rules has 51 destinations for 10.0.0.0/24; at most 50 are possible"],
    ),
    # tunnel addresses
    ("a word for an interface", {"tunnel_local_address": "here"}, ["tunnel_local_address %s 'here'" % INTERFACE]),
    (
        "an interface without prefix length",
        {"tunnel_local_address": "169.254.56.225"},
        ["tunnel_local_address %s '169.254.56.225'" % INTERFACE],
    ),
    ("an IPv6 interface", {"tunnel_peer_address": "fe80::1/64"}, ["tunnel_peer_address %s 'fe80::1/64'" % INTERFACE]),
    (
        "an interface elsewhere",
        {"tunnel_peer_address": "10.0.0.1/30"},
        ["tunnel_peer_address must lie in 169.254.0.0/16 with prefix length 30, not 10.0.0.1/30"],
    ),
    (
        "an interface in a bigger network",
        {"tunnel_peer_address": "169.254.56.225/24"},
        ["tunnel_peer_address must lie in 169.254.0.0/16 with prefix length 30, not 169.254.56.225/24"],
    ),
    (
        "an interface that the vendor reserves",
        {"tunnel_local_address": "169.254.195.1/30"},
        ["tunnel_local_address must not lie in 169.254.195.0/24, which the vendor reserves: 169.254.195.1/30"],
    ),
    (
        "the first address of a network",
        {"tunnel_local_address": "169.254.56.224/30"},
        ["tunnel_local_address must be a host address, not the first or last of its network: 169.254.56.224/30"],
    ),
    (
        "the last address of a network",
        {"tunnel_peer_address": "169.254.56.227/30"},
        ["tunnel_peer_address must be a host address, not the first or last of its network: 169.254.56.227/30"],
    ),
    # keys
    ("a psk that is too short", {"psk": "aB1!xyz"}, [PSK_LENGTH]),
    ("a psk that is too long", {"psk": "Example-1" * 15}, [PSK_LENGTH]),
    ("a psk of two kinds of characters", {"psk": "example12"}, [PSK_CLASSES]),
    ("a psk with a foreign letter", {"psk": "Ex\u00e4mple-Key-1"}, [PSK_LETTERS]),
    ("a psk with a line break", {"psk": KEY + "\n"}, [PSK_LETTERS]),
    ("a psk with a quotation mark", {"psk": 'Example"Key"1'}, [PSK_LETTERS]),
    ("a psk that is wrong in every way", {"psk": "\u00e4\u00e4\u00e4"}, [PSK_LENGTH, PSK_LETTERS, PSK_CLASSES]),
    ("a psk of digits", {"psk": 1234567890}, [PSK_CLASSES]),
    ("a psk that is a list", {"psk": [KEY]}, ["psk must be text"]),
    ("a psk that is a dictionary", {"psk": {"value": KEY}}, ["psk must be text"]),
    ("update_psk without psk", {"update_psk": "always"}, ["update_psk is always, but psk is missing"]),
    ("update_psk with a blank psk", {"update_psk": "always", "psk": ""}, ["update_psk is always, but psk is missing"]),
    # tags
    (
        "too many tags",
        {"tags": {"key%d" % number: "" for number in range(21)}},
        ["tags has 21 entries; at most 20 are possible"],
    ),
    ("a tag without key", {"tags": {"": "net"}}, ["tags has an empty key"]),
    (
        "a long tag key",
        {"tags": {"k" * 129: "net"}},
        ["tags has a key of 129 characters ('%s'...); at most 128 are possible" % ("k" * 20)],
    ),
    (
        "a strange tag key",
        {"tags": {"a&b": "net"}},
        ["tags has the key 'a&b'; a key may contain only %s" % TAG_LETTERS],
    ),
    (
        "a long tag value",
        {"tags": {"owner": "v" * 256}},
        ["tags has a value of 256 characters for the key 'owner'; at most 255 are possible"],
    ),
    (
        "a strange tag value",
        {"tags": {"owner": "<me>"}},
        ["tags has the value '<me>' for the key 'owner'; a value may contain only %s" % TAG_LETTERS],
    ),
    (
        "a tag that is a dictionary",
        {"tags": {"owner": {"team": "net"}}},
        ["tags must have text for the key 'owner', not a dictionary"],
    ),
    ("a tag that is a list", {"tags": {"owner": ["net"]}}, ["tags must have text for the key 'owner', not a list"]),
    # the plan
    ("a plan that is a word", {"expect_plan": "approved"}, [PLAN + " 'approved'" + PLAN_FORM]),
    ("half a plan", {"expect_plan": "v1." + "a" * 32}, [PLAN + " 'v1.%s'" % ("a" * 32) + PLAN_FORM]),
    (
        "a plan with other letters",
        {"expect_plan": "v1.%s.%s" % ("g" * 32, "b" * 32)},
        [PLAN + " 'v1.%s.%s'" % ("g" * 32, "b" * 32) + PLAN_FORM],
    ),
    (
        "a plan that is the whole result",
        {"expect_plan": {"plan_id": "v1"}},
        ["expect_plan must be text, not a dictionary"],
    ),
    # waiting and asking
    ("no time to wait", {"wait_timeout": 0}, ["wait_timeout must be between 1 and 86400, not 0"]),
    ("negative time to wait", {"wait_timeout": -5}, ["wait_timeout must be between 1 and 86400, not -5"]),
    ("time to wait with a unit", {"wait_timeout": "10m"}, ["wait_timeout must be a whole number, not '10m'"]),
    ("time to wait as a list", {"wait_timeout": [600]}, ["wait_timeout must be a whole number, not a list"]),
    ("a number of minutes for wait", {"wait": "10m"}, ["wait must be true or false, not '10m'"]),
    ("no time for a request", {"request_timeout": 0}, ["request_timeout must be between 1 and 3600, not 0"]),
    (
        "more time for a request than a socket takes",
        {"request_timeout": 10000000000},
        ["request_timeout must be between 1 and 3600, not 10000000000"],
    ),
    ("negative retries", {"max_retries": -1}, ["max_retries must be between 0 and 100, not -1"]),
    ("retries in words", {"max_retries": "many"}, ["max_retries must be a whole number, not 'many'"]),
    # where the cloud is
    (
        "an endpoint without scheme",
        {"endpoint": "vpn.eu-de.example.com"},
        ["endpoint %s 'vpn.eu-de.example.com'" % URL],
    ),
    (
        "an endpoint of another scheme",
        {"endpoint": "ftp://vpn.example.com"},
        ["endpoint %s 'ftp://vpn.example.com'" % URL],
    ),
    ("an endpoint without host", {"endpoint": "https://"}, ["endpoint %s 'https://'" % URL]),
    (
        "an endpoint with a port that is none",
        {"endpoint": "https://vpn.example.com:port"},
        ["endpoint %s 'https://vpn.example.com:port'" % URL],
    ),
    (
        "an endpoint with a port too high",
        {"endpoint": "https://vpn.example.com:99999"},
        ["endpoint %s 'https://vpn.example.com:99999'" % URL],
    ),
    ("an endpoint with half an IPv6 address", {"endpoint": "https://[::1"}, ["endpoint %s 'https://[::1'" % URL]),
    (
        "an endpoint with a space",
        {"endpoint": "https://vpn.exa mple.com"},
        ["endpoint %s 'https://vpn.exa mple.com'" % URL],
    ),
    (
        "an endpoint with a placeholder",
        {"endpoint": "https://vpn.{region}.example.com"},
        ["endpoint %s 'https://vpn.{region}.example.com'" % URL],
    ),
    ("an endpoint that is a list", {"endpoint": ["https://vpn.example.com"]}, ["endpoint must be text, not a list"]),
    (
        "an endpoint with a password",
        {"endpoint": "https://operator:Hidden-1@vpn.example.com"},
        ["endpoint must not contain a user name or password"],
    ),
    (
        "an endpoint with a password and a bad port",
        {"endpoint": "https://operator:Hidden-1@vpn.example.com:x"},
        ["endpoint must not contain a user name or password"],
    ),
    (
        "an endpoint with a password and a bad scheme",
        {"endpoint": "ftp://operator:Hidden-1@vpn.example.com"},
        ["endpoint must not contain a user name or password"],
    ),
    (
        "an endpoint with a query",
        {"endpoint": "https://vpn.example.com/?key=Hidden-1"},
        ["endpoint must be a plain base URL, without a query"],
    ),
    (
        "an endpoint without TLS",
        {"endpoint": "http://vpn.example.com"},
        [
            "endpoint must begin with https://, not 'http://vpn.example.com' (http:// is for a server on this machine only)"
        ],
    ),
    (
        "an auth_url without TLS",
        {"auth_url": "http://192.0.2.7:5000"},
        [
            "auth_url must begin with https://, not 'http://192.0.2.7:5000' (http:// is for a server on this machine only)"
        ],
    ),
    (
        "an auth_url that only begins like a loopback address",
        {"auth_url": "http://127.0.0.1.example.com"},
        [
            "auth_url must begin with https://, not 'http://127.0.0.1.example.com' (http:// is for a server on this machine only)"
        ],
    ),
    ("a region with a space", {"region": "eu de"}, [REGION + " 'eu de'"]),
    ("a region that leads elsewhere", {"region": "elsewhere.example/#"}, [REGION + " 'elsewhere.example/#'"]),
    (
        "a region that is a list",
        {"region": ["eu-de"], "endpoint": "", "project_id": ""},
        ["region must be text, not a list"],
    ),
    ("a cloud that is a URL", {"cloud": "https://myhuaweicloud.com"}, [CLOUD + " 'https://myhuaweicloud.com'"]),
    ("a cloud with a path", {"cloud": "myhuaweicloud.com/v5"}, [CLOUD + " 'myhuaweicloud.com/v5'"]),
    ("a project's name for its id", {"project_id": "my project"}, [PROJECT + " 'my project'"]),
    ("a project id with a line break", {"project_id": "0605768a\n"}, [PROJECT + " '0605768a\\n'"]),
    (
        "neither region nor endpoint",
        {"region": "", "endpoint": ""},
        ["region is missing (or HW_REGION_NAME in the environment); without it endpoint must be given"],
    ),
    (
        "neither region nor project",
        {"region": "", "project_id": ""},
        ["project_id is missing: give it, or region or project_name to find it by"],
    ),
    (
        "neither region nor auth_url for a project's name",
        {"region": "", "auth_url": "", "project_id": "", "project_name": "net"},
        ["region is missing (or HW_REGION_NAME in the environment); without it auth_url must be given"],
    ),
    (
        "neither region nor auth_url for a password",
        dict(USER, region="", auth_url=""),
        ["region is missing (or HW_REGION_NAME in the environment); without it auth_url must be given"],
    ),
    (
        "no place at all",
        dict(USER, region="", auth_url="", endpoint=""),
        ["region is missing (or HW_REGION_NAME in the environment); without it endpoint and auth_url must be given"],
    ),
    ("validate_certs in words", {"validate_certs": "mostly"}, ["validate_certs must be true or false, not 'mostly'"]),
    (
        "a ca_path that does not exist",
        {"ca_path": "/nonexistent/ca.pem"},
        ["ca_path does not exist on the machine that runs the task: '/nonexistent/ca.pem'"],
    ),
    ("a ca_path that is a list", {"ca_path": ["ca.pem"]}, ["ca_path must be text, not a list"]),
    # who asks
    ("no credentials", NO_KEYS, [NOBODY, NOR_OTHERWISE]),
    ("only a domain", dict(NO_KEYS, domain_name="example"), [NOBODY, NOR_OTHERWISE]),
    (
        "only an access key",
        {"secret_key": ""},
        ["authentication by access key lacks " + SECRET_KEY + "; access_key" + OF_TASK],
    ),
    (
        "only a secret key",
        {"access_key": ""},
        ["authentication by access key lacks " + ACCESS_KEY + "; secret_key" + OF_TASK],
    ),
    (
        "a user without domain",
        dict(USER, domain_name=""),
        ["authentication by user name and password lacks %s; user_name%s; password%s" % (DOMAIN, OF_TASK, OF_TASK)],
    ),
    (
        "only a password",
        dict(USER, domain_name="", user_name=""),
        ["authentication by user name and password lacks %s, %s; password%s" % (USER_NAME, DOMAIN, OF_TASK)],
    ),
    (
        "only a security token",
        dict(NO_KEYS, security_token="temporary-token-1"),
        ["security_token belongs to an access_key that the task gives too", NOBODY, NOR_OTHERWISE],
    ),
    (
        "a security token beside a password",
        dict(USER, security_token="temporary-token-1"),
        ["security_token belongs to an access_key that the task gives too"],
    ),
    (
        "keys and a token",
        {"auth_token": "token-of-the-example"},
        ["the task names 2 ways to authenticate (access key: access_key, secret_key; token: auth_token): " + KEEP_ONE],
    ),
    (
        "a token and a password",
        dict(USER, auth_token="token-of-the-example"),
        [
            "the task names 2 ways to authenticate (token: auth_token; user name and password: user_name, password): "
            + KEEP_ONE
        ],
    ),
    (
        "every way there is",
        dict(USER, access_key="EXAMPLEKEY", auth_token="token-of-the-example"),
        [
            "the task names 3 ways to authenticate (access key: access_key; token: auth_token; user name and password: user_name, password): "
            + KEEP_ONE
        ],
    ),
    ("an access key of two letters", {"access_key": "zq"}, ["access_key is too short to be one"]),
    ("a secret key of one letter", {"secret_key": "s"}, ["secret_key is too short to be one"]),
    ("a password of three letters", dict(USER, password="zqx"), ["password is too short to be one"]),
    ("a token with a line break", dict(TOKEN, auth_token="token-of-the-example\n"), ["auth_token " + STRANGE]),
    ("a token with a header behind it", dict(TOKEN, auth_token="token\r\nX-Other: 1"), ["auth_token " + STRANGE]),
    ("an access key with a foreign letter", {"access_key": "EX\u00c4MPLEKEY"}, ["access_key " + STRANGE]),
    ("a secret key with a space before it", {"secret_key": " example-secret-key"}, ["secret_key " + STRANGE]),
    ("a security token in two lines", {"security_token": "temporary-\ntoken-1"}, ["security_token " + STRANGE]),
    ("a secret key that is a list", {"secret_key": ["example-secret-key"]}, ["secret_key must be text, not a list"]),
    (
        "an access key that is a dictionary",
        {"access_key": {"id": "EXAMPLEKEY"}},
        ["access_key must be text, not a dictionary"],
    ),
    # several at once
    (
        "three values out of range",
        {"ikepolicy": {"lifetime_seconds": 1, "dpd": {"timeout": 90}}, "ipsecpolicy": {"lifetime_seconds": 1}},
        [
            "ikepolicy.lifetime_seconds must be between 60 and 604800, not 1",
            "ikepolicy.dpd.timeout must be between 2 and 60, not 90",
            "ipsecpolicy.lifetime_seconds must be between 30 and 604800, not 1",
        ],
    ),
    (
        "a type, a range and an unknown option",
        {"colour": 1, "peer_subnets": {"a": 1}, "ikepolicy": {"lifetime_seconds": 1}},
        [
            "peer_subnets must be a list, not a dictionary",
            "unsupported option: colour",
            "ikepolicy.lifetime_seconds must be between 60 and 604800, not 1",
        ],
    ),
    (
        "a network, a psk and a way to authenticate",
        {"peer_subnets": ["10.0.0.0/33"], "psk": "zqxzqx", "auth_token": "token-of-the-example"},
        [
            "the task names 2 ways to authenticate (access key: access_key, secret_key; token: auth_token): "
            + KEEP_ONE,
            PSK_LENGTH,
            PSK_CLASSES,
            "peer_subnets contains an entry that cannot be used: '10.0.0.0/33' is not an IPv4 network",
        ],
    ),
    (
        "nobody, nowhere, nothing",
        dict(NO_KEYS, region="", endpoint="", name=""),
        [
            NOBODY,
            NOR_OTHERWISE,
            WHO,
            "region is missing (or HW_REGION_NAME in the environment); without it endpoint must be given",
        ],
    ),
    (
        "a psk that is missing, a bad time and a bad network",
        {"update_psk": "always", "wait_timeout": 0, "peer_subnets": ["x"]},
        [
            "update_psk is always, but psk is missing",
            "peer_subnets contains an entry that cannot be used: 'x' is not an IPv4 network",
            "wait_timeout must be between 1 and 86400, not 0",
        ],
    ),
]


def hidden_texts(arguments):
    """Return the texts of an argument dictionary that no message may show."""
    secret = [name for name, option in AUTH_OPTIONS.items() if option.get("no_log")] + ["psk"]
    for name in secret:
        value = arguments.get(name)
        parts = value if isinstance(value, list) else value.values() if isinstance(value, dict) else [value]
        yield from (str(part).strip() for part in parts if part)


def assert_refused(cloud, arguments, sentences, error=_errors.InvalidInput, **more):
    with pytest.raises(_errors.VpnError) as caught:
        run_task(cloud, arguments, **more)
    assert caught.value.message.split("\n") == sentences
    assert caught.type is error
    # A secret of one or two letters occurs in any sentence by chance.
    assert [text for text in hidden_texts(arguments) if len(text) > 2 and text in caught.value.message] == []
    assert "Hidden-1" not in caught.value.message
    return caught.value


@pytest.mark.parametrize(
    "arguments, sentences", [case[1:] for case in AT_THE_DOOR], ids=[case[0] for case in AT_THE_DOOR]
)
def test_refused_before_any_request(cloud, arguments, sentences):
    for check_mode in (False, True):
        error = assert_refused(cloud, dict({"name": "office"}, **arguments), sentences, check_mode=check_mode)
        assert error.violations == sentences
    assert cloud.journal() == []


# The environment is as bad a source as the task. (what is wrong, environment, arguments, sentences)
FROM_THE_ENVIRONMENT = [
    (
        "half a character in the project's name",
        {"HW_PROJECT_NAME": "a\udc80"},
        {"project_id": ""},
        ["project_name %s" % HALF],
    ),
    ("half a character in the region", {"HW_REGION_NAME": "eu\udc80"}, {"region": ""}, ["region %s" % HALF]),
    (
        "half a character in a password",
        {"HW_USER_NAME": "u", "HW_USER_PASSWORD": "pass\udc80", "HW_DOMAIN_NAME": "d"},
        NO_KEYS,
        ["HW_USER_PASSWORD of the environment %s" % HALF],
    ),
    (
        "half a character in a user's name",
        {"HW_USER_NAME": "u\udc80", "HW_USER_PASSWORD": "password", "HW_DOMAIN_NAME": "d"},
        NO_KEYS,
        ["HW_USER_NAME of the environment %s" % HALF],
    ),
    ("retries", {"HW_MAX_RETRIES": "lots"}, {}, ["max_retries must be a whole number, not 'lots'"]),
    ("endpoint", {"HW_VPN_ENDPOINT": "vpn"}, {"endpoint": ""}, ["endpoint %s 'vpn'" % URL]),
    ("region", {"HW_REGION_NAME": "eu/de"}, {"region": ""}, [REGION + " 'eu/de'"]),
    ("cloud", {"HW_CLOUD": "a b"}, {}, [CLOUD + " 'a b'"]),
    (
        "a short key",
        {"HW_ACCESS_KEY": "EXAMPLEKEY", "HW_SECRET_KEY": "zqx"},
        NO_KEYS,
        ["HW_SECRET_KEY or HUAWEICLOUD_SDK_SK of the environment is too short to be one"],
    ),
    (
        "a token with a line break",
        {"HW_AUTH_TOKEN": "token-of-the-example\n"},
        NO_KEYS,
        ["HW_AUTH_TOKEN of the environment " + STRANGE],
    ),
    ("half a pair", {"HW_ACCESS_KEY": "EXAMPLEKEY"}, NO_KEYS, [NOBODY, NOR_OTHERWISE, ONLY_HALF]),
    (
        "halves of two pairs",
        {"HW_ACCESS_KEY": "EXAMPLEKEY", "HUAWEICLOUD_SDK_SK": "example-secret"},
        NO_KEYS,
        [NOBODY, NOR_OTHERWISE, ONLY_HALF, "the environment has HUAWEICLOUD_SDK_SK without HUAWEICLOUD_SDK_AK"],
    ),
    (
        "a security token for the task, a key from here",
        {"HW_ACCESS_KEY": "EXAMPLEKEY", "HW_SECRET_KEY": "example-secret"},
        dict(NO_KEYS, security_token="temporary-token-1"),
        ["security_token belongs to an access_key that the task gives too"],
    ),
]


@pytest.mark.parametrize(
    "environment, arguments, sentences",
    [case[1:] for case in FROM_THE_ENVIRONMENT],
    ids=[case[0] for case in FROM_THE_ENVIRONMENT],
)
def test_refused_for_the_environment(cloud, environment, arguments, sentences):
    error = assert_refused(cloud, dict({"name": "office"}, **arguments), sentences, environment=environment)
    assert not any(
        text.strip() in error.message
        for name, text in environment.items()
        if "KEY" in name or "TOKEN" in name or "_SK" in name
    )
    assert cloud.journal() == []


# What only the found connection decides: it is read, and nothing is written. (what is wrong, found, arguments, sentences)
FIXED = "%s is fixed at creation: it is %s, the task asks for %s"
EXISTS_ONLY = "%s exists only with %s, not with %s"
CLEAR = "%s cannot be emptied: the API documents no way to clear it"
FQDN = "must be 1 to 128 characters without spaces and &<>[]\\?, not"
LACKING = "no VPN connection is named branch; creating a VPN connection needs "
V1 = {"ike_version": "v1"}
AFTER_READING = [
    ("another style", {}, {"style": "bgp"}, [FIXED % ("style", "static", "bgp")]),
    ("another gateway", {}, {"vgw_id": OTHER}, [FIXED % ("vgw_id", GATEWAY, OTHER)]),
    ("another address", {}, {"vgw_ip": OTHER}, [FIXED % ("vgw_ip", ADDRESS, OTHER)]),
    ("another role", {}, {"ha_role": "slave"}, [FIXED % ("ha_role", "master", "slave")]),
    ("nqa switched off", {"enable_nqa": True}, {"enable_nqa": False}, [FIXED % ("enable_nqa", "true", "false")]),
    (
        "another authentication method",
        {},
        ike(authentication_method="digital-envelope"),
        [FIXED % ("ikepolicy.authentication_method", "pre-share", "digital-envelope")],
    ),
    ("all subnets gone", {}, {"peer_subnets": []}, [CLEAR % "peer_subnets"]),
    ("all rules gone", {"style": "policy"}, {"policy_rules": []}, [CLEAR % "policy_rules"]),
    (
        "a mode of phase 1 with IKEv2",
        {},
        ike(phase1_negotiation_mode="aggressive"),
        [EXISTS_ONLY % ("ikepolicy.phase1_negotiation_mode", "ikepolicy.ike_version v1", "v2")],
    ),
    ("hub on a static connection", {}, {"enable_hub": True}, [EXISTS_ONLY % ("enable_hub", "style bgp", "static")]),
    (
        "nqa on a policy connection",
        {"style": "policy"},
        {"enable_nqa": True},
        [EXISTS_ONLY % ("enable_nqa", "style static", "policy")],
    ),
    (
        "rules on a static connection",
        {},
        {"policy_rules": [RULE]},
        [EXISTS_ONLY % ("policy_rules", "style policy", "static")],
    ),
    (
        "IPv6 rules on a bgp connection",
        {"style": "bgp"},
        {"policy_rules_v6": [RULE_V6]},
        [EXISTS_ONLY % ("policy_rules_v6", "style policy", "bgp")],
    ),
    (
        "one end of the tunnel",
        {"tunnel_local_address": "169.254.7.1/30", "tunnel_peer_address": "169.254.7.2/30"},
        {"tunnel_local_address": "169.254.90.1/30"},
        [
            "tunnel_local_address and tunnel_peer_address must lie in one network, not in 169.254.90.0/30 and 169.254.7.0/30"
        ],
    ),
    (
        "ends in two networks",
        {},
        {"tunnel_local_address": "169.254.90.1/30", "tunnel_peer_address": "169.254.91.2/30"},
        [
            "tunnel_local_address and tunnel_peer_address must lie in one network, not in 169.254.90.0/30 and 169.254.91.0/30"
        ],
    ),
    (
        "one address for both ends",
        {},
        {"tunnel_local_address": "169.254.90.1/30", "tunnel_peer_address": "169.254.90.1/30"},
        ["tunnel_local_address and tunnel_peer_address must differ, both are 169.254.90.1/30"],
    ),
    (
        "one identity for both ends",
        {},
        ike(local_id="203.0.113.5", peer_id="203.0.113.5"),
        ["ikepolicy.local_id and ikepolicy.peer_id must differ, both are 203.0.113.5"],
    ),
    (
        "the other end's identity",
        {"ikepolicy": {"peer_id": "203.0.113.5"}},
        ike(local_id="203.0.113.5"),
        ["ikepolicy.local_id and ikepolicy.peer_id must differ, both are 203.0.113.5"],
    ),
    (
        "a name for an address",
        {},
        ike(local_id="branch"),
        ["ikepolicy.local_id must be an IPv4 address while ikepolicy.local_id_type is ip, not 'branch'"],
    ),
    (
        "an IPv6 address for an identity",
        {},
        ike(peer_id="2001:db8::1"),
        ["ikepolicy.peer_id must be an IPv4 address while ikepolicy.peer_id_type is ip, not '2001:db8::1'"],
    ),
    (
        "a domain name with a space",
        {},
        ike(local_id_type="fqdn", local_id="gw example"),
        ["ikepolicy.local_id %s 'gw example'" % FQDN],
    ),
    (
        "a domain name that is too long",
        {},
        ike(peer_id_type="fqdn", peer_id="a" * 129),
        ["ikepolicy.peer_id %s '%s'" % (FQDN, "a" * 129)],
    ),
    (
        "a type without its identity",
        {},
        ike(local_id_type="fqdn"),
        ["ikepolicy.local_id_type fqdn needs ikepolicy.local_id beside it"],
    ),
    (
        "a cipher that IKEv1 lacks",
        {"ikepolicy": V1},
        ike(encryption_algorithm="aes-256-gcm-16"),
        ["ikepolicy.encryption_algorithm aes-256-gcm-16 needs ikepolicy.ike_version v2, not v1"],
    ),
    (
        "a shorter cipher that IKEv1 lacks",
        {"ikepolicy": V1},
        ike(encryption_algorithm="aes-128-gcm-16"),
        ["ikepolicy.encryption_algorithm aes-128-gcm-16 needs ikepolicy.ike_version v2, not v1"],
    ),
    (
        "IKEv1 for a cipher that it lacks",
        {"ikepolicy": {"encryption_algorithm": "aes-256-gcm-16"}},
        ike(ike_version="v1"),
        ["ikepolicy.encryption_algorithm aes-256-gcm-16 needs ikepolicy.ike_version v2, not v1"],
    ),
    (
        "three things that are fixed",
        {},
        {"style": "policy", "ha_role": "slave", "vgw_ip": OTHER},
        [
            FIXED % ("vgw_ip", ADDRESS, OTHER),
            FIXED % ("style", "static", "policy"),
            FIXED % ("ha_role", "master", "slave"),
        ],
    ),
    (
        "something fixed, something emptied, something misplaced",
        {},
        {"ha_role": "slave", "peer_subnets": [], "enable_hub": True},
        [
            FIXED % ("ha_role", "master", "slave"),
            CLEAR % "peer_subnets",
            EXISTS_ONLY % ("enable_hub", "style bgp", "static"),
        ],
    ),
    (
        "creation with nothing",
        {},
        {"id": "", "name": "branch"},
        [LACKING + "vgw_id, vgw_ip, cgw_id, psk, and peer_subnets or peer_subnets_v6"],
    ),
    (
        "creation without a key",
        {},
        {"id": "", "name": "branch", "vgw_id": GATEWAY, "vgw_ip": ADDRESS, "cgw_id": OTHER, "peer_subnets": [NET]},
        [LACKING + "psk"],
    ),
    (
        "creation without rules",
        {},
        {
            "id": "",
            "name": "branch",
            "style": "policy",
            "vgw_id": GATEWAY,
            "vgw_ip": ADDRESS,
            "cgw_id": OTHER,
            "psk": KEY,
            "peer_subnets": [NET],
        },
        [LACKING + "policy_rules or policy_rules_v6"],
    ),
    (
        "creation with empty subnets",
        {},
        {
            "id": "",
            "name": "branch",
            "vgw_id": GATEWAY,
            "vgw_ip": ADDRESS,
            "cgw_id": OTHER,
            "psk": KEY,
            "peer_subnets": [],
        },
        [LACKING + "peer_subnets or peer_subnets_v6"],
    ),
    (
        "creation of a contradiction",
        {},
        {
            "id": "",
            "name": "branch",
            "style": "bgp",
            "enable_nqa": True,
            "vgw_id": GATEWAY,
            "vgw_ip": ADDRESS,
            "cgw_id": OTHER,
            "psk": KEY,
            "peer_subnets": [NET],
            "ikepolicy": {"phase1_negotiation_mode": "main", "local_id": "203.0.113.5", "peer_id": "203.0.113.5"},
        },
        [
            EXISTS_ONLY % ("enable_nqa", "style static", "bgp"),
            EXISTS_ONLY % ("ikepolicy.phase1_negotiation_mode", "ikepolicy.ike_version v1", "v2"),
            "ikepolicy.local_id and ikepolicy.peer_id must differ, both are 203.0.113.5",
        ],
    ),
]


def seed(cloud, **members):
    cloud.add_gateway(id=GATEWAY, eip1={"id": ADDRESS})
    return cloud.add_connection(
        **dict({"id": ID, "name": "office", "style": "static", "vgw_id": GATEWAY, "psk": KEY}, **members)
    )


@pytest.mark.parametrize(
    "found, arguments, sentences", [case[1:] for case in AFTER_READING], ids=[case[0] for case in AFTER_READING]
)
def test_refused_after_reading(cloud, found, arguments, sentences):
    seed(cloud, **found)
    for check_mode in (False, True):
        cloud.clear_journal()
        assert (
            assert_refused(cloud, dict({"id": ID}, **arguments), sentences, check_mode=check_mode).violations
            == sentences
        )
        assert [entry.method for entry in cloud.journal()] == ["GET"]


# -- what is no violation of a value, and refused all the same ---------------------------------------------------------------


def test_an_id_that_nobody_has(cloud):
    assert_refused(cloud, {"id": OTHER}, ["no VPN connection has the id " + OTHER], _errors.NotFound)
    assert cloud.writes() == []


def test_a_name_that_two_have(cloud):
    ids = [seed(cloud)["id"], cloud.add_connection(name="office")["id"]]
    sentence = "2 VPN connections are named office: %s, %s; give id"
    error = assert_refused(cloud, {"name": "office"}, [sentence % (ids[1], ids[0])], _errors.Ambiguous)
    assert (error.details.get("changed"), cloud.writes()) == (None, [])


@pytest.mark.parametrize(
    "version, moved",
    [("v1", "found state and the intended changes"), ("v2", "version and the found state and the intended changes")],
)
def test_a_plan_that_is_not_the_approved_one(cloud, version, moved):
    seed(cloud)
    arguments = {"id": ID, "name": "new", "expect_plan": ".".join((version, "a" * 32, "b" * 32))}
    sentence = "the plan is not the approved one: the %s moved; nothing was sent" % moved
    error = assert_refused(cloud, arguments, [sentence], _errors.PlanMismatch)
    assert (error.details["changes"][0]["path"], cloud.writes()) == ("name", [])
    # Where nothing remains to be done, an old approval does no harm.
    assert run_task(cloud, dict(arguments, name="office"))["changed"] is False


def test_a_frozen_connection(cloud):
    seed(cloud, status="FREEZED")
    sentence = "the VPN connection %s is FREEZED: the cloud takes no change until the account's arrears or restrictions are settled; nothing was sent"
    assert_refused(cloud, {"id": ID, "name": "new"}, [sentence % ID], _errors.VpnError)
    assert cloud.writes() == []


# -- the tables themselves -------------------------------------------------------------------------------------------------


def test_the_tables_are_long_and_every_entry_is_one_of_its_own():
    cases = [repr((arguments, {})) for dummy, arguments, dummy2 in AT_THE_DOOR]
    cases += [repr((arguments, rest)) for dummy, rest, arguments, dummy2 in FROM_THE_ENVIRONMENT + AFTER_READING]
    labels = [case[0] for case in AT_THE_DOOR]
    assert len(cases) == len(set(cases)) >= 110
    assert len(labels) == len(set(labels))


def test_a_name_without_an_end_is_cut(cloud):
    assert_refused(cloud, {"name": "office", "x" * 5000: 1}, ["unsupported option: %s ..." % ("x" * 96)])


@pytest.mark.parametrize("option", sorted(set(single.argument_spec(CONNECTION)) - {"psk"}))
@pytest.mark.parametrize(
    "wrap",
    [str, lambda text: [text], lambda text: {"x": text}, lambda text: {text: "x"}],
    ids=["text", "list", "value", "name"],
)
def test_half_a_character_is_refused_in_every_option(cloud, option, wrap):
    with pytest.raises(
        _errors.InvalidInput, match="half a character|must be text|another character that none has"
    ) as caught:
        run_task(cloud, {"name": "office", option: wrap("abc\ud800def")})
    assert all(sentence.isprintable() for sentence in caught.value.violations)
    assert caught.value.message.splitlines() == caught.value.violations
    assert cloud.journal() == []


def test_the_sentences_are_for_people():
    """No words of Python, no full stop that would stand before a semicolon, no length that nobody reads."""
    jargon = (
        "<class",
        "NoneType",
        " str ",
        " dict ",
        " int ",
        "unable to convert",
        "argument '",
        "None",
        "True",
        "False",
    )
    sentences = {sentence for case in AT_THE_DOOR + FROM_THE_ENVIRONMENT + AFTER_READING for sentence in case[-1]}
    assert [sentence for sentence in sentences if any(word in sentence for word in jargon)] == []
    assert [
        sentence for sentence in sentences if sentence.endswith(".") or "  " in sentence or len(sentence) > 420
    ] == []


# -- bad neighbours that are welcome -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "arguments",
    [
        {"peer_subnets": "192.168.0.0/24"},
        {"peer_subnets": ["192.168.0.9/24", "192.168.0.0/24"]},
        {"peer_subnets": ["192.168.0.0/255.255.255.0"]},
        {"peer_subnets": nets(0) + ["192.168.0.0/24"] * 60},
        {"ikepolicy": {"lifetime_seconds": "86400", "dpd": {"timeout": 15.0}}},
        {"ikepolicy": {"encryption_algorithm": "aes-128"}},
        {"enable_nqa": "no"},
        {"status": "DOWN", "route_mode": "static", "created_at": "2025"},
        {"wait_timeout": "600"},
        {"ikepolicy": {"dpd": {"timeout": "15.0"}}},
        {"vpn_connection_id": ID},
        {"vgw_id": GATEWAY.upper(), "vpn_gateway_id": GATEWAY.upper()},
        {"tags": {"_sys_owner": "&"}},
        {"ikepolicy": '{"lifetime_seconds": 86400}'},
        {"ca_path": ""},
        {"psk": ""},
        {"psk": KEY},
        {"expect_plan": " "},
        {"region": "EU-TEST-1"},
    ],
    ids=str,
)
def test_welcome_spellings(cloud, arguments):
    """What looks odd and means what the connection already is changes nothing, and is no mistake."""
    seed(cloud, peer_subnets=["192.168.0.0/24"])
    assert run_task(cloud, dict({"id": ID}, **arguments))["changed"] is False
