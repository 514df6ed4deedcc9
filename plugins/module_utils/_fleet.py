# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Many objects in one task: one list, one plan for all, parallel writes. Private to this collection; no stable interface.

Everything is validated and planned before the first write. Writes then run in parallel across the objects they belong to
(gateways), one at a time within each; what has to be waited for is read by one list a round.
"""

from __future__ import annotations

import queue
import threading
from collections import deque

from ansible_collections.huaweicloud.vpn.plugins.module_utils._access import CONNECTION_OPTIONS
from ansible_collections.huaweicloud.vpn.plugins.module_utils._api import Api, connect
from ansible_collections.huaweicloud.vpn.plugins.module_utils._client import in_time
from ansible_collections.huaweicloud.vpn.plugins.module_utils._compare import same
from ansible_collections.huaweicloud.vpn.plugins.module_utils._errors import (
    NAMED,
    ApiError,
    InvalidInput,
    LostAnswer,
    PlanMoved,
    Unreachable,
    VpnError,
    as_failure,
)
from ansible_collections.huaweicloud.vpn.plugins.module_utils._front import Given, judge_secret, open_door, value_faults
from ansible_collections.huaweicloud.vpn.plugins.module_utils._options import say_unknown, usable_options, without_blanks
from ansible_collections.huaweicloud.vpn.plugins.module_utils._plan import DELETE, MASK, Wish, hashed, moved_halves, stretched
from ansible_collections.huaweicloud.vpn.plugins.module_utils._run import WatchedGate, item_spec, judge_item, work_spec
from ansible_collections.huaweicloud.vpn.plugins.module_utils._stop import Stop
from ansible_collections.huaweicloud.vpn.plugins.module_utils._task import Task, wish_of
from ansible_collections.huaweicloud.vpn.plugins.module_utils._wait import Deadline, pauses

# Seconds. A round right after the last write sees what is at work, for which one later read at rest is then enough; further
# rounds come ever more rarely. While writes are still being sent, rounds are for objects that need a further step.
SOON = 0.1
FIRST_ROUND = 0.15
LONGEST_ROUND = 6.0
MEANWHILE = 1.0
TICK = 0.05
# Seconds between two requests once the cloud has throttled, and by how much the next interval is shorter if it does not again.
FIRST_INTERVAL = 0.125
LONGEST_INTERVAL = 2.0
SHORTEST_INTERVAL = 0.01
RECOVERY = 0.9
ITEMS = "connections"
EMPTY = "<empty>"
# The verbosity (number of v's) from which on core shows the arguments of a task.
INVOCATION_SHOWN = 3
# How many failures are told in full in the message.
TOLD = 10


def argument_spec(resource):
    """Return the argument specification of the module that manages many objects of this kind (dict)."""
    within = resource.managed[resource.identity.within]
    spec = dict(CONNECTION_OPTIONS, **work_spec())
    spec[ITEMS] = {"type": "list", "elements": "dict", "required": True, "options": item_spec(resource)}
    spec[resource.identity.within] = within.option()
    spec["prune"] = {"type": "bool", "default": False}
    spec["concurrency"] = {"type": "int", "default": 8}
    spec["return_unchanged"] = {"type": "bool", "default": False}
    return spec


# -- the front door ---------------------------------------------------------------------------------------------------


class Item:
    """What a task asks of one of its objects: C(label) for sentences, C(options), and a C(Wish)."""

    def __init__(self, label, options, wish):
        self.label = label
        self.options = options
        self.wish = wish


def enter(resource, arguments, environment):
    """Return the C(Request) that a task's arguments make; its C(own) is a list of C(Item)s. See C(_front.open_door)."""
    spec = argument_spec(resource)
    # The items are judged one by one below, so that a sentence can say which one it is about.
    spec[ITEMS] = {"type": "list", "elements": "raw", "required": True}
    given = dict(arguments)
    if isinstance(given.get(ITEMS), list):
        # The door drops blanks. Of an entry it must not: the others would be counted wrong, and prune would delete what it was to name.
        given[ITEMS] = [EMPTY if without_blanks(entry, keep=(resource.tags,)) is None else entry for entry in given[ITEMS]]
    return open_door(resource, spec, given, environment, _judge)


