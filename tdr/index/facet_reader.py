"""Which claims have a facet, as a bitmap; how many of some claims have each of many facets.

The latter is counted part by part, so that only one part of one facet is in memory at a time.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import islice
from threading import Lock
from typing import Any

from tdr.index.bits import (
    PART_SIZE,
    PartSelection,
    bitmap,
    join_parts,
    unpack,
    unpack_into,
    unpack_members,
)
from tdr.model.fields import TERM_FIELDS

MAX_PARAMETERS = 500
"""Parameters of one SQL statement, and rows that are read at once."""

_MANY_SETS = 4
"""From so many sets on, a list is turned into a bitmap first, which is faster to compare."""


class FacetReader:
    """The part of `Index` that tells which claims have which facet."""

    size: int
    """The number of claims."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._lock = Lock()
        # A filter asks twice: to explain its values, and to apply them.
        self._union = lru_cache(8)(self._union_of)

    def _all(self, query: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """The rows that answer a query, read at once: threads in the middle of the same
        statement would get each other's rows."""
        with self._lock:
            return self._connection.execute(query, parameters).fetchall()

    def _among(
        self, query: str, values: Iterable[Any], *parameters: Any
    ) -> Iterator[tuple[Any, ...]]:
        """The rows that have one of these values in the column that the query ends with."""
        wanted = iter(values)
        while batch := list(islice(wanted, MAX_PARAMETERS)):
            yield from self._all(f"{query} IN ({placeholders(len(batch))})", (*parameters, *batch))

    @property
    def _parts(self) -> range:
        return range(-(-self.size // PART_SIZE))

    @property
    def everything(self) -> int:
        """The bitmap of all claims."""
        return (1 << self.size) - 1

    def values(self, field: str) -> dict[str, int]:
        """Every value that occurs in a facet field, with its number of claims."""
        return dict(
            self._all("SELECT value, claims FROM facet WHERE field = ? ORDER BY id", (field,))
        )

    def claims_with(self, field: str, values: Iterable[str]) -> int:
        """The claims that have at least one of these values in a facet field."""
        return self._union(field, tuple(values))

    def _union_of(self, field: str, values: tuple[str, ...]) -> int:
        facets = self._among("SELECT id FROM facet WHERE field = ? AND value", values, field)
        few: list[int] = []
        many: dict[int, int] = {}
        for part, _, data in self._chunks(self._parts, [facet for (facet,) in facets]):
            start, members = part * PART_SIZE, unpack_members(data)
            if isinstance(members, int):
                many[start] = many.get(start, 0) | members
            else:
                few += (start + offset for offset in members)
        return bitmap(few) | (join_parts(many) if many else 0)

    def claims_naming(self, kind: str, labels: Sequence[str]) -> int:
        """The claims that have at least one of these terms, without narrower ones, in any field."""
        result = 0
        for field, of in TERM_FIELDS.items():
            if of == kind:
                result |= self.claims_with(field, labels)
        return result

    def claims_by_value(self, field: str) -> dict[str, int]:
        """Every value that occurs in a facet field, with the claims that have it."""
        values = self._values(field)
        wholes = {facet: bytearray(len(self._parts) * PART_SIZE // 8) for facet in values}
        for part, facet, data in self._chunks(self._parts, values):
            unpack_into(wholes[facet], part * PART_SIZE // 8, data)
        return {value: int.from_bytes(wholes.pop(n), "little") for n, value in values.items()}

    def counts(self, field: str, *sets: int) -> list[dict[str, int]]:
        """For each of some bitmaps, the values in a facet field that its claims have, and how
        many have them; in parts, so that memory does not grow with the claims."""
        values = self._values(field)
        results = [dict.fromkeys(values, 0) for _ in sets]
        for part in self._parts:
            here = _selections(part, sets, results)
            for _, facet, data in self._chunks((part,), values if here else ()):
                members = unpack_members(data)
                for selection, of_set in here:
                    of_set[facet] += selection.count(members)
        return [{values[facet]: n for facet, n in of_set.items() if n} for of_set in results]

    def first_claims(self, field: str, *sets: int) -> list[dict[str, int]]:
        """As `counts`, but with the number of the first claim that has each value: a value that
        occurs early is not looked for in the other parts."""
        values = self._values(field)
        results: list[dict[int, int]] = [{} for _ in sets]
        for part in self._parts:
            here = _selections(part, sets, results)
            missing = [facet for facet in values if any(facet not in met for _, met in here)]
            for _, facet, data in self._chunks((part,), missing):
                members = unpack_members(data) if len(here) < _MANY_SETS else unpack(data)
                for selection, met in here:
                    if facet not in met and (first := selection.first(members)) is not None:
                        met[facet] = part * PART_SIZE + first
        return [{value: met[f] for f, value in values.items() if f in met} for met in results]

    def by_part(
        self, fields: Sequence[str], within: int
    ) -> Iterator[tuple[int, int, dict[str, dict[str, int]]]]:
        """For each part with claims `within` a bitmap: the number of its first claim, these claims,
        and for each facet field the values that they have, each with the claims that have it."""
        values = {field: self._values(field) for field in fields}
        for part in self._parts:
            here = _bits_of(part, within)
            if here:
                having = {
                    field: {
                        of_field[facet]: common
                        for _, facet, data in self._chunks((part,), of_field)
                        if (common := unpack(data) & here)
                    }
                    for field, of_field in values.items()
                }
                yield part * PART_SIZE, here, having

    def _values(self, field: str) -> dict[int, str]:
        query = "SELECT id, value FROM facet WHERE field = ? ORDER BY id"
        return dict(self._all(query, (field,)))

    def _chunks(
        self, parts: Sequence[int], facets: Iterable[int]
    ) -> Iterator[tuple[int, int, bytes]]:
        """The stored claims of some facets in some parts: the part, the facet, the claims."""
        some = placeholders(len(parts))
        query = f"SELECT part, facet, bits FROM chunk WHERE part IN ({some}) AND facet"
        return self._among(query, facets, *parts)


def _bits_of(part: int, bits: int) -> int:
    return bits >> part * PART_SIZE & (1 << PART_SIZE) - 1


def _selections(
    part: int, sets: Sequence[int], results: Sequence[dict[int, int]]
) -> list[tuple[PartSelection, dict[int, int]]]:
    """The sets that have claims in a part, each with what is found for it."""
    parts = (_bits_of(part, bits) for bits in sets)
    return [(PartSelection(bits), one) for bits, one in zip(parts, results, strict=True) if bits]


def placeholders(count: int) -> str:
    """The placeholders of so many parameters."""
    return ",".join("?" * count)
