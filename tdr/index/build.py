"""Compiling an evidence directory into an index: claims stream through, nothing piles up."""

from __future__ import annotations

import json
import sqlite3
import zlib
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from tdr.dataset import Record, Support, duplicate_id, read_support, records
from tdr.errors import Location, Problem, TdrError
from tdr.files import Layout
from tdr.index import BATCH, CHUNK, INDEX_VERSION, WITHIN, WORD_FIELDS, Progress, to_bytes
from tdr.model import KINDS, TERM_FIELDS, Claim
from tdr.tokens import key, stem, vocabulary_of

_SCHEMA = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE claim (n INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, record TEXT NOT NULL,
                    file TEXT NOT NULL, line INTEGER NOT NULL);
CREATE TABLE facet (id INTEGER PRIMARY KEY, field TEXT NOT NULL, value TEXT NOT NULL,
                    claims INTEGER NOT NULL, UNIQUE (field, value));
CREATE TABLE chunk (facet INTEGER NOT NULL, part INTEGER NOT NULL, bits BLOB NOT NULL,
                    PRIMARY KEY (facet, part)) WITHOUT ROWID;
CREATE TABLE reference (number INTEGER PRIMARY KEY, record TEXT NOT NULL);
CREATE TABLE term (n INTEGER PRIMARY KEY, kind TEXT NOT NULL, label TEXT NOT NULL,
                   record TEXT NOT NULL);
CREATE INDEX term_kind ON term (kind);
CREATE INDEX term_label ON term (label);
CREATE TABLE form (key TEXT NOT NULL, kind TEXT NOT NULL, label TEXT NOT NULL,
                   PRIMARY KEY (key, kind, label)) WITHOUT ROWID;
CREATE TABLE word (word TEXT PRIMARY KEY, stem TEXT NOT NULL) WITHOUT ROWID;
CREATE INDEX word_stem ON word (stem);
CREATE TABLE list (name TEXT PRIMARY KEY, items BLOB NOT NULL) WITHOUT ROWID;
"""

Facets = Iterable[tuple[str, str]]


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
    for word in vocabulary_of(claim.mechanism):
        yield "word", word


class _Derived:
    """The facets that follow from a claim's facets by what terms and references say."""

    def __init__(self, support: Support) -> None:
        self._support = support
        self._known: dict[tuple[str, str], tuple[tuple[str, str], ...]] = {}

    def of(self, facet: tuple[str, str]) -> tuple[tuple[str, str], ...]:
        found = self._known.get(facet)
        if found is None:
            found = self._known[facet] = tuple(dict.fromkeys(self._follow(*facet)))
        return found

    def _follow(self, field: str, value: str) -> Facets:
        if field == "ref":
            title = self._support.references[int(value)].title
            yield from (("title", word) for word in sorted(vocabulary_of(title)))
        elif field in ("countered_by", "therapy"):
            yield from (("form", word) for word in sorted(vocabulary_of(value)))
        elif field in TERM_FIELDS:
            kind = TERM_FIELDS[field]
            yield from self._of_term(kind, value, "form")
            for above in self._support.vocabulary.ancestors(kind, value):
                yield from self._of_term(kind, above, "wider")

    def _of_term(self, kind: str, label: str, field: str) -> Facets:
        yield WITHIN, f"{kind}/{label}"
        term = self._support.vocabulary.get(kind, label)
        for form in term.forms if term else (label,):
            yield from ((field, word) for word in sorted(vocabulary_of(form)))


class _FacetWriter:
    """Collects which claims have which facet and writes a chunk whenever one is full."""

    def __init__(self, connection: sqlite3.Connection, support: Support) -> None:
        self._connection = connection
        self._derived = _Derived(support)
        self._ids: dict[tuple[str, str], int] = {}
        self._counts: list[int] = []
        self._open: dict[tuple[str, str], list[int]] = {}
        self._part = 0

    def add(self, number: int, facets: Facets) -> None:
        part, offset = divmod(number, CHUNK)
        if part != self._part:
            self.flush()
            self._part = part
        waiting = self._open
        for facet in facets:
            offsets = waiting.get(facet)
            if offsets is None:
                waiting[facet] = [offset]
            elif offsets[-1] != offset:
                offsets.append(offset)

    def flush(self) -> None:
        """Write the chunks of one part: those collected and those that follow from them."""
        chunks: dict[tuple[str, str], int] = {}
        for facet, offsets in self._open.items():
            data = bytearray(offsets[-1] // 8 + 1)
            for offset in offsets:
                data[offset >> 3] |= 1 << (offset & 7)
            bits = int.from_bytes(data, "little")
            chunks[facet] = bits
            for other in self._derived.of(facet):
                chunks[other] = chunks.get(other, 0) | bits
        self._connection.executemany(
            "INSERT INTO chunk VALUES (?, ?, ?)",
            (
                (self._number(facet, bits), self._part, zlib.compress(to_bytes(bits), 1))
                for facet, bits in chunks.items()
            ),
        )
        self._open.clear()

    def _number(self, facet: tuple[str, str], bits: int) -> int:
        """The facet's number; counts the claims of this part in."""
        identifier = self._ids.setdefault(facet, len(self._counts))
        if identifier == len(self._counts):
            self._counts.append(0)
        self._counts[identifier] += bits.bit_count()
        return identifier

    def close(self) -> None:
        self.flush()
        self._connection.executemany(
            "INSERT INTO facet VALUES (?, ?, ?, ?)",
            (
                (identifier, *facet, self._counts[identifier])
                for facet, identifier in self._ids.items()
            ),
        )
        words = sorted({word for field, word in self._ids if field in WORD_FIELDS})
        self._connection.executemany(
            "INSERT INTO word VALUES (?, ?)", ((word, stem(word)) for word in words)
        )
        self._connection.execute(
            "INSERT INTO list VALUES ('words', ?)", (zlib.compress("\n".join(words).encode()),)
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
    facets = _FacetWriter(connection, support)
    stream = records(layout, support)
    number = 0
    while batch := list(islice(stream, BATCH)):
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
        "INSERT INTO term (kind, label, record) VALUES (?, ?, ?)",
        ((term.kind, term.label, _dump(term.to_dict())) for term in support.terms),
    )
    connection.executemany(
        "INSERT INTO list VALUES (?, ?)",
        ((f"forms/{kind}", _dump(support.vocabulary.forms(kind))) for kind in KINDS),
    )
    connection.executemany(
        "INSERT OR IGNORE INTO form VALUES (?, ?, ?)",
        ((key(form), term.kind, term.label) for term in support.terms for form in term.forms),
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
