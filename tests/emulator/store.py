# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""All resources of the cloud: VPN gateways, customer gateways, connections, monitors, elastic IPs."""

from __future__ import annotations

import copy
import ipaddress
import random
import typing as t
import uuid

from .clock import Clock
from .items import Connection, CustomerGateway, Eip, Gateway, Monitor, Shelf


class Store:
    """The resources of the project."""

    def __init__(self, clock: Clock, rng: random.Random) -> None:
        self.clock = clock
        self.rng = rng
        self.connections: Shelf[Connection] = Shelf(clock, "vpn connection")
        self.gateways: Shelf[Gateway] = Shelf(clock, "vpn gateway", "VPN.0509")
        self.customer_gateways: Shelf[CustomerGateway] = Shelf(clock, "customer gateway")
        self.monitors: Shelf[Monitor] = Shelf(clock, "connection monitor")
        self.eips: Shelf[Eip] = Shelf(clock, "elastic IP")
        # By the names of the IDs in the paths of the contract.
        self.shelves: dict[str, Shelf[t.Any]] = {
            "vpn_connection_id": self.connections,
            "vgw_id": self.gateways,
            "customer_gateway_id": self.customer_gateways,
            "connection_monitor_id": self.monitors,
            "publicip_id": self.eips,
        }
        self._monitor_ids: dict[str, str] = {}
        self._tunnels: set[ipaddress.IPv4Network] = set()
        self._next_tunnel = 4 * rng.randrange(4000)
        self._next_address = 0
        self._next_private = 1

    def new_id(self) -> str:
        """A new UUID."""
        return str(uuid.UUID(int=self.rng.getrandbits(128), version=4))

    def new_name(self, prefix: str) -> str:
        """A generated name. API contract, section 5: Filled in by the server."""
        return f"{prefix}-{self.rng.getrandbits(16):04x}"

    def new_address(self) -> str:
        """An unused public address, from the block for benchmarks (198.18.0.0/15)."""
        self._next_address += 1
        return str(ipaddress.IPv4Address("198.18.0.0") + self._next_address)

    def new_private_address(self) -> str:
        """An address for a private gateway that did not request one."""
        self._next_private += 1
        return str(ipaddress.IPv4Address("192.168.250.0") + self._next_private)

    def new_tunnel(self) -> tuple[str, str]:
        """Both ends of a free /30 of 169.254.0.0/16. API contract, section 5: Filled in by the server."""
        base = int(ipaddress.IPv4Address("169.254.0.0"))
        while True:
            self._next_tunnel = (self._next_tunnel + 4) % 65536
            network = ipaddress.IPv4Network((base + self._next_tunnel, 30))
            reserved = ipaddress.IPv4Network("169.254.195.0/24")
            if network not in self._tunnels and not network.subnet_of(reserved):
                self._tunnels.add(network)
                return f"{network[1]}/30", f"{network[2]}/30"

    def use_tunnel(self, address: str | None) -> None:
        """Record that a tunnel address is in use."""
        if address:
            self._tunnels.add(ipaddress.IPv4Interface(address).network)

    def connections_of(self, gateway_id: str) -> list[Connection]:
        """The connections of a gateway."""
        return [found for found in self.connections.living() if found.configured["vgw_id"] == gateway_id]

    def monitor_of(self, connection_id: str) -> Monitor | None:
        """The monitor of a connection."""
        monitor = self.monitors.peek(self._monitor_ids.get(connection_id, ""))
        return None if monitor is None or monitor.removed else monitor

    def add_monitor(self, monitor: Monitor) -> None:
        """Add the monitor of a connection."""
        self.monitors.add(monitor)
        self._monitor_ids[monitor.configured["vpn_connection_id"]] = monitor.id

    def vanish(self, parameter: str, item_id: str) -> None:
        """Remove a resource immediately; a gateway with its connections and addresses."""
        if parameter == "vgw_id":
            for connection in self.connections_of(item_id):
                self.connections.drop(connection.id)
            for eip in self.eips.living():
                if eip.gateway_id == item_id:
                    self.eips.drop(eip.id)
        self.shelves[parameter].drop(item_id)

    def gateway_address(self, gateway_id: str, vgw_ip: str) -> str:
        """The IP address of a vgw_ip, which is the ID of an EIP or a private address."""
        gateway = self.gateways.members(gateway_id)
        for name in ("eip1", "eip2"):
            eip: dict[str, str] = gateway.get(name) or {}
            if eip.get("id") == vgw_ip:
                return eip.get("ip_address", vgw_ip)
        return vgw_ip

    def ids(self, configured: dict[str, t.Any]) -> tuple[str, str]:
        """local_id and peer_id, including automatic ones. API contract, section 5: Filled in by the server."""
        local, peer = configured["ikepolicy"]["local_id"], configured["ikepolicy"]["peer_id"]
        if local is None:
            local = self.gateway_address(configured["vgw_id"], configured["vgw_ip"])
        if peer is None:
            peer = self.customer_gateways.members(configured["cgw_id"]).get("id_value", "")
        return local, peer

    def resolved(self, configured: dict[str, t.Any]) -> dict[str, t.Any]:
        """A copy of configured values, including automatic IDs."""
        full = copy.deepcopy(configured)
        full["ikepolicy"]["local_id"], full["ikepolicy"]["peer_id"] = self.ids(configured)
        return full
