# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A process that has imported ansible-core, and forks a process for each command. `commands` starts and asks it.

Over half of the time that a short playbook takes is the import of ansible-core and what that needs.

Usage: fork_server.py DESCRIPTOR, of a Unix socket on which each message is a JSON object with a command's arguments,
folder, and environment, and comes with the descriptor of a file for its output. The answers are the number of the new
process, and its exit code once it has ended: the number of a signal, negative, if it was killed.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import socket
import sys
from typing import Any

# What any playbook needs, besides the command itself.
IMPORTS = (
    "ansible.cli.playbook",
    "ansible.executor.process.worker",
    "ansible.plugins.action.normal",
    "ansible.plugins.callback.default",
    "ansible.plugins.connection.local",
    "ansible.plugins.shell.sh",
    "ansible.plugins.strategy.linear",
    "requests",
)
# The longest message, in bytes.
LONGEST = 1 << 20


def serve(requests: socket.socket) -> None:
    """Start a command for each message, until the other end is closed."""
    while True:
        message, descriptors, _flags, _address = socket.recv_fds(requests, LONGEST, 1)
        if not message:
            return
        (output,) = descriptors
        process = os.fork()
        if not process:
            requests.close()
            begin(json.loads(message), output)
        os.close(output)
        requests.send(b"%d" % process)
        _process, status = os.waitpid(process, 0)
        requests.send(b"%d" % os.waitstatus_to_exitcode(status))


def begin(command: dict[str, Any], output: int) -> None:
    """Be the process of a command, from here to its end."""
    os.setsid()
    os.dup2(output, 1)
    os.dup2(output, 2)
    os.close(output)
    os.chdir(command["folder"])
    os.environ.clear()
    os.environ.update(command["environment"])
    # ansible-core makes this folder when it is imported, and removes it when a process ends.
    os.makedirs(importlib.import_module("ansible.constants").DEFAULT_LOCAL_TMP, mode=0o700, exist_ok=True)
    name, *arguments = command["arguments"]
    sys.argv = [f"ansible-{name}", *arguments]
    sys.exit(importlib.import_module(f"ansible.cli.{name}").main())


if __name__ == "__main__":
    del sys.path[0]  # the folder of this file
    for module in IMPORTS:
        importlib.import_module(module)
    gc.freeze()
    serve(socket.socket(fileno=int(sys.argv[1])))
