# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Verification of AK/SK signatures with the vendor's own signer.

huaweicloudsdkcore computes the signature again from the request as received, so that neither this emulator nor the
client under test defines what a correct signature is.
"""

from __future__ import annotations

import datetime
import hashlib
import hmac
import re
import types
import typing as t

from huaweicloudsdkcore.sdk_request import SdkRequest
from huaweicloudsdkcore.signer.signer import Signer

from .errors import ApiError

ALGORITHM = "SDK-HMAC-SHA256"
# "The clock may differ by 15 minutes." Authentication contract, section 4: Signed requests.
TOLERANCE = datetime.timedelta(minutes=15)
_AUTHORIZATION = re.compile(rf"{ALGORITHM} Access=([^,\s]+), ?SignedHeaders=([^,\s]+), ?Signature=([0-9a-f]{{64}})")


class Keys(t.NamedTuple):
    """A key pair. token: empty for permanent keys."""

    access: str
    secret: str
    token: str = ""


class SignedRequest(t.NamedTuple):
    """The parts of a request that a signature covers. path: raw, without the query. headers: names in lower case."""

    method: str
    path: str
    query: list[tuple[str, str]]
    headers: t.Mapping[str, str]
    body: bytes


def refused(text: str) -> ApiError:
    """The error for every failed authentication: 401 APIGW.0301."""
    return ApiError("APIGW.0301", f"Incorrect IAM authentication information: {text}")


def verify(request: SignedRequest, keys: t.Mapping[str, Keys], now: datetime.datetime) -> Keys:
    """The keys that signed the request.

    keys: known keys by access key. now: the server's time, UTC. Raises ApiError APIGW.0301. Authentication contract,
    section 4: Signed requests (AK/SK).
    """
    matched = _AUTHORIZATION.fullmatch(request.headers.get("authorization", ""))
    if not matched:
        raise refused("the Authorization header has not the form of " + ALGORITHM)
    access, names, signature = matched.groups()
    pair = keys.get(access)
    if pair is None:
        raise refused("app not found by access key")
    signed = _signed_headers(request, names.split(";"))
    _check_date(signed["x-sdk-date"], now)
    _check_token(request, pair, signed)
    _check_payload_hash(request, signed)
    if not hmac.compare_digest(signature, _signature(request, pair, signed)):
        raise refused("verify aksk signature fail")
    return pair


def _signed_headers(request: SignedRequest, names: list[str]) -> dict[str, str]:
    if sorted(set(names)) != names or any(name != name.lower() for name in names):
        raise refused("SignedHeaders is not a sorted list of lower-case names")
    for needed in ("x-sdk-date", "host"):
        if needed not in names:
            raise refused(f"{needed} is not signed")
    missing = [name for name in names if name not in request.headers]
    if missing:
        raise refused(f"signed headers are missing: {', '.join(missing)}")
    return {name: request.headers[name] for name in names}


def _check_date(text: str, now: datetime.datetime) -> None:
    try:
        moment = datetime.datetime.strptime(text, "%Y%m%dT%H%M%SZ").replace(tzinfo=datetime.timezone.utc)
    except ValueError:
        raise refused("X-Sdk-Date is not a time") from None
    if abs(now - moment) > TOLERANCE:
        raise refused("the signature has expired, check the clock")


def _check_token(request: SignedRequest, pair: Keys, signed: dict[str, str]) -> None:
    given = request.headers.get("x-security-token", "")
    if given != pair.token:
        raise refused("the security token does not belong to the access key")
    if pair.token and "x-security-token" not in signed:
        raise refused("x-security-token is not signed")


def _check_payload_hash(request: SignedRequest, signed: dict[str, str]) -> None:
    """The vendor's signer uses the payload hash in a header, if there is one, so the header must be correct."""
    stated = signed.get("x-sdk-content-sha256")
    if stated is None or stated == hashlib.sha256(request.body).hexdigest():
        return
    content_type = request.headers.get("content-type", "application/json")
    if stated != "UNSIGNED-PAYLOAD" or content_type.startswith(("application/json", "application/bson")):
        raise refused("the payload hash does not fit the body")


def _signature(request: SignedRequest, pair: Keys, signed: dict[str, str]) -> str:
    again = SdkRequest(
        method=request.method,
        host=signed["host"],
        resource_path=request.path,
        query_params=list(request.query),
        header_params=dict(signed),
        body=request.body,
    )
    Signer(types.SimpleNamespace(ak=pair.access, sk=pair.secret)).sign(again)
    authorization: str = again.header_params["Authorization"]
    return authorization.rpartition("Signature=")[2]
