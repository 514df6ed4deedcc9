# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What strongSwan does when settings of a tunnel that is up change, and with ends that differ: as the guide says."""

from __future__ import annotations

import typing as t

import pytest
from device import REFUSAL, text
from ends import FAR, KEY, NEAR, OTHER_KEY, OTHER_RULES, Ends, changed, connection
from hosts import DOWN, UP, until

Values = dict[str, t.Any]
# Changes of a connection; the key is no member of it.
CHANGES: dict[str, Values] = {
    "key": {},
    "identity": {"ikepolicy": {"peer_id": "172.16.5.4"}},
    "IKE suite": {"ikepolicy": {"encryption_algorithm": "aes-256", "dh_group": "group20"}},
    "IPsec suite": {"ipsecpolicy": {"encryption_algorithm": "aes-256"}},
    "PFS": {"ipsecpolicy": {"pfs": "group20"}},
    "lifetime": {"ipsecpolicy": {"lifetime_seconds": 600}},
    "networks": {"policy_rules": OTHER_RULES},
    "nothing": {},
}


def use(ends: Ends, change: str) -> t.Any:
    """Return the setting that the tunnel uses, where the daemon says it."""
    if change == "key":
        return None
    ikes, children = ends.device.charon.associations("site"), ends.device.charon.children("site")
    ike, child = ikes[0] if ikes else {}, children[0] if children else {}
    return {
        "identity": ike.get("local-id"),
        "IKE suite": ike.get("encr-keysize"),
        "IPsec suite": child.get("encr-keysize"),
        "PFS": child.get("dh-group"),
        "networks": child.get("local-ts"),
    }[change]


def load(ends: Ends, item: Values, key: str = KEY, start_action: str = "none") -> None:
    ends.device.load(text([item], {"site": key}, start_action=start_action))


def renew_ike(ends: Ends) -> bool:
    """Let the site renew the IKE SA, which is another authentication with IKEv1. Return whether that succeeds."""
    charon = ends.device.charon
    before = {sa["uniqueid"] for sa in charon.associations("site")}
    log = len(charon.text())
    ends.device.session.rekey({"ike": "site"})

    def outcome() -> str:
        if {sa["uniqueid"] for sa in charon.associations("site")} - before:
            return "renewed"
        return "refused" if REFUSAL.search(charon.text()[log:]) else ""

    return until(outcome) == "renewed"


# -- a change at both ends while the tunnel is up


# Whether the renewal of an IPsec SA and of the IKE SA succeeds. A tunnel that is renewed keeps its settings.
RENEWALS = {
    ("v2", "key"): (True, True),
    ("v2", "identity"): (True, True),
    ("v2", "IKE suite"): (True, True),
    ("v2", "IPsec suite"): (True, True),
    ("v2", "PFS"): (True, True),
    ("v2", "networks"): (True, True),
    ("v1", "key"): (True, True),
    ("v1", "identity"): (True, False),
    ("v1", "IKE suite"): (True, False),
    ("v1", "IPsec suite"): (False, True),
    ("v1", "PFS"): (False, True),
    ("v1", "networks"): (False, True),
}


@pytest.mark.parametrize("version, change", RENEWALS)
def test_a_change_at_both_ends_needs_a_new_tunnel(ends: Ends, version: str, change: str) -> None:
    """With IKEv2 renewals go on with the old settings. With IKEv1 some are refused, though both ends agree."""
    old = connection(ikepolicy={"ike_version": version})
    new, new_key = changed(old, **CHANGES[change]), OTHER_KEY if change == "key" else KEY
    load(ends, old)
    ends.configure_cloud(old)
    assert ends.device.initiate("site") == ""
    used = use(ends, change)
    load(ends, new, new_key)
    ends.configure_cloud(new, new_key)
    assert ends.device.charon.host.echo(NEAR, FAR) == UP

    child, ike = RENEWALS[version, change]
    assert ends.device.rekey("site") is child
    if child and (version, change) != ("v2", "PFS"):  # the first SA of IKEv2 has no group of its own
        assert use(ends, change) == used
    assert renew_ike(ends) is ike

    for end in (ends.device.terminate, ends.cloud.end):
        end("site")
    assert ends.device.initiate("site") == ""
    assert ends.device.rekey("site")
    if change != "key":
        assert use(ends, change) != used


