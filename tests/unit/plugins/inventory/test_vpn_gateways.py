# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The inventory plugin, against the emulator."""

from __future__ import annotations

import hashlib
import importlib
import json
import os
import types

import pytest
import yaml
from ansible import constants
from ansible.errors import AnsibleError, AnsibleParserError
from ansible.inventory.data import InventoryData
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar
from ansible.utils.display import Display

from ansible_collections.huaweicloud.vpn.plugins.inventory import vpn_gateways
from ansible_collections.huaweicloud.vpn.plugins.module_utils._http import metadata
from ansible_collections.huaweicloud.vpn.plugins.module_utils._schema.fields import Object

NAME = "huaweicloud.vpn.vpn_gateways"
KEY = "Example-Key-1"


def fragment(name):
    """Return what a documentation fragment says (dict)."""
    collection, dummy, short = name.rpartition(".")
    place = (
        "ansible.plugins.doc_fragments."
        if collection == "ansible.builtin"
        else "ansible_collections.%s.plugins.doc_fragments." % collection
    )
    return yaml.safe_load(importlib.import_module(place + short).ModuleDocFragment.DOCUMENTATION)


@pytest.fixture(scope="module")
def documented():
    """Return the options of the plugin, those of its fragments included (dict)."""
    documentation = yaml.safe_load(vpn_gateways.DOCUMENTATION)
    found = {}
    for name in documentation["extends_documentation_fragment"]:
        found.update(fragment(name)["options"])
    return dict(found, **documentation["options"])


@pytest.fixture
def plugin(documented):
    """Return a function that makes a plugin as Ansible's loader does."""

    def make():
        made = vpn_gateways.InventoryModule()
        made._load_name = "vpn_gateways"
        made._redirected_names = [NAME]
        constants.config.initialize_plugin_configuration_definitions("inventory", "vpn_gateways", documented)
        return made

    return make


@pytest.fixture
def estate(cloud, monkeypatch):
    """Return a cloud with three gateways, to which the environment points."""
    for name in [name for name in os.environ if name.startswith(("HW_", "HUAWEICLOUD_"))]:
        monkeypatch.delenv(name)
    for name, value in cloud.environment().items():
        monkeypatch.setenv(name, value)
    berlin = cloud.add_gateway(name="vpngw-berlin", tags={"site": "berlin"})
    munich = cloud.add_gateway(name="vpngw-munich", enterprise_project_id="b5f6fb1c-1111-4222-8333-2a6f0d9c7e11")
    cloud.add_gateway(name="vpngw-empty", status="FAULT")
    cloud.add_connection(
        name="branch-hamburg", vgw_id=berlin["id"], psk=KEY, style="static", status="ACTIVE", tags={"site": "hamburg"}
    )
    cloud.add_connection(name="branch-bremen", vgw_id=berlin["id"], psk=KEY, style="policy")
    cloud.add_connection(name="branch-ulm", vgw_id=munich["id"], psk=KEY, style="bgp")
    cloud.clear_journal()
    return cloud


@pytest.fixture
def read(tmp_path, plugin):
    """Return a function that writes an inventory file and returns what the plugin makes of it (InventoryData)."""

    def work(use_cache=True, inventory=None, **options):
        path = tmp_path / "vpn_gateways.yml"
        path.write_text(yaml.safe_dump(dict({"plugin": NAME}, **options)), encoding="utf-8")
        reader = plugin()
        assert reader.verify_file(str(path))
        inventory = InventoryData() if inventory is None else inventory
        reader.parse(inventory, DataLoader(), str(path), cache=use_cache)
        reader.update_cache_if_changed()
        inventory.reconcile_inventory()
        return inventory

    return work


@pytest.fixture
def warned(monkeypatch):
    """Return a function that returns the warnings so far (list of str)."""
    said = []
    monkeypatch.setattr(Display, "warning", lambda self, text, *more, **others: said.append(text))
    return lambda: said


def members(inventory, group):
    return sorted(host.name for host in inventory.groups[group].hosts)


def variables(inventory):
    """Return the host variables of all hosts in plain Python."""
    return {name: host.vars for name, host in inventory.hosts.items()}


