"""The compiled form of an evidence directory: a SQLite database that answers questions.

All SQL for this database is in this package: this module reads, `tdr.index.build` writes.
An index is built once for its evidence and read many times. It holds plain values only;
`tdr.index.cache` decides whether an index file may be used.

Claims are numbered from 0 in file order. Everything a claim can be filtered or
found by is a facet (field, value), and a facet is a set of claim numbers: a
bitmap, stored in compressed parts and handled as one Python integer, bit n for
claim n. So a filter is `&`, `|` and `~` of integers and a count is
`int.bit_count`, at a hundred claims and at a million.

Words to search by are facets too. Those of a mechanism are read from each claim;
those of synonyms, of wider terms and of reference titles are derived, part by
part, from the facets that point to them, so no claim carries copies of them.
"""

from __future__ import annotations

import json
import os
import re
import sqlite3
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any
from weakref import finalize

from tdr.index.bits import PART_SIZE, numbers
from tdr.index.facet_reader import MAX_PARAMETERS, FacetReader, placeholders
from tdr.model.errors import usage_error
from tdr.model.steps import Step
from tdr.model.therapies import Therapies, Therapy
from tdr.model.values import Claim, Reference, Term
from tdr.model.vocabulary import Vocabulary

if TYPE_CHECKING:
    from tdr.model.source import Source
    from tdr.read.files import Layout

INDEX_VERSION = 30
"""Raised when the layout or the meaning of an index changes; older indexes are rebuilt."""

_FIRST_ROWS = 20
"""Records that are read first: whoever takes a few does not pay for many."""

_STEP = "SELECT n, source, does, target, place FROM step"

_SCANNED_ROWS = 5000
"""Rows read at once where all ids are gone through in order."""

WORD_FIELDS = ("word", "form", "tail", "title", "wider", "gloss")
"""Facet fields of words: of the mechanism; of the labels of a claim's terms, the first and last
words of their other forms, and its countermeasures; of the rest of these other forms; of a cited
title; of any form of a wider term; of the definitions of all these."""

BYLINE, LEADING = "byline", "leading"
"""Facet fields of words of authors and years of cited works, and of their first authors: no words
of a claim."""

TITLED = "titled"
"""Facet field of `kind/label`: the claims with a cited title that names it or a narrower term."""

SIDE_FIELDS = {
    "promotes": "promotes_within",
    "opposes": "opposes_within",
    "countered_by": "countered",
}
"""Field of a claim -> facet field of the claims that have a cell, or a narrower one, on this side;
of those that name a countermeasure (`yes`)."""

STEP_FIELDS = {"step_from": "source", "step_does": "does", "step_to": "target", "step_in": "place"}
"""Facet field of the claims with a value in a part of a step -> column of that part."""

WITHIN = "within"
"""Facet field of `kind/label`: the claims that have this term or a narrower one."""

Progress = Callable[[int], None]
"""Called now and then during a build with the number of claims done so far."""


def pack_spellings(spellings: Mapping[str, str]) -> bytes:
    """Words with their spellings as they are stored, sorted."""
    pairs = ((word, spellings[word]) for word in sorted(spellings))
    lines = (word if word == spelled else f"{word}\t{spelled}" for word, spelled in pairs)
    return zlib.compress("\n".join(lines).encode(), 1)


def _uri(path: Path) -> str:
    """The URI of a file; `Path.as_uri` loads an HTTP client from Python 3.14 on."""
    name = os.fsencode(path.absolute().as_posix())
    quoted = re.sub(rb"[^\w/.:~-]", lambda byte: b"%%%02X" % byte[0][0], name).decode("ascii")
    return f"file://{quoted if quoted.startswith('/') else f'/{quoted}'}"


