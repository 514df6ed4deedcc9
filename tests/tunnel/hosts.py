# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Hosts: network namespaces with a wire between them, strongSwan's daemons in them, and an echo to see what passes.

Everything happens in the mount and network namespace that tests/tunnel/run has made. The program itself only tries
whether that works on this machine.
"""

from __future__ import annotations

import os
import pathlib
import shutil
import socket
import subprocess
import sys
import time
import typing as t

PACKAGES = pathlib.Path(os.environ.get("TUNNEL_PACKAGES", ""))
RUN = pathlib.Path(os.environ.get("TUNNEL_RUN", ""))
# What does not come back within this time has not passed.
ECHO_SECONDS, ECHO_PORT, PACKETS = 0.5, 9999, 5
UP, DOWN = f"{PACKETS}/{PACKETS}", f"0/{PACKETS}"
# The packages are extracted, so the loader does not know where their libraries are.
LIBRARIES = "/usr/lib/ipsec"
# kernel-libipsec encrypts in the daemon, where the kernel cannot.
PLUGINS = "random nonce openssl gmp kdf vici {esp} kernel-netlink socket-default"
SETTINGS = """
charon-systemd {{
  load = {plugins}
  retransmit_tries = 2
  retransmit_timeout = 1
  retransmit_base = 1
  {more}
  filelog {{
    file {{
      path = {log}
      time_format = %s
      ike_name = yes
      flush_line = yes
      default = 1
    }}
  }}
  journal {{
    default = -1
  }}
  plugins {{
    vici {{
      socket = unix://{vici}
    }}
  }}
}}
swanctl {{
  load = random openssl
  socket = unix://{vici}
}}
"""
_ECHO = """
import socket
server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
server.bind((%r, %d))
while True:
    server.sendto(*server.recvfrom(2000))
"""
_PROBE = """
import socket
client = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
client.bind((%r, 0))
client.settimeout(%r)
answers = set()
try:
    for number in range(%d):
        client.sendto(b"%%d" %% number, (%r, %d))
    while len(answers) < number + 1:
        answers.add(client.recv(99))
except OSError:
    pass
print(len(answers))
"""

Answer = t.TypeVar("Answer")


def until(question: t.Callable[[], Answer], seconds: float = 10.0) -> Answer:
    """Ask until the answer is true or the time is over, and return the last answer."""
    end = time.monotonic() + seconds
    while True:
        answer = question()
        if answer or time.monotonic() > end:
            return answer
        time.sleep(0.003)


def command(*words: object, check: bool = True, **more: t.Any) -> subprocess.CompletedProcess[str]:
    """Run a program and return what came of it. AssertionError, with what it said, if it fails."""
    done = subprocess.run([str(word) for word in words], text=True, capture_output=True, check=False, **more)
    if check:
        assert done.returncode == 0, f"{' '.join(map(str, words))}: {done.stderr or done.stdout}"
    return done


def prepare() -> None:
    """Lay the extracted packages over /usr, and make room for names of network namespaces."""
    # Layers that are only read may themselves be of this kind, as they are in containers.
    layers = ":".join(str(path).replace("\\", "\\\\").replace(":", "\\:") for path in (PACKAGES / "usr", "/usr"))
    command("mount", "-t", "overlay", "overlay", "-o", f"lowerdir={layers}", "/usr")
    command("mount", "-t", "tmpfs", "tmpfs", "/run")
    pathlib.Path("/run/netns").mkdir()
    command("ip", "link", "set", "lo", "up")
    RUN.mkdir(exist_ok=True)


class Host:
    """A network namespace."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.enter = ("nsenter", f"--net=/run/netns/{name}")
        self._children: list[subprocess.Popen[bytes]] = []
        command("ip", "netns", "add", name)
        self.ip("link", "set", "lo", "up")

    def ip(self, *words: str, check: bool = True) -> bool:
        """Run ip(8) for this host, and return whether it succeeds."""
        return command("ip", "-n", self.name, *words, check=check).returncode == 0

    def has_esp(self) -> bool:
        """Return whether the kernel can encrypt, by making it a security association."""
        keys = ("auth", "hmac(sha256)", f"0x{'1' * 64}", "enc", "cbc(aes)", f"0x{'1' * 32}")
        ends = ("src", "192.0.2.1", "dst", "192.0.2.2", "proto", "esp", "spi", "0x1000")
        can = self.ip("xfrm", "state", "add", *ends, "mode", "tunnel", *keys, check=False)
        if can:
            self.ip("xfrm", "state", "flush")
        return can

    def start(self, *words: object, **more: t.Any) -> subprocess.Popen[bytes]:
        """Start a program that ends with this one."""
        process = subprocess.Popen(["setpriv", "--pdeathsig", "KILL", *self.enter, *map(str, words)], **more)
        self._children.append(process)
        return process

    def stop(self, process: subprocess.Popen[bytes]) -> None:
        """End a program that was started here."""
        process.kill()
        process.wait()
        self._children.remove(process)

    def close(self) -> None:
        """End all programs that were started here."""
        for process in list(self._children):
            self.stop(process)

    def answer(self, address: str) -> None:
        """Send all packets to an address back."""
        self.start(sys.executable, "-I", "-S", "-c", _ECHO % (address, ECHO_PORT))

    def echo(self, source: str, target: str, expected: bool = True) -> str:
        """Send packets, and return how many of them came back: UP or DOWN, or something in between.

        Where they are expected to come back, a busy machine gets another chance.
        """
        program = _PROBE % (source, ECHO_SECONDS, PACKETS, target, ECHO_PORT)
        found = DOWN

        def came_back() -> bool:
            nonlocal found
            found = f"{command(*self.enter, sys.executable, '-I', '-S', '-c', program).stdout.strip()}/{PACKETS}"
            return found == UP

        until(came_back, seconds=10 if expected else 0)
        return found


