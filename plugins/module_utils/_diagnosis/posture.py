# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Sentences about weak settings of an object, alone and beside its neighbors, each with the setting and what to do.

Private to this collection; no stable interface.
"""

from __future__ import annotations

from typing import Any, Iterable, Iterator, Mapping, NamedTuple, Optional, Sequence, Tuple

from ansible_collections.huaweicloud.vpn.plugins.module_utils._diagnosis.values import (
    Network,
    as_list,
    look_up,
    number,
    overlap,
    parsed,
)
from ansible_collections.huaweicloud.vpn.plugins.module_utils._schema.behavior import ID
from ansible_collections.huaweicloud.vpn.plugins.module_utils._schema.causes import Habit, Posture
from ansible_collections.huaweicloud.vpn.plugins.module_utils._schema.resource import Resource
from ansible_collections.huaweicloud.vpn.plugins.module_utils._text import printable

Values = Mapping[str, Any]
# From a network, or from anywhere, to a network.
Flow = Tuple[Optional[Network], Network]


class Neighbor(NamedTuple):
    """An object beside others of its parent, with its flows."""

    members: Values
    flows: Sequence[Flow]


# The objects of each parent.
Neighbors = Mapping[str, Sequence[Neighbor]]


def survey(resource: Resource, objects: Iterable[Values]) -> Neighbors:
    """Return objects by their parent, without those that are being deleted.

    Args:
        resource: The table.
        objects: All objects of each parent that occurs among them.
    """
    found: dict[str, list[Neighbor]] = {}
    table = resource.posture
    if table is None:
        return found
    for members in objects:
        if str(resource.states.of(members)) not in resource.states.deleting:
            own = Neighbor(members, _flows(table, members))
            found.setdefault(_parent_of(resource, members), []).append(own)
    return found


def _parent_of(resource: Resource, members: Values) -> str:
    return str(members.get(resource.identity.parent or ""))


def assess(resource: Resource, members: Values, neighbors: Neighbors | None) -> list[str]:
    """Return sentences about the settings of an object; none where the table has no word about them.

    Args:
        resource: The table.
        members: The object.
        neighbors: What `survey` returned, the object included; None if not all of its parent's objects were read.
    """
    table = resource.posture
    if table is None:
        return []
    found = [sentence for habit in table.habits for sentence in _habit(habit, members)]
    found += _reserved(table, members)
    found += _overlapping_rules(table, members)
    if neighbors is not None:
        others = neighbors.get(_parent_of(resource, members), ())
        found += _beside(table, members, [other for other in others if other.members.get(ID) != members.get(ID)])
    return list(dict.fromkeys(found))


def has_active_partner(resource: Resource, members: Values, neighbors: Neighbors) -> bool:
    """Return whether another object of the same pair works.

    Args:
        resource: The table.
        members: The object.
        neighbors: What `survey` returned.
    """
    table = resource.posture
    if table is None:
        return False
    flows = _flows(table, members)
    return any(
        _is_pair(table, members, other.members, flows, other.flows)
        and resource.states.of(other.members) in resource.states.active
        for other in neighbors.get(_parent_of(resource, members), ())
    )


# -- one object


def _habit(habit: Habit, members: Values) -> Iterator[str]:
    value = look_up(members, habit.path)
    if habit.only_with is not None and _lowered(look_up(members, habit.only_with[0])) not in habit.only_with[1]:
        return
    if value in (None, ""):
        if habit.missing:
            yield f"{habit.path} is not set, {habit.says}; {habit.advice}"
    elif _lowered(value) in habit.values or _is_beyond(habit, number(value)):
        yield f"{habit.path} is {value}, {habit.says}; {habit.advice}"


def _lowered(value: Any) -> Any:
    return value.lower() if isinstance(value, str) else value


def _is_beyond(habit: Habit, value: int | None) -> bool:
    if value is None:
        return False
    return value < habit.minimum or bool(habit.maximum and value > habit.maximum)


def _reserved(table: Posture, members: Values) -> Iterator[str]:
    blocks = [block for block in map(parsed, table.reserved) if block is not None]
    for path, found in _other_networks(table, members):
        for block in blocks:
            if overlap(found, block):
                yield (
                    f"{path} contains {found}, which overlaps {block}, an address range that the cloud reserves;"
                    " use other addresses"
                )


def _other_networks(table: Posture, members: Values) -> Iterator[tuple[str, Network]]:
    for path in table.networks:
        yield from ((path, found) for found in map(parsed, as_list(members.get(path))) if found is not None)
    for path in table.rules:
        yield from ((path, destination) for _source, destination in _rules(table, members, path))


def _rules(table: Posture, members: Values, path: str) -> Iterator[Flow]:
    for rule in as_list(members.get(path)):
        if isinstance(rule, dict):
            for text in as_list(rule.get(table.rule_destinations)):
                destination = parsed(text)
                if destination is not None:
                    yield parsed(rule.get(table.rule_source)), destination


def _overlapping_rules(table: Posture, members: Values) -> Iterator[str]:
    for path in table.rules:
        flows = list(_rules(table, members, path))
        for index, one in enumerate(flows):
            for other in flows[index + 1 :]:
                if _meet(one, other):
                    yield f"{path} has rules that overlap, {_shown(one)} and {_shown(other)}; make them disjoint"


def _meet(one: Flow, other: Flow) -> bool:
    """Return whether two flows have traffic in common. A flow without source comes from anywhere."""
    anywhere = one[0] is None or other[0] is None
    return overlap(one[1], other[1]) and (anywhere or overlap(one[0], other[0]))  # type: ignore[arg-type]


def _shown(flow: Flow) -> str:
    return str(flow[1]) if flow[0] is None else f"{flow[0]} to {flow[1]}"


# -- beside others


def _flows(table: Posture, members: Values) -> list[Flow]:
    """Return the flows of an object: those of its rules, otherwise whatever goes to its networks."""
    ruled = [flow for path in table.rules for flow in _rules(table, members, path)]
    return ruled or [(None, found) for _path, found in _other_networks(table, members)]


def _beside(table: Posture, members: Values, neighbors: Iterable[Neighbor]) -> Iterator[str]:
    flows = _flows(table, members)
    partners = []
    for item, others in neighbors:
        if _is_pair(table, members, item, flows, others):
            partners.append(item)
            continue
        shared = next(((one, other) for one in flows for other in others if _meet(one, other)), None)
        if shared is not None:
            yield _overlap_sentence(table, members, item, *shared)
    if not partners:
        yield (
            f"{table.partner} has only this tunnel to the gateway, so its failure or maintenance interrupts the site;"
            f" add a connection from the gateway's other address ({table.address})"
        )
    for item in partners:
        yield from _differences(table, members, item)


def _is_pair(
    table: Posture,
    members: Values,
    item: Values,
    flows: Sequence[Flow],
    others: Sequence[Flow],
) -> bool:
    if item.get(table.address) == members.get(table.address):
        return False
    return item.get(table.partner) == members.get(table.partner) or (
        bool(flows) and set(map(str, flows)) == set(map(str, others))
    )


def _overlap_sentence(table: Posture, members: Values, item: Values, one: Any, other: Any) -> str:
    older = str(item.get(table.created) or "") < str(members.get(table.created) or "")
    wins = "the other one, which is older" if older else "this one, unless the other one is older"
    return (
        f"traffic {_shown(one)} overlaps {_shown(other)} of {_called(item)} on the same gateway, which matches in order"
        f" of creation whatever the state of the tunnels: it goes to {wins}; make the networks disjoint"
    )


def _called(item: Values) -> str:
    return printable(str(item.get("name") or item.get(ID)), 100)


def _differences(table: Posture, members: Values, item: Values) -> Iterator[str]:
    for path in table.alike:
        one, other = _comparable(look_up(members, path)), _comparable(look_up(item, path))
        if one != other:
            yield (
                f"{path} is {_text(one)}, but {_text(other)} in {_called(item)}, the other connection of the pair;"
                " set both alike"
            )


def _comparable(value: Any) -> Any:
    if isinstance(value, list):
        return sorted(map(str, value))
    return _lowered(value)


def _text(value: Any) -> str:
    if isinstance(value, list):
        return printable(", ".join(value), 200) or "empty"
    return "not set" if value is None else printable(str(value), 200)
