# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a daemon's log says of negotiations, in the keywords of the cloud's log.

The keywords follow from the notifies that the ends send each other, by the diagnosis contract, section 2. Where one
notify stands for several keywords, the daemon has said before why it sends it. It shares no code with the collection.
"""

from __future__ import annotations

import re

# Seconds, thread and group, the number of the IKE SA after its name if it has one, and the text.
LINE = re.compile(r"(?P<time>[0-9]+) [0-9]+\[[A-Z]+\] <(?:[^|>]*\|)?(?P<sa>[0-9]+)> (?P<text>.*)")
PACKET = re.compile(r"(?:received|sending) packet: from (\S+)\[[0-9]+\] to (\S+)\[[0-9]+\]")
MESSAGE = re.compile(r"(?:generating|parsed) (?P<exchange>[A-Z0-9_]+) [a-z]+ [0-9]+ \[ (?P<payloads>.*)\]")
# RFC 7296, section 3.10.1, and RFC 2408, section 3.14.1, by the daemon's short names
KEYWORDS = {
    "AUTH_FAILED": "authentication fail",
    "TS_UNACCEPT": "flow mismatch",
    "INVAL_ID": "flow mismatch",
    "PLD_MAL": "malformed payload",
}
# What the daemon says before it sends a notify that has other reasons, too. The device does have a connection, so it is
# the version that no connection has.
REASONS = {
    "no IKE config found for": "version mismatch",
    "no matching peer config found": "config ID mismatch",
    "no peer config found": "config ID mismatch",
}
# What is no notify.
LINES = {"giving up after": "max transmit reached", "received DELETE for IKE_SA": "peer request"}
UP = re.compile(r"(outbound )?CHILD_SA \S+ established")


def attempts(log: str, device: str) -> list[tuple[int, str | None]]:
    """Return when a device and this end have negotiated, the oldest first, with the keyword of a failure.

    Args:
        log: The daemon's log.
        device: The address of the device.
    """
    found: list[tuple[int, str | None]] = []
    ends: dict[str, tuple[str, ...]] = {}
    reasons: dict[str, str] = {}
    for line in filter(None, map(LINE.match, log.splitlines())):
        sa, text = line["sa"], line["text"]
        packet = PACKET.match(text)
        if packet:
            ends[sa] = packet.groups()
        elif device in ends.get(sa, ()):
            reasons.update((sa, keyword) for said, keyword in REASONS.items() if text.startswith(said))
            keyword = _keyword(text)
            if keyword:
                found.append((int(line["time"]), reasons.pop(sa, keyword)))
            elif UP.match(text):
                found.append((int(line["time"]), None))
    return found


def _keyword(text: str) -> str | None:
    """Return the keyword of a line that ends a negotiation; None for other lines."""
    said = next((keyword for words, keyword in LINES.items() if text.startswith(words)), None)
    if said:
        return said
    message = MESSAGE.match(text)
    payloads = message["payloads"] if message else ""
    if message and "N(NO_PROP)" in payloads:
        # IKEv1 protects the refusal of a suite of phase 2 with phase 1, by a hash.
        first = message["exchange"] in ("IKE_SA_INIT", "INFORMATIONAL_V1") and "HASH" not in payloads
        return "phase1 proposal mismatch" if first else "phase2 proposal or pfs mismatch"
    return next((keyword for notify, keyword in KEYWORDS.items() if f"N({notify})" in payloads), None)
