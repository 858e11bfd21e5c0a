"""Compiling an evidence directory into an index: claims stream through, nothing piles up."""

from __future__ import annotations

import gc
import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import chain, islice
from pathlib import Path
from typing import Any

from tdr.index import (
    CHUNK,
    INDEX_VERSION,
    SIDE_FIELDS,
    SPARSE,
    WITHIN,
    WORD_FIELDS,
    Progress,
    pack_few,
    pack_many,
    pack_spellings,
)
from tdr.model.errors import Location, Problem, TdrError
from tdr.model.field import LISTS, Codec
from tdr.model.fields import FIELDS, FIELDS_OF_SOURCE, TERM_FIELDS
from tdr.model.standing import standing
from tdr.model.tokens import ASKING, key, spellings, stem, tokens, vocabulary_of, words_of_piece
from tdr.model.values import KINDS, Reference, Source
from tdr.read.dataset import duplicate_id, read_support, records
from tdr.read.files import Layout
from tdr.read.record import Record, Support

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
                   record TEXT NOT NULL);
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

_ROWS = 20
"""Claims written at once: few enough to be near at hand while they are taken apart."""

_LISTED = tuple((f.name, f.facet) for f in FIELDS if f.type in LISTS - {"refs"} and f.facet)
_CHOSEN = tuple((f.name, f.facet) for f in FIELDS if f.type == "choice")
_PRESENT = tuple(
    (f.name, f.facet)
    for f in FIELDS
    if f.type in ("text", "flag", "record") and f.facet and f.make is None and f.in_file
)
_INSIDE = tuple(
    (f.name, tuple((one.name, one.facet) for one in f.fields if one.facet))
    for f in FIELDS
    if f.type == "records"
)
_SOURCE = Codec(FIELDS_OF_SOURCE)

Facet = tuple[str, str]


class _Noted(defaultdict[str, defaultdict[Any, list[int]]]):
    """Field -> value -> the offsets of the claims that have it."""

    def __missing__(self, field: str) -> defaultdict[Any, list[int]]:
        return self.setdefault(field, defaultdict(list))


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
            title = self._references[value].title
            self._note(title)
            yield from (("title", word) for word in sorted(vocabulary_of(title)))
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


