# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Fixtures: two hosts with a wire, a daemon on each, and an emulated cloud whose tunnels are in one of them."""

from __future__ import annotations

import pathlib
import signal
import sys
import typing as t

import pytest

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

import hosts  # noqa: E402
from device import CLOUD, SITE, SITES, Device  # noqa: E402
from emulator import Emulator  # noqa: E402
from ends import FAR, Ends  # noqa: E402
from gateway import End, Gateway  # noqa: E402


def _end(*_signal: object) -> t.NoReturn:
    pytest.exit("terminated", 143)


@pytest.fixture(scope="session")
def ground() -> t.Iterator[tuple[hosts.Host, hosts.Host]]:
    """The hosts site and cloud, and an echo behind the cloud."""
    signal.signal(signal.SIGTERM, _end)
    hosts.prepare()
    site, cloud = hosts.Host("site"), hosts.Host("cloud")
    hosts.wire(site, [f"{address}/24" for address in (SITE, *SITES)], cloud, [f"{CLOUD}/24"])
    for number in range(len(SITES)):
        site.ip("addr", "add", f"10.1.{number}.1/32", "dev", "lo")
        cloud.ip("addr", "add", f"10.2.{number}.1/32", "dev", "lo")
    cloud.answer(FAR)
    yield site, cloud
    for host in (site, cloud):
        host.close()


@pytest.fixture
def daemons(ground: tuple[hosts.Host, hosts.Host], request: pytest.FixtureRequest) -> t.Iterator[list[hosts.Charon]]:
    """A daemon on each host that knows nothing yet. A parameter is a further setting for both."""
    charons = [hosts.Charon(host, getattr(request, "param", "")) for host in ground]
    yield charons
    for charon in charons:
        charon.stop()


@pytest.fixture
def device(daemons: list[hosts.Charon]) -> Device:
    """The site's end."""
    return Device(daemons[0])


@pytest.fixture
def ends(device: Device, daemons: list[hosts.Charon]) -> Ends:
    """Both ends, without an emulator."""
    return Ends(device, End(daemons[1]))


@pytest.fixture
def emulator() -> t.Iterator[Emulator]:
    """An emulated cloud without a connection."""
    with Emulator(dwell=0.05) as made:
        yield made


@pytest.fixture
def gateway(emulator: Emulator, daemons: list[hosts.Charon]) -> Gateway:
    """The cloud's end, which runs what is in the emulator."""
    return Gateway(emulator, daemons[1])


_TABLE: list[str] = []


@pytest.fixture
def table() -> list[str]:
    """Lines to print after the tests."""
    return _TABLE


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the table."""
    if _TABLE:
        terminalreporter.write_line(f"{'the life of a tunnel':44} changed seconds status echo")
        for line in _TABLE:
            terminalreporter.write_line(line)
