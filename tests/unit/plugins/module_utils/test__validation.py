# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The front door: blanks, the environment, who asks and where. What it refuses, and in which words, is in test_bad_input."""

from __future__ import annotations

import copy
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.huaweicloud.vpn.plugins.module_utils._errors import InvalidInput
from ansible_collections.huaweicloud.vpn.plugins.module_utils._http.auth import KEYS, PASSWORD, TOKEN
from ansible_collections.huaweicloud.vpn.plugins.module_utils._input.options import without_blanks
from ansible_collections.huaweicloud.vpn.plugins.module_utils._resources.connection import CONNECTION
from ansible_collections.huaweicloud.vpn.plugins.module_utils._secrets import MASK, reveal
from ansible_collections.huaweicloud.vpn.plugins.module_utils._work import single
from ansible_collections.huaweicloud.vpn.tests.unit.harness.support import KEY

PLACE = {"region": "eu-de", "project_id": "0605768a0c5bd5f1bd3f9a2f5c0d1c2e"}
PAIR = {"access_key": "task-access_key", "secret_key": "task-secret_key"}


def enter(arguments, environment=None):
    return single.enter(CONNECTION, dict({"name": "office"}, **arguments), environment or {})


# -- blanks ------------------------------------------------------------------------------------------------------------


def in_order(value):
    """Return a name for a parameter that is the same in every process; a set is not."""
    return str(sorted(value) if isinstance(value, set) else value)


@pytest.mark.parametrize(
    "value, left",
    [
        ("", None),
        ("   ", None),
        ("\t\n", None),
        (None, None),
        ("x", "x"),
        (" x ", " x "),
        (False, False),
        (0, 0),
        (0.0, 0.0),
        ([], []),
        ({}, {}),
        ([""], None),
        ([None, "", " "], None),
        (["", "a", None], ["a"]),
        ([[], ""], [[]]),
        ([[""]], None),
        ([0, "", False], [0, False]),
        ({"a": ""}, None),
        ({"a": None, "b": " "}, None),
        ({"a": "", "b": 1}, {"b": 1}),
        ({"a": {"b": {"c": ""}}}, None),
        ({"a": {"b": {}, "c": ""}}, {"a": {"b": {}}}),
        ({"a": [{"b": ""}, {"b": "x"}]}, {"a": [{"b": "x"}]}),
        ({"a": [{"b": ""}]}, None),
        ({"tags": {"a": "", "b": None, "c": " "}}, {"tags": {"a": "", "c": " "}}),
        ({"tags": {}}, {"tags": {}}),
        ({"tags": ""}, None),
        ({"tags": {"a": ""}, "other": {"a": ""}}, {"tags": {"a": ""}}),
        ({"tags": None, "name": "x"}, {"name": "x"}),
    ],
    ids=repr,
)
def test_blanks_are_dropped_at_every_depth(value, left):
    before = copy.deepcopy(value)
    assert without_blanks(value, keep=("tags",)) == left
    assert type(without_blanks(value, keep=("tags",))) is type(left)
    assert value == before


@given(
    st.recursive(
        st.sampled_from((None, "", " ", "x", 0, False, 7)),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
        max_leaves=8,
    )
)
def test_what_is_left_has_no_blanks_and_stays_as_it_is(value):
    def blanks(left):
        if isinstance(left, (list, dict)):
            return any(blanks(item) for item in (left.values() if isinstance(left, dict) else left))
        return left is None or (isinstance(left, str) and not left.strip())

    left = without_blanks(value)
    assert left is None or not blanks(left)
    assert without_blanks(left) == left


# A form of AWX sends every field, and those nobody filled in as empty text.
BLANK_FORM = dict.fromkeys(single.argument_spec(CONNECTION), "")


