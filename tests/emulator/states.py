# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Functions for all kinds of resources: reads that may be stale, lists, pending work, the form of a PUT."""

from __future__ import annotations

import copy
import hashlib
import ipaddress
import typing as t

from .calls import Call
from .clock import parse_stamp
from .errors import invalid
from .items import PENDING, Item, Shelf, View, Work
from .switches import Settings

Values = dict[str, t.Any]
Kind = t.TypeVar("Kind", bound=Item)
Entry = t.TypeVar("Entry")


# -- reads


def seen(call: Call, item: Item, scope: str) -> View | None:
    """The state of a resource in a read (scope: show or list); None if it shows none. API contract, section 13."""
    stale = item.stale
    if stale is not None and call.settings.stale_scope in ("both", scope) and stale.holds(call.now):
        stale.reads = max(0, stale.reads - 1)
        return stale.view
    if item.removed:
        return None
    if scope == "show" and item.hidden_reads > 0:
        item.hidden_reads -= 1
        return None
    return item.true_view(call.now)


def read(call: Call, shelf: Shelf[Kind], parameter: str) -> tuple[Kind, View]:
    """The resource that a path parameter identifies, and its state in a read; ApiError if there is none."""
    item = shelf.peek(call.path[parameter])
    view = None if item is None else seen(call, item, "show")
    if item is None or view is None:
        raise shelf.missing(call.path[parameter])
    return item, view


def listed(call: Call, shelf: Shelf[Kind]) -> list[tuple[Kind, View]]:
    """The resources in a list and their states, in the order that the switch list_order specifies."""
    found = [(item, view) for item in shelf.everything() if (view := seen(call, item, "list")) is not None]
    if call.settings.list_order == "shuffled":
        return sorted(found, key=lambda pair: hashlib.sha256(pair[0].id.encode()).digest())
    newest_first = call.settings.list_order == "newest_first"
    return sorted(found, key=lambda pair: parse_stamp(pair[0].created_at), reverse=newest_first)


# -- writes


def remember(call: Call, item: Item, existed: bool = True) -> None:
    """Keep the current state, before a write, for reads that are stale afterwards."""
    item.remember(call.now, call.settings.stale_reads, call.settings.stale_seconds, existed)


def begin(
    call: Call,
    item: Item,
    kind: str,
    shown: str | None = None,
    hidden: float = 0,
    after: t.Callable[[], None] | None = None,
) -> None:
    """Start work on a resource: create, update, delete or reset.

    shown: the status during the work, if not the usual one. hidden: the fraction of the time during which reads still
    show the old status. after: called at the end.
    """
    failed = call.hit is not None and call.hit.kind == "error_after_update" and kind != "delete"
    seconds = call.settings.seconds(kind)
    begun = call.now + (0 if kind == "create" else call.settings.lag)
    item.start(
        Work(
            kind,
            shown or PENDING[kind],
            begun + hidden * seconds,
            begun + seconds,
            item.FAILURE if failed and item.FAILURE else item.resting,
            after,
        )
    )
    call.applied = True


def refuse_duplicate_name(call: Call, shelf: Shelf[Kind], name: str | None, own_id: str | None = None) -> None:
    """Refuse a name that another resource of this kind has, if the switch duplicate_names says so."""
    if call.settings.duplicate_names == "refused" and any(
        other.configured["name"] == name and other.id != own_id for other in shelf.living()
    ):
        raise invalid(f"name {name} exists")


def change(call: Call, item: Item, configured: Values) -> None:
    """Change the members of a resource."""
    remember(call, item)
    item.configured = configured
    item.updated_at = call.store.clock.stamp(call.settings.fraction_digits)
    item.touch()
    call.applied = True


# -- the form of a PUT


def take_empties(call: Call, wrapper: str) -> list[str]:
    """Remove null, empty lists and empty strings from a PUT body; returns the paths of the members to clear."""
    cleared: list[str] = []
    body = call.body
    if isinstance(body, dict) and isinstance(body.get(wrapper), dict):
        call.body = {**body, wrapper: _thinned(call, body[wrapper], "", cleared)}
    return cleared


def _thinned(call: Call, members: Values, prefix: str, cleared: list[str]) -> Values:
    kept: Values = {}
    settings = call.settings
    for name, value in members.items():
        path = prefix + name
        if isinstance(value, dict):
            kept[name] = _thinned(call, value, f"{path}.", cleared)
            continue
        choice = None
        for empty, setting in (
            (None, settings.null_on_put),
            ([], settings.empty_list_on_put),
            ("", settings.empty_string_on_put),
        ):
            if value == empty and type(value) is type(empty):
                choice = setting
        if choice == "refused":
            raise invalid(f"{path} must not be empty")
        if choice == "clears":
            cleared.append(path)
        elif choice is None:
            kept[name] = value
    return kept


def refuse_empty(call: Call, wrapper: str, given: Values, cleared: t.Sized = ()) -> None:
    """Refuse a PUT without changes, if the switch empty_update says so."""
    if not given and not cleared and call.settings.empty_update == "refused":
        raise invalid(f"{wrapper} is empty")


def without_dropped(settings: Settings, old: Values, wanted: Values) -> Values:
    """The members to store if the server silently drops some."""
    stored = copy.deepcopy(wanted)
    for path in settings.dropped_members:
        *parents, leaf = path.split(".")
        source: t.Any = old
        target: t.Any = stored
        for part in parents:
            source, target = source.get(part, {}), target.get(part, {})
        if leaf in source:
            target[leaf] = copy.deepcopy(source[leaf])
    return stored


# -- the form of answers


def named_tags(settings: Settings, tags: dict[str, str]) -> Values:
    """The member tags of an answer, if it has one."""
    if tags:
        return {"tags": ordered(settings, as_list(tags), lambda tag: tag["key"])}
    return {} if settings.empty_tags == "absent" else {"tags": [] if settings.empty_tags == "list" else None}


def as_list(tags: dict[str, str]) -> list[dict[str, str]]:
    """Tags in the form of answers."""
    return [{"key": key, "value": value} for key, value in tags.items()]


def networks(settings: Settings, texts: list[str]) -> list[str]:
    """CIDRs in an answer, with or without their host bits."""
    if settings.host_bits == "rewritten":
        texts = [str(ipaddress.ip_network(text, strict=False)) for text in texts]
    return ordered(settings, texts, ipaddress.ip_interface)


def ordered(settings: Settings, items: t.Iterable[Entry], key: t.Callable[[Entry], t.Any]) -> list[Entry]:
    """A list in an answer, in the order that the switch answer_lists specifies."""
    found = list(items)
    if settings.answer_lists == "sorted":
        return sorted(found, key=key)
    return found[::-1] if settings.answer_lists == "reversed" else found


def finished(settings: Settings, shown: Values) -> Values:
    """An answer with numbers in the form that the switch numbers specifies."""
    return as_strings(shown) if settings.numbers == "strings" else shown


def as_strings(value: t.Any) -> t.Any:
    """A JSON value with all numbers as strings."""
    if isinstance(value, list):
        return [as_strings(item) for item in value]
    if isinstance(value, dict):
        return {name: as_strings(item) for name, item in value.items()}
    return str(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else value
