# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is asked of IAM: tokens, temporary keys, a project's id. Private to this collection; no stable interface.

Source: the vendor's IAM API reference, "Obtaining a User Token Through Password Authentication", "Querying Project
Information", "Obtaining a Token with an OpenID Connect ID Token", "Obtaining Temporary Access Keys and Security Tokens
of an Agency" and "... of an IAM User".
"""

from __future__ import annotations

import re
from typing import Any, Mapping

from ansible_collections.huaweicloud.vpn.plugins.module_utils._errors import NoResponse, NotFound
from ansible_collections.huaweicloud.vpn.plugins.module_utils._http.auth import Keys
from ansible_collections.huaweicloud.vpn.plugins.module_utils._http.client import Client
from ansible_collections.huaweicloud.vpn.plugins.module_utils._http.responses import member, moment
from ansible_collections.huaweicloud.vpn.plugins.module_utils._http.transport import Response

TOKENS_PATH = "/v3/auth/tokens"
PROJECTS_PATH = "/v3/projects"
ID_TOKENS_PATH = "/v3.0/OS-AUTH/id-token/tokens"
KEYS_PATH = "/v3.0/OS-CREDENTIAL/securitytokens"
IDP_HEADER = "X-Idp-Id"
# Seconds, 900 to 86400. Every agency allows an hour; keys are renewed before their end.
KEYS_LIFE = 3600
# Shorter ones are no keys, and masking them would make sentences unreadable.
SHORTEST_KEY = 8
SUBJECT_TOKEN_HEADER = "X-Subject-Token"
# What can be sent in a header again.
HEADER_VALUE = re.compile(r"[!-~]+")


def password_token(
    client: Client, user_name: str, password: str, domain_name: str, project: Mapping[str, Any] | None
) -> tuple[str, str | None]:
    """Return a token for a user, and the id of the project it is for; None where the answer does not show it.

    Args:
        client: A client of IAM without authentication.
        user_name: The user's name.
        password: The user's password.
        domain_name: The name of the account.
        project: The project, as `{"id": ...}` or `{"name": ...}`; None for a token of the account.

    Raises:
        ApiError: IAM refused.
        NoResponse: The answer has no token.
    """
    user = {"name": user_name, "password": password, "domain": {"name": domain_name}}
    identity = {"methods": ["password"], "password": {"user": user}}
    scope = {"domain": {"name": domain_name}} if project is None else {"project": project}
    body = {"auth": {"identity": identity, "scope": scope}}
    answer = client.call("POST", TOKENS_PATH, [("nocatalog", "true")], body, safe=True)
    token = _token_of(answer, client.base + TOKENS_PATH)
    return token, member(member(member(answer.data, "token"), "project"), "id")


def _token_of(answer: Response, url: str) -> str:
    """Return the token that an answer brings."""
    token = answer.headers.get(SUBJECT_TOKEN_HEADER) or ""
    if not HEADER_VALUE.fullmatch(token):
        raise NoResponse("IAM answered the login without a token: check auth_url", "POST", url, answer.status)
    return token


def exchanged_token(client: Client, id_token: str) -> str:
    """Return a token, of no project, for the ID token of an identity provider.

    Args:
        client: A client of IAM that names the identity provider.
        id_token: The ID token.

    Raises:
        ApiError: IAM refused.
        NoResponse: The answer has no token.
    """
    body = {"auth": {"id_token": {"id": id_token}}}
    answer = client.call("POST", ID_TOKENS_PATH, body=body, safe=True)
    return _token_of(answer, client.base + ID_TOKENS_PATH)


def keys_of_token(client: Client) -> Keys:
    """Return temporary keys for whom the client's token is of.

    Args:
        client: A client of IAM that authenticates with a token.

    Raises:
        ApiError: IAM refused.
        NoResponse: The answer has no keys.
    """
    return _temporary_keys(client, {"methods": ["token"], "token": {"duration_seconds": KEYS_LIFE}})


def keys_of_agency(client: Client, agency_name: str, domain_name: str) -> Keys:
    """Return temporary keys of an agency.

    Args:
        client: A client of IAM that authenticates.
        agency_name: The agency.
        domain_name: The account that the agency belongs to.

    Raises:
        ApiError: IAM refused.
        NoResponse: The answer has no keys.
    """
    assumed = {"agency_name": agency_name, "domain_name": domain_name, "duration_seconds": KEYS_LIFE}
    return _temporary_keys(client, {"methods": ["assume_role"], "assume_role": assumed})


def _temporary_keys(client: Client, identity: Mapping[str, Any]) -> Keys:
    body = {"auth": {"identity": identity}}
    answer = client.call("POST", KEYS_PATH, body=body, expect=("credential", dict), safe=True)
    return keys_in(answer, "POST", client.base + KEYS_PATH)


def keys_in(answer: Response, method: str, url: str) -> Keys:
    """Return the temporary keys that an answer brings.

    Raises:
        NoResponse: A part of them is missing, or cannot be one.
    """
    credential = answer.data["credential"]
    parts = [credential.get(name) for name in ("access", "secret", "securitytoken")]
    for part in parts:
        if not isinstance(part, str) or len(part) < SHORTEST_KEY or not HEADER_VALUE.fullmatch(part):
            raise NoResponse("the answer has no complete temporary keys", method, url, answer.status)
    access_key, secret_key, security_token = parts
    return Keys(access_key, secret_key, security_token, moment(credential.get("expires_at")))


def project_id(client: Client, name: str | None) -> str:
    """Return the id of the one project with this name.

    Args:
        client: A client of IAM that authenticates.
        name: The whole name. IAM may take it for the beginning of one, and subprojects are named after their project.

    Raises:
        NotFound: There are none, or several.
    """
    listed = client.get(PROJECTS_PATH, [("name", name)], expect=("projects", list)).data["projects"]
    found: list[str] = [
        item["id"] for item in listed if member(item, "name") == name and isinstance(item.get("id"), str)
    ]
    if len(found) != 1:
        raise NotFound(
            f"IAM knows {len(found) or 'no'} projects named {name}; set project_id, or project_name to the right one",
            method="GET",
            url=client.base + PROJECTS_PATH,
        )
    return found[0]
