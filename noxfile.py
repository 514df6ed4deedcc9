# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""All checks of this collection. "tests/run" runs them in parallel; "nox -l" lists them; "nox -e units" runs one.

Each session works in a copy of the checkout, .build/tree/SESSION, in a virtual environment below .build/venv, and
only writes to .build.
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
import zlib

import nox

sys.path.insert(0, str(pathlib.Path(__file__).parent / "tests" / "tools"))
import environments
from environments import BUILD, ROOT

nox.needs_version = ">=2026.10.20"
nox.options.envdir = str(BUILD / "nox")

# The sessions that run by default. The longest ones are first, to keep all cores busy until the end.
DEFAULT = [
    "units(2.19)", "functional", "old-urllib3", "thorough", "sanity", "integration", "life", "smoke", "tunnel", "awx",
    "importer", "units(2.16)", "units(2.21)", "docs", "lint", "docs-check", "demo", "scripts", "licenses", "changelog",
    "build", "style", "typing", "coverage",
]  # fmt: skip
nox.options.sessions = DEFAULT
nox.options.default_venv_backend = "none"  # environments.py makes them: several sessions share one
nox.options.allow_parallel = True

MAIN = "2.19"
OTHERS = ("2.16", "2.21")
COVERAGE_FLOOR = 98  # percent of the lines of plugins/

# the integration tests for versions of ansible-core that do not run all of them
SMOKE = ("vpn_connection", "vpn_connection_info", "vpn_connections", "vpn_gateway_info", "vpn_gateway",
         "vpn_customer_gateway", "vpn_customer_gateway_info", "vpn_quota_info", "vpn_availability_zone_info",
         "vpn_peer_device_info", "in_process", "inventory_vpn_gateways", "filters")  # fmt: skip
# these integration tests spend most of their time waiting
LIFE = ("vpn_connection_policy", "vpn_connection_static", "vpn_connection_bgp")
# these unit tests take as long as all others combined
THOROUGH = (
    "tests/unit/plugins/module_utils/test_fault_injection.py",
    "tests/unit/plugins/module_utils/test_api_variants.py",
    "tests/unit/plugins/module_utils/test_site_faults.py",
    "tests/unit/plugins/module_utils/test_site_variants.py",
)

# what the documentation of modules refers to in Ansible's own documentation
ANSIBLE_DOCS = "https://docs.ansible.com/projects/ansible/devel/"
ANSIBLE_LABELS = {
    "action_plugins": "plugins/action.html#action-plugins",
    "ansible_configuration_settings": "reference_appendices/config.html#ansible-configuration-settings",
    "common_return_values": "reference_appendices/common_return_values.html#common-return-values",
}

PLACE = pathlib.Path("ansible_collections") / "huaweicloud" / "vpn"

every_core = nox.parametrize("core", [nox.param(core, id=core) for core in (MAIN, *OTHERS)])
other_cores = nox.parametrize("core", [nox.param(core, id=core) for core in OTHERS])

# SIGTERM must also stop the commands of the sessions: in parallel runs, these have their own process groups.
signal.signal(signal.SIGTERM, signal.default_int_handler)

# The caller's settings for Ansible, Python and cloud accounts must not affect the checks.
for variable in environments.foreign_variables():
    del os.environ[variable]


