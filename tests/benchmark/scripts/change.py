# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The time that our own function takes for a change, like the script with the vendor's SDK: without Python's start.

Usage: change.py WANTED.json REPORT.json DPD-TIMEOUT

The report holds the seconds of the work, from the arguments to the masked result.
"""

from __future__ import annotations

import json
import os
import sys
import time

from ansible_collections.huaweicloud.vpn.plugins.module_utils._clock import Clock
from ansible_collections.huaweicloud.vpn.plugins.module_utils._masking import masker
from ansible_collections.huaweicloud.vpn.plugins.module_utils._resources.connection import CONNECTION
from ansible_collections.huaweicloud.vpn.plugins.module_utils._work import bulk


def main(wanted_file, report_file, timeout):
    with open(wanted_file, encoding="utf-8") as file:
        wanted = json.load(file)["wanted"]
    for item in wanted:
        item["ikepolicy"]["dpd"]["timeout"] = int(timeout)
    start = time.perf_counter()
    request = bulk.enter(CONNECTION, {"connections": wanted}, os.environ)
    result = masker(request.secrets)(bulk.perform(CONNECTION, request, False, Clock(), "benchmark"))
    seconds = time.perf_counter() - start
    if not all(item["changed"] for item in result["connections"]):
        sys.exit("this was to be a task that changes every connection")
    with open(report_file, "w", encoding="utf-8") as file:
        json.dump({"seconds": seconds}, file)


if __name__ == "__main__":
    main(*sys.argv[1:])