def test_the_documented_example(estate, read, monkeypatch, tmp_path):
    """As it is in the documentation, with the credentials in the files that it names; long names need Ansible's collection loader."""
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / ".huaweicloud").mkdir()
    for name in ("access_key", "secret_key"):
        (tmp_path / ".huaweicloud" / name).write_text(os.environ["HW_" + name.upper()], encoding="utf-8")
        monkeypatch.delenv("HW_" + name.upper())
    inventory = read(**yaml.safe_load(vpn_gateways.EXAMPLES.replace("ansible.builtin.", "")))
    assert list(inventory.hosts) == ["vpngw-berlin", "vpngw-munich"]
    assert inventory.hosts["vpngw-berlin"].vars["connection_names"] == ["branch-bremen", "branch-hamburg"]
    assert inventory.hosts["vpngw-berlin"].vars["ansible_connection"] == "local"
    assert len(inventory.hosts["vpngw-berlin"].vars["device_addresses"]) == 2
    assert inventory.hosts["vpngw-berlin"].vars["free_connections"] > 0
    assert {"site_berlin", "attention"} <= set(inventory.groups)
    assert members(inventory, "attention") == ["vpngw-berlin", "vpngw-munich"]
    assert list((tmp_path / ".cache" / "huaweicloud_vpn").iterdir())


def test_a_gateway_is_a_host_and_its_connections_are_a_variable(estate, read):
    inventory = read()
    assert list(inventory.hosts) == ["vpngw-berlin", "vpngw-empty", "vpngw-munich"]
    assert members(inventory, "vpn_gateways") == ["vpngw-berlin", "vpngw-empty", "vpngw-munich"]
    berlin = inventory.hosts["vpngw-berlin"].vars
    assert berlin["vpn_gateway"]["name"] == "vpngw-berlin"
    assert berlin["vpn_gateway"]["tags"] == {"site": "berlin"}
    assert [(item["name"], item["style"], item.get("tags") or {}) for item in berlin["vpn_connections"]] == [
        ("branch-bremen", "policy", {}),
        ("branch-hamburg", "static", {"site": "hamburg"}),
    ]
    assert inventory.hosts["vpngw-empty"].vars["vpn_connections"] == []
    assert [item["name"] for item in inventory.hosts["vpngw-munich"].vars["vpn_connections"]] == ["branch-ulm"]


def test_two_requests_read_the_whole_estate(estate, read):
    read()
    assert [(entry.method, entry.path.rsplit("/", 1)[1]) for entry in estate.journal()] == [
        ("GET", "vpn-gateways"),
        ("GET", "vpn-connection"),
    ]


# -- customer gateways and quotas ---------------------------------------------------------------------------------------


@pytest.fixture
def devices(estate):
    """Return the estate with names for the customer gateways of its connections, and one that nothing uses."""
    estate.reset()
    berlin, munich = (estate.add_gateway(name="vpngw-" + name) for name in ("berlin", "munich"))
    estate.add_gateway(name="vpngw-empty")
    hamburg, bremen = (estate.add_customer_gateway(name=name) for name in ("hamburg", "bremen"))
    estate.add_customer_gateway(name="forgotten")
    for name, gateway, customer in (
        ("hamburg-1", berlin, hamburg),
        ("hamburg-2", berlin, hamburg),
        ("bremen", berlin, bremen),
        ("hamburg-3", munich, hamburg),
    ):
        estate.add_connection(name=name, vgw_id=gateway["id"], cgw_id=customer["id"], psk=KEY)
    estate.clear_journal()
    return estate


def asked(cloud):
    return [entry.path.rsplit("/", 1)[1] for entry in cloud.journal()]


BASE = ["vpn-gateways", "vpn-connection"]


@pytest.mark.parametrize(
    "options, requests, variables_",
    [
        ({}, [], []),
        ({"customer_gateways": False, "quotas": False}, [], []),
        ({"customer_gateways": True}, ["customer-gateways"], ["customer_gateways"]),
        ({"quotas": True}, ["quotas"], ["vpn_quotas"]),
        (
            {"customer_gateways": True, "quotas": True},
            ["customer-gateways", "quotas"],
            ["customer_gateways", "vpn_quotas"],
        ),
    ],
    ids=" ".join,
)
def test_what_is_asked_for_costs_one_request_each(devices, read, options, requests, variables_):
    inventory = read(**options)
    assert asked(devices) == BASE + requests
    for host in inventory.hosts.values():
        own = {"inventory_dir", "inventory_file"}
        assert sorted(set(host.vars) - own) == sorted(["vpn_connections", "vpn_gateway", *variables_])


