"""A matrix as a heat map: numbers in the cells, colour behind them.

Where sides are counted apart each column has two halves: orange for promotes on the left, blue
for opposes on the right; otherwise there is one blue ramp. Hatching marks numbers with contested
claims among them. Rows of cells are grouped by lineage. Numbers and signs say the same as the
colours.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from tdr.ask.views.matrix import Count, Matrix
from tdr.model.fields import LINEAGES, SIDES
from tdr.model.text import counted
from tdr.render import DEFAULT_PICTURE, PictureSettings
from tdr.render.picture import svg

_ROW, _HALF, _GAP = 44.0, 72.0, 8.0
_MARGIN = 48.0
_TITLE, _SIZE = 36.0, 24.0
_LINE = 29.0
_SWATCH = 52.0
_INSET = 26.0
EMPTY = "#f4f4f4"


def heat_map(matrix: Matrix, settings: PictureSettings = DEFAULT_PICTURE) -> str:
    """The matrix as an SVG document."""
    return _HeatMap(matrix, settings).document()


def default_title(matrix: Matrix) -> str:
    """The title of the map unless another is given."""
    unit = matrix.unit.capitalize()
    what = " on resistance" if matrix.sided else ""
    return f"{unit}{what} by {matrix.row_field} and {matrix.column_field}"


class _HeatMap:
    def __init__(self, matrix: Matrix, settings: PictureSettings) -> None:
        self.settings = settings
        self.title = settings.title_or(default_title(matrix))
        self.sides = tuple(SIDES) if matrix.sided else ("total",)
        position: dict[str | None, int] = {name: n for n, name in enumerate(LINEAGES)}
        groups = [position.get(row.group, len(position)) for row in matrix.rows]
        order = sorted(range(len(groups)), key=groups.__getitem__)
        matrix = matrix.of_rows(order)
        rows, columns = (
            tuple(replace(one, label=settings.name(one.label)) for one in heads)
            for heads in (matrix.rows, matrix.columns)
        )
        self.matrix = matrix = replace(matrix, rows=rows, columns=columns)
        segments = [part for column in matrix.columns for part in svg.segments(column.label)]
        widest = max((svg.width_of(part, _SIZE) for part in segments), default=0.0)
        self.cell_width = max(_HALF * len(self.sides), widest + 12)
        labels = [svg.width_of(row.label, _SIZE) for row in matrix.rows]
        self.left = _MARGIN + _INSET + max(labels, default=0.0) + 18
        # A map of few columns is widened to title and legend, at most to twice its width.
        wanted = max(self.legend_width(), svg.width_of(self.title, _TITLE) * 1.06) + _MARGIN
        spare = (wanted - self.left) / max(1, len(matrix.columns)) - self.cell_width - _GAP
        self.cell_width += min(max(0.0, spare), self.cell_width)
        self.heads = [svg.wrap(c.label, _SIZE, self.cell_width - 4) for c in matrix.columns]
        self.top = _MARGIN + 108 + max(map(len, self.heads), default=1) * _LINE + 8
        self.tops = self._tops()
        self.bottom = self.tops[-1] + _ROW if self.tops else self.top
        self.width = max(
            self.left + len(matrix.columns) * (self.cell_width + _GAP) + _MARGIN,
            _MARGIN * 2 + svg.width_of(self.title, _TITLE) * 1.06,
            _MARGIN * 2 + svg.width_of(self.subtitle(), _SIZE),
            _MARGIN * 2 + self.legend_width(),
        )
        self.height = self.bottom + 152

    def _tops(self) -> list[float]:
        """The top of each row, below the heading of a group if it is the first one of it."""
        tops, y, before = [], self.top, None
        for row in self.matrix.rows:
            if row.group is not None and row.group != before:
                y += _LINE + 12
            tops.append(y)
            before = row.group
            y += _ROW
        return tops

    # -- parts ------------------------------------------------------------

    def document(self) -> str:
        matrix = self.matrix
        body = [
            svg.tag("defs", HATCH),
            svg.text(_MARGIN, _MARGIN + 28, self.title, size=_TITLE, font_weight="bold"),
            svg.text(_MARGIN, _MARGIN + 68, self.subtitle(), size=_SIZE, fill=svg.FAINT),
            *self.axes(),
            *self.cells(),
            *self.legend(),
        ]
        description = (
            f"Heat map: {len(matrix.rows)} rows ({matrix.row_field}) by "
            f"{len(matrix.columns)} columns ({matrix.column_field}); {self.subtitle()}"
        )
        return svg.document(
            self.width, self.height, self.title, description, body, slide=self.settings.slide
        )

    def subtitle(self) -> str:
        matrix = self.matrix
        parts = [f"{matrix.both} of {matrix.selected} claims name both"]
        left_out = ((matrix.rows_left_out, "row"), (matrix.columns_left_out, "column"))
        missing = [counted(n, f"more {what}") for n, what in left_out if n]
        if missing:
            parts.append(f"{' and '.join(missing)} not shown")
        return "; ".join(parts)

    def axes(self) -> list[str]:
        parts = []
        before = None
        for row, y in zip(self.matrix.rows, self.tops, strict=True):
            if row.group is not None and row.group != before:
                parts.append(svg.text(_MARGIN, y - 8, row.group, size=_SIZE, font_weight="bold"))
            before = row.group
            parts.append(svg.text(_MARGIN + _INSET, y + _ROW / 2 + 8, row.label, size=_SIZE))
        for number, lines in enumerate(self.heads):
            x = self.column(number) + self.cell_width / 2
            y = self.top - 12 - (len(lines) - 1) * _LINE
            for line in lines:
                parts.append(
                    svg.text(x, y, line, size=_SIZE, font_weight="bold", text_anchor="middle")
                )
                y += _LINE
        return parts

    def column(self, number: int) -> float:
        """The x at which a column begins."""
        return self.left + number * (self.cell_width + _GAP)

    def cells(self) -> list[str]:
        matrix = self.matrix
        parts = []
        for row, y, counts in zip(matrix.rows, self.tops, matrix.counts, strict=True):
            for j, count in enumerate(counts):
                name = f"{row.label}, {matrix.columns[j].label}: {self.label(count)}"
                title = svg.tag("title", svg.escaped(name))
                parts.append(svg.tag("g", title + self.cell(self.column(j), y, count)))
        return parts

    def label(self, count: Count) -> str:
        if not count.total:
            return f"no {self.matrix.unit}"
        disputed = f", {count.contested.total} of them contested" if count.contested else ""
        if not self.matrix.sided:
            return f"{count.total} {self.matrix.unit}{disputed}"
        return f"{count.promotes} promote resistance, {count.opposes} oppose it{disputed}"

    def cell(self, left: float, y: float, count: Count) -> str:
        width = self.cell_width / len(self.sides)
        parts = []
        for place, side in enumerate(self.sides):
            value = self.matrix.sides(count)[place]
            x = left + place * width
            fill = self.color(side, value) if value else EMPTY
            disputed = count.contested and self.matrix.sides(count.contested)[place]
            parts.append(_box(x, y + 2, width, _ROW - 4, fill, hatched=bool(disputed)))
            if not value:
                continue
            parts.append(
                svg.text(
                    x + width / 2, y + _ROW / 2 + 8.5, f"{value}{svg.SIGNS[side]}", size=_SIZE,
                    text_anchor="middle", fill=svg.text_color(fill), stroke=fill, stroke_width=6,
                    paint_order="stroke",
                )
            )  # fmt: skip
        return "".join(parts)

    # -- colour -----------------------------------------------------------

    def color(self, side: str, value: int) -> str:
        bounds = self.bounds()
        step = next(n for n, (_, high) in enumerate(bounds) if value <= high)
        return svg.RAMPS[side][self.steps(bounds)[step]]

    def bounds(self) -> list[tuple[int, int]]:
        """The smallest and the largest count of each colour, from light to dark; at most five."""
        most = max(1, self.matrix.most)
        if most <= 5:
            return [(value, value) for value in range(1, most + 1)]
        # Each class is wider than the one before it, because most counts are small.
        highs = sorted({max(1, round(most ** (step / 5))) for step in range(1, 6)})
        lows = [1, *(high + 1 for high in highs[:-1])]
        return list(zip(lows, highs, strict=True))

    @staticmethod
    def steps(bounds: Sequence[object]) -> Sequence[int]:
        """The indices of the colours for the classes between these bounds."""
        return {1: (2,), 2: (1, 3), 3: (0, 2, 4), 4: (0, 1, 3, 4)}.get(len(bounds), range(5))

    # -- legend -----------------------------------------------------------

    def _keys(self) -> list[tuple[str, str]]:
        """Side and label of each ramp."""
        if not self.matrix.sided:
            return [("total", self.matrix.unit)]
        return [(side, f"{svg.SIGNS[side]} {does}") for side, does in SIDES.items()]

    def swatch(self) -> float:
        """The width of a colour in the legend, enough for its counts."""
        return max(_SWATCH, *(svg.width_of(_span(*ends), 20) + 14 for ends in self.bounds()))

    def legend_width(self) -> float:
        ramp = self.swatch() * len(self.bounds()) + 16 + 40
        texts = [svg.width_of(words, _SIZE) + ramp for _, words in self._keys()]
        return sum(texts) + _SWATCH + 16 + svg.width_of(_SOME_CONTESTED, _SIZE)

    def legend(self) -> list[str]:
        bounds, swatch = self.bounds(), self.swatch()
        x, y = _MARGIN, self.bottom + 34
        parts = []
        for side, words in self._keys():
            parts.append(svg.text(x, y + 25, words, size=_SIZE))
            x += svg.width_of(words, _SIZE) + 16
            for number, ends in enumerate(bounds):
                fill = svg.RAMPS[side][self.steps(bounds)[number]]
                parts.append(
                    svg.tag("rect", x=x, y=y, width=swatch - 2, height=34.0, fill=fill)
                    + svg.text(
                        x + swatch / 2, y + 25, _span(*ends), size=20, text_anchor="middle",
                        fill=svg.text_color(fill),
                    )
                )  # fmt: skip
                x += swatch
            x += 40
        light = svg.RAMPS["total"][0]
        parts.append(_box(x, y, _SWATCH - 2, 34.0, light, hatched=True))
        parts.append(svg.text(x + _SWATCH + 12, y + 25, _SOME_CONTESTED, size=_SIZE))
        parts.append(svg.text(_MARGIN, y + 78, self.settings.origin, size=_SIZE, fill=svg.FAINT))
        return parts


def _span(low: int, high: int) -> str:
    return str(low) if low == high else f"{low}–{high}"


_SOME_CONTESTED = "some contested"

HATCH = "".join(
    svg.tag(
        "pattern",
        svg.tag("path", d="M0 0 V10", stroke=color, stroke_width=3.5),
        id=f"hatch-{name}", width=10.0, height=10.0, patternUnits="userSpaceOnUse",
        patternTransform="rotate(45)",
    )
    for name, color in (("dark", "#ffffff"), ("light", "#555555"))
)  # fmt: skip
"""Patterns of stripes for dark and for light backgrounds."""


def _box(x: float, y: float, width: float, height: float, fill: str, *, hatched: bool) -> str:
    """A coloured box; `hatched` with stripes for contested claims."""
    stripes = "url(#hatch-light)" if svg.text_color(fill) == svg.INK else "url(#hatch-dark)"
    return "".join(
        svg.tag("rect", x=x, y=y, width=width, height=height, fill=paint)
        for paint in (fill, stripes)[: 1 + hatched]
    )
