# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The built collection: what is in it, and its playbooks, run by name from an installed collection."""

from __future__ import annotations

import json
import re

import pytest
import yaml

from ansible_collections.huaweicloud.vpn.tests.unit.harness.installed import ROOT, Installed
from ansible_collections.huaweicloud.vpn.tests.unit.harness.support import KEY

NEW_KEY, OTHER_KEY = "Rotated-Key-Of-1", "Rotated-Key-Of-2"
PLAYBOOKS = sorted((ROOT / "playbooks").glob("*.yml"))
# What the archive holds besides the collection's content
TOP = {
    ".ansible-lint",
    "CODE_OF_CONDUCT.md",
    "CONTRIBUTING.md",
    "FILES.json",
    "LICENSES",
    "MANIFEST.json",
    "README.md",
    "REUSE.toml",
    "SECURITY.md",
    "changelogs",
    "docs",
    "meta",
    "playbooks",
    "plugins",
}


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    return Installed(tmp_path_factory.mktemp("installed"))


@pytest.fixture
def folder(tmp_path):
    """Return a user's folder, which is empty, and not that of any playbook."""
    made = tmp_path / "of a user"
    made.mkdir()
    return made


def assert_silent(done, *secrets):
    assert [secret for secret in (KEY, NEW_KEY, OTHER_KEY, *secrets) if secret in done.stdout] == []
    assert "Traceback" not in done.stdout


def of(done):
    """Return what a playbook printed, on one line."""
    return " ".join(done.stdout.split())


# -- the archive ----------------------------------------------------------------------------------------------------


def test_the_archive_holds_what_a_user_and_a_packager_need(installed):
    files = installed.files()
    assert {name.partition("/")[0] for name in files} == TOP
    assert {name for name in files if re.fullmatch(r"playbooks/[^/]+\.yml", name)} == {
        f"playbooks/{path.name}" for path in PLAYBOOKS
    }
    for needed in (
        "meta/runtime.yml",
        "meta/ee-requirements.txt",
        "changelogs/changelog.yaml",
        "LICENSES/GPL-3.0-or-later.txt",
    ):
        assert needed in files
    for kind in ("plugins", "docs", "meta", "playbooks"):
        here = {
            str(path.relative_to(ROOT)) for path in (ROOT / kind).rglob("*") if path.is_file() and path.suffix != ".pyc"
        }
        assert {name for name in files if name.startswith(f"{kind}/")} == here


def test_the_archive_is_small(installed):
    files = installed.files()
    # what the collection consists of is as large as it is; the rest must not grow unnoticed
    assert len([name for name in files if not name.startswith(("plugins/", "playbooks/"))]) < 75
    assert installed.archive.stat().st_size < 500_000
    assert [name for name in files if re.match(r"tests|noxfile|pyproject|\.ci|\.git|changelogs/fragments", name)] == []


def test_what_the_archive_leaves_out_is_in_the_checkout_that_the_readme_names():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    block = text[text.index("git clone") :].partition("```")[0]
    commands = [line for line in block.splitlines() if line.startswith("tests/")]
    assert commands == ["tests/demo"]
    assert all((ROOT / command).is_file() for command in commands)


# -- documentation --------------------------------------------------------------------------------------------------


def meanings_at_the_top(head):
    """Return what the comments above a playbook say of each variable (dict)."""
    found = {}
    for name, text in re.findall(r"^#   (vpn_\w+|) +(.*)$", head, re.MULTILINE):
        if name:
            current = found[name] = []
        current.append(text)
    return {name: " ".join(texts) for name, texts in found.items()}


@pytest.mark.parametrize("path", PLAYBOOKS, ids=lambda path: path.stem)
def test_each_variable_is_documented_at_the_top_and_in_the_guide_in_the_same_words(path):
    text = path.read_text(encoding="utf-8")
    head, _hosts, body = text.partition("\n- name:")
    guide = (ROOT / "docs" / "docsite" / "rst" / "guide_playbooks.rst").read_text(encoding="utf-8")
    section = guide.partition(f"huaweicloud.vpn.{path.stem}``\n---")[2].partition("\n---")[0]
    documented = meanings_at_the_top(head)
    used = set(re.findall(r"\b(vpn_\w+)\b", body)) - {
        "vpn_connections",
        "vpn_connection",
        "vpn_connection_info",
        "vpn_customer_gateway",
        "vpn_customer_gateway_info",
        "vpn_gateway",
        "vpn_gateway_info",
        "vpn_gateways",
        "vpn_plan_artifact",
        "vpn_quota_info",
        "vpn_quotas",
        "vpn_drift",
        "vpn_doctor",
    }
    assert used == set(documented)
    rows = dict(re.findall(r"\* - ``(vpn_\w+)``\n     - (.*)", section))
    plain = {name: re.sub(r":ansplugin:`([\w.]+)#\w+`|``", r"\1", text) for name, text in rows.items()}
    assert plain == documented


