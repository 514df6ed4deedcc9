# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A playbook in a process of its own, at -vvvv: both ways a task can run give the same, and nothing away."""

from __future__ import annotations

import json
import re
import socket
import sys

import pytest
from ansible.release import __version__ as version

from ansible_collections.huaweicloud.vpn.plugins.module_utils._secrets import MASK
from ansible_collections.huaweicloud.vpn.tests.emulator import Emulator
from ansible_collections.huaweicloud.vpn.tests.unit.harness import commands
from ansible_collections.huaweicloud.vpn.tests.unit.harness.support import KEY, access

ID = "98c5af8a-1111-4222-8333-ae2280a6f4c3"
OTHER = "98c5af8a-1111-4222-8333-ae2280a6f4c4"
PSK = "Never-Show-This-1"
WEAK = "ikepolicy.encryption_algorithm is set to 3des, which the vendor advises against as weak"


def unused_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def connection(cloud, **members):
    return cloud.add_connection(**dict({"id": ID, "name": "office", "psk": KEY}, **members))


TASKS = [
    (
        "dry run",
        {"id": ID, "name": "new", "psk": "{{ keys.psk }}", "update_psk": "always", "reset": "if_required"},
        {"check_mode": True, "diff": True},
    ),
    (
        "run",
        {"id": ID, "name": "new", "psk": "{{ keys.psk }}", "update_psk": "always", "reset": "if_required"},
        {"diff": True},
    ),
    ("run again", {"id": ID, "name": "new", "ikepolicy": {"encryption_algorithm": "aes-128"}}, {}),
    ("advice", {"id": ID, "ikepolicy": {"encryption_algorithm": "3des"}}, {"check_mode": True}),
    ("refused", {"id": OTHER, "name": "new", "psk": "{{ keys.psk }}", "update_psk": "always"}, {}),
    ("unreachable", {"id": ID, "endpoint": "http://127.0.0.1:{{ keys.unused_port }}", "max_retries": 0}, {}),
    ("bad input", {"id": ID, "psk": "e", "wait_timeout": "long", "ikepolicy": 5}, {}),
    (
        "bad input with a key",
        {"id": ID, "psk": "{{ keys.psk }}", "wait_timeout": "long", "auth_token": "Token-Never-Shown-1"},
        {},
    ),
    ("loop", {"id": "{{ item }}", "state": "absent"}, {"loop": [OTHER], "check_mode": True}),
]


class Told:
    """What a playbook said: C(output) (str), and C(results) by name of the task (dicts). C(cloud): what it talked to."""

    def __init__(self, output, cloud):
        self.output = output
        self.journal = cloud.journal()
        self.writes = cloud.writes()
        self.secrets = [cloud.secret_key, PSK, "Token-Never-Shown-1"]
        self.request_ids = {entry.request_id for entry in self.journal}
        self.results = {}
        for part in re.split(r"^TASK \[", output, flags=re.MULTILINE)[1:]:
            found = re.search(r"^(?:ok|changed|fatal|failed): \[localhost\].*?=> (?=\{)", part, re.MULTILINE)
            self.results[part.partition("]")[0]] = json.JSONDecoder().raw_decode(part[found.end() :])[0]


@pytest.fixture(scope="module", params=["in the worker", "as a module"])
def told(request, tmp_path_factory):
    """Run the playbook once each way and return what it told. Another name for the interpreter makes it another one."""
    folder = tmp_path_factory.mktemp("play")
    interpreter = folder / "python"
    interpreter.symlink_to(sys.executable)
    with Emulator(dwell=0.04) as cloud:
        connection(cloud)
        connection(cloud, id=OTHER, name="other")
        cloud.fault(
            "status",
            operation="updateVpnConnection",
            path=OTHER,
            status=400,
            code="VPN.0001",
            message="a bad psk: " + PSK,
            times=None,
        )
        keys = dict(access(cloud), psk=PSK, unused_port=unused_port())
        common = {name: "{{ keys.%s }}" % name for name in access(cloud)}
        tasks = [
            dict(
                {"name": name, "huaweicloud.vpn.vpn_connection": dict(common, **arguments), "ignore_errors": True},
                **more,
            )
            for name, arguments, more in TASKS
        ]
        play = {"hosts": "localhost", "connection": "local", "gather_facts": False, "tasks": tasks}
        play["vars"] = {"ansible_python_interpreter": str(interpreter)} if request.param == "as a module" else {}
        (folder / "play.json").write_text(json.dumps([play]), encoding="utf-8")
        (folder / "ansible.cfg").write_text("[defaults]\n", encoding="utf-8")
        (folder / "keys.json").write_text(json.dumps({"keys": keys}), encoding="utf-8")
        arguments = ["-vvvv", "-i", "localhost,", "-e", "@keys.json", "play.json"]
        environment = commands.environment(ANSIBLE_PIPELINING="1")
        process = commands.run(["playbook", *arguments], folder, environment)
        assert process.returncode == 0, process.stdout
        return Told(process.stdout, cloud)


