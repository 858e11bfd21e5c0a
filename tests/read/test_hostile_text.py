"""Hazards 36-41 and 47 of docs/hazards.md: what evidence text does to a screen or a log.

Evidence is poisoned in every field that holds free text; then every command draws it.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

import tdr
from tests.conftest import REVIEW, Run
from tests.fuzz import examples
from tests.program import FORMATS, HARMFUL, call, text_of
from tests.small import small_evidence

KINDS = ("cells", "cancers", "agents", "molecules", "pathways", "processes")

STYLES = re.compile(r"\x1b\[[0-9;]*m|\x1b\]8;[^;\x1b]*;[^\x1b]*\x1b\\")
"""What a terminal may be sent: colours, and links that the program made."""


def quoted(text: str) -> str:
    """A YAML scalar that arrives as this text, whatever is in it."""
    return '"' + "".join(f"\\U{ord(char):08x}" for char in text) + '"'


def poisoned(directory: Path, poison: str) -> Path:
    """Two sound claims in conflict, with the poison in every free text."""
    text = {name: quoted(f"{name} {poison}") for name in (
        "mechanism", "note", "countered", "section", "title", "journal", "author", "record",
        "licence", "pages", "synonym", "xref_label", *KINDS)}  # fmt: skip

    def claim(number: int, promotes: str, opposes: str, effect: str) -> str:
        return (
            f"  - id: che-00{number}\n    promotes: [{promotes}]\n    opposes: [{opposes}]\n"
            + "".join(f"    {kind}: [{text[kind]}]\n" for kind in KINDS[1:])
            + f"    effect: {effect}\n    mechanism: {text['mechanism']}\n    steps:\n"
            f"      - {{from: {text['cells']}, does: secretes, to: {text['molecules']}}}\n"
            f"      - {{from: {text['molecules']}, does: increases, to: resistance}}\n"
            f"    countered_by: [{text['countered']}]\n    basis: []\n    refs: [1]\n"
            f"    at: {{section: {text['section']}, paragraph: 1}}\n    note: {text['note']}\n"
        )

    files = {
        "chemo.yaml": "therapy: chemo\nclaims:\n"
        + claim(1, text["cells"], "other cell", "resistance")
        + claim(2, "", text["cells"], "sensitivity"),
        "references.yaml": f"references:\n  1: {{authors: [{text['author']}], "
        f"title: {text['title']}, "
        f"journal: {text['journal']}, year: 2020, pages: {text['pages']}, note: {text['note']}, "
        "cited_as: claim, status: ok}\n",
        "source.yaml": f"data_version: {quoted('1 ' + poison)}\nrecord: {{title: {text['record']}, "
        f"authors: [{text['author']}], journal: {text['journal']}, year: 2024, "
        f"licence: {text['licence']}}}\nconstants: {{knowledge_level: {text['note']}}}\n"
        f"sections:\n  - name: {text['section']}\n"
        "    paragraphs: [{words: 5, citations: [[1]]}]\n",
    }
    for kind in KINDS:
        extra = "  - label: other cell\n" if kind == "cells" else ""
        files[f"vocabulary/{kind}.yaml"] = (
            f"terms:\n  - label: {text[kind]}\n    synonyms: [{text['synonym']}]\n"
            f"    xref: CL:0000001\n    xref_label: {text['xref_label']}\n    xref_match: exact\n"
            + extra
        )
    for name, content in files.items():
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
    return directory


def commands(poison: str) -> list[tuple[str, ...]]:
    """Every way in which the program shows evidence to people or programs."""
    listings = [
        ("list",), ("show", "che-001"), ("search", "mechanism"), ("counter",), ("info",),
        *(("terms", kind) for kind in KINDS), ("matrix",), ("matrix", "--gaps"), ("conflicts",),
        ("matrix", "--rows", "section", "--cols", "agent"), ("stats",),
        ("stats", "--by", "molecule"),
        ("compare", f"cells {poison}", "other cell"), ("table", "3"), ("graph",), ("refs",),
        ("refs", "1"), ("coverage",), ("list", "-c", f"cells {poison}"),
    ]  # fmt: skip
    others = [
        ("graph", "--dot"), ("graph", "--mermaid"), ("graph", "--svg", "-", "--title", poison),
        ("matrix", "--svg", "-", "--title", poison), ("report", "--title", poison),
        ("fmt", "--diff"),
        *(("check", "-o", form) for form in ("text", "json", "github", "sarif", "junit")),
        ("list", "-c", poison), ("list", "--section", poison), ("show", poison), ("terms", poison),
        ("search", poison), ("list", "--sort", poison), ("list", "--columns", poison),
    ]  # fmt: skip
    return [
        *((*listing, "-o", form) for listing in listings for form in FORMATS),
        *(("--color", "always", *listing, "-o", "table") for listing in listings),
        *others,
    ]


def usable(poison: str) -> str:
    """Arguments of a process hold no NUL."""
    return poison.replace("\0", "")


def assert_harmless(done: Run, argv: tuple[str, ...]) -> None:
    assert done.exit in (0, 1, 2), (argv, done.err)
    colored = argv[:2] == ("--color", "always")
    shown = STYLES.sub("", done.out) if colored else done.out
    if "csv" in argv:
        shown = shown.replace("\r\n", "\n")  # the line ends of RFC 4180
    for text in (shown, done.err):
        found = HARMFUL.search(text)
        assert not found, (argv, ascii(text[max(0, found.start() - 40) : found.end() + 20]))


EVERY_HARMFUL = "".join(map(chr, (
    *range(0x20), *range(0x7F, 0xA0), 0x61C, *range(0x200B, 0x2010), *range(0x2028, 0x202F),
    *range(0x2060, 0x206A), 0xFEFF, 0xE0001, 0xE0041,
)))  # fmt: skip


LINES_OF_LOGS = ("\r\n::add-mask::x", "x\n##vso[task.setvariable]y")


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, ...], Run]:
    """What every command shows in every format of evidence with all of this in every text."""
    poison = EVERY_HARMFUL + "".join(LINES_OF_LOGS)
    evidence = poisoned(tmp_path_factory.mktemp("poisoned") / "e", poison)
    return {argv: call("--evidence", evidence, *argv) for argv in commands(usable(poison))}


def test_no_control_character_comes_out_of_any_command_in_any_format(
    answers: dict[tuple[str, ...], Run],
) -> None:
    """Hazard 38."""
    shown = 0
    for argv, done in answers.items():
        assert_harmless(done, argv)
        shown += "\\x1b" in done.out or "\\u001b" in done.out
    assert shown > 100  # it did come out, spelled


HAZARDOUS = st.text(
    st.characters(exclude_categories=["Cs"])
    | st.sampled_from(EVERY_HARMFUL)
    | st.sampled_from("[]:/<>&\"'|`\\=+-@#%$*_~{}()!?,;^ e\u0301👩\u200d🔬免"),
    max_size=25,
)


@given(HAZARDOUS, st.data())
@settings(max_examples=examples(0.6), suppress_health_check=list(HealthCheck))
def test_any_text_is_harmless_in_every_command_and_format(
    tmp_path_factory: pytest.TempPathFactory, poison: str, data: st.DataObject
) -> None:
    """Hazard 38."""
    evidence = poisoned(tmp_path_factory.getbasetemp() / "any", poison)
    for argv in data.draw(
        st.lists(st.sampled_from(commands(usable(poison))), min_size=6, max_size=6)
    ):
        assert_harmless(call("--evidence", evidence, *argv), argv)


@pytest.mark.parametrize(
    "sequence",
    ["\x1b]0;title\x07", "\x1b]52;c;ZXZpbA==\x07", "\x1b[2J\x1b[H", "\x9b31m", "\x9d0;t\x9c",
     "\x90q\x9c", "safe\rEVIL", "ab\b\bX", "\x0e\x0f", "\x7f", "\x00", "\x1bc", "\x1b(0"],
    ids=ascii,
)  # fmt: skip
def test_what_a_terminal_obeys_is_spelled_out(tmp_path: Path, sequence: str) -> None:
    """Hazard 38."""
    evidence = poisoned(tmp_path / "e", sequence)
    spelled = sequence.encode("unicode_escape").decode()
    for argv in (("list", "-o", "table"), ("show", "che-001", "-o", "table"), ("list",)):
        assert f"mechanism {spelled}" in call("--evidence", evidence, *argv, COLUMNS="300").out
    assert f"title {spelled}" in call("--evidence", evidence, "refs").out
    assert "[control-char]" in call("check", evidence).out


# -- 36 and 37: what looks like markup -------------------------------------

MARKUP = (
    "x [/b] y", "[bold]b[/bold]", "[link=http://evil]x[/link]", "[a-z] [sic] [see Fig 1]",
    "[#1] [@a]", ":100: :warning:", "\\[bold]", "[red]", "[/]", "[[x]]", "a\\",
    "**b** _c_ `d` <b>e</b>",
    "{0} %s $x",
)  # fmt: skip


def test_markup_in_evidence_is_text(tmp_path: Path) -> None:
    """Hazard 36."""
    evidence = poisoned(tmp_path / "e", " ".join(MARKUP))
    for argv in (
        ("list", "-o", "table"), ("show", "che-001", "-o", "table"),
        ("search", "mechanism", "-o", "table"),
        ("counter", "-o", "table"), ("terms", "cells", "-o", "table"), ("refs", "1", "-o", "table"),
        ("conflicts", "-o", "table"), ("graph", "-o", "table"), ("matrix", "-o", "table"),
        ("check",),
        ("table", "3", "-o", "table"), ("list",), ("refs", "-o", "table"), ("stats", "-o", "table"),
    ):  # fmt: skip
        done = call("--evidence", evidence, "--color", "always", *argv, COLUMNS="2000")
        assert done.exit == 0 or argv == ("check",), (argv, done.out, done.err)
        assert "evil\x1b\\" not in done.out
        shown = STYLES.sub("", done.out)
        assert argv == ("check",) or [text for text in MARKUP if f" {text}" not in shown] == [], (
            argv
        )


@pytest.mark.parametrize("text", MARKUP)
def test_markup_in_arguments_is_text(three_claims: Path, text: str) -> None:
    """Hazard 36."""
    for argv in (
        ("list", "-c", text),
        ("show", text),
        ("terms", text),
        ("check", "--select", text),
    ):
        done = call("--evidence", three_claims, *argv)
        assert done.exit in (1, 2)
        words = text.split() if argv[0] == "show" else [text]  # every word may be an id
        assert all(word in done.err.replace("`", "") or "`" in word for word in words)


def test_every_mechanism_arrives_unchanged_in_every_format() -> None:
    """Hazard 37."""
    mechanisms = [claim.mechanism for claim in tdr.load(REVIEW).claims]
    assert len(mechanisms) > 100
    for form in ("tsv", "csv", "yaml", "table", "markdown"):
        argv = ("--evidence", REVIEW, "list", "--columns", "mechanism", "-o", form)
        out = call(*argv, COLUMNS="70").out
        if form == "markdown":
            out = re.sub(r"\\([\\`*_<>\[\]|&~$])", r"\1", out)
        flat = "".join(out.replace('"', "").split())
        for mechanism in mechanisms:
            assert "".join(mechanism.replace('"', "").split()) in flat, (form, mechanism)


# -- 39: what reorders or hides --------------------------------------------


@pytest.mark.parametrize("char", ["\u202a", "\u202e", "\u2066", "\u2069"], ids=ascii)
def test_what_reorders_text_is_an_error_and_shown(tmp_path: Path, char: str) -> None:
    """Hazard 39."""
    evidence = poisoned(tmp_path / "e", f"a{char}b")
    checked = call("check", evidence)
    assert checked.exit == 1
    assert "[bidi]" in checked.out
    assert not HARMFUL.search(checked.out)
    assert f"a\\u{ord(char):04x}b" in call("--evidence", evidence, "list", "-o", "table").out


@pytest.mark.parametrize(
    "char",
    ["\u200b", "\u200c", "\u200e", "\u061c", "\u2060", "\ufeff", "\U000e0041", "\u200d"],
    ids=ascii,
)
def test_what_hides_between_letters_is_a_warning_and_shown(tmp_path: Path, char: str) -> None:
    """Hazard 39."""
    evidence = poisoned(tmp_path / "e", f"IL{char}6")
    checked = call("check", evidence)
    assert "[invisible]" in checked.out
    assert f"IL{char}6" not in checked.out
    assert f"IL{char}6" not in call("--evidence", evidence, "list", "-o", "table").out


def test_a_joiner_inside_an_emoji_is_no_finding(tmp_path: Path) -> None:
    """Hazard 39."""
    evidence = poisoned(tmp_path / "e", "👩\u200d🔬")
    assert "[invisible]" not in call("check", evidence).out
    assert "👩\u200d🔬" in call("--evidence", evidence, "list").out


def test_composed_and_decomposed_letters_name_the_same_term(tmp_path: Path) -> None:
    """Hazard 39."""
    evidence = poisoned(tmp_path / "e", "naïve")
    for form in ("cells naïve", "cells nai\u0308ve", "CELLS NAÏVE"):
        assert call("--evidence", evidence, "list", "-c", form, "--count").out == "2\n"


def test_an_id_is_ascii(tmp_path: Path) -> None:
    """Hazard 39."""
    evidence = small_evidence(tmp_path / "e")
    claims = evidence / "chemo.yaml"
    for identifier in ("che-00\u200b1", "сhe-001", "che-٠٠١", "che 001", "-rf", "../x", "x" * 65):
        claims.write_text(
            claims.read_text("utf-8").replace("- id: che-001", f'- id: "{identifier}"'), "utf-8"
        )
        done = call("--evidence", evidence, "list")
        assert (done.exit, done.out) == (2, "")
        small_evidence(evidence)


# -- 40: surrogates --------------------------------------------------------


@pytest.mark.parametrize("half", ["\\ud800", "\\udc9b31m", "\\udcff", "\\ude00\\ud83d"])
@pytest.mark.parametrize(
    "name", ["chemo.yaml", "chemo.jsonl", "references.yaml", "vocabulary/cells.yaml"]
)
def test_half_a_character_is_refused_and_never_becomes_a_byte(
    tmp_path: Path, half: str, name: str
) -> None:
    """Hazard 40."""
    evidence = small_evidence(tmp_path / "e")
    if name.endswith("jsonl"):
        (evidence / name).write_text(f'{{"id": "che-009", "mechanism": "{half}"}}\n')
    else:
        with (evidence / name).open("a") as file:
            file.write(f'x: "{half}"\n' if name == "references.yaml" else f'  - id: "{half}"\n')
    done = call("--evidence", evidence, "list")
    assert (done.exit, done.out) == (2, "")
    assert not HARMFUL.search(done.err)
    assert "surrogate" in done.err or "\\ud" in done.err
    assert call("check", evidence).exit == 1


def test_a_byte_that_is_no_text_in_an_argument_stays_escaped(three_claims: Path) -> None:
    """Hazard 40."""
    hostile = "\udc9b31m\udcff"
    for argv in (("show", hostile), ("list", "-c", hostile), ("search", hostile),
                 ("check", hostile),
                 ("report", "--title", hostile),
                 ("matrix", "--svg", "-", "--title", hostile)):  # fmt: skip
        done = call("--evidence", three_claims, *argv)
        assert done.exit in (0, 1, 2)
        for stream in (done.raw, done.err.encode("utf-8", "surrogateescape")):
            assert not re.search("[\ud800-\udfff\x80-\x9f]", text_of(stream))


# -- 41: what is wider or narrower than it looks ---------------------------

WIDE = (
    "免疫細胞が抵抗性を高める。" * 3, "👩\u200d🔬👨\u200d👩\u200d👧 🇩🇪 works",
    "e" + "\u0301" * 30 + " accents",
    "ｗｉｄｅ　ｌｅｔｔｅｒｓ", "한국어 텍스트", "العربية نص", "ไทยภาษา", "a\u0300b\u0301c\u0302",
)  # fmt: skip


@pytest.mark.parametrize(
    "text",
    ["\u0301" * 300 + "x" * 100, "x" * 100 + "\u0301" * 300, "\ufe0f" * 90 + "x" * 50,
     "Z" + "\u0301" * 60],
    ids=["marks first", "marks last", "selectors", "one letter"],
)  # fmt: skip
def test_marks_without_end_take_no_cell_and_break_nothing(tmp_path: Path, text: str) -> None:
    """Hazard 41."""
    evidence = poisoned(tmp_path / "e", text)
    for columns in (1, 20, 80):
        for argv in (("list",), ("show", "che-001"), ("terms", "cells"), ("counter",), ("stats",)):
            done = call("--evidence", evidence, *argv, "-o", "table", COLUMNS=str(columns))
            assert done.exit == 0, done.err


@pytest.mark.parametrize("text", WIDE)
def test_no_line_of_a_table_is_wider_than_the_terminal(tmp_path: Path, text: str) -> None:
    """Hazard 41."""
    evidence = poisoned(tmp_path / "e", text)
    for columns in (24, 80):
        for argv in (
            ("list",),
            ("show", "che-001"),
            ("refs",),
            ("terms", "cells"),
            ("conflicts",),
            ("table", "3"),
        ):
            done = call("--evidence", evidence, *argv, "-o", "table", COLUMNS=str(columns))
            assert done.exit == 0
            for line in done.out.splitlines():
                address = line.strip().startswith("https://")  # never broken: it must work
                assert cell_len(line) <= columns or address, (argv, columns, line)
    shown = "".join(call("--evidence", evidence, "list", "-o", "table", COLUMNS="40").out.split())
    assert "".join(text.split()) in shown


# -- 47: what a log takes for a command ------------------------------------

NO_LOGS = {"csv", "junit", "github", "--svg", "report", "json", "jsonl", "yaml", "always"}
"""Formats that quote by their own rules (a cell of CSV may have several lines), or are no news."""

COMMANDS_OF_LOGS = ("x\n::stop-commands::t", *LINES_OF_LOGS, "%0A::error::z")


@pytest.mark.parametrize("poison", COMMANDS_OF_LOGS, ids=ascii)
def test_evidence_cannot_speak_to_the_runner_of_a_workflow(
    tmp_path: Path, poison: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Hazard 47."""
    evidence = poisoned(tmp_path / f"e,line=1::x{poison.replace('/', '')}%", poison)
    claims = evidence / "chemo.yaml"
    claims.write_text(
        claims.read_text("utf-8").replace("refs: [1]", f"refs: [9, {quoted(poison)}]"), "utf-8"
    )
    monkeypatch.chdir(tmp_path)
    github = call("check", evidence.name, "-o", "github").out
    assert github
    for line in github.splitlines():
        place = r"::(error|warning) file=[^,:]*%3A%3Ax[^,:]*(,[a-z]+=[^,:]*)*::"
        assert re.match(place, line), line
    text = call("check", evidence.name).out
    assert all(line.startswith("e,line=1::x") for line in text.splitlines())
    assert text.count("\n") == len(github.splitlines())


