# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What README and guides show is run against the emulator, and what they show as output is what comes out."""

from __future__ import annotations

import ast
import json
import re
import shlex
import sys

import pytest
import yaml

from ansible_collections.huaweicloud.vpn.plugins.module_utils._http import metadata
from ansible_collections.huaweicloud.vpn.plugins.module_utils._input.access import ENVIRONMENT
from ansible_collections.huaweicloud.vpn.plugins.module_utils._input.credentials import FAMILIES
from ansible_collections.huaweicloud.vpn.plugins.module_utils._resources.connection import CONNECTION
from ansible_collections.huaweicloud.vpn.plugins.module_utils._resources.gateway import GATEWAY as GATEWAY_TABLE
from ansible_collections.huaweicloud.vpn.plugins.module_utils._work import info, single
from ansible_collections.huaweicloud.vpn.tests.unit.harness.clocks import FastClock
from ansible_collections.huaweicloud.vpn.tests.unit.harness.documents import COLLECTION, Place, blocks
from ansible_collections.huaweicloud.vpn.tests.unit.harness.support import KEY, access

GATEWAY = "620d99b8-2222-4333-8444-0d1f5a2c7e11"
ADDRESS = "8d2f3c5a-3333-4444-8555-7b9e1c4d6f22"
CUSTOMERS = {
    "cgw-hamburg": "1a7e4b9c-4444-4555-8666-3c5d8f0a2b33",
    "cgw-munich": "2b8f5c0d-5555-4666-8777-4d6e9a1b3c44",
}
GUIDES = "docs/docsite/rst/"

# Documents that other tests run: the target vpn_connection_examples of the integration tests, and test_site_playbook.
RUN_ELSEWHERE = {"guide_lifecycle", "guide_branch"}


@pytest.fixture
def place(cloud, tmp_path):
    cloud.add_gateway(id=GATEWAY, name="vpngw-frankfurt", eip1={"id": ADDRESS})
    for name, identifier in CUSTOMERS.items():
        cloud.add_customer_gateway(id=identifier, name=name)
    return Place(cloud, tmp_path)


def written(place, block, name):
    (place.folder / name).write_text(block.text, encoding="utf-8")


def without_trailing_blanks(text):
    return re.sub(r" +$", "", text, flags=re.MULTILINE).strip()


# ---- README


@pytest.fixture
def readme(cloud, place):
    """Prepare the branch office of the README."""
    cloud.add_connection(
        id="98c5af8a-1111-4222-8333-ae2280a6f4c3",
        name="branch-office",
        vgw_id=GATEWAY,
        vgw_ip=ADDRESS,
        cgw_id=CUSTOMERS["cgw-hamburg"],
        style="static",
        psk=KEY,
        peer_subnets=["192.168.1.0/24"],
        tunnel_local_address="169.254.38.45/30",
        tunnel_peer_address="169.254.38.46/30",
    )
    playbook = next(block for block in blocks("README.md") if "branch-office" in block.text)
    written(place, playbook, "branch-office.yml")
    return place


def test_the_first_command_of_the_readme_proves_the_credentials(readme):
    command = next(block.text for block in blocks("README.md") if block.text.startswith("ansible localhost"))
    result, output = readme.run(command)
    assert result == 0 and "vpngw-frankfurt" in output
    result, output = readme.run(command, HW_SECRET_KEY="mistyped")
    assert result != 0 and "APIGW.0301" in output and "Traceback" not in output and "mistyped" not in output


def test_the_dry_run_of_the_readme_prints_what_is_shown(cloud, readme):
    shown = next(block.text for block in blocks("README.md") if "--check" in block.text)
    command, _newline, expected = shown.partition("\n")
    result, output = readme.run(command[2:])
    assert result == 0 and without_trailing_blanks(output) == without_trailing_blanks(expected)
    assert not cloud.writes()


