# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The emulator's own interfaces: over HTTP, and the command."""

from __future__ import annotations

import json
import os
import pathlib
import signal
import subprocess
import sys
import time

import pytest
import requests

from ansible_collections.huaweicloud.vpn.tests.emulator import FAULTS, SWITCHES, cli, seed
from ansible_collections.huaweicloud.vpn.tests.unit.emulator.helpers import KEY, fixture

PACKAGE = pathlib.Path(cli.__file__).parent
SEEDED = fixture("examples.json")["response_update_200"]["vpn_connection"]["id"]


@pytest.fixture(name="control")
def control_fixture(cloud):
    """A function that calls the control interface and returns (status, JSON)."""

    def call(method, path, body=None):
        answer = requests.request(method, f"{cloud.url}/_emulator/{path}", json=body, timeout=5)
        return answer.status_code, answer.json()

    return call


def test_health_and_environment(cloud, control):
    assert control("GET", "health") == (200, {"done": True})
    assert control("GET", "environment")[1] == cloud.environment()


def test_journal(cloud, api, control):
    made = control("POST", "connections", {"psk": KEY, "style": "bgp"})[1]["connection"]
    api.show(made["id"])
    api.put(made["id"], {"psk": "Another-Key-2"})
    entries = control("GET", "journal")[1]["journal"]
    assert [
        (entry["number"], entry["method"], entry["operation"], entry["status"], entry["applied"]) for entry in entries
    ] == [
        (entries[0]["number"], "GET", "showVpnConnection", 200, False),
        (entries[0]["number"] + 1, "PUT", "updateVpnConnection", 200, True),
    ]
    assert entries[1]["body"] == {"vpn_connection": {"psk": "********"}}
    assert [entry["method"] for entry in control("GET", "journal?writes=true")[1]["journal"]] == ["PUT"]
    assert set(entries[0]) == {
        "number",
        "time",
        "method",
        "path",
        "query",
        "operation",
        "user_agent",
        "write",
        "iam",
        "status",
        "error_code",
        "request_id",
        "fault",
        "applied",
        "auth",
        "body",
    }
    assert control("DELETE", "journal")[0] == 200 and cloud.journal() == []


def test_switches(cloud, control):
    assert set(control("GET", "switches")[1]["switches"]) == set(SWITCHES)
    assert control("PATCH", "switches", {"lag": 2})[1]["switches"]["lag"] == cloud.switches["lag"] == 2
    status, answer = control("PATCH", "switches", {"lag": -2})
    assert status == 400 and "switch lag" in answer["error"]
    assert control("DELETE", "switches")[1]["switches"]["lag"] == 0


def test_faults(cloud, api, control):
    rule = control("POST", "faults", {"kind": "busy", "code": "VPN.0016", "method": "PUT", "times": None})[1]["fault"]
    assert rule["details"]["code"] == "VPN.0016" and rule["times"] is None
    assert api.put(cloud.add_connection()["id"], {"name": "new"}).status_code == 409
    assert control("GET", "faults")[1]["faults"][0]["fired"] == 1
    assert control("DELETE", f"faults/{rule['number']}")[0] == 200 and cloud.faults() == []
    for bad in ({}, {"kind": "x"}, {"kind": "busy", "operation": "x", "colour": 1}):
        assert control("POST", "faults", bad)[0] == 400
    control("POST", "faults", {"kind": "html"})
    control("DELETE", "faults")
    assert cloud.faults() == []


def test_seeding(cloud, control):
    gateway = control("POST", "gateways", {"name": "g"})[1]["gateway"]
    customer = control("POST", "customer_gateways", {"name": "c"})[1]["customer_gateway"]
    made = control(
        "POST", "connections", {"vgw_id": gateway["id"], "cgw_id": customer["id"], "tags": {"a": "b"}, "psk": KEY}
    )[1]["connection"]
    assert made["vgw_ip"] == gateway["eip1"]["id"] and made["tags"] == {"a": "b"} and "psk" not in made
    assert control("GET", "connections")[1]["connections"] == [made]
    assert control("GET", "gateways")[1]["gateways"] == cloud.gateways()
    assert control("GET", "customer_gateways")[1]["customer_gateways"] == cloud.customer_gateways()
    found = control("GET", f"connections/{made['id']}")[1]
    assert found["connection"] == made and found["configured"]["psk"] == found["negotiated"]["psk"] == KEY
    assert control("POST", f"gateways/{gateway['id']}/status", {"status": "PENDING_UPDATE"})[0] == 200
    assert cloud.gateways()[0]["status"] == "PENDING_UPDATE"
    status, answer = control("POST", "connections", {"colour": "red"})
    assert status == 400 and "colour" in answer["error"]
    assert control("DELETE", f"connections/{made['id']}")[0] == 200 and cloud.connections() == []


def test_seeding_around_connections(cloud, control):
    eip = control("POST", "eips", {"bandwidth_size": 5})[1]["eip"]
    gateway = control("POST", "gateways", {"eip1": {"id": eip["id"]}, "prepaid": True})[1]["gateway"]
    assert gateway["eip1"]["bandwidth_size"] == 5 and gateway["status"] == "ACTIVE"
    connection = control("POST", "connections", {"vgw_id": gateway["id"]})[1]["connection"]
    monitor = control("POST", "monitors", {"vpn_connection_id": connection["id"]})[1]["monitor"]
    assert control("GET", "monitors")[1]["monitors"] == [monitor] == cloud.monitors()
    assert control("GET", "eips")[1]["eips"] == cloud.eips()
    assert control("DELETE", f"monitors/{monitor['id']}")[0] == 200 and cloud.monitors() == []
    assert control("DELETE", f"gateways/{gateway['id']}")[0] == 200
    assert cloud.gateways() == cloud.connections() == cloud.eips() == []
    assert control("DELETE", f"customer_gateways/{connection['cgw_id']}")[0] == 200 and cloud.customer_gateways() == []
    lone = control("POST", "eips", {})[1]["eip"]
    assert control("DELETE", f"eips/{lone['id']}")[0] == 200 and cloud.eips() == []


def test_states_around_connections(cloud, control):
    gateway, eip = cloud.add_gateway(), cloud.add_eip()
    path = f"gateways/{gateway['id']}/status"
    assert control("POST", path, {"status": "FREEZED", "lock_status": 1})[0] == 200
    assert cloud.gateways()[0]["status"] == "FREEZED"
    assert control("POST", path, {"status": "PENDING_UPDATE", "settle_after": 5})[0] == 200
    assert control("POST", f"eips/{eip['id']}/status", {"status": "PENDING_UPDATE", "settle_after": 5})[0] == 200
    assert cloud.eips()[-1]["status"] == cloud.gateways()[0]["status"] == "PENDING_UPDATE"
    cloud.advance(6)
    assert (cloud.eips()[-1]["status"], cloud.gateways()[0]["status"]) == ("DOWN", "ACTIVE")
    assert control("POST", path, {"status": "DOWN"})[0] == control("POST", path, {"colour": "red"})[0] == 400
    assert control("POST", "gateways/x/status", {"status": "ACTIVE"})[0] == 404


def test_states(cloud, api, control):
    made = cloud.add_connection(psk=KEY, ikepolicy={"ike_version": "v1"})
    path = f"connections/{made['id']}"
    assert control("POST", f"{path}/status", {"status": "ERROR"})[1]["connection"]["status"] == "ERROR"
    assert control("POST", f"{path}/status", {"status": "x"})[0] == 400
    api.put(made["id"], {"psk": "Another-Key-2"})
    assert control("POST", "clock", {"advance": 61})[0] == 200
    assert control("GET", path)[1]["connection"]["status"] == "DOWN"
    assert control("GET", path)[1]["negotiated"]["psk"] == KEY
    assert control("POST", f"{path}/renegotiate", {"phase": 1})[1]["negotiated"]["psk"] == "Another-Key-2"
    assert control("GET", "connections/x")[0] == 404
    assert control("POST", "reset")[0] == 200 and cloud.connections() == [] and cloud.journal() == []


