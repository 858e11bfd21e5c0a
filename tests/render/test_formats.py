"""Listings as text: each format, what it shows, what it refuses, and that it reads back."""

from __future__ import annotations

import csv
import io
import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from rich.cells import cell_len
from ruamel.yaml import YAML

from tdr.model.errors import TdrError
from tdr.model.text import visible
from tdr.render import FORMATS, Format, Listing, Terminal, formats_of, render
from tdr.render.terminal.lines import cell_count
from tdr.render.terminal.table import render_card
from tests.fuzz import examples

ALL = tuple(name for name, form in formats_of("claims").items() if not form.binary)
COLUMNS = ("id", "promotes", "opposes", "agents", "mechanism", "refs", "at", "note")
SHOWN = ("id", "promotes", "opposes", "agents", "mechanism", "refs")
RECORDS: list[dict[str, Any]] = [
    {
        "id": "imm-004",
        "promotes": ["monocyte", "M2 macrophage"],
        "opposes": ["CD8+ T cell"],
        "agents": ["immune checkpoint blockade"],
        "mechanism": "CCL2 from the tumour draws in monocytes and keeps CD8+ T cells out, so "
        "checkpoint blockade has no effectors to release.",
        "refs": [20, 21],
        "at": {"section": "immunotherapy/immune", "paragraph": 1},
        "note": None,
    },
    {
        "id": "imm-005",
        "promotes": [],
        "opposes": ["NK cell"],
        "agents": [],
        "mechanism": "TGF-β silences NK cells.",
        "refs": [37],
        "at": {"section": "immunotherapy/immune", "paragraph": 2},
        "note": "Title says otherwise.",
    },
]


def listing(records: Any = RECORDS, columns: Sequence[str] = COLUMNS, **more: Any) -> Listing:
    facts: dict[str, Any] = {"kind": "claims", "matched": 2, "total": 122, "data_version": "2026.1"}
    facts["shown"] = SHOWN if columns is COLUMNS else tuple(columns)
    return Listing(columns=tuple(columns), records=records, **(facts | more))


def text(fmt: str, source: Listing | None = None, **more: Any) -> str:
    return "".join(render(source or listing(), fmt, **more))


ANY = st.text(st.characters(), max_size=30)
TRICKY = st.sampled_from(
    ["1e3", "null", "Null", "~", "yes", "010", "0x1F", "1_000", "12:30", "2026-01-01", ".inf",
     "- x", ":", "a: b", "a :b", "#", "a #b", "&a", "*a", "!t", "%", "@", "`", "|", ">", "?", "{}",
     "[a]", "'", '"', "\\", " a", "a ", "a  b", "", "a\nb", "\n", "a\n", "\t", "a\x1b[31m",
     "\x85", "\x00", "\ufeff", "\u2028", "---", "...", "=1+1", "-1", "@x", "a|b", "a\\", "<b>",
     "**b**", "CL:0000625", "word " * 40, "word " * 40 + "x", "免疫細胞" * 9, "👩‍🔬 e\u0301"]
)  # fmt: skip
TEXTS = st.one_of(ANY, TRICKY)
NUMBERS = st.one_of(st.integers(), st.floats(allow_nan=False, allow_infinity=False))
SCALARS = st.one_of(TEXTS, NUMBERS, st.booleans(), st.none())
VALUES = st.one_of(
    SCALARS, st.lists(TEXTS, max_size=3), st.lists(SCALARS, max_size=3),
    st.dictionaries(st.text(max_size=8), SCALARS, max_size=3),
    st.lists(st.dictionaries(TEXTS, SCALARS, max_size=2), max_size=2),
)  # fmt: skip
RECORD = st.fixed_dictionaries(dict.fromkeys(COLUMNS, VALUES))
ANY_RECORDS = st.lists(RECORD, max_size=3)


# --- every format --------------------------------------------------------------------------


