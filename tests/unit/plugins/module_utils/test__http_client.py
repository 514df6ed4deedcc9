# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The HTTP client over real sockets: against the emulator, through a relay that notes what passes, and against odd servers."""

from __future__ import annotations

import contextlib
import datetime
import http.client
import http.server
import json
import re
import select
import socket
import threading
import time
from urllib.parse import urlsplit

import pytest
import requests

from ansible_collections.huaweicloud.vpn.plugins.module_utils._clock import Clock
from ansible_collections.huaweicloud.vpn.plugins.module_utils._errors import (
    ApiError,
    InvalidInput,
    NoResponse,
    NotFound,
    Unreachable,
)
from ansible_collections.huaweicloud.vpn.plugins.module_utils._http import iam
from ansible_collections.huaweicloud.vpn.plugins.module_utils._http.auth import AkSkAuth, TokenAuth
from ansible_collections.huaweicloud.vpn.plugins.module_utils._http.client import Client
from ansible_collections.huaweicloud.vpn.plugins.module_utils._http.transport import user_agent
from ansible_collections.huaweicloud.vpn.tests.unit.harness.clocks import FastClock, StillClock
from ansible_collections.huaweicloud.vpn.tests.unit.harness.support import KEY, access, run_task
from ansible_collections.huaweicloud.vpn.tests.unit.harness.wire import HOST, make_certificate

ID = "98c5af8a-1111-4222-8333-ae2280a6f4c3"
AGENT = "huaweicloud.vpn tests"


@pytest.fixture(autouse=True)
def no_settings_of_this_machine(monkeypatch):
    """Whoever runs the tests behind a proxy must get the same results."""
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy", "requests_ca_bundle", "curl_ca_bundle", "netrc"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


# -- a relay that notes what passes, and a server that answers what it is told ------------------------------------------


class Seen:
    """A request as it came: C(method), C(target), C(headers) (mapping without case), C(body) (bytes)."""

    def __init__(self, handler, body):
        self.method = handler.command
        self.target = handler.path
        self.headers = handler.headers
        self.body = body


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, format, *args):  # pylint: disable=redefined-builtin
        """Say nothing on the terminal."""

    def _serve(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.server.seen.append(Seen(self, body))
        if self.server.answer is not None:
            self.wfile.write(self.server.answer)
            self.close_connection = True
            return
        self._forward(body)
        self.close_connection = self.server.closes

    do_GET = do_POST = do_PUT = do_DELETE = _serve

    def _forward(self, body):
        path = urlsplit(self.path)
        where = urlsplit(self.server.target + path.path + ("?" + path.query if path.query else ""))
        upstream = http.client.HTTPConnection(where.hostname, where.port, timeout=10)
        upstream.putrequest(
            self.command,
            where.path + ("?" + where.query if where.query else ""),
            skip_host=True,
            skip_accept_encoding=True,
        )
        for name, value in self.headers.items():
            if not name.lower().startswith("proxy-"):
                upstream.putheader(name, value)
        upstream.endheaders(body)
        answer = upstream.getresponse()
        content = answer.read()
        self.send_response_only(answer.status, answer.reason)
        for name, value in answer.getheaders():
            if name.lower() not in ("connection", "transfer-encoding", "content-length"):
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)
        upstream.close()

    def do_CONNECT(self):
        """Dig a tunnel, as a proxy does for TLS."""
        self.server.seen.append(Seen(self, b""))
        target = urlsplit(self.server.target)
        if self.server.answer is not None:
            self.wfile.write(self.server.answer)
            self.close_connection = True
            return
        self.send_response_only(200, "Connection established")
        self.end_headers()
        with socket.create_connection((target.hostname, target.port), timeout=10) as other:
            while True:
                ready = select.select([self.connection, other], [], [], 10)[0]
                for end in ready:
                    data = end.recv(65536)
                    if not data:
                        return
                    (other if end is self.connection else self.connection).sendall(data)


class Relay(http.server.ThreadingHTTPServer):
    """Forwards to C(target), wherever a proxied request wants, unless C(answer) (bytes) is set.

    :ivar seen: the requests (list of Seen). C(accepted): how many connections came in (int).
    :ivar closes: whether it closes each connection after an answer without having said so.
    """

    daemon_threads = True

    def __init__(self, target="", context=None):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.target = target
        self.answer = None
        self.closes = False
        self.seen = []
        self.accepted = 0
        self.port = self.server_address[1]
        self.url = "%s://127.0.0.1:%d" % ("https" if context else "http", self.port)
        if context is not None:
            self.socket = context.wrap_socket(self.socket, server_side=True)
        self.thread = threading.Thread(target=self.serve_forever, args=(0.01,), daemon=True)

    def get_request(self):
        self.accepted += 1
        return super().get_request()

    def handle_error(self, request, client_address):
        """A client that hangs up is what some tests are about."""


@contextlib.contextmanager
def relay(target="", context=None):
    server = Relay(target, context)
    server.thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()


def answer(status, body=b"{}", *headers):
    """Return an answer as bytes, with a request id unless it is to be odd."""
    lines = ["HTTP/1.1 %s" % status, "Content-Length: %d" % len(body), "Connection: close"] + list(headers)
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """Return (path of a certificate that signs itself, TLS context of a server that shows it)."""
    return make_certificate(tmp_path_factory.mktemp("tls"))


def client_of(url, auth=None, verify=True, timeout=5, max_retries=3, clock=None):
    return Client(url, auth, verify, timeout, max_retries, clock or StillClock(), AGENT)


def by_token(cloud, **options):
    """Return a client with a token, whose authentication does not depend on the time."""
    return client_of(cloud.url, TokenAuth(cloud.issue_token()), **options)


def listing(cloud):
    return "/v5/%s/vpn-connection" % cloud.project_id


def show(cloud):
    return "%s/%s" % (listing(cloud), ID)


def unused_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


# -- authentication ----------------------------------------------------------------------------------------------------


