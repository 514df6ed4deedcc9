# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The collection as a user has it: built, installed, and called by name from a folder of the user's own."""

from __future__ import annotations

import os
import pathlib
import re
import subprocess
import sys
import tarfile
from typing import Any

from ansible_collections.huaweicloud.vpn.tests.unit.harness.support import remote_tmp

ROOT = pathlib.Path(__file__).resolve().parents[3]
FOREIGN = re.compile("(ANSIBLE|COVERAGE|HUAWEICLOUD|HW)_|PYTHONPATH$")


class Installed:
    """The collection, built from the checkout and installed in a folder.

    Args:
        folder: An empty folder.

    Attributes:
        archive: The built collection.
        collections: The folder for Ansible's search path.
    """

    def __init__(self, folder: pathlib.Path) -> None:
        self.folder = folder
        self.collections = folder / "collections"
        (folder / "ansible.cfg").touch()
        self._galaxy("build", "--output-path", str(folder / "dist"), str(ROOT))
        (self.archive,) = (folder / "dist").glob("*.tar.gz")
        self._galaxy("install", "--offline", "--collections-path", str(self.collections), str(self.archive))

    def _galaxy(self, *arguments: str) -> None:
        done = self._run(["galaxy", "collection", *arguments], self.folder, {})
        assert done.returncode == 0, done.stdout

    def files(self) -> list[str]:
        """Return the names of all files in the archive."""
        with tarfile.open(self.archive) as archive:
            return sorted(member.name for member in archive.getmembers() if not member.isdir())

    def play(
        self, cloud: Any, cwd: pathlib.Path, *arguments: str, **environment: str
    ) -> subprocess.CompletedProcess[str]:
        """Run ansible-playbook with arguments in a folder, against an emulator."""
        return self._run(["playbook", *arguments], cwd, {**cloud.environment(), **environment})

    def _run(
        self, command: list[str], cwd: pathlib.Path, environment: dict[str, str]
    ) -> subprocess.CompletedProcess[str]:
        own = {name: value for name, value in os.environ.items() if not FOREIGN.match(name)}
        return subprocess.run(
            [sys.executable, "-m", "ansible", *command],
            cwd=cwd,
            env={
                **own,
                "ANSIBLE_COLLECTIONS_PATH": str(self.collections),
                "ANSIBLE_HOME": str(self.folder / "home"),
                "ANSIBLE_REMOTE_TMP": remote_tmp(self.folder / "home"),
                "ANSIBLE_CONFIG": str(self.folder / "ansible.cfg"),
                "ANSIBLE_LOCALHOST_WARNING": "0",
                "ANSIBLE_INVENTORY_UNPARSED_WARNING": "0",
                "ANSIBLE_NOCOLOR": "1",
                "COLUMNS": "500",
                "LC_ALL": "C.UTF-8",
                **environment,
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=300,
            check=False,
        )
