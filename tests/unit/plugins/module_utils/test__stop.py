# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Stopping inside one process: nothing more is begun, and nobody waits for longer than one request."""

from __future__ import annotations

import itertools
import signal
import threading
import time

import pytest
import requests

from ansible_collections.huaweicloud.vpn.plugins.module_utils import _errors
from ansible_collections.huaweicloud.vpn.plugins.module_utils._clock import Clock
from ansible_collections.huaweicloud.vpn.plugins.module_utils._resources.connection import CONNECTION
from ansible_collections.huaweicloud.vpn.plugins.module_utils._work import bulk, info, scheduler, single, writes
from ansible_collections.huaweicloud.vpn.plugins.module_utils._work.pool import in_parallel
from ansible_collections.huaweicloud.vpn.plugins.module_utils._work.stop import Stop
from ansible_collections.huaweicloud.vpn.tests.unit.harness.clocks import FastClock
from ansible_collections.huaweicloud.vpn.tests.unit.harness.support import KEY, access

ID = "98c5af8a-1111-4222-8333-ae2280a6f4c3"


class OutOfTime(BaseException):
    """What core raises in the main thread when the time of a task is up."""


def perform(operation, cloud, arguments, clock=None, lost=None):
    request = operation.enter(CONNECTION, dict(access(cloud), **arguments), {})
    return operation.perform(CONNECTION, request, False, clock or Clock(), "tests", lost)


def many(cloud, gateways=4, each=1):
    """Seed connections, and return the arguments that change them all."""
    for number in range(gateways):
        gateway = cloud.add_gateway()["id"]
        for other in range(each):
            cloud.add_connection(name="c%d-%d" % (number, other), vgw_id=gateway, psk=KEY)
    return {
        "connections": [
            {"name": connection["name"], "ipsecpolicy": {"pfs": "group20"}} for connection in cloud.connections()
        ]
    }


@pytest.fixture
def alarm():
    """Return a function after whose seconds OutOfTime is raised in the main thread."""

    def rings(dummy, dummy2):
        raise OutOfTime

    previous = signal.signal(signal.SIGALRM, rings)
    yield lambda seconds: signal.setitimer(signal.ITIMER_REAL, seconds)
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.signal(signal.SIGALRM, previous)


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "busy", "code": "VPN.0306"},
        {"kind": "throttled", "retry_after": 2},
        {"kind": "server_error", "status": 502},
    ],
    ids=lambda fault: fault["kind"],
)
def test_the_end_of_a_tasks_time_is_the_end_of_its_writes(cloud, alarm, fault):
    arguments = dict(many(cloud), request_timeout=3)
    cloud.fault(operation="updateVpnConnection", times=None, **fault)
    began = time.monotonic()
    alarm(2.0)
    with pytest.raises(OutOfTime):
        perform(bulk, cloud, arguments)
    # One request's time at the most, and what a busy machine needs.
    assert time.monotonic() - began < 2.0 + 3.0 + 10.0
    time.sleep(0.5)
    count = len(cloud.journal())
    assert cloud.writes()
    time.sleep(4.0)
    assert len(cloud.journal()) == count


def test_a_request_under_way_is_waited_for_and_no_longer(cloud, alarm):
    arguments = dict(many(cloud, 1, 3), request_timeout=20)
    cloud.fault("slow_headers", operation="updateVpnConnection", seconds=3.0, times=None)
    began = time.monotonic()
    alarm(1.0)
    with pytest.raises(OutOfTime):
        perform(bulk, cloud, arguments)
    assert time.monotonic() - began < 15.0
    assert len(cloud.writes()) == 1
    assert threading.active_count() < 10


def test_the_threads_of_a_task_do_not_keep_the_process(cloud, monkeypatch):
    """Those of concurrent.futures would: they are joined when the interpreter ends."""
    seen = []
    right = scheduler.Scheduler._advance

    def advance(self, *arguments):
        seen.append(threading.current_thread().daemon)
        return right(self, *arguments)

    monkeypatch.setattr(scheduler.Scheduler, "_advance", advance)
    perform(bulk, cloud, many(cloud), FastClock())
    assert set(seen) == {True}


def test_what_ends_one_thread_ends_the_task(cloud, monkeypatch):
    arguments = many(cloud, 3, 10)

    def wrong(self):
        raise OutOfTime

    monkeypatch.setattr(writes.Writes, "send_body", wrong)
    with pytest.raises(OutOfTime):
        perform(bulk, cloud, arguments)
    assert cloud.writes() == []


@pytest.mark.parametrize("operation", [single, bulk], ids=["one", "many"])
def test_an_orphan_stops_before_its_next_write(cloud, operation):
    cloud.add_connection(id=ID, name="office", psk=KEY)
    wanted = {"id": ID, "name": "new", "tags": {"a": "1"}}
    lost = []
    cloud.on_request(lambda entry: lost.append("the process that started this one is gone") if entry.write else None)
    try:
        with pytest.raises(
            _errors.VpnError, match="the process that started this one is gone; nothing more is sent"
        ) as caught:
            perform(
                operation,
                cloud,
                wanted if operation is single else {"connections": [wanted]},
                FastClock(),
                lambda: lost[0] if lost else None,
            )
    finally:
        cloud.service.listeners.clear()
    assert [entry.operation for entry in cloud.journal() if entry.write] == ["createResourceTags"]
    assert cloud.journal()[-1].write
    details = caught.value.details
    assert details["changed"] is True
    details = details["connections"][0]["error"] if operation is bulk else details
    assert [change["path"] for change in details["changes"]] == ["name", "tags"] and details["request_ids"]


