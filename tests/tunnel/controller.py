# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Ansible's programs, with the collection and the emulated cloud, and none of the caller's settings."""

from __future__ import annotations

import os
import pathlib
import subprocess
import sys
import typing as t


def ansible(program: str, folder: pathlib.Path, emulator: t.Any, *words: object, **variables: str) -> str:
    """Run a program of Ansible, and return what it prints. AssertionError if it fails.

    Args:
        program: Its name in ansible.cli, such as playbook.
        folder: For its files.
        emulator: The cloud.
        words: Its arguments.
        variables: Further environment variables.
    """
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "LC_ALL": "C.UTF-8",
        "ANSIBLE_COLLECTIONS_PATH": os.environ["COLLECTIONS"],
        "ANSIBLE_LOCAL_TEMP": str(folder / "local"),
        "ANSIBLE_REMOTE_TEMP": str(folder / "remote"),
        "ANSIBLE_NOCOLOR": "1",
        "ANSIBLE_PIPELINING": "1",
        **emulator.environment(),
        **variables,
    }
    command = [sys.executable, "-m", f"ansible.cli.{program}", *map(str, words)]
    done = subprocess.run(
        command, env=environment, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr
