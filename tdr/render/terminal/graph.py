"""A network of steps as trees for a terminal, with the claims that state each step.

Each branch follows the steps of single claims, which state all of it.
"""

from __future__ import annotations

from tdr.ask.views.graph import Edge, Graph
from tdr.model.text import visible
from tdr.render import Terminal
from tdr.render.terminal.lines import BOLD, DIM, RED, Line, painted, wrap

_UNICODE = ("├─", "└─", "│  ", "   ")
_ASCII = ("+-", "`-", "|  ", "   ")

ARROW_HEADS = {
    "raises": ("▶", ">", ""),
    "lowers": ("┤", "|", RED),
    "goes with": ("┄▶", "~>", ""),
    "goes against": ("┄┤", "~|", RED),
    "touches": ("●", "o", ""),
}
"""Effect -> arrow head, head in ASCII, colour."""


def tree(graph: Graph, terminal: Terminal) -> str:
    """The trees, one for each node at which the steps of a claim begin."""
    return painted(_Tree(graph, terminal).lines(), terminal.color)


class _Tree:
    def __init__(self, graph: Graph, terminal: Terminal) -> None:
        self.graph = graph
        self.terminal = terminal
        self.fork, self.last, self.bar, self.blank = _ASCII if terminal.ascii else _UNICODE
        self.nodes = {node.id: node for node in graph.nodes}
        self.after: dict[str, list[Edge]] = {}
        for edge in graph.edges:
            self.after.setdefault(edge.source, []).append(edge)
        self.expanded: dict[str, set[str]] = {}  # node -> claims whose steps from it were drawn

    def lines(self) -> list[Line]:
        lines: list[Line] = []
        for root, ids in self._roots():
            # The first node of a cycle may have been drawn already, below another root.
            claims = ids - self.expanded.get(root, set())
            if not claims:
                continue
            if lines:
                lines.append([])
            lines += self._fit("", "", [(visible(self.nodes[root].label), BOLD)])
            lines += self._branches(root, claims)
        if lines:
            lines += [[], *self._legend()]
        return lines

    def _roots(self) -> list[tuple[str, set[str]]]:
        """The nodes at which claims begin, then all others, for claims whose steps are a cycle."""
        incoming: dict[str, set[str]] = {}
        outgoing: dict[str, set[str]] = {}
        for edge in self.graph.edges:
            incoming.setdefault(edge.target, set()).update(edge.claims)
            outgoing.setdefault(edge.source, set()).update(edge.claims)
        starts = [(key, ids - incoming.get(key, set())) for key, ids in outgoing.items()]
        return [*((key, ids) for key, ids in starts if ids), *outgoing.items()]

    def _branches(self, root: str, claims: set[str]) -> list[Line]:
        """The lines of the steps that these claims state from a node on; not recursive, because
        chains may be long."""
        lines: list[Line] = []
        waiting = [("", self._next(root, claims))]
        while waiting:
            indent, edges = waiting.pop()
            if not edges:
                continue
            edge, stating = edges.pop(0)
            waiting.append((indent, edges))
            new = stating - self.expanded.get(edge.target, set())
            above = not new and edge.target in self.after
            end = not edges
            lines += self._step(indent, edge, stating, end=end, above=above)
            if new:
                below = indent + (self.blank if end else self.bar)
                waiting.append((below, self._next(edge.target, new)))
        return lines

    def _next(self, node: str, claims: set[str]) -> list[tuple[Edge, set[str]]]:
        """The edges from a node that some of these claims state, each with these."""
        self.expanded.setdefault(node, set()).update(claims)
        next_edges = ((edge, claims & set(edge.claims)) for edge in self.after.get(node, ()))
        return [(edge, stating) for edge, stating in next_edges if stating]

    def _step(
        self, indent: str, edge: Edge, claims: set[str], *, end: bool, above: bool
    ) -> list[Line]:
        head, ascii_head, color = ARROW_HEADS[edge.effect]
        node = self.nodes[edge.target]
        line: Line = [
            (
                f"{ascii_head if self.terminal.ascii else head} ",
                f"{BOLD};{color}" if color else BOLD,
            ),
            (f"{' / '.join(edge.does)} ", color),
            (visible(node.label), BOLD if node.kind == "outcome" else ""),
        ]
        if edge.places:
            line.append((f" (in {visible(', '.join(edge.places))})", DIM))
        ids = ", ".join(
            f"{id_}{'?' if id_ in edge.hedged else ''}" for id_ in edge.claims if id_ in claims
        )
        line.append((f"  {visible(ids)}", DIM))
        if above:
            line.append((" ^" if self.terminal.ascii else " ↑", DIM))
        first = indent + (self.last if end else self.fork)
        return self._fit(first, indent + (self.blank if end else self.bar), line)

    def _fit(self, first: str, rest: str, line: Line) -> list[Line]:
        """The line after its branch, wrapped so that the branch continues beside it."""
        most = self.terminal.width // 2
        if len(first) > most:  # a chain longer than the terminal is wide
            first, rest = first[-most:], rest[-most:]
        width = max(8, self.terminal.width - max(len(first), len(rest)))
        parts = wrap(line, width, 4)
        return [[(first if number == 0 else rest, DIM), *part] for number, part in enumerate(parts)]

    def _legend(self) -> list[Line]:
        there = {edge.effect for edge in self.graph.edges}
        legend: Line = []
        for what, (head, ascii_head, color) in ARROW_HEADS.items():
            if what in there:
                legend.append((ascii_head if self.terminal.ascii else head, color or BOLD))
                legend.append((f" {'contact' if what == 'touches' else what}   ", DIM))
        up = "^" if self.terminal.ascii else "↑"
        legend.append(
            (
                f"{up} continues as above   ids: claims that state it; ?: hedged (can, could, may)",
                DIM,
            )
        )
        return wrap(legend, max(20, self.terminal.width))
