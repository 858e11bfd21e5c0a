"""What in a claim answered a query, and what of the query it did not answer."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from functools import lru_cache

from tdr.ask.search.words import SIMILAR, QueryWord
from tdr.index import Index
from tdr.model.fields import TERM_FIELDS
from tdr.model.tokens import PlacedWord, key, placed_words, vocabulary_of
from tdr.model.values import Claim, Term


class Explainer:
    """Finds out what in a claim answered a query."""

    def __init__(self, index: Index, words: Collection[QueryWord], side: str | None = None) -> None:
        self._index, self._every, self._side = index, words, side
        self._telling = [word for word in words if not word.is_noise] or words
        self._answers = {answer for word in words for answer in word.answers}
        self._terms: dict[tuple[str, str], tuple[Term, ...]] = {}
        self._words: dict[tuple[str, str], frozenset[str]] = {}

    def read(self, claim: Claim) -> tuple[tuple[str, ...], tuple[tuple[int, int], ...]]:
        """What answered, as it stands in the claim, and its places in the mechanism.

        A word of the query that the mechanism does not answer is looked for in the
        claim's terms, then in what counters the resistance, then in the cited works.
        Where that leaves nothing, words that are only like it name a term, too, then words that
        tell little; then it is a term's definition that answers, or the side alone.
        """
        return (
            self._read(claim, self._telling, SIMILAR)
            or self._read(claim, self._telling, ())
            or self._read(claim, self._every, ())
            or (tuple(self._defined(claim)) or self._on_the_side(claim), ())
        )

    def _read(
        self, claim: Claim, words: Collection[QueryWord], passed_over: Collection[float]
    ) -> tuple[tuple[str, ...], tuple[tuple[int, int], ...]] | None:
        """What answers these words; terms with one of the qualities `passed_over` do not."""
        mechanism_words = vocabulary_of(claim.mechanism)
        elsewhere: dict[str, None] = {}
        names: set[str] = set()
        for word in words:
            if mechanism_words.isdisjoint(word.answers):
                near = {a for a, quality in word.answers.items() if quality not in passed_over}
                terms = [t for t in self._terms_of(claim) if self._answers_as(word, t, near)]
                elsewhere.update((term.label, None) for term in terms)
                names.update(key(form) for term in terms for form in term.forms)
                if not terms:
                    elsewhere.update(dict.fromkeys(self._in_other_texts(word, claim)))
        marks = _places(claim.mechanism, self._answers, names)
        matched = {claim.mechanism[start:end].casefold(): (start, end) for start, end in marks}
        texts = [claim.mechanism[start:end] for start, end in matched.values()]
        others = (item for item in elsewhere if item.casefold() not in matched)
        found = (*texts, *others)
        return (found, marks) if found else None

    def _defined(self, claim: Claim) -> Iterator[str]:
        """The terms that answer by nothing but the definition of theirs, or of what is above."""
        for term in self._terms_of(claim):
            definitions = (above.definition for above in self._lineage(term.kind, term.label))
            if any(d and not vocabulary_of(d).isdisjoint(self._answers) for d in definitions):
                yield term.label

    def _on_the_side(self, claim: Claim) -> tuple[str, ...]:
        """What puts the claim on the side that the query takes, if it takes one."""
        if self._side is None:
            return ()
        effect, others = (
            ("sensitivity", claim.countered_by)
            if self._side == "opposes"
            else ("resistance", claim.promotes)
        )
        return (effect,) if claim.effect == effect else others

    def _terms_of(self, claim: Claim) -> Iterator[Term]:
        for name, kind in TERM_FIELDS.items():
            for label in getattr(claim, name):
                yield self._lineage(kind, label)[0]

    def _lineage(self, kind: str, label: str) -> tuple[Term, ...]:
        """A term and those above it."""
        lineage = self._terms.get((kind, label))
        if lineage is None:
            term, self._words[kind, label] = self._index.term_with_words(kind, label) or (
                Term(kind, label),
                frozenset(vocabulary_of(label)),
            )
            self._terms[kind, label] = lineage = (term,)  # a cycle ends here
            above = (t for parent in term.parents for t in self._lineage(kind, parent))
            lineage = self._terms[kind, label] = tuple(dict.fromkeys((term, *above)))
        return lineage

    def _answers_as(self, word: QueryWord, term: Term, near: set[str]) -> bool:
        """Whether a term, by a form, by what is above or below it, is what a word asks for.

        `near` are the words that may stand in a form.
        """
        return (term.kind, term.label) in word.broader or any(
            name in word.terms or not self._words[name].isdisjoint(near)
            for above in self._lineage(term.kind, term.label)
            if (name := (above.kind, above.label))
        )

    def _in_other_texts(self, word: QueryWord, claim: Claim) -> Iterator[str]:
        """Countermeasures and the therapy that answer a word, or else words of what is cited."""
        phrases = [
            phrase
            for phrase in (*claim.countered_by, claim.therapy)
            if not vocabulary_of(phrase).isdisjoint(word.answers)
        ]
        yield from phrases
        for number in () if phrases else claim.refs:
            reference = self._index.reference(claim.source, number)
            title, byline = (reference.title, reference.byline) if reference else ("", "")
            for text in (title, byline) if word.cited else (title,):
                for start, end in _places(text, word.answers.keys(), self._names_in(text, word)):
                    yield text[start:end]

    def _names_in(self, text: str, word: QueryWord) -> set[str]:
        """Names in a text (AML) of what is narrower than a word asks for (leukemia)."""
        words = [placed.word for placed in _placed_words(text)] if word.terms else []
        starts = ("".join(words[i : i + n]) for n in range(1, 5) for i in range(len(words)))
        return {
            name
            for name, named in self._index.terms_named(set(starts)).items()
            if any(self._answers_as(word, self._lineage(*one)[0], set()) for one in named)
        }


@lru_cache(maxsize=256)
def _placed_words(text: str) -> tuple[PlacedWord, ...]:
    """The words of a title or mechanism, which is read once for each word of the query."""
    return tuple(placed_words(text))


def _places(
    text: str, answers: Collection[str], names: Collection[str]
) -> tuple[tuple[int, int], ...]:
    """Places of the words that answer (compounds within one chunk) and of whole names."""
    words = _placed_words(text)
    found: list[tuple[int, int]] = []
    position = 0
    while position < len(words):
        first = words[position]
        longest = max((len(name) for name in names if name.startswith(first.word)), default=0)
        joined, last = "", None
        for place in range(position, len(words)):
            placed = words[place]
            together = placed.chunk == first.chunk
            if not together and len(joined) >= longest:
                break
            joined += placed.word
            if joined in names or (together and joined in answers):
                last = place
        if last is not None:
            found.append((first.start, words[last].end))
            position = last
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
