"""Splicing keeps every byte outside of the edit; a value is written so that it reads the same."""

from __future__ import annotations

import io
import random
import re
from collections.abc import Callable

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from tdr.edit import style
from tdr.edit.document import Edit, YamlFile, require_same, unified_diff
from tdr.model.errors import TdrError
from tdr.read.yaml import parse_yaml
from tests.conftest import SHIPPED
from tests.fuzz import examples

RICH = """\
%YAML 1.2
---
# head
therapy: chemo   # c1
claims:
  - id: a   # x
    mechanism: >-   # hc # d
      hello # not
      world

    # own
    note: |
      x
         # not a comment
    # after
    refs: [1, # one
       2] # two
    at: {section: 'a # b', paragraph: 1}
    basis: &b
      - "in\\
        vitro"   # three
    same: *b
    empty:
  - plain text
    on two lines # four
  -
...
# tail
"""


def yaml_file(text: str) -> YamlFile:
    return YamlFile(text.encode(), "f.yaml")


def crlf(text: str) -> str:
    return text.replace("\n", "\r\n")


@pytest.mark.parametrize("change", [str, crlf])
def test_comments_are_told_from_text(change: Callable[[str], str]) -> None:
    found = yaml_file(change(RICH))
    assert [found.text[start:end] for start, end in found.comments()] == [
        "# head", "# c1", "# x", "# hc # d", "# own", "# after", "# one", "# two", "# three",
        "# four", "# tail",
    ]  # fmt: skip


@pytest.mark.parametrize("change", [str, crlf])
def test_every_scalar_is_where_the_sheet_says(change: Callable[[str], str]) -> None:
    found = yaml_file(change(RICH))
    assert found.root is not None
    pieces = [
        found.text[node.start : node.end]
        for node in found.root.walk()
        if node.kind in ("scalar", "alias")
    ]
    expected = [
        "therapy", "chemo", "claims", "id", "a",
        "mechanism", ">-   # hc # d\n      hello # not\n      world",
        "note", "|\n      x\n         # not a comment",
        "refs", "1", "2", "at", "section", "'a # b'", "paragraph", "1",
        "basis", '"in\\\n        vitro"', "same", "*b", "empty", "",
        "plain text\n    on two lines", "",
    ]  # fmt: skip
    assert pieces == [change(piece) for piece in expected]


def test_a_value_that_is_left_out_stands_behind_its_colon_or_dash() -> None:
    found = yaml_file("a:   # c\nb:\n  -\n  - x\n")
    assert found.root is not None
    empty = [n.start for n in found.root.walk() if n.kind == "scalar" and n.start == n.end]
    assert empty == [2, 15]


def scalars_of(text: str) -> int:
    root = yaml_file(text).root
    assert root is not None
    return sum(node.kind == "scalar" for node in root.walk())


@given(
    which=st.integers(0, scalars_of(RICH) - 1),
    text=st.text(st.sampled_from("ab \n:#"), max_size=9),
    bom=st.booleans(),
    windows=st.booleans(),
)
def test_a_splice_changes_nothing_else(which: int, text: str, bom: bool, windows: bool) -> None:
    source = crlf(RICH) if windows else RICH
    data = (b"\xef\xbb\xbf" if bom else b"") + source.encode()
    found = YamlFile(data, "f.yaml")
    assert found.root is not None
    node = [node for node in found.root.walk() if node.kind == "scalar"][which]
    head, tail = source[: node.start], source[node.end :]
    expected = (crlf(text) if windows else text).encode()
    spliced = found.splice([Edit(node.start, node.end, text)])
    assert spliced == data[:3] * bom + head.encode() + expected + tail.encode()


def test_an_edit_that_changes_nothing_gives_the_same_bytes() -> None:
    for path in SHIPPED.rglob("*.yaml"):
        found = YamlFile(path.read_bytes(), path.name)
        assert found.splice([]) == path.read_bytes()
        assert found.edited([Edit(3, 5, found.text[3:5])]) is found


