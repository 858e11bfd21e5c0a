"""Cells and therapies as a table whose numbers are buttons, and as a picture to save."""

from __future__ import annotations

from base64 import b64encode

from tdr.ask.views.matrix import Count, Matrix
from tdr.render import Sheet
from tdr.render.page.html import SIDES, count_of, text_of
from tdr.render.picture.heatmap import heat_map

_HEAT_ROWS = 16
"""Rows of the heat map that stand there at once; a button shows the others."""

_LEVELS = 5
"""Shades of the heat map."""


def heat_table(found: Matrix, origin: str) -> str:
    """The map as a table whose numbers are buttons, and as a picture to save."""
    if not found.rows:
        return '<section id="map"></section>\n'
    order = sorted(range(len(found.rows)), key=lambda n: (-found.rows[n].all.total, n))
    found = found.of_rows(order)
    shorts = [text_of(column.short) for column in found.columns]
    heads = "".join(
        f'<th scope="colgroup" colspan="2" class="first">{short}</th>' for short in shorts
    )
    signs = "".join(
        f'<th scope="col" class="{style}{first}"><span class="hush">{words}</span></th>'
        for _ in found.columns
        for (style, words), first in zip(SIDES.values(), (" first", ""), strict=True)
    )
    rows = "".join(_heat_row(found, number) for number in range(len(found.rows)))
    hidden = len(found.rows) - _HEAT_ROWS
    button = ""
    if hidden > 0:
        button = (
            '<button type="button" id="heat-all" class="needs-js" aria-expanded="false" '
            f'aria-controls="heat" data-other="Show fewer">Show {hidden} more</button> '
        )
    picture = heat_map(found.top(_HEAT_ROWS), Sheet(origin=origin))
    save = (
        '<a download="cells-and-therapies.svg" href="data:image/svg+xml;base64,'
        f'{b64encode(picture.encode()).decode()}">Save as a picture (SVG)</a>'
    )
    return (
        '<section id="map" aria-labelledby="map-title">\n'
        '<h2 id="map-title">Cells and therapies</h2>\n'
        '<p class="key"><span class="up">promotes resistance</span>'
        '<span class="down">opposes resistance</span>'
        "<span>Numbers are claims; a claim with several cells counts for each.</span>"
        '<span class="needs-js soft">Choose a number to see its claims.</span></p>\n'
        '<div class="wide" tabindex="0" role="region" aria-labelledby="map-title">'
        '<table class="heat" id="heat"><thead>'
        f'<tr><th scope="col" rowspan="2">Cell</th>{heads}'
        '<th scope="col" rowspan="2">claims</th></tr>'
        f"<tr>{signs}</tr></thead>\n<tbody>{rows}</tbody></table></div>\n"
        f'<p class="under">{button}{save}</p>\n</section>\n'
    )


def _heat_row(found: Matrix, number: int) -> str:
    row = found.rows[number]
    cells = "".join(
        _heat_cell(count, side, row.label, column.label, found.most)
        for column, count in zip(found.columns, found.counts[number], strict=True)
        for side in SIDES
    )
    later = ' class="later"' if number >= _HEAT_ROWS else ""
    name = text_of(row.label)
    if row.short != row.label:
        name = f'<span class="full">{name}</span> <span class="soft">{text_of(row.short)}</span>'
    return (
        f'<tr{later} data-cell="{text_of(row.label)}"><th scope="row">{name}</th>{cells}'
        f'<td class="total">{row.all.total}</td></tr>\n'
    )


def _heat_cell(count: Count, side: str, cell: str, therapy: str, most: int) -> str:
    number = count.promotes if side == "promotes" else count.opposes
    first = " first" if side == "promotes" else ""
    if not number:
        return f'<td class="none{first}"></td>'
    level = 1 + (number * _LEVELS - 1) // most if most else 1
    shade = f"{SIDES[side][0][0]}{min(level, _LEVELS)}"
    words = f"{count_of(number, 'claim')}: {cell} {SIDES[side][1]}, {therapy}"
    return (
        f'<td class="{shade}{first}"><button type="button" data-side="{side}" '
        f'data-therapy="{text_of(therapy)}" aria-label="{text_of(words)}">{number}</button></td>'
    )
