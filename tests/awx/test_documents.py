# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The documents of docs/awx, compared with AWX's rules and with the collection."""

from __future__ import annotations

import importlib
import json
import os
import pathlib
import re
import sys

import controller
import jsonschema
import pytest
import rules
import yaml
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from checks import NEW_KEYS

TYPES = sorted((controller.DOCS / "credential_types").glob("*.yml"))
SURVEYS = sorted((controller.DOCS / "project" / "surveys").glob("*.json"))
PLAYBOOKS = sorted((controller.DOCS / "project").glob("*.yml"))


def load(path):
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def words_of(module):
    """Return all environment variables that a private file of the collection names (set of str)."""
    text = (controller.ROOT / "plugins" / "module_utils" / module).read_text(encoding="utf-8")
    return set(re.findall(r'"([A-Z][A-Z_]+)"', text))


# -- credential types -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", TYPES, ids=lambda path: path.stem)
def test_a_credential_type_follows_awxs_rules(path):
    definition = load(path)
    jsonschema.validate(definition["inputs"], rules.INPUTS)
    jsonschema.validate(definition["injectors"], rules.INJECTORS)
    assert not list(rules.credential_type_faults(definition))
    assert definition["kind"] == "cloud"


@pytest.mark.parametrize("path", TYPES, ids=lambda path: path.stem)
def test_awx_hides_every_variable_that_carries_a_secret(path):
    definition = load(path)
    secrets = {field["id"] for field in definition["inputs"]["fields"] if field.get("secret")}
    for name, template in definition["injectors"]["env"].items():
        carries = any(secret in re.findall(r"\w+", template) for secret in secrets)
        assert not carries or rules.HIDDEN.search(name), name


def test_the_variables_are_those_the_collection_reads():
    known = words_of("_input/access.py") | words_of("_input/credentials.py") | {"REQUESTS_CA_BUNDLE"}
    assert [path.stem for path in TYPES] == [
        "huaweicloud",
        "huaweicloud_agency",
        "huaweicloud_id_token",
        "huaweicloud_vpn_psk",
    ]
    for path in TYPES[:3]:
        assert set(load(path)["injectors"]["env"]) <= known
    shared = (controller.DOCS / "project" / "group_vars" / "all.yml").read_text(encoding="utf-8")
    assert all(f"'{name}'" in shared for name in load(TYPES[3])["injectors"]["env"])


def test_the_rules_themselves_notice_mistakes():
    definition = load(TYPES[0])
    definition["injectors"]["env"] = {"ANSIBLE_HWC_USER": "{{ access_key }}", "PATH": "{{ missing }}", "X": "{{ region"}
    assert len(list(rules.credential_type_faults(definition))) == 4
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"fields": [{"id": "9", "label": "x"}]}, rules.INPUTS)


# -- surveys ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", SURVEYS, ids=lambda path: path.stem)
def test_a_survey_follows_awxs_rules_and_asks_for_no_secret(path):
    survey = json.loads(path.read_text(encoding="utf-8"))
    assert not list(rules.survey_faults(survey))
    for item in survey["spec"]:
        assert item["type"] != "password"
        assert not re.search("psk|secret|token|password", item["variable"].replace("vpn_update_psk", ""))


@pytest.mark.parametrize("path", SURVEYS, ids=lambda path: path.stem)
def test_every_answer_is_used_by_a_playbook(path):
    project = "".join(
        file.read_text(encoding="utf-8")
        for file in (controller.DOCS / "project").rglob("*")
        if file.is_file() and file.parent.name != "surveys"
    )
    assert all(item["variable"] in project for item in json.loads(path.read_text(encoding="utf-8"))["spec"])


# -- configuration as code --------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def awx_modules():
    """Return a function that returns the argument specification of a module of awx.awx, taken from its code."""
    folder = pathlib.Path(os.environ["AWX"]) / "awx-collection"
    sys.path.insert(0, str(folder))

    class Captured(Exception):
        pass

    def specification(name):
        module = importlib.import_module("ansible_collections.awx.awx.plugins.modules." + name)
        found = {}

        class Capture:
            def __init__(self, argument_spec, **more):
                found.update(more, argument_spec=argument_spec)
                raise Captured

        module.ControllerAPIModule = Capture
        with pytest.raises(Captured):
            module.main()
        return module, found

    yield specification
    sys.path.remove(str(folder))


def specification_of(options):
    """Return documented options as an argument specification (dict)."""
    names = ("type", "elements", "choices", "required", "aliases")
    made = {}
    for name, option in options.items():
        made[name] = {key: option[key] for key in names if key in option}
        if "suboptions" in option:
            made[name]["options"] = specification_of(option["suboptions"])
    return made


def test_every_task_fits_the_module_it_is_for(records, awx_modules):
    assert {record["module"] for record in records} == set(controller.MODULES)
    for record in records:
        _module, found = awx_modules(record["module"])
        constraints = {
            name: found[name]
            for name in ("mutually_exclusive", "required_together", "required_one_of", "required_if")
            if name in found
        }
        checked = ArgumentSpecValidator(found["argument_spec"], **constraints).validate(record["arguments"])
        assert not checked.error_messages, (record["module"], record["arguments"]["name"], checked.error_messages)