def test_a_throttled_write_of_an_orphan_is_not_repeated(cloud):
    cloud.add_connection(id=ID, name="office", psk=KEY)
    cloud.fault("throttled", operation="updateVpnConnection", times=None)
    with pytest.raises(_errors.Stopped):
        perform(
            single, cloud, {"id": ID, "name": "new"}, FastClock(), lambda: "nobody is there" if cloud.writes() else None
        )
    assert len(cloud.writes()) == 1


def test_nothing_is_begun_after_the_end_and_what_was_begun_is_waited_for():
    stop, order = Stop(), []
    inside, leave = threading.Event(), threading.Event()

    def work():
        with stop.begun():
            inside.set()
            leave.wait(30)
            order.append("done")

    thread = threading.Thread(target=work)
    thread.start()
    assert inside.wait(30)
    stop.end("too early", 0.05)
    assert order == []
    with pytest.raises(_errors.Stopped, match="too early"), stop.begun():
        order.append("begun")
    leave.set()
    stop.end("the end", 30)
    thread.join(30)
    assert order == ["done"]


@pytest.mark.parametrize("carried_out", [False, True], ids=["not sent", "carried out"])
def test_many_interrupted_at_each_request_begin_nothing_more_and_the_next_run_finishes(cloud, monkeypatch, carried_out):
    """The interruption strikes whichever thread the request belongs to."""
    for number in itertools.count(1):
        cloud.reset()
        wanted = whole_life(cloud)
        struck, left = interrupted_at(monkeypatch, number, carried_out)
        with monkeypatch.context() as patch:
            patch.setattr(requests.adapters.HTTPAdapter, "send", struck)
            try:
                perform(bulk, cloud, dict(wanted, max_retries=2), FastClock(50))
                break
            except OutOfTime:
                pass
        # The other threads may just have been about to send one: that of the other gateway, and the one that reads.
        assert left() <= 2
        perform(bulk, cloud, wanted, FastClock(50))
        names = sorted(connection["name"] for connection in cloud.connections())
        assert names == ["c0-0", "c1-0", "new"], number
        cloud.clear_journal()
        again = {"connections": [dict(item, update_psk="on_create", reset="never") for item in wanted["connections"]]}
        assert perform(bulk, cloud, again, FastClock(50))["changed"] is False, number
        assert cloud.writes() == []
    assert number > 8


def whole_life(cloud):
    """Seed two gateways with two connections each; return a task that updates, re-keys, creates and deletes."""
    found = []
    for number in range(2):
        gateway = cloud.add_gateway()
        found.append(
            [cloud.add_connection(name="c%d-%d" % (number, other), vgw_id=gateway["id"], psk=KEY) for other in range(2)]
        )
    new = {
        "name": "new",
        "vgw_id": found[0][0]["vgw_id"],
        "vgw_ip": found[0][0]["vgw_ip"],
        "cgw_id": cloud.add_customer_gateway()["id"],
        "style": "static",
        "peer_subnets": ["192.168.1.0/24"],
        "psk": KEY,
    }
    return {
        "connections": [
            {"name": "c0-0", "ipsecpolicy": {"pfs": "group20"}, "tags": {"a": "1"}},
            {"name": "c0-1", "state": "absent"},
            new,
            {"name": "c1-0", "psk": "Another-Key-2", "update_psk": "always", "reset": "if_required"},
            {"name": "c1-1", "state": "absent"},
        ]
    }


def interrupted_at(monkeypatch, number, carried_out):
    """Return how requests are sent, the last time at a certain one, and a function that counts those that were begun after it."""
    count, right, lock = itertools.count(1), requests.adapters.HTTPAdapter.send, threading.Lock()
    over, after = threading.Event(), []

    def send(adapter, prepared, **more):
        with lock:
            mine = next(count)
        if over.is_set():
            after.append(mine)
        answer = None if mine == number and not carried_out else right(adapter, prepared, **more)
        if mine == number:
            over.set()
            raise OutOfTime
        return answer

    return send, lambda: len(after)


# -- reading in parallel -----------------------------------------------------------------------------------------------


def test_details_are_not_asked_for_once_the_time_is_up(cloud, alarm):
    for number in range(80):
        cloud.add_connection(name="c%d" % number)
    cloud.fault("slow_headers", path="/log", seconds=0.2, times=None)
    alarm(0.5)
    with pytest.raises(OutOfTime):
        perform(info, cloud, {"details": ["log"]})
    assert 0 < sum(entry.path.endswith("/log") for entry in cloud.journal()) < 50


def test_what_is_done_in_parallel_keeps_its_order():
    assert in_parallel(lambda number: number * 2, range(50), 4) == [number * 2 for number in range(50)]
    assert in_parallel(str, [], 4) == []


@pytest.mark.parametrize("error", [KeyboardInterrupt, ValueError])
def test_what_is_done_in_parallel_ends_with_the_first_failure(error):
    begun, threads, going_on = [], set(), threading.Event()

    def work(number):
        begun.append(number)
        threads.add(threading.current_thread())
        if number == 3:
            raise error
        going_on.wait(20)

    with pytest.raises(error):
        in_parallel(work, range(500), 4)
    going_on.set()
    for thread in threads:
        thread.join(20)
    # The thread that failed may have begun one more before the others heard of it.
    assert sorted(begun) in ([0, 1, 2, 3], [0, 1, 2, 3, 4])


def test_nobody_waits_for_what_hangs(alarm):
    """A read may take a minute. A task that is told to end ends."""
    hanging = threading.Event()
    began = time.monotonic()
    alarm(0.2)
    with pytest.raises(OutOfTime):
        in_parallel(lambda number: hanging.wait(20), range(50), 4)
    assert time.monotonic() - began < 5
    hanging.set()
