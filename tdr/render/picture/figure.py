"""A figure of panels, one for each cell: chains of boxes from the cell to resistance.

A slide shows what fits: cells with the most claims, of each some chains; the rest is counted.
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
    return _Drawing(figure, settings).document()


@dataclass(frozen=True, slots=True)
class _Piece:
    """A column of boxes of a chain, with what leads to it: `what` is the effect of that link."""

    labels: tuple[tuple[str, ...], ...]
    kinds: tuple[str, ...]
    what: str | None

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
class _Row:
    """A chain in lines of pieces, and the lines of text below it."""

    lines: tuple[tuple[_Piece, ...], ...]
    said: tuple[str, ...]

    @property
    def height(self) -> float:
        boxes = sum(max(piece.height for piece in line) + 5 for line in self.lines)
        return boxes + len(self.said) * (_SMALL + 3) + _BETWEEN_ROWS


@dataclass(frozen=True, slots=True)
class _Block:
    """A panel as it is drawn, perhaps not with all of its rows."""

    panel: Panel
    rows: tuple[_Row, ...]

    @property
    def left_out(self) -> int:
        return len(self.panel.chains) - len(self.rows)

    @property
    def height(self) -> float:
        more = _SMALL + 6 if self.left_out else 0.0
        return _HEADING_HEIGHT + 8 + sum(row.height for row in self.rows) + more + _BETWEEN_PANELS


class _Drawing:
    def __init__(self, figure: Figure, settings: PictureSettings) -> None:
        self.figure = figure
        self.settings = settings
        self.title = settings.title_or("Steps from cells to resistance")
        blocks = tuple(
            _Block(panel, tuple(_row(told, panel.cell, figure, settings) for told in panel.chains))
            for panel in figure.panels
        )
        room = _SLIDE - _HEAD - _FOOT if settings.slide else None
        self.columns = _fitted(blocks, room) if room else _balanced(blocks)
        highest = max((sum(b.height for b in column) for column in self.columns), default=0.0)
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
            for block in column:
                body += self._block(block, x, y)
                y += block.height
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
        blocks = [block for column in self.columns for block in column]
        drawn = {id_ for b in blocks for t in b.panel.chains[: len(b.rows)] for id_ in t.claims}
        parts = [f"chains of {len(drawn)} of {self.figure.selected} claims"]
        missing = len(self.figure.panels) - len(blocks)
        if missing:
            parts.append(f"{counted(missing, 'more cell')} not drawn")
        return "; ".join([*parts, *filter(None, [self.settings.origin])])

    def _block(self, block: _Block, x: float, y: float) -> list[str]:
        panel = block.panel
        said = counted(len(panel.claims), "claim")
        heading = f"{svg.SIGNS[panel.side]} {panel.cell}"
        room = _WIDTH - svg.width_of(said, _SMALL) - 36
        size = min(_HEADING, _HEADING * room / svg.width_of(heading, _HEADING))
        parts = [
            svg.tag(
                "rect", x=x, y=y, width=_WIDTH, height=_HEADING_HEIGHT, rx=4.0,
                fill=svg.RAMPS[panel.side][0],
            ),
            svg.text(x + 12, y + 27, heading, size=size, font_weight="bold"),
            svg.text(x + _WIDTH - 12, y + 26, said, size=_SMALL, text_anchor="end"),
        ]  # fmt: skip
        y += _HEADING_HEIGHT + 8
        for row in block.rows:
            parts += _chain(row, x + _INDENT, y)
            y += row.height
        if block.left_out:
            more = counted(block.left_out, "more chain")
            parts.append(svg.text(x + _INDENT, y + _SMALL, more, size=_SMALL, fill=svg.FAINT))
        return parts


# --- what a row looks like -------------------------------------------------------------------


def _row(told: ChainGroup, panel: str, figure: Figure, settings: PictureSettings) -> _Row:
    pieces = [] if told.cell == panel else [_piece((told.cell,), ("cell",), None)]
    for together, what in zip(told.nodes, told.effects, strict=False):
        names = tuple(map(settings.name, together))
        pieces.append(_piece(names, tuple(figure.kinds[name] for name in together), what))
    pieces.append(_piece((RESISTANCE,), ("outcome",), told.effects[-1]))
    refs = f"[{', '.join(map(str, told.refs))}]"
    restored = f"; countered by {', '.join(told.restored_by)}" if told.restored_by else ""
    mark = "! " if told.contested else ""
    said = svg.broken(f"{mark}{refs}{restored}", _SMALL, _WIDTH - 2 * _INDENT)
    return _Row(_lines(pieces), tuple(said))


def _piece(names: tuple[str, ...], kinds: tuple[str, ...], what: str | None) -> _Piece:
    return _Piece(tuple(tuple(svg.broken(n, _SIZE, _LABEL_WIDTH)) for n in names), kinds, what)


def _lines(pieces: Sequence[_Piece]) -> tuple[tuple[_Piece, ...], ...]:
    lines: list[list[_Piece]] = [[]]
    x = _INDENT
    for piece in pieces:
        width = piece.width + (_ARROW if piece.what else 0.0)
        if lines[-1] and x + width > _WIDTH:
            lines.append([])
            x = 3 * _INDENT
        lines[-1].append(piece)
        x += width
    return tuple(map(tuple, lines))


def _chain(row: _Row, x: float, y: float) -> list[str]:
    parts = []
    for number, line in enumerate(row.lines):
        at = x + 2 * _INDENT * (number > 0)
        high = max(piece.height for piece in line)
        for piece in line:
            if piece.what:
                start, end = at + 3, at + _ARROW - 2
                path = f"M{svg.number(start)} {svg.number(y + high / 2)} H{svg.number(end)}"
                parts.append(glyphs.line(path, piece.what, 2.2))
                at += _ARROW
            parts += _boxes(piece, at, y + (high - piece.height) / 2)
            at += piece.width
        y += high + 5
    for said in row.said:
        y += _SMALL + 3
        parts.append(svg.text(x, y - 4, said, size=_SMALL, fill=svg.FAINT))
    return parts


def _boxes(piece: _Piece, x: float, y: float) -> Iterator[str]:
    for lines, kind in zip(piece.labels, piece.kinds, strict=True):
        high = _box_height(lines)
        yield glyphs.shape(kind, Box(x + piece.width / 2, y + high / 2, piece.width, high))
        ink = svg.on(FILLS[kind])
        for number, line in enumerate(lines):
            yield svg.text(
                x + piece.width / 2, y + _LINE * (number + 1) - 2, line, size=_SIZE,
                text_anchor="middle", fill=ink,
            )  # fmt: skip
        y += high + 4


# --- what fits -------------------------------------------------------------------------------


def _balanced(blocks: Sequence[_Block]) -> list[list[_Block]]:
    """The blocks in columns that are as low as their order allows."""
    low = max((block.height for block in blocks), default=0.0)
    high = sum(block.height for block in blocks)
    while high - low > 1:
        middle = (low + high) / 2
        if len(_in_columns(blocks, middle)) <= _COLUMNS:
            high = middle
        else:
            low = middle
    return _in_columns(blocks, high)


def _fitted(blocks: Sequence[_Block], room: float) -> list[list[_Block]]:
    """The blocks in columns of that height: as many with a few rows each, then more rows."""
    kept = list(blocks)
    while len(kept) > 1 and len(_in_columns(_cut(kept, _FEWEST_ROWS), room)) > _COLUMNS:
        kept.remove(min(reversed(kept), key=lambda block: len(block.panel.claims)))
    columns = _in_columns(_cut(kept, _FEWEST_ROWS), room)
    for rows in range(_FEWEST_ROWS + 1, max((len(block.rows) for block in kept), default=0) + 1):
        more = _in_columns(_cut(kept, rows), room)
        if len(more) > _COLUMNS:
            break
        columns = more
    return columns


def _cut(blocks: Sequence[_Block], rows: int) -> list[_Block]:
    return [replace(block, rows=block.rows[:rows]) for block in blocks]


def _in_columns(blocks: Sequence[_Block], height: float) -> list[list[_Block]]:
    columns: list[list[_Block]] = []
    filled = 0.0
    for block in blocks:
        if not columns or filled + block.height > height:
            columns.append([])
            filled = 0.0
        columns[-1].append(block)
        filled += block.height
    return columns
