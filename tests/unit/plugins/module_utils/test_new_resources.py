# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A new resource is a table: one of each sort goes through its whole life, by the generic code as it is."""

from __future__ import annotations

import json

import pytest

from ansible_collections.huaweicloud.vpn.plugins.module_utils import _errors
from ansible_collections.huaweicloud.vpn.plugins.module_utils._execute import execute
from ansible_collections.huaweicloud.vpn.plugins.module_utils._planning.plan import Desired
from ansible_collections.huaweicloud.vpn.plugins.module_utils._planning.planner import make_plan
from ansible_collections.huaweicloud.vpn.plugins.module_utils._resources._common import TAGS
from ansible_collections.huaweicloud.vpn.plugins.module_utils._resources.connection import CONNECTION
from ansible_collections.huaweicloud.vpn.plugins.module_utils._schema.behavior import Identity
from ansible_collections.huaweicloud.vpn.plugins.module_utils._schema.fields import (
    BY_TAGS,
    TAGS_CREATE,
    TAGS_DELETE,
    ByAction,
    Field,
    Required,
)
from ansible_collections.huaweicloud.vpn.plugins.module_utils._schema.kinds import Object, Secret, Text
from ansible_collections.huaweicloud.vpn.plugins.module_utils._schema.resource import Resource
from ansible_collections.huaweicloud.vpn.plugins.module_utils._secrets import MASK
from ansible_collections.huaweicloud.vpn.plugins.module_utils._work import bulk, info, single
from ansible_collections.huaweicloud.vpn.tests.unit.harness.clocks import FastClock, StillClock
from ansible_collections.huaweicloud.vpn.tests.unit.harness.resources import NAMELESS, SYNCHRONOUS, WIDE
from ansible_collections.huaweicloud.vpn.tests.unit.harness.site import SPEED, converges, operations, run
from ansible_collections.huaweicloud.vpn.tests.unit.harness.support import KEY, access

CERTIFICATE = "-----BEGIN CERTIFICATE-----\nMIIBexample\n-----END CERTIFICATE-----"
CUSTOMER = {"name": "branch", "id_value": "198.51.100.77", "bgp_asn": 65010, "tags": {"site": "7"}}

# -- changes that are done once they are answered -----------------------------------------------------------------------


def test_a_synchronous_resource_lives_without_a_pause(cloud):
    clock = StillClock(true_date=True)
    made = run(cloud, SYNCHRONOUS, CUSTOMER, clock=clock)
    assert (made["changed"], clock.slept) == (True, [])
    assert operations(cloud) == ["listCustomerGateways", "createCustomerGateway", "showCustomerGateway"]
    assert (
        made["customer_gateway"]["tags"] == CUSTOMER["tags"]
        and made["customer_gateway"]["id_value"] == CUSTOMER["id_value"]
    )


def test_a_synchronous_resource_converges(cloud):
    made = converges(cloud, SYNCHRONOUS, CUSTOMER, ["name", "id_value", "bgp_asn", "tags"])
    identifier = made["customer_gateway"]["id"]
    renamed = converges(
        cloud, SYNCHRONOUS, {"id": identifier, "name": "branch-7", "tags": {"site": "8"}}, ["name", "tags"]
    )
    assert renamed["request_body"] == {"customer_gateway": {"name": "branch-7"}}
    converges(cloud, SYNCHRONOUS, {"id": identifier, "tags": {}, "purge_tags": True}, ["tags"])
    with pytest.raises(
        _errors.InvalidInput, match="bgp_asn is fixed at creation: it is 65010, the task asks for 65011"
    ):
        run(cloud, SYNCHRONOUS, {"id": identifier, "bgp_asn": 65011})
    converges(cloud, SYNCHRONOUS, {"id": identifier, "state": "absent"}, ["state"])


