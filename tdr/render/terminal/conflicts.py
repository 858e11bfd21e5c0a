"""Conflicts for people at a terminal: claims that promote on the left, that oppose on the right."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import chain, groupby

from tdr.ask.evidence import Evidence
from tdr.ask.views.conflict_sides import Side
from tdr.ask.views.conflicts import Conflict
from tdr.ask.views.tables import short_references
from tdr.model.text import counted, visible
from tdr.model.values import Claim
from tdr.render import Terminal
from tdr.render.terminal.lines import (
    BOLD,
    DIM,
    STYLES,
    WIDEST,
    Line,
    inset,
    marked_id,
    packed,
    painted,
    part_width,
    rule,
    side_by_side,
    standing_legend,
    standing_mark,
    wrap,
)

_MEANING: Mapping[str, str] = {
    "contradiction": "the same cell, the same therapy",
    "context": "the same cell, different therapies",
    "reading": "two sources cite one work, whose abstract contradicts one of them",
    "subtype": "subtypes of one cell, the same therapy",
}


def conflicts_text(
    conflicts: Iterable[Conflict], evidence: Evidence, terminal: Terminal
) -> Iterator[str]:
    """The conflicts, line by line, with a heading for each kind."""
    for line in _lines(conflicts, evidence, terminal, min(terminal.width, WIDEST)):
        yield painted([line], terminal.color)


def _lines(
    conflicts: Iterable[Conflict], evidence: Evidence, terminal: Terminal, width: int
) -> Iterator[Line]:
    standings: set[str] = set()
    kind = ""
    for conflict in conflicts:
        if kind:
            yield []
        if conflict.kind != kind:
            kind = conflict.kind
            yield from wrap([(f"{kind}: ", BOLD), (_MEANING[kind], DIM)], width)
            yield rule(width, terminal.ascii)
        yield from _conflict(conflict, evidence, terminal, width)
        standings |= {claim.standing for claim in conflict.claims}
    legend = standing_legend(standings, terminal.ascii)
    if legend:
        yield []
        yield from wrap([run for part in legend for run in (*part, ("   ", ""))], width)


def _conflict(
    conflict: Conflict, evidence: Evidence, terminal: Terminal, width: int
) -> Iterator[Line]:
    between = " + " if terminal.ascii else " · "
    where = [" / ".join(conflict.therapies)]
    where += [", ".join(map(visible, of)) for of in (conflict.agents, conflict.cancers) if of]
    if conflict.works:
        where.append(f"{conflict.works} work{'s' * (conflict.works != 'same')}")
    where += map(visible, conflict.citing)
    yield from wrap([(visible(conflict.cell), BOLD), (f"  {between.join(where)}", "")], width, 2)
    for statement in conflict.abstracts:
        yield from wrap([("abstract: ", BOLD), (visible(statement), "")], width, 2)
    side_width = part_width(2, width)
    sides = [
        chain(
            wrap(_heading(field, side, terminal), side_width, 2),
            _side(conflict, side, evidence, terminal, side_width),
        )
        for field, side in (("promotes", conflict.promotes), ("opposes", conflict.opposes))
    ]
    yield from side_by_side(sides, width, terminal.ascii)


def _heading(field: str, side: Side, terminal: Terminal) -> Line:
    style = STYLES[field]
    return [
        (style.mark(terminal.ascii), f"{BOLD};{style.color}"),
        (f" {style.meaning}", style.color),
        (f" ({counted(side.count, 'claim')})", DIM),
    ]


def _side(
    conflict: Conflict, side: Side, evidence: Evidence, terminal: Terminal, width: int
) -> Iterator[Line]:
    if conflict.kind == "subtype":
        for cell, group in groupby(side.first, key=lambda one: one[0]):
            yield from wrap([(visible(cell), "")], width, 2)
            entries = [
                f"{marked_id(claim, terminal.ascii)} {evidence.numbers(claim)},"
                for claim in sorted((claim for _, claim in group), key=lambda claim: claim.id)
            ]
            entries[-1] = entries[-1].removesuffix(",")
            for line in packed([[(text, DIM)] for text in entries], width - 2, " "):
                yield [("  ", ""), *line]
    else:
        for _, claim in side.first:
            yield from _claim(claim, conflict, evidence, terminal, width)
    if side.left:
        yield from wrap([(f"and {counted(side.left, 'more claim')} (--all)", DIM)], width, 2)


def _claim(
    claim: Claim, conflict: Conflict, evidence: Evidence, terminal: Terminal, width: int
) -> Iterator[Line]:
    therapies = [claim.therapy] if len(conflict.therapies) > 1 else []
    where = dict.fromkeys((*therapies, *claim.agents, *claim.cancers))  # a therapy may be an agent
    mark = standing_mark(claim.standing, terminal.ascii)
    yield from wrap([(claim.id, BOLD), *mark, (f"  {visible(', '.join(where))}", "")], width, 2)
    yield from inset([(visible(claim.mechanism), "")], width)
    yield from inset([(visible("; ".join(short_references(claim, evidence))), DIM)], width)
    if claim.note:
        yield from inset([("note: ", BOLD), (visible(claim.note), "")], width)
