"""What Python can ask: every answer gives records, those of the command of its name."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

import tdr
from tdr.ask.evidence import Evidence
from tdr.model.errors import TdrError
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
    [
        name
        for name in vars(Evidence)
        if name[0] != "_" and name not in ("claim", "conditions", "select")
    ],
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


@pytest.mark.parametrize("name", ["74", 74, "li2024:74", ["li2024:74"], ["74"], [74]])
def test_a_reference_is_found_by_every_name_that_is_printed(evidence: Evidence, name: Any) -> None:
    (found,) = evidence.refs(name)
    assert (found.reference.source, found.reference.number) == ("li2024", 74)


@pytest.mark.parametrize("name", ["under", "within", "level"])
def test_one_value_is_one_value_and_not_its_letters(evidence: Evidence, name: str) -> None:
    value = {"level": "0"}.get(name, "TAM")
    assert evidence.matrix(**{name: value}) == evidence.matrix(**{name: [value]})


@pytest.mark.parametrize(
    ("name", "arguments", "given"),
    [
        ("matrix", (), {"unit": "foo"}),
        ("matrix", ("foo",), {}),
        ("matrix", (), {"level": "top"}),
        ("matrix", (), {"under": []}),
        ("refs", ([9999],), {}),
        ("refs", (["nokey:1"],), {}),
        ("refs", (["junk"],), {}),
        ("refs", ("junk",), {}),
        ("refs", ([],), {}),
        ("coverage", ("x",), {}),
        ("table", (9,), {}),
        ("search", ("TAM",), {"limit": -1}),
        ("search", ("TAM",), {"min_score": float("nan")}),
        ("search", ("TAM",), {"min_score": 101}),
        ("stats", (), {"top": -1}),
        ("graph", (), {"top": -1}),
        ("compare", ("TAM", "CAF"), {"kind": "foo"}),
        ("terms", ("foo",), {}),
        ("steps", (), {"as_": "foo"}),
        ("steps", (), {"does": "foo"}),
        ("steps", (), {"from_": []}),
        ("breakdown", ("foo",), {}),
        ("filter", (), {"also": "CAF"}),
        ("filter", (), {"exclude": ["a"]}),
        ("filter", (), {"cell": []}),
        ("filter", (), {"exclude": {"cell": []}}),
    ],
)
def test_what_cannot_be_asked_is_an_error_of_tdr(
    evidence: Evidence, name: str, arguments: tuple[Any, ...], given: dict[str, Any]
) -> None:
    with pytest.raises(TdrError):
        getattr(evidence, name)(*arguments, **given)


def test_no_directory_at_all_is_refused() -> None:
    with pytest.raises(TdrError, match="no evidence directory"):
        tdr.load([])


def test_one_claim_is_had_by_its_id(evidence: Evidence) -> None:
    assert evidence.claim("imm‑004").id == "imm-004"
    with pytest.raises(TdrError, match="no claim has the id `imm-999`"):
        evidence.claim("imm-999")


def test_evidence_is_opened_by_the_names_of_the_command_line() -> None:
    assert repr(tdr.load("shipped")) == repr(tdr.load())
    assert repr(tdr.load()).endswith(" claims of li2024, papers>")
    with pytest.raises(TdrError, match="the path of an evidence directory is empty"):
        tdr.load("")


def test_what_is_yes_or_no_is_no_text(evidence: Evidence) -> None:
    with pytest.raises(TdrError, match="`exact` is True or False, not 'no'"):
        evidence.filter(cell="TAM", exact="no")
    with pytest.raises(TdrError, match="`every` is True or False, not 'no'"):
        evidence.conflicts(every="no")  # type: ignore[arg-type]
    with pytest.raises(TdrError, match="`across` is True or False, not 'no'"):
        evidence.paths("TAM", across="no")  # type: ignore[arg-type]


def test_what_the_package_offers_can_be_listed() -> None:
    assert {"Evidence", "TdrError", "load"} <= set(dir(tdr))
