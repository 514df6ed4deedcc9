# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a run remembers for the next one: a reset that is owed, and which key was sent last."""

from __future__ import annotations

import functools
import hashlib
import hmac
import json

import pytest

from ansible_collections.huaweicloud.vpn.plugins.module_utils import _errors
from ansible_collections.huaweicloud.vpn.plugins.module_utils._planning.fingerprint import fingerprint
from ansible_collections.huaweicloud.vpn.plugins.module_utils._resources.connection import CONNECTION
from ansible_collections.huaweicloud.vpn.plugins.module_utils._schema.resource import Resource
from ansible_collections.huaweicloud.vpn.plugins.module_utils._secrets import MASK, SecretText
from ansible_collections.huaweicloud.vpn.plugins.module_utils._work import bulk, info, single
from ansible_collections.huaweicloud.vpn.tests.unit.harness.clocks import FastClock
from ansible_collections.huaweicloud.vpn.tests.unit.harness.creations import new, only
from ansible_collections.huaweicloud.vpn.tests.unit.harness.resources import NAMELESS, SYNCHRONOUS
from ansible_collections.huaweicloud.vpn.tests.unit.harness.support import KEY, access, run_fleet, run_task

RESET_TAG, KEY_TAG = "ansible_reset_required", "ansible_psk_fingerprint"
NEW_KEY = "Another-Key-2"
SALT = "0123456789abcdef-salt"
IDENTITY = {"name": "office", "ikepolicy": {"peer_id": "198.51.100.99"}}
ROTATION = {"name": "office", "psk": NEW_KEY, "update_psk": "always", "reset": "if_required"}
ON_CHANGE = {"name": "office", "psk": NEW_KEY, "update_psk": "on_change", "psk_fingerprint_key": SALT}
REFUSED = {"status": 403, "code": "VPN.0007", "message": "not authorised", "times": None}


@pytest.fixture
def office(cloud):
    return cloud.add_connection(name="office", psk=KEY, ikepolicy={"peer_id": "198.51.100.7"}, tags={"owner": "net"})[
        "id"
    ]


def tags(cloud, identifier):
    return cloud.connection(identifier)["tags"]


def written(cloud):
    return [entry.operation for entry in cloud.writes()]


def put_tags(cloud, identifier, wanted):
    """Change tags as somebody else would, beside all requests."""
    next(item for item in cloud.service.store.connections.living() if item.id == identifier).tags = wanted


def mark_of(identifier, key=NEW_KEY):
    message = identifier.encode() + b"\0" + key.encode("utf-8")
    return "v1:" + hmac.new(SALT.encode(), message, hashlib.sha256).hexdigest()[:32]


def list_all(cloud, **options):
    request = info.enter(CONNECTION, dict(access(cloud), **options), {})
    return info.perform(CONNECTION, request, False, FastClock(), "tests")["vpn_connections"]


# -- a reset that is owed ---------------------------------------------------------------------------------------------


def test_an_owed_reset_is_remembered_until_it_is_done(cloud, office):
    first = run_task(cloud, IDENTITY)
    assert written(cloud) == ["createResourceTags", "updateVpnConnection"]
    assert tags(cloud, office) == {"owner": "net", RESET_TAG: "ikepolicy.peer_id"} == first["vpn_connection"]["tags"]
    assert (first["reset_required"], [change["path"] for change in first["changes"]]) == (True, ["ikepolicy.peer_id"])
    cloud.clear_journal()
    second = run_task(cloud, IDENTITY)
    assert (second["changed"], second["reset_required"], written(cloud)) == (False, True, [])
    assert "a reset is owed since an earlier change of ikepolicy.peer_id" in second["warnings"][0]
    dry = run_task(cloud, dict(IDENTITY, reset="if_required"), check_mode=True)
    third = run_task(cloud, dict(IDENTITY, reset="if_required"))
    for result in (dry, third):
        assert (result["changed"], result["reset_required"], [change["path"] for change in result["changes"]]) == (
            True,
            False,
            ["reset"],
        )
    assert written(cloud) == ["resetVpnConnection", "deleteResourceTags"]
    assert (tags(cloud, office), third["vpn_connection"]["tags"]) == ({"owner": "net"}, {"owner": "net"})
    assert cloud.negotiated(office)["ikepolicy"]["peer_id"] == "198.51.100.99"
    assert run_task(cloud, dict(IDENTITY, reset="if_required"))["changed"] is False


