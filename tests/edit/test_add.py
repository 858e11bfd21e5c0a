"""`tdr new`: the next free id, the right place, and nothing that check would refuse."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tdr import check
from tdr.edit.add import add_claim, add_skeleton
from tdr.edit.document import YamlFile
from tdr.model.errors import TdrError
from tdr.read.yaml import parse_yaml
from tests.conftest import Run
from tests.small import FILES, runner, small_evidence

Runner = Callable[..., Run]

CLAIM = (
    "--promotes", "TAM", "--agent", "Chemo", "--effect", "resistance", "--molecule", "rantes",
    "--mechanism", "RANTES from macrophages in the tumor wakes sleeping tumor cells.",
    "--ref", "1",
)  # fmt: skip
WRITTEN = """\

  - id: che-003
    promotes: [tumor-associated macrophage]
    opposes: []
    cancers: []
    agents: [chemotherapy]
    effect: resistance
    mechanism: >-
      RANTES from macrophages in the tumor wakes sleeping tumor cells.
    molecules: [CCL5]
    pathways: []
    processes: []
    countered_by: []
    basis: []
    refs: [1]
    at: {section: chemo/immune, paragraph: 1}
    note: null
"""


@pytest.fixture
def run(capfd: pytest.CaptureFixture[str]) -> Runner:
    return runner(capfd)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A directory in which `e` is a small evidence directory."""
    small_evidence(tmp_path / "e")
    return tmp_path


def new(run: Runner, home: Path, *options: str, therapy: str = "chemo") -> Run:
    return run("--evidence", "e", "new", "-t", therapy, *options, cwd=home)


def content(home: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in home.rglob("*") if path.is_file()}


def marked(text: str, number: int, therapy: str = "chemo") -> str:
    """A file of claims that notes the last id which was given."""
    said = f"therapy: {therapy}\n"
    return text.replace(said, f"{said[:-1]}  # last id: {therapy[:3]}-{number:03}\n", 1)


def test_a_deleted_id_is_not_given_again(run: Runner, home: Path) -> None:
    path = home / "e/chemo.yaml"
    assert new(run, home, *CLAIM).out == "che-003\n"
    path.write_text(path.read_text().replace(WRITTEN, ""))
    assert new(run, home, *CLAIM).out == "che-004\n"
    assert path.read_text().count("# last id:") == 1
    assert run("--evidence", "e", "fmt", "--check", cwd=home).exit == 0


def test_a_claim_is_added_at_the_end_with_its_labels(run: Runner, home: Path) -> None:
    done = new(run, home, *CLAIM)
    assert (done.exit, done.out) == (0, "che-003\n")
    assert done.err == "e/chemo.yaml:39:3: added che-003\n"
    assert (home / "e/chemo.yaml").read_text() == marked(FILES["chemo.yaml"], 3) + WRITTEN
    assert check.run(home / "e").findings == ()
    assert run("--evidence", "e", "fmt", "--check", cwd=home).exit == 0


def test_every_field_can_be_given(run: Runner, home: Path) -> None:
    done = new(
        run, home, "--promotes", "TAM", "--opposes", "CD8+ T cell", "-k", "mamma Ca", "-a", "chemo",
        "--effect", "resistance", "--mechanism", "TAMs block STAT3 in T cells: they sleep.",
        "-m", "STAT3", "-p", "STAT3 axis", "--process", "glucose metabolism",
        "--countered-by", "STAT3 inhibitor", "--countered-by", "TAM depletion",
        "--basis", "in vivo", "-r", "2-3", "--section", "chemo/immune", "--paragraph", "2",
        "--note", "Told once: here.",
    )  # fmt: skip
    assert (done.exit, done.out) == (0, "che-003\n")
    document = parse_yaml((home / "e/chemo.yaml").read_bytes(), "f")
    assert isinstance(document.value, dict)
    assert document.value["claims"][2] == {
        "id": "che-003",
        "promotes": ["tumor-associated macrophage"],
        "opposes": ["CD8+ T cell"],
        "cancers": ["breast cancer"],
        "agents": ["chemotherapy"],
        "effect": "resistance",
        "mechanism": "TAMs block STAT3 in T cells: they sleep.",
        "molecules": ["STAT3"],
        "pathways": ["STAT3 signaling"],
        "processes": ["glucose metabolism"],
        "countered_by": ["STAT3 inhibitor", "TAM depletion"],
        "basis": ["in vivo"],
        "refs": [2, 3],
        "at": {"section": "chemo/immune", "paragraph": 2},
        "note": "Told once: here.",
    }


