"""Positions of nodes and edges of a network: layers from left to right, few crossings.

The method of Sugiyama: edges that close a cycle are reversed; a node is one layer left of
the nearest node it leads to; an edge over several layers has a dummy node in each of them, so
that it passes between boxes; layers are ordered by the barycentre of each node's
neighbours; then each node moves as near to its neighbours as boxes allow.
"""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

_ORDER_ROUNDS = 24
_POSITION_ROUNDS = 60
_DUMMY_HEIGHT = 14.0
_PORT_DISTANCE = 15.0

Size = tuple[float, float]
Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class LayoutEdge:
    """An edge to be placed, by the keys of its two nodes."""

    source: str
    target: str
    weight: int = 1


@dataclass(frozen=True, slots=True)
class Box:
    """The position of a node: its centre, width and height."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Placement:
    """Boxes by key; for each link the points that it passes, in its own direction.

    Points come in pairs: a link is straight between the second and the third point, where it
    passes a layer, between the fourth and the fifth, and so on. A link of a node to itself has no
    points. With `curves` the points are the control points of cubic Bézier curves.
    """

    boxes: Mapping[str, Box]
    routes: tuple[tuple[Point, ...], ...]
    width: float
    height: float
    curves: bool = False


def layout(
    sizes: Mapping[str, Size],
    links: Sequence[LayoutEdge],
    last: frozenset[str] = frozenset(),
    *,
    gap: Size = (64.0, 16.0),
) -> Placement:
    """The placement of nodes of these sizes. The nodes of `last` are in the last layer."""
    return _Layers(sizes, links, last, gap).placement()


class _Layers:
    def __init__(
        self,
        sizes: Mapping[str, Size],
        links: Sequence[LayoutEdge],
        last: frozenset[str],
        gap: Size,
    ) -> None:
        self.sizes = sizes
        self.links = links
        self.gap = gap
        reversed_links = _closing_cycles(list(sizes), links)
        self.reversed_links = reversed_links
        self.ends = [
            (link.target, link.source) if number in reversed_links else (link.source, link.target)
            for number, link in enumerate(links)
        ]
        self.layer = _layers(list(sizes), self.ends, last)
        # Each link as its nodes, one in each layer; the key of a dummy has the number of its link.
        self.chains: list[list[str]] = []
        names: list[list[str]] = [[] for _ in range(max(self.layer.values(), default=-1) + 1)]
        for name, layer in self.layer.items():
            names[layer].append(name)
        for number, (a, b) in enumerate(self.ends):
            if a == b:
                self.chains.append([])
                continue
            dummies = []
            for layer in range(self.layer[a] + 1, self.layer[b]):
                dummy = f"\0{number}\0{layer}"
                dummies.append(dummy)
                names[layer].append(dummy)
            self.chains.append([a, *dummies, b])
        self.before: dict[str, list[tuple[str, int]]] = {}
        self.after: dict[str, list[tuple[str, int]]] = {}
        for link, chain in zip(links, self.chains, strict=True):
            for a, b in pairwise(chain):
                # Long links are kept straight before short ones.
                weight = link.weight * (1 + 3 * ((a[0] == "\0") + (b[0] == "\0")))
                self.after.setdefault(a, []).append((b, weight))
                self.before.setdefault(b, []).append((a, weight))
        self.names = self._ordered(names)

    # -- order ------------------------------------------------------------

    def _ordered(self, names: list[list[str]]) -> list[list[str]]:
        """The layers in the order with the fewest crossings of all that were tried."""
        best, fewest = [list(layer) for layer in names], self._crossings(names)
        for sweep in range(_ORDER_ROUNDS):
            if not fewest:
                break
            forward = sweep % 2 == 0
            numbers = range(len(names)) if forward else range(len(names) - 1, -1, -1)
            for number in numbers:
                near = self.before if forward else self.after
                names[number] = self._by_neighbours(names, number, near)
            crossings = self._crossings(names)
            if crossings < fewest:
                best, fewest = [list(layer) for layer in names], crossings
        return best

    @staticmethod
    def _by_neighbours(
        names: Sequence[Sequence[str]], number: int, near: Mapping[str, list[tuple[str, int]]]
    ) -> list[str]:
        place: dict[str, float] = {}
        for layer in names[max(0, number - 1) : number + 2]:
            for position, name in enumerate(layer):
                place[name] = (position + 0.5) / len(layer)

        def wanted(name: str) -> float:
            neighbours = near.get(name)
            if not neighbours:
                return place[name]
            total = sum(weight for _, weight in neighbours)
            return round(sum(place[other] * weight for other, weight in neighbours) / total, 9)

        return sorted(names[number], key=wanted)

    def _crossings(self, names: Sequence[Sequence[str]]) -> int:
        total = 0
        for layer, following in pairwise(names):
            place = {name: position for position, name in enumerate(following)}
            seen: list[int] = []
            for name in layer:
                targets = sorted(place[other] for other, _ in self.after.get(name, ()))
                total += sum(len(seen) - bisect_right(seen, target) for target in targets)
                for target in targets:
                    insort(seen, target)
        return total

    # -- places -----------------------------------------------------------

    def placement(self) -> Placement:
        height = {name: self._height(name) for layer in self.names for name in layer}
        y = self._positions(height)
        top = min((y[name] - height[name] / 2 for name in y), default=0.0)
        boxes: dict[str, Box] = {}
        columns: list[Size] = []
        left = 0.0
        for layer in self.names:
            width = max((self.sizes[n][0] for n in layer if n in self.sizes), default=0.0)
            columns.append((left, left + width))
            for name in layer:
                if name in self.sizes:
                    box = Box(left + width / 2, y[name] - top, self.sizes[name][0], height[name])
                    boxes[name] = box
                y[name] -= top
            left += width + self.gap[0]
        bottom = max((y[name] + height[name] / 2 for name in y), default=0.0)
        routes = self._routes(boxes, y, columns)
        return Placement(boxes, routes, max(0.0, left - self.gap[0]), bottom)

    def _height(self, name: str) -> float:
        """The height of a node: enough for the links that end at one side of it."""
        if name not in self.sizes:
            return _DUMMY_HEIGHT
        ports = max(len(self.before.get(name, ())), len(self.after.get(name, ())))
        return max(self.sizes[name][1], ports * _PORT_DISTANCE)

    def _positions(self, height: Mapping[str, float]) -> dict[str, float]:
        """The vertical centre of each node, as near to those of its neighbours as boxes allow."""
        y: dict[str, float] = {}
        pull = {
            name: sum(
                weight for near in (self.before, self.after) for _, weight in near.get(name, ())
            )
            for name in height
        }
        for layer in self.names:
            y.update(self._separated(layer, height, dict.fromkeys(layer, 0.0), pull))
        for sweep in range(_POSITION_ROUNDS):
            numbers = range(len(self.names))
            for number in numbers if sweep % 2 == 0 else reversed(numbers):
                layer = self.names[number]
                wanted = {}
                for name in layer:
                    near = [*self.before.get(name, ()), *self.after.get(name, ())]
                    wanted[name] = (
                        sum(y[other] * weight for other, weight in near) / pull[name]
                        if near
                        else y[name]
                    )
                y.update(self._separated(layer, height, wanted, pull))
        return y

    def _separated(
        self,
        layer: Sequence[str],
        height: Mapping[str, float],
        wanted: Mapping[str, float],
        pull: Mapping[str, int],
    ) -> dict[str, float]:
        """The positions nearest to those wanted (least squares, weighted by pull) that keep the
        order of the nodes and the gaps between them."""
        offsets, offset, previous = [], 0.0, None
        for name in layer:
            if previous is not None:
                gap = 4.0 if name[0] == previous[0] == "\0" else self.gap[1]
                offset += (height[previous] + height[name]) / 2 + gap
            offsets.append(offset)
            previous = name
        groups: list[tuple[float, float, int]] = []  # pull times position, pull, number of nodes
        for name, offset in zip(layer, offsets, strict=True):
            weight, count = float(pull[name] or 1), 1
            total = (wanted[name] - offset) * weight
            while groups and groups[-1][0] / groups[-1][1] > total / weight:
                more, heavy, others = groups.pop()
                total, weight, count = total + more, weight + heavy, count + others
            groups.append((total, weight, count))
        means = [total / weight for total, weight, count in groups for _ in range(count)]
        return {n: m + o for n, m, o in zip(layer, means, offsets, strict=True)}

    def _routes(
        self, boxes: Mapping[str, Box], y: Mapping[str, float], columns: Sequence[Size]
    ) -> tuple[tuple[Point, ...], ...]:
        ports = self._ports(boxes, y)
        routes = []
        for number, chain in enumerate(self.chains):
            points: list[Point] = []
            for name in chain:
                if name in boxes:
                    side = -1 if points else 1
                    box = boxes[name]
                    points.append((box.x + side * box.width / 2, ports[number, side]))
                else:
                    left, right = columns[int(name.rsplit("\0", 1)[1])]
                    points += [(left, y[name]), (right, y[name])]
            routes.append(tuple(reversed(points) if number in self.reversed_links else points))
        return tuple(routes)

    def _ports(
        self, boxes: Mapping[str, Box], y: Mapping[str, float]
    ) -> Mapping[tuple[int, int], float]:
        """(number of a link, side of a box) -> y at which the link meets the side."""
        meeting: dict[tuple[str, int], list[tuple[float, int]]] = {}
        for number, chain in enumerate(self.chains):
            if chain:
                meeting.setdefault((chain[0], 1), []).append((y[chain[1]], number))
                meeting.setdefault((chain[-1], -1), []).append((y[chain[-2]], number))
        positions = {}
        for (name, side), links in meeting.items():
            box = boxes[name]
            step = min(_PORT_DISTANCE, (box.height - 8) / max(1, len(links)))
            for position, (_, number) in enumerate(sorted(links)):
                positions[number, side] = box.y + (position - (len(links) - 1) / 2) * step
        return positions


def _closing_cycles(names: Sequence[str], links: Sequence[LayoutEdge]) -> frozenset[int]:
    """The numbers of links that have to be reversed to leave no cycle."""
    after: dict[str, list[tuple[int, str]]] = {name: [] for name in names}
    entered = dict.fromkeys(names, 0)
    for number, link in enumerate(links):
        after[link.source].append((number, link.target))
        entered[link.target] += 1
    state: dict[str, int] = {}  # 1 on the current path, 2 finished
    reversed_links = set()
    for start in sorted(names, key=lambda name: entered[name] > 0):
        if start in state:
            continue
        state[start] = 1
        path = [(start, iter(after[start]))]
        while path:
            here, ahead = path[-1]
            for number, there in ahead:
                if state.get(there) == 1 and there != here:
                    reversed_links.add(number)
                elif there not in state:
                    state[there] = 1
                    path.append((there, iter(after[there])))
                    break
            else:
                state[here] = 2
                path.pop()
    return frozenset(reversed_links)


def _layers(
    names: Sequence[str], ends: Sequence[tuple[str, str]], last: frozenset[str]
) -> dict[str, int]:
    """The layer of each node, counted from the left; links lead to the right, over one layer if
    possible."""
    after: dict[str, set[str]] = {name: set() for name in names}
    waiting: dict[str, int] = dict.fromkeys(names, 0)
    before: dict[str, set[str]] = {name: set() for name in names}
    for a, b in ends:
        if a != b and b not in after[a]:
            after[a].add(b)
            before[b].add(a)
            waiting[a] += 1
    # Counted from the right: the length of the longest path from each node.
    longest = {name: 0 if name in last or not last else 1 for name in names}
    ready = [name for name in names if not waiting[name]]
    while ready:
        here = ready.pop()
        for name in sorted(before[here]):
            longest[name] = max(longest[name], longest[here] + 1)
            waiting[name] -= 1
            if not waiting[name]:
                ready.append(name)
    most = max(longest.values(), default=0)
    return {name: most - longest[name] for name in names}
