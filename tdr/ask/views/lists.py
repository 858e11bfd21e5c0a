"""Lists over a selection: what restores response, the terms of a kind, the references."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from operator import attrgetter
from typing import TYPE_CHECKING, Any, ClassVar

from tdr.ask.matching import has_parts
from tdr.model.errors import did_you_mean, usage_error
from tdr.model.field import names
from tdr.model.fields import FIELDS_OF_REFERENCE, TERM_FIELDS
from tdr.model.filters import FILTER_ALIASES, FILTERS
from tdr.model.rows import Columns, Row
from tdr.model.text import fold
from tdr.model.values import KINDS, Reference, Term
from tdr.model.vocabulary import Vocabulary

if TYPE_CHECKING:
    from tdr.ask.evidence import Evidence
    from tdr.ask.evidence_data import ReferenceName, Selection
    from tdr.index import Index


@dataclass(frozen=True, slots=True)
class Countermeasure(Row):
    """An intervention that the source says restores response, over the claims that name it."""

    columns: ClassVar = Columns(
        "countermeasures",
        shown=("intervention", "promotes", "opposes", "cancers", "agents", "refs", "claims"),
    )

    intervention: str
    claims: tuple[str, ...]
    therapies: tuple[str, ...]
    promotes: tuple[str, ...]
    opposes: tuple[str, ...]
    cancers: tuple[str, ...]
    agents: tuple[str, ...]
    refs: tuple[ReferenceName, ...]


@dataclass(frozen=True, slots=True)
class TermCount(Row):
    """A term with its number of claims (narrower terms included), and of its own alone."""

    columns: ClassVar = Columns(
        "terms",
        ("kind", "label", "abbreviation", "claims", "direct", "depth", "parents", "synonyms",
         "xref", "xref_label", "xref_match", "lineage", "definition"),
        shown=("label", "abbreviation", "claims", "xref"),
        id="label",
        values={name: attrgetter(f"term.{name}") for name in Term._fields},
    )  # fmt: skip

    term: Term
    claims: int
    direct: int
    depth: int


def _of_reference(*, new: bool) -> tuple[str, ...]:
    return names(field for field in FIELDS_OF_REFERENCE if (field.since > 1) is new)


@dataclass(frozen=True, slots=True)
class CitedReference(Row):
    """A reference with the ids of the claims that rest on it."""

    columns: ClassVar = Columns(
        "references",
        ("number", *_of_reference(new=False), "url", "claims", *_of_reference(new=True), "source"),
        shown=("number", "authors", "title", "journal", "year", "cited_as", "claims"),
    )

    reference: Reference
    claims: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        reference = self.reference
        more = {"url": reference.url, "claims": list(self.claims), "source": reference.source}
        return reference.to_dict() | more


_OTHER_FIELDS = ("therapy", "promotes", "opposes", "cancers", "agents")
"""Fields of the claims that name a countermeasure, shown with it."""

_ROWS = 20
"""Countermeasures of which the claims are looked up at once."""

_FEW_REFERENCES = 20
"""Fewer references than this are looked up one by one."""


def by_notation(phrases: Iterable[str]) -> dict[str, list[str]]:
    """Interventions, each called as it is in the first of its notations, with all of these."""
    groups: dict[str, list[str]] = {}
    for phrase in phrases:
        groups.setdefault(fold(phrase) or phrase, []).append(phrase)  # signs alone fold to nothing
    return {notations[0]: notations for notations in groups.values()}


def claims_per_intervention(
    index: Index, groups: Mapping[str, Sequence[str]], *sets: int
) -> list[dict[str, int]]:
    """For each of some bitmaps, how many of its claims name each intervention."""
    counts = index.counts("countered_by", *sets)
    found = [{name: of_set.get(name, 0) for name in groups} for of_set in counts]
    for name, notations in groups.items():
        if len(notations) > 1:
            bits = index.claims_with("countered_by", notations)
            for of_set, within in zip(found, sets, strict=True):
                of_set[name] = (bits & within).bit_count()
    return found


def interventions(evidence: Evidence, selection: Selection) -> dict[str, list[str]]:
    """What restores response according to a selection, most claims first, with its notations.

    Notations of one name are one intervention, called as where it is first named.
    """
    index = evidence.index
    (firsts,) = index.first_claims("countered_by", selection.bits)
    groups = by_notation(sorted(firsts, key=firsts.__getitem__))
    (counts,) = claims_per_intervention(index, groups, selection.bits)
    return dict(sorted(groups.items(), key=lambda one: (-counts[one[0]], one[0].casefold())))


def countermeasures(evidence: Evidence, selection: Selection) -> Iterator[Countermeasure]:
    """What restores response, over the claims of a selection; most claims first."""
    index = evidence.index
    rows = iter(interventions(evidence, selection).items())
    while some := dict(islice(rows, _ROWS)):
        sets = [
            index.claims_with("countered_by", notations) & selection.bits
            for notations in some.values()
        ]
        others = (_values_by_set(index, name, sets) for name in _OTHER_FIELDS)
        refs = evidence.refs_of_each(*sets)
        for row in zip(some, index.ids_of_each(sets), *others, refs, strict=True):
            yield Countermeasure(*row)


def _values_by_set(index: Index, field: str, sets: Sequence[int]) -> list[tuple[str, ...]]:
    """The values of a field over the claims of each set, in the order of their appearance.

    A claim is read only if it is the first with several of them.
    """
    firsts = index.first_claims(field, *sets)
    several = {n for of_set in firsts for n, values in Counter(of_set.values()).items()
               if values > 1}  # fmt: skip
    numbers = sorted(several)
    claims = zip(numbers, index.claims_at(iter(numbers)), strict=True)
    values_of = {number: getattr(claim, field) for number, claim in claims}

    def appearance(one: tuple[str, int]) -> tuple[int, int]:
        value, first = one
        return first, values_of[first].index(value) if first in values_of else 0

    return [
        tuple(value for value, _ in sorted(of_set.items(), key=appearance)) for of_set in firsts
    ]


def term_counts(
    evidence: Evidence,
    kind: str,
    words: str = "",
    selection: Selection | None = None,
    fields: Collection[str] = (),
    *,
    exact: bool = False,
) -> tuple[TermCount, ...]:
    """The terms of a kind in hierarchical order, with counts over the selection.

    With `words`, only terms with a form that has them, whole or as beginnings or ends of words, or
    (`exact`) is them. `fields` are the fields of claims that count; by default all that hold terms
    of the kind. `exact` counts do not take in those of narrower terms.
    Every term is listed once, below its first parent. Raises TdrError for an
    unknown kind.
    """
    kind = kind_named(kind)
    within = evidence.everything if selection is None else selection.bits
    claim_fields = fields or [name for name, of in TERM_FIELDS.items() if of == kind]
    vocabulary = evidence.vocabulary
    own: dict[str, int] = {}
    for claim_field in claim_fields:
        for label, bits in evidence.index.claims_by_value(claim_field).items():
            own[label] = own.get(label, 0) | bits
    rows = []
    for label, depth in _in_hierarchy(vocabulary, kind):
        term = vocabulary.terms(kind)[label]
        if words and not any(
            fold(form) == fold(words) if exact else has_parts(form, words) for form in term.forms
        ):
            continue
        bits = own.get(label, 0)
        for below in () if exact else vocabulary.descendants(kind, label):
            bits |= own.get(below, 0)
        rows.append(
            TermCount(
                term, (bits & within).bit_count(), (own.get(label, 0) & within).bit_count(), depth
            )
        )
    return tuple(rows)


def cited_references(
    evidence: Evidence,
    selection: Selection | None = None,
    names: Collection[ReferenceName] | None = None,
) -> tuple[CitedReference, ...]:
    """The references, or those of these names, with the claims that rest on them, by number.

    Of a selection only those on which claims of it rest, with these claims.
    """
    within = evidence.everything if selection is None else selection.bits
    known = evidence.bibliography
    wanted = known if names is None else [name for name in known if name in names]
    resting = (
        {name: evidence.index.claims_with("ref", [str(name)]) for name in wanted}
        if len(wanted) < _FEW_REFERENCES
        else {_name(label): bits for label, bits in evidence.index.claims_by_value("ref").items()}
    )
    ids = evidence.index.ids_of_each([resting.get(name, 0) & within for name in wanted])
    return tuple(
        CitedReference(known[name], claims)
        for name, claims in zip(wanted, ids, strict=True)
        if claims or selection is None
    )


def _name(label: str) -> ReferenceName:
    """The name that the index keeps as text."""
    return int(label) if label.isdigit() else label


def kind_named(text: str) -> str:
    """The kind of terms that a person means, as `cell`. Raises TdrError if there is none."""
    found = next((kind for kind in KINDS if fold(kind) == fold(text)), None)
    if found is None:
        alias = FILTER_ALIASES.get(text.lower().removesuffix("s"))
        hint = did_you_mean([str(FILTERS[alias].kind)] if alias else [])
        raise usage_error(f"unknown kind `{text}`{hint} (kinds: {', '.join(KINDS)})")
    return found


def _in_hierarchy(vocabulary: Vocabulary, kind: str) -> Iterator[tuple[str, int]]:
    """Labels with their depth, each below its first parent, siblings in the vocabulary's order."""
    terms = vocabulary.terms(kind)
    seen: set[str] = set()

    def walk(label: str, depth: int) -> Iterator[tuple[str, int]]:
        if label in seen:
            return
        seen.add(label)
        yield label, depth
        for child in vocabulary.children(kind, label):
            if terms[child].parents[0] == label:
                yield from walk(child, depth + 1)

    for label, term in terms.items():
        if not any(parent in terms for parent in term.parents):
            yield from walk(label, 0)
    for label in terms:  # members of a cycle have no root; they are shown all the same
        yield from walk(label, 0)
