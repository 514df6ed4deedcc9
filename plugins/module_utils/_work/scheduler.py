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

Jobs of a later phase begin once all earlier ones of their queue have ended, and not at all if one of these failed. A
job may ask for its turn: of the jobs in a queue that ask, the next goes on when the one before has ended.

Nothing here knows what a job does, or what is read.
"""

from __future__ import annotations

import threading
from collections import deque
from typing import Any, Callable, Generator, Generic, Hashable, Iterable, Mapping, TypeVar, Union

from ansible_collections.huaweicloud.vpn.plugins.module_utils._clock import Clock, Deadline, pauses
from ansible_collections.huaweicloud.vpn.plugins.module_utils._errors import VpnError, as_failure
from ansible_collections.huaweicloud.vpn.plugins.module_utils._work.pool import Pool
from ansible_collections.huaweicloud.vpn.plugins.module_utils._work.stop import Stop
from ansible_collections.huaweicloud.vpn.plugins.module_utils._work.waiters import Turn, Waiter

# What the steps of a job yield.
Step = Union[Waiter, Turn]

# Seconds. A round right after the last write sees what is at work, for which one later stable read is then enough;
# further rounds come ever more rarely. While writes are still being sent, rounds are for jobs that need a further step.
FIRST_POLL = 0.05
FIRST_POLL_PAUSE = 0.15
LONGEST_POLL_PAUSE = 6.0
POLL_WHILE_WRITING = 1.0
LOOP_PAUSE = 0.02


class Job:
    """A piece of work.

    Attributes:
        steps: Yields waiters, and is sent what the last read showed once a waiter is content. It may also yield a
            turn, and is sent whether that had to be waited for once it has come.
        phase: The job begins once all jobs of its queue with a lower phase have ended well.
    """

    steps: Generator[Step, Any, None]
    phase: int = 0

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
        held_back: Jobs that were not gone on with, each with the one whose failure is why. They are not in `failed`.
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
        self.held_back: dict[JobT, JobT] = {}
        self._lock = threading.Lock()
        self._waiting: dict[JobT, Waiter] = {}
        self._read_once: set[Waiter] = set()
        self._running = 0
        self._ended: BaseException | None = None
        self._queues: dict[Hashable, _Queue[JobT]] = {}
        self._queue_of: dict[JobT, _Queue[JobT]] = {}
        for job in jobs:
            self._queue_of[job] = self._queues.setdefault(job.queue(), _Queue())
            self._queue_of[job].add(job)
        self._pool = Pool(min(concurrency, len(self._queues)))

    def run(self) -> None:
        """Do all jobs; return once each is done or has failed."""
        try:
            for queue in list(self._queues.values()):
                queue.begin_phase()
                self._start(queue)
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

    def _start(self, queue: _Queue[JobT]) -> None:
        with self._lock:
            if queue.busy or not queue.jobs:
                return
            queue.busy = True
            self._running += 1
        self._pool.submit(self._run_next, queue)

    def _run_next(self, queue: _Queue[JobT]) -> None:
        """Send the next step of the first job in a queue; then it is the next queue's turn."""
        with self._lock:
            if not queue.jobs:
                queue.busy = False
                self._running -= 1
                return
            job, found = queue.jobs.popleft()
        try:
            self._advance(job, found)
        except BaseException as error:
            self._ended = error
            self._stop(0)
            return
        self._pool.submit(self._run_next, queue)

    def _advance(self, job: JobT, found: Any) -> None:
        try:
            step = job.steps.send(found)
        except StopIteration:
            self._end(job)
            return
        except Exception as error:  # pylint: disable=broad-except
            self._fail(job, error)
            return
        with self._lock:
            if isinstance(step, Turn):
                self.held_back.update(self._queue_of[job].ask(job, step))
            else:
                self._waiting[job] = step

    def _fail(self, job: JobT, error: Exception) -> None:
        """Note why a job ended; a bug in one must not leave the others half done without a word."""
        with self._lock:
            self._waiting.pop(job, None)
            self.failed[job] = as_failure(error)
        self._end(job)

    def _end(self, job: JobT) -> None:
        """Let those go on that waited for the end of a job."""
        queue = self._queue_of[job]
        with self._lock:
            self.held_back.update(queue.end(job, failed=job in self.failed))
        self._start(queue)

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
                # Where nothing is sent, nothing changes before the next round.
                self.clock.sleep(LOOP_PAUSE if running else schedule.left())

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
        queue = self._queue_of[job]
        with self._lock:
            del self._waiting[job]
            queue.jobs.append((job, found))
        self._start(queue)


