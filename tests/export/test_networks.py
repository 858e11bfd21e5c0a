"""Networks of steps in the formats of other tools, read back by readers of these formats."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tdr
from tdr.ask.evidence import Evidence
from tdr.export import EXPORTS
from tdr.export.graphs import _xml
from tdr.export.kgx import EDGES, NODES, STATEMENTS
from tdr.model.filters import Criteria
from tdr.model.steps import RELATIONS
from tests.fuzz import examples
from tests.program import HARMFUL
from tests.stepped import CELL, TAM, stepped_evidence

BLOCKER = "STAT3 <blocker> & co|pilot"
SECRETES = {
    "name": f"{TAM} secretes CCL5",
    "interaction": "secretes",
    "sign": 1,
    "association": False,
    "claim": "che-001",
    "source_key": "main",
    "therapy": "chemo",
    "effect": "resistance",
    "cancers": ["breast cancer"],
    "agents": ["chemotherapy"],
    "hedged": True,
    "standing": "unchecked",
    "verified_by": "Doe J",
    "verified_date": "2026-01-02",
    "verified_ref": 1,
    "refs": [1, 2],
    "dois": ["10.1000/abc"],
    "pmids": ["123"],
    "pmcids": ["PMC77"],
    "mechanism": "Macrophages release CCL5, and STAT3 shields tumor cells.",
}
T_CELL = {
    "name": CELL,
    "kind": "cell",
    "xref": "CL:0000625",
    "xref_match": "exact",
    "claims": 1,
}


def text_of(evidence: Evidence, name: str, **filters: str) -> str:
    result = EXPORTS[name].load()(evidence, evidence.select(Criteria.of(**filters)))
    return "".join(result.chunks)


def read_graphml(text: str) -> Any:
    import networkx  # takes half a second, which other processes of the suite do without

    return networkx.parse_graphml(text)


def flat(values: dict[str, Any]) -> dict[str, Any]:
    return {k: "|".join(map(str, v)) if isinstance(v, list) else v for k, v in values.items()}


def test_networkx_reads_graphml_with_parallel_links_and_every_attribute(stepped: Evidence) -> None:
    graph = read_graphml(text_of(stepped, "graphml"))
    assert (graph.number_of_nodes(), graph.number_of_edges()) == (6, 7)
    by_name = {data["name"]: node for node, data in graph.nodes(data=True)}
    assert BLOCKER in by_name
    assert graph.nodes[by_name[CELL]] == T_CELL
    links = graph.get_edge_data(by_name[TAM], by_name["CCL5"])
    assert links["che-001/1"] == flat(SECRETES)
    assert links["che-002/1"]["claim"] == "che-002"


def test_cytoscape_json_has_elements_with_ids_that_its_links_refer_to(stepped: Evidence) -> None:
    elements = json.loads(text_of(stepped, "cytoscape"))["elements"]
    nodes = {node["data"]["id"]: node["data"] for node in elements["nodes"]}
    links = {link["data"]["id"]: link["data"] for link in elements["edges"]}
    assert (len(nodes), len(links)) == (6, 7)
    first = links["che-001/1"]
    assert (nodes[first["source"]]["name"], nodes[first["target"]]["name"]) == (TAM, "CCL5")
    assert first.items() >= SECRETES.items()
    assert all({link["source"], link["target"]} <= nodes.keys() for link in links.values())


def test_cx2_declares_what_it_holds(stepped: Evidence) -> None:
    aspects = json.loads(text_of(stepped, "cx2"))
    assert aspects[0] == {"CXVersion": "2.0", "hasFragments": False}
    assert aspects[-1] == {"status": [{"success": True}]}
    parts = {name: value for aspect in aspects[1:] for name, value in aspect.items()}
    assert {one["name"]: one["elementCount"] for one in parts["metaData"]} == {
        name: len(parts[name])
        for name in ("attributeDeclarations", "networkAttributes", "nodes", "edges")
    }
    (declared,) = parts["attributeDeclarations"]
    types = {"string": str, "long": int, "boolean": bool}
    for kind in ("nodes", "edges"):
        for element in parts[kind]:
            for name, value in element["v"].items():
                wanted = declared[kind][name]["d"]
                assert isinstance(value, list) is wanted.startswith("list_of_")
                for item in value if isinstance(value, list) else [value]:
                    assert type(item) is types[wanted.removeprefix("list_of_")]
    assert parts["edges"][0]["v"] == SECRETES


def test_sif_has_each_triple_once(stepped: Evidence) -> None:
    lines = text_of(stepped, "sif").splitlines()
    assert lines[0] == f"{TAM}\tsecretes\tCCL5"
    assert len(lines) == len(set(lines)) == 6


def test_a_selection_without_steps_is_an_empty_network_in_every_format(stepped: Evidence) -> None:
    none = {"effect": "sensitivity"}
    assert read_graphml(text_of(stepped, "graphml", **none)).number_of_nodes() == 0
    assert json.loads(text_of(stepped, "cytoscape", **none))["elements"] == {
        "nodes": [],
        "edges": [],
    }
    aspects = json.loads(text_of(stepped, "cx2", **none))
    assert not any("nodes" in aspect for aspect in aspects)
    assert text_of(stepped, "sif", **none) == ""
    assert json.loads(text_of(stepped, "indra", **none)) == []


# --- INDRA ---------------------------------------------------------------------------------


def test_indra_statements_carry_the_claim_the_paper_and_the_hedge(stepped: Evidence) -> None:
    result = EXPORTS["indra"].load()(stepped, stepped.select(Criteria()))
    first, second, *_ = statements = json.loads("".join(result.chunks))
    assert [one["type"] for one in statements] == [
        "IncreaseAmount", "Activation", "IncreaseAmount", "Inhibition", "IncreaseAmount",
    ]  # fmt: skip
    assert "INDRA has no statement for 2 links (excludes, goes against)" in result.summary
    assert first["subj"] == {"name": TAM, "db_refs": {"TEXT": TAM}}
    evidence = first["evidence"][0]
    assert (evidence["source_id"], evidence["pmid"]) == ("che-001", "123")
    assert evidence["text_refs"] == {"PMID": "123", "DOI": "10.1000/abc"}
    assert evidence["epistemics"] == {"hypothesis": True}
    assert second["evidence"][0]["context"]["cell_type"]["db_refs"]["CL"] == "CL:0000625"
    assert len({one["id"] for one in statements}) == len(statements)


# --- KGX -----------------------------------------------------------------------------------


def tables(
    evidence: Evidence, directory: Path
) -> tuple[list[dict[str, str]], list[dict[str, str]]]:
    EXPORTS["kgx"].load()(evidence, evidence.select(Criteria()), directory)

    def rows(name: str) -> list[dict[str, str]]:
        lines = (directory / name).read_text(encoding="utf-8").splitlines()
        head, *rest = (line.split("\t") for line in lines)
        return [dict(zip(head, line, strict=True)) for line in rest]

    return rows("nodes.tsv"), rows("edges.tsv")


def test_kgx_has_a_node_for_each_end_and_an_edge_for_each_step(
    stepped: Evidence, tmp_path: Path
) -> None:
    nodes, edges = tables(stepped, tmp_path)
    assert tuple(nodes[0]) == NODES
    assert tuple(edges[0]) == EDGES
    by_name = {node["name"]: node for node in nodes}
    assert by_name[CELL]["id"] == "CL:0000625"
    assert by_name[TAM]["id"] == "tdr:cell/tumor-associated%20macrophage"
    assert {node["name"]: node["category"] for node in nodes} == {
        TAM: "biolink:Cell",
        "CCL5": "biolink:MolecularEntity",
        "STAT3 signaling": "biolink:Pathway",
        "resistance": "biolink:PhenotypicFeature",
        "STAT3 <blocker> & co|pilot": "biolink:Treatment",
        CELL: "biolink:Cell",
    }
    ids = [node["id"] for node in nodes]
    assert len(set(ids)) == len(ids)
    assert all(edge["subject"] in ids and edge["object"] in ids for edge in edges)
    assert [edge["id"] for edge in edges][:2] == ["tdr:che-001/1", "tdr:che-001/2"]


def test_kgx_says_the_relation_in_the_words_of_biolink(stepped: Evidence, tmp_path: Path) -> None:
    _, edges = tables(stepped, tmp_path)
    qualifiers = ("qualified_predicate", "object_aspect_qualifier", "object_direction_qualifier")
    assert [(e["predicate"], *(e[name] for name in qualifiers), e["sign"]) for e in edges] == [
        ("biolink:produces", "", "", "", "1"),
        ("biolink:affects", "biolink:causes", "", "increased", "1"),
        ("biolink:affects", "biolink:causes", "", "increased", "1"),
        ("biolink:affects", "biolink:causes", "", "decreased", "-1"),
        ("biolink:produces", "", "", "", "1"),
        ("biolink:affects", "biolink:causes", "localization", "decreased", "-1"),
        ("biolink:negatively_correlated_with", "", "", "", "-1"),
    ]
    first, second = edges[:2]
    assert first["publications"] == "PMID:123|doi:10.1000/abc|PMC:77"  # the second's PMCID alone
    assert edges[-1]["publications"] == ""
    assert (first["refs"], edges[-1]["refs"]) == ("main:1|main:2", "main:3")
    assert (first["verified_by"], first["verified_ref"]) == ("Doe J", "1")
    assert (first["knowledge_level"], first["agent_type"]) == (
        "knowledge_assertion",
        "not_provided",
    )
    assert second["anatomical_context_qualifier"] == "CL:0000625"
    assert (first["hedged"], edges[-1]["association"]) == ("true", "true")


def test_every_relation_has_a_statement_whose_direction_is_its_sign() -> None:
    assert STATEMENTS.keys() == RELATIONS.keys()
    for name, said in STATEMENTS.items():
        if said.direction:
            assert {"increased": 1, "decreased": -1}[said.direction] == RELATIONS[name].sign


# --- hostile text --------------------------------------------------------------------------


HOSTILE = "}@\"<&>' ]]> | ER  - \t=cmd() \u202e\r\n\x1b[2J\x7f'; DROP"


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Evidence:
    """The same evidence, with a molecule and a cancer of a terrible name."""
    directory = stepped_evidence(tmp_path_factory.mktemp("hostile"))
    quoted = json.dumps(HOSTILE)
    for path in (
        directory / "chemo.jsonl",
        directory / "vocabulary/molecules.yaml",
        directory / "vocabulary/cancers.yaml",
    ):
        text = path.read_text(encoding="utf-8").replace('"CCL5"', quoted)
        text = text.replace("label: CCL5", f"label: {quoted}").replace("breast cancer", "x")
        path.write_text(text, encoding="utf-8")
    return tdr.load(directory)


def test_one_link_is_one_record_whatever_its_ends_are_called(
    hostile: Evidence, tmp_path: Path
) -> None:
    graph = read_graphml(text_of(hostile, "graphml"))
    names = {data["name"] for _, data in graph.nodes(data=True)}
    assert HOSTILE.replace("\x1b", "\\u001b") in names
    assert graph.number_of_edges() == 7
    for name in ("cytoscape", "cx2"):
        assert json.dumps(HOSTILE).replace("\x7f", "\\u007f") in text_of(hostile, name)
        json.loads(text_of(hostile, name))
    assert len(json.loads(text_of(hostile, "indra"))) == 5
    assert len(text_of(hostile, "sif").splitlines()) == 6
    nodes, edges = tables(hostile, tmp_path)
    assert (len(nodes), len(edges)) == (6, 7)
    for name in ("graphml", "cytoscape", "cx2", "indra", "sif"):
        assert not HARMFUL.search(text_of(hostile, name))


@settings(max_examples=examples(5))
@given(st.text())
def test_any_text_is_well_formed_in_xml_and_comes_back_if_xml_can_hold_it(text: str) -> None:
    from xml.etree import ElementTree

    found = ElementTree.fromstring(f'<a b="{_xml(text)}">{_xml(text)}</a>')
    kept = "".join(char for char in text if char in "\t\n\r" or " " <= char < "\ud800")
    if kept == text:
        assert found.text or text == ""
        assert found.get("b") == text
