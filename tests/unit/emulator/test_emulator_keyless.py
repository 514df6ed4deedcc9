# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who gets in without a long-lived key: agencies, ID tokens and the metadata of a server, also by the vendor's SDK."""

from __future__ import annotations

import json
import time

import pytest
import requests
from huaweicloudsdkcore.auth.credentials import BasicCredentials
from huaweicloudsdkcore.auth.internal import MetadataAccessor
from huaweicloudsdkcore.exceptions.exceptions import ClientRequestException
from huaweicloudsdkcore.sdk_request import SdkRequest
from huaweicloudsdkcore.signer.signer import Signer
from huaweicloudsdkvpn.v5 import ListVgwsRequest, VpnClient

KEYS_PATH = "/v3.0/OS-CREDENTIAL/securitytokens"
ID_TOKENS_PATH = "/v3.0/OS-AUTH/id-token/tokens"


def signed_post(cloud, path, body, credentials=None):
    """A request signed by the vendor's signer."""
    credentials = credentials or BasicCredentials(cloud.access_key, cloud.secret_key)
    content = json.dumps(body)
    request = SdkRequest(
        method="POST",
        schema="http",
        host=f"127.0.0.1:{cloud.port}",
        resource_path=path,
        header_params={"Content-Type": "application/json;charset=utf8"},
        query_params=[],
        body=content,
    )
    credentials.sign_request(request) if credentials.security_token else Signer(credentials).sign(request)
    return requests.post(cloud.url + path, data=content, headers=request.header_params, timeout=5)


def assuming(cloud, **changes):
    """The body of a request for an agency's keys."""
    role = {"agency_name": cloud.agency_name, "domain_name": cloud.agency_domain_name, **changes}
    role = {name: value for name, value in role.items() if value is not None}
    return {"auth": {"identity": {"methods": ["assume_role"], "assume_role": role}}}


def client(cloud, credential, project_id):
    keys = BasicCredentials(credential["access"], credential["secret"], project_id)
    keys = keys.with_security_token(credential["securitytoken"])
    return VpnClient.new_builder().with_credentials(keys).with_endpoints([cloud.url]).build()


def test_an_agency_acts_in_the_other_account_only(cloud):
    answer = signed_post(cloud, KEYS_PATH, assuming(cloud))
    assert answer.status_code == 201
    credential = answer.json()["credential"]
    assert client(cloud, credential, cloud.other_project_id).list_vgws(ListVgwsRequest())
    with pytest.raises(ClientRequestException, match="the project is not the one of the credentials"):
        client(cloud, credential, cloud.project_id).list_vgws(ListVgwsRequest())
    entry = cloud.journal()[0]
    assert (entry.operation, entry.auth, entry.iam) == ("createTemporaryKeys", "aksk", True)


def test_the_other_account_is_closed_without_the_agency(cloud):
    keys = BasicCredentials(cloud.access_key, cloud.secret_key, cloud.other_project_id)
    vpn = VpnClient.new_builder().with_credentials(keys).with_endpoints([cloud.url]).build()
    with pytest.raises(ClientRequestException, match="the project is not the one of the credentials"):
        vpn.list_vgws(ListVgwsRequest())


@pytest.mark.parametrize("by", ["agency_name", "xrole_name"])
@pytest.mark.parametrize("auth", ["keys", "token"])
def test_both_names_of_the_member_and_both_ways_to_sign(cloud, by, auth):
    body = assuming(cloud, **{"agency_name": None, by: cloud.agency_name}, duration_seconds=900)
    if auth == "keys":
        answer = signed_post(cloud, KEYS_PATH, body)
    else:
        headers = {"X-Auth-Token": cloud.issue_token()}
        answer = requests.post(cloud.url + KEYS_PATH, json=body, headers=headers, timeout=5)
    assert answer.status_code == 201 and set(answer.json()["credential"]) == {
        "access",
        "secret",
        "securitytoken",
        "expires_at",
    }


