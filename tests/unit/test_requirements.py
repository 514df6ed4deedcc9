# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""ansible-test installs one file of requirements per kind of test and follows no references to further files."""

from __future__ import annotations

import pathlib

import pytest

TESTS = pathlib.Path(__file__).parents[1]


def requirements(folder: str) -> set[str]:
    lines = (TESTS / folder / "requirements.txt").read_text(encoding="utf-8").splitlines()
    return {line for line in lines if line and not line.startswith("#")}


@pytest.mark.parametrize("folder", ["unit", "integration"])
def test_emulator_can_run(folder: str) -> None:
    assert requirements("emulator") <= requirements(folder)