def test_a_form_that_nobody_filled_in_is_an_empty_task():
    filled = dict(BLANK_FORM, name="office", **PLACE, **PAIR)
    filled["ikepolicy"] = {"lifetime_seconds": "", "dpd": {"timeout": "", "msg": ""}, "local_id": "  "}
    filled["policy_rules"] = [{"source": "", "destination": ["", ""]}]
    blank, bare = enter(filled), enter(dict(PLACE, **PAIR))
    assert (blank.options, blank.desired) == (bare.options, bare.desired)
    assert blank.desired == {"name": "office"}
    assert vars(blank.access) == vars(bare.access)


def test_blank_defaults_are_defaults():
    request = enter(dict(BLANK_FORM, name="office", **PLACE, **PAIR))
    assert {
        name: request.options[name] for name in ("state", "reset", "update_psk", "wait", "wait_timeout", "purge_tags")
    } == {
        "state": "present",
        "reset": "never",
        "update_psk": "on_create",
        "wait": True,
        "wait_timeout": 600,
        "purge_tags": False,
    }
    assert (request.access.verify, request.access.request_timeout, request.access.max_retries) == (True, 30, 5)


def test_tags_keep_their_empty_values_and_empty_lists_stay():
    request = enter(dict(PLACE, **PAIR, tags={"owner": "", "team": None, "cost": 7}, peer_subnets=[], policy_rules=[]))
    assert request.desired == {
        "name": "office",
        "tags": {"cost": "7", "owner": ""},
        "peer_subnets": [],
        "policy_rules": [],
    }
    assert enter(dict(PLACE, **PAIR, tags={})).desired["tags"] == {}


@pytest.mark.parametrize("option", ["enable_nqa", "enable_hub"])
def test_false_is_a_value(option):
    assert enter(dict(PLACE, **PAIR, **{option: False})).desired[option] is False
    assert option not in enter(dict(PLACE, **PAIR, **{option: ""})).desired


def test_the_arguments_are_left_as_they_are():
    arguments = dict(
        PLACE,
        **PAIR,
        name="office",
        tags={"a": None},
        ikepolicy={"local_id": ""},
        psk=KEY,
        peer_subnets=["10.0.0.9/24", ""],
    )
    before = copy.deepcopy(arguments)
    enter(arguments)
    assert arguments == before


def test_what_an_answer_carries_can_be_given_back(cloud):
    shown = cloud.shown(cloud.add_connection(name="office", style="bgp", tags={"a": ""}, psk=KEY)["id"])
    request = enter(dict(PLACE, **PAIR, **dict(shown, tags={"a": ""})))
    assert not {"status", "created_at", "updated_at", "enterprise_project_id"} & set(request.desired)
    assert request.desired["style"] == "bgp"


# -- secrets -----------------------------------------------------------------------------------------------------------


def test_the_key_leaves_the_options_and_the_secrets_are_known():
    request = enter(dict(PLACE, **PAIR, psk=KEY, security_token="task-security_token"))
    assert reveal(request.desired["psk"]) == KEY
    assert request.secrets == {KEY, "task-access_key", "task-secret_key", "task-security_token"}
    assert not request.secrets & {str(value) for value in request.options.values()}
    assert (
        json.dumps(request.desired["psk"])
        == json.dumps(str(request.desired["psk"]))
        == json.dumps(f"{request.desired['psk']}")
        == f'"{MASK}"'
    )


def test_core_sees_which_secrets_there_are_and_none_of_them():
    """What core logs and returns with -vvv is made of this."""
    shown = enter(dict(PLACE, **PAIR, psk=KEY, security_token="task-security_token")).logged(CONNECTION, 0)
    assert {name: shown[name] for name in ("psk", "access_key", "secret_key", "security_token")} == dict.fromkeys(
        ("psk", "access_key", "secret_key", "security_token"), MASK
    )
    assert (shown["region"], shown["wait_timeout"], "auth_token" in shown) == ("eu-de", 600, False)
    by_name = enter(dict(PLACE, **task(UN, PW, DN))).logged(CONNECTION, 0)
    assert (by_name[UN], by_name[PW], by_name[DN], "psk" in by_name) == (
        "task-user_name",
        MASK,
        "task-domain_name",
        False,
    )


