"""tdr init, define, add: one's own papers beside what comes with tdr, offline."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from shutil import rmtree

import pytest

from tdr.cli.collection import _authors
from tdr.model.errors import TdrError
from tests.conftest import Run
from tests.small import small_evidence

Tdr = Callable[..., Run]

RIS = """\
TY  - JOUR
AU  - Doe, Jane
TI  - Macrophages again
JO  - J Exp
PY  - 2025
DO  - 10.1000/xyz
ER  -
"""
CLAIM = (
    *("-t", "chemo", "--promotes", "TAM", "--effect", "resistance", "-m", "CCL5"),
    *("--mechanism", "TAMs release CCL5.", "--step", "TAM secretes CCL5"),
    *("--step", "CCL5 increases resistance (in tumor cell)"),
)


@pytest.fixture
def own(run: Tdr, tmp_path: Path) -> Path:
    """A collection that contains nothing but a few terms."""
    directory = tmp_path / "own"
    assert run("init", str(directory), "--empty").exit == 0
    small = small_evidence(tmp_path / "small")
    for file in (small / "vocabulary").iterdir():
        file.rename(directory / "vocabulary" / file.name)
    (tmp_path / "paper.ris").write_text(RIS)
    return directory


def written(directory: Path) -> dict[str, str]:
    return {
        path.relative_to(directory).as_posix(): path.read_text()
        for path in directory.rglob("*")
        if path.is_file()
    }


@pytest.mark.usefixtures("three_come")
def test_a_paper_is_a_claim_in_two_commands(run: Tdr, tmp_path: Path) -> None:
    mine, paper = tmp_path / "mine", tmp_path / "paper.ris"
    paper.write_text(RIS)
    assert run("init", str(mine)).exit == 0
    done = run("--evidence", str(mine), "add", "--from", str(paper), *CLAIM)
    assert (done.exit, done.out) == (0, "own-che-001\n")
    listed = run("--evidence", str(mine), "list", "-r", "10.1000/xyz", "--columns", "id,source")
    assert listed.out == "id\tsource\nown-che-001\town\n"
    assert run("--evidence", str(mine), "check").exit == 0


def test_authors_are_family_name_and_initials_however_they_are_said(run: Tdr, own: Path) -> None:
    paper = ("--evidence", str(own), "add", "--title", "T", "--doi", "10.1000/abc", *CLAIM)
    refused = run(*paper, "--author", "John Public")
    assert (refused.exit, refused.err) == (
        2,
        "tdr: error: author `John Public`: a person is written `Public, John`, a group "
        "`{John Public}`\n",
    )
    said = (
        "Doe, John",
        "Roe R",
        "de la Cruz, Maria Jose",
        "Lee, J-K",
        "Group of X, Y",
        "{Protein Atlas}",
    )
    assert run(*paper, *(word for name in said for word in ("--author", name))).exit == 0
    assert (
        "[Doe J, Roe R, de la Cruz MJ, Lee JK, Group of X Y, Protein Atlas]"
        in (written(own)["sources/own/references.yaml"])
    )


@pytest.mark.parametrize(
    ("author", "told"),
    [
        ("", "author: the name is empty"),
        ("; ", "author: the name is empty"),
        ("et al.", "`et al.` stands for authors after the last that is named"),
        ("Doe J, MD", "author `Doe J, MD` may be several; give each with --author, as `Doe J` or "
         "`Doe, Jane`, and a group as `{Doe J, MD}`"),
    ],
)  # fmt: skip
def test_what_is_no_author_is_refused(author: str, told: str) -> None:
    with pytest.raises(TdrError, match=re.escape(told)):
        _authors([author])


def test_a_pasted_list_of_authors_is_parted() -> None:
    assert _authors(["Keller M.1, Osei K*", "Doe, Jane; Roe R", "{A, B}", "Poe E, et al."]) == [
        *("Keller M", "Osei K", "Doe J", "Roe R", "{A, B}", "Poe E", "et al.")
    ]


def test_claim_and_reference_are_written_at_once(run: Tdr, own: Path) -> None:
    done = run("--evidence", str(own), "add", "--from", str(own.parent / "paper.ris"), *CLAIM)
    assert (done.exit, done.out) == (0, "own-che-001\n")
    files = written(own)
    assert files["sources/own/references.yaml"].endswith(
        "references:\n"
        "  1:\n"
        "    authors: [Doe J]\n"
        "    title: Macrophages again\n"
        "    journal: J Exp\n"
        "    year: 2025\n"
        "    doi: 10.1000/xyz\n"
        "    cited_as: claim\n"
        "    status: ok\n"
    )
    assert (
        "{from: CCL5, does: increases, to: resistance, in: tumor cell}"
        in (files["sources/own/chemo.yaml"])
    )
    again = run("--evidence", str(own), "add", "--doi", "10.1000/XYZ", *CLAIM[:-8])
    assert again.exit == 2  # no mechanism: nothing is written
    assert written(own) == files
    more = ("-t", "chemo", "--opposes", "CD8+ T cell", "--effect", "sensitivity")
    more += ("--mechanism", "T cells kill what the drug leaves.")
    second = run("--evidence", str(own), "add", "--doi", "10.1000/XYZ", *more)
    assert second.out == "own-che-002\n"
    assert written(own)["sources/own/references.yaml"] == files["sources/own/references.yaml"]


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (("--doi", "10.1000/abc"), "a new reference needs --title TEXT, or --from FILE"),
        (("--doi", "abc", "--title", "T"), "`abc` is not a DOI; write doi:10.1000/182"),
        (("--year", "3026", "--title", "T"), "is not a year; write one from 1800 to"),
        (
            ("--title", "T", "--promotes", "tuft cell"),
            "`tdr define cells 'tuft cell' --parent TERM`",
        ),
        (("--title", "T", "--step", "TAM eats CCL5"), "is not a step; write two terms and between"),
        (("--title", "T", "--step", "TAM secrete CCL5"), "did you mean `TAM secretes CCL5`?"),
        (("--title", "T", "--step", "TAM secretes XYZ"), "is not a step; no term is called `XYZ`"),
        (("--title", "T", "--source", "li2024"), "unknown source `li2024`; one of own"),
        (("--from", "nowhere.ris"), "nowhere.ris: error: cannot be read"),
    ],
)
def test_what_is_missing_or_unknown_is_told_and_nothing_is_written(
    run: Tdr, own: Path, argv: tuple[str, ...], said: str
) -> None:
    before = written(own)
    done = run("--evidence", str(own), "add", *CLAIM, *argv)
    assert (done.exit, done.out) == (2, "")
    assert said in done.err
    assert written(own) == before


def test_a_record_without_a_title_is_no_paper_yet(run: Tdr, own: Path) -> None:
    untitled = own.parent / "untitled.ris"
    untitled.write_text("TY  - JOUR\nPY  - twenty\nER  - \n")
    argv = ("--evidence", str(own), "add", "--from", str(untitled), *CLAIM)
    before = written(own)
    done = run(*argv)
    assert (done.exit, done.out) == (2, "")
    assert "a new reference needs --title TEXT, or --from FILE that has it" in done.err
    assert "`twenty` is not a year; the field is left out" in done.err
    assert written(own) == before
    assert run(*argv, "--title", "T").exit == 0


def test_what_is_told_otherwise_of_a_known_paper_is_named(run: Tdr, own: Path) -> None:
    add = ("--evidence", str(own), "add", *CLAIM)
    paper = own.parent / "paper.ris"
    assert run(*add, "--from", str(paper)).exit == 0
    further = (*add, "-t", "radio", "--mechanism", "Rays draw TAMs, whose CCL5 shields the tumor.")
    assert "differ" not in run(*further, "--from", str(paper), "--dry-run").err
    done = run(*further, "--doi", "10.1000/XYZ", "--title", "Another", "--year", "2024")
    assert done.exit == 0
    assert (
        "references.yaml: warning: reference 1 is listed already and stays as it is: title: "
        "`Macrophages again`, not `Another`; year: `2025`, not `2024`\n"
    ) in done.err
    assert "references.yaml: reference 1, listed already, is its reference\n" in done.err


def test_a_paper_is_known_again_by_title_year_and_first_author(run: Tdr, own: Path) -> None:
    add = ("--evidence", str(own), "add", *CLAIM, "--year", "2001")
    assert run(*add, "--title", "One title", "--author", "Doe J").exit == 0
    references = "sources/own/references.yaml"
    before = written(own)[references]
    again = (*add, "--mechanism", "Drugs draw TAMs, which make CCL5.", "--title", "One Title.")
    done = run(*again, "--author", "Doe, Jane", "--doi", "10.1000/abc")
    assert (done.exit, done.out) == (0, "own-che-002\n")
    assert (
        "warning: reference 1 is listed already (by title, year and first author) and stays as "
        "it is: doi: none, not `10.1000/abc`; title: `One title`, not `One Title.`\n"
    ) in done.err
    assert written(own)[references] == before
    other = ("--mechanism", "Rays draw TAMs, whose CCL5 shields the tumor.", "-t", "radio")
    assert run(*add, "--title", "One title", "--author", "Roe R", *other).exit == 0
    assert "  2:\n    authors: [Roe R]\n" in written(own)[references]


def test_what_is_added_goes_to_ones_own_source_whatever_was_imported(run: Tdr, own: Path) -> None:
    paper, add = str(own.parent / "paper.ris"), ("--evidence", str(own), "add", *CLAIM)
    for key in ("alpha", "zeta"):
        assert run("import", paper, "--into", str(own), "--key", key).exit == 0
    done = run(*add, "--title", "Macrophages again", "--dry-run")
    assert "reference 1 may be the same work as alpha:1; `same_as: alpha:1` in its" in done.err
    done = run(*add, "--title", "T", "--doi", "10.1000/xyz")
    assert done.out == "own-che-001\n"
    for key in ("alpha", "zeta"):
        assert f"references.yaml: reference 1 is the same work as {key}:1\n" in done.err
    assert run("--evidence", str(own), "new", "-t", "radio").out == "own-rad-001\n"
    rmtree(own / "sources" / "own")
    refused = run(*add, "--title", "T")
    assert (refused.exit, refused.out) == (2, "")
    assert "name the source to write to with --source; one of alpha, zeta" in refused.err
    assert run(*add, "--title", "T", "--source", "zeta").out == "zeta-che-001\n"


def test_a_claim_of_papers_has_no_paragraph(run: Tdr, own: Path) -> None:
    place = ("--ref", "1", "--section", "results", "--paragraph", "2")
    refused = run("--evidence", str(own), "new", *CLAIM, *place)
    assert (refused.exit, refused.out) == (2, "")
    assert "a source of papers has no paragraphs; leave out --section and --par" in refused.err


def test_of_several_records_one_is_chosen(run: Tdr, own: Path) -> None:
    two = own.parent / "two.ris"
    two.write_text(RIS + RIS.replace("xyz", "abc").replace("again", "for ever"))
    refused = run("--evidence", str(own), "add", "--from", str(two), *CLAIM)
    assert "has 2 records; choose one with --doi or --pmid" in refused.err
    refused = run("--evidence", str(own), "add", "--from", str(two), "--doi", "10.1000/no", *CLAIM)
    assert "has 2 records; none of them with 10.1000/no" in refused.err
    done = run(
        "--evidence", str(own), "add", "--from", str(two), "--doi", "10.1000/ABC", *CLAIM,
        "--dry-run",
    )  # fmt: skip
    assert "+    title: Macrophages for ever" in done.out
    assert "+  - id: own-che-001" in done.out
    assert "own-che-001" not in written(own)["sources/own/chemo.yaml"]


def test_a_term_is_defined_in_ones_own_vocabulary(run: Tdr, own: Path) -> None:
    cells = own / "vocabulary" / "cells.yaml"
    before = cells.read_text()
    argv = ("--evidence", str(own), "define", "cells", "tuft cell")
    refused = run(*argv, "--parent", "epithelial cell")
    assert (refused.exit, refused.out) == (2, "")
    said = f"{cells}: error: parent `epithelial cell` of `tuft cell` is not a label among the cells"
    assert said in refused.err  # without the line, which the file has not
    assert cells.read_text() == before
    assert run(*argv, "--synonym", "brush cell", "--parent", "immune cell").exit == 0
    assert cells.read_text() == before + (
        "  - label: tuft cell\n    synonyms: [brush cell]\n    parents: [immune cell]\n"
    )
    assert "there is a term `tuft cell` already" in run(*argv).err
    assert run("--evidence", str(own), "define", "molecules", "IL-99").exit == 0
    hides = run("--evidence", str(own), "define", "cells", "tuft", "--dry-run")
    assert hides.err == "`tuft` was taken for `tuft cell`, and names this term now\n"
    assert "tuft cell" in run("--evidence", str(own), "terms", "cells", "-o", "tsv").out


@pytest.mark.usefixtures("three_come")
def test_a_term_that_is_refused_leaves_no_empty_folder(run: Tdr, tmp_path: Path) -> None:
    mine = str(tmp_path / "mine")
    assert run("init", mine).exit == 0
    argv = ("--evidence", mine, "define", "cells", "xyz cell")
    assert run(*argv, "--parent", "no such cell").exit == 2
    assert not (tmp_path / "mine" / "vocabulary").exists()
    assert run(*argv, "--parent", "immune cell").exit == 0
    assert (tmp_path / "mine" / "vocabulary" / "cells.yaml").exists()


def test_a_term_or_paper_has_a_name_that_is_one(run: Tdr, own: Path) -> None:
    before = written(own)
    define = ("--evidence", str(own), "define", "cells")
    for argv, said in (
        ((*define, ""), "`label` is empty"),
        ((*define, "a\nb"), "`label` holds a line break or hidden character"),
        ((*define, "a", "--synonym", "b\u200b"), "`synonyms` holds a line break"),
        ((*define, "resistance"), "`resistance` is where chains of steps end"),
        ((*define, "a|b"), "has `|`, which stands between items in tables; write `/`"),
        ((*define, "a", "--synonym", "b increases c"), "has `increases`, which joins the two ends"),
        ((*define, "a" * 101), "has 101 characters; 100 are the limit"),
        (("--evidence", str(own), "add", *CLAIM, "--title", "A\nB"), "`title` holds a line break"),
    ):
        done = run(*argv)
        assert (done.exit, done.out) == (2, "")
        assert said in done.err
    assert written(own) == before


def test_a_paper_that_a_claim_rests_on_is_no_background(run: Tdr, own: Path) -> None:
    run("--evidence", str(own), "add", "--from", str(own.parent / "paper.ris"), *CLAIM)
    before = written(own)
    done = run("--evidence", str(own), "background", "own", "1")
    assert (done.exit, done.out) == (2, "")
    assert "reference 1 is marked background, but a claim rests on it" in done.err
    assert written(own) == before


@pytest.mark.usefixtures("three_come")
def test_a_collection_does_not_call_its_source_like_one_that_it_extends(
    run: Tdr, tmp_path: Path
) -> None:
    mine = str(tmp_path / "mine")
    done = run("init", mine, "--key", "main")
    assert (done.exit, done.out) == (2, "")
    assert f"`main` is the key of a source that {mine} extends; choose another" in done.err
    assert run("init", mine, "--key", "main", "--empty").exit == 0


@pytest.mark.usefixtures("three_come")
def test_a_collection_is_made_where_nothing_is(run: Tdr, own: Path) -> None:
    (own.parent / "bare").mkdir()
    assert run("init", str(own.parent / "bare")).exit == 0
    before = written(own)
    done = run("init", str(own))
    assert (done.exit, done.out) == (2, "")
    assert done.err.endswith("own: error: exists; nothing was written [exists]\n")
    assert written(own) == before
