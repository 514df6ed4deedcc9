# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Why a tunnel is down: lines of the log, findings, posture."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.huaweicloud.vpn.plugins.module_utils._diagnosis.findings import Observed, diagnose
from ansible_collections.huaweicloud.vpn.plugins.module_utils._diagnosis.lines import (
    MAX_LINE,
    cause_of,
    find_cause,
    read_log,
    timestamp,
)
from ansible_collections.huaweicloud.vpn.plugins.module_utils._diagnosis.posture import assess, survey
from ansible_collections.huaweicloud.vpn.plugins.module_utils._errors import InvalidInput
from ansible_collections.huaweicloud.vpn.plugins.module_utils._resources.connection import CONNECTION
from ansible_collections.huaweicloud.vpn.plugins.module_utils._resources.gateway import GATEWAY
from ansible_collections.huaweicloud.vpn.plugins.module_utils._work import info
from ansible_collections.huaweicloud.vpn.tests.unit.harness.clocks import CloudClock
from ansible_collections.huaweicloud.vpn.tests.unit.harness.support import access, only_together

LOG = CONNECTION.log.log
TABLE = CONNECTION.diagnosis
# The vendor's list on the page "Not connected", copied from there and not from the table.
PUBLISHED = """
phase1 proposal mismatch; phase2 proposal or pfs mismatch; responder dh mismatch; initiator dh mismatch
encapsulation mode mismatch; version mismatch; unsupported version; exchange mode mismatch; unknown exchange type
proposal mismatch or use sm in ikev2; ikev2 not support sm in ipsec proposal; ikev2 not support sm in ipsec proposal ikev2
flow mismatch; flow confict; netmask mismatch; peer address mismatch; local address mismatch; config ID mismatch
construct local ID fail; authentication fail; peer cert is expired; peer cert is revoked by CRL; nat detection fail
max transmit reached; fragment packet limit; fragment packet reassemble timeout; first packet limited; route limit
ipsec tunnel number reaches limitation; dynamic peers number reaches limitation; license or specification limited
malformed message; malformed payload; critical drop; uncritical drop; cookie mismatch; invalid cookie; invalid length
short packet; rekey no find old sa; rekey fail; no policy applied on interface; sa with same user exists
ip assigned fail; eap authentication fail; eap authentication timeout; xauth authentication fail
xauth authentication timeout; dpd timeout; peer request; config modify or manual offline; manual offline
reset sa by ike user; phase1 hard expiry; phase2 hard expiry; phase1 sa replace; phase2 sa replace
kick old sa with same flow; flow overlap; peer address switch; hard expiry triggered by port mismatch; exchange timeout
heartbeat timeout; receive invalid spi notify; spi conflict; ikev1 phase1-phase2 sa dependent offline; re-auth timeout
dns resolution status change; admin down; forward down; cpu table updated; hash gene adjusted; ip address syn failed
receive backup delete info; nhrp notify; aaa cut user; eap delete old sa
"""
# The device references know these, too.
OF_DEVICES = """
phase1 proposal encryption algorithm mismatch; phase1 proposal authentication algorithm mismatch
phase1 proposal authentication method mismatch; phase1 proposal dh mismatch; phase1 proposal integrity algorithm mismatch
form cert payload fail; no valid local cert; none of user's interface is selected; in disconnect state; role mismatch
modecfg address soft expiry; disconnect track nqa; disconnect track bfd; disconnect track vrrp
flow or peer mismatch; flow conflict
"""
KEYWORDS = [
    word.strip() for text in (PUBLISHED, OF_DEVICES) for word in text.replace("\n", ";").split(";") if word.strip()
]
FORMS = {
    "published": (
        "2024-12-24T07:08:32.730275+00:00 host-xx ipsec_ike[30085]: [addr] IPSec tunnel negotiation fails. (IfIndex=[207], "
        "PolicyName=[], SeqNum=[0], PeerAddress=[addr], PeerPort=[500], Reason=[%s])"
    ),
    "torn down": "IPSec tunnel is torn down. (SrcIP=[a], DstIP=[b], InboundSPI=[1], OfflineReason=[%s], State=[Normal])",
    "deleted": "IPSec tunnel is deleted. (OfflineReason=[%s])",
    "with a code": "negotiation fails. (ReasonCode=[5], Reason=[ %s ])",
}
UP = "IPSec tunnel is established. (Role=[Initiator])"
NOW = 1735024112 + 3600


