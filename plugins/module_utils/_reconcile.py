# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The work on one object, from the first read to the result. Private to this collection; no stable interface.

How an object is looked up, what forbids a change, in which order changes are sent, what is done when the cloud is busy or
does not answer, and when the work is done: once, for one object and for many.
"""

from __future__ import annotations

from ansible_collections.huaweicloud.vpn.plugins.module_utils._approval import BODY, TAGS, Approval
from ansible_collections.huaweicloud.vpn.plugins.module_utils._compare import presentable, same
from ansible_collections.huaweicloud.vpn.plugins.module_utils._errors import (
    Ambiguous,
    ApiError,
    InvalidInput,
    NotFound,
    ChangeNotApplied,
    PlanMismatch,
    VpnError,
    WaitFailed,
)
from ansible_collections.huaweicloud.vpn.plugins.module_utils._plan import (
    CREATE,
    DELETE,
    NOTHING,
    UPDATE,
    Desired,
    make_plan,
    merge,
    describe_mismatch,
    remaining,
)
from ansible_collections.huaweicloud.vpn.plugins.module_utils._stop import Stop
from ansible_collections.huaweicloud.vpn.plugins.module_utils._clock import Deadline, pauses, poll

# How long a read after a write may still show what was before (API contract: reads lag behind writes, by how much is
# not published; the vendor's own clients wait ten seconds before they look).
STALE_READ_SECONDS = 15.0


def desired_from(resource, options, own, secret):
    """Return the C(Desired) that validated options make.

    :arg own: the object's members in normal form. C(secret): the object's secret, or None.
    """
    return Desired(
        own,
        secret=secret,
        absent=options["state"] == "absent",
        update_secret=options["update_%s" % resource.secret] == "always",
        purge_tags=options["purge_%s" % resource.tags],
        reset=options["reset"],
    )


class Reconciler:
    """The work on one object.

    :arg wish: a C(Desired). C(options): validated options, of which the identity, C(wait) and C(wait_timeout) count.
    :arg api: an C(Api). C(clock): see C(_clock.Clock). C(stop): a C(Stop), asked before each write.
    :ivar reported: the C(Plan) that the result tells of. C(last_read): the object as last seen (dict), or None.
    :ivar approval: the C(Approval) that limits what may be sent, or None.
    """

    def __init__(self, resource, desired, options, api, clock, stop=None):
        self.resource = resource
        self.desired = desired
        self.options = options
        self.api = api
        self.clock = clock
        self.stop = stop or Stop()
        self.approval = None
        self.warnings = []
        self.identifier = options.get(resource.identity.id)
        self.plan = None
        self.initial_plan = None
        self.last_read = None
        self.deadline = None
        self.written = False
        self.last_write = None
        self.needs_reset = False
        self.reset_due = False

    @property
    def what(self):
        """Return the object's kind and id, for a sentence (str)."""
        return "%s %s" % (self.resource.noun, self.identifier)

    # -- the order of work ------------------------------------------------------------------------------------------

    def apply(self):
        """Send everything the plan holds, and wait for it."""
        for waiter in self.steps():
            self._await(waiter)

    def _await(self, waiter, at_once=False):
        """Read until a watch is content; the first read follows a pause unless C(at_once).

        Reads may fail while there is time.
        """
        def load():
            try:
                found = self.api.read(self.identifier, waiter.deadline)
            except VpnError as error:
                if not error.may_retry_read(waiter.deadline):
                    raise
                return None
            return waiter.check(found)

        if not (at_once and load()) and poll(load, waiter.deadline) is None:
            raise waiter.timeout_error()

    def steps(self):
        """Send what the plan holds, write by write; yield, after each that has to be waited for, a watch to judge reads by.

        Whoever iterates goes on only when the watch is content; it then has the object as last seen.
        """
        self.deadline = Deadline(self.clock, self.options["wait_timeout"])
        if self.waits_for_deletion():
            yield UntilGone(self)
            self.replan(None)
            self.refuse()
        elif self.plan.changed and self.is_busy():
            yield UntilIdle(self)
        steps = {NOTHING: self._do_nothing, CREATE: self._create, UPDATE: self._update, DELETE: self._delete}
        yield from steps[self.plan.action]()

    def _do_nothing(self):
        return ()

    # -- reading and planning ---------------------------------------------------------------------------------------

    def load(self):
        """Look the object up in the cloud, and plan."""
        if self.identifier:
            self.accept(self.api.read(self.identifier))
        else:
            parent = self.desired.values.get(self.resource.identity.parent)
            self.accept(self.match_by_name(self._list_in_parent(parent)))

    def accept(self, found):
        """Plan from what was found (dict), or from None."""
        self.last_read = found
        if found is not None:
            self.identifier = found[self.resource.identity.id]
        if not self.desired.absent and (found is None or self._is_being_deleted()):
            self._read_parent()
        self.replan(found)

    def match_by_name(self, listed):
        """Return the one object of a list that the name means (dict), or None; C(listed) is narrowed already.

        :raises Ambiguous: several bear the name.
        """
        identity = self.resource.identity
        name = self.options[identity.name]
        named = [item for item in listed if item.get(identity.name) == name]
        staying = [item for item in named if self._status(item) not in self.resource.states.deleting]
        found = staying or named
        if len(found) > 1:
            raise Ambiguous(
                "%d %ss are named %s: " % (len(found), self.resource.noun, name),
                [item[identity.id] for item in found], "; give %s" % identity.id)
        if not found:
            return None
        return self.with_nested(found[0])

    def _list_in_parent(self, parent):
        """Return the objects listed, only those whose narrowing member is C(parent) unless that is None (list of dict)."""
        member = self.resource.identity.parent
        field = self.resource.managed[member]
        if parent is None:
            return self.api.list()
        listed = self.api.list([(member, field.kind.compare_key(parent))])
        return [item for item in listed if item.get(member) is None or same(field, parent, item[member])]

    def with_nested(self, item, deadline=None):
        """Return a list's entry, read by itself where the list leaves out an object the task has wishes inside."""
        nested = {path.split(".")[0] for path in self.desired.values if "." in path}
        if self.desired.absent or all(item.get(name) for name in nested):
            return item
        return self.api.read(item[self.resource.identity.id], deadline)

    def _read_parent(self):
        """Learn from the object that a new one belongs to whether it needs a member that it otherwise must have."""
        waiver = self.resource.creation.waiver
        partner = self.desired.values.get(waiver.partner)
        if partner and waiver.matters(self.desired.values):
            found = self.api.read_other_cached(waiver.path, waiver.envelope, partner) or {}
            if found.get(waiver.member) == waiver.value:
                self.desired.waived = waiver.group

    def _status(self, item):
        return item.get(self.resource.states.member)

    def waits_for_deletion(self):
        """Say whether the object is being deleted already, and that has to be waited for."""
        return self._is_being_deleted() and (self.plan.changed or self.options["wait"])

    def is_busy(self):
        """Say whether something is under way on the object, which has to be over before a write."""
        return self.last_read is not None and self._status(self.last_read) in self.resource.states.busy

    def _is_being_deleted(self):
        return self.last_read is not None and self._status(self.last_read) in self.resource.states.deleting

    def replan(self, found):
        """Plan from what was found; until something is written, this is also the plan that is reported."""
        self.last_read = found
        self.plan = make_plan(self.resource, self.desired, None if self._is_being_deleted() else found)
        if not self.written:
            self.initial_plan = self.plan

    def refuse(self, check_mode=False):
        """Raise what forbids the plan; warn of what makes it doubtful."""
        plan, identity = self.plan, self.resource.identity
        if plan.action == CREATE and self.options.get(identity.id):
            raise NotFound("no %s has the %s %s" % (self.resource.noun, identity.id, self.options[identity.id]))
        if plan.violations:
            raise InvalidInput(plan.violations)
        status = self._status(self.last_read) if self.last_read is not None else None
        if status in self.resource.states.frozen and plan.changed:
            raise VpnError(
                "the %s is %s: the cloud takes no change until the account's arrears or restrictions are settled; nothing was sent"
                % (self.what, status))
        self._refuse_unapproved()
        self._warn_of(status, check_mode)

    def approve(self, expected=None):
        """Hold the task to the plan as it stands: nothing is sent from here on but what that holds.

        :arg expected: the id that the plan must have if anything is to be sent, or None where that is known already.
        """
        if expected is not None and self.plan.changed and expected != self.plan.plan_id():
            raise self._mismatch(describe_mismatch(expected, self.plan.plan_id()))
        self.approval = Approval(self.plan)

    def _refuse_unapproved(self):
        """Refuse a plan made anew on the way that is no part of the approved one."""
        owes = self.plan.changed or self.reset_due
        if self.approval is not None and owes and not self.approval.covers(self.plan.found):
            same_changes = self.plan.changes == self.approval.plan.changes
            raise self._mismatch("found state" if same_changes else "found state and the intended changes")

    def _mismatch(self, halves):
        sent = "what was sent before stays, and the rest was not sent" if self.written else "nothing was sent"
        return PlanMismatch(
            "the plan is not the approved one: the %s moved; %s" % (halves, sent),
            plan_id=self.plan.plan_id(), changes=self.plan.changes, diff=self.diff())

    def _warn_of(self, status, check_mode):
        states = self.resource.states
        if status in states.busy and check_mode:
            self.warnings.append("the %s is %s; the plan may change once that is over" % (self.resource.noun, status))
        elif status in states.pending | states.failed | states.frozen and not self.plan.changed:
            self.warnings.append("the %s has the settings asked for, but its status is %s" % (self.resource.noun, status))

    # -- writing ----------------------------------------------------------------------------------------------------

    def _update(self):
        self._persist(lambda plan: plan.tags_set or plan.tags_removed, self._send_tags)
        self._persist(lambda plan: plan.body is not None, self._send_body)
        if self.written and (self.options["wait"] or self.initial_plan.reset):
            yield UntilStable(self)
        if self.initial_plan.reset:
            # What is owed is the reset that was reported: once the key is sent, a new plan has no reason for one any more.
            self.reset_due = True
            self._persist(lambda plan: self.reset_due, self._send_reset)
            if self.options["wait"]:
                yield UntilStable(self)
            self.needs_reset = False

    def _persist(self, due, send):
        """Send what is due; where the cloud is busy or its answer was lost, look again and send what is still due."""
        doubts = 0
        waits = pauses(self.clock)
        while due(self.plan):
            try:
                return send()
            except VpnError as error:
                doubts += error.effect_unknown
                if not (error.busy or error.effect_unknown) or doubts > self.api.client.max_retries or not self.deadline.pause(next(waits)):
                    raise
                self._await(UntilIdle(self), at_once=True)
                if error.effect_unknown and not error.may_repeat_after_reading and due(self.plan):
                    raise

    def _write(self, part, send, *arguments):
        """Send a write and return its answer; note that it was, or may have been, carried out.

        :arg part: what of the plan it carries: BODY, TAGS or None.
        """
        try:
            with self.stop.begun():
                answer = send(*arguments)
        except VpnError as error:
            if error.effect_unknown:
                self._note_write(part)
            raise
        except BaseException:
            self._note_write(part)
            raise
        self._note_write(part)
        return answer

    def _note_write(self, part):
        self.written = True
        self.last_write = self.clock.now()
        if part == BODY:
            self.needs_reset = self.needs_reset or self.plan.needs_reset
        if self.approval is not None:
            self.approval.sent.add(part)

    def may_be_stale(self):
        """Say whether a read may still show what was before the last write."""
        return self.last_write is not None and self.clock.now() - self.last_write < STALE_READ_SECONDS

    def _send_tags(self):
        kind = self.resource.managed[self.resource.tags].kind
        plan = self.plan
        found = kind.without_system(kind.normalize(plan.found.get(self.resource.tags)))
        # Whether creating a tag overwrites one of the same key is not published, so a changed one is deleted first.
        replaced = {name: text for name, text in found.items() if name in plan.tags_set}
        gone = dict(plan.tags_removed, **replaced)
        if gone:
            self._write(TAGS, self.api.act, "tags_delete", self.identifier, {"tags": kind.as_list(gone)})
        if plan.tags_set:
            try:
                self._write(TAGS, self.api.act, "tags_create", self.identifier, {"tags": kind.as_list(plan.tags_set)})
            except ApiError as error:
                if replaced and not (error.busy or error.effect_unknown):
                    self._restore_tags(kind.as_list(replaced))
                raise
        self.last_read = plan.predicted()

    def _restore_tags(self, tags):
        """Put back what was deleted to make room for tags that the cloud then refused; the refusal stays what is told."""
        try:
            self._write(TAGS, self.api.act, "tags_create", self.identifier, {"tags": tags})
        except VpnError as error:
            self.warnings.append("tags deleted to be replaced could not be put back: %s" % error.message)

    def _send_body(self):
        plan = self.plan
        self._sent(plan, self._write(BODY, self.api.update, self.identifier, plan.body))

    def _sent(self, plan, answer):
        """Note what a write did, and refuse an answer that shows other values than those sent."""
        if plan.secret is not None:
            self.desired.update_secret = False
        form = self.resource.normalize(answer)
        kept = {path: value for path, value in remaining(self.resource, plan, answer).items() if path in form and path in plan.leaves}
        if kept:
            raise ChangeNotApplied("the server accepted the change and kept %s" % _listed(kept))
        self.last_read = plan.predicted()
        merge(self.last_read, answer)

    def _send_reset(self):
        self._write(None, self.api.act, "reset", self.identifier)
        self.reset_due = False

    def _create(self):
        duplicate = self._post()
        if duplicate is not None:
            yield from self._adopt(duplicate)
        elif self.options["wait"]:
            yield UntilStable(self)

    def _post(self):
        """Make the object; return instead, where there is one, what a lost creation made or what stands in its way (dict)."""
        waits = pauses(self.clock)
        lost = 0
        while True:
            plan = self.plan
            try:
                answer = self._write(BODY, self.api.create, plan.body)
                self.identifier = answer[self.resource.identity.id]
                self._sent(plan, answer)
                return None
            except ChangeNotApplied:
                raise
            except VpnError as error:
                duplicate = self._find_duplicate(error)
                if duplicate is not None:
                    return duplicate
                lost += error.effect_unknown
                if not (error.busy or error.effect_unknown) or lost > 1 or not self.deadline.pause(next(waits)):
                    raise

    def _find_duplicate(self, error):
        """Return the object that a creation without a good answer made, or somebody else's that stands in its way (dict)."""
        if not (error.effect_unknown or error.busy or isinstance(error, ApiError) and error.status in (400, 409)):
            return None
        until = Deadline(self.clock, STALE_READ_SECONDS if error.effect_unknown else 0)
        try:
            found = poll(lambda: self._duplicates() or None, until) or []
        except VpnError as second:
            raise VpnError(
                "%s; whether the %s was made could not be looked up: %s; run the task again, it looks first" % (
                    error.message, self.resource.noun, second.message), **error.details) from error
        if len(found) > 1:
            identity = self.resource.identity
            raise Ambiguous(
                "%d %ss of this name between the same gateways exist: " % (len(found), self.resource.noun),
                [item[identity.id] for item in found], "; delete one of them")
        return found[0] if found else None

    def _duplicates(self):
        creation, identity = self.resource.creation, self.resource.identity
        wanted = dict(creation.same_defaults, **self.plan.leaves)
        return [
            item for item in self._list_in_parent(wanted[identity.parent])
            if item.get(identity.name) == wanted[identity.name]
            and self._status(item) not in self.resource.states.deleting
            and all(self._like(item, path, wanted[path]) for path in creation.same)
        ]

    def _like(self, item, path, wanted):
        found = self.resource.normalize(item).get(path, self.resource.creation.same_defaults.get(path))
        return same(self.resource.managed[path], wanted, found)

    def _adopt(self, duplicate):
        """Go on with an object that exists although its creation was not answered, or was somebody else's."""
        self.identifier = duplicate[self.resource.identity.id]
        if self.written and self.options["wait"]:
            yield UntilStable(self)
        elif self.written:
            self._recognize(self.with_nested(duplicate))
        else:
            self._take_over(duplicate)
            yield from self._update() if self.plan.changed else ()

    def _recognize(self, found):
        """Refuse to take for the lost creation's an object that shows other values than were sent."""
        lacking = remaining(self.resource, self.initial_plan, found or {})
        lacking = {path: value for path, value in lacking.items() if path in self.initial_plan.leaves}
        if lacking:
            raise ChangeNotApplied(
                "the creation was not answered, and the %s found in its place shows %s" % (self.what, _listed(lacking)))
        self.last_read = found

    def _take_over(self, duplicate):
        """Plan from an object that stands in the way of a creation, once nothing is under way on it if that matters."""
        self.replan(self.with_nested(duplicate) or duplicate)
        if self.options["wait"] or self.plan.changed and self.is_busy():
            self._await(UntilIdle(self), at_once=True)
        else:
            self.refuse()
        if self.desired.secret is not None and self.plan.secret is None:
            self.warnings.append(
                "the %s existed already; its %s is not known to be the one given: set update_%s=always to send it" % (
                    self.what, self.resource.secret, self.resource.secret))

    def _delete(self):
        self._persist(lambda plan: plan.changed, self._send_deletion)
        if self.options["wait"] and self.last_read is not None:
            yield UntilGone(self)
        self.last_read = None

    def _send_deletion(self):
        self._write(None, self.api.delete, self.identifier)

    # -- the result -------------------------------------------------------------------------------------------------

    def diff(self):
        """Return the difference as core shows it (dict)."""
        plan = self.initial_plan
        name = (plan.found or {}).get(self.resource.identity.name) or self.options.get(self.resource.identity.name)
        header = " ".join(filter(None, (self.resource.noun, name, "(%s)" % self.identifier if self.identifier else None)))
        return {"before": plan.before, "after": plan.after, "before_header": header, "after_header": header}

    def all_warnings(self):
        """Return all warnings, each once (list of str)."""
        return list(dict.fromkeys(self.warnings + self.initial_plan.warnings))

    def failure_details(self):
        """Return the result keys that a failure carries too (dict)."""
        failure_details = {"request_ids": list(self.api.client.request_ids) or None}
        if self.written:
            failure_details.update(changed=True, changes=self.initial_plan.changes, reset_required=self.needs_reset)
        return {name: value for name, value in failure_details.items() if value is not None}

    def result(self, check_mode):
        """Return the result keys (dict)."""
        plan = self.initial_plan
        result = {
            "changed": plan.changed,
            self.resource.name: self._object(check_mode),
            "changes": plan.changes,
            self.resource.secret_updated_key: plan.secret is not None,
            "reset_required": plan.reset_required,
            "diff": self.diff(),
            "warnings": self.all_warnings(),
        }
        if plan.body is not None:
            result["request_body"] = plan.shown_body
        if self.api.client.request_ids:
            result["request_ids"] = list(self.api.client.request_ids)
        return result

    def _object(self, check_mode):
        """Return the object as the API shows it, fit to be given back as options (dict), or None."""
        answer = self.plan.predicted() if check_mode else self.last_read
        return None if answer is None else presentable(self.resource, answer)