@pytest.mark.parametrize(
    "arguments, environment, masked",
    [
        ({"psk": "a"}, {}, {"task-access_key", "task-secret_key"}),
        ({"psk": "1234567"}, {}, {"task-access_key", "task-secret_key"}),
        ({"psk": "12345678"}, {}, {"task-access_key", "task-secret_key", "12345678"}),
        ({"secret_key": "e"}, {}, {"task-access_key"}),
        ({"access_key": "", "secret_key": ""}, {"HW_ACCESS_KEY": "EXAMPLEKEY", "HW_SECRET_KEY": "e"}, {"EXAMPLEKEY"}),
        ({"access_key": "", "secret_key": "", "user_name": "u", "password": "pw", "domain_name": "d"}, {}, set()),
    ],
    ids=in_order,
)
def test_a_secret_too_short_to_be_one_masks_nothing(arguments, environment, masked):
    """Masking a single letter would shred every sentence, the one that says so first of all."""
    with pytest.raises(InvalidInput) as caught:
        enter(dict(PLACE, **dict(PAIR, **arguments)), environment)
    assert caught.value.secrets == masked


def test_refused_arguments_are_masked_too():
    with pytest.raises(InvalidInput) as caught:
        enter(dict(PLACE, **PAIR, psk="example-key-without-variety", auth_token="task-auth_token", wait_timeout=-1))
    assert caught.value.secrets == {
        "task-access_key",
        "task-secret_key",
        "task-auth_token",
        "example-key-without-variety",
    }


# -- options from the environment --------------------------------------------------------------------------------------

FILLED = [
    ("region", ["HW_REGION_NAME"]),
    ("cloud", ["HW_CLOUD"]),
    ("endpoint", ["HW_VPN_ENDPOINT"]),
    ("auth_url", ["HW_AUTH_URL"]),
    ("project_id", ["HW_PROJECT_ID", "HUAWEICLOUD_SDK_PROJECT_ID"]),
    ("project_name", ["HW_PROJECT_NAME"]),
    ("max_retries", ["HW_MAX_RETRIES"]),
]
VALUES = {"endpoint": "https://%s.example.com", "auth_url": "https://%s.example.com", "max_retries": "1%s"}


def text_for(option, number):
    return VALUES.get(option, "value%s") % number


@pytest.mark.parametrize("option, variables", FILLED, ids=[case[0] for case in FILLED])
def test_the_environment_fills_in(option, variables):
    def seen(arguments, environment):
        return enter(
            dict({name: value for name, value in PLACE.items() if name != option}, **PAIR, **arguments), environment
        ).options.get(option)

    convert = int if option == "max_retries" else str
    filled = dict(
        {"HW_REGION_NAME": "eu-de"}, **{variable: text_for(option, number) for number, variable in enumerate(variables)}
    )
    assert seen({}, filled) == convert(text_for(option, 0))
    assert seen({option: ""}, filled) == convert(text_for(option, 0))
    assert seen({option: text_for(option, 9)}, filled) == convert(text_for(option, 9))
    for number in range(1, len(variables) + 1):
        filled[variables[number - 1]] = "  "
        rest = convert(text_for(option, number)) if number < len(variables) else None
        if option != "region":
            assert seen({}, filled) == (5 if rest is None and option == "max_retries" else rest)


@pytest.mark.parametrize("option", ["validate_certs", "ca_path", "request_timeout", "wait_timeout", "name", "psk"])
def test_nothing_else_comes_from_the_environment(option):
    environment = {prefix + option.upper(): "11" for prefix in ("HW_", "HUAWEICLOUD_SDK_", "HUAWEICLOUD_", "")}
    one, other = enter(dict(PLACE, **PAIR), environment), enter(dict(PLACE, **PAIR))
    assert (one.options, one.desired) == (other.options, other.desired)


# -- who asks: the whole table of precedence ---------------------------------------------------------------------------


def task(*names):
    return {name: "task-" + name for name in names}