def test_a_signed_request_as_it_goes_over_the_wire(cloud):
    connection = cloud.add_connection(id=ID, psk=KEY)
    with relay(cloud.url) as between:
        run_task(cloud, {"endpoint": between.url, "id": ID, "name": connection["name"]})
    (seen,) = between.seen
    assert (seen.method, seen.target) == ("GET", show(cloud))
    assert seen.headers["Authorization"].startswith("SDK-HMAC-SHA256 Access=%s, SignedHeaders=" % cloud.access_key)
    assert "host;x-project-id;x-sdk-date," in seen.headers["Authorization"]
    assert (seen.headers["X-Project-Id"], seen.headers["Host"]) == (cloud.project_id, urlsplit(between.url).netloc)
    assert (seen.headers["X-Security-Token"], seen.headers["X-Auth-Token"]) == (None, None)
    now = datetime.datetime.now(datetime.timezone.utc).replace(tzinfo=None)
    assert abs(datetime.datetime.strptime(seen.headers["X-Sdk-Date"], "%Y%m%dT%H%M%SZ") - now).total_seconds() < 60
    assert cloud.secret_key not in str(seen.headers)
    assert [entry.auth for entry in cloud.journal()] == ["aksk"]


def test_temporary_keys(cloud):
    cloud.add_connection(id=ID, psk=KEY)
    access_key, secret_key, security_token = cloud.temporary_keys()
    keys = {"access_key": access_key, "secret_key": secret_key, "security_token": security_token}
    with relay(cloud.url) as between:
        assert run_task(cloud, dict(keys, endpoint=between.url, id=ID, name="new"))["changed"] is True
    assert {seen.headers["X-Security-Token"] for seen in between.seen} == {security_token}
    assert all(";x-security-token," in seen.headers["Authorization"] for seen in between.seen)
    with pytest.raises(ApiError, match="security_token for temporary keys"):
        run_task(cloud, dict(keys, security_token="another-temporary-token", id=ID))
    cloud.expire_temporary_keys()
    with pytest.raises(ApiError, match="APIGW.0301"):
        run_task(cloud, dict(keys, id=ID))


def test_a_given_token(cloud):
    cloud.add_connection(id=ID, psk=KEY)
    token = cloud.issue_token()
    with relay(cloud.url) as between:
        run_task(cloud, {"access_key": "", "secret_key": "", "auth_token": token, "endpoint": between.url, "id": ID})
    (seen,) = between.seen
    assert (seen.headers["X-Auth-Token"], seen.headers["Authorization"]) == (token, None)


def user(cloud, **options):
    """Return the options of somebody who logs in."""
    own = {"user_name": cloud.user_name, "password": cloud.password, "domain_name": cloud.domain_name}
    return dict({"access_key": "", "secret_key": ""}, **dict(own, **options))


@pytest.mark.parametrize("project_id, project_name, logins", [(None, None, 1), ("", "net", 1), ("given", None, 1)])
def test_a_login_finds_its_project(cloud, project_id, project_name, logins):
    """The token's answer names the project, so that a login needs no further question."""
    connection = cloud.add_connection(id=ID, psk=KEY)
    wanted = cloud.add_project("net") if project_name else cloud.project_id
    options = user(
        cloud,
        project_id=cloud.project_id if project_id else "",
        project_name=project_name,
        id=ID,
        name=connection["name"],
    )
    assert run_task(cloud, options)["changed"] is False
    journal = cloud.journal()
    assert [entry.operation for entry in journal] == ["createToken"] * logins + ["showVpnConnection"]
    assert journal[0].query == [("nocatalog", "true")]
    assert journal[0].raw_body["auth"]["scope"]["project"] == (
        {"id": cloud.project_id} if project_id else {"name": project_name or cloud.region}
    )
    assert journal[-1].path.split("/")[2] == wanted


@pytest.mark.parametrize("credentials", ["keys", "token"])
def test_a_project_is_found_by_name(cloud, credentials):
    connection = cloud.add_connection(id=ID, psk=KEY)
    options = {"project_id": "", "id": ID, "name": connection["name"]}
    if credentials == "token":
        options.update(access_key="", secret_key="", auth_token=cloud.issue_token())
    with relay(cloud.url) as between:
        run_task(cloud, dict(options, endpoint=between.url, auth_url=between.url + "/v3"))
    assert [seen.target for seen in between.seen] == ["/v3/projects?name=" + cloud.region, show(cloud)]
    # What the project is, is the question: nothing can be said of it yet.
    assert between.seen[0].headers["X-Project-Id"] is None
    with pytest.raises(
        NotFound, match="IAM knows no projects named elsewhere; set project_id, or project_name to the right one"
    ) as caught:
        run_task(cloud, dict(options, project_name="elsewhere"))
    assert caught.value.details["url"] == cloud.url + "/v3/projects"
    cloud.add_project("twin", "0" * 32)
    cloud.add_project("twin", "1" * 32)
    with pytest.raises(NotFound, match="IAM knows 2 projects named twin"):
        run_task(cloud, dict(options, project_name="twin"))


@pytest.mark.parametrize(
    "projects, found",
    [
        ([("1", "eu-de_net"), ("2", "eu-de")], "2"),
        ([("1", "eu-de_net")], None),
        ([("1", "eu-de"), ("2", "eu-de")], None),
        ([], None),
    ],
)
def test_a_project_is_found_by_its_whole_name(projects, found):
    """Subprojects are named after their project; a server may take the name for a beginning."""
    with relay() as server:
        server.answer = answer(
            "200 OK", json.dumps({"projects": [{"id": one, "name": name} for one, name in projects]}).encode()
        )
        if found is None:
            with pytest.raises(NotFound, match="IAM knows (no|2) projects named eu-de;"):
                iam.project_id(client_of(server.url), "eu-de")
        else:
            assert iam.project_id(client_of(server.url), "eu-de") == found


@pytest.mark.parametrize("code", ["APIGW.0301", "VPN.0010"])
def test_a_token_is_renewed_in_the_middle_of_a_wait(cloud, code):
    cloud.add_connection(id=ID, psk=KEY)
    cloud.fault("token_expired", operation="showVpnConnection", skip=2, code=code, expire=True)
    result = run_task(cloud, user(cloud, id=ID, name="new"))
    assert (result["changed"], cloud.connection(ID)["name"]) == (True, "new")
    operations = [entry.operation for entry in cloud.journal()]
    assert operations.count("createToken") == 2
    assert operations.index("updateVpnConnection") < len(operations) - 1 - operations[::-1].index("createToken")


def test_a_token_is_renewed_before_a_write(cloud):
    """A refused token did no harm: the write is sent again, once."""
    cloud.add_connection(id=ID, psk=KEY)
    cloud.fault("token_expired", operation="updateVpnConnection", expire=True)
    assert run_task(cloud, user(cloud, id=ID, name="new"))["changed"] is True
    assert [entry.status for entry in cloud.writes()] == [401, 200]


