# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""All checks of this collection. "tests/run" runs them side by side; "nox -l" lists them; "nox -e units" runs one.

Each session works in a copy of the checkout, .build/tree/SESSION, in a virtual environment below .build/venv, and
writes nowhere but to .build.
"""

from __future__ import annotations

import contextlib
import os
import pathlib
import re
import resource
import shutil
import signal
import subprocess
import sys
import typing as t
import urllib.request

import nox

sys.path.insert(0, str(pathlib.Path(__file__).parent / "tests" / "tools"))
import environments
from environments import BUILD, ROOT

nox.needs_version = ">=2026.10.20"
nox.options.envdir = str(BUILD / "nox")

# What runs where nothing is named; those that take longest come first, so that the cores are busy until the end.
DEFAULT = [
    "units(2.19)", "functional", "thorough", "sanity", "integration", "life", "smoke", "awx", "importer",
    "units(2.16)", "units(2.21)", "docs", "lint", "docs-check", "demo", "scripts", "licenses", "changelog", "build",
    "coverage",
]  # fmt: skip
nox.options.sessions = DEFAULT
nox.options.default_venv_backend = "none"  # environments.py makes them: several sessions share one
nox.options.allow_parallel = True

MAIN = "2.19"
OTHERS = ("2.16", "2.21")
COVERAGE_FLOOR = 95  # per cent of the lines of plugins/

# what a core without all integration tests runs of them
SMOKE = ("vpn_connection", "vpn_connection_info", "vpn_connections", "vpn_gateway_info", "vpn_customer_gateway_info",
         "in_process", "inventory_vpn_gateways")  # fmt: skip
# these integration tests wait most of the time
LIFE = ("vpn_connection_policy", "vpn_connection_static", "vpn_connection_bgp")
# these unit tests take as long as all others together
THOROUGH = (
    "tests/unit/plugins/module_utils/test_fault_injection.py",
    "tests/unit/plugins/module_utils/test_api_variants.py",
)

PLACE = pathlib.Path("ansible_collections") / "huaweicloud" / "vpn"

every_core = nox.parametrize("core", [nox.param(core, id=core) for core in (MAIN, *OTHERS)])
other_cores = nox.parametrize("core", [nox.param(core, id=core) for core in OTHERS])

# Whoever ends nox ends what it has started: side by side, sessions are in process groups of their own.
signal.signal(signal.SIGTERM, signal.default_int_handler)

# Nothing of the caller's Ansible, Python or cloud account.
for variable in environments.foreign_variables():
    del os.environ[variable]


class Checkout:
    """A copy of the checkout in .build/tree, and an environment to check it in."""

    def __init__(self, session: nox.Session, venv: pathlib.Path) -> None:
        self.session = session
        self.label = _label(session.name)
        self.tree = BUILD / "tree" / self.label
        self.python = venv / "bin" / "python"
        self.log = BUILD / "logs" / f"{self.label}.log"
        home = venv.resolve() / "home"
        for folder in (home, *(BUILD / name for name in ("cache", "junit", "logs", "notes", "tmp"))):
            folder.mkdir(parents=True, exist_ok=True)
        for old in (self.log, BUILD / "notes" / self.label, *BUILD.glob(f"junit/{self.label}*")):
            old.unlink(missing_ok=True)
        if not (home / ".cache").is_symlink():
            (home / ".cache").symlink_to(BUILD / "cache")
        os.chdir(ROOT)
        copy_collection(self.tree / PLACE)
        session.chdir(self.tree / PLACE)
        session.env.update(
            ANSIBLE_COLLECTIONS_PATH=str(self.tree),
            ANSIBLE_NOCOLOR="1",
            HOME=str(home),
            LC_ALL="C.UTF-8",
            PATH=f"{venv / 'bin'}{os.pathsep}{os.environ['PATH']}",
            PIP_DISABLE_PIP_VERSION_CHECK="1",
            TMPDIR=str(BUILD / "tmp"),
        )

    def run(self, *command: object, **environment: str) -> None:
        """Run a command in the copy. Where sessions run side by side, what it prints goes to .build/logs."""
        arguments = self._resolved(command)
        if not self.session.parallel:
            self.session.run(*arguments, env=environment, external=True)
            return
        with self.log.open("ab") as log:
            try:
                self.session.run(
                    *arguments,
                    env=environment,
                    external=True,
                    stdout=t.cast("t.IO[str]", log),
                    stderr=subprocess.STDOUT,
                )
            except nox.command.CommandFailed:
                print(*self.log.read_text(errors="replace").splitlines()[-60:], sep="\n    | ")
                print(f"The whole output is in .build/logs/{self.log.name}")
                raise

    def output(self, *command: object) -> str:
        """Run a command in the copy, and return what it prints; that is printed, too."""
        text = self.session.run(*self._resolved(command), external=True, silent=True, log=False) or ""
        with self.log.open("a") as log:
            print(text, file=log if self.session.parallel else None)
        return str(text)

    def _resolved(self, command: t.Sequence[object]) -> list[str]:
        """nox looks for a program in its own environment only."""
        program = shutil.which(str(command[0]), path=self.session.env["PATH"]) or str(command[0])
        return [program, *map(str, command[1:])]

    def note(self, text: str) -> None:
        """Say something in the table at the end."""
        (BUILD / "notes" / self.label).write_text(text)

    def ansible_test(self, *arguments: object) -> list[object]:
        """Return a command: ansible-test, started by Python, not by its "#!" line, so that it takes the plain path."""
        program = self.python.with_name("ansible-test")
        return [self.python, program, *arguments, "--local", "--color", "no", "--python", self.version()]

    def version(self) -> str:
        question = "import sys; print('%d.%d' % sys.version_info[:2])"
        return subprocess.run([self.python, "-c", question], check=True, capture_output=True, text=True).stdout.strip()

    def pytest(self, *arguments: object, **environment: str) -> None:
        options = ("-p", "no:cacheprovider", "--import-mode", "importlib", "--rootdir", ".", "-q", "-r", "fE")
        junit = ("--junit-xml", BUILD / "junit" / f"{self.label}.xml")
        self.run("python", "-m", "pytest", *options, *junit, *arguments, PYTHONPATH=str(self.tree), **environment)


@contextlib.contextmanager
def checkout(session: nox.Session, name: str, core: str = "") -> t.Iterator[Checkout]:
    venv = environments.environment(name, core=core)
    if venv is None:
        wanted = environments.CORES.get(core, environments.ANY_PYTHON)
        session.skip(
            f"LEFT OUT: no Python {' or '.join(wanted)} with venv was found (Debian, Ubuntu: apt install python3-venv)"
        )
    with environments.plain_path(venv) as link:
        here = Checkout(session, link)
        try:
            yield here
        finally:
            if session.parallel:  # in a process of its own
                usage = resource.getrusage(resource.RUSAGE_CHILDREN)
                (BUILD / "notes" / f"{here.label}.cpu").write_text(f"{usage.ru_utime + usage.ru_stime:.0f}")


def copy_collection(copy: pathlib.Path) -> None:
    """Copy what git does not ignore to a path and a git repository as ansible-test wants them."""
    shutil.rmtree(copy, ignore_errors=True)
    copy.mkdir(parents=True)
    git = ("git", f"--git-dir={copy / '.git'}", f"--work-tree={ROOT}")
    subprocess.run(["git", "init", "--quiet", copy], check=True)
    files = subprocess.run(
        [*git, "ls-files", "-z", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    for file in files.stdout.split("\0")[:-1]:
        (copy / file).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / file, copy / file, follow_symlinks=False)
    subprocess.run(["git", "-C", copy, "add", "--all"], check=True)


def _label(session: str) -> str:
    return session.replace("(", "-").replace(")", "")


# ---------------------------------------------------- what is written


@nox.session
def scripts(session: nox.Session) -> None:
    """The shell scripts: syntax and shellcheck."""
    with checkout(session, "tools") as here:
        files = [file for file in here.output("git", "ls-files").splitlines() if is_shell(pathlib.Path(file))]
        for file in files:
            here.run("bash", "-n", file)
        here.run("shellcheck", "--external-sources", *files)
        here.note(f"{len(files)} scripts")


def is_shell(file: pathlib.Path) -> bool:
    return file.is_file() and bool(re.match(rb"#!.*\b(ba)?sh\b|(#.*\n)*# shellcheck shell", file.read_bytes()))


@nox.session
def licenses(session: nox.Session) -> None:
    """Every file says under which licence it is."""
    with checkout(session, "tools") as here:
        here.run("reuse", "lint")


@nox.session
def changelog(session: nox.Session) -> None:
    """Changelog and fragments are well-formed."""
    with checkout(session, "tools") as here:
        here.run("antsibull-changelog", "lint")


@nox.session(name="docs-check")
def docs_check(session: nox.Session) -> None:
    """Documentation of plugins and guides: markup, links, references."""
    with checkout(session, "docs") as here:
        here.run("antsibull-docs", "lint-collection-docs", "--plugin-docs", "--validate-collection-refs=all", ".")


@nox.session
def docs(session: nox.Session) -> None:
    """The documentation as a web site: .build/site/index.html."""
    with checkout(session, "docs") as here:
        source, site = here.tree / "site", BUILD / "site"
        source.mkdir(mode=0o755)
        (source / "rst").mkdir(mode=0o755)
        here.run("antsibull-docs", "sphinx-init", "--use-current", "--lenient", "--dest-dir", source, "huaweicloud.vpn")
        config = (
            "--config-file",
            source / "antsibull-docs.cfg",
            "collection",
            "--cleanup",
            "everything",
            "--use-current",
        )
        here.run("antsibull-docs", *config, "--dest-dir", source / "rst", "huaweicloud.vpn")
        if not is_reachable("https://docs.ansible.com/projects/ansible/devel/objects.inv"):
            with (source / "conf.py").open("a") as settings:
                settings.write("\nintersphinx_mapping = {}\n")
            here.note("links to other documentation are left out: it cannot be reached")
        shutil.rmtree(site, ignore_errors=True)
        here.run("sphinx-build", "--quiet", "-b", "html", "-c", source, "-d", source / "doctrees", source / "rst", site)


def is_reachable(url: str) -> bool:
    with contextlib.suppress(OSError), urllib.request.urlopen(url, timeout=5):
        return True
    return False


@nox.session
def lint(session: nox.Session) -> None:
    """ansible-lint, profile production."""
    with checkout(session, "tools") as here:
        here.run("ansible-lint", "--nocolor", *session.posargs)


@nox.session
def style(session: nox.Session) -> None:
    """ruff: lint and format of all Python, as pyproject.toml has it."""
    with checkout(session, "typing") as here:
        here.run("ruff", "check", "--no-cache")
        here.run("ruff", "format", "--no-cache", "--check")


@nox.session
def typing(session: nox.Session) -> None:
    """mypy: the types of plugins and of the emulator, as pyproject.toml has it."""
    with checkout(session, "typing") as here:
        # from above the collection, so that a file has the name by which others import it
        session.chdir(here.tree)
        files = [PLACE / file for file in session.posargs or ("plugins", "tests/emulator")]
        here.run("mypy", "--config-file", PLACE / "pyproject.toml", "--cache-dir", BUILD / "cache" / "mypy", *files)


@nox.session
def changed(session: nox.Session) -> None:
    """Checks the files that differ from the branch main, or those named, with the linters that know them."""
    with checkout(session, "tools") as here:
        lint_changed(here, session.posargs or changed_files())


def changed_files() -> list[str]:
    """Return the files that were changed since the branch left main, committed or not."""

    def git(*arguments: str) -> list[str]:
        return subprocess.run(
            ["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=False
        ).stdout.splitlines()

    base = (git("merge-base", "HEAD", "origin/main") or git("merge-base", "HEAD", "main") or ["HEAD"])[0]
    return [
        *git("diff", "--name-only", "--diff-filter=d", "--relative", base),
        *git("ls-files", "--others", "--exclude-standard"),
    ]


def lint_changed(here: Checkout, files: t.Sequence[str]) -> None:
    here.note(f"{len(files)} files differ")
    scripts = [file for file in files if is_shell(pathlib.Path(file))]
    if scripts:
        here.run("shellcheck", "--external-sources", *scripts)
    documents = [
        file for file in files if file.endswith((".yml", ".yaml")) and not file.startswith((".", "changelogs"))
    ]
    if documents:
        here.run("ansible-lint", "--nocolor", *documents)
    if any(file.startswith("changelogs/") for file in files):
        here.run("antsibull-changelog", "lint")
    programs = [file for file in files if file.endswith(".py")]
    if programs and "style" in DEFAULT:
        here.run("ruff", "check", "--no-cache", *programs)
        here.run("ruff", "format", "--no-cache", "--check", *programs)


@nox.session
def quick(session: nox.Session) -> None:
    """Before a commit, in a minute: linters on what changed, the unit tests that need no cloud, tests/demo."""
    with checkout(session, "tools") as here:
        lint_changed(here, changed_files())
    with checkout(session, "core", MAIN) as here:
        # those of modules need what ansible-test makes for them
        tests = [test for test in unit_tests(with_cloud=False) if "plugins/modules/" not in test]
        here.pytest("-n", "auto", "--dist", "worksteal", *tests)
        check_demo(here)


# ---------------------------------------------------- what is built


@nox.session
def build(session: nox.Session) -> None:
    """The collection can be built, into .build/dist."""
    with checkout(session, "tools") as here:
        here.note(build_collection(here, BUILD / "dist").name)


@nox.session
def importer(session: nox.Session) -> None:
    """What is built passes Galaxy's importer without a warning (its own run of ansible-test is off)."""
    with checkout(session, "tools") as here:
        built = build_collection(here, here.tree / "dist")
        session.chdir(here.tree)
        session.env.update(GALAXY_IMPORTER_CHECK_REQUIRED_TAGS="yes", GALAXY_IMPORTER_RUN_ANSIBLE_TEST="no")
        log = here.output("bash", "-c", 'python -m galaxy_importer.main "$1" 2>&1', "_", built)
        # It succeeds whatever it finds; what it has to say is in its log.
        if "\nImporter processing completed successfully" not in log or re.search(
            "^(WARNING|ERROR|CRITICAL)", log, re.MULTILINE
        ):
            session.error(log)