def test_one_run_marks_resets_and_unmarks(cloud, office):
    result = run_task(cloud, ROTATION)
    assert written(cloud) == ["createResourceTags", "updateVpnConnection", "resetVpnConnection", "deleteResourceTags"]
    assert cloud.writes()[0].body == {"tags": [{"key": RESET_TAG, "value": "psk"}]}
    assert result["reset_required"] is False
    assert [change["path"] for change in result["changes"]] == ["psk", "reset"]


@pytest.mark.parametrize("reset", ["if_required", "always"])
def test_a_repair_pays_what_is_owed(cloud, office, reset):
    run_task(cloud, IDENTITY)
    run_task(cloud, {"name": "office", "reset": reset})
    assert RESET_TAG not in tags(cloud, office)


def test_further_changes_are_added_to_what_is_owed(cloud, office):
    run_task(cloud, IDENTITY)
    run_task(cloud, dict(ROTATION, reset="never"))
    assert tags(cloud, office)[RESET_TAG].split() == ["ikepolicy.peer_id", "psk"]


def test_a_cloud_that_does_not_overwrite_tags_keeps_what_is_owed(cloud, office):
    cloud.switch(tags_create="refuses")
    run_task(cloud, IDENTITY)
    result = run_task(cloud, dict(ROTATION, reset="never"))
    assert tags(cloud, office)[RESET_TAG] == "ikepolicy.peer_id"
    assert not any("remembered" in warning for warning in result["warnings"])


def test_changes_that_need_no_reset_leave_no_mark(cloud, office):
    run_task(cloud, {"name": "office", "ipsecpolicy": {"pfs": "group20"}, "reset": "if_required"})
    assert written(cloud) == ["updateVpnConnection"]


def test_nothing_is_remembered_where_the_task_says_so(cloud, office):
    run_task(cloud, dict(ROTATION, remember_reset=False, reset="never"))
    assert (written(cloud), tags(cloud, office)) == (["updateVpnConnection"], {"owner": "net"})


@pytest.mark.parametrize(
    "fault", [REFUSED, dict(REFUSED, status=400, code="VPN.0015", message="refused by the tag policy")]
)
def test_refused_tags_do_not_stop_the_change(cloud, office, fault):
    cloud.fault("status", operation="createResourceTags", **fault)
    result = run_task(cloud, ROTATION)
    assert cloud.negotiated(office)["psk"] == NEW_KEY
    assert written(cloud) == ["createResourceTags", "updateVpnConnection", "resetVpnConnection"]
    assert any(fault["message"] in warning and "reset=always" in warning for warning in result["warnings"])


def test_twenty_tags_leave_no_room_and_do_not_stop_the_change(cloud):
    identifier = cloud.add_connection(name="office", psk=KEY, tags={"tag%d" % number: "" for number in range(20)})["id"]
    result = run_task(cloud, ROTATION)
    assert (cloud.negotiated(identifier)["psk"], len(tags(cloud, identifier))) == (NEW_KEY, 20)
    assert any("cannot be remembered" in warning for warning in result["warnings"])


def test_a_mark_that_cannot_be_removed_is_told(cloud, office):
    cloud.fault("status", operation="deleteResourceTags", **REFUSED)
    result = run_task(cloud, ROTATION)
    assert any("the reset was done" in warning and "not authorised" in warning for warning in result["warnings"])