def workflows_of(records):
    """Return the nodes of each workflow by their identifiers (dict of dict of dict)."""
    return {
        record["arguments"]["name"]: {node["identifier"]: node for node in record["arguments"]["workflow_nodes"]}
        for record in records
        if record["module"] == "workflow_job_template"
    }


def test_the_nodes_of_the_workflows_fit_their_documentation(records, awx_modules):
    module, _found = awx_modules("workflow_job_template")
    nodes = specification_of(yaml.safe_load(module.DOCUMENTATION)["options"]["workflow_nodes"]["suboptions"])
    assert list(workflows_of(records)) == ["VPN rollout", "VPN branch opening", "VPN branch closing"]
    for workflow in workflows_of(records).values():
        for node in workflow.values():
            checked = ArgumentSpecValidator(nodes).validate(node)
            assert not checked.error_messages, (node["identifier"], checked.error_messages)


def test_credential_types_reach_awx_as_they_are_written(records):
    given = {
        record["arguments"]["name"]: record["arguments"] for record in records if record["module"] == "credential_type"
    }
    for path in TYPES:
        definition = load(path)
        assert {name: given[definition["name"]][name] for name in definition} == definition


def test_whatever_one_object_names_there_is(records):
    objects = {}
    for record in records:
        objects.setdefault(record["module"], {})[record["arguments"]["name"]] = record["arguments"]
    assert {item["credential_type"] for item in objects["credential"].values()} == set(objects["credential_type"])
    for template in objects["job_template"].values():
        assert (controller.DOCS / "project" / template["playbook"]).is_file()
        assert set(template["credentials"]) <= set(objects["credential"])
        assert template["project"] in objects["project"] and template["inventory"] in objects["inventory"]
        assert template["execution_environment"] in objects["execution_environment"]
        assert template["ask_job_type_on_launch"] and template["ask_diff_mode_on_launch"]
    assert {template["playbook"] for template in objects["job_template"].values()} == {
        path.name for path in PLAYBOOKS if path.name != "execution-environment.yml"
    }
    for source in objects["inventory_source"].values():
        assert (controller.DOCS / "project" / source["source_path"]).is_file() and source["credential"] in objects[
            "credential"
        ]
    for workflow in workflows_of(records).values():
        for node in workflow.values():
            named = node["unified_job_template"]
            assert named["type"] == "workflow_approval" or named["name"] in objects["job_template"]
            assert {
                item["identifier"] for kind in controller.links() for item in node.get("related", {}).get(kind, ())
            } <= set(workflow)
    for schedule in objects["schedule"].values():
        template = objects["job_template"][schedule["unified_job_template"]]
        assert template["ask_variables_on_launch"] or not schedule["extra_data"]


def test_only_an_approval_leads_to_a_change(records):
    """A denied or forgotten approval counts as a failure of its node, which leads nowhere."""
    for nodes in workflows_of(records).values():
        leads = {
            (name, kind)
            for name, node in nodes.items()
            for kind in controller.links()
            for item in node.get("related", {}).get(kind, ())
            if item["identifier"] == "apply"
        }
        assert leads == {("approve", "success_nodes")}
        assert (
            set(nodes["approve"]["related"]) == {"success_nodes"}
            and nodes["approve"]["unified_job_template"]["timeout"] > 0
        )
        assert [name for name, node in nodes.items() if node.get("job_type") == "run"] == ["apply"]


def test_a_branch_is_opened_and_closed_by_one_playbook(records):
    """Both nodes of its workflow start the same template, which therefore has the same credentials and variables."""
    templates = {
        record["arguments"]["name"]: record["arguments"] for record in records if record["module"] == "job_template"
    }
    for name, state, credentials in (("VPN branch opening", "present", 2), ("VPN branch closing", "absent", 1)):
        nodes = workflows_of(records)[name]
        assert nodes["plan"]["unified_job_template"] == nodes["apply"]["unified_job_template"]
        template = templates[nodes["apply"]["unified_job_template"]["name"]]
        assert template["extra_vars"] == {"vpn_state": state} and len(template["credentials"]) == credentials
        assert template["job_type"] == "check" and not template["survey_enabled"]
        assert template["playbook"] == "branch.yml"


def test_what_plans_and_what_applies_have_the_same_credentials(records):
    templates = {
        record["arguments"]["name"]: record["arguments"] for record in records if record["module"] == "job_template"
    }
    assert templates["VPN plan"]["credentials"] == templates["VPN apply"]["credentials"]
    assert len(templates["VPN plan"]["credentials"]) == 2 and len(templates["VPN drift report"]["credentials"]) == 1


def test_keys_reach_awx_only_as_inputs_of_credentials(records, shared_cloud):
    for record in records:
        if record["module"] != "credential":
            text = json.dumps(record)
            assert not [
                secret for secret in (*NEW_KEYS, shared_cloud.access_key, shared_cloud.secret_key) if secret in text
            ]


# -- the project ------------------------------------------------------------------------------------------------------


def test_the_project_needs_this_collection_only():
    assert [
        item["name"] for item in load(controller.DOCS / "project" / "collections" / "requirements.yml")["collections"]
    ] == ["huaweicloud.vpn"]


@pytest.mark.parametrize(
    "path", [path for path in PLAYBOOKS if path.name != "execution-environment.yml"], ids=lambda path: path.name
)
def test_no_playbook_hides_its_results(path):
    assert "no_log" not in path.read_text(encoding="utf-8")
