# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The switches: one for each point that the contract leaves open, or on which its sources differ.

The default is the documented or the stricter behavior. The source of a switch is the place in the contract that raises
the question: "7 Normalisation" is section 7 of the part on behavior; "unknown" and "disagreements" are lists in its
overview.
"""

from __future__ import annotations

import typing as t

from .family_switches import FAMILY
from .identity_switches import IDENTITY
from .switch import ACCEPT as _ACCEPT
from .switch import Switch

_VALUE = ("clears", "ignored", "refused")

_CONNECTIONS: dict[str, Switch] = {
    # time and states
    "dwell": Switch("number", 0.05, "3 Asynchronous operations", "seconds that each PENDING_* state lasts"),
    "dwell_create": Switch("dwell", None, "3 Asynchronous operations", "seconds in PENDING_CREATE"),
    "dwell_update": Switch("dwell", None, "3 Asynchronous operations", "seconds in PENDING_UPDATE after a PUT"),
    "dwell_delete": Switch("dwell", None, "3 Asynchronous operations", "seconds in PENDING_DELETE"),
    "dwell_reset": Switch("dwell", None, "2 Status and state machine", "seconds that a reset takes"),
    "resting_status": Switch(
        ("DOWN", "ACTIVE"), "DOWN", "2 Status and state machine", "status of a new connection once it is settled"
    ),
    "update_status": Switch(
        ("PENDING_UPDATE", "PENDING_DELETE", "PENDING_CREATE"),
        "PENDING_UPDATE",
        "3 Asynchronous operations",
        "status shown during a PUT (a server may rebuild the connection)",
    ),
    "reset_pending": Switch(
        "bool", True, "2 Status and state machine", "whether a reset passes through PENDING_UPDATE"
    ),
    "reset_down": Switch(
        "number",
        0,
        "2 Status and state machine",
        "seconds that a tunnel is DOWN after a reset, before it is ACTIVE again",
    ),
    "reset_renegotiates": Switch(
        "bool", True, "10 Pre-shared key", "whether a new IKEv2 key and IDs take effect at a reset"
    ),
    "version_change_renegotiates": Switch(
        "bool", False, "10 Pre-shared key", "whether a change of ike_version re-establishes the tunnel with key and IDs"
    ),
    "update_in_error": Switch(_ACCEPT, "accepted", "2 Status and state machine", "PUT and reset in ERROR or UNKNOWN"),
    "delete_in_error": Switch(_ACCEPT, "accepted", "2 Status and state machine", "DELETE in ERROR or UNKNOWN"),
    "delete_in_pending": Switch(
        _ACCEPT, "refused", "2 Status and state machine", "DELETE in PENDING_CREATE or PENDING_UPDATE"
    ),
    "gateway_busy": Switch(
        ("off", "VPN.0016", "VPN.0017", "VPN.0507", "VPN.0003"),
        "off",
        "3 Asynchronous operations",
        "code for a write while another connection of the same gateway is pending (0003: only its text says so)",
    ),
    # eventual consistency
    "lag": Switch("number", 0, "13 Eventual consistency", "seconds after a write before the status turns PENDING_*"),
    "stale_reads": Switch(
        "count", 0, "13 Eventual consistency", "reads after a write that still show the state before it"
    ),
    "stale_seconds": Switch(
        "number", 0, "13 Eventual consistency", "seconds after a write during which reads are stale"
    ),
    "stale_scope": Switch(("both", "show", "list"), "both", "13 Eventual consistency", "which reads are stale"),
    "transient_404_reads": Switch("count", 0, "3 Asynchronous operations", "show calls after a PUT that answer 404"),
    "tags_delay": Switch(
        "number",
        0,
        "13 Eventual consistency",
        "seconds before changes by the tag operations appear in the answers for the resource",
    ),
    # order and form of answers
    "list_order": Switch(("newest_first", "oldest_first", "shuffled"), "newest_first", "11 Paging", "order of lists"),
    "answer_lists": Switch(
        ("kept", "sorted", "reversed"),
        "kept",
        "7 Normalisation",
        "order of subnets, rules, destinations and tags in answers",
    ),
    "host_bits": Switch(("kept", "rewritten"), "kept", "7 Normalisation", "whether CIDRs lose their host bits"),
    "rules_form": Switch(
        ("kept", "split", "merged"),
        "kept",
        "7 Normalisation",
        "policy rules as given, one per destination with rule_index, or merged by source",
    ),
    "rule_index": Switch(
        ("create", "never", "always"), "create", "4 Members returned only sometimes", "answers that carry rule_index"
    ),
    "optional_members": Switch(
        ("absent", "null", "empty"), "absent", "4 Members returned only sometimes", "members that do not apply"
    ),
    "empty_tags": Switch(
        ("absent", "list", "null"), "absent", "4 Members returned only sometimes", "tags of a resource without tags"
    ),
    "ids": Switch(
        ("filled", "masked", "absent"),
        "filled",
        "5 Filled in by the server",
        "local_id and peer_id: filled in, with asterisks as in the published examples, or left out",
    ),
    "id_types": Switch(
        ("present", "absent"), "present", "4 Members returned only sometimes", "local_id_type and peer_id_type"
    ),
    "style_case": Switch(("upper", "lower"), "upper", "7 Normalisation", "letter case of style in answers"),
    "numbers": Switch(
        ("numbers", "strings"),
        "numbers",
        "12 Errors, throttling, retry (parse leniently)",
        "whether answers contain numbers as strings",
    ),
    "old_members": Switch(
        ("absent", "present"), "absent", "4 Members returned only sometimes", "eip_id, type and route_mode in answers"
    ),
    "bgp_peer": Switch(
        ("absent", "present"),
        "absent",
        "4 Members returned only sometimes",
        "bgp_peer in show and list of BGP connections",
    ),
    "er_peer_subnets": Switch(
        ("absent", "present"),
        "absent",
        "4 Members returned only sometimes",
        "peer_subnets of BGP and POLICY connections of an enterprise router gateway",
    ),
    "list_items": Switch(
        ("full", "no_policies"),
        "full",
        "4 Members returned only sometimes",
        "whether list items carry ikepolicy, ipsecpolicy and policy_rules",
    ),
    "list_ha_role": Switch(("present", "absent"), "present", "4 Members returned only sometimes", "ha_role in lists"),
    "updated_at": Switch(("moves", "unchanged"), "moves", "7 Normalisation", "whether a change moves updated_at"),
    "fraction_digits": Switch((1, 2, 3, 4, 5, 6, 7, 8, 9), 3, "7 Normalisation", "fraction digits of new time stamps"),
    "error_shape": Switch(
        ("vpn", "code_message", "nested", "camel"),
        "vpn",
        "12 Errors, throttling, retry",
        "body of errors of the VPN service",
    ),
    "iam_error_shape": Switch(
        ("nested", "flat"), "nested", "authentication 3 Token authentication", "body of errors of the identity service"
    ),
    "request_id": Switch(
        ("both", "body", "header", "absent"),
        "both",
        "12 Errors, throttling, retry",
        "place of the request id: body, X-Request-Id header",
    ),
    "psk_in_errors": Switch("bool", False, "10 Pre-shared key", "whether the text of a refusal repeats a bad psk"),
    "psk_in_export": Switch("bool", True, "10 Pre-shared key", "whether the exported peer configuration shows the psk"),
    "devices_form": Switch(
        ("type_model", "platform"),
        "type_model",
        "disagreements: supported-devices item",
        "members of a supported device",
    ),
    # paging
    "page_cap": Switch(
        "count", 0, "11 Paging", "maximum number of items per page, whatever the limit in the request (0: no cap)"
    ),
    "total_count": Switch(("tenant", "filter"), "tenant", "11 Paging", "what total_count counts"),
    "last_marker": Switch(("present", "absent", "null"), "present", "11 Paging", "next_marker on the last page"),
    "page_border": Switch(
        ("after", "at"), "after", "11 Paging", "whether a page starts after the item of its marker, or with it"
    ),
    "limit_zero": Switch(("empty", "default", "refused"), "empty", "11 Paging", "answer to limit=0"),
    "unknown_query": Switch(
        ("refused", "ignored"), "refused", "unknown: unlisted members", "unlisted query parameters"
    ),
    "sdk_only_filters": Switch(
        ("ignored", "honoured"),
        "ignored",
        "disagreements: list filters",
        "filters that only the SDK has: vpn_id, eip_id, cgw_id, vgw_id of gateways",
    ),
    "name_match": Switch(
        ("exact", "partial"), "exact", "1 Identity and lookup", "match of resource_name in the filter"
    ),
    # what PUT and POST accept
    "unlisted_members": Switch(
        ("refused", "ignored"),
        "refused",
        "8 PUT: merge rules",
        "members that the operation does not list: VPN.0013, or dropped",
    ),
    "null_on_put": Switch(_VALUE, "refused", "8 PUT: merge rules", "a member given as null"),
    "empty_list_on_put": Switch(_VALUE, "refused", "8 PUT: merge rules", "a member given as an empty list"),
    "empty_string_on_put": Switch(_VALUE, "refused", "8 PUT: merge rules", "a member given as an empty string"),
    "empty_update": Switch(_ACCEPT, "refused", "8 PUT: merge rules", "PUT of an empty object"),
    "dropped_members": Switch("paths", [], "8 PUT: merge rules", "members whose new values PUT silently drops"),
    "dropped_echo": Switch(
        ("old", "new"),
        "old",
        "8 PUT: merge rules",
        "what the PUT answer shows for dropped members; reads show the old value",
    ),
    "enable_nqa_on_put": Switch(
        ("refused", "ignored", "applied"),
        "refused",
        "disagreements: enable_nqa on PUT",
        "enable_nqa in PUT (style static; always refused for others unless ignored)",
    ),
    "enable_nqa_off_static": Switch(
        ("refused", "ignored"),
        "refused",
        "6 Which options go with which",
        "enable_nqa, even false, when style is not static",
    ),
    "enable_hub_off_bgp": Switch(
        ("refused", "ignored"),
        "refused",
        "6 Which options go with which",
        "enable_hub, even false, when style is not bgp",
    ),
    "phase1_mode_under_v2": Switch(
        ("ignored", "refused"), "ignored", "6 Which options go with which", "phase1_negotiation_mode with IKEv2"
    ),
    "gcm_under_v1": Switch(_ACCEPT, "refused", "6 Which options go with which", "GCM ciphers in an IKEv1 policy"),
    "ip_ids_on_put": Switch(_ACCEPT, "accepted", "9 IDs on update", "an ID in PUT whose type is ip"),
    "fqdn_ids": Switch(_ACCEPT, "accepted", "disagreements: FQDN IDs", "ID type fqdn"),
    "enum_values": Switch(
        ("documented", "wider"),
        "documented",
        "disagreements: ciphers, policy-template, peer_id_type",
        "whether values that only some sources list are accepted",
    ),
    "ipsec_lifetime_minimum": Switch((30, 60), 30, "disagreements: IPsec lifetime minimum", "seconds"),
    "name_characters": Switch(("ascii", "chinese"), "ascii", "16 Clouds", "letters allowed in names"),
    "reserved_subnets": Switch(
        _ACCEPT,
        "refused",
        "disagreements: reserved customer subnets",
        "100.64.0.0/10 and 214.0.0.0/8 as customer subnets",
    ),
    "overlapping_rules": Switch(_ACCEPT, "refused", "6 Which options go with which", "policy rules that overlap"),
    "psk_on_create": Switch(("optional", "required"), "optional", "disagreements: psk", "create without psk"),
    "duplicate_pair": Switch(
        ("refused", "accepted"),
        "refused",
        "1 Identity and lookup",
        "a second connection with the same vgw_ip and cgw_id",
    ),
    "duplicate_pair_code": Switch(
        ("VPN.0001", "VPN.0012", "VPN.0031"), "VPN.0001", "1 Identity and lookup", "code of that refusal"
    ),
    "duplicate_names": Switch(
        _ACCEPT, "accepted", "1 Identity and lookup", "a second resource of the same kind and name"
    ),
    "batch_atomic": Switch("bool", True, "3 Asynchronous operations", "whether a batch create is all or nothing"),
    "connection_quota": Switch("count", 5000, "14 Quotas", "maximum number of connections in the project"),
    "quota_code": Switch(("VPN.0001", "VPN.0007", "VPN.0013"), "VPN.0001", "14 Quotas", "code for an exceeded quota"),
    # tags
    "tags_create": Switch(("overwrites", "refuses"), "overwrites", "15 Tags", "tags/create with an existing key"),
    "tags_delete_value": Switch(("ignored", "must_match"), "ignored", "15 Tags", "the value in tags/delete"),
    "tag_characters": Switch(("latin", "chinese"), "latin", "15 Tags", "letters allowed in tags"),
    # the API gateway
    "latency": Switch("number", 0, "12 Errors, throttling, retry", "milliseconds before each answer"),
    "rate_limit": Switch("count", 0, "12 Errors, throttling, retry", "requests per second (0: no limit)"),
    "rate_limit_code": Switch(
        ("APIGW.0308", "VPN.0429"), "APIGW.0308", "12 Errors, throttling, retry", "code of the refusal"
    ),
    "rate_limit_retry_after": Switch(
        ("seconds", "date", "absent"), "seconds", "12 Errors, throttling, retry", "Retry-After of the refusal"
    ),
    "token_lifetime": Switch("number", 86400, "authentication 3 Token authentication", "seconds a new token is valid"),
    "expired_token_code": Switch(
        ("APIGW.0301", "VPN.0010"), "APIGW.0301", "authentication 3 Token authentication", "code for an expired token"
    ),
}

SWITCHES: dict[str, Switch] = {**_CONNECTIONS, **FAMILY, **IDENTITY}

# Another name of the same table.
PERSONALITIES = SWITCHES


class Settings:
    """The values of all switches, as attributes."""

    def __init__(self, values: dict[str, t.Any] | None = None) -> None:
        self._values = {name: switch.default for name, switch in SWITCHES.items()}
        self.version = 0
        self.update(values or {})

    def __getattr__(self, name: str) -> t.Any:
        try:
            return self.__dict__["_values"][name]
        except KeyError:
            raise AttributeError(name) from None

    def update(self, values: dict[str, t.Any]) -> None:
        """Set switches: all, or none and ValueError if a name is unknown or a value is not allowed."""
        checked = check_values(values)
        self._values.update(checked)
        self.version += 1

    def reset(self, initial: dict[str, t.Any]) -> None:
        """Restore the defaults, except for the given values."""
        self._values = {name: switch.default for name, switch in SWITCHES.items()}
        self.update(initial)

    def overlay(self, values: dict[str, t.Any]) -> Settings:
        """A copy with other values, for one request."""
        copy = Settings(self._values)
        copy.update(values)
        copy.version = -1
        return copy

    def as_dict(self) -> dict[str, t.Any]:
        """All values by name."""
        return dict(self._values)

    def seconds(self, kind: str) -> float:
        """The duration of a pending state of a kind (create, update, delete, reset)."""
        own: float | None = self._values[f"dwell_{kind}"]
        general: float = self._values["dwell"]
        return general if own is None else own


def check_values(values: dict[str, t.Any]) -> dict[str, t.Any]:
    """The checked values. ValueError names the switch that is unknown or has a value that is not allowed."""
    checked = {}
    for name, value in values.items():
        if name not in SWITCHES:
            raise ValueError(f"unknown switch {name}")
        try:
            checked[name] = SWITCHES[name].check(value)
        except ValueError as error:
            raise ValueError(f"switch {name}: {error}") from None
    return checked


def table() -> str:
    """The registry as text, one switch in three lines."""
    lines = []
    for name, switch in SWITCHES.items():
        lines += [
            f"{name} = {switch.default}",
            f"    {switch.text}",
            f"    values: {switch.describe()}; source: {switch.source}",
        ]
    return "\n".join(lines)
