# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Fixtures: an emulated cloud with gateways and connections, and a stand-in for AWX that is configured for it."""

from __future__ import annotations

import os
import pathlib
import sys

import pytest

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

import controller  # noqa: E402
import estate  # noqa: E402
from checks import NEW_KEYS  # noqa: E402
from emulator import Emulator  # noqa: E402


@pytest.fixture(scope="session")
def environment(tmp_path_factory):
    """The environment variables of each job, before those of credentials."""
    return controller.base_environment(tmp_path_factory.mktemp("base"), os.environ["COLLECTIONS"])


@pytest.fixture(scope="session")
def shared_cloud():
    with Emulator(dwell=0.05) as emulator:
        yield emulator


@pytest.fixture(scope="session")
def records(environment, shared_cloud, tmp_path_factory):
    """The arguments that configure.yml would pass to the modules of awx.awx."""
    keys = {"HW_VPN_PRESHARED_KEY": NEW_KEYS[0], "HW_VPN_PRESHARED_KEY_2": NEW_KEYS[1]}
    keys["HW_ASSUME_ROLE_AGENCY_NAME"] = shared_cloud.agency_name
    keys["HW_ASSUME_ROLE_DOMAIN_NAME"] = shared_cloud.agency_domain_name
    keys["HW_ASSUME_ROLE_IDP_ID"] = shared_cloud.idp_id
    keys["HW_ASSUME_ROLE_ID_TOKEN_FILE"] = str(tmp_path_factory.mktemp("tokens") / "id_token")
    return controller.configure(
        tmp_path_factory.mktemp("configuration"), dict(environment, **keys, **shared_cloud.environment())
    )


@pytest.fixture
def cloud(shared_cloud):
    """An emulator that holds the gateways and connections of the sample project, in their initial state."""
    shared_cloud.reset()
    estate.fill(shared_cloud)
    return shared_cloud


@pytest.fixture
def awx(tmp_path, environment, records, cloud):
    """A controller whose inventory is up to date."""
    made = controller.Controller(tmp_path, environment, records)
    made.update_inventory()
    cloud.clear_journal()
    return made
