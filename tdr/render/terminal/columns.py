"""How wide the columns of a table are, and which stand below the others: prose, and what has no
room beside them.

Arithmetic only: what the columns want is measured in `tdr.render.terminal.table`.
"""

from __future__ import annotations

from collections.abc import Sequence

from tdr.render.terminal.lines import cell_count

GAP = 2
"""Spaces between two columns; one where only that lets a table fit unwrapped."""

READABLE = 96
"""Cells beyond which lines of prose are hard to follow."""

NARROWEST = 40
"""Cells below which no table is tried: values stand beside or below their labels."""

_NARROW = 60  # cells below which a table must fit without wrapping
_MODEST = 24  # cells that a column gets before prose beside it does
_TIGHTEST = 15  # cells that are enough for nearly every word: adenocarcinoma
_PROSE = 48  # cells below which prose is better off below the other columns
_COMFORTABLE = 72  # cells of prose beyond which other columns get what they want


class TableColumn:
    """A column of a table: what it shows, how wide it wants to be and how wide it is.

    `place` is its position among the cells of a row; `natural` its width without
    wrapping, `minimum` what its longest word needs, `width` what `lay_out` gave it.
    """

    def __init__(
        self, name: str, fields: tuple[str, ...], place: int, *, prose: bool, is_id: bool
    ) -> None:
        self.name, self.fields, self.place = name, fields, place
        self.prose, self.is_id = prose, is_id
        self.natural = self.minimum = self.width = 0
        self.right = False


class TableLayout:
    """Columns side by side with a gap between them, and others below, set in by `inset`.

    `width` is that of every line of the table; columns have theirs already.
    """

    def __init__(
        self,
        columns: Sequence[TableColumn],
        below: Sequence[TableColumn] = (),
        inset: int = 0,
        gap: int = GAP,
    ) -> None:
        self.columns, self.below, self.inset, self.gap = columns, below, inset, gap
        beside = sum(column.width for column in columns) + gap * (len(columns) - 1)
        self.width = max(beside, *(inset + column.width for column in below), 0)


def lay_out(columns: Sequence[TableColumn], width: int) -> TableLayout | None:
    """Set the widths of the columns; None where lines of `key: value` are better than a table."""
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
    """Prose below the other columns, and of these the last ones that do not fit; None if more of
    them would stand below than side by side."""
    beside = list(grid)
    while not _fit(beside, width):
        beside.remove(next(column for column in reversed(beside) if not column.is_id))
        if 2 * len(beside) < len(grid) or len(beside) < 2:
            return None
    _share(beside, width - GAP * (len(beside) - 1))
    below = [*prose, *(column for column in grid if column not in beside)]
    inset = min(beside[0].width + GAP, width // 5)
    for column in below:
        wanted = column.natural if column.prose else READABLE
        column.width = min(width - inset, wanted, READABLE)
    return TableLayout(beside, below, inset)


def _fit(columns: Sequence[TableColumn], width: int) -> bool:
    """Whether columns have room side by side; the longest words give way before that is denied."""
    room = width - GAP * (len(columns) - 1)
    tightest = [
        column.minimum
        if column.is_id
        else min(column.minimum, max(_TIGHTEST, cell_count(column.name)))
        for column in columns
    ]
    if sum(column.minimum for column in columns) > room >= sum(tightest):
        for column, minimum in zip(columns, tightest, strict=True):
            column.minimum = minimum
    return sum(column.minimum for column in columns) <= room


def _share(columns: Sequence[TableColumn], budget: int) -> None:
    """Give the columns widths that add up to the budget at most, the widest giving way first."""
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
    return min(column.natural, max(column.minimum, level))
