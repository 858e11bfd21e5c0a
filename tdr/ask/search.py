"""Free search: which claims say something like these words, best first.

Each word of the query is looked up in every notation, as a word start, as a sister
form and, failing all that, as a typing error; names of several words are looked up
as terms. What is found are bitmaps of claims, each with a quality from 0 to 1. A
claim's score is the share of the query's words that it answers, where a word weighs
as much as it is rare, so one rare drug outranks three common words.

Scores of all claims are added up at once, bit by bit, in whole bitmaps (`_Tally`),
so the cost hardly depends on how many claims match.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from math import log, sqrt

from tdr.ask.query import Evidence, Selection
from tdr.ask.references import identified
from tdr.index import WITHIN, Index
from tdr.model.errors import Problem, TdrError
from tdr.model.fields import TERM_FIELDS
from tdr.model.text import ABSENT
from tdr.model.tokens import ASKING, key, pieces, spellings, stem, tokens, vocabulary_of
from tdr.model.values import Claim, Term

MAX_QUERY = 256
"""Longest query, in characters."""

MIN_SCORE = 30.0
"""Below this a claim answers too little of the query to be shown."""

_FULL = 1000
_SLICES = _FULL.bit_length()

# How far a word counts by where it stands.
_FIELD_QUALITY = {"word": 1.0, "form": 0.9, "title": 0.75, "wider": 0.6}
# How far a word of the index answers a word of the query.
_EXACT, _START, _SISTER, _LONGER, _COMPONENT, _SHORT_START = 1.0, 0.92, 0.9, 0.75, 0.7, 0.6
_TYPO = (1.0, 0.85, 0.75, 0.65)
_TERM, _NARROWER, _CLASS, _BROADER = 0.97, 0.9, 0.8, 0.45

_FAR_FETCHED = (_SISTER, _LONGER)

_PART, _FRAGMENT = 0.85, 0.25

_NOISE = 0.25
"""How much a word weighs at most that tells little, however rare."""

_UNKNOWN = 0.6
"""How much a word weighs that nothing answers, against one of middling rarity."""

_TOLERANCE, _FAR = 0.25, 0.4
"""Errors per character up to which a word is taken for another, or suggested."""

_SHORTEST_TYPO, _MOST_ERRORS, _MOST_GUESSES = 4, 3, 8
_SHORTEST_START, _SHORTEST_COMPONENT, _LONGEST_FRAGMENT = 3, 5, 3
_SHORTEST_LONGER = 5
_MOST_WORDS = 24
_LONGEST_NAME = 8

# Words of nearly every claim and question of this field: they tell little, however rare here.
_COMMON = (
    "cell cancer tumor therapy treatment treat drug patient resistance resist response respond "
    "mechanism effect effective efficacy mediate induce drive promote overcome restore improve "
    "protect affect influence impact combine target failure fail sensitivity sensitize type level "
    "expression signaling pathway axis microenvironment block increase decrease reduce enhance "
    "activate inhibit suppress change alter attract bring stop prevent boost interfere weaken "
    "strengthen reverse control regulate modulate limit factor low high strong weak strategy "
    "approach study agent benefit outcome associated related dependent"
)
_NOISE_STEMS = frozenset(map(stem, _COMMON.split()))

_SMALL_NUMBER = re.compile(r"\d{1,2}")


@dataclass(frozen=True, slots=True)
class Hit:
    """One claim that answers a query.

    `score` is 0 to 100, one decimal. `matched` are the words and terms of the claim
    that answered, as they stand there; `marks` their places in the mechanism as
    (start, end) in code points.
    """

    rank: int
    claim: Claim
    score: float
    matched: tuple[str, ...]
    marks: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class SearchResult:
    """Hits, best first, and how the words were understood.

    `matched` counts all claims that reach the score, `hits` may be fewer.
    `corrections` are sentences for people (`gefitnib: gefitinib`); `unknown` are the
    words that nothing answers; `suggestion` is the query with those replaced by the
    nearest known ones.
    """

    hits: tuple[Hit, ...]
    matched: int
    corrections: tuple[str, ...] = ()
    suggestion: str | None = None
    unknown: tuple[str, ...] = ()


def check_query(text: str) -> None:
    """Raise TdrError for a text that cannot be searched for."""
    if len(text) > MAX_QUERY:
        raise TdrError(
            Problem(f"the query has {len(text)} characters; at most {MAX_QUERY}", "usage")
        )
    if not tokens(text):
        raise TdrError(Problem("the query has no letter or digit to search for", "usage"))


def search(
    evidence: Evidence,
    text: str,
    selection: Selection | None = None,
    *,
    limit: int | None = None,
    min_score: float = MIN_SCORE,
) -> SearchResult:
    """Rank the claims (of the selection) by how well they answer the text.

    The id of a claim finds this claim, a DOI or PubMed id the claims that rest on the paper.

    Raises TdrError for a text longer than `MAX_QUERY` or without a letter or digit.
    """
    check_query(text)
    within = evidence.index.everything if selection is None else selection.bits
    claims, said = identified(evidence, text, Selection(within))
    if said:
        named = tuple(Hit(n, claim, 100.0, (text,), ()) for n, claim in enumerate(claims, 1))
        return SearchResult(named[:limit], len(claims), (said,))
    asked = _Query(evidence.index, text)
    tally = _Tally()
    for word in asked.words:
        rest = within
        for quality, bits in sorted(word.levels.items(), reverse=True):
            share = round(_FULL * quality * word.weight / asked.weight)
            tally.add(bits & rest, share)
            rest &= ~bits
    found = within & tally.at_least(max(1, round(min_score * 10)))
    reader = _Reader(evidence.index, asked)
    ranked = (
        (min(score, _FULL) / 10, claim)
        for score, bits in tally.classes(found)
        for claim in evidence.index.by_id(bits)
    )
    hits = tuple(
        Hit(rank, claim, score, *reader.read(claim))
        for rank, (score, claim) in enumerate(islice(ranked, limit), 1)
    )
    return SearchResult(
        hits, found.bit_count(), asked.corrections(), asked.suggestion(), asked.unknown()
    )


class _Tally:
    """Sums of many claims side by side: slice n is the bitmap of claims with bit n in their sum."""

    def __init__(self) -> None:
        self._slices = [0] * (_SLICES + 1)

    def add(self, claims: int, amount: int) -> None:
        """Add an amount to the sum of each of these claims."""
        if not claims:
            return
        carry = 0
        for position, old in enumerate(self._slices):
            addend = claims if amount >> position & 1 else 0
            if not addend and not carry:
                continue
            either = old ^ addend
            self._slices[position] = either ^ carry
            carry = (old & addend) | (carry & either)

    def at_least(self, amount: int) -> int:
        """The claims whose sum is not less (among all claims ever added to)."""
        more, equal = 0, 0
        for members in self._slices:
            equal |= members
        for position in range(len(self._slices) - 1, -1, -1):
            members = self._slices[position]
            if amount >> position & 1:
                equal &= members
            else:
                more |= equal & members
                equal &= ~members
        return more | equal

    def classes(self, claims: int) -> Iterator[tuple[int, int]]:
        """Split claims by their sum: (sum, claims with it), highest first."""
        yield from self._split(claims, len(self._slices) - 1, 0)

    def _split(self, claims: int, position: int, total: int) -> Iterator[tuple[int, int]]:
        if not claims:
            return
        if position < 0:
            yield total, claims
            return
        members = claims & self._slices[position]
        yield from self._split(members, position - 1, total | 1 << position)
        yield from self._split(claims ^ members, position - 1, total)


@dataclass(slots=True)
class _Word:
    """One word of a query: what answers it, and how much it weighs."""

    text: str
    answers: dict[str, float] = field(default_factory=dict)  # word of the index -> quality
    terms: dict[tuple[str, str], None] = field(default_factory=dict)  # (kind, label)
    broader: set[tuple[str, str]] = field(default_factory=set)  # directly above the terms
    levels: dict[float, int] = field(default_factory=dict)  # quality -> claims
    guesses: list[str] = field(default_factory=list)
    in_name: bool = False  # part of a name of several words
    is_fragment: bool = False  # short, and part of a compound of short words
    weight: float = 0.0

    @property
    def is_noise(self) -> bool:
        text = self.text
        return (
            stem(text) in _NOISE_STEMS
            or len(text) == 1
            or _SMALL_NUMBER.fullmatch(text) is not None
        )

    def level(self, quality: float, claims: int) -> None:
        if claims:
            quality = round(quality, 3)
            self.levels[quality] = self.levels.get(quality, 0) | claims


class _Query:
    """A text taken apart and looked up."""

    def __init__(self, index: Index, text: str) -> None:
        self._index = index
        self._spellings: dict[str, dict[str, str]] = {}
        self._sequence = tokens(text)
        self._typed = dict(spellings(text))
        telling = [t for t in dict.fromkeys(self._sequence) if t not in ASKING]
        self.words = [_Word(token) for token in telling or dict.fromkeys(self._sequence)]
        by_text = {word.text: word for word in self.words}
        compounds = self._runs()
        halves = (half for text in by_text for half in _halves(text))
        known = index.known_words((*by_text, *compounds, *halves))
        self._join(by_text, {name: run for name, run in compounds.items() if name in known})
        for word in self.words:
            self._expand(word, known)
        self._name(by_text, compounds)
        for word in self.words:
            self._weigh(word)
        self.weight = sum(word.weight for word in self.words)

    def _runs(self) -> dict[str, tuple[str, ...]]:
        """Neighbouring words joined -> the words."""
        sequence = self._sequence
        return {
            "".join(sequence[start:end]): tuple(sequence[start:end])
            for start in range(len(sequence))
            for end in range(start + 1, min(start + _LONGEST_NAME, len(sequence)) + 1)
        }

    def _join(self, by_text: Mapping[str, _Word], runs: Mapping[str, tuple[str, ...]]) -> None:
        """A compound that occurs answers each of its words, and so does what begins with it.

        Where all of its words are short (IL 8, TGF b), each alone says next to nothing.
        """
        for name, run in runs.items():
            if len(run) < 2:
                continue
            fragments = all(len(token) <= _LONGEST_FRAGMENT for token in run)
            for token in run:
                if token in by_text:
                    word = by_text[token]
                    word.answers[name] = _EXACT
                    for longer in self._beginning_with(name, 0):
                        word.answers.setdefault(longer, _START)
                    word.is_fragment = word.is_fragment or fragments

    def _expand(self, word: _Word, known: set[str]) -> None:
        """Words of the index that answer a word: itself, sisters, beginnings, typing errors."""
        text = word.text
        found = {text: _EXACT} if text in known else {}
        for sister in self._index.sisters(stem(text)):
            found.setdefault(sister, _SISTER)
        short = len(text) == _SHORTEST_START
        quality = _LONGER if text in known else _SHORT_START if short else _START
        for longer in self._beginning_with(text, _SHORTEST_LONGER if text in known else 0):
            found.setdefault(longer, quality if longer[len(text) :] != "+" else _START)
        for part in self._components(text, known):
            found.setdefault(part, _COMPONENT)
        if not found and not word.answers:
            for guess, distance in self._guesses(text):
                found[guess] = _TYPO[distance]
                word.guesses.append(guess)
        for answer, quality in found.items():
            weakened = quality * _FRAGMENT if word.is_fragment else quality
            word.answers[answer] = max(weakened, word.answers.get(answer, 0))

    def _components(self, text: str, known: set[str]) -> Iterator[str]:
        """What a word is put together of that tells something: `radioresistance` -> `radio`."""
        halves = _halves(text)
        for first, second in zip(halves[::2], halves[1::2], strict=True):
            if first in known and second in known:
                yield from (part for part in (first, second) if stem(part) not in _NOISE_STEMS)

    def _beginning_with(self, text: str, shortest: int) -> Iterator[str]:
        """Words that begin with `text`; a number or sign does not go on (IL1, IL12; CD8, CD8-)."""
        if len(text) >= max(shortest, _SHORTEST_START):
            for longer in self._index.words_from(text, _MOST_WORDS):
                following = longer[len(text) : len(text) + 1]
                if following != ABSENT and not (text[-1].isdigit() and following.isdigit()):
                    yield longer

    def _written(self, of: str) -> dict[str, str]:
        """Folded words and their spellings, see `Index.spellings`."""
        if of not in self._spellings:
            self._spellings[of] = self._index.spellings(of)
        return self._spellings[of]

    def _guesses(
        self, text: str, tolerance: float = _TOLERANCE, of: str = "word"
    ) -> list[tuple[str, int]]:
        """The words that `text` is a typing error of, with the number of errors.

        Numbers and signs are part of a name's identity and no place for errors.
        """
        most = min(_MOST_ERRORS, int(len(text) * tolerance))
        if not most or len(text) < _SHORTEST_TYPO:
            return []
        from rapidfuzz import process  # 10 ms that only unknown words need
        from rapidfuzz.distance import OSA

        near = [
            (other, int(distance))
            for other, distance, _ in process.extract(
                text, self._written(of).keys(), scorer=OSA.distance, score_cutoff=most, limit=60
            )
            if other not in ASKING
            and _numbers_and_signs(other) == _numbers_and_signs(text)
            and distance <= tolerance * max(len(text), len(other))
            and (distance < 2 or other[0] == text[0])
        ]
        least = min((distance for _, distance in near), default=0)
        return [(other, distance) for other, distance in near if distance == least][:_MOST_GUESSES]

    def _name(self, by_text: Mapping[str, _Word], runs: Mapping[str, tuple[str, ...]]) -> None:
        """Names of terms, of one word or several, and what is narrower."""
        for name, terms in self._index.named(runs).items():
            for token in runs[name]:
                if token in by_text:
                    word = by_text[token]
                    word.terms.update(dict.fromkeys(terms))
                    word.in_name = word.in_name or len(runs[name]) > 1

    def _weigh(self, word: _Word) -> None:
        index = self._index
        by_quality: dict[float, list[str]] = {}
        for answer, quality in word.answers.items():
            by_quality.setdefault(quality, []).append(answer)
        # What is part of a longer name is best answered by the whole name.
        part = _PART if word.in_name else 1.0
        for quality, answers in by_quality.items():
            for name, factor in _FIELD_QUALITY.items():
                word.level(quality * factor * part, index.bits(name, answers))
        if not word.levels and not word.terms:  # a name, begun or misspelt, that no claim has
            for terms in index.named(word.answers).values():
                word.terms.update(dict.fromkeys(terms))
        for kind, label in word.terms:
            word.level(_TERM, index.having(kind, [label]))
            word.level(_NARROWER, index.bits(WITHIN, [f"{kind}/{label}"]))
        answered = _union(word.levels.values())
        # Where no claim says it, what is said of the class is the answer.
        quality = _BROADER if answered else _CLASS
        for kind, label in word.terms:
            term = index.term(kind, label)
            if term and term.parents:
                word.broader.update((kind, parent) for parent in term.parents)
                word.level(quality, index.having(kind, term.parents))
        answered = answered or _union(word.levels.values())
        total = max(1, index.size)
        if answered:
            word.weight = log(1 + total / answered.bit_count())
        else:
            word.weight = _UNKNOWN * log(1 + sqrt(total))
        if word.is_noise:
            word.weight = _NOISE * min(word.weight, 1.0)

    def corrections(self) -> tuple[str, ...]:
        """What words were taken to be that occur nowhere."""
        written = self._written("word") if any(word.guesses for word in self.words) else {}
        return tuple(
            f"{self._as_typed(word)}: {', '.join(map(written.__getitem__, word.guesses))}"
            for word in self.words
            if word.guesses
        )

    def _as_typed(self, word: _Word) -> str:
        return self._typed.get(word.text, word.text)

    def unknown(self) -> tuple[str, ...]:
        """The words that tell something and that nothing answers."""
        return tuple(
            self._as_typed(word) for word in self.words if not word.levels and not word.is_noise
        )

    def suggestion(self) -> str | None:
        """The query with unknown words replaced by the nearest word of a name, if there is one."""
        nearest: dict[str, str] = {}
        for word in self.words:
            if not word.answers and not word.terms:
                near = self._guesses(word.text, _FAR, "name")
                telling = (other for other, _ in near if stem(other) not in _NOISE_STEMS)
                if (best := next(telling, None)) is not None:
                    nearest[word.text] = self._written("name")[best]
        if not nearest:
            return None
        return " ".join(nearest.get(w, self._typed.get(w, w)) for w in self._sequence)


def _union(bitmaps: Iterable[int]) -> int:
    union = 0
    for bits in bitmaps:
        union |= bits
    return union


def _halves(text: str) -> list[str]:
    """Every way to cut a word in two, one half after the other."""
    cuts = range(_SHORTEST_COMPONENT, len(text) - _SHORTEST_COMPONENT + 1)
    return [half for cut in cuts for half in (text[:cut], text[cut:])]


def _numbers_and_signs(word: str) -> str:
    return "".join(char for char in word if not char.isalpha())


class _Reader:
    """Finds out what in a claim answered a query."""

    def __init__(self, index: Index, asked: _Query) -> None:
        self._index = index
        telling = [word for word in asked.words if not word.is_noise]
        self._telling = telling or asked.words
        self._answers = {answer for word in asked.words for answer in word.answers}
        self._terms: dict[tuple[str, str], tuple[Term, ...]] = {}
        self._words: dict[tuple[str, str], set[str]] = {}

    def read(self, claim: Claim) -> tuple[tuple[str, ...], tuple[tuple[int, int], ...]]:
        """What answered, as it stands in the claim, and its places in the mechanism.

        A word of the query that the mechanism does not answer is looked for in the
        claim's terms, then in what counters the resistance, then in the cited titles.
        Words that are only like it name no term, unless nothing else says why this is a hit.
        """
        return self._read(claim, _FAR_FETCHED) or self._read(claim, ()) or ((), ())

    def _read(
        self, claim: Claim, passed_over: Collection[float]
    ) -> tuple[tuple[str, ...], tuple[tuple[int, int], ...]] | None:
        """As `read`; terms that answer with one of the qualities `passed_over` do not count."""
        said = vocabulary_of(claim.mechanism)
        elsewhere: dict[str, None] = {}
        names: set[str] = set()
        for word in self._telling:
            if said.isdisjoint(word.answers):
                near = {a for a, quality in word.answers.items() if quality not in passed_over}
                terms = [t for t in self._terms_of(claim) if self._answers_as(word, t, near)]
                elsewhere.update((term.label, None) for term in terms)
                names.update(key(form) for term in terms for form in term.forms)
                if not terms:
                    elsewhere.update(dict.fromkeys(self._beside(word, claim)))
        marks = _places(claim.mechanism, self._answers, names)
        matched = {claim.mechanism[start:end].casefold(): (start, end) for start, end in marks}
        texts = [claim.mechanism[start:end] for start, end in matched.values()]
        others = (item for item in elsewhere if item.casefold() not in matched)
        found = (*texts, *others)
        return (found, marks) if found else None

    def _terms_of(self, claim: Claim) -> Iterator[Term]:
        for name, kind in TERM_FIELDS.items():
            for label in getattr(claim, name):
                yield self._lineage(kind, label)[0]

    def _lineage(self, kind: str, label: str) -> tuple[Term, ...]:
        """A term and those above it."""
        lineage = self._terms.get((kind, label))
        if lineage is None:
            term = self._index.term(kind, label) or Term(kind, label)
            self._terms[kind, label] = lineage = (term,)  # a cycle ends here
            above = (t for parent in term.parents for t in self._lineage(kind, parent))
            lineage = self._terms[kind, label] = tuple(dict.fromkeys((term, *above)))
        return lineage

    def _answers_as(self, word: _Word, term: Term, near: set[str]) -> bool:
        """Whether a term, by a form, by what is above or below it, is what a word asks for.

        `near` are the words that may stand in a form.
        """
        return (term.kind, term.label) in word.broader or any(
            (above.kind, above.label) in word.terms or not self._words_of(above).isdisjoint(near)
            for above in self._lineage(term.kind, term.label)
        )

    def _words_of(self, term: Term) -> set[str]:
        """The words of all forms of a term. They are kept: hits have terms in common."""
        known = self._words.get((term.kind, term.label))
        if known is None:
            known = set[str]().union(*map(vocabulary_of, term.forms))
            self._words[term.kind, term.label] = known
        return known

    def _beside(self, word: _Word, claim: Claim) -> Iterator[str]:
        """Countermeasures and the therapy that answer a word, or else words of cited titles."""
        phrases = [
            phrase
            for phrase in (*claim.countered_by, claim.therapy)
            if not vocabulary_of(phrase).isdisjoint(word.answers)
        ]
        yield from phrases
        for number in () if phrases else claim.refs:
            reference = self._index.reference(claim.source, number)
            title = reference.title if reference else ""
            for start, end in _places(title, word.answers.keys(), set()):
                yield title[start:end]


def _places(
    text: str, answers: Collection[str], names: Collection[str]
) -> tuple[tuple[int, int], ...]:
    """Places of the words that answer (compounds within one piece) and of whole names."""
    words = list(pieces(text))
    longest = max(map(len, names), default=0)
    found: list[tuple[int, int]] = []
    position = 0
    while position < len(words):
        first = words[position]
        joined, last = "", None
        for piece in islice(words, position, None):
            joined += piece.word
            together = piece.chunk == first.chunk
            if joined in names or (together and joined in answers):
                last = piece
            if not together and len(joined) >= longest:
                break
        if last is not None:
            found.append((first.start, last.end))
            position = words.index(last, position)
        position += 1
    return tuple(_neighbours_joined(text, found))


def _neighbours_joined(text: str, places: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Places with nothing but a space or a hyphen between them made one (`T` + `cells`)."""
    last: tuple[int, int] | None = None
    for start, end in places:
        if last and text[last[1] : start] in (" ", "-"):
            last = last[0], end
            continue
        if last:
            yield last
        last = start, end
    if last:
        yield last