def test_devices_logs_and_traffic(cloud, api, control):
    made = cloud.add_connection(psk=KEY, status="ACTIVE")
    path, details = f"connections/{made['id']}", f"vpn-connection/{made['id']}"
    assert control("POST", f"{path}/traffic", {"sent": 2, "received": 1})[0] == 200
    cloud.advance(100)
    counted = api.call("GET", f"{details}/ipsec-sa").json()["sa_infos"][0]
    assert 200 <= counted["packets_sent"] < 300 and 100 <= counted["packets_recv"] < 150
    assert control("POST", f"{path}/device", {"ikepolicy": {"ike_version": "v1"}})[0] == 200
    assert control("GET", path)[1]["connection"]["status"] == "DOWN"
    assert "Reason=[version mismatch]" in api.call("GET", f"{details}/log").json()["logs"][0]["raw_message"]
    entries = [{"time": 1, "raw_message": "x"}]
    assert control("POST", f"{path}/log", {"entries": entries})[0] == 200
    assert api.call("GET", f"{details}/log").json()["logs"] == entries
    assert control("POST", f"{path}/log", {})[0] == control("POST", "connections/x/device", {})[0] == 404
    assert control("POST", f"{path}/traffic", {"colour": 1})[0] == 400


def test_tokens(cloud, control):
    token = control("POST", "tokens")[1]["token"]
    url = f"{cloud.url}/v5/{cloud.project_id}/vpn-connection"
    assert requests.get(url, headers={"X-Auth-Token": token}, timeout=5).status_code == 200
    control("DELETE", "tokens")
    assert requests.get(url, headers={"X-Auth-Token": token}, timeout=5).status_code == 401


def test_id_tokens_and_metadata(cloud, control):
    url = cloud.url + "/v3.0/OS-AUTH/id-token/tokens"
    for given, status in (({}, 201), ({"aud": "another"}, 401), ({"lifetime": -1}, 401)):
        token = control("POST", "id_tokens", given)[1]["id_token"]
        body = {"auth": {"id_token": {"id": token}}}
        assert requests.post(url, json=body, headers={"X-Idp-Id": cloud.idp_id}, timeout=5).status_code == status
    found = control("GET", "metadata")[1]
    assert found["requests"] == []
    assert requests.get(found["url"] + "/openstack/latest/securitykey", timeout=5).status_code == 200
    assert control("GET", "metadata")[1]["requests"] == ["GET /openstack/latest/securitykey"]


@pytest.mark.parametrize("method, path, status", [("GET", "nothing", 404), ("PUT", "switches", 404), ("GET", "", 404)])
def test_unknown(control, method, path, status):
    assert control(method, path)[0] == status


def test_body_that_is_no_object(control):
    assert control("PATCH", "switches", [1])[0] == 400


def test_seed(cloud):
    seed.plant(cloud, seed.DEFAULT)
    assert [found["id"] for found in cloud.connections()] == [SEEDED]
    with pytest.raises(ValueError, match="tunnels"):
        seed.plant(cloud, {"tunnels": []})


# -- web pages

JSON = {"Content-Type": "application/json"}


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:8000"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "same-origin"},
        {"Host": "evil.example"},
        {"Host": "127.0.0.1.evil.example:80"},
        {"Host": "evil.example:80"},
        {"Host": "localhost.evil.example"},
        {"Host": "127.0.0.1@evil.example"},
        {"Host": ""},
        {"Content-Type": "text/plain"},
        {"Content-Type": "application/x-www-form-urlencoded"},
        {"Content-Type": "multipart/form-data; boundary=x"},
        {"Content-Type": "text/plain; application/json"},
        {"Content-Type": ""},
    ],
    ids=repr,
)
def test_a_web_page_is_refused(cloud, headers):
    cloud.add_connection()
    for method, path, body in (
        ("POST", "reset", b"{}"),
        ("PATCH", "switches", b'{"lag": 2}'),
        ("DELETE", "journal", b"{}"),
    ):
        answer = requests.request(
            method, f"{cloud.url}/_emulator/{path}", data=body, headers={**JSON, **headers}, timeout=5
        )
        assert answer.status_code == 403 and set(answer.json()) == {"error"}
    if "Content-Type" not in headers:
        answer = requests.get(f"{cloud.url}/_emulator/environment", headers=headers, timeout=5)
        assert answer.status_code == 403 and cloud.secret_key not in answer.text
    assert len(cloud.connections()) == 1 and cloud.switches["lag"] == 0


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Host": "localhost:9"},
        {"Host": "127.0.0.1"},
        {"Host": "[::1]:80"},
        {"Sec-Fetch-Site": "none"},
        {"Content-Type": "application/json; charset=utf-8"},
    ],
    ids=repr,
)
def test_a_program_on_this_machine_is_served(cloud, headers):
    answer = requests.post(
        f"{cloud.url}/_emulator/clock", data=b'{"advance": 1}', headers={**JSON, **headers}, timeout=5
    )
    assert answer.status_code == 200
    assert requests.post(f"{cloud.url}/_emulator/reset", headers=headers, timeout=5).status_code == 200


