# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Rules for connections in addition to the schemas: the x-rule, x-forbidden and x-conditional notes of the contract.

All checks raise ApiError (usually VPN.0001). `given`: the members in the request. `full`: the resulting connection.
"""

from __future__ import annotations

import ipaddress
import itertools
import re
import typing as t

from .errors import ApiError, invalid
from .switches import Settings

Values = dict[str, t.Any]

Network = t.Union[ipaddress.IPv4Network, ipaddress.IPv6Network]

RESERVED_SUBNETS = tuple(ipaddress.IPv4Network(text) for text in ("100.64.0.0/10", "100.64.0.0/12", "214.0.0.0/8"))
FQDN = re.compile(r"[^&<>\[\]\\? ]{1,128}")
_TAG = {
    "latin": re.compile(r"[0-9A-Za-z\u00C0-\u024F _.:=+\-@]*"),
    "chinese": re.compile(r"[0-9A-Za-z\u00C0-\u024F\u4E00-\u9FA5 _.:=+\-@]*"),
}


def check_connection(given: Values, full: Values, gateway: Values, settings: Settings, creating: bool = False) -> None:
    """Check all rules for a connection before it is created or changed."""
    if creating:
        _check_required(full, gateway)
    check_psk(given.get("psk"), settings)
    _check_subnets(given, full, gateway, settings)
    _check_policy_rules(given, full, gateway, settings)
    _check_tunnel(given, full)
    check_style_members(given, full)
    _check_ike(given, full, settings)
    lifetime = given.get("ipsecpolicy", {}).get("lifetime_seconds")
    if lifetime is not None and lifetime < settings.ipsec_lifetime_minimum:
        raise invalid(f"ipsecpolicy.lifetime_seconds is less than {settings.ipsec_lifetime_minimum}")


def check_psk(psk: str | None, settings: Settings) -> None:
    """Check for three of four classes of characters. API contract, section 10: Pre-shared key."""
    if psk is None:
        return
    classes = [any(test(char) for char in psk) for test in (str.isupper, str.islower, str.isdigit)]
    classes.append(any(not char.isalnum() for char in psk))
    if sum(classes) < 3:
        raise invalid("psk has less than three kinds of characters" + (f": {psk}" if settings.psk_in_errors else ""))


def check_tags(tags: list[dict[str, str]], settings: Settings) -> None:
    """API contract, section 15: Tags."""
    keys = [tag["key"] for tag in tags]
    if len(set(keys)) != len(keys):
        raise invalid("a tag key is given twice")
    for tag in tags:
        for part in (tag["key"], tag.get("value") or ""):
            if not _TAG[settings.tag_characters].fullmatch(part):
                raise invalid(f"tag {tag['key']} has a character that is not allowed")


def network(text: str, member: str, version: int) -> Network:
    """The network of a CIDR, without its host bits; VPN.0001 if it is invalid."""
    try:
        found = ipaddress.ip_network(text, strict=False)
    except ValueError:
        found = None
    if found is None or found.version != version or "/" not in text:
        raise invalid(f"{member}: {text} is not an IPv{version} CIDR")
    return found


def _check_required(full: Values, gateway: Values) -> None:
    """API contract, section 6: Which options go with which (peer_subnets and policy_rules are mandatory)."""
    tail = "_v6" if gateway.get("ip_version") == "ipv6" else ""
    if not full["peer_subnets" + tail] and not _is_routed(full, gateway):
        raise invalid(f"peer_subnets{tail} is required")
    if full["style"] == "policy" and not full["policy_rules" + tail]:
        raise invalid(f"policy_rules{tail} is required if style is policy")


def _is_routed(full: Values, gateway: Values) -> bool:
    """Whether the connection must not specify subnets: on an enterprise router with style policy or bgp."""
    return gateway.get("attachment_type") == "er" and full["style"] in ("policy", "bgp")


def _check_subnets(given: Values, full: Values, gateway: Values, settings: Settings) -> None:
    """API contract, section 6: Which options go with which (peer_subnets)."""
    version_6 = gateway.get("ip_version") == "ipv6"
    used, unused = ("peer_subnets_v6", "peer_subnets") if version_6 else ("peer_subnets", "peer_subnets_v6")
    if given.get(unused):
        raise invalid(f"{unused} must not be filled for an {gateway.get('ip_version', 'ipv4')} gateway")
    if _is_routed(full, gateway) and given.get(used):
        raise invalid(f"{used} must not be filled for {full['style']} on a gateway of an enterprise router")
    local = [ipaddress.ip_network(text, strict=False) for text in gateway.get("local_subnets") or []]
    for text in given.get(used) or []:
        subnet = network(text, used, 6 if version_6 else 4)
        if settings.reserved_subnets == "refused" and _is_reserved(subnet):
            raise invalid(f"{used}: {text} is reserved")
        if subnet in local:
            raise invalid(f"{used}: {text} equals a local subnet of the gateway")


def _is_reserved(subnet: Network) -> bool:
    return isinstance(subnet, ipaddress.IPv4Network) and any(map(subnet.subnet_of, RESERVED_SUBNETS))


def _check_policy_rules(given: Values, full: Values, gateway: Values, settings: Settings) -> None:
    """API contract, section 6: Which options go with which (policy_rules)."""
    version = 6 if gateway.get("ip_version") == "ipv6" else 4
    used, unused = ("policy_rules", "policy_rules_v6") if version == 4 else ("policy_rules_v6", "policy_rules")
    if given.get(unused):
        raise invalid(f"{unused} must not be filled for an IPv{version} gateway")
    if full["style"] != "policy":
        if given.get(used):
            raise invalid(f"{used} must not be filled if style is not policy")
        return
    if used not in given:
        return
    rules: list[tuple[Network, list[Network]]] = []
    for rule in given[used]:
        if not rule.get("source") or not rule.get("destination"):
            raise invalid(f"{used}: a rule needs source and destination")
        rules.append(
            (
                network(rule["source"], f"{used}.source", version),
                [network(text, f"{used}.destination", version) for text in rule["destination"]],
            )
        )
    _check_rule_pairs(used, rules, settings)


def _check_rule_pairs(member: str, rules: list[tuple[Network, list[Network]]], settings: Settings) -> None:
    for (source, destinations), (other, others) in itertools.combinations(rules, 2):
        if source == other:
            raise invalid(f"{member}: source {source} is used twice")
        if (
            settings.overlapping_rules == "refused"
            and source.overlaps(other)
            and any(one.overlaps(two) for one, two in itertools.product(destinations, others))
        ):
            raise invalid(f"{member}: the rules of {source} and {other} overlap")


def _check_tunnel(given: Values, full: Values) -> None:
    """API contract, section 6: Which options go with which (tunnel addresses)."""
    members = ("tunnel_local_address", "tunnel_peer_address")
    if not any(given.get(member) for member in members):
        return
    ends = []
    for member in members:
        try:
            end = ipaddress.IPv4Interface(full[member])
        except ValueError:
            raise invalid(f"{member} is not an address") from None
        if end.ip in (end.network[0], end.network[3]):
            raise invalid(f"{member} is not a host address")
        if end.ip in ipaddress.IPv4Network("169.254.195.0/24"):
            raise invalid(f"{member} is reserved")
        ends.append(end)
    if ends[0].network != ends[1].network or ends[0] == ends[1]:
        raise invalid("tunnel_local_address and tunnel_peer_address must be the two hosts of one /30")


def check_style_members(given: Values, full: Values) -> None:
    """API contract, section 6: Which options go with which (enable_nqa, enable_hub)."""
    if "enable_nqa" in given and full["style"] != "static":
        raise invalid("enable_nqa must not be filled if style is not static")
    if "enable_hub" in given and full["style"] != "bgp":
        raise invalid("enable_hub must not be filled if style is not bgp")


def _check_ike(given: Values, full: Values, settings: Settings) -> None:
    """API contract, section 6: Which options go with which (IKE), and section 9: IDs on update."""
    policy, wanted = full["ikepolicy"], given.get("ikepolicy", {})
    if policy["ike_version"] == "v1" and settings.gcm_under_v1 == "refused" and "gcm" in policy["encryption_algorithm"]:
        raise invalid(f"ikepolicy.encryption_algorithm {policy['encryption_algorithm']} requires ike_version v2")
    if (
        policy["ike_version"] == "v2"
        and settings.phase1_mode_under_v2 == "refused"
        and "phase1_negotiation_mode" in wanted
    ):
        raise invalid("ikepolicy.phase1_negotiation_mode must not be filled if ike_version is not v1")
    for side in ("local", "peer"):
        _check_id(side, policy, settings)
    if policy["local_id"] is not None and policy["local_id"] == policy["peer_id"]:
        raise invalid("ikepolicy.local_id and ikepolicy.peer_id must differ")


def _check_id(side: str, policy: Values, settings: Settings) -> None:
    kind, value = policy[f"{side}_id_type"], policy[f"{side}_id"]
    if kind == "fqdn":
        if settings.fqdn_ids == "refused":
            raise invalid(f"ikepolicy.{side}_id_type fqdn is not supported")
        if value is None or not FQDN.fullmatch(value):
            raise invalid(f"ikepolicy.{side}_id is no valid FQDN")
    elif kind == "ip" and value is not None:
        try:
            ipaddress.IPv4Address(value)
        except ValueError:
            raise invalid(f"ikepolicy.{side}_id is not an IPv4 address") from None


def check_place(full: Values, gateway: Values) -> None:
    """Check vgw_ip and ha_role of a new connection. API contract, sections 5 and 6."""
    addresses = [(gateway.get(name) or {}).get("id") for name in ("eip1", "eip2")]
    if gateway.get("network_type") == "private":
        addresses = [gateway.get(name) for name in ("access_private_ip_1", "access_private_ip_2")]
    if full["vgw_ip"] not in [address for address in addresses if address]:
        raise invalid("vgw_ip is no address of the gateway")
    slave = gateway.get("ha_mode") == "active-standby" and full["vgw_ip"] == addresses[1]
    if full["ha_role"] != ("slave" if slave else "master"):
        raise invalid(f"ha_role must be {'slave' if slave else 'master'} for this address of the gateway")


def check_asn(full: Values, gateway: Values, customer: Values) -> None:
    """API contract, section 6: Which options go with which (ASN)."""
    if full["style"] == "bgp" and customer.get("bgp_asn") is not None and customer["bgp_asn"] == gateway.get("bgp_asn"):
        raise invalid("the customer gateway has the ASN of the VPN gateway")


def unsupported(paths: t.Iterable[str]) -> ApiError:
    """The error for members that an operation does not accept."""
    return ApiError("VPN.0013", f"unsupported attribute: {', '.join(sorted(paths))}")
