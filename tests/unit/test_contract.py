# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The rules of the house: what may depend on what, and that each fact is written once."""

from __future__ import annotations

import ast
import functools
import importlib
import inspect
import pathlib
import re

import pytest
import yaml

from ansible_collections.huaweicloud.vpn.plugins.module_utils._resources.availability_zone import AVAILABILITY_ZONES
from ansible_collections.huaweicloud.vpn.plugins.module_utils._resources.connection import CONNECTION
from ansible_collections.huaweicloud.vpn.plugins.module_utils._resources.customer_gateway import CUSTOMER_GATEWAY
from ansible_collections.huaweicloud.vpn.plugins.module_utils._resources.gateway import GATEWAY
from ansible_collections.huaweicloud.vpn.plugins.module_utils._resources.monitor import MONITOR
from ansible_collections.huaweicloud.vpn.plugins.module_utils._resources.peer_device import PEER_DEVICES
from ansible_collections.huaweicloud.vpn.plugins.module_utils._resources.quota import QUOTAS
from ansible_collections.huaweicloud.vpn.plugins.module_utils._schema.kinds import Kind, Object
from ansible_collections.huaweicloud.vpn.plugins.module_utils._work import bulk, catalog, info, single
from ansible_collections.huaweicloud.vpn.tests.unit.harness.resources import TEST_RESOURCES

ROOT = pathlib.Path(__file__).parents[2]
PLUGINS = ROOT / "plugins"
UTILS = PLUGINS / "module_utils"
OWN = "ansible_collections.huaweicloud.vpn."
UTILS_NAME = OWN + "plugins.module_utils."
FILES = sorted(path for path in UTILS.rglob("*.py") if path.name != "__init__.py")
RESOURCES = sorted((UTILS / "_resources").glob("[a-z]*.py"))
MODULES = sorted((PLUGINS / "modules").glob("*.py"))
OPERATIONS = {
    "vpn_availability_zone_info": (catalog, AVAILABILITY_ZONES),
    "vpn_connection": (single, CONNECTION),
    "vpn_connection_info": (info, CONNECTION),
    "vpn_connections": (bulk, CONNECTION),
    "vpn_customer_gateway": (single, CUSTOMER_GATEWAY),
    "vpn_customer_gateway_info": (info, CUSTOMER_GATEWAY),
    "vpn_gateway": (single, GATEWAY),
    "vpn_gateway_info": (info, GATEWAY),
    "vpn_peer_device_info": (catalog, PEER_DEVICES),
    "vpn_quota_info": (catalog, QUOTAS),
}
ALL_RESOURCES = [CONNECTION, CUSTOMER_GATEWAY, GATEWAY, MONITOR, *TEST_RESOURCES]

# What each room may use, from the ground up. A room uses nothing that stands above it.
FLOORS = {
    "_clock": set(),
    "_errors": {"_clock"},
    "_lifeline": set(),
    "_secrets": set(),
    "_text": set(),
    "_masking": {"_secrets", "_text"},
    "_schema": set(),
    "_resources": {"_schema"},
    "_diagnosis": {"_schema", "_text"},
    "_planning": {"_schema", "_secrets"},
    "_http": {"_clock", "_errors", "_text"},
    "_input": {"_errors", "_http", "_masking", "_schema", "_secrets", "_text"},
    "_work": {"_clock", "_diagnosis", "_errors", "_http", "_input", "_planning", "_schema", "_secrets", "_text"},
    "_execute": {"_clock", "_errors", "_input", "_lifeline", "_masking", "_schema", "_text"},
    "_module": {"_clock", "_errors", "_execute", "_http", "_input", "_lifeline", "_masking", "_schema", "_secrets"},
}
# Rooms without ansible, requests or anything that reaches outside the process.
PURE = ("_diagnosis", "_errors", "_schema", "_resources", "_planning", "_secrets", "_text", "_work")


@functools.lru_cache(maxsize=None)
def tree(path):
    return ast.parse(path.read_text(encoding="utf-8"))


@functools.lru_cache(maxsize=None)
def nodes(path):
    """Return all nodes of a file."""
    return tuple(ast.walk(tree(path)))