def test_no_line_of_a_listing_starts_with_a_command_of_a_log(
    answers: dict[tuple[str, ...], Run],
) -> None:
    """Hazard 47."""
    for argv, done in answers.items():
        if not NO_LOGS & {*argv}:
            lines = (done.out + done.err).splitlines()
            assert not [line for line in lines if re.match(r"\s*(::|##)", line)], argv


@pytest.mark.parametrize("command", ["::add-mask::v", "##vso[task.setvariable variable=x]y"])
def test_a_listing_that_starts_with_evidence_does_not_start_with_a_command(
    tmp_path: Path, command: str
) -> None:
    """Hazard 47."""
    evidence = small_evidence(tmp_path / "e")
    for name, old in (("chemo.yaml", "STAT3 inhibitor"), ("vocabulary/cells.yaml", "immune cell")):
        text = (evidence / name).read_text()
        (evidence / name).write_text(text.replace(old, f'"{command}"'))
    for argv in (("counter",), ("stats", "--by", "cell"), ("list", "--columns", "countered_by")):
        for form in ("tsv", "csv"):
            out = call("--evidence", evidence, *argv, "-o", form).out
            assert not re.search(r"(?m)^\s*(::|##)", out), argv
    assert f"'{command}" in call("--evidence", evidence, "counter").out


