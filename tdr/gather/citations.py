"""Marks in running text -> citation groups, with ranges written out.

`[11]–[14]` is printed as two marks and cites four references; `[2], [3]` and
`(Roe 2010; Lee 2011)` are one group each, `Roe (2010) and Lee (2011)` are two. A range is
written out only where what is printed at both of its ends is the number of the reference
that the end links to: page locators and years are never taken for one.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element

LONGEST = 500
"""References in one range; a longer one is reported and not written out to its end."""

_DASHES = r"\-‐‑‒–—−"
_AROUND = "()[]{}⁽⁾ \t\n\xa0\u2009\u202f.,;:"
_JOINING = re.compile(rf"[\s()\[\],;&{_DASHES}]*(?:\band\b[\s()\[\],;]*)?")
_DASH = re.compile(rf"[\s()\[\]]*[{_DASHES}]{{1,2}}[\s()\[\]]*")
_LIST = re.compile(rf"[0-9]+(?:\s*[,;{_DASHES}]\s*[0-9]+)*")
_RANGE = re.compile(rf"([0-9]+)\s*[{_DASHES}]\s*([0-9]+)")
_BRACKETS = re.compile(r"[()\[\]]")
_OPENING = {")": "(", "]": "["}


@dataclass(frozen=True, slots=True)
class Mark:
    """A link to the reference list: the numbers it links to, what is printed, where it stands."""

    numbers: tuple[int, ...]
    printed: str
    at: Element


Token = str | Mark | None
"""Running text, a mark in it, or None: the end of a block, which ends a group."""


class Labels:
    """How the reference list prints its numbers. `printed`: number -> label."""

    def __init__(self, printed: Mapping[int, str]) -> None:
        self.printed = printed
        self._ordered = sorted(printed)
        self._numbers = {label: number for number, label in printed.items()}

    def number(self, label: str) -> int | None:
        return self._numbers.get(label)

    def between(self, first: int, last: int) -> list[int]:
        """The numbers of the list after `first`, up to `last`; at most LONGEST."""
        start = bisect_right(self._ordered, first)
        return self._ordered[start : min(bisect_right(self._ordered, last), start + LONGEST)]

    def is_whole(self, first: int, last: int) -> bool:
        """Whether no number is missing from the list in between."""
        count = bisect_right(self._ordered, last) - bisect_left(self._ordered, first)
        return count == last - first + 1 <= LONGEST

    def ends(self, mark: Mark) -> tuple[int | None, int | None]:
        """The numbers with which a range could end or begin at this mark, where it prints them.

        A mark without text stands for its number, if the list is numbered.
        """
        text = mark.printed.strip(_AROUND)
        first, last = mark.numbers[0], mark.numbers[-1]
        if not text:
            numbered = self.printed[first].isdigit() and self.printed[last].isdigit()
            return (first, last) if numbered else (None, None)
        if not _LIST.fullmatch(text):
            return None, None
        shown = re.findall(r"[0-9]+", text)
        return (
            first if shown[0] == self.printed[first] else None,
            last if shown[-1] == self.printed[last] else None,
        )


@dataclass(slots=True)
class Grouped:
    """The groups of one paragraph, and how they came about.

    `marked` counts links, `ranges` those written out and `added` the citations that they
    added. `suspect` are marks that print one thing and link to another: (where, what).
    """

    groups: list[tuple[int, ...]] = field(default_factory=list)
    marked: int = 0
    ranges: int = 0
    added: int = 0
    suspect: list[tuple[Element, str]] = field(default_factory=list)


def group(tokens: Iterable[Token], labels: Labels) -> Grouped:
    """The citation groups of a paragraph, each reference once in a group, in order."""
    found = Grouped()
    block: list[str | Mark] = []
    for token in (*tokens, None):
        if token is not None:
            block.append(token)
        elif block:
            _group_block(block, labels, found)
            block = []
    return found


def _group_block(block: list[str | Mark], labels: Labels, found: Grouped) -> None:
    previous: Mark | None = None
    around: int | None = None
    numbers: dict[int, None] = {}  # in order, each once
    for mark, gap, bracket in _marks(block):
        together = _JOINING.fullmatch(gap) or (bracket is not None and bracket == around)
        if numbers and not together:
            found.groups.append(tuple(numbers))
            numbers = {}
        if previous is not None and _DASH.fullmatch(gap):
            _write_out(previous, mark, labels, numbers, found)
        numbers.update(dict.fromkeys(mark.numbers))
        found.marked += len(mark.numbers)
        if len(mark.numbers) == 1:
            _write_out_inside(mark, labels, numbers, found)
        previous, around = mark, bracket
    if numbers:
        found.groups.append(tuple(numbers))


def _write_out(
    before: Mark, after: Mark, labels: Labels, numbers: dict[int, None], found: Grouped
) -> None:
    """The inside of a range whose ends are two marks with a dash between them."""
    (_, first), (last, _) = labels.ends(before), labels.ends(after)
    if first is None or last is None:
        return
    inside = [number for number in labels.between(first, last) if number != last]
    if last <= first or not labels.is_whole(first, last):  # what there is of it is cited
        found.suspect.append((before.at, f"{first}–{last} is not a range of the list"))
    _add(inside, numbers, found)


def _write_out_inside(mark: Mark, labels: Labels, numbers: dict[int, None], found: Grouped) -> None:
    """`1–3` printed in a mark that links to its first number only."""
    text = mark.printed.strip(_AROUND)
    shown = _RANGE.fullmatch(text)
    first = mark.numbers[0]
    if shown and shown[1] == labels.printed[first]:
        last = labels.number(shown[2])
        if last is not None and last > first:
            if not labels.is_whole(first, last):
                found.suspect.append((mark.at, f"{text} is not a range of the list"))
            _add(labels.between(first, last), numbers, found)
            return
    if _LIST.fullmatch(text) and text != labels.printed[first]:
        known = [number for number in re.findall("[0-9]+", text) if labels.number(number)]
        if known and labels.printed[first].isdigit():
            found.suspect.append((mark.at, f"prints {text}, links to {labels.printed[first]}"))


def _add(inside: list[int], numbers: dict[int, None], found: Grouped) -> None:
    new = [number for number in inside if number not in numbers]
    numbers.update(dict.fromkeys(new))
    found.added += len(new)
    found.ranges += bool(new)


def _marks(block: list[str | Mark]) -> Iterator[tuple[Mark, str, int | None]]:
    """Every mark, the text between it and the one before, and the outermost bracket around it.

    A bracket that is never closed, or was never opened, is around nothing.
    """
    if not any(isinstance(item, Mark) for item in block):
        return
    paired = _paired(block)
    depth = pairs = 0
    gap: list[str] = []
    for position, item in enumerate(block):
        if isinstance(item, Mark):
            yield item, "".join(gap), pairs if depth else None
            gap = []
            continue
        gap.append(item)
        for bracket in _BRACKETS.finditer(item):
            if (position, bracket.start()) in paired:
                pairs += depth == 0
                depth += -1 if bracket[0] in _OPENING else 1


def _paired(block: list[str | Mark]) -> set[tuple[int, int]]:
    """(item, offset) of every bracket that has its counterpart."""
    paired: set[tuple[int, int]] = set()
    waiting: list[tuple[str, tuple[int, int]]] = []
    count = {"(": 0, "[": 0}
    for position, item in enumerate(block):
        if isinstance(item, Mark):
            continue
        for bracket in _BRACKETS.finditer(item):
            at = (position, bracket.start())
            kind = _OPENING.get(bracket[0])
            if kind is None:
                waiting.append((bracket[0], at))
                count[bracket[0]] += 1
            elif count[kind]:
                opened = ""
                while opened != kind:
                    opened, where = waiting.pop()
                    count[opened] -= 1
                paired |= {where, at}
    return paired
