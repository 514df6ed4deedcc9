# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A task that expects the tunnel to be up after a change, and what it says where it is not."""

from __future__ import annotations

import pytest

from ansible_collections.huaweicloud.vpn.plugins.module_utils import _errors
from ansible_collections.huaweicloud.vpn.plugins.module_utils._diagnosis.lines import cause_of
from ansible_collections.huaweicloud.vpn.plugins.module_utils._resources.connection import CONNECTION
from ansible_collections.huaweicloud.vpn.plugins.module_utils._work.cause import newest_cause
from ansible_collections.huaweicloud.vpn.tests.unit.harness.clocks import CloudClock
from ansible_collections.huaweicloud.vpn.tests.unit.harness.creations import new
from ansible_collections.huaweicloud.vpn.tests.unit.harness.support import KEY, only_together, run_fleet, run_task

CHANGE = {"ikepolicy": {"lifetime_seconds": 3600}}
# As the vendor prints it, and in the forms of its device references.
FAILED = (
    "2024-12-24T07:08:32.730275+00:00 host-xx ipsec_ike[30085]: [addr] IPSec tunnel negotiation fails. "
    "(IfIndex=[207], PolicyName=[], SeqNum=[0], PeerAddress=[addr], PeerPort=[500], Reason=[version mismatch])"
)
TORN = "IPSec tunnel is torn down (of (2)). (SrcIP=[a], DstIP=[b], OfflineReason=[dpd timeout], State=[Normal])"
UP = "IPSec tunnel is established. (Role=[Initiator])"


def run(cloud, arguments, **options):
    return run_task(
        cloud, dict({"expect_active": True, "wait_timeout": 60}, **arguments), clock=CloudClock(cloud), **options
    )


def not_active(cloud, arguments):
    with pytest.raises(_errors.NotActive) as caught:
        run(cloud, arguments)
    return caught.value


@pytest.fixture
def down(cloud):
    found = cloud.add_connection(name="office", psk=KEY)
    cloud.set_status(found["id"], "DOWN")
    return found


# -- one connection -------------------------------------------------------------------------------------------------


def test_a_tunnel_that_is_up_is_fine(cloud):
    found = cloud.add_connection(name="office")
    cloud.set_status(found["id"], "ACTIVE")
    assert run(cloud, dict(CHANGE, id=found["id"]))["vpn_connection"]["status"] == "ACTIVE"


def test_a_tunnel_that_stays_down_fails_with_the_newest_line_of_its_log(cloud, down):
    began = cloud.service.clock.now()
    error = not_active(cloud, dict(CHANGE, id=down["id"]))
    assert cloud.service.clock.now() - began >= 60
    assert error.message.startswith(
        "the change was sent and is complete, but the VPN connection %s is DOWN, not ACTIVE, after 60 seconds;"
        " the newest entry of its log is: no answer from " % down["id"]
    )
    assert (error.details["changed"], error.details["action"]) == (True, "update")
    assert cloud.connection(down["id"])["ikepolicy"]["lifetime_seconds"] == 3600


def test_a_tunnel_that_comes_up_in_time_is_waited_for(cloud, down):
    reads = []

    def come_up(entry):
        reads.append(entry.method)
        if len(reads) == 8:
            cloud.set_status(down["id"], "ACTIVE")

    cloud.on_request(come_up)
    assert run(cloud, dict(CHANGE, id=down["id"]))["vpn_connection"]["status"] == "ACTIVE"
    assert len(reads) >= 8


def test_a_new_connection_has_to_come_up(cloud):
    cloud.switch(resting_status="DOWN")
    assert " is DOWN, not ACTIVE" in not_active(cloud, new(cloud)).message
    cloud.switch(resting_status="ACTIVE")
    assert run(cloud, dict(new(cloud), name="second"))["vpn_connection"]["status"] == "ACTIVE"


def test_before_a_reset_the_tunnel_may_be_down(cloud, down):
    error = not_active(
        cloud, {"id": down["id"], "psk": "Another-Key-2", "update_psk": "always", "reset": "if_required"}
    )
    assert [entry.path.rpartition("/")[2] for entry in cloud.writes()] == ["create", down["id"], "reset", "delete"]
    assert " is DOWN, not ACTIVE" in error.message
    assert error.details["reset_required"] is False, "the reset was done, whatever became of the tunnel"


def test_without_a_change_the_status_does_not_matter(cloud, down):
    assert run(cloud, {"id": down["id"]})["changed"] is False
    assert run(cloud, {"name": "office", "state": "absent"})["action"] == "delete"


