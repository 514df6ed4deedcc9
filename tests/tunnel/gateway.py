# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The cloud's end of tunnels: connections of the emulator run in a strongSwan daemon.

What the words of the API mean is written here a second time, in the names of the IANA and the RFCs, so that it can
contradict what the collection renders. It shares no code with the collection.
"""

from __future__ import annotations

import ipaddress
import typing as t

from emulator.items import Association
from hosts import Charon, carried_out, children
from keywords import attempts

Values = dict[str, t.Any]


class Cipher(t.NamedTuple):
    """A transform of type 1 and the bits of its key. keyword: strongSwan's. combined: whether it needs no integrity."""

    transform: str
    bits: str | None
    keyword: str
    combined: bool = False


class Digest(t.NamedTuple):
    """Transforms of types 3 and 2, with strongSwan's keywords."""

    integrity: str
    prf: str
    integrity_keyword: str
    prf_keyword: str


class Group(t.NamedTuple):
    """A transform of type 4: strongSwan's keyword, and the name in the daemon's answers."""

    number: int
    name: str
    keyword: str


# "Internet Key Exchange Version 2 (IKEv2) Parameters" of the IANA. Where strongSwan's table of keywords has several for
# one transform, it is not the one that the collection renders.
CIPHERS = {
    "3des": Cipher("ENCR_3DES", None, "3des"),
    "aes-128": Cipher("ENCR_AES_CBC", "128", "aes"),
    "aes-192": Cipher("ENCR_AES_CBC", "192", "aes192"),
    "aes-256": Cipher("ENCR_AES_CBC", "256", "aes256"),
    # RFC 4106, and RFC 5282 for phase 1: an integrity check value of 16 octets, which are 128 bits
    "aes-128-gcm-16": Cipher("ENCR_AES_GCM_16", "128", "aes128gcm128", combined=True),
    "aes-256-gcm-16": Cipher("ENCR_AES_GCM_16", "256", "aes256gcm128", combined=True),
}
DIGESTS = {
    "md5": Digest("AUTH_HMAC_MD5_96", "PRF_HMAC_MD5", "md5", "prfmd5"),
    "sha1": Digest("AUTH_HMAC_SHA1_96", "PRF_HMAC_SHA1", "sha", "prfsha1"),
    # RFC 4868: cut to half of their length
    "sha2-256": Digest("AUTH_HMAC_SHA2_256_128", "PRF_HMAC_SHA2_256", "sha2_256", "prfsha256"),
    "sha2-384": Digest("AUTH_HMAC_SHA2_384_192", "PRF_HMAC_SHA2_384", "sha2_384", "prfsha384"),
    "sha2-512": Digest("AUTH_HMAC_SHA2_512_256", "PRF_HMAC_SHA2_512", "sha2_512", "prfsha512"),
}
GROUPS = {
    f"group{group.number}": group
    for group in (
        # RFC 2409, RFC 3526: modular exponentiation
        Group(1, "MODP_768", "modp768"),
        Group(2, "MODP_1024", "modp1024"),
        Group(5, "MODP_1536", "modp1536"),
        Group(14, "MODP_2048", "modp2048"),
        Group(15, "MODP_3072", "modp3072"),
        Group(16, "MODP_4096", "modp4096"),
        # RFC 5903: random curves
        Group(19, "ECP_256", "ecp256"),
        Group(20, "ECP_384", "ecp384"),
        Group(21, "ECP_521", "ecp521"),
    )
}
NO_GROUP = "disable"
# Parts of a lifetime after which the cloud renews: the soft lifetime is nine tenths of the hard one.
SOFT, WHOLE = 9, 10
EVERYTHING = ("0.0.0.0/0", "0.0.0.0/0")
# The types of identities in strongSwan's words.
TYPES = {"ip": "ipv4", "fqdn": "dns"}


def expected_ike(configured: Values) -> Values:
    """Return what the daemon has to say of the IKE SA."""
    policy = configured["ikepolicy"]
    found = _expected(policy["encryption_algorithm"], policy["authentication_algorithm"], policy["dh_group"])
    prf = DIGESTS[policy["authentication_algorithm"]].prf
    return {**found, "prf-alg": prf, "version": policy["ike_version"].removeprefix("v")}


