# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Kinds of values that hold IP networks and addresses. Private to this collection; no stable interface."""

from __future__ import annotations

import functools
import ipaddress
from typing import Any, Iterable, Iterator, Mapping, Sequence, Union

from ansible_collections.huaweicloud.vpn.plugins.module_utils._schema.kinds import Entries, Kind

Network = Union[ipaddress.IPv4Network, ipaddress.IPv6Network]
InterfaceAddress = Union[ipaddress.IPv4Interface, ipaddress.IPv6Interface]

# A value is looked at several times, wanted and found: how many different ones are remembered.
_REMEMBERED = 10000


@functools.lru_cache(_REMEMBERED)
def _parse_network(text: str) -> Network:
    return ipaddress.ip_network(text, strict=False)


def _canonical_network(value: Any, version: int) -> tuple[str, Network | None]:
    """Return (canonical text, parsed network or None); host bits are dropped, since a subnet has none."""
    try:
        network = _parse_network(str(value).strip())
    except ValueError:
        return str(value), None
    return (str(network), network) if network.version == version else (str(value), None)


@functools.lru_cache(_REMEMBERED)
def _network_order(text: str) -> tuple[int, int, int, str]:
    try:
        network = ipaddress.ip_network(text)
    except ValueError:
        return (9, 0, 0, text)
    return (network.version, int(network.network_address), network.prefixlen, text)


def _network_errors(value: Any, version: int) -> Iterator[str]:
    _text, network = _canonical_network(value, version)
    if network is None:
        yield f"{value!r} is not an IPv{version} network"
    elif "/" not in str(value):
        yield f"{value!r} lacks its prefix length"


def _overlap(ours: Iterable[Any], theirs: Iterable[Any], version: int) -> bool:
    left = [network for _text, network in (_canonical_network(item, version) for item in ours) if network]
    right = [network for _text, network in (_canonical_network(item, version) for item in theirs) if network]
    return any(a.overlaps(b) for a in left for b in right)


class Networks(Entries):
    """A set of IP networks: order, repetition and host bits do not count.

    Args:
        version: 4 or 6.
        maximum: Most networks.
        reserved: Networks that some regions keep for themselves.
    """

    def __init__(self, version: int, maximum: int, reserved: Sequence[str] = ()) -> None:
        self.version = version
        self.maximum = maximum
        self.reserved = tuple(ipaddress.ip_network(network) for network in reserved)

    def option(self) -> dict[str, Any]:
        return {"type": "list", "elements": "str"}

    def normalize(self, value: Any) -> Any:
        if not isinstance(value, list):
            return value
        return sorted(
            {_canonical_network(item, self.version)[0] for item in value if item is not None}, key=_network_order
        )

    def entry_errors(self, value: Any) -> Iterable[str]:
        for item in value:
            for error in _network_errors(item, self.version):
                yield f"contains an entry that cannot be used: {error}"

    def size_errors(self, value: Any) -> Iterable[str]:
        if len(value) > self.maximum:
            yield f"has {len(value)} networks; at most {self.maximum} are possible"

    def warnings(self, value: Any) -> Iterable[str]:
        for item in value:
            network = _canonical_network(item, self.version)[1]
            if network is not None and any(_lies_in(network, other) for other in self.reserved):
                yield f"contains {item}, which the vendor reserves in some regions"


def _lies_in(network: Any, other: Any) -> bool:
    return bool(network.version == other.version and network.subnet_of(other))


