# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Many pieces of work at a time: threads send, one loop reads. Private to this collection; no stable interface.

Say 40 tunnels on 10 gateways shall change. Of one gateway only one change may be sent at a time, gateways do not
disturb each other, and every change is followed by a wait that only reads. So each gateway has a queue, a few threads
send the next step of the first job of a queue, and whatever then waits is read, all of it, by one list a round:

    queue A   job 3 · job 2 ┐                      ┌ job 1 waits ┐
    queue B   job 5 · job 4 ┼─ threads: send a step ┤ job 9 waits ┼─ one loop: read all, ask each waiter
    queue C   job 6         ┘                      └ ...         ┘
        ▲                                                 │ content: the job queues for its next step
        └─────────────────────────────────────────────────┘

Nothing here knows what a job does, or what is read.
"""

from __future__ import annotations

import queue
import threading
from collections import deque
from typing import Any, Callable, Generator, Generic, Hashable, Iterable, Mapping, TypeVar

from ansible_collections.huaweicloud.vpn.plugins.module_utils._clock import Clock, Deadline, pauses
from ansible_collections.huaweicloud.vpn.plugins.module_utils._errors import VpnError, as_failure
from ansible_collections.huaweicloud.vpn.plugins.module_utils._work.stop import Stop
from ansible_collections.huaweicloud.vpn.plugins.module_utils._work.waiters import Waiter

# Seconds. A round right after the last write sees what is at work, for which one later stable read is then enough;
# further rounds come ever more rarely. While writes are still being sent, rounds are for jobs that need a further step.
FIRST_POLL = 0.1
FIRST_POLL_PAUSE = 0.15
LONGEST_POLL_PAUSE = 6.0
POLL_WHILE_WRITING = 1.0
LOOP_PAUSE = 0.05


class Job:
    """A piece of work.

    Attributes:
        steps: Yields waiters, and is sent what the last read showed once a waiter is content.
    """

    steps: Generator[Waiter, Any, None]

    def queue(self) -> Hashable:
        """Return what decides which jobs take turns: those with equal ones do."""
        raise NotImplementedError

    def read(self, listed: Any, deadline: Deadline) -> Any:
        """Return what there is of the job's object.

        Args:
            listed: What the round's list showed for this job; None where it showed nothing.
            deadline: What a request must not outlast.
        """
        raise NotImplementedError


JobT = TypeVar("JobT", bound=Job)


class Scheduler(Generic[JobT]):
    """Drives the steps of many jobs.

    Args:
        jobs: What is to be done.
        read_all: Reads everything once, not outlasting the deadline, and returns what a job's object looks like in it.
        concurrency: How many steps are sent at a time.
        clock: The clock.
        stop: Asked before each step.
        patience: How long requests under way are waited for where the work is ended from outside, in seconds.

    Attributes:
        failed: Why jobs ended before their time.
    """

    def __init__(
        self,
        jobs: Iterable[JobT],
        read_all: Callable[[Deadline], Callable[[JobT], Any]],
        concurrency: int,
        clock: Clock,
        stop: Stop,
        patience: float,
    ) -> None:
        self.read_all = read_all
        self.clock = clock
        self.stop = stop
        self.patience = patience
        self.failed: dict[JobT, VpnError] = {}
        self._lock = threading.Lock()
        self._waiting: dict[JobT, Waiter] = {}
        self._read_once: set[Waiter] = set()
        self._running = 0
        self._ended: BaseException | None = None
        self._queues: dict[Hashable, _Queue] = {}
        self._queue_of: dict[JobT, _Queue] = {}
        for job in jobs:
            self._queue_of[job] = self._queues.setdefault(job.queue(), _Queue())
            self._queue_of[job].jobs.append((job, None))
        self._pool = _Pool(min(concurrency, len(self._queues)))

    def run(self) -> None:
        """Do all jobs; return once each is done or has failed."""
        try:
            for waiting in list(self._queues.values()):
                self._start(waiting)
            self._watch()
        except BaseException:
            # A time limit, Control-C, a signal: what is under way comes to its end, and nothing more is begun.
            self._stop(self.patience)
            raise
        finally:
            self._pool.close()

    def _stop(self, patience: float) -> None:
        self.stop.end("the task was ended from outside", patience)

    # -- sending: in the threads of the pool

    def _start(self, waiting: _Queue) -> None:
        with self._lock:
            if waiting.busy or not waiting.jobs:
                return
            waiting.busy = True
            self._running += 1
        self._pool.submit(self._run_next, waiting)

    def _run_next(self, waiting: _Queue) -> None:
        """Send the next step of the first job in a queue; then it is the next queue's turn."""
        with self._lock:
            if not waiting.jobs:
                waiting.busy = False
                self._running -= 1
                return
            job, found = waiting.jobs.popleft()
        try:
            self._advance(job, found)
        except BaseException as error:
            self._ended = error
            self._stop(0)
            return
        self._pool.submit(self._run_next, waiting)

    def _advance(self, job: JobT, found: Any) -> None:
        try:
            waiter = job.steps.send(found)
        except StopIteration:
            return
        except Exception as error:  # pylint: disable=broad-except
            self._fail(job, error)
            return
        with self._lock:
            self._waiting[job] = waiter

    def _fail(self, job: JobT, error: Exception) -> None:
        """Note why a job ended; a bug in one must not leave the others half done without a word."""
        with self._lock:
            self._waiting.pop(job, None)
            self.failed[job] = as_failure(error)

    # -- reading: in the caller's thread

    def _watch(self) -> None:
        """Read everything that is waited for once a round, until nothing is under way any more."""
        schedule = _PollSchedule(self.clock, POLL_WHILE_WRITING)
        all_sent = False
        while True:
            if self._ended is not None:
                raise self._ended
            with self._lock:
                waiting, running = dict(self._waiting), self._running
            if not waiting and not running:
                return
            if not running and not all_sent:
                schedule = _PollSchedule(self.clock, FIRST_POLL)
            all_sent = not running
            if waiting and schedule.due():
                self._poll(waiting)
            else:
                self.clock.sleep(LOOP_PAUSE)

    def _poll(self, waiting: Mapping[JobT, Waiter]) -> None:
        try:
            listed = self.read_all(self._next_deadline(waiting))
        except Exception as error:  # pylint: disable=broad-except
            self._read_once.update(waiting.values())
            for job, waiter in waiting.items():
                self._fail_unless_in_time(job, waiter, error)
            return
        for job, waiter in waiting.items():
            try:
                found = job.read(listed(job), waiter.deadline)
            except Exception as error:  # pylint: disable=broad-except
                self._fail_unless_in_time(job, waiter, error)
                continue
            self._check(job, waiter, found)

    def _fail_unless_in_time(self, job: JobT, waiter: Waiter, error: Exception) -> None:
        """End a job whose object cannot be read, unless the read may be tried again later."""
        if not as_failure(error).may_retry_read(waiter.deadline):
            self._fail(job, error)

    def _next_deadline(self, waiting: Mapping[JobT, Waiter]) -> Deadline:
        """Return what a read must not outlast: the next deadline to pass, or a short one where all have passed."""
        due = [waiter.deadline for waiter in waiting.values() if waiter.deadline.left() or waiter in self._read_once]
        short = Deadline(self.clock, LONGEST_POLL_PAUSE)
        return min(due, key=lambda deadline: (not deadline.left(), deadline.end), default=short)

    def _check(self, job: JobT, waiter: Waiter, found: Any) -> None:
        """Ask a waiter, and let the job queue for its next step where the wait is over."""
        # While a long queue is sent the time may be up before the first look, and the first look may only be one to
        # compare with.
        last = not waiter.deadline.left() and waiter in self._read_once
        self._read_once.add(waiter)
        try:
            content = waiter.check(found)
            if not content and last:
                raise waiter.timeout_error()
        except Exception as error:  # pylint: disable=broad-except
            self._fail(job, error)
            return
        if content:
            self._requeue(job, found)

    def _requeue(self, job: JobT, found: Any) -> None:
        """Let a job that has waited send its next step."""
        waiting = self._queue_of[job]
        with self._lock:
            del self._waiting[job]
            waiting.jobs.append((job, found))
        self._start(waiting)


