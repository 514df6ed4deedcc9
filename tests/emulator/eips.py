# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Elastic IPs: the parts of their service that VPN gateways need. Family contract, section 2.3: EIPs."""

from __future__ import annotations

import typing as t

from .calls import Answer, Call, operation
from .errors import ApiError, invalid
from .items import Eip, Gateway, Values, View, Work
from .states import read, remember
from .store import Store

SIDES = ("eip1", "eip2")
# The maximum bandwidth of a gateway's address in Mbit/s, by flavor. Family contract, section 2.2: Flavors.
BANDWIDTH = {"Basic": 100, "Professional1": 300, "Professional2": 1000}
# The error codes of the service are unknown: this code is used for all errors.
_REFUSED = "EIP.0001"


def new(store: Store, given: Values, eip_id: str | None = None) -> Eip:
    """A new address. given: members as in the answers for gateways, without the ID."""
    stamp = store.clock.stamp()
    members = {
        "ip_version": 4,
        "type": "5_bgp",
        "ip_address": store.new_address(),
        "charge_mode": "bandwidth",
        "bandwidth_id": store.new_id(),
        "bandwidth_size": 300,
        "bandwidth_name": store.new_name("vpngw-bandwidth"),
        "share_type": "PER",
        **given,
    }
    return store.eips.add(Eip(eip_id or store.new_id(), members, stamp, stamp))


def bind(eip: Eip, gateway: Gateway, side: str) -> None:
    """Bind an address to a gateway."""
    eip.configured = {**eip.configured, "gateway_id": gateway.id}
    eip.work, eip.settled, eip.resting = None, "VPN", "VPN"
    eip.touch()
    gateway.configured[side] = eip.shown


def chosen(call: Call, given: Values, flavor: str) -> Eip | Values:
    """The checked address that a gateway request specifies: an existing one, or the members of a new one."""
    if "id" in given:
        if len(given) > 1 and call.settings.eip_mixed_forms == "refused":
            raise invalid("an address has either id or the members of a new one")
        return free(call, given["id"], flavor)
    if "type" not in given:
        raise invalid("an address needs id or type")
    if "bandwidth_id" in given:
        return {"type": given["type"], "bandwidth_id": given["bandwidth_id"], "share_type": "WHOLE"}
    if "bandwidth_size" not in given:
        raise invalid("a new address needs bandwidth_size or bandwidth_id")
    if "charge_mode" not in given and call.settings.eip_charge_mode == "required":
        raise invalid("a new address needs charge_mode")
    check_size(given["bandwidth_size"], flavor)
    return given


def free(call: Call, eip_id: str, flavor: str) -> Eip:
    """An existing address that can be bound to a gateway of a flavor."""
    eip = call.store.eips.find(eip_id)
    if eip.gateway_id is not None or eip.status(call.now) in ("VPN", "ACTIVE", "ELB"):
        raise ApiError("VPN.0112")
    if eip.status(call.now) != "DOWN":
        raise ApiError(call.settings.eip_not_ready_code)
    check_size(eip.configured["bandwidth_size"], flavor)
    return eip


def check_size(megabits: int, flavor: str) -> None:
    """VPN.0101 for an address that is too large for a flavor."""
    if megabits > BANDWIDTH.get(flavor.partition("-")[0], megabits):
        raise ApiError("VPN.0101")


def release(eip: Eip, work: Work) -> None:
    """Release an address at the end of the work of its gateway."""
    eip.start(Work("delete", "PENDING_DELETE", work.visible_from, work.until, eip.resting))


def _shown(eip: Eip, view: View) -> Values:
    gateway_id = view.configured.get("gateway_id")
    bound = {} if gateway_id is None else {"associate_instance_type": "VPN"}
    return {
        "id": eip.id,
        "status": view.status,
        "public_ip_address": eip.configured["ip_address"],
        "type": eip.configured["type"],
        **bound,
        "associate_instance_id": gateway_id,
        "lock_status": None,
        "enterprise_project_id": eip.configured.get("enterprise_project_id", "0"),
    }


def _read(call: Call) -> tuple[Eip, View]:
    try:
        return read(call, call.store.eips, "publicip_id")
    except ApiError as error:
        raise ApiError(_REFUSED, error.text, call.settings.eip_gone_status) from None


@operation("showPublicIp")
def show_eip(call: Call) -> Answer:
    """Status DOWN: not bound; VPN: bound to a gateway."""
    return Answer(200, {"publicip": _shown(*_read(call))})


@operation("disassociatePublicIp", write=True)
def unbind_eip(call: Call) -> Answer:
    """Refused while a connection uses the address."""
    eip, _view = _read(call)
    if eip.gateway_id is None:
        if call.settings.unbind_unbound == "refused":
            raise _refusal(call, f"elastic IP {eip.id} is not bound")
        return Answer(200, {"publicip": _shown(eip, eip.true_view(call.now))})
    if eip.work is not None:
        raise _refusal(call, f"elastic IP {eip.id} is being changed")
    using = [found.id for found in call.store.connections_of(eip.gateway_id) if found.configured["vgw_ip"] == eip.id]
    if using:
        raise _refusal(call, f"elastic IP {eip.id} is used by vpn connection {using[0]}")
    remember(call, eip)
    _unbind(call, eip)
    return Answer(200, {"publicip": _shown(eip, eip.true_view(call.now))})


def _refusal(call: Call, text: str) -> ApiError:
    return ApiError(_REFUSED, text, call.settings.eip_refusal_status)


def _unbind(call: Call, eip: Eip) -> None:
    gateway = call.store.gateways.find(t.cast(str, eip.gateway_id))
    for side in SIDES:
        if gateway.configured.get(side, {}).get("id") == eip.id:
            gateway.configured = {name: value for name, value in gateway.configured.items() if name != side}
    eip.configured, eip.resting = {**eip.configured, "gateway_id": None}, "DOWN"
    eip.start(Work("unbind", "PENDING_UPDATE", call.now, call.now + call.settings.dwell_unbind, "DOWN"))
    eip.settle(call.now)
    if gateway.work is None and gateway.settled == "ACTIVE":
        gateway.force(call.settings.gateway_without_eip, call.now, call.settings.seconds("update"))
    call.applied = True
