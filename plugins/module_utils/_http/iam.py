# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The two questions asked of IAM: a token, and the id of a project. Private to this collection; no stable interface.

Source: the vendor's IAM API reference, "Obtaining a User Token Through Password Authentication" and "Querying Project
Information".
"""

from __future__ import annotations

import re
from typing import Any, Mapping

from ansible_collections.huaweicloud.vpn.plugins.module_utils._errors import NoResponse, NotFound
from ansible_collections.huaweicloud.vpn.plugins.module_utils._http.client import Client
from ansible_collections.huaweicloud.vpn.plugins.module_utils._http.responses import member

TOKENS_PATH = "/v3/auth/tokens"
PROJECTS_PATH = "/v3/projects"
SUBJECT_TOKEN_HEADER = "X-Subject-Token"
# What can be sent in a header again.
HEADER_VALUE = re.compile(r"[!-~]+")


def password_token(
    client: Client, user_name: str, password: str, domain_name: str, project: Mapping[str, Any]
) -> tuple[str, str | None]:
    """Return a token for a user, and the id of the project it is for; None where the answer does not show it.

    Args:
        client: A client of IAM without authentication.
        user_name: The user's name.
        password: The user's password.
        domain_name: The name of the account.
        project: The project, as `{"id": ...}` or `{"name": ...}`.

    Raises:
        ApiError: IAM refused.
        NoResponse: The answer has no token.
    """
    user = {"name": user_name, "password": password, "domain": {"name": domain_name}}
    identity = {"methods": ["password"], "password": {"user": user}}
    body = {"auth": {"identity": identity, "scope": {"project": project}}}
    answer = client.call("POST", TOKENS_PATH, [("nocatalog", "true")], body, safe=True)
    token = answer.headers.get(SUBJECT_TOKEN_HEADER) or ""
    if not HEADER_VALUE.fullmatch(token):
        text = "IAM answered the login without a token: check auth_url"
        raise NoResponse(text, "POST", client.base + TOKENS_PATH, answer.status)
    return token, member(member(member(answer.data, "token"), "project"), "id")


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
