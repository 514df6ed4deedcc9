# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The plan: what has to be done, computed once. Private to this collection; no stable interface.

Check mode, diff, result, verification and the request bodies all come from one C(Plan); nothing predicts beside it.
"""

from __future__ import annotations

import copy
import hashlib
import json

from ansible_collections.huaweicloud.vpn.plugins.module_utils._compare import differences, nest, same, shown
from ansible_collections.huaweicloud.vpn.plugins.module_utils._fields import (
    AFTER_RESET,
    BY_TAGS,
    FIXED,
    IMMEDIATELY,
    Depends,
    Networks,
    PolicyRules,
)
from ansible_collections.huaweicloud.vpn.plugins.module_utils._constraints import Case

MASK = "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"
KEY_ROUNDS = 600000

NOTHING = "nothing"
CREATE = "create"
UPDATE = "update"
DELETE = "delete"

RESET_NEVER = "never"
RESET_IF_REQUIRED = "if_required"
RESET_ALWAYS = "always"


class Desired:
    """What a task asks of one object.

    :arg values: wanted leaves in normal form, without the secret. C(secret): the secret, or None.
    :arg absent: whether the object shall be gone. C(update_secret): whether the secret is sent to an existing object.
    :arg purge_tags: whether tags that are not named go. C(reset): one of the RESET words.
    :ivar waived: members that a creation needs by the table, but not here.
    """

    def __init__(self, values, secret=None, absent=False, update_secret=False, purge_tags=False, reset=RESET_NEVER):
        self.values = values
        self.secret = secret
        self.absent = absent
        self.update_secret = update_secret
        self.purge_tags = purge_tags
        self.reset = reset
        self.waived = ()


class Plan:
    """What has to be done, and how it will look.

    :ivar action: NOTHING, CREATE, UPDATE or DELETE (str).
    :ivar leaves: {path: value} that the body carries, the secret excepted. C(secret): the secret to send, or None.
    :ivar tags_set: tags to create or change. C(tags_removed): tags to delete (dicts of str).
    :ivar reset: whether the tunnel is re-established afterwards (bool).
    :ivar reset_required: whether a change bites only after a reset that this plan does not do (bool).
    :ivar changes: list of {path, before, after, takes_effect}, as the result shows them.
    :ivar current: the configuration found, nested, in normal form.
    :ivar before, after: the same before and after, as the diff shows it, with marks for what has no value to show.
    :ivar violations, warnings: sentences (lists of str).
    """

    def __init__(self, resource, found):
        self.resource = resource
        self.found = found
        self.action = NOTHING
        self.leaves = {}
        self.secret = None
        self.tags_set = {}
        self.tags_removed = {}
        self.reset = False
        self.reset_required = False
        self.changes = []
        self.current = {}
        self.before = {}
        self.after = {}
        self.violations = []
        self.warnings = []
        self._plan_id = None

    @property
    def needs_reset(self):
        """Say whether a change is used only after the tunnel has been re-established (bool)."""
        return any(change["takes_effect"] == AFTER_RESET for change in self.changes)

    @property
    def changed(self):
        return self.action != NOTHING

    @property
    def body(self):
        """Return what a POST or PUT sends, or None when there is none to send (dict)."""
        members = nest(self.leaves)
        if self.secret is not None:
            members[self.resource.secret] = self.secret
        if self.action == CREATE and self.tags_set:
            members[self.resource.tags] = self.resource.managed[self.resource.tags].kind.as_list(self.tags_set)
        return {self.resource.name: members} if members else None

    @property
    def shown_body(self):
        """Return the body with the secret masked."""
        body = copy.deepcopy(self.body)
        if self.secret is not None:
            body[self.resource.name][self.resource.secret] = MASK
        return body

    def predicted(self):
        """Return the object as an answer would show it once the plan is carried out; None when it is gone."""
        if self.action == DELETE or (self.found is None and self.action != CREATE):
            return None
        predicted = copy.deepcopy(self.found) if self.found is not None else {}
        merge(predicted, nest(self.leaves))
        if self.tags_set or self.tags_removed:
            found = self.resource.normalize(predicted).get(self.resource.tags) or {}
            kept = {name: text for name, text in found.items() if name not in self.tags_removed}
            predicted[self.resource.tags] = dict(kept, **self.tags_set)
        return predicted

    def plan_id(self):
        """Return C(v1.<state>.<intent>): what was found, and what would be done to it, each as a hash.

        Equal plans have equal ids on any host and Python. A secret that would be sent goes in through PBKDF2, salted
        with the state, so that guessing it from the id costs KEY_ROUNDS hashes a try.
        """
        if self._plan_id is None:
            state = sha256_of(self.current)
            key = None if self.secret is None else derive_key([self.secret], state)
            self._plan_id = "v1.%s.%s" % (state, sha256_of([self.changes, key]))
        return self._plan_id


def derive_key(secrets, salt):
    """Return the hexadecimal PBKDF2-HMAC-SHA256 of several secrets as one (each with its length, so that none runs into the next)."""
    joined = "".join("%d:%s" % (len(secret), secret) for secret in secrets)
    return hashlib.pbkdf2_hmac("sha256", joined.encode("utf-8"), salt.encode("ascii"), KEY_ROUNDS).hex()


def sha256_of(value):
    """Return the SHA-256 of a value's canonical JSON (str)."""
    return hashlib.sha256(json.dumps(value, sort_keys=True, separators=(",", ":")).encode("ascii")).hexdigest()


