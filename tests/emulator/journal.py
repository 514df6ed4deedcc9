# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The journal: one entry for each request, without credentials."""

from __future__ import annotations

import dataclasses
import threading
import typing as t

MASK = "********"
_MASKED_MEMBERS = ("psk", "password", "content")


def masked(value: t.Any, members: t.Collection[str] = _MASKED_MEMBERS) -> t.Any:
    """A copy of a JSON value with asterisks in place of all members with these names."""
    if isinstance(value, list):
        return [masked(item, members) for item in value]
    if isinstance(value, dict):
        return {
            name: MASK if name in members and item is not None else masked(item, members)
            for name, item in value.items()
        }
    return value


@dataclasses.dataclass
class Entry:
    """One request.

    number: from 1. time: seconds since the emulator started. query: (name, value) pairs. operation: the operation ID in
    the contract, or None. raw_body: the JSON body as sent, including psk and certificate (but not passwords); None if
    there was no body or no JSON. status: the status of the answer, 0 if the connection was cut without an answer.
    error_code: the error code of the answer. fault: the kind of the applied fault. write: whether the operation changes
    something. applied: whether it took effect, whatever the answer was. auth: 'aksk', 'token' or None.
    """

    number: int
    time: float
    method: str
    path: str
    query: list[tuple[str, str]]
    operation: str | None
    raw_body: t.Any
    user_agent: str
    write: bool = False
    iam: bool = False
    status: int = 0
    error_code: str | None = None
    request_id: str = ""
    fault: str | None = None
    applied: bool = False
    auth: str | None = None

    @property
    def body(self) -> t.Any:
        """The JSON body with all secrets masked."""
        return masked(self.raw_body)

    def public(self) -> dict[str, t.Any]:
        """The entry as JSON without secrets."""
        shown = {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}
        shown["body"] = masked(shown.pop("raw_body"))
        shown["query"] = [list(pair) for pair in self.query]
        shown["time"] = round(self.time, 6)
        return shown

    def line(self) -> str:
        """The entry as one line of text."""
        query = "?" + "&".join(f"{name}={value}" for name, value in self.query) if self.query else ""
        tail = "".join(f" {part}" for part in (self.error_code, self.fault and f"[fault: {self.fault}]") if part)
        return f"{self.method:6} {self.path}{query} {self.status or '(cut)'} {self.operation or '-'}{tail}"


class Journal:
    """All entries, in the order in which the requests arrived."""

    def __init__(self) -> None:
        self._entries: list[Entry] = []
        self._lock = threading.Lock()
        self._count = 0

    def add(self, **fields: t.Any) -> Entry:
        """Add an entry."""
        with self._lock:
            self._count += 1
            entry = Entry(number=self._count, **fields)
            self._entries.append(entry)
            return entry

    def entries(self) -> list[Entry]:
        """A copy of the list of entries."""
        with self._lock:
            return list(self._entries)

    def clear(self) -> None:
        """Remove all entries; numbering continues."""
        with self._lock:
            self._entries.clear()
