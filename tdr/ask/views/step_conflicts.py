"""Steps that contradict each other: A raises B in one claim and lowers it in another.

The cell in which it happens must be the same in both, and so must a cancer if both claims name
some; on the way to resistance, so must the therapy.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, NamedTuple

from tdr.ask.corpus import Corpus, Name, Selection
from tdr.ask.steps import DOES, SOURCE, TARGET
from tdr.ask.views.circumstances import Common, Labels, exactly
from tdr.index import Index
from tdr.index.bits import bitmap, numbers
from tdr.model.rows import Columns, Row
from tdr.model.steps import RELATIONS, RESISTANCE, Step
from tdr.model.values import Claim

_SHOWN = ("id", "therapy", "agents", "refs", "note", "source")
"""What is told of the claims on either side."""


@dataclass(frozen=True, slots=True)
class Stated:
    """A step as one claim states it."""

    step: Step
    number: int
    index: Index = field(repr=False, compare=False)

    @property
    def claim(self) -> Claim:
        """The claim, which is read now."""
        return next(self.index.claims_at([self.number]))


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
    raises: tuple[Stated, ...]
    lowers: tuple[Stated, ...]
    evidence: Corpus = field(repr=False, compare=False)

    def to_dict(self) -> dict[str, Any]:
        raising, lowering = ([one.number for one in side] for side in (self.raises, self.lowers))
        wanted = sorted({*raising, *lowering})
        records = self.evidence.index.records_at(wanted)
        # Nothing else is kept, for there may be very many claims.
        read: dict[int, dict[str, Any]] = {
            number: {name: record.get(name) for name in _SHOWN}
            for number, record in zip(wanted, records, strict=True)
        }
        claims = [read[number] for number in dict.fromkeys((*raising, *lowering))]
        return {
            "from": self.source,
            "to": self.target,
            "in": self.place,
            "therapies": _each(claim["therapy"] for claim in claims),
            "agents": _each(agent for claim in claims for agent in claim["agents"] or ()),
            "cancers": list(self.cancers),
            "raises": _each(one.step.does for one in self.raises),
            "raised_by": _each(read[number]["id"] for number in raising),
            "raises_refs": self._refs(map(read.__getitem__, raising)),
            "lowers": _each(one.step.does for one in self.lowers),
            "lowered_by": _each(read[number]["id"] for number in lowering),
            "lowers_refs": self._refs(map(read.__getitem__, lowering)),
            "notes": [f"{claim['id']}: {claim['note']}" for claim in claims if claim["note"]],
        }

    def _refs(self, claims: Iterable[Mapping[str, Any]]) -> list[Name]:
        name = self.evidence.name_of
        names = {name(claim["source"], n) for claim in claims for n in claim["refs"]}
        return list(self.evidence.in_order(names))


def _each(values: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(values))


class _Link(NamedTuple):
    """What acts on what and where; on the way to resistance, under which therapy."""

    source: str
    target: str
    place: str | None
    therapy: str | None


def step_conflicts(evidence: Corpus, selection: Selection) -> tuple[StepConflict, ...]:
    """The contradictions among the steps of the selected claims, in file order. None is read."""
    index = evidence.index
    steps = _contested(index)
    bits = selection.bits
    bits &= index.bits(SOURCE, {step.source for step in steps.values()})
    bits &= index.bits(TARGET, {step.target for step in steps.values()})
    stating = [
        (claim, of_claim)
        for claim, stated in index.steps_of(bits)
        if (of_claim := [steps[number] for number in stated if number in steps])
    ]
    claims = bitmap(claim for claim, _ in stating)
    therapy = {
        claim: label
        for label, having in index.members("therapy").items()
        for claim in numbers(having & claims)
    }
    links: dict[_Link, dict[int, dict[Stated, None]]] = {}
    for claim, of_claim in stating:
        for step in of_claim:
            under = therapy[claim] if step.target == RESISTANCE else None
            link = _Link(step.source, step.target, step.place, under)
            signed = links.setdefault(link, {1: {}, -1: {}})
            signed[step.sign][Stated(step, claim, index)] = None
    about = _About(evidence, claims)
    return tuple(
        StepConflict(link.source, link.target, link.place, cancers, raises, lowers, evidence)
        for link, signed in links.items()
        for cancers, raises, lowers in about.met(list(signed[1]), list(signed[-1]))
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


_Sides = tuple[Labels, tuple[Stated, ...], tuple[Stated, ...]]


class _About:
    """Which cancers claims are about, by the numbers of sets that are compared once."""

    def __init__(self, evidence: Corpus, claims: int) -> None:
        self._of: dict[int, int] = {}
        known: dict[Labels, int] = {}
        for start, here, having in evidence.index.parts(["cancers"], claims):
            for cancers, bits in exactly(here, having["cancers"]).items():
                number = known.setdefault(cancers, len(known))
                self._of |= dict.fromkeys((start + claim for claim in numbers(bits)), number)
        self._sets = list(known)
        self._none = 1 << known[()] if () in known else 0
        self._common = Common(evidence.vocabulary, "cancers", self._sets)

    def met(self, raising: Sequence[Stated], lowering: Sequence[Stated]) -> Iterator[_Sides]:
        """Both sides by the cancers that they have in common, as if every two claims were compared
        in turn: what meets first comes first."""
        ours, theirs = self._grouped(raising), self._grouped(lowering)
        among = bitmap(theirs)
        meeting: dict[Labels, list[tuple[int, int]]] = {}
        for one in ours:
            for cancers, others in self._common.shared_with(one).items():
                # Where both name some, one must be in common.
                able = others if cancers or not self._sets[one] else others & self._none
                meeting.setdefault(cancers, []).extend(
                    (one, other) for other in numbers(able & among)
                )
        found = []
        for cancers, pairs in meeting.items():
            first_met: dict[int, int] = {}
            meets: set[int] = set()
            for one, other in pairs:
                for place in ours[one]:
                    if _first_other(theirs[other], lowering, raising[place]) is not None:
                        meets.add(place)
                for place in theirs[other]:
                    first = _first_other(ours[one], raising, lowering[place])
                    if first is not None:
                        first_met[place] = min(first, first_met.get(place, first))
            if meets:
                order = sorted((first, place) for place, first in first_met.items())
                found.append((order[0], cancers, sorted(meets), [place for _, place in order]))
        for _, cancers, up, down in sorted(found):
            yield cancers, tuple(raising[n] for n in up), tuple(lowering[n] for n in down)

    def _grouped(self, stated: Sequence[Stated]) -> Mapping[int, list[int]]:
        """The places of statements by the set of cancers that their claims are about."""
        found: dict[int, list[int]] = {}
        for place, one in enumerate(stated):
            found.setdefault(self._of[one.number], []).append(place)
        return found


def _first_other(places: Iterable[int], stated: Sequence[Stated], one: Stated) -> int | None:
    """The first of some statements that is another claim's."""
    return next((place for place in places if stated[place].number != one.number), None)
