"""Claims beyond their own fields: computed columns, a record for each item, references in full."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable

import pytest

from tdr.ask.evidence import Evidence
from tdr.model.fields import RECORD_FIELDS
from tests.conftest import Run

Tdr = Callable[..., Run]


def rows(done: Run) -> list[dict[str, str]]:
    assert done.exit == 0, done.err
    return list(csv.DictReader(io.StringIO(done.out)))


def test_long_has_a_record_for_each_claim_and_cell_with_its_side_and_id(
    run: Tdr, evidence: Evidence
) -> None:
    found = rows(run("list", "--long", "cell", "-o", "csv"))
    expected = [
        (claim.id, side, cell)
        for claim in evidence.claims
        for side, cells in (("promotes", claim.promotes), ("opposes", claim.opposes))
        for cell in cells
    ]
    assert [(r["id"], r["side"], r["cell"]) for r in found if r["cell"]] == expected
    cells = evidence.vocabulary.terms("cells")
    assert all((r["cell.xref"] or None) == cells[r["cell"]].xref for r in found if r["cell"])
    assert list(found[0])[:5] == ["id", "side", "cell", "cell.xref", "therapy"]
    assert not {"promotes", "opposes"} & found[0].keys()


def test_long_over_two_fields_has_every_combination_and_loses_no_claim(
    run: Tdr, evidence: Evidence
) -> None:
    found = rows(run("list", "--long", "cell,molecule", "-o", "csv"))
    counts = {
        claim.id: max(1, len(claim.promotes + claim.opposes)) * max(1, len(claim.molecules))
        for claim in evidence.claims
    }
    assert {key: sum(r["id"] == key for r in found) for key in counts} == counts
    assert "molecules" not in found[0]


@pytest.mark.parametrize("field", ["therapy", "member", "nonsense"])
def test_long_is_for_lists_of_terms(run: Tdr, field: str) -> None:
    done = run("list", "--long", field)
    assert (done.exit, done.out) == (2, "")


def test_computed_columns_come_when_they_are_asked_for(run: Tdr, evidence: Evidence) -> None:
    names = "id,cells,cells.xref,references,dois,molecules.xref"
    answer = json.loads(run("list", "-r", "142", "--columns", names, "-o", "json").out)["claims"]
    for record, claim in zip(answer, evidence.filter(ref=142), strict=True):
        assert list(record) == names.split(",")
        assert record["cells"] == [*claim.promotes, *claim.opposes]
        assert any(entry.endswith("[142]") for entry in record["references"])
        assert "10.1186/s12964-024-01541-w" in record["dois"]
    assert tuple(json.loads(run("list", "-n", "1", "-o", "json").out)["claims"][0]) == RECORD_FIELDS
    assert "cells" in run("list", "--columns", "cels").err


@pytest.mark.parametrize("form", ["json", "csv", "markdown"])
def test_show_writes_references_out_and_keeps_the_note(
    run: Tdr, evidence: Evidence, form: str
) -> None:
    claim = next(claim for claim in evidence.claims if claim.note)
    shown = "".join(c for c in run("show", claim.id, "-o", form).out if c.isalnum())
    for text in (claim.note or "", *(evidence.references[n].title for n in claim.refs)):
        assert "".join(c for c in text if c.isascii() and c.isalnum())[:30] in shown


def test_a_byte_order_mark_stands_before_csv_only_when_asked_for(run: Tdr) -> None:
    plain = run("list", "-n", "2", "-o", "csv").raw
    marked = run("list", "-n", "2", "-o", "csv", "--csv-bom").raw
    assert marked == b"\xef\xbb\xbf" + plain
    assert run("list", "-n", "2", "-o", "csv", "--csv-bom", "--no-header").raw.count(b"\xef") == 1


def test_rows_are_counted_where_claims_have_several(run: Tdr, evidence: Evidence) -> None:
    argv = ("list", "-c", "TAM", "--long", "cell")
    done = run(*argv, "-o", "csv")
    written, matched = len(rows(done)), len(evidence.filter(cell="TAM"))
    assert written > matched
    claims = f"{matched} of {len(evidence)} claims\n"
    assert done.err.endswith(f"{written} rows from {claims}")
    assert run(*argv, "--count").out == f"{written}\n"
    for order in ((), ("--sort", "cell")):
        few = run(*argv, "-o", "csv", "-n", "3", *order)
        assert len(rows(few)) == 3
        assert few.err.endswith(f"3 rows shown; {claims}")