def up(when=1735024112, text=UP):
    return {"time": when, "raw_message": text}


def line(cause, when=1735024112, form="published"):
    return {"time": when, "raw_message": FORMS[form] % cause}


def findings(entries, status="DOWN", associations=(), later=None, paired=False, **members):
    log = None if entries is None else read_log(LOG, entries, TABLE.success)
    return diagnose(TABLE, Observed(members, status, status == "ACTIVE", log, associations, later, 10, paired, NOW))


def causes(*arguments, **members):
    return [finding["cause"] for finding in findings(*arguments, **members)]


# -- every keyword, in every form -------------------------------------------------------------------------------------


def test_the_list_has_all_published_keywords():
    """76 of them; one is printed in two forms."""
    words = [word.strip() for word in PUBLISHED.replace("\n", ";").split(";") if word.strip()]
    assert len(words) == 77
    assert len({find_cause(TABLE.causes, word).keywords[0] for word in words}) == 76
    assert len(set(KEYWORDS)) == len(KEYWORDS)


@pytest.mark.parametrize("form", sorted(FORMS))
@pytest.mark.parametrize(
    "change", [str, str.upper, lambda word: "  %s " % word.replace(" ", "  ")], ids=["", "upper", "spaced"]
)
@pytest.mark.parametrize("word", KEYWORDS)
def test_each_keyword_comes_out_with_its_meaning(word, change, form):
    (finding,) = findings([line(change(word), form=form)])
    row = next(row for row in TABLE.causes if word in row.keywords)
    assert (finding["cause"], finding["meaning"], finding["kind"]) == (row.keywords[0], row.meaning, row.kind)
    assert finding["where"] in ("cloud", "device", "both") and finding["meaning"]
    assert finding["last_seen"] == "2024-12-24T07:08:32Z"


def test_no_two_rows_have_a_keyword_in_common():
    for row in TABLE.causes:
        assert [find_cause([other], word) for other in TABLE.causes if other is not row for word in row.keywords] == [
            None
        ] * (len(row.keywords) * (len(TABLE.causes) - 1))


def test_what_the_vendor_does_not_publish_is_a_suggestion():
    assert findings([line("spi conflict")])[0]["check"].startswith("Suggestion: ")
    assert findings([line("version mismatch")])[0]["check"].startswith("make ikepolicy.ike_version equal")


def test_an_unknown_keyword_comes_through_as_it_is():
    (finding,) = findings([line("Quantum DECAY")])
    assert (finding["cause"], finding["kind"]) == ("Quantum DECAY", "unknown")


# -- judging a log ----------------------------------------------------------------------------------------------------


def test_repeats_are_one_finding_with_count_and_newest_time():
    (finding,) = findings([line("version mismatch", 1735024112 + number) for number in (3, 1, 2)])
    assert (finding["count"], finding["last_seen"]) == (3, "2024-12-24T07:08:35Z")


def test_the_newest_is_the_likeliest_but_what_needs_no_repair_comes_last():
    log = [line("authentication fail", 1), line("version mismatch", 2), line("manual offline", 3)]
    assert causes(log) == ["version mismatch", "authentication fail", "manual offline"]


def test_a_success_makes_earlier_failures_history():
    up = {"time": 5, "raw_message": UP}
    assert findings([line("version mismatch", 4), up], "ACTIVE") == []
    assert causes([line("version mismatch", 4), up, line("dpd timeout", 6)], "DOWN") == ["dpd timeout"]


def test_a_success_is_told_by_the_line_itself():
    for text in ("tunnel is not up (X=[established])", "peer gw-established fails. (X=[1])", "x (y established)"):
        assert causes([line("version mismatch", 1), {"time": 2, "raw_message": text}]) == ["version mismatch"]


def test_an_up_tunnel_has_no_findings_where_lines_need_no_repair():
    assert findings([line("phase1 sa replace")], "ACTIVE") == []
    assert causes([line("phase2 proposal or pfs mismatch")], "ACTIVE") == ["phase2 proposal or pfs mismatch"]


