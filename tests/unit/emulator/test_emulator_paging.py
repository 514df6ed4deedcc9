# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Lists and their pages."""

from __future__ import annotations

import pytest

from ansible_collections.huaweicloud.vpn.tests.unit.emulator.helpers import code


def walk(api, limit, what="vpn-connection", member="vpn_connections", **query):
    """Names of all items, following next_marker until a page brings nothing new."""
    found, marker = [], {}
    while True:
        answer = api.call("GET", what, params={"limit": limit, **marker, **query}).json()
        new = [item["name"] for item in answer[member] if item["name"] not in found]
        if not new:
            return found
        found += new
        if "next_marker" not in answer["page_info"]:
            return found
        marker = {"marker": answer["page_info"]["next_marker"]}


def names(count):
    """Names in the order of creation."""
    return [f"c-{number}" for number in range(count)]


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 8, 2000])
@pytest.mark.parametrize("order", ["newest_first", "oldest_first", "shuffled"])
def test_walk(cloud, api, order, limit):
    cloud.switch(list_order=order)
    for name in names(7):
        cloud.add_connection(name=name)
    found = walk(api, limit)
    assert sorted(found) == names(7)
    assert (found == names(7)) == (order == "oldest_first")


def test_page_info(cloud, api):
    for name in names(3):
        cloud.add_connection(name=name)
    page = api.list_page(limit=2)
    assert page["page_info"] == {"next_marker": page["vpn_connections"][1]["created_at"], "current_count": 2}
    last = api.list_page(limit=2, marker=page["page_info"]["next_marker"])
    assert last["page_info"] == {"next_marker": last["vpn_connections"][0]["created_at"], "current_count": 1}
    beyond = api.list_page(limit=2, marker=last["page_info"]["next_marker"])
    assert beyond["page_info"] == {"current_count": 0} and beyond["total_count"] == 3


def test_markers_of_items_that_are_gone(cloud, api):
    made = [cloud.add_connection(name=name) for name in names(5)]
    marker = api.list_page(limit=2)["page_info"]["next_marker"]
    cloud.remove_connection(made[3]["id"])
    assert [found["name"] for found in api.list(limit=2, marker=marker)] == ["c-2", "c-1"]


def test_one_time_stamp_for_several_items(cloud, api):
    for name in names(4):
        cloud.add_connection(name=name, created_at="2026-01-02T03:04:05.678Z")
    assert len(walk(api, 3)) == 3
    cloud.switch(page_border="at")
    assert len(walk(api, 3)) == 3
    assert len(walk(api, 5)) == 4


@pytest.mark.parametrize(
    "query",
    [
        {"limit": "x"},
        {"limit": "-1"},
        {"limit": "2001"},
        {"marker": "2026-01-02T03:04:05Z"},
        {"limit": "5", "marker": "yesterday"},
        {"name": "c-1"},
        {"vgw_id": ["a", "b"]},
    ],
)
def test_bad_queries(cloud, api, query):
    assert code(api.call("GET", "vpn-connection", params=query)) == (400, "VPN.0001")


def test_customer_gateways(cloud, api):
    for name in names(5):
        cloud.add_customer_gateway(name=name)
    assert walk(api, 2, "customer-gateways", "customer_gateways") == names(5)[::-1]
    assert code(api.call("GET", "customer-gateways", params={"limit": 201})) == (400, "VPN.0001")


def test_resource_filter(cloud, api):
    for name in names(5):
        cloud.add_connection(name=name)
    answer = api.call("POST", "vpn-connection/resource-instances/filter", {}, params={"limit": 2, "offset": 3}).json()
    assert [resource["resource_name"] for resource in answer["resources"]] == ["c-3", "c-4"] and answer[
        "total_count"
    ] == 5
    for query in ({"limit": 0}, {"limit": 1001}, {"offset": -1}):
        assert api.call("POST", "vpn-connection/resource-instances/filter", {}, params=query).status_code == 400


def test_two_thousand_connections(cloud, api):
    for number in range(2000):
        cloud.add_connection(name=f"c-{number}")
    assert len(api.list()) == 2000
    assert len(walk(api, 500)) == 2000
