# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Values of answers whose form is not certain. Private to this collection; no stable interface."""

from __future__ import annotations

import datetime
import ipaddress
import re
from typing import Any, Iterable, Mapping, Union

from ansible_collections.huaweicloud.vpn.plugins.module_utils._text import printable

Network = Union[ipaddress.IPv4Network, ipaddress.IPv6Network]


def as_list(value: Any) -> list[Any]:
    """Return a list as it is, and an empty one for anything else."""
    return value if isinstance(value, list) else []


def look_up(values: Any, path: str) -> Any:
    """Return the member with a dotted path, or None; a text in printable characters."""
    for name in path.split("."):
        values = values.get(name) if isinstance(values, dict) else None
    return printable(values) if isinstance(values, str) else values


def number(value: Any) -> int | None:
    """Return a whole number, also one that is written as a text; None for anything else."""
    try:
        return int(value)
    except (TypeError, ValueError, OverflowError):
        return None


def packets(items: Iterable[Mapping[str, Any]], member: str) -> int | None:
    """Return the sum of a member; None if an item lacks it."""
    found = [number(item.get(member)) for item in items]
    known = [count for count in found if count is not None]
    return sum(known) if len(known) == len(found) else None


def growth(
    earlier: Iterable[Mapping[str, Any]], later: Iterable[Mapping[str, Any]], identifier: str, member: str
) -> int | None:
    """Return by how much a member of all items has grown; None if an item lacks it.

    An item that is new, or counts less than before, has begun to count anew.
    """
    before = {str(item.get(identifier)): number(item.get(member)) for item in earlier}
    total = 0
    for item in later:
        now, then = number(item.get(member)), before.get(str(item.get(identifier)), 0)
        if now is None or then is None:
            return None
        total += now - then if now >= then else now
    return total


_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d")


def moment(text: Any) -> float | None:
    """Return a time of the API, which is in UTC, as seconds since 1970; None for what is no time."""
    found = _MOMENT.match(text) if isinstance(text, str) else None
    try:
        return datetime.datetime.fromisoformat(f"{found.group()}+00:00").timestamp() if found else None
    except ValueError:
        return None


def network(text: Any) -> str:
    """Return a network without host bits, or the text itself where it is none."""
    found = parsed(text)
    return printable(str(text)) if found is None else str(found)


def parsed(text: Any) -> Network | None:
    """Return the network that a text describes; None for none."""
    try:
        return ipaddress.ip_network(str(text).strip(), strict=False)
    except ValueError:
        return None


def overlap(one: Network, other: Network) -> bool:
    """Return whether two networks have addresses in common; those of different IP versions have not."""
    return one.version == other.version and one.overlaps(other)
