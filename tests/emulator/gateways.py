# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""VPN gateways. Family contract, section 2: VPN gateway."""

from __future__ import annotations

import copy
import functools
import typing as t

from . import contract, defaults, eips, gateway_rules, lifecycle, quotas, rules
from .calls import Answer, Call, operation
from .connections import GATEWAY_WORK, refuse_while_busy
from .errors import ApiError, invalid
from .items import Eip, Gateway, Values, View, Work
from .states import (
    begin,
    change,
    finished,
    listed,
    named_tags,
    networks,
    read,
    refuse_duplicate_name,
    refuse_empty,
    remember,
    take_empties,
    without_dropped,
)

# Members that reads do not show until a gateway is ready. API contract, section 4: Members returned only sometimes.
_ONCE_ACTIVE = ("eip1", "eip2", "created_at", "applied_at", "updated_at", "er_attachment_id")
# The words for pending work in error messages. Family contract, section 2.4: Life cycle.
_WORDS = {"create": "CREATING", "update": "UPDATING", "delete": "DELETING"}


@functools.lru_cache(maxsize=None)
def _answered(kind: str) -> frozenset[str]:
    """The members of a kind of answer: create, show, list, update or update-specification."""
    return contract.load().answered("ResponseVpnGateway", kind)


def _shown(call: Call, gateway: Gateway, view: View, kind: str) -> Values:
    mine = call.store.connections_of(gateway.id)
    members = {
        "id": gateway.id,
        **view.configured,
        "created_at": gateway.created_at,
        "updated_at": view.updated_at,
        "connection_number": 2 * gateway_rules.groups(view.configured["flavor"]),
        "used_connection_number": len(mine),
        "used_connection_group": len({found.configured["cgw_id"] for found in mine}),
        "status": view.status,
        "supported_features": ["query_connection_log"],
        **named_tags(call.settings, view.tags),
    }
    if call.settings.supported_flavors != "absent":
        members["supported_flavors"] = _targets(call, view.configured)
    if view.status == "FREEZED":
        members["lock_status"] = gateway.lock_status
    for name in ("local_subnets", "local_subnets_v6"):
        if name in members:
            members[name] = networks(call.settings, members[name])
    hidden: tuple[str, ...] = ()
    if view.status == "PENDING_CREATE":
        hidden = _ONCE_ACTIVE if gateway.zones_given else (*_ONCE_ACTIVE, "availability_zone_ids")
    return finished(
        call.settings,
        {
            name: value
            for name, value in members.items()
            if name in _answered(kind) and name not in hidden and (value is not None or name == "tags")
        },
    )


def _targets(call: Call, configured: Values) -> list[str]:
    """The flavors that a gateway can be changed to."""
    return gateway_rules.TARGETS.get(configured["flavor"], []) if call.settings.supported_flavors == "listed" else []


@operation("listVpnGateways")
def list_gateways(call: Call) -> Answer:
    """Without paging. API contract, section 1: Identity and lookup."""
    found = listed(call, call.store.gateways)
    projects = call.query.get("enterprise_project_id")
    if projects:
        found = [pair for pair in found if pair[1].configured["enterprise_project_id"] in projects]
    if call.settings.sdk_only_filters == "honoured" and "vgw_id" in call.query:
        found = [pair for pair in found if pair[0].id == call.query["vgw_id"]]
    return Answer(200, {"vpn_gateways": [_shown(call, *pair, "list") for pair in found]})


@operation("showVpnGateway")
def show_gateway(call: Call) -> Answer:
    """VPN.0509 if it does not exist."""
    return Answer(200, {"vpn_gateway": _shown(call, *read(call, call.store.gateways, "vgw_id"), "show")})


@operation("createVpnGateway", write=True)
def create_gateway(call: Call) -> Answer:
    """Asynchronous: the answer contains no status, addresses or times."""
    given = copy.deepcopy(call.checked()["vpn_gateway"])
    tags = given.pop("tags", [])
    rules.check_tags(tags, call.settings)
    full = defaults.gateway_members(call.store, given)
    gateway_rules.check_new(given, full, call.settings)
    addresses = _addresses(call, given, full)
    _check_occupied(call, full)
    refuse_duplicate_name(call, call.store.gateways, full["name"])
    quotas.check(call, "vpn_gateway")
    gateway = _stored(call, full, addresses)
    gateway.zones_given = "availability_zone_ids" in given
    gateway.tags = {tag["key"]: tag["value"] for tag in tags}
    return Answer(201, {"vpn_gateway": _shown(call, gateway, gateway.true_view(call.now), "create")})


