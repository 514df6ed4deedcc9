# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the client makes of proxies, TLS and answers that break, on real sockets.

Releases of urllib3 differ in what they raise; tests/tools/old_urllib3 runs this file with an old one.
"""

from __future__ import annotations

import gzip
import json
import os
import re
import ssl
import time
import tracemalloc
import typing as t
import zlib
from unittest import mock

import pytest
import urllib3

from ansible_collections.huaweicloud.vpn.plugins.module_utils._clock import Clock, Deadline
from ansible_collections.huaweicloud.vpn.plugins.module_utils._errors import (
    ApiError,
    Effect,
    NoResponse,
    NotFound,
    Retry,
    Stopped,
    Unreachable,
)
from ansible_collections.huaweicloud.vpn.plugins.module_utils._http import client as client_module
from ansible_collections.huaweicloud.vpn.plugins.module_utils._http.auth import TokenAuth
from ansible_collections.huaweicloud.vpn.plugins.module_utils._http.client import Client
from ansible_collections.huaweicloud.vpn.plugins.module_utils._http.iam import password_token, project_id
from ansible_collections.huaweicloud.vpn.plugins.module_utils._http.throttle import AdaptiveThrottle, Throttle
from ansible_collections.huaweicloud.vpn.plugins.module_utils._http.wire import remedy
from ansible_collections.huaweicloud.vpn.tests.unit.harness import wire
from ansible_collections.huaweicloud.vpn.tests.unit.harness.clocks import StillClock
from ansible_collections.huaweicloud.vpn.tests.unit.harness.wire import HOST, Certificate, Server, answer

FAR = f"https://{HOST}"
PASSWORD = "Proxy-Password-1"


@pytest.fixture(autouse=True)
def no_settings_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever runs the tests behind a proxy must get the same results."""
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy", "requests_ca_bundle", "curl_ca_bundle", "netrc"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    return wire.make_certificate(tmp_path_factory.mktemp("tls"))


def client_of(url: str, verify: t.Any = True, timeout: float = 5, max_retries: int = 3, clock: t.Any = None) -> t.Any:
    return Client(url, None, verify, timeout, max_retries, clock or StillClock(), "huaweicloud.vpn tests")


def write(client: t.Any, method: str = "PUT") -> t.Any:
    return client.call(method, "/x", body={"a": "b"})


def methods(server: Server) -> list[str]:
    return [request.method for request in server.requests]


# -- behind a proxy ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["PUT", "POST", "DELETE"])
@pytest.mark.parametrize(
    "breaks", ["proxy closes", "proxy resets", "server closes", "server resets", "alert", "bad record"]
)
def test_a_write_that_went_through_the_proxy_is_sent_once(
    certificate: Certificate,
    monkeypatch: pytest.MonkeyPatch,
    method: str,
    breaks: str,
) -> None:
    """Its answer was lost: it may have been carried out, and the connection may exist."""
    script = {
        "server closes": wire.closes(),
        "server resets": wire.closes(reset=True),
        "alert": wire.alerts,
        "bad record": wire.sends_a_bad_record,
    }.get(breaks, wire.replies(answer()))
    with Server(script, certificate=certificate) as server:

        def cut() -> bool:
            return breaks.startswith("proxy") and bool(server.requests)

        with Server(wire.tunnel(server, cut, reset=breaks == "proxy resets")) as proxy:
            monkeypatch.setenv("HTTPS_PROXY", proxy.url)
            with pytest.raises(
                NoResponse, match=f"the connection to {HOST} broke before {method} was answered"
            ) as caught:
                write(client_of(FAR, certificate.path), method)
        assert (methods(server), proxy.accepted) == ([method], 1)
    assert (caught.value.effect, caught.value.retry) == (Effect.UNKNOWN, Retry.AFTER_READING)


def test_a_read_that_went_through_the_proxy_is_sent_again(
    certificate: Certificate, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Server(wire.replies(answer()), certificate=certificate) as server:
        with Server(wire.tunnel(server, lambda: len(server.requests) == 1), wire.tunnel(server)) as proxy:
            monkeypatch.setenv("HTTPS_PROXY", proxy.url)
            assert client_of(FAR, certificate.path).get("/x").status == 200
        assert methods(server) == ["GET", "GET"]


@pytest.mark.parametrize(
    "script, told",
    [
        (wire.refuses("407 Proxy Authentication Required"), "Tunnel connection failed: 407"),
        (wire.refuses("503 Service Unavailable"), "Tunnel connection failed: 503"),
        (wire.refuses("502 Bad\x1b[31m\tGateway"), "Tunnel connection failed: 502 Bad \\[31m Gateway"),
        (wire.closes(), ""),
        (wire.closes(reset=True), ""),
    ],
)
def test_a_write_that_no_tunnel_was_dug_for_is_sent_again(
    certificate: Certificate,
    monkeypatch: pytest.MonkeyPatch,
    script: wire.Script,
    told: str,
) -> None:
    with Server(wire.replies(answer()), certificate=certificate) as server, Server(script) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy.url.replace("//", f"//somebody:{PASSWORD}@"))
        with pytest.raises(Unreachable, match=f"^no connection to {HOST}: {told}") as caught:
            write(client_of(FAR, certificate.path, max_retries=2))
        assert (proxy.accepted, server.accepted) == (3, 0)
        assert PASSWORD not in str(caught.value)
        proxy.scripts = [wire.tunnel(server)]
        assert write(client_of(FAR, certificate.path)).status == 200
        assert methods(server) == ["PUT"]


