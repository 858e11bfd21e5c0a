"""Compiles an evidence directory into an index, with few claims in memory at a time."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from itertools import count
from pathlib import Path
from typing import Any

from tdr.index import INDEX_VERSION, Progress, blocks, facets
from tdr.index.batches import ClaimBatch, gc_disabled
from tdr.index.digest import content_digest
from tdr.index.words import SCHEMA as SCHEMA_OF_WORDS
from tdr.index.words import WordFacets, words_of
from tdr.index.worker import read_batches
from tdr.model.errors import Location, Problem, TdrError
from tdr.model.values import KINDS
from tdr.read.dataset import duplicate_id, read_support
from tdr.read.files import Layout
from tdr.read.record import Support

# A file is complete before it is moved into place: there is nothing that a journal could protect.
_SETTINGS = """
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
PRAGMA locking_mode = EXCLUSIVE;
PRAGMA page_size = 16384;
PRAGMA cache_size = -8192;
"""

_SCHEMA = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE claim (n INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, therapy TEXT NOT NULL,
                    source INTEGER NOT NULL, record TEXT NOT NULL, file TEXT NOT NULL,
                    line INTEGER NOT NULL);
CREATE TABLE reference (source TEXT NOT NULL, number INTEGER NOT NULL, record TEXT NOT NULL,
                        PRIMARY KEY (source, number)) WITHOUT ROWID;
CREATE TABLE source (key TEXT PRIMARY KEY, record TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE term (n INTEGER PRIMARY KEY, kind TEXT NOT NULL, label TEXT NOT NULL,
                   record TEXT NOT NULL, words TEXT NOT NULL);
CREATE INDEX term_kind ON term (kind);
CREATE INDEX term_label ON term (label);
CREATE TABLE list (name TEXT PRIMARY KEY, items BLOB NOT NULL) WITHOUT ROWID;
"""

MOST_PROBLEMS = 1000
"""So many problems stop a build: nobody reads more, and they take memory."""

_MOST_RUNS = 64
"""More runs of ascending ids than this do not help to sort claims by id."""


def build(
    target: str | Path,
    layout: Layout,
    digest: str,
    progress: Progress | None = None,
    *,
    words: bool = True,
) -> None:
    """Compile an evidence directory into a new database file; without `words` in half the time,
    but not to be searched.

    Raises TdrError with every problem of the evidence if there is any; the target
    is then incomplete and must be thrown away.
    """
    connection = sqlite3.connect(target, isolation_level=None)
    try:
        build_into(connection, layout, digest, progress, words=words)
    finally:
        connection.close()


@gc_disabled()
def build_into(
    connection: sqlite3.Connection,
    layout: Layout,
    digest: str,
    progress: Progress | None = None,
    *,
    words: bool = True,
) -> None:
    """As `build`, into an open and empty database (`:memory:` included)."""
    connection.executescript(_SETTINGS + _SCHEMA + blocks.SCHEMA + facets.SCHEMA + SCHEMA_OF_WORDS)
    support = read_support(layout)
    problems = [problem for problem in support.problems if problem.severity == "error"]
    connection.execute("BEGIN")
    word_facets = WordFacets(support) if words else None
    size, runs = _write_claims(connection, layout, support, word_facets, problems, progress)
    if len(problems) >= MOST_PROBLEMS:
        problems.append(Problem("reading stopped here: there are too many problems", "limit"))
    if problems:
        raise TdrError(*problems)
    _write_support(connection, support, words=words)
    meta = {
        "index_version": str(INDEX_VERSION),
        "digest": digest,
        "claims": str(size),
        "words": "yes" if words else "",
        "runs": _dump(runs if len(runs) <= _MOST_RUNS else []),
        "sources": _dump([one.source.key for one in support.sources]),
        "first_version": f"{support.source.data_version}+{_first_digest(layout, digest)[:8]}",
        "united": _dump(
            {s.source.key: (s.key_in_files, s.prefix) for s in support.sources if s.prefix}
        ),
        "data_version": f"{support.source.data_version}+{digest[:8]}",
    }
    connection.executemany("INSERT INTO meta VALUES (?, ?)", meta.items())
    connection.execute("COMMIT")


