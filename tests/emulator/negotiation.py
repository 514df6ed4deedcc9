# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""When configured values take effect in the tunnel.

API contract, section 10: Pre-shared key. With IKEv1, key and IDs take effect at the next negotiation; with IKEv2, only
when the connection is re-established. IKE algorithms, group and lifetime take effect at the next phase 1, those of
IPsec at the next phase 2, and everything else immediately.

Why a negotiation fails: the diagnosis contract, sections 1 and 2.
"""

from __future__ import annotations

import copy
import typing as t

IDENTITY = ("local_id_type", "local_id", "peer_id_type", "peer_id")
AT_ONCE = ("ike_version", "dpd")

Values = dict[str, t.Any]

# The settings that have to be equal at both ends, in the order in which they are negotiated, and the keyword of the log
# for a difference.
_COMPARED = (
    ("version mismatch", "ikepolicy", ("ike_version",)),
    (
        "phase1 proposal mismatch",
        "ikepolicy",
        ("encryption_algorithm", "authentication_algorithm", "dh_group", "authentication_method"),
    ),
    ("exchange mode mismatch", "ikepolicy", ("phase1_negotiation_mode",)),
    ("config ID mismatch", "ikepolicy", ("local_id_type", "local_id", "peer_id_type", "peer_id")),
    ("authentication fail", "", ("psk",)),
    (
        "phase2 proposal or pfs mismatch",
        "ipsecpolicy",
        ("encryption_algorithm", "authentication_algorithm", "pfs", "transform_protocol"),
    ),
    ("flow mismatch", "", ("peer_subnets", "peer_subnets_v6", "policy_rules", "policy_rules_v6")),
)


def changed_at_once(negotiated: Values, configured: Values) -> Values:
    """The negotiated values immediately after a change of the configuration."""
    result = {name: value for name, value in configured.items() if name not in ("ikepolicy", "ipsecpolicy", "psk")}
    policy = dict(negotiated["ikepolicy"])
    for leaf in AT_ONCE:
        policy[leaf] = configured["ikepolicy"][leaf]
    result.update(ikepolicy=policy, ipsecpolicy=negotiated["ipsecpolicy"], psk=negotiated.get("psk"))
    return copy.deepcopy(result)


def rekeyed(negotiated: Values, configured: Values, phase: int) -> Values:
    """The negotiated values after the tunnel has renewed the keys of a phase (1 or 2) at the end of their lifetime."""
    result = copy.deepcopy(negotiated)
    if phase == 2:
        result["ipsecpolicy"] = copy.deepcopy(configured["ipsecpolicy"])
        return result
    version_1 = configured["ikepolicy"]["ike_version"] == "v1"
    for leaf in set(result["ikepolicy"]) | set(configured["ikepolicy"]):
        if version_1 or leaf not in IDENTITY:
            result["ikepolicy"][leaf] = copy.deepcopy(configured["ikepolicy"].get(leaf))
    if version_1:
        result["psk"] = configured.get("psk")
    return result


def rebuilt(configured: Values) -> Values:
    """The negotiated values after the tunnel has been re-established."""
    return copy.deepcopy(configured)


def failure(cloud: Values, device: Values) -> str | None:
    """Why the two ends cannot negotiate: the keyword of the log; None if they can.

    cloud, device: the settings of the two ends, in the cloud's words; the device's are those that it mirrors.
    """
    for keyword, policy, leaves in _COMPARED:
        ends = [end.get(policy, {}) if policy else end for end in (cloud, device)]
        main_mode_only = keyword == "exchange mode mismatch" and cloud["ikepolicy"]["ike_version"] != "v1"
        if not main_mode_only and any(ends[0].get(leaf) != ends[1].get(leaf) for leaf in leaves):
            return keyword
    return None