def test_a_write_that_met_a_refused_tunnel_first_is_carried_out_once(
    certificate: Certificate,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with Server(wire.replies(answer()), certificate=certificate) as server:
        with Server(wire.refuses("503 Busy"), wire.tunnel(server)) as proxy:
            monkeypatch.setenv("HTTPS_PROXY", proxy.url)
            assert write(client_of(FAR, certificate.path)).status == 200
        assert (methods(server), proxy.accepted) == (["PUT"], 2)


def test_a_proxy_that_speaks_tls_itself(certificate: Certificate, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its certificate is checked like the endpoint's."""
    with Server(wire.closes(), certificate=certificate) as proxy:
        # Old releases cannot check a proxy that is named by its address.
        monkeypatch.setenv("HTTPS_PROXY", proxy.url.replace("127.0.0.1", "localhost"))
        with pytest.raises(Unreachable, match=f"no trusted connection to {HOST}: .*certificate"):
            write(client_of(FAR))
        assert proxy.requests == []


@pytest.mark.parametrize(
    "proxy",
    [
        "htp://somebody:{0}@127.0.0.1:{1}",
        "http://somebody:{0}@:{1}",
        "http://somebody:{0}@127.0.0.1:port",
        "http://somebody:{0}",
        "http://somebody:{0}#x@127.0.0.1:{1}",
        "http://somebody:{0}/x@127.0.0.1:{1}",
        "http://somebody:{0}?x@127.0.0.1:{1}",
        "http://somebody:{0}@127.0.0.1:99999",
        "http://somebody:{0}@[::1:{1}",
        "http://somebody:1{0}@a..b:{1}",
        "{0}@:{1}",
        "http://somebody:{0}@a b:{1}",
        "socks5://somebody:{0}@127.0.0.1:port",
        "//somebody:{0}@",
        "http:/somebody:{0}@127.0.0.1:{1}",
    ],
)
def test_a_malformed_proxy_url_is_named_and_not_shown(monkeypatch: pytest.MonkeyPatch, proxy: str) -> None:
    with Server(wire.stalls) as server:
        monkeypatch.setenv("HTTPS_PROXY", proxy.format(PASSWORD, server.port))
        clock = StillClock()
        with pytest.raises(Unreachable) as caught:
            write(client_of(FAR, clock=clock))
        assert server.accepted == 0
    assert caught.value.message == (
        f"{HOST} cannot be asked: the proxy's URL cannot be used; check https_proxy and all_proxy in the environment"
    )
    assert (clock.slept, caught.value.details) == ([], {"method": "PUT", "url": FAR + "/x"})


@pytest.mark.parametrize("proxy", ["{}", "http://somebody:p@ss@{}", "http://somebody:%2Fp%40@{}", "HTTP://{}/"])
def test_a_well_formed_proxy_url_is_used(certificate: Certificate, monkeypatch: pytest.MonkeyPatch, proxy: str) -> None:
    with Server(wire.replies(answer()), certificate=certificate) as server, Server(wire.tunnel(server)) as between:
        monkeypatch.setenv("HTTPS_PROXY", proxy.format(between.url.replace("http://", "")))
        assert client_of(FAR, certificate.path).get("/x").status == 200


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "LOCALHOST", "127.8.9.10"])
@pytest.mark.parametrize("tls", [True, False])
def test_this_machine_is_never_asked_through_a_proxy(
    tmp_path: t.Any,
    monkeypatch: pytest.MonkeyPatch,
    host: str,
    tls: bool,
) -> None:
    """There http:// is allowed, so a proxy would read the access key's signature, or the token."""
    made = wire.make_certificate(tmp_path, "127.0.0.1", "localhost", "127.8.9.10") if tls else None
    with Server(wire.replies(answer()), certificate=made) as server, Server(wire.refuses("503 Never")) as proxy:
        for name in ("http_proxy", "https_proxy", "all_proxy"):
            monkeypatch.setenv(name, proxy.url)
        # A listener on 127.0.0.1 does not hear other addresses; that nobody asks the proxy for them is what counts.
        expected = host != "127.8.9.10"
        client = client_of(server.url.replace("127.0.0.1", host), made.path if made else True, max_retries=0)
        if expected:
            assert client.get("/x").status == 200
        else:
            with pytest.raises(Unreachable):
                client.get("/x")
        assert proxy.accepted == 0


