# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The playbook that tells why tunnels are down, in a process of its own."""

from __future__ import annotations

import html.parser
import re

import pytest

from ansible_collections.huaweicloud.vpn.tests.emulator import Emulator
from ansible_collections.huaweicloud.vpn.tests.unit.harness import commands
from ansible_collections.huaweicloud.vpn.tests.unit.harness.support import KEY

GOOD = {
    "ikepolicy": {"dh_group": "group20", "encryption_algorithm": "aes-256", "peer_id": "203.0.113.7"},
    "ipsecpolicy": {"pfs": "group20", "encryption_algorithm": "aes-256"},
    "psk": KEY,
}
# What is different at the device, the cause, and the setting that the report names.
FAULTS = {
    "site00a": ({"ikepolicy": {"ike_version": "v1"}}, "version mismatch", "ikepolicy.ike_version"),
    "site01a": ({"ikepolicy": {"dh_group": "group14"}}, "phase1 proposal mismatch", "dh_group"),
    "site02a": ({"ipsecpolicy": {"pfs": "disable"}}, "phase2 proposal or pfs mismatch", "pfs"),
    "site03a": ({"psk": "Another-Key-2"}, "authentication fail", "pre-shared key (psk)"),
    "site04a": ({"ikepolicy": {"peer_id": "10.0.0.7"}}, "config ID mismatch", "peer_id"),
    "site05a": ({"peer_subnets": ["192.168.77.0/24"]}, "flow mismatch", "policy_rules"),
}


def run(cloud, folder, *arguments, **more):
    environment = commands.environment(**cloud.environment(), **more)
    return commands.run(["playbook", "huaweicloud.vpn.doctor", *arguments], folder, environment)


def gateway(cloud, **members):
    """Return the ID of a new gateway, and its addresses by the halves of a pair."""
    site = cloud.add_gateway(**members)
    return site["id"], {"a": site["eip1"]["id"], "b": site["eip2"]["id"]}


def flat(text):
    """Return a text without its line breaks."""
    return " ".join(text.split())


@pytest.fixture
def sites():
    """Fifteen pairs of connections that are up, and eight faults."""
    with Emulator(dwell=0.04) as cloud:
        ids, site, addresses = {}, *gateway(cloud)
        for number in range(15):
            customer = cloud.add_customer_gateway()["id"]
            for half, address in addresses.items():
                members = dict(GOOD, cgw_id=customer, peer_subnets=["192.168.%d.0/24" % number])
                name = "site%02d%s" % (number, half)
                tags = {"ansible_reset_required": "psk"} if name == "site07a" else {}
                made = cloud.add_connection(
                    name=name, status="ACTIVE", tags=tags, vgw_id=site, vgw_ip=address, **members
                )
                ids[name] = made["id"]
        for name, (differences, _cause, _field) in FAULTS.items():
            cloud.set_device(ids[name], **differences)
        cloud.set_status(ids["site06a"], "FREEZED")
        yield cloud, ids


def test_thirty_connections_with_eight_faults(sites, tmp_path):
    cloud, ids = sites
    done = run(cloud, tmp_path)
    assert done.returncode == 0, done.stdout
    assert not cloud.writes()
    text = (tmp_path / "vpn_doctor.txt").read_text(encoding="utf-8")
    assert text.startswith("The project: 30 connections, 7 down, 1 up but at risk, 0 with weak settings\n")
    assert "WEAK" not in text and "LITTLE" not in text
    findings, rest = text.split("\n\nUP, WITHOUT FINDINGS\n")
    fine, quota = rest.split("\n\nQUOTA\n")
    assert quota.splitlines()[1] == "  vpn_connection: 30 of 5000 used, 4970 left"
    sections = {part.split(" ", 1)[0]: part for part in re.split(r"^  (?=site)", findings, flags=re.MULTILINE)[1:]}
    assert sorted(sections) == ["site%02da" % number for number in range(8)]
    assert sorted(re.findall(r"site\d\d[ab]", fine)) == sorted(set(ids) - set(sections))
    headings = [line for line in findings.splitlines() if line and not line.startswith(" ")]
    assert headings[1:] == ["DOWN", "RESET OWED"]
    for name, (_differences, cause, field) in FAULTS.items():
        assert "    %s, 3 times, last " % cause in sections[name] and field in flat(sections[name]), name
        assert sections[name].count("      evidence: ") == 1
    assert "    connection frozen: " in sections["site06a"] and "    reset owed: " in sections["site07a"]
    for ending in ("md", "html"):
        report = (tmp_path / ("vpn_doctor." + ending)).read_text(encoding="utf-8")
        findings, fine = report.split("Up, without findings")
        assert set(re.findall(r"site\d\d[ab]", findings)) == set(sections)
        assert set(re.findall(r"site\d\d[ab]", fine)) == set(ids) - set(sections)
    assert KEY not in done.stdout + text


