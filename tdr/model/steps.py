"""The mechanism of a claim as signed links, and what follows from them.

A step says that one thing acts on another. Steps make a graph in which every way to
`resistance` has a sign: the product of the signs of its links. All of it is bounded: steps
may run in circles, and a hostile claim has ten thousand of them.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

RESISTANCE = "resistance"
"""Where chains end: resistance to the claim's agents. Only ever a `to`."""

TUMOR_CELL = "tumor cell"
"""The cell that stands in steps and never on a side of a claim."""

MOST_LINKS = 50
"""So many links has the longest way that is listed."""

_MOST_STARTS = 10_000
"""So many beginnings of ways are followed up, shortest first."""

_FEW = 40
"""Of so many steps all ways are looked at one by one if their signs differ."""


@dataclass(frozen=True, slots=True)
class Relation:
    """What a step can say. `sign` is 0 where no direction is said.

    `ro` is the label of the relation in the Relation Ontology, `indra` the type of
    statement; empty where there is none.
    """

    sign: int
    meaning: str
    ro: str
    indra: str = ""


RELATIONS: Mapping[str, Relation] = {
    "secretes": Relation(
        1, "a cell or vesicle releases a molecule or vesicle", "produces", "IncreaseAmount"
    ),
    "expresses": Relation(1, "a cell makes or carries a molecule", "expresses", "IncreaseAmount"),
    "recruits": Relation(1, "brings a cell in", "positively regulates localization"),
    "becomes": Relation(
        1, "a cell turns into another cell or state", "develops into", "Conversion"
    ),
    "activates": Relation(
        1,
        "raises the activity of a molecule, pathway, process or cell",
        "positively regulates",
        "Activation",
    ),
    "increases": Relation(
        1, "raises amount or extent, of resistance too", "increases amount", "IncreaseAmount"
    ),
    "inhibits": Relation(-1, "lowers the activity", "negatively regulates", "Inhibition"),
    "decreases": Relation(
        -1, "lowers amount or extent, of resistance too", "decreases amount", "DecreaseAmount"
    ),
    "excludes": Relation(
        -1, "keeps a cell out or lowers its infiltration", "negatively regulates localization"
    ),
    "kills": Relation(-1, "destroys a cell", ""),
    "binds": Relation(0, "contact, with no direction said", "", "Complex"),
    "interacts with": Relation(0, "contact, with no direction said", "", "Complex"),
    "goes with": Relation(
        1, "association only, in the same direction", "positively correlated with"
    ),
    "goes against": Relation(
        -1, "association only, in opposite directions", "negatively correlated with"
    ),
}
"""What a step says -> its sign, its meaning and what it is exported as."""


@dataclass(frozen=True, slots=True)
class Step:
    """One signed link: `source` does something to `target`, in a cell if one is said."""

    source: str
    does: str
    target: str
    place: str | None = None

    @property
    def sign(self) -> int:
        """1 raises, -1 lowers, 0 says no direction."""
        return RELATIONS[self.does].sign

    @property
    def association(self) -> bool:
        """Whether it says only that the two go together, not that one acts on the other."""
        return self.does in ("goes with", "goes against")

    def to_dict(self) -> dict[str, Any]:
        """As in a file: `from`, `does`, `to`, and `in` where there is one."""
        record = {"from": self.source, "does": self.does, "to": self.target}
        return record | {"in": self.place} if self.place else record

    @classmethod
    def from_dict(cls, raw: Mapping[str, Any]) -> Step:
        return cls(raw["from"], raw["does"], raw["to"], raw.get("in"))

    def __str__(self) -> str:
        inside = f" (in {self.place})" if self.place else ""
        return f"{self.source} {self.does} {self.target}{inside}"


Way = tuple[Step, ...]
"""Steps of which each begins where the one before ends, through no node twice."""


def sign_of(way: Iterable[Step]) -> int:
    """The product of the signs of its links."""
    return prod(step.sign for step in way)


def ways(steps: Iterable[Step], start: str, end: str = RESISTANCE) -> Iterator[Way]:
    """The ways from one node to another, shortest first, then in the order of the steps.

    Of at most MOST_LINKS links; where there is no end of ways, only the first ones.
    """
    after = _from(steps)
    waiting: deque[Way] = deque((step,) for step in after[start] if step.target != start)
    for _ in range(_MOST_STARTS):
        if not waiting:
            return
        way = waiting.popleft()
        here = way[-1].target
        if here == end:
            yield way
        elif len(way) < MOST_LINKS:
            passed = {start, *(step.target for step in way)}
            waiting.extend((*way, step) for step in after[here] if step.target not in passed)


def signs(steps: Sequence[Step], start: str, end: str = RESISTANCE) -> frozenset[int]:
    """The signs of all ways from one node to another; none if there is no way.

    In time proportional to the number of steps. Only among many steps with loops may a way be
    counted that goes through a node twice.
    """
    after = _from(steps)
    seen = {(start, 1)}
    waiting = [(start, 1)]
    while waiting:
        here, sign = waiting.pop()
        if here == end:
            continue
        for step in after[here]:
            state = (step.target, sign * step.sign)
            if state not in seen:
                seen.add(state)
                waiting.append(state)
    found = frozenset(sign for node, sign in seen if node == end and node != start)
    if len(found) > 1 and len(steps) <= _FEW:
        return frozenset(map(sign_of, ways(steps, start, end)))
    return found


def reaching(steps: Iterable[Step], end: str = RESISTANCE) -> frozenset[str]:
    """The end, and everything from which a way leads to it."""
    before: defaultdict[str, list[str]] = defaultdict(list)
    for step in steps:
        before[step.target].append(step.source)
    found, waiting = {end}, [end]
    while waiting:
        for source in before[waiting.pop()]:
            if source not in found:
                found.add(source)
                waiting.append(source)
    return frozenset(found)


def _from(steps: Iterable[Step]) -> Mapping[str, list[Step]]:
    after: defaultdict[str, list[Step]] = defaultdict(list)
    for step in steps:
        after[step.source].append(step)
    return after
