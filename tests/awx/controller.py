# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A small stand-in for AWX: it takes the objects that docs/awx/controller describes, and starts their jobs as AWX does.

Like AWX, it renders credentials into environment variables and files; reads the inventory with ansible-inventory and
passes it to jobs as a script; runs the project with ansible-runner, with --check, --diff, --limit and extra variables;
splits the inventory into slices; and passes artifacts to later nodes of a workflow. It has no containers, no users and
no database.

Sources: AWX's guides "Credential types", "Job templates", "Job slicing" and "Workflows", and the documentation of
ansible-runner.
"""

from __future__ import annotations

import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import threading

import ansible_runner
import jinja2.sandbox

ROOT = pathlib.Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs" / "awx"
MASK = "**********"
MODULES = (
    "credential",
    "credential_type",
    "execution_environment",
    "inventory",
    "inventory_source",
    "job_template",
    "project",
    "schedule",
    "workflow_job_template",
)


class Job:
    """A job that has ended.

    :ivar status: successful or failed (str). C(folder): what ansible-runner left behind.
    :ivar events: job events (list of dict). C(artifacts): what set_stats exported (dict).
    :ivar stdout: what the job printed (str).
    """

    def __init__(self, name, status, folder, stdout):
        self.name = name
        self.status = status
        self.folder = folder
        self.stdout = stdout
        files = sorted((folder / "job_events").glob("[0-9]*.json"), key=lambda path: int(path.name.split("-")[0]))
        self.events = [json.loads(path.read_text(encoding="utf-8")) for path in files]
        self.artifacts = {}
        for event in self.events:
            self.artifacts.update(event.get("event_data", {}).get("artifact_data") or {})

    def results(self, module):
        """Return the results of a module's tasks, by host (dict of list of dict)."""
        found = {}
        for event in self.events:
            data = event.get("event_data", {})
            if event["event"] in ("runner_on_ok", "runner_on_failed") and data.get("task_action") == module:
                found.setdefault(data["host"], []).append(data["res"])
        return found


