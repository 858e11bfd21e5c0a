"""Compiling an evidence directory into an index: claims stream through, few are in memory."""

from __future__ import annotations

import json
import sqlite3
from array import array
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import count, islice
from pathlib import Path
from typing import Any

from tdr.index import (
    BYLINE,
    INDEX_VERSION,
    LEADING,
    SIDE_FIELDS,
    STEP_FIELDS,
    TITLED,
    WITHIN,
    WORD_FIELDS,
    Progress,
    pack_spellings,
)
from tdr.index.beside import read
from tdr.index.bits import CHUNK
from tdr.index.blocks import SCHEMA, BlockWriter
from tdr.index.packing import Offsets, Packer
from tdr.index.pieces import Piece, no_collector
from tdr.index.titles import InTitles
from tdr.model.errors import Location, Problem, TdrError
from tdr.model.field import Codec
from tdr.model.fields import FIELDS_OF_SOURCE, TERM_FIELDS
from tdr.model.tokens import ASKING, key, spellings, stem, tokens, vocabulary_of, words_of_piece
from tdr.model.values import KINDS, Reference, Source
from tdr.read.dataset import duplicate_id, read_support
from tdr.read.files import Layout
from tdr.read.record import Support

# Built beside and moved into place when complete, so a journal would protect nothing.
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
CREATE TABLE facet (id INTEGER PRIMARY KEY, field TEXT NOT NULL, value TEXT NOT NULL,
                    claims INTEGER NOT NULL, UNIQUE (field, value));
CREATE TABLE chunk (part INTEGER NOT NULL, facet INTEGER NOT NULL, bits BLOB NOT NULL,
                    PRIMARY KEY (part, facet)) WITHOUT ROWID;
CREATE TABLE reference (source TEXT NOT NULL, number INTEGER NOT NULL, record TEXT NOT NULL,
                        PRIMARY KEY (source, number)) WITHOUT ROWID;
