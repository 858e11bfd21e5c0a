"""Steps that contradict each other: A raises B in one claim and lowers it in another.

The cell in which it happens must be the same in both, and so must a cancer if both claims name
some; on the way to resistance, so must the therapy.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, ClassVar

from tdr.ask.corpus import Corpus, Selection
from tdr.ask.views.circumstances import shared
from tdr.model.errors import TdrError
from tdr.model.rows import Columns, Row
from tdr.model.steps import RESISTANCE, Step
from tdr.model.values import Claim

MOST_CLAIMS = 100_000

_Stated = tuple[Claim, Step]


@dataclass(frozen=True, slots=True)
class StepConflict(Row):
    """What two things do to each other according to the claims of either side.

    `cancers` are those in common; none where a side is about no cancer in particular.
    """

    columns: ClassVar = Columns(
        "conflicts",
        (
            "from",
            "to",
            "in",
            "therapies",
            "agents",
            "cancers",
            "raises",
            "raised_by",
            "raises_refs",
            "lowers",
            "lowered_by",
            "lowers_refs",
            "notes",
        ),
        shown=("from", "to", "in", "raised_by", "lowered_by", "cancers"),
    )

    source: str
    target: str
    place: str | None
    cancers: tuple[str, ...]
    raises: tuple[tuple[Claim, Step], ...]
    lowers: tuple[tuple[Claim, Step], ...]
    evidence: Corpus = field(repr=False, compare=False)

    def to_dict(self) -> dict[str, Any]:
        claims = list({c.id: c for c, _ in (*self.raises, *self.lowers)}.values())
        return {
            "from": self.source,
            "to": self.target,
            "in": self.place,
            "therapies": _each(claim.therapy for claim in claims),
            "agents": _each(agent for claim in claims for agent in claim.agents),
            "cancers": list(self.cancers),
            **self._side("raises", "raised_by", self.raises),
            **self._side("lowers", "lowered_by", self.lowers),
            "notes": [f"{claim.id}: {claim.note}" for claim in claims if claim.note],
        }

    def _side(self, name: str, ids: str, stated: Iterable[_Stated]) -> dict[str, Any]:
        return {
            name: _each(step.does for _, step in stated),
            ids: _each(claim.id for claim, _ in stated),
            f"{name}_refs": list(self.evidence.named(claim for claim, _ in stated)),
        }


def _each(values: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(values))


def step_conflicts(evidence: Corpus, selection: Selection) -> tuple[StepConflict, ...]:
    """The contradictions among the steps of the selected claims, in file order.

    Raises TdrError if more than MOST_CLAIMS claims would have to be weighed.
    """
    if len(selection) > MOST_CLAIMS:
        raise TdrError(
            f"{len(selection):,} claims are too many to weigh against each other (at most "
            f"{MOST_CLAIMS:,}); name a cell, a cancer or an agent"
        )
    links: dict[tuple[str | None, ...], dict[int, list[_Stated]]] = {}
    for claim in evidence.index.claims_at(_contested(evidence, selection)):
        for step in claim.steps:
            therapy = claim.therapy if step.target == RESISTANCE else None
            link = (step.source, step.target, step.place, therapy)
            links.setdefault(link, {}).setdefault(step.sign, []).append((claim, step))
    rows: list[StepConflict] = []
    for (source, target, place, _), signed in links.items():
        if 1 in signed and -1 in signed:
            assert source is not None
            assert target is not None
            rows += (
                StepConflict(source, target, place, cancers, *sides, evidence)
                for cancers, sides in _met(evidence, signed[1], signed[-1]).items()
            )
    return tuple(rows)


def _contested(evidence: Corpus, selection: Selection) -> Iterator[int]:
    """The claims with a step for which another one has the contrary; none is read."""
    index = evidence.index
    stated = {number for _, steps in index.steps_of(selection.bits) for number in steps}
    known = index.steps(stated)
    signs: dict[tuple[str, str, str | None], set[int]] = {}
    for step in known.values():
        signs.setdefault((step.source, step.target, step.place), set()).add(step.sign)
    wanted = {
        number
        for number, step in known.items()
        if step.sign and {1, -1} <= signs[step.source, step.target, step.place]
    }
    claims = index.steps_of(selection.bits)
    return (claim for claim, steps in claims if not wanted.isdisjoint(steps))


_Sides = tuple[tuple[_Stated, ...], tuple[_Stated, ...]]


def _met(
    evidence: Corpus, raising: Iterable[_Stated], lowering: Iterable[_Stated]
) -> dict[tuple[str, ...], _Sides]:
    """Both sides by the cancers that they have in common."""
    found: dict[tuple[str, ...], tuple[dict[_Stated, None], dict[_Stated, None]]] = {}
    for ours in raising:
        for theirs in lowering:
            one, other = ours[0], theirs[0]
            common = shared(evidence.vocabulary, "cancers", one.cancers, other.cancers)
            if one.id == other.id or (one.cancers and other.cancers and not common):
                continue
            sides = found.setdefault(common, ({}, {}))
            sides[0][ours] = sides[1][theirs] = None
    return {cancers: (tuple(up), tuple(down)) for cancers, (up, down) in found.items()}
