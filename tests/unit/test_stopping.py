# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Processes that are ended from outside in the middle of their work: none of them goes on writing."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time

import pytest

from ansible_collections.huaweicloud.vpn.tests.emulator import Emulator
from ansible_collections.huaweicloud.vpn.tests.unit.harness import commands
from ansible_collections.huaweicloud.vpn.tests.unit.harness.support import KEY, access

# A gateway with a long queue writes all the time; the others are busy, and have their write repeated for as long as a task lives.
QUEUED, BUSY_GATEWAYS = 400, 6
# Seconds: for a process to begin writing; to come to an end; in which nothing is written any more.
STARTS, ENDS, QUIET = 90.0, 60.0, 4.0

MODULE = """
import json, sys
from ansible.module_utils import basic
basic._ANSIBLE_ARGS = json.dumps({"ANSIBLE_MODULE_ARGS": json.load(open("args.json"))}).encode()
basic._ANSIBLE_PROFILE = "legacy"
from ansible_collections.huaweicloud.vpn.plugins.modules import vpn_connections
vpn_connections.main()
"""
# Starts what it is told and waits, as a worker of core does.
PARENT = """
import subprocess, sys
child = subprocess.Popen(sys.argv[2:], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE if sys.argv[1] == "pipe" else open("told", "w"))
child.wait()
"""


@pytest.fixture
def cloud():
    """Return a cloud in which changing everything takes minutes."""
    with Emulator(dwell=0.05, latency=100) as emulator:
        crowded = emulator.add_gateway()["id"]
        for number in range(QUEUED):
            emulator.add_connection(name="queued-%d" % number, vgw_id=crowded, psk=KEY)
        for number in range(BUSY_GATEWAYS):
            found = emulator.add_connection(name="busy-%d" % number, vgw_id=emulator.add_gateway()["id"], psk=KEY)
            emulator.fault("busy", path=found["id"], operation="updateVpnConnection", times=None)
        yield emulator


def arguments(cloud):
    names = [connection["name"] for connection in cloud.connections()]
    return dict(access(cloud), connections=[{"name": name, "ipsecpolicy": {"pfs": "group20"}} for name in names])