# -- adopt ----------------------------------------------------------------------------------------------------------


def test_adopt_describes_what_there_is_and_changes_nothing(cloud, installed, folder):
    gateway = cloud.add_gateway()
    cloud.add_connection(name="hq", vgw_id=gateway["id"], psk=KEY, tags={"site": "hq", "_sys_x": "1"}, status="ACTIVE")
    cloud.add_connection(name="branch", vgw_id=gateway["id"], style="policy", psk=KEY)
    cloud.clear_journal()
    done = installed.play(cloud, folder, "huaweicloud.vpn.adopt")
    assert done.returncode == 0, done.stdout
    assert cloud.writes() == []
    assert [path.name for path in folder.iterdir()] == ["vpn_connections.yml"]
    described = yaml.safe_load((folder / "vpn_connections.yml").read_text(encoding="utf-8"))["vpn_connections"]
    assert {entry["name"]: entry.get("tags") for entry in described} == {"hq": {"site": "hq"}, "branch": None}
    assert not {"status", "created_at", "updated_at", "psk"} & set().union(*described)
    assert f"2 connections are described in {folder / 'vpn_connections.yml'}" in of(done)
    assert "WARNING" not in done.stdout
    again = installed.play(cloud, folder, "huaweicloud.vpn.adopt")
    assert "changed=0" in again.stdout and len(list(folder.iterdir())) == 1


def test_adopt_keeps_a_backup_of_a_file_that_somebody_edited(cloud, installed, folder):
    cloud.add_connection(name="hq", psk=KEY)
    (folder / "vpn_connections.yml").write_text("vpn_connections: [] # mine\n", encoding="utf-8")
    assert installed.play(cloud, folder, "huaweicloud.vpn.adopt").returncode == 0
    assert any("# mine" in path.read_text(encoding="utf-8") for path in folder.iterdir())


def test_adopt_takes_the_connections_of_one_gateway(cloud, installed, folder):
    one, other = cloud.add_gateway(), cloud.add_gateway()
    cloud.add_connection(name="mine", vgw_id=one["id"])
    cloud.add_connection(name="theirs", vgw_id=other["id"])
    done = installed.play(
        cloud, folder, "huaweicloud.vpn.adopt", "-e", f"vpn_gateway_id={one['id']}", "-e", "vpn_file=mine.yml"
    )
    assert done.returncode == 0, done.stdout
    described = yaml.safe_load((folder / "mine.yml").read_text(encoding="utf-8"))["vpn_connections"]
    assert [entry["name"] for entry in described] == ["mine"]


# -- drift ----------------------------------------------------------------------------------------------------------


def test_drift_finds_nothing_right_after_adopt(cloud, installed, folder):
    cloud.add_connection(name="hq", psk=KEY, status="ACTIVE")
    installed.play(cloud, folder, "huaweicloud.vpn.adopt")
    done = installed.play(cloud, folder, "huaweicloud.vpn.drift", "-e", "vpn_fail_on=all")
    assert done.returncode == 0, done.stdout
    assert (folder / "vpn_drift.txt").read_text(encoding="utf-8") == "The project has no drift\n"
    assert "## The project\n\nNo drift.\n" in (folder / "vpn_drift.md").read_text(encoding="utf-8")
    assert sorted(path.name for path in folder.iterdir()) == ["vpn_connections.yml", "vpn_drift.md", "vpn_drift.txt"]


@pytest.fixture
def drifted(cloud, folder):
    """Return the IDs of connections that differ from the description in the folder in each way."""
    gateway = cloud.add_gateway()
    ids = {
        name: cloud.add_connection(name=name, vgw_id=gateway["id"], psk=KEY, status="ACTIVE", **more)["id"]
        for name, more in {
            "differs": {"ikepolicy": {"lifetime_seconds": 86400}},
            "fixed": {"style": "static"},
            "stranger": {},
            "owes": {"tags": {"ansible_reset_required": "psk"}},
        }.items()
    }
    described = [
        {"id": ids["differs"], "ikepolicy": {"lifetime_seconds": 3600}},
        {"name": "fixed", "style": "policy"},
        {"name": "owes"},
        {"id": "0aa5af8a-1111-4222-8333-ae2280a6f4c3", "name": "lost"},
    ]
    (folder / "vpn_connections.yml").write_text(json.dumps({"vpn_connections": described}), encoding="utf-8")
    cloud.clear_journal()
    return ids


