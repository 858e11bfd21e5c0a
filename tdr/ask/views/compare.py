"""What two cells, therapies, cancers, agents or sources have in common, and what not."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial, reduce
from operator import or_
from typing import TYPE_CHECKING, Any, ClassVar

from tdr.ask.filter_values import refuse_negation
from tdr.ask.views.axes import AXES, rank_of, short_name
from tdr.ask.views.lists import by_notation, claims_per_intervention
from tdr.model.errors import Problem, TdrError, did_you_mean, near, one_of, usage_error
from tdr.model.filters import FILTERS
from tdr.model.rows import Columns, Row
from tdr.model.text import fold
from tdr.model.values import KINDS

if TYPE_CHECKING:
    from tdr.ask.evidence import Evidence
    from tdr.ask.evidence_data import Selection

COMPARABLE = ("cell", "therapy", "cancer", "agent", "source")
"""Kinds of things that can be compared; named as the filters are."""

_FIELDS = ("promotes", "opposes", "therapy", "cancer", "agent", "pathway", "molecule", "process")
COUNTERMEASURE = "countermeasure"


@dataclass(frozen=True, slots=True)
class Subject:
    """One of the two: its label, every term that it stands for, and its claims as bitmaps.

    `short` is its abbreviation, if it has one, else its label.
    `promotes` and `opposes` are the claims of each side where the subject is a cell.
    """

    label: str
    short: str
    terms: tuple[str, ...]
    bits: int
    promotes: int = 0
    opposes: int = 0

    @property
    def claims(self) -> int:
        return self.bits.bit_count()


@dataclass(frozen=True, slots=True)
class Common(Row):
    """A term with its number of claims on either side."""

    columns: ClassVar = Columns("terms", ("field", "term", "where", "a", "b"), id="term")

    field: str
    term: str
    a: int
    b: int

    @property
    def where(self) -> str:
        """`both`, `a` or `b`."""
        return "both" if self.a and self.b else "a" if self.a else "b"


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two subjects of one kind with the terms of their claims.

    `together` counts the claims that name both. `terms` are ordered by field, then
    what is common first, then by claims.
    """

    kind: str
    a: Subject
    b: Subject
    together: int
    terms: tuple[Common, ...]

    def records(self) -> list[dict[str, Any]]:
        """The terms as plain dictionaries."""
        return [row.to_dict() for row in self.terms]


def resolve_pair(
    evidence: Evidence, a: str, b: str, kind: str | None = None, *, exact: bool = False
) -> tuple[str, Subject, Subject]:
    """The kind that both values are of, and what they stand for.

    Raises TdrError if a value is not known, if they are of different kinds, or if
    they could both be of more than one kind and `kind` does not decide.
    """
    kinds = COMPARABLE if kind is None else (one_of("kind", kind, COMPARABLE),)
    for value in (a, b):
        if not value.strip():
            raise usage_error("the name of what is compared is empty")
        refuse_negation(evidence.vocabulary, KINDS, value, "--not about=")
    by_name, by_part = evidence.vocabulary.expand, evidence.vocabulary.expand_partial
    meanings = [
        _meanings(evidence, value, kinds, partial(by_name, exact=exact))
        or _meanings(evidence, value, kinds, partial(by_part, exact=exact))
        for value in (a, b)
    ]
    problems = [
        _unknown(evidence, value, kinds)
        for value, found in zip((a, b), meanings, strict=True)
        if not found
    ]
    if problems:
        raise TdrError(*problems)
    first, second = meanings
    common = [name for name in kinds if name in first and name in second]
    if len(common) > 1:
        raise usage_error(
            f"`{a}` and `{b}` can be compared as {' or '.join(common)}; choose with --kind"
        )
    if not common:
        raise usage_error(
            f"`{a}` ({' or '.join(first)}) and `{b}` ({' or '.join(second)}): "
            "compare two of one kind"
        )
    (named,) = common
    if first[named].label == second[named].label:
        raise usage_error(f"`{a}` and `{b}` are one {named}, {first[named].label}; name another")
    return named, first[named], second[named]


def _meanings(
    evidence: Evidence,
    value: str,
    kinds: tuple[str, ...],
    terms: Callable[[str, str], tuple[str, ...]],
) -> Mapping[str, Subject]:
    """Kind -> what the value stands for, for every kind in which it stands for something.

    `terms` are the labels of a kind of terms that a text means.
    """
    found: dict[str, Subject] = {}
    for kind in kinds:
        of = AXES[kind]
        if kind == "therapy":
            labels = tuple(filter(None, [evidence.therapies.find(value)]))
        elif of.kind is None:
            labels = tuple(key for key in evidence.sources if fold(key) == fold(value))
        else:
            labels = terms(of.kind, value)
        if labels:
            sides = {facet: evidence.index.claims_with(facet, labels) for facet in of.facets}
            found[kind] = Subject(
                labels[0],
                short_name(evidence, of, labels[0]) if of.kind else labels[0],
                labels,
                reduce(or_, sides.values()),
                sides.get("promotes", 0),
                sides.get("opposes", 0),
            )
    return found


def _unknown(evidence: Evidence, value: str, kinds: tuple[str, ...]) -> Problem:
    names = {"therapy": evidence.therapies, "source": evidence.index.keys}
    alike = [
        name
        for kind in kinds
        for name in (
            near(value.casefold(), names[kind], alike=0.6)
            if kind in names
            else evidence.vocabulary.nearest(str(AXES[kind].kind), value, 1)
        )
    ]
    return Problem(f"`{value}` is no {', '.join(kinds)}{did_you_mean(alike)}", "usage")


def compare(
    evidence: Evidence, selection: Selection, kind: str, a: Subject, b: Subject
) -> Comparison:
    """Count every term in the selected claims of two subjects.

    The subjects' own terms are left out: that claims about TAMs name TAMs says nothing.
    """
    within = selection.bits
    ours, theirs = (
        replace(s, bits=s.bits & within, promotes=s.promotes & within, opposes=s.opposes & within)
        for s in (a, b)
    )
    own, together = {*a.terms, *b.terms}, ours.bits & theirs.bits
    terms: list[Common] = []
    for name in _FIELDS:
        axis = FILTERS[name]
        same = kind == ("cell" if axis.sided else axis.name)
        if kind == "therapy" and same:
            continue
        (facet,) = axis.facets
        in_a, in_b, in_both = evidence.index.counts(facet, ours.bits, theirs.bits, together)
        either = {
            label: in_a.get(label, 0) + in_b.get(label, 0) - in_both.get(label, 0)
            for label in {**in_a, **in_b}
        }
        rank = rank_of(evidence, axis)
        found = (
            Common(name, label, in_a.get(label, 0), in_b.get(label, 0))
            for label, _ in sorted(either.items(), key=lambda one: rank(*one))
            if not (same and label in own)
        )
        terms += sorted(found, key=_rank)
    terms += sorted(_countermeasures(evidence, ours.bits, theirs.bits), key=_rank)
    return Comparison(kind, ours, theirs, together.bit_count(), tuple(terms))


def _rank(common: Common) -> tuple[int, int]:
    return ("both", "a", "b").index(common.where), -(common.a + common.b)


def _countermeasures(evidence: Evidence, a: int, b: int) -> list[Common]:
    """Interventions in free text; notations of one name are one intervention."""
    groups = by_notation(evidence.index.values("countered_by"))
    ours, theirs = claims_per_intervention(evidence.index, groups, a, b)
    return [
        Common(COUNTERMEASURE, name, ours[name], theirs[name])
        for name in groups
        if ours[name] or theirs[name]
    ]
