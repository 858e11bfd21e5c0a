"""Evidence read in small pieces: some claims as they are stored, and what they are found by.

Reading and checking claims is half the work of a build. It knows nothing of the index, so it can
be done in another process (`tdr.index.beside`), which hands over one piece after the other.
"""

from __future__ import annotations

import gc
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from tdr.index.bits import CHUNK
from tdr.model.errors import Location, Problem
from tdr.model.field import LISTS
from tdr.model.fields import FIELDS
from tdr.model.standing import standing
from tdr.read.dataset import records
from tdr.read.files import Layout
from tdr.read.jsonl import Line, with_marks
from tdr.read.record import Record, Support

CLAIMS = 2048
"""So many claims make a piece: few enough for memory, enough to share what is said of a value."""

_PROBLEMS = 100

_LISTED = tuple((f.name, f.facet) for f in FIELDS if f.type in LISTS - {"refs"} and f.facet)
_CHOSEN = tuple((f.name, f.facet) for f in FIELDS if f.type == "choice")
_PRESENT = tuple((f.name, f.facet) for f in FIELDS if f.by_presence)
_INSIDE = tuple(
    (f.name, tuple((one.name, one.facet) for one in f.fields if one.facet))
    for f in FIELDS
    if f.type == "records" and f.name != "steps"
)

Parts = tuple[str, str, str, str | None]
"""A step: what acts, what it does, on what, and in which cell."""

Noted = Mapping[str, Mapping[Any, Sequence[int]]]
"""Field -> value -> the claims that have it, by their offsets in their part of the index."""


@dataclass(slots=True)
class Piece:
    """Some claims of one file, in its order; all of them in one part of the index.

    `first` is the number of the first of them; of each there are its id, its text (UTF-8) as it is
    stored, its mechanism, and the line and column of its id (0: the text tells; -1: not known).
    Of their `steps` each different one stands once, and for all claims one after the other
    `stated` are the places of their steps among these: `sizes` of them for each claim.
    Nothing is `noted` once there is a problem: claims are then only looked through for more.
    """

    file: str
    first: int
    ids: list[str] = field(default_factory=list)
    texts: list[bytes] = field(default_factory=list)
    mechanisms: list[str] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    columns: list[int] = field(default_factory=list)
    steps: Sequence[Parts] = ()
    sizes: Sequence[int] = ()
    stated: Sequence[int] = ()
    noted: Noted = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def place_of_id(self, position: int) -> Location:
        """Where the id of one of the claims stands."""
        line, column = self.lines[position], self.columns[position]
        if column:
            return Location(self.file, line, column if column > 0 else None)
        marks = with_marks(Line(line, {}, self.texts[position]), self.file).value_marks
        return Location(self.file, *marks["id"])


def pieces(layout: Layout, support: Support) -> Iterator[Piece]:
    """All claims, in file order."""
    sound = not any(problem.severity == "error" for problem in support.problems)
    number = 0
    piece, notes = Piece("", 0), _Notes(support.source.key)
    for record in records(layout, support):
        done = len(piece.ids) == CLAIMS or len(piece.problems) >= _PROBLEMS
        if done or number % CHUNK == 0 or record.file.name != piece.file:
            if piece.ids or piece.problems:
                yield notes.put_into(piece)
            piece, notes = Piece(record.file.name, number), _Notes(support.source.key)
        errors = [problem for problem in record.problems if problem.severity == "error"]
        piece.problems += errors
        sound = sound and not errors
        if not record.identifier:
            continue
        line = record.source_line
        if sound:
            values, text = _stored(record)
            notes.add(number, record.file.therapy, record.source, values)
            piece.mechanisms.append(values["mechanism"])
        else:
            text = line.data if line else b""
        if line is None:
            column = record.where(("id",)).column or -1
        else:
            column = 0 if text is line.data else -1
        piece.ids.append(record.identifier)
        piece.texts.append(text)
        piece.lines.append(record.line)
        piece.columns.append(column)
        number += 1
    if piece.ids or piece.problems:
        yield notes.put_into(piece)


