"""The compiled form of an evidence directory: a SQLite database that answers questions.

The only module that knows SQL. An index is built once per content and read many
times; it holds plain values only and is never trusted beyond that (`tdr.cache`
decides whether a file may be used at all).

Claims are numbered from 0 in file order. Everything a claim can be filtered by is
a facet (field, value), and a facet is a set of claim numbers: a bitmap, kept in
compressed chunks and handled as one Python integer, bit n for claim n. So a
filter is `&`, `|` and `~` of integers and a count is `int.bit_count`, at a
hundred claims and at a million.
"""

from __future__ import annotations

import json
import sqlite3
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from tdr.dataset import Layout, Record, Support, duplicate_id, read_support, records
from tdr.errors import Location, Problem, TdrError
from tdr.model import (
    TERM_FIELDS,
    Claim,
    Paragraph,
    Place,
    Reference,
    Source,
    Term,
)
from tdr.vocabulary import Vocabulary

INDEX_VERSION = 1
"""Raised whenever the layout or the meaning of an index changes; older ones are rebuilt."""

_CHUNK = 1 << 15
_BATCH = 500

_SCHEMA = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE claim (n INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, record TEXT NOT NULL,
                    file TEXT NOT NULL, line INTEGER NOT NULL);
CREATE TABLE facet (id INTEGER PRIMARY KEY, field TEXT NOT NULL, value TEXT NOT NULL,
                    claims INTEGER NOT NULL, UNIQUE (field, value));
CREATE TABLE chunk (facet INTEGER NOT NULL, part INTEGER NOT NULL, bits BLOB NOT NULL,
                    PRIMARY KEY (facet, part)) WITHOUT ROWID;
