"""What Python can ask: every answer gives records, those of the command of its name."""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable

import pytest

from tdr.ask.query import Evidence
from tdr.ask.questions import Questions
from tests.conftest import Run

ARGUMENTS = {
    "search": ("macrophages",),
    "terms": ("cells",),
    "paths": ("CXCL8",),
    "compare": ("TAM", "CAF"),
    "breakdown": ("therapy",),
    "table": (1,),
}
"""Of the questions that are about something."""


@pytest.mark.parametrize(
    "name",
    [name for name, _ in inspect.getmembers(Questions, inspect.isfunction) if name[0] != "_"],
)
def test_every_answer_gives_records(evidence: Evidence, name: str) -> None:
    records = getattr(evidence, name)(*ARGUMENTS.get(name, ())).records()
    assert records
    assert all(json.loads(json.dumps(record)) == record for record in records)


def test_the_records_of_a_network_are_the_edges_that_tdr_graph_prints(
    evidence: Evidence, run: Callable[..., Run]
) -> None:
    printed = json.loads(run("graph", "-t", "radio", "-o", "json").out)
    assert evidence.graph(therapy="radio").records() == printed["edges"]
