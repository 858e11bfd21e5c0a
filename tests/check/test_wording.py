"""`--against`: no run of eight words of a source gets into the evidence."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tdr.check import run, select_rules
from tdr.check.wording import SHARED_RUN, tokens
from tdr.model.errors import Problem
from tests.check.test_check import APPLIED, Runner, copy, edit

__all__ = ["copy"]  # a fixture of the other file

OURS = "Macrophages release IL-6, with which the tumor outlives cisplatin."


def shared(path: Path, *sources: str) -> list[Problem]:
    texts = {f"source{number}.txt": text for number, text in enumerate(sources)}
    return list(run(path, "ev", rules=select_rules(["shared-wording"]), against=texts).findings)


def test_eight_words_in_a_row_are_found_with_both_places(copy: Path) -> None:
    source = "Some first line.\nHere macrophages release IL-6 with which the tumor\nlives on."
    (finding,) = shared(copy, source)
    assert str(finding) == (
        "ev/chemo.yaml:9:16: error: 8 words of the source in `mechanism`: macrophages release "
        "il 6 with which the tumor (see source0.txt:2) [shared-wording]"
    )


def test_seven_words_are_nobodys(copy: Path) -> None:
    assert shared(copy, "Then macrophages release IL-6 with which the cancer grows on.") == []


@pytest.mark.parametrize(
    "source",
    [
        "MACROPHAGES RELEASE IL-6, WITH WHICH THE TUMOR OUTLIVES CISPLATIN",
        "macrophages (release) IL 6 - with: which, the; tumor outlives",
        "macro-\n  phages release IL-6 with which the tu-\nmor outlives cisplatin",
        "Macrophages release IL\u20116, with which the tumor outlives",
        "macrophages\nrelease\nIL-6,\nwith\nwhich\nthe\ntumor\noutlives",
    ],
)
def test_case_punctuation_line_ends_and_hyphenation_do_not_count(copy: Path, source: str) -> None:
    assert len(shared(copy, source)) == 1


def test_a_long_run_is_one_finding_and_two_runs_are_two(copy: Path) -> None:
    (finding,) = shared(copy, OURS)
    assert finding.text.startswith("10 words of the source")
    edit(copy / "chemo.yaml", "note: null", "note: One two three four five six seven eight nine.")
    assert len(shared(copy, OURS, "one two three four five six seven eight")) == 2


def test_notes_are_compared_too(copy: Path) -> None:
    edit(copy / "chemo.yaml", "note: null", "note: One two three four five six seven eight nine.")
    (finding,) = shared(copy, "one two three four five six seven eight")
    assert "in `note`" in finding.text


def test_without_a_source_the_rule_is_not_counted(copy: Path) -> None:
    assert run(copy).rules == APPLIED
    assert run(copy, against={"s.txt": OURS}).rules == APPLIED + 1


def test_the_command_takes_several_sources(run: Runner, copy: Path) -> None:
    (copy.parent / "a.txt").write_text("nothing of ours stands here at all today", "utf-8")
    (copy.parent / "b.txt").write_text(OURS, "utf-8")
    done = run("check", "ev", "--against", "a.txt", "--against", "b.txt", cwd=copy.parent)
    assert done.exit == 1
    assert "(see b.txt:1) [shared-wording]" in done.out
    assert run("check", "ev", "--against", "a.txt", cwd=copy.parent).exit == 0


@given(st.lists(st.sampled_from("abcdefghijklm"), min_size=8, max_size=40), st.data())
def test_any_eight_words_cut_out_of_a_text_are_found(words: list[str], data: st.DataObject) -> None:
    from tdr.check.wording import _runs, _shared

    start = data.draw(st.integers(0, len(words) - SHARED_RUN))
    piece = words[start : start + SHARED_RUN]
    runs = _runs({"s": " ".join(words)})
    (stretch, _), *_ = _shared(["x", *piece, "y"], runs)
    assert stretch == piece


def test_words_are_letters_and_digits() -> None:
    assert [word for word, _ in tokens("NF-κB’s CD8+ T_cells")] == [
        "nf", "κb", "s", "cd8", "t", "cells",
    ]  # fmt: skip
