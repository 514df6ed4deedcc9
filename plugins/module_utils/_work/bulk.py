# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Many objects in one task: one list, one plan for all, parallel writes. Private; no stable interface.

Everything is validated and planned before the first write. Writes then run in parallel across the objects they belong
to (such as gateways), one at a time within each; what has to be waited for is read by one list a round. Within such an
object, deletions come last, and resets take turns. It takes a resource with an `items_option`, whose objects have a
name and a parent.

What a task asks of each object is validated and planned as `single` does it, and sent by the same `Reconciler`.
"""

from __future__ import annotations

from typing import Any, Callable, Iterator, Mapping

from ansible_collections.huaweicloud.vpn.plugins.module_utils._clock import Clock
from ansible_collections.huaweicloud.vpn.plugins.module_utils._http.throttle import AdaptiveThrottle
from ansible_collections.huaweicloud.vpn.plugins.module_utils._input.access import AUTH_OPTIONS, out_of_range
from ansible_collections.huaweicloud.vpn.plugins.module_utils._input.draft import Draft
from ansible_collections.huaweicloud.vpn.plugins.module_utils._input.options import report_unknown, without_blanks
from ansible_collections.huaweicloud.vpn.plugins.module_utils._input.validation import (
    TaskInput,
    hide_secret,
    validate_task,
    value_errors,
    without_secret,
)
from ansible_collections.huaweicloud.vpn.plugins.module_utils._schema.behavior import ID
from ansible_collections.huaweicloud.vpn.plugins.module_utils._schema.resource import Resource
from ansible_collections.huaweicloud.vpn.plugins.module_utils._work import bulk_outcome, bulk_reconcile
from ansible_collections.huaweicloud.vpn.plugins.module_utils._work.api import Api, make_api, naming_requests
from ansible_collections.huaweicloud.vpn.plugins.module_utils._work.bulk_progress import (
    BulkProgress,
    Item,
    name_and_parent,
)
from ansible_collections.huaweicloud.vpn.plugins.module_utils._work.bulk_reconcile import BulkReconciler
from ansible_collections.huaweicloud.vpn.plugins.module_utils._work.defaults import OPTION as DEFAULTS_OPTION
from ansible_collections.huaweicloud.vpn.plugins.module_utils._work.defaults import Defaults, spec_option
from ansible_collections.huaweicloud.vpn.plugins.module_utils._work.single import (
    desired_from,
    item_spec,
    validate_item,
    validate_work,
    work_spec,
)
from ansible_collections.huaweicloud.vpn.plugins.module_utils._work.stop import Stop

EMPTY_ITEM = "<empty>"
LIMITS = {"concurrency": (1, 64)}
# The verbosity (number of v's) from which on core shows the arguments of a task.
INVOCATION_SHOWN = 3


def argument_spec(resource: Resource) -> dict[str, Any]:
    """Return the argument specification of the module that manages many objects of this kind."""
    _name, parent = name_and_parent(resource)
    spec = {**AUTH_OPTIONS, **work_spec(resource)}
    spec[resource.items_option] = {"type": "list", "elements": "dict", "required": True, "options": item_spec(resource)}
    spec[DEFAULTS_OPTION] = spec_option()
    spec[parent] = resource.managed[parent].option()
    spec["prune"] = {"type": "bool", "default": False}
    spec["concurrency"] = {"type": "int", "default": 16}
    spec["return_unchanged"] = {"type": "bool", "default": False}
    return spec


# -- input


def enter(resource: Resource, arguments: Mapping[str, Any], environment: Mapping[str, str]) -> TaskInput:
    """Return what a task's arguments amount to, with an `Item` for each object; see `validate_task`."""
    spec = argument_spec(resource)
    # The items are validated one by one below, so that a sentence can say which one it is about.
    spec[resource.items_option] = {"type": "list", "elements": "raw", "required": True}
    given = dict(arguments)
    if isinstance(given.get(resource.items_option), list):
        # Blanks are dropped. An entry must not be: the others would be counted wrong, and prune would delete what it
        # was to name.
        given[resource.items_option] = [
            EMPTY_ITEM if without_blanks(entry, keep=(resource.tags,)) is None else entry
            for entry in given[resource.items_option]
        ]
    return validate_task(resource, spec, given, environment, _validate)


def _validate(resource: Resource, draft: Draft) -> None:
    parent = resource.identity.parent
    wanted_parent = _validated_parent(resource, draft)
    if draft.options.get("prune") and parent not in draft.names:
        owner = resource.identity.parent_noun
        draft.problems.append(f"prune needs {parent}: only {resource.items_option} of that {owner} are deleted")
    draft.problems += out_of_range(draft.options, LIMITS)
    defaults = Defaults(resource, item_spec(resource), draft, wanted_parent)
    entries = draft.options.pop(resource.items_option, ())
    items = [
        _validated_item(resource, defaults, entry, number, wanted_parent, draft) for number, entry in enumerate(entries)
    ]
    described = [entry for entry in entries if isinstance(entry, dict)]
    draft.shown[resource.items_option] = lambda verbosity: [_shown(resource, entry, verbosity) for entry in described]
    draft.items = [item for item in items if item]
    _refuse_duplicates(resource, draft)
    validate_work(draft)


