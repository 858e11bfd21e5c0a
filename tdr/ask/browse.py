"""Questions and answers of `tdr browse`: words and criteria that change with every key."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from tdr.ask.evidence import Evidence
from tdr.ask.matching import has_words
from tdr.ask.search import check_query, search
from tdr.ask.views.lists import term_counts
from tdr.ask.views.tables import short_reference
from tdr.model.filters import FILTERS, Criteria
from tdr.model.text import cleaned
from tdr.model.values import Claim

Marks = Sequence[tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Question:
    """Words to search for, none of them: every claim, among the claims that meet the criteria."""

    words: str = ""
    criteria: Criteria = field(default_factory=Criteria)

    def toggled(self, name: str, value: str) -> Question:
        """The same question with one more value of a filter, or without it if it has it."""
        pair = (name, value)
        wanted = self.criteria.wanted
        rest = tuple(one for one in wanted if one != pair)
        changed = rest if len(rest) < len(wanted) else (*wanted, pair)
        return replace(self, criteria=self.criteria._replace(wanted=changed))

    def without(self, name: str) -> Question:
        """The same question without any value of a filter."""
        return replace(self, criteria=self.criteria.without(name))


@dataclass(frozen=True, slots=True)
class Answer:
    """The claims that answer a question, best first, and `messages` on how it was understood.

    `marks` are the places of the words in the mechanisms, by id. `matched` counts all claims
    that answer; `claims` may be fewer.
    """

    claims: tuple[Claim, ...]
    matched: int
    marks: Mapping[str, Marks]
    messages: tuple[str, ...] = ()


def answer(evidence: Evidence, question: Question, limit: int | None = None) -> Answer:
    """Find the claims, as `tdr search` and `tdr list` do.

    Raises TdrError for words that cannot be searched for and values that are not known.
    """
    selection = evidence.select(question.criteria)
    if not question.words.strip():
        claims = tuple(evidence.selected(selection, limit))
        return Answer(claims, len(selection), {}, selection.expansions)
    check_query(question.words)
    found = search(evidence, question.words, selection, limit=limit)
    messages = [*found.messages(), *selection.expansions]
    if found.weak:
        messages.insert(0, f"the last {len(found.weak)} answer little of the words")
    hits = (*found.hits, *found.weak)
    return Answer(
        tuple(hit.claim for hit in hits),
        found.matched + len(found.weak),
        {hit.claim.id: hit.marks for hit in hits},
        tuple(messages),
    )


@dataclass(frozen=True, slots=True)
class Choice:
    """A value to choose: how it is written, what is read, and how many claims have it.

    `forms` are the names by which it is found; `depth` is how far below the top of its
    hierarchy it stands.
    """

    value: str
    label: str
    claims: int | None = None
    forms: tuple[str, ...] = ()
    depth: int = 0

    def rank(self, words: str) -> int | None:
        """How well words fit, 0 best: the label begins with them, or a word of one of its names
        does, or a name just has them, in any notation. None if they do not fit."""
        start = words.strip().casefold()
        names = [name.casefold() for name in (self.label, *self.forms)]
        if names[0].startswith(start):
            return 0
        if any(name.startswith(start) or f" {start}" in name for name in names):
            return 1
        return 2 if any(has_words(name, words) for name in (self.label, *self.forms)) else None


def choices(evidence: Evidence, question: Question, name: str) -> tuple[Choice, ...]:
    """The values of a filter that some claim has, among those that meet all other criteria."""
    selection = evidence.select(question.criteria.without(name))
    entry = FILTERS[name]
    if entry.kind:
        rows = term_counts(evidence, entry.kind, selection=selection, fields=entry.facets)
        return tuple(
            Choice(row.term.label, row.term.label, row.claims, tuple(row.term.forms), row.depth)
            for row in rows
            if row.claims
        )
    (facet,) = entry.facets
    counts = {
        label: count
        for label, bits in evidence.index.claims_by_value(facet).items()
        if (count := (bits & selection.bits).bit_count())
    }
    if entry.meaning == "reference":
        return tuple(_references(evidence, counts))
    order = list(entry.words)
    known = sorted(counts, key=lambda label: order.index(label) if label in order else len(order))
    return tuple(Choice(label, label, counts[label]) for label in known)


def _references(evidence: Evidence, counts: Mapping[str, int]) -> Iterator[Choice]:
    for name, reference in evidence.bibliography.items():
        if str(name) in counts:
            short = short_reference(reference) if isinstance(name, int) else str(name)
            label = cleaned(f"{short} {reference.title}")
            yield Choice(str(name), label, counts[str(name)], (str(name), *reference.authors))
