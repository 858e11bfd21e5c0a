"""Cells and therapies as a table whose numbers are buttons; the script keeps it up to date."""

from __future__ import annotations

from tdr.ask.views.matrix import Count, Matrix
from tdr.model.fields import SIDES
from tdr.render.page.html import text_of

ROWS = 16
"""Rows of the map that stand there at once; a button shows the others."""

_LEVELS = 5
"""Shades of the map."""


def heat_table(found: Matrix) -> str:
    """The map as a table; the cell with most claims comes first."""
    order = sorted(range(len(found.rows)), key=lambda n: (-found.rows[n].all.total, n))
    found = found.of_rows(order)
    heads = "".join(
        f'<th scope="colgroup" colspan="2" class="first" data-therapy="{text_of(column.label)}">'
        f"{text_of(column.short)}</th>"
        for column in found.columns
    )
    signs = "".join(
        f'<th scope="col" class="{side}{first}"><span class="hush">{does}</span></th>'
        for _ in found.columns
        for (side, does), first in zip(SIDES.items(), (" first", ""), strict=True)
    )
    most = found.most
    rows = "".join(_row(found, number, most) for number in range(len(found.rows)))
    return (
        f'<table class="heat" id="heat" data-levels="{_LEVELS}" data-rows="{ROWS}"><thead>'
        f'<tr><th scope="col" rowspan="2">Cell</th>{heads}'
        '<th scope="col" rowspan="2">claims</th></tr>'
        f"<tr>{signs}</tr></thead>\n<tbody>{rows}</tbody></table>"
    )


def _row(found: Matrix, number: int, most: int) -> str:
    row = found.rows[number]
    cells = "".join(_number(count, side, most) for count in found.counts[number] for side in SIDES)
    later = ' class="later"' if number >= ROWS else ""
    name = text_of(row.label)
    if row.short != row.label:
        name = f'<span class="full">{name}</span> <span class="soft">{text_of(row.short)}</span>'
    group = f' data-group="{text_of(row.group)}"' if row.group else ""
    style_of_total = ' class="contested"' if row.all.contested else ""
    return (
        f'<tr{later} data-cell="{text_of(row.label)}"{group}><th scope="row">{name}</th>{cells}'
        f'<td class="total"><span{style_of_total}>{row.all.total}</span></td></tr>\n'
    )


def _number(count: Count, side: str, most: int) -> str:
    """A number of claims as a button: its shade says how many, stripes that some are contested."""
    number = getattr(count, side)
    if not number:
        return "<td></td>"
    level = min(1 + (number * _LEVELS - 1) // most, _LEVELS)
    contested = getattr(count.contested, side) if count.contested else 0
    style = f"{side} level-{level}{' contested' if contested else ''}"
    return f'<td><button type="button" class="{style}">{number}</button></td>'
