"""Cells, the pathways and molecules through which they act, and the therapies that they act on.

A network of what claims name together. An edge from a cell to a means carries the
side on which the cell stands; it says that so many claims name both, not that one
acts on the other directly. Counts are claims: a claim with three molecules counts
once on each of its edges, so edges must not be added up.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from tdr.query import Evidence, Selection
from tdr.views.axes import AXES, Group, groups

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
class Path:
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
    paths: tuple[Path, ...]
    claims: int
    selected: int
    left_out: int

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
        for row in groups(evidence, AXES["cell"], selection.bits)
        if cells is None or row.label in cells
    ]
    with_cells = _union(all_cells)
    all_means = _means(evidence, with_cells, via)
    kept_cells, kept_means = all_cells[:top], all_means[:top]
    therapies = groups(evidence, AXES["therapy"], with_cells)
    builder = _Builder(evidence)
    for cell in kept_cells:
        for kind, means in kept_means:
            for therapy in therapies:
                for sign in ("promotes", "opposes"):
                    bits = getattr(cell, sign) & means.bits & therapy.bits
                    if bits:
                        builder.add(cell, sign, kind, means, therapy, bits)
    left_out = len(all_cells) - len(kept_cells) + len(all_means) - len(kept_means)
    return builder.graph(with_cells.bit_count(), len(selection), left_out)


def _union(rows: Sequence[Group]) -> int:
    bits = 0
    for row in rows:
        bits |= row.bits
    return bits


def _means(evidence: Evidence, within: int, via: str) -> list[tuple[str, Group]]:
    """What stands in the middle, most claims first; what names none comes last."""
    found: list[tuple[str, Group]] = []
    rest = within
    for name in VIA[via]:
        of = rest if via == "either" else within
        rows = groups(evidence, AXES[name], of)
        found += [(name, row) for row in rows]
        rest &= ~_union(rows)
    found.sort(key=lambda pair: -pair[1].bits.bit_count())
    if rest:
        found.append(("none", Group(DIRECT, DIRECT, rest)))
    return found


class _Builder:
    """Gathers paths and the nodes and edges along them."""

    def __init__(self, evidence: Evidence) -> None:
        self._evidence = evidence
        self._nodes: dict[str, tuple[str, Group, int]] = {}
        self._edges: dict[tuple[str, str, str], int] = {}
        self._paths: list[Path] = []

    def add(
        self, cell: Group, sign: str, kind: str, means: Group, therapy: Group, bits: int
    ) -> None:
        keys = [
            self._node(node_kind, group, bits)
            for node_kind, group in (("cell", cell), (kind, means), ("therapy", therapy))
        ]
        for edge in ((keys[0], keys[1], sign), (keys[1], keys[2], "")):
            self._edges[edge] = self._edges.get(edge, 0) | bits
        ids = tuple(claim.id for claim in self._evidence.index.claims(bits, _SHOWN_IDS))
        self._paths.append(Path(keys[0], sign, keys[1], keys[2], bits.bit_count(), ids))

    def _node(self, kind: str, group: Group, bits: int) -> str:
        key = f"{kind}:{group.label}"
        _, _, before = self._nodes.get(key, (kind, group, 0))
        self._nodes[key] = (kind, group, before | bits)
        return key

    def graph(self, claims: int, selected: int, left_out: int) -> Graph:
        nodes = [
            Node(key, kind, group.label, group.short, bits.bit_count())
            for key, (kind, group, bits) in self._nodes.items()
        ]
        # Stable: nodes were met in the order of the axes, most claims first.
        nodes.sort(key=lambda n: (n.layer, n.kind == "none", -n.claims if n.layer < 2 else 0))
        place = {node.key: number for number, node in enumerate(nodes)}
        edges = [Edge(*key, claims=bits.bit_count()) for key, bits in self._edges.items()]
        edges.sort(key=lambda e: (place[e.source], place[e.target], e.sign == "opposes"))
        paths = sorted(
            self._paths,
            key=lambda p: (
                place[p.cell],
                p.sign == "opposes",
                place[p.means],
                place[p.therapy],
            ),
        )
        return Graph(tuple(nodes), tuple(edges), tuple(paths), claims, selected, left_out)
