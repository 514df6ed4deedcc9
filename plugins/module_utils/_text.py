# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Text from elsewhere, made safe to display; names of this machine. Private to this collection; no stable interface."""

from __future__ import annotations

import ipaddress

# Characters of a text that did not come from this collection, such as the body of an error page.
MAX_EXTERNAL_TEXT = 2000
# Ends a text that was cut.
CUT = " ..."


def printable(text: str, limit: int = MAX_EXTERNAL_TEXT) -> str:
    """Return the printable characters of a text with single spaces between them.

    Control characters can move the cursor of a terminal, forge log lines and hide what follows; they become spaces.

    Args:
        text: Any text.
        limit: The maximum length of the result, in characters, `CUT` included.
    """
    # A text of many megabytes is not processed to the end.
    head = text[: limit * 10]
    shown = " ".join("".join(letter if letter.isprintable() else " " for letter in head).split())
    if len(shown) <= limit and len(head) == len(text):
        return shown
    return shown[: limit - len(CUT)] + CUT


def is_loopback(host: str) -> bool:
    """Return whether a host is this machine, by its address or by the one name that always means it."""
    try:
        return host.rstrip(".") == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
