"""One claim or one reference, written out for a person to read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tdr.ask.query import CitedReference, Evidence
from tdr.model.fields import FIELDS, RECORD_FIELDS, Place
from tdr.model.values import Claim, Reference
from tdr.render import Terminal
from tdr.render.citations import Publication, vancouver
from tdr.render.terminal.table import render_card


def _written_out(number: int, references: Mapping[int, Reference]) -> tuple[str, str]:
    reference = references.get(number)
    if reference is None:
        return f"[{number}]", ""
    text = f"[{number}] {vancouver(Publication.of(reference))}"
    if reference.status != "ok":
        text += f" ({reference.status.upper()})"
    return text, reference.url


def claim_card(claim: Claim, evidence: Evidence, terminal: Terminal) -> str:
    """Everything about one claim: the finding first, then who, what, where and on what ground."""
    effect = "RESISTANCE" if claim.effect == "resistance" else "RESPONSE"
    first = ("mechanism", *_FIRST)
    rest = (name for name in RECORD_FIELDS if _FIELDS[name].label and name not in first)
    sections = [(_FIELDS[name].label, _shown(name, claim, evidence)) for name in (*first, *rest)]
    return render_card(f"{claim.id}  {claim.therapy}  {effect}", sections, terminal)


_FIELDS = {field.name: field for field in FIELDS}
_FIRST = ("promotes", "opposes", "agents")
"""What a reader wants to know first; the other fields come in the order of the model."""


def _shown(name: str, claim: Claim, evidence: Evidence) -> object:
    """A field of a claim as a card shows it: a text, or a list of one line or more each."""
    value = getattr(claim, name)
    if name == "refs":
        return [_written_out(number, evidence.references) for number in value]
    if isinstance(value, Place):
        return f"{value.section}, paragraph {value.paragraph}"
    if name == "verified":
        return value and f"{value['by']}, {value['date']}, against [{value['ref']}]"
    if isinstance(value, tuple):
        return list(value) if _FIELDS[name].in_lines else ", ".join(value)
    return value


def reference_card(row: CitedReference, evidence: Evidence, terminal: Terminal) -> str:
    """One entry of the reference list and the findings that rest on it."""
    reference = row.reference
    found = [evidence.index.find(identifier) for identifier in row.claims]
    sections: Sequence[tuple[str, object]] = [
        ("", vancouver(Publication.of(reference))),
        ("link", [(reference.doi or "look it up", reference.url)]),
        ("PubMed", reference.pmid),
        ("PMC", reference.pmcid),
        ("status", reference.status if reference.status != "ok" else None),
        ("cited as", reference.cited_as),
        ("note", reference.note),
        ("claims", [f"{claim.id}  {claim.mechanism}" for claim in found if claim]),
    ]
    return render_card(f"[{reference.number}]", sections, terminal)
