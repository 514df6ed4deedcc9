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
