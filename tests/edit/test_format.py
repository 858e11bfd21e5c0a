"""`tdr fmt`: one layout for all evidence; values, comments and everything else stay."""

from __future__ import annotations

import os
import random
import re
import shutil
import subprocess
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tdr.edit import style
from tdr.edit.document import YamlFile
from tdr.edit.format import FormattedFile, format_file
from tdr.model.errors import TdrError
from tdr.read import files
from tdr.read.yaml import parse_yaml
from tests.conftest import ROOT, SHIPPED, Run
from tests.small import runner

Runner = Callable[..., Run]

HEAD = "therapy: chemo\nclaims:\n"
CLAIM = """\
  - id: che-001
    promotes: [M2 macrophage]
    effect: resistance
    mechanism: >-
      One short sentence.
    refs: [1, 2]
    at: {section: chemo/immune, paragraph: 1}
    note: null
"""


def formatted(text: str) -> FormattedFile:
    return format_file(YamlFile(text.encode(), "chemo.yaml"))


def after(text: str) -> str:
    return formatted(text).after.data.decode()


@pytest.mark.parametrize(
    "path", sorted(SHIPPED.rglob("*.yaml")), ids=lambda p: str(p.relative_to(SHIPPED))
)
def test_the_shipped_evidence_is_canonical(path: Path) -> None:
    result = format_file(YamlFile(path.read_bytes(), path.name))
    assert not result.changed
    assert result.unformatted == ()


@pytest.mark.parametrize(
    ("wanted", "messy"),
    [
        ("promotes: [M2 macrophage]", "promotes:\n      - M2 macrophage"),
        ("promotes: [M2 macrophage]", "promotes:\n    - 'M2 macrophage'"),
        ("promotes: [M2 macrophage]", "promotes : [ 'M2 macrophage' , ]"),
        ("effect: resistance", "effect:    resistance   "),
        ("effect: resistance", "effect:\n      resistance"),
        ("effect: resistance", "effect: |-\n      resistance"),
        ("mechanism: >-\n      One short sentence.", "mechanism: One short sentence."),
        ("mechanism: >-\n      One short sentence.", "mechanism: One short\n      sentence."),
        ("One short sentence.", " One short\n       sentence."),
        ("mechanism: >-\n      One short sentence.", 'mechanism: "One short\n      sentence."'),
        ("refs: [1, 2]", "refs:\n      - 1\n      - 2"),
        ("refs: [1, 2]", "refs: [1,\n      2]"),
        ("at: {section: chemo/immune,", "at: { 'section': chemo/immune,\n      "),
        ("{section: chemo/immune, paragraph: 1}",
         "\n      section: chemo/immune\n      paragraph: 1"),
        ("note: null", "note:"),
        ("note: null", "note: ~"),
        ("    effect: resistance\n", "    effect: resistance\n\n\n"),
        ("  - id: che-001", "  -   id: che-001".replace("-   ", "- ")),
        ('    refs: [1, 2]\n', '    "refs": [1, 2]\n'),
    ],
)  # fmt: skip
def test_a_field_is_written_in_one_way(wanted: str, messy: str) -> None:
    assert wanted in CLAIM
    assert after(HEAD + CLAIM.replace(wanted, messy)) == HEAD + CLAIM


def test_fields_stand_in_the_order_of_the_model_and_unknown_ones_last() -> None:
    lines = "  - note: null\n    zebra: 1\n    refs: [1]\n    ignore: {C1: why}\n    id: che-001\n"
    assert after(HEAD + lines) == HEAD + (
        "  - id: che-001\n    refs: [1]\n    note: null\n    ignore: {C1: why}\n    zebra: 1\n"
    )


def test_reasons_too_long_for_one_line_stand_below_each_other() -> None:
    reason = "the source says so in two places " * 3 + "and once more"
    text = f"  - id: che-001\n    ignore: {{near-duplicate: {reason}, year: short}}\n"
    assert after(HEAD + text) == HEAD + (
        "  - id: che-001\n"
        "    ignore:\n"
        "      near-duplicate: >-\n"
        "        the source says so in two places the source says so in two places the source "
        "says so\n"
        "        in two places and once more\n"
        "      year: short\n"
    )


def test_an_absent_field_stays_absent() -> None:
    assert after(HEAD + "  - id: che-001\n") == HEAD + "  - id: che-001\n"