class Checkout:
    """A copy of the checkout in .build/tree, and the virtual environment to check it with."""

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
        with contextlib.suppress(FileExistsError):  # sessions that share an environment begin at the same time
            (home / ".cache").symlink_to(BUILD / "cache")
        os.chdir(ROOT)
        copy_collection(self.tree / PLACE)
        session.chdir(self.tree / PLACE)
        session.env.update(
            ANSIBLE_COLLECTIONS_PATH=str(self.tree),
            ANSIBLE_NOCOLOR="1",
            HOME=str(home),
            LC_ALL="C.UTF-8",
            PLAIN_TMP=str(venv / "home" / "tmp"),
            PATH=f"{venv / 'bin'}{os.pathsep}{os.environ['PATH']}",
            PIP_DISABLE_PIP_VERSION_CHECK="1",
            TMPDIR=str(BUILD / "tmp"),
        )

    def run(self, *command: object, **environment: str) -> None:
        """Run a command in the copy. If sessions run in parallel, its output goes to .build/logs."""
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
        """Run a command in the copy, and print and return its output."""
        text = self.session.run(*self._resolved(command), external=True, silent=True, log=False) or ""
        with self.log.open("a") as log:
            print(text, file=log if self.session.parallel else None)
        return str(text)

    def _resolved(self, command: t.Sequence[object]) -> list[str]:
        """Return a command with the path of its program: nox only searches its own environment."""
        program = shutil.which(str(command[0]), path=self.session.env["PATH"]) or str(command[0])
        return [program, *map(str, command[1:])]

    def note(self, text: str) -> None:
        """Set the remark of this session in the table at the end."""
        (BUILD / "notes" / self.label).write_text(text)

    def ansible_test(self, *arguments: object) -> list[object]:
        """Return a command that starts ansible-test as a module: the "#!" line of its script cannot have spaces."""
        program = "ansible_test._util.target.cli.ansible_test_cli_stub"
        return [self.python, "-m", program, *arguments, "--local", "--color", "no", "--python", self.version()]

    def version(self) -> str:
        question = "import sys; print('%d.%d' % sys.version_info[:2])"
        return subprocess.run([self.python, "-c", question], check=True, capture_output=True, text=True).stdout.strip()

    def pytest(self, *arguments: object, measured: t.Sequence[str] = (), **environment: str) -> None:
        """Run pytest; measured: with branch coverage of these folders, but not in processes that tests start."""
        options = ("-p", "no:cacheprovider", "--import-mode", "importlib", "--rootdir", ".", "-q", "-r", "fE")
        junit = ("--junit-xml", BUILD / "junit" / f"{self.label}.xml")
        coverage = ("-m", "coverage", "run", "--branch", "--source", ",".join(measured)) if measured else ()
        self.run(
            "python", *coverage, "-m", "pytest", *options, *junit, *arguments, PYTHONPATH=str(self.tree), **environment
        )


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
            if session.parallel:  # it has its own process
                usage = resource.getrusage(resource.RUSAGE_CHILDREN)
                (BUILD / "notes" / f"{here.label}.cpu").write_text(f"{usage.ru_utime + usage.ru_stime:.0f}")


def copy_collection(copy: pathlib.Path) -> None:
    """Copy the files that git does not ignore to a git repository at a path that ansible-test accepts."""
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


# ---------------------------------------------------- source files


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
    """Every file states its license."""
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
        if any(pathlib.Path("changelogs", "fragments").glob("*.yml")):  # in the copy only
            here.run("antsibull-changelog", "release", "--codename", "not released yet")
        shutil.rmtree(source, ignore_errors=True)
        source.mkdir(mode=0o755)
        (source / "rst").mkdir(mode=0o755)
        here.run("antsibull-docs", "sphinx-init", "--use-current", "--lenient", "--dest-dir", source, "huaweicloud.vpn")
        config = ("--config-file", source / "antsibull-docs.cfg")
        options = ("--cleanup", "everything", "--use-current", "--dest-dir", source / "rst")
        here.run("antsibull-docs", *config, "collection", *options, "huaweicloud.vpn")
        # a list of what the pages refer to instead of Ansible's own, so that the build needs no network
        inventory = source / "ansible.inv"
        inventory.write_bytes(sphinx_inventory(ANSIBLE_LABELS))
        with (source / "conf.py").open("a") as settings:
            settings.write(f"\nintersphinx_mapping = {{'ansible': ({ANSIBLE_DOCS!r}, {str(inventory)!r})}}\n")
        shutil.rmtree(site, ignore_errors=True)
        paths = ("-c", source, "-d", source / "doctrees", source / "rst", site)
        here.run("sphinx-build", "--quiet", "-W", "--keep-going", "-b", "html", *paths)


