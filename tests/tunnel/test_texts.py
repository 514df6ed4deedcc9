# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every key and every identity that the API takes reaches strongSwan as it is, whatever signs are in it."""

from __future__ import annotations

import re
import string

import pytest
from device import text
from ends import KEY, Ends, connection
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

# The signs of a key and of a name, from the API reference.
KEY_SIGNS = string.ascii_letters + string.digits + "~!@#$%^*()-_+={ },./:;"
CLASSES = (r"[A-Z]", r"[a-z]", r"[0-9]", r"[^A-Za-z0-9]")
KEYS = st.text(KEY_SIGNS, min_size=8, max_size=128).filter(
    lambda key: sum(bool(re.search(signs, key)) for signs in CLASSES) >= 3
)
NAME_SIGNS = "".join(sign for sign in map(chr, range(33, 127)) if sign not in "&<>[]\\?") + "äß上海"
NAMES = st.text(NAME_SIGNS, min_size=1, max_size=128)
# As the responder of IKEv2, strongSwan does not send a name with an asterisk; the cloud is one only here.
CLOUD_NAMES = st.text(NAME_SIGNS.replace("*", ""), min_size=1, max_size=128)
# The daemons stay the same for all examples.
some = settings(
    max_examples=40, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@example("Ab1~!@#$%^*()-_+={ },./:;")
@example("0xAb12345678@")
@example("0sQWJjZEVmMTI=")
@example("Abc#12345")
@example("include 12A")
@example(" Ab12345")
@example("Ab12345 ")
@some
@given(KEYS)
def test_a_key_is_the_same_at_both_ends(ends: Ends, key: str) -> None:
    item = connection()
    ends.device.load(text([item], {"site": key}))
    assert ends.check(item, key) == ""


def test_another_key_is_noticed(ends: Ends) -> None:
    item = connection()
    ends.device.load(text([item], {"site": KEY}))
    assert "AUTHENTICATION_FAILED" in ends.check(item, KEY + " ")


@example("a=b", "CN=x,O=y")
@example("10.9.8.7", "fe80::1")
@example("%any", "%anyone")
@example("#a", '"x*')
@example("@#6162", "fqdn:x")
@example("zürich", "上海")
@example("user@example.org", "x" * 128)
@some
@given(CLOUD_NAMES, NAMES)
def test_a_name_is_the_same_at_both_ends(ends: Ends, cloud: str, site: str) -> None:
    policy = {"local_id_type": "fqdn", "local_id": cloud, "peer_id_type": "fqdn", "peer_id": site}
    item = connection(ikepolicy=policy)
    ends.device.load(text([item], {"site": KEY}))
    assert ends.check(item) == ""


@pytest.mark.parametrize("name, section", [("a.b-c_d", "a_b-c_d"), ("include", "include_"), ("上海", "u4e0au6d77")])
def test_a_name_of_a_connection(ends: Ends, name: str, section: str) -> None:
    """As the documentation of the filter says, since strongSwan does not take every name."""
    ends.device.load(text([connection(name)], {name: KEY}))
    assert ends.check(connection(section)) == ""
