# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Conditions between members of a resource. Private to this collection; no stable interface.

Each rule looks at the settings in force once the change is done, and speaks only when one of its members changes:
what is already so in the cloud is never questioned. C(faults(case)) and C(advice(case)) yield whole sentences;
C(case) is a C(Case).
"""

from __future__ import annotations

import ipaddress
import re

from ansible_collections.huaweicloud.vpn.plugins.module_utils._fields import Interface


class Case:
    """What a rule judges.

    :arg effective: {path: clean value} once the change is done. C(changing): the paths that change.
    :arg given: the paths the task names, whether they differ or not.
    """

    def __init__(self, effective, changing, given):
        self.effective = effective
        self.changing = frozenset(changing)
        self.given = frozenset(given)


class Constraint:
    """The frame: the members a rule is about, and silence by default."""

    def __init__(self, *paths):
        self.paths = paths

    def concerns(self, case):
        return not case.changing.isdisjoint(self.paths)

    def errors(self, case):
        return ()

    def warnings(self, case):
        return ()


class RequiredTogether(Constraint):
    """Both members or neither."""

    def errors(self, case):
        given = [path for path in self.paths if case.effective.get(path)]
        if self.concerns(case) and len(given) == 1:
            yield "%s must be given together" % " and ".join(self.paths)


class SameNetwork(Constraint):
    """Two different interface addresses of one network."""

    def errors(self, case):
        if not self.concerns(case):
            return
        ends = [Interface.parse(case.effective.get(path)) for path in self.paths]
        if None in ends:
            return
        if ends[0].network != ends[1].network:
            yield "%s must lie in one network, not in %s and %s" % (" and ".join(self.paths), ends[0].network, ends[1].network)
        elif ends[0].ip == ends[1].ip:
            yield "%s must differ, both are %s" % (" and ".join(self.paths), ends[0])


class MustDiffer(Constraint):
    """Two members that must not be equal."""

    def errors(self, case):
        values = [case.effective.get(path) for path in self.paths]
        if self.concerns(case) and values[0] and values[0] == values[1]:
            yield "%s must differ, both are %s" % (" and ".join(self.paths), values[0])


class RequiresValue(Constraint):
    """A member with certain values demands certain values of another.

    :arg path, values: the member and the values that demand. C(other), C(needed): what they demand.
    :arg certain: an error where the vendor says so plainly; otherwise a warning.
    """

    def __init__(self, path, values, other, needed, certain=True):
        super().__init__(path, other)
        self.path = path
        self.values = frozenset(values)
        self.other = other
        self.needed = frozenset(needed)
        self.certain = certain

    def _sentences(self, case):
        value, other = case.effective.get(self.path), case.effective.get(self.other)
        if self.concerns(case) and value in self.values and other is not None and other not in self.needed:
            yield "%s %s needs %s %s, not %s" % (self.path, value, self.other, " or ".join(sorted(self.needed)), other)

    def errors(self, case):
        return self._sentences(case) if self.certain else ()

    def warnings(self, case):
        return () if self.certain else self._sentences(case)


class IkeIdFormat(Constraint):
    """An IKE identity must have the form its type asks for.

    :arg type_path, path: the member with the type and the one with the identity.
    :arg address: the type whose identity is an IPv4 address. C(name): the type whose identity is a name.
    :arg shape: regular expression of a name, C(pattern_text) in words.
    """

    def __init__(self, type_path, path, address, name, pattern, pattern_text):
        super().__init__(type_path, path)
        self.type_path = type_path
        self.path = path
        self.address = address
        self.name = name
        self.pattern = re.compile(pattern)
        self.pattern_text = pattern_text

    def errors(self, case):
        if not self.concerns(case):
            return
        sort, value = case.effective.get(self.type_path, self.address), case.effective.get(self.path)
        if sort == self.name and self.type_path in case.changing and self.path not in case.given:
            yield "%s %s needs %s beside it" % (self.type_path, sort, self.path)
        elif self.path in case.changing and sort == self.name and not self.pattern.fullmatch(value):
            yield "%s must be %s, not %r" % (self.path, self.pattern_text, value)
        elif self.path in case.changing and sort == self.address and not self._is_address(value):
            yield "%s must be an IPv4 address while %s is %s, not %r" % (self.path, self.type_path, sort, value)

    @staticmethod
    def _is_address(value):
        try:
            ipaddress.IPv4Address(value)
        except ValueError:
            return False
        return True
