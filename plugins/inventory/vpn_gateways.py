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
    It sends one more for O(customer_gateways) and one more for O(quotas).
    Apart from that, it sends more only for the pages of long lists, or if the list of a region omits settings of the objects.
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
  customer_gateways:
    description:
      - Whether each host also gets the customer gateways that its connections use, in the host variable C(customer_gateways).
        A customer gateway that no connection uses belongs to no host.
    type: bool
    default: false
  quotas:
    description:
      - Whether each host also gets the quotas of the project, in the host variable C(vpn_quotas).
    type: bool
    default: false
notes:
  - The connection and authentication options may be templates, for example with a lookup.
    If they are not set, the environment of the process that reads the inventory is used. In AWX, this is the credential of the inventory source.
  - Ansible connects to the hosts by SSH by default. Set C(ansible_connection) to V(local) for them, as in the examples.
  - The cache key depends on the file, the filters, the endpoint, the project and the credentials in use.
    With a new token, ID token or temporary key in the options or the environment, the cloud is queried again.
    The same applies if the cache is damaged. With O(ecs_agency), each server has its own cache.
seealso:
  - module: huaweicloud.vpn.vpn_gateway_info
  - module: huaweicloud.vpn.vpn_connection_info
  - module: huaweicloud.vpn.vpn_customer_gateway_info
  - module: huaweicloud.vpn.vpn_quota_info
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

# Also the customer gateways of each gateway, and the quotas of the project
customer_gateways: true
quotas: true

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
  device_addresses: customer_gateways | map(attribute='id_value') | sort
  free_connections: (vpn_quotas | selectattr('type', 'eq', 'vpn_connection') | first).free

