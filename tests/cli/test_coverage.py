"""tdr coverage --open and tdr background: a work list that ends at zero."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import Run
from tests.gather.make import article, cite

Tdr = Callable[..., Run]

BODY = (
    f"<sec><title>1. Introduction</title><p>First words {cite(1)}, {cite(2)}.</p></sec>"
    f"<sec><title>Mice</title><p>Later words {cite(2)} and {cite(3)}.</p>"
    f"<sec><title>Old</title><p>Deep words {cite(4)}.</p></sec></sec>"
)


@pytest.fixture
def draft(run: Tdr, tmp_path: Path) -> Path:
    """An imported article with four references, all of them open."""
    (tmp_path / "a.nxml").write_bytes(article(BODY, 4))
    done = run("import", str(tmp_path / "a.nxml"), "--into", str(tmp_path / "ev"), "--key", "roe2")
    assert done.exit == 0
    return tmp_path / "ev"


def open_in(run: Tdr, draft: Path) -> list[str]:
    out = run("coverage", "--open", "--no-header", "--evidence", str(draft),
              "--columns", "section,missing").out  # fmt: skip
    return out.splitlines()


def test_what_is_open_is_listed_with_its_text_which_is_stored_nowhere(
    run: Tdr, draft: Path
) -> None:
    paper = draft.parent / "a.nxml"
    argv = ("coverage", "--source", "roe2", "--open", "--evidence", str(draft))
    done = run(*argv, "--read", str(paper), "-o", "json")
    assert done.exit == 1
    paragraphs = json.loads(done.out)["paragraphs"]
    assert [(p["missing"], p["text"]) for p in paragraphs] == [
        ([1, 2], "First words 1, 2."),
        ([2, 3], "Later words 2 and 3."),
        ([4], "Deep words 4."),
    ]
    assert not [f for f in draft.rglob("*.yaml") if b"words 1" in f.read_bytes()]
    paper.write_bytes(paper.read_bytes() + b"<!-- new -->")
    assert "is not the file that roe2 was imported from" in run(*argv, "--read", str(paper)).err
    assert run("coverage", "--read", str(paper), "--evidence", str(draft)).exit == 2


def test_background_ends_the_work_list(run: Tdr, draft: Path) -> None:
    assert open_in(run, draft) == ["1. Introduction\t1|2", "Mice\t2|3", "Mice/Old\t4"]
    argv = ("background", "roe2", "--evidence", str(draft))
    done = run(*argv, "--section", "introduction")
    assert (done.exit, done.err) == (0, "1 reference background, 1 only there\n")
    assert open_in(run, draft) == ["Mice\t2|3", "Mice/Old\t4"]
    assert run(*argv, "--section", "mice/old").exit == 0
    assert open_in(run, draft) == ["Mice\t2|3"]
    before = (draft / "sources/roe2/references.yaml").read_bytes()
    assert "+    cited_as: background" in run(*argv, "2-3", "--dry-run").out
    assert (draft / "sources/roe2/references.yaml").read_bytes() == before
    assert run(*argv, "2-3").exit == 0
    assert open_in(run, draft) == []
    assert run("check", "--evidence", str(draft)).exit == 0


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        ((), "name references, such as 1-13, or a --section"),
        (("9",), "reference 9 is not in the list of roe2"),
        (("--section", "Rats"), "no section `Rats`; there are: 1. Introduction, Mice, Mice/Old"),
    ],
)
def test_what_is_not_there_cannot_be_background(
    run: Tdr, draft: Path, argv: tuple[str, ...], said: str
) -> None:
    done = run("background", "roe2", *argv, "--evidence", str(draft))
    assert (done.exit, done.out) == (2, "")
    assert said in done.err


def test_what_a_claim_rests_on_is_no_background(run: Tdr, small: Path) -> None:
    done = run("background", "main", "1", "--evidence", str(small))
    assert done.exit == 2
    assert "reference 1 is marked background, but a claim rests on it" in done.err