def test_the_v6_address_of_this_machine_is_none_for_a_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    with Server(wire.refuses("503 Never")) as proxy:
        monkeypatch.setenv("all_proxy", proxy.url)
        with pytest.raises(Unreachable):
            client_of("http://[::1]:9", max_retries=0).get("/x")
        assert proxy.accepted == 0


def test_a_url_shows_no_user(certificate: Certificate) -> None:
    with Server(wire.closes(), certificate=certificate) as server:
        with pytest.raises(NoResponse) as caught:
            write(client_of(server.url.replace("//", f"//somebody:{PASSWORD}@"), certificate.path))
    assert caught.value.details["url"] == server.url + "/x"
    assert PASSWORD not in str(caught.value) and "authorization" not in server.requests[0].headers


# -- TLS --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("breaks", [wire.alerts, wire.sends_a_bad_record, wire.closes(), wire.closes(reset=True)])
def test_a_write_whose_tls_session_breaks_is_sent_once(certificate: Certificate, breaks: wire.Script) -> None:
    with Server(breaks, certificate=certificate) as server:
        with pytest.raises(NoResponse, match="broke before PUT was answered") as caught:
            write(client_of(server.url, certificate.path))
        assert (methods(server), caught.value.effect_unknown) == (["PUT"], True)
        server.scripts = [breaks, wire.replies(answer())]
        assert client_of(server.url, certificate.path).get("/x").status == 200
        assert methods(server) == ["PUT", "GET", "GET"]


def test_a_client_certificate_that_is_asked_for(tmp_path: t.Any) -> None:
    """With TLS 1.3 the server's refusal comes when the client has sent its request already."""
    made = wire.make_certificate(tmp_path)
    made.context.verify_mode = wire.ssl.CERT_REQUIRED
    made.context.load_verify_locations(made.path)
    with Server(wire.replies(answer()), certificate=made) as server:
        with pytest.raises(NoResponse):
            write(client_of(server.url, made.path, max_retries=2))
        assert (server.accepted, server.requests) == (1, [])


@pytest.mark.parametrize("method", ["GET", "PUT"])
@pytest.mark.parametrize(
    "breaks",
    [
        wire.cuts_the_handshake,
        wire.resets_the_handshake,
        wire.refuses_the_handshake(wire.INTERNAL_ERROR),
        wire.refuses_the_handshake(wire.HANDSHAKE_FAILURE),
    ],
)
def test_a_handshake_that_is_cut_is_tried_again(certificate: Certificate, method: str, breaks: wire.Script) -> None:
    """Nothing was sent, so this goes for writes as well."""
    with Server(breaks, wire.replies(answer()), certificate=certificate) as server:
        clock = StillClock()
        assert write(client_of(server.url, certificate.path, clock=clock), method).status == 200
        assert (methods(server), server.accepted, clock.slept) == ([method], 2, [0.5])


def test_a_handshake_that_is_always_cut_is_an_end(certificate: Certificate) -> None:
    with Server(wire.cuts_the_handshake, certificate=certificate) as server:
        with pytest.raises(Unreachable, match=r"no (trusted )?connection to 127.0.0.1:\d+: ") as caught:
            write(client_of(server.url, certificate.path, max_retries=2))
        assert (server.accepted, caught.value.effect_unknown) == (3, False)


def test_a_handshake_that_stalls_is_never_sent(certificate: Certificate) -> None:
    with Server(wire.stalls, certificate=certificate) as server:
        with pytest.raises(Unreachable, match=r"no connection to 127.0.0.1:\d+: ") as caught:
            write(client_of(server.url, certificate.path, timeout=0.2, max_retries=1))
        assert (server.accepted, caught.value.retry) == (2, Retry.NOW)


OWN_CA = (
    "if the endpoint's certificate is signed by a CA of your own, or by itself,"
    " name a file with the CA's certificate in ca_path"
)
PLAIN_HTTP = "the port seems to speak plain HTTP, not TLS: check the endpoint's port"
CA_FILE = "the file that ca_path or REQUESTS_CA_BUNDLE names holds no usable PEM certificates"
OTHER_NAME = "the certificate is for another name: check the endpoint"
CLOCK = "check the endpoint's certificate and this machine's clock"


