"""A network as a tree for a terminal: cell, side and means, therapy, and the claims that say so."""

from __future__ import annotations

from itertools import groupby

from tdr.ask.views.graph import Connection, Graph
from tdr.model.text import visible
from tdr.render import Terminal
from tdr.render.terminal.lines import BOLD, DIM, STYLES, Line, paint, wrap

_UNICODE = ("├─ ", "└─ ", "│  ", "   ")
_ASCII = ("+- ", "`- ", "|  ", "   ")


def tree(graph: Graph, terminal: Terminal) -> str:
    """One tree for each cell: its means by side, below each the therapies with their claims."""
    drawing = _Tree(graph, terminal)
    return "".join(paint(line, terminal.color).rstrip() + "\n" for line in drawing.lines())


class _Tree:
    def __init__(self, graph: Graph, terminal: Terminal) -> None:
        self.graph = graph
        self.nodes = {node.key: node for node in graph.nodes}
        self.terminal = terminal
        self.fork, self.last, self.bar, self.blank = _ASCII if terminal.ascii else _UNICODE

    def lines(self) -> list[Line]:
        lines: list[Line] = []
        for cell, paths in groupby(self.graph.paths, key=lambda path: path.cell):
            if lines:
                lines.append([])
            lines += self._fit("", "", [(visible(self.nodes[cell].label), BOLD)])
            branches = [
                (*key, list(group))
                for key, group in groupby(paths, key=lambda path: (path.sign, path.means))
            ]
            for number, (sign, means, group) in enumerate(branches):
                lines += self._branch(sign, means, group, number == len(branches) - 1)
        if lines:
            lines += [[], *self._legend()]
        return lines

    def _branch(self, sign: str, means: str, paths: list[Connection], last: bool) -> list[Line]:
        style = STYLES[sign]
        mark = style.ascii if self.terminal.ascii else style.sign
        label: Line = [(f"{mark} ", f"{BOLD};{style.color}")]
        node = self.nodes[means]
        label.append((visible(node.label), style.color))
        if node.kind not in ("none", "pathway"):
            label.append((f" ({node.kind})", DIM))
        lines = self._fit(self.last if last else self.fork, self.blank if last else self.bar, label)
        below = self.blank if last else self.bar
        for number, path in enumerate(paths):
            end = number == len(paths) - 1
            ids = ", ".join(path.ids)
            if path.claims > len(path.ids):
                ids += f" and {path.claims - len(path.ids)} more"
            text: Line = [
                (visible(self.nodes[path.therapy].label), ""),
                (f"  {visible(ids)}", DIM),
            ]
            lines += self._fit(
                below + (self.last if end else self.fork),
                below + (self.blank if end else self.bar),
                text,
            )
        return lines

    def _fit(self, first: str, rest: str, line: Line) -> list[Line]:
        """The line behind its branch, wrapped so that the branch goes on beside it."""
        room = max(8, self.terminal.width - len(first))
        parts = wrap(line, room, 2)
        return [[(first if number == 0 else rest, DIM), *part] for number, part in enumerate(parts)]

    def _legend(self) -> list[Line]:
        legend: Line = []
        for side in ("promotes", "opposes"):
            style = STYLES[side]
            sign = style.ascii if self.terminal.ascii else style.sign
            legend += [(sign, f"{BOLD};{style.color}"), (f" {style.meaning}   ", DIM)]
        legend.append(("ids are the claims that name all three", DIM))
        return wrap(legend, max(20, self.terminal.width))
