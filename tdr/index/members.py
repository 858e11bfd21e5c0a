"""Facets as they are asked for: whole bitmaps, or part by part what many of them have in common
with some claims, so that only one part of one facet is in memory at a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING

from tdr.index.bits import CHUNK, Claims, opened, unpack, unpack_into

if TYPE_CHECKING:
    from tdr.index.blocks import Query

BATCH = 500
"""Rows and parameters handled at once."""

_MANY_SETS = 4
"""For so many sets a bitmap is made of a list: it takes time once, and saves it each time."""


def union(query: Query, parts: int, field: str, values: Iterable[str]) -> int:
    """The claims that have at least one of these values."""
    facets: list[int] = []
    wanted = iter(values)
    while batch := list(islice(wanted, BATCH)):
        text = f"SELECT id FROM facet WHERE field = ? AND value IN ({marks(len(batch))})"
        facets += (facet for (facet,) in query(text, (field, *batch)))
    whole = bytearray(parts * CHUNK // 8)
    for part, _, data in _stored(query, range(parts), facets):
        unpack_into(whole, part * CHUNK // 8, data)
    return int.from_bytes(whole, "little")


def members(query: Query, parts: int, field: str) -> dict[str, int]:
    """Every value of a field, with the claims that have it."""
    values = _values(query, field)
    wholes = {facet: bytearray(parts * CHUNK // 8) for facet in values}
    for part, facet, data in _stored(query, range(parts), values):
        unpack_into(wholes[facet], part * CHUNK // 8, data)
    return {value: int.from_bytes(wholes.pop(facet), "little") for facet, value in values.items()}


def counts(query: Query, parts: int, field: str, sets: Sequence[int]) -> list[dict[str, int]]:
    """For each of some bitmaps, the values that its claims have, with how many have them."""
    values = _values(query, field)
    found = [dict.fromkeys(values, 0) for _ in sets]
    for part in range(parts):
        here = _within(part, sets, found)
        for _, facet, data in _stored(query, (part,), values if here else ()):
            having = opened(data)
            for claims, of_set in here:
                of_set[facet] += claims.having(having)
    return [{values[facet]: n for facet, n in of_set.items() if n} for of_set in found]


def firsts(query: Query, parts: int, field: str, sets: Sequence[int]) -> list[dict[str, int]]:
    """For each of some bitmaps, the values that its claims have, with the first that has them.

    What has been met is not looked for any more.
    """
    values = _values(query, field)
    found: list[dict[int, int]] = [{} for _ in sets]
    for part in range(parts):
        here = _within(part, sets, found)
        missing = [facet for facet in values if any(facet not in met for _, met in here)]
        for _, facet, data in _stored(query, (part,), missing):
            having = opened(data) if len(here) < _MANY_SETS else unpack(data)
            for claims, met in here:
                if facet not in met and (first := claims.first(having)) is not None:
                    met[facet] = part * CHUNK + first
    return [{value: met[f] for f, value in values.items() if f in met} for met in found]


def by_part(
    query: Query, parts: int, fields: Sequence[str], within: int
) -> Iterator[tuple[int, int, dict[str, dict[str, int]]]]:
    """Part by part: the number at which it begins, which of its claims are within a bitmap, and
    for each field the values that these have, with those that have them."""
    values = {field: _values(query, field) for field in fields}
    for part in range(parts):
        here = _part(within, part)
        if here:
            having = {
                field: {
                    of_field[facet]: common
                    for _, facet, data in _stored(query, (part,), of_field)
                    if (common := unpack(data) & here)
                }
                for field, of_field in values.items()
            }
            yield part * CHUNK, here, having


def _part(bits: int, part: int) -> int:
    return bits >> part * CHUNK & (1 << CHUNK) - 1


def _within(
    part: int, sets: Sequence[int], found: Sequence[dict[int, int]]
) -> list[tuple[Claims, dict[int, int]]]:
    """The sets that have claims in a part, each with what was found for it."""
    parts = (_part(bits, part) for bits in sets)
    return [(Claims(bits), one) for bits, one in zip(parts, found, strict=True) if bits]


def _values(query: Query, field: str) -> dict[int, str]:
    return dict(query("SELECT id, value FROM facet WHERE field = ? ORDER BY id", (field,)))


def _stored(
    query: Query, parts: Sequence[int], facets: Iterable[int]
) -> Iterator[tuple[int, int, bytes]]:
    """The stored parts of some facets: the part, the facet, the claims."""
    wanted = iter(facets)
    text = "SELECT part, facet, bits FROM chunk WHERE part IN ({}) AND facet IN ({})"
    while some := list(islice(wanted, BATCH)):
        yield from query(text.format(marks(len(parts)), marks(len(some))), (*parts, *some))


def marks(count: int) -> str:
    """As many placeholders."""
    return ",".join("?" * count)
