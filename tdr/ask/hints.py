"""What else there is beside an answer: sentences that lead on to it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from shlex import quote
from typing import TYPE_CHECKING

from tdr.ask.corpus import Selection
from tdr.ask.evidence import Evidence
from tdr.model.filters import Criteria

if TYPE_CHECKING:
    from tdr.ask.views.axes import Axis

_ALSO_ELSEWHERE = ("pathway", "molecule")
"""Filters of names that stand in other fields as well: STAT3 is a molecule, and in pathways."""


def named_elsewhere(evidence: Evidence, criteria: Criteria, selection: Selection) -> Iterator[str]:
    """`STAT3: 7 more claims name it elsewhere`, where one pathway or molecule is asked for."""
    for name in _ALSO_ELSEWHERE:
        values = criteria.values(name)
        if len(values) != 1:
            continue
        (value,) = values
        anywhere = evidence.select(_instead(criteria, name, "about", value))
        more = (anywhere.bits & ~selection.bits).bit_count()
        if more:
            plural = "claims name" if more > 1 else "claim names"
            yield f"{value}: {more} more {plural} it elsewhere (--about {quote(value)})"


def wider_countermeasures(
    evidence: Evidence, criteria: Criteria, selection: Selection
) -> Iterator[str]:
    """`10 more under immunotherapy`, where a wider agent has countermeasures besides."""
    from tdr.ask.views.lists import interventions  # with the rows of other lists

    agents = criteria.values("agent")
    found = len(interventions(evidence, selection)) if agents else 0
    for value in agents:
        for agent in evidence.vocabulary.understood("agents", value, exact=True):
            for wider in evidence.vocabulary.ancestors("agents", agent):
                besides = evidence.select(_instead(criteria, "agent", "agent", wider))
                more = len(interventions(evidence, besides)) - found
                if more > 0:
                    yield f"{more} more under {wider}"
                    break


def counted_besides(criteria: Criteria, axes: Iterable[Axis]) -> Iterator[str]:
    """That a filter chooses claims, of which all else counts as well, and what leaves that out."""
    for axis in axes:
        values = criteria.values(axis.name) if axis.kind else ()
        if values:
            within = " ".join(f"--within {quote(value)}" for value in values)
            yield f"counted is every {axis.name} of these claims; {within} leaves out the others"


def _instead(criteria: Criteria, name: str, other: str, value: str) -> Criteria:
    """The criteria with one filter replaced by another, which may know nothing of the value."""
    rest = criteria.without(name)
    return rest._replace(wanted=(*rest.wanted, (other, value)), skip_unknown=True)
