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

from ansible_collections.huaweicloud.vpn.plugins.module_utils._access import AUTH_OPTIONS
from ansible_collections.huaweicloud.vpn.plugins.module_utils._api import Api, make_api
from ansible_collections.huaweicloud.vpn.plugins.module_utils._http.throttle import AdaptiveThrottle
from ansible_collections.huaweicloud.vpn.plugins.module_utils._compare import same
from ansible_collections.huaweicloud.vpn.plugins.module_utils._errors import (
    MAX_NAMED,
    ApiError,
    InvalidInput,
    NoResponse,
    PlanMismatch,
    Unreachable,
    VpnError,
    as_failure,
)
from ansible_collections.huaweicloud.vpn.plugins.module_utils._validation import Draft, validate_secret, validate_task, value_errors
from ansible_collections.huaweicloud.vpn.plugins.module_utils._options import report_unknown, convert_options, without_blanks
from ansible_collections.huaweicloud.vpn.plugins.module_utils._plan import DELETE, MASK, Desired, sha256_of, describe_mismatch, derive_key
from ansible_collections.huaweicloud.vpn.plugins.module_utils._single import item_spec, validate_item, work_spec
from ansible_collections.huaweicloud.vpn.plugins.module_utils._stop import Stop
from ansible_collections.huaweicloud.vpn.plugins.module_utils._reconcile import Reconciler, desired_from
from ansible_collections.huaweicloud.vpn.plugins.module_utils._clock import Deadline, pauses

# Seconds. A round right after the last write sees what is at work, for which one later read at rest is then enough; further
# rounds come ever more rarely. While writes are still being sent, rounds are for objects that need a further step.
FIRST_POLL = 0.1
FIRST_POLL_PAUSE = 0.15
LONGEST_POLL_PAUSE = 6.0
POLL_WHILE_WRITING = 1.0
LOOP_PAUSE = 0.05
ITEMS_OPTION = "connections"
EMPTY_ITEM = "<empty>"
# The verbosity (number of v's) from which on core shows the arguments of a task.
INVOCATION_SHOWN = 3
# How many failures are told in full in the message.
MAX_FAILURES_SHOWN = 10


def argument_spec(resource):
    """Return the argument specification of the module that manages many objects of this kind (dict)."""
    parent = resource.managed[resource.identity.parent]
    spec = dict(AUTH_OPTIONS, **work_spec())
    spec[ITEMS_OPTION] = {"type": "list", "elements": "dict", "required": True, "options": item_spec(resource)}
    spec[resource.identity.parent] = parent.option()
    spec["prune"] = {"type": "bool", "default": False}
    spec["concurrency"] = {"type": "int", "default": 8}
    spec["return_unchanged"] = {"type": "bool", "default": False}
    return spec


# -- the front door ---------------------------------------------------------------------------------------------------


class Item:
    """What a task asks of one of its objects: C(label) for sentences, C(options), and a C(Desired)."""

    def __init__(self, label, options, desired):
        self.label = label
        self.options = options
        self.desired = desired


def enter(resource, arguments, environment):
    """Return the C(TaskInput) that a task's arguments make; its C(desired) is a list of C(Item)s. See C(_validation.validate_task)."""
    spec = argument_spec(resource)
    # The items are judged one by one below, so that a sentence can say which one it is about.
    spec[ITEMS_OPTION] = {"type": "list", "elements": "raw", "required": True}
    given = dict(arguments)
    if isinstance(given.get(ITEMS_OPTION), list):
        # The door drops blanks. Of an entry it must not: the others would be counted wrong, and prune would delete what it was to name.
        given[ITEMS_OPTION] = [EMPTY_ITEM if without_blanks(entry, keep=(resource.tags,)) is None else entry for entry in given[ITEMS_OPTION]]
    return validate_task(resource, spec, given, environment, _validate)