def _addresses(call: Call, given: Values, full: Values) -> dict[str, Eip | Values]:
    """The checked addresses of a new gateway."""
    if full["network_type"] == "private":
        return {}
    missing = [side for side in eips.SIDES if side not in given]
    if missing and call.settings.gateway_eips == "required":
        raise invalid(f"{missing[0]} is required if network_type is public")
    found = {side: eips.chosen(call, given[side], full["flavor"]) for side in eips.SIDES if side in given}
    if isinstance(found.get("eip1"), Eip) and found["eip1"] is found.get("eip2"):
        raise ApiError("VPN.0112")
    return found


def _check_occupied(call: Call, full: Values) -> None:
    """VPN.0111 for private addresses that another gateway in the subnet uses."""
    wanted = {full.get(member) for member in gateway_rules.PRIVATE_ADDRESSES} - {None}
    for other in call.store.gateways.living():
        occupied = {other.configured.get(member) for member in gateway_rules.PRIVATE_ADDRESSES}
        if other.configured.get("access_subnet_id") == full["access_subnet_id"] and wanted & occupied:
            raise ApiError("VPN.0111")


def _stored(call: Call, full: Values, addresses: dict[str, Eip | Values]) -> Gateway:
    gateway = defaults.gateway(call.store, full)
    call.store.gateways.add(gateway)
    for side, address in addresses.items():
        eips.bind(address if isinstance(address, Eip) else eips.new(call.store, address), gateway, side)
    remember(call, gateway, existed=False)
    begin(call, gateway, "create")
    return gateway


def _refuse_unless_ready(call: Call, gateway: Gateway, verb: str) -> None:
    """Refuse a write because of a state. Family contract, section 2.4: Life cycle."""
    refuse_while_busy(call, gateway.id)
    settings = call.settings
    if gateway.work is not None:
        code, status = settings.gateway_not_ready, 0
        if code == "table":
            raise ApiError(GATEWAY_WORK[gateway.work.kind])
        if code == "VPN.0003":
            status = settings.gateway_not_ready_status
        word = _WORDS[gateway.work.kind]
        raise ApiError(code, f"resource (type=GATEWAY, ID={gateway.id}) is not ready, currently {word}", status)
    allowed = {"FAULT": settings.gateway_update_in_fault, "FREEZED": settings.gateway_update_when_frozen}
    if verb == "delete":
        allowed = {
            "FAULT": settings.gateway_delete_in_fault,
            "FREEZED": "accepted" if gateway.lock_status == 1 else "refused",
        }
    if allowed.get(gateway.settled) == "refused":
        raise invalid(f"ILLEGAL not allowed {verb} vpnGateway")


@operation("updateVpnGateway", write=True)
def update_gateway(call: Call) -> Answer:
    """Changes name, local subnets, addresses, policy template. Family contract, section 2.5: PUT."""
    cleared = take_empties(call, "vpn_gateway")
    given = copy.deepcopy(call.checked()["vpn_gateway"])
    gateway = call.store.gateways.find(call.path["vgw_id"])
    _refuse_unless_ready(call, gateway, "update")
    refuse_empty(call, "vpn_gateway", given, cleared)
    gateway_rules.check_update(given, gateway.configured, call.settings)
    refuse_duplicate_name(call, call.store.gateways, given.get("name"), gateway.id)
    replaced = _replaced_addresses(call, gateway, given)
    members = {name: value for name, value in given.items() if name not in ("eip_id_1", "eip_id_2")}
    wanted = defaults.merged(gateway.configured, members)
    wanted.update({name: [] for name in cleared if name in ("local_subnets", "local_subnets_v6")})
    if call.settings.local_subnets_in_use == "refused":
        sources = [
            rule["source"]
            for found in call.store.connections_of(gateway.id)
            for rule in found.configured["policy_rules"]
        ]
        gateway_rules.check_in_use(wanted.get("local_subnets", []), sources)
    change(call, gateway, without_dropped(call.settings, gateway.configured, wanted))
    for side, eip in replaced.items():
        eips.bind(eip, gateway, side)
    if call.settings.rename_pending or set(given) != {"name"}:
        begin(call, gateway, "update")
    view = gateway.true_view(call.now)
    if call.settings.dropped_echo == "new":
        view.configured = {**view.configured, **members}
    return Answer(200, {"vpn_gateway": _shown(call, gateway, view, "update")})


