# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The Python interface of the emulator."""

from __future__ import annotations

import copy
import typing as t

from . import defaults, negotiation
from .answers import Renderer
from .faults import Rule
from .holdings import Holdings, tags_of
from .items import Connection, Tunnel
from .journal import Entry
from .metadata import Metadata
from .server import Server
from .service import Service

_SEED_ONLY = ("id", "status", "resting", "tags", "created_at", "updated_at", "connection_monitor_id")
_Values = dict[str, t.Any]


class Emulator(Holdings):
    """An independent emulated cloud on 127.0.0.1.

    dwell: the duration of each PENDING_* state in seconds. port: 0 for a free port. region: the name of the region.
    seed: of the random number generator. Other keywords set switches (see SWITCHES); reset() restores these values.

    Use it in a with statement, or call start() and stop(). All methods can be called from any thread.
    """

    def __init__(
        self, dwell: float = 0.05, port: int = 0, *, region: str = "eu-test-1", seed: int = 0, **switches: t.Any
    ) -> None:
        self.service = Service({"dwell": dwell, **switches}, region, seed)
        self._server = Server(self, port)
        self.metadata: Metadata = Metadata(self.service)
        self._default_gateway = ""

    def __enter__(self) -> Emulator:
        self.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self.stop()

    def start(self) -> None:
        """Start the server; returns as soon as it accepts connections. OSError if the port is in use."""
        self._server.start()

    def stop(self) -> None:
        """Stop the servers, and close open connections."""
        self.metadata.stop()
        self._server.stop()

    # address and credentials

    @property
    def port(self) -> int:
        """The port of the server."""
        return self._server.port

    @property
    def url(self) -> str:
        """The base URL of all services."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def region(self) -> str:
        """The region's name."""
        return self.service.identity.region

    @property
    def project_id(self) -> str:
        """The ID of the region's main project."""
        return self.service.identity.project_id

    @property
    def project_name(self) -> str:
        """The name of the region's main project, which is the region's name."""
        return self.service.identity.project_name

    @property
    def access_key(self) -> str:
        """The permanent access key."""
        return self.service.identity.permanent.access

    @property
    def secret_key(self) -> str:
        """The secret of the permanent access key."""
        return self.service.identity.permanent.secret

    @property
    def user_name(self) -> str:
        """The user that can request tokens."""
        return self.service.identity.user_name

    @property
    def password(self) -> str:
        """The user's password."""
        return self.service.identity.password

    @property
    def domain_name(self) -> str:
        """The account's name."""
        return self.service.identity.domain_name

    @property
    def agency_name(self) -> str:
        """The agency of the other account that the user may assume."""
        return next(iter(self.service.identity.other.agencies))

    @property
    def agency_domain_name(self) -> str:
        """The name of the other account."""
        return self.service.identity.other.name

    @property
    def other_project_id(self) -> str:
        """The ID of the other account's project, which has the region's name too."""
        return next(iter(self.service.identity.other.projects))

    @property
    def idp_id(self) -> str:
        """The identity provider."""
        return self.service.identity.provider.id

    def id_token(self, lifetime: float = 3600, **claims: t.Any) -> str:
        """A new ID token of the identity provider. claims: others than the right ones; key: another key."""
        return self.service.identity.provider.token(self.service.clock.utc().timestamp(), lifetime, **claims)

    def temporary_keys(self) -> tuple[str, str, str]:
        """New temporary keys: access key, secret key, security token."""
        with self.service.lock:
            keys = self.service.identity.add_keys(temporary=True)
            return keys.access, keys.secret, keys.token

    def expire_temporary_keys(self) -> None:
        """Revoke all temporary keys."""
        with self.service.lock:
            self.service.identity.expire_keys()

    def issue_token(self) -> str:
        """A new token for the main project."""
        with self.service.lock:
            return self.service.identity.issue(self.service.settings.token_lifetime).text

    def expire_tokens(self) -> None:
        """Expire all tokens that have been issued."""
        with self.service.lock:
            self.service.identity.expire_tokens()

    def add_project(self, name: str, project_id: str = "") -> str:
        """Add a project, which has the same resources; returns its ID."""
        with self.service.lock:
            return self.service.identity.add_project(name, project_id)

    def environment(self) -> dict[str, str]:
        """The environment variables that make a playbook use this emulator."""
        return {
            "HW_VPN_ENDPOINT": self.url,
            "HW_EIP_ENDPOINT": self.url,
            "HW_AUTH_URL": self.url,
            "HW_REGION_NAME": self.region,
            "HW_PROJECT_ID": self.project_id,
            "HW_ACCESS_KEY": self.access_key,
            "HW_SECRET_KEY": self.secret_key,
        }

    # resources

    def add_connection(self, **members: t.Any) -> _Values:
        """Seed a connection without pending work, and return it as connection() does.

        members: those of the API's create request or answers (style in any case, tags as a list or a dictionary), psk,
        id, status (DOWN), resting (the status after pending work), created_at, updated_at. Other members get the
        server's defaults; a gateway (shared by all connections) and a customer gateway (one for each connection) are
        created unless they are specified. No rules are checked. TypeError for an unknown member.
        """
        with self.service.lock:
            own = {name: members.pop(name) for name in _SEED_ONLY if name in members}
            unknown = sorted(set(members) - set(defaults.MEMBERS))
            if unknown:
                raise TypeError(f"a connection has no {', '.join(unknown)}")
            connection = self._seeded(own, self._with_partners(members))
            self.service.store.connections.add(connection)
            if own.get("connection_monitor_id"):
                self.add_monitor(connection.id, id=own["connection_monitor_id"])
            if own.get("status", "").startswith("PENDING_"):
                self.set_status(connection.id, own["status"])
            return self.connection(connection.id)

    def _with_partners(self, members: _Values) -> _Values:
        store = self.service.store
        if "style" in members:
            members["style"] = members["style"].lower()
        if "vgw_id" not in members:
            if self._default_gateway not in store.gateways:
                self._default_gateway = self.add_gateway()["id"]
            members["vgw_id"] = self._default_gateway
        elif members["vgw_id"] not in store.gateways:
            self.add_gateway(
                id=members["vgw_id"], **({"eip1": {"id": members["vgw_ip"]}} if "vgw_ip" in members else {})
            )
        gateway = store.gateways.members(members["vgw_id"])
        members.setdefault("vgw_ip", gateway["eip1"]["id"] if "eip1" in gateway else gateway.get("access_private_ip_1"))
        if "cgw_id" not in members or members["cgw_id"] not in store.customer_gateways:
            given = {"id": members["cgw_id"]} if "cgw_id" in members else {}
            members["cgw_id"] = self.add_customer_gateway(**given)["id"]
        return members

    def _seeded(self, own: _Values, members: _Values) -> Connection:
        store = self.service.store
        configured = defaults.completed(store, members)
        if not configured["peer_subnets"] and not configured["peer_subnets_v6"] and "peer_subnets" not in members:
            configured["peer_subnets"] = ["192.168.0.0/24"]
        if configured["style"] == "policy" and not configured["policy_rules"] and "policy_rules" not in members:
            configured["policy_rules"] = [{"source": "10.0.0.0/24", "destination": list(configured["peer_subnets"])}]
        stamp = own.get("created_at") or store.clock.stamp(self.service.settings.fraction_digits)
        status = own.get("status", "DOWN")
        Connection.check_status(status)
        resting = status if status in ("ACTIVE", "DOWN") else "DOWN"
        return Connection(
            own.get("id") or store.new_id(),
            configured,
            stamp,
            own.get("updated_at") or stamp,
            settled=resting if status.startswith("PENDING") else status,
            resting=own.get("resting") or resting,
            tags=tags_of(own.get("tags")),
            negotiated=store.resolved(configured),
        )

    def remove_connection(self, connection_id: str) -> None:
        """Remove a connection immediately."""
        with self.service.lock:
            self.service.store.connections.drop(connection_id)

    def connection(self, connection_id: str) -> _Values:
        """The stored state: configured values as given, status, tags (a dictionary), but no psk.

        style is in lower case; switches have no influence. ApiError if the connection does not exist.
        """
        with self.service.lock:
            found = self.service.store.connections.find(connection_id)
            values = self.service.store.resolved(found.configured)
            del values["psk"]
            return {
                "id": found.id,
                "status": found.status(self.service.clock.now()),
                **values,
                "tags": dict(found.tags),
                "created_at": found.created_at,
                "updated_at": found.updated_at,
            }

    def connections(self) -> list[_Values]:
        """connection() for all connections."""
        with self.service.lock:
            return [self.connection(found.id) for found in self.service.store.connections.living()]

    def shown(self, connection_id: str) -> _Values:
        """The connection as in a current answer to a show request."""
        with self.service.lock:
            found = self.service.store.connections.find(connection_id)
            renderer = Renderer(self.service.store, self.service.settings, "show")
            return renderer.connection(found, found.true_view(self.service.clock.now()))

    def configured(self, connection_id: str) -> _Values:
        """The configured values, including psk and automatic IDs."""
        with self.service.lock:
            return self.service.store.resolved(self.service.store.connections.find(connection_id).configured)

    def negotiated(self, connection_id: str) -> _Values:
        """The values that the tunnel currently uses, including psk. API contract, section 10: Pre-shared key."""
        with self.service.lock:
            return copy.deepcopy(self.service.store.connections.find(connection_id).negotiated)

    def set_device(self, connection_id: str, **differences: t.Any) -> None:
        """Give a connection a device whose settings differ from the cloud's, in the words of the cloud, psk included.

        The tunnel is up as long as both ends fit. Otherwise it is DOWN, and its log says why.
        """
        with self.service.lock:
            found = self.service.store.connections.find(connection_id)
            found.attempt = lambda: self.service.store.resolved(found.configured)
            found.device = defaults.merged(found.attempt(), differences)
            # The tunnel is negotiated anew, with what is configured.
            found.negotiated = found.attempt()
            self.set_status(connection_id, "ACTIVE")
            found.resting = "ACTIVE"
            found.touch()

    def set_log(self, connection_id: str, entries: t.Sequence[t.Any]) -> None:
        """Give a connection these entries in its log ({"time": ..., "raw_message": ...}), instead of the usual ones."""
        with self.service.lock:
            self.service.store.connections.find(connection_id).log = list(entries)

    def set_traffic(self, connection_id: str, sent: float, received: float) -> None:
        """Let each security association of a connection send and receive so many packets a second, from now on."""
        with self.service.lock:
            found = self.service.store.connections.find(connection_id)
            found.traffic = (self.service.clock.now(), sent, received)

    def use_tunnel(self, connection_id: str, tunnel: Tunnel) -> None:
        """Let status, log and IPsec SAs of a connection be those of a tunnel outside the emulator.

        The tunnel is asked for each answer, with the lock of the emulator held.
        """
        with self.service.lock:
            found = self.service.store.connections.find(connection_id)
            found.tunnel = tunnel
            found.touch()

    def renegotiate(self, connection_id: str, phase: int | None = None) -> None:
        """Make the tunnel renew its keys as at the end of a lifetime. phase: 1, 2, or None for both."""
        with self.service.lock:
            found = self.service.store.connections.find(connection_id)
            for number in (1, 2) if phase is None else (phase,):
                full = self.service.store.resolved(found.configured)
                found.negotiated = negotiation.rekeyed(found.negotiated, full, number)

    def set_status(self, connection_id: str, status: str, settle_after: float | None = None) -> None:
        """Force a status.

        A PENDING_* status ends after settle_after seconds (default: the dwell time; infinity: never), as after a
        request; PENDING_DELETE ends with the deletion. ACTIVE and DOWN are also the status after later work.
        """
        Connection.check_status(status)
        if settle_after is None and status.startswith("PENDING_"):
            settle_after = self.service.settings.seconds(status.partition("_")[2].lower())
        self._force("vpn_connection_id", connection_id, status, settle_after)

    # behavior

    def switch(self, **values: t.Any) -> None:
        """Set switches. ValueError for an unknown switch or a value that is not allowed."""
        with self.service.lock:
            self.service.settings.update(values)

    @property
    def switches(self) -> _Values:
        """All switches and their values."""
        with self.service.lock:
            return self.service.settings.as_dict()

    def reset_switches(self) -> None:
        """Restore the values of all switches that were given to the constructor."""
        with self.service.lock:
            self.service.settings.reset(self.service.initial_switches)

    def fault(self, kind: str, **rule: t.Any) -> Rule:
        """Add a fault. See FAULTS for kinds and details, and FaultBook.add for the selection of requests."""
        with self.service.lock:
            return self.service.faults.add(kind, **rule)

    def storm(self, probability: float, faults: t.Sequence[_Values] = (), **rule: t.Any) -> Rule:
        """Apply a random fault to a fraction of the requests (all, or those that the rule selects)."""
        return self.fault("storm", probability=probability, faults=list(faults), **rule)

    def faults(self) -> list[Rule]:
        """The active faults."""
        with self.service.lock:
            return self.service.faults.rules()

    def clear_faults(self, number: int | None = None) -> None:
        """Remove one fault, or all."""
        with self.service.lock:
            self.service.faults.remove(number)

    def advance(self, seconds: float) -> None:
        """Advance the time (of states, tokens, and the clock that verifies signatures)."""
        with self.service.lock:
            self.service.clock.advance(seconds)

    def reset(self) -> None:
        """Remove everything except credentials, and restore the initial values of the switches."""
        self.service.reset()
        self.metadata.reset()

    # requests

    def journal(self) -> list[Entry]:
        """All requests."""
        return self.service.journal.entries()

    def writes(self) -> list[Entry]:
        """The requests for operations that change something, successful or not; without IAM requests."""
        return [entry for entry in self.service.journal.entries() if entry.write]

    def clear_journal(self) -> None:
        """Remove all requests from the journal."""
        self.service.journal.clear()

    def on_request(self, listener: t.Callable[[Entry], None]) -> None:
        """Register a function that is called with the entry of each request when it is answered."""
        self.service.listeners.append(listener)
