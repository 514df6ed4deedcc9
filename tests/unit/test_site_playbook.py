# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The playbook that opens and closes a branch, as its guide shows it, in a process of its own."""

from __future__ import annotations

import contextlib
import json
import os
import pathlib
import re
import signal

import huaweicloudsdkvpn.v5 as sdk
import pytest
import yaml
from huaweicloudsdkcore.auth.credentials import BasicCredentials
from huaweicloudsdkcore.utils.http_utils import sanitize_for_serialization

from ansible_collections.huaweicloud.vpn.tests.emulator import Emulator
from ansible_collections.huaweicloud.vpn.tests.unit.harness import commands
from ansible_collections.huaweicloud.vpn.tests.unit.harness.documents import Place, blocks

GUIDE = blocks("docs/docsite/rst/guide_branch.rst")
FILES = [block.text for block in GUIDE if block.language == "yaml"]
COMMANDS = [
    line.partition("$ ")[2].replace(" --ask-vault-pass", "")
    for block in GUIDE
    if block.language == "console"
    for line in block.text.splitlines()
]
LOOK, OPEN, OPEN_MANY, LOOK_AT_CLOSING, CLOSE = COMMANDS
KEYS = [
    *yaml.safe_load(FILES[1])["vpn_keys"].values(),
    *yaml.safe_load(FILES[2])["branches"]["vars"]["vpn_keys"].values(),
]

# Monitors begin when their connections are stable, so their place among the writes is a matter of time.
OPENING = ["createCustomerGateway"] + ["createVpnConnection", "createConnectionMonitor"] * 2
CLOSING = ["deleteConnectionMonitor", "deleteVpnConnection"] * 2 + ["deleteCustomerGateway"]


@pytest.fixture
def cloud():
    with Emulator(dwell=0.04) as emulator:
        emulator.add_gateway(name="vpngw-frankfurt")
        # What must stay as it is: a gateway with a branch of its own.
        other = emulator.add_gateway(name="another")["id"]
        emulator.add_connection(
            name="hamburg-1", vgw_id=other, cgw_id=emulator.add_customer_gateway(name="cologne")["id"]
        )
        yield emulator


@pytest.fixture
def place(cloud, tmp_path):
    for name, text in zip(("hamburg.yml", "keys.yml", "branches.yml"), FILES):
        (tmp_path / name).write_text(text, encoding="utf-8")
    return Place(cloud, tmp_path)


def play(cloud, place, command, result=0):
    """Run a command with an empty journal; return its output (str) and the names of the operations that wrote."""
    cloud.clear_journal()
    found, output = place.run(command)
    assert found == result, output
    assert not [key for key in KEYS if key in output]
    assert "Traceback" not in output
    return output, [entry.operation for entry in cloud.writes()]


def descendants(number):
    """Return the processes below a process (list of int). Core's workers have sessions of their own."""
    parents = {}
    for status in pathlib.Path("/proc").glob("[0-9]*/status"):
        with contextlib.suppress(OSError):  # it has ended meanwhile
            line = re.search("^PPid:\\s*([0-9]+)$", status.read_text(encoding="utf-8"), re.MULTILINE)
            parents[int(status.parent.name)] = int(line.group(1)) if line else 0
    found = [number]
    for process in found:
        found += [child for child, parent in parents.items() if parent == process]
    return found[1:]


def kill(cloud, place, command, number):
    """Run a command, and end its processes when a request has been carried out and is not answered yet.

    The request is the one with this number, counted from 1, or the first write if that comes before. Return its entry
    in the journal, or None if the command came to its end before.
    """
    before = len(cloud.journal())
    seen = []

    def end(entry):
        if not seen and (entry.write or len(cloud.journal()) - before >= number):
            seen.append(entry)
            for process in (started.pid, *descendants(started.pid)):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(process, signal.SIGKILL)

    with open(place.folder / "log", "w+", encoding="utf-8") as log:
        started = commands.start(command.split(), place.folder, place.environment, log)
        cloud.on_request(end)
        code = started.wait()
        cloud.service.listeners.remove(end)
        log.seek(0)
        assert code == (-signal.SIGKILL if seen else 0), log.read()
    return seen[0] if seen else None


