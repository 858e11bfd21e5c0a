"""A figure of panels, one for each cell: chains of boxes from the cell to resistance.

A slide has room for the cells with the most claims and for some chains of each; what is left out
is counted.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from tdr.ask.views.figure import ChainGroup, Figure, Panel
from tdr.model.steps import RESISTANCE
from tdr.model.text import counted
from tdr.render import DEFAULT_PICTURE, PictureSettings
from tdr.render.picture import glyphs, svg
from tdr.render.picture.layers import Box
from tdr.render.picture.network import FILLS

_COLUMNS = 3
_WIDTH = 584.0
_GUTTER = 28.0
_MARGIN = 56.0
_TITLE, _HEADING, _SIZE, _SMALL = 34.0, 22.0, 20.0, 16.5
_LINE, _PAD = 23.0, 7.0
_ARROW = 31.0
_INDENT = 10.0
_LABEL_WIDTH = 226.0
_HEAD, _FOOT = 116.0, 96.0
_HEADING_HEIGHT = 38.0
_BETWEEN_ROWS, _BETWEEN_PANELS = 8.0, 18.0
_SLIDE = 1080.0
_FEWEST_ROWS = 3


def drawing(figure: Figure, settings: PictureSettings = DEFAULT_PICTURE) -> str:
    """The figure as an SVG document."""
    return _FigureDrawing(figure, settings).document()


@dataclass(frozen=True, slots=True)
class _Stack:
    """Boxes of a chain one below the other; `effect` is that of the link that leads to them."""

    labels: tuple[tuple[str, ...], ...]
    kinds: tuple[str, ...]
    effect: str | None

    @property
    def width(self) -> float:
        widest = max(svg.width_of(line, _SIZE) for lines in self.labels for line in lines)
        return widest + 2 * _PAD + 6

    @property
    def height(self) -> float:
        return sum(_box_height(lines) for lines in self.labels) + 4.0 * (len(self.labels) - 1)


def _box_height(lines: Sequence[str]) -> float:
    return len(lines) * _LINE + 7.0


@dataclass(frozen=True, slots=True)
class _ChainRow:
    """A chain as lines of stacks, with the `caption` below it."""

    lines: tuple[tuple[_Stack, ...], ...]
    caption: tuple[str, ...]

    @property
    def height(self) -> float:
        boxes = sum(max(stack.height for stack in line) + 5 for line in self.lines)
        return boxes + len(self.caption) * (_SMALL + 3) + _BETWEEN_ROWS


@dataclass(frozen=True, slots=True)
class _DrawnPanel:
    """A panel with the rows that are drawn of it."""

    panel: Panel
    rows: tuple[_ChainRow, ...]

    @property
    def left_out(self) -> int:
        return len(self.panel.chains) - len(self.rows)

    @property
    def height(self) -> float:
        more = _SMALL + 6 if self.left_out else 0.0
        return _HEADING_HEIGHT + 8 + sum(row.height for row in self.rows) + more + _BETWEEN_PANELS


class _FigureDrawing:
    def __init__(self, figure: Figure, settings: PictureSettings) -> None:
        self.figure = figure
        self.settings = settings
        self.title = settings.title_or("Steps from cells to resistance")
        panels = tuple(
            _DrawnPanel(
                panel, tuple(_row(group, panel.cell, figure, settings) for group in panel.chains)
            )
            for panel in figure.panels
        )
        height = _SLIDE - _HEAD - _FOOT
        self.columns = _fitted(panels, height) if settings.slide else _balanced(panels)
        highest = max((sum(drawn.height for drawn in c) for c in self.columns), default=0.0)
        self.width = 2 * _MARGIN + _COLUMNS * _WIDTH + (_COLUMNS - 1) * _GUTTER
        self.height = max(_HEAD + highest + _FOOT, _SLIDE if settings.slide else 0.0)

    def document(self) -> str:
        kinds = {"cell", "outcome", *self.figure.kinds.values()}
        body = [
            glyphs.markers(),
            svg.text(_MARGIN, _MARGIN + 8, self.title, size=_TITLE, font_weight="bold"),
            svg.text(_MARGIN, _MARGIN + 38, self.subtitle(), size=_SIZE, fill=svg.FAINT),
        ]
        for number, column in enumerate(self.columns):
            x, y = _MARGIN + number * (_WIDTH + _GUTTER), _HEAD
            for drawn in column:
                body += self._panel(drawn, x, y)
                y += drawn.height
        y = self.height - _FOOT + 34
        body += glyphs.legend(_MARGIN, y, kinds)
        sides = "▲ promotes resistance   ▼ opposes resistance   ! contested"
        right = self.width - _MARGIN
        body.append(svg.text(right, y, sides, size=glyphs.SIZE, text_anchor="end"))
        description = f"{len(self.figure.panels)} panels, a cell each; {self.subtitle()}"
        return svg.document(
            self.width, self.height, self.title, description, body, slide=self.settings.slide
        )

    def subtitle(self) -> str:
        panels = [drawn for column in self.columns for drawn in column]
        groups = (group for drawn in panels for group in drawn.panel.chains[: len(drawn.rows)])
        claims = {identifier for group in groups for identifier in group.claims}
        parts = [f"chains of {len(claims)} of {self.figure.selected} claims"]
        missing = len(self.figure.panels) - len(panels)
        if missing:
            parts.append(f"{counted(missing, 'more cell')} not drawn")
        return "; ".join([*parts, *filter(None, [self.settings.origin])])

    def _panel(self, drawn: _DrawnPanel, x: float, y: float) -> list[str]:
        panel = drawn.panel
        claims = counted(len(panel.claims), "claim")
        heading = f"{svg.SIGNS[panel.side]} {panel.cell}"
        available = _WIDTH - svg.width_of(claims, _SMALL) - 36
        size = min(_HEADING, _HEADING * available / svg.width_of(heading, _HEADING))
        parts = [
            svg.tag(
                "rect", x=x, y=y, width=_WIDTH, height=_HEADING_HEIGHT, rx=4.0,
                fill=svg.RAMPS[panel.side][0],
            ),
            svg.text(x + 12, y + 27, heading, size=size, font_weight="bold"),
            svg.text(x + _WIDTH - 12, y + 26, claims, size=_SMALL, text_anchor="end"),
        ]  # fmt: skip
        y += _HEADING_HEIGHT + 8
        for row in drawn.rows:
            parts += _chain(row, x + _INDENT, y)
            y += row.height
        if drawn.left_out:
            more = counted(drawn.left_out, "more chain")
            parts.append(svg.text(x + _INDENT, y + _SMALL, more, size=_SMALL, fill=svg.FAINT))
        return parts


# --- rows -------------------------------------------------------------------------------------


def _row(group: ChainGroup, panel: str, figure: Figure, settings: PictureSettings) -> _ChainRow:
    stacks = [] if group.cell == panel else [_stack((group.cell,), ("cell",), None)]
    for together, effect in zip(group.nodes, group.effects, strict=False):
        names = tuple(map(settings.name, together))
        stacks.append(_stack(names, tuple(figure.kinds[name] for name in together), effect))
    stacks.append(_stack((RESISTANCE,), ("outcome",), group.effects[-1]))
    refs = f"[{', '.join(map(str, group.refs))}]"
    restored = f"; countered by {', '.join(group.restored_by)}" if group.restored_by else ""
    mark = "! " if group.contested else ""
    caption = svg.wrap(f"{mark}{refs}{restored}", _SMALL, _WIDTH - 2 * _INDENT)
    return _ChainRow(_lines(stacks), tuple(caption))


def _stack(names: tuple[str, ...], kinds: tuple[str, ...], effect: str | None) -> _Stack:
    return _Stack(tuple(tuple(svg.wrap(n, _SIZE, _LABEL_WIDTH)) for n in names), kinds, effect)


def _lines(stacks: Sequence[_Stack]) -> tuple[tuple[_Stack, ...], ...]:
    lines: list[list[_Stack]] = [[]]
    x = _INDENT
    for stack in stacks:
        width = stack.width + (_ARROW if stack.effect else 0.0)
        if lines[-1] and x + width > _WIDTH:
            lines.append([])
            x = 3 * _INDENT
        lines[-1].append(stack)
        x += width
    return tuple(map(tuple, lines))


def _chain(row: _ChainRow, x: float, y: float) -> list[str]:
    parts = []
    for number, line in enumerate(row.lines):
        at = x + 2 * _INDENT * (number > 0)
        high = max(stack.height for stack in line)
        for stack in line:
            if stack.effect:
                start, end = at + 3, at + _ARROW - 2
                path = f"M{svg.number(start)} {svg.number(y + high / 2)} H{svg.number(end)}"
                parts.append(glyphs.line(path, stack.effect, 2.2))
                at += _ARROW
            parts += _boxes(stack, at, y + (high - stack.height) / 2)
            at += stack.width
        y += high + 5
    for text in row.caption:
        y += _SMALL + 3
        parts.append(svg.text(x, y - 4, text, size=_SMALL, fill=svg.FAINT))
    return parts


def _boxes(stack: _Stack, x: float, y: float) -> Iterator[str]:
    for lines, kind in zip(stack.labels, stack.kinds, strict=True):
        high = _box_height(lines)
        yield glyphs.shape(kind, Box(x + stack.width / 2, y + high / 2, stack.width, high))
        ink = svg.text_color(FILLS[kind])
        for number, line in enumerate(lines):
            yield svg.text(
                x + stack.width / 2, y + _LINE * (number + 1) - 2, line, size=_SIZE,
                text_anchor="middle", fill=ink,
            )  # fmt: skip
        y += high + 4


# --- columns of panels ------------------------------------------------------------------------


def _balanced(panels: Sequence[_DrawnPanel]) -> list[list[_DrawnPanel]]:
    """The panels, in order, in columns whose greatest height is as small as possible."""
    low = max((drawn.height for drawn in panels), default=0.0)
    high = sum(drawn.height for drawn in panels)
    while high - low > 1:
        middle = (low + high) / 2
        if len(_in_columns(panels, middle)) <= _COLUMNS:
            high = middle
        else:
            low = middle
    return _in_columns(panels, high)


def _fitted(panels: Sequence[_DrawnPanel], height: float) -> list[list[_DrawnPanel]]:
    """The panels in columns of at most this height: first as many panels as possible with a few
    rows each, then as many rows as possible."""
    kept = list(panels)
    while len(kept) > 1 and len(_in_columns(_cut(kept, _FEWEST_ROWS), height)) > _COLUMNS:
        kept.remove(min(reversed(kept), key=lambda drawn: len(drawn.panel.claims)))
    columns = _in_columns(_cut(kept, _FEWEST_ROWS), height)
    for rows in range(_FEWEST_ROWS + 1, max((len(drawn.rows) for drawn in kept), default=0) + 1):
        more = _in_columns(_cut(kept, rows), height)
        if len(more) > _COLUMNS:
            break
        columns = more
    return columns


def _cut(panels: Sequence[_DrawnPanel], rows: int) -> list[_DrawnPanel]:
    return [replace(drawn, rows=drawn.rows[:rows]) for drawn in panels]


def _in_columns(panels: Sequence[_DrawnPanel], height: float) -> list[list[_DrawnPanel]]:
    columns: list[list[_DrawnPanel]] = []
    filled = 0.0
    for drawn in panels:
        if not columns or filled + drawn.height > height:
            columns.append([])
            filled = 0.0
        columns[-1].append(drawn)
        filled += drawn.height
    return columns