def _replaced_addresses(call: Call, gateway: Gateway, given: Values) -> dict[str, Eip]:
    """The checked addresses of a PUT. Old addresses must be unbound before."""
    found = {}
    for side in eips.SIDES:
        wanted = given.get(f"eip_id_{side[-1]}")
        if wanted is None:
            continue
        bound = gateway.configured.get(side, {}).get("id")
        if bound == wanted and call.settings.bound_eip_on_put == "accepted":
            continue
        if bound not in (None, wanted):
            raise invalid(f"{side} of the vpnGateway must be unbound first")
        found[side] = eips.free(call, wanted, gateway.configured["flavor"])
    return found


@operation("updateGatewaySpecification", write=True)
def change_flavor(call: Call) -> Answer:
    """Family contract, section 2.6: Flavor change."""
    flavor = call.checked()["vpn_gateway"]["flavor"]
    gateway = call.store.gateways.find(call.path["vgw_id"])
    _refuse_unless_ready(call, gateway, "update")
    _check_target(call, gateway, flavor)
    change(call, gateway, {**gateway.configured, "flavor": flavor})
    begin(call, gateway, "update")
    if call.settings.flavor_change_tunnels == "down":
        _interrupt(call, t.cast(Work, gateway.work), gateway)
    return Answer(200, {"vpn_gateway": _shown(call, gateway, gateway.true_view(call.now), "update-specification")})


def _check_target(call: Call, gateway: Gateway, flavor: str) -> None:
    wanted = {**gateway.configured, "flavor": flavor}
    if gateway.prepaid:
        raise invalid("the vpnGateway is not pay-per-use")
    if flavor.endswith("-NonFixedIP"):
        raise ApiError("VPN.0516")
    gateway_rules.check_flavor(wanted)
    used = {found.configured["cgw_id"] for found in call.store.connections_of(gateway.id)}
    if len(used) > gateway_rules.groups(flavor):
        raise ApiError("VPN.0517")
    if flavor not in _targets(call, gateway.configured):
        raise ApiError("VPN.0518")
    if call.settings.flavor_change_large_eips == "refused":
        for side in eips.SIDES:
            eips.check_size(wanted.get(side, {}).get("bandwidth_size", 0), flavor)


def _interrupt(call: Call, work: Work, gateway: Gateway) -> None:
    """Interrupt active tunnels for the duration of the pending work of their gateway."""
    for connection in call.store.connections_of(gateway.id):
        if connection.work is None and connection.settled == "ACTIVE":
            connection.start(Work("update", "DOWN", work.visible_from, work.until, connection.resting))


@operation("deleteVpnGateway", write=True)
def delete_gateway(call: Call) -> Answer:
    """Deletes the connections, too, and releases the addresses. Family contract, sections 2.8: Deletion, 2.3: EIPs."""
    gateway = call.store.gateways.find(call.path["vgw_id"])
    _refuse_unless_ready(call, gateway, "delete")
    if gateway.prepaid and call.settings.gateway_delete_prepaid == "refused":
        raise invalid("the vpnGateway is not pay-per-use")
    mine = call.store.connections_of(gateway.id)
    if mine and call.settings.gateway_delete_with_connections == "refused":
        raise invalid(f"vpn gateway {gateway.id} has connection")
    remember(call, gateway)
    begin(call, gateway, "delete", hidden=call.settings.gateway_delete_hidden)
    for connection in mine:
        lifecycle.start_delete(call, connection)
    for side in eips.SIDES:
        if side in gateway.configured:
            eips.release(call.store.eips.find(gateway.configured[side]["id"]), t.cast(Work, gateway.work))
    return Answer(204)
