"""The figure of a selection: panels of cells, chains to resistance, and what is counted."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

import pytest

from tdr.ask.evidence import Evidence
from tdr.ask.views.figure import SIGN_OF_SIDE, Figure, figure
from tdr.model.filters import Criteria
from tdr.model.steps import RELATIONS
from tdr.render import PictureSettings
from tdr.render.picture.figure import drawing
from tests.conftest import Run


@pytest.fixture(scope="module", params=["immunotherapy", "targeted", "chemo", "radio"])
def of_therapy(request: pytest.FixtureRequest, evidence: Evidence) -> Figure:
    return figure(evidence, evidence.select(Criteria.of(therapy=request.param)))


def test_every_chain_leads_to_resistance_with_the_sign_of_its_side(of_therapy: Figure) -> None:
    signs = {"raises": 1, "lowers": -1, "goes with": 1, "goes against": -1}
    for chain in of_therapy.chains:
        assert len(chain.effects) == len(chain.nodes) + 1
        product = 1
        for what in chain.effects:
            product *= signs[what]
        assert product == SIGN_OF_SIDE[chain.side], chain


def test_every_link_is_a_step_of_each_claim_that_is_named(
    of_therapy: Figure, evidence: Evidence
) -> None:
    claims = {claim.id: claim for claim in evidence.filter()}
    for chain in of_therapy.chains:
        ends = ((chain.cell,), *chain.nodes, ("resistance",))
        for id_ in chain.claims:
            steps = {(s.source, RELATIONS[s.does].sign, s.target) for s in claims[id_].steps}
            for before, does, after in zip(ends, chain.does, ends[1:], strict=False):
                sign = RELATIONS[does].sign
                assert all((a, sign, b) in steps for a in before for b in after), (id_, chain)


def test_a_narrower_cell_stands_in_the_panel_of_a_wider_one_but_never_of_a_lineage(
    of_therapy: Figure, evidence: Evidence
) -> None:
    for chain in of_therapy.chains:
        if chain.cell != chain.panel:
            assert chain.cell in evidence.vocabulary.expand("cells", chain.panel)
            assert chain.panel not in (
                "immune cell",
                "myeloid cell",
                "stromal cell",
                "lymphoid cell",
            )


def test_all_claims_that_sign_a_cell_are_drawn(of_therapy: Figure, evidence: Evidence) -> None:
    drawn = {id_ for one in of_therapy.chains for id_ in one.claims}
    (therapy,) = {claim.therapy for claim in evidence.filter() if claim.id in drawn}
    claims = evidence.filter(therapy=therapy)
    assert of_therapy.selected == len(claims)
    assert drawn == {claim.id for claim in claims if claim.promotes or claim.opposes}


def test_a_slide_says_what_it_leaves_out(of_therapy: Figure) -> None:
    shown = drawing(of_therapy, PictureSettings(slide=True))
    assert 'width="1920" height="1080"' in shown
    said = re.search(r"chains of (\d+) of (\d+) claims(?:; (\d+) more cells? not drawn)?", shown)
    assert said is not None
    assert int(said[2]) == of_therapy.selected
    headings = len(re.findall(r">[▲▼] [^<]+</text>", shown)) - 1  # the legend has both signs
    assert headings + int(said[3] or 0) == len(of_therapy.panels)


def test_a_figure_is_data_too(run: Callable[..., Run]) -> None:
    done = run("graph", "--figure", "-a", "lapatinib", "-o", "jsonl")
    assert (done.exit, done.err.splitlines()[-1]) == (0, "chains of 3 of 3 claims")
    first = json.loads(done.out.splitlines()[0])
    assert first["chain"] == "tumor-associated macrophage -> CXCL8 -> resistance"
    assert (first["refs"], first["restored_by"]) == ([74], ["IL-8 inhibitor"])
