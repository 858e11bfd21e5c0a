"""Hints beside an answer: sentences on further claims and how to ask for them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING

from tdr.ask.evidence import Evidence
from tdr.ask.evidence_data import Selection
from tdr.model.filters import FILTERS, Criteria
from tdr.model.text import counted, quote

if TYPE_CHECKING:
    from tdr.ask.views.axes import Axis

_ALSO_ELSEWHERE = ("pathway", "molecule")
"""Filters of names that stand in other fields as well: STAT3 is a molecule, and in pathways."""


def named_elsewhere(evidence: Evidence, criteria: Criteria, selection: Selection) -> Iterator[str]:
    """`STAT3: 7 more claims name it elsewhere`, where one pathway or molecule is asked for, or
    any other term of which there is no claim."""
    for entry in FILTERS.values():
        values = criteria.values(entry.name) if entry.kind else ()
        if len(values) != 1 or (selection.bits and entry.name not in _ALSO_ELSEWHERE):
            continue
        (value,) = values
        rest = criteria.without(entry.name)  # the filter itself may not know the value
        about = rest._replace(wanted=(*rest.wanted, ("about", value)), skip_unknown=True)
        anywhere = evidence.select(about)
        count = (anywhere.bits & ~selection.bits).bit_count()
        if count:
            more = " more" if selection.bits else ""
            plural = "claims name" if count > 1 else "claim names"
            yield f"{value}: {count}{more} {plural} it elsewhere (--about {quote(value)})"


def wider_claims(evidence: Evidence, criteria: Criteria, selection: Selection) -> Iterator[str]:
    """`7 claims on anti-PD-1 therapy as such`, where there is none on a narrower term."""
    if selection.bits:
        return
    for name in (entry.name for entry in FILTERS.values() if entry.kind):
        for value in criteria.values(name):
            for wider, bits in _as_such(evidence, criteria, name, value):
                if bits:
                    yield f"{counted(bits.bit_count(), 'claim')} on {wider} as such"
                    break


def wider_countermeasures(
    evidence: Evidence, criteria: Criteria, selection: Selection
) -> Iterator[str]:
    """`10 more for immunotherapy as such`, where a wider agent has countermeasures besides."""
    from tdr.ask.views.lists import interventions

    agents = criteria.values("agent")
    found = interventions(evidence, selection).keys() if agents else ()
    for value in agents:
        for wider, bits in _as_such(evidence, criteria, "agent", value):
            more = len(interventions(evidence, Selection(bits)).keys() - found)
            if more:
                yield f"{more} more for {wider} as such"
                break


def _as_such(
    evidence: Evidence, criteria: Criteria, name: str, value: str
) -> Iterator[tuple[str, int]]:
    """The wider terms of a value, each with the claims that name it (not a narrower one) and meet
    the other criteria."""
    entry, vocabulary = FILTERS[name], evidence.vocabulary
    kind = str(entry.kind)
    rest = evidence.select(criteria.without(name)).bits
    for label in vocabulary.expand_partial(kind, value, exact=True):
        for wider in vocabulary.ancestors(kind, label):
            facets = (evidence.index.claims_with(facet, [wider]) for facet in entry.facets)
            yield wider, reduce(or_, facets) & rest


def counted_besides(criteria: Criteria, axes: Iterable[Axis]) -> Iterator[str]:
    """A sentence for each axis with a filter: that other terms of the chosen claims are counted,
    too, and how to leave them out."""
    for axis in axes:
        values = criteria.values(axis.name) if axis.kind else ()
        if values:
            within = " ".join(f"--within {quote(value)}" for value in values)
            yield f"counted is every {axis.name} of these claims; {within} leaves out the others"
