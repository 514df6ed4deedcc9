# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Connection monitors. Family contract, section 4: Connection monitor (health check)."""

from __future__ import annotations

from . import defaults
from .calls import Answer, Call, operation
from .errors import ApiError, invalid
from .items import Connection, Monitor, Values, View
from .states import begin, listed, read, remember


def _shown(monitor: Monitor, view: View, with_status: bool = True) -> Values:
    status = {"status": view.status} if with_status else {}
    return {"id": monitor.id, **view.configured, "type": "gateway", "proto_type": "icmp", **status}


@operation("listConnectionMonitors")
def list_monitors(call: Call) -> Answer:
    """Without paging. A monitor belongs to the enterprise project of its connection."""
    wanted = call.query.get("vpn_connection_id")
    projects = call.query.get("enterprise_project_id")
    found = []
    for monitor, view in listed(call, call.store.monitors):
        connection_id = view.configured["vpn_connection_id"]
        project = call.store.connections.members(connection_id).get("enterprise_project_id", "0")
        if wanted in (None, connection_id) and (not projects or project in projects):
            found.append(_shown(monitor, view))
    return Answer(200, {"connection_monitors": found})


@operation("showConnectionMonitor")
def show_monitor(call: Call) -> Answer:
    """VPN.0004 if it does not exist."""
    return Answer(200, {"connection_monitor": _shown(*read(call, call.store.monitors, "connection_monitor_id"))})


@operation("createConnectionMonitor", write=True)
def create_monitor(call: Call) -> Answer:
    """A connection can have one monitor."""
    connection = call.store.connections.find(call.checked()["connection_monitor"]["vpn_connection_id"])
    customer = call.store.customer_gateways.members(connection.configured["cgw_id"])
    if call.store.monitor_of(connection.id) is not None:
        raise ApiError("VPN.0381")
    if customer.get("id_type") == "fqdn" and call.settings.monitor_fqdn == "refused":
        raise invalid("the customer gateway of the vpnConnection has no address")
    if connection.status(call.now).startswith("PENDING_") and call.settings.monitor_in_pending == "refused":
        raise ApiError("VPN.0009" if connection.pending() == "delete" else "VPN.0306")
    monitor = start(call, connection)
    return Answer(201, {"connection_monitor": _shown(monitor, monitor.true_view(call.now), with_status=False)})


def start(call: Call, connection: Connection) -> Monitor:
    """Start to create the monitor of a connection."""
    stamp = call.store.clock.stamp()
    monitor = Monitor(call.store.new_id(), defaults.monitor(call.store, connection), stamp, stamp)
    call.store.add_monitor(monitor)
    remember(call, monitor, existed=False)
    begin(call, monitor, "create")
    return monitor


@operation("deleteConnectionMonitor", write=True)
def delete_monitor(call: Call) -> Answer:
    """The error code for a monitor that does not exist depends on the switch missing_monitor."""
    monitor_id = call.path["connection_monitor_id"]
    monitor = call.store.monitors.peek(monitor_id)
    if monitor is None or monitor.removed:
        text = f"connection monitor {monitor_id} not found"
        raise invalid(text) if call.settings.missing_monitor == "VPN.0001" else ApiError("VPN.0004", text)
    stop(call, monitor)
    return Answer(204)


def stop(call: Call, monitor: Monitor) -> None:
    """Start to delete a monitor."""
    remember(call, monitor)
    begin(call, monitor, "delete")
