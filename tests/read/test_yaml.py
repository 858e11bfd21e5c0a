"""What `tdr.read` makes of YAML and JSON Lines, and what it refuses."""

from __future__ import annotations

import io
import json
import os
import re
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML
from ruamel.yaml.constructor import SafeConstructor
from ruamel.yaml.scanner import ScannerError

from tdr.model.errors import Problem, TdrError
from tdr.read import events
from tdr.read.content import read_file, read_stream
from tdr.read.jsonl import JsonLine, as_in_yaml, iter_jsonl, with_marks
from tdr.read.limits import Limits
from tdr.read.positions import Ambiguous, Map, Mark, Seq, one_based
from tdr.read.yaml import Document, parse_yaml
from tests.conftest import SHIPPED, TESTS
from tests.fuzz import examples

CLAIM = """\
  - id: imm-{:04d}
    promotes: [monocyte]
    opposes: [CD8+ T cell]   # a comment
    effect: resistance
    mechanism: >-
      CCL2 from the tumour draws in monocytes and keeps CD8+ T cells out, so checkpoint blockade
      has no effectors to release.
    countered_by: [CCL2 inhibition, "monocyte neutralization"]
    basis: []
    refs: [20, 'x']
    at: {{section: immunotherapy/immune, paragraph: 1}}
    note: null
"""


def claims(count: int) -> str:
    return "therapy: immunotherapy\nclaims:\n" + "".join(map(CLAIM.format, range(count)))


def read(source: str | bytes, limits: Limits | None = None) -> Document:
    data = source if isinstance(source, bytes) else source.encode("utf-8")
    return parse_yaml(data, "f.yaml", limits)


def key_marks(value: Map) -> dict[object, Mark]:
    return {key: value.mark_of(key, itself=True) for key in value}


def value_marks(value: Map) -> dict[object, Mark]:
    return {key: value.mark_of(key) for key in value}


def marks(value: Seq) -> list[Mark]:
    return [one_based(mark) for mark in value.places]


def places(problems: tuple[Problem, ...]) -> list[str]:
    """`line:column rule`, as a message shows it."""
    return [f"{str(p.location).removeprefix('f.yaml:')} {p.rule}" for p in problems]


def refused(source: str | bytes, limits: Limits | None = None) -> list[str]:
    """Where and why a document is refused; it has no value then."""
    document = read(source, limits)
    assert document.value is None
    assert document.errors
    assert all(p.location and p.location.file == "f.yaml" for p in document.problems)
    return places(document.errors)


def value_of(source: str | bytes) -> object:
    document = read(source)
    assert document.errors == ()
    return document.value


# ------------------------------------------------------- values and places


def test_every_key_and_value_knows_its_place() -> None:
    value = value_of("claims:\n  - id: é-1\n    refs: [20, 21]\n")
    assert isinstance(value, Map)
    assert value.mark == (1, 1)
    claim = value["claims"][0]
    assert claim == {"id": "é-1", "refs": [20, 21]}
    assert claim.mark == (2, 5)
    assert key_marks(claim) == {"id": (2, 5), "refs": (3, 5)}
    assert value_marks(claim) == {"id": (2, 9), "refs": (3, 11)}
    assert marks(claim["refs"]) == [(3, 12), (3, 16)]


def test_columns_count_code_points_not_bytes() -> None:
    value = value_of("{é: 1, 😀: 2}")
    assert isinstance(value, Map)
    assert value_marks(value) == {"é": (1, 5), "😀": (1, 11)}


def test_integer_keys_are_possible() -> None:
    assert value_of("1: {title: a}\n166: {title: b}\n") == {1: {"title": "a"}, 166: {"title": "b"}}


def test_values_are_plain_to_the_json_encoder() -> None:
    assert json.dumps(value_of("a: [1, x, null]\n")) == '{"a": [1, "x", null]}'


def test_a_document_is_never_half_read() -> None:
    assert read("a: 1\nb: !x 2\n").value is None


def test_what_is_wrong_is_listed_in_the_order_of_the_file() -> None:
    text = "a: 1\na: 2\nb: yes\nc: !t x\nd: *none\n"
    assert places(read(text).problems) == [
        "2:1 duplicate-key", "3:4 ambiguous", "4:4 tag", "5:4 syntax",
    ]  # fmt: skip


def test_a_flood_of_problems_is_cut_and_still_an_error() -> None:
    assert 0 < len(refused("- yes\n" * 1000 + "- !x 1\n" * 1000)) <= 51
    assert refused("- yes\n" * 1000 + "- {a: 1, a: 2}\n") == ["1001:10 duplicate-key"]


def test_messages_show_no_hidden_characters() -> None:
    texts = ('"a\\e\\u202e": 1\n"a\\e\\u202e": 2', "a: \u2028", "a: \x1b", "a: !\u202e x", "*\xadx")
    for source in texts:
        document = read(source)
        for problem in document.problems + document.findings:
            assert problem.text.isprintable(), problem.text


# ---------------------------------------------------------- A. YAML input

LEVELS = list(zip("abcdefgh", "bcdefghi", strict=True))


def test_alias_bomb_is_refused_at_the_alias_that_crosses_the_limit() -> None:
    """Hazard 1."""
    bomb = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
        f"{new}: &{new} [{','.join([f'*{old}'] * 9)}]\n" for old, new in LEVELS
    )
    assert refused(bomb) == ["6:8 alias-limit"]


def test_aliases_are_counted() -> None:
    """Hazard 1."""
    assert refused("- &a x\n" + "- *a\n" * 1001) == ["1002:3 alias-limit"]
    assert value_of("- &a x\n" + "- *a\n" * 1000) == ["x"] * 1001


def test_aliases_cannot_build_what_is_too_deep_to_walk() -> None:
    """Hazard 1."""
    chain = "- &a0 [x]\n" + "".join(f"- &a{i + 1} [*a{i}]\n" for i in range(70))
    assert refused(chain) == ["64:9 depth"]  # within two levels, one of 63


def test_merge_key_bomb_is_refused() -> None:
    """Hazard 2."""
    bomb = "a: &a {x: 1}\n" + "".join(
        f"{new}: &{new}\n  <<: [{','.join([f'*{old}'] * 9)}]\n" for old, new in LEVELS
    )
    assert [place.split()[1] for place in refused(bomb)] == ["alias-limit"]