@pytest.mark.parametrize(
    "kind, remedy",
    [
        ("self-signed", OWN_CA),
        ("plain http", PLAIN_HTTP),
        ("empty ca file", CA_FILE),
        ("nonsense in the ca file", CA_FILE),
        ("key for a ca file", CA_FILE),
        ("another name", OTHER_NAME),
        ("expired", CLOCK),
        ("old version", "the endpoint speaks no version of TLS that this machine accepts"),
    ],
)
def test_tls_errors_that_stay_are_final_and_name_their_remedy(tmp_path: t.Any, kind: str, remedy: str) -> None:
    made = wire.make_certificate(
        tmp_path, *(["else.example.test"] if kind == "another name" else []), days=-1 if kind == "expired" else 1
    )
    bundle = tmp_path / "bundle.pem"
    bundle.write_bytes(
        {
            "empty ca file": b"",
            "nonsense in the ca file": b"-----BEGIN CERTIFICATE-----\nno!\n-----END CERTIFICATE-----\n",
            "key for a ca file": (tmp_path / "key.pem").read_bytes(),
        }.get(kind, (tmp_path / "ca.pem").read_bytes())
    )
    script = wire.refuses_the_handshake(wire.PROTOCOL_VERSION) if kind == "old version" else wire.replies(answer())
    with Server(script, certificate=None if kind == "plain http" else made) as server:
        if kind == "plain http":
            server.scripts = [lambda server, link: link.send(answer("400 Bad Request")) if link.plain.recv(9) else None]
        clock = StillClock()
        verify = True if kind == "self-signed" else str(bundle)
        with pytest.raises(Unreachable) as caught:
            write(client_of(server.url.replace("http:", "https:"), verify, clock=clock))
        assert (server.accepted < 2, server.requests, clock.slept) == (True, [], [])
    assert caught.value.message.startswith(f"no trusted connection to 127.0.0.1:{server.port}: ")
    assert caught.value.message.endswith("; " + remedy)


@pytest.mark.parametrize("reason", ["RECORD_LAYER_FAILURE", None])
def test_plain_http_as_newer_releases_of_openssl_report_it(reason: str | None) -> None:
    """Since OpenSSL 3.2 "record layer failure" comes instead of "wrong version number"; an older Python has no name for it."""
    error = ssl.SSLError(1, f"[SSL{': ' + reason if reason else ''}] record layer failure (_ssl.c:1033)")
    error.reason = reason  # type: ignore[assignment]
    assert remedy(error) == PLAIN_HTTP
    assert remedy(ssl.SSLError(1, "[SSL] decryption failed or bad record mac (_ssl.c:1033)")) is None


def test_a_ca_file_that_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", f"http://somebody:{PASSWORD}@127.0.0.1:9")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/nonexistent/bundle.pem")
    with pytest.raises(Unreachable) as caught:
        client_of(FAR).get("/x")
    assert re.fullmatch(
        f"{HOST} cannot be asked: .*/nonexistent/bundle.pem; check ca_path, and REQUESTS_CA_BUNDLE in the environment",
        caught.value.message,
    )


# -- answers that cannot be -------------------------------------------------------------------------------------------

IMPOSSIBLE = [
    b"HTTP/1.1 200 OK\r\nContent-Length: 2, 3\r\n\r\n{}",
    b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{}",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}",
    b"HTTP/1.1 abc OK\r\n\r\n",
    b"HTTP/1.1 -20 OK\r\n\r\n{}",
    b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 200 + b"\r\n{}",
    b"HTTP/1.1 200 OK\r\nA: " + b"a" * 70000 + b"\r\n\r\n{}",
    b"\x00\xff\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFF\r\n{}",
    b"HTTP/1.1 200 OK\r\nContent-Length: 999999999999\r\n\r\n{}",
    answer("200 OK", b"{}", "Content-Encoding: br"),
    answer("200 OK", b"{}", "Content-Encoding: gzip, gzip"),
    answer("200 OK", gzip.compress(b"{}")[:-9], "Content-Encoding: gzip"),
    answer("200 OK", b"[" * 900 + b"]" * 900),
    answer("200 OK", b'{"a":' * 60 + b"1" + b"}" * 60),
]


@pytest.mark.parametrize("raw", IMPOSSIBLE, ids=range(len(IMPOSSIBLE)))
def test_an_impossible_answer_to_a_write_is_a_lost_one(raw: bytes) -> None:
    with Server(wire.replies(raw)) as server:
        with pytest.raises(NoResponse) as caught:
            write(client_of(server.url))
        assert (methods(server), caught.value.effect_unknown) == (["PUT"], True)
    assert len(caught.value.message) < 400 and caught.value.message.isprintable()


