"""Steps as a knowledge graph in terms of the Biolink Model, in the two tables of KGX.

A step becomes a core triple that is true by itself (`affects`) and qualifiers that specify it
(`causes increased secretion`), as in https://biolink.github.io/biolink-model. The files are
specified in https://biolink.github.io/kgx/kgx_format.html, which allows columns that Biolink
does not define (claim, sign, hedged ...).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

from tdr.ask.evidence import Evidence
from tdr.ask.evidence_data import Selection
from tdr.ask.views.network import OUTCOME, ClaimStep, Network, Node, network
from tdr.ask.views.steps import INTERVENTION
from tdr.export import ExportResult
from tdr.export.graphs import size_summary
from tdr.export.readme import readme
from tdr.model.source import Source
from tdr.model.table import VERIFIED
from tdr.model.text import visible
from tdr.model.values import Reference, Term

_CATEGORIES = {
    "cell": "Cell",
    "pathway": "Pathway",
    "process": "BiologicalProcess",
    "agent": "Treatment",
    "molecule": "MolecularEntity",
    INTERVENTION: "Treatment",
    OUTCOME: "PhenotypicFeature",
}
_CATEGORIES_BY_PREFIX = {
    ("molecule", "HGNC"): "Gene",
    ("molecule", "FPLX"): "GeneFamily",
    ("molecule", "GO"): "MacromolecularComplex",
    ("molecule", "CHEBI"): "ChemicalEntity",
    ("agent", "CHEBI"): "ChemicalEntity",
}
_PREFIXES = {"wikipathways": "WIKIPATHWAYS"}
"""Prefix here -> Biolink's prefix, where the two differ."""

_GENES = ("Gene", "GeneFamily", "MacromolecularComplex", "MolecularEntity")


@dataclass(frozen=True, slots=True)
class Statement:
    """A predicate of Biolink with its qualifiers: aspect of the object, and direction."""

    predicate: str
    aspect: str = ""
    direction: str = ""


STATEMENTS: Mapping[str, Statement] = {
    "secretes": Statement("produces"),
    "expresses": Statement("expresses"),
    "recruits": Statement("affects", "localization", "increased"),
    "becomes": Statement("develops_into"),
    "activates": Statement("affects", "activity", "increased"),
    "increases": Statement("affects", "abundance", "increased"),
    "inhibits": Statement("affects", "activity", "decreased"),
    "decreases": Statement("affects", "abundance", "decreased"),
    "excludes": Statement("affects", "localization", "decreased"),
    "kills": Statement("affects", "abundance", "decreased"),
    "binds": Statement("physically_interacts_with"),
    "interacts with": Statement("interacts_with"),
    "goes with": Statement("positively_correlated_with"),
    "goes against": Statement("negatively_correlated_with"),
}
"""Relation of a step -> its statement in Biolink."""

NODES = ("id", "category", "name", "synonym", "xref", "xref_match", "kind", "abbreviation",
         "lineage")  # fmt: skip
EDGES = (
    "id", "subject", "predicate", "object", "category", "qualified_predicate",
    "object_aspect_qualifier", "object_direction_qualifier", "anatomical_context_qualifier",
    "qualifier", "publications", "has_evidence_of_type", "knowledge_level", "agent_type",
    "primary_knowledge_source", "original_predicate", "description", "claim", "source_key", "refs",
    "sign", "hedged", "association", "standing", *(column.name for column in VERIFIED), "basis",
    "therapy", "agents", "cancers",
)  # fmt: skip

_README = """\
`nodes.tsv` and `edges.tsv` are a knowledge graph in KGX's format: every edge is one signed step
of one claim. Lists are joined with `|`. A node's id is the entry of an ontology where that means
exactly the same, else `tdr:KIND/NAME`; `xref` then is the nearest entry, and `xref_match` says
how near. `original_predicate` is what the step says and `sign` its direction (1, -1, 0);
`resistance` is resistance to the edge's `agents`. `qualifier` is the cancer if there is one only.
`publications` are PubMed ids and DOIs, and PMCIDs of what has neither; `refs` all references
(`SOURCE:NUMBER`), also without these. The format has no quoting: a field may begin with `"`. Read
it with `csv.QUOTE_NONE` in Python (`quoting=3` in pandas) and with `quote=""` in R.
"""


def kgx(evidence: Evidence, selection: Selection, directory: Path) -> ExportResult:
    """Write nodes.tsv, edges.tsv and a README into a directory."""
    net = network(evidence, selection)
    ids = _identifiers(net)
    _write(directory / "nodes.tsv", NODES, (_node(ids, node) for node in net.nodes.values()))
    terms = {term.label: term for term in evidence.vocabulary}
    sources = evidence.sources
    edges = (_edge(net, ids, terms, sources[link.claim.source], link) for link in net.steps())
    _write(directory / "edges.tsv", EDGES, edges)
    readme(evidence, selection, directory, _README)
    return ExportResult(size_summary(net))


