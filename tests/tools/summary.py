# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Print a table of the sessions that nox has run, what failed, and counts of tests and of sessions that failed without.

Usage: summary.py FOLDER. The folder contains nox's report.json, JUnit files in junit/, logs/ and remarks in notes/.
"""

from __future__ import annotations

import json
import pathlib
import sys
from collections import Counter
from xml.etree import ElementTree


def count(files: list[pathlib.Path]) -> Counter[str]:
    """Count passed, failed and skipped tests in JUnit files."""
    counts: Counter[str] = Counter()
    for file in files:
        for case in ElementTree.parse(file).iter("testcase"):
            outcomes = {element.tag for element in case}
            failed = outcomes & {"failure", "error"}
            counts["failed" if failed else "skipped" if "skipped" in outcomes else "passed"] += 1
    return counts


def failures(files: list[pathlib.Path]) -> list[str]:
    """Return the name and the error of each failed test in JUnit files."""
    found = []
    for file in files:
        for case in ElementTree.parse(file).iter("testcase"):
            for element in case:
                if element.tag in ("failure", "error"):
                    name = f"{case.get('classname', '')}::{case.get('name', '')}"
                    found.append(f"{name}: {(element.get('message') or '').partition(chr(10))[0]}")
    return found


def last_lines(log: pathlib.Path, number: int = 25) -> list[str]:
    return log.read_text(errors="replace").splitlines()[-number:] if log.exists() else []


def main(folder: pathlib.Path) -> None:
    total: Counter[str] = Counter()
    left_out: list[str] = []
    failed: list[str] = []
    print("\nsession           result      time      CPU   remark")
    for session in json.loads((folder / "report.json").read_text())["sessions"]:
        # "units(2.19)"; the name alone is "units" for each ansible-core
        name, result = max(session["signatures"], key=len, default=session["name"]), str(session["result"])
        label = name.replace("(", "-").replace(")", "")
        note, cpu = folder / "notes" / label, folder / "notes" / f"{label}.cpu"
        files = sorted(folder.glob(f"junit/{label}*.xml"))
        counts = count(files)
        remarks = [", ".join(f"{counts[kind]} {kind}" for kind in ("passed", "failed", "skipped") if counts[kind])]
        remarks += [note.read_text() if note.exists() else "", session.get("reason") or ""]
        spent = f"{cpu.read_text():>5} s" if cpu.exists() else f"{'':7}"
        print(f"{name:17} {result:9} {session['duration']:5.0f} s  {spent}   {'; '.join(filter(None, remarks))}")
        if result == "skipped":
            left_out.append(f"!!! {name} {session.get('reason')}")
        elif result != "success":
            failed += [f"\n{name} {result}:", *(failures(files) or last_lines(folder / "logs" / f"{label}.log"))]
            counts["failed"] += not counts["failed"]
        total += counts
    print(*failed, *left_out, sep="\n")
    skipped = f", {total['skipped']} skipped" if total["skipped"] else ""
    print(f"{total['passed']} passed, {total['failed']} failed{skipped}")


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