@pytest.mark.parametrize("gap", ["", "\n\n\n", "  \n", "\n \n"])
def test_one_blank_line_stands_between_claims(gap: str) -> None:
    second = CLAIM.replace("001", "002")
    assert after(HEAD + CLAIM + gap + second) == HEAD + CLAIM + "\n" + second


def test_claims_keep_their_order_and_what_stands_between_them() -> None:
    text = (
        "# head\n\n" + HEAD + "\n  # first\n" + CLAIM.replace("001", "009")
        + "\n\n  # between   \n# more\n\n\n" + CLAIM + "# tail\n\n\n"
    )  # fmt: skip
    assert after(text) == text


@pytest.mark.parametrize("indent", [0, 1, 4, 6])
def test_another_indentation_becomes_the_usual_one(indent: int) -> None:
    text = "\n".join(" " * indent + line[2:] if line else "" for line in CLAIM.split("\n"))
    assert after(HEAD + text) == HEAD + CLAIM


def test_a_claim_in_braces_is_unfolded() -> None:
    text = (
        "  - {id: che-001, promotes: [M2 macrophage], effect: resistance, refs: [1, 2], note: }\n"
    )
    expected = "".join(
        line + "\n" for line in CLAIM.split("\n") if re.search("id|promotes|effect|refs|note", line)
    )
    assert after(HEAD + text) == HEAD + expected


COMMENTED = """\
  - id: che-001     # stable for ever
    note: null      # nothing to say
    # who
    promotes: [M2 macrophage]   # the cell
    mechanism: One short sentence.  # own words
      # two of
    # them
    effect: resistance
    refs: [1, 2] # Smith   \n    # last
    at: {section: chemo/immune, paragraph: 1}
    # after the claim
"""


def test_a_comment_goes_where_its_field_goes() -> None:
    assert after(HEAD + COMMENTED) == HEAD + (
        "  - id: che-001     # stable for ever\n"
        "    # who\n"
        "    promotes: [M2 macrophage]   # the cell\n"
        "    # two of\n"
        "    # them\n"
        "    effect: resistance\n"
        "    mechanism: >-  # own words\n"
        "      One short sentence.\n"
        "    refs: [1, 2] # Smith\n"
        "    # last\n"
        "    at: {section: chemo/immune, paragraph: 1}\n"
        "    note: null      # nothing to say\n"
        "    # after the claim\n"
    )


def test_a_list_with_comments_inside_is_moved_but_not_rewritten() -> None:
    commented = "    refs: [1,   # one\n           2]  # two\n"
    text = CLAIM.replace("    refs: [1, 2]\n", "").replace(
        "    promotes", commented + "    promotes"
    )
    assert after(HEAD + text) == HEAD + CLAIM.replace("    refs: [1, 2]\n", commented)


@pytest.mark.parametrize(
    ("text", "reason", "where"),
    [
        ("  - # why\n    refs: [1]\n    id: che-001\n", "its first field", "4:5"),
        ("  - refs: [1]\n    # about the id\n    id: che-001\n", "above the field", "3:5"),
        ("  - refs: &r [1]\n    id: che-001\n", "an anchor", "3:5"),
        ("  - {refs: [1], # one\n     id: che-001}\n", "in brackets", "3:5"),
        ("  - <<: {refs: [1]}\n    id: che-001\n", "a merge key", "3:5"),
        ("  -   refs: [1, # one\n        2]\n      id: che-001\n", "`refs` ties it", "3:7"),
        ("  - refs: [1]\n    ? id\n    : che-001\n", "between two of its fields", "3:5"),
        ("  - refs: [1]\n    note: long\n    id: che-001\n      # deep\n", "indented", "3:5"),
        ("  - che-001\n", "not a mapping", "3:5"),
    ],
)
def test_a_claim_that_cannot_be_kept_intact_is_left_and_named(
    text: str, reason: str, where: str
) -> None:
    other = "\n  - note: null\n    id: che-002\n"
    result = formatted(HEAD + text + other)
    assert result.after.data.decode() == HEAD + text + "\n  - id: che-002\n    note: null\n"
    assert [str(problem.location) for problem in result.unformatted] == [f"chemo.yaml:{where}"]
    assert re.search(reason, result.unformatted[0].text)


def test_all_claims_stay_in_their_column_if_one_has_to() -> None:
    text = "- id: &i che-001\n- note: null\n  id: che-002\n"
    assert after(HEAD + text) == HEAD + "- id: &i che-001\n\n- id: che-002\n  note: null\n"