def _validated_parent(resource: Resource, draft: Draft) -> str | None:
    """Return what all items belong to, or None where that is not given or wrong."""
    _name, parent = name_and_parent(resource)
    errors = list(value_errors([resource.managed[parent]], draft.options))
    draft.problems += errors
    return None if errors else draft.options.get(parent)


def _shown(resource: Resource, entry: Mapping[str, Any], verbosity: int) -> dict[str, Any]:
    """Return an entry as core shall see it.

    Core copies the arguments around with each result, and shows them only from INVOCATION_SHOWN on: until then an
    outline is enough.
    """
    if verbosity >= INVOCATION_SHOWN:
        return without_secret(resource, entry)
    words = (resource.identity.name, ID, *resource.identity.aliases)
    return {word: entry[word] for word in words if word is not None and word in entry}


def _validated_item(
    resource: Resource, defaults: Defaults, entry: Any, number: int, parent: str | None, draft: Draft
) -> Item | None:
    """Return what an entry asks, or None where something is wrong with it."""
    label = f"{resource.items_option}[{number}]"
    if entry == EMPTY_ITEM:
        draft.problems.append(f"{label} is empty, so it does not name a {resource.noun}")
        return None
    if not isinstance(entry, dict):
        draft.problems.append(f"{label} must be a dictionary")
        return None
    label = _label(resource, label, entry)
    problems: list[str] = []
    unknown: list[str] = []
    options = defaults.beneath(entry, problems, unknown)
    report_unknown(unknown, problems)
    names = set(options).union(entry, defaults.names)
    own = Draft(options, names, problems, draft.secrets, draft.environment)
    hide_secret(resource, own)
    if parent is not None and not _names_parent(resource, options):
        problems += _parent_errors(resource, options, parent)
    validate_item(resource, own)
    draft.problems += (f"{label}: {problem}" for problem in problems)
    return None if problems else Item(label, options, desired_from(resource, options, own.desired))


def _parent_errors(resource: Resource, options: dict[str, Any], parent: str) -> Iterator[str]:
    """Add to an entry what all objects of the task belong to; yield a sentence if it says otherwise."""
    member = resource.identity.parent or ""
    if options.setdefault(member, parent).lower() != parent.lower():
        yield f"{member} is not the {member} of the task"


def _names_parent(resource: Resource, options: Mapping[str, Any]) -> bool:
    """Return whether an entry gives by a name what the object belongs to; that is compared once it is known."""
    by_name = resource.by_name.get(resource.identity.parent or "")
    return by_name is not None and by_name.option in options


def _label(resource: Resource, label: str, entry: Mapping[str, Any]) -> str:
    words = (resource.identity.name, ID, *resource.identity.aliases)
    known = next((entry[word] for word in words if word is not None and entry.get(word)), None)
    return f"{label} ({known})" if isinstance(known, str) else label


def _refuse_duplicates(resource: Resource, draft: Draft) -> None:
    """Two items that mean one object would undo each other."""
    name, parent = name_and_parent(resource)
    first: dict[Any, Item] = {}
    for item in draft.items:
        owner = (item.options.get(parent, "").lower(), item.desired.names.get(parent))
        mark = item.options.get(ID, "").lower() or (item.options[name], owner)
        other = first.setdefault(mark, item)
        if other is not item:
            draft.problems.append(f"{other.label} and {item.label} name the same {resource.noun}")


# -- the work


def perform(
    resource: Resource,
    task_input: TaskInput,
    check_mode: bool,
    clock: Clock,
    user_agent: str,
    lost: Callable[[], str | None] | None = None,
) -> dict[str, Any]:
    """Do what a task asks of all its items, and return the result; see `Operation.perform`.

    Raises:
        VpnError: Nothing was written, or some items failed; then with the results of all in its details.
    """
    api = make_api(Api, resource, task_input.access, clock, user_agent)
    stop = Stop(lost)
    api.client.throttle = AdaptiveThrottle(clock, stop.check)
    bulk = BulkProgress(resource, task_input.options, task_input.items, api)
    with naming_requests(api.client):
        bulk_reconcile.plan(bulk, check_mode)
        if not check_mode:
            BulkReconciler(bulk, clock, stop, task_input.access.request_timeout).apply()
    return bulk_outcome.result(bulk, check_mode)