def test_the_playbook_of_the_readme_sends_what_it_says(cloud, readme):
    assert readme.run("ansible-playbook branch-office.yml")[0] == 0
    (write,) = cloud.writes()
    assert write.method == "PUT" and write.body == {
        "vpn_connection": {
            "peer_subnets": ["192.168.1.0/24", "192.168.2.0/24"],
            "ikepolicy": {"dh_group": "group20"},
            "ipsecpolicy": {"pfs": "group20"},
        }
    }
    result, output = readme.run("ansible-playbook branch-office.yml")
    assert result == 0 and "changed=0" in output and len(cloud.writes()) == 1


# ---- guides


def test_the_first_steps(cloud, place):
    defaults, playbook = (block for block in blocks(GUIDES + "guide_first_steps.rst") if block.language == "yaml")
    cloud.add_connection(name="branch-office", vgw_id=GATEWAY, psk=KEY, ikepolicy={"lifetime_seconds": 86400})
    written(place, playbook, "first_steps.yml")
    commands = [
        block.text.strip() for block in blocks(GUIDES + "guide_first_steps.rst") if "first_steps.yml" in block.text
    ]
    outputs = [place.run(command[2:]) for command in [command for command in commands if command.startswith("$")] * 2]
    assert [re.findall("changed=[0-9]", output) for _result, output in outputs] == [["changed=1"]] * 2 + [
        ["changed=0"]
    ] * 2
    assert len(cloud.writes()) == 1
    assert list(yaml.safe_load(defaults.text)[0]["module_defaults"]) == ["group/huaweicloud.vpn.all"]


def test_many_connections(cloud, place):
    """The tasks of the guide follow each other in one play."""
    document = blocks(GUIDES + "guide_many_connections.rst")
    for name in ("branch-berlin", "branch-hamburg", "branch-bremen", "branch-hamburg-1", "branch-hamburg-2"):
        cloud.add_connection(name=name, vgw_id=GATEWAY, psk=KEY, ikepolicy={"lifetime_seconds": 7200})
    tasks = [task for block in document if block.language == "yaml" for task in yaml.safe_load(block.text)]
    variables = {
        "gateway_id": GATEWAY,
        "gateway_eip_id": ADDRESS,
        "vault_psk_hamburg": "Hamburg-Key-1",
        "vault_psk_munich": "Munich-Key-1",
        "vault_psk_hamburg_1": "Hamburg-Key-11",
        "vault_psk_hamburg_2": "Hamburg-Key-12",
        "branches": [{"name": name} for name in ("branch-berlin", "branch-hamburg-1", "branch-hamburg-2")],
    }
    play = {"name": "Branches", "hosts": "localhost", "gather_facts": False, "vars": variables, "tasks": tasks}
    (place.folder / "branches.yml").write_text(yaml.safe_dump([play], sort_keys=False), encoding="utf-8")
    result, output = place.run("ansible-playbook branches.yml --diff")
    assert result == 0 and all(f"TASK [{task['name']}]" in output for task in tasks), output
    assert {connection["name"] for connection in cloud.connections()} == {
        "branch-berlin",
        "branch-hamburg-1",
        "branch-hamburg-2",
    }


def test_authentication(cloud, monkeypatch):
    """The tasks of the guide work as they are, but for the place of the cloud; variables of jobs are those that are read."""
    monkeypatch.setattr(metadata, "BASE", cloud.metadata.url)
    cloud.add_gateway(id=GATEWAY)
    cloud.add_connection(name="branch-hamburg", vgw_id=GATEWAY, ikepolicy={"lifetime_seconds": 86400})
    found = [block for block in blocks(GUIDES + "guide_authentication.rst") if block.language == "yaml"]
    server, gitlab, github, agency = (yaml.safe_load(block.text) for block in found)
    here = {"endpoint": cloud.url, "auth_url": cloud.url, "region": cloud.region, "project_id": cloud.project_id}
    options = {**server[0]["huaweicloud.vpn.vpn_gateway_info"], **here}
    result = info.perform(GATEWAY_TABLE, info.enter(GATEWAY_TABLE, options, {}), False, FastClock(), "tests")
    assert [gateway["id"] for gateway in result["vpn_gateways"]] == [GATEWAY] and cloud.metadata.requests

    there = {"project_id": cloud.other_project_id, "access_key": cloud.access_key, "secret_key": cloud.secret_key}
    there.update(agency_name=cloud.agency_name, agency_domain_name=cloud.agency_domain_name)
    options = {**agency[0]["huaweicloud.vpn.vpn_connection"], **here, **there}
    result = single.perform(CONNECTION, single.enter(CONNECTION, options, {}), False, FastClock(), "tests")
    assert [change["path"] for change in result["changes"]] == ["ikepolicy.lifetime_seconds"]

    read = {variable for names in ENVIRONMENT.values() for variable in names}.union(*(map(dict.values, FAMILIES)))
    job = gitlab["plan"]
    assert {*job["id_tokens"], *job["variables"]} <= read
    assert set(re.findall("HW_[A-Z_]+", github[0]["run"])) <= read
    text = (COLLECTION / GUIDES / "guide_authentication.rst").read_text(encoding="utf-8")
    assert set(re.findall("``((?:HW|HUAWEICLOUD)_[A-Z_]+[A-Z])``", text)) <= read