@functools.lru_cache(maxsize=None)
def imports(path):
    """Return the full names of everything a file imports, wherever in it."""
    names = set()
    for node in nodes(path):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            names.add(node.module)
            names.update(f"{node.module}.{alias.name}" for alias in node.names)
    return names


# ansible-test runs each test in a fork of its own: read all files once, before.
for file in sorted(PLUGINS.rglob("*.py")):
    imports(file)


def room(path):
    """Return the package or file of module_utils that a path belongs to."""
    return path.relative_to(UTILS).parts[0].replace(".py", "")


def rooms(names):
    """Return the rooms of module_utils among imported names."""
    found = {name[len(UTILS_NAME) :].split(".")[0] for name in names if name.startswith(UTILS_NAME)}
    return found - {""}


def used_rooms(path):
    return rooms(imports(path)) - {room(path)}


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(UTILS)))
def test_no_arrow_points_upwards(path):
    assert used_rooms(path) <= FLOORS[room(path)]


def test_the_floors_have_no_circle():
    lower = set()
    while len(lower) < len(FLOORS):
        ready = {name for name, below in FLOORS.items() if name not in lower and below <= lower}
        assert ready, sorted(set(FLOORS) - lower)
        lower |= ready


def test_no_two_files_import_each_other():
    """Inside a room, too."""
    names = {path: UTILS_NAME + ".".join(path.relative_to(UTILS).with_suffix("").parts) for path in FILES}
    below = {names[path]: {name for name in imports(path) if name in names.values()} for path in FILES}
    done = set()
    while len(done) < len(below):
        ready = {name for name, used in below.items() if name not in done and used <= done}
        assert ready, sorted(set(below) - done)
        done |= ready


def test_files_of_the_work_import_only_from_those_above():
    """As docs/ARCHITECTURE.md says of the first column of the table that lists them."""
    text = (ROOT / "docs" / "ARCHITECTURE.md").read_text(encoding="utf-8")
    table = text.partition("| One object | Responsibility |")[2].partition("\n\n")[0]
    rows = [re.findall(r"`(\w+)\.py`", row.split("|")[1]) for row in table.splitlines()[2:]]
    listed, above = {name for row in rows for name in row}, set()
    assert {"lookup", "reconcile", "single"} <= listed
    for row in rows:
        for name in row:
            used = imports(UTILS / "_work" / f"{name}.py")
            assert {other.partition("._work.")[2].partition(".")[0] for other in used} & listed <= above, name
        above.update(row)


@pytest.mark.parametrize("path", sorted(PLUGINS.rglob("*.py")), ids=lambda path: str(path.relative_to(PLUGINS)))
def test_no_private_name_crosses_files(path):
    for node in nodes(path):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(OWN):
            private = [alias.name for alias in node.names if alias.name.startswith("_")]
            assert not [name for name in private if not (UTILS / f"{name}.py").exists() and not (UTILS / name).is_dir()]


@pytest.mark.parametrize(
    "path", [path for path in FILES if room(path) in PURE], ids=lambda path: str(path.relative_to(UTILS))
)
def test_the_core_is_pure(path):
    outside = {"ansible", "requests", "urllib3", "socket", "ssl", "os", "subprocess", "select"}
    assert not outside & {name.split(".")[0] for name in imports(path)}


FILTERS = sorted((PLUGINS / "filter").glob("*.py"))
# What filters use stands beside the rooms, since filters exist in the controller's process only.
FILTER_CORE = {
    "_peer_settings": {"_errors", "_resources", "_schema", "_text"},
    "_swanctl": {"_resources", "_text"},
}


@pytest.mark.parametrize("name", sorted(FILTER_CORE))
def test_the_core_of_the_filters_is_pure(name):
    names = imports(PLUGINS / "plugin_utils" / f"{name}.py")
    assert not {"ansible", "requests", "urllib3", "jinja2", "socket", "os"} & {used.split(".")[0] for used in names}
    assert rooms(names) <= FILTER_CORE[name]