def test_a_refused_change_takes_its_mark_back(cloud, office):
    cloud.fault("status", operation="updateVpnConnection", status=400, code="VPN.0012", message="no", times=None)
    with pytest.raises(_errors.ApiError) as caught:
        run_task(cloud, ROTATION)
    assert tags(cloud, office) == {"owner": "net"}
    assert (caught.value.details["reset_required"], "still owed" in str(caught.value)) == (False, False)


def test_a_refused_change_does_not_take_back_what_was_owed_before(cloud, office):
    run_task(cloud, IDENTITY)
    cloud.fault("status", operation="updateVpnConnection", status=400, code="VPN.0012", message="no", times=None)
    with pytest.raises(_errors.ApiError, match="a reset is still owed: run again with reset: if_required"):
        run_task(cloud, ROTATION)
    assert "ikepolicy.peer_id" in tags(cloud, office)[RESET_TAG]


@pytest.mark.parametrize("more, advice", [({}, "if_required"), ({"remember_reset": False}, "always")])
def test_a_failure_that_owes_a_reset_says_so_and_what_to_run(cloud, office, more, advice):
    cloud.fault("status", operation="resetVpnConnection", **REFUSED)
    with pytest.raises(
        _errors.ApiError, match="not authorised.*; a reset is still owed: run again with reset: %s$" % advice
    ) as caught:
        run_task(cloud, dict(IDENTITY, reset="if_required", **more))
    assert (caught.value.details["reset_required"], caught.value.message) == (True, str(caught.value))
    cloud.clear_faults()
    run_task(cloud, dict(IDENTITY, reset=advice))
    assert cloud.negotiated(office)["ikepolicy"]["peer_id"] == "198.51.100.99"


def test_a_failed_reset_of_an_earlier_change_says_that_it_is_owed(cloud, office):
    run_task(cloud, IDENTITY)
    cloud.fault("status", operation="resetVpnConnection", **REFUSED)
    with pytest.raises(_errors.ApiError, match="a reset is still owed") as caught:
        run_task(cloud, dict(IDENTITY, reset="if_required"))
    assert caught.value.details["reset_required"] is True


def test_a_failure_in_many_says_what_to_run_too(cloud, office):
    cloud.fault("status", operation="resetVpnConnection", **REFUSED)
    with pytest.raises(_errors.VpnError, match="run again with reset: if_required") as caught:
        run_fleet(cloud, [dict(IDENTITY, reset="if_required")])
    error = caught.value.details["connections"][0]["error"]
    assert (error["reset_required"], error["msg"].endswith("reset: if_required")) == (True, True)
    cloud.clear_faults()
    result = run_fleet(cloud, [dict(IDENTITY, reset="if_required")])
    assert [change["path"] for change in result["connections"][0]["changes"]] == ["reset"]
    assert RESET_TAG not in tags(cloud, office)


def test_many_warn_of_what_is_owed(cloud, office):
    run_fleet(cloud, [IDENTITY])
    result = run_fleet(cloud, [IDENTITY], return_unchanged=True)
    assert (result["changed"], result["connections"][0]["reset_required"]) == (False, True)
    assert any("a reset is owed" in warning for warning in result["warnings"])


def test_a_run_that_follows_at_once_does_not_reset_again(cloud, office):
    cloud.switch(tags_delay=0.2)
    # Slow enough that a pause of the machine does not outlast the task's patience.
    run_task(cloud, ROTATION, clock=FastClock(speed=8))
    result = run_task(cloud, dict(ROTATION, update_psk="on_create"))
    assert (result["changed"], written(cloud).count("resetVpnConnection")) == (False, 1)


# -- marks are no tags of the user ------------------------------------------------------------------------------------


