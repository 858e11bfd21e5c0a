"""`tdr check` as a command: what it looks at, says and exits with."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tdr.check import RULES, select_rules
from tdr.check import run as check
from tdr.check.names import NameFinder
from tdr.model.errors import TdrError
from tdr.model.values import Term
from tdr.model.vocabulary import Vocabulary
from tests.conftest import ROOT, Run

MINIMAL = ROOT / "tests" / "data" / "minimal"
Runner = Callable[..., Run]
APPLIED = len(RULES) - 1
"""How many rules are applied where no source is given to compare the wording with."""


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the minimal evidence, as `ev` in the directory that commands run in."""
    path = tmp_path / "ev"
    shutil.copytree(MINIMAL, path)
    return path


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_sound_evidence_gives_no_line_and_exit_0(run: Runner, copy: Path) -> None:
    done = run("check", "ev", cwd=copy.parent)
    assert (done.exit, done.out) == (0, "")
    assert done.err == f"10 files, 3 claims, 4 references, {APPLIED} rules: no findings\n"


def test_an_error_is_one_line_with_its_place_and_exit_1(run: Runner, copy: Path) -> None:
    edit(copy / "chemo.yaml", "refs: [1]", "refs: [99]")
    done = run("check", "ev", cwd=copy.parent)
    assert done.exit == 1
    assert done.out == (
        "ev/chemo.yaml:15:12: error: reference 99 is not in references.yaml [ref-unknown]\n"
    )
    assert done.err == f"10 files, 3 claims, 4 references, {APPLIED} rules: 1 error\n"


def test_a_second_place_is_named_where_it_helps(run: Runner, copy: Path) -> None:
    edit(copy / "chemo.yaml", "id: che-002", "id: che-001")
    done = run("check", "ev", cwd=copy.parent)
    assert done.out == (
        "ev/chemo.yaml:19:9: error: id `che-001` is taken; ids are never used twice "
        "(see ev/chemo.yaml:3:9) [duplicate-id]\n"
    )


def test_warnings_fail_only_when_strict(run: Runner, copy: Path) -> None:
    edit(copy / "chemo.yaml", "refs: [1]", "refs: [1, 1]")
    done = run("check", "ev", cwd=copy.parent)
    assert done.exit == 0
    assert ": warning: " in done.out
    assert done.err.endswith(": 1 warning\n")
    assert run("check", "ev", "--strict", cwd=copy.parent).exit == 1


def test_every_file_is_looked_at_however_broken_the_first(run: Runner, copy: Path) -> None:
    (copy / "chemo.yaml").write_text("claims: [\n", encoding="utf-8")
    edit(copy / "references.yaml", "year: 2020", "year: 2204")
    edit(copy / "immunotherapy.yaml", "refs: [3]", "refs: []")
    done = run("check", "ev", cwd=copy.parent)
    assert done.exit == 1
    found = [line.split(": ")[0].split(":")[0] for line in done.out.splitlines()]
    assert found == ["ev/immunotherapy.yaml", "ev/chemo.yaml", "ev/references.yaml"]
    assert f"{APPLIED} rules" not in done.err
    assert "skipped" in done.err


