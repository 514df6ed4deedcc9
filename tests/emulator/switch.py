# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The definition of a switch."""

from __future__ import annotations

import typing as t

ACCEPT = ("accepted", "refused")


class Switch(t.NamedTuple):
    """One switch. allowed: a tuple of values, or the name of a type: 'bool', 'count', 'number', 'paths', 'dwell'."""

    allowed: tuple[t.Any, ...] | str
    default: t.Any
    source: str
    text: str

    def check(self, value: t.Any) -> t.Any:
        """The value if it is allowed; ValueError otherwise."""
        if isinstance(self.allowed, tuple):
            fits = value in self.allowed and type(value) in [type(entry) for entry in self.allowed]
        else:
            fits = _KINDS[self.allowed](value)
        if not fits:
            raise ValueError(f"{value!r} is not one of: {self.describe()}")
        return list(value) if self.allowed == "paths" else value

    def describe(self) -> str:
        """The allowed values as text."""
        if isinstance(self.allowed, tuple):
            return ", ".join(str(entry) for entry in self.allowed)
        return {
            "bool": "true, false",
            "count": "a whole number",
            "number": "a number, not negative",
            "dwell": "seconds, or null for the value of dwell",
            "paths": "a list of dotted member paths",
        }[self.allowed]


def _is_number(value: t.Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and value >= 0


_KINDS: dict[str, t.Callable[[t.Any], bool]] = {
    "bool": lambda value: isinstance(value, bool),
    "count": lambda value: _is_number(value) and isinstance(value, int),
    "number": _is_number,
    "dwell": lambda value: value is None or _is_number(value),
    "paths": lambda value: isinstance(value, (list, tuple)) and all(isinstance(entry, str) for entry in value),
}