HW = {
    "access_key": "HW_ACCESS_KEY",
    "secret_key": "HW_SECRET_KEY",
    "security_token": "HW_SECURITY_TOKEN",
    "auth_token": "HW_AUTH_TOKEN",
    "user_name": "HW_USER_NAME",
    "password": "HW_USER_PASSWORD",
    "domain_name": "HW_DOMAIN_NAME",
}
SDK = {
    "access_key": "HUAWEICLOUD_SDK_AK",
    "secret_key": "HUAWEICLOUD_SDK_SK",
    "security_token": "HUAWEICLOUD_SDK_SECURITY_TOKEN",
}


def hw(*names):
    return {HW[name]: "hw-" + name for name in names}


def sdk(*names):
    return {SDK[name]: "sdk-" + name for name in names}


def drawn(**sources):
    """Return {credential: value}, from {credential: where it comes from}."""
    return {name: "%s-%s" % (source, name) for name, source in sources.items()}


AK, SK, STS, XT, UN, PW, DN = (
    "access_key",
    "secret_key",
    "security_token",
    "auth_token",
    "user_name",
    "password",
    "domain_name",
)

# (what it shows, the task's credentials, the environment, way, where each credential comes from)
PRECEDENCE = [
    ("the task's keys", task(AK, SK), {}, KEYS, drawn(access_key="task", secret_key="task")),
    (
        "the task's temporary keys",
        task(AK, SK, STS),
        {},
        KEYS,
        drawn(access_key="task", secret_key="task", security_token="task"),
    ),
    ("the task's token", task(XT), {}, TOKEN, drawn(auth_token="task")),
    ("the task's user", task(UN, PW, DN), {}, PASSWORD, drawn(user_name="task", password="task", domain_name="task")),
    ("keys of the environment", {}, hw(AK, SK), KEYS, drawn(access_key="hw", secret_key="hw")),
    (
        "temporary keys of the environment",
        {},
        hw(AK, SK, STS),
        KEYS,
        drawn(access_key="hw", secret_key="hw", security_token="hw"),
    ),
    ("keys of the SDK's variables", {}, sdk(AK, SK), KEYS, drawn(access_key="sdk", secret_key="sdk")),
    (
        "temporary keys of the SDK's variables",
        {},
        sdk(AK, SK, STS),
        KEYS,
        drawn(access_key="sdk", secret_key="sdk", security_token="sdk"),
    ),
    ("a token of the environment", {}, hw(XT), TOKEN, drawn(auth_token="hw")),
    ("a user of the environment", {}, hw(UN, PW, DN), PASSWORD, drawn(user_name="hw", password="hw", domain_name="hw")),
    (
        "the task's keys beat keys",
        task(AK, SK),
        dict(hw(AK, SK), **sdk(AK, SK)),
        KEYS,
        drawn(access_key="task", secret_key="task"),
    ),
    ("the task's keys beat a token", task(AK, SK), hw(XT), KEYS, drawn(access_key="task", secret_key="task")),
    ("the task's token beats keys", task(XT), hw(AK, SK), TOKEN, drawn(auth_token="task")),
    (
        "the task's token beats temporary keys",
        task(XT),
        dict(hw(AK, SK, STS), **sdk(AK, SK, STS)),
        TOKEN,
        drawn(auth_token="task"),
    ),
    (
        "the task's user beats keys and a token",
        task(UN, PW, DN),
        hw(AK, SK, XT),
        PASSWORD,
        drawn(user_name="task", password="task", domain_name="task"),
    ),
    (
        "the task's user beats another user",
        task(UN, PW, DN),
        hw(UN, PW, DN),
        PASSWORD,
        drawn(user_name="task", password="task", domain_name="task"),
    ),
    ("HW before SDK", {}, dict(hw(AK, SK), **sdk(AK, SK)), KEYS, drawn(access_key="hw", secret_key="hw")),
    ("keys before a token", {}, hw(AK, SK, XT), KEYS, drawn(access_key="hw", secret_key="hw")),
    ("the SDK's keys before a token", {}, dict(hw(XT), **sdk(AK, SK)), KEYS, drawn(access_key="sdk", secret_key="sdk")),
    ("a token before a user", {}, hw(XT, UN, PW, DN), TOKEN, drawn(auth_token="hw")),
    ("half a pair does not count", {}, dict(hw(AK), **sdk(AK, SK)), KEYS, drawn(access_key="sdk", secret_key="sdk")),
    ("halves do not make a pair", {}, dict(hw(AK, XT), **sdk(SK)), TOKEN, drawn(auth_token="hw")),
    (
        "half a user does not count",
        {},
        dict(hw(UN, PW), **sdk(AK, SK)),
        KEYS,
        drawn(access_key="sdk", secret_key="sdk"),
    ),
    ("an access key completed", task(AK), hw(AK, SK), KEYS, drawn(access_key="task", secret_key="hw")),
    (
        "an access key completed by the SDK's variable",
        task(AK),
        sdk(SK),
        KEYS,
        drawn(access_key="task", secret_key="sdk"),
    ),
    (
        "an access key completed by the first there is",
        task(AK),
        dict(hw(SK), **sdk(SK)),
        KEYS,
        drawn(access_key="task", secret_key="hw"),
    ),
    ("a secret key completed", task(SK), hw(AK), KEYS, drawn(access_key="hw", secret_key="task")),
    (
        "a secret key completed with temporary keys",
        task(SK),
        hw(AK, SK, STS),
        KEYS,
        drawn(access_key="hw", secret_key="task", security_token="hw"),
    ),
    ("a user completed", task(UN), hw(PW, DN), PASSWORD, drawn(user_name="task", password="hw", domain_name="hw")),
    (
        "a user completed although keys are complete",
        task(UN, PW),
        hw(AK, SK, DN),
        PASSWORD,
        drawn(user_name="task", password="task", domain_name="hw"),
    ),
    ("a password completed", task(PW), hw(UN, DN), PASSWORD, drawn(user_name="hw", password="task", domain_name="hw")),
    ("a domain names no way", task(DN), hw(AK, SK), KEYS, drawn(access_key="hw", secret_key="hw")),
    (
        "a domain beats that of the environment",
        task(DN),
        hw(UN, PW, DN),
        PASSWORD,
        drawn(user_name="hw", password="hw", domain_name="task"),
    ),
    ("a stray temporary token", task(AK, SK), hw(STS), KEYS, drawn(access_key="task", secret_key="task")),
    (
        "a stray temporary token with its keys",
        task(AK, SK),
        hw(AK, SK, STS),
        KEYS,
        drawn(access_key="task", secret_key="task"),
    ),
    (
        "a stray temporary token of the other variables",
        {},
        dict(hw(AK, SK), **sdk(STS)),
        KEYS,
        drawn(access_key="hw", secret_key="hw"),
    ),
    (
        "a stray temporary token of the first variables",
        {},
        dict(hw(STS), **sdk(AK, SK)),
        KEYS,
        drawn(access_key="sdk", secret_key="sdk"),
    ),
    (
        "a stray temporary token while completing",
        task(AK),
        hw(SK, STS),
        KEYS,
        drawn(access_key="task", secret_key="hw"),
    ),
    (
        "a stray temporary token of other keys while completing",
        task(SK),
        dict(hw(AK), **sdk(AK, SK, STS)),
        KEYS,
        drawn(access_key="hw", secret_key="task"),
    ),
    ("a stray temporary token beside a token", task(XT), hw(STS), TOKEN, drawn(auth_token="task")),
    (
        "a stray temporary token beside a user",
        {},
        hw(STS, UN, PW, DN),
        PASSWORD,
        drawn(user_name="hw", password="hw", domain_name="hw"),
    ),
    (
        "a default switched off by empty text",
        dict(task(XT), access_key="", secret_key=""),
        {},
        TOKEN,
        drawn(auth_token="task"),
    ),
    (
        "a default switched off by null",
        dict(task(AK, SK), auth_token=None),
        {},
        KEYS,
        drawn(access_key="task", secret_key="task"),
    ),
    (
        "a user switched off",
        dict(task(AK, SK), user_name="", password=" ", domain_name=""),
        {},
        KEYS,
        drawn(access_key="task", secret_key="task"),
    ),
    ("everything switched off leaves the environment", dict.fromkeys(HW, ""), hw(XT), TOKEN, drawn(auth_token="hw")),
    (
        "blank variables are none",
        task(AK),
        {"HW_SECRET_KEY": "  ", "HUAWEICLOUD_SDK_SK": "sdk-secret_key"},
        KEYS,
        drawn(access_key="task", secret_key="sdk"),
    ),
    (
        "a blank temporary token is none",
        {},
        dict(hw(AK, SK), HW_SECURITY_TOKEN=""),
        KEYS,
        drawn(access_key="hw", secret_key="hw"),
    ),
]


