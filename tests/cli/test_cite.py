"""`cite`: how to cite the program, the data and their source; CITATION.cff says the same."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from jsonschema import Draft7Validator
from ruamel.yaml import YAML

from tdr import __version__
from tdr.ask.evidence import Evidence
from tdr.ask.publications import publications
from tdr.model.publication import Publication
from tdr.render.cff import cff
from tests.conftest import ROOT, Run
from tests.fuzz import examples

Tdr = Callable[..., Run]

SCHEMA = Draft7Validator(
    json.loads((ROOT / "tests/data/cff/schema-1.2.0.json").read_text(encoding="utf-8"))
)
TITLE = (
    "The complex interplay of tumor-infiltrating cells in driving therapeutic resistance pathways"
)


@pytest.fixture(autouse=True)
def of_the_shipped_evidence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TDR_EVIDENCE")


def test_cite_names_program_data_and_source(run: Tdr) -> None:
    done = run("cite")
    assert (done.exit, done.err) == (0, "")
    program, data, source = done.out.splitlines()
    assert program == (
        "program: The tdr developers. tdr: evidence on how tumour-infiltrating cells drive "
        f"resistance to cancer therapy [computer program]. Version {__version__}; 2026."
    )
    assert data == (
        f"data:    The tdr developers. Claims restated from “{TITLE}” and from primary papers "
        "[data set]. "
        "Version 1.2.0; 2026."
    )
    assert source.startswith("source:  Li D, Shao F, Yu Q, ")
    assert source.endswith(f", Feng D. {TITLE}. 2024.")


def test_cite_speaks_the_formats_of_reference_managers(run: Tdr) -> None:
    keys = ["tdr", "tdr-data", "tdr-source"]
    assert re.findall(r"^@\w+{(.*),$", run("cite", "-o", "bibtex").out, re.M) == keys
    assert re.findall(r"^ID  - (.*)$", run("cite", "-o", "ris").out, re.M) == keys
    items = json.loads(run("cite", "-o", "csl").out)
    assert [item["id"] for item in items] == keys
    assert [item["type"] for item in items] == ["software", "dataset", "article-journal"]
    assert [item.get("version") for item in items] == [__version__, "1.2.0", None]


def test_who_made_other_evidence_is_not_claimed(run: Tdr, small: Path) -> None:
    _, data, *_ = json.loads(run("--evidence", str(small), "cite", "-o", "csl").out)
    assert "author" not in data
    assert "issued" not in data


def test_a_doi_and_journal_are_cited_where_the_source_has_them(evidence: Evidence) -> None:
    record = dict(evidence.source.record) | {"journal": "J Exp", "doi": "10.1000/x"}
    *_, source = publications(evidence.source._replace(record=record), "1", shipped=True)
    assert (source.journal, source.doi) == ("J Exp", "10.1000/x")
    without = publications(evidence.source._replace(record={}), "1", shipped=True)
    assert [one.key for one in without] == ["tdr", "tdr-data"]


def test_the_citation_file_is_valid_and_says_what_cite_prints(run: Tdr) -> None:
    text = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    assert run("cite", "-o", "cff").out == text
    document = YAML(typ="safe").load(text)
    SCHEMA.validate(document)
    assert document["license"] == "MIT"
    data, source = document["references"]
    assert (data["type"], data["license"]) == ("data", "CC-BY-4.0")
    assert (source["type"], source["license"]) == ("article", "CC-BY-NC-ND-4.0")
    assert len(source["authors"]) == 17
    assert source["authors"][-1] == {"family-names": "Feng", "given-names": "D."}


@pytest.mark.parametrize(("licence", "identifier"), [("CC0 1.0", "CC0-1.0"), ("all mine", None)])
def test_only_a_known_licence_has_an_identifier(licence: str, identifier: str | None) -> None:
    one = Publication("k", "software", ("Doe J Jr",), "T", licence=licence)
    assert YAML(typ="safe").load("".join(cff([one]))).get("license") == identifier


@given(st.text(), st.text(min_size=1))
@example("", "?")  # which libyaml takes for syntax inside braces
@settings(max_examples=examples(1))
def test_any_text_leaves_the_citation_file_valid(title: str, name: str) -> None:
    program = Publication("tdr", "software", ("The tdr developers",), "tdr", version="1")
    other = Publication("x", "article-journal", (f"x{name}",), f"x{title}", year=2024)
    document = YAML(typ="safe").load("".join(cff([program, other])))
    SCHEMA.validate(document)
    assert document["references"][0]["type"] == "article"
