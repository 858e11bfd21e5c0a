"""What other sources say of the cells of a claim: the same under its therapy, or the contrary.

Only claims that rest on other works count: a paper that two reviews cite counts once, and what
each of them, and its abstract, says of it stands together.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tdr.ask.views.axes import ReferenceCounter
from tdr.ask.views.works import Works
from tdr.model.text import counted
from tdr.model.values import Claim

if TYPE_CHECKING:
    from tdr.ask.evidence import Evidence
    from tdr.ask.evidence_data import ReferenceName

_CONTRARY = {"promotes": "opposes", "opposes": "promotes"}


@dataclass(frozen=True, slots=True)
class Backing:
    """How many works say something, how many claims restate them, and the first of these."""

    works: int
    claims: int
    first: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Agreement:
    """What other works say of one cell under the therapy of a claim that has it on one side."""

    cell: str
    side: str
    agree: Backing
    disagree: Backing

    def __str__(self) -> str:
        """`mast cell: 2 works agree (KEY-imm-010, KEY-imm-011); 1 work disagrees (KEY-imm-012)`."""
        parts = []
        for backing, one_says, more_say in (
            (self.agree, "work agrees", "works agree"),
            (self.disagree, "work disagrees", "works disagree"),
        ):
            if backing.claims:
                more = backing.claims - len(backing.first)
                rest = [counted(more, "more claim")] if more else []
                named = ", ".join((*backing.first, *rest))
                parts.append(
                    f"{backing.works} {one_says if backing.works == 1 else more_say} ({named})"
                )
        return f"{self.cell}: {'; '.join(parts)}"


class OtherSources:
    """What the other sources of some evidence say; made once for many claims."""

    def __init__(self, evidence: Evidence) -> None:
        self.evidence, self.works = evidence, Works(evidence)
        self._counter = ReferenceCounter(evidence, evidence.index.everything)
        self._labels = self.works.labels()

    def lines(self, claim: Claim) -> list[str]:
        """A line for each cell that other works name, and for each claim on the same work."""
        if len(self.evidence.keys) == 1:
            return []
        return [*map(str, self.agreement(claim)), *self._of_the_same_works(claim)]

    def agreement(self, claim: Claim, most: int = 3) -> Iterator[Agreement]:
        """For each cell of a claim that other sources name; at most so many ids of a kind."""
        index = self.evidence.index
        elsewhere = index.claims_with("therapy", [claim.therapy]) & ~index.claims_with(
            "source", [claim.source]
        )
        others = elsewhere & ~self._on_the_same_works(claim)
        counter = self._counter.within(others)

        def backing(side: str, cell: str) -> Backing:
            bits = index.claims_with(side, [cell]) & others
            first = tuple(found.id for found in index.claims(bits, most))
            return Backing(counter.count(bits), bits.bit_count(), first)

        for side, contrary in _CONTRARY.items():
            for cell in getattr(claim, side):
                agree, disagree = backing(side, cell), backing(contrary, cell)
                if agree.claims or disagree.claims:
                    yield Agreement(cell, side, agree, disagree)

    def _of_the_same_works(self, claim: Claim) -> Iterator[str]:
        """`same work: acar2016-che-001 [acar2016:3] (promotes TAM); abstract: no: It helps.`"""
        evidence, works = self.evidence, self.works
        own = works.behind([claim])
        others = self._on_the_same_works(claim) & ~evidence.index.claims_with(
            "source", [claim.source]
        )
        for other in evidence.index.claims(others):
            common = own & works.behind([other])
            read = (line for c in (claim, other) for line in abstracts(evidence, works, c, common))
            cells = {side: ", ".join(getattr(other, side)) for side in _CONTRARY}
            sides = "; ".join(f"{side} {named}" for side, named in cells.items() if named)
            detail = "; abstract: ".join((f"({sides})", *read))
            yield f"same work: {other.id} {evidence.numbers(other)} {detail}"

    def _on_the_same_works(self, claim: Claim) -> int:
        """The claims that rest on a work of this one."""
        labels = (label for work in self.works.behind([claim]) for label in self._labels[work])
        return self.evidence.index.claims_with("ref", labels)


def abstracts(
    evidence: Evidence, works: Works, claim: Claim, among: Collection[ReferenceName]
) -> Iterator[str]:
    """What was read of some of the works of a claim: `che-001 [main:1] no: It helps.`"""
    for read in claim.primary:
        if works.of(evidence.name_of(claim.source, read.ref)) in among:
            name = evidence.shown_name(claim.source, read.ref)
            says = f": {read.says}" if read.says else ""
            yield f"{claim.id} [{name}] {read.agrees}{says}"