class _Queue:
    """The jobs that take turns, each with what it is sent next."""

    def __init__(self) -> None:
        self.jobs: deque[tuple[Any, Any]] = deque()
        self.busy = False


class _Pool:
    """Threads that work off what is submitted.

    Those of concurrent.futures are joined when the interpreter ends, so that a task that was told to end would wait.
    """

    def __init__(self, size: int) -> None:
        self.size = size
        self._submitted: queue.Queue[tuple[Callable[..., None], tuple[Any, ...]] | None] = queue.Queue()
        for _number in range(size):
            threading.Thread(target=self._run, daemon=True).start()

    def submit(self, function: Callable[..., None], *arguments: Any) -> None:
        """Have a function called by one of the threads, after what was submitted before."""
        self._submitted.put((function, arguments))

    def close(self) -> None:
        """Let the threads end once there is nothing left to do."""
        for _number in range(self.size):
            self._submitted.put(None)

    def _run(self) -> None:
        for function, arguments in iter(self._submitted.get, None):
            function(*arguments)


class _PollSchedule:
    """When to read: after a first pause, then ever more rarely."""

    def __init__(self, clock: Clock, first: float) -> None:
        self._clock = clock
        self._pauses = pauses(clock, first=FIRST_POLL_PAUSE, longest=LONGEST_POLL_PAUSE)
        self._next = clock.now() + first

    def due(self) -> bool:
        """Return whether it is time; if it is, the next time will be a pause later."""
        if self._clock.now() < self._next:
            return False
        self._next = self._clock.now() + next(self._pauses)
        return True