def _validate(resource, given):
    parent = _validated_parent(resource, given)
    if given.options.get("prune") and resource.identity.parent not in given.names:
        given.problems.append("prune needs %s: it deletes what that one does not name" % resource.identity.parent)
    if isinstance(given.options.get("concurrency"), int) and not 1 <= given.options["concurrency"] <= 64:
        given.problems.append("concurrency must be between 1 and 64, not %d" % given.options["concurrency"])
    spec = item_spec(resource)
    entries = given.options.pop(ITEMS_OPTION, ())
    items = [_validated_item(resource, spec, entry, number, parent, given) for number, entry in enumerate(entries)]
    described = [entry for entry in entries if isinstance(entry, dict)]
    given.shown[ITEMS_OPTION] = lambda verbosity: [_shown(resource, entry, verbosity) for entry in described]
    _refuse_duplicates(resource, [item for item in items if item], given)
    return items


def _validated_parent(resource, given):
    """Return what all items belong to (str), or None where that is not given or wrong."""
    name = resource.identity.parent
    errors = list(value_errors([resource.managed[name]], given.options))
    given.problems += errors
    return None if errors else given.options.get(name)


def _shown(resource, entry, verbosity):
    """Return an entry as core shall see it: as C(TaskInput.logged) has options.

    Core copies the arguments around with each result, and shows them only from C(INVOCATION_SHOWN) on: until then an outline does.
    """
    if verbosity < INVOCATION_SHOWN:
        words = (resource.identity.name, resource.identity.id) + resource.identity.id_aliases
        return {word: entry[word] for word in words if word in entry}
    shown = {name: value for name, value in entry.items() if name not in resource.ignored}
    return dict(shown, **{resource.secret: MASK}) if shown.get(resource.secret) else shown


def _validated_item(resource, spec, entry, number, parent, given):
    """Return an C(Item), or None where something is wrong with it."""
    identity = resource.identity
    label = "%s[%d]" % (ITEMS_OPTION, number)
    if entry == EMPTY_ITEM:
        given.problems.append("%s is empty, so it means no %s" % (label, resource.noun))
        return None
    if not isinstance(entry, dict):
        given.problems.append("%s must be a dictionary" % label)
        return None
    known = entry.get(identity.name) or next((entry[word] for word in (identity.id,) + identity.id_aliases if entry.get(word)), None)
    if isinstance(known, str):
        label = "%s (%s)" % (label, known)
    problems, unknown = [], []
    options = convert_options(spec, entry, problems, unknown)
    report_unknown(unknown, problems)
    secret = options.pop(resource.secret, None)
    names = set(options).union(entry)
    if secret is not None:
        validate_secret(resource, secret, given.secrets, problems)
    if parent is not None and options.setdefault(identity.parent, parent).lower() != parent.lower():
        problems.append("%s is not the %s of the task" % (identity.parent, identity.parent))
    desired = validate_item(resource, Draft(options, names, problems, given.secrets))
    given.problems += ("%s: %s" % (label, problem) for problem in problems)
    return None if problems else Item(label, options, desired_from(resource, options, desired, secret))


def _refuse_duplicates(resource, items, given):
    """Two items that mean one object would undo each other."""
    identity = resource.identity
    first = {}
    for item in items:
        mark = item.options.get(identity.id, "").lower() or (item.options[identity.name], item.options.get(identity.parent, "").lower())
        other = first.setdefault(mark, item)
        if other is not item:
            given.problems.append("%s and %s name the same %s" % (other.label, item.label, resource.noun))


# -- the work ---------------------------------------------------------------------------------------------------------


