# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What becomes of one request on its connection, and how much of an answer is taken. Private; no stable interface.

The exceptions of requests and urllib3 do not tell whether a request had left: behind a proxy one and the same class
stands for a refused tunnel and for a connection that breaks after the request went through. So it is noted where it
happens, in the connection itself, which all releases of urllib3 derive from that of the standard library.
"""

from __future__ import annotations

import http.client
import io
import socket
import ssl
import zlib

from ansible_collections.huaweicloud.vpn.plugins.module_utils._wait import Deadline

# Of an answer, after decompression. The longest page that the API documents has 2,000 objects, about 6 MB.
MAX_BYTES = 16 * 1024 * 1024
# On the wire headers and the marks between chunks come on top.
MAX_RAW_BYTES = MAX_BYTES + 1024 * 1024
CHUNK = 65536
# Lets zlib find out by itself whether it sees gzip or deflate.
_GZIP_OR_DEFLATE = 47

_PLAIN_HTTP = "the port seems to speak plain HTTP, not TLS: check the endpoint's port"
_CA_FILE = "the file that ca_path or REQUESTS_CA_BUNDLE names holds no usable PEM certificates"
_OWN_CA = (
    "if the endpoint's certificate is signed by a CA of your own, or by itself,"
    " name a file with the CA's certificate in ca_path"
)
# Errors of TLS that will be the same at the next try, by OpenSSL's name for them, and what a person can do.
_REMEDIES = {
    "WRONG_VERSION_NUMBER": _PLAIN_HTTP,
    "HTTP_REQUEST": _PLAIN_HTTP,
    "UNSUPPORTED_PROTOCOL": "the endpoint speaks no version of TLS that this machine accepts",
    "TLSV1_ALERT_PROTOCOL_VERSION": "the endpoint speaks no version of TLS that this machine accepts",
    "CERTIFICATE_VERIFY_FAILED": _OWN_CA,
}
# The parts of OpenSSL that read files of certificates.
_FILE_LIBRARIES = ("X509", "PEM", "ASN1")
# OpenSSL's numbers for what is wrong with a certificate.
_EXPIRED, _NOT_YET_VALID, _OTHER_NAMES = 10, 9, (62, 64)


class TooLarge(OSError):
    """The answer is longer than any the API gives."""


class Wire:
    """What one thread's connections tell of the request under way.

    :ivar tried: a connection was begun. C(sent): a part of the request may have left.
    :ivar deadline: a C(Deadline) by which what is read must have come: a proxy's answer, then headers and body.
    """

    def __init__(self):
        self.begin(None)

    def begin(self, deadline):
        """Forget the last request."""
        self.deadline = deadline
        self.tried = False
        self.sent = False
        self.received = 0

    def watch(self, manager):
        """Have all connections of a urllib3 pool manager tell this object what becomes of them."""
        pools = manager.pool_classes_by_scheme
        manager.pool_classes_by_scheme = {scheme: self._watched(pool) for scheme, pool in pools.items()}

    def _watched(self, pool):
        connection = type("WatchedConnection", (_Watched, pool.ConnectionCls), {"wire": self})
        return type("WatchedPool", (pool,), {"ConnectionCls": connection})

    def response(self, sock, *args, **kwargs):
        """Return the standard library's HTTPResponse, which reads within this request's bounds."""
        made = http.client.HTTPResponse(sock, *args, **kwargs)
        made.fp = io.BufferedReader(_Bounded(made.fp.detach(), sock, self))
        return made


class _Watched:
    """A connection that says when it is being made and when it carries a request."""

    wire = None

    @property
    def response_class(self):
        return self.wire.response

    def connect(self):
        """Connect: to the proxy, through its tunnel, with TLS; of the request nothing leaves before the end."""
        self.wire.tried, self.wire.sent = True, False
        super().connect()
        self.wire.sent = True
        # There is a time for connecting, and one for the answer.
        self.wire.deadline = Deadline(self.wire.deadline.clock, self.wire.deadline.seconds)

    def putrequest(self, *args, **kwargs):
        """Begin to send; a connection that is not made yet is made meanwhile."""
        self.wire.sent = True
        return super().putrequest(*args, **kwargs)


class _Bounded(io.RawIOBase):
    """The bytes of an answer until its deadline, and not more than any answer has.

    A socket's own timeout begins anew with each byte, so it never ends what dribbles.
    """

    def __init__(self, raw, sock, wire):
        super().__init__()
        self.raw = raw
        self.sock = sock
        self.wire = wire

    def readable(self):
        return True

    def readinto(self, buffer):
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

    def close(self):
        self.raw.close()
        super().close()


def unpacked(pieces, encoding):
    """Return a body (bytes) from its pieces (iterable of bytes), decompressed step by step.

    :arg encoding: what the answer says of itself, or None.
    :raises TooLarge: longer than an answer can be. :raises zlib.error: not what C(encoding) says.
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


def _inflated(pieces):
    """Yield what was compressed, never more than a chunk at a time however much a piece swells."""
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


def is_tls(error):
    """Say whether an exception speaks of TLS."""
    return isinstance(error, (ssl.SSLError, ssl.CertificateError)) or type(error).__name__ in (
        "SSLError",
        "CertificateError",
    )


def remedy(error):
    """Return what a person can do about an error of TLS that would be the same at the next try (str), or None."""
    if (
        isinstance(error, ssl.CertificateError)
        and not isinstance(error, ssl.SSLError)
        or type(error).__name__ == "CertificateError"
    ):
        return "the certificate is for another name: check the endpoint"
    if getattr(error, "library", None) in _FILE_LIBRARIES:
        return _CA_FILE
    code = getattr(error, "verify_code", None)
    if code in (_EXPIRED, _NOT_YET_VALID):
        return "check the endpoint's certificate and this machine's clock"
    if code in _OTHER_NAMES:
        return "the certificate is for another name: check the endpoint"
    return _REMEDIES.get(getattr(error, "reason", None))
