# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Additional information about a connection: log, IPsec SAs, configuration of the customer's device."""

from __future__ import annotations

import datetime
import itertools
import typing as t

from .calls import Answer, Call, operation
from .clock import parse_stamp
from .errors import ApiError, invalid
from .items import Association
from .states import read

DEVICES = (
    {"vendor": "Huawei", "type": "Firewall", "model": "USG6000", "version": "V500R005"},
    {"vendor": "Huawei", "type": "Router", "model": "AR1000", "version": "V300R019"},
)
_OLD_FLAVORS = ("V300", "V1G")


@operation("showVpnConnectionLog")
def show_log(call: Call) -> Answer:
    """API contract, section 6: Which options go with which (policy-template), and section 12 (VPN.0304, VPN.0305)."""
    connection, view = read(call, call.store.connections, "vpn_connection_id")
    if view.configured["style"] == "policy-template":
        raise ApiError("VPN.0305")
    if call.store.gateways.members(view.configured["vgw_id"]).get("flavor") in _OLD_FLAVORS:
        raise ApiError("VPN.0304")
    if connection.log is not None:
        return Answer(200, {"logs": connection.log})
    policy = view.configured["ikepolicy"]
    peer = call.store.ids(view.configured)[1]
    if connection.tunnel is not None:
        return Answer(200, {"logs": [_attempt(peer, *attempt) for attempt in connection.tunnel.attempts()]})
    begun = int(parse_stamp(connection.created_at).timestamp() * 1000)
    reason = connection.failure()
    if reason is not None:
        now = int(parse_stamp(call.store.clock.stamp()).timestamp())
        return Answer(200, {"logs": _failed_attempts(peer, reason, now)})
    messages = [f"IKE{policy['ike_version']} negotiation with {peer} started, {policy['encryption_algorithm']}"]
    messages.append("IKE SA established" if view.status == "ACTIVE" else f"no answer from {peer}, retransmitting")
    return Answer(
        200,
        {"logs": [{"time": begun + 1000 * number, "raw_message": message} for number, message in enumerate(messages)]},
    )


def _failed_attempts(peer: str, reason: str, now: int) -> list[dict[str, t.Any]]:
    """Three attempts."""
    return [_attempt(peer, time, reason) for time in (now - 20, now - 10, now)]


def _attempt(peer: str, time: int, reason: str | None) -> dict[str, t.Any]:
    """An attempt to negotiate, a failed one in the form of the published line. Diagnosis contract, section 1."""
    stamp = datetime.datetime.fromtimestamp(time, datetime.timezone.utc).isoformat(timespec="microseconds")
    outcome, pair = ("negotiation fails", f"Reason=[{reason}]") if reason else ("established", "Role=[Responder]")
    text = (
        f"{stamp} host-01 ipsec_ike[30085]: [{peer}] IPSec tunnel {outcome}. (IfIndex=[207], PolicyName=[],"
        f" SeqNum=[0], PeerAddress=[{peer}], PeerPort=[500], {pair})"
    )
    return {"time": time, "raw_message": text}


@operation("listConnectionIpsecSa")
def list_security_associations(call: Call) -> Answer:
    """One SA for each pair of a cloud-side and a customer-side network, while the tunnel is up."""
    connection, view = read(call, call.store.connections, "vpn_connection_id")
    found: t.Iterable[Association] = ()
    if connection.tunnel is not None:
        found = connection.tunnel.associations()
    elif view.status == "ACTIVE":
        sent, received = connection.packets(call.now)
        numbers = (received, sent, 80 * received, 80 * sent)
        found = (Association(*pair, *numbers) for pair in _selectors(call, view.configured))
    shown = [
        {
            "id": f"{connection.id[:24]}{number:012x}",
            "source_ip_cidr": association.source,
            "dest_ip_cidr": association.destination,
            "packets_recv": association.packets_recv,
            "packets_sent": association.packets_sent,
            "traffic_recv": association.traffic_recv,
            "traffic_sent": association.traffic_sent,
            "collected_at": call.store.clock.stamp(),
        }
        for number, association in enumerate(found)
    ]
    return Answer(200, {"sa_infos": shown})


def _selectors(call: Call, configured: dict[str, t.Any]) -> list[tuple[str, str]]:
    if configured["style"] == "bgp":
        return [("0.0.0.0/0", "0.0.0.0/0")]
    if configured["style"] == "policy":
        return [
            (rule["source"], destination) for rule in configured["policy_rules"] for destination in rule["destination"]
        ]
    local = call.store.gateways.members(configured["vgw_id"]).get("local_subnets") or []
    return list(itertools.product(local, configured["peer_subnets"]))


@operation("listSupportedDevices")
def list_devices(call: Call) -> Answer:
    """API contract, overview, disagreements: supported-devices item."""
    if call.settings.devices_form == "platform":
        shown = [
            {
                "vendor": device["vendor"],
                "platform": f"{device['type']} {device['model']}",
                "version": device["version"],
            }
            for device in DEVICES
        ]
    else:
        shown = [dict(device) for device in DEVICES]
    return Answer(200, {"supported_devices": shown})


@operation("exportPeerConfiguration")
def export_peer_configuration(call: Call) -> Answer:
    """Returns a text with the key. Whether the text of the real API contains it is unknown, so treat it as secret.

    API contract, section 10: Pre-shared key.
    """
    device = call.checked()
    _connection, view = read(call, call.store.connections, "vpn_connection_id")
    if device not in DEVICES:
        raise invalid("the device is not supported")
    return Answer(200, {"peer_config": _configuration_text(call, view.configured)})


def _configuration_text(call: Call, configured: dict[str, t.Any]) -> str:
    ike, ipsec = configured["ikepolicy"], configured["ipsecpolicy"]
    local, peer = call.store.ids(configured)
    key = configured["psk"] or ""
    lines = [
        f"# customer side of {configured['name']}",
        f"remote-address {call.store.gateway_address(configured['vgw_id'], configured['vgw_ip'])}",
        f"local-id {peer}",
        f"remote-id {local}",
        f"pre-shared-key {key if call.settings.psk_in_export else '********'}",
        f"ike {ike['ike_version']} {ike['encryption_algorithm']} {ike['authentication_algorithm']} {ike['dh_group']}",
        f"esp {ipsec['encryption_algorithm']} {ipsec['authentication_algorithm']} {ipsec['pfs']}",
    ]
    lines += [f"traffic {destination} {source}" for source, destination in _selectors(call, configured)]
    return "\n".join(lines) + "\n"
