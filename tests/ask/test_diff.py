"""`tdr diff`: what changed between two states, record by record, field by field."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tdr.ask.diff import Change, FieldChange, compare
from tdr.read.dataset import read_dataset
from tests.conftest import Run
from tests.small import FILES, runner, small_evidence, two_sources

Runner = Callable[..., Run]


@pytest.fixture
def run(capfd: pytest.CaptureFixture[str]) -> Runner:
    return runner(capfd)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Two equal states, `old` and `new`."""
    small_evidence(tmp_path / "old")
    small_evidence(tmp_path / "new")
    return tmp_path


def edit(home: Path, file: str, old: str, new: str) -> None:
    path = home / "new" / file
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


def changes(home: Path) -> tuple[Change, ...]:
    old, new = (read_dataset(home / name, name) for name in ("old", "new"))
    return compare(old, new).changes


def test_equal_states_have_no_changes(run: Runner, home: Path) -> None:
    assert changes(home) == ()
    done = run("diff", "old", "new", cwd=home)
    assert (done.exit, done.out, done.err) == (0, "", "old -> new: no changes\n")


def test_layout_comments_and_order_are_no_change(home: Path) -> None:
    text = FILES["chemo.yaml"]
    head, first, second = text.replace("\n\n", "\n").split("  - id: ")
    swapped = f"# c\n{head}  - id: {second}  - id: {first}".replace("[1]", "\n    - 1")
    (home / "new/chemo.yaml").write_text(swapped)
    assert changes(home) == ()


CELLS = "vocabulary/cells.yaml"


@pytest.mark.parametrize(
    ("file", "before", "after", "record", "field"),
    [
        ("chemo.yaml", "basis: []", "basis: [patient]", "claim che-001",
         FieldChange("basis", [], ["patient"])),
        ("chemo.yaml", "effect: resistance", "effect: sensitivity", "claim che-001",
         FieldChange("effect", "resistance", "sensitivity")),
        ("chemo.yaml", "refs: [2, 3]", "refs: [2]", "claim che-002",
         FieldChange("refs", [2, 3], [2])),
        ("chemo.yaml", "note: null", "note: null\n    ignore: {year: old}", "claim che-001",
         FieldChange("ignore", None, {"year": "old"})),
        ("references.yaml", "year: 2020", "year: 2019", "reference 1",
         FieldChange("year", 2020, 2019)),
        ("references.yaml", '    pages: "12-14"\n', "", "reference 2",
         FieldChange("pages", "12-14", None)),
        (CELLS, "abbreviation: TAM", "abbreviation: TAMs", "term cells/tumor-associated macrophage",
         FieldChange("abbreviation", "TAM", "TAMs")),
        ("source.yaml", 'data_version: "1.0.0"', 'data_version: "1.1.0"', "source record",
         FieldChange("data_version", "1.0.0", "1.1.0")),
        ("source.yaml", "words: 20", "words: 21", "source chemo/immune#2",
         FieldChange("words", 20, 21)),
        ("source.yaml", "licence: CC BY 4.0", "licence: CC0", "source record",
         FieldChange("licence", "CC BY 4.0", "CC0")),
    ],
)  # fmt: skip
def test_a_changed_field_is_named_with_both_values(
    home: Path, file: str, before: str, after: str, record: str, field: FieldChange
) -> None:
    edit(home, file, before, after)
    (change,) = changes(home)
    assert f"{change.kind} {change.key}" == record
    assert (change.status, change.fields) == ("changed", (field,))


def test_added_and_removed_records_list_their_fields(home: Path) -> None:
    edit(home, "chemo.yaml", "id: che-001", "id: che-003")
    added, removed = changes(home)
    assert (added.key, added.status) == ("che-003", "added")
    assert (removed.key, removed.status) == ("che-001", "removed")
    assert FieldChange("id", None, "che-003") in added.fields
    assert FieldChange("refs", [1], None) in removed.fields
    assert "opposes" not in {field.field for field in added.fields}


SOME = [
    ("chemo.yaml", "id: che-001", "id: che-003"),
    ("chemo.yaml", "refs: [2, 3]", "refs: [2, 1]"),
    ("chemo.yaml", "chemo/immune, paragraph: 2}", "chemo/immune, paragraph: 1}"),
    ("references.yaml", "title: Macrophages and drugs", 'title: "Macro|phages [x](y) \\e[31m"'),
    ("references.yaml", "[Doe J, Roe R]", "[Roe R, Doe J]"),
]  # fmt: skip


@pytest.fixture
def changed(home: Path) -> Path:
    for file, old, new in SOME:
        edit(home, file, old, new)
    return home