def shown(document, word):
    """Return the code blocks of a document that contain a word."""
    return [block for block in blocks(GUIDES + document) if word in block.text]


def commands(*found):
    """Return the command lines of code blocks."""
    lines = (line for block in found for line in block.text.splitlines())
    return [line[2:] for line in lines if line.startswith("$ ansible-playbook")]


def test_adopting(cloud, place):
    cloud.add_connection(name="branch-hamburg", vgw_id=GATEWAY, psk=KEY, ikepolicy={"lifetime_seconds": 86400})
    (adopt,) = commands(*shown("guide_adopt.rst", "huaweicloud.vpn.adopt"))
    result, output = place.run(adopt)
    assert result == 0, output
    described = place.folder / "vpn_connections.yml"
    (sample,) = (block for block in shown("guide_adopt.rst", "vpn_connections:\n- id") if block.language == "yaml")
    (entry,) = yaml.safe_load(described.read_text(encoding="utf-8"))["vpn_connections"]
    assert set(yaml.safe_load(sample.text)["vpn_connections"][0]) <= set(entry)
    (playbook,) = (block for block in shown("guide_adopt.rst", "vars_files") if block.language == "yaml")
    written(place, playbook, "apply.yml")
    unchanged, changed = (block for block in shown("guide_adopt.rst", "$ ansible-playbook apply.yml"))
    result, output = place.run(*commands(unchanged))
    assert result == 0 and "changed=0" in output and "ok: [localhost]" in output, output
    text = described.read_text(encoding="utf-8")
    described.write_text(text.replace("lifetime_seconds: 86400", "lifetime_seconds: 7200"), encoding="utf-8")
    result, output = place.run(*commands(changed))
    expected = [line for line in changed.text.splitlines() if line.startswith(("+", "-"))]
    assert result == 0 and len(expected) == 2 and all(line in output.splitlines() for line in expected), output
    place.run("ansible-playbook apply.yml")
    assert [write.body for write in cloud.writes()] == [
        {"vpn_connection": {"ikepolicy": {"lifetime_seconds": 7200}}},
    ]


def test_what_is_shown_below_a_diff_is_printed_there(cloud, place):
    names = [f"branch-{number:02}" for number in range(1, 29)]
    for name in names:
        cloud.add_connection(name=name, vgw_id=GATEWAY, psk=KEY, ikepolicy={"dh_group": "group14"})
    cloud.add_connection(name="branch-munich", vgw_id=GATEWAY, psk=KEY, peer_subnets=["192.168.40.0/24"])
    (task,) = (block for block in shown("guide_lifecycle.rst", "approved_plan") if block.language == "yaml")
    fleet = {"connections": [{"name": name, "ikepolicy": {"dh_group": "group21"}} for name in names]}
    tasks = [*yaml.safe_load(task.text), {"name": "Standard", "huaweicloud.vpn.vpn_connections": fleet}]
    play = {"hosts": "localhost", "gather_facts": False, "tasks": tasks}
    (place.folder / "play.yml").write_text(yaml.safe_dump([play], sort_keys=False), encoding="utf-8")
    result, output = place.run("ansible-playbook play.yml --check --diff")
    assert result == 0 and not cloud.writes(), output
    for guide in ("guide_lifecycle.rst", "guide_many_connections.rst"):
        (text,) = (block.text for block in shown(guide, "plan_id: v1.") if block.language == "text")
        text = text.replace("branch-03, ...", ", ".join(names[2:])).partition("plan_id")[0]
        assert f"{text}plan_id: v1." in output, output