def test_a_token_is_renewed_only_once(cloud):
    cloud.add_connection(id=ID, psk=KEY)
    cloud.fault("token_expired", operation="showVpnConnection", times=None)
    with pytest.raises(
        ApiError, match="the token was refused: it may have expired, or belong to another project or region"
    ) as caught:
        run_task(cloud, user(cloud, id=ID))
    assert [entry.operation for entry in cloud.journal()] == ["createToken", "showVpnConnection"] * 2
    assert caught.value.details["status_code"] == 401


def test_a_given_token_cannot_be_renewed(cloud):
    token = cloud.issue_token()
    cloud.expire_tokens()
    with pytest.raises(ApiError, match="HTTP 401.*the token was refused: it may have expired"):
        run_task(cloud, {"access_key": "", "secret_key": "", "auth_token": token, "id": ID})
    assert len(cloud.journal()) == 1


@pytest.mark.parametrize("known", [True, False])
@pytest.mark.parametrize("shape", ["nested", "flat"])
def test_a_refused_login_is_tried_once(cloud, known, shape):
    """Accounts are locked after some failed logins. The message says what to look at, and gives the password away nowhere."""
    cloud.switch(iam_error_shape=shape)
    with pytest.raises(ApiError) as caught:
        run_task(cloud, user(cloud, password="Wrong-Password-1", project_id=cloud.project_id if known else "", id=ID))
    assert [entry.operation for entry in cloud.journal()] == ["createToken"]
    assert caught.value.message == (
        "the API refused POST /v3/auth/tokens: The username or password is wrong. (%sHTTP 401);"
        " check user_name, password and domain_name" % ("" if shape == "nested" else "IAM.0001, ")
    )
    assert caught.value.details["url"] == cloud.url + "/v3/auth/tokens?nocatalog=true"
    assert "Wrong-Password-1" not in json.dumps(caught.value.details)


@pytest.mark.parametrize("change", [{"access_key": "UNKNOWNKEY"}, {"secret_key": "wrong-secret-key"}])
def test_refused_keys_are_not_tried_again_and_the_clock_is_suspected(cloud, change):
    clock = FastClock()
    with pytest.raises(ApiError) as caught:
        run_task(cloud, dict(change, id=ID), clock=clock)
    assert len(cloud.journal()) == 1
    assert re.search(
        "check access_key and secret_key .*this machine's clock: it says %s" % clock.utc().strftime("%Y-%m-%dT"),
        caught.value.message,
    )
    assert all(text not in caught.value.message for text in (*change.values(), cloud.secret_key))


def test_a_wrong_clock(cloud):
    cloud.add_connection(id=ID, psk=KEY)
    cloud.advance(16 * 60)
    with pytest.raises(ApiError, match="this machine's clock"):
        run_task(cloud, {"id": ID})
    assert len(cloud.journal()) == 1


def test_a_netrc_file_does_not_replace_our_authentication(cloud, tmp_path, monkeypatch):
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login somebody password Else-1\n", encoding="utf-8")
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
    assert requests.utils.get_netrc_auth(cloud.url) == ("somebody", "Else-1"), "the file is where requests looks for it"
    connection = cloud.add_connection(id=ID, psk=KEY)
    for options in ({}, {"project_id": ""}, user(cloud, project_id="")):
        with relay(cloud.url) as between:
            run_task(cloud, dict(options, endpoint=between.url, auth_url=between.url, id=ID, name=connection["name"]))
        assert not [seen.target for seen in between.seen if (seen.headers["Authorization"] or "").startswith("Basic")]


# -- what goes over the wire -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "members",
    [
        {"name": "\u5206\u516c\u53f8"},
        {"tags": {"due\u00f1o": "Mu\u00f1oz @ Peque\u00f1a"}},
        {"name": "-._-"},
        {"ikepolicy": {"peer_id_type": "fqdn", "peer_id": "b\u00fcro+100%'\"/\u20ac"}},
    ],
)
def test_every_character_is_signed_right(cloud, members):
    cloud.switch(name_characters="chinese")
    cloud.add_connection(id=ID, psk=KEY)
    with relay(cloud.url) as between:
        assert run_task(cloud, dict(members, id=ID, endpoint=between.url))["changed"] is True
    written = [seen for seen in between.seen if seen.method != "GET"]
    assert {seen.headers["Content-Type"] for seen in written} == {"application/json"}
    body = b"".join(seen.body for seen in written)
    assert all(ord(letter) < 128 or letter.encode() in body for letter in str(members))
    assert run_task(cloud, dict(members, id=ID))["changed"] is False


@pytest.mark.parametrize(
    "query",
    [
        [("a", "b c+d"), ("b", "\u00fc/?&=%25"), ("a", "")],
        [("z", True), ("a", 5)],
        [("marker", "2025-06-26T13:41:34.626Z"), ("limit", 10)],
        [],
    ],
)
def test_every_query_is_signed_right(cloud, query):
    """Signed is what is sent, letter by letter: the vendor's own code checks it."""
    cloud.switch(unknown_query="ignored")
    clock = StillClock(true_date=True)
    signed = client_of(
        cloud.url, AkSkAuth(cloud.access_key, cloud.secret_key, clock, None, cloud.project_id), clock=clock
    )
    assert signed.get(listing(cloud), query).status == 200
    assert sorted(cloud.journal()[0].query) == sorted(
        (name, str(value).replace("True", "true")) for name, value in query
    )


def test_the_sender_tells_the_truth(cloud):
    agent = user_agent("2.19.3")
    assert agent == "huaweicloud.vpn ansible-core/2.19.3 python-requests/%s" % requests.__version__
    Client(cloud.url, TokenAuth(cloud.issue_token()), True, 5, 0, StillClock(), agent).get(listing(cloud))
    assert [entry.user_agent for entry in cloud.journal()] == [agent]


def test_many_requests_share_a_connection(cloud):
    cloud.add_connection(id=ID, psk=KEY)
    with relay(cloud.url) as between:
        run_task(cloud, {"endpoint": between.url, "id": ID, "name": "new", "tags": {"a": "b"}})
    assert len(between.seen) >= 5
    assert between.accepted == 1


def test_refusals_and_repetitions_share_it_too(cloud):
    cloud.fault("server_error", status=503, times=2)
    cloud.fault("throttled", retry_after=1)
    with relay(cloud.url) as between:
        client = client_of(between.url, TokenAuth(cloud.issue_token()))
        client.get(listing(cloud))
        with pytest.raises(ApiError):
            client.get(show(cloud))
        client.get(listing(cloud))
    assert (len(between.seen), between.accepted) == (6, 1)


