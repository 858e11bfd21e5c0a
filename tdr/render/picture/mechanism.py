"""A network of steps as an SVG picture, with the lines and shapes of `glyphs`."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from tdr.ask.views.graph import Edge, Graph
from tdr.ask.views.network import Node
from tdr.model.text import counted
from tdr.render import DEFAULT_PICTURE, PictureSettings
from tdr.render.picture import glyphs, layers, svg
from tdr.render.picture.layers import Box, LayoutEdge, Placement, Point
from tdr.render.picture.network import COLORS, FILLS

_MARGIN = 36.0
_TITLE, _SIZE, _SMALL = 30.0, 17.0, glyphs.SIZE
_LINE = 20.0
_LABEL_WIDTH = 134.0
_HEAD, _FOOT = 104.0, 104.0
_GAP = (50.0, 15.0)
_SMALLEST = (1280.0, 720.0)
_NOTE = (
    "Line width and number: claims that state the step. A path that joins steps of different "
    "claims is not a finding."
)


def drawing(graph: Graph, settings: PictureSettings = DEFAULT_PICTURE) -> str:
    """The network as an SVG document."""
    return _NetworkDrawing(graph, settings).document()


def node_labels(graph: Graph, settings: PictureSettings) -> dict[str, list[str]]:
    """Id of a node -> its name, in lines."""
    return {
        node.id: svg.wrap(settings.name(node.label), _SIZE, _LABEL_WIDTH) for node in graph.nodes
    }


def placement(graph: Graph, settings: PictureSettings = DEFAULT_PICTURE) -> Placement:
    """The positions of nodes and edges, before head and legend are added."""
    sizes = {
        key: (max(svg.width_of(line, _SIZE) for line in lines) + 34, len(lines) * _LINE + 14)
        for key, lines in node_labels(graph, settings).items()
    }
    links = [LayoutEdge(edge.source, edge.target, len(edge.claims)) for edge in graph.edges]
    outcomes = frozenset(node.id for node in graph.nodes if node.kind == "outcome")
    if settings.layout == "graphviz":
        from tdr.render.picture import graphviz

        return graphviz.layout(sizes, links, outcomes, gap=_GAP)
    return layers.layout(sizes, links, outcomes, gap=_GAP)


class _NetworkDrawing:
    def __init__(self, graph: Graph, settings: PictureSettings) -> None:
        self.graph = graph
        self.settings = settings
        self.title = settings.title_or("Steps to resistance")
        self.lines = node_labels(graph, settings)
        self.layout = placement(graph, settings)
        self.kinds = {node.kind for node in graph.nodes}
        title = svg.width_of(self.title, _TITLE) * 1.06
        content = max(self.layout.width, title, glyphs.legend_width(self.kinds))
        self.width = max(_SMALLEST[0], content + 2 * _MARGIN)
        self.height = max(_SMALLEST[1], self.layout.height + _HEAD + _FOOT + 24)
        # In the middle of the space that the head and the foot leave.
        self.left = (self.width - self.layout.width) / 2
        self.top = _HEAD + (self.height - _HEAD - _FOOT - self.layout.height) / 2

    def document(self) -> str:
        graph = self.graph
        subtitle = self.subtitle()
        body = [
            glyphs.markers(),
            svg.text(_MARGIN, _MARGIN + 22, self.title, size=_TITLE, font_weight="bold"),
            svg.text(_MARGIN, _MARGIN + 50, subtitle, size=_SMALL, fill=svg.FAINT),
            svg.tag(
                "g",
                "\n".join(
                    [
                        *map(self._edge, graph.edges, self.layout.routes),
                        *map(self._node, graph.nodes),
                        *map(self._number, graph.edges, self.layout.routes),
                    ]
                ),
                transform=f"translate({svg.number(self.left)} {svg.number(self.top)})",
            ),
            *glyphs.legend(_MARGIN, self.height - _FOOT + 28, self.kinds),
            svg.text(_MARGIN, self.height - _FOOT + 88, _NOTE, size=_SMALL, fill=svg.FAINT),
        ]
        description = f"{len(graph.nodes)} nodes, {len(graph.edges)} edges; {subtitle}"
        return svg.document(
            self.width, self.height, self.title, description, body, slide=self.settings.slide
        )

    def subtitle(self) -> str:
        graph = self.graph
        drawn = graph.claims - graph.left_out
        parts = [f"steps of {drawn} of {graph.selected} claims"]
        if graph.left_out:
            parts.append(f"{graph.left_out} with less support not drawn")
        return "; ".join([*parts, *filter(None, [self.settings.origin])])

    # -- edges ------------------------------------------------------------

    def _edge(self, edge: Edge, route: Sequence[Point]) -> str:
        claims = f"{', '.join(edge.claims)} [{', '.join(map(str, edge.refs))}]"
        does = " / ".join(edge.does)
        inside = f" in {', '.join(edge.places)}" if edge.places else ""
        source, target = (key.split(":", 1)[1] for key in (edge.source, edge.target))
        name = svg.tag("title", svg.escaped(f"{source} {does} {target}{inside}: {claims}"))
        if self.layout.curves:
            path = _bezier(route)
        else:
            path = _curve(route or _loop(self.layout.boxes[edge.source]))
        pen = min(8.0, 1.4 + 1.1 * (len(edge.claims) - 1))
        return glyphs.line(path, edge.effect, pen, name)

    def _number(self, edge: Edge, route: Sequence[Point]) -> str:
        """The number of claims that state an edge, near its head; nothing for one claim."""
        if len(edge.claims) < 2 or not route:
            return ""
        x, y = _at(0.62, route[-4:] if self.layout.curves else _bent(*route[-2:]))
        return svg.text(
            x, y + 5, str(len(edge.claims)), size=_SMALL, font_weight="bold",
            text_anchor="middle", fill=COLORS[edge.effect], stroke=svg.BACKGROUND, stroke_width=5,
            paint_order="stroke",
        )  # fmt: skip

    # -- nodes ------------------------------------------------------------

    def _node(self, node: Node) -> str:
        box, lines = self.layout.boxes[node.id], self.lines[node.id]
        claims = counted(node.claims, "claim")
        name = svg.tag("title", svg.escaped(f"{node.label} ({node.kind}): {claims}"))
        first = box.y - (len(lines) - 1) * _LINE / 2 + _SIZE * 0.35
        texts = "".join(
            svg.text(
                box.x, first + number * _LINE, line, size=_SIZE, text_anchor="middle",
                fill=svg.text_color(FILLS[node.kind]),
                **({"font_weight": "bold"} if node.kind == "outcome" else {}),
            )
            for number, line in enumerate(lines)
        )  # fmt: skip
        return svg.tag("g", name + glyphs.shape(node.kind, box) + texts)


def _curve(route: Sequence[Point]) -> str:
    """A path with curves between layers and straight lines through them."""
    parts = [_pair("M", route[0])]
    for number, (start, end) in enumerate(pairwise(route)):
        parts.append(_pair("L", end) if number % 2 else _cubic(_bent(start, end)[1:]))
    return " ".join(parts)


def _bezier(points: Sequence[Point]) -> str:
    """A path of cubic curves with these control points."""
    cubics = (points[at : at + 3] for at in range(1, len(points), 3))
    return " ".join([_pair("M", points[0]), *map(_cubic, cubics)])


def _bent(start: Point, end: Point) -> Sequence[Point]:
    """The control points of a curve that is horizontal at both ends."""
    bend = (end[0] - start[0]) * 0.45
    return start, (start[0] + bend, start[1]), (end[0] - bend, end[1]), end


def _cubic(points: Sequence[Point]) -> str:
    return "C" + " ".join(svg.number(value) for point in points for value in point)


def _pair(letter: str, point: Point) -> str:
    return f"{letter}{svg.number(point[0])} {svg.number(point[1])}"


def _loop(box: Box) -> Sequence[Point]:
    """An edge of a node to itself, above it."""
    top = box.y - box.height / 2
    return [(box.x - 10, top), (box.x + 10, top)]


def _at(t: float, points: Sequence[Point]) -> Point:
    """A point of the cubic curve with these control points."""
    u = 1 - t
    weights = (u**3, 3 * u * u * t, 3 * u * t * t, t**3)
    x, y = (sum(w * p[at] for w, p in zip(weights, points, strict=True)) for at in (0, 1))
    return x, y
