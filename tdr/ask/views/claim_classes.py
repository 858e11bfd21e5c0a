"""The classes of claims that are alike in all that conflicts compare, and which of them meet.

Claims in the same setting (a cell on one side, a therapy and its agents; a step and its therapy)
that are about the same cancers are alike wherever circumstances are compared. Of such classes there
are few, however many claims there are; they are found part by part from bitmaps, and no claim is
read.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

from tdr.index.bits import PART_SIZE, bitmap, join_parts, numbers
from tdr.model.vocabulary import Vocabulary

if TYPE_CHECKING:
    from tdr.ask.evidence import Evidence

Labels = tuple[str, ...]
"""Terms of one kind, sorted."""

Having = Mapping[str, Mapping[str, int]]
"""Facet -> value -> the claims of a part of the index that have it."""


class Setting(Protocol):
    """What claims on a side have in common besides cancers; can be a key."""

    @property
    def name(self) -> str:
        """By what they take part: a cell, what a step does."""

    @property
    def agents(self) -> Labels:
        """Their agents, where these are part of the setting."""


S = TypeVar("S", bound=Setting)
Class = tuple[S, int]
"""A setting, and the number of a set of cancers."""


@dataclass(slots=True)
class ClassMembers:
    """How many claims are in a class, and the first of them."""

    size: int = 0
    first: list[int] = field(default_factory=list)


class Classes(Generic[S]):
    """Claims by their setting and by exactly which cancers they are about.

    `settings` gives the claims of each setting in one part of the index: from the number at which
    the part begins, the claims in it, and those of each value of the `facets`. A class is a setting
    and the number of a set of cancers; `sets` has for each setting the bitmap of these numbers.
    """

    def __init__(
        self,
        evidence: Evidence,
        within: int,
        facets: Sequence[str],
        settings: Callable[[int, int, Having], Iterable[tuple[S, int]]],
    ) -> None:
        self._index, self._within = evidence.index, within
        self._facets, self._settings = facets, settings
        self._numbers: dict[Labels, int] = {}
        self._starts: dict[S, set[int]] = {}
        self._lone: dict[S, dict[int, int]] = {}
        self.sets: dict[S, int] = {}
        for start, setting, number, bits in self._alike(within):
            known = self.sets.get(setting, 0)
            lone = self._lone.setdefault(setting, {})
            if known >> number & 1:
                lone.pop(number, None)
            elif bits == 1 << (last := bits.bit_length() - 1):
                lone[number] = start + last
            self.sets[setting] = known | 1 << number
            self._starts.setdefault(setting, set()).add(start)
        self.cancers = tuple(self._numbers)
        self._common = SharedTerms(evidence.vocabulary, "cancers", self.cancers)

    def meeting(self, ours: S, theirs: S) -> Mapping[Labels, tuple[int, int]]:
        """What cancers classes of two settings have in common -> which classes of either setting.

        A claim does not meet itself: of two classes, one must have another claim.
        """
        apart = self._apart(ours, theirs)
        return self._common.between(self.sets[ours], self.sets[theirs], apart)

    def compatible(self, ours: S, theirs: S) -> Mapping[Labels, tuple[int, int]]:
        """The same without classes that both name cancers and have none in common."""
        found = {**self.meeting(ours, theirs)}
        if found.pop((), None):
            one, other, apart = self.sets[ours], self.sets[theirs], self._apart(ours, theirs)
            none = 1 << self._numbers[()] if () in self._numbers else 0
            for sets in ((one & none, other), (one, other & none)):
                for cancers, (mine, yours) in self._common.between(*sets, apart).items():
                    before = found.get(cancers, (0, 0))
                    found[cancers] = before[0] | mine, before[1] | yours
        return found

    def _apart(self, ours: S, theirs: S) -> int:
        alone = self._lone[ours].items() & self._lone[theirs].items()
        return bitmap(number for number, _ in alone)

    def members(
        self, sides: Sequence[Mapping[S, int]], most: int | None
    ) -> tuple[list[int], dict[Class[S], ClassMembers]]:
        """All claims of each of some sides (setting -> its sets of cancers), and for every class of
        these at most so many of its claims."""
        taking: dict[Class[S], list[int]] = {}
        for place, side in enumerate(sides):
            for setting, sets in side.items():
                for number in numbers(sets):
                    taking.setdefault((setting, number), []).append(place)
        wanted = {setting for setting, _ in taking}
        starts = set().union(*map(self._starts.__getitem__, wanted))
        within = self._within & join_parts(dict.fromkeys(starts, (1 << PART_SIZE) - 1))
        every: list[dict[int, int]] = [{} for _ in sides]
        found = {one: ClassMembers() for one in taking}
        for start, setting, number, bits in self._alike(within, wanted):
            if (one := (setting, number)) in taking:
                members = found[one]
                members.size += bits.bit_count()
                left = None if most is None else most - len(members.first)
                members.first += (start + n for n in islice(numbers(bits), left))
                for place in taking[one]:
                    every[place][start] = every[place].get(start, 0) | bits
        return [join_parts(parts) for parts in every], found

    def _alike(
        self, within: int, wanted: Collection[S] | None = None
    ) -> Iterator[tuple[int, S, int, int]]:
        """Part by part the claims that are alike, of some settings or of all: the number at which
        the part begins, the class, and which claims of the part."""
        known = self._numbers
        for start, here, having in self._index.by_part((*self._facets, "cancers"), within):
            by_cancers = [
                (known.setdefault(cancers, len(known)), bits)
                for cancers, bits in by_exact_values(here, having["cancers"]).items()
            ]
            for setting, some in self._settings(start, here, having):
                if wanted is not None and setting not in wanted:
                    continue
                for number, bits in by_cancers:
                    if alike := some & bits:
                        yield start, setting, number, alike


class SharedTerms:
    """What sets of terms of one kind have in common. Several sets are a bitmap of their numbers."""

    def __init__(self, vocabulary: Vocabulary, kind: str, sets: Sequence[Labels]) -> None:
        self._vocabulary, self._kind, self._sets = vocabulary, kind, sets
        self._having: dict[str, int] = {}
        for number, labels in enumerate(sets):
            for label in labels:
                self._having[label] = self._having.get(label, 0) | 1 << number
        self._known: dict[int, dict[Labels, int]] = {}
        self._between: dict[tuple[int, int, int], dict[Labels, tuple[int, int]]] = {}

    def shared_with(self, number: int) -> Mapping[Labels, int]:
        """What a set shares with others -> these others."""
        if number not in self._known:
            related = 0
            for label in self._sets[number]:
                above = self._vocabulary.ancestors(self._kind, label)
                below = self._vocabulary.descendants(self._kind, label)
                for near in (label, *above, *below):
                    related |= self._having.get(near, 0)
            found: dict[Labels, int] = {(): (1 << len(self._sets)) - 1 & ~related}
            for other in numbers(related):
                pair = self._sets[number], self._sets[other]
                both = common_terms(self._vocabulary, self._kind, *pair)
                found[both] = found.get(both, 0) | 1 << other
            self._known[number] = found
        return self._known[number]

    def between(self, ours: int, theirs: int, apart: int = 0) -> dict[Labels, tuple[int, int]]:
        """What some sets share with some others -> those of either side that share it.

        A set that is `apart` does not meet itself.
        """
        known = self._between.get((ours, theirs, apart))
        if known is not None:
            return known
        found: dict[Labels, tuple[int, int]] = {}
        for number in numbers(ours):
            one = 1 << number
            for labels, others in self.shared_with(number).items():
                if met := others & theirs & ~(apart & one):
                    mine, yours = found.get(labels, (0, 0))
                    found[labels] = mine | one, yours | met
        self._between[ours, theirs, apart] = found
        return found


def by_exact_values(claims: int, having: Mapping[str, int]) -> dict[Labels, int]:
    """Claims by exactly which of some values they have."""
    seen = several = 0
    for bits in having.values():
        several |= seen & bits
        seen |= bits
    found: dict[Labels, int] = {(): claims & ~seen}
    found |= {(value,): bits & ~several for value, bits in having.items()}
    values_of: dict[int, list[str]] = {}
    for value, bits in having.items():
        for number in numbers(bits & several):
            values_of.setdefault(number, []).append(value)
    together: dict[Labels, list[int]] = {}
    for number, values in values_of.items():
        together.setdefault(tuple(sorted(values)), []).append(number)
    found |= {labels: bitmap(members) for labels, members in together.items()}
    return {labels: bits for labels, bits in found.items() if bits}


def common_terms(
    vocabulary: Vocabulary, kind: str, ours: Iterable[str], theirs: Iterable[str]
) -> Labels:
    """Terms of both sides; of a term and a narrower one, the wider."""
    found: dict[str, None] = {}
    for one in ours:
        for other in theirs:
            if one == other or one in vocabulary.ancestors(kind, other):
                found[one] = None
            elif other in vocabulary.ancestors(kind, one):
                found[other] = None
    return tuple(sorted(found))
