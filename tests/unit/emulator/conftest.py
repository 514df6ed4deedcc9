# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An emulator whose every answer is held against the contract."""

from __future__ import annotations

import pytest

from ansible_collections.huaweicloud.vpn.tests.emulator import Emulator, contract
from ansible_collections.huaweicloud.vpn.tests.unit.emulator.helpers import Api

# ansible-test runs each test in a fork of its own: read the contract once, before.
contract.load()


@pytest.fixture(scope="session")
def checked_cloud():
    """One emulator for all tests. Its states last a minute: tests let time pass by advance(61)."""
    with Emulator(dwell=60) as emulator:
        emulator.service.check_answers = True
        yield emulator


@pytest.fixture
def cloud(checked_cloud):
    """The emulator as new; afterwards no answer may have broken the contract."""
    checked_cloud.reset()
    yield checked_cloud
    assert checked_cloud.service.broken_answers == []


@pytest.fixture
def api(cloud):
    """Plain requests to it."""
    return Api(cloud)
