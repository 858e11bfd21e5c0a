"""Rows of the table of claims, and the list of their references."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import quote

from tdr.ask.evidence import Evidence
from tdr.model.fields import SIDES
from tdr.model.publication import Publication
from tdr.model.values import Claim, Reference
from tdr.render.citations import vancouver
from tdr.render.page.html import escaped, list_of

COLUMNS = {
    "id": "Claim",
    "therapy": "Therapy",
    "cells": "Cells",
    "agents": "Treatment",
    "cancers": "Cancer",
    "mechanism": "Finding",
    "refs": "Refs",
}
"""Key -> heading of a column; keys are what the script sorts by."""


def claim_body(claim: Claim, evidence: Evidence) -> str:
    """The row of a claim in a `tbody` of its own, to which the script adds the card."""
    marks = [] if claim.standing == "unchecked" else [claim.standing]
    marks += ["note"] if claim.note is not None else []
    tags = "".join(f' <span class="tag {mark}">{mark}</span>' for mark in marks)
    if len(evidence.keys) > 1:
        tags += f' <span class="tag source">{escaped(claim.source)}</span>'
    cells = "".join(list_of(side, getattr(claim, side), does) for side, does in SIDES.items())
    refs = " ".join(reference_link(evidence, claim.source, number) for number in claim.refs)
    return (
        f'<tbody id="{escaped(claim.id)}">\n<tr class="row"><th scope="row">'
        f'<button type="button">{escaped(claim.id)}</button>{tags}</th>'
        f'<td><span class="therapy">{escaped(claim.therapy)}</span> '
        f'<span class="tag {claim.effect}">{claim.effect}</span></td>'
        f"<td>{cells}</td><td>{list_of('agents', claim.agents)}</td>"
        f"<td>{list_of('cancers', claim.cancers)}</td>"
        f'<td class="mechanism">{escaped(claim.mechanism)}</td><td class="refs">{refs}</td></tr>\n'
        "</tbody>\n"
    )


# --- references ----------------------------------------------------------------------------

Key = tuple[str, int]
"""Source and number."""


def cited(claims: Iterable[Claim]) -> dict[Key, list[str]]:
    """The references of the claims, in order of source and number -> ids of the claims."""
    ids: dict[Key, list[str]] = {}
    sources = list(dict.fromkeys(claim.source for claim in claims))
    for claim in claims:
        for number in claim.refs:
            ids.setdefault((claim.source, number), []).append(claim.id)
    return dict(sorted(ids.items(), key=lambda item: (sources.index(item[0][0]), item[0][1])))


def anchor(evidence: Evidence, source: str, number: int) -> str:
    """The HTML id of a reference."""
    return f"ref-{evidence.name_of(source, number)}".replace(":", "-")


def reference_link(evidence: Evidence, source: str, number: int) -> str:
    """A link to a reference in the list."""
    name = evidence.name_of(source, number)
    return f'<a href="#{anchor(evidence, source, number)}">{name}</a>'


def reference_items(evidence: Evidence, claims: Iterable[Claim]) -> str:
    """A list item for each reference: its number, the reference, and links to its claims."""

    def link(claim: str) -> str:
        return f'<a href="#{escaped(quote(claim, safe=""))}">{escaped(claim)}</a>'

    return "".join(
        f'<li id="{anchor(evidence, source, number)}">'
        f'<span class="number">{evidence.name_of(source, number)}</span>'
        f"<span>{_entry(evidence.references_of(source).get(number))}</span> "
        f'<span class="behind">Behind {" ".join(map(link, ids))}</span></li>\n'
        for (source, number), ids in cited(claims).items()
    )


def _entry(reference: Reference | None) -> str:
    """A reference in one line with a link, and its status if it was corrected or retracted."""
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
        status = f' <span class="status">{escaped(reference.status)}</span>'
    link = f'<a href="{escaped(reference.url)}">{escaped(name)}</a>'
    return f"{escaped(vancouver(Publication.of(reference)))} {link}{status}"
