# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Each module has an action plugin that does the same, and loads no more than that needs."""

from __future__ import annotations

import ast
import importlib
import os
import pathlib
import subprocess
import sys

import pytest

from ansible_collections.huaweicloud.vpn.plugins.plugin_utils._in_process import InProcessAction

PLUGINS = pathlib.Path(__file__).parents[4] / "plugins"
OWN = "ansible_collections.huaweicloud.vpn.plugins."
MODULES = sorted(path.stem for path in (PLUGINS / "modules").glob("*.py"))
WRITES = {"single", "reconcile", "bulk", "scheduler", "checks", "creation", "marks", "outcome", "sender", "writes"}


def test_every_module_has_an_action_plugin():
    assert sorted(path.stem for path in (PLUGINS / "action").glob("*.py")) == MODULES


@pytest.mark.parametrize("name", MODULES)
def test_module_and_action_plugin_call_the_same(name):
    """The call in the module, run_module(operation, resource), names what the action plugin has as attributes."""
    module = importlib.import_module(OWN + "modules." + name)
    plugin = importlib.import_module(OWN + "action." + name).ActionModule
    assert issubclass(plugin, InProcessAction)
    tree = ast.parse((PLUGINS / "modules" / (name + ".py")).read_text(encoding="utf-8"))
    (call,) = [
        node for node in ast.walk(tree) if isinstance(node, ast.Call) and getattr(node.func, "id", None) == "run_module"
    ]
    assert [getattr(module, argument.id) for argument in call.args] == [plugin.operation, plugin.resource]


@pytest.mark.parametrize(
    "name, absent",
    [
        ("vpn_gateway_info", WRITES | {"connection", "customer_gateway"}),
        ("vpn_connection_info", WRITES | {"peer_device"}),
        ("vpn_connection", {"bulk", "scheduler", "info", "peer_device"}),
    ],
)
def test_nothing_is_loaded_that_is_not_needed(name, absent):
    code = (
        "import sys, %saction.%s\nprint(*(name.rpartition('.')[2] for name in sys.modules if name.startswith('%s')))"
        % (OWN, name, OWN)
    )
    process = subprocess.run(
        [sys.executable, "-c", code],
        env=dict(os.environ, PYTHONPATH=os.pathsep.join(filter(None, sys.path))),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        timeout=60,
    )
    loaded = process.stdout.split()
    assert name in loaded
    assert not absent & set(loaded)
