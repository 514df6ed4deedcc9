# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What each refusal means: whether a write may have been carried out, and which request may be repeated."""

from __future__ import annotations

import pytest

from ansible_collections.huaweicloud.vpn.plugins.module_utils._clock import Deadline
from ansible_collections.huaweicloud.vpn.plugins.module_utils._errors import (
    ApiError,
    Effect,
    NoResponse,
    Retry,
    Unreachable,
    VpnError,
)
from ansible_collections.huaweicloud.vpn.plugins.module_utils._http import responses
from ansible_collections.huaweicloud.vpn.plugins.module_utils._http.auth import NoAuth, TokenAuth
from ansible_collections.huaweicloud.vpn.tests.unit.harness.clocks import StillClock

NONE, UNKNOWN = Effect.NONE, Effect.UNKNOWN
NOW, AFTER_READING, READS, NEVER = Retry.NOW, Retry.AFTER_READING, Retry.READS, Retry.NEVER

# (status, code, text, effect, retry, throttled, missing)
REFUSALS = [
    (429, "APIGW.0308", "", NONE, NOW, True, False),
    (429, "VPN.0429", "", NONE, NOW, True, False),
    (429, None, "", NONE, NOW, True, False),
    (400, "APIGW.0308", "", NONE, NOW, True, False),
    # "Throttled" from a gateway that failed: it is repeated, but what became of it is not certain.
    (503, "APIGW.0308", "", UNKNOWN, NOW, True, False),
    (400, "VPN.0014", "", NONE, NOW, False, False),
    (400, "VPN.0030", "", NONE, NOW, False, False),
    (400, "VPN.0031", "", NONE, NOW, False, False),
    (504, "VPN.0014", "", UNKNOWN, AFTER_READING, False, False),
    (500, "VPN.0014", "", UNKNOWN, READS, False, False),
    (500, "VPN.0002", "", UNKNOWN, READS, False, False),
    (500, "VPN.0005", "", UNKNOWN, READS, False, False),
    (500, "VPN.0006", "", UNKNOWN, READS, False, False),
    (500, None, "", UNKNOWN, READS, False, False),
    (501, None, "", UNKNOWN, READS, False, False),
    (502, None, "", UNKNOWN, AFTER_READING, False, False),
    (503, None, "", UNKNOWN, AFTER_READING, False, False),
    (504, None, "", UNKNOWN, AFTER_READING, False, False),
    (599, None, "", UNKNOWN, READS, False, False),
    (408, None, "", NONE, READS, False, False),
    (425, "VPN.0009", "", NONE, AFTER_READING, False, False),
    (409, "VPN.0016", "", NONE, AFTER_READING, False, False),
    (409, "VPN.0017", "", NONE, AFTER_READING, False, False),
    (400, "VPN.0306", "", NONE, AFTER_READING, False, False),
    (400, "VPN.0506", "", NONE, AFTER_READING, False, False),
    (400, "VPN.0507", "", NONE, AFTER_READING, False, False),
    (500, "VPN.0306", "", UNKNOWN, READS, False, False),
    (503, "VPN.0306", "", UNKNOWN, AFTER_READING, False, False),
    (403, "VPN.0003", "the VPN gateway is not ready", NONE, AFTER_READING, False, False),
    (403, "VPN.0003", "the gateway is currently upgrading", NONE, AFTER_READING, False, False),
    (403, "VPN.0003", "its status is PENDING_UPDATE", NONE, AFTER_READING, False, False),
    (403, "VPN.0003", "authorization failed", NONE, NEVER, False, False),
    (403, "VPN.0003", None, NONE, NEVER, False, False),
    (404, "VPN.0004", "", NONE, NEVER, False, True),
    (404, "VPN.0509", "", NONE, NEVER, False, False),
    (404, "APIGW.0101", "", NONE, NEVER, False, False),
    (404, "APIGW.0103", "", NONE, NEVER, False, False),
    (404, None, "", NONE, NEVER, False, False),
    (400, "VPN.0004", "", NONE, NEVER, False, False),
    *(
        (status, code, "", NONE, NEVER, False, False)
        for status, code in [
            (400, "VPN.0001"),
            (403, "VPN.0007"),
            (401, "VPN.0010"),
            (401, "APIGW.0301"),
            (400, "VPN.0012"),
            (400, "VPN.0013"),
            (400, "VPN.0015"),
            (400, "VPN.0018"),
            (400, "VPN.0203"),
            (400, "VPN.0304"),
            (400, "VPN.0305"),
            (400, "VPN.0381"),
            (400, "VPN.0508"),
            (400, "APIGW.0201"),
            (413, "APIGW.0201"),
            (409, None),
            (403, None),
        ]
    ),
]


