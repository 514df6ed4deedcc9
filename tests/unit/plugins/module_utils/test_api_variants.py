# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every personality of the emulator against every property, by a part of the cases. tests/matrix runs and prints all of them."""

from __future__ import annotations

import pytest

from ansible_collections.huaweicloud.vpn.tests.emulator.switches import SWITCHES
from ansible_collections.huaweicloud.vpn.tests.unit.harness import api_variants

ROWS = api_variants.rows()
# Personalities that shape what is sent and shown most: every case. The others get by with some; tests/matrix runs all.
CLOSELY = {"host_bits", "rules_form", "optional_members", "numbers", "ids"}


@pytest.fixture(scope="module")
def cloud():
    with api_variants.bench() as made:
        yield made


def test_every_switch_has_its_rows():
    """Each value that is not the default is a row, or the switch has a reason to be none."""
    assert {row.switch for row in ROWS} | set(api_variants.NO_ROW) == set(SWITCHES)
    assert {row.switch for row in ROWS}.isdisjoint(api_variants.NO_ROW)
    for name, switch in SWITCHES.items():
        if isinstance(switch.allowed, tuple) and name not in api_variants.NO_ROW:
            assert {row.value for row in ROWS if row.switch == name} == set(switch.allowed) - {switch.default}
    assert set(SWITCHES) >= api_variants.ELSEWHERE


def test_every_sentence_that_is_declared_has_a_case():
    cases = [
        (row, name, case)
        for row in ROWS
        for name in api_variants.PROPERTIES
        for case in api_variants.cases_of(row, name)
    ]
    assert {entry for entry in (api_variants.told(*where) for where in cases) if entry} == set(
        api_variants.MAX_FAILURES_SHOWN
    )


@pytest.mark.parametrize("row", ROWS, ids=[row.label for row in ROWS])
def test_row(cloud, row):
    verdicts = [
        api_variants.cell(cloud, row, name, quick=row.switch not in CLOSELY) for name in api_variants.PROPERTIES
    ]
    assert [(verdict.name, verdict.problems) for verdict in verdicts if verdict.problems] == []
