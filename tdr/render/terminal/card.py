"""The card of a claim or a reference: everything about it, for people."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from tdr.ask.evidence import Evidence
from tdr.ask.views.agreement import OtherSources
from tdr.ask.views.lists import CitedReference
from tdr.model.field import Field
from tdr.model.fields import FIELDS
from tdr.model.publication import Publication
from tdr.model.standing import PaperComparison, reasons
from tdr.model.steps import chains
from tdr.model.values import Claim
from tdr.render import Terminal
from tdr.render.citations import vancouver
from tdr.render.terminal.chains import ChainParagraph
from tdr.render.terminal.lines import marked_id
from tdr.render.terminal.table import render_card


def _reference_line(number: int, claim: Claim, evidence: Evidence) -> tuple[str, str]:
    reference = evidence.references_of(claim.source).get(number)
    name = evidence.shown_name(claim.source, number)
    if reference is None:
        return f"[{name}]", ""
    text = f"[{name}] {vancouver(Publication.of(reference))}"
    if reference.status != "ok":
        text += f" ({reference.status.upper()})"
    return text, reference.url


def claim_card(claim: Claim, evidence: Evidence, terminal: Terminal) -> str:
    """The card of a claim: the mechanism first, then cells, agents and the other fields."""
    ordered = sorted(FIELDS, key=lambda field: _ORDER.get(field.name, len(_ORDER)))
    sections: list[tuple[str, object]] = [
        (field.label, _section(field, claim, evidence, terminal))
        for field in ordered
        if field.label or field.name == "mechanism"
    ]
    if claim.standing != "unchecked":
        why = "; ".join(reasons(claim.flags, claim.primary))
        text = f"{claim.standing.upper()}: {why}" if why else claim.standing.upper()
        # Of a contested claim readers see it before the mechanism.
        sections.insert(claim.standing != "contested", ("standing", text))
    sections.append(("other sources", OtherSources(evidence).lines(claim)))
    name = marked_id(claim, terminal.ascii)
    return render_card(f"{name}  {claim.therapy}  {claim.effect.upper()}", sections, terminal)


_ORDER = {"mechanism": 0, "promotes": 1, "opposes": 2, "agents": 3}
"""Fields that come first; the others follow in the order of the model."""


def _section(field: Field, claim: Claim, evidence: Evidence, terminal: Terminal) -> object:
    if field.name == "steps":
        ascii_only = terminal.ascii
        return [ChainParagraph(way, ascii_only=ascii_only) for way in chains(claim.steps)]
    if field.name == "refs":
        return [_reference_line(number, claim, evidence) for number in claim.refs]
    if field.name == "primary":
        names = (evidence.shown_name(claim.source, one.ref) for one in claim.primary)
        return list(map(_comparison, claim.primary, names))
    return field_value(field, claim)


def field_value(field: Field, claim: Claim) -> object:
    """The value of a field of a claim for people: a text, a list of texts or pairs, or None."""
    value = getattr(claim, field.name)
    if field.name in _SPECIAL:
        return _SPECIAL[field.name](value) if value else None
    if isinstance(value, tuple):
        return list(value) if field.in_lines else ", ".join(value)
    return value


def _comparison(one: PaperComparison, name: str) -> tuple[str, str]:
    differs = f" ({', '.join(one.differs)})" if one.differs else ""
    details = ", ".join(part for part in (one.read, one.by, one.date) if part)
    says = f": {one.says}" if one.says else ""
    return f"[{name}] agrees: {one.agrees}{differs}{says}", details


_SPECIAL: Mapping[str, Callable[[Any], object]] = {
    "at": str,
    "hedged": lambda _: "the source says can, could or may",
    "verified": lambda facts: f"{facts['by']}, {facts['date']}, against [{facts['ref']}]",
}
"""Field -> its text on a card, where fields of its type are shown otherwise."""


def reference_card(row: CitedReference, evidence: Evidence, terminal: Terminal) -> str:
    """The card of a reference, with the claims that cite it."""
    reference = row.reference
    claims = [evidence.index.find(identifier) for identifier in row.claims]
    sections: Sequence[tuple[str, object]] = [
        ("", vancouver(Publication.of(reference))),
        ("link", [(reference.doi or "look it up", reference.url)]),
        ("PubMed", reference.pmid),
        ("PMC", reference.pmcid),
        ("status", reference.status if reference.status != "ok" else None),
        ("cited as", reference.cited_as),
        ("note", reference.note),
        ("claims", [f"{claim.id}  {claim.mechanism}" for claim in claims if claim]),
    ]
    name = evidence.shown_name(reference.source, reference.number)
    return render_card(f"[{name}]", sections, terminal)
