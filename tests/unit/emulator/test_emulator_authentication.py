# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who gets in: signatures, temporary keys, tokens, projects."""

from __future__ import annotations

import datetime
import json

import pytest
import requests
from huaweicloudsdkcore.auth.credentials import BasicCredentials
from huaweicloudsdkcore.sdk_request import SdkRequest
from huaweicloudsdkcore.signer.signer import Signer

from ansible_collections.huaweicloud.vpn.tests.emulator.errors import ApiError
from ansible_collections.huaweicloud.vpn.tests.emulator.signing import Keys, SignedRequest, verify
from ansible_collections.huaweicloud.vpn.tests.unit.emulator.helpers import Api, code, fixture

VECTORS = fixture("signing_vectors.json")["vectors"]
MOMENT = datetime.datetime(2026, 1, 2, 3, 4, 5, tzinfo=datetime.timezone.utc)


def signed_request(vector):
    """The request of a vector as a server receives it, and the keys that server knows."""
    given, expected = vector["input"], vector["expected"]
    headers = {name.lower(): value for name, value in expected["headers_sent"].items()}
    headers["authorization"] = expected["authorization"]
    query = [(key, str(value).lower() if isinstance(value, bool) else str(value)) for key, value in given["query"]]
    request = SignedRequest(given["method"], given["path"], query, headers, (given["body"] or "").encode())
    pair = Keys(given["access_key"], given["secret_key"], given["security_token"] or "")
    return request, {pair.access: pair}


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["name"])
def test_vectors_are_accepted(vector):
    request, keys = signed_request(vector)
    assert verify(request, keys, MOMENT).access == vector["input"]["access_key"]


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["name"])
def test_vectors_with_another_secret_are_refused(vector):
    request, keys = signed_request(vector)
    wrong = {access: pair._replace(secret="x" * 40) for access, pair in keys.items()}
    with pytest.raises(ApiError, match="verify aksk signature fail"):
        verify(request, wrong, MOMENT)


@pytest.mark.parametrize("minutes, good", [(-16, False), (-14, True), (14, True), (16, False)])
def test_clock(minutes, good):
    request, keys = signed_request(VECTORS[0])
    moment = MOMENT + datetime.timedelta(minutes=minutes)
    if good:
        verify(request, keys, moment)
        return
    with pytest.raises(ApiError, match="check the clock"):
        verify(request, keys, moment)


def sign(cloud, method="GET", path="vpn-connection", body=b"", query=(), **headers):
    """Headers of a signed request, by the vendor's signer."""
    given = {
        "X-Sdk-Date": datetime.datetime.now(datetime.timezone.utc).strftime("%Y%m%dT%H%M%SZ"),
        "Host": f"127.0.0.1:{cloud.port}",
        "Content-Type": "application/json",
        **headers,
    }
    request = SdkRequest(
        method=method,
        host=given["Host"],
        resource_path=f"/v5/{cloud.project_id}/{path}",
        query_params=list(query),
        header_params=given,
        body=body,
    )
    Signer(BasicCredentials(cloud.access_key, cloud.secret_key)).sign(request)
    return request.header_params


def send(cloud, headers, method="GET", path="vpn-connection", body=b"", query=""):
    """A request with the given headers and no others that matter."""
    return requests.request(
        method, f"{cloud.url}/v5/{cloud.project_id}/{path}{query}", data=body, headers=headers, timeout=5
    )


def test_signed_request(cloud):
    assert send(cloud, sign(cloud)).status_code == 200
    query = [("enterprise_project_id", "b"), ("enterprise_project_id", "a c")]
    assert (
        send(cloud, sign(cloud, query=query), query="?enterprise_project_id=b&enterprise_project_id=a%20c").status_code
        == 200
    )
    assert cloud.journal()[-1].query == query and cloud.journal()[-1].auth == "aksk"


ALTERED = {
    "body": {"body": b'{"vpn_connection": {"name": "evil"}}'},
    "path": {"path": "vpn-connection/6d3c1e52-0000-4000-8000-000000000001"},
    "method": {"method": "DELETE", "body": b""},
    "query": {"query": "?limit=1"},
}


@pytest.mark.parametrize("change", ALTERED.values(), ids=ALTERED)
def test_altered_request(cloud, change):
    sent = {
        "method": "PUT",
        "path": "vpn-connection/6d3c1e52-0000-4000-8000-000000000000",
        "body": b'{"vpn_connection": {"name": "good"}}',
    }
    answer = send(cloud, sign(cloud, **sent), **{**sent, **change})
    assert code(answer) == (401, "APIGW.0301")


def test_signed_headers_must_be_complete(cloud):
    headers = sign(cloud)
    for name in ("host;", ";x-sdk-date"):
        shortened = {**headers, "Authorization": headers["Authorization"].replace(name, "")}
        assert code(send(cloud, shortened)) == (401, "APIGW.0301")
    del headers["Content-Type"]
    assert "missing: content-type" in send(cloud, headers).json()["error_msg"]


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": "Bearer x"},
        {"X-Auth-Token": "nonsense"},
        {"Authorization": "SDK-HMAC-SHA256 Access=a, SignedHeaders=host, Signature=b"},
    ],
)
def test_no_good_credentials(cloud, headers):
    answer = send(cloud, headers)
    assert code(answer) == (401, "APIGW.0301")
    assert answer.headers["X-Request-Id"] == answer.json()["request_id"] == cloud.journal()[-1].request_id


def test_stated_payload_hash_must_fit(cloud):
    headers = sign(cloud, "PUT", "vpn-connection/x", b"{}", **{"X-Sdk-Content-Sha256": "UNSIGNED-PAYLOAD"})
    answer = send(cloud, headers, "PUT", "vpn-connection/x", b'{"vpn_connection": {}}')
    assert "payload hash" in answer.json()["error_msg"]