# -- the command


def start(tmp_path, *arguments):
    """The emulator as a process of its own, and its state once it is there."""
    state = tmp_path / "a folder" / "state.json"
    state.parent.mkdir(exist_ok=True)
    process = subprocess.Popen(
        [sys.executable, str(PACKAGE), "--state-file", str(state), *arguments],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    while not state.exists() and process.poll() is None:
        time.sleep(0.02)
    return process, json.loads(state.read_text(encoding="utf-8")) if state.exists() else None


def test_command(tmp_path):
    process, state = start(tmp_path, "--switch", "list_order=oldest_first", "--switch", "dwell_create=3")
    assert state["pid"] == process.pid and state["connection_id"] == SEEDED
    switches = requests.get(f"{state['url']}/_emulator/switches", timeout=5).json()["switches"]
    assert (switches["list_order"], switches["dwell_create"], switches["dwell"]) == ("oldest_first", 3, 1.0)
    assert requests.get(f"{state['url']}/v5/{state['project_id']}/vpn-connection", timeout=5).status_code == 401
    assert oct((tmp_path / "a folder" / "state.json").stat().st_mode)[-3:] == "600"
    process.send_signal(signal.SIGTERM)
    output, errors = process.communicate(timeout=10)
    assert process.returncode == 0 and errors == ""
    for line in (
        f"  export HW_VPN_ENDPOINT={state['url']}",
        f"  export HW_SECRET_KEY={state['secret_key']}",
        f"  GET    /v5/{state['project_id']}/vpn-connection 401 listVpnConnections APIGW.0301",
        "Stopped.",
    ):
        assert line in output.splitlines()
    assert os.listdir(tmp_path / "a folder") == []


def test_command_with_a_seed(tmp_path):
    path = tmp_path / "seed.json"
    path.write_text(json.dumps({"connections": [{"name": "one"}, {"name": "two", "style": "bgp"}]}), encoding="utf-8")
    process, state = start(tmp_path, "--seed", str(path), "--quiet")
    assert [found["name"] for found in state["connections"]] == ["one", "two"]
    requests.get(f"{state['url']}/v5/nothing", timeout=5)
    process.send_signal(signal.SIGINT)
    output, _errors = process.communicate(timeout=10)
    assert process.returncode == 0 and "/v5/nothing" not in output


@pytest.mark.parametrize("arguments, words", [(["--list-switches"], list(SWITCHES)), (["--list-faults"], list(FAULTS))])
def test_lists(capsys, arguments, words):
    assert cli.main(arguments) == 0
    output = capsys.readouterr().out
    assert all(word in output for word in words)


@pytest.mark.parametrize("arguments", [["--switch", "x=1"], ["--switch", "dwell"], ["--switch", "list_order=none"]])
def test_bad_arguments(capsys, arguments):
    with pytest.raises(SystemExit):
        cli.main(arguments)
    assert "argument --switch" in capsys.readouterr().err


def test_cannot_start(cloud, capsys, tmp_path):
    bad = tmp_path / "seed.json"
    bad.write_text('{"connections": [{"colour": "red"}]}', encoding="utf-8")
    for arguments in (["--port", str(cloud.port)], ["--seed", str(bad)], ["--seed", str(tmp_path / "none.json")]):
        assert cli.main(arguments) == 1
        assert "cannot start" in capsys.readouterr().err
