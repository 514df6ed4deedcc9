# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""`python tests/emulator`: the emulator as a command."""

from __future__ import annotations

import importlib
import pathlib
import sys


def _command() -> int:
    """Run the command line, as a package even when this folder was given to Python as a script."""
    if __package__:
        return importlib.import_module(".cli", __package__).main(sys.argv[1:])
    folder = pathlib.Path(__file__).resolve().parent
    # The folder itself leads the path of a script, where its modules would hide others of the same names.
    sys.path[0] = str(folder.parent)
    return importlib.import_module(f"{folder.name}.cli").main(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(_command())