def test_a_host_has_the_customer_gateways_of_its_connections(devices, read):
    found = variables(read(customer_gateways=True))
    names = {host: [item["name"] for item in its["customer_gateways"]] for host, its in found.items()}
    assert names == {"vpngw-berlin": ["bremen", "hamburg"], "vpngw-empty": [], "vpngw-munich": ["hamburg"]}
    listed = {item["id"]: item for item in devices.customer_gateways()}
    for item in found["vpngw-berlin"]["customer_gateways"]:
        assert item["id_value"] == listed[item["id"]]["id_value"] and "ca_certificate" not in item


def test_each_host_has_the_quotas_of_the_project(devices, read):
    found = variables(read(quotas=True))
    for its in found.values():
        counted = {
            item["type"]: (item["used"], item["quota"] - item["used"], item["free"]) for item in its["vpn_quotas"]
        }
        assert [used for used, _rest, _free in counted.values()] == [3, 4, 3]
        assert list(counted) == ["customer_gateway", "vpn_connection", "vpn_gateway"]
        assert all(rest == free for _used, rest, free in counted.values())


def test_what_was_asked_for_is_there_for_expressions(devices, read):
    inventory = read(
        customer_gateways=True,
        quotas=True,
        strict=True,
        compose={"addresses": "customer_gateways | map(attribute='id_value') | list"},
        groups={
            "full": "vpn_quotas | selectattr('free', 'lt', 1) | length > 0",
            "two": "customer_gateways | length == 2",
        },
    )
    assert members(inventory, "two") == ["vpngw-berlin"] and "full" not in inventory.groups
    assert len(inventory.hosts["vpngw-berlin"].vars["addresses"]) == 2


def test_no_gateway_asks_for_nothing_else(devices, read):
    assert not read(customer_gateways=True, quotas=True, filters={"name": "nobody"}).hosts
    assert asked(devices) == BASE[:1]


@pytest.mark.parametrize("operation, noun", [("listCustomerGateways", "customer gateways"), ("showQuotas", "quotas")])
def test_what_cannot_be_read_is_not_empty(devices, read, operation, noun):
    devices.fault("status", operation=operation, status=403, code="VPN.0003", message="no right")
    with pytest.raises(AnsibleParserError, match=f"the {noun} cannot be read: .*VPN.0003"):
        read(max_retries=0, customer_gateways=True, quotas=True)


def test_a_customer_gateway_of_a_wrong_type_leaves_the_others_alone(devices, read, warned):
    listed = devices.customer_gateways()
    wrong = [None, "text", {}, dict(listed[0], id=7), dict(listed[0], id="x", name=["x"])]
    devices.fault("not_object", operation="listCustomerGateways", value={"customer_gateways": [*wrong, *listed]})
    (host,) = read(customer_gateways=True, filters={"name": "vpngw-berlin"}).hosts.values()
    assert [item["name"] for item in host.vars["customer_gateways"]] == ["bremen", "hamburg"]
    assert warned() and all("customer gateway" in text and "left out" in text for text in warned())


def test_names_of_customer_gateways_are_no_templates(devices, read):
    trap = "{{ lookup('pipe', 'id') }}"
    customer = devices.add_customer_gateway(name=trap)["id"]
    gateway = devices.add_gateway(name="vpngw-ulm")["id"]
    devices.add_connection(name="ulm", vgw_id=gateway, cgw_id=customer, psk=KEY)
    host = read(customer_gateways=True).hosts["vpngw-ulm"]
    assert Templar(DataLoader(), variables=host.vars).template(host.vars["customer_gateways"])[0]["name"] == trap


@pytest.mark.parametrize("name", ["customer_gateways", "quotas"])
@pytest.mark.parametrize(
    "value, shown", [("perhaps", "'perhaps'"), (2, "2"), ([], "a list"), ({"a": 1}, "a dictionary")], ids=str
)
def test_neither_yes_nor_no(devices, read, name, value, shown):
    with pytest.raises(AnsibleParserError, match=f"{name} must be true or false, not {shown}"):
        read(**{name: value})
    assert not devices.journal()


@pytest.mark.parametrize(
    "value, number", [("", 2), (None, 2), ("yes", 3), ("{{ lookup('env', 'ASK') }}", 3), ("no", 2)], ids=str
)
def test_words_for_yes_and_no(devices, read, monkeypatch, value, number):
    monkeypatch.setenv("ASK", "true")
    read(quotas=value)
    assert len(devices.journal()) == number


def test_the_cache_knows_apart_what_was_asked_for(devices, cached):
    first = variables(cached(quotas=True))
    assert "vpn_quotas" not in variables(cached())["vpngw-berlin"]
    assert "customer_gateways" in variables(cached(quotas=True, customer_gateways=True))["vpngw-berlin"]
    devices.clear_journal()
    assert variables(cached(quotas=True)) == first and not devices.journal()


