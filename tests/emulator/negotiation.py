# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""When configured values take effect in the tunnel.

API contract, section 10: Pre-shared key. With IKEv1, key and IDs take effect at the next negotiation; with IKEv2, only
when the connection is re-established. IKE algorithms, group and lifetime take effect at the next phase 1, those of
IPsec at the next phase 2, and everything else immediately.
"""

from __future__ import annotations

import copy
import typing as t

IDENTITY = ("local_id_type", "local_id", "peer_id_type", "peer_id")
AT_ONCE = ("ike_version", "dpd")

Values = dict[str, t.Any]


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
