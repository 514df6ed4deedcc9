# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The customer gateway's whole life, and what its table refuses."""

from __future__ import annotations

import json

import pytest

from ansible_collections.huaweicloud.vpn.plugins.module_utils import _errors
from ansible_collections.huaweicloud.vpn.plugins.module_utils._execute import execute
from ansible_collections.huaweicloud.vpn.plugins.module_utils._resources.customer_gateway import CUSTOMER_GATEWAY
from ansible_collections.huaweicloud.vpn.plugins.module_utils._secrets import MASK
from ansible_collections.huaweicloud.vpn.plugins.module_utils._work import single
from ansible_collections.huaweicloud.vpn.tests.unit.harness.clocks import FastClock
from ansible_collections.huaweicloud.vpn.tests.unit.harness.site import converges, listed, operations, run
from ansible_collections.huaweicloud.vpn.tests.unit.harness.support import KEY, access

LINES = [
    "-----BEGIN CERTIFICATE-----",
    "MIIBexampleOfTheFirstLine",
    "dGhlIHNlY29uZCBsaW5l",
    "-----END CERTIFICATE-----",
]
CERTIFICATE = "\n".join(LINES) + "\n"
BRANCH = {"name": "branch", "id_value": "198.51.100.77", "bgp_asn": 65010, "tags": {"site": "7"}}
ANOTHER = "create another customer gateway, and set cgw_id of its connections to that"


def refused(cloud, arguments, *sentences, found=None):
    """Assert that a task is refused in these words before any write."""
    if found is not None:
        arguments = {"id": cloud.add_customer_gateway(**found)["id"], **arguments}
    cloud.clear_journal()
    with pytest.raises(_errors.InvalidInput) as caught:
        run(cloud, CUSTOMER_GATEWAY, arguments)
    assert caught.value.violations == list(sentences)
    assert cloud.writes() == []


def test_its_whole_life(cloud):
    made = converges(cloud, CUSTOMER_GATEWAY, BRANCH, ["name", "id_value", "bgp_asn", "tags"])
    assert made["action"] == "create"
    identifier = made["customer_gateway"]["id"]
    renamed = converges(cloud, CUSTOMER_GATEWAY, {"id": identifier, "name": "branch-7"}, ["name"])
    assert renamed["request_body"] == {"customer_gateway": {"name": "branch-7"}}
    gone = converges(cloud, CUSTOMER_GATEWAY, {"id": identifier, "state": "absent"}, ["state"])
    assert (gone["customer_gateway"], cloud.customer_gateways()) == (None, [])


@pytest.mark.parametrize("asn", ["none", "65000"])
def test_a_device_without_an_as_number(cloud, asn):
    """The cloud may fill one in; what the task leaves out is not managed."""
    cloud.switch(customer_asn=asn)
    converges(cloud, CUSTOMER_GATEWAY, {"name": "branch", "id_value": "198.51.100.77"}, ["name", "id_value"])


@pytest.mark.parametrize("asn", ["none", "65000"])
def test_a_lost_creation_is_adopted_whatever_the_cloud_fills_in(cloud, asn):
    cloud.switch(customer_asn=asn)
    cloud.fault("connection_reset", operation="createCustomerGateway", applied=True)
    run(cloud, CUSTOMER_GATEWAY, {"name": "branch", "id_value": "198.51.100.77"})
    assert len(cloud.customer_gateways()) == 1


def test_a_lost_creation_of_a_name_is_adopted_though_the_list_does_not_show_its_type(cloud):
    cloud.switch(list_id_type="absent")
    cloud.fault("connection_reset", operation="createCustomerGateway", applied=True)
    run(cloud, CUSTOMER_GATEWAY, {"name": "branch", "id_type": "fqdn", "id_value": "Device.example.com"})
    assert len(cloud.customer_gateways()) == 1


def test_of_several_with_its_name_none_is_chosen(cloud):
    ids = [cloud.add_customer_gateway(name="branch", id_value="198.51.100.77")["id"] for _number in range(2)]
    with pytest.raises(_errors.Ambiguous, match="2 customer gateways are named branch") as caught:
        run(cloud, CUSTOMER_GATEWAY, BRANCH)
    assert sorted(caught.value.details["ids"]) == sorted(ids)


def test_what_cannot_change_says_the_way_round(cloud):
    refused(
        cloud,
        {"id_type": "fqdn", "id_value": "198.51.100.78", "bgp_asn": 65011},
        f"id_type is fixed at creation: it is ip, the task asks for fqdn; {ANOTHER}",
        f"id_value is fixed at creation: it is 198.51.100.77, the task asks for 198.51.100.78; {ANOTHER}",
        f"bgp_asn is fixed at creation: it is 65010, the task asks for 65011; {ANOTHER}",
        found={"id_value": "198.51.100.77", "bgp_asn": 65010},
    )