def build_collection(here: Checkout, folder: pathlib.Path) -> pathlib.Path:
    shutil.rmtree(folder, ignore_errors=True)
    here.run("ansible-galaxy", "collection", "build", "--output-path", folder)
    return next(folder.glob("*.tar.gz"))


# ---------------------------------------------------- what runs


@nox.session
@every_core
def sanity(session: nox.Session, core: str) -> None:
    """ansible-test sanity."""
    with checkout(session, "core", core) as here:
        here.run(*here.ansible_test("sanity", *session.posargs))


# ansible-test starts a process for each test, and each would start an emulator of its own; so those tests run without
# it (those of modules as modules excepted, for which ansible-test makes the surroundings)
def needs_cloud(file: pathlib.Path) -> bool:
    return "plugins/modules/" not in str(file) and bool(re.search(r"\b(cloud|Emulator)\b", file.read_text()))


def unit_tests(with_cloud: bool) -> list[str]:
    files = sorted(pathlib.Path("tests/unit").rglob("test_*.py"))
    return [str(file) for file in files if needs_cloud(file) == with_cloud]


def chosen(session: nox.Session, tests: t.Sequence[str]) -> list[str]:
    """Return what comes after "--" on the command line, and these tests unless it names some."""
    named = any(pathlib.Path(argument.split("::")[0]).exists() for argument in session.posargs)
    return [*session.posargs, *(() if named else tests)]


