# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The operations of a VPN connection."""

from __future__ import annotations

import copy
import json
import typing as t

from . import defaults, negotiation, rules
from .answers import Renderer
from .calls import Answer, Call, operation, page
from .errors import ApiError, invalid
from .items import Connection, Values, View
from .states import (
    begin,
    change,
    listed,
    read,
    refuse_duplicate_name,
    refuse_empty,
    remember,
    take_empties,
    without_dropped,
)
from .switches import Settings

NOT_UPDATABLE = "vpn_connection.policy_rules[].rule_index"
FULL_PAGE = 2000
# Codes that refuse a write, by the pending work of the gateway.
GATEWAY_WORK = {"create": "VPN.0506", "update": "VPN.0507", "delete": "VPN.0508"}


@operation("listVpnConnections")
def list_connections(call: Call) -> Answer:
    """API contract, section 1: Identity and lookup, and section 11: Paging."""
    found = [pair for pair in listed(call, call.store.connections) if _passes(call, *pair)]
    chosen, info = page(call, found, [connection.created_at for connection, _view in found], FULL_PAGE)
    renderer = Renderer(call.store, call.settings, "list")
    items = ", ".join(_item_text(call, renderer, connection, view) for connection, view in chosen)
    total = len(found) if call.settings.total_count == "filter" else len(call.store.connections.living())
    rest: dict[str, t.Any] = {"page_info": info, "total_count": total}
    if call.settings.numbers == "strings":
        rest["total_count"] = str(total)
    return Answer(200, raw=f'{{"vpn_connections": [{items}], {json.dumps(rest)[1:]}'.encode())


def _passes(call: Call, connection: Connection, view: View) -> bool:
    query = call.query
    for name in ("vgw_id", "vgw_ip"):
        if name in query and view.configured[name] != query[name]:
            return False
    if call.settings.sdk_only_filters == "honoured":
        if query.get("vpn_id", connection.id) != connection.id:
            return False
        if query.get("eip_id", view.configured["vgw_ip"]) != view.configured["vgw_ip"]:
            return False
    projects = query.get("enterprise_project_id")
    return not projects or view.configured["enterprise_project_id"] in projects


def _item_text(call: Call, renderer: Renderer, connection: Connection, view: View) -> str:
    """The JSON text of a list item, cached until something changes: lists of thousands of items must be fast."""
    monitor = call.store.monitor_of(connection.id)
    key = (
        connection.version,
        view.status,
        call.settings.version,
        monitor and monitor.id,
        call.store.customer_gateways.version(view.configured["cgw_id"]),
    )
    lasting = call.settings.version >= 0 and view.tags is connection.tags and view.configured is connection.configured
    if lasting and connection.cache and connection.cache[0] == key:
        return connection.cache[1]
    text = json.dumps(renderer.connection(connection, view), ensure_ascii=False)
    if lasting:
        connection.cache = (key, text)
    return text


@operation("showVpnConnection")
def show_connection(call: Call) -> Answer:
    """API contract, section 4: Members returned only sometimes."""
    connection, view = read(call, call.store.connections, "vpn_connection_id")
    shown = Renderer(call.store, call.settings, "show").connection(connection, view)
    return Answer(200, {"vpn_connection": shown})


@operation("updateVpnConnection", write=True)
def update_connection(call: Call) -> Answer:
    """API contract, section 2: Status and state machine, and section 8: PUT: merge rules."""
    cleared = take_empties(call, "vpn_connection")
    nqa = _take_enable_nqa(call)
    given = call.checked(NOT_UPDATABLE)["vpn_connection"]
    connection = call.store.connections.find(call.path["vpn_connection_id"])
    refuse_unless_ready(call, connection, "update")
    if nqa is None:
        refuse_empty(call, "vpn_connection", given, cleared)
    wanted = _wanted(call, connection, given, cleared)
    if nqa is not None:
        rules.check_style_members({"enable_nqa": nqa}, wanted)
        wanted["enable_nqa"] = nqa
    stored = without_dropped(call.settings, connection.configured, wanted)
    _change(call, connection, stored)
    view = connection.true_view(call.now)
    if call.settings.dropped_echo == "new":
        view.configured = wanted
    shown = Renderer(call.store, call.settings, "update").connection(connection, view)
    return Answer(200, {"vpn_connection": shown})


