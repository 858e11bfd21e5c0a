"""What each cell does to bring resistance about or to prevent it, as panels of one figure.

A panel is a cell on one side; in it stand the signed chains that lead from this cell to
resistance, each within a claim, with the references behind it and what restores response.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar

from tdr.ask.views.axes import LINEAGE_LEVELS, line_of_parents
from tdr.ask.views.graph import effect
from tdr.ask.views.steps import kind_of
from tdr.model.fields import LINEAGES
from tdr.model.rows import Columns, Row
from tdr.model.steps import RESISTANCE, Step, Way, arrows, sign_of, ways
from tdr.model.values import Claim
from tdr.model.vocabulary import Vocabulary

if TYPE_CHECKING:
    from tdr.ask.evidence import Evidence
    from tdr.ask.evidence_data import ReferenceName, Selection

SIGN_OF_SIDE = {"promotes": 1, "opposes": -1}
"""Side of a cell -> the sign with which its chains reach resistance."""


@dataclass(frozen=True, slots=True)
class ChainGroup(Row):
    """Chains of the same effects that differ in one node at most, and who states them.

    They lead from `cell`, a kind of the `panel`'s cell, to resistance. `nodes` are what stands
    between, side by side where there are several; `does` are the relations of the links, one more
    than there are nodes. `restored_by` are interventions on one of them.
    """

    columns: ClassVar = Columns(
        "chains",
        ("panel", "side", "lineage", "cell", "chain", "claims", "refs", "restored_by", "contested"),
        shown=("panel", "side", "chain", "claims", "refs", "restored_by"),
        id="chain",
    )

    panel: str
    side: str
    lineage: str | None
    cell: str
    nodes: tuple[tuple[str, ...], ...]
    does: tuple[str, ...]
    claims: tuple[str, ...]
    refs: tuple[ReferenceName, ...]
    restored_by: tuple[str, ...]
    contested: bool

    @property
    def effects(self) -> tuple[str, ...]:
        """What each link does to its target: one of graph.STEP_EFFECTS."""
        return tuple(map(effect, self.does))

    @property
    def chain(self) -> str:
        """The chain in one line."""
        names = (self.cell, *(" / ".join(together) for together in self.nodes), RESISTANCE)
        return arrows(tuple(map(Step, names, self.does, names[1:])))


@dataclass(frozen=True, slots=True)
class Panel:
    """A cell on one side, with its claims and chains: those through other nodes come first, and of
    these the ones that most claims state."""

    cell: str
    side: str
    lineage: str | None
    claims: tuple[str, ...]
    chains: tuple[ChainGroup, ...]


@dataclass(frozen=True, slots=True)
class Figure:
    """Panels by lineage, the kind of every node in them, and how many of the selected claims
    have a chain there."""

    panels: tuple[Panel, ...]
    kinds: Mapping[str, str]
    claims: int
    selected: int

    @property
    def chains(self) -> tuple[ChainGroup, ...]:
        """The chains of all panels, in their order."""
        return tuple(one for panel in self.panels for one in panel.chains)


def figure(evidence: Evidence, selection: Selection) -> Figure:
    """The panels of the selected claims."""
    found: dict[tuple[str, str], dict[str, Claim]] = {}
    for claim in evidence.selected(selection):
        for side in SIGN_OF_SIDE:
            for cell in getattr(claim, side):
                found.setdefault((side, cell), {})[claim.id] = claim
    parents = _panels_of(evidence.vocabulary, found)
    panels: dict[tuple[str, str], list[tuple[str, Claim]]] = {}
    for (side, cell), claims in found.items():
        panel = parents[side, cell]
        panels.setdefault((side, panel), []).extend((cell, claim) for claim in claims.values())
    drawn = [_panel(evidence, *key, of_panel) for key, of_panel in panels.items()]
    drawn = [panel for panel in drawn if panel.chains]
    rank = {lineage: number for number, lineage in enumerate((*LINEAGES, None))}
    drawn.sort(key=lambda one: (rank[one.lineage], one.side == "opposes", -len(one.claims)))
    chains = [one for panel in drawn for one in panel.chains]
    stated = {id_ for one in chains for id_ in one.claims}
    names = {n for one in chains for together in one.nodes for n in together}
    kinds = {name: kind_of(evidence.vocabulary, name) for name in sorted(names)}
    return Figure(tuple(drawn), kinds, len(stated), len(selection))


def _panels_of(
    vocabulary: Vocabulary, found: Mapping[tuple[str, str], Mapping[str, Claim]]
) -> dict[tuple[str, str], str]:
    """Cell on a side -> the cell in whose panel it stands: the widest that is named at least as
    often on this side and is no mere lineage, such as myeloid cell."""
    chosen = {}
    for (side, cell), claims in found.items():
        line = line_of_parents(vocabulary, "cells", cell)[LINEAGE_LEVELS:]
        named = (one for one in line if len(found.get((side, one), ())) >= len(claims))
        chosen[side, cell] = next(named, cell)
    return chosen


def _panel(evidence: Evidence, side: str, cell: str, stated: Iterable[tuple[str, Claim]]) -> Panel:
    claims: dict[str, Claim] = {}
    chains: list[ChainGroup] = []
    for own, claim in stated:
        claims[claim.id] = claim
        for way in ways(claim.steps, own):
            if sign_of(way) == SIGN_OF_SIDE[side]:
                chains.append(_chain_group(evidence, side, cell, own, way, claim))
    merged = _merged(evidence, chains, claims)
    merged.sort(key=lambda one: (not one.nodes, -len(one.claims), len(one.nodes)))
    lineage_of = evidence.vocabulary.lineage(cell)
    return Panel(cell, side, lineage_of, tuple(claims), tuple(merged))


def _chain_group(
    evidence: Evidence, side: str, panel: str, cell: str, way: Way, claim: Claim
) -> ChainGroup:
    on_the_way = {step.source for step in way}
    restored = [
        step.source
        for step in claim.steps
        if step.source in claim.countered_by and step.target in on_the_way
    ]
    return ChainGroup(
        panel,
        side,
        evidence.vocabulary.lineage(panel),
        cell,
        tuple((step.target,) for step in way if step.target != RESISTANCE),
        tuple(step.does for step in way),
        (claim.id,),
        evidence.refs_of((claim,)),
        tuple(dict.fromkeys(restored)),
        claim.standing == "contested",
    )


def _merged(
    evidence: Evidence, chains: Sequence[ChainGroup], claims: dict[str, Claim]
) -> list[ChainGroup]:
    """Equal chains of several claims as one; parallel chains of the same claims side by side."""
    equal: dict[object, ChainGroup] = {}
    for one in chains:
        key = (one.cell, one.nodes, one.effects)
        there = equal.get(key)
        if there is None:
            equal[key] = one
            continue
        ids = tuple(dict.fromkeys((*there.claims, *one.claims)))
        equal[key] = replace(
            there,
            claims=ids,
            refs=evidence.refs_of(claims[id_] for id_ in ids),
            restored_by=tuple(dict.fromkeys((*there.restored_by, *one.restored_by))),
            contested=there.contested or one.contested,
        )
    side_by_side: list[ChainGroup] = []
    for one in equal.values():
        for number, there in enumerate(side_by_side):
            nodes = _joined(there, one)
            if nodes is not None:
                restored = tuple(dict.fromkeys((*there.restored_by, *one.restored_by)))
                side_by_side[number] = replace(there, nodes=nodes, restored_by=restored)
                break
        else:
            side_by_side.append(one)
    return side_by_side


def _joined(a: ChainGroup, b: ChainGroup) -> tuple[tuple[str, ...], ...] | None:
    """The nodes of two chains of the same claims that differ in one place, there side by side."""
    if (a.cell, a.effects, a.claims) != (b.cell, b.effects, b.claims):
        return None
    differing = [
        at for at, pair in enumerate(zip(a.nodes, b.nodes, strict=True)) if pair[0] != pair[1]
    ]
    if len(differing) != 1:
        return None
    at = differing[0]
    return (*a.nodes[:at], (*a.nodes[at], *b.nodes[at]), *a.nodes[at + 1 :])
