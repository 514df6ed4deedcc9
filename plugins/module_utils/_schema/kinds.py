# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Kinds of values: what a member of the API may hold. Private to this collection; no stable interface.

A kind knows one sort of value: its argument specification, its normal form, when two values mean the same, and what is
wrong or doubtful about a value. The table of a resource names a kind for each field; everything else asks the kind.
"""

from __future__ import annotations

import re
from typing import Any, Iterable, Iterator, Mapping, Sequence

from ansible_collections.huaweicloud.vpn.plugins.module_utils._schema.words import closest, squeezed

Values = Mapping[str, Any]


class Kind:
    """The protocol of all kinds, with the behavior of a plain value.

    A normal form is canonical: `normalize(normalize(x)) == normalize(x)`, and what is not understood passes through.

    Attributes:
        type: The Python type of a wanted value once the argument specification has been applied.
        set_like: Whether an empty wanted value means "none of them", as it does for lists.
        telling: Members of an entry that do not count as left out where they are blank, but as empty.
        absent: What it means that an answer does not carry the member; None where that is not known.
    """

    type: type = str
    set_like = False
    telling: Sequence[str] = ()
    absent: Any = None

    def option(self) -> dict[str, Any]:
        """Return the argument specification of an option of this kind, without the option's name."""
        return {"type": "str"}

    def normalize(self, value: Any) -> Any:
        """Return the canonical form of a value, used to compare, show and send it."""
        return value

    def compare_key(self, value: Any) -> Any:
        """Return what decides whether two canonical values are the same; None equals a member that is absent."""
        return value or None

    def same(self, wanted: Any, found: Any) -> bool:
        """Return whether two canonical values mean the same; None stands for an absent member."""
        return (None if wanted is None else self.compare_key(wanted)) == (
            None if found is None else self.compare_key(found)
        )

    def errors(self, value: Any) -> Iterable[str]:
        """Yield what is wrong with a wanted value, as ends of a sentence that begins with the option's path."""
        return ()

    def warnings(self, value: Any) -> Iterable[str]:
        """Yield what is doubtful about a canonical wanted value, in the same form."""
        return ()

    def present(self, value: Any) -> Any:
        """Return the value of an answer as a result shows it; None where the member is absent."""
        return value

    def for_request(self, value: Any) -> Any:
        """Return a canonical value as a request body carries it."""
        return value


class Entries(Kind):
    """What lists of entries have in common whose order does not count: a task may also add entries, or remove some."""

    type = list
    set_like = True

    def errors(self, value: Any) -> Iterable[str]:
        yield from self.entry_errors(value)
        yield from self.size_errors(self.normalize(value))

    def entry_errors(self, value: Any) -> Iterable[str]:
        """Yield what is wrong with single entries of a wanted value."""
        return ()

    def size_errors(self, value: Any) -> Iterable[str]:
        """Yield which limits a canonical value exceeds."""
        return ()

    def removal_errors(self, value: Any) -> Iterable[str]:
        """Yield what is wrong with a value whose entries are to be removed."""
        return self.entry_errors(value)

    def joined(self, found: Any, wanted: Any) -> Any:
        """Return a canonical value with the entries of both."""
        missing = self.without(wanted, found or ())
        # That nothing is missing is the usual case, of which a task may have thousands.
        return self.normalize([*(found or ()), *missing]) if missing else found or []

    def without(self, found: Any, unwanted: Any) -> Any:
        """Return a canonical value without the entries of another."""
        gone = set(unwanted)
        return [item for item in found or () if item not in gone]


