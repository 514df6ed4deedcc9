# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The CPU time that our own function takes for a task that has nothing to do, with its arguments in memory.

Usage: function.py WANTED.json REPORT.json REPEAT

The report holds the seconds of each repetition, by part: the front door, the work (request and answer among it), and
the masking of the result.
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


def once(wanted):
    """Return the seconds of each part (dict)."""
    start = time.process_time()
    request = bulk.enter(CONNECTION, {"connections": wanted}, os.environ)
    entered = time.process_time()
    result = bulk.perform(CONNECTION, request, False, Clock(), "benchmark")
    performed = time.process_time()
    masker(request.secrets)(result)
    masked = time.process_time()
    if result["changed"] or len(result["connections"]) != len(wanted):
        sys.exit("this was to be a task with nothing to do")
    return {"enter": entered - start, "perform": performed - entered, "mask": masked - performed}


def main(wanted_file, report_file, repeat):
    with open(wanted_file, encoding="utf-8") as file:
        wanted = json.load(file)["wanted"]
    once(wanted)
    seconds = [once(wanted) for dummy in range(int(repeat))]
    with open(report_file, "w", encoding="utf-8") as file:
        json.dump({"seconds": seconds}, file)


if __name__ == "__main__":
    main(*sys.argv[1:])
