# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What docs/ARCHITECTURE.md says of adding a field, a resource and an operation is done here, step by step.

The steps are carried out in a copy of the collection. Before a step the test that the document names must fail, and after
the last step all of them must pass: a place that the document forgets, or one that is needed no more, is noticed.
"""

from __future__ import annotations

import ast
import os
import pathlib
import re
import shutil
import subprocess
import sys
from typing import Any, Callable, NamedTuple

import pytest
import yaml

from ansible_collections.huaweicloud.vpn.plugins.module_utils._work import info, single
from ansible_collections.huaweicloud.vpn.tests.unit.harness.resources import NAMELESS

ROOT = pathlib.Path(__file__).parents[2]
DOCUMENT = (ROOT / "docs" / "ARCHITECTURE.md").read_text(encoding="utf-8")
COPIED = ("docs", "meta", "plugins", "tests/emulator", "tests/integration", "tests/unit", "README.md", "galaxy.yml")
# What stands for a name of the reader's in the document, and a name that exists.
EXAMPLES = {"vpn_NAME": "vpn_customer_gateway", "NAME": "customer_gateway", "OPERATION": "bulk"}


class Step(NamedTuple):
    """A step of the document: its places, and the tests that notice where it is not done."""

    places: tuple[str, ...]
    noticed_by: tuple[str, ...]


def section(title: str) -> str:
    return DOCUMENT.split(f"\n## {title}\n")[1].split("\n## ")[0]


def steps(title: str) -> list[Step]:
    """Return the steps of the first list in a section."""
    text = re.split(r"\n\n(?!1\.)", section(title)[section(title).index("\n1. ") :])[0]
    items = re.split(r"\n\d+\. ", text)[1:]
    parts = [(item.partition(":")[0], item.partition("Noticed by")[2]) for item in items]
    return [Step(*(tuple(re.findall(r"`([^`]+)`", part)) for part in pair)) for pair in parts]


# -- the steps, as somebody does them who reads the document ------------------------------------------------------------


def insert(file: str, before: str, text: str) -> Callable[[pathlib.Path], None]:
    """Return what inserts text before each line that begins so, in a file."""

    def do(copy: pathlib.Path) -> None:
        old = (copy / file).read_text(encoding="utf-8")
        new = re.sub(f"^(?={re.escape(before)})", lambda match: text, old, flags=re.MULTILINE)
        assert new != old, f"{file} has no line {before!r} any more"
        (copy / file).write_text(new, encoding="utf-8")

    return do


def write(file: str, text: str) -> Callable[[pathlib.Path], None]:
    def do(copy: pathlib.Path) -> None:
        (copy / file).parent.mkdir(parents=True, exist_ok=True)
        (copy / file).write_text(text, encoding="utf-8")

    return do


RETURNED = """\
    mtu:
      description: Largest packet in bytes.
      returned: always
      type: int
      sample: 1400