def reported(output):
    """Return the results of tasks that wrote (list of dict), from the output of a run with -v."""
    found = re.findall(r"^changed: \[localhost\] => (\{.*\})$", output, re.MULTILINE)
    return [json.loads(text) for text in found]


def seen_by_sdk(cloud):
    """Return all connections, customer gateways and monitors as the vendor's client lists them, by their IDs."""
    credentials = BasicCredentials(cloud.access_key, cloud.secret_key, cloud.project_id)
    client = sdk.VpnClient.new_builder().with_credentials(credentials).with_endpoints([cloud.url]).build()
    listed = [
        *client.list_vpn_connections(sdk.ListVpnConnectionsRequest()).vpn_connections,
        *client.list_cgws(sdk.ListCgwsRequest()).customer_gateways,
        *client.list_connection_monitors(sdk.ListConnectionMonitorsRequest()).connection_monitors,
    ]
    seen = {item.id: sanitize_for_serialization(item) for item in listed}
    for item in seen.values():
        if "tags" in item:
            item["tags"] = {tag["key"]: tag["value"] for tag in item["tags"]}
        if "style" in item:
            item["style"] = item["style"].lower()
    return seen


def holdings(cloud):
    """Return what there is (dict): customer gateways, connections with their ends, and connections with a monitor."""
    customers = {item["id"]: item["name"] for item in cloud.customer_gateways()}
    gateways = {item["id"]: item for item in cloud.gateways()}
    connections = {}
    for item in cloud.connections():
        gateway = gateways[item["vgw_id"]]
        side = next(side for side in ("eip1", "eip2") if gateway[side]["id"] == item["vgw_ip"])
        connections[item["id"]] = (item["name"], gateway["name"], side, customers[item["cgw_id"]])
    monitored = [connections[item["vpn_connection_id"]][0] for item in cloud.monitors()]
    return {
        "customer gateways": sorted(customers.values()),
        "connections": sorted(connections.values()),
        "monitored": sorted(monitored),
    }


STAYS = ("hamburg-1", "another", "eip1", "cologne")
CLOSED = {"customer gateways": ["cologne"], "connections": [STAYS], "monitored": []}
OPENED = {
    "customer gateways": ["cologne", "hamburg"],
    "connections": [
        STAYS,
        ("hamburg-1", "vpngw-frankfurt", "eip1", "hamburg"),
        ("hamburg-2", "vpngw-frankfurt", "eip2", "hamburg"),
    ],
    "monitored": ["hamburg-1", "hamburg-2"],
}


def plan_of(output):
    return re.search(r'"plan (site\.[0-9a-f]{32})"', output).group(1)


def test_a_branch_as_in_the_guide(cloud, place):
    dry, writes = play(cloud, place, LOOK)
    assert writes == [] and "customer gateway hamburg: would be created" in dry and "changed=2" in dry
    output, writes = play(cloud, place, OPEN + " -e vpn_expect_plan=site.another", result=2)
    assert writes == [] and "The plan is no longer the approved one" in output
    there = set(seen_by_sdk(cloud))
    output, writes = play(cloud, place, f"{OPEN} -v -e vpn_expect_plan={plan_of(dry)}")
    assert sorted(writes) == sorted(OPENING) and writes[0] == OPENING[0]
    assert plan_of(output) == plan_of(dry) and "changed=2" in output
    assert holdings(cloud) == OPENED
    made = [item for item in cloud.connections() if item["tags"] == {"site": "hamburg"}]
    assert [(item["tunnel_local_address"], item["ikepolicy"]["dh_group"]) for item in made] == [
        ("169.254.70.1/30", "group20"),
        ("169.254.70.5/30", "group20"),
    ]
    assert [cloud.configured(item["id"])["psk"] for item in made] == KEYS[:2]
    opened = seen_by_sdk(cloud)
    device, connections = reported(output)
    told = [device["customer_gateway"], *(item["vpn_connection"] for item in connections["connections"])]
    for item in told:
        members = set(item) - {"ip", "route_mode", "monitor", "reset_required"}  # ours, or deprecated
        assert {name: opened[item["id"]].get(name) for name in members} == {name: item[name] for name in members}
    monitors = {item["connection_monitor_id"] for item in told[1:]}
    assert set(opened) - there == {item["id"] for item in told} | monitors and len(monitors) == 2

    # The cloud counts the connections of all gateways, so the list of those of one is asked for a second page.
    output, writes = play(cloud, place, OPEN)
    assert writes == [] and "changed=0" in output
    assert [entry.operation for entry in cloud.journal()] == [
        "listVpnGateways",
        "listCustomerGateways",
        "listVpnConnections",
        "listVpnConnections",
    ]
    assert seen_by_sdk(cloud) == opened

    dry, writes = play(cloud, place, LOOK_AT_CLOSING)
    assert writes == [] and "customer gateway hamburg: would be deleted" in dry and "changed=2" in dry
    output, writes = play(cloud, place, f"{CLOSE} -e vpn_expect_plan={plan_of(dry)}")
    assert writes == CLOSING and holdings(cloud) == CLOSED and set(seen_by_sdk(cloud)) == there
    output, writes = play(cloud, place, CLOSE)
    assert writes == [] and "changed=0" in output and "customer gateway hamburg: does not exist" in output


