# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Plain requests to the emulator, without any client in between."""

from __future__ import annotations

import json
import pathlib

import requests

FIXTURES = pathlib.Path(__file__).parents[1] / "fixtures"
KEY = "Example-Key-1"


def fixture(name: str) -> dict:
    """A JSON file of tests/unit/fixtures."""
    return json.loads((FIXTURES / name).read_text(encoding="utf-8"))


# Where things around connections are found, and what their objects are called.
PLACES = {
    "gateway": ("vpn-gateways", "vpn_gateway"),
    "customer": ("customer-gateways", "customer_gateway"),
    "monitor": ("connection-monitors", "connection_monitor"),
    "eip": ("/v3/{project_id}/eip/publicips", "publicip"),
}
VPC, SUBNET, ROUTER, NOWHERE = (f"6d3c1e52-0000-4000-8000-00000000000{number}" for number in range(4))

NEW_EIP = {"type": "5_bgp", "charge_mode": "traffic", "bandwidth_size": 20}


class Api:
    """Calls by token. Paths are relative to the project unless they begin with a slash."""

    def __init__(self, cloud) -> None:
        self.cloud = cloud
        self.session = requests.Session()
        self.session.trust_env = False
        self.session.headers["X-Auth-Token"] = cloud.issue_token()

    def call(self, method: str, path: str, body=None, **options) -> requests.Response:
        """One request, as it is."""
        url = self.cloud.url + (path if path.startswith("/") else f"/v5/{self.cloud.project_id}/{path}")
        options = {"timeout": 30, "allow_redirects": False, **options}
        return self.session.request(method, url, json=body, **options)

    def show(self, connection_id: str) -> dict:
        """The connection of a show answer."""
        return self._good(self.call("GET", f"vpn-connection/{connection_id}"))["vpn_connection"]

    def list(self, **query) -> list[dict]:
        """The connections of one list answer."""
        return self.list_page(**query)["vpn_connections"]

    def list_page(self, **query) -> dict:
        """A list answer."""
        return self._good(self.call("GET", "vpn-connection", params=query))

    def put(self, connection_id: str, members) -> requests.Response:
        """An update."""
        return self.call("PUT", f"vpn-connection/{connection_id}", {"vpn_connection": members})

    def create(self, **members) -> requests.Response:
        """A create."""
        return self.call("POST", "vpn-connection", {"vpn_connection": members})

    def reset(self, connection_id: str) -> requests.Response:
        """A reset."""
        return self.call("POST", f"vpn-connection/{connection_id}/reset")

    def delete(self, connection_id: str) -> requests.Response:
        """A delete."""
        return self.call("DELETE", f"vpn-connection/{connection_id}")

    def tags(self, connection_id: str, action: str, *tags: dict) -> requests.Response:
        """tags/create or tags/delete."""
        return self.call("POST", f"vpn-connection/{connection_id}/tags/{action}", {"tags": list(tags)})

    # what stands around connections; kinds: see PLACES

    def _place(self, kind: str, item_id: str = "", action: str = "") -> str:
        path = PLACES[kind][0].format(project_id=self.cloud.project_id)
        return path + (f"/{item_id}" if item_id else "") + (f"/{action}" if action else "")

    def make(self, kind: str, **members) -> requests.Response:
        """A create."""
        return self.call("POST", self._place(kind), {PLACES[kind][1]: members})

    def get(self, kind: str, item_id: str) -> requests.Response:
        """A show."""
        return self.call("GET", self._place(kind, item_id))

    def shown(self, kind: str, item_id: str) -> dict:
        """The thing of a show answer."""
        return self._good(self.get(kind, item_id))[PLACES[kind][1]]

    def all(self, kind: str, **query) -> list[dict]:
        """The things of a list answer."""
        return self._good(self.call("GET", self._place(kind), params=query))[PLACES[kind][1] + "s"]

    def change(self, kind: str, item_id: str, **members) -> requests.Response:
        """An update."""
        return self.call("PUT", self._place(kind, item_id), {PLACES[kind][1]: members})

    def remove(self, kind: str, item_id: str) -> requests.Response:
        """A delete."""
        return self.call("DELETE", self._place(kind, item_id))

    def flavor(self, gateway_id: str, flavor: str) -> requests.Response:
        """A change of flavor."""
        path = self._place("gateway", gateway_id, "update-specification")
        return self.call("POST", path, {"vpn_gateway": {"flavor": flavor}})

    def unbind(self, eip_id: str) -> requests.Response:
        """Take an elastic IP from its gateway."""
        return self.call("POST", self._place("eip", eip_id, "disassociate-instance"))

    @staticmethod
    def _good(answer: requests.Response) -> dict:
        assert answer.status_code == 200, answer.text
        return answer.json()


def code(answer: requests.Response) -> tuple[int, str]:
    """Status and error code of a refusal."""
    return answer.status_code, answer.json()["error_code"]


def place(cloud, **gateway) -> dict:
    """The members a create needs: a gateway of its own, its first address, a customer gateway."""
    made = cloud.add_gateway(**gateway)
    address = made["eip1"]["id"] if "eip1" in made else made["access_private_ip_1"]
    return {"vgw_id": made["id"], "vgw_ip": address, "cgw_id": cloud.add_customer_gateway()["id"]}


def register(checks: dict, check):
    """Enter a function that checks what it is named for."""
    checks[check.__name__] = check
    return check


def site(cloud, **members) -> dict:
    """The members that a create of a public gateway needs, over two free addresses; None takes one out."""
    wanted = {"vpc_id": VPC, "connect_subnet": SUBNET, "local_subnets": ["10.0.0.0/24"], **members}
    for side in ("eip1", "eip2"):
        if side not in wanted and wanted.get("network_type") != "private":
            wanted[side] = {"id": cloud.add_eip()["id"]}
    return {name: value for name, value in wanted.items() if value is not None}


def routed(cloud, **members) -> dict:
    """The same for a gateway of an enterprise router."""
    return site(
        cloud,
        **{
            "attachment_type": "er",
            "er_id": ROUTER,
            "access_vpc_id": VPC,
            "access_subnet_id": SUBNET,
            "vpc_id": None,
            "connect_subnet": None,
            "local_subnets": None,
            **members,
        },
    )