def _take_enable_nqa(call: Call) -> bool | None:
    """Remove enable_nqa from a PUT body and return it, if the switch accepts it; else it is refused as unlisted."""
    inner = call.body.get("vpn_connection") if isinstance(call.body, dict) else None
    if call.settings.enable_nqa_on_put == "refused" or not isinstance(inner, dict) or "enable_nqa" not in inner:
        return None
    value = inner["enable_nqa"]
    call.body = {"vpn_connection": {name: member for name, member in inner.items() if name != "enable_nqa"}}
    return value if call.settings.enable_nqa_on_put == "applied" else None


def _wanted(call: Call, connection: Connection, given: Values, cleared: list[str]) -> Values:
    """The checked configuration that the request asks for."""
    given = copy.deepcopy(given)
    prepare(call.settings, given, connection.configured["style"], connection.configured["ikepolicy"]["ike_version"])
    wanted = defaults.merged(connection.configured, given)
    _forget_ids(given, connection.configured, wanted)
    for path in cleared:
        _clear(wanted, path)
    if call.settings.ip_ids_on_put == "refused":
        for side in ("local", "peer"):
            if f"{side}_id" in given.get("ikepolicy", {}) and wanted["ikepolicy"][f"{side}_id_type"] == "ip":
                raise invalid(f"ikepolicy.{side}_id must be empty if {side}_id_type is ip")
    gateway = call.store.gateways.members(wanted["vgw_id"])
    rules.check_connection(given, wanted, gateway, call.settings)
    check_partners(call, wanted, connection.id)
    return wanted


def prepare(settings: Settings, given: Values, style: str, ike_version: str) -> None:
    """Remove the members that the server ignores, according to the switches."""
    if settings.enable_hub_off_bgp == "ignored" and style != "bgp":
        given.pop("enable_hub", None)
    if settings.enable_nqa_off_static == "ignored" and style != "static":
        given.pop("enable_nqa", None)
    policy = given.get("ikepolicy", {})
    if settings.phase1_mode_under_v2 == "ignored" and policy.get("ike_version", ike_version) == "v2":
        policy.pop("phase1_negotiation_mode", None)


def _forget_ids(given: Values, old: Values, wanted: Values) -> None:
    """Reset an ID to automatic if its type changes and no new ID is given. API contract, section 9: IDs on update."""
    for side in ("local", "peer"):
        changed = wanted["ikepolicy"][f"{side}_id_type"] != old["ikepolicy"][f"{side}_id_type"]
        if changed and f"{side}_id" not in given.get("ikepolicy", {}):
            wanted["ikepolicy"][f"{side}_id"] = None


def _clear(wanted: Values, path: str) -> None:
    """Reset a member to the value that it has after a create without it."""
    initial: t.Any = {
        "ikepolicy": defaults.IKE,
        "ipsecpolicy": defaults.IPSEC,
        "enable_hub": False,
        "peer_subnets": [],
        "peer_subnets_v6": [],
        "policy_rules": [],
        "policy_rules_v6": [],
    }
    *parents, leaf = path.split(".")
    for part in parents:
        wanted, initial = wanted[part], initial.get(part, {})
    if leaf in initial or leaf == "psk":
        wanted[leaf] = copy.deepcopy(initial.get(leaf))


def _change(call: Call, connection: Connection, stored: Values) -> None:
    """Apply a checked update."""
    before = connection.configured["ikepolicy"]["ike_version"]
    change(call, connection, stored)
    connection.hidden_reads = call.settings.transient_404_reads
    full = call.store.resolved(stored)
    connection.negotiated = negotiation.changed_at_once(connection.negotiated, full)
    if call.settings.version_change_renegotiates and stored["ikepolicy"]["ike_version"] != before:
        connection.negotiated = negotiation.rebuilt(full)
    begin(call, connection, "update", call.settings.update_status)


