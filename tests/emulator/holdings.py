# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The Python interface to resources other than connections."""

from __future__ import annotations

import copy
import typing as t

from . import defaults, eips
from .items import Eip, Gateway, Item, Monitor
from .service import Service

_Values = dict[str, t.Any]
_GATEWAY_FIELDS = ("id", "created_at", "updated_at", "lock_status", "prepaid", "zones_given")


def tags_of(given: t.Any) -> dict[str, str]:
    """Tags as a dictionary, from a dictionary or from the API's list."""
    return dict(given) if isinstance(given, dict) else {tag["key"]: tag["value"] for tag in given or []}


class Holdings:
    """Gateways, customer gateways, monitors and elastic IPs. Seeded resources are not validated."""

    service: Service

    def _stored(self, item: Item) -> _Values:
        """The stored state of a resource."""
        return copy.deepcopy(
            {
                "id": item.id,
                "status": item.status(self.service.clock.now()),
                **item.configured,
                "tags": item.tags,
                "created_at": item.created_at,
                "updated_at": item.updated_at,
            }
        )

    def _all(self, parameter: str) -> list[_Values]:
        with self.service.lock:
            return [self._stored(item) for item in self.service.store.shelves[parameter].living()]

    def _force(self, parameter: str, item_id: str, status: str, settle_after: float | None) -> None:
        with self.service.lock:
            seconds = float("inf") if settle_after is None else float(settle_after)
            self.service.store.shelves[parameter].find(item_id).force(status, self.service.clock.now(), seconds)

    def _remove(self, parameter: str, item_id: str) -> None:
        with self.service.lock:
            self.service.store.vanish(parameter, item_id)

    # gateways

    def add_gateway(self, **members: t.Any) -> _Values:
        """Seed a gateway; members as in the API's answers.

        Also: id, status (ACTIVE), tags, created_at, updated_at, lock_status (2), prepaid (False). Addresses are created
        unless they are given; eip1 and eip2 with the ID of an existing address bind it.
        """
        with self.service.lock:
            own = {name: members.pop(name) for name in _GATEWAY_FIELDS if name in members}
            status, tags = members.pop("status", "ACTIVE"), tags_of(members.pop("tags", {}))
            Gateway.check_status(status)
            store = self.service.store
            gateway = defaults.gateway(store, defaults.gateway_members(store, self._placed(members)), tags=tags, **own)
            store.gateways.add(gateway)
            if gateway.configured["network_type"] == "public":
                for side in eips.SIDES:
                    self._give_address(gateway, side, members.get(side, {}))
            gateway.force(status, self.service.clock.now(), float("inf"))
            return self._stored(gateway)

    def _placed(self, members: _Values) -> _Values:
        """The members of a seeded gateway, including VPC and subnets, or enterprise router."""
        new_id = self.service.store.new_id
        if members.get("attachment_type") == "er":
            return {"er_id": new_id(), "access_vpc_id": new_id(), "access_subnet_id": new_id(), **members}
        return {"vpc_id": new_id(), "connect_subnet": new_id(), "local_subnets": ["10.0.0.0/24"], **members}

    def _give_address(self, gateway: Gateway, side: str, given: _Values | None) -> None:
        """Bind an address to a side of a gateway; None: leave this side without an address."""
        if given is None:
            return
        store = self.service.store
        details = {name: value for name, value in given.items() if name != "id"}
        there = store.eips.peek(given.get("id", ""))
        eips.bind(there or eips.new(store, details, eip_id=given.get("id")), gateway, side)

    def gateways(self) -> list[_Values]:
        """All gateways."""
        return self._all("vgw_id")

    def set_gateway_status(
        self, gateway_id: str, status: str, settle_after: float | None = None, lock_status: int = 2
    ) -> None:
        """Force the status of a gateway. A PENDING_* status ends after settle_after seconds (default: never).

        lock_status: whether a FREEZED gateway can be deleted (1) or not (2).
        """
        with self.service.lock:
            self._force("vgw_id", gateway_id, status, settle_after)
            self.service.store.gateways.find(gateway_id).lock_status = lock_status

    def remove_gateway(self, gateway_id: str) -> None:
        """Remove a gateway immediately, with its connections and addresses."""
        self._remove("vgw_id", gateway_id)

    # customer gateways

    def add_customer_gateway(self, **members: t.Any) -> _Values:
        """Seed a customer gateway; members as in the API's answers."""
        with self.service.lock:
            tags = tags_of(members.pop("tags", {}))
            customer = defaults.customer_gateway(self.service.store, members)
            customer.tags = tags
            self.service.store.customer_gateways.add(customer)
            return self._customer(customer)

    def _customer(self, customer: Item) -> _Values:
        shown = self._stored(customer)
        del shown["status"]
        return shown

    def customer_gateways(self) -> list[_Values]:
        """All customer gateways."""
        with self.service.lock:
            return [self._customer(customer) for customer in self.service.store.customer_gateways.living()]

    def remove_customer_gateway(self, customer_gateway_id: str) -> None:
        """Remove a customer gateway immediately."""
        self._remove("customer_gateway_id", customer_gateway_id)

    # monitors

    def add_monitor(self, vpn_connection_id: str, **own: t.Any) -> _Values:
        """Seed the monitor of a connection. own: id, status (ACTIVE)."""
        with self.service.lock:
            store = self.service.store
            stamp = store.clock.stamp()
            members = defaults.monitor(store, store.connections.find(vpn_connection_id))
            monitor = Monitor(own.get("id") or store.new_id(), members, stamp, stamp)
            monitor.force(own.get("status", "ACTIVE"), self.service.clock.now(), float("inf"))
            store.add_monitor(monitor)
            return self._stored(monitor)

    def monitors(self) -> list[_Values]:
        """All monitors."""
        return self._all("connection_monitor_id")

    def remove_monitor(self, monitor_id: str) -> None:
        """Remove a monitor immediately."""
        self._remove("connection_monitor_id", monitor_id)

    # elastic IPs

    def add_eip(self, **members: t.Any) -> _Values:
        """Seed an unbound address; members as in the answers for gateways, id, status (DOWN).

        A PENDING_* status ends after settle_after seconds (default: never).
        """
        with self.service.lock:
            status, settle_after = members.pop("status", "DOWN"), members.pop("settle_after", None)
            Eip.check_status(status)
            made = eips.new(self.service.store, members, eip_id=members.pop("id", None))
            self._force("publicip_id", made.id, status, settle_after)
            return self._stored(made)

    def eips(self) -> list[_Values]:
        """All addresses, with gateway_id if they are bound."""
        return self._all("publicip_id")

    def set_eip_status(self, eip_id: str, status: str, settle_after: float | None = None) -> None:
        """Force the status of an address. A PENDING_* status ends after settle_after seconds (default: never)."""
        self._force("publicip_id", eip_id, status, settle_after)

    def remove_eip(self, eip_id: str) -> None:
        """Remove an address immediately."""
        self._remove("publicip_id", eip_id)