@pytest.mark.parametrize(
    "encoding, packed",
    [
        ("gzip", gzip.compress),
        ("deflate", zlib.compress),
        ("GZIP", gzip.compress),
        ("identity", bytes),
        ("x-gzip", gzip.compress),
    ],
)
def test_compressed_answers(encoding: str, packed: t.Callable[[bytes], bytes]) -> None:
    body = json.dumps({"a": "b" * 300000}).encode()
    with Server(wire.replies(answer("200 OK", packed(body), "Content-Encoding: " + encoding))) as server:
        assert client_of(server.url).get("/x").data == {"a": "b" * 300000}
    assert server.requests[0].headers["accept-encoding"] == "gzip, deflate"


def bomb() -> bytes:
    """Return 64 MB of JSON, compressed; they exist nowhere at once."""
    packer = zlib.compressobj(6, zlib.DEFLATED, 31)
    pieces = [packer.compress(b'{"a": "')] + [packer.compress(b"a" * (1 << 20)) for dummy in range(64)]
    return b"".join(pieces) + packer.compress(b'"}') + packer.flush()


TOO_LARGE = r"127.0.0.1:\d+ answered PUT with more than 16 MB: check the endpoint and proxies"


@pytest.mark.parametrize("status", ["200 OK", "400 Bad Request"])
def test_an_answer_that_swells_is_cut(status: str) -> None:
    packed = bomb()
    tracemalloc.start()
    try:
        with Server(wire.replies(answer(status, packed, "Content-Encoding: gzip"))) as server:
            with pytest.raises(NoResponse, match=TOO_LARGE) as caught:
                write(client_of(server.url))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert caught.value.effect_unknown and len(server.requests) == 1
    assert peak < 36 << 20


def test_an_answer_of_almost_16_mb_is_taken() -> None:
    with Server(wire.replies(answer("200 OK", b'{"a": "%s"}' % (b"a" * ((16 << 20) - 10))))) as server:
        assert len(client_of(server.url).get("/x").data["a"]) == (16 << 20) - 10


HEAD = b"HTTP/1.1 200 OK\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
SPACES = b" " * 65536


@pytest.mark.parametrize(
    "begin, drop",
    [
        (HEAD + b"Content-Length: 99999999\r\n\r\n{", SPACES),
        (HEAD + b"\r\n{", SPACES),
        (CHUNKED, b"10000\r\n" + SPACES + b"\r\n"),
        (CHUNKED + b"1;", b"x" * 65536),
    ],
)
def test_an_answer_without_end_is_cut(begin: bytes, drop: bytes) -> None:
    with Server(wire.pours(begin, drop, 40 << 20)) as server:
        # Newer releases of urllib3 have a bound of their own for one of these.
        with pytest.raises(NoResponse, match=TOO_LARGE + "|exceeded maximum allowed length"):
            write(client_of(server.url, timeout=20))


@pytest.mark.parametrize(
    "begin, drop", [(CHUNKED + b"0\r\n", b"A: b\r\n" * 10000), (b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 3000)]
)
def test_lines_without_end_are_cut_at_the_timeout(begin: bytes, drop: bytes) -> None:
    with Server(wire.pours(begin, drop, 1 << 30)) as server:
        began = time.monotonic()
        with pytest.raises(NoResponse, match="did not answer PUT within 0.3 seconds"):
            write(client_of(server.url, timeout=0.3, clock=Clock()))
        assert time.monotonic() - began < 2


@pytest.mark.parametrize(
    "begin, drop",
    [
        (HEAD, b"A"),
        (HEAD, b"A: b\r\n"),
        (b"H", b"T"),
        (HEAD + b"Content-Length: 9999\r\n\r\n", b" "),
        (HEAD + b"\r\n", b" "),
        (CHUNKED, b"1\r\n \r\n"),
        (CHUNKED, b"0"),
        (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    ],
)
@pytest.mark.parametrize("tls", [True, False])
def test_an_answer_that_dribbles_is_cut_at_the_timeout(
    certificate: Certificate, tls: bool, begin: bytes, drop: bytes
) -> None:
    with Server(wire.dribbles(begin, drop), certificate=certificate if tls else None) as server:
        began = time.monotonic()
        with pytest.raises(NoResponse, match=r"127.0.0.1:\d+ did not answer PUT within 0.4 seconds"):
            write(client_of(server.url, certificate.path, timeout=0.4, clock=Clock()))
        assert 0.3 < time.monotonic() - began < 1.5


def test_a_tunnel_that_dribbles_is_cut_at_the_timeout(monkeypatch: pytest.MonkeyPatch) -> None:
    with Server(wire.dribbles(HEAD, b"A: b\r\n")) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy.url)
        began = time.monotonic()
        with pytest.raises(Unreachable, match=f"no connection to {HOST}: "):
            write(client_of(FAR, timeout=0.4, max_retries=0, clock=Clock()))
        assert 0.3 < time.monotonic() - began < 1.5


