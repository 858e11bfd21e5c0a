"""Layout of a table: widths of columns, and which columns are set below the others: prose, and
those that do not fit.

Arithmetic only: the wanted widths are measured in `tdr.render.terminal.table`.
"""

from __future__ import annotations

from collections.abc import Sequence

from tdr.render.terminal.lines import cell_count

GAP = 2
"""Spaces between two columns; one if the table fits without wrapping only then."""

READABLE = 96
"""Cells beyond which lines of prose are hard to follow."""

NARROWEST = 40
"""Cells below which there is no table but lines of `key: value`."""

_NARROW = 60  # cells below which a table must fit without wrapping
_MODEST = 24  # cells that other columns get before prose gets any
_TIGHTEST = 15  # cells in which nearly every word fits: adenocarcinoma
_PROSE = 48  # cells below which prose is set below the other columns
_COMFORTABLE = 72  # cells of prose beyond which the other columns are widened


class TableColumn:
    """A column of a table: its fields and its widths.

    `place` is its position among the cells of a row; `natural` is its width without
    wrapping, `minimum` the width of its longest word, `width` what `lay_out` gave it;
    `right` if it is aligned to the right.
    """

    def __init__(
        self, name: str, fields: tuple[str, ...], place: int, *, prose: bool, is_id: bool
    ) -> None:
        self.name, self.fields, self.place = name, fields, place
        self.prose, self.is_id = prose, is_id
        self.natural = self.minimum = self.width = 0
        self.right = False


class TableLayout:
    """The columns side by side, with `gap` between them, and those below, indented by `inset`.

    `width` is that of every line of the table.
    """

    def __init__(
        self,
        columns: Sequence[TableColumn],
        below: Sequence[TableColumn] = (),
        inset: int = 0,
        gap: int = GAP,
    ) -> None:
        self.columns, self.below, self.inset, self.gap = columns, below, inset, gap
        width = sum(column.width for column in columns) + gap * (len(columns) - 1)
        self.width = max(width, *(inset + column.width for column in below), 0)


def lay_out(columns: Sequence[TableColumn], width: int) -> TableLayout | None:
    """The layout of a table in this width, with the widths of columns set; None if lines of
    `key: value` are better."""
    if width < NARROWEST:
        return None
    for gap in (GAP, 1):
        if sum(column.natural + gap for column in columns) <= width + gap:
            for column in columns:
                column.width = column.natural
            return TableLayout(columns, gap=gap)
    if width < _NARROW:
        return None
    prose = [column for column in columns if column.prose and column.natural > _MODEST]
    grid = [column for column in columns if column not in prose]
    if not prose or not grid:
        return _below(columns, (), width)
    wanted = sum(min(column.natural, max(column.minimum, _MODEST)) for column in grid)
    left = width - GAP * (len(columns) - 1) - wanted
    if left < sum(min(column.natural, _PROSE) for column in prose):
        return _below(grid, prose, width)
    lines = sum(min(column.natural, _COMFORTABLE) for column in prose)
    _share(grid, wanted + max(0, left - lines))
    _share(prose, wanted + left - sum(column.width for column in grid))
    return TableLayout(columns)


def _below(
    grid: Sequence[TableColumn], prose: Sequence[TableColumn], width: int
) -> TableLayout | None:
    """A layout with prose, and the last columns if they do not fit, below the other columns; None
    if fewer than half of the columns would be left above."""
    columns = list(grid)
    while not _fit(columns, width):
        columns.remove(next(column for column in reversed(columns) if not column.is_id))
        if 2 * len(columns) < len(grid) or len(columns) < 2:
            return None
    _share(columns, width - GAP * (len(columns) - 1))
    below = [*prose, *(column for column in grid if column not in columns)]
    inset = min(columns[0].width + GAP, width // 5)
    for column in below:
        wanted = column.natural if column.prose else READABLE
        column.width = min(width - inset, wanted, READABLE)
    return TableLayout(columns, below, inset)


def _fit(columns: Sequence[TableColumn], width: int) -> bool:
    """Whether the columns fit side by side, if need be with their longest words broken."""
    available = width - GAP * (len(columns) - 1)
    tightest = [
        column.minimum
        if column.is_id
        else min(column.minimum, max(_TIGHTEST, cell_count(column.name)))
        for column in columns
    ]
    if sum(column.minimum for column in columns) > available >= sum(tightest):
        for column, minimum in zip(columns, tightest, strict=True):
            column.minimum = minimum
    return sum(column.minimum for column in columns) <= available


def _share(columns: Sequence[TableColumn], budget: int) -> None:
    """Set widths that add up to at most the budget; the widest columns are narrowed first."""
    level = 1
    while level < budget and sum(_at(level + 1, column) for column in columns) <= budget:
        level += 1
    left = budget - sum(_at(level, column) for column in columns)
    for column in columns:
        column.width = _at(level, column)
        if left > 0 and column.width < column.natural:
            column.width += 1
            left -= 1


def _at(level: int, column: TableColumn) -> int:
    """The width of a column if no column may be wider than this level, except for words."""
    return min(column.natural, max(column.minimum, level))