class Text(Kind):
    """Free text, compared to the letter.

    Args:
        minimum: Fewest characters.
        maximum: Most characters; None for any number.
        pattern: Regular expression of the whole value.
        pattern_text: The pattern in words.
        any_case: Letter case does not count when comparing, as for identifiers.
        unusual: Regular expression of values that not every region takes.
        unusual_text: Why they are unusual, in words.
        absent: The value that equals an absent member; None for none.
    """

    def __init__(
        self,
        minimum: int = 0,
        maximum: int | None = None,
        pattern: str | None = None,
        pattern_text: str = "",
        any_case: bool = False,
        unusual: str | None = None,
        unusual_text: str = "",
        absent: str | None = None,
    ) -> None:
        self.minimum = minimum
        self.maximum = maximum
        self.absent = absent
        self.pattern = pattern
        self.pattern_text = pattern_text
        self.any_case = any_case
        self.unusual = unusual
        self.unusual_text = unusual_text

    def normalize(self, value: Any) -> Any:
        return value if value is None else str(value)

    def compare_key(self, value: Any) -> Any:
        if value == self.absent:
            return None
        return value.lower() if self.any_case and value else value or None

    def errors(self, value: Any) -> Iterable[str]:
        if self.maximum is not None and not self.minimum <= len(value) <= self.maximum:
            length = f"{self.maximum}" if self.minimum == self.maximum else f"{self.minimum} to {self.maximum}"
            yield f"must have {length} characters, not {len(value)}"
        elif self.pattern is not None and not re.fullmatch(self.pattern, value):
            yield f"must be {self.pattern_text}, not {value!r}"

    def warnings(self, value: Any) -> Iterable[str]:
        if self.unusual is not None and re.search(self.unusual, value):
            yield self.unusual_text


# What stands for the parts of an identity that an answer does not show.
MASKED = "***"


class IkeId(Text):
    """An IKE identity. An answer may show one partly masked with asterisks; a mask matches what it may stand for.

    Its format depends on its type and is checked by the constraint `IkeIdFormat`, only where it changes.
    """

    def same(self, wanted: Any, found: Any) -> bool:
        return super().same(wanted, found) or self._masks(found, wanted) or self._masks(wanted, found)

    @staticmethod
    def _masks(masked: str | None, plain: str | None) -> bool:
        if not masked or not plain or MASKED not in masked:
            return False
        pattern = "[^.]*".join(re.escape(part) for part in re.split(r"\*+", masked))
        return re.fullmatch(pattern, plain) is not None


class Choice(Text):
    """One word of a published list. The list is documented, not enforced: the cloud may be newer than this collection.

    Args:
        words: The published values.
        weak: Those the vendor advises against.
        exact: Whether a wanted value must be spelled like a published one; otherwise letter case does not count.
    """

    def __init__(self, *words: str, weak: Sequence[str] = (), exact: bool = True) -> None:
        super().__init__(any_case=True)
        self.words = words
        self.spelling = {word.lower(): word for word in words}
        self.weak = frozenset(weak)
        self.exact = exact

    def normalize(self, value: Any) -> Any:
        if value is None:
            return None
        return self.spelling.get(str(value).lower(), str(value))

    def errors(self, value: Any) -> Iterable[str]:
        meant = self._misspelled(value if self.exact else self.normalize(value))
        if meant:
            yield f"must be {' or '.join(meant)}, not {value!r}"

    def _misspelled(self, value: str) -> list[str]:
        """Return the words that a value differs from only by case, hyphens or a missing prefix: it is none of its own.

        A value that is spelled right, and one that is not known, has none.
        """
        if value in self.words:
            return []
        form = squeezed(value)
        same = [word for word in self.words if squeezed(word) == form]
        return same or [word for word in self.words if form and self._without_prefix(word, form)]

    @staticmethod
    def _without_prefix(word: str, form: str) -> bool:
        whole = squeezed(word)
        return whole.endswith(form) and whole[: -len(form)].isalpha()

    def warnings(self, value: Any) -> Iterable[str]:
        if value not in self.words:
            known = ", ".join(self.words)
            meant = closest(value, self.words)
            guess = f"; did you mean {meant}?" if meant else ""
            yield (
                f"has the value {value!r}, which this collection does not know; it is passed on (known: {known}){guess}"
            )
        elif value in self.weak:
            yield f"is set to {value}, which the vendor advises against as weak"

    def present(self, value: Any) -> Any:
        return self.normalize(value)


