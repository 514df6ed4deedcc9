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
  - Each VPN gateway becomes a host of the group C(vpn_gateways). What the API says of it is in the host variable C(vpn_gateway),
    and its connections are in the host variable C(vpn_connections).
  - A host is a gateway and not a connection, because the cloud takes one change at a time for each gateway.
    So forks, batches and job slices, which all split hosts, never let two tasks write to the same gateway at once.
  - The host is named after the gateway. Gateways that share a name are named by their ID.
  - The plugin sends two requests, one for all gateways and one for all connections, however many there are,
    and more only for the pages of long lists, or where a region's list leaves out settings of the connections.
  - No host variable and nothing in the cache contains a credential or a pre-shared key.
extends_documentation_fragment:
  - huaweicloud.vpn._auth
  - ansible.builtin.constructed
  - ansible.builtin.inventory_cache
options:
  plugin:
    description:
      - Says that a file is meant for this plugin.
      - The name of the file must end with C(vpn_gateways.yml) or C(vpn_gateways.yaml).
    type: str
    required: true
    choices:
      - huaweicloud.vpn.vpn_gateways
  filters:
    description:
      - Which gateways become hosts. A gateway must match all that are given. If left out, all gateways do.
    type: dict
    default: {}
    suboptions:
      name:
        description:
          - The exact name.
        type: str
      status:
        description:
          - The status, for example V(ACTIVE). Upper and lower case are the same.
        type: str
      enterprise_project_id:
        description:
          - The ID of the enterprise project, or V(0) for the default one.
        type: str
notes:
  - The options that reach and authenticate to the cloud may be templates, for example with a lookup.
    If they are left out, the environment of the process that reads the inventory counts. In AWX that is the credential of the inventory source.
  - Ansible connects to the hosts by SSH unless it is told not to. Set C(ansible_connection) to V(local) for them, as in the examples.
  - What the cache keeps depends on the file, on the filters, and on the endpoint, project and account that are in use.
seealso:
  - module: huaweicloud.vpn.vpn_gateway_info
  - module: huaweicloud.vpn.vpn_connection_info
  - module: huaweicloud.vpn.vpn_connections
    description: Manages the connections of a gateway in one task.
  - ref: ansible_collections.huaweicloud.vpn.docsite.guide_awx
    description: How AWX uses this inventory.
"""

EXAMPLES = r"""
# A file vpn_gateways.yml. Only this line is needed; the credentials then come from the environment:
# HW_ACCESS_KEY, HW_SECRET_KEY, HW_REGION_NAME and HW_PROJECT_ID.
# Look at the result with: ansible-inventory -i vpn_gateways.yml --list
plugin: huaweicloud.vpn.vpn_gateways

# Credentials that are looked up
region: eu-west-101
access_key: "{{ lookup('ansible.builtin.file', '~/.huaweicloud/access_key') }}"
secret_key: "{{ lookup('ansible.builtin.file', '~/.huaweicloud/secret_key') }}"

# Only what works
filters:
  status: ACTIVE

# In groups by flavor, by the value of a tag, and by what needs attention
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

