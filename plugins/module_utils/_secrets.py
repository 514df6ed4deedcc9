# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Secrets on their way from a task to a request. Private to this collection; no stable interface.

A secret travels as a `SecretText`, whose text, representation and JSON are the mask: a place that forgets about secrets
shows nothing. It is opened in three places only: where a request is sent, where a plan id is computed, and where a
fingerprint tells whether it is the one last sent.
"""

from __future__ import annotations

from typing import Any, Iterable

MASK = "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"


class SecretText(str):
    """A text that shows as the mask.

    Args:
        text: What is secret.
        warnings: What is doubtful about it, as ends of a sentence that begins with the option's path.
    """

    _text: str
    warnings: tuple[str, ...]

    def __new__(cls, text: str, warnings: Iterable[str] = ()) -> SecretText:
        self = super().__new__(cls, MASK)
        self._text = text
        self.warnings = tuple(warnings)
        return self

    def __str__(self) -> str:
        return MASK

    def __eq__(self, other: object) -> bool:
        return self._text == other._text if isinstance(other, SecretText) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._text)

    def __copy__(self) -> SecretText:
        return self

    def __deepcopy__(self, memo: Any) -> SecretText:
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        """Leave the secret out of whatever is stored or handed to another process."""
        return str, (MASK,)


def reveal(value: Any) -> Any:
    """Return a copy of nested values in which secrets are plain texts."""
    return _replaced(value, lambda secret: secret._text)


def masked(value: Any) -> Any:
    """Return a copy of nested values in which secrets are the mask, as plain texts."""
    return _replaced(value, str)


def _replaced(value: Any, replacement: Any) -> Any:
    if isinstance(value, SecretText):
        return replacement(value)
    if isinstance(value, dict):
        return {name: _replaced(item, replacement) for name, item in value.items()}
    if isinstance(value, list):
        return [_replaced(item, replacement) for item in value]
    return value
