# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Before a task creates what the quota cannot hold, it says so. The cloud decides."""

from __future__ import annotations

import pytest

from ansible_collections.huaweicloud.vpn.plugins.module_utils import _errors
from ansible_collections.huaweicloud.vpn.plugins.module_utils._resources.connection import CONNECTION
from ansible_collections.huaweicloud.vpn.plugins.module_utils._resources.customer_gateway import CUSTOMER_GATEWAY
from ansible_collections.huaweicloud.vpn.plugins.module_utils._resources.gateway import GATEWAY
from ansible_collections.huaweicloud.vpn.tests.unit.harness.clocks import FastClock
from ansible_collections.huaweicloud.vpn.tests.unit.harness.site import operations, run
from ansible_collections.huaweicloud.vpn.tests.unit.harness.support import KEY, run_fleet

CUSTOMER = {"name": "branch", "id_value": "198.51.100.77"}
PRIVATE = {
    "name": "edge",
    "network_type": "private",
    "vpc_id": "0b7e4f4a-9a55-4d2e-8c4b-5a0100000001",
    "connect_subnet": "0b7e4f4a-9a55-4d2e-8c4b-5a0100000002",
    "local_subnets": ["10.0.0.0/24"],
}


def connection(cloud, name="office", number=1):
    gateway = cloud.add_gateway()
    customer = cloud.add_customer_gateway(id_value=f"198.51.100.{number}")
    return {
        "name": name,
        "vgw_id": gateway["id"],
        "vgw_ip": gateway["eip1"]["id"],
        "cgw_id": customer["id"],
        "style": "static",
        "peer_subnets": ["192.168.1.0/24"],
        "psk": KEY,
    }


CASES = [
    (GATEWAY, "gateway_quota", lambda cloud: PRIVATE, "VPN gateway"),
    (CUSTOMER_GATEWAY, "customer_gateway_quota", lambda cloud: CUSTOMER, "customer gateway"),
    (CONNECTION, "connection_quota", connection, "VPN connection"),
]


@pytest.mark.parametrize("resource, switch, wanted, noun", CASES, ids=lambda part: getattr(part, "noun", ""))
@pytest.mark.parametrize("check_mode", [True, False])
def test_a_quota_that_is_used_up_is_a_warning_before_the_first_write(cloud, resource, switch, wanted, noun, check_mode):
    arguments = wanted(cloud)
    cloud.switch(**{switch: 0})
    cloud.clear_journal()
    warning = f"the quota of the project has room for 0 more {noun}s, and the task creates 1; the cloud may refuse it"
    if check_mode:
        found = run(cloud, resource, arguments, check_mode=True)["warnings"]
        assert cloud.writes() == []
    else:
        with pytest.raises(_errors.ApiError) as caught:
            run(cloud, resource, arguments)
        found = caught.value.details["warnings"]
        asked = operations(cloud)
        assert asked.index("showQuotas") < min(place for place, name in enumerate(asked) if name.startswith("create"))
    assert found == [f"{noun} {arguments['name']}: {warning}"]
    assert operations(cloud).count("showQuotas") == 1


@pytest.mark.parametrize("resource, switch, wanted, noun", CASES, ids=lambda part: getattr(part, "noun", ""))
def test_a_quota_with_room_is_read_once_and_only_for_a_creation(cloud, resource, switch, wanted, noun):
    arguments = wanted(cloud)
    cloud.clear_journal()
    assert run(cloud, resource, arguments)["warnings"] == []
    assert operations(cloud).count("showQuotas") == 1
    cloud.clear_journal()
    again = {name: value for name, value in arguments.items() if name != "psk"}
    assert run(cloud, resource, again)["changed"] is False
    assert "showQuotas" not in operations(cloud)


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "status", "status": 403, "code": "VPN.0003", "message": "no right"},
        {"kind": "status", "status": 500, "code": "VPN.0010", "message": "broken"},
        {"kind": "status", "status": 429, "code": "APIGW.0308", "message": "slow down"},
        {"kind": "connection_reset"},
    ],
    ids=lambda fault: str(fault.get("status", fault["kind"])),
)
def test_a_quota_that_cannot_be_read_is_ignored(cloud, fault):
    kind = fault["kind"]
    more = {name: value for name, value in fault.items() if name != "kind"}
    cloud.fault(kind, operation="showQuotas", times=None, **more)
    made = run(cloud, CUSTOMER_GATEWAY, CUSTOMER, clock=FastClock())
    assert (made["changed"], made["warnings"]) == (True, [])


@pytest.mark.parametrize("check_mode", [True, False])
def test_many_creations_are_counted_together(cloud, check_mode):
    """Twenty new branches must not fail at the seventh without a word before."""
    fleet = [connection(cloud, f"branch-{number}", number) for number in range(1, 6)]
    existing = run_fleet(cloud, fleet[:1], clock=FastClock(50.0))
    assert existing["warnings"] == []
    cloud.switch(connection_quota=3)
    cloud.clear_journal()
    warning = (
        "the quota of the project has room for 2 more VPN connections, and the task creates 4;"
        " the cloud may refuse some of them"
    )
    if check_mode:
        assert run_fleet(cloud, fleet, check_mode=True)["warnings"] == [warning]
        assert cloud.writes() == []
    else:
        with pytest.raises(_errors.VpnError) as caught:
            run_fleet(cloud, fleet, clock=FastClock(50.0))
        assert caught.value.details["warnings"] == [warning]
        assert operations(cloud)[:2] == ["listVpnConnections", "showQuotas"]
    assert operations(cloud).count("showQuotas") == 1