def _judge(resource, given):
    within = _judged_within(resource, given)
    if given.options.get("prune") and resource.identity.within not in given.names:
        given.problems.append("prune needs %s: it deletes what that one does not name" % resource.identity.within)
    if isinstance(given.options.get("concurrency"), int) and not 1 <= given.options["concurrency"] <= 64:
        given.problems.append("concurrency must be between 1 and 64, not %d" % given.options["concurrency"])
    spec = item_spec(resource)
    entries = given.options.pop(ITEMS, ())
    items = [_judged_item(resource, spec, entry, number, within, given) for number, entry in enumerate(entries)]
    described = [entry for entry in entries if isinstance(entry, dict)]
    given.shown[ITEMS] = lambda verbosity: [_shown(resource, entry, verbosity) for entry in described]
    _refuse_doubles(resource, [item for item in items if item], given)
    return items


def _judged_within(resource, given):
    """Return what all items belong to (str), or None where that is not given or wrong."""
    name = resource.identity.within
    faults = list(value_faults([resource.managed[name]], given.options))
    given.problems += faults
    return None if faults else given.options.get(name)


def _shown(resource, entry, verbosity):
    """Return an entry as core shall see it: as C(Request.logged) has options.

    Core copies the arguments around with each result, and shows them only from C(INVOCATION_SHOWN) on: until then an outline does.
    """
    if verbosity < INVOCATION_SHOWN:
        words = (resource.identity.name, resource.identity.id) + resource.identity.id_aliases
        return {word: entry[word] for word in words if word in entry}
    shown = {name: value for name, value in entry.items() if name not in resource.ignored}
    return dict(shown, **{resource.secret: MASK}) if shown.get(resource.secret) else shown


def _judged_item(resource, spec, entry, number, within, given):
    """Return an C(Item), or None where something is wrong with it."""
    identity = resource.identity
    label = "%s[%d]" % (ITEMS, number)
    if entry == EMPTY:
        given.problems.append("%s is empty, so it means no %s" % (label, resource.noun))
        return None
    if not isinstance(entry, dict):
        given.problems.append("%s must be a dictionary" % label)
        return None
    known = entry.get(identity.name) or next((entry[word] for word in (identity.id,) + identity.id_aliases if entry.get(word)), None)
    if isinstance(known, str):
        label = "%s (%s)" % (label, known)
    problems, unknown = [], []
    options = usable_options(spec, entry, problems, unknown)
    say_unknown(unknown, problems)
    secret = options.pop(resource.secret, None)
    names = set(options).union(entry)
    if secret is not None:
        judge_secret(resource, secret, given.secrets, problems)
    if within is not None and options.setdefault(identity.within, within).lower() != within.lower():
        problems.append("%s is not the %s of the task" % (identity.within, identity.within))
    own = judge_item(resource, Given(options, names, problems, given.secrets))
    given.problems += ("%s: %s" % (label, problem) for problem in problems)
    return None if problems else Item(label, options, wish_of(resource, options, own, secret))


def _refuse_doubles(resource, items, given):
    """Two items that mean one object would undo each other."""
    identity = resource.identity
    first = {}
    for item in items:
        mark = item.options.get(identity.id, "").lower() or (item.options[identity.name], item.options.get(identity.within, "").lower())
        other = first.setdefault(mark, item)
        if other is not item:
            given.problems.append("%s and %s name the same %s" % (other.label, item.label, resource.noun))


# -- the work ---------------------------------------------------------------------------------------------------------


def perform(resource, request, check_mode, clock, user_agent, lost=None):
    """Do what a C(Request) asks of all its items, and return the result (dict).

    :arg check_mode: read and plan only (bool). C(clock): see C(_wait.Clock). C(user_agent): for the requests (str).
    :arg lost: see C(_stop.Stop).
    :raises VpnError: nothing was written, or some items failed; then with the results of all in its details.
    """
    api = connect(Api, resource, request.access, clock, user_agent)
    stop = Stop(lost)
    api.client.gate = _Pace(clock, stop)
    try:
        fleet = _Fleet(resource, request, api, clock, stop)
        fleet.plan(check_mode)
        if not check_mode:
            fleet.carry_out(request.access.request_timeout)
    except VpnError as error:
        if api.client.request_ids:
            error.details.setdefault("request_ids", list(api.client.request_ids))
        raise
    return fleet.result(check_mode)


