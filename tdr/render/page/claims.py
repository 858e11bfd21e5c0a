"""The claims of the page, a row each; the script opens a card below it."""

from __future__ import annotations

from tdr.ask.corpus import Corpus
from tdr.model.values import Claim
from tdr.render.page.html import SIDES, items_of, text_of
from tdr.render.page.references import reference_link

COLUMNS = {
    "id": "Claim",
    "therapy": "Therapy",
    "cells": "Cells",
    "agents": "Treatment",
    "cancers": "Cancer",
    "mechanism": "Finding",
    "refs": "Refs",
}
"""Key -> heading of a column; the script sorts by keys."""


def claim_body(claim: Claim, evidence: Corpus) -> str:
    """One claim: its row. A body of its own keeps it together with its card."""
    marks = [] if claim.standing == "unchecked" else [claim.standing]
    marks += ["note"] if claim.note is not None else []
    tags = "".join(f' <span class="tag {mark}">{mark}</span>' for mark in marks)
    if len(evidence.keys) > 1:
        tags += f' <span class="tag source">{text_of(claim.source)}</span>'
    effect = "resistance" if claim.effect == "resistance" else "response"
    cells = "".join(items_of(side, getattr(claim, side), does) for side, does in SIDES.items())
    refs = " ".join(reference_link(evidence, claim.source, number) for number in claim.refs)
    return (
        f'<tbody id="{text_of(claim.id)}">\n<tr class="row"><th scope="row">'
        f'<button type="button">{text_of(claim.id)}</button>{tags}</th>'
        f'<td><span class="therapy">{text_of(claim.therapy)}</span> '
        f'<span class="tag {effect}">{effect}</span></td>'
        f"<td>{cells}</td><td>{items_of('agents', claim.agents)}</td>"
        f"<td>{items_of('cancers', claim.cancers)}</td>"
        f'<td class="mechanism">{text_of(claim.mechanism)}</td><td class="refs">{refs}</td></tr>\n'
        "</tbody>\n"
    )