class TestRegistry:
    @pytest.mark.parametrize("form", FORMATS, ids=lambda form: f"{form.renderer}")
    def test_the_renderer_of_a_format_is_there(self, form: Format) -> None:
        assert callable(form.load())

    def test_formats_belong_to_kinds_of_records(self) -> None:
        assert "dot" in formats_of("edges")
        assert "dot" not in formats_of("claims")
        assert tuple(formats_of("difference")) == ("text", "json", "markdown")

    @pytest.mark.parametrize("fmt", ALL)
    def test_a_format_says_which_options_change_it(self, fmt: str) -> None:
        records = [{"id": "imm-004", "refs": [20], "note": "=1+1"}]
        asked = listing(records, ("id", "refs", "note"))
        options = {
            "columns": {"columns": ["note"]},
            "no_header": {"header": False},
            "csv_raw": {"csv_raw": True},
            "csv_bom": {"csv_bom": True},
        }
        if fmt != "table":  # which is in ASCII where the terminal is
            options["ascii"] = {"terminal": Terminal(ascii=True)}
        plain = text(fmt, asked)
        changing = {name for name, more in options.items() if text(fmt, asked, **more) != plain}
        assert changing == options.keys() & set(formats_of("claims")[fmt].options)

    def test_a_format_is_one_entry(self, monkeypatch: pytest.MonkeyPatch) -> None:
        toy = Format("count", "render.data:ids", ("claims",))
        monkeypatch.setattr("tdr.render.FORMATS", (*FORMATS, toy))
        assert text("count") == text("ids")
        with pytest.raises(TdrError, match="unknown format `count`"):
            text("count", listing(kind="edges"))


class TestEveryFormat:
    @pytest.mark.parametrize("fmt", ALL)
    def test_same_value_same_text(self, fmt: str) -> None:
        assert text(fmt) == text(fmt)

    @pytest.mark.parametrize("fmt", ALL)
    def test_records_may_come_from_a_generator(self, fmt: str) -> None:
        assert text(fmt, listing(record for record in RECORDS)) == text(fmt)

    @pytest.mark.parametrize("fmt", ["jsonl", "csv", "tsv", "yaml", "ids", "markdown", "table"])
    def test_streams(self, fmt: str) -> None:
        read = 0

        def endless() -> Iterator[Mapping[str, object]]:
            nonlocal read
            while True:
                read += 1
                yield RECORDS[0]

        chunks = render(listing(endless()), fmt)
        assert any("imm-004" in next(chunks) for _ in range(5))
        assert read < 2000

    @pytest.mark.parametrize("fmt", ALL)
    @given(records=ANY_RECORDS)
    @settings(max_examples=examples(0.5))
    def test_nothing_reaches_a_terminal_that_it_would_obey(
        self, fmt: str, records: list[dict[str, Any]]
    ) -> None:
        shown = text(fmt, listing(records))
        layout = "\r\n" if fmt == "csv" else "\n"
        assert not re.search(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff\u202a-\u202e\u200b\ufeff]",
                             re.sub("[\t\r\n]", "", shown))  # fmt: skip
        assert shown == "" or shown.endswith(layout)

    @pytest.mark.parametrize("fmt", ALL)
    def test_unknown_column_names_the_nearest_and_all(self, fmt: str) -> None:
        with pytest.raises(
            TdrError, match=r"unknown column `Agent`; did you mean `agents`.*at, note"
        ):
            render(listing(), fmt, columns=["id", "Agent"])

    def test_unknown_format_is_refused(self) -> None:
        with pytest.raises(
            TdrError, match=r"unknown format `jso`; did you mean `json`\?.*yaml, ids"
        ):
            render(listing(), "jso")

    def test_an_error_repeats_no_control_characters(self) -> None:
        with pytest.raises(TdrError) as error:
            render(listing(), "json", columns=["\x1b[31m"])
        assert "\x1b" not in str(error.value)

    @pytest.mark.parametrize("fmt", ["csv", "tsv", "markdown", "json", "jsonl", "yaml"])
    def test_columns_come_as_asked(self, fmt: str) -> None:
        shown = text(fmt, columns=["refs", "id"])
        assert 0 <= shown.index("refs") < shown.index("imm-004")
        assert shown.index("refs") < shown.index("id")
        assert "mechanism" not in shown


# --- JSON ----------------------------------------------------------------------------------


class TestJson:
    def test_golden(self) -> None:
        assert text("json", listing(RECORDS[1:], matched=1), columns=["id", "at", "note"]) == (
            "{\n"
            '  "schema_version": 2,\n'
            '  "data_version": "2026.1",\n'
            '  "matched": 1,\n'
            '  "total": 122,\n'
            '  "claims": [\n'
            "    {\n"
            '      "id": "imm-005",\n'
            '      "at": {\n'
            '        "section": "immunotherapy/immune",\n'
            '        "paragraph": 2\n'
            "      },\n"
            '      "note": "Title says otherwise."\n'
            "    }\n"
            "  ]\n"
            "}\n"
        )

    def test_no_records_is_still_an_object(self) -> None:
        assert json.loads(text("json", listing([], matched=0)))["claims"] == []

    def test_keys_are_all_there_in_order(self) -> None:
        backwards = [dict(reversed(record.items())) for record in RECORDS]
        claims = json.loads(text("json", listing(backwards)))["claims"]
        assert [tuple(claim) for claim in claims] == [COLUMNS, COLUMNS]

    @given(records=ANY_RECORDS)
    @settings(max_examples=examples(0.6))
    def test_reads_back(self, records: list[dict[str, Any]]) -> None:
        shown = text("json", listing(records))
        assert shown.isascii()
        assert json.loads(shown)["claims"] == records
        assert [
            json.loads(line) for line in text("jsonl", listing(records)).splitlines()
        ] == records

    @pytest.mark.parametrize("fmt", ["json", "jsonl"])
    def test_what_is_no_json_number_is_refused(self, fmt: str) -> None:
        with pytest.raises(ValueError, match="not JSON compliant"):
            text(fmt, listing([{"id": float("nan")}], ["id"]))

    def test_lines_golden(self) -> None:
        assert text("jsonl", columns=["id", "refs", "note"]) == (
            '{"id": "imm-004", "refs": [20, 21], "note": null}\n'
            '{"id": "imm-005", "refs": [37], "note": "Title says otherwise."}\n'
        )


# --- CSV and TSV ---------------------------------------------------------------------------


def one_cell(value: object) -> Listing:
    return listing([{"id": value, "note": "x"}], ["id", "note"])


class TestCsv:
    def test_golden(self) -> None:
        assert text("csv") == (
            "id,promotes,opposes,agents,mechanism,refs,at,note\r\n"
            "imm-004,monocyte|M2 macrophage,CD8+ T cell,immune checkpoint blockade,"
            '"CCL2 from the tumour draws in monocytes and keeps CD8+ T cells out, so checkpoint '
            'blockade has no effectors to release.",20|21,immunotherapy/immune#1,\r\n'
            "imm-005,,NK cell,,TGF-β silences NK cells.,37,immunotherapy/immune#2,"
            "Title says otherwise.\r\n"
        )

    def test_no_records_has_a_header_unless_unwanted(self) -> None:
        assert text("csv", listing([]), columns=["id", "at"]) == "id,at\r\n"
        assert text("csv", listing([]), header=False) == ""

    @pytest.mark.parametrize(
        ("value", "cell"),
        [
            (["a|b", "c"], r"a\|b|c"),
            (["a\\", "b"], r"a\\|b"),
            ({"by": "A", "date": None}, '{"by":"A","date":null}'),
            (True, "true"),
            (0.5, "0.5"),
            (None, ""),
            ([], ""),
        ],
    )
    def test_values_as_one_text(self, value: object, cell: str) -> None:
        assert list(csv.reader(io.StringIO(text("csv", one_cell(value), header=False)))) == [
            [cell, "x"]
        ]

    @pytest.mark.parametrize("fmt", ["csv", "tsv"])
    @pytest.mark.parametrize(
        "start", ["=", "+", "-", "@", "\t", "\r", "\n", "\x00", "  =", " \t", "＝"]
    )
    def test_no_cell_starts_a_formula(self, fmt: str, start: str) -> None:
        for value in (start + "1", [start + "1", "b"]):
            shown = text(fmt, one_cell(value), header=False)
            assert shown.lstrip('"').startswith("'")
            assert "\x00" not in shown

    def test_a_number_is_no_formula(self) -> None:
        assert text("csv", one_cell(-1.5), header=False) == "-1.5,x\r\n"

    @given(records=st.lists(st.fixed_dictionaries({"id": ANY, "note": TEXTS}), max_size=3))
    def test_raw_reads_back(self, records: list[dict[str, Any]]) -> None:
        shown = text("csv", listing(records, ["id", "note"]), csv_raw=True)
        rows = list(csv.reader(io.StringIO(shown, newline="")))
        assert rows == [["id", "note"], *([r["id"], r["note"]] for r in records)]

    @given(records=ANY_RECORDS)
    @settings(max_examples=examples(0.6))
    def test_guarded_cells(self, records: list[dict[str, Any]]) -> None:
        shown = text("csv", listing(records), header=False)
        for row, record in zip(csv.reader(io.StringIO(shown, newline="")), records, strict=True):
            assert len(row) == len(COLUMNS)
            for cell, value in zip(row, (record[name] for name in COLUMNS), strict=True):
                if not isinstance(value, int | float):
                    assert not re.match(r"\s*[=+\-@]| *[\t\r\n\x00]", cell)