@pytest.mark.parametrize("version", ["v2", "v1"])
@pytest.mark.parametrize("change", ["key", "identity", "IKE suite", "IPsec suite", "PFS", "networks"])
def test_a_change_at_the_cloud_only_shows_when_the_tunnel_is_made_anew(ends: Ends, version: str, change: str) -> None:
    """The tunnel stays up, which is why such a difference is found so late."""
    old = connection(ikepolicy={"ike_version": version})
    load(ends, old)
    ends.configure_cloud(old)
    assert ends.device.initiate("site") == ""
    ends.configure_cloud(changed(old, **CHANGES[change]), OTHER_KEY if change == "key" else KEY)
    assert ends.device.charon.host.echo(NEAR, FAR) == UP and ends.up()
    for end in (ends.device.terminate, ends.cloud.end):
        end("site")
    failed = ends.device.initiate("site")
    if (version, change) == ("v2", "PFS"):
        assert failed == "" and not ends.device.rekey("site")
    else:
        assert failed


# -- ends that differ from the start

# Whether the tunnel comes up, and whether its IPsec SA can then be renewed.
DIFFERENCES = {
    "PFS": {"v2": (True, False), "v1": (False, False)},
    "IPsec suite": {"v2": (False, False), "v1": (False, False)},
    "IKE suite": {"v2": (False, False), "v1": (False, False)},
    "key": {"v2": (False, False), "v1": (False, False)},
    "identity": {"v2": (False, False), "v1": (False, False)},
    "networks": {"v2": (False, False), "v1": (False, False)},
    "lifetime": {"v2": (True, True), "v1": (True, True)},
}


@pytest.mark.parametrize("version", ["v2", "v1"])
@pytest.mark.parametrize("difference", DIFFERENCES)
def test_only_pfs_with_ikev2_differs_without_a_failure(ends: Ends, difference: str, version: str) -> None:
    """The renewal that shows it is harmless: packets go on."""
    item = connection(ikepolicy={"ike_version": version})
    load(ends, item)
    ends.configure_cloud(changed(item, **CHANGES[difference]), OTHER_KEY if difference == "key" else KEY)
    comes_up, is_renewed = DIFFERENCES[difference][version]
    assert (ends.device.initiate("site") == "") is comes_up
    if comes_up:
        assert ends.device.rekey("site") is is_renewed
    assert ends.device.charon.host.echo(NEAR, FAR, expected=comes_up) == (UP if comes_up else DOWN)


# -- what loading a file does to a tunnel that is up

# What becomes of the tunnel with start_action start; the cloud still has the old settings.
STARTED = {
    "v2": {"nothing": "kept", "key": "kept", "IKE suite": "gone", "PFS": "new", "lifetime": "new"},
    "v1": {"nothing": "kept", "key": "kept", "IKE suite": "gone", "PFS": "gone", "lifetime": "new"},
}
LOADED = [
    (version, start_action, change, became if start_action == "start" else "kept")
    for version, changes in STARTED.items()
    for change, became in changes.items()
    for start_action in ("start", "trap")
]


@pytest.mark.parametrize("version, start_action, change, became", LOADED)
def test_loading_a_file(ends: Ends, version: str, start_action: str, change: str, became: str) -> None:
    """With start_action trap it does nothing to a tunnel; with start it makes it anew, and so may lose it."""
    item = connection(ikepolicy={"ike_version": version})
    ends.configure_cloud(item)
    load(ends, item, start_action=start_action)
    if start_action != "start":
        assert ends.device.initiate("site") == ""
    assert until(ends.up)
    before = {child["spi-in"] for child in ends.device.charon.children("site")}
    load(ends, changed(item, **CHANGES[change]), OTHER_KEY if change == "key" else KEY, start_action)

    def now() -> str:
        after = {child["spi-in"] for child in ends.device.charon.children("site")}
        return "kept" if after == before else "new" if after else "gone"

    if became == "kept":
        assert ends.device.charon.host.echo(NEAR, FAR) == UP
    assert until(lambda: now() == became), now()
    assert ends.device.charon.host.echo(NEAR, FAR, became != "gone") == (DOWN if became == "gone" else UP)
