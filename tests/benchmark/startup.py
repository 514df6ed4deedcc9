# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Start-up: what a module is sent with, and what both ways import (python -X importtime)."""

from __future__ import annotations

import base64
import io
import pathlib
import re
import shutil
import subprocess
import sys
import typing as t
import zipfile

if t.TYPE_CHECKING:
    from plays import Player

IMPORTED = re.compile(r"import time:\s+(\d+) \|\s+(\d+) \|( *)(\S+)")
DIVIDE = "NOW THE PLUGIN"
SHOWN = 8


def of_module(player: Player, task: dict[str, t.Any], name: str) -> dict[str, t.Any]:
    """The size of what is sent for a module, how many files it contains (all, and ours), and what it imports."""
    payload = _payload(player, task, name)
    text = payload.read_text(encoding="utf-8")
    files = _packed(text)
    environment = {**player.environment, "PYTHONUNBUFFERED": "1"}
    done = subprocess.run(
        [sys.executable, "-X", "importtime", str(payload)], env=environment, capture_output=True, text=True, check=True
    )
    ours = [file for file in files if "/huaweicloud/" in file and not file.endswith("__init__.py")]
    return {"KiB": len(text) / 1024, "files": len(files), "files of ours": len(ours), **_imports(done.stderr)}


def _payload(player: Player, task: dict[str, t.Any], name: str) -> pathlib.Path:
    """Let core make the file it sends, and keep it."""
    temporary = player.folder / "home" / "remote"
    shutil.rmtree(temporary, ignore_errors=True)
    keeping = {"ANSIBLE_KEEP_REMOTE_FILES": "true", "ANSIBLE_PIPELINING": "false"}
    before = dict(player.environment)
    player.environment.update(keeping)
    try:
        player.play(f"payload-{name}", [task], [])()
    finally:
        player.environment = before
    return next(temporary.glob(f"**/AnsiballZ_{name}.py"))


def _packed(text: str) -> list[str]:
    """The files in the archive that a module's file carries."""
    archive = max(re.findall(r"[\"']([A-Za-z0-9+/=\n]{2000,})[\"']", text), key=len)
    return zipfile.ZipFile(io.BytesIO(base64.b64decode(archive))).namelist()


def of_plugin(player: Player, name: str) -> dict[str, t.Any]:
    """What an action plugin imports beyond what ansible-playbook has imported anyway."""
    script = str(pathlib.Path(__file__).resolve().parent / "scripts" / "plugin.py")
    command = [sys.executable, "-X", "importtime", script, str(player.folder / "collections"), name]
    subprocess.run(command, env=player.environment, capture_output=True, check=True)
    done = subprocess.run(command, env=player.environment, capture_output=True, text=True, check=True)
    return _imports(done.stderr.partition(DIVIDE)[2])


def _imports(text: str) -> dict[str, t.Any]:
    """The number of modules imported, milliseconds in all, and those at the root of the most expensive subtrees."""
    rows = [(int(own), int(total), len(indent), name) for own, total, indent, name in IMPORTED.findall(text)]
    ours = [name for *_times, name in rows if name.startswith("ansible_collections.huaweicloud")]
    dearest = sorted(rows, key=lambda row: -row[1])[:SHOWN]
    return {
        "modules": len(rows),
        "modules of ours": len(ours),
        "ms": sum(row[0] for row in rows) / 1000,
        "dearest": {name: round(total / 1000, 1) for _own, total, _indent, name in dearest},
    }
