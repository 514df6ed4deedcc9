# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What there is of something: the function behind the modules that read a catalog. Private; no stable interface.

Plain dictionary in, result dictionary or exception out, as in `info`.
"""

from __future__ import annotations

from typing import Any, Callable, Mapping

from ansible_collections.huaweicloud.vpn.plugins.module_utils._clock import Clock, Deadline
from ansible_collections.huaweicloud.vpn.plugins.module_utils._errors import ApiError
from ansible_collections.huaweicloud.vpn.plugins.module_utils._input.access import AUTH_OPTIONS
from ansible_collections.huaweicloud.vpn.plugins.module_utils._input.draft import Draft
from ansible_collections.huaweicloud.vpn.plugins.module_utils._input.validation import TaskInput, validate_task
from ansible_collections.huaweicloud.vpn.plugins.module_utils._schema.behavior import ObjectType
from ansible_collections.huaweicloud.vpn.plugins.module_utils._schema.catalog import Catalog
from ansible_collections.huaweicloud.vpn.plugins.module_utils._schema.resource import Resource
from ansible_collections.huaweicloud.vpn.plugins.module_utils._work.api import (
    Reader,
    make_api,
    naming_requests,
    request_ids,
    unusable_entries,
)

HTTP_NOT_FOUND = 404


def as_catalog(resource: ObjectType) -> Catalog:
    """Return a table as the catalog that it is."""
    if not isinstance(resource, Catalog):
        raise ValueError(f"{resource.name} is no catalog")
    return resource


def argument_spec(resource: Resource) -> dict[str, Any]:
    """Return the argument specification of the module that reads this catalog."""
    return {**AUTH_OPTIONS, **{item.name: {"type": "str"} for item in resource.filters}}


def enter(resource: Resource, arguments: Mapping[str, Any], environment: Mapping[str, str]) -> TaskInput:
    """Return what a task's arguments amount to; see `validate_task`."""
    return validate_task(resource, argument_spec(resource), arguments, environment, _validate)


def _validate(resource: Resource, draft: Draft) -> None:
    """Accept every value of a filter: the entries of a catalog are not known."""


def perform(
    resource: Resource,
    task_input: TaskInput,
    check_mode: bool,
    clock: Clock,
    user_agent: str,
    lost: Callable[[], str | None] | None = None,
) -> dict[str, Any]:
    """Return the entries that match, under the catalog's plural; see `Operation.perform`.

    Nothing is ever written: `check_mode` and `lost` have no meaning here.
    """
    catalog = as_catalog(resource)
    reader = make_api(Reader, resource, task_input.access, clock, user_agent)
    warnings: list[str] = []
    with naming_requests(reader.client):
        entries = read_catalog(reader, catalog, warnings)
    shown = (catalog.shown(entry, task_input.options) for entry in entries)
    result = {"changed": False, catalog.plural: [entry for entry in shown if entry is not None], "warnings": warnings}
    return {**result, **request_ids(reader.client)}


def read_catalog(
    reader: Reader, catalog: Catalog, warnings: list[str], deadline: Deadline | None = None
) -> list[dict[str, Any]]:
    """Return all entries of a catalog.

    Args:
        reader: Sends requests.
        catalog: The table.
        warnings: Gets a sentence where entries had to be left out.
        deadline: See `Client.call`.

    Raises:
        VpnError: See `Client.call`.
    """
    *earlier, last = catalog.sources
    for source in earlier:
        try:
            entries = reader.entries(source, deadline)
            break
        except ApiError as error:
            if error.status != HTTP_NOT_FOUND:
                raise
    else:
        entries = reader.entries(last, deadline)
    known = [entry for entry in entries if isinstance(entry, dict)]
    if len(known) < len(entries):
        warnings.append(unusable_entries(catalog, len(entries) - len(known)))
    return known