# What is different at some sites, for both connections unless a half is named, and the sentences about each.
OVERLAP = "on the same gateway, which matches in order of creation"
WEAK = {
    "site00": ({"ikepolicy": {"ike_version": "v1"}}, ["ikepolicy.ike_version is v1, which is deprecated; set v2"]),
    "site01": ({"ikepolicy": {"dh_group": "group2"}}, ["ikepolicy.dh_group is group2, which is weak; set group15"]),
    "site02": ({"ipsecpolicy": {"pfs": "disable"}}, ["ipsecpolicy.pfs is disable, so that one broken key reveals"]),
    "site03": ({"peer_subnets": ["100.64.0.0/24"]}, ["peer_subnets contains 100.64.0.0/24, which overlaps"]),
    "site04": (
        {"ikepolicy": {"ike_version": "v1", "phase1_negotiation_mode": "aggressive"}},
        ["ikepolicy.ike_version is v1", "ikepolicy.phase1_negotiation_mode is aggressive"],
    ),
    "site05a": ({"ipsecpolicy": {"lifetime_seconds": 600}}, ["ipsecpolicy.lifetime_seconds is 600, which", "but 3600"]),
    "site05b": ({}, ["ipsecpolicy.lifetime_seconds is 3600, but 600 in site05a, the other connection of the pair"]),
    "site06": ({"peer_subnets": ["192.168.8.128/25"]}, [OVERLAP, OVERLAP]),
    "site07": ({}, ["cgw_id has only this tunnel to the gateway"]),
    "site08": ({}, [OVERLAP, OVERLAP]),
}


def test_thirty_connections_with_eight_weaknesses(tmp_path):
    ids = {}
    with Emulator(dwell=0.04) as cloud:
        site, addresses = gateway(cloud)
        for number in range(15):
            customers = [cloud.add_customer_gateway()["id"] for _half in addresses]
            for half, address in addresses.items():
                name = "site%02d%s" % (number, half)
                own = {"cgw_id": customers[0], "peer_subnets": ["192.168.%d.0/24" % number]}
                if name == "site07b":  # it belongs to another site
                    name, own = "site15a", {"cgw_id": customers[1], "peer_subnets": ["192.168.77.0/24"]}
                members = dict(GOOD, ipsecpolicy=dict(GOOD["ipsecpolicy"], lifetime_seconds=3600), **own)
                for member, value in WEAK.get(name, WEAK.get(name[:-1], ({}, [])))[0].items():
                    members[member] = dict(members[member], **value) if isinstance(value, dict) else value
                ids[name] = cloud.add_connection(
                    name=name, status="ACTIVE", vgw_id=site, vgw_ip=address, **members
                )["id"]  # fmt: skip
        done = run(cloud, tmp_path)
    assert done.returncode == 0, done.stdout
    text = (tmp_path / "vpn_doctor.txt").read_text(encoding="utf-8")
    wanted = {name: WEAK.get(name, WEAK.get(name[:-1], ({}, [])))[1] for name in ids}
    wanted.update(site15a=WEAK["site07"][1])
    wanted = {name: sentences for name, sentences in wanted.items() if sentences}
    assert text.startswith("The project: 30 connections, 0 down, 0 up but at risk, 18 with weak settings\n")
    weak, fine = text.split("\nWEAK SETTINGS\n")[1].split("\n\nUP, WITHOUT FINDINGS\n")
    sections = {part.split(" ", 1)[0]: part for part in re.split(r"^  (?=site)", weak, flags=re.MULTILINE)[1:]}
    found = {name: re.split(r"^    (?! )", part, flags=re.MULTILINE)[1:] for name, part in sections.items()}
    assert set(found) == set(wanted)
    for name, sentences in wanted.items():
        assert len(found[name]) == len(sentences), found[name]
        for sentence, words in zip(found[name], sentences):
            assert words in flat(sentence), name
    assert set(re.findall(r"site\d\d[ab]", fine)) == set(ids) - set(wanted)
    assert set(re.findall(r"<td><strong>(site\d\d[ab])", read(tmp_path, "html"))) == set(wanted)


