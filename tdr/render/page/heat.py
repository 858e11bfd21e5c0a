"""The map of cells and therapies: a table whose numbers are buttons. The script updates it."""

from __future__ import annotations

from tdr.ask.views.matrix import Count, Matrix
from tdr.model.fields import SIDES
from tdr.render.page.html import escaped

ROWS = 16
"""Rows that are shown at first; a button shows the others."""

_LEVELS = 5
"""Number of shades of a colour."""


def heat_table(matrix: Matrix) -> str:
    """The map as a table, the cell with most claims first."""
    order = sorted(range(len(matrix.rows)), key=lambda n: (-matrix.rows[n].all.total, n))
    matrix = matrix.of_rows(order)
    heads = "".join(
        f'<th scope="colgroup" colspan="2" class="first" data-therapy="{escaped(column.label)}">'
        f"{escaped(column.short)}</th>"
        for column in matrix.columns
    )
    signs = "".join(
        f'<th scope="col" class="{side}{first}"><span class="visually-hidden">{does}</span></th>'
        for _ in matrix.columns
        for (side, does), first in zip(SIDES.items(), (" first", ""), strict=True)
    )
    most = matrix.most
    rows = "".join(_row(matrix, number, most) for number in range(len(matrix.rows)))
    return (
        f'<table class="heat" id="heat" data-levels="{_LEVELS}" data-rows="{ROWS}"><thead>'
        f'<tr><th scope="col" rowspan="2">Cell</th>{heads}'
        '<th scope="col" rowspan="2">claims</th></tr>'
        f"<tr>{signs}</tr></thead>\n<tbody>{rows}</tbody></table>"
    )


def _row(matrix: Matrix, number: int, most: int) -> str:
    row = matrix.rows[number]
    cells = "".join(_number(count, side, most) for count in matrix.counts[number] for side in SIDES)
    later = ' class="later"' if number >= ROWS else ""
    name = escaped(row.label)
    if row.short != row.label:
        name = (
            f'<span class="full">{name}</span> <span class="secondary">{escaped(row.short)}</span>'
        )
    group = f' data-group="{escaped(row.group)}"' if row.group else ""
    style_of_total = ' class="contested"' if row.all.contested else ""
    return (
        f'<tr{later} data-cell="{escaped(row.label)}"{group}><th scope="row">{name}</th>{cells}'
        f'<td class="total"><span{style_of_total}>{row.all.total}</span></td></tr>\n'
    )


def _number(count: Count, side: str, most: int) -> str:
    """A number of claims as a button, darker for more claims, striped if some are contested."""
    number = getattr(count, side)
    if not number:
        return "<td></td>"
    level = min(1 + (number * _LEVELS - 1) // most, _LEVELS)
    contested = getattr(count.contested, side) if count.contested else 0
    style = f"{side} level-{level}{' contested' if contested else ''}"
    return f'<td><button type="button" class="{style}">{number}</button></td>'