def test_marks_are_never_planned_purged_or_given_back(cloud, office):
    run_task(cloud, dict(ON_CHANGE, **{"ikepolicy": IDENTITY["ikepolicy"]}))
    marks = {RESET_TAG: "ikepolicy.peer_id psk", KEY_TAG: mark_of(office)}
    assert tags(cloud, office) == {"owner": "net", **marks}
    cloud.clear_journal()
    assert run_task(cloud, {"name": "office", "tags": {"owner": "net"}, "purge_tags": True})["changed"] is False
    given_back = {"name": "office", "tags": {"owner": "net", RESET_TAG: "x", KEY_TAG: "y"}, "purge_tags": True}
    assert run_task(cloud, given_back)["changed"] is False
    assert written(cloud) == []
    result = run_task(cloud, {"name": "office", "tags": {}, "purge_tags": True})
    assert tags(cloud, office) == marks == result["vpn_connection"]["tags"]
    other = new(cloud, tags={"owner": "net", RESET_TAG: "psk", KEY_TAG: "v1:0"})
    other["name"] = "other"
    run_task(cloud, other)
    assert next(item for item in cloud.connections() if item["name"] == "other")["tags"] == {"owner": "net"}


@pytest.mark.parametrize("by", ["id", "name"])
def test_info_shows_what_is_owed_and_it_can_be_given_back(cloud, office, by):
    query = {"id": office} if by == "id" else {"name": "office"}
    assert list_all(cloud, **query)[0]["reset_required"] is False
    run_task(cloud, IDENTITY)
    shown = list_all(cloud, **query)[0]
    assert (shown["reset_required"], shown["tags"][RESET_TAG]) == (True, "ikepolicy.peer_id")
    assert run_task(cloud, shown)["changed"] is False
    assert run_fleet(cloud, [shown])["changed"] is False


def test_marks_need_what_they_are_about():
    members = {
        name: getattr(SYNCHRONOUS, name)
        for name in ("name", "plural", "noun", "collection", "item", "fields", "identity")
    }
    with pytest.raises(ValueError, match="nothing that the marks could be about"):
        Resource(**members, actions=SYNCHRONOUS.actions, reset_tag="mark")
    members["fields"] = NAMELESS.fields
    with pytest.raises(ValueError, match="marks need tags"):
        Resource(**members, actions={"reset": "/x"}, reset_tag="mark")


# -- a key as a setting -----------------------------------------------------------------------------------------------


def test_the_fingerprint_is_the_published_one():
    assert fingerprint(SecretText(SALT), "an-id", SecretText("Schlüssel-1")) == mark_of("an-id", "Schlüssel-1")


def test_a_key_is_sent_when_it_changes_and_only_then(cloud, office):
    dry = run_task(cloud, ON_CHANGE, check_mode=True)
    first = run_task(cloud, ON_CHANGE)
    assert dry["changes"] == first["changes"] and dry["plan_id"] == first["plan_id"] and first["psk_updated"] is True
    assert written(cloud) == ["createResourceTags", "updateVpnConnection", "createResourceTags"]
    assert (cloud.configured(office)["psk"], tags(cloud, office)[KEY_TAG]) == (NEW_KEY, mark_of(office))
    second = run_task(cloud, ON_CHANGE)
    assert (second["changed"], second["psk_updated"], second["changes"]) == (False, False, [])
    third = run_task(cloud, dict(ON_CHANGE, psk="A-Third-Key-3"))
    assert (third["changed"], cloud.configured(office)["psk"]) == (True, "A-Third-Key-3")
    assert tags(cloud, office)[KEY_TAG] == mark_of(office, "A-Third-Key-3")


def test_the_fingerprint_comes_last_after_the_reset(cloud, office):
    run_task(cloud, dict(ON_CHANGE, reset="if_required"))
    assert written(cloud) == [
        "createResourceTags",
        "updateVpnConnection",
        "resetVpnConnection",
        "deleteResourceTags",
        "createResourceTags",
    ]
    assert tags(cloud, office) == {"owner": "net", KEY_TAG: mark_of(office)}
    assert run_task(cloud, dict(ON_CHANGE, reset="if_required"))["changed"] is False