@pytest.mark.parametrize("check_mode", [True, False])
def test_one_that_connections_use_is_not_deleted(cloud, check_mode):
    customer = cloud.add_customer_gateway(name="branch")["id"]
    names = ["one", "two"]
    ids = [cloud.add_connection(name=name, cgw_id=customer, psk=KEY)["id"] for name in names]
    cloud.add_connection(name="of another", psk=KEY)
    cloud.clear_journal()
    with pytest.raises(_errors.InvalidInput) as caught:
        run(cloud, CUSTOMER_GATEWAY, {"name": "branch", "state": "absent"}, check_mode=check_mode)
    assert caught.value.violations == [
        f"the customer gateway {customer} is used by 2 VPN connections: one ({ids[0]}), two ({ids[1]});"
        " delete them first, or set their cgw_id to another customer gateway"
    ]
    assert operations(cloud) == ["listCustomerGateways", "listVpnConnections"]


def test_one_that_nothing_uses_is_deleted(cloud):
    customer = cloud.add_customer_gateway(name="branch")["id"]
    run(cloud, CUSTOMER_GATEWAY, {"cgw_id": customer, "state": "absent"})
    assert cloud.customer_gateways() == []


def test_the_answer_of_the_cloud_decides_where_a_connection_comes_meanwhile(cloud):
    customer = cloud.add_customer_gateway(name="branch")["id"]
    cloud.fault(
        "status",
        operation="deleteCustomerGateway",
        status=400,
        code="VPN.0001",
        message=f"invalid request: customer gateway {customer} has connection",
    )
    with pytest.raises(_errors.ApiError, match="has connection"):
        run(cloud, CUSTOMER_GATEWAY, {"name": "branch", "state": "absent"})


# -- the certificate ------------------------------------------------------------------------------------------------------


def test_a_certificate_is_sent_and_shown_nowhere(cloud):
    arguments = dict(BRANCH, ca_certificate={"content": CERTIFICATE})
    cloud.fault(
        "status",
        operation="createCustomerGateway",
        status=400,
        code="VPN.0001",
        message=f"line 2 is no certificate: {LINES[1]} ... {LINES[2]}",
    )
    task_input = single.enter(CUSTOMER_GATEWAY, dict(access(cloud), **arguments), {})
    result = execute(single, CUSTOMER_GATEWAY, task_input, False, True, FastClock(50.0), "tests")
    assert f"line 2 is no certificate: {MASK} ... {MASK}" in result["msg"]
    task_input = single.enter(CUSTOMER_GATEWAY, dict(access(cloud), **arguments), {})
    made = execute(single, CUSTOMER_GATEWAY, task_input, False, True, FastClock(50.0), "tests")
    assert made["ca_certificate_updated"] is True
    shown = json.dumps([result, made, task_input.logged(CUSTOMER_GATEWAY, 4), str(task_input.options)])
    assert not [line for line in LINES[1:3] if line in shown]


def test_a_certificate_is_replaced_only_when_asked(cloud):
    wanted = dict(BRANCH, ca_certificate={"content": CERTIFICATE})
    run(cloud, CUSTOMER_GATEWAY, wanted)
    other = dict(wanted, ca_certificate={"content": CERTIFICATE.replace("first", "other")})
    assert run(cloud, CUSTOMER_GATEWAY, other)["changed"] is False
    again = run(cloud, CUSTOMER_GATEWAY, dict(other, update_ca_certificate="always"))
    assert again["request_body"] == {"customer_gateway": {"ca_certificate": {"content": MASK}}}
    assert again["diff"]["before"] != again["diff"]["after"]


def test_a_certificate_that_cannot_be_replaced(cloud):
    run(cloud, CUSTOMER_GATEWAY, dict(BRANCH, ca_certificate={"content": CERTIFICATE}))
    cloud.switch(ca_updatable=False)
    with pytest.raises(_errors.ApiError, match="cannot be replaced"):
        run(
            cloud,
            CUSTOMER_GATEWAY,
            dict(BRANCH, ca_certificate={"content": CERTIFICATE}, update_ca_certificate="always"),
        )


def test_another_certificate_by_its_id(cloud):
    made = run(cloud, CUSTOMER_GATEWAY, dict(BRANCH, ca_certificate={"id": "a" * 36}))
    assert made["customer_gateway"]["ca_certificate"]["id"] == "a" * 36
    converges(cloud, CUSTOMER_GATEWAY, dict(BRANCH, ca_certificate={"id": "b" * 36}), ["ca_certificate.id"])


# -- feeding back -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "found", [{}, {"id_type": "fqdn", "id_value": "Device.example.com"}, {"bgp_asn": 65010, "tags": {"site": "7"}}]
)
@pytest.mark.parametrize("switches", [{}, {"list_id_type": "absent"}])
def test_what_is_listed_can_be_given_back(cloud, found, switches):
    cloud.switch(**switches)
    made = cloud.add_customer_gateway(**found)
    run(cloud, CUSTOMER_GATEWAY, {"id": made["id"], "ca_certificate": {"id": "a" * 36}})
    for item in listed(cloud, CUSTOMER_GATEWAY):
        cloud.clear_journal()
        for arguments in (item, {name: value for name, value in item.items() if name != "id"}):
            again = run(cloud, CUSTOMER_GATEWAY, arguments)
            assert (again["changed"], again["warnings"], cloud.writes()) == (False, [], [])


def test_a_list_is_enough(cloud):
    """No customer gateway is read by itself only because it has no certificate."""
    cloud.add_customer_gateway(name="branch")
    cloud.clear_journal()
    listed(cloud, CUSTOMER_GATEWAY)
    assert operations(cloud) == ["listCustomerGateways"]