def hear_signals():
    """Undo what a shell does to what it starts in the background: that ignores Control-C, and so do its children."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@contextlib.contextmanager
def started(command, folder, **more):
    """Start a process at the head of a group of its own; afterwards nothing of that is left."""
    with open(folder / "log", "wb") as log:
        more = dict({"stdin": subprocess.DEVNULL, "stdout": log, "stderr": log}, **more)
        process = subprocess.Popen(
            command, cwd=folder, env=commands.environment(), start_new_session=True, preexec_fn=hear_signals, **more
        )
    try:
        yield process
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def wait_for_writes(cloud, folder, number=8):
    """Wait until both a queue and busy ones are being written to."""
    until = time.monotonic() + STARTS
    while not (len(cloud.writes()) >= number and sum(entry.status >= 400 for entry in cloud.writes()) >= BUSY_GATEWAYS):
        assert time.monotonic() < until, (folder / "log").read_text(encoding="utf-8")
        time.sleep(0.05)


def assert_quiet(cloud):
    """Nothing is written any more, but for what was under way."""
    time.sleep(1.0)
    before = len(cloud.writes())
    assert before < QUEUED
    time.sleep(QUIET)
    assert len(cloud.writes()) == before


@pytest.fixture
def module(cloud, tmp_path):
    """Return the command that runs the module on all of the cloud."""
    (tmp_path / "args.json").write_text(
        json.dumps(dict(arguments(cloud), _ansible_remote_tmp=str(tmp_path))), encoding="utf-8"
    )
    return [sys.executable, "-c", MODULE]


@pytest.mark.parametrize("output", ["pipe", "file"])
def test_a_module_whose_parent_is_gone_stops(cloud, module, tmp_path, output):
    with started([sys.executable, "-c", PARENT, output] + module, tmp_path) as parent:
        wait_for_writes(cloud, tmp_path)
        os.kill(parent.pid, signal.SIGKILL)
        assert_quiet(cloud)
        if output == "file":
            told = json.loads((tmp_path / "told").read_text(encoding="utf-8"))
            assert (
                told["failed"] and told["changed"] and "the process that started this one is gone" in json.dumps(told)
            )


def test_a_module_that_was_started_through_a_shell_stops(cloud, module, tmp_path):
    """The shell lives on, so it is the output that tells."""
    command = ["/bin/sh", "-c", 'exec 3>&1; "$@" >&3; true', "sh"] + module
    with started([sys.executable, "-c", PARENT, "pipe"] + command, tmp_path) as parent:
        wait_for_writes(cloud, tmp_path)
        os.kill(parent.pid, signal.SIGKILL)
        assert_quiet(cloud)


def test_a_module_whose_input_is_gone_stops(cloud, module, tmp_path):
    with started(module, tmp_path, stdin=subprocess.PIPE) as process:
        wait_for_writes(cloud, tmp_path)
        time.sleep(5.0)
        assert process.poll() is None
        process.stdin.close()
        process.stdin = None
        assert_quiet(cloud)
        assert process.wait(ENDS) == 1
    assert "the input of this process was closed" in (tmp_path / "log").read_text(encoding="utf-8")


@pytest.mark.parametrize("stdin", ["closed at once", "none", "nohup"])
def test_a_long_run_without_a_terminal_is_no_orphan(cloud, module, tmp_path, stdin):
    more = {"stdin": subprocess.PIPE} if stdin == "closed at once" else {}
    with started((["nohup"] if stdin == "nohup" else []) + module, tmp_path, **more) as process:
        if process.stdin:
            process.stdin.close()
            process.stdin = None
        wait_for_writes(cloud, tmp_path)
        time.sleep(QUIET)
        before = len(cloud.writes())
        time.sleep(QUIET)
        assert len(cloud.writes()) > before and process.poll() is None


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=lambda number: number.name)
def test_a_module_that_gets_a_signal_stops(cloud, module, tmp_path, number):
    with started(module, tmp_path) as process:
        wait_for_writes(cloud, tmp_path)
        process.send_signal(number)
        assert process.wait(ENDS) != 0
        assert_quiet(cloud)
    log = (tmp_path / "log").read_text(encoding="utf-8")
    assert "Traceback" not in log
    assert number == signal.SIGTERM or "the task was interrupted" in json.loads(log)["msg"]


@pytest.fixture(params=["in the worker", "as a module"])
def playbook(request, cloud, tmp_path):
    """Return a function that writes a playbook and returns the command to run it. Another name for the interpreter makes it another one."""

    def command(**task):
        interpreter = tmp_path / "python"
        interpreter.symlink_to(sys.executable)
        play = {
            "hosts": "localhost",
            "connection": "local",
            "gather_facts": False,
            "tasks": [dict({"huaweicloud.vpn.vpn_connections": arguments(cloud)}, **task)],
        }
        play["vars"] = {"ansible_python_interpreter": str(interpreter)} if request.param == "as a module" else {}
        (tmp_path / "play.json").write_text(json.dumps([play]), encoding="utf-8")
        (tmp_path / "ansible.cfg").write_text("[defaults]\n", encoding="utf-8")
        return [sys.executable, "-m", "ansible", "playbook", "-i", "localhost,", "play.json"]

    return command


def test_a_time_limit_of_the_task_is_kept(cloud, playbook, tmp_path):
    with started(playbook(timeout=15), tmp_path) as process:
        wait_for_writes(cloud, tmp_path)
        assert process.wait(ENDS) == 2
        assert_quiet(cloud)
    assert "time" in (tmp_path / "log").read_text(encoding="utf-8").lower()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=lambda number: number.name)
def test_a_playbook_that_is_stopped_stops(cloud, playbook, tmp_path, number):
    """A terminal sends its Control-C to the whole group; who sends SIGTERM means the playbook."""
    with started(playbook(), tmp_path) as process:
        wait_for_writes(cloud, tmp_path)
        (os.killpg if number == signal.SIGINT else os.kill)(process.pid, number)
        assert_quiet(cloud)
        assert process.wait(ENDS) != 0
