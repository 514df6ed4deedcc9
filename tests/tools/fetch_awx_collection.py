# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Put the collection awx.awx into a folder, unless it is already there. Its source is the Python package "ansible".

That package is large: only this collection is kept. Usage: fetch_awx_collection.py FOLDER
"""

from __future__ import annotations

import pathlib
import subprocess
import sys
import tempfile
import zipfile


def fetch(target: pathlib.Path) -> None:
    if (target / "complete").exists():
        return
    print(f"Fetching the collection awx.awx, once, into {target}")
    with tempfile.TemporaryDirectory(dir=target.parent) as folder:
        pip = [sys.executable, "-m", "pip", "download", "-qq", "--disable-pip-version-check", "--no-cache-dir"]
        subprocess.run([*pip, "--no-deps", "--only-binary=:all:", "--dest", folder, "ansible"], check=True)
        with zipfile.ZipFile(next(pathlib.Path(folder).glob("ansible-*.whl"))) as wheel:
            names = [name for name in wheel.namelist() if name.startswith("ansible_collections/awx/awx/")]
            wheel.extractall(target, names)
    (target / "complete").touch()


if __name__ == "__main__":
    fetch(pathlib.Path(sys.argv[1]).resolve())
