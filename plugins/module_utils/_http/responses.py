# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What answers of the vendor's APIs mean: bodies, errors, request ids. Private to this collection; no stable interface.

Pure functions; sources: the VPN API reference, "Error Codes", and the API Gateway guide, "Error Codes".
"""

from __future__ import annotations

import datetime
import email.utils
import json
import re
from typing import Any, Iterable, Mapping, Tuple

from ansible_collections.huaweicloud.vpn.plugins.module_utils._clock import Clock
from ansible_collections.huaweicloud.vpn.plugins.module_utils._errors import Effect, Retry
from ansible_collections.huaweicloud.vpn.plugins.module_utils._text import printable

# API reference, "Error Codes": refusals that mean "later" and can last minutes.
BUSY_CODES = frozenset(f"VPN.{number}" for number in ("0009", "0016", "0017", "0306", "0506", "0507"))
# The same: refusals that pass quickly, whatever the request was.
RETRY_CODES = frozenset(("VPN.0014", "VPN.0030", "VPN.0031"))
THROTTLED_CODES = frozenset(("VPN.0429", "APIGW.0308"))
# Failed authorization according to the table, a gateway that is not ready in the examples; only the text tells them
# apart.
AMBIGUOUS_CODE = "VPN.0003"
NOT_READY = re.compile(r"not ready|currently\s+\S*ing\b|status is PENDING", re.IGNORECASE)
# Codes with status 404 that mean the path or the gateway, not the object asked for.
OTHER_MISSING_CODES = frozenset(("APIGW.0101", "APIGW.0103", "VPN.0509"))
# What proxies and the API Gateway answer where the service itself did not.
GATEWAY_STATUSES = (502, 503, 504)

# The API's own answers have six levels; code that walks through them must not exhaust Python's stack.
MAX_LEVELS = 50
# A code, a request id, a content type, a reason phrase.
MAX_WORD_LENGTH = 200

# A member that an answer must hold, and the type of its value.
Expected = Tuple[str, type]
# The body is text of any form.
TEXT: Expected = ("", str)

_MOMENT = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.\d+)?(Z|[+-]\d\d:\d\d)", re.ASCII)


# -- refusals ---------------------------------------------------------------------------------------------------------


def is_throttled(status: int, code: str | None) -> bool:
    """Return whether a refusal asks everybody to hold back."""
    return status == 429 or code in THROTTLED_CODES


def is_missing(status: int, code: str | None) -> bool:
    """Return whether a refusal states that the object asked for does not exist.

    Only the service can know that. The page of a proxy has no code.
    """
    return status == 404 and code is not None and code not in OTHER_MISSING_CODES


def effect_of(status: int) -> Effect:
    """Return whether a write that was refused with this status may have been carried out."""
    return Effect.UNKNOWN if status >= 500 else Effect.NONE


def retry_of(status: int, code: str | None, text: str | None) -> Retry:
    """Return whether a refused request may be repeated.

    Args:
        status: The HTTP status, 400 or more.
        code: The vendor's code.
        text: The vendor's text.
    """
    if is_throttled(status, code) or (code in RETRY_CODES and status < 500):
        return Retry.NOW
    if status >= 500:
        return Retry.AFTER_READING if status in GATEWAY_STATUSES else Retry.READS
    if _is_busy(code, text):
        return Retry.AFTER_READING
    return Retry.READS if status == 408 else Retry.NEVER


def _is_busy(code: str | None, text: str | None) -> bool:
    return code in BUSY_CODES or (code == AMBIGUOUS_CODE and NOT_READY.search(text or "") is not None)


def error_words(data: Any, status: int) -> tuple[str | None, str | None]:
    """Return the code and the text of an error body, in any of the shapes the vendor's services use.

    Args:
        data: The body, as `parse` returns it.
        status: The HTTP status; IAM repeats it where others put a code, and it is no code.
    """
    if not isinstance(data, dict):
        return None, None
    inner = data.get("error")
    if isinstance(inner, dict):
        data = inner
    code = word(_first(data, "error_code", "errorCode", "code"))
    text = _first(data, "error_msg", "errorMsg", "error_message", "message", "msg", "title")
    return None if code == str(status) else code, None if text is None else printable(str(text))


def retry_after(headers: Mapping[str, str], clock: Clock) -> float | None:
    """Return the seconds of a Retry-After header, given as a number or as a date; None where there is none.

    Args:
        headers: The headers, by name in any case.
        clock: What a date is compared with.
    """
    value = (headers.get("Retry-After") or "").strip()
    if re.fullmatch(r"[0-9]+(\.[0-9]+)?", value):
        return float(value)
    try:
        return max(0.0, (email.utils.parsedate_to_datetime(value) - clock.utc()).total_seconds())
    except (TypeError, ValueError, IndexError):
        return None


# -- bodies -----------------------------------------------------------------------------------------------------------


def parse(content: bytes) -> Any:
    """Return what a body holds; None where it is not JSON, or nested deeper than any answer is."""
    try:
        data = json.loads(content.decode("utf-8"))
    except (ValueError, RecursionError):
        return None
    level = [data]
    for _dummy in range(MAX_LEVELS):
        level = [inner for outer in level for inner in _inside(outer) if isinstance(inner, (dict, list))]
        if not level:
            return data
    return None


def _inside(value: Any) -> Iterable[Any]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


def body_problem(content: bytes, data: Any, status: int, expect: Expected | None) -> str | None:
    """Return why the body of an answer with a good status cannot be used; None where it can.

    Args:
        content: The body.
        data: The body, as `parse` returns it.
        status: The HTTP status.
        expect: What the body must hold.
    """
    if expect is TEXT:
        return None
    if (content and not isinstance(data, dict)) or (not content and status == 200):
        return "something that is no complete JSON object"
    if expect is not None and not isinstance((data or {}).get(expect[0]), expect[1]):
        return f"JSON that holds no {expect[0]}"
    return None


def request_id(data: Any, headers: Mapping[str, str]) -> str | None:
    """Return the vendor's id of a request, from the body or the headers (by name in any case) of its answer."""
    found = _first(data, "request_id", "requestId") if isinstance(data, dict) else None
    return word(found or headers.get("X-Request-Id"))


def word(value: Any) -> str | None:
    """Return a short text that the server chose, fit to be shown; None where there is none."""
    return printable(str(value), MAX_WORD_LENGTH) or None if value is not None else None


def moment(text: Any) -> datetime.datetime | None:
    """Return the moment that an answer names, in UTC and whole seconds; None where it names none."""
    matched = _MOMENT.fullmatch(text) if isinstance(text, str) else None
    if matched is None:
        return None
    zone = matched.group(2).replace("Z", "+00:00")
    try:
        return datetime.datetime.fromisoformat(matched.group(1) + zone).astimezone(datetime.timezone.utc)
    except (ValueError, OverflowError):
        return None


def member(value: Any, name: str) -> Any:
    """Return a member of what should be an object; None where it has none, or is none."""
    return value.get(name) if isinstance(value, dict) else None


def has_id(item: Any) -> bool:
    """Return whether an entry of a list is an object with an id."""
    return isinstance(item, dict) and isinstance(item.get("id"), str) and item["id"] != ""


def _first(data: Mapping[str, Any], *names: str) -> Any:
    return next((data[name] for name in names if data.get(name) not in (None, "")), None)