@contextmanager
def gc_disabled() -> Iterator[None]:
    """Claims by the million are made and dropped here, none of them in a cycle: looking for
    cycles would find nothing and take a sixth of the time."""
    running = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if running:
            gc.enable()


def _stored(record: Record) -> tuple[Mapping[str, Any], bytes]:
    """A sound claim as JSON values and text: a line of a bulk file as it stands if it can be."""
    line = record.source_line
    if record.plain and line is not None and record.raw is line.value:
        return record.raw, line.data
    claim = record.claim
    assert claim is not None
    values = claim.to_dict()
    text = json.dumps(values, ensure_ascii=False, separators=(",", ":"), default=str)
    return values, text.encode("utf-8")


_Noted = defaultdict[str, defaultdict[Any, list[int]]]


class _Notes:
    """Collects which claims have which value of which field."""

    def __init__(self, first: str) -> None:
        noted: _Noted = defaultdict(lambda: defaultdict(list))
        self._noted, self._first = noted, first
        # Claims come by the million: what every one of them has is not looked up again and again.
        self._listed = [(name, noted[facet]) for name, facet in _LISTED]
        self._refs = noted["refs"]
        self._chosen = [(name, noted[facet]) for name, facet in _CHOSEN]
        self._present = [(name, noted[facet]["yes"]) for name, facet in _PRESENT]
        self._therapy, self._source = noted["therapy"], noted["source"]
        self._place, self._counted = noted["place"], noted["steps"]
        self._cited, self._standing = noted["cited"], noted["standing"]
        self._steps: dict[Parts, int] = {}
        self._sizes: list[int] = []
        self._stated: list[int] = []

    def put_into(self, piece: Piece) -> Piece:
        """A piece with what was noted of its claims."""
        piece.noted = {
            name: {value: offsets for value, offsets in members.items() if offsets}
            for name, members in self._noted.items()
        }
        piece.steps, piece.sizes, piece.stated = tuple(self._steps), self._sizes, self._stated
        return piece

    def add(self, number: int, therapy: str, source: str, claim: Mapping[str, Any]) -> None:
        """Note what a claim (as JSON values) can be filtered and counted by."""
        offset, get = number % CHUNK, claim.get
        for name, members in self._listed:
            if values := get(name):
                for value in values:
                    members[value].append(offset)
        refs = claim["refs"]
        names = refs if source == self._first else [f"{source}:{ref}" for ref in refs]
        for name in names:
            self._refs[name].append(offset)
        for name, members in self._chosen:
            members[claim[name]].append(offset)
        for name, present in self._present:
            if get(name):
                present.append(offset)
        self._therapy[therapy].append(offset)
        self._source[source].append(offset)
        if at := get("at"):
            self._place[f"{at['section']}#{at['paragraph']}"].append(offset)
        steps = get("steps", ())
        if steps:
            self._counted[str(len(steps))].append(offset)
            known = self._steps
            for one in steps:
                parts = one["from"], one["does"], one["to"], one.get("in")
                self._stated.append(known.setdefault(parts, len(known)))
        self._sizes.append(len(steps))
        self._cited[str(len({*refs}))].append(offset)
        for name, inner in _INSIDE:
            if items := get(name):
                self._inside(items, inner, offset)
        verdicts = [(one["ref"], one["agrees"]) for one in get("primary", ())]
        self._standing[standing(get("flags", ()), verdicts, refs)].append(offset)

    def _inside(
        self, items: Iterable[Mapping[str, Any]], fields: Iterable[tuple[str, str]], offset: int
    ) -> None:
        for item in items:
            for name, facet in fields:
                value = item.get(name)
                for one in value if isinstance(value, list) else (value,):
                    if one is not None:
                        self._noted[facet][one].append(offset)
