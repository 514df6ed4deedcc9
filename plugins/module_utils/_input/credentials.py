# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The way in which a task authenticates, and its credentials. Private to this collection; no stable interface.

They come from the task, from the environment or from a file: the first of these that gives any decides the way, and
what the task leaves out of it is taken from the environment.

Sources: the variables are those of the vendor's SDK and of its Terraform provider.
"""

from __future__ import annotations

import re
from typing import Any, Iterator, Mapping, NamedTuple, Sequence

from ansible_collections.huaweicloud.vpn.plugins.module_utils._http.auth import ECS, ID_TOKEN, KEYS, PASSWORD, TOKEN
from ansible_collections.huaweicloud.vpn.plugins.module_utils._input.access import AUTH_OPTIONS, FILE_VARIABLE
from ansible_collections.huaweicloud.vpn.plugins.module_utils._input.options import (
    LONE_SURROGATE_TEXT,
    describe,
    expanded,
    is_broken,
    truth,
)

# Ways to authenticate, in the order they count within one source, and the options of each.
AUTH_METHODS = {
    KEYS: ("access_key", "secret_key"),
    TOKEN: ("auth_token",),
    PASSWORD: ("user_name", "password", "domain_name"),
    ID_TOKEN: ("idp_id", "id_token"),
    ECS: ("ecs_agency",),
}
# How many of them, the first ones, need a secret that lives long.
LONG_LIVED = 3
# Options that give the same thing in another form; within one source the first counts.
FORMS = {"id_token": ("id_token", "id_token_file")}
IDENTIFYING_OPTIONS = {
    KEYS: ("access_key", "secret_key"),
    TOKEN: ("auth_token",),
    PASSWORD: ("user_name", "password"),
    ID_TOKEN: ("idp_id", "id_token", "id_token_file"),
    ECS: ("ecs_agency",),
}
# These travel in headers, where a stray line break would be an error of Python's; an ID token has no such characters.
IN_HEADERS = ("access_key", "secret_key", "security_token", "auth_token", "idp_id", "id_token")
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
        "idp_id": "HW_ASSUME_ROLE_IDP_ID",
        "id_token": "HW_ASSUME_ROLE_ID_TOKEN",
        "id_token_file": "HW_ASSUME_ROLE_ID_TOKEN_FILE",
        "ecs_agency": "HW_ECS_AGENCY",
    },
    {
        "access_key": "HUAWEICLOUD_SDK_AK",
        "secret_key": "HUAWEICLOUD_SDK_SK",
        "security_token": "HUAWEICLOUD_SDK_SECURITY_TOKEN",
        "idp_id": "HUAWEICLOUD_SDK_IDP_ID",
        "id_token_file": "HUAWEICLOUD_SDK_ID_TOKEN_FILE",
    },
)

# The options of all ways to authenticate.
CREDENTIALS = tuple(FAMILIES[0])
# Characters.
MINIMUM_SECRET_LENGTH = 4


class Choice(NamedTuple):
    """How a task authenticates.

    Attributes:
        auth_method: One of KEYS, TOKEN, PASSWORD, ID_TOKEN, ECS; None where there is no way.
        credentials: The options that belong to it.
        places: Further options that come from the file with the credentials.
        source: That file, for a sentence.
    """

    auth_method: str | None
    credentials: dict[str, str]
    places: Mapping[str, str] = {}
    source: str = ""


def choose_auth_method(given: Mapping[str, Any], environment: Mapping[str, str], problems: list[str]) -> Choice:
    """Return the way to authenticate, and its credentials.

    Args:
        given: Arguments without blanks.
        environment: The environment variables.
        problems: Gets a sentence that says why, where there is no way.
    """
    task = {name: _credential(name, given[name], problems) for name in CREDENTIALS if name in given}
    families = [_family(family, environment) for family in FAMILIES]
    if "ecs_agency" in task:
        # Also an explicit false beats the environment.
        families[0].pop("ecs_agency", None)
        task = {name: text for name, text in task.items() if name != "ecs_agency" or text}
    named = [method for method in AUTH_METHODS if any(name in task for name in IDENTIFYING_OPTIONS[method])]
    if "security_token" in task and "access_key" not in task:
        problems.append("security_token belongs to an access_key that the task gives too")
    if len(named) > 1:
        problems.append(_several_methods(named, task))
        return Choice(None, {name: text for name, text in task.items() if text})
    if all(name in task for name in FORMS["id_token"]):
        problems.append("id_token and id_token_file are two forms of one thing: keep one")
    if named:
        return Choice(named[0], _checked(_completed(named[0], task, families, problems), task, problems))
    method, found = _from_environment(task, families)
    if method is not None:
        return Choice(method, _checked(found, task, problems))
    if "credentials_file" in given or environment.get(FILE_VARIABLE, "").strip():
        return _from_file(given, environment, problems)
    problems += _no_credentials(families)
    return Choice(None, {})


def _no_credentials(families: Sequence[Mapping[str, str]]) -> Iterator[str]:
    """Yield what could be given, and what is given in part."""
    ways = [" and ".join(_origin(name) for name in names) for names in AUTH_METHODS.values()]
    ways.append(f"credentials_file (or {FILE_VARIABLE} in the environment)")
    yield f"no complete credentials: give {'; or '.join(ways[:LONG_LIVED])}"
    yield f"or, without a long-lived key, {'; or '.join(ways[LONG_LIVED:])}"
    yield from _halves(families)


def _family(family: Mapping[str, str], environment: Mapping[str, str]) -> dict[str, str]:
    """Return the credentials that the environment gives in variables of one family."""
    found = {name: environment[key] for name, key in family.items() if environment.get(key, "").strip()}
    try:
        if not truth(found.get("ecs_agency", True)):
            del found["ecs_agency"]
    except ValueError:
        # Refused where it would be used.
        pass
    return found


def _from_file(given: Mapping[str, Any], environment: Mapping[str, str], problems: list[str]) -> Choice:
    """Return the way to authenticate that the named file gives."""
    named = "credentials_file" in given
    try:
        path = expanded(given["credentials_file"] if named else environment[FILE_VARIABLE])
    except ValueError:
        # The argument specification has a sentence for it.
        return Choice(None, {})
    source = f"credentials_file {path!r}" + ("" if named else f" ({FILE_VARIABLE} in the environment)")
    # Not at the top: few tasks need it, and importing takes time.
    from ansible_collections.huaweicloud.vpn.plugins.module_utils._input.credentials_file import read_credentials_file

    try:
        found = read_credentials_file(path)
    except ValueError as error:
        problems.append(f"{source} {error}")
        return Choice(None, {})
    # As the vendor's SDK reads it, an identity provider comes before an access key.
    method = ID_TOKEN if "idp_id" in found and "id_token_file" in found else KEYS
    names = ("idp_id", "id_token_file") if method == ID_TOKEN else ("access_key", "secret_key", "security_token")
    checked = {
        name: _credential(name, found[name], problems, f"{name} of {source}", expand=False)
        for name in names
        if name in found
    }
    places = {name: text for name, text in found.items() if name in ("project_id", "auth_url")}
    return Choice(method, {name: text for name, text in checked.items() if text}, places, source)


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
        shown = f"{' or '.join(_variables(name))} of the environment"
        checked[name] = text if name in task else _credential(name, text, problems, shown)
    return {name: text for name, text in checked.items() if text}


def _credential(
    name: str, value: Any, problems: list[str], shown: str | None = None, expand: bool = True
) -> str | None:
    """Return a credential as text; None where it cannot be one, with a problem that says why without quoting it.

    Args:
        name: Its option.
        value: The value.
        problems: Gets the problem.
        shown: What the problem calls it; None for the name of the option.
        expand: Whether the variables and the tilde in a path are expanded.

    Returns:
        The text; for `ecs_agency` "true", or None for false.
    """
    try:
        if name == "ecs_agency":
            return "true" if truth(value) else None
        return _text_of(name, value, expand)
    except ValueError as error:
        # The argument specification reports what is wrong with an option that is no text.
        if shown or name != "ecs_agency":
            problems.append(f"{shown or name} {error}")
        return None


def _text_of(name: str, value: Any, expand: bool) -> str:
    """Return a credential as text.

    Raises:
        ValueError: It cannot be one; with the middle of a sentence.
    """
    text = str(value)
    if isinstance(value, (bool, list, dict)):
        raise ValueError(f"must be text, not {describe(value)}")
    if AUTH_OPTIONS[name].get("no_log") and len(text) < MINIMUM_SECRET_LENGTH:
        raise ValueError("is too short to be one")
    if name in IN_HEADERS and not HEADER_VALUE.fullmatch(text):
        raise ValueError("contains a space, a line break or another character that none has: check where it comes from")
    if is_broken(text):
        raise ValueError(LONE_SURROGATE_TEXT)
    return expanded(text) if expand and AUTH_OPTIONS[name]["type"] == "path" else text


def _form_in(name: str, source: Mapping[str, Any]) -> str | None:
    """Return the form in which a source gives a credential; None where it does not."""
    return next((form for form in FORMS.get(name, (name,)) if form in source), None)


def _completed(
    auth_method: str, task: Mapping[str, str | None], families: Sequence[Mapping[str, str]], problems: list[str]
) -> dict[str, str | None]:
    """Complete the way that the task names from the environment."""
    found: dict[str, str | None] = {}
    missing = []
    for name in AUTH_METHODS[auth_method]:
        source: Mapping[str, str | None] | None = next(
            (values for values in (task, *families) if _form_in(name, values)), None
        )
        if source is None:
            missing.append(name)
            continue
        form = str(_form_in(name, source))
        found[form] = source[form]
        if name == "access_key" and "security_token" in source:
            found["security_token"] = source["security_token"]
    if missing:
        lacking = f"authentication by {auth_method} lacks {', '.join(_origin(name) for name in missing)}"
        there = [_given_by(name, task, families) for name in found if name != "security_token"]
        problems.append("; ".join([lacking, *there]))
    return {name: text for name, text in found.items() if text}


def _from_environment(
    task: Mapping[str, str | None], families: Sequence[Mapping[str, str]]
) -> tuple[str | None, dict[str, str | None]]:
    """Return the first way that the environment gives completely, and its credentials; None where there is none."""
    for auth_method, names in AUTH_METHODS.items():
        for family in families:
            source = {**family, **{name: text for name, text in task.items() if name in names}}
            forms = [_form_in(name, source) for name in names]
            if all(forms):
                extra = ("security_token",) if auth_method == KEYS else ()
                return auth_method, {name: source[name] for name in (*forms, *extra) if name in source}
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
            given = [family[form] for form in (_form_in(name, values) for name in names) if form]
            if values.keys().isdisjoint(IDENTIFYING_OPTIONS[auth_method]) or len(given) == len(names):
                continue
            missing = [
                " or ".join(family[form] for form in FORMS.get(name, (name,)) if form in family)
                for name in names
                if not _form_in(name, values)
            ]
            yield f"the environment has {' and '.join(given)} without {' and '.join(missing)}"


def _variables(name: str) -> list[str]:
    """Return the environment variables that a credential may come from."""
    return [family[name] for family in FAMILIES if name in family]


def _origin(name: str) -> str:
    """Return a credential, in all its forms, and where it may come from."""
    return " or ".join(
        f"{form} (or {' or '.join(_variables(form))} in the environment)" for form in FORMS.get(name, (name,))
    )
