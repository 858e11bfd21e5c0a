"""`tdr schema`: the files as JSON Schema, proved with a real validator."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]  # has no stubs
from ruamel.yaml import YAML

from tdr import check
from tdr.model.fields import CLAIM_FIELDS, RECORD_FIELDS, REFERENCE_FIELDS, TERM_FIELD_NAMES
from tdr.model.schema import SCHEMAS, schema, schema_text
from tdr.model.values import KINDS
from tests.conftest import REVIEW, ROOT, SHIPPED, Run
from tests.small import runner, small_evidence

Runner = Callable[..., Run]


@pytest.fixture
def run(capfd: pytest.CaptureFixture[str]) -> Runner:
    return runner(capfd)


def plain(path: Path) -> Any:
    """A YAML file as JSON values, read by a parser that is not ours."""
    return json.loads(json.dumps(YAML(typ="safe").load(path)))


def kind_of(path: Path) -> str:
    if path.stem in KINDS:
        return "vocabulary"
    return path.stem if path.stem in SCHEMAS else "claims"


def complaints(kind: str, value: object) -> list[str]:
    return [error.json_path for error in Draft202012Validator(schema(kind)).iter_errors(value)]


@pytest.mark.parametrize("kind", SCHEMAS)
def test_every_schema_is_a_valid_schema(kind: str) -> None:
    Draft202012Validator.check_schema(schema(kind))


@pytest.mark.parametrize(
    "path", sorted(SHIPPED.rglob("*.yaml")), ids=lambda p: str(p.relative_to(SHIPPED))
)
def test_the_shipped_evidence_is_valid(path: Path) -> None:
    assert complaints(kind_of(path), plain(path)) == []


def test_json_output_is_valid(run: Runner) -> None:
    done = run("--evidence", str(REVIEW), "list", "-o", "json")
    value = json.loads(done.out)
    assert complaints("output", value) == []
    del value["claims"][3]["note"]
    assert complaints("output", value) == ["$.claims[3]"]


def test_claims_on_papers_have_ids_of_their_source_and_no_place() -> None:
    claim = {
        "id": "papers-che-001", "promotes": ["B cell"], "opposes": [], "cancers": [], "agents": [],
        "effect": "resistance", "mechanism": "B cells shield tumor cells.", "molecules": [],
        "pathways": [], "processes": [], "countered_by": [], "refs": [1],
    }  # fmt: skip
    assert complaints("claims", {"therapy": "chemo", "claims": [claim]}) == []
    assert complaints("claims", {"therapy": "radio", "claims": [claim]}) == ["$.claims[0].id"]
    assert complaints("source", {"kind": "papers", "record": {}}) == []
    assert complaints("source", {"kind": "review", "record": {}}) == ["$"]


def test_output_says_null_for_the_place_of_a_claim_without_one(run: Runner) -> None:
    value = json.loads(run("--evidence", str(REVIEW), "list", "--limit", "1", "-o", "json").out)
    value["claims"][0] |= {"id": "papers-imm-001", "at": None, "source": "papers"}
    assert complaints("output", value) == []


def change(value: Any, path: str, new: object) -> Any:
    """The value with one part set, or (`new` is ...) taken away."""
    *way, last = path.split("/")
    inner = value
    for step in way:
        inner = inner[int(step)] if isinstance(inner, list) else inner[step]
    if new is ...:
        del inner[last]
    else:
        inner[last] = new
    return value


@pytest.mark.parametrize(
    ("file", "path", "new"),
    [
        ("chemo.yaml", "claims/0/cancer", []),
        ("chemo.yaml", "claims/0/refs", ...),
        ("chemo.yaml", "claims/0/refs", []),
        ("chemo.yaml", "claims/0/refs", ["1"]),
        ("chemo.yaml", "claims/0/refs", [1, 1]),
        ("chemo.yaml", "claims/0/refs", 1),
        ("chemo.yaml", "claims/0/refs", [0]),
        ("chemo.yaml", "claims/0/refs", [True]),
        ("chemo.yaml", "claims/0/id", "che-1"),
        ("chemo.yaml", "claims/0/id", "rad-001"),
        ("chemo.yaml", "claims/0/effect", "resistant"),
        ("chemo.yaml", "claims/0/basis", ["in silico"]),
        ("chemo.yaml", "claims/0/promotes", "monocyte"),
        ("chemo.yaml", "claims/0/promotes", ["monocyte "]),
        ("chemo.yaml", "claims/0/promotes", ...),
        ("chemo.yaml", "claims/0/mechanism", ""),
        ("chemo.yaml", "claims/0/mechanism", None),
        ("chemo.yaml", "claims/0/at", {"section": "x"}),
        ("chemo.yaml", "claims/0/at/line", 3),
        ("chemo.yaml", "claims/0/ignore", {"near-duplicate": ""}),
        ("chemo.yaml", "claims/0/verified", {"by": "me"}),
        ("chemo.yaml", "claims", {}),
        ("chemo.yaml", "claims", ...),
        ("chemo.yaml", "therapy", "chemotherapy"),
        ("chemo.yaml", "therapy", "radio"),
        ("chemo.yaml", "clams", []),
        ("references.yaml", "references/1/title", ...),
        ("references.yaml", "references/1/volume", 67),
        ("references.yaml", "references/1/status", "fine"),
        ("references.yaml", "references/1/editor", "x"),
        ("references.yaml", "references/01", {"title": "x"}),
        ("references.yaml", "references/one", {"title": "x"}),
        ("vocabulary/cells.yaml", "terms/0/label", ...),
        ("vocabulary/cells.yaml", "terms/0/parent", "x"),
        ("vocabulary/cells.yaml", "terms/2/xref_match", ...),
        ("vocabulary/cells.yaml", "terms/2/xref", "CL0000625"),
        ("source.yaml", "sections/0/paragraphs/0/citations", [1]),
        ("source.yaml", "sections/0/title", "x"),
        ("source.yaml", "sections", ...),
    ],
)
def test_a_broken_file_is_invalid(tmp_path: Path, file: str, path: str, new: object) -> None:
    original = small_evidence(tmp_path) / file
    value = plain(original)
    assert complaints(kind_of(original), value) == []
    assert complaints(kind_of(original), change(value, path, new)) != []


def test_the_fields_are_those_of_the_model_and_each_is_described() -> None:
    for kind, name, fields in (
        ("claims", "claim", (*CLAIM_FIELDS, "therapy", "source", "ignore")),
        ("output", "claim", RECORD_FIELDS),
        ("references", "reference", REFERENCE_FIELDS),
        ("vocabulary", "term", TERM_FIELD_NAMES),
    ):
        properties = schema(kind)["$defs"][name]["properties"]
        assert tuple(properties) == fields
        assert all(described["description"] for described in properties.values())


def test_sound_evidence_for_check_is_valid_for_the_schema(tmp_path: Path) -> None:
    directory = small_evidence(tmp_path)
    assert check.run(directory).findings == ()
    for path in directory.rglob("*.yaml"):
        assert complaints(kind_of(path), plain(path)) == []


@pytest.mark.parametrize("kind", SCHEMAS)
def test_the_published_schema_is_the_one_that_is_generated(kind: str) -> None:
    """After a change of the model: `tdr schema KIND > docs/schema/KIND.json`, or `make docs`."""
    published = ROOT / "docs" / "schema" / f"{kind}.json"
    assert published.read_text(encoding="utf-8") == schema_text(kind)


def test_the_command_prints_a_schema(run: Runner) -> None:
    done = run("schema", "references")
    assert (done.exit, done.out, done.err) == (0, schema_text("references"), "")
    assert run("schema").out == schema_text("claims")


def test_an_unknown_kind_is_refused(run: Runner) -> None:
    done = run("schema", "cell")
    assert (done.exit, done.out) == (2, "")
    assert done.err == (
        "tdr: error: unknown kind of file `cell`; one of claims, references, source, vocabulary, "
        "therapies, output\n"
    )
