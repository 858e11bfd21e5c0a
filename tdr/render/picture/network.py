"""A network in the languages of other programs: Graphviz DOT and Mermaid.

Promotes is an orange edge with an arrow head, opposes a blue one with a bar (DOT) or
a cross (Mermaid): told apart without colour, and by every kind of colour vision.
"""

from __future__ import annotations

import re

from tdr.ask.views.graph import Edge, Graph, Node
from tdr.model.text import visible

COLORS = {"promotes": "#b84a00", "opposes": "#0f5aa8", "": "#777777"}
FILLS = {0: "#fff3e6", 1: "#f2f2f2", 2: "#e6effa"}

_DOT_HEADS = {"promotes": "normal", "opposes": "tee", "": "vee"}
_MERMAID_ARROWS = {"promotes": "-->", "opposes": "--x", "": "-.->"}
_TOP = "claims that name both ends of an edge"


def dot(graph: Graph) -> str:
    """The network as a Graphviz digraph; edges carry `sign` and `claims` as attributes."""
    names = _names(graph)
    lines = [
        "digraph tdr {",
        f"  graph [rankdir=LR, label={_dot_text('numbers: ' + _TOP)}, fontname=Helvetica];",
        '  node [shape=box, style="rounded,filled", fontname=Helvetica];',
        "  edge [fontname=Helvetica];",
    ]
    for layer in range(3):
        inside = [node for node in graph.nodes if node.layer == layer]
        if inside:
            lines.append("  { rank=same;")
            lines += [f"    {_dot_node(names[node.key], node)}" for node in inside]
            lines.append("  }")
    lines += [f"  {_dot_edge(names, edge)}" for edge in graph.edges]
    return "\n".join([*lines, "}\n"])


def _names(graph: Graph) -> dict[str, str]:
    """Key of a node -> a name that every language takes without quotes."""
    return {node.key: f"n{number}" for number, node in enumerate(graph.nodes)}


def _dot_text(text: str) -> str:
    r"""A quoted DOT string. A backslash is doubled: `\n`, `\l` and `\G` mean something there."""
    return '"' + visible(text).replace("\\", "\\\\").replace('"', '\\"') + '"'


def _dot_node(name: str, node: Node) -> str:
    return (
        f'{name} [label={_dot_text(node.label)}, kind="{node.kind}", claims={node.claims}, '
        f'fillcolor="{FILLS[node.layer]}"];'
    )


def _dot_edge(names: dict[str, str], edge: Edge) -> str:
    sign = f'sign="{edge.sign}", ' if edge.sign else ""
    return (
        f"{names[edge.source]} -> {names[edge.target]} [{sign}claims={edge.claims}, "
        f'label="{edge.claims}", color="{COLORS[edge.sign]}", '
        f"arrowhead={_DOT_HEADS[edge.sign]}, penwidth={_pen(edge.claims)}];"
    )


def _pen(claims: int) -> str:
    return f"{min(6.0, 1 + 0.5 * (claims - 1)):g}"


def mermaid(graph: Graph) -> str:
    """The network as a Mermaid flowchart, from left to right."""
    names = _names(graph)
    lines = ["flowchart LR"]
    for node in graph.nodes:
        name, label = names[node.key], _mermaid_text(node.label)
        lines.append(f'  {name}(["{label}"])' if node.layer == 0 else f'  {name}["{label}"]')
    for edge in graph.edges:
        arrow = _MERMAID_ARROWS[edge.sign]
        lines.append(f'  {names[edge.source]} {arrow}|"{edge.claims}"| {names[edge.target]}')
    for sign, color in COLORS.items():
        numbers = [str(n) for n, edge in enumerate(graph.edges) if edge.sign == sign]
        if numbers:
            lines.append(f"  linkStyle {','.join(numbers)} stroke:{color}")
    for layer, fill in FILLS.items():
        inside = [names[node.key] for node in graph.nodes if node.layer == layer]
        if inside:
            lines.append(f"  classDef layer{layer} fill:{fill},stroke:#888888,color:#1a1a1a")
            lines.append(f"  class {','.join(inside)} layer{layer}")
    return "\n".join(lines) + "\n"


_MERMAID_SPECIAL = re.compile(r"[^\w \-+./,():α-ωΑ-Ω]")


def _mermaid_text(text: str) -> str:
    """Text for between quotes: whatever Mermaid or the page around it reads becomes `#code;`."""
    return _MERMAID_SPECIAL.sub(lambda match: f"#{ord(match.group())};", visible(text))
