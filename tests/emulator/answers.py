# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The representation of connections in answers, for all values of the switches.

API contract, section 4: Members returned only sometimes, section 5: Filled in by the server, section 7: Normalisation.
"""

from __future__ import annotations

import ipaddress
import typing as t

from .items import Connection, View
from .states import finished, named_tags, networks, ordered
from .store import Store
from .switches import Settings

Values = dict[str, t.Any]

# The empty value of each member that does not apply.
_EMPTY: dict[str, t.Any] = {
    "peer_subnets": [],
    "peer_subnets_v6": [],
    "policy_rules": [],
    "policy_rules_v6": [],
    "connection_monitor_id": "",
    "tags": [],
}
_NULLABLE = (*_EMPTY, "enable_nqa", "enable_hub")


class Renderer:
    """Renders connections for one kind of answer: create, update, show or list."""

    def __init__(self, store: Store, settings: Settings, kind: str) -> None:
        self._store = store
        self._settings = settings
        self._kind = kind

    def connection(self, connection: Connection, view: View) -> Values:
        """The JSON object of a connection."""
        shown: Values = {"id": connection.id, "name": view.configured["name"]}
        if self._kind in ("show", "list"):
            shown["status"] = view.status
        self._add_basics(shown, view.configured)
        self._add_traffic(shown, view.configured)
        shown["ikepolicy"] = self._ike_policy(view.configured)
        shown["ipsecpolicy"] = dict(view.configured["ipsecpolicy"])
        self._add_rest(shown, connection, view)
        self._add_missing(shown)
        self._thin_out_list_item(shown)
        return finished(self._settings, shown)

    def _add_basics(self, shown: Values, configured: Values) -> None:
        style = configured["style"]
        shown.update(
            vgw_id=configured["vgw_id"],
            vgw_ip=configured["vgw_ip"],
            cgw_id=configured["cgw_id"],
            style=style.upper() if self._settings.style_case == "upper" else style,
            tunnel_local_address=configured["tunnel_local_address"],
            tunnel_peer_address=configured["tunnel_peer_address"],
        )
        if style == "static":
            shown["enable_nqa"] = configured["enable_nqa"]
        if style == "bgp":
            shown["enable_hub"] = configured["enable_hub"]
        if self._kind == "create" and configured["enable_health_check"] is not None:
            shown["enable_health_check"] = configured["enable_health_check"]
        if self._settings.old_members == "present":
            shown.update(eip_id=configured["vgw_ip"], type="POLICY" if style == "policy" else "ROUTE")
            if style != "policy":
                shown["route_mode"] = style

    def _add_traffic(self, shown: Values, configured: Values) -> None:
        gateway = self._store.gateways.members(configured["vgw_id"])
        tail = "_v6" if gateway.get("ip_version") == "ipv6" else ""
        routed = gateway.get("attachment_type") == "er" and configured["style"] in ("policy", "bgp")
        if not routed or self._settings.er_peer_subnets == "present":
            shown["peer_subnets" + tail] = networks(self._settings, configured["peer_subnets" + tail])
        if configured["style"] == "policy":
            shown["policy_rules" + tail] = self._rules(configured["policy_rules" + tail])

    def _rules(self, rules: list[Values]) -> list[Values]:
        shown = [
            (networks(self._settings, [rule["source"]])[0], networks(self._settings, rule["destination"]))
            for rule in rules
        ]
        if self._settings.rules_form == "merged":
            by_source: dict[str, list[str]] = {}
            for source, destinations in shown:
                by_source.setdefault(source, []).extend(destinations)
            shown = list(by_source.items())
        if self._settings.rules_form == "split":
            shown = [(source, [destination]) for source, destinations in shown for destination in destinations]
        shown = ordered(self._settings, shown, lambda rule: (ipaddress.ip_interface(rule[0]), rule[1]))
        indexed = self._settings.rule_index == "always" or self._settings.rules_form == "split"
        indexed = indexed or (self._settings.rule_index == "create" and self._kind == "create")
        return [
            {**({"rule_index": number} if indexed else {}), "source": source, "destination": destinations}
            for number, (source, destinations) in enumerate(shown)
        ]

    def _ike_policy(self, configured: Values) -> Values:
        policy = dict(configured["ikepolicy"])
        policy["local_id"], policy["peer_id"] = self._store.ids(configured)
        policy["dpd"] = dict(policy["dpd"])
        if policy["ike_version"] != "v1":
            del policy["phase1_negotiation_mode"]
            if self._settings.optional_members != "absent":
                policy["phase1_negotiation_mode"] = None if self._settings.optional_members == "null" else ""
        for side in ("local", "peer"):
            if self._settings.id_types == "absent":
                del policy[f"{side}_id_type"]
            if self._settings.ids == "absent":
                del policy[f"{side}_id"]
            elif self._settings.ids == "masked":
                policy[f"{side}_id"] = _masked(policy[f"{side}_id"])
        return policy

    def _add_rest(self, shown: Values, connection: Connection, view: View) -> None:
        unmoved = self._settings.updated_at == "unchanged"
        shown.update(
            created_at=connection.created_at,
            updated_at=connection.created_at if unmoved else view.updated_at,
            enterprise_project_id=view.configured["enterprise_project_id"],
            ha_role=view.configured["ha_role"],
        )
        monitor = self._store.monitor_of(connection.id)
        if monitor is not None and self._kind != "create":
            shown["connection_monitor_id"] = monitor.id
        shown.update(named_tags(self._settings, view.tags))
        if (
            view.configured["style"] == "bgp"
            and self._kind in ("show", "list")
            and self._settings.bgp_peer == "present"
        ):
            shown["bgp_peer"] = self._bgp_peer(view)

    def _bgp_peer(self, view: View) -> Values:
        up = view.status == "ACTIVE"
        customer = self._store.customer_gateways.members(view.configured["cgw_id"])
        return {
            "peer_ip_address": view.configured["tunnel_peer_address"].partition("/")[0],
            "peer_asn": customer.get("bgp_asn", 65000),
            "state": "ESTABLISHED" if up else "IDLE",
            "state_duration": "00:10:00",
            "num_message_received": 10 * up,
            "num_message_sent": 10 * up,
            "num_received_routes": 2 * up,
        }

    def _add_missing(self, shown: Values) -> None:
        """Members that do not apply are absent, null or empty."""
        if self._settings.optional_members == "null":
            for name in _NULLABLE:
                shown.setdefault(name, None)
        elif self._settings.optional_members == "empty":
            for name, value in _EMPTY.items():
                shown.setdefault(name, value)

    def _thin_out_list_item(self, shown: Values) -> None:
        if self._kind != "list":
            return
        if self._settings.list_items == "no_policies":
            for name in ("ikepolicy", "ipsecpolicy", "policy_rules", "policy_rules_v6"):
                shown.pop(name, None)
        if self._settings.list_ha_role == "absent":
            del shown["ha_role"]


def _masked(text: str) -> str:
    """An address, masked like those in the vendor's published examples; any other text unchanged."""
    parts = text.split(".")
    if len(parts) == 4 and all(part.isdigit() for part in parts):
        return f"{parts[0]}.***.***.{parts[3]}"
    return text
