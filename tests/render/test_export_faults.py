"""Hazards 49-55 of docs/hazards.md: queries without measure, and what others read."""

from __future__ import annotations

import csv
import io
import json
import os
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft7Validator
from markdown_it import MarkdownIt

from tests.conftest import REVIEW, ROOT
from tests.fuzz import examples
from tests.program import HARMFUL, LISTINGS, call, forked
from tests.read.test_hostile_text import EVERY_HARMFUL, poisoned
from tests.small import small_evidence

SEARCHABLE = "macrophage " * 23  # 253 characters


@pytest.fixture
def small(tmp_path: Path) -> Path:
    return small_evidence(tmp_path / "small")


# -- 49 and 50: queries ----------------------------------------------------


@pytest.mark.parametrize("length", [257, 1_000_000])
def test_a_query_over_the_limit_is_refused(length: int) -> None:
    """Hazard 49."""
    done = call("--evidence", REVIEW, "search", "m" * length)
    assert (done.exit, done.out) == (2, "")
    assert "256" in done.err


def test_a_query_at_the_limit_is_answered() -> None:
    """Hazard 49."""
    assert call("--evidence", REVIEW, "search", (SEARCHABLE + "mmm")[:256]).exit == 0


def test_many_words_are_one_query() -> None:
    """Hazard 49."""
    assert call("search", *["a"] * 5000).exit == 2


@pytest.mark.parametrize(
    "argv", [["list", "-c"], ["list", "--countered-by"], ["list", "--section"], ["terms", "cells"],
             ["matrix", "--under"], ["compare", "TAM"]], ids=" ".join,
)  # fmt: skip
def test_values_without_measure_are_answered_briefly(three_claims: Path, argv: list[str]) -> None:
    """Hazard 49."""
    done = call("--evidence", three_claims, *argv, "T cell macrophage " * 6000)
    assert done.exit in (0, 1, 2)
    assert len(done.err) < 1500


def test_ids_from_stdin_are_bounded(small: Path) -> None:
    """Hazard 49."""
    endless = os.open("/dev/zero", os.O_RDONLY)
    done = forked("--evidence", small, "show", "-", stdin=endless)
    os.close(endless)
    assert (done.exit, done.out) == (2, "")
    assert "8388608" in done.err


@pytest.mark.parametrize(
    "query", ["", "   ", "!!!", "()", "\u202e", "\x1b", "\udcff", "\u0301", "…"]
)
def test_nothing_to_search_for_is_a_usage_error(query: str) -> None:
    """Hazard 50."""
    done = call("--evidence", REVIEW, "search", query)
    assert (done.exit, done.out) == (2, "")
    assert not HARMFUL.search(done.err)


@pytest.mark.parametrize(
    "query", ["NEAR(a b)", "' OR 1=1 --", "%", "a*", "{a b}", "(a+)+$", "\\",
              "x\x00y", "x\udcffy", "🧬"]
)  # fmt: skip
def test_no_query_is_a_language(three_claims: Path, query: str) -> None:
    """Hazard 50."""
    for argv in (["search", query], ["list", "-c", query], ["terms", "cells", query]):
        done = call("--evidence", three_claims, *argv)
        assert done.exit in (0, 2), done.err
        assert not HARMFUL.search(done.out + done.err)


def test_nothing_found_is_an_answer_and_with_e_a_negative_one() -> None:
    """Hazard 50."""
    for more, code in ((), 0), (("-e",), 1):
        done = call("--evidence", REVIEW, "search", "zebra crossing", "-o", "ids", *more)
        assert (done.exit, done.out) == (code, "")


def test_plus_and_minus_are_told_apart_and_ties_ordered_by_id() -> None:
    """Hazard 50."""
    plus, minus = (
        call("--evidence", REVIEW, "search", q, "-o", "ids").out for q in ("CD8+", "CD8-")
    )
    assert plus != minus
    hits = json.loads(call("--evidence", REVIEW, "search", "T cell", "-o", "json").out)["claims"]
    keys = [(-hit["score"], hit["id"]) for hit in hits]
    assert keys == sorted(keys)


# -- 51 and 52: JSON, CSV --------------------------------------------------


def strict(text: str) -> Any:
    def refuse(constant: str) -> None:
        raise AssertionError(constant)

    return json.loads(text, parse_constant=refuse)


