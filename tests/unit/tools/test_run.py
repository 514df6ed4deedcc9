# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The command that runs all checks."""

from __future__ import annotations

import pathlib
import shutil
import subprocess

RUN = pathlib.Path(__file__).parents[2] / "run"


def test_a_folder_where_ansible_finds_no_modules_is_refused_at_once(tmp_path):
    """ansible-core looks for the modules of a collection with a pattern that holds the path of the folder as it is."""
    tests = tmp_path / "a [2nd] clone" / "tests"
    tests.mkdir(parents=True)
    shutil.copy2(RUN, tests)
    done = subprocess.run([tests / "run", "-l"], capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("Move the checkout: ") and not list(tmp_path.rglob(".build"))