@pytest.mark.parametrize(
    "own, environment, way, credentials", [case[1:] for case in PRECEDENCE], ids=[case[0] for case in PRECEDENCE]
)
def test_precedence(own, environment, way, credentials):
    request = enter(dict(PLACE, **own), environment)
    assert (request.access.auth_method, request.access.credentials) == (way, credentials)
    assert request.secrets == {text for name, text in credentials.items() if name not in (UN, DN)}
    assert not set(request.options) & set(HW)


# (what it shows, the task's credentials, the environment, what the message says)
NOT_ENOUGH = [
    (
        "keys and a token",
        task(AK, SK, XT),
        {},
        ["2 ways", "access key: access_key, secret_key", "token: auth_token", "empty string"],
    ),
    ("half a pair and a token", task(SK, XT), {}, ["2 ways", "access key: secret_key", "token: auth_token"]),
    (
        "a user and a token",
        task(UN, PW, DN, XT),
        {},
        ["2 ways", "token: auth_token", "user name and password: user_name, password"],
    ),
    (
        "a password and a key",
        task(PW, AK),
        {},
        ["2 ways", "access key: access_key", "user name and password: password"],
    ),
    ("all three", task(UN, PW, DN, XT, AK, SK), {}, ["3 ways"]),
    ("two ways, one complete in the environment", task(UN, XT), hw(AK, SK), ["2 ways"]),
    (
        "nothing",
        {},
        {},
        [
            "no complete credentials",
            "HW_ACCESS_KEY or HUAWEICLOUD_SDK_AK",
            "HW_AUTH_TOKEN",
            "HW_USER_PASSWORD",
            "HW_DOMAIN_NAME",
        ],
    ),
    ("halves", {}, dict(hw(AK, UN, DN), **sdk(SK)), ["no complete credentials"]),
    ("a domain alone", task(DN), {}, ["no complete credentials"]),
    (
        "an access key alone",
        task(AK),
        hw(AK, XT),
        ["lacks secret_key (or HW_SECRET_KEY or HUAWEICLOUD_SDK_SK in the environment)"],
    ),
    (
        "a user alone",
        task(UN),
        hw(AK, SK),
        ["lacks password (or HW_USER_PASSWORD in the environment), domain_name (or HW_DOMAIN_NAME in the environment)"],
    ),
    (
        "a temporary token alone",
        task(STS),
        hw(AK, SK),
        ["security_token belongs to an access_key that the task gives too"],
    ),
    (
        "a temporary token with half a pair",
        task(STS, SK),
        hw(AK),
        ["security_token belongs to an access_key that the task gives too"],
    ),
    (
        "a temporary token beside a token",
        task(STS, XT),
        {},
        ["security_token belongs to an access_key that the task gives too"],
    ),
]