@pytest.mark.parametrize(
    "changes, status, text",
    [
        ({"agency_name": "nobody"}, 404, "Could not find agency: nobody."),
        ({"domain_name": "nobody"}, 404, "Could not find domain: nobody."),
        ({"agency_name": "emulator-agency-for-others"}, 403, "iam:agencies:assume"),
        ({"duration_seconds": 899}, 400, "duration_seconds"),
        ({"duration_seconds": 86401}, 400, "duration_seconds"),
        ({"session_user": {"name": "1bad"}}, 400, "invalid"),
        ({"domain_name": None}, 400, "invalid"),
    ],
)
def test_refused_agencies(cloud, changes, status, text):
    answer = signed_post(cloud, KEYS_PATH, assuming(cloud, **changes))
    assert answer.status_code == status and text in answer.json()["error"]["message"]


def test_keys_are_unknown_after_their_end(cloud):
    credential = signed_post(cloud, KEYS_PATH, assuming(cloud, duration_seconds=900)).json()["credential"]
    vpn = client(cloud, credential, cloud.other_project_id)
    vpn.list_vgws(ListVgwsRequest())
    cloud.switch(temporary_keys_life=0.05)
    credential = signed_post(cloud, KEYS_PATH, assuming(cloud, duration_seconds=900)).json()["credential"]
    time.sleep(0.06)
    with pytest.raises(ClientRequestException, match="app not found by access key"):
        client(cloud, credential, cloud.other_project_id).list_vgws(ListVgwsRequest())


def test_a_token_of_the_account_gets_keys_but_no_vpn(cloud):
    user = {"name": cloud.user_name, "password": cloud.password, "domain": {"name": cloud.domain_name}}
    identity = {"methods": ["password"], "password": {"user": user}}
    body = {"auth": {"identity": identity, "scope": {"domain": {"name": cloud.domain_name}}}}
    token = requests.post(cloud.url + "/v3/auth/tokens", json=body, timeout=5).headers["X-Subject-Token"]
    headers = {"X-Auth-Token": token}
    listing = f"{cloud.url}/v5/{cloud.project_id}/vpn-gateways"
    assert requests.get(listing, headers=headers, timeout=5).status_code == 403
    answer = requests.post(cloud.url + KEYS_PATH, json=assuming(cloud), headers=headers, timeout=5)
    assert answer.status_code == 201
    by_token = {"auth": {"identity": {"methods": ["token"], "token": {"id": "wrong"}}}}
    # The header comes before the body.
    answer = requests.post(cloud.url + KEYS_PATH, json=by_token, headers=headers, timeout=5)
    credential = answer.json()["credential"]
    assert client(cloud, credential, cloud.project_id).list_vgws(ListVgwsRequest())
    assert requests.post(cloud.url + KEYS_PATH, json=by_token, timeout=5).status_code == 401


# -- ID tokens ---------------------------------------------------------------------------------------------------------


def exchange(cloud, id_token, idp_id=None, **scope):
    body = {"auth": {"id_token": {"id": id_token}, **scope}}
    headers = {"X-Idp-Id": idp_id or cloud.idp_id}
    return requests.post(cloud.url + ID_TOKENS_PATH, json=body, headers=headers, timeout=5)


def test_the_sdk_exchanges_an_id_token(cloud, tmp_path):
    file = tmp_path / "token"
    file.write_text(cloud.id_token() + "\n")
    keys = BasicCredentials(project_id=cloud.project_id).with_idp_id(cloud.idp_id).with_id_token_file(str(file))
    keys = keys.with_iam_endpoint(cloud.url)
    vpn = VpnClient.new_builder().with_credentials(keys).with_endpoints([cloud.url]).build()
    vpn.list_vgws(ListVgwsRequest())
    names = [entry.operation for entry in cloud.journal()]
    assert names == ["exchangeIdToken", "createTemporaryKeys", "listVpnGateways"]
    assert cloud.id_token()[:20] not in json.dumps([entry.public() for entry in cloud.journal()])


def test_a_scoped_token_is_good_for_its_project(cloud):
    answer = exchange(cloud, cloud.id_token(), scope={"project": {"name": cloud.region}})
    assert answer.status_code == 201 and answer.json()["token"]["methods"] == ["mapped"]
    headers = {"X-Auth-Token": answer.headers["X-Subject-Token"]}
    assert (
        requests.get(f"{cloud.url}/v5/{cloud.project_id}/vpn-gateways", headers=headers, timeout=5).status_code == 200
    )


