"""Conflicts, comparisons, the review's tables and networks, recounted from the YAML files."""

from __future__ import annotations

from collections import Counter, defaultdict
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from tdr.ask.evidence import Evidence
from tdr.ask.evidence_data import Selection
from tdr.ask.views.claim_classes import common_terms
from tdr.ask.views.compare import compare, resolve_pair
from tdr.ask.views.conflicts import Conflict, common_cell, conflicts
from tdr.ask.views.graph import graph
from tdr.ask.views.lists import by_notation
from tdr.ask.views.step_conflicts import step_conflicts
from tdr.ask.views.tables import short_reference, table
from tdr.index import Index
from tdr.index.build import build
from tdr.model.errors import TdrError
from tdr.model.filters import Criteria
from tdr.model.steps import RELATIONS, RESISTANCE
from tdr.model.text import fold
from tdr.model.values import Reference
from tdr.read.files import find_layout
from tests import yaml_facts
from tests.conftest import REVIEW
from tests.yaml_facts import Facts, values


def ids(conflict: Conflict) -> tuple[list[str], list[str]]:
    return (
        [claim.id for _, claim in conflict.promotes.first],
        [claim.id for _, claim in conflict.opposes.first],
    )


# -- conflicts ------------------------------------------------------------


def test_the_same_cell_and_therapy_on_both_sides_is_a_contradiction(for_views: Evidence) -> None:
    first, *_ = conflicts(for_views, for_views.select(Criteria()))
    assert (first.kind, first.cell) == ("contradiction", "bone marrow stromal cell")
    assert ids(first) == (["imm-004"], ["imm-005"])
    # Of anti-PD-1 therapy and checkpoint blockade, which takes it in, the wider is in common.
    assert (first.therapies, first.agents) == (("immunotherapy",), ("checkpoint blockade",))


def test_the_same_cell_under_different_therapies_is_a_matter_of_context(
    for_views: Evidence,
) -> None:
    _, second, _ = conflicts(for_views, for_views.select(Criteria()))
    assert (second.kind, second.cell) == ("context", "bone marrow stromal cell")
    assert second.therapies == ("immunotherapy", "radio")
    assert ids(second) == (["rad-002"], ["imm-005"])


def test_subtypes_that_differ_are_told_apart_from_contradictions(for_views: Evidence) -> None:
    *_, third = conflicts(for_views, for_views.select(Criteria()))
    assert (third.kind, third.cell) == ("subtype", "tumor-associated macrophage")
    assert [(cell, claim.id) for cell, claim in third.promotes.first] == [
        ("M2 tumor-associated macrophage", "imm-002"),
        ("tumor-associated macrophage", "imm-001"),
    ]
    assert ids(third)[1] == ["imm-002", "imm-003"]


def test_one_claim_does_not_contradict_itself(for_views: Evidence) -> None:
    # imm-002 has M2 macrophages on one side and M1 on the other, and nothing to meet.
    assert not conflicts(for_views, for_views.select(Criteria.of(pathway="STAT3")))


@pytest.mark.parametrize(
    ("one", "other", "common"),
    [
        (
            "M1 tumor-associated macrophage",
            "M2 tumor-associated macrophage",
            "tumor-associated macrophage",
        ),
        ("monocyte", "HLA-DR+ monocyte", "monocyte"),
        ("bone marrow stromal cell", "bone marrow stromal cell", "bone marrow stromal cell"),
        ("regulatory T cell", "CD8+ T cell", "T cell"),
        ("dendritic cell", "myeloid-derived suppressor cell", None),
        ("tumor-associated macrophage", "cancer-associated fibroblast", None),
    ],
)
def test_cells_are_compared_within_a_type_but_not_within_a_lineage(
    evidence: Evidence, one: str, other: str, common: str | None
) -> None:
    assert common_cell(evidence.vocabulary, one, other) == common
    assert common_cell(evidence.vocabulary, other, one) == common


