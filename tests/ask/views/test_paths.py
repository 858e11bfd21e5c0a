"""Chains of steps: found within a claim or across, with their sign, and never without end."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

import tdr
from tdr.ask.evidence import Evidence
from tdr.ask.views.paths import LONGEST_JOINED, MOST_CHAINS, Paths, paths
from tdr.model.errors import TdrError
from tdr.model.filters import Criteria
from tdr.model.steps import RESISTANCE, signs
from tests.small import small_evidence


def chains(evidence: Evidence, *ends: str, across: bool = False, **filters: str) -> Paths:
    return paths(evidence, evidence.select(Criteria.of(**filters)), *ends, across=across)


def test_every_promoting_cell_has_a_chain_that_raises_resistance(evidence: Evidence) -> None:
    for claim in evidence.claims:
        for cell in claim.promotes:
            found = chains(evidence, cell).chains
            assert {c.sign for c in found if claim in c.claims and c.way[0].source == cell} == (
                signs(claim.steps, cell)
            ), claim.id


def test_chains_come_shortest_first_each_from_one_claim(evidence: Evidence) -> None:
    found = chains(evidence, "TAM").chains
    lengths = [len(chain.links) for chain in found]
    assert lengths == sorted(lengths)
    assert all(len(chain.claims) == 1 and chain.joined is None for chain in found)
    assert all(set(chain.way) <= set(chain.claims[0].steps) for chain in found)


def test_narrower_terms_count_at_both_ends(evidence: Evidence) -> None:
    found = chains(evidence, "TAM", "cytokine").chains
    cells = evidence.vocabulary.expand("cells", "TAM")
    cytokines = evidence.vocabulary.expand("molecules", "cytokine")
    assert found
    assert all(c.way[0].source in cells and c.way[-1].target in cytokines for c in found)


def test_across_claims_a_chain_says_that_nobody_has_said_it(evidence: Evidence) -> None:
    alone = chains(evidence, "hypoxia", "MDSC")
    joined = chains(evidence, "hypoxia", "MDSC", across=True)
    assert len(joined.chains) > len(alone.chains)
    for chain in joined.chains:
        stating = [set(link.claims) for link in chain.links]
        assert all(set(chain.claims) & of_link for of_link in stating)
        several = len(chain.claims) > 1
        said = f"joined from {len(chain.claims)} claims: a hypothesis, not a finding"
        assert chain.to_dict()["joined"] == (said if several else None)
        assert len(chain.links) <= LONGEST_JOINED


def test_filters_choose_the_claims_that_are_joined(evidence: Evidence) -> None:
    found = chains(evidence, "CAF", across=True, therapy="targeted").chains
    assert found
    assert {claim.therapy for chain in found for claim in chain.claims} == {"targeted"}


def test_a_record_has_the_net_sign_and_the_grounds_of_every_link(evidence: Evidence) -> None:
    found = chains(evidence, "IL-8 inhibitor", agent="lapatinib").chains
    record = found[0].to_dict()
    assert record["chain"] == "IL-8 inhibitor -| CXCL8 -> resistance"
    assert (record["sign"], record["length"]) == (-1, 2)
    assert [link["claims"] for link in record["links"]] == [["tgt-001"], ["tgt-001"]]
    assert [link["refs"] for link in record["links"]] == [[74], [74]]


def test_ends_that_are_not_known_are_named(evidence: Evidence) -> None:
    with pytest.raises(TdrError, match="`TAMM` is the name of nothing here"):
        chains(evidence, "TAMM")
    with pytest.raises(TdrError, match="nothing starts from resistance"):
        chains(evidence, RESISTANCE)


# --- without end --------------------------------------------------------------------------


@pytest.fixture
def dense(tmp_path: Path) -> Callable[[int, int], Evidence]:
    """Evidence whose steps lead from every one of some molecules to every other."""

    def make(nodes: int, claims: int) -> Evidence:
        directory = small_evidence(tmp_path / "dense")
        names = [f"M{n}" for n in range(nodes)]
        terms = [{"label": name} for name in ("CCL5", "STAT3", *names)]
        (directory / "vocabulary/molecules.yaml").write_text(json.dumps({"terms": terms}))
        links = [{"from": a, "does": "activates", "to": b} for a in names for b in names if a != b]
        return _with_steps(directory, links, claims)

    return make


def _with_steps(directory: Path, links: list[dict[str, str]], claims: int) -> Evidence:
    last = {"from": "M1", "does": "inhibits", "to": RESISTANCE}
    first = {
        **{name: [] for name in ("opposes", "cancers", "molecules", "pathways", "processes")},
        **{name: [] for name in ("countered_by", "basis")},
        "promotes": ["tumor-associated macrophage"],
        "agents": ["chemotherapy"],
        "effect": "resistance",
        "mechanism": "Macrophages shield tumor cells.",
        "refs": [1],
        "at": {"section": "chemo/immune", "paragraph": 1},
        "note": None,
    }
    content = [
        {**first, "id": f"che-{n + 1:03}", "steps": links[n::claims] + ([] if n else [last])}
        for n in range(claims)
    ]
    text = json.dumps({"therapy": "chemo", "claims": content})
    (directory / "chemo.yaml").write_text(text)
    return tdr.load(directory, cache=False)


def test_a_dense_claim_gives_the_shortest_chains_and_says_that_there_are_more(
    dense: Callable[[int, int], Evidence],
) -> None:
    """Hazard 73."""
    found = chains(dense(40, 1), "M0")
    assert [len(chain.links) for chain in found.chains[:2]] == [2, 3]
    assert len(found.chains) == MOST_CHAINS
    assert "there are more" in found.cut


def test_many_dense_claims_give_the_shortest_chains_and_say_that_there_are_more(
    dense: Callable[[int, int], Evidence],
) -> None:
    """Hazard 73."""
    found = chains(dense(40, 20), "M0", across=True)
    assert [len(chain.links) for chain in found.chains[:2]] == [2, 3]
    assert found.chains[0].sign == -1
    assert len(found.chains) == MOST_CHAINS
    assert "there are more" in found.cut