def test_json_is_valid_ascii_with_one_line_end(tmp_path: Path) -> None:
    """Hazard 51."""
    evidence = poisoned(tmp_path / "e", EVERY_HARMFUL + "\u0301\U0001f9ec\uffff")
    for argv in LISTINGS:
        if argv[0] in ("compare", "path"):  # ask for names that are not here
            continue
        done = call("--evidence", evidence, *argv, "-o", "json")
        assert done.exit == 0, (argv, done.err)
        assert done.out.isascii()
        assert not HARMFUL.search(done.out)
        assert done.out.endswith("}\n")
        assert not done.out.endswith("\n\n")
        document = strict(done.out)
        lines = call("--evidence", evidence, *argv, "-o", "jsonl").out
        records = [strict(line) for line in lines.split("\n")[:-1]]
        assert records in document.values()
    (claim,) = strict(call("--evidence", evidence, "show", "che-001", "-o", "json").out)["claims"]
    assert claim["mechanism"] == f"mechanism {EVERY_HARMFUL}\u0301\U0001f9ec\uffff"


FORMULA = (
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    " =1",
    "＝1",
    "\x00=1",
    "%=1",
    '="a"',
    "=a,b",
)


@pytest.mark.parametrize("formula", FORMULA, ids=ascii)
def test_no_cell_is_a_formula(tmp_path: Path, formula: str) -> None:
    """Hazard 52."""
    evidence = small_evidence(tmp_path / "e")
    escaped = "".join(f"\\U{ord(char):08x}" for char in formula)
    claims = evidence / "chemo.yaml"
    claims.write_text(claims.read_text("utf-8").replace("note: null", f'note: "{escaped}"'))
    for form in ("csv", "tsv"):
        out = call("--evidence", evidence, "list", "-o", form).out
        rows = list(
            csv.reader(io.StringIO(out, newline=""), "excel" if form == "csv" else "excel-tab")
        )
        for row in rows:
            for cell in row:
                assert not cell.lstrip().startswith(("=", "+", "-", "@", "＝")), (form, cell)
                assert not cell.startswith(("\t", "\r", "\0"))
        assert "\0" not in out
    raw = call("--evidence", evidence, "list", "-o", "csv", "--csv-raw").out
    if "\0" not in formula:
        first = next(csv.DictReader(io.StringIO(raw, newline="")))
        assert first["note"] == formula


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=30))
@settings(max_examples=examples(0.5), suppress_health_check=list(HealthCheck))
def test_raw_csv_gives_back_every_text(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    """Hazard 52."""
    evidence = poisoned(tmp_path_factory.getbasetemp() / "raw", text)
    raw = call("--evidence", evidence, "list", "-o", "csv", "--csv-raw").raw.decode()
    first = next(csv.DictReader(io.StringIO(raw, newline="")))
    assert first["mechanism"] == f"mechanism {text}"
    assert first["note"] == f"note {text}"


# -- 53: HTML, SVG, Markdown -----------------------------------------------

PAYLOADS = (
    "<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "javascript:alert(1)", "]]>&lt;",
    "[a](javascript:alert(1))", "![x](http://evil/x.png)", "<http://evil>",
    "`code` | cell", "</svg>",
    "a\"onmouseover=\"x", "&#106;avascript:", "http://evil.example/x", "<!--", "\\[x\\]", "$x$",
)  # fmt: skip


def test_markdown_has_no_markup_but_the_table(tmp_path: Path) -> None:
    """Hazard 53."""
    evidence = poisoned(tmp_path / "e", " ".join(PAYLOADS))
    for argv in (
        ("list",),
        ("counter",),
        ("terms", "cells"),
        ("refs",),
        ("conflicts",),
        ("table", "3"),
    ):
        out = call("--evidence", evidence, *argv, "-o", "markdown").out
        tokens = MarkdownIt("commonmark").enable("table").parse(out)
        inline = [child for token in tokens for child in token.children or ()]
        kinds = {token.type for token in (*tokens, *inline)}
        assert not kinds & {
            "html_block",
            "html_inline",
            "link_open",
            "image",
            "code_inline",
            "fence",
        }
        headers = sum(token.type == "th_open" for token in tokens)
        rows = sum(token.type == "tr_open" for token in tokens) - 1
        assert sum(token.type == "td_open" for token in tokens) == headers * rows
        shown = "".join(child.content for child in inline)
        assert [payload for payload in PAYLOADS if payload not in shown] == []


