# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Request signatures, SDK-HMAC-SHA256, as a pure function. Private to this collection; no stable interface.

Source: the vendor's "API request signing guide" and the behavior of the official Python SDK 3.1.219, which
the unit tests compare this file with.
"""

from __future__ import annotations

import hashlib
import hmac
from typing import Any, Iterable, Mapping
from urllib.parse import quote, unquote

ALGORITHM = "SDK-HMAC-SHA256"
DATE_HEADER = "X-Sdk-Date"
DATE_FORMAT = "%Y%m%dT%H%M%SZ"
# A request that carries this header is signed with the header's value in place of the hash of its body.
CONTENT_HASH_HEADER = "X-Sdk-Content-Sha256"


def encode(text: str) -> str:
    """Percent-encode everything but letters, digits, hyphens, dots, underscores and tildes, as UTF-8."""
    return quote(text, safe="-._~")


def query_string(pairs: Iterable[tuple[str, Any]]) -> str:
    """Return the one query string that is both signed and sent.

    Args:
        pairs: Keys and values, which are texts, integers or booleans. Repeated keys stay separate.
    """
    return "&".join(f"{encode(key)}={encode(value)}" for key, value in sorted((str(k), _text(v)) for k, v in pairs))


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def canonical_path(path: str) -> str:
    """Decode each segment once, encode it again, and end the path with a slash (in the signature only)."""
    encoded = "/".join(encode(unquote(segment)) for segment in path.split("/"))
    return encoded if encoded.endswith("/") else encoded + "/"


def canonical_headers(headers: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return the headers that are signed, sorted: names in lower case, values trimmed.

    A name with an underscore is never signed.
    """
    return sorted((name.lower(), str(value).strip()) for name, value in headers.items() if "_" not in name)


def payload_hash(headers: Mapping[str, str], body: bytes) -> str:
    """Return the hash of the exact bytes of the body, or what `X-Sdk-Content-Sha256` has in its place."""
    for name, value in headers.items():
        if name.lower() == CONTENT_HASH_HEADER.lower():
            return value
    return hashlib.sha256(body).hexdigest()


def canonical_request(method: str, path: str, query: str, headers: Mapping[str, str], body: bytes) -> tuple[str, str]:
    """Return the canonical request, and the names of the signed headers joined by semicolons.

    Args:
        method: The HTTP method.
        path: The path as sent.
        query: The query string as sent, made by `query_string`.
        headers: Every header to sign.
        body: The exact bytes sent; empty where there are none.
    """
    pairs = canonical_headers(headers)
    names = ";".join(name for name, dummy in pairs)
    block = "".join(f"{name}:{value}\n" for name, value in pairs)
    return "\n".join((method.upper(), canonical_path(path), query, block, names, payload_hash(headers, body))), names


def string_to_sign(canonical: str, date: str) -> str:
    """Return the three lines that the secret key signs; the date is that of the X-Sdk-Date header."""
    return "\n".join((ALGORITHM, date, hashlib.sha256(canonical.encode("utf-8")).hexdigest()))


def authorization(
    access_key: str, secret_key: str, method: str, path: str, query: str, headers: Mapping[str, str], body: bytes
) -> str:
    """Return the value of the Authorization header.

    Args:
        access_key: The access key's id.
        secret_key: Its secret.
        method: The HTTP method.
        path: The path as sent.
        query: The query string as sent.
        headers: Every header to sign, `X-Sdk-Date` and `Host` among them.
        body: The exact bytes sent.

    Raises:
        KeyError: X-Sdk-Date is missing.
    """
    date = next((value for name, value in headers.items() if name.lower() == DATE_HEADER.lower()), None)
    if date is None:
        raise KeyError(DATE_HEADER)
    canonical, names = canonical_request(method, path, query, headers, body)
    text = string_to_sign(canonical, date).encode("utf-8")
    signature = hmac.new(secret_key.encode("utf-8"), text, hashlib.sha256).hexdigest()
    return f"{ALGORITHM} Access={access_key}, SignedHeaders={names}, Signature={signature}"
