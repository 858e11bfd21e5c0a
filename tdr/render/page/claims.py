"""The claims of the page, a row each (below it the script opens a card), and their references."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import quote

from tdr.ask.evidence import Evidence
from tdr.model.fields import SIDES
from tdr.model.publication import Publication
from tdr.model.values import Claim, Reference
from tdr.render.citations import vancouver
from tdr.render.page.html import items_of, text_of

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


def claim_body(claim: Claim, evidence: Evidence) -> str:
    """One claim: its row. A body of its own keeps it together with its card."""
    marks = [] if claim.standing == "unchecked" else [claim.standing]
    marks += ["note"] if claim.note is not None else []
    tags = "".join(f' <span class="tag {mark}">{mark}</span>' for mark in marks)
    if len(evidence.keys) > 1:
        tags += f' <span class="tag source">{text_of(claim.source)}</span>'
    cells = "".join(items_of(side, getattr(claim, side), does) for side, does in SIDES.items())
    refs = " ".join(reference_link(evidence, claim.source, number) for number in claim.refs)
    return (
        f'<tbody id="{text_of(claim.id)}">\n<tr class="row"><th scope="row">'
        f'<button type="button">{text_of(claim.id)}</button>{tags}</th>'
        f'<td><span class="therapy">{text_of(claim.therapy)}</span> '
        f'<span class="tag {claim.effect}">{claim.effect}</span></td>'
        f"<td>{cells}</td><td>{items_of('agents', claim.agents)}</td>"
        f"<td>{items_of('cancers', claim.cancers)}</td>"
        f'<td class="mechanism">{text_of(claim.mechanism)}</td><td class="refs">{refs}</td></tr>\n'
        "</tbody>\n"
    )


# --- references ----------------------------------------------------------------------------

Key = tuple[str, int]
"""Source and number."""


def cited(claims: Iterable[Claim]) -> dict[Key, list[str]]:
    """The references behind some claims with the ids of these, by source and number."""
    found: dict[Key, list[str]] = {}
    sources = list(dict.fromkeys(claim.source for claim in claims))
    for claim in claims:
        for number in claim.refs:
            found.setdefault((claim.source, number), []).append(claim.id)
    return dict(sorted(found.items(), key=lambda item: (sources.index(item[0][0]), item[0][1])))


def anchor(evidence: Evidence, source: str, number: int) -> str:
    """Where the page has a reference."""
    return f"ref-{evidence.name_of(source, number)}".replace(":", "-")


def reference_link(evidence: Evidence, source: str, number: int) -> str:
    name = evidence.name_of(source, number)
    return f'<a href="#{anchor(evidence, source, number)}">{name}</a>'


def reference_items(evidence: Evidence, claims: Iterable[Claim]) -> str:
    """An item for each reference: its number, the reference, the claims that rest on it."""

    def link(claim: str) -> str:
        return f'<a href="#{text_of(quote(claim, safe=""))}">{text_of(claim)}</a>'

    return "".join(
        f'<li id="{anchor(evidence, source, number)}">'
        f'<span class="number">{evidence.name_of(source, number)}</span>'
        f"<span>{_entry(evidence.references_of(source).get(number))}</span> "
        f'<span class="behind">Behind {" ".join(map(link, ids))}</span></li>\n'
        for (source, number), ids in cited(claims).items()
    )


def _entry(reference: Reference | None) -> str:
    """A reference in one line with its link, and a warning if it was corrected or retracted."""
    if reference is None:
        return "not in the list"
    if reference.doi:
        name = f"doi:{reference.doi}"
    elif reference.pmid:
        name = f"PubMed {reference.pmid}"
    else:
        name = "find in PubMed"
    status = ""
    if reference.status != "ok":
        status = f' <span class="status">{text_of(reference.status)}</span>'
    link = f'<a href="{text_of(reference.url)}">{text_of(name)}</a>'
    return f"{text_of(vancouver(Publication.of(reference)))} {link}{status}"
