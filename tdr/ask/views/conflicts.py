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
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any, ClassVar

from tdr.ask.agreement import abstracts
from tdr.ask.corpus import Corpus, Name, Selection
from tdr.ask.views.axes import LINEAGE_LEVELS, lineage
from tdr.ask.works import Works, cited_sources
from tdr.model.errors import TdrError
from tdr.model.rows import Columns, Row
from tdr.model.values import Claim
from tdr.model.vocabulary import Vocabulary

CONFLICT_KINDS = ("contradiction", "context", "subtype")
READING = "reading"
"""The kind that only a comparison of sources has."""

SAME, DIFFERENT = "same", "different"

MOST_CLAIMS = 100_000
"""Claims that are weighed against each other at most: they are all in memory at once."""


@dataclass(frozen=True, slots=True)
class Side:
    """One claim on one side of a conflict, and the cell by which it takes part."""

    cell: str
    claim: Claim


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
    def claims(self) -> tuple[Claim, ...]:
        """The claims of both sides, each once."""
        sides = (*self.promotes, *self.opposes)
        return tuple({side.claim.id: side.claim for side in sides}.values())

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
            "notes": [f"{claim.id}: {claim.note}" for claim in self.claims if claim.note],
            "works": self.works,
            "abstracts": list(self.abstracts),
            "citing": list(self.citing),
        }


def _side(field: str, ids: str, sides: tuple[Side, ...]) -> dict[str, Any]:
    return {
        field: list(dict.fromkeys(side.cell for side in sides)),
        ids: list(dict.fromkeys(side.claim.id for side in sides)),
    }


def conflicts(
    evidence: Corpus, selection: Selection, cells: Collection[str] | None = None
) -> tuple[Conflict, ...]:
    """The conflicts among the selected claims, by kind, then therapy, cell, agent and cancer.

    With `cells`, only those in which one of these cells takes part.
    Raises TdrError if more than MOST_CLAIMS claims would have to be weighed.
    """
    found: dict[tuple[object, ...], _Sides] = {}
    vocabulary = evidence.vocabulary

    # Circumstances are compared by the million, though few of each are different.
    @cache
    def therapies_of(*both: str) -> tuple[str, ...]:
        return evidence.therapies.in_order(both)

    @cache
    def common(kind: str, ours: tuple[str, ...], theirs: tuple[str, ...]) -> tuple[str, ...]:
        return shared(vocabulary, kind, ours, theirs)

    for kind, family, promoting, opposing in _pairs(evidence, selection, cells):
        for ours, theirs in _meetings(promoting, opposing):
            therapies = therapies_of(ours[0], theirs[0])
            if len(therapies) > 1 and kind == "subtype":
                continue
            named = "context" if len(therapies) > 1 else kind
            agents = common("agents", ours[1], theirs[1])
            cancers = common("cancers", ours[2], theirs[2])
            key = (named, family, therapies, () if kind == "subtype" else (agents, cancers))
            sides = found.get(key)
            if sides is None:
                sides = found[key] = _Sides(named, family, therapies)
            sides.agents.update(agents)
            sides.cancers.update(cancers)
            sides.promotes[id(promoting[ours])] = promoting[ours]
            sides.opposes[id(opposing[theirs])] = opposing[theirs]
    rows = [sides.frozen(evidence) for sides in found.values()]
    therapy_order = {label: n for n, label in enumerate(evidence.therapies)}
    cell_order = {label: n for n, label in enumerate(evidence.vocabulary.terms("cells"))}
    return tuple(sorted(rows, key=lambda row: _rank(row, therapy_order, cell_order)))


def across_sources(evidence: Corpus, found: Iterable[Conflict]) -> tuple[Conflict, ...]:
    """The conflicts in which a claim of one source stands against one of another."""
    works = Works(evidence)

    def compared(conflict: Conflict) -> Conflict | None:
        pairs = [
            (one.claim, other.claim)
            for one in conflict.promotes
            for other in conflict.opposes
            if one.claim.source != other.claim.source
        ]
        if not pairs:
            return None
        common = {
            work for one, other in pairs for work in works.behind([one]) & works.behind([other])
        }
        read = tuple(
            said for claim in conflict.claims for said in abstracts(evidence, works, claim, common)
        )
        keys = dict.fromkeys(claim.source for claim in conflict.claims)
        citing = tuple(
            f"{key} cites {other}"
            for key in keys
            for other in cited_sources(evidence, key)
            if other in keys
        )
        said = SAME if common else DIFFERENT
        return replace(conflict, works=said, abstracts=read, citing=citing)

    return tuple(one for conflict in found if (one := compared(conflict)) is not None)


def readings(
    evidence: Corpus, selection: Selection, known: Collection[Conflict]
) -> tuple[Conflict, ...]:
    """The works that claims of two sources rest on, and that an abstract tells otherwise than one.

    Sources that have all cells on the same side are in no conflict otherwise; what the `known`
    conflicts tell is left out.
    """
    works = Works(evidence)
    resting: dict[Name, list[Claim]] = {}
    for claim in evidence.selected(selection):
        for work in works.behind([claim]):
            resting.setdefault(work, []).append(claim)
    told = [conflict.claims for conflict in known if conflict.works == SAME]
    rows = []
    for work, claims in resting.items():
        doubted = any(
            read.agrees in ("no", "partly")
            and works.of(evidence.name_of(claim.source, read.ref)) == work
            for claim in claims
            for read in claim.primary
        )
        several = len({claim.source for claim in claims}) > 1
        if doubted and several and not any(all(c in one for c in claims) for one in told):
            promotes, opposes = (
                tuple(Side(cell, claim) for claim in claims for cell in getattr(claim, side))
                for side in ("promotes", "opposes")
            )
            read = (said for claim in claims for said in abstracts(evidence, works, claim, (work,)))
            rows.append(
                Conflict(
                    READING,
                    ", ".join(dict.fromkeys(side.cell for side in (*promotes, *opposes))),
                    evidence.therapies.in_order(claim.therapy for claim in claims),
                    (),
                    (),
                    promotes,
                    opposes,
                    evidence.named(side.claim for side in promotes),
                    evidence.named(side.claim for side in opposes),
                    works=SAME,
                    abstracts=tuple(read),
                )
            )
    return tuple(rows)