# Query the cloud at most every ten minutes
cache: true
cache_plugin: ansible.builtin.jsonfile
cache_connection: ~/.cache/huaweicloud_vpn
cache_timeout: 600
"""

import json
import os
import re
from typing import Any, Collection, Dict, Iterable, List, Mapping, NamedTuple, Sequence

from ansible import constants
from ansible.errors import AnsibleError, AnsibleParserError
from ansible.inventory.data import InventoryData
from ansible.module_utils.basic import missing_required_lib
from ansible.parsing.dataloader import DataLoader
from ansible.plugins.inventory import BaseInventoryPlugin, Cacheable, Constructable
from ansible.release import __version__ as ansible_version

from ansible_collections.huaweicloud.vpn.plugins.module_utils._clock import Clock
from ansible_collections.huaweicloud.vpn.plugins.module_utils._errors import InvalidInput, VpnError
from ansible_collections.huaweicloud.vpn.plugins.module_utils._execute import Operation
from ansible_collections.huaweicloud.vpn.plugins.module_utils._http.auth import ECS, PASSWORD
from ansible_collections.huaweicloud.vpn.plugins.module_utils._http.chain import read_id_token
from ansible_collections.huaweicloud.vpn.plugins.module_utils._http.transport import REQUESTS_PROBLEM, user_agent
from ansible_collections.huaweicloud.vpn.plugins.module_utils._input.access import AUTH_OPTIONS
from ansible_collections.huaweicloud.vpn.plugins.module_utils._input.options import describe, shown_name, truth
from ansible_collections.huaweicloud.vpn.plugins.module_utils._input.validation import TaskInput
from ansible_collections.huaweicloud.vpn.plugins.module_utils._masking import masker
from ansible_collections.huaweicloud.vpn.plugins.module_utils._planning.plan import derive_key, sha256_of
from ansible_collections.huaweicloud.vpn.plugins.module_utils._resources.connection import CONNECTION
from ansible_collections.huaweicloud.vpn.plugins.module_utils._resources.customer_gateway import CUSTOMER_GATEWAY
from ansible_collections.huaweicloud.vpn.plugins.module_utils._resources.gateway import GATEWAY
from ansible_collections.huaweicloud.vpn.plugins.module_utils._resources.quota import QUOTAS
from ansible_collections.huaweicloud.vpn.plugins.module_utils._schema.resource import Resource
from ansible_collections.huaweicloud.vpn.plugins.module_utils._text import printable
from ansible_collections.huaweicloud.vpn.plugins.module_utils._work import catalog, info
from ansible_collections.huaweicloud.vpn.plugins.plugin_utils._in_process import ENCODING

# How to hand a text to Ansible that it may show plainly, and one that it must not take for a template.
try:
    from ansible.template import trust_as_template
except ImportError:  # before ansible-core 2.19, where every text is a template unless it is marked not to be one
    from ansible.utils.unsafe_proxy import wrap_var

    plain_text, inert_text = str, wrap_var
else:
    plain_text, inert_text = trust_as_template, str

SUFFIXES = ("vpn_gateways.yml", "vpn_gateways.yaml")
# The members of a connection with the identifiers of its gateway and of its customer gateway.
PARENT = CONNECTION.identity.parent or ""
CUSTOMER = next(dependent.member for dependent in CUSTOMER_GATEWAY.dependents)
FILTERS = tuple(item.name for item in GATEWAY.filters)
# What is read only if the file asks for it, by the option.
ON_REQUEST: dict[str, tuple[Operation, Resource]] = {
    "customer_gateways": (info, CUSTOMER_GATEWAY),
    "quotas": (catalog, QUOTAS),
}

# Whoever may rename a gateway chooses its name. ansible-core before 2.19 takes a host's name for a template, patterns
# of hosts and options of commands have special characters of their own, and host_vars/.. is a folder. Letters of every
# language are harmless.
HOST_NAME = re.compile(r"\w[\w.-]*")

# What the cloud or the cache holds: gateways and, unless there is no gateway, everything else, by the plural of its kind.
Found = Dict[str, List[Dict[str, Any]]]


class Question(NamedTuple):
    """One list that the cloud is asked for."""

    operation: Operation
    resource: Resource
    task_input: TaskInput


class Host(NamedTuple):
    """A gateway that becomes a host, and what belongs to it, by the name of the host variable."""

    gateway: Mapping[str, Any]
    belongings: Mapping[str, Sequence[Mapping[str, Any]]]

    @property
    def variables(self) -> dict[str, Any]:
        """The variables of the host; none of their texts is a template."""
        return {name: _inert(value) for name, value in ((GATEWAY.name, self.gateway), *self.belongings.items())}


class InventoryModule(BaseInventoryPlugin, Constructable, Cacheable):
    """VPN gateways as hosts; `DOCUMENTATION` says what the hosts look like."""

    NAME = "huaweicloud.vpn.vpn_gateways"

    inventory: InventoryData

    def verify_file(self, path: str) -> bool:
        """Return whether a file is meant for this plugin."""
        return bool(super().verify_file(path)) and path.endswith(SUFFIXES)

    def parse(self, inventory: InventoryData, loader: DataLoader, path: str, cache: bool = True) -> None:
        """Fill the inventory from the cloud or from the cache.

        Args:
            inventory: The inventory to fill.
            loader: Reads files.
            path: The file with the options of this plugin.
            cache: Whether the cache may be read.

        Raises:
            AnsibleParserError: With a sentence that says what is wrong.
        """
        super().parse(inventory, loader, path, cache)
        if REQUESTS_PROBLEM is not None:
            raise AnsibleParserError(missing_required_lib("requests"))
        given = self._read_config_data(path)
        try:
            questions = self._questions(given)
        except InvalidInput as refusal:
            raise AnsibleParserError(f"{path}: {_fit(refusal.line, refusal.secrets)}") from None
        found = self._found(questions, path, cache)
        self._fill(found)

    # -- what the file asks for ---------------------------------------------------------------------------------------

    def set_options(
        self,
        task_keys: Mapping[str, Any] | None = None,
        var_options: Mapping[str, Any] | None = None,
        direct: Mapping[str, Any] | None = None,
    ) -> None:
        """Let Ansible validate its own options only; the input validation of this collection takes blanks for left out.

        Args:
            task_keys: See `AnsiblePlugin.set_options` of ansible-core.
            var_options: See there.
            direct: The options of the file.
        """
        ours = {"filters", *AUTH_OPTIONS, *ON_REQUEST}
        own = {name: value for name, value in (direct or {}).items() if name not in ours}
        super().set_options(task_keys=task_keys, var_options=var_options, direct=own)

    def _questions(self, given: Mapping[str, Any]) -> list[Question]:
        """Return what to ask the cloud for, gateways first.

        Raises:
            InvalidInput: With everything that is wrong.
        """
        options = {name: self._plain(given[name], name) for name in AUTH_OPTIONS if name in given}
        filters = self._plain(given.get("filters"), "filters") or {}
        unknown = [f"option {shown_name(name)}" for name in given if name not in self.option_definitions]
        if not isinstance(filters, dict):
            raise InvalidInput(["filters must be a dictionary"])
        unknown += (f"filter {shown_name(name)}" for name in filters if name not in FILTERS)
        if unknown:
            raise InvalidInput([f"there is no {name}" for name in unknown])
        tables: list[tuple[Operation, Resource]] = [(info, GATEWAY), (info, CONNECTION)]
        tables += (table for name, table in ON_REQUEST.items() if self._asks_for(name, given.get(name)))
        return [
            Question(
                operation,
                resource,
                operation.enter(resource, dict(options, **filters) if resource is GATEWAY else options, os.environ),
            )
            for operation, resource in tables
        ]

    def _asks_for(self, name: str, value: Any) -> bool:
        """Return whether an option that reads more is set. Ansible would read every unknown word as false."""
        plain = self._plain(value, name)
        if plain in (None, ""):
            return False
        try:
            return truth(plain)
        except ValueError as error:
            raise InvalidInput([f"{name} {error}, not {describe(plain)}"]) from None

    def _plain(self, value: Any, name: str) -> Any:
        """Return a value of the file as plain Python, with its templates rendered."""
        try:
            return json.loads(json.dumps(self.templar.template(value), **ENCODING))
        except AnsibleError as error:
            raise InvalidInput([f"{name} cannot be templated: {error}"]) from None

    # -- what the cloud says ------------------------------------------------------------------------------------------

    def _found(self, questions: Sequence[Question], path: str, cache: bool) -> Found:
        """Return what the cloud holds, from the cache if both the file and the caller allow it."""
        self.load_cache_plugin()
        if not self.get_option("cache"):
            return self._asked(questions)
        key = f"{self.get_cache_key(path)}_{_fingerprint(questions)}"
        found = self._remembered(key, questions) if cache else None
        if found is None:
            found = self._cache[key] = self._asked(questions)
        return found

    def _remembered(self, key: str, questions: Sequence[Question]) -> Found | None:
        """Return what the cache holds, or None where it holds nothing or is damaged."""
        try:
            found: Found = self._cache[key]
        except KeyError:
            return None
        except Exception as error:  # pylint: disable=broad-except
            # Each cache plugin raises its own exceptions, and whatever it was, the cloud can be asked.
            self.display.vv(f"the cache cannot be read and is renewed: {type(error).__name__}")
            return None
        return found if _is_intact(found, questions) else None

    def _asked(self, questions: Iterable[Question]) -> Found:
        """Return the gateways and, if there are any, all else from the cloud."""
        found: Found = {}
        for question in questions:
            found[question.resource.plural] = self._listed(question)
            if not found[GATEWAY.plural]:
                break
        return found

    def _listed(self, question: Question) -> list[dict[str, Any]]:
        operation, resource, task_input = question
        try:
            result = operation.perform(resource, task_input, True, Clock(), user_agent(ansible_version))
        except VpnError as error:
            reason = _fit(error.message, task_input.secrets)
            raise AnsibleParserError(f"the {resource.noun}s cannot be read: {reason}") from None
        result = masker(task_input.secrets)(result)
        for warning in result["warnings"]:
            self.display.warning(_fit(warning, task_input.secrets))
        listed: list[dict[str, Any]] = result[resource.plural]
        return listed

    # -- hosts --------------------------------------------------------------------------------------------------------

    def _fill(self, found: Found) -> None:
        """Add a host for each gateway."""
        gateways = [item for item in found[GATEWAY.plural] if _places(item)]
        connections = self._usable(CONNECTION, found.get(CONNECTION.plural, ()), PARENT)
        customers = found.get(CUSTOMER_GATEWAY.plural)
        if customers is not None:
            customers = self._usable(CUSTOMER_GATEWAY, customers)
        hosts = _with_belongings(gateways, connections, customers, found.get(QUOTAS.plural))
        names = _host_names(gateways, self._groups_to_be(hosts))
        for host in hosts:
            name = names[host.gateway["id"]]
            if name is not None:
                self._add(name, host, self.get_option("strict"))
        self._warn_left_out(GATEWAY, len(found[GATEWAY.plural]) - len(gateways) + list(names.values()).count(None))

    def _usable(self, resource: Resource, items: Collection[dict[str, Any]], *further: str) -> list[dict[str, Any]]:
        """Return the objects that can be placed, and warn of the others."""
        usable = [item for item in items if _places(item, *further)]
        self._warn_left_out(resource, len(items) - len(usable))
        return usable

    def _groups_to_be(self, hosts: Iterable[Host]) -> set[str]:
        """Return the names of all groups that there are or will be: a host of such a name would be taken for one."""
        real, self.inventory = self.inventory, InventoryData()
        try:
            for host in hosts:
                # Names of groups have no hyphen, so nothing can be confused here.
                self._add(f"{host.gateway['id']}-", host, strict=False)
            return set(real.groups).union(self.inventory.groups, (GATEWAY.plural,))
        finally:
            self.inventory = real

    def _warn_left_out(self, resource: Resource, number: int) -> None:
        if number:
            self.display.warning(
                f"{number} of the {resource.noun}s were left out: their name or an ID cannot be used in an inventory"
            )

    def _add(self, name: str, host: Host, strict: bool) -> None:
        """Add one host with its variables and groups.

        Args:
            name: The name of the host.
            host: The gateway and what belongs to it.
            strict: Whether an invalid expression of the file is an error.
        """
        self.inventory.add_group(GATEWAY.plural)
        self.inventory.add_host(name, group=GATEWAY.plural)
        variables = host.variables
        for key, value in variables.items():
            self.inventory.set_variable(name, key, value)
        self._set_composite_vars(self.get_option("compose"), variables, name, strict=strict)
        composed = self.inventory.get_host(name).vars
        for key in self.get_option("compose"):
            if key in composed:
                self.inventory.set_variable(name, key, _inert(composed[key]))
        self._add_host_to_composed_groups(self.get_option("groups"), variables, name, strict=strict)
        self._add_host_to_keyed_groups(self.get_option("keyed_groups"), variables, name, strict=strict)


def _fit(sentence: str, secrets: Collection[str]) -> str:
    """Return a sentence without secrets and without characters that a terminal would not print."""
    masked = masker(secrets)(sentence)
    return printable(masked, len(masked))


def _with_belongings(
    gateways: Iterable[Mapping[str, Any]],
    connections: Iterable[Mapping[str, Any]],
    customers: Collection[Mapping[str, Any]] | None,
    quotas: Sequence[Mapping[str, Any]] | None,
) -> list[Host]:
    """Return each gateway with its connections and what else was asked for, all in the order of their names."""
    by_gateway: dict[str, list[Mapping[str, Any]]] = {}
    for connection in sorted(connections, key=_name_and_id):
        by_gateway.setdefault((connection.get(PARENT) or "").lower(), []).append(connection)
    hosts = []
    for gateway in sorted(gateways, key=_name_and_id):
        own = by_gateway.get(gateway["id"].lower(), [])
        belongings: dict[str, Sequence[Mapping[str, Any]]] = {CONNECTION.plural: own}
        if customers is not None:
            used = {str(connection.get(CUSTOMER)).lower() for connection in own}
            mine = [customer for customer in customers if customer["id"].lower() in used]
            belongings[CUSTOMER_GATEWAY.plural] = sorted(mine, key=_name_and_id)
        if quotas is not None:
            belongings[QUOTAS.plural] = quotas
        hosts.append(Host(gateway, belongings))
    return hosts


def _host_names(gateways: Sequence[Mapping[str, Any]], groups: set[str]) -> dict[str, str | None]:
    """Return the host name of each gateway by its ID: its name, or else the ID, or None where neither can be one."""
    names = [gateway.get("name") for gateway in gateways]
    taken = groups.union(gateway["id"] for gateway in gateways)
    chosen: dict[str, str | None] = {}
    for gateway in gateways:
        name, identifier = gateway.get("name"), gateway["id"]
        if name and _may_be_host(name) and names.count(name) == 1 and name not in taken:
            chosen[identifier] = name
        else:
            chosen[identifier] = identifier if _may_be_host(identifier) and identifier not in groups else None
    return chosen


def _places(item: Mapping[str, Any], *further: str) -> bool:
    """Return whether the members that place an object in the inventory are texts."""
    names = ("name", *further)
    return isinstance(item["id"], str) and all(isinstance(item.get(name), (str, type(None))) for name in names)


def _may_be_host(name: str) -> bool:
    return HOST_NAME.fullmatch(name) is not None and name not in constants.LOCALHOST


def _name_and_id(item: Mapping[str, Any]) -> tuple[str, str]:
    return item.get("name") or "", item["id"]


def _inert(value: Any) -> Any:
    """Return a value whose texts Ansible never takes for templates, whatever somebody wrote into a name or a tag.

    Only texts that look like a template get a mark that shows in the output of ansible-inventory. There the mark is a
    dictionary around the text, which AWX would take for the value.
    """
    if isinstance(value, str):
        return inert_text(value) if "{" in value or value.startswith("#jinja2") else plain_text(value)
    if isinstance(value, dict):
        return {_inert(name): _inert(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_inert(item) for item in value]
    return value


def _is_intact(found: Any, questions: Sequence[Question]) -> bool:
    """Return whether what a cache holds has the form of what was stored there."""
    if not isinstance(found, dict):
        return False
    asked = [question.resource for question in questions]
    # Without gateways, the cloud was asked for nothing else.
    expected = asked if found.get(GATEWAY.plural) else asked[:1]
    return set(found) == {resource.plural for resource in expected} and all(
        isinstance(found[resource.plural], list) and all(_is_entry(resource, item) for item in found[resource.plural])
        for resource in expected
    )


def _is_entry(resource: Resource, item: Any) -> bool:
    """Return whether an entry of a cache is an object; those of a catalog have no ID."""
    return isinstance(item, dict) and (resource is QUOTAS or isinstance(item.get("id"), str))


def _current_id_token(path: str) -> str:
    """Return the ID token in a file; empty where there is none, which is told when the cloud is asked."""
    try:
        return read_id_token(path)
    except VpnError:
        return ""


def _fingerprint(questions: Sequence[Question]) -> str:
    """Return what tells the answers to two runs apart: place, project, filters, what is asked for, and the credentials.

    A token alone does not show whose it is, so all credentials are included. The fingerprint is part of a file's name.
    A password may be weak, so it goes through the hash that makes guessing costly; nobody guesses keys and tokens.
    """
    task_input = questions[0].task_input
    access = task_input.access
    filters = {name: task_input.options[name] for name in FILTERS if name in task_input.options}
    scope: list[Any] = [access.endpoint, access.auth_url, access.project_id, access.project_name, access.auth_method]
    scope += [filters, [question.resource.plural for question in questions]]
    if access.agency is not None:
        scope.append(access.agency)
    who = sorted(access.credentials.items())
    if "id_token_file" in access.credentials:
        who.append(("id_token", _current_id_token(access.credentials["id_token_file"])))
    if access.auth_method == ECS:
        # The credentials are those of the server.
        who.append(("server", os.uname().nodename))
    if access.auth_method == PASSWORD:
        return str(derive_key([text for pair in who for text in pair], sha256_of(scope)))[:32]
    return sha256_of([scope, who])[:32]
