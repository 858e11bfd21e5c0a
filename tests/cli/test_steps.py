"""`tdr steps` and `tdr path` as they are typed."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path

import pytest

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


def test_evidence_without_steps_as_0_1_0_wrote_it_is_whole_and_says_why_nothing_is_drawn(
    run: Tdr, small: Path
) -> None:
    own = {"TDR_EVIDENCE": str(small)}
    for done in (run("check", "--strict", str(small)), run("fmt", "--check", str(small))):
        assert (done.exit, done.out) == (0, "")
    assert run("list", "-o", "ids", **own).out.split() == ["che-001", "che-002"]
    assert run("graph", **own).err == "0 of 0 edges\nsteps of 0 of 2 claims\n"
    said = run("path", "TAM", **own).err
    assert said.endswith("none of these claims says how: there are no steps\n")


def test_a_picture_of_many_paths_has_the_shortest_and_says_so(run: Tdr) -> None:
    drawn = run("path", "CAF", "--svg", "-")
    every = int(run("path", "CAF", "--count").out)
    assert f"20 of {every} paths, the shortest (--limit N)" in drawn.err
    assert len(run("path", "CAF", "--svg", "-", "--limit", "40").out) > len(drawn.out)


def test_paths_are_drawn_with_their_net_sign_and_grounds(run: Tdr) -> None:
    done = run("path", "IL-8 inhibitor", "-a", "lapatinib", "-o", "table")
    assert done.exit == 0
    assert done.out == (
        "- IL-8 inhibitor ─inhibits⊣ CXCL8 ─increases→ resistance\n"
        "  tgt-001 [74]  lapatinib, breast cancer  (qualified, hedged)\n"
    )
    assert "1 of 1 paths" in done.err


def test_where_only_ascii_will_do_chains_are_ascii(run: Tdr) -> None:
    done = run(
        "path", "hypoxia", "MDSC", "--across", "-n", "1", "-o", "table", PYTHONIOENCODING="ascii"
    )
    assert done.out.startswith("- hypoxia ~goes with-> bone marrow stromal cell -secretes-> MMP2")
    assert done.out.isascii()


def test_a_joined_chain_is_called_a_hypothesis_in_every_format(run: Tdr) -> None:
    asked = ("path", "hypoxia", "MDSC", "--across", "-n", "1")
    for fmt in ("table", "csv", "markdown", "json", "tsv"):
        done = run(*asked, "-o", fmt)
        assert (done.exit, "a hypothesis, not a finding" in done.out) == (0, True), fmt


def test_where_one_claim_has_no_chain_there_is_a_way_to_look_further(run: Tdr) -> None:
    done = run("path", "hypoxia", "MDSC")
    assert (done.exit, done.out) == (0, run("path", "hypoxia", "MDSC", "-o", "tsv").out)
    assert "--across joins steps of several" in done.err


def test_a_search_that_was_cut_says_so_in_json_and_although_quiet(
    run: Tdr, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "incomplete" not in json.loads(run("path", "TAM", "-n", "0", "-o", "json").out)
    monkeypatch.setattr("tdr.ask.views.paths.MOST_CHAINS", 3)
    said = "the 3 shortest chains; there are more"
    counted = run("-q", "path", "TAM", "--count")
    assert (counted.out, counted.err) == ("3\n", f"{said}\n")
    assert json.loads(run("path", "TAM", "-o", "json").out)["incomplete"] == said


def test_a_card_draws_steps_as_chains(run: Tdr) -> None:
    card = run("show", "tgt-001", "-o", "table").out
    assert "tumor-associated macrophage ─secretes→ CXCL8\n" in card
    assert " ─increases→ resistance\n" in card
    assert "IL-8 inhibitor ─inhibits⊣ CXCL8\n" in card


def test_steps_that_contradict_each_other_are_conflicts(run: Tdr) -> None:
    found = json.loads(run("conflicts", "--steps", "-o", "json").out)["conflicts"]
    ends = {(row["from"], row["to"]): (row["raised_by"], row["lowered_by"]) for row in found}
    assert ends["inflammation", "resistance"] == (["imm-032"], ["imm-020"])
    excluded = run("conflicts", "--steps", "--kind", "context")
    assert (excluded.exit, excluded.out) == (2, "")
