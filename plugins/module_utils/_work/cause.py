# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Why an object does not work, from its log. Private to this collection; no stable interface."""

from __future__ import annotations

import re
from typing import Any, Iterable, Mapping

from ansible_collections.huaweicloud.vpn.plugins.module_utils._errors import VpnError
from ansible_collections.huaweicloud.vpn.plugins.module_utils._schema.fields import Log
from ansible_collections.huaweicloud.vpn.plugins.module_utils._text import printable
from ansible_collections.huaweicloud.vpn.plugins.module_utils._work.api import Reader

# How much of a line of the log a message shows, in characters.
MAX_LINE = 500
PAIR = re.compile(r"(\w+)=\[([^\]]*)\]")


def newest_cause(api: Reader, identifier: str) -> str | None:
    """Return a sentence on the newest entry of an object's log; None where such objects have no log.

    It only adds to a message: where the log cannot be read, it says so.

    Args:
        api: The operations of the resource.
        identifier: The object.
    """
    detail = api.resource.log
    if detail is None or detail.log is None:
        return None
    try:
        entries = api.detail(detail, identifier, None)
    except VpnError as error:
        return f"its log could not be read: {error.line}"
    return _describe(detail.log, entries if isinstance(entries, list) else [])


def _describe(log: Log, entries: Iterable[Any]) -> str:
    known = [entry for entry in entries if isinstance(entry, dict) and isinstance(entry.get(log.text), str)]
    if not known:
        return "its log has no entry"
    # The order of the entries is not published.
    text = max(known, key=lambda entry: _time(log, entry))[log.text]
    cause = cause_of(log, text)
    named = f" names the cause {printable(cause, MAX_LINE)!r}" if cause else ""
    return f"the newest entry of its log{named or ' is'}: {printable(text, MAX_LINE)}"


def _time(log: Log, entry: Mapping[str, Any]) -> float:
    try:
        return float(entry[log.time])
    except (KeyError, TypeError, ValueError, OverflowError):
        return 0.0


def cause_of(log: Log, text: str) -> str | None:
    """Return the cause that a line of a log names, in the vendor's words; None where it names none."""
    pairs = dict(PAIR.findall(text[text.rfind("(") + 1 :]))
    return next((pairs[key].strip() for key in log.causes if pairs.get(key, "").strip()), None)