def test_a_connection_that_was_closed_meanwhile_is_not_used_for_a_write(cloud):
    """Between two looks minutes can pass, and servers close what is idle: a write must not be lost to that."""
    cloud.add_connection(id=ID, psk=KEY)
    with relay(cloud.url) as between:
        between.closes = True
        client = client_of(between.url, TokenAuth(cloud.issue_token()), max_retries=0)
        for number in range(3):
            client.call("PUT", show(cloud), body={"vpn_connection": {"name": "name%d" % number}})
            deadline = time.monotonic() + 5
            while cloud.connection(ID)["status"] != "DOWN" and time.monotonic() < deadline:
                time.sleep(0.01)
            time.sleep(0.02)
    assert (len(cloud.writes()), between.accepted) == (3, 3)


def test_urls_and_details_hold_no_secret(cloud):
    """Whatever goes wrong: secrets travel in headers and bodies only."""
    secrets = {cloud.secret_key, cloud.password, "Another-Key-2"}
    for options in ({}, user(cloud), user(cloud, project_id=""), {"project_id": "", "project_name": "elsewhere"}):
        cloud.reset()
        cloud.add_connection(id=ID, psk=KEY)
        cloud.fault("status", operation="updateVpnConnection", status=400, code="VPN.0001", message="no", times=None)
        with pytest.raises((ApiError, NotFound)) as caught:
            run_task(cloud, dict(options, id=ID, psk="Another-Key-2", update_psk="always", name="new"))
        told = json.dumps(caught.value.details) + caught.value.message
        assert not [secret for secret in secrets if secret in told]
        assert caught.value.details["url"].startswith(cloud.url) and caught.value.details["method"] in ("GET", "PUT")
        for entry in cloud.journal():
            assert not [secret for secret in secrets | {cloud.access_key} if secret in entry.path + str(entry.query)]


# -- errors in every shape ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("place", ["both", "body", "header", "absent"])
@pytest.mark.parametrize("shape", ["vpn", "code_message", "nested", "camel"])
def test_error_bodies(cloud, shape, place):
    cloud.switch(error_shape=shape, request_id=place)
    client = by_token(cloud)
    with pytest.raises(ApiError) as caught:
        client.get(show(cloud))
    entry = cloud.journal()[0]
    known = None if place == "absent" else entry.request_id
    assert caught.value.details == {
        name: value
        for name, value in {
            "error_code": "VPN.0004",
            "status_code": 404,
            "request_id": known,
            "method": "GET",
            "url": cloud.url + entry.path,
        }.items()
        if value
    }
    assert caught.value.message.startswith("the API refused GET %s: " % entry.path)
    assert caught.value.message.endswith("(VPN.0004, HTTP 404%s)" % (", request id " + known if known else ""))
    assert client.request_ids == ([known] if known else [])
    assert (caught.value.missing, caught.value.code) == (True, "VPN.0004")


HTML = b"<html><body>Bad gateway</body></html>"

# (status line, body, headers, what the message says, error code)
ODD_REFUSALS = [
    ("400 Bad Request", b"", [], "the API refused GET /x: Bad Request (HTTP 400)", None),
    ("400", b"", [], "the API refused GET /x: no reason given (HTTP 400)", None),
    ("403 Forbidden", HTML, ["Content-Type: text/html"], "the API refused GET /x: Forbidden (HTTP 403)", None),
    ("400 Bad", b'{"error": "broken"}', [], "the API refused GET /x: Bad (HTTP 400)", None),
    ("400 Bad", b'{"error_code": 7, "error_msg": ["a"]}', [], "the API refused GET /x: ['a'] (7, HTTP 400)", "7"),
    ("400 Bad", b'["VPN.0001"]', [], "the API refused GET /x: Bad (HTTP 400)", None),
    ("400 Bad", b'"VPN.0001"', [], "the API refused GET /x: Bad (HTTP 400)", None),
    ("400 Bad", b"\xff\xfe{}", [], "the API refused GET /x: Bad (HTTP 400)", None),
    (
        "400 Bad",
        b'{"error_code": "VPN.0001", "error_msg": ""}',
        [],
        "the API refused GET /x: Bad (VPN.0001, HTTP 400)",
        "VPN.0001",
    ),
    (
        "400 Bad",
        b'{"code": "VPN.0001", "message": "no", "requestId": "r1"}',
        [],
        "the API refused GET /x: no (VPN.0001, HTTP 400, request id r1)",
        "VPN.0001",
    ),
    (
        "400 Bad",
        b'{"error_code": "VPN.0001", "error_msg": "no", "encoded_authorization_message": "x"}',
        ["X-Request-Id: r2"],
        "the API refused GET /x: no (VPN.0001, HTTP 400, request id r2)",
        "VPN.0001",
    ),
    (
        "404 Not Found",
        b'{"error": {"code": 404, "message": "gone", "title": "Not Found"}}',
        [],
        "the API refused GET /x: gone (HTTP 404)",
        None,
    ),
    ("405 Method Not Allowed", b"{}", [], "the API refused GET /x: Method Not Allowed (HTTP 405)", None),
    ("499 Odd", b"[" * 5000, [], "the API refused GET /x: Odd (HTTP 499)", None),
    ("499 Odd", b"[" * 200000, [], "the API refused GET /x: Odd (HTTP 499)", None),
]


@pytest.mark.parametrize(
    "status, body, headers, message, code", ODD_REFUSALS, ids=[str(number) for number in range(len(ODD_REFUSALS))]
)
def test_odd_refusals(status, body, headers, message, code):
    with relay() as server:
        server.answer = answer(status, body, *headers)
        with pytest.raises(ApiError) as caught:
            client_of(server.url).get("/x")
    assert (caught.value.message, caught.value.code, len(server.seen)) == (message, code, 1)


@pytest.mark.parametrize(
    "body, headers, missing",
    [
        (b'{"error_code": "VPN.0004", "error_msg": "not found"}', [], True),
        (b'{"error_code": "VPN.0509", "error_msg": "no such gateway"}', [], False),
        (b'{"error_code": "APIGW.0101", "error_msg": "no such API"}', [], False),
        (b'{"error_code": "APIGW.0103", "error_msg": "no backend"}', [], False),
        (HTML, ["Content-Type: text/html"], False),
        (b"", [], False),
    ],
)
def test_only_the_service_itself_can_say_that_an_object_is_gone(body, headers, missing):
    """A proxy's page, or a gateway that knows no such path, is not to be taken for a deletion that has succeeded."""
    with relay() as server:
        server.answer = answer("404 Not Found", body, *headers)
        with pytest.raises(ApiError) as caught:
            client_of(server.url).get("/x")
    assert caught.value.missing is missing