class _Fleet:
    """All tasks of one run."""

    def __init__(self, resource, request, api, clock, stop):
        self.resource = resource
        self.stop = stop
        self.options = request.options
        self.items = request.own
        self.api = api
        self.clock = clock
        self.tasks = []
        self.failed = {}

    # -- planning ---------------------------------------------------------------------------------------------------

    def plan(self, check_mode):
        """Look all objects up with one list, plan each, and refuse everything that cannot be, all at once."""
        listed = self.listed()
        by_id = {item[self.resource.identity.id].lower(): item for item in listed}
        by_name = {}
        for item in listed:
            by_name.setdefault(item.get(self.resource.identity.name), []).append(item)
        self.tasks = [self._task(item) for item in self.items]
        problems = []
        for item, task in zip(self.items, self.tasks):
            try:
                task.take(self._found(task, by_id, by_name))
            except (ApiError, LostAnswer, Unreachable) as error:
                # Not the item's fault, and with thousands of items no reason to try the next one.
                error.message = "%s: %s" % (item.label, error.message)
                raise
            except VpnError as error:
                problems.append("%s: %s" % (item.label, error.message))
        problems += self._same_objects()
        problems += self._same_names()
        if not problems and self.options["prune"]:
            self._add_prunes(listed)
        for item, task in zip(self.items, self.tasks):
            try:
                if task.plan is not None:
                    task.refuse(check_mode)
            except InvalidInput as error:
                problems += ("%s: %s" % (item.label, violation) for violation in error.violations)
            except VpnError as error:
                problems.append("%s: %s" % (item.label, error.message))
        if problems:
            raise InvalidInput(problems)
        self._refuse_moved_plan()

    def listed(self, deadline=None):
        """Return all objects, or those of the task's gateway (list of dict)."""
        name = self.resource.identity.within
        within = self.options.get(name)
        if within is None:
            return self.api.list(deadline=deadline)
        return self._within(self.api.list([(name, self.resource.managed[name].kind.key(within))], deadline), within)

    def _within(self, listed, within):
        """Return those of some objects that belong to C(within), or all where that is None (list of dict)."""
        name = self.resource.identity.within
        field = self.resource.managed[name]
        return [item for item in listed if within is None or item.get(name) is None or same(field, within, item[name])]

    def _task(self, item):
        options = dict(item.options, wait=self.options["wait"], wait_timeout=self.options["wait_timeout"])
        return Task(self.resource, item.wish, options, self.api.twin(), self.clock, self.stop)

    def _found(self, task, by_id, by_name):
        identity = self.resource.identity
        if task.identifier:
            found = by_id.get(task.identifier.lower())
            # A list that leaves one out is no proof that there is none.
            return task.complete(found) if found else self._read(task)
        return task.choose(self._within(by_name.get(task.options[identity.name], ()), task.wish.values.get(identity.within)))

    def _read(self, task):
        """Return an object that the list left out (dict), or None: there is none, or it belongs elsewhere."""
        found = task.api.read(task.identifier)
        return next(iter(self._within([found] if found else [], self.options.get(self.resource.identity.within))), None)

    def _same_objects(self):
        """Yield a sentence for each object that several items mean, one by its id and another by its name."""
        first = {}
        for item, task in zip(self.items, self.tasks):
            if task.seen is None:
                continue
            other = first.setdefault(task.identifier, item)
            if other is not item:
                yield "%s and %s name the same %s" % (other.label, item.label, self.resource.noun)

    def _same_names(self):
        """Yield a sentence for each name that this task would give to several objects: none could be found by it afterwards."""
        identity = self.resource.identity
        first = {}
        for item, task in zip(self.items, self.tasks):
            if task.plan is None or task.plan.action == DELETE or task.wish.absent:
                continue
            final = task.plan.predicted() if task.plan.changed else task.seen
            mark = (final.get(identity.name), str(final.get(identity.within)).lower())
            other, given = first.setdefault(mark, (item, identity.name in task.plan.leaves))
            if other is not item and (given or identity.name in task.plan.leaves):
                yield "%s and %s would both be named %s" % (other.label, item.label, mark[0])

    def _add_prunes(self, listed):
        """Add a deletion for every object of the gateway that no item names."""
        identity = self.resource.identity
        named = {task.identifier for task in self.tasks}
        for found in listed:
            if found[identity.id] in named:
                continue
            item = Item("prune %s (%s)" % (found.get(identity.name), found[identity.id]), {identity.id: found[identity.id]}, Wish({}, absent=True))
            task = self._task(item)
            task.take(found)
            self.items.append(item)
            self.tasks.append(task)

    def plan_id(self):
        """Return the id of the whole plan: the halves of M(_plan.Plan.plan_id), hashed over the items in order."""
        plans = [task.reported for task in self.tasks]
        state = hashed([plan.current for plan in plans])
        secrets = [plan.secret for plan in plans if plan.secret is not None]
        return "v1.%s.%s" % (state, hashed([[plan.changes for plan in plans], stretched(secrets, state) if secrets else None]))

    def _refuse_moved_plan(self):
        expected = self.options.get("expect_plan")
        if not expected or not any(task.plan.changed for task in self.tasks):
            return
        actual = self.plan_id()
        if expected != actual:
            raise PlanMoved(
                "the plan is not the approved one: the %s moved; nothing was sent" % moved_halves(expected, actual),
                plan_id=actual, diff=self._diff(), **{ITEMS: self._results(True)})
        for task in self.tasks:
            task.approve()

    # -- writing ----------------------------------------------------------------------------------------------------

    def carry_out(self, patience):
        """Write in parallel across gateways and in turn within each; wait for all with one list a round.

        :arg patience: how many seconds to wait for requests under way where the task is ended from outside (number).
        """
        work = _Work(self, patience)
        work.run()
        self.failed = work.failed
        if self.failed:
            raise VpnError("%d of %d %ss failed: %s" % (len(self.failed), len(self.tasks), self.resource.noun, self._told()), **self.result(False))

    def _told(self):
        """Return which items failed, and why, the first ones in full (str)."""
        failed = [(item.label, self.failed[task].message) for item, task in zip(self.items, self.tasks) if task in self.failed]
        told = ["%s: %s" % pair for pair in failed[:TOLD]]
        if failed[TOLD:]:
            labels = [label for label, dummy in failed[TOLD:]]
            named = labels[:NAMED - TOLD]
            more = ["%d more" % (len(labels) - len(named))] if len(labels) > len(named) else []
            told.append("and, for reasons that the results tell, " + ", ".join(named + more))
        return "; ".join(told)

    # -- the result -------------------------------------------------------------------------------------------------

    def result(self, check_mode):
        """Return the result keys (dict)."""
        result = {
            "changed": any(task.reported.changed and (task not in self.failed or task.written) for task in self.tasks),
            ITEMS: self._results(check_mode),
            "plan_id": self.plan_id(),
            "diff": self._diff(),
            "warnings": [
                "%s: %s" % (item.label, warning) for item, task in zip(self.items, self.tasks)
                for warning in task.advice()],
        }
        if self.api.client.request_ids:
            result["request_ids"] = list(self.api.client.request_ids)
        return result

    def _results(self, check_mode):
        return [self._item_result(item, task, check_mode) for item, task in zip(self.items, self.tasks)]

    def _item_result(self, item, task, check_mode):
        identity = self.resource.identity
        known = {
            identity.name: (task.reported.found or {}).get(identity.name) or item.options.get(identity.name), identity.id: task.identifier,
            "changed": task.reported.changed,
        }
        if task in self.failed:
            error = self.failed[task]
            return dict(known, changed=task.written, error=dict(error.details, msg=error.message, **task.trace()))
        if not task.reported.changed and not self.options["return_unchanged"]:
            return known
        result = task.result(check_mode)
        del result["warnings"], result["diff"]
        return dict(known, **result)

    def _diff(self):
        return [task.diff() for task in self.tasks if task.reported.changed]