def perform(resource, task_input, check_mode, clock, user_agent, lost=None):
    """Do what a C(TaskInput) asks of all its items, and return the result (dict).

    :arg check_mode: read and plan only (bool). C(clock): see C(_clock.Clock). C(user_agent): for the requests (str).
    :arg lost: see C(_stop.Stop).
    :raises VpnError: nothing was written, or some items failed; then with the results of all in its details.
    """
    api = make_api(Api, resource, task_input.access, clock, user_agent)
    stop = Stop(lost)
    api.client.throttle = AdaptiveThrottle(clock, stop.check)
    try:
        bulk = _BulkReconciler(resource, task_input, api, clock, stop)
        bulk.plan(check_mode)
        if not check_mode:
            bulk.carry_out(task_input.access.request_timeout)
    except VpnError as error:
        if api.client.request_ids:
            error.details.setdefault("request_ids", list(api.client.request_ids))
        raise
    return bulk.result(check_mode)


class _BulkReconciler:
    """All tasks of one run."""

    def __init__(self, resource, task_input, api, clock, stop):
        self.resource = resource
        self.stop = stop
        self.options = task_input.options
        self.items = task_input.desired
        self.api = api
        self.clock = clock
        self.reconcilers = []
        self.failed = {}

    # -- planning ---------------------------------------------------------------------------------------------------

    def plan(self, check_mode):
        """Look all objects up with one list, plan each, and refuse everything that cannot be, all at once."""
        listed = self.listed()
        by_id = {item[self.resource.identity.id].lower(): item for item in listed}
        by_name = {}
        for item in listed:
            by_name.setdefault(item.get(self.resource.identity.name), []).append(item)
        self.reconcilers = [self._reconciler(item) for item in self.items]
        problems = []
        for item, reconciler in zip(self.items, self.reconcilers):
            try:
                reconciler.accept(self._found(reconciler, by_id, by_name))
            except (ApiError, NoResponse, Unreachable) as error:
                # Not the item's fault, and with thousands of items no reason to try the next one.
                error.message = "%s: %s" % (item.label, error.message)
                raise
            except VpnError as error:
                problems.append("%s: %s" % (item.label, error.message))
        problems += self._same_objects()
        problems += self._same_names()
        if not problems and self.options["prune"]:
            self._add_prunes(listed)
        for item, reconciler in zip(self.items, self.reconcilers):
            try:
                if reconciler.plan is not None:
                    reconciler.refuse(check_mode)
            except InvalidInput as error:
                problems += ("%s: %s" % (item.label, violation) for violation in error.violations)
            except VpnError as error:
                problems.append("%s: %s" % (item.label, error.message))
        if problems:
            raise InvalidInput(problems)
        self._refuse_changed_plan()

    def listed(self, deadline=None):
        """Return all objects, or those of the task's gateway (list of dict)."""
        name = self.resource.identity.parent
        parent = self.options.get(name)
        if parent is None:
            return self.api.list(deadline=deadline)
        return self._in_parent(self.api.list([(name, self.resource.managed[name].kind.compare_key(parent))], deadline), parent)

    def _in_parent(self, listed, parent):
        """Return those of some objects that belong to C(parent), or all where that is None (list of dict)."""
        name = self.resource.identity.parent
        field = self.resource.managed[name]
        return [item for item in listed if parent is None or item.get(name) is None or same(field, parent, item[name])]

    def _reconciler(self, item):
        options = dict(item.options, wait=self.options["wait"], wait_timeout=self.options["wait_timeout"])
        return Reconciler(self.resource, item.desired, options, self.api.clone(), self.clock, self.stop)

    def _found(self, reconciler, by_id, by_name):
        identity = self.resource.identity
        if reconciler.identifier:
            found = by_id.get(reconciler.identifier.lower())
            # A list that leaves one out is no proof that there is none.
            return reconciler.with_nested(found) if found else self._read(reconciler)
        return reconciler.match_by_name(self._in_parent(by_name.get(reconciler.options[identity.name], ()), reconciler.desired.values.get(identity.parent)))

    def _read(self, reconciler):
        """Return an object that the list left out (dict), or None: there is none, or it belongs elsewhere."""
        found = reconciler.api.read(reconciler.identifier)
        return next(iter(self._in_parent([found] if found else [], self.options.get(self.resource.identity.parent))), None)

    def _same_objects(self):
        """Yield a sentence for each object that several items mean, one by its id and another by its name."""
        first = {}
        for item, reconciler in zip(self.items, self.reconcilers):
            if reconciler.last_read is None:
                continue
            other = first.setdefault(reconciler.identifier, item)
            if other is not item:
                yield "%s and %s name the same %s" % (other.label, item.label, self.resource.noun)

    def _same_names(self):
        """Yield a sentence for each name that this task would give to several objects: none could be found by it afterwards."""
        identity = self.resource.identity
        first = {}
        for item, reconciler in zip(self.items, self.reconcilers):
            if reconciler.plan is None or reconciler.plan.action == DELETE or reconciler.desired.absent:
                continue
            final = reconciler.plan.predicted() if reconciler.plan.changed else reconciler.last_read
            mark = (final.get(identity.name), str(final.get(identity.parent)).lower())
            other, given = first.setdefault(mark, (item, identity.name in reconciler.plan.leaves))
            if other is not item and (given or identity.name in reconciler.plan.leaves):
                yield "%s and %s would both be named %s" % (other.label, item.label, mark[0])

    def _add_prunes(self, listed):
        """Add a deletion for every object of the gateway that no item names."""
        identity = self.resource.identity
        named = {reconciler.identifier for reconciler in self.reconcilers}
        for found in listed:
            if found[identity.id] in named:
                continue
            item = Item("prune %s (%s)" % (found.get(identity.name), found[identity.id]), {identity.id: found[identity.id]}, Desired({}, absent=True))
            reconciler = self._reconciler(item)
            reconciler.accept(found)
            self.items.append(item)
            self.reconcilers.append(reconciler)

    def plan_id(self):
        """Return the id of the whole plan: the halves of M(_plan.Plan.plan_id), hashed over the items in order."""
        plans = [reconciler.initial_plan for reconciler in self.reconcilers]
        state = sha256_of([plan.current for plan in plans])
        secrets = [plan.secret for plan in plans if plan.secret is not None]
        return "v1.%s.%s" % (state, sha256_of([[plan.changes for plan in plans], derive_key(secrets, state) if secrets else None]))

    def _refuse_changed_plan(self):
        expected = self.options.get("expect_plan")
        if not expected or not any(reconciler.plan.changed for reconciler in self.reconcilers):
            return
        actual = self.plan_id()
        if expected != actual:
            raise PlanMismatch(
                "the plan is not the approved one: the %s moved; nothing was sent" % describe_mismatch(expected, actual),
                plan_id=actual, diff=self._diff(), **{ITEMS_OPTION: self._results(True)})
        for reconciler in self.reconcilers:
            reconciler.approve()

    # -- writing ----------------------------------------------------------------------------------------------------

    def carry_out(self, patience):
        """Write in parallel across gateways and in turn within each; wait for all with one list a round.

        :arg patience: how many seconds to wait for requests under way where the task is ended from outside (number).
        """
        work = _Scheduler(self, patience)
        work.run()
        self.failed = work.failed
        if self.failed:
            raise VpnError("%d of %d %ss failed: %s" % (len(self.failed), len(self.reconcilers), self.resource.noun, self._failure_summary()), **self.result(False))

    def _failure_summary(self):
        """Return which items failed, and why, the first ones in full (str)."""
        failed = [(item.label, self.failed[reconciler].message) for item, reconciler in zip(self.items, self.reconcilers) if reconciler in self.failed]
        told = ["%s: %s" % pair for pair in failed[:MAX_FAILURES_SHOWN]]
        if failed[MAX_FAILURES_SHOWN:]:
            labels = [label for label, dummy in failed[MAX_FAILURES_SHOWN:]]
            named = labels[:MAX_NAMED - MAX_FAILURES_SHOWN]
            more = ["%d more" % (len(labels) - len(named))] if len(labels) > len(named) else []
            told.append("and, for reasons that the results tell, " + ", ".join(named + more))
        return "; ".join(told)

    # -- the result -------------------------------------------------------------------------------------------------

    def result(self, check_mode):
        """Return the result keys (dict)."""
        result = {
            "changed": any(reconciler.initial_plan.changed and (reconciler not in self.failed or reconciler.written) for reconciler in self.reconcilers),
            ITEMS_OPTION: self._results(check_mode),
            "plan_id": self.plan_id(),
            "diff": self._diff(),
            "warnings": [
                "%s: %s" % (item.label, warning) for item, reconciler in zip(self.items, self.reconcilers)
                for warning in reconciler.all_warnings()],
        }
        if self.api.client.request_ids:
            result["request_ids"] = list(self.api.client.request_ids)
        return result

    def _results(self, check_mode):
        return [self._item_result(item, reconciler, check_mode) for item, reconciler in zip(self.items, self.reconcilers)]

    def _item_result(self, item, reconciler, check_mode):
        identity = self.resource.identity
        known = {
            identity.name: (reconciler.initial_plan.found or {}).get(identity.name) or item.options.get(identity.name), identity.id: reconciler.identifier,
            "changed": reconciler.initial_plan.changed,
        }
        if reconciler in self.failed:
            error = self.failed[reconciler]
            return dict(known, changed=reconciler.written, error=dict(error.details, msg=error.message, **reconciler.failure_details()))
        if not reconciler.initial_plan.changed and not self.options["return_unchanged"]:
            return known
        result = reconciler.result(check_mode)
        del result["warnings"], result["diff"]
        return dict(known, **result)

    def _diff(self):
        return [reconciler.diff() for reconciler in self.reconcilers if reconciler.initial_plan.changed]


