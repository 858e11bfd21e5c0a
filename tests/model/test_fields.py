"""A field of a claim stands in one row of a table and one attribute; all else follows."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tdr.edit.style import format_claim
from tdr.model.errors import Location, Problem
from tdr.model.field import names
from tdr.model.fields import FIELDS, FIELDS_OF_REFERENCE, FIELDS_OF_TERM, RECORD_FIELDS
from tdr.model.place import Place
from tdr.model.standing import AGREES, DIFFERS, FLAGS, READ, PaperComparison
from tdr.model.steps import RELATIONS, Step
from tdr.model.values import Claim, Reference, Term
from tdr.read.access import Fields
from tdr.read.dataset import read_references
from tdr.read.yaml import parse_yaml
from tests.conftest import PACKAGE
from tests.small import small_evidence

ROW = """
FIELDS = (
    Field(
        "tissues", "names", "Where it was seen.", facet="tissues", label="tissue",
        option=FieldOption(("--tissue",), "Tissue.", "WORDS"), in_lines=True,
    ),
    *FIELDS,
)
"""


def test_values_have_the_attributes_of_their_tables() -> None:
    for value, table in (
        (Claim, set(RECORD_FIELDS)),
        (Reference, {"number", "source", *names(FIELDS_OF_REFERENCE)}),
        (Term, {"kind", *names(FIELDS_OF_TERM)}),
    ):
        assert set(value._fields) == table


def test_a_text_that_is_not_known_is_null_however_a_file_says_so() -> None:
    tables = (*FIELDS, *FIELDS_OF_REFERENCE, *FIELDS_OF_TERM)
    assert [field.name for field in tables if field.empty == "" and not field.required] == []
    for journal in ("", ", journal: null", ", journal: ''"):
        written = f"references: {{1: {{title: T{journal}}}}}"
        read = read_references(parse_yaml(written.encode(), "f"))
        assert read[1].to_dict()["journal"] is None


@pytest.fixture
def grown(tmp_path: Path) -> Path:
    """The package with one more field: a row in the table, an attribute of the claim."""
    package = tmp_path / "tdr"
    shutil.copytree(PACKAGE, package)
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


WORDS = st.text("abc -:|'\"é", min_size=1).map(str.strip).filter(bool)
STEPS = st.builds(Step, WORDS, st.sampled_from(sorted(RELATIONS)), WORDS, st.none() | WORDS)
COMPARISONS = st.builds(
    PaperComparison,
    st.integers(1, 9),
    st.sampled_from(AGREES),
    st.lists(st.sampled_from(DIFFERS), unique=True).map(tuple),
    st.none() | WORDS,
    st.none() | st.sampled_from(READ),
    st.dates().map(str),
    st.none() | WORDS,
)
CLAIMS = st.builds(
    lambda **values: Claim(**values),  # noqa: PLW0108 - a bare class is given values for every field
    id=st.just("che-001"),
    therapy=st.just("chemo"),
    effect=st.just("resistance"),
    mechanism=WORDS,
    steps=st.lists(STEPS, max_size=4).map(tuple),
    hedged=st.booleans(),
    refs=st.just((1,)),
    at=st.just(Place("chemo", 1)),
    flags=st.lists(st.sampled_from(sorted(FLAGS)), unique=True).map(tuple),
    note=st.none() | WORDS,
    primary=st.lists(COMPARISONS, max_size=3).map(tuple),
    verified=st.none(),
)


@given(CLAIMS)
def test_a_claim_comes_back_from_json_and_from_a_file(claim: Claim) -> None:
    assert Claim.from_dict(json.loads(json.dumps(claim.to_dict()))) == claim
    text = "claims:\n" + format_claim(claim.to_dict()) + "\n"
    document = parse_yaml(text.encode(), "x")
    problems: list[Problem] = []
    fields = Fields(document.value["claims"][0], lambda *_: Location("x"), problems)
    read = {field.name: fields.value(field) for field in FIELDS if field.in_record}
    assert (*document.problems, *problems) == ()
    assert Claim(**read) == claim
