"""The two sides of a conflict: known by classes of claims, and looked up when they are taken."""

from __future__ import annotations

from abc import abstractmethod
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from tdr.ask.views.claim_classes import Class, Classes, S
from tdr.index.bits import numbers
from tdr.model.rows import Row
from tdr.model.values import Claim

if TYPE_CHECKING:
    from tdr.ask.evidence import Evidence
    from tdr.ask.evidence_data import ReferenceName

FIRST = 50
"""Claims of either side that a conflict holds unless all are asked for."""

_ROWS = 20
"""Conflicts whose claims are looked up at once."""


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a conflict.

    `names` are the cells on this side, or what steps on it do, that of most claims first;
    `bits` all its claims, as a bitmap of their numbers. `first` are its first claims, each with
    its name of `names`, in the order of name, agent, cancer and id. `refs` are their references.
    """

    names: tuple[str, ...]
    bits: int = field(repr=False)
    first: tuple[tuple[str, Claim], ...]
    refs: tuple[ReferenceName, ...]

    @property
    def count(self) -> int:
        """The number of all claims on this side."""
        return self.bits.bit_count()

    @property
    def claims(self) -> tuple[Claim, ...]:
        """The first claims, each once."""
        return _each(claim for _, claim in self.first)

    @property
    def left(self) -> int:
        """The number of claims besides the first."""
        return self.count - len(self.claims)


def side_columns(name: str, by: str) -> dict[str, Callable[[Any], object]]:
    """Columns of a conflict: the names on the side of this attribute, the ids of its first claims,
    the number of all, and the references of the first."""
    return {
        name: attrgetter(f"{name}.names"),
        by: lambda conflict: [claim.id for claim in getattr(conflict, name).claims],
        f"{name}_claims": attrgetter(f"{name}.count"),
        f"{name}_refs": attrgetter(f"{name}.refs"),
    }


class ConflictRow(Row):
    """Base of the rows that are conflicts."""

    __slots__ = ()

    @property
    @abstractmethod
    def sides(self) -> tuple[Side, Side]:
        """Both sides."""

    @property
    def claims(self) -> tuple[Claim, ...]:
        """The first claims of both sides, each once."""
        return _each(claim for side in self.sides for _, claim in side.first)

    @property
    def cut(self) -> bool:
        """Whether a side has more than its first claims."""
        return any(side.left for side in self.sides)

    @property
    def notes(self) -> list[str]:
        """`imm-004: What the source leaves open.` of each of these claims that has a note."""
        return [f"{claim.id}: {claim.note}" for claim in self.claims if claim.note]


@dataclass(slots=True)
class PendingConflict(Generic[S]):
    """A conflict while its claims are known by their classes alone: settings of either side, and
    of which cancers in each, as a bitmap of sets."""

    sides: tuple[dict[S, int], dict[S, int]] = field(default_factory=lambda: ({}, {}), init=False)

    def meet(self, settings: tuple[S, S], sets: tuple[int, int]) -> None:
        """Take some classes of a setting of either side."""
        for side, setting, some in zip(self.sides, settings, sets, strict=True):
            side[setting] = side.get(setting, 0) | some


M = TypeVar("M", bound=PendingConflict[Any])
R = TypeVar("R", bound=ConflictRow)


class LazyConflicts(Collection[R], Generic[M, R]):
    """Conflicts in order. Only those that are taken are looked up, a few at a time; of either side
    the first claims, or `every` one."""

    def __init__(
        self,
        evidence: Evidence,
        classes: Classes[Any],
        met: Sequence[M],
        row: Callable[[M, Side, Side], R],
        *,
        every: bool,
    ) -> None:
        self._evidence, self._classes, self._row = evidence, classes, row
        self._met, self._most = met, None if every else FIRST

    def __len__(self) -> int:
        return len(self._met)

    def __contains__(self, conflict: object) -> bool:
        return any(conflict == one for one in self)

    def __iter__(self) -> Iterator[R]:
        waiting = iter(self._met)
        while some := list(islice(waiting, _ROWS)):
            sides = [side for met in some for side in met.sides]
            every, members = self._classes.members(sides, self._most)
            looked_up = (self._side(*one, members) for one in zip(sides, every, strict=True))
            for met in some:
                yield self._row(met, next(looked_up), next(looked_up))

    def _side(self, side: Mapping[S, int], bits: int, members: Mapping[Class[S], Any]) -> Side:
        classes = [(setting, n) for setting, sets in side.items() for n in numbers(sets)]
        size: Counter[str] = Counter()
        for setting, n in classes:
            size[setting.name] += members[setting, n].size
        names = sorted(size, key=lambda name: (-size[name], name))
        place = {name: n for n, name in enumerate(names)}
        cancers = self._classes.cancers
        classes.sort(key=lambda one: (place[one[0].name], one[0].agents, cancers[one[1]]))
        numbered = ((one[0].name, n) for one in classes for n in members[one].first)
        taken = list(islice(numbered, self._most))
        wanted = sorted({n for _, n in taken})
        claims = dict(zip(wanted, self._evidence.index.claims_at(wanted), strict=True))
        first = [(name, claims[n]) for name, n in taken]
        # Of several agents or cancers, a claim has an order of its own.
        first.sort(key=lambda one: (place[one[0]], one[1].agents, one[1].cancers, one[1].id))
        return Side(tuple(names), bits, tuple(first), self._evidence.refs_of(claims.values()))


def _each(claims: Iterable[Claim]) -> tuple[Claim, ...]:
    return tuple({claim.id: claim for claim in claims}.values())