CREATE TABLE reference (number INTEGER PRIMARY KEY, record TEXT NOT NULL);
CREATE TABLE term (n INTEGER PRIMARY KEY, kind TEXT NOT NULL, record TEXT NOT NULL);
CREATE INDEX term_kind ON term (kind);
"""

Facets = Iterable[tuple[str, str]]
Progress = Callable[[int], None]
"""Called now and then during a build with the number of claims done so far."""

_BITS_OF_BYTE = tuple(tuple(bit for bit in range(8) if byte >> bit & 1) for byte in range(256))


def numbers(bits: int) -> Iterator[int]:
    """The members of a bitmap, in order."""
    data = bits.to_bytes((bits.bit_length() + 7) // 8, "little")
    for position, byte in enumerate(data):
        if byte:
            for bit in _BITS_OF_BYTE[byte]:
                yield position * 8 + bit


def facets_of(claim: Claim) -> Iterator[tuple[str, str]]:
    """Everything that a claim can be filtered or counted by, as (field, value)."""
    yield "therapy", claim.therapy
    yield "effect", claim.effect
    yield "section", claim.at.section
    yield "place", f"{claim.at.section}#{claim.at.paragraph}"
    if claim.note:
        yield "noted", "yes"
    for name in TERM_FIELDS:
        for label in getattr(claim, name):
            yield name, label
    for phrase in claim.countered_by:
        yield "countered_by", phrase
    for basis in claim.basis:
        yield "basis", basis
    for number in claim.refs:
        yield "ref", str(number)


class _FacetWriter:
    """Collects which claims have which facet and writes a chunk whenever one is full."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._ids: dict[tuple[str, str], int] = {}
        self._counts: list[int] = []
        self._open: dict[int, list[int]] = {}
        self._part = 0

    def add(self, number: int, facets: Facets) -> None:
        part, offset = divmod(number, _CHUNK)
        if part != self._part:
            self.flush()
            self._part = part
        for facet in facets:
            identifier = self._ids.get(facet)
            if identifier is None:
                identifier = self._ids[facet] = len(self._counts)
                self._counts.append(0)
            waiting = self._open.get(identifier)
            if waiting is None:
                self._open[identifier] = [offset]
            elif waiting[-1] != offset:
                waiting.append(offset)

    def flush(self) -> None:
        rows = []
        for identifier, offsets in self._open.items():
            data = bytearray(offsets[-1] // 8 + 1)
            for offset in offsets:
                data[offset >> 3] |= 1 << (offset & 7)
            self._counts[identifier] += len(offsets)
            rows.append((identifier, self._part, zlib.compress(data, 1)))
        self._connection.executemany("INSERT INTO chunk VALUES (?, ?, ?)", rows)
        self._open.clear()

    def close(self) -> None:
        self.flush()
        self._connection.executemany(
            "INSERT INTO facet VALUES (?, ?, ?, ?)",
            (
                (identifier, *facet, self._counts[identifier])
                for facet, identifier in self._ids.items()
            ),
        )


def build(
    target: str | Path, layout: Layout, digest: str, progress: Progress | None = None
) -> None:
    """Compile an evidence directory into a new database file.

    Raises TdrError with every problem of the evidence if there is any; the target
    is then incomplete and must be thrown away.
    """
    connection = sqlite3.connect(target, isolation_level=None)
    try:
        build_into(connection, layout, digest, progress)
    finally:
        connection.close()


def build_into(
    connection: sqlite3.Connection, layout: Layout, digest: str, progress: Progress | None = None
) -> None:
    """As `build`, into an open and empty database (`:memory:` included)."""
    # Built beside and moved into place when complete, so a journal would protect nothing.
    connection.executescript(
        "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA locking_mode=EXCLUSIVE;" + _SCHEMA
    )
    support = read_support(layout)
    problems = [problem for problem in support.problems if problem.severity == "error"]
    connection.execute("BEGIN")
    count = _write_claims(connection, layout, support, problems, progress)
    if problems:
        raise TdrError(*problems)
    _write_support(connection, support)
    meta = {
        "index_version": str(INDEX_VERSION),
        "digest": digest,
        "claims": str(count),
        "data_version": f"{support.source.data_version}+{digest[:8]}",
    }
    connection.executemany("INSERT INTO meta VALUES (?, ?)", meta.items())
    connection.execute("COMMIT")


def _write_claims(
    connection: sqlite3.Connection,
    layout: Layout,
    support: Support,
    problems: list[Problem],
    progress: Progress | None,
) -> int:
    facets = _FacetWriter(connection)
    stream = records(layout, support)
    number = 0
    while batch := list(islice(stream, _BATCH)):
        rows: list[tuple[Any, ...]] = []
        for record in batch:
            problems.extend(p for p in record.problems if p.severity == "error")
            if record.claim is None or problems:
                continue
            facets.add(number, facets_of(record.claim))
            rows.append(
                (
                    number,
                    record.claim.id,
                    json.dumps(record.claim.to_dict(), ensure_ascii=False, separators=(",", ":")),
                    record.file.path.name,
                    record.line,
                )
            )
            number += 1
        _insert_claims(connection, rows, batch, layout, problems)
        if progress:
            progress(number)
    facets.close()
    return number


def _insert_claims(
    connection: sqlite3.Connection,
    rows: Sequence[tuple[Any, ...]],
    batch: Sequence[Record],
    layout: Layout,
    problems: list[Problem],
) -> None:
    insert = "INSERT INTO claim VALUES (?, ?, ?, ?, ?)"
    try:
        connection.executemany(insert, rows)
        return
    except sqlite3.IntegrityError:
        connection.execute("DELETE FROM claim WHERE n >= ?", (rows[0][0],))
    by_id = {record.claim.id: record for record in reversed(batch) if record.claim}
    for row, record in zip(rows, (r for r in batch if r.claim), strict=False):
        try:
            connection.execute(insert, row)
        except sqlite3.IntegrityError:
            file, line = connection.execute(
                "SELECT file, line FROM claim WHERE id = ?", (row[1],)
            ).fetchone()
            first = by_id[row[1]]
            where = (
                first.where(("id",))
                if first is not record
                else Location(layout.label(layout.path / file), line)
            )
            problems.append(duplicate_id(row[1], record.where(("id",)), where))


def _write_support(connection: sqlite3.Connection, support: Support) -> None:
    connection.executemany(
        "INSERT INTO reference VALUES (?, ?)",
        ((number, _dump(reference.to_dict())) for number, reference in support.references.items()),
    )
    connection.executemany(
        "INSERT INTO term (kind, record) VALUES (?, ?)",
        ((term.kind, _dump(term.to_dict())) for term in support.terms),
    )
    source = support.source
    connection.execute(
        "INSERT INTO meta VALUES ('source', ?)",
        (
            _dump(
                {
                    "record": source.record,
                    "constants": source.constants,
                    "data_version": source.data_version,
                    "paragraphs": [
                        [p.place.section, p.place.paragraph, p.citations, p.background, p.words]
                        for p in source.paragraphs
                    ],
                }
            ),
        ),
    )


def _dump(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str)


class Index:
    """An open index. All methods read; results are plain frozen values."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._meta = dict(connection.execute("SELECT key, value FROM meta WHERE key != 'source'"))
        self.size = int(self._meta["claims"])
        self.digest = self._meta["digest"]
        self.data_version = self._meta["data_version"]
        self._vocabulary: Vocabulary | None = None

    @classmethod
    def open(cls, path: Path) -> Index:
        """Open an index file for reading, without locks or side files.

        Raises ValueError if it is not an index of this version.
        """
        from urllib.parse import quote  # needed only for file indexes

        connection: sqlite3.Connection | None = None
        try:
            connection = sqlite3.connect(
                f"file:{quote(str(path))}?mode=ro&immutable=1", uri=True, isolation_level=None
            )
            index = cls(connection)
        except (sqlite3.Error, KeyError, ValueError) as error:
            if connection:
                connection.close()
            raise ValueError(f"not an index: {error}") from None
        if index._meta["index_version"] != str(INDEX_VERSION):
            raise ValueError("index of another version")
        return index

    @classmethod
    def in_memory(cls, layout: Layout, digest: str, progress: Progress | None = None) -> Index:
        """Build an index that lives only in this process."""
        connection = sqlite3.connect(":memory:", isolation_level=None)
        build_into(connection, layout, digest, progress)
        return cls(connection)

    # -- sets of claims ---------------------------------------------------

    @property
    def everything(self) -> int:
        """The bitmap of all claims."""
        return (1 << self.size) - 1

    def bits(self, field: str, values: Iterable[str]) -> int:
        """The claims that have at least one of these values in a facet field."""
        result = 0
        for value in values:
            rows = self._connection.execute(
                "SELECT part, bits FROM chunk WHERE facet = "
                "(SELECT id FROM facet WHERE field = ? AND value = ?)",
                (field, value),
            )
            for part, data in rows:
                result |= int.from_bytes(zlib.decompress(data), "little") << (part * _CHUNK)
        return result

    def values(self, field: str) -> dict[str, int]:
        """Every value that occurs in a facet field, with its number of claims."""
        return dict(
            self._connection.execute(
                "SELECT value, claims FROM facet WHERE field = ? ORDER BY id", (field,)
            )
        )

    # -- claims -----------------------------------------------------------

    def claims(self, bits: int, limit: int | None = None) -> Iterator[Claim]:
        """The claims of a bitmap in file order, at most `limit`."""
        for record in self._records(islice(numbers(bits), limit)):
            yield Claim.from_dict(record)

    def _records(self, wanted: Iterator[int]) -> Iterator[dict[str, Any]]:
        while batch := list(islice(wanted, _BATCH)):
            marks = ",".join("?" * len(batch))
            rows = self._connection.execute(
                f"SELECT record FROM claim WHERE n IN ({marks}) ORDER BY n",
                batch,
            )
            for (record,) in rows:
                yield json.loads(record)

    def find(self, identifier: str) -> Claim | None:
        """The claim with this id."""
        row = self._connection.execute(
            "SELECT record FROM claim WHERE id = ?", (identifier,)
        ).fetchone()
        return Claim.from_dict(json.loads(row[0])) if row else None

    def written_at(self, identifier: str) -> tuple[str, int] | None:
        """File name and line of the claim in its evidence directory."""
        row: tuple[str, int] | None = self._connection.execute(
            "SELECT file, line FROM claim WHERE id = ?", (identifier,)
        ).fetchone()
        return row

    def ids(self, prefix: str = "", limit: int | None = None) -> list[str]:
        """Ids that start with `prefix`, in file order."""
        rows = self._connection.execute(
            "SELECT id FROM claim WHERE substr(id, 1, ?) = ? ORDER BY n LIMIT ?",
            (len(prefix), prefix, -1 if limit is None else limit),
        )
        return [identifier for (identifier,) in rows]

    # -- what claims point to ---------------------------------------------

    def references(self) -> dict[int, Reference]:
        """The reference list."""
        rows = self._connection.execute("SELECT record FROM reference ORDER BY number")
        return {r.number: r for r in (_reference(json.loads(text)) for (text,) in rows)}

    def reference(self, number: int) -> Reference | None:
        """One entry of the reference list."""
        row = self._connection.execute(
            "SELECT record FROM reference WHERE number = ?", (number,)
        ).fetchone()
        return _reference(json.loads(row[0])) if row else None

    @property
    def vocabulary(self) -> Vocabulary:
        """All terms; read on first use."""
        if self._vocabulary is None:
            rows = self._connection.execute("SELECT record FROM term ORDER BY n")
            self._vocabulary = Vocabulary(_term(json.loads(text)) for (text,) in rows)
        return self._vocabulary

    def source(self) -> Source:
        """The publication behind the claims."""
        (text,) = self._connection.execute("SELECT value FROM meta WHERE key = 'source'").fetchone()
        raw = json.loads(text)
        return Source(
            raw["record"],
            tuple(
                Paragraph(
                    Place(section, number), tuple(map(tuple, groups)), tuple(background), words
                )
                for section, number, groups, background, words in raw["paragraphs"]
            ),
            raw["constants"],
            raw["data_version"],
        )


def _reference(raw: Mapping[str, Any]) -> Reference:
    return Reference(**{**raw, "authors": tuple(raw["authors"])})


def _term(raw: Mapping[str, Any]) -> Term:
    return Term(**{**raw, "synonyms": tuple(raw["synonyms"]), "parents": tuple(raw["parents"])})