@pytest.mark.parametrize("path", FILTERS, ids=lambda path: path.stem)
def test_a_filter_is_documentation_and_a_call(path):
    assert not rooms(imports(path))
    module = importlib.import_module(f"{OWN}plugins.filter.{path.stem}")
    assert list(module.FilterModule().filters()) == [path.stem] == [yaml.safe_load(module.DOCUMENTATION)["name"]]
    documentation, options = yaml.safe_load(module.DOCUMENTATION), documented(module)
    function = module.FilterModule().filters()[path.stem]
    taken = list(inspect.signature(function).parameters.values())
    assert [parameter.name for parameter in taken[1:]] == list(options)[1:]
    given = [parameter.name for parameter in taken[1:] if parameter.default is parameter.empty]
    assert given == documentation["positional"].split(", ")
    assert given == [name for name, option in options.items() if option.get("required")][1:]
    for parameter in taken[1 + len(given) :]:
        assert parameter.default == options[parameter.name]["default"]


@pytest.mark.parametrize("path", RESOURCES, ids=lambda path: path.name)
def test_a_resource_is_data(path):
    assert not {part for part in imports(path) if not part.startswith((OWN, "__future__"))}
    assert not [
        node
        for node in nodes(path)
        if isinstance(node, (ast.For, ast.While, ast.If, ast.Try, ast.ClassDef, ast.Lambda))
    ]


SELDOM = (
    "_diagnosis",
    "_http.chain",
    "_http.metadata",
    "_input.credentials_file",
    "_resources.connection_causes",
    "_resources.gateway_causes",
    "_work.cause",
)
SENDING = ("_work.creation", "_work.marks", "_work.reconcile", "_work.sender", "_work.waiters", "_work.writes")


def imported_at_start(path):
    """Return the files of module_utils that are imported with a file, whatever a task asks for."""
    waiting, found = [path], set()
    while waiting:
        for node in tree(waiting.pop()).body:
            if isinstance(node, ast.ImportFrom) and f"{node.module}.".startswith(UTILS_NAME):
                for name in (node.module, *(f"{node.module}.{alias.name}" for alias in node.names)):
                    file = UTILS.joinpath(*name[len(UTILS_NAME) :].split(".")).with_suffix(".py")
                    if file in FILES and file not in found:
                        found.add(file)
                        waiting.append(file)
    return {".".join(file.relative_to(UTILS).with_suffix("").parts) for file in found}


@pytest.mark.parametrize(
    "name, seldom",
    [
        ("vpn_connection", (*SELDOM, *SENDING)),
        ("vpn_connections", SELDOM),
        ("vpn_customer_gateway", (*SELDOM, *SENDING)),
        ("vpn_gateway", (*SELDOM, *SENDING)),
    ],
)
def test_a_task_does_not_wait_for_what_few_tasks_need(name, seldom):
    """What is imported is compiled each time: neither Ansible's loader nor a module's archive has byte code."""
    started = imported_at_start(PLUGINS / "modules" / f"{name}.py")
    assert {"_work.checks", "_http.transport", "_schema.kinds"} <= started
    assert not [file for file in started if file.startswith(seldom)]


def test_only_the_transport_knows_requests():
    users = {
        str(path.relative_to(UTILS))
        for path in FILES
        if {"requests", "urllib3"} & {name.split(".")[0] for name in imports(path)}
    }
    assert users == {"_http/transport.py"}


@pytest.mark.parametrize(
    "word, allowed", [("AnsibleModule", {"_module.py"}), ("fail_json", {"_module.py"}), ("exit_json", {"_module.py"})]
)
def test_only_the_front_end_knows_ansible_module(word, allowed):
    def used(path):
        return any(word in (getattr(node, "id", None), getattr(node, "attr", None)) for node in nodes(path))

    assert {path.name for path in PLUGINS.rglob("*.py") if used(path)} == allowed


def test_check_mode_is_read_by_the_two_front_ends_only():
    readers = {
        path.name
        for path in PLUGINS.rglob("*.py")
        for node in nodes(path)
        if isinstance(node, ast.Attribute)
        and node.attr in ("check_mode", "_check_mode")
        and not (isinstance(node.value, ast.Name) and node.value.id == "self")
    }
    assert readers == {"_module.py", "_in_process.py"}


