# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The interface between the server and the operations: calls and answers."""

from __future__ import annotations

import dataclasses
import typing as t

from . import contract
from .clock import parse_stamp
from .errors import invalid
from .faults import Hit
from .rules import unsupported
from .store import Store
from .switches import Settings


@dataclasses.dataclass
class Answer:
    """An answer. body: the value to encode as JSON, or None. raw: the bytes of the body, if not those of that JSON."""

    status: int
    body: t.Any = None
    headers: dict[str, str] = dataclasses.field(default_factory=dict)
    raw: bytes | None = None
    content_type: str = "application/json"


@dataclasses.dataclass
class Call:
    """A request that was routed and authenticated.

    operation: None for a request to the identity service, and for one whose path the contract does not contain.
    applied: set by an operation that changed something.
    """

    operation: contract.Operation | None
    path: dict[str, str]
    query: dict[str, t.Any]
    body: t.Any
    request_id: str
    now: float
    settings: Settings
    store: Store
    hit: Hit | None = None
    applied: bool = False

    @property
    def contracted(self) -> contract.Operation:
        """The operation, for handlers: the contract contains the operations of all handlers."""
        assert self.operation is not None
        return self.operation

    def checked(self, *dotted_not_accepted: str) -> t.Any:
        """The body, checked against the schema of the operation. VPN.0013 or VPN.0001."""
        self.body = self._listed_only(self.body, dotted_not_accepted)
        errors = self.contracted.body_errors(self.body, self.settings.enum_values == "wider")
        if self.settings.name_characters == "chinese":
            errors = [error for error in errors if not self._is_chinese_name(*error)]
        if errors:
            path, message = errors[0]
            if path.endswith("psk") and self.settings.psk_in_errors:
                message = f"{message}: {self.body_at(path)}"
            raise invalid(f"{path}: {message}" if path else message)
        return self.body

    def body_at(self, path: str) -> t.Any:
        """The value at a dotted path of the body; None for paths through lists."""
        value = self.body
        for part in path.split("."):
            value = value.get(part) if isinstance(value, dict) else None
        return value

    def _listed_only(self, body: t.Any, not_accepted: tuple[str, ...]) -> t.Any:
        """The body without members that the operation does not list; VPN.0013 if the switch refuses such members."""
        schema = self.contracted.body_schema or {}
        unknown = set(contract.unlisted(body, schema))
        unknown.update(path for path in contract.paths(body) if path in not_accepted)
        if unknown and self.settings.unlisted_members == "refused":
            raise unsupported(unknown)
        return contract.without(body, unknown) if unknown else body

    def _is_chinese_name(self, path: str, message: str) -> bool:
        if not path.endswith(".name") or "form" not in message:
            return False
        name = self.body_at(path) or ""
        return all(
            char in "_.-" or (char.isascii() and char.isalnum()) or "\u4e00" <= char <= "\u9fa5" for char in name
        )


Listed = t.TypeVar("Listed")
Handler = t.Callable[[Call], Answer]
HANDLERS: dict[str, Handler] = {}
# Operations that change something. All others are read-only.
WRITES: set[str] = set()


def operation(name: str, write: bool = False) -> t.Callable[[Handler], Handler]:
    """Register the handler of an operation of the contract."""

    def register(handler: Handler) -> Handler:
        HANDLERS[name] = handler
        if write:
            WRITES.add(name)
        return handler

    return register


def page(
    call: Call, items: list[Listed], stamps: list[str], default: int
) -> tuple[list[Listed], dict[str, t.Any] | None]:
    """One page of a list, and its page_info.

    stamps: created_at of each item. default: items per page without a limit. API contract, section 11: Paging.
    """
    limit = call.query.get("limit", default)
    if limit == 0 and call.settings.limit_zero != "empty":
        if call.settings.limit_zero == "refused":
            raise invalid("limit must not be 0")
        limit = default
    if call.settings.page_cap:
        limit = min(limit, call.settings.page_cap)
    start = 0
    if "marker" in call.query:
        start = _after_marker(call, stamps)
    chosen = items[start : start + limit]
    info: dict[str, t.Any] = {"current_count": len(chosen)}
    last = start + limit >= len(items)
    if chosen and not (last and call.settings.last_marker == "absent"):
        info = {
            "next_marker": None if last and call.settings.last_marker == "null" else stamps[start + len(chosen) - 1],
            **info,
        }
    return chosen, info


def _after_marker(call: Call, stamps: list[str]) -> int:
    marker = call.query["marker"]
    if marker not in stamps:
        return _by_time(call, marker, stamps)
    if call.settings.page_border == "at":
        return stamps.index(marker)
    return len(stamps) - stamps[::-1].index(marker)


def _by_time(call: Call, marker: str, stamps: list[str]) -> int:
    """The position of a marker that is not the time stamp of an existing item."""
    try:
        moment = parse_stamp(marker)
    except ValueError:
        raise invalid("marker is no time stamp of an item") from None
    if call.settings.list_order == "oldest_first":
        return sum(parse_stamp(stamp) <= moment for stamp in stamps)
    if call.settings.list_order == "newest_first":
        return sum(parse_stamp(stamp) >= moment for stamp in stamps)
    return 0
