# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: vpn_gateways
short_description: VPN gateways of Huawei Cloud Enterprise VPN as hosts
version_added: "0.1.0"
author:
  - huaweicloud.vpn contributors (@huaweicloud-vpn)
description:
  - Each VPN gateway becomes a host in the group C(vpn_gateways). Its data is in the host variable C(vpn_gateway),
    and its connections are in the host variable C(vpn_connections).
  - Hosts are gateways and not connections, because a gateway accepts one change at a time.
    Forks, batches and job slices, which all split hosts, therefore never let two tasks write to the same gateway at once.
  - The host is named after the gateway if the name consists of letters, digits, underscores, periods and hyphens and begins with a letter,
    a digit or an underscore. Otherwise the host is named after the ID of the gateway.
    This also applies to gateways that share a name, or whose name is C(localhost), the ID of another gateway, or the name of a group.
  - A gateway or connection that the API returns in an unusable form is skipped with a warning.
  - The plugin sends two requests, one for all gateways and one for all connections, regardless of their number.
    It sends more only for the pages of long lists, or if the list of a region omits settings of the connections.
  - Neither host variables nor the cache contain credentials or pre-shared keys.
extends_documentation_fragment:
  - huaweicloud.vpn._auth
  - ansible.builtin.constructed
  - ansible.builtin.inventory_cache
options:
  plugin:
    description:
      - Marks the file as an inventory source of this plugin.
      - The name of the file must end with C(vpn_gateways.yml) or C(vpn_gateways.yaml).
    type: str
    required: true
    choices:
      - huaweicloud.vpn.vpn_gateways
  filters:
    description:
      - Which gateways become hosts. A gateway must match all filters. If not set, all gateways become hosts.
    type: dict
    default: {}
    suboptions:
      name:
        description:
          - The exact name.
        type: str
      status:
        description:
          - The status, for example V(ACTIVE). Case is ignored.
        type: str
      enterprise_project_id:
        description:
          - The ID of the enterprise project, or V(0) for the default one.
        type: str
notes:
  - The connection and authentication options may be templates, for example with a lookup.
    If they are not set, the environment of the process that reads the inventory is used. In AWX, this is the credential of the inventory source.
  - Ansible connects to the hosts by SSH by default. Set C(ansible_connection) to V(local) for them, as in the examples.
  - The cache key depends on the file, the filters, the endpoint, the project and the credentials in use.
    With a new token or new temporary keys, the cloud is queried again. The same applies if the cache is damaged.
seealso:
  - module: huaweicloud.vpn.vpn_gateway_info
  - module: huaweicloud.vpn.vpn_connection_info
  - module: huaweicloud.vpn.vpn_connections
    description: Manages the connections of a gateway in one task.
  - ref: ansible_collections.huaweicloud.vpn.docsite.guide_awx
    description: How AWX uses this inventory.
"""

EXAMPLES = r"""
# A file vpn_gateways.yml. Only this line is required. The credentials then come from the environment:
# HW_ACCESS_KEY, HW_SECRET_KEY, HW_REGION_NAME and HW_PROJECT_ID.
# Show the result with: ansible-inventory -i vpn_gateways.yml --list
plugin: huaweicloud.vpn.vpn_gateways

# Credentials from a lookup
region: eu-west-101
access_key: "{{ lookup('ansible.builtin.file', '~/.huaweicloud/access_key') }}"
secret_key: "{{ lookup('ansible.builtin.file', '~/.huaweicloud/secret_key') }}"

# Only active gateways
filters:
  status: ACTIVE

# Groups by flavor, by the value of a tag, and by need for attention
keyed_groups:
  - key: vpn_gateway.flavor
    prefix: flavor
  - key: vpn_gateway.tags.site
    prefix: site
groups:
  # Gateways with a connection that is down
  attention: vpn_connections | selectattr('status', 'eq', 'DOWN') | length > 0

compose:
  # Tasks for these hosts run on the controller.
  ansible_connection: "'local'"
  ansible_python_interpreter: ansible_playbook_python | default('auto_silent')
  connection_names: vpn_connections | map(attribute='name') | sort