@pytest.mark.parametrize("spoil", [{"vpn_quotas": 7}, {"vpn_quotas": [7]}, {"customer_gateways": [{}]}], ids=str)
def test_a_damaged_cache_of_what_was_asked_for(devices, cached, tmp_path, spoil):
    right = variables(cached(quotas=True, customer_gateways=True))
    (path,) = in_cache(tmp_path)
    content = json.loads(path.read_text(encoding="utf-8"))
    # ansible-core 2.19 and newer wrap what they keep.
    kept = json.loads(content["__payload__"]) if "__payload__" in content else content
    assert {"customer_gateways", "vpn_quotas"} < set(kept)
    path.write_text(json.dumps(dict(kept, **spoil)), encoding="utf-8")
    devices.clear_journal()
    assert variables(cached(quotas=True, customer_gateways=True)) == right and len(devices.journal()) == 4


def test_no_secret_is_in_any_variable(estate, read, monkeypatch):
    monkeypatch.setenv("HW_SECURITY_TOKEN", "")
    shown = json.dumps(variables(read()), default=str)
    assert KEY not in shown and estate.access_key not in shown and estate.secret_key not in shown and "psk" not in shown


def test_gateways_that_share_a_name_are_named_by_id(estate, read):
    twins = [estate.add_gateway(name="vpngw-twin")["id"] for dummy in range(2)]
    assert sorted(read().hosts) == sorted(["vpngw-berlin", "vpngw-empty", "vpngw-munich"] + twins)


@pytest.mark.parametrize(
    "filters, names",
    [
        ({"name": "vpngw-berlin"}, ["vpngw-berlin"]),
        ({"status": "active"}, ["vpngw-berlin", "vpngw-munich"]),
        ({"enterprise_project_id": "b5f6fb1c-1111-4222-8333-2a6f0d9c7e11"}, ["vpngw-munich"]),
        ({"status": "ACTIVE", "name": "vpngw-empty"}, []),
        ({"status": "", "name": None}, ["vpngw-berlin", "vpngw-empty", "vpngw-munich"]),
        ({}, ["vpngw-berlin", "vpngw-empty", "vpngw-munich"]),
    ],
)
def test_filters_choose_gateways(estate, read, filters, names):
    assert sorted(read(filters=filters).hosts) == names


def test_no_gateway_is_no_failure_and_asks_for_no_connections(estate, read):
    assert not read(filters={"name": "elsewhere"}).hosts
    assert len(estate.journal()) == 1


def test_compose_groups_and_keyed_groups(estate, read):
    inventory = read(
        compose={"ansible_connection": "'local'", "names": "vpn_connections | map(attribute='name') | list"},
        groups={"attention": "vpn_connections | selectattr('status', 'eq', 'DOWN') | length > 0"},
        keyed_groups=[
            {"key": "vpn_gateway.status | lower", "prefix": "status"},
            {"key": "vpn_gateway.tags.site", "prefix": "site"},
        ],
    )
    assert inventory.hosts["vpngw-berlin"].vars["names"] == ["branch-bremen", "branch-hamburg"]
    assert {host.vars["ansible_connection"] for host in inventory.hosts.values()} == {"local"}
    assert members(inventory, "attention") == ["vpngw-berlin", "vpngw-munich"]
    assert members(inventory, "status_active") == ["vpngw-berlin", "vpngw-munich"]
    assert members(inventory, "status_fault") == ["vpngw-empty"]
    assert members(inventory, "site_berlin") == ["vpngw-berlin"]


def test_strict_makes_a_bad_expression_fatal(estate, read):
    broken = {"compose": {"x": "vpn_gateway.nothing.like_it"}}
    assert "x" not in read(**broken).hosts["vpngw-berlin"].vars
    with pytest.raises(AnsibleError, match="x"):
        read(strict=True, **broken)


def test_a_name_that_looks_like_a_template_stays_text(estate, read, tmp_path):
    trap = "{{ lookup('pipe', 'touch %s') }}" % (tmp_path / "sprung")
    estate.add_gateway(name="vpngw-trap", tags={"x": trap, "y": "#jinja2: variable_start_string:'[%'"})
    trapped = (
        read(compose={"again": "vpn_gateway.tags.x", "mixed": "vpn_gateway.tags.x ~ '!'"}).hosts["vpngw-trap"].vars
    )
    templar = Templar(loader=DataLoader(), variables=trapped)
    for name in ("vpn_gateway", "again", "mixed"):
        assert trap in str(templar.template(trapped[name])).replace("\\", "")
    assert not (tmp_path / "sprung").exists()