# (what comes, what the message says); none of these is an answer, whatever its status
NO_ANSWERS = [
    (answer("200 OK", b""), "with something that is no complete JSON object (no content type, 0 bytes)"),
    (answer("200 OK", b"[]"), "with something that is no complete JSON object (no content type, 2 bytes)"),
    (answer("200 OK", b"null"), "with something that is no complete JSON object"),
    (answer("200 OK", b'{"a": '), "with something that is no complete JSON object"),
    (
        answer("200 OK", HTML, "Content-Type: text/html"),
        "with something that is no complete JSON object (text/html, %d bytes)" % len(HTML),
    ),
    (answer("201 Created", b"ok"), "with something that is no complete JSON object"),
    (answer("200 OK", b'{"a": "\xff"}'), "with something that is no complete JSON object"),
    (answer("200 OK", b'{"a":' * 100000), "with something that is no complete JSON object"),
    (b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n{}", "broke before GET was answered"),
    (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}", "broke before GET was answered"),
    (answer("200 OK", b"no gzip", "Content-Encoding: gzip"), "broke before GET was answered"),
    (b"SSH-2.0-OpenSSH_9.6\r\n", "broke before GET was answered"),
    (b"", "broke before GET was answered"),
]


@pytest.mark.parametrize("raw, message", NO_ANSWERS, ids=[str(number) for number in range(len(NO_ANSWERS))])
def test_what_is_no_answer(raw, message):
    with relay() as server:
        server.answer = raw
        with pytest.raises(NoResponse) as caught:
            client_of(server.url, max_retries=1).get("/x")
        assert len(server.seen) == 2, "a read may be repeated"
        assert message in caught.value.message and " at 0x" not in caught.value.message
        with pytest.raises(NoResponse, match=re.escape(message.replace("GET", "PUT"))) as caught:
            client_of(server.url, max_retries=1).call("PUT", "/x", body={})
        assert len(server.seen) == 3, "a write may have been carried out"
        assert caught.value.effect_unknown


def test_answers_without_a_body_are_answers_where_none_is_due():
    with relay() as server:
        for raw in (b"HTTP/1.1 204 No Content\r\n\r\n", answer("202 Accepted", b""), answer("201 Created", b"{}")):
            server.answer = raw
            assert client_of(server.url).call("POST", "/x", body={}).data == {}


def test_an_envelope_that_is_missing_is_no_answer():
    with relay() as server:
        for body, holding in (
            (b"{}", dict),
            (b'{"thing": []}', dict),
            (b'{"thing": null}', dict),
            (b'{"thing": {}}', list),
        ):
            server.answer = answer("200 OK", body)
            with pytest.raises(NoResponse, match="with JSON that holds no thing"):
                client_of(server.url, max_retries=0).get("/x", expect=("thing", holding))


# -- what is sent again ------------------------------------------------------------------------------------------------

READS, NEVER, ALWAYS = "reads", "never", "always"

# (status, code, text, what is repeated, busy)
RETRIES = [
    (429, "APIGW.0308", "", ALWAYS, False),
    (429, "VPN.0429", "", ALWAYS, False),
    (429, "", "", ALWAYS, False),
    (400, "VPN.0030", "", ALWAYS, False),
    (400, "VPN.0031", "", ALWAYS, False),
    (504, "VPN.0014", "", READS, False),
    (500, "VPN.0002", "", READS, False),
    (500, "VPN.0005", "", READS, False),
    (500, "VPN.0006", "", READS, False),
    (500, "", "", READS, False),
    (502, "", "", READS, False),
    (503, "", "", READS, False),
    (504, "", "", READS, False),
    (408, "", "", READS, False),
    (425, "VPN.0009", "", READS, True),
    (409, "VPN.0016", "", READS, True),
    (409, "VPN.0017", "", READS, True),
    (400, "VPN.0306", "", READS, True),
    (400, "VPN.0506", "", READS, True),
    (400, "VPN.0507", "", READS, True),
    (403, "VPN.0003", "the VPN gateway is not ready", READS, True),
    (403, "VPN.0003", "the gateway is currently upgrading", READS, True),
    (403, "VPN.0003", "authorization failed", NEVER, False),
    (403, "VPN.0007", "", NEVER, False),
    (400, "VPN.0001", "", NEVER, False),
    (404, "VPN.0004", "", NEVER, False),
    (401, "VPN.0010", "", NEVER, False),
    (401, "APIGW.0301", "", NEVER, False),
    (400, "VPN.0012", "", NEVER, False),
    (400, "VPN.0013", "", NEVER, False),
    (400, "VPN.0015", "", NEVER, False),
    (400, "VPN.0018", "", NEVER, False),
    (400, "VPN.0203", "", NEVER, False),
    (400, "VPN.0304", "", NEVER, False),
    (400, "VPN.0305", "", NEVER, False),
    (400, "VPN.0381", "", NEVER, False),
    (400, "VPN.0508", "", NEVER, False),
    (404, "VPN.0509", "", NEVER, False),
    (404, "APIGW.0101", "", NEVER, False),
    (404, "APIGW.0103", "", NEVER, False),
    (400, "APIGW.0201", "", NEVER, False),
    (413, "APIGW.0201", "", NEVER, False),
    (409, "", "", NEVER, False),
    (403, "", "", NEVER, False),
]


@pytest.mark.parametrize("method", ["GET", "PUT", "POST", "DELETE"])
@pytest.mark.parametrize("status, code, text, repeated, busy", RETRIES, ids=["%d %s %s" % case[:3] for case in RETRIES])
def test_what_is_repeated(cloud, method, status, code, text, repeated, busy):
    """API contract, section 12. A write that may have been carried out is nobody's to repeat without a look at the object."""
    body = "vendor" if code else "html"
    cloud.fault("status", status=status, code=code or "VPN.0002", message=text, body=body, times=None)
    clock = StillClock()
    with pytest.raises(ApiError) as caught:
        by_token(cloud, clock=clock).call(method, show(cloud), body={} if method in ("PUT", "POST") else None)
    again = repeated == ALWAYS or (repeated == READS and method == "GET")
    assert len(cloud.journal()) == (4 if again else 1)
    assert clock.slept == ([0.5, 1.0, 2.0] if again else [])
    assert (caught.value.code, caught.value.details["status_code"]) == (code or None, status)
    assert (caught.value.busy, caught.value.effect_unknown) == (busy, status >= 500)


@pytest.mark.parametrize("max_retries", [0, 1, 5, 9])
def test_retries_are_bounded_and_their_pauses_grow(cloud, max_retries):
    cloud.fault("server_error", status=503, times=None)
    clock = StillClock()
    with pytest.raises(ApiError):
        by_token(cloud, clock=clock, max_retries=max_retries).get(listing(cloud))
    assert len(cloud.journal()) == max_retries + 1
    assert clock.slept == [0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 30.0, 30.0, 30.0][:max_retries]


def test_retries_end_with_the_first_answer(cloud):
    for kind in ("throttled", "connection_reset", "truncated", "cut_json", "html", "empty", "not_object"):
        cloud.fault(kind)
    cloud.fault("server_error", status=500)
    assert by_token(cloud, max_retries=8).get(listing(cloud)).status == 200
    assert len(cloud.journal()) == 9


@pytest.mark.parametrize("applied", [False, True])
@pytest.mark.parametrize("kind", ["connection_reset", "html", "empty", "not_object"])
def test_a_write_whose_answer_was_lost_is_not_repeated(cloud, kind, applied):
    cloud.add_connection(id=ID, psk=KEY)
    cloud.fault(kind, applied=applied)
    with pytest.raises(NoResponse) as caught:
        by_token(cloud).call("PUT", show(cloud), body={"vpn_connection": {"name": "new"}})
    assert (len(cloud.journal()), caught.value.effect_unknown) == (1, True)
    assert (cloud.connection(ID)["name"] == "new") is applied


@pytest.mark.parametrize(
    "asked, form, slept",
    [
        (7, "seconds", 7),
        (0, "seconds", 0.5),
        (1.5, "seconds", 1.5),
        (120, "seconds", 120),
        (121, "seconds", 120),
        (86400, "seconds", 120),
        (40, "date", 40),
        (9000, "date", 120),
        (-30, "date", 0.5),
    ],
)
@pytest.mark.parametrize("kind", ["throttled", "server_error"])
def test_retry_after(cloud, kind, asked, form, slept):
    """The cloud's wish counts, up to two minutes; one that is over at once does not make us come back sooner than we would."""
    cloud.fault(kind, retry_after=asked, retry_after_form=form)
    clock = StillClock(true_date=True)
    by_token(cloud, clock=clock).get(listing(cloud))
    assert sum(clock.slept) == pytest.approx(slept, abs=1.5 if form == "date" else 0)
    assert len(cloud.journal()) == 2


@pytest.mark.parametrize(
    "text", ["soon", "", "-5", "7 s", "nan", "inf", "1e3", "Thu, 99 Xyz 2026 00:00:00 GMT", "Fri, 02 Jan 2026 03:04:06"]
)
def test_an_unreadable_retry_after_is_as_good_as_none(text):
    with relay() as server:
        server.answer = answer("429 Too Many", b"{}", "Retry-After: " + text)
        clock = StillClock()
        with pytest.raises(ApiError, match="HTTP 429"):
            client_of(server.url, clock=clock, max_retries=2).get("/x")
    assert clock.slept == [0.5, 1.0]


def test_what_never_left_is_repeated_even_if_it_writes():
    clock = StillClock()
    where = "127.0.0.1:%d" % unused_port()
    with pytest.raises(Unreachable, match="no connection to %s: .*refused" % where) as caught:
        client_of("http://" + where, clock=clock).call("POST", "/x", body={})
    assert clock.slept == [0.5, 1.0, 2.0]
    assert caught.value.details == {"method": "POST", "url": "http://%s/x" % where}
    assert "0x" not in caught.value.message and not caught.value.effect_unknown


def test_a_name_that_does_not_exist():
    with pytest.raises(Unreachable, match="no connection to vpn.example.invalid: .*([Rr]esol|[Nn]ame)"):
        client_of("https://vpn.example.invalid", max_retries=0).get("/x")


# -- time --------------------------------------------------------------------------------------------------------------


def elapsed(start):
    return time.monotonic() - start


@pytest.mark.parametrize(
    "kind, method", [("slow_headers", "GET"), ("slow_headers", "PUT"), ("slow_body", "GET"), ("slow_body", "PUT")]
)
def test_a_slow_answer_ends_at_the_timeout(cloud, kind, method):
    cloud.fault(kind, seconds=6, times=None)
    start = time.monotonic()
    with pytest.raises(NoResponse) as caught:
        by_token(cloud, timeout=1, max_retries=0, clock=Clock()).call(
            method, listing(cloud), body={} if method == "PUT" else None
        )
    assert 0.9 < elapsed(start) < 2.5
    assert caught.value.message == "%s did not answer %s within 1 seconds" % (urlsplit(cloud.url).netloc, method)


def test_headers_that_dribble_do_not_count_as_an_answer_in_time(cloud):
    """The socket's own timeout begins anew with each byte."""
    cloud.fault("slow_headers", seconds=2.4, dribble=True)
    start = time.monotonic()
    with pytest.raises(NoResponse, match="did not answer GET within 1 seconds"):
        by_token(cloud, timeout=1, max_retries=0, clock=Clock()).get(listing(cloud))
    assert elapsed(start) < 1.8


def test_a_slow_answer_within_the_time_is_taken(cloud):
    cloud.fault("slow_headers", seconds=0.2)
    cloud.fault("slow_body", seconds=0.2)
    client = by_token(cloud, timeout=2, max_retries=0, clock=Clock())
    assert [client.get(listing(cloud)).data["vpn_connections"] for dummy in range(2)] == [[], []]


def test_a_slow_read_is_repeated(cloud):
    cloud.fault("slow_headers", seconds=1.3)
    assert by_token(cloud, timeout=1, max_retries=1, clock=FastClock()).get(listing(cloud)).status == 200
    assert len(cloud.journal()) == 2


# -- redirects ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [300, 301, 302, 303, 304, 307, 308])
@pytest.mark.parametrize("method", ["GET", "PUT"])
def test_redirects_are_not_followed(cloud, status, method):
    """Whoever answers in the cloud's place must not be told where to find our signature."""
    with relay(cloud.url) as elsewhere:
        cloud.fault("redirect", status=status, location=elsewhere.url + "/elsewhere", times=None)
        with pytest.raises(ApiError) as caught:
            by_token(cloud).call(method, show(cloud), body={} if method == "PUT" else None)
        assert (elsewhere.accepted, len(cloud.journal())) == (0, 1)
    assert (
        caught.value.message
        == "%s answered %s with a redirect (HTTP %d), which is not followed: check the endpoint"
        % (urlsplit(cloud.url).netloc, method, status)
    )
    assert caught.value.details["status_code"] == status


# -- trust -------------------------------------------------------------------------------------------------------------


def test_a_server_that_nobody_vouches_for(cloud, certificate):
    clock = FastClock()
    with relay(cloud.url, certificate[1]) as tls:
        with pytest.raises(Unreachable) as caught:
            run_task(cloud, {"endpoint": tls.url, "id": ID}, clock=clock)
    assert re.match(r"no trusted connection to 127.0.0.1:\d+: .*self.signed certificate", caught.value.message)
    # Nothing was sent, and trying again would not help.
    assert (tls.seen, clock.slept, cloud.journal()) == ([], [], [])


def test_a_ca_that_vouches_for_it(cloud, certificate):
    connection = cloud.add_connection(id=ID, psk=KEY)
    with relay(cloud.url, certificate[1]) as tls:
        run_task(cloud, {"endpoint": tls.url, "ca_path": certificate[0], "id": ID, "name": connection["name"]})
    assert len(cloud.journal()) == 1


@pytest.mark.parametrize("variable", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
def test_a_ca_that_the_environment_names(cloud, certificate, monkeypatch, variable):
    connection = cloud.add_connection(id=ID, psk=KEY)
    monkeypatch.setenv(variable, certificate[0])
    with relay(cloud.url, certificate[1]) as tls:
        run_task(cloud, {"endpoint": tls.url, "id": ID, "name": connection["name"]})
    assert len(cloud.journal()) == 1


def test_the_tasks_ca_beats_that_of_the_environment(cloud, certificate, monkeypatch):
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", requests.certs.where())
    with relay(cloud.url, certificate[1]) as tls:
        assert client_of(tls.url, TokenAuth(cloud.issue_token()), certificate[0]).get(listing(cloud)).status == 200


def test_no_vouching_at_all(cloud, certificate, monkeypatch, recwarn):
    """The environment must not switch the check on again, and nothing is printed at each request."""
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", requests.certs.where())
    connection = cloud.add_connection(id=ID, psk=KEY)
    with relay(cloud.url, certificate[1]) as tls:
        run_task(cloud, {"endpoint": tls.url, "validate_certs": False, "id": ID, "name": connection["name"]})
    assert len(cloud.journal()) == 1
    assert [str(warning.message) for warning in recwarn if "Unverified" in str(warning.message)] == []


def test_a_ca_that_does_not_exist(cloud, monkeypatch):
    with pytest.raises(
        InvalidInput, match="ca_path does not exist on the machine that runs the task: '/nonexistent/ca.pem'"
    ):
        run_task(cloud, {"ca_path": "/nonexistent/ca.pem", "id": ID})
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/nonexistent/bundle.pem")
    with relay() as server:
        with pytest.raises(Unreachable, match=r"127.0.0.1:\d+ cannot be asked: .*/nonexistent/bundle.pem"):
            client_of(server.url.replace("http:", "https:")).get("/x")
        assert server.accepted == 0


# -- proxies -----------------------------------------------------------------------------------------------------------


def signed(cloud, url, **options):
    """Return a client with an access key."""
    clock = StillClock(true_date=True)
    return client_of(
        url, AkSkAuth(cloud.access_key, cloud.secret_key, clock, None, cloud.project_id), clock=clock, **options
    )


def test_a_proxy_of_the_environment(cloud, monkeypatch):
    with relay(cloud.url) as proxy:
        monkeypatch.setenv("http_proxy", proxy.url)
        assert signed(cloud, "http://" + HOST).get(listing(cloud)).status == 200
    assert [seen.target for seen in proxy.seen] == ["http://" + HOST + listing(cloud)]
    assert [entry.auth for entry in cloud.journal()] == ["aksk"], "signed for the cloud, not for the proxy"


def test_a_proxy_and_tls(cloud, certificate, monkeypatch):
    connection = cloud.add_connection(id=ID, psk=KEY)
    with relay(cloud.url, certificate[1]) as tls, relay(tls.url) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy.url.replace("//", "//somebody:Proxy-Password-1@"))
        run_task(
            cloud, {"endpoint": "https://" + HOST, "ca_path": certificate[0], "id": ID, "name": connection["name"]}
        )
        (tunnel,) = proxy.seen
        assert (tunnel.method, tunnel.target) == ("CONNECT", HOST + ":443")
        # What is meant for the cloud, the proxy does not see.
        assert not {"authorization", "x-project-id"} & {name.lower() for name in tunnel.headers}
        assert len(tls.seen) == 1


@pytest.mark.parametrize("exception", [HOST, ".example.test", "*"])
def test_no_proxy(monkeypatch, exception):
    with relay() as proxy:
        proxy.answer = answer("407 Proxy Authentication Required", b"")
        monkeypatch.setenv("https_proxy", proxy.url)
        with pytest.raises(Unreachable):
            client_of("https://" + HOST, max_retries=0).get("/x")
        assert proxy.accepted == 1
        monkeypatch.setenv("no_proxy", exception)
        with pytest.raises(Unreachable):
            client_of("https://" + HOST, max_retries=0).get("/x")
        assert proxy.accepted == 1


def test_a_proxy_that_refuses(monkeypatch):
    with relay() as proxy:
        proxy.answer = answer("407 Proxy Authentication Required", b"")
        monkeypatch.setenv("HTTPS_PROXY", proxy.url.replace("//", "//somebody:Proxy-Password-1@"))
        with pytest.raises(Unreachable, match=r"no connection to %s: Tunnel connection failed: 407" % HOST) as caught:
            client_of("https://" + HOST, max_retries=1).call("PUT", "/x", body={})
        assert len(proxy.seen) == 2
    assert "Proxy-Password-1" not in caught.value.message


@pytest.mark.parametrize(
    "proxy", ["http://somebody:Proxy-Password-1@127.0.0.1:{port}", "http://somebody:Proxy-Password-1@:{port}"]
)
def test_a_proxy_that_is_not_there(cloud, monkeypatch, proxy):
    monkeypatch.setenv("http_proxy", proxy.format(port=unused_port()))
    with pytest.raises(Unreachable) as caught:
        client_of("http://" + HOST, max_retries=1).call("PUT", "/x", body={})
    assert HOST in caught.value.message
    assert "Proxy-Password-1" not in caught.value.message + json.dumps(caught.value.details)
    assert cloud.journal() == []


# -- lists -------------------------------------------------------------------------------------------------------------

PAGINGS = [
    {},
    {"page_cap": 3},
    {"page_cap": 1},
    {"page_cap": 3, "last_marker": "absent"},
    {"page_cap": 3, "last_marker": "null"},
    {"page_cap": 3, "page_border": "at"},
    {"page_cap": 3, "list_order": "oldest_first"},
    {"page_cap": 3, "total_count": "filter"},
    {"page_cap": 4, "page_border": "at", "last_marker": "absent", "list_order": "oldest_first"},
    {"page_cap": 3, "fraction_digits": 9},
]


@pytest.mark.parametrize("switches", PAGINGS, ids=str)
def test_lists_are_read_to_their_end(cloud, switches):
    """How long a page may be differs by region: the first one tells, and is what further ones are asked for."""
    cloud.switch(**switches)
    made = {cloud.add_connection(name="office%d" % number)["id"] for number in range(10)}
    found, total = by_token(cloud).pages(listing(cloud), "vpn_connections")
    assert [item["id"] for item in found] == list(dict.fromkeys(item["id"] for item in found)), "none twice"
    assert ({item["id"] for item in found}, total) == (made, 10)
    step = switches.get("page_cap") or 10
    assert len(cloud.journal()) <= 10 / (step - (switches.get("page_border") == "at") or 1) + 2
    first, *others = [dict(entry.query) for entry in cloud.journal()]
    assert first == {}
    assert [(query["limit"], "marker" in query) for query in others] == [(str(step), True)] * len(others)


def test_a_shuffled_list_in_one_page_is_complete(cloud):
    cloud.switch(list_order="shuffled")
    made = {cloud.add_connection()["id"] for dummy in range(10)}
    assert {item["id"] for item in by_token(cloud).pages(listing(cloud), "vpn_connections")[0]} == made


@pytest.mark.parametrize("count", [0, 1, 2, 3, 4])
def test_no_question_without_need(cloud, count):
    """As many as the whole tenant has are all there are, whatever marker comes with them."""
    cloud.switch(page_cap=2)
    for dummy in range(count):
        cloud.add_connection()
    assert len(by_token(cloud).pages(listing(cloud), "vpn_connections")[0]) == count
    assert len(cloud.journal()) == max(1, (count + 1) // 2)


def test_a_list_that_never_ends_is_left():
    """A server that always names a next page and never brings anything new would hold a task for ever."""
    page = {
        "vpn_connections": [{"id": "1"}, {"id": "2"}, {"name": "without id"}, {"id": "1"}],
        "page_info": {"next_marker": "again"},
    }
    with relay() as server:
        server.answer = answer("200 OK", json.dumps(page).encode())
        found, total = client_of(server.url).pages("/x", "vpn_connections")
    assert ([item["id"] for item in found], total, len(server.seen)) == (["1", "2"], None, 2)


@pytest.mark.parametrize("entry", ["text", None, 7, ["id"], {"id": 7}, {"id": ["x"]}, {"id": {"x": 1}}], ids=repr)
def test_an_entry_that_cannot_be_read_is_told_and_kept_apart_only_where_asked_for(entry):
    with relay() as server:
        server.answer = answer("200 OK", json.dumps({"things": [entry, {"id": "1"}]}).encode())
        with pytest.raises(NoResponse, match="an entry of things is no object with an id"):
            client_of(server.url).pages("/x", "things")
        odd = []
        assert client_of(server.url).pages("/x", "things", odd=odd) == ([{"id": "1"}], None)
    assert odd == [entry]


def test_an_entry_that_cannot_be_read_counts_once_in_a_list_that_is_read_again(cloud):
    """The object before the second page is gone, so the API refuses to go on from there."""
    page = {"vpn_connections": ["text", {"id": "1"}], "page_info": {"next_marker": "1"}}
    cloud.fault("not_object", operation="listVpnConnections", value=page)
    cloud.fault("status", operation="listVpnConnections", status=400, code="VPN.0001")
    page = {"vpn_connections": ["text", {"id": "2"}]}
    cloud.fault("not_object", operation="listVpnConnections", value=page)
    odd = []
    assert by_token(cloud).pages(listing(cloud), "vpn_connections", odd=odd) == ([{"id": "2"}], None)
    assert odd == ["text"]


@pytest.mark.parametrize(
    "more",
    [b"", b', "page_info": null', b', "page_info": {"next_marker": null}', b', "page_info": {"current_count": 1}'],
)
def test_a_list_without_pages(more):
    with relay() as server:
        server.answer = answer("200 OK", b'{"things": [{"id": "1"}]%s}' % more)
        assert client_of(server.url).pages("/x", "things", [("name", "a b")]) == ([{"id": "1"}], None)
    assert [seen.target for seen in server.seen] == ["/x?name=a%20b"]


def test_a_filter_goes_with_every_page(cloud):
    gateway = cloud.add_gateway()["id"]
    cloud.switch(page_cap=2)
    made = {cloud.add_connection(vgw_id=gateway)["id"] for dummy in range(5)}
    cloud.add_connection()
    found = by_token(cloud).pages(listing(cloud), "vpn_connections", [("vgw_id", gateway)])[0]
    assert {item["id"] for item in found} == made
    assert len(cloud.journal()) >= 3 and all(("vgw_id", gateway) in entry.query for entry in cloud.journal())


def test_the_options_of_the_task_reach_the_client(cloud):
    """request_timeout and max_retries are the task's to say."""
    cloud.fault("server_error", status=503, times=None)
    clock = FastClock(speed=1000.0)
    with pytest.raises(ApiError):
        run_task(cloud, {"id": ID, "max_retries": 2}, clock=clock)
    assert len(cloud.journal()) == 3
    cloud.reset()
    cloud.fault("slow_headers", seconds=2)
    with pytest.raises(NoResponse, match="within 1 seconds"):
        run_task(cloud, {"id": ID, "max_retries": 0, "request_timeout": 1})
    assert set(access(cloud)) >= {"endpoint", "auth_url"}
