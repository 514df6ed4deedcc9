# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the server fills in. API contract, section 5: Filled in by the server."""

from __future__ import annotations

import copy
import typing as t

from .store import Store

DPD = {"timeout": 15, "interval": 30, "msg": "seq-hash-notify"}
IKE = {
    "ike_version": "v2", "phase1_negotiation_mode": "main", "authentication_algorithm": "sha2-256",
    "encryption_algorithm": "aes-128", "dh_group": "group15", "authentication_method": "pre-share",
    "lifetime_seconds": 86400, "local_id_type": "ip", "local_id": None, "peer_id_type": "ip", "peer_id": None, "dpd": DPD,
}
IPSEC = {
    "authentication_algorithm": "sha2-256", "encryption_algorithm": "aes-128", "pfs": "group15",
    "transform_protocol": "esp", "lifetime_seconds": 3600, "encapsulation_mode": "tunnel",
}
# Every member of a stored connection, in the order of the published answers.
MEMBERS = ("name", "vgw_id", "vgw_ip", "style", "cgw_id", "peer_subnets", "peer_subnets_v6", "tunnel_local_address",
           "tunnel_peer_address", "enable_nqa", "enable_hub", "enable_health_check", "policy_rules", "policy_rules_v6",
           "ikepolicy", "ipsecpolicy", "psk", "ha_role", "enterprise_project_id")


def merged(old: dict[str, t.Any], new: dict[str, t.Any]) -> dict[str, t.Any]:
    """old with the members of new: objects leaf by leaf, lists whole. API contract, section 8: PUT: merge rules."""
    result = copy.deepcopy(old)
    for name, value in new.items():
        if isinstance(value, dict) and isinstance(result.get(name), dict):
            result[name] = merged(result[name], value)
        else:
            result[name] = copy.deepcopy(value)
    return result


def completed(store: Store, given: dict[str, t.Any]) -> dict[str, t.Any]:
    """A connection's configured values from the members of a create request, everything else filled in."""
    full: dict[str, t.Any] = dict.fromkeys(MEMBERS)
    full.update(style="static", ha_role="master", enable_nqa=False, enable_hub=False, peer_subnets=[],
                peer_subnets_v6=[], policy_rules=[], policy_rules_v6=[], ikepolicy=IKE, ipsecpolicy=IPSEC)
    full = merged(full, given)
    full["name"] = full["name"] or store.new_name("vpn")
    if not full["tunnel_local_address"] or not full["tunnel_peer_address"]:
        full["tunnel_local_address"], full["tunnel_peer_address"] = store.new_tunnel()
    else:
        store.use_tunnel(full["tunnel_local_address"])
    if full["enterprise_project_id"] is None:
        gateway = store.gateways.get(full["vgw_id"], {})
        full["enterprise_project_id"] = gateway.get("enterprise_project_id", "0")
    return full


def gateway(store: Store, given: dict[str, t.Any]) -> dict[str, t.Any]:
    """An ACTIVE gateway from some of its members. API contract, section 4: Members returned only sometimes."""
    now = store.clock.stamp()
    private = given.get("network_type") == "private"
    router = given.get("attachment_type") == "er"
    full: dict[str, t.Any] = {
        "id": store.new_id(), "name": store.new_name("vpngw"), "status": "ACTIVE", "network_type": "public",
        "attachment_type": "vpc", "ip_version": "ipv4", "ha_mode": "active-active", "flavor": "Professional1",
        "bgp_asn": 64512, "availability_zone_ids": ["az-1", "az-2"], "enterprise_project_id": "0",
        "created_at": now, "applied_at": now, "updated_at": now,
    }
    if router:
        full.update(er_id=store.new_id(), er_attachment_id=store.new_id())
    else:
        full.update(vpc_id=store.new_id(), connect_subnet=store.new_id(), local_subnets=["10.0.0.0/24"])
    if private:
        full.update(access_private_ip_1="192.168.250.2", access_private_ip_2="192.168.250.3")
    else:
        full.update(eip1=_eip(store), eip2=_eip(store))
    for name, value in given.items():
        full[name] = {**_eip(store), **value} if name in ("eip1", "eip2") else value
    return full


def _eip(store: Store) -> dict[str, t.Any]:
    return {"id": store.new_id(), "ip_version": 4, "type": "5_bgp", "ip_address": store.new_address(),
            "charge_mode": "bandwidth", "bandwidth_id": store.new_id(), "bandwidth_size": 300,
            "bandwidth_name": store.new_name("vpngw-bandwidth"), "share_type": "PER"}


def customer_gateway(store: Store, given: dict[str, t.Any]) -> dict[str, t.Any]:
    """A customer gateway from some of its members."""
    now = store.clock.stamp()
    full = {"id": store.new_id(), "name": store.new_name("cgw"), "id_type": "ip", "created_at": now, "updated_at": now}
    if given.get("id_type", "ip") == "ip":
        full["bgp_asn"] = 65000
    full.update(given)
    if "id_value" not in full:
        full["id_value"] = store.new_address()
    return full