def test_texts_show_plainly_in_the_output_that_awx_imports(estate, read):
    try:
        from ansible._internal._json._profiles._inventory_legacy import Encoder

        shown = json.dumps(
            {"_meta": {"hostvars": variables(read(compose={"ansible_connection": "'local'"}))}}, cls=Encoder
        )
    except ImportError:
        from ansible.parsing.ajson import AnsibleJSONEncoder

        shown = json.dumps(
            variables(read(compose={"ansible_connection": "'local'"})), cls=AnsibleJSONEncoder, preprocess_unsafe=True
        )
    assert "vpngw-berlin" in shown and '"local"' in shown
    assert "__ansible_unsafe" not in shown


# -- names that are no host names ---------------------------------------------------------------------------------------

TRAP = "{{ lookup('pipe', 'touch sprung') }}"


@pytest.mark.parametrize(
    "name",
    [
        TRAP,
        "#jinja2:x",
        "{%raw%}",
        "a b",
        "a,b",
        "a:b",
        "a[1:3]",
        "a*",
        "!a",
        "&a",
        "~a",
        "@a",
        "a/b",
        "../a",
        "..",
        ".",
        ".a",
        "-a",
        "--limit=a",
        "a\n",
        "a\x1b[2J",
        "a\u200b",
        "a\u202eb",
        "\uff5b\uff5bx\uff5d\uff5d",
        "localhost",
        "all",
        "ungrouped",
        "vpn_gateways",
        "site_berlin",
        "attention",
        "site_trap",
    ],
    ids=ascii,
)
def test_a_name_that_is_no_host_name_is_never_one(estate, read, name):
    made = estate.add_gateway(name=name, tags={"site": "trap"})
    groups = {"groups": {"attention": "true"}, "keyed_groups": [{"key": "vpn_gateway.tags.site", "prefix": "site"}]}
    inventory = read(**groups)
    assert sorted(inventory.hosts) == sorted(["vpngw-berlin", "vpngw-empty", "vpngw-munich", made["id"]])
    assert members(inventory, "site_trap") == [made["id"]]
    assert made["id"] in members(inventory, "vpn_gateways") and made["id"] in members(inventory, "attention")


@pytest.mark.parametrize("name", ["vpngw.berlin-1", "_a", "7", "\u7f51\u5173", "K\u00f6ln"], ids=ascii)
def test_letters_of_any_language_make_a_host_name(estate, read, name):
    estate.add_gateway(name=name)
    assert name in read().hosts


def test_a_name_that_is_the_id_of_another_gateway_is_no_host_name(estate, read):
    victim = estate.add_gateway(name=TRAP)
    thief = estate.add_gateway(name=victim["id"])
    hosts = read().hosts
    assert hosts[victim["id"]].vars["vpn_gateway"]["id"] == victim["id"]
    assert hosts[thief["id"]].vars["vpn_gateway"]["id"] == thief["id"]


def test_a_group_of_another_source_keeps_its_name(estate, read):
    made = estate.add_gateway(name="routers")
    inventory = InventoryData()
    inventory.add_group("routers")
    inventory.add_host("vpngw-berlin", group="routers")
    read(inventory=inventory)
    assert made["id"] in inventory.hosts and "routers" not in inventory.hosts
    assert members(inventory, "routers") == ["vpngw-berlin"]


GOOD = {"id": "b32d91a4-1111-4222-8333-e907174eb11d", "name": "good", "status": "ACTIVE"}
# A list's entry that has all its parts is not read again by itself.
WHOLE = dict(
    {"id": "c1", "name": "other", "vgw_id": GOOD["id"], "style": "bgp"},
    **{field.name: {"a": 1} for field in vpn_gateways.CONNECTION.fields if isinstance(field.kind, Object)},
)


