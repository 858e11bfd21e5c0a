"""What the shipped evidence promises, whatever the program does with it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise

import pytest

from tdr.ask.evidence import Evidence
from tdr.check import run
from tdr.model.steps import signs
from tdr.model.text import words
from tdr.model.therapies import BUILT_IN
from tests.conftest import SHIPPED

WORD = re.compile(r"[^\W_]+")


def runs_of(text: str, length: int) -> Iterator[tuple[str, ...]]:
    words = WORD.findall(text.casefold())
    for start in range(len(words) - length + 1):
        yield tuple(words[start : start + length])


def test_no_rule_finds_anything_in_it() -> None:
    """References, identifiers, terms, places and sentences are what the rules of `check` ask."""
    report = run(SHIPPED)
    assert [str(finding) for finding in report.findings] == []
    assert report.skipped == 0
    assert report.claims > 300


def test_there_are_claims_for_all_five_therapies(evidence: Evidence) -> None:
    count = Counter(claim.therapy for claim in evidence.claims)
    assert tuple(evidence.therapies.values()) == tuple(BUILT_IN.values())
    assert set(count) == set(BUILT_IN)
    assert len(evidence) >= 115


def test_ids_are_unique_prefixed_and_in_order(evidence: Evidence) -> None:
    for therapy in evidence.therapies.values():
        ids = [claim.id for claim in evidence.claims if claim.therapy == therapy.label]
        assert all(re.fullmatch(rf"{therapy.prefix}-\d{{3}}", i) for i in ids)
        assert all(a < b for a, b in pairwise(ids))


def test_all_166_references_are_there_and_those_in_the_background_back_no_claim(
    evidence: Evidence,
) -> None:
    assert list(evidence.references) == list(range(1, 167))
    backing = {number for claim in evidence.claims for number in claim.refs}
    for number, reference in evidence.references.items():
        assert (reference.cited_as == "claim") == (number in backing), number


def test_nothing_is_called_verified(evidence: Evidence) -> None:
    assert all(claim.verified is None for claim in evidence.claims)


def test_contradictions_are_noted_not_smoothed(evidence: Evidence) -> None:
    noted = {number for claim in evidence.claims if claim.note for number in claim.refs}
    assert {30, 31, 46, 75, 94, 96, 97, 99, 112, 120} <= noted
    assert sum(claim.note is not None for claim in evidence.claims) >= 20


def test_no_eight_words_in_a_row_are_the_reviews(
    evidence: Evidence, review_paragraphs: list[dict[str, object]]
) -> None:
    theirs = {run for p in review_paragraphs for run in runs_of(str(p["text"]), 8)}
    for claim in evidence.claims:
        for text in (claim.mechanism, claim.note or "", *claim.countered_by):
            assert theirs.isdisjoint(runs_of(text, 8)), claim.id


def test_no_file_of_the_project_holds_a_sentence_of_the_review(
    review_paragraphs: list[dict[str, object]],
) -> None:
    theirs = {run for p in review_paragraphs for run in runs_of(str(p["text"]), 12)}
    root = SHIPPED.parent
    for folder in ("tdr", "tests", "docs", "evidence"):
        for path in (root / folder).rglob("*"):
            if path.suffix in (".py", ".md", ".yaml", ".jsonl", ".json", ".txt", ".html"):
                if path.name == "references.yaml":
                    continue  # titles of cited papers
                text = path.read_text(encoding="utf-8", errors="replace")
                assert theirs.isdisjoint(runs_of(text, 12)), path


def test_the_paragraphs_and_citations_are_those_of_the_review(
    evidence: Evidence, review_paragraphs: list[dict[str, object]]
) -> None:
    ours = [
        (p.place.section, p.place.paragraph, [list(g) for g in p.citations])
        for p in evidence.source.paragraphs
    ]
    assert ours == [(p["section"], p["paragraph"], p["citations"]) for p in review_paragraphs]


def test_terms_without_a_claim_are_named_where_the_review_names_them(
    evidence: Evidence, review_paragraphs: list[dict[str, object]]
) -> None:
    runs: dict[str, set[str]] = {}
    for paragraph in review_paragraphs:
        parts = words(str(paragraph["text"]))
        runs[f"{paragraph['section']}/{paragraph['paragraph']}"] = {
            "".join(parts[start:end])
            for start in range(len(parts))
            for end in range(start + 1, start + 10)
        }
    source = evidence.source
    told = {**source.named, **{label: [] for label in source.unnamed}}
    found = {
        term.label: [
            place
            for place, there in runs.items()
            if any("".join(words(form)) in there for form in term.forms if form != "ALL")
        ]
        for term in evidence.vocabulary
        if term.label in told
    }
    assert found == told


@pytest.mark.parametrize("form", ["TAF", "CAF", "TMZ", "5-FU", "GBM", "PDAC", "MM", "Velcade"])
def test_people_find_terms_by_the_names_they_use(evidence: Evidence, form: str) -> None:
    kinds = [
        kind for kind in ("cells", "cancers", "agents") if evidence.vocabulary.resolve(kind, form)
    ]
    assert len(kinds) == 1


# --- how, and how sure --------------------------------------------------------------------


def test_every_claim_has_steps_that_prove_its_signs(evidence: Evidence) -> None:
    for claim in evidence.claims:
        assert claim.steps, claim.id
        sides = ((claim.promotes, 1), (claim.opposes, -1), (claim.countered_by, -1))
        for names, sign in sides:
            for name in names:
                assert sign in signs(claim.steps, name), (claim.id, name)


def test_a_chain_is_short_and_there_are_some_700_links(evidence: Evidence) -> None:
    links = [len(claim.steps) for claim in evidence.claims]
    assert 600 <= sum(links) <= 800
    assert max(links) <= 30
    assert sorted(links)[len(links) // 2] in range(3, 8)


def test_a_third_of_the_claims_is_hedged_as_the_review_hedges_them(evidence: Evidence) -> None:
    hedged = [claim for claim in evidence.claims if claim.hedged]
    assert 35 <= len(hedged) <= 55
    modal = re.compile(r"\b(can|could|may|might|would|seems?|possibly|potentially)\b")
    assert [claim.id for claim in hedged if not modal.search(claim.mechanism)] == []


@pytest.mark.parametrize(
    "identifier",
    ["imm-012", "imm-022", "rad-018", "tgt-010", "tgt-021", "tgt-028", "imm-026", "imm-002"],
)
def test_what_the_cited_paper_contradicts_is_contested(evidence: Evidence, identifier: str) -> None:
    claim = next(claim for claim in evidence.claims if claim.id == identifier)
    assert claim.standing == "contested"
    said = [one.says for one in claim.primary if one.agrees == "no"]
    assert all(said)
    assert said


def test_cited_papers_were_read_by_machine_and_say_so(evidence: Evidence) -> None:
    papers = [one for claim in evidence.claims for one in claim.primary]
    assert len(papers) >= 100
    assert {one.by for one in papers} == {"machine"}
    assert {one.read for one in papers} <= {"abstract", "excerpt"}
    assert all(claim.verified is None for claim in evidence.claims)
