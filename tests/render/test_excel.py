"""Listings as Excel workbooks, read back with another library than the one that writes them."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tdr.model.errors import TdrError
from tdr.render import Listing, render_file
from tests.cli.test_screen import on_a_terminal
from tests.conftest import Run
from tests.fuzz import examples
from tests.stepped import stepped_evidence


def listing(*records: dict[str, Any]) -> Listing:
    columns = tuple(records[0])
    return Listing("claims", columns, records, len(records), len(records), columns, "1.0", "id")


def book(data: bytes) -> Any:
    import openpyxl  # slow to load, and read here only

    return openpyxl.load_workbook(io.BytesIO(data))


def sheet(*records: dict[str, Any], **more: Any) -> Any:
    return book(render_file(listing(*records), "xlsx", **more)).active


TEXTS = [
    "MARCH1",
    "SEPT2",
    "1-14",
    "2/3",
    "1E5",
    "007",
    "TGF-β",
    "=A1+1",
    "+1",
    "-2",
    "@x",
    "TRUE",
    "γδ T cell",
    "κ",
    "https://x.org",
    "{=A1}",
    "two\nlines",
    " padded ",
]


@pytest.mark.parametrize("text", TEXTS)
def test_text_stays_text(text: str) -> None:
    cell = sheet({"id": text})["A2"]
    assert (cell.value, cell.data_type, cell.number_format) == (text, "s", "@")


@settings(max_examples=examples(1))
@given(st.lists(st.text(st.characters(categories=("L", "N", "P", "S", "Zs"))), min_size=1))
def test_any_text_that_can_be_seen_comes_back(texts: list[str]) -> None:
    found = sheet(*({"id": "x", "note": text} for text in texts))
    assert [cell.value or "" for cell in found["B"][1:]] == [
        text.replace("\xad", "\\xad") for text in texts
    ]


def test_numbers_and_flags_are_what_they_are_and_nothing_is_an_empty_cell() -> None:
    found = sheet({"id": "a", "year": 2020, "hedged": True, "share": 0.5, "note": None, "refs": []})
    assert [cell.value for cell in found[2]] == ["a", 2020, True, 0.5, None, None]


def test_items_of_a_list_are_joined_as_in_csv() -> None:
    assert sheet({"id": "a", "cells": ["TAM", "a|b"]})["B2"].value == "TAM|a\\|b"


def test_the_head_is_frozen_and_has_filters() -> None:
    found = sheet({"id": "a", "note": "x"}, {"id": "b", "note": "y"})
    assert [cell.value for cell in found[1]] == ["id", "note"]
    assert found.freeze_panes == "B2"
    assert found.auto_filter.ref == "A1:B3"
    assert found["A1"].font.bold
    without = sheet({"id": "a"}, header=False)
    assert without["A1"].value == "a"
    assert without.freeze_panes is None


def test_identifiers_are_links_to_where_they_lead() -> None:
    found = sheet({"id": "a", "doi": "10.1000/a(b)<c>", "pmid": "123", "url": "https://x.org/?a=1"})
    assert found["B2"].value == "10.1000/a(b)<c>"
    assert [cell.hyperlink.target for cell in found[2][1:]] == [
        "https://doi.org/10.1000/a(b)%3Cc%3E",
        "https://pubmed.ncbi.nlm.nih.gov/123/",
        "https://x.org/?a=1",
    ]
    bad = sheet({"id": "a", "doi": "javascript:x", "url": "file:///etc/passwd"})
    assert [cell.hyperlink for cell in bad[2]] == [None, None, None]


def test_what_cannot_be_seen_is_spelled_out_and_what_is_too_long_ends_in_an_ellipsis() -> None:
    said: list[str] = []
    found = sheet({"id": "a\x1b\u202eb\r\nc", "note": "x" * 40_000}, notify=said.append)
    assert found["A2"].value == "a\\x1b\\u202eb\nc"
    assert found["B2"].value == "x" * 32_766 + "…"
    assert said == ["1 text cut: a cell has room for 32,767 characters; -o csv shows all"]


def test_the_same_records_give_the_same_bytes() -> None:
    assert len({render_file(listing({"id": "a"}), "xlsx") for _ in range(2)}) == 1


def test_a_split_has_a_sheet_for_each_value_with_a_name_that_excel_takes() -> None:
    values = ["TAM", "tam", "a/b:c", "x" * 40, "x" * 50, "History", None, "'q'"]
    records = [{"id": str(number), "cell": value} for number, value in enumerate(values)]
    made = book(render_file(listing(*records), "xlsx", split="cell"))
    assert made.sheetnames == [
        "q", "a b c", "History (2)", "TAM", "tam (2)", "x" * 31, "x" * 27 + " (2)", "(none)",
    ]  # fmt: skip
    assert made["tam (2)"]["A2"].value == "1"
    notes = {name: made[name]["A1"].comment for name in made.sheetnames}
    assert {name: note.text for name, note in notes.items() if note is not None} == {
        "q": "'q'", "a b c": "a/b:c", "History (2)": "History", "tam (2)": "tam",
        "x" * 31: "x" * 40, "x" * 27 + " (2)": "x" * 50,
    }  # fmt: skip


def test_no_records_are_a_sheet_with_a_head() -> None:
    nothing = Listing("claims", ("id",), (), 0, 0, ("id",), "1.0", "id")
    assert book(render_file(nothing, "xlsx")).active["A1"].value == "id"
    assert book(render_file(nothing, "xlsx", split="id")).sheetnames == ["(none)"]


def test_more_records_than_rows_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tdr.render.excel._MOST_ROWS", 3)
    with pytest.raises(TdrError, match="a sheet has 3 rows; choose fewer records, or -o csv"):
        sheet(*({"id": str(number)} for number in range(3)))


def test_a_missing_library_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "xlsxwriter", None)
    with pytest.raises(TdrError, match=r"need one more package: pip install 'tdr\[excel\]'"):
        sheet({"id": "a"})


def test_a_library_that_is_there_and_cannot_be_loaded_is_said(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delitem(sys.modules, "xlsxwriter", raising=False)
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "xlsxwriter.py").write_text("raise ImportError('libx.so: no such file')\n")
    with pytest.raises(TdrError, match=r"tdr\[excel\] that cannot be loaded: libx.so: no such"):
        sheet({"id": "a"})


# --- the command ---------------------------------------------------------------------------


def test_any_table_comes_as_a_workbook(run: Callable[..., Run]) -> None:
    for argv in (("list", "-n", "3"), ("refs", "-c", "MDSC"), ("stats",), ("terms", "cells")):
        done = run(*argv, "-o", "xlsx")
        assert done.exit == 0
        found = book(done.raw).active
        names = run(*argv, "-o", "csv").out.splitlines()[0].split(",")
        assert [cell.value for cell in found[1]][: len(names)] == names
        assert found.max_row >= 2


def test_a_workbook_of_claims_has_every_identifier_and_finds_its_references(
    run: Callable[..., Run], tmp_path: Path
) -> None:
    evidence = str(stepped_evidence(tmp_path / "e"))

    def rows(*argv: str) -> list[dict[str, Any]]:
        head, *rest = book(run("--evidence", evidence, *argv, "-o", "xlsx").raw).active.values
        return [dict(zip(head, row, strict=True)) for row in rest]

    first, second, third = rows("list")
    assert [first[name] for name in ("dois", "pmids", "pmcids", "references")] == [
        "10.1000/abc", "123", "PMC77", "Doe et al. 2020 [1]|Poe 2021 [2]",
    ]  # fmt: skip
    assert second["cells.xref"] == third["opposes.xref"] == "CL:0000625"
    assert rows("list", "--long", "cell")[0]["pmcids"] == "PMC77"
    found = {row["number"]: row["title"] for row in rows("refs")}
    assert found[third["refs"]] == "More on T cells"


def test_a_sheet_for_each_cell(run: Callable[..., Run], tmp_path: Path) -> None:
    evidence = str(stepped_evidence(tmp_path / "e"))
    done = run("--evidence", evidence, "list", "-o", "xlsx", "--split", "cell")
    made = book(done.raw)
    assert made.sheetnames == ["CD8+ T cell", "tumor-associated macrophage"]
    names = [cell.value for cell in made["CD8+ T cell"][1]]
    assert names[:4] == ["id", "side", "cell", "cell.xref"]
    assert [row[0].value for row in made["CD8+ T cell"].iter_rows(min_row=2)] == [
        "che-002",
        "che-003",
    ]


def test_a_sheet_for_each_therapy_or_basis(run: Callable[..., Run]) -> None:
    therapies = {"immunotherapy", "targeted", "chemo", "radio", "antiandrogen"}
    assert set(book(run("list", "-o", "xlsx", "--split", "therapy").raw).sheetnames) == therapies
    made = book(run("list", "--basis", "in vivo", "-o", "xlsx", "--split", "basis").raw)
    assert "in vivo" in made.sheetnames


def test_a_terminal_is_no_place_for_it() -> None:
    shown = on_a_terminal("list", "-o", "xlsx")
    assert shown == "tdr: error: xlsx is not text; send it to a file with `> FILE`\r\n"


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (("-o", "csv", "--split", "cell"), "`--split` does nothing with -o csv; it is for -o xlsx"),
        (("-o", "xlsx", "--split", "refs"), "unknown field `refs`"),
        (("-o", "xlsx", "--split", "section"), "unknown column `section`"),
    ],
)
def test_what_cannot_be_split_is_said(
    run: Callable[..., Run], argv: tuple[str, ...], said: str
) -> None:
    done = run("list", *argv)
    assert (done.exit, done.out) == (2, "")
    assert said in done.err