def test_secrets_are_opened_in_three_places_only():
    """Where a request is sent, where a plan id is computed, and where a fingerprint tells whether a key is the one last sent: of either a hash leaves."""
    callers = [
        str(path.relative_to(UTILS))
        for path in FILES
        for node in nodes(path)
        if isinstance(node, ast.Call) and getattr(node.func, "id", getattr(node.func, "attr", None)) == "reveal"
    ]
    assert sorted(callers) == ["_planning/fingerprint.py", "_planning/plan.py", "_work/api.py"]
    openers = {
        path.name
        for path in FILES
        if path.name != "_secrets.py" and "._text" in path.read_text(encoding="utf-8").replace("module_utils._text", "")
    }
    assert not openers


def test_kinds_are_not_told_apart_outside_the_schema():
    """But for objects, whose members are walked."""
    outside = [path for path in FILES if room(path) != "_schema"]
    asked = {
        ast.unparse(node.args[1])
        for path in outside
        for node in nodes(path)
        if isinstance(node, ast.Call)
        and getattr(node.func, "id", None) == "isinstance"
        and "kind" in ast.unparse(node.args[0])
    }
    assert asked == {"Object"}


def test_generic_code_names_no_resource():
    """Neither a resource's name nor a member that only one API has: that would be a fact written twice."""
    common = {"id", "name", "type", "status", "tags", "msg", "source", "destination", "vpn_connections"}
    names = {part for resource in ALL_RESOURCES for path in resource.leaves for part in path.split(".")}
    names |= {resource.name for resource in ALL_RESOURCES} | {resource.plural for resource in ALL_RESOURCES}
    names |= {resource.items_option for resource in ALL_RESOURCES if resource.items_option}
    for path in FILES:
        if room(path) == "_resources":
            continue
        texts = {node.value for node in nodes(path) if isinstance(node, ast.Constant) and isinstance(node.value, str)}
        assert not (names - common) & texts, path.name


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_a_module_is_documentation_and_a_call(path):
    code = [
        node
        for node in tree(path).body
        if not (isinstance(node, ast.Assign) and node.targets[0].id in ("DOCUMENTATION", "EXAMPLES", "RETURN"))
    ]
    lines = sum(node.end_lineno - node.lineno + 1 for node in code)
    assert lines <= 15
    assert rooms(imports(path)) <= {"_module", "_resources", "_work"}


def test_private_files_say_so():
    for path in FILES:
        assert path.relative_to(UTILS).parts[0].startswith("_")
        assert "rivate" in ast.get_docstring(tree(path)), path.name


def test_the_emulator_is_a_witness_of_its_own():
    for path in ROOT.glob("tests/emulator/**/*.py"):
        assert not {name for name in imports(path) if name and "plugins" in name}, path.name


def test_the_cloud_at_the_other_end_of_a_tunnel_is_a_witness_of_its_own():
    for name in ("gateway", "hosts", "keywords"):
        found = {part for imported in imports(ROOT / "tests" / "tunnel" / f"{name}.py") for part in imported.split(".")}
        assert not found & {"plugins", "device", "ends"}, name


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_every_module_has_an_action_plugin(path):
    """With it, the module need not be started where the target is the controller."""
    action = importlib.import_module(f"{OWN}plugins.action.{path.stem}").ActionModule
    called = next(
        node.args
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call) and getattr(node.func, "id", None) == "run_module"
    )
    module = importlib.import_module(f"{OWN}plugins.modules.{path.stem}")
    assert [action.operation, action.resource] == [getattr(module, word.id) for word in called]


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
    """Return the documented options of a module or filter, those of its fragments first (dict)."""
    docs = yaml.safe_load(module.DOCUMENTATION)
    options = {}
    for name in docs.get("extends_documentation_fragment", ()):
        fragment = importlib.import_module(OWN + "plugins.doc_fragments." + name.split(".")[2]).ModuleDocFragment
        text = getattr(fragment, (name.split(".") + ["documentation"])[3].upper())
        options.update(yaml.safe_load(text).get("options") or {})
    return {**options, **(docs.get("options") or {})}


