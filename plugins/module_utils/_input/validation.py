# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Input validation: from the arguments of a task to what the collection works with. Private; no stable interface.

One place drops blanks, fills in the environment, decides how to authenticate, applies the argument specification and
lets the field table check the values, so that everything wrong with a task is reported at once and before any request.
"""

from __future__ import annotations

import re
from typing import Any, Callable, Iterable, Iterator, Mapping, Sequence

from ansible_collections.huaweicloud.vpn.plugins.module_utils._errors import InvalidInput
from ansible_collections.huaweicloud.vpn.plugins.module_utils._input.access import (
    AUTH_OPTIONS,
    ENVIRONMENT,
    Access,
    validate_access,
)
from ansible_collections.huaweicloud.vpn.plugins.module_utils._input.credentials import (
    CREDENTIALS,
    Choice,
    choose_auth_method,
)
from ansible_collections.huaweicloud.vpn.plugins.module_utils._input.draft import Draft
from ansible_collections.huaweicloud.vpn.plugins.module_utils._input.options import (
    LONE_SURROGATE_TEXT,
    apply_spec,
    broken_texts,
    is_broken,
    without_blanks,
)
from ansible_collections.huaweicloud.vpn.plugins.module_utils._masking import masker
from ansible_collections.huaweicloud.vpn.plugins.module_utils._schema.behavior import ID
from ansible_collections.huaweicloud.vpn.plugins.module_utils._schema.fields import (
    AT_CREATION,
    LIST_MODE,
    READ_ONLY,
    REPLACE,
    Field,
)
from ansible_collections.huaweicloud.vpn.plugins.module_utils._schema.kinds import Object
from ansible_collections.huaweicloud.vpn.plugins.module_utils._schema.resource import Resource
from ansible_collections.huaweicloud.vpn.plugins.module_utils._secrets import MASK, SecretText, masked
from ansible_collections.huaweicloud.vpn.plugins.module_utils._text import printable

# A shorter text cannot be a secret, and masking it everywhere would make sentences unreadable.
SHORTEST_SECRET = 4
# A key of fingerprints must not be guessed: with it, whoever sees a fingerprint could try secrets offline.
SHORTEST_FINGERPRINT_KEY = 16


class TaskInput:
    """A task whose input has been validated.

    Attributes:
        options: Validated options with defaults, without credentials.
        desired: See `Draft`.
        items: See `Draft`.
        access: How to reach the cloud.
        secrets: Every secret text, for masking; those that arise while the task runs are added.
        shown: See `Draft`.
    """

    def __init__(self, draft: Draft, access: Access) -> None:
        self.options = draft.options
        self.desired = draft.desired
        self.items = draft.items
        self.access = access
        self.secrets = draft.secrets
        self.shown = draft.shown

    def logged(self, resource: Resource, verbosity: int) -> dict[str, Any]:
        """Return the arguments as core shall see and log them: validated, every secret replaced by its mask.

        What is accepted only to be ignored is omitted: the text of a device's configuration may hold a key.

        Args:
            resource: The table.
            verbosity: How many v's the playbook was started with.
        """
        arguments = {name: masked(value) for name, value in self.options.items() if name not in resource.ignored}
        for name, text in self.access.credentials.items():
            arguments[name] = MASK if AUTH_OPTIONS[name].get("no_log") else text
        for name, value in self.shown.items():
            arguments[name] = value(verbosity) if callable(value) else value
        return arguments


def validate_task(
    resource: Resource,
    spec: Mapping[str, Any],
    arguments: Mapping[str, Any],
    environment: Mapping[str, str],
    validate: Callable[[Resource, Draft], None],
) -> TaskInput:
    """Return what a task's arguments amount to.

    Args:
        resource: The table.
        spec: The argument specification.
        arguments: What the task gives; left as it is.
        environment: The environment variables.
        validate: Adds to the draft's problems, and fills in what the task desires.

    Raises:
        InvalidInput: Everything that is wrong, with the secrets that can be masked.
    """
    given = without_blanks(arguments, (resource.tags,), resource.telling) or {}
    problems: list[str] = []
    choice = choose_auth_method(given, environment, problems)
    credentials = choice.credentials
    for name in CREDENTIALS:
        if AUTH_OPTIONS[name]["type"] != "bool":
            given.pop(name, None)
    own = {name: variables for name, variables in resource.environment.items() if name in spec}
    origins = _add_places({**ENVIRONMENT, **own}, given, choice, environment)
    secrets = {credentials[name] for name in credentials if AUTH_OPTIONS[name].get("no_log")}
    broken = dict.fromkeys(broken_texts(given))
    if broken:
        # Nothing that looks at a text more closely could cope with it.
        raise _refusal(problems + [f"{path} {LONE_SURROGATE_TEXT}" for path in broken], secrets)
    options, refused = apply_spec(spec, given, problems)
    draft = Draft(options, refused.union(options), problems, secrets, environment)
    draft.origins = origins
    hide_secret(resource, draft)
    validate(resource, draft)
    access = validate_access(draft, choice.auth_method, credentials)
    if problems or access is None:
        raise _refusal(problems, secrets)
    return TaskInput(draft, access)


def _add_places(
    known: Mapping[str, Sequence[str]], given: dict[str, Any], choice: Choice, environment: Mapping[str, str]
) -> dict[str, str]:
    """Add the options that the task does not give; return where each comes from, by option, for a sentence.

    What a credentials file names belongs to its credentials, so it comes before the environment. With an agency, the
    project is one of another account than that of the file.
    """
    origins = {}
    agency = "agency_name" in given or environment.get(ENVIRONMENT["agency_name"][0], "").strip()
    for name, text in choice.places.items():
        if name not in given and not (name == "project_id" and agency):
            given[name] = text
            origins[name] = choice.source
    for name, variables in known.items():
        variable = next((key for key in variables if environment.get(key, "").strip()), None)
        if name not in given and variable is not None:
            given[name] = environment[variable]
            origins[name] = f"{variable} in the environment"
    return origins


def _refusal(problems: Iterable[str], secrets: set[str]) -> InvalidInput:
    """Return the exception that reports the problems; what they quote is fit to be shown."""
    mask = masker(secrets)
    # Masked first: without its line breaks a secret would not be found any more.
    sentences = (mask(problem) for problem in problems)
    return InvalidInput([printable(sentence, len(sentence)) for sentence in sentences], secrets)


def hide_secret(resource: Resource, draft: Draft, prefix: str = "") -> None:
    """Check the write-only value of a draft, register it for masking, and turn it into a `SecretText`.

    Args:
        resource: The table.
        draft: Where the value is.
        prefix: What the names of the options begin with in a sentence.
    """
    path = resource.write_only
    owner, name = _owner_of(path, draft.options)
    if path is None or owner is None or not _is_open(owner.get(name)):
        return
    text, kind = owner[name], resource.managed[path].kind
    if len(text) >= max(SHORTEST_SECRET, getattr(kind, "minimum", 0)):
        draft.secrets.add(text)
        # A log, or the message of an error, may show one line of several.
        draft.secrets.update(line for line in map(str.strip, text.splitlines()) if len(line) >= SHORTEST_SECRET)
    draft.problems += (f"{prefix}{path} {error}" for error in kind.errors(text))
    owner[name] = SecretText(text, kind.warnings(text))


def _is_open(value: Any) -> bool:
    """Return whether a secret has not been checked and hidden yet."""
    return isinstance(value, str) and not isinstance(value, SecretText)


def fingerprint_variable(resource: Resource) -> str:
    """Return the environment variable that the key of fingerprints may come from."""
    return f"HW_VPN_{resource.fingerprint_option}".upper()


def hide_fingerprint_key(resource: Resource, draft: Draft, needed: bool, prefix: str = "") -> None:
    """Check the key of fingerprints, register it for masking, and turn it into a `SecretText`.

    Args:
        resource: The table.
        draft: Where the key is or goes.
        needed: Whether to take it from the environment where the task does not give it.
        prefix: What the names of the options begin with in a sentence.
    """
    option = resource.fingerprint_option
    if option is None:
        return
    text = draft.options.get(option)
    if text is None and needed and option not in draft.names:
        text = draft.environment.get(fingerprint_variable(resource), "").strip() or None
    if text is None or not _is_open(text):
        return
    if is_broken(text):
        draft.problems.append(f"{prefix}{option} {LONE_SURROGATE_TEXT}")
    elif len(text) < SHORTEST_FINGERPRINT_KEY:
        draft.problems.append(f"{prefix}{option} must have at least {SHORTEST_FINGERPRINT_KEY} characters")
    else:
        draft.secrets.add(text)
    draft.options[option] = SecretText(text)


def without_secret(resource: Resource, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Return arguments as they may be shown: without what is ignored, and with the mask for a write-only value."""
    shown = {name: value for name, value in arguments.items() if name not in resource.ignored}
    if shown.get(resource.fingerprint_option or ""):
        shown[str(resource.fingerprint_option)] = MASK
    member, _dot, _rest = (resource.write_only or "").partition(".")
    if isinstance(shown.get(member), dict):
        shown[member] = dict(shown[member])
    owner, name = _owner_of(resource.write_only, shown)
    if owner is not None and owner.get(name):
        owner[name] = MASK
    return shown


def _owner_of(path: str | None, options: dict[str, Any]) -> tuple[dict[str, Any] | None, str]:
    """Return (the dictionary that holds the member at a dotted path or None, the member's name)."""
    *parents, name = (path or "").split(".")
    owner: Any = options
    for parent in parents:
        owner = owner.get(parent) if isinstance(owner, dict) else None
    return (owner if isinstance(owner, dict) else None), name


def id_errors(resource: Resource, options: Mapping[str, Any], prefix: str = "") -> Iterator[str]:
    """Yield a sentence for an identifier that does not have the form of one."""
    identity, given = resource.identity, options.get(ID)
    if given is not None and not re.fullmatch(identity.pattern, given):
        yield f"{prefix}{ID} must be {identity.pattern_text}, not {given!r}"


def validate_object(resource: Resource, draft: Draft) -> None:
    """Report what is wrong with the object that a task describes; where nothing is, fill in what the task desires."""
    key = resource.identity.key
    if draft.names.isdisjoint((ID, key)):
        draft.problems.append(f"{ID} or {key} is needed to identify the {resource.noun}")
    draft.problems += member_errors(resource, draft.options)
    if not draft.problems:
        draft.desired = resource.normalize(draft.options, answer=False)


def member_errors(resource: Resource, options: Mapping[str, Any], prefix: str = "") -> Iterator[str]:
    """Yield what is wrong with the members of an object that options describe.

    Args:
        resource: The table.
        options: Options of the right types.
        prefix: What the names of the options begin with in a sentence.
    """
    yield from id_errors(resource, options, prefix)
    for path, by_name in resource.by_name.items():
        if path in options and by_name.option in options:
            yield f"{prefix}{path} and {prefix}{by_name.option} are two ways to give one thing; give one of them"
    yield from value_errors(resource.fields, options, prefix)


def value_errors(fields: Iterable[Field], values: Mapping[str, Any], prefix: str = "") -> Iterator[str]:
    """Yield a sentence for each wanted value that cannot be; values the specification refused are passed over."""
    for field in fields:
        value = values.get(field.name)
        if value is None or field.change in (AT_CREATION, READ_ONLY) or field.write_only:
            continue
        path = prefix + field.name
        if isinstance(field.kind, Object):
            if isinstance(value, dict):
                yield from value_errors(field.kind.fields, value, f"{path}.")
        elif isinstance(value, field.kind.type):
            yield from (f"{path} {error}" for error in field.errors(value, values.get(LIST_MODE, REPLACE)))
