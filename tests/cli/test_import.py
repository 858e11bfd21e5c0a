"""tdr import: what it writes, what it says, and that it is all or nothing."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from tdr.edit import folders
from tdr.edit.atomic import EditedFile
from tdr.edit.temporary import move_new
from tdr.model.errors import TdrError
from tdr.model.schema import schema
from tdr.read.dataset import read_dataset
from tdr.read.yaml import parse_yaml
from tests.conftest import Run
from tests.gather.make import article, cite

Runner = Callable[..., Run]

BODY = (
    f'<sec><title>Mice/men</title><p id="p1">Secret words {cite(1)}–{cite(3)}.</p>'
    f"<p>None.</p><table-wrap><label>Table 1</label><table><tr><td>{cite(4)}</td></tr></table>"
    "</table-wrap></sec>"
)
FRONT = (
    "<contrib-group><contrib><name><surname>Açar</surname><given-names>A.</given-names></name>"
    "</contrib></contrib-group><pub-date><year>2016</year></pub-date>"
)


@pytest.fixture
def paper(tmp_path: Path) -> Path:
    """An article of two paragraphs, a table of one row, and five references."""
    path = tmp_path / "review.nxml"
    path.write_bytes(article(BODY, 5, front=FRONT, back=f"<ack><p>{cite(5)}</p></ack>"))
    return path


def imported(run: Runner, paper: Path, *argv: str) -> Run:
    return run("import", str(paper), "--into", str(paper.parent / "ev"), *argv)


def names(directory: Path) -> list[str]:
    return sorted(p.relative_to(directory).as_posix() for p in directory.rglob("*") if p.is_file())


THERAPIES = ("antiandrogen", "chemo", "immunotherapy", "radio", "targeted")
KINDS = ("agents", "cancers", "cells", "molecules", "pathways", "processes")


def test_an_article_becomes_a_source_and_a_report(run: Runner, paper: Path) -> None:
    done = imported(run, paper, "--key", "acar2016")
    assert (done.exit, done.out) == (
        0,
        "5 references (5 title, 0 DOI, 0 PMID),\n"
        "3 citations marked, 1 more from 1 range, 2 groups in 2 of 3 paragraphs;\n"
        "1 never cited (5), 5 only in what was skipped; 0 unresolved;\n"
        "skipped: 0 sub-articles, 1 section of back matter, with 1 citation\n",
    )
    source = paper.parent / "ev/sources/acar2016"
    alone = "--evidence shipped --evidence"
    assert done.err.startswith(
        f"{source}: written, 7 files\n{source.parents[1]} stands alone: {alone}"
    )
    assert names(paper.parent / "ev") == sorted(
        [
            *(f"sources/acar2016/{name}.yaml" for name in (*THERAPIES, "references", "source")),
            *(f"vocabulary/{kind}.yaml" for kind in KINDS),
        ]
    )


def test_nothing_of_the_text_is_stored(run: Runner, paper: Path) -> None:
    imported(run, paper, "--key", "acar2016")
    for name in names(paper.parent / "ev"):
        assert "ecret" not in (paper.parent / "ev" / name).read_text(encoding="utf-8")


def test_what_is_written_is_read_back_and_in_canonical_layout(run: Runner, paper: Path) -> None:
    imported(run, paper, "--key", "acar2016")
    source = paper.parent / "ev/sources/acar2016"
    found = read_dataset(source)
    assert [p for p in found.problems if p.severity == "error"] == []
    assert [
        (p.place.section, p.place.paragraph, p.citations, p.words)
        for p in found.support.source.paragraphs
    ] == [
        ("Mice-men", 1, ((1, 2, 3),), 2),
        ("Mice-men", 2, (), 1),
        ("Mice-men/table 1", 1, ((4,),), 0),
    ]
    assert [r.key for r in found.support.references.values()] == ["r1", "r2", "r3", "r4", "r5"]
    assert run("fmt", "--check", str(source)).exit == 0
    for kind in ("source", "references"):
        value = parse_yaml((source / f"{kind}.yaml").read_bytes(), "f").value
        assert isinstance(value, dict)
        if kind == "references":  # numbers are texts where JSON has keys
            value["references"] = {str(n): entry for n, entry in value["references"].items()}
        Draft202012Validator(schema(kind)).validate(value)
    shown = run("--evidence", str(source), "coverage")
    assert (shown.exit, shown.err.splitlines()[-1]) == (
        1,
        "total: 4 citations, 0 backed by claims, 0 background, 4 open",
    )


def test_the_key_is_made_of_author_and_year_and_never_taken_twice(run: Runner, paper: Path) -> None:
    assert "sources/acar2016: written" in imported(run, paper).err
    known = imported(run, paper).err.splitlines()
    assert known[-2] == (
        f"{paper}: warning: is the source `acar2016` already; --key acar2016 --update --dry-run "
        "compares them"
    )
    assert "sources/acar2016b: written" in known[-1]
    again = imported(run, paper, "--key", "acar2016")
    assert (again.exit, again.out) == (2, "")
    assert "sources/acar2016: error: exists; nothing was written" in again.err


@pytest.mark.parametrize("key", ["A", "../x", "a/b", "Acar", "a\u202e", "x" * 25])
def test_a_key_is_of_a_closed_alphabet(run: Runner, paper: Path, key: str) -> None:
    """Hazard 69."""
    done = imported(run, paper, "--key", key)
    assert (done.exit, done.out) == (2, "")
    assert "cannot be a key" in done.err
    assert not (paper.parent / "ev").exists()


@pytest.mark.parametrize("option", ["--article", "--sub-article", "--into", "--key"])
def test_an_empty_value_is_that_of_an_unset_variable_and_refused(
    run: Runner, paper: Path, option: str
) -> None:
    done = imported(run, paper, option, "")
    assert (done.exit, done.out) == (2, "")
    assert f"'{option}': the value is empty: give one, or leave the option out" in done.err


@pytest.mark.parametrize(
    "options", [("--article", "3"), ("--no-tables",), ("--fill", "--no-tables")]
)
def test_what_is_for_articles_is_refused_for_a_bibliography(
    run: Runner, tmp_path: Path, options: tuple[str, ...]
) -> None:
    papers = tmp_path / "a.ris"
    papers.write_text("TY  - JOUR\nTI  - A paper\nER  - \n", encoding="utf-8")
    done = imported(run, papers, "--key", "own", *options)
    assert (done.exit, done.out) == (2, "")
    assert re.search("does nothing with (a bibliography|--fill): leave it out", done.err)
    assert not (tmp_path / "ev").exists()


def test_without_tables_this_is_recorded(run: Runner, paper: Path) -> None:
    done = imported(run, paper, "--key", "acar2016", "--no-tables")
    assert "1 citation in tables" in done.out
    text = (paper.parent / "ev/sources/acar2016/source.yaml").read_text()
    assert "left_out: tables" in text
    assert "table 1" not in text


def test_a_refused_file_leaves_nothing(run: Runner, paper: Path) -> None:
    paper.write_bytes(article("No links.", 3))
    done = imported(run, paper, "--key", "acar2016")
    assert (done.exit, done.out) == (2, "")
    assert "3 references, none cited by mark-up" in done.err
    for other, said in (
        (b"IL6\nSTAT3\n", "is neither an article in JATS nor a bibliography"),
        (b"print(1 < 2)\n", "is neither an article in JATS nor a bibliography"),
        ("TY  - JOUR\n".encode("utf-16"), "is UTF-16; save it as UTF-8"),
        (b"[]", "has no record"),
    ):
        paper.write_bytes(other)
        assert said in imported(run, paper, "--key", "other").err
    assert not (paper.parent / "ev").exists()


def test_a_dry_run_writes_nothing(run: Runner, paper: Path) -> None:
    done = imported(run, paper, "--key", "acar2016", "--dry-run")
    assert done.exit == 0
    assert done.err.endswith("sources/acar2016: would be written, 7 files\n")
    assert not (paper.parent / "ev").exists()


def test_a_bibliography_becomes_a_list_of_papers(run: Runner, paper: Path) -> None:
    listed = paper.with_suffix(".ris")
    listed.write_text("TY  - JOUR\nTI  - T\nDO  - 10.1234/a\nER  - \n")
    done = imported(run, listed, "--key", "lab")
    assert (done.exit, done.out) == (
        0,
        "1 reference (1 DOI, 0 PMID); a bibliography does not say who cites what\n",
    )
    assert "kind: papers" in (paper.parent / "ev/sources/lab/source.yaml").read_text()


def test_a_work_that_a_bibliography_has_twice_is_named(run: Runner, paper: Path) -> None:
    listed = paper.with_suffix(".ris")
    record = "TY  - JOUR\nTI  - {}\nDO  - 10.1234/{}\nER  - \n"
    listed.write_text(record.format("T", "a") + record.format("U", "b") + record.format("V", "A"))
    done = imported(run, listed, "--key", "lab")
    assert done.exit == 0
    said = f"{listed}: warning: references 1 and 3 have one DOI `10.1234/A`; both are kept"
    assert done.err.splitlines()[0] == f"{said} [bibliography]"


def test_of_each_reference_it_is_told_which_sources_list_the_work(
    run: Runner, tmp_path: Path
) -> None:
    def listed(name: str, *records: str) -> Run:
        path = tmp_path / f"{name}.ris"
        path.write_text("".join(f"TY  - JOUR\n{record}\nER  - \n" for record in records))
        return imported(run, path, "--key", name)

    author = "AU  - Doe, Jane\nPY  - 2020\nTI  - Drugs & cells"
    listed("first", "TI  - A\nDO  - 10.1234/a", "TI  - B\nAN  - 12\nDB  - PubMed", author)
    done = listed("second", "TI  - C", "TI  - A, again\nDO  - 10.1234/A", f"{author}.")
    assert done.out.splitlines()[1:] == [
        "reference 2 is the same work as first:1",
        "reference 3 may be the same work as first:3; `same_as: first:3` in its entry says so",
    ]
    again = imported(run, tmp_path / "first.ris", "--key", "third", "--dry-run")
    assert "is the source `first` already" in again.err
    assert "first:" not in again.out, "once is enough"


def test_fill_adds_what_lacks_and_replaces_nothing(run: Runner, paper: Path) -> None:
    imported(run, paper, "--key", "acar2016")
    unknown = imported(run, paper, "--key", "nope", "--fill")
    assert unknown.err == "tdr: error: unknown source `nope`; one of acar2016\n"
    path = paper.parent / "ev/sources/acar2016/references.yaml"
    path.write_text(path.read_text().replace("title: Work 1\n", "title: Work 1\n    year: 2001\n"))
    listed = paper.with_suffix(".nbib")
    listed.write_text("PMID- 7\nTI  - Work 1.\nDP  - 2001\n\nPMID- 8\nTI  - Unknown\n")
    done = imported(run, listed, "--key", "acar2016", "--fill")
    assert (done.exit, done.out, done.err) == (
        0,
        "1 of 5 references found; added 0 DOI, 1 PMID, 0 PMCID; 1 record fits no reference\n",
        "",
    )
    assert '    year: 2001\n    pmid: "7"\n    key: r1\n' in path.read_text()
    before = path.read_bytes()
    listed.write_text("PMID- 9\nTI  - Work 1.\nDP  - 2001\n")
    done = imported(run, listed, "--key", "acar2016", "--fill")
    assert "warning: reference 1 has pmid `7`" in done.err
    assert path.read_bytes() == before


def test_fill_knows_two_records_again_that_have_one_doi(run: Runner, tmp_path: Path) -> None:
    listed = tmp_path / "list.ris"
    record = "TY  - JOUR\nTI  - Work {}\nPY  - 2001\nDO  - 10.1000/same\nER  - \n"
    listed.write_text(record.format("A") + record.format("B"))
    assert imported(run, listed, "--key", "own").exit == 0
    done = imported(run, listed, "--key", "own", "--fill")
    assert done.out.startswith("2 of 2 references found")


CLAIM = """\
therapy: chemo
claims:
  - id: acar2016-che-001
    promotes: [macrophage]
    opposes: []
    cancers: []
    agents: []
    effect: resistance
    mechanism: Macrophages help.
    molecules: []
    pathways: []
    processes: []
    countered_by: []
    basis: []
    refs: [1, 3]
    at: {section: Mice-men, paragraph: 2}
    note: null
    verified: null
