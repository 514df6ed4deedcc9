# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Lists of the API that are no objects: what there is of something. Private; no stable interface.

A catalog has neither identifiers nor states, and nothing of it can be changed.
"""

from __future__ import annotations

from typing import Any, Iterable, Mapping, Sequence

from ansible_collections.huaweicloud.vpn.plugins.module_utils._schema.behavior import Filter, Identity
from ansible_collections.huaweicloud.vpn.plugins.module_utils._schema.resource import Resource


class Pivot:
    """How an answer that is a tree of dictionaries becomes a list: {a: {b: [name, ...]}} tells of each name of a and b.

    Args:
        key: The member of an entry with the name.
        inner: The member of an entry with all that is told of it.
        levels: The members that the keys of the tree become, from the outside in.
        constants: Further members that hold for all.
        spellings: The first level's words as they are spelled elsewhere; letter case does not count.
    """

    def __init__(
        self, key: str, inner: str, levels: Sequence[str], constants: Mapping[str, str], spellings: Iterable[str]
    ) -> None:
        self.key = key
        self.inner = inner
        self.levels = tuple(levels)
        self.constants = dict(constants)
        self.spellings = {word.lower(): word for word in spellings}

    def entries(self, tree: Any) -> list[Any]:
        """Return the entries of a list that tells what the tree does, in the order of their names."""
        told: dict[str, list[dict[str, str]]] = {}
        outer, inner = self.levels
        for word, branches in _items(tree):
            for branch, names in _items(branches):
                for name in names if isinstance(names, list) else ():
                    told.setdefault(str(name), []).append(
                        {outer: self.spellings.get(word.lower(), word), inner: branch, **self.constants}
                    )
        return [{self.key: name, self.inner: facts} for name, facts in sorted(told.items())]


def _items(value: Any) -> Iterable[tuple[str, Any]]:
    return value.items() if isinstance(value, dict) else ()


class Source:
    """Where a catalog can be read.

    Args:
        path: Path of the request.
        members: The member of the answer that holds it, and those inside it.
        pivot: How that becomes a list; None where it is one.
    """

    def __init__(self, path: str, members: Sequence[str], pivot: Pivot | None = None) -> None:
        self.path = path
        self.members = tuple(members)
        self.pivot = pivot

    def entries(self, answer: Any) -> list[Any] | None:
        """Return the entries of an answer; None where it holds none."""
        for member in self.members:
            answer = answer.get(member) if isinstance(answer, dict) else None
        if self.pivot is not None:
            return self.pivot.entries(answer) if isinstance(answer, dict) else None
        return answer if isinstance(answer, list) else None


class Rest:
    """A member that is computed: what is left of one number once another is taken away, never below nothing.

    Args:
        name: Its name.
        whole: The member with the one number.
        part: The member with the other.
    """

    def __init__(self, name: str, whole: str, part: str) -> None:
        self.name = name
        self.whole = whole
        self.part = part

    def of(self, entry: Mapping[str, Any]) -> int | None:
        """Return the rest; None where an entry does not tell."""
        whole, part = entry.get(self.whole), entry.get(self.part)
        if isinstance(whole, bool) or isinstance(part, bool):
            return None
        return max(0, whole - part) if isinstance(whole, int) and isinstance(part, int) else None


class Catalog(Resource):
    """The description of a catalog.

    Args:
        plural: Result key.
        noun: What people call an entry in a sentence.
        sources: Where it can be read; a later one where the API does not know an earlier one.
        filters: What a search can choose by.
        inner: The member with a list that the filters choose from; None where they choose from the catalog itself.
        rest: A member to compute; None for none.
    """

    def __init__(
        self,
        plural: str,
        noun: str,
        sources: Sequence[Source],
        filters: Iterable[Filter] = (),
        inner: str | None = None,
        rest: Rest | None = None,
    ) -> None:
        super().__init__(plural, plural, noun, sources[0].path, "", (), Identity((), "", ""), filters=filters)
        self.sources = tuple(sources)
        self.inner = inner
        self.rest = rest

    def shown(self, entry: Mapping[str, Any], wanted: Mapping[str, Any]) -> dict[str, Any] | None:
        """Return an entry as a result shows it; None where it does not match.

        Args:
            entry: The entry.
            wanted: What the filters choose by.
        """
        made = dict(entry)
        filters = [item for item in self.filters if item.name in wanted]

        def matches(facts: Any) -> bool:
            return isinstance(facts, dict) and all(item.matches(wanted[item.name], facts) for item in filters)

        if self.inner is None:
            if not matches(made):
                return None
        elif filters:
            facts = made.get(self.inner)
            made[self.inner] = [part for part in facts if matches(part)] if isinstance(facts, list) else []
            if not made[self.inner]:
                return None
        if self.rest is not None:
            made[self.rest.name] = self.rest.of(made)
        return made
