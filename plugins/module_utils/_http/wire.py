# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What becomes of one request on its connection, and how much of an answer is read. Private; no stable interface.

The exceptions of requests and urllib3 do not show whether a request had left: behind a proxy, the same class stands for
a refused tunnel and for a connection that breaks after the request went through. So it is noted where it happens, in
the connection itself, which all releases of urllib3 derive from that of the standard library.
"""

from __future__ import annotations

import http.client
import io
import socket
import ssl
import zlib
from typing import Any, Iterable, Iterator

from ansible_collections.huaweicloud.vpn.plugins.module_utils._clock import Deadline

# Of an answer, after decompression. The longest page that the API documents has 2,000 objects, about 6 MB.
MAX_BYTES = 16 * 1024 * 1024
# On the wire, headers and the marks between chunks come on top.
MAX_RAW_BYTES = MAX_BYTES + 1024 * 1024
CHUNK = 65536
# Lets zlib find out by itself whether it sees gzip or deflate.
_GZIP_OR_DEFLATE = 47

_PLAIN_HTTP = "the port seems to speak plain HTTP, not TLS: check the endpoint's port"
_OTHER_NAME = "the certificate is for another name: check the endpoint"
_CA_FILE = "the file that ca_path or REQUESTS_CA_BUNDLE names holds no usable PEM certificates"
_OWN_CA = (
    "if the endpoint's certificate is signed by a CA of your own, or by itself,"
    " name a file with the CA's certificate in ca_path"
)
# TLS errors that will be the same at the next try, by OpenSSL's name for them, and what a person can do.
_REMEDIES = {
    "WRONG_VERSION_NUMBER": _PLAIN_HTTP,
    "HTTP_REQUEST": _PLAIN_HTTP,
    "UNSUPPORTED_PROTOCOL": "the endpoint speaks no version of TLS that this machine accepts",
    "TLSV1_ALERT_PROTOCOL_VERSION": "the endpoint speaks no version of TLS that this machine accepts",
    "CERTIFICATE_VERIFY_FAILED": _OWN_CA,
}
# OpenSSL 3.2 and newer report this for an answer that is not TLS. A Python that is older than its OpenSSL has only the
# text, and no name for it.
_RECORD_LAYER_TEXT = "record layer failure"
# The parts of OpenSSL that read files of certificates.
_FILE_LIBRARIES = ("X509", "PEM", "ASN1")
# OpenSSL's numbers for what is wrong with a certificate.
_EXPIRED, _NOT_YET_VALID, _OTHER_NAMES = 10, 9, (62, 64)


class TooLarge(OSError):
    """The answer is longer than any the API gives."""


class Wire:
    """What one thread's connections report of the request under way.

    Attributes:
        tried: Whether a connection was begun.
        sent: Whether a part of the request may have left.
        received: How many bytes have been read.
        deadline: When what is read must have come: a proxy's answer, then headers and body.
    """

    deadline: Deadline

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """Forget the last request."""
        self.tried = False
        self.sent = False
        self.received = 0

    def begin(self, deadline: Deadline) -> None:
        """Forget the last request; the next one has this deadline."""
        self.forget()
        self.deadline = deadline

    def watch(self, manager: Any) -> None:
        """Have all connections of a `urllib3.PoolManager` report to this object what becomes of them."""
        pools = manager.pool_classes_by_scheme
        manager.pool_classes_by_scheme = {scheme: self._watched(pool) for scheme, pool in pools.items()}

    def _watched(self, pool: Any) -> type:
        connection = type("WatchedConnection", (_Watched, pool.ConnectionCls), {"wire": self})
        return type("WatchedPool", (pool,), {"ConnectionCls": connection})

    def response(self, sock: socket.socket, *args: Any, **kwargs: Any) -> http.client.HTTPResponse:
        """Return the standard library's response, which reads within this request's bounds."""
        made = http.client.HTTPResponse(sock, *args, **kwargs)
        made.fp = io.BufferedReader(_Bounded(made.fp.detach(), sock, self))
        return made


class _Watched:
    """Half of a connection, which notes when it is being made and when it carries a request.

    The other half is a connection class of urllib3, which is an `http.client.HTTPConnection`.
    """

    wire: Wire

    @property
    def response_class(self) -> Any:
        """What `http.client` calls to read an answer."""
        return self.wire.response

    def connect(self) -> None:
        """Connect: to the proxy, through its tunnel, with TLS; nothing of the request leaves before the end."""
        self.wire.tried, self.wire.sent = True, False
        super().connect()  # type: ignore[misc]
        self.wire.sent = True
        # There is a time for connecting, and one for the answer.
        self.wire.deadline = Deadline(self.wire.deadline.clock, self.wire.deadline.seconds)

    def putrequest(self, *args: Any, **kwargs: Any) -> Any:
        """Begin to send; a connection that is not made yet is made meanwhile."""
        self.wire.sent = True
        return super().putrequest(*args, **kwargs)  # type: ignore[misc]


class _Bounded(io.RawIOBase):
    """The bytes of an answer until its deadline, and not more than any answer has.

    A socket's own timeout begins anew with each byte, so it never ends an answer that comes byte by byte.

    Args:
        raw: The bytes as they come.
        sock: The socket they come from.
        wire: Has the deadline, and counts.
    """

    def __init__(self, raw: io.RawIOBase, sock: socket.socket, wire: Wire) -> None:
        super().__init__()
        self.raw = raw
        self.sock = sock
        self.wire = wire

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        left = self.wire.deadline.left()
        if left <= 0:
            raise socket.timeout("timed out")
        usual = self.sock.gettimeout()
        self.sock.settimeout(left)
        try:
            size = self.raw.readinto(buffer)
        finally:
            self.sock.settimeout(usual)
        self.wire.received += size or 0
        if self.wire.received > MAX_RAW_BYTES:
            raise TooLarge
        return size

    def close(self) -> None:
        self.raw.close()
        super().close()


def unpacked(pieces: Iterable[bytes], encoding: str | None) -> bytes:
    """Return a body from its pieces, decompressed step by step.

    Args:
        pieces: The body as it came.
        encoding: The answer's Content-Encoding; None where it has none.

    Raises:
        TooLarge: The body is longer than an answer can be.
        zlib.error: It is not encoded like that, or in a way that was not asked for.
    """
    encoding = (encoding or "identity").strip().lower()
    if encoding not in ("identity", "gzip", "x-gzip", "deflate"):
        raise zlib.error("it is encoded in a way that nobody asked for")
    body = bytearray()
    for piece in pieces if encoding == "identity" else _inflated(pieces):
        body += piece
        if len(body) > MAX_BYTES:
            raise TooLarge
    return bytes(body)


def _inflated(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Yield what was compressed, never more than a chunk at a time however much a piece holds."""
    inflater = zlib.decompressobj(_GZIP_OR_DEFLATE)
    begun = False
    for piece in pieces:
        while piece and not inflater.eof:
            begun = True
            yield inflater.decompress(piece, CHUNK)
            piece = inflater.unconsumed_tail
    yield inflater.flush()
    if begun and not inflater.eof:
        raise zlib.error("the compressed answer ends too early")


def is_tls(error: BaseException) -> bool:
    """Return whether an exception is about TLS."""
    # Old releases of urllib3 have a CertificateError of their own.
    named = type(error).__name__ in ("SSLError", "CertificateError")
    return isinstance(error, (ssl.SSLError, ssl.CertificateError)) or named


def remedy(error: BaseException) -> str | None:
    """Return what a person can do about a TLS error that would be the same at the next try; None for any other."""
    if type(error).__name__ == "CertificateError":
        return _OTHER_NAME
    if getattr(error, "library", None) in _FILE_LIBRARIES:
        return _CA_FILE
    code = getattr(error, "verify_code", None)
    if code in (_EXPIRED, _NOT_YET_VALID):
        return "check the endpoint's certificate and this machine's clock"
    if code in _OTHER_NAMES:
        return _OTHER_NAME
    if _RECORD_LAYER_TEXT in str(error):
        return _PLAIN_HTTP
    return _REMEDIES.get(getattr(error, "reason", None) or "")
