# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What several test files share: one way to run a task, and strategies for random settings."""

from __future__ import annotations

import functools
import json
import pathlib
import threading
from urllib.parse import quote

from hypothesis import strategies as st

from ansible_collections.huaweicloud.vpn.plugins.module_utils._http import iam
from ansible_collections.huaweicloud.vpn.plugins.module_utils._resources.connection import CONNECTION
from ansible_collections.huaweicloud.vpn.plugins.module_utils._work import bulk, single
from ansible_collections.huaweicloud.vpn.plugins.module_utils._work.api import Reader
from ansible_collections.huaweicloud.vpn.tests.unit.harness.clocks import FastClock

KEY = "Example-Key-1"


def access(cloud):
    """Return the options that point a task at an emulator, with its access key."""
    return {
        "endpoint": cloud.url,
        "auth_url": cloud.url,
        "region": cloud.region,
        "project_id": cloud.project_id,
        "access_key": cloud.access_key,
        "secret_key": cloud.secret_key,
    }


def run_task(cloud, arguments, check_mode=False, clock=None, environment=None):
    """Run vpn_connection's function with the emulator's access, and return its result (dict) or raise."""
    request = single.enter(CONNECTION, dict(access(cloud), **arguments), environment or {})
    return single.perform(CONNECTION, request, check_mode, clock or FastClock(), "tests")


def run_fleet(cloud, connections, check_mode=False, clock=None, **options):
    """Run vpn_connections' function with the emulator's access, and return its result (dict) or raise."""
    request = bulk.enter(CONNECTION, dict(access(cloud), connections=connections, **options), {})
    return bulk.perform(CONNECTION, request, check_mode, clock or FastClock(), "tests")


def repeating_login(cloud, monkeypatch):
    """Let the API repeat each token that IAM gives out in all further answers, spelled in several ways; return the tokens (list)."""
    tokens = []
    right = iam.password_token

    def login(*given):
        token, project = right(*given)
        tokens.append(token)
        text = "bad headers: X-Auth-Token: %s %s %r" % (
            token,
            json.dumps(json.dumps({"t": token})),
            {"t": quote(token)},
        )
        cloud.fault("status", path="/v5/", status=400, code="VPN.0001", message=text, times=None)
        return token, project

    monkeypatch.setattr(iam, "password_token", login)
    return tokens


def new_beside(cloud, connection, **members):
    """Return what a task says of a new connection of the same gateway, to a customer gateway of its own."""
    return {
        "name": "new",
        "vgw_ip": connection["vgw_ip"],
        "cgw_id": cloud.add_customer_gateway()["id"],
        "psk": KEY,
        "style": "static",
        "peer_subnets": ["192.168.1.0/24"],
        **members,
    }


def only_together(monkeypatch, name, number):
    """Let a detail be read only while so many objects are asked for it: reading one after the other fails."""
    barrier = threading.Barrier(number, timeout=20)
    read = Reader.detail

    def read_together(self, detail, *arguments):
        if detail.name == name:
            barrier.wait()
        return read(self, detail, *arguments)

    monkeypatch.setattr(Reader, "detail", read_together)


def by_password(cloud):
    """Return the options of a user who logs in by password (dict)."""
    found = dict(
        access(cloud),
        user_name=cloud.user_name,
        password=cloud.password,
        domain_name=cloud.domain_name,
        auth_url=cloud.url,
    )
    return {name: value for name, value in found.items() if name not in ("access_key", "secret_key")}


def examples(number):
    """Return how many examples a test of pure code needs: a fifth with an ansible-core that is not the main one.

    That code imports nothing of Ansible, so another ansible-core brings only another Python (see units in noxfile.py).
    """
    return number // 5 if (pathlib.Path(__file__).parents[1] / "few_examples").exists() else number


# -- random settings --------------------------------------------------------------------------------------------------

ALGORITHMS = ("sha2-512", "sha2-384", "sha2-256", "sha1", "md5")
CIPHERS = ("aes-128-gcm-16", "aes-256", "aes-192", "aes-128", "3des")
GROUPS = ("group1", "group2", "group5", "group14", "group15", "group16", "group19", "group20", "group21")


def networks(low=0, high=255):
    """Return a strategy of IPv4 networks, host bits set more often than not."""
    octet = st.integers(low, high)
    return st.builds(
        "10.{}.{}.{}/{}".format, octet, st.integers(0, 255), st.integers(0, 255), st.sampled_from((16, 20, 24, 27, 32))
    )


def subnets():
    return st.lists(networks(), min_size=1, max_size=6)


def rules():
    rule = st.fixed_dictionaries(
        {"source": networks(high=3), "destination": st.lists(networks(), min_size=1, max_size=4)}
    )
    return st.lists(rule, min_size=1, max_size=5)


def ikepolicies():
    return st.fixed_dictionaries(
        {},
        optional={
            "ike_version": st.just("v2"),
            "authentication_algorithm": st.sampled_from(ALGORITHMS),
            "encryption_algorithm": st.sampled_from(CIPHERS),
            "dh_group": st.sampled_from(GROUPS),
            "lifetime_seconds": st.integers(60, 604800),
            "local_id_type": st.just("ip"),
            "local_id": st.sampled_from(("203.0.113.1", "203.0.113.2")),
            "peer_id_type": st.just("ip"),
            "peer_id": st.sampled_from(("198.51.100.1", "198.51.100.2")),
            "dpd": st.fixed_dictionaries(
                {},
                optional={
                    "timeout": st.integers(2, 60),
                    "interval": st.integers(10, 3600),
                    "msg": st.sampled_from(("seq-hash-notify", "seq-notify-hash")),
                },
            ),
        },
    )


def ipsecpolicies():
    return st.fixed_dictionaries(
        {},
        optional={
            "authentication_algorithm": st.sampled_from(ALGORITHMS),
            "encryption_algorithm": st.sampled_from(CIPHERS),
            "pfs": st.sampled_from(GROUPS + ("disable",)),
            "transform_protocol": st.just("esp"),
            "lifetime_seconds": st.integers(30, 604800),
            "encapsulation_mode": st.just("tunnel"),
        },
    )


@functools.lru_cache(maxsize=None)
def settings_of(style):
    """Return a strategy of changeable settings for a connection of this style, as a task would give them.

    It is made once: what makes it anew for each example spends most of its time on that.
    """
    members = {
        "name": st.from_regex(r"[A-Za-z0-9_.\-]{1,12}", fullmatch=True),
        "cgw_id": st.sampled_from(("5247ae10-1111-4222-8333-dd36659a7f5d", "5247ae10-1111-4222-8333-dd36659a7f5e")),
        "peer_subnets": subnets(),
        "ikepolicy": ikepolicies(),
        "ipsecpolicy": ipsecpolicies(),
    }
    if style == "policy":
        members["policy_rules"] = rules()
    if style == "bgp":
        members["enable_hub"] = st.booleans()
    return st.fixed_dictionaries({}, optional=members)
