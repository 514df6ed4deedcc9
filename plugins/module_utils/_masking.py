# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Masking of secrets in everything that is displayed. Private to this collection; no stable interface.

Secrets leave the parameters right after validation, and no result is built from them. This is the second line of
defense: it covers texts from elsewhere, such as the message of an API error, which may quote a request in any encoding.
"""

from __future__ import annotations

import re
from typing import Any, Callable, Collection, Iterable, Pattern
from urllib.parse import unquote_to_bytes

from ansible_collections.huaweicloud.vpn.plugins.module_utils._secrets import MASK
from ansible_collections.huaweicloud.vpn.plugins.module_utils._text import CUT

# Names in our own results. Playbooks and Ansible itself find a member by its name, even if a secret is the same word.
_OWN_NAME = re.compile(r"[a-z][a-z0-9_.]*")

_CONTROLS = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f"}


def _unslashed(found: str) -> str:
    """Undo an escape of JSON or of Python's repr; the two halves of a surrogate pair become one character."""
    digits = re.findall(r"[uUx]([0-9A-Fa-f]+)", found)
    if not digits:
        return _CONTROLS.get(found[1], found[1])
    numbers = [int(number, 16) for number in digits]
    if len(numbers) == 2:
        return chr(0x10000 + ((numbers[0] & 0x3FF) << 10) + (numbers[1] & 0x3FF))
    return chr(min(numbers[0], 0x10FFFF))


def _dereferenced(found: str) -> str:
    """Undo a character reference of HTML; Python's own function drops control characters."""
    if not found.startswith("&#"):
        # Not at the top: few tasks need it, and importing takes time.
        import html

        return html.unescape(found)
    digits = found[2:-1]
    return chr(min(int(digits[1:], 16) if digits[0] in "xX" else int(digits), 0x10FFFF))


def _unquoted(found: str) -> str:
    """Undo the percent-encoding of one character."""
    return unquote_to_bytes(found).decode("utf-8", "surrogateescape")


# How one text is encoded inside another: what an escape looks like, and the function that undoes it.
_ENCODINGS: tuple[tuple[Pattern[str], Callable[[str], str]], ...] = (
    (
        re.compile(
            r"\\u[Dd][89ABab][0-9A-Fa-f]{2}\\u[Dd][C-Fc-f][0-9A-Fa-f]{2}"
            r"|\\u[0-9A-Fa-f]{4}|\\x[0-9A-Fa-f]{2}|\\U[0-9A-Fa-f]{8}|\\[^uUx]",
            re.DOTALL,
        ),
        _unslashed,
    ),
    # One character: as many bytes as UTF-8 has for it.
    (
        re.compile(
            r"%[0-7][0-9A-Fa-f]|%[CcDd][0-9A-Fa-f](?:%[89ABab][0-9A-Fa-f])|%[Ee][0-9A-Fa-f](?:%[89ABab][0-9A-Fa-f]){2}"
            r"|%[Ff][0-7](?:%[89ABab][0-9A-Fa-f]){3}"
        ),
        _unquoted,
    ),
    (re.compile(r"&#[0-9]{1,7};|&#[xX][0-9A-Fa-f]{1,6};|&(?:amp|lt|gt|quot|apos);"), _dereferenced),
)
# How many layers of encoding (a text inside a text inside a text) are undone.
_LAYERS = 3


def masker(secrets: Collection[str]) -> Callable[[Any], Any]:
    """Return a function that replaces every occurrence of any secret in a value by `MASK`.

    The function takes JSON-like data of any depth and returns a copy. A secret is found as it is and as JSON, URLs,
    HTML and Python encode it. Names of members that are plain words, such as those of results, stay as they are.

    Args:
        secrets: The texts to mask, none of them empty.
    """
    # A thread that is still renewing keys may add some meanwhile.
    secrets = frozenset(secrets)
    if not secrets:
        return lambda value: value
    expression = _expression(secrets)

    def mask(value: Any) -> Any:
        if isinstance(value, str):
            return _masked(expression, _without_beginnings(secrets, value))
        if isinstance(value, dict):
            return {name if _is_own(name) else mask(name): mask(item) for name, item in value.items()}
        if isinstance(value, (list, tuple)):
            return [mask(item) for item in value]
        return value

    return mask


def _expression(secrets: Iterable[str]) -> Pattern[str]:
    """Return one expression for all secrets, by first letter, so that thousands of them cost little more than one."""
    # A form encodes a space as a plus sign.
    variants = set(secrets).union(secret.replace(" ", "+") for secret in secrets)
    by_letter: dict[str, list[str]] = {}
    for secret in sorted(variants, key=len, reverse=True):
        by_letter.setdefault(secret[0], []).append(re.escape(secret[1:]))
    return re.compile("|".join(f"{re.escape(letter)}(?:{'|'.join(rest)})" for letter, rest in by_letter.items()))


def _without_beginnings(secrets: Collection[str], text: str) -> str:
    """Return a text without the beginnings of secrets that stand where a text from elsewhere was cut."""
    pieces = text.split(CUT)
    for number, piece in enumerate(pieces[:-1]):
        longest = max((_beginning(secret, piece) for secret in secrets), default=0)
        if longest:
            pieces[number] = piece[:-longest] + MASK
    return CUT.join(pieces)


def _beginning(secret: str, text: str) -> int:
    """Return how many letters of a secret, but not all, a text ends with; 0 for too few to reveal anything."""
    most = min(len(secret) - 1, len(text))
    return next((length for length in range(most, 3, -1) if text.endswith(secret[:length])), 0)


def _is_own(name: object) -> bool:
    return isinstance(name, str) and _OWN_NAME.fullmatch(name) is not None


def _masked(expression: Pattern[str], text: str) -> str:
    """Return a text with `MASK` in the place of whatever the expression finds, in any encoding."""
    text = expression.sub(MASK, text)
    if not any(sign in text for sign in "\\%&"):
        return text
    hidden = _hidden(expression, text, list(range(len(text) + 1)), _LAYERS)
    for start, end in sorted(hidden, reverse=True):
        text = text[:start] + MASK + text[end:]
    return text


def _hidden(expression: Pattern[str], text: str, places: list[int], layers: int) -> list[tuple[int, int]]:
    """Return where encoded secrets stand in the original text.

    Args:
        expression: Finds secrets.
        text: The original text with some layers of encoding undone.
        places: For each letter of `text`, and for its end, the place in the original text.
        layers: How many more layers of encoding to undo.

    Returns:
        Pairs of start and end that do not overlap.
    """
    found: list[tuple[int, int]] = []
    for pattern, undo in _ENCODINGS if layers else ():
        plain, its_places = _undone(pattern, undo, text, places)
        if plain == text:
            continue
        found += ((its_places[match.start()], its_places[match.end()]) for match in expression.finditer(plain))
        found += _hidden(expression, plain, its_places, layers - 1)
    return _joined(found)


def _undone(pattern: Pattern[str], undo: Callable[[str], str], text: str, places: list[int]) -> tuple[str, list[int]]:
    """Return a text with one layer of escapes undone, and the places of its letters (see `_hidden`)."""
    parts: list[str] = []
    its_places: list[int] = []
    last = 0
    for match in pattern.finditer(text):
        letters = undo(match.group())
        parts += (text[last : match.start()], letters)
        its_places += places[last : match.start()]
        its_places += [places[match.start()]] * len(letters)
        last = match.end()
    return "".join(parts) + text[last:], its_places + places[last:]


def _joined(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return pairs of start and end in order, those that overlap as one."""
    joined: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if joined and start < joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined
