# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Plays: what is written for ansible-playbook, and how it is run."""

from __future__ import annotations

import json
import pathlib
import sys
import typing as t

from cloud import Cloud
from processes import Cost, run

HERE = pathlib.Path(__file__).resolve().parent
RECORDER = {"ansible.builtin.copy": {"content": "{{ outcome | to_json }}", "dest": "{{ recorded }}", "mode": "0600"}}


class Player:
    """Runs plays in one folder against one cloud."""

    def __init__(self, cloud: Cloud, folder: pathlib.Path) -> None:
        self.cloud = cloud
        self.folder = folder
        (folder / "ansible.cfg").touch()
        self.environment = {
            **cloud.access(),
            "HOME": str(folder / "home"),
            "LC_ALL": "C.UTF-8",
            "ANSIBLE_COLLECTIONS_PATH": str(folder / "collections"),
            "ANSIBLE_ACTION_PLUGINS": str(HERE / "action_plugins"),
            "ANSIBLE_LOCAL_TEMP": str(folder / "home" / "local"),
            "ANSIBLE_REMOTE_TMP": str(folder / "home" / "remote"),
            "ANSIBLE_PIPELINING": "true",
            "ANSIBLE_NOCOLOR": "true",
            "ANSIBLE_CONFIG": str(folder / "ansible.cfg"),
        }

    def write(self, name: str, value: t.Any) -> pathlib.Path:
        """Write a value as JSON, which is YAML too."""
        path = self.folder / f"{name}.json"
        path.write_text(json.dumps(value), encoding="utf-8")
        return path

    def play(self, name: str, tasks: list[dict[str, t.Any]], variables: list[pathlib.Path]) -> t.Callable[[], Cost]:
        """Return a function that runs a play of these tasks on the controller itself, and says what it cost."""
        self.write(
            name,
            [
                {
                    "name": name,
                    "hosts": "localhost",
                    "gather_facts": False,
                    "vars_files": [str(path) for path in variables],
                    "vars": {
                        "ansible_connection": "local",
                        "ansible_python_interpreter": "{{ ansible_playbook_python }}",
                    },
                    "tasks": tasks,
                }
            ],
        )
        # started by Python, not by its "#!" line, so that it goes by a path without spaces
        program = str(pathlib.Path(sys.executable).with_name("ansible-playbook"))
        command = [sys.executable, program, "-i", "localhost,", str(self.folder / f"{name}.json")]
        return lambda: self.command(name, command)

    def command(
        self,
        name: str,
        command: list[str],
        reports: pathlib.Path | None = None,
        environment: dict[str, str] | None = None,
    ) -> Cost:
        """Run a command and say what it cost; reports: the file in which it says how long its work took."""
        self.cloud.forget()
        wall, cpu, memory = run(command, {**self.environment, **(environment or {})}, self.folder / f"{name}.log")
        inner = json.loads(reports.read_text(encoding="utf-8"))["seconds"] if reports else None
        return Cost(wall, cpu, memory, self.cloud.requests(), inner)

    def record(self, name: str, task: dict[str, t.Any], variables: list[pathlib.Path]) -> pathlib.Path:
        """Run a task once, and return the file with the result that it registered."""
        path = self.folder / f"{name}-recorded.json"
        recorder = {**RECORDER, "vars": {"recorded": str(path)}}
        self.play(f"{name}-recording", [{**task, "register": "outcome"}, recorder], variables)()
        return path
