# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What tests share is in helpers beside them, so that each test file can be read, run and removed alone."""

from __future__ import annotations

import ast
import pathlib
from collections.abc import Iterator

import pytest

TESTS = pathlib.Path(__file__).parents[1]
FILES = sorted(
    file.relative_to(TESTS) for folder in ("unit", "awx", "tunnel") for file in (TESTS / folder).rglob("*.py")
)


def imported(file: pathlib.Path) -> Iterator[str]:
    for node in ast.walk(ast.parse((TESTS / file).read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


@pytest.mark.parametrize("file", FILES, ids=str)
def test_nothing_imports_a_test(file: pathlib.Path) -> None:
    names = {other.stem for other in FILES if other.name.startswith("test_")}
    assert [name for name in imported(file) if names & set(name.split("."))] == []