def test_the_connection_by_names_is_that_of_the_complete_playbook():
    """The integration target vpn_gateway_info runs the complete playbook."""
    (block,) = (block for block in shown("guide_adopt.rst", "ha_role") if block.language == "yaml")
    (task,) = yaml.safe_load(block.text)
    (play,) = yaml.safe_load((COLLECTION / "docs/examples/create_by_names.yml").read_text(encoding="utf-8"))
    (complete,) = (other for other in play["tasks"] if other["name"] == task["name"])
    assert task.items() <= complete.items()
    (command,) = (block.text for block in shown("guide_adopt.rst", "create_by_names.yml --check"))
    given = re.findall(r"-e (\w+)=", command)
    assert given and set(given) <= set(re.findall(r"\w+", str(play)))


def test_commands_name_playbooks_and_variables_that_exist():
    """test_installed runs each playbook by name."""
    lines = [
        line
        for file in sorted((COLLECTION / GUIDES).glob("*.rst"))
        for line in commands(*blocks(GUIDES + file.name))
        if "huaweicloud.vpn." in line
    ]
    assert len(lines) > 10
    for line in lines:
        _program, name, *options = line.split()
        text = (COLLECTION / "playbooks" / f"{name.rpartition('.')[2]}.yml").read_text(encoding="utf-8")
        documented = set(re.findall(r"^#   (vpn_\w+) ", text, re.MULTILINE))
        known = {"-e", "-i", "--check", "--diff", "--ask-vault-pass"}
        others = [option for option in options if option not in known and not option.endswith(".yml")]
        assert {option.partition("=")[0] for option in others} <= documented, line


# ---- recipes

RENAMED = "98c5af8a-1111-4222-8333-ae2280a6f4c3"
KEYS = ("New-Example-Key-1", "New-Example-Key-2", "Loop-Key-Number-1", "Bremen-Key-1", "Bremen-Key-2")


@pytest.fixture
def recipes(cloud, place):
    """Return what runs the tasks of the recipe that has a word, in a project with some connections."""
    cloud.add_customer_gateway(name="cgw-bremen")
    cloud.add_connection(name="branch-hamburg", vgw_id=GATEWAY, psk=KEY, peer_subnets=["192.168.20.0/24"])
    rules = [{"source": f"10.0.{number}.0/24", "destination": ["192.168.40.0/24"]} for number in (0, 1)]
    cloud.add_connection(name="branch-ulm", vgw_id=GATEWAY, psk=KEY, style="policy", policy_rules=rules)
    cloud.add_connection(id=RENAMED, name="branch-keil", vgw_id=GATEWAY, psk=KEY)
    cloud.clear_journal()
    variables = {
        "vault_psk_bremen_1": "Bremen-Key-1",
        "vault_psk_bremen_2": "Bremen-Key-2",
        "vault_keys": {"branch-hamburg": "Loop-Key-Number-1"},
    }

    def run(word, *options):
        (block,) = (block for block in shown("guide_recipes.rst", word) if block.language == "yaml")
        play = {"hosts": "localhost", "gather_facts": False, "vars": variables, "tasks": yaml.safe_load(block.text)}
        (place.folder / "play.yml").write_text(yaml.safe_dump([play], sort_keys=False), encoding="utf-8")
        result, output = place.run("ansible-playbook play.yml", *options)
        assert result == 0 and not [key for key in KEYS if key in output], output
        return output

    return run


def by_name(cloud):
    return {connection["name"]: connection for connection in cloud.connections()}


def is_idempotent(cloud, recipes, word):
    """Run a recipe as a dry run, for real, and again; return what it sent."""
    assert "changed=1" in recipes(word, "--check") and not cloud.writes()
    assert "changed=1" in recipes(word)
    sent = cloud.writes()
    assert "changed=0" in recipes(word) and cloud.writes() == sent
    return sent