def _write(path: Path, columns: tuple[str, ...], rows: Iterator[dict[str, Any]]) -> None:
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.write("\t".join(columns) + "\n")
        for row in rows:
            file.write("\t".join(_cell(row[name]) for name in columns) + "\n")


def _cell(value: object) -> str:
    """A value as the text of a cell, without a tab, line end or bar of its own."""
    if isinstance(value, list | tuple):
        return "|".join(_cell(item).replace("|", "¦") for item in value)
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else visible(str(value))


def _identifiers(net: Network) -> dict[str, str]:
    """Label of each node -> its CURIE; each entry of an ontology is given to one node only."""
    ids: dict[str, str] = {}
    taken: set[str] = set()
    for label, node in net.nodes.items():
        identifier = _curie(node.identifier)
        if not identifier or identifier in taken:
            identifier = f"tdr:{node.kind}/{quote(label, safe='+')}"
        taken.add(identifier)
        ids[label] = identifier
    return ids


def _curie(xref: str | None) -> str | None:
    if not xref:
        return None
    prefix, _, number = xref.partition(":")
    return f"{_PREFIXES.get(prefix, prefix)}:{number}"


def category(node: Node) -> str:
    """The class of Biolink that a node belongs to."""
    prefix = (node.identifier or "").partition(":")[0]
    return _CATEGORIES_BY_PREFIX.get((node.kind, prefix)) or _CATEGORIES[node.kind]


def _node(ids: Mapping[str, str], node: Node) -> dict[str, Any]:
    term = node.term
    return {
        "id": ids[node.label],
        "category": [f"biolink:{category(node)}"],
        "name": node.label,
        "synonym": term.synonyms if term else (),
        "xref": [_curie(node.xref)] if node.xref else [],
        "xref_match": term.xref_match if term else None,
        "kind": node.kind,
        "abbreviation": term.abbreviation if term else None,
        "lineage": node.lineage,
    }


def statement_for(source: Node, does: str, target: Node) -> Statement:
    """The statement of Biolink for a step; its predicates are for nodes of some categories only."""
    statement = STATEMENTS[does]
    if statement.predicate == "expresses" and not (
        source.kind == "cell" and category(target) in _GENES
    ):
        return Statement("affects", "expression", "increased")
    if statement.aspect in ("abundance", "activity") and target.kind in (
        "process",
        "pathway",
        OUTCOME,
    ):
        # For these Biolink has no aspect, only more or less of the whole.
        return replace(statement, aspect="")
    return statement


def _edge(
    net: Network, ids: Mapping[str, str], terms: Mapping[str, Term], source: Source, link: ClaimStep
) -> dict[str, Any]:
    step, claim = link.step, link.claim
    statement = statement_for(net.nodes[step.source], step.does, net.nodes[step.target])
    constants = source.constants
    cancer = claim.cancers[0] if len(claim.cancers) == 1 else None
    doi = source.record.get("doi")
    return {
        "id": f"tdr:{link.id}",
        "subject": ids[step.source],
        "predicate": f"biolink:{statement.predicate}",
        "object": ids[step.target],
        "category": ["biolink:Association"],
        "qualified_predicate": "biolink:causes" if statement.direction else None,
        "object_aspect_qualifier": statement.aspect,
        "object_direction_qualifier": statement.direction,
        "anatomical_context_qualifier": _identifier(terms, step.place),
        "qualifier": _identifier(terms, cancer),
        "publications": _publications(link.references),
        "has_evidence_of_type": [constants["evidence_code"]]
        if "evidence_code" in constants
        else [],
        "knowledge_level": constants.get("knowledge_level", "not_provided"),
        "agent_type": constants.get("agent_type", "not_provided"),
        "primary_knowledge_source": f"doi:{doi}" if doi else None,
        "original_predicate": step.does,
        "description": claim.mechanism,
        "claim": claim.id,
        "source_key": claim.source,
        "refs": [f"{claim.source}:{number}" for number in claim.refs],
        "sign": step.sign,
        "hedged": claim.hedged,
        "association": step.association,
        "standing": claim.standing,
        **{column.name: column.of(claim) for column in VERIFIED},
        "basis": claim.basis,
        "therapy": claim.therapy,
        "agents": claim.agents,
        "cancers": claim.cancers,
    }


def _publications(references: Sequence[Reference]) -> list[str]:
    """PubMed ids and DOIs; PMCIDs (in Biolink without their letters) of what has neither."""
    pmids = [f"PMID:{one.pmid}" for one in references if one.pmid]
    dois = [f"doi:{one.doi}" for one in references if one.doi]
    others = [one.pmcid for one in references if one.pmcid and not one.pmid and not one.doi]
    return [*pmids, *dois, *(f"PMC:{one.upper().removeprefix('PMC')}" for one in others)]


def _identifier(terms: Mapping[str, Term], label: str | None) -> str | None:
    """The CURIE of an entry that means exactly the same as the label, else the label."""
    term = terms.get(label) if label else None
    return _curie(term.xref) if term and term.xref and term.xref_match == "exact" else label