def test_the_paragraph_is_found_by_the_references(run: Runner, home: Path) -> None:
    done = new(run, home, *CLAIM[:-2], "--ref", "1,2")
    assert (done.exit, done.out) == (2, "")
    assert "no such paragraph of the source cites 1, 2" in done.err
    source = home / "e/source.yaml"
    source.write_text(source.read_text() + "      - {words: 5, citations: [[1]]}\n")
    done = new(run, home, *CLAIM)
    assert done.exit == 2
    assert "--paragraph 1 or --section chemo/immune --paragraph 3" in done.err
    assert new(run, home, *CLAIM, "--paragraph", "1").exit == 0


AT = ["--section", "chemo/immune", "--paragraph"]
SAME = FILES["chemo.yaml"].split(">-\n")[1].split("    molecules")[0]
REFUSED = {
    "unknown term": (["--promotes", "TAN"], r"`TAN` is not in the vocabulary of cells"),
    "no effect": (["--effect", ""], "'--effect': the value is empty"),
    "wrong effect": (["--effect", "resistant"], r"must be one of resistance, sensitivity"),
    "unknown reference": (["--ref", "9", *AT, "1"], r"\[ref-unknown\]"),
    "wrong place": (["--section", "chemo/none", "--paragraph", "1"], r"\[place\]"),
    "not cited there": ([*AT, "2"], r"\[ref-place\]"),
    "both sides": (["--opposes", "TAM"], r"\[both-sides\]"),
    "wrong basis": (["--basis", "in silico"], r"\[choice\]"),
    "stray space": (["--countered-by", " STAT3 inhibitor"], r"\[spaces\]"),
    "duplicate": (["--mechanism", " ".join(SAME.split())], r"\[near-duplicate\]"),
    "control": (["--note", "a\x1b[31m"], r"hidden character: a\\x1b\[31m"),
    "control in a name": (
        ["--opposes", "CD8+ T\x1b cell"],
        "`opposes` holds a line break or hidden",
    ),
    "line break": (["--note", "a\nb"], "hidden character"),
    "bidi": (["--mechanism", "a \u202e b"], r"\\u202e"),
    "no number": (["--ref", "x"], "is not a reference"),
    "too long": (["--mechanism", "word " * 61 + "end."], r"\[mechanism-length\]"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_check_would_refuse_is_not_written(run: Runner, home: Path, what: str) -> None:
    options, message = REFUSED[what]
    before = content(home)
    done = new(run, home, *CLAIM, *options)
    assert (done.exit, done.out) == (2, "")
    assert re.search(message, done.err)
    assert "\x1b" not in done.err
    assert content(home) == before


def test_an_error_that_was_there_before_does_not_stand_in_the_way(run: Runner, home: Path) -> None:
    path = home / "e/references.yaml"
    path.write_text(path.read_text().replace("year: 2020", "year: 1066"))
    assert not check.run(home / "e").failures
    assert check.run(home / "e").failed()
    assert new(run, home, *CLAIM).exit == 0


def test_without_content_a_skeleton_is_written_that_no_command_reads(
    run: Runner, home: Path
) -> None:
    done = new(run, home)
    assert (done.exit, done.out) == (0, "che-003\n")
    assert done.err.startswith("e/chemo.yaml:39:3: a skeleton, commented out;")
    text = (home / "e/chemo.yaml").read_text()
    skeleton = "\n  # - id: che-003\n  #   promotes: []\n"
    assert text.startswith(marked(FILES["chemo.yaml"], 3) + skeleton)
    assert check.run(home / "e").findings == ()
    assert run("--evidence", "e", "list", "--count", cwd=home).out == "2\n"
    assert run("--evidence", "e", "fmt", "--check", cwd=home).exit == 0


def test_a_skeleton_is_a_claim_once_it_is_filled_in(run: Runner, home: Path) -> None:
    new(run, home)
    path = home / "e/chemo.yaml"
    text = re.sub("(?m)^  # ", "  ", path.read_text())
    document = parse_yaml(text.encode(), "f")
    assert isinstance(document.value, dict)
    assert list(document.value["claims"][2]) == list(document.value["claims"][0])
    for empty, full in (
        ("promotes: []", "promotes: [TAM]"),
        ("agents: []", "agents: [chemo]"),
        ("effect:  #", "effect: resistance #"),
        ("mechanism:  #", "mechanism: TAMs in the tumor wake sleeping cells. #"),
        ("refs: []", "refs: [1]"),
        ("{section: , paragraph: }", "{section: chemo/immune, paragraph: 1}"),
    ):
        before, found, after = text.rpartition(empty)
        assert found
        text = before + full + after
    path.write_text(text)
    assert {p.rule for p in check.run(home / "e").findings} == {"preferred-label"}


def test_ids_are_never_given_twice(run: Runner, home: Path) -> None:
    assert new(run, home).out == "che-003\n"
    assert new(run, home).out == "che-004\n"
    (home / "e/chemo.jsonl").write_text("")
    assert new(run, home, *CLAIM).out == "che-005\n"
    text = (home / "e/chemo.yaml").read_text()
    order = re.findall("- id: (che-[0-9]+)", text)
    assert order == ["che-001", "che-002", "che-005", "che-003", "che-004"]


def test_a_skeleton_of_papers_has_no_place() -> None:
    file = YamlFile(b"claims:\n", "f")
    assert b"at:" in add_skeleton(file, "che-001").after.data
    assert b"at:" not in add_skeleton(file, "che-001", has_place=False).after.data


def test_a_first_claim_makes_the_file(run: Runner, home: Path) -> None:
    source = home / "e/source.yaml"
    source.write_text(
        source.read_text()
        + "  - name: radio\n    paragraphs:\n      - {words: 5, citations: [[1]]}\n"
    )
    agents = home / "e/vocabulary/agents.yaml"
    agents.write_text(agents.read_text() + "  - label: radiotherapy\n")
    options = [option.replace("Chemo", "radiotherapy") for option in CLAIM]
    done = new(run, home, *options, therapy="RT")
    assert (done.exit, done.out) == (0, "rad-001\n"), done.err
    expected = marked("therapy: radio\nclaims:", 1, "radio") + WRITTEN.replace(
        "che-003", "rad-001"
    ).replace("chemotherapy", "radiotherapy").replace("chemo/immune", "radio")
    assert (home / "e/radio.yaml").read_text() == expected


def test_dry_run_shows_the_diff_and_writes_nothing(run: Runner, home: Path) -> None:
    before = content(home)
    done = new(run, home, *CLAIM, "--dry-run")
    assert (done.exit, done.err) == (0, "")
    assert "+therapy: chemo  # last id: che-003\n" in done.out
    assert "".join(f"+{line}\n" for line in WRITTEN.splitlines()) in done.out
    assert new(run, home, "--dry-run").out.count("\n+  #") == 15
    assert new(run, home, *CLAIM, "--opposes", "TAM", "--dry-run").exit == 2
    assert content(home) == before


def test_a_file_that_does_not_parse_is_refused(run: Runner, home: Path) -> None:
    path = home / "e/chemo.yaml"
    path.write_text(FILES["chemo.yaml"] + "  - id: [\n")
    before = content(home)
    for options in ((), CLAIM):
        done = new(run, home, *options)
        assert (done.exit, done.out) == (2, "")
        assert "[syntax]" in done.err
    assert content(home) == before


def test_an_unknown_therapy_is_refused(run: Runner, home: Path) -> None:
    done = new(run, home, therapy="surgery")
    assert (done.exit, done.out) == (2, "")
    assert "unknown therapy `surgery`" in done.err


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("claims:\n  - id: a\n", "claims:\n  - id: a\n\n  - id: b\n"),
        ("claims:\n  - id: a", "claims:\n  - id: a\n\n  - id: b"),
        ("claims:\n- id: a\n", "claims:\n- id: a\n\n- id: b\n"),
        ("claims:\n  - id: a # c\n\n# tail\n", "claims:\n  - id: a # c\n\n  - id: b\n\n# tail\n"),
        ("claims:\n  - id: a\n    # c\n", "claims:\n  - id: a\n    # c\n\n  - id: b\n"),
        ("claims:\n  - id: a\nlast: 1\n", "claims:\n  - id: a\n\n  - id: b\nlast: 1\n"),
        ("claims:\n- id: |\n   a\n\n\n# t\n", "claims:\n- id: |\n   a\n\n- id: b\n\n\n# t\n"),
        ("claims:\n  - {id: a}\n", "claims:\n  - {id: a}\n\n  - id: b\n"),
        ("claims: []  # c\nlast: 1\n", "claims:  # c\n  - id: b\nlast: 1\n"),
        ("claims:\n", "claims:\n  - id: b\n"),
        ("claims: ~ # c\n", None),
        ("claims:   # c\n# d\n", "claims:   # c\n  - id: b\n# d\n"),
        ("claims: [{id: a}]\n", None),
        ("claims: &c\n  - id: a\n", None),
        ("claims: no\n", None),
        ("therapy: chemo\n", None),
        ("", None),
    ],
)  # fmt: skip
@pytest.mark.parametrize("windows", [False, True], ids=["lf", "crlf"])
def test_a_claim_goes_to_the_end_of_the_list(
    text: str, expected: str | None, windows: bool
) -> None:
    data = (text.replace("\n", "\r\n") if windows else text).encode()
    file = YamlFile(b"\xef\xbb\xbf" + data, "f.yaml")
    if expected is None:
        with pytest.raises(TdrError):
            add_claim(file, {"id": "b"})
        return
    added = add_claim(file, {"id": "b"})
    wanted = expected.replace("\n", "\r\n") if windows else expected
    assert added.after.data == b"\xef\xbb\xbf" + wanted.encode()
    line = expected[: expected.index("- id: b")].count("\n") + 1
    assert added.location.line == line


def test_a_skeleton_that_would_become_text_is_refused() -> None:
    file = YamlFile(b"claims:\n        - id: |\n           a\n         # c\n", "f")
    assert add_skeleton(file, "che-002").after.value == file.value


TEXT = st.text(
    st.characters(codec="utf-8", exclude_categories=["C", "Z"], include_characters=" "), min_size=1
)


@given(note=TEXT, mechanism=TEXT, items=st.lists(TEXT, max_size=4))
def test_any_text_reads_as_it_was_given(note: str, mechanism: str, items: list[str]) -> None:
    file = YamlFile(FILES["chemo.yaml"].encode(), "chemo.yaml")
    claim = {"id": "x", "mechanism": mechanism, "countered_by": items, "refs": [1], "note": note}
    added = add_claim(file, claim)
    assert isinstance(added.after.value, dict)
    assert added.after.value["claims"][2] == claim
    assert added.after.text.replace("  # last id: x", "", 1).startswith(file.text)
