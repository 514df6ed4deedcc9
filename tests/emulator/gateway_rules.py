# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Rules for VPN gateways in addition to the schemas. Family contract, section 2.1: What creation needs.

All checks raise ApiError. `given`: the members in the request. `full`: the resulting gateway.
"""

from __future__ import annotations

import ipaddress
import itertools
import typing as t

from . import rules, zones
from .errors import ApiError, invalid
from .items import Values
from .switches import Settings

# The maximum number of connection groups by flavor; MOST_GROUPS for others. Family contract, section 2.2: Flavors.
GROUPS = {"Basic": 10}
MOST_GROUPS = 100
# The flavors that a flavor can be changed to. Family contract, section 2.6: Flavor change.
TARGETS = {
    "Professional1": ["Professional2"],
    "Professional2": ["Professional1"],
    "Professional1-NonFixedIP": ["Professional2-NonFixedIP"],
    "Professional2-NonFixedIP": ["Professional1-NonFixedIP"],
}
PRIVATE_ADDRESSES = ("access_private_ip_1", "access_private_ip_2")


def groups(flavor: str) -> int:
    """The maximum number of connection groups of a gateway."""
    return GROUPS.get(flavor, MOST_GROUPS)


def check_new(given: Values, full: Values, settings: Settings) -> None:
    """Check all rules for a new gateway, except those for its addresses."""
    _check_attachment(given, full, settings)
    check_local_subnets(given, full, settings)
    check_flavor(full)
    if full["flavor"].endswith("-NonFixedIP") and settings.nonfixed_create == "refused":
        raise ApiError("VPN.0516")
    _check_zones(given, full, settings)
    _check_private_addresses(given, full)
    _check_free_addresses(full, settings)


def _check_attachment(given: Values, full: Values, settings: Settings) -> None:
    if full["attachment_type"] == "vpc":
        _require(given, "vpc_id", "connect_subnet", subnets_member(full))
        _forbid(given, "if attachment_type is not er", "er_id")
    else:
        _require(given, "er_id")
        for member, substitute in (("access_vpc_id", "vpc_id"), ("access_subnet_id", "connect_subnet")):
            if member not in given and substitute not in given:
                raise invalid(f"{member} is required if attachment_type is er")
    if "access_vpc_id" in given and "access_subnet_id" not in given and settings.access_subnet == "required":
        raise invalid("access_subnet_id is required with access_vpc_id")


def subnets_member(full: Values) -> str:
    """The name of the member with the local subnets of a gateway."""
    return "local_subnets_v6" if full["ip_version"] == "ipv6" else "local_subnets"


def _require(given: Values, *members: str) -> None:
    for member in members:
        if not given.get(member):
            raise invalid(f"{member} is required")


def _forbid(given: Values, when: str, *members: str) -> None:
    for member in members:
        if member in given:
            raise invalid(f"{member} must not be filled {when}")


def check_local_subnets(given: Values, full: Values, settings: Settings) -> None:
    """Check the local subnets of a request."""
    used = subnets_member(full)
    unused = "local_subnets" if used.endswith("6") else "local_subnets_v6"
    if full["attachment_type"] == "er":
        _forbid(given, "if attachment_type is er", "local_subnets", "local_subnets_v6")
    _forbid(given, f"for an {full['ip_version']} gateway", unused)
    found = [rules.network(text, used, 6 if used.endswith("6") else 4) for text in given.get(used, [])]
    if settings.local_subnets_check == "lenient":
        return
    for text, network in zip(given.get(used, []), found):
        if ipaddress.ip_interface(text).ip != network.network_address:
            raise invalid(f"{used}: {text} has host bits")
    for one, two in itertools.combinations(found, 2):
        if one.overlaps(two):
            raise invalid(f"{used}: {one} and {two} overlap")


def check_flavor(full: Values) -> None:
    """Check that Basic is only used for public gateways that are attached to a VPC."""
    if full["flavor"] == "Basic" and (full["network_type"] == "private" or full["attachment_type"] == "er"):
        raise ApiError("VPN.0105")


def _check_zones(given: Values, full: Values, settings: Settings) -> None:
    fitting = zones.fitting(full["flavor"], full["attachment_type"], full["ip_version"])
    if not fitting:
        raise invalid(f"no availability zone has the flavor {full['flavor']} for this gateway")
    wanted = given.get("availability_zone_ids")
    if wanted is None or settings.gateway_zones == "accepted":
        return
    if len(set(wanted)) != min(2, len(fitting)) or not set(wanted) <= set(fitting):
        raise invalid(f"availability_zone_ids must be {min(2, len(fitting))} of {', '.join(fitting)}")


def _check_private_addresses(given: Values, full: Values) -> None:
    addresses = [given.get(member) for member in PRIVATE_ADDRESSES]
    if full["network_type"] != "private":
        _forbid(given, "if network_type is not private", *PRIVATE_ADDRESSES)
        return
    _forbid(given, "if network_type is private", "eip1", "eip2")
    if not any(addresses):
        return
    if not all(addresses):
        raise ApiError("VPN.0109")
    if addresses[0] == addresses[1]:
        raise ApiError("VPN.0107")
    for address in addresses:
        try:
            ipaddress.IPv4Address(address)
        except ValueError:
            raise ApiError("VPN.0108") from None


def _check_free_addresses(full: Values, settings: Settings) -> None:
    subnet = full["access_subnet_id"]
    shared = full["attachment_type"] == "vpc" and subnet == full["connect_subnet"]
    needed = 4 if shared else 2
    if settings.free_addresses < needed:
        raise ApiError("VPN.0285", f"subnet {subnet} has {settings.free_addresses} free addresses, {needed} are needed")


def check_update(given: Values, full: Values, settings: Settings) -> None:
    """Check all rules for a PUT, except those for its addresses."""
    check_local_subnets(given, full, settings)
    if full["network_type"] == "private":
        _forbid(given, "if network_type is private", "eip_id_1", "eip_id_2")
    if not full["flavor"].endswith("-NonFixedIP"):
        _forbid(given, "if the flavor is not NonFixedIP", "policy_template")


def check_in_use(kept: t.Collection[str], used: t.Iterable[str]) -> None:
    """Check that all local subnets that policy rules use are kept."""
    networks = [ipaddress.IPv4Network(text, strict=False) for text in kept]
    for text in used:
        source = ipaddress.IPv4Network(text, strict=False)
        if not any(source.subnet_of(network) for network in networks):
            raise invalid(f"{text} is used by a policy rule")
