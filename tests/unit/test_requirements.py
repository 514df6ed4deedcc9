# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the tests and the workflows install: within bounds, so that nobody's release of tonight decides what they say.

ansible-test installs one file of requirements per kind of test and follows no references to further files.
"""

from __future__ import annotations

import pathlib
import re

import pytest
import yaml

TESTS = pathlib.Path(__file__).parents[1]


def requirements(folder: str) -> set[str]:
    lines = (TESTS / folder / "requirements.txt").read_text(encoding="utf-8").splitlines()
    return {line for line in lines if line and not line.startswith("#")}


@pytest.mark.parametrize("folder", ["unit", "integration"])
def test_emulator_can_run(folder: str) -> None:
    assert requirements("emulator") <= requirements(folder)


def listed() -> list[str]:
    return [
        f"{path.parent.name}: {line}"
        for path in sorted(TESTS.glob("**/requirements*.txt"))
        for line in sorted(requirements(path.parent.name))
    ]


@pytest.mark.parametrize("line", listed())
def test_a_requirement_has_a_lower_and_an_upper_bound(line: str) -> None:
    assert re.fullmatch(r"[a-z]+: [a-z-]+>=[0-9.]+,<[0-9.]+", line)


def test_a_library_has_the_same_bounds_everywhere() -> None:
    lines = {line.partition(": ")[2] for line in listed()}
    assert len(lines) == len({line.partition(">=")[0] for line in lines}) >= 15


@pytest.mark.parametrize(
    "path", sorted((TESTS.parent / ".github" / "workflows").glob("*.yml")), ids=lambda path: path.name
)
def test_an_action_is_named_by_its_digest(path: pathlib.Path) -> None:
    used = re.findall(r"uses: *(.*)", path.read_text(encoding="utf-8"))
    assert used
    assert [
        line for line in used if not re.fullmatch(r"[a-z-]+/[a-z-]+@[0-9a-f]{40}  # v[0-9]+\.[0-9]+\.[0-9]+", line)
    ] == []


def test_the_kit_for_awx_names_versions() -> None:
    kit = TESTS.parent / "docs" / "awx" / "project" / "collections" / "requirements.yml"
    wanted = {item["name"]: item["version"] for item in yaml.safe_load(kit.read_text(encoding="utf-8"))["collections"]}
    assert (
        all(re.fullmatch(r">=[0-9.]+,<[0-9.]+", version) for version in wanted.values()) and "huaweicloud.vpn" in wanted
    )