class Index(FacetReader):
    """An open index. All methods read; results are plain frozen values.

    Threads may share one: their questions are answered one after the other.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        super().__init__(connection)
        # Not in `__del__`: index and vocabulary are a cycle, in which it may come too late.
        finalize(self, connection.close)
        self._meta = dict(connection.execute("SELECT key, value FROM meta"))
        self.size = int(self._meta["claims"])
        self.digest = self._meta["digest"]
        self.has_words = bool(self._meta["words"])
        self.build_complete: Callable[[], Index] | None = None
        """Builds the same index with words; set where it has none (`has_words` is false)."""
        self.data_version: str = self._meta["data_version"]
        self.first_version: str = self._meta["first_version"]
        """The version of the first source, as if it were alone."""
        self.keys: tuple[str, ...] = tuple(json.loads(self._meta["sources"]))
        """The keys of the sources, the first one's first."""
        self.prefixed_sources: dict[str, tuple[str, str]] = json.loads(self._meta["united"])
        """Key of each source whose ids have a prefix -> its key in its own files, the prefix."""
        self._runs: tuple[int, ...] = tuple(json.loads(self._meta["runs"]))
        self._with_words: Index | None = None

    @classmethod
    def open(cls, path: Path) -> Index:
        """Open an index file for reading, without locks or side files.

        Raises ValueError if it is not an index of this version.
        """
        connection: sqlite3.Connection | None = None
        try:
            connection = sqlite3.connect(
                f"{_uri(path)}?mode=ro&immutable=1",
                uri=True,
                isolation_level=None,
                check_same_thread=False,
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
    def temporary(
        cls, layout: Layout, digest: str, progress: Progress | None = None, *, words: bool = True
    ) -> Index:
        """Build an index for this process alone: in memory, or in a temporary file if large."""
        from tdr.index.build import build_into  # with all that reads evidence

        for place in ("", ":memory:"):  # "" is a file without a name, if there is room for one
            connection = sqlite3.connect(place, isolation_level=None, check_same_thread=False)
            try:
                build_into(connection, layout, digest, progress, words=words)
                return cls(connection)
            except sqlite3.OperationalError:
                connection.close()
                if place:
                    raise
            except BaseException:
                connection.close()
                raise
        raise AssertionError("unreachable")

    def _one(self, query: str, parameters: Sequence[Any] = ()) -> tuple[Any, ...] | None:
        """The first row that answers a query."""
        return next(iter(self._all(query, parameters)), None)

    def _value(self, query: str, parameters: Sequence[Any] = ()) -> Any:
        """The first value of the first row; there must be one."""
        return self._all(query, parameters)[0][0]

    # -- words ------------------------------------------------------------

    def with_words(self) -> Index:
        """This index, or the same one with the words that claims are searched by, built on demand.

        Raises TdrError if the evidence has changed.
        """
        if self.has_words:
            return self
        assert self.build_complete
        with self._lock:
            complete = self._with_words = self._with_words or self.build_complete()
        if complete.digest != self.digest:
            raise usage_error("the evidence was changed while it was read: try again")
        return complete

    def spellings(self, of: str) -> dict[str, str]:
        """Words that people write, folded, each with a spelling of it.

        `of` a "word": of claims, titles and names; of a "name": of the terms' names alone.
        Compounds that only the search joins are not among them.
        """
        data = self._value("SELECT items FROM list WHERE name = ?", (f"spellings/{of}",))
        text = zlib.decompress(data).decode()
        rows = (line.partition("\t") for line in text.split("\n") if line)
        return {word: spelling or word for word, _, spelling in rows}

    def known_words(self, words: Iterable[str]) -> set[str]:
        """Those of these words that occur."""
        return {word for (word,) in self._among("SELECT word FROM word WHERE word", words)}

    def words_with_stem(self, word_stem: str) -> list[str]:
        """The words with this stem."""
        rows = self._all("SELECT word FROM word WHERE stem = ?", (word_stem,))
        return [word for (word,) in rows]

    def words_starting_with(self, start: str, limit: int) -> list[str]:
        """The words that begin so, shortest first."""
        rows = self._all(
            "SELECT word FROM word WHERE word >= ? AND word < ? "
            "ORDER BY length(word), word LIMIT ?",
            (start, start + "\U0010ffff", limit),
        )
        return [word for (word,) in rows]

    def terms_named(self, keys: Iterable[str]) -> dict[str, list[tuple[str, str]]]:
        """Key of a name (see `tdr.model.tokens.key`) -> (kind, label) of the terms that bear it."""
        by_key: dict[str, list[tuple[str, str]]] = {}
        for name, kind, label in self._among("SELECT key, kind, label FROM form WHERE key", keys):
            by_key.setdefault(name, []).append((kind, label))
        return by_key

    def term(self, kind: str, label: str) -> Term | None:
        """One term, without reading the others."""
        found = self.term_with_words(kind, label)
        return found[0] if found else None

    def term_with_words(self, kind: str, label: str) -> tuple[Term, frozenset[str]] | None:
        """One term, and the folded words of its forms (see `tdr.model.tokens.vocabulary_of`)."""
        query = "SELECT record, words FROM term WHERE label = ? AND kind = ?"
        try:
            row = self._one(query, (label, kind))
        except UnicodeEncodeError:  # half of a surrogate pair, which no label has
            return None
        return (Term.from_dict(json.loads(row[0])), frozenset(row[1].split())) if row else None

    # -- claims -----------------------------------------------------------

    def claims(self, bits: int, limit: int | None = None) -> Iterator[Claim]:
        """The claims of a bitmap in file order, at most `limit`."""
        return self.claims_at(islice(numbers(bits), limit))

    def claims_at(self, wanted: Iterable[int]) -> Iterator[Claim]:
        """The claims with these ascending numbers; not many more are read than are taken."""
        return map(Claim.from_dict, self.records_at(wanted))

    def records_at(self, wanted: Iterable[int]) -> Iterator[dict[str, Any]]:
        """The claims with these ascending numbers as plain records, in half the time; what is empty
        may be absent."""
        waiting, size = iter(wanted), _FIRST_ROWS
        while batch := list(islice(waiting, size)):
            size = min(size * 4, MAX_PARAMETERS)
            rows = self._all(
                "SELECT therapy, source, record FROM claim "
                f"WHERE n IN ({placeholders(len(batch))}) ORDER BY n",
                batch,
            )
            yield from (self._record(*row) for row in rows)

    def _record(self, therapy: str, source: int, text: str) -> dict[str, Any]:
        return {**json.loads(text), "therapy": therapy, "source": self.keys[source]}

    def by_id(self, bits: int) -> Iterator[tuple[int, Claim]]:
        """The claims of a bitmap with their numbers, in the order of their ids.

        Taking only the first few costs little however many there are. Evidence is
        mostly written in the order of its ids, file by file: such runs are merged.
        """
        if self._runs:
            from heapq import merge  # only searches need it

            ends = (*self._runs[1:], self.size)
            runs = (
                self._numbered(bits & ((1 << end) - (1 << start)))
                for start, end in zip(self._runs, ends, strict=True)
            )
            yield from merge(*runs, key=lambda one: one[1].id)
        elif bits.bit_count() ** 2 <= self.size:
            yield from sorted(self._numbered(bits), key=lambda one: one[1].id)
        else:  # of many, the first are soon met in the order of all ids
            data = bits.to_bytes(len(self._parts) * PART_SIZE // 8, "little")
            for number in self._in_order_of_ids():
                if data[number >> 3] >> (number & 7) & 1:
                    yield from self._numbered(1 << number)

    def _numbered(self, bits: int) -> Iterator[tuple[int, Claim]]:
        return zip(numbers(bits), self.claims(bits), strict=True)

    def _in_order_of_ids(self) -> Iterator[int]:
        last = ""
        while rows := self._all(
            "SELECT n, id FROM claim WHERE id > ? ORDER BY id LIMIT ?", (last, _SCANNED_ROWS)
        ):
            last = rows[-1][1]
            yield from (number for number, _ in rows)

    def find(self, identifier: str) -> Claim | None:
        """The claim with this id."""
        row = self._one("SELECT therapy, source, record FROM claim WHERE id = ?", (identifier,))
        return Claim.from_dict(self._record(*row)) if row else None

    def ids_of_each(self, sets: Sequence[int]) -> Iterator[tuple[str, ...]]:
        """The ids of the claims of each of some bitmaps, in file order; no claim is read."""
        from tdr.index import blocks  # where many are asked for

        return map(tuple, blocks.ids_of_each(self._all, sets))

    def steps_of(self, bits: int) -> Iterator[tuple[int, Sequence[int]]]:
        """The claims of a bitmap, in file order, each with the numbers of its steps."""
        from tdr.index import blocks

        return blocks.steps_of(self._all, bits)

    def steps(self, numbers: Iterable[int]) -> dict[int, Step]:
        """The steps with these numbers."""
        rows = self._among(f"{_STEP} WHERE n", numbers)
        return {number: Step(*parts) for number, *parts in rows}

    def steps_with(self, field: str, values: Iterable[str]) -> dict[int, Step]:
        """Every step that has one of these values in a part, named as its facet field is."""
        rows = self._among(f"{_STEP} WHERE {STEP_FIELDS[field]}", values)
        return {number: Step(*parts) for number, *parts in rows}

    def ids(self, prefix: str = "", limit: int | None = None) -> list[str]:
        """Ids that start with `prefix`, in file order."""
        rows = self._all(
            "SELECT id FROM claim WHERE substr(id, 1, ?) = ? ORDER BY n LIMIT ?",
            (len(prefix), prefix, -1 if limit is None else limit),
        )
        return [identifier for (identifier,) in rows]

    def lines(self, file: str) -> list[tuple[int, str]]:
        """The claims of a file as they are stored, each with the line that it begins in."""
        return self._all("SELECT line, record FROM claim WHERE file = ? ORDER BY n", (file,))

    # -- what claims point to ---------------------------------------------

    def references(self, source: str) -> dict[int, Reference]:
        """The reference list of a source."""
        rows = self._all("SELECT record FROM reference WHERE source = ? ORDER BY number", (source,))
        listed = (Reference.from_dict(json.loads(text), source) for (text,) in rows)
        return {reference.number: reference for reference in listed}

    def reference(self, source: str, number: int) -> Reference | None:
        """One entry of the reference list of a source."""
        row = self._one(
            "SELECT record FROM reference WHERE source = ? AND number = ?", (source, number)
        )
        return Reference.from_dict(json.loads(row[0]), source) if row else None

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """All terms, each read when it is first asked for."""
        return Vocabulary.from_store(self)

    @cached_property
    def therapies(self) -> Therapies:
        """Which therapies there are; read on first use."""
        return Therapies(map(Therapy.from_dict, self._list("therapies")))

    def terms(self, kind: str) -> list[Term]:
        """The terms of a kind in order."""
        rows = self._all("SELECT record FROM term WHERE kind = ? ORDER BY n", (kind,))
        return [Term.from_dict(json.loads(text)) for (text,) in rows]

    def forms(self, kind: str) -> Mapping[str, str]:
        """Folded form -> label, of the terms of a kind."""
        return dict(self._list(f"forms/{kind}"))

    def narrower(self, kind: str) -> Mapping[str, Sequence[str]]:
        """Label -> labels of the terms of a kind directly below it."""
        return dict(self._list(f"narrower/{kind}"))

    def _list(self, name: str) -> Any:
        return json.loads(self._value("SELECT items FROM list WHERE name = ?", (name,)))

    def source(self, key: str) -> Source:
        """The source with this key: a publication that claims rest on."""
        from tdr.model.source import Source  # most questions are of claims alone

        text = self._value("SELECT record FROM source WHERE key = ?", (key,))
        return Source.from_dict(json.loads(text))
