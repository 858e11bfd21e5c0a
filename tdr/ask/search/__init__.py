"""Free search: which claims say something like these words, best first.

Each word of the query is looked up in every notation, as a word start, as a sister
form and, failing all that, as a typing error; names of several words are looked up
as terms. What is found are bitmaps of claims, each with a quality from 0 to 1. A
claim's score is the share of the query's words that it answers, where a word weighs
as much as it is rare, so one rare drug outranks three common words.

What follows `not`, `without` and the like is left out, as `--not` does it; a word that
takes a side (`overcome`, `cause`) counts for the claims on this side.

Scores of all claims are added up at once, bit by bit, in whole bitmaps (`sums.BitSlicedSum`),
so the cost hardly depends on how many claims match.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice, pairwise
from math import ceil
from typing import TYPE_CHECKING, Any, NamedTuple

from tdr.ask.evidence_data import Selection
from tdr.ask.references import as_references, claims_identified_by
from tdr.ask.search.explain import Explainer
from tdr.ask.search.query import Query, Unwanted, parse_query, therapy_of
from tdr.ask.search.sums import FULL, BitSlicedSum
from tdr.ask.search.words import QueryWords
from tdr.index import WITHIN, WORD_FIELDS, Index
from tdr.model.errors import usage_error
from tdr.model.filters import FILTERS
from tdr.model.text import counted, quote
from tdr.model.therapies import Therapies
from tdr.model.tokens import stem, tokens
from tdr.model.values import Claim

if TYPE_CHECKING:
    from tdr.ask.evidence import Evidence

MAX_QUERY = 256
"""Longest query, in characters."""

MIN_SCORE = 30.0
"""Below this a claim answers too little of the query to be a good hit."""

HALF = 50.0
"""From here on a claim is a good hit whatever it answers; below, it has to be on the subject."""

MIN_WEAK = 1.0
"""Below this a claim has too little to do with the query to be shown at all."""

ENOUGH = 10
"""So many hits are enough: weak ones only fill them up."""

_MOST_TIED = 100
"""So many claims of one score are put in order by more than their ids."""


class Hit(NamedTuple):
    """One claim that answers a query.

    `score` is 0 to 100, one decimal. `matched` are the words and terms of the claim
    that answered, as they stand there; `unmet` are the words of the query that it does not
    answer; `marks` are places in the mechanism as (start, end) in code points.
    """

    rank: int
    claim: Claim
    score: float
    matched: tuple[str, ...]
    marks: tuple[tuple[int, int], ...]
    unmet: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Rank, score, matched words, the fields of the claim, and the words that it leaves out."""
        found = {"rank": self.rank, "score": self.score, "matched": list(self.matched)}
        return {**found, **self.claim.to_dict(), "unmet": list(self.unmet)}


class SearchResult(NamedTuple):
    """Hits, best first, and how the words were understood.

    `matched` counts all claims that reach the score, `hits` may be fewer; `weak` are the best
    of those that answer little of the query. `corrections` are sentences for people
    (`gefitnib: gefitinib`); `unknown` are the words that nothing answers; `suggestion` is the
    query with those replaced by the nearest known ones. `left_out` says what was left out
    (`macrophage (25 claims)`), `filters` is the command that selects what the query asks for,
    `references` the one that lists the works whose author, year or title it names.
    """

    hits: tuple[Hit, ...]
    matched: int
    corrections: tuple[str, ...] = ()
    suggestion: str | None = None
    unknown: tuple[str, ...] = ()
    weak: tuple[Hit, ...] = ()
    left_out: tuple[str, ...] = ()
    filters: str | None = None
    references: str | None = None

    def messages(self) -> Iterator[str]:
        """How the words were understood, in sentences."""
        if self.left_out:
            yield f"left out: {', '.join(self.left_out)}"
        if self.filters:
            yield f"as filters: {self.filters}"
        if self.references:
            yield f"as references: {self.references}"
        yield from self.corrections
        yield from (f"{word}: found nowhere" for word in self.unknown)
        if self.suggestion and not self.hits:
            yield f"did you mean `{self.suggestion}`?"

    def records(self) -> list[dict[str, Any]]:
        """The hits as plain dictionaries."""
        return [hit.to_dict() for hit in self.hits]


def check_query(text: str) -> None:
    """Raise TdrError for a text that cannot be searched for."""
    if len(text) > MAX_QUERY:
        raise usage_error(f"the query has {len(text)} characters; at most {MAX_QUERY}")
    if not tokens(text):
        raise usage_error("the query has no letter or digit to search for")


