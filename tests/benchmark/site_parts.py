# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is measured besides: the modules for the rest of a site, and what the words of everyday work add to a no-op."""

from __future__ import annotations

import json
import typing as t

from parts import JUDGED_SIZE, Alternating, Extent, Group, without_ids
from plays import Player
from processes import Cost, interleaved

GATEWAY = "huaweicloud.vpn.vpn_gateway"
CUSTOMER = "huaweicloud.vpn.vpn_customer_gateway"
PING = {"ansible.builtin.ping": {}}
# What an entry of vpn_connections says of its two ends, in both ways.
BY_ID = ("vgw_id", "vgw_ip", "cgw_id")
BY_NAME = ("vgw_name", "cgw_name")
SHARED = ("style", "ikepolicy", "ipsecpolicy")


def modules(player: Player, extent: Extent) -> t.Iterator[Group]:
    """e) Each module of a site, with nothing to do, and those that write with a change."""
    gateway, customer = player.cloud.fill_site()
    tasks = {
        "gateway by id": {GATEWAY: gateway},
        "gateway by name": {GATEWAY: without_ids([gateway])[0]},
        "customer gateway by id": {CUSTOMER: customer},
        "customer gateway by name": {CUSTOMER: without_ids([customer])[0]},
        "gateway info": {f"{GATEWAY}_info": {}},
        "customer gateway info": {f"{CUSTOMER}_info": {}},
        "quota info": {"huaweicloud.vpn.vpn_quota_info": {}},
        "zone info": {"huaweicloud.vpn.vpn_availability_zone_info": {}},
        "peer device info": {"huaweicloud.vpn.vpn_peer_device_info": {}},
        "ping": PING,
    }
    plays = {name: player.play(f"site-{name.replace(' ', '-')}", [task], []) for name, task in tasks.items()}
    changing = {
        "gateway": {GATEWAY: {"id": gateway["id"], "local_subnets": ["10.{{ number }}.0.0/24"]}},
        "gateway, list_mode": {
            GATEWAY: {
                "id": gateway["id"],
                "list_mode": "add",
                "local_subnets": ["172.16.{{ number }}.0/24"],
            }
        },
        "gateway, flavor": {GATEWAY: {"id": gateway["id"], "flavor": "Professional{{ 2 - number % 2 }}"}},
        "customer gateway": {CUSTOMER: {"id": customer["id"], "name": "branch-{{ number }}"}},
    }
    changes = {name: _changing(player, name, task) for name, task in changing.items()}
    for delay in extent.delays:
        player.cloud.delay(delay)
        yield Group("e", "one task for a site, nothing to do", 1, delay, interleaved(plays, extent.repeat))
        costs = interleaved({**changes, "ping": plays["ping"]}, extent.repeat)
        yield Group("e", "one task for a site, a change", 1, delay, costs)


def _changing(player: Player, name: str, task: dict[str, t.Any]) -> t.Callable[[], Cost]:
    """A play that has something to change each time: its number is another one, even and odd in turn."""
    name = f"site-change-{name.replace(', ', '-').replace(' ', '-')}"
    numbers = Alternating()
    value = player.write(f"{name}-number", {"number": 0})
    assertion = {"ansible.builtin.assert": {"that": "outcome is changed", "quiet": True}}
    play = player.play(name, [{**task, "register": "outcome"}, assertion], [value])

    def changed() -> Cost:
        value.write_text(json.dumps({"number": int(numbers.next())}), encoding="utf-8")
        return play()

    return changed


def words(player: Player, extent: Extent) -> t.Iterator[Group]:
    """g) What names, defaults and list_mode add to a no-op of many; the same connections, described in other words."""
    described = player.cloud.fill_named(JUDGED_SIZE)
    player.cloud.delay(0)
    plain = [_without(item, BY_NAME) for item in described]
    named = [{**_without(item, BY_ID), "vgw_ip": "eip1"} for item in described]
    shared = {name: plain[0][name] for name in SHARED}
    tasks = {
        "as they are": {"connections": plain},
        "names": {"connections": named},
        "defaults": {"connections": [_without(item, SHARED) for item in plain], "defaults": shared},
        "list_mode": {"connections": [_some(item) for item in plain]},
        "all of them": {
            "connections": [_some(_without(item, SHARED)) for item in named],
            "defaults": {**shared, "list_mode": "add"},
        },
    }
    plays = {}
    for name, arguments in tasks.items():
        label = f"words-{name.replace(' ', '-')}"
        variables = [player.write(f"{label}-wanted", {"wanted": arguments})]
        task = {"huaweicloud.vpn.vpn_connections": "{{ wanted }}", "register": "outcome"}
        assertion = {"ansible.builtin.assert": {"that": "outcome is not changed", "quiet": True}}
        plays[name] = player.play(label, [task, assertion], variables)
    # As many turns as the short loops have: a tenth is little, and they differ by little.
    costs = interleaved(plays, extent.turns)
    yield Group("g", "many connections in other words, nothing to do", JUDGED_SIZE, 0, costs)


def _without(item: dict[str, t.Any], names: t.Container[str]) -> dict[str, t.Any]:
    return {name: value for name, value in item.items() if name not in names}


def _some(item: dict[str, t.Any]) -> dict[str, t.Any]:
    """The same with one network of several, to be among those found."""
    (rule,) = item["policy_rules"]
    first = item["peer_subnets"][:1]
    return {**item, "list_mode": "add", "peer_subnets": first, "policy_rules": [{**rule, "destination": first}]}