def _listed(values):
    return "; ".join("%s %s" % (path, "unset" if value is None else value) for path, value in values.items())


class Waiter:
    """Judges what reads show after a write, until its deadline.

    :ivar deadline: see C(_wait.Deadline).
    """

    def __init__(self, reconciler):
        self.reconciler = reconciler
        self.states = reconciler.resource.states
        self.status = None
        self.since = reconciler.clock.now()
        self.deadline = Deadline(reconciler.clock, reconciler.options["wait_timeout"])

    def may_be_stale(self):
        """Say whether reads may still show what was before."""
        return self.reconciler.clock.now() - self.since < STALE_READ_SECONDS


class UntilStable(Waiter):
    """Waits until the object is at rest and shows what was asked for.

    One read at rest is not enough unless the object was seen at work before: right after a write the cloud may still show
    the state from before it.
    """

    def __init__(self, reconciler):
        super().__init__(reconciler)
        self.worked = False
        self.previous = None
        found = reconciler.initial_plan.found
        self.before = None if found is None else found.get(self.states.member)

    def check(self, found):
        """Return True once the object is at rest and as planned, None while it is not.

        :arg found: the object as a read shows it (dict), or None.
        :raises WaitFailed: it will not come to rest. :raises NotKept: it shows other values for too long.
        """
        if found is None:
            if self.may_be_stale():
                return None
            raise NotFound("the change was sent, and the %s does not exist any more" % self.reconciler.what)
        self.status = found.get(self.states.member)
        if self.status in self.states.failed | self.states.frozen:
            if self.status == self.before and self.may_be_stale():
                return None
            raise WaitFailed("the change was sent, and the %s went to %s" % (self.reconciler.what, self.status))
        if self.status is not None and self.status not in self.states.stable:
            self.worked, self.since, self.previous, self.before = True, self.reconciler.clock.now(), None, None
            return None
        lacking = remaining(self.reconciler.resource, self.reconciler.initial_plan, found)
        if lacking:
            if self.may_be_stale():
                return None
            raise ChangeNotApplied("the change was sent, but %d seconds after it the server still shows %s" % (STALE_READ_SECONDS, _listed(lacking)))
        if self.worked or found == self.previous:
            self.reconciler.last_read = found
            return True
        self.previous = found
        return None

    def timeout_error(self):
        """Return the exception for a deadline that passed."""
        return WaitFailed("the change was sent, but the %s did not come to rest within %d seconds; its last status was %s" % (
            self.reconciler.what, self.deadline.seconds, self.status))