@pytest.mark.parametrize("when", [1735024112, "1735024112", 1735024112000])
def test_times_in_seconds_and_milliseconds(when):
    assert findings([line("version mismatch", when)])[0]["last_seen"] == "2024-12-24T07:08:32Z"


@pytest.mark.parametrize("when", [None, "x", float("nan"), float("inf"), -1, 1e300, [], True])
def test_odd_times_are_no_times(when):
    assert findings([line("version mismatch", when)])[0]["last_seen"] in (None, "1970-01-01T00:00:01Z")


# -- hostile text -----------------------------------------------------------------------------------------------------


@given(st.text(), st.text())
def test_any_text_is_read(before, cause):
    for text in (before, before + "(Reason=[" + cause + "])", (before + "(") * 50):
        for finding in findings([{"time": 1, "raw_message": text}]):
            assert all(letter.isprintable() for letter in finding["cause"] + finding["evidence"])
            assert len(finding["evidence"]) <= MAX_LINE + len("status DOWN, newest line: ")


def test_halves_of_characters_are_not_shown():
    """JSON may hold them, and no file and no terminal takes them."""
    (finding,) = findings([{"time": 1, "raw_message": "a \ud800 (Reason=[b \udfff])"}])
    assert (finding["cause"], finding["evidence"]) == ("b", "a (Reason=[b ])")


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(["time", "raw_message", "x"]), inner),
    )
)
def test_any_answer_is_read(raw):
    diagnose(TABLE, Observed({}, "DOWN", False, read_log(LOG, raw, TABLE.success), None))


