# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""VPN gateways (read only), customer gateways, quotas."""

from __future__ import annotations

import typing as t

from . import defaults, rules
from .calls import Answer, Call, operation, page
from .connections import in_order
from .errors import ApiError, invalid

# "Present once the gateway is ACTIVE." API contract, section 4: Members returned only sometimes.
_ONCE_ACTIVE = ("eip1", "eip2", "created_at", "applied_at", "updated_at")
CUSTOMER_PAGE = 200
GATEWAY_QUOTA, CUSTOMER_QUOTA = 50, 100
_Values = dict[str, t.Any]


def _stamp(members: _Values) -> str:
    return members["created_at"]


def _identity(members: _Values) -> str:
    return members["id"]


def _shown(call: Call, members: _Values, kind: str) -> _Values:
    shown = {name: value for name, value in members.items() if value is not None}
    tags = call.store.tags.get((kind, members["id"]))
    if tags:
        shown["tags"] = [{"key": key, "value": value} for key, value in tags.items()]
    return shown


def _shown_gateway(call: Call, gateway: _Values) -> _Values:
    shown = _shown(call, gateway, "vpn-gateway")
    if gateway["status"] == "PENDING_CREATE":
        for name in _ONCE_ACTIVE:
            shown.pop(name, None)
    mine = [found for found in call.store.living() if found.configured["vgw_id"] == gateway["id"]]
    shown["used_connection_number"] = len(mine)
    shown["used_connection_group"] = len({found.configured["cgw_id"] for found in mine})
    return shown


@operation("listVpnGateways")
def list_gateways(call: Call) -> Answer:
    """API contract, section 1: Identity and lookup (not paged)."""
    found = list(call.store.gateways.values())
    projects = call.query.get("enterprise_project_id")
    if projects:
        found = [gateway for gateway in found if gateway.get("enterprise_project_id") in projects]
    if call.settings.sdk_only_filters == "honoured" and "vgw_id" in call.query:
        found = [gateway for gateway in found if gateway["id"] == call.query["vgw_id"]]
    found = in_order(found, call.settings, _stamp, _identity)
    return Answer(200, {"vpn_gateways": [_shown_gateway(call, gateway) for gateway in found]})


@operation("showVpnGateway")
def show_gateway(call: Call) -> Answer:
    """VPN.0509 when there is none."""
    gateway = call.store.gateways.get(call.path["vgw_id"])
    if gateway is None:
        raise ApiError("VPN.0509")
    return Answer(200, {"vpn_gateway": _shown_gateway(call, gateway)})


@operation("listCustomerGateways")
def list_customer_gateways(call: Call) -> Answer:
    """API contract, section 11: Paging."""
    found = list(call.store.customer_gateways.values())
    total = len(found)
    if call.settings.sdk_only_filters == "honoured" and "cgw_id" in call.query:
        found = [customer for customer in found if customer["id"] == call.query["cgw_id"]]
    found = in_order(found, call.settings, _stamp, _identity)
    if call.settings.total_count == "filter":
        total = len(found)
    chosen, info = page(call, found, [_stamp(customer) for customer in found], CUSTOMER_PAGE)
    return Answer(200, {"customer_gateways": [_shown(call, customer, "customer-gateway") for customer in chosen],
                        "page_info": info, "total_count": total})


def _customer_gateway(call: Call) -> _Values:
    found = call.store.customer_gateways.get(call.path["customer_gateway_id"])
    if found is None:
        raise ApiError("VPN.0004", f'customer gateway {call.path["customer_gateway_id"]} not found')
    return found


@operation("showCustomerGateway")
def show_customer_gateway(call: Call) -> Answer:
    """VPN.0004 when there is none."""
    return Answer(200, {"customer_gateway": _shown(call, _customer_gateway(call), "customer-gateway")})


@operation("createCustomerGateway", write=True)
def create_customer_gateway(call: Call) -> Answer:
    """Synchronous. API contract, section 2: Status and state machine (customer gateways have no status)."""
    given = dict(call.checked()["customer_gateway"])
    tags = given.pop("tags", [])
    rules.check_tags(tags, call.settings)
    if given.get("id_type") == "fqdn" and "bgp_asn" in given:
        raise invalid("bgp_asn must not be filled if id_type is not ip")
    if len(call.store.customer_gateways) >= CUSTOMER_QUOTA:
        raise ApiError(call.settings.quota_code, "invalid request: the quota of customerGateway is exceeded")
    given.pop("ca_certificate", None)
    made = defaults.customer_gateway(call.store, given)
    call.store.customer_gateways[made["id"]] = made
    call.store.tags[("customer-gateway", made["id"])] = {tag["key"]: tag["value"] for tag in tags}
    _note_change(call)
    return Answer(201, {"customer_gateway": _shown(call, made, "customer-gateway")})


@operation("updateCustomerGateway", write=True)
def update_customer_gateway(call: Call) -> Answer:
    """Only the name can change."""
    given = call.checked()["customer_gateway"]
    found = _customer_gateway(call)
    found["name"] = given.get("name", found["name"])
    found["updated_at"] = call.store.clock.stamp(call.settings.fraction_digits)
    _note_change(call)
    return Answer(200, {"customer_gateway": _shown(call, found, "customer-gateway")})


@operation("deleteCustomerGateway", write=True)
def delete_customer_gateway(call: Call) -> Answer:
    """Refused while in use. API contract, section 2: Status and state machine, and section 13."""
    found = _customer_gateway(call)
    if any(connection.configured["cgw_id"] == found["id"] for connection in call.store.living()):
        raise invalid("the customer gateway has a vpnConnection")
    del call.store.customer_gateways[found["id"]]
    call.store.tags.pop(("customer-gateway", found["id"]), None)
    _note_change(call)
    return Answer(204)


def _note_change(call: Call) -> None:
    call.store.version += 1
    call.applied = True


@operation("showQuotas")
def show_quotas(call: Call) -> Answer:
    """API contract, section 14: Quotas."""
    used = (("customer_gateway", CUSTOMER_QUOTA, len(call.store.customer_gateways)),
            ("vpn_connection", call.settings.connection_quota, len(call.store.living())),
            ("vpn_gateway", GATEWAY_QUOTA, len(call.store.gateways)))
    return Answer(200, {"quotas": {"resources": [{"type": kind, "quota": quota, "used": number}
                                                 for kind, quota, number in used]}})
