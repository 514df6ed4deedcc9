# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The credentials file of the vendor's SDK. Private to this collection; no stable interface.

Source: huaweicloudsdkcore, auth/provider. Unlike the SDK, which lets Python's configparser interpolate, this reads a
percent sign as what it is.
"""

from __future__ import annotations

import configparser
import os

SECTION = "basic"
# Options by the names that the file has for them.
NAMES = {
    "ak": "access_key",
    "sk": "secret_key",
    "security_token": "security_token",
    "project_id": "project_id",
    "iam_endpoint": "auth_url",
    "idp_id": "idp_id",
    "id_token_file": "id_token_file",
}
PAIRS = (("ak", "sk"), ("idp_id", "id_token_file"))
# Bytes.
LARGEST = 1 << 20


def read_credentials_file(path: str) -> dict[str, str]:
    """Return what a file has for regional services, by option; blanks are left out.

    Raises:
        ValueError: It cannot be used; with the middle of a sentence, which quotes nothing of the file.
    """
    parser = configparser.ConfigParser(interpolation=None)
    try:
        parser.read_string(_text_of(path))
    except configparser.Error as error:
        raise ValueError(f"is not in INI format{_line_of(error)}") from None
    if not parser.has_section(SECTION):
        raise ValueError(f"has no section [{SECTION}]")
    values = {name: text for name, text in parser.items(SECTION) if name in NAMES and text.strip()}
    if not any(all(name in values for name in pair) for pair in PAIRS):
        raise ValueError(f"has neither ak and sk nor idp_id and id_token_file in its section [{SECTION}]")
    return {NAMES[name]: text for name, text in values.items()}


def _text_of(path: str) -> str:
    try:
        if os.path.exists(path) and not os.path.isfile(path):
            raise ValueError("is not a file")
        with open(path, "rb") as stream:
            content = stream.read(LARGEST + 1)
    except OSError as error:
        raise ValueError(f"cannot be read: {error.strerror}") from None
    if len(content) > LARGEST:
        raise ValueError("is too large to be one")
    if content.startswith(b"\xef\xbb\xbf"):
        raise ValueError("begins with a byte order mark: save it without one")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        raise ValueError("is not in UTF-8") from None


def _line_of(error: configparser.Error) -> str:
    """Return where the error is; its own text quotes the line, which may hold a secret."""
    number = getattr(error, "lineno", None)
    if isinstance(error, configparser.ParsingError) and not isinstance(number, int):
        number = error.errors[0][0] if error.errors else None
    return f": see line {number}" if isinstance(number, int) else ""
