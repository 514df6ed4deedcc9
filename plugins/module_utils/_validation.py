# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The front door: what a task gives becomes what the collection works with. Private to this collection; no stable interface.

One place drops blanks, fills in the environment, decides how to authenticate, applies the argument specification and
lets the field table judge the values, so that everything wrong with a task is said at once and before any request.
"""

from __future__ import annotations

from ansible_collections.huaweicloud.vpn.plugins.module_utils._access import AUTH_OPTIONS, CREDENTIALS, ENVIRONMENT, choose_auth_method, validate_access
from ansible_collections.huaweicloud.vpn.plugins.module_utils._errors import InvalidInput
from ansible_collections.huaweicloud.vpn.plugins.module_utils._fields import READ_ONLY, Object
from ansible_collections.huaweicloud.vpn.plugins.module_utils._masking import masker
from ansible_collections.huaweicloud.vpn.plugins.module_utils._options import LONE_SURROGATE_TEXT, apply_spec, broken_texts, without_blanks
from ansible_collections.huaweicloud.vpn.plugins.module_utils._plan import MASK
from ansible_collections.huaweicloud.vpn.plugins.module_utils._text import printable


class Draft:
    """What a task gives, on its way through the door.

    :ivar options: options of the right types (dict). C(names): the options given at all, refused ones too (set of str).
    :ivar problems: what is wrong so far, as sentences (list of str). C(secrets): every secret text (set of str).
    :ivar shown: options that core shall see otherwise than they are (dict); a value may be a function of the verbosity (int).
    """

    def __init__(self, options, names, problems, secrets):
        self.options = options
        self.names = names
        self.problems = problems
        self.secrets = secrets
        self.shown = {}


class TaskInput:
    """A task that has passed the front door.

    :ivar options: validated options with defaults, without credentials and secrets (dict).
    :ivar own: the resource's members in normal form, without the secret (see C(Resource.desired)).
    :ivar secret: the resource's secret, or None. C(access): an C(Access).
    :ivar secrets: every secret text, for masking; the task adds those that arise while it runs (set of str). C(shown): see C(Draft).
    """

    def __init__(self, options, desired, secret, access, secrets, shown):
        self.options = options
        self.desired = desired
        self.secret = secret
        self.access = access
        self.secrets = secrets
        self.shown = shown

    def logged(self, resource, verbosity):
        """Return the arguments as core shall see and log them: validated, every secret replaced by its mask (dict).

        What is accepted only to be ignored is left out: a device's configuration text, for one, may hold a key.
        """
        arguments = {name: value for name, value in self.options.items() if name not in resource.ignored}
        arguments.update((name, MASK if AUTH_OPTIONS[name].get("no_log") else text) for name, text in self.access.credentials.items())
        arguments.update((name, value(verbosity) if callable(value) else value) for name, value in self.shown.items())
        return arguments


def validate_task(resource, spec, arguments, environment, validate):
    """Return the C(TaskInput) that a task's arguments make.

    :arg spec: the argument specification (dict). C(arguments): what the task gives (dict, left as it is).
    :arg environment: mapping of environment variables.
    :arg judge: function of (resource, C(Draft)) that adds to the problems and returns what C(TaskInput.desired) holds.
    :raises InvalidInput: with everything that is wrong; its C(secrets) are those safe to mask with.
    """
    given = without_blanks(arguments, keep=(resource.tags,)) or {}
    problems = []
    auth_method, credentials = choose_auth_method(given, environment, problems)
    for name in CREDENTIALS:
        given.pop(name, None)
    for name, variables in ENVIRONMENT.items():
        if name not in given:
            given.update({name: environment[key] for key in reversed(variables) if environment.get(key, "").strip()})
    secrets = {credentials[name] for name in credentials if AUTH_OPTIONS[name].get("no_log")}
    broken = dict.fromkeys(broken_texts(given))
    if broken:
        # Nothing that looks at a text more closely could cope with it.
        raise _refusal(problems + ["%s %s" % (path, LONE_SURROGATE_TEXT) for path in broken], secrets)
    options, refused = apply_spec(spec, given, problems)
    secret = options.pop(resource.secret, None) if resource.secret else None
    draft = Draft(options, refused.union(options), problems, secrets)
    if secret is not None:
        validate_secret(resource, secret, secrets, problems)
        draft.names.add(resource.secret)
    desired = validate(resource, draft)
    access = validate_access(draft, auth_method, credentials)
    if problems:
        raise _refusal(problems, secrets)
    shown = draft.shown if secret is None else dict(draft.shown, **{resource.secret: MASK})
    return TaskInput(options, desired, secret, access, secrets, shown)


def _refusal(problems, secrets):
    """Return the C(InvalidInput) that says the problems; what they quote is fit to be shown."""
    mask = masker(secrets)
    # Masked first: without its line breaks a secret would not be found any more.
    sentences = (mask(problem) for problem in problems)
    return InvalidInput([printable(sentence, len(sentence)) for sentence in sentences], secrets)


def validate_secret(resource, secret, secrets, problems):
    """Register a secret for masking, unless it is so short that masking it would shred every sentence."""
    kind = resource.managed[resource.secret].kind
    if not kind.too_short(secret):
        secrets.add(secret)
    problems += ("%s %s" % (resource.secret, fault) for fault in kind.errors(secret))


def validate_id(resource, given):
    """Say whether an id, if one is given, has the form of one."""
    identity = resource.identity
    if identity.id in given.options and not identity.id_pattern.fullmatch(given.options[identity.id]):
        given.problems.append("%s must be %s, not %r" % (identity.id, identity.id_text, given.options[identity.id]))


def validate_object(resource, given):
    """Return the members of the object that a task describes, in normal form; say what is wrong with each."""
    identity = resource.identity
    if given.names.isdisjoint((identity.id, identity.name)):
        given.problems.append("%s or %s is needed to tell which %s is meant" % (identity.id, identity.name, resource.noun))
    validate_id(resource, given)
    given.problems += value_errors(resource.fields, given.options)
    return resource.normalize(given.options) if not given.problems else {}


def value_errors(fields, values, prefix=""):
    """Yield a sentence for each wanted value that cannot be; values the specification refused are passed over."""
    for field in fields:
        value = values.get(field.name)
        if value is None or field.change == READ_ONLY:
            continue
        path = prefix + field.name
        if isinstance(field.kind, Object):
            if isinstance(value, dict):
                yield from value_errors(field.kind.fields, value, path + ".")
        elif isinstance(value, field.kind.type):
            yield from ("%s %s" % (path, fault) for fault in field.kind.errors(value))
