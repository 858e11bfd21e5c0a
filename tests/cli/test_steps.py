"""`tdr steps` and `tdr path` as they are typed."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable

from tests.conftest import Run

Tdr = Callable[..., Run]


def test_steps_come_one_a_record_in_every_format(run: Tdr) -> None:
    asked = ("steps", "--from", "TAM", "--does", "secretes")
    as_json = run(*asked, "-o", "json")
    records = json.loads(as_json.out)["steps"]
    assert as_json.exit == 0
    assert f"{len(records)} of {len(records)} steps" in as_json.err
    assert "TAM: tumor-associated macrophage + " in as_json.err
    as_csv = list(csv.DictReader(run(*asked, "-o", "csv").out.splitlines()))
    assert [row["to"] for row in as_csv] == [record["to"] for record in records]
    assert run(*asked, "--count").out == f"{len(records)}\n"
    assert run(*asked, "-o", "ids").out.split() == [record["claim"] for record in records]


def test_filters_choose_the_claims_of_steps(run: Tdr) -> None:
    found = json.loads(run("steps", "--from", "TAM", "-a", "lapatinib", "-o", "json").out)["steps"]
    assert {agent for record in found for agent in record["agents"]} == {"lapatinib"}


def test_a_step_that_nobody_knows_is_a_usage_error(run: Tdr) -> None:
    done = run("steps", "--from", "TAMM", "--does", "eats")
    assert (done.exit, done.out) == (2, "")
    assert "`TAMM` is the name of nothing here" in done.err
    assert "unknown relation `eats`" in done.err
