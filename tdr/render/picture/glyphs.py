"""Lines and shapes of the drawings of steps, as the field draws them, and their legend.

An arrow raises, a bar lowers, a dashed line is an association, a dot is contact. Each kind of
node has a shape of its own, so that nothing depends on colour alone.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from tdr.ask.views.graph import STEP_EFFECTS
from tdr.render.picture import svg
from tdr.render.picture.layers import Box
from tdr.render.picture.network import COLORS, FILLS

SIZE = 15.0
"""Font size of legends."""

_SLANT = 9.0
_SAMPLE = 52.0
_APART = 26.0

_EFFECTS = {
    "raises": "raises",
    "lowers": "lowers",
    "goes with": "association, with",
    "goes against": "association, against",
    "touches": STEP_EFFECTS["touches"],
}


def line(path: str, effect: str, width: float, content: str = "") -> str:
    """A path with the colour and the head of the effect, dashed for an association."""
    dash = {"stroke_dasharray": "7 5"} if effect.startswith("goes") else {}
    return svg.tag(
        "path", content, d=path, fill="none", stroke=COLORS[effect], stroke_width=width, **dash,
        marker_end=f"url(#{marker(effect)})",
    )  # fmt: skip


def legend(x: float, y: float, kinds: Collection[str]) -> list[str]:
    """The lines and what they mean, and below them the shapes of the kinds that occur."""
    parts = []
    at = x
    for effect, words in _EFFECTS.items():
        parts.append(line(f"M{svg.number(at)} {svg.number(y - 5)} h40", effect, 2.5))
        parts.append(svg.text(at + _SAMPLE, y, words, size=SIZE))
        at += _width(words)
    at, y = x, y + 32
    for kind, words in _kinds(kinds):
        parts.append(shape(kind, Box(at + 21, y - 5, 42, 22)))
        parts.append(svg.text(at + _SAMPLE, y, words, size=SIZE))
        at += _width(words)
    return parts


def legend_width(kinds: Collection[str]) -> float:
    """The width of the legend."""
    rows: Sequence[Sequence[str]] = (tuple(_EFFECTS.values()), [w for _, w in _kinds(kinds)])
    return max(sum(map(_width, row)) for row in rows)


def _width(words: str) -> float:
    return _SAMPLE + svg.width_of(words, SIZE) + _APART


def _kinds(occurring: Collection[str]) -> list[tuple[str, str]]:
    words = {"agent": "drug or treatment", "intervention": "restores response"}
    return [(kind, words.get(kind, kind)) for kind in FILLS if kind in occurring]


def marker(effect: str) -> str:
    return "head-" + effect.replace(" ", "-")


def markers() -> str:
    """The heads of edges, one for each effect."""
    parts = []
    for effect, color in COLORS.items():
        if effect == "touches":
            head = svg.tag("circle", cx=7.0, cy=6.0, r=4.5, fill=color)
        elif effect in ("lowers", "goes against"):
            head = svg.tag("path", d="M10 0 L10 12", fill="none", stroke=color, stroke_width=3.0)
        else:
            head = svg.tag("path", d="M0 0 L12 6 L0 12 z", fill=color)
        parts.append(
            svg.tag(
                "marker", head, id=marker(effect), viewBox="0 0 12 12", refX=11.0, refY=6.0,
                markerWidth=15.0, markerHeight=15.0, orient="auto", markerUnits="userSpaceOnUse",
            )
        )  # fmt: skip
    return svg.tag("defs", "".join(parts))


def shape(kind: str, box: Box) -> str:
    """A node as a shape: a cell is rounded, a molecule a box, a pathway a hexagon, a process a
    parallelogram, a drug a box with a double line, what restores response a dashed box."""
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