def test_a_rule_is_skipped_where_it_has_nothing_to_go_by(run: Runner, copy: Path) -> None:
    (copy / "references.yaml").unlink()
    done = run("check", "ev", cwd=copy.parent)
    assert done.exit == 1
    assert done.out == (
        "ev/references.yaml: error: file is missing; an evidence directory needs it "
        "(see docs/evidence.md) [missing-file]\n"
    )


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["nowhere"], "nowhere: error: no such file or directory"),
        (["empty"], "empty: error: no evidence files under empty"),
        ([""], "a path is empty"),
        (["ev/README"], "ev/README: error: is not one of the evidence files of ev"),
        (["papers.ris"], "papers.ris: error: is not one of the evidence files of ."),
        (["ev", "--select", "dio"], "there is no rule `dio`; did you mean `doi`"),
        (["ev", "--ignore", "ref,nonsense"], "there is no rule `nonsense`"),
        (["ev", "--against", "nowhere.txt"], "nowhere.txt: error: cannot be read"),
        (["ev", "--against", "ev/README"], "ev/README: error: holds no text to compare with"),
        (["--explain", "near-duplicates"], "did you mean `near-duplicate`"),
        (["ev", "--format", "html"], "html"),
    ],
)
def test_what_cannot_be_done_is_exit_2_and_no_output(
    run: Runner, copy: Path, arguments: list[str], says: str
) -> None:
    (copy.parent / "empty").mkdir()
    (copy / "README").write_text("Too short.\n", encoding="utf-8")
    (copy.parent / "papers.ris").touch()
    done = run("check", *arguments, cwd=copy.parent)
    assert (done.exit, done.out) == (2, "")
    assert says in done.err


def test_a_file_that_cannot_be_read_is_exit_2_and_the_others_are_checked(
    run: Runner, copy: Path
) -> None:
    (copy / "radio.yaml").unlink(missing_ok=True)
    (copy / "radio.yaml").symlink_to("nowhere")
    edit(copy / "chemo.yaml", "refs: [1]", "refs: [0]")
    done = run("check", "ev", cwd=copy.parent)
    assert done.exit == 2
    assert "[ref]" in done.out
    assert "ev/radio.yaml: error: cannot be read" in done.err


def test_the_findings_of_named_files_only_are_shown(run: Runner, copy: Path) -> None:
    edit(copy / "chemo.yaml", "refs: [1]", "refs: [0]")
    edit(copy / "references.yaml", "year: 2020", "year: 2204")
    done = run("check", "ev/references.yaml", "./ev/vocabulary/cells.yaml", cwd=copy.parent)
    assert done.exit == 1
    assert [line.split(":")[0] for line in done.out.splitlines()] == ["ev/references.yaml"]
    done = run("check", "ev/vocabulary/cells.yaml", cwd=copy.parent)
    assert (done.exit, done.out) == (0, "")
    assert done.err.endswith(": no findings in ev/vocabulary/cells.yaml\n")


def test_a_file_that_others_depend_on_is_shown_when_it_cannot_be_read(
    run: Runner, copy: Path
) -> None:
    (copy / "references.yaml").unlink()
    done = run("check", "ev/chemo.yaml", cwd=copy.parent)
    assert done.exit == 1
    assert "[missing-file]" in done.out


def test_two_directories_are_one_report(run: Runner, copy: Path) -> None:
    shutil.copytree(copy, copy.parent / "other")
    edit(copy.parent / "other" / "chemo.yaml", "refs: [1]", "refs: [0]")
    done = run("check", "ev", "other", cwd=copy.parent)
    assert done.exit == 1
    assert done.out.startswith("other/chemo.yaml:")
    assert done.err.startswith("20 files, 6 claims")


def test_a_directory_spelled_in_two_ways_is_checked_once(run: Runner, copy: Path) -> None:
    done = run("check", "ev", "./ev/", "ev/chemo.yaml", cwd=copy.parent)
    assert done.err == f"10 files, 3 claims, 4 references, {APPLIED} rules: no findings\n"


def test_a_file_is_found_from_the_directory_that_it_is_in(run: Runner, copy: Path) -> None:
    edit(copy / "vocabulary" / "cells.yaml", "CL:0000235", "CL_0000235")
    for directory, file in ((copy / "vocabulary", "cells.yaml"), (copy, "vocabulary/cells.yaml")):
        done = run("check", file, cwd=directory)
        assert done.exit == 1
        assert f"{file}:7:11: error: " in done.out


def test_without_a_path_it_checks_what_other_commands_read(
    run: Runner, copy: Path, small: Path
) -> None:
    edit(copy / "chemo.yaml", "refs: [1]", "refs: [0]")
    assert "3 claims" in run("--evidence", "ev", "check", cwd=copy.parent).err
    assert "3 claims" in run("check", cwd=copy.parent, TDR_EVIDENCE="ev").err
    assert "2 claims" in run("check", cwd=copy.parent, TDR_EVIDENCE=str(small)).err


