# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What can be asked of one object beyond what a list tells. Private to this collection; no stable interface."""

from __future__ import annotations

import itertools
from typing import Any, Mapping, NamedTuple

from ansible_collections.huaweicloud.vpn.plugins.module_utils._errors import ApiError, NoResponse, VpnError
from ansible_collections.huaweicloud.vpn.plugins.module_utils._schema.behavior import Detail
from ansible_collections.huaweicloud.vpn.plugins.module_utils._work.api import Reader

# How many details a task may fail to read. With more, the service is out of order, and each further one would take as
# long as all repetitions of its request.
MAX_FAILURES = 8
SERVER_ERRORS = 500


class Reading(NamedTuple):
    """What came of reading a detail of an object.

    Attributes:
        value: The detail as the API returned it; None if there is none.
        absence: The API's message that the object has no such detail; None if it did not say so.
        failure: Why the cloud failed to answer, in one line; None if it answered.
    """

    value: Any = None
    absence: str | None = None
    failure: str | None = None


class Failures:
    """Counts the details that could not be read. Several threads may share it."""

    def __init__(self) -> None:
        self._numbers = itertools.count(1)

    def note(self, error: VpnError) -> None:
        """Count a failure.

        Raises:
            VpnError: The failure, if it is one too many.
        """
        if next(self._numbers) > MAX_FAILURES:
            raise error


def read_detail(
    reader: Reader,
    detail: Detail,
    shown: Mapping[str, Any],
    failures: Failures,
    question: Mapping[str, Any] | None = None,
) -> Reading:
    """Return a detail of an object. A cloud that fails for one object does not hide all others.

    Args:
        reader: The operations of the resource.
        detail: What is asked for.
        shown: The object.
        failures: Counts what could not be read.
        question: The body, for details that are asked with one.

    Raises:
        VpnError: The task may not read it, the cloud cannot be reached, or there were too many failures.
    """
    subject = shown.get(detail.subject)
    if not subject:
        return Reading()
    try:
        return Reading(reader.detail(detail, subject, question))
    except ApiError as error:
        if error.code in detail.unavailable or error.missing:
            return Reading(absence=error.message)
        if (error.status or 0) < SERVER_ERRORS:
            raise
        failure: VpnError = error
    except NoResponse as error:
        failure = error
    failures.note(failure)
    return Reading(failure=failure.line)
