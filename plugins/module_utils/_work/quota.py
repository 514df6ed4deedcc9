# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether there is room for what a task creates. Private to this collection; no stable interface.

The cloud decides whether it creates something. A warning before the first write lets somebody raise a quota in time.
"""

from __future__ import annotations

from ansible_collections.huaweicloud.vpn.plugins.module_utils._clock import Deadline
from ansible_collections.huaweicloud.vpn.plugins.module_utils._errors import Stopped, VpnError
from ansible_collections.huaweicloud.vpn.plugins.module_utils._work.api import Reader
from ansible_collections.huaweicloud.vpn.plugins.module_utils._work.catalog import as_catalog, read_catalog

# How long repetitions of the request may take, in seconds: nothing depends on it.
PATIENCE = 5.0


def quota_warnings(reader: Reader, created: int) -> list[str]:
    """Return a warning where the quota cannot hold what a task creates; one that cannot be read is ignored.

    Args:
        reader: The operations of the resource.
        created: How many objects the task creates.
    """
    quota = reader.resource.quota
    if quota is None or not created:
        return []
    catalog = as_catalog(quota.catalog)
    try:
        entries = read_catalog(reader, catalog, [], Deadline(reader.client.clock, PATIENCE))
    except Stopped:
        raise
    except VpnError:
        return []
    known = (catalog.rest.of(entry) for entry in entries if catalog.rest and entry.get("type") == quota.type)
    free = next(known, None)
    if free is None or free >= created:
        return []
    noun = reader.resource.noun
    return [
        f"the quota of the project has room for {free} more {noun}{'' if free == 1 else 's'}, and the task creates"
        f" {created}; the cloud may refuse {'it' if created == 1 else 'some of them'}"
    ]
