"""A matrix as a heat map for a slide: numbers in the cells, colour behind them.

Where sides are told apart a cell of the map is orange for promotes, blue for
opposes, and split in two where claims stand on both; otherwise it is one blue ramp.
The numbers and signs say the same as the colours do.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from tdr.ask.views.matrix import Count, Heading, Matrix
from tdr.render import Listing, Settings
from tdr.render.picture import svg

_CELL_H, _CELL_W, _CELL_W_SIDED = 30.0, 44.0, 74.0
_MARGIN = 28.0
_LABEL, _NUMBER, _TITLE, _SMALL = 14.0, 14.0, 21.0, 12.5
_LABEL_ROOM = 290.0
_HEAD_ROOM = 255.0
_SLANT = math.radians(40)
_SIGNS = {"promotes": "▲", "opposes": "▼", "total": ""}


def heat_map(matrix: Matrix, *, title: str | None = None, data_version: str = "") -> str:
    """The matrix as an SVG document."""
    return _HeatMap(matrix, title, data_version).document()


def picture(listing: Listing, settings: Settings) -> Iterator[str]:
    """The matrix behind a listing of its combinations."""
    assert isinstance(listing.source, Matrix)
    yield heat_map(listing.source, title=settings.title, data_version=listing.data_version)


def default_title(matrix: Matrix) -> str:
    """What the map shows, in one line."""
    unit = matrix.unit.capitalize()
    what = " on resistance" if matrix.sided else ""
    return f"{unit}{what} by {matrix.row_field} and {matrix.column_field}"


def _fitting(heading: Heading, room: float) -> str:
    """The label where it fits, else its short form, cut only if that is too long as well."""
    fits = svg.width_of(heading.label, _LABEL) <= room
    return heading.label if fits else svg.wrapped(heading.short, _LABEL, room, 1)[0]


class _HeatMap:
    def __init__(self, matrix: Matrix, title: str | None, data_version: str) -> None:
        self.matrix = matrix
        self.title = title if title is not None else default_title(matrix)
        self.version = data_version
        self.cell_width = _CELL_W_SIDED if matrix.sided else _CELL_W
        self.labels = [_fitting(row, _LABEL_ROOM) for row in matrix.rows]
        self.heads = [_fitting(column, _HEAD_ROOM) for column in matrix.columns]
        self.sides = ("promotes", "opposes") if matrix.sided else ("total",)
        widest = max((svg.width_of(label, _LABEL) for label in self.labels), default=60)
        self.left = _MARGIN + 26 + max(widest, 60) + 10
        lengths = [svg.width_of(head, _LABEL) for head in self.heads]
        # Short heads stand upright over their column, long ones are turned to be readable.
        self.upright = all(length <= self.cell_width - 6 for length in lengths)
        rise = 0.0 if self.upright else max(lengths, default=0) * math.sin(_SLANT)
        self.top = _MARGIN + 76 + rise + 18
        reach = 0.0
        for number, length in enumerate(lengths):
            end = (number + 0.5) * self.cell_width + length * math.cos(_SLANT)
            reach = max(reach, end)
        self.grid_width = self.cell_width * len(matrix.columns)
        self.grid_height = _CELL_H * len(matrix.rows)
        wide = self.grid_width if self.upright else max(self.grid_width, reach)
        title_width = svg.width_of(self.title, _TITLE) * 1.06
        self.width = max(
            self.left + wide + _MARGIN, _MARGIN * 2 + title_width, self.legend_width() + 2 * _MARGIN
        )
        self.height = self.top + self.grid_height + 116

    # -- parts ------------------------------------------------------------

    def document(self) -> str:
        matrix = self.matrix
        body = [
            svg.text(_MARGIN, _MARGIN + 20, self.title, size=_TITLE, font_weight="bold"),
            svg.text(_MARGIN, _MARGIN + 43, self.subtitle(), size=_SMALL, fill=svg.FAINT),
            *self.axes(),
            *self.cells(),
            *self.legend(),
        ]
        description = (
            f"Heat map: {len(matrix.rows)} rows ({matrix.row_field}) by "
            f"{len(matrix.columns)} columns ({matrix.column_field}); {self.subtitle()}"
        )
        return svg.document(self.width, self.height, self.title, description, body)

    def subtitle(self) -> str:
        matrix = self.matrix
        parts = [f"{matrix.both} of {matrix.selected} claims name both"]
        left_out = ((matrix.rows_left_out, "row"), (matrix.columns_left_out, "column"))
        missing = [f"{n} more {what}{'s' * (n > 1)}" for n, what in left_out if n]
        if missing:
            parts.append(f"{' and '.join(missing)} not shown")
        if self.version:
            parts.append(f"data {self.version}")
        return "; ".join(parts)

    def axes(self) -> list[str]:
        matrix = self.matrix
        parts = []
        middle = self.top + self.grid_height / 2
        parts.append(
            svg.text(
                0, 0, matrix.row_field, size=_LABEL, font_weight="bold", text_anchor="middle",
                transform=f"translate({svg.number(_MARGIN + 12)} {svg.number(middle)}) rotate(-90)",
            )
        )  # fmt: skip
        parts.append(
            svg.text(self.left, _MARGIN + 76, matrix.column_field, size=_LABEL, font_weight="bold")
        )
        for number, label in enumerate(self.labels):
            y = self.top + (number + 0.5) * _CELL_H + _LABEL * 0.35
            parts.append(svg.text(self.left - 10, y, label, size=_LABEL, text_anchor="end"))
        for number, head in enumerate(self.heads):
            x = self.left + (number + 0.5) * self.cell_width
            if self.upright:
                parts.append(svg.text(x, self.top - 9, head, size=_LABEL, text_anchor="middle"))
            else:
                where = f"translate({svg.number(x)} {svg.number(self.top - 9)}) rotate(-40)"
                parts.append(svg.text(0, 0, head, size=_LABEL, transform=where))
        return parts

    def cells(self) -> list[str]:
        matrix = self.matrix
        parts = []
        for i, counts in enumerate(matrix.counts):
            for j, count in enumerate(counts):
                x, y = self.left + j * self.cell_width, self.top + i * _CELL_H
                name = f"{matrix.rows[i].label}, {matrix.columns[j].label}: {self.words(count)}"
                parts.append(
                    svg.tag("g", svg.tag("title", svg.escaped(name)) + self.cell(x, y, count))
                )
        return parts

    def words(self, count: Count) -> str:
        if not count.total:
            return f"no {self.matrix.unit}"
        if not self.matrix.sided:
            return f"{count.total} {self.matrix.unit}"
        return f"{count.promotes} promote resistance, {count.opposes} oppose it"

    def cell(self, x: float, y: float, count: Count) -> str:
        shown = [side for side in self.sides if getattr(count, side)]
        frame = svg.tag(
            "rect", x=x, y=y, width=self.cell_width, height=_CELL_H, fill="none", stroke=svg.LINE
        )
        width = self.cell_width / max(1, len(shown))
        parts = []
        for number, side in enumerate(shown):
            value = getattr(count, side)
            fill = self.color(side, value)
            left = x + number * width
            parts.append(svg.tag("rect", x=left, y=y, width=width, height=_CELL_H, fill=fill))
            parts.append(
                svg.text(
                    left + width / 2,
                    y + _CELL_H / 2 + _NUMBER * 0.35,
                    f"{value}{_SIGNS[side]}",
                    size=_NUMBER,
                    text_anchor="middle",
                    fill=svg.on(fill),
                )
            )
        return "".join([*parts, frame])

    # -- colour -----------------------------------------------------------

    def color(self, side: str, value: int) -> str:
        bounds = self.bounds()
        step = next(n for n, (_, high) in enumerate(bounds) if value <= high)
        return svg.RAMPS[side][self.steps(bounds)[step]]

    def bounds(self) -> list[tuple[int, int]]:
        """The least and the largest count of each colour, from light to dark; at most five."""
        most = max(1, self.matrix.most)
        if most <= 5:
            return [(value, value) for value in range(1, most + 1)]
        # Each colour spans more than the one before: most counts are small.
        highs = sorted({max(1, round(most ** (step / 5))) for step in range(1, 6)})
        lows = [1, *(high + 1 for high in highs[:-1])]
        return list(zip(lows, highs, strict=True))

    @staticmethod
    def steps(bounds: Sequence[object]) -> Sequence[int]:
        """Which of the five colours to use for so many classes."""
        return {1: (2,), 2: (1, 3), 3: (0, 2, 4), 4: (0, 1, 3, 4)}.get(len(bounds), range(5))

    # -- legend -----------------------------------------------------------

    def legend_width(self) -> float:
        return 190 + 52.0 * len(self.bounds())

    def legend(self) -> list[str]:
        bounds = self.bounds()
        y = self.top + self.grid_height + 26
        parts = []
        meaning = {"promotes": "▲ promotes resistance", "opposes": "▼ opposes resistance"}
        for side in self.sides:
            name = meaning.get(side, self.matrix.unit)
            parts.append(svg.text(_MARGIN, y + 14, name, size=_SMALL))
            for number, (low, high) in enumerate(bounds):
                fill = svg.RAMPS[side][self.steps(bounds)[number]]
                x = _MARGIN + 178 + number * 52
                parts.append(
                    svg.tag("rect", x=x, y=y, width=50, height=20, fill=fill, stroke=svg.LINE)
                )
                span = str(low) if low == high else f"{low}–{high}"
                parts.append(
                    svg.text(
                        x + 25, y + 14.5, span, size=_SMALL, text_anchor="middle", fill=svg.on(fill)
                    )
                )
            y += 26
        note = f"Numbers are {self.matrix.unit}; an empty cell has none."
        parts.append(svg.text(_MARGIN, y + 14, note, size=_SMALL, fill=svg.FAINT))
        return parts