def test_a_connection_is_as_patient_after_a_slow_answer_as_before(certificate: Certificate) -> None:
    """What is left of the time of one answer is no bound for the next one."""

    def script(server: Server, link: wire.Link) -> None:
        for dummy in range(3):
            server.read(link)
            server.stopped.wait(0.25)
            link.send(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")

    with Server(script, certificate=certificate) as server:
        client = client_of(server.url, certificate.path, timeout=0.4, max_retries=0, clock=Clock())
        assert [client.get("/x").status for dummy in range(3)] == [200] * 3
        assert server.accepted == 1


def test_the_time_for_connecting_is_not_taken_from_that_for_the_answer(
    certificate: Certificate,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with Server(wire.replies(answer(), wait=0.3), certificate=certificate) as server:
        with Server(wire.tunnel(server, wait=0.3)) as proxy:
            monkeypatch.setenv("HTTPS_PROXY", proxy.url)
            assert write(client_of(FAR, certificate.path, timeout=0.5, clock=Clock())).status == 200


def test_the_time_for_a_login_is_not_taken_from_that_for_the_answer() -> None:
    """A write must not be taken for lost because the identity service was slow before it was sent."""
    with Server(wire.replies(answer())) as server:
        clock = StillClock()
        client = client_of(server.url, clock=clock)
        client.auth = TokenAuth(fetch=lambda: clock.sleep(60) or "an-example-token")
        assert write(client).status == 200
    assert (methods(server), clock.slept) == (["PUT"], [60])


@pytest.mark.parametrize("location", ["https://else.example.test/", "", "http://[", "\xff\xfe", "gopher://x"])
def test_what_comes_with_a_redirect_is_not_read(location: str) -> None:
    begin = f"HTTP/1.1 302 Found\r\nLocation: {location}\r\nX-Request-Id: r1\r\nContent-Length: 99999\r\n\r\n".encode(
        "latin-1"
    )
    with Server(wire.dribbles(begin, b" ")) as server:
        began = time.monotonic()
        with pytest.raises(ApiError, match=r"redirect \(HTTP 302\), which is not followed") as caught:
            write(client_of(server.url, timeout=3, clock=Clock()))
        assert time.monotonic() - began < 1.5 and caught.value.details["request_id"] == "r1"


# -- the server's words -----------------------------------------------------------------------------------------------

EVIL = "\x1b[2J\nfatal: \u202e[\u200bhost]\x9b\ttoo  much"
SHOWN = "[2J fatal: [ host] too much"


def test_the_servers_words_are_made_fit_to_be_shown() -> None:
    body = json.dumps({"error_code": "VPN.0001" + EVIL, "error_msg": "no" + EVIL, "request_id": "r" + EVIL}).encode()
    with Server(wire.replies(answer("400 Bad", body))) as server:
        client = client_of(server.url)
        with pytest.raises(ApiError) as caught:
            write(client)
    assert caught.value.message == (
        f"the API refused PUT /x: no {SHOWN} (VPN.0001 {SHOWN}, HTTP 400, request id r {SHOWN})"
    )
    assert caught.value.details["error_code"] == caught.value.code == f"VPN.0001 {SHOWN}"
    assert caught.value.details["request_id"] == client.request_ids[0] == f"r {SHOWN}"


def test_reason_phrase_content_type_and_id_in_a_header() -> None:
    head = ["X-Request-Id: a\x1b[1mb\x85c"]
    with Server(
        wire.replies(answer("400 B\x1b[1md\x9b", b"", *head)),
        wire.replies(answer("200 OK", b"[]", "Content-Type: a\x07\tb", *head)),
    ) as server:
        with pytest.raises(ApiError) as refused:
            write(client_of(server.url))
        with pytest.raises(NoResponse) as lost:
            write(client_of(server.url))
    assert refused.value.message == "the API refused PUT /x: B [1md (HTTP 400, request id a [1mb c)"
    assert "(a b, 2 bytes)" in lost.value.message and lost.value.details["request_id"] == "a [1mb c"


def test_an_answer_that_is_not_http_is_told_in_printable_words() -> None:
    with Server(wire.replies(b"\x1b[2J\x07hello \x1b]0;x\x07\r\n\r\n")) as server:
        with pytest.raises(NoResponse) as caught:
            write(client_of(server.url))
    assert caught.value.message.isprintable()


@pytest.mark.parametrize(
    "body, length",
    [
        ({"error_code": "c" * 5000, "error_msg": "m" * 1000000, "request_id": "i" * 5000}, 2600),
        ({"error_msg": ["m"] * 100000, "request_id": {"a": "b" * 5000}}, 2600),
    ],
)
def test_no_more_than_2000_characters_of_the_servers_are_told(body: t.Any, length: int) -> None:
    with Server(wire.replies(answer("400 " + "r" * 5000, json.dumps(body).encode()))) as server:
        with pytest.raises(ApiError) as caught:
            write(client_of(server.url))
    assert 2000 < len(caught.value.message) < length
    assert len(json.dumps(caught.value.details)) < 600


@pytest.mark.parametrize("token", ["", "a b", "t\x85oken", "\xff"])
def test_a_token_that_is_none_is_told_and_not_shown(token: str) -> None:
    with Server(wire.replies(answer("201 Created", b"{}", "X-Subject-Token: " + token))) as server:
        with pytest.raises(NoResponse, match="IAM answered the login without a token"):
            password_token(client_of(server.url), "u", "p", "d", {"name": "x"})


@pytest.mark.parametrize("body", [{"token": ["a"]}, {"token": {"project": "x"}}, {"token": {"project": {}}}, {}])
def test_a_login_whose_answer_names_no_project(body: t.Any) -> None:
    with Server(wire.replies(answer("201 Created", json.dumps(body).encode(), "X-Subject-Token: example"))) as server:
        assert password_token(client_of(server.url), "u", "p", "d", {"name": "x"}) == ("example", None)


@pytest.mark.parametrize(
    "projects, error",
    [([1, None, {"name": "x"}, {"name": "x", "id": 5}], NotFound), ({"x": 1}, NoResponse), (None, NoResponse)],
)
def test_projects_of_the_wrong_shape(projects: t.Any, error: type[Exception]) -> None:
    with Server(wire.replies(answer("200 OK", json.dumps({"projects": projects}).encode()))) as server:
        with pytest.raises(error):
            project_id(client_of(server.url), "x")


# -- deadlines --------------------------------------------------------------------------------------------------------

THROTTLED = answer("429 Too Many", b'{"error_code": "APIGW.0308"}', "Retry-After: 60")


@pytest.mark.parametrize("ask", ["get", "call", "pages"])
def test_a_pause_beyond_the_deadline_is_not_made(ask: str) -> None:
    with Server(wire.replies(THROTTLED)) as server:
        clock = StillClock()
        client = client_of(server.url, clock=clock)
        calls: dict[str, t.Callable[[t.Any], t.Any]] = {
            "get": lambda end: client.get("/x", deadline=end),
            "call": lambda end: client.call("PUT", "/x", deadline=end),
            "pages": lambda end: client.pages("/x", "things", deadline=end),
        }
        with pytest.raises(ApiError, match="HTTP 429"):
            calls[ask](Deadline(clock, 59))
        assert (clock.slept, len(server.requests)) == ([], 1)
        # All hold back: whoever may not wait for so long does not even ask.
        with pytest.raises(ApiError, match="HTTP 429") as caught:
            calls[ask](Deadline(clock, 59))
        assert (caught.value.throttled, caught.value.retry, len(server.requests)) == (True, Retry.NOW, 1)
        server.scripts = [wire.replies(answer("200 OK", b'{"things": []}'))]
        calls[ask](Deadline(clock, 61))
        assert clock.slept == [60]


def test_a_throttle_that_nobody_explains_is_told_in_our_words() -> None:
    with Server(wire.replies(answer())) as server:
        clock = StillClock()
        client = client_of(server.url, clock=clock)
        client.throttle.close(60)
        with pytest.raises(Unreachable, match="asks to hold back for longer than the task may wait") as caught:
            client.get("/x", deadline=Deadline(clock, 59))
        assert (caught.value.throttled, caught.value.retry, server.requests) == (True, Retry.NOW, [])


def test_other_pauses_keep_the_deadline_too() -> None:
    with Server(wire.replies(answer("503 Busy"))) as server:
        clock = StillClock()
        with pytest.raises(ApiError, match="HTTP 503"):
            client_of(server.url, clock=clock, max_retries=9).get("/x", deadline=Deadline(clock, 4))
    assert clock.slept == [0.5, 1.0, 2.0]


@pytest.mark.parametrize("kind", [Throttle, AdaptiveThrottle])
def test_a_throttle_that_opens_too_late(kind: t.Any) -> None:
    clock = StillClock()
    throttle = kind(clock)
    assert throttle.wait(Deadline(clock, 0)) is True
    throttle.close(10)
    assert (throttle.wait(Deadline(clock, 9)), clock.slept) == (False, [])
    assert (throttle.wait(Deadline(clock, 12)), sum(clock.slept)) == (True, 10)


@pytest.mark.parametrize("kind", [Throttle, AdaptiveThrottle])
def test_a_request_that_is_held_back_fails_in_the_words_of_the_answer_that_asked_for_it(kind: t.Any) -> None:
    body = b'{"error_code": "VPN.0429", "error_msg": "too many requests", "request_id": "r-1"}'
    with Server(wire.replies(answer("429 Too Many Requests", body, "Retry-After: 60"))) as server:
        clock = StillClock()
        client = client_of(server.url, clock=clock, max_retries=9)
        client.throttle = kind(clock)
        for _attempt in range(2):
            with pytest.raises(ApiError, match=r"too many requests \(VPN.0429, HTTP 429, request id r-1\)") as caught:
                client.get("/x", deadline=Deadline(clock, 5))
            assert (caught.value.code, caught.value.throttled) == ("VPN.0429", True)
    assert (len(server.requests), clock.slept) == (1, [])


@pytest.mark.parametrize("kind", [Throttle, AdaptiveThrottle])
def test_nothing_passes_a_throttle_whose_check_fails(kind: t.Any) -> None:
    with Server(wire.replies(answer())) as server:
        client = client_of(server.url)
        client.throttle = kind(client.clock, mock.Mock(side_effect=[None, Stopped("no more")]))
        client.get("/x")
        with pytest.raises(Stopped, match="no more"):
            client.get("/x")
    assert len(server.requests) == 1


# -- pages ------------------------------------------------------------------------------------------------------------


def page(*names: str, marker: str | None = None) -> bytes:
    return answer(
        "200 OK",
        json.dumps({"things": [{"id": name} for name in names], "page_info": {"next_marker": marker}}).encode(),
    )


REFUSED = answer("400 Bad Request", b'{"error_code": "VPN.0001", "error_msg": "invalid request: marker"}')
GONE = answer("404 Not Found", b'{"error_code": "VPN.0004", "error_msg": "not found"}')


@pytest.mark.parametrize("refusal", [REFUSED, GONE])
def test_a_list_whose_marker_is_refused_is_read_once_more(refusal: bytes) -> None:
    """The object that the marker stands for is gone by now; what it was is no part of the list either."""
    with Server(
        *map(wire.replies, (page("a", "b", marker="b"), refusal, page("a", "c", marker="c"), page("d")))
    ) as server:
        assert client_of(server.url).pages("/x", "things", [("k", "v")]) == (
            [{"id": "a"}, {"id": "c"}, {"id": "d"}],
            None,
        )
    assert [request.line.split(" ")[1] for request in server.requests] == [
        "/x?k=v",
        "/x?k=v&limit=2&marker=b",
        "/x?k=v",
        "/x?k=v&limit=2&marker=c",
    ]


@pytest.mark.parametrize(
    "scripts, requests",
    [
        ([page("a", marker="a"), REFUSED, page("b", marker="b"), REFUSED], 4),
        ([REFUSED], 1),
        ([page("a", marker="a"), answer("403 Forbidden")], 2),
    ],
)
def test_any_other_refusal_of_a_page_is_told(scripts: list[bytes], requests: int) -> None:
    with Server(*map(wire.replies, scripts)) as server:
        with pytest.raises(ApiError):
            client_of(server.url).pages("/x", "things")
        assert len(server.requests) == requests


def test_a_list_that_brings_new_objects_for_ever_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    assert client_module.MAX_PAGES == 1000
    monkeypatch.setattr(client_module, "MAX_PAGES", 50)

    def script(server: Server, link: wire.Link) -> None:
        while server.read(link):
            name = str(len(server.requests))
            link.send(page(name, marker=name).replace(b"Connection: close\r\n", b""))

    with Server(script) as server:
        with pytest.raises(NoResponse, match="does not end its list of things: 50 pages brought 50 of them"):
            client_of(server.url).pages("/x", "things")
    assert len(server.requests) == 50


@pytest.mark.parametrize(
    "body",
    [
        b'{"things": [1, null, "x", [], {"id": []}, {"id": 5}, {"id": ""}, {"id": "a"}], "page_info": [1]}',
        b'{"things": [{"id": "a"}], "page_info": "next"}',
    ],
)
def test_a_page_of_the_wrong_shape(body: bytes) -> None:
    with Server(wire.replies(answer("200 OK", body))) as server:
        assert client_of(server.url).pages("/x", "things", odd=[]) == ([{"id": "a"}], None)


def test_the_old_release_is_tried_where_that_is_the_point() -> None:
    """tests/tools/old_urllib3 says what it is about; its run with the new release would prove nothing."""
    assert os.environ.get("OLD_URLLIB3") != "1" or urllib3.__version__ == "1.26.5"