def wire(one: Host, addresses: t.Sequence[str], other: Host, more: t.Sequence[str]) -> None:
    """Connect two hosts, with addresses as CIDR."""
    ends = (one, "wan", addresses), (other, "wan", more)
    command("ip", "link", "add", "wan", "netns", one.name, "type", "veth", "peer", "name", "wan", "netns", other.name)
    for host, end, own in ends:
        for address in own:
            host.ip("addr", "add", address, "dev", end)
        host.ip("link", "set", end, "up")


class Charon:
    """strongSwan's daemon on a host."""

    def __init__(self, host: Host, more: str = "") -> None:
        self.host = host
        self.log = RUN / f"{host.name}.log"
        self.vici = RUN / f"{host.name}.vici"
        self.settings = RUN / f"{host.name}.strongswan.conf"
        for old in (self.log, self.vici):  # it appends to the log
            old.unlink(missing_ok=True)
        self._esp_in_kernel = host.has_esp()
        plugins = PLUGINS.format(esp="" if self._esp_in_kernel else "kernel-libipsec")
        self.settings.write_text(SETTINGS.format(plugins=plugins, log=self.log, vici=self.vici, more=more))
        # What programs on the host see: strongSwan's settings, and /etc/swanctl.
        self.folder = RUN / f"{host.name}.swanctl"
        shutil.rmtree(self.folder, ignore_errors=True)
        (self.folder / "conf.d").mkdir(parents=True)
        (self.folder / "swanctl.conf").write_text("include conf.d/*.conf\n")
        self.own = {
            "LD_LIBRARY_PATH": LIBRARIES,
            "PATH": f"{os.environ['PATH']}:/usr/sbin",
            "STRONGSWAN_CONF": str(self.settings),
            "SWANCTL_DIR": str(self.folder),
        }
        self.environment = {**os.environ, **self.own}
        with (RUN / f"{host.name}.out").open("wb") as out:
            self._process = host.start(
                "/usr/sbin/charon-systemd", env=self.environment, stdout=out, stderr=subprocess.STDOUT
            )
        assert until(self._listens), (RUN / f"{host.name}.out").read_text() + self.text()
        self.session = self.connect()

    def _listens(self) -> bool:
        assert self._process.poll() is None, (RUN / f"{self.host.name}.out").read_text()
        try:
            return bool(self.connect().version())
        except OSError:
            return False

    def connect(self) -> t.Any:
        """Return a new session of strongSwan's interface VICI."""
        import vici

        connected = socket.socket(socket.AF_UNIX)
        connected.connect(str(self.vici))
        return vici.Session(connected)

    def text(self) -> str:
        """Return its log."""
        return self.log.read_text(errors="replace") if self.log.exists() else ""

    def associations(self, name: str = "") -> list[dict[str, t.Any]]:
        """Return its IKE SAs; see `associations`."""
        return associations(self.session, name)

    def children(self, name: str = "") -> list[dict[str, t.Any]]:
        """Return its IPsec SAs; see `children`."""
        return children(self.session, name)

    def stop(self) -> None:
        """End it without a word to its peers."""
        self.host.stop(self._process)
        if self._esp_in_kernel:
            for left in ("xfrm state flush", "xfrm policy flush", "route flush table 220"):
                self.host.ip(*left.split(), check=False)


def associations(session: t.Any, name: str = "") -> list[dict[str, t.Any]]:
    """Return the IKE SAs that are established, those of a connection or all, the newest first."""
    found = session.list_sas({"ike": name} if name else {})
    sas = [_plain(sa) for answer in found for sa in answer.values()]
    sas = [sa for sa in sas if sa["state"] == "ESTABLISHED"]
    return sorted(sas, key=lambda sa: -int(sa["uniqueid"]))


def children(session: t.Any, name: str = "") -> list[dict[str, t.Any]]:
    """Return the IPsec SAs that are in use, likewise."""
    found = [child for sa in associations(session, name) for child in sa["child-sas"].values()]
    return sorted(
        (child for child in found if child["state"] == "INSTALLED"), key=lambda child: -int(child["uniqueid"])
    )


def carried_out(answers: t.Iterable[t.Any]) -> str:
    """Let a command of the daemon be carried out, and return why it fails; nothing if it does not."""
    import vici

    try:
        for _line in answers:
            pass
    except vici.exception.CommandException as error:
        return str(error)
    return ""


def _plain(value: t.Any) -> t.Any:
    if isinstance(value, bytes):
        return value.decode(errors="replace")
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, list) else value


def main() -> None:
    """Try everything that needs a privilege."""
    try:
        prepare()
        one, other = Host("one"), Host("other")
        wire(one, ["192.0.2.1/24"], other, ["192.0.2.2/24"])
        if not one.has_esp():
            command(*one.enter, "ip", "tuntap", "add", "dev", "tun0", "mode", "tun")
    except (AssertionError, OSError) as error:
        sys.exit(str(error).strip().replace("\n", " "))


if __name__ == "__main__":
    main()
