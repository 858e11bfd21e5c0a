"""The safe fixes: one right answer each, and nothing else changes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tdr import check
from tdr.edit.fix import FIXABLE, FixedFile, fix
from tdr.model.errors import TdrError
from tdr.read.dataset import read_dataset
from tests.check.test_rules import ALL, case_name, lay, read_case
from tests.conftest import Run
from tests.small import FILES, small_evidence


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A small evidence directory to damage."""
    return small_evidence(tmp_path / "evidence")


def damage(directory: Path, file: str, old: str, new: str, *, count: int = 1) -> Path:
    path = directory / file
    text = path.read_bytes().decode()
    assert text.count(old) >= 1, old
    path.write_bytes(text.replace(old, new, count).encode())
    return path


def fixed(directory: Path, *codes: str) -> tuple[FixedFile, ...]:
    """What fixing everything that check finds comes to."""
    rules = check.select_rules(codes or FIXABLE)
    found = check.run(directory, "e", rules=rules).findings
    return tuple(fix(read_dataset(directory, "e"), found).values())


CHEMO, CELLS, REFERENCES = "chemo.yaml", "vocabulary/cells.yaml", "references.yaml"
TAM = "promotes: [tumor-associated macrophage]"

# (file, what is right, what is wrong in its place)
DEFECTS = [
    (CHEMO, TAM, "promotes: [TAM]"),
    (CHEMO, TAM, "promotes: [tumor associated macrophages]"),
    (CHEMO, "molecules: [CCL5, STAT3]", "molecules: [CCL5, 'STAT-3']"),
    (CHEMO, "    processes: [glucose metabolism]", "    process: [glucose metabolism]"),
    (CHEMO, "    countered_by: []", "    countered-by: []"),
    (CHEMO, "    refs: [1]", "    Refs: [1]"),
    (CHEMO, "{section: chemo/immune, paragraph: 1", "{sections: chemo/immune, paragraph: 1"),
    (CHEMO, "paragraph: 1}\n", "paragraph: 1}  \n"),
    (CHEMO, "STAT3 shields the\n", "STAT3  shields the\n"),
    (CHEMO, "feed on glucose", "feed\u2009on glucose"),
    (CHEMO, "cells from chemotherapy.\n", "cells from chemotherapy.   \n"),
    (CHEMO, "STAT3 shields the\n", "STAT3 shields the \n"),
    (CHEMO, "effect: resistance", 'effect: " resistance"'),
    (REFERENCES, "    cited_as: claim\n", "    citedas: claim\n"),
    (REFERENCES, "title: Macrophages and", "title: Macrophages\xa0and"),
    (CELLS, "macrophage]\n    parents: [immune cell]", "macrophage]\n    parents: [Immune cells]"),
    (CELLS, "synonyms: [CD8-positive T cell]", "synonyms: ['CD8-positive T cell ']"),
    (CELLS, "TAM\n    synonyms", "TAM\n    synonym"),
]


@pytest.mark.parametrize(("file", "right", "wrong"), DEFECTS)
def test_a_defect_is_undone_and_nothing_else(copy: Path, file: str, right: str, wrong: str) -> None:
    path = copy / file
    before = path.read_bytes()
    damage(copy, file, right, wrong)
    (done,) = fixed(copy)
    assert (done.name, done.before) == (f"e/{file}", path.read_bytes())
    assert done.after == before
    assert {str(one.problem.location).split(":")[0] for one in done.fixes} == {f"e/{file}"}


def test_line_ends_and_byte_order_mark_are_kept(copy: Path) -> None:
    path = copy / CHEMO
    before = b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n")
    path.write_bytes(before)
    for file, right, wrong in DEFECTS:
        if file == CHEMO and right != TAM and "shields" not in right:
            damage(copy, CHEMO, right.replace("\n", "\r\n"), wrong.replace("\n", "\r\n"))
    (done,) = fixed(copy)
    assert done.after == before


def test_the_style_of_a_list_is_kept(copy: Path) -> None:
    damage(copy, CHEMO, TAM, "promotes:\n    - TAM # c")
    (done,) = fixed(copy)
    assert b"promotes:\n    - tumor-associated macrophage # c\n" in done.after