class Integer(Kind):
    """A whole number between two bounds, both included.

    Args:
        minimum: The least value.
        maximum: The greatest value.
        unusual_below: Values below it are taken with a warning.
    """

    type = int

    def __init__(self, minimum: int, maximum: int, unusual_below: int | None = None) -> None:
        self.minimum = minimum
        self.maximum = maximum
        self.unusual_below = unusual_below

    def option(self) -> dict[str, Any]:
        return {"type": "int"}

    def normalize(self, value: Any) -> Any:
        try:
            return int(value)
        except (TypeError, ValueError, OverflowError):
            return value

    def compare_key(self, value: Any) -> Any:
        return value

    def errors(self, value: Any) -> Iterable[str]:
        if not self.minimum <= value <= self.maximum:
            yield f"must be between {self.minimum} and {self.maximum}, not {value}"

    def warnings(self, value: Any) -> Iterable[str]:
        if self.unusual_below is not None and value < self.unusual_below:
            yield f"is {value}; some regions take no less than {self.unusual_below}"


class Boolean(Kind):
    """True or false; false equals a member that an answer does not carry."""

    type = bool

    def option(self) -> dict[str, Any]:
        return {"type": "bool"}

    def normalize(self, value: Any) -> Any:
        if isinstance(value, str) and value.lower() in ("true", "false"):
            return value.lower() == "true"
        return value


class TextSet(Entries):
    """A set of texts: order and repetition do not count.

    Args:
        maximum: Most entries; None for any number.
    """

    def __init__(self, maximum: int | None = None) -> None:
        self.maximum = maximum

    def option(self) -> dict[str, Any]:
        return {"type": "list", "elements": "str"}

    def normalize(self, value: Any) -> Any:
        return sorted({str(item) for item in value if item is not None}) if isinstance(value, list) else value

    def size_errors(self, value: Any) -> Iterable[str]:
        if self.maximum is not None and len(value) > self.maximum:
            yield f"has {len(value)} entries; at most {self.maximum} are possible"


class Secret(Kind):
    """A value that must not be shown. It is sent and hashed, never compared or quoted.

    Args:
        minimum: Fewest characters.
        maximum: Most characters.
        allowed: Regular expression of the whole value.
        allowed_text: The allowed characters in words.
        classes: Regular expressions of character classes.
        minimum_classes: How many of the classes must occur.
        classes_text: The classes in words.
        unusual: Regular expression of characters that not every region takes.
        unusual_text: Why they are unusual, in words.
    """

    def __init__(
        self,
        minimum: int,
        maximum: int,
        allowed: str,
        allowed_text: str,
        classes: Sequence[str],
        minimum_classes: int,
        classes_text: str,
        unusual: str,
        unusual_text: str,
    ) -> None:
        self.minimum = minimum
        self.maximum = maximum
        self.allowed = allowed
        self.allowed_text = allowed_text
        self.classes = tuple(classes)
        self.minimum_classes = minimum_classes
        self.classes_text = classes_text
        self.unusual = unusual
        self.unusual_text = unusual_text

    def errors(self, value: Any) -> Iterable[str]:
        if not self.minimum <= len(value) <= self.maximum:
            yield f"must have {self.minimum} to {self.maximum} characters"
        if not re.fullmatch(self.allowed, value):
            yield f"may contain only {self.allowed_text}"
        if sum(1 for expression in self.classes if re.search(expression, value)) < self.minimum_classes:
            yield f"must contain at least {self.classes_text}"

    def warnings(self, value: Any) -> Iterable[str]:
        if re.search(self.unusual, value):
            yield self.unusual_text