def expected_child(configured: Values, renewed: bool) -> Values:
    """Return what the daemon has to say of an IPsec SA. The first one of IKEv2 has no group of its own."""
    policy, with_group = configured["ipsecpolicy"], renewed or configured["ikepolicy"]["ike_version"] == "v1"
    group = policy["pfs"] if with_group else NO_GROUP
    found = _expected(policy["encryption_algorithm"], policy["authentication_algorithm"], group)
    return {**found, "protocol": "ESP", "mode": "TUNNEL"}


def _expected(encryption: str, integrity: str, group: str) -> Values:
    cipher = CIPHERS[encryption]
    return {
        # The daemon names transforms as the IANA does, without the prefix.
        "encr-alg": {"ENCR_3DES": "3DES_CBC"}.get(cipher.transform, cipher.transform.removeprefix("ENCR_")),
        "encr-keysize": cipher.bits,
        "integ-alg": None if cipher.combined else DIGESTS[integrity].integrity.removeprefix("AUTH_"),
        "dh-group": None if group == NO_GROUP else GROUPS[group].name,
    }


def section(configured: Values, cloud: str, device: str) -> Values:
    """Return a connection as the daemon takes it.

    Args:
        configured: The configured members, with the identities that the cloud fills in.
        cloud, device: The addresses of the two ends.
    """
    ike, ipsec = configured["ikepolicy"], configured["ipsecpolicy"]
    lifetime = ike["lifetime_seconds"] * SOFT // WHOLE
    return {
        "version": ike["ike_version"].removeprefix("v"),
        "aggressive": "yes" if ike["ike_version"] == "v1" and ike["phase1_negotiation_mode"] == "aggressive" else "no",
        "local_addrs": [cloud],
        "remote_addrs": [device],
        "proposals": [_proposal(ike, ike["dh_group"], phase=1)],
        "reauth_time" if ike["ike_version"] == "v1" else "rekey_time": str(lifetime),
        "unique": "replace",
        "mobike": "no",
        "local": {"auth": "psk", "id": identity(ike["local_id_type"], ike["local_id"])},
        "remote": {"auth": "psk", "id": identity(ike["peer_id_type"], ike["peer_id"])},
        "children": {
            f"pair{number}": {
                "local_ts": [source],
                "remote_ts": [destination],
                "esp_proposals": [_proposal(ipsec, ipsec["pfs"], phase=2)],
                "life_time": str(ipsec["lifetime_seconds"]),
                "rekey_time": str(ipsec["lifetime_seconds"] * SOFT // WHOLE),
                "start_action": "none",
            }
            for number, (source, destination) in enumerate(_networks(configured), 1)
        },
    }


def mirrored(wanted: Values) -> Values:
    """Return the same connection for a daemon at the other end, whose addresses it has already."""
    children = {
        name: {**child, "local_ts": child["remote_ts"], "remote_ts": child["local_ts"]}
        for name, child in wanted["children"].items()
    }
    return {**wanted, "local": wanted["remote"], "remote": wanted["local"], "children": children}


def _networks(configured: Values) -> list[tuple[str, str]]:
    """Return pairs of a network behind the cloud and one behind the device. Route mode leaves the choice to routes."""
    if configured["style"] != "policy":
        return [EVERYTHING]
    return [(rule["source"], network) for rule in configured["policy_rules"] for network in rule["destination"]]


def _proposal(policy: Values, group: str, phase: int) -> str:
    cipher, digest = CIPHERS[policy["encryption_algorithm"]], DIGESTS[policy["authentication_algorithm"]]
    parts = [cipher.keyword]
    if not cipher.combined:
        parts.append(digest.integrity_keyword)
    if phase == 1:
        parts.append(digest.prf_keyword)
    if group != NO_GROUP:
        parts.append(GROUPS[group].keyword)
    return "-".join(parts)


def identity(id_type: str, value: str) -> str:
    """Return an identity in digits, which no rule for texts can change; the type any fits all."""
    if id_type == "any":
        return "%any"
    octets = ipaddress.ip_address(value).packed if id_type == "ip" else value.encode()
    return f"{TYPES[id_type]}:#{octets.hex()}"


class End:
    """The cloud's daemon."""

    def __init__(self, charon: Charon) -> None:
        self.charon = charon
        # A session is for one thread at a time.
        self.session = charon.connect()

    def load(self, key: str, wanted: Values, psk: str) -> None:
        """Load a connection, which does not touch its tunnel if that is up."""
        identities = [wanted[end]["id"] for end in ("local", "remote") if wanted[end]["id"] != "%any"]
        self.session.load_shared({"id": key, "type": "IKE", "data": psk, "owners": identities})
        self.session.load_conn({key: wanted})

    def drop(self, key: str) -> None:
        """End and unload a connection."""
        self.end(key)
        self.session.unload_conn({"name": key})
        self.session.unload_shared({"id": key})

    def end(self, key: str) -> None:
        """End a tunnel."""
        if any(self.session.list_sas({"ike": key})):
            carried_out(self.session.terminate({"ike": key, "timeout": "1000"}))


class Gateway(End):
    """Runs the connections of an emulator, and answers for it what becomes of them.

    Every change is in the daemon before it is answered.
    """

    def __init__(self, emulator: t.Any, charon: Charon) -> None:
        super().__init__(charon)
        self._emulator = emulator
        self._loaded: dict[str, tuple[Values, str]] = {}
        emulator.on_request(self._answered)

    def refresh(self) -> None:
        """Load what the emulator has, and drop what it does not have any more."""
        found = {item["id"]: item for item in self._emulator.connections() if item["status"] != "PENDING_DELETE"}
        for gone in set(self._loaded) - set(found):
            del self._loaded[gone]
            self.drop(gone)
        for key in found:
            configured = self._emulator.configured(key)
            cloud, device = self._addresses(configured)
            wanted = section(configured, cloud, device)
            if self._loaded.get(key) != (wanted, configured["psk"]):
                self._loaded[key] = wanted, configured["psk"]
                self.load(key, *self._loaded[key])
                self._emulator.use_tunnel(key, Tunnel(self, key, device))

    def _answered(self, entry: t.Any) -> None:
        """A request was answered. The emulator waits, with its lock held."""
        if entry.write and entry.applied:
            self.refresh()
            if entry.operation == "resetVpnConnection":
                self.renew(entry.path.split("/")[-2])

    def renew(self, key: str) -> None:
        """End a tunnel and begin another one, without waiting for it."""
        self.end(key)
        for child in self._loaded[key][0]["children"]:
            carried_out(self.session.initiate({"ike": key, "child": child, "timeout": "-1"}))

    def _addresses(self, configured: Values) -> tuple[str, str]:
        gateway = next(item for item in self._emulator.gateways() if item["id"] == configured["vgw_id"])
        customer = next(item for item in self._emulator.customer_gateways() if item["id"] == configured["cgw_id"])
        known = {item["id"]: item["ip_address"] for item in (gateway.get("eip1"), gateway.get("eip2")) if item}
        return known[configured["vgw_ip"]], customer["id_value"] if customer["id_type"] == "ip" else "%any"


class Tunnel:
    """What the emulator asks of a connection."""

    def __init__(self, gateway: Gateway, key: str, device: str) -> None:
        self._gateway, self._key, self._device = gateway, key, device

    def is_up(self) -> bool:
        """Whether the daemon has an IPsec SA."""
        return bool(self._children())

    def attempts(self) -> list[tuple[int, str | None]]:
        """What the daemon's log says of negotiations with the device."""
        return attempts(self._gateway.charon.text(), self._device)

    def associations(self) -> list[Association]:
        """The daemon's IPsec SAs, as the cloud counts them."""
        return [
            Association(
                child["local-ts"][0],
                child["remote-ts"][0],
                int(child["packets-in"]),
                int(child["packets-out"]),
                int(child["bytes-in"]),
                int(child["bytes-out"]),
            )
            for child in self._children()
        ]

    def _children(self) -> list[Values]:
        return children(self._gateway.session, self._key)
