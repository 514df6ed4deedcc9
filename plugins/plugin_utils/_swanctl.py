# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Settings of a device as text of strongSwan's swanctl.conf. Private to this collection; no stable interface.

Pure functions. A connection gets one proposal, since the cloud takes one suite, and a child for each pair of networks.
"""

from __future__ import annotations

import collections
import ipaddress
import re
import types
from typing import Any, Iterator, Mapping, Sequence

from ansible_collections.huaweicloud.vpn.plugins.module_utils._resources.connection import (
    CONNECTION,
    DPD_PROBES,
    TUNNEL_ADDRESS,
)
from ansible_collections.huaweicloud.vpn.plugins.plugin_utils._peer_settings import (
    ANY,
    FQDN,
    MEMBERS,
    Peer,
    Values,
    refuse,
    shown,
)

# Numbers of Diffie-Hellman groups are those of the IANA; their names are strongSwan's own.
GROUPS = {
    1: "modp768",
    2: "modp1024",
    5: "modp1536",
    14: "modp2048",
    15: "modp3072",
    16: "modp4096",
    17: "modp6144",
    18: "modp8192",
    19: "ecp256",
    20: "ecp384",
    21: "ecp521",
    31: "curve25519",
    32: "curve448",
}
# What happens when a connection is loaded, and when its other end is found dead.
ACTIONS = {"none": "clear", "trap": "trap", "start": "start", "trap|start": "trap"}
# In twentieths of a lifetime: the device renews at 85 %, and the cloud at 90 %, so that only one end begins.
RENEWED, OVERDUE, WHOLE = 17, 3, 20
# The only values that can be rendered.
ONLY = {"ike.authentication": "pre-share", "ipsec.protocol": "esp", "ipsec.mode": "tunnel"}
MAX_IF_ID = 2**32 - 1
# The value that takes the number of each interface from the tunnel's address.
FROM_ADDRESS = True
NOTHING: Mapping[str, Any] = types.MappingProxyType({})
# Texts that mean the same with and without quotes.
PLAIN = re.compile(r"[A-Za-z0-9%:./|-]+")


def connections_text(peers: Sequence[Peer], start_action: Any, local_addresses: Any, if_ids: Any) -> str:
    """Return connections as text, without any secret.

    Args:
        peers: The connections at their other end.
        start_action: One of `ACTIONS`.
        local_addresses: `{name of a connection: address}` where the device shall not choose its address itself.
        if_ids: `{name of a connection: number of its interface}`, or `FROM_ADDRESS`.

    Raises:
        InvalidInput: With everything that cannot be rendered.
    """
    refuse(_wrong_options(start_action, local_addresses, if_ids))
    known, problems = _known(peers)
    problems += (f"connection {settings['name']} {problem}" for settings in known for problem in _unsupported(settings))
    problems += _repeated("section name", [_section_name(settings) for settings in known])
    numbers = {settings["name"]: _if_id(settings, if_ids) for settings in known}
    if if_ids is FROM_ADDRESS:
        problems += _wrong_numbers(numbers)
    refuse(problems)
    sections = {
        _section_name(settings): _connection(
            settings, start_action, local_addresses.get(settings["name"]), numbers[settings["name"]]
        )
        for settings in known
    }
    return _rendered("connections", sections)


def secrets_text(peers: Sequence[Peer], keys: Any) -> str:
    """Return the keys of connections as text, which is a secret.

    Args:
        peers: The connections at their other end.
        keys: `{name of a connection: key}`; those of other connections are left out.

    Raises:
        InvalidInput: With everything that cannot be rendered, without any key.
    """
    if not isinstance(keys, Mapping):
        refuse([f"the keys must be a dictionary from names of {CONNECTION.noun}s to keys"])
    known, problems = _known(peers)
    texts = {settings["name"]: _plain_text(keys.get(settings["name"])) for settings in known}
    problems += (f"connection {name} {problem}" for name, key in texts.items() for problem in _wrong_key(key))
    problems += _repeated("section name", [_section_name(settings) for settings in known])
    refuse(problems or _ambiguous(known, texts))
    return _rendered(
        "secrets",
        {f"ike-{_section_name(settings)}": _secret(settings, str(texts[settings["name"]])) for settings in known},
    )


def warnings(peers: Sequence[Peer], if_ids: Any = NOTHING) -> Iterator[str]:
    """Yield where strongSwan deviates from the connections, or needs further configuration, as sentences.

    Args:
        peers: The connections at their other end.
        if_ids: As in `connections_text`.
    """
    known, _problems = _known(peers)
    if not peers:
        yield f"there are no {CONNECTION.noun}s, so a device that loads the result drops those that it has"
    for settings in known:
        ike = settings["ike"]
        if ike["version"] == 1 and ike["dpd"]["msg"] == "seq-notify-hash":
            yield (
                f"connection {settings['name']} has {MEMBERS['ike.dpd.msg']} seq-notify-hash, but strongSwan sends the"
                " hash first with IKEv1; set it to seq-hash-notify"
            )
        if ike["aggressive"]:
            yield (
                f"connection {settings['name']} uses aggressive mode, which exposes a hash of the key; strongSwan"
                " answers it only with i_dont_care_about_security_and_use_aggressive_mode_psk in strongswan.conf"
            )
    yield from _replaced(known, if_ids)


def _known(peers: Sequence[Peer]) -> tuple[list[dict[str, Any]], list[str]]:
    """Return (the settings of the connections that have any, the problems of all)."""
    known = [peer.settings for peer in peers if peer.settings is not None]
    return known, [problem for peer in peers for problem in peer.problems]


def _replaced(known: Sequence[Values], if_ids: Any) -> Iterator[str]:
    """Yield which tunnels replace each other: strongSwan tells them apart by IDs and interfaces, not by addresses."""
    first: dict[tuple[str, str, int | None], str] = {}
    for settings in known:
        if settings["remote"]["id_type"] == ANY:
            continue
        name = settings["name"]
        same = (_identity(settings["local"]), _identity(settings["remote"]), _if_id(settings, if_ids))
        other = first.setdefault(same, name)
        if other != name:
            yield (
                f"connections {other} and {name} have the same IDs at both ends, so strongSwan replaces the tunnel of"
                " one with that of the other; give them different IDs or interfaces"
            )


# -- what cannot be rendered ------------------------------------------------------------------------------------------


def _wrong_options(start_action: Any, local_addresses: Any, if_ids: Any) -> Iterator[str]:
    if not isinstance(start_action, str) or start_action not in ACTIONS:
        yield f"start_action must be {' or '.join(ACTIONS)}, not {shown(start_action)}"
    if not isinstance(local_addresses, Mapping):
        yield f"local_addresses must be a dictionary from names of {CONNECTION.noun}s to addresses"
    else:
        for name, address in local_addresses.items():
            if not _is_address(address):
                yield f"local_addresses has {shown(address)} for {shown(name)}, which is not an address"
    if isinstance(if_ids, Mapping):
        for name, number in if_ids.items():
            if not _is_if_id(number):
                yield f"if_ids has {shown(number)} for {shown(name)}, which is not a number from 1 to {MAX_IF_ID}"
    elif if_ids is not FROM_ADDRESS:
        yield f"if_ids must be true or a dictionary from names of {CONNECTION.noun}s to numbers"


def _is_address(value: Any) -> bool:
    try:
        return bool(ipaddress.ip_address(str(value)))
    except ValueError:
        return False


def _is_if_id(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= MAX_IF_ID


def _unsupported(settings: Values) -> Iterator[str]:
    for place, only in ONLY.items():
        part, dummy, name = place.partition(".")
        if settings[part][name] != only:
            yield f"has {MEMBERS[place]} {settings[part][name]}, and only {only} can be rendered"
    ike = settings["ike"]
    if ike["version"] == 1 and _has_own_integrity(ike):
        yield f"has {MEMBERS['ike.encryption']} {ike['encryption']}, which IKEv1 does not have"
    for part in ("ike", "ipsec"):
        group = settings[part]["group"]
        if group is not None and group not in GROUPS:
            yield f"has {MEMBERS[part + '.group']} group{group}, for which strongSwan has no name"


def _wrong_numbers(numbers: Mapping[str, int | None]) -> Iterator[str]:
    """Yield which numbers of interfaces, by the name of the connection, cannot be derived or are not unique."""
    for name, number in numbers.items():
        if number is None:
            yield (
                f"connection {name} lacks {MEMBERS['local.tunnel_address']} in {TUNNEL_ADDRESS.network}, from which the"
                " number of its interface is derived"
            )
    yield from _repeated("interface number", [number for number in numbers.values() if number])


def _wrong_key(key: str | None) -> Iterator[str]:
    """Yield what is wrong with a key. One that the cloud would refuse cannot be the key of the connection."""
    if key is None:
        yield "has no key, or one that is not a text"
    else:
        kind = CONNECTION.leaves[CONNECTION.write_only or ""].kind
        yield from (f"has a key that the cloud does not accept: it {error}" for error in kind.errors(key))


def _repeated(what: str, values: Sequence[Any]) -> Iterator[str]:
    for value, count in collections.Counter(values).items():
        if count > 1:
            yield f"{count} connections have the {what} {value}, which has to be unique on a device"


def _ambiguous(known: Sequence[Values], keys: Mapping[str, str | None]) -> Iterator[str]:
    """Yield which connections strongSwan would confuse: it finds a key by the two identities."""
    by_ids: dict[tuple[str, str], str] = {}
    for settings in known:
        name = settings["name"]
        ids = (_identity(settings["local"]), _identity(settings["remote"]))
        other = by_ids.setdefault(ids, name)
        if keys[other] != keys[name]:
            yield f"connections {other} and {name} have the same IDs and different keys"


# -- sections ---------------------------------------------------------------------------------------------------------


def _connection(settings: Values, start_action: str, local_address: Any, if_id: int | None) -> dict[str, Any]:
    ike, dpd = settings["ike"], settings["ike"]["dpd"]
    ikev1 = ike["version"] == 1
    section: dict[str, Any] = {
        "version": str(ike["version"]),
        "remote_addrs": settings["remote"]["address"],
        "proposals": _proposal(ike, phase1=True),
        # IKEv1 has no other way to renew than to authenticate again.
        "reauth_time" if ikev1 else "rekey_time": _seconds(ike["lifetime"] * RENEWED // WHOLE),
        "over_time": _seconds(ike["lifetime"] * OVERDUE // WHOLE),
        "unique": "replace",
        "mobike": "no",
    }
    if local_address is not None:
        section["local_addrs"] = str(local_address)
    if ike["aggressive"]:
        section["aggressive"] = "yes"
    if dpd["interval"]:
        section["dpd_delay"] = _seconds(dpd["interval"])
        if ikev1 and dpd["timeout"]:
            # The same patience as that of the cloud.
            section["dpd_timeout"] = _seconds(dpd["interval"] + DPD_PROBES * dpd["timeout"])
    if if_id is not None:
        section.update(if_id_in=str(if_id), if_id_out=str(if_id))
    for side in ("local", "remote"):
        section[side] = {"auth": "psk", "id": _identity(settings[side])}
    section["children"] = {
        f"traffic{number}": _child(settings["ipsec"], pair, start_action)
        for number, pair in enumerate(settings["traffic"], 1)
    }
    return section


def _section_name(settings: Values) -> str:
    """Return the name of a connection's section. strongSwan accepts neither periods nor letters beyond ASCII there."""
    name = "".join(
        letter if re.fullmatch(r"[A-Za-z0-9_-]", letter) else "_" if letter == "." else f"u{ord(letter):x}"
        for letter in settings["name"]
    )
    # A line that begins with this word includes another file.
    return f"{name}_" if name == "include" else name


