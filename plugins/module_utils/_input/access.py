# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How to reach and authenticate to the cloud. Private to this collection; no stable interface.

Sources: the vendor's "Regions and Endpoints"; the variables are those of its SDK and its Terraform provider.
"""

from __future__ import annotations

import os
import re
from typing import Any, Iterator, Mapping, Sequence
from urllib.parse import urlsplit

from ansible_collections.huaweicloud.vpn.plugins.module_utils._http.auth import KEYS, PASSWORD, TOKEN
from ansible_collections.huaweicloud.vpn.plugins.module_utils._input.options import (
    LONE_SURROGATE_TEXT,
    describe,
    is_broken,
)
from ansible_collections.huaweicloud.vpn.plugins.module_utils._text import is_loopback

EUROPE_REGIONS = "eu-west-1"
EUROPE_CLOUD = "myhuaweicloud.eu"
DEFAULT_CLOUD = "myhuaweicloud.com"

AUTH_OPTIONS: dict[str, dict[str, Any]] = {
    "region": {"type": "str"},
    "cloud": {"type": "str"},
    "endpoint": {"type": "str"},
    "auth_url": {"type": "str"},
    "project_id": {"type": "str"},
    "project_name": {"type": "str"},
    "access_key": {"type": "str", "no_log": True},
    "secret_key": {"type": "str", "no_log": True},
    "security_token": {"type": "str", "no_log": True},
    "auth_token": {"type": "str", "no_log": True},
    "user_name": {"type": "str"},
    "password": {"type": "str", "no_log": True},
    "domain_name": {"type": "str"},
    "validate_certs": {"type": "bool", "default": True},
    "ca_path": {"type": "path"},
    "request_timeout": {"type": "int", "default": 30},
    "max_retries": {"type": "int", "default": 5},
}

# Environment variables by option; the first that is not empty counts.
ENVIRONMENT = {
    "region": ("HW_REGION_NAME",),
    "cloud": ("HW_CLOUD",),
    "endpoint": ("HW_VPN_ENDPOINT",),
    "auth_url": ("HW_AUTH_URL",),
    "project_id": ("HW_PROJECT_ID", "HUAWEICLOUD_SDK_PROJECT_ID"),
    "project_name": ("HW_PROJECT_NAME",),
    "max_retries": ("HW_MAX_RETRIES",),
}

# Ways to authenticate, in the order they count within one source: (name, options, those that name the way).
AUTH_METHODS = {
    KEYS: ("access_key", "secret_key"),
    TOKEN: ("auth_token",),
    PASSWORD: ("user_name", "password", "domain_name"),
}
IDENTIFYING_OPTIONS = {KEYS: ("access_key", "secret_key"), TOKEN: ("auth_token",), PASSWORD: ("user_name", "password")}
CREDENTIALS = ("access_key", "secret_key", "security_token", "auth_token", "user_name", "password", "domain_name")

# These travel in headers, where a stray line break would be an error of Python's.
IN_HEADERS = ("access_key", "secret_key", "security_token", "auth_token")
HEADER_VALUE = re.compile(r"[!-~]+")

# Families of variables: a security token belongs to the access key of its own family.
FAMILIES = (
    {
        "access_key": "HW_ACCESS_KEY",
        "secret_key": "HW_SECRET_KEY",
        "security_token": "HW_SECURITY_TOKEN",
        "auth_token": "HW_AUTH_TOKEN",
        "user_name": "HW_USER_NAME",
        "password": "HW_USER_PASSWORD",
        "domain_name": "HW_DOMAIN_NAME",
    },
    {
        "access_key": "HUAWEICLOUD_SDK_AK",
        "secret_key": "HUAWEICLOUD_SDK_SK",
        "security_token": "HUAWEICLOUD_SDK_SECURITY_TOKEN",
    },
)

MINIMUM_SECRET_LENGTH = 4

# Parts of URLs and headers: (option, form, form in words).
FORMATS = (
    (
        "region",
        re.compile(r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?"),
        "letters, digits and hyphens, such as eu-de",
    ),
    ("cloud", re.compile(r"[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63})*"), "a domain name such as myhuaweicloud.com"),
    ("project_id", re.compile(r"[A-Za-z0-9_-]+"), "letters, digits, hyphens and underscores"),
)
# Limits of numbers, both included.
LIMITS = {"request_timeout": (1, 3600), "max_retries": (0, 100)}
HOST = re.compile(r"[A-Za-z0-9_-]{1,63}(\.[A-Za-z0-9_-]{1,63})*\.?|[0-9A-Fa-f:]+")


class Access:
    """How to reach and authenticate to the cloud.

    Attributes:
        auth_method: One of KEYS, TOKEN, PASSWORD.
        credentials: The options that belong to the method.
        secrets: Every secret text of the task; one that arises later, such as a token, is added where it arises.
        endpoint: Base URL of the service, without a closing slash.
        auth_url: Base URL of IAM; None where it is not asked.
        project_id: The project; None where IAM is asked for it.
        project_name: What IAM is asked for then.
        verify: Whether certificates are checked, or the path of the file to check them with.
        request_timeout: Seconds for connecting, and for an answer in all.
        max_retries: How often a request is repeated at most.
        host_origins: A sentence for each of `endpoint` and `auth_url` on where its host name comes from.
    """

    def __init__(
        self,
        options: Mapping[str, Any],
        auth_method: str,
        credentials: Mapping[str, str],
        secrets: set[str],
        host_origins: Mapping[str, str],
    ) -> None:
        self.auth_method = auth_method
        self.secrets = secrets
        self.credentials = credentials
        self.project_id: str | None = options.get("project_id")
        self.project_name: str | None = options.get("project_name") or options.get("region")
        self.endpoint = _base_url(options, "endpoint", "vpn")
        self.auth_url = _base_url(options, "auth_url", "iam")
        self.verify: bool | str = options.get("ca_path") or True if options["validate_certs"] else False
        self.request_timeout: int = options["request_timeout"]
        self.max_retries: int = options["max_retries"]
        self.host_origins = dict(host_origins)
        self._options = options

    def service_url(self, option: str, service: str) -> str | None:
        """Return the base URL of another service of the cloud; None where it is not known.

        Args:
            option: The option that may give it.
            service: The first part of its host name otherwise.
        """
        return _base_url(self._options, option, service)


def _base_url(options: Mapping[str, Any], name: str, service: str) -> str | None:
    if options.get(name):
        return re.sub(r"/(v[0-9.]+/?)?$", "", options[name].strip())
    region = options.get("region")
    if not region:
        return None
    cloud = options.get("cloud") or (EUROPE_CLOUD if region.startswith(EUROPE_REGIONS) else DEFAULT_CLOUD)
    return f"https://{service}.{region}.{cloud}"


def choose_auth_method(
    given: Mapping[str, Any], environment: Mapping[str, str], problems: list[str]
) -> tuple[str | None, dict[str, str]]:
    """Return the way to authenticate, and its credentials.

    Args:
        given: Arguments without blanks.
        environment: The environment variables.
        problems: Gets a sentence that says why, where there is no way.

    Returns:
        (one of KEYS, TOKEN, PASSWORD or None, the options that belong to it).
    """
    task = {name: _credential(name, given[name], problems) for name in CREDENTIALS if name in given}
    families = [
        {name: environment[key] for name, key in family.items() if environment.get(key, "").strip()}
        for family in FAMILIES
    ]
    named = [method for method in AUTH_METHODS if any(name in task for name in IDENTIFYING_OPTIONS[method])]
    if "security_token" in task and "access_key" not in task:
        problems.append("security_token belongs to an access_key that the task gives too")
    if len(named) > 1:
        problems.append(_several_methods(named, task))
        return None, {name: text for name, text in task.items() if text}
    if named:
        method: str | None = named[0]
        found = _completed(named[0], task, families, problems)
    else:
        method, found = _from_environment(task, families, problems)
    return method, _checked(found, task, problems)


def _several_methods(named: Sequence[str], task: Mapping[str, Any]) -> str:
    each = (f"{method}: {', '.join(name for name in IDENTIFYING_OPTIONS[method] if name in task)}" for method in named)
    return (
        f"the task names {len(named)} ways to authenticate ({'; '.join(each)}): keep one, and set the options"
        " of the others to an empty string"
    )


def _checked(found: Mapping[str, str | None], task: Mapping[str, Any], problems: list[str]) -> dict[str, str]:
    """Return the credentials without those of the environment that cannot be one."""
    checked = {}
    for name, text in found.items():
        variables = " or ".join(family[name] for family in FAMILIES if name in family)
        checked[name] = text if name in task else _credential(name, text, problems, f"{variables} of the environment")
    return {name: text for name, text in checked.items() if text}


def _credential(name: str, value: Any, problems: list[str], shown: str | None = None) -> str | None:
    """Return a credential as text; None where it cannot be one, with a problem that says why without quoting it."""
    text = str(value)
    error = None
    if isinstance(value, (bool, list, dict)):
        error = f"must be text, not {describe(value)}"
    elif AUTH_OPTIONS[name].get("no_log") and len(text) < MINIMUM_SECRET_LENGTH:
        error = "is too short to be one"
    elif name in IN_HEADERS and not HEADER_VALUE.fullmatch(text):
        error = "contains a space, a line break or another character that none has: check where it comes from"
    elif is_broken(text):
        error = LONE_SURROGATE_TEXT
    if error is not None:
        problems.append(f"{shown or name} {error}")
    return text if error is None else None


def _completed(
    auth_method: str, task: Mapping[str, str | None], families: Sequence[Mapping[str, str]], problems: list[str]
) -> dict[str, str | None]:
    """Complete the way that the task names from the environment."""
    found: dict[str, str | None] = {}
    for name in AUTH_METHODS[auth_method]:
        source: Mapping[str, str | None] | None = next((values for values in (task, *families) if name in values), None)
        if source is not None:
            found[name] = source[name]
            if name == "access_key" and "security_token" in source:
                found["security_token"] = source["security_token"]
    missing = [name for name in AUTH_METHODS[auth_method] if name not in found]
    if missing:
        lacking = f"authentication by {auth_method} lacks {', '.join(_origin(name) for name in missing)}"
        there = [_given_by(name, task, families) for name in AUTH_METHODS[auth_method] if name not in missing]
        problems.append("; ".join([lacking, *there]))
    return {name: text for name, text in found.items() if text}


def _from_environment(
    task: Mapping[str, str | None], families: Sequence[Mapping[str, str]], problems: list[str]
) -> tuple[str | None, dict[str, str | None]]:
    for auth_method, names in AUTH_METHODS.items():
        for family in families:
            source = {**family, **{name: text for name, text in task.items() if name in names}}
            if all(name in source for name in names):
                extra = ("security_token",) if auth_method == KEYS else ()
                return auth_method, {name: source[name] for name in (*names, *extra) if name in source}
    ways = "; or ".join(" and ".join(_origin(name) for name in names) for names in AUTH_METHODS.values())
    problems.append(f"no complete credentials: give {ways}")
    problems += _halves(families)
    return None, {}


def _given_by(name: str, task: Mapping[str, Any], families: Sequence[Mapping[str, str]]) -> str:
    """Return a sentence on where a credential that is there comes from."""
    variables = (family[name] for family, values in zip(FAMILIES, families) if name in values)
    source = "the task or its defaults" if name in task else f"{next(variables)} in the environment"
    return f"{name} comes from {source}"


def _halves(families: Sequence[Mapping[str, str]]) -> Iterator[str]:
    """Yield a sentence for each way to authenticate that the environment gives in part; families are not mixed."""
    for family, values in zip(FAMILIES, families):
        for auth_method, names in AUTH_METHODS.items():
            given = [family[name] for name in names if name in values]
            if values.keys().isdisjoint(IDENTIFYING_OPTIONS[auth_method]) or len(given) == len(names):
                continue
            missing = [family[name] for name in names if name not in values]
            yield f"the environment has {' and '.join(given)} without {' and '.join(missing)}"


def _origin(name: str) -> str:
    variables = [family[name] for family in FAMILIES if name in family]
    return f"{name} (or {' or '.join(variables)} in the environment)"


def validate_access(draft: Any, auth_method: str | None, credentials: Mapping[str, str]) -> Access | None:
    """Return how to reach the cloud; None with a problem that says what is missing.

    Args:
        draft: What the task gives (`_input.validation.Draft`).
        auth_method: See `choose_auth_method`.
        credentials: See `choose_auth_method`.
    """
    options, problems = draft.options, draft.problems
    before = len(problems)
    for name in ("endpoint", "auth_url"):
        if options.get(name):
            problems += (f"{name} {error}" for error in url_errors(options[name]))
    for name, pattern, text in FORMATS:
        if options.get(name) and not pattern.fullmatch(options[name]):
            problems.append(f"{name} must be {text}, not {options[name]!r}")
    if options.get("ca_path") and not os.path.exists(options["ca_path"]):
        problems.append(f"ca_path does not exist on the machine that runs the task: {options['ca_path']!r}")
    problems += _missing_places(draft.names, auth_method)
    problems += out_of_range(options, LIMITS)
    if len(problems) > before or auth_method is None:
        return None
    origins = {name: _host_origin(draft, name) for name in ("endpoint", "auth_url")}
    return Access(options, auth_method, credentials, draft.secrets, origins)


def _host_origin(draft: Any, name: str) -> str:
    """Return a sentence on where the host name of a base URL comes from."""
    option = name if draft.options.get(name) else "region"
    source = draft.variables.get(option)
    origin = f"{source} in the environment" if source else "the task or its defaults"
    return f"{option} {draft.options.get(option)!r} comes from {origin}"


def _missing_places(names: set[str], auth_method: str | None) -> Iterator[str]:
    """Yield what is missing to know where the cloud is."""
    if names.isdisjoint(("project_id", "project_name", "region")):
        yield "project_id is missing: give it, or region or project_name to find it by"
    if "region" not in names:
        asks_iam = auth_method == PASSWORD or "project_id" not in names
        needed = [name for name in ("endpoint", "auth_url") if name not in names and (name == "endpoint" or asks_iam)]
        if needed:
            places = " and ".join(needed)
            yield f"region is missing (or HW_REGION_NAME in the environment); without it {places} must be given"


def out_of_range(options: Mapping[str, Any], limits: Mapping[str, tuple[int, int]]) -> Iterator[str]:
    """Yield a sentence for each number that is not between its limits."""
    for name, (minimum, maximum) in limits.items():
        value = options.get(name)
        if isinstance(value, int) and not minimum <= value <= maximum:
            yield f"{name} must be between {minimum} and {maximum}, not {value}"


def url_errors(text: str) -> Iterator[str]:
    """Yield what is wrong with a base URL, as ends of a sentence."""
    if "@" in text:
        yield "must not contain a user name or password"
        return
    if "?" in text or "#" in text:
        yield "must be a plain base URL, without a query"
        return
    try:
        parts = urlsplit(text.strip())
        host = parts.hostname or ""
        usable = parts.scheme in ("http", "https") and parts.port != 0 and HOST.fullmatch(host) is not None
    except ValueError:
        yield f"must be a URL such as https://vpn.eu-de.example.com, not {text!r}"
        return
    if not usable:
        yield f"must be a URL such as https://vpn.eu-de.example.com, not {text!r}"
    elif parts.scheme == "http" and not is_loopback(host):
        yield f"must begin with https://, not {text!r} (http:// is for a server on this machine only)"
