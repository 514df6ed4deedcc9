# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One object to its described state: the function behind the modules. Private to this collection; no stable interface.

Plain dictionary in, result dictionary or exception out. Whoever calls it decides how arguments come and results go.
"""

from __future__ import annotations

from ansible_collections.huaweicloud.vpn.plugins.module_utils._access import CONNECTION_OPTIONS
from ansible_collections.huaweicloud.vpn.plugins.module_utils._api import Api, connect
from ansible_collections.huaweicloud.vpn.plugins.module_utils._compare import presentable, same
from ansible_collections.huaweicloud.vpn.plugins.module_utils._errors import (
    Ambiguous,
    ApiError,
    InvalidInput,
    Missing,
    NotKept,
    PlanMoved,
    VpnError,
    WaitFailed,
)
from ansible_collections.huaweicloud.vpn.plugins.module_utils._front import judge_object, open_door
from ansible_collections.huaweicloud.vpn.plugins.module_utils._plan import (
    CREATE,
    DELETE,
    RESET_ALWAYS,
    RESET_IF_REQUIRED,
    RESET_NEVER,
    UPDATE,
    Wish,
    make_plan,
    merge,
    remaining,
)
from ansible_collections.huaweicloud.vpn.plugins.module_utils._wait import Deadline, pauses, poll

# How long a read after a write may still show what was before (API contract: reads lag behind writes, by how much is
# not published; the vendor's own clients wait ten seconds before they look).
STALE = 15.0


def argument_spec(resource):
    """Return the argument specification of the module that manages this resource (dict)."""
    spec = dict(CONNECTION_OPTIONS)
    spec.update(resource.options())
    spec.update(
        {
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
            "update_%s" % resource.secret: {"type": "str", "choices": ["on_create", "always"], "default": "on_create", "no_log": False},
            "purge_%s" % resource.tags: {"type": "bool", "default": False},
            "reset": {"type": "str", "choices": [RESET_NEVER, RESET_IF_REQUIRED, RESET_ALWAYS], "default": RESET_NEVER},
            "expect_plan": {"type": "str"},
            "wait": {"type": "bool", "default": True},
            "wait_timeout": {"type": "int", "default": 600},
        }
    )
    return spec


def enter(resource, arguments, environment):
    """Return the C(Request) that a task's arguments make; see C(_front.open_door)."""
    return open_door(resource, argument_spec(resource), arguments, environment, _judge)


def _judge(resource, given):
    renewal = "update_%s" % resource.secret
    if given.options.get("state") == "present" and given.options.get(renewal) == "always" and resource.secret not in given.names:
        given.problems.append("%s is always, but %s is missing" % (renewal, resource.secret))
    return judge_object(resource, given)


def perform(resource, request, check_mode, clock, user_agent):
    """Do what a C(Request) asks, and return the result (dict).

    :arg check_mode: read and plan only (bool). C(clock): see C(_wait.Clock). C(user_agent): for the requests (str).
    :raises VpnError: with a sentence and further result keys.
    """
    api = connect(Api, resource, request.access, clock, user_agent)
    task = _Task(resource, request, api, check_mode, clock)
    try:
        return task.run()
    except VpnError as error:
        error.details.update(task.trace())
        raise