def test_another_fingerprint_key_sends_the_key_again(cloud, office):
    run_task(cloud, ON_CHANGE)
    assert run_task(cloud, dict(ON_CHANGE, psk_fingerprint_key="another-salt-of-some-length"))["changed"] is True


@pytest.mark.parametrize("update", ["on_change", "always"])
def test_an_old_fingerprint_goes_before_another_key_is_sent(cloud, office, update):
    """Else a run with the old key, after one that was killed, would take it for the one in the cloud."""
    run_task(cloud, ON_CHANGE)
    cloud.clear_journal()
    cloud.fault("status", operation="updateVpnConnection", status=500, code="VPN.0002", applied=True, times=None)
    with pytest.raises(_errors.ApiError):
        run_task(cloud, dict(ON_CHANGE, psk=KEY, update_psk=update))
    cloud.clear_faults()
    assert (cloud.configured(office)["psk"], KEY_TAG in tags(cloud, office)) == (KEY, False)
    assert run_task(cloud, ON_CHANGE)["psk_updated"] is True
    assert cloud.configured(office)["psk"] == NEW_KEY


@pytest.mark.parametrize("wait", [True, False])
@pytest.mark.parametrize("lost", [False, True])
def test_a_creation_is_marked_once_its_id_is_known(cloud, wait, lost):
    wanted = new(cloud, update_psk="on_change", psk_fingerprint_key=SALT, tags={"owner": "net"}, wait=wait)
    if lost:
        cloud.fault("connection_reset", operation="createVpnConnection", applied=True)
    result = run_task(cloud, wanted)
    made = only(cloud)
    assert written(cloud) == ["createVpnConnection", "createResourceTags"]
    assert KEY_TAG not in json.dumps(cloud.writes()[0].body)
    assert (
        made["tags"]
        == {"owner": "net", KEY_TAG: mark_of(made["id"], wanted["psk"])}
        == result["vpn_connection"]["tags"]
    )
    assert run_task(cloud, wanted)["changed"] is False


def test_somebody_elses_connection_gets_the_key_it_is_not_known_to_have(cloud):
    wanted = new(cloud, update_psk="on_change", psk_fingerprint_key=SALT)
    place = {
        name: wanted[name] for name in ("name", "vgw_id", "vgw_ip", "cgw_id", "style", "peer_subnets", "enable_nqa")
    }

    def appears(entry):
        if not cloud.connections():
            cloud.add_connection(psk="Some-Other-Key-9", **place)

    cloud.on_request(appears)
    result = run_task(cloud, wanted)
    cloud.service.listeners.clear()
    made = only(cloud)
    assert (cloud.configured(made["id"])["psk"], made["tags"][KEY_TAG]) == (
        wanted["psk"],
        mark_of(made["id"], wanted["psk"]),
    )
    assert not any("existed already" in warning for warning in result["warnings"])


def test_a_refused_fingerprint_is_a_warning_and_the_key_is_sent_again(cloud, office):
    cloud.fault("status", operation="createResourceTags", **REFUSED)
    result = run_task(cloud, dict(ON_CHANGE, remember_reset=False))
    assert any("the next run sends the psk again" in warning for warning in result["warnings"])
    cloud.clear_faults()
    assert run_task(cloud, ON_CHANGE)["psk_updated"] is True
    assert run_task(cloud, ON_CHANGE)["changed"] is False


def test_equal_keys_have_different_fingerprints(cloud, office):
    second = cloud.add_connection(name="second", psk=KEY)["id"]
    run_fleet(cloud, [ON_CHANGE, dict(ON_CHANGE, name="second")])
    assert tags(cloud, office)[KEY_TAG] != tags(cloud, second)[KEY_TAG]
    assert run_fleet(cloud, [ON_CHANGE, dict(ON_CHANGE, name="second")])["changed"] is False


