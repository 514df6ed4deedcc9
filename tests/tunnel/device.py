# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The customer's end of tunnels: a strongSwan daemon that knows nothing but what the collection's filters render."""

from __future__ import annotations

import re
import typing as t

from hosts import RUN, Charon, carried_out, command, until

from ansible_collections.huaweicloud.vpn.plugins.filter.swanctl import swanctl
from ansible_collections.huaweicloud.vpn.plugins.filter.swanctl_secrets import swanctl_secrets

Values = dict[str, t.Any]

CLOUD, SITE = "192.0.2.2", "192.0.2.1"
# Further addresses of the site, each for a connection of its own.
SITES = [f"192.0.2.{number}" for number in range(101, 121)]
EIP_ID, GATEWAY_ID, CUSTOMER_ID = (f"{number}0d99b8e-2222-4333-8444-0d1f5a2c7e11" for number in (1, 2, 3))
# As the modules return them.
GATEWAYS = [{"id": GATEWAY_ID, "name": "cloud", "eip1": {"id": EIP_ID, "ip_address": CLOUD}}]
CUSTOMERS = [{"id": CUSTOMER_ID, "name": "site", "id_type": "ip", "id_value": SITE}]
# The only child of a connection with one pair of networks.
CHILD = "traffic1"
REFUSAL = re.compile("NO_PROPOSAL_CHOSEN|AUTHENTICATION_FAILED|INVALID_ID_INFORMATION|parsing failed|giving up")
# In milliseconds, of the commands of the daemon.
PATIENCE = 10000


def text(connections: t.Sequence[Values], keys: t.Mapping[str, str], start_action: str = "none", **more: t.Any) -> str:
    """Return what the filters make of connections, both files in one."""
    gateways, customers = more.pop("gateways", GATEWAYS), more.pop("customers", CUSTOMERS)
    rendered = swanctl(connections, gateways, customers, start_action=start_action, **more)
    return str(rendered) + str(swanctl_secrets(connections, gateways, customers, keys))


class Device:
    """The customer's device."""

    def __init__(self, charon: Charon) -> None:
        self.charon = charon
        self.session = charon.session

    def load(self, configuration: str) -> None:
        """Load a configuration and forget what was loaded before, as an administrator does."""
        file = RUN / "site.swanctl.conf"
        file.write_text(configuration)
        options = ("--clear", "--noprompt", "--file", file)
        command("/usr/sbin/swanctl", "--load-all", *options, env=self.charon.environment)

    def initiate(self, name: str, child: str = CHILD) -> str:
        """Begin a tunnel, and return why it fails; nothing if it does not."""
        return carried_out(self.session.initiate({"ike": name, "child": child, "timeout": str(PATIENCE)}))

    def terminate(self, name: str) -> None:
        """End all tunnels of a connection."""
        if any(self.session.list_sas({"ike": name})):
            carried_out(self.session.terminate({"ike": name, "timeout": str(PATIENCE)}))

    def rekey(self, name: str) -> bool:
        """Renew the newest IPsec SA of a connection, and return whether that succeeds."""
        return renewed(self.charon, name)


def renewed(charon: Charon, name: str) -> bool:
    """Let one end renew the newest IPsec SA of a connection, and return whether that succeeds."""
    before = {child["uniqueid"] for child in charon.children(name)}
    log = len(charon.text())
    charon.session.rekey({"child-id": max(before, key=int)})

    def outcome() -> str:
        if {child["uniqueid"] for child in charon.children(name)} - before:
            return "renewed"
        return "refused" if REFUSAL.search(charon.text()[log:]) else ""

    return until(outcome) == "renewed"
