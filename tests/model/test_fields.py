"""A field of a claim stands in one row of a table and one attribute; all else follows."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from dataclasses import fields as attributes
from pathlib import Path

import pytest

from tdr.model.fields import FIELDS_OF_REFERENCE, FIELDS_OF_TERM, RECORD_FIELDS, names
from tdr.model.values import Claim, Reference, Term
from tests.conftest import ROOT
from tests.small import small_evidence

ROW = """
FIELDS = (
    Field(
        "tissues", "names", "Where it was seen.", facet="tissues", label="tissue",
        option=Option(("--tissue",), "Tissue.", "WORDS"), in_lines=True,
    ),
    *FIELDS,
)
"""


def test_values_have_the_attributes_of_their_tables() -> None:
    for value, table in (
        (Claim, set(RECORD_FIELDS)),
        (Reference, {"number", *names(FIELDS_OF_REFERENCE)}),
        (Term, {"kind", *names(FIELDS_OF_TERM)}),
    ):
        assert {attribute.name for attribute in attributes(value)} == table


@pytest.fixture
def grown(tmp_path: Path) -> Path:
    """The package with one more field: a row in the table, an attribute of the claim."""
    package = tmp_path / "tdr"
    shutil.copytree(ROOT / "tdr", package, ignore=shutil.ignore_patterns("__pycache__"))
    for name, before, more in (
        ("fields.py", "\nFIELDS_OF_REFERENCE", ROW),
        ("values.py", "    promotes: tuple", "    tissues: tuple[str, ...] = ()\n"),
    ):
        path = package / "model" / name
        text = path.read_text(encoding="utf-8")
        path.write_text(text.replace(before, more + before, 1), encoding="utf-8")
    return tmp_path


def test_a_new_field_is_read_shown_written_and_described(grown: Path) -> None:
    evidence = small_evidence(grown / "evidence")
    chemo = evidence / "chemo.yaml"
    text = chemo.read_text(encoding="utf-8")
    said = "    note: null\n    tissues: [liver, lung]\n"
    chemo.write_text(text.replace("    note: null\n", said, 1), encoding="utf-8")

    def tdr(*argv: str) -> str:
        done = subprocess.run(
            [sys.executable, "-P", "-m", "tdr",
             "--evidence", str(evidence), "--no-cache", *argv],
            env={"PYTHONPATH": str(grown)}, capture_output=True, text=True, check=True,
        )  # fmt: skip
        return done.stdout

    assert json.loads(tdr("list", "-o", "jsonl", "-n", "1"))["tissues"] == ["liver", "lung"]
    assert "liver|lung" in tdr("list", "-o", "tsv")
    assert "tissue" in tdr("show", "che-001", "-o", "table")
    assert "--tissue" in tdr("new", "--help")
    claim = json.loads(tdr("schema"))["$defs"]["claim"]
    assert claim["properties"]["tissues"]["description"] == "Where it was seen."
    assert "tissues" not in claim["required"]
    tdr("fmt", str(chemo))
    assert "- tissues: [liver, lung]\n    id: che-001\n" in chemo.read_text(encoding="utf-8")
