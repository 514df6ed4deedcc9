# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is measured. Each function measures one part, and returns rows for the table."""

from __future__ import annotations

import json
import pathlib
import statistics
import sys
import time
import typing as t
import urllib.request

import startup
from cloud import KEY
from plays import HERE, Player
from processes import Cost, Costs, interleaved

CHANGE = (10, 10)  # gateways, connections of each
JUDGED_SIZE = 1000
# A task is handed over to the module when its Python goes by another name; that costs nothing by itself.
HANDED_OVER = {"vars": {"ansible_python_interpreter": str(pathlib.Path(sys.executable).with_name("python3"))}}


class Extent(t.NamedTuple):
    """How much is measured.

    repeat: the number of runs. delays: milliseconds added to every answer. loops, sizes: numbers of connections.
    turns: runs of what a bound judges by a difference, such as that of the two smallest loops, which is the cost of an
    additional item. They alternate often, because the speed of a machine may drift by as much as is measured.
    keyed: sizes that are also measured with a key in every item.
    """

    repeat: int
    turns: int
    delays: tuple[int, ...]
    loops: tuple[int, ...]
    sizes: tuple[int, ...]
    keyed: tuple[int, ...]


class Group(t.NamedTuple):
    """Subjects measured side by side. part: a letter; title: what they do; size: of how many; psk: in every item?"""

    part: str
    title: str
    size: int
    delay: int
    costs: Costs
    psk: bool = False

    def values(self, subject: str, member: str) -> list[float]:
        """One figure of all runs of a subject."""
        return [getattr(cost, member) for cost in self.costs[subject]]


def with_keys(wanted: list[dict[str, t.Any]]) -> list[dict[str, t.Any]]:
    """The same with a key of its own in every item."""
    return [{**item, "psk": KEY % number} for number, item in enumerate(wanted)]


def without_ids(wanted: list[dict[str, t.Any]]) -> list[dict[str, t.Any]]:
    """The same found by name."""
    return [{name: value for name, value in item.items() if name != "id"} for item in wanted]


def one_task(player: Player, extent: Extent) -> t.Iterator[Group]:
    """a) A play with one task that has nothing to do."""
    item = player.cloud.fill(1, 1)[0]
    tasks = {
        "by id": {"huaweicloud.vpn.vpn_connection": item},
        "by name": {"huaweicloud.vpn.vpn_connection": without_ids([item])[0]},
        "as module": {"huaweicloud.vpn.vpn_connection": item, **HANDED_OVER},
        "ping": {"ansible.builtin.ping": {}},
    }
    for delay in extent.delays:
        player.cloud.delay(delay)
        plays = {name: player.play(f"one-{name.replace(' ', '-')}", [task], []) for name, task in tasks.items()}
        yield Group("a", "one task, nothing to do", 1, delay, interleaved(plays, extent.repeat))


def loops(player: Player, extent: Extent) -> t.Iterator[Group]:
    """b) A loop of tasks that have nothing to do: CPU per further item from the differences between counts."""
    item = player.cloud.fill(1, 1)[0]
    headers = {"X-Auth-Token": player.cloud.token(), "Content-Type": "application/json"}
    ours = {"huaweicloud.vpn.vpn_connection": item}
    tasks = {
        "in-process": ours,
        "as module": {**ours, **HANDED_OVER},
        "uri": {
            "ansible.builtin.uri": {"url": player.cloud.address(item["id"]), "headers": headers, "return_content": True}
        },
        "ping": {"ansible.builtin.ping": {}},
    }
    for delay in extent.delays:
        player.cloud.delay(delay)
        plays = {}
        for count in extent.loops:
            loop = {"loop": f"{{{{ range({count}) | list }}}}"}
            for name, task in tasks.items():
                plays[f"{name} {count}"] = player.play(f"loop-{name.replace(' ', '-')}-{count}", [{**task, **loop}], [])
        few = {f"{name} {count}": plays.pop(f"{name} {count}") for name in tasks for count in extent.loops[:2]}
        costs = {**interleaved(few, extent.turns), **interleaved(plays, extent.repeat, warm=False)}
        for count in extent.loops:
            yield Group(
                "b", "a loop of tasks, nothing to do", count, delay, {name: costs[f"{name} {count}"] for name in tasks}
            )


def fleets(player: Player, extent: Extent) -> t.Iterator[Group]:
    """c) One task for many connections, with nothing to do, against the floor play and the vendor's SDK."""
    for size in extent.sizes:
        wanted = without_ids(player.cloud.fill(1, size))
        player.cloud.delay(0)
        kinds = {
            psk: _fleet(player, with_keys(wanted) if psk else wanted, psk)
            for psk in (False, True)
            if not psk or size in extent.keyed
        }
        for delay in extent.delays:
            player.cloud.delay(delay)
            # With keys and without take turns, too: they are compared with each other.
            plays = {(psk, name): subject for psk, subjects in kinds.items() for name, subject in subjects.items()}
            judged = size == JUDGED_SIZE and not delay
            costs = interleaved(plays, extent.turns if judged else extent.repeat, warm=False)
            for psk, subjects in kinds.items():
                yield Group(
                    "c",
                    "many connections, nothing to do",
                    size,
                    delay,
                    {name: costs[psk, name] for name in subjects},
                    psk,
                )