def test_edits_may_come_in_any_order_but_not_overlap() -> None:
    found = yaml_file("a: 1\nb: 2\n")
    edits = [Edit(8, 9, "4"), Edit(3, 4, "3")]
    assert found.splice(edits) == b"a: 3\nb: 4\n"
    with pytest.raises(ValueError, match="overlap"):
        found.splice([Edit(0, 4, ""), Edit(3, 5, "")])


def test_a_file_that_does_not_parse_is_refused_with_the_place() -> None:
    with pytest.raises(TdrError, match=r"f\.yaml:2:1: error: .*\[duplicate-key\]"):
        yaml_file("a: 1\na: 2\n")


def test_an_edit_that_breaks_the_file_is_refused() -> None:
    with pytest.raises(TdrError, match="not closed"):
        yaml_file("a: [1]\n").edited([Edit(5, 6, "")])


@pytest.mark.parametrize(
    ("edit", "lost"), [(Edit(3, 4, "2"), "a value"), (Edit(6, 9, "# d"), "a comment")]
)
def test_a_lost_value_or_comment_is_noticed(edit: Edit, lost: str) -> None:
    before = yaml_file("a: 1 # c\n")
    with pytest.raises(TdrError, match=f"{lost} would not survive"):
        require_same(before, before.edited([edit]))


def test_a_diff_shows_what_hides() -> None:
    lines = unified_diff("a\x1b.yaml", b"a: 1\nb: 2\r\n", "a: \u202e1\nb: 2".encode())
    assert lines == [
        "--- a\\x1b.yaml\tbefore",
        "+++ a\\x1b.yaml\tafter",
        "@@ -1,2 +1,2 @@",
        "-a: 1",
        "-b: 2",
        "+a: \\u202e1",
        "+b: 2",
        "\\ No newline at end of file",
    ]


# --- writing values ------------------------------------------------------------------------

TRICKY = [
    "", " ", "a ", " a", "yes", "No", "ON", "y", "N", "null", "~", "true", "=", "<<", "1", "-1",
    "+1", "010", "0o10", "0x1F", "0b1", "1_000", "1e3", ".5", "1.", ".inf", "-.INF", ".NaN",
    "1:30", "12:30:45", "2024-01-02", "2024-1-2", "2024-01-02 10:00:00", "2024-01-02T10:00:00Z",
    "-", "- a", "?", "? a", ":", ": a", "a:", "a: b", "a:b", "a #b", "a#b", "#", "&a", "*a",
    "!a", "|", ">", "%a", "@a", "`a", "'a'", '"a"', "it's", 'say "hi"', "a\\b", "it's \"x\"",
    "[a]", "a]", "{a}", "a}", "a, b", "a,b", ",", "---", "--- a", "...", "a\nb", "a\tb", "\ta",
    "\x1b[31m", "\u202e", "\u200b", "\ufeff", "a\u2028b", "\x85", "\xa0", "é", "TGF-β", "😀",
    "👩\u200d🔬", "\U000e0001", "4-1BB", "CD8+ T cell", "-foo", "?foo", ":foo", "20-HETE",
]  # fmt: skip

SAFE = st.text(st.characters(codec="utf-8", exclude_characters="\ufffe\uffff"), max_size=12)
ANY_TEXT = st.one_of(st.sampled_from(TRICKY), SAFE, st.text(st.sampled_from("ab1.:- #,'\"\n")))


def read(text: str) -> object:
    document = parse_yaml(text.encode(), "f")
    assert not document.problems, (text, document.problems)
    return document.value


def other_parser(text: str, version: str) -> object:
    yaml = YAML(typ="safe", pure=True)
    yaml.version = version
    return yaml.load(io.StringIO(text))


