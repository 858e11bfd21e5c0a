"""The same work in the lists of two sources, and what follows for agreement and conflict."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

import tdr
from tdr.ask.views.works import Works, overlap, shared, sources
from tdr.model.filters import Criteria
from tdr.render.page.data import page_data
from tests.conftest import Run
from tests.small import two_sources

Tdr = Callable[..., Run]


def edit(directory: Path, name: str, before: str, after: str) -> None:
    path = directory / name
    text = path.read_text()
    assert before in text
    path.write_text(text.replace(before, after, 1))


def with_identifiers(directory: Path, ours: str, theirs: str) -> Path:
    """Two sources whose first references have these fields."""
    two_sources(directory)
    edit(directory, "references.yaml", "    year: 2020\n", f"    year: 2020\n{ours}")
    further = "sources/acar2016/references.yaml"
    edit(directory, further, "    doi: 10.1000/other\n", theirs)
    return directory


@pytest.mark.parametrize(
    ("ours", "theirs", "same"),
    [
        ("    doi: 10.1000/OTHER\n", "    doi: 10.1000/other\n", True),
        ("    pmid: '12'\n", "    doi: 10.1000/other\n    pmid: '12'\n", True),
        ("    pmcid: PMC7\n", "    pmid: '12'\n    pmcid: PMC7\n", True),
        ("    doi: 10.1000/a\n    pmid: '12'\n", "    doi: 10.1000/b\n    pmid: '12'\n", False),
        ("", "    doi: 10.1000/other\n", False),
        ("", "    same_as: main:1\n", True),
        ("", "    same_as: main:²\n", False),
        ("", f"    same_as: main:{'9' * 5000}\n", False),
    ],
)
def test_one_work_has_one_doi_else_one_pmid_else_one_pmcid_or_a_curator_says_so(
    tmp_path: Path, ours: str, theirs: str, *, same: bool
) -> None:
    works = Works(tdr.load(with_identifiers(tmp_path / "two", ours, theirs)))
    assert (works.of(1) == works.of("acar2016:1")) is same
    assert works.of(2) != works.of("acar2016:2")


@pytest.fixture
def alike(tmp_path: Path) -> Path:
    """Two sources that cite one work in common."""
    return with_identifiers(tmp_path / "two", "    doi: 10.1000/x\n", "    doi: 10.1000/x\n")


def test_a_work_that_several_sources_list_is_cited_once(run: Tdr, alike: Path) -> None:
    """What the first reference lacks the other says; LaTeX finds the entry by either key."""
    edit(alike, "sources/acar2016/references.yaml", "    journal: J Other\n",
         "    journal: J Other\n    volume: '9'\n    status: retracted\n")  # fmt: skip
    for argv in (["refs"], ["list"]):
        ris = run("--evidence", str(alike), *argv, "-o", "ris").out
        assert [re.findall(rf"^{tag}  - (.*)$", ris, re.M) for tag in ("ID", "VL", "N1")] == [
            ["ref1", "ref2", "ref3", *(["acar2016-ref2"] if argv == ["refs"] else [])],
            ["9"],
            ["Retracted"],
        ]
    bibtex = run("--evidence", str(alike), "refs", "1", "acar2016:1", "-o", "bibtex").out
    assert bibtex.count("@article") == 1
    assert "  ids = {acar2016-ref1}\n" in bibtex
    other = run("--evidence", str(alike), "refs", "--source", "acar2016", "-o", "csl").out
    assert [one["id"] for one in json.loads(other)] == ["acar2016-ref1", "acar2016-ref2"]


def test_sources_stand_side_by_side(alike: Path) -> None:
    evidence = tdr.load(alike)
    first, second = sources(evidence)
    assert (first.key, first.references, first.claims, first.open, first.shared) == (
        *("main", 3, 2, 0, 1),
    )
    assert (second.key, second.state, second.claims, second.open, second.shared) == (
        *("acar2016", "draft", 1, 1, 1),
    )


def test_overlap_is_the_corrected_covered_area(alike: Path) -> None:
    found = overlap(tdr.load(alike), ["main", "acar2016"])
    assert (found.entries, found.works, found.corrected) == (5, 4, 1 / 4)
    assert overlap(tdr.load(alike), ["main"]).corrected is None


def test_a_review_in_the_list_of_another_is_marked(alike: Path) -> None:
    edit(alike, "source.yaml", "  year: 2024\n", "  year: 2024\n  doi: 10.1000/X\n")
    edit(alike, "references.yaml", "    doi: 10.1000/x\n", "")
    assert [row.cites for row in sources(tdr.load(alike))] == [(), ("main",)]


def test_two_sources_share_works_and_suspects(alike: Path) -> None:
    (found,) = shared(tdr.load(alike), "main", "acar2016")
    assert (found.a, found.b, found.a_claims, found.b_claims, found.suspect) == (
        *(1, 1, ("che-001",), ("acar2016-che-001",), False),
    )
    further = "sources/acar2016/references.yaml"
    edit(alike, further, "Not curated yet", "More on t cells")
    edit(alike, further, "year: 2016", "year: 2022")
    assert [(row.a, row.b, row.suspect) for row in shared(tdr.load(alike), "main", "acar2016")] == [
        (1, 1, False),
        (3, 2, True),
    ]


def test_a_work_that_two_reviews_cite_is_counted_once(run: Tdr, alike: Path) -> None:
    done = run("--evidence", str(alike), "stats", "-r", "10.1000/x", "-o", "json")
    facts = json.loads(done.out)["facts"]
    (behind,) = (fact for fact in facts if fact["value"] == "behind these claims")
    assert behind["count"] == 1


def test_an_abstract_that_differs_stands_beside_the_other_source_whatever_the_signs(
    run: Tdr, alike: Path
) -> None:
    said = "{ref: 1, agrees: partly, differs: [scope], says: Only in mice., read: abstract}"
    edit(alike, "chemo.yaml", "    note: null\n", f"    note: null\n    primary:\n      - {said}\n")
    done = run("--evidence", str(alike), "conflicts", "--across", "sources", "-o", "json")
    (found,) = json.loads(done.out)["conflicts"]
    assert (found["kind"], found["cell"], found["works"]) == (
        *("reading", "tumor-associated macrophage", "same"),
    )
    assert (found["promoted_by"], found["opposed_by"]) == (["che-001", "acar2016-che-001"], [])
    assert found["abstracts"] == ["che-001 [main:1] partly: Only in mice."]
    done = run("--evidence", str(alike), "show", "acar2016-che-001", "-o", "json")
    (claim,) = json.loads(done.out)["claims"]
    assert claim["other_sources"] == [
        "same work: che-001 [main:1] (promotes tumor-associated macrophage); "
        "abstract: che-001 [main:1] partly: Only in mice."
    ]
    evidence = tdr.load(alike)
    selection = evidence.select(Criteria())
    (_, _, shown) = page_data(evidence, selection, evidence.claims)["claims"]
    assert shown["others"] == claim["other_sources"]


def test_a_conflict_across_sources_says_whether_it_is_about_the_same_work(
    run: Tdr, alike: Path
) -> None:
    claims = "sources/acar2016/chemo.yaml"
    edit(alike, claims, "promotes: [tumor-associated macrophage]\n    opposes: []",
         "promotes: []\n    opposes: [tumor-associated macrophage]")  # fmt: skip
    done = run("--evidence", str(alike), "conflicts", "--across", "sources", "-o", "json")
    (found,) = json.loads(done.out)["conflicts"]
    assert (found["works"], found["promotes_refs"], found["opposes_refs"]) == (
        *("same", ["main:1"], ["acar2016:1"]),
    )
    assert (found["abstracts"], found["citing"]) == ([], [])
    said = "{ref: 1, agrees: no, differs: [direction], says: It helps., read: abstract}"
    edit(alike, "chemo.yaml", "    note: null\n", f"    note: null\n    primary:\n      - {said}\n")
    edit(alike, "sources/acar2016/source.yaml", "record:\n", "record:\n  doi: 10.1000/two\n")
    edit(alike, "references.yaml", "    year: 2021\n", "    year: 2021\n    doi: 10.1000/two\n")
    done = run("--evidence", str(alike), "conflicts", "--across", "sources", "-o", "json")
    (found,) = json.loads(done.out)["conflicts"]
    assert found["abstracts"] == ["che-001 [main:1] no: It helps."]
    assert found["citing"] == ["main cites acar2016"]
    edit(alike, "references.yaml", "    doi: 10.1000/x\n", "")
    done = run("--evidence", str(alike), "conflicts", "--across", "sources")
    assert done.err.splitlines()[-1].startswith(
        "1 contradiction, 0 context, 0 subtype, 0 reading; 0 on the same work, 1 on different works"
    )
    done = run("conflicts", "--across", "sources", "--count")
    assert done.out == "0\n"


def test_the_command_shows_sources_and_what_two_of_them_share(run: Tdr, alike: Path) -> None:
    done = run("--evidence", str(alike), "sources", "-o", "ids")
    assert (done.exit, done.out) == (0, "main\nacar2016\n")
    assert done.err.splitlines()[-1] == (
        "5 works listed, 4 different ones, in 2 sources; corrected covered area 25.0%"
    )
    done = run("--evidence", str(alike), "sources", "main", "acar2016", "--columns", "a,b,title")
    assert done.out == "a\tb\ttitle\n1\t1\tMacrophages and drugs\n"
    done = run("sources", "li2024", "li2024")
    assert (done.exit, done.err) == (2, "tdr: error: `li2024` is one source; name two\n")
