"""Claims read in batches: each claim as it is stored, and the values that it is found by.

Reading and checking claims is half the work of a build. It knows nothing of the index, so it can
be done in another process (`tdr.index.worker`), which hands over one batch after another.
"""

from __future__ import annotations

import gc
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from tdr.index.bits import PART_SIZE
from tdr.model.errors import Location, Problem
from tdr.model.field import LISTS
from tdr.model.fields import FIELDS
from tdr.model.standing import standing
from tdr.read.dataset import records
from tdr.read.files import Layout
from tdr.read.jsonl import JsonLine, with_marks
from tdr.read.record import Record, Support

BATCH_SIZE = 2048
"""Claims of a batch: few enough for memory, and enough to name each of their values once."""

_PROBLEMS_PER_BATCH = 100

# Name and facet of the fields that are facets: lists, choices, those of which it counts whether
# they have a value, and fields of the records in a list.
_LISTED = tuple((f.name, f.facet) for f in FIELDS if f.type in LISTS - {"refs"} and f.facet)
_CHOSEN = tuple((f.name, f.facet) for f in FIELDS if f.type == "choice")
_PRESENT = tuple((f.name, f.facet) for f in FIELDS if f.by_presence)
_INSIDE = tuple(
    (f.name, tuple((one.name, one.facet) for one in f.fields if one.facet))
    for f in FIELDS
    if f.type == "records" and f.name != "steps"
)

StepValues = tuple[str, str, str, str | None]
"""The values of a step: what acts, what it does, on what, and in which cell."""

ValueOffsets = Mapping[str, Mapping[Any, Sequence[int]]]
"""Field -> value -> the claims that have it, as offsets in their part of the index."""


@dataclass(slots=True)
class ClaimBatch:
    """Some claims of one file, in its order; all of them in one part of the index.

    `first` is the number of the first of them; of each there are its id, its text (UTF-8) as it is
    stored, its mechanism, and the line and column of its id (0: see its text; -1: unknown).
    `steps` are the different steps of these claims. Each claim has as many of them as its
    `step_counts` says; `step_indices` are their positions in `steps`, claim after claim.
    There are no `offsets` once there is a problem: claims are then only read to find more.
    """

    file: str
    first: int
    ids: list[str] = field(default_factory=list)
    texts: list[bytes] = field(default_factory=list)
    mechanisms: list[str] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    columns: list[int] = field(default_factory=list)
    steps: Sequence[StepValues] = ()
    step_counts: Sequence[int] = ()
    step_indices: Sequence[int] = ()
    offsets: ValueOffsets = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def place_of_id(self, position: int) -> Location:
        """Where the id of one of the claims stands."""
        line, column = self.lines[position], self.columns[position]
        if column:
            return Location(self.file, line, column if column > 0 else None)
        claim = with_marks(JsonLine(line, {}, self.texts[position]), self.file)
        return Location(self.file, *claim.mark_of("id"))


def claim_batches(layout: Layout, support: Support) -> Iterator[ClaimBatch]:
    """All claims in file order, in batches."""
    valid = not any(problem.severity == "error" for problem in support.problems)
    number = 0
    batch, offsets = ClaimBatch("", 0), _OffsetCollector(support.source.key)
    for record in records(layout, support):
        done = len(batch.ids) == BATCH_SIZE or len(batch.problems) >= _PROBLEMS_PER_BATCH
        if done or number % PART_SIZE == 0 or record.file.name != batch.file:
            if batch.ids or batch.problems:
                yield offsets.put_into(batch)
            batch = ClaimBatch(record.file.name, number)
            offsets = _OffsetCollector(support.source.key)
        errors = [problem for problem in record.problems if problem.severity == "error"]
        batch.problems += errors
        valid = valid and not errors
        if not record.identifier:
            continue
        line = record.source_line
        if valid:
            values, text = _stored(record)
            offsets.add(number, record.file.therapy, record.source, values)
            batch.mechanisms.append(values["mechanism"])
        else:
            text = line.data if line else b""
        if line is None:
            column = record.where(("id",)).column or -1
        else:
            column = 0 if text is line.data else -1
        batch.ids.append(record.identifier)
        batch.texts.append(text)
        batch.lines.append(record.line)
        batch.columns.append(column)
        number += 1
    if batch.ids or batch.problems:
        yield offsets.put_into(batch)


