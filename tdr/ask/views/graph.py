"""Cells, the pathways and molecules through which they act, and the therapies that they act on.

A network of what claims name together. An edge from a cell to a means carries the
side on which the cell stands; it says that so many claims name both, not that one
acts on the other directly. Counts are claims: a claim with three molecules counts
once on each of its edges, so edges must not be added up.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from tdr.ask.query import Evidence, Selection
from tdr.ask.views.axes import AXES, Category, categories
from tdr.model.rows import Columns, Row

VIA: Mapping[str, tuple[str, ...]] = {
    "either": ("pathway", "molecule"),
    "pathways": ("pathway",),
    "molecules": ("molecule",),
    "both": ("pathway", "molecule"),
    "processes": ("process",),
}
"""What stands between cells and therapies. `either`: pathways, and molecules only of the claims
that name no pathway."""

_SHOWN_IDS = 5

DIRECT = "(none named)"
"""The means of claims that name none."""


@dataclass(frozen=True, slots=True)
class Node:
    """A cell, a means or a therapy, with its number of claims in the graph.

    `kind` is cell, pathway, molecule, process, none or therapy. `key` is unique in a graph.
    """

    key: str
    kind: str
    label: str
    short: str
    claims: int

    @property
    def layer(self) -> int:
        """0 for cells, 1 for means, 2 for therapies."""
        return {"cell": 0, "therapy": 2}.get(self.kind, 1)


@dataclass(frozen=True, slots=True)
class Edge:
    """From one node to one of the next layer; `sign` is promotes, opposes or "" (no side)."""

    source: str
    target: str
    sign: str
    claims: int


@dataclass(frozen=True, slots=True)
class NamedEdge(Row):
    """An edge with the labels and kinds of its ends, and None for no side."""

    columns: ClassVar = Columns("edges")

    source: str
    source_kind: str
    target: str
    target_kind: str
    sign: str | None
    claims: int


@dataclass(frozen=True, slots=True)
class Connection:
    """Cell, side, means and therapy that `claims` claims name together; `ids` are the first few."""

    cell: str
    sign: str
    means: str
    therapy: str
    claims: int
    ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Graph:
    """Nodes (most claims first within their layer), edges in a fixed order, and the paths.

    `claims` of the selection have a cell and so are in the graph or would be if
    nothing were left out; `left_out` are nodes beyond the number asked for.
    """

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    paths: tuple[Connection, ...]
    claims: int
    selected: int
    left_out: int

    def named_edges(self) -> tuple[NamedEdge, ...]:
        """The edges for someone who does not see the nodes."""
        nodes = {node.key: node for node in self.nodes}
        ends = ((edge, nodes[edge.source], nodes[edge.target]) for edge in self.edges)
        return tuple(
            NamedEdge(a.label, a.kind, b.label, b.kind, edge.sign or None, edge.claims)
            for edge, a, b in ends
        )

    def node(self, key: str) -> Node:
        """The node with this key."""
        return next(node for node in self.nodes if node.key == key)


def graph(
    evidence: Evidence,
    selection: Selection,
    *,
    cells: Collection[str] | None = None,
    via: str = "either",
    top: int | None = None,
) -> Graph:
    """The network of the selected claims.

    With `cells`, of these cells only. `top` keeps so many cells and so many means,
    those with the most claims.
    """
    all_cells = [
        row
        for row in categories(evidence, AXES["cell"], selection.bits)
        if cells is None or row.label in cells
    ]
    with_cells = _union(all_cells)
    all_means = _means(evidence, with_cells, via)
    kept_cells, kept_means = all_cells[:top], all_means[:top]
    therapies = categories(evidence, AXES["therapy"], with_cells)
    left_out = len(all_cells) - len(kept_cells) + len(all_means) - len(kept_means)
    drawn = _union(kept_cells) & _union([group for _, group in kept_means])
    layers = (
        [("cell", group) for group in kept_cells],
        kept_means,
        [("therapy", group) for group in therapies],
    )
    nodes = sorted(_nodes(layers, drawn), key=_place)
    place = {node.key: number for number, node in enumerate(nodes)}
    edges = sorted(
        _edges(layers, drawn),
        key=lambda e: (place[e.source], place[e.target], e.sign == "opposes"),
    )
    paths = sorted(
        _paths(evidence, layers),
        key=lambda p: (place[p.cell], p.sign == "opposes", place[p.means], place[p.therapy]),
    )
    return Graph(
        tuple(nodes),
        tuple(edges),
        tuple(paths),
        with_cells.bit_count(),
        len(selection),
        left_out,
    )


def _union(rows: Sequence[Category]) -> int:
    bits = 0
    for row in rows:
        bits |= row.bits
    return bits


def _means(evidence: Evidence, within: int, via: str) -> list[tuple[str, Category]]:
    """What stands in the middle, most claims first; what names none comes last."""
    found: list[tuple[str, Category]] = []
    rest = within
    for name in VIA[via]:
        of = rest if via == "either" else within
        rows = categories(evidence, AXES[name], of)
        found += [(name, row) for row in rows]
        rest &= ~_union(rows)
    found.sort(key=lambda pair: -pair[1].bits.bit_count())
    if rest:
        found.append(("none", Category(DIRECT, DIRECT, rest)))
    return found


_Layer = Sequence[tuple[str, Category]]
_Layers = tuple[_Layer, _Layer, _Layer]
_SIDES = ("promotes", "opposes")


def _key(kind: str, group: Category) -> str:
    return f"{kind}:{group.label}"


def _place(node: Node) -> tuple[int, bool, int]:
    """Most claims first; what names no means last; therapies in their own order."""
    return node.layer, node.kind == "none", -node.claims if node.layer < 2 else 0


def _nodes(layers: _Layers, drawn: int) -> Iterator[Node]:
    """What the claims that are drawn name; `drawn` have a cell and a means that are kept."""
    for layer in layers:
        for kind, group in layer:
            claims = (group.bits & drawn).bit_count()
            if claims:
                yield Node(_key(kind, group), kind, group.label, group.short, claims)


def _edges(layers: _Layers, drawn: int) -> Iterator[Edge]:
    cells, all_means, therapies = layers
    for kind, means in all_means:
        for _, cell in cells:
            for sign in _SIDES:
                claims = (getattr(cell, sign) & means.bits).bit_count()
                if claims:
                    yield Edge(_key("cell", cell), _key(kind, means), sign, claims)
        for _, therapy in therapies:
            claims = (means.bits & therapy.bits & drawn).bit_count()
            if claims:
                yield Edge(_key(kind, means), _key("therapy", therapy), "", claims)


def _paths(evidence: Evidence, layers: _Layers) -> Iterator[Connection]:
    cells, all_means, therapies = layers
    for _, cell in cells:
        for kind, means in all_means:
            for sign in _SIDES:
                both = getattr(cell, sign) & means.bits
                for _, therapy in therapies if both else ():
                    bits = both & therapy.bits
                    if bits:
                        ids = tuple(c.id for c in evidence.index.claims(bits, _SHOWN_IDS))
                        keys = _key("cell", cell), sign, _key(kind, means), _key("therapy", therapy)
                        yield Connection(*keys, bits.bit_count(), ids)
