# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From the way to authenticate to temporary keys. Private to this collection; no stable interface.

Each call of `Chain.keys` goes all the way: an ID token is read from its file, the metadata is asked, a user logs in,
and on top of that an agency is assumed. Nothing is kept in between, so keys never rest on something that has ended.
"""

from __future__ import annotations

import contextlib
import os
from typing import Callable, Iterator

from ansible_collections.huaweicloud.vpn.plugins.module_utils._clock import Clock
from ansible_collections.huaweicloud.vpn.plugins.module_utils._errors import ApiError, VpnError
from ansible_collections.huaweicloud.vpn.plugins.module_utils._http import iam
from ansible_collections.huaweicloud.vpn.plugins.module_utils._http.auth import (
    ECS,
    ID_TOKEN,
    KEYS,
    TOKEN,
    AkSkAuth,
    AuthMethod,
    HeaderAuth,
    Keys,
    NoAuth,
    Origin,
    TokenAuth,
)
from ansible_collections.huaweicloud.vpn.plugins.module_utils._http.client import Client
from ansible_collections.huaweicloud.vpn.plugins.module_utils._http.metadata import Metadata

# Bytes. ID tokens have a few thousand.
LARGEST_ID_TOKEN = 1 << 16
# Refusals that the task can do something about.
OF_THE_TASK = (400, 401, 403, 404)
AGENCY_ADVICE = (
    "check agency_name and agency_domain_name, and that the credentials may assume the agency"
    " (action iam:agencies:assume, or role Agent Operator)"
)
ID_TOKEN_ADVICE = (
    "check idp_id, and that the ID token has not expired and is made for the identity provider's client ID (aud)"
)


class Chain:
    """The way to temporary keys.

    Args:
        origin: Who authenticates.
        ask_iam: Returns a client of IAM that authenticates in the given way.
        clock: The clock.
        user_agent: What requests state of their sender.
    """

    def __init__(self, origin: Origin, ask_iam: Callable[[AuthMethod], Client], clock: Clock, user_agent: str) -> None:
        self._origin = origin
        self._ask_iam = ask_iam
        self._clock = clock
        self._user_agent = user_agent

    @property
    def name(self) -> str:
        """Where the keys come from, for a sentence."""
        return "agency" if self._origin.agency else self._origin.auth_method

    def keys(self) -> Keys:
        """Return new keys.

        Raises:
            VpnError: With a sentence that says which step failed.
        """
        if self._origin.agency is None:
            return self._own_keys()
        agency_name, domain_name = self._origin.agency
        client = self._ask_iam(self._base())
        with _step(f"the agency {agency_name!r} of the account {domain_name!r} cannot be assumed", AGENCY_ADVICE):
            return self._noted(iam.keys_of_agency(client, agency_name, domain_name))

    def _base(self) -> AuthMethod:
        """Return what authenticates the request for the agency."""
        known = self._origin.credentials
        if self._origin.auth_method == KEYS:
            return self._signing(Keys(known["access_key"], known["secret_key"], known.get("security_token")))
        if self._origin.auth_method == TOKEN:
            return TokenAuth(known["auth_token"])
        if self._origin.auth_method in (ID_TOKEN, ECS):
            return self._signing(self._own_keys())
        with _step("no login for the agency", "check user_name, password and domain_name"):
            token, _project = iam.password_token(
                self._ask_iam(NoAuth()), known["user_name"], known["password"], known["domain_name"], None
            )
        self._origin.secrets.add(token)
        return TokenAuth(token)

    def _signing(self, keys: Keys) -> AuthMethod:
        return AkSkAuth(keys.access_key, keys.secret_key, self._clock, keys.security_token)

    def _own_keys(self) -> Keys:
        """Return temporary keys of the way itself, before any agency."""
        if self._origin.auth_method == ECS:
            return self._noted(Metadata(self._clock, self._user_agent, self._origin.secrets).keys())
        known = self._origin.credentials
        id_token = known.get("id_token") or read_id_token(known["id_token_file"])
        self._origin.secrets.add(id_token)
        provider = HeaderAuth({iam.IDP_HEADER: known["idp_id"]}, ID_TOKEN_ADVICE)
        with _step("the ID token cannot be exchanged", ID_TOKEN_ADVICE):
            token = iam.exchanged_token(self._ask_iam(provider), id_token)
            self._origin.secrets.add(token)
            return self._noted(iam.keys_of_token(self._ask_iam(TokenAuth(token))))

    def _noted(self, keys: Keys) -> Keys:
        """Register keys for masking."""
        self._origin.secrets.update(filter(None, (keys.access_key, keys.secret_key, keys.security_token)))
        return keys


def read_id_token(path: str) -> str:
    """Return the ID token in a file; whoever put it there replaces it from time to time.

    Raises:
        VpnError: There is none.
    """
    try:
        if not os.path.isfile(path):
            raise VpnError(f"id_token_file is not a file on the machine that runs the task: {path!r}")
        with open(path, "rb") as stream:
            content = stream.read(LARGEST_ID_TOKEN + 1)
    except OSError as error:
        raise VpnError(f"id_token_file {path!r} cannot be read: {error.strerror}") from None
    text = content.decode("ascii", "replace").strip()
    if not text:
        raise VpnError(f"id_token_file {path!r} is empty")
    if not iam.SHORTEST_KEY <= len(text) <= LARGEST_ID_TOKEN or not iam.HEADER_VALUE.fullmatch(text):
        raise VpnError(f"id_token_file {path!r} does not contain an ID token")
    return text


@contextlib.contextmanager
def _step(failed: str, advice: str) -> Iterator[None]:
    """Say in the sentence of an error which step failed, and what to check where IAM refused it.

    Args:
        failed: The beginning of the sentence.
        advice: Its end. A client may have added it already.
    """
    try:
        yield
    except VpnError as error:
        error.lead(failed)
        if isinstance(error, ApiError) and error.status in OF_THE_TASK and advice not in error.message:
            error.add(f"; {advice}")
        raise
