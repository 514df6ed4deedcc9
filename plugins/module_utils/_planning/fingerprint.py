# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The fingerprint of a write-only value, by which a later run knows it again. Private; no stable interface."""

from __future__ import annotations

import hashlib
import hmac

from ansible_collections.huaweicloud.vpn.plugins.module_utils._secrets import reveal

# Hexadecimal digits of a fingerprint: 128 bits are more than anybody can try, and fit into the value of a tag.
DIGITS = 32


def fingerprint(key: str, identifier: str, secret: str) -> str:
    """Return `v1:` and the first digits of an HMAC-SHA256 over an identifier, a zero byte and a secret.

    Whoever lacks the key learns nothing from it. Two objects with one secret have different fingerprints.

    Args:
        key: The key, as a `SecretText`.
        identifier: The identifier of the object that has the secret.
        secret: The secret, as a `SecretText`.
    """
    plain_key, plain_secret = reveal([key, secret])
    message = b"\0".join((identifier.encode("utf-8"), plain_secret.encode("utf-8")))
    return f"v1:{hmac.new(plain_key.encode('utf-8'), message, hashlib.sha256).hexdigest()[:DIGITS]}"
