# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Put the collection awx.awx into a folder, unless it is there. It comes in the Python package "ansible".

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
        pip = [
            sys.executable,
            "-m",
            "pip",
            "download",
            "-qq",
            "--disable-pip-version-check",
            "--no-cache-dir",
            "--no-deps",
        ]
        subprocess.run([*pip, "--only-binary=:all:", "--dest", folder, "ansible"], check=True)
        with zipfile.ZipFile(next(pathlib.Path(folder).glob("ansible-*.whl"))) as wheel:
            wheel.extractall(
                target, [name for name in wheel.namelist() if name.startswith("ansible_collections/awx/awx/")]
            )
    (target / "complete").touch()


if __name__ == "__main__":
    fetch(pathlib.Path(sys.argv[1]).resolve())