@pytest.mark.parametrize(
    "wrong",
    [
        "text",
        None,
        7,
        [],
        ["id"],
        {},
        {"name": "no-id"},
        {"id": 7, "name": "x"},
        {"id": ["x"]},
        {"id": {"x": 1}},
        {"id": TRAP, "name": TRAP},
        {"id": "-x"},
        {"id": "all"},
        {"id": "localhost"},
        {"id": "0", "name": ["x"]},
        {"id": "0", "name": {"a": 1}},
        {"id": "0", "name": 7},
    ],
    ids=ascii,
)
def test_a_gateway_of_a_wrong_type_leaves_the_others_alone(estate, read, warned, wrong):
    estate.fault(
        "not_object", operation="listVpnGateways", value={"vpn_gateways": [wrong, GOOD, wrong], "total_count": 3}
    )
    found = read().hosts
    assert list(found) == ["good"] and found["good"].vars["vpn_gateway"]["id"] == GOOD["id"]
    assert len(warned()) == 1 and "left out" in warned()[0]
    assert "{{" not in warned()[0] and warned()[0].isprintable()


@pytest.mark.parametrize(
    "wrong",
    [
        "text",
        None,
        {},
        {"id": ["x"]},
        dict(WHOLE, id="x", name=["x"]),
        dict(WHOLE, id="x", vgw_id=[GOOD["id"]]),
    ],
    ids=ascii,
)
def test_a_connection_of_a_wrong_type_leaves_the_others_alone(estate, read, warned, wrong):
    estate.fault("not_object", operation="listVpnGateways", value={"vpn_gateways": [GOOD], "total_count": 1})
    estate.fault(
        "not_object", operation="listVpnConnections", value={"vpn_connections": [wrong, WHOLE], "total_count": 2}
    )
    shown = read().hosts["good"].vars["vpn_connections"]
    assert [item["name"] for item in shown] == ["other"]
    assert len(warned()) == 1 and "left out" in warned()[0]


# -- options ----------------------------------------------------------------------------------------------------------


def test_options_of_the_file_win_and_may_be_templates(estate, read, monkeypatch):
    monkeypatch.setenv("HW_SECRET_KEY", "not-the-one")
    monkeypatch.setenv("ELSEWHERE", estate.secret_key)
    options = {
        "access_key": estate.access_key,
        "secret_key": "{{ lookup('env', 'ELSEWHERE') }}",
        "max_retries": "",
        "region": None,
    }
    assert len(read(**options).hosts) == 3


@pytest.mark.parametrize(
    "options, sentences",
    [
        ({"filter": {"status": "ACTIVE"}}, ["there is no option filter"]),
        ({"filters": {"state": "ACTIVE"}}, ["there is no filter state"]),
        ({"fil\n\x1bter": 1, "filters": {"a\n b": 1}}, ["there is no option fil ter", "there is no filter a b"]),
        (
            {"filters": {"name": "{{ lookup('env', 'NO_UTF_8') }}"}, "user_name": "{{ lookup('env', 'NO_UTF_8') }}"},
            ["name contains half a character"],
        ),
        ({"filters": ["ACTIVE"]}, ["filters must be a dictionary"]),
        (
            {"max_retries": "x", "endpoint": "http://example.com"},
            ["max_retries must be a whole number", "endpoint must begin with https://"],
        ),
        ({"region": "{{ missing_variable }}"}, ["region cannot be templated", "missing_variable"]),
        ({"auth_token": "ab"}, ["auth_token is too short"]),
    ],
)
def test_mistakes_are_said_at_once_and_before_any_request(estate, read, monkeypatch, options, sentences):
    monkeypatch.setenv("NO_UTF_8", "a\udc80b")
    with pytest.raises(AnsibleParserError) as failure:
        read(**options)
    assert all(sentence in str(failure.value) for sentence in sentences)
    assert not estate.journal()


@pytest.mark.parametrize(
    "name, mine",
    [
        ("vpn_gateways.yml", True),
        ("berlin.vpn_gateways.yaml", True),
        ("vpn_gateways.json", False),
        ("hosts.yml", False),
    ],
)
def test_the_files_name_says_whether_it_is_meant(name, mine, tmp_path, plugin):
    path = tmp_path / name
    path.write_text("plugin: %s\n" % NAME, encoding="utf-8")
    assert plugin().verify_file(str(path)) is mine


# -- failures ---------------------------------------------------------------------------------------------------------


def test_a_refusal_is_a_sentence_without_secrets(estate, read, monkeypatch):
    monkeypatch.setenv("HW_SECRET_KEY", "Wrong-Secret-Of-Somebody")
    with pytest.raises(
        AnsibleParserError, match="the VPN gateways cannot be read: .*APIGW.0301.*request id"
    ) as failure:
        read()
    assert "Wrong-Secret-Of-Somebody" not in str(failure.value) and estate.access_key not in str(failure.value)


