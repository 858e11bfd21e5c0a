"""What claims say of steps, doubts and cited papers is a set of claims in the index."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tdr.index import Index
from tdr.index.bits import numbers
from tdr.read.files import find_layout
from tests.small import small_evidence
from tests.stepped import QUALIFIED

EMPTY = ("opposes", "cancers", "molecules", "pathways", "processes", "countered_by")
COMPLETE = QUALIFIED | {name: [] for name in EMPTY}
FACETS = {
    "step_from": {"tumor-associated macrophage", "CCL5"},
    "step_does": {"secretes", "increases"},
    "step_to": {"CCL5", "resistance"},
    "step_in": {"CD8+ T cell"},
    "hedged": {"yes"},
    "flag": {"broader", "inferred"},
    "primary": {"partly"},
    "differs": {"cell", "scope"},
}


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    return small_evidence(tmp_path / "evidence")


def index(directory: Path, *claims: object) -> Index:
    lines = "".join(json.dumps(claim) + "\n" for claim in claims)
    (directory / "chemo.jsonl").write_text(lines, encoding="utf-8")
    (directory / "chemo.yaml").unlink(missing_ok=True)
    return Index.temporary(find_layout(directory, "x"), "")


@pytest.mark.parametrize("more", [{}, {"ignore": {"lone-sign": "so it is"}}], ids=("plain", "read"))
def test_new_fields_are_facets_however_a_line_is_read(
    directory: Path, more: dict[str, object]
) -> None:
    other = {key: COMPLETE[key] for key in ("effect", "mechanism", "refs", "at")}
    found = index(directory, COMPLETE | more, other | {"id": "che-002"})
    for field, values in FACETS.items():
        assert set(found.values(field)) == values
        assert [list(numbers(found.claims_with(field, [value]))) for value in values] == [
            [0]
        ] * len(values)
    assert found.values("standing") == {"qualified": 1, "unchecked": 1}


def test_a_claim_of_ten_thousand_steps_is_one_claim(directory: Path) -> None:
    steps = [{"from": "CCL5", "does": "binds", "to": "STAT3"}] * 10_000
    found = index(directory, COMPLETE | {"steps": steps})
    assert found.values("step_to") == {"STAT3": 1}
    assert len(next(found.claims(1)).steps) == 10_000