def test_other_project(cloud):
    headers = sign(cloud, **{"X-Project-Id": "f" * 32})
    assert code(send(cloud, headers)) == (403, "VPN.0003")


def token_request(cloud, **changes):
    """The body of a token request, with some values changed."""
    known = {
        "user": cloud.user_name,
        "password": cloud.password,
        "domain": cloud.domain_name,
        "project": {"name": cloud.project_name},
        **changes,
    }
    user = {"name": known["user"], "password": known["password"], "domain": {"name": known["domain"]}}
    return {
        "auth": {
            "identity": {"methods": ["password"], "password": {"user": user}},
            "scope": {"project": known["project"]},
        }
    }


def get_token(cloud, body, query=""):
    """A token request."""
    return requests.post(f"{cloud.url}/v3/auth/tokens{query}", json=body, timeout=5)


@pytest.mark.parametrize("by", ["id", "name"])
def test_token(cloud, by):
    project = {by: cloud.project_id if by == "id" else cloud.project_name}
    answer = get_token(cloud, token_request(cloud, project=project))
    assert answer.status_code == 201
    token = answer.json()["token"]
    assert token["project"]["id"] == cloud.project_id and token["catalog"] == []
    expires = datetime.datetime.strptime(token["expires_at"], "%Y-%m-%dT%H:%M:%S.%fZ")
    assert datetime.timedelta(hours=23) < expires - datetime.datetime.now(datetime.timezone.utc).replace(tzinfo=None)
    headers = {"X-Auth-Token": answer.headers["X-Subject-Token"]}
    assert send(cloud, headers).status_code == 200
    assert cloud.journal()[-1].auth == "token"
    assert "catalog" not in get_token(cloud, token_request(cloud), "?nocatalog=true").json()["token"]


@pytest.mark.parametrize(
    "change, status",
    [
        ({"password": "wrong"}, 401),
        ({"user": "nobody"}, 401),
        ({"domain": "other"}, 401),
        ({"project": {"name": "other"}}, 401),
        ({"project": {}}, 400),
        ({"project": None}, 400),
    ],
)
def test_refused_token(cloud, change, status):
    answer = get_token(cloud, token_request(cloud, **change))
    assert answer.status_code == status and answer.json()["error"]["code"] == status
    assert "X-Subject-Token" not in answer.headers


def test_token_request_without_json(cloud):
    assert requests.post(f"{cloud.url}/v3/auth/tokens", data="x", timeout=5).status_code == 400


def test_expired_token(cloud):
    api = Api(cloud)
    assert api.call("GET", "vpn-connection").status_code == 200
    cloud.expire_tokens()
    answer = api.call("GET", "vpn-connection")
    assert code(answer) == (401, "APIGW.0301") and "expired" in answer.json()["error_msg"]
    assert Api(cloud).call("GET", "vpn-connection").status_code == 200


def test_token_ends_by_itself(cloud):
    cloud.switch(token_lifetime=60)
    api = Api(cloud)
    cloud.advance(61)
    assert code(api.call("GET", "vpn-connection")) == (401, "APIGW.0301")


def test_temporary_keys_end(cloud):
    access, secret, token = cloud.temporary_keys()
    pair = BasicCredentials(access, secret)
    headers = {
        "X-Sdk-Date": datetime.datetime.now(datetime.timezone.utc).strftime("%Y%m%dT%H%M%SZ"),
        "Host": f"127.0.0.1:{cloud.port}",
        "X-Security-Token": token,
    }
    request = SdkRequest(
        "GET",
        host=headers["Host"],
        resource_path=f"/v5/{cloud.project_id}/vpn-connection",
        query_params=[],
        header_params=headers,
        body=b"",
    )
    Signer(pair).sign(request)
    assert send(cloud, request.header_params).status_code == 200
    assert code(send(cloud, {**request.header_params, "X-Security-Token": "other"})) == (401, "APIGW.0301")
    cloud.expire_temporary_keys()
    assert code(send(cloud, request.header_params)) == (401, "APIGW.0301")


def test_projects(cloud):
    api = Api(cloud)
    cloud.add_project("sub", "e" * 32)
    found = api.call("GET", "/v3/projects", params={"name": cloud.region}).json()["projects"]
    assert [(project["id"], project["name"]) for project in found] == [(cloud.project_id, cloud.region)]
    assert len(api.call("GET", "/v3/projects").json()["projects"]) == 2
    assert api.call("GET", "/v3/projects", params={"name": "nowhere"}).json()["projects"] == []
    assert requests.get(f"{cloud.url}/v3/projects", timeout=5).status_code == 401


def test_journal_keeps_no_credentials(cloud):
    api = Api(cloud)
    access, secret, token = cloud.temporary_keys()
    made = cloud.add_connection(psk="Old-Secret-1")
    api.put(made["id"], {"psk": "New-Secret-2"})
    get_token(cloud, token_request(cloud))
    send(cloud, {**sign(cloud), "X-Security-Token": token})
    entries = [entry.public() for entry in cloud.journal()]
    assert entries[0]["body"] == {"vpn_connection": {"psk": "********"}}
    assert cloud.journal()[0].body == entries[0]["body"]
    assert cloud.journal()[0].raw_body == {"vpn_connection": {"psk": "New-Secret-2"}}
    text = json.dumps(entries) + repr([entry.raw_body for entry in cloud.journal()[1:]])
    for kept_out in (api.session.headers["X-Auth-Token"], cloud.password, secret, token, "New-Secret-2", "Signature="):
        assert kept_out not in text
