# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Let ansible-test create its virtual environments where only a package index is reachable.

ansible-test bootstraps pip with a script that it downloads from its own host. This program puts an equivalent
script into ansible-test's cache: it runs the version of pip that ansible-test requires, taken as a wheel from
the package index. Run it with the Python that has ansible-core. An existing file is kept.
"""

from __future__ import annotations

import pathlib
import re
import subprocess
import sys

import ansible_test

SCRIPT = """\
# Written by seed_pip_cache.py; does what get-pip.py of pip {version} does.
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.environ["GET_PIP"]), {wheel!r}))

from pip._internal.cli.main import main

arguments = [a for a in sys.argv[1:] if a not in ("--no-setuptools", "--no-wheel")]
sys.exit(main(["install", "--no-compile", "--upgrade", "--force-reinstall", *arguments]))
"""


def wanted_version() -> str:
    """Return the version of pip that this ansible-test bootstraps."""
    source = pathlib.Path(ansible_test.__file__).parent / "_internal" / "python_requirements.py"
    body = source.read_text(encoding="utf-8").split("def get_venv_packages", 1)[1].split("\ndef ", 1)[0]
    return re.findall(r"pip='([0-9.]+)'", body)[0]


def seed(version: str, cache: pathlib.Path) -> None:
    script = cache / f"get_pip_{version.replace('.', '_')}.py"
    if script.exists():
        return
    cache.mkdir(parents=True, exist_ok=True)
    download = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:"]
    subprocess.run([*download, "--dest", str(cache), f"pip=={version}"], check=True)
    wheel = next(cache.glob(f"pip-{version}-*.whl"))
    script.write_text(SCRIPT.format(version=version, wheel=wheel.name), encoding="utf-8")


if __name__ == "__main__":
    seed(wanted_version(), pathlib.Path("~/.ansible/test/cache").expanduser())
