# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Keys from wherever a playbook may have them, in the controller's process and as a module: real playbooks against the emulator."""

from __future__ import annotations

import json
import re
import sys
import textwrap

import pytest
from ansible.parsing.vault import VaultLib, VaultSecret

from ansible_collections.huaweicloud.vpn.tests.unit.harness import commands
from ansible_collections.huaweicloud.vpn.tests.unit.harness.support import access

PASSWORD = "Vault-Password-1"
KEYS = {
    "inline": "Inline-Key-11",
    "variable": "Variable-Key-22",
    "nested": "Nested-Key-33",
    "lookup": "Lookup-Key-44",
    "template": "Template-Key-55",
}

# The names of the connections say where their keys come from.
PLAYBOOK = """
- hosts: localhost
  connection: local
  gather_facts: false
  vars:
    ansible_python_interpreter: "{{ interpreter }}"
    vaulted: {variable}
    keys:
      nested: {nested}
      template: {template}
  module_defaults:
    group/huaweicloud.vpn.all:
      endpoint: "{{ cloud.endpoint }}"
      auth_url: "{{ cloud.auth_url }}"
      region: "{{ cloud.region }}"
      project_id: "{{ cloud.project_id }}"
      access_key: "{{ cloud.access_key }}"
      secret_key: {secret_key}
  tasks:
    - huaweicloud.vpn.vpn_connection:
        name: one-inline
        update_psk: always
        psk: {inline}
    - huaweicloud.vpn.vpn_connection:
        name: one-template
        update_psk: always
        psk: "{{ keys.template | trim }}"
    - huaweicloud.vpn.vpn_connections:
        connections:
          - name: many-inline
            update_psk: always
            psk: {inline}
          - name: many-variable
            update_psk: always
            psk: "{{ vaulted }}"
          - name: many-nested
            update_psk: always
            psk: "{{ keys.nested }}"
          - name: many-lookup
            update_psk: always
            psk: "{{ lookup('ansible.builtin.file', 'key.txt') }}"
          - name: many-template
            update_psk: always
            psk: "{{ keys.template | trim }}"
"""


def vaulted(text, indent):
    encrypted = VaultLib([("default", VaultSecret(PASSWORD.encode()))]).encrypt(text).decode()
    return "!vault |\n" + textwrap.indent(encrypted, " " * indent)


def play(folder, interpreter, cloud):
    """Run the playbook and return what it told (str)."""
    text = PLAYBOOK
    for name, key in dict(KEYS, secret_key=cloud.secret_key).items():
        text = text.replace("{%s}" % name, vaulted(key, 14))
    (folder / "play.yml").write_text(text, encoding="utf-8")
    (folder / "key.txt").write_text(KEYS["lookup"], encoding="utf-8")
    (folder / "password.txt").write_text(PASSWORD, encoding="utf-8")
    (folder / "ansible.cfg").write_text("[defaults]\n", encoding="utf-8")
    (folder / "more.json").write_text(
        json.dumps({"cloud": dict(access(cloud), secret_key=""), "interpreter": interpreter}), encoding="utf-8"
    )
    environment = commands.environment(ANSIBLE_PIPELINING="1", ANSIBLE_VAULT_PASSWORD_FILE=str(folder / "password.txt"))
    arguments = ["-vvvv", "--diff", "-i", "localhost,", "-e", "@more.json", "play.yml"]
    process = commands.run(["playbook", *arguments], folder, environment)
    assert process.returncode == 0, process.stdout
    return process.stdout


# One test for each way, since a playbook takes its time and ansible-test gives each test a process of its own.
@pytest.mark.parametrize("as_module", [False, True], ids=["in the controller's process", "as a module"])
def test_keys_arrive_and_are_not_told(cloud, tmp_path, as_module):
    another = tmp_path / "python"
    another.symlink_to(sys.executable)
    for name in re.findall(r"name: ((?:one|many)-\w+)\n +update_psk", PLAYBOOK):
        cloud.add_connection(name=name)
    output = play(tmp_path, str(another) if as_module else sys.executable, cloud)
    configured = {connection["name"]: cloud.configured(connection["id"])["psk"] for connection in cloud.connections()}
    assert configured == {name: KEYS[name.partition("-")[2]] for name in configured}
    assert len(configured) == 7
    assert [secret for secret in list(KEYS.values()) + [PASSWORD, cloud.secret_key] if secret in output] == []
    assert "psk_updated" in output and "Traceback" not in output
    # Core tells at -vvvv which commands it runs on the target: those that start a module.
    assert bool(re.search(r"^<localhost> EXEC ", output, re.MULTILINE)) == as_module