@nox.session
@every_core
def units(session: nox.Session, core: str) -> None:
    """ansible-test units: those unit tests that need no cloud."""
    with checkout(session, "core", core) as here:
        coverage = ["--coverage"] if core == MAIN else []
        try:
            here.run(*here.ansible_test("units", *coverage, *chosen(session, unit_tests(with_cloud=False))))
        finally:
            for file in pathlib.Path("tests/output/junit").glob("*-units.xml"):
                shutil.copy(file, BUILD / "junit" / f"{here.label}-{file.name}")


@nox.session
def functional(session: nox.Session) -> None:
    """The other unit tests, which talk to the emulator of the API, with pytest alone."""
    with checkout(session, "core", MAIN) as here:
        folder = pathlib.Path("tests/output/coverage")
        folder.mkdir(parents=True)
        file = folder / f"functional=pytest=origin=python-{here.version()}=coverage.all"
        tests = [test for test in unit_tests(with_cloud=True) if test not in THOROUGH]
        here.pytest(
            "--cov", "plugins", "--cov-branch", "--cov-report=", *chosen(session, tests), COVERAGE_FILE=str(file)
        )


# coverage, to which they would add a few lines, is left out for the sake of time
@nox.session
def thorough(session: nox.Session) -> None:
    """The unit tests of every fault at every moment and of every variant of the API."""
    with checkout(session, "core", MAIN) as here:
        here.pytest(*chosen(session, THOROUGH))


