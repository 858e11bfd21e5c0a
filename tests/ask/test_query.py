"""Questions and filters: what a value means, and which claims match."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tdr
from tdr.ask.evidence import Evidence
from tdr.ask.references import parse_refs
from tdr.ask.views.coverage import account, coverage
from tdr.ask.views.lists import cited_references, countermeasures, term_counts
from tdr.index.bits import numbers
from tdr.model.errors import TdrError
from tdr.model.filters import Criteria
from tdr.model.text import fold
from tdr.model.values import Claim
from tests.conftest import Run
from tests.fuzz import examples


def ids(claims: Sequence[Claim]) -> list[str]:
    return [claim.id for claim in claims]


def test_every_form_of_a_term_finds_the_same_claims(evidence: Evidence) -> None:
    wanted = ids(evidence.filter(cell="cancer-associated fibroblast"))
    assert wanted
    for form in (
        "CAF",
        "TAF",
        "CAFs",
        "caf",
        "tumour-associated fibroblasts",
        "Cancer Associated Fibroblast",
    ):
        assert ids(evidence.filter(cell=form)) == wanted, form


def test_notation_does_not_matter(evidence: Evidence) -> None:
    for molecule, others in {
        "IL-6": ("il6", "IL 6"),
        "TGF-β": ("TGF beta", "tgfb", "TGF-b"),
        "NF-κB": ("NF kappa B", "nfkb", "NF-kB"),
        "PD-L1": ("pdl1", "CD274"),
    }.items():
        wanted = ids(evidence.filter(molecule=molecule))
        assert wanted, molecule
        for other in others:
            assert ids(evidence.filter(molecule=other)) == wanted, other


def test_neighbours_in_spelling_are_never_mixed_up(evidence: Evidence) -> None:
    assert ids(evidence.filter(molecule="PD-1")) != ids(evidence.filter(molecule="PD-L1"))


def test_a_term_takes_in_the_narrower_ones_unless_exact(evidence: Evidence) -> None:
    broad = ids(evidence.filter(cell="macrophage"))
    for narrow in ("TAM", "M1-TAM", "M2-TAM", "TREM2+ TAM"):
        found = ids(evidence.filter(cell=narrow))
        assert found, narrow
        assert set(found) <= set(broad), narrow
    exact = evidence.filter(cell="TAM", exact=True)
    assert 0 < len(exact) < len(evidence.filter(cell="TAM"))
    label = "tumor-associated macrophage"
    assert all(label in claim.promotes + claim.opposes for claim in exact)


def test_promotes_and_opposes_look_at_one_side_and_cell_at_both(evidence: Evidence) -> None:
    promoting = set(ids(evidence.filter(promotes="TAM")))
    opposing = set(ids(evidence.filter(opposes="TAM")))
    assert promoting | opposing == set(ids(evidence.filter(cell="TAM")))
    assert promoting
    assert opposing


def test_values_of_one_filter_are_alternatives_and_filters_add_up(evidence: Evidence) -> None:
    both = set(ids(evidence.filter(cell=["TAM", "MDSC"])))
    assert both == set(ids(evidence.filter(cell="TAM"))) | set(ids(evidence.filter(cell="MDSC")))
    narrowed = ids(evidence.filter(cell=["TAM", "MDSC"], therapy="radio"))
    assert set(narrowed) == {i for i in both if i.startswith("rad")}


def test_exclusion_removes_what_matches(evidence: Evidence) -> None:
    rest = evidence.filter(cell="TAM", exclude={"therapy": "immunotherapy"})
    assert rest
    assert all(claim.therapy != "immunotherapy" for claim in rest)


def test_a_pathway_is_found_by_a_member_of_its_axis(evidence: Evidence) -> None:
    found = {label for claim in evidence.filter(pathway="STAT3") for label in claim.pathways}
    assert {"JAK2/STAT3 signaling", "STAT3/IL-10 axis", "STAT3 signaling"} <= found


def test_references_can_be_ranges_and_lists(evidence: Evidence) -> None:
    assert parse_refs("51-54") == (51, 52, 53, 54)
    assert parse_refs("13,57") == (13, 57)
    assert parse_refs("[13, 57]") == (13, 57)
    assert all(set(claim.refs) & {51, 52, 53, 54} for claim in evidence.filter(ref="51-54"))


@pytest.mark.parametrize("text", ["", "0", "-1", "1-", "x", "5-3", "1_000", "1.0", "٣", "1-99999"])
def test_what_is_no_reference_is_refused(text: str) -> None:
    with pytest.raises(TdrError):
        parse_refs(text)


@pytest.mark.parametrize(
    ("name", "value", "hint"),
    [
        ("cell", "macrofage", "`macrophage`"),
        ("cancer", "melanomma", "`melanoma`"),
        ("therapy", "chemistry", "one of immunotherapy"),
        ("effect", "good", "one of resistance, sensitivity"),
        ("section", "methods", "one of introduction"),
        ("countered_by", "homeopathy", "tdr counter"),
    ],
)
def test_an_unknown_value_is_an_error_that_names_what_is_near(
    evidence: Evidence, name: str, value: str, hint: str
) -> None:
    with pytest.raises(TdrError) as caught:
        evidence.filter(**{name: value})
    (problem,) = caught.value.problems
    assert caught.value.exit_code == 2
    assert value in problem.text
    assert hint in problem.text


def test_all_unknown_values_are_reported_at_once(evidence: Evidence) -> None:
    with pytest.raises(TdrError) as caught:
        evidence.filter(cell="xyzzy", cancer="plugh", exclude={"agent": "frotz"})
    assert len(caught.value.problems) == 3


def test_what_a_value_was_taken_for_is_said(evidence: Evidence) -> None:
    said = evidence.select(Criteria.of(cell=("TAM",))).expansions
    assert len(said) == 1
    assert said[0].startswith("TAM: tumor-associated macrophage + ")
    assert evidence.select(Criteria.of(cancer=("melanoma",))).expansions == ()


def test_therapies_have_other_names(evidence: Evidence) -> None:
    for other, name in (("RT", "radio"), ("chemotherapy", "chemo"), ("imm", "immunotherapy")):
        assert evidence.filter(therapy=other) == evidence.filter(therapy=name)


def test_countermeasures_name_their_claims_cells_and_references(evidence: Evidence) -> None:
    claims = evidence.filter(cell="TAM")
    rows = list(countermeasures(evidence, evidence.select(Criteria.of(cell=("TAM",)))))
    assert {row.intervention for row in rows} == {x for c in claims for x in c.countered_by}
    for row in rows:
        behind = [c for c in claims if row.intervention in c.countered_by]
        assert list(row.claims) == ids(behind)
        assert set(row.refs) == {n for c in behind for n in c.refs}


def test_terms_count_their_own_claims_and_those_of_narrower_terms(evidence: Evidence) -> None:
    rows = {row.term.label: row for row in term_counts(evidence, "cells")}
    assert len(rows) == len(evidence.vocabulary.terms("cells"))
    tam = rows["tumor-associated macrophage"]
    assert tam.claims == len(evidence.filter(cell="TAM"))
    assert tam.direct == len(evidence.filter(cell="TAM", exact=True))
    assert rows["immune cell"].depth == 0
    assert tam.depth == rows["macrophage"].depth + 1


def test_terms_can_be_looked_up_by_any_form(evidence: Evidence) -> None:
    assert [row.term.label for row in term_counts(evidence, "agents", "velcade")] == ["bortezomib"]
    (alone,) = term_counts(evidence, "cells", "TAM", exact=True)
    assert (alone.term.abbreviation, alone.claims) == ("TAM", alone.direct)
    with pytest.raises(TdrError, match="cells, cancers"):
        term_counts(evidence, "genes")


def test_terms_can_be_looked_up_by_the_beginnings_and_ends_of_their_words(
    evidence: Evidence,
) -> None:
    found = {row.term.label for row in term_counts(evidence, "agents", "platin")}
    assert found >= {"cisplatin", "carboplatin", "platinum agent"}
    assert term_counts(evidence, "cells", "tum phage")
    assert [term_counts(evidence, "molecules", part) for part in ("CD8", "nsfer")] == [(), ()]


def test_cited_references_know_their_claims(evidence: Evidence) -> None:
    by_number = {row.reference.number: row.claims for row in cited_references(evidence)}
    assert list(by_number) == list(range(1, 167))
    assert list(by_number[142]) == ids(evidence.filter(ref=142))
    assert all(
        by_number[n] == () for n, r in evidence.references.items() if r.cited_as == "background"
    )


def test_loading_without_a_cache_gives_the_same(evidence: Evidence) -> None:
    again = tdr.load(evidence_path(), cache=False)
    assert again.claims == evidence.claims
    assert again.index.data_version == evidence.index.data_version


def evidence_path() -> str:
    from tests.conftest import REVIEW

    return str(REVIEW)


@given(st.sets(st.integers(0, 5000)))
def test_a_bitmap_gives_back_its_members_in_order(members: set[int]) -> None:
    bits = sum(1 << n for n in members)
    assert list(numbers(bits)) == sorted(members)


@settings(max_examples=examples(0.8))
@given(st.text(max_size=40))
def test_any_text_as_a_value_is_found_or_refused(evidence: Evidence, value: str) -> None:
    for name in ("cell", "pathway", "ref", "countered_by", "section"):
        with contextlib.suppress(TdrError):
            assert len(evidence.filter(**{name: value})) <= len(evidence)


def test_a_drug_that_no_claim_names_is_known_and_leads_to_its_class(evidence: Evidence) -> None:
    selection = evidence.select(Criteria.of(agent="Lynparza"))
    assert (len(selection), selection.expansions) == (
        0,
        ("Lynparza: in no claim as agent; the review does not name it; wider: PARP inhibitor",),
    )
    wider = evidence.select(Criteria.of(agent="PARP inhibitor"))
    assert (len(wider) > 0, wider.expansions) == (True, ()), "drugs without claims are not told"


def test_of_a_cell_without_a_claim_it_is_told_where_the_review_names_it(
    evidence: Evidence,
) -> None:
    named = "names it in introduction, paragraph 1 and immunotherapy/immune, paragraph 2"
    selection = evidence.select(Criteria.of(cell="B-cells"))
    said = f"B-cells: in no claim as cell; the review {named}; wider: lymphocyte"
    assert (len(selection), selection.expansions) == (0, (said,))
    with_papers = tdr.load()
    selection = with_papers.select(Criteria.of(cell="B cell", exact=True))
    assert len(selection) > 0
    assert selection.expansions == (f"B cell: in no claim of the review, which {named}",)
    (of_the_review,) = (
        with_papers.of_sources(["li2024"]).select(Criteria.of(cell="B-cells")).expansions
    )
    count = len(with_papers.select(Criteria.of(cell="B cell")))
    assert of_the_review == said.replace("as cell;", f"as cell, in {count} of papers;").replace(
        "no claim as", "no claim here as"
    )


def test_a_source_in_which_nobody_has_looked_for_a_term_says_nothing_of_it(
    evidence: Evidence,
) -> None:
    for label in ("exhausted T cell", "tumor-associated macrophage"):
        assert evidence.source.naming(label) is None
    (said,) = evidence.select(Criteria.of(cell="exhausted T cell")).expansions
    assert said == "exhausted T cell: in no claim as cell; wider: T cell"


# --- what is counted from facets says what the claims say ------------------------------------


def test_countermeasures_are_those_of_the_claims_in_the_order_of_their_appearance(
    evidence: Evidence,
) -> None:
    for criteria in (Criteria(), Criteria.of(cell="TAM"), Criteria.of(therapy="chemo")):
        selection = evidence.select(criteria)
        for row in countermeasures(evidence, selection):
            claims = [
                claim
                for claim in evidence.selected(selection)
                if fold(row.intervention) in map(fold, claim.countered_by)
            ]
            assert row.claims == tuple(claim.id for claim in claims)
            for name in ("promotes", "opposes", "cancers", "agents"):
                met = (value for claim in claims for value in getattr(claim, name))
                assert getattr(row, name) == tuple(dict.fromkeys(met))
            assert row.refs == tuple(sorted({n for claim in claims for n in claim.refs}))


def test_references_come_with_the_claims_that_rest_on_them(evidence: Evidence) -> None:
    selection = evidence.select(Criteria.of(therapy="radio"))
    expected = {
        number: tuple(c.id for c in evidence.selected(selection) if number in c.refs)
        for number in evidence.references
    }
    rows = cited_references(evidence, selection)
    resting = [(number, claims) for number, claims in expected.items() if claims]
    assert [(row.reference.number, row.claims) for row in rows] == resting
    some = cited_references(evidence, selection, [142, 20, 999])
    wanted = [(number, claims) for number, claims in resting if number in (20, 142)]
    assert wanted
    assert [(row.reference.number, row.claims) for row in some] == wanted


def test_coverage_counted_from_facets_is_that_of_the_claims(evidence: Evidence) -> None:
    assert coverage(evidence) == account(evidence.source, evidence.references, evidence.claims)


def test_no_claim_is_read_to_count_them(
    evidence: Evidence, monkeypatch: pytest.MonkeyPatch, run: Callable[..., Run]
) -> None:
    def read(*_: object) -> None:
        raise AssertionError("a claim was read")

    monkeypatch.setattr("tdr.index.Index._record", read)
    coverage(evidence)
    cited_references(evidence)
    term_counts(evidence, "cells")
    assert run("info").exit == 0
    assert run("refs", "20", "-o", "json").exit == 0
