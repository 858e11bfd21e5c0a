"""The signed steps of claims, asked for by their ends and by what they say."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, partial
from itertools import chain
from operator import attrgetter
from typing import TYPE_CHECKING, ClassVar

from tdr.ask.filter_values import candidates_for, expansion, refuse_negation
from tdr.ask.matching import phrases_with
from tdr.model.errors import Problem, TdrError, did_you_mean, near, one_of, unknown, usage_error
from tdr.model.rows import Columns, Row
from tdr.model.steps import RELATIONS, RESISTANCE, Step
from tdr.model.text import fold
from tdr.model.values import KINDS, Claim

if TYPE_CHECKING:
    from tdr.ask.evidence import Evidence
    from tdr.ask.evidence_data import Selection
    from tdr.model.vocabulary import Vocabulary

ENDS: Mapping[str, str] = {
    KINDS[kind]: kind for kind in ("cells", "molecules", "pathways", "processes", "agents")
}
"""Kind of an end of a step -> the kind of term. Other ends are RESISTANCE and INTERVENTION."""

INTERVENTION = "intervention"
"""Kind of an end that is no term: what counters resistance, in the source's words."""

SOURCE, DOES, TARGET, PLACE = "step_from", "step_does", "step_to", "step_in"
"""Facets of the index: what may stand in the parts of a step."""


@dataclass(frozen=True, slots=True)
class StatedStep(Row):
    """A step, what its ends are, and the claim that states it."""

    columns: ClassVar = Columns(
        "steps",
        shown=("claim", "from", "does", "to", "in", "agents", "refs"),
        values={
            "claim": attrgetter("claim.id"),
            "therapy": attrgetter("claim.therapy"),
            "from": attrgetter("step.source"),
            "from_kind": attrgetter("from_kind"),
            "does": attrgetter("step.does"),
            "to": attrgetter("step.target"),
            "to_kind": attrgetter("to_kind"),
            "in": attrgetter("step.place"),
            "sign": attrgetter("step.sign"),
            "cancers": attrgetter("claim.cancers"),
            "agents": attrgetter("claim.agents"),
            "refs": attrgetter("claim.refs"),
            "hedged": attrgetter("claim.hedged"),
            "source": attrgetter("claim.source"),
        },
    )

    claim: Claim
    step: Step
    from_kind: str
    to_kind: str


@dataclass(frozen=True, slots=True)
class StepCriteria:
    """Criteria of steps.

    `labels` are what may stand in a part of the step, by the facet of the index that has it;
    a part that is not there may be anything. One of the `ends` must be of `kind`, if there is one.
    `expansions` say how values were understood.
    """

    labels: Mapping[str, frozenset[str]] = field(default_factory=dict)
    kind: str | None = None
    ends: tuple[str, ...] = ()
    expansions: tuple[str, ...] = ()


def step_criteria(
    evidence: Evidence,
    *,
    source: Sequence[str] = (),
    does: Sequence[str] = (),
    target: Sequence[str] = (),
    place: Sequence[str] = (),
    kind: str | None = None,
    exact: bool = False,
) -> StepCriteria:
    """What the values mean here: an end is a name in any form and takes in narrower terms.

    `kind` (one of ENDS) is what an end must be: the one that is named if it can be that,
    otherwise the other one. Raises TdrError naming every value that is not known.
    """
    if kind is not None:
        kind = one_of("kind", kind, ENDS)
    problems: list[Problem] = []
    expansions: dict[str, None] = {}
    labels: dict[str, frozenset[str]] = {}
    by_facet = {SOURCE: source, TARGET: target, PLACE: place}
    for facet, value in ((facet, value) for facet, values in by_facet.items() for value in values):
        narrow = "cell" if facet == PLACE else kind if _can_be(evidence, value, kind) else None
        try:
            found = end(evidence, facet, value, narrow, exact=exact)
        except TdrError as error:
            problems += error.problems
            continue
        labels[facet] = labels.get(facet, frozenset()).union(found.labels)
        expansions |= dict.fromkeys(filter(None, [found.expansion]))
    if does:
        known = {fold(name): name for name in RELATIONS}
        labels[DOES] = frozenset(known.get(fold(value), "") for value in does)
        for value in (value for value in does if fold(value) not in known):
            problems += unknown("relation", value, RELATIONS).problems
    if problems:
        raise TdrError(*problems)
    if kind is None or any(_can_be(evidence, value, kind) for value in (*source, *target)):
        return StepCriteria(labels, expansions=tuple(expansions))
    ends = tuple(facet for facet in (SOURCE, TARGET) if facet not in labels)
    if not ends:
        raise usage_error(f"neither end that is named is a {kind}")
    return StepCriteria(labels, kind, ends, tuple(expansions))


def _can_be(evidence: Evidence, value: str, kind: str | None) -> bool:
    by_name, by_part = evidence.vocabulary.expand, evidence.vocabulary.expand_partial
    means = by_name if any(by_name(of, value) for of in ENDS.values()) else by_part
    return kind is not None and bool(means(ENDS[kind], value))


@dataclass(frozen=True, slots=True)
class End:
    """The labels that a name stands for at an end of a step, and a sentence on them."""

    labels: tuple[str, ...]
    expansion: str = ""


