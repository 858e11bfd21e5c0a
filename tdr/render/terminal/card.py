"""One claim or one reference, written out for a person to read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tdr.ask.query import CitedReference, Evidence
from tdr.model.values import Claim, Reference
from tdr.render import Terminal
from tdr.render.terminal.table import render_card


def citation(reference: Reference) -> str:
    """A reference in one line, in the order that medical journals use."""
    authors = ", ".join(reference.authors)
    stop = "" if authors.endswith(".") else "."
    where = reference.journal
    if reference.year:
        where += f" {reference.year}"
    if reference.volume:
        where += f";{reference.volume}"
        where += f"({reference.issue})" if reference.issue else ""
    if reference.pages:
        where += f":{reference.pages}"
    ends = "" if reference.title.endswith((".", "?", "!")) else "."
    return f"{authors}{stop} {reference.title}{ends} {where}."


def _written_out(number: int, references: Mapping[int, Reference]) -> tuple[str, str]:
    reference = references.get(number)
    if reference is None:
        return f"[{number}]", ""
    text = f"[{number}] {citation(reference)}"
    if reference.status != "ok":
        text += f" ({reference.status.upper()})"
    return text, reference.url


def claim_card(claim: Claim, evidence: Evidence, terminal: Terminal) -> str:
    """Everything about one claim: the finding first, then who, what, where and on what ground."""
    effect = "RESISTANCE" if claim.effect == "resistance" else "RESPONSE"
    place = f"{claim.at.section}, paragraph {claim.at.paragraph}"
    verified = None
    if claim.verified:
        facts = claim.verified
        verified = f"{facts['by']}, {facts['date']}, against [{facts['ref']}]"
    sections: Sequence[tuple[str, object]] = [
        ("", claim.mechanism),
        ("promotes resistance", list(claim.promotes)),
        ("opposes resistance", list(claim.opposes)),
        ("treatment", ", ".join(claim.agents)),
        ("cancer", ", ".join(claim.cancers)),
        ("molecules", ", ".join(claim.molecules)),
        ("pathways", ", ".join(claim.pathways)),
        ("processes", ", ".join(claim.processes)),
        ("restores response", list(claim.countered_by)),
        ("basis", ", ".join(claim.basis)),
        ("references", [_written_out(number, evidence.references) for number in claim.refs]),
        ("in the review", place),
        ("note", claim.note),
        ("verified", verified),
    ]
    return render_card(f"{claim.id}  {claim.therapy}  {effect}", sections, terminal)


def reference_card(row: CitedReference, evidence: Evidence, terminal: Terminal) -> str:
    """One entry of the reference list and the findings that rest on it."""
    reference = row.reference
    found = [evidence.index.find(identifier) for identifier in row.claims]
    sections: Sequence[tuple[str, object]] = [
        ("", citation(reference)),
        ("link", [(reference.doi or "look it up", reference.url)]),
        ("PubMed", reference.pmid),
        ("PMC", reference.pmcid),
        ("status", reference.status if reference.status != "ok" else None),
        ("cited as", reference.cited_as),
        ("note", reference.note),
        ("claims", [f"{claim.id}  {claim.mechanism}" for claim in found if claim]),
    ]
    return render_card(f"[{reference.number}]", sections, terminal)
