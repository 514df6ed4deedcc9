# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Masking of secrets in whatever is shown. Private to this collection; no stable interface.

Secrets leave the parameters right after validation, and no result is built from them. This is the second line: it covers
what others say, such as the words of a refusal.
"""

from __future__ import annotations

import re

from ansible_collections.huaweicloud.vpn.plugins.module_utils._plan import MASK


def masker(secrets):
    """Return a function that replaces every occurrence of any of C(secrets) in a value, at any depth, by MASK.

    One expression holds all secrets, by first letter, so that thousands of them cost little more than one.
    """
    if not secrets:
        return lambda value: value
    by_letter = {}
    for secret in sorted(secrets, key=len, reverse=True):
        by_letter.setdefault(secret[0], []).append(re.escape(secret[1:]))
    expression = re.compile("|".join("%s(?:%s)" % (re.escape(letter), "|".join(rest)) for letter, rest in by_letter.items()))

    def mask(value):
        if isinstance(value, str):
            return expression.sub(MASK, value)
        if isinstance(value, dict):
            return {mask(name): mask(item) for name, item in value.items()}
        if isinstance(value, (list, tuple)):
            return [mask(item) for item in value]
        return value

    return mask
