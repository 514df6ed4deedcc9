# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Helpers that the tests of jobs share."""

from __future__ import annotations

import json

import estate

FLEET = "huaweicloud.vpn.vpn_connections"
# They contain what looks like templates, and must not be rendered.
NEW_KEYS = ("New-{{Key}}-Of-All-1", "Another-{%New%}-Key-2")


def secrets_of(cloud):
    return (*NEW_KEYS, *estate.KEYS, cloud.access_key, cloud.secret_key)


def assert_silent(job, cloud):
    """Assert that no file that ansible-runner leaves behind contains a secret, as it is or as JSON or YAML write it.

    The file "command" is exempt: it holds the environment of the job, as ansible-runner documents, and AWX does not
    keep it.
    """
    read = 0
    for path in job.folder.rglob("*"):
        if not path.is_file() or path.name == "command":
            continue
        text = path.read_text(encoding="utf-8", errors="replace")
        read += 1
        for secret in secrets_of(cloud):
            for form in (secret, json.dumps(secret)[1:-1], secret.replace("'", "''")):
                assert form not in text, f"{form} in {path}"
    assert read > 10 and {"stdout", "job_events"} <= {path.name for path in job.folder.iterdir()}
    assert not [secret for secret in secrets_of(cloud) if secret in job.stdout + json.dumps(job.artifacts)]
