"""Lists over a selection: what restores response, the terms of a kind, the references."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any, ClassVar

from tdr.ask.corpus import Corpus, Name, Selection
from tdr.ask.meanings import says
from tdr.model.errors import usage_error
from tdr.model.field import names
from tdr.model.fields import FIELDS_OF_REFERENCE, TERM_FIELDS
from tdr.model.filters import ELSEWHERE, FILTERS
from tdr.model.near import did_you_mean
from tdr.model.rows import Columns, Row
from tdr.model.text import fold
from tdr.model.values import KINDS, Claim, Reference, Term
from tdr.model.vocabulary import Vocabulary


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
    refs: tuple[Name, ...]


@dataclass(frozen=True, slots=True)
class TermCount(Row):
    """A term with its number of claims (narrower terms included), and of its own alone."""

    columns: ClassVar = Columns(
        "terms",
        (
            "kind",
            "label",
            "abbreviation",
            "claims",
            "direct",
            "depth",
            "parents",
            "synonyms",
            "xref",
            "xref_label",
            "xref_match",
            "lineage",
            "definition",
        ),
        shown=("label", "abbreviation", "claims", "xref"),
        id="label",
    )

    term: Term
    claims: int
    direct: int
    depth: int

    def to_dict(self) -> dict[str, Any]:
        counts = {"claims": self.claims, "direct": self.direct, "depth": self.depth}
        values = self.term.to_dict() | counts
        return {name: values[name] for name in self.columns.names}


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


_BESIDE = ("therapy", "promotes", "opposes", "cancers", "agents")
"""Fields of the claims that name a countermeasure, shown with it."""

_ROWS = 20
"""Countermeasures of which the claims are looked up at once."""

_FEW_REFERENCES = 20
"""Fewer references than this are looked up one by one."""


def interventions(evidence: Corpus, selection: Selection) -> dict[str, int]:
    """What restores response -> the claims of a selection that say so; most claims first.

    Notations of one name are one intervention, called as where it is first named.
    """
    within = selection.bits
    groups: dict[str, int] = {}
    names: dict[str, str] = {}
    said = ((p, bits & within) for p, bits in evidence.index.members("countered_by").items())
    for phrase, bits in sorted((one for one in said if one[1]), key=lambda one: _first(one[1])):
        key = fold(phrase)
        names.setdefault(key, phrase)
        groups[key] = groups.get(key, 0) | bits
    found = ((names[key], bits) for key, bits in groups.items())
    return dict(sorted(found, key=lambda one: (-one[1].bit_count(), one[0].casefold())))


def countermeasures(evidence: Corpus, selection: Selection) -> Iterator[Countermeasure]:
    """What restores response, over the claims of a selection; most claims first."""
    index = evidence.index
    facets = {name: index.members(name) for name in _BESIDE}
    cited = index.members("ref")
    rows = iter(interventions(evidence, selection).items())
    while some := dict(islice(rows, _ROWS)):
        ids = index.ids_of_each(list(some.values()))
        for (name, bits), claims in zip(some.items(), ids, strict=True):
            # The first claims with each value have them all, in the order of their appearance.
            firsts = {_first(common) for values in facets.values() for one in values.values()
                      if (common := one & bits)}  # fmt: skip
            shown = tuple(index.claims_at(iter(sorted(firsts))))
            refs = (_name(label) for label, one in cited.items() if one & bits)
            yield Countermeasure(
                name,
                claims,
                _collect(shown, "therapy"),
                _collect(shown, "promotes"),
                _collect(shown, "opposes"),
                _collect(shown, "cancers"),
                _collect(shown, "agents"),
                evidence.in_order(refs),
            )


def term_counts(
    evidence: Corpus,
    kind: str,
    words: str = "",
    selection: Selection | None = None,
    fields: Collection[str] = (),
) -> tuple[TermCount, ...]:
    """The terms of a kind in hierarchical order, with counts over the selection.

    With `words`, only terms with a form that contains them, or that they name. `fields` are the
    fields of claims that count; by default all that hold terms of the kind.
    Every term is listed once, below its first parent. Raises TdrError for an
    unknown kind.
    """
    kind = kind_named(kind)
    within = evidence.everything if selection is None else selection.bits
    claim_fields = fields or [name for name, of in TERM_FIELDS.items() if of == kind]
    vocabulary = evidence.vocabulary
    own: dict[str, int] = {}
    for claim_field in claim_fields:
        for label, bits in evidence.index.members(claim_field).items():
            own[label] = own.get(label, 0) | bits
    rows = []
    for label, depth in _in_hierarchy(vocabulary, kind):
        term = vocabulary.terms(kind)[label]
        if words and not any(says(form, words) for form in term.forms):
            continue
        bits = own.get(label, 0)
        for below in vocabulary.descendants(kind, label):
            bits |= own.get(below, 0)
        rows.append(
            TermCount(
                term,
                (bits & within).bit_count(),
                (own.get(label, 0) & within).bit_count(),
                depth,
            )
        )
    return tuple(rows)


def cited(
    evidence: Corpus,
    selection: Selection | None = None,
    names: Collection[Name] | None = None,
) -> tuple[CitedReference, ...]:
    """The references, or those of these names, with the claims (of the selection) that
    rest on them, by number."""
    within = evidence.everything if selection is None else selection.bits
    known = evidence.bibliography
    wanted = known if names is None else [name for name in known if name in names]
    resting = (
        {name: evidence.index.bits("ref", [str(name)]) for name in wanted}
        if len(wanted) < _FEW_REFERENCES
        else {_name(label): bits for label, bits in evidence.index.members("ref").items()}
    )
    ids = evidence.index.ids_of_each([resting.get(name, 0) & within for name in wanted])
    return tuple(
        CitedReference(known[name], claims) for name, claims in zip(wanted, ids, strict=True)
    )


def _name(label: str) -> Name:
    """The name that the index keeps as text."""
    return int(label) if label.isdigit() else label


def _first(bits: int) -> int:
    """The lowest member of a bitmap that has one."""
    return (bits & -bits).bit_length() - 1


def _collect(claims: Iterable[Claim], name: str) -> tuple[str, ...]:
    """The values of one field over several claims, each once, in order of appearance."""
    found: dict[str, None] = {}
    for claim in claims:
        value = getattr(claim, name)
        found.update(dict.fromkeys((value,) if isinstance(value, str) else value))
    return tuple(found)


def kind_named(text: str) -> str:
    """The kind of terms that a person means, as `cell`. Raises TdrError if there is none."""
    found = next((kind for kind in KINDS if fold(kind) == fold(text)), None)
    if found is None:
        meant = ELSEWHERE.get(text.lower().removesuffix("s"))
        hint = did_you_mean([str(FILTERS[meant].kind)] if meant else [])
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
