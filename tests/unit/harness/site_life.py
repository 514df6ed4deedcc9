# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The lives of gateways and customer gateways as steps, for tests that disturb each request of each step."""

from __future__ import annotations

import contextlib
import functools
import json
import typing as t
from unittest import mock

import requests

from ansible_collections.huaweicloud.vpn.plugins.module_utils._execute import execute
from ansible_collections.huaweicloud.vpn.plugins.module_utils._resources.customer_gateway import CUSTOMER_GATEWAY
from ansible_collections.huaweicloud.vpn.plugins.module_utils._resources.gateway import GATEWAY
from ansible_collections.huaweicloud.vpn.plugins.module_utils._schema.resource import Resource
from ansible_collections.huaweicloud.vpn.plugins.module_utils._work import single
from ansible_collections.huaweicloud.vpn.tests.unit.harness.clocks import CloudClock, Killed
from ansible_collections.huaweicloud.vpn.tests.unit.harness.site import run
from ansible_collections.huaweicloud.vpn.tests.unit.harness.support import KEY, access

VPC = "0b7e4f4a-9a55-4d2e-8c4b-5a0100000001"
SUBNET = "0b7e4f4a-9a55-4d2e-8c4b-5a0100000002"
EIPS = ["7c1d9e20-5a6b-4c3d-8e2f-0a1b2c3d4e02", "7c1d9e20-5a6b-4c3d-8e2f-0a1b2c3d4e03"]
EDGE = "3f0c2a10-0b7e-4f4a-9a55-1d2e3c4b5a01"
BRANCH = "1a7e4b9c-4444-4555-8666-3c5d8f0a2b33"
LINES = ["-----BEGIN CERTIFICATE-----", "MIIBexampleOfTheFirstLine", "-----END CERTIFICATE-----"]
DWELL = 6.0


class Step(t.NamedTuple):
    """Something that a task does to one object.

    C(found): makes what is there before; C(wanted): the options.
    """

    label: str
    resource: Resource
    found: t.Callable[[t.Any], None]
    wanted: dict[str, t.Any]


def _nothing(cloud):
    pass


def _addresses(cloud):
    for identifier in EIPS:
        cloud.add_eip(id=identifier)


def _edge(cloud):
    cloud.add_gateway(
        id=EDGE,
        name="edge",
        vpc_id=VPC,
        connect_subnet=SUBNET,
        eip1={"id": EIPS[0]},
        eip2={"id": EIPS[1]},
        tags={"site": "1", "stays": "2"},
    )


def _edge_in_use(cloud):
    _edge(cloud)
    _branch(cloud)
    for number, address in enumerate(EIPS):
        made = cloud.add_connection(name=f"tunnel-{number}", vgw_id=EDGE, vgw_ip=address, cgw_id=BRANCH, psk=KEY)
        cloud.add_monitor(made["id"])


def _branch(cloud):
    cloud.add_customer_gateway(id=BRANCH, name="branch", id_value="198.51.100.77", tags={"site": "1"})


_PLACE = {"name": "edge", "vpc_id": VPC, "connect_subnet": SUBNET, "local_subnets": ["10.0.0.0/24"]}
_NEW_EIP = {"type": "5_bgp", "charge_mode": "traffic", "bandwidth_size": 100}
_GONE = {"name": "edge", "state": "absent", "delete_connections": True}

STEPS = (
    Step("create a gateway", GATEWAY, _nothing, dict(_PLACE, eip1=_NEW_EIP, eip2=_NEW_EIP, tags={"site": "1"})),
    Step(
        "create a gateway with addresses that exist",
        GATEWAY,
        _addresses,
        dict(_PLACE, eip1={"id": EIPS[0]}, eip2={"id": EIPS[1]}),
    ),
    Step(
        "change a gateway",
        GATEWAY,
        _edge,
        {
            "id": EDGE,
            "name": "edge-2",
            "local_subnets": ["10.7.0.0/24"],
            "flavor": "Professional2",
            "tags": {"site": "2"},
        },
    ),
    Step(
        "add a network to a gateway",
        GATEWAY,
        _edge,
        {"id": EDGE, "list_mode": "add", "local_subnets": ["10.7.0.0/24"]},
    ),
    Step("delete a gateway", GATEWAY, _edge_in_use, dict(_GONE, eips_on_delete="release")),
    Step("delete a gateway, keep its addresses", GATEWAY, _edge_in_use, dict(_GONE, eips_on_delete="keep")),
    Step(
        "create a customer gateway",
        CUSTOMER_GATEWAY,
        _nothing,
        {
            "name": "branch",
            "id_value": "198.51.100.77",
            "bgp_asn": 65010,
            "tags": {"site": "1"},
            "ca_certificate": {"content": "\n".join(LINES)},
        },
    ),
    Step(
        "change a customer gateway",
        CUSTOMER_GATEWAY,
        _branch,
        {"id": BRANCH, "name": "branch-2", "tags": {"site": "2"}},
    ),
    Step("delete a customer gateway", CUSTOMER_GATEWAY, _branch, {"name": "branch", "state": "absent"}),
)


def plant(cloud, step, **switches):
    """Make the emulator as a step finds it."""
    cloud.reset()
    cloud.service.listeners.clear()
    cloud.switch(dwell=DWELL, **switches)
    step.found(cloud)
    cloud.clear_journal()


def perform(cloud, step, check_mode=False, **more):
    """Run a step's task with time that costs nothing, and return its result (dict) or raise."""
    arguments = dict(step.wanted, max_retries=2, **more)
    if step.resource is GATEWAY:
        arguments["eip_endpoint"] = cloud.url
    return run(cloud, step.resource, arguments, check_mode=check_mode, clock=CloudClock(cloud))


def snapshot(cloud):
    """Return what the cloud holds, without what differs from run to run."""
    passing = {
        "id",
        "created_at",
        "updated_at",
        "applied_at",
        "gateway_id",
        "eip1",
        "eip2",
        "ip_address",
        "bandwidth_id",
        "bandwidth_name",
        "serial_number",
    }

    def bare(item):
        return {
            name: bare(value) if isinstance(value, dict) else value
            for name, value in item.items()
            if name not in passing
        }

    holdings = (cloud.gateways(), cloud.customer_gateways(), cloud.monitors(), cloud.eips(), cloud.connections())
    return [sorted((bare(item) for item in items), key=str) for items in holdings]


@contextlib.contextmanager
def killed_at(number, carried_out):
    """End the process at its request of this number, from 0, before it is sent or after it was carried out."""
    right, count = requests.adapters.HTTPAdapter.send, [0]

    def send(adapter, prepared, **more):
        count[0] += 1
        if count[0] - 1 != number:
            return right(adapter, prepared, **more)
        if carried_out:
            right(adapter, prepared, **more)
        raise Killed

    with mock.patch.object(requests.adapters.HTTPAdapter, "send", functools.partialmethod(_send_by, send)):
        yield


def _send_by(adapter, send, prepared, **more):
    return send(adapter, prepared, **more)


def attempt(cloud, step):
    """Run a step that is disturbed; return all that is shown of it (str), or None where its process was killed."""
    arguments = dict(access(cloud), **step.wanted, max_retries=2)
    if step.resource is GATEWAY:
        arguments["eip_endpoint"] = cloud.url
    task_input = single.enter(step.resource, arguments, {})
    try:
        return json.dumps(execute(single, step.resource, task_input, False, True, CloudClock(cloud), "tests"))
    except Killed:
        return None
