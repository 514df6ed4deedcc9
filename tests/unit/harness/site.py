# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How tests run the modules for one object of a site: gateways, customer gateways and whatever else has a table."""

from __future__ import annotations

import json

from ansible_collections.huaweicloud.vpn.plugins.module_utils._work import info, single
from ansible_collections.huaweicloud.vpn.tests.unit.harness.clocks import FastClock
from ansible_collections.huaweicloud.vpn.tests.unit.harness.support import access

# Time that costs nothing would let the emulator's states last for ever, so theirs runs as fast as the task's.
SPEED = 50.0


def run(cloud, resource, arguments, check_mode=False, clock=None):
    """Run the function of the module that manages a resource, and return its result (dict) or raise."""
    task_input = single.enter(resource, dict(access(cloud), **arguments), {})
    result = single.perform(resource, task_input, check_mode, clock or FastClock(SPEED), "tests")
    assert all(isinstance(key, str) for key in result)
    json.dumps(result, sort_keys=True)
    return result


def converges(cloud, resource, arguments, paths):
    """A dry run says what the run does, and a second run does nothing."""
    cloud.clear_journal()
    dry = run(cloud, resource, arguments, check_mode=True)
    assert cloud.writes() == []
    done = run(cloud, resource, arguments)
    assert [change["path"] for change in done["changes"]] == paths
    for key in ("changed", "changes", "plan_id", "diff", "request_body"):
        if key != "diff":
            assert dry.get(key) == done.get(key), key
    cloud.clear_journal()
    again = run(cloud, resource, arguments)
    assert (again["changed"], again["changes"], cloud.writes()) == (False, [], [])
    return done


def operations(cloud):
    """Return the names of the operations that the cloud has seen (list of str)."""
    return [entry.operation for entry in cloud.journal()]


def listed(cloud, resource, **options):
    """Return what the info module of a resource lists (list of dict)."""
    task_input = info.enter(resource, dict(access(cloud), **options), {})
    return info.perform(resource, task_input, False, FastClock(), "tests")[resource.plural]