# Ask the cloud again only after ten minutes
cache: true
cache_plugin: ansible.builtin.jsonfile
cache_connection: ~/.cache/huaweicloud_vpn
cache_timeout: 600
"""

import hashlib
import json
import os

from ansible.errors import AnsibleError, AnsibleParserError
from ansible.module_utils.basic import missing_required_lib
from ansible.plugins.inventory import BaseInventoryPlugin, Cacheable, Constructable
from ansible.release import __version__ as ansible_version

from ansible_collections.huaweicloud.vpn.plugins.module_utils import _gather
from ansible_collections.huaweicloud.vpn.plugins.module_utils._access import CONNECTION_OPTIONS
from ansible_collections.huaweicloud.vpn.plugins.module_utils._client import REQUESTS_PROBLEM, user_agent
from ansible_collections.huaweicloud.vpn.plugins.module_utils._errors import InvalidInput, VpnError
from ansible_collections.huaweicloud.vpn.plugins.module_utils._masking import masker
from ansible_collections.huaweicloud.vpn.plugins.module_utils._resources.connection import CONNECTION
from ansible_collections.huaweicloud.vpn.plugins.module_utils._resources.gateway import GATEWAY
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
            requests = self._requests(given)
        except InvalidInput as refusal:
            raise AnsibleParserError("%s: %s" % (path, masker(refusal.secrets)(refusal.message))) from None
        found = self._found(requests, path, cache)
        for name, gateway, connections in _hosts(found):
            self._add(name, gateway, connections)

    # -- what the file asks for ---------------------------------------------------------------------------------------

    def set_options(self, task_keys=None, var_options=None, direct=None):
        """Let core judge the options that are its own; the others pass the front door, which takes blanks for left out."""
        own = {name: value for name, value in (direct or {}).items() if name not in CONNECTION_OPTIONS and name != "filters"}
        super().set_options(task_keys=task_keys, var_options=var_options, direct=own)

    def _requests(self, given):
        """Return a C(Request) for the gateways and one for the connections.

        :raises InvalidInput: with all that is wrong.
        """
        options = {name: self._plain(given[name], name) for name in CONNECTION_OPTIONS if name in given}
        filters = self._plain(given.get("filters"), "filters") or {}
        unknown = ["option %s" % name for name in given if name not in self.option_definitions]
        if not isinstance(filters, dict):
            raise InvalidInput(["filters must be a dictionary"])
        unknown += ("filter %s" % name for name in filters if name not in FILTERS)
        if unknown:
            raise InvalidInput(["there is no %s" % name for name in unknown])
        return _gather.enter(GATEWAY, dict(options, **filters), os.environ), _gather.enter(CONNECTION, options, os.environ)

    def _plain(self, value, name):
        """Return a value of the file, its templates filled in, as plain Python."""
        try:
            return json.loads(json.dumps(self.templar.template(value), **ENCODING))
        except AnsibleError as error:
            raise InvalidInput(["%s cannot be templated: %s" % (name, error)]) from None

    # -- what the cloud says ------------------------------------------------------------------------------------------

    def _found(self, requests, path, cache):
        """Return the gateways and connections (dict of lists), from the cache if the file and the caller want that."""
        self.load_cache_plugin()
        key = "%s_%s" % (self.get_cache_key(path), _fingerprint(requests[0]))
        wanted = self.get_option("cache")
        if wanted and cache:
            try:
                return self._cache[key]
            except KeyError:
                pass
        found = self._asked(requests)
        if wanted:
            self._cache[key] = found
        return found

    def _asked(self, requests):
        found = {}
        for resource, request in zip((GATEWAY, CONNECTION), requests):
            mask = masker(request.secrets)
            try:
                result = mask(_gather.perform(resource, request, True, Clock(), user_agent(ansible_version)))
            except VpnError as error:
                raise AnsibleParserError("the %ss cannot be read: %s" % (resource.noun, mask(error.message))) from None
            for warning in result["warnings"]:
                self.display.warning(warning)
            found[resource.plural] = result[resource.plural]
            if not result[resource.plural]:
                break
        return found

    # -- hosts --------------------------------------------------------------------------------------------------------

    def _add(self, name, gateway, connections):
        self.inventory.add_group(GATEWAY.plural)
        self.inventory.add_host(name, group=GATEWAY.plural)
        variables = {GATEWAY.name: _inert(gateway), CONNECTION.plural: _inert(connections)}
        for key, value in variables.items():
            self.inventory.set_variable(name, key, value)
        strict = self.get_option("strict")
        self._set_composite_vars(self.get_option("compose"), variables, name, strict=strict)
        composed = self.inventory.get_host(name).vars
        for key in self.get_option("compose"):
            if key in composed:
                self.inventory.set_variable(name, key, _inert(composed[key]))
        self._add_host_to_composed_groups(self.get_option("groups"), variables, name, strict=strict)
        self._add_host_to_keyed_groups(self.get_option("keyed_groups"), variables, name, strict=strict)


def _hosts(found):
    """Yield (host name, gateway, its connections) in the order of the names."""
    gateways = found[GATEWAY.plural]
    names = [gateway.get("name") for gateway in gateways]
    by_gateway = {}
    within = CONNECTION.identity.within
    for connection in sorted(found.get(CONNECTION.plural, ()), key=lambda item: (item.get("name") or "", item["id"])):
        by_gateway.setdefault((connection.get(within) or "").lower(), []).append(connection)
    for gateway in sorted(gateways, key=lambda item: (item.get("name") or "", item["id"])):
        name = gateway.get("name")
        yield name if name and names.count(name) == 1 else gateway["id"], gateway, by_gateway.get(gateway["id"].lower(), [])


def _inert(value):
    """Return a value whose texts Ansible never takes for templates, whatever somebody wrote into a name or a tag.

    Only texts that look like a template are marked in a way that shows in the output of ansible-inventory, where the mark is a
    dictionary around the text, which AWX would take for the value.
    """
    if isinstance(value, str):
        return inert_text(value) if "{" in value or value.startswith("#jinja2") else plain_text(value)
    if isinstance(value, dict):
        return {name: _inert(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_inert(item) for item in value]
    return value


def _fingerprint(request):
    """Return what tells the answers to two requests apart: place, project, account and filters, but for secrets that name nobody."""
    access = request.access
    account = [text for name, text in sorted(access.credentials.items()) if name == "access_key" or not CONNECTION_OPTIONS[name].get("no_log")]
    filters = {name: request.options[name] for name in FILTERS if name in request.options}
    told = [access.endpoint, access.auth_url, access.project_id, access.project_name, account, filters]
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode("utf-8")).hexdigest()[:16]
