"""Positions of nodes and edges by Graphviz, which leaves fewer crossings among many edges.

pygraphviz contains the libraries; no program is started.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tdr.model.errors import library_error
from tdr.render.picture.layers import Box, LayoutEdge, Placement, Point, Size

_POINTS_PER_INCH = 72.0


def layout(
    sizes: Mapping[str, Size],
    links: Sequence[LayoutEdge],
    last: frozenset[str],
    *,
    gap: Size,
) -> Placement:
    """As `layers.layout`, with routes that are control points of curves.

    Raises TdrError if the library is missing.
    """
    try:
        from pygraphviz import AGraph  # type: ignore[import-untyped]  # it has no types
    except ImportError as error:
        raise library_error("this layout needs", "graphviz", error) from None

    graph = AGraph(directed=True, strict=False)
    graph.graph_attr.update(
        rankdir="LR", nodesep=_inches(gap[1]), ranksep=_inches(gap[0]), outputorder="nodesfirst"
    )
    graph.node_attr.update(shape="box", fixedsize="true", label="")
    graph.edge_attr.update(dir="none")
    names = {key: f"n{number}" for number, key in enumerate(sizes)}
    for key, (width, height) in sizes.items():
        graph.add_node(names[key], width=_inches(width), height=_inches(height))
    for number, link in enumerate(links):
        ends = names[link.source], names[link.target]
        graph.add_edge(*ends, key=str(number), weight=str(link.weight))
    graph.add_subgraph([names[key] for key in last], rank="max")
    graph.layout(prog="dot")

    _, _, width, height = map(float, graph.graph_attr["bb"].split(","))
    boxes = {}
    for key, (wide, high) in sizes.items():
        x, y = map(float, graph.get_node(names[key]).attr["pos"].split(","))
        boxes[key] = Box(x, height - y, wide, high)
    routes = []
    for number, link in enumerate(links):
        edge = graph.get_edge(names[link.source], names[link.target], key=str(number))
        routes.append(tuple(_points(edge.attr["pos"], height)))
    return Placement(boxes, tuple(routes), width, height, curves=True)


def _points(spline: str, height: float) -> list[Point]:
    """The control points of a spline, with y from the top; Graphviz has it from the bottom."""
    pairs = (pair.split(",") for pair in spline.replace("\\\n", "").split())
    return [(float(x), height - float(y)) for x, y in pairs]


def _inches(points: float) -> str:
    return f"{points / _POINTS_PER_INCH:.4f}"
