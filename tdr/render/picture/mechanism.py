"""A network of steps as a drawing, with the glyphs of the field.

An arrow raises, a bar lowers, a broken line is an association, a dot is contact. Shapes tell
kinds apart, and no meaning hangs on colour alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from tdr.ask.views.graph import EFFECTS, Edge, Graph, Node
from tdr.render import Listing, Settings, Sheet
from tdr.render.picture import svg
from tdr.render.picture.layers import Box, Layout, Link, Point, layout
from tdr.render.picture.network import COLORS, FILLS

_MARGIN = 36.0
_TITLE, _SIZE, _SMALL = 30.0, 17.0, 15.0
_LINE = 20.0
_ROOM = 134.0
_HEAD, _FOOT = 104.0, 104.0
_GAP = (50.0, 15.0)
_LEAST = (1280.0, 720.0)
_SLANT = 9.0

_PLAIN = Sheet()


def drawing(graph: Graph, sheet: Sheet = _PLAIN) -> str:
    """The network as an SVG document."""
    return _Drawing(graph, sheet).document()


def picture(listing: Listing, _: Settings) -> Iterator[str]:
    """The network behind a listing of its edges."""
    assert isinstance(listing.source, Graph)
    yield drawing(listing.source, listing.sheet)


def labels(graph: Graph) -> dict[str, list[str]]:
    """Id of a node -> its whole label in lines."""
    return {node.id: svg.broken(node.label, _SIZE, _ROOM) for node in graph.nodes}


def placed(graph: Graph) -> Layout:
    """Where everything goes, without the head and the legend."""
    sizes = {
        key: (
            max(svg.width_of(line, _SIZE) for line in lines) + 34,
            len(lines) * _LINE + 14,
        )
        for key, lines in labels(graph).items()
    }
    links = [Link(edge.source, edge.target, len(edge.claims)) for edge in graph.edges]
    outcomes = frozenset(node.id for node in graph.nodes if node.kind == "outcome")
    return layout(sizes, links, outcomes, gap=_GAP)


class _Drawing:
    def __init__(self, graph: Graph, sheet: Sheet) -> None:
        self.graph = graph
        self.sheet = sheet
        self.title = sheet.titled("Steps to resistance")
        self.lines = labels(graph)
        self.layout = placed(graph)
        legend = max(map(_row_width, (_effects(), _kinds(graph))), default=0.0)
        content = max(self.layout.width, svg.width_of(self.title, _TITLE) * 1.06, legend)
        self.width = max(_LEAST[0], content + 2 * _MARGIN)
        self.height = max(_LEAST[1], self.layout.height + _HEAD + _FOOT + 24)
        # In the middle of what is left of the sheet.
        self.left = (self.width - self.layout.width) / 2
        self.top = _HEAD + (self.height - _HEAD - _FOOT - self.layout.height) / 2

    def document(self) -> str:
        graph = self.graph
        subtitle = self.subtitle()
        body = [
            _markers(),
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
            *self._legend(),
        ]
        description = f"{len(graph.nodes)} nodes, {len(graph.edges)} edges; {subtitle}"
        return svg.document(
            self.width, self.height, self.title, description, body, slide=self.sheet.slide
        )

    def subtitle(self) -> str:
        graph = self.graph
        drawn = graph.claims - graph.left_out
        parts = [f"steps of {drawn} of {graph.selected} claims"]
        if graph.left_out:
            parts.append(f"{graph.left_out} with less support not drawn")
        return "; ".join([*parts, *filter(None, [self.sheet.origin])])

    # -- edges ------------------------------------------------------------

    def _edge(self, edge: Edge, route: Sequence[Point]) -> str:
        claims = f"{', '.join(edge.claims)} [{', '.join(map(str, edge.refs))}]"
        does = " / ".join(edge.does)
        inside = f" in {', '.join(edge.places)}" if edge.places else ""
        source, target = (key.split(":", 1)[1] for key in (edge.source, edge.target))
        name = svg.tag("title", svg.escaped(f"{source} {does} {target}{inside}: {claims}"))
        dash = {"stroke_dasharray": "7 5"} if edge.effect.startswith("goes") else {}
        return svg.tag(
            "path", name, d=_curve(route or _loop(self.layout.boxes[edge.source])), fill="none",
            stroke=COLORS[edge.effect], stroke_width=_pen(edge), **dash,
            marker_end=f"url(#{_marker(edge.effect)})",
        )  # fmt: skip

    def _number(self, edge: Edge, route: Sequence[Point]) -> str:
        """How many claims state it, beside the head of an edge that stands for several."""
        if len(edge.claims) < 2 or not route:
            return ""
        (x1, y1), (x2, y2) = route[-2:]
        x, y = _at(0.62, x1, y1, x2, y2)
        return svg.text(
            x, y + 5, str(len(edge.claims)), size=_SMALL, font_weight="bold",
            text_anchor="middle", fill=COLORS[edge.effect], stroke=svg.GROUND, stroke_width=5,
            paint_order="stroke",
        )  # fmt: skip

    # -- nodes ------------------------------------------------------------

    def _node(self, node: Node) -> str:
        box, lines = self.layout.boxes[node.id], self.lines[node.id]
        claims = "claim" if node.claims == 1 else "claims"
        name = svg.tag("title", svg.escaped(f"{node.label} ({node.kind}): {node.claims} {claims}"))
        first = box.y - (len(lines) - 1) * _LINE / 2 + _SIZE * 0.35
        texts = "".join(
            svg.text(
                box.x, first + number * _LINE, line, size=_SIZE, text_anchor="middle",
                fill=svg.on(FILLS[node.kind]),
                **({"font_weight": "bold"} if node.kind == "outcome" else {}),
            )
            for number, line in enumerate(lines)
        )  # fmt: skip
        return svg.tag("g", name + _shape(node.kind, box) + texts)

    # -- legend -----------------------------------------------------------

    def _legend(self) -> list[str]:
        y = self.height - _FOOT + 28
        parts = []
        x = _MARGIN
        for what, words in _effects():
            dash = {"stroke_dasharray": "7 5"} if what.startswith("goes") else {}
            parts.append(
                svg.tag(
                    "path", d=f"M{svg.number(x)} {svg.number(y - 5)} h40", fill="none",
                    stroke=COLORS[what], stroke_width=2.5, **dash,
                    marker_end=f"url(#{_marker(what)})",
                )
            )  # fmt: skip
            parts.append(svg.text(x + 52, y, words, size=_SMALL))
            x += 52 + svg.width_of(words, _SMALL) + 26
        x, y = _MARGIN, y + 32
        for kind, words in _kinds(self.graph):
            parts.append(_shape(kind, Box(x + 21, y - 5, 42, 22)))
            parts.append(svg.text(x + 52, y, words, size=_SMALL))
            x += 52 + svg.width_of(words, _SMALL) + 26
        note = (
            "Wider lines and numbers: claims that state the step. Steps of different claims may "
            "meet: a way through them is not a finding."
        )
        return [*parts, svg.text(_MARGIN, y + 28, note, size=_SMALL, fill=svg.FAINT)]


def _effects() -> list[tuple[str, str]]:
    return [("raises", "raises"), ("lowers", "lowers"), ("goes with", "association, with"),
            ("goes against", "association, against"), ("touches", EFFECTS["touches"])]  # fmt: skip


def _kinds(graph: Graph) -> list[tuple[str, str]]:
    there = {node.kind for node in graph.nodes}
    words = {"agent": "drug or treatment", "intervention": "restores response"}
    return [(kind, words.get(kind, kind)) for kind in FILLS if kind in there]


def _row_width(row: Sequence[tuple[str, str]]) -> float:
    return sum(52 + svg.width_of(words, _SMALL) + 26 for _, words in row)


def _pen(edge: Edge) -> float:
    return min(8.0, 1.4 + 1.1 * (len(edge.claims) - 1))


def _marker(what: str) -> str:
    return "head-" + what.replace(" ", "-")


def _markers() -> str:
    """The heads of edges, by what they do."""
    parts = []
    for what, color in COLORS.items():
        if what == "touches":
            head = svg.tag("circle", cx=7.0, cy=6.0, r=4.5, fill=color)
        elif what in ("lowers", "goes against"):
            head = svg.tag("path", d="M10 0 L10 12", fill="none", stroke=color, stroke_width=3.0)
        else:
            head = svg.tag("path", d="M0 0 L12 6 L0 12 z", fill=color)
        parts.append(
            svg.tag(
                "marker", head, id=_marker(what), viewBox="0 0 12 12", refX=11.0, refY=6.0,
                markerWidth=15.0, markerHeight=15.0, orient="auto", markerUnits="userSpaceOnUse",
            )
        )  # fmt: skip
    return svg.tag("defs", "".join(parts))


def _shape(kind: str, box: Box) -> str:
    """A cell is round, a molecule a box, a pathway a hexagon, a process leans, a drug is a
    capsule with a double line."""
    left, right = box.x - box.width / 2, box.x + box.width / 2
    top, bottom = box.y - box.height / 2, box.y + box.height / 2
    paint: dict[str, str] = {"fill": FILLS[kind], "stroke": "#4d4d4d"}
    s = min(_SLANT, box.height / 2)
    if kind in ("pathway", "process"):
        corners = (
            [(left, box.y), (left + s, top), (right - s, top), (right, box.y),
             (right - s, bottom), (left + s, bottom)]
            if kind == "pathway"
            else [(left + s, top), (right, top), (right - s, bottom), (left, bottom)]
        )  # fmt: skip
        points = " ".join(f"{svg.number(x)},{svg.number(y)}" for x, y in corners)
        return svg.tag("polygon", points=points, **paint)
    radius = {"cell": min(box.height / 2, 24.0), "molecule": 5.0}.get(kind, 0.0)
    frame = svg.tag(
        "rect", x=left, y=top, width=box.width, height=box.height, rx=radius, **paint,
        **({"stroke_dasharray": "5 3"} if kind == "intervention" else {}),
    )  # fmt: skip
    if kind == "agent":
        frame += svg.tag(
            "rect", x=left + 3.5, y=top + 3.5, width=box.width - 7, height=box.height - 7,
            fill="none", stroke="#4d4d4d",
        )  # fmt: skip
    return frame


def _curve(route: Sequence[Point]) -> str:
    """Curves between layers, straight lines past them."""
    parts = [f"M{svg.number(route[0][0])} {svg.number(route[0][1])}"]
    for number, ((x1, y1), (x2, y2)) in enumerate(pairwise(route)):
        if number % 2:
            parts.append(f"L{svg.number(x2)} {svg.number(y2)}")
        else:
            bend = (x2 - x1) * 0.45
            points = (x1 + bend, y1, x2 - bend, y2, x2, y2)
            parts.append("C" + " ".join(map(svg.number, points)))
    return " ".join(parts)


def _loop(box: Box) -> Sequence[Point]:
    """An edge of a node to itself, above it."""
    top = box.y - box.height / 2
    return [(box.x - 10, top), (box.x + 10, top)]


def _at(t: float, x1: float, y1: float, x2: float, y2: float) -> Point:
    """A point of the curve between two points."""
    u = 1 - t
    bend = (x2 - x1) * 0.45
    x = u**3 * x1 + 3 * u * u * t * (x1 + bend) + 3 * u * t * t * (x2 - bend) + t**3 * x2
    return x, (u**3 + 3 * u * u * t) * y1 + (3 * u * t * t + t**3) * y2