class Controller:
    """An independent stand-in for AWX, in a folder of its own.

    :arg environment: environment variables of every job (dict). C(records): what configure() recorded.
    """

    def __init__(self, folder, environment, records):
        self.folder = pathlib.Path(folder)
        self.environment = environment
        self.records = records
        self.inventory = {}
        self.credentials = {item["name"]: item for item in self.objects("credential")}
        self.types = {item["name"]: item for item in self.objects("credential_type")}

    def objects(self, module):
        """Return the arguments of all tasks of a module of awx.awx (list of dict)."""
        return [record["arguments"] for record in self.records if record["module"] == module]

    def named(self, module, name):
        """Return the one object with a name (dict)."""
        found = [item for item in self.objects(module) if item["name"] == name]
        assert len(found) == 1, f"{module} {name}"
        return found[0]

    # -- credentials ------------------------------------------------------------------------------------------------

    def injected(self, names, folder):
        """Return the environment that credentials produce, and the same as AWX displays it (two dict)."""
        environment, shown = {}, {}
        for name in names:
            credential = self.credentials[name]
            its_type = self.types[credential["credential_type"]]
            for real, target in ((True, environment), (False, shown)):
                target.update(inject(its_type, credential["inputs"], folder, real))
        return environment, shown

    # -- inventory --------------------------------------------------------------------------------------------------

    def update_inventory(self):
        """Read the inventory source. AssertionError, with the output of ansible-inventory, when that fails."""
        source = self.objects("inventory_source")[0]
        folder = pathlib.Path(tempfile.mkdtemp(dir=self.folder, prefix="inventory-"))
        environment = dict(
            self.environment,
            ANSIBLE_INVENTORY_UNPARSED_FAILED="True",
            **self.injected([source["credential"]], folder)[0],
        )
        command = [program("ansible-inventory"), "--inventory", source["source_path"], "--list", "--export"]
        done = subprocess.run(
            command, cwd=DOCS / "project", env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        self.inventory = json.loads(done.stdout)
        self.inventory["_meta"].pop("profile", None)
        return self.inventory

    def hosts(self):
        """Return the names of all hosts, in the order in which AWX assigns them to slices."""
        return sorted(self.inventory.get("_meta", {}).get("hostvars", {}))

    def sliced(self, number, count):
        """Return the inventory of one slice, counted from 0."""
        mine = self.hosts()[number::count]
        shown = {
            name: dict(group, hosts=[host for host in group["hosts"] if host in mine]) if "hosts" in group else group
            for name, group in self.inventory.items()
            if name != "_meta"
        }
        shown["_meta"] = {"hostvars": {host: self.inventory["_meta"]["hostvars"][host] for host in mine}}
        return shown

    # -- jobs -------------------------------------------------------------------------------------------------------

    def launch(self, name, job_type=None, diff=None, limit=None, extra_vars=None, answers=None, slices=None, show=None):
        """Start a job template and return its C(Job), or the list of them if it is sliced.

        AssertionError for a value that the template does not let people choose at launch.

        :arg answers: to the survey (dict). C(show): called with each piece of output.
        """
        template = self.named("job_template", name)
        for value, prompt in ((job_type, "job_type"), (diff, "diff_mode"), (limit, "limit"), (extra_vars, "variables")):
            assert value is None or template[f"ask_{prompt}_on_launch"], f"{name} does not ask for {prompt}"
        wanted = dict(surveyed(template, answers or {}), **(extra_vars or {}))
        options = ["--check"] if (job_type or template["job_type"]) == "check" else []
        options += ["--diff"] if (template["diff_mode"] if diff is None else diff) else []
        options += ["--limit", limit] if limit else []
        count = int(slices or template["job_slice_count"])
        if count == 1:
            return self._run(template, options, wanted, self.sliced(0, 1), show)
        jobs = [None] * count

        def work(number):
            jobs[number] = self._run(template, options, wanted, self.sliced(number, count), None)

        threads = [threading.Thread(target=work, args=(number,)) for number in range(count)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return jobs

    def _run(self, template, options, extra_vars, inventory, show):
        folder = pathlib.Path(tempfile.mkdtemp(dir=self.folder, prefix="job-"))
        shutil.copytree(DOCS / "project", folder / "project")
        (folder / "inventory").mkdir()
        (folder / "env").mkdir()
        hosts = folder / "inventory" / "hosts"
        hosts.write_text(f"#!{sys.executable}\nprint({json.dumps(inventory)!r})\n", encoding="utf-8")
        hosts.chmod(0o700)
        environment, _shown = self.injected(template["credentials"], folder)
        printed = []

        def handle(event):
            if event.get("stdout"):
                printed.append(event["stdout"])
                if show:
                    show(event["stdout"])
            return True

        done = ansible_runner.run(
            private_data_dir=str(folder),
            ident="job",
            playbook=template["playbook"],
            inventory=str(hosts),
            quiet=True,
            cmdline=" ".join(options + ["--forks", str(template["forks"])]),
            extravars={**(template.get("extra_vars") or {}), **extra_vars},
            envvars=dict(self.environment, **environment),
            settings={"fact_cache_type": "jsonfile"},
            fact_cache="fact_cache",
            event_handler=handle,
        )
        return Job(template["name"], done.status, folder / "artifacts" / "job", "\n".join(printed))

    # -- workflows --------------------------------------------------------------------------------------------------

    def run_workflow(self, name, approve, answers=None, announce=None, show=None, between=None):
        """Run a workflow from its root, and return what ran, in order.

        Each entry is (identifier, C(Job)), or (identifier, True or False) for an approval.

        :arg approve: function of (node, jobs so far) that returns whether a plan is approved.
        :arg between: called before each node.
        """
        workflow = self.named("workflow_job_template", name)
        nodes = {node["identifier"]: node for node in workflow["workflow_nodes"]}
        targets = {
            item["identifier"]
            for node in nodes.values()
            for kind in links()
            for item in node.get("related", {}).get(kind, ())
        }
        passed_on = surveyed(workflow, answers or {})
        ran, artifacts = [], {}
        queue = [identifier for identifier in nodes if identifier not in targets]
        while queue:
            node = nodes[queue.pop(0)]
            template = node["unified_job_template"]
            if announce:
                announce(node)
            if between:
                between(node["identifier"])
            if template["type"] == "workflow_approval":
                good = outcome = bool(approve(node, ran))
            else:
                outcome = self._node(node, template, dict(artifacts, **passed_on), show)
                good = outcome.status == "successful"
                artifacts.update(outcome.artifacts)
            ran.append((node["identifier"], outcome))
            for kind in ("always_nodes", "success_nodes" if good else "failure_nodes"):
                queue += [item["identifier"] for item in node.get("related", {}).get(kind, ())]
        return ran

    def _node(self, node, template, variables, show):
        """Start the job of a node.

        Artifacts and the workflow's variables reach it whether or not its template asks for variables.
        """
        definition = self.named("job_template", template["name"])
        for prompt in ("job_type", "diff_mode"):
            assert node.get(prompt) is None or definition[f"ask_{prompt}_on_launch"]
        options = ["--check"] if (node.get("job_type") or definition["job_type"]) == "check" else []
        options += ["--diff"] if node.get("diff_mode", definition["diff_mode"]) else []
        return self._run(definition, options, variables, self.sliced(0, 1), show)


def links():
    return ("success_nodes", "failure_nodes", "always_nodes")


def inject(credential_type, inputs, folder, real=True):
    """Return the environment that a credential produces (dict), as AWX renders it.

    Fields that are left blank do not exist for the templates.

    :arg real: whether secrets are included; AWX displays the other form.
    """
    secret = {field["id"] for field in credential_type["inputs"]["fields"] if field.get("secret")}
    values = {
        name: value if real or name not in secret else MASK for name, value in inputs.items() if value not in ("", None)
    }
    environment = jinja2.sandbox.ImmutableSandboxedEnvironment()
    files = credential_type["injectors"].get("file", {})
    if files:
        assert list(files) == ["template"]
        handle, path = tempfile.mkstemp(dir=folder)
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            stream.write(environment.from_string(files["template"]).render(values))
        values["tower"] = {"filename": path}
    return {
        name: environment.from_string(text).render(values)
        for name, text in credential_type["injectors"].get("env", {}).items()
    }


def surveyed(template, answers):
    """Return the variables that answers and the defaults of a survey produce (dict)."""
    if not template.get("survey_enabled"):
        assert not answers
        return {}
    questions = {item["variable"]: item for item in template["survey_spec"]["spec"]}
    assert set(answers) <= set(questions)
    variables = {name: answers.get(name, item["default"]) for name, item in questions.items()}
    for name, value in variables.items():
        assert value != "" or not questions[name]["required"], f"{name} is required"
        assert questions[name]["type"] != "multiplechoice" or value in questions[name]["choices"]
    return variables


def program(name):
    """Return the path of a program in the folder of this Python (str)."""
    return str(pathlib.Path(sys.executable).parent / name)


def configure(folder, environment):
    """Run docs/awx/controller/configure.yml with modules that only record their arguments, and return the records."""
    folder = pathlib.Path(folder)
    plugins = folder / "ansible_collections" / "awx" / "awx" / "plugins"
    for kind in ("action", "modules"):
        (plugins / kind).mkdir(parents=True)
    for name in MODULES:
        shutil.copy(pathlib.Path(__file__).parent / "recorder.py", plugins / "action" / (name + ".py"))
        (plugins / "modules" / (name + ".py")).write_text("", encoding="utf-8")
    record = folder / "record"
    environment = dict(
        environment,
        RECORD=str(record),
        ANSIBLE_COLLECTIONS_PATH=f"{folder}:{environment['ANSIBLE_COLLECTIONS_PATH']}",
    )
    command = [program("ansible-playbook"), "-i", "localhost,", str(DOCS / "controller" / "configure.yml")]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return [json.loads(line) for line in record.read_text(encoding="utf-8").splitlines()]


def base_environment(folder, collections):
    """Return the environment variables of every job (dict): none of the caller's Ansible, Python or cloud account."""
    folder = pathlib.Path(folder)
    (folder / "home").mkdir(exist_ok=True)
    return {
        "PATH": f"{pathlib.Path(sys.executable).parent}:/usr/bin:/bin",
        "HOME": str(folder / "home"),
        "LC_ALL": "C.UTF-8",
        "ANSIBLE_COLLECTIONS_PATH": str(collections),
        "ANSIBLE_LOCAL_TEMP": str(folder / "tmp"),
        "ANSIBLE_NOCOLOR": "1",
        "ANSIBLE_FORCE_COLOR": "False",
        "ANSIBLE_HOST_KEY_CHECKING": "False",
        "ANSIBLE_NOCOWS": "1",
    }