@pytest.mark.parametrize(
    "own, environment, parts", [case[1:] for case in NOT_ENOUGH], ids=[case[0] for case in NOT_ENOUGH]
)
def test_not_enough_or_too_much(own, environment, parts):
    with pytest.raises(InvalidInput) as caught:
        enter(dict(PLACE, **own), environment)
    assert [part for part in parts if part not in caught.value.message] == []
    assert not any(text in caught.value.message for text in list(own.values()) + list(environment.values()))


OF_A_WAY = {KEYS: (AK, SK), TOKEN: (XT,), PASSWORD: (UN, PW, DN)}


@settings(max_examples=300)
@given(
    st.sets(st.sampled_from(sorted(HW))), st.sets(st.sampled_from(sorted(HW))), st.sets(st.sampled_from(sorted(SDK)))
)
def test_credentials_of_different_sources_never_mix_wrongly(own, first, second):
    """For any mix of sources: one whole way, the task's before all, and a temporary token only with the key it was made for."""
    named = [way for way, names in OF_A_WAY.items() if set(names) & own - {DN}]
    try:
        access = enter(dict(PLACE, **task(*own)), dict(hw(*first), **sdk(*second))).access
    except InvalidInput as refusal:
        stray = STS in own and AK not in own
        lacking = len(named) == 1 and not set(OF_A_WAY[named[0]]) <= own | first | second
        nobody = (
            not named
            and not {AK, SK} <= first
            and not {AK, SK} <= second
            and XT not in first
            and not {UN, PW, DN} <= first | own & {DN}
        )
        assert stray or lacking or nobody or len(named) > 1, refusal
        return
    source = {name: text.partition("-")[0] for name, text in access.credentials.items()}
    assert set(source) - {STS} == set(OF_A_WAY[access.auth_method])
    assert all(text.endswith("-" + name) for name, text in access.credentials.items())
    assert named in ([], [access.auth_method])
    assert all(source[name] == "task" for name in source if name in own and (named or name == DN))
    if access.auth_method == KEYS:
        whole = {"task": own, "hw": first, "sdk": second}[source[AK]]
        assert source.get(STS, source[AK]) == source[AK]
        assert (STS in source) == (STS in whole)
        assert named or source[AK] == source[SK]
    if not named:
        order = [
            (KEYS, "hw", {AK, SK} <= first),
            (KEYS, "sdk", {AK, SK} <= second),
            (TOKEN, "hw", XT in first),
            (PASSWORD, "hw", {UN, PW} <= first and DN in first | own),
        ]
        way, family = next((way, family) for way, family, there in order if there)
        assert (access.auth_method, {source[name] for name in source if name not in own}) == (way, {family})


