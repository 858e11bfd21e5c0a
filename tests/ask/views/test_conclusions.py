"""docs/conclusions.md says what a recount of the YAML files says."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from tests import yaml_facts
from tests.conftest import REVIEW, ROOT, SHIPPED
from tests.yaml_facts import Claim, Facts, values


@pytest.fixture(scope="module", params=[REVIEW, SHIPPED], ids=["review", "with papers"])
def facts(request: pytest.FixtureRequest) -> Facts:
    return yaml_facts.read(request.param)


@pytest.fixture(scope="module")
def page() -> str:
    return " ".join((ROOT / "docs/conclusions.md").read_text(encoding="utf-8").split())


def different(claims: list[Claim], field: str) -> int:
    return len({value for claim in claims for value in values(claim, field)})


def test_stat3_is_named_most_often_under_four_therapies_and_with_most_cells(
    facts: Facts, page: str
) -> None:
    often = Counter(v for claim in facts.claims for v in values(claim, "molecule"))
    (first, most), (second, next_most) = often.most_common(2)
    assert first == "STAT3"
    assert most > next_most
    claims = [c for c in facts.claims if "STAT3" in c["molecules"]]
    assert page.count(f"{most} of {len(facts.claims)} claims name STAT3 (next: {second}") == 1
    assert f"under {different(claims, 'therapy')} of the 5 therapies" in page
    assert f"with {different(claims, 'cell')} different cells" in page
    for other in often:
        if other != "STAT3":
            theirs = [c for c in facts.claims if other in c["molecules"]]
            assert different(theirs, "cell") < different(claims, "cell")


def test_stat3_is_not_the_most_frequent_member_of_a_named_pathway(facts: Facts, page: str) -> None:
    def naming(member: str) -> int:
        return sum(any(member in p for p in c["pathways"]) for c in facts.claims)

    assert f"STAT3 is part of the name in {naming('STAT3')} claims" in page
    assert naming("STAT3") < naming("NF-κB") or naming("STAT3") < naming("PI3K/AKT")


def test_most_claims_on_stromal_cells_name_no_subtype(facts: Facts, page: str) -> None:
    root = "non-immune stromal cell"
    types = {label for label, parents in facts.parents["cells"].items() if root in parents}
    types |= {root, "cancer-associated fibroblast"}
    cells = [[v for v in values(c, "cell") if facts.is_a("cells", v, root)] for c in facts.claims]
    named = [found for found in cells if found]
    subtyped = [found for found in named if set(found) - types]
    assert f"{len(named)} claims name a non-immune stromal cell" in page
    share = f"{len(subtyped) / len(named):.0%}"
    assert f"and {len(subtyped)} of them ({share}) say which subtype" in page
    assert len(subtyped) < len(named) / 2
    assert "The review: mostly." in page


def test_the_cells_that_act_on_both_sides(facts: Facts, page: str) -> None:
    sides: dict[str, dict[str, set[str]]] = {}
    for claim in facts.claims:
        for side in ("promotes", "opposes"):
            for cell in claim[side]:
                sides.setdefault(cell, {"promotes": set(), "opposes": set()})[side].add(
                    claim["therapy"]
                )
    both = {cell for cell, found in sides.items() if found["promotes"] and found["opposes"]}
    same = re.findall(r"as one and the same cell: (.*?);", page)
    assert both in [set(re.split(", | and ", cells)) for cells in same]
    contradicted = re.findall(r"in contradiction: (.*?)\.", page)
    assert {cell for cell in both if sides[cell]["promotes"] & sides[cell]["opposes"]} in [
        set(re.split(", | and ", cells)) for cells in contradicted
    ]


def test_findings_of_the_review_that_papers_tell_too(page: str) -> None:
    told: dict[str, set[tuple[str, str, str]]] = {"li2024": set(), "papers": set()}
    for claim in yaml_facts.read(SHIPPED).claims:
        for side in ("promotes", "opposes"):
            told[claim["source"]] |= {(cell, claim["therapy"], side) for cell in claim[side]}
    review, papers = told["li2024"], told["papers"]
    other = {"promotes": "opposes", "opposes": "promotes"}
    contrary = {one for one in review if (*one[:2], other[one[2]]) in papers}
    assert f"Of {len(review)} findings of the review" in page
    assert f"{len(review & papers)} are told by works of the other source too" in page
    assert f"On {len(contrary)} a paper has the cell on the other side" in page
