# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The picture for the documentation: ratios only, since times mean nothing on another machine."""

from __future__ import annotations

import pathlib
import typing as t

import matplotlib
from report import CHANGE_BOUND

matplotlib.use("Agg")
# The same figures make the same file.
matplotlib.rcParams.update({"svg.hashsalt": "huaweicloud.vpn", "svg.fonttype": "none", "font.size": 10})

from matplotlib import pyplot  # noqa: E402  pylint: disable=wrong-import-position

OURS, THEIRS, GROUND = "#c7000b", "#8a8d90", "#d2d2d2"


def draw(path: pathlib.Path, results: dict[str, t.Any], subtitle: str) -> None:
    """Draw the loops, the tasks for many connections, and the change, as far as they were measured."""
    panels = [
        panel for panel in (_loops(results["items"]), _fleets(results["rows"]), _change(results["bounds"])) if panel
    ]
    if not panels:
        return
    figure, places = pyplot.subplots(
        1, len(panels), figsize=(4.4 * len(panels), 3.6), squeeze=False, layout="constrained"
    )
    for place, (title, unit, bars) in zip(places[0], panels):
        names = [name for name, *_rest in bars]
        drawn = place.barh(names, [value for _name, value, _colour in bars], color=[colour for *_rest, colour in bars])
        place.bar_label(drawn, fmt="%.2g", padding=3)
        place.invert_yaxis()
        place.set_title(title, loc="left", fontsize=10, fontweight="bold")
        place.set_xlabel(unit)
        place.margins(x=0.15)
        place.spines[["top", "right"]].set_visible(False)
    figure.suptitle(subtitle, x=0.01, ha="left", fontsize=9, color="#555555")
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, metadata={"Date": None} if path.suffix == ".svg" else None)
    if path.suffix == ".svg":
        lines = path.read_text(encoding="utf-8").splitlines()
        path.write_text("".join(line.rstrip() + "\n" for line in lines), encoding="utf-8")


def _loops(items: list[dict[str, t.Any]]) -> tuple | None:
    words = {"in-process": "vpn_connection", "as module": "vpn_connection,\nas a module", "uri": "uri", "ping": "ping"}
    bars = [
        (words[row["subject"]], row["cpu ratio"], OURS if row["subject"] == "in-process" else THEIRS)
        for row in items
        if row["delay"] == 0
    ]
    return ("A loop with nothing to change", "CPU time per further item, to ping's", bars) if bars else None


def _fleets(rows: list[dict[str, t.Any]]) -> tuple | None:
    bars = []
    for row in rows:
        if (
            row["part"] == "c"
            and row["delay"] == 0
            and not row["psk"]
            and row["subject"] in ("one task", "floor")
            and row["size"] >= 100
        ):
            ours = row["subject"] == "one task"
            bars.append(
                (
                    f"{row['size']:,}" if ours else f"{row['size']:,}, empty task",
                    row["wall ratio"],
                    OURS if ours else GROUND,
                )
            )
    return (
        (
            "Many connections in one task,\nnothing to change",
            "time of the whole ansible-playbook, to an empty task's",
            bars,
        )
        if bars
        else None
    )


def _change(bounds: list[dict[str, t.Any]]) -> tuple | None:
    ratio = next(bound["measured"] for bound in bounds if bound["what"] == CHANGE_BOUND)
    if ratio is None:
        return None
    bars = [("vpn_connections", ratio, OURS), ("script with the\nvendor's SDK", 1.0, THEIRS)]
    return (
        "A change of 100 connections\non 10 gateways, 50 ms away",
        "time of the work to the script's, start-up left out",
        bars,
    )