def test_recipe_add_a_subnet(cloud, recipes):
    is_idempotent(cloud, recipes, "list_mode: add")
    assert by_name(cloud)["branch-hamburg"]["peer_subnets"] == ["192.168.20.0/24", "192.168.21.0/24"]


def test_recipe_remove_a_rule(cloud, recipes):
    is_idempotent(cloud, recipes, "list_mode: remove")
    assert [rule["source"] for rule in by_name(cloud)["branch-ulm"]["policy_rules"]] == ["10.0.0.0/24"]


def test_recipe_rename(cloud, recipes):
    (write,) = is_idempotent(cloud, recipes, "branch-kiel")
    assert write.body == {"vpn_connection": {"name": "branch-kiel"}}
    assert len(cloud.connections()) == 3


def test_recipe_standardize_encryption(cloud, recipes):
    sent = is_idempotent(cloud, recipes, "Apply the standard")
    assert len(sent) == 3
    assert {connection["ikepolicy"]["dh_group"] for connection in cloud.connections()} == {"group20"}
    assert {connection["ipsecpolicy"]["pfs"] for connection in cloud.connections()} == {"group20"}


def test_recipe_ha_pair(cloud, recipes):
    is_idempotent(cloud, recipes, "vgw_name")
    pair = [by_name(cloud)[f"branch-bremen-{number}"] for number in (1, 2)]
    assert pair[0]["vgw_ip"] == ADDRESS != pair[1]["vgw_ip"]
    assert pair[0]["vgw_id"] == pair[1]["vgw_id"] == GATEWAY and pair[0]["cgw_id"] == pair[1]["cgw_id"]


def test_recipe_keys_in_a_loop(cloud, recipes):
    assert "branch-hamburg" in recipes("loop:")
    assert cloud.configured(by_name(cloud)["branch-hamburg"]["id"])["psk"] == "Loop-Key-Number-1"


def test_recipe_rotate(cloud, place, recipes):
    for number in (1, 2):
        cloud.add_connection(name=f"branch-bremen-{number}", vgw_id=GATEWAY, psk=KEY)
    (keys,) = (block for block in shown("guide_recipes.rst", "vpn_keys:") if block.language == "yaml")
    written(place, keys, "keys.yml")
    dry, real = commands(*shown("guide_recipes.rst", "rotate_keys"))
    for command in (dry, real):
        result, output = place.run(command)
        assert result == 0 and not [key for key in KEYS if key in output], output
    assert [cloud.negotiated(by_name(cloud)[f"branch-bremen-{number}"]["id"])["psk"] for number in (1, 2)] == list(
        KEYS[:2]
    )


def test_recipes_adopt_and_leave_terraform_and_drift(cloud, place, recipes):
    (again,) = (block for block in shown("guide_recipes.rst", "vars_files") if block.language == "yaml")
    written(place, again, "apply.yml")
    adopt, leave = shown("guide_recipes.rst", "huaweicloud.vpn.adopt")
    for command in commands(adopt, *shown("guide_recipes.rst", "$ ansible-playbook apply.yml"), leave):
        result, output = place.run(command)
        assert result == 0 and "failed=0" in output, output
    assert not cloud.writes()
    found = by_name(cloud)
    cloud.remove_connection(found["branch-ulm"]["id"])
    cloud.add_connection(id="0c1d5f8a-1111-4222-8333-ae2280a6f4c3", name="somebody-else", vgw_id=GATEWAY)
    single.perform(
        CONNECTION,
        single.enter(CONNECTION, dict(access(cloud), name="branch-hamburg", ikepolicy={"lifetime_seconds": 3600}), {}),
        False,
        FastClock(),
        "tests",
    )
    drift = commands(*shown("guide_recipes.rst", "huaweicloud.vpn.drift"))[0]
    result, _output = place.run(drift)
    (report,) = (block for block in shown("guide_recipes.rst", "HAS DRIFT") if block.language == "text")
    assert result == 2 and (place.folder / "vpn_drift.txt").read_text(encoding="utf-8") == report.text


