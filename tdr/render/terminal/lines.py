"""Lines of styled text for a terminal: their width, wrapping, escape sequences.

The side of a cell is shown by a sign that needs no colour: `▲` (red) promotes
resistance, `▼` (green) opposes it, explained below the table; in ASCII `+` and
`-`. Besides bold, dim and underline only the basic colours 1 to 6 are used,
which can be read on dark and on light backgrounds.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from itertools import chain, zip_longest
from typing import TYPE_CHECKING

from tdr.model.fields import SIDES
from tdr.model.plain import Plain

if TYPE_CHECKING:
    from tdr.model.values import Claim

Run = tuple[str, str]
"""A piece of text and its SGR codes ("" for none)."""
Line = list[Run]

BOLD, DIM, RED, GREEN, LINK, MARKED = "1", "2", "31", "32", "link:", "1;4"

WIDEST = 160
"""The greatest width of a drawing, in cells."""

_NARROWEST_SIDE_BY_SIDE = 72
"""Cells below which the parts of a drawing are set one below the other."""

_GUTTER = 3
"""Cells between two parts side by side."""


class Style(Plain):
    """The style of the values of a column.

    `prose` columns hold sentences and take the width that is left. `sign` is set
    before each item, one item per line; `ascii` is the sign in ASCII, and `meaning`
    its text in the legend. `value_colors` are colours of single values.
    """

    prose: bool = False
    color: str = ""
    sign: str = ""
    ascii: str = ""
    meaning: str = ""
    value_colors: Mapping[str, str] | None = None

    def mark(self, ascii_only: bool) -> str:
        """The sign, if need be in ASCII."""
        return self.ascii if ascii_only else self.sign

    def explained(self, ascii_only: bool) -> Line:
        """The sign and its meaning, for a legend."""
        return [(self.mark(ascii_only), f"{BOLD};{self.color}"), (f" {self.meaning}", DIM)]


STYLES: Mapping[str, Style] = {
    "promotes": Style(color=RED, sign="▲", ascii="+", meaning=SIDES["promotes"]),
    "opposes": Style(color=GREEN, sign="▼", ascii="-", meaning=SIDES["opposes"]),
    "mechanism": Style(prose=True),
    "title": Style(prose=True),
    "note": Style(prose=True),
    "effect": Style(value_colors={"resistance": RED, "sensitivity": GREEN}),
    "status": Style(value_colors={"retracted": RED, "correction": RED}),
}
"""Styles of columns, in any listing; other columns are plain."""
PLAIN = Style()

STANDING_MARKS: Mapping[str, tuple[str, str, str]] = {
    "contested": ("!", "!", f"{BOLD};{RED}"),
    "qualified": ("~", "~", BOLD),
    "supported": ("✓", "*", GREEN),
}
"""Standing of a claim -> its mark, its mark in ASCII, its colour; unchecked claims have none."""


def standing_mark(standing: str, ascii_only: bool) -> Line:
    """The mark that follows the id of a claim of this standing; empty if it has none."""
    if standing not in STANDING_MARKS:
        return []
    mark, plain, color = STANDING_MARKS[standing]
    return [(" ", ""), (plain if ascii_only else mark, color)]


def marked_id(claim: Claim, ascii_only: bool) -> str:
    """The id of a claim with its mark."""
    mark = standing_mark(claim.standing, ascii_only)
    return claim.id + "".join(text for text, _ in mark)


def standing_legend(standings: Collection[str], ascii_only: bool) -> list[Line]:
    """The marks of these standings with their meanings, for a legend."""
    return [
        [(plain if ascii_only else mark, color), (f" {name}", DIM)]
        for name, (mark, plain, color) in STANDING_MARKS.items()
        if name in standings
    ]


_ONE_CELL_EACH = re.compile(
    "[ -~\xa0-\u02ff\u0370-\u0482\u2010-\u2027\u2030-\u205e\u2190-\u2319\u2500-\u25fc✓]*"
)
"""Latin, Greek, dashes, arrows, signs and rules: characters that take one cell each."""


def cell_count(text: str) -> int:
    """The number of cells that a text takes; it must not have control characters."""
    return counter_for(text)(text)


def counter_for(text: str) -> Callable[[str], int]:
    """A function that counts cells of parts of the text: `len` if each character takes one."""
    if text.isascii() or _ONE_CELL_EACH.fullmatch(text):
        return len
    from rich.cells import cell_len  # takes 2 ms, and few texts need it

    return cell_len


def width_of(line: Line) -> int:
    return cell_count("".join(text for text, _ in line))


def paint(line: Line, color: bool) -> str:
    """A line as text; without colour changed where a CI service would obey it (`::`, `##`)."""
    if not color:
        plain = "".join(text for text, _ in line)
        command = plain.lstrip()
        if command.startswith(("::", "##")):
            return plain[: -len(command)][:-1] + "'" + command
        return plain
    painted = []
    for text, codes in line:
        if not codes or not text:
            painted.append(text)
        elif codes.startswith(LINK):
            painted.append(f"\x1b]8;;{codes[len(LINK) :]}\x1b\\{text}\x1b]8;;\x1b\\")
        else:
            painted.append(f"\x1b[{codes}m{text}\x1b[0m")
    return "".join(painted)


def painted(lines: Iterable[Line], color: bool) -> str:
    """The lines as one text, without trailing spaces."""
    return "".join(paint(line, color).rstrip() + "\n" for line in lines)


def rule(width: int, ascii_only: bool) -> Line:
    return [(("-" if ascii_only else "─") * width, DIM)]


def part_width(parts: int, width: int) -> int:
    """The cells of each of so many parts side by side; the full width where they do not fit."""
    return (width - (parts - 1) * _GUTTER) // parts if width >= _NARROWEST_SIDE_BY_SIDE else width


def side_by_side(parts: Iterable[Iterable[Line]], width: int, ascii_only: bool) -> Iterator[Line]:
    """The lines of several parts next to each other, a bar between two of them; one below the
    other if the width is too small."""
    parts = list(parts)
    if width < _NARROWEST_SIDE_BY_SIDE:
        yield from chain.from_iterable(parts)
        return
    each = part_width(len(parts), width)
    bar: Run = (" | " if ascii_only else " │ ", DIM)
    for *firsts, last in zip_longest(*parts, fillvalue=[]):
        yield [run for line in firsts for run in (*padded(line, each), bar)] + last


def _slice(line: Line, start: int, end: int) -> Line:
    """The characters of a line from start to end, with their styles."""
    part: Line = []
    position = 0
    for text, codes in line:
        piece = text[max(0, start - position) : max(0, end - position)]
        if piece:
            part.append((piece, codes))
        position += len(text)
    return part


_TOKEN = re.compile("(?P<space> *)(?P<word>[^ ]*)")
_BREAKABLE = re.compile(".*[/,-]")  # where a word too long for a line is broken, if possible


def _breaks(text: str, first: int, rest: int) -> Iterator[tuple[int, int]]:
    """Start and end of each line; the first has `first` cells, all others `rest`."""
    width, begin, used = first, 0, 0
    count = counter_for(text)
    for token in _TOKEN.finditer(text):
        size = count(token.group())
        if used + size <= width:
            used += size
            continue
        if used:
            # The first part of a word too long for a line may stay, so that no sign is left alone.
            left = width - used - len(token["space"])
            inside = _BREAKABLE.match(token["word"][: max(0, left)])
            if inside and cell_count(inside.group()) <= left and cell_count(token["word"]) > rest:
                end = following = token.start("word") + inside.end()
            else:
                end, following = token.span("space")
            yield begin, end
            width, begin = rest, following
        for size in _full_line_lengths(text[begin : token.end()], width, rest):
            yield begin, begin + size
            begin, width = begin + size, rest
        used = count(text[begin : token.end()])
    yield begin, len(text)


def _full_line_lengths(word: str, first: int, rest: int) -> Iterator[int]:
    """The lengths of the lines that a word fills alone; the remainder of the word fits a line."""
    width, begin = first, 0
    while True:
        ahead = word[begin : begin + 4 * width + 16]  # a line's worth, however long the word is
        last = begin + len(ahead) == len(word)
        if last and cell_count(ahead) <= width:
            return
        from rich.cells import chop_cells  # for words longer than a line

        # A character wider than the line is not split; combining marks alone take no cells.
        part = next(filter(None, chop_cells(ahead, width)), ahead)
        inside = _BREAKABLE.match(part)
        if inside:
            head = len(inside.group())
            if head > len(part) // 2 or cell_count(word[begin + head :]) <= rest:
                part = inside.group()
        if last and part == ahead:
            return
        yield len(part)
        begin, width = begin + len(part), rest


def wrap(line: Line, width: int, hang: int = 0) -> list[Line]:
    """The line wrapped to this width; all lines but the first are indented by `hang` cells."""
    text = "".join(text for text, _ in line)
    if width_of(line) <= width:
        return [line]
    if width - hang < 8:
        hang = 0
    lines: list[Line] = []
    for start, end in _breaks(text, width, width - hang):
        inset: Line = [(" " * hang, "")] if hang and lines else []
        lines.append(inset + _slice(line, start, start + len(text[start:end].rstrip(" "))))
    return lines


def inset(line: Line, width: int, hang: int = 0) -> Iterator[Line]:
    """The line wrapped to this width, indented by two cells unless the width is small."""
    by = 2 if width > 24 else 0
    for part in wrap(line, width - by, hang):
        yield [(" " * by, ""), *part]


def packed(parts: Iterable[Line], width: int, between: str = "   ") -> list[Line]:
    """The parts side by side on as few lines as possible; parts longer than a line are wrapped."""
    lines: list[Line] = []
    for part in parts:
        if lines and width_of(lines[-1]) + len(between) + width_of(part) <= width:
            lines[-1] = [*lines[-1], (between, ""), *part]
        else:
            lines += wrap(part, width, 2)
    return lines


def wrapped(chunks: Iterable[str], width: int, hang: int) -> Iterator[str]:
    """The chunks, each a plain line, wrapped to this width."""
    for chunk in chunks:
        for line in wrap([(chunk.rstrip("\n"), "")], width, hang):
            yield paint(line, False) + "\n"


def padded(line: Line, width: int, right: bool = False) -> Line:
    blank = (" " * (width - width_of(line)), "")
    return [blank, *line] if right else [*line, blank]
