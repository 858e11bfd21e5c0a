"""The circumstances under which claims have a cell on a side, and which of these meet.

Claims that have a cell on the same side under the same therapy, with the same agents and the same
cancers, are alike wherever circumstances are compared. Of such classes there are few, however many
claims there are; they are found part by part from bitmaps, and no claim is read.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from tdr.index import Index
from tdr.index.bits import bitmap, lowest, numbers
from tdr.model.vocabulary import Vocabulary

Labels = tuple[str, ...]
"""Terms of one kind, sorted."""

_FIELDS = ("promotes", "opposes", "therapy", "agents", "cancers")


class Setting(NamedTuple):
    """Claims that have a cell on one side under a therapy, with exactly these agents."""

    side: str
    cell: str
    therapy: str
    agents: Labels


class Classes:
    """The claims of some cells of either side by their circumstances: how many of each class.

    A class is a setting and the number of a set of cancers; `cancers` are these sets.
    """

    def __init__(self, index: Index, within: int, cells: Mapping[str, Collection[str]]) -> None:
        self._index, self._within = index, within
        self._numbers: dict[Labels, int] = {}
        self._sizes: dict[Setting, dict[int, int]] = {}
        self._lone: dict[Setting, dict[int, int]] = {}
        for setting, cancers, start, bits in _alike(index, within, cells):
            number = self._numbers.setdefault(cancers, len(self._numbers))
            sizes = self._sizes.setdefault(setting, {})
            count = bits.bit_count()
            if count == 1 and number not in sizes:
                self._lone.setdefault(setting, {})[number] = start + lowest(bits)
            sizes[number] = sizes.get(number, 0) + count
        self.cancers = list(self._numbers)
        self._settings: dict[tuple[str, str], list[Setting]] = {}
        for setting in self._sizes:
            self._settings.setdefault((setting.side, setting.cell), []).append(setting)

    def of(self, side: str, cell: str) -> Sequence[Setting]:
        """The settings of a cell."""
        return self._settings[side, cell]

    def size(self, setting: Setting, number: int) -> int:
        """How many claims are in a class."""
        return self._sizes[setting][number]

    def meeting(
        self, ours: Setting, theirs: Setting, cancers: Common
    ) -> dict[Labels, tuple[int, int]]:
        """What cancers classes of two settings have in common -> which classes of either setting.

        A claim does not meet itself: of two classes, one must have another claim.
        """
        apart = 0
        if ours[2:] == theirs[2:]:  # else no claim is in both
            lone = self._lone.get(theirs, {})
            for number, claim in self._lone.get(ours, {}).items():
                both = claim == lone.get(number)
                alone = self._sizes[ours][number] == self._sizes[theirs].get(number) == 1
                apart |= (both and alone) << number
        one, other = (bitmap(self._sizes[setting]) for setting in (ours, theirs))
        return cancers.between(one, other, apart)

    def members(
        self, wanted: Collection[tuple[Setting, int]]
    ) -> dict[tuple[Setting, int], list[int]]:
        """The claims of some classes."""
        cells: dict[str, set[str]] = {"promotes": set(), "opposes": set()}
        for setting, _ in wanted:
            cells[setting.side].add(setting.cell)
        within = 0
        for side, labels in cells.items():
            within |= self._index.bits(side, labels)
        found: dict[tuple[Setting, int], list[int]] = {one: [] for one in wanted}
        for setting, cancers, start, bits in _alike(self._index, within & self._within, cells):
            one = found.get((setting, self._numbers[cancers]))
            if one is not None:
                one += (start + n for n in numbers(bits))
        return found


class Common:
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
                both = shared(self._vocabulary, self._kind, *pair)
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


def _alike(
    index: Index, within: int, cells: Mapping[str, Collection[str]]
) -> Iterator[tuple[Setting, Labels, int, int]]:
    """Part by part, the claims of some cells of either side that are alike: their setting, their
    cancers, the number at which the part begins, and which claims of the part they are."""
    for start, here, having in index.parts(_FIELDS, within):
        by_agents = exactly(here, having["agents"])
        by_cancers = exactly(here, having["cancers"])
        settings = (
            (Setting(side, cell, therapy, agents), common)
            for side, of_side in cells.items()
            for cell in of_side
            if (on_side := having[side].get(cell, 0))
            for therapy, under in having["therapy"].items()
            if (treated := on_side & under)
            for agents, some in by_agents.items()
            if (common := treated & some)
        )
        for setting, some in settings:
            for cancers, bits in by_cancers.items():
                if alike := some & bits:
                    yield setting, cancers, start, alike


def exactly(claims: int, having: Mapping[str, int]) -> dict[Labels, int]:
    """Claims by exactly which of some values they have."""
    seen = several = 0
    for bits in having.values():
        several |= seen & bits
        seen |= bits
    found: dict[Labels, int] = {(): claims & ~seen}
    found |= {(value,): bits & ~several for value, bits in having.items()}
    said: dict[int, list[str]] = {}
    for value, bits in having.items():
        for number in numbers(bits & several):
            said.setdefault(number, []).append(value)
    for number, values in said.items():
        labels = tuple(sorted(values))
        found[labels] = found.get(labels, 0) | 1 << number
    return {labels: bits for labels, bits in found.items() if bits}


def shared(vocabulary: Vocabulary, kind: str, ours: Iterable[str], theirs: Iterable[str]) -> Labels:
    """Terms of both sides; of a term and a narrower one, the wider."""
    found: dict[str, None] = {}
    for one in ours:
        for other in theirs:
            if one == other or one in vocabulary.ancestors(kind, other):
                found[one] = None
            elif other in vocabulary.ancestors(kind, one):
                found[other] = None
    return tuple(sorted(found))
