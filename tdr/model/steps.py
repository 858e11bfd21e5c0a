"""The mechanism of a claim as signed links, and what follows from them.

A step says that one thing acts on another. Steps make a graph in which every way to
`resistance` has a sign: the product of the signs of its links. Every search is bounded, for
steps may form cycles, and a hostile claim may have ten thousand of them.
"""

# Annotations are not put off: named tuples of texts would compile each one at every start.

from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from math import prod
from typing import Any, NamedTuple

from tdr.model.plain import Plain

RESISTANCE = "resistance"
"""Where chains end: resistance to the claim's agents. It is always the target of a step."""

TUMOR_CELL = "tumor cell"
"""A cell of steps only: no claim has it among its `promotes` or `opposes`."""

MOST_LINKS = 50
"""Links of the longest way that is listed."""

_FEW = 40
"""Up to so many steps, ways whose signs differ are checked one by one."""


class Relation(Plain):
    """A relation that a step can state. `sign` is 0 where it has no direction.

    `indra` is the type of statement in INDRA; empty where there is none. `begins` and `ends` are
    the kinds of terms that it can begin and end with, by default any.
    """

    sign: int
    meaning: str
    indra: str = ""
    begins: tuple[str, ...] = ()
    ends: tuple[str, ...] = ()


_CELLS = ("cells",)
_MAKERS = ("cells", "processes")  # a vesicle is a process, exosome-mediated communication
_ACTING = ("cells", "agents", "molecules", "pathways", "processes")

RELATIONS: Mapping[str, Relation] = {
    "secretes": Relation(
        1, "a cell or vesicle releases a molecule or vesicle", "IncreaseAmount",
        _MAKERS, ("molecules", "processes"),
    ),
    "expresses": Relation(
        1, "a cell makes or carries a molecule", "IncreaseAmount", _MAKERS, ("molecules",)
    ),
    "recruits": Relation(1, "brings a cell in", ends=_CELLS),
    "becomes": Relation(
        1, "a cell turns into another cell or state", "Conversion", _CELLS, _MAKERS
    ),
    "activates": Relation(
        1, "raises the activity of a molecule, pathway, process or cell", "Activation", ends=_ACTING
    ),
    "increases": Relation(1, "raises amount or extent, of resistance too", "IncreaseAmount"),
    "inhibits": Relation(-1, "lowers the activity", "Inhibition", ends=_ACTING),
    "decreases": Relation(-1, "lowers amount or extent, of resistance too", "DecreaseAmount"),
    "excludes": Relation(-1, "keeps a cell out or lowers its infiltration", ends=_CELLS),
    "kills": Relation(-1, "destroys a cell", ends=_CELLS),
    "binds": Relation(0, "contact, with no direction said", "Complex", ends=_ACTING),
    "interacts with": Relation(0, "contact, with no direction said", "Complex", ends=_ACTING),
    "goes with": Relation(1, "association only, in the same direction"),
    "goes against": Relation(-1, "association only, in opposite directions"),
}  # fmt: skip
"""Name of a relation -> its sign, its meaning, its export, and the kinds of terms it joins."""

ASSOCIATIONS = ("goes with", "goes against")
"""Relations of things that occur together, without one acting on the other."""


class Step(NamedTuple):
    """One signed link: `source` does something to `target`, in the cell `place` if there is one."""

    source: str
    does: str
    target: str
    place: str | None = None

    @property
    def sign(self) -> int:
        """1 raises, -1 lowers, 0 has no direction."""
        return RELATIONS[self.does].sign

    @property
    def association(self) -> bool:
        """Whether it states only that the two occur together, not that one acts on the other."""
        return self.does in ASSOCIATIONS

    def to_dict(self) -> dict[str, Any]:
        """As in a file: `from`, `does`, `to`, and `in` where there is one."""
        record = {"from": self.source, "does": self.does, "to": self.target}
        return record | {"in": self.place} if self.place else record

    @classmethod
    def from_dict(cls, raw: Mapping[str, Any]) -> "Step":
        return cls(raw["from"], raw["does"], raw["to"], raw.get("in"))

    def __str__(self) -> str:
        inside = f" (in {self.place})" if self.place else ""
        return f"{self.source} {self.does} {self.target}{inside}"


Way = tuple[Step, ...]
"""Steps of which each begins where the one before ends, through no node twice."""


def sign_of(way: Iterable[Step]) -> int:
    """The product of the signs of its links."""
    return prod(step.sign for step in way)


