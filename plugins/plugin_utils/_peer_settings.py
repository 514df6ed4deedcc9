# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A connection as the customer's device sees it. Private to this collection; no stable interface.

Pure functions. Where a member stands at the other end is written in the tables (`Field.peer`). What is left for this
file are the form of the values there, the address of the gateway, the traffic, and identities that are not set.
"""

from __future__ import annotations

import ipaddress
import re
from typing import Any, Callable, Iterable, Iterator, List, Mapping, NamedTuple

from ansible_collections.huaweicloud.vpn.plugins.module_utils._errors import InvalidInput
from ansible_collections.huaweicloud.vpn.plugins.module_utils._resources._common import FQDN_PATTERN, NAME
from ansible_collections.huaweicloud.vpn.plugins.module_utils._resources.connection import CONNECTION
from ansible_collections.huaweicloud.vpn.plugins.module_utils._resources.customer_gateway import CUSTOMER_GATEWAY
from ansible_collections.huaweicloud.vpn.plugins.module_utils._resources.gateway import GATEWAY
from ansible_collections.huaweicloud.vpn.plugins.module_utils._schema.behavior import ID, ObjectType
from ansible_collections.huaweicloud.vpn.plugins.module_utils._schema.kinds import MASKED
from ansible_collections.huaweicloud.vpn.plugins.module_utils._schema.resource import Resource
from ansible_collections.huaweicloud.vpn.plugins.module_utils._text import printable

Values = Mapping[str, Any]
Objects = List[Values]

# Characters of a name or a value in a message.
SHOWN = 80
EVERYTHING = {"ipv4": "0.0.0.0/0", "ipv6": "::/0"}
IP, FQDN, ANY = "ip", "fqdn", "any"
# The member of each connection that is an address of its gateway.
((ADDRESS, ADDRESS_OF),) = CONNECTION.part_of.items()


class Peer(NamedTuple):
    """A connection at its other end.

    Attributes:
        settings: Its settings there, incomplete where there are problems; None where too much is missing.
        problems: Why they cannot be used, as sentences.
    """

    settings: dict[str, Any] | None
    problems: list[str]


def settings_of(connections: Any, gateways: Any, customer_gateways: Any) -> Any:
    """Return the settings of the customer's device: a dictionary for one connection, a list for a list.

    Args:
        connections: Connections, or one, as modules and inventory return them.
        gateways: The VPN gateways, or the only one, in the same form.
        customer_gateways: The customer gateways, or the only one, in the same form.

    Raises:
        InvalidInput: With everything that cannot be told.
    """
    peers = peers_of(connections, gateways, customer_gateways)
    refuse(problem for peer in peers for problem in peer.problems)
    found = [peer.settings for peer in peers]
    return found[0] if isinstance(connections, Mapping) else found


def refuse(problems: Iterable[str]) -> None:
    """End with all problems, if there are any.

    Raises:
        InvalidInput: With all problems.
    """
    found = list(problems)
    if found:
        raise InvalidInput(found)


def shown(value: Any) -> str:
    """Return a value as a message shows it."""
    return printable(str(value), SHOWN)


def peers_of(connections: Any, gateways: Any, customer_gateways: Any) -> list[Peer]:
    """Return each connection at its other end; see `settings_of`."""
    found = _objects(connections, CONNECTION)
    parents = {
        resource.name: _objects(values, resource)
        for resource, values in ((GATEWAY, gateways), (CUSTOMER_GATEWAY, customer_gateways))
    }
    return [_peer(number, connection, parents) for number, connection in enumerate(found, 1)]


def _objects(value: Any, resource: ObjectType) -> Objects:
    found = [value] if isinstance(value, Mapping) else value
    if not isinstance(found, (list, tuple)) or not all(isinstance(item, Mapping) for item in found):
        # Before ansible-core 2.19 an undefined variable gets here, and raises what it is when it is looked at.
        bool(value)
        raise InvalidInput(
            [f"the {resource.noun}s must be a list of dictionaries, as the modules of this collection return them"]
        )
    return list(found)


def _peer(number: int, connection: Values, parents: Mapping[str, Objects]) -> Peer:
    problems: list[str] = []
    own = _placed(CONNECTION, connection, problems)
    name = connection.get(CONNECTION.identity.key)
    title = f"connection {shown(name)}" if name else f"connection number {number}"
    problems += (f"lacks {MEMBERS[place]}" for place in _NEEDED if not _shows(place, connection))
    found = {
        by_name.resource.name: _parent(connection.get(path), path, by_name.resource, parents, problems)
        for path, by_name in CONNECTION.by_name.items()
    }
    device = _placed(CUSTOMER_GATEWAY, found[CUSTOMER_GATEWAY.name], problems)
    cloud = _placed(GATEWAY, found[GATEWAY.name], problems)
    address = _address(connection, found[GATEWAY.name])
    if address is None and found[GATEWAY.name]:
        value = shown(connection.get(ADDRESS))
        problems.append(f"has {ADDRESS} {value}, for which its {GATEWAY.noun} shows no address")
    settings = _assembled(own, device, cloud, address) if all(place in own for place in _NEEDED) else None
    if settings is not None and not problems:
        problems += _disagreements(settings)
    return Peer(settings, [f"{title} {problem}" for problem in problems])


def _shows(place: str, connection: Values) -> bool:
    """Return whether a connection shows the member that stands at a place, whatever its value."""
    value: Any = connection
    for name in MEMBERS[place].split("."):
        value = value.get(name) if isinstance(value, Mapping) else None
    return value not in (None, "")


def _parent(
    identifier: Any, path: str, resource: ObjectType, parents: Mapping[str, Objects], problems: list[str]
) -> Values:
    """Return the object that a connection belongs to; an empty one, and a problem, where it is not known."""
    kind = CONNECTION.leaves[path].kind
    for candidate in parents[resource.name]:
        if identifier and kind.same(str(identifier), str(candidate.get(ID))):
            return candidate
    value = shown(identifier) if identifier else "nothing"
    problems.append(f"has {path} {value}, which is not among the {resource.noun}s given")
    return {}


def _address(connection: Values, gateway: Values) -> str | None:
    """Return the address of the gateway; a private one is its own identifier."""
    identifier, kind = connection.get(ADDRESS), CONNECTION.leaves[ADDRESS].kind
    found = identifier
    for member in ADDRESS_OF.members:
        place = gateway.get(member)
        if identifier and isinstance(place, Mapping) and kind.same(str(identifier), str(place.get(ADDRESS_OF.value))):
            found = place.get(ADDRESS_OF.address)
    try:
        return str(ipaddress.ip_address(str(found)))
    except ValueError:
        return None


# -- from members to their places -------------------------------------------------------------------------------------


def _placed(resource: Resource, answer: Values, problems: list[str]) -> dict[str, Any]:
    """Return what an answer says of the other end, `{place: value}`, and add what cannot be used to the problems."""
    placed: dict[str, Any] = {}
    for path, value in resource.normalize(answer).items():
        place = resource.leaves[path].peer
        if place is None or value == "":
            continue
        try:
            converted = _FORMS[place](value)
        except (AttributeError, KeyError, TypeError, ValueError):
            owner = "" if resource is CONNECTION else f" at its {resource.noun}"
            problems.append(f"has {path} {shown(repr(value))}{owner}, which cannot be used")
        else:
            placed[place] = placed.get(place, []) + converted if isinstance(converted, list) else converted
    return placed


def _word(value: Any) -> str:
    """Return the name of an algorithm or a role. The names are not listed, because the cloud may be newer than this."""
    if not re.fullmatch(r"[A-Za-z0-9-]{1,64}", value):
        raise ValueError
    return str(value)


def _name(value: Any) -> str:
    if list(NAME.errors(value)):
        raise ValueError
    return str(value)


def _number(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise ValueError
    return value


def _group(value: Any) -> int:
    return int(re.fullmatch(r"group([0-9]{1,5})", value).group(1))  # type: ignore[union-attr]


def _group_or_none(value: Any) -> int | None:
    return None if value == "disable" else _group(value)


def _identity(value: Any) -> str:
    """Return an identity that is neither masked nor unprintable. Whether it fits its type is up to `_fits`."""
    if MASKED in value or not value.isprintable():
        raise ValueError
    return str(value)


def _interface(value: Any) -> str:
    return str(ipaddress.ip_interface(value))


def _networks(value: Any) -> list[str]:
    if not isinstance(value, list):
        raise ValueError
    return [str(ipaddress.ip_network(item)) for item in value]


def _pairs(rules: Any) -> list[dict[str, str]]:
    """Return the pairs of networks, each of which gets a security association of its own, as the cloud makes them."""
    if not isinstance(rules, list):
        raise ValueError
    return [
        {"local": local, "remote": remote}
        for rule in rules
        for remote in _networks([rule["source"]])
        for local in _networks(rule["destination"])
    ]


_FORMS: Mapping[str, Callable[[Any], Any]] = {
    "name": _name,
    "style": {"policy": "policy", "static": "static", "bgp": "bgp"}.__getitem__,
    "ha_role": _word,
    "traffic": _pairs,
    "traffic_version": EVERYTHING.__getitem__,
    "local.networks": _networks,
    "remote.networks": _networks,
    "local.tunnel_address": _interface,
    "remote.tunnel_address": _interface,
    "local.asn": _number,
    "remote.asn": _number,
    "local.id_type": {IP: IP, FQDN: FQDN, ANY: ANY}.__getitem__,
    "remote.id_type": {IP: IP, FQDN: FQDN, ANY: ANY}.__getitem__,
    "local.id": _identity,
    "remote.id": _identity,
    "ike.version": {"v1": 1, "v2": 2}.__getitem__,
    "ike.aggressive": {"main": False, "aggressive": True}.__getitem__,
    "ike.authentication": _word,
    "ike.encryption": _word,
    "ike.integrity": _word,
    "ike.group": _group,
    "ike.lifetime": _number,
    "ike.dpd.timeout": _number,
    "ike.dpd.interval": _number,
    "ike.dpd.msg": _word,
    "ipsec.encryption": _word,
    "ipsec.integrity": _word,
    "ipsec.group": _group_or_none,
    "ipsec.lifetime": _number,
    "ipsec.protocol": _word,
    "ipsec.mode": _word,
}
MEMBERS = {field.peer: path for path, field in CONNECTION.leaves.items() if field.peer}
# What a device needs, and must not be guessed. A dry run of a creation does not know all of it.
_NEEDED = (
    "name",
    "style",
    "ike.version",
    "ike.encryption",
    "ike.integrity",
    "ike.group",
    "ike.lifetime",
    "ipsec.encryption",
    "ipsec.integrity",
    "ipsec.group",
    "ipsec.lifetime",
)


# -- the settings -----------------------------------------------------------------------------------------------------


def _assembled(own: Values, device: Values, cloud: Values, address: str | None) -> dict[str, Any]:
    """Return the settings from what connection, customer gateway and VPN gateway say, each as `{place: value}`."""
    whole = EVERYTHING["ipv4"] if cloud.get("traffic_version") is None else cloud["traffic_version"]
    policy = own["style"] == "policy"
    device_type, device_id = device.get("local.id_type", IP), device.get("local.id")
    return {
        "name": own["name"],
        "style": own["style"],
        "ha_role": own.get("ha_role"),
        "local": {
            "address": device_id if device_type == IP else None,
            **_identified(own, "local", device_type, device_id),
            "networks": own.get("local.networks", []),
            "tunnel_address": own.get("local.tunnel_address"),
            "asn": device.get("local.asn"),
        },
        "remote": {
            "address": address,
            **_identified(own, "remote", IP, address),
            "networks": cloud.get("remote.networks", []),
            "tunnel_address": own.get("remote.tunnel_address"),
            "asn": cloud.get("remote.asn"),
        },
        "traffic": own.get("traffic", []) if policy else [{"local": whole, "remote": whole}],
        "ike": {
            "version": own["ike.version"],
            "aggressive": own["ike.version"] == 1 and own.get("ike.aggressive", False),
            "authentication": own.get("ike.authentication", "pre-share"),
            "encryption": own["ike.encryption"],
            "integrity": own["ike.integrity"],
            "group": own["ike.group"],
            "lifetime": own["ike.lifetime"],
            "dpd": {name: own.get(f"ike.dpd.{name}") for name in ("interval", "timeout", "msg")},
        },
        "ipsec": {
            "protocol": own.get("ipsec.protocol", "esp"),
            "mode": own.get("ipsec.mode", "tunnel"),
            "encryption": own["ipsec.encryption"],
            "integrity": own["ipsec.integrity"],
            "group": own["ipsec.group"],
            "lifetime": own["ipsec.lifetime"],
        },
    }


def _identified(own: Values, side: str, otherwise: str, identity: str | None) -> dict[str, str | None]:
    """Return the type and the identity of a side. One that is not set is the address or the name of the side.

    Args:
        own: What the connection says, `{place: value}`.
        side: `local` or `remote`, as the device sees it.
        otherwise: The type of the address or name.
        identity: The address or name; None if it is not known.
    """
    id_type = own.get(f"{side}.id_type", otherwise)
    found = own.get(f"{side}.id") or (identity if id_type == otherwise else None)
    return {"id_type": id_type, "id": None if id_type == ANY else found}


def _disagreements(settings: Values) -> Iterator[str]:
    """Yield which settings contradict each other or are missing."""
    if not settings["traffic"]:
        yield f"lacks {MEMBERS['traffic']}"
    for side in ("local", "remote"):
        end = settings[side]
        if end["id_type"] != ANY and not _fits(end["id_type"], end["id"]):
            identity = f"{MEMBERS[side + '.id']} {shown(end['id'])}" if end["id"] else "no ID"
            yield f"has {identity} for {MEMBERS[side + '.id_type']} {end['id_type']}"


def _fits(id_type: str, identity: str | None) -> bool:
    if identity is None:
        return False
    if id_type == FQDN:
        return re.fullmatch(FQDN_PATTERN, identity) is not None
    try:
        return bool(ipaddress.ip_address(identity))
    except ValueError:
        return False
