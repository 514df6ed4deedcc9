# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is there: the function behind the info modules. Private to this collection; no stable interface.

Plain dictionary in, result dictionary or exception out, as in _run; but nothing here can write.
"""

from __future__ import annotations

from ansible_collections.huaweicloud.vpn.plugins.module_utils._access import CONNECTION_OPTIONS
from ansible_collections.huaweicloud.vpn.plugins.module_utils._api import Reader, connect
from ansible_collections.huaweicloud.vpn.plugins.module_utils._compare import presentable
from ansible_collections.huaweicloud.vpn.plugins.module_utils._errors import ApiError, VpnError
from ansible_collections.huaweicloud.vpn.plugins.module_utils._fields import Group
from ansible_collections.huaweicloud.vpn.plugins.module_utils._front import judge_id, open_door
from ansible_collections.huaweicloud.vpn.plugins.module_utils._plan import MASK


def argument_spec(resource):
    """Return the argument specification of the module that lists this resource (dict)."""
    identity = resource.identity
    spec = dict(CONNECTION_OPTIONS)
    spec[identity.id] = {"type": "str", "aliases": list(identity.id_aliases)}
    for item in resource.filters:
        field = resource.leaves.get(item.name)
        spec[item.name] = {"type": "str", "aliases": list(field.aliases)} if field is not None and field.aliases else {"type": "str"}
    if resource.details:
        spec["details"] = {"type": "list", "elements": "str", "choices": [detail.name for detail in resource.details]}
        spec["show_secrets"] = {"type": "bool", "default": False, "no_log": False}
    for detail in resource.details:
        if detail.question is not None:
            spec[detail.question] = {"type": "dict", "options": {name: {"type": "str"} for name in detail.question_members}}
    return spec


def enter(resource, arguments, environment):
    """Return the C(Request) that a task's arguments make; see C(_front.open_door)."""
    return open_door(resource, argument_spec(resource), arguments, environment, _judge)


def _judge(resource, given):
    judge_id(resource, given)
    given.shown.update((item.name, given.options[item.name]) for item in resource.filters if item.name in given.options)
    for detail in _asked(resource, given.options):
        if detail.question is None:
            continue
        answers = given.options.get(detail.question) or {}
        lacking = [name for name in detail.question_members if not answers.get(name)]
        if lacking:
            given.problems.append("details %s needs %s" % (detail.name, ", ".join("%s.%s" % (detail.question, name) for name in lacking)))
    return {}


def _asked(resource, options):
    return [detail for detail in resource.details if detail.name in (options.get("details") or ())]


def perform(resource, request, check_mode, clock, user_agent, lost=None):
    """Return what matches (dict): the objects under the resource's plural, and how many there are in all.

    :arg check_mode, lost: of no meaning here, since nothing is ever written.
    :raises VpnError: see C(Client.call).
    """
    reader = connect(Reader, resource, request.access, clock, user_agent)
    try:
        return _gathered(resource, reader, request.options)
    except VpnError as error:
        if reader.client.request_ids:
            error.details.setdefault("request_ids", list(reader.client.request_ids))
        raise


def _gathered(resource, reader, options):
    warnings = []
    objects, total = _found(resource, reader, options, warnings)
    for shown in objects:
        for detail in _asked(resource, options):
            shown[detail.name] = _detail(reader, detail, shown, options, warnings)
    result = {"changed": False, resource.plural: objects, "total_count": total, "warnings": warnings}
    if reader.client.request_ids:
        result["request_ids"] = list(reader.client.request_ids)
    return result


def _found(resource, reader, options, warnings):
    """Return (the objects that all filters let pass, the number of those there are by the API, or else of those it returned).

    The objects are in the words of the options.
    """
    filters = [filter_ for filter_ in resource.filters if filter_.name in options]
    if resource.identity.id in options:
        found = reader.read(options[resource.identity.id])
        listed = [] if found is None else [found]
        chosen = [item for item in listed if all(filter_.matches(options[filter_.name], item) for filter_ in filters)]
        return [presentable(resource, item) for item in chosen], len(listed)

    def shown(item):
        if not all(_passes(filter_, options[filter_.name], item) for filter_ in filters):
            return None
        whole = _whole(resource, reader, item)
        return None if whole is None else presentable(resource, whole)

    odd = []
    query = [(filter_.name, filter_.kind.key(options[filter_.name])) for filter_ in filters if filter_.on_server]
    listed, total = reader.listing(query, odd=odd)
    objects = _each(listed, shown, odd)
    if odd:
        warnings.append(
            "%d of the %ss that the API lists were left out: they are not of the form that is known" % (len(odd), resource.noun))
    return objects, len(listed) if total is None else total


def _each(items, make, odd):
    """Return what C(make) makes of each item, but for None; an item of a form that it cannot read goes to C(odd)."""
    made = []
    for item in items:
        try:
            made.append(make(item))
        except (AttributeError, KeyError, TypeError, ValueError):
            # One object that the API shows in an unknown form must not hide all others.
            odd.append(item)
    return [item for item in made if item is not None]


def _passes(filter_, wanted, item):
    """Say whether a list's entry bears the wanted value; one that does not show it was chosen by the API, if that can choose."""
    return filter_.matches(wanted, item) or filter_.on_server and item.get(filter_.name) is None


def _whole(resource, reader, item):
    """Return a list's entry, read by itself where the list leaves out an object inside it; None when it is gone by then."""
    nested = (field.name for field in resource.fields if isinstance(field.kind, Group))
    return item if all(item.get(name) for name in nested) else reader.read(item[resource.identity.id])


def _detail(reader, detail, shown, options, warnings):
    """Return one detail of one object; None, with a warning, where the API says that the object has none."""
    if detail.secret and not options["show_secrets"]:
        return MASK
    try:
        return reader.detail(detail, shown["id"], options.get(detail.question))
    except ApiError as error:
        if error.code not in detail.unavailable and not error.missing:
            raise
        warnings.append("no %s of %s: %s" % (detail.name, shown["id"], error.message))
        return None
