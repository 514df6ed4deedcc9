# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The rules of the house: what may depend on what, and that each fact is written once."""

from __future__ import annotations

import ast
import importlib
import pathlib
import re

import pytest
import yaml

from ansible_collections.huaweicloud.vpn.plugins.module_utils import _bulk, _info, _single
from ansible_collections.huaweicloud.vpn.plugins.module_utils._fields import Object, ReadOnly
from ansible_collections.huaweicloud.vpn.plugins.module_utils._resources.connection import CONNECTION
from ansible_collections.huaweicloud.vpn.plugins.module_utils._resources.customer_gateway import CUSTOMER_GATEWAY
from ansible_collections.huaweicloud.vpn.plugins.module_utils._resources.gateway import GATEWAY

ROOT = pathlib.Path(__file__).parents[2]
UTILS = ROOT / "plugins" / "module_utils"
OWN = "ansible_collections.huaweicloud.vpn."
PURE = [
    "_errors.py", "_fields.py", "_constraints.py", "_compare.py", "_plan.py", "_signing.py", "_text.py", "_wait.py", "_approval.py", "_stop.py",
]
RESOURCES = sorted((UTILS / "_resources").glob("[a-z]*.py"))
MODULES = sorted((ROOT / "plugins" / "modules").glob("*.py"))
OPERATIONS = {
    "vpn_connection": (_single, CONNECTION),
    "vpn_connection_info": (_info, CONNECTION),
    "vpn_connections": (_bulk, CONNECTION),
    "vpn_customer_gateway_info": (_info, CUSTOMER_GATEWAY),
    "vpn_gateway_info": (_info, GATEWAY),
}


def tree(path):
    return ast.parse(path.read_text(encoding="utf-8"))


def imports(path):
    """Return the full names of everything a file imports, wherever in it."""
    names = set()
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            names.add(node.module)
            names.update("%s.%s" % (node.module, alias.name) for alias in node.names)
    return names


def own_files(names):
    """Return the names of the collection's files among imported names."""
    found = set()
    for name in names:
        if name.startswith(OWN + "plugins.module_utils"):
            rest = name[len(OWN + "plugins.module_utils"):].strip(".").split(".")
            if rest[0] == "_resources":
                found.add("_resources")
            elif rest[0] and (UTILS / (rest[0] + ".py")).exists():
                found.add(rest[0] + ".py")
    return found


@pytest.mark.parametrize("name", PURE)
def test_the_core_is_pure(name):
    used = imports(UTILS / name)
    assert not {part for part in used if part.split(".")[0] in ("ansible", "requests", "urllib3", "socket", "os")}
    assert own_files(used) <= set(PURE), "the pure core uses only itself"


@pytest.mark.parametrize("path", RESOURCES, ids=lambda path: path.name)
def test_a_resource_is_data(path):
    used = {name for name in imports(path) if name.startswith(OWN)}
    assert all(name.startswith(tuple(OWN + "plugins.module_utils." + part for part in ("_fields", "_constraints", "_resources._common"))) for name in used)
    assert not {part for part in imports(path) if not part.startswith((OWN, "__future__"))}
    assert not [node for node in ast.walk(tree(path)) if isinstance(node, (ast.For, ast.While, ast.If, ast.Try, ast.ClassDef, ast.Lambda))]


def test_only_the_client_knows_requests():
    users = [path.name for path in ROOT.glob("plugins/**/*.py") if {"requests", "urllib3"} & {name.split(".")[0] for name in imports(path)}]
    assert users == ["_client.py"]


def test_the_client_knows_no_resource():
    assert own_files(imports(UTILS / "_client.py")) <= {"_signing.py", "_errors.py", "_text.py", "_wait.py", "_wire.py"}


@pytest.mark.parametrize("word, allowed", [("AnsibleModule", {"_module.py"}), ("fail_json", {"_module.py"}), ("exit_json", {"_module.py"})])
def test_only_one_front_end_knows_ansible_module(word, allowed):
    def used(path):
        nodes = ast.walk(tree(path))
        return any(word in (getattr(node, "id", None), getattr(node, "attr", None)) for node in nodes)

    assert {path.name for path in ROOT.glob("plugins/**/*.py") if used(path)} == allowed


def test_check_mode_is_read_by_the_two_front_ends_only():
    readers = {
        path.name for path in ROOT.glob("plugins/**/*.py") for node in ast.walk(tree(path))
        if isinstance(node, ast.Attribute) and node.attr in ("check_mode", "_check_mode") and not (isinstance(node.value, ast.Name) and node.value.id == "self")
    }
    assert readers == {"_module.py", "_in_process.py"}


