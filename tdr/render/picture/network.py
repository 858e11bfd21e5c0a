"""A network of steps as Graphviz DOT or as Mermaid, for other programs to draw.

An arrow head raises, a bar (in Mermaid, which has none, a cross) lowers, a dot is contact, a
dashed line is an association; nothing depends on colour alone.
"""

from __future__ import annotations

import re

from tdr.ask.views.graph import STEP_EFFECTS, Edge, Graph
from tdr.ask.views.network import Node
from tdr.model.text import visible

COLORS = {
    "raises": "#333333",
    "lowers": "#b3261e",
    "goes with": "#333333",
    "goes against": "#b3261e",
    "touches": "#6b6b6b",
}
"""Effect -> colour of an edge, dark enough for a thin line on white."""

FILLS = {
    "cell": "#fde3c8",
    "molecule": "#ffffff",
    "pathway": "#d9ecf7",
    "process": "#e8e8e8",
    "agent": "#f6f0b8",
    "intervention": "#d5efdf",
    "outcome": "#3a3a3a",
}
"""Kind of a node -> colour of its background."""

_DOT_SHAPES = {
    "cell": 'ellipse, style="filled"',
    "molecule": 'box, style="rounded,filled"',
    "pathway": 'hexagon, style="filled"',
    "process": 'parallelogram, style="filled"',
    "agent": 'box, style="filled", peripheries=2',
    "intervention": 'box, style="filled,dashed"',
    "outcome": 'box, style="filled", fontcolor="#ffffff"',
}
_DOT_HEADS = {"raises": "normal", "lowers": "tee", "goes with": "normal", "goes against": "tee",
              "touches": "dot"}  # fmt: skip
_MERMAID_ARROWS = {"raises": "-->", "lowers": "--x", "goes with": "-.->", "goes against": "-.-x",
                   "touches": "--o"}  # fmt: skip
_MERMAID_SHAPES = {
    "cell": '(["{}"])', "molecule": '("{}")', "pathway": '{{{{"{}"}}}}', "process": '[/"{}"/]',
    "agent": '[["{}"]]', "intervention": '>"{}"]', "outcome": '["{}"]',
}  # fmt: skip


def dot(graph: Graph) -> str:
    """The network as a Graphviz digraph; attributes of edges are relations, claims, references."""
    names = _names(graph)
    legend = "numbers: claims that state the step"
    lines = [
        "digraph tdr {",
        f"  graph [rankdir=LR, label={_dot_text(legend)}, fontname=Helvetica];",
        "  node [fontname=Helvetica];",
        "  edge [fontname=Helvetica];",
        *(f"  {_dot_node(names[node.id], node)}" for node in graph.nodes if node.kind != "outcome"),
    ]
    outcomes = [_dot_node(names[n.id], n) for n in graph.nodes if n.kind == "outcome"]
    if outcomes:
        lines += ["  { rank=max;", *(f"    {line}" for line in outcomes), "  }"]
    lines += [f"  {_dot_edge(names, edge)}" for edge in graph.edges]
    return "\n".join([*lines, "}\n"])


def _names(graph: Graph) -> dict[str, str]:
    """Id of a node -> a name that both languages accept without quotes."""
    return {node.id: f"n{number}" for number, node in enumerate(graph.nodes)}


def _dot_text(text: str) -> str:
    r"""A quoted DOT string. A backslash is doubled: `\n`, `\l` and `\G` mean something there."""
    return '"' + visible(text).replace("\\", "\\\\").replace('"', '\\"') + '"'


def _dot_node(name: str, node: Node) -> str:
    xref = f"xref={_dot_text(node.xref)}, " if node.xref else ""
    return (
        f'{name} [label={_dot_text(node.label)}, kind="{node.kind}", {xref}claims={node.claims}, '
        f'shape={_DOT_SHAPES[node.kind]}, fillcolor="{FILLS[node.kind]}"];'
    )


def _dot_edge(names: dict[str, str], edge: Edge) -> str:
    count = len(edge.claims)
    parts = [
        *([f'label="{count}"'] if count > 1 else []),
        *(
            f"{name}={_dot_text('|'.join(map(str, values)))}"
            for name, values in (("does", edge.does), ("claims", edge.claims), ("refs", edge.refs))
        ),
        f'color="{COLORS[edge.effect]}"',
        f"arrowhead={_DOT_HEADS[edge.effect]}",
        f"penwidth={min(6.0, 1 + 0.5 * (count - 1)):g}",
        *(["style=dashed"] if edge.effect.startswith("goes") else []),
    ]
    return f"{names[edge.source]} -> {names[edge.target]} [{', '.join(parts)}];"


def mermaid(graph: Graph) -> str:
    """The network as a Mermaid flowchart, from left to right; edges name their claims."""
    names = _names(graph)
    lines = ["flowchart LR"]
    for node in graph.nodes:
        shape = _MERMAID_SHAPES[node.kind].format(_mermaid_text(node.label))
        lines.append(f"  {names[node.id]}{shape}")
    for edge in graph.edges:
        label = _mermaid_text(f"{' / '.join(edge.does)}: {', '.join(edge.claims)}")
        arrow = _MERMAID_ARROWS[edge.effect]
        lines.append(f'  {names[edge.source]} {arrow}|"{label}"| {names[edge.target]}')
    for effect in STEP_EFFECTS:
        numbers = [str(n) for n, edge in enumerate(graph.edges) if edge.effect == effect]
        if numbers:
            lines.append(f"  linkStyle {','.join(numbers)} stroke:{COLORS[effect]}")
    for kind, fill in FILLS.items():
        inside = [names[node.id] for node in graph.nodes if node.kind == kind]
        if inside:
            ink = "#ffffff" if kind == "outcome" else "#1a1a1a"
            lines.append(f"  classDef {kind} fill:{fill},stroke:#4d4d4d,color:{ink}")
            lines.append(f"  class {','.join(inside)} {kind}")
    return "\n".join(lines) + "\n"


_MERMAID_SPECIAL = re.compile(r"[^\w \-+./,():α-ωΑ-Ω]")


def _mermaid_text(text: str) -> str:
    """Text for a quoted label: characters special to Mermaid or HTML become `#code;`."""
    return _MERMAID_SPECIAL.sub(lambda match: f"#{ord(match.group())};", visible(text))
