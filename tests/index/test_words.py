"""What titles name."""

from __future__ import annotations

import pytest

from tdr.ask.evidence import Evidence
from tdr.index import TITLED


@pytest.mark.parametrize(
    ("number", "names", "not_named"),
    [
        (43, {"cancers/glioma", "cancers/brain cancer"}, {"cancers/glioblastoma"}),
        (162, {"cells/myeloid-derived suppressor cell", "cells/myeloid cell"}, {"cells/T cell"}),
    ],
)
def test_a_claim_has_what_the_titles_behind_it_name_and_what_is_wider(
    evidence: Evidence, number: int, names: set[str], not_named: set[str]
) -> None:
    bits = evidence.index.claims_with("ref", [str(number)])
    titled = {
        name for name, claims in evidence.index.claims_by_value(TITLED).items() if claims & bits
    }
    assert names <= titled
    assert not titled & not_named


def test_molecules_are_not_looked_for_in_titles(evidence: Evidence) -> None:
    assert {name.partition("/")[0] for name in evidence.index.claims_by_value(TITLED)} == {
        "cells",
        "cancers",
        "agents",
    }
