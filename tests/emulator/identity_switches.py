# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Switches for temporary keys and for the metadata of a server. Sources are sections of the authentication contract."""

from __future__ import annotations

from .switch import Switch

IDENTITY: dict[str, Switch] = {
    "temporary_keys_life": Switch(
        "dwell", None, "authentication 9 Agencies", "seconds that temporary keys live, instead of duration_seconds"
    ),
    "metadata_tokens": Switch(
        ("optional", "enforced", "404", "405", "503"),
        "optional",
        "authentication 8 Metadata of a server",
        "tokens of the metadata (numbers: the answer of a server without them)",
    ),
    "metadata_agency": Switch(
        ("bound", "absent"), "bound", "authentication 8 Metadata of a server", "whether the server has an agency"
    ),
    "metadata_keys_life": Switch(
        "number", 3600, "authentication 8 Metadata of a server", "seconds that new keys of the metadata live"
    ),
    "metadata_refusals": Switch(
        "count", 0, "authentication 5 Temporary keys", "requests for keys whose token is refused as expired"
    ),
    "metadata_fault": Switch(
        (
            "none",
            "redirect",
            "slow",
            "not_json",
            "server_error",
            "without_access",
            "without_secret",
            "without_securitytoken",
            "without_credential",
            "bad_token",
        ),
        "none",
        "authentication 14 For an emulator",
        "what is wrong with the answers of the metadata",
    ),
}