class _Queue(Generic[JobT]):
    """The jobs that take turns.

    What it returns are jobs that must not be gone on with, each with the job whose failure is why.

    Attributes:
        jobs: Those that can send their next step, each with what it is sent then.
        busy: Whether a thread sends the steps of this queue.
    """

    def __init__(self) -> None:
        self.jobs: deque[tuple[JobT, Any]] = deque()
        self.busy = False
        self._later: dict[int, list[JobT]] = {}
        self._left = 0
        self._failed: JobT | None = None
        self._spoiler: JobT | None = None
        self._turn: tuple[JobT, Turn] | None = None
        self._asking: deque[tuple[JobT, Turn]] = deque()

    def add(self, job: JobT) -> None:
        """Add a job to its phase."""
        self._later.setdefault(job.phase, []).append(job)

    def begin_phase(self) -> dict[JobT, JobT]:
        """Make the jobs of the next phase ready, unless a job has failed."""
        if self._failed is not None:
            held = {job: self._failed for jobs in self._later.values() for job in jobs}
            self._later.clear()
            return held
        if self._later:
            jobs = self._later.pop(min(self._later))
            self._left = len(jobs)
            self.jobs.extend((job, None) for job in jobs)
        return {}

    def end(self, job: JobT, failed: bool) -> dict[JobT, JobT]:
        """Note that a job has ended, and let others go on."""
        self._left -= 1
        if failed and self._failed is None:
            self._failed = job
        return self._hold(self._pass_turn(job, failed))

    def _pass_turn(self, job: JobT, failed: bool) -> list[JobT]:
        """If it was this job's turn, give the next one its turn, or return those that must not have one any more."""
        if self._turn is None or self._turn[0] is not job:
            return []
        turn, self._turn = self._turn[1], None
        if failed and turn.spoilt():
            self._spoiler = job
            held = [other for other, _turn in self._asking]
            self._asking.clear()
            return held
        if self._asking:
            self._give_turn(*self._asking.popleft(), waited=True)
        return []

    def ask(self, job: JobT, turn: Turn) -> dict[JobT, JobT]:
        """Let a job go on when its turn comes."""
        if self._spoiler is not None:
            return self._hold([job])
        if self._turn is None:
            self._give_turn(job, turn, waited=False)
        else:
            self._asking.append((job, turn))
        return {}

    def _give_turn(self, job: JobT, turn: Turn, waited: bool) -> None:
        turn.awaited = self._left > 1 or bool(self._later)
        self._turn = (job, turn)
        self.jobs.appendleft((job, waited))

    def _hold(self, held: list[JobT]) -> dict[JobT, JobT]:
        """Count jobs that must not be gone on with as ended; where nothing is left, begin the next phase."""
        self._left -= len(held)
        found = {job: self._spoiler for job in held if self._spoiler is not None}
        if not self._left:
            found.update(self.begin_phase())
        return found


class _PollSchedule:
    """When to read: after a first pause, then ever more rarely."""

    def __init__(self, clock: Clock, first: float) -> None:
        self._clock = clock
        self._pauses = pauses(clock, first=FIRST_POLL_PAUSE, longest=LONGEST_POLL_PAUSE)
        self._next = clock.now() + first

    def left(self) -> float:
        """Return the seconds until it is time."""
        return max(0.0, self._next - self._clock.now())

    def due(self) -> bool:
        """Return whether it is time; if it is, the next time will be a pause later."""
        if self.left():
            return False
        self._next = self._clock.now() + next(self._pauses)
        return True