def test_rules_are_selected_and_left_out(run: Runner, copy: Path) -> None:
    edit(copy / "chemo.yaml", "refs: [1]", "refs: [1, 1]")
    edit(copy / "references.yaml", "year: 2020", "year: 2204")
    codes = lambda *argv: [  # noqa: E731 - a name for a line
        line.rsplit("[", 1)[1].rstrip("]")
        for line in run("check", "ev", *argv, cwd=copy.parent).out.splitlines()
    ]
    assert codes() == ["ref-repeated", "year"]
    assert codes("--select", "year") == ["year"]
    assert codes("--select", "year,ref-repeated") == ["ref-repeated", "year"]
    assert codes("--select", "doi", "--select", "year") == ["year"]
    assert codes("--ignore", "year") == ["ref-repeated"]
    assert codes("--select", "year", "--ignore", "year") == []


def test_an_unreadable_file_is_reported_whatever_is_selected(run: Runner, copy: Path) -> None:
    (copy / "chemo.yaml").write_text("claims: [\n", encoding="utf-8")
    for selection in (["--select", "doi"], ["--ignore", "syntax"]):
        done = run("check", "ev", *selection, cwd=copy.parent)
        assert done.exit == 1
        assert "[syntax]" in done.out


def test_a_claim_can_ignore_a_finding_and_the_reason_is_listed_on_request(
    run: Runner, copy: Path
) -> None:
    edit(copy / "chemo.yaml", "refs: [1]", "refs: [1, 1]")
    edit(copy / "chemo.yaml", "note: null", "note: null\n    ignore: {ref-repeated: Twice there.}")
    done = run("check", "ev", "--strict", cwd=copy.parent)
    assert (done.exit, done.out) == (0, "")
    assert done.err.endswith(": no findings (1 ignored)\n")
    done = run("check", "ev", "--show-ignored", cwd=copy.parent)
    assert done.out == (
        "ev/chemo.yaml:15:15: warning: reference 1 stands twice in this claim [ref-repeated] "
        "ignored: Twice there.\n"
    )


def test_an_ignore_without_its_rule_selected_is_not_called_unused(run: Runner, copy: Path) -> None:
    edit(copy / "chemo.yaml", "note: null", "note: null\n    ignore: {ref-repeated: Twice there.}")
    selected = run("check", "ev", "--select", "doi,unused-ignore", cwd=copy.parent)
    assert (selected.exit, selected.out) == (0, "")
    assert "[unused-ignore]" in run("check", "ev", cwd=copy.parent).out


def test_what_other_commands_refuse_cannot_be_ignored(run: Runner, copy: Path) -> None:
    edit(copy / "chemo.yaml", "refs: [1]", "refs: [99]")
    edit(copy / "chemo.yaml", "note: null", "note: null\n    ignore: {ref-unknown: It will come.}")
    done = run("check", "ev", cwd=copy.parent)
    assert done.exit == 1
    assert "[ref-unknown]" in done.out
    assert "`ref-unknown` cannot be ignored" in done.out


def test_explain_prints_the_manual_page(run: Runner) -> None:
    done = run("check", "--explain", "near-duplicate")
    assert done.exit == 0
    assert done.out.startswith("near-duplicate (error)\n\nClaim that says what another")
    assert "Wrong:" in done.out
    assert done.err == ""


def test_list_rules_prints_code_severity_and_title(run: Runner) -> None:
    done = run("check", "--list-rules")
    lines = done.out.splitlines()
    assert len(lines) == len(RULES)
    assert any(line.split()[:2] == ["unused-term", "warning"] for line in lines)