@pytest.mark.parametrize(
    "payload", [" ".join(PAYLOADS), EVERY_HARMFUL.replace("\0", "")], ids=["markup", "controls"]
)
def test_a_picture_is_xml_without_scripts(tmp_path: Path, payload: str) -> None:
    """Hazard 53."""
    evidence = poisoned(tmp_path / "e", payload)
    for command in ("matrix", "graph"):
        done = call("--evidence", evidence, command, "--svg", "-", "--title", payload)
        assert not HARMFUL.search(done.out)
        for element in ET.fromstring(done.out).iter():
            assert element.tag.rpartition("}")[2] not in (
                "script",
                "foreignObject",
                "a",
                "image",
                "use",
            )
            for name, value in element.attrib.items():
                assert not name.startswith("on")
                assert "href" not in name
                assert "javascript" not in value


# -- 54: where output goes -------------------------------------------------

MAKERS = (("report", "-o"), ("matrix", "--svg"), ("graph", "--svg"))


def content(evidence: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in evidence.rglob("*") if path.is_file()}


REFUSED = (
    "small/chemo.yaml", "hard.html", "link.html", "small/references.yaml",
    "small/vocabulary/cells.yaml", "small/radio.yaml", "new.jsonl", "loop.html", "fifo",
    "directory", "directory/", "new/", "nowhere/x.html", "x" * 300, "a\x00b", "exists.html/x", "",
)  # fmt: skip


@pytest.mark.parametrize(
    ("maker", "name"),
    # All of them come to the same function: one of them shows every name.
    [*((MAKERS[0], name) for name in REFUSED),
     *((maker, name) for maker in MAKERS[1:] for name in REFUSED[:3])],
)  # fmt: skip
def test_no_evidence_link_or_device_is_overwritten_whatever_is_forced(
    small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, maker: tuple[str, ...], name: str
) -> None:
    """Hazard 54."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "hard.html").hardlink_to(small / "chemo.yaml")
    (tmp_path / "link.html").symlink_to(small / "source.yaml")
    (tmp_path / "loop.html").symlink_to("loop.html")
    (tmp_path / "exists.html").write_text("mine")
    (tmp_path / "directory").mkdir()
    os.mkfifo(tmp_path / "fifo")
    before, entries = content(small), sorted(tmp_path.rglob("*"))
    done = call("--evidence", "small", *maker, name, "--force")
    assert (done.exit, done.out) == (2, ""), done.err
    assert ": error: " in done.err
    assert not HARMFUL.search(done.err)
    assert content(small) == before
    assert sorted(tmp_path.rglob("*")) == entries


@pytest.mark.parametrize("maker", MAKERS, ids=" ".join)
def test_an_existing_file_is_overwritten_only_by_force(
    small: Path, tmp_path: Path, maker: tuple[str, ...]
) -> None:
    """Hazard 54."""
    target = tmp_path / "x.html"
    target.write_text("mine")
    assert call("--evidence", small, *maker, target).exit == 2
    assert target.read_text() == "mine"
    assert call("--evidence", small, *maker, target, "--force").exit == 0
    assert target.read_text().lstrip().startswith("<")


# -- 55: SARIF -------------------------------------------------------------


def test_sarif_is_valid_for_any_names_and_text(tmp_path: Path) -> None:
    """Hazard 55."""
    schema = Draft7Validator(
        json.loads((ROOT / "tests/data/sarif/sarif-2.1.0.schema.json").read_text(encoding="utf-8"))
    )
    for name, poison in (
        ("plain", "x"),
        ("a b%#\x1b\udcff:é", EVERY_HARMFUL),
        ("emoji", "👩\u200d🔬"),
    ):
        evidence = poisoned(tmp_path / name, poison)
        claims = evidence / "chemo.yaml"
        claims.write_text(
            claims.read_text("utf-8").replace("refs: [1]", "refs: [👩\u200d🔬, 99]"), "utf-8"
        )
        log = strict(call("check", evidence, "-o", "sarif").out)
        schema.validate(log)
        (run,) = log["runs"]
        assert run["columnKind"] == "unicodeCodePoints"
        assert run["results"]
        for result in run["results"]:
            region = result["locations"][0]["physicalLocation"].get("region", {"startLine": 1})
            assert region["startLine"] >= 1
            assert region.get("startColumn", 1) >= 1


def test_sarif_is_written_when_there_is_nothing_to_say() -> None:
    """Hazard 55."""
    log = strict(call("check", ROOT / "tests/data/minimal", "-o", "sarif").out)
    assert log["runs"][0]["results"] == []
