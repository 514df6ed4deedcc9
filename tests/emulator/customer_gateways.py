# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Customer gateways. Family contract, section 3: Customer gateway."""

from __future__ import annotations

import copy
import hashlib
import ipaddress

from . import defaults, quotas, rules
from .calls import Answer, Call, operation, page
from .errors import ApiError, invalid
from .items import CustomerGateway, Values, View
from .states import (
    change,
    finished,
    listed,
    named_tags,
    read,
    refuse_duplicate_name,
    refuse_empty,
    remember,
    take_empties,
    without_dropped,
)

FULL_PAGE = 200


def _shown(call: Call, customer: CustomerGateway, view: View, kind: str) -> Values:
    """kind: create, update, show or list."""
    shown: Values = {
        "id": customer.id,
        **view.configured,
        "created_at": customer.created_at,
        "updated_at": view.updated_at,
        **named_tags(call.settings, view.tags),
    }
    if "ca_certificate" in shown:
        shown["ca_certificate"] = _certificate(call, shown["ca_certificate"])
    if kind in ("show", "list"):
        shown.update(ip=shown["id_value"], route_mode="static" if shown.get("bgp_asn") is None else "bgp")
    if kind == "list" and shown["id_type"] == "fqdn" and call.settings.list_id_type == "absent":
        del shown["id_type"]
    return finished(
        call.settings, {name: value for name, value in shown.items() if value is not None or name == "tags"}
    )


def _certificate(call: Call, certificate: Values) -> Values:
    """A CA certificate in answers, which never contain its text."""
    number = certificate["serial_number"]
    return {
        "id": certificate["id"],
        "serial_number": number,
        "signature_algorithm": "SM3WITHSM2",
        "issuer": "CN=Example Root CA",
        "subject": f"CN=Example CA {number[:4]}",
        "expire_time": "2036-01-02T03:04:05.678Z",
        "is_updatable": call.settings.ca_updatable,
    }


def _stored_certificate(call: Call, given: Values) -> Values:
    """The stored data of a CA certificate. Its serial number is derived from its text, or from its ID."""
    if ("id" in given) == ("content" in given):
        raise invalid("ca_certificate has either id or content")
    text = given.get("content") or given["id"]
    return {
        "id": given.get("id") or call.store.new_id(),
        "serial_number": hashlib.sha256(text.encode()).hexdigest()[:32],
    }


@operation("listCustomerGateways")
def list_customer_gateways(call: Call) -> Answer:
    """API contract, section 11: Paging."""
    found = listed(call, call.store.customer_gateways)
    total = len(found)
    if call.settings.sdk_only_filters == "honoured" and "cgw_id" in call.query:
        found = [pair for pair in found if pair[0].id == call.query["cgw_id"]]
    if call.settings.total_count == "filter":
        total = len(found)
    chosen, info = page(call, found, [customer.created_at for customer, _view in found], FULL_PAGE)
    return Answer(
        200,
        {
            "customer_gateways": [_shown(call, customer, view, "list") for customer, view in chosen],
            "page_info": info,
            "total_count": total,
        },
    )


@operation("showCustomerGateway")
def show_customer_gateway(call: Call) -> Answer:
    """VPN.0004 if it does not exist."""
    found = read(call, call.store.customer_gateways, "customer_gateway_id")
    return Answer(200, {"customer_gateway": _shown(call, *found, "show")})


@operation("createCustomerGateway", write=True)
def create_customer_gateway(call: Call) -> Answer:
    """Synchronous: customer gateways have no status."""
    given = copy.deepcopy(call.checked()["customer_gateway"])
    tags = given.pop("tags", [])
    rules.check_tags(tags, call.settings)
    _check_identity(call, given)
    if "ca_certificate" in given:
        given["ca_certificate"] = _stored_certificate(call, given["ca_certificate"])
    _check_duplicates(call, given)
    quotas.check(call, "customer_gateway")
    if call.settings.customer_asn == "none" or given.get("id_type") == "fqdn":
        given.setdefault("bgp_asn", None)
    made = defaults.customer_gateway(call.store, given)
    made.tags = {tag["key"]: tag["value"] for tag in tags}
    call.store.customer_gateways.add(made)
    remember(call, made, existed=False)
    call.applied = True
    return Answer(201, {"customer_gateway": _shown(call, made, made.true_view(call.now), "create")})


def _check_identity(call: Call, given: Values) -> None:
    """Check id_type, id_value and bgp_asn of a new customer gateway."""
    if given.get("id_type") == "fqdn":
        if call.settings.fqdn_ids == "refused":
            raise invalid("id_type fqdn is not supported")
        if not rules.FQDN.fullmatch(given["id_value"]):
            raise invalid("id_value is no valid FQDN")
        if "bgp_asn" in given:
            raise invalid("bgp_asn must not be filled if id_type is not ip")
        return
    try:
        address = ipaddress.IPv4Address(given["id_value"])
    except ValueError:
        raise ApiError("VPN.0203", f"id_value {given['id_value']} is not an IPv4 address") from None
    if address.is_multicast or address.is_reserved or address.is_loopback:
        raise ApiError("VPN.0204")


def _check_duplicates(call: Call, given: Values) -> None:
    refuse_duplicate_name(call, call.store.customer_gateways, given.get("name"))
    for other in call.store.customer_gateways.living():
        if other.configured["id_value"] == given["id_value"] and call.settings.duplicate_addresses == "refused":
            raise invalid(f"id_value {given['id_value']} exists")


@operation("updateCustomerGateway", write=True)
def update_customer_gateway(call: Call) -> Answer:
    """Only the name and the CA certificate can change."""
    cleared = take_empties(call, "customer_gateway")
    given = copy.deepcopy(call.checked()["customer_gateway"])
    customer = call.store.customer_gateways.find(call.path["customer_gateway_id"])
    refuse_empty(call, "customer_gateway", given, cleared)
    refuse_duplicate_name(call, call.store.customer_gateways, given.get("name"), customer.id)
    if "ca_certificate" in given:
        if "content" in given["ca_certificate"] and not call.settings.ca_updatable:
            raise invalid("the content of the CA certificate cannot be replaced")
        given["ca_certificate"] = _stored_certificate(call, given["ca_certificate"])
    wanted = {**customer.configured, **given}
    if "ca_certificate" in cleared:
        wanted.pop("ca_certificate", None)
    change(call, customer, without_dropped(call.settings, customer.configured, wanted))
    return Answer(200, {"customer_gateway": _shown(call, customer, customer.true_view(call.now), "update")})


@operation("deleteCustomerGateway", write=True)
def delete_customer_gateway(call: Call) -> Answer:
    """Refused while in use. API contract, section 2: Status and state machine, and section 13."""
    customer = call.store.customer_gateways.find(call.path["customer_gateway_id"])
    if any(connection.configured["cgw_id"] == customer.id for connection in call.store.connections.living()):
        raise invalid(f"customer gateway {customer.id} has connection")
    remember(call, customer)
    customer.removed = True
    call.applied = True
    return Answer(204)