def test_in_github_actions_findings_are_annotations(run: Runner, copy: Path) -> None:
    edit(copy / "chemo.yaml", "refs: [1]", "refs: [99]")
    done = run("check", "ev", cwd=copy.parent, GITHUB_ACTIONS="true")
    assert done.exit == 1
    assert done.out.startswith("::error file=ev/chemo.yaml,line=15,col=12,title=ref-unknown::")
    asked = run("check", "ev", "--format", "text", cwd=copy.parent, GITHUB_ACTIONS="true")
    assert asked.out.startswith("ev/chemo.yaml:15:12: error: ")


@pytest.mark.parametrize("fmt", ["json", "sarif", "junit", "github"])
def test_formats_change_neither_exit_code_nor_summary(run: Runner, copy: Path, fmt: str) -> None:
    clean = run("check", "ev", "--format", fmt, cwd=copy.parent)
    assert clean.exit == 0
    assert clean.err.endswith(": no findings\n")
    edit(copy / "chemo.yaml", "refs: [1]", "refs: [99]")
    found = run("check", "ev", "--format", fmt, cwd=copy.parent)
    assert found.exit == 1
    assert found.err.endswith(": 1 error\n")


def test_json_has_the_same_keys_for_every_finding(run: Runner, copy: Path) -> None:
    edit(copy / "chemo.yaml", "id: che-002", "id: che-001")
    (copy / "vocabulary" / "cells.yaml").unlink()
    report = json.loads(run("check", "ev", "--format", "json", cwd=copy.parent).out)
    assert report["schema_version"] == 1
    assert (report["errors"], report["warnings"], report["claims"]) == (2, 0, 3)
    duplicate, missing = report["findings"]
    assert set(duplicate) == set(missing)
    assert duplicate["related"] == {"file": "ev/chemo.yaml", "line": 3, "column": 9}
    assert duplicate["subject"] == "che-001"
    assert missing["line"] is None
    assert report["ignored"] == report["failures"] == []


def test_hostile_names_reach_neither_terminal_nor_ci(run: Runner, copy: Path) -> None:
    name = "::stop-commands::x\x1b[31m\n::error::y,line=1"
    copy.rename(copy.parent / name)
    edit(copy.parent / name / "chemo.yaml", "refs: [1]", "refs: [99]")
    for fmt in ("text", "github", "json", "sarif", "junit"):
        done = run("check", name, "--format", fmt, cwd=copy.parent)
        assert done.exit == 1
        assert "\x1b" not in done.out
        commands = [line for line in done.out.splitlines() if line.startswith(("::", "##"))]
        assert all(line.startswith("::error file=%3A%3Astop-commands") for line in commands)
        assert len(commands) == (fmt == "github")
        assert "\x1b" not in done.err


def test_the_order_of_findings_is_that_of_files_and_lines_every_time(
    run: Runner, copy: Path
) -> None:
    edit(copy / "references.yaml", "year: 2020", "year: 2204")
    edit(copy / "immunotherapy.yaml", "refs: [3]", "refs: [3, 3]")
    for old in ("refs: [1]", "refs: [2]"):
        edit(copy / "chemo.yaml", old, "refs: [0]")
    first = run("check", "ev", cwd=copy.parent, PYTHONHASHSEED="1").out
    assert first == run("check", "ev", cwd=copy.parent, PYTHONHASHSEED="2").out
    places = [line.split(" ")[0] for line in first.splitlines()]
    assert places == [
        "ev/immunotherapy.yaml:15:15:",
        "ev/chemo.yaml:15:12:",
        "ev/chemo.yaml:31:12:",
        "ev/references.yaml:6:11:",
    ]


