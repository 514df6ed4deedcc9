# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Creates all virtual environments: for noxfile.py and, through environment.sh, for the scripts in tests/.

As a program, it creates the environment NAME if necessary, and prints the shell commands that activate it.

Usage: environments.py NAME [REQUIREMENT ...]
"""

from __future__ import annotations

import configparser
import contextlib
import fcntl
import hashlib
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import typing as t

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = ROOT / ".build"

# the versions of Python for each ansible-core, the preferred one first
CORES = {
    "2.16": ("3.11", "3.10"),
    "2.17": ("3.11", "3.12"),
    "2.18": ("3.11", "3.12", "3.13"),
    "2.19": ("3.11", "3.12", "3.13"),
    "2.20": ("3.12", "3.13"),
    "2.21": ("3.12", "3.13"),
}
ANY_PYTHON = ("3.11", "3.12", "3.13", "3.14")

# the requirements of each environment; a path is a file of requirements
ENVIRONMENTS: dict[str, tuple[str, ...]] = {
    "awx": ("pip", "tests/awx/requirements.txt"),
    "benchmark": ("tests/benchmark/requirements.txt",),
    "core": ("pip", "tests/unit/requirements.txt", "tests/integration/requirements.txt"),
    "demo": ("ansible-core>=2.16", "requests", "tests/emulator/requirements.txt"),
    "docs": ("ansible-core~=2.19.0", "tests/tools/requirements-docs.txt"),
    "emulator": ("tests/emulator/requirements.txt",),
    "matrix": ("ansible-core>=2.16", "pytest", "tests/unit/requirements.txt"),
    "nox": ("nox>=2026.10.20",),
    "tools": ("ansible-core~=2.19.0", "tests/tools/requirements.txt"),
    "tunnel": ("tests/tunnel/requirements.txt",),
    "typing": ("ansible-core~=2.19.0", "tests/tools/requirements-typing.txt", "tests/emulator/requirements.txt"),
}

# the caller's variables for Ansible, AWX, Python and cloud accounts
_FOREIGN = re.compile("(ANSIBLE|AWX|CONTROLLER|COVERAGE|HUAWEICLOUD|HW|PYTEST|TOWER)_|PYTHON")
# the scripts only connect to the emulator, so no proxy may be in between
_PROXIES = ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")
_WHO = """
import ensurepip, os, sys, venv
print("%d.%d" % sys.version_info[:2], os.path.realpath(getattr(sys, "_base_executable", sys.executable)))
"""


def foreign_variables() -> list[str]:
    return [name for name in os.environ if _FOREIGN.match(name)]


def find_python(versions: t.Sequence[str]) -> str | None:
    """Return the path of a Python with venv, of the first of these versions that is found.

    A Python that the variable PYTHON names takes precedence.
    """
    candidates = [(os.environ.get("PYTHON", "false"), versions)]
    for version in versions:
        candidates += [
            (name, (version,)) for name in (sys.executable, f"python{version}", "python3", *_from_pyenv(version))
        ]
    for candidate, wanted in candidates:
        with contextlib.suppress(OSError, subprocess.CalledProcessError):
            version, path = _output(candidate, "-I", "-c", _WHO).split(maxsplit=1)
            if version in wanted:
                return path
    return None


def _base_python() -> str:
    """Return the path of the Python that runs this program, or that created its virtual environment."""
    return os.path.realpath(getattr(sys, "_base_executable", sys.executable))


def _from_pyenv(version: str) -> list[str]:
    """Return paths of Pythons that pyenv installed: its python3.12 on PATH fails unless 3.12 is selected."""
    with contextlib.suppress(OSError, subprocess.CalledProcessError):
        installed = [name for name in _output("pyenv", "versions", "--bare").split() if name.startswith(f"{version}.")]
        installed.sort(key=lambda name: [int(part) for part in re.findall("[0-9]+", name)])
        return [_output("pyenv", "prefix", name) + "/bin/python" for name in installed[-1:]]
    return []


def _output(*command: str) -> str:
    return subprocess.run(
        command, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ).stdout.strip()


def environment(name: str, *further: str, core: str = "") -> pathlib.Path | None:
    """Create a virtual environment unless it exists, and return its folder.

    Args:
        name: a key of ENVIRONMENTS.
        further: requirements in addition to those of ENVIRONMENTS.
        core: the version of ansible-core to install, for example 2.19; also determines the version of Python.

    Returns:
        The folder, or None if no suitable Python is found.
    """
    python = find_python(CORES[core] if core else ANY_PYTHON)
    if python is None:
        return None
    cores = [f"ansible-core~={core}.0"] if core else []
    return _make(f"{name}-{core}".rstrip("-"), python, [*cores, *ENVIRONMENTS[name], *further])


def _make(name: str, python: str, requirements: list[str]) -> pathlib.Path:
    """Create a virtual environment; recreate it if its requirements, its Python or the checkout's path have changed."""
    files = [line for line in requirements if line.endswith(".txt")]
    key = hashlib.sha1(repr((str(ROOT), python, requirements, [(ROOT / file).read_text() for file in files])).encode())
    venv = BUILD / "venv" / name / key.hexdigest()[:10]
    venv.parent.mkdir(parents=True, exist_ok=True)
    with open(venv.parent / "lock", "w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (venv / "complete").exists():
            print(f"Setting up .build/venv/{name}, once", file=sys.stderr)
            for old in venv.parent.glob("*/"):
                shutil.rmtree(old)
            subprocess.run([python, "-m", "venv", "--without-pip", venv], check=True, stdout=sys.stderr)
            _install(venv, [part for line in requirements for part in (("-r", line) if line in files else (line,))])
            if name.startswith("core-"):
                _install(venv, _ansible_test_requirements(venv))
                _configure_pip(venv / "home")
                seed = [venv / "bin" / "python", ROOT / "tests" / "tools" / "seed_pip_cache.py"]
                subprocess.run(seed, check=True, stdout=sys.stderr, env={**os.environ, "HOME": str(venv / "home")})
            (venv / "complete").touch()
    return venv


def _install(venv: pathlib.Path, arguments: list[str]) -> None:
    """Install with uv, which takes seconds where pip takes a minute; with pip if uv is not available or fails."""
    python = str(venv / "bin" / "python")
    pip = [python, "-m", "pip", "-qq", "--disable-pip-version-check", "--cache-dir", str(BUILD / "cache" / "pip")]
    if arguments != ["uv"]:
        with contextlib.suppress(OSError, subprocess.CalledProcessError):
            uv = shutil.which("uv") or _make("uv", _base_python(), ["uv"]) / "bin" / "uv"
            command = [uv, "pip", "install", "--quiet", "--python", python, *arguments]
            subprocess.run(command, check=True, cwd=ROOT, env={**os.environ, **_uv_settings()})
            return
    subprocess.run([python, "-m", "ensurepip"], check=True, stdout=subprocess.DEVNULL)
    subprocess.run([*pip, "install", *arguments], check=True, cwd=ROOT, stdout=sys.stderr)


def _ansible_test_requirements(venv: pathlib.Path) -> list[str]:
    """Return the requirements that ansible-test --requirements would install for units and --coverage in each run."""
    folder = next(venv.glob("lib/python*/site-packages/ansible_test/_data/requirements"))
    files = [str(folder / file) for file in ("units.txt", "ansible-test.txt", "constraints.txt")]
    return ["-r", files[0], "-r", files[1], "-c", files[2]]


def _configure_pip(home: pathlib.Path) -> None:
    """Make the environments that ansible-test creates use the caller's index."""
    settings = configparser.RawConfigParser()
    settings.read(pathlib.Path(file).expanduser() for file in ("~/.pip/pip.conf", "~/.config/pip/pip.conf"))
    file = home / ".config" / "pip" / "pip.conf"
    file.parent.mkdir(parents=True)
    with file.open("w") as config:
        settings.write(config)


def _uv_settings() -> dict[str, str]:
    """Return variables that make uv write to .build only and use the index that pip is configured for."""
    settings = {"UV_CACHE_DIR": str(BUILD / "cache" / "uv"), "UV_NO_CONFIG": "1", "UV_PYTHON_DOWNLOADS": "never"}
    for option, variable in (("index-url", "UV_DEFAULT_INDEX"), ("cert", "SSL_CERT_FILE")):
        with contextlib.suppress(subprocess.CalledProcessError):
            settings[variable] = _output(_base_python(), "-m", "pip", "config", "get", f"global.{option}")
    return settings


def place_collection(folder: pathlib.Path) -> pathlib.Path:
    """Return a folder in which Ansible finds the checkout as a collection."""
    link = folder / "collections" / "ansible_collections" / "huaweicloud" / "vpn"
    link.parent.mkdir(parents=True, exist_ok=True)
    link.unlink(missing_ok=True)
    link.symlink_to(ROOT)
    return folder / "collections"


@contextlib.contextmanager
def plain_path(venv: pathlib.Path) -> t.Iterator[pathlib.Path]:
    """Return a temporary path without spaces for a virtual environment: "#!" lines and Ansible do not quote paths."""
    with tempfile.TemporaryDirectory(prefix="huaweicloud.vpn-", dir="/tmp") as folder:
        link = pathlib.Path(folder) / "venv"
        link.symlink_to(venv)
        yield link


def main(name: str, *further: str) -> None:
    venv = environment(name, *further, core=os.environ.get("CORE", ""))
    if venv is None:
        sys.exit("No Python for this with venv was found (Debian, Ubuntu: apt install python3-venv).")
    folder = BUILD / name
    for part in ("home", "tmp"):
        (folder / part).mkdir(parents=True, exist_ok=True)
    print("unset", *foreign_variables(), *_PROXIES)
    paths = {"VENV": venv, "WORK": folder, "COLLECTIONS": place_collection(folder)}
    print(*(f"{variable}={shlex.quote(str(path))}" for variable, path in paths.items()))
    print(f'LINK=$(mktemp -d /tmp/huaweicloud.vpn-XXXXXX) && ln -s {shlex.quote(str(venv))} "$LINK/venv"')
    print('ln -s "$WORK" "$LINK/work"')
    print("trap 'rm -rf \"$LINK\"' EXIT")
    print("export PATH=$LINK/venv/bin:$PATH WORK COLLECTIONS LC_ALL=C.UTF-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
