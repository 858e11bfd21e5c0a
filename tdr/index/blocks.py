"""Ids and steps of claims in blocks, apart from their records: for questions about many claims.

A record takes a kilobyte and has to be parsed. Here the ids of some thousand claims are one text,
and their steps are numbers, so a step that many claims state is written out once.
"""

from __future__ import annotations

import sqlite3
import struct
import sys
from array import array
from collections.abc import Callable, Iterator, Sequence
from itertools import accumulate, islice
from typing import TYPE_CHECKING, Any

from tdr.index.bits import numbers, to_bytes
from tdr.index.facet_reader import placeholders

if TYPE_CHECKING:
    from tdr.index.batches import ClaimBatch, StepValues

BLOCK = 4096
"""Claims whose ids and steps are stored together."""

SCHEMA = """
CREATE TABLE block (n INTEGER PRIMARY KEY, ids TEXT NOT NULL, sizes BLOB NOT NULL,
                    steps BLOB NOT NULL);
CREATE TABLE step (n INTEGER PRIMARY KEY, source TEXT NOT NULL, does TEXT NOT NULL,
                   target TEXT NOT NULL, place TEXT);
"""

_AT_ONCE = 16
"""Blocks read by one SQL statement."""

RunQuery = Callable[[str, Sequence[Any]], list[tuple[Any, ...]]]
"""Gives the rows that answer a query with these parameters."""


class BlockWriter:
    """Takes the claims in their order and writes a block when there are enough of them."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._numbers: dict[StepValues, int] = {}
        self._blocks = 0
        self._ids: list[str] = []
        self._sizes: list[int] = []
        self._steps: list[int] = []

    def add(self, batch: ClaimBatch) -> None:
        """Take the claims of a batch."""
        known = self._numbers
        of_batch = [known.setdefault(step, len(known)) for step in batch.steps]
        self._ids += batch.ids
        self._sizes += batch.step_counts
        self._steps += [of_batch[index] for index in batch.step_indices]
        while len(self._ids) >= BLOCK:
            self._write()

    def _write(self) -> None:
        sizes = self._sizes[:BLOCK]
        end = sum(sizes)
        row = (
            self._blocks,
            "\n".join(self._ids[:BLOCK]),
            struct.pack(f"<{len(sizes)}I", *sizes),
            struct.pack(f"<{end}I", *self._steps[:end]),
        )
        self._connection.execute("INSERT INTO block VALUES (?, ?, ?, ?)", row)
        self._blocks += 1
        del self._ids[:BLOCK], self._sizes[:BLOCK], self._steps[:end]

    def close(self) -> None:
        """Write the last block, and each step once."""
        if self._ids:
            self._write()
        rows = ((number, *step) for step, number in self._numbers.items())
        self._connection.executemany("INSERT INTO step VALUES (?, ?, ?, ?, ?)", rows)


def ids_of_each(query: RunQuery, sets: Sequence[int]) -> list[list[str]]:
    """The ids of the claims of each of some bitmaps, in file order."""
    results: list[list[str]] = [[] for _ in sets]
    width = BLOCK // 8
    bitmaps = list(map(to_bytes, sets))
    every = 0
    for bits in sets:
        every |= bits
    for first, _, text in _blocks(query, "ids", every):
        items = text.split("\n")
        start = first // 8
        for data, of_set in zip(bitmaps, results, strict=True):
            places = numbers(int.from_bytes(data[start : start + width], "little"))
            of_set += [items[place] for place in places]
    return results


def steps_of(query: RunQuery, bits: int) -> Iterator[tuple[int, Sequence[int]]]:
    """The claims of a bitmap, in file order, each with the numbers of its steps."""
    for first, part, sizes, steps in _blocks(query, "sizes, steps", bits):
        ends = (0, *accumulate(_unpack(sizes)))
        every = _unpack(steps)
        for place in numbers(part):
            yield first + place, every[ends[place] : ends[place + 1]]


def _blocks(query: RunQuery, columns: str, bits: int) -> Iterator[tuple[Any, ...]]:
    """The blocks with claims of a bitmap: the number of the first claim of the block, which of its
    claims these are, and its columns."""
    data = to_bytes(bits)
    width = BLOCK // 8
    starts = range(0, len(data), width)
    parts = (int.from_bytes(data[start : start + width], "little") for start in starts)
    there = ((n, part) for n, part in enumerate(parts) if part)
    while some := dict(islice(there, _AT_ONCE)):
        text = f"SELECT n, {columns} FROM block WHERE n IN ({placeholders(len(some))}) ORDER BY n"
        for n, *values in query(text, list(some)):
            yield n * BLOCK, some[n], *values


def _unpack(data: bytes) -> array[int]:
    numbers = array("I", data)
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers
