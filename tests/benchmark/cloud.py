# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The cloud of the benchmark: one emulator in a process of its own, so that its work is nobody else's."""

from __future__ import annotations

import collections
import json
import os
import pathlib
import subprocess
import sys
import time
import typing as t
import urllib.request

EMULATOR = pathlib.Path(__file__).resolve().parent.parent / "emulator"
DWELL = 0.2
KEY = "Example-Key-%05d"
IKE = {
    "ike_version": "v2",
    "authentication_algorithm": "sha2-256",
    "encryption_algorithm": "aes-256",
    "dh_group": "group20",
    "lifetime_seconds": 86400,
    "local_id_type": "ip",
    "local_id": "203.0.113.10",
    "peer_id_type": "ip",
    "peer_id": "198.51.100.20",
    "dpd": {"timeout": 15, "interval": 30, "msg": "seq-hash-notify"},
}
IPSEC = {
    "authentication_algorithm": "sha2-256",
    "encryption_algorithm": "aes-256",
    "pfs": "group20",
    "transform_protocol": "esp",
    "lifetime_seconds": 3600,
    "encapsulation_mode": "tunnel",
}


def described(number: int) -> dict[str, t.Any]:
    """The complete description of a connection in a playbook, except its gateways and its key."""
    subnets = [f"10.{number // 250}.{number % 250}.0/24", f"172.{16 + number // 250}.{number % 250}.0/24"]
    return {
        "name": f"branch-{number:04}",
        "style": "policy",
        "peer_subnets": subnets,
        "policy_rules": [{"source": "192.168.0.0/24", "destination": subnets}],
        "ikepolicy": IKE,
        "ipsecpolicy": IPSEC,
        "tags": {"site": f"{number:04}", "managed": "yes"},
    }


class Cloud:
    """An emulator. Use it in a with statement."""

    def __init__(self, folder: pathlib.Path) -> None:
        self._state_file = folder / "emulator.json"
        self._log = folder / "emulator.log"
        self._process: subprocess.Popen | None = None
        self.url = ""
        self.environment: dict[str, str] = {}
        self.project_id = ""

    def __enter__(self) -> Cloud:
        self._state_file.unlink(missing_ok=True)
        options = ["--dwell", str(DWELL), "--quiet", "--state-file", str(self._state_file)]
        command = [sys.executable, str(EMULATOR), *options]
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        for _try in range(300):
            if self._state_file.exists() or self._process.poll() is not None:
                break
            time.sleep(0.1)
        state = json.loads(self._state_file.read_text(encoding="utf-8"))
        self.url, self.environment, self.project_id = state["url"], state["environment"], state["project_id"]
        return self

    def __exit__(self, *_exception: object) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait()

    def _ask(self, method: str, path: str, body: t.Any = None) -> t.Any:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(
            f"{self.url}/_emulator/{path}", data, {"Content-Type": "application/json"}, method=method
        )
        with urllib.request.urlopen(request) as answer:
            return json.load(answer)

    def fill(self, gateways: int, each: int) -> list[dict[str, t.Any]]:
        """Start afresh, with so many gateways of so many connections; returns what a playbook says of them."""
        self._ask("POST", "reset")
        wanted = []
        for _gateway in range(gateways):
            gateway = self._ask("POST", "gateways", {})["gateway"]["id"]
            for _connection in range(each):
                members = {**described(len(wanted)), "vgw_id": gateway}
                seeded = self._ask("POST", "connections", {**members, "psk": KEY % len(wanted)})["connection"]
                wanted.append({**members, "cgw_id": seeded["cgw_id"], "id": seeded["id"]})
        return wanted

    def fill_site(self) -> tuple[dict[str, t.Any], dict[str, t.Any]]:
        """Start afresh, with one gateway and one customer gateway; returns what a playbook says of them."""
        self._ask("POST", "reset")
        gateway = {"name": "edge", "local_subnets": ["10.0.0.0/24"], "flavor": "Professional1", "tags": {"site": "hq"}}
        customer = {"name": "branch", "id_value": "198.51.100.20", "bgp_asn": 65010, "tags": {"site": "0001"}}
        made = self._ask("POST", "gateways", gateway)["gateway"]
        placed = {name: made[name] for name in ("vpc_id", "connect_subnet", "id")}
        identifier = self._ask("POST", "customer_gateways", customer)["customer_gateway"]["id"]
        return {**gateway, **placed}, {**customer, "id": identifier}

    def fill_named(self, number: int) -> list[dict[str, t.Any]]:
        """Start afresh, with so many connections of one gateway, each to a customer gateway of its own.

        Returns what a playbook says of them, with the names and the identifiers of both ends.
        """
        self._ask("POST", "reset")
        gateway = self._ask("POST", "gateways", {"name": "edge"})["gateway"]
        wanted = []
        for place in range(number):
            customer = {"name": f"device-{place:04}", "id_value": f"198.51.{place // 250}.{place % 250 + 1}"}
            identifier = self._ask("POST", "customer_gateways", customer)["customer_gateway"]["id"]
            members = {
                **described(place),
                "vgw_id": gateway["id"],
                "vgw_ip": gateway["eip1"]["id"],
                "cgw_id": identifier,
            }
            self._ask("POST", "connections", {**members, "psk": KEY % place})
            wanted.append({**members, "vgw_name": "edge", "cgw_name": customer["name"]})
        return wanted

    def delay(self, milliseconds: int) -> None:
        """Let every answer come so much later."""
        self._ask("PATCH", "switches", {"latency": milliseconds})

    def token(self) -> str:
        """A new token."""
        return self._ask("POST", "tokens", {})["token"]

    def forget(self) -> None:
        """Empty the journal."""
        self._ask("DELETE", "journal")

    def requests(self) -> dict[str, int]:
        """How many requests of each operation came since."""
        return dict(collections.Counter(entry["operation"] for entry in self._ask("GET", "journal")["journal"]))

    def address(self, connection_id: str = "") -> str:
        """The URL of the list of connections, or of one."""
        return f"{self.url}/v5/{self.project_id}/vpn-connection" + (f"/{connection_id}" if connection_id else "")

    def access(self) -> dict[str, str]:
        """The process environment, with the variables that point a playbook here."""
        return {**os.environ, **self.environment}