def test_every_task_of_the_playbook_told_something(told):
    assert set(told.results) == {name for name, dummy, dummy2 in TASKS}


def test_a_playbook_changes_once(told):
    assert [told.results[name]["changed"] for name in ("dry run", "run", "run again")] == [True, True, False]
    for name in ("changes", "request_body", "diff", "plan_id", "psk_updated"):
        assert told.results["dry run"][name] == told.results["run"][name]
    assert told.results["run"]["request_body"] == {"vpn_connection": {"name": "new", "psk": MASK}}
    assert told.results["run"]["diff"]["before"]["psk_updated"] is False
    assert "diff" not in told.results["run again"]
    assert [(entry.method, entry.path.rpartition("/")[2], entry.status) for entry in told.writes] == [
        ("POST", "create", 204),
        ("PUT", ID, 200),
        ("POST", "reset", 200),
        ("POST", "delete", 204),
        ("POST", "create", 204),
        ("PUT", OTHER, 400),
        ("POST", "delete", 204),
    ]


def test_a_plain_dry_run_prints_what_an_approval_needs(told):
    printed = re.sub(r"\x1b\[[0-9;]*m", "", told.output)
    plan_id = told.results["dry run"]["plan_id"]
    text = "after the reset: psk\nthe VPN connection is reset: its tunnel is interrupted until both ends have negotiated again\n"
    # Once for the dry run, once for the run.
    assert printed.count("%splan_id: %s\n" % (text, plan_id)) == 2


def test_a_playbook_shows_warnings(told):
    """Core shows them beside the result, in lines as long as the terminal is wide."""
    assert "[WARNING]: VPN connection new: " + WEAK in " ".join(told.output.split())


def test_a_playbook_shows_a_refusal(told):
    result, entry = told.results["refused"], told.writes[-2]
    assert result["msg"] == "the API refused PUT %s: a bad psk: %s (VPN.0001, HTTP 400, request id %s)" % (
        entry.path,
        MASK,
        entry.request_id,
    )
    assert (result["error_code"], result["status_code"], result["request_id"], result["method"]) == (
        "VPN.0001",
        400,
        entry.request_id,
        "PUT",
    )
    assert result["url"].endswith(entry.path)


def test_a_playbook_shows_what_is_wrong(told):
    assert sorted(told.results["bad input"]["msg"].splitlines()) == [
        "ikepolicy must be a dictionary, not 5",
        "psk must contain at least three of upper-case letters, lower-case letters, digits and special characters",
        "psk must have 8 to 128 characters",
        "wait_timeout must be a whole number, not 'long'",
    ]
    assert "2 ways to authenticate" in told.results["bad input with a key"]["msg"]
    assert told.results["unreachable"]["msg"].startswith("no connection to 127.0.0.1:")
    assert told.results["loop"]["changed"] is True


def test_a_playbook_gives_nothing_away(told):
    assert [secret for secret in told.secrets if secret in told.output] == []
    for entry in told.journal:
        assert [secret for secret in told.secrets if secret in entry.path + str(entry.query) + entry.user_agent] == []
    assert "Traceback" not in told.output
    assert "internal error" not in told.output


def test_who_asked(told):
    assert {entry.user_agent.partition(" python-requests/")[0] for entry in told.journal} == {
        "huaweicloud.vpn ansible-core/" + version
    }
