# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a task gives, while it is validated. Private to this collection; no stable interface."""

from __future__ import annotations

from typing import Any, Mapping


class Draft:
    """What a task gives, while it is validated.

    Attributes:
        options: Options of the right types; a write-only value as a `SecretText`.
        names: The options given at all, refused ones too.
        problems: What is wrong so far, as sentences.
        secrets: Every secret text, for masking.
        shown: Options that core shall see otherwise than they are; a value may be a function of the verbosity.
        desired: The members of the object that the task describes, `{dotted path: canonical value}`.
        items: What the task asks of each of its objects, where it names several.
        origins: Where options come from that the task does not give, by option, for a sentence.
        environment: The environment variables.
    """

    def __init__(
        self,
        options: dict[str, Any],
        names: set[str],
        problems: list[str],
        secrets: set[str],
        environment: Mapping[str, str],
    ) -> None:
        self.options = options
        self.names = names
        self.problems = problems
        self.secrets = secrets
        self.shown: dict[str, Any] = {}
        self.desired: dict[str, Any] = {}
        self.items: list[Any] = []
        self.origins: dict[str, str] = {}
        self.environment = environment
