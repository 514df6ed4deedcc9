# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A reader of swanctl.conf as strongSwan 5.9 reads it, written from its documented syntax and not from the renderer.

Whatever strongSwan would take for something else than a section, a name or one value raises `ValueError`.
"""

from __future__ import annotations

import re
from typing import Iterator

TOKEN = re.compile(
    r'(?P<blank>[ \t\r]+)|(?P<end>\n)|(?P<sign>[{}=])|(?P<quoted>"(?:[^"\\]|\\.)*")|(?P<word>[^#{}="\r\n\t ]+)',
    re.DOTALL,
)
ESCAPES = {"n": "\n", "r": "\r", "t": "\t"}


def tokens(text: str) -> Iterator[tuple[str, str]]:
    position = 0
    while position < len(text):
        found = TOKEN.match(text, position)
        if found is None:
            raise ValueError(f"nothing is known that begins with {text[position : position + 20]!r}")
        position = found.end()
        if found.lastgroup != "blank":
            yield str(found.lastgroup), found.group()


def parsed(text: str) -> dict[str, object]:
    """Return nested sections as dictionaries.

    Raises:
        ValueError: strongSwan would refuse the text, or take a part of it for another one.
    """
    words = list(tokens(text))
    found: dict[str, object] = {}
    if body(words, 0, found) != len(words):
        raise ValueError("a section is closed that was not opened")
    return found


def body(words: list[tuple[str, str]], at: int, section: dict[str, object]) -> int:
    while at < len(words) and words[at] != ("sign", "}"):
        if words[at][0] == "end":
            at += 1
            continue
        (kind, name), sign = words[at], words[at + 1]
        if kind != "word" or not re.fullmatch(r"[!-~]+", name) or set(name) & set(".,:") or name in section:
            raise ValueError(f"{name!r} is no name, or one that is there already")
        if sign == ("sign", "="):
            section[name] = unquoted(*words[at + 2])
            at += 3
            if words[at][0] != "end":
                raise ValueError(f"something follows the value of {name}")
        elif sign == ("sign", "{") and name != "include":
            section[name] = inner = {}
            at = body(words, at + 2, inner)
            if words[at] != ("sign", "}"):
                raise ValueError(f"{name} is not closed")
            at += 1
        else:
            raise ValueError(f"{name} is neither a section nor a setting")
    return at


def unquoted(kind: str, text: str) -> str:
    if kind == "word":
        return text
    if kind != "quoted":
        raise ValueError(f"{text!r} is no value")
    return re.sub(r"\\(.)", lambda found: ESCAPES.get(found.group(1), found.group(1)), text[1:-1], flags=re.DOTALL)


def identity(text: str) -> bytes:
    """Return the name that strongSwan takes from the value of an identity."""
    if not text.isascii() or not text.startswith("fqdn:"):
        raise ValueError(f"{text!r} is no name")
    name = text[len("fqdn:") :]
    return bytes.fromhex(name[1:]) if name.startswith("#") else name.encode()


def secret(text: str) -> bytes:
    """Return the key that strongSwan takes from the value of a secret."""
    if text.startswith("0x"):
        return bytes.fromhex(text[2:])
    if text.startswith("0s"):
        raise ValueError("it would be decoded as base64")
    return text.encode()
