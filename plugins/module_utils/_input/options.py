# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Options as core hands them over: blanks, types and unknown names. Private to this collection; no stable interface.

Core checks types too, but its sentences name Python's types, differ from release to release and come one at a time, and
some values make it fail (a number for a dictionary).
"""

from __future__ import annotations

import re
from typing import Any, Callable, Collection, Container, Iterator, Mapping, Sequence

from ansible.module_utils.common import validation

from ansible_collections.huaweicloud.vpn.plugins.module_utils._schema.words import closest
from ansible_collections.huaweicloud.vpn.plugins.module_utils._text import printable

# A template that divides gives 15.0. Releases of core differ in what else they take for a whole number.
WHOLE_NUMBER = re.compile(r"[+-]?[0-9]{1,40}(\.0+)?")
# What is left of bytes that are not UTF-8, or of a cut pair. No encoder takes it, so it could reach neither the API nor
# a log.
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")
LONE_SURROGATE_TEXT = "contains half a character (a lone surrogate): check the encoding of where it comes from"
LONGEST_NAME_SHOWN = 100

Spec = Mapping[str, Any]


def without_blanks(value: Any, keep: Container[str | None] = (), telling: Collection[str] = ()) -> Any:
    """Drop null and empty text recursively: rendered forms leave them behind for fields nobody filled in.

    A list or dictionary that had nothing but blanks in it counts as blank itself; one that was empty to begin with is
    a value.

    Args:
        value: Arguments of a task.
        keep: Names of dictionaries whose empty texts are data (tags).
        telling: Names of what becomes an empty list instead, unless what it is in has nothing but blanks.

    Returns:
        A new value, or None when nothing is left.
    """
    if isinstance(value, dict):
        pairs = (
            (name, _kept(item) if name in keep else without_blanks(item, keep, telling)) for name, item in value.items()
        )
        kept = {name: item for name, item in pairs if item is not None}
        if kept:
            kept.update((name, []) for name in telling if name in value and name not in kept)
        return kept if kept or not value else None
    if isinstance(value, list):
        items = [item for item in (without_blanks(item, keep, telling) for item in value) if item is not None]
        return items if items or not value else None
    return None if value is None or (isinstance(value, str) and not value.strip()) else value


def _kept(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: item for name, item in value.items() if item is not None}
    return without_blanks(value)


def apply_spec(spec: Spec, given: Mapping[str, Any], problems: list[str]) -> tuple[dict[str, Any], set[str]]:
    """Validate and convert by an argument specification; report every error instead of the first.

    Args:
        spec: The argument specification.
        given: Arguments without blanks.
        problems: Gets a sentence for each error.

    Returns:
        The options with defaults and without nulls, and the names of those given but refused.
    """
    unknown: list[str] = []
    options = convert_options(spec, given, problems, unknown)
    report_unknown(unknown, problems)
    refused = {resolve_alias(spec, name) for name in given} - set(options)
    for name, option in spec.items():
        if option.get("required") and name not in options and name not in refused:
            problems.append(f"{name} is missing")
    return options, refused


def report_unknown(unknown: Sequence[str], problems: list[str]) -> None:
    """Name all options that do not exist in one sentence."""
    if unknown:
        names = ", ".join(sorted(unknown))
        problems.append(f"unsupported option{'s' if len(unknown) > 1 else ''}: {names}")


def _unknown_name(spec: Spec, prefix: str, word: object) -> str:
    """Return the name of an option that does not exist, with the one that was probably meant."""
    names = [name for option, content in spec.items() for name in (option, *content.get("aliases", ()))]
    meant = closest(str(word), names)
    return shown_name(f"{prefix}{word}") + (f" (did you mean {prefix}{meant}?)" if meant else "")


def shown_name(name: object) -> str:
    """Return a name that somebody made up as a sentence shows it."""
    return printable(str(name), LONGEST_NAME_SHOWN) or ascii(name)


def is_broken(value: object) -> bool:
    """Return whether a value is text with half a character in it."""
    return isinstance(value, str) and _LONE_SURROGATE.search(value) is not None


def broken_texts(value: Any, names: tuple[object, ...] = ()) -> Iterator[str]:
    """Yield the path of each text in a value, names of members included, that has half a character in it.

    Args:
        value: Arguments of a task.
        names: Those of the members that lead to the value.
    """
    if is_broken(value):
        yield _shown_path(names)
    elif isinstance(value, dict):
        for name, item in value.items():
            inner = (*names, name)
            if is_broken(name):
                yield f"the name {_shown_path(inner)}"
            yield from broken_texts(item, inner)
    elif isinstance(value, list):
        for item in value:
            yield from broken_texts(item, names)


def _shown_path(names: tuple[object, ...]) -> str:
    return ".".join(map(shown_name, names))


def resolve_alias(spec: Spec, word: str) -> str:
    """Return the option that a name or alias means."""
    return next((name for name, option in spec.items() if word in option.get("aliases", ())), word)


def convert_options(
    spec: Spec, given: Mapping[str, Any], problems: list[str], unknown: list[str], prefix: str = ""
) -> dict[str, Any]:
    """Return the options whose values have the specified type, converted, and the defaults of others.

    Args:
        spec: The argument specification.
        given: Arguments without blanks.
        problems: Gets a sentence for each value of another type.
        unknown: Gets the names that do not exist, as a sentence shows them.
        prefix: What the names of these options begin with in a sentence.
    """
    kept: dict[str, Any] = {}
    for word, value in given.items():
        name = word if word in spec else resolve_alias(spec, word)
        option = spec.get(name)
        if option is None:
            unknown.append(_unknown_name(spec, prefix, word))
            continue
        try:
            value = _converted(option, value, problems, unknown, prefix + name)
        except ValueError as error:
            quoted = "" if option.get("no_log") else f", not {describe(value)}"
            problems.append(f"{prefix}{name} {error}{quoted}")
            continue
        if kept.setdefault(name, value) != value:
            problems.append(
                f"{prefix}{name} and {', '.join(option['aliases'])} are two names of one option, and differ"
            )
    kept.update((name, option["default"]) for name, option in spec.items() if "default" in option and name not in kept)
    return kept


def _converted(option: Spec, value: Any, problems: list[str], unknown: list[str], path: str) -> Any:
    """Return a value in the type of its option.

    Raises:
        ValueError: It cannot be converted; with the middle of a sentence.
    """
    kind = option.get("type", "str")
    if kind == "list":
        return _entries(option, value, problems, unknown, path)
    if "choices" in option and value not in option["choices"]:
        raise ValueError(f"must be {_alternatives(option['choices'])}")
    value = _CONVERSIONS[kind](value)
    return convert_options(option["options"], value, problems, unknown, f"{path}.") if "options" in option else value


def _text(value: Any) -> str:
    if isinstance(value, (bool, list, dict)):
        quotes = " (in quotes, so that YAML takes it for text)" if isinstance(value, bool) else ""
        raise ValueError(f"must be text{quotes}")
    return str(value)


def expanded(value: Any) -> str:
    """Return a path with its variables and its tilde expanded.

    Raises:
        ValueError: It is no text; with the middle of a sentence.
    """
    return str(validation.check_type_path(_text(value)))


def _number(value: Any) -> int:
    text = "" if isinstance(value, bool) else str(value).strip()
    if not WHOLE_NUMBER.fullmatch(text):
        raise ValueError("must be a whole number")
    return int(text.partition(".")[0])


def truth(value: Any) -> bool:
    """Return a boolean in any of the spellings that core knows.

    Raises:
        ValueError: It is none; with the middle of a sentence.
    """
    known = value if isinstance(value, bool) else _try(validation.check_type_bool, value)
    if known is None:
        raise ValueError("must be true or false")
    return bool(known)


def _dictionary(value: Any) -> dict[str, Any]:
    if isinstance(value, str):
        value = _try(validation.check_type_dict, value)
    if not isinstance(value, dict):
        raise ValueError("must be a dictionary")
    return value


def _raw(value: Any) -> Any:
    return value


_CONVERSIONS: Mapping[str, Callable[[Any], Any]] = {
    "str": _text,
    "path": expanded,
    "int": _number,
    "bool": truth,
    "dict": _dictionary,
    "raw": _raw,
}


def _entries(option: Spec, value: Any, problems: list[str], unknown: list[str], path: str) -> list[Any]:
    items = (
        value
        if isinstance(value, list)
        else None
        if isinstance(value, (dict, bool))
        else _try(validation.check_type_list, value)
    )
    if items is None:
        raise ValueError("must be a list")
    entry = {name: item for name, item in option.items() if name in ("choices", "options", "no_log")}
    entry["type"] = option.get("elements", "str")
    kept = []
    for item in items:
        before = len(problems)
        try:
            item = _converted(entry, item, problems, unknown, path)
        except ValueError as error:
            problems.append(f"each entry of {path} {error}, not {describe(item)}")
        if len(problems) == before:
            kept.append(item)
    return kept


def _try(convert: Callable[[Any], Any], value: Any) -> Any:
    """Return what core makes of a value, or None where it cannot."""
    try:
        return convert(value)
    except (TypeError, ValueError):
        return None


def _alternatives(words: Sequence[str]) -> str:
    return " or ".join(filter(None, (", ".join(words[:-1]), words[-1])))


def describe(value: object) -> str:
    """Return a value as a sentence shows it."""
    if isinstance(value, dict):
        return "a dictionary"
    if isinstance(value, list):
        return "a list"
    return str(value).lower() if isinstance(value, bool) else repr(value)