def test_drift_reports_everything_and_changes_nothing(cloud, installed, folder, drifted):
    done = installed.play(cloud, folder, "huaweicloud.vpn.drift")
    assert done.returncode == 0 and cloud.writes() == [], done.stdout
    assert (folder / "vpn_drift.txt").read_text(encoding="utf-8").splitlines() == [
        "The project HAS DRIFT",
        "  differs ikepolicy.lifetime_seconds is 86400, described is 3600",
        "  lost is missing",
        "  fixed cannot be as described: style is fixed at creation: it is static, the task asks for policy",
        f"  stranger is there, but not described ({drifted['stranger']})",
        f"  owes owes a reset: an earlier change only takes effect after it ({drifted['owes']})",
    ]
    assert (folder / "vpn_drift.md").read_text(encoding="utf-8").partition("## The project\n\n")[2].splitlines() == [
        "| Connection | Finding | In the cloud | Described |",
        "| --- | --- | --- | --- |",
        "| `differs` | `ikepolicy.lifetime_seconds` differs | `86400` | `3600` |",
        "| `lost` | missing | | |",
        "| `fixed` | cannot be as described: `style is fixed at creation: it is static, the task asks for policy` | | |",
        f"| `stranger` | not described | `{drifted['stranger']}` | |",
        f"| `owes` | owes a reset | `{drifted['owes']}` | |",
    ]
    assert_silent(done)


@pytest.mark.parametrize(
    "choice, code",
    [("missing", 2), ("reset_owed,undescribed", 2), ("all", 2), ("", 0)],
)
def test_the_exit_code_of_drift_is_a_choice(cloud, installed, folder, drifted, choice, code):
    assert installed.play(cloud, folder, "huaweicloud.vpn.drift", "-e", f"vpn_fail_on={choice}").returncode == code


def test_drift_of_another_kind_than_the_chosen_one_is_no_error(cloud, installed, folder):
    cloud.add_connection(name="stranger")
    (folder / "mine.yml").write_text("vpn_connections: []\n", encoding="utf-8")
    done = installed.play(
        cloud, folder, "huaweicloud.vpn.drift", "-e", "vpn_fail_on=missing", "-e", "vpn_file=mine.yml"
    )
    assert done.returncode == 0 and "stranger is there, but not described" in done.stdout


def test_drift_applies_defaults_beneath_each_entry(cloud, installed, folder):
    cloud.add_connection(name="hq", ikepolicy={"lifetime_seconds": 86400, "dh_group": "group15"})
    wanted = {
        "vpn_defaults": {"ikepolicy": {"lifetime_seconds": 3600, "dh_group": "group21"}},
        "vpn_connections": [{"name": "hq", "ikepolicy": {"dh_group": "group15"}}],
    }
    (folder / "vpn_connections.yml").write_text(json.dumps(wanted), encoding="utf-8")
    installed.play(cloud, folder, "huaweicloud.vpn.drift", "-e", "vpn_report=night")
    assert (folder / "night.txt").read_text(encoding="utf-8").splitlines()[1:] == [
        "  hq ikepolicy.lifetime_seconds is 86400, described is 3600"
    ]


def test_a_cloud_that_cannot_be_read_is_an_error_and_no_drift(cloud, installed, folder, drifted):
    cloud.fault("status", operation="listVpnConnections", status=403, code="VPN.0003", message="no", times=None)
    done = installed.play(cloud, folder, "huaweicloud.vpn.drift")
    assert done.returncode == 2
    assert (folder / "vpn_drift.txt").read_text(encoding="utf-8").startswith("The project CANNOT BE READ, ")


@pytest.mark.parametrize(
    "options, sentence",
    [
        (["-e", "vpn_fail_on=mising"], "vpn_fail_on does not know mising. It knows different, missing, impossible"),
        ([], "vpn_connections.yml does not exist. The playbook huaweicloud.vpn.adopt writes one."),
    ],
)
def test_bad_variables_of_drift_are_told_in_a_sentence(cloud, installed, folder, options, sentence):
    done = installed.play(cloud, folder, "huaweicloud.vpn.drift", *options)
    assert done.returncode == 2 and sentence in of(done)
    assert list(folder.iterdir()) == [] and cloud.journal() == []


