# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Why a VPN connection is down, and which of its settings are weak. Private to this collection; no stable interface.

Keywords and meanings are those of the vendor's user guide, page "Not connected", and of its device references. Where a
repair is not published, the row has `suggested`.
"""

from __future__ import annotations

from ansible_collections.huaweicloud.vpn.plugins.module_utils._resources._common import (
    WEAK_CIPHERS,
    WEAK_GROUPS,
    WEAK_HASHES,
)
from ansible_collections.huaweicloud.vpn.plugins.module_utils._schema.causes import (
    BOTH,
    CLOUD,
    DEVICE,
    INTERNAL,
    NORMAL,
    UNUSED,
    Associations,
    Cause,
    Diagnosis,
    Habit,
    Posture,
    Signal,
)

CAUSES = (
    # -- negotiation fails
    Cause(
        ("phase1 proposal mismatch",),
        "proposal",
        "the two ends have no IKE (phase 1) suite in common",
        (
            "make ikepolicy.encryption_algorithm, authentication_algorithm, dh_group and "
            "authentication_method equal at both ends; offer only one suite on the device, because "
            "several are not supported"
        ),
        BOTH,
        suggested=False,
    ),
    Cause(
        ("phase1 proposal encryption algorithm mismatch",),
        "proposal",
        "the encryption algorithms of phase 1 differ",
        "compare ikepolicy.encryption_algorithm with the device",
        BOTH,
        suggested=False,
    ),
    Cause(
        ("phase1 proposal authentication algorithm mismatch",),
        "proposal",
        "the authentication algorithms of phase 1 differ",
        "compare ikepolicy.authentication_algorithm with the device",
        BOTH,
        suggested=False,
    ),
    Cause(
        ("phase1 proposal authentication method mismatch",),
        "proposal",
        "the authentication methods of phase 1 differ",
        "compare ikepolicy.authentication_method with the device",
        BOTH,
        suggested=False,
    ),
    Cause(
        ("phase1 proposal dh mismatch",),
        "proposal",
        "the Diffie-Hellman groups of phase 1 differ",
        "compare ikepolicy.dh_group with the device",
        BOTH,
        suggested=False,
    ),
    Cause(
        ("phase1 proposal integrity algorithm mismatch",),
        "proposal",
        "the integrity algorithms of phase 1 differ (IKEv2)",
        ("compare ikepolicy.authentication_algorithm with the integrity algorithm and the PRF of the device"),
        BOTH,
        suggested=False,
    ),
    Cause(
        ("phase2 proposal or pfs mismatch",),
        "proposal",
        "the IPsec (phase 2) suite, the PFS group or the protected flows differ",
        (
            "make ipsecpolicy.encryption_algorithm, authentication_algorithm, pfs and "
            "transform_protocol equal at both ends; the cloud uses PFS by default; then compare the "
            "protected networks as for flow mismatch"
        ),
        BOTH,
        suggested=False,
    ),
    Cause(
        ("responder dh mismatch",),
        "proposal",
        "the Diffie-Hellman group of the responder differs",
        ("compare ikepolicy.dh_group with the device; compare ipsecpolicy.pfs if it occurs when keys are renewed"),
        BOTH,
    ),
    Cause(
        ("initiator dh mismatch",),
        "proposal",
        "the Diffie-Hellman group of the initiator differs",
        ("compare ikepolicy.dh_group with the device; compare ipsecpolicy.pfs if it occurs when keys are renewed"),
        BOTH,
    ),
    Cause(
        ("encapsulation mode mismatch",),
        "proposal",
        "one end uses tunnel mode, the other transport mode",
        "set the device to tunnel mode, the only one that the cloud has",
        DEVICE,
    ),
    Cause(
        ("version mismatch",),
        "proposal",
        "the IKE versions of the two ends differ",
        "make ikepolicy.ike_version equal at both ends; a change takes effect immediately",
        BOTH,
        suggested=False,
    ),
    Cause(
        ("unsupported version",),
        "proposal",
        "the IKE version is not supported",
        "set the device to IKEv1 or IKEv2",
        DEVICE,
    ),
    Cause(
        ("exchange mode mismatch",),
        "proposal",
        "one end uses main mode, the other aggressive mode (IKEv1)",
        "make ikepolicy.phase1_negotiation_mode equal at both ends",
        BOTH,
    ),
    Cause(
        ("unknown exchange type",),
        "proposal",
        "the negotiation mode is not known",
        ("make ikepolicy.phase1_negotiation_mode equal at both ends; then update the IKE software of the device"),
        BOTH,
    ),
    Cause(
        ("proposal mismatch or use sm in ikev2",),
        "proposal",
        "the IPsec suites differ, or SM algorithms are used with IKEv2",
        (
            "compare ipsecpolicy with the device; use SM algorithms only with IKEv1 and a gateway of "
            "the Chinese standard (GM)"
        ),
        BOTH,
    ),
    Cause(
        (
            "ikev2 not support sm in ipsec proposal",
            "ikev2 not support sm in ipsec proposal ikev2",
        ),
        "proposal",
        "an SM algorithm is used with IKEv2",
        (
            "compare ipsecpolicy with the device; use SM algorithms only with IKEv1 and a gateway of "
            "the Chinese standard (GM)"
        ),
        BOTH,
    ),
    Cause(
        (
            "flow mismatch",
            "flow or peer mismatch",
        ),
        "flow",
        "the protected networks of the two ends are not mirror images",
        (
            "style policy: configure source and destination of policy_rules exchanged on the device, "
            "with the same masks and without address groups; styles static and bgp: use a route-based "
            "tunnel with 0.0.0.0/0 in both directions on the device; then compare the peer addresses"
        ),
        BOTH,
        suggested=False,
    ),
    Cause(
        (
            "flow confict",
            "flow conflict",
        ),
        "flow",
        "two protected flows overlap",
        (
            "make policy_rules or peer_subnets of this connection and the others of the gateway "
            "disjoint; look for a second tunnel for the same flow"
        ),
        BOTH,
    ),
    Cause(
        ("netmask mismatch",),
        "flow",
        "the masks of the protected networks differ from the configured ones",
        "use the same masks in policy_rules and on the device",
        BOTH,
    ),
    Cause(
        ("peer address mismatch",),
        "identity",
        "the IKE peer addresses differ",
        (
            "compare the peer of the device with the address of the gateway (eip1 or eip2, or the "
            "private address); id_value of the customer gateway must be the address that the cloud "
            "sees; check that the two gateway addresses are not exchanged; look for NAT in between"
        ),
        BOTH,
        suggested=False,
    ),
    Cause(
        ("local address mismatch",),
        "identity",
        "the local IKE address is not that of the interface",
        (
            "check local address and interface of the tunnel on the device; check whether the "
            "customer's gateway has several addresses"
        ),
        DEVICE,
    ),
    Cause(
        ("config ID mismatch",),
        "identity",
        "no peer with this identity is configured",
        (
            "compare ikepolicy.local_id_type and local_id with the remote ID of the device, and "
            "ikepolicy.peer_id_type and peer_id with its local ID; behind NAT, devices send their "
            "private address unless configured otherwise; with IKEv2, a changed ID needs a reset"
        ),
        BOTH,
    ),
    Cause(
        ("construct local ID fail",),
        "identity",
        "an end could not build its own identity",
        (
            "complete type and value of the ID at the end that logs it, in the cloud "
            "ikepolicy.local_id if local_id_type is fqdn"
        ),
        BOTH,
    ),
    Cause(
        ("authentication fail",),
        "identity",
        "the other end could not prove its identity",
        (
            "set the same pre-shared key (psk) again at both ends, because the cloud never shows it; "
            "then compare ikepolicy.local_id and peer_id with the IDs of the device; with GM gateways "
            "check the certificates; with IKEv2 a new key takes effect only after a reset"
        ),
        BOTH,
        suggested=False,
    ),
    Cause(
        ("peer cert is expired",),
        "certificate",
        "the certificate of the peer is expired",
        "renew the certificate of the device and ca_certificate of the customer gateway",
        DEVICE,
    ),
    Cause(
        ("peer cert is revoked by CRL",),
        "certificate",
        "the certificate of the peer is revoked",
        "renew the certificate of the device and ca_certificate of the customer gateway",
        DEVICE,
    ),
    Cause(
        ("form cert payload fail",),
        "certificate",
        "the own certificate is missing or cannot be used",
        ("check that the certificate of the GM gateway is BOUND and valid; check the certificate of the device"),
        BOTH,
    ),
    Cause(
        ("no valid local cert",),
        "certificate",
        "there is no valid own certificate",
        ("check that the certificate of the GM gateway is BOUND and valid; check the certificate of the device"),
        BOTH,
    ),
    Cause(
        ("nat detection fail",),
        "nat",
        "NAT could not be detected",
        ("enable NAT traversal on the device; allow UDP 4500; remove devices that rewrite IKE packets from the path"),
        DEVICE,
    ),
    Cause(
        ("max transmit reached",),
        "reachability",
        "the other end does not answer repeated packets",
        (
            "check that the device is up and that both addresses reach each other; allow UDP 500, UDP "
            "4500 and ESP in both directions; avoid NAT that changes the source port; check that the "
            "EIP is not frozen"
        ),
        BOTH,
    ),
    Cause(
        ("fragment packet limit",),
        "reachability",
        "the message has too many fragments",
        "check the MTU of the path; use fewer or smaller certificates; enable IKE fragmentation",
        BOTH,
    ),
    Cause(
        ("fragment packet reassemble timeout",),
        "reachability",
        "fragments of a message were lost",
        "let fragments pass the firewalls; check the MTU of the path",
        BOTH,
    ),
    Cause(
        ("first packet limited",),
        "capacity",
        "the rate of first packets is limited",
        "let the device retry less often, or fewer devices connect at once; look for a scan",
        DEVICE,
    ),
    Cause(
        ("route limit",),
        "capacity",
        "too many routes would be added",
        (
            "use fewer peer_subnets or BGP routes: 100, 200 or 300 per connection, depending on the "
            "flavor; check the limit of the enterprise router"
        ),
        BOTH,
        suggested=False,
    ),
    Cause(
        ("ipsec tunnel number reaches limitation",),
        "capacity",
        "the gateway cannot have more IPsec tunnels",
        (
            "reduce the number of pairs of networks: one gateway address takes 300, and style policy "
            "uses one for each pair; use style static or bgp, merge networks, or choose a larger "
            "flavor"
        ),
        CLOUD,
        suggested=False,
    ),
    Cause(
        ("dynamic peers number reaches limitation",),
        "capacity",
        "the gateway cannot have more IKE peers",
        (
            "check the number of connections of the gateway; a gateway for dynamic addresses "
            "(NonFixedIP) has a limit of its own"
        ),
        CLOUD,
    ),
    Cause(
        ("license or specification limited",),
        "capacity",
        "a limit of the specification is reached",
        "choose a larger flavor, or ask the vendor",
        CLOUD,
    ),
    Cause(
        ("malformed message",),
        "protocol",
        "a message could not be read",
        (
            "set the same pre-shared key (psk) at both ends, because with IKEv1 a wrong key looks "
            "like this; then check the software of the device and the path"
        ),
        BOTH,
    ),
    Cause(
        ("malformed payload",),
        "protocol",
        "a part of a message could not be read",
        (
            "set the same pre-shared key (psk) at both ends, because with IKEv1 a wrong key looks "
            "like this; then check the software of the device and the path"
        ),
        BOTH,
    ),
    Cause(
        ("critical drop",),
        "protocol",
        "a payload marked as critical is not known",
        "disable vendor extensions on the device",
        DEVICE,
    ),
    Cause(
        ("uncritical drop",),
        "protocol",
        "a payload is not known",
        "disable vendor extensions on the device",
        DEVICE,
    ),
    Cause(
        ("cookie mismatch",),
        "protocol",
        "packets belong to an SA that no longer exists",
        "clear the SAs of the device and reset the connection",
        BOTH,
    ),
    Cause(
        ("invalid cookie",),
        "protocol",
        "packets belong to an SA that no longer exists",
        "clear the SAs of the device and reset the connection",
        BOTH,
    ),
    Cause(
        ("invalid length",),
        "protocol",
        "a message has a wrong length",
        "check path, fragmentation and software of the device",
        DEVICE,
    ),
    Cause(
        ("short packet",),
        "protocol",
        "a message is too short",
        "check path, fragmentation and software of the device",
        DEVICE,
    ),
    Cause(
        ("rekey no find old sa",),
        "protocol",
        "the old SA was gone when keys were renewed",
        (
            "ignore it if it happens once, since a new SA follows; if it repeats, make the lifetimes "
            "equal at both ends and reset the connection"
        ),
        BOTH,
    ),
    Cause(
        ("rekey fail",),
        "protocol",
        "keys could not be renewed",
        (
            "ignore it if it happens once, since a new SA follows; if it repeats, make the lifetimes "
            "equal at both ends and reset the connection"
        ),
        BOTH,
    ),
    Cause(
        ("no policy applied on interface",),
        "protocol",
        "no IPsec policy is applied to the interface",
        (
            "bind the policy to the interface of the device; if the cloud logs it, wait until the "
            "connection is no longer PENDING, then contact support"
        ),
        BOTH,
    ),
    Cause(
        ("sa with same user exists",),
        "identity",
        "another SA has the same user or ID",
        "look for two devices with one ID, and for a second connection to the same device",
        BOTH,
    ),
    Cause(
        ("ip assigned fail",),
        UNUSED,
        "an address could not be assigned (remote access)",
        "disable mode config on the device",
        DEVICE,
    ),
    Cause(
        ("eap authentication fail",),
        UNUSED,
        "EAP authentication failed (remote access)",
        "disable EAP on the device",
        DEVICE,
    ),
    Cause(
        ("eap authentication timeout",),
        UNUSED,
        "EAP authentication took too long (remote access)",
        "disable EAP on the device",
        DEVICE,
    ),
    Cause(
        ("xauth authentication fail",),
        UNUSED,
        "XAUTH authentication failed (remote access)",
        "disable XAUTH on the device",
        DEVICE,
    ),
    Cause(
        ("xauth authentication timeout",),
        UNUSED,
        "XAUTH authentication took too long (remote access)",
        "disable XAUTH on the device",
        DEVICE,
    ),
    Cause(
        ("none of user's interface is selected",),
        "protocol",
        "no interface is selected on the device",
        "check the interface of the tunnel on the device",
        DEVICE,
    ),
    Cause(
        ("in disconnect state",),
        "protocol",
        "the device holds the tunnel disconnected",
        "check the state of the tunnel on the device",
        DEVICE,
    ),
    Cause(
        ("role mismatch",),
        "protocol",
        "the roles of the two ends do not match",
        "check the role of the device",
        DEVICE,
    ),
    # -- the tunnel was up and went down
    Cause(
        ("dpd timeout",),
        "peer",
        "the peer did not answer liveness probes",
        (
            "check that the device is up and the path works; enable DPD on the device with at least 5 "
            "probes; make ikepolicy.dpd.msg equal at both ends, otherwise DPD does not work; without "
            "any traffic, keep the tunnel up with a ping from each side"
        ),
        BOTH,
        suggested=False,
    ),
    Cause(
        ("peer request",),
        "peer",
        "the device asked to end the tunnel",
        "read the log of the device: idle timer, manual clear, changed configuration, DPD",
        DEVICE,
    ),
    Cause(
        ("config modify or manual offline",),
        NORMAL,
        "the configuration was changed, or somebody reset the tunnel",
        ("expected after a change or a reset; otherwise look for updateVpnConnection in the audit log (Cloud Trace)"),
        CLOUD,
    ),
    Cause(
        ("manual offline",),
        NORMAL,
        "somebody took the tunnel down",
        ("expected after a change or a reset; otherwise look for updateVpnConnection in the audit log (Cloud Trace)"),
        CLOUD,
    ),
    Cause(
        ("reset sa by ike user",),
        NORMAL,
        "somebody reset the SA",
        ("expected after a change or a reset; otherwise look for updateVpnConnection in the audit log (Cloud Trace)"),
        CLOUD,
    ),
    Cause(
        ("phase1 hard expiry",),
        "identity",
        "the IKE SA ended without a successor",
        (
            "compare ikepolicy, pre-shared key and IDs with the device: something was changed at one "
            "end since the tunnel came up; read the cause of the next attempt"
        ),
        BOTH,
    ),
    Cause(
        ("phase2 hard expiry",),
        "proposal",
        "the IPsec SA ended without a successor",
        (
            "compare ipsecpolicy.pfs and the suite with the device: a PFS difference shows only when "
            "keys are renewed; compare the lifetimes of both ends"
        ),
        BOTH,
    ),
    Cause(
        ("phase1 sa replace",),
        NORMAL,
        "the IKE SA was renewed",
        "",
        BOTH,
        suggested=False,
    ),
    Cause(
        ("phase2 sa replace",),
        NORMAL,
        "the IPsec SA was renewed",
        "",
        BOTH,
        suggested=False,
    ),
    Cause(
        ("kick old sa with same flow",),
        NORMAL,
        "a new SA took over the same flow",
        ("nothing if it happens once; if it repeats, look for two peers or two connections with the same flow"),
        BOTH,
    ),
    Cause(
        ("flow overlap",),
        "flow",
        "a protected flow contains the peer's own address",
        "take the addresses of device and gateway out of peer_subnets and policy_rules",
        BOTH,
    ),
    Cause(
        ("peer address switch",),
        "nat",
        "the address of the device changed",
        ("give the device a static address, or use a customer gateway with an FQDN and a NonFixedIP gateway"),
        BOTH,
    ),
    Cause(
        ("hard expiry triggered by port mismatch",),
        "nat",
        "NAT changed the port",
        "use a stable NAT mapping; enable NAT traversal and keepalive on the device",
        DEVICE,
    ),
    Cause(
        ("exchange timeout",),
        "reachability",
        "an exchange was not answered",
        (
            "check that the device is up and that both addresses reach each other; allow UDP 500, UDP "
            "4500 and ESP in both directions"
        ),
        BOTH,
    ),
    Cause(
        ("heartbeat timeout",),
        "peer",
        "the heartbeat of the peer was lost",
        "use DPD instead of heartbeats on the device",
        DEVICE,
    ),
    Cause(
        ("receive invalid spi notify",),
        "peer",
        "the peer no longer knows the SA, for example after a restart",
        "clear the SAs of the device and reset the connection; enable DPD at both ends",
        BOTH,
    ),
    Cause(
        ("spi conflict",),
        INTERNAL,
        "two SAs drew the same SPI",
        "wait, it recovers by itself; otherwise reset the connection",
        CLOUD,
    ),
    Cause(
        ("ikev1 phase1-phase2 sa dependent offline",),
        NORMAL,
        "with IKEv1, the end of the IKE SA ended its IPsec SAs",
        "use IKEv2, or change the corresponding option of the device",
        BOTH,
    ),
    Cause(
        ("re-auth timeout",),
        "identity",
        "the peer did not authenticate again in time",
        "compare pre-shared key, certificates and IDs; then check the device",
        BOTH,
    ),
    Cause(
        ("dns resolution status change",),
        "peer",
        "the name of the peer resolves differently",
        "configure the peer of the device by address",
        DEVICE,
    ),
    Cause(
        ("admin down",),
        INTERNAL,
        "the tunnel was set down",
        ("check whether gateway or connection is frozen or being changed; check whether the device was shut down"),
        BOTH,
    ),
    Cause(
        ("forward down",),
        INTERNAL,
        "forwarding went down (internal housekeeping of gateway or device)",
        ("reset the connection if it does not come back; contact support with the request IDs if it repeats"),
        CLOUD,
    ),
    Cause(
        ("cpu table updated",),
        INTERNAL,
        "an internal table was updated (internal housekeeping of gateway or device)",
        ("reset the connection if it does not come back; contact support with the request IDs if it repeats"),
        CLOUD,
    ),
    Cause(
        ("hash gene adjusted",),
        INTERNAL,
        "an internal table was updated (internal housekeeping of gateway or device)",
        ("reset the connection if it does not come back; contact support with the request IDs if it repeats"),
        CLOUD,
    ),
    Cause(
        ("ip address syn failed",),
        INTERNAL,
        "internal synchronization failed (internal housekeeping of gateway or device)",
        ("reset the connection if it does not come back; contact support with the request IDs if it repeats"),
        CLOUD,
    ),
    Cause(
        ("receive backup delete info",),
        INTERNAL,
        "the standby unit deleted the SA (internal housekeeping of gateway or device)",
        ("reset the connection if it does not come back; contact support with the request IDs if it repeats"),
        CLOUD,
    ),
    Cause(
        ("nhrp notify",),
        INTERNAL,
        "a notification of NHRP ended the SA (internal housekeeping of gateway or device)",
        ("reset the connection if it does not come back; contact support with the request IDs if it repeats"),
        CLOUD,
    ),
    Cause(
        ("aaa cut user",),
        INTERNAL,
        "AAA ended the session (internal housekeeping of gateway or device)",
        ("reset the connection if it does not come back; contact support with the request IDs if it repeats"),
        CLOUD,
    ),
    Cause(
        ("eap delete old sa",),
        INTERNAL,
        "EAP deleted the old SA (internal housekeeping of gateway or device)",
        ("reset the connection if it does not come back; contact support with the request IDs if it repeats"),
        CLOUD,
    ),
    Cause(
        ("modecfg address soft expiry",),
        UNUSED,
        "the lease of an address ended (remote access)",
        "disable mode config on the device",
        DEVICE,
    ),
    Cause(
        ("disconnect track nqa",),
        "peer",
        "tracking (NQA) took the tunnel down on the device",
        "check that the tracked address answers ICMP",
        DEVICE,
    ),
    Cause(
        ("disconnect track bfd",),
        "peer",
        "tracking (BFD) took the tunnel down on the device",
        "check that the tracked address answers ICMP",
        DEVICE,
    ),
    Cause(
        ("disconnect track vrrp",),
        "peer",
        "tracking (VRRP) took the tunnel down on the device",
        "check that the tracked address answers ICMP",
        DEVICE,
    ),
)

UNKNOWN = Cause(
    (),
    "unknown",
    "the vendor publishes no meaning of this keyword",
    "compare the settings of both ends, and read the log of the device",
    BOTH,
)

_FIRST_CHECKS = (
    "check that the peer address of the device is that of the gateway and that id_value of the customer gateway is the"
    " address of the device; allow UDP 500, UDP 4500 and ESP in both directions; compare ikepolicy, ipsecpolicy and"
    " pre-shared key with the device; send a ping from both sides"
)

SIGNALS = (
    Signal(
        "connection frozen",
        "state",
        "the connection is frozen, because of arrears or by the vendor",
        "pay the outstanding balance, or contact the vendor",
        CLOUD,
        status=("FREEZED",),
        first=True,
    ),
    Signal(
        "connection in error",
        "state",
        "the creation or a change of the connection failed; the API does not tell why",
        "reset the connection, or create it again",
        CLOUD,
        suggested=True,
        status=("ERROR",),
        first=True,
    ),
    Signal(
        "state unknown",
        "state",
        "the state of the connection could not be read",
        "read it again later; if it stays unknown, contact support",
        CLOUD,
        suggested=True,
        status=("UNKNOWN",),
        first=True,
    ),
    Signal(
        "diagnosis incomplete",
        "unknown",
        "the cloud failed to return the log or the security associations, so causes may be missing here",
        "run the diagnosis again; if it fails again, contact support with the request IDs",
        CLOUD,
        suggested=True,
        unread=True,
    ),
    Signal(
        "changed just now",
        "state",
        "the connection was created or changed in the last minutes, and the state that the cloud shows lags behind",
        "wait for two to five minutes, and read it again",
        CLOUD,
        status=("DOWN",),
        changed_within=120,
    ),
    Signal(
        "no phase 2",
        "proposal",
        "phase 1 (IKE) succeeded, but no security association of phase 2 (IPsec) was made",
        "make ipsecpolicy.encryption_algorithm, authentication_algorithm, pfs and transform_protocol equal at both"
        " ends; then compare the protected networks as for flow mismatch",
        BOTH,
        suggested=True,
        status=("DOWN",),
        log="first phase",
        without_associations=True,
    ),
    Signal(
        "no negotiation seen",
        "reachability",
        "the tunnel is down and its log is empty: no attempt of the device has arrived",
        _FIRST_CHECKS,
        BOTH,
        status=("DOWN",),
        log="empty",
    ),
    Signal(
        "no log available",
        "state",
        "the tunnel is down, and this connection has no log, because of its style or an old gateway",
        _FIRST_CHECKS,
        BOTH,
        status=("DOWN",),
        log="unavailable",
    ),
    Signal(
        "no cause in the log",
        "state",
        "the tunnel is down, and its log names no cause",
        _FIRST_CHECKS,
        BOTH,
        status=("DOWN",),
        log="silent",
    ),
    Signal(
        "reset owed",
        "pending",
        "a changed key or identity is not used yet: the tunnel still uses the old one, and the new one takes effect"
        " when the tunnel is re-established",
        "make sure that the device has the new values; then run again with reset=if_required, at a time that suits both"
        " ends",
        CLOUD,
        members=(("reset_required", (True,)),),
    ),
    Signal(
        "no answers",
        "traffic",
        "the cloud sends packets into the tunnel, and nothing comes back",
        "check the device's route back to the cloud; check its firewall and that private networks are exempt from NAT;"
        " check the default gateway of the servers",
        DEVICE,
        suggested=True,
        status=("ACTIVE",),
        traffic="sent only",
    ),
    Signal(
        "no replies from the cloud",
        "traffic",
        "packets arrive from the device, and the cloud sends nothing",
        "check route table and security group of the VPC, which denies foreign sources by default; check that the"
        " server answers; a second network card of the server needs a route",
        CLOUD,
        status=("ACTIVE",),
        traffic="received only",
    ),
    Signal(
        "no traffic",
        "traffic",
        "the tunnel is up, and no packet passes it in either direction; this is normal for the second tunnel of a pair,"
        " which carries traffic only after a failure",
        "compare peer_subnets, local_subnets of the gateway and policy_rules with the real addresses; check which"
        " traffic the device sends into the tunnel",
        BOTH,
        suggested=True,
        status=("ACTIVE",),
        traffic="none",
        alone=True,
    ),
    Signal(
        "pairs without association",
        "flow",
        "some pairs of networks have no security association, so their traffic does not pass",
        "compare policy_rules with the device, in number and masks; make rules disjoint; one gateway address takes 300"
        " pairs",
        BOTH,
        suggested=True,
        status=("ACTIVE",),
        pairs=True,
        members=(("style", ("policy",)),),
    ),
    Signal(
        "bgp not established",
        "routing",
        "the tunnel is up, but BGP is not established",
        "check that the ASNs of the two ends are exchanged and different; compare tunnel_local_address and"
        " tunnel_peer_address with the device; check the number of routes: 100, 200 or 300, depending on the flavor",
        BOTH,
        suggested=True,
        status=("ACTIVE",),
        # The vendor publishes no values; these are the states of the protocol in which no routes are exchanged.
        members=(("bgp_peer.state", ("idle", "connect", "active", "opensent", "openconfirm", "down")),),
    ),
    Signal(
        "no routes received",
        "routing",
        "BGP is established, but the device announces no route",
        "announce the networks of the site on the device; compare the ASNs; check the number of routes: 100, 200 or"
        " 300, depending on the flavor",
        DEVICE,
        suggested=True,
        status=("ACTIVE",),
        members=(("bgp_peer.state", ("established",)), ("bgp_peer.num_received_routes", (0, "0"))),
    ),
    Signal(
        "interruptions of a policy connection",
        "stability",
        "the tunnel fails and comes back again and again",
        "make policy_rules of this connection and the others of the gateway disjoint, and exactly the mirror image of"
        " the device's; offer only one algorithm of each sort on the device",
        BOTH,
        interrupted="irregularly",
        members=(("style", ("policy",)),),
    ),
    Signal(
        "interruptions",
        "stability",
        "the tunnel fails and comes back again and again",
        "mirror the protected networks exactly on the device; make the lifetimes equal at both ends; enable DPD on the"
        " device; keep packets below the MTU of the path; ask the network provider; do not change settings in use",
        BOTH,
        interrupted="irregularly",
        members=(("style", ("static", "bgp", "policy-template")),),
    ),
    Signal(
        "regular interruptions",
        "stability",
        "the tunnel fails and comes back at equal intervals",
        "make ikepolicy.lifetime_seconds and ipsecpolicy.lifetime_seconds equal at both ends; check the lifetime by"
        " traffic of the device: that of the cloud is 1,843,200 KB, and is not negotiated",
        BOTH,
        interrupted="regularly",
    ),
)

CONNECTION_DIAGNOSIS = Diagnosis(
    log="log",
    associations="ipsec_sa",
    association_form=Associations(
        identifier="id",
        sent="packets_sent",
        received="packets_recv",
        source="source_ip_cidr",
        destination="dest_ip_cidr",
        rules=("policy_rules", "policy_rules_v6"),
        rule_source="source",
        rule_destinations="destination",
    ),
    causes=CAUSES,
    unknown=UNKNOWN,
    signals=SIGNALS,
    # Device references: "IPSec tunnel is established."
    success=("established",),
    first_phase=("ike sa", "phase1", "phase 1"),
    changed=("updated_at", "created_at"),
)

_WEAK_HASH = "which is weak"
_SET_HASH = "set sha2-256 or longer"
_WEAK_GROUP = "which is weak"

CONNECTION_POSTURE = Posture(
    habits=(
        Habit(
            "ikepolicy.ike_version",
            "which is deprecated",
            "set v2 at both ends",
            values=("v1",),
        ),
        Habit(
            "ikepolicy.phase1_negotiation_mode",
            "which does not protect the identities and makes the pre-shared key easier to guess",
            "set main, or use IKEv2",
            values=("aggressive",),
            only_with=("ikepolicy.ike_version", ("v1",)),
        ),
        Habit("ikepolicy.encryption_algorithm", "which is weak", "set aes-128 or stronger", values=WEAK_CIPHERS),
        Habit("ikepolicy.authentication_algorithm", _WEAK_HASH, _SET_HASH, values=WEAK_HASHES),
        Habit("ikepolicy.dh_group", _WEAK_GROUP, "set group15 or higher", values=WEAK_GROUPS),
        Habit(
            "ikepolicy.lifetime_seconds",
            "which is outside the usual 3600 to 86400 seconds",
            "set 86400 at both ends",
            minimum=3600,
            maximum=86400,
        ),
        Habit(
            "ikepolicy.peer_id",
            "so that the address of the customer gateway is expected, while a device behind NAT sends its private one",
            "set it to the local ID of the device",
            missing=True,
            only_with=("ikepolicy.peer_id_type", ("ip",)),
        ),
        Habit("ipsecpolicy.encryption_algorithm", "which is weak", "set aes-128 or stronger", values=WEAK_CIPHERS),
        Habit("ipsecpolicy.authentication_algorithm", _WEAK_HASH, _SET_HASH, values=WEAK_HASHES),
        Habit(
            "ipsecpolicy.pfs",
            "so that one broken key reveals the traffic of all others",
            "set group15 or higher at both ends",
            values=("disable",),
        ),
        Habit("ipsecpolicy.pfs", _WEAK_GROUP, "set group15 or higher", values=WEAK_GROUPS),
        Habit(
            "ipsecpolicy.lifetime_seconds",
            "which is outside the usual 900 to 86400 seconds",
            "set 3600 at both ends",
            minimum=900,
            maximum=86400,
        ),
    ),
    # User guide, "Limitations and Constraints".
    reserved=("100.64.0.0/10", "214.0.0.0/8", "169.254.0.0/16", "127.0.0.0/8", "224.0.0.0/3"),
    networks=("peer_subnets", "peer_subnets_v6"),
    rules=("policy_rules", "policy_rules_v6"),
    rule_source="source",
    rule_destinations="destination",
    address="vgw_ip",
    partner="cgw_id",
    created="created_at",
    alike=(
        "style",
        "peer_subnets",
        "peer_subnets_v6",
        "enable_nqa",
        "ikepolicy.ike_version",
        "ikepolicy.phase1_negotiation_mode",
        "ikepolicy.encryption_algorithm",
        "ikepolicy.authentication_algorithm",
        "ikepolicy.dh_group",
        "ikepolicy.lifetime_seconds",
        "ikepolicy.dpd.msg",
        "ipsecpolicy.encryption_algorithm",
        "ipsecpolicy.authentication_algorithm",
        "ipsecpolicy.pfs",
        "ipsecpolicy.lifetime_seconds",
    ),
)