def search(
    evidence: Evidence,
    text: str,
    selection: Selection | None = None,
    *,
    limit: int | None = None,
    min_score: float | None = None,
) -> SearchResult:
    """Rank the claims (of the selection) by how well they answer the text.

    The id of a claim finds this claim, a DOI or PubMed id the claims that rest on the paper.
    Claims that answer less than `MIN_SCORE` of it are weak hits: unless a `min_score` is given,
    only so many as make up ten hits with the good ones.

    Raises TdrError for a text longer than `MAX_QUERY` or without a letter or digit.
    """
    check_query(text)
    index = evidence.index
    within = index.everything if selection is None else selection.bits
    claims, sentence = claims_identified_by(evidence, text, Selection(within))
    if sentence:
        named = tuple(Hit(n, claim, 100.0, (text,), ()) for n, claim in enumerate(claims, 1))
        return SearchResult(named[:limit], len(claims), (sentence,))
    index = index.with_words()
    query = parse_query(text, index.terms_named)
    left_out: list[str] = []
    for one in query.unwanted:
        bits = _without(index, one) & within
        within &= ~bits
        count = bits.bit_count()
        left_out.append(f"{one.text} ({counted(count, 'claim')})")
    words = QueryWords(index, query)
    sums = scores(words, within)
    least = MIN_WEAK if min_score is None else min_score
    good = within & sums.at_least(_points(max(MIN_SCORE, least)))
    good &= words.on_the_subject() | sums.at_least(_points(HALF))
    weak = within & sums.at_least(_points(least)) & ~good
    hits = _ranked(index, words, query, sums, good, limit)
    of_works, nowhere = (word.typed for word in words.words if word.cited), words.unknown()
    works, cited = as_references(evidence, (*of_works, *nowhere))
    unknown = tuple(word for word in nowhere if word not in cited)
    room = limit if min_score is not None else max(0, min(limit or ENOUGH, ENOUGH) - len(hits))
    return SearchResult(
        hits,
        good.bit_count(),
        corrections=tuple(words.corrections()),
        suggestion=words.suggestion(),
        unknown=unknown,
        weak=_ranked(index, words, query, sums, weak, room, good.bit_count()),
        left_out=tuple(left_out),
        filters=_as_filters(index.therapies, query),
        references=None if unknown else works,
    )


def _points(score: float) -> int:
    return max(1, round(score * FULL / 100))


def scores(words: QueryWords, within: int) -> BitSlicedSum:
    """The share of the query that each claim answers, in thousandths.

    A word adds its weight times the best quality with which the claim answers it.
    """
    sums, whole = BitSlicedSum(), words.weight
    for word in words.words:
        rest = within
        for quality, bits in sorted(word.levels.items(), reverse=True):
            sums.add(bits & rest, ceil(FULL * quality * word.weight / whole))
            rest &= ~bits
    return sums


def _without(index: Index, unwanted: Unwanted) -> int:
    """The claims that have a term or one narrower, a therapy or, if it is neither, a word."""
    bits = index.claims_with(WITHIN, [f"{kind}/{label}" for kind, label in unwanted.terms])
    therapy = therapy_of(index.therapies, (unwanted.word, *(label for _, label in unwanted.terms)))
    if therapy:
        bits |= index.claims_with("therapy", [therapy])
    if not unwanted.terms and not therapy:
        alike = [unwanted.word, *index.words_with_stem(stem(unwanted.word))]
        for name in WORD_FIELDS:
            if name != "title":
                bits |= index.claims_with(name, alike)
    return bits


def _ranked(
    index: Index,
    words: QueryWords,
    query: Query,
    sums: BitSlicedSum,
    found: int,
    limit: int | None,
    before: int = 0,
) -> tuple[Hit, ...]:
    """The first of some claims by score, then by phrase, then by id."""
    if limit == 0 or not found:
        return ()
    explainer = Explainer(index, words.words, query.side)
    met = [(word.typed, word.met) for word in words.words if not word.is_noise]
    ranked = (
        (min(score, FULL) * 100 / FULL, number, claim)
        for score, bits in sums.classes(found)
        for number, claim in _in_order(index, bits, query)
    )
    return tuple(
        Hit(
            rank,
            claim,
            score,
            *explainer.read(claim),
            tuple(typed for typed, bits in met if not bits >> number & 1),
        )
        for rank, (score, number, claim) in enumerate(islice(ranked, limit), before + 1)
    )


def _in_order(index: Index, bits: int, query: Query) -> Iterable[tuple[int, Claim]]:
    """Claims of one score: first what has more of the query's words side by side."""
    claims = index.by_id(bits)
    pairs = set(_pairs(query.words))
    if pairs and 1 < bits.bit_count() <= _MOST_TIED:
        return sorted(claims, key=lambda one: -_phrases(one[1], pairs))
    return claims


def _pairs(words: Iterable[str]) -> Iterator[tuple[str, str]]:
    return pairwise(map(stem, words))


def _phrases(claim: Claim, pairs: set[tuple[str, str]]) -> int:
    """How many pairs of neighbouring words of the query are neighbours in the claim, too."""
    texts = (claim.mechanism, *claim.promotes, *claim.opposes, *claim.countered_by)
    return len(pairs & {pair for text in texts for pair in _pairs(tokens(text))})


def _as_filters(therapies: Therapies, query: Query) -> str | None:
    """The command that selects what a query with a side asks for; None if it names nothing."""
    if query.side is None:
        return None
    subjects = query.subjects()
    options: list[str] = []
    for name in query.names:
        for entry in FILTERS.values():
            labels = name.of(entry.kind) if entry.counted and entry.kind else ()
            if labels and not (entry.kind == "cells" and labels[0] in subjects):
                options.append(f"{entry.short or entry.option} {quote(labels[0])}")
                break
    therapy = therapy_of(therapies, query.words)
    if therapy:
        others = (one for one in options if therapies.find(one.split()[-1]) is None)
        options = [f"-t {therapy}", *others]
    if subjects:
        return " ".join(("tdr list", *options, f"--{query.side} {quote(subjects[0])}"))
    if not options:
        return None
    if query.side == "opposes":
        return " ".join(("tdr counter", *options))
    return " ".join(("tdr list", *options, "--effect resistance"))