class Tags(Kind):
    """Tags: a dictionary for people, a list of `{key, value}` for the API.

    Args:
        maximum: Most tags of one object.
        key_maximum: Most characters of a key.
        value_maximum: Most characters of a value.
        pattern: Regular expression of a key or value.
        pattern_text: The pattern in words.
        system: Prefix of the keys that belong to the cloud and are never touched.
    """

    type = dict

    def __init__(
        self, maximum: int, key_maximum: int, value_maximum: int, pattern: str, pattern_text: str, system: str
    ) -> None:
        self.maximum = maximum
        self.key_maximum = key_maximum
        self.value_maximum = value_maximum
        self.pattern = pattern
        self.pattern_text = pattern_text
        self.system = system

    def option(self) -> dict[str, Any]:
        return {"type": "dict"}

    def normalize(self, value: Any) -> Any:
        if value is None:
            return None
        if isinstance(value, dict):
            pairs: Iterable[tuple[Any, Any]] = value.items()
        else:
            tags = value if isinstance(value, list) else ()
            pairs = (
                (tag["key"], tag.get("value")) for tag in tags if isinstance(tag, dict) and tag.get("key") is not None
            )
        return {str(key): self._value_text(tag) for key, tag in sorted(pairs, key=lambda pair: str(pair[0]))}

    @staticmethod
    def _value_text(value: Any) -> str:
        if isinstance(value, bool):
            return "true" if value else "false"
        return "" if value is None else str(value)

    def errors(self, value: Any) -> Iterator[str]:
        given = {str(key): text for key, text in value.items()}
        tags = self.normalize(value)
        for key, text in tags.items():
            if not key.startswith(self.system):
                yield from self._key_errors(key)
                yield from self._value_errors(key, given[key], text)
        if len(tags) > self.maximum:
            yield f"has {len(tags)} entries; at most {self.maximum} are possible"

    def _key_errors(self, key: str) -> Iterator[str]:
        if not key:
            yield "has an empty key"
        elif len(key) > self.key_maximum:
            yield f"has a key of {len(key)} characters ({key[:20]!r}...); at most {self.key_maximum} are possible"
        elif not re.fullmatch(self.pattern, key):
            yield f"has the key {key!r}; a key may contain only {self.pattern_text}"

    def _value_errors(self, key: str, given: Any, text: str) -> Iterator[str]:
        if isinstance(given, (dict, list)):
            yield f"must have text for the key {key!r}, not a {'dictionary' if isinstance(given, dict) else 'list'}"
        elif len(text) > self.value_maximum:
            most = self.value_maximum
            yield f"has a value of {len(text)} characters for the key {key!r}; at most {most} are possible"
        elif not re.fullmatch(self.pattern, text):
            yield f"has the value {text!r} for the key {key!r}; a value may contain only {self.pattern_text}"

    def present(self, value: Any) -> Any:
        return self.normalize(value or {})

    def without_system(self, value: Values | None) -> dict[str, str]:
        """Return the tags that do not belong to the cloud."""
        return {key: text for key, text in (value or {}).items() if not key.startswith(self.system)}

    def for_request(self, value: Any) -> Any:
        return [{"key": key, "value": text} for key, text in sorted(value.items())]


class ReadOnly(Kind):
    """A member that answers carry and no request takes; accepted, so that an answer can be given back.

    Args:
        option_type: The type of the option, in Ansible's word.
    """

    def __init__(self, option_type: str = "raw") -> None:
        self.option_type = option_type

    def option(self) -> dict[str, Any]:
        elements = {"elements": "str"} if self.option_type == "list" else {}
        return {"type": self.option_type, **elements}


class Object(Kind):
    """An object of further fields; each leaf is managed by itself.

    Args:
        fields: The members (`Field`s).
    """

    type = dict

    def __init__(self, *fields: Any) -> None:
        self.fields = fields

    def option(self) -> dict[str, Any]:
        return {"type": "dict", "options": {field.name: field.option() for field in self.fields}}

    def present(self, value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        shown = dict(value)
        for field in self.fields:
            member = field.kind.present(value.get(field.name))
            if member is not None:
                shown[field.name] = member
        return shown
