# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Availability zones, as V5 and V5.1 list them. Family contract, section 2.7: Availability zones."""

from __future__ import annotations

import typing as t

from .calls import Answer, Call, operation
from .errors import ApiError

NAMES = ("az-1", "az-2", "az-3")
# (flavor, attachment type, IP version): the number of zones that offer it.
_AVAILABLE = {
    ("Basic", "vpc", "ipv4"): 1,
    ("Professional1", "vpc", "ipv4"): 3,
    ("Professional1", "er", "ipv4"): 2,
    ("Professional2", "vpc", "ipv4"): 3,
    ("Professional2", "er", "ipv4"): 2,
    ("Professional2", "vpc", "ipv6"): 2,
    ("Professional1-NonFixedIP", "vpc", "ipv4"): 2,
    ("Professional2-NonFixedIP", "vpc", "ipv4"): 0,
    ("GM", "vpc", "ipv4"): 1,
}
_V5_KEYS = {flavor: flavor if "-" in flavor else flavor.lower() for flavor, _attachment, _version in _AVAILABLE}


def fitting(flavor: str, attachment: str, ip_version: str) -> tuple[str, ...]:
    """The zones that offer a flavor for an attachment type and an IP version."""
    return NAMES[: _AVAILABLE.get((flavor, attachment, ip_version), 0)]


@operation("listGatewayAvailabilityZones")
def list_zones(call: Call) -> Answer:
    """IPv4 only. The keys are flavors, some of them in lower case."""
    found: dict[str, dict[str, t.Any]] = {}
    for flavor, key in _V5_KEYS.items():
        lists = {attachment: list(fitting(flavor, attachment, "ipv4")) for attachment in ("vpc", "er")}
        if call.settings.zones_thin:
            lists = {attachment: zones for attachment, zones in lists.items() if zones}
        if lists:
            found[key] = lists
    return Answer(200, {"availability_zones": found})


@operation("listExtendedAvailabilityZones")
def list_extended_zones(call: Call) -> Answer:
    """Flavors are spelled as in create requests. Not all clouds have this operation."""
    if call.settings.zones_v51 == "absent":
        raise ApiError("APIGW.0101")
    return Answer(
        200,
        {
            "availability_zones": [
                {
                    "name": name,
                    "public_border_group": "center",
                    "available_specs": [
                        {"flavor": flavor, "attachment_type": attachment, "ip_version": version}
                        for (flavor, attachment, version), number in _AVAILABLE.items()
                        if position < number
                    ],
                }
                for position, name in enumerate(NAMES)
            ]
        },
    )