def test_the_ends_of_steps_are_labels_too(copy: Path) -> None:
    step = "    steps:\n      - {from: TAM, does: secretes, to: CCL-5, in: TAMs}\n"
    damage(copy, CHEMO, "    molecules: [CCL5", step + "    molecules: [CCL5")
    (done,) = fixed(copy)
    cell = "tumor-associated macrophage"
    assert f"- {{from: {cell}, does: secretes, to: CCL5, in: {cell}}}\n" in done.after.decode()


@pytest.mark.parametrize("style", [">", ">+", "|", "|+", "|2", ">2+"])
def test_a_line_break_at_the_end_of_a_text_is_left_out(copy: Path, style: str) -> None:
    damage(copy, CHEMO, "mechanism: >-", f"mechanism: {style} # c")
    (done,) = fixed(copy)
    kept = style.replace("+", "")
    assert done.after == (copy / CHEMO).read_bytes().replace(
        f"mechanism: {style} # c".encode(), f"mechanism: {kept}- # c".encode()
    )


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("source.yaml", "sections:", "claim: x\nsections:"),
        ("source.yaml", "sections:", "term: x\nsections:"),
        (REFERENCES, "references:", "claim: x\nreferences:"),
        (REFERENCES, "references:", "term: x\nreferences:"),
        (CELLS, "terms:", "reference: x\nterms:"),
        (CHEMO, "claims:", "term: x\nclaims:"),
    ],
)
def test_a_field_is_not_given_the_name_of_one_that_stands_in_other_files(
    copy: Path, file: str, old: str, new: str
) -> None:
    damage(copy, file, old, new)
    assert fixed(copy) == ()


@pytest.mark.parametrize(
    ("file", "right", "wrong"),
    [("source.yaml", "constants:", "constant:"), ("source.yaml", "- name:", "- names:")],
)
def test_a_misspelt_field_of_the_source_is_undone(
    copy: Path, file: str, right: str, wrong: str
) -> None:
    before = (copy / file).read_bytes()
    damage(copy, file, right, wrong)
    (done,) = fixed(copy)
    assert done.after == before


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("chemo.yaml", "[tumor-associated macrophage]", "[tumor-associated macrophage, TAM]"),
        ("chemo.yaml", "[tumor-associated macrophage]", "[TAM, TAMs]"),
        ("chemo.yaml", "[tumor-associated macrophage]", "[macrophagus]"),
        ("chemo.yaml", "    basis: []\n", "    basis: []\n    reference: [1]\n"),
        ("chemo.yaml", "    basis: []\n", "    basis: []\n    promote: []\n"),
        ("chemo.yaml", "    cancers: []\n", "    cancer: []\n    cancr: []\n"),
        ("chemo.yaml", "effect: resistance", "effect: resistant"),
    ],
)
def test_what_has_no_certain_answer_is_left_to_the_curator(
    copy: Path, file: str, old: str, new: str
) -> None:
    damage(copy, file, old, new)
    assert fixed(copy) == ()


def test_sound_evidence_has_nothing_to_fix(copy: Path) -> None:
    assert fixed(copy) == ()


def test_only_the_findings_that_are_given_are_fixed(copy: Path) -> None:
    damage(copy, "chemo.yaml", "[tumor-associated macrophage]", "[TAM]")
    damage(copy, "chemo.yaml", "refs: [1]\n", "refs: [1] \n")
    (done,) = fixed(copy, "spaces")
    assert [one.problem.rule for one in done.fixes] == ["spaces"]
    assert b"[TAM]" in done.after


def test_several_files_are_fixed_at_once(copy: Path) -> None:
    whole = {f"e/{path.relative_to(copy)}": path.read_bytes() for path in copy.rglob("*.yaml")}
    for file, right, wrong in (*DEFECTS[2:9], *DEFECTS[13:]):
        damage(copy, file, right, wrong)
    done = fixed(copy)
    assert [file.name for file in done] == [f"e/{CHEMO}", f"e/{REFERENCES}", f"e/{CELLS}"]
    assert all(file.after == whole[file.name] for file in done)


def test_a_comment_stays_where_it_is(copy: Path) -> None:
    damage(
        copy,
        "chemo.yaml",
        "molecules: [CCL5, STAT3]",
        "molecules: ['CCL-5',  # one\n      'STAT-3'   # two\n    ]",
    )
    (done,) = fixed(copy)
    assert b"[CCL5,  # one\n      STAT3   # two\n    ]" in done.after


