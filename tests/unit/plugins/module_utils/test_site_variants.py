# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every way in which the cloud may turn out to behave towards gateways and customer gateways, as far as it is not known.

Each step converges under each of them, or is refused in the cloud's or our own words; nothing rests on what is unknown.
"""

from __future__ import annotations

import pytest

from ansible_collections.huaweicloud.vpn.plugins.module_utils._errors import VpnError
from ansible_collections.huaweicloud.vpn.tests.emulator.family_switches import FAMILY
from ansible_collections.huaweicloud.vpn.tests.unit.harness.site_life import DWELL, STEPS, perform, plant, snapshot

# Values to try where any number is allowed.
VALUES = {
    "free_addresses": (0,),
    "gateway_quota": (0,),
    "customer_gateway_quota": (0,),
    "dwell_unbind": (5,),
}
CREATE, EXISTING, CHANGE = (step.label for step in STEPS[:3])
(CUSTOMER,) = (step.label for step in STEPS if step.label == "create a customer gateway")
# What cannot converge, and what is said of it.
TOLD = {
    ("free_addresses", 0, CREATE): "0 free addresses",
    ("free_addresses", 0, EXISTING): "0 free addresses",
    ("gateway_quota", 0, CREATE): "quota",
    ("gateway_quota", 0, EXISTING): "quota",
    ("customer_gateway_quota", 0, CUSTOMER): "quota",
    ("supported_flavors", "empty", CHANGE): "the API lists nothing else as possible",
    ("supported_flavors", "absent", CHANGE): "the API lists nothing else as possible",
}


def values(name, switch):
    """Return the values of a switch but for the one that holds anyway (list)."""
    choices = VALUES.get(name) or ((True, False) if switch.allowed == "bool" else switch.allowed)
    return [value for value in choices if value != switch.default]


ROWS = [(name, value) for name, switch in FAMILY.items() for value in values(name, switch)]


def test_every_switch_has_a_row():
    assert {name for name, _value in ROWS} == set(FAMILY)


@pytest.mark.parametrize("name, value", ROWS, ids=str)
def test_row(cloud, name, value):
    problems = {}
    for step in STEPS:
        plant(cloud, step, **{name: value})
        told = TOLD.get((name, value, step.label))
        found = _problem(cloud, step) if told is None else _untold(cloud, step, told)
        if found:
            problems[step.label] = found
    assert problems == {}


def _untold(cloud, step, told):
    try:
        perform(cloud, step)
    except VpnError as error:
        return None if told in str(error) else str(error)
    return f"succeeds, though {told}"


def _problem(cloud, step):
    """Return what is wrong with a step (str), or None: a dry run, the run, and the run again have to agree."""
    try:
        dry = perform(cloud, step, check_mode=True)
        if cloud.writes():
            return "a dry run writes"
        done = perform(cloud, step)
    except VpnError as error:
        return str(error)
    for key in ("changed", "action", "changes", "plan_id", "diff"):
        if dry[key] != done[key]:
            return f"the dry run has another {key}"
    cloud.advance(4 * DWELL)
    before = snapshot(cloud)
    cloud.clear_journal()
    again = perform(cloud, step)
    if again["changed"] or cloud.writes() or snapshot(cloud) != before:
        return f"changes again: {again['changes']}"
    return None
