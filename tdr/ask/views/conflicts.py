"""Cells that promote resistance in one claim and oppose it in another.

Three kinds, the gravest first:

* `contradiction`: the same cell, under the same therapy;
* `context`: the same cell, under different therapies;
* `subtype`: two cells under the same therapy of which one is narrower than the
  other (HLA-DR+ monocyte, monocyte), or which stand directly below the same cell
  (M1 and M2 tumor-associated macrophage).

Cells that share only a lineage (myeloid cell) are different cells, not subtypes of one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import chain, islice
from typing import Any, ClassVar

from tdr.ask.corpus import Corpus, Name, Selection
from tdr.ask.views.axes import LINEAGE_LEVELS, lineage
from tdr.ask.views.circumstances import Classes, Common, Labels, Setting, shared
from tdr.index import Index
from tdr.index.bits import bitmap, numbers
from tdr.model.rows import Columns, Row
from tdr.model.values import Claim
from tdr.model.vocabulary import Vocabulary

CONFLICT_KINDS = ("contradiction", "context", "subtype")

_ROWS, _CLAIMS = 20, 20_000
"""So many conflicts, or claims in them, are looked up at once."""


@dataclass(frozen=True, slots=True)
class Side:
    """One claim on one side of a conflict, and the cell by which it takes part."""

    cell: str
    id: str
    number: int
    index: Index = field(repr=False, compare=False)

    @property
    def claim(self) -> Claim:
        """The claim itself, which is read now."""
        return next(self.index.claims_at([self.number]))


@dataclass(frozen=True, slots=True)
class Conflict(Row):
    """Claims on both sides of one cell (or of subtypes of it) that share their circumstances.

    Claims of one cell are grouped by therapy, then by the agents and cancers that the
    two sides have in common; empty if they differ, or if one side names none.
    `therapies` has two items where the conflict is across therapies. Subtypes are
    grouped by therapy only; `agents` and `cancers` are then those that some claim
    has in common with one of the other side. Of an agent and a narrower one, the
    wider counts as common. Where sources are compared, `works` says whether they disagree on the
    same work, which one of them then misreads, or on different ones: an open question.
    `abstracts` are what was read of works that both sides cite, `citing` sources that list one of
    the others: these are no independent voices.
    """

    columns: ClassVar = Columns(
        "conflicts",
        (
            "kind",
            "cell",
            "therapies",
            "agents",
            "cancers",
            "promotes",
            "promoted_by",
            "promotes_refs",
            "opposes",
            "opposed_by",
            "opposes_refs",
            "notes",
            "works",
            "abstracts",
            "citing",
        ),
        shown=("kind", "cell", "therapies", "agents", "promoted_by", "opposed_by"),
        id="cell",
    )

    kind: str
    cell: str
    therapies: tuple[str, ...]
    agents: tuple[str, ...]
    cancers: tuple[str, ...]
    promotes: tuple[Side, ...]
    opposes: tuple[Side, ...]
    promotes_refs: tuple[Name, ...]
    opposes_refs: tuple[Name, ...]
    works: str | None = None
    abstracts: tuple[str, ...] = ()
    citing: tuple[str, ...] = ()

    @property
    def sides(self) -> tuple[Side, ...]:
        """The claims of both sides, each once."""
        first: dict[int, Side] = {}
        for side in (*self.promotes, *self.opposes):
            first.setdefault(side.number, side)
        return tuple(first.values())

    @property
    def claims(self) -> tuple[Claim, ...]:
        """The same, read from the index."""
        return tuple(claim for _, claim in read(self.sides))

    def to_dict(self) -> dict[str, Any]:
        """Both sides as their cells, the ids of their claims and their references."""
        return {
            "kind": self.kind,
            "cell": self.cell,
            "therapies": list(self.therapies),
            "agents": list(self.agents),
            "cancers": list(self.cancers),
            **_side("promotes", "promoted_by", self.promotes),
            "promotes_refs": list(self.promotes_refs),
            **_side("opposes", "opposed_by", self.opposes),
            "opposes_refs": list(self.opposes_refs),
            "notes": _notes(self.sides),
            "works": self.works,
            "abstracts": list(self.abstracts),
            "citing": list(self.citing),
        }


def _side(field: str, ids: str, sides: tuple[Side, ...]) -> dict[str, Any]:
    return {
        field: list(dict.fromkeys(side.cell for side in sides)),
        ids: list(dict.fromkeys(side.id for side in sides)),
    }


def _notes(sides: Sequence[Side]) -> list[str]:
    """`imm-004: What the source leaves open.` of each claim that has a note."""
    if not sides:
        return []
    index = sides[0].index
    noted = set(numbers(index.bits("noted", ["yes"]) & bitmap(side.number for side in sides)))
    records = zip(sorted(noted), index.records_at(sorted(noted)), strict=True)
    notes = {number: record["note"] for number, record in records}
    return [f"{side.id}: {notes[side.number]}" for side in sides if side.number in notes]


def read(sides: Iterable[Side]) -> Iterator[tuple[Side, Claim]]:
    """The claims of some sides of one evidence; not many more are read than are taken."""
    waiting = iter(sides)
    while some := list(islice(waiting, _ROWS)):
        wanted = sorted({side.number for side in some})
        claims = dict(zip(wanted, some[0].index.claims_at(wanted), strict=True))
        yield from ((side, claims[side.number]) for side in some)


class Conflicts(Collection[Conflict]):
    """The conflicts among some claims, in order. Only those that are taken are looked up."""

    def __init__(self, evidence: Corpus, classes: Classes, met: Sequence[_Meeting]) -> None:
        self._evidence, self._classes, self._met = evidence, classes, met

    def __len__(self) -> int:
        return len(self._met)

    def __contains__(self, conflict: object) -> bool:
        return any(conflict == one for one in self)

    def __iter__(self) -> Iterator[Conflict]:
        some: list[_Meeting] = []
        claims = 0
        for one in self._met:
            some.append(one)
            claims += sum(self._classes.size(*of) for of in (*one.promotes, *one.opposes))
            if len(some) == _ROWS or claims > _CLAIMS:
                yield from _looked_up(self._evidence, self._classes, some)
                some, claims = [], 0
        yield from _looked_up(self._evidence, self._classes, some)

    def of(self, kinds: Collection[str]) -> Conflicts:
        """Those of some kinds."""
        some = [one for one in self._met if one.kind in kinds]
        return Conflicts(self._evidence, self._classes, some)

    @property
    def kinds(self) -> Counter[str]:
        """How many there are of each kind."""
        return Counter(one.kind for one in self._met)


def conflicts(
    evidence: Corpus, selection: Selection, cells: Collection[str] | None = None
) -> Conflicts:
    """The conflicts among the selected claims, by kind, then therapy, cell, agent and cancer.

    With `cells`, only those in which one of these cells takes part.
    """
    related = _related(evidence, selection, cells)
    sides = {"promotes": {one for _, one, _ in related}, "opposes": {one for _, _, one in related}}
    classes = Classes(evidence.index, selection.bits, sides)
    cancers = Common(evidence.vocabulary, "cancers", classes.cancers)

    @cache
    def agents_of(ours: Labels, theirs: Labels) -> Labels:
        return shared(evidence.vocabulary, "agents", ours, theirs)

    met: dict[tuple[object, ...], _Meeting] = {}
    for family, promoting, opposing in related:
        kind = "contradiction" if promoting == opposing else "subtype"
        for ours in classes.of("promotes", promoting):
            for theirs in classes.of("opposes", opposing):
                therapies = evidence.therapies.in_order((ours.therapy, theirs.therapy))
                if len(therapies) > 1 and kind == "subtype":
                    continue
                named = "context" if len(therapies) > 1 else kind
                agents = agents_of(ours.agents, theirs.agents)
                for common, sets in classes.meeting(ours, theirs, cancers).items():
                    key = (named, family, therapies, () if kind == "subtype" else (agents, common))
                    one = met.get(key)
                    if one is None:
                        one = met[key] = _Meeting(named, family, therapies)
                    one.add(agents, common, (ours, theirs), sets)
    therapy_order = {label: n for n, label in enumerate(evidence.therapies)}
    cell_order = {label: n for n, label in enumerate(evidence.vocabulary.terms("cells"))}
    ranked = sorted(met.values(), key=lambda one: _rank(one, therapy_order, cell_order))
    return Conflicts(evidence, classes, ranked)


_Class = tuple[Setting, int]
"""Claims of a setting that are about the same cancers, by the number of this set."""


@dataclass(slots=True)
class _Meeting:
    """A conflict while its claims are known by their classes alone: settings of either side, and
    of which cancers in each, as a bitmap of sets."""

    kind: str
    cell: str
    therapies: tuple[str, ...]
    agents: set[str] = field(default_factory=set)
    cancers: set[str] = field(default_factory=set)
    _promotes: dict[Setting, int] = field(default_factory=dict)
    _opposes: dict[Setting, int] = field(default_factory=dict)

    def add(
        self,
        agents: Labels,
        cancers: Labels,
        settings: tuple[Setting, Setting],
        sets: tuple[int, int],
    ) -> None:
        """Take the classes of either side that have these agents and cancers in common."""
        self.agents.update(agents)
        self.cancers.update(cancers)
        for side, setting, some in zip(
            (self._promotes, self._opposes), settings, sets, strict=True
        ):
            side[setting] = side.get(setting, 0) | some

    @property
    def promotes(self) -> list[_Class]:
        return [(setting, n) for setting, sets in self._promotes.items() for n in numbers(sets)]

    @property
    def opposes(self) -> list[_Class]:
        return [(setting, n) for setting, sets in self._opposes.items() for n in numbers(sets)]


def _looked_up(evidence: Corpus, classes: Classes, some: Sequence[_Meeting]) -> Iterator[Conflict]:
    """Conflicts with the ids of their claims and with their references."""
    every = {one for met in some for one in (*met.promotes, *met.opposes)}
    members = classes.members(every)
    index = evidence.index
    bits = bitmap(chain.from_iterable(members.values()))
    ids = dict(zip(numbers(bits), index.ids_of(bits), strict=True))
    several = [one for one in every if len(one[0].agents) > 1 or len(classes.cancers[one[1]]) > 1]
    wanted = sorted(set(chain.from_iterable(members[one] for one in several)))
    order = dict(zip(wanted, index.records_at(wanted), strict=True))

    def arranged(side: list[_Class]) -> tuple[Side, ...]:
        """By cell (the one with most claims first), then agent, cancer and id."""
        size: Counter[str] = Counter()
        found = []
        for one in side:
            (setting, number), numbered = one, members[one]
            size[setting.cell] += len(numbered)
            for n in numbered:
                record = order.get(n)  # of several agents, a claim has an order of its own
                agents = setting.agents if record is None else tuple(record.get("agents", ()))
                cancers = classes.cancers[number]
                cancers = cancers if record is None else tuple(record.get("cancers", ()))
                found.append((setting.cell, agents, cancers, ids[n], n))
        found.sort(key=lambda one: (-size[one[0]], *one))
        return tuple(Side(cell, identifier, n, index) for cell, _, _, identifier, n in found)

    sides = [(arranged(met.promotes), arranged(met.opposes)) for met in some]
    claims = [bitmap(side.number for side in one) for both in sides for one in both]
    refs = evidence.cited_by(*claims)
    for met, both in zip(some, sides, strict=True):
        agents, cancers = tuple(sorted(met.agents)), tuple(sorted(met.cancers))
        shown = (met.kind, met.cell, met.therapies, agents, cancers)
        yield Conflict(*shown, *both, next(refs), next(refs))


def _rank(
    row: _Meeting, therapies: Mapping[str, int], cells: Mapping[str, int]
) -> tuple[object, ...]:
    return (
        CONFLICT_KINDS.index(row.kind),
        [therapies[therapy] for therapy in row.therapies],
        cells.get(row.cell, len(cells)),
        not row.agents,
        sorted(row.agents),
        not row.cancers,
        sorted(row.cancers),
    )


def _related(
    evidence: Corpus, selection: Selection, cells: Collection[str] | None
) -> list[tuple[str, str, str]]:
    """The cell in common, the promoting and the opposing cell of every two that are related."""
    occurring = {
        side: evidence.index.firsts(side, selection.bits)[0] for side in ("promotes", "opposes")
    }
    return [
        (family, promoting, opposing)
        for promoting in occurring["promotes"]
        for opposing in occurring["opposes"]
        if cells is None or promoting in cells or opposing in cells
        if (family := common_cell(evidence.vocabulary, promoting, opposing)) is not None
    ]


def common_cell(vocabulary: Vocabulary, one: str, other: str) -> str | None:
    """The cell of which both are kinds: the wider of the two, or the parent that they share.

    None if they are different cells.
    """
    if one == other or one in vocabulary.ancestors("cells", other):
        return one
    if other in vocabulary.ancestors("cells", one):
        return other
    terms = vocabulary.terms("cells")
    parents = terms[other].parents if other in terms else ()
    for parent in terms[one].parents if one in terms else ():
        if parent in parents and len(lineage(vocabulary, "cells", parent)) > LINEAGE_LEVELS:
            return parent
    return None
