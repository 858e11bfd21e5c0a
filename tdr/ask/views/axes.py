"""What claims can be counted by: fields, their terms, and how terms roll up the hierarchy."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Literal, get_args

from tdr.model.errors import Problem, TdrError, did_you_mean, near, one_of, usage_error
from tdr.model.filters import FILTER_ALIASES, FILTERS, Filter
from tdr.model.text import plural
from tdr.model.vocabulary import Vocabulary, axis_members

if TYPE_CHECKING:
    from tdr.ask.evidence import Evidence

Axis = Filter
"""A field of claims that is `counted`: what it holds, and where the index keeps it."""

MEMBER = Filter("member", "term", ("pathways",), "Member of the name of a pathway.")
"""What the names of pathways are made of: a claim on the JAK2/STAT3 axis counts for JAK2 and for
STAT3."""

AXES: Mapping[str, Axis] = {
    axis.name: axis for axis in (*(entry for entry in FILTERS.values() if entry.counted), MEMBER)
}
"""Every field that claims can be counted by: filters, and `member`."""


def axis(name: str) -> Axis:
    """The axis of this name; the plural (`cells`) will do. Raises TdrError for anything else."""
    wanted = name.strip().lower()
    for found in AXES.values():
        if wanted in (found.name, found.kind) or wanted == plural(found.name):
            return found
    alias = FILTER_ALIASES.get(wanted.removesuffix("s"))
    hint = did_you_mean([alias] if alias else near(wanted, AXES))
    raise usage_error(f"unknown field `{name}`{hint} (fields: {', '.join(AXES)})")


@dataclass(frozen=True, slots=True)
class RollUp:
    """How terms are taken together before they are counted.

    `levels` gives, for each axis, the depth at which terms are shown: 0 is the top
    of the hierarchy, as in the column `depth` of `tdr terms`; a deeper term counts
    for its ancestor at that depth (along first parents), a higher one stays what it
    is. `under` are terms (kind, label) that take in everything narrower. Where some of
    `within` are of a kind, only these and narrower ones are counted.
    """

    levels: Mapping[str, int] = field(default_factory=dict)
    under: tuple[tuple[str, str], ...] = ()
    within: tuple[tuple[str, str], ...] = ()

    def restricts(self, axis: Axis) -> bool:
        """Whether only part of the terms of an axis are counted."""
        return any(kind == axis.kind for kind, _ in self.within)

    def place(self, axis: Axis, vocabulary: Vocabulary) -> Callable[[str], tuple[str, ...]]:
        """The function from a label to the labels under which it is counted."""
        kind, level = axis.kind, self.levels.get(axis.name)
        if axis is MEMBER:
            return lambda label: pathway_members(vocabulary, label)
        if kind is None:
            return lambda label: (label,)
        named = {label for of_kind, label in self.under if of_kind == kind}
        inside = {label for of_kind, label in self.within if of_kind == kind}

        def placed(label: str) -> tuple[str, ...]:
            line_above = (label, *vocabulary.ancestors(kind, label))
            if inside and inside.isdisjoint(line_above):
                return ()
            for above in line_above:
                if above in named:
                    return (above,)
            if level is None:
                return (label,)
            line = line_of_parents(vocabulary, kind, label)
            return (line[min(level, len(line) - 1)],)

        return placed


AS_USED = RollUp()
"""Every term for itself, as the claims use it."""


LINEAGE_LEVELS = 2
"""The uppermost levels of the hierarchy of cells name lineages (immune cell > myeloid cell)."""


def line_of_parents(vocabulary: Vocabulary, kind: str, label: str) -> tuple[str, ...]:
    """The line of first parents from the top of the hierarchy down to this term."""
    line = [label]
    terms = vocabulary.terms(kind)
    while True:
        term = terms.get(line[-1])
        above = next((parent for parent in term.parents if parent in terms), None) if term else None
        if above is None or above in line:
            return tuple(reversed(line))
        line.append(above)


def pathway_members(vocabulary: Vocabulary, pathway: str) -> tuple[str, ...]:
    """What a pathway's name is made of, molecules by their preferred label."""
    parts = axis_members(pathway)
    wholes = [part for part in parts if not any(part in o.split("-") for o in parts if o != part)]
    found: list[str] = []
    for whole in wholes:
        term = vocabulary.resolve("molecules", whole)
        pieces = [part for part in parts if part != whole and part in whole.split("-")]
        # NF-κB is one molecule, CXCL1-CXCR2 are two.
        found += [term.label] if term else pieces or [whole]
    terms = ((part, vocabulary.resolve("molecules", part)) for part in found)
    return tuple(dict.fromkeys(term.label if term else part for part, term in terms))


