"""What other sources say of the cells of a claim; works, not claims, are the voices."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

import tdr
from tdr.ask.views.agreement import Agreement, Backing, OtherSources
from tests.conftest import SHIPPED, Run
from tests.small import two_sources

Tdr = Callable[..., Run]

NOBODY = Backing(0, 0, ())


@pytest.fixture
def two(tmp_path: Path) -> Path:
    return two_sources(tmp_path / "two")


def edit(directory: Path, name: str, before: str, after: str) -> None:
    path = directory / name
    text = path.read_text()
    assert before in text
    path.write_text(text.replace(before, after, 1))


def said(directory: Path, identifier: str) -> list[Agreement]:
    evidence = tdr.load(directory)
    claim = evidence.index.find(identifier)
    assert claim is not None
    return list(OtherSources(evidence).agreement(claim))


def turned(directory: Path) -> None:
    """The claim of the second source on the other side."""
    edit(directory, "sources/acar2016/chemo.yaml",
         "promotes: [tumor-associated macrophage]\n    opposes: []",
         "promotes: []\n    opposes: [tumor-associated macrophage]")  # fmt: skip


def test_the_same_cell_on_the_same_side_agrees_on_the_other_it_disagrees(two: Path) -> None:
    heard = Backing(1, 1, ("acar2016-che-001",))
    cell = "tumor-associated macrophage"
    assert said(two, "che-001") == [Agreement(cell, "promotes", heard, NOBODY)]
    turned(two)
    assert said(two, "che-001") == [Agreement(cell, "promotes", NOBODY, heard)]


def test_of_other_cells_and_other_therapies_nothing_is_said(two: Path) -> None:
    assert said(two, "che-002") == []
    (two / "sources/acar2016/chemo.yaml").rename(two / "sources/acar2016/radio.yaml")
    edit(two, "sources/acar2016/radio.yaml", "therapy: chemo", "therapy: radio")
    edit(two, "sources/acar2016/radio.yaml", "acar2016-che-001", "acar2016-rad-001")
    assert said(two, "che-001") == []


def test_the_same_work_is_no_second_voice(two: Path) -> None:
    edit(two, "references.yaml", "    year: 2020\n", "    year: 2020\n    doi: 10.1000/other\n")
    assert said(two, "che-001") == []


def test_one_source_alone_has_nobody_to_agree_with(small: Path) -> None:
    assert said(small, "che-001") == []


def test_a_card_says_who_agrees_and_who_does_not(run: Tdr, two: Path) -> None:
    argv = ("--evidence", str(two), "show", "che-001", "-o", "table")
    agrees = "tumor-associated macrophage: 1 work agrees (acar2016-che-001)"
    shown = run(*argv, COLUMNS="120").out.splitlines()[-1]
    assert shown.split(maxsplit=2) == ["other", "sources", agrees]
    turned(two)
    assert "1 work disagrees (acar2016-che-001)" in run(*argv, COLUMNS="120").out


def test_only_the_first_claims_are_named_and_the_rest_counted() -> None:
    evidence = tdr.load(SHIPPED)
    claim = evidence.index.find("rad-003")
    assert claim is not None
    (found,) = OtherSources(evidence).agreement(claim, most=2)
    there = evidence.filter(source="papers", therapy="radio", also={"opposes": found.cell})
    exact = [one for one in there if found.cell in one.opposes]
    assert found.agree.first == tuple(one.id for one in exact[:2])
    assert found.agree.claims == len(exact) > 2
    assert found.agree.works == len({n for one in exact for n in one.refs})
    assert f"{len(exact) - 2} more claim" in str(found)


def test_sources_can_be_compared(run: Tdr, two: Path) -> None:
    done = run("--evidence", str(two), "compare", "main", "acar2016", "-o", "json")
    rows = [
        (row["field"], row["term"], row["a"], row["b"]) for row in json.loads(done.out)["terms"]
    ]
    assert rows[0] == ("promotes", "tumor-associated macrophage", 1, 1)
    assert ("opposes", "CD8+ T cell", 1, 0) in rows
    assert done.err.splitlines()[-1] == "unit: claims; source a: main (2), b: acar2016 (1), both: 0"


def test_claims_on_one_work_count_once_where_works_are_counted(run: Tdr, two: Path) -> None:
    edit(two, "references.yaml", "    year: 2020\n", "    year: 2020\n    doi: 10.1000/other\n")
    argv = ("--evidence", str(two), "stats", "--by", "cell", "--no-header", "--columns")
    claims = run(*argv, "cell,claims,promoting").out.splitlines()
    assert claims[0] == "tumor-associated macrophage\t2\t2"
    works = run(*argv, "cell,works,promoting", "--unit", "works").out.splitlines()
    assert works == ["CD8+ T cell\t2\t0", "tumor-associated macrophage\t1\t1"]
    done = run("--evidence", str(two), "matrix", "--unit", "works", "-o", "jsonl")
    counted = {row["cell"]: row["works"] for row in map(json.loads, done.out.splitlines())}
    assert counted == {"tumor-associated macrophage": 1, "CD8+ T cell": 2}


def test_a_work_that_one_source_lists_twice_is_one(run: Tdr, small: Path) -> None:
    for year in ("2021", "2022"):
        edit(small, "references.yaml", f"year: {year}\n", f"year: {year}\n    doi: 10.1000/one\n")
    argv = ("--evidence", str(small), "stats", "--by", "cell", "-c", "CD8+ T cell", "--no-header")
    assert run(*argv, "--columns", "references").out == "2\n"
    assert run(*argv, "--columns", "works", "--unit", "works").out == "1\n"


def test_a_unit_needs_something_to_count_by(run: Tdr, small: Path) -> None:
    done = run("--evidence", str(small), "stats", "--unit", "works")
    assert (done.exit, done.err) == (
        *(2, "tdr: error: --level, --under and --unit need --by FIELD\n"),
    )