def test_the_pod_of_the_guide_on_awx_has_the_file_that_its_credential_names():
    (block,) = (block for block in blocks(GUIDES + "guide_awx.rst") if block.language == "yaml")
    pod = yaml.safe_load(block.text)["spec"]
    (volume,), (mount,) = pod["volumes"], pod["containers"][0]["volumeMounts"]
    assert volume["name"] == mount["name"]
    file = f"{mount['mountPath']}/{volume['projected']['sources'][0]['serviceAccountToken']['path']}"
    credential = COLLECTION / "docs" / "awx" / "credential_types" / "huaweicloud_id_token.yml"
    assert file in credential.read_text(encoding="utf-8")


def test_troubleshooting(cloud, place):
    cloud.add_connection(name="branch-hamburg", vgw_id=GATEWAY, psk=KEY)
    (block,) = (block for block in blocks(GUIDES + "guide_troubleshooting.rst") if block.language == "yaml")
    play = {"hosts": "localhost", "gather_facts": False, "tasks": yaml.safe_load(block.text)}
    (place.folder / "play.yml").write_text(yaml.safe_dump([play], sort_keys=False), encoding="utf-8")
    result, output = place.run("ansible-playbook play.yml")
    assert result == 0 and re.search('"msg": .*(ACTIVE|DOWN)', output, re.DOTALL), output


def test_troubleshooting_quotes_real_messages():
    """Each message that the guide explains is in the code, but for "..." where that fills in something."""
    code = "\n".join(texts_of(file) for file in (COLLECTION / "plugins").rglob("*.py"))
    guide = (COLLECTION / GUIDES / "guide_troubleshooting.rst").read_text(encoding="utf-8")
    messages = re.findall("^``(.+)``$", guide.partition("By status")[0], re.MULTILINE)
    assert len(messages) > 20
    for message in messages:
        pieces = [piece.strip(" ,") for piece in message.split("...")]
        assert re.search(".{0,80}?".join(map(re.escape, pieces)), code), message


def texts_of(file):
    """Return the strings in a file, each on a line; what an f-string fills in is a \N{DOUBLE DAGGER}."""
    found = []
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.JoinedStr):
            found.append(
                "".join(part.value if isinstance(part, ast.Constant) else "\N{DOUBLE DAGGER}" for part in node.values)
            )
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            found.append(node.value)
    return "\n".join(found)


# ---- both ends


@pytest.fixture
def pair(cloud, place):
    """Have the pair of the guide on both ends, and the guide's files."""
    for number in (1, 2):
        cloud.add_connection(
            name=f"hamburg-{number}",
            vgw_id=GATEWAY,
            vgw_ip=cloud.gateways()[0][f"eip{number}"]["id"],
            cgw_id=CUSTOMERS["cgw-hamburg"],
            psk=KEY,
            status="ACTIVE",
            tunnel_local_address=f"169.254.70.{4 * number - 3}/30",
            tunnel_peer_address=f"169.254.70.{4 * number - 2}/30",
        )
    files = [block for block in blocks(GUIDES + "guide_both_ends.rst") if block.language == "yaml"]
    for block, name in zip(files, ("devices.yml", "keys.yml")):
        written(place, block, name)
    return place


def test_both_ends(cloud, pair):
    look, change = commands(*shown("guide_both_ends.rst", "$ ansible-playbook"))
    here = {
        "ansible_connection": "local",
        "ansible_become": False,
        "ansible_python_interpreter": sys.executable,
        "vpn_connections_file": str(pair.folder / "connections.conf"),
        "vpn_secrets_file": str(pair.folder / "secrets.conf"),
        "vpn_load_command": "",
        "vpn_establish_command": f"echo $VPN_CONNECTION >> {shlex.quote(str(pair.folder))}/established",
    }

    def play(command):
        result, output = pair.run(command.replace(" --ask-vault-pass", ""), "-e", json.dumps(here))
        assert result == 0 and "Replace-Me" not in output, output
        return output

    assert "+    proposals = aes128-sha256-ecp384" in play(look) and not cloud.writes()
    play(change)
    assert [write.body["vpn_connection"] for write in cloud.writes()] == [
        {"ikepolicy": {"dh_group": "group20"}, "ipsecpolicy": {"pfs": "group20"}}
    ] * 2
    assert (pair.folder / "established").read_text(encoding="utf-8").split() == ["hamburg-1", "hamburg-2"]
    assert "changed=0" in play(look)


