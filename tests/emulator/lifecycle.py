# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Creation and deletion of VPN connections."""

from __future__ import annotations

import copy
import typing as t

from . import defaults, monitors, quotas, rules
from .answers import Renderer
from .calls import Answer, Call, operation
from .connections import check_gateway, check_partners, prepare, refuse_unless_ready
from .errors import ApiError, invalid
from .items import Connection
from .states import begin, remember


@operation("createVpnConnection", write=True)
def create_connection(call: Call) -> Answer:
    """API contract, section 2: Status and state machine, and section 5: Filled in by the server."""
    connection = _create(call, call.checked()["vpn_connection"])
    _watch(call, connection)
    return Answer(201, {"vpn_connection": _shown(call, connection)})


@operation("batchCreateVpnConnections", write=True)
def batch_create_connections(call: Call) -> Answer:
    """API contract, section 3: Asynchronous operations (batch create accepts one or two of the same gateway)."""
    wanted = call.checked()["vpn_connections"]
    if len({given["vgw_id"] for given in wanted}) != 1:
        raise invalid("vpn_connections must be of one vpn gateway")
    made: list[Connection] = []
    try:
        for given in wanted:
            made.append(_create(call, given, made))
    except ApiError:
        if call.settings.batch_atomic:
            for connection in made:
                call.store.connections.drop(connection.id)
            call.applied = False
        raise
    _watch(call, *made)
    return Answer(201, {"vpn_connections": [_shown(call, connection) for connection in made]})


def _watch(call: Call, *made: Connection) -> None:
    """Create the monitors for new connections with enable_health_check, if health_check_makes_monitor is set."""
    for connection in made:
        if connection.configured["enable_health_check"] and call.settings.health_check_makes_monitor:
            monitors.start(call, connection)


def _shown(call: Call, connection: Connection) -> dict[str, t.Any]:
    return Renderer(call.store, call.settings, "create").connection(connection, connection.true_view(call.now))


def _create(call: Call, given: dict[str, t.Any], siblings: t.Sequence[Connection] = ()) -> Connection:
    """Check and store one new connection. siblings: the connections that the same request has created before."""
    given = copy.deepcopy(given)
    tags = given.pop("tags", [])
    style = given.get("style", "static")
    prepare(call.settings, given, style, "v2")
    check_gateway(call, given["vgw_id"], [connection.id for connection in siblings])
    _check_new(call, given)
    rules.check_tags(tags, call.settings)
    full = defaults.completed(call.store, given)
    gateway = call.store.gateways.members(full["vgw_id"])
    rules.check_connection(given, full, gateway, call.settings, creating=True)
    rules.check_place(full, gateway)
    check_partners(call, full, None)
    quotas.check(call, "vpn_connection")
    return _stored(call, full, {tag["key"]: tag["value"] for tag in tags})


def _check_new(call: Call, given: dict[str, t.Any]) -> None:
    """Check the rules that apply to new connections only. API contract, sections 6 and 10."""
    if ("tunnel_local_address" in given) != ("tunnel_peer_address" in given):
        raise invalid("tunnel_local_address and tunnel_peer_address must be given together")
    if call.settings.psk_on_create == "required" and not given.get("psk"):
        raise invalid("psk is required")


def _stored(call: Call, full: dict[str, t.Any], tags: dict[str, str]) -> Connection:
    stamp = call.store.clock.stamp(call.settings.fraction_digits)
    resting = call.settings.resting_status
    connection = Connection(
        call.store.new_id(), full, stamp, stamp, resting, resting, tags=tags, negotiated=call.store.resolved(full)
    )
    call.store.connections.add(connection)
    remember(call, connection, existed=False)
    begin(call, connection, "create")
    return connection


@operation("deleteVpnConnection", write=True)
def delete_connection(call: Call) -> Answer:
    """API contract, section 2: Status and state machine, and section 13: Eventual consistency."""
    connection = call.store.connections.find(call.path["vpn_connection_id"])
    refuse_unless_ready(call, connection, "delete")
    start_delete(call, connection)
    return Answer(204)


def start_delete(call: Call, connection: Connection) -> None:
    """Start to delete a connection, and also its monitor if the switch monitor_after_connection says so."""
    remember(call, connection)
    begin(call, connection, "delete")
    monitor = call.store.monitor_of(connection.id)
    if monitor is not None and call.settings.monitor_after_connection == "deleted":
        monitors.stop(call, monitor)
