# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The examples in the documentation of modules and filters are run against the emulator, each from first to last."""

from __future__ import annotations

import ast
import re

import pytest
import yaml

from ansible_collections.huaweicloud.vpn.tests.unit.harness.documents import COLLECTION, Place
from ansible_collections.huaweicloud.vpn.tests.unit.harness.support import KEY

GATEWAY = "620d99b8-2222-4333-8444-0d1f5a2c7e11"
ADDRESS = "8d2f3c5a-3333-4444-8555-7b9e1c4d6f22"
HAMBURG = "1a7e4b9c-4444-4555-8666-3c5d8f0a2b33"
MUNICH = "2b8f5c0d-5555-4666-8777-4d6e9a1b3c44"
BREMEN = "98c5af8a-1111-4222-8333-ae2280a6f4c3"

# Examples that find what there is, in the order in which they run in one playbook
FINDING = (
    "modules/vpn_availability_zone_info",
    "modules/vpn_connection_info",
    "modules/vpn_customer_gateway_info",
    "modules/vpn_gateway_info",
    "modules/vpn_peer_device_info",
    "modules/vpn_quota_info",
    "filter/peer_settings",
    "filter/swanctl",
    "filter/swanctl_secrets",
)
BRANCHES = ("modules/vpn_connections",)
# Examples that begin with an empty project
SITE = ("modules/vpn_customer_gateway", "modules/vpn_gateway")
# The integration target vpn_connection_examples runs these.
RUN_ELSEWHERE = ("modules/vpn_connection",)

KEYS = {
    "vault_psk_hamburg": "Hamburg-Key-1",
    "vault_psk_munich": "Munich-Key-1",
    "vault_psks": {"branch-hamburg": "Hamburg-Key-1", "branch-hamburg-1": "Hamburg-Key-2"},
}


def examples(plugin):
    """Return the text of a plugin's EXAMPLES."""
    tree = ast.parse((COLLECTION / "plugins" / f"{plugin}.py").read_text(encoding="utf-8"))
    (found,) = (node.value for node in tree.body if isinstance(node, ast.Assign) and node.targets[0].id == "EXAMPLES")
    return ast.literal_eval(found)


def secrets():
    return [KEY, *KEYS["vault_psks"].values(), KEYS["vault_psk_hamburg"], KEYS["vault_psk_munich"]]


def run(cloud, folder, plugins, **variables):
    """Run the examples of plugins in one playbook; return how many tasks changed something.

    Files that examples write below /etc are written below the folder instead.
    """
    variables.update(KEYS, vault_access_key=cloud.access_key, vault_secret_key=cloud.secret_key)
    plays, names = [], []
    for plugin in plugins:
        tasks = yaml.safe_load(examples(plugin).replace("/etc/", f"{folder}/"))
        names += [task["name"] for entry in tasks for task in entry.get("block", [entry])]
        play = {"name": plugin, "hosts": "localhost", "gather_facts": False, "vars": variables, "tasks": tasks}
        plays.append(play)
    (folder / "play.yml").write_text(yaml.safe_dump(plays, sort_keys=False), encoding="utf-8")
    place = Place(cloud, folder)
    result, output = place.run("ansible-playbook play.yml --diff")
    assert result == 0, output
    done = re.findall(r"^TASK \[(.*?)\] \*", output, re.MULTILINE)
    assert [name for name in names if name not in done] == []
    assert [secret for secret in (*secrets(), cloud.secret_key) if secret in output] == []
    counts = dict(re.findall(r"(\w+)=(\d+)", output.rpartition("PLAY RECAP")[2]))
    assert {counts[name] for name in ("failed", "unreachable", "skipped", "ignored")} == {"0"}
    return int(counts["changed"])


@pytest.fixture
def branches(cloud):
    """Prepare the gateway and the branches that examples name."""
    cloud.add_gateway(id=GATEWAY, name="vpngw-frankfurt", eip1={"id": ADDRESS})
    for name, identifier, address in (
        ("cgw-hamburg", HAMBURG, "198.51.100.20"),
        ("cgw-munich", MUNICH, "198.51.100.21"),
    ):
        cloud.add_customer_gateway(id=identifier, name=name, id_value=address)
    there = {"vgw_id": GATEWAY, "vgw_ip": ADDRESS, "psk": KEY}
    cloud.add_connection(name="branch-hamburg", cgw_id=HAMBURG, peer_subnets=["192.168.20.0/24"], **there)
    cloud.add_connection(name="branch-berlin", **there)
    cloud.add_connection(id=BREMEN, name="branch-bremen", **there)
    return cloud


def test_every_plugin_with_examples_is_run():
    here = {f"modules/{file.stem}" for file in (COLLECTION / "plugins/modules").glob("*.py")}
    here |= {f"filter/{file.stem}" for file in (COLLECTION / "plugins/filter").glob("*.py")}
    assert here == {*FINDING, *BRANCHES, *SITE, *RUN_ELSEWHERE}


def test_examples_that_find_what_there_is(branches, tmp_path):
    (tmp_path / "device.conf.j2").write_text(
        "".join(line[2:] + "\n" for line in examples("filter/peer_settings").splitlines() if line.startswith("# {")),
        encoding="utf-8",
    )
    for folder in ("ipsec.d", "swanctl/conf.d"):
        (tmp_path / folder).mkdir(parents=True)
    run(branches, tmp_path, FINDING)
    device = (tmp_path / "device.conf").read_text(encoding="utf-8")
    assert re.fullmatch(r"(peer \S+ group \d+\n)+", device), device
    assert (tmp_path / "ipsec.d" / "huawei.conf").stat().st_mode & 0o777 == 0o600
    connections = (tmp_path / "swanctl" / "conf.d" / "huaweicloud.conf").read_text(encoding="utf-8")
    assert "branch-hamburg" in connections and not [secret for secret in secrets() if secret in connections]
    keys = tmp_path / "swanctl" / "conf.d" / "huaweicloud-secrets.conf"
    assert keys.stat().st_mode & 0o777 == 0o600 and b"Hamburg-Key-1".hex() in keys.read_text(encoding="utf-8")


def test_examples_of_many_connections(branches, tmp_path):
    entries = [{"name": "branch-hamburg", "ikepolicy": {"lifetime_seconds": 5400}}]
    run(branches, tmp_path, BRANCHES, branches=entries)
    assert {connection["name"] for connection in branches.connections()} == {"branch-hamburg", "branch-munich"}
    assert all("192.168.90.0/24" in connection["peer_subnets"] for connection in branches.connections())


def test_examples_of_a_site(cloud, tmp_path):
    changed = run(cloud, tmp_path, SITE)
    texts = "\n".join(map(examples, SITE))
    assert changed == len(re.findall(r"^  huaweicloud\.vpn\.vpn_\w*gateway:$", texts, re.MULTILINE))
    assert not cloud.connections()
