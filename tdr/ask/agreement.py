"""What other sources say of the cells of a claim: the same under its therapy, or the contrary.

Only claims that rest on other works count: a paper that two reviews cite is one voice.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tdr.ask.query import Evidence
from tdr.ask.views.axes import ReferenceCounter
from tdr.ask.works import Works
from tdr.model.values import Claim

_CONTRARY = {"promotes": "opposes", "opposes": "promotes"}


@dataclass(frozen=True, slots=True)
class Voices:
    """How many works say something, how many claims restate them, and the first of these."""

    works: int
    claims: int
    first: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Agreement:
    """What other works say of one cell under the therapy of a claim that has it on one side."""

    cell: str
    side: str
    agree: Voices
    disagree: Voices


def agreement(evidence: Evidence, claim: Claim, *, most: int = 3) -> Iterator[Agreement]:
    """For each cell of a claim of which other sources speak; at most so many ids of each kind."""
    index = evidence.index
    if len(index.keys) == 1:
        return
    elsewhere = index.bits("therapy", [claim.therapy]) & ~index.bits("source", [claim.source])
    others = elsewhere & ~_on_the_same_works(evidence, claim)
    counter = ReferenceCounter(evidence, others)

    def voices(side: str, cell: str) -> Voices:
        bits = index.bits(side, [cell]) & others
        first = tuple(found.id for found in index.claims(bits, most))
        return Voices(counter.count(bits), bits.bit_count(), first)

    for side, contrary in _CONTRARY.items():
        for cell in getattr(claim, side):
            agree, disagree = voices(side, cell), voices(contrary, cell)
            if agree.claims or disagree.claims:
                yield Agreement(cell, side, agree, disagree)


def _on_the_same_works(evidence: Evidence, claim: Claim) -> int:
    """The claims that rest on a work of this one."""
    works = Works(evidence)
    own = works.behind([claim])
    labels = [str(name) for name in evidence.bibliography if works.of(name) in own]
    return evidence.index.bits("ref", labels)
