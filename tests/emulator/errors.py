# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The vendor's error codes, and the exception and JSON of errors."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

# code: (HTTP status, text). API contract, section 12: Errors, throttling, retry. Only the codes are published; texts
# are the emulator's own unless the contract quotes them.
CODES: dict[str, tuple[int, str]] = {
    "VPN.0001": (400, "invalid request"),
    "VPN.0002": (500, "internal server error"),
    "VPN.0003": (403, "authorization failed"),
    "VPN.0004": (404, "resource not found"),
    "VPN.0005": (500, "service authentication failed"),
    "VPN.0006": (500, "IAM unavailable"),
    "VPN.0007": (403, "not authorized"),
    "VPN.0009": (425, "the VPN connection is being deleted"),
    "VPN.0010": (401, "token rejected"),
    "VPN.0012": (400, "address occupied"),
    "VPN.0013": (400, "unsupported attribute"),
    "VPN.0014": (504, "system busy"),
    "VPN.0015": (400, "refused by the tag policy"),
    "VPN.0016": (409, "the VPN gateway is not ready"),
    "VPN.0017": (409, "the logical instance is not ready"),
    "VPN.0018": (400, "the enterprise router feature is off"),
    "VPN.0030": (400, "system busy, try again later"),
    "VPN.0031": (400, "repeated operation, try again later"),
    "VPN.0101": (400, "the bandwidth of the EIP is too large"),
    "VPN.0102": (400, "the state of the bandwidth does not allow this"),
    "VPN.0103": (400, "the state of the EIP does not allow this"),
    "VPN.0104": (400, "the private address is not in the access subnet"),
    "VPN.0105": (400, "the flavor does not go with the gateway"),
    "VPN.0107": (400, "the private addresses are equal"),
    "VPN.0108": (400, "bad private address"),
    "VPN.0109": (400, "give both private addresses or neither"),
    "VPN.0110": (400, "the private address is reserved"),
    "VPN.0111": (400, "the private address is occupied"),
    "VPN.0112": (400, "the EIP is bound already"),
    "VPN.0203": (400, "bad address"),
    "VPN.0204": (400, "addresses of class D or E and loopback addresses are not allowed"),
    "VPN.0285": (400, "the subnet has too few free addresses"),
    "VPN.0304": (400, "the gateway is too old to offer a log"),
    "VPN.0305": (400, "a policy-template connection has no log"),
    "VPN.0306": (400, "the VPN connection is being updated"),
    "VPN.0381": (400, "the VPN connection has a monitor already"),
    "VPN.0429": (429, "too many requests"),
    "VPN.0506": (400, "the VPN gateway is being created"),
    "VPN.0507": (400, "the VPN gateway is being updated"),
    "VPN.0508": (400, "the VPN gateway is being deleted"),
    "VPN.0509": (404, "the VPN gateway does not exist"),
    "VPN.0516": (400, "non-fixed IP addresses do not go with pay-per-use"),
    "VPN.0517": (400, "more connection groups are in use than the flavor allows"),
    "VPN.0518": (400, "the gateway cannot change to this flavor"),
    "APIGW.0101": (404, "The API does not exist or has not been published in the environment"),
    "APIGW.0103": (404, "The backend does not exist"),
    "APIGW.0201": (400, "The request is malformed or too large"),
    "APIGW.0301": (401, "Incorrect IAM authentication information"),
    "APIGW.0308": (429, "The throttling threshold has been reached"),
}


@dataclass(eq=False)
class ApiError(Exception):
    """A refused request.

    code: the vendor's code. text, status: message and HTTP status (default: those of the code). headers: additional
    headers of the answer. shape: 'vpn', or 'iam' for the errors of the identity service.
    """

    code: str
    text: str = ""
    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    shape: str = "vpn"

    def __post_init__(self) -> None:
        status, text = CODES.get(self.code, (400, "refused"))
        self.status = self.status or status
        self.text = self.text or text
        Exception.__init__(self, f"{self.code}: {self.text}")


def invalid(text: str) -> ApiError:
    """VPN.0001 with the prefix of its published texts."""
    return ApiError("VPN.0001", f"invalid request: {text}")


def error_body(error: ApiError, request_id: str, shape: str, request_id_in_body: bool) -> dict[str, t.Any]:
    """The JSON of an error.

    shape: a value of the switch error_shape. Errors of the API gateway (APIGW.*), which is another product, always have
    the first shape. API contract, section 12: Errors, throttling, retry.
    """
    if shape == "vpn" or error.code.startswith("APIGW."):
        body: dict[str, t.Any] = {"error_code": error.code, "error_msg": error.text}
    elif shape == "code_message":
        body = {"code": error.code, "message": error.text}
    elif shape == "camel":
        body = {"errorCode": error.code, "errorMsg": error.text}
    else:
        body = {"error": {"code": error.code, "message": error.text}}
    if request_id_in_body:
        body["requestId" if shape == "camel" and "errorCode" in body else "request_id"] = request_id
    return body


def iam_error_body(error: ApiError, shape: str) -> dict[str, t.Any]:
    """The JSON of an error of the identity service. Authentication contract, section 3: Token authentication."""
    if shape == "flat":
        return {"error_code": error.code, "error_msg": error.text}
    titles = {400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found"}
    return {"error": {"code": error.status, "message": error.text, "title": titles.get(error.status, "Error")}}
