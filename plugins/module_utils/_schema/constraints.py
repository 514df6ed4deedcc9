# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Conditions between members of a resource. Private to this collection; no stable interface.

Each constraint looks at the settings in force once the change is done, and speaks only when one of its members changes:
what is already so in the cloud is never questioned.
"""

from __future__ import annotations

import ipaddress
import re
from typing import Any, Iterable, Mapping

from ansible_collections.huaweicloud.vpn.plugins.module_utils._schema.networks import Interface


class Case:
    """What a constraint checks.

    Args:
        effective: `{dotted path: canonical value}` once the change is done.
        changing: The paths that change.
        given: The paths the task names, whether they differ or not.
    """

    def __init__(self, effective: Mapping[str, Any], changing: Iterable[str], given: Iterable[str]) -> None:
        self.effective = effective
        self.changing = frozenset(changing)
        self.given = frozenset(given)


class Constraint:
    """The protocol of all constraints: the members one is about, and silence by default.

    Args:
        paths: Dotted paths of the members.
    """

    def __init__(self, *paths: str) -> None:
        self.paths = paths

    def concerns(self, case: Case) -> bool:
        """Return whether one of the members changes."""
        return not case.changing.isdisjoint(self.paths)

    def errors(self, case: Case) -> Iterable[str]:
        """Yield what is wrong, as whole sentences."""
        return ()

    def warnings(self, case: Case) -> Iterable[str]:
        """Yield what is doubtful, as whole sentences."""
        return ()


class RequiredTogether(Constraint):
    """Both members or neither."""

    def errors(self, case: Case) -> Iterable[str]:
        given = [path for path in self.paths if case.effective.get(path)]
        if self.concerns(case) and len(given) == 1:
            yield f"{' and '.join(self.paths)} must be given together"


class SameNetwork(Constraint):
    """Two different interface addresses of one network."""

    def errors(self, case: Case) -> Iterable[str]:
        if not self.concerns(case):
            return
        one, other = (Interface.parse(case.effective.get(path)) for path in self.paths)
        if one is None or other is None:
            return
        if one.network != other.network:
            yield f"{' and '.join(self.paths)} must lie in one network, not in {one.network} and {other.network}"
        elif one.ip == other.ip:
            yield f"{' and '.join(self.paths)} must differ, both are {one}"


class Beside(Constraint):
    """Something about a member and certain others.

    Args:
        path: The member.
        others: The others.
    """

    def __init__(self, path: str, *others: str) -> None:
        super().__init__(path, *others)
        self.path = path
        self.others = others


class Excludes(Beside):
    """A member beside which certain others must not be given."""

    def errors(self, case: Case) -> Iterable[str]:
        given = [path for path in self.others if path in case.given and path in case.effective]
        if self.concerns(case) and self.path in case.given and given:
            yield f"{self.path} must not be given together with {' or '.join(given)}"


class Needs(Beside):
    """A member beside which one of certain others has to be given."""

    def errors(self, case: Case) -> Iterable[str]:
        if self.path in case.changing and not any(case.effective.get(path) for path in self.others):
            yield f"{self.path} needs {' or '.join(self.others)} beside it"


class ExistsWith(Constraint):
    """A member that exists only while another one has a certain value.

    Args:
        path: The member.
        other: The other member.
        value: The value it must have.
        default: What the server takes for it when a creation leaves it out.
    """

    def __init__(self, path: str, other: str, value: str, default: str) -> None:
        super().__init__(path, other)
        self.path = path
        self.other = other
        self.value = value
        self.default = default

    def errors(self, case: Case) -> Iterable[str]:
        found = case.effective.get(self.other, self.default)
        if self.path in case.changing and found != self.value:
            yield f"{self.path} exists only with {self.other} {self.value}, not with {found}"


class MustAgree(Constraint):
    """Two members of which, under a certain value of a third, one stands in for the other.

    Args:
        one: The member.
        two: The other.
        other: The third member.
        value: Its value.
    """

    def __init__(self, one: str, two: str, other: str, value: str) -> None:
        super().__init__(one, two)
        self.other = other
        self.value = value

    def errors(self, case: Case) -> Iterable[str]:
        one, two = (case.effective.get(path) for path in self.paths)
        if self.concerns(case) and case.effective.get(self.other) == self.value and one and two and one != two:
            yield f"with {self.other} {self.value}, {' and '.join(self.paths)} mean the same: give one of them"


class DeviceAddress(Constraint):
    """An IPv4 address that a device can have: no multicast, reserved or loopback one.

    Args:
        path: The member; what is no address at all is left to others.
    """

    def errors(self, case: Case) -> Iterable[str]:
        (path,) = self.paths
        address = _ipv4(case.effective.get(path)) if self.concerns(case) else None
        sorts = ("multicast", "reserved", "loopback")
        sort = next((sort for sort in sorts if address is not None and getattr(address, f"is_{sort}")), None)
        if sort:
            yield f"{path} must be the address of a device, not {address}, which is a {sort} address"


class MustDiffer(Constraint):
    """Two members that must not be equal."""

    def errors(self, case: Case) -> Iterable[str]:
        one, other = (case.effective.get(path) for path in self.paths)
        if self.concerns(case) and one and one == other:
            yield f"{' and '.join(self.paths)} must differ, both are {one}"


class RequiresValue(Constraint):
    """A member with certain values requires certain values of another.

    Args:
        path: The member.
        values: Its values that require something.
        other: The other member.
        needed: The values it must have then.
    """

    def __init__(self, path: str, values: Iterable[str], other: str, needed: Iterable[str]) -> None:
        super().__init__(path, other)
        self.path = path
        self.values = frozenset(values)
        self.other = other
        self.needed = frozenset(needed)

    def errors(self, case: Case) -> Iterable[str]:
        value, other = case.effective.get(self.path), case.effective.get(self.other)
        if self.concerns(case) and value in self.values and other is not None and other not in self.needed:
            yield f"{self.path} {value} needs {self.other} {' or '.join(sorted(self.needed))}, not {other}"


class IkeIdFormat(Constraint):
    """An IKE identity must have the format its type asks for.

    Args:
        type_path: The member with the type.
        path: The member with the identity.
        address: The type whose identity is an IPv4 address.
        name: The type whose identity is a name.
        pattern: Regular expression of a name.
        pattern_text: The pattern in words.
    """

    def __init__(self, type_path: str, path: str, address: str, name: str, pattern: str, pattern_text: str) -> None:
        super().__init__(type_path, path)
        self.type_path = type_path
        self.path = path
        self.address = address
        self.name = name
        self.pattern = pattern
        self.pattern_text = pattern_text

    def errors(self, case: Case) -> Iterable[str]:
        if not self.concerns(case):
            return
        sort, value = case.effective.get(self.type_path, self.address), case.effective.get(self.path)
        if sort == self.name and self.type_path in case.changing and self.path not in case.given:
            yield f"{self.type_path} {sort} needs {self.path} beside it"
        elif self.path not in case.changing or not isinstance(value, str):
            return
        elif sort == self.name and not re.fullmatch(self.pattern, value):
            yield f"{self.path} must be {self.pattern_text}, not {value!r}"
        elif sort == self.address and _ipv4(value) is None:
            yield f"{self.path} must be an IPv4 address while {self.type_path} is {sort}, not {value!r}"


def _ipv4(value: Any) -> ipaddress.IPv4Address | None:
    """Return text as an IPv4 address; None where it is none."""
    try:
        return ipaddress.IPv4Address(value) if isinstance(value, str) else None
    except ValueError:
        return None
