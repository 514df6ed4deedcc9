# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From what was measured to rows, to bounds, and to text."""

from __future__ import annotations

import typing as t

from parts import JUDGED_SIZE, Group
from processes import median, ratio

LISTS = "listVpnConnections"
PUTS = "updateVpnConnection"
CHANGE_BOUND = "change of 100 at 50 ms, wall less floor, to the SDK's work"
BASELINE = {"a": "ping", "b": "ping", "c": "floor", "d": "sdk", "e": "ping", "g": "as they are"}
Row = dict[str, t.Any]


def rows(groups: list[Group]) -> list[Row]:
    """One row for each subject of each group; ratios are to the group's baseline, medians pair by pair."""
    return [_row(group, subject) for group in groups for subject in group.costs]


def _row(group: Group, subject: str) -> Row:
    costs, base = group.costs[subject], BASELINE[group.part]
    inner = [cost.inner for cost in costs if cost.inner is not None]
    return {
        "part": group.part,
        "title": group.title,
        "size": group.size,
        "psk": group.psk,
        "delay": group.delay,
        "subject": subject,
        "requests": sum(costs[-1].requests.values()),
        "operations": costs[-1].requests,
        "wall": median(costs, "wall"),
        "cpu": median(costs, "cpu"),
        "memory": median(costs, "memory"),
        "runs": len(costs),
        "inner": sorted(inner)[len(inner) // 2] if inner else None,
        "baseline": base,
        "wall ratio": ratio(group.values(subject, "wall"), group.values(base, "wall")),
        "cpu ratio": ratio(group.values(subject, "cpu"), group.values(base, "cpu")),
        "walls": group.values(subject, "wall"),
        "cpus": group.values(subject, "cpu"),
    }


def per_item(groups: list[Group]) -> list[Row]:
    """CPU and wall per further item of a loop, from the differences between the two smallest counts, pair by pair."""
    found = []
    for delay in sorted({group.delay for group in groups if group.part == "b"}):
        few, many = sorted(
            (group for group in groups if group.part == "b" and group.delay == delay), key=lambda group: group.size
        )[:2]
        steps = {
            (subject, member): _steps(few, many, subject, member)
            for subject in many.costs
            for member in ("cpu", "wall")
        }
        for subject in many.costs:
            row: Row = {"subject": subject, "delay": delay, "between": [few.size, many.size]}
            for member in ("cpu", "wall"):
                own = sorted(steps[subject, member])
                row[member] = own[len(own) // 2]
                row[f"{member} ratio"] = ratio(steps[subject, member], steps["ping", member])
            found.append(row)
    return found


def _steps(few: Group, many: Group, subject: str, member: str) -> list[float]:
    pairs = zip(few.values(subject, member), many.values(subject, member))
    return [(large - small) / (many.size - few.size) for small, large in pairs]


# -- bounds -----------------------------------------------------------------------------------------------------------


class Bound(t.NamedTuple):
    """A bound that the collection sets itself. measured: None when the parts it needs were not measured."""

    what: str
    most: float
    measured: float | None
    unit: str

    @property
    def verdict(self) -> str:
        """In words."""
        if self.measured is None:
            return "not measured"
        return "met" if self.measured <= self.most else "NOT MET"


def bounds(groups: list[Group], items: list[Row], function: Row | None) -> list[Bound]:
    """All of them."""
    change = _find(groups, "d", delay=50)
    largest = _find(groups, "c", size=2000)
    site = _find(groups, "e")
    changed = next((group for group in groups if group.part == "e" and group.title.endswith("a change")), None)
    return [
        Bound("requests of a no-op, one connection by id", 1, _requests(_find(groups, "a"), "by id"), ""),
        Bound("requests of a no-op, one connection by name", 1, _requests(_find(groups, "a"), "by name"), ""),
        Bound("requests of a no-op, 2,000 connections", 1, _requests(largest, "one task"), ""),
        Bound("PUT requests of a change of 100", 100, _requests(change, "one task", PUTS), ""),
        Bound("list requests of a change of 100", 6, _requests(change, "one task", LISTS), ""),
        Bound("other requests of a change of 100", 0, _others(change), ""),
        Bound("requests of a no-op, one gateway by id", 1, _requests(site, "gateway by id"), ""),
        Bound("requests of a no-op, one gateway by name", 1, _requests(site, "gateway by name"), ""),
        Bound("requests of a no-op, a customer gateway by id", 1, _requests(site, "customer gateway by id"), ""),
        Bound("requests of a no-op, a customer gateway by name", 1, _requests(site, "customer gateway by name"), ""),
        Bound("writes of a change of a gateway", 1, _writes(changed, "gateway"), ""),
        Bound("writes of a change of a gateway's flavor", 1, _writes(changed, "gateway, flavor"), ""),
        Bound("writes of a change of a customer gateway", 1, _writes(changed, "customer gateway"), ""),
        *(
            Bound(f"no-op of 1,000, CPU, {word}, to as they are", 1.1, _words(_find(groups, "g"), word), "x")
            for word in ("names", "defaults", "list_mode", "all of them")
        ),
        Bound("CPU per further loop item in-process, to ping", 0.10, _item(items, "in-process"), "x"),
        Bound("CPU per further loop item as module, to ping", 1.6, _item(items, "as module"), "x"),
        Bound(
            "no-op of 1,000, wall, to floor play + one raw list", 1.3, _no_op(_find(groups, "c", size=JUDGED_SIZE)), "x"
        ),
        Bound(
            "CPU inside our function per connection, no-op", 1.0, function and function["without psk"]["total"], "ms"
        ),
        Bound("CPU inside our function, psk in every item, to without", 1.5, function and function["ratio"], "x"),
        Bound("no-op of 1,000, CPU, psk in every item, to without", 1.5, _keys(groups), "x"),
        Bound(CHANGE_BOUND, 1.5, _change(change), "x"),
        Bound("the same inside our function, to the SDK's work", 1.0, _work_alone(change), "x"),
        Bound("peak memory for 2,000 above the floor play", 60, _memory(largest), "MiB"),
    ]


def _find(groups: list[Group], part: str, delay: int = 0, size: int | None = None, psk: bool = False) -> Group | None:
    return next(
        (
            group
            for group in groups
            if (group.part, group.delay, group.psk) == (part, delay, psk) and size in (None, group.size)
        ),
        None,
    )


def _requests(group: Group | None, subject: str, operation: str | None = None) -> float | None:
    """The largest number of requests in any run."""
    if group is None:
        return None
    return max(
        sum(cost.requests.values()) if operation is None else cost.requests.get(operation, 0)
        for cost in group.costs[subject]
    )


def _writes(group: Group | None, subject: str) -> float | None:
    """The largest number of requests in any run that read nothing."""
    if group is None:
        return None
    return max(
        sum(number for name, number in cost.requests.items() if not name.startswith(("list", "show")))
        for cost in group.costs[subject]
    )


def _words(group: Group | None, subject: str) -> float | None:
    """The CPU of whole plays, turn by turn: the median of the ratios does not drift with the machine."""
    return None if group is None else ratio(group.values(subject, "cpu"), group.values("as they are", "cpu"))


def _others(group: Group | None) -> float | None:
    if group is None:
        return None
    return max(
        sum(number for name, number in cost.requests.items() if name not in (LISTS, PUTS))
        for cost in group.costs["one task"]
    )


def _item(items: list[Row], subject: str) -> float | None:
    return next((row["cpu ratio"] for row in items if row["subject"] == subject and row["delay"] == 0), None)


def _no_op(group: Group | None) -> float | None:
    if group is None:
        return None
    least = [floor + listed for floor, listed in zip(group.values("floor", "wall"), group.values("raw list", "wall"))]
    return ratio(group.values("one task", "wall"), least)


def _keys(groups: list[Group]) -> float | None:
    """Whole plays, less the floor play of each, of all turns together.

    The difference of two plays is no larger than what the speed of a machine changes from one play to the next.
    """
    plain, keyed = _find(groups, "c", size=JUDGED_SIZE), _find(groups, "c", size=JUDGED_SIZE, psk=True)
    if plain is None or keyed is None:
        return None
    return sum(_above_floor(keyed, "cpu")) / sum(_above_floor(plain, "cpu"))


def _above_floor(group: Group, member: str) -> list[float]:
    return [own - floor for own, floor in zip(group.values("one task", member), group.values("floor", member))]


def _change(group: Group | None) -> float | None:
    """To the seconds of the script's work: neither side's start-up counts."""
    return None if group is None else ratio(_above_floor(group, "wall"), group.values("sdk", "inner"))


def _work_alone(group: Group | None) -> float | None:
    """Without the start of Python and without imports on either side."""
    return None if group is None else ratio(group.values("our function", "inner"), group.values("sdk", "inner"))


def _memory(group: Group | None) -> float | None:
    return None if group is None else sorted(_above_floor(group, "memory"))[len(group.costs["floor"]) // 2]


# -- text -------------------------------------------------------------------------------------------------------------


def table(found: list[Row]) -> str:
    """The rows of the groups as text."""
    lines = [f"{'':48}{'requests':>9}{'wall s':>9}{'CPU s':>8}{'MiB':>6}{'wall':>8}{'CPU':>7}  to"]
    title = None
    for row in found:
        if title != (row["title"], row["delay"]):
            title = (row["title"], row["delay"])
            lines += ["", f"{row['part']}) {row['title']}, {row['delay']} ms added to each answer"]
        label = f"  {row['size']:>5,} {row['subject']}{', psk in every item' if row['psk'] else ''}"
        inner = f"   (its work alone: {row['inner']:.2f} s)" if row["inner"] is not None else ""
        lines.append(
            f"{label:48}{row['requests']:9}{row['wall']:9.3f}{row['cpu']:8.3f}{row['memory']:6.0f}"
            f"{row['wall ratio']:8.2f}{row['cpu ratio']:7.2f}  {row['baseline']}{inner}"
        )
    return "\n".join(lines)


def item_table(found: list[Row]) -> str:
    """The rows of the loops, per further item, as text."""
    lines = ["", f"{'per further item of a loop':48}{'wall ms':>9}{'CPU ms':>8}{'wall':>8}{'CPU':>7}  to"]
    for row in found:
        label = f"  {row['subject']}, {row['delay']} ms added"
        lines.append(
            f"{label:48}{row['wall'] * 1000:9.1f}{row['cpu'] * 1000:8.1f}"
            f"{row['wall ratio']:8.3f}{row['cpu ratio']:7.3f}  ping"
        )
    return "\n".join(lines)


def function_text(found: Row) -> str:
    """What our function takes, as text."""
    lines = ["", f"CPU inside our function, {JUDGED_SIZE:,} connections with nothing to do, ms per connection"]
    for name in ("without psk", "with psk"):
        lines.append(f"  {name:14}" + "  ".join(f"{part} {value:.3f}" for part, value in found[name].items()))
    return "\n".join(lines)


def start_text(found: Row) -> str:
    """What start-up costs, as text."""
    lines = ["", "start-up (imports timed by Python itself, which slows them down)"]
    for name, row in found.items():
        size = (
            f"{row['KiB']:.0f} KiB in {row['files']} files, {row['files of ours']} of them ours; "
            if "KiB" in row
            else ""
        )
        lines.append(
            f"  {name:16}{size}{row['modules']} modules imported, "
            f"{row['modules of ours']} of them ours, {row['ms']:.0f} ms"
        )
        lines.append(
            f"  {'':16}"
            + ", ".join(f"{module.rpartition('vpn.')[2]} {value}" for module, value in row["dearest"].items())
        )
    return "\n".join(lines)


def bounds_text(found: list[Bound]) -> str:
    """The bounds as text."""
    lines = ["", f"{'bound':62}{'at most':>10}{'measured':>12}"]
    for bound in found:
        measured = "-" if bound.measured is None else f"{bound.measured:.3g} {bound.unit}"
        lines.append(f"  {bound.what:60}{f'{bound.most:g} {bound.unit}':>10}{measured:>12}   {bound.verdict}")
    return "\n".join(lines)