def test_connections_that_cannot_be_read_are_no_empty_list(estate, read):
    estate.fault("status", operation="listVpnConnections", status=403, code="VPN.0003")
    with pytest.raises(AnsibleParserError, match="the VPN connections cannot be read"):
        read(max_retries=0)


# -- the cache --------------------------------------------------------------------------------------------------------


@pytest.fixture
def cached(tmp_path, read):
    """Return a function that reads with a cache in a folder."""

    def work(use_cache=True, **options):
        return read(use_cache, cache=True, cache_plugin="jsonfile", cache_connection=str(tmp_path / "cache"), **options)

    return work


def test_a_second_run_reads_the_cache(estate, cached):
    first = variables(cached())
    asked = len(estate.journal())
    assert variables(cached()) == first and len(estate.journal()) == asked


def test_a_refresh_asks_the_cloud_and_renews_the_cache(estate, cached):
    cached()
    estate.add_gateway(name="vpngw-new")
    assert "vpngw-new" in cached(use_cache=False).hosts
    asked = len(estate.journal())
    assert "vpngw-new" in cached().hosts and len(estate.journal()) == asked


def test_the_cache_knows_projects_and_filters_apart(estate, cached, monkeypatch):
    cached()
    assert list(cached(filters={"name": "vpngw-munich"}).hosts) == ["vpngw-munich"]
    estate.add_gateway(name="vpngw-new")
    monkeypatch.setenv("HW_PROJECT_ID", estate.add_project("other"))
    assert "vpngw-new" in cached().hosts


def test_the_cache_holds_no_secret(estate, cached, tmp_path):
    cached()
    files = [path for path in (tmp_path / "cache").iterdir() if path.is_file()]
    content = "".join(path.name + path.read_text(encoding="utf-8") for path in files)
    assert "branch-hamburg" in content
    assert not [secret for secret in (KEY, estate.access_key, estate.secret_key) if secret in content]


def alone(monkeypatch, **variables):
    """Let the environment name nobody, no project, and then these variables."""
    for name in ("HW_ACCESS_KEY", "HW_SECRET_KEY", "HW_PROJECT_ID"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)


def in_cache(tmp_path):
    return [path for path in (tmp_path / "cache").iterdir() if path.is_file()]


def test_accounts_never_share_a_cache(estate, cached, monkeypatch, tmp_path):
    """A token without a project says nothing of whose it is."""
    seen = []
    people = [
        {"HW_AUTH_TOKEN": estate.issue_token()},
        {"HW_AUTH_TOKEN": estate.issue_token()},
        {
            "HW_AUTH_TOKEN": "",
            "HW_USER_NAME": estate.user_name,
            "HW_USER_PASSWORD": estate.password,
            "HW_DOMAIN_NAME": estate.domain_name,
        },
        {"HW_ACCESS_KEY": estate.access_key, "HW_SECRET_KEY": estate.secret_key},
        dict(zip(("HW_ACCESS_KEY", "HW_SECRET_KEY", "HW_SECURITY_TOKEN"), estate.temporary_keys())),
    ]
    for number, person in enumerate(people):
        estate.add_gateway(name="vpngw-%d" % number)
        alone(monkeypatch, **person)
        hosts = cached().hosts
        assert "vpngw-%d" % number in hosts
        asked = len(estate.journal())
        assert list(cached().hosts) == list(hosts) and len(estate.journal()) == asked
        seen.append(len(in_cache(tmp_path)))
    assert seen == [1, 2, 3, 4, 5]
    secrets = {value for person in people for value in person.values() if value}
    assert not [
        path
        for path in in_cache(tmp_path)
        for secret in secrets
        if secret in path.name + path.read_text(encoding="utf-8")
    ]


def test_a_wrong_secret_reads_nothing_from_the_cache(estate, cached, monkeypatch):
    cached()
    monkeypatch.setenv("HW_SECRET_KEY", "Wrong-Secret-Of-Somebody")
    with pytest.raises(AnsibleParserError, match="APIGW.0301"):
        cached()


