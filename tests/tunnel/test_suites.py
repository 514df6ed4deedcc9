# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every suite of the API comes up between what the filters render and the cloud's end, or is refused for its reason.

The daemon at the site says what it has negotiated. That has to be what the IANA calls the suite, in both phases, and
again when the IPsec SA is renewed, which is when perfect forward secrecy shows.
"""

from __future__ import annotations

import itertools
import pathlib
import re
import typing as t

import pytest
import yaml
from ansible.errors import AnsibleFilterError
from device import CLOUD, SITE, text
from ends import KEY, Ends, connection
from gateway import CIPHERS, DIGESTS, GROUPS, NO_GROUP, mirrored, section
from hosts import carried_out

Suite = tuple[str, str, str]
Values = dict[str, t.Any]
VERSIONS = ("v2", "v1")
COMBINED = [name for name, cipher in CIPHERS.items() if cipher.combined]
CONTRACT = pathlib.Path(__file__).parents[1] / "emulator" / "openapi.yaml"


def ike_suites(version: str) -> list[Suite]:
    ciphers = [name for name in CIPHERS if version == "v2" or name not in COMBINED]
    return list(itertools.product(ciphers, DIGESTS, GROUPS))


def ipsec_suites(*ciphers: str) -> list[Suite]:
    return list(itertools.product(ciphers or CIPHERS, DIGESTS, [NO_GROUP, *GROUPS]))


def pairs(version: str, cipher: str) -> list[tuple[Suite, Suite]]:
    """Return all IPsec suites with a cipher, each beside an IKE suite: a part of these for each cipher."""
    every, place, count = ike_suites(version), list(CIPHERS).index(cipher), len(CIPHERS)
    part = every[place * len(every) // count : (place + 1) * len(every) // count]
    return list(zip(itertools.cycle(part), ipsec_suites(cipher), strict=False))


def with_suites(name: str, version: str, ike: Suite, ipsec: Suite) -> Values:
    policy = dict(zip(("encryption_algorithm", "authentication_algorithm", "dh_group"), ike))
    other = dict(zip(("encryption_algorithm", "authentication_algorithm", "pfs"), ipsec))
    return connection(name, ikepolicy={"ike_version": version, **policy}, ipsecpolicy=other)


def test_these_are_all_suites_of_the_api() -> None:
    schemas = yaml.load(CONTRACT.read_text(encoding="utf-8"), yaml.CSafeLoader)["components"]["schemas"]
    ike, ipsec = (schemas[name]["properties"] for name in ("IkePolicyCreate", "IpsecPolicyCreate"))
    for policy in (ike, ipsec):
        assert set(CIPHERS) == set(policy["encryption_algorithm"]["enum"])
        assert set(DIGESTS) == set(policy["authentication_algorithm"]["enum"])
    assert set(GROUPS) == set(ike["dh_group"]["enum"])
    assert {NO_GROUP, *GROUPS} == set(ipsec["pfs"]["enum"])


@pytest.mark.parametrize("version", VERSIONS)
def test_no_suite_is_left_out(version: str) -> None:
    tried = [pair for cipher in CIPHERS for pair in pairs(version, cipher)]
    assert {ike for ike, _ipsec in tried} == set(ike_suites(version))
    assert {ipsec for _ike, ipsec in tried} == set(ipsec_suites())
    assert len(ike_suites(version)) == {"v2": 270, "v1": 180}[version] and len(ipsec_suites()) == 300


@pytest.mark.parametrize("cipher", CIPHERS)
@pytest.mark.parametrize("version", VERSIONS)
def test_every_suite_comes_up(ends: Ends, version: str, cipher: str) -> None:
    tried = {f"suite{number}": pair for number, pair in enumerate(pairs(version, cipher))}
    connections = [with_suites(name, version, *pair) for name, pair in tried.items()]
    ends.device.load(text(connections, dict.fromkeys(tried, KEY)))
    assert {tried[item["name"]]: wrong for item in connections if (wrong := ends.check(item))} == {}


@pytest.mark.parametrize("cipher", COMBINED)
def test_gcm_in_phase_1_needs_ikev2(ends: Ends, cipher: str) -> None:
    """The filter says so, and daemons that are configured all the same have no word for the cipher in IKEv1."""
    sentence = f"has ikepolicy.encryption_algorithm {cipher}, which IKEv1 does not have"
    suites = list(itertools.product([cipher], DIGESTS, GROUPS))
    assert len(suites) == 45
    for suite in suites:
        item = with_suites("site", "v1", suite, suite)
        with pytest.raises(AnsibleFilterError, match=sentence):
            text([item], {})
        log = len(ends.cloud.charon.text())
        ends.configure_cloud(item)
        ends.device.session.load_conn({"site": mirrored(section(item, SITE, CLOUD))})
        why = carried_out(ends.device.session.initiate({"ike": "site", "child": "pair1", "timeout": "10000"}))
        assert why, suite
        (offered,) = re.findall("received proposals: IKE:(.*)", ends.cloud.charon.text()[log:])
        assert offered == GROUPS[suite[2]].name
