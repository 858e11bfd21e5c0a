"""A network as a drawing: three layers from left to right, ordered so that few edges cross.

No outside program is needed: layers are columns, a layer's order is improved by
moving nodes to the mean place of their neighbours, and edges are smooth curves
that enter and leave horizontally.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from tdr.ask.views.graph import Edge, Graph, Node
from tdr.render import Listing, Settings
from tdr.render.picture import svg
from tdr.render.picture.network import COLORS, FILLS

_MARGIN = 28.0
_HEAD = 118.0
_SIZE, _TITLE, _SMALL = 14.0, 21.0, 12.5
_BOX, _STEP = 34.0, 48.0
_MOST_TEXT = 290.0
_BETWEEN = 210.0
_ROUNDS = 8
_NAMES = ("cell", "through", "therapy")


def drawing(graph: Graph, *, title: str | None = None, data_version: str = "") -> str:
    """The network as an SVG document."""
    return _Drawing(graph, title, data_version).document()


def picture(listing: Listing, settings: Settings) -> Iterator[str]:
    """The network behind a listing of its edges."""
    assert isinstance(listing.source, Graph)
    yield drawing(listing.source, title=settings.title, data_version=listing.data_version)


def arranged(graph: Graph) -> list[list[Node]]:
    """The nodes of each layer from top to bottom, in an order with few crossings."""
    layers = [[node for node in graph.nodes if node.layer == layer] for layer in range(3)]
    best, fewest = list(layers), crossings(graph, layers)
    for turn in range(_ROUNDS):
        sweep = (1, 2, 1, 0) if turn % 2 == 0 else (1, 0, 1, 2)
        for layer in sweep:
            layers[layer] = _by_neighbours(graph, layers, layer)
        found = crossings(graph, layers)
        if found < fewest:
            best, fewest = list(layers), found
    return best


def _by_neighbours(graph: Graph, layers: Sequence[Sequence[Node]], layer: int) -> list[Node]:
    """A layer in the order of the mean place of each node's neighbours, weighted by claims."""
    place = {
        node.key: (number + 0.5) / len(nodes)
        for nodes in layers
        for number, node in enumerate(nodes)
    }
    sums: dict[str, tuple[float, float]] = {}
    for edge in graph.edges:
        for own, other in ((edge.source, edge.target), (edge.target, edge.source)):
            total, weight = sums.get(own, (0.0, 0.0))
            sums[own] = (total + place[other] * edge.claims, weight + edge.claims)
    # What names no means stays at the bottom: it is no neighbour of anything by content.
    return sorted(
        layers[layer],
        key=lambda node: (node.kind == "none", round(sums[node.key][0] / sums[node.key][1], 9)),
    )


def crossings(graph: Graph, layers: Sequence[Sequence[Node]]) -> int:
    """How many pairs of edges between neighbouring layers cross."""
    place = {node.key: number for nodes in layers for number, node in enumerate(nodes)}
    layer_of = {node.key: node.layer for node in graph.nodes}
    total = 0
    for layer in range(2):
        ends = sorted(
            {(place[e.source], place[e.target]) for e in graph.edges if layer_of[e.source] == layer}
        )
        for number, (source, target) in enumerate(ends):
            total += sum(1 for s, t in ends[:number] if s < source and t > target)
    return total


