"""Facets as they are asked for: whole bitmaps, or part by part what many of them have in common
with some claims, so that only one part of one facet is in memory at a time."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import islice
from threading import Lock
from typing import Any

from tdr.index.bits import CHUNK, Claims, bitmap, joined, opened, unpack, unpack_into
from tdr.model.fields import TERM_FIELDS

BATCH = 500
"""Rows and parameters handled at once."""

_MANY_SETS = 4
"""For so many sets a bitmap is made of a list: it takes time once, and saves it each time."""


class FacetReader:
    """The database of an index, asked which of its claims have which facet."""

    size: int
    """The number of claims."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._lock = Lock()
        # A filter asks for its claims to be explained, and again to be applied.
        self._union = lru_cache(8)(self._union_of)

    def _all(self, query: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """The rows that answer a query, read at once: threads in the middle of the same
        statement would get each other's rows."""
        with self._lock:
            return self._connection.execute(query, parameters).fetchall()

    def _among(
        self, query: str, values: Iterable[Any], *parameters: Any
    ) -> Iterator[tuple[Any, ...]]:
        """The rows in which what the query ends with is one of these values."""
        wanted = iter(values)
        while batch := list(islice(wanted, BATCH)):
            yield from self._all(f"{query} IN ({marks(len(batch))})", (*parameters, *batch))

    @property
    def _parts(self) -> range:
        return range(-(-self.size // CHUNK))

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
        for part, _, data in self._stored(self._parts, [facet for (facet,) in facets]):
            start, found = part * CHUNK, opened(data)
            if isinstance(found, int):
                many[start] = many.get(start, 0) | found
            else:
                few += (start + offset for offset in found)
        return bitmap(few) | (joined(many) if many else 0)

    def claims_naming(self, kind: str, labels: Sequence[str]) -> int:
        """The claims that have at least one of these terms themselves, in whatever field."""
        result = 0
        for field, of in TERM_FIELDS.items():
            if of == kind:
                result |= self.claims_with(field, labels)
        return result

    def claims_by_value(self, field: str) -> dict[str, int]:
        """Every value that occurs in a facet field, with the claims that have it."""
        values = self._values(field)
        wholes = {facet: bytearray(len(self._parts) * CHUNK // 8) for facet in values}
        for part, facet, data in self._stored(self._parts, values):
            unpack_into(wholes[facet], part * CHUNK // 8, data)
        return {value: int.from_bytes(wholes.pop(n), "little") for n, value in values.items()}

    def counts(self, field: str, *sets: int) -> list[dict[str, int]]:
        """For each of some bitmaps, the values in a facet field that its claims have, and how
        many have them; in parts, so that memory does not grow with the claims."""
        values = self._values(field)
        found = [dict.fromkeys(values, 0) for _ in sets]
        for part in self._parts:
            here = _within(part, sets, found)
            for _, facet, data in self._stored((part,), values if here else ()):
                having = opened(data)
                for claims, of_set in here:
                    of_set[facet] += claims.having(having)
        return [{values[facet]: n for facet, n in of_set.items() if n} for of_set in found]

    def first_claims(self, field: str, *sets: int) -> list[dict[str, int]]:
        """The same with the number of the first claim that has each value; what is met early
        costs no look at the rest."""
        values = self._values(field)
        found: list[dict[int, int]] = [{} for _ in sets]
        for part in self._parts:
            here = _within(part, sets, found)
            missing = [facet for facet in values if any(facet not in met for _, met in here)]
            for _, facet, data in self._stored((part,), missing):
                having = opened(data) if len(here) < _MANY_SETS else unpack(data)
                for claims, met in here:
                    if facet not in met and (first := claims.first(having)) is not None:
                        met[facet] = part * CHUNK + first
        return [{value: met[f] for f, value in values.items() if f in met} for met in found]

    def by_part(
        self, fields: Sequence[str], within: int
    ) -> Iterator[tuple[int, int, dict[str, dict[str, int]]]]:
        """Part by part: the number of its first claim, which of its claims are within a bitmap,
        and for each facet field the values that these have, with those that have them."""
        values = {field: self._values(field) for field in fields}
        for part in self._parts:
            here = _part(within, part)
            if here:
                having = {
                    field: {
                        of_field[facet]: common
                        for _, facet, data in self._stored((part,), of_field)
                        if (common := unpack(data) & here)
                    }
                    for field, of_field in values.items()
                }
                yield part * CHUNK, here, having

    def _values(self, field: str) -> dict[int, str]:
        query = "SELECT id, value FROM facet WHERE field = ? ORDER BY id"
        return dict(self._all(query, (field,)))

    def _stored(
        self, parts: Sequence[int], facets: Iterable[int]
    ) -> Iterator[tuple[int, int, bytes]]:
        """The stored parts of some facets: the part, the facet, the claims."""
        query = f"SELECT part, facet, bits FROM chunk WHERE part IN ({marks(len(parts))}) AND facet"
        return self._among(query, facets, *parts)


def _part(bits: int, part: int) -> int:
    return bits >> part * CHUNK & (1 << CHUNK) - 1


def _within(
    part: int, sets: Sequence[int], found: Sequence[dict[int, int]]
) -> list[tuple[Claims, dict[int, int]]]:
    """The sets that have claims in a part, each with what was found for it."""
    parts = (_part(bits, part) for bits in sets)
    return [(Claims(bits), one) for bits, one in zip(parts, found, strict=True) if bits]


def marks(count: int) -> str:
    """As many placeholders."""
    return ",".join("?" * count)
