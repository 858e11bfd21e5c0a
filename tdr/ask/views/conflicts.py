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
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, ClassVar, NamedTuple

from tdr.ask.views.axes import LINEAGE_LEVELS, line_of_parents
from tdr.ask.views.claim_classes import Classes, Having, Labels, by_exact_values, common_terms
from tdr.ask.views.conflict_sides import (
    ConflictRow,
    LazyConflicts,
    PendingConflict,
    Side,
    side_columns,
)
from tdr.model.rows import Columns
from tdr.model.vocabulary import Vocabulary

if TYPE_CHECKING:
    from tdr.ask.evidence import Evidence
    from tdr.ask.evidence_data import Selection

CONFLICT_KINDS = ("contradiction", "context", "subtype")

_PROMOTES = side_columns("promotes", "promoted_by")
_OPPOSES = side_columns("opposes", "opposed_by")


@dataclass(frozen=True, slots=True)
class Conflict(ConflictRow):
    """Claims on both sides of one cell (or of subtypes of it) that share their circumstances.

    Claims of one cell are grouped by therapy, then by the agents and cancers that the
    two sides have in common; empty if they differ, or if one side names none.
    `therapies` has two items where the conflict is across therapies. Subtypes are
    grouped by therapy only; `agents` and `cancers` are then those that some claim
    has in common with one of the other side. Of an agent and a narrower one, the
    wider counts as common. Where sources are compared, `works` says whether they disagree on the
    same work, which one of them then misreads, or on different ones: an open question.
    `abstracts` are what was read of works that both sides cite, `citing` sources that list one of
    the others: they do not judge independently. `claims` are those that its sides carry, `notes`
    what these leave open.
    """

    columns: ClassVar = Columns(
        "conflicts",
        (*("kind", "cell", "therapies", "agents", "cancers"), *_PROMOTES, *_OPPOSES,
         *("notes", "works", "abstracts", "citing")),
        shown=("kind", "cell", "therapies", "agents", "promoted_by", "opposed_by"),
        id="cell",
        values=_PROMOTES | _OPPOSES,
    )  # fmt: skip

    kind: str
    cell: str
    therapies: tuple[str, ...]
    agents: tuple[str, ...]
    cancers: tuple[str, ...]
    promotes: Side
    opposes: Side
    works: str | None = None
    abstracts: tuple[str, ...] = ()
    citing: tuple[str, ...] = ()

    @property
    def sides(self) -> tuple[Side, Side]:
        return self.promotes, self.opposes


class Conflicts(LazyConflicts["_PendingCellConflict", Conflict]):
    """The conflicts among some claims, in order."""

    def of(self, kinds: Collection[str]) -> Conflicts:
        """The conflicts of some kinds."""
        some = [one for one in self._met if one.kind in kinds]
        return Conflicts(self._evidence, self._classes, some, _row, every=self._most is None)

    @property
    def kinds(self) -> Counter[str]:
        """The number of conflicts of each kind."""
        return Counter(one.kind for one in self._met)


def conflicts(
    evidence: Evidence,
    selection: Selection,
    cells: Collection[str] | None = None,
    *,
    every: bool = False,
) -> Conflicts:
    """The conflicts among the selected claims, by kind, then therapy, cell, agent and cancer.

    With `cells`, only those in which one of these cells takes part. Sides carry their first claims,
    or `every` one.
    """
    related = _related(evidence, selection, cells)
    classes = _classes(evidence, selection, related)
    settings: dict[tuple[str, str], list[_Setting]] = {}
    for setting in classes.sets:
        settings.setdefault((setting.side, setting.name), []).append(setting)

    @cache
    def agents_of(ours: Labels, theirs: Labels) -> Labels:
        return common_terms(evidence.vocabulary, "agents", ours, theirs)

    met: dict[tuple[object, ...], _PendingCellConflict] = {}
    for family, promoting, opposing in related:
        kind = "contradiction" if promoting == opposing else "subtype"
        for ours in settings["promotes", promoting]:
            for theirs in settings["opposes", opposing]:
                therapies = evidence.therapies.in_order((ours.therapy, theirs.therapy))
                if len(therapies) > 1 and kind == "subtype":
                    continue
                named = "context" if len(therapies) > 1 else kind
                agents = agents_of(ours.agents, theirs.agents)
                for common, sets in classes.meeting(ours, theirs).items():
                    key = (named, family, therapies, () if kind == "subtype" else (agents, common))
                    one = met.get(key)
                    if one is None:
                        one = met[key] = _PendingCellConflict(named, family, therapies)
                    one.meet((ours, theirs), sets)
                    one.agents.update(agents)
                    one.cancers.update(common)
    therapy_order = {label: n for n, label in enumerate(evidence.therapies)}
    cell_order = {label: n for n, label in enumerate(evidence.vocabulary.terms("cells"))}
    ranked = sorted(met.values(), key=lambda one: _rank(one, therapy_order, cell_order))
    return Conflicts(evidence, classes, ranked, _row, every=every)


class _Setting(NamedTuple):
    """Claims that have a cell on one side under a therapy, with exactly these agents."""

    side: str
    name: str
    therapy: str
    agents: Labels


def _classes(
    evidence: Evidence, selection: Selection, related: Iterable[tuple[str, str, str]]
) -> Classes[_Setting]:
    """The claims of the cells that are related, on the side on which they are."""
    pairs = [pair for _, *pair in related]
    cells = dict(zip(("promotes", "opposes"), map(set, zip(*pairs, strict=True)), strict=False))

    def settings(_: int, here: int, having: Having) -> Iterable[tuple[_Setting, int]]:
        by_agents = by_exact_values(here, having["agents"])
        for side, of_side in cells.items():
            for cell in of_side & having[side].keys():
                for therapy, under in having["therapy"].items():
                    if treated := having[side][cell] & under:
                        for agents, some in by_agents.items():
                            if common := treated & some:
                                yield _Setting(side, cell, therapy, agents), common

    return Classes(evidence, selection.bits, ("promotes", "opposes", "therapy", "agents"), settings)


@dataclass(slots=True)
class _PendingCellConflict(PendingConflict[_Setting]):
    """A conflict of cells, with the classes of its claims."""

    kind: str
    cell: str
    therapies: tuple[str, ...]
    agents: set[str] = field(default_factory=set)
    cancers: set[str] = field(default_factory=set)


def _row(met: _PendingCellConflict, promotes: Side, opposes: Side) -> Conflict:
    agents, cancers = tuple(sorted(met.agents)), tuple(sorted(met.cancers))
    return Conflict(met.kind, met.cell, met.therapies, agents, cancers, promotes, opposes)


def _rank(
    row: _PendingCellConflict, therapies: Mapping[str, int], cells: Mapping[str, int]
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
    evidence: Evidence, selection: Selection, cells: Collection[str] | None
) -> list[tuple[str, str, str]]:
    """The cell in common, the promoting and the opposing cell of every two that are related."""
    occurring = {
        side: evidence.index.first_claims(side, selection.bits)[0]
        for side in ("promotes", "opposes")
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
        if parent in parents and len(line_of_parents(vocabulary, "cells", parent)) > LINEAGE_LEVELS:
            return parent
    return None
