# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The resources of the cloud, their states, and their collections.

No background task is necessary: whenever a resource is accessed, pending work that is due is completed first.
"""

from __future__ import annotations

import copy
import dataclasses
import typing as t

from .clock import Clock
from .errors import ApiError
from .negotiation import failure

PENDING = {
    "create": "PENDING_CREATE",
    "update": "PENDING_UPDATE",
    "delete": "PENDING_DELETE",
    "reset": "PENDING_UPDATE",
}
Values = dict[str, t.Any]


@dataclasses.dataclass
class Work:
    """Pending work.

    kind: create, update, delete, reset, or another word for work that no request asks for. shown, outcome: the status
    during and after the work. visible_from, until: monotonic seconds. after: called when the work has succeeded.
    """

    kind: str
    shown: str
    visible_from: float
    until: float
    outcome: str
    after: t.Callable[[], None] | None = None


@dataclasses.dataclass
class View:
    """A resource as a read shows it."""

    configured: Values
    status: str
    updated_at: str
    tags: dict[str, str]


@dataclasses.dataclass
class Stale:
    """The old state that reads show after a write. view: None if the resource did not exist before."""

    view: View | None
    reads: int
    until: float

    def holds(self, now: float) -> bool:
        """Whether reads are still stale."""
        return self.reads > 0 or now < self.until


@dataclasses.dataclass
class Item:
    """A resource.

    configured: its members, as in requests. settled: the status without pending work. resting: the status after
    successful work. Resources without states have the status ACTIVE, which answers do not show.
    """

    id: str
    configured: Values
    created_at: str
    updated_at: str
    settled: str = "ACTIVE"
    resting: str = "ACTIVE"
    work: Work | None = None
    tags: dict[str, str] = dataclasses.field(default_factory=dict)
    shown_tags: dict[str, str] | None = None
    tags_shown_from: float = 0.0
    stale: Stale | None = None
    hidden_reads: int = 0
    removed: bool = False
    version: int = 0

    STATUSES: t.ClassVar[tuple[str, ...]] = ("ACTIVE",)
    # The possible statuses after successful work.
    RESTINGS: t.ClassVar[tuple[str, ...]] = ("ACTIVE",)
    # The status after failed work; "" if none is published.
    FAILURE: t.ClassVar[str] = ""

    def touch(self) -> None:
        """Record that something has changed."""
        self.version += 1

    def status(self, now: float) -> str:
        """The status at a point in time."""
        if self.work is not None and now >= self.work.visible_from:
            return self.work.shown
        return self.settled

    def pending(self) -> str | None:
        """The kind of pending work, even if the status does not show it yet."""
        return None if self.work is None else self.work.kind

    def visible_tags(self, now: float) -> dict[str, str]:
        """The tags in the answers for the resource itself."""
        if self.shown_tags is not None and now < self.tags_shown_from:
            return self.shown_tags
        return self.tags

    def true_view(self, now: float) -> View:
        """The actual state of the resource."""
        return View(self.configured, self.status(now), self.updated_at, self.visible_tags(now))

    def remember(self, now: float, reads: int, seconds: float, existed: bool = True) -> None:
        """Keep the current state, before a write, for reads that are stale afterwards."""
        self.stale = None
        if reads or seconds:
            view = copy.deepcopy(self.true_view(now)) if existed else None
            self.stale = Stale(view, reads, now + seconds)

    def start(self, work: Work) -> None:
        """Start work."""
        self.work = work
        self.touch()

    def settle(self, now: float) -> None:
        """Complete pending work if it is due."""
        if self.work is None or now < self.work.until:
            return
        work, self.work = self.work, None
        self.settled = work.outcome
        if work.kind == "delete":
            self.removed = True
        if work.after is not None and work.outcome != self.FAILURE:
            work.after()
        self.touch()

    def force(self, status: str, now: float, seconds: float) -> None:
        """Force a status.

        A PENDING_* status ends after the given seconds, as after a request; PENDING_DELETE ends with the deletion.
        A status in RESTINGS is also the status after later work.
        """
        self.check_status(status)
        self.work = None
        if status.startswith("PENDING_"):
            kind = {shown: kind for kind, shown in PENDING.items() if kind != "reset"}[status]
            self.start(Work(kind, status, now, now + seconds, self.resting))
            return
        self.settled = status
        if status in self.RESTINGS:
            self.resting = status
        self.touch()

    @classmethod
    def check_status(cls, status: str) -> None:
        """ValueError for a status that resources of this kind never have."""
        if status not in cls.STATUSES:
            raise ValueError(f"{status} is not one of {', '.join(cls.STATUSES)}")


class Association(t.NamedTuple):
    """An IPsec SA between a network of the cloud and one of the customer. The numbers are those of the cloud."""

    source: str
    destination: str
    packets_recv: int
    packets_sent: int
    traffic_recv: int
    traffic_sent: int


class Tunnel(t.Protocol):
    """A tunnel outside the emulator, such as that of an IKE daemon, which says what has become of a connection."""

    def is_up(self) -> bool:
        """Whether there is an IPsec SA."""

    def attempts(self) -> list[tuple[int, str | None]]:
        """Each negotiation that has ended: seconds since 1970, and the keyword of the log if it failed."""

    def associations(self) -> list[Association]:
        """The IPsec SAs."""


_PENDING_STATUSES = ("PENDING_CREATE", "PENDING_UPDATE", "PENDING_DELETE")


@dataclasses.dataclass
class Connection(Item):
    """A connection.

    configured: the members of create and update requests, including psk and all defaults; automatic IDs are None.
    negotiated: the values that the tunnel uses. cache: the JSON text of the list item, and the key of its version.
    down: from when to when the tunnel is being established anew. device: the settings of the customer's device; None if
    it agrees with everything. attempt: the configured values with automatic IDs, as an attempt to negotiate uses them.
    log: the entries of its log; None for the usual ones. traffic: since when, and how many packets it sends and
    receives each second; None for the usual numbers.
    tunnel: what is asked instead of all that; None if there is no such tunnel.
    """

    settled: str = "DOWN"
    resting: str = "DOWN"
    negotiated: Values = dataclasses.field(default_factory=dict)
    down: tuple[float, float] = (0.0, 0.0)
    cache: tuple[t.Any, str] | None = None
    device: Values | None = None
    attempt: t.Callable[[], Values] | None = None
    log: list[Values] | None = None
    traffic: tuple[float, float, float] | None = None
    tunnel: Tunnel | None = None

    STATUSES: t.ClassVar[tuple[str, ...]] = ("ACTIVE", "DOWN", "ERROR", "FREEZED", "UNKNOWN", *_PENDING_STATUSES)
    FAILURE: t.ClassVar[str] = "ERROR"

    RESTINGS: t.ClassVar[tuple[str, ...]] = ("ACTIVE", "DOWN")

    def status(self, now: float) -> str:
        """The status at a moment: a tunnel that is being established is not ACTIVE."""
        found = super().status(now)
        if self.tunnel is not None and found in self.RESTINGS:
            return "ACTIVE" if self.tunnel.is_up() else "DOWN"
        interrupted = self.down[0] <= now < self.down[1] or self.failure() is not None
        return "DOWN" if found == "ACTIVE" and interrupted else found

    def failure(self) -> str | None:
        """Why the tunnel is down: neither the values in use nor the configured ones fit the device. None if they do."""
        if self.device is None or self.attempt is None or failure(self.negotiated, self.device) is None:
            return None
        return failure(self.attempt(), self.device)

    def packets(self, now: float) -> tuple[int, int]:
        """How many packets each of its security associations has sent and received."""
        if self.traffic is None:
            return 120, 100
        since, sent, received = self.traffic
        return int(sent * (now - since)), int(received * (now - since))

    def force(self, status: str, now: float, seconds: float) -> None:
        """Put it into a status; see Item."""
        self.down = (0.0, 0.0)
        super().force(status, now, seconds)


@dataclasses.dataclass
class Gateway(Item):
    """A VPN gateway.

    configured: the members of its answers, including eip1 and eip2. zones_given: whether the request specified the
    availability zones. lock_status: whether deletion is allowed in FREEZED (1: yes). prepaid: not pay-per-use.
    """

    zones_given: bool = False
    lock_status: int = 2
    prepaid: bool = False

    STATUSES: t.ClassVar[tuple[str, ...]] = ("ACTIVE", "FAULT", "FREEZED", *_PENDING_STATUSES)
    FAILURE: t.ClassVar[str] = "FAULT"


@dataclasses.dataclass
class CustomerGateway(Item):
    """A customer gateway, which has no states."""


@dataclasses.dataclass
class Monitor(Item):
    """The monitor of a connection."""

    STATUSES: t.ClassVar[tuple[str, ...]] = ("ACTIVE", "PENDING_CREATE", "PENDING_DELETE")


EIP_MEMBERS = (
    "ip_version",
    "type",
    "ip_address",
    "charge_mode",
    "bandwidth_id",
    "bandwidth_size",
    "bandwidth_name",
    "share_type",
)


@dataclasses.dataclass
class Eip(Item):
    """An elastic IP. configured: its members in answers for gateways, and the gateway_id that it is bound to."""

    settled: str = "DOWN"
    resting: str = "DOWN"

    STATUSES: t.ClassVar[tuple[str, ...]] = (
        "DOWN",
        "VPN",
        "ACTIVE",
        "ELB",
        "ERROR",
        "FREEZED",
        "BINDING",
        "BIND_ERROR",
        "NOTIFYING",
        "NOTIFY_DELETE",
        *_PENDING_STATUSES,
    )

    RESTINGS: t.ClassVar[tuple[str, ...]] = ("DOWN", "VPN", "ACTIVE", "ELB")

    @property
    def gateway_id(self) -> str | None:
        """The ID of the gateway that the address is bound to."""
        return self.configured.get("gateway_id")

    @property
    def shown(self) -> Values:
        """The members in the answers for its gateway."""
        return {"id": self.id, **{name: value for name, value in self.configured.items() if name in EIP_MEMBERS}}


Kind = t.TypeVar("Kind", bound=Item)


class Shelf(t.Generic[Kind]):
    """All resources of one kind. title: the kind in error messages. code: the error code for unknown IDs."""

    def __init__(self, clock: Clock, title: str, code: str = "VPN.0004") -> None:
        self._clock = clock
        self._title = title
        self._code = code
        self._items: dict[str, Kind] = {}

    def add(self, item: Kind) -> Kind:
        """Add a resource."""
        self._items[item.id] = item
        return item

    def drop(self, item_id: str) -> None:
        """Remove a resource immediately."""
        self._items.pop(item_id, None)

    def missing(self, item_id: str) -> ApiError:
        """The error for a resource that does not exist."""
        return ApiError(self._code, f"{self._title} {item_id} not found")

    def find(self, item_id: str) -> Kind:
        """An existing resource; ApiError if it does not exist."""
        item = self.peek(item_id)
        if item is None or item.removed:
            raise self.missing(item_id)
        return item

    def peek(self, item_id: str) -> Kind | None:
        """A resource, even if only stale reads still show it."""
        item = self._items.get(item_id)
        if item is not None:
            self._settle(item)
        return self._items.get(item_id)

    def everything(self) -> list[Kind]:
        """All resources, including those that only stale reads still show."""
        for item in list(self._items.values()):
            self._settle(item)
        return list(self._items.values())

    def living(self) -> list[Kind]:
        """All existing resources."""
        return [item for item in self.everything() if not item.removed]

    def __contains__(self, item_id: str) -> bool:
        item = self.peek(item_id)
        return item is not None and not item.removed

    def members(self, item_id: str) -> Values:
        """The members of a resource; none if it does not exist."""
        item = self.peek(item_id)
        return {} if item is None or item.removed else item.configured

    def version(self, item_id: str) -> tuple[int, bool] | None:
        """A value that changes whenever the resource changes."""
        item = self.peek(item_id)
        return None if item is None else (item.version, item.removed)

    def _settle(self, item: Kind) -> None:
        now = self._clock.now()
        item.settle(now)
        if item.removed and not (item.stale and item.stale.holds(now)):
            self.drop(item.id)