def test_field_names_live_in_their_table_only():
    """A name that only this API uses, written as a text anywhere else, is a fact written twice."""
    common = {"id", "name", "type", "status", "tags", "msg", "psk"}
    names = {part for path in CONNECTION.leaves for part in path.split(".")} - common
    for path in UTILS.glob("*.py"):
        texts = {node.value for node in ast.walk(tree(path)) if isinstance(node, ast.Constant) and isinstance(node.value, str)}
        assert not names & texts, path.name
        assert "psk" not in texts, path.name


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_a_module_is_documentation_and_a_call(path):
    code = [node for node in tree(path).body if not (isinstance(node, ast.Assign) and node.targets[0].id in ("DOCUMENTATION", "EXAMPLES", "RETURN"))]
    lines = sum(node.end_lineno - node.lineno + 1 for node in code)
    assert lines <= 15
    assert own_files(imports(path)) <= {"_module.py", "_resources", "_single.py", "_info.py", "_bulk.py"}


def test_private_files_say_so():
    for path in list(UTILS.glob("*.py")) + RESOURCES:
        assert path.name.startswith("_") or path.parent.name == "_resources"
        assert "rivate" in ast.get_docstring(tree(path)), path.name


def test_the_emulator_is_a_witness_of_its_own():
    for path in ROOT.glob("tests/emulator/**/*.py"):
        assert not {name for name in imports(path) if name and "plugins" in name}, path.name


def test_the_action_group_names_every_module():
    runtime = yaml.safe_load((ROOT / "meta" / "runtime.yml").read_text(encoding="utf-8"))
    assert sorted(runtime["action_groups"]["all"]) == sorted(path.stem for path in MODULES)


def test_every_module_has_an_integration_target():
    targets = {path.name for path in (ROOT / "tests" / "integration" / "targets").iterdir()}
    assert {path.stem for path in MODULES} <= targets


def test_the_version_is_written_once():
    version = re.escape(yaml.safe_load((ROOT / "galaxy.yml").read_text(encoding="utf-8"))["version"])
    for path in ROOT.glob("plugins/**/*.py"):
        lines = [line for line in path.read_text(encoding="utf-8").splitlines() if "version_added" not in line]
        assert not re.search(r"(?<![\d.])%s(?![\d.])" % version, "\n".join(lines)), path.name


# -- documentation, argument specification and table say the same -----------------------------------------------------


def documented(module):
    """Return the documented options of a module, its fragments included (dict)."""
    docs = yaml.safe_load(module.DOCUMENTATION)
    options = dict(docs.get("options") or {})
    for name in docs.get("extends_documentation_fragment", ()):
        fragment = importlib.import_module(OWN + "plugins.doc_fragments." + name.split(".")[2]).ModuleDocFragment
        text = getattr(fragment, (name.split(".") + ["documentation"])[3].upper())
        options.update(yaml.safe_load(text).get("options") or {})
    return options


def shape(options, inner):
    """Return what documentation and specification must agree on."""
    return {
        name: {
            "type": option.get("type", "str"), "elements": option.get("elements"), "default": option.get("default"),
            "choices": option.get("choices"), "aliases": sorted(option.get("aliases") or ()),
            "options": shape(option[inner], inner) if option.get(inner) else None,
        }
        for name, option in options.items()
    }


@pytest.mark.parametrize("name", sorted(OPERATIONS))
def test_documentation_and_specification_agree(name):
    module = importlib.import_module(OWN + "plugins.modules." + name)
    operation, resource = OPERATIONS[name]
    assert shape(documented(module), "suboptions") == shape(operation.argument_spec(resource), "options")


def test_every_module_is_checked_against_its_documentation():
    assert sorted(OPERATIONS) == [path.stem for path in MODULES]


def schemas():
    return yaml.load((ROOT / "tests" / "emulator" / "openapi.yaml").read_text(encoding="utf-8"), yaml.CSafeLoader)["components"]["schemas"]


def members(all_schemas, name, prefix=""):
    """Return the dotted paths of an object of the API's contract, lists as leaves (set of str)."""
    found = set()
    for member, schema in all_schemas[name]["properties"].items():
        target = schema.get("$ref", "").rpartition("/")[2]
        if target and "properties" in all_schemas[target] and not member == "bgp_peer":
            found |= members(all_schemas, target, prefix + member + ".")
        else:
            found.add(prefix + member)
    return found


