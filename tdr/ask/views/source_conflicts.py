"""Where sources disagree: on the same work, which one of them then misreads, or on different ones.

Besides conflicts in which one source stands against another there is a kind of its own: works
that two sources cite and whose abstract contradicts one of them, whatever side cells are on.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING

from tdr.ask.views.agreement import abstracts
from tdr.ask.views.conflict_sides import FIRST, Side
from tdr.ask.views.conflicts import Conflict
from tdr.ask.views.works import Works, cited_sources
from tdr.index.bits import bitmap, lowest, numbers
from tdr.model.values import Claim

if TYPE_CHECKING:
    from tdr.ask.evidence import Evidence
    from tdr.ask.evidence_data import ReferenceName, Selection

READING = "reading"
"""The kind that only a comparison of sources has."""

SAME, DIFFERENT = "same", "different"


class _Sources:
    """Which claims are of which source, and rest on which work."""

    def __init__(self, evidence: Evidence) -> None:
        self.evidence, self.works = evidence, Works(evidence)
        self._claims = {
            key: evidence.index.claims_with("source", [key]) for key in evidence.index.keys
        }
        self._labels = self.works.labels()

    def several(self, bits: int) -> bool:
        """Whether claims are of more than one source."""
        return len(self.behind(bits)) > 1

    def behind(self, bits: int) -> list[str]:
        """The sources that claims are of."""
        return [key for key, claims in self._claims.items() if claims & bits]

    def on(self, work: ReferenceName) -> int:
        """The claims that rest on a work."""
        return self.evidence.index.claims_with("ref", self._labels[work])

    def shared(self) -> Iterator[ReferenceName]:
        """The works that are listed more than once."""
        return (work for work, labels in self._labels.items() if len(labels) > 1)

    def abstracts(
        self, claims: Iterable[Claim], works: Collection[ReferenceName]
    ) -> tuple[str, ...]:
        """What the abstracts of some works say for some claims, a line for each."""
        return tuple(
            line for one in claims for line in abstracts(self.evidence, self.works, one, works)
        )


def across_sources(evidence: Evidence, found: Iterable[Conflict]) -> tuple[Conflict, ...]:
    """The conflicts in which a claim of one source stands against one of another."""
    sources = _Sources(evidence)
    index = evidence.index
    abstracted = index.claims_with("primary", index.values("primary"))
    on = {work: claims for work in sources.shared() if sources.several(claims := sources.on(work))}

    def compared(conflict: Conflict) -> Conflict | None:
        ours, theirs = conflict.promotes.bits, conflict.opposes.bits
        keys = sources.behind(ours | theirs)
        if len(keys) == 1:
            return None
        common = {
            work: claims
            for work, claims in on.items()
            if claims & ours and claims & theirs and sources.several(claims & (ours | theirs))
        }
        resting = abstracted & reduce(or_, common.values(), 0) & (ours | theirs)
        citing = tuple(
            f"{key} cites {other}"
            for key in keys
            for other in cited_sources(evidence, key)
            if other in keys
        )
        return replace(
            conflict,
            works=SAME if common else DIFFERENT,
            abstracts=sources.abstracts(index.claims(resting), common),
            citing=citing,
        )

    return tuple(one for conflict in found if (one := compared(conflict)) is not None)


def readings(
    evidence: Evidence, selection: Selection, known: Iterable[Conflict], *, every: bool = False
) -> tuple[Conflict, ...]:
    """The works that claims of two sources rest on, and whose abstract contradicts a claim,
    at least in part.

    Such sources may have all cells on the same side. What `known` conflicts show is left out. Sides
    carry their first claims, or `every` one.
    """
    sources = _Sources(evidence)
    index, works = evidence.index, sources.works
    contradicted = index.claims_with("primary", ["no", "partly"])
    shown = [one.promotes.bits | one.opposes.bits for one in known if one.works == SAME]

    def doubted(work: ReferenceName, claims: int) -> bool:
        return any(
            read.agrees in ("no", "partly")
            and works.of(evidence.name_of(claim.source, read.ref)) == work
            for claim in index.claims(claims & contradicted)
            for read in claim.primary
        )

    resting = ((work, sources.on(work) & selection.bits) for work in sources.shared())
    found = [
        (work, bits)
        for work, bits in resting
        if sources.several(bits) and all(bits & ~others for others in shown) and doubted(work, bits)
    ]
    found.sort(key=lambda one: lowest(one[1]))
    most = None if every else FIRST
    return tuple(_reading(sources, work, bits, most) for work, bits in found)


def _reading(sources: _Sources, work: ReferenceName, bits: int, most: int | None) -> Conflict:
    evidence = sources.evidence
    claims = tuple(zip(numbers(bits), evidence.index.claims(bits), strict=True))

    def side(name: str) -> Side:
        on_it = [(cell, n, claim) for n, claim in claims for cell in getattr(claim, name)]
        first = tuple((cell, claim) for cell, _, claim in on_it[:most])
        cells = tuple(dict.fromkeys(cell for cell, _, _ in on_it))
        having = bitmap(n for _, n, _ in on_it)
        return Side(cells, having, first, evidence.refs_of(claim for _, claim in first))

    promotes, opposes = side("promotes"), side("opposes")
    return Conflict(
        READING,
        ", ".join(dict.fromkeys((*promotes.names, *opposes.names))),
        evidence.therapies.in_order(claim.therapy for _, claim in claims),
        (),
        (),
        promotes,
        opposes,
        works=SAME,
        abstracts=sources.abstracts((claim for _, claim in claims), (work,)),
    )
