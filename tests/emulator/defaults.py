# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Values that the server fills in. API contract, section 5: Filled in by the server."""

from __future__ import annotations

import copy
import typing as t

from . import zones
from .items import Connection, CustomerGateway, Gateway
from .store import Store

DPD = {"timeout": 15, "interval": 30, "msg": "seq-hash-notify"}
IKE = {
    "ike_version": "v2",
    "phase1_negotiation_mode": "main",
    "authentication_algorithm": "sha2-256",
    "encryption_algorithm": "aes-128",
    "dh_group": "group15",
    "authentication_method": "pre-share",
    "lifetime_seconds": 86400,
    "local_id_type": "ip",
    "local_id": None,
    "peer_id_type": "ip",
    "peer_id": None,
    "dpd": DPD,
}
IPSEC = {
    "authentication_algorithm": "sha2-256",
    "encryption_algorithm": "aes-128",
    "pfs": "group15",
    "transform_protocol": "esp",
    "lifetime_seconds": 3600,
    "encapsulation_mode": "tunnel",
}
# Every member of a stored connection, in the order of the published answers.
MEMBERS = (
    "name",
    "vgw_id",
    "vgw_ip",
    "style",
    "cgw_id",
    "peer_subnets",
    "peer_subnets_v6",
    "tunnel_local_address",
    "tunnel_peer_address",
    "enable_nqa",
    "enable_hub",
    "enable_health_check",
    "policy_rules",
    "policy_rules_v6",
    "ikepolicy",
    "ipsecpolicy",
    "psk",
    "ha_role",
    "enterprise_project_id",
)


def merged(old: dict[str, t.Any], new: dict[str, t.Any]) -> dict[str, t.Any]:
    """Merge new into old: objects member by member, lists as a whole. API contract, section 8: PUT: merge rules."""
    result = copy.deepcopy(old)
    for name, value in new.items():
        if isinstance(value, dict) and isinstance(result.get(name), dict):
            result[name] = merged(result[name], value)
        else:
            result[name] = copy.deepcopy(value)
    return result


def completed(store: Store, given: dict[str, t.Any]) -> dict[str, t.Any]:
    """The configured values of a connection: the members of a create request, plus the server's defaults."""
    full: dict[str, t.Any] = dict.fromkeys(MEMBERS)
    full.update(
        style="static",
        ha_role="master",
        enable_nqa=False,
        enable_hub=False,
        peer_subnets=[],
        peer_subnets_v6=[],
        policy_rules=[],
        policy_rules_v6=[],
        ikepolicy=IKE,
        ipsecpolicy=IPSEC,
    )
    full = merged(full, given)
    full["name"] = full["name"] or store.new_name("vpn")
    if not full["tunnel_local_address"] or not full["tunnel_peer_address"]:
        full["tunnel_local_address"], full["tunnel_peer_address"] = store.new_tunnel()
    else:
        store.use_tunnel(full["tunnel_local_address"])
    if full["enterprise_project_id"] is None:
        gateway = store.gateways.members(full["vgw_id"])
        full["enterprise_project_id"] = gateway.get("enterprise_project_id", "0")
    return full


def gateway_members(store: Store, given: dict[str, t.Any]) -> dict[str, t.Any]:
    """The members of a gateway except its EIPs: those of a create request or an answer, plus the server's defaults."""
    full: dict[str, t.Any] = {
        "name": store.new_name("vpngw"),
        "network_type": "public",
        "attachment_type": "vpc",
        "ip_version": "ipv4",
        "bgp_asn": 64512,
        "flavor": "Professional1",
        "enterprise_project_id": "0",
        "ha_mode": "active-active",
        **{name: value for name, value in given.items() if name not in ("eip1", "eip2")},
    }
    for member, substitute in (("access_vpc_id", "vpc_id"), ("access_subnet_id", "connect_subnet")):
        full.setdefault(member, full.get(substitute))
        if full["attachment_type"] == "er":
            full.pop(substitute, None)
    if full["attachment_type"] == "er":
        full.setdefault("er_attachment_id", store.new_id())
    if full["network_type"] == "private" and "access_private_ip_1" not in full:
        full["access_private_ip_1"] = store.new_private_address()
        full["access_private_ip_2"] = store.new_private_address()
    if "availability_zone_ids" not in full:
        fitting = zones.fitting(full["flavor"], full["attachment_type"], full["ip_version"])
        full["availability_zone_ids"] = list(fitting[:2])
    return full


def gateway(store: Store, members: dict[str, t.Any], **own: t.Any) -> Gateway:
    """A gateway with the given members. own: additional fields."""
    stamp = own.pop("created_at", None) or store.clock.stamp()
    return Gateway(
        own.pop("id", None) or store.new_id(),
        {"applied_at": stamp, **members},
        stamp,
        own.pop("updated_at", None) or stamp,
        **own,
    )


def customer_gateway(store: Store, given: dict[str, t.Any]) -> CustomerGateway:
    """A customer gateway with the given members, plus the server's defaults."""
    members = {
        "name": store.new_name("cgw"),
        "id_type": "ip",
        **{name: value for name, value in given.items() if name not in ("id", "created_at", "updated_at")},
    }
    if "id_value" not in members:
        members["id_value"] = store.new_address()
    if members["id_type"] == "ip":
        members.setdefault("bgp_asn", 65000)
    stamp = given.get("created_at") or store.clock.stamp()
    return CustomerGateway(given.get("id") or store.new_id(), members, stamp, given.get("updated_at") or stamp)


def monitor(store: Store, connection: Connection) -> dict[str, t.Any]:
    """The members of the monitor of a connection."""
    members = connection.configured
    return {
        "vpn_connection_id": connection.id,
        "source_ip": store.gateway_address(members["vgw_id"], members["vgw_ip"]),
        "destination_ip": store.customer_gateways.members(members["cgw_id"]).get("id_value", ""),
    }
