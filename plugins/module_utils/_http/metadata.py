# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Temporary keys from the metadata of an ECS server. Private to this collection; no stable interface.

Source: the vendor's ECS manual, "Obtaining Metadata", and its SDK for the token of the hardened mode.
"""

from __future__ import annotations

from ansible_collections.huaweicloud.vpn.plugins.module_utils._clock import Clock
from ansible_collections.huaweicloud.vpn.plugins.module_utils._errors import ApiError, NoResponse, Unreachable, VpnError
from ansible_collections.huaweicloud.vpn.plugins.module_utils._http.auth import HeaderAuth, Keys
from ansible_collections.huaweicloud.vpn.plugins.module_utils._http.client import Client
from ansible_collections.huaweicloud.vpn.plugins.module_utils._http.iam import HEADER_VALUE, SHORTEST_KEY, keys_in
from ansible_collections.huaweicloud.vpn.plugins.module_utils._http.responses import TEXT

# A fixed, link-local address: no option and no variable may point it to a host that could read or make up keys.
BASE = "http://169.254.169.254"
TOKEN_PATH = "/meta-data/latest/api/token"
KEYS_PATH = "/openstack/latest/securitykey"
TOKEN_LIFE = {"X-Metadata-Token-Ttl-Seconds": "21600"}
TOKEN_HEADER = "X-Metadata-Token"
# Answers to the request for a token where the server has no hardened mode.
WITHOUT_TOKENS = (404, 405, 503)
# The text of a refusal where the server has no agency.
NO_AGENCY = b"Cloud Service Agency"
# Seconds. The address is answered on the server itself, or not at all.
TIMEOUT = 3.0


class Metadata:
    """The metadata service of this server.

    Args:
        clock: The clock.
        user_agent: What requests state of their sender.
        secrets: Gets the tokens of the service.
    """

    def __init__(self, clock: Clock, user_agent: str, secrets: set[str]) -> None:
        self._clock = clock
        self._user_agent = user_agent
        self._secrets = secrets

    def keys(self) -> Keys:
        """Return temporary keys of the agency of this server.

        Raises:
            VpnError: With a sentence that says what is wrong.
        """
        try:
            return self._asked()
        except VpnError as error:
            error.lead("no keys from the metadata of this server (ecs_agency)")
            error.add(_advice(error))
            raise

    def _asked(self) -> Keys:
        try:
            return self._keys()
        except ApiError as error:
            # Also where a token was refused that had been issued right before: servers restart.
            if error.status != 401 or NO_AGENCY in error.beginning:
                raise
        return self._keys()

    def _keys(self) -> Keys:
        token = self._token()
        client = self._client({TOKEN_HEADER: token} if token else {}, max_retries=1)
        answer = client.get(KEYS_PATH, expect=("credential", dict))
        return keys_in(answer, "GET", BASE + KEYS_PATH)

    def _token(self) -> str | None:
        """Return a token for the metadata; None where the server has no hardened mode."""
        try:
            answer = self._client(TOKEN_LIFE, max_retries=0).call("PUT", TOKEN_PATH, expect=TEXT, safe=True)
        except ApiError as error:
            if error.status in WITHOUT_TOKENS:
                return None
            raise
        token = answer.content.decode("ascii", "replace").strip()
        if answer.status != 200 or len(token) < SHORTEST_KEY or not HEADER_VALUE.fullmatch(token):
            raise NoResponse("the answer is no token", "PUT", BASE + TOKEN_PATH, answer.status)
        self._secrets.add(token)
        return token

    def _client(self, headers: dict[str, str], max_retries: int) -> Client:
        auth = HeaderAuth(headers, "the server refuses to show its keys")
        return Client(BASE, auth, True, TIMEOUT, max_retries, self._clock, self._user_agent, direct=True)


def _advice(error: VpnError) -> str:
    """Return the end of a sentence: what to do."""
    if isinstance(error, ApiError):
        return "; bind an agency of the type cloud service to the server" if NO_AGENCY in error.beginning else ""
    if isinstance(error, Unreachable) or error.details.get("status_code") is None:
        return "; it exists only on an ECS server, so check where the task runs"
    return ""
