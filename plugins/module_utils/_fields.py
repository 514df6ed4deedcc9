# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The vocabulary in which a resource of the API is described. Private to this collection; no stable interface.

A resource is a table of C(Field)s. From this one table the collection derives the argument specification, the
validation of wanted values, the normal form both sides are compared in, the request bodies, the masking of secrets,
and what may not change after creation. A C(Field) has a C(kind), which knows one sort of value:

* C(option()): the argument specification of a task option of this kind (dict, without the option's name).
* C(clean(value)): the canonical form, used to compare, show and send; anything unknown passes through unchanged,
  and C(clean(clean(x)) == clean(x)).
* C(key(clean)): what decides whether two canonical values are the same; C(None) where a value equals a member that
  is absent.
* C(type): the type a wanted value has once the argument specification has been applied.
* C(faults(value)): what is wrong with a wanted value as the task gives it, as ends of a sentence that begins with the
  option's path.
* C(advice(clean)): what is doubtful about a canonical wanted value, in the same form.
"""

from __future__ import annotations

import functools
import ipaddress
import re

CHANGEABLE = "changeable"
FIXED = "fixed at creation"
READ_ONLY = "read only"
BY_TAGS = "changed by the tag operations"

IMMEDIATELY = "immediately"
NEXT_PHASE1 = "next_phase1_negotiation"
NEXT_PHASE2 = "next_phase2_negotiation"
AFTER_RESET = "after_reset"

# A value is looked at several times, wanted and found: how many different ones are remembered.
_REMEMBERED = 10000


class Text:
    """Free text, compared to the letter.

    :arg shape: regular expression of the whole value, and C(pattern_text) its description in words.
    :arg any_case: letter case does not count when comparing (identifiers).
    :arg unusual: regular expression of values that not every region takes, and C(unusual_text) why.
    """

    type = str

    def __init__(self, minimum=0, maximum=None, pattern=None, pattern_text=None, any_case=False, unusual=None, unusual_text=None):
        self.minimum = minimum
        self.maximum = maximum
        self.pattern = re.compile(pattern) if pattern else None
        self.pattern_text = pattern_text
        self.any_case = any_case
        self.unusual = re.compile(unusual) if unusual else None
        self.unusual_text = unusual_text

    def option(self):
        return {"type": "str"}

    def normalize(self, value):
        return value if value is None else str(value)

    def compare_key(self, value):
        return value.lower() if self.any_case and value else value or None

    def errors(self, value):
        if self.maximum is not None and not self.minimum <= len(value) <= self.maximum:
            length = str(self.maximum) if self.minimum == self.maximum else "%d to %d" % (self.minimum, self.maximum)
            yield "must have %s characters, not %d" % (length, len(value))
        elif self.pattern is not None and not self.pattern.fullmatch(value):
            yield "must be %s, not %r" % (self.pattern_text, value)

    def warnings(self, value):
        if self.unusual is not None and self.unusual.search(value):
            yield self.unusual_text


class IkeId(Text):
    """An IKE identity. An answer may show one partly masked with asterisks; a mask matches what it may stand for.

    Its form depends on its type and is judged by the rule C(IkeIdFormat), only where it changes.
    """

    def errors(self, value):
        return ()

    def masks(self, masked, plain):
        """Say whether one value is a masked form of the other; either may be None."""
        if not masked or not plain or "***" not in masked:
            return False
        pattern = "[^.]*".join(re.escape(part) for part in re.split(r"\*+", masked))
        return re.fullmatch(pattern, plain) is not None


class Choice(Text):
    """One word of a published list. The list is documented, not enforced: the cloud may be newer than we are.

    :arg words: the published values; C(weak): those the vendor advises against.
    """

    def __init__(self, *words, weak=()):
        super().__init__(any_case=True)
        self.words = words
        self.weak = frozenset(weak)

    def normalize(self, value):
        if value is None:
            return None
        word = str(value)
        return word.lower() if word.lower() in self.words else word

    def warnings(self, value):
        if value not in self.words:
            yield "has the value %r, which this collection does not know; it is passed on (known: %s)" % (value, ", ".join(self.words))
        elif value in self.weak:
            yield "is set to %s, which the vendor advises against as weak" % value


class Integer:
    """A whole number between two bounds, both included; C(unusual_below) gives advice only."""

    type = int

    def __init__(self, minimum, maximum, unusual_below=None):
        self.minimum = minimum
        self.maximum = maximum
        self.unusual_below = unusual_below

    def option(self):
        return {"type": "int"}

    def normalize(self, value):
        try:
            return int(value)
        except (TypeError, ValueError, OverflowError):
            return value

    def compare_key(self, value):
        return value

    def errors(self, value):
        if not self.minimum <= value <= self.maximum:
            yield "must be between %d and %d, not %d" % (self.minimum, self.maximum, value)

    def warnings(self, value):
        if self.unusual_below is not None and value < self.unusual_below:
            yield "is %d; some regions take no less than %d" % (value, self.unusual_below)


class Boolean:
    """True or false; false equals a member that an answer does not carry."""

    type = bool

    def option(self):
        return {"type": "bool"}

    def normalize(self, value):
        if isinstance(value, str) and value.lower() in ("true", "false"):
            return value.lower() == "true"
        return value

    def compare_key(self, value):
        return value or None

    def errors(self, value):
        return ()

    def warnings(self, value):
        return ()


@functools.lru_cache(_REMEMBERED)
def _parsed(text):
    return ipaddress.ip_network(text, strict=False)


def _network(value, version):
    """Return (canonical text, parsed network or None); host bits are dropped, since a subnet has none."""
    try:
        network = _parsed(str(value).strip())
    except ValueError:
        return str(value), None
    return (str(network), network) if network.version == version else (str(value), None)


@functools.lru_cache(_REMEMBERED)
def _network_order(text):
    try:
        network = ipaddress.ip_network(text)
    except ValueError:
        return (9, 0, 0, text)
    return (network.version, int(network.network_address), network.prefixlen, text)


def _network_faults(value, version):
    text, network = _network(value, version)
    if network is None:
        yield "%r is no IPv%d network" % (value, version)
    elif "/" not in str(value):
        yield "%r lacks its prefix length" % (value,)


class Networks:
    """A set of IP networks: order, repetition and host bits do not count.

    :arg version: 4 or 6. C(maximum): how many at the most. C(reserved): networks some regions keep for themselves.
    """

    type = list

    def __init__(self, version, maximum, reserved=()):
        self.version = version
        self.maximum = maximum
        self.reserved = tuple(ipaddress.ip_network(network) for network in reserved)

    def option(self):
        return {"type": "list", "elements": "str"}

    def normalize(self, value):
        if not isinstance(value, list):
            return value
        return sorted({_network(item, self.version)[0] for item in value if item is not None}, key=_network_order)

    def compare_key(self, value):
        return value or None

    def errors(self, value):
        for item in value:
            yield from ("contains an entry that cannot be used: %s" % fault for fault in _network_faults(item, self.version))
        count = len(self.normalize(value))
        if count > self.maximum:
            yield "has %d networks; at most %d are possible" % (count, self.maximum)

    def warnings(self, value):
        for item in value:
            network = _network(item, self.version)[1]
            if network is not None and any(network.subnet_of(other) for other in self.reserved if other.version == network.version):
                yield "contains %s, which the vendor reserves in some regions" % item


class PolicyRules:
    """Policy rules: a list keyed by C(source), each with a set of C(destination)s; rules of one source are one rule."""

    type = list

    def __init__(self, version, maximum, maximum_destinations, source="source", destination="destination", ignored=()):
        self.version = version
        self.maximum = maximum
        self.maximum_destinations = maximum_destinations
        self.source = source
        self.destination = destination
        self.ignored = ignored

    def option(self):
        members = {self.source: {"type": "str"}, self.destination: {"type": "list", "elements": "str"}}
        members.update((name, {"type": "int"}) for name in self.ignored)
        return {"type": "list", "elements": "dict", "options": members}

    def normalize(self, value):
        if not isinstance(value, list):
            return value
        merged = {}
        for rule in value:
            if not isinstance(rule, dict) or rule.get(self.source) is None:
                continue
            targets = merged.setdefault(_network(rule[self.source], self.version)[0], set())
            found = rule.get(self.destination)
            targets.update(_network(item, self.version)[0] for item in (found if isinstance(found, list) else [found]) if item is not None)
        return [
            {self.source: source, self.destination: sorted(merged[source], key=_network_order)}
            for source in sorted(merged, key=_network_order)
        ]

    def compare_key(self, value):
        return value or None

    def errors(self, value):
        for rule in value:
            yield from self._rule_faults(rule.get(self.source), rule.get(self.destination) or ())
        merged = self.normalize(value)
        if len(merged) > self.maximum:
            yield "has %d different sources; at most %d are possible" % (len(merged), self.maximum)
        for rule in merged:
            count = len(rule[self.destination])
            if count > self.maximum_destinations:
                yield "has %d destinations for %s; at most %d are possible" % (count, rule[self.source], self.maximum_destinations)

    def _rule_faults(self, source, destinations):
        if source is None:
            yield "has a rule without %s" % self.source
        if not destinations:
            yield "has a rule without %s" % self.destination
        for item in ([] if source is None else [source]) + list(destinations):
            for fault in _network_faults(item, self.version):
                yield "has a rule that cannot be used: %s" % fault

    def warnings(self, value):
        for number, rule in enumerate(value):
            for other in value[number + 1:]:
                if self._overlap(rule, other):
                    yield "has overlapping rules for %s and %s" % (rule[self.source], other[self.source])

    def _overlap(self, one, other):
        if not self._meet([one[self.source]], [other[self.source]]):
            return False
        return self._meet(one[self.destination], other[self.destination])

    def _meet(self, ours, theirs):
        left = [network for dummy, network in (_network(item, self.version) for item in ours) if network]
        right = [network for dummy, network in (_network(item, self.version) for item in theirs) if network]
        return any(a.overlaps(b) for a in left for b in right)


class Interface:
    """The address of an interface with its prefix length: here the host bits do count.

    :arg within: the network it must lie in, C(outside) one it must not lie in, C(prefix) the only prefix length.
    """

    type = str

    def __init__(self, network, outside, prefix):
        self.network = ipaddress.ip_network(network)
        self.outside = ipaddress.ip_network(outside)
        self.prefix = prefix

    def option(self):
        return {"type": "str"}

    @staticmethod
    @functools.lru_cache(_REMEMBERED)
    def parse(value):
        """Return the interface, or None when the text is none."""
        try:
            return ipaddress.ip_interface(str(value).strip())
        except ValueError:
            return None

    def normalize(self, value):
        if value is None:
            return None
        text = str(value)
        parsed = self.parse(text) if "/" in text else None
        return text if parsed is None else str(parsed)

    def compare_key(self, value):
        return value or None

    def errors(self, value):
        parsed = self.parse(value) if "/" in value else None
        example = ipaddress.ip_interface("%s/%d" % (self.network.network_address + 1, self.prefix))
        if parsed is None or parsed.version != self.network.version:
            yield "must be an interface address such as %s, not %r" % (example, value)
        elif parsed.network.prefixlen != self.prefix or not parsed.network.subnet_of(self.network):
            yield "must lie in %s with prefix length %d, not %s" % (self.network, self.prefix, value)
        elif parsed.network.subnet_of(self.outside):
            yield "must not lie in %s, which the vendor reserves: %s" % (self.outside, value)
        elif parsed.ip in (parsed.network.network_address, parsed.network.broadcast_address):
            yield "must be a host address, not the first or last of its network: %s" % value

    def warnings(self, value):
        return ()


class Secret:
    """A value the API takes and never returns. It is sent and hashed, never compared, shown or quoted.

    :arg classes: regular expressions of character classes, of which C(minimum_classes) must occur.
    :arg unusual: regular expression of characters that not every region takes, and C(unusual_text) why.
    """

    type = str

    def __init__(self, minimum, maximum, allowed, allowed_text, classes, minimum_classes, classes_text, unusual, unusual_text):
        self.minimum = minimum
        self.maximum = maximum
        self.allowed = re.compile(allowed)
        self.allowed_text = allowed_text
        self.classes = tuple(re.compile(expression) for expression in classes)
        self.minimum_classes = minimum_classes
        self.classes_text = classes_text
        self.unusual = re.compile(unusual)
        self.unusual_text = unusual_text

    def option(self):
        return {"type": "str", "no_log": True}

    def normalize(self, value):
        return value

    def compare_key(self, value):
        return value

    def too_short(self, value):
        """Say whether masking this value everywhere would shred ordinary words."""
        return len(value) < self.minimum

    def errors(self, value):
        if not self.minimum <= len(value) <= self.maximum:
            yield "must have %d to %d characters" % (self.minimum, self.maximum)
        if not self.allowed.fullmatch(value):
            yield "may contain only %s" % self.allowed_text
        if sum(1 for expression in self.classes if expression.search(value)) < self.minimum_classes:
            yield "must contain at least %s" % self.classes_text

    def warnings(self, value):
        if self.unusual.search(value):
            yield self.unusual_text


class Tags:
    """Tags: a dictionary for people, a list of C({key, value}) for the API.

    :arg system: prefix of the keys that belong to the cloud and are never touched.
    """

    type = dict

    def __init__(self, maximum, key_maximum, value_maximum, pattern, pattern_text, system):
        self.maximum = maximum
        self.key_maximum = key_maximum
        self.value_maximum = value_maximum
        self.pattern = re.compile(pattern)
        self.pattern_text = pattern_text
        self.system = system

    def option(self):
        return {"type": "dict"}

    def normalize(self, value):
        if value is None:
            return None
        if isinstance(value, dict):
            pairs = value.items()
        else:
            tags = value if isinstance(value, list) else ()
            pairs = ((tag["key"], tag.get("value")) for tag in tags if isinstance(tag, dict) and tag.get("key") is not None)
        return {str(key): self._value_text(tag) for key, tag in sorted(pairs, key=lambda pair: str(pair[0]))}

    @staticmethod
    def _value_text(value):
        if isinstance(value, bool):
            return "true" if value else "false"
        return "" if value is None else str(value)

    def compare_key(self, value):
        return value or None

    def errors(self, value):
        given = {str(name): text for name, text in value.items()}
        value = self.normalize(value)
        for name, text in value.items():
            if name.startswith(self.system):
                continue
            if not name:
                yield "has an empty key"
            elif len(name) > self.key_maximum:
                yield "has a key of %d characters (%r...); at most %d are possible" % (len(name), name[:20], self.key_maximum)
            elif not self.pattern.fullmatch(name):
                yield "has the key %r; a key may contain only %s" % (name, self.pattern_text)
            if isinstance(given[name], (dict, list)):
                yield "must have text for the key %r, not a %s" % (name, "dictionary" if isinstance(given[name], dict) else "list")
            elif len(text) > self.value_maximum:
                yield "has a value of %d characters for the key %r; at most %d are possible" % (len(text), name, self.value_maximum)
            elif not self.pattern.fullmatch(text):
                yield "has the value %r for the key %r; a value may contain only %s" % (text, name, self.pattern_text)
        if len(value) > self.maximum:
            yield "has %d entries; at most %d are possible" % (len(value), self.maximum)

    def warnings(self, value):
        return ()

    def without_system(self, value):
        """Return the tags without those of the cloud."""
        return {name: text for name, text in (value or {}).items() if not name.startswith(self.system)}

    @staticmethod
    def as_list(value):
        """Return tags in the API's form."""
        return [{"key": name, "value": text} for name, text in sorted(value.items())]


class ReadOnly:
    """A member that answers carry and no request takes; accepted, so that an answer can be given back."""

    def __init__(self, option_type="raw"):
        self.option_type = option_type

    def option(self):
        return {"type": self.option_type}


class Object:
    """An object of further fields; each leaf is managed by itself."""

    def __init__(self, *fields):
        self.fields = fields

    def option(self):
        return {"type": "dict", "options": {field.name: field.option() for field in self.fields}}


class Depends:
    """Something that depends on the value another member has once the change is done."""

    def __init__(self, path, otherwise, **cases):
        self.path = path
        self.otherwise = otherwise
        self.cases = cases

    def resolve(self, effective):
        """Return the case for the settings in force; C(effective) maps dotted paths to clean values."""
        return self.cases.get(effective.get(self.path), self.otherwise)


class OnlyWith:
    """A member that exists only while another one has certain values.

    :arg path: the other member's dotted path; C(values): those under which this one exists; C(default): what the
        server takes for the other member when a creation leaves it out.
    :arg refused: whether asking for it nonetheless is an error (else it is left alone, with a warning).
    """

    def __init__(self, path, values, default, refused=True):
        self.path = path
        self.values = frozenset(values)
        self.default = default
        self.refused = refused

    def holds(self, effective):
        return effective.get(self.path, self.default) in self.values


class Field:
    """One member of a resource.

    :arg name: the API's own name, and the option's.
    :arg kind: one of the classes above.
    :arg change: CHANGEABLE, FIXED, READ_ONLY or BY_TAGS.
    :arg source: where the facts of this field are published.
    :arg aliases: further option names.
    :arg takes_effect: when a change works, a constant or a C(Depends).
    :arg only_with: a C(OnlyWith), or None.
    :arg sent_with: paths of wanted members that go into the body whenever this one does.
    """

    def __init__(self, name, kind, source, change=CHANGEABLE, aliases=(), takes_effect=IMMEDIATELY, only_with=None, sent_with=()):
        if change not in (CHANGEABLE, FIXED, READ_ONLY, BY_TAGS):
            raise ValueError("%s: unknown way to change %r" % (name, change))
        if isinstance(kind, ReadOnly) != (change == READ_ONLY):
            raise ValueError("%s: exactly the ignored members are read only" % name)
        if isinstance(kind, Tags) != (change == BY_TAGS):
            raise ValueError("%s: exactly tags change by the tag operations" % name)
        if not source:
            raise ValueError("%s: a fact needs its source" % name)
        self.name = name
        self.kind = kind
        self.source = source
        self.change = change
        self.aliases = tuple(aliases)
        self.takes_effect = takes_effect
        self.only_with = only_with
        self.sent_with = tuple(sent_with)

    def option(self):
        option = self.kind.option()
        if self.aliases:
            option["aliases"] = list(self.aliases)
        return option


def walk(fields, prefix=""):
    """Yield (dotted path, field) for every leaf below C(fields)."""
    for field in fields:
        path = prefix + field.name
        if isinstance(field.kind, Object):
            yield from walk(field.kind.fields, path + ".")
        else:
            yield path, field


class Resource:
    """The description of one kind of object of the API. Data only; see the files in _resources.

    :arg name: result key and envelope of one object; C(plural): of many.
    :arg noun: what people call it in a sentence.
    :arg collection: path of the collection below the project; C(item) of one object, with C({id}).
    :arg fields: the table (C(Field)s).
    :arg identity: the members that identify (C(Identity)).
    :arg constraints: conditions between members, from _constraints.
    :arg states: a C(States), or None for an object without a life of its own.
    :arg actions: paths of the object's further operations, by name.
    :arg creation: a C(Creation), or None for an object that is only read.
    :arg filters: by what a search can choose (C(Filter)s). C(details): what can be asked of one object (C(Detail)s).
    :arg absent: codes of 404 answers that speak of this object, though elsewhere they speak of another.
    :ivar leaves: {dotted path: Field} of every member; C(managed): without the read-only ones.
    :ivar ignored: the options that are accepted only so that a result can be given back.
    :ivar secret: path of the write-only member, or None; C(secret_updated_key): the result key that tells it was sent.
    :ivar tags: path of the tags, or None.
    """

    def __init__(
        self, name, plural, noun, collection, item, fields, identity, constraints=(), states=None, actions=None, creation=None, filters=(),
        details=(), absent=()
    ):
        self.name = name
        self.plural = plural
        self.noun = noun
        self.collection = collection
        self.item = item
        self.fields = tuple(fields)
        self.identity = identity
        self.constraints = tuple(constraints)
        self.states = states
        self.actions = actions or {}
        self.creation = creation
        self.filters = tuple(filters)
        self.details = tuple(details)
        self.absent = frozenset(absent)
        self.leaves = dict(walk(self.fields))
        self.managed = {path: field for path, field in self.leaves.items() if field.change != READ_ONLY}
        self.ignored = frozenset(field.name for field in self.fields if field.change == READ_ONLY).union(detail.name for detail in self.details)
        self.secret = next((path for path, field in self.leaves.items() if isinstance(field.kind, Secret)), None)
        self.secret_updated_key = None if self.secret is None else self.secret + "_updated"
        self.tags = next((path for path, field in self.leaves.items() if isinstance(field.kind, Tags)), None)
        self._validate()

    def _validate(self):
        for path, field in self.leaves.items():
            others = list(field.sent_with)
            others += [part.path for part in (field.takes_effect, field.only_with) if hasattr(part, "path")]
            for other in others:
                if other not in self.leaves:
                    raise ValueError("%s refers to %s, which is no member" % (path, other))
        for rule in self.constraints:
            for other in rule.paths:
                if other not in self.leaves:
                    raise ValueError("a rule refers to %s, which is no member" % other)

    def options(self):
        """Return the argument specification of the resource's own options (dict).

        What a search adds to an object is accepted too, so that its result can be given back.
        """
        spec = {field.name: field.option() for field in self.fields}
        spec[self.identity.id] = {"type": "str", "aliases": list(self.identity.id_aliases)}
        spec.update((detail.name, {"type": "raw"}) for detail in self.details)
        return spec

    def normalize(self, values):
        """Return the leaves of C(values), an answer or task options, in normal form: {dotted path: clean value}.

        Members that are absent or null are left out; false and empty stay, since a task may ask for them.
        """
        return dict(_normalized(self.fields, values, ""))


def _normalized(fields, values, prefix):
    for field in fields:
        value = values.get(field.name)
        if value is None or field.change == READ_ONLY:
            continue
        if isinstance(field.kind, Object):
            if isinstance(value, dict):
                yield from _normalized(field.kind.fields, value, prefix + field.name + ".")
        else:
            yield prefix + field.name, field.kind.normalize(value)


class Identity:
    """Which members tell one object from another.

    :arg id: the identifier, C(id_aliases) further option names, C(id_pattern) its form and C(id_text) that in words.
    :arg name: the name, which need not be unique. C(parent): the member that narrows a search, also as a list filter.
    """

    def __init__(self, id, id_aliases, id_pattern, id_text, name, parent):
        self.id = id
        self.id_aliases = tuple(id_aliases)
        self.id_pattern = re.compile(id_pattern)
        self.id_text = id_text
        self.name = name
        self.parent = parent


class States:
    """The words an object's state member uses, by what they mean for a client.

    :arg member: the member that carries the state.
    :arg settled: nothing is under way. C(pending): something is, and passes. C(deleting): it is being deleted.
    :arg stuck: passes only by a change or a repair. C(frozen): the cloud takes no change.
    :ivar busy: pending or leaving.
    """

    def __init__(self, member, stable, pending, deleting, failed, frozen):
        self.member = member
        self.stable = frozenset(stable)
        self.pending = frozenset(pending)
        self.deleting = frozenset(deleting)
        self.failed = frozenset(failed)
        self.frozen = frozenset(frozen)
        self.busy = self.pending | self.deleting


class Creation:
    """What making a new object needs.

    :arg required: paths that must be given. C(required_with): for a value of the member C(by) (C(by_default) when it
        is left out), groups of paths of which one must be given.
    :arg waiver: a C(Waiver) of one of these groups.
    :arg same: the members by which an object whose creation was not answered is recognised, besides its name;
        C(same_defaults): what the server fills in for them.
    """

    def __init__(self, required, required_with, by, by_default, waiver, same, same_defaults):
        self.required = tuple(required)
        self.required_with = required_with
        self.by = by
        self.by_default = by_default
        self.waiver = waiver
        self.same = tuple(same)
        self.same_defaults = same_defaults


class Waiver:
    """A group of members that a creation may lack when the object it belongs to is of a certain sort.

    :arg group: the members. C(by), C(values): it matters only when the member C(by) has one of these values.
    :arg partner: the member with the other object's id. C(path), C(envelope): where that object is read.
    :arg member, value: what the other object must show.
    """

    def __init__(self, group, by, values, partner, path, envelope, member, value):
        self.group = tuple(group)
        self.by = by
        self.values = frozenset(values)
        self.partner = partner
        self.path = path
        self.envelope = envelope
        self.member = member
        self.value = value

    def matters(self, wanted):
        """Say whether the other object has to be asked, for wanted leaves in normal form."""
        return wanted.get(self.by) in self.values and not any(wanted.get(path) for path in self.group)


class Filter:
    """A member that a search can choose by.

    :arg on_server: whether the API takes it as a query parameter of the list; the rest is chosen from its answer.
    """

    def __init__(self, name, kind, on_server=False):
        self.name = name
        self.kind = kind
        self.on_server = on_server

    def matches(self, wanted, item):
        """Say whether an object bears the wanted value."""
        return self.kind.compare_key(self.kind.normalize(wanted)) == self.kind.compare_key(self.kind.normalize(item.get(self.name)))


class Detail:
    """Something that can be asked of one object beyond what a list tells.

    :arg name: its word in the options, and the key of its result. C(path): with C({id}). C(member): of the answer.
    :arg unavailable: codes of refusals that mean that this object has no such thing.
    :arg question: the option whose members are the body, with their names; None for those asked by GET.
    :arg secret: whether the answer may hold secrets.
    """

    def __init__(self, name, path, member, unavailable=(), question=None, question_members=(), secret=False):
        self.name = name
        self.path = path
        self.member = member
        self.unavailable = frozenset(unavailable)
        self.question = question
        self.question_members = tuple(question_members)
        self.secret = secret
