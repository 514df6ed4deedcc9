# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Everything that can go wrong, as exceptions. Private to this collection; no stable interface.

Nothing in the collection below its front ends ends a task: it raises one of these, and a front end turns the exception
into a failure. `message` is one sentence a person can act on; `details` are further result keys.
"""

from __future__ import annotations

import enum
from typing import Any, Iterable, Sequence

from ansible_collections.huaweicloud.vpn.plugins.module_utils._clock import Deadline

# How many ids, violations or failures a message shows; a list in the result holds them all.
MAX_NAMED = 20


def first_of(words: Iterable[str]) -> list[str]:
    """Return the first words, and the number of those that are left out."""
    words = list(words)
    more = [f"and {len(words) - MAX_NAMED} more"] if len(words) > MAX_NAMED else []
    return words[:MAX_NAMED] + more


class Effect(enum.Enum):
    """Whether a failed request, if it was a write, may have been carried out."""

    NONE = "none"
    UNKNOWN = "unknown"


class Retry(enum.Enum):
    """Which failed request may be repeated.

    Attributes:
        NOW: Any.
        AFTER_READING: A read at once; a write once another look at the object shows that it is still due.
        READS: A read only.
        NEVER: None.
    """

    NOW = "now"
    AFTER_READING = "after reading"
    READS = "reads"
    NEVER = "never"


class VpnError(Exception):
    """A failure with a sentence for people and keys for playbooks.

    Args:
        message: One sentence.
        details: Result keys beside `msg`, JSON serializable; those that are None are left out.

    Attributes:
        effect: Whether a write that failed like this may have been carried out.
        retry: Whether the request may be repeated.
        throttled: Whether the cloud asks everybody to hold back.
    """

    effect = Effect.NONE
    retry = Retry.NEVER
    throttled = False

    def __init__(self, message: str, **details: Any) -> None:
        super().__init__(message)
        self.message = message
        self.details = {key: value for key, value in details.items() if value is not None}

    def add(self, text: str) -> None:
        """Add to the sentence."""
        self.message += text
        self.args = (self.message,)

    def lead(self, text: str) -> None:
        """Put something in front of the sentence."""
        self.message = f"{text}: {self.message}"
        self.args = (self.message,)

    @property
    def sentences(self) -> list[str]:
        """The message as sentences, each of which is shown on a line of its own."""
        return [self.message]

    @property
    def line(self) -> str:
        """The message in one line."""
        return "; ".join(self.sentences)

    @property
    def effect_unknown(self) -> bool:
        """Whether a write that failed like this may have been carried out."""
        return self.effect is Effect.UNKNOWN

    @property
    def busy(self) -> bool:
        """Whether nothing was done because the object is busy, so that a later request may succeed."""
        return self.retry is Retry.AFTER_READING and self.effect is Effect.NONE

    @property
    def may_repeat_after_reading(self) -> bool:
        """Whether a write may be repeated once another look at the object shows that it is still due."""
        return self.retry in (Retry.NOW, Retry.AFTER_READING)

    def may_repeat(self, safe: bool) -> bool:
        """Return whether the request may be repeated without another look at the object.

        Args:
            safe: Whether it only reads.
        """
        return self.retry is Retry.NOW or (safe and self.retry is not Retry.NEVER)

    def may_retry_read(self, deadline: Deadline) -> bool:
        """Return whether a read that failed like this may be repeated later, in the time that is left to wait."""
        return self.may_repeat(safe=True) and deadline.left() > 0


class InvalidInput(VpnError):
    """The task asks for something that cannot be.

    Args:
        violations: A sentence for each offending option.
        secrets: The secrets that the task gave, for those who mask them.
        details: Further result keys.
    """

    def __init__(self, violations: Iterable[str], secrets: Iterable[str] = (), **details: Any) -> None:
        self.violations = list(violations)
        self.secrets = set(secrets)
        super().__init__("\n".join(first_of(self.violations)), errors=self.violations, **details)

    @property
    def sentences(self) -> list[str]:
        return first_of(self.violations)


class ApiError(VpnError):
    """The API answered and refused.

    Args:
        message: One sentence.
        code: The vendor's code, such as `VPN.0001`; None where the body had none.
        status: The HTTP status.
        request_id: The vendor's id of the request.
        method: The HTTP method.
        url: The URL asked.
        retry_after: Seconds that the API asks to wait; None where it does not.

    Attributes:
        missing: Whether the API states that the object does not exist.
        token: The token or security token that the request carried, or None.
        beginning: The beginning of the answer's body.
    """

    missing = False
    token: str | None = None
    beginning: bytes = b""

    def __init__(
        self,
        message: str,
        code: str | None = None,
        status: int | None = None,
        request_id: str | None = None,
        method: str | None = None,
        url: str | None = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message, error_code=code, status_code=status, request_id=request_id, method=method, url=url)
        self.code = code
        self.status = status
        self.retry_after = retry_after


class NoResponse(VpnError):
    """The request was sent but no usable answer came.

    Args:
        message: One sentence.
        method: The HTTP method.
        url: The URL asked.
        status: The HTTP status of an answer that is not usable.
        request_id: The vendor's id of the request, where the answer carries one.
    """

    effect = Effect.UNKNOWN
    retry = Retry.AFTER_READING

    def __init__(
        self,
        message: str,
        method: str | None = None,
        url: str | None = None,
        status: int | None = None,
        request_id: str | None = None,
    ) -> None:
        super().__init__(message, method=method, url=url, status_code=status, request_id=request_id)


class Unreachable(VpnError):
    """The request never left: name resolution, connection or TLS failed.

    Args:
        message: One sentence.
        method: The HTTP method.
        url: The URL that was to be asked.
        final: Whether the next try would fail like this one.
    """

    def __init__(self, message: str, method: str | None = None, url: str | None = None, final: bool = False) -> None:
        super().__init__(message, method=method, url=url)
        self.retry = Retry.NEVER if final else Retry.NOW


class NotFound(VpnError):
    """What the task names does not exist."""


class Ambiguous(VpnError):
    """More than one object matches.

    Args:
        before: The sentence up to their ids.
        ids: Their ids.
        after: The rest of the sentence.
    """

    def __init__(self, before: str, ids: Sequence[str], after: str) -> None:
        super().__init__(before + ", ".join(first_of(ids)) + after, ids=ids)


class WaitFailed(VpnError):
    """Waiting ended badly: the time is up, or the object is in a state that does not pass by itself."""


class NotActive(WaitFailed):
    """The change is complete, and the object does not work as the task expects."""


class ChangeNotApplied(VpnError):
    """The server accepted a change and does not show it."""


class PlanMismatch(VpnError):
    """The plan is not the approved one any more."""


class Stopped(VpnError):
    """The task is being ended from outside: nothing more is begun."""


def as_failure(error: BaseException) -> VpnError:
    """Return the failure that an exception amounts to; an error in this collection is a failure like any other."""
    if isinstance(error, VpnError):
        return error
    return VpnError(f"internal error, please report it: {type(error).__name__}: {error}")