def test_text_has_a_line_for_each_record_and_field(run: Runner, changed: Path) -> None:
    done = run("diff", "old", "new", cwd=changed)
    assert done.exit == 1
    mechanism = " ".join(FILES["chemo.yaml"].split(">-\n")[1].split("    molecules")[0].split())
    assert done.out == (
        f"+ claim che-003: {mechanism}\n"
        "~ claim che-002\n"
        "    refs: -3, +1\n"
        "    at: chemo/immune#2 -> chemo/immune#1\n"
        f"- claim che-001: {mechanism}\n"
        "~ reference 1\n"
        "    authors: Doe J, Roe R -> Roe R, Doe J\n"
        "    title: Macrophages and drugs -> Macro|phages [x](y) \\x1b[31m\n"
    )
    assert done.err == "old -> new: 1 added, 1 removed, 2 changed\n"


def test_json_holds_every_value(run: Runner, changed: Path) -> None:
    done = run("diff", "old", "new", "-o", "json", cwd=changed)
    assert done.exit == 1
    value = json.loads(done.out)
    assert done.out.isascii()
    assert "\x1b" not in done.out
    assert {k: value[k] for k in ("old", "new", "added", "removed", "changed")} == {
        "old": "old", "new": "new", "added": 1, "removed": 1, "changed": 2,
    }  # fmt: skip
    assert value["changes"] == [change.to_dict() for change in changes(changed)]


def test_markdown_is_a_table_that_shows_text_as_it_is(run: Runner, changed: Path) -> None:
    done = run("diff", "old", "new", "-o", "markdown", cwd=changed)
    assert done.exit == 1
    assert done.out.startswith("**old → new**: 1 added, 1 removed, 2 changed\n\n### Claims\n\n")
    assert "| che-002 | changed | refs | 2, 3 | 2, 1 |\n" in done.out
    assert "| Macro\\|phages \\[x\\](y) \\\\x1b\\[31m |\n" in done.out
    rows = [line for line in done.out.splitlines() if line.startswith("|")]
    assert {line.replace("\\|", "").count("|") for line in rows} == {6}


def test_evidence_that_is_not_sound_cannot_be_compared(run: Runner, changed: Path) -> None:
    edit(changed, "chemo.yaml", "effect: resistance", "effect: maybe")
    done = run("diff", "old", "new", cwd=changed)
    assert (done.exit, done.out) == (2, "")
    assert done.err.startswith("new/chemo.yaml:8:13: error: `effect` is `maybe`")


# --- git revisions -------------------------------------------------------------------------


def git(home: Path, *arguments: str) -> None:
    identity = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    who = ["-c", "user.name=x", "-c", "user.email=x@example.org"]
    subprocess.run(
        ["git", *who, *arguments],
        cwd=home,
        check=True,
        capture_output=True,
        env={**os.environ, **identity},
    )


@pytest.fixture
def repository(home: Path) -> Path:
    """`new` in a repository: one commit as `old`, one with a change, another change on top."""
    if shutil.which("git") is None:
        pytest.skip("there is no git program")
    git(home, "init", "-q", "-b", "main")
    git(home, "add", "new")
    git(home, "commit", "-q", "-m", "one")
    edit(home, "chemo.yaml", "basis: []", "basis: [patient]")
    git(home, "commit", "-q", "-a", "-m", "two")
    edit(home, "chemo.yaml", "basis: [patient]", "basis: [patient, in vivo]")
    return home


def diff(run: Runner, repository: Path, *arguments: str) -> Run:
    return run("--evidence", "new", "diff", *arguments, cwd=repository)


def test_a_revision_is_compared_with_the_evidence_in_use(run: Runner, repository: Path) -> None:
    done = diff(run, repository, "HEAD~1")
    assert (done.exit, done.out) == (1, "~ claim che-001\n    basis: +patient, +in vivo\n")
    done = diff(run, repository, "main")
    assert (done.exit, done.out) == (1, "~ claim che-001\n    basis: +in vivo\n")


def test_two_revisions_are_compared(run: Runner, repository: Path) -> None:
    done = diff(run, repository, "HEAD~1", "HEAD", "-o", "json")
    assert done.exit == 1
    value = json.loads(done.out)
    assert (value["old"], value["new"]) == ("HEAD~1:new", "HEAD:new")
    assert value["changes"][0]["fields"] == [{"field": "basis", "old": [], "new": ["patient"]}]
    assert diff(run, repository, "HEAD", "HEAD").exit == 0


def test_a_version_of_the_data_is_the_last_state_that_has_it(run: Runner, repository: Path) -> None:
    git(repository, "commit", "-q", "-a", "-m", "three")
    edit(repository, "source.yaml", '"1.0.0"', '"1.1.0"')
    edit(repository, "chemo.yaml", "basis: [patient, in vivo]", "basis: [in vivo]")
    git(repository, "commit", "-q", "-a", "-m", "four")
    edit(repository, "chemo.yaml", "basis: [in vivo]", "basis: []")
    git(repository, "commit", "-q", "-a", "-m", "five")
    done = diff(run, repository, "1.0.0")
    assert (done.exit, done.out.splitlines()[:2]) == (
        1,
        ["~ claim che-001", "    basis: -patient, -in vivo"],
    )
    assert diff(run, repository, "1.1.0").err == "1.1.0:new -> new: no changes\n"
    assert "; data versions there: 1.1.0, 1.0.0\n" in diff(run, repository, "2.0.0").err