class _Work:
    """Drives the steps of many tasks: a thread pool sends, one loop reads.

    :arg patience: see C(_Fleet.carry_out).
    """

    def __init__(self, fleet, patience):
        self.fleet = fleet
        self.patience = patience
        self.clock = fleet.clock
        self.lock = threading.Lock()
        self.waiting = {}
        self.lanes = {}
        self.failed = {}
        self.running = 0
        self.pool = None
        self.ended = None
        self.looked = set()

    def run(self):
        for task in self.fleet.tasks:
            if task.plan.changed or task.awaits_departure():
                self._lane_of(task).queue.append((task, task.steps()))
        self.pool = _Pool(min(self.fleet.options["concurrency"], len(self.lanes)))
        try:
            for lane in list(self.lanes.values()):
                self._start(lane)
            self._watch()
        except BaseException:
            # A time limit, Control-C, a signal: what is under way comes to its end, and nothing more is begun.
            self._stop(self.patience)
            raise
        finally:
            self.pool.close()

    def _stop(self, patience):
        self.fleet.stop.end("the task was ended from outside", patience)

    def _lane_of(self, task):
        """Return the queue of the gateway a task belongs to: within it, one write at a time."""
        member = self.fleet.resource.identity.within
        key = (task.seen or {}).get(member) or task.wish.values.get(member)
        return self.lanes.setdefault(str(key).lower(), _Lane())

    def _start(self, lane):
        with self.lock:
            if lane.busy or not lane.queue:
                return
            lane.busy = True
            self.running += 1
        self.pool.submit(self._drive, lane)

    def _drive(self, lane):
        """Send the next step of the first task in a queue; then it is the next queue's turn."""
        with self.lock:
            if not lane.queue:
                lane.busy = False
                self.running -= 1
                return
            task, steps = lane.queue.popleft()
        try:
            self._advance(task, steps)
        except BaseException as error:
            self.ended = error
            self._stop(0)
            return
        self.pool.submit(self._drive, lane)

    def _advance(self, task, steps):
        try:
            watch = next(steps, None)
        except Exception as error:  # pylint: disable=broad-except
            self._fail(task, error)
            return
        if watch is not None:
            with self.lock:
                self.waiting[task] = (watch, steps)

    def _fail(self, task, error):
        """Note why a task ended; a bug of ours must not leave the other objects half done without a word."""
        with self.lock:
            self.waiting.pop(task, None)
            self.failed[task] = as_failure(error)

    def _watch(self):
        """Read all objects that are waited for with one list a round, until nothing is under way any more."""
        rounds = _Rounds(self.clock, MEANWHILE)
        sent = False
        while True:
            if self.ended is not None:
                raise self.ended
            with self.lock:
                waiting, running = dict(self.waiting), self.running
            if not waiting and not running:
                return
            if not running and not sent:
                rounds = _Rounds(self.clock, SOON)
            sent = not running
            if waiting and rounds.due():
                self._round(waiting)
            else:
                self.clock.sleep(TICK)

    def _round(self, waiting):
        try:
            listed = self.fleet.listed(self._first_to_end(waiting))
            seen = {item[self.fleet.resource.identity.id]: item for item in listed}
        except Exception as error:  # pylint: disable=broad-except
            self.looked.update(watch for watch, dummy in waiting.values())
            for task, (watch, dummy) in waiting.items():
                if not as_failure(error).rides_out(watch.deadline):
                    self._fail(task, error)
            return
        for task, (watch, steps) in waiting.items():
            try:
                found = self._completed(task, watch, seen.get(task.identifier))
            except Exception as error:  # pylint: disable=broad-except
                if not as_failure(error).rides_out(watch.deadline):
                    self._fail(task, error)
                continue
            try:
                content = self._judged(watch, found)
            except Exception as error:  # pylint: disable=broad-except
                self._fail(task, error)
                continue
            if content is not None:
                self._go_on(task, steps)

    def _first_to_end(self, waiting):
        """Return the deadline that a read must not outlast: the next to pass; a short one where none was looked at in time."""
        watches = [watch for watch, dummy in waiting.values()]
        due = [watch.deadline for watch in watches if watch.deadline.left() or watch in self.looked]
        shortly = Deadline(self.clock, LONGEST_ROUND)
        return min(due, key=lambda deadline: (not deadline.left(), deadline.end), default=shortly)

    @staticmethod
    def _completed(task, watch, listed):
        """Return an object of which a list shows this much (dict or None), read by itself where that is too little."""
        return task.complete(listed, watch.deadline) if listed else task.api.read(task.identifier, watch.deadline)

    def _judged(self, watch, found):
        """Return what a watch says of an object (dict) or of its absence (None)."""
        # While a long queue is sent the time may be up before the first look, and the first look may only be one to compare with.
        last = not watch.deadline.left() and watch in self.looked
        self.looked.add(watch)
        content = watch.judge(found)
        if content is None and last:
            raise watch.too_late()
        return content

    def _go_on(self, task, steps):
        """Let a task that has waited send its next step."""
        lane = self._lane_of(task)
        with self.lock:
            del self.waiting[task]
            lane.queue.append((task, steps))
        self._start(lane)


