# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The signer against published vectors and against the vendor's own signer."""

from __future__ import annotations

import json
import pathlib
from urllib.parse import quote

import pytest
from huaweicloudsdkcore.auth.credentials import BasicCredentials
from huaweicloudsdkcore.sdk_request import SdkRequest
from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.huaweicloud.vpn.plugins.module_utils._http import signing
from ansible_collections.huaweicloud.vpn.tests.unit.harness.support import examples

VECTORS = json.loads(
    (pathlib.Path(__file__).parents[2] / "fixtures" / "signing_vectors.json").read_text(encoding="utf-8")
)["vectors"]


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["name"])
def test_published_vector(vector):
    given_, expected = vector["input"], vector["expected"]
    body = (given_["body"] or "").encode("utf-8")
    query = signing.query_string(given_["query"])
    canonical, names = signing.canonical_request(
        given_["method"], given_["path"], query, expected["headers_sent"], body
    )
    assert canonical == expected["canonical_request"]
    assert names == expected["signed_headers"]
    assert signing.string_to_sign(canonical, expected["headers_sent"]["X-Sdk-Date"]) == expected["string_to_sign"]
    value = signing.authorization(
        given_["access_key"],
        given_["secret_key"],
        given_["method"],
        given_["path"],
        query,
        expected["headers_sent"],
        body,
    )
    assert value == expected["authorization"]


TEXT = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), max_size=12)
NAMES = st.text("abcdefghijklmnopqrstuvwxyz-_~.:/ +ü", min_size=1, max_size=8)
VALUES = st.one_of(TEXT, st.integers(0, 2000), st.booleans())
# The vendor's signer cannot sort a repeated key whose values are of different types.
QUERIES = st.lists(st.tuples(NAMES, TEXT), max_size=5) | st.lists(
    st.tuples(NAMES, VALUES), max_size=5, unique_by=lambda pair: pair[0]
)
SEGMENTS = st.lists(
    st.text("abcXYZ019-._~ :+@üß%20", min_size=1, max_size=8).map(lambda part: quote(part, safe="-._~")),
    min_size=1,
    max_size=5,
)
HEADERS = st.dictionaries(
    st.text("ABCxyz-", min_size=2, max_size=8).map(lambda name: "X-H" + name),
    st.text("ab 1,;=", max_size=8),
    max_size=3,
)


@settings(max_examples=examples(1200), deadline=None)
@given(
    st.sampled_from(("GET", "PUT", "POST", "DELETE")),
    SEGMENTS,
    QUERIES,
    HEADERS,
    st.none() | st.dictionaries(TEXT, TEXT, max_size=3),
    st.booleans(),
    st.booleans(),
)
def test_agrees_with_the_vendors_signer(method, segments, query, extra, body, temporary, with_project):
    payload = None if body is None else json.dumps(body, ensure_ascii=False)
    headers = dict(extra, **{"Content-Type": "application/json", "X-Sdk-Date": "20260102T030405Z"})
    request = SdkRequest(
        method=method,
        schema="https",
        host="vpn.eu-de.example.test",
        resource_path="/" + "/".join(segments),
        query_params=list(query),
        header_params=dict(headers),
        body=payload,
    )
    credentials = BasicCredentials("TESTAK00000000000001", "TestSecretKey0001", "0a1b2c3d" if with_project else None)
    if temporary:
        credentials = credentials.with_security_token("token text")
    theirs = credentials.sign_request(request)
    signed = {name: value for name, value in theirs.header_params.items() if name != "Authorization"}
    ours = signing.authorization(
        "TESTAK00000000000001",
        "TestSecretKey0001",
        method,
        "/" + "/".join(segments),
        signing.query_string(query),
        signed,
        (payload or "").encode("utf-8"),
    )
    assert ours == theirs.header_params["Authorization"]


def test_a_date_is_part_of_every_signature():
    with pytest.raises(KeyError, match="X-Sdk-Date"):
        signing.authorization("a", "b", "GET", "/", "", {"Host": "h"}, b"")