@pytest.mark.parametrize(
    "claims, text",
    [
        ({"key": "another-key"}, "signature"),
        ({"lifetime": -1}, "expired"),
        ({"aud": "another"}, "aud"),
        ({"sub": "another"}, "sub"),
        ({"iss": "https://another.example.test"}, "iss"),
        ({"exp": "soon"}, "malformed"),
    ],
)
def test_refused_id_tokens(cloud, claims, text):
    answer = exchange(cloud, cloud.id_token(**claims))
    assert answer.status_code == 401 and text in answer.json()["error"]["message"]


def test_an_unknown_provider_and_no_token(cloud):
    assert exchange(cloud, cloud.id_token(), idp_id="nobody").status_code == 404
    assert exchange(cloud, "no-token").status_code == 401
    assert requests.post(cloud.url + ID_TOKENS_PATH, json={"auth": {}}, timeout=5).status_code == 400


# -- metadata of a server ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("tokens", ["optional", "enforced", "404", "405", "503"])
def test_the_sdk_takes_keys_from_the_metadata(cloud, monkeypatch, tokens):
    monkeypatch.setattr(MetadataAccessor, "_METADATA_ENDPOINT", cloud.metadata.url)
    cloud.switch(metadata_tokens=tokens)
    keys = BasicCredentials(project_id=cloud.project_id)
    vpn = VpnClient.new_builder().with_credentials(keys).with_endpoints([cloud.url]).build()
    vpn.list_vgws(ListVgwsRequest())
    assert [request.method for request in cloud.metadata.requests] == ["PUT", "GET"]
    assert ("x-metadata-token" in cloud.metadata.requests[1].headers) == (tokens in ("optional", "enforced"))


def get_keys(cloud, **headers):
    return requests.get(cloud.metadata.url + "/openstack/latest/securitykey", headers=headers, timeout=5)


def get_token(cloud, **headers):
    headers = {"X-Metadata-Token-Ttl-Seconds": "60", **headers}
    return requests.put(cloud.metadata.url + "/meta-data/latest/api/token", headers=headers, timeout=5)


def test_metadata_refuses(cloud):
    assert get_token(cloud, **{"X-Forwarded-For": "192.0.2.1"}).status_code == 403
    assert get_token(cloud, **{"X-Metadata-Token-Ttl-Seconds": "59"}).status_code == 400
    assert get_keys(cloud).status_code == 200
    cloud.switch(metadata_tokens="enforced")
    assert get_keys(cloud).status_code == 401
    assert get_keys(cloud, **{"X-Metadata-Token": "wrong"}).status_code == 401
    token = {"X-Metadata-Token": get_token(cloud).text}
    cloud.switch(metadata_refusals=1)
    assert [get_keys(cloud, **token).status_code for _dummy in "12"] == [401, 200]
    cloud.switch(metadata_agency="absent")
    answer = get_keys(cloud, **token)
    assert answer.status_code == 401 and "Please configure Cloud Service Agency first" in answer.text
    cloud.metadata.stop()
    cloud.metadata.reset()
    assert cloud.metadata.requests == []


def test_the_pair_is_replaced_shortly_before_its_end(cloud):
    first = get_keys(cloud).json()
    cloud.advance(2990)
    assert get_keys(cloud).json() == first
    cloud.advance(20)
    second = get_keys(cloud).json()
    assert second != first and second["credential"]["expires_at"] > first["credential"]["expires_at"]


@pytest.mark.parametrize("fault", ["access", "secret", "securitytoken"])
def test_a_member_is_missing(cloud, fault):
    cloud.switch(metadata_fault=f"without_{fault}")
    assert fault not in get_keys(cloud).json()["credential"]


def test_other_faults_of_the_metadata(cloud):
    cloud.switch(metadata_fault="without_credential")
    assert get_keys(cloud).json() == {}
    cloud.switch(metadata_fault="not_json")
    assert get_keys(cloud).text.startswith("<html>")
    cloud.switch(metadata_fault="server_error")
    assert get_keys(cloud).status_code == 500
    cloud.switch(metadata_fault="redirect")
    answer = requests.get(cloud.metadata.url, allow_redirects=False, timeout=5)
    assert answer.status_code == 302 and answer.headers["Location"]