class _Pool:
    """Threads that work off what is submitted.

    Those of concurrent.futures are joined when the interpreter ends, so that a task told to end would go on waiting.
    """

    def __init__(self, size):
        self.size = size
        self.work = queue.Queue()
        for dummy in range(size):
            threading.Thread(target=self._run, daemon=True).start()

    def submit(self, function, *arguments):
        """Have a function called by one of the threads, after what was submitted before."""
        self.work.put((function, arguments))

    def close(self):
        """Let the threads end once there is nothing left to do."""
        for dummy in range(self.size):
            self.work.put(None)

    def _run(self):
        for function, arguments in iter(self.work.get, None):
            function(*arguments)


class _Rounds:
    """When to read: after a first pause, then ever more rarely."""

    def __init__(self, clock, first):
        self.clock = clock
        self.pauses = pauses(clock, first=FIRST_ROUND, longest=LONGEST_ROUND)
        self.next = clock.now() + first

    def due(self):
        """Say whether it is time; if it is, the next time will be a pause later."""
        if self.clock.now() < self.next:
            return False
        self.next = self.clock.now() + next(self.pauses)
        return True


class _Pace(WatchedGate):
    """A gate that many threads pass. Once the cloud has throttled, they pass singly, at intervals that grow while it goes on throttling.

    Otherwise they would all return at the same moment, and those that always come too late would use up their repetitions;
    for the same reason those that were throttled most often pass first.
    """

    def __init__(self, clock, stop):
        super().__init__(clock, stop)
        self.interval = 0.0
        self.next = 0.0
        # Of each thread: how often its request was throttled, and how often when it last passed; of those that wait: the first.
        self.throttled = {}
        self.passed = {}
        self.waiting = {}

    def close(self, seconds):
        """Let nobody pass for so long (number)."""
        me = threading.get_ident()
        with self.lock:
            self.throttled[me] = self.throttled.get(me, 0) + 1
            if self.opens <= self.clock.now():
                self.interval = min(max(FIRST_INTERVAL, 2 * self.interval), LONGEST_INTERVAL)
        super().close(seconds)

    def wait(self, deadline=None):
        """Return True once it is this thread's turn, or False at once when that comes after a C(Deadline) only."""
        me = threading.get_ident()
        with self.lock:
            # Kept only while one request is repeated: whoever comes without having been throttled since has got through.
            times, passed = self.throttled.get(me, 0), self.passed.get(me)
            if times == passed:
                times = self.throttled[me] = 0
            self.waiting[me] = times
        try:
            while super().wait(deadline):
                left = self._left(me, times)
                if left <= 0 or not in_time(left, deadline):
                    return left <= 0
                self.clock.sleep(left)
            return False
        finally:
            with self.lock:
                del self.waiting[me]

    def _left(self, me, times):
        """Return the seconds until this thread may ask again whether it is its turn; 0 when it is."""
        with self.lock:
            now = self.clock.now()
            left = max(self.next, self.opens) - now
            if left <= 0 and times >= max(self.waiting.values()):
                self.next = now + self.interval
                self.interval = self.interval * RECOVERY if self.interval > SHORTEST_INTERVAL else 0.0
                self.passed[me] = times
                return 0.0
        return max(left, SHORTEST_INTERVAL)


class _Lane:
    """The tasks of one gateway that have something to send."""

    def __init__(self):
        self.queue = deque()
        self.busy = False