"""
FIELD = {
    "plugins/module_utils/_resources/connection.py": insert(
        "plugins/module_utils/_resources/connection.py",
        '        _read_only("enable_health_check"',
        '        Field("mtu", Integer(576, 1500), "API reference", change=FIXED),\n',
    ),
    "tests/emulator/openapi.yaml": insert(
        "tests/emulator/openapi.yaml",
        "        enable_nqa:\n",
        "        mtu:\n          type: integer\n          minimum: 576\n          maximum: 1500\n",
    ),
    "plugins/doc_fragments/_connection.py": insert(
        "plugins/doc_fragments/_connection.py",
        "enable_nqa:\n",
        "mtu:\n  description:\n    - Largest packet in bytes.\n  type: int\n",
    ),
    "plugins/modules/vpn_connection_info.py": insert(
        "plugins/modules/vpn_connection_info.py", "    enable_nqa:\n", RETURNED
    ),
    "plugins/modules/vpn_connection.py": insert("plugins/modules/vpn_connection.py", "    enable_nqa:\n", RETURNED),
}

NAME = NAMELESS.name
TABLE = NAME.upper()
IMPORT = "from ansible_collections.huaweicloud.vpn.plugins."


def table() -> str:
    """Return the table that only tests use as a file of its own."""
    text = (ROOT / "tests/unit/harness/resources.py").read_text(encoding="utf-8")
    nodes = ast.parse(text).body
    used = [node for node in nodes if isinstance(node, ast.ImportFrom)]
    used += [node for node in nodes if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "SOURCE"]
    own = next(node for node in nodes if isinstance(node, ast.Assign) and node.targets[0].id == "NAMELESS")
    own.targets[0].id = TABLE
    return '"""Private."""\n' + "".join(ast.unparse(node) + "\n" for node in (*used, own))


def documented(spec: dict[str, Any]) -> dict[str, Any]:
    """Return the documentation of options, as far as tests compare it."""
    found = {}
    for name, option in spec.items():
        found[name] = {key: value for key, value in option.items() if key not in ("no_log", "options")}
        if "options" in option:
            found[name]["suboptions"] = documented(option["options"])
    return found


def module(operation: Any) -> str:
    word = operation.__name__.rpartition(".")[2]
    documentation = yaml.safe_dump({"options": documented(operation.argument_spec(NAMELESS))})
    return (
        f'DOCUMENTATION = r"""\n{documentation}"""\nEXAMPLES = ""\nRETURN = ""\n'
        f"{IMPORT}module_utils._module import run_module\n"
        f"{IMPORT}module_utils._resources.{NAME} import {TABLE}\n"
        f"{IMPORT}module_utils._work import {word}\n"
        f"def main():\n    run_module({word}, {TABLE})\n"
    )


def action(word: str) -> str:
    return (
        f"{IMPORT}module_utils._resources.{NAME} import {TABLE}\n"
        f"{IMPORT}module_utils._work import {word}\n"
        f"{IMPORT}plugin_utils._in_process import InProcessAction\n"
        f"class ActionModule(InProcessAction):\n    operation = {word}\n    resource = {TABLE}\n"
    )


def listed(copy: pathlib.Path) -> None:
    """Name the modules in the test of the contract."""
    file = "tests/unit/test_contract.py"
    entries = f'    "vpn_{NAME}": (single, {TABLE}),\n    "vpn_{NAME}_info": (info, {TABLE}),\n'
    insert(file, '    "vpn_customer_gateway":', entries)(copy)
    insert(file, "OPERATIONS = {", f"{IMPORT}module_utils._resources.{NAME} import {TABLE}\n")(copy)
    insert(file, "# What each room may use", f"ALL_RESOURCES.append({TABLE})\n")(copy)


PAGES = "https://huaweicloud-vpn.github.io/huaweicloud.vpn/collections/huaweicloud/vpn"
RESOURCE = {
    "plugins/module_utils/_resources/NAME.py": write(f"plugins/module_utils/_resources/{NAME}.py", table()),
    "plugins/modules/vpn_NAME.py": write(f"plugins/modules/vpn_{NAME}.py", module(single)),
    "plugins/modules/vpn_NAME_info.py": write(f"plugins/modules/vpn_{NAME}_info.py", module(info)),
    "plugins/action/vpn_NAME.py": write(f"plugins/action/vpn_{NAME}.py", action("single")),
    "plugins/action/vpn_NAME_info.py": write(f"plugins/action/vpn_{NAME}_info.py", action("info")),
    "tests/unit/test_contract.py": listed,
    "meta/runtime.yml": insert(
        "meta/runtime.yml", "    - vpn_customer_gateway\n", f"    - vpn_{NAME}\n    - vpn_{NAME}_info\n"
    ),
    "tests/integration/targets/vpn_NAME": write(f"tests/integration/targets/vpn_{NAME}/aliases", ""),
    "tests/integration/targets/vpn_NAME_info": write(f"tests/integration/targets/vpn_{NAME}_info/aliases", ""),
    "README.md": insert(
        "README.md", "## ", f"[a]({PAGES}/vpn_{NAME}_module.html) [b]({PAGES}/vpn_{NAME}_info_module.html)\n\n"
    ),
}


# -- in a copy of the collection ----------------------------------------------------------------------------------------


@pytest.fixture
def copy(tmp_path: pathlib.Path) -> pathlib.Path:
    """Return a copy of the collection, in which steps may be done."""
    folder = tmp_path / "ansible_collections" / "huaweicloud" / "vpn"
    for name in COPIED:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, folder / name)
        else:
            shutil.copy2(ROOT / name, folder / name)
    return folder


def failing(copy: pathlib.Path, names: list[str]) -> set[str]:
    """Return which of some tests fail in the copy."""
    tests = {name: path for name in names for path in find_test(name)}
    environment = {key: text for key, text in os.environ.items() if not key.startswith(("PYTEST", "COV"))}
    # These tests need no fixture, no plugin and no explanation of what they assert.
    environment.update(PYTHONPATH=str(copy.parents[2]), PYTEST_DISABLE_PLUGIN_AUTOLOAD="1")
    options = ["-q", "-rf", "--noconftest", "-p", "no:cacheprovider", "--assert", "plain"]
    options += ["--import-mode", "importlib", "--rootdir", "."]
    command = [sys.executable, "-m", "pytest", *options, *(f"{path}::{name}" for name, path in tests.items())]
    done = subprocess.run(command, cwd=copy, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode in (0, 1), done.stdout + done.stderr
    return set(re.findall(r"^FAILED \S+?::(\w+)", done.stdout, re.MULTILINE))


def find_test(name: str) -> list[str]:
    """Return the file of a test, as a path in the collection."""
    files = (ROOT / "tests" / "unit").glob("test_*.py")
    return [
        str(file.relative_to(ROOT)) for file in sorted(files) if f"\ndef {name}(" in file.read_text(encoding="utf-8")
    ]


@pytest.mark.parametrize("title, edits", [("Add a field", FIELD), ("Add a resource", RESOURCE)])
def test_the_steps_of_the_document_are_all_it_takes(copy: pathlib.Path, title: str, edits: Any) -> None:
    todo = [step for step in steps(title) if step.noticed_by or set(step.places) & set(edits)]
    assert [place for step in todo for place in step.places] == list(edits)
    unnoticed = [name for step in todo for name in step.noticed_by]
    for step in todo:
        # A test may need earlier steps before it can notice this one.
        if set(step.noticed_by) & set(unnoticed):
            missed = failing(copy, unnoticed)
            assert missed >= set(step.noticed_by) & set(unnoticed), f"nothing notices that {step} is not done"
            unnoticed = [name for name in unnoticed if name not in missed]
        for place in step.places:
            edits[place](copy)
    assert failing(copy, [name for step in todo for name in step.noticed_by]) == set()


# -- what the document names --------------------------------------------------------------------------------------------


def names_of_code() -> set[str]:
    """Return every name that the code of the collection and of its tests defines."""
    found = set()
    for folder in ("plugins", "tests/unit"):
        for file in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
                    found.add(node.name)
                elif isinstance(node, ast.arg):
                    found.add(node.arg)
                elif isinstance(node, (ast.Name, ast.Attribute)) and isinstance(node.ctx, ast.Store):
                    found.add(getattr(node, "id", None) or node.attr)
    return found


# Words of Ansible, of examples, and of files that are no code.
FOREIGN = {
    "ValueError",
    "fail_json",
    "aliases",
    "meta",
    "tasks",
    "seealso",
    "version_added",
    "minor_changes",
    "all",
    "mtu",
}


def is_there(place: str) -> bool:
    """Return whether there is a file or folder, named by its path or, in a text about its folder, by the end of that."""
    for word, example in EXAMPLES.items():
        place = place.replace(word, example)
    folders = (ROOT / "plugins", ROOT / "tests")
    return (ROOT / place).exists() or any(path for folder in folders for path in folder.glob(f"**/{place}"))


def test_every_place_and_name_in_the_document_exists() -> None:
    folders = [path for name in ("plugins", "tests/unit") for path in (ROOT / name).rglob("*")]
    known = names_of_code() | {path.stem for path in folders} | set(single.argument_spec(NAMELESS))
    known |= FOREIGN | {"TABLE", "ACTION", *EXAMPLES}
    missing = []
    for quoted in re.findall(r"`([^`]+)`", re.sub(r"```.*?```", "", DOCUMENT, flags=re.DOTALL)):
        if re.fullmatch(r"[\w.*]+(/[\w.*]+)+|[\w.]+\.(py|md|yml|yaml)", quoted):
            missing += [] if is_there(quoted) else [quoted]
        elif "{" not in quoted:  # no example of data
            missing += sorted(set(re.findall(r"[A-Za-z_]\w+", quoted)) - known)
    assert missing == []


def test_every_list_of_the_how_to_begins_with_places() -> None:
    for title in ("Add a field", "Add a resource", "Add an operation"):
        for item in re.findall(r"^\d+\. (.*)", section(title), re.MULTILINE):
            assert re.match(r"(`[\w./]+`(, )?)+(:|$)", item), item