def test_a_resource_without_a_reset_has_no_word_of_one(cloud):
    result = run(cloud, SYNCHRONOUS, CUSTOMER)
    assert not {"reset_required", "psk_updated"} & set(result)
    with pytest.raises(_errors.InvalidInput, match="unsupported options: reset, update_psk"):
        run(cloud, SYNCHRONOUS, dict(CUSTOMER, reset="always", update_psk="always"))


def test_a_lost_creation_is_adopted(cloud):
    cloud.fault("connection_reset", operation="createCustomerGateway", applied=True)
    made = run(cloud, SYNCHRONOUS, CUSTOMER)
    assert made["changed"] and operations(cloud).count("createCustomerGateway") == 1
    again = run(cloud, SYNCHRONOUS, CUSTOMER)
    assert (again["changed"], again["customer_gateway"]["id"]) == (False, made["customer_gateway"]["id"])


def test_what_is_gone_already_is_deleted(cloud):
    identifier = run(cloud, SYNCHRONOUS, CUSTOMER)["customer_gateway"]["id"]
    cloud.fault("status", operation="deleteCustomerGateway", status=404, code="VPN.0004", message="not found")
    assert run(cloud, SYNCHRONOUS, {"id": identifier, "state": "absent", "wait": False})["changed"]


# -- a write-only member inside another one ------------------------------------------------------------------------------


def test_a_nested_write_only_member_is_sent_and_never_shown(cloud, monkeypatch):
    sent = []
    right = single.Api.create
    monkeypatch.setattr(single.Api, "create", lambda self, body: sent.append(body) or right(self, body))
    wanted = dict(CUSTOMER, ca_certificate={"content": CERTIFICATE})
    task_input = single.enter(SYNCHRONOUS, dict(access(cloud), **wanted), {})
    result = execute(single, SYNCHRONOUS, task_input, False, True, FastClock(SPEED), "tests")
    assert not result.get("failed"), result
    assert (result["changed"], result["ca_certificate_updated"]) == (True, True)
    assert result["request_body"]["customer_gateway"]["ca_certificate"] == {"content": MASK}
    assert {"path": "ca_certificate.content", "before": None, "after": MASK, "takes_effect": "immediately"} in result[
        "changes"
    ]
    shown = json.dumps([result, task_input.logged(SYNCHRONOUS, 4), sent, repr(sent), str(task_input.options)])
    assert "MIIBexample" not in shown
    assert CERTIFICATE in task_input.secrets


def test_a_nested_write_only_member_is_sent_again_only_when_asked(cloud):
    wanted = dict(CUSTOMER, ca_certificate={"content": CERTIFICATE})
    run(cloud, SYNCHRONOUS, wanted)
    assert run(cloud, SYNCHRONOUS, wanted)["changed"] is False
    again = run(cloud, SYNCHRONOUS, dict(wanted, update_ca_certificate="always"))
    assert [change["path"] for change in again["changes"]] == ["ca_certificate.content"]
    assert again["request_body"] == {"customer_gateway": {"ca_certificate": {"content": MASK}}}
    with pytest.raises(
        _errors.InvalidInput, match="update_ca_certificate is always, but ca_certificate.content is missing"
    ):
        run(cloud, SYNCHRONOUS, dict(CUSTOMER, update_ca_certificate="always"))


def test_no_error_quotes_a_write_only_value(cloud):
    with pytest.raises(_errors.InvalidInput) as caught:
        single.enter(SYNCHRONOUS, dict(access(cloud), ca_certificate={"content": "secret" * 2000}), {})
    assert "secretsecret" not in str(caught.value) and "ca_certificate.content must have 1 to 8192 characters" in str(
        caught.value
    )


# -- found by what it belongs to, without name, tags and PUT -------------------------------------------------------------


