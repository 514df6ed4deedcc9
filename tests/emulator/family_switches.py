# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Switches for gateways, customer gateways, monitors, quotas and elastic IPs.

Sources that begin with "family" are sections of the family part of the contract.
"""

from __future__ import annotations

from .switch import ACCEPT, Switch

FAMILY: dict[str, Switch] = {
    # VPN gateways: states
    "gateway_delete_hidden": Switch(
        (0.0, 0.5, 1.0),
        0.5,
        "family 2.4 Life cycle",
        "fraction of the time after DELETE of a gateway during which reads return the previous state",
    ),
    "gateway_not_ready": Switch(
        ("VPN.0003", "VPN.0016", "table"),
        "VPN.0003",
        "family 2.4 Life cycle",
        "code for a write to a gateway in a PENDING_* state (table: VPN.0506, 0507, 0508)",
    ),
    "gateway_not_ready_status": Switch(
        (403, 400, 409),
        403,
        "family 2.4 Life cycle",
        "HTTP status of VPN.0003 for a gateway that is not ready",
    ),
    "gateway_update_in_fault": Switch(ACCEPT, "accepted", "family 2.4 Life cycle", "PUT and flavor change in FAULT"),
    "gateway_delete_in_fault": Switch(ACCEPT, "accepted", "family 2.4 Life cycle", "DELETE of a gateway in FAULT"),
    "gateway_update_when_frozen": Switch(
        ACCEPT, "refused", "family 2.4 Life cycle", "PUT and flavor change in FREEZED"
    ),
    "rename_pending": Switch(
        "bool", True, "family 2.5 PUT", "whether a gateway passes through PENDING_UPDATE when only its name changes"
    ),
    "gateway_without_eip": Switch(
        ("ACTIVE", "PENDING_UPDATE", "FAULT"),
        "ACTIVE",
        "family 2.3 EIPs",
        "status of a gateway one of whose addresses was unbound",
    ),
    "gateway_delete_with_connections": Switch(
        ("cascades", "refused"), "cascades", "family 2.8 Deletion", "DELETE of a gateway that has connections"
    ),
    "gateway_delete_prepaid": Switch(ACCEPT, "refused", "family 2.8 Deletion", "DELETE of a prepaid gateway"),
    "flavor_change_tunnels": Switch(
        ("down", "kept"), "down", "family 2.6 Flavor change", "state of running tunnels while the flavor changes"
    ),
    "flavor_change_large_eips": Switch(
        ACCEPT,
        "refused",
        "family 2.6 Flavor change",
        "a flavor that is too small for the bandwidth of the gateway's addresses",
    ),
    # VPN gateways: answers
    "supported_flavors": Switch(
        ("listed", "empty", "absent"),
        "listed",
        "family 2.6 Flavor change",
        "supported_flavors of a gateway; empty and absent also refuse every change",
    ),
    # VPN gateways: what POST and PUT accept
    "gateway_eips": Switch(
        ("required", "optional"),
        "required",
        "family 10: eip1, eip2 of a public gateway",
        "creation of a public gateway without both addresses",
    ),
    "gateway_zones": Switch(
        ACCEPT, "refused", "family 2.1 What creation needs", "availability zones that are too many or do not fit"
    ),
    "access_subnet": Switch(
        ("required", "optional"), "required", "family 10: access_subnet_id", "access_vpc_id without access_subnet_id"
    ),
    "local_subnets_check": Switch(
        ("strict", "lenient"),
        "strict",
        "family 2.1 What creation needs",
        "local subnets that overlap or have host bits",
    ),
    "local_subnets_in_use": Switch(
        ACCEPT, "accepted", "family 2.5 PUT", "PUT without a local subnet that policy rules use"
    ),
    "nonfixed_create": Switch(
        ACCEPT, "refused", "family 2.2 Flavors", "creation of a gateway with a NonFixedIP flavor"
    ),
    "eip_mixed_forms": Switch(
        ACCEPT, "refused", "family CreateRequestEip", "an address with both an id and members of a new address"
    ),
    "eip_charge_mode": Switch(
        ("required", "optional"),
        "required",
        "family 10: charge_mode of a new EIP",
        "charge_mode of a new address with its own bandwidth",
    ),
    "bound_eip_on_put": Switch(
        ACCEPT, "refused", "family 2.3 EIPs", "PUT of the address that the gateway already has on that side"
    ),
    "eip_not_ready_code": Switch(
        ("VPN.0103", "VPN.0002"), "VPN.0103", "family 2.3 EIPs", "code for an address that is not free yet"
    ),
    "free_addresses": Switch(
        "count", 100, "family 2.1 What creation needs", "free addresses of each subnet (VPN.0285)"
    ),
    # customer gateways
    "duplicate_addresses": Switch(
        ACCEPT, "accepted", "family 3 Customer gateway", "a second customer gateway with the same id_value"
    ),
    "customer_asn": Switch(
        ("none", "65000"),
        "none",
        "family 10: bgp_asn default of a customer gateway",
        "bgp_asn of a customer gateway created without one",
    ),
    "list_id_type": Switch(
        ("present", "absent"), "present", "family 3 Customer gateway", "id_type of fqdn customer gateways in lists"
    ),
    "ca_updatable": Switch(
        "bool", True, "family 3 Customer gateway", "is_updatable of a CA certificate; false also refuses new content"
    ),
    # monitors
    "monitor_after_connection": Switch(
        ("kept", "deleted"), "kept", "family 4 Connection monitor", "the monitor of a connection that is deleted"
    ),
    "monitor_fqdn": Switch(
        ACCEPT, "refused", "family 4 Connection monitor", "a monitor for the connection of an fqdn customer gateway"
    ),
    "monitor_in_pending": Switch(
        ACCEPT, "refused", "family 4 Connection monitor", "a monitor for a connection in a PENDING_* state"
    ),
    "health_check_makes_monitor": Switch(
        "bool",
        False,
        "family 4 Connection monitor",
        "whether enable_health_check of a new connection creates its monitor",
    ),
    "missing_monitor": Switch(
        ("VPN.0004", "VPN.0001"),
        "VPN.0004",
        "family 4 Connection monitor",
        "code for DELETE of a monitor that does not exist",
    ),
    # quotas and availability zones
    "gateway_quota": Switch("count", 50, "family 5 Quotas", "maximum number of gateways in the project"),
    "customer_gateway_quota": Switch(
        "count", 100, "family 5 Quotas", "maximum number of customer gateways in the project"
    ),
    "quota_counts": Switch(
        ("all", "settled"), "all", "family 5 Quotas", "whether used includes objects that are being created or deleted"
    ),
    "zones_v51": Switch(
        ("present", "absent"),
        "present",
        "family 2.7 Availability zones",
        "whether the V5.1 list exists (absent: APIGW.0101)",
    ),
    "zones_thin": Switch(
        "bool",
        False,
        "family 2.7 Availability zones",
        "whether V5 omits keys and lists without availability zones",
    ),
    # the elastic IP service
    "dwell_unbind": Switch("number", 0, "family 2.3 EIPs", "seconds before an unbound address shows DOWN"),
    "unbind_unbound": Switch(
        ACCEPT, "refused", "family disassociatePublicIp", "unbinding an address that is not bound"
    ),
    "eip_refusal_status": Switch(
        (400, 409), 400, "family disassociatePublicIp", "HTTP status of the elastic IP service's refusals"
    ),
    "eip_gone_status": Switch((404, 400), 404, "family showPublicIp", "HTTP status for an address that does not exist"),
}