"""


def test_a_new_version_is_compared_reference_by_reference(run: Runner, paper: Path) -> None:
    imported(run, paper, "--key", "acar2016")
    same = imported(run, paper, "--key", "acar2016", "--update", "--dry-run")
    assert (same.exit, same.out) == (0, "no difference\n")
    paper.write_bytes(
        article(
            f"<sec><title>Mice/men</title><p>{cite(1)}</p></sec>",
            '<ref id="r2"><mixed-citation><article-title>Work 2</article-title></mixed-citation>'
            '</ref><ref id="r1"><mixed-citation><article-title>Work 1</article-title>'
            "</mixed-citation></ref>",
        )
    )
    evidence = paper.parent / "ev"
    (evidence / "sources/acar2016/chemo.yaml").write_text(CLAIM)
    (evidence / "vocabulary/cells.yaml").write_text("terms:\n  - label: macrophage\n")
    new = imported(run, paper, "--key", "acar2016", "--update", "--dry-run")
    assert (new.exit, new.out.splitlines()) == (
        1,
        [
            "reference 1 is now 2",
            "reference 2 is now 1",
            "reference 3 is gone",
            "reference 4 is gone",
            "reference 5 is gone",
            "Mice-men, paragraph 1: cites otherwise",
            "Mice-men, paragraph 2: gone",
            "Mice-men/table 1, paragraph 1: gone",
            "claim acar2016-che-001: reference 1 becomes 2; reference 3 is gone; "
            "Mice-men, paragraph 2 is gone",
        ],
    )
    assert imported(run, paper, "--key", "acar2016", "--update").exit == 2


# --- all or nothing ------------------------------------------------------------------------

WANTED = {"vocabulary": {"cells.yaml": b"terms:\n"}, "sources/k": {"a": b"1", "b": b"2"}}


@pytest.mark.parametrize("fails_at", [0, 1, 2])
def test_a_full_disk_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fails_at: int
) -> None:
    """Hazard 71."""
    written: list[str] = []
    replace = EditedFile.replace

    def full(file: EditedFile, data: bytes) -> bool:
        if len(written) == fails_at:
            raise OSError(28, os.strerror(28))
        written.append(file.name)
        return replace(file, data)

    monkeypatch.setattr(EditedFile, "replace", full)
    with pytest.raises(TdrError, match=r"sources/k: error: cannot be written: No space left"):
        folders.create_folders(tmp_path / "new/ev", WANTED)
    assert list(tmp_path.iterdir()) == []


def test_an_interruption_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Hazard 71."""

    def stop(*_: object) -> bool:
        raise KeyboardInterrupt

    monkeypatch.setattr(EditedFile, "replace", stop)
    with pytest.raises(KeyboardInterrupt):
        folders.create_folders(tmp_path / "ev", WANTED)
    assert list(tmp_path.iterdir()) == []