def test_anchors_and_aliases_are_left_to_the_curator(copy: Path) -> None:
    damage(copy, "chemo.yaml", "[tumor-associated macrophage]", "[&t TAM]")
    damage(copy, "chemo.yaml", "opposes: [CD8+ T cell]", "opposes: [*t]")
    dataset = read_dataset(copy, "e")
    assert [p.rule for p in dataset.problems] == ["preferred-label"] * 2
    assert fix(dataset, dataset.problems) == {}


def test_a_file_that_changed_since_it_was_checked_is_refused(copy: Path) -> None:
    damage(copy, "chemo.yaml", "[tumor-associated macrophage]", "[TAM]")
    dataset = read_dataset(copy, "e")
    damage(copy, "chemo.yaml", "therapy: chemo", "therapy:  chemo")
    with pytest.raises(TdrError, match="changed while it was checked"):
        fix(dataset, dataset.problems)


# --- as `tdr check --fix` applies them ----------------------------------------------------------


def test_fixes_are_written_and_told(
    run: Callable[..., Run], copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(copy.parent)
    damage(copy, CHEMO, TAM, "promotes: [TAM]")
    done = run("check", "--fix", copy.name)
    assert (done.exit, done.out) == (0, "")
    assert done.err.startswith(
        "evidence/chemo.yaml:4:16: fixed: `TAM` became `tumor-associated macrophage` "
        "[preferred-label]\n1 fixed\n"
    )
    assert (copy / CHEMO).read_text() == FILES[CHEMO]


def test_of_a_file_that_is_not_written_what_would_have_been_fixed_is_told(
    run: Callable[..., Run], copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(copy.parent)
    path = damage(copy, CHEMO, TAM, "promotes: [TAM]")
    path.chmod(0o444)
    done = run("check", "--fix", copy.name)
    assert (done.exit, done.out) == (2, "")
    assert done.err == (
        "evidence/chemo.yaml:4:16: to be fixed: `TAM` became `tumor-associated macrophage` "
        "[preferred-label]\n"
        "evidence/chemo.yaml: error: is write-protected; --force overwrites it\n"
    )


def test_a_dry_run_shows_the_diff_and_writes_nothing(run: Callable[..., Run], copy: Path) -> None:
    path = damage(copy, CHEMO, TAM, "promotes: [TAM]")
    before = path.read_bytes()
    done = run("check", "--fix", "--dry-run", str(copy))
    assert "\n-    promotes: [TAM]\n+    promotes: [tumor-associated macrophage]\n" in done.out
    assert "chemo.yaml:4:16: to be fixed: " in done.err
    assert path.read_bytes() == before


def test_what_comes_to_light_by_a_fix_is_fixed_with_it(run: Callable[..., Run], copy: Path) -> None:
    path = damage(copy, CHEMO, TAM, "promots: [' TAM']")
    diff = run("check", "--fix", "--dry-run", str(copy))
    assert "\n-    promots: [' TAM']\n+    promotes: [tumor-associated macrophage]\n" in diff.out
    done = run("check", "--fix", str(copy))
    assert (done.exit, done.out) == (0, "")
    assert [line for line in done.err.split("\n") if line.endswith(" fixed")] == ["3 fixed"]
    assert path.read_text() == FILES[CHEMO]


@pytest.mark.parametrize("path", [p for p in ALL if p.parent.name in FIXABLE], ids=case_name)
def test_a_second_run_finds_nothing_more_to_fix(
    run: Callable[..., Run], tmp_path: Path, path: Path
) -> None:
    directory = str(lay(read_case(path), tmp_path))
    run("check", "--fix", directory)
    assert "0 fixed" in run("check", "--fix", directory).err.split("\n")


def test_what_is_not_fixed_is_told_with_the_reason(run: Callable[..., Run], copy: Path) -> None:
    damage(copy, CHEMO, TAM, "promotes: [TAM, TAMs]")
    done = run("check", "--fix", str(copy))
    assert done.exit == 1
    assert "2 findings left to you: several things could be meant, or an item would" in done.err
