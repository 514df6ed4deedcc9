# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the cloud holds: gateways, customer gateways, connections, tags; and the states they pass through.

No task runs in the background: a state that has lasted long enough is settled at the next look.
"""

from __future__ import annotations

import copy
import dataclasses
import ipaddress
import random
import typing as t
import uuid

from . import negotiation
from .clock import Clock
from .errors import ApiError

PENDING = {"create": "PENDING_CREATE", "update": "PENDING_UPDATE", "delete": "PENDING_DELETE", "reset": "PENDING_UPDATE"}


@dataclasses.dataclass
class Work:
    """Something under way. kind: create, update, delete or reset. visible_from, until: monotonic seconds. renegotiates:
    whether the tunnel is established anew at its end."""

    kind: str
    shown: str
    visible_from: float
    until: float
    outcome: str
    renegotiates: bool = False


@dataclasses.dataclass
class View:
    """A connection as a read shows it."""

    configured: dict[str, t.Any]
    status: str
    updated_at: str
    tags: dict[str, str]


@dataclasses.dataclass
class Stale:
    """What reads still show after a write; view is None when the connection was not there before."""

    view: View | None
    reads: int
    until: float

    def holds(self, now: float) -> bool:
        """Whether reads are still stale."""
        return self.reads > 0 or now < self.until


@dataclasses.dataclass
class Connection:
    """A connection. configured: the members of create and update in request form, psk included, everything filled in
    but automatic IDs (None). negotiated: the values the tunnel runs with. settled: the status when nothing is pending.
    resting: the status it settles at."""

    id: str
    configured: dict[str, t.Any]
    negotiated: dict[str, t.Any]
    created_at: str
    updated_at: str
    settled: str = "DOWN"
    resting: str = "DOWN"
    work: Work | None = None
    tags: dict[str, str] = dataclasses.field(default_factory=dict)
    shown_tags: dict[str, str] | None = None
    tags_shown_from: float = 0.0
    monitor_id: str | None = None
    stale: Stale | None = None
    hidden_reads: int = 0
    removed: bool = False
    version: int = 0
    cache: tuple | None = None

    def touch(self) -> None:
        """Note that something changed."""
        self.version += 1

    def status(self, now: float) -> str:
        """The status at a moment."""
        if self.work is not None and now >= self.work.visible_from:
            return self.work.shown
        return self.settled

    def pending(self) -> str | None:
        """The kind of work under way, visible yet or not."""
        return None if self.work is None else self.work.kind

    def visible_tags(self, now: float) -> dict[str, str]:
        """The tags that the connection's own answers show."""
        if self.shown_tags is not None and now < self.tags_shown_from:
            return self.shown_tags
        return self.tags

    def true_view(self, now: float) -> View:
        """The connection as it is."""
        return View(self.configured, self.status(now), self.updated_at, self.visible_tags(now))

    def remember(self, now: float, reads: int, seconds: float, existed: bool = True) -> None:
        """Keep what is now for reads that lag behind a write which is about to be made."""
        self.stale = None
        if reads or seconds:
            view = copy.deepcopy(self.true_view(now)) if existed else None
            self.stale = Stale(view, reads, now + seconds)

    def start(self, work: Work) -> None:
        """Begin some work."""
        self.work = work
        self.touch()

    def settle(self, now: float) -> None:
        """Finish work whose time is over."""
        if self.work is None or now < self.work.until:
            return
        work, self.work = self.work, None
        self.settled = work.outcome
        if work.kind == "delete":
            self.removed = True
        self.touch()


