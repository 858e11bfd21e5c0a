"""Claims' steps as nodes and links."""

from __future__ import annotations

from pathlib import Path

import tdr
from tdr.ask.evidence import Evidence
from tdr.ask.views.network import network
from tdr.model.filters import Criteria
from tests.stepped import CELL, MARKER, TAM, stepped_evidence


def test_every_end_of_a_step_is_a_node_with_its_kind_and_identifier(tmp_path: Path) -> None:
    evidence = tdr.load(stepped_evidence(tmp_path / "e"), cache=False)
    net = network(evidence, evidence.select(Criteria()))
    assert {label: (node.kind, node.claims) for label, node in net.nodes.items()} == {
        TAM: ("cell", 2),
        "CCL5": ("molecule", 2),
        MARKER: ("pathway", 1),
        "resistance": ("outcome", 2),
        "STAT3 <blocker> & co|pilot": ("intervention", 1),
        CELL: ("cell", 1),
    }
    assert net.nodes[CELL].identifier == "CL:0000625"
    assert net.nodes[TAM].identifier is None


def test_claims_that_say_the_same_stay_parallel_links(tmp_path: Path) -> None:
    evidence = tdr.load(stepped_evidence(tmp_path / "e"), cache=False)
    net = network(evidence, evidence.select(Criteria()))
    links = list(net.steps())
    assert [link.id for link in links if link.step.does == "secretes"] == ["che-001/1", "che-002/1"]
    assert (len(links), net.size, net.claims) == (7, 7, 2)
    assert net.relations["secretes"] == 2
    assert links[0].identified("doi") == ["10.1000/abc"]
    assert links[0].identified("pmid") == ["123"]


def test_a_network_has_the_steps_of_the_selected_claims_only(tmp_path: Path) -> None:
    evidence = tdr.load(stepped_evidence(tmp_path / "e"), cache=False)
    net = network(evidence, evidence.select(Criteria.of(cancer="breast cancer")))
    assert {link.claim.id for link in net.steps()} == {"che-001"}
    assert CELL not in net.nodes  # it is where a step happens, not what acts


def test_the_shipped_steps_all_have_ends_of_a_known_kind(evidence: Evidence) -> None:
    net = network(evidence, evidence.select(Criteria()))
    assert net.size == sum(len(claim.steps) for claim in evidence.claims)
    phrases = {phrase for claim in evidence.claims for phrase in claim.countered_by}
    interventions = {n.label for n in net.nodes.values() if n.kind == "intervention"}
    assert interventions <= phrases
