# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The playbook that makes both ends match, run by name from an installed collection, with a device that only takes notes.

Whether tunnels come up from what it writes is a matter of tests/tunnel.
"""

from __future__ import annotations

import json
import re
import shlex
import stat
import sys

import pytest

from ansible_collections.huaweicloud.vpn.tests.unit.harness.installed import Installed
from ansible_collections.huaweicloud.vpn.tests.unit.harness.support import KEY
from ansible_collections.huaweicloud.vpn.tests.unit.harness.swanctl import parsed

NEW_KEY = "Another-Key-For-Both-1"
FINGERPRINT = {"HW_VPN_PSK_FINGERPRINT_KEY": "Never-Shown-Fingerprint-Key"}
GROUP = {"ikepolicy": {"dh_group": "group20"}}
# A device that is told its tunnels and writes down what it is told.
COMMANDS = {
    "vpn_load_command": "echo load >> notes",
    "vpn_establish_command": 'echo "establish $VPN_CONNECTION: $VPN_CHILDREN" >> notes',
}


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    return Installed(tmp_path_factory.mktemp("installed"))


class Site:
    """A device with two tunnels, hamburg.1 and hamburg-2, and what runs the playbook for it."""

    def __init__(self, cloud, installed, folder):
        self.cloud, self.installed, self.folder = cloud, installed, folder
        self.notes_file = shlex.quote(str(folder / "notes"))
        # The same addresses in each test, so that the files of one device are those of every other.
        addresses = {f"eip{number}": {"ip_address": f"203.0.113.{number}"} for number in (1, 2)}
        self.gateway = cloud.add_gateway(**addresses)
        customer = cloud.add_customer_gateway(id_value="198.51.100.20")
        self.ids = {}
        for number, name in enumerate(("hamburg.1", "hamburg-2"), 1):
            made = cloud.add_connection(
                name=name,
                vgw_id=self.gateway["id"],
                vgw_ip=self.gateway[f"eip{number}"]["id"],
                cgw_id=customer["id"],
                psk=KEY,
                status="ACTIVE",
                tunnel_local_address=f"169.254.38.{4 * number + 1}/30",
                tunnel_peer_address=f"169.254.38.{4 * number + 2}/30",
            )
            self.ids[name] = made["id"]
        self.customer = customer["id"]
        self.keys = dict.fromkeys(self.ids, KEY)
        cloud.clear_journal()
        inventory = f"device ansible_connection=local ansible_python_interpreter={sys.executable}\n"
        (folder / "devices").write_text(inventory, encoding="utf-8")

    def play(self, *options, wanted=None, result=0, environment=(), **variables):
        """Run the playbook; return what it printed, and the operations that wrote."""
        self.cloud.clear_journal()
        given = {
            "vpn_hosts": "device",
            "vpn_wanted_connections": wanted or [{"name": name} for name in self.ids],
            "vpn_keys": self.keys,
            "vpn_connections_file": str(self.folder / "connections.conf"),
            "vpn_secrets_file": str(self.folder / "secrets.conf"),
            "vpn_wait_timeout": 10,
            **{name: command.replace("notes", self.notes_file) for name, command in COMMANDS.items()},
            **variables,
        }
        (self.folder / "variables.json").write_text(json.dumps(given), encoding="utf-8")
        words = ("huaweicloud.vpn.both_ends", "-i", "devices", "-e", "@variables.json", *options)
        done = self.installed.play(self.cloud, self.folder, *words, **dict(environment))
        assert done.returncode == result, done.stdout
        assert not [key for key in (KEY, NEW_KEY, *FINGERPRINT.values()) if key in done.stdout]
        assert not [key for key in (KEY, NEW_KEY) if key.encode().hex() in done.stdout]
        assert "Traceback" not in done.stdout
        return done.stdout, [entry.operation for entry in self.cloud.writes()]

    def notes(self):
        """Return what the device was told since the last time."""
        file = self.folder / "notes"
        lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
        file.unlink(missing_ok=True)
        return lines

    def text(self, name):
        return (self.folder / f"{name}.conf").read_text(encoding="utf-8")


BOTH = ["load", "establish hamburg_1: traffic1", "establish hamburg-2: traffic1"]


@pytest.fixture
def site(cloud, installed, tmp_path):
    return Site(cloud, installed, tmp_path)


@pytest.fixture(scope="module")
def rendered():
    """What the playbook writes to the device of a new site, by the name of the file; filled by the first site."""
    return {}


@pytest.fixture
def matching(site, rendered):
    """A site whose ends match."""
    if not rendered:
        site.play()
        assert site.notes() == BOTH
        rendered.update((name, site.text(name)) for name in ("connections", "secrets"))
    for name, text in rendered.items():
        file = site.folder / f"{name}.conf"
        file.write_text(text, encoding="utf-8")
        file.chmod(0o644 if name == "connections" else 0o600)
    return site


def changed(output):
    return int(re.search(r"^device .*changed=([0-9]+)", output, re.MULTILINE).group(1))


def test_a_dry_run_shows_the_file_and_writes_nothing(site):
    output, writes = site.play("--check", "--diff", wanted=[{"name": "hamburg.1", **GROUP}, {"name": "hamburg-2"}])
    assert writes == [] and site.notes() == []
    assert sorted(path.name for path in site.folder.iterdir()) == ["devices", "variables.json"]
    assert "+    proposals = aes128-sha256-ecp384" in output and '+        "dh_group": "group20",' in output
    assert "secret = " not in output
    assert "Would be re-established, one after the other: hamburg.1, hamburg-2" in output


def test_the_device_gets_both_tunnels_with_keys_in_a_file_of_their_own(site):
    output, writes = site.play("--diff")
    assert writes == [] and site.notes() == BOTH
    assert set(parsed(site.text("connections"))["connections"]) == {"hamburg_1", "hamburg-2"}
    assert set(parsed(site.text("secrets"))["secrets"]) == {"ike-hamburg_1", "ike-hamburg-2"}
    assert stat.S_IMODE((site.folder / "secrets.conf").stat().st_mode) == 0o600
    assert KEY.encode().hex() in site.text("secrets") and KEY.encode().hex() not in site.text("connections")
    assert "secret = " not in output


def test_ends_that_match_are_left_alone(matching):
    for options in ((), ("--check", "--diff")):
        output, writes = matching.play(*options)
        assert changed(output) == 0 and writes == [] and matching.notes() == []
        assert "hamburg.1: both ends match" in output and "hamburg-2: both ends match" in output


def test_the_file_comes_first_the_cloud_second_and_only_the_tunnel_that_changed_is_established(matching):
    order = []
    file = matching.folder / "connections.conf"
    matching.cloud.on_request(
        lambda entry: order.append("ecp384" in file.read_text(encoding="utf-8")) if entry.method == "PUT" else None
    )
    _output, writes = matching.play(wanted=[{"name": "hamburg.1", **GROUP}, {"name": "hamburg-2"}])
    matching.cloud.service.listeners.clear()
    assert writes == ["updateVpnConnection"] and order == [True]
    assert matching.notes() == ["load", "establish hamburg_1: traffic1"]
    assert matching.play(wanted=[{"name": "hamburg.1", **GROUP}, {"name": "hamburg-2"}])[1] == matching.notes() == []


def test_a_difference_of_the_device_alone_is_found_and_mended(matching):
    file = matching.folder / "connections.conf"
    file.write_text(file.read_text(encoding="utf-8").replace("life_time = 3600s", "life_time = 1800s", 1), "utf-8")
    output, _writes = matching.play("--check", "--diff")
    assert changed(output) == 1 and "-        life_time = 1800s" in output and matching.notes() == []
    assert matching.play()[1] == [] and matching.notes() == ["load", "establish hamburg_1: traffic1"]


def test_keys_are_rotated_with_one_tunnel_always_up(matching):
    lag = down = 2
    matching.cloud.switch(reset_down=down)
    matching.keys = dict.fromkeys(matching.ids, NEW_KEY)
    seen = []

    def statuses():
        return {matching.cloud.connection(one)["status"] for one in matching.ids.values()}

    def look(entry):
        seen.append((entry.operation, statuses()))
        if [operation for operation, _found in seen].count("updateVpnConnection") == 2:
            matching.cloud.switch(lag=lag)  # of the resets

    matching.cloud.on_request(look)
    _output, writes = matching.play(vpn_update_psk="on_change", environment=FINGERPRINT)
    matching.cloud.service.listeners.clear()
    resets = [entry.time for entry in matching.cloud.writes() if entry.operation == "resetVpnConnection"]
    assert writes.count("updateVpnConnection") == len(resets) == 2
    assert matching.notes() == BOTH
    # Sending a key interrupts nothing; from the first reset on, one tunnel has to be up.
    first = [operation for operation, _found in seen].index("resetVpnConnection")
    assert not [found for _operation, found in seen[:first] if "DOWN" in found]
    assert not [found for _operation, found in seen[first:] if "ACTIVE" not in found]
    # That the first tunnel still looks ACTIVE right after its reset does not mean that the second one may be reset.
    assert resets[1] - resets[0] > lag + down
    assert [matching.cloud.negotiated(one)["psk"] for one in matching.ids.values()] == [NEW_KEY] * 2
    output, writes = matching.play(vpn_update_psk="on_change", environment=FINGERPRINT)
    assert writes == matching.notes() == [] and changed(output) == 0


def test_after_a_tunnel_that_does_not_come_up_the_next_one_is_left_alone(matching):
    matching.keys = dict.fromkeys(matching.ids, NEW_KEY)
    output, writes = matching.play(
        vpn_update_psk="always", vpn_establish_command=f"echo broken >> {matching.notes_file}; exit 1", result=2
    )
    assert matching.notes() == ["load", "broken"] and "Re-establish hamburg-2" not in output
    assert writes.count("updateVpnConnection") == 2 and writes.count("resetVpnConnection") == 1
    assert [matching.cloud.negotiated(one)["psk"] for one in matching.ids.values()] == [NEW_KEY, KEY]
    matching.play(vpn_establish="always")
    assert matching.notes() == BOTH


def test_a_file_that_is_not_loaded_leaves_the_cloud_as_it_is(matching):
    _output, writes = matching.play(
        vpn_load_command="exit 1", wanted=[{"name": "hamburg.1", **GROUP}, {"name": "hamburg-2"}], result=2
    )
    assert writes == [] and matching.notes() == []


def test_what_is_missing_is_created_before_it_is_rendered(matching):
    new = {
        "name": "hamburg-3",
        "vgw_id": matching.gateway["id"],
        "vgw_ip": matching.gateway["eip1"]["id"],
        "cgw_id": matching.cloud.add_customer_gateway(id_value="198.18.9.9")["id"],
        "style": "policy",
        "peer_subnets": ["192.168.8.0/24", "192.168.9.0/24"],
        "policy_rules": [{"source": "10.0.0.0/24", "destination": ["192.168.8.0/24", "192.168.9.0/24"]}],
    }
    matching.keys["hamburg-3"] = NEW_KEY
    wanted = [{"name": "hamburg.1", **GROUP}, {"name": "hamburg-2"}, new]
    before = matching.text("connections")
    output, writes = matching.play("--check", wanted=wanted)
    assert writes == [] and "hamburg-3: does not exist yet" in output and matching.text("connections") == before
    matching.cloud.on_request(
        lambda entry: (
            [matching.cloud.set_status(one["id"], "ACTIVE") for one in matching.cloud.connections()]
            if entry.method == "GET" and matching.folder.joinpath("notes").exists()
            else None
        )
    )
    _output, writes = matching.play(wanted=wanted)
    matching.cloud.service.listeners.clear()
    assert set(parsed(matching.text("connections"))["connections"]) == {"hamburg_1", "hamburg-2", "hamburg-3"}
    assert writes == ["createVpnConnection", "updateVpnConnection"]
    assert matching.notes() == ["load", "establish hamburg_1: traffic1", "establish hamburg-3: traffic1 traffic2"]
    assert matching.play(wanted=wanted)[1] == []


def test_without_establishing_it_is_said_what_is_left_to_do(site):
    output, _writes = site.play(vpn_establish="never")
    assert "Re-establish hamburg.1, then hamburg-2, one after the other" in output and site.notes() == ["load"]


def test_another_plan_than_the_approved_one_writes_nothing(matching):
    wanted = [{"name": "hamburg.1", **GROUP}, {"name": "hamburg-2"}]
    plan = re.search(r"plan (v1\.\S+?)\"", matching.play("--check", wanted=wanted)[0]).group(1)
    other = [{"name": "hamburg.1"}, {"name": "hamburg-2", **GROUP}]
    before = matching.text("connections")
    assert matching.play(wanted=other, vpn_expect_plan=plan, result=2)[1] == matching.notes() == []
    assert matching.text("connections") == before
    assert matching.play(wanted=wanted, vpn_expect_plan=plan)[1] == ["updateVpnConnection"]


@pytest.mark.parametrize(
    "variables",
    [
        {"vpn_hosts": ""},
        {"vpn_wanted_connections": []},
        {"vpn_wanted_connections": [{"id": "98c5af8a-1111-4222-8333-ae2280a6f4c3"}]},
        {"vpn_wanted_connections": [{"name": "hamburg.1"}] * 2},
        {"vpn_wanted_connections": [{"name": "hamburg.1", "state": "absent"}]},
        {"vpn_keys": {"hamburg.1": KEY}},
        {"vpn_establish": "perhaps"},
    ],
    ids=str,
)
def test_bad_variables_are_told_in_a_sentence(site, variables):
    output, _writes = site.play(result=2, **variables)
    assert "Set vpn_hosts to the devices, vpn_wanted_connections to a list" in output
    assert site.cloud.journal() == [] and site.notes() == []