class PolicyRules(Entries):
    """Policy rules: a list keyed by source, each with a set of destinations; rules of one source are one rule.

    Args:
        version: 4 or 6.
        maximum: Most rules, counted after merging.
        maximum_destinations: Most destinations of one rule.
        ignored: Members of a rule that answers carry and requests do not.
    """

    # Without destinations, a rule that is to be removed means all of its source: a blank must not say that.
    telling = ("destination",)

    def __init__(self, version: int, maximum: int, maximum_destinations: int, ignored: Sequence[str] = ()) -> None:
        self.version = version
        self.maximum = maximum
        self.maximum_destinations = maximum_destinations
        self.ignored = ignored

    def option(self) -> dict[str, Any]:
        members: dict[str, Any] = {"source": {"type": "str"}, "destination": {"type": "list", "elements": "str"}}
        members.update((name, {"type": "int"}) for name in self.ignored)
        return {"type": "list", "elements": "dict", "options": members}

    def normalize(self, value: Any) -> Any:
        if not isinstance(value, list):
            return value
        merged: dict[str, set[str]] = {}
        for rule in value:
            if not isinstance(rule, dict) or rule.get("source") is None:
                continue
            targets = merged.setdefault(_canonical_network(rule["source"], self.version)[0], set())
            found = rule.get("destination")
            destinations = found if isinstance(found, list) else [found]
            targets.update(_canonical_network(item, self.version)[0] for item in destinations if item is not None)
        return [
            {"source": source, "destination": sorted(merged[source], key=_network_order)}
            for source in sorted(merged, key=_network_order)
        ]

    def entry_errors(self, value: Any) -> Iterable[str]:
        for rule in value:
            destinations = rule.get("destination") or ()
            yield from self._rule_errors(rule.get("source"), destinations)
            if not destinations:
                yield "has a rule without destination"

    def size_errors(self, value: Any) -> Iterable[str]:
        if len(value) > self.maximum:
            yield f"has {len(value)} different sources; at most {self.maximum} are possible"
        for rule in value:
            count = len(rule["destination"])
            if count > self.maximum_destinations:
                yield f"has {count} destinations for {rule['source']}; at most {self.maximum_destinations} are possible"

    def removal_errors(self, value: Any) -> Iterable[str]:
        whole = {self._source_of(rule) for rule in value if not rule.get("destination")}
        for rule in value:
            source, destinations = rule.get("source"), rule.get("destination")
            yield from self._rule_errors(source, destinations or ())
            if destinations is not None and not destinations:
                yield f"has a rule for {source} with nothing in destination; leave destination out to remove all of it"
            elif destinations and self._source_of(rule) in whole:
                yield f"has rules for {source} with and without destination; without, all of it is removed"

    def _source_of(self, rule: Mapping[str, Any]) -> str:
        return _canonical_network(rule.get("source"), self.version)[0]

    def without(self, found: Any, unwanted: Any) -> Any:
        gone = {rule["source"]: rule["destination"] for rule in unwanted}
        kept = []
        for rule in found or ():
            targets = gone.get(rule["source"])
            if targets is None:
                kept.append(rule)
                continue
            left = [item for item in rule["destination"] if targets and item not in targets]
            if left:
                kept.append({"source": rule["source"], "destination": left})
        return kept

    def _rule_errors(self, source: Any, destinations: Sequence[Any]) -> Iterator[str]:
        if source is None:
            yield "has a rule without source"
        for item in ([] if source is None else [source]) + list(destinations):
            for error in _network_errors(item, self.version):
                yield f"has a rule that cannot be used: {error}"

    def warnings(self, value: Any) -> Iterable[str]:
        for number, rule in enumerate(value):
            for other in value[number + 1 :]:
                if self._rules_overlap(rule, other):
                    yield f"has overlapping rules for {rule['source']} and {other['source']}"

    def _rules_overlap(self, one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
        return _overlap([one["source"]], [other["source"]], self.version) and _overlap(
            one["destination"], other["destination"], self.version
        )


class Interface(Kind):
    """The address of an interface with its prefix length: here the host bits do count.

    Args:
        network: The network it must lie in.
        outside: A network it must not lie in.
        prefix: The only possible prefix length.
    """

    def __init__(self, network: str, outside: str, prefix: int) -> None:
        self.network = ipaddress.IPv4Network(network)
        self.outside = ipaddress.IPv4Network(outside)
        self.prefix = prefix

    @staticmethod
    @functools.lru_cache(_REMEMBERED)
    def parse(value: Any) -> InterfaceAddress | None:
        """Return the parsed address, or None when the text is not one."""
        try:
            return ipaddress.ip_interface(str(value).strip())
        except ValueError:
            return None

    def normalize(self, value: Any) -> Any:
        if value is None:
            return None
        text = str(value)
        parsed = self.parse(text) if "/" in text else None
        return text if parsed is None else str(parsed)

    def errors(self, value: Any) -> Iterable[str]:
        parsed = self.parse(value) if "/" in value else None
        example = ipaddress.ip_interface(f"{self.network.network_address + 1}/{self.prefix}")
        if not isinstance(parsed, ipaddress.IPv4Interface):
            yield f"must be an interface address such as {example}, not {value!r}"
        elif parsed.network.prefixlen != self.prefix or not parsed.network.subnet_of(self.network):
            yield f"must lie in {self.network} with prefix length {self.prefix}, not {value}"
        elif parsed.network.subnet_of(self.outside):
            yield f"must not lie in {self.outside}, which the vendor reserves: {value}"
        elif parsed.ip in (parsed.network.network_address, parsed.network.broadcast_address):
            yield f"must be a host address, not the first or last of its network: {value}"