def test_every_cell_with_claims_on_both_sides_is_found(
    evidence: Evidence, everything: Selection, facts: Facts
) -> None:
    sides: dict[str, dict[str, set[tuple[str, str]]]] = defaultdict(lambda: defaultdict(set))
    for claim in facts.claims:
        for side in ("promotes", "opposes"):
            for cell in claim[side]:
                sides[cell][side].add((claim["id"], claim["therapy"]))
    expected: dict[str, dict[str, tuple[set[str], set[str]]]] = {"contradiction": {}, "context": {}}
    for cell, found in sides.items():
        for p_id, p_therapy in found["promotes"]:
            for o_id, o_therapy in found["opposes"]:
                kind = "contradiction" if p_therapy == o_therapy else "context"
                pair = expected[kind].setdefault(cell, (set(), set()))
                pair[0].add(p_id)
                pair[1].add(o_id)
    assert expected["contradiction"], "the shipped evidence has one, or this test shows nothing"
    shown: dict[str, dict[str, tuple[set[str], set[str]]]] = {"contradiction": {}, "context": {}}
    for conflict in conflicts(evidence, everything):
        if conflict.kind != "subtype":
            pair = shown[conflict.kind].setdefault(conflict.cell, (set(), set()))
            pair[0].update(ids(conflict)[0])
            pair[1].update(ids(conflict)[1])
    assert shown == expected


def test_subtype_differences_on_the_shipped_evidence_are_all_there_is(
    evidence: Evidence, everything: Selection, facts: Facts
) -> None:
    expected: dict[tuple[str, str], tuple[set[str], set[str]]] = {}
    for ours in facts.claims:
        for theirs in facts.claims:
            if ours["therapy"] != theirs["therapy"] or ours["id"] == theirs["id"]:
                continue
            for one in ours["promotes"]:
                for other in theirs["opposes"]:
                    family = common_cell(evidence.vocabulary, one, other)
                    if family and one != other:
                        pair = expected.setdefault((family, ours["therapy"]), (set(), set()))
                        pair[0].add(ours["id"])
                        pair[1].add(theirs["id"])
    shown = {
        (c.cell, c.therapies[0]): (set(ids(c)[0]), set(ids(c)[1]))
        for c in conflicts(evidence, everything)
        if c.kind == "subtype"
    }
    assert shown == expected


def test_conflicts_of_one_cell_leave_out_its_neighbours(evidence: Evidence) -> None:
    selection = evidence.select(Criteria.of(cell="BMSC"))
    cells = frozenset(evidence.vocabulary.expand("cells", "BMSC"))
    found = conflicts(evidence, selection, cells)
    assert found
    for conflict in found:
        taking_part = {*conflict.promotes.names, *conflict.opposes.names}
        assert taking_part & cells


def test_the_two_sides_share_therapies_agents_and_cancers(
    evidence: Evidence, everything: Selection
) -> None:
    vocabulary = evidence.vocabulary
    expected: dict[tuple[object, ...], tuple[set[str], set[str]]] = {}
    of_side = {side: [(cell, claim) for claim in evidence.claims for cell in getattr(claim, side)]
               for side in ("promotes", "opposes")}  # fmt: skip
    for cell, ours in of_side["promotes"]:
        for other, theirs in of_side["opposes"]:
            if cell == other and ours.id != theirs.id:
                therapies = evidence.therapies.in_order((ours.therapy, theirs.therapy))
                agents = common_terms(vocabulary, "agents", ours.agents, theirs.agents)
                cancers = common_terms(vocabulary, "cancers", ours.cancers, theirs.cancers)
                pair = expected.setdefault((cell, therapies, agents, cancers), (set(), set()))
                pair[0].add(ours.id)
                pair[1].add(theirs.id)
    shown = {
        (c.cell, c.therapies, c.agents, c.cancers): (set(ids(c)[0]), set(ids(c)[1]))
        for c in conflicts(evidence, everything)
        if c.kind != "subtype"
    }
    assert shown == expected