def sphinx_inventory(labels: t.Mapping[str, str]) -> bytes:
    """Return a file for Sphinx's intersphinx that maps labels to places in another documentation."""
    header = (
        "# Sphinx inventory version 2\n# Project: Ansible\n# Version: devel\n# The rest is compressed using zlib.\n"
    )
    lines = "".join(f"{label} std:label -1 {place} {label}\n" for label, place in labels.items())
    return header.encode() + zlib.compress(lines.encode())


@nox.session
def lint(session: nox.Session) -> None:
    """ansible-lint, profile production."""
    with checkout(session, "tools") as here:
        here.run("ansible-lint", "--nocolor", *session.posargs)


@nox.session
def style(session: nox.Session) -> None:
    """ruff: lint and format of all Python files, with the settings in pyproject.toml."""
    with checkout(session, "typing") as here:
        here.run("ruff", "check", "--no-cache")
        here.run("ruff", "format", "--no-cache", "--check")


@nox.session
def typing(session: nox.Session) -> None:
    """mypy: the types of the plugins and the emulator, with the settings in pyproject.toml."""
    with checkout(session, "typing") as here:
        # in the folder of ansible_collections, so that each file has the name by which others import it
        session.chdir(here.tree)
        files = [PLACE / file for file in session.posargs or ("plugins", "tests/emulator")]
        here.run("mypy", "--config-file", PLACE / "pyproject.toml", "--cache-dir", BUILD / "cache" / "mypy", *files)


@nox.session
def changed(session: nox.Session) -> None:
    """The linters, for the files that differ from the branch main, or for the files given as arguments."""
    with checkout(session, "tools") as here:
        lint_changed(here, session.posargs or changed_files())


def changed_files() -> list[str]:
    """Return the files that have changed since the branch diverged from main, committed or not."""

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
    """For use before a commit, in a minute: linters for changed files, unit tests without the emulator, tests/demo."""
    with checkout(session, "tools") as here:
        lint_changed(here, changed_files())
    with checkout(session, "core", MAIN) as here:
        # the tests of modules need the environment that ansible-test sets up
        tests = [test for test in unit_tests(with_cloud=False) if "plugins/modules/" not in test]
        here.pytest("-n", "auto", "--dist", "worksteal", *tests)
        check_demo(here)


# ---------------------------------------------------- artifacts


@nox.session
def build(session: nox.Session) -> None:
    """The collection can be built. The result is in .build/dist."""
    with checkout(session, "tools") as here:
        here.note(build_collection(here, BUILD / "dist").name)


@nox.session
def importer(session: nox.Session) -> None:
    """Galaxy's importer accepts the built collection without a warning (its own run of ansible-test is off)."""
    with checkout(session, "tools") as here:
        built = build_collection(here, here.tree / "dist")
        session.chdir(here.tree)
        session.env.update(GALAXY_IMPORTER_CHECK_REQUIRED_TAGS="yes", GALAXY_IMPORTER_RUN_ANSIBLE_TEST="no")
        log = here.output("bash", "-c", 'python -m galaxy_importer.main "$1" 2>&1', "_", built)
        # The importer always exits with 0; findings are only in its log. It has ansible-lint look for collections one
        # folder too deep, where playbooks of this collection that others import are not found.
        own = re.compile(r"^WARNING: ERROR +Failed to find huaweicloud\.vpn\.(\w+) playbook\.$", re.MULTILINE)
        missing = [name for name in own.findall(log) if not (here.tree / PLACE / "playbooks" / f"{name}.yml").exists()]
        findings = re.search("^(WARNING|ERROR|CRITICAL)", own.sub("", log), re.MULTILINE)
        if "\nImporter processing completed successfully" not in log or findings or missing:
            session.error(log)


