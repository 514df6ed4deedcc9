# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What tests/run prints at the end."""

from __future__ import annotations

import json
import pathlib
import subprocess
import sys

import pytest

SUMMARY = pathlib.Path(__file__).parents[2] / "tools" / "summary.py"
PASSED, FAILED, SKIPPED = "<testcase/>", "<testcase><failure/></testcase>", "<testcase><skipped/></testcase>"


def summary(folder: pathlib.Path, sessions: dict[str, str], units: str = "") -> list[str]:
    (folder / "junit").mkdir()
    (folder / "junit" / "units-2.19-python3.11-units.xml").write_text(
        f"<testsuites><testsuite>{units}</testsuite></testsuites>"
    )
    report = [
        {
            "name": name.split("(")[0],
            "signatures": [name],
            "result": result,
            "duration": 1.5,
            "reason": "no Python 3.12",
        }
        for name, result in sessions.items()
    ]
    (folder / "report.json").write_text(json.dumps({"sessions": report}))
    return subprocess.run(
        [sys.executable, SUMMARY, folder], check=True, capture_output=True, text=True
    ).stdout.splitlines()


@pytest.mark.parametrize(
    "sessions, units, last",
    [
        ({"units(2.19)": "success"}, PASSED * 3, "3 passed, 0 failed"),
        ({"units(2.19)": "success"}, PASSED + SKIPPED, "1 passed, 0 failed, 1 skipped"),
        ({"units(2.19)": "failed"}, PASSED + FAILED * 2, "1 passed, 2 failed"),
        # a session that failed is a failure even where no unit test tells of it
        ({"units(2.19)": "failed"}, PASSED, "1 passed, 1 failed"),
        ({"units(2.19)": "success", "sanity(2.19)": "failed"}, PASSED, "1 passed, 1 failed"),
        ({"units(2.19)": "failed", "coverage": "aborted"}, PASSED + FAILED, "1 passed, 2 failed"),
    ],
)
def test_the_closing_line_counts_tests_and_failed_sessions(
    tmp_path: pathlib.Path, sessions: dict[str, str], units: str, last: str
) -> None:
    assert summary(tmp_path, sessions, units)[-1] == last


def test_what_failed_is_named_at_the_end(tmp_path: pathlib.Path) -> None:
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "sanity-2.19.log").write_text("first\n" * 100 + "ERROR: line too long\n")
    case = '<testcase classname="tests.unit.test_x" name="test_y"><failure message="1 == 2&#10;more"/></testcase>'
    lines = summary(tmp_path, {"units(2.19)": "failed", "sanity(2.19)": "failed"}, PASSED + case)
    assert lines[lines.index("units(2.19) failed:") + 1] == "tests.unit.test_x::test_y: 1 == 2"
    told = lines[lines.index("sanity(2.19) failed:") + 1 :]
    assert told[-2:] == ["ERROR: line too long", "1 passed, 2 failed"] and len(told) < 40


def test_what_is_left_out_is_said_aloud(tmp_path: pathlib.Path) -> None:
    lines = summary(tmp_path, {"units(2.19)": "success", "sanity(2.21)": "skipped"}, PASSED)
    assert lines[-2:] == ["!!! sanity(2.21) no Python 3.12", "1 passed, 0 failed"]
