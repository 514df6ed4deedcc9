# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Words of others, made fit to be shown, and names of this machine. Private to this collection; no stable interface."""

from __future__ import annotations

import ipaddress

MAX_FOREIGN_TEXT = 2000
CUT = " ..."


def printable(text, limit=MAX_FOREIGN_TEXT):
    """Return the printable characters of a text with single spaces between them, at most C(limit) characters (str).

    Control characters move a terminal's cursor, forge lines of a log and hide what follows; here they become spaces.
    """
    # Whoever sends megabytes is not read to the end.
    head = text[: limit * 10]
    shown = " ".join("".join(letter if letter.isprintable() else " " for letter in head).split())
    if len(shown) <= limit and len(head) == len(text):
        return shown
    return shown[: limit - len(CUT)] + CUT


def is_loopback(host):
    """Say whether a host (str) is this machine, by its address or by the one name that always means it."""
    try:
        return host.rstrip(".") == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
