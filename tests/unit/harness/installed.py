# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The collection as a user has it: built, installed, and called by name from a folder of the user's own."""

from __future__ import annotations

import pathlib
import subprocess
import tarfile
from typing import Any

from ansible_collections.huaweicloud.vpn.tests.unit.harness import commands

ROOT = pathlib.Path(__file__).resolve().parents[3]


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
        own = {
            "ANSIBLE_COLLECTIONS_PATH": str(self.collections),
            "ANSIBLE_CONFIG": str(self.folder / "ansible.cfg"),
            "COLUMNS": "500",
        }
        given = {name: value for name, value in commands.environment(**own).items() if name != "PYTHONPATH"}
        return commands.run(command, cwd, {**given, **environment})