# -- where the cloud is ------------------------------------------------------------------------------------------------

HOSTS = [
    ({"region": "eu-de"}, "https://vpn.eu-de.myhuaweicloud.com", "https://iam.eu-de.myhuaweicloud.com"),
    (
        {"region": "ap-southeast-1"},
        "https://vpn.ap-southeast-1.myhuaweicloud.com",
        "https://iam.ap-southeast-1.myhuaweicloud.com",
    ),
    ({"region": "cn-north-4"}, "https://vpn.cn-north-4.myhuaweicloud.com", "https://iam.cn-north-4.myhuaweicloud.com"),
    ({"region": "eu-west-0"}, "https://vpn.eu-west-0.myhuaweicloud.com", "https://iam.eu-west-0.myhuaweicloud.com"),
    ({"region": "eu-west-101"}, "https://vpn.eu-west-101.myhuaweicloud.eu", "https://iam.eu-west-101.myhuaweicloud.eu"),
    ({"region": "eu-west-1"}, "https://vpn.eu-west-1.myhuaweicloud.eu", "https://iam.eu-west-1.myhuaweicloud.eu"),
    (
        {"region": "eu-west-101", "cloud": "myhuaweicloud.com"},
        "https://vpn.eu-west-101.myhuaweicloud.com",
        "https://iam.eu-west-101.myhuaweicloud.com",
    ),
    (
        {"region": "eu-de", "cloud": "otc.t-systems.com"},
        "https://vpn.eu-de.otc.t-systems.com",
        "https://iam.eu-de.otc.t-systems.com",
    ),
    ({"region": "eu-de", "cloud": ""}, "https://vpn.eu-de.myhuaweicloud.com", "https://iam.eu-de.myhuaweicloud.com"),
    (
        {"region": "eu-de", "endpoint": "https://vpn.example.com"},
        "https://vpn.example.com",
        "https://iam.eu-de.myhuaweicloud.com",
    ),
    (
        {"region": "eu-de", "auth_url": "https://iam.example.com/v3"},
        "https://vpn.eu-de.myhuaweicloud.com",
        "https://iam.example.com",
    ),
    ({"endpoint": "https://vpn.example.com:8443/"}, "https://vpn.example.com:8443", None),
    ({"endpoint": "https://vpn.example.com/v5/"}, "https://vpn.example.com", None),
    (
        {"endpoint": "https://gate.example.com/vpn", "auth_url": "https://gate.example.com/iam/v3/"},
        "https://gate.example.com/vpn",
        "https://gate.example.com/iam",
    ),
    ({"endpoint": "http://127.0.0.1:8080"}, "http://127.0.0.1:8080", None),
    ({"endpoint": "http://127.9.8.7:8080"}, "http://127.9.8.7:8080", None),
    ({"endpoint": "http://localhost:8080"}, "http://localhost:8080", None),
    ({"endpoint": "http://[::1]:8080"}, "http://[::1]:8080", None),
    ({"endpoint": "https://192.0.2.7"}, "https://192.0.2.7", None),
]


