"""A matrix for people at a terminal: short headings, shaded counts, signs that need no colour.

A count is a number with its sign, `3▲ 1▼`, after a block that is darker for more
claims; no claim is a dot. In ASCII the signs are `+` and `-`, without blocks.
Columns that do not fit are left out, beginning with the last, which has the fewest
claims, and counted in the result.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from tdr.ask.views.matrix import Count, Matrix
from tdr.model.fields import SIDES
from tdr.model.text import visible
from tdr.render import Terminal
from tdr.render.terminal.lines import (
    BOLD,
    DIM,
    STANDING_MARKS,
    STYLES,
    Line,
    Run,
    padded,
    painted,
    rule,
    width_of,
    wrap,
)

_BLOCKS = "░▒▓█"
_GAP: Run = ("  ", "")
_NARROW_LABEL = 22  # cells below which labels are not narrowed
_NARROW_HEAD = 6  # least cells for a heading of several words, which would need too many lines
_LONGEST_WORD = 14  # in the head of a column; a longer one is split
_MIXED = "33"
_CONTESTED: Run = (STANDING_MARKS["contested"][0], STANDING_MARKS["contested"][2])


@dataclass(frozen=True, slots=True)
class Grid:
    """A drawn matrix: its text, and the number of columns that were left out."""

    text: str
    hidden: int


def grid(matrix: Matrix, terminal: Terminal, *, header: bool = True) -> Grid:
    """The matrix as text that is at most as wide as the terminal, if any column fits."""
    drawing = _GridDrawing(matrix, terminal)
    lines = drawing.lines(header)
    return Grid(painted(lines, terminal.color), len(matrix.columns) - len(drawing.columns))


class _GridDrawing:
    def __init__(self, matrix: Matrix, terminal: Terminal) -> None:
        self.matrix = matrix
        self.ascii = terminal.ascii
        self.width = terminal.width
        self.most = max((c.total for row in matrix.counts for c in row), default=0)
        self.labels = [visible(row.label) for row in matrix.rows]
        self.all = self._column("all", [row.all for row in matrix.rows], plain=True)
        possible = [
            self._column(heading.short, [row[number] for row in matrix.counts])
            for number, heading in enumerate(matrix.columns)
        ]
        self.label_width = self._label_width(sum(2 + column.width for column in possible))
        self.columns: list[_CountColumn] = []
        used = self.label_width + 2 + self.all.width
        for column in possible:
            used += 2 + column.width
            if used > terminal.width and self.columns:
                break
            self.columns.append(column)

    def _label_width(self, wanted: int) -> int:
        """The width of the labels, narrowed if all columns then fit."""
        natural = max(map(len, [*self.labels, self.matrix.row_field]), default=1)
        most = min(natural, max(_NARROW_LABEL, self.width * 38 // 100))
        left = self.width - wanted - 2 - self.all.width
        return left if min(_NARROW_LABEL, most) <= left < most else most

    def _column(self, head: str, counts: Sequence[Count], *, plain: bool = False) -> _CountColumn:
        """A column with the width that its counts need; a `plain` one has only the totals."""
        column = _CountColumn(visible(head), self.matrix.sided and not plain)
        if not plain:
            disputed = [self.matrix.sides(one.contested) for one in counts if one.contested]
            for side in range(1 + column.sided):
                column.marked[side] = any(numbers[side] for numbers in disputed)
        if column.sided:
            for side in range(2):
                numbers = [self.matrix.sides(count)[side] for count in counts]
                column.sizes[side] = len(str(max(numbers))) + 1 if any(numbers) else 0
        else:
            column.sizes[0] = max((len(str(count.total)) for count in counts), default=1)
        column.shaded = not plain and not self.ascii
        longest = max((len(word) for word in column.head.replace("-", "- ").split()), default=1)
        column.width = max(column.inner, min(longest, _LONGEST_WORD))
        if not plain and " " in column.head:
            column.width = max(column.width, _NARROW_HEAD)
        return column

    # -- lines ------------------------------------------------------------

    def lines(self, header: bool) -> list[Line]:
        matrix = self.matrix
        lines: list[Line] = self._header() if header else []
        for number, label in enumerate(self.labels):
            counts = matrix.counts[number]
            cells = [self._cell(self.all, matrix.rows[number].all)]
            cells += [self._cell(c, counts[n]) for n, c in enumerate(self.columns)]
            lines += self._row(label, cells, BOLD if matrix.row_field == "cell" else "")
        if header and matrix.rows:
            lines += self._footer()
        return lines

    def _row(self, label: str, cells: Sequence[Line], style: str = "") -> list[Line]:
        first, *rest = wrap([(label, style)], self.label_width, 2)
        whole = padded(first, self.label_width)
        for cell in cells:
            whole += [_GAP, *cell]
        return [whole, *rest]

    def _header(self) -> list[Line]:
        columns = [self.all, *self.columns]
        heads = [wrap([(column.head, BOLD)], column.width) for column in columns]
        height = max(map(len, heads))
        lines: list[Line] = []
        for level in range(height):
            name = self.matrix.row_field if level == height - 1 else ""
            line = padded([(name, BOLD)], self.label_width)
            for column, head in zip(columns, heads, strict=True):
                at = level - (height - len(head))
                line += [_GAP, *padded(head[at] if at >= 0 else [], column.width, right=True)]
            lines.append(line)
        return [*lines, self._rule()]

    def _rule(self) -> Line:
        total = self.label_width + sum(2 + c.width for c in [self.all, *self.columns])
        return rule(total, self.ascii)

    def _footer(self) -> list[Line]:
        matrix = self.matrix
        cells: list[Line] = [[(" " * self.all.width, "")]]
        for column, heading in zip(self.columns, matrix.columns, strict=False):
            cells.append(padded([(str(heading.all.total), "")], column.width, right=True))
        lines = [self._rule(), *self._row("all", cells)]
        legend: Line = []
        if matrix.sided:
            for side in SIDES:
                legend += [*STYLES[side].explained(self.ascii), ("   ", "")]
        if any(any(column.marked) for column in self.columns):
            legend += [_CONTESTED, (" some of them contested", DIM), ("   ", "")]
        legend.append((f"numbers are {matrix.unit}", DIM))
        return [*lines, [], *wrap(legend, max(self.width, 20))]

    # -- cells ------------------------------------------------------------

    def _cell(self, column: _CountColumn, count: Count) -> Line:
        parts: Line = []
        if column.shaded:
            parts.append(self._block(count))
        if not count.total:
            empty = "." if self.ascii else "·"
            parts += [(empty.rjust(column.sizes[0] or column.sizes[1]), DIM)]
            left_over = column.inner - width_of(parts)
            parts.append((" " * left_over, ""))
        elif not column.sided:
            parts.append((str(count.total).rjust(column.sizes[0]), "" if column.shaded else BOLD))
            parts += self._mark(column, count, 0)
        else:
            for place, (side, size) in enumerate(zip(SIDES, column.sizes, strict=True)):
                if size:
                    if len(parts) > column.shaded:
                        parts.append((" ", ""))
                    number = self.matrix.sides(count)[place]
                    text = f"{number}{STYLES[side].mark(self.ascii)}" if number else ""
                    parts.append((text.rjust(size), STYLES[side].color))
                    parts += self._mark(column, count, place)
        return padded(parts, column.width, right=True)

    def _mark(self, column: _CountColumn, count: Count, place: int) -> Line:
        """The mark of contested claims; a space where only other numbers of the column have it."""
        if not column.marked[place]:
            return []
        contested = count.contested and self.matrix.sides(count.contested)[place]
        return [_CONTESTED if contested else (" ", "")]

    def _block(self, count: Count) -> Run:
        if not count.total or not self.most:
            return ("  ", "")
        step = (count.total * len(_BLOCKS) - 1) // self.most
        color = ""
        if self.matrix.sided:
            promotes, opposes = (STYLES[side].color for side in SIDES)
            both = count.promotes and count.opposes
            color = _MIXED if both else promotes if count.promotes else opposes
        return (_BLOCKS[min(step, len(_BLOCKS) - 1)] + " ", color)


@dataclass(slots=True)
class _CountColumn:
    """A column of the grid: its heading, and the widths of its parts."""

    head: str
    sided: bool
    width: int = 0
    shaded: bool = False
    marked: list[bool] = field(default_factory=lambda: [False, False])
    sizes: list[int] = field(default_factory=lambda: [0, 0])

    @property
    def inner(self) -> int:
        """The cells that the numbers and the block before them take."""
        between = 1 if self.sizes[0] and self.sizes[1] else 0
        return 2 * self.shaded + max(1, sum(self.sizes) + between) + sum(self.marked)