class _Scheduler:
    """Drives the steps of many tasks: a thread pool sends, one loop reads.

    :arg patience: see C(_BulkReconciler.carry_out).
    """

    def __init__(self, bulk, patience):
        self.bulk = bulk
        self.patience = patience
        self.clock = bulk.clock
        self.lock = threading.Lock()
        self.waiting = {}
        self.queues = {}
        self.failed = {}
        self.running = 0
        self.pool = None
        self.ended = None
        self.looked = set()

    def run(self):
        for reconciler in self.bulk.reconcilers:
            if reconciler.plan.changed or reconciler.waits_for_deletion():
                self._queue_of(reconciler).queue.append((reconciler, reconciler.steps()))
        self.pool = _Pool(min(self.bulk.options["concurrency"], len(self.queues)))
        try:
            for queue in list(self.queues.values()):
                self._start(queue)
            self._watch()
        except BaseException:
            # A time limit, Control-C, a signal: what is under way comes to its end, and nothing more is begun.
            self._stop(self.patience)
            raise
        finally:
            self.pool.close()

    def _stop(self, patience):
        self.bulk.stop.end("the task was ended from outside", patience)

    def _queue_of(self, reconciler):
        """Return the queue of the gateway a task belongs to: within it, one write at a time."""
        member = self.bulk.resource.identity.parent
        key = (reconciler.last_read or {}).get(member) or reconciler.desired.values.get(member)
        return self.queues.setdefault(str(key).lower(), _Queue())

    def _start(self, queue):
        with self.lock:
            if queue.busy or not queue.queue:
                return
            queue.busy = True
            self.running += 1
        self.pool.submit(self._run_next, queue)

    def _run_next(self, queue):
        """Send the next step of the first task in a queue; then it is the next queue's turn."""
        with self.lock:
            if not queue.queue:
                queue.busy = False
                self.running -= 1
                return
            reconciler, steps = queue.queue.popleft()
        try:
            self._advance(reconciler, steps)
        except BaseException as error:
            self.ended = error
            self._stop(0)
            return
        self.pool.submit(self._run_next, queue)

    def _advance(self, reconciler, steps):
        try:
            waiter = next(steps, None)
        except Exception as error:  # pylint: disable=broad-except
            self._fail(reconciler, error)
            return
        if waiter is not None:
            with self.lock:
                self.waiting[reconciler] = (waiter, steps)

    def _fail(self, reconciler, error):
        """Note why a task ended; a bug of ours must not leave the other objects half done without a word."""
        with self.lock:
            self.waiting.pop(reconciler, None)
            self.failed[reconciler] = as_failure(error)

    def _watch(self):
        """Read all objects that are waited for with one list a round, until nothing is under way any more."""
        rounds = _PollSchedule(self.clock, POLL_WHILE_WRITING)
        sent = False
        while True:
            if self.ended is not None:
                raise self.ended
            with self.lock:
                waiting, running = dict(self.waiting), self.running
            if not waiting and not running:
                return
            if not running and not sent:
                rounds = _PollSchedule(self.clock, FIRST_POLL)
            sent = not running
            if waiting and rounds.due():
                self._round(waiting)
            else:
                self.clock.sleep(LOOP_PAUSE)

    def _round(self, waiting):
        try:
            listed = self.bulk.listed(self._first_to_end(waiting))
            last_read = {item[self.bulk.resource.identity.id]: item for item in listed}
        except Exception as error:  # pylint: disable=broad-except
            self.looked.update(waiter for waiter, dummy in waiting.values())
            for reconciler, (waiter, dummy) in waiting.items():
                if not as_failure(error).may_retry_read(waiter.deadline):
                    self._fail(reconciler, error)
            return
        for reconciler, (waiter, steps) in waiting.items():
            try:
                found = self._completed(reconciler, waiter, last_read.get(reconciler.identifier))
            except Exception as error:  # pylint: disable=broad-except
                if not as_failure(error).may_retry_read(waiter.deadline):
                    self._fail(reconciler, error)
                continue
            try:
                content = self._checked_read(waiter, found)
            except Exception as error:  # pylint: disable=broad-except
                self._fail(reconciler, error)
                continue
            if content is not None:
                self._requeue(reconciler, steps)

    def _first_to_end(self, waiting):
        """Return the deadline that a read must not outlast: the next to pass; a short one where none was looked at in time."""
        watches = [waiter for waiter, dummy in waiting.values()]
        due = [waiter.deadline for waiter in watches if waiter.deadline.left() or waiter in self.looked]
        shortly = Deadline(self.clock, LONGEST_POLL_PAUSE)
        return min(due, key=lambda deadline: (not deadline.left(), deadline.end), default=shortly)

    @staticmethod
    def _completed(reconciler, waiter, listed):
        """Return an object of which a list shows this much (dict or None), read by itself where that is too little."""
        return reconciler.with_nested(listed, waiter.deadline) if listed else reconciler.api.read(reconciler.identifier, waiter.deadline)

    def _checked_read(self, waiter, found):
        """Return what a watch says of an object (dict) or of its absence (None)."""
        # While a long queue is sent the time may be up before the first look, and the first look may only be one to compare with.
        last = not waiter.deadline.left() and waiter in self.looked
        self.looked.add(waiter)
        content = waiter.check(found)
        if content is None and last:
            raise waiter.timeout_error()
        return content

    def _requeue(self, reconciler, steps):
        """Let a task that has waited send its next step."""
        queue = self._queue_of(reconciler)
        with self.lock:
            del self.waiting[reconciler]
            queue.queue.append((reconciler, steps))
        self._start(queue)


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


class _PollSchedule:
    """When to read: after a first pause, then ever more rarely."""

    def __init__(self, clock, first):
        self.clock = clock
        self.pauses = pauses(clock, first=FIRST_POLL_PAUSE, longest=LONGEST_POLL_PAUSE)
        self.next = clock.now() + first

    def due(self):
        """Say whether it is time; if it is, the next time will be a pause later."""
        if self.clock.now() < self.next:
            return False
        self.next = self.clock.now() + next(self.pauses)
        return True


class _Queue:
    """The tasks of one gateway that have something to send."""

    def __init__(self):
        self.queue = deque()
        self.busy = False