def end(evidence: Evidence, facet: str, value: str, kind: str | None, *, exact: bool) -> End:
    """What a name stands for at this end of a step: terms of every kind or of one, with narrower
    ones, else interventions that name it.

    Raises TdrError naming the nearest known ones if it stands for nothing.
    """
    if not value.strip():
        raise usage_error("the name of an end is empty")
    refuse_negation(evidence.vocabulary, KINDS, value, "--not about=")
    if kind is None and fold(value) == fold(RESISTANCE):
        if facet != TARGET:
            raise usage_error(f"nothing starts from {RESISTANCE}: it ends every chain")
        return End((RESISTANCE,))
    vocabulary, stated = evidence.vocabulary, evidence.labels(facet)
    kinds = [ENDS[kind]] if kind else list(ENDS.values())
    found = _terms(vocabulary, kinds, value, stated, exact=exact)
    if found.labels:
        return found
    interventions = () if kind else phrases_with(stated, value)
    if interventions:
        here = [name for name in interventions if kind_of(vocabulary, name) == INTERVENTION]
        if here:
            sentence = (
                "" if [fold(n) for n in here] == [fold(value)] else f"{value}: {', '.join(here)}"
            )
            return End(tuple(here), sentence)
    candidates, nearest = candidates_for(vocabulary, kinds, value)
    if len(candidates) == 1:
        return _terms(vocabulary, kinds, candidates[0], stated, exact=exact)
    if not candidates and facet == TARGET and kind is None:
        nearest = [*near(value.casefold(), (RESISTANCE,), alike=0.7), *nearest]
    hint = did_you_mean(nearest or near(value.casefold(), stated, 3, 0.6))
    what = f"no {kind}" if kind else "the name of nothing"
    raise usage_error(f"`{value}` is {what} here{hint}")


def _terms(
    vocabulary: Vocabulary,
    kinds: Sequence[str],
    value: str,
    stated: Collection[str],
    *,
    exact: bool,
) -> End:
    labels: dict[str, None] = {}
    parts: dict[str, str] = {}
    for of in kinds:
        expanded = vocabulary.expand(of, value, exact=exact)
        labels |= dict.fromkeys(expanded)
        there = [label for label in expanded if label in stated]
        if there:
            first = expanded[0]
            sentence = expansion(value, [first, *(n for n in there if n != first)], of)
            parts[f"the {KINDS[of]} {first}"] = sentence.removeprefix(f"{value}: ")
    if labels and not parts:
        return End(tuple(labels), f"{value}: in no step at this end")
    if not any(parts.values()):
        return End(tuple(labels))
    # A term that stands for nothing but itself is named, too.
    return End(tuple(labels), f"{value}: {'; '.join(rest or term for term, rest in parts.items())}")


def kind_of(vocabulary: Vocabulary, label: str) -> str:
    """What an end of a step is: one of ENDS, RESISTANCE, or an INTERVENTION in free words."""
    if label == RESISTANCE:
        return RESISTANCE
    return next((name for name, kind in ENDS.items() if vocabulary.get(kind, label)), INTERVENTION)


def _met_by(criteria: StepCriteria, kind: Callable[[str], str]) -> Callable[[Step], bool]:
    """Whether a step meets the criteria."""

    def met(step: Step) -> bool:
        parts = {SOURCE: step.source, DOES: step.does, TARGET: step.target, PLACE: step.place}
        if any(parts[facet] not in labels for facet, labels in criteria.labels.items()):
            return False
        return not criteria.ends or criteria.kind in {kind(str(parts[e])) for e in criteria.ends}

    return met


def _wanted(evidence: Evidence, criteria: StepCriteria, met: Callable[[Step], bool]) -> set[int]:
    """The numbers of the steps that meet the criteria."""
    labels = criteria.labels or {DOES: frozenset(RELATIONS)}
    facet = min(labels, key=lambda facet: len(labels[facet]))
    found = evidence.index.steps_with(facet, sorted(labels[facet]))
    return {number for number, step in found.items() if met(step)}


def _selected(evidence: Evidence, selection: Selection, criteria: StepCriteria) -> int:
    """The selected claims that have every part, though perhaps not in one step."""
    bits = selection.bits
    for facet, labels in criteria.labels.items():
        bits &= evidence.index.claims_with(facet, labels)
    return bits


def count(evidence: Evidence, selection: Selection, criteria: StepCriteria) -> int:
    """How many steps of the selected claims meet the criteria; no claim is read."""
    if not criteria.labels and criteria.kind is None:
        having = evidence.index.claims_by_value("steps")
        return sum(int(n) * (bits & selection.bits).bit_count() for n, bits in having.items())
    wanted = _wanted(evidence, criteria, _met_by(criteria, partial(kind_of, evidence.vocabulary)))
    stated = evidence.index.steps_of(_selected(evidence, selection, criteria))
    return sum(map(wanted.__contains__, chain.from_iterable(steps for _, steps in stated)))


def steps(evidence: Evidence, selection: Selection, criteria: StepCriteria) -> Iterator[StatedStep]:
    """The steps of the selected claims that meet the criteria, in file order; only claims that
    have such a step are read, a few at a time."""
    index, kind = evidence.index, cache(partial(kind_of, evidence.vocabulary))
    met = _met_by(criteria, kind)
    wanted = _wanted(evidence, criteria, met)
    stated = index.steps_of(_selected(evidence, selection, criteria))
    for claim in index.claims_at(n for n, of_claim in stated if not wanted.isdisjoint(of_claim)):
        for step in filter(met, claim.steps):
            yield StatedStep(claim, step, kind(step.source), kind(step.target))
