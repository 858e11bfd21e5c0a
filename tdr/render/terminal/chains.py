"""Chains of signed steps for people at a terminal: `A ─secretes→ B ─inhibits⊣ C`."""

from __future__ import annotations

from collections.abc import Iterator

from tdr.ask.evidence import Evidence
from tdr.ask.views.paths import Chain
from tdr.model.steps import ASSOCIATIONS, Step, Way
from tdr.model.text import visible
from tdr.render import Terminal
from tdr.render.terminal.lines import (
    BOLD,
    DIM,
    GREEN,
    RED,
    WIDEST,
    Line,
    inset,
    painted,
    width_of,
    wrap,
)
from tdr.render.terminal.table import CellParagraph

_INSET = 2


class ChainParagraph(CellParagraph):
    """A chain in a card, broken only before links."""

    __slots__ = ("segments",)

    def __init__(self, way: Way, *, ascii_only: bool) -> None:
        self.segments = chain_segments(way, ascii_only=ascii_only)
        super().__init__([run for segment in self.segments for run in segment])

    def wrapped(self, width: int) -> list[Line]:
        return wrapped_chain(self.segments, width)


_TIPS = {False: {1: "→", -1: "⊣", 0: "─"}, True: {1: "->", -1: "-|", 0: "-"}}
_SIGNS = {1: ("+", RED), -1: ("-", GREEN), 0: ("0", DIM)}


def chain_segments(way: Way, *, ascii_only: bool) -> list[Line]:
    """The segments between which a chain may be broken: the first node, then each link with its
    target.

    A dashed link is an association, a link without a tip has no direction.
    """
    return [[(visible(way[0].source), "")], *(_link(step, ascii_only) for step in way)]


def _link(step: Step, ascii_only: bool) -> Line:
    dashed = step.does in ASSOCIATIONS
    shaft = ("~" if dashed else "-") if ascii_only else ("╌" if dashed else "─")
    tip = _TIPS[ascii_only][step.sign]
    _, color = _SIGNS[step.sign]
    inside: Line = [(f" (in {visible(step.place)})", DIM)] if step.place else []
    return [(f" {shaft}{step.does}{tip} ", color), (visible(step.target), ""), *inside]


def wrapped_chain(segments: list[Line], width: int, hang: int = _INSET) -> list[Line]:
    """The segments on as few lines as hold them unbroken; later lines begin with a link."""
    lines: list[Line] = []
    line: Line = []
    for segment in segments:
        if line and width_of([*line, *segment]) > width:
            lines.append(line)
            (text, color), *rest = segment
            line = [(" " * hang + text.lstrip(" "), color), *rest]
        else:
            line = [*line, *segment]
    return [part for whole in (*lines, line) for part in wrap(whole, width, 2 * hang)]


def chains_text(chains: tuple[Chain, ...], evidence: Evidence, terminal: Terminal) -> str:
    """The chains with their net signs, each above the claims and references of its links."""
    width = min(terminal.width, WIDEST)
    lines: list[Line] = []
    for chain in chains:
        if lines:
            lines.append([])
        sign, color = _SIGNS[chain.sign]
        first, *others = chain_segments(chain.way, ascii_only=terminal.ascii)
        lines += wrapped_chain([[(f"{sign} ", f"{BOLD};{color}"), *first], *others], width, 4)
        lines += _support(chain, evidence, width)
    return painted(lines, terminal.color)


def _support(chain: Chain, evidence: Evidence, width: int) -> Iterator[Line]:
    if chain.joined is None:
        (claim,) = chain.claims
        where = ", ".join(map(visible, (*claim.agents, *claim.cancers))) or claim.therapy
        caveats = [claim.standing] if claim.standing in ("contested", "qualified") else []
        caveats += ["hedged"] if claim.hedged else []
        caveat = f"  ({', '.join(caveats)})" if caveats else ""
        yield from inset(
            [(f"{claim.id} {evidence.numbers(claim)}  {where}{caveat}", DIM)], width, _INSET
        )
        return
    yield from inset([(chain.joined, BOLD)], width, _INSET)
    for link in chain.links:
        stated = ", ".join(f"{claim.id} {evidence.numbers(claim)}" for claim in link.claims)
        yield from inset([(f"{visible(str(link.step))}: ", ""), (stated, DIM)], width, _INSET)
