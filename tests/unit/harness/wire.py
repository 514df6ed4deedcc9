# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Real sockets that misbehave on demand: a server, with or without TLS, and a proxy that digs tunnels to it.

What happens on a connection is a script, a function of the connection; each connection takes the next script of its
server, and the last one serves for all that follow.
"""

from __future__ import annotations

import contextlib
import datetime
import ipaddress
import pathlib
import re
import select
import socket
import ssl
import struct
import threading
import typing as t

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

HOST = "vpn.example.test"
# A server that nobody talks to any more must not outlive its test.
PATIENCE = 20.0
HANDSHAKE_FAILURE, PROTOCOL_VERSION, INTERNAL_ERROR = 40, 70, 80
# An encrypted record that nobody encrypted.
BAD_RECORD = b"\x17\x03\x03\x00\x40" + b"\x5a" * 64


class Certificate(t.NamedTuple):
    """A certificate that signs itself. C(path): its file, to trust it by."""

    path: str
    context: ssl.SSLContext


def make_certificate(folder: pathlib.Path, *names: str, days: int = 1) -> Certificate:
    """Make a certificate for names and addresses; by default for HOST and this machine. C(days): until it expires."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "tests of huaweicloud.vpn")])
    end = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=days)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(end - datetime.timedelta(days=30))
        .not_valid_after(end)
        .add_extension(
            x509.SubjectAlternativeName([_general(name) for name in names or (HOST, "127.0.0.1")]), critical=False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    (folder / "ca.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "ca.pem", folder / "key.pem")
    return Certificate(str(folder / "ca.pem"), context)


def _general(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def answer(status: str = "200 OK", body: bytes = b"{}", *headers: str) -> bytes:
    """Return an answer that ends its connection."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "Connection: close", *headers]
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body


class Request(t.NamedTuple):
    """What came: C(line) is the request line."""

    line: str
    headers: dict[str, str]
    body: bytes

    @property
    def method(self) -> str:
        return self.line.split(" ")[0]


class Link:
    """One end of a connection, in clear or, after C(secure), in TLS."""

    def __init__(self, plain: socket.socket) -> None:
        self.plain = plain
        self.plain.settimeout(PATIENCE)
        self._left = b""
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls: ssl.SSLObject | None = None

    def secure(self, context: ssl.SSLContext) -> None:
        """Shake hands."""
        self._tls = context.wrap_bio(self._incoming, self._outgoing, server_side=True)
        self._turn(self._tls.do_handshake)

    def send(self, data: bytes) -> None:
        """Send, encrypted where hands were shaken."""
        if self._tls is None:
            self.plain.sendall(data)
        else:
            self._tls.write(data)
            self._flush()

    def receive(self) -> bytes:
        """Return what comes next; nothing at the end."""
        if self._tls is None:
            return self.plain.recv(65536)
        tls = self._tls
        try:
            return t.cast(bytes, self._turn(lambda: tls.read(65536)))
        except (ssl.SSLZeroReturnError, ssl.SSLEOFError):
            return b""

    def request(self) -> Request | None:
        """Return the next request, or None when the client has hung up."""
        while b"\r\n\r\n" not in self._left:
            data = self.receive()
            if not data:
                return None
            self._left += data
        head, self._left = self._left.split(b"\r\n\r\n", 1)
        first, *lines = head.decode("latin-1").split("\r\n")
        headers = {name.lower(): value.strip() for name, dummy, value in (line.partition(":") for line in lines)}
        length = int(headers.get("content-length", 0))
        while len(self._left) < length:
            self._left += self.receive()
        body, self._left = self._left[:length], self._left[length:]
        return Request(first, headers, body)

    def alert(self) -> None:
        """Send an alert that ends the session: what TLS itself does when it reads nonsense."""
        assert self._tls is not None
        self._incoming.write(BAD_RECORD)
        with contextlib.suppress(ssl.SSLError):
            self._tls.read(1)
        self._flush()

    def reset(self) -> None:
        """End the connection the hard way."""
        self.plain.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    def _turn(self, step: t.Callable[[], t.Any]) -> t.Any:
        """Do a step of TLS; pass on what it has to say, and fetch what it lacks."""
        while True:
            try:
                return step()
            except ssl.SSLWantReadError:
                self._flush()
                data = self.plain.recv(65536)
                if data:
                    self._incoming.write(data)
                else:
                    self._incoming.write_eof()
            finally:
                self._flush()

    def _flush(self) -> None:
        data = self._outgoing.read()
        if data:
            self.plain.sendall(data)


Script = t.Callable[["Server", Link], None]


class Server:
    """Accepts connections on 127.0.0.1 and plays a script on each, in a thread of its own.

    C(requests): what came. C(accepted): the number of connections. C(stopped): set when the test is over.
    """

    def __init__(self, *scripts: Script, certificate: Certificate | None = None) -> None:
        self.scripts = list(scripts)
        self.certificate = certificate
        self.requests: list[Request] = []
        self.accepted = 0
        self.stopped = threading.Event()
        self._socket = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port: int = self._socket.getsockname()[1]
        self._thread = threading.Thread(target=self._accept, daemon=True)

    @property
    def url(self) -> str:
        return f"{'https' if self.certificate else 'http'}://127.0.0.1:{self.port}"

    def __enter__(self) -> Server:
        self._thread.start()
        return self

    def __exit__(self, *dummy: object) -> None:
        self.stopped.set()
        # An accept that waits is not ended by closing its socket.
        with contextlib.suppress(OSError):
            socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
        self._thread.join(PATIENCE)
        self._socket.close()

    def _accept(self) -> None:
        while True:
            plain = self._socket.accept()[0]
            if self.stopped.is_set():
                plain.close()
                return
            self.accepted += 1
            script = self.scripts.pop(0) if len(self.scripts) > 1 else self.scripts[0]
            threading.Thread(target=self._play, args=(script, plain), daemon=True).start()

    def _play(self, script: Script, plain: socket.socket) -> None:
        # A client that hangs up is what some tests are about.
        with plain, contextlib.suppress(OSError):
            script(self, Link(plain))

    def read(self, link: Link) -> bool:
        """Shake hands if this server does, and note a request; say whether one came."""
        if self.certificate is not None and link._tls is None:
            link.secure(self.certificate.context)
        request = link.request()
        if request is not None:
            self.requests.append(request)
        return request is not None


# -- scripts of a server ----------------------------------------------------------------------------------------------


def replies(*answers: bytes, wait: float = 0) -> Script:
    """Answer a request with each of these in turn, then hang up."""

    def script(server: Server, link: Link) -> None:
        for data in answers:
            if server.read(link):
                server.stopped.wait(wait)
                link.send(data)

    return script


def closes(reset: bool = False) -> Script:
    """Hang up once the request is there."""

    def script(server: Server, link: Link) -> None:
        server.read(link)
        if reset:
            link.reset()

    return script


def alerts(server: Server, link: Link) -> None:
    """Send a fatal alert once the request is there."""
    server.read(link)
    link.alert()


def sends_a_bad_record(server: Server, link: Link) -> None:
    """Send what nobody can decrypt once the request is there."""
    server.read(link)
    link.plain.sendall(BAD_RECORD)
    server.stopped.wait(PATIENCE)


def cuts_the_handshake(server: Server, link: Link) -> None:
    """Hang up when the client has begun to shake hands."""
    link.plain.recv(65536)


def resets_the_handshake(server: Server, link: Link) -> None:
    """Reset the connection when the client has begun to shake hands."""
    link.plain.recv(65536)
    link.reset()


def refuses_the_handshake(description: int) -> Script:
    """Answer the client's first words with a fatal alert."""

    def script(server: Server, link: Link) -> None:
        link.plain.recv(65536)
        link.plain.sendall(b"\x15\x03\x03\x00\x02\x02" + bytes([description]))

    return script


def stalls(server: Server, link: Link) -> None:
    """Say nothing, not even in the handshake."""
    server.stopped.wait(PATIENCE)


def dribbles(begin: bytes, drop: bytes, interval: float = 0.05) -> Script:
    """Answer with a beginning, and then a drop after each interval, without end."""

    def script(server: Server, link: Link) -> None:
        server.read(link)
        link.send(begin)
        while not server.stopped.wait(interval):
            link.send(drop)

    return script


def pours(begin: bytes, drop: bytes, most: int) -> Script:
    """Answer with a beginning, and then the same as fast as it goes, up to C(most) bytes."""

    def script(server: Server, link: Link) -> None:
        server.read(link)
        link.send(begin)
        for dummy in range(most // len(drop)):
            link.send(drop)

    return script


# -- scripts of a proxy -----------------------------------------------------------------------------------------------


def tunnel(target: Server, cut: t.Callable[[], bool] = lambda: False, reset: bool = False, wait: float = 0) -> Script:
    """Dig a tunnel to the target, whatever the client asks for.

    C(cut): says when to cut it rather than let an answer pass. C(reset): cut it with a reset. C(wait): seconds before
    it is established.
    """

    def script(server: Server, link: Link) -> None:
        server.read(link)
        server.stopped.wait(wait)
        link.send(b"HTTP/1.1 200 Connection established\r\n\r\n")
        with socket.create_connection(("127.0.0.1", target.port), timeout=PATIENCE) as other:
            _relay(link.plain, other, cut)
        if reset:
            link.reset()

    return script


def _relay(client: socket.socket, server: socket.socket, cut: t.Callable[[], bool]) -> None:
    while True:
        for end in select.select([client, server], [], [], PATIENCE)[0]:
            data = end.recv(65536)
            if not data or (end is server and cut()):
                return
            (server if end is client else client).sendall(data)


def refuses(status: str, *headers: str) -> Script:
    """Refuse the tunnel."""

    def script(server: Server, link: Link) -> None:
        server.read(link)
        link.send(answer(status, b"", *headers))

    return script


# -- a cloud behind TLS and a proxy -----------------------------------------------------------------------------------

LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)


def fronts(port: int, breaks: t.Callable[[Link], None], certificate: Certificate) -> Script:
    """Be a proxy, and at the end of its tunnel TLS in front of a server that speaks plain HTTP.

    Where that server hangs up on a request without an answer, C(breaks) does to the client what is to be tried.
    """

    def script(server: Server, link: Link) -> None:
        server.read(link)
        link.send(b"HTTP/1.1 200 Connection established\r\n\r\n")
        link.secure(certificate.context)
        with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as behind:
            while True:
                request = link.request()
                if request is None:
                    return
                found = _ask(behind, request)
                if found is None:
                    breaks(link)
                    return
                link.send(found)

    return script


def _ask(behind: socket.socket, request: Request) -> bytes | None:
    """Return the whole answer to a request, or None when there is none."""
    head = [request.line] + [f"{name}: {value}" for name, value in request.headers.items()]
    try:
        behind.sendall("\r\n".join(head).encode("latin-1") + b"\r\n\r\n" + request.body)
        found = b""
        while not _complete(found):
            data = behind.recv(65536)
            if not data:
                return None
            found += data
    except OSError:
        return None
    return found


def _complete(found: bytes) -> bool:
    head, mark, body = found.partition(b"\r\n\r\n")
    length = LENGTH.search(head)
    return bool(mark) and len(body) >= (int(length.group(1)) if length else 0)


def closes_link(link: Link) -> None:
    """Hang up, as a proxy does that is restarted."""


def alerts_link(link: Link) -> None:
    """Send a fatal alert."""
    link.alert()
