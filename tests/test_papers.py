"""What the shipped claims on primary papers promise; the review alone answers as before."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable
from itertools import pairwise

import pytest

import tdr
from tdr.ask.evidence import Evidence
from tdr.ask.search import search
from tdr.ask.views.works import Works
from tdr.model.steps import signs
from tdr.model.therapies import BUILT_IN
from tdr.model.values import Claim
from tests import yaml_facts
from tests.conftest import REVIEW, SHIPPED, TESTS, Run

Tdr = Callable[..., Run]

QUERIES = TESTS / "queries_papers.jsonl"


@pytest.fixture(scope="module")
def shipped() -> Evidence:
    return tdr.load(SHIPPED)


@pytest.fixture(scope="module")
def claims(shipped: Evidence) -> tuple[Claim, ...]:
    return shipped.filter(source="papers")


def test_there_are_claims_on_papers_for_every_therapy(claims: tuple[Claim, ...]) -> None:
    count = Counter(claim.therapy for claim in claims)
    assert len(claims) >= 185
    assert count["antiandrogen"] >= 18
    assert set(count) == set(BUILT_IN)


def test_every_paper_has_an_identifier_a_title_and_a_journal(shipped: Evidence) -> None:
    references = shipped.references_of("papers").values()
    assert [r.number for r in references if not (r.doi or r.pmid or r.pmcid)] == []
    assert [r.number for r in references if not (r.title and r.journal)] == []


def test_every_paper_backs_a_claim_and_every_claim_rests_on_one(
    shipped: Evidence, claims: tuple[Claim, ...]
) -> None:
    assert {len(claim.refs) for claim in claims} == {1}
    assert {n for claim in claims for n in claim.refs} == set(shipped.references_of("papers"))


def test_no_paper_is_one_that_the_review_cites(shipped: Evidence) -> None:
    works = Works(shipped)
    assert works.cited_in("li2024").keys().isdisjoint(works.cited_in("papers"))
    assert len(works.cited_in("papers")) == len(shipped.references_of("papers"))


def test_ids_begin_with_the_source_and_are_in_order(claims: tuple[Claim, ...]) -> None:
    for therapy, prefix in ((one.label, one.prefix) for one in BUILT_IN.values()):
        ids = [claim.id for claim in claims if claim.therapy == therapy]
        assert all(re.fullmatch(rf"papers-{prefix}-\d{{3}}", i) for i in ids)
        assert all(a < b for a, b in pairwise(ids))


def test_every_claim_signs_a_cell_and_its_steps_prove_every_sign(
    claims: tuple[Claim, ...],
) -> None:
    for claim in claims:
        assert claim.promotes or claim.opposes, claim.id
        sides = ((claim.promotes, 1), (claim.opposes, -1), (claim.countered_by, -1))
        for names, sign in sides:
            for name in names:
                assert sign in signs(claim.steps, name), (claim.id, name)


def test_abstracts_were_read_by_machine_which_the_source_says_once(
    shipped: Evidence, claims: tuple[Claim, ...]
) -> None:
    source = shipped.sources["papers"]
    assert source.constants["read"] == "abstract"
    assert source.constants["by"] == "machine"
    assert source.constants["agent_type"] == "automated_agent"
    assert "not by a systematic search" in source.limits
    assert all(claim.verified is None and not claim.primary for claim in claims)


# --- the review alone ----------------------------------------------------------------------


@pytest.mark.parametrize(
    "argv",
    [
        "list -o jsonl", "list -o table", "list -o csl", "list --long cell,molecule -o csv",
        "list -c CAF -k pancreas -o jsonl", "counter -o jsonl", "steps -o jsonl",
        "path CAF resistance", "matrix -o csv", "matrix --unit references -o csv",
        "matrix --gaps -o csv", "conflicts -o jsonl", "conflicts --steps -o jsonl",
        "compare TAM CAF -o csv", "stats --by cell -o csv", "table 3 -o csv", "graph -o jsonl",
        "graph --dot", "refs -o jsonl", "coverage -o csv",
    ],
)  # fmt: skip
def test_the_review_alone_answers_to_the_byte_as_if_nothing_else_were_there(
    run: Tdr, argv: str
) -> None:
    alone = run("--evidence", str(REVIEW), *argv.split())
    beside = run("--evidence", str(SHIPPED), *argv.split(), "--source", "li2024")
    assert alone.exit == beside.exit == 0
    assert alone.raw == beside.raw
    assert alone.raw


def test_scores_of_a_search_may_differ_but_not_what_it_finds(run: Tdr) -> None:
    """A word's weight depends on how many claims there are in all."""
    query = ("search", "gefitinib exosome", "-o", "ids")
    alone = run("--evidence", str(REVIEW), *query)
    beside = run("--evidence", str(SHIPPED), *query, "--source", "li2024")
    assert alone.out == beside.out