@pytest.mark.parametrize("options, endpoint, auth_url", HOSTS, ids=[str(case[0]) for case in HOSTS])
def test_hosts_of_the_clouds(options, endpoint, auth_url):
    access = enter(dict(PAIR, project_id="0605768a", **options)).access
    assert (access.endpoint, access.auth_url) == (endpoint, auth_url)


@pytest.mark.parametrize("option", ["endpoint", "auth_url"])
@pytest.mark.parametrize(
    "url",
    [
        "http://vpn.example.com",
        "http://10.0.0.1",
        "http://0.0.0.0:80",
        "http://128.0.0.1",
        "http://localhost.example.com",
        "http://127.0.0.1.example.com",
        "http://[2001:db8::1]",
        "HTTP://vpn.example.com",
        "http://2130706433",
        " http://vpn.example.com",
    ],
)
def test_plain_http_only_on_this_machine(option, url):
    with pytest.raises(InvalidInput, match="%s must begin with https://" % option):
        enter(dict(PLACE, **PAIR, **{option: url}))


# (options beside credentials, the project's id, the name that IAM is asked for where there is none)
PROJECTS = [
    (PAIR, {"region": "eu-de", "project_id": "0605768a"}, "0605768a", "eu-de"),
    (PAIR, {"region": "eu-de"}, None, "eu-de"),
    (PAIR, {"region": "eu-de", "project_name": "eu-de_branch"}, None, "eu-de_branch"),
    (
        PAIR,
        {"endpoint": "https://vpn.example.com", "auth_url": "https://iam.example.com", "project_name": "net"},
        None,
        "net",
    ),
    (PAIR, {"endpoint": "https://vpn.example.com", "project_id": "0605768a"}, "0605768a", None),
    (task(XT), {"region": "eu-de"}, None, "eu-de"),
    (task(XT), {"region": "eu-de", "project_id": "0605768a"}, "0605768a", "eu-de"),
    (task(UN, PW, DN), {"region": "eu-de", "project_id": "0605768a"}, "0605768a", "eu-de"),
    (task(UN, PW, DN), {"region": "eu-de", "project_name": "net"}, None, "net"),
]


@pytest.mark.parametrize("credentials, options, project_id, project_name", PROJECTS)
def test_projects(credentials, options, project_id, project_name):
    access = enter(dict(credentials, **options)).access
    assert (access.project_id, access.project_name) == (project_id, project_name)


@pytest.mark.parametrize(
    "options, verify",
    [
        ({}, True),
        ({"validate_certs": False}, False),
        ({"validate_certs": "no", "ca_path": __file__}, False),
        ({"ca_path": __file__}, __file__),
    ],
)
def test_trust(options, verify):
    assert enter(dict(PLACE, **PAIR, **options)).access.verify == verify
