"""What a new rule and a new view take: the places that CONTRIBUTING names, and no more.

A new field is walked in tests/model/test_fields.py, a filter in tests/ask/test_conditions.py, a
format in tests/render/test_formats.py.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.small import small_evidence

RULE = '''
def shouting(context: Context) -> Iterator[Problem]:
    """Note that shouts.

    Nobody reads it.

    Wrong:

        note: READ THIS!

    Right:

        note: Read this.
    """
    for record, claim in context.drafts:
        if claim.note and claim.note.endswith("!"):
            yield finding("a note shouts", record.where(("note",)), claim.id)
'''

VIEW = """
from dataclasses import dataclass

from tdr.model.rows import Columns, Row


@dataclass(frozen=True, slots=True)
class Length(Row):
    columns = Columns("combinations")
    id: str
    words: int


def lengths(claims):
    return [Length(claim.id, len(claim.mechanism.split())) for claim in claims]
"""

COMMAND = '''
from tdr.cli.filtering import CRITERIA
from tdr.cli.options import Output, examples, output, takes
from tdr.cli.session import Session
from tdr.model.filters import Criteria
from tdr.render import Listing


@takes(CRITERIA, output("combinations"))
@examples("tdr lengths", "tdr lengths -t chemo")
def lengths_command(session: Session, criteria: Criteria, output: Output) -> None:
    """List how long mechanisms are."""
    from tdr.ask.views.lengths import Length, lengths

    evidence = session.evidence()
    chosen = session.select(evidence, criteria)
    rows = lengths(evidence.index.claims(chosen.bits))
    output.emit(Listing.of(evidence, Length, rows))
'''


@pytest.fixture
def package(tmp_path: Path) -> Path:
    path = tmp_path / "tdr"
    shutil.copytree(ROOT / "tdr", path)
    return path


@pytest.fixture
def tdr(package: Path) -> Callable[..., str]:
    """The program of the changed package, on small evidence."""
    evidence = small_evidence(package.parent / "evidence")

    def start(*argv: str) -> str:
        done = subprocess.run(
            [sys.executable, "-P", "-m", "tdr",
             "--evidence", str(evidence), "--no-cache", *argv],
            env={"PYTHONPATH": str(package.parent)}, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode in (0, 1), done.stderr
        return done.stdout

    return start


def change(path: Path, before: str, after: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert before in text
    path.write_text(text.replace(before, after, 1), encoding="utf-8")


def test_a_rule_is_a_function_and_a_line(package: Path, tdr: Callable[..., str]) -> None:
    content = package / "check/content.py"
    content.write_text(content.read_text(encoding="utf-8") + "\n" + RULE, encoding="utf-8")
    change(
        package / "check/__init__.py",
        '    "Molecules": (\n',
        '    "Molecules": (\n        Rule("shouting", WARNING, content.shouting),\n',
    )
    chemo = package.parent / "evidence/chemo.yaml"
    change(chemo, "note: null", "note: LOOK HERE!")
    assert "Nobody reads it." in tdr("check", "--explain", "shouting")
    assert "shouting" in tdr("check", "--list-rules")
    assert "warning: a note shouts [shouting]" in tdr("check")
    (sarif,) = json.loads(tdr("check", "--select", "shouting", "-o", "sarif"))["runs"]
    assert [found["ruleId"] for found in sarif["results"]] == ["shouting"]


def test_a_view_is_a_row_a_function_and_a_command(package: Path, tdr: Callable[..., str]) -> None:
    (package / "ask/views/lengths.py").write_text(VIEW, encoding="utf-8")
    (package / "cli/lengths.py").write_text(COMMAND, encoding="utf-8")
    change(
        package / "cli/__init__.py",
        '    "Overview": {\n',
        '    "Overview": {\n        "lengths": ("lengths", "List how long mechanisms are."),\n',
    )
    assert "List how long mechanisms are." in tdr("--help")
    assert "--not" in tdr("lengths", "--help")
    assert tdr("lengths", "-o", "csv").splitlines()[0] == "id,words"
    records = map(json.loads, tdr("lengths", "-t", "chemo", "-o", "jsonl").splitlines())
    assert [record["id"] for record in records] == ["che-001", "che-002"]