def test_of_two_imports_at_once_the_second_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Hazard 71."""
    put = folders._put_in_place

    def late(ready: object) -> None:
        other = tmp_path / "sources/k"
        other.mkdir(parents=True, exist_ok=True)
        (other / "theirs").touch()
        put(ready)  # type: ignore[arg-type]  # as it came

    monkeypatch.setattr(folders, "_put_in_place", late)
    with pytest.raises(TdrError, match="sources/k: error: exists; nothing was written"):
        folders.create_folders(tmp_path, WANTED)
    assert names(tmp_path) == ["sources/k/theirs"]


def test_what_is_there_already_is_left_as_it_is(tmp_path: Path) -> None:
    """Hazard 71."""
    (tmp_path / "vocabulary").mkdir()
    (tmp_path / "vocabulary/cells.yaml").write_text("mine")
    folders.create_folders(tmp_path, WANTED)
    assert (tmp_path / "vocabulary/cells.yaml").read_text() == "mine"
    assert names(tmp_path) == ["sources/k/a", "sources/k/b", "vocabulary/cells.yaml"]


def test_an_empty_directory_is_filled_and_not_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Hazard 71."""
    folder = tmp_path / "sources/k"
    folder.mkdir(parents=True)
    folder.chmod(0o750)
    before = folder.stat()

    def full(temporary: Path, target: Path) -> None:
        if target.name == "b":
            raise OSError(28, os.strerror(28))
        move_new(temporary, target)

    with monkeypatch.context() as patched:
        patched.setattr(folders, "move_new", full)
        with pytest.raises(TdrError, match="No space left"):
            folders.create_folders(tmp_path, WANTED)
    assert names(tmp_path) == []
    folders.create_folders(tmp_path, WANTED)
    assert names(tmp_path) == ["sources/k/a", "sources/k/b", "vocabulary/cells.yaml"]
    after = folder.stat()
    assert (after.st_ino, after.st_mode) == (before.st_ino, before.st_mode)


@pytest.mark.usefixtures("three_come")
def test_a_source_is_not_called_like_one_of_what_the_directory_extends(
    run: Runner, tmp_path: Path
) -> None:
    mine, papers = tmp_path / "mine", tmp_path / "two.ris"
    papers.write_text("TY  - JOUR\nTI  - T\nER  - \n")
    assert run("init", str(mine)).exit == 0
    before = names(mine)
    done = run("import", str(papers), "--into", str(mine), "--key", "main")
    assert (done.exit, done.out) == (2, "")
    assert f"`main` is the key of a source that {mine} extends; choose another" in done.err
    assert names(mine) == before
    assert run("import", str(papers), "--into", str(mine), "--key", "second").exit == 0