def test_an_alias_inside_its_own_value_is_refused() -> None:
    """Hazard 3."""
    assert refused("a: &a [*a]\n") == ["1:8 alias-cycle"]
    assert refused("a: &a\n  <<: *a\n") == ["2:7 alias-cycle"]
    assert refused("&a {b: [*a]}\n") == ["1:9 alias-cycle"]


@pytest.mark.parametrize(
    ("source", "place"),
    [
        ("[" * 100_000, "1:65"),
        ('{"a":' * 100_000, "1:321"),
        ("- " * 5000, "1:129"),
        ("".join(" " * i + "k:\n" for i in range(1000)), "65:65"),
        ("? " * 5000, "1:129"),
    ],
    ids=["lists", "mappings", "items", "block", "keys"],
)
def test_deep_nesting_is_refused_at_node_65(source: str, place: str) -> None:
    """Hazard 4."""
    assert f"{place} depth" in refused(source)


def test_no_depth_or_size_crashes_or_stalls_the_interpreter() -> None:
    """Hazard 4. In a process of its own: a parser that recurses takes the interpreter down."""
    code = """
import random
from tdr.read.limits import HIGHEST_LIMITS
from tdr.read.yaml import parse_yaml

random.seed(4)
openings = ["[", "{a: ", "- ", "? ", "{? ", "[[", "- - ", "- ? ", "&a [", "!t [", "[a, ", "{a: ["]
for opening in openings:
    for count in (63, 65, 1000, 50_000):
        for limits in (None, HIGHEST_LIMITS):
            parse_yaml((opening * count).encode(), "", limits)
    parse_yaml(b"".join(b" " * (i % 900) + b"k:\\n" for i in range(50_000)), "")
for _ in range(200):
    text = "".join(random.choices([*openings, "]", "}", "\\n", "\\n  ", "x", ": "], k=3000))
    parse_yaml(text.encode(), "")
"""
    done = subprocess.run([sys.executable, "-c", code], check=False, timeout=60)
    assert done.returncode == 0


def test_levels_are_fine() -> None:
    """Hazard 64. Hazard 4."""
    assert read("[" * 64 + "x" + "]" * 64).errors == ()


def test_a_duplicate_key_is_refused_where_it_stands_the_second_time() -> None:
    """Hazard 5."""
    (problem,) = read("claims:\n  - id: a\n    refs: [1]\n    refs: [2]\n").errors
    assert str(problem) == (
        "f.yaml:4:5: error: the key `refs` stands here already: keep one of them"
        " (see f.yaml:3:5) [duplicate-key]"
    )


def test_of_an_item_whose_dash_is_missing_the_dash_is_named_and_nothing_else() -> None:
    (problem,) = read("claims:\n  - id: a\n    refs: [1]\n    id: b\n    refs: [2]\n").errors
    assert str(problem).startswith(
        "f.yaml:4:5: error: the key `id` stands here already: begin the next item with `- `"
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: 1\nb:\u00a02\n", "2:3: error: U+00A0 (no-break space) stands where a plain space"),
        ("- a: 1\n \u00a0b: 2\n", "2:2: error: U+00A0 (no-break space) stands where a plain space"),
        ("- a:\n   b: 1\n \u00a0 c: 2\n", "3:2: error: U+00A0 (no-break space) stands where"),
        ("a: 1\nb\uff1a 2\n", "2:2: error: U+FF1A (fullwidth colon) stands where `:` belongs"),
        ("- a: 1\n\u2013 a: 2\n", "2:1: error: U+2013 (en dash) stands where `-` belongs"),
        ("- a: 1\n-\u00a0a: 2\n", "2:2: error: U+00A0 (no-break space) stands where a plain space"),
        ("- a: 1\n-a: 2\n", "2:1: error: `-` stands where `- ` belongs"),
        ("a: 1\nb:two\nc: 3\n", "2:2: error: `:` stands where `: ` belongs"),
        (
            "a: \u201cb: c\u201d\n",
            "1:4: error: U+201C (left double quotation mark) stands where",
        ),
        ("- a: 1\n* a: 2\n", "2:1: error: `*` stands where `-` belongs"),
    ],
)
def test_a_character_that_stands_for_one_of_yaml_is_named(text: str, said: str) -> None:
    (problem,) = read(text).errors
    assert str(problem).startswith(f"f.yaml:{said}")
    assert refused("{a: 1, 'a': 2}") == ["1:8 duplicate-key"]


def test_one_and_true_do_not_clash_and_one_and_quoted_one_differ() -> None:
    """Hazard 5."""
    assert refused("1: a\ntrue: b\n") == ["2:1 key"]
    assert value_of("1: a\n'1': b\n") == {1: "a", "1": "b"}


def test_a_duplicate_anchor_is_refused() -> None:
    """Hazard 5."""
    assert refused("a: &x 1\nb: &x 2\nc: *x\n") == ["2:4 duplicate-anchor"]


@pytest.mark.parametrize(
    ("source", "place"),
    [("a:\n\t- b\n", "2:1"), ("id:\tA\n", "1:4"), ("a: b\t# c\n", "1:5"), ("- a\n-\tb\n", "2:2"),
     ("a: [\n\t\tb]\n", "2:1"), ("a: [b,\n  \tc]\n", "2:3"), ("a: {b: 1,\n\tc: 2}\n", "2:1")],
)  # fmt: skip
def test_a_tab_is_called_a_tab(source: str, place: str) -> None:
    """Hazard 6."""
    (problem,) = read(source).errors
    assert places((problem,)) == [f"{place} syntax"]
    assert "tab" in problem.text


def test_a_byte_order_mark_may_only_stand_first() -> None:
    """Hazard 7."""
    document = read(b"\xef\xbb\xbfid: a\n")
    assert document.value == {"id": "a"}
    assert document.text == "id: a\n"
    assert isinstance(document.value, Map)
    assert key_marks(document.value)["id"] == (1, 1)
    assert refused("- id: a\n\ufeff- id: b\n") == ["2:1 bom"]