def test_a_nameless_resource_lives(cloud):
    connection = cloud.add_connection(name="office", psk=KEY)["id"]
    wanted = {"vpn_connection_id": connection}
    made = converges(cloud, NAMELESS, wanted, ["vpn_connection_id"])
    assert made["connection_monitor"]["status"] == "ACTIVE"
    assert not {name for name in single.argument_spec(NAMELESS) if name.startswith(("purge_", "update_", "reset"))}
    gone = converges(cloud, NAMELESS, dict(wanted, state="absent"), ["state"])
    assert gone["connection_monitor"] is None


def test_absence_that_a_pair_of_status_and_code_tells(cloud):
    cloud.switch(missing_monitor="VPN.0001")
    connection = cloud.add_connection(name="office", psk=KEY)["id"]
    identifier = run(cloud, NAMELESS, {"vpn_connection_id": connection})["connection_monitor"]["id"]
    cloud.fault(
        "status",
        operation="deleteConnectionMonitor",
        status=400,
        code="VPN.0001",
        message="connection monitor not found",
    )
    assert run(cloud, NAMELESS, {"id": identifier, "state": "absent", "wait": False})["changed"]


def test_a_nameless_resource_says_how_it_is_found(cloud):
    with pytest.raises(
        _errors.InvalidInput, match="id or vpn_connection_id is needed to identify the connection monitor"
    ):
        single.enter(NAMELESS, access(cloud), {})


# -- other names on the way, an operation of its own, a list that may be emptied -----------------------------------------


def test_a_member_that_has_an_operation_of_its_own(cloud):
    wanted = {"id": cloud.add_connection(name="office", psk=KEY)["vgw_id"], "name": "edge", "flavor": "Professional2"}
    done = converges(cloud, WIDE, wanted, ["name", "flavor"])
    assert done["request_body"] == {"vpn_gateway": {"name": "edge"}}
    assert done["vpn_gateway"]["flavor"].lower() == "professional2"


def planned(resource, values, found):
    return make_plan(resource, Desired(values), found)


def test_a_member_of_another_name_in_a_put():
    plan = planned(WIDE, {"eip1.id": "b" * 36}, {"id": "x", "eip1": {"id": "a" * 36, "ip_address": "203.0.113.1"}})
    assert plan.changes[0]["before"] == "a" * 36
    assert plan.body == {"vpn_gateway": {"eip_id_1": "b" * 36}}
    assert planned(WIDE, {"eip1.id": "b" * 36}, None).body == {"vpn_gateway": {"eip1": {"id": "b" * 36}}}


def test_a_member_that_answers_call_otherwise():
    assert WIDE.normalize({"access_vpc_id": "a" * 36})["vpc_id"] == "a" * 36
    assert WIDE.normalize({"access_vpc_id": "a" * 36, "vpc_id": "b" * 36})["vpc_id"] == "b" * 36


def test_a_set_of_texts_has_no_order(cloud):
    kind = WIDE.managed["availability_zone_ids"].kind
    assert kind.same(kind.normalize(["b", "a", "b"]), kind.normalize(["a", "b"]))
    assert list(kind.errors(["a", "b", "c"])) == ["has 3 entries; at most 2 are possible"]


@pytest.mark.parametrize(
    "resource, path, clearable", [(WIDE, "local_subnets", True), (CONNECTION, "peer_subnets", False)]
)
def test_only_what_is_said_to_be_clearable_may_be_emptied(resource, path, clearable):
    plan = planned(resource, {path: []}, {"id": "x", path: ["10.0.0.0/24"]})
    assert bool(plan.violations) is not clearable
    assert (plan.body == {resource.name: {path: []}}) is clearable


@pytest.mark.parametrize("lock_status, deletable", [(1, True), (2, False)])
def test_what_is_frozen_may_be_deletable(lock_status, deletable):
    states = WIDE.states
    assert states.may_delete({"status": "FREEZED", "lock_status": lock_status}) is deletable
    assert not CONNECTION.states.may_delete({"status": "FREEZED", "lock_status": lock_status})


