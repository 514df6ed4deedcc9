# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The identity provider that the cloud trusts, and its ID tokens. Authentication contract, sections 10 and 14."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
import typing as t


class Provider:
    """An identity provider whose tokens are signed with a shared key (HS256)."""

    id = "emulator-idp"
    issuer = "https://idp.example.test"
    audience = "emulator-client"
    subject = "system:serviceaccount:awx:vpn"
    _key = "Emulator-Provider-Key-1"

    def token(self, now: float, lifetime: float, *, key: str = "", **claims: t.Any) -> str:
        """A signed token. claims: replace the right ones. key: another key than the provider's."""
        content = {
            "iss": self.issuer,
            "aud": self.audience,
            "sub": self.subject,
            "iat": int(now),
            "exp": now + lifetime,
            "jti": secrets.token_hex(8),
            **claims,
        }
        parts = ".".join(_encoded(json.dumps(part).encode()) for part in ({"alg": "HS256", "typ": "JWT"}, content))
        return f"{parts}.{_encoded(_signature(key or self._key, parts))}"

    def problem(self, text: t.Any, now: float) -> str | None:
        """What is wrong with a token; None for nothing."""
        try:
            head, body, signature = text.split(".")
            expected = _signature(self._key, f"{head}.{body}")
            if json.loads(_decoded(head)).get("alg") != "HS256":
                return "the algorithm of the ID token is not supported"
            if not hmac.compare_digest(expected, _decoded(signature)):
                return "the signature of the ID token is wrong"
            content = json.loads(_decoded(body))
            expires = float(content["exp"])
        except (AttributeError, KeyError, TypeError, ValueError):
            return "the ID token is malformed"
        if expires <= now:
            return "the ID token has expired"
        for name, right in (("iss", self.issuer), ("aud", self.audience), ("sub", self.subject)):
            if content.get(name) != right:
                return f"the ID token has another {name}"
        return None


def _signature(key: str, text: str) -> bytes:
    return hmac.new(key.encode(), text.encode(), hashlib.sha256).digest()


def _encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def _decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