def _first_digest(layout: Layout, digest: str) -> str:
    """The digest that a directory of the first source alone would have."""
    return content_digest(layout._replace(more=())) if layout.more else digest


def _write_claims(
    connection: sqlite3.Connection,
    layout: Layout,
    support: Support,
    words: WordFacets | None,
    problems: list[Problem],
    progress: Progress | None,
) -> tuple[int, list[int]]:
    """Write all claims and their facets.

    Returns their number, and the numbers of the claims with which runs of ascending ids begin.
    Once there is a problem, nothing more is built, and claims are only read to find more.
    """
    writers = (facets.FacetWriter(connection, support, words), blocks.BlockWriter(connection))
    files = {
        file.name: (file.therapy, place, layout.portable_name(file.path))
        for place, one in enumerate(layout.sources)
        for file in one.claims
    }
    number, last, runs = 0, "", [0]
    for batch in read_batches(layout, support):
        problems += batch.problems
        if not problems:
            for writer in writers:
                writer.add(batch)
        therapy, place, name = files[batch.file]
        rows = [
            (n, identifier, therapy, place, text, name, line)
            for n, identifier, text, line in zip(
                count(number), batch.ids, batch.texts, batch.lines, strict=False
            )
        ]
        _insert_claims(connection, rows, batch, layout, problems)
        for n, identifier, *_ in rows:
            if identifier < last:
                runs.append(n)
            last = identifier
        number += len(rows)
        if progress:
            progress(number)
        if len(problems) >= MOST_PROBLEMS:
            break
    if not problems:
        for writer in writers:
            writer.close()
    return number, runs


def _insert_claims(
    connection: sqlite3.Connection,
    rows: Sequence[tuple[Any, ...]],
    batch: ClaimBatch,
    layout: Layout,
    problems: list[Problem],
) -> None:
    insert = "INSERT INTO claim VALUES (?, ?, ?, ?, CAST(? AS TEXT), ?, ?)"
    try:
        connection.executemany(insert, rows)
        return
    except sqlite3.IntegrityError:  # an id stands twice: find out which
        connection.execute("DELETE FROM claim WHERE n >= ?", (rows[0][0],))
    here: dict[str, int] = {}
    for position, row in enumerate(rows):
        identifier = row[1]
        try:
            connection.execute(insert, row)
            here[identifier] = position
        except sqlite3.IntegrityError:
            if identifier in here:
                first = batch.place_of_id(here[identifier])
            else:
                file, line = connection.execute(
                    "SELECT file, line FROM claim WHERE id = ?", (identifier,)
                ).fetchone()
                paths = (one.path for part in layout.sources for one in part.claims)
                first = Location(
                    next(layout.label(p) for p in paths if layout.portable_name(p) == file), line
                )
            problems.append(duplicate_id(identifier, batch.place_of_id(position), first))


def _write_support(connection: sqlite3.Connection, support: Support, *, words: bool) -> None:
    vocabulary = support.vocabulary
    connection.executemany(
        "INSERT INTO reference VALUES (?, ?, ?)",
        (
            (one.source.key, number, _dump(reference.to_dict()))
            for one in support.sources
            for number, reference in one.references.items()
        ),
    )
    connection.executemany(
        "INSERT INTO term (kind, label, record, words) VALUES (?, ?, ?, ?)",
        (
            (term.kind, term.label, _dump(term.to_dict()), words_of(term) if words else "")
            for term in support.terms
        ),
    )
    connection.executemany(
        "INSERT INTO list VALUES (?, ?)",
        (
            (f"{name}/{kind}", _dump(of(kind)))
            for name, of in (("forms", vocabulary.forms), ("narrower", vocabulary.narrower))
            for kind in KINDS
        ),
    )
    therapies = _dump([therapy.to_dict() for therapy in support.therapies.values()])
    connection.execute("INSERT INTO list VALUES ('therapies', ?)", (therapies,))
    connection.executemany(
        "INSERT INTO source VALUES (?, ?)",
        ((one.source.key, _dump(one.source.to_dict())) for one in support.sources),
    )


_dump = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), default=str).encode