def _fleet(player: Player, items: list[dict[str, t.Any]], psk: bool) -> dict[str, t.Callable[[], Cost]]:
    name = f"{len(items)}-{psk}"
    variables = [player.write(f"wanted-{name}", {"wanted": items})]
    task = {"huaweicloud.vpn.vpn_connections": {"connections": "{{ wanted }}"}}
    recorded = player.record(f"fleet-{name}", task, variables)
    floor = {"pass_through": {"connections": "{{ wanted }}", "recorded": str(recorded)}}
    subjects: dict[str, t.Callable[[], Cost]] = {
        "one task": player.play(f"fleet-{name}", [{**task, "register": "outcome"}], variables),
        "floor": player.play(f"fleet-floor-{name}", [{**floor, "register": "outcome"}], variables),
    }
    if not psk:
        subjects["raw list"] = lambda: raw_list(player)
        subjects["sdk"] = sdk(player, variables[0])
    return subjects


def raw_list(player: Player) -> Cost:
    """One list request by itself: sent, answered, read."""
    headers = {"X-Auth-Token": player.cloud.token(), "Content-Type": "application/json"}
    request = urllib.request.Request(player.cloud.address() + "?limit=2000", headers=headers)
    start, cpu = time.perf_counter(), time.process_time()
    with urllib.request.urlopen(request) as answer:
        answer.read()
    return Cost(time.perf_counter() - start, time.process_time() - cpu, 0.0, {"listVpnConnections": 1})


def sdk(player: Player, wanted: pathlib.Path, *arguments: t.Callable[[], str]) -> t.Callable[[], Cost]:
    """The script that uses the vendor's SDK; each argument is a function, called before each run."""
    return script(player, "sdk", wanted, *arguments)


def script(player: Player, name: str, wanted: pathlib.Path, *arguments: t.Callable[[], str]) -> t.Callable[[], Cost]:
    """A script that says how long its work took; each argument is a function, called before each run."""
    report = player.folder / f"{name}-report.json"
    command = [sys.executable, str(HERE / "scripts" / f"{name}.py"), str(wanted), str(report)]
    environment = {"PYTHONPATH": str(player.folder / "collections")}
    return lambda: player.command(name, command + [argument() for argument in arguments], report, environment)


def changes(player: Player, extent: Extent) -> t.Iterator[Group]:
    """d) A change of one leaf on 100 connections over 10 gateways, against the floor play and the vendor's SDK."""
    wanted = without_ids(player.cloud.fill(*CHANGE))
    timeouts = Alternating()
    variables = [player.write("wanted-change", {"wanted": wanted})]
    value = player.folder / "change-value.json"
    value.write_text('{"dpd_timeout": 20}', encoding="utf-8")
    wish = "{{ wanted | map('combine', {'ikepolicy': {'dpd': {'timeout': dpd_timeout}}}, recursive=true) | list }}"
    task = {"huaweicloud.vpn.vpn_connections": {"connections": wish}}
    player.cloud.delay(0)
    recorded = player.record("change", task, variables + [value])
    floor = {"pass_through": {"connections": wish, "recorded": str(recorded)}}
    ours = player.play("change", [{**task, "register": "outcome"}], variables + [value])

    def changed() -> Cost:
        value.write_text(json.dumps({"dpd_timeout": int(timeouts.next())}), encoding="utf-8")
        return ours()

    subjects = {
        "one task": changed,
        "floor": player.play("change-floor", [{**floor, "register": "outcome"}], variables + [value]),
        "our function": script(player, "change", variables[0], timeouts.next),
        "sdk": sdk(player, variables[0], timeouts.next),
    }
    for delay in (0, 50):
        player.cloud.delay(delay)
        costs = interleaved(subjects, extent.turns)
        yield Group("d", "a change of 100 over 10 gateways", CHANGE[0] * CHANGE[1], delay, costs)


class Alternating:
    """Values each of which differs from the one before, so that every run has something to change."""

    def __init__(self) -> None:
        self._number = 0

    def next(self) -> str:
        """The next value."""
        self._number += 1
        return str(21 + self._number % 30)


def function(player: Player, extent: Extent) -> dict[str, t.Any]:
    """f) CPU inside our function for 1,000 connections, with and without a key in every item; in ms per connection."""
    wanted = without_ids(player.cloud.fill(1, JUDGED_SIZE))
    player.cloud.delay(0)
    report = player.folder / "function-report.json"
    environment = {"PYTHONPATH": str(player.folder / "collections")}
    samples: dict[str, list[dict[str, float]]] = {"without psk": [], "with psk": []}
    for _round in range(extent.repeat):
        for name, items in (("without psk", wanted), ("with psk", with_keys(wanted))):
            path = player.write("function", {"wanted": items})
            script = [sys.executable, str(HERE / "scripts" / "function.py"), str(path), str(report), "3"]
            player.command("function", script, environment=environment)
            samples[name] += json.loads(report.read_text(encoding="utf-8"))["seconds"]
    rows: dict[str, t.Any] = {name: _milliseconds(sample) for name, sample in samples.items()}
    rows["ratio"] = statistics.median(
        sum(one.values()) / sum(other.values()) for one, other in zip(samples["with psk"], samples["without psk"])
    )
    return rows


def _milliseconds(sample: list[dict[str, float]]) -> dict[str, float]:
    """Medians per connection; the total is the median of the totals."""
    found = {part: statistics.median(row[part] for row in sample) * 1000 / JUDGED_SIZE for part in sample[0]}
    return {**found, "total": statistics.median(sum(row.values()) for row in sample) * 1000 / JUDGED_SIZE}


def start_up(player: Player) -> dict[str, t.Any]:
    """f) What is imported and sent before any work is done, both ways."""
    item = player.cloud.fill(1, 1)[0]
    player.cloud.delay(0)
    return {
        "module": startup.of_module(player, {"huaweicloud.vpn.vpn_connection": item, **HANDED_OVER}, "vpn_connection"),
        "ping": startup.of_module(player, {"ansible.builtin.ping": {}}, "ping"),
        "plugin": startup.of_plugin(player, "vpn_connection"),
        "plugin of many": startup.of_plugin(player, "vpn_connections"),
    }