class Effort:
    """The number of links that a search may still follow; with none left it stops."""

    def __init__(self, left: int = 100_000) -> None:
        self.left = left

    @property
    def spent(self) -> bool:
        return self.left <= 0


def ways(
    steps: Iterable[Step],
    start: str | Iterable[str],
    end: str | Iterable[str] = RESISTANCE,
    *,
    effort: Effort | None = None,
    longest: int = MOST_LINKS,
) -> Iterator[Way]:
    """The ways from a node (or any of some) to another (or the first of some), shortest first.

    Ways of one length come in the order of the steps. Of very many ways only as many are
    found as the effort allows; memory grows with the steps, not with the ways.
    """
    effort = effort or Effort()
    ends = frozenset((end,) if isinstance(end, str) else end)
    listed = tuple(steps)
    after, distance = _from(listed), _distances(listed, ends)
    nodes = (start,) if isinstance(start, str) else start
    starts = [node for node in nodes if node in after and node in distance]
    shortest = min((distance[node] for node in starts), default=longest)
    longer = bool(starts)
    for length in range(max(1, shortest), longest + 1):
        if not longer:
            return
        longer = False
        for first in starts:
            search = _Search(after, distance, effort, length)
            yield from search.ways(first)
            longer |= search.longer
        if effort.spent:
            return


class _Search:
    """A search for the ways of one length. `longer` tells whether there are longer ones."""

    def __init__(
        self,
        after: Mapping[str, Sequence[Step]],
        distance: Mapping[str, int],
        effort: Effort,
        length: int,
    ) -> None:
        self._after = after
        self._distance = distance
        self._effort = effort
        self._length = length
        self.longer = False

    def ways(self, first: str) -> Iterator[Way]:
        way: list[Step] = []
        passed = {first}
        waiting = [iter(self._after.get(first, ()))]
        while waiting:
            step = next(waiting[-1], None)
            if step is None:
                waiting.pop()
                if way:
                    passed.discard(way.pop().target)
                continue
            if self._effort.spent:
                return
            self._effort.left -= 1
            here = step.target
            distance = self._distance.get(here)
            if distance is None or here in passed:
                continue
            rest = self._length - len(way) - 1
            if distance > rest:
                self.longer = True
            elif distance:
                way.append(step)
                passed.add(here)
                waiting.append(iter(self._after.get(here, ())))
            elif not rest:
                yield (*way, step)


def _distances(steps: Iterable[Step], ends: Iterable[str]) -> Mapping[str, int]:
    """Node -> the number of links of the shortest way to an end; nothing where none leads."""
    before: defaultdict[str, list[str]] = defaultdict(list)
    for step in steps:
        before[step.target].append(step.source)
    found = dict.fromkeys(ends, 0)
    waiting = deque(found)
    while waiting:
        node = waiting.popleft()
        for source in before.get(node, ()):
            if source not in found:
                found[source] = found[node] + 1
                waiting.append(source)
    return found


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


def reaching(steps: Iterable[Step]) -> frozenset[str]:
    """`resistance`, and everything from which a way leads to it."""
    return frozenset(_distances(steps, (RESISTANCE,)))


def _from(steps: Iterable[Step]) -> Mapping[str, list[Step]]:
    after: defaultdict[str, list[Step]] = defaultdict(list)
    for step in steps:
        after[step.source].append(step)
    return after


def chains(steps: Iterable[Step]) -> tuple[Way, ...]:
    """All steps, each once, as few and long ways.

    A chain begins at a node to which no step leads and goes on as long as there are steps; the
    further steps from one node begin chains of their own.
    """
    after = {node: deque(of_node) for node, of_node in _from(steps).items()}
    reached = {step.target for of_node in after.values() for step in of_node}
    found: list[Way] = []
    for start in sorted(after, key=lambda node: node in reached):
        while after[start]:
            way = [after[start].popleft()]
            while after.get(way[-1].target):
                way.append(after[way[-1].target].popleft())
            found.append(tuple(way))
    return tuple(found)


def arrows(way: Way) -> str:
    """A way in one line of ASCII: `A -> B -| C`; `~` is association, `--` contact."""
    return way[0].source + "".join(f" {arrow(step)} {step.target}" for step in way)


def arrow(step: Step) -> str:
    """A step as two characters: raises (`->`), lowers (`-|`), is in contact (`--`)."""
    shaft = "~" if step.association else "-"
    return shaft + {1: ">", -1: "|", 0: "-"}[step.sign]
