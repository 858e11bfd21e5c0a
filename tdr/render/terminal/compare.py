"""A comparison for people at a terminal: what both have, and what only one has."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from tdr.ask.views.compare import Common, Comparison, Subject
from tdr.model.text import counted, visible
from tdr.render import Terminal
from tdr.render.terminal.lines import (
    BOLD,
    DIM,
    STYLES,
    WIDEST,
    Line,
    painted,
    part_width,
    rule,
    side_by_side,
    wrap,
)

_NAMES = {
    "promotes": "cells that promote resistance",
    "opposes": "cells that oppose resistance",
    "therapy": "therapies",
    "cancer": "cancers",
    "agent": "agents",
    "pathway": "pathways",
    "molecule": "molecules",
    "process": "processes",
    "countermeasure": "what restores response",
}


def comparison_text(comparison: Comparison, terminal: Terminal) -> str:
    """The comparison in three columns for each field, common terms in the middle, with numbers of
    claims."""
    width = min(terminal.width, WIDEST)
    column_width = part_width(3, width)
    lines: list[Line] = []
    for subject, name in ((comparison.a, "A"), (comparison.b, "B")):
        lines += wrap(_subject(name, subject, terminal), width, 3)
    together = counted(comparison.together, "claim names", "claims name")
    lines += wrap([(f"{together} both", DIM)], width)
    for field, group in groupby(comparison.terms, key=lambda row: row.field):
        lines += [[], *wrap([(_NAMES[field], BOLD)], width)]
        lines.append(rule(width, terminal.ascii))
        rows = list(group)
        parts = [
            _part(where, [row for row in rows if row.where == where], comparison, column_width)
            for where in ("a", "both", "b")
        ]
        lines += side_by_side(parts, width, terminal.ascii)
    if comparison.terms:
        lines += [[], *wrap([("numbers are claims, of A + of B for what both have", DIM)], width)]
    return painted(lines, terminal.color)


def _subject(name: str, subject: Subject, terminal: Terminal) -> Line:
    line: Line = [
        (f"{name}: {visible(subject.label)}", BOLD),
        (f"  {counted(subject.claims, 'claim')}", ""),
    ]
    for side, bits in (("promotes", subject.promotes), ("opposes", subject.opposes)):
        if bits:
            style = STYLES[side]
            line.append((f"  {bits.bit_count()}{style.mark(terminal.ascii)}", style.color))
            line.append((f" {side}", ""))
    return line


def _part(where: str, rows: Sequence[Common], comparison: Comparison, width: int) -> list[Line]:
    titles = {"a": f"only {comparison.a.short}", "both": "both", "b": f"only {comparison.b.short}"}
    result = wrap([(f"{visible(titles[where])} ({len(rows)})", DIM)], width, 2)
    for row in rows:
        count = f"{row.a}+{row.b}" if where == "both" else str(row.a or row.b)
        result += wrap([(visible(row.term), ""), (f" {count}", DIM)], width, 2)
    return result
