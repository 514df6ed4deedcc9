# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How to reach and authenticate to the cloud. Private to this collection; no stable interface.

Sources: the vendor's "Regions and Endpoints"; the environment variables are those of its SDK and of its Terraform provider.
"""

from __future__ import annotations

import os
import re
from urllib.parse import urlsplit

from ansible_collections.huaweicloud.vpn.plugins.module_utils._http.auth import KEYS, PASSWORD, TOKEN
from ansible_collections.huaweicloud.vpn.plugins.module_utils._options import LONE_SURROGATE_TEXT, is_broken, describe
from ansible_collections.huaweicloud.vpn.plugins.module_utils._text import is_loopback

EUROPE_REGIONS = "eu-west-1"
EUROPE_CLOUD = "myhuaweicloud.eu"
DEFAULT_CLOUD = "myhuaweicloud.com"

AUTH_OPTIONS = {
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
    ("region", re.compile(r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?"), "letters, digits and hyphens, such as eu-de"),
    ("cloud", re.compile(r"[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63})*"), "a domain name such as myhuaweicloud.com"),
    ("project_id", re.compile(r"[A-Za-z0-9_-]+"), "letters, digits, hyphens and underscores"),
    ("expect_plan", re.compile(r"v[0-9]+(\.[0-9a-f]{64}){2}"), "a plan_id that an earlier run returned"),
)
HOST = re.compile(r"[A-Za-z0-9_-]{1,63}(\.[A-Za-z0-9_-]{1,63})*\.?|[0-9A-Fa-f:]+")


class Access:
    """How to reach and authenticate to the cloud.

    :ivar way: one of KEYS, TOKEN, PASSWORD. C(credentials): its options (dict of str).
    :ivar endpoint, auth_url: base URLs without closing slash; C(auth_url) is None where IAM is not asked.
    :ivar secrets: every secret text of the task; one that arises later, such as a token, is added where it arises (set of str).
    :ivar project_id: or None, and then C(project_name) is what IAM is asked for.
    """

    def __init__(self, options, auth_method, credentials, secrets):
        self.auth_method = auth_method
        self.secrets = secrets
        self.credentials = credentials
        self.project_id = options.get("project_id")
        self.project_name = options.get("project_name") or options.get("region")
        self.endpoint = _base_url(options, "endpoint", "vpn")
        self.auth_url = _base_url(options, "auth_url", "iam")
        self.verify = options.get("ca_path") or True if options["validate_certs"] else False
        self.request_timeout = options["request_timeout"]
        self.max_retries = options["max_retries"]

    @property
    def asks_iam(self):
        return self.auth_method == PASSWORD or self.project_id is None


def _base_url(options, name, service):
    if options.get(name):
        return re.sub(r"/(v[0-9.]+/?)?$", "", options[name].strip())
    region = options.get("region")
    if not region:
        return None
    cloud = options.get("cloud") or (EUROPE_CLOUD if region.startswith(EUROPE_REGIONS) else DEFAULT_CLOUD)
    return "https://%s.%s.%s" % (service, region, cloud)


def choose_auth_method(draft, environment, problems):
    """Return (way, credentials); None and {} where there is none, with a problem that says why."""
    task = {name: _credential(name, draft[name], problems) for name in CREDENTIALS if name in draft}
    families = [{name: environment[key] for name, key in family.items() if environment.get(key, "").strip()} for family in FAMILIES]
    named = [auth_method for auth_method in AUTH_METHODS if any(name in task for name in IDENTIFYING_OPTIONS[auth_method])]
    if "security_token" in task and "access_key" not in task:
        problems.append("security_token belongs to an access_key that the task gives too")
    if len(named) > 1:
        problems.append(
            "the task names %d ways to authenticate (%s): keep one, and set the options of the others to an empty string"
            % (len(named), "; ".join("%s: %s" % (auth_method, ", ".join(name for name in IDENTIFYING_OPTIONS[auth_method] if name in task)) for auth_method in named)))
        return None, {name: text for name, text in task.items() if text}
    auth_method, found = _completed(named[0], task, families, problems) if named else _from_environment(task, families, problems)
    return auth_method, _checked(found, task, problems)


def _checked(found, task, problems):
    """Return the credentials without those of the environment that cannot be one."""
    checked = {}
    for name, text in found.items():
        variables = " or ".join(family[name] for family in FAMILIES if name in family)
        checked[name] = text if name in task else _credential(name, text, problems, "%s of the environment" % variables)
    return {name: text for name, text in checked.items() if text}


def _credential(name, value, problems, shown=None):
    """Return a credential as text, or None where it cannot be one, with a problem that says why and does not quote it."""
    shown = shown or name
    text = str(value)
    fault = None
    if isinstance(value, (bool, list, dict)):
        fault = "must be text, not %s" % describe(value)
    elif AUTH_OPTIONS[name].get("no_log") and len(text) < MINIMUM_SECRET_LENGTH:
        fault = "is too short to be one"
    elif name in IN_HEADERS and not HEADER_VALUE.fullmatch(text):
        fault = "contains a space, a line break or another character that none has: check where it comes from"
    elif is_broken(text):
        fault = LONE_SURROGATE_TEXT
    if fault is not None:
        problems.append("%s %s" % (shown, fault))
    return text if fault is None else None


def _completed(auth_method, task, families, problems):
    """Complete the way that the task names from the environment."""
    found = {}
    for name in AUTH_METHODS[auth_method]:
        source = next((values for values in [task] + families if name in values), None)
        if source is not None:
            found[name] = source[name]
            if name == "access_key" and "security_token" in source:
                found["security_token"] = source["security_token"]
    missing = [name for name in AUTH_METHODS[auth_method] if name not in found]
    if missing:
        problems.append("authentication by %s lacks %s" % (auth_method, ", ".join(_origin(name) for name in missing)))
    return auth_method, {name: text for name, text in found.items() if text}


def _from_environment(task, families, problems):
    for auth_method, names in AUTH_METHODS.items():
        for family in families:
            source = dict(family, **{name: text for name, text in task.items() if name in names})
            if all(name in source for name in names):
                extra = ("security_token",) if auth_method == KEYS else ()
                return auth_method, {name: source[name] for name in names + extra if name in source}
    problems.append(
        "no complete credentials: give %s" % "; or ".join(" and ".join(_origin(name) for name in names) for names in AUTH_METHODS.values()))
    return None, {}


def _origin(name):
    variables = [family[name] for family in FAMILIES if name in family]
    return "%s (or %s in the environment)" % (name, " or ".join(variables))


def validate_access(draft, auth_method, credentials):
    """Return the C(Access), or None with a problem that says what is missing.

    :arg given: a C(_validation.Draft). C(auth_method), C(credentials): from M(choose_auth_method).
    """
    options, problems = draft.options, draft.problems
    before = len(problems)
    for name in ("endpoint", "auth_url"):
        if options.get(name):
            problems += ("%s %s" % (name, fault) for fault in _url_faults(options[name]))
    for name, pattern, says in FORMATS:
        if options.get(name) and not pattern.fullmatch(options[name]):
            problems.append("%s must be %s, not %r" % (name, says, options[name]))
    if options.get("ca_path") and not os.path.exists(options["ca_path"]):
        problems.append("ca_path does not exist on the machine that runs the task: %r" % options["ca_path"])
    if draft.names.isdisjoint(("project_id", "project_name", "region")):
        problems.append("project_id is missing: give it, or region or project_name to find it by")
    if "region" not in draft.names:
        asks_iam = auth_method == PASSWORD or "project_id" not in draft.names
        needed = [name for name in ("endpoint", "auth_url") if name not in draft.names and (name == "endpoint" or asks_iam)]
        if needed:
            problems.append("region is missing (or HW_REGION_NAME in the environment); without it %s must be given" % " and ".join(needed))
    problems += _number_faults(options)
    if len(problems) > before or auth_method is None:
        return None
    return Access(options, auth_method, credentials, draft.secrets)


def _number_faults(options):
    for name, minimum, maximum in (("request_timeout", 1, 3600), ("max_retries", 0, 100), ("wait_timeout", 1, 86400)):
        value = options.get(name)
        if isinstance(value, int) and not minimum <= value <= maximum:
            yield "%s must be between %d and %d, not %d" % (name, minimum, maximum, value)


def _url_faults(text):
    if "@" in text:
        yield "must not contain a user name or password"
        return
    if "?" in text or "#" in text:
        yield "must be a plain base URL, without a query"
        return
    try:
        parts = urlsplit(text.strip())
        usable = parts.scheme in ("http", "https") and parts.port != 0 and HOST.fullmatch(parts.hostname or "") is not None
    except ValueError:
        usable = False
    if not usable:
        yield "must be a URL such as https://vpn.eu-de.example.com, not %r" % text
    elif parts.scheme == "http" and not is_loopback(parts.hostname):
        yield "must begin with https://, not %r (http:// is for a server on this machine only)" % text