def shape(options, inner):
    """Return what documentation and specification must agree on."""
    return {
        name: {
            "type": option.get("type", "str"),
            "elements": option.get("elements"),
            "default": option.get("default"),
            "choices": option.get("choices"),
            "aliases": sorted(option.get("aliases") or ()),
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


@functools.lru_cache(maxsize=None)
def schemas(name="openapi.yaml"):
    return yaml.load((ROOT / "tests" / "emulator" / name).read_text(encoding="utf-8"), yaml.CSafeLoader)["components"][
        "schemas"
    ]


for document in ("openapi.yaml", "openapi-family.yaml"):
    schemas(document)


def members(all_schemas, name, prefix=""):
    """Return the dotted paths of an object of the API's contract, lists as leaves (set of str)."""
    found = set()
    for member, schema in all_schemas[name]["properties"].items():
        target = schema.get("$ref", "").rpartition("/")[2]
        if target and "properties" in all_schemas[target] and member != "bgp_peer":
            found |= members(all_schemas, target, prefix + member + ".")
        else:
            found.add(prefix + member)
    return found


@pytest.mark.parametrize(
    "schema, leaves",
    [
        (
            "CreateVpnConnection",
            {path for path, field in CONNECTION.leaves.items() if field.change != "read only"}
            | {"enable_health_check"},
        ),
        ("UpdateVpnConnection", {path for path, field in CONNECTION.leaves.items() if field.change == "changeable"}),
        ("ResponseVpnConnection", (set(CONNECTION.leaves) - {"psk"}) | {"id"}),
    ],
)
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


@pytest.mark.parametrize("resource", ALL_RESOURCES, ids=lambda resource: resource.noun)
def test_every_field_has_a_kind_with_all_its_parts(resource):
    for path, field in resource.leaves.items():
        assert isinstance(field.kind, Kind) and not isinstance(field.kind, Object), path
        assert set(field.option()) <= {"type", "elements", "options", "aliases", "no_log"}, path


@pytest.mark.parametrize("resource", ALL_RESOURCES, ids=lambda resource: resource.noun)
def test_a_resource_has_only_the_options_it_can_serve(resource):
    spec = single.argument_spec(resource)
    assert not [name for name in spec if "None" in name]
    assert ("reset" in spec) is resource.resettable
    assert any(name.startswith("update_") for name in spec) is bool(resource.write_only)
    assert any(name.startswith("purge_") for name in spec) is bool(resource.tags)


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
    "monitor_status": ("ConnectionMonitorEnvelope", "connection_monitor"),
}
FINDING = {
    "cause": ("str", None, {}),
    "kind": ("str", None, {}),
    "count": ("int", None, {}),
    "last_seen": ("str", None, {}),
    "meaning": ("str", None, {}),
    "check": ("str", None, {}),
    "where": ("str", None, {}),
    "evidence": ("str", None, {}),
}
TYPES = {"string": "str", "integer": "int", "number": "float", "boolean": "bool", "array": "list", "object": "dict"}


def returned(name, key):
    return yaml.safe_load(importlib.import_module(OWN + "plugins.modules." + name).RETURN)[key]


def outline(entry):
    """Return type, type of elements and members of a documented return value."""
    return (
        entry["type"],
        entry.get("elements"),
        {name: outline(inner) for name, inner in entry.get("contains", {}).items()},
    )


def outline_of_schema(contract, schema):
    """Return the same of a schema of the API's contract."""
    schema = resolved(contract, schema)
    inner = resolved(contract, schema.get("items", schema))
    elements = TYPES[inner["type"]] if schema["type"] == "array" else None
    return (
        TYPES[schema["type"]],
        elements,
        {name: outline_of_schema(contract, part) for name, part in inner.get("properties", {}).items()},
    )


def resolved(contract, schema):
    return contract[schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema


@pytest.mark.parametrize("name", sorted(INFO))
def test_the_info_modules_document_every_member_of_the_contract(name):
    contract, (key, schema) = schemas(), INFO[name]
    wanted = outline_of_schema(contract, contract[schema])[2]
    wanted["tags"] = ("dict", None, {})
    if name in ("vpn_connection_info", "vpn_gateway_info"):
        wanted["diagnosis"] = ("list", "dict", FINDING)
    if name == "vpn_connection_info":
        wanted["reset_required"] = wanted["monitor"] = ("bool", None, {})
        wanted.update(posture=("list", "str", {}))
        wanted.update(
            (detail, outline_of_schema(contract, contract[owner]["properties"][member]))
            for detail, (owner, member) in DETAILS.items()
        )
    assert outline(returned(name, key)) == ("list", "dict", wanted)


def incomplete(entries, prefix=""):
    """Yield what documented return values lack."""
    for key, entry in entries.items():
        needed = (
            ["description", "returned", "type"]
            + ["elements"] * (entry["type"] == "list")
            + ["sample"] * ("contains" not in entry)
        )
        yield from ("%s%s lacks %s" % (prefix, key, part) for part in needed if part not in entry)
        yield from incomplete(entry.get("contains", {}), prefix + key + ".")


@pytest.mark.parametrize("name", sorted(INFO))
def test_every_return_value_is_documented_in_full(name):
    assert not list(incomplete(yaml.safe_load(importlib.import_module(OWN + "plugins.modules." + name).RETURN)))


def test_a_connection_is_documented_alike_wherever_it_is_returned():
    listed = outline(returned("vpn_connection_info", "vpn_connections"))[2]
    single = outline(returned("vpn_connection", "vpn_connection"))[2]
    assert {
        name: entry
        for name, entry in listed.items()
        if name not in (*DETAILS, "diagnosis", "posture", "monitor", "reset_required")
    } == single


@pytest.mark.parametrize("name, plural", [("customer_gateway", "customer_gateways"), ("vpn_gateway", "vpn_gateways")])
def test_an_object_is_documented_alike_wherever_it_is_returned(name, plural):
    module = f"vpn_{name.removeprefix('vpn_')}"
    listed, single = outline(returned(f"{module}_info", plural))[2], outline(returned(module, name))[2]
    assert single and {member: listed.get(member) for member in single} == single


# -- the tables of the family -------------------------------------------------------------------------------------------


def family_members(name, envelope=None):
    """Return the dotted paths of an object of the family's contract (set of str)."""
    contract = schemas("openapi-family.yaml")
    schema = contract[name]["properties"][envelope] if envelope else contract[name]
    return set(_paths(contract, resolved(contract, schema)))


def _paths(contract, schema, prefix=""):
    for name, part in schema["properties"].items():
        part = resolved(contract, part["allOf"][0] if "allOf" in part else part)
        if "properties" in part:
            yield from _paths(contract, part, prefix + name + ".")
        else:
            yield prefix + name


FAMILY = [
    (
        CUSTOMER_GATEWAY,
        family_members("CreateCustomerGateway"),
        family_members("UpdateCustomerGatewayRequest", "customer_gateway"),
        family_members("ResponseCustomerGateway"),
    ),
    (
        GATEWAY,
        family_members("CreateVpnGateway"),
        # Another elastic IP is what the module does not offer.
        family_members("UpdateVpnGateway") - {"eip_id_1", "eip_id_2"},
        family_members("ResponseVpnGateway"),
    ),
]


@pytest.mark.parametrize("resource, created, changed, shown", FAMILY, ids=lambda part: getattr(part, "noun", ""))
def test_the_tables_of_the_family_hold_every_member_of_their_contract(resource, created, changed, shown):
    fields = resource.leaves.items()
    assert {path for path, field in fields if field.change != "read only" and not field.only_later} == created
    puts = {field.update_as or path for path, field in fields if field.change == "changeable"}
    assert puts == changed
    returned_ones = {path for path, field in fields if not field.write_only} | {"id"}
    assert returned_ones >= shown


CATALOGS = {
    "vpn_availability_zone_info": ("vpn_availability_zones", "ExtendedAvailabilityZones", ["availability_zones"], {}),
    "vpn_peer_device_info": ("vpn_peer_devices", "SupportedDevices", ["supported_devices"], {}),
    "vpn_quota_info": ("vpn_quotas", "Quotas", ["quotas", "resources"], {"free": ("int", None, {})}),
}


@pytest.mark.parametrize("name", sorted(CATALOGS))
def test_the_catalogs_document_every_member_of_their_contract(name):
    key, schema, path, more = CATALOGS[name]
    contract = schemas("openapi-family.yaml")
    part = contract[schema]
    for member in path:
        part = part["properties"][member]
    kind, elements, members = outline_of_schema(contract, part)
    assert outline(returned(name, key)) == (kind, elements, {**members, **more})
    assert not list(incomplete(yaml.safe_load(importlib.import_module(OWN + "plugins.modules." + name).RETURN)))
