"""What claims are searched by: facets of words, and the spellings of words and names."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from tdr.index import BYLINE, LEADING, TITLED, WORD_FIELDS, pack_spellings
from tdr.model.fields import TERM_FIELDS
from tdr.model.tokens import STOP_WORDS, key, spellings, stem, tokens, vocabulary_of, words_of_chunk
from tdr.model.values import Reference, Term
from tdr.read.record import Support

SCHEMA = """
CREATE TABLE word (word TEXT PRIMARY KEY, stem TEXT NOT NULL) WITHOUT ROWID;
CREATE INDEX word_stem ON word (stem);
CREATE TABLE form (key TEXT NOT NULL, kind TEXT NOT NULL, label TEXT NOT NULL,
                   PRIMARY KEY (key, kind, label)) WITHOUT ROWID;
"""

Facet = tuple[str, str]
"""Field and value: what a claim can be filtered or found by."""

_NAMED_IN_TITLES = ("cells", "cancers", "agents")
"""Kinds of terms that are looked for in titles: names of others are often common words."""


def _by_name(support: Support) -> dict[int | str, Reference]:
    """Every reference by name: those of the first source by number, others by `KEY:number`."""
    references: dict[int | str, Reference] = {n: r for n, r in support.references.items()}  # noqa: C416 - a dict of wider keys
    for one in support.more:
        references.update((f"{one.source.key}:{n}", r) for n, r in one.references.items())
    return references


def _names(support: Support) -> dict[str, str]:
    """Folded word -> spelling, for words of names and names of one word: `tgfb` -> `TGF-β`."""
    forms = [form for term in support.terms for form in term.forms][::-1]  # first: best
    whole = {key(form): form for form in forms if len(form.split()) == 1}
    chunks = dict.fromkeys(chunk for form in reversed(forms) for chunk in form.split())
    return whole | dict(pair for chunk in reversed(chunks) for pair in spellings(chunk))


def words_of(term: Term) -> str:
    """The folded words of a term's names, as the index has them."""
    return " ".join(sorted(vocabulary_of(" ".join(term.forms))))


class WordFacets:
    """The facets of words: of mechanisms, and of the terms and references that claims point to.

    The mechanisms of one part are collected as what stands between spaces; words follow from it.
    """

    def __init__(self, support: Support) -> None:
        self._support = support
        self._references = _by_name(support)
        self._of_terms: dict[tuple[str, str, str], tuple[Facet, ...]] = {}
        self._in_titles = _TitleTerms(support)
        self._chunks: defaultdict[str, list[int]] = defaultdict(list)
        self._names = _names(support)
        self._spellings = dict(self._names)  # folded word -> one of its spellings

    def add(self, mechanisms: Iterable[str], first: int) -> None:
        """Take the mechanisms of claims, from this offset on."""
        chunks = self._chunks
        # An offset may come twice, for a word may; as a set of claims that is the same.
        for offset, text in enumerate(mechanisms, first):
            for chunk in text.split():
                if chunk not in STOP_WORDS:
                    chunks[chunk].append(offset)

    def mechanism_words(self) -> Iterator[tuple[Facet, Sequence[int]]]:
        """The words of the mechanisms added since the last call, each with its claims."""
        for chunk, offsets in self._chunks.items():
            self._add_spellings(chunk)
            yield from ((("word", word), offsets) for word in words_of_chunk(chunk))
        self._chunks.clear()

    def facets_of(self, field: str, value: Any) -> Iterator[Facet]:
        """The facets of words of a claim that has this value in this field."""
        if field == "refs":
            reference = self._references[value]
            self._add_spellings(reference.title)
            yield from (("title", word) for word in sorted(vocabulary_of(reference.title)))
            yield from ((TITLED, name) for name in sorted(self._in_titles.named(reference.title)))
            leading = vocabulary_of("".join(reference.authors[:1]))
            yield from ((LEADING, word) for word in sorted(leading))
            yield from ((BYLINE, word) for word in sorted(vocabulary_of(reference.byline)))
        elif field in ("countered_by", "therapy"):
            self._add_spellings(value)
            yield from (("form", word) for word in sorted(vocabulary_of(value)))
        elif field in TERM_FIELDS:
            kind = TERM_FIELDS[field]
            yield from self._of_term(kind, value, "form")
            for above in self._support.vocabulary.ancestors(kind, value):
                yield from self._of_term(kind, above, "wider")

    def _of_term(self, kind: str, label: str, field: str) -> tuple[Facet, ...]:
        name = kind, label, field
        if name not in self._of_terms:
            self._of_terms[name] = tuple(dict.fromkeys(self._words_of_term(*name)))
        return self._of_terms[name]

    def _words_of_term(self, kind: str, label: str, field: str) -> Iterator[Facet]:
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

    def _add_spellings(self, text: str) -> None:
        for word, spelling in spellings(text):
            known = self._spellings.setdefault(word, spelling)
            if known != spelling and spelling == known.lower():
                self._spellings[word] = spelling  # not the capital that begins a sentence

    def write(self, connection: sqlite3.Connection, found: Mapping[str, Iterable[str]]) -> None:
        """Write all words, given those that were `found` in each facet field, and all names."""
        terms = self._support.terms
        words = {word for term in terms for form in term.forms for word in vocabulary_of(form)}
        words.update(*(found.get(field, ()) for field in WORD_FIELDS))
        connection.executemany(
            "INSERT INTO word VALUES (?, ?)", ((word, stem(word)) for word in sorted(words))
        )
        connection.executemany(
            "INSERT OR IGNORE INTO form VALUES (?, ?, ?)",
            ((key(form), term.kind, term.label) for term in terms for form in term.forms),
        )
        for of, pairs in (("word", self._spellings), ("name", self._names)):
            spelled = {word: written for word, written in pairs.items() if word not in STOP_WORDS}
            row = (f"spellings/{of}", pack_spellings(spelled))
            connection.execute("INSERT INTO list VALUES (?, ?)", row)


class _TitleTerms:
    """Finds the terms that titles name, and wider terms of these."""

    def __init__(self, support: Support) -> None:
        self._names: dict[tuple[str, ...], list[str]] = {}
        self._lengths: defaultdict[str, set[int]] = defaultdict(set)  # by the first word
        for term in support.terms:
            if term.kind in _NAMED_IN_TITLES:
                wider = support.vocabulary.ancestors(term.kind, term.label)
                labels = [f"{term.kind}/{label}" for label in (term.label, *wider)]
                for name in {tuple(tokens(form)) for form in term.forms} - {()}:
                    self._names.setdefault(name, []).extend(labels)
                    self._lengths[name[0]].add(len(name))

    def named(self, title: str) -> set[str]:
        """`kind/label` of each term that a title names, and of its wider terms."""
        words = tokens(title)
        names = (
            self._names.get(tuple(words[start : start + length]), ())
            for start, word in enumerate(words)
            for length in self._lengths.get(word, ())
        )
        return set().union(*names)