_Key = tuple[str, tuple[str, ...], tuple[str, ...]]
"""Therapy, agents and cancers of a claim."""

_Claims = dict[_Key, list[Side]]
"""The claims of a cell on one side by their circumstances."""


@dataclass(slots=True)
class _Sides:
    """A conflict while its claims are gathered, in lists of which each is taken once."""

    kind: str
    cell: str
    therapies: tuple[str, ...]
    agents: set[str] = field(default_factory=set)
    cancers: set[str] = field(default_factory=set)
    promotes: dict[int, list[Side]] = field(default_factory=dict)
    opposes: dict[int, list[Side]] = field(default_factory=dict)

    def frozen(self, evidence: Corpus) -> Conflict:
        promotes, opposes = map(_arranged, (self.promotes, self.opposes))
        return Conflict(
            self.kind,
            self.cell,
            self.therapies,
            tuple(sorted(self.agents)),
            tuple(sorted(self.cancers)),
            promotes,
            opposes,
            evidence.named(side.claim for side in promotes),
            evidence.named(side.claim for side in opposes),
        )


def _arranged(lists: Mapping[int, list[Side]]) -> tuple[Side, ...]:
    """By cell (the one with most claims first), then agent, cancer and id."""
    sides = [side for some in lists.values() for side in some]
    size = Counter(side.cell for side in sides)
    return tuple(
        sorted(
            sides,
            key=lambda s: (-size[s.cell], s.cell, s.claim.agents, s.claim.cancers, s.claim.id),
        )
    )


def _rank(
    row: Conflict, therapies: Mapping[str, int], cells: Mapping[str, int]
) -> tuple[object, ...]:
    return (
        CONFLICT_KINDS.index(row.kind),
        [therapies[therapy] for therapy in row.therapies],
        cells.get(row.cell, len(cells)),
        not row.agents,
        row.agents,
        not row.cancers,
        row.cancers,
    )


def _pairs(
    evidence: Corpus, selection: Selection, cells: Collection[str] | None
) -> Iterator[tuple[str, str, _Claims, _Claims]]:
    """(kind, cell in common, promoting claims, opposing claims) for every two related cells."""
    index, vocabulary = evidence.index, evidence.vocabulary
    sides: dict[str, dict[str, _Claims]] = {"promotes": {}, "opposes": {}}

    def claims(side: str, label: str) -> _Claims:
        if label not in sides[side]:
            bits = index.bits(side, [label]) & selection.bits
            sides[side][label] = _by_circumstances(label, index.claims(bits))
        return sides[side][label]

    occurring = {
        side: [v for v in index.values(side) if index.bits(side, [v]) & selection.bits]
        for side in sides
    }
    related = [
        (family, promoting, opposing)
        for promoting in occurring["promotes"]
        for opposing in occurring["opposes"]
        if cells is None or promoting in cells or opposing in cells
        if (family := common_cell(vocabulary, promoting, opposing)) is not None
    ]
    weighed = index.bits("promotes", {promoting for _, promoting, _ in related})
    weighed |= index.bits("opposes", {opposing for _, _, opposing in related})
    count = (weighed & selection.bits).bit_count()
    if count > MOST_CLAIMS:
        raise TdrError(
            f"{count:,} claims are too many to weigh against each other (at most "
            f"{MOST_CLAIMS:,}); name a cell, a cancer or an agent"
        )
    for family, promoting, opposing in related:
        kind = "contradiction" if promoting == opposing else "subtype"
        yield kind, family, claims("promotes", promoting), claims("opposes", opposing)


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


def _by_circumstances(cell: str, claims: Iterable[Claim]) -> _Claims:
    found: _Claims = {}
    for claim in claims:
        key = (claim.therapy, claim.agents, claim.cancers)
        found.setdefault(key, []).append(Side(cell, claim))
    return found


def _meetings(promoting: _Claims, opposing: _Claims) -> Iterator[tuple[_Key, _Key]]:
    """Circumstances in which a claim of one side meets another claim of the other side."""
    for ours, ones in promoting.items():
        (first, *more) = ones
        for theirs, others in opposing.items():
            if more or len(others) > 1 or others[0].claim.id != first.claim.id:
                yield ours, theirs


def shared(
    vocabulary: Vocabulary, kind: str, ours: Iterable[str], theirs: Iterable[str]
) -> tuple[str, ...]:
    """Terms of both sides; of a term and a narrower one, the wider."""
    found: dict[str, None] = {}
    for one in ours:
        for other in theirs:
            if one == other or one in vocabulary.ancestors(kind, other):
                found[one] = None
            elif other in vocabulary.ancestors(kind, one):
                found[other] = None
    return tuple(sorted(found))