def _child(ipsec: Values, pair: Mapping[str, str], start_action: str) -> dict[str, str]:
    return {
        "local_ts": pair["local"],
        "remote_ts": pair["remote"],
        "esp_proposals": _proposal(ipsec, phase1=False),
        "life_time": _seconds(ipsec["lifetime"]),
        "rekey_time": _seconds(ipsec["lifetime"] * RENEWED // WHOLE),
        "start_action": start_action,
        "dpd_action": ACTIONS[start_action],
    }


def _seconds(number: int) -> str:
    return f"{number}s"


def _has_own_integrity(suite: Values) -> bool:
    return "gcm" in suite["encryption"]


def _proposal(suite: Values, phase1: bool) -> str:
    """Return the only proposal. The names of algorithms follow from the API's, so that later ones need no change."""
    integrity = suite["integrity"].replace("sha2-", "sha")
    parts = [suite["encryption"].replace("-", "")]
    if not _has_own_integrity(suite):
        parts.append(integrity)
    elif phase1:
        parts.append(f"prf{integrity}")
    if suite["group"] is not None:
        parts.append(GROUPS[suite["group"]])
    return "-".join(parts)


def _identity(end: Values) -> str:
    """Return an identity with its type. The prefix @ also means a name, but fails for one with an equals sign."""
    if end["id_type"] == ANY:
        return "%any"
    identity = str(end["id"])
    if end["id_type"] != FQDN:
        return identity
    # Texts beyond ASCII are refused by strongSwan, and a number sign announces hexadecimal digits.
    plain = identity.isascii() and not identity.startswith("#")
    return f"fqdn:{identity}" if plain else f"fqdn:#{identity.encode().hex()}"


def _if_id(settings: Values, if_ids: Any) -> int | None:
    """Return the number of the interface of a connection; None for none.

    Tunnels have networks of equal size, so the position of its network tells a tunnel from all others.
    """
    if if_ids is not FROM_ADDRESS:
        number: int | None = if_ids.get(settings["name"])
        return number
    address = settings["local"]["tunnel_address"]
    interface = ipaddress.ip_interface(address) if address else None
    if not isinstance(interface, ipaddress.IPv4Interface) or not interface.network.subnet_of(TUNNEL_ADDRESS.network):
        return None
    offset = int(interface.network.network_address) - int(TUNNEL_ADDRESS.network.network_address)
    return (offset >> (interface.max_prefixlen - TUNNEL_ADDRESS.prefix)) + 1


def _plain_text(key: Any) -> str | None:
    """Return a key as text, also one that a vault of ansible-core before 2.19 holds; None for anything else."""
    if getattr(key, "__ENCRYPTED__", False):
        key = str(key)
    return key if isinstance(key, str) else None


def _secret(settings: Values, key: str) -> dict[str, str]:
    """Return the section of a key. As a text, a key that begins with 0x or 0s would be taken for another one."""
    return {
        "id-1": _identity(settings["local"]),
        "id-2": _identity(settings["remote"]),
        "secret": f"0x{key.encode().hex()}",
    }


# -- text -------------------------------------------------------------------------------------------------------------


def _rendered(name: str, section: Mapping[str, Any], depth: int = 0) -> str:
    """Return a section with all that is in it as text."""
    indent = "  " * depth
    lines = [
        _rendered(key, value, depth + 1) if isinstance(value, Mapping) else f"{indent}  {key} = {_quoted(value)}\n"
        for key, value in section.items()
    ]
    return f"{indent}{name} {{\n{''.join(lines)}{indent}}}\n"


def _quoted(text: str) -> str:
    if PLAIN.fullmatch(text):
        return text
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