@nox.session
def integration(session: nox.Session) -> None:
    """ansible-test integration, against the emulator (or the cloud that integration_config.yml names)."""
    with checkout(session, "core", MAIN) as here:
        config = pathlib.Path("tests/integration/integration_config.yml")
        if (ROOT / config).exists():  # git ignores it, so the copy lacks it
            shutil.copy(ROOT / config, config)
            here.note(f"against the cloud of {config}")
        # side by side with the session "life", which has its own copy
        excluded = () if session.posargs or config.exists() else [f"--exclude={target}" for target in LIFE]
        here.run(*here.ansible_test("integration", "--coverage", *session.posargs, *excluded))


@nox.session
def life(session: nox.Session) -> None:
    """ansible-test integration: the life of a connection of each sort, against the emulator."""
    with checkout(session, "core", MAIN) as here:
        here.run(*here.ansible_test("integration", *LIFE))


@nox.session
@other_cores
def smoke(session: nox.Session, core: str) -> None:
    """A few targets of ansible-test integration, by modules where the main core runs in the controller's process."""
    with checkout(session, "core", core) as here:
        pathlib.Path("tests/integration/integration_config.yml").write_text("vpn_as_module: true\n")
        here.run(*here.ansible_test("integration", *(session.posargs or SMOKE)))


