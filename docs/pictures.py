"""Pictures of a terminal for the README: what a command shows, in its colours, as SVG.

The same output gives the same bytes: the ids inside are fixed, there is no date, and the picture
refers to nothing outside itself (Rich's own template would fetch a font).
"""

from __future__ import annotations

import io
import re

COLUMNS = 100

PICTURES = {
    "docs/pictures/list.svg": 'tdr list --cell TAM --cancer "lung cancer"',
    "docs/pictures/show.svg": "tdr show imm-004",
    "docs/pictures/matrix.svg": "tdr matrix --rows cell --cols therapy --top 12",
}
"""Picture -> the command whose output it shows."""

_FONT = "ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace"

_TEMPLATE = f"""\
<svg class="rich-terminal" viewBox="0 0 {{width}} {{height}}" \
xmlns="http://www.w3.org/2000/svg" role="img" aria-labelledby="{{unique_id}}-title">
<title id="{{unique_id}}-title">@TITLE@</title>
<style>
.{{unique_id}}-matrix {{{{ font-family: {_FONT}; font-size: {{char_height}}px; \
line-height: {{line_height}}px; font-variant-ligatures: none; }}}}
.{{unique_id}}-title {{{{ font-size: 16px; font-family: {_FONT}; }}}}
{{styles}}
</style>
<defs>
<clipPath id="{{unique_id}}-clip-terminal">
<rect x="0" y="0" width="{{terminal_width}}" height="{{terminal_height}}" />
</clipPath>
{{lines}}
</defs>
{{chrome}}
<g transform="translate({{terminal_x}}, {{terminal_y}})" \
clip-path="url(#{{unique_id}}-clip-terminal)">
{{backgrounds}}
<g class="{{unique_id}}-matrix">
{{matrix}}
</g>
</g>
</svg>
"""

# Background, text, then the eight basic colours, normal and bright: those of a common dark theme.
_GROUND, _INK = (30, 34, 42), (222, 226, 233)
_BASIC = [(62, 68, 81), (240, 113, 120), (137, 202, 120), (229, 192, 123),
          (97, 175, 239), (213, 141, 235), (43, 186, 197), (222, 226, 233)]  # fmt: skip

# What belongs to a terminal but cannot be seen; Rich reads the colours and the links.
_ERASE = re.compile(r"\x1b\[[0-9;?]*[A-LN-Za-ln-z]|\r")


def picture(path: str, shown: str) -> str:
    """The SVG document of a picture, from what a terminal with colour got for its command."""
    from rich.console import Console
    from rich.terminal_theme import TerminalTheme
    from rich.text import Text

    command = PICTURES[path]
    console = Console(
        record=True, width=COLUMNS, file=io.StringIO(), force_terminal=True,
        color_system="truecolor", legacy_windows=False, highlight=False,
    )  # fmt: skip
    console.print(Text.assemble(("$ ", "bold cyan"), (command, "bold")))
    for line in _ERASE.sub("", shown).rstrip("\n").split("\n"):
        console.print(Text.from_ansi(line, no_wrap=False, overflow="fold"))
    name = path.rpartition("/")[2].partition(".")[0]
    title = command.replace("&", "&amp;").replace("<", "&lt;")
    return console.export_svg(
        title=command,
        theme=TerminalTheme(_GROUND, _INK, _BASIC, _BASIC),
        code_format=_TEMPLATE.replace("@TITLE@", title),
        unique_id=f"tdr-{name}",
    )
