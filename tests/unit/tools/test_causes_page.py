# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The guide "Why is my tunnel down" is in step with the tables."""

from __future__ import annotations

from ansible_collections.huaweicloud.vpn.plugins.module_utils._resources.connection_causes import CONNECTION_DIAGNOSIS
from ansible_collections.huaweicloud.vpn.tests.tools.write_causes import KINDS, PAGE, render


def test_the_page_is_generated_from_the_tables():
    assert PAGE.read_text(encoding="utf-8") == render()


def test_every_cause_has_a_place_on_the_page():
    assert {row.kind for row in CONNECTION_DIAGNOSIS.causes} == set(KINDS)
