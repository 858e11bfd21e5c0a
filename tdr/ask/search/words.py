"""What answers the words of a query: words of the index, terms, and how well each does.

Everything is looked up in postings (`tdr.index.Index` has them); what comes of it are, for
each word, bitmaps of claims by quality from 0 to 1, and a weight.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import reduce
from math import log
from operator import or_

from tdr.ask.search.query import Mention, Query, TermName, runs_of, telling, tells_little
from tdr.index import BYLINE, LEADING, SIDE_FIELDS, TITLED, WITHIN, Index
from tdr.model.text import ABSENT
from tdr.model.tokens import STOP_WORDS, stem

# How far a word counts by where it stands.
FIELD_QUALITY = {"word": 1.0, "form": 0.9, "tail": 0.82, "title": 0.75, "wider": 0.6}
# How far a word of the index answers a word of the query.
EXACT, START, SISTER, LONGER, COMPONENT = 1.0, 0.92, 0.9, 0.75, 0.7
TYPO = (1.0, 0.85, 0.75, 0.65)
TERM, NARROWER, CLASS, IN_TITLE, BROADER = 0.97, 0.9, 0.8, 0.6, 0.45
CITED, LED = 0.75, 0.9
"""How far an author or the year of a cited work answers a word that is none of the claims', and
how far its first author does."""
GLOSS = 0.28
"""How far a definition answers: less than `MIN_SCORE`, so it never makes a good hit alone."""

KIN = 0.6
"""How far a word answers that says much the same."""

_KIN = (
    "deplete remove clear eliminate ablate",
    "release secrete shed",
    "disrupt break interrupt cut",
    "recruit attract draw summon",
    "senescent aged old",
    "impair damage dampen blunt weaken",
    "tolerate withstand survive",
    "silence knockdown knockout",
    "inject infuse",
    "suffer starve",
    "shorten short",
)
KINDRED: Mapping[str, tuple[str, ...]] = {
    stem(word): tuple(stem(other) for other in group.split() if other != word)
    for group in _KIN
    for word in group.split()
}
"""Stem -> stems of words that say much the same, and are no names of terms."""

SIMILAR = (SISTER, LONGER, KIN)
"""Qualities of words that are only like the one that is looked for."""

PART, FRAGMENT = 0.85, 0.25

NOISE = 0.25
"""How much a word weighs at most that tells little, however rare."""

UNKNOWN = 3.0
"""How much a word weighs that nothing answers, against one of a single claim."""

SIDE, SIDE_ALONE = 2.0, 0.5
"""How much the side weighs that a query takes; how far a claim answers that has a cell on it,
whatever the outcome."""

TOLERANCE, TOLERANCE_OF_WORDS, FAR = 0.25, 0.125, 0.4
"""Errors per character up to which a word is taken for one of a name, for another, or suggested."""

SHORTEST_TYPO, MOST_ERRORS, MOST_GUESSES = 4, 3, 8
SHORTEST_TYPO_OF_LETTERS = 5
LONG_WORD = 8
"""From this length on a word may be a typing error of a word that is no name, too: a shorter one
is more likely another word of English (mast, last; clinical, critical)."""

SHORT_STEM, MOST_ENDING = 4, 2
"""Words with so short a stem are sisters only if one is the other with so short an ending (`acid`,
`acidic`; not `stat`, `station`)."""

LONGER_THAN_A_SLIP = 7
"""From this length on any letter may be a wrong one; a shorter word with one other letter is
more likely another word (market, marker)."""

SHORTEST_START, SHORTEST_COMPONENT, LONGEST_FRAGMENT = 3, 5, 3
SHORTEST_LONGER = 5
MOST_WORDS = 24


class QueryWord:
    """One word of a query: what answers it, and how much it weighs."""

    def __init__(self, text: str, typed: str, *, is_noise: bool = False) -> None:
        self.text, self.typed = text, typed
        self.answers: dict[str, float] = {}  # word of the index -> quality
        self.terms: dict[TermName, float] = {}  # term -> how far the word names it
        self.broader: set[TermName] = set()  # directly above the terms
        self.levels: dict[float, int] = {}  # quality -> claims
        self.guesses: list[str] = []
        self.in_name = False  # part of a name of several words
        self.is_fragment = False  # short, and part of a compound of short words
        self.is_noise = is_noise  # tells little
        self.weight = 0.0
        self.named = 0  # claims that have a term of which it is (in) a name
        self.cited = 0  # claims that rest on works by an author, or of a year, of this name
        self.stated = 0  # claims that answer it by more than a definition
        self.met = 0  # claims that answer it at all

    def level(self, quality: float, claims: int) -> None:
        if claims:
            quality = round(quality, 3)
            self.levels[quality] = self.levels.get(quality, 0) | claims
            self.met |= claims


class QueryWords:
    """The words of a query, looked up."""

    def __init__(self, index: Index, query: Query) -> None:
        self._index = index
        self._spellings: dict[str, dict[str, str]] = {}
        self._query = query
        self.words = [
            QueryWord(text, query.typed.get(text, text), is_noise=tells_little(text))
            for text in telling(query.words)
        ]
        by_text = {word.text: word for word in self.words}
        runs = {name: query.words[start:end] for name, (start, end) in runs_of(query.words).items()}
        halves = (half for text in by_text for both in _halves(text) for half in both)
        known = index.known_words((*by_text, *runs, *halves))
        self._join(by_text, {name: run for name, run in runs.items() if name in known})
        alone = all(len(text) == 1 for text in by_text)
        for word in self.words:
            if len(word.text) > 1 or word.text.isdigit() or alone:
                self._expand(word, known)
        self._name(by_text, runs)
        for word in self.words:
            self._weigh(word)
        self._take_sides()

    @property
    def weight(self) -> float:
        """The weight of all words."""
        return sum(word.weight for word in self.words)

    @property
    def telling(self) -> list[QueryWord]:
        """The words that tell something, or all if none does."""
        return [word for word in self.words if not word.is_noise] or self.words

    def _join(self, by_text: Mapping[str, QueryWord], runs: Mapping[str, Sequence[str]]) -> None:
        """A compound that occurs answers each of its words.

        Where all of its words are short (IL 8, TGF b), each alone says next to nothing.
        """
        for name, run in runs.items():
            if len(run) < 2:
                continue
            fragments = all(len(token) <= LONGEST_FRAGMENT for token in run)
            for token in run:
                if token in by_text:
                    word = by_text[token]
                    word.answers[name] = EXACT
                    word.is_fragment = word.is_fragment or fragments

    def _expand(self, word: QueryWord, known: set[str]) -> None:
        """Words of the index that answer a word: itself, sisters, beginnings, typing errors."""
        text = word.text
        found = {text: EXACT} if text in known else {}
        for sister in self._index.words_with_stem(stem(text)):
            if len(stem(text)) > SHORT_STEM or _is_ending(*sorted((text, sister), key=len)):
                found.setdefault(sister, SISTER)
        quality = LONGER if text in known else START
        shortest = SHORTEST_LONGER if text in known else SHORTEST_START + (len(self.words) > 1)
        for longer in self._beginning_with(text, shortest):  # alone, it may just be begun
            found.setdefault(longer, quality)
        for halves in _halves(text):  # `radioresistance` -> `radio`
            for half in halves if known.issuperset(halves) else ():
                if not tells_little(half):
                    found.setdefault(half, COMPONENT)
        for other in KINDRED.get(stem(text), ()):
            for sister in self._index.words_with_stem(other):
                found.setdefault(sister, KIN)
        word.cited = 0 if text in known else self._index.claims_with(BYLINE, [text])
        if word.cited:
            found[text], word.is_noise = CITED, False
        elif not found and not word.answers:
            for guess, distance in self._guesses(text):
                found[guess] = TYPO[distance]
                word.guesses.append(guess)
        for answer, quality in found.items():
            weakened = quality * FRAGMENT if word.is_fragment else quality
            word.answers[answer] = max(weakened, word.answers.get(answer, 0))

    def _beginning_with(self, text: str, shortest: int) -> Iterator[str]:
        """Words that begin with `text`; a number or sign does not go on (IL1, IL12; CD8, CD8-)."""
        if len(text) >= max(shortest, SHORTEST_START):
            for longer in self._index.words_starting_with(text, MOST_WORDS):
                following = longer[len(text) : len(text) + 1]
                if following != ABSENT and not (text[-1].isdigit() and following.isdigit()):
                    yield longer

    def _written(self, of: str) -> dict[str, str]:
        """Folded words and their spellings, see `Index.spellings`."""
        if of not in self._spellings:
            self._spellings[of] = self._index.spellings(of)
        return self._spellings[of]

    def _spelled(self, word: str) -> str:
        """A word of the index as people write it; what is no name is one of very many words."""
        names = self._written("name")
        return names[word] if word in names else self._written("word").get(word, word)

    def _guesses(self, text: str) -> list[tuple[str, int]]:
        """The words that `text` is a typing error of, with the number of errors."""
        if (text.isalpha() and len(text) < SHORTEST_TYPO_OF_LETTERS) or _is_english(text):
            return []
        found = self._near(text, "name", TOLERANCE)
        if not found and len(text) >= LONG_WORD:
            found = self._near(text, "word", TOLERANCE_OF_WORDS)
        return found

    def _near(self, text: str, of: str, tolerance: float) -> list[tuple[str, int]]:
        """The words nearest to a text, with the number of errors.

        Numbers and signs are part of a name's identity and no place for errors.
        """
        most = min(MOST_ERRORS, int(len(text) * tolerance))
        if not most or len(text) < SHORTEST_TYPO:
            return []
        from rapidfuzz import process  # 10 ms that only unknown words need
        from rapidfuzz.distance import OSA

        near = [
            (other, int(distance))
            for other, distance, _ in process.extract(
                text, self._written(of).keys(), scorer=OSA.distance, score_cutoff=most, limit=60
            )
            if other not in STOP_WORDS
            and _numbers_and_signs(other) == _numbers_and_signs(text)
            and distance <= tolerance * max(len(text), len(other))
            and (
                (distance < 2 or other[0] == text[0])
                if len(text) >= LONGER_THAN_A_SLIP
                else distance < 2 and _is_a_slip(text, other)
            )
        ]
        least = min((distance for _, distance in near), default=0)
        return [(other, distance) for other, distance in near if distance == least][:MOST_GUESSES]

    def _name(self, by_text: Mapping[str, QueryWord], runs: Mapping[str, Sequence[str]]) -> None:
        """TermLookup of terms, of one word or several, and what is narrower.

        A name within a longer one is part of it (EGFR, `EGFR inhibitor`).
        """
        found = sorted(self._index.terms_named(runs).items(), key=lambda one: -len(runs[one[0]]))
        longest: dict[str, int] = {}
        for name, terms in found:
            run = runs[name]
            for token in run:
                if token in by_text:
                    word = by_text[token]
                    word.in_name = word.in_name or len(run) > 1
                    is_part = len(run) < longest.setdefault(token, len(run))
                    for term in terms:
                        word.terms.setdefault(term, PART if is_part else 1.0)
            if len(run) > 1 and all(map(tells_little, run)) and run[0] in by_text:
                by_text[run[0]].is_noise = False  # `T cell` tells something, neither word does

    def _weigh(self, word: QueryWord) -> None:
        index = self._index
        by_quality: dict[float, list[str]] = {}
        for answer, quality in word.answers.items():
            by_quality.setdefault(quality, []).append(answer)
        # What is part of a longer name is best answered by the whole name.
        part = PART if word.in_name else 1.0
        for quality, answers in by_quality.items():
            for name, factor in FIELD_QUALITY.items():
                word.level(quality * factor * part, index.claims_with(name, answers))
        word.level(CITED, word.cited)
        if word.cited:
            word.level(LED, index.claims_with(LEADING, [word.text]))
        if not word.levels and not word.terms:  # a name, begun or misspelt, that no claim has
            for terms in index.terms_named(word.answers).values():
                word.terms.update(dict.fromkeys(terms, 1.0))
        for (kind, label), share in word.terms.items():
            narrower = index.claims_with(WITHIN, [f"{kind}/{label}"])
            word.level(TERM * share, index.claims_naming(kind, [label]))
            word.level(NARROWER * share, narrower)
            word.level(IN_TITLE * share, index.claims_with(TITLED, [f"{kind}/{label}"]))
            word.named |= narrower
        # Where no claim says it, what is said of the class is the answer.
        quality = BROADER if word.levels else CLASS
        for (kind, label), share in word.terms.items():
            term = index.term(kind, label)
            if term and term.parents:
                word.broader.update((kind, parent) for parent in term.parents)
                wider = index.claims_naming(kind, term.parents)
                word.level(quality * share, wider)
                word.named |= wider
        word.stated = word.met
        alike = [answer for answer, quality in word.answers.items() if quality in (EXACT, SISTER)]
        if not word.guesses:
            word.level(GLOSS, index.claims_with("gloss", alike))
        total = max(1, index.size)
        answered = (word.stated or word.met).bit_count()
        word.weight = log(1 + total / answered) if answered else UNKNOWN * log(1 + total)
        if word.is_noise:
            word.weight = NOISE * min(word.weight, 1.0)

    def _take_sides(self) -> None:
        """One word more for the side that the query takes, of claims that are about it at all."""
        side, index = self._query.side, self._index
        if side is None:
            return
        answer = QueryWord("", "")
        about = (
            reduce(or_, (word.met for word in self.words if not word.is_noise), 0)
            or index.everything
        )
        if subjects := self._query.subjects():
            answer.level(1.0, about & index.claims_with(SIDE_FIELDS[side], subjects))
        elif side == "promotes":
            answer.level(1.0, about & index.claims_with("effect", ["resistance"]))
            answer.level(SIDE_ALONE, about & index.claims_with(side, index.values(side)))
        else:
            countered = index.claims_with(SIDE_FIELDS["countered_by"], ["yes"])
            answer.level(1.0, about & (index.claims_with("effect", ["sensitivity"]) | countered))
        answer.weight = SIDE
        answer.is_noise = True
        self.words.append(answer)

    def on_the_subject(self) -> int:
        """The claims that answer every telling word, or have a term that the query names in full.

        What shares but some words with a query (`mouse`, the `insulin` of a growth factor) is no
        good hit. Where only works are asked for, an author is as good as a name.
        """
        named, every = 0, self._index.everything
        works = all(word.cited for word in self.telling)
        for word in self.telling:
            named |= word.named
            every &= word.stated
            if works and not word.text.isdigit():
                named |= word.cited
        return named | every

    def corrections(self) -> Iterator[str]:
        """What words were taken to be that occur nowhere, and names that no claim has."""
        for word in self.words:
            if word.guesses:
                yield f"{word.typed}: {', '.join(map(self._spelled, word.guesses))}"
        for name in self._absent():
            kind, label = name.terms[0]
            term = self._index.term(kind, label)
            wider = f"; wider: {', '.join(term.parents)}" if term and term.parents else ""
            yield f"{label}: in no claim{wider}"

    def _absent(self) -> Iterator[Mention]:
        """The names in the query that no claim has."""
        for name in self._query.names:
            if not self._index.claims_with(
                WITHIN, [f"{kind}/{label}" for kind, label in name.terms]
            ):
                yield name

    def unknown(self) -> tuple[str, ...]:
        """The words that tell something and that nothing answers, but for names in no claim."""
        absent = {
            word for name in self._absent() for word in self._query.words[name.start : name.end]
        }
        answered = (word for word in self.telling if word.text and not word.levels)
        return tuple(word.typed for word in answered if word.text not in absent)

    def suggestion(self) -> str | None:
        """The query with unknown words replaced by the nearest word of a name, if there is one.

        A word of English is replaced only by what claims say (`beast`: `breast`, not `fusion`:
        `fusin`).
        """
        nearest: dict[str, str] = {}
        for word in self.words:
            if word.text and not word.answers and not word.terms:
                near = self._near(word.text, "name", FAR)
                likely = (
                    other
                    for other, _ in near
                    if not tells_little(other)
                    and (self._index.claims_with("word", [other]) or not _is_english(word.text))
                )
                if (best := next(likely, None)) is not None:
                    nearest[word.text] = self._written("name")[best]
        if not nearest:
            return None
        typed = self._query.typed
        return " ".join(nearest.get(w, typed.get(w, w)) for w in self._query.words)


def _is_english(text: str) -> bool:
    from tdr.ask.search.english import ENGLISH  # only unknown words need it

    return text in ENGLISH


def _halves(text: str) -> list[tuple[str, str]]:
    """Every way to cut a word in two."""
    cuts = range(SHORTEST_COMPONENT, len(text) - SHORTEST_COMPONENT + 1)
    return [(text[:cut], text[cut:]) for cut in cuts]


def _is_ending(short: str, long: str) -> bool:
    return long.startswith(short) and len(long) - len(short) <= MOST_ENDING


def _is_a_slip(text: str, other: str) -> bool:
    """Whether letters were left out, added or swapped, but not the first."""
    return text[0] == other[0] and (len(text) != len(other) or sorted(text) == sorted(other))


def _numbers_and_signs(word: str) -> str:
    return "".join(char for char in word if not char.isalpha())
