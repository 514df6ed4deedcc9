# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A task converges: it says what it does, does it once, and has nothing left to do. Tried with every changeable member."""

from __future__ import annotations

from ansible_collections.huaweicloud.vpn.plugins.module_utils._resources.connection import CONNECTION
from ansible_collections.huaweicloud.vpn.tests.unit.harness.support import run_task

SAME = ("changed", "action", "changes", "diff", "plan_id", "psk_updated", "reset_required")
NETS = ["192.168.1.0/24", "192.168.2.0/24"]
RULE = {"source": "10.0.0.0/24", "destination": NETS}
V6 = ["2001:db8:1::/64", "2001:db8:2::/64"]
RULE_V6 = {"source": "2001:db8::/64", "destination": V6}
OTHER_GATEWAY = "5247ae10-1111-4222-8333-dd36659a7f5d"

# (path, style, found, wanted)
MEMBERS = [
    ("name", "policy", {"name": "one"}, {"name": "two"}),
    ("cgw_id", "policy", {}, {"cgw_id": OTHER_GATEWAY}),
    ("peer_subnets", "static", {"peer_subnets": NETS[:1]}, {"peer_subnets": ["192.168.7.0/24"]}),
    ("peer_subnets, one added", "static", {"peer_subnets": NETS[:1]}, {"peer_subnets": NETS}),
    ("peer_subnets, one removed", "static", {"peer_subnets": NETS}, {"peer_subnets": NETS[1:]}),
    ("peer_subnets_v6", "static", {"peer_subnets_v6": V6[:1]}, {"peer_subnets_v6": V6[1:]}),
    ("peer_subnets_v6, one added", "static", {"peer_subnets_v6": V6[:1]}, {"peer_subnets_v6": V6}),
    ("peer_subnets_v6, one removed", "static", {"peer_subnets_v6": V6}, {"peer_subnets_v6": V6[1:]}),
    (
        "both tunnel addresses",
        "static",
        {},
        {"tunnel_local_address": "169.254.90.1/30", "tunnel_peer_address": "169.254.90.2/30"},
    ),
    ("enable_hub, on", "bgp", {"enable_hub": False}, {"enable_hub": True}),
    ("enable_hub, off", "bgp", {"enable_hub": True}, {"enable_hub": False}),
    ("policy_rules", "policy", {"policy_rules": [RULE]}, {"policy_rules": [dict(RULE, source="10.1.0.0/24")]}),
    (
        "policy_rules, one added",
        "policy",
        {"policy_rules": [RULE]},
        {"policy_rules": [RULE, {"source": "10.1.0.0/24", "destination": NETS[:1]}]},
    ),
    (
        "policy_rules, one removed",
        "policy",
        {"policy_rules": [RULE, {"source": "10.1.0.0/24", "destination": NETS[:1]}]},
        {"policy_rules": [RULE]},
    ),
    (
        "policy_rules, a destination added",
        "policy",
        {"policy_rules": [dict(RULE, destination=NETS[:1])]},
        {"policy_rules": [RULE]},
    ),
    (
        "policy_rules, a destination removed",
        "policy",
        {"policy_rules": [RULE]},
        {"policy_rules": [dict(RULE, destination=NETS[:1])]},
    ),
    (
        "policy_rules_v6",
        "policy",
        {"policy_rules_v6": [RULE_V6]},
        {"policy_rules_v6": [dict(RULE_V6, destination=V6[1:])]},
    ),
    ("ikepolicy.ike_version", "policy", {}, {"ikepolicy": {"ike_version": "v1"}}),
    (
        "ikepolicy.phase1_negotiation_mode",
        "policy",
        {"ikepolicy": {"ike_version": "v1"}},
        {"ikepolicy": {"phase1_negotiation_mode": "aggressive"}},
    ),
    ("ikepolicy.authentication_algorithm", "policy", {}, {"ikepolicy": {"authentication_algorithm": "sha2-512"}}),
    ("ikepolicy.encryption_algorithm", "policy", {}, {"ikepolicy": {"encryption_algorithm": "aes-256"}}),
    ("ikepolicy.dh_group", "policy", {}, {"ikepolicy": {"dh_group": "group20"}}),
    ("ikepolicy.lifetime_seconds", "policy", {}, {"ikepolicy": {"lifetime_seconds": 3600}}),
    ("ikepolicy.local_id", "policy", {}, {"ikepolicy": {"local_id": "203.0.113.77"}}),
    ("ikepolicy.local_id_type", "policy", {}, {"ikepolicy": {"local_id_type": "fqdn", "local_id": "gw.example.com"}}),
    ("ikepolicy.peer_id", "policy", {}, {"ikepolicy": {"peer_id": "203.0.113.78"}}),
    ("ikepolicy.peer_id_type", "policy", {}, {"ikepolicy": {"peer_id_type": "fqdn", "peer_id": "Branch.example.com"}}),
    ("ikepolicy.dpd.timeout", "policy", {}, {"ikepolicy": {"dpd": {"timeout": 20}}}),
    ("ikepolicy.dpd.interval", "policy", {}, {"ikepolicy": {"dpd": {"interval": 60}}}),
    ("ikepolicy.dpd.msg", "policy", {}, {"ikepolicy": {"dpd": {"msg": "seq-notify-hash"}}}),
    ("ipsecpolicy.authentication_algorithm", "policy", {}, {"ipsecpolicy": {"authentication_algorithm": "sha2-512"}}),
    ("ipsecpolicy.encryption_algorithm", "policy", {}, {"ipsecpolicy": {"encryption_algorithm": "aes-256"}}),
    ("ipsecpolicy.pfs", "policy", {}, {"ipsecpolicy": {"pfs": "disable"}}),
    ("ipsecpolicy.lifetime_seconds", "policy", {}, {"ipsecpolicy": {"lifetime_seconds": 30}}),
]


def assert_converges(cloud, arguments, changes=True):
    """Dry run, run, run again, dry run again: one truth, written once. Return the result of the run."""
    cloud.clear_journal()
    dry = run_task(cloud, arguments, check_mode=True)
    assert cloud.writes() == []
    real = run_task(cloud, arguments)
    writes = cloud.writes()
    assert {key: dry[key] for key in SAME} == {key: real[key] for key in SAME}
    assert dry.get("request_body") == real.get("request_body")
    assert real["changed"] == changes == bool(writes) == (real["diff"]["before"] != real["diff"]["after"])
    assert set(dry) == set(real)
    derived = {path for change in real["changes"] for path in DERIVED.get(change["path"], ())}
    assert configuration(dry, derived) == configuration(real, derived)
    cloud.clear_journal()
    again, dry_again = run_task(cloud, arguments), run_task(cloud, arguments, check_mode=True)
    assert (again["changed"], again["changes"], dry_again["changed"], dry_again["changes"]) == (False, [], False, [])
    assert again["diff"]["before"] == again["diff"]["after"]
    assert cloud.writes() == []
    assert again["vpn_connection"] == dry_again["vpn_connection"] == real["vpn_connection"]
    return real


# What the cloud derives from another member by itself (API contract, sections 4 and 5); no plan can know it.
DERIVED = {"cgw_id": ["ikepolicy.peer_id"], "ikepolicy.ike_version": ["ikepolicy.phase1_negotiation_mode"]}


def configuration(result, derived):
    form = CONNECTION.normalize(result["vpn_connection"] or {})
    return {path: value for path, value in form.items() if path not in derived and value is not False}
