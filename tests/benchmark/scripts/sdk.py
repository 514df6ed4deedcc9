# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What somebody would write with the vendor's SDK: bring connections to described settings.

Usage: sdk.py WANTED.json REPORT.json [DPD-TIMEOUT]

Lists all connections, compares what is wanted leaf by leaf, sends a PUT for each that differs (10 threads), polls the
list until all are settled, and reads them again. The report tells the seconds of the work, without Python's start.
"""

from __future__ import annotations

import json
import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor

from huaweicloudsdkcore.auth.credentials import BasicCredentials
from huaweicloudsdkcore.http.http_config import HttpConfig
from huaweicloudsdkvpn.v5 import (
    ListVpnConnectionsRequest,
    UpdateVpnConnectionRequest,
    UpdateVpnConnectionRequestBody,
    VpnClient,
)

THREADS = 10
POLL = 0.2


def make_client():
    keys = BasicCredentials(os.environ["HW_ACCESS_KEY"], os.environ["HW_SECRET_KEY"], os.environ["HW_PROJECT_ID"])
    http = HttpConfig.get_default_config()
    return (
        VpnClient.new_builder()
        .with_http_config(http)
        .with_credentials(keys)
        .with_endpoint(os.environ["HW_VPN_ENDPOINT"])
        .build()
    )


def listed(client):
    answer = client.list_vpn_connections(ListVpnConnectionsRequest(limit=2000)).to_dict()
    return {item["name"]: item for item in answer["vpn_connections"]}


def differing(wanted, found):
    """Return the members of wanted that found does not show; objects leaf by leaf."""
    members = {}
    for name, value in wanted.items():
        if isinstance(value, dict):
            value = differing(value, found[name])
        if value and value != found[name]:
            members[name] = value
    return members


def comparable(item):
    """Return what the script compares: policies as they are, the rest only where it is plain."""
    return {name: item[name] for name in ("ikepolicy", "ipsecpolicy", "cgw_id", "peer_subnets")}


def update(client, identifier, members):
    body = UpdateVpnConnectionRequestBody(vpn_connection=members)
    client.update_vpn_connection(UpdateVpnConnectionRequest(vpn_connection_id=identifier, body=body))


def settled(found, names):
    return all(found[name]["status"] in ("ACTIVE", "DOWN") for name in names)


def work(client, wanted):
    found = listed(client)
    changes = {item["name"]: differing(comparable(item), found[item["name"]]) for item in wanted}
    changes = {name: members for name, members in changes.items() if members}
    if not changes:
        return 0
    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(lambda name: update(client, found[name]["id"], changes[name]), changes))
    while not settled(listed(client), changes):
        time.sleep(POLL)
    again = listed(client)
    if any(differing(members, again[name]) for name, members in changes.items()):
        sys.exit("the cloud did not keep a change")
    return len(changes)


def main(wanted_file, report_file, timeout=""):
    with open(wanted_file, encoding="utf-8") as file:
        wanted = json.load(file)["wanted"]
    if timeout:
        for item in wanted:
            item["ikepolicy"]["dpd"]["timeout"] = int(timeout)
    client = make_client()
    start = time.perf_counter()
    changed = work(client, wanted)
    seconds = time.perf_counter() - start
    with open(report_file, "w", encoding="utf-8") as file:
        json.dump({"seconds": seconds, "changed": changed}, file)


if __name__ == "__main__":
    main(*sys.argv[1:])
