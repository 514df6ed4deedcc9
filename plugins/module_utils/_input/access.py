# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How to reach the cloud. Private to this collection; no stable interface.

Endpoints, project, agency, trust and patience; which credentials a task has is found out in `credentials`.

Sources: the vendor's "Regions and Endpoints"; the variables are those of its SDK and its Terraform provider.
"""

from __future__ import annotations

import os
import re
from typing import Any, Iterator, Mapping
from urllib.parse import urlsplit

from ansible_collections.huaweicloud.vpn.plugins.module_utils._http.auth import ID_TOKEN, PASSWORD
from ansible_collections.huaweicloud.vpn.plugins.module_utils._input.draft import Draft
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
    "idp_id": {"type": "str"},
    "id_token": {"type": "str", "no_log": True},
    # Core takes the name for that of a secret.
    "id_token_file": {"type": "path", "no_log": False},
    "ecs_agency": {"type": "bool", "default": False},
    "credentials_file": {"type": "path", "no_log": False},
    "agency_name": {"type": "str"},
    "agency_domain_name": {"type": "str"},
    "validate_certs": {"type": "bool", "default": True},
    "ca_path": {"type": "path"},
    "request_timeout": {"type": "int", "default": 30},
    "max_retries": {"type": "int", "default": 5},
}

FILE_VARIABLE = "HUAWEICLOUD_SDK_CREDENTIALS_FILE"

# Environment variables by option; the first that is not empty counts.
ENVIRONMENT = {
    "region": ("HW_REGION_NAME",),
    "cloud": ("HW_CLOUD",),
    "endpoint": ("HW_VPN_ENDPOINT",),
    "auth_url": ("HW_AUTH_URL",),
    "project_id": ("HW_PROJECT_ID", "HUAWEICLOUD_SDK_PROJECT_ID"),
    "project_name": ("HW_PROJECT_NAME",),
    "credentials_file": (FILE_VARIABLE,),
    "agency_name": ("HW_ASSUME_ROLE_AGENCY_NAME",),
    "agency_domain_name": ("HW_ASSUME_ROLE_DOMAIN_NAME",),
    "max_retries": ("HW_MAX_RETRIES",),
}

# Ways for which IAM is asked.
BY_IAM = (PASSWORD, ID_TOKEN)

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
        auth_method: One of KEYS, TOKEN, PASSWORD, ID_TOKEN, ECS.
        credentials: The options that belong to the method.
        agency: The agency to assume and the account that it belongs to; None for none.
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
        self.agency: tuple[str, str] | None = None
        if options.get("agency_name"):
            self.agency = (options["agency_name"], options["agency_domain_name"])
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


def validate_access(draft: Draft, auth_method: str | None, credentials: Mapping[str, str]) -> Access | None:
    """Return how to reach the cloud; None with a problem that says what is missing.

    Args:
        draft: What the task gives.
        auth_method: See `credentials.choose_auth_method`.
        credentials: See `credentials.choose_auth_method`.
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
    problems += _half_agency(draft.names)
    problems += _missing_places(draft.names, auth_method)
    problems += out_of_range(options, LIMITS)
    if len(problems) > before or auth_method is None:
        return None
    origins = {name: _host_origin(draft, name) for name in ("endpoint", "auth_url")}
    return Access(options, auth_method, credentials, draft.secrets, origins)


def _host_origin(draft: Draft, name: str) -> str:
    """Return a sentence on where the host name of a base URL comes from."""
    option = name if draft.options.get(name) else "region"
    source = draft.origins.get(option)
    return f"{option} {draft.options.get(option)!r} comes from {source or 'the task or its defaults'}"


def _half_agency(names: set[str]) -> Iterator[str]:
    """Yield what is missing to know an agency."""
    for missing, given in (("agency_domain_name", "agency_name"), ("agency_name", "agency_domain_name")):
        if given in names and missing not in names:
            yield f"{given} is given without {missing} (or {ENVIRONMENT[missing][0]} in the environment)"


def _missing_places(names: set[str], auth_method: str | None) -> Iterator[str]:
    """Yield what is missing to know where the cloud is."""
    if names.isdisjoint(("project_id", "project_name", "region")):
        yield "project_id is missing: give it, or region or project_name to find it by"
    if "region" not in names:
        asks_iam = auth_method in BY_IAM or "agency_name" in names or "project_id" not in names
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
