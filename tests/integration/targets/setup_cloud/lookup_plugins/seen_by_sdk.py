# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An object as the vendor's own client sees it: a witness beside the modules, sharing no code with them."""

from __future__ import annotations

from ansible.errors import AnsibleLookupError
from ansible.plugins.lookup import LookupBase

try:
    from huaweicloudsdkcore.auth.credentials import BasicCredentials
    from huaweicloudsdkcore.exceptions.exceptions import ClientRequestException
    from huaweicloudsdkcore.utils.http_utils import sanitize_for_serialization
    from huaweicloudsdkvpn.v5 import ShowCgwRequest, ShowVgwRequest, ShowVpnConnectionRequest, VpnClient
except ImportError as error:
    SDK_PROBLEM = error
else:
    SDK_PROBLEM = None


class LookupModule(LookupBase):
    """lookup('seen_by_sdk', id, access=...): the object as a dictionary, empty when there is none.

    Without an id nothing is looked up, but the client is loaded, which takes longer than all else.

    access: what the modules take as their common options; access_key and secret_key must be among them.
    kind: vpn_connection, which is the default, vpn_gateway or customer_gateway. As in the modules' results, the style
    of a connection is in lower case and tags are a dictionary.
    """

    def run(self, terms, variables=None, **kwargs):
        if SDK_PROBLEM is not None:
            raise AnsibleLookupError(f"huaweicloudsdkvpn cannot be imported: {SDK_PROBLEM}")
        return [_seen(_client(kwargs["access"]), kwargs.get("kind", "vpn_connection"), term) for term in terms]


def _client(access):
    credentials = BasicCredentials(access["access_key"], access["secret_key"], access.get("project_id"))
    if access.get("security_token"):
        credentials.with_security_token(access["security_token"])
    if access.get("auth_url"):
        credentials.with_iam_endpoint(access["auth_url"])
    return VpnClient.new_builder().with_credentials(credentials).with_endpoints([_endpoint(access)]).build()


def _endpoint(access):
    if access.get("endpoint"):
        return access["endpoint"]
    region = access["region"]
    european = region.startswith("eu-west-1")
    cloud = access.get("cloud") or ("myhuaweicloud.eu" if european else "myhuaweicloud.com")
    return f"https://vpn.{region}.{cloud}"


def _shown(client, kind, identifier):
    """Return the object of a kind in the client's own form."""
    if kind == "vpn_gateway":
        return client.show_vgw(ShowVgwRequest(identifier)).vpn_gateway
    if kind == "customer_gateway":
        return client.show_cgw(ShowCgwRequest(identifier)).customer_gateway
    return client.show_vpn_connection(ShowVpnConnectionRequest(identifier)).vpn_connection


def _seen(client, kind, identifier):
    try:
        shown = _shown(client, kind, str(identifier))
    except ClientRequestException as error:
        if error.status_code == 404:
            return {}
        raise AnsibleLookupError(
            f"the vendor's client: {error.status_code} {error.error_code} {error.error_msg}"
        ) from error
    seen = sanitize_for_serialization(shown)
    if "style" in seen:
        seen["style"] = seen["style"].lower()
    if "tags" in seen:
        seen["tags"] = {tag["key"]: tag["value"] for tag in seen["tags"]}
    return seen
