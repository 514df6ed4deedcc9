# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a message says beyond what is wrong: which word was meant, where a value came from, what else may be the cause."""

from __future__ import annotations

import pytest

from ansible_collections.huaweicloud.vpn.plugins.module_utils import _errors
from ansible_collections.huaweicloud.vpn.plugins.module_utils._execute import execute, failure
from ansible_collections.huaweicloud.vpn.plugins.module_utils._resources.connection import CONNECTION
from ansible_collections.huaweicloud.vpn.plugins.module_utils._work import info, single
from ansible_collections.huaweicloud.vpn.tests.unit.harness.clocks import FastClock
from ansible_collections.huaweicloud.vpn.tests.unit.harness.creations import new
from ansible_collections.huaweicloud.vpn.tests.unit.harness.support import KEY, access, run_fleet, run_task

AES = {"ikepolicy": {"encryption_algorithm": "aes-128"}}


def violations(cloud, arguments, environment=None, **options):
    with pytest.raises(_errors.InvalidInput) as caught:
        run_task(cloud, arguments, environment=environment, **options)
    return caught.value.violations


def result_of(cloud, arguments):
    request = single.enter(CONNECTION, dict(access(cloud), **arguments), {})
    return execute(single, CONNECTION, request, False, True, FastClock(), "tests")


# -- lines ----------------------------------------------------------------------------------------------------------


def test_each_violation_is_a_line_of_its_own(cloud):
    with pytest.raises(_errors.InvalidInput) as caught:
        run_task(cloud, {"colour\nof the\x1b[31mtunnel": 1, "wait_timeout": 0, "name": "office"})
    result = failure(caught.value)
    assert (
        result["msg"].splitlines()
        == result["errors"]
        == ["unsupported option: colour of the [31mtunnel", "wait_timeout must be between 1 and 86400, not 0"]
    )


def test_violations_of_what_was_found_are_lines_too(cloud):
    found = cloud.add_connection(name="office", style="static", ha_role="master")
    # The cloud's words come with a line break, which must not look like another sentence.
    result = result_of(cloud, {"id": found["id"], "ha_role": "slave", "style": "bgp\nall is well"})
    assert (
        result["msg"].splitlines()
        == result["errors"]
        == [
            "style is fixed at creation: it is static, the task asks for bgp all is well",
            "ha_role is fixed at creation: it is master, the task asks for slave",
        ]
    )


def test_a_failure_of_one_sentence_stays_one_line(cloud):
    found = cloud.add_connection(name="office")
    cloud.fault("status", method="PUT", path=found["id"], status=400, code="VPN.0001", message="no\nway\r\nout")
    assert (
        "no way out (VPN.0001"
        in result_of(cloud, dict(AES, id=found["id"], ikepolicy={"lifetime_seconds": 3600}))["msg"]
    )


# -- the word that was meant ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "given, sentence",
    [
        ({"peer_subnet": []}, "unsupported option: peer_subnet (did you mean peer_subnets?)"),
        ({"vgwid": "x"}, "unsupported option: vgwid (did you mean vgw_id?)"),
        ({"ike_policy": {}}, "unsupported option: ike_policy (did you mean ikepolicy?)"),
        (
            {"ikepolicy": {"lifetime": 60}},
            "unsupported option: ikepolicy.lifetime (did you mean ikepolicy.lifetime_seconds?)",
        ),
        ({"Update-PSK": "always"}, "unsupported option: Update-PSK (did you mean update_psk?)"),
        ({"colour": 1}, "unsupported option: colour"),
    ],
)
def test_an_option_that_nearly_matches_is_named(cloud, given, sentence):
    assert violations(cloud, dict(given, name="office")) == [sentence]


def test_an_option_of_an_entry_that_nearly_matches_is_named(cloud):
    with pytest.raises(_errors.InvalidInput, match=r"unsupported option: peer_subnet \(did you mean peer_subnets\?\)"):
        run_fleet(cloud, [{"name": "office", "peer_subnet": []}])


@pytest.mark.parametrize(
    "member, value, meant",
    [
        ("encryption_algorithm", "aes256", "aes-256"),
        ("encryption_algorithm", "AES-256", "aes-256"),
        ("encryption_algorithm", "256", "aes-256"),
        ("dh_group", 20, "group20"),
        ("dh_group", "Group-20", "group20"),
        ("dh_group", "2", "group2"),
        ("ike_version", 2, "v2"),
        ("authentication_algorithm", "sha2_256", "sha2-256"),
        ("encryption_algorithm", "aes256gcm16", "aes-256-gcm-16"),
    ],
)
def test_a_near_miss_of_a_known_value_is_refused(cloud, member, value, meant):
    assert violations(cloud, {"name": "office", "ikepolicy": {member: value}}) == [
        "ikepolicy.%s must be %s, not %r" % (member, meant, str(value))
    ]
    assert cloud.journal() == []


def test_a_value_that_is_not_known_is_passed_on_with_a_guess(cloud):
    found = cloud.add_connection(name="office")
    result = run_task(
        cloud, {"id": found["id"], "ikepolicy": {"authentication_algorithm": "sha2-265"}}, check_mode=True
    )
    assert "did you mean sha2-256?" in " ".join(result["warnings"])


def test_the_style_may_be_written_in_any_case(cloud):
    found = cloud.add_connection(name="office", style="static")
    assert run_task(cloud, {"id": found["id"], "style": "STATIC"})["changed"] is False


