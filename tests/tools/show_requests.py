# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Print the requests that the emulator at a URL has received, under headings.

Usage: show_requests.py URL --count               print the number of requests so far
       show_requests.py URL HEADING NUMBER ...    print the requests up to each number under its heading

Long IDs are shortened.
"""

from __future__ import annotations

import json
import re
import sys
import urllib.request


def journal(url: str) -> list[dict]:
    with urllib.request.urlopen(f"{url}/_emulator/journal") as answer:
        return json.load(answer)["journal"]


def line(entry: dict) -> str:
    path = re.sub(r"([0-9a-z]{8})[0-9a-z-]{24,28}", r"\1…", entry["path"])
    body = f"\n{'':11}{json.dumps(entry['body'])}" if entry["body"] else ""
    return f"  {entry['status']:3}  {entry['method']:4}  {path}{body}"


def main(url: str, *arguments: str) -> None:
    entries = journal(url)
    if arguments == ("--count",):
        print(len(entries))
        return
    begin = 0
    for heading, end in zip(arguments[::2], map(int, arguments[1::2])):
        print(heading, *map(line, entries[begin:end]), sep="\n", end="\n\n")
        begin = end


if __name__ == "__main__":
    main(*sys.argv[1:])