def test_a_revision_has_all_sources(run: Runner, repository: Path) -> None:
    two_sources(repository / "both")
    git(repository, "add", "both")
    git(repository, "commit", "-q", "-m", "both")
    assert run("--evidence", "both", "diff", "HEAD", cwd=repository).exit == 0


def test_a_revision_is_compared_with_a_directory(run: Runner, repository: Path) -> None:
    assert diff(run, repository, "old", "HEAD~1").exit == 0


@pytest.mark.parametrize(
    "revision", ["--output=x", "-O", "", "no-such", "HEAD:new", "HEAD\n", "HEAD;touch x", "$(id)"]
)
def test_what_is_no_revision_is_refused(run: Runner, repository: Path, revision: str) -> None:
    before = sorted(os.listdir(repository))
    done = diff(run, repository, "--", revision)
    assert (done.exit, done.out) == (2, "")
    assert "neither a directory nor a" in done.err
    assert sorted(os.listdir(repository)) == before


def test_a_revision_without_the_evidence_is_refused(run: Runner, repository: Path) -> None:
    small_evidence(repository / "newer")
    done = run("--evidence", "newer", "diff", "HEAD", cwd=repository)
    assert (done.exit, done.out) == (2, "")
    assert "has no evidence in newer" in done.err


@pytest.mark.parametrize("ending", ["zip", "gztar"])
def test_a_released_package_is_compared_without_git(
    run: Runner, home: Path, monkeypatch: pytest.MonkeyPatch, ending: str
) -> None:
    monkeypatch.setenv("PATH", "")
    package = home / "tdr-1.0/tdr"
    package.mkdir(parents=True)
    two_sources(package / "evidence")
    (package / "evidence/sources/notes.md").write_text("not evidence")
    name = Path(shutil.make_archive(str(home / "release"), ending, home, "tdr-1.0")).name
    assert run("diff", name, "tdr-1.0/tdr/evidence", cwd=home).exit == 0
    done = run("diff", name, "new", cwd=home)
    assert (done.exit, done.err.split(": ")[0]) == (1, f"{name} -> new")


@pytest.mark.parametrize("content", [b"", b"PK\3\4 cut", b"\x1f\x8b cut", b"text"])
def test_what_is_no_package_is_refused(run: Runner, home: Path, content: bytes) -> None:
    (home / "x.whl").write_bytes(content)
    done = run("diff", "x.whl", "new", cwd=home)
    assert (done.exit, done.out) == (2, "")
    assert "`x.whl` is no wheel or sdist" in done.err


def test_a_package_without_evidence_is_refused(run: Runner, home: Path) -> None:
    shutil.make_archive(str(home / "x"), "zip", home, "old/vocabulary")
    assert "`x.zip` holds no evidence" in run("diff", "x.zip", "new", cwd=home).err


def test_outside_of_a_repository_a_revision_is_refused(run: Runner, home: Path) -> None:
    done = run("--evidence", "new", "diff", "HEAD", cwd=home)
    assert (done.exit, done.out) == (2, "")
    assert "`HEAD` is no directory, and new is in no git repository" in done.err


def test_without_git_a_revision_is_refused(
    run: Runner, repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "")
    done = diff(run, repository, "HEAD")
    assert (done.exit, done.out) == (2, "")
    assert "git is needed" in done.err


def test_a_symbolic_link_in_a_revision_is_refused(run: Runner, repository: Path) -> None:
    path = repository / "new/chemo.yaml"
    path.unlink()
    path.symlink_to("/etc/passwd")
    git(repository, "commit", "-q", "-a", "-m", "three")
    done = diff(run, repository, "HEAD", "HEAD~1")
    assert (done.exit, done.out) == (2, "")
    assert "chemo.yaml is not a regular file in revision" in done.err


def test_a_repository_cannot_have_programs_run(run: Runner, repository: Path) -> None:
    trap = f"touch {repository}/trapped"
    for setting in ("core.fsmonitor", "core.pager", "diff.x.textconv", "filter.x.smudge"):
        git(repository, "config", setting, trap)
    (repository / ".gitattributes").write_text("*.yaml diff=x filter=x\n")
    (repository / "new/.gitattributes").write_text("*.yaml diff=x filter=x export-subst\n")
    assert diff(run, repository, "HEAD~1", "HEAD").exit == 1
    assert not (repository / "trapped").exists()


def test_the_repository_of_the_evidence_counts_not_that_of_the_environment(
    run: Runner, repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_DIR", "/nowhere")
    monkeypatch.setenv("GIT_INDEX_FILE", "/nowhere")
    assert diff(run, repository, "HEAD~1", "HEAD").exit == 1


def test_the_shipped_evidence_does_not_differ_from_itself(run: Runner, three_come: Path) -> None:
    done = run("diff", "shipped", str(three_come))
    assert (done.exit, done.out) == (0, "")
    assert done.err == f"shipped -> {three_come}: no changes\n"
