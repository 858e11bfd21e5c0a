"""Citation markers in running text -> citation groups, with ranges written out.

`[11]–[14]` is printed as two markers and cites four references; `[2], [3]` and
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
"""References in one range; of a longer one the first are cited, and it is reported."""

_DASHES = r"\-‐‑‒–—−"
_AROUND = "()[]{}⁽⁾ \t\n\xa0\u2009\u202f.,;:"
_JOINING = re.compile(rf"[\s()\[\],;&{_DASHES}]*(?:\band\b[\s()\[\],;]*)?")
_DASH = re.compile(rf"[\s()\[\]]*[{_DASHES}]{{1,2}}[\s()\[\]]*")
_LIST = re.compile(rf"[0-9]+(?:\s*[,;{_DASHES}]\s*[0-9]+)*")
_RANGE = re.compile(rf"([0-9]+)\s*[{_DASHES}]\s*([0-9]+)")
_BRACKETS = re.compile(r"[()\[\]]")
_OPENING = {")": "(", "]": "["}


@dataclass(frozen=True, slots=True)
class CitationMarker:
    """A link to the reference list: the numbers it links to, what is printed, where it stands."""

    numbers: tuple[int, ...]
    printed: str
    at: Element


Token = str | CitationMarker | None
"""Running text, a marker in it, or None: the end of a block, which ends a group."""


class PrintedLabels:
    """The labels that a reference list prints. `printed`: number -> label."""

    def __init__(self, printed: Mapping[int, str]) -> None:
        self.printed = printed
        self._ordered = sorted(printed)
        self._numbers = {label: number for number, label in printed.items()}

    def number(self, label: str) -> int | None:
        """The number that is printed as this label."""
        return self._numbers.get(label)

    def between(self, first: int, last: int) -> list[int]:
        """The numbers of the list after `first`, up to `last`; at most LONGEST."""
        start = bisect_right(self._ordered, first)
        return self._ordered[start : min(bisect_right(self._ordered, last), start + LONGEST)]

    def is_whole(self, first: int, last: int) -> bool:
        """Whether the list has every number from `first` to `last`, and they are not too many."""
        count = bisect_right(self._ordered, last) - bisect_left(self._ordered, first)
        return count == last - first + 1 <= LONGEST

    def ends(self, marker: CitationMarker) -> tuple[int | None, int | None]:
        """The numbers with which a range could end or begin at this marker, where it prints them.

        A marker without text stands for its number, if the list is numbered.
        """
        text = marker.printed.strip(_AROUND)
        first, last = marker.numbers[0], marker.numbers[-1]
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
class CitationGroups:
    """The citation groups of one paragraph, and how many links they come from.

    `links` is the number of links to the reference list, `ranges` that of the ranges written out,
    `added` that of the citations that these add. `mismatches` are markers that print one thing and
    link to another: (where, what).
    """

    groups: list[tuple[int, ...]] = field(default_factory=list)
    links: int = 0
    ranges: int = 0
    added: int = 0
    mismatches: list[tuple[Element, str]] = field(default_factory=list)


def group_citations(tokens: Iterable[Token], labels: PrintedLabels) -> CitationGroups:
    """The citation groups of a paragraph, each reference once in a group, in order."""
    result = CitationGroups()
    block: list[str | CitationMarker] = []
    for token in (*tokens, None):
        if token is not None:
            block.append(token)
        elif block:
            _group_block(block, labels, result)
            block = []
    return result


def _group_block(
    block: list[str | CitationMarker], labels: PrintedLabels, result: CitationGroups
) -> None:
    previous: CitationMarker | None = None
    outer: int | None = None
    numbers: dict[int, None] = {}  # in order, each once
    for marker, gap, bracket in _markers(block):
        together = _JOINING.fullmatch(gap) or (bracket is not None and bracket == outer)
        if numbers and not together:
            result.groups.append(tuple(numbers))
            numbers = {}
        if previous is not None and _DASH.fullmatch(gap):
            _write_out(previous, marker, labels, numbers, result)
        numbers.update(dict.fromkeys(marker.numbers))
        result.links += len(marker.numbers)
        if len(marker.numbers) == 1:
            _write_out_inside(marker, labels, numbers, result)
        previous, outer = marker, bracket
    if numbers:
        result.groups.append(tuple(numbers))


def _write_out(
    before: CitationMarker,
    after: CitationMarker,
    labels: PrintedLabels,
    numbers: dict[int, None],
    result: CitationGroups,
) -> None:
    """Cite the inside of a range that is printed as two markers with a dash between them."""
    (_, first), (last, _) = labels.ends(before), labels.ends(after)
    if first is None or last is None:
        return
    inside = [number for number in labels.between(first, last) if number != last]
    if last <= first or not labels.is_whole(first, last):  # the numbers that exist are cited
        result.mismatches.append((before.at, f"{first}–{last} is not a range of the list"))
    _add(inside, numbers, result)


def _write_out_inside(
    marker: CitationMarker, labels: PrintedLabels, numbers: dict[int, None], result: CitationGroups
) -> None:
    """Cite the rest of a range, `1–3`, that is one marker with a link to its first number."""
    text = marker.printed.strip(_AROUND)
    shown = _RANGE.fullmatch(text)
    first = marker.numbers[0]
    if shown and shown[1] == labels.printed[first]:
        last = labels.number(shown[2])
        if last is not None and last > first:
            if not labels.is_whole(first, last):
                result.mismatches.append((marker.at, f"{text} is not a range of the list"))
            _add(labels.between(first, last), numbers, result)
            return
    if _LIST.fullmatch(text) and text != labels.printed[first]:
        known = [number for number in re.findall("[0-9]+", text) if labels.number(number)]
        if known and labels.printed[first].isdigit():
            result.mismatches.append(
                (marker.at, f"prints {text}, links to {labels.printed[first]}")
            )


def _add(inside: list[int], numbers: dict[int, None], result: CitationGroups) -> None:
    new = [number for number in inside if number not in numbers]
    numbers.update(dict.fromkeys(new))
    result.added += len(new)
    result.ranges += bool(new)


def _markers(block: list[str | CitationMarker]) -> Iterator[tuple[CitationMarker, str, int | None]]:
    """Each marker, the text since the one before, and the number of the outermost brackets.

    Unpaired brackets do not count.
    """
    if not any(isinstance(item, CitationMarker) for item in block):
        return
    paired = _paired(block)
    depth = pairs = 0
    gap: list[str] = []
    for position, item in enumerate(block):
        if isinstance(item, CitationMarker):
            yield item, "".join(gap), pairs if depth else None
            gap = []
            continue
        gap.append(item)
        for bracket in _BRACKETS.finditer(item):
            if (position, bracket.start()) in paired:
                pairs += depth == 0
                depth += -1 if bracket[0] in _OPENING else 1


def _paired(block: list[str | CitationMarker]) -> set[tuple[int, int]]:
    """(item, offset) of each bracket that is one of a pair."""
    paired: set[tuple[int, int]] = set()
    waiting: list[tuple[str, tuple[int, int]]] = []
    count = {"(": 0, "[": 0}
    for position, item in enumerate(block):
        if isinstance(item, CitationMarker):
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