def test_what_makes_it_fail(sites, tmp_path):
    cloud, _ids = sites
    done = run(cloud, tmp_path, "-e", "vpn_fail_on=down,weak", "-e", "vpn_report=")
    assert done.returncode == 2 and "There are findings: down. See the report." in done.stdout
    assert not list(tmp_path.glob("vpn_doctor*"))
    done = run(cloud, tmp_path, "-e", "vpn_fail_on=dwn")
    assert done.returncode == 2 and "vpn_fail_on does not know dwn" in done.stdout


def test_a_cloud_that_cannot_be_read_is_an_error(tmp_path):
    with Emulator() as cloud:
        cloud.fault("status", status=403, code="VPN.0007", message="<b>no</b>", times=None)
        done = run(cloud, tmp_path)
    assert done.returncode == 2 and "CANNOT BE READ" in (tmp_path / "vpn_doctor.txt").read_text(encoding="utf-8")
    assert "<b>no" not in (tmp_path / "vpn_doctor.html").read_text(encoding="utf-8")


def test_a_log_that_the_cloud_fails_to_return_is_a_finding(tmp_path):
    with Emulator() as cloud:
        made = cloud.add_connection(**dict(GOOD, status="ACTIVE", name="office"))
        cloud.fault("status", path=made["id"] + "/log", status=500, code="VPN.0002", message="<b>no</b>", times=None)
        done = run(cloud, tmp_path, HW_MAX_RETRIES="0")
    assert done.returncode == 0, done.stdout
    for ending in ("txt", "md", "html"):
        assert "diagnosis incomplete" in read(tmp_path, ending) and "VPN.0002" in read(tmp_path, ending)
    assert "<b>no" not in read(tmp_path, "html") + read(tmp_path, "md")


def read(folder, ending="txt"):
    return (folder / ("vpn_doctor." + ending)).read_text(encoding="utf-8")


def test_little_left_of_a_quota(tmp_path):
    with Emulator(dwell=0.04, connection_quota=10) as cloud:
        for number in range(9):
            cloud.add_connection(**dict(GOOD, status="ACTIVE", name="c%d" % number))
        done = run(cloud, tmp_path, "-e", "vpn_fail_on=quota,down")
        assert [entry.operation for entry in cloud.journal()].count("showQuotas") == 1
    assert done.returncode == 2 and "There are findings: quota. See the report." in done.stdout
    assert "\nQUOTA\n  customer_gateway: 9 of 100 used, 91 left\n" in read(tmp_path)
    assert "\n  vpn_connection: 9 of 10 used, 1 left: LITTLE IS LEFT\n" in read(tmp_path)
    assert read(tmp_path).count("LITTLE") == read(tmp_path, "md").count("**little is left**") == 1
    assert "- vpn\\_connection: 9 of 10 used, 1 left: **little is left**\n" in read(tmp_path, "md")
    assert read(tmp_path, "html").count("little is left") == 1