def test_an_approved_plan_neither_sends_a_key_nor_resets_because_of_what_others_wrote(cloud, office):
    run_task(cloud, dict(ON_CHANGE, reset="if_required"))
    wanted = dict(ON_CHANGE, ipsecpolicy={"pfs": "group20"}, reset="if_required")
    dry = run_task(cloud, wanted, check_mode=True)

    def meddle(change, entry):
        if entry.operation == "updateVpnConnection":
            put_tags(cloud, office, dict({"owner": "net"}, **change))

    for change in ({KEY_TAG: "v1:0"}, {KEY_TAG: mark_of(office), RESET_TAG: "psk"}):
        cloud.clear_journal()
        cloud.fault("busy", operation="updateVpnConnection")
        cloud.on_request(functools.partial(meddle, change))
        with pytest.raises(_errors.PlanMismatch):
            run_task(cloud, dict(wanted, expect_plan=dry["plan_id"]))
        cloud.service.listeners.clear()
        assert written(cloud) == ["updateVpnConnection"]
        put_tags(cloud, office, {"owner": "net", KEY_TAG: mark_of(office)})


# -- input ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "change, sentence",
    [
        (
            {"psk_fingerprint_key": None},
            "update_psk is on_change, but psk_fingerprint_key is missing; the environment may give it as"
            " HW_VPN_PSK_FINGERPRINT_KEY",
        ),
        ({"psk_fingerprint_key": "tooshort"}, "psk_fingerprint_key must have at least 16 characters"),
        ({"psk": None}, "update_psk is on_change, but psk is missing"),
        ({"psk_fingerprint_key": ["0123456789abcdef"]}, "psk_fingerprint_key must be text"),
    ],
)
def test_what_on_change_needs(cloud, change, sentence):
    with pytest.raises(_errors.InvalidInput) as caught:
        run_task(cloud, dict(ON_CHANGE, **change))
    assert caught.value.violations == [sentence]
    with pytest.raises(_errors.InvalidInput) as caught:
        run_fleet(cloud, [dict(ON_CHANGE, **change)])
    assert caught.value.violations == ["connections[0] (office): %s" % sentence]


def test_a_deletion_needs_no_fingerprint_key(cloud, office):
    run_task(cloud, {"name": "office", "state": "absent", "update_psk": "on_change"})
    assert cloud.connections() == []


@pytest.mark.parametrize("many", [False, True])
def test_the_fingerprint_key_comes_from_the_environment(cloud, office, many):
    wanted = {name: value for name, value in ON_CHANGE.items() if name != "psk_fingerprint_key"}
    environment = {"HW_VPN_PSK_FINGERPRINT_KEY": SALT}
    operation, arguments = (bulk, {"connections": [wanted]}) if many else (single, wanted)
    request = operation.enter(CONNECTION, dict(access(cloud), **arguments), environment)
    assert SALT in request.secrets
    operation.perform(CONNECTION, request, False, FastClock(), "tests")
    assert tags(cloud, office)[KEY_TAG] == mark_of(office)
    with pytest.raises(_errors.InvalidInput, match="at least 16 characters"):
        operation.enter(CONNECTION, dict(access(cloud), **arguments), {"HW_VPN_PSK_FINGERPRINT_KEY": "short"})


@pytest.mark.parametrize("many", [False, True])
def test_the_fingerprint_key_is_shown_nowhere(cloud, office, many):
    operation, arguments = (bulk, {"connections": [ON_CHANGE]}) if many else (single, ON_CHANGE)
    request = operation.enter(CONNECTION, dict(access(cloud), **arguments), {})
    logged = request.logged(CONNECTION, 4)
    shown = logged["connections"][0] if many else logged
    assert (shown["psk_fingerprint_key"], SALT in json.dumps(logged)) == (MASK, False)
    assert SALT not in json.dumps(operation.perform(CONNECTION, request, False, FastClock(), "tests"))