class UntilIdle(Waiter):
    """Waits while something is under way on the object, then plans from what came of it."""

    def __init__(self, reconciler):
        super().__init__(reconciler)
        self.deadline = reconciler.deadline

    def check(self, found):
        """Return True once nothing is under way, None while something is.

        :raises Missing: there is nothing left to change. :raises VpnError: see C(Reconciler.refuse).
        """
        if found is None and not self.reconciler.desired.absent:
            if self.reconciler.may_be_stale():
                return None
            raise NotFound("the %s was deleted by somebody else meanwhile" % self.reconciler.what)
        if found is not None and found.get(self.states.member) in self.states.busy:
            return None
        self.reconciler.replan(found)
        self.reconciler.refuse()
        return True

    def timeout_error(self):
        """Return the exception for a deadline that passed."""
        return WaitFailed("the %s was still busy after %d seconds; %s" % (
            self.reconciler.what, self.deadline.seconds, "part of the change may have been sent" if self.reconciler.written else "nothing was sent"))


class UntilGone(Waiter):
    """Waits until the object is gone."""

    def check(self, found):
        """Return True once there is no object, None while there is.

        :raises WaitFailed: it will not go.
        """
        if found is None:
            return True
        self.status = found.get(self.states.member)
        if not self.may_be_stale() and self.status in self.states.failed | self.states.frozen:
            raise WaitFailed("the %s was to be deleted and is %s" % (self.reconciler.what, self.status))
        return None

    def timeout_error(self):
        """Return the exception for a deadline that passed."""
        return WaitFailed("the %s was still there %d seconds after its deletion began" % (self.reconciler.what, self.deadline.seconds))