def test_quotas_and_gateways_that_may_not_be_read_do_not_matter(tmp_path):
    with Emulator(dwell=0.04) as cloud:
        cloud.add_connection(**dict(GOOD, status="ACTIVE", name="office"))
        cloud.fault("status", operation="showQuotas", status=403, code="VPN.0007", message="<b>no</b>", times=None)
        cloud.fault("status", operation="listVpnGateways", status=403, code="VPN.0008", message="<b>no</b>", times=None)
        done = run(cloud, tmp_path, "-e", "vpn_fail_on=quota,down")
    assert done.returncode == 0, done.stdout
    for ending in ("txt", "md", "html"):
        assert "annot be read" in read(tmp_path, ending) and "VPN.0007" in read(tmp_path, ending)
        assert "VPN.0008" in read(tmp_path, ending)
        assert "office" in read(tmp_path, ending)
    assert "<b>no" not in read(tmp_path, "html") + read(tmp_path, "md")


@pytest.fixture
def three_gateways(tmp_path):
    (tmp_path / "vpn_gateways.yml").write_text("plugin: huaweicloud.vpn.vpn_gateways\n", encoding="utf-8")
    with Emulator(dwell=0.04) as cloud:
        for city in ("frankfurt", "paris", "rome"):
            site, addresses = gateway(cloud, name="vpngw-" + city)
            for half, address in addresses.items():
                members = dict(GOOD, vgw_id=site, vgw_ip=address, cgw_id=cloud.add_customer_gateway()["id"])
                made = cloud.add_connection(name=city + half, status="ACTIVE", **members)
            cloud.set_device(made["id"], ikepolicy={"ike_version": "v1"})
        cloud.set_status(made["id"], "PENDING_UPDATE", 600)
        cloud.set_gateway_status(site, "FREEZED")
        yield cloud


ON_GATEWAYS = ("-i", "vpn_gateways.yml", "-e", "vpn_hosts=vpn_gateways")


def test_one_report_of_all_gateways(three_gateways, tmp_path):
    done = run(three_gateways, tmp_path, *ON_GATEWAYS, ANSIBLE_SHOW_CUSTOM_STATS="1")
    assert done.returncode == 0, done.stdout
    text = read(tmp_path)
    titles = [line.partition(" connections, ")[0] for line in text.splitlines() if " connections, " in line]
    assert titles == ["vpngw-frankfurt: 2", "vpngw-paris: 2", "vpngw-rome: 2"]
    assert "\nVPN GATEWAYS\n  vpngw-rome (FREEZED, " in text and text.count("VPN GATEWAYS") == 1
    assert "    gateway frozen: the gateway is frozen, because of arrears or by the vendor\n" in text
    assert text.count("\nQUOTA\n") == 1 and text.count("version mismatch, 3 times") == 2
    assert "\nBEING CHANGED\n  romeb\n" in text and ", 0 down, 0 up but at risk" in text
    for ending in ("md", "html"):
        assert all(city + half in read(tmp_path, ending) for city in ("frankfurt", "paris", "rome") for half in "ab")
    assert len(set(re.findall("huaweicloud_vpn_doctor_[0-9a-f_]{36}", done.stdout))) == 3


def test_limit_chooses_gateways(three_gateways, tmp_path):
    """Hosts that are gateways of the inventory plugin need no other variable."""
    done = run(three_gateways, tmp_path, *ON_GATEWAYS, "--limit", "vpngw-paris,vpngw-rome", "-e", "vpn_fail_on=down")
    assert done.returncode == 2 and re.findall(r"fatal: \[(.*?)\]: .*There are findings: down", done.stdout) == [
        "vpngw-paris"
    ]
    for ending in ("txt", "md", "html"):
        assert set(re.findall("(frankfurt|paris|rome)[ab]", read(tmp_path, ending))) == {"paris", "rome"}
    asked = [dict(entry.query) for entry in three_gateways.journal() if entry.operation == "listVpnConnections"]
    gateways = {site["name"]: site["id"] for site in three_gateways.gateways()}
    assert {query["vgw_id"] for query in asked if "vgw_id" in query} == {
        gateways["vpngw-paris"], gateways["vpngw-rome"]
    }  # fmt: skip


# -- hostile text -----------------------------------------------------------------------------------------------------

HOSTILE = (
    "\x1b[2J\x1b]0;owned\x07\r\n\x9b31m\u202e\u200b{{ 7919 * 7907 }}{% if %}{# #}</td></table><script>alert(1)</script>"
    '<img src=x onerror=alert(1)>" onmouseover="x ![i](http://evil.example/i.png) [l](javascript:x) | `c` **b** _i_ # h'
    " https://evil.example/ www.evil.example @everyone &lt; $x$ \\| \\"
)
SPECIAL = set("`*_[]<>~#&@$")


