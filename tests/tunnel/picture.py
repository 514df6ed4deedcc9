# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A picture of a terminal session, as SVG. Programs printed what is in it; only lines that say nothing are left out.

"PICTURE=docs/images/both_ends.svg tests/tunnel/run -k picture" makes the picture of the README.
"""

from __future__ import annotations

import re
import typing as t
import xml.sax.saxutils

# In pixels.
LINE, LETTER, MARGIN, SIZE = 19, 8.2, 18, 13.5
COLUMNS = 118
COLORS = {
    r"\$ ": "#ffffff",
    r"(changed|\+)": "#e5c07b",
    r"(ok|.*ESTABLISHED|.* 0% packet loss)": "#98c379",
    r"(PLAY|TASK)": "#61afef",
    r"(fatal|-(?!-))": "#e06c75",
}
# A task of which every line says that there was nothing to do.
IDLE = re.compile(r"^TASK .*\n((skipping|ok|included): (?!.*=> \{$).*\n)+(?=TASK|PLAY)", re.MULTILINE)
FONT = "ui-monospace, Menlo, Consolas, 'DejaVu Sans Mono', monospace"
# Not every program that shows SVG keeps blanks that follow each other.
NO_BREAK = "\N{NO-BREAK SPACE}"
PLAIN, GROUND = "#c8ccd4", "#1e2127"


class Step(t.NamedTuple):
    """A command line as a user types it, and what it printed."""

    command: str
    output: str


def lines(steps: t.Sequence[Step]) -> list[str]:
    """Return the lines of a session: without blank ones, tasks that did nothing, and what does not fit."""
    found: list[str] = []
    for step in steps:
        found += ["", f"$ {step.command}"] if found else [f"$ {step.command}"]
        shown = IDLE.sub("", re.sub(r"\n{2,}", "\n", step.output))
        found += (re.sub(r" ?\*{3,}$", "", line)[:COLUMNS].rstrip() for line in shown.splitlines() if line.strip())
    return found


def svg(shown: t.Sequence[str], title: str) -> str:
    """Return a picture of lines."""
    width, height = COLUMNS * LETTER + 2 * MARGIN, len(shown) * LINE + 2 * MARGIN
    rows = "\n".join(
        f'<text x="{MARGIN}" y="{MARGIN + (number + 0.75) * LINE:g}" fill="{_color(line)}">{_unbroken(line)}</text>'
        for number, line in enumerate(shown)
        if line
    )
    size = f'width="{width:g}" height="{height:g}" viewBox="0 0 {width:g} {height:g}"'
    return f"""<svg xmlns="http://www.w3.org/2000/svg" {size}>
<title>{_escaped(title)}</title>
<rect width="100%" height="100%" rx="8" fill="{GROUND}"/>
<g font-family="{FONT}" font-size="{SIZE}">
{rows}
</g>
</svg>
"""


def _color(line: str) -> str:
    return next((color for pattern, color in COLORS.items() if re.match(pattern, line)), PLAIN)


def _unbroken(line: str) -> str:
    return _escaped(line).replace(" ", NO_BREAK)


def _escaped(text: str) -> str:
    return xml.sax.saxutils.escape(text)
