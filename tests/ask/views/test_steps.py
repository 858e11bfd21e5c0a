"""Steps asked for by their ends: what a name stands for there, and which steps it finds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tdr.ask.evidence import Evidence
from tdr.ask.views.steps import count, kind_of, step_criteria, steps
from tdr.model.errors import TdrError
from tdr.model.filters import Criteria

Ask = Callable[..., list[dict[str, Any]]]


@pytest.fixture(scope="module")
def ask(evidence: Evidence) -> Ask:
    def asked(*, where: Criteria | None = None, **parts: Any) -> list[dict[str, Any]]:
        criteria = step_criteria(evidence, **parts)
        return [
            row.to_dict() for row in steps(evidence, evidence.select(where or Criteria()), criteria)
        ]

    return asked


def test_without_a_question_there_is_a_record_for_every_step_of_the_selected_claims(
    ask: Ask, evidence: Evidence
) -> None:
    stated = [(c.id, s.source, s.target) for c in evidence.claims for s in c.steps]
    assert [(r["claim"], r["from"], r["to"]) for r in ask()] == stated
    of_radio = [one for one in stated if one[0].startswith("rad-")]
    found = ask(where=Criteria.of(therapy="radio"))
    assert [(r["claim"], r["from"], r["to"]) for r in found] == of_radio


@pytest.mark.parametrize("does", [(), ("secretes",)])
def test_steps_are_counted_as_they_are_listed(evidence: Evidence, does: tuple[str, ...]) -> None:
    for where in (Criteria(), Criteria.of(therapy="radio"), Criteria.of(effect="sensitivity")):
        asked, selection = step_criteria(evidence, does=does), evidence.select(where)
        listed = len(list(steps(evidence, selection, asked)))
        assert count(evidence, selection, asked) == listed


def test_what_macrophages_secrete(ask: Ask, evidence: Evidence) -> None:
    labels = evidence.vocabulary.expand("cells", "TAM")
    stated = {
        (c.id, s.target)
        for c in evidence.claims
        for s in c.steps
        if s.source in labels and s.does == "secretes"
    }
    assert stated
    assert {(r["claim"], r["to"]) for r in ask(source=["TAM"], does=["secretes"])} == stated


@pytest.mark.parametrize("form", ["CL:0000235", "Macrophages", "macrophage"])
def test_an_end_is_named_in_any_form_and_takes_in_narrower_terms(ask: Ask, form: str) -> None:
    found = {r["from"] for r in ask(source=[form])}
    assert {"tumor-associated macrophage", "M2 tumor-associated macrophage"} <= found
    assert {r["from"] for r in ask(source=[form], exact=True)} <= {"macrophage"}


def test_values_of_one_end_are_alternatives_and_the_ends_add_up(ask: Ask) -> None:
    both = ask(source=["TAM", "CAF"], target=["resistance"])
    assert {r["to"] for r in both} == {"resistance"}
    assert len(both) == sum(len(ask(source=[n], target=["resistance"])) for n in ("TAM", "CAF"))


def test_a_name_can_be_a_molecule_and_a_member_of_pathways_unless_the_kind_is_said(
    ask: Ask,
) -> None:
    assert {r["to_kind"] for r in ask(target=["STAT3"])} == {"molecule", "pathway"}
    assert {r["to_kind"] for r in ask(target=["STAT3"], kind="pathway")} == {"pathway"}
    assert {r["to"] for r in ask(target=["STAT3"], kind="molecule")} == {"STAT3"}


def test_a_kind_that_the_named_end_cannot_be_is_that_of_the_other_end(ask: Ask) -> None:
    found = ask(source=["TAM"], kind="molecule")
    assert {r["from_kind"] for r in found} == {"cell"}
    assert {r["to_kind"] for r in found} == {"molecule"}
    assert all("process" in (r["from_kind"], r["to_kind"]) for r in ask(kind="process"))
    with pytest.raises(TdrError, match="neither end that is named is a process"):
        ask(source=["TAM"], target=["CAF"], kind="process")


def test_an_intervention_is_an_end_in_its_own_words(ask: Ask) -> None:
    (found,) = ask(source=["IL-8 inhibitor"])
    assert (found["from"], found["from_kind"], found["sign"]) == (
        "IL-8 inhibitor",
        "intervention",
        -1,
    )


def test_the_cell_in_which_it_happens(ask: Ask, evidence: Evidence) -> None:
    labels = evidence.vocabulary.expand("cells", "CAF")
    stated = [s for c in evidence.claims for s in c.steps if s.place in labels]
    assert stated
    assert len(ask(place=["CAF"])) == len(stated)


def test_a_record_says_kind_and_sign_of_a_step_and_the_circumstances_of_its_claim(
    ask: Ask, evidence: Evidence
) -> None:
    for record in ask(does=["inhibits", "binds"]):
        claim = evidence.index.find(record["claim"])
        assert claim is not None
        assert record["sign"] == {"inhibits": -1, "binds": 0}[record["does"]]
        assert record["from_kind"] == kind_of(evidence.vocabulary, record["from"])
        assert (record["agents"], record["refs"]) == (list(claim.agents), list(claim.refs))
        assert record["hedged"] is claim.hedged


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        ({"source": ["TAMM"]}, "`TAMM` is the name of nothing here; did you mean"),
        ({"source": [" "]}, "the name of an end is empty"),
        ({"source": ["resistance"]}, "nothing starts from resistance"),
        ({"does": ["eats"]}, "unknown relation `eats`; one of secretes, expresses"),
        ({"kind": "drug"}, "unknown kind `drug`; one of cell, molecule"),
        ({"place": ["STAT3"]}, "`STAT3` is no cell here"),
    ],
)
def test_what_is_not_known_is_named_with_what_is(
    ask: Ask, parts: dict[str, Any], said: str
) -> None:
    with pytest.raises(TdrError, match=said):
        ask(**parts)


def test_a_name_of_several_kinds_is_said_to_be_each_of_them(evidence: Evidence) -> None:
    (said,) = step_criteria(evidence, source=["STAT3"]).expansions
    assert said.startswith("STAT3: the molecule STAT3; STAT3 signaling + ")