@pytest.mark.parametrize("text", ["claims: []\n", "claims:\n", "", "# only this\n", "x: y\n"])
def test_a_file_without_claims_stays_as_it_is(text: str) -> None:
    assert after(text) == text


def test_a_hidden_character_is_neither_removed_nor_rewritten() -> None:
    text = (
        CLAIM.replace("One short", "One \u202eshort")
        .replace("  - id", "  -   id")
        .replace("  -   ", "  - ")
    )
    moved = text.replace("    note: null\n", "").replace("    effect", "    note: null\n    effect")
    assert after(HEAD + moved) == HEAD + text


def test_references_and_terms_have_a_layout_too() -> None:
    text = (
        "references:\n    7:\n        title: 'A: b'\n        authors: [A B]\n        pages: 12-14\n"
    )
    assert after(text) == (
        'references:\n  7:\n    authors: [A B]\n    title: "A: b"\n    pages: "12-14"\n'
    )
    text = "terms:\n- synonyms:\n  - b\n  label: a\n\n- label: c\n"
    assert after(text) == "terms:\n  - label: a\n    synonyms: [b]\n\n  - label: c\n"


# --- any layout ----------------------------------------------------------------------------

VALUES = {
    "id": "che-001",
    "promotes": ["M2 macrophage", "x: y", "1e3", "yes"],
    "agents": [],
    "effect": "resistance",
    "mechanism": "A sentence that is long enough, it's sure, to be wrapped: twice or so. " * 3,
    "molecules": ["a very long name of some molecule or other"] * 4,
    "refs": [1, 20],
    "at": {"section": "chemo/immune", "paragraph": 1},
    "note": "two\n\nparagraphs",
}


def messy_value(  # noqa: PLR0911 - one return for each way
    value: object, indent: int, chance: random.Random
) -> str:
    """The value in one of the many ways to write it, comments here and there."""
    margin = "\n" + " " * indent
    if isinstance(value, list):
        if not value or chance.random() < 0.3:
            return style.inline(value)
        if chance.random() < 0.3:
            separator = "," + chance.choice([" ", margin, f"  # in{margin}"])
            return "[" + separator.join(map(style.inline, value)) + chance.choice(["]", ",]", " ]"])
        dash = margin + chance.choice(["", "  "]) + "- "
        return "".join(dash + style.scalar(item) + comment(chance, 0.1) for item in value)
    if isinstance(value, dict):
        if chance.random() < 0.5:
            return style.inline(value)
        return "".join(f"{margin}{key}: {style.scalar(item)}" for key, item in value.items())
    if isinstance(value, str) and " " in value and chance.random() < 0.6:
        lines = style.folded(value.strip(), indent + chance.choice([0, 1, 3]))
        assert lines is not None
        return comment(chance, 0.2).join([lines[0], ""]) + "\n" + "\n".join(lines[1:])
    text = style.scalar(value)
    return chance.choice([text, f"  {text}", margin + text])


def comment(chance: random.Random, share: float) -> str:
    return f"   # {chance.randrange(10**6)} #x" if chance.random() < share else ""


def messy_claim(chance: random.Random, column: int) -> str:
    names = list(VALUES)
    if chance.random() < 0.7:
        chance.shuffle(names)
    margin = " " * (column + 2)
    lines = []
    for name in names:
        value = VALUES[name]
        value = value.strip() if isinstance(value, str) else value
        text = messy_value(value, column + chance.choice([4, 6]), chance)
        end = "" if "\n" in text and ">" in text else comment(chance, 0.2)
        lines.append(f"{margin}{name}: {text}{end}{' ' * chance.choice([0, 0, 2])}")
        if chance.random() < 0.15:
            lines.append(chance.choice(["", f"{margin}# own {len(lines)}", "  # out"]))
    lines[0] = " " * column + "- " + lines[0].lstrip()
    return "\n".join(lines)


def messy_file(seed: int) -> bytes:
    chance = random.Random(seed)
    column = chance.choice([0, 2, 4])
    gaps = ["\n", "\n\n", "\n\n\n\n", "\n# between\n", "\n\n  # between   \n\n"]
    text = chance.choice(["", "# head\n", "---\n"]) + HEAD
    for number in range(chance.randrange(1, 4)):
        text += chance.choice(gaps) if number else ""
        text += messy_claim(chance, column)
    text += chance.choice(["", "\n", "\n\n", "\n# tail", "\n...\n"])
    data = (text.replace("\n", "\r\n") if chance.random() < 0.3 else text).encode()
    return b"\xef\xbb\xbf" + data if chance.random() < 0.3 else data