@pytest.mark.parametrize("schema, leaves", [
    ("CreateVpnConnection", {path for path, field in CONNECTION.leaves.items() if field.change != "read only"} | {"enable_health_check"}),
    ("UpdateVpnConnection", {path for path, field in CONNECTION.leaves.items() if field.change == "changeable"}),
    ("ResponseVpnConnection", (set(CONNECTION.leaves) - {"psk"}) | {"id"}),
])
def test_the_table_holds_every_member_of_the_contract(schema, leaves):
    assert members(schemas(), schema) == leaves


@pytest.mark.parametrize("path", sorted(CONNECTION.managed))
def test_the_table_agrees_with_the_contracts_limits(path):
    contract = schemas()
    schema, owner = contract["CreateVpnConnection"], None
    for part in path.split("."):
        owner = schema["properties"][part]
        schema = contract[owner["$ref"].rpartition("/")[2]] if "$ref" in owner else owner
    kind = CONNECTION.managed[path].kind
    if "enum" in schema:
        assert set(schema["enum"]) <= set(kind.words)
    if schema.get("type") == "integer":
        assert (kind.minimum, kind.maximum) == (schema["minimum"], schema["maximum"])
    if "maxLength" in schema and hasattr(kind, "maximum") and kind.maximum is not None:
        assert (kind.minimum, kind.maximum) == (schema["minLength"], schema["maxLength"])
    if "maxItems" in schema:
        assert kind.maximum == schema["maxItems"]


def test_every_field_has_a_kind_with_all_its_parts():
    for path, field in CONNECTION.leaves.items():
        parts = ("option",) if isinstance(field.kind, ReadOnly) else ("option", "normalize", "compare_key", "errors", "warnings", "type")
        assert not isinstance(field.kind, Object) and all(hasattr(field.kind, part) for part in parts), path


# -- what the info modules return, and what the contract says of it ---------------------------------------------------

INFO = {
    "vpn_connection_info": ("vpn_connections", "ResponseVpnConnection"),
    "vpn_gateway_info": ("vpn_gateways", "ResponseVpnGateway"),
    "vpn_customer_gateway_info": ("customer_gateways", "ResponseCustomerGateway"),
}
# A detail, and where in the contract it is found.
DETAILS = {
    "log": ("ConnectionLog", "logs"),
    "ipsec_sa": ("IpsecSaList", "sa_infos"),
    "peer_configuration": ("PeerConfigurationExport", "peer_config"),
}
TYPES = {"string": "str", "integer": "int", "number": "float", "boolean": "bool", "array": "list", "object": "dict"}


def returned(name, key):
    return yaml.safe_load(importlib.import_module(OWN + "plugins.modules." + name).RETURN)[key]


def outline(entry):
    """Return type, type of elements and members of a documented return value."""
    return entry["type"], entry.get("elements"), {name: outline(inner) for name, inner in entry.get("contains", {}).items()}


def outline_of_schema(contract, schema):
    """Return the same of a schema of the API's contract."""
    schema = resolved(contract, schema)
    inner = resolved(contract, schema.get("items", schema))
    elements = TYPES[inner["type"]] if schema["type"] == "array" else None
    return TYPES[schema["type"]], elements, {name: outline_of_schema(contract, part) for name, part in inner.get("properties", {}).items()}


def resolved(contract, schema):
    return contract[schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema


@pytest.mark.parametrize("name", sorted(INFO))
def test_the_info_modules_document_every_member_of_the_contract(name):
    contract, (key, schema) = schemas(), INFO[name]
    wanted = outline_of_schema(contract, contract[schema])[2]
    wanted["tags"] = ("dict", None, {})
    if name == "vpn_connection_info":
        wanted.update((detail, outline_of_schema(contract, contract[owner]["properties"][member])) for detail, (owner, member) in DETAILS.items())
    assert outline(returned(name, key)) == ("list", "dict", wanted)


def incomplete(entries, prefix=""):
    """Yield what documented return values lack."""
    for key, entry in entries.items():
        needed = ["description", "returned", "type"] + ["elements"] * (entry["type"] == "list") + ["sample"] * ("contains" not in entry)
        yield from ("%s%s lacks %s" % (prefix, key, part) for part in needed if part not in entry)
        yield from incomplete(entry.get("contains", {}), prefix + key + ".")


@pytest.mark.parametrize("name", sorted(INFO))
def test_every_return_value_is_documented_in_full(name):
    assert not list(incomplete(yaml.safe_load(importlib.import_module(OWN + "plugins.modules." + name).RETURN)))


def test_a_connection_is_documented_alike_wherever_it_is_returned():
    listed = outline(returned("vpn_connection_info", "vpn_connections"))[2]
    single = outline(returned("vpn_connection", "vpn_connection"))[2]
    assert {name: entry for name, entry in listed.items() if name not in DETAILS} == single
