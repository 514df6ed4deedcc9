# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The benchmark's command line; tests/benchmark/run sets up what it needs."""

from __future__ import annotations

import argparse
import json
import os
import pathlib
import platform
import sys
import time
import typing as t

import ansible.release
import parts
import picture
import report
import site_parts
from cloud import Cloud
from plays import Player

BUILD = pathlib.Path(__file__).resolve().parent.parent.parent / ".build" / "benchmark"
FULL = parts.Extent(3, 10, (0, 50), (1, 10, 40), (1, 10, 100, 1000, 2000), (1, 10, 100, 1000, 2000))
PARTS = (
    ("a", parts.one_task),
    ("b", parts.loops),
    ("c", parts.fleets),
    ("d", parts.changes),
    ("e", site_parts.modules),
    ("g", site_parts.words),
)
QUICK = parts.Extent(2, 3, (0,), (1, 11), (1, 1000, 2000), (1000,))


def main() -> None:
    """Measure what was asked for, print it and keep it."""
    options = _options()
    extent = QUICK if options.quick else FULL
    if options.repeat:
        extent = extent._replace(repeat=options.repeat)
    machine = (
        f"ansible-core {ansible.release.__version__}, Python {platform.python_version()}, {os.cpu_count()} processors"
    )
    say(f"{machine}; load at the start {os.getloadavg()[0]:.2f}")
    groups: list[parts.Group] = []
    extra: dict[str, t.Any] = {}
    BUILD.mkdir(parents=True, exist_ok=True)
    with Cloud(BUILD) as cloud:
        player = Player(cloud, BUILD)
        for letter, measure in PARTS:
            if letter in options.only:
                for group in measure(player, extent):
                    keyed = ", psk" if group.psk else ""
                    say(f"{time.strftime('%T')}  {letter}) {group.title}: {group.size:,}, {group.delay} ms{keyed}")
                    groups.append(group)
        if "f" in options.only:
            extra = {"function": parts.function(player, extent), "start-up": parts.start_up(player)}
    results = _results(groups, extra)
    results["about"] = {"machine": machine, "load at the end": os.getloadavg()[0], "quick": options.quick, "dwell": 0.2}
    (BUILD / "results.json").write_text(json.dumps(results, indent=1), encoding="utf-8")
    picture.draw(options.picture, results, machine)
    say(f"\nload at the end {os.getloadavg()[0]:.2f}; all figures are in .build/benchmark/results.json")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--only", default="abcdefg")
    parser.add_argument("--repeat", type=int, default=0)
    parser.add_argument("--picture", type=pathlib.Path, default=BUILD / "speed.svg")
    return parser.parse_args()


def _results(groups: list[parts.Group], extra: dict[str, t.Any]) -> dict[str, t.Any]:
    """Work everything out, and print it."""
    rows = report.rows(groups)
    items = report.per_item(groups)
    bounds = report.bounds(groups, items, extra.get("function"))
    texts = [report.table(rows)] if rows else []
    texts += [report.item_table(items)] if items else []
    texts += [report.function_text(extra["function"]), report.start_text(extra["start-up"])] if extra else []
    say("\n" + "\n".join(texts + [report.bounds_text(bounds)]))
    judged = [{**bound._asdict(), "verdict": bound.verdict} for bound in bounds]
    return {"rows": rows, "items": items, **extra, "bounds": judged}


def say(text: str) -> None:
    """Print at once."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