def test_what_a_result_shows_can_be_fed_back(cloud, monkeypatch):
    """Results are spelled like the options, whatever the cloud writes."""
    found = cloud.add_connection(name="office", psk=KEY)
    right = single.Api.read

    def loud(self, *given):
        shown = right(self, *given)
        return dict(
            shown,
            ha_role="MASTER",
            ikepolicy=dict(shown["ikepolicy"], encryption_algorithm="AES-128", dpd={"msg": "SEQ-HASH-NOTIFY"}),
        )

    monkeypatch.setattr(single.Api, "read", loud)
    monkeypatch.setattr(info.Reader, "read", loud)
    shown = run_task(cloud, {"id": found["id"]})["vpn_connection"]
    assert (shown["ha_role"], shown["ikepolicy"]["encryption_algorithm"], shown["ikepolicy"]["dpd"]["msg"]) == (
        "master",
        "aes-128",
        "seq-hash-notify",
    )
    assert run_task(cloud, shown)["changed"] is False


# -- what is missing, and where it came from ------------------------------------------------------------------------


def test_prune_says_what_it_needs_and_why(cloud):
    with pytest.raises(_errors.InvalidInput) as caught:
        run_fleet(cloud, [{"name": "office"}], prune=True)
    assert caught.value.violations == ["prune needs vgw_id: only connections of that gateway are deleted"]


def test_a_creation_says_what_it_needs(cloud):
    assert violations(cloud, {"name": "office"}) == [
        "no VPN connection is named office; creating a VPN connection needs vgw_id, vgw_ip, cgw_id, psk, and peer_subnets or peer_subnets_v6"
    ]
    assert violations(cloud, {name: value for name, value in new(cloud).items() if name != "psk"}) == [
        "no VPN connection is named office; creating a VPN connection needs psk"
    ]


HALF = {"access_key": "", "secret_key": "", "name": "office"}


def test_half_of_the_credentials_of_a_task_is_named_with_its_source(cloud):
    (sentence,) = violations(cloud, {"secret_key": "", "name": "office"})
    assert sentence.endswith("; access_key comes from the task or its defaults")
    (sentence,) = violations(cloud, dict(HALF, user_name="me"), {"HW_DOMAIN_NAME": "us"})
    assert sentence.endswith(
        "; user_name comes from the task or its defaults; domain_name comes from HW_DOMAIN_NAME in the environment"
    )


def test_half_of_the_credentials_of_the_environment_is_named(cloud):
    sentences = violations(cloud, HALF, {"HW_ACCESS_KEY": "AKAKAKAK", "HUAWEICLOUD_SDK_SK": "SKSKSKSK"})
    assert sentences[0].startswith("no complete credentials: give ")
    assert sentences[1].startswith("or, without a long-lived key, ") and sentences[2:] == [
        "the environment has HW_ACCESS_KEY without HW_SECRET_KEY",
        "the environment has HUAWEICLOUD_SDK_SK without HUAWEICLOUD_SDK_AK",
    ]
    assert "AKAK" not in str(sentences) and "SKSK" not in str(sentences)


def test_no_credentials_at_all_have_no_halves(cloud):
    sentences = violations(cloud, HALF, {"HW_DOMAIN_NAME": "us"})
    assert len(sentences) == 2 and "the environment has" not in str(sentences)


@pytest.mark.parametrize(
    "arguments, environment, origin",
    [
        ({"region": "eu-nowhere"}, {}, "region 'eu-nowhere' comes from the task or its defaults"),
        (
            {"region": ""},
            {"HW_REGION_NAME": "eu-nowhere"},
            "region 'eu-nowhere' comes from HW_REGION_NAME in the environment",
        ),
        (
            {"endpoint": "https://nowhere.invalid"},
            {},
            "endpoint 'https://nowhere.invalid' comes from the task or its defaults",
        ),
    ],
)
def test_a_name_that_does_not_resolve_says_where_it_comes_from(cloud, arguments, environment, origin):
    given = dict({"endpoint": "", "auth_url": "", "cloud": "invalid", "name": "office", "max_retries": 0}, **arguments)
    with pytest.raises(_errors.Unreachable) as caught:
        run_task(cloud, given, environment=environment)
    assert caught.value.message.endswith("; " + origin)


def test_a_name_that_resolves_to_nobody_says_no_origin(cloud):
    with pytest.raises(_errors.Unreachable) as caught:
        run_task(cloud, {"name": "office", "endpoint": "http://127.0.0.1:9", "max_retries": 0})
    assert "comes from" not in caught.value.message


# -- warnings and what came between ---------------------------------------------------------------------------------


def test_warnings_name_their_connection(cloud):
    found = cloud.add_connection(name="office", psk=KEY)
    warnings = run_task(cloud, {"id": found["id"], "ipsecpolicy": {"encryption_algorithm": "3des"}}, check_mode=True)[
        "warnings"
    ]
    assert warnings and all(warning.startswith("VPN connection office: ") for warning in warnings)


def test_what_a_server_still_shows_may_be_somebody_elses(cloud):
    found = cloud.add_connection(name="office")
    cloud.switch(dropped_members=["ikepolicy.lifetime_seconds"], dropped_echo="new")
    with pytest.raises(
        _errors.ChangeNotApplied,
        match="still shows ikepolicy.lifetime_seconds 86400; somebody else may have changed it",
    ):
        run_task(cloud, {"id": found["id"], "ikepolicy": {"lifetime_seconds": 3600}})