@nox.session
def awx(session: nox.Session) -> None:
    """What is there for AWX, and a rehearsal with ansible-runner."""
    with checkout(session, "awx") as here:
        here.run(ROOT / "tests" / "awx" / "run", *session.posargs)


@nox.session
def demo(session: nox.Session) -> None:
    """tests/demo changes everything once, and nothing when repeated."""
    with checkout(session, "demo") as here:
        check_demo(here)


def check_demo(here: Checkout) -> None:
    changes = re.findall("changed=[0-9]+", here.output(ROOT / "tests" / "demo"))
    if changes != ["changed=4", "changed=4", "changed=0"]:
        here.session.error(" ".join(changes))


@nox.session(requires=[f"units({MAIN})", "functional", "integration"])
def coverage(session: nox.Session) -> None:
    """How much of plugins/ was run by units, functional and integration."""
    with checkout(session, "core", MAIN) as here:
        folder = here.tree / PLACE / "tests" / "output" / "coverage"
        for label in (f"units-{MAIN}", "functional", "integration"):
            shutil.copytree(
                BUILD / "tree" / label / PLACE / "tests" / "output" / "coverage", folder, dirs_exist_ok=True
            )
        report = here.output(*here.ansible_test("coverage", "report", "--show-missing", "--include", "plugins/*"))
        total = re.findall(r"^TOTAL +([0-9]+) +([0-9]+)", report, re.MULTILINE)[0]
        percent = 100 * (int(total[0]) - int(total[1])) // int(total[0])
        here.note(f"{percent} % of the lines of plugins/, wanted {COVERAGE_FLOOR} %")
        if percent < COVERAGE_FLOOR:
            session.error(f"only {percent} % of the lines of plugins/ were run")