@contextmanager
def gc_disabled() -> Iterator[None]:
    """Within this block the garbage collector does not run.

    Millions of claims are made and dropped while an index is built, none of them in a cycle:
    looking for cycles would find nothing and take a sixth of the time.
    """
    running = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if running:
            gc.enable()


def _stored(record: Record) -> tuple[Mapping[str, Any], bytes]:
    """A valid claim as JSON values and as text: if possible, the line of a bulk file itself."""
    line = record.source_line
    if record.raw_is_valid and line is not None and record.raw is line.value:
        return record.raw, line.data
    claim = record.claim
    assert claim is not None
    values = claim.to_dict()
    text = json.dumps(values, ensure_ascii=False, separators=(",", ":"), default=str)
    return values, text.encode("utf-8")


class _OffsetCollector:
    """Collects which claims have which value of which field."""

    def __init__(self, first_source: str) -> None:
        offsets: defaultdict[str, defaultdict[Any, list[int]]] = defaultdict(
            lambda: defaultdict(list)
        )
        self._offsets, self._first_source = offsets, first_source
        # Looked up once: there may be millions of claims.
        self._listed = [(name, offsets[facet]) for name, facet in _LISTED]
        self._refs = offsets["refs"]
        self._chosen = [(name, offsets[facet]) for name, facet in _CHOSEN]
        self._present = [(name, offsets[facet]["yes"]) for name, facet in _PRESENT]
        self._therapy, self._source = offsets["therapy"], offsets["source"]
        self._place, self._step_number = offsets["place"], offsets["steps"]
        self._cited, self._standing = offsets["cited"], offsets["standing"]
        self._steps: dict[StepValues, int] = {}
        self._step_counts: list[int] = []
        self._step_indices: list[int] = []

    def put_into(self, batch: ClaimBatch) -> ClaimBatch:
        """The batch, with the steps of its claims and the offsets of their values."""
        batch.offsets = {
            name: {value: offsets for value, offsets in members.items() if offsets}
            for name, members in self._offsets.items()
        }
        batch.steps = tuple(self._steps)
        batch.step_counts, batch.step_indices = self._step_counts, self._step_indices
        return batch

    def add(self, number: int, therapy: str, source: str, claim: Mapping[str, Any]) -> None:
        """Take a claim (as JSON values) with the values that it can be filtered and counted by."""
        offset, get = number % PART_SIZE, claim.get
        for name, members in self._listed:
            if values := get(name):
                for value in values:
                    members[value].append(offset)
        refs = claim["refs"]
        names = refs if source == self._first_source else [f"{source}:{ref}" for ref in refs]
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
            self._step_number[str(len(steps))].append(offset)
            known = self._steps
            for one in steps:
                parts = one["from"], one["does"], one["to"], one.get("in")
                self._step_indices.append(known.setdefault(parts, len(known)))
        self._step_counts.append(len(steps))
        self._cited[str(len({*refs}))].append(offset)
        for name, inner in _INSIDE:
            if items := get(name):
                self._add_inner(items, inner, offset)
        verdicts = [(one["ref"], one["agrees"]) for one in get("primary", ())]
        self._standing[standing(get("flags", ()), verdicts, refs)].append(offset)

    def _add_inner(
        self, items: Iterable[Mapping[str, Any]], fields: Iterable[tuple[str, str]], offset: int
    ) -> None:
        for item in items:
            for name, facet in fields:
                value = item.get(name)
                for one in value if isinstance(value, list) else (value,):
                    if one is not None:
                        self._offsets[facet][one].append(offset)