class Store:
    """Everything the project has."""

    def __init__(self, clock: Clock, rng: random.Random) -> None:
        self.clock = clock
        self.rng = rng
        self.gateways: dict[str, dict[str, t.Any]] = {}
        self.gateways_settle: dict[str, float] = {}
        self.customer_gateways: dict[str, dict[str, t.Any]] = {}
        self.tags: dict[tuple[str, str], dict[str, str]] = {}
        self.version = 0
        self._connections: dict[str, Connection] = {}
        self._tunnels: set[ipaddress.IPv4Network] = set()
        self._next_tunnel = 4 * rng.randrange(4000)
        self._next_address = 0

    def settle_gateways(self) -> None:
        """Finish the pending states of gateways whose time is over; a PENDING_DELETE ends with the gateway."""
        now = self.clock.now()
        for gateway_id in [found for found, moment in self.gateways_settle.items() if now >= moment]:
            del self.gateways_settle[gateway_id]
            if self.gateways[gateway_id]["status"] == "PENDING_DELETE":
                del self.gateways[gateway_id]
            else:
                self.gateways[gateway_id]["status"] = "ACTIVE"
            self.version += 1

    def new_id(self) -> str:
        """A new UUID."""
        return str(uuid.UUID(int=self.rng.getrandbits(128), version=4))

    def new_name(self, prefix: str) -> str:
        """A generated name. API contract, section 5: Filled in by the server."""
        return f"{prefix}-{self.rng.getrandbits(16):04x}"

    def new_address(self) -> str:
        """A public address nothing else here has, from the block for benchmarks (198.18.0.0/15)."""
        self._next_address += 1
        return str(ipaddress.IPv4Address("198.18.0.0") + self._next_address)

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
        """Note that a tunnel address is taken."""
        if address:
            self._tunnels.add(ipaddress.IPv4Interface(address).network)

    def add(self, connection: Connection) -> None:
        """Put a connection in."""
        self._connections[connection.id] = connection

    def drop(self, connection_id: str) -> None:
        """Take a connection out at once."""
        self._connections.pop(connection_id, None)

    def find(self, connection_id: str) -> Connection:
        """A connection that exists; VPN.0004 when there is none."""
        connection = self.peek(connection_id)
        if connection is None or connection.removed:
            raise ApiError("VPN.0004", f"vpn connection {connection_id} not found")
        return connection

    def peek(self, connection_id: str) -> Connection | None:
        """A connection, also one that only stale reads still show."""
        connection = self._connections.get(connection_id)
        if connection is not None:
            self._settle(connection, self.clock.now())
        return self._connections.get(connection_id)

    def everything(self) -> list[Connection]:
        """All connections, also those that only stale reads still show."""
        now = self.clock.now()
        for connection in list(self._connections.values()):
            self._settle(connection, now)
        return list(self._connections.values())

    def living(self) -> list[Connection]:
        """All connections that exist."""
        return [connection for connection in self.everything() if not connection.removed]

    def _settle(self, connection: Connection, now: float) -> None:
        work = connection.work
        connection.settle(now)
        if work is not None and connection.work is None and work.renegotiates and work.outcome != "ERROR":
            connection.negotiated = negotiation.rebuilt(self.resolved(connection.configured))
        if connection.removed and not (connection.stale and connection.stale.holds(now)):
            self._connections.pop(connection.id, None)

    def gateway_address(self, gateway_id: str, vgw_ip: str) -> str:
        """The address behind a vgw_ip, which is the id of an EIP or a private address."""
        gateway = self.gateways.get(gateway_id, {})
        for name in ("eip1", "eip2"):
            eip = gateway.get(name) or {}
            if eip.get("id") == vgw_ip:
                return eip.get("ip_address", vgw_ip)
        return vgw_ip

    def ids(self, configured: dict[str, t.Any]) -> tuple[str, str]:
        """local_id and peer_id, automatic ones filled in. API contract, section 5: Filled in by the server."""
        local, peer = configured["ikepolicy"]["local_id"], configured["ikepolicy"]["peer_id"]
        if local is None:
            local = self.gateway_address(configured["vgw_id"], configured["vgw_ip"])
        if peer is None:
            peer = self.customer_gateways.get(configured["cgw_id"], {}).get("id_value", "")
        return local, peer

    def resolved(self, configured: dict[str, t.Any]) -> dict[str, t.Any]:
        """A copy of configured values with automatic IDs filled in."""
        full = copy.deepcopy(configured)
        full["ikepolicy"]["local_id"], full["ikepolicy"]["peer_id"] = self.ids(configured)
        return full