def test_the_templates_of_both_ends(pair):
    """They are rendered; what is made of them has to be tried on a device."""
    templates = [block for block in blocks(GUIDES + "guide_both_ends.rst") if block.language == "jinja"]
    names = ("ipsec.netdev", "ipsec.network", "frr.conf")
    for block, name in zip(templates, names):
        written(pair, block, f"{name}.j2")
    reading = blocks(GUIDES + "guide_both_ends.rst")[-1]
    tasks = yaml.safe_load(reading.text)
    peers = tasks[-1]["loop"]
    copies = [
        {
            "ansible.builtin.template": {"src": f"{name}.j2", "dest": str(pair.folder / name), "mode": "0644"},
            "vars": {"peer": peers.replace("}}", "| sort(attribute='name') | first }}"), "if_id": 7},
        }
        for name in names
    ]
    show = {"ansible.builtin.debug": {"var": "vpn_connections"}}
    play = {"hosts": "localhost", "gather_facts": False, "tasks": [*tasks, *copies, show]}
    (pair.folder / "play.yml").write_text(yaml.safe_dump([play], sort_keys=False), encoding="utf-8")
    result, output = pair.run("ansible-playbook play.yml")
    assert result == 0 and '"ike": "aes128-sha2_256;dh15"' in output, output
    netdev, network, frr = ((pair.folder / name).read_text(encoding="utf-8") for name in names)
    assert "InterfaceId=7\n" in netdev
    assert "Address=169.254.70.2/30\n" in network and "[Route]\nDestination=" in network
    assert "neighbor 169.254.70.1 remote-as 64512" in frr and " network 192.168." in frr


def test_no_guide_is_forgotten():
    run_here = {"guide_authentication", "guide_awx", "guide_first_steps", "guide_many_connections"}
    run_here |= {"guide_adopt", "guide_both_ends", "guide_recipes", "guide_troubleshooting"}
    settings_only = {"guide_speed"}
    with_code = {
        file.stem
        for file in (COLLECTION / GUIDES).glob("*.rst")
        if any(block.language == "yaml" for block in blocks(GUIDES + file.name))
    }
    assert with_code == run_here | settings_only | RUN_ELSEWHERE


@pytest.mark.parametrize("document", ["README.md", "docs/README.md", "docs/awx/README.md"])
def test_links_to_the_web_site_lead_to_pages(document):
    """A page is made of each guide and of each plugin; files that only a web site renders are not linked to."""
    text = (COLLECTION / document).read_text(encoding="utf-8")
    linked = re.findall(r"huaweicloud-vpn\.github\.io/huaweicloud\.vpn/collections/huaweicloud/vpn/(\S+?)\.html", text)
    guides = {f"docsite/{file.stem}" for file in (COLLECTION / GUIDES).glob("*.rst")}
    modules = {f"{file.stem}_module" for file in (COLLECTION / "plugins/modules").glob("*.py")}
    filters = {f"{file.stem}_filter" for file in (COLLECTION / "plugins/filter").glob("*.py")}
    assert linked and set(linked) <= guides | modules | filters | {"index", "vpn_gateways_inventory"}
    assert ".rst)" not in text and "plugins/modules/" not in text


def test_every_module_filter_and_guide_is_linked_to():
    readme = (COLLECTION / "README.md").read_text(encoding="utf-8")
    overview = (COLLECTION / "docs/README.md").read_text(encoding="utf-8")
    for file in (COLLECTION / "plugins/modules").glob("*.py"):
        assert f"/{file.stem}_module.html" in readme
    for file in (COLLECTION / "plugins/filter").glob("*.py"):
        assert f"/{file.stem}_filter.html" in readme
    for file in (COLLECTION / GUIDES).glob("*.rst"):
        assert f"/{file.stem}.html" in overview
