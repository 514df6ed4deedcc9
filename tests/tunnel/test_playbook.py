# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A playbook makes, changes and deletes both ends of a tunnel, with the modules and the filters, and packets pass.

The status of the connection is what the daemon of the cloud says, and the echo is that of packets through the tunnel.
"""

from __future__ import annotations

import json
import pathlib
import re
import sys
import time
import typing as t

import pytest
from controller import ansible
from device import CLOUD, SITE, Device, text
from emulator import Emulator
from ends import FAR, KEY, NEAR, OTHER_KEY
from gateway import Gateway
from hosts import RUN, until
from keywords import attempts

PLAYBOOK = pathlib.Path(__file__).with_name("both_ends.yml")
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
        self.output = ""
        # A host of the inventory is in its network namespace because its Python is.
        python = folder / "python"
        settings = (f"{name}={device.charon.environment[name]}" for name in ("LD_LIBRARY_PATH", "STRONGSWAN_CONF"))
        enter = " ".join((*device.charon.host.enter, "env", *settings, sys.executable))
        python.write_text(f'#!/bin/sh\nexec {enter} "$@"\n')
        python.chmod(0o755)
        local = "ansible_connection=local ansible_python_interpreter="
        (folder / "hosts").write_text(f"site {local}{python}\nlocalhost {local}{sys.executable}\n")

    def play(self, label: str, *options: str, psk: str = KEY, **variables: t.Any) -> Row:
        """Run the playbook, and return what it did and what became of the tunnel."""
        begun = time.monotonic()
        more = json.dumps({"folder": str(RUN), **variables})
        words = ("-i", self.folder / "hosts", "-e", more, *options, PLAYBOOK)
        self.output = ansible("playbook", self.folder, self.emulator, *words, PSK=psk)
        recap = re.search(r"^site +: .* changed=([0-9]+)", self.output, re.MULTILINE)
        assert recap, self.output
        row = self.row(int(recap.group(1)))
        self._note(label, row, time.monotonic() - begun)
        return row

    def row(self, changed: int = 0) -> Row:
        """Return what has become of the tunnel."""
        found = [connection["status"] for connection in self.emulator.connections()]
        return Row(changed, "".join(found), self.device.charon.host.echo(NEAR, FAR, found == ["ACTIVE"]))

    def _note(self, label: str, row: Row, seconds: float) -> None:
        self.table.append(f"{label:44} {row.changed:7} {seconds:5.1f}  {row.status:7} {row.echo}")


@pytest.fixture
def controller(
    emulator: Emulator, gateway: Gateway, device: Device, tmp_path: pathlib.Path, table: list[str]
) -> Controller:
    emulator.add_gateway(name="cloud", eip1={"ip_address": CLOUD}, local_subnets=["10.2.0.0/24"])
    emulator.add_customer_gateway(name="site", id_value=SITE)
    for file in ("connections.conf", "secrets.conf"):
        (RUN / file).unlink(missing_ok=True)
    (RUN / "site.conf").write_text("include connections.conf\ninclude secrets.conf\n")
    return Controller(emulator, gateway, device, tmp_path, table)


def test_the_life_of_a_tunnel(controller: Controller) -> None:
    up, later = "ACTIVE", {"pfs": "group20"}
    play, device = controller.play, controller.device
    assert play("create both ends") == (5, up, "5/5")
    assert play("again") == (0, up, "5/5")
    assert play("again, --check --diff", "--check", "--diff") == (0, up, "5/5")
    assert KEY not in controller.output

    assert play("PFS changed at both ends, established anew", **later) == (4, up, "5/5")
    assert device.rekey(NAME) and device.charon.children(NAME)[0]["dh-group"] == "ECP_384"
    assert play("key changed at both, established anew", psk=OTHER_KEY, update_psk="always", **later) == (4, up, "5/5")
    assert play("again", psk=OTHER_KEY, **later) == (0, up, "5/5")

    third = {"psk": THIRD_KEY, **later}
    assert play("key changed at the cloud only", update_psk="always", site=False, **third) == (1, up, "5/5")
    assert device.rekey(NAME), "a key that differs is not noticed when an IPsec SA is renewed"
    assert play("  ... and reset: always", reset="always", site=False, **third) == (1, "DOWN", "0/5")
    assert until(lambda: attempts(controller.gateway.charon.text(), SITE)[-1][1] == "authentication fail")
    assert play("  ... and the key at the site too", **third) == (3, up, "5/5")

    deleted = play("deleted", state="absent", site=False, **third)
    until(lambda: not device.charon.children(NAME))
    assert deleted == (1, "", "0/5")
    assert controller.gateway.charon.associations() == [] == device.charon.associations()
    for key in (KEY, OTHER_KEY, THIRD_KEY):
        assert key not in (RUN / "connections.conf").read_text()


def test_a_key_is_changed_at_the_site_first(controller: Controller) -> None:
    """Nothing happens until the cloud has it too, and resets the tunnel because IKEv2 would keep the old key."""
    emulator, device = controller.emulator, controller.device
    assert controller.play("create both ends") == (5, "ACTIVE", "5/5")
    before = device.charon.associations(NAME)
    shown = [emulator.shown(item["id"]) for item in emulator.connections()]
    ends = {"gateways": emulator.gateways(), "customers": emulator.customer_gateways()}
    device.load(text(shown, {NAME: OTHER_KEY}, start_action="trap", **ends))
    assert controller.row() == (0, "ACTIVE", "5/5")
    changes = {"psk": OTHER_KEY, "update_psk": "always", "reset": "if_required"}
    assert controller.play("key changed at the cloud, reset: if_required", site=False, **changes).changed == 1
    assert until(lambda: controller.row() == (0, "ACTIVE", "5/5"))
    assert device.charon.associations(NAME)[0]["uniqueid"] != before[0]["uniqueid"]