class TestTsv:
    def test_golden(self) -> None:
        assert text("tsv", columns=["id", "promotes", "at"]) == (
            "id\tpromotes\tat\n"
            "imm-004\tmonocyte|M2 macrophage\timmunotherapy/immune#1\n"
            "imm-005\t\timmunotherapy/immune#2\n"
        )

    @given(records=ANY_RECORDS, raw=st.booleans())
    @settings(max_examples=examples(0.6))
    def test_one_line_per_record_one_tab_between_cells(
        self, records: list[dict[str, Any]], raw: bool
    ) -> None:
        lines = text("tsv", listing(records), csv_raw=raw).split("\n")
        assert len(lines) == len(records) + 2
        assert lines.pop() == ""
        assert all(line.count("\t") == len(COLUMNS) - 1 for line in lines)

    @pytest.mark.parametrize("value", ['"open', 'b "c"', '"closed" x', 'z"', '"'])
    def test_a_quotation_mark_stands_for_itself(self, value: str) -> None:
        """As for readers that are told that there is no quoting: docs/formats.md."""
        made = text("tsv", listing([{"id": "a", "note": value}], ("id", "note")))
        reader = csv.DictReader(io.StringIO(made), delimiter="\t", quoting=csv.QUOTE_NONE)
        assert [*reader] == [{"id": "a", "note": value}]


def test_ids_golden() -> None:
    assert text("ids") == "imm-004\nimm-005\n"
    assert text("ids", listing(id_column="mechanism")).splitlines()[1] == "TGF-β silences NK cells."
    assert text("ids", listing([])) == ""


# --- Markdown ------------------------------------------------------------------------------


def markdown_rows(source: str) -> list[list[str]]:
    """The cells of the one table in a Markdown text, with only text in them."""
    tokens = MarkdownIt("commonmark").enable("table").enable("strikethrough").parse(source)
    rows: list[list[str]] = []
    for token in tokens:
        if token.type == "tr_open":
            rows.append([])
        elif token.type == "inline":
            assert all(child.type in ("text", "text_special") for child in token.children or ())
            rows[-1].append("".join(child.content for child in token.children or ()))
    return rows


class TestMarkdown:
    def test_golden(self) -> None:
        assert text("markdown", columns=["id", "promotes", "refs", "at", "note"]) == (
            "| id | promotes | refs | at | note |\n"
            "| --- | --- | --- | --- | --- |\n"
            "| imm-004 | monocyte, M2 macrophage | 20, 21 | immunotherapy/immune\\#1 |  |\n"
            "| imm-005 |  | 37 | immunotherapy/immune\\#2 | Title says otherwise. |\n"
        )

    def test_shows_what_people_need(self) -> None:
        assert markdown_rows(text("markdown", listing([]))) == [list(SHOWN)]

    def test_marks_are_text(self) -> None:
        raw = "|<b>*a*_b_`c`[d](e)~~f~~&lt;$x$\\"
        assert markdown_rows(text("markdown", one_cell(raw)))[1] == [raw, "x"]

    @given(records=st.lists(st.fixed_dictionaries({"id": TEXTS, "note": TEXTS}), max_size=3))
    @settings(max_examples=examples(0.6))
    def test_reads_back(self, records: list[dict[str, Any]]) -> None:
        rows = markdown_rows(text("markdown", listing(records, ["id", "note"])))
        expected = [[visible(record["id"]), visible(record["note"])] for record in records]
        squeezed = [[" ".join(cell.split()) for cell in row] for row in expected]
        assert [[" ".join(cell.split()) for cell in row] for row in rows[1:]] == squeezed


