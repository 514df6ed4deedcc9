# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The command line: starts and seeds the emulator, prints how to use it in a playbook, and prints each request."""

from __future__ import annotations

import argparse
import json
import os
import pathlib
import shlex
import signal
import sys
import tempfile
import threading
import typing as t

from . import faults, seed, switches
from .emulator import Emulator
from .journal import Entry


def main(arguments: list[str]) -> int:
    """Run until SIGTERM or SIGINT. Returns the exit status."""
    options = _parser().parse_args(arguments)
    if options.list_switches or options.list_faults:
        _say(switches.table() if options.list_switches else faults.table())
        return 0
    try:
        emulator = Emulator(options.dwell, options.port, **dict(options.switch))
        seed.plant(emulator, json.loads(options.seed.read_text(encoding="utf-8")) if options.seed else seed.DEFAULT)
        emulator.start()
    except (OSError, ValueError, TypeError, KeyError) as error:
        sys.stderr.write(f"cannot start: {error}\n")
        return 1
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    if not options.quiet:
        emulator.on_request(_show)
    _say(_welcome(emulator))
    if options.state_file:
        write_state(emulator, options.state_file)
    stop.wait()
    emulator.stop()
    if options.state_file:
        options.state_file.unlink(missing_ok=True)
    _say("Stopped.")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="emulator",
        description="An Enterprise VPN cloud on 127.0.0.1 for trying out and testing; nothing leaves this machine.",
    )
    parser.add_argument("--port", type=int, default=0, help="port to listen on (default: a free one)")
    parser.add_argument(
        "--dwell",
        type=float,
        default=1.0,
        metavar="SECONDS",
        help="how long a create, update or delete takes (default: 1)",
    )
    parser.add_argument(
        "--seed",
        type=pathlib.Path,
        metavar="FILE.json",
        help='what the cloud holds: {"gateways": [], "customer_gateways": [], "connections": [], '
        '"monitors": [], "eips": []}',
    )
    parser.add_argument(
        "--state-file",
        type=pathlib.Path,
        metavar="OUT.json",
        help="write address, credentials and pid there once connections are accepted",
    )
    parser.add_argument(
        "--switch",
        type=_assignment,
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="set a switch; may be given several times",
    )
    parser.add_argument("--quiet", action="store_true", help="do not print a line for each request")
    parser.add_argument("--list-switches", action="store_true", help="print all switches and end")
    parser.add_argument("--list-faults", action="store_true", help="print all kinds of faults and end")
    return parser


def _assignment(text: str) -> tuple[str, t.Any]:
    name, equals, value = text.partition("=")
    if not equals:
        raise argparse.ArgumentTypeError(f"{text} is not NAME=VALUE")
    try:
        parsed = json.loads(value)
    except ValueError:
        parsed = value
    try:
        return name, switches.check_values({name: parsed})[name]
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _welcome(emulator: Emulator) -> str:
    connections = emulator.connections()
    lines = ["", f"An Enterprise VPN cloud is listening on {emulator.url} (only this machine can reach it).", ""]
    for connection in connections[:5]:
        lines.append(f"  It holds the {connection['style']} connection {connection['name']} ({connection['id']}).")
    if len(connections) > 5:
        lines.append(f"  ... and {len(connections) - 5} more.")
    lines += ["", "Point a playbook at it with", ""]
    lines += [f"  export {name}={shlex.quote(value)}" for name, value in emulator.environment().items()]
    lines += [
        "",
        f"Requests so far:  curl {emulator.url}/_emulator/journal",
        f"Switches:         curl {emulator.url}/_emulator/switches",
        "",
        "Stop it with Ctrl-C. Requests, as they arrive:",
    ]
    return "\n".join(lines)


def state(emulator: Emulator) -> dict[str, t.Any]:
    """The information that another program needs to use the emulator."""
    connections = [{"id": found["id"], "name": found["name"]} for found in emulator.connections()]
    return {
        "url": emulator.url,
        "port": emulator.port,
        "pid": os.getpid(),
        "region": emulator.region,
        "project_id": emulator.project_id,
        "project_name": emulator.project_name,
        "access_key": emulator.access_key,
        "secret_key": emulator.secret_key,
        "user_name": emulator.user_name,
        "password": emulator.password,
        "domain_name": emulator.domain_name,
        "agency_name": emulator.agency_name,
        "agency_domain_name": emulator.agency_domain_name,
        "other_project_id": emulator.other_project_id,
        "idp_id": emulator.idp_id,
        "id_token": emulator.id_token(lifetime=86400),
        "environment": emulator.environment(),
        "connection_id": connections[0]["id"] if connections else None,
        "connections": connections,
    }


def write_state(emulator: Emulator, path: pathlib.Path) -> None:
    """Write state() as JSON, readable by its owner only. The file is replaced atomically."""
    handle, name = tempfile.mkstemp(dir=path.resolve().parent, prefix=path.name)
    with os.fdopen(handle, "w", encoding="utf-8") as stream:
        json.dump(state(emulator), stream, indent=2)
    os.replace(name, path)


def _show(entry: Entry) -> None:
    _say(f"  {entry.line()}")


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()