def describe_mismatch(expected, actual):
    """Say which parts of two plan ids differ (str)."""
    parts = zip(("version", "found state", "intended changes"), expected.split("."), actual.split("."))
    return " and the ".join(name for name, one, other in parts if one != other)


def merge(target, changes):
    """Put C(changes) into C(target) by the API's rules: objects member by member, everything else whole; null is nothing."""
    for name, value in changes.items():
        if isinstance(value, dict) and isinstance(target.get(name), dict):
            merge(target[name], value)
        elif value is not None:
            target[name] = copy.deepcopy(value)


def make_plan(resource, desired, found):
    """Return the plan that turns C(found) into what C(desired) asks.

    :arg found: the object as an answer shows it (dict), or None when there is none.
    """
    plan = Plan(resource, found)
    current = shown(resource, resource.normalize(found)) if found is not None else {}
    current.pop(resource.secret, None)
    plan.current = nest(current)
    plan.before = plan.current
    if desired.absent:
        _plan_absent(plan)
    elif found is None:
        _plan_creation(plan, desired)
    else:
        _plan_update(plan, desired, current)
    return plan


def _plan_absent(plan):
    if plan.found is not None:
        plan.action = DELETE
        plan.changes.append(_change("state", "present", "absent", IMMEDIATELY))


def _change(path, before, after, takes_effect):
    return {"path": path, "before": before, "after": after, "takes_effect": takes_effect}


# -- creation ---------------------------------------------------------------------------------------------------------


def _plan_creation(plan, desired):
    resource = plan.resource
    plan.action = CREATE
    wanted = {path: value for path, value in desired.values.items() if _applies_to_new(plan, path, value, desired.values)}
    plan.tags_set = resource.managed[resource.tags].kind.without_system(wanted.pop(resource.tags, None))
    plan.leaves = shown_or_flag(resource, wanted)
    plan.secret = desired.secret
    plan.violations += missing_for_creation(resource, desired)
    _judge(plan, Case(plan.leaves, plan.leaves, plan.leaves))
    plan.changes = [_change(path, None, value, IMMEDIATELY) for path, value in plan.leaves.items()]
    if plan.secret is not None:
        _add_secret(plan, IMMEDIATELY)
    if plan.tags_set:
        plan.changes.append(_change(resource.tags, None, plan.tags_set, IMMEDIATELY))
    after = dict(plan.leaves)
    if plan.tags_set:
        after[resource.tags] = plan.tags_set
    plan.after = nest(after)
    if plan.secret is not None:
        plan.after[resource.secret_updated_key] = True


