# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Options as core hands them over: blanks, types and unknown names. Private to this collection; no stable interface.

Core checks types too, but its sentences name Python's types, differ from release to release and come one at a time, and
some values make it fail (a number for a dictionary).
"""

from __future__ import annotations

from ansible.module_utils.common import validation
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator


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


def apply_spec(spec, given, problems):
    """Validate and convert by an argument specification; report every error instead of the first.

    :returns: the options without nulls (dict), and the names of those that were given and refused (set of str).
    """
    unknown = []
    usable = _usable(spec, given, problems, unknown)
    if unknown:
        problems.append("unsupported option%s: %s" % ("s" if len(unknown) > 1 else "", ", ".join(sorted(unknown))))
    result = ArgumentSpecValidator(spec).validate(usable)
    problems += (error.msg if hasattr(error, "msg") else str(error) for error in result.errors)
    aliases = {alias: name for name, option in spec.items() for alias in option.get("aliases", ())}
    refused = {aliases.get(name, name) for name in given} - set(usable)
    return without_nulls(result.validated_parameters, spec), refused


def _usable(spec, given, problems, unknown, prefix=""):
    """Return the options whose values have the type that the specification asks for, converted; say what is wrong with the rest."""
    names = {alias: name for name, option in spec.items() for alias in option.get("aliases", ())}
    kept = {}
    for word, value in given.items():
        name = names.get(word, word)
        if name not in spec:
            unknown.append("%s%s" % (prefix, word))
            continue
        try:
            value = _converted(spec[name], value, problems, unknown, prefix + name)
        except ValueError as fault:
            problems.append("%s%s %s%s" % (prefix, name, fault, "" if spec[name].get("no_log") else ", not %s" % said(value)))
            continue
        if kept.setdefault(name, value) != value:
            problems.append("%s%s and %s are two names of one option, and differ" % (prefix, name, ", ".join(a for a in names if names[a] == name)))
    return kept


def _converted(option, value, problems, unknown, path):
    """Return a value in the type of its option. ValueError, with the middle of a sentence, when it cannot be."""
    kind = option.get("type", "str")
    if "choices" in option and value not in option["choices"]:
        raise ValueError("must be %s" % _alternatives(option["choices"]))
    if kind in ("str", "path") and isinstance(value, (bool, list, dict)):
        raise ValueError("must be text%s" % (" (in quotes, so that YAML takes it for text)" if isinstance(value, bool) else ""))
    if kind == "int" and (isinstance(value, bool) or _try(validation.check_type_int, value) is None):
        raise ValueError("must be a whole number")
    if kind == "bool" and _try(validation.check_type_bool, value) is None:
        raise ValueError("must be true or false")
    if kind == "dict":
        value = value if isinstance(value, dict) else _try(validation.check_type_dict, value) if isinstance(value, str) else None
        if value is None:
            raise ValueError("must be a dictionary")
    if kind == "list":
        return _entries(option, value, problems, unknown, path)
    return _usable(option["options"], value, problems, unknown, path + ".") if kind == "dict" and option.get("options") else value


def _entries(option, value, problems, unknown, path):
    items = value if isinstance(value, list) else None if isinstance(value, (dict, bool)) else _try(validation.check_type_list, value)
    if items is None:
        raise ValueError("must be a list")
    entry = {name: item for name, item in option.items() if name not in ("elements", "aliases")}
    entry["type"] = option.get("elements", "str")
    kept = []
    for item in items:
        before = len(problems)
        try:
            item = _converted(entry, item, problems, unknown, path)
        except ValueError as fault:
            problems.append("each entry of %s %s, not %s" % (path, fault, said(item)))
        if len(problems) == before:
            kept.append(item)
    return kept


def _try(convert, value):
    """Return what core makes of a value, or None where it cannot."""
    try:
        return convert(value)
    except (TypeError, ValueError):
        return None


def _alternatives(words):
    return " or ".join(filter(None, (", ".join(words[:-1]), words[-1])))


def said(value):
    """Return a value as a sentence shows it (str)."""
    if isinstance(value, dict):
        return "a dictionary"
    if isinstance(value, list):
        return "a list"
    return str(value).lower() if isinstance(value, bool) else repr(value)


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
