"""Therapies are data: a further one is an entry of the vocabulary and a file of claims."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import typer

import tdr
from tdr.ask.views.axes import AXES, categories, short_name
from tdr.cli import build, complete
from tdr.model.therapies import BUILT_IN
from tests.conftest import Run
from tests.small import FILES, runner, small_evidence

Runner = Callable[..., Run]

FILE = """\
therapies:
  - label: hormone
    prefix: hor
    abbreviation: ADT
    synonyms: [hormone therapy, endocrine therapy]
    short: horm.
  - label: chemo
    prefix: che
    synonyms: [chemotherapy]
"""


@pytest.fixture
def run(capfd: pytest.CaptureFixture[str]) -> Runner:
    return runner(capfd)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Small evidence with a therapy that the program has never heard of."""
    directory = small_evidence(tmp_path / "evidence")
    (directory / "vocabulary/therapies.yaml").write_text(FILE)
    first, second = FILES["chemo.yaml"].split("\n  - id: che-002")
    head = "therapy: chemo\nclaims:\n  - id: che-002"
    (directory / "chemo.yaml").write_text(head + second)
    claims = first.replace("che-001", "hor-001").replace("therapy: chemo", "therapy: hormone")
    (directory / "hormone.yaml").write_text(claims)
    return directory


def test_a_further_therapy_is_asked_for_by_any_of_its_names(run: Runner, path: Path) -> None:
    for name in ("hormone", "hor", "ADT", "Endocrine  Therapy"):
        done = run("--evidence", str(path), "list", "-t", name, "-o", "ids")
        assert done.out == "hor-001\n"
    unknown = run("--evidence", str(path), "list", "-t", "radio")
    assert unknown.exit == 2
    assert "unknown therapy `radio`; one of hormone, chemo" in unknown.err


def test_therapies_are_shown_in_the_order_of_their_file(path: Path) -> None:
    evidence = tdr.load(path)
    assert [claim.id for claim in evidence.claims] == ["hor-001", "che-002"]
    heads = categories(evidence, AXES["therapy"], evidence.index.everything)
    assert [head.label for head in heads] == ["hormone", "chemo"]
    assert short_name(evidence, AXES["therapy"], "hormone") == "horm."


def test_a_claim_of_a_further_therapy_gets_an_id_of_its_own(run: Runner, path: Path) -> None:
    done = run("--evidence", str(path), "new", "-t", "endocrine therapy")
    assert (done.exit, done.out) == (0, "hor-002\n")
    assert run("--evidence", str(path), "fmt", "--check").exit == 0
    assert run("--evidence", str(path), "check").exit == 0


def test_the_schema_knows_the_therapies_of_the_evidence_in_use(run: Runner, path: Path) -> None:
    schema = json.loads(run("--evidence", str(path), "schema").out)
    assert schema["properties"]["therapy"]["enum"] == ["hormone", "chemo"]
    assert "(hor|che)" in schema["$defs"]["claim"]["properties"]["id"]["pattern"]


def test_the_shell_completes_a_further_therapy(path: Path) -> None:
    context = typer.Context(build())
    context.params = {"evidence": [str(path)]}
    assert complete.therapies(context, "h") == ["hormone"]


def test_a_file_of_no_therapy_is_passed_over_and_said_so(run: Runner, path: Path) -> None:
    (path / "radio.yaml").write_text("therapy: radio\nclaims: []\n")
    assert len(tdr.load(path)) == 2
    done = run("--evidence", str(path), "check", "--select", "stray-file", "-o", "json")
    assert "radio.yaml" in done.out


def test_what_is_wrong_with_the_file_is_said_by_every_command(run: Runner, path: Path) -> None:
    (path / "vocabulary/therapies.yaml").write_text("therapies: []\n")
    done = run("--evidence", str(path), "list")
    assert done.exit == 2
    assert "therapies.yaml:1: error: no therapy is listed; list at least one" in done.err


def test_without_the_file_the_built_in_therapies_apply(small: Path) -> None:
    assert tuple(tdr.load(small).therapies) == tuple(BUILT_IN)
    assert BUILT_IN.named("Radiotherapy") == "radio"
    assert BUILT_IN["chemo"].full_name == "chemotherapy"