def build_collection(here: Checkout, folder: pathlib.Path) -> pathlib.Path:
    shutil.rmtree(folder, ignore_errors=True)
    here.run("ansible-galaxy", "collection", "build", "--output-path", folder)
    return next(folder.glob("*.tar.gz"))


# ---------------------------------------------------- tests


@nox.session
@every_core
def sanity(session: nox.Session, core: str) -> None:
    """ansible-test sanity: all files with the main ansible-core, all but tests/ with the others."""
    with checkout(session, "core", core) as here:
        here.run(*here.ansible_test("sanity", *(session.posargs or sanity_files(core))))


def sanity_files(core: str) -> list[str]:
    """Return the files to check with an ansible-core; none stands for all. No user runs tests/ with another one."""
    files = subprocess.run(["git", "ls-files"], check=True, stdout=subprocess.PIPE, text=True).stdout.splitlines()
    return [] if core == MAIN else [file for file in files if not file.startswith("tests/")]


# ansible-test starts a process for each test, and each process would start its own emulator. Therefore pytest runs the
# tests that use the emulator, except the tests of modules, which need the environment that ansible-test sets up. It
# also runs those that start pytest themselves, which are slow.
def needs_cloud(file: pathlib.Path) -> bool:
    return "plugins/modules/" not in str(file) and bool(re.search(r"\b(cloud|Emulator)\b|\"pytest\"", file.read_text()))


def unit_tests(with_cloud: bool) -> list[str]:
    files = sorted(pathlib.Path("tests/unit").rglob("test_*.py"))
    return [str(file) for file in files if needs_cloud(file) == with_cloud]


def chosen(session: nox.Session, tests: t.Sequence[str]) -> list[str]:
    """Return the arguments after "--" on the command line, plus the given tests unless these arguments name tests."""
    named = any(pathlib.Path(argument.split("::")[0]).exists() for argument in session.posargs)
    return [*session.posargs, *(() if named else tests)]


@nox.session
@every_core
def units(session: nox.Session, core: str) -> None:
    """ansible-test units: the unit tests that do not use the emulator."""
    with checkout(session, "core", core) as here:
        coverage = ["--coverage"] if core == MAIN else []
        if core != MAIN:  # ansible-test passes no variables on; see examples() in tests/unit/harness/support.py
            pathlib.Path("tests/unit/few_examples").touch()
        try:
            here.run(*here.ansible_test("units", *coverage, *chosen(session, unit_tests(with_cloud=False))))
        finally:
            for file in pathlib.Path("tests/output/junit").glob("*-units.xml"):
                shutil.copy(file, BUILD / "junit" / f"{here.label}-{file.name}")


@nox.session
def functional(session: nox.Session) -> None:
    """The unit tests that use the emulator of the API, with pytest only."""
    with checkout(session, "core", MAIN) as here:
        folder = pathlib.Path("tests/output/coverage")
        folder.mkdir(parents=True)
        file = folder / f"functional=pytest=origin=python-{here.version()}=coverage.all"
        tests = [test for test in unit_tests(with_cloud=True) if test not in THOROUGH]
        here.pytest(*chosen(session, tests), measured=["plugins"], COVERAGE_FILE=str(file))


@nox.session(name="old-urllib3")
def old_urllib3(session: nox.Session) -> None:
    """The tests of the HTTP client with the oldest requests and urllib3 in use."""
    with checkout(session, "core", MAIN) as here:
        if here.version() != "3.11":
            session.skip("LEFT OUT: urllib3 1.26.5 needs Python 3.11")
        script = here.tree / PLACE / "tests" / "tools" / "old_urllib3"
        junit = f"--junit-xml={BUILD / 'junit' / f'{here.label}.xml'}"
        here.run(script, junit, PYTHON=str(here.python), FOLDER=str(BUILD / "old-urllib3"))


