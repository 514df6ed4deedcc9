# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The lane notices what it is there for: each change of what the filters render makes its checks fail."""

from __future__ import annotations

import re
import typing as t

import pytest
from device import text
from ends import Ends, connection

Values = dict[str, t.Any]
TRICKY_KEY = "0xAb12345678@"
NAMED = {"local_id_type": "fqdn", "local_id": "O=cloud", "peer_id_type": "fqdn", "peer_id": "CN=site"}


def swapped(rendered: str) -> str:
    local, remote = re.findall(r"^ +id = (.*)$", rendered, re.MULTILINE)
    return rendered.replace(f"id = {local}\n", "id = -\n").replace(f"id = {remote}\n", f"id = {local}\n").replace(
        "id = -\n", f"id = {remote}\n"
    )  # fmt: skip


MUTANTS: dict[str, tuple[Values, t.Callable[[str], str]]] = {
    "another group": (
        {"ikepolicy": {"dh_group": "group14"}, "ipsecpolicy": {"pfs": "disable"}},
        lambda rendered: rendered.replace("modp2048", "modp3072"),
    ),
    "another group in phase 2": (
        {"ipsecpolicy": {"pfs": "group14"}},
        lambda rendered: rendered.replace("modp2048", "modp3072"),
    ),
    "identities swapped": ({}, swapped),
    "no perfect forward secrecy": (
        {},
        lambda rendered: re.sub(r"(esp_proposals = \S+)-ecp256", r"\1", rendered),
    ),
    "the key as a text in quotes": (
        {},
        lambda rendered: re.sub(r"secret = .*", f'secret = "{TRICKY_KEY}"', rendered),
    ),
    "the key as a plain text": (
        {},
        lambda rendered: re.sub(r"secret = .*", f"secret = {TRICKY_KEY}", rendered),
    ),
    "identities with @": ({"ikepolicy": NAMED}, lambda rendered: rendered.replace("fqdn:", "@")),
}


@pytest.mark.parametrize("version", ["v2", "v1"])
@pytest.mark.parametrize("mutant", MUTANTS)
def test_a_wrong_text_is_noticed(ends: Ends, mutant: str, version: str) -> None:
    differences, change = MUTANTS[mutant]
    item = connection(**{**differences, "ikepolicy": {"ike_version": version, **differences.get("ikepolicy", {})}})
    rendered = text([item], {"site": TRICKY_KEY})
    ends.device.load(rendered)
    assert ends.check(item, TRICKY_KEY) == ""
    assert change(rendered) != rendered
    ends.device.load(change(rendered))
    assert ends.check(item, TRICKY_KEY) != ""