def test_the_published_hook_runs_this_command() -> None:
    hooks = (ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8")
    from tdr.read.yaml import parse_yaml

    (hook,) = parse_yaml(hooks.encode(), "hooks").value  # type: ignore[misc]  # a list of one
    assert hook["entry"] == "tdr check"
    assert hook["id"] == "tdr-check"
    assert hook["language"] == "python"


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        ("chemo.yaml", "id: che-001", 'id: ""', "`id` is empty"),
        ("references.yaml", "title: ", 'title: "" #', "`title` is empty"),
        ("vocabulary/cells.yaml", "label: ", 'label: "" #', "`label` is empty"),
        ("chemo.yaml", "note: null", "verified: {by: '', date: x, ref: 1}", "`by` is empty"),
        ("chemo.yaml", "note: null", "steps: [{from: '', does: increases, to: resistance}]",
         "`from` is empty"),
    ],
)  # fmt: skip
def test_an_empty_text_is_as_good_as_none(
    run: Runner, copy: Path, file: str, old: str, new: str, said: str
) -> None:
    edit(copy / file, old, new)
    done = run("check", "ev", cwd=copy.parent)
    assert done.exit == 1
    assert said in done.out


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        ("chemo.yaml", "CD8+ T", "CD8+\u00a0T", "(it has U+00A0 (no-break space): write ` `)"),
        ("chemo.yaml", "T cell", "T cell\u00a0", "(it has U+00A0 (no-break space): leave it out)"),
        ("chemo.yaml", "[chemoth", "[\u0441hemoth", "is U+0441, cyrillic small letter es: w"),
        ("chemo.yaml", "effect: resistance", "effect:", "field `effect` is empty [missing-field]"),
        ("chemo.yaml", "effect: resistance", "effect: ~", "is missing; if the word is meant, q"),
        ("chemo.yaml", "  - id: che-001\n", "  \u2013 id: che-001\n    x:\n",
         "U+2013 (en dash) stands where `-` belongs: replace it [syntax]"),
        ("radio.yaml", "", "therapy: radio\nclaims:\n  \u2013 id: rad-001\n",
         "a list: begin each item with `- `, not with U+2013 (en dash) [root]"),
        ("chemo.yaml", "effect:", "effect\u00a0:", " (it has U+00A0 (no-break space)); did"),
        ("chemo.yaml", "che-001", "che\u2013001", "such as che-001 (it has U+2013 (en dash)) [id]"),
        ("chemo.yaml", "refs: [1]", "refs: 1, 2", "must be a list of reference numbers: [1, 2]"),
        ("chemo.yaml", "refs: [1]", "refs: [01]", "`01` is not a reference number; write a plain"),
        ("chemo.yaml", "note: null", "verified: true", "not the unquoted value true [type]"),
        ("chemo.yaml", "note: null", "flags: [no]", "`no` cannot be among `flags`; must be one"),
        ("chemo.yaml", "note: null", "steps: [{from: resistance, does: kills, to: IL6}]",
         "`resistance` is where chains end: no step begins with it [step-end]"),
        ("references.yaml", "  4:\n", "  7:\n", "references 4 to 6 are missing before 7 [ref-gap]"),
        ("endocrine.yaml", "", "claims: []",
         "of this name unless vocabulary/therapies.yaml has the therapy `endocrine`"),
    ],
)  # fmt: skip
def test_a_message_says_what_would_be_right(
    copy: Path, file: str, old: str, new: str, said: str
) -> None:
    (copy / file).touch()
    edit(copy / file, old, new)
    found = [str(problem) for problem in check(copy).findings]
    assert any(said in line for line in found)
    assert not any("ambiguous" in line for line in found)


def test_dates_need_no_quotes(copy: Path) -> None:
    by = "{by: J Doe, date: 2024-05-31, ref: 1}"
    edit(copy / "chemo.yaml", "note: null", f"note: null\n    verified: {by}")
    assert check(copy).findings == ()


def test_a_molecule_called_like_a_word_is_named_in_capitals_only() -> None:
    names = NameFinder(Vocabulary([Term("molecules", "TNFSF14", synonyms=("LIGHT",)),
                              Term("molecules", "PTEN")]))  # fmt: skip
    assert names.named("Rays of light.") == set()
    assert names.named("LIGHT, lost with Pten.") == {"TNFSF14", "PTEN"}


def test_of_all_rules_one_must_be_left() -> None:
    with pytest.raises(TdrError, match="no rule is left"):
        select_rules(["step-sign"], ["step-sign"])
