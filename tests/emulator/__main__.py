# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""`python tests/emulator`: the emulator as a command."""

from __future__ import annotations

import importlib
import pathlib
import sys


def _command() -> int:
    """Run the command line, as a package even if Python was started with this folder as a script."""
    package = __package__
    if not package:
        folder = pathlib.Path(__file__).resolve().parent
        package = folder.name
        # Python puts this folder first in sys.path, where its modules would hide others with the same names.
        sys.path[0] = str(folder.parent)
    status: int = importlib.import_module(f"{package}.cli").main(sys.argv[1:])
    return status


if __name__ == "__main__":
    sys.exit(_command())