CREATE TABLE source (key TEXT PRIMARY KEY, record TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE term (n INTEGER PRIMARY KEY, kind TEXT NOT NULL, label TEXT NOT NULL,
                   record TEXT NOT NULL, words TEXT NOT NULL);
CREATE INDEX term_kind ON term (kind);
CREATE INDEX term_label ON term (label);
CREATE TABLE form (key TEXT NOT NULL, kind TEXT NOT NULL, label TEXT NOT NULL,
                   PRIMARY KEY (key, kind, label)) WITHOUT ROWID;
CREATE TABLE word (word TEXT PRIMARY KEY, stem TEXT NOT NULL) WITHOUT ROWID;
CREATE INDEX word_stem ON word (stem);
CREATE TABLE list (name TEXT PRIMARY KEY, items BLOB NOT NULL) WITHOUT ROWID;
"""

MOST_PROBLEMS = 1000
"""So many problems stop a build: more help nobody, and memory is not endless."""

_MOST_RUNS = 64
"""More runs of ascending ids than this are no help when claims are sorted by id."""

_SOURCE = Codec(FIELDS_OF_SOURCE)

Facet = tuple[str, str]


def _by_name(support: Support) -> dict[int | str, Reference]:
    """Every reference: those of the first source by number, others by `KEY:number`."""
    found: dict[int | str, Reference] = {n: r for n, r in support.references.items()}  # noqa: C416 - a dict of wider keys
    for one in support.more:
        found.update((f"{one.source.key}:{n}", r) for n, r in one.references.items())
    return found


class _Derived:
    """The facets that follow from what a claim says, by what terms, references and words are."""

    def __init__(self, support: Support) -> None:
        self._support = support
        self._references = _by_name(support)
        self._known: dict[tuple[str, Any], tuple[Facet, ...]] = {}
        self._in_titles = InTitles(support)
        self.spellings = self.names()
        """Folded word -> how it is written somewhere."""

    def names(self) -> dict[str, str]:
        """The words of the terms' names, and whole names in one word: `tgfb` -> `TGF-β`."""
        forms = [form for term in self._support.terms for form in term.forms][::-1]  # first: best
        whole = {key(form): form for form in forms if len(form.split()) == 1}
        return whole | dict(pair for form in forms for pair in spellings(form))

    def _note(self, text: str) -> None:
        for word, spelling in spellings(text):
            known = self.spellings.setdefault(word, spelling)
            if known != spelling and spelling == known.lower():
                self.spellings[word] = spelling  # not a word with a capital at its start

    def of(self, field: str, value: Any) -> Iterable[Facet]:
        """The facets of a claim that has this value in this field."""
        if field == "piece":  # there is no end of pieces, so none is kept
            self._note(value)
            return (("word", word) for word in words_of_piece(value))
        found = self._known.get((field, value))
        if found is None:
            found = tuple(dict.fromkeys(self._follow(field, value)))
            self._known[field, value] = found
        return found

    def _follow(self, field: str, value: Any) -> Iterator[Facet]:
        if field == "refs":
            yield "ref", str(value)
            reference = self._references[value]
            self._note(reference.title)
            yield from (("title", word) for word in sorted(vocabulary_of(reference.title)))
            yield from ((TITLED, name) for name in sorted(self._in_titles.named(reference.title)))
            leading = vocabulary_of("".join(reference.authors[:1]))
            yield from ((LEADING, word) for word in sorted(leading))
            yield from ((BYLINE, word) for word in sorted(vocabulary_of(reference.byline)))
            return
        yield field, value
        if field == "place":
            yield "section", value.rpartition("#")[0]
        elif field in ("countered_by", "therapy"):
            self._note(value)
            yield from (("form", word) for word in sorted(vocabulary_of(value)))
            if field in SIDE_FIELDS:
                yield SIDE_FIELDS[field], "yes"
        elif field in TERM_FIELDS:
            kind = TERM_FIELDS[field]
            wider = self._support.vocabulary.ancestors(kind, value)
            yield from self._of_term(kind, value, "form")
            for above in wider:
                yield from self._of_term(kind, above, "wider")
            if field in SIDE_FIELDS:
                yield from ((SIDE_FIELDS[field], label) for label in (value, *wider))

    def words_of_terms(self) -> set[str]:
        """The words of every form of every term, named by a claim or not."""
        forms = (form for term in self._support.terms for form in term.forms)
        return {word for form in forms for word in vocabulary_of(form)}

    def _of_term(self, kind: str, label: str, field: str) -> Iterable[Facet]:
        yield WITHIN, f"{kind}/{label}"
        term = self._support.vocabulary.get(kind, label)
        for form in term.forms if term else (label,):
            words = sorted(vocabulary_of(form))
            if field == "form" and form != label:
                every = tokens(form)
                ends = {every[0], every[-1], key(form)} if every else set()
                yield from (("form" if word in ends else "tail", word) for word in words)
            else:
                yield from ((field, word) for word in words)
        if term and term.definition:
            yield from (("gloss", word) for word in sorted(vocabulary_of(term.definition)))


def _stating(piece: Piece) -> list[list[int]]:
    """The claims that state each step, by their offsets in their part of the index."""
    stating: list[list[int]] = [[] for _ in piece.steps]
    stated = iter(piece.stated)
    for offset, size in enumerate(piece.sizes, piece.first % CHUNK):
        for place in islice(stated, size):
            stating[place].append(offset)
    return stating


class _FacetWriter:
    """Collects which claims have which facet and writes a part of all bitmaps when it is full.

    The pieces of mechanisms, between spaces, are facets until then: words follow from them.
    """

    def __init__(self, connection: sqlite3.Connection, support: Support) -> None:
        self._connection = connection
        self._derived = _Derived(support)
        self._ids: dict[Facet, int] = {}
        self._counts: list[int] = []
        self._noted: dict[str, dict[Any, array[int]]] = {}
        self._pieces: defaultdict[str, list[int]] = defaultdict(list)
        self._part = 0

    def add(self, piece: Piece) -> None:
        """Take what was noted of some claims."""
        part = piece.first // CHUNK
        if part != self._part:
            self.flush()
            self._part = part
        for field, values in piece.noted.items():
            self._note(field, values.items())
        stating = _stating(piece)
        for place, field in enumerate(STEP_FIELDS):
            parts = (
                (step[place], offsets) for step, offsets in zip(piece.steps, stating, strict=True)
            )
            self._note(field, (part for part in parts if part[0] is not None))
        # An offset may come twice (a word said twice); a bitmap does not mind.
        pieces = self._pieces
        for offset, text in enumerate(piece.mechanisms, piece.first % CHUNK):
            for word in text.split():
                if word not in ASKING:
                    pieces[word].append(offset)

    def _note(self, field: str, found: Iterable[tuple[Any, Offsets]]) -> None:
        members = self._noted.setdefault(field, {})
        for value, offsets in found:
            if (known := members.get(value)) is None:
                members[value] = array("H", offsets)
            else:
                known.extend(offsets)

    def flush(self) -> None:
        """Write one part: the facets that were noted and those that follow from them."""
        members: defaultdict[Facet, list[Offsets]] = defaultdict(list)
        noted: dict[str, Mapping[Any, Offsets]] = {**self._noted, "piece": self._pieces}
        for field, values in noted.items():
            for value, offsets in values.items():
                for facet in self._derived.of(field, value):
                    members[facet].append(offsets)
        rows = sorted((self._number(facet), lists) for facet, lists in members.items())
        self._connection.executemany("INSERT INTO chunk VALUES (?, ?, ?)", self._packed(rows))
        self._noted.clear()
        self._pieces.clear()

    def _packed(
        self, rows: Iterable[tuple[int, list[Offsets]]]
    ) -> Iterator[tuple[int, int, bytes]]:
        """The rows of one part: its number, the facet, its claims as they are stored."""
        packer = Packer()
        for identifier, lists in rows:
            data, count = packer.packed(lists)
            self._counts[identifier] += count
            yield self._part, identifier, data

    def _number(self, facet: Facet) -> int:
        identifier = self._ids.setdefault(facet, len(self._counts))
        if identifier == len(self._counts):
            self._counts.append(0)
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
        found = {word for field, word in self._ids if field in WORD_FIELDS}
        words = sorted(found | self._derived.words_of_terms())
        self._connection.executemany(
            "INSERT INTO word VALUES (?, ?)", ((word, stem(word)) for word in words)
        )
        for of, pairs in (("word", self._derived.spellings), ("name", self._derived.names())):
            spelled = {word: written for word, written in pairs.items() if word not in ASKING}
            row = (f"spellings/{of}", pack_spellings(spelled))
            self._connection.execute("INSERT INTO list VALUES (?, ?)", row)


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
    connection.executescript(_SETTINGS + _SCHEMA + SCHEMA)
    support = read_support(layout)
    problems = [problem for problem in support.problems if problem.severity == "error"]
    connection.execute("BEGIN")
    with no_collector():
        size, runs = _write_claims(connection, layout, support, problems, progress)
    if len(problems) >= MOST_PROBLEMS:
        problems.append(Problem("reading stopped here: there are too many problems", "limit"))
    if problems:
        raise TdrError(*problems)
    _write_support(connection, support)
    meta = {
        "index_version": str(INDEX_VERSION),
        "digest": digest,
        "claims": str(size),
        "runs": _dump(runs if len(runs) <= _MOST_RUNS else []),
        "sources": _dump([one.source.key for one in support.sources]),
        "first_version": f"{support.source.data_version}+{_of_first(layout, digest)[:8]}",
        "united": _dump({s.source.key: (s.written, s.prefix) for s in support.sources if s.prefix}),
        "data_version": f"{support.source.data_version}+{digest[:8]}",
    }
    connection.executemany("INSERT INTO meta VALUES (?, ?)", meta.items())
    connection.execute("COMMIT")


def _of_first(layout: Layout, digest: str) -> str:
    """The digest that a directory of the first source alone would have."""
    from tdr.index.cache import content_digest  # which builds indexes itself

    return content_digest(layout._replace(more=())) if layout.more else digest


def _write_claims(
    connection: sqlite3.Connection,
    layout: Layout,
    support: Support,
    problems: list[Problem],
    progress: Progress | None,
) -> tuple[int, list[int]]:
    """Write all claims and their facets: how many, and at which runs of ascending ids begin.

    Once there is a problem, nothing is built any more and claims are only looked
    through for more problems.
    """
    facets, blocks = _FacetWriter(connection, support), BlockWriter(connection)
    files = {
        file.name: (file.therapy, place, layout.inside(file.path))
        for place, one in enumerate(layout.sources)
        for file in one.claims
    }
    number, last, runs = 0, "", [0]
    for piece in read(layout, support):
        problems += piece.problems
        if not problems:
            facets.add(piece)
            blocks.add(piece)
        therapy, place, name = files[piece.file]
        rows = [
            (n, identifier, therapy, place, text, name, line)
            for n, identifier, text, line in zip(
                count(number), piece.ids, piece.texts, piece.lines, strict=False
            )
        ]
        _insert_claims(connection, rows, piece, layout, problems)
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
        facets.close()
        blocks.close()
    return number, runs


def _insert_claims(
    connection: sqlite3.Connection,
    rows: Sequence[tuple[Any, ...]],
    piece: Piece,
    layout: Layout,
    problems: list[Problem],
) -> None:
    insert = "INSERT INTO claim VALUES (?, ?, ?, ?, ?, ?, ?)"
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
                first = piece.place_of_id(here[identifier])
            else:
                file, line = connection.execute(
                    "SELECT file, line FROM claim WHERE id = ?", (identifier,)
                ).fetchone()
                paths = (one.path for part in layout.sources for one in part.claims)
                first = Location(
                    next(layout.label(p) for p in paths if layout.inside(p) == file), line
                )
            problems.append(duplicate_id(identifier, piece.place_of_id(position), first))


def _write_support(connection: sqlite3.Connection, support: Support) -> None:
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
            (term.kind, term.label, _dump(term.to_dict()), " ".join(sorted(words)))
            for term in support.terms
            for words in (vocabulary_of(" ".join(term.forms)),)
        ),
    )
    connection.executemany(
        "INSERT INTO list VALUES (?, ?)",
        ((f"forms/{kind}", _dump(support.vocabulary.forms(kind))) for kind in KINDS),
    )
    therapies = _dump([therapy.to_dict() for therapy in support.therapies.values()])
    connection.execute("INSERT INTO list VALUES ('therapies', ?)", (therapies,))
    connection.executemany(
        "INSERT OR IGNORE INTO form VALUES (?, ?, ?)",
        ((key(form), term.kind, term.label) for term in support.terms for form in term.forms),
    )
    connection.executemany(
        "INSERT INTO source VALUES (?, ?)",
        ((one.source.key, _dump(_source(one.source))) for one in support.sources),
    )


def _source(source: Source) -> dict[str, Any]:
    paragraphs = [
        [p.place.section, p.place.paragraph, p.citations, p.background, p.words]
        for p in source.paragraphs
    ]
    return {**_SOURCE.to_dict(source), "paragraphs": paragraphs}


def _dump(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str)