def comment_texts(text: str) -> Counter[str]:
    return Counter(re.findall(r"# (?:\d+ #x|own \d+|out|in|between|head|tail)", text))


@given(st.integers(0, 10**9))
def test_any_layout_becomes_one_that_formatting_does_not_change(seed: int) -> None:
    data = messy_file(seed)
    document = parse_yaml(data, "chemo.yaml")
    assert not document.problems
    result = format_file(YamlFile(data, "chemo.yaml"))
    done = result.after.data
    assert parse_yaml(done, "chemo.yaml").value == document.value
    assert comment_texts(done.decode()) == comment_texts(data.decode())
    assert done.startswith(b"\xef\xbb\xbf") == data.startswith(b"\xef\xbb\xbf")
    assert (b"\r\n" in done) == (b"\r\n" in data)
    assert not re.search(rb"(?<!\r)\n", done) or b"\r\n" not in data
    again = format_file(YamlFile(done, "chemo.yaml"))
    assert again.after.data == done
    if "#" not in data.decode():
        assert result.unformatted == ()
        claims: list[dict[str, object]] = document.value["claims"]  # type: ignore[index]
        lines = "\n\n".join(map(style.format_claim, claims)).splitlines()
        assert (
            lines
            == done.decode()
            .split("claims:\r\n" if b"\r" in data else "claims:\n")[1]
            .rstrip("\n.\r")
            .splitlines()
        )


def test_a_mixed_file_keeps_the_line_end_of_each_place() -> None:
    text = HEAD + CLAIM.replace("note: null", "note:").replace("\n", "\r\n")
    assert after(text) == HEAD + CLAIM.replace("\n", "\r\n")


# --- the command ---------------------------------------------------------------------------


@pytest.fixture
def run(capfd: pytest.CaptureFixture[str]) -> Runner:
    return runner(capfd)


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """An evidence directory with one messy file."""
    (tmp_path / "chemo.yaml").write_text(HEAD + CLAIM.replace("note: null", "note:"))
    (tmp_path / "radio.yaml").write_text(HEAD.replace("chemo", "radio") + CLAIM)
    return tmp_path


def test_fmt_rewrites_what_is_not_canonical(run: Runner, directory: Path) -> None:
    os.chmod(directory / "chemo.yaml", 0o664)
    radio = os.stat(directory / "radio.yaml")
    done = run("fmt", "chemo.yaml", "radio.yaml", cwd=directory)
    assert (done.exit, done.out) == (0, "")
    assert done.err == "chemo.yaml: formatted\n2 files, 1 formatted\n"
    assert (directory / "chemo.yaml").read_text() == HEAD + CLAIM
    assert os.stat(directory / "chemo.yaml").st_mode & 0o777 == 0o664
    now = os.stat(directory / "radio.yaml")
    assert (now.st_ino, now.st_mtime_ns) == (radio.st_ino, radio.st_mtime_ns)
    assert sorted(os.listdir(directory)) == ["chemo.yaml", "radio.yaml"]


def test_check_names_what_would_change_and_exits_1(run: Runner, directory: Path) -> None:
    before = (directory / "chemo.yaml").read_bytes()
    done = run("fmt", "--check", ".", cwd=directory)
    assert (done.exit, done.out) == (1, "./chemo.yaml\n")
    assert (directory / "chemo.yaml").read_bytes() == before
    done = run("fmt", "--check", "radio.yaml", cwd=directory)
    assert (done.exit, done.out, done.err) == (0, "", "1 file, 0 to be formatted\n")


def test_diff_shows_the_change_and_writes_nothing(run: Runner, directory: Path) -> None:
    before = (directory / "chemo.yaml").read_bytes()
    done = run("--evidence", str(directory), "fmt", "--diff")
    assert done.exit == 0
    assert "\n-    note:\n+    note: null\n" in done.out
    assert (directory / "chemo.yaml").read_bytes() == before
    assert run("--evidence", str(directory), "fmt", "--diff", "--check").exit == 1


def test_a_file_that_does_not_parse_is_refused_and_the_others_are_done(
    run: Runner, directory: Path
) -> None:
    bad = HEAD + CLAIM + "  - id: [\n"
    (directory / "radio.yaml").write_text(bad)
    done = run("fmt", ".", cwd=directory)
    assert (done.exit, done.out) == (2, "")
    assert re.search(r"^\./radio\.yaml:\d+:\d+: error: .*\[syntax\]$", done.err, re.MULTILINE)
    assert (directory / "radio.yaml").read_text() == bad
    assert (directory / "chemo.yaml").read_text() == HEAD + CLAIM