def test_many_branches_as_in_the_guide(cloud, place):
    _output, writes = play(cloud, place, OPEN_MANY)
    assert sorted(writes) == sorted(OPENING * 2)
    found = holdings(cloud)
    assert found["customer gateways"] == ["bremen", "cologne", "munich"]
    assert found["monitored"] == ["bremen-1", "bremen-2", "munich-1", "munich-2"]


def test_a_process_that_ends_after_each_request(cloud, place):
    """Runs end one request later each time, and after a write anew: all together write what one run would have written."""
    for command, steps, goal in ((OPEN, OPENING, OPENED), (CLOSE, CLOSING, CLOSED)):
        cloud.clear_journal()
        number = 1
        while entry := kill(cloud, place, command.partition("-")[2], number):
            number = 1 if entry.write else number + 1
        assert sorted(entry.operation for entry in cloud.writes()) == sorted(steps)
        assert all(entry.applied for entry in cloud.writes()) and holdings(cloud) == goal


def test_a_gateway_whose_second_address_is_a_standby(cloud, place):
    cloud.add_gateway(name="standby", ha_mode="active-standby")
    _output, writes = play(cloud, place, OPEN + ' -e {"vpn_gateway_name":"standby","vpn_monitor":false}')
    assert writes == ["createCustomerGateway", "createVpnConnection", "createVpnConnection"]
    roles = {item["name"]: item["ha_role"] for item in cloud.connections() if item["tags"]}
    assert roles == {"hamburg-1": "master", "hamburg-2": "slave"}


def test_a_mistake_does_not_leave_half_a_branch(cloud, place):
    output, writes = play(cloud, place, OPEN + ' -e {"vpn_tunnels":[{},{"psk":"short"}]}', result=2)
    assert writes == [] and "psk must have 8 to 128 characters" in output
    output, writes = play(cloud, place, OPEN + " -e vpn_gateway_name=frankfurt", result=2)
    assert writes == [] and "No VPN gateways have the name frankfurt" in " ".join(output.split())


def test_what_others_use_is_not_deleted(cloud, place):
    """Neither the customer gateway of another connection, nor connections of another customer gateway."""
    hamburg = cloud.add_customer_gateway(name="hamburg")["id"]
    gateway = next(item["id"] for item in cloud.gateways() if item["name"] == "vpngw-frankfurt")
    mine = cloud.add_connection(name="hamburg-2", vgw_id=gateway, cgw_id=hamburg)
    third = cloud.add_connection(name="third", vgw_id=gateway, cgw_id=hamburg)
    output, writes = play(cloud, place, CLOSE, result=2)
    assert writes == [] and "These do not fit: third" in output
    cloud.remove_connection(third["id"])
    cloud.remove_connection(mine["id"])
    cloud.add_connection(name="hamburg-2", vgw_id=gateway)
    output, writes = play(cloud, place, CLOSE, result=2)
    assert writes == [] and "These do not fit: hamburg-2" in output