def test_text_from_the_cloud_forges_no_line_of_a_report(cloud, installed, folder):
    cloud.add_connection(name="hq", tags={"note": "x\n## All is well | `fine`"})
    (folder / "vpn_connections.yml").write_text(
        json.dumps({"vpn_connections": [{"name": "hq", "tags": {"note": "y"}}]}), encoding="utf-8"
    )
    installed.play(cloud, folder, "huaweicloud.vpn.drift")
    assert len((folder / "vpn_drift.txt").read_text(encoding="utf-8").splitlines()) == 2
    markdown = (folder / "vpn_drift.md").read_text(encoding="utf-8")
    assert "\n## All" not in markdown and "All is well \\| 'fine'" in markdown


# -- rotate_keys ----------------------------------------------------------------------------------------------------


@pytest.fixture
def pair(cloud, folder):
    """Return the two connections of a pair; their new keys are in keys.yml."""
    gateway = cloud.add_gateway()
    made = [
        cloud.add_connection(name=name, vgw_id=gateway["id"], psk=KEY, status="ACTIVE") for name in ("pair-1", "pair-2")
    ]
    keys = {"vpn_keys": {"pair-1": NEW_KEY, "pair-2": OTHER_KEY}}
    (folder / "keys.yml").write_text(json.dumps(keys), encoding="utf-8")
    cloud.switch(reset_down=1)
    cloud.clear_journal()
    return made


def test_rotated_keys_are_in_use_and_one_tunnel_is_always_up(cloud, installed, folder, pair):
    seen = []
    cloud.on_request(lambda entry: seen.append([cloud.connection(one["id"])["status"] for one in pair]))
    dry = installed.play(cloud, folder, "huaweicloud.vpn.rotate_keys", "-e", "@keys.yml", "--check", "--diff")
    assert dry.returncode == 0 and cloud.writes() == [], dry.stdout
    plan = re.search(r"plan_id: (v1\.\S+)", dry.stdout).group(1)
    done = installed.play(
        cloud, folder, "huaweicloud.vpn.rotate_keys", "-e", "@keys.yml", "-e", f"vpn_expect_plan={plan}"
    )
    cloud.service.listeners.clear()
    assert done.returncode == 0, done.stdout
    assert [cloud.negotiated(one["id"])["psk"] for one in pair] == [NEW_KEY, OTHER_KEY]
    assert all("ACTIVE" in statuses for statuses in seen) and ["DOWN", "ACTIVE"] in seen
    assert "pair-2 reset the tunnel is re-established (immediately)" in done.stdout
    assert [path.name for path in folder.iterdir()] == ["keys.yml"]
    for output in (dry, done):
        assert_silent(output)


def test_keys_of_two_gateways_are_not_rotated_in_one_run(cloud, installed, folder, pair):
    cloud.add_connection(name="elsewhere", vgw_id=cloud.add_gateway()["id"], psk=KEY)
    cloud.clear_journal()
    keys = json.dumps({"vpn_keys": {"pair-1": NEW_KEY, "elsewhere": OTHER_KEY}})
    done = installed.play(cloud, folder, "huaweicloud.vpn.rotate_keys", "-e", keys)
    assert done.returncode == 2 and cloud.writes() == []
    assert "pair-1 and elsewhere are not on the same VPN gateway" in of(done)
    assert_silent(done)


def test_a_mistyped_name_creates_nothing(cloud, installed, folder, pair):
    keys = json.dumps({"vpn_keys": {"pair-1": NEW_KEY, "pear-2": OTHER_KEY}})
    done = installed.play(cloud, folder, "huaweicloud.vpn.rotate_keys", "-e", keys)
    assert done.returncode == 2 and cloud.writes() == []
    assert "no VPN connection with the name pear-2 was found, and create is false" in of(done)
    assert_silent(done)


def test_a_rotation_without_keys_is_told_in_a_sentence(cloud, installed, folder):
    done = installed.play(cloud, folder, "huaweicloud.vpn.rotate_keys")
    assert done.returncode == 2 and "Set vpn_keys to a dictionary of the new keys" in of(done)


def test_with_on_change_a_second_rotation_sends_nothing(cloud, installed, folder, pair):
    fingerprint = {"HW_VPN_PSK_FINGERPRINT_KEY": "Never-Shown-Fingerprint-Key"}
    arguments = ("huaweicloud.vpn.rotate_keys", "-e", "@keys.yml", "-e", "vpn_update_psk=on_change")
    first = installed.play(cloud, folder, *arguments, **fingerprint)
    assert first.returncode == 0 and "changed=1" in first.stdout, first.stdout
    cloud.clear_journal()
    second = installed.play(cloud, folder, *arguments, **fingerprint)
    assert second.returncode == 0 and cloud.writes() == [], second.stdout
    assert "pair-1 has this key already" in second.stdout
    assert_silent(second, "Never-Shown-Fingerprint-Key")