@pytest.mark.parametrize("part", ["(", "a=[", "(a=[b], ", "established ", "x" * 40 + "=[", " \x1b[2J", "{{ 7*7 }}"])
def test_megabytes_are_read_fast(part):
    began = time.process_time()
    findings([{"time": 1, "raw_message": part * (4_000_000 // len(part))}])
    findings([{"time": 1, "raw_message": part * (4_000_000 // len(part)) + "(Reason=[version mismatch])"}])
    assert time.process_time() - began < 2


def test_text_before_the_last_parentheses_does_not_count():
    text = "peer (Reason=[version mismatch]) fails. (PeerAddress=[x (y)], Reason=[authentication fail])"
    assert cause_of(LOG, text) == "authentication fail"


# -- states, traffic, settings ----------------------------------------------------------------------------------------

SA = {"source_ip_cidr": "10.0.0.0/24", "dest_ip_cidr": "192.168.0.0/24", "packets_sent": 5, "packets_recv": 5}


@pytest.mark.parametrize(
    "status, log, associations, members, wanted",
    [
        ("ACTIVE", [], [SA], {}, []),
        ("ACTIVE", [], [], {}, []),
        ("ACTIVE", None, None, {}, []),
        ("DOWN", [], [], {}, ["no negotiation seen"]),
        ("DOWN", None, [], {}, ["no log available"]),
        ("DOWN", [{"time": 1, "raw_message": "trying"}], [], {}, ["no cause in the log"]),
        ("FREEZED", [line("dpd timeout")], [], {}, ["connection frozen", "dpd timeout"]),
        ("ERROR", [], [], {}, ["connection in error"]),
        ("UNKNOWN", [], [], {}, ["state unknown"]),
        ("ACTIVE", [], [dict(SA, packets_recv=0)], {}, ["no answers"]),
        ("ACTIVE", [], [dict(SA, packets_sent="0")], {}, ["no replies from the cloud"]),
        ("ACTIVE", [], [dict(SA, packets_sent=0, packets_recv=0)], {}, ["no traffic"]),
        ("ACTIVE", [], [dict(SA, packets_recv=0), SA], {}, []),
        ("ACTIVE", [], [dict(SA, packets_recv=None)], {}, []),
        ("ACTIVE", [], [SA], {"reset_required": True}, ["reset owed"]),
        ("ACTIVE", [], [SA], {"bgp_peer": {"state": "Idle"}}, ["bgp not established"]),
        ("ACTIVE", [], [SA], {"bgp_peer": {"state": "Established"}}, []),
        ("ACTIVE", [], [SA], {"bgp_peer": {"state": "ESTABLISHED", "num_received_routes": 4}}, []),
        ("ACTIVE", [], [SA], {"bgp_peer": {"state": "ESTABLISHED", "num_received_routes": 0}}, ["no routes received"]),
        ("DOWN", [up(text="IKE SA established")], [], {}, ["no phase 2", "no cause in the log"]),
        ("DOWN", [up(text="IKE SA established")], None, {}, ["no cause in the log"]),
        ("DOWN", [up(text="IKE SA established")], [SA], {}, ["no cause in the log"]),
        ("DOWN", [up()], [], {}, ["no cause in the log"]),
        ("ACTIVE", [up(text="IKE SA established")], [], {}, []),
    ],
)
def test_what_states_traffic_and_settings_tell(status, log, associations, members, wanted):
    assert causes(log, status, associations, **members) == wanted


def test_pairs_of_networks_without_association_are_named():
    rules = [{"source": "10.0.0.5/24", "destination": ["192.168.0.0/24", "192.168.1.0/24"]}]
    (finding,) = findings([], "ACTIVE", [SA], style="policy", policy_rules=rules)
    assert finding["cause"] == "pairs without association"
    assert finding["evidence"].startswith("status ACTIVE, no association for 10.0.0.0/24 to 192.168.1.0/24")
    assert findings([], "ACTIVE", [SA], style="static", policy_rules=rules) == []


def stamp(seconds):
    return {"updated_at": timestamp(NOW + seconds).replace("Z", ".123Z"), "created_at": "2020-01-01T00:00:00Z"}


@pytest.mark.parametrize(
    "changed, found", [(stamp(-119), True), (stamp(-121), False), (stamp(60), True), (stamp(121), False)]
)
def test_a_connection_changed_just_now_may_be_up_already(changed, found):
    wanted = ["changed just now"] * found + ["no cause in the log"]
    assert causes([up()], **changed) == wanted
    assert causes([line("version mismatch")], **changed) == ["version mismatch"]
    assert causes([up()], "ACTIVE", **changed) == []


@pytest.mark.parametrize("text", [5, "soon", "2026-13-45T99:00:00Z"])
def test_an_odd_time_of_a_change_is_none(text):
    assert causes([up()], updated_at=text, created_at=timestamp(NOW)) == ["no cause in the log"]


@pytest.mark.parametrize("text", [None, ""])
def test_a_connection_that_was_never_changed_was_created(text):
    wanted = ["changed just now", "no cause in the log"]
    assert causes([up()], updated_at=text, created_at=timestamp(NOW)) == wanted


def breaks(*times, cause="dpd timeout"):
    return [entry for when in times for entry in (line(cause, when), up(when + 5))]


@pytest.mark.parametrize(
    "times, style, wanted",
    [
        ((0, 700, 3000), "policy", ["interruptions of a policy connection"]),
        ((0, 700, 3000), "static", ["interruptions"]),
        ((0, 700, 3000), "BGP", ["interruptions"]),
        ((0, 700, 1400), "static", ["interruptions"]),
        ((0, 700, 1410, 2100), "static", ["regular interruptions"]),
        ((0, 700, 1410, 2100), "policy", ["regular interruptions"]),
        ((0, 700), "static", []),
        ((-200000, -100000, 0, 700), "static", []),
    ],
)
def test_a_tunnel_that_fails_again_and_again_is_found_though_it_is_up(times, style, wanted):
    log = breaks(*(1735024112 + time for time in times))
    assert causes(log, "ACTIVE", [SA], style=style) == wanted
    assert causes(log, "DOWN", [], style=style) == ["no cause in the log", *wanted]


def test_interruptions_are_told_with_their_number_and_period():
    (finding,) = findings(breaks(*(NOW - 3600 * number for number in range(5))), "ACTIVE", style="static")
    assert finding["evidence"] == "status ACTIVE, 5 interruptions within a day, every 3600 seconds"
    assert "ipsecpolicy.lifetime_seconds" in finding["check"]


def test_interruptions_within_one_second_have_no_period():
    log = [entry for _number in range(4) for entry in (line("dpd timeout", NOW - 9), up(NOW - 9))]
    assert causes(log, "ACTIVE", [SA], style="static") == ["interruptions"]


def test_renewals_and_repeated_attempts_are_no_interruptions():
    assert causes(breaks(1, 2, 3, NOW - 3, NOW - 2, NOW - 1, cause="phase1 sa replace"), "ACTIVE", style="static") == []
    attempts = [line("max transmit reached", NOW - number) for number in range(1, 50)]
    assert causes([*attempts, up(NOW)], "ACTIVE", style="static") == []


@pytest.mark.parametrize(
    "sent, received, wanted",
    [
        (7, 7, []),
        (7, 5, ["no answers"]),
        (5, 7, ["no replies from the cloud"]),
        (5, 5, ["no traffic"]),
        (1, 5, ["no answers"]),
        (1, 2, []),
        (0, 0, ["no traffic"]),
        (None, 7, []),
    ],
)
def test_traffic_that_was_read_twice_is_judged_by_its_growth(sent, received, wanted):
    """Counters that are smaller than before have begun anew."""
    later = [dict(SA, packets_sent=sent, packets_recv=received)]
    assert causes([], "ACTIVE", [SA], later) == wanted


def test_the_growth_of_several_associations_is_added():
    one, two = dict(SA, id="1"), dict(SA, id="2")
    (finding,) = findings([], "ACTIVE", [one, two], [dict(one, packets_sent=9), dict(two, packets_sent=2)])
    assert finding["evidence"] == "status ACTIVE, packets_sent 6 and packets_recv 0 within 10 seconds"
    assert causes([], "ACTIVE", [one], [one, two]) == [], "a new association counts from zero"
    assert causes([], "ACTIVE", [one], []) == ["no traffic"]


def test_the_second_tunnel_of_a_pair_may_be_idle():
    idle = [dict(SA, packets_sent=0, packets_recv=0)]
    assert causes([], "ACTIVE", idle, paired=True) == []
    assert causes([], "ACTIVE", [dict(SA, packets_recv=0)], paired=True) == ["no answers"]


# -- posture ----------------------------------------------------------------------------------------------------------

GOOD = {
    "id": "one",
    "name": "one",
    "vgw_id": "g",
    "vgw_ip": "eip1",
    "cgw_id": "c",
    "created_at": "2026-01-01T00:00:00Z",
    "status": "ACTIVE",
    "style": "static",
    "peer_subnets": ["192.168.0.0/24"],
    "ikepolicy": {
        "ike_version": "v2",
        "encryption_algorithm": "aes-256",
        "authentication_algorithm": "sha2-256",
        "dh_group": "group20",
        "lifetime_seconds": 86400,
        "peer_id_type": "ip",
        "peer_id": "198.51.100.1",
    },
    "ipsecpolicy": {
        "encryption_algorithm": "aes-256",
        "authentication_algorithm": "sha2-256",
        "pfs": "group20",
        "lifetime_seconds": 3600,
    },
}
PARTNER = dict(GOOD, id="two", name="two", vgw_ip="eip2")


def posture(changes=None, neighbors=None, **members):
    changed = {name: dict(GOOD[name], **values) for name, values in (changes or {}).items()}
    subject = dict(GOOD, **changed, **members)
    return assess(CONNECTION, subject, None if neighbors is None else survey(CONNECTION, [subject, *neighbors]))


def test_a_good_connection_has_no_sentences():
    assert posture() == [] and posture(neighbors=[PARTNER]) == []


@pytest.mark.parametrize(
    "policy, leaf, value, words",
    [
        ("ikepolicy", "ike_version", "v1", "deprecated; set v2"),
        ("ikepolicy", "encryption_algorithm", "3DES", "weak; set aes-128 or stronger"),
        ("ikepolicy", "authentication_algorithm", "md5", "weak; set sha2-256"),
        ("ikepolicy", "dh_group", "group2", "weak; set group15"),
        ("ikepolicy", "lifetime_seconds", 60, "outside the usual"),
        ("ikepolicy", "lifetime_seconds", "604800", "outside the usual"),
        ("ikepolicy", "peer_id", None, "behind NAT"),
        ("ipsecpolicy", "encryption_algorithm", "3des", "weak; set aes-128 or stronger"),
        ("ipsecpolicy", "authentication_algorithm", "sha1", "weak; set sha2-256"),
        ("ipsecpolicy", "pfs", "disable", "set group15 or higher at both ends"),
        ("ipsecpolicy", "pfs", "group5", "weak; set group15"),
        ("ipsecpolicy", "lifetime_seconds", 100000, "outside the usual"),
    ],
)
def test_each_weak_setting_is_named_with_what_to_set(policy, leaf, value, words):
    (sentence,) = posture({policy: {leaf: value}})
    assert sentence.startswith("%s.%s is " % (policy, leaf)) and words in sentence


def test_aggressive_mode_counts_under_ikev1_only():
    assert len(posture({"ikepolicy": {"ike_version": "v1", "phase1_negotiation_mode": "aggressive"}})) == 2
    assert posture({"ikepolicy": {"phase1_negotiation_mode": "aggressive"}}) == []


def test_reserved_networks_and_overlapping_rules():
    (sentence,) = posture(peer_subnets=["100.64.1.0/24"])
    assert sentence.startswith("peer_subnets contains 100.64.1.0/24, which overlaps 100.64.0.0/10")
    rules = [
        {"source": "10.0.0.0/24", "destination": ["192.168.0.0/16"]},
        {"source": "10.0.0.0/25", "destination": ["192.168.1.0/24"]},
        {"source": "10.1.0.0/24", "destination": ["192.168.1.0/24"]},
    ]
    (sentence,) = posture(policy_rules=rules)
    assert "overlap, 10.0.0.0/24 to 192.168.0.0/16 and 10.0.0.0/25 to 192.168.1.0/24" in sentence


def test_neighbors_of_the_same_gateway_count():
    (sentence,) = posture(neighbors=[])
    assert sentence.startswith("cgw_id has only this tunnel")
    older = dict(GOOD, id="3", name="older", cgw_id="d", created_at="2025-01-01", peer_subnets=["192.168.0.0/16"])
    (sentence,) = posture(neighbors=[PARTNER, older])
    assert "overlaps 192.168.0.0/16 of older on the same gateway" in sentence
    assert "goes to the other one, which is older" in sentence
    assert posture(neighbors=[PARTNER, dict(older, vgw_id="h")]) == []
    assert posture(neighbors=[PARTNER, dict(older, status="PENDING_DELETE")]) == []


def test_the_two_of_a_pair_are_alike():
    other = dict(PARTNER, ipsecpolicy=dict(GOOD["ipsecpolicy"], pfs="group21"))
    assert posture(neighbors=[other]) == [
        "ipsecpolicy.pfs is group20, but group21 in two, the other connection of the pair; set both alike"
    ]


@given(
    st.dictionaries(
        st.sampled_from(sorted(GOOD) + ["policy_rules"]), st.none() | st.text() | st.lists(st.text() | st.integers())
    )
)
def test_any_object_has_a_posture(members):
    assess(CONNECTION, members, survey(CONNECTION, [members, {}, GOOD]))


# -- the module -------------------------------------------------------------------------------------------------------


def gather(cloud, clock=None, **arguments):
    request = info.enter(CONNECTION, dict(access(cloud), **arguments), {})
    return info.perform(CONNECTION, request, False, clock or CloudClock(cloud), "tests")


def test_a_diagnosis_costs_two_requests_for_each_connection(cloud):
    for number in range(5):
        cloud.add_connection(name="c%d" % number, created_at="2025-01-01T00:00:00.000Z")
    result = gather(cloud, details=["diagnosis", "posture", "log"])
    assert sorted(entry.operation for entry in cloud.journal()) == (
        ["listConnectionIpsecSa"] * 5 + ["listVpnConnections"] + ["showVpnConnectionLog"] * 5
    )
    assert len(result["request_ids"]) == 11
    for item in result["vpn_connections"]:
        assert [finding["cause"] for finding in item["diagnosis"]] == ["no cause in the log"]
        assert item["log"]


def operations(cloud):
    return sorted(entry.operation for entry in cloud.journal())


@pytest.mark.parametrize("status", ["ACTIVE", "DOWN", "FREEZED"])
def test_traffic_is_read_twice_only_if_asked_for_and_only_where_there_is_any(cloud, status):
    for number in range(3):
        cloud.add_connection(name="c%d" % number, status=status)
    gather(cloud, details=["diagnosis"])
    once = ["listConnectionIpsecSa"] * 3 + ["listVpnConnections"] + ["showVpnConnectionLog"] * 3
    assert operations(cloud) == once
    cloud.clear_journal()
    clock = CloudClock(cloud)
    result = gather(cloud, clock, details=["diagnosis", "ipsec_sa"], traffic_seconds=30)
    assert operations(cloud) == ["listConnectionIpsecSa"] * 3 * (status == "ACTIVE") + once
    assert clock.slept == 30, "all are waited for at once"
    assert len(result["request_ids"]) == len(cloud.journal())


def test_traffic_that_has_stopped_shows_only_if_it_is_read_twice(cloud):
    made = {name: cloud.add_connection(name=name, status="ACTIVE")["id"] for name in ("both", "deaf", "idle")}
    cloud.set_traffic(made["both"], 10, 10)
    cloud.set_traffic(made["deaf"], 10, 0)
    cloud.advance(60)
    once = gather(cloud, details=["diagnosis"])["vpn_connections"]
    assert [item["name"] for item in once if item["diagnosis"]] == ["deaf"]
    listed = gather(cloud, details=["diagnosis"], traffic_seconds=20)["vpn_connections"]
    found = {item["name"]: [finding["cause"] for finding in item["diagnosis"]] for item in listed}
    assert found == {"both": [], "deaf": ["no answers"], "idle": ["no traffic"]}
    (finding,) = next(item for item in listed if item["name"] == "deaf")["diagnosis"]
    assert finding["evidence"].endswith(" and packets_recv 0 within 20 seconds")


@pytest.mark.parametrize(
    "arguments, message",
    [
        ({"details": ["diagnosis"], "traffic_seconds": 0}, "traffic_seconds must be 1 to 300, not 0"),
        ({"details": ["diagnosis"], "traffic_seconds": 301}, "traffic_seconds must be 1 to 300, not 301"),
        ({"details": ["log"], "traffic_seconds": 10}, "traffic_seconds needs diagnosis in details"),
        ({"traffic_seconds": 10}, "traffic_seconds needs diagnosis in details"),
    ],
)
def test_odd_times_between_two_readings_are_refused_without_a_request(cloud, arguments, message):
    with pytest.raises(InvalidInput) as caught:
        gather(cloud, **arguments)
    assert str(caught.value) == message and not cloud.journal()


def test_of_a_pair_whose_partner_is_up_an_idle_tunnel_is_no_finding(cloud):
    site = cloud.add_gateway()
    customer = cloud.add_customer_gateway()["id"]
    for name, address in (("one", site["eip1"]["id"]), ("two", site["eip2"]["id"])):
        made = cloud.add_connection(name=name, status="ACTIVE", vgw_id=site["id"], vgw_ip=address, cgw_id=customer)
        cloud.set_traffic(made["id"], 0, 0)
    assert [item["diagnosis"] for item in gather(cloud, details=["diagnosis"])["vpn_connections"]] == [[], []]
    alone = gather(cloud, id=made["id"], details=["diagnosis"])["vpn_connections"][0]["diagnosis"]
    assert [finding["cause"] for finding in alone] == ["no traffic"]
    cloud.set_status(cloud.connections()[0]["id"], "DOWN")
    found = {item["name"]: item["diagnosis"] for item in gather(cloud, details=["diagnosis"])["vpn_connections"]}
    assert [finding["cause"] for finding in found["two"]] == ["no traffic"]


def test_details_of_many_are_read_at_the_same_time(cloud, monkeypatch):
    for number in range(info.MAX_THREADS):
        cloud.add_connection(name="c%d" % number)
    only_together(monkeypatch, "log", info.MAX_THREADS)
    gather(cloud, details=["diagnosis"])
    assert operations(cloud).count("showVpnConnectionLog") == info.MAX_THREADS


def test_a_gateway_without_logs_still_has_a_diagnosis(cloud):
    cloud.add_connection(name="old", created_at="2025-01-01T00:00:00.000Z")
    cloud.fault("status", path="/log", status=400, code="VPN.0304", message="not supported", times=None)
    result = gather(cloud, details=["diagnosis"])
    assert [finding["cause"] for finding in result["vpn_connections"][0]["diagnosis"]] == ["no log available"]
    assert result["warnings"] == []


def broken(cloud, made, detail, **rule):
    """Let the cloud fail for one detail of one connection."""
    rule = {"status": 500, "code": "VPN.0002", "message": "the database is away", "times": None, **rule}
    cloud.fault("status", path="%s/%s" % (made["id"], detail), **rule)


@pytest.mark.parametrize("further", [[], ["log"]])
@pytest.mark.parametrize("status", ["DOWN", "ACTIVE"])
def test_a_log_that_cannot_be_read_is_a_finding_and_the_others_are_diagnosed(cloud, status, further):
    one, _two = (cloud.add_connection(name=name, status=status, created_at="2025-01-01T00:00:00Z") for name in "12")
    broken(cloud, one, "log")
    result = gather(cloud, details=["diagnosis", *further])
    found = {item["name"]: item["diagnosis"] for item in result["vpn_connections"]}
    assert [finding["cause"] for finding in found["1"]] == ["diagnosis incomplete"]
    assert found["1"][0]["evidence"].startswith("status %s, log: " % status)
    assert "the database is away (VPN.0002, HTTP 500, request id" in found["1"][0]["evidence"]
    assert [finding["cause"] for finding in found["2"]] == ["no cause in the log"] * (status == "DOWN")
    assert len(result["warnings"]) == len(further)
    asked = [entry.operation for entry in cloud.journal() if entry.path.endswith(one["id"] + "/log")]
    assert len(asked) == 6, "the first request and its five repetitions"


def test_what_a_second_reading_lacks_is_a_finding_beside_what_the_first_tells(cloud):
    made = cloud.add_connection(name="deaf", status="ACTIVE")
    cloud.set_traffic(made["id"], 10, 0)
    cloud.advance(60)
    broken(cloud, made, "ipsec-sa", skip=1)
    (item,) = gather(cloud, details=["diagnosis"], traffic_seconds=20)["vpn_connections"]
    assert [finding["cause"] for finding in item["diagnosis"]] == ["diagnosis incomplete", "no answers"]
    assert item["diagnosis"][1]["evidence"].endswith("since the keys were renewed")


def test_posture_needs_no_request_and_neighbors_only_where_all_are_known(cloud):
    made = cloud.add_connection(name="only")
    whole = gather(cloud, details=["posture"])["vpn_connections"][0]["posture"]
    assert len(cloud.journal()) == 1
    alone = gather(cloud, id=made["id"], details=["posture"])["vpn_connections"][0]["posture"]
    single = [sentence for sentence in whole if "has only this tunnel" in sentence]
    assert single and alone == [sentence for sentence in whole if sentence not in single]
    assert gather(cloud, name="only", details=["posture"])["vpn_connections"][0]["posture"] == whole


def test_the_status_of_the_monitor_is_read_where_there_is_one(cloud):
    made = cloud.add_connection(name="with", connection_monitor_id="5c0e7f3b-6666-4777-8888-9a1b2c3d4e5f")
    cloud.add_connection(name="without")
    by_name = {item["name"]: item for item in gather(cloud, details=["monitor_status"])["vpn_connections"]}
    assert by_name["with"]["monitor_status"]["vpn_connection_id"] == made["id"]
    assert by_name["without"]["monitor_status"] is None


@pytest.mark.parametrize(
    "status, wanted",
    [("ACTIVE", []), ("PENDING_UPDATE", []), ("FREEZED", ["gateway frozen"]), ("FAULT", ["gateway abnormal"])],
)
def test_the_state_of_a_gateway_is_a_finding_without_a_request(cloud, status, wanted):
    made = cloud.add_gateway()
    cloud.set_gateway_status(made["id"], status)
    request = info.enter(GATEWAY, dict(access(cloud), id=made["id"], details=["diagnosis"]), {})
    found = info.perform(GATEWAY, request, False, CloudClock(cloud), "tests")["vpn_gateways"][0]["diagnosis"]
    assert [finding["cause"] for finding in found] == wanted and len(cloud.journal()) == 1
    assert [finding["evidence"] for finding in found] == ["status " + status] * len(wanted)