def test_a_missing_directory_is_said_to_be_missing(run: Runner, directory: Path) -> None:
    done = run("--evidence", "nowhere", "fmt", cwd=directory)
    assert (done.exit, done.out) == (2, "")
    assert done.err.startswith("nowhere: error: cannot read evidence directory: No such file")


@pytest.mark.parametrize(
    ("argument", "message"),
    [
        ("x" * 5000, "File name too long"),
        ("nowhere.yaml", "No such file"),
        ("", "path is empty"),
        ("empty", "no evidence files"),
    ],
)
def test_what_is_not_there_is_an_error(
    run: Runner, directory: Path, argument: str, message: str
) -> None:
    (directory / "empty").mkdir()
    done = run("fmt", argument, cwd=directory)
    assert (done.exit, done.out) == (2, "")
    assert message in done.err


def test_what_is_no_evidence_file_is_named_before_any_is_written(
    run: Runner, directory: Path
) -> None:
    (directory / "papers.ris").touch()
    before = (directory / "chemo.yaml").read_bytes()
    done = run("fmt", "chemo.yaml", "papers.ris", cwd=directory)
    told = "papers.ris: error: is not an evidence file: those end in one of .yaml, .yml, .jsonl\n"
    assert (done.exit, done.out, done.err) == (2, "", told)
    assert (directory / "chemo.yaml").read_bytes() == before


def test_a_bulk_file_is_passed_over(run: Runner, directory: Path) -> None:
    (directory / "chemo.jsonl").write_text('{"id":  "che-001"}\n')
    done = run("fmt", "chemo.jsonl", cwd=directory)
    assert (done.exit, done.out) == (0, "")
    assert "chemo.jsonl: note: left as it is: bulk files" in done.err


def test_the_evidence_of_an_installed_package_is_not_for_editing(
    run: Runner, directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TDR_EVIDENCE")
    monkeypatch.setattr(files, "shipped_path", lambda: ROOT / "tdr" / "evidence")
    done = run("fmt", cwd=directory)
    assert (done.exit, done.out) == (2, "")
    assert "is not for editing; `tdr init DIR` begins your own, --evidence DIR names it" in done.err


def test_a_hostile_file_name_is_spelled_out(run: Runner, directory: Path) -> None:
    path = directory / "\x1b[31m\n.yaml"
    path.write_text((directory / "chemo.yaml").read_text())
    for option in ("--check", "--diff", "--force"):
        done = run("fmt", option, path.name, cwd=directory)
        assert "\\x1b[31m\\n.yaml" in done.out + done.err
        assert "\x1b" not in done.out + done.err


@pytest.mark.skipif(shutil.which("patch") is None, reason="there is no patch program")
def test_a_diff_can_be_applied(run: Runner, directory: Path) -> None:
    shown = run("fmt", "--diff", "chemo.yaml", cwd=directory).out
    subprocess.run(["patch", "-p0"], input=shown.encode(), cwd=directory, check=True)
    assert (directory / "chemo.yaml").read_text() == HEAD + CLAIM


def test_what_is_left_as_it_is_is_said(run: Runner, directory: Path) -> None:
    (directory / "chemo.yaml").write_text(HEAD + "  - refs: &r [1]\n    id: che-001\n")
    done = run("fmt", "chemo.yaml", cwd=directory)
    assert done.exit == 0
    assert done.err.startswith("chemo.yaml:3:5: note: left as it is: it holds an anchor")


# --- faults --------------------------------------------------------------------------------


def test_a_value_that_would_change_stops_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(style, "scalar", lambda value, **_: f"{value}x")
    with pytest.raises(TdrError, match="would not survive"):
        formatted(HEAD + CLAIM.replace("effect: resistance", "effect:  resistance"))


@pytest.mark.parametrize("key", ["claims", "terms", "therapies", "references"])
def test_records_in_another_shape_are_refused_as_check_refuses_them(key: str) -> None:
    shape = "mapping" if key == "references" else "list"
    for other in ("1: {title: x}" if shape == "list" else "- title: x", "x"):
        with pytest.raises(TdrError, match=rf"expected key `{key}` with a {shape}") as refused:
            formatted(f"{key}:\n  {other}\n")
        assert refused.value.problems[0].rule == "root"
