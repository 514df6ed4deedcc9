# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is left of the words of others before they are shown."""

from __future__ import annotations

import pytest

from ansible_collections.huaweicloud.vpn.plugins.module_utils._text import printable


@pytest.mark.parametrize(
    "text, shown",
    [
        ("plain words", "plain words"),
        ("", ""),
        ("  a \t b\r\nfatal: [host]: FAILED!  ", "a b fatal: [host]: FAILED!"),
        ("\x1b[2J\x1b]0;title\x07red\x1b[0m", "[2J ]0;title red [0m"),
        ("a\x00b\x7fc\x85d\x9be", "a b c d e"),
        ("a\u2028b\u202ec\u200bd\ufeffe\u00a0f", "a b c d e f"),
        ("\ud800x\udfff", "x"),
        ("\x1b\x07", ""),
        ("B\u00fcro \u5206\u516c\u53f8 \U0001f600", "B\u00fcro \u5206\u516c\u53f8 \U0001f600"),
    ],
)
def test_only_printable_characters_and_single_spaces_are_left(text: str, shown: str) -> None:
    assert printable(text) == shown


@pytest.mark.parametrize(
    "text, shown",
    [
        ("a" * 20, "a" * 20),
        ("a" * 21, "a" * 16 + " ..."),
        ("a\n" * 10 + "b", "a a a a a a a a  ..."),
        (" " * 10**7 + "a", " ..."),
    ],
)
def test_a_long_text_is_cut_and_says_so(text: str, shown: str) -> None:
    assert printable(text, 20) == shown


def test_a_text_has_a_limit_unless_told_otherwise() -> None:
    assert len(printable("a" * 5000)) == 2000