def shown_or_flag(resource, form):
    """Leave out what equals an absent member, but keep a false that the task gives."""
    return {path: value for path, value in form.items() if value is False or resource.managed[path].kind.compare_key(value) is not None}


def _applies_to_new(plan, path, value, wanted):
    condition = plan.resource.managed[path].only_with
    if condition is None or condition.holds(wanted):
        return True
    _report_misplaced(plan, path, value, wanted, condition)
    return False


def missing_for_creation(resource, desired):
    """Return a sentence that names what a creation lacks, or nothing (list of str)."""
    creation = resource.creation
    given = set(shown(resource, desired.values))
    if desired.secret is not None:
        given.add(resource.secret)
    lacking = [path for path in creation.required if path not in given]
    groups = creation.required_with.get(desired.values.get(creation.by, creation.by_default), ())
    lacking += [" or ".join(group) for group in groups if given.isdisjoint(group) and group != desired.waived]
    name = desired.values.get(resource.identity.name)
    unknown = "no %s is named %s; " % (resource.noun, name) if name else ""
    return ["%screating a %s needs %s" % (unknown, resource.noun, ", ".join(lacking))] if lacking else []


# -- update -----------------------------------------------------------------------------------------------------------


def _plan_update(plan, desired, current):
    resource = plan.resource
    changing = []
    effective = dict(current)
    effective.update(desired.values)
    for path in differences(resource, desired.values, current):
        if _may_change(plan, path, desired.values[path], current.get(path), effective):
            changing.append(path)
        else:
            effective.pop(path, None)
            if path in current:
                effective[path] = current[path]
    _plan_tags(plan, desired, current)
    companions = {path for leaf in changing for path in resource.managed[leaf].sent_with if path in desired.values}
    plan.leaves = {path: desired.values[path] for path in resource.managed if path in companions or path in changing}
    _judge(plan, Case(effective, changing, desired.values))
    plan.changes = [_change(path, current.get(path), desired.values[path], _effect(resource, path, effective)) for path in changing]
    _plan_secret(plan, desired, effective)
    if plan.tags_set or plan.tags_removed:
        plan.changes.append(_change(resource.tags, current.get(resource.tags), _tags_after(plan, current), IMMEDIATELY))
    _plan_after(plan, current, changing)
    _plan_reset(plan, desired)
    if plan.changes:
        plan.action = UPDATE


def _may_change(plan, path, wanted, found, effective):
    """Say whether a differing leaf goes into the body; otherwise say why not, as a violation or a warning."""
    field = plan.resource.managed[path]
    if field.change == BY_TAGS:
        return False
    if field.only_with is not None and not field.only_with.holds(effective):
        _report_misplaced(plan, path, wanted, effective, field.only_with)
    elif field.change == FIXED:
        if found is None:
            plan.warnings.append("%s is not in the answer of the API, so it was not compared" % path)
        else:
            plan.violations.append("%s is fixed at creation: it is %s, the task asks for %s" % (path, _format(found), _format(wanted)))
    elif isinstance(field.kind, (Networks, PolicyRules)) and not wanted:
        plan.violations.append("%s cannot be emptied: the API documents no way to clear it" % path)
    else:
        return True
    return False


def _report_misplaced(plan, path, value, effective, condition):
    if plan.resource.managed[path].kind.compare_key(value) is None:
        return
    fact = "%s exists only with %s %s, not with %s" % (
        path, condition.path, " or ".join(sorted(condition.values)), effective.get(condition.path, condition.default))
    if condition.refused:
        plan.violations.append(fact)
    else:
        plan.warnings.append(fact + "; it is left alone")


