# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tag operations, and lookup by tag or name. API contract, section 15: Tags."""

from __future__ import annotations

import typing as t

from . import rules
from .calls import Answer, Call, operation
from .errors import ApiError, invalid
from .items import Item, Shelf
from .states import as_list

LIMIT = 20
_Tags = dict[str, str]


def _resources(call: Call) -> list[Item]:
    """All resources of the type in the path."""
    store = call.store
    shelves: dict[str, Shelf[t.Any]] = {
        "vpn-connection": store.connections,
        "vpn-gateway": store.gateways,
        "customer-gateway": store.customer_gateways,
    }
    return shelves[call.path["resource_type"]].living()


def _resource(call: Call) -> Item:
    for resource in _resources(call):
        if resource.id == call.path["resource_id"]:
            return resource
    raise ApiError("VPN.0004", f"{call.path['resource_type']} {call.path['resource_id']} not found")


@operation("showResourceTags")
def show_tags(call: Call) -> Answer:
    """The tags of a resource."""
    return Answer(200, {"tags": as_list(_resource(call).tags)})


@operation("createResourceTags", write=True)
def create_tags(call: Call) -> Answer:
    """Whether it overwrites existing keys is unknown: switch tags_create."""
    given = call.checked()["tags"]
    rules.check_tags(given, call.settings)
    resource = _resource(call)
    wanted = {tag["key"]: tag.get("value") or "" for tag in given}
    if call.settings.tags_create == "refuses" and set(wanted) & set(resource.tags):
        raise invalid(f"tag keys exist: {', '.join(sorted(set(wanted) & set(resource.tags)))}")
    if len({**resource.tags, **wanted}) > LIMIT:
        raise invalid(f"a resource has at most {LIMIT} tags")
    _change(call, resource, {**resource.tags, **wanted})
    return Answer(204)


@operation("deleteResourceTags", write=True)
def delete_tags(call: Call) -> Answer:
    """Whether the value must match is unknown: switch tags_delete_value. Unknown keys are not an error."""
    given = call.checked()["tags"]
    resource = _resource(call)
    strict = call.settings.tags_delete_value == "must_match"
    gone = {tag["key"] for tag in given if not strict or resource.tags.get(tag["key"]) == (tag.get("value") or "")}
    _change(call, resource, {key: value for key, value in resource.tags.items() if key not in gone})
    return Answer(204)


def _change(call: Call, resource: Item, wanted: _Tags) -> None:
    """Change the tags of a resource. Its own answers show them after a delay. API contract, section 13."""
    call.applied = True
    if call.settings.tags_delay:
        resource.shown_tags = resource.visible_tags(call.now)
        resource.tags_shown_from = call.now + call.settings.tags_delay
    resource.tags = wanted
    resource.touch()


@operation("listProjectTags")
def list_project_tags(call: Call) -> Answer:
    """All tags of a resource type, each key with all its values."""
    found: dict[str, set[str]] = {}
    for resource in _resources(call):
        for key, value in resource.tags.items():
            found.setdefault(key, set()).add(value)
    return Answer(200, {"tags": [{"key": key, "values": sorted(values)} for key, values in sorted(found.items())]})


def _matching(call: Call) -> list[Item]:
    query = call.checked()
    return [resource for resource in _resources(call) if _matches(call, query, resource)]


def _matches(call: Call, query: dict[str, t.Any], resource: Item) -> bool:
    for match in query.get("matches", []):
        wanted = match["value"]
        if call.settings.name_match == "partial" and wanted.lower() not in resource.configured["name"].lower():
            return False
        if call.settings.name_match == "exact" and wanted != resource.configured["name"]:
            return False
    if query.get("without_any_tag"):
        return not resource.tags
    return all(
        tag["key"] in resource.tags and (not tag["values"] or resource.tags[tag["key"]] in tag["values"])
        for tag in query.get("tags", [])
    )


@operation("filterResources")
def filter_resources(call: Call) -> Answer:
    """API contract, section 1: Identity and lookup (resource_name), and section 11: Paging (offset)."""
    found = _matching(call)
    start = call.query.get("offset", 0)
    shown = [
        {
            "resource_id": resource.id,
            "resource_name": resource.configured["name"],
            "resource_detail": None,
            "tags": as_list(resource.tags),
        }
        for resource in found[start : start + call.query.get("limit", 1000)]
    ]
    return Answer(200, {"resources": shown, "total_count": len(found)})


@operation("countResources")
def count_resources(call: Call) -> Answer:
    """The number of resources that filterResources finds."""
    return Answer(200, {"total_count": len(_matching(call))})
