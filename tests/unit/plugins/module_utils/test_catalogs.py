# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Quotas, availability zones and peer devices: what there is of something."""

from __future__ import annotations

import pytest

from ansible_collections.huaweicloud.vpn.plugins.module_utils import _errors
from ansible_collections.huaweicloud.vpn.plugins.module_utils._resources.availability_zone import AVAILABILITY_ZONES
from ansible_collections.huaweicloud.vpn.plugins.module_utils._resources.connection import CONNECTION
from ansible_collections.huaweicloud.vpn.plugins.module_utils._resources.peer_device import PEER_DEVICES
from ansible_collections.huaweicloud.vpn.plugins.module_utils._resources.quota import QUOTAS
from ansible_collections.huaweicloud.vpn.plugins.module_utils._work import catalog, info
from ansible_collections.huaweicloud.vpn.tests.unit.harness.clocks import FastClock
from ansible_collections.huaweicloud.vpn.tests.unit.harness.site import operations
from ansible_collections.huaweicloud.vpn.tests.unit.harness.support import KEY, access


def read(cloud, resource, **options):
    task_input = catalog.enter(resource, dict(access(cloud), **options), {})
    return catalog.perform(resource, task_input, False, FastClock(), "tests")


def zones(cloud, **options):
    return read(cloud, AVAILABILITY_ZONES, **options)["vpn_availability_zones"]


def names(found):
    return [zone["name"] for zone in found]


def test_quotas_and_what_is_left_of_them(cloud):
    cloud.switch(connection_quota=3, customer_gateway_quota=0)
    for name in ("one", "two"):
        cloud.add_connection(name=name, psk=KEY)
    found = read(cloud, QUOTAS)
    by_type = {quota.pop("type"): quota for quota in found["vpn_quotas"]}
    assert by_type["vpn_connection"] == {"quota": 3, "used": 2, "free": 1}
    assert by_type["customer_gateway"]["free"] == 0 < by_type["customer_gateway"]["used"]
    assert (found["changed"], found["warnings"], len(found["request_ids"])) == (False, [], 1)


@pytest.mark.parametrize("quota, used", [(None, 1), (1, None), ("5", 1), (True, 0)])
def test_a_quota_without_numbers_has_no_rest(quota, used):
    assert QUOTAS.shown({"type": "x", "quota": quota, "used": used}, {})["free"] is None


def test_zones_come_from_the_newer_list(cloud):
    found = zones(cloud)
    assert names(found) == ["az-1", "az-2", "az-3"]
    assert {"flavor": "Professional2", "attachment_type": "vpc", "ip_version": "ipv6"} in found[0]["available_specs"]
    assert operations(cloud) == ["listExtendedAvailabilityZones"]


@pytest.mark.parametrize("thin", [False, True])
def test_zones_come_from_the_older_list_where_there_is_no_other(cloud, thin):
    """They have the same form, and flavors are spelled as at creation. Of IPv6 the older list knows nothing."""

    def told(found):
        return {
            (zone["name"], spec["flavor"], spec["attachment_type"])
            for zone in found
            for spec in zone["available_specs"]
            if spec["ip_version"] == "ipv4"
        }

    newer = told(zones(cloud))
    cloud.switch(zones_v51="absent", zones_thin=thin)
    cloud.clear_journal()
    assert told(zones(cloud)) == newer
    assert operations(cloud) == ["listExtendedAvailabilityZones", "listGatewayAvailabilityZones"]
    assert zones(cloud, ip_version="ipv6") == []


def test_only_its_absence_makes_the_older_list_do(cloud):
    cloud.fault("status", operation="listExtendedAvailabilityZones", status=403, code="VPN.0003", message="no right")
    with pytest.raises(_errors.ApiError, match="no right") as caught:
        zones(cloud)
    assert caught.value.details["request_ids"]
    assert "listGatewayAvailabilityZones" not in operations(cloud)


def test_filters_of_zones_apply_together(cloud):
    found = zones(cloud, flavor="professional2", ip_version="IPV6", attachment_type="vpc")
    assert names(found) == ["az-1", "az-2"]
    only = [{"flavor": "Professional2", "attachment_type": "vpc", "ip_version": "ipv6"}]
    assert [zone["available_specs"] for zone in found] == [only, only]
    # Each of the words is there, but no offer has both.
    assert zones(cloud, flavor="Basic", attachment_type="er") == []


def test_a_listed_device_is_one_whose_configuration_can_be_asked_for(cloud):
    devices = read(cloud, PEER_DEVICES)["vpn_peer_devices"]
    connection = cloud.add_connection(name="office", psk=KEY)["id"]
    arguments = dict(access(cloud), id=connection, details=["peer_configuration"], show_secrets=True)
    task_input = info.enter(CONNECTION, dict(arguments, peer_device=devices[0]), {})
    found = info.perform(CONNECTION, task_input, False, FastClock(), "tests")
    assert found["vpn_connections"][0]["peer_configuration"]


@pytest.mark.parametrize("resource", [QUOTAS, AVAILABILITY_ZONES, PEER_DEVICES], ids=lambda table: table.plural)
def test_an_answer_without_the_list_is_no_empty_list(resource):
    for source in resource.sources:
        assert source.entries({"request_id": "r"}) is None
        assert source.entries([]) is None


def test_entries_of_an_unknown_form_are_left_out_with_a_warning(cloud, monkeypatch):
    monkeypatch.setattr(catalog.Reader, "entries", lambda self, source, deadline: [{"vendor": "x"}, "y", None])
    found = read(cloud, PEER_DEVICES)
    assert found["vpn_peer_devices"] == [{"vendor": "x"}]
    assert found["warnings"] == [
        "2 of the peer devices that the API lists were left out: they do not have the documented form"
    ]


def test_an_answer_of_another_form_fails(cloud, monkeypatch):
    monkeypatch.setattr(QUOTAS, "sources", PEER_DEVICES.sources)
    monkeypatch.setattr(PEER_DEVICES.sources[0], "members", ("devices", "all"))
    with pytest.raises(_errors.NoResponse, match="the API answered with JSON that holds no devices.all"):
        read(cloud, QUOTAS)


def test_other_tables_are_no_catalogs(cloud):
    task_input = catalog.enter(QUOTAS, access(cloud), {})
    with pytest.raises(ValueError, match="vpn_connection is no catalog"):
        catalog.perform(CONNECTION, task_input, False, FastClock(), "tests")


def test_an_option_that_no_catalog_has(cloud):
    with pytest.raises(_errors.InvalidInput, match=r"unsupported option: flavour \(did you mean flavor\?\)"):
        catalog.enter(AVAILABILITY_ZONES, dict(access(cloud), flavour="Basic"), {})
