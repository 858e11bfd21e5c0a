"""The facets of claims, collected and written part by part while an index is built."""

from __future__ import annotations

import sqlite3
from array import array
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

from tdr.index import SIDE_FIELDS, STEP_FIELDS, WITHIN
from tdr.index.batches import ClaimBatch
from tdr.index.bits import PART_SIZE
from tdr.index.packing import Offsets, Packer
from tdr.index.words import Facet, WordFacets
from tdr.model.fields import TERM_FIELDS
from tdr.read.record import Support

SCHEMA = """
CREATE TABLE facet (field TEXT NOT NULL, value TEXT NOT NULL, id INTEGER NOT NULL,
                    claims INTEGER NOT NULL, PRIMARY KEY (field, value)) WITHOUT ROWID;
CREATE TABLE chunk (part INTEGER NOT NULL, facet INTEGER NOT NULL, bits BLOB NOT NULL,
                    PRIMARY KEY (part, facet)) WITHOUT ROWID;
"""


def facets_of(support: Support, field: str, value: Any) -> Iterator[Facet]:
    """The facets of a claim that has this value in this field, without those of words."""
    if field == "refs":
        yield "ref", str(value)
        return
    yield field, value
    if field == "place":
        yield "section", value.rpartition("#")[0]
    elif field in TERM_FIELDS:
        kind = TERM_FIELDS[field]
        terms = (value, *support.vocabulary.ancestors(kind, value))
        yield from ((WITHIN, f"{kind}/{label}") for label in terms)
        if field in SIDE_FIELDS:
            yield from ((SIDE_FIELDS[field], label) for label in terms)
    elif field in SIDE_FIELDS:
        yield SIDE_FIELDS[field], "yes"


def _claims_by_step(batch: ClaimBatch) -> list[list[int]]:
    """The claims that state each step, as offsets in their part of the index."""
    offsets_of: list[list[int]] = [[] for _ in batch.steps]
    indices = iter(batch.step_indices)
    for offset, count in enumerate(batch.step_counts, batch.first % PART_SIZE):
        for place in islice(indices, count):
            offsets_of[place].append(offset)
    return offsets_of


class FacetWriter:
    """Collects which claims have which facet, and writes them whenever a part is full.

    With `words`, it writes the facets of words as well; without, nothing can be searched for.
    """

    def __init__(
        self, connection: sqlite3.Connection, support: Support, words: WordFacets | None = None
    ) -> None:
        self._connection = connection
        self._support, self._words = support, words
        self._known: dict[tuple[str, Any], tuple[Facet, ...]] = {}
        self._ids: defaultdict[str, dict[str, int]] = defaultdict(dict)
        self._counts: list[int] = []
        self._offsets: dict[str, dict[Any, array[int]]] = {}
        self._part = 0

    def add(self, batch: ClaimBatch) -> None:
        """Take the claims of a batch; the claims of one part come one batch after another."""
        part = batch.first // PART_SIZE
        if part != self._part:
            self.flush()
            self._part = part
        for field, values in batch.offsets.items():
            self._add_offsets(field, values.items())
        by_step = _claims_by_step(batch)
        for place, field in enumerate(STEP_FIELDS):
            parts = (
                (step[place], offsets) for step, offsets in zip(batch.steps, by_step, strict=True)
            )
            self._add_offsets(field, (part for part in parts if part[0] is not None))
        if self._words:
            self._words.add(batch.mechanisms, batch.first % PART_SIZE)

    def _add_offsets(self, field: str, pairs: Iterable[tuple[Any, Offsets]]) -> None:
        members = self._offsets.setdefault(field, {})
        for value, offsets in pairs:
            if (known := members.get(value)) is None:
                members[value] = array("H", offsets)
            else:
                known.extend(offsets)

    def flush(self) -> None:
        """Write one part: the facets of its claims, and those that follow from them."""
        members: defaultdict[Facet, list[Offsets]] = defaultdict(list)
        for field, values in self._offsets.items():
            for value, offsets in values.items():
                for facet in self._facets_of(field, value):
                    members[facet].append(offsets)
        if self._words:
            for facet, claims in self._words.mechanism_words():
                members[facet].append(claims)
        numbered = {self._number(*facet): lists for facet, lists in members.items()}
        self._connection.executemany("INSERT INTO chunk VALUES (?, ?, ?)", self._packed(numbered))
        self._offsets.clear()

    def _facets_of(self, field: str, value: Any) -> tuple[Facet, ...]:
        """The facets of a claim that has this value in this field."""
        known = self._known.get((field, value))
        if known is None:
            facets = facets_of(self._support, field, value)
            words = self._words.facets_of(field, value) if self._words else ()
            known = self._known[field, value] = tuple(dict.fromkeys((*facets, *words)))
        return known

    def _packed(self, members: Mapping[int, list[Offsets]]) -> Iterator[tuple[int, int, bytes]]:
        """The rows of one part: its number, the facet, its claims as they are stored."""
        packer = Packer()
        for identifier in sorted(members):
            data, count = packer.pack(members[identifier])
            self._counts[identifier] += count
            yield self._part, identifier, data

    def _number(self, field: str, value: str) -> int:
        identifier = self._ids[field].setdefault(value, len(self._counts))
        if identifier == len(self._counts):
            self._counts.append(0)
        return identifier

    def close(self) -> None:
        """Write the last part, and which facets there are."""
        self.flush()
        rows = (
            (field, value, self._ids[field][value], self._counts[self._ids[field][value]])
            for field in sorted(self._ids)  # as the table has them
            for value in sorted(self._ids[field])
        )
        self._connection.executemany("INSERT INTO facet VALUES (?, ?, ?, ?)", rows)
        if self._words:
            self._words.write(self._connection, self._ids)
