# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Masking of secrets in whatever is shown. Private to this collection; no stable interface.

Secrets leave the parameters right after validation, and no result is built from them. This is the second line: it covers
what others say, such as the words of a refusal, which may quote a request in any spelling.
"""

from __future__ import annotations

import html
import re
from urllib.parse import unquote_to_bytes

from ansible_collections.huaweicloud.vpn.plugins.module_utils._secrets import MASK
from ansible_collections.huaweicloud.vpn.plugins.module_utils._text import CUT

# Names of our own results: a playbook, and Ansible itself, finds a member by its name, whatever a secret looks like.
_OWN_NAME = re.compile(r"[a-z][a-z0-9_.]*")

_CONTROLS = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f"}


def _unslashed(found):
    """Undo an escape of JSON or of Python's repr; two halves of a letter beyond 16 bits come together."""
    digits = re.findall(r"[uUx]([0-9A-Fa-f]+)", found)
    if not digits:
        return _CONTROLS.get(found[1], found[1])
    numbers = [int(number, 16) for number in digits]
    if len(numbers) == 2:
        return chr(0x10000 + ((numbers[0] & 0x3FF) << 10) + (numbers[1] & 0x3FF))
    return chr(min(numbers[0], 0x10FFFF))


def _dereferenced(found):
    """Undo a reference of HTML; Python's own function drops control characters."""
    if not found.startswith("&#"):
        return html.unescape(found)
    digits = found[2:-1]
    return chr(min(int(digits[1:], 16) if digits[0] in "xX" else int(digits), 0x10FFFF))


def _unquoted(found):
    return unquote_to_bytes(found).decode("utf-8", "surrogateescape")


# How texts are spelled inside other texts: what an escape looks like, and the function that undoes one.
_SPELLINGS = (
    (re.compile(
        r"\\u[Dd][89ABab][0-9A-Fa-f]{2}\\u[Dd][C-Fc-f][0-9A-Fa-f]{2}"
        r"|\\u[0-9A-Fa-f]{4}|\\x[0-9A-Fa-f]{2}|\\U[0-9A-Fa-f]{8}|\\[^uUx]",
        re.DOTALL), _unslashed),
    # One letter: as many bytes as UTF-8 has for it.
    (re.compile(r"%[0-7][0-9A-Fa-f]|%[CcDd][0-9A-Fa-f](?:%[89ABab][0-9A-Fa-f])|%[Ee][0-9A-Fa-f](?:%[89ABab][0-9A-Fa-f]){2}"
                r"|%[Ff][0-7](?:%[89ABab][0-9A-Fa-f]){3}"), _unquoted),
    (re.compile(r"&#[0-9]{1,7};|&#[xX][0-9A-Fa-f]{1,6};|&(?:amp|lt|gt|quot|apos);"), _dereferenced),
)
# A text inside a text inside a text: so many layers are looked through.
_LAYERS = 3


def masker(secrets):
    """Return a function that replaces every occurrence of any of C(secrets) in a value, at any depth, by MASK.

    A secret is found as it is and as JSON, URLs, HTML and Python spell it. Names of members that are plain words, as those of
    results are, stay as they are.

    One expression holds all secrets, by first letter, so that thousands of them cost little more than one.
    """
    if not secrets:
        return lambda value: value
    by_letter = {}
    # In a form's answer a space is a plus sign.
    for secret in sorted(set(secrets).union(secret.replace(" ", "+") for secret in secrets), key=len, reverse=True):
        by_letter.setdefault(secret[0], []).append(re.escape(secret[1:]))
    expression = re.compile("|".join("%s(?:%s)" % (re.escape(letter), "|".join(rest)) for letter, rest in by_letter.items()))

    def mask(value):
        if isinstance(value, str):
            return _masked(expression, _without_beginnings(secrets, value))
        if isinstance(value, dict):
            return {name if _is_own(name) else mask(name): mask(item) for name, item in value.items()}
        if isinstance(value, (list, tuple)):
            return [mask(item) for item in value]
        return value

    return mask


def _without_beginnings(secrets, text):
    """Return a text without the beginnings of secrets that stand where the words of others were cut."""
    pieces = text.split(CUT)
    for number, piece in enumerate(pieces[:-1]):
        lengths = (_beginning(secret, piece) for secret in secrets)
        longest = max(lengths, default=0)
        if longest:
            pieces[number] = piece[:-longest] + MASK
    return CUT.join(pieces)


def _beginning(secret, text):
    """Return how many letters of a secret, but not all, a text ends with; 0 for fewer than tell anything."""
    return next((length for length in range(min(len(secret) - 1, len(text)), 3, -1) if text.endswith(secret[:length])), 0)


def _is_own(name):
    return isinstance(name, str) and _OWN_NAME.fullmatch(name) is not None


def _masked(expression, text):
    """Return a text with MASK in the place of what the expression finds, in any spelling."""
    text = expression.sub(MASK, text)
    if not any(sign in text for sign in "\\%&"):
        return text
    hidden = _hidden(expression, text, list(range(len(text) + 1)), _LAYERS)
    for start, end in sorted(hidden, reverse=True):
        text = text[:start] + MASK + text[end:]
    return text


def _hidden(expression, text, places, layers):
    """Return where, in the text that C(places) lead back to, spelled-out secrets stand (list of pairs that do not overlap).

    :arg places: for each letter, and for the end, the place in the original text.
    """
    found = []
    for pattern, undo in _SPELLINGS if layers else ():
        plain, its_places = _undone(pattern, undo, text, places)
        if plain == text:
            continue
        found += ((its_places[match.start()], its_places[match.end()]) for match in expression.finditer(plain))
        found += _hidden(expression, plain, its_places, layers - 1)
    return _joined(found)


def _undone(pattern, undo, text, places):
    """Return a text with one layer of escapes undone, and the places of its letters (see C(_hidden))."""
    parts, its_places, last = [], [], 0
    for match in pattern.finditer(text):
        letters = undo(match.group())
        parts += (text[last:match.start()], letters)
        its_places += places[last:match.start()]
        its_places += [places[match.start()]] * len(letters)
        last = match.end()
    return "".join(parts) + text[last:], its_places + places[last:]


def _joined(spans):
    """Return spans (pairs) in order, those that overlap as one."""
    joined = []
    for start, end in sorted(spans):
        if joined and start < joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined
