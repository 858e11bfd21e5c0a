"""Listings as tables, and single records as cards, for people at a terminal.

Rich measures the text (cells of CJK, emoji, combining marks); the layout is made
here, because Rich's tables cannot set a long text below its row over the full
width, cut ids when space is short, and take 20 ms to import and half a
millisecond per row where this takes 2 ms and a tenth of that.

There are three layouts, depending on the width: all columns side by side; prose,
and the last columns if they do not fit, below the other columns; and lines of
`key: value`. Nothing is ever cut: what does not fit wraps.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import chain, islice, zip_longest

from tdr.model.fields import SIDES
from tdr.model.text import visible
from tdr.render import Highlight, Listing, Settings, Terminal
from tdr.render.data import prose_text, scalar_text
from tdr.render.terminal.columns import GAP, READABLE, TableColumn, TableLayout, lay_out
from tdr.render.terminal.lines import (
    BOLD,
    DIM,
    LINK,
    MARKED,
    PLAIN,
    STYLES,
    Line,
    cell_count,
    counter_for,
    packed,
    padded,
    paint,
    painted,
    rule,
    standing_legend,
    standing_mark,
    wrap,
)

MERGED = {"cells": tuple(SIDES)}
"""Column of a table -> the fields that it shows together, unless columns were asked for."""

_SAMPLE = 1000
"""Records whose widths are measured; further records stream into the same layout."""

_NARROWEST = 20
"""Cells below which a value is set below its label, not beside it."""

_LONGEST_WORD = 18
"""Cells of the longest word that is never broken; ids are not broken at all."""


# --- cells ---------------------------------------------------------------------------------


def _marked(text: str, marks: Sequence[tuple[int, int]]) -> Line:
    """The text with the marks of a search underlined; their offsets count in the raw text."""
    line: Line = []
    position = 0
    for start, end in sorted(marks):
        start, end = max(start, position), min(end, len(text))  # noqa: PLW2901
        if start < end:
            line += [(visible(text[position:start]), ""), (visible(text[start:end]), MARKED)]
            position = end
    return [*line, (visible(text[position:]), "")]


class CellParagraph:
    """A text of a cell, which begins on a new line; a `whole` one is not wrapped."""

    __slots__ = ("hang", "line", "whole")

    def __init__(self, line: Line, hang: int = 0, *, whole: bool = False) -> None:
        self.line, self.hang, self.whole = line, hang, whole

    def wrapped(self, width: int) -> list[Line]:
        return [self.line] if self.whole else wrap(self.line, width, self.hang)


Cell = list[CellParagraph]


def _signed(field: str, items: Iterable[object], ascii_only: bool) -> Cell:
    style = STYLES[field]
    sign = (style.mark(ascii_only) + " ", f"{BOLD};{style.color}")
    return [CellParagraph([sign, (visible(scalar_text(item)), style.color)], 2) for item in items]


def _cell(
    field: str, value: object, *, signs: bool, ascii_only: bool, bold: bool = False,
    marks: Sequence[tuple[int, int]] = (),
) -> Cell:  # fmt: skip
    style = STYLES.get(field, PLAIN)
    if value is None or value in ([], ""):
        return []
    if style.sign and signs:
        return _signed(field, value if isinstance(value, list) else [value], ascii_only)
    if marks and isinstance(value, str):
        return [CellParagraph(_marked(value, marks))]
    if isinstance(value, list) and any(", " in str(item) for item in value):
        return [CellParagraph([(visible(prose_text(item)), style.color)], 2) for item in value]
    text = visible(prose_text(value))
    color = (style.value_colors or {}).get(text, style.color)
    return [CellParagraph([(text, BOLD if bold else color)])]


def _columns(listing: Listing, chosen: Sequence[str], merge: bool) -> list[TableColumn]:
    columns: list[TableColumn] = []
    merged = {field: name for name, fields in MERGED.items() for field in fields
              if merge and set(fields) <= set(chosen)}  # fmt: skip
    for field in chosen:
        name = merged.get(field, field)
        if name == field or all(column.name != name for column in columns):
            fields = MERGED[name] if name != field else (field,)
            prose = STYLES.get(field, PLAIN).prose
            is_id = field == listing.id_column
            columns.append(
                TableColumn(visible(name), fields, len(columns), prose=prose, is_id=is_id)
            )
    return columns


class _Cells:
    """The cells of records, for these columns."""

    def __init__(self, columns: Sequence[TableColumn], listing: Listing, ascii_only: bool) -> None:
        self.columns = columns
        self.id_column = listing.id_column
        self.highlight: Highlight = listing.highlight or {}
        self.ascii_only = ascii_only
        self.display_value = listing.display_value
        self.standing = listing.computed.get("standing")
        self.standings: set[str] = set()

    def of(self, record: Mapping[str, object], *, signs: bool = True) -> list[Cell]:
        """The cells of a record; a merged column has the paragraphs of all its fields."""
        marks = self.highlight.get(str(record.get(self.id_column)), {})
        cells = [
            [
                paragraph
                for field in column.fields
                for paragraph in _cell(
                    field,
                    self.display_value(record, field),
                    signs=signs,
                    ascii_only=self.ascii_only,
                    bold=column.is_id,
                    marks=marks.get(field, ()),
                )
            ]
            for column in self.columns
        ]
        if self.standing is not None:
            self._mark(cells, str(self.standing(record)))
        return cells

    def _mark(self, cells: Sequence[Cell], standing: str) -> None:
        """Add the mark of the standing to the id of a claim."""
        for column in self.columns:
            if column.is_id and cells[column.place]:
                (paragraph,) = cells[column.place]
                line = [*paragraph.line, *standing_mark(standing, self.ascii_only)]
                cells[column.place][:] = [CellParagraph(line, whole=True)]
                self.standings.add(standing)


def _measure(columns: Sequence[TableColumn], rows: Sequence[Sequence[Cell]]) -> None:
    """Set the natural and the minimum width of the columns."""
    for column in columns:
        column.natural = column.minimum = cell_count(column.name)
        for row in rows:
            for paragraph in row[column.place]:
                text = "".join(text for text, _ in paragraph.line)
                count = counter_for(text)
                whole = count(text)
                column.natural = max(column.natural, whole)
                size = whole if paragraph.whole else max(map(count, text.split(" ")))
                if not column.is_id:
                    size = min(size, _LONGEST_WORD)
                column.minimum = max(column.minimum, size + paragraph.hang)


# --- the table -----------------------------------------------------------------------------


def table(listing: Listing, settings: Settings) -> Iterator[str]:
    """The listing as a table for a terminal."""
    chosen, terminal = settings.columns, settings.terminal
    columns = _columns(listing, chosen, settings.merge)
    cells = _Cells(columns, listing, terminal.ascii)
    records = iter(listing.records)
    sample = list(islice(records, _SAMPLE))
    rows = [cells.of(record) for record in sample]
    weak = [cells.of(record) for record in listing.weak or ()]
    _measure(columns, [*rows, *weak])
    for column in columns:
        shown = [*sample, *(listing.weak or ())]
        values = [record[field] for record in shown for field in column.fields]
        column.right = bool(values) and all(type(value) in (int, float) for value in values)
    layout = lay_out(columns, terminal.width)
    if layout is None:
        separate = _Cells(_columns(listing, chosen, merge=False), listing, terminal.ascii)
        lines = _key_values(chain(sample, records), separate, terminal)
        if listing.weak:
            head: list[Line] = [[], [("weak:", BOLD)], []]
            lines = chain(lines, head, _key_values(listing.weak, separate, terminal))
    else:
        lines = _draw(layout, rows, map(cells.of, records), settings.header, terminal)
        if weak:
            sign = "-" if terminal.ascii else "─"
            apart = [(f"{sign * 2} ", DIM), ("weak:", BOLD), (f" {sign * (layout.width - 9)}", DIM)]
            lines = chain(lines, [apart], _draw(layout, weak, (), False, terminal))
        if settings.header and (rows or weak):
            lines = chain(lines, _legend(layout, cells.standings, terminal.ascii))
    for line in lines:
        yield paint(line, terminal.color) + "\n"


def _draw(
    layout: TableLayout,
    rows: Sequence[Sequence[Cell]],
    later: Iterable[Sequence[Cell]],
    header: bool,
    terminal: Terminal,
) -> Iterator[Line]:
    if header:
        yield from _header(layout, terminal.ascii)
    drawn = [_row(layout, row) for row in rows]
    # Empty lines between records help where many of them take several lines.
    spaced = 4 * sum(len(lines) > 1 for lines in drawn) >= max(1, len(drawn))
    first = True
    for lines in chain(drawn, (_row(layout, row) for row in later)):
        if spaced and not first:
            yield padded([], layout.width)
        yield from lines
        first = False


def _header(layout: TableLayout, ascii_only: bool) -> Iterator[Line]:
    names = [[CellParagraph([(column.name, BOLD)])] for column in layout.columns]
    yield from _side_by_side(layout, names)
    if layout.below:
        titles = ", ".join(column.name for column in layout.below)
        for line in wrap([(titles, BOLD)], layout.width - layout.inset):
            yield _inset(line, layout)
    yield rule(layout.width, ascii_only)


def _side_by_side(layout: TableLayout, cells: Sequence[Cell]) -> Iterator[Line]:
    wrapped = [
        [line for paragraph in cell for line in paragraph.wrapped(column.width)]
        for column, cell in zip(layout.columns, cells, strict=True)
    ]
    for lines in zip_longest(*wrapped, fillvalue=[]):
        whole: Line = []
        for column, line in zip(layout.columns, lines, strict=True):
            if whole:
                whole.append((" " * layout.gap, ""))
            whole += padded(line, column.width, column.right)
        yield padded(whole, layout.width)


def _row(layout: TableLayout, cells: Sequence[Cell]) -> list[Line]:
    lines = list(_side_by_side(layout, [cells[column.place] for column in layout.columns]))
    labelled: list[Line] = []
    for column in layout.below:
        for number, paragraph in enumerate(cells[column.place]):
            line = paragraph.line
            if not number and not (column.prose and column is layout.below[0]):
                line = [(f"{column.name}: ", DIM), *line]
            if column.prose:
                lines += (_inset(part, layout) for part in wrap(line, column.width))
            else:
                labelled.append(line)
    width = layout.width - layout.inset
    lines += (_inset(line, layout) for line in packed(labelled, width))
    return lines


def _inset(line: Line, layout: TableLayout) -> Line:
    return padded([(" " * layout.inset, ""), *line], layout.width)


def _legend(layout: TableLayout, standings: Collection[str], ascii_only: bool) -> Iterator[Line]:
    """The signs and marks of the table with their meanings."""
    fields = {field for column in (*layout.columns, *layout.below) for field in column.fields}
    signed = [STYLES[field] for field in STYLES if field in fields and STYLES[field].sign]
    parts = [style.explained(ascii_only) for style in signed]
    parts += standing_legend(standings, ascii_only)
    if not parts:
        return
    for row in [[], *packed(parts, layout.width)]:
        for line in wrap(row, layout.width, 2):
            yield padded(line, layout.width)


# --- key: value ----------------------------------------------------------------------------


def _key_values(
    records: Iterable[Mapping[str, object]], rows: _Cells, terminal: Terminal
) -> Iterator[Line]:
    """Each record as lines of `key: value`, an empty line between two records."""
    names = [column.name for column in rows.columns]
    width = min(terminal.width, max(map(cell_count, names)) + GAP + READABLE)
    first = True
    for record in records:
        if not first:
            yield []
        first = False
        for name, cell in zip(names, rows.of(record, signs=False), strict=True):
            nothing = CellParagraph([("-", DIM)])
            yield from _labelled(f"{name}:", cell or [nothing], names, width)
    if first:
        yield from wrap([(", ".join(names), BOLD)], width)


def _labelled(label: str, cell: Cell, labels: Sequence[str], width: int) -> Iterator[Line]:
    """The paragraphs of a cell beside their label, or below it if there is too little width."""
    indent = max(map(cell_count, labels)) + GAP
    if width - indent >= _NARROWEST:
        head = padded([(label, DIM)], indent)
        for paragraph in cell:
            for line in paragraph.wrapped(width - indent):
                yield [*head, *line]
                head = [(" " * indent, "")]
        return
    if len(cell) == 1 and not cell[0].hang and not cell[0].whole:
        yield from wrap([(label, DIM), (" ", ""), *cell[0].line], width, 2)
        return
    yield from wrap([(label, DIM)], width)
    inset = 2 if width > 12 else 0
    for paragraph in cell:
        yield from ([(" " * inset, ""), *line] for line in paragraph.wrapped(width - inset))


# --- one record ----------------------------------------------------------------------------

_URL = re.compile("https?://[!-~]+")


def render_card(title: str, sections: Sequence[tuple[str, object]], terminal: Terminal) -> str:
    """A record as a card: its title, then a label and a value for each section.

    A value is a text, a list of texts (each on its own line), or a list of
    (text, url): a link if there is colour, else the address follows on its own
    line. Sections without a value are left out; one without a label is prose
    over the full width. A label that begins with the name of a column that has a
    style (`promotes resistance`) is shown in that style.
    """
    width = min(terminal.width, READABLE)
    filled = [
        (visible(label), value) for label, value in sections if value not in (None, "", [], ())
    ]
    labels = [label for label, _ in filled]
    lines = wrap([(visible(title), BOLD)], width)
    for position, (label, value) in enumerate(filled):
        cell = _section(label, value, terminal)
        if not label or not position or not labels[position - 1]:
            lines.append([])
        if label:
            lines += _labelled(label, cell, labels, width)
        else:
            lines += (line for paragraph in cell for line in paragraph.wrapped(width))
    return painted(lines, terminal.color)


def _section(label: str, value: object, terminal: Terminal) -> Cell:
    field = label.partition(" ")[0]
    items = value if isinstance(value, list | tuple) else [value]
    if STYLES.get(field, PLAIN).sign:
        return _signed(field, items, terminal.ascii)
    cell: Cell = []
    for item in items:
        if isinstance(item, CellParagraph):
            cell.append(item)
        elif isinstance(item, tuple):
            text, url = item
            cell += _link(visible(text), url, terminal.color)
        else:
            cell += _cell(field, item, signs=False, ascii_only=terminal.ascii)
    return cell


def _link(text: str, url: str, clickable: bool) -> Cell:
    if not url:
        return [CellParagraph([(text, "")])]
    if clickable and _URL.fullmatch(url):
        return [CellParagraph([(text, LINK + url)])]
    # Not wrapped, so that it can be clicked and copied.
    return [CellParagraph([(text, "")]), CellParagraph([(visible(url), "")], whole=True)]
