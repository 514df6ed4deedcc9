# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which known word a mistyped one means. Private to this collection; no stable interface."""

from __future__ import annotations

import re
from typing import Iterable

# How alike two words must be (0 to 1), from which length on a word may be the beginning of another, and how much of an
# endless one is looked at.
SIMILAR = 0.75
MIN_BEGINNING = 5
MAX_TYPED = 64


def squeezed(word: str) -> str:
    """Return a word without what people leave out or write otherwise: letter case, hyphens, underscores, spaces."""
    return re.sub(r"[-_\s]", "", word).lower()


def closest(word: str, known: Iterable[str]) -> str | None:
    """Return the known word that a mistyped one probably means, or None.

    Args:
        word: The mistyped word.
        known: The words it may mean.
    """
    # Only an error needs it, and every task would pay for the import.
    import difflib

    by_form = {squeezed(name): name for name in known}
    form = squeezed(word[:MAX_TYPED])
    begun = [name for name in by_form if len(form) >= MIN_BEGINNING and name.startswith(form)]
    likely = begun if len(begun) == 1 else difflib.get_close_matches(form, by_form, 1, SIMILAR)
    return by_form[likely[0]] if likely else None
