# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The front door: what a task gives becomes what the collection works with. Private to this collection; no stable interface.

One place drops blanks, fills in the environment, decides how to authenticate, applies the argument specification and
lets the field table judge the values, so that everything wrong with a task is said at once and before any request.
"""

from __future__ import annotations

import copy
import ipaddress
import re
from urllib.parse import urlsplit

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.module_utils.errors import UnsupportedError

from ansible_collections.huaweicloud.vpn.plugins.module_utils._errors import InvalidInput
from ansible_collections.huaweicloud.vpn.plugins.module_utils._fields import READ_ONLY, Group

EUROPE_REGIONS = "eu-west-1"
EUROPE_CLOUD = "myhuaweicloud.eu"
DEFAULT_CLOUD = "myhuaweicloud.com"

CONNECTION_OPTIONS = {
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
KEYS, TOKEN, PASSWORD = "access key", "token", "user name and password"
WAYS = {
    KEYS: ("access_key", "secret_key"),
    TOKEN: ("auth_token",),
    PASSWORD: ("user_name", "password", "domain_name"),
}
NAMING = {KEYS: ("access_key", "secret_key"), TOKEN: ("auth_token",), PASSWORD: ("user_name", "password")}
CREDENTIALS = ("access_key", "secret_key", "security_token", "auth_token", "user_name", "password", "domain_name")

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

LEAST_SECRET = 4


def without_blanks(value, keep=()):
    """Drop null and empty text recursively: rendered forms leave them behind for fields nobody filled in.

    A list or dictionary that had nothing but blanks in it counts as blank itself; one that was empty to begin with is
    a value.

    :arg keep: names of dictionaries whose empty texts are data (tags).
    :returns: a new value, or None when nothing is left.
    """
    if isinstance(value, dict):
        pairs = ((name, _kept(item) if name in keep else without_blanks(item, keep)) for name, item in value.items())
        kept = {name: item for name, item in pairs if item is not None}
        return kept if kept or not value else None
    if isinstance(value, list):
        kept = [item for item in (without_blanks(item, keep) for item in value) if item is not None]
        return kept if kept or not value else None
    return None if value is None or (isinstance(value, str) and not value.strip()) else value


def _kept(value):
    if isinstance(value, dict):
        return {name: item for name, item in value.items() if item is not None}
    return without_blanks(value)


class Access:
    """How to reach and authenticate to the cloud.

    :ivar way: one of KEYS, TOKEN, PASSWORD. C(credentials): its options (dict of str).
    :ivar endpoint, auth_url: base URLs without closing slash; C(auth_url) is None where IAM is not asked.
    :ivar project_id: or None, and then C(project_name) is what IAM is asked for.
    """

    def __init__(self, options, way, credentials):
        self.way = way
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
        return self.way == PASSWORD or self.project_id is None


def _base_url(options, name, service):
    if options.get(name):
        return re.sub(r"/(v[0-9.]+/?)?$", "", options[name].strip())
    region = options.get("region")
    if not region:
        return None
    cloud = options.get("cloud") or (EUROPE_CLOUD if region.startswith(EUROPE_REGIONS) else DEFAULT_CLOUD)
    return "https://%s.%s.%s" % (service, region, cloud)


class Request:
    """A task that has passed the front door.

    :ivar options: validated options with defaults, without credentials and secrets (dict).
    :ivar own: the resource's members in normal form, without the secret (see C(Resource.own)).
    :ivar secret: the resource's secret, or None. C(access): an C(Access).
    :ivar secrets: every secret text, for masking (set of str).
    """

    def __init__(self, options, own, secret, access, secrets):
        self.options = options
        self.own = own
        self.secret = secret
        self.access = access
        self.secrets = secrets

    def logged(self, resource):
        """Return the arguments as core shall see them: validated, with the secrets in their options, so that it masks them."""
        arguments = dict(self.options, **self.access.credentials)
        if self.secret is not None:
            arguments[resource.secret] = self.secret
        return arguments


def open_door(resource, spec, arguments, environment, judge):
    """Return the C(Request) that a task's arguments make.

    :arg spec: the argument specification (dict). C(arguments): what the task gives (dict, left as it is).
    :arg environment: mapping of environment variables.
    :arg judge: function of (resource, options, problems) that adds to the problems and returns what C(Request.own) holds.
    :raises InvalidInput: with everything that is wrong; its C(secrets) are those safe to mask with.
    """
    given = without_blanks(copy.deepcopy(arguments), keep=(resource.tags,)) or {}
    problems = []
    way, credentials = _choose_way(given, environment, problems)
    for name in CREDENTIALS:
        given.pop(name, None)
    for name, variables in ENVIRONMENT.items():
        if name not in given:
            given.update({name: environment[key] for key in reversed(variables) if environment.get(key, "").strip()})
    secrets = {credentials[name] for name in credentials if CONNECTION_OPTIONS[name].get("no_log")}
    options = _apply_spec(spec, given, problems)
    secret = options.pop(resource.secret, None) if resource.secret else None
    if secret is not None:
        _judge_secret(resource, secret, secrets, problems)
    own = judge(resource, options, problems)
    access = _judge_access(options, way, credentials, problems)
    if problems:
        raise InvalidInput(problems, secrets)
    return Request(options, own, secret, access, secrets)


def _apply_spec(spec, given, problems):
    """Validate and convert; report every error instead of the first."""
    result = ArgumentSpecValidator(spec).validate(given)
    for error in result.errors:
        text = error.msg if hasattr(error, "msg") else str(error)
        # Core adds the names of all options there are; the sentence is clearer without.
        problems.append("unsupported option: %s" % text.partition(". Supported")[0] if isinstance(error, UnsupportedError) else text)
    return without_nulls(result.validated_parameters, spec)


def without_nulls(options, spec):
    """Drop the nulls that the specification fills in, at every depth (dict)."""
    kept = {}
    for name, value in options.items():
        inner = (spec.get(name) or {}).get("options")
        if value is None or name not in spec:
            continue
        if inner and isinstance(value, dict):
            value = without_nulls(value, inner)
        elif inner and isinstance(value, list):
            value = [without_nulls(item, inner) for item in value if isinstance(item, dict)]
        kept[name] = value
    return kept


# -- the way to authenticate --------------------------------------------------------------------------------------------


def _choose_way(given, environment, problems):
    """Return (way, credentials); None and {} where there is none, with a problem that says why."""
    task = {name: _credential(name, given[name], problems) for name in CREDENTIALS if name in given}
    families = [{name: environment[key] for name, key in family.items() if environment.get(key, "").strip()} for family in FAMILIES]
    named = [way for way in WAYS if any(name in task for name in NAMING[way])]
    if "security_token" in task and "access_key" not in task:
        problems.append("security_token belongs to an access_key that the task gives too")
    if len(named) > 1:
        problems.append(
            "the task names %d ways to authenticate (%s): keep one, and set the options of the others to an empty string"
            % (len(named), "; ".join("%s: %s" % (way, ", ".join(name for name in NAMING[way] if name in task)) for way in named)))
        return None, {name: text for name, text in task.items() if text}
    if named:
        return _completed(named[0], task, families, problems)
    return _from_environment(task, families, problems)


def _credential(name, value, problems):
    text = str(value)
    if CONNECTION_OPTIONS[name].get("no_log") and len(text) < LEAST_SECRET:
        problems.append("%s is too short to be one" % name)
        return None
    return text


def _completed(way, task, families, problems):
    """Complete the way that the task names from the environment."""
    found = {}
    for name in WAYS[way]:
        source = next((values for values in [task] + families if name in values), None)
        if source is not None:
            found[name] = source[name]
            if name == "access_key" and "security_token" in source:
                found["security_token"] = source["security_token"]
    missing = [name for name in WAYS[way] if name not in found]
    if missing:
        problems.append("authentication by %s lacks %s" % (way, ", ".join(_origin(name) for name in missing)))
    return way, {name: text for name, text in found.items() if text}


def _from_environment(task, families, problems):
    for way, names in WAYS.items():
        for family in families:
            source = dict(family, **{name: text for name, text in task.items() if name in names})
            if all(name in source for name in names):
                extra = ("security_token",) if way == KEYS else ()
                return way, {name: source[name] for name in names + extra if name in source}
    problems.append(
        "no complete credentials: give %s" % "; or ".join(" and ".join(_origin(name) for name in names) for names in WAYS.values()))
    return None, {}


def _origin(name):
    variables = [family[name] for family in FAMILIES if name in family]
    return "%s (or %s in the environment)" % (name, " or ".join(variables))


def _judge_access(options, way, credentials, problems):
    """Return the C(Access), or None with a problem that says what is missing."""
    before = len(problems)
    for name in ("endpoint", "auth_url"):
        if options.get(name):
            problems += ("%s %s" % (name, fault) for fault in _url_faults(options[name]))
    lacks_project = not (options.get("project_id") or options.get("project_name") or options.get("region"))
    if lacks_project:
        problems.append("project_id is missing: give it, or region or project_name to find it by")
    if not options.get("region"):
        asks_iam = way == PASSWORD or not options.get("project_id")
        needed = [name for name in ("endpoint", "auth_url") if not options.get(name) and (name == "endpoint" or asks_iam)]
        if needed:
            problems.append("region is missing (or HW_REGION_NAME in the environment); without it %s must be given" % " and ".join(needed))
    problems += _number_faults(options)
    if len(problems) > before or way is None:
        return None
    return Access(options, way, credentials)


def _number_faults(options):
    for name, least in (("request_timeout", 1), ("max_retries", 0), ("wait_timeout", 1)):
        value = options.get(name)
        if isinstance(value, int) and value < least:
            yield "%s must be at least %d, not %d" % (name, least, value)


def _url_faults(text):
    try:
        parts = urlsplit(text.strip())
        parts.port
    except ValueError:
        yield "is no URL: %r" % text
        return
    if parts.scheme not in ("http", "https") or not parts.hostname:
        yield "must be a URL such as https://vpn.eu-de.example.com, not %r" % text
    elif parts.username or parts.password:
        yield "must not contain a user name or password"
    elif parts.query or parts.fragment:
        yield "must be a plain base URL without a query"
    elif parts.scheme == "http" and not _is_loopback(parts.hostname):
        yield "must begin with https:// (plain http is for a server on this machine only): %r" % text


def _is_loopback(host):
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


# -- the values of the resource -----------------------------------------------------------------------------------------


def _judge_secret(resource, secret, secrets, problems):
    """Register a secret for masking, unless it is so short that masking it would shred every sentence."""
    kind = resource.managed[resource.secret].kind
    if not kind.too_short(secret):
        secrets.add(secret)
    problems += ("%s %s" % (resource.secret, fault) for fault in kind.faults(secret))


def judge_id(resource, options, problems):
    """Say whether an id, if one is given, has the form of one."""
    identity = resource.identity
    if identity.id in options and not identity.id_shape.fullmatch(options[identity.id]):
        problems.append("%s must be %s, not %r" % (identity.id, identity.id_says, options[identity.id]))


def judge_object(resource, options, problems):
    """Return the members of the object that a task describes, in normal form; say what is wrong with each."""
    identity = resource.identity
    if identity.id not in options and identity.name not in options:
        problems.append("%s or %s is needed to tell which %s is meant" % (identity.id, identity.name, resource.noun))
    judge_id(resource, options, problems)
    problems += value_faults(resource.fields, options)
    return resource.own(options) if not problems else {}


def value_faults(fields, values, prefix=""):
    """Yield a sentence for each wanted value that cannot be; values the specification refused are passed over."""
    for field in fields:
        value = values.get(field.name)
        if value is None or field.change == READ_ONLY:
            continue
        path = prefix + field.name
        if isinstance(field.kind, Group):
            if isinstance(value, dict):
                yield from value_faults(field.kind.fields, value, path + ".")
        elif isinstance(value, field.kind.python):
            yield from ("%s %s" % (path, fault) for fault in field.kind.faults(value))