def test_every_resource_waits_as_long_as_its_table_says():
    timeouts = {
        resource.noun: single.argument_spec(resource)["wait_timeout"]["default"]
        for resource in (CONNECTION, WIDE, NAMELESS)
    }
    assert timeouts == {"VPN connection": 600, "VPN gateway": 900, "connection monitor": 60}


def test_what_tests_manage_can_be_listed_too(cloud):
    run(cloud, SYNCHRONOUS, CUSTOMER)
    task_input = info.enter(SYNCHRONOUS, access(cloud), {})
    found = info.perform(SYNCHRONOUS, task_input, True, FastClock(), "tests")
    assert found["customer_gateways"] and found["total_count"] == len(found["customer_gateways"])


# -- tables that contradict themselves -----------------------------------------------------------------------------------

SECRET = Secret(1, 9, ".*", "", (), 0, "", "x", "")
INSIDE = "a secret or tags must not be inside another member"


def table(*fields, **more):
    identity = Identity(aliases=(), pattern=".*", pattern_text="an id")
    return Resource("thing", "things", "thing", "/things", "/things/{id}", fields, identity, **more)


@pytest.mark.parametrize(
    "fields, more, error",
    [
        ([Field("box", Object(Field("key", SECRET, "page", write_only=True)), "page")], {}, INSIDE),
        ([Field("box", Object(Field("tags", TAGS, "page", change=BY_TAGS)), "page")], {}, INSIDE),
        (
            [Field(name, SECRET, "page", write_only=True) for name in ("key", "other")],
            {},
            "at most one member is write-only",
        ),
        ([Field("tags", TAGS, "page", change=BY_TAGS)], {}, "tags need the operations tags_create and tags_delete"),
        ([Field("tags", TAGS, "page", change=BY_TAGS)], {"actions": {TAGS_CREATE: "/x"}}, "tags need the operations"),
        (
            [Field("name", Text(), "page")],
            {"likeness": ("other",)},
            "what a creation is recognized by refers to other, which is not a member",
        ),
        (
            [Field("name", Text(), "page")],
            {"required": (Required("other"),)},
            "what a creation needs refers to other, which is not a member",
        ),
        ([Field("name", Text(), "page", sent_with=("other",))], {}, "name refers to other, which is not a member"),
        (
            [Field("size", Text(), "page", change=ByAction("resize"))],
            {},
            "size changes by resize, which is not an action",
        ),
    ],
)
def test_a_table_that_contradicts_itself_is_refused(fields, more, error):
    with pytest.raises(ValueError, match=error):
        table(*fields, **more)


@pytest.mark.parametrize(
    "field, error",
    [
        (lambda: Field("key", SECRET, "page"), "a secret is write-only"),
        (lambda: Field("key", Text(pattern="a"), "page", write_only=True), "an error would quote a write-only value"),
        (lambda: Field("name", Text(), ""), "a fact needs its source"),
        (lambda: Field("name", Text(), "page", change="sometimes"), "unknown way to change 'sometimes'"),
    ],
)
def test_a_field_that_contradicts_itself_is_refused(field, error):
    with pytest.raises(ValueError, match=error):
        field()


def test_a_table_with_tags_and_their_operations_is_accepted():
    made = table(Field("tags", TAGS, "page", change=BY_TAGS), actions={TAGS_CREATE: "/x", TAGS_DELETE: "/y"})
    assert (made.tags, made.purge_option) == ("tags", "purge_tags")


@pytest.mark.parametrize("resource", [WIDE, NAMELESS], ids=lambda resource: resource.name)
def test_a_table_without_an_option_for_many_objects_cannot_do_bulk_work(resource):
    with pytest.raises(ValueError, match="needs a name, a parent and an items_option"):
        bulk.argument_spec(resource)


def test_a_name_and_a_parent_are_not_enough_for_bulk_work(monkeypatch):
    monkeypatch.setattr(CONNECTION, "items_option", "")
    with pytest.raises(ValueError, match="connection: bulk work"):
        bulk.argument_spec(CONNECTION)
