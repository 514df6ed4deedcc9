# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Everything that can go wrong, as exceptions. Private to this collection; no stable interface.

Nothing in the collection below the module shell ends a task: it raises one of these, and the shell turns
the exception into a failure. C(message) is one sentence a person can act on; C(details) are further result keys.
"""

from __future__ import annotations


# How many ids, violations or failures a message tells; a list of the result holds them all.
MAX_NAMED = 20


def first_of(words, separator=", "):
    """Return the first words as one text, and how many there are besides (str)."""
    words = list(words)
    more = ["and %d more" % (len(words) - MAX_NAMED)] if len(words) > MAX_NAMED else []
    return separator.join(words[:MAX_NAMED] + more)


class VpnError(Exception):
    """A failure with a sentence for people and keys for playbooks.

    :arg message: one sentence (str).
    :arg details: result keys beside C(msg); values must be JSON serialisable; those that are None are left out.
    :ivar harmless: the request certainly had no effect and may be repeated, whatever it was.
    :ivar passing: the request may be repeated if it only reads.
    :ivar final: no other way of asking, such as a new token, is of use either.
    :ivar throttled: the cloud asks everybody to hold back.
    :ivar doubtful: if the request writes, it is not known whether it was carried out.
    :ivar again: a write that may or may not have been carried out may be sent again after another look at the object.
    :ivar busy: the object is busy; the request may be repeated later, after another look at the object.
    """

    harmless = False
    passing = False
    final = False
    throttled = False
    doubtful = False
    again = False
    busy = False

    def __init__(self, message, **details):
        super().__init__(message)
        self.message = message
        self.details = {key: value for key, value in details.items() if value is not None}

    def may_retry_read(self, deadline):
        """Say whether a read that failed like this may be tried again later, in the time that is left to wait."""
        return (self.passing or self.harmless) and deadline.left() > 0


class InvalidInput(VpnError):
    """The task asks for something that cannot be.

    :ivar violations: a sentence for each offending option (list of str). C(secrets): the secrets given (set of str).
    """

    def __init__(self, violations, secrets=(), **details):
        self.violations = list(violations)
        self.secrets = set(secrets)
        super().__init__(first_of(self.violations, "; "), errors=self.violations, **details)


class ApiError(VpnError):
    """The API answered and refused.

    :arg code: the vendor's code, such as C(VPN.0001), or None when the body had none (str).
    :arg status: the HTTP status (int).
    :arg retry_after: seconds the API asks to wait, or None (float).
    :ivar missing: the API says that the object does not exist.
    :ivar token: the token that the request bore, or None.
    """

    missing = False
    token = None

    def __init__(self, message, code=None, status=None, request_id=None, method=None, url=None, retry_after=None):
        super().__init__(message, error_code=code, status_code=status, request_id=request_id, method=method, url=url)
        self.code = code
        self.status = status
        self.retry_after = retry_after
        self.doubtful = status >= 500
        self.passing = status >= 500
        self.again = status in (502, 503, 504)


class NoResponse(VpnError):
    """The request was sent but no usable answer came."""

    passing = True
    doubtful = True
    again = True

    def __init__(self, message, method=None, url=None, status=None, request_id=None):
        super().__init__(message, method=method, url=url, status_code=status, request_id=request_id)


class Unreachable(VpnError):
    """The request never left: name resolution, connection or TLS failed; C(final) when trying again is no use."""

    def __init__(self, message, method=None, url=None, final=False):
        super().__init__(message, method=method, url=url)
        self.harmless = not final
        self.passing = not final


class NotFound(VpnError):
    """What the task names does not exist."""


class Ambiguous(VpnError):
    """More than one object matches.

    :arg before, after: the sentence around their ids (str). C(ids): list of str.
    """

    def __init__(self, before, ids, after):
        super().__init__(before + first_of(ids) + after, ids=ids)


class WaitFailed(VpnError):
    """Waiting ended badly: the time is up, or a state that does not pass by itself."""


class ChangeNotApplied(VpnError):
    """The server accepted a change and does not show it."""


class PlanMismatch(VpnError):
    """The plan is not the approved one any more."""


class Stopped(VpnError):
    """The task is being ended from outside: nothing more is begun."""


def as_failure(error):
    """Return the C(VpnError) that an exception amounts to; a bug of ours is a failure like any other."""
    if isinstance(error, VpnError):
        return error
    return VpnError("internal error, please report it: %s: %s" % (type(error).__name__, error))
