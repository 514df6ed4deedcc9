# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""AWX's rules for credential types and surveys, restated.

Sources: AWX's guide "Custom Credential Types" and the checks behind it (awx/main/fields.py: the schemas of inputs and
of injectors, the test rendering of injectors, the names of variables that are refused), awx/main/models/credential (the
names of variables whose values AWX hides), and the API's description of survey specifications (awx/api/views: what a
survey must have).
"""

from __future__ import annotations

import re

import jinja2
import jinja2.sandbox

VARIABLE = "^[a-zA-Z_][a-zA-Z0-9_]*$"

INPUTS = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "required": {"type": "array", "items": {"type": "string"}},
        "fields": {
            "type": "array",
            "items": {
                "type": "object",
                "additionalProperties": False,
                "required": ["id", "label"],
                "properties": {
                    "id": {"type": "string", "pattern": VARIABLE},
                    "label": {"type": "string"},
                    "help_text": {"type": "string"},
                    "type": {"enum": ["string", "boolean"]},
                    "format": {"enum": ["ssh_private_key", "url"]},
                    "choices": {"type": "array", "minItems": 1, "uniqueItems": True, "items": {"type": "string"}},
                    "multiline": {"type": "boolean"},
                    "secret": {"type": "boolean"},
                    "ask_at_runtime": {"type": "boolean"},
                    "default": {},
                },
            },
        },
    },
}

INJECTORS = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "file": {
            "type": "object",
            "additionalProperties": False,
            "patternProperties": {r"^template(\.[a-zA-Z_][a-zA-Z0-9_]*)?$": {"type": "string"}},
        },
        "env": {
            "type": "object",
            "additionalProperties": False,
            "patternProperties": {VARIABLE: {"type": "string", "pattern": "^[\\x00-\\x7f]*$"}},
        },
        "extra_vars": {
            "type": "object",
            "additionalProperties": False,
            "patternProperties": {VARIABLE: {"type": "string"}},
        },
    },
}

# Variables that AWX or its callbacks reserve for themselves.
RESERVED = {
    "AD_HOC_COMMAND_ID",
    "AWX_HOST",
    "CACHE",
    "CALLBACK_CONNECTION",
    "CALLBACK_QUEUE",
    "INVENTORY_HOSTVARS",
    "INVENTORY_ID",
    "INVENTORY_SOURCE_ID",
    "INVENTORY_UPDATE_ID",
    "JOB_CALLBACK_DEBUG",
    "JOB_ID",
    "MAX_EVENT_RES",
    "PATH",
    "PROJECT_REVISION",
    "PYTHONPATH",
    "REST_API_TOKEN",
    "REST_API_URL",
    "SUPERVISOR_CONFIG_PATH",
    "VIRTUAL_ENV",
}
HIDDEN = re.compile("API|TOKEN|KEY|SECRET|PASS", re.IGNORECASE)

QUESTIONS = {"text", "textarea", "password", "integer", "float", "multiplechoice", "multiselect"}


def credential_type_faults(definition):
    """Yield a sentence for each rule, beyond the schemas, that a credential type breaks."""
    fields = definition["inputs"]["fields"]
    names = [field["id"] for field in fields]
    if len(set(names)) != len(names):
        yield "two fields have one id"
    yield from (f"the id {name} is reserved" for name in names if name in ("tower", "awx"))
    yield from (
        f"required names no field: {name}" for name in definition["inputs"].get("required", ()) if name not in names
    )
    for field in fields:
        if field.get("type", "string") != "string":
            yield from (
                f"{field['id']}: {key} is for texts only"
                for key in ("choices", "multiline", "format", "secret")
                if key in field
            )
    values = dict.fromkeys(names, "EXAMPLE")
    files = definition["injectors"].get("file", {})
    if files:
        values["tower"] = {"filename": "EXAMPLE"}
    if "template" in files and len(files) > 1:
        yield "one file and several files are mixed"
    sandbox = jinja2.sandbox.ImmutableSandboxedEnvironment(undefined=jinja2.StrictUndefined)
    for kind, templates in definition["injectors"].items():
        for name, text in templates.items():
            try:
                sandbox.from_string(text).render(values)
            except jinja2.TemplateError as error:
                yield f"{kind} {name}: {error}"
    for name in definition["injectors"].get("env", {}):
        if name.startswith("ANSIBLE_") or name in RESERVED:
            yield f"AWX refuses the variable {name}"


def survey_faults(survey):
    """Yield a sentence for each rule that a survey breaks."""
    for name, kind in (("name", str), ("description", str), ("spec", list)):
        if not isinstance(survey.get(name), kind):
            yield f"{name} is missing, or of another type"
    if not survey.get("spec"):
        yield "there is no question"
    variables = [item.get("variable") for item in survey["spec"]]
    if len(set(variables)) != len(variables):
        yield "two questions have one variable"
    for item in survey["spec"]:
        label = item.get("variable")
        for name in ("type", "question_name", "variable", "required"):
            if name not in item:
                yield f"{label} lacks {name}"
        if item["type"] not in QUESTIONS:
            yield f"{label} is of an unknown type"
        if not re.match(VARIABLE, label):
            yield f"{label} is no name for a variable"
        choices = item["type"] in ("multiplechoice", "multiselect")
        if choices and (
            not isinstance(item.get("choices"), list) or not all(isinstance(choice, str) for choice in item["choices"])
        ):
            yield f"{label} lacks choices"
        if choices and item["type"] == "multiplechoice" and item["default"] not in ("", *item["choices"]):
            yield f"the default of {label} is none of its choices"
        if (
            item["type"] in ("text", "textarea")
            and item.get("default")
            and not (item.get("min") or 0) <= len(item["default"]) <= (item.get("max") or 4096)
        ):
            yield f"the default of {label} is too short or too long"
