# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The identity service: users, keys, tokens, projects. Authentication contract, sections 2, 3 and 5."""

from __future__ import annotations

import datetime
import random
import typing as t
import uuid

from .clock import Clock
from .errors import ApiError
from .signing import Keys, SignedRequest, refused, verify

TOKENS_PATH = "/v3/auth/tokens"
PROJECTS_PATH = "/v3/projects"
OPERATIONS = {("POST", TOKENS_PATH): "createToken", ("GET", PROJECTS_PATH): "listProjects"}


class Token(t.NamedTuple):
    """An issued token."""

    text: str
    project_id: str
    expires: float
    body: dict[str, t.Any]


class Identity:
    """The only account of the emulated cloud, with one region."""

    def __init__(self, clock: Clock, rng: random.Random, region: str, project_id: str) -> None:
        self._clock = clock
        self._rng = rng
        self.region = region
        self.project_id = project_id
        self.project_name = region
        self.user_name = "emulator-user"
        self.password = "Emulator-Password-1"
        self.domain_name = "emulator-domain"
        self.domain_id = uuid.UUID(int=rng.getrandbits(128)).hex
        self.user_id = uuid.UUID(int=rng.getrandbits(128)).hex
        self.projects = {project_id: region}
        self._keys: dict[str, Keys] = {}
        self._tokens: dict[str, Token] = {}
        self.permanent = self.add_keys(temporary=False)

    def add_keys(self, temporary: bool) -> Keys:
        """New keys, with a security token if they are temporary."""
        pair = Keys(self._text(20).upper(), self._text(40), self._text(120) if temporary else "")
        self._keys[pair.access] = pair
        return pair

    def expire_keys(self) -> None:
        """Revoke all temporary keys."""
        self._keys = {access: pair for access, pair in self._keys.items() if not pair.token}

    def add_project(self, name: str, project_id: str = "") -> str:
        """Add a project (a subproject, according to its name); returns its ID. All projects have the same resources."""
        project_id = project_id or uuid.UUID(int=self._rng.getrandbits(128)).hex
        self.projects[project_id] = name
        return project_id

    def issue(self, lifetime: float, project_id: str = "") -> Token:
        """A new token for a project. lifetime: in seconds."""
        project_id = project_id or self.project_id
        now = self._clock.utc()
        body = {
            "expires_at": _iam_time(now + datetime.timedelta(seconds=lifetime)),
            "issued_at": _iam_time(now),
            "methods": ["password"],
            "project": {
                "id": project_id,
                "name": self.projects[project_id],
                "domain": {"id": self.domain_id, "name": self.domain_name},
            },
            "user": {
                "id": self.user_id,
                "name": self.user_name,
                "domain": {"id": self.domain_id, "name": self.domain_name},
            },
            "roles": [{"id": "0", "name": "te_admin"}],
        }
        token = Token("MII" + self._text(180), project_id, self._clock.now() + lifetime, body)
        self._tokens[token.text] = token
        return token

    def expire_tokens(self) -> None:
        """Expire all tokens that have been issued."""
        self._tokens = {text: token._replace(expires=float("-inf")) for text, token in self._tokens.items()}

    def authenticate(self, request: SignedRequest, expired_code: str) -> str:
        """Authenticate a request. Returns the method: 'aksk' or 'token'. Raises ApiError 401.

        expired_code: the code for an expired token: VPN.0010 or APIGW.0301 (the contract names both).
        """
        if "authorization" in request.headers:
            verify(request, self._keys, self._clock.utc())
            return "aksk"
        if "x-auth-token" not in request.headers:
            raise refused("neither x-auth-token nor a signature was found")
        token = self._tokens.get(request.headers["x-auth-token"])
        if token is None:
            raise refused("decrypt token fail")
        if token.expires <= self._clock.now():
            if expired_code == "VPN.0010":
                raise ApiError("VPN.0010", "the token has expired")
            raise refused("the token has expired")
        return "token"

    def create_token(self, body: t.Any, lifetime: float) -> Token:
        """POST /v3/auth/tokens. Raises ApiError 400 or 401 with the shape of the identity service."""
        try:
            identity, scope = body["auth"]["identity"], body["auth"]["scope"]["project"]
            if identity["methods"] != ["password"]:
                raise ValueError("method")
            user = identity["password"]["user"]
            name, password = user.get("id") or (user["name"], user["domain"]["name"]), user["password"]
            project = scope.get("id") or scope["name"]
        except (TypeError, KeyError, ValueError, AttributeError):
            raise ApiError("IAM.0011", "The request body is invalid", 400, shape="iam") from None
        if name not in (self.user_id, (self.user_name, self.domain_name)) or password != self.password:
            raise ApiError("IAM.0001", "The username or password is wrong.", 401, shape="iam")
        for project_id, project_name in self.projects.items():
            if project in (project_id, project_name):
                return self.issue(lifetime, project_id)
        raise ApiError("IAM.0002", "The project is unknown or not the user's.", 401, shape="iam")

    def list_projects(self, query: list[tuple[str, str]]) -> dict[str, t.Any]:
        """GET /v3/projects: all projects, or the one with the name in the query."""
        wanted = dict(query).get("name")
        found = [
            {
                "id": project_id,
                "name": name,
                "domain_id": self.domain_id,
                "parent_id": self.domain_id,
                "enabled": True,
                "is_domain": False,
                "description": "",
                "links": {"self": f"https://iam.example.test/v3/projects/{project_id}"},
            }
            for project_id, name in self.projects.items()
            if wanted in (None, name)
        ]
        return {
            "projects": found,
            "links": {"self": "https://iam.example.test/v3/projects", "next": None, "previous": None},
        }

    def _text(self, length: int) -> str:
        return "".join(self._rng.choices("ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnpqrstuvwxyz23456789", k=length))


def _iam_time(moment: datetime.datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond:06d}Z"
