"""The facets of claims, collected and written part by part while an index is built."""

from __future__ import annotations

import sqlite3
from array import array
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

from tdr.index import (
    BYLINE,
    LEADING,
    SIDE_FIELDS,
    STEP_FIELDS,
    TITLED,
    WITHIN,
    WORD_FIELDS,
    pack_spellings,
)
from tdr.index.bits import CHUNK
from tdr.index.packing import Offsets, Packer
from tdr.index.pieces import Piece
from tdr.index.titles import InTitles
from tdr.model.fields import TERM_FIELDS
from tdr.model.tokens import ASKING, key, spellings, stem, tokens, vocabulary_of, words_of_piece
from tdr.model.values import Reference
from tdr.read.record import Support

SCHEMA = """
CREATE TABLE facet (field TEXT NOT NULL, value TEXT NOT NULL, id INTEGER NOT NULL,
                    claims INTEGER NOT NULL, PRIMARY KEY (field, value)) WITHOUT ROWID;
CREATE TABLE chunk (part INTEGER NOT NULL, facet INTEGER NOT NULL, bits BLOB NOT NULL,
                    PRIMARY KEY (part, facet)) WITHOUT ROWID;
CREATE TABLE word (word TEXT PRIMARY KEY, stem TEXT NOT NULL) WITHOUT ROWID;
CREATE INDEX word_stem ON word (stem);
"""

Facet = tuple[str, str]


def _by_name(support: Support) -> dict[int | str, Reference]:
    """Every reference: those of the first source by number, others by `KEY:number`."""
    found: dict[int | str, Reference] = {n: r for n, r in support.references.items()}  # noqa: C416 - a dict of wider keys
    for one in support.more:
        found.update((f"{one.source.key}:{n}", r) for n, r in one.references.items())
    return found


def _names(support: Support) -> dict[str, str]:
    """The words of the terms' names, and whole names in one word: `tgfb` -> `TGF-β`."""
    forms = [form for term in support.terms for form in term.forms][::-1]  # first: best
    whole = {key(form): form for form in forms if len(form.split()) == 1}
    chunks = dict.fromkeys(chunk for form in reversed(forms) for chunk in form.split())
    return whole | dict(pair for chunk in reversed(chunks) for pair in spellings(chunk))


class _Derived:
    """The facets that follow from what a claim says, by what terms, references and words are."""

    def __init__(self, support: Support) -> None:
        self._support = support
        self._references = _by_name(support)
        self._known: dict[tuple[str, Any], tuple[Facet, ...]] = {}
        self._in_titles = InTitles(support)
        self.names = _names(support)
        self.spellings = dict(self.names)
        """Folded word -> how it is written somewhere."""

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
        if field in ("form", "wider"):
            kind, label = value
            yield from self._of_term(kind, label, field)
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
            yield from self.of("form", (kind, value))
            for above in wider:
                yield from self.of("wider", (kind, above))
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


class FacetWriter:
    """Collects which claims have which facet and writes a part of all bitmaps when it is full.

    The pieces of mechanisms, between spaces, are facets until then: words follow from them.
    """

    def __init__(self, connection: sqlite3.Connection, support: Support) -> None:
        self._connection = connection
        self._derived = _Derived(support)
        self._ids: defaultdict[str, dict[str, int]] = defaultdict(dict)
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
        numbered = {self._number(*facet): lists for facet, lists in members.items()}
        self._connection.executemany("INSERT INTO chunk VALUES (?, ?, ?)", self._packed(numbered))
        self._noted.clear()
        self._pieces.clear()

    def _packed(self, members: Mapping[int, list[Offsets]]) -> Iterator[tuple[int, int, bytes]]:
        """The rows of one part: its number, the facet, its claims as they are stored."""
        packer = Packer()
        for identifier in sorted(members):
            data, count = packer.packed(members[identifier])
            self._counts[identifier] += count
            yield self._part, identifier, data

    def _number(self, field: str, value: str) -> int:
        identifier = self._ids[field].setdefault(value, len(self._counts))
        if identifier == len(self._counts):
            self._counts.append(0)
        return identifier

    def close(self) -> None:
        self.flush()
        rows = (
            (field, value, self._ids[field][value], self._counts[self._ids[field][value]])
            for field in sorted(self._ids)  # as the table has them
            for value in sorted(self._ids[field])
        )
        self._connection.executemany("INSERT INTO facet VALUES (?, ?, ?, ?)", rows)
        found = (self._ids[field] for field in WORD_FIELDS)
        words = sorted(self._derived.words_of_terms().union(*found))
        self._connection.executemany(
            "INSERT INTO word VALUES (?, ?)", ((word, stem(word)) for word in words)
        )
        for of, pairs in (("word", self._derived.spellings), ("name", self._derived.names)):
            spelled = {word: written for word, written in pairs.items() if word not in ASKING}
            row = (f"spellings/{of}", pack_spellings(spelled))
            self._connection.execute("INSERT INTO list VALUES (?, ?)", row)
