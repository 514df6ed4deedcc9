# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every personality of the emulator against every property but random pairs, which tests/matrix runs too."""

from __future__ import annotations

import pytest

from ansible_collections.huaweicloud.vpn.tests.emulator.switches import SWITCHES
from ansible_collections.huaweicloud.vpn.tests.unit import personalities

ROWS = personalities.rows()
# Random pairs meet what the separate members leave out: for the personalities that shape answers most.
PAIRED = {"host_bits", "rules_form", "answer_lists", "optional_members", "numbers", "ids", "stale_reads", "list_items"}


@pytest.fixture(scope="module")
def cloud():
    with personalities.bench() as made:
        yield made


def test_every_switch_has_its_rows():
    """Each value that is not the default is a row, or the switch has a reason to be none."""
    assert {row.switch for row in ROWS} | set(personalities.NO_ROW) == set(SWITCHES)
    assert {row.switch for row in ROWS}.isdisjoint(personalities.NO_ROW)
    for name, switch in SWITCHES.items():
        if isinstance(switch.allowed, tuple):
            assert {row.value for row in ROWS if row.switch == name} == set(switch.allowed) - {switch.default}
    assert personalities.ELSEWHERE <= set(SWITCHES)


def test_every_sentence_that_is_declared_has_a_case():
    cases = [(row, name, case) for row in ROWS for name in personalities.PROPERTIES for case in personalities.cases_of(row, name)]
    assert {entry for entry in (personalities.told(*where) for where in cases) if entry} == set(personalities.TOLD)


@pytest.mark.parametrize("row", ROWS, ids=[row.label for row in ROWS])
def test_row(cloud, row):
    names = [name for name in personalities.PROPERTIES if name != "random pairs" or row.switch in PAIRED]
    problems = [(name, personalities.cell(cloud, row, name).problems) for name in names]
    assert [entry for entry in problems if entry[1]] == []
