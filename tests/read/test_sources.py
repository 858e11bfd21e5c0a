"""Several sources in one evidence directory: numbers are each source's own, terms are shared."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

import tdr
from tdr import TdrError
from tdr.check import run as check
from tests.conftest import Run
from tests.small import CONTRARY, small_evidence, two_sources

Tdr = Callable[..., Run]


@pytest.fixture
def two(tmp_path: Path) -> Path:
    return two_sources(tmp_path / "two")


def test_a_claim_says_of_which_source_it_is_by_where_it_lies(two: Path) -> None:
    evidence = tdr.load(two)
    assert [(claim.id, claim.source) for claim in evidence.claims] == [
        ("che-001", "main"),
        ("che-002", "main"),
        ("acar2016-che-001", "acar2016"),
    ]
    assert list(evidence.sources) == ["main", "acar2016"]


def test_the_same_number_is_another_work_in_another_source(two: Path) -> None:
    evidence = tdr.load(two)
    assert evidence.references[1].title == "Macrophages and drugs"
    assert evidence.references_of("acar2016")[1].title == "Another work on macrophages"
    assert [claim.id for claim in evidence.filter(ref=1)] == ["che-001"]
    assert [claim.id for claim in evidence.filter(ref="acar2016:1")] == ["acar2016-che-001"]
    assert [claim.id for claim in evidence.filter(ref="10.1000/other")] == ["acar2016-che-001"]
    assert [claim.id for claim in evidence.filter(year=2015)] == ["acar2016-che-001"]


def test_the_key_in_the_first_source_is_that_of_its_file(tmp_path: Path) -> None:
    directory = small_evidence(tmp_path)
    source = directory / "source.yaml"
    source.write_text("key: doe2024\n" + source.read_text())
    assert {claim.source for claim in tdr.load(directory).claims} == {"doe2024"}


def test_a_directory_may_hold_further_sources_only(two: Path) -> None:
    for name in ("chemo.yaml", "references.yaml", "source.yaml"):
        (two / name).unlink()
    evidence = tdr.load(two)
    assert (evidence.source.key, len(evidence)) == ("acar2016", 1)
    assert [claim.id for claim in evidence.filter(ref=1)] == ["acar2016-che-001"]


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("key: acar", "key is `acar`, but the folder is `acar2016`"),
        ("key: pmid", "key is `pmid`, but the folder is `acar2016`"),
    ],
)
def test_a_key_is_that_of_the_folder(two: Path, line: str, text: str) -> None:
    source = two / "sources" / "acar2016" / "source.yaml"
    source.write_text(source.read_text().replace("key: acar2016", line))
    with pytest.raises(TdrError, match=text):
        tdr.load(two)


def test_a_key_is_given_once(two: Path) -> None:
    source = two / "source.yaml"
    source.write_text("key: acar2016\n" + source.read_text())
    with pytest.raises(TdrError, match="the key `acar2016` is taken by another source"):
        tdr.load(two)


def test_an_edit_in_a_further_source_is_seen(two: Path) -> None:
    assert len(tdr.load(two)) == 3
    (two / "sources" / "acar2016" / "chemo.yaml").write_text("therapy: chemo\nclaims: []\n")
    assert len(tdr.load(two)) == 2


def test_claims_of_papers_have_no_place(two: Path) -> None:
    folder = two / "sources" / "acar2016"
    (folder / "source.yaml").write_text("kind: papers\nrecord: {}\n")
    claims = folder / "chemo.yaml"
    claims.write_text(
        claims.read_text().replace("    at: {section: chemo/immune, paragraph: 1}\n", "")
    )
    *_, claim = tdr.load(two).claims
    assert (bool(claim.at), claim.to_dict()["at"]) == (False, None)
    assert [p.rule for p in check(two).findings if "acar2016" in str(p.location)] == ["cited-as"]


# --- rules ---------------------------------------------------------------------------------


def test_of_a_draft_what_is_open_is_one_line(two: Path) -> None:
    assert [(p.rule, p.severity, p.text) for p in check(two).findings] == [
        ("open-citation", "warning", "1 of 2 citations open"),
    ]


def test_of_a_complete_source_every_open_citation_is_an_error(two: Path) -> None:
    source = two / "sources" / "acar2016" / "source.yaml"
    source.write_text(source.read_text().replace("state: draft", "state: complete"))
    found = [(p.rule, p.severity) for p in check(two).findings]
    assert found == [("open-citation", "error")]


def test_numbers_and_places_are_checked_against_the_own_source(two: Path) -> None:
    claims = two / "sources" / "acar2016" / "chemo.yaml"
    text = claims.read_text()
    claims.write_text(text.replace("refs: [1]", "refs: [3]"))
    assert "ref-unknown" in {p.rule for p in check(two).findings}
    claims.write_text(text.replace("paragraph: 1}", "paragraph: 2}"))
    assert "place" in {p.rule for p in check(two).findings}


def test_ids_in_a_further_source_begin_with_its_key(two: Path) -> None:
    claims = two / "sources" / "acar2016" / "chemo.yaml"
    claims.write_text(claims.read_text().replace("acar2016-che-001", "che-009"))
    (found,) = (p for p in check(two).findings if p.rule == "id")
    assert found.text.endswith("such as acar2016-che-001")


@pytest.mark.parametrize("named", ["sources/acar2016", "sources/acar2016/chemo.yaml"])
def test_a_source_is_checked_as_part_of_its_collection(run: Tdr, two: Path, named: str) -> None:
    assert run("check", named, cwd=two).exit == 0
    assert "[id]" not in run("--evidence", "sources/acar2016", "check", cwd=two).out
    claims = two / "sources" / "acar2016" / "chemo.yaml"
    claims.write_text(claims.read_text().replace("acar2016-che-001", "che-009"))
    done = run("check", named, cwd=two)
    assert done.exit == 1
    assert "./sources/acar2016/chemo.yaml:3:9: error: id `che-009` must be" in done.out
    assert run("check", "chemo.yaml", cwd=two).exit == 0


# --- as typed ------------------------------------------------------------------------------


def test_source_is_a_filter_a_column_and_a_key(run: Tdr, two: Path) -> None:
    done = run("--evidence", str(two), "list", "--source", "acar2016", "-o", "ids")
    assert (done.exit, done.out) == (0, "acar2016-che-001\n")
    done = run("--evidence", str(two), "list", "--columns", "id,source", "--no-header")
    assert done.out.splitlines()[-1] == "acar2016-che-001\tacar2016"
    done = run("--evidence", str(two), "list", "-o", "json")
    assert list(json.loads(done.out)["claims"][0])[-1] == "source"
    done = run("--evidence", str(two), "list", "--source", "roe")
    assert (done.exit, done.err) == (2, "tdr: error: unknown source `roe`; one of main, acar2016\n")


def test_a_bare_number_means_the_first_source_which_is_said_where_there_are_others(
    run: Tdr, two: Path
) -> None:
    done = run("--evidence", str(two), "list", "-r", "1", "-o", "ids")
    assert (done.out, done.err.splitlines()[0]) == ("che-001\n", "1: of main")
    assert run("--evidence", str(small_of(two)), "list", "-r", "1", "-o", "ids").err == (
        "1 of 2 claims\n"
    )


def small_of(two: Path) -> Path:
    """The same evidence without the second source."""
    return small_evidence(two.parent / "one")


def test_numbers_stand_with_their_key_where_there_are_several(run: Tdr, two: Path) -> None:
    done = run("--evidence", str(two), "show", "acar2016-che-001")
    assert "[acar2016:1] Yoe Y." in done.out
    assert "acar2016:1" in run("--evidence", str(two), "list", "-o", "table").out
    assert "[main:1] Doe J" in run("--evidence", str(two), "show", "che-001").out
    assert "[1] Doe J" in run("--evidence", str(small_of(two)), "show", "che-001").out


@pytest.mark.parametrize(
    "argv", [["counter"], ["conflicts"], ["conflicts", "--steps"], ["path", "TAM"], ["graph"]]
)
def test_records_over_several_sources_name_references_in_full(
    run: Tdr, two: Path, argv: list[str]
) -> None:
    """Each in one type: a number alone would be of one of the lists."""
    chemo = two / "chemo.yaml"
    text = chemo.read_text(encoding="utf-8").replace(
        "countered_by: []", "countered_by: [STAT3 inhibitor]"
    )
    steps = "  - {from: tumor-associated macrophage, does: %s, to: resistance}"
    text = text.replace("    basis: []", f"    steps:\n    {steps % 'increases'}\n    basis: []", 1)
    chemo.write_text(text + CONTRARY, encoding="utf-8")
    done = run("--evidence", str(two), *argv, "-o", "jsonl")
    records = [json.loads(line) for line in done.out.splitlines()]
    refs = {
        ref for one in records for name, of in one.items() if name.endswith("refs") for ref in of
    }
    assert refs
    assert refs <= {"main:1", "main:2", "main:3", "acar2016:1"}


def test_flat_records_name_references_in_full(run: Tdr, two: Path) -> None:
    for argv in (["list", "--columns", "refs"], ["refs", "--columns", "number"]):
        done = run("--evidence", str(two), *argv, "-o", "tsv", "--no-header")
        names = {name for line in done.out.splitlines() for name in line.split("|")}
        assert {"main:1", "acar2016:1"} <= names <= {"main:1", "main:2", "main:3"} | {
            "acar2016:1", "acar2016:2"
        }  # fmt: skip


@pytest.mark.parametrize(
    "argv",
    [
        ["list", "-o", "json", "-c", "TAM"],
        ["list", "-o", "table", "-c", "TAM"],
        ["refs", "-o", "json"],
        ["refs", "-o", "table"],
        ["counter", "-o", "json"],
        ["search", "macrophage", "-o", "json"],
        ["stats", "--by", "cell", "-o", "json"],
        ["conflicts", "-o", "json"],
    ],
)
def test_of_the_first_source_alone_the_answer_is_as_if_it_were_alone(
    run: Tdr, two: Path, argv: list[str]
) -> None:
    among = run("--evidence", str(two), *argv, "--source", "main")
    assert among == run("--evidence", str(small_of(two)), *argv)


def test_refs_are_those_of_the_source_that_is_named(run: Tdr, two: Path) -> None:
    done = run("--evidence", str(two), "refs", "acar2016:2", "--columns", "title,source")
    assert done.out == "title\tsource\nNot curated yet\tacar2016\n"
    done = run("--evidence", str(two), "refs", "--source", "acar2016", "--count")
    assert done.out == "2\n"
    done = run("--evidence", str(two), "refs", "acar2016:9")
    assert (done.exit, done.err) == (1, "tdr: error: acar2016 has no reference 9\n")


def test_what_people_see_of_a_reference_finds_it_and_a_bare_number_is_of_the_named_source(
    run: Tdr, two: Path
) -> None:
    evidence, other = ("--evidence", str(two)), ("--source", "acar2016")
    for form in ("table", "markdown"):
        drawn = run(*evidence, "list", *other, "-o", form, "--columns", "refs")
        assert "acar2016:1" in drawn.out
    for number in ("2", "acar2016:2"):
        done = run(*evidence, "refs", number, *other, "--columns", "number,source")
        assert done.out == "number\tsource\nacar2016:2\tacar2016\n"
    done = run(*evidence, "list", "-r", "1", "--source", "ACAR2016", "-o", "ids")
    assert (done.out, done.err) == ("acar2016-che-001\n", "1 of 1 claims\n")


def test_coverage_is_of_one_source(run: Tdr, two: Path) -> None:
    done = run("--evidence", str(two), "coverage", "--source", "acar2016")
    assert (done.exit, done.err.splitlines()[-1]) == (
        1,
        "total: 2 citations, 1 backed by claims, 0 background, 1 open",
    )
    done = run("--evidence", str(two), "coverage")
    assert (done.exit, done.err.splitlines()[0]) == (0, "of main, the first of 2 sources")


def test_the_first_claim_of_an_imported_source_can_be_added(run: Tdr, two: Path) -> None:
    (two / "sources" / "acar2016" / "chemo.yaml").write_text("therapy: chemo\nclaims: []\n")
    done = run(
        "--evidence", str(two), "new", "--source", "acar2016", "-t", "chemo", "--promotes", "TAM",
        "--effect", "resistance", "--mechanism", "Macrophages feed tumor cells.", "-r", "2",
    )  # fmt: skip
    assert (done.exit, done.out) == (0, "acar2016-che-001\n")
    assert [claim.id for claim in tdr.load(two).filter(source="acar2016")] == ["acar2016-che-001"]


def test_a_difference_names_the_source(run: Tdr, two: Path) -> None:
    done = run("diff", str(small_of(two)), str(two))
    assert done.exit == 1
    assert "acar2016:1" in done.out