def test_conflicts_are_counted_without_looking_up_a_claim(
    evidence: Evidence, everything: Selection, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = conflicts(evidence, everything)
    kinds = Counter(conflict.kind for conflict in found)
    for name in ("claims_at", "records_at", "ids_of_each"):
        monkeypatch.delattr(f"tdr.index.Index.{name}")
    counted = conflicts(evidence, everything)
    assert (len(counted), counted.kinds) == (len(found), kinds)
    assert counted.of(["context"]).kinds == {"context": kinds["context"]}


def test_steps_contradict_each_other_in_one_cell_and_where_cancers_meet(
    evidence: Evidence, everything: Selection
) -> None:
    links = defaultdict(list)
    for claim in evidence.claims:
        for step in claim.steps:
            therapy = claim.therapy if step.target == RESISTANCE else None
            links[step.source, step.target, step.place, therapy].append((claim, step.sign))
    expected: dict[tuple[object, ...], tuple[set[str], set[str]]] = {}
    for link, stated in links.items():
        raising, lowering = ([c for c, sign in stated if sign == way] for way in (1, -1))
        for ours, theirs in product(raising, lowering):
            common = common_terms(evidence.vocabulary, "cancers", ours.cancers, theirs.cancers)
            if ours.id != theirs.id and (common or not (ours.cancers and theirs.cancers)):
                pair = expected.setdefault((*link[:3], common), (set(), set()))
                pair[0].add(ours.id)
                pair[1].add(theirs.id)
    assert expected
    assert {
        (row.source, row.target, row.place, row.cancers): (
            {claim.id for claim in row.raises.claims},
            {claim.id for claim in row.lowers.claims},
        )
        for row in step_conflicts(evidence, everything)
    } == expected


def test_conflicts_are_the_same_in_however_many_parts_the_index_has_its_claims(
    evidence: Evidence, everything: Selection, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def told(of: Evidence) -> list[dict[str, Any]]:
        found = (*conflicts(of, everything), *step_conflicts(of, everything))
        return [conflict.to_dict() for conflict in found]

    expected = told(evidence)
    for module in ("", ".bits", ".facets", ".facet_reader", ".packing", ".batches"):
        monkeypatch.setattr(f"tdr.index{module}.PART_SIZE", 48)
    for module in ("claim_classes", "step_conflicts"):
        monkeypatch.setattr(f"tdr.ask.views.{module}.PART_SIZE", 48)
    build(tmp_path / "parts", find_layout(REVIEW), "digest")
    assert told(Evidence(Index.open(tmp_path / "parts"))) == expected


# -- compare --------------------------------------------------------------


@pytest.mark.parametrize(
    ("a", "b", "kind"),
    [
        ("TAM", "CAF", "cell"),
        ("immunotherapy", "radio", "therapy"),
        ("melanoma", "NSCLC", "cancer"),
        ("gefitinib", "bortezomib", "agent"),
    ],
)
def test_a_comparison_agrees_with_a_recount(
    evidence: Evidence, everything: Selection, facts: Facts, a: str, b: str, kind: str
) -> None:
    named, first, second = resolve_pair(evidence, a, b)
    assert named == kind
    found = compare(evidence, everything, named, first, second)

    def claims_of(label: str) -> list[yaml_facts.Claim]:
        if kind == "therapy":
            return [c for c in facts.claims if c["therapy"] == label]
        return facts.with_term(kind, label)

    ours, theirs = claims_of(found.a.label), claims_of(found.b.label)
    assert (found.a.claims, found.b.claims) == (len(ours), len(theirs))
    assert found.together == len({c["id"] for c in ours} & {c["id"] for c in theirs})
    for row in found.terms:

        def naming(claims: list[yaml_facts.Claim]) -> int:
            if row.field in ("promotes", "opposes"):  # noqa: B023 - called at once
                return sum(row.term in c[row.field] for c in claims)  # noqa: B023
            if row.field == "countermeasure":  # noqa: B023
                key = fold(row.term)  # noqa: B023
                return sum(key in map(fold, c["countered_by"] or []) for c in claims)
            return sum(row.term in values(c, row.field) for c in claims)  # noqa: B023

        assert (row.a, row.b) == (naming(ours), naming(theirs))
        assert row.a or row.b
        assert row.where == ("both" if row.a and row.b else "a" if row.a else "b")
    for field in ("pathway", "molecule", "process"):
        assert {row.term for row in found.terms if row.field == field} == {
            v for c in [*ours, *theirs] for v in values(c, field)
        }


def test_what_is_compared_is_not_listed_as_a_difference(
    evidence: Evidence, everything: Selection
) -> None:
    found = compare(evidence, everything, *resolve_pair(evidence, "TAM", "CAF"))
    own = {*found.a.terms, *found.b.terms}
    assert not own & {row.term for row in found.terms}
    by_therapy = compare(evidence, everything, *resolve_pair(evidence, "chemo", "radio"))
    assert "therapy" not in {row.field for row in by_therapy.terms}


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        (("immunotherapy", "chemotherapy"), "as therapy or agent; choose with --kind"),
        (("TAM", "radio"), "compare two of one kind"),
        (("macrofage", "TAM"), "`macrofage` is no cell, therapy, cancer, agent, source; did"),
        (("TAM", "CAF", "cancer"), "`TAM` is no cancer"),
    ],
)
def test_what_cannot_be_compared_is_a_usage_error_that_names_the_choices(
    evidence: Evidence, argv: tuple[str, ...], message: str
) -> None:
    with pytest.raises(TdrError, match=message):
        resolve_pair(evidence, *argv)