def test_crlf_is_fine_lone_cr_is_not() -> None:
    """Hazard 8."""
    value = value_of("a: 1\r\nb: >-\r\n  x\r\n  y\r\nc: 'p\r\n\r\n  q'\r\n")
    assert value == {"a": 1, "b": "x y", "c": "p\nq"}
    assert isinstance(value, Map)
    assert key_marks(value)["c"] == (5, 1)
    assert refused("# ok\revil: 1\n") == ["1:5 line-break"]
    assert value_of("a: 1\nb: 2") == {"a": 1, "b": 2}


def test_mixed_line_ends_are_a_warning() -> None:
    """Hazard 8."""
    assert places(read("a: 1\r\nb: 2\nc: 3\r\n").problems) == ["2:5 line-break"]
    assert places(read("a: 1\nb: 2\r\n").problems) == ["2:5 line-break"]
    assert read("a: 1\r\nb: 2\n").value == {"a": 1, "b": 2}


@pytest.mark.parametrize("char", ["\x85", "\u2028", "\u2029"])
def test_other_line_breaks_are_refused_in_comments_and_values(char: str) -> None:
    """Hazard 9."""
    assert refused(f"- id: A # note{char}  - id: B\n") == ["1:15 line-break"]
    assert refused(f"a: x{char}y\n") == ["1:5 line-break"]


