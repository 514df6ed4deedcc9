# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a line of a log says. Private to this collection; no stable interface.

A log comes from outside: parts of it are chosen by whoever negotiates. Nothing in it is trusted or interpreted.
"""

from __future__ import annotations

import datetime
import functools
import re
from typing import Any, Iterable, Mapping, NamedTuple, Sequence

from ansible_collections.huaweicloud.vpn.plugins.module_utils._schema.behavior import Log
from ansible_collections.huaweicloud.vpn.plugins.module_utils._schema.causes import Cause
from ansible_collections.huaweicloud.vpn.plugins.module_utils._text import printable

# How much of a line is shown, and how much of a cause, in characters.
MAX_LINE = 500
MAX_CAUSE = 200
# How much of the end of a line is searched for its pairs. No line that was published is longer than 400 characters.
MAX_TAIL = 4000
# Times from here on are milliseconds: as seconds they are beyond the year 5000.
MILLISECONDS_FROM = 1e11

_PAIR = re.compile(r"(\w{1,40})=\[([^\[\]]*)\]")
# The last parentheses; those of a value do not begin with a pair.
_GROUP = re.compile(r"\((?=\s*\w{1,40}=\[)")
_DECORATION = re.compile(r"[\W_]+")


class Entry(NamedTuple):
    """One line of a log.

    Attributes:
        time: Seconds since 1970; 0 if it is not known.
        text: The line in printable characters, cut.
        cause: The cause it names, in the vendor's words; None if it names none.
        success: Whether it says that the object works.
    """

    time: float
    text: str
    cause: str | None
    success: bool


def read_log(form: Log, raw: Any, success: Sequence[str]) -> list[Entry]:
    """Return the entries of a log, the oldest first. What is not of the known form is left out.

    Args:
        form: The form of the log.
        raw: The answer of the API.
        success: Words of a line without a cause that says that the object works.
    """
    entries = []
    for item in raw if isinstance(raw, list) else []:
        text = item.get(form.text) if isinstance(item, dict) else None
        if isinstance(text, str):
            cause = cause_of(form, text)
            # A word in a value, which the other end may have chosen, is not the line's own.
            said = text[:MAX_TAIL].partition("(")[0].lower()
            works = cause is None and any(re.search(rf"\b{word}\s*\.?\s*$", said) for word in success)
            entries.append(Entry(_time(form, item), printable(text, MAX_LINE), cause, works))
    return sorted(entries, key=lambda entry: entry.time)


def _time(form: Log, item: Mapping[str, Any]) -> float:
    try:
        seconds = float(item[form.time])
        if abs(seconds) >= MILLISECONDS_FROM:
            seconds /= 1000
        return seconds if timestamp(seconds) else 0.0
    except (KeyError, TypeError, ValueError, OverflowError):
        return 0.0


def timestamp(seconds: float) -> str | None:
    """Return a time in ISO 8601 UTC; None for none, and for what is no time."""
    try:
        moment = datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc)
    except (OverflowError, ValueError, OSError):
        return None
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ") if seconds > 0 else None


def cause_of(form: Log, text: str) -> str | None:
    """Return the cause that a line names, in printable characters; None if it names none."""
    tail = text[-MAX_TAIL:]
    begins = [match.end() for match in _GROUP.finditer(tail)]
    pairs = dict(_PAIR.findall(tail[begins[-1] :])) if begins else {}
    wanted = {key.lower(): value for key, value in pairs.items()}
    shown = (printable(wanted.get(key.lower(), ""), MAX_CAUSE) for key in form.causes)
    return next((cause for cause in shown if cause), None)


def find_cause(causes: Iterable[Cause], word: str) -> Cause | None:
    """Return the row of the table that a keyword belongs to, whatever its case, spaces and hyphens; None if unknown."""
    wanted = _bare(word)
    return next((row for row in causes if wanted and wanted in map(_bare, row.keywords)), None)


@functools.lru_cache(maxsize=1024)
def _bare(word: str) -> str:
    return _DECORATION.sub("", word.lower())