def test_the_kind_decides_where_a_name_has_two_meanings(evidence: Evidence) -> None:
    kind, first, _ = resolve_pair(evidence, "immunotherapy", "chemotherapy", "agent")
    assert kind == "agent"
    assert "anti-PD-1 therapy" in first.terms
    _, first, _ = resolve_pair(evidence, "immunotherapy", "chemotherapy", "therapy")
    assert first.terms == ("immunotherapy",)


@pytest.mark.parametrize(
    ("part", "label", "by"),
    [
        ("CD8", "CD8+ T cell", "cell"),
        ("CL:0000451", "dendritic cells", "cell"),
        ("lung", "Lung-Cancer", "cancer"),
        ("DOID:1612", "breast cancer", "cancer"),
    ],
)
def test_every_view_understands_a_name_as_the_filters_do(
    evidence: Evidence, part: str, label: str, by: str
) -> None:
    filters: list[dict[str, Any]] = [{by: part}, {by: label}]
    assert evidence.filter(**filters[0])
    for view in (evidence.conflicts, evidence.matrix, evidence.counter, evidence.graph):
        by_part, by_label = (view(**one) for one in filters)
        assert by_part == by_label
    within, same = (evidence.matrix(by, within=one) for one in (part, label))
    assert within == same
    under, same = (evidence.matrix(by, under=one) for one in (part, label))
    assert under == same
    assert (
        evidence.compare(part, "TAM" if by == "cell" else "melanoma", kind=by).a
        == (resolve_pair(evidence, label, "TAM" if by == "cell" else "melanoma", by)[1])
    )


# -- the review's tables --------------------------------------------------


@pytest.mark.parametrize(
    ("number", "therapies"),
    [
        (1, {"immunotherapy"}),
        (2, {"targeted"}),
        (3, {"chemo"}),
        (4, {"radio", "antiandrogen"}),
    ],
)
def test_a_table_has_every_claim_of_its_therapies_with_its_references(
    evidence: Evidence, everything: Selection, facts: Facts, number: int, therapies: set[str]
) -> None:
    rows = list(table(evidence, everything, number))
    claims = [c for c in facts.claims if c["therapy"] in therapies]
    assert [row.claim.id for row in rows] == [c["id"] for c in claims]
    for row, claim in zip(rows, claims, strict=True):
        assert len(row.references) == len(claim["refs"])
        for text, ref in zip(row.references, claim["refs"], strict=True):
            entry = facts.references[ref]
            family = entry["authors"][0].split()[0]
            assert text.startswith(family)
            assert text.endswith(f"{entry['year']} [{ref}]")


def test_the_four_tables_hold_every_claim_once(evidence: Evidence, everything: Selection) -> None:
    shown = [row.claim.id for number in (1, 2, 3, 4) for row in table(evidence, everything, number)]
    assert sorted(shown) == sorted(claim.id for claim in evidence.claims)


@pytest.mark.parametrize(
    ("author", "family"),
    [
        ("Gao YY", "Gao"),
        ("Ashby CR Jr", "Ashby"),
        ("van der Berg AB", "van der Berg"),
        ("de Bem Prunes B", "de Bem Prunes"),
        ("Tsai JT-T", "Tsai"),
        ("Kim J-P", "Kim"),
        ("Kim J‐P", "Kim"),
        ("Levy, J.-P.", "Levy"),
        ("DE VITA VT", "DE VITA"),
        ("WHO", "WHO"),
        ("NICE Group", "NICE Group"),
    ],
)
def test_a_reference_is_named_by_the_family_name_of_its_first_author(
    author: str, family: str
) -> None:
    assert short_reference(Reference(7, (author, "B C"), "T", "J", 2020)) == (
        f"{family} et al. 2020 [7]"
    )


