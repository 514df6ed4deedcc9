# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Request signatures, SDK-HMAC-SHA256, as a pure function. Private to this collection; no stable interface.

Source: the vendor's "API request signing guide" and the behaviour of the official Python SDK 3.1.219, which
tests/unit compares this file with.
"""

from __future__ import annotations

import hashlib
import hmac
from urllib.parse import quote, unquote

ALGORITHM = "SDK-HMAC-SHA256"
DATE_HEADER = "X-Sdk-Date"
DATE_FORMAT = "%Y%m%dT%H%M%SZ"
CONTENT_HASH_HEADER = "X-Sdk-Content-Sha256"
UNSIGNED_PAYLOAD = "UNSIGNED-PAYLOAD"


def encode(text):
    """Percent-encode everything but letters, digits and C(-._~) (str to str; UTF-8)."""
    return quote(text, safe="-._~")


def query_string(pairs):
    """Return the one query string that is both signed and sent.

    :arg pairs: iterable of (key, value); a value may be a str, an int or a bool. Repeated keys stay separate.
    """
    return "&".join("%s=%s" % (encode(key), encode(value)) for key, value in sorted((str(k), _text(v)) for k, v in pairs))


def _text(value):
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def canonical_path(path):
    """Decode each segment once, encode it again, and close the path with a slash (in the signature only)."""
    encoded = "/".join(encode(unquote(segment)) for segment in path.split("/"))
    return encoded if encoded.endswith("/") else encoded + "/"


def canonical_headers(headers):
    """Return the (lower-case name, trimmed value) pairs that are signed, sorted; names with C(_) never are."""
    return sorted((name.lower(), str(value).strip()) for name, value in headers.items() if "_" not in name)


def payload_hash(headers, body):
    """Hash of the exact body bytes; the literal C(UNSIGNED-PAYLOAD) where the header says so."""
    for name, value in headers.items():
        if name.lower() == CONTENT_HASH_HEADER.lower():
            return value
    return hashlib.sha256(body).hexdigest()


def canonical_request(method, path, query, headers, body):
    """Return (canonical request, signed header names joined by C(;)).

    :arg query: the query string as sent, from M(query_string) (str).
    :arg body: the exact bytes sent; C(b"") when there are none.
    """
    pairs = canonical_headers(headers)
    names = ";".join(name for name, dummy in pairs)
    block = "".join("%s:%s\n" % pair for pair in pairs)
    return "\n".join((method.upper(), canonical_path(path), query, block, names, payload_hash(headers, body))), names


def string_to_sign(canonical, date):
    """The three lines that the secret key signs; C(date) as in the X-Sdk-Date header."""
    return "\n".join((ALGORITHM, date, hashlib.sha256(canonical.encode("utf-8")).hexdigest()))


def authorization(access_key, secret_key, method, path, query, headers, body):
    """Return the value of the Authorization header.

    :arg headers: every header to sign, C(X-Sdk-Date) and C(Host) among them (dict of str).
    :raises KeyError: when X-Sdk-Date is missing.
    """
    date = next((value for name, value in headers.items() if name.lower() == DATE_HEADER.lower()), None)
    if date is None:
        raise KeyError(DATE_HEADER)
    canonical, names = canonical_request(method, path, query, headers, body)
    signature = hmac.new(secret_key.encode("utf-8"), string_to_sign(canonical, date).encode("utf-8"), hashlib.sha256).hexdigest()
    return "%s Access=%s, SignedHeaders=%s, Signature=%s" % (ALGORITHM, access_key, names, signature)
