# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""API facts that all kinds of objects share. Private to this collection; no stable interface."""

from __future__ import annotations

from ansible_collections.huaweicloud.vpn.plugins.module_utils._schema.fields import TAGS_CREATE, TAGS_DELETE
from ansible_collections.huaweicloud.vpn.plugins.module_utils._schema.kinds import Tags, Text

# API reference: identifiers of all kinds of objects.
ID_PATTERN = r"[0-9A-Za-z-]{36}"
RESOURCE_ID = Text(
    minimum=36, maximum=36, pattern=r"[0-9A-Za-z-]*", pattern_text="made of letters, digits and hyphens", any_case=True
)

# API reference, the same for all kinds of objects; China-region help pages for Chinese characters.
NAME = Text(
    minimum=1,
    maximum=64,
    pattern=r"[A-Za-z0-9_.\-\u4e00-\u9fa5]*",
    pattern_text="made of the letters A to Z, digits, underscores, hyphens and periods",
    unusual=r"[\u4e00-\u9fa5]",
    unusual_text="contains Chinese characters, which only regions in China take",
)

# Help pages, user guide: a name by which a device identifies itself.
FQDN_PATTERN = r"[^&<>\[\]\\?\s]{1,128}"
FQDN_TEXT = r"1 to 128 characters without spaces and &<>[]\?"

# API reference, help pages; the vendor adds to them.
FLAVORS = (
    "Basic",
    "Professional1",
    "Professional2",
    "Professional1-NonFixedIP",
    "Professional2-NonFixedIP",
    "GM",
)

# API reference: what the vendor advises against as weak.
WEAK_HASHES = ("sha1", "md5")
WEAK_CIPHERS = ("3des",)
WEAK_GROUPS = ("group1", "group2", "group5", "group14")

# Paths that several tables mention, since one kind of object keeps another from being deleted.
CONNECTIONS = "/v5/{project_id}/vpn-connection"

# API reference, "Tag Management"; keys beginning with _sys_ belong to the system by the vendor's general custom.
TAGS = Tags(
    maximum=20,
    key_maximum=128,
    value_maximum=255,
    pattern=r"[\w \-.:=+@]*",
    pattern_text="letters, digits, spaces and _.:=+-@",
    system="_sys_",
)


def tag_actions(kind: str) -> dict[str, str]:
    """Return the operations on the tags of a kind of objects, `{action: path}`; API reference, "Tag Management".

    Args:
        kind: What the path calls the object, such as `vpn-gateway`.
    """
    return {
        TAGS_CREATE: f"/v5/{{project_id}}/{kind}/{{id}}/tags/create",
        TAGS_DELETE: f"/v5/{{project_id}}/{kind}/{{id}}/tags/delete",
    }