@dataclass(frozen=True, slots=True)
class Category:
    """The claims counted under one value of an axis, as bitmaps.

    For cells, `promotes` and `opposes` are the claims of each side; otherwise 0.
    """

    label: str
    bits: int
    promotes: int = 0
    opposes: int = 0


def categories(
    evidence: Evidence, axis: Axis, within: int, roll_up: RollUp = AS_USED
) -> tuple[Category, ...]:
    """The values of an axis that occur within a set of claims.

    Words with an order of their own (therapies) keep it; terms come with the most
    claims first, equal ones in the vocabulary's order.
    """
    place = roll_up.place(axis, evidence.vocabulary)
    sides: dict[str, dict[str, int]] = {}
    for facet in axis.facets:
        for label, having in evidence.index.claims_by_value(facet).items():
            if bits := having & within:
                for shown in place(label):
                    found = sides.setdefault(shown, {})
                    found[facet] = found.get(facet, 0) | bits
    rows = [
        Category(label, reduce(or_, of.values()), of.get("promotes", 0), of.get("opposes", 0))
        for label, of in sides.items()
    ]
    rank = rank_of(evidence, axis)
    return tuple(sorted(rows, key=lambda row: rank(row.label, row.bits.bit_count())))


def counts(evidence: Evidence, axis: Axis, within: int) -> list[tuple[str, int]]:
    """The values of an axis with their numbers of claims, in the order of `categories`."""
    index = evidence.index
    if len(axis.facets) > 1 or axis is MEMBER:
        return [(one.label, one.bits.bit_count()) for one in categories(evidence, axis, within)]
    (facet,) = axis.facets
    found = index.values(facet) if within == index.everything else index.counts(facet, within)[0]
    rank = rank_of(evidence, axis)
    return sorted(found.items(), key=lambda one: rank(*one))


def rank_of(evidence: Evidence, axis: Axis) -> Callable[[str, int], tuple[int, int, str]]:
    """By what values are ordered: the label and the number of claims."""
    fixed, known = known_order(evidence, axis)
    order = {label: number for number, label in enumerate(known)}

    def rank(label: str, claims: int) -> tuple[int, int, str]:
        return 0 if fixed else -claims, order.get(label, len(order)), label

    return rank


def short_name(evidence: Evidence, axis: Axis, label: str) -> str:
    """The abbreviation of a term, what stands for a therapy in narrow columns, else the label."""
    if axis.kind is None:
        therapy = evidence.therapies.get(label)
        return (therapy and therapy.short) or label
    term = evidence.vocabulary.get(axis.kind, label)
    return (term and term.abbreviation) or label


def known_order(evidence: Evidence, axis: Axis) -> tuple[bool, list[str]]:
    """Whether the values of an axis come in an order of their own, else by their claims and equal
    ones in this order."""
    fixed = tuple(evidence.therapies) if axis.name == "therapy" else axis.words
    return bool(fixed), [*fixed, *(evidence.vocabulary.terms(axis.kind) if axis.kind else ())]


def references_behind(evidence: Evidence, within: int) -> int:
    """How many different references some claims rest on, as `ReferenceCounter` counts them."""
    index = evidence.index
    if within == index.everything and len(index.keys) == 1:
        return len(index.values("ref"))
    (there,) = index.first_claims("ref", within)
    groups = cited_together(evidence, works=False)
    return sum(1 for labels in groups if not there.keys().isdisjoint(labels))


