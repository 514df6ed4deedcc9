# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The requirements that the collection declares for ansible-builder, and the sample project's execution environment."""

from __future__ import annotations

import os
import shutil
import subprocess

import controller
import yaml


def build(*arguments, cwd):
    done = subprocess.run(
        [controller.program("ansible-builder"), *arguments], cwd=cwd, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def requirements(path):
    return [line for line in path.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]


def test_introspection_finds_the_requirements_of_the_collection(tmp_path):
    listed = tmp_path / "python.txt"
    build("introspect", "--sanitize", "--write-pip", str(listed), os.environ["COLLECTIONS"], cwd=tmp_path)
    found = [line.split("#")[0].strip().replace(" ", "") for line in requirements(listed)]
    assert found == requirements(controller.ROOT / "meta" / "ee-requirements.txt")


def test_no_requirement_has_an_upper_bound_or_is_ansible_itself():
    for line in requirements(controller.ROOT / "meta" / "ee-requirements.txt"):
        assert "<" not in line and "==" not in line and "~=" not in line and not line.startswith("ansible")
    definition = yaml.safe_load((controller.ROOT / "meta" / "execution-environment.yml").read_text(encoding="utf-8"))
    for name in definition["dependencies"].values():
        assert (controller.ROOT / name).is_file()


def test_the_environment_of_the_project_can_be_created(tmp_path):
    project = tmp_path / "project"
    shutil.copytree(controller.DOCS / "project", project)
    build("create", "--output-filename", "Containerfile", cwd=project)
    context = project / "context"
    assert "awx-ee" in (context / "Containerfile").read_text(encoding="utf-8")
    assert "huaweicloud.vpn" in (context / "_build" / "requirements.yml").read_text(encoding="utf-8")