@pytest.mark.parametrize("codec", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-be"])
def test_other_unicode_encodings_are_named(codec: str) -> None:
    """Hazard 10."""
    (problem,) = read("claims: [é]\n".encode(codec)).errors
    assert places((problem,)) == ["1:1 encoding"]
    assert codec[:6].upper() in problem.text


@pytest.mark.parametrize(
    ("source", "place", "shown"),
    [
        (b"a:\n  - id: x\n    x: caf\xe9 noir\n", "3:11", "0xE9"),
        ("é: ".encode() + b"\xed\xa0\x80", "1:4", "0xED"),
        (b"a: \xc3", "1:4", "0xC3"),
        (b"ab: x\0y", "1:6", "U+0000"),
        (b"a: 1\nb: \x1b[31m", "2:4", "U+001B"),
        (b"a: \x7f", "1:4", "U+007F"),
        ("a: é\x9b31m".encode(), "1:5", "U+009B"),
        ("a: \uffff".encode(), "1:4", "U+FFFF"),
    ],
)
def test_what_is_no_text_is_refused_and_shown_in_hex(source: bytes, place: str, shown: str) -> None:
    """Hazard 11."""
    (problem,) = read(source).errors
    assert places((problem,)) == [f"{place} encoding"]
    assert shown in problem.text


def test_escaped_controls_are_findings_and_leave_the_value() -> None:
    """Hazard 12."""
    document = read('a: x\nb: "\\0 \\e \\x9b"\n')
    assert document.problems == ()
    assert document.value == {"a": "x", "b": "\0 \x1b \x9b"}
    assert places(document.findings) == ["2:4 control-char"] * 3
    assert {problem.severity for problem in document.findings} == {"error"}
    assert read('a: "x\\n\\ty"\n').findings == ()


@pytest.mark.parametrize("escape", ["\\ud800", "\\udc9b", "\\ude00\\ud83d"])
def test_half_a_surrogate_pair_is_refused_everywhere(escape: str) -> None:
    """Hazard 12."""
    assert set(refused(f'a: "{escape}"\n')) == {"1:4 control-char"}


def test_two_escapes_that_are_a_character_in_json_are_that_character() -> None:
    """Hazard 12."""
    assert read('"\\ud83d\\ude00": ["\\uD83D\\uDE00!", "\\ud83d\\\n  \\ude00"]\n').value == {
        "😀": ["😀!", "😀"]
    }
    assert set(refused('a: "\\ud83d\\ude00\\ud83d"\n')) == {"1:4 control-char"}


@given(st.lists(st.text(st.characters(exclude_categories=("Cs",)))))
@settings(max_examples=examples(1))
def test_text_as_json_writes_it_is_read_as_json_reads_it(texts: list[str]) -> None:
    """Hazard 12."""
    for ascii_only in (True, False):
        document = read(json.dumps({"a": texts}, ensure_ascii=ascii_only))
        assert document.problems or document.value == {"a": texts}
        assert not (ascii_only and document.problems)


def test_size_is_looked_at_before_reading(tmp_path: Path) -> None:
    """Hazard 13."""
    path = tmp_path / "huge.yaml"
    with path.open("wb") as file:
        file.truncate(9 * 1024 * 1024)
    with pytest.raises(TdrError) as caught:
        read_file(path, name="f.yaml")
    (problem,) = caught.value.problems
    assert problem.rule == "size"
    assert "8,388,608" in problem.text
    assert refused("a: 123456\n", Limits(file_bytes=8)) == ["1:1 size"]
    assert read("a: 12345", Limits(file_bytes=8)).errors == ()


def test_a_stream_without_end_is_read_up_to_the_limit() -> None:
    """Hazard 13."""

    class Endless(io.RawIOBase):
        def read(self, size: int = -1) -> bytes:
            assert size > 0
            return b"y\n" * 2048  # as a pipe does: not what was asked for

    with pytest.raises(TdrError) as caught:
        read_stream(Endless(), "<stdin>")  # type: ignore[arg-type]
    assert str(caught.value).startswith("<stdin>:1:1: error: exceeds the limit of 8,388,608 bytes")
    assert read_stream(io.BytesIO(b"a: 1"), "<stdin>") == b"a: 1"


def test_every_tag_is_refused_and_none_is_resolved(tmp_path: Path) -> None:
    """Hazard 14."""
    mark = tmp_path / "ran"
    assert refused(f'!!python/object/apply:os.system ["touch {mark}"]\n') == ["1:1 tag"]
    assert not mark.exists()
    tags = ("!Ref", "!!binary", "!!str", "!", "!e!x", "!<tag:yaml.org,2002:int>", "!!int", "!%zz")
    for tag in tags:
        (problem,) = read(f"a: {tag} x\n").errors
        assert places((problem,)) == ["1:4 tag"]
        assert f" {tag} " in problem.text
    assert refused("a: !!map {x: 1}\nb: &b !!seq [x]\n? !k c\n: 1\n") == [
        "1:4 tag", "2:7 tag", "3:3 tag",
    ]  # fmt: skip


@pytest.mark.parametrize("line", ["%YAML 1.1", "%YAML 2.0", "%YAML", "%TAG !e! x:", "%FOO bar"])
def test_directives_other_than_yaml_1_2_are_refused(line: str) -> None:
    """Hazard 15."""
    assert refused(f"{line}\n---\na: yes\n") == ["1:1 directive"]


def test_yaml_1_2_may_be_declared_and_nothing_leaks_into_the_next_file() -> None:
    """Hazard 15."""
    good = "%YAML 1.2\n---\na: yes\nb: 1\n"
    alone = read(good)
    assert alone.value == {"a": "yes", "b": 1}
    for evil in ("%YAML 1.1\n---\na: yes\n", "[" * 100, "a: !x 1", '"', "%TAG ! a\n"):
        read(evil)
        assert read(good) == alone


@pytest.mark.parametrize("source", ["", "\n\n", "# nothing\n", "~\n", "---\n", "null"])
def test_an_empty_file_is_a_warning(source: str) -> None:
    """Hazard 16."""
    document = read(source)
    assert document.value is None
    assert [(p.rule, p.severity) for p in document.problems] == [("empty", "warning")]


def test_any_root_is_handed_over_with_its_place() -> None:
    """Hazard 16."""
    assert (read("# c\n- 1\n").value, read("# c\n- 1\n").mark) == ([1], (2, 1))
    assert read("x\n").value == "x"


def test_a_second_document_is_refused_where_it_starts() -> None:
    """Hazard 16."""
    assert refused("a: 1\n---\nb: 2\n") == ["2:1 root"]
    assert value_of("---\na: 1\n...\n") == {"a": 1}


def test_a_conflict_is_refused_at_its_marker() -> None:
    """Hazard 16."""
    text = "a: 1\n<<<<<<< HEAD\nb: 1\n=======\nb: 2\n>>>>>>> topic\n"
    assert refused(text) == ["2:1 conflict-marker"]
    assert refused(text.replace("\n", "\r\n")) == ["2:1 conflict-marker"]
    assert refused("a: 1\n=======\n") == ["2:1 conflict-marker"]
    assert value_of("a: |\n  =======\n# ===========\n") == {"a": "=======\n"}


A, W = "ambiguous", "warned"
PLAIN_SCALARS: list[tuple[str, object]] = [
    ("", None), ("~", None), ("null", None), ("Null", None), ("NULL", None), ("nULL", "nULL"),
    ("0", 0), ("-0", 0), ("4", 4), ("-17", -17), ("9" * 18, 10**18 - 1),
    ("9" * 19, A), ("9" * 5000, A), ("+1", A), ("1_000", A), ("0x1F", A), ("0o10", A), ("0b1", A),
    ("1.0", A), ("1.", A), (".5", A), ("-.5", A), ("1e3", A), ("1E+3", A), ("1e400", A),
    ("1_0.5", A), (".nan", A), (".inf", A), ("-.INF", A), ("._", A), ("+_", A), ("-_", A),
    ("true", A), ("True", A), ("TRUE", A), ("false", A), ("False", A), ("FALSE", A),
    ("tRUE", "tRUE"), ("2024-01-02", A), ("2024-13-45", A), ("2024-1-2 10:00:00", A),
    ("2024-01-02T10:00:00Z", A), ("2024-01-02 10:00:00.5 +01:00", A), ("2024-01", "2024-01"),
    ("=", A), ("<<", A), ("1:30", W), ("1:30.5", W),
    ("-190:20:30", W), ("1:60", "1:60"), ("y", "y"), ("N", "N"),
    ("yes", W), ("NO", W), ("On", W), ("oFF", W), ("010", W + A), ("-007", W + A), ("08", W + A),
    ("00", W + A), ("0_1", A), ("1-2", "1-2"), ("1e", "1e"),
    ("0x", "0x"), ("1.2.3", "1.2.3"), (".", "."), ("CD8+", "CD8+"), ("IL-6", "IL-6"),
    ("10.1038/x", "10.1038/x"), ("PMC12", "PMC12"), ("1/2", "1/2"), ("infinity", "infinity"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), PLAIN_SCALARS, ids=lambda v: str(v)[:20])
def test_unquoted_scalars_have_one_value_or_are_ambiguous(text: str, expected: object) -> None:
    """Hazard 17."""
    document = read(f"a: {text}\n")
    assert document.errors == ()
    assert isinstance(document.value, Map)
    value = document.value["a"]
    warned = isinstance(expected, str) and expected.startswith(W)
    if expected in (A, W + A):
        assert value == Ambiguous(text)
    elif expected == W:
        assert value == text
    else:
        assert (value, type(value)) == (expected, type(expected))
    assert places(document.problems) == (["1:4 ambiguous"] if warned else [])


@pytest.mark.parametrize("text", ["1e3", "true", "2024-01-02", "~", "", "010", "yes", "4", "<<"])
def test_quoted_and_block_scalars_are_text(text: str) -> None:
    """Hazard 17."""
    source = f"[\"{text}\", '{text}']"
    assert (read(source).value, read(source).problems) == ([text, text], ())
    if text:
        assert value_of(f"|-\n  {text}\n") == text


def test_an_ambiguous_scalar_is_a_small_value_of_its_own() -> None:
    """Hazard 17."""
    assert Ambiguous("1e3") == Ambiguous("1e3") != Ambiguous("1000.0")
    assert repr(Ambiguous("1e3")) == "Ambiguous(text='1e3')"
    assert len({Ambiguous("1e3"), Ambiguous("1e3")}) == 1


def test_no_element_of_a_list_is_taken_for_a_reference_number_by_accident() -> None:
    """Hazard 18."""
    text = "refs: [true, &a true, 0, -1, 1.0, '4', .nan, 1e400, null, 0x14, 010, 1_000, [], {}, 20]"
    document = read(text)
    assert isinstance(document.value, Map)
    refs = document.value["refs"]
    assert [item for item in refs if type(item) is int] == [0, -1, 20]
    assert all(text[column - 1] not in " ,[" or item == [] for item, (_, column) in
               zip(refs, marks(refs), strict=True))  # fmt: skip


def test_errors_that_are_not_yaml_errors_are_located_too() -> None:
    """Hazard 20."""
    assert refused('a: 1\nb: "\\U00110000"\n') == ["2:5 syntax"]
    assert refused('a: "\\UFFFFFFFF"\n') == ["1:5 syntax"]


@pytest.mark.parametrize(
    ("source", "place"),
    [
        ("a: b: c\n", "1:5"),
        ("a: 1\nfoo\nb: 2\n", "2:1"),
        ('a: 1\nb: "x\nc: 1\n', "2:4"),
        ("a: [1, 2\nb: 3\n", "2:2"),
        ("a: @x\n", "1:4"),
        ('a: "\\q"\n', "1:6"),
        ("a: 1\n  b: 2\n", "2:4"),
        ("a: {b: 1\n", "2:1"),
        ("a: *nowhere\n", "1:4"),
        ("- a\nb: 1\n", "2:1"),
        ("a: %x\n", "1:4"),
    ],
)
def test_syntax_errors_point_at_their_cause(source: str, place: str) -> None:
    """Hazard 20."""
    assert refused(source) == [f"{place} syntax"]


def test_merge_keys_own_key_wins_then_the_first_of_the_list() -> None:
    """Hazard 21."""
    text = """\
base: &base {x: 1, y: 2}
more: &more {x: 3, z: 4}
one: {<<: *base, y: 9}
two:
  y: 9
  <<: [*base, *more]
three: {<<: {x: 5}}
text: {"<<": 1}
"""
    value = value_of(text)
    assert isinstance(value, Map)
    assert value["one"] == {"x": 1, "y": 9}
    assert value["two"] == {"x": 1, "y": 9, "z": 4}
    assert value["three"] == {"x": 5}
    assert value["text"] == {"<<": 1}
    assert value_marks(value["two"]) == {"x": (1, 17), "y": (5, 6), "z": (2, 23)}
    assert key_marks(value["two"]).keys() == value["two"].keys()


def test_an_alias_is_the_same_value_at_another_place() -> None:
    """Hazard 21."""
    value = value_of("a: &a [x]\nb: *a\nc: &c 7\n*c : d\n")
    assert isinstance(value, Map)
    assert value == {"a": ["x"], "b": ["x"], "c": 7, 7: "d"}
    assert value_marks(value)["b"] == (2, 4)


def test_what_cannot_be_merged_is_refused() -> None:
    """Hazard 21."""
    assert refused("a: {<<: 1}\nb: {<<: [{x: 1}, y]}\n") == ["1:9 merge", "2:18 merge"]
    (problem,) = read("a: &a {x: 1}\nb: {<<: *a, <<: *a}\n").errors
    assert str(problem).startswith("f.yaml:2:13: error: the key `<<` stands here already: keep")


def test_keys_are_text_or_integers() -> None:
    text = "? [a]\n: 1\n{b: {c: 1}}: 2\n~: 3\n1e3: 4\n? \n: 5\n"
    assert refused(text) == ["1:3 key", "3:1 key", "4:1 key", "5:1 key", "6:2 key"]


def test_bidi_characters_are_findings_in_values_and_comments() -> None:
    """Hazard 39."""
    document = read("a: x\u202ey\nb: 'z' # \u2066\nc: \"\\u202a\"\n? d\u2069\n: 1\n")
    assert document.problems == ()
    assert places(document.findings) == ["1:4 bidi", "2:10 bidi", "3:4 bidi", "4:3 bidi"]
    assert str(document.findings[0].related) == "f.yaml:1:5"
    assert document.findings[2].related is None


def test_invisible_characters_are_warnings_but_emoji_are_fine() -> None:
    """Hazard 39."""
    document = read('a: IL\u200b6\nb: \U0001f469\u200d\U0001f52c\nc: "\\ufeff"\nd: \U000e0041\n')
    assert document.problems == ()
    assert places(document.findings) == ["1:4 invisible", "3:4 invisible", "4:4 invisible"]
    assert {problem.severity for problem in document.findings} == {"warning"}


def test_many_warnings_do_not_hide_an_error() -> None:
    """Hazard 39."""
    document = read("- \u200b\n" * 500 + "- \u202e\n")
    assert places(document.findings)[-1] == "501:3 bidi"


# --------------------------------------------- the same as the stock parser

PIECES = [
    "a", "b c", "key", ": ", ":", ":\n", "- ", "-", "\n", "\n  ", "\n    ", "\n\n", " ", "  ", "\t",
    "[", "]", "{", "}", ", ", ",", '"x"', "'y'", '"', "'", '"a\\n"', "''", "#", "# c", " #d", "|",
    ">", ">-", "|+", "|2", "? ", "?", "&a ", "*a", "...", "---", "\n---\n", "~", "1", "é", "@", "%",
    "=", "<<", "x: y", "\n- ", "\n  - ", "|\n  t\n", ">-\n    q\n\n    r\n", "\\", "z" * 1100,
]  # fmt: skip
MIXED = """\
a: [x, "y", 'it''s'] # c
b:
- k: v
  l: >-
    t u
    v

  m: |
    1
      2
- {q: r, s: [t: u], "w" : 1}
c: plain
  more

  end
"d" : e
? f
: &f g
"""

soup = st.lists(st.sampled_from(PIECES), max_size=25).map("".join)


@st.composite
def mutated(draw: st.DrawFn, pieces: list[str], *bases: str) -> str:
    """One of the texts with a few pieces cut, put in, or repeated."""
    text = draw(st.sampled_from(bases))
    for _ in range(draw(st.integers(0, 4))):
        at, to = sorted(draw(st.integers(0, len(text))) for _ in range(2))
        piece = draw(st.sampled_from([*pieces, text[at : min(to, at + 30)]]))
        text = text[:at] + piece + text[min(to, at + draw(st.integers(0, 5))) :]
    return text


def read_by_the_reference(source: str | bytes) -> Document:
    """As `read`, on a machine without libyaml."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(events, "CParser", None)
        return everything(source)


def everything(source: str | bytes) -> Document:
    data = source if isinstance(source, bytes) else source.encode("utf-8")
    return parse_yaml(data, "f.yaml", nodes=True)


def all_marks(value: object) -> Iterator[object]:
    """The places of everything in a value, which equality of values leaves out."""
    if isinstance(value, Map):
        yield value.mark, key_marks(value), value_marks(value)
        for item in value.values():
            yield from all_marks(item)
    elif isinstance(value, Seq):
        yield value.mark, marks(value)
        for item in value:
            yield from all_marks(item)


def assert_both_parsers_agree(source: str | bytes) -> None:
    fast, reference = everything(source), read_by_the_reference(source)
    assert fast == reference
    assert list(all_marks(fast.value)) == list(all_marks(reference.value))


@pytest.mark.parametrize(
    ("text", "value"),
    [("'the cell''s\n  role'", "the cell's role"), ("'a''b'", "a'b"), ("''''", "'"), ("''", ""),
     ("'''\n  a'", "' a"), ("'a '' b\n\n  c'''", "a ' b\nc'"),
     ("['', 'x''\n y', '']", ["", "x' y", ""])],
)  # fmt: skip
def test_an_apostrophe_is_two_on_every_line_of_a_quoted_text(text: str, value: object) -> None:
    """Hazard 19."""
    assert value_of(f"a: {text}\n") == {"a": value}


@example("a: ['it'':\n s']\n")
@example("a: ['it':]\n")
@example("a: ['it':'s']\n")
@example("a: |\n    \n      text\n")
@example("&a |\n---\n")
@example(" !!str &a >-\n---\n")
@example("- {a: , b, c: }\n- d: # c\n- \n- e:\n\n  f:")
@settings(max_examples=examples(6))
@given(st.one_of(soup, mutated(PIECES, MIXED, MIXED, claims(1))))
def test_values_places_and_verdicts_are_the_same_without_libyaml(text: str) -> None:
    """Hazard 19."""
    assert_both_parsers_agree(text)


def test_shipped_files_and_a_case_of_each_rule_read_the_same_without_libyaml() -> None:
    """Hazard 19."""
    case_of = {path.parent: path for path in sorted((TESTS / "cases").rglob("*.yaml"))}
    for path in (*SHIPPED.glob("a*.yaml"), *case_of.values()):
        assert_both_parsers_agree(path.read_bytes())


def same(ours: object, stock: object) -> bool:
    """Equal values; what is ambiguous is something else than text to the stock loader."""
    if isinstance(ours, Ambiguous):
        return not isinstance(stock, (str, list, dict)) and stock is not None
    if isinstance(ours, Map):
        return isinstance(stock, dict) and ours.keys() == stock.keys() and all(
            same(value, stock[key]) for key, value in ours.items()
        )  # fmt: skip
    if isinstance(ours, Seq):
        return isinstance(stock, list) and len(ours) == len(stock) and all(
            map(same, ours, stock)
        )  # fmt: skip
    return type(ours) is type(stock) and ours == stock


class Stock(SafeConstructor):
    """The stock loader, which has no value for `=` and a `<<` that is no key."""


for tag in ("value", "merge"):
    Stock.add_constructor(f"tag:yaml.org,2002:{tag}", lambda *_: object())


@example("m: >\n  \n      blank line before it\n")
@settings(max_examples=examples(4))
@given(st.one_of(soup, mutated([*PIECES, "1e3", "true", "0x1"], MIXED, claims(1))))
def test_values_equal_those_of_the_stock_loader(text: str) -> None:
    """Hazard 19."""
    document = read(text)
    if not document.errors:
        yaml = YAML(typ="safe", pure=True)
        yaml.Constructor = Stock
        try:
            stock = yaml.load(text)
        except ScannerError as error:  # blank lines before a text, of fewer spaces: YAML has them
            if "more indented follow up line" not in str(error):
                raise
            return
        assert same(document.value, stock)


@pytest.mark.parametrize(("text", "expected"), PLAIN_SCALARS, ids=lambda v: str(v)[:20])
def test_a_plain_scalar_is_text_only_if_the_stock_loader_says_so(
    text: str, expected: object
) -> None:
    """Hazard 19."""
    try:
        stock = YAML(typ="safe", pure=True).load(f"a: {text}\n")["a"]
    except Exception:
        assert expected == A
        return
    assert isinstance(stock, str) == (isinstance(expected, str) and A not in expected)


words = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=12)
tricky = st.sampled_from([text for text, _ in PLAIN_SCALARS] + ["- x", "a: b", "# c", " x ", "\n"])
leaves = st.one_of(st.none(), st.integers(-(10**17), 10**17), words, tricky)
evidence = st.recursive(
    leaves,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(words | tricky, inner, max_size=4),
    max_leaves=15,
)


@example("<<<<<<<")
@settings(max_examples=examples(2))
@given(evidence)
def test_what_is_written_as_yaml_or_json_is_read_back(value: object) -> None:
    """Hazard 19."""
    buffer = io.BytesIO()
    value = [value]  # no text begins a line: the mark of a merge conflict would be one
    YAML(typ="safe", pure=True).dump(value, buffer)
    try:
        written = YAML(typ="safe", pure=True).load(buffer.getvalue()) == value
    except Exception:
        written = False  # it writes the key `:0` without quotes, for one
    if written:
        assert value_of(buffer.getvalue()) == value
    (line,) = lines(json.dumps(value))
    assert (line.value, line.problems) == (value, ())


# ------------------------------------------------------------- never raises

REAL = claims(3).encode()


@settings(max_examples=examples(6))
@given(st.binary(max_size=300))
def test_arbitrary_bytes_never_raise(data: bytes) -> None:
    """Hazard 20."""
    document = read(data)
    assert document.value is None or not document.errors


@settings(max_examples=examples(4))
@given(st.data())
def test_a_damaged_real_file_never_raises(data: st.DataObject) -> None:
    """Hazard 20."""
    at = data.draw(st.integers(0, len(REAL)))
    cut = data.draw(st.integers(0, 20))
    document = read(REAL[:at] + data.draw(st.binary(max_size=12)) + REAL[at + cut :])
    for problem in document.problems + document.findings:
        assert problem.location is not None
        assert problem.location.line is not None
        assert problem.text.isprintable()


@pytest.mark.parametrize(
    "piece",
    ["[", "{a: ", "- ", "? ", "!a ", "*a ", "&a ", '"', "'", '"\\', "#", "|\n", "yes\n", ": ", "x ",
     "\t", "\u202e", "\u200b\n", "<<: *a\n", "a: 1\n", "%a\n", "---\n", ",", "\n", " ", "é", "1_"],
)  # fmt: skip
def test_time_does_not_explode_with_any_repeated_piece(piece: str) -> None:
    """Hazard 13."""
    for text in (piece * 10_000, "a: " + piece * 10_000):
        read(text)  # what grows with the square would not come to an end


def test_no_pattern_needs_what_python_3_11_2_misreads() -> None:
    """Hazard 13. Possessive quantifiers and atomic groups match wrongly there."""
    from re import _constants, _parser  # type: ignore[attr-defined]  # to look into patterns

    unsafe = {_constants.POSSESSIVE_REPEAT, _constants.ATOMIC_GROUP}

    def operators(parsed: object) -> Iterator[object]:
        if isinstance(parsed, _parser.SubPattern | list | tuple):
            for item in parsed:
                yield from operators(item)
        else:
            yield parsed

    patterns = [
        (name, value)
        for name, module in sorted(sys.modules.items())
        if name == "tdr" or name.startswith("tdr.")
        for value in vars(module).values()
        if isinstance(value, re.Pattern)
    ]
    assert len(patterns) > 20
    for name, pattern in patterns:
        parsed = _parser.parse(pattern.pattern, pattern.flags)
        assert unsafe.isdisjoint(operators(parsed)), (name, pattern.pattern)


# ----------------------------------------------------------------- B. files


def failure(action: Callable[[], object]) -> Problem:
    with pytest.raises(TdrError) as caught:
        action()
    (problem,) = caught.value.problems
    assert problem.location is not None
    assert problem.location.line is None or problem.rule == "size"
    return problem


def test_an_unreadable_file_is_reported_with_the_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Hazard 22."""

    def denied(*_args: object) -> int:
        raise PermissionError(13, "Permission denied")

    assert str(failure(lambda: read_file(tmp_path))) == (
        f"{tmp_path}: error: is a directory: a file is expected here"
    )
    monkeypatch.setattr(os, "open", denied)
    path = tmp_path / "f.yaml"
    assert (
        str(failure(lambda: read_file(path))) == f"{path}: error: cannot be read: Permission denied"
    )


def test_missing_files_broken_links_and_impossible_names_are_reported(tmp_path: Path) -> None:
    """Hazard 23."""
    (tmp_path / "broken").symlink_to("nowhere")
    (tmp_path / "file").touch()
    for name in ("missing", "broken", "file/below", "a\0b", "x" * 300, "\ud800"):
        assert failure(lambda name=name: read_file(tmp_path / name, name="f")).text.startswith(  # type: ignore[misc]
            "cannot be read: "
        )
    assert "No such file" in failure(lambda: read_file(tmp_path / "missing")).text


def test_a_link_loop_is_reported_and_a_link_to_a_file_is_followed(tmp_path: Path) -> None:
    """Hazard 24."""
    (tmp_path / "loop").symlink_to("loop")
    assert "symbolic link" in failure(lambda: read_file(tmp_path / "loop")).text
    (tmp_path / "f.yaml").write_bytes(b"a: 1")
    (tmp_path / "link").symlink_to("f.yaml")
    assert read_file(tmp_path / "link") == b"a: 1"


def test_only_regular_files_are_read_and_nothing_blocks(tmp_path: Path) -> None:
    """Hazard 25."""
    os.mkfifo(tmp_path / "fifo")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "socket"))
        (tmp_path / "x.yaml").mkdir()
        for path in (tmp_path / "fifo", tmp_path / "x.yaml", Path("/dev/zero"), Path("/dev/null")):
            assert "file is expected" in failure(lambda path=path: read_file(path)).text  # type: ignore[misc]
        failure(lambda: read_file(tmp_path / "socket"))
        failure(lambda: list(iter_jsonl(tmp_path / "fifo")))


