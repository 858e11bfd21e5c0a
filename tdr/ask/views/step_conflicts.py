"""Steps that contradict each other: A raises B in one claim and lowers it in another.

The cell in which it happens must be the same in both, and so must a cancer if both claims name
some; on the way to resistance, so must the therapy.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import product
from operator import attrgetter
from typing import TYPE_CHECKING, ClassVar, NamedTuple

from tdr.ask.views.claim_classes import Classes, Having, Labels
from tdr.ask.views.conflict_sides import (
    ConflictRow,
    LazyConflicts,
    PendingConflict,
    Side,
    side_columns,
)
from tdr.ask.views.steps import DOES, SOURCE, TARGET
from tdr.index import Index
from tdr.index.bits import PART_SIZE, bitmap
from tdr.model.rows import Columns
from tdr.model.steps import RELATIONS, RESISTANCE, Step

if TYPE_CHECKING:
    from tdr.ask.evidence import Evidence
    from tdr.ask.evidence_data import Selection


@dataclass(frozen=True, slots=True)
class StepConflict(ConflictRow):
    """What two things do to each other according to the claims of either side.

    `cancers` are those in common; none where a side is about no cancer in particular.
    """

    columns: ClassVar = Columns(
        "conflicts",
        shown=("from", "to", "in", "raised_by", "lowered_by", "cancers"),
        values={
            "from": attrgetter("source"),
            "to": attrgetter("target"),
            "in": attrgetter("place"),
            "therapies": lambda one: _each(claim.therapy for claim in one.claims),
            "agents": lambda one: _each(agent for claim in one.claims for agent in claim.agents),
            "cancers": attrgetter("cancers"),
            **side_columns("raises", "raised_by"),
            **side_columns("lowers", "lowered_by"),
            "notes": attrgetter("notes"),
        },
    )

    source: str
    target: str
    place: str | None
    cancers: tuple[str, ...]
    raises: Side
    lowers: Side

    @property
    def sides(self) -> tuple[Side, Side]:
        return self.raises, self.lowers


def _each(values: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(values))


class _Interaction(NamedTuple):
    """Two things that interact, in which cell; with resistance as target, under which therapy."""

    source: str
    target: str
    place: str | None
    therapy: str | None


class _Stating(NamedTuple):
    """Claims that state the sign of an interaction, and the relation by which they name it."""

    interaction: _Interaction
    sign: int
    name: str
    agents: Labels = ()


@dataclass(slots=True)
class _PendingStepConflict(PendingConflict[_Stating]):
    """A conflict of steps, with the classes of its claims."""

    interaction: _Interaction
    cancers: Labels


def step_conflicts(
    evidence: Evidence, selection: Selection, *, every: bool = False
) -> LazyConflicts[_PendingStepConflict, StepConflict]:
    """The contradictions among the steps of the selected claims, in file order.

    Sides carry their first claims, or `every` one.
    """
    classes = _classes(evidence, selection)
    signed: dict[_Interaction, dict[int, list[_Stating]]] = {}
    for setting in classes.sets:
        signed.setdefault(setting.interaction, {1: [], -1: []})[setting.sign].append(setting)
    found: list[_PendingStepConflict] = []
    for interaction, stated in signed.items():
        met: dict[Labels, _PendingStepConflict] = {}
        for pair in product(stated[1], stated[-1]):
            for cancers, sets in classes.compatible(*pair).items():
                met.setdefault(cancers, _PendingStepConflict(interaction, cancers)).meet(pair, sets)
        found += sorted(met.values(), key=lambda one: (not one.cancers, one.cancers))
    return LazyConflicts(evidence, classes, found, _row, every=every)


def _classes(evidence: Evidence, selection: Selection) -> Classes[_Stating]:
    """The claims that state a contested step."""
    index = evidence.index
    steps = _contested(index)
    bits = selection.bits
    bits &= index.claims_with(SOURCE, {step.source for step in steps.values()})
    bits &= index.claims_with(TARGET, {step.target for step in steps.values()})
    stating: dict[int, list[int]] = {step: [] for step in steps}
    for claim, stated in index.steps_of(bits):
        for step in steps.keys() & stated:
            stating[step].append(claim)

    def settings(start: int, here: int, having: Having) -> Iterator[tuple[_Stating, int]]:
        for number, step in steps.items():
            claims = stating[number]
            part = claims[bisect_left(claims, start) : bisect_left(claims, start + PART_SIZE)]
            some = bitmap(claim - start for claim in part) & here
            therapies: Iterable[tuple[str | None, int]] = [(None, here)]
            if step.target == RESISTANCE:
                therapies = having["therapy"].items()
            for therapy, under in therapies:
                if alike := some & under:
                    interaction = _Interaction(step.source, step.target, step.place, therapy)
                    yield _Stating(interaction, step.sign, step.does), alike

    return Classes(evidence, bits, ("therapy",), settings)


def _row(met: _PendingStepConflict, raises: Side, lowers: Side) -> StepConflict:
    interaction = met.interaction
    return StepConflict(
        interaction.source, interaction.target, interaction.place, met.cancers, raises, lowers
    )


def _contested(index: Index) -> dict[int, Step]:
    """The steps of which some claim states the contrary, by their numbers."""
    known = index.steps_with(DOES, RELATIONS)
    signs: dict[tuple[str, str, str | None], set[int]] = {}
    for step in known.values():
        signs.setdefault((step.source, step.target, step.place), set()).add(step.sign)
    return {
        number: step
        for number, step in known.items()
        if step.sign and {1, -1} <= signs[step.source, step.target, step.place]
    }
