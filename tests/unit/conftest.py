# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Fixtures for all unit tests."""

from __future__ import annotations

import sys

import pytest
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

from ansible_collections.huaweicloud.vpn.plugins.module_utils._planning import plan as planning
from ansible_collections.huaweicloud.vpn.tests.emulator import Emulator
from ansible_collections.huaweicloud.vpn.tests.emulator.server import Server

# Helpers explain a failure as tests do.
pytest.register_assert_rewrite("ansible_collections.huaweicloud.vpn.tests.unit.harness")

# The same examples in every run: a red run can be looked at again.
hypothesis_settings.register_profile(
    "repeatable", derandomize=True, database=None, deadline=None, suppress_health_check=list(HealthCheck)
)
hypothesis_settings.load_profile("repeatable")


def pytest_collection_finish():
    """Let coverage save what it has measured so far. Otherwise, each test that ansible-test forks would save it again."""
    coverage = sys.modules.get("coverage")
    running = coverage and coverage.Coverage.current()
    if running:
        running.get_data()


KEY_ROUNDS = planning.KEY_ROUNDS


@pytest.fixture(autouse=True, scope="session")
def few_key_rounds():
    """Let keys go into the IDs of plans quickly."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(planning, "KEY_ROUNDS", 10)
        yield


@pytest.fixture
def true_key_rounds(monkeypatch):
    """Let keys go into the IDs of plans, and passwords into the names of caches, as slowly as users have it."""
    monkeypatch.setattr(planning, "KEY_ROUNDS", KEY_ROUNDS)


@pytest.fixture(autouse=True, scope="session")
def unmeasured_emulator():
    """Do not let coverage trace the thread of the emulator: that is slow, and nothing there belongs to plugins/."""
    run = Server._run

    def unmeasured(server):
        if "coverage" in sys.modules:
            sys.settrace(None)
        run(server)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Server, "_run", unmeasured)
        yield


@pytest.fixture(scope="session")
def shared_cloud():
    with Emulator(dwell=0.04) as emulator:
        yield emulator


@pytest.fixture
def cloud(shared_cloud):
    """Return an emulator as new."""
    shared_cloud.reset()
    return shared_cloud
