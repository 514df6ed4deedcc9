# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether two clouds are the same to the next task: then what it does in one of them has been seen in the other."""

from __future__ import annotations

import dataclasses
import re

# What the emulator draws anew each time. Two of one kind are told apart by where they appear, or by which is later.
_DRAWN = re.compile(
    r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
    r"|\b169\.254\.[0-9.]+|\b(?:cgw|vpn|vpngw|vpngw-bandwidth)-[0-9a-f]{4}\b"
)
_STAMP = re.compile(r"\b[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+Z")
# Counts writes, or is derived from the rest, or only counts while something goes on.
_LEFT_OUT = ("version", "cache", "attempt", "down", "work", "stale", "tags_shown_from", "shown_tags")


def at_rest(cloud):
    """Return all that a task could find in the emulator (str), without faults; None while time changes any of it."""
    service = cloud.service
    with service.lock:
        now = service.clock.now()
        items = {name: shelf.everything() for name, shelf in service.store.shelves.items()}
        if service.settings.rate_limit or any(_goes_on(item, now) for found in items.values() for item in found):
            return None
        text = repr((_plain(items), sorted(service.settings.as_dict().items(), key=str)))
    for kind in (_DRAWN, _STAMP):
        found = dict.fromkeys(kind.findall(text))
        names = {one: f"<{number}>" for number, one in enumerate(sorted(found) if kind is _STAMP else found)}
        text = kind.sub(lambda match, names=names: names[match.group()], text)
    return text


def _plain(items):
    return {
        name: [
            {field.name: getattr(item, field.name) for field in dataclasses.fields(item) if field.name not in _LEFT_OUT}
            for item in found
        ]
        for name, found in items.items()
    }


def _goes_on(item, now):
    return (
        item.work is not None
        or item.removed
        or (item.stale is not None and item.stale.holds(now))
        or (item.shown_tags is not None and now < item.tags_shown_from)
        or getattr(item, "down", (0.0, 0.0))[1] > now
        or getattr(item, "device", None) is not None
    )