# without coverage, to save time: these tests would add only a few lines
@nox.session
def thorough(session: nox.Session) -> None:
    """The unit tests of every fault at every point of every operation, and of every variant of the API."""
    with checkout(session, "core", MAIN) as here:
        here.pytest(*chosen(session, THOROUGH))


# without coverage, to save time: it would add six lines
@nox.session
def integration(session: nox.Session) -> None:
    """ansible-test integration, against the emulator (or the cloud that integration_config.yml names)."""
    with checkout(session, "core", MAIN) as here:
        config = pathlib.Path("tests/integration/integration_config.yml")
        if (ROOT / config).exists():  # git ignores it, so it is not in the copy
            shutil.copy(ROOT / config, config)
            here.note(f"against the cloud in {config}")
        # these run in the session "life", in parallel
        excluded = () if session.posargs or config.exists() else [f"--exclude={target}" for target in LIFE]
        here.run(*here.ansible_test("integration", "--continue-on-error", *session.posargs, *excluded))


@nox.session
def life(session: nox.Session) -> None:
    """ansible-test integration: the lifecycle of a connection of each style, against the emulator."""
    with checkout(session, "core", MAIN) as here:
        here.run(*here.ansible_test("integration", "--continue-on-error", *LIFE))


@nox.session
@other_cores
def smoke(session: nox.Session, core: str) -> None:
    """Some targets of ansible-test integration, as modules (the main session runs them in the controller's process)."""
    with checkout(session, "core", core) as here:
        pathlib.Path("tests/integration/integration_config.yml").write_text("vpn_as_module: true\n")
        here.run(*here.ansible_test("integration", "--continue-on-error", *(session.posargs or SMOKE)))


@nox.session
def awx(session: nox.Session) -> None:
    """The files for AWX, and jobs with ansible-runner."""
    with checkout(session, "awx") as here:
        here.run(ROOT / "tests" / "awx" / "run", *session.posargs)


@nox.session
def tunnel(session: nox.Session) -> None:
    """What modules and filters make is a tunnel, with strongSwan's daemons at both ends."""
    with checkout(session, "tunnel") as here:
        junit = f"--junit-xml={BUILD / 'junit' / f'{here.label}.xml'}"
        reason = BUILD / "tunnel" / "left-out"
        reason.unlink(missing_ok=True)
        here.run(ROOT / "tests" / "tunnel" / "run", junit, *session.posargs, LEFT_OUT=str(reason))
        if reason.exists():
            session.skip(reason.read_text().strip())


@nox.session
def demo(session: nox.Session) -> None:
    """tests/demo applies all changes in the first run, and none in the second."""
    with checkout(session, "demo") as here:
        check_demo(here)


def check_demo(here: Checkout) -> None:
    changes = re.findall("changed=[0-9]+", here.output(ROOT / "tests" / "demo"))
    if changes != ["changed=4", "changed=4", "changed=0"]:
        here.session.error(" ".join(changes))


@nox.session(requires=[f"units({MAIN})", "functional"])
def coverage(session: nox.Session) -> None:
    """The code coverage of plugins/ by the sessions units and functional."""
    with checkout(session, "core", MAIN) as here:
        folder = here.tree / PLACE / "tests" / "output" / "coverage"
        for label in (f"units-{MAIN}", "functional"):
            shutil.copytree(
                BUILD / "tree" / label / PLACE / "tests" / "output" / "coverage", folder, dirs_exist_ok=True
            )
        report = here.output(*here.ansible_test("coverage", "report", "--show-missing", "--include", "plugins/*"))
        total = re.findall(r"^TOTAL +([0-9]+) +([0-9]+)", report, re.MULTILINE)[0]
        percent = 100 * (int(total[0]) - int(total[1])) // int(total[0])
        here.note(f"{percent} % of the lines of plugins/, required {COVERAGE_FLOOR} %")
        if percent < COVERAGE_FLOOR:
            session.error(f"only {percent} % of the lines of plugins/ were run")