def test_without_a_wait_nothing_can_be_expected(cloud):
    with pytest.raises(_errors.InvalidInput, match="expect_active needs wait"):
        run(cloud, {"name": "office", "wait": False})
    with pytest.raises(_errors.InvalidInput, match="expect_active needs wait"):
        run_fleet(cloud, [{"name": "office"}], expect_active=True, wait=False)
    assert cloud.journal() == []


# -- many -----------------------------------------------------------------------------------------------------------


def test_of_many_each_has_to_be_up(cloud, down):
    other = cloud.add_connection(name="other")
    cloud.set_status(other["id"], "ACTIVE")
    wanted = [dict(CHANGE, id=down["id"]), dict(CHANGE, id=other["id"])]
    with pytest.raises(_errors.VpnError) as caught:
        run_fleet(cloud, wanted, clock=CloudClock(cloud, pace=0.002), expect_active=True, wait_timeout=60)
    first, second = caught.value.details["connections"]
    assert (
        "is DOWN, not ACTIVE, after 60 seconds; the newest entry of its log is: no answer from" in first["error"]["msg"]
    )
    assert (first["changed"], "error" in second, second["changed"]) == (True, False, True)
    assert "not ACTIVE" in caught.value.message


def test_the_causes_of_many_are_read_at_the_same_time(cloud, monkeypatch):
    wanted = []
    only_together(monkeypatch, "log", 6)
    for number in range(6):
        made = cloud.add_connection(name="c%d" % number)
        cloud.set_device(made["id"], ikepolicy={"ike_version": "v1"})
        wanted.append(dict(CHANGE, id=made["id"]))
    with pytest.raises(_errors.VpnError) as caught:
        run_fleet(cloud, wanted, clock=CloudClock(cloud, pace=0.002), expect_active=True, wait_timeout=60)
    for entry in caught.value.details["connections"]:
        assert "names the cause 'version mismatch': " in entry["error"]["msg"]
        assert (
            "the IKE versions of the two ends differ; first check: make ikepolicy.ike_version equal"
            in (entry["error"]["msg"])
        )


# -- the log --------------------------------------------------------------------------------------------------------


class Logs:
    """An API whose log is given."""

    def __init__(self, entries, resource=CONNECTION):
        self.resource = resource
        self.entries = entries

    def detail(self, detail, identifier, question):
        if isinstance(self.entries, Exception):
            raise self.entries
        return self.entries


@pytest.mark.parametrize(
    "text, cause",
    [(FAILED, "version mismatch"), (TORN, "dpd timeout"), (UP, None), ("no pairs at all", None), ("", None)],
)
def test_the_cause_of_a_line_is_read_in_all_known_forms(text, cause):
    assert cause_of(CONNECTION.log.log, text) == cause


@pytest.mark.parametrize("order", [1, -1])
def test_the_newest_entry_counts_whatever_the_order(order):
    entries = [{"time": 1735024112, "raw_message": FAILED}, {"time": 1735024113, "raw_message": TORN}][::order]
    assert newest_cause(Logs(entries), "x") == (
        f"the newest entry of its log names the cause 'dpd timeout': {TORN};"
        " this means that the peer did not answer liveness probes;"
        " first check: check that the device is up and the path works"
    )


def test_an_unknown_cause_comes_through_as_it_is():
    line = "x. (Reason=[Quantum decay])"
    named = f"the newest entry of its log names the cause 'Quantum decay': {line}"
    assert newest_cause(Logs([{"time": 1, "raw_message": line}]), "x") == named


@pytest.mark.parametrize("entries", [None, [], {}, ["text"], [{"time": 1}], [{"raw_message": 5}]])
def test_a_log_without_entries_says_so(entries):
    assert newest_cause(Logs(entries), "x") == "its log has no entry"


def test_odd_times_are_the_oldest():
    entries = [{"time": "1735024113", "raw_message": UP}, {"time": None, "raw_message": TORN}, {"raw_message": FAILED}]
    assert newest_cause(Logs(entries), "x").endswith(UP)


def test_a_line_is_shown_in_printable_characters():
    shown = newest_cause(Logs([{"time": 1, "raw_message": "a\nb\x1b[2J " + "x" * 5000}]), "x")
    assert shown.startswith("the newest entry of its log is: a b [2J xxx") and len(shown) < 600


def test_a_log_that_cannot_be_read_hides_no_failure(cloud, down):
    cloud.fault("status", path="/log", status=400, code="VPN.0304", message="not supported", times=None)
    message = not_active(cloud, dict(CHANGE, id=down["id"])).message
    assert " is DOWN, not ACTIVE, after 60 seconds; its log could not be read: " in message and "VPN.0304" in message


def test_a_resource_without_a_log_has_no_cause():
    class NoLog:
        log = None

    assert newest_cause(Logs([], NoLog), "x") is None