@pytest.mark.parametrize("width", ["60", "76", "90"])
def test_no_line_of_a_drawing_is_wrapped_into_a_command(tmp_path: Path, width: str) -> None:
    """Hazard 47."""
    evidence = poisoned(tmp_path / "e", " ".join(["::add-mask::x"] * 12))
    for argv in (("list",), ("show", "che-001"), ("counter",), ("conflicts",), ("graph",)):
        out = call("--evidence", evidence, *argv, "-o", "table", COLUMNS=width).out
        assert "::add-mask::x" in out or argv in {("conflicts",), ("graph",)}
        assert not re.search(r"(?m)^\s*(::|##)", out), argv


def test_the_names_of_files_are_escaped_too(tmp_path: Path) -> None:
    """Hazard 47."""
    evidence = small_evidence(tmp_path / "a,line=1::x\n%0d.yaml")
    (evidence / "chemo.yaml").write_text("therapy: [x]\nclaims: []\n")
    out = call("check", evidence, "-o", "github").out
    assert os.fspath(evidence) not in out
    assert "a%2Cline=1%3A%3Ax%0A%250d.yaml/chemo.yaml,line=1,col=" in out


def test_what_a_message_quotes_of_the_evidence_is_cut(tmp_path: Path) -> None:
    """Hazard 48."""
    evidence = small_evidence(tmp_path / "e")
    claims = evidence / "chemo.yaml"
    sound = claims.read_text()
    for old, new in (
        ("refs: [1]", f"refs: [{'9' * 100_000}]"),
        ("paragraph: 1", f"paragraph: {'9' * 5000}"),
        ("effect: resistance", f"effect: {'x y ' * 5000}"),
        ("molecules: [CCL5, STAT3]", f"molecules: [{'x' * 5000}]"),
    ):
        claims.write_text(sound.replace(old, new, 1))
        done = call("--evidence", evidence, "list")
        assert (done.exit, done.out) == (2, "")
        assert "…" in done.err
        assert all(len(line) < 600 for line in done.err.splitlines()), len(done.err)
