# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Commands of ansible-core as a user starts them: each in a process, a folder and an environment of its own.

The processes are forked from one that has imported ansible-core (see `fork_server`).
"""

from __future__ import annotations

import atexit
import functools
import json
import os
import pathlib
import re
import shutil
import socket
import subprocess
import sys
import tempfile
from typing import IO, Any, Sequence

from ansible_collections.huaweicloud.vpn.plugins.module_utils._work import single

COLLECTION = pathlib.Path(single.__file__).parents[3]
FORK_SERVER = pathlib.Path(__file__).with_name("fork_server.py")
# What the environment of the tests must not do to commands.
FOREIGN = re.compile("(ANSIBLE|COVERAGE|HUAWEICLOUD|HW)_")
# What ansible-core does not read when it is imported.
READ_LATER = re.compile("(HUAWEICLOUD|HW)_")
# How many fork servers there may be at a time. Each serves one environment, so that tests of one file share theirs.
SERVERS = 3
# Seconds in which each command of the tests comes to its end.
LONGEST = 300.0


@functools.lru_cache(maxsize=None)
def ansible_home() -> str:
    """Return the folder where ansible-core keeps its files: one for all tests, so that they can share a fork server."""
    folder = tempfile.mkdtemp()
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def environment(**more: str) -> dict[str, str]:
    """Return the environment of a user who has the collection that is tested."""
    own = {name: value for name, value in os.environ.items() if not FOREIGN.match(name)}
    return {
        **own,
        "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
        "ANSIBLE_COLLECTIONS_PATH": str(COLLECTION.parents[2]),
        "ANSIBLE_HOME": ansible_home(),
        "ANSIBLE_LOCAL_TEMP": ansible_home(),
        # Ansible does not quote the path of this folder, so tests/run names one without odd characters.
        "ANSIBLE_REMOTE_TMP": os.environ.get("PLAIN_TMP") or ansible_home(),
        "ANSIBLE_LOCALHOST_WARNING": "false",
        "ANSIBLE_INVENTORY_UNPARSED_WARNING": "false",
        "ANSIBLE_NOCOLOR": "1",
        "LC_ALL": "C.UTF-8",
        **more,
    }


class Command:
    """A command that runs.

    Attributes:
        pid: The number of its process.
    """

    def __init__(self, server: _ForkServer, pid: int) -> None:
        self.pid = pid
        self._server = server

    def wait(self) -> int:
        """Wait for its end; return its exit code, or minus the number of the signal that ended it."""
        return self._server.answer()


def start(arguments: Sequence[str], cwd: pathlib.Path, environment: dict[str, str], output: IO[Any]) -> Command:
    """Start a command of ansible-core. It must have ended before the next one is started.

    Args:
        arguments: Its name without "ansible-" ("adhoc" for ansible itself), and its arguments.
        cwd: Its folder.
        environment: All of its environment.
        output: A file for its output, errors included.
    """
    return _server(cwd, environment).start(arguments, cwd, environment, output)


def run(arguments: Sequence[str], cwd: pathlib.Path, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Run a command of ansible-core (see `start`) to its end; return its exit code and its output, errors included."""
    with tempfile.TemporaryFile("w+", encoding="utf-8") as output:
        code = start(arguments, cwd, environment, output).wait()
        output.seek(0)
        return subprocess.CompletedProcess(list(arguments), code, output.read())


class _ForkServer:
    """A process that forks commands."""

    def __init__(self, cwd: pathlib.Path, environment: dict[str, str]) -> None:
        self._requests, other = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._requests.settimeout(LONGEST)
        with other:
            self._process = subprocess.Popen(
                [sys.executable, str(FORK_SERVER), str(other.fileno())],
                cwd=cwd,
                env=environment,
                stdin=subprocess.DEVNULL,
                pass_fds=[other.fileno()],
            )

    def start(
        self, arguments: Sequence[str], cwd: pathlib.Path, environment: dict[str, str], output: IO[Any]
    ) -> Command:
        message = {"arguments": list(arguments), "folder": str(cwd), "environment": environment}
        socket.send_fds(self._requests, [json.dumps(message).encode()], [output.fileno()])
        return Command(self, self.answer())

    def answer(self) -> int:
        answer = self._requests.recv(100)
        assert answer, f"the fork server has ended with {self._process.wait()}"
        return int(answer)

    def close(self) -> None:
        self._requests.close()
        self._process.wait()


_servers: dict[str, _ForkServer] = {}


@atexit.register
def close() -> None:
    """End the fork servers."""
    while _servers:
        _servers.popitem()[1].close()


def _server(cwd: pathlib.Path, environment: dict[str, str]) -> _ForkServer:
    """Return a fork server with all that ansible-core reads when it is imported."""
    settings = [f"{name}={value}" for name, value in sorted(environment.items()) if not READ_LATER.match(name)]
    file = pathlib.Path(environment.get("ANSIBLE_CONFIG") or cwd / "ansible.cfg")
    if file.is_file():
        settings += [str(file), file.read_text(encoding="utf-8")]
    key = "\n".join(settings)
    server = _servers.pop(key, None) or _ForkServer(cwd, environment)
    _servers[key] = server
    if len(_servers) > SERVERS:
        _servers.pop(next(iter(_servers))).close()
    return server
