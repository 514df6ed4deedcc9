# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The two questions asked of IAM: a token, and the id of a project. Private to this collection; no stable interface.

Source: the vendor's IAM API reference, "Obtaining a User Token Through Password Authentication" and "Querying Project
Information".
"""

from __future__ import annotations

import re

from ansible_collections.huaweicloud.vpn.plugins.module_utils._errors import NoResponse, NotFound

TOKEN_HEADER = "X-Subject-Token"
# What can be sent in a header again.
IN_HEADER = re.compile(r"[!-~]+")


def password_token(client, user_name, password, domain_name, project):
    """Return (token, project id) for a user.

    :arg client: a C(Client) of IAM without authentication. C(project): {"id": …} or {"name": …}.
    :raises ApiError: refused. :raises LostAnswer: an answer without a token.
    """
    user = {"name": user_name, "password": password, "domain": {"name": domain_name}}
    identity = {"methods": ["password"], "password": {"user": user}}
    body = {"auth": {"identity": identity, "scope": {"project": project}}}
    answer = client.call("POST", "/v3/auth/tokens", [("nocatalog", "true")], body, safe=True)
    token = answer.headers.get(TOKEN_HEADER)
    if not IN_HEADER.fullmatch(token or ""):
        raise NoResponse("IAM answered the login without a token: check auth_url", "POST", client.base + "/v3/auth/tokens", answer.status)
    found = _member(_member(answer.data, "token"), "project")
    return token, _member(found, "id")


def _member(value, name):
    return value.get(name) if isinstance(value, dict) else None


def project_id(client, name):
    """Return the id of the one project with this name.

    :arg client: a C(Client) of IAM that authenticates.
    :raises Missing: none or several.
    """
    listed = client.get("/v3/projects", [("name", name)], expect=("projects", list)).data["projects"]
    found = [item["id"] for item in listed if _member(item, "name") == name and isinstance(item.get("id"), str)]
    if len(found) != 1:
        raise NotFound(
            "IAM knows %s projects named %s; set project_id, or project_name to the right one" % (len(found) or "no", name),
            method="GET", url=client.base + "/v3/projects")
    return found[0]