def _bitmap(offsets: Sequence[int]) -> int:
    if len(offsets) < CHUNK // 64:
        data = bytearray(CHUNK // 8)
        for offset in offsets:
            data[offset >> 3] |= 1 << (offset & 7)
        return int.from_bytes(data, "little")
    # Of many claims, one byte for each is set in a third of the time; eight are one byte then.
    flags = bytearray(CHUNK)
    for offset in offsets:
        flags[offset] = 1
    bits = 0
    for place in range(8):
        bits |= int.from_bytes(flags[place::8], "little") << place
    return bits


class _Packer:
    """Unions of lists of offsets as they are stored, each made once.

    Many facets follow from one list (the words of a term, of a title), or from the same few.
    """

    def __init__(self) -> None:
        self._bits: dict[int, int] = {}
        self._made: dict[tuple[int, ...], tuple[bytes, int]] = {}

    def packed(self, lists: list[list[int]]) -> tuple[bytes, int]:
        """The union of some lists, and how many claims it has."""
        if len(lists) == 1 and len(lists[0]) == 1:  # most words are rare
            return pack_few(lists[0]), 1
        key = tuple(map(id, lists))
        made = self._made.get(key)
        if made is None:
            made = self._made[key] = self._make(lists)
        return made

    def _make(self, lists: list[list[int]]) -> tuple[bytes, int]:
        if sum(map(len, lists)) <= SPARSE:
            few = dict.fromkeys(chain.from_iterable(lists))
            return pack_few(few), len(few)
        bits = 0
        for offsets in lists:
            bits |= self._bitmap(offsets)
        return pack_many(bits), bits.bit_count()

    def _bitmap(self, offsets: list[int]) -> int:
        found = self._bits.get(id(offsets))
        if found is None:
            found = self._bits[id(offsets)] = _bitmap(offsets)
        return found


class _FacetWriter:
    """Collects which claims have which facet and writes a part of all bitmaps when it is full."""

    def __init__(self, connection: sqlite3.Connection, support: Support) -> None:
        self._connection = connection
        self._derived = _Derived(support)
        self._first = support.source.key
        self._ids: dict[Facet, int] = {}
        self._counts: list[int] = []
        self._noted = _Noted()
        self._part = 0

    def add(self, number: int, therapy: str, source: str, claim: Mapping[str, Any]) -> None:
        """Note everything that a claim (as JSON values) can be filtered, counted or found by.

        The pieces of its mechanism are facets until they are written: words follow from them.
        """
        part, offset = divmod(number, CHUNK)
        if part != self._part:
            self.flush()
            self._part = part
        noted, get = self._noted, claim.get
        for field, facet in _LISTED:
            members = noted[facet]
            for value in get(field, ()):
                members[value].append(offset)
        further = source != self._first
        members = noted["refs"]
        for value in claim["refs"]:
            members[f"{source}:{value}" if further else value].append(offset)
        for field, facet in _CHOSEN:
            noted[facet][claim[field]].append(offset)
        for field, facet in _PRESENT:
            if get(field):
                noted[facet]["yes"].append(offset)
        noted["therapy"][therapy].append(offset)
        noted["source"][source].append(offset)
        at = get("at")
        if at:
            noted["place"][f"{at['section']}#{at['paragraph']}"].append(offset)
        for field, inner in _INSIDE:
            if items := get(field):
                self._note_inside(items, inner, offset)
        verdicts = ((one["ref"], one["agrees"]) for one in get("primary", ()))
        noted["standing"][standing(get("flags", ()), verdicts, claim["refs"])].append(offset)
        # An offset may come twice (a word said twice); a bitmap does not mind.
        pieces = noted["piece"]
        for piece in claim["mechanism"].split():
            if piece not in ASKING:
                pieces[piece].append(offset)

    def _note_inside(
        self, items: Iterable[Mapping[str, Any]], fields: Iterable[tuple[str, str]], offset: int
    ) -> None:
        for item in items:
            for name, facet in fields:
                value = item.get(name)
                for one in value if isinstance(value, list) else (value,):
                    if one is not None:
                        self._noted[facet][one].append(offset)

    def flush(self) -> None:
        """Write one part: the facets that were noted and those that follow from them."""
        members: defaultdict[Facet, list[list[int]]] = defaultdict(list)
        for field, values in self._noted.items():
            for value, offsets in values.items():
                for facet in self._derived.of(field, value):
                    members[facet].append(offsets)
        rows = sorted((self._number(facet), lists) for facet, lists in members.items())
        self._connection.executemany("INSERT INTO chunk VALUES (?, ?, ?)", self._packed(rows))
        self._noted.clear()

    def _packed(
        self, rows: Iterable[tuple[int, list[list[int]]]]
    ) -> Iterator[tuple[int, int, bytes]]:
        """The rows of one part: its number, the facet, its claims as they are stored."""
        packer = _Packer()
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
    connection.executescript(_SETTINGS + _SCHEMA)
    support = read_support(layout)
    problems = [problem for problem in support.problems if problem.severity == "error"]
    connection.execute("BEGIN")
    with _collector_at_rest():
        count, runs = _write_claims(connection, layout, support, problems, progress)
    if len(problems) >= MOST_PROBLEMS:
        problems.append(Problem("reading stopped here: there are too many problems", "limit"))
    if problems:
        raise TdrError(*problems)
    _write_support(connection, support)
    meta = {
        "index_version": str(INDEX_VERSION),
        "digest": digest,
        "claims": str(count),
        "runs": _dump(runs if len(runs) <= _MOST_RUNS else []),
        "sources": _dump([one.source.key for one in support.sources]),
        "data_version": f"{support.source.data_version}+{digest[:8]}",
    }
    connection.executemany("INSERT INTO meta VALUES (?, ?)", meta.items())
    connection.execute("COMMIT")


@contextmanager
def _collector_at_rest() -> Iterator[None]:
    """Claims by the million are made and dropped here, none of them in a cycle: looking for
    cycles would find nothing and take a sixth of the time."""
    running = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if running:
            gc.enable()


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
    facets = _FacetWriter(connection, support)
    places = {one.source.key: place for place, one in enumerate(support.sources)}
    names = {file.name: layout.inside(file.path) for one in layout.sources for file in one.claims}
    stream = records(layout, support)
    number, last, runs = 0, "", [0]
    while len(problems) < MOST_PROBLEMS and (batch := list(islice(stream, _ROWS))):
        rows: list[tuple[Any, ...]] = []
        owners: list[Record] = []
        for record in batch:
            if record.problems:
                problems.extend(p for p in record.problems if p.severity == "error")
            identifier = record.identifier
            if not identifier:
                continue
            file, text = record.file, ""
            if not problems:
                values, text = _stored(record)
                facets.add(number, file.therapy, record.source, values)
            place = places.get(record.source, 0)
            name = names[file.name]
            rows.append((number, identifier, file.therapy, place, text, name, record.line))
            owners.append(record)
            if identifier < last:
                runs.append(number)
            last = identifier
            number += 1
        _insert_claims(connection, rows, owners, layout, problems)
        if progress:
            progress(number)
    if not problems:
        facets.close()
    return number, runs


def _stored(record: Record) -> tuple[Mapping[str, Any], str]:
    """A sound claim as JSON values and text: a line of a bulk file as it stands if it can be."""
    line = record.source_line
    if record.plain and line is not None and record.raw is line.value:
        return record.raw, line.text
    claim = record.claim
    assert claim is not None
    values = claim.to_dict()
    return values, _dump(values)


def _insert_claims(
    connection: sqlite3.Connection,
    rows: Sequence[tuple[Any, ...]],
    owners: Sequence[Record],
    layout: Layout,
    problems: list[Problem],
) -> None:
    insert = "INSERT INTO claim VALUES (?, ?, ?, ?, ?, ?, ?)"
    try:
        connection.executemany(insert, rows)
        return
    except sqlite3.IntegrityError:  # an id stands twice: find out which
        connection.execute("DELETE FROM claim WHERE n >= ?", (rows[0][0],))
    first_here: dict[str, Record] = {}
    for row, record in zip(rows, owners, strict=True):
        identifier = row[1]
        try:
            connection.execute(insert, row)
            first_here[identifier] = record
        except sqlite3.IntegrityError:
            if identifier in first_here:
                first = first_here[identifier].where(("id",))
            else:
                file, line = connection.execute(
                    "SELECT file, line FROM claim WHERE id = ?", (identifier,)
                ).fetchone()
                paths = (one.path for part in layout.sources for one in part.claims)
                first = Location(
                    next(layout.label(p) for p in paths if layout.inside(p) == file), line
                )
            problems.append(duplicate_id(identifier, record.where(("id",)), first))


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
