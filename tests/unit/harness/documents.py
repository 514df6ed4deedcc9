# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The code blocks of documents, and a place to run what they show against the emulator."""

from __future__ import annotations

import pathlib
import re
import textwrap
from typing import NamedTuple

from ansible_collections.huaweicloud.vpn.tests.emulator import Emulator
from ansible_collections.huaweicloud.vpn.tests.unit.harness import commands
from ansible_collections.huaweicloud.vpn.tests.unit.harness.commands import COLLECTION

FENCE = re.compile(r"^( *)```(\w+)\n(.*?)^ *```$", re.DOTALL | re.MULTILINE)
DIRECTIVE = re.compile(r"^( *)\.\. code-block:: (\S+)\n\n((?:\1 +.*\n|\s*\n)*)", re.MULTILINE)


class Block(NamedTuple):
    """A code block: its language (str) and its text (str) without indentation."""

    language: str
    text: str


def blocks(document: str) -> list[Block]:
    """Return the code blocks of a document (its path in the collection), in order."""
    text = (COLLECTION / document).read_text(encoding="utf-8")
    found = (FENCE if document.endswith(".md") else DIRECTIVE).findall(text)
    return [Block(language, textwrap.dedent(body).strip("\n") + "\n") for _indent, language, body in found]


class Place:
    """A folder with files of a user, whose environment gives access to an emulator.

    Args:
        cloud: The emulator.
        folder: The folder.
    """

    def __init__(self, cloud: Emulator, folder: pathlib.Path) -> None:
        self.folder = folder
        self.environment = {**commands.environment(), **cloud.environment()}

    def run(self, command: str, *more: str, **environment: str) -> tuple[int, str]:
        """Run a command line that begins with ansible or ansible-playbook; return its exit code and its output."""
        program, *arguments = command.split()
        name = program.partition("-")[2] or "adhoc"
        done = commands.run([name, *arguments, *more], self.folder, {**self.environment, **environment})
        return done.returncode, done.stdout