# --- YAML ----------------------------------------------------------------------------------


def read_yaml(source: str) -> Any:
    """What both readers make of it: the one in Python, and libyaml, which is older."""
    read = YAML(typ="safe", pure=True).load(source)
    if not re.search(r"\\ud[89a-f]", source):  # libyaml refuses half characters, as evidence does
        assert YAML(typ="safe").load(source) == read
    return read


class TestYaml:
    def test_golden(self) -> None:
        assert text("yaml", listing(RECORDS[:1])) == (
            "claims:\n"
            "  - id: imm-004\n"
            "    promotes: [monocyte, M2 macrophage]\n"
            "    opposes: [CD8+ T cell]\n"
            "    agents: [immune checkpoint blockade]\n"
            "    mechanism: >-\n"
            "      CCL2 from the tumour draws in monocytes and keeps CD8+ T cells out, so "
            "checkpoint\n"
            "      blockade has no effectors to release.\n"
            "    refs: [20, 21]\n"
            "    at: {section: immunotherapy/immune, paragraph: 1}\n"
            "    note: null\n"
        )

    def test_no_records(self) -> None:
        assert text("yaml", listing([])) == "claims: []\n"

    def test_a_long_list_is_filled_as_in_evidence_files(self) -> None:
        items = [
            "anti-TREM2 antibody",
            "5-FU: " + "x" * 40,
            "Treg depletion",
            "IL-8 inhibitor " * 3,
        ]
        shown = text("yaml", one_cell(items))
        assert "  - id: [\n      anti-TREM2 antibody, " in shown
        assert read_yaml(shown)["claims"][0]["id"] == items

    @given(records=ANY_RECORDS)
    @settings(max_examples=examples(1))
    @example([dict.fromkeys(COLUMNS, -0.0)])
    @example([dict.fromkeys(COLUMNS, 1e-05)])
    @example([{name: ["a, b", "c: d", "e]"] for name in COLUMNS}])
    def test_reads_back(self, records: list[dict[str, Any]]) -> None:
        assert read_yaml(text("yaml", listing(records)))["claims"] == records

    @given(value=TEXTS)
    @settings(max_examples=examples(2))
    @example("papers:96")
    @example("\ud800")
    def test_texts_read_back(self, value: str) -> None:
        shown = text("yaml", listing([{"id": value, "note": [value]}], ["id", "note"]))
        assert read_yaml(shown) == {"claims": [{"id": value, "note": [value]}]}


# --- tables --------------------------------------------------------------------------------


def table(width: int, source: Listing | None = None, **more: Any) -> list[str]:
    terminal = Terminal(width, more.pop("color", False), more.pop("ascii", False))
    return text("table", source, terminal=terminal, **more).split("\n")[:-1]


def trimmed(lines: list[str]) -> list[str]:
    return [line.rstrip() for line in lines]