def test_keys_of_a_bibliography_are_those_of_the_review_and_others_for_papers(run: Tdr) -> None:
    out = run("--evidence", str(SHIPPED), "refs", "-o", "bibtex").out
    keys = re.findall(r"^@article\{(.*),$", out, re.M)
    assert len(set(keys)) == len(keys)
    assert {key.rstrip("0123456789") for key in keys} == {"ref", "papers-ref"}


def test_a_number_that_only_the_second_source_has_is_offered(run: Tdr) -> None:
    for argv in (("refs", "190"), ("list", "-r", "190")):
        said = run("--evidence", str(SHIPPED), *argv).err
        assert said == ("tdr: error: li2024 has no reference 190; did you mean `papers:190`?\n")


@pytest.mark.parametrize("command", ["refs", "list", "steps", "counter"])
@pytest.mark.parametrize("fmt", ["csv", "tsv", "markdown"])
def test_references_in_text_lead_back_to_the_paper(run: Tdr, command: str, fmt: str) -> None:
    out = run("--evidence", str(SHIPPED), command, "-c", "pericyte", "-o", fmt).out
    assert re.search(r"\bpapers:117\b", out)
    assert not re.search(r"(?<!papers:)\b117\b", out)


def test_ids_of_references_can_be_given_back(run: Tdr) -> None:
    ids = run("--evidence", str(SHIPPED), "refs", "-c", "pericyte", "-o", "ids").out.split()
    assert ids == ["li2024:104", "li2024:105", "papers:68", "papers:117"]
    assert run("--evidence", str(SHIPPED), "refs", *ids, "-o", "ids").out.split() == ids
    leads = run("--evidence", str(SHIPPED), "show", "papers:68").err
    assert leads.endswith("`papers:68`; a reference: `tdr refs papers:68`\n")


def test_a_statement_with_numbers_of_references_wants_their_source(run: Tdr) -> None:
    asked = ("--evidence", str(SHIPPED), "sql", "-c", "pericyte", "--columns")
    said = "refs are numbers in the list of a claim's own source: choose source"
    assert said in run(*asked, "id,refs").err
    assert said not in run(*asked, "id,refs,source").err


# --- found ---------------------------------------------------------------------------------


def test_what_papers_report_is_found_among_everything(shipped: Evidence) -> None:
    """The queries were written from what the papers report, before the claims were searched."""
    ranks = []
    for item in map(json.loads, QUERIES.read_text(encoding="utf-8").splitlines()):
        hits = [hit.claim for hit in search(shipped, item["query"], limit=10).hits]
        wanted = shipped.filter(ref=item["doi"])
        assert wanted, item
        ranks.append(next((n for n, claim in enumerate(hits, 1) if claim in wanted), 0))
    assert len(ranks) == 20
    assert sum(rank == 1 for rank in ranks) >= 18, ranks
    assert all(ranks), ranks


# --- counted from the files ----------------------------------------------------------------


@pytest.mark.parametrize("by", ["therapy", "cell", "cancer", "agent", "molecule", "source"])
def test_counts_over_both_sources_are_those_of_the_files(run: Tdr, by: str) -> None:
    done = run("--evidence", str(SHIPPED), "stats", "--by", by, "--columns", f"{by},claims")
    counted = dict(line.split("\t") for line in done.out.splitlines()[1:])
    facts = yaml_facts.read(SHIPPED)
    found = Counter(value for claim in facts.claims for value in yaml_facts.values(claim, by))
    assert {label: int(number) for label, number in counted.items()} == found


def test_info_and_readme_count_what_the_files_hold(run: Tdr) -> None:
    facts = yaml_facts.read(SHIPPED)
    count = Counter(claim["source"] for claim in facts.claims)
    told = run("--evidence", str(SHIPPED), "info", "-o", "yaml").out
    readme = (SHIPPED.parent / "README.md").read_text(encoding="utf-8")
    for key, claims in count.items():
        references = len(yaml_facts.references(SHIPPED, key))
        assert f"{claims} claims, {references} references" in told
        assert f"{claims} claims" in readme
        assert f"{references} " in readme

    papers = yaml_facts.references(SHIPPED, "papers").values()
    lacking = {field: sum(not one.get(field) for one in papers) for field in ("authors", "year")}
    said = "{authors} have no authors and {year} no year".format(**lacking)
    assert said in " ".join(readme.split())