def _format(value):
    return json.dumps(value, ensure_ascii=False) if isinstance(value, (bool, list, dict)) else str(value)


def _judge(plan, case):
    """Let the rules between members, and the kinds' advice on what changes, speak."""
    for constraint in plan.resource.constraints:
        plan.violations += constraint.errors(case)
        plan.warnings += constraint.warnings(case)
    for path, value in plan.leaves.items():
        plan.warnings += ("%s %s" % (path, warnings) for warnings in plan.resource.managed[path].kind.warnings(value))


def _effect(resource, path, effective):
    effect = resource.managed[path].takes_effect
    return effect.resolve(effective) if isinstance(effect, Depends) else effect


def _plan_tags(plan, desired, current):
    path = plan.resource.tags
    if path is None or path not in desired.values:
        return
    kind = plan.resource.managed[path].kind
    wanted, found = kind.without_system(desired.values[path]), kind.without_system(current.get(path))
    plan.tags_set = {name: text for name, text in wanted.items() if found.get(name) != text}
    if desired.purge_tags:
        plan.tags_removed = {name: text for name, text in found.items() if name not in wanted}


def _tags_after(plan, current):
    kept = {name: text for name, text in (current.get(plan.resource.tags) or {}).items() if name not in plan.tags_removed}
    return plan.resource.managed[plan.resource.tags].kind.normalize(dict(kept, **plan.tags_set))


def _plan_secret(plan, desired, effective):
    resource = plan.resource
    if desired.secret is None or not desired.update_secret:
        return
    plan.secret = desired.secret
    _add_secret(plan, _effect(resource, resource.secret, effective))


def _add_secret(plan, takes_effect):
    path = plan.resource.secret
    plan.changes.append(_change(path, None, MASK, takes_effect))
    plan.warnings += ("%s %s" % (path, warnings) for warnings in plan.resource.managed[path].kind.warnings(plan.secret))


def _plan_after(plan, current, changing):
    if not (changing or plan.tags_set or plan.tags_removed or plan.secret):
        plan.after = plan.before
        return
    after = dict(current)
    after.update((path, plan.leaves[path]) for path in changing)
    if plan.tags_set or plan.tags_removed:
        after[plan.resource.tags] = _tags_after(plan, current)
    plan.after = nest(after)
    if plan.secret is not None:
        plan.before = dict(plan.before, **{plan.resource.secret_updated_key: False})
        plan.after[plan.resource.secret_updated_key] = True


def _plan_reset(plan, desired):
    late = [change["path"] for change in plan.changes if change["takes_effect"] == AFTER_RESET]
    if desired.reset == RESET_ALWAYS:
        plan.reset = True
        plan.changes.append(_change("reset", False, True, IMMEDIATELY))
        plan.before = dict(plan.before, reset=False)
        plan.after = dict(plan.after, reset=True)
    elif desired.reset == RESET_IF_REQUIRED and late:
        plan.reset = True
    plan.reset_required = bool(late) and not plan.reset
    if plan.reset_required:
        plan.warnings.append(
            "%s: the API takes the change at once, but the tunnel uses it only after it has been re-established;"
            " set reset=if_required, or reset it at a time that suits both ends" % ", ".join(late))


def remaining(resource, plan, answer):
    """Return the leaves of C(plan) that an answer does not show as planned: {path: value shown or None}.

    Members the answer does not carry are told by None; tags are compared by what the plan sets and removes.
    """
    form = resource.normalize(answer)
    lacking = {path: form.get(path) for path, value in plan.leaves.items() if not same(resource.managed[path], value, form.get(path))}
    tags = form.get(resource.tags) or {}
    wrong = any(tags.get(name) != text for name, text in plan.tags_set.items()) or any(name in tags for name in plan.tags_removed)
    if wrong:
        lacking[resource.tags] = tags
    return lacking