class TestTable:
    def test_wide_has_the_prose_beside_the_other_columns(self) -> None:
        first = "CCL2 from the tumour draws in monocytes and keeps CD8+ T cells out, so"
        third = "TGF-β silences NK cells."
        second = "checkpoint blockade has no effectors to release."
        assert trimmed(table(140)) == [
            f"id       cells            agents                      {'mechanism':78}  refs",
            "─" * 140,
            f"imm-004  ▲ monocyte       immune checkpoint blockade  {first:78}  20, 21",
            f"         ▲ M2 macrophage                              {second}",
            "         ▼ CD8+ T cell",
            "",
            f"imm-005  ▼ NK cell                                    {third:78}  37",
            "",
            "▲ promotes resistance   ▼ opposes resistance",
        ]

    def test_narrower_has_the_prose_below(self) -> None:
        assert trimmed(table(80)) == [
            "id       cells            agents                      refs",
            "         mechanism",
            "─" * 80,
            "imm-004  ▲ monocyte       immune checkpoint blockade  20, 21",
            "         ▲ M2 macrophage",
            "         ▼ CD8+ T cell",
            "         CCL2 from the tumour draws in monocytes and keeps CD8+ T cells out, so",
            "         checkpoint blockade has no effectors to release.",
            "",
            "imm-005  ▼ NK cell                                    37",
            "         TGF-β silences NK cells.",
            "",
            "▲ promotes resistance   ▼ opposes resistance",
        ]

    def test_what_has_no_room_beside_the_others_stands_below_with_its_name(self) -> None:
        names = ["alpha", "beta", "gamma", "delta", "epsilon"]
        source = listing([dict.fromkeys(names, "x" * 15)], names, id_column="alpha")
        x = "x" * 15
        assert trimmed(table(62, source)) == [
            "alpha            beta             gamma",
            "            delta, epsilon",
            "─" * 62,
            f"{x}  {x}  {x}",
            f"            delta: {x}   epsilon: {x}",
        ]

    def test_narrow_is_key_value(self) -> None:
        assert table(38, listing(RECORDS[1:])) == [
            "id:        imm-005",
            "promotes:  -",
            "opposes:   NK cell",
            "agents:    -",
            "mechanism: TGF-β silences NK cells.",
            "refs:      37",
        ]

    def test_very_narrow_has_no_columns_at_all(self) -> None:
        assert table(24)[:5] == [
            "id: imm-004",
            "promotes: monocyte, M2",
            "  macrophage",
            "opposes: CD8+ T cell",
            "agents: immune",
        ]

    def test_an_empty_line_separates_two_records(self) -> None:
        assert table(38).count("") == 1

    def test_lines_that_need_no_space_between_them_have_none(self) -> None:
        assert trimmed(table(80, columns=["id", "refs"])) == [
            "id       refs",
            "───────────────",
            "imm-004  20, 21",
            "imm-005  37",
        ]

    def test_numbers_stand_right(self) -> None:
        rows = [{"id": "a", "n": 5}, {"id": "b", "n": 120}]
        assert table(80, listing(rows, ["id", "n"]), header=False) == ["a     5", "b   120"]

    def test_asked_columns_are_not_merged_and_keep_their_signs(self) -> None:
        assert trimmed(table(80, columns=["id", "opposes", "promotes"])) == [
            "id       opposes        promotes",
            "───────────────────────────────────────",
            "imm-004  ▼ CD8+ T cell  ▲ monocyte",
            "                        ▲ M2 macrophage",
            "",
            "imm-005  ▼ NK cell",
            "",
            "▲ promotes resistance",
            "▼ opposes resistance",
        ]

    def test_ascii_has_other_signs_and_rules(self) -> None:
        lines = table(80, listing(RECORDS[:1]), ascii=True)
        assert "\n".join(lines).isascii()
        assert "+ monocyte" in lines[3]
        assert "- CD8+ T cell" in lines[5]
        assert lines[-1].rstrip() == "+ promotes resistance   - opposes resistance"

    def test_no_records_still_has_a_header(self) -> None:
        assert table(80, listing([]))[0].split() == ["id", "cells", "agents", "mechanism", "refs"]
        assert table(300, listing([]))[0].split() == ["id", "cells", "agents", "mechanism", "refs"]
        assert table(30, listing([])) == ["id, promotes, opposes, agents,", "mechanism, refs"]

    def test_no_header_means_rows_only(self) -> None:
        assert table(80, header=False)[0].startswith("imm-004")
        assert table(80, header=False)[-1].strip() == "TGF-β silences NK cells."

    def test_a_table_that_almost_fits_has_narrower_gaps(self) -> None:
        names = ["alpha", "beta", "gamma", "delta"]
        source = listing([dict.fromkeys(names, "x" * 10)], names, id_column="alpha")
        assert table(46, source)[2] == "  ".join(["x" * 10] * 4)
        assert table(45, source)[2] == " ".join(["x" * 10] * 4)
        assert table(42, source)[0] == "alpha: xxxxxxxxxx"

    def test_a_name_of_a_column_is_no_safer_than_a_value(self) -> None:
        source = listing([{"=a\x1b": "x"}], ["=a\x1b"], id_column="=a\x1b")
        for fmt in ALL:
            for width in (20, 80):
                assert "\x1b" not in text(fmt, source, terminal=Terminal(width))
        assert text("csv", source).startswith("'=")

    def test_what_looks_like_markup_is_text(self) -> None:
        for raw in (
            "x [/b] y",
            "[link=http://evil]x[/link]",
            "[bold]",
            ":100:",
            "[a-z] [sic] [@a]",
        ):
            assert raw in "\n".join(table(80, one_cell(raw)))

    def test_control_characters_are_spelled_out(self) -> None:
        assert r"a\x1b[31m\nb" in table(80, one_cell("a\x1b[31m\nb"))[2]

    def test_colour_off_means_no_escape_at_all(self) -> None:
        marked = listing(highlight={"imm-004": {"mechanism": [(0, 4)]}})
        assert "\x1b" not in "\n".join(table(80, marked))

    def test_colour_adds_nothing_but_basic_styles(self) -> None:
        for width in (30, 80, 200):
            painted = "\n".join(table(width, color=True))
            codes = re.findall(r"\x1b\[([0-9;]*)m", painted)
            assert set(";".join(codes).split(";")) <= {"0", "1", "2", "4", "31", "32"}
            plain = re.sub(r"\x1b\[[0-9;]*m", "", painted)
            assert plain == "\n".join(table(width))

    def test_cells_are_red_and_green_beside_their_signs(self) -> None:
        painted = "\n".join(table(80, color=True))
        assert "\x1b[1;31m▲ \x1b[0m\x1b[31mmonocyte\x1b[0m" in painted
        assert "\x1b[1;32m▼ \x1b[0m\x1b[32mCD8+ T cell\x1b[0m" in painted

    def test_marks_of_a_search_are_underlined(self) -> None:
        marks = {
            "imm-004": {"mechanism": [(0, 4), (2, 3), (len(RECORDS[0]["mechanism"]) - 1, 999)]}
        }
        painted = "\n".join(table(80, listing(highlight=marks), color=True))
        assert "\x1b[1;4mCCL2\x1b[0m from" in painted
        assert "\x1b[1;4m.\x1b[0m" in painted
        assert painted.count("\x1b[1;4m") == 2

    def test_what_is_counted_by_its_length_takes_a_cell_each(self) -> None:
        shown = map(chr, range(0xA0, 0x3000))
        assert [char for char in shown if cell_count(char) != cell_len(char)] == []

    def test_ids_are_whole_and_nothing_is_lost_at_any_width(self) -> None:
        for width in range(1, 301):
            lines = table(width)
            everything = "".join("".join(lines).split())
            assert "imm-004" in everything
            assert "imm-005" in everything
            for word in ("monocyte", "effectors", "37"):
                assert not Counter(word) - Counter(everything)
            assert all(cell_len(line) <= width for line in lines)
            if width >= 12:
                assert any("imm-004" in line for line in lines)

    @given(
        records=st.lists(
            st.fixed_dictionaries(
                {
                    "id": st.from_regex(r"[a-z]{3}-[0-9]{3}", fullmatch=True),
                    "promotes": st.lists(TEXTS, max_size=3),
                    "opposes": st.lists(TEXTS, max_size=2),
                    "mechanism": st.one_of(TEXTS, st.text("免👩‍🔬e\u0301 a❤️x", max_size=200)),
                    "refs": st.lists(st.integers(1, 200), max_size=3),
                    "note": VALUES,
                }
            ),
            min_size=1,
            max_size=3,
        ),
        width=st.integers(1, 300),
        plain=st.booleans(),
    )
    @settings(max_examples=examples(2))
    def test_any_text_at_any_width(
        self, records: list[dict[str, Any]], width: int, plain: bool
    ) -> None:
        columns = tuple(records[0])
        source = listing(records, columns, shown=columns)
        lines = table(width, source, ascii=plain)
        is_table = lines[0].startswith("id ") and ":" not in lines[0]
        if is_table:
            assert len({cell_len(line) for line in lines}) == 1
        if width > 1:  # a wide character sticks out of a width of one
            assert max(map(cell_len, lines)) <= width
        seen = Counter("".join(lines))
        for record in records:
            assert any(record["id"] in line for line in lines) or width < 12
            for value in (record["mechanism"], *record["promotes"], *record["opposes"]):
                assert not Counter(visible(value).replace(" ", "")) - seen

    def test_more_records_than_are_measured(self) -> None:
        rows = [{"id": f"i{n}", "note": "x" * (n // 100)} for n in range(3000)]
        lines = table(80, listing(rows, ["id", "note"]), header=False)
        assert sum(line.count("x") for line in lines) == sum(n // 100 for n in range(3000))


# --- cards ---------------------------------------------------------------------------------

SECTIONS: list[tuple[str, object]] = [
    ("", "CCL2 from the tumour draws in monocytes and keeps CD8+ T cells out."),
    ("promotes resistance", ["monocyte", "macrophage"]),
    ("cancer", []),
    ("note", None),
    (
        "references",
        [("[20] Doe J. Title. Journal 2020;1:2.", "https://doi.org/10.1/x"), ("[21]", "")],
    ),
    ("place", "immunotherapy/immune, paragraph 1"),
]


class TestCard:
    def test_golden(self) -> None:
        assert render_card("imm-004  immunotherapy", SECTIONS, Terminal(60)) == (
            "imm-004  immunotherapy\n"
            "\n"
            "CCL2 from the tumour draws in monocytes and keeps CD8+ T\n"
            "cells out.\n"
            "\n"
            "promotes resistance  ▲ monocyte\n"
            "                     ▲ macrophage\n"
            "references           [20] Doe J. Title. Journal 2020;1:2.\n"
            "                     https://doi.org/10.1/x\n"
            "                     [21]\n"
            "place                immunotherapy/immune, paragraph 1\n"
        )

    def test_narrow_has_values_below_their_labels(self) -> None:
        assert render_card("imm-004", SECTIONS[1:2], Terminal(20)) == (
            "imm-004\n\npromotes resistance\n  ▲ monocyte\n  ▲ macrophage\n"
        )

    def test_an_address_becomes_a_link_where_there_is_colour(self) -> None:
        painted = render_card("x", SECTIONS, Terminal(80, color=True))
        link = (
            "\x1b]8;;https://doi.org/10.1/x\x1b\\[20] Doe J. Title. Journal 2020;1:2.\x1b]8;;\x1b\\"
        )
        assert link in painted
        assert "\x1b" not in render_card("x", SECTIONS, Terminal(80))

    def test_an_address_is_never_broken(self) -> None:
        url = "https://doi.org/10.1000/" + "x" * 60
        assert url in render_card("x", [("link", [("text", url)])], Terminal(30))

    @pytest.mark.parametrize(
        "url", ["javascript:alert(1)", "https://a\x1b\\b", "https://a\nb", "https://ä", "file:///x"]
    )
    def test_only_a_web_address_becomes_a_link(self, url: str) -> None:
        painted = render_card("x", [("link", [("text", url)])], Terminal(80, color=True))
        assert "\x1b]8" not in painted
        assert visible(url) in painted

    @given(
        title=TEXTS,
        values=st.lists(st.tuples(TEXTS, st.one_of(TEXTS, st.lists(TEXTS), st.none()))),
        width=st.integers(1, 300),
        color=st.booleans(),
    )
    @settings(max_examples=examples(1))
    def test_any_text_at_any_width(
        self, title: str, values: list[tuple[str, object]], width: int, color: bool
    ) -> None:
        card = render_card(title, values, Terminal(width, color))
        bare = re.sub(r"\x1b\[[0-9;]*m", "", card)
        assert "\x1b" not in bare
        if width > 1:
            assert max(map(cell_len, bare.split("\n"))) <= width
