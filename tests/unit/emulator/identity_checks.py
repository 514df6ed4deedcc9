# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What each switch of temporary keys and metadata does; test_emulator_switches.py runs these."""

from __future__ import annotations

import functools

import requests

from ansible_collections.huaweicloud.vpn.tests.unit.emulator.helpers import register

IDENTITY_CHECKS: dict = {}
checks = functools.partial(register, IDENTITY_CHECKS)


def new_token(cloud):
    return requests.put(
        cloud.metadata.url + "/meta-data/latest/api/token",
        headers={"X-Metadata-Token-Ttl-Seconds": "21600"},
        timeout=9,
        allow_redirects=False,
    )


def keys(cloud, token=None):
    headers = {"X-Metadata-Token": token} if token else {}
    return requests.get(
        cloud.metadata.url + "/openstack/latest/securitykey", headers=headers, timeout=9, allow_redirects=False
    )


@checks
def temporary_keys_life(cloud, _api):
    body = {"auth": {"identity": {"methods": ["token"], "token": {"id": cloud.issue_token()}}}}
    ends = []
    for life in (None, 5):
        cloud.switch(temporary_keys_life=life)
        answer = requests.post(cloud.url + "/v3.0/OS-CREDENTIAL/securitytokens", json=body, timeout=5)
        ends.append(answer.json()["credential"]["expires_at"])
    assert ends[1] < ends[0]


@checks
def metadata_tokens(cloud, _api):
    for value, token_status, without in (
        ("optional", 200, 200),
        ("enforced", 200, 401),
        ("404", 404, 200),
        ("405", 405, 200),
        ("503", 503, 200),
    ):
        cloud.switch(metadata_tokens=value)
        answer = new_token(cloud)
        assert (answer.status_code, keys(cloud).status_code) == (token_status, without)
        if token_status == 200:
            assert keys(cloud, answer.text).status_code == 200


@checks
def metadata_agency(cloud, _api):
    assert keys(cloud).status_code == 200
    cloud.switch(metadata_agency="absent")
    assert keys(cloud).status_code == 401 and "Cloud Service Agency" in keys(cloud).text


@checks
def metadata_keys_life(cloud, _api):
    first = keys(cloud).json()["credential"]["expires_at"]
    cloud.metadata.reset()
    cloud.switch(metadata_keys_life=30)
    assert keys(cloud).json()["credential"]["expires_at"] < first


@checks
def metadata_refusals(cloud, _api):
    cloud.switch(metadata_refusals=2)
    assert [keys(cloud).status_code for _time in range(3)] == [401, 401, 200]


@checks
def metadata_fault(cloud, _api):
    cloud.switch(metadata_fault="redirect")
    assert keys(cloud).status_code == new_token(cloud).status_code == 302
    cloud.switch(metadata_fault="server_error")
    assert keys(cloud).status_code == 500
    cloud.switch(metadata_fault="not_json")
    assert keys(cloud).text.startswith("<html>") and new_token(cloud).status_code == 200
    cloud.switch(metadata_fault="bad_token")
    assert " " in new_token(cloud).text
    cloud.switch(metadata_fault="without_credential")
    assert keys(cloud).json() == {}
    for member in ("access", "secret", "securitytoken"):
        cloud.switch(metadata_fault=f"without_{member}")
        assert member not in keys(cloud).json()["credential"] and len(keys(cloud).json()["credential"]) == 3
    cloud.switch(metadata_fault="slow")
    assert keys(cloud).elapsed.total_seconds() > 3
    cloud.switch(metadata_fault="none")
    assert len(keys(cloud).json()["credential"]) == 4