class _Task:
    """The work on one object, from the first read to the result."""

    def __init__(self, resource, request, api, check_mode, clock):
        self.resource = resource
        self.options = request.options
        self.api = api
        self.check_mode = check_mode
        self.clock = clock
        self.warnings = []
        self.wish = Wish(
            request.own,
            secret=request.secret,
            absent=self.options["state"] == "absent",
            renew_secret=self.options["update_%s" % resource.secret] == "always",
            purge_tags=self.options["purge_%s" % resource.tags],
            reset=self.options["reset"],
        )
        self.identifier = self.options.get(resource.identity.id)
        self.plan = None
        self.reported = None
        self.seen = None
        self.written = False
        self.touched = None
        self.late = False
        self.reset_due = False

    # -- the order of work ------------------------------------------------------------------------------------------

    def run(self):
        self._plan(self._look())
        self._refuse()
        if not self.check_mode:
            self._carry_out()
        return self._result()

    def _carry_out(self):
        self.deadline = Deadline(self.clock, self.options["wait_timeout"])
        if self._leaving() and (self.plan.changed or self.options["wait"]):
            self._wait_until_gone()
            self._plan(None)
            self._refuse()
        if not self.plan.changed:
            return
        steps = {CREATE: self._create, UPDATE: self._update, DELETE: self._delete}
        steps[self.plan.action]()

    # -- reading and planning ---------------------------------------------------------------------------------------

    def _look(self):
        """Return the object as found (dict), or None."""
        if self.identifier:
            found = self.api.read(self.identifier)
        else:
            found = self._find()
        if found is not None:
            self.identifier = found[self.resource.identity.id]
        elif not self.wish.absent:
            self._ask_partner()
        return found

    def _find(self):
        identity = self.resource.identity
        name, within = self.options[identity.name], self.wish.values.get(identity.within)
        named = [item for item in self._listed_within(within) if item.get(identity.name) == name]
        staying = [item for item in named if self._status(item) not in self.resource.states.leaving]
        found = staying or named
        if len(found) > 1:
            raise Ambiguous(
                "%d %ss are named %s: %s; give %s" % (
                    len(found), self.resource.noun, name, ", ".join(item[identity.id] for item in found), identity.id))
        if not found:
            return None
        return self._complete(found[0])

    def _listed_within(self, within):
        """Return the objects listed, only those whose narrowing member is C(within) unless that is None (list of dict)."""
        member = self.resource.identity.within
        field = self.resource.managed[member]
        if within is None:
            return self.api.list()
        listed = self.api.list([(member, field.kind.key(within))])
        return [item for item in listed if item.get(member) is None or same(field, within, item[member])]

    def _complete(self, item):
        """Return a list's entry, read by itself where the list leaves out an object the task has wishes inside."""
        nested = {path.split(".")[0] for path in self.wish.values if "." in path}
        if self.wish.absent or all(item.get(name) for name in nested):
            return item
        return self.api.read(item[self.resource.identity.id])

    def _ask_partner(self):
        """Learn from the object that a new one belongs to whether it needs a member that it otherwise must have."""
        waiver = self.resource.creation.waiver
        partner = self.wish.values.get(waiver.partner)
        if partner and waiver.matters(self.wish.values):
            found = self.api.read_other(waiver.path, waiver.envelope, partner) or {}
            if found.get(waiver.member) == waiver.value:
                self.wish.waived = waiver.group

    def _status(self, item):
        return item.get(self.resource.states.member)

    def _leaving(self):
        return self.seen is not None and self._status(self.seen) in self.resource.states.leaving

    def _plan(self, found):
        """Plan from what was found; until something is written, this is also the plan that is reported."""
        self.seen = found
        self.plan = make_plan(self.resource, self.wish, None if self._leaving() else found)
        if not self.written:
            self.reported = self.plan

    def _refuse(self):
        """Raise what forbids the plan; warn of what makes it doubtful."""
        plan, identity = self.plan, self.resource.identity
        if plan.action == CREATE and self.options.get(identity.id):
            raise Missing("no %s has the %s %s" % (self.resource.noun, identity.id, self.options[identity.id]))
        if plan.violations:
            raise InvalidInput(plan.violations)
        status = self._status(self.seen) if self.seen is not None else None
        if status in self.resource.states.frozen and plan.changed:
            raise VpnError(
                "the %s %s is %s: the cloud takes no change until the account's arrears or restrictions are settled; nothing was sent"
                % (self.resource.noun, self.identifier, status))
        self._refuse_moved_plan()
        self._warn_of(status)

    def _refuse_moved_plan(self):
        expected = self.options.get("expect_plan")
        if not expected or not self.plan.changed or self.written:
            return
        actual = self.plan.plan_id()
        if expected == actual:
            return
        halves = [name for name, one, other in zip(("version", "found state", "intended changes"), expected.split("."), actual.split(".")) if one != other]
        raise PlanMoved(
            "the plan is not the approved one: the %s moved; nothing was sent" % " and the ".join(halves),
            plan_id=actual, changes=self.plan.changes, diff=self._diff())

    def _warn_of(self, status):
        states = self.resource.states
        if status in states.pending | states.leaving and self.check_mode:
            self.warnings.append("the %s is %s; the plan may change once that is over" % (self.resource.noun, status))
        elif status in states.pending | states.stuck | states.frozen and not self.plan.changed:
            self.warnings.append("the %s has the settings asked for, but its status is %s" % (self.resource.noun, status))

    # -- writing ----------------------------------------------------------------------------------------------------

    def _update(self):
        self._persist(lambda plan: plan.tags_set or plan.tags_removed, self._send_tags)
        self._persist(lambda plan: plan.body is not None, self._send_body)
        if self.options["wait"] or self.reported.reset:
            self._settle()
        if self.reported.reset:
            # What is owed is the reset that was reported: once the key is sent, a new plan has no reason for one any more.
            self.reset_due = True
            self._persist(lambda plan: self.reset_due, self._send_reset)
            if self.options["wait"]:
                self._settle()
            self.late = False

    def _persist(self, due, send):
        """Send what is due; where the cloud is busy or its answer was lost, look again and send what is still due."""
        doubts = 0
        waits = pauses(self.clock)
        self._wait_out_pending()
        while due(self.plan):
            try:
                return send()
            except VpnError as error:
                doubts += error.doubtful
                if not (error.busy or error.doubtful) or doubts > self.api.client.max_retries or not self.deadline.pause(next(waits)):
                    raise
                if error.doubtful:
                    self._touch()
                self._wait_out_pending(fresh=True)
                if error.doubtful and not error.again and due(self.plan):
                    raise

    def _touch(self):
        """Note that a write was, or may have been, carried out."""
        self.written = True
        self.touched = self.clock.now()

    def _settling(self):
        """Say whether a read may still show what was before the last write."""
        return self.touched is not None and self.clock.now() - self.touched < STALE

    def _wait_out_pending(self, fresh=False):
        """Wait while something is under way, then plan from what came of it."""
        states = self.resource.states
        if not fresh and (self.seen is None or self._status(self.seen) not in states.pending | states.leaving):
            return

        def look():
            found = self.api.read(self.identifier)
            if found is None:
                return (None,) if self.wish.absent or not self._settling() else None
            return None if self._status(found) in states.pending | states.leaving else (found,)

        found = (look() if fresh else None) or poll(look, self.deadline)
        if found is None:
            raise WaitFailed(
                "the %s %s was still busy after %d seconds; %s" % (
                    self.resource.noun, self.identifier, self.options["wait_timeout"],
                    "part of the change may have been sent" if self.written else "nothing was sent"))
        if found[0] is None and not self.wish.absent:
            raise Missing("the %s %s was deleted by somebody else meanwhile" % (self.resource.noun, self.identifier))
        self._plan(found[0])
        self._refuse()

    def _send_tags(self):
        kind = self.resource.managed[self.resource.tags].kind
        plan = self.plan
        found = kind.own(kind.clean(plan.found.get(self.resource.tags)))
        # Whether creating a tag overwrites one of the same key is not published, so a changed one is deleted first.
        replaced = {name: text for name, text in found.items() if name in plan.tags_set}
        gone = dict(plan.tags_removed, **replaced)
        if gone:
            self.api.act("tags_delete", self.identifier, {"tags": kind.as_list(gone)})
            self._touch()
        if plan.tags_set:
            try:
                self.api.act("tags_create", self.identifier, {"tags": kind.as_list(plan.tags_set)})
            except ApiError as error:
                if replaced and not (error.busy or error.doubtful):
                    self._restore_tags(kind.as_list(replaced))
                raise
            self._touch()

    def _restore_tags(self, tags):
        """Put back what was deleted to make room for tags that the cloud then refused; the refusal stays what is told."""
        try:
            self.api.act("tags_create", self.identifier, {"tags": tags})
        except VpnError as error:
            self.warnings.append("tags deleted to be replaced could not be put back: %s" % error.message)

    def _send_body(self):
        plan = self.plan
        try:
            answer = self.api.update(self.identifier, plan.body)
        except VpnError as error:
            self.late = self.late or error.doubtful and plan.bites_late
            raise
        self._sent(plan, answer)

    def _sent(self, plan, answer):
        """Note what a write did, and refuse an answer that shows other values than those sent."""
        self._touch()
        self.late = self.late or plan.bites_late
        if plan.secret is not None:
            self.wish.renew_secret = False
        form = self.resource.own(answer)
        kept = {path: value for path, value in remaining(self.resource, plan, answer).items() if path in form and path in plan.leaves}
        if kept:
            raise NotKept("the server accepted the change and kept %s" % _listed(kept))
        self.seen = plan.predicted()
        merge(self.seen, answer)

    def _send_reset(self):
        self.api.act("reset", self.identifier)
        self.reset_due = False
        self._touch()

    def _create(self):
        waits = pauses(self.clock)
        lost = 0
        while True:
            plan = self.plan
            try:
                answer = self.api.create(plan.body)
                self.identifier = answer[self.resource.identity.id]
                self._sent(plan, answer)
                if self.options["wait"]:
                    self._settle()
                return
            except NotKept:
                raise
            except VpnError as error:
                if error.doubtful:
                    self._touch()
                twin = self._twin(error)
                if twin is not None:
                    self._adopt(twin)
                    return
                lost += error.doubtful
                if not (error.busy or error.doubtful) or lost > 1 or not self.deadline.pause(next(waits)):
                    raise

    def _twin(self, error):
        """Return the object that a creation without a good answer made, or somebody else's that stands in its way (dict)."""
        if not (error.doubtful or error.busy or isinstance(error, ApiError) and error.status in (400, 409)):
            return None
        until = Deadline(self.clock, STALE if error.doubtful else 0)
        try:
            found = poll(lambda: self._twins() or None, until) or []
        except VpnError as second:
            raise VpnError(
                "%s; whether the %s was made could not be looked up: %s; run the task again, it looks first" % (
                    error.message, self.resource.noun, second.message), **error.details) from error
        if len(found) > 1:
            identity = self.resource.identity
            raise Ambiguous("%d %ss of this name between the same gateways exist: %s; delete one of them" % (
                len(found), self.resource.noun, ", ".join(item[identity.id] for item in found)))
        return found[0] if found else None

    def _twins(self):
        creation, identity = self.resource.creation, self.resource.identity
        wanted = dict(creation.same_defaults, **self.plan.leaves)
        return [
            item for item in self._listed_within(wanted[identity.within])
            if item.get(identity.name) == wanted[identity.name]
            and self._status(item) not in self.resource.states.leaving
            and all(self._like(item, path, wanted[path]) for path in creation.same)
        ]

    def _like(self, item, path, wanted):
        found = self.resource.own(item).get(path, self.resource.creation.same_defaults.get(path))
        return same(self.resource.managed[path], wanted, found)

    def _adopt(self, twin):
        """Go on with an object that exists although its creation was not answered, or was somebody else's."""
        self.identifier = twin[self.resource.identity.id]
        self._plan(twin)
        if self.options["wait"]:
            self._wait_out_pending(fresh=True)
        if self.plan.changed:
            self._update()

    def _delete(self):
        self._persist(lambda plan: plan.changed, self._send_deletion)
        if self.options["wait"]:
            self._wait_until_gone()
        self.seen = None

    def _send_deletion(self):
        self.api.delete(self.identifier)
        self._touch()

    # -- waiting and verifying --------------------------------------------------------------------------------------

    def _settle(self):
        """Wait until the object is at rest and shows what was asked for; keep the last answer.

        One read at rest is not enough unless the object was seen at work before: right after a write the cloud may
        still show the state from before it.
        """
        watch = _Watch(self.resource, self.reported, self.clock, "%s %s" % (self.resource.noun, self.identifier))
        found = poll(lambda: watch.judge(self.api.read(self.identifier)), Deadline(self.clock, self.options["wait_timeout"]))
        if found is None:
            raise WaitFailed(
                "the change was sent, but the %s %s did not come to rest within %d seconds; its last status was %s" % (
                    self.resource.noun, self.identifier, self.options["wait_timeout"], watch.status))
        self.seen = found

    def _wait_until_gone(self):
        states = self.resource.states
        started = self.clock.now()

        def look():
            found = self.api.read(self.identifier)
            if found is None:
                return True
            stale = self.clock.now() - started < STALE
            if not stale and self._status(found) in states.stuck | states.frozen:
                raise WaitFailed("the %s %s was to be deleted and is %s" % (self.resource.noun, self.identifier, self._status(found)))
            return None

        if poll(look, Deadline(self.clock, self.options["wait_timeout"])) is None:
            raise WaitFailed(
                "the %s %s was still there %d seconds after its deletion began" % (self.resource.noun, self.identifier, self.options["wait_timeout"]))

    # -- the result -------------------------------------------------------------------------------------------------

    def _diff(self):
        plan = self.reported
        name = (plan.found or {}).get(self.resource.identity.name) or self.options.get(self.resource.identity.name)
        header = " ".join(filter(None, (self.resource.noun, name, "(%s)" % self.identifier if self.identifier else None)))
        return {"before": plan.before, "after": plan.after, "before_header": header, "after_header": header}

    def trace(self):
        """Return the result keys that a failure carries too (dict)."""
        trace = {"request_ids": list(self.api.client.request_ids) or None}
        if self.written:
            trace.update(changed=True, changes=self.reported.changes, plan_id=self.reported.plan_id(), reset_required=self.late)
        return {name: value for name, value in trace.items() if value is not None}

    def _result(self):
        plan = self.reported
        self.warnings = list(dict.fromkeys(self.warnings + plan.warnings))
        result = {
            "changed": plan.changed,
            self.resource.name: self._object(),
            "changes": plan.changes,
            self.resource.secret_mark: plan.secret is not None,
            "reset_required": plan.reset_required,
            "plan_id": plan.plan_id(),
            "diff": self._diff(),
            "warnings": self.warnings,
        }
        if plan.body is not None:
            result["request_body"] = plan.shown_body
        if self.api.client.request_ids:
            result["request_ids"] = list(self.api.client.request_ids)
        return result

    def _object(self):
        """Return the object as the API shows it, fit to be given back as options (dict), or None."""
        answer = self.plan.predicted() if self.check_mode else self.seen
        return None if answer is None else presentable(self.resource, answer)


