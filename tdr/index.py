"""The compiled form of an evidence directory: a SQLite database that answers questions.

The only module that knows SQL. An index is built once per content and read many
times; it holds plain values only and is never trusted beyond that (`tdr.cache`
decides whether a file may be used at all).

Claims are numbered from 0 in file order. Everything a claim can be filtered or
found by is a facet (field, value), and a facet is a set of claim numbers: a
bitmap, kept in compressed chunks and handled as one Python integer, bit n for
claim n. So a filter is `&`, `|` and `~` of integers and a count is
`int.bit_count`, at a hundred claims and at a million.

Words to search by are facets too. Those of a mechanism are read from each claim;
those of synonyms, of wider terms and of reference titles are derived, chunk by
chunk, from the facets that point to them, so no claim carries copies of them.
"""

from __future__ import annotations

import json
import sqlite3
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

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
from tdr.tokens import key, stem, vocabulary_of
from tdr.vocabulary import Vocabulary

if TYPE_CHECKING:
    from tdr.dataset import Record, Support
    from tdr.files import Layout

INDEX_VERSION = 2
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
CREATE TABLE term (n INTEGER PRIMARY KEY, kind TEXT NOT NULL, label TEXT NOT NULL,
                   record TEXT NOT NULL);
CREATE INDEX term_label ON term (label);
CREATE TABLE form (key TEXT NOT NULL, kind TEXT NOT NULL, label TEXT NOT NULL,
                   PRIMARY KEY (key, kind, label)) WITHOUT ROWID;
CREATE TABLE word (word TEXT PRIMARY KEY, stem TEXT NOT NULL) WITHOUT ROWID;
CREATE INDEX word_stem ON word (stem);
CREATE TABLE list (name TEXT PRIMARY KEY, items BLOB NOT NULL) WITHOUT ROWID;
"""

WORD_FIELDS = ("word", "form", "title", "wider")
"""Facet fields of words: of the mechanism; of any form of a claim's terms and of its
countermeasures; of a cited title; of any form of a wider term."""

WITHIN = "within"
"""Facet field of `kind/label`: the claims that have this term or a narrower one."""

Facets = Iterable[tuple[str, str]]
Progress = Callable[[int], None]
"""Called now and then during a build with the number of claims done so far."""

_BITS_OF_BYTE = tuple(tuple(bit for bit in range(8) if byte >> bit & 1) for byte in range(256))


def _to_bytes(bits: int) -> bytes:
    return bits.to_bytes((bits.bit_length() + 7) // 8, "little")


def numbers(bits: int) -> Iterator[int]:
    """The members of a bitmap, in order."""
    data = _to_bytes(bits)
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
        part, offset = divmod(number, _CHUNK)
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
                (self._number(facet, bits), self._part, zlib.compress(_to_bytes(bits), 1))
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
    from tdr.dataset import read_support  # reading YAML is for builds only

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
    from tdr.dataset import records  # as above

    facets = _FacetWriter(connection, support)
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
    from tdr.dataset import duplicate_id  # as above

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
        parts: dict[int, int] = {}
        wanted = iter(values)
        while batch := list(islice(wanted, _BATCH)):
            marks = ",".join("?" * len(batch))
            rows = self._connection.execute(
                "SELECT part, bits FROM facet JOIN chunk ON facet = facet.id "
                f"WHERE field = ? AND value IN ({marks})",
                (field, *batch),
            )
            for part, data in rows:
                chunk = int.from_bytes(zlib.decompress(data), "little")
                parts[part] = parts.get(part, 0) | chunk
        if len(parts) < 2:
            return sum(chunk << part * _CHUNK for part, chunk in parts.items())
        joined = bytearray((max(parts) + 1) * _CHUNK // 8)
        for part, chunk in parts.items():
            data = _to_bytes(chunk)
            joined[part * _CHUNK // 8 : part * _CHUNK // 8 + len(data)] = data
        return int.from_bytes(joined, "little")

    def having(self, kind: str, labels: Sequence[str]) -> int:
        """The claims that have at least one of these terms themselves, in whatever field."""
        result = 0
        for field, of in TERM_FIELDS.items():
            if of == kind:
                result |= self.bits(field, labels)
        return result

    def values(self, field: str) -> dict[str, int]:
        """Every value that occurs in a facet field, with its number of claims."""
        return dict(
            self._connection.execute(
                "SELECT value, claims FROM facet WHERE field = ? ORDER BY id", (field,)
            )
        )

    # -- words ------------------------------------------------------------

    def words(self) -> list[str]:
        """Every word that a claim can be found by, sorted."""
        (data,) = self._connection.execute("SELECT items FROM list WHERE name = 'words'").fetchone()
        text = zlib.decompress(data).decode()
        return text.split("\n") if text else []

    def known_words(self, words: Iterable[str]) -> set[str]:
        """Those of these words that occur."""
        return {word for (word,) in self._among("SELECT word FROM word WHERE word", words)}

    def sisters(self, word_stem: str) -> list[str]:
        """The words with this stem."""
        rows = self._connection.execute("SELECT word FROM word WHERE stem = ?", (word_stem,))
        return [word for (word,) in rows]

    def words_from(self, start: str, limit: int) -> list[str]:
        """The words that begin so, shortest first."""
        rows = self._connection.execute(
            "SELECT word FROM word WHERE word >= ? AND word < ? "
            "ORDER BY length(word), word LIMIT ?",
            (start, start + "\U0010ffff", limit),
        )
        return [word for (word,) in rows]

    def named(self, keys: Iterable[str]) -> dict[str, list[tuple[str, str]]]:
        """Key of a name (see `tdr.tokens.key`) -> (kind, label) of the terms that bear it."""
        found: dict[str, list[tuple[str, str]]] = {}
        for name, kind, label in self._among("SELECT key, kind, label FROM form WHERE key", keys):
            found.setdefault(name, []).append((kind, label))
        return found

    def term(self, kind: str, label: str) -> Term | None:
        """One term, without reading the others."""
        row = self._connection.execute(
            "SELECT record FROM term WHERE label = ? AND kind = ?", (label, kind)
        ).fetchone()
        return _term(json.loads(row[0])) if row else None

    def _among(self, query: str, values: Iterable[str]) -> Iterator[tuple[Any, ...]]:
        wanted = iter(values)
        while batch := list(islice(wanted, _BATCH)):
            yield from self._connection.execute(f"{query} IN ({','.join('?' * len(batch))})", batch)

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

    def by_id(self, bits: int) -> Iterator[Claim]:
        """The claims of a bitmap in the order of their ids.

        Taking only the first few costs little however many there are: few are
        sorted, and of many the first are soon met in the order of all ids.
        """
        count = bits.bit_count()
        if count * count <= self.size:
            yield from sorted(self.claims(bits), key=lambda claim: claim.id)
            return
        rows = self._connection.execute("SELECT n FROM claim ORDER BY id")
        for (number,) in rows:
            if bits >> number & 1:
                yield from self.claims(1 << number)

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