def test_what_is_not_known_of_a_reference_is_left_out() -> None:
    assert short_reference(Reference(7, (), "T", "J")) == "[7]"
    assert short_reference(Reference(7, ("Gao YY",), "T", "J")) == "Gao [7]"


# -- network --------------------------------------------------------------


def named(key: str) -> str:
    return key.split(":", 1)[1]


def test_every_step_of_every_claim_is_on_one_edge(
    evidence: Evidence, everything: Selection, facts: Facts
) -> None:
    stated: dict[tuple[str, str, int, bool], set[str]] = defaultdict(set)
    for claim in facts.claims:
        for step in claim.get("steps", ()):
            signs = {"binds": 0, "interacts with": 0, "goes against": -1} | dict.fromkeys(
                ("inhibits", "decreases", "excludes", "kills"), -1
            )
            does = step["does"]
            end = step["to"] if step["to"] != "resistance" else OUTCOMES[claim["therapy"]]
            key = step["from"], end, signs.get(does, 1), does.startswith("goes")
            stated[key].add(claim["id"])
    found = graph(evidence, everything)
    assert {
        (
            named(e.source),
            named(e.target),
            RELATIONS[e.does[0]].sign,
            e.effect.startswith("goes"),
        ): set(e.claims)
        for e in found.edges
    } == stated
    assert found.claims == sum(bool(claim.get("steps")) for claim in facts.claims)


OUTCOMES = {
    "immunotherapy": "resistance to immunotherapy",
    "targeted": "resistance to targeted therapy",
    "chemo": "resistance to chemotherapy",
    "radio": "resistance to radiotherapy",
    "antiandrogen": "resistance to antiandrogen therapy",
}


def test_an_edge_says_which_claims_and_references_state_it_and_which_only_may(
    for_views: Evidence,
) -> None:
    found = graph(for_views, for_views.select(Criteria.of(therapy="radio")))
    edge = next(e for e in found.edges if e.source == "cell:bone marrow stromal cell")
    assert edge.to_dict() == {
        "source": "bone marrow stromal cell",
        "source_kind": "cell",
        "does": ["interacts with"],
        "sign": 0,
        "target": '"quoted" ]--> <b>&\\x',
        "target_kind": "molecule",
        "in": [],
        "claims": ["rad-002"],
        "refs": [5, 6],
        "hedged": ["rad-002"],
        "source_id": "cell:bone marrow stromal cell",
        "target_id": 'molecule:"quoted" ]--> <b>&\\x',
    }


def test_nodes_know_their_kind_and_their_identifier(
    evidence: Evidence, everything: Selection
) -> None:
    nodes = {node.label: node for node in graph(evidence, everything).nodes}
    assert nodes["tumor-associated macrophage"].kind == "cell"
    assert nodes["CXCL8"].xref == "HGNC:6025"
    assert nodes["resistance to chemotherapy"].kind == "outcome"
    phrases = {phrase for claim in evidence.claims for phrase in claim.countered_by}
    assert {n.label for n in nodes.values() if n.kind == "intervention"} <= phrases


def test_top_draws_whole_claims_and_counts_those_that_it_leaves_out(
    evidence: Evidence, everything: Selection
) -> None:
    whole = graph(evidence, everything)
    part = graph(evidence, everything, top=40)
    assert len(part.edges) <= 40
    assert set(part.edges) < set(whole.edges)
    complete = {
        claim.id
        for claim in evidence.claims
        if claim.steps
        and len([e for e in whole.edges if claim.id in e.claims])
        == len([e for e in part.edges if claim.id in e.claims])
    }
    assert part.left_out == part.claims - len(complete)
    assert {claim for edge in part.edges for claim in edge.claims} >= complete
    # The best supported of all steps is among them.
    assert whole.edges[0] in part.edges


def test_the_first_claim_is_drawn_however_few_edges_are_wanted(for_views: Evidence) -> None:
    found = graph(for_views, for_views.select(Criteria.of(therapy="radio")), top=1)
    assert found.left_out == 1
    assert found.edges


def test_interventions_of_signs_alone_are_as_many_as_are_written() -> None:
    one, other = by_notation(["~", "TAM depletion", "...", "TAM-depletion", "~"]), "TAM depletion"
    assert one == {"~": ["~", "~"], other: [other, "TAM-depletion"], "...": ["..."]}