def refuse_unless_ready(call: Call, connection: Connection, verb: str) -> None:
    """Refuse a write because of a state. API contract, section 2: Status and state machine."""
    check_gateway(call, connection.configured["vgw_id"], [connection.id])
    illegal = invalid(f"ILLEGAL not allowed {verb} vpnConnection")
    pending = connection.pending()
    if pending == "delete" or (pending is None and connection.settled == "PENDING_DELETE"):
        raise ApiError("VPN.0009")
    if pending is not None or connection.settled.startswith("PENDING_"):
        if verb != "delete" or call.settings.delete_in_pending == "refused":
            raise ApiError("VPN.0306")
        return
    if connection.settled == "FREEZED":
        raise illegal
    if connection.settled in ("ERROR", "UNKNOWN"):
        choice = call.settings.delete_in_error if verb == "delete" else call.settings.update_in_error
        if choice == "refused":
            raise illegal


def check_gateway(call: Call, gateway_id: str, own: t.Collection[str]) -> None:
    """Refuse a write because of the state of the gateway. own: the connections that the write concerns.

    API contract, section 2: Status and state machine.
    """
    gateway = call.store.gateways.find(gateway_id)
    if gateway.work is not None:
        raise ApiError(GATEWAY_WORK[gateway.work.kind])
    if gateway.settled == "FREEZED":
        raise invalid("ILLEGAL not allowed, vpnGateway is FREEZED")
    refuse_while_busy(call, gateway_id, own)


def refuse_while_busy(call: Call, gateway_id: str, own: t.Collection[str] = ()) -> None:
    """Refuse a write while a connection of the gateway is pending, if the switch gateway_busy is set."""
    if call.settings.gateway_busy != "off":
        for other in call.store.connections.living():
            if other.id not in own and other.configured["vgw_id"] == gateway_id and other.pending():
                raise ApiError(call.settings.gateway_busy, f"resource {gateway_id} is not ready, currently UPDATING")


def check_partners(call: Call, full: Values, connection_id: str | None) -> None:
    """Check that the customer gateway exists, and that natural key and name are unique. API contract, section 1."""
    customer = call.store.customer_gateways.find(full["cgw_id"]).configured
    rules.check_asn(full, call.store.gateways.members(full["vgw_id"]), customer)
    refuse_duplicate_name(call, call.store.connections, full["name"], connection_id)
    for other in call.store.connections.living():
        if other.id == connection_id:
            continue
        same = all(other.configured[name] == full[name] for name in ("vgw_ip", "cgw_id"))
        if same and call.settings.duplicate_pair == "refused":
            raise ApiError(
                call.settings.duplicate_pair_code, "invalid request: vgw_ip and cgw_id have a vpnConnection already"
            )


@operation("resetVpnConnection", write=True)
def reset_connection(call: Call) -> Answer:
    """API contract, section 3: Asynchronous operations (reset), and section 10: Pre-shared key."""
    if call.body not in (None, {}):
        raise invalid("reset takes no body")
    connection = call.store.connections.find(call.path["vpn_connection_id"])
    refuse_unless_ready(call, connection, "reset")
    remember(call, connection)

    def renegotiate() -> None:
        if renegotiates:
            connection.negotiated = negotiation.rebuilt(call.store.resolved(connection.configured))

    renegotiates = call.settings.reset_renegotiates
    starts = call.now
    if call.settings.reset_pending:
        begin(call, connection, "reset", after=renegotiate)
        starts += call.settings.lag + call.settings.seconds("reset")
    else:
        call.applied = True
        renegotiate()
    connection.down = (starts, starts + call.settings.reset_down)
    connection.touch()
    return Answer(200, {})