class Page(html.parser.HTMLParser):
    """What a browser sees: tags, names of attributes, text."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.attributes, self.text = set(), set(), ""
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes.update(name for name, _value in attrs)

    def handle_data(self, data):
        self.text += data


def is_harmless(folder, output):
    """Assert that reports show the hostile text, as text."""
    text, markdown, page = (read(folder, ending) for ending in ("txt", "md", "html"))
    for report in (text, markdown, page, output):
        assert all(letter.isprintable() or letter == "\n" for letter in report)
        assert "62615533" not in report and len(report) < 200_000
    assert "{{ 7919 * 7907 }}" in flat(text) and "{{ 7919 \\* 7907 }}" in markdown
    for line in markdown.splitlines():
        bare = re.sub(r"\\[!-/:-@\[-`{-~]", "", line)
        cells = line.startswith("| ")
        assert not cells or bare.count("|") in (3, 7)
        assert not (SPECIAL & set(bare.lstrip("#").replace("**Cannot be read:**", ""))), line
        assert cells or "|" not in bare
        assert "://" not in line and not re.search(r"\bwww\.", line)
    seen = Page(page)
    assert not seen.tags & {"script", "img", "a"} and "{{ 7919 * 7907 }}" in flat(seen.text)
    assert seen.attributes <= {
        "lang", "charset", "name", "content", "http-equiv", "class", "data-label", "id", "colspan"
    }  # fmt: skip
    assert "<script>alert(1)</script>" in seen.text


def test_hostile_text_from_the_cloud_is_only_text(tmp_path):
    form = "%s (PeerAddress=[%s], Reason=[%s])"
    logs = {
        "evidence": [{"time": 1, "raw_message": form % (HOSTILE, "x", "version mismatch")}],
        "cause": [{"time": 1, "raw_message": form % ("x", "x", HOSTILE.replace("[", "").replace("]", ""))}],
        "megabytes": [
            {"time": 1, "raw_message": HOSTILE * 4000},
            {"time": 2, "raw_message": form % ("y" * 1_000_000, "x", "dpd timeout")},
        ],
        "odd": [None, {"time": {}, "raw_message": {}}, {"raw_message": HOSTILE}],
        HOSTILE: [],
    }
    with Emulator(dwell=0.04) as cloud:
        site, addresses = gateway(cloud)
        customer = cloud.add_customer_gateway()["id"]
        for name, entries in logs.items():
            made = cloud.add_connection(name=name, status="DOWN", vgw_id=site, vgw_ip=addresses["a"], **GOOD)
            cloud.set_log(made["id"], entries)
        # The sentences about a pair have the name of the other connection.
        weak = dict(GOOD, peer_subnets=["172.16.0.0/24"], cgw_id=customer, vgw_id=site, status="ACTIVE")
        cloud.add_connection(name="weak" + HOSTILE, vgw_ip=addresses["a"], **weak)
        cloud.add_connection(name="weak", vgw_ip=addresses["b"], **{**weak, "ipsecpolicy": {"pfs": "group21"}})
        done = run(cloud, tmp_path)
    assert done.returncode == 0, done.stdout[-3000:]
    is_harmless(tmp_path, done.stdout)
    text = read(tmp_path)
    assert "    version mismatch, last 1970-01-01T00:00:01Z: the IKE versions" in text
    assert "    dpd timeout, last 1970-01-01T00:00:02Z: the peer did not" in text
    assert "but group21 in weak, the other connection" in flat(text)


def test_hostile_refusals_are_only_text(tmp_path):
    with Emulator(dwell=0.04) as cloud:
        cloud.fault("status", status=403, code="VPN.0007", message=HOSTILE, times=None)
        done = run(cloud, tmp_path)
    assert done.returncode == 2 and "CANNOT BE READ" in read(tmp_path)
    is_harmless(tmp_path, done.stdout)
