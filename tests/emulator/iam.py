# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The identity service: accounts, keys, tokens, projects, agencies. Authentication contract, sections 2 to 14."""

from __future__ import annotations

import datetime
import random
import re
import typing as t
import uuid

from .clock import Clock
from .errors import ApiError
from .id_tokens import Provider
from .signing import Keys, SignedRequest, refused, verify

OPERATIONS = {
    ("POST", "/v3/auth/tokens"): "createToken",
    ("GET", "/v3/projects"): "listProjects",
    ("GET", "/v3/auth/domains"): "listDomains",
    ("POST", "/v3.0/OS-CREDENTIAL/securitytokens"): "createTemporaryKeys",
    ("POST", "/v3.0/OS-AUTH/id-token/tokens"): "exchangeIdToken",
}
# "duration_seconds 900 to 86400, default 900." Authentication contract, section 9: Agencies.
SHORTEST_KEYS, LONGEST_KEYS = 900, 86400
# "5 to 64 letters, digits, -, _, a letter first." Ibidem.
_SESSION_USER = re.compile(r"[A-Za-z][A-Za-z0-9_-]{4,63}")


class Token(t.NamedTuple):
    """An issued token. project_id: empty for one of no project, which no regional service accepts."""

    text: str
    project_id: str
    expires: float
    body: dict[str, t.Any]


class Account(t.NamedTuple):
    """An account. projects: names by ID. agencies: the names of the accounts they are delegated to, by name."""

    name: str
    id: str
    projects: dict[str, str]
    agencies: dict[str, str]


class Caller(t.NamedTuple):
    """Who sent a request. kind: 'aksk' or 'token'. project_id: the one a token is for; None for keys."""

    kind: str
    account: Account
    project_id: str | None = None