class _Drawing:
    def __init__(self, graph: Graph, title: str | None, data_version: str) -> None:
        self.graph = graph
        self.title = title if title is not None else "How cells act on therapies"
        self.version = data_version
        self.layers = arranged(graph)
        self.rows = max((len(nodes) for nodes in self.layers), default=0)
        self.texts = {node.key: self._label(node) for node in graph.nodes}
        self.widths = [
            max((svg.width_of(self.texts[n.key], _SIZE) + 26 for n in nodes), default=60.0)
            for nodes in self.layers
        ]
        content = sum(self.widths) + 2 * _BETWEEN + 2 * _MARGIN
        # A short network on a wide title still fills the sheet.
        self.width = max(content, svg.width_of(self.title, _TITLE) * 1.06 + 2 * _MARGIN, 640.0)
        self.between = _BETWEEN + (self.width - content) / 2
        self.height = _HEAD + self.rows * _STEP + 76
        self.boxes = self._boxes()

    @staticmethod
    def _label(node: Node) -> str:
        fits = svg.width_of(node.label, _SIZE) <= _MOST_TEXT
        return node.label if fits else svg.wrapped(node.short, _SIZE, _MOST_TEXT, 1)[0]

    def _boxes(self) -> Mapping[str, tuple[float, float, float]]:
        """Key -> left, middle and width of a node's box; layers are centred vertically."""
        found: dict[str, tuple[float, float, float]] = {}
        left = _MARGIN
        for nodes, width in zip(self.layers, self.widths, strict=True):
            # Few nodes spread out, so that their edges do not all run together.
            step = _STEP * max(1.0, min(2.2, self.rows / max(1, len(nodes))))
            start = _HEAD + (self.rows * _STEP - (len(nodes) - 1) * step) / 2
            for number, node in enumerate(nodes):
                found[node.key] = (left, start + number * step, width)
            left += width + self.between
        return found

    # -- parts ------------------------------------------------------------

    def document(self) -> str:
        graph = self.graph
        version = f"; data {self.version}" if self.version else ""
        left_out = f"; {graph.left_out} more not drawn" if graph.left_out else ""
        subtitle = f"{graph.claims} of {graph.selected} claims{left_out}{version}"
        body = [
            self._markers(),
            svg.text(_MARGIN, _MARGIN + 20, self.title, size=_TITLE, font_weight="bold"),
            svg.text(_MARGIN, _MARGIN + 43, subtitle, size=_SMALL, fill=svg.FAINT),
            *self._heads(),
            *(self._edge(edge) for edge in graph.edges),
            *(self._box(node) for nodes in self.layers for node in nodes),
            *(self._number(edge) for edge in graph.edges if edge.sign),
            *self._legend(),
        ]
        description = (
            f"Network of {len(graph.nodes)} nodes and {len(graph.edges)} edges; {subtitle}"
        )
        return svg.document(self.width, self.height, self.title, description, body)

    @staticmethod
    def _markers() -> str:
        """Arrow heads: a triangle for promotes, a bar for opposes, an open one without a side."""
        shapes = {
            "promotes": svg.tag("path", d="M0 0 L10 5 L0 10 z", fill=COLORS["promotes"]),
            "opposes": svg.tag(
                "path", d="M8 0 L8 10", fill="none", stroke=COLORS["opposes"], stroke_width=3
            ),
            "": svg.tag("path", d="M1 1 L9 5 L1 9", fill="none", stroke=COLORS[""], stroke_width=2),
        }
        made = (
            svg.tag(
                "marker", shape, id=f"head-{sign or 'plain'}", viewBox="0 0 10 10", refX=9.0,
                refY=5.0, markerWidth=11.0, markerHeight=11.0, orient="auto",
                markerUnits="userSpaceOnUse",
            )
            for sign, shape in shapes.items()
        )  # fmt: skip
        return svg.tag("defs", "".join(made))

    def _heads(self) -> list[str]:
        parts = []
        left = _MARGIN
        for name, nodes, width in zip(_NAMES, self.layers, self.widths, strict=True):
            if nodes:
                parts.append(
                    svg.text(
                        left + width / 2, _MARGIN + 76, name, size=_SIZE, font_weight="bold",
                        text_anchor="middle",
                    )
                )  # fmt: skip
            left += width + self.between
        return parts

    def _ends(self, edge: Edge) -> tuple[float, float, float, float]:
        x1, y1, width = self.boxes[edge.source]
        x2, y2, _ = self.boxes[edge.target]
        # Both sides between the same two nodes run beside each other.
        shift = {"promotes": -4.0, "opposes": 4.0}.get(edge.sign, 0.0)
        return x1 + width, y1 + shift, x2 - 3, y2 + shift

    def _edge(self, edge: Edge) -> str:
        x1, y1, x2, y2 = self._ends(edge)
        bend = (x2 - x1) * 0.45
        points = [x1, y1, x1 + bend, y1, x2 - bend, y2, x2, y2]
        a, b, c, d, e, f, g, h = map(svg.number, points)
        source, target = (self.graph.node(key).label for key in (edge.source, edge.target))
        claims = "claim" if edge.claims == 1 else "claims"
        name = f"{source} → {target}: {edge.sign + ', ' if edge.sign else ''}{edge.claims} {claims}"
        return svg.tag(
            "path", svg.tag("title", svg.escaped(name)), d=f"M{a} {b} C{c} {d} {e} {f} {g} {h}",
            fill="none", stroke=COLORS[edge.sign], stroke_width=min(7.0, 0.8 + 0.8 * edge.claims),
            stroke_opacity=0.8 if edge.sign else 0.5,
            marker_end=f"url(#head-{edge.sign or 'plain'})",
        )  # fmt: skip

    def _number(self, edge: Edge) -> str:
        """The number of claims where an edge stands for more than one."""
        if edge.claims < 2:
            return ""
        x1, y1, x2, y2 = self._ends(edge)
        # At a third of the way, where edges to different nodes have already parted.
        t = 0.36
        bend = (x2 - x1) * 0.45
        x = _bezier(t, x1, x1 + bend, x2 - bend, x2)
        y = _bezier(t, y1, y1, y2, y2)
        return svg.text(
            x, y + 4, str(edge.claims), size=_SMALL, font_weight="bold", text_anchor="middle",
            fill=COLORS[edge.sign], stroke=svg.GROUND, stroke_width=4, paint_order="stroke",
        )  # fmt: skip

    def _box(self, node: Node) -> str:
        left, middle, width = self.boxes[node.key]
        color = svg.FAINT if node.kind == "none" else svg.INK
        dash: dict[str, str] = {"stroke_dasharray": "4 3"} if node.kind == "none" else {}
        name = f"{node.label} ({node.kind}): {node.claims} claims"
        box = svg.tag(
            "rect", x=left, y=middle - _BOX / 2, width=width, height=_BOX, rx=8.0,
            fill=FILLS[node.layer], stroke="#888888", **dash,
        )  # fmt: skip
        label = svg.text(
            left + width / 2, middle + _SIZE * 0.35, self.texts[node.key], size=_SIZE,
            text_anchor="middle", fill=color,
        )  # fmt: skip
        return svg.tag("g", svg.tag("title", svg.escaped(name)) + box + label)

    def _legend(self) -> list[str]:
        y = self.height - 44
        parts = []
        x = _MARGIN
        meanings = {
            "promotes": "promotes resistance",
            "opposes": "opposes resistance",
            "": "named together",
        }
        for sign, meaning in meanings.items():
            parts.append(
                svg.tag(
                    "path", d=f"M{svg.number(x)} {svg.number(y)} h34", fill="none",
                    stroke=COLORS[sign], stroke_width=2.5,
                    marker_end=f"url(#head-{sign or 'plain'})",
                )
            )  # fmt: skip
            parts.append(svg.text(x + 44, y + 4, meaning, size=_SMALL))
            x += 44 + svg.width_of(meaning, _SMALL) + 26
        note = "Lines get wider, and numbers tell, with the claims that name both ends."
        parts.append(svg.text(_MARGIN, y + 26, note, size=_SMALL, fill=svg.FAINT))
        return parts


def _bezier(t: float, a: float, b: float, c: float, d: float) -> float:
    u = 1 - t
    return u**3 * a + 3 * u * u * t * b + 3 * u * t * t * c + t**3 * d