@pytest.mark.usefixtures("true_key_rounds")
def test_the_name_of_a_cache_costs_much_to_guess_a_password_from(estate, cached, monkeypatch, tmp_path):
    counted = []
    right = hashlib.pbkdf2_hmac
    monkeypatch.setattr(hashlib, "pbkdf2_hmac", lambda *given: counted.append(given) or right(*given))
    cached()
    assert not counted, "keys are long enough"
    alone(
        monkeypatch, HW_USER_NAME=estate.user_name, HW_USER_PASSWORD=estate.password, HW_DOMAIN_NAME=estate.domain_name
    )
    cached()
    assert [(given[0], given[3] >= 100000) for given in counted] == [("sha256", True)]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"\xff\xfe",
        b"null",
        b"[]",
        b"7",
        b'"text"',
        b"{}",
        b'{"vpn_gateways": 7}',
        b'{"vpn_gateways": ["x"]}',
        b'{"vpn_gateways": [{}]}',
        b'{"vpn_gateways": [{"id": 7}]}',
        b'{"vpn_gateways": [{"id": "x"}], "vpn_connections": {}}',
        b'{"vpn_gateways": [{"id": "x"}], "vpn_connections": [null]}',
        b"[" * 100000,
        b'{"vpn_gateways": [{"id": "x", "name": "{{ 1 }}"}], "other": 1}',
    ],
    ids=lambda content: repr(content[:70]),
)
def test_a_damaged_cache_is_asked_for_anew(estate, cached, tmp_path, content):
    right = variables(cached())
    (path,) = in_cache(tmp_path)
    path.write_bytes(content)
    asked = len(estate.journal())
    assert variables(cached()) == right and len(estate.journal()) == asked + 2
    assert variables(cached()) == right and len(estate.journal()) == asked + 2, "and is whole again"


# -- without a long-lived key -----------------------------------------------------------------------------------------


@pytest.fixture
def keyless(estate, monkeypatch, tmp_path):
    """Return each way as (options of the file, environment)."""
    monkeypatch.setattr(metadata, "BASE", estate.metadata.url)
    token, credentials = tmp_path / "id_token", tmp_path / "credentials"
    token.write_text(estate.id_token())
    credentials.write_text("[basic]\nak = %s\nsk = %s\n" % (estate.access_key, estate.secret_key))
    alone(monkeypatch)
    return {
        "ID token": {"idp_id": estate.idp_id, "id_token": estate.id_token()},
        "ID token in a file": {"idp_id": estate.idp_id, "id_token_file": str(token)},
        "ECS": {"ecs_agency": True},
        "credentials file": {"credentials_file": str(credentials)},
    }


@pytest.mark.parametrize("with_agency", [False, True], ids=["no agency", "agency"])
@pytest.mark.parametrize("way", ["ID token", "ID token in a file", "ECS", "credentials file"])
def test_every_way_without_a_long_lived_key(estate, read, keyless, way, with_agency):
    options = dict(keyless[way])
    if with_agency:
        options.update(agency_name=estate.agency_name, agency_domain_name=estate.agency_domain_name)
    assert set(read(**options).hosts) == {"vpngw-berlin", "vpngw-munich", "vpngw-empty"}
    project = estate.other_project_id if with_agency else estate.project_id
    assert {entry.path.split("/")[2] for entry in estate.journal() if not entry.iam} == {project}
    assert bool(estate.metadata.requests) == (way == "ECS")


def test_a_cache_of_each_way(estate, cached, keyless, tmp_path, monkeypatch):
    """Another agency, another token in the file and another server are somebody else."""
    agency = {"agency_name": estate.agency_name, "agency_domain_name": estate.agency_domain_name}
    seen = []
    for options in keyless.values():
        for on_top in ({}, agency):
            cached(**options, **on_top)
            asked = len(estate.journal())
            cached(**options, **on_top)
            assert len(estate.journal()) == asked
            seen.append(len(in_cache(tmp_path)))
    assert seen == list(range(1, 9))
    (tmp_path / "id_token").write_text(estate.id_token())
    cached(**keyless["ID token in a file"])
    assert len(in_cache(tmp_path)) == 9
    monkeypatch.setattr(os, "uname", lambda: types.SimpleNamespace(nodename="another-server"))
    cached(**keyless["ECS"])
    assert len(in_cache(tmp_path)) == 10
    (tmp_path / "id_token").unlink()
    with pytest.raises(AnsibleParserError, match="id_token_file is not a file"):
        cached(**keyless["ID token in a file"])
    arisen = {text for keys in estate.service.identity._keys.values() for text in keys if text}
    written = "".join(path.name + path.read_text(encoding="utf-8") for path in in_cache(tmp_path))
    assert not [text for text in arisen if text in written]


def test_half_a_way_is_told_like_everywhere(estate, read, keyless):
    with pytest.raises(AnsibleParserError, match="authentication by ID token lacks id_token"):
        read(idp_id=estate.idp_id)
    assert not estate.journal()