# Query the cloud at most every ten minutes
cache: true
cache_plugin: ansible.builtin.jsonfile
cache_connection: ~/.cache/huaweicloud_vpn
cache_timeout: 600
"""

import json
import os
import re

from ansible import constants
from ansible.errors import AnsibleError, AnsibleParserError
from ansible.module_utils.basic import missing_required_lib
from ansible.inventory.data import InventoryData
from ansible.plugins.inventory import BaseInventoryPlugin, Cacheable, Constructable
from ansible.release import __version__ as ansible_version

from ansible_collections.huaweicloud.vpn.plugins.module_utils import _info
from ansible_collections.huaweicloud.vpn.plugins.module_utils._access import AUTH_OPTIONS, PASSWORD
from ansible_collections.huaweicloud.vpn.plugins.module_utils._client import REQUESTS_PROBLEM, user_agent
from ansible_collections.huaweicloud.vpn.plugins.module_utils._errors import InvalidInput, VpnError
from ansible_collections.huaweicloud.vpn.plugins.module_utils._masking import masker
from ansible_collections.huaweicloud.vpn.plugins.module_utils._options import shown_name
from ansible_collections.huaweicloud.vpn.plugins.module_utils._plan import sha256_of, derive_key
from ansible_collections.huaweicloud.vpn.plugins.module_utils._resources.connection import CONNECTION
from ansible_collections.huaweicloud.vpn.plugins.module_utils._resources.gateway import GATEWAY
from ansible_collections.huaweicloud.vpn.plugins.module_utils._text import printable
from ansible_collections.huaweicloud.vpn.plugins.module_utils._wait import Clock
from ansible_collections.huaweicloud.vpn.plugins.plugin_utils._in_process import ENCODING

# How to hand a text to Ansible that it may show plainly, and one that it must not take for a template.
try:
    from ansible.template import trust_as_template as plain_text
    inert_text = str
except ImportError:  # before ansible-core 2.19, where every text is a template unless it is marked not to be one
    plain_text = str
    from ansible.utils.unsafe_proxy import wrap_var as inert_text

SUFFIXES = ("vpn_gateways.yml", "vpn_gateways.yaml")
FILTERS = tuple(item.name for item in GATEWAY.filters)

# Whoever may rename a gateway chooses its name. Releases of core before 2.19 take a host's name for a template, patterns of
# hosts and options of commands have signs of their own, and host_vars/.. is a folder. Letters of every language are harmless.
HOST_NAME = re.compile(r"\w[\w.-]*")


class InventoryModule(BaseInventoryPlugin, Constructable, Cacheable):

    NAME = "huaweicloud.vpn.vpn_gateways"

    def verify_file(self, path):
        """Say whether a file is meant for this plugin."""
        return super().verify_file(path) and path.endswith(SUFFIXES)

    def parse(self, inventory, loader, path, cache=True):
        """Fill the inventory with what the cloud, or the cache, says."""
        super().parse(inventory, loader, path, cache)
        if REQUESTS_PROBLEM is not None:
            raise AnsibleParserError(missing_required_lib("requests"))
        given = self._read_config_data(path)
        try:
            inputs = self._inputs(given)
        except InvalidInput as refusal:
            raise AnsibleParserError("%s: %s" % (path, _fit(refusal.message, refusal.secrets))) from None
        found = self._found(inputs, path, cache)
        self._fill(found)

    # -- what the file asks for ---------------------------------------------------------------------------------------

    def set_options(self, task_keys=None, var_options=None, direct=None):
        """Let core judge the options that are its own; the others pass the front door, which takes blanks for left out."""
        own = {name: value for name, value in (direct or {}).items() if name not in AUTH_OPTIONS and name != "filters"}
        super().set_options(task_keys=task_keys, var_options=var_options, direct=own)

    def _inputs(self, given):
        """Return a C(TaskInput) for the gateways and one for the connections.

        :raises InvalidInput: with all that is wrong.
        """
        options = {name: self._plain(given[name], name) for name in AUTH_OPTIONS if name in given}
        filters = self._plain(given.get("filters"), "filters") or {}
        unknown = ["option %s" % shown_name(name) for name in given if name not in self.option_definitions]
        if not isinstance(filters, dict):
            raise InvalidInput(["filters must be a dictionary"])
        unknown += ("filter %s" % shown_name(name) for name in filters if name not in FILTERS)
        if unknown:
            raise InvalidInput(["there is no %s" % name for name in unknown])
        return _info.enter(GATEWAY, dict(options, **filters), os.environ), _info.enter(CONNECTION, options, os.environ)

    def _plain(self, value, name):
        """Return a value of the file, its templates filled in, as plain Python."""
        try:
            return json.loads(json.dumps(self.templar.template(value), **ENCODING))
        except AnsibleError as error:
            raise InvalidInput(["%s cannot be templated: %s" % (name, error)]) from None

    # -- what the cloud says ------------------------------------------------------------------------------------------

    def _found(self, inputs, path, cache):
        """Return the gateways and connections (dict of lists), from the cache if the file and the caller want that."""
        self.load_cache_plugin()
        if not self.get_option("cache"):
            return self._asked(inputs)
        key = "%s_%s" % (self.get_cache_key(path), _fingerprint(inputs[0]))
        found = self._remembered(key) if cache else None
        if found is None:
            found = self._cache[key] = self._asked(inputs)
        return found

    def _remembered(self, key):
        """Return what the cache holds, or None where that is nothing or damaged."""
        try:
            found = self._cache[key]
        except KeyError:
            return None
        except Exception as error:  # pylint: disable=broad-except
            # Each kind of cache fails in its own way, and the cloud can be asked whatever it was.
            self.display.vv("the cache cannot be read and is renewed: %s" % type(error).__name__)
            return None
        return found if _is_intact(found) else None

    def _asked(self, inputs):
        found = {}
        for resource, task_input in zip((GATEWAY, CONNECTION), inputs):
            try:
                result = _info.perform(resource, task_input, True, Clock(), user_agent(ansible_version))
            except VpnError as error:
                raise AnsibleParserError(
                    "the %ss cannot be read: %s" % (resource.noun, _fit(error.message, task_input.secrets))) from None
            result = masker(task_input.secrets)(result)
            for warning in result["warnings"]:
                self.display.warning(_fit(warning, task_input.secrets))
            found[resource.plural] = result[resource.plural]
            if not result[resource.plural]:
                break
        return found

    # -- hosts --------------------------------------------------------------------------------------------------------

    def _fill(self, found):
        """Add a host for each gateway."""
        gateways = [item for item in found[GATEWAY.plural] if _places(item)]
        connections = [item for item in found.get(CONNECTION.plural, ()) if _places(item, CONNECTION.identity.parent)]
        self._say_left_out(CONNECTION, len(found.get(CONNECTION.plural, ())) - len(connections))
        pairs = _with_connections(gateways, connections)
        names = _host_names(gateways, self._groups_to_be(pairs))
        for gateway, its_connections in pairs:
            if names[gateway["id"]] is not None:
                self._add(names[gateway["id"]], gateway, its_connections, self.get_option("strict"))
        self._say_left_out(GATEWAY, len(found[GATEWAY.plural]) - len(gateways) + list(names.values()).count(None))

    def _groups_to_be(self, pairs):
        """Return the names of all groups that there are or will be: a host with one of them would be taken for the group (set of str)."""
        real, self.inventory = self.inventory, InventoryData()
        try:
            for gateway, connections in pairs:
                # Groups have no hyphen in their names, so that nothing can be confused here.
                self._add("%s-" % gateway["id"], gateway, connections, strict=False)
            return set(real.groups).union(self.inventory.groups, (GATEWAY.plural,))
        finally:
            self.inventory = real

    def _say_left_out(self, resource, number):
        if number:
            self.display.warning("%d of the %ss were left out: what places them in the inventory cannot be used" % (number, resource.noun))

    def _add(self, name, gateway, connections, strict):
        self.inventory.add_group(GATEWAY.plural)
        self.inventory.add_host(name, group=GATEWAY.plural)
        variables = {GATEWAY.name: _inert(gateway), CONNECTION.plural: _inert(connections)}
        for key, value in variables.items():
            self.inventory.set_variable(name, key, value)
        self._set_composite_vars(self.get_option("compose"), variables, name, strict=strict)
        composed = self.inventory.get_host(name).vars
        for key in self.get_option("compose"):
            if key in composed:
                self.inventory.set_variable(name, key, _inert(composed[key]))
        self._add_host_to_composed_groups(self.get_option("groups"), variables, name, strict=strict)
        self._add_host_to_keyed_groups(self.get_option("keyed_groups"), variables, name, strict=strict)


def _fit(sentence, secrets):
    """Return a sentence without secrets and without what a terminal would not print."""
    masked = masker(secrets)(sentence)
    return printable(masked, len(masked))


def _with_connections(gateways, connections):
    """Return each gateway with its connections (list of pairs), in the order of their names."""
    by_gateway = {}
    for connection in sorted(connections, key=_name_and_id):
        by_gateway.setdefault((connection.get(CONNECTION.identity.parent) or "").lower(), []).append(connection)
    return [(gateway, by_gateway.get(gateway["id"].lower(), [])) for gateway in sorted(gateways, key=_name_and_id)]


def _host_names(gateways, groups):
    """Return the host name of each gateway by its id: its name, or else the id, or None where neither can be one (dict)."""
    names = [gateway.get("name") for gateway in gateways]
    taken = groups.union(gateway["id"] for gateway in gateways)
    chosen = {}
    for gateway in gateways:
        name, identifier = gateway.get("name"), gateway["id"]
        if name and _may_be_host(name) and names.count(name) == 1 and name not in taken:
            chosen[identifier] = name
        else:
            chosen[identifier] = identifier if _may_be_host(identifier) and identifier not in groups else None
    return chosen


def _places(item, *further):
    """Say whether what places an object in the inventory is text."""
    return isinstance(item["id"], str) and all(isinstance(item.get(name), (str, type(None))) for name in ("name",) + further)


def _may_be_host(name):
    return HOST_NAME.fullmatch(name) is not None and name not in constants.LOCALHOST


def _name_and_id(item):
    return item.get("name") or "", item["id"]


def _inert(value):
    """Return a value whose texts Ansible never takes for templates, whatever somebody wrote into a name or a tag.

    Only texts that look like a template are marked in a way that shows in the output of ansible-inventory, where the mark is a
    dictionary around the text, which AWX would take for the value.
    """
    if isinstance(value, str):
        return inert_text(value) if "{" in value or value.startswith("#jinja2") else plain_text(value)
    if isinstance(value, dict):
        return {_inert(name): _inert(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_inert(item) for item in value]
    return value


def _is_intact(found):
    """Say whether what a cache holds has the form of what was put there."""
    return isinstance(found, dict) and GATEWAY.plural in found and set(found) <= {GATEWAY.plural, CONNECTION.plural} and all(
        isinstance(items, list) and all(isinstance(item, dict) and isinstance(item.get("id"), str) for item in items)
        for items in found.values())


def _fingerprint(task_input):
    """Return what tells the answers to two requests apart: place, project, filters, and who asks.

    A token alone does not say whose it is, so all credentials go in. The fingerprint is part of a file's name: a password,
    which somebody may have made up, goes through the hash that makes guessing costly; nobody guesses keys and tokens.
    """
    access = task_input.access
    filters = {name: task_input.options[name] for name in FILTERS if name in task_input.options}
    told = [access.endpoint, access.auth_url, access.project_id, access.project_name, access.auth_method, filters]
    who = sorted(access.credentials.items())
    if access.auth_method == PASSWORD:
        return derive_key([text for pair in who for text in pair], sha256_of(told))[:32]
    return sha256_of([told, who])[:32]
