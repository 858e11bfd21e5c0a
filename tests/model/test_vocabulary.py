"""What follows from the hierarchy of terms."""

from __future__ import annotations

from tdr.model.values import Term
from tdr.model.vocabulary import Vocabulary


def test_a_cell_inherits_its_lineage_from_the_nearest_wider_term_that_says_one() -> None:
    vocabulary = Vocabulary(
        [
            Term("cells", "leukocyte", lineage="other"),
            Term("cells", "myeloid cell", parents=("leukocyte",), lineage="myeloid"),
            Term("cells", "macrophage", parents=("myeloid cell",)),
            Term("cells", "TAM", parents=("macrophage",)),
            Term("cells", "stem cell"),
        ]
    )
    assert vocabulary.lineage("TAM") == vocabulary.lineage("myeloid cell") == "myeloid"
    assert vocabulary.lineage("stem cell") is None
    assert vocabulary.lineage("no cell") is None
