# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The playbook both_ends makes and changes both ends of a tunnel, and packets pass. A module changes the cloud alone.

The status of the connection is what the daemon of the cloud says, and the echo is that of packets through the tunnel.
"""

from __future__ import annotations

import json
import os
import pathlib
import re
import shlex
import sys
import tempfile
import time
import typing as t

import pytest
from controller import ansible
from device import CLOUD, SITE, Device
from emulator import Emulator
from ends import FAR, KEY, NEAR, OTHER_KEY, RULES
from gateway import Gateway
from hosts import DOWN, UP, command, until
from keywords import attempts
from picture import Step, lines, svg

THIRD_KEY = "Third@12345"
NAME = "hamburg-1"


class Row(t.NamedTuple):
    """What a run did, and what became of the tunnel."""

    changed: int
    status: str
    echo: str


class Controller:
    """Ansible's controller, the daemons, and a table of what was done."""

    def __init__(
        self, emulator: Emulator, gateway: Gateway, device: Device, folder: pathlib.Path, table: list[str]
    ) -> None:
        self.emulator, self.gateway, self.device = emulator, gateway, device
        self.folder, self.table = folder, table
        self.connections_file = device.charon.folder / "conf.d" / "huaweicloud.conf"
        self.output = ""
        # A host of the inventory is in its network namespace because its Python is.
        python = folder / "python"
        settings = (f"{name}={shlex.quote(value)}" for name, value in device.charon.own.items())
        enter = " ".join((*device.charon.host.enter, "env", *settings, sys.executable))
        python.write_text(f'#!/bin/sh\nexec {enter} "$@"\n')
        python.chmod(0o755)
        local = "ansible_connection=local ansible_python_interpreter="
        (folder / "hosts").write_text(f"site {local}{python}\nlocalhost {local}{sys.executable}\n")

    def play(self, label: str, *options: str, key: str = KEY, pfs: str = "group19", **variables: t.Any) -> Row:
        """Run the playbook, and return what it did and what became of the tunnel."""
        wanted = {
            "name": NAME,
            "vgw_name": "cloud",
            "vgw_ip": CLOUD,
            "cgw_name": "site",
            "style": "policy",
            "peer_subnets": ["10.1.0.0/24"],
            "policy_rules": RULES,
            "ikepolicy": {"dh_group": "group19"},
            "ipsecpolicy": {"pfs": pfs},
        }
        more = {
            "vpn_hosts": "site",
            "vpn_wanted_connections": [wanted],
            "vpn_keys": {NAME: key},
            "vpn_connections_file": str(self.connections_file),
            "vpn_secrets_file": str(self.connections_file.with_name("secrets.conf")),
            "vpn_wait_timeout": 60,
            **variables,
        }
        begun = time.monotonic()
        words = ("-i", self.folder / "hosts", "-e", json.dumps(more), *options, "huaweicloud.vpn.both_ends")
        self.output = ansible("playbook", self.folder, self.emulator, *words)
        recap = re.search(r"^site +: .* changed=([0-9]+)", self.output, re.MULTILINE)
        assert recap, self.output
        return self._noted(label, int(recap.group(1)), time.monotonic() - begun)

    def change(self, label: str, **options: t.Any) -> Row:
        """Change the connection by the module, and nothing at the site."""
        begun = time.monotonic()
        arguments = json.dumps({"name": NAME, "wait_timeout": 60, **options})
        words = ("localhost", "-i", self.folder / "hosts", "-m", "huaweicloud.vpn.vpn_connection", "-a", arguments)
        self.output = ansible("adhoc", self.folder, self.emulator, *words)
        changed = int(self.output.startswith("localhost | CHANGED"))
        return self._noted(label, changed, time.monotonic() - begun)

    def row(self, changed: int = 0) -> Row:
        """Return what has become of the tunnel."""
        found = [connection["status"] for connection in self.emulator.connections()]
        return Row(changed, "".join(found), self.device.charon.host.echo(NEAR, FAR, found == ["ACTIVE"]))

    def _noted(self, label: str, changed: int, seconds: float) -> Row:
        row = self.row(changed)
        self.table.append(f"{label:44} {row.changed:7} {seconds:5.1f}  {row.status:7} {row.echo}")
        return row


@pytest.fixture
def controller(emulator: Emulator, gateway: Gateway, device: Device, table: list[str]) -> t.Iterator[Controller]:
    emulator.add_gateway(name="cloud", eip1={"ip_address": CLOUD}, local_subnets=["10.2.0.0/24"])
    emulator.add_customer_gateway(name="site", id_value=SITE)
    # Its path is as plain as TMPDIR, for an inventory: that of tmp_path has what the name of the checkout has.
    with tempfile.TemporaryDirectory() as folder:
        yield Controller(emulator, gateway, device, pathlib.Path(folder), table)


def test_the_life_of_a_tunnel(controller: Controller) -> None:
    up, later = "ACTIVE", {"pfs": "group20"}
    play, change, device = controller.play, controller.change, controller.device
    assert play("create both ends") == (5, up, UP)
    assert play("again") == (0, up, UP)
    assert play("again, --check --diff", "--check", "--diff") == (0, up, UP)
    assert KEY not in controller.output

    assert play("PFS changed at both ends, re-established", **later) == (4, up, UP)
    assert device.rekey(NAME) and device.charon.children(NAME)[0]["dh-group"] == "ECP_384"
    assert play("key changed at both, re-established", key=OTHER_KEY, vpn_update_psk="always", **later) == (5, up, UP)
    assert play("again", key=OTHER_KEY, **later) == (0, up, UP)

    assert change("key changed at the cloud only", psk=THIRD_KEY, update_psk="always") == (1, up, UP)
    assert device.rekey(NAME), "a key that differs is not noticed when an IPsec SA is renewed"
    assert change("  ... and reset: always", reset="always") == (1, "DOWN", DOWN)
    assert until(lambda: attempts(controller.gateway.charon.text(), SITE)[-1][1] == "authentication fail")
    assert play("  ... and the key at the site too", key=THIRD_KEY, **later) == (3, up, UP)

    deleted = change("deleted", state="absent")
    until(lambda: not device.charon.children(NAME))
    assert deleted == (1, "", DOWN)
    assert controller.gateway.charon.associations() == [] == device.charon.associations()
    for key in (KEY, OTHER_KEY, THIRD_KEY):
        assert key not in controller.connections_file.read_text()


def test_a_session_for_the_picture_of_the_readme(controller: Controller) -> None:
    """What is in the picture was printed by these programs. PICTURE names the file to write it to.

    A user has the variables of the playbook in a file, and the programs in the usual places.
    """
    host, output = controller.device.charon.host, []
    assert controller.play("create both ends") == (5, "ACTIVE", UP)
    output.append(Step("ansible-playbook huaweicloud.vpn.both_ends -i hosts -e @hamburg.yml", controller.output))
    for words in (("swanctl", "--list-sas"), ("ping", "-c", "3", "-I", NEAR, FAR)):
        done = command(*host.enter, *words, env=controller.device.charon.environment)
        output.append(Step(" ".join(words), done.stdout))
    shown = lines(output)
    assert [line for line in shown if re.match(r"site .* failed=0", line)]
    assert [line for line in shown if "ESTABLISHED, IKEv2" in line]
    assert [line for line in shown if "3 received, 0% packet loss" in line]
    assert not [line for line in shown if KEY in line or KEY.encode().hex() in line]
    picture = svg(shown, "A playbook makes both ends of a tunnel, the daemon lists it, and packets pass")
    if "PICTURE" in os.environ:
        pathlib.Path(os.environ["PICTURE"]).write_text(picture)