class Identity:
    """The identity service of one region: the user's account, and another one with an agency for it."""

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
        self.home = Account(self.domain_name, self.domain_id, self.projects, {})
        self._keys: dict[str, Keys] = {}
        self._tokens: dict[str, Token] = {}
        # By access key: the account where it is not the user's, and the end where there is one.
        self._owners: dict[str, Account] = {}
        self._ends: dict[str, float] = {}
        self.permanent = self.add_keys(temporary=False)
        # From another generator, so that the identifiers of everything else stay as they were.
        other = random.Random(rng.getstate()[1][0])
        self.other = Account(
            "emulator-other-domain",
            uuid.UUID(int=other.getrandbits(128)).hex,
            {uuid.UUID(int=other.getrandbits(128)).hex: region},
            {"emulator-agency": self.domain_name, "emulator-agency-for-others": "emulator-third-domain"},
        )
        self.provider = Provider()

    def add_keys(self, temporary: bool) -> Keys:
        """New keys, with a security token if they are temporary."""
        pair = Keys(self._text(20).upper(), self._text(40), self._text(120) if temporary else "")
        self._keys[pair.access] = pair
        return pair

    def expire_keys(self) -> None:
        """Revoke all temporary keys."""
        self._keys = {access: pair for access, pair in self._keys.items() if not pair.token}

    def temporary(self, account: Account, lifetime: float) -> dict[str, t.Any]:
        """New temporary keys of an account, as an answer has them. lifetime: in seconds."""
        pair = self.add_keys(temporary=True)
        self._owners[pair.access] = account
        self._ends[pair.access] = self._clock.now() + lifetime
        return {
            "access": pair.access,
            "secret": pair.secret,
            "securitytoken": pair.token,
            "expires_at": _iam_time(self._clock.utc() + datetime.timedelta(seconds=lifetime)),
        }

    def _drop_ended_keys(self) -> None:
        ended = [access for access, end in self._ends.items() if end <= self._clock.now()]
        for access in ended:
            del self._ends[access]
            self._keys.pop(access, None)

    def add_project(self, name: str, project_id: str = "") -> str:
        """Add a project (a subproject, according to its name); returns its ID. All projects have the same resources."""
        project_id = project_id or uuid.UUID(int=self._rng.getrandbits(128)).hex
        self.projects[project_id] = name
        return project_id

    def issue(self, lifetime: float, project_id: str | None = None, method: str = "password") -> Token:
        """A new token. project_id: empty for a token of no project, None for the main one. lifetime: in seconds."""
        project_id = self.project_id if project_id is None else project_id
        now = self._clock.utc()
        domain = {"id": self.domain_id, "name": self.domain_name}
        body: dict[str, t.Any] = {
            "expires_at": _iam_time(now + datetime.timedelta(seconds=lifetime)),
            "issued_at": _iam_time(now),
            "methods": [method],
            "user": {"id": self.user_id, "name": self.user_name, "domain": domain},
            "roles": [{"id": "0", "name": "te_admin"}],
        }
        if project_id:
            body["project"] = {"id": project_id, "name": self.projects[project_id], "domain": dict(domain)}
        token = Token("MII" + self._text(180), project_id, self._clock.now() + lifetime, body)
        self._tokens[token.text] = token
        return token

    def expire_tokens(self) -> None:
        """Expire all tokens that have been issued."""
        self._tokens = {text: token._replace(expires=float("-inf")) for text, token in self._tokens.items()}

    def authenticate(self, request: SignedRequest, expired_code: str) -> Caller:
        """Authenticate a request. Raises ApiError 401.

        expired_code: the code for an expired token: VPN.0010 or APIGW.0301 (the contract names both).
        """
        if "authorization" in request.headers:
            self._drop_ended_keys()
            pair = verify(request, self._keys, self._clock.utc())
            return Caller("aksk", self._owners.get(pair.access, self.home))
        if "x-auth-token" not in request.headers:
            raise refused("neither x-auth-token nor a signature was found")
        token = self._tokens.get(request.headers["x-auth-token"])
        if token is None:
            raise refused("decrypt token fail")
        if token.expires <= self._clock.now():
            if expired_code == "VPN.0010":
                raise ApiError("VPN.0010", "the token has expired")
            raise refused("the token has expired")
        return Caller("token", self.home, token.project_id)

    def create_token(self, body: t.Any, lifetime: float) -> Token:
        """POST /v3/auth/tokens. Raises ApiError 400 or 401 with the shape of the identity service."""
        try:
            identity, scope = body["auth"]["identity"], body["auth"]["scope"]
            if identity["methods"] != ["password"]:
                raise ValueError("method")
            user = identity["password"]["user"]
            name, password = user.get("id") or (user["name"], user["domain"]["name"]), user["password"]
            domain = None if "project" in scope else scope["domain"].get("id") or scope["domain"]["name"]
            project = "" if domain else scope["project"].get("id") or scope["project"]["name"]
        except (TypeError, KeyError, ValueError, AttributeError):
            raise _bad_body() from None
        if name not in (self.user_id, (self.user_name, self.domain_name)) or password != self.password:
            raise ApiError("IAM.0001", "The username or password is wrong.", 401, shape="iam")
        if domain:
            if domain not in (self.domain_id, self.domain_name):
                raise ApiError("IAM.0002", "The domain is not the user's.", 401, shape="iam")
            return self.issue(lifetime, "")
        return self.issue(lifetime, self._scoped(project))

    def _scoped(self, project: str) -> str:
        """The ID of the project with an ID or a name."""
        for project_id, project_name in self.projects.items():
            if project in (project_id, project_name):
                return project_id
        raise ApiError("IAM.0002", "The project is unknown or not the user's.", 401, shape="iam")

    def exchange(self, provider_id: str, body: t.Any, lifetime: float) -> Token:
        """POST /v3.0/OS-AUTH/id-token/tokens. Authentication contract, section 10: Identity providers (OIDC)."""
        try:
            text, scope = body["auth"]["id_token"]["id"], body["auth"].get("scope")
            project = None if scope is None else scope["project"].get("id") or scope["project"]["name"]
        except (TypeError, KeyError, AttributeError):
            raise _bad_body() from None
        if provider_id != self.provider.id:
            raise _missing("identity provider", provider_id)
        problem = self.provider.problem(text, self._clock.utc().timestamp())
        if problem:
            raise ApiError("IAM.0001", f"Authentication failed: {problem}", 401, shape="iam")
        return self.issue(lifetime, "" if project is None else self._scoped(project), "mapped")

    def create_keys(
        self, request: SignedRequest, body: t.Any, expired_code: str, life: float | None
    ) -> dict[str, t.Any]:
        """POST /v3.0/OS-CREDENTIAL/securitytokens. Authentication contract, section 9: Agencies.

        life: seconds that the keys live, whatever the request says; None for what it says.
        """
        try:
            identity = body["auth"]["identity"]
            (method,) = identity["methods"]
            content = identity.get(method, {}) if method == "token" else identity[method]
            seconds = content.get("duration_seconds", SHORTEST_KEYS)
        except (TypeError, KeyError, ValueError, AttributeError):
            raise _bad_body() from None
        if method not in ("token", "assume_role"):
            raise _bad_body()
        if isinstance(seconds, bool) or not isinstance(seconds, int) or not SHORTEST_KEYS <= seconds <= LONGEST_KEYS:
            raise ApiError("IAM.0073", "Invalid value for duration_seconds.", 400, shape="iam")
        if method == "token":
            account = self._by_token(request, content, expired_code)
        else:
            account = self._delegating(content, self._for_iam(request, expired_code).account)
        return self.temporary(account, seconds if life is None else life)

    def _by_token(self, request: SignedRequest, content: dict[str, t.Any], expired_code: str) -> Account:
        text = request.headers.get("x-auth-token") or content.get("id")
        if not text:
            raise ApiError("IAM.0072", "The token is missing.", 400, shape="iam")
        headers = {"x-auth-token": str(text)}
        return self._for_iam(request._replace(headers=headers), expired_code).account

    def _for_iam(self, request: SignedRequest, expired_code: str) -> Caller:
        """Authenticate a request with the errors of the identity service."""
        try:
            return self.authenticate(request, expired_code)
        except ApiError as error:
            raise ApiError("IAM.0001", error.text, 401, shape="iam") from None

    def _delegating(self, content: dict[str, t.Any], caller: Account) -> Account:
        """The account whose agency a request names, if the agency is delegated to the caller's account."""
        name = content.get("agency_name") or content.get("xrole_name")
        domain = content.get("domain_name") or content.get("domain_id")
        session = content.get("session_user", {}).get("name", "session")
        if not name or not domain or not _SESSION_USER.fullmatch(session):
            raise _bad_body()
        if domain not in (self.other.name, self.other.id):
            raise _missing("domain", domain)
        if name not in self.other.agencies:
            raise _missing("agency", name)
        if self.other.agencies[name] != caller.name:
            raise ApiError("IAM.0003", "Policy doesn't allow iam:agencies:assume to be performed.", 403, shape="iam")
        return self.other

    def list_domains(self, account: Account) -> dict[str, t.Any]:
        """GET /v3/auth/domains: the account of the caller."""
        domain = {"id": account.id, "name": account.name, "enabled": True, "description": "", "links": {}}
        return {"domains": [domain], "links": {}}

    def list_projects(self, query: list[tuple[str, str]], account: Account) -> dict[str, t.Any]:
        """GET /v3/projects: all projects of an account, or the one with the name in the query."""
        wanted = dict(query).get("name")
        found = [
            {
                "id": project_id,
                "name": name,
                "domain_id": account.id,
                "parent_id": account.id,
                "enabled": True,
                "is_domain": False,
                "description": "",
                "links": {"self": f"https://iam.example.test/v3/projects/{project_id}"},
            }
            for project_id, name in account.projects.items()
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


def _bad_body() -> ApiError:
    return ApiError("IAM.0011", "The request body is invalid", 400, shape="iam")


def _missing(target: str, identifier: str) -> ApiError:
    """Authentication contract, section 13: Refusals."""
    return ApiError("IAM.0004", f"Could not find {target}: {identifier}.", 404, shape="iam")