class ReferenceCounter:
    """Counts the different references behind sets of claims; of several sources, works.

    A work that two reviews cite counts once. With `works`, so does one that a single
    review lists twice.
    """

    def __init__(self, evidence: Evidence, within: int, *, works: bool = False) -> None:
        labels = cited_together(evidence, works=works)
        found = (evidence.index.claims_with("ref", of_one) & within for of_one in labels)
        self._references = [bits for bits in found if bits]

    def within(self, bits: int) -> ReferenceCounter:
        """A counter for subsets of these claims only; cheaper where many are asked for."""
        part = object.__new__(ReferenceCounter)
        part._references = [common for one in self._references if (common := one & bits)]
        return part

    def count(self, bits: int) -> int:
        """How many different references the claims rest on."""
        return sum(1 for one in self._references if one & bits)


Unit = Literal["claims", "references", "works"]
"""What can be counted."""


def counter_of(evidence: Evidence, within: int, unit: str) -> ReferenceCounter | None:
    """What counts references or works behind claims; None for claims, which count themselves.

    Raises TdrError for any other unit.
    """
    unit = one_of("unit", unit, get_args(Unit))
    if unit == "claims":
        return None
    return ReferenceCounter(evidence, within, works=unit == "works")


def cited_together(evidence: Evidence, *, works: bool) -> Iterable[Sequence[str]]:
    """The labels under which the index has the references that count as one: of several sources,
    or if `works` are wanted, those of each work."""
    if not works and len(evidence.index.keys) == 1:
        return [[label] for label in evidence.index.values("ref")]
    from tdr.ask.views.works import Works  # only where they are counted

    return Works(evidence).labels().values()


def resolve_under(
    evidence: Evidence, axes: Iterable[Axis], values: Iterable[str]
) -> tuple[tuple[str, str], ...]:
    """The terms (kind, label) of some axes that values name; for `RollUp`.

    Raises TdrError for a value that names no term of these axes.
    """
    vocabulary, kinds = evidence.vocabulary, [axis.kind for axis in axes if axis.kind]
    found: list[tuple[str, str]] = []
    problems: list[Problem] = []
    for value in values:
        of_kinds = [(kind, vocabulary.expand_partial(kind, value, exact=True)) for kind in kinds]
        found += [(kind, label) for kind, labels in of_kinds for label in labels]
        if not any(labels for _, labels in of_kinds):
            hint = did_you_mean([n for kind in kinds for n in vocabulary.nearest(kind, value, 1)])
            where = " or ".join(kinds) or "a field with a hierarchy"
            problems.append(Problem(f"`{value}` is no term of {where}{hint}", "usage"))
    if problems:
        raise TdrError(*problems)
    return tuple(found)


def roll_up_by(
    evidence: Evidence,
    axes: Sequence[Axis],
    levels: Sequence[str] | None,
    under: Sequence[str] | None,
    within: Sequence[str] | None = None,
) -> RollUp:
    """The roll-up that `--level [FIELD=]N`, `--under TERM` and `--within TERM` ask for.

    Raises TdrError for a level that makes no sense and for an unknown term.
    """
    found: dict[str, int] = {}
    names = [one.name for one in axes]
    for text in levels or ():
        field, separator, number = text.rpartition("=")
        if not (number.isascii() and number.isdigit() and len(number) < 4):
            raise usage_error(f"`--level {text}`: write --level N or FIELD=N")
        if not separator:
            found |= {one.name: int(number) for one in axes if one.kind}
            continue
        named = axis(field).name
        if named not in names or AXES[named].kind is None:
            raise usage_error(f"`--level {text}`: no rows or columns of terms are `{field}`")
        found[named] = int(number)
    return RollUp(
        found,
        resolve_under(evidence, axes, under or ()),
        resolve_under(evidence, axes, within or ()),
    )
