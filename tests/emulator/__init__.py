# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An independent emulator of the Enterprise VPN API on 127.0.0.1, written from the API contract alone."""

from __future__ import annotations

from .emulator import Emulator
from .faults import FAULTS
from .journal import Entry
from .switches import PERSONALITIES, SWITCHES

__all__ = ["FAULTS", "PERSONALITIES", "SWITCHES", "Emulator", "Entry"]