def _listed(values):
    return "; ".join("%s %s" % (path, "unset" if value is None else value) for path, value in values.items())


class _Watch:
    """Judges what the reads after a write show."""

    def __init__(self, resource, plan, clock, what):
        self.resource = resource
        self.plan = plan
        self.clock = clock
        self.what = what
        self.status = None
        self.worked = False
        self.previous = None
        self.since = clock.now()

    def judge(self, found):
        """Return the object once it is at rest and as planned, None while it is not.

        :raises WaitFailed: it will not come to rest. :raises NotKept: it shows other values for too long.
        """
        fresh = self.clock.now() - self.since < STALE
        if found is None:
            if fresh:
                return None
            raise Missing("the change was sent, and the %s does not exist any more" % self.what)
        self.status = found.get(self.resource.states.member)
        if self.status in self.resource.states.stuck | self.resource.states.frozen:
            raise WaitFailed("the change was sent, and the %s went to %s" % (self.what, self.status))
        if self.status is not None and self.status not in self.resource.states.settled:
            self.worked, self.since, self.previous = True, self.clock.now(), None
            return None
        lacking = remaining(self.resource, self.plan, found)
        if lacking:
            if fresh:
                return None
            raise NotKept(
                "the change was sent, but %d seconds after it the server still shows %s" % (
                    STALE, _listed(lacking)))
        if self.worked or found == self.previous:
            return found
        self.previous = found
        return None