def test_a_failing_stream_is_reported() -> None:
    """Hazard 25."""
    closed = io.BytesIO()
    closed.close()
    failure(lambda: read_stream(closed, "<stdin>"))


def test_a_file_that_grows_after_the_look_at_its_size_is_still_bounded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Hazard 26."""
    path = tmp_path / "f.yaml"
    path.write_bytes(b"a: 12345")
    real = os.fstat

    def empty(descriptor: int) -> os.stat_result:
        fields = list(real(descriptor))
        fields[6] = 0
        return os.stat_result(fields)

    monkeypatch.setattr(os, "fstat", empty)
    assert failure(lambda: read_file(path, limits=Limits(file_bytes=4))).rule == "size"


def test_hostile_file_names_can_be_read(tmp_path: Path) -> None:
    """Hazard 27."""
    for name in (b"\x1b[31m.yaml", b"a\nb.yaml", b"\xff.yaml", b"-rf.yaml", b"[bold].yaml"):
        path = tmp_path / os.fsdecode(name)
        path.write_bytes(b"a: 1")
        assert read_file(path) == b"a: 1"


def test_importing_the_reader_does_not_import_ruamel() -> None:
    code = "import sys, tdr.read.yaml; sys.exit('ruamel.yaml' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


# -------------------------------------------------------------- JSON lines


def lines(source: str | bytes, limits: Limits | None = None) -> list[JsonLine]:
    data = source if isinstance(source, bytes) else source.encode("utf-8", "surrogatepass")
    with tempfile.NamedTemporaryFile(suffix=".jsonl") as file:
        file.write(data)
        file.flush()
        found = iter_jsonl(Path(file.name), "f.yaml", limits)
        return [line._replace(value=as_in_yaml(line.value)) for line in found]


def test_jsonl_is_read_line_by_line() -> None:
    found = lines('\ufeff{"id": "a", "refs": [1, 2]}\r\n\n  \n {"id": null}')
    assert found == [
        JsonLine(1, {"id": "a", "refs": [1, 2]}, b'{"id": "a", "refs": [1, 2]}'),
        JsonLine(4, {"id": None}, b' {"id": null}'),
    ]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1", 1), ("-0", 0), ("9" * 18, 10**18 - 1), ("-" + "9" * 18, 1 - 10**18),
        ("9" * 19, Ambiguous("9" * 19)), ("9" * 5000, Ambiguous("9" * 5000)),
        ("1.0", Ambiguous("1.0")), ("1e3", Ambiguous("1e3")), ("NaN", Ambiguous("NaN")),
        ("-Infinity", Ambiguous("-Infinity")), ("true", Ambiguous("true")), ("null", None),
        ('"true"', "true"), ('"\\u03b1 \\ud83d\\ude00"', "α 😀"),
    ],
    ids=lambda v: str(v)[:20],
)  # fmt: skip
def test_jsonl_values_follow_the_rules_of_yaml(text: str, value: object) -> None:
    (line,) = lines(f'{{"a": [{text}]}}')
    assert (line.value, line.problems) == ({"a": [value]}, ())
    assert with_marks(line) == line.value


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ('{"a": 1, "a": 2}', "2:10 duplicate-key"),
        ('{"x": {"é": 1, "\\u00e9": 2}}', "2:16 duplicate-key"),
        ('{"a": }', "2:7 syntax"),
        ('{"a": 1} x', "2:10 syntax"),
        ("{'a': 1}", "2:2 syntax"),
        ('{"a": "x\ty"}', "2:9 syntax"),
        ('{"a": "x\x1by"}', "2:9 encoding"),
        ('{"a": "\x7f"}', "2:8 encoding"),
        ('{"a": "é\x9b"}', "2:9 encoding"),
        ('{"a": "\u2028"}', "2:8 line-break"),
        ('\r{"a": 1}', "2:1 line-break"),
        ('\ufeff{"a": 1}', "2:1 bom"),
        ('{"a": "\\ud800"}', "2:7 control-char"),
        ("[" * 65 + "]" * 65, "2:65 depth"),
        ("[" * 100_000, "2:65 depth"),
        ("<<<<<<< HEAD", "2:1 conflict-marker"),
        ('{"a": "\ud800"}', "2:8 encoding"),
        ('"' + "x" * 100 + '"', "2:1 size"),
    ],
    ids=lambda v: ascii(v)[:20],
)  # fmt: skip
def test_jsonl_what_is_wrong_is_wrong_with_one_line(text: str, place: str) -> None:
    limits = Limits(file_bytes=100) if place.endswith("size") else None
    before, bad, after = lines(f'{{"a": "[[[{{"}}\n{text}\n[1]\n', limits)
    assert (bad.number, bad.value) == (2, None)
    assert places(bad.problems) == [place]
    assert [line.problems for line in (before, after)] == [(), ()]
    assert (before.number, after.number, after.value) == (1, 3, [1])


@pytest.mark.parametrize(
    "text", ['{"a": 1, "b": {"c": 1, "c": 2}}', "[" * 65, '{"a": "\\ud83d"}', '{"a": "\\u001b"}'],
)  # fmt: skip
def test_jsonl_a_fault_is_told_in_the_words_of_yaml(text: str) -> None:
    (line,), document = lines(text), read(text)
    assert [*map(str, line.problems + line.findings)] == [
        *map(str, document.problems + document.findings)
    ]
    assert line.problems + line.findings


def test_jsonl_the_limit_holds_for_a_line_not_for_the_file() -> None:
    limits = Limits(file_bytes=10)
    assert [bool(line.problems) for line in lines("1234567890\r\n" * 20, limits)] == [False] * 20
    found = lines("12345678901\n1\n" + "x" * 10**6 + "\n2", limits)
    assert [(line.number, line.value) for line in found] == [(1, None), (2, 1), (3, None), (4, 2)]


def test_jsonl_64_levels_are_fine_and_brackets_in_text_do_not_count() -> None:
    text = "[" * 64 + '"' + "[" * 50 + '\\""' + "]" * 64
    assert lines(text)[0].problems == ()


def test_jsonl_suspect_characters_are_findings() -> None:
    (line,) = lines('{"a": "x\\u001b", "b": ["\u202e", "\u200b", "\\r"], "c\\u2066": "\\n\\t"}')
    assert line.problems == ()
    assert line.value == {"a": "x\x1b", "b": ["\u202e", "\u200b", "\r"], "c\u2066": "\n\t"}
    assert places(line.findings) == [
        "1:7 control-char", "1:24 bidi", "1:29 invisible", "1:34 control-char", "1:41 bidi",
    ]  # fmt: skip


def test_jsonl_in_another_encoding_is_named_once() -> None:
    (line,) = lines('{"a": 1}\n{"a": 2}\n'.encode("utf-16"))
    assert places(line.problems) == ["1:1 encoding"]


def test_jsonl_places_are_found_when_they_are_needed() -> None:
    (line,) = lines('\n {"id":"a\\"b", "at" : {"p": [ 1, true]}, "é": null}\n')
    value = with_marks(line, "f.yaml")
    assert value == line.value
    assert value.mark == (2, 2)
    assert key_marks(value) == {"id": (2, 3), "at": (2, 16), "é": (2, 42)}
    assert value_marks(value) == {"id": (2, 8), "at": (2, 23), "é": (2, 47)}
    assert marks(value["at"]["p"]) == [(2, 31), (2, 34)]


def test_jsonl_places_of_a_line_without_an_object_are_empty() -> None:
    assert [with_marks(line) for line in lines("[1]\nx\n")] == [{}, {}]


@settings(max_examples=examples(4))
@given(
    st.binary(max_size=60)
    | mutated([*'"\\[]{},: ', "true", "1e3", "\\u", "9" * 30], json.dumps({"a": [1, {"b": "c"}]}),
              '{"a": null, "b": {"c": [true, 1.5, "\\u00e9"]}}').map(str.encode)
)  # fmt: skip
def test_jsonl_never_raises_and_agrees_with_the_standard_library(data: bytes) -> None:
    for line in lines(data):
        assert line.value is None or line.problems == ()
        if line.problems == ():
            assert same_json(line.value, json.loads(line.text))
            if isinstance(line.value, dict):
                assert with_marks(line) == line.value


def same_json(ours: object, stock: object) -> bool:
    if isinstance(ours, Ambiguous):
        return isinstance(stock, (bool, float)) or abs(stock) >= 10**18  # type: ignore[arg-type]
    if isinstance(ours, dict):
        return isinstance(stock, dict) and ours.keys() == stock.keys() and all(
            same_json(ours[key], stock[key]) for key in ours
        )  # fmt: skip
    if isinstance(ours, list):
        return isinstance(stock, list) and len(ours) == len(stock) and all(
            map(same_json, ours, stock)
        )  # fmt: skip
    return type(ours) is type(stock) and ours == stock