@pytest.mark.parametrize(
    "status, code, text, effect, retry, throttled, missing",
    REFUSALS,
    ids=[f"{status} {code} {text}" for status, code, text, *_rest in REFUSALS],
)
def test_what_a_refusal_means(
    status: int, code: str | None, text: str | None, effect: Effect, retry: Retry, throttled: bool, missing: bool
) -> None:
    assert (responses.effect_of(status), responses.retry_of(status, code, text)) == (effect, retry)
    assert (responses.is_throttled(status, code), responses.is_missing(status, code)) == (throttled, missing)


@pytest.mark.parametrize(
    "effect, retry, read, write, after_reading, busy",
    [
        (NONE, NOW, True, True, True, False),
        (UNKNOWN, NOW, True, True, True, False),
        (NONE, AFTER_READING, True, False, True, True),
        (UNKNOWN, AFTER_READING, True, False, True, False),
        (NONE, READS, True, False, False, False),
        (UNKNOWN, READS, True, False, False, False),
        (NONE, NEVER, False, False, False, False),
    ],
)
def test_what_may_be_repeated(
    effect: Effect, retry: Retry, read: bool, write: bool, after_reading: bool, busy: bool
) -> None:
    error = VpnError("no")
    error.effect, error.retry = effect, retry
    assert (error.may_repeat(safe=True), error.may_repeat(safe=False)) == (read, write)
    assert (error.may_repeat_after_reading, error.busy) == (after_reading, busy)
    assert error.effect_unknown is (effect is UNKNOWN)
    clock = StillClock()
    assert error.may_retry_read(Deadline(clock, 1)) is read
    assert error.may_retry_read(Deadline(clock, 0)) is False


@pytest.mark.parametrize(
    "error, effect, retry",
    [
        (VpnError("no"), NONE, NEVER),
        (ApiError("no", status=400), NONE, NEVER),
        (NoResponse("no"), UNKNOWN, AFTER_READING),
        (Unreachable("no"), NONE, NOW),
        (Unreachable("no", final=True), NONE, NEVER),
    ],
)
def test_what_other_failures_mean(error: VpnError, effect: Effect, retry: Retry) -> None:
    assert (error.effect, error.retry, error.throttled) == (effect, retry, False)


@pytest.mark.parametrize("error", [NoResponse("lost"), Unreachable("gone")])
def test_a_failed_login_is_no_failure_of_the_request_that_was_to_follow(error: VpnError) -> None:
    def fetch() -> str:
        raise error

    with pytest.raises(VpnError) as caught:
        TokenAuth(fetch=fetch)(None)
    assert (caught.value.effect, caught.value.retry) == (NONE, NEVER)


def test_only_a_refused_token_is_renewed() -> None:
    """A login carries no token; to repeat a refused one with the same password would lock the account."""
    assert TokenAuth("old", fetch=lambda: "new").renew("old") is True
    assert TokenAuth("old", fetch=lambda: "new").renew(None) is False
    assert TokenAuth("old").renew("old") is False
    assert NoAuth().renew(None) is False