@settings(max_examples=examples(4))
@given(ANY_TEXT)
def test_a_text_reads_the_same_after_it_is_written(text: str) -> None:
    flow = style.inline({"c": text, "d": [text, text]})
    written = f"a: {style.scalar(text)}\nb: {flow}\n"
    expected = {"a": text, "b": {"c": text, "d": [text, text]}}
    assert read(written) == expected
    assert other_parser(written, "1.2") == expected


@pytest.mark.parametrize("version", ["1.1", "1.2"])
def test_no_parser_takes_a_written_text_for_something_else(version: str) -> None:
    for text in TRICKY:
        written = f"a: {style.scalar(text)}\nb: {style.inline([text])}\n"
        assert other_parser(written, version) == {"a": text, "b": [text]}


@pytest.mark.parametrize(
    "text",
    ["CD8+ T cell", "4-1BB", "TGF-β", "IL-6", "5-fluorouracil", "PI3K/AKT/NF-κB", "-foo", "it's",
     "anti-PD-1 (any)", "20-HETE", "M2+"],
)  # fmt: skip
def test_ordinary_names_are_written_without_quotes(text: str) -> None:
    assert style.scalar(text) == text
    assert style.inline([text]) == f"[{text}]"


@given(st.text(st.sampled_from("abcdefgh    \n-#:'"), max_size=300), st.sampled_from([0, 2, 6]))
@example("a  b " + "c" * 100 + " d", 4)
@example("para one\n\npara two\n", 4)
def test_folded_text_reads_the_same_and_keeps_its_width(text: str, indent: int) -> None:
    lines = style.folded(text, indent + 2)
    if lines is None:
        stripped = text.removesuffix("\n")
        assert not stripped or re.search(r"(^|\n) | (\n|$)|^\n|\n$", stripped)
        return
    written = "\n".join([" " * indent + "a: " + lines[0], *lines[1:], ""])
    assert read(written) == {"a": text}
    for line in lines[1:]:
        longest_piece = max(map(len, re.split("(?<! ) (?! )", line.strip())))
        assert len(line) <= max(style.TEXT_WIDTH, indent + 2 + longest_piece)


@given(
    st.lists(
        st.sampled_from(["a", "a long name of a cell type", "with, comma", "x: y"]), max_size=9
    )
)
def test_a_list_reads_the_same_and_is_wrapped_only_when_it_must_be(items: list[str]) -> None:
    lines = style.field("molecules", items, 4)
    assert read("\n".join([*lines, ""])) == {"molecules": items}
    one = len("    molecules: ") + len(style.inline(items))
    assert (len(lines) == 1) == (one <= style.LIST_WIDTH)
    assert all(len(line) <= style.LIST_WIDTH for line in lines)


def test_lists_are_filled_like_text() -> None:
    cells = ["myofibroblastic cancer-associated fibroblast", "M2 tumor-associated macrophage"]
    assert style.field("promotes", [*cells, "myeloid cell, any"], 4) == [
        "    promotes: [",
        "      myofibroblastic cancer-associated fibroblast, M2 tumor-associated macrophage,",
        '      "myeloid cell, any"',
        "    ]",
    ]


def test_the_shipped_claims_are_what_format_claim_writes() -> None:
    for path in SHIPPED.glob("*.yaml"):
        value = read(path.read_text(encoding="utf-8"))
        if not isinstance(value, dict) or "claims" not in value:
            continue
        claims = "\n\n".join(map(style.format_claim, value["claims"]))
        expected = f"therapy: {path.stem}\nclaims:\n{claims}\n"
        assert path.read_text(encoding="utf-8") == expected


def test_the_order_of_the_values_given_does_not_matter() -> None:
    value = read((SHIPPED / "antiandrogen.yaml").read_text(encoding="utf-8"))
    assert isinstance(value, dict)
    claim = value["claims"][0]
    names = list(claim)
    random.Random(1).shuffle(names)
    assert style.format_claim({n: claim[n] for n in names}) == style.format_claim(claim)
