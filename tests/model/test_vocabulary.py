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


def test_a_form_of_another_kind_is_no_new_term_and_an_empty_one_is_none() -> None:
    vocabulary = Vocabulary([Term("cancers", "melanoma"), Term("cells", "melanocyte")])
    assert vocabulary.unknown("cells", "Melanoma") == (
        "`Melanoma` is not in the vocabulary of cells, but in that of cancers; "
        "nearest: `melanocyte`"
    )
    assert vocabulary.unknown("cells", " ") == "an empty text is not in the vocabulary of cells"
    assert "a new term: `tdr define cells xyz --parent TERM`" in vocabulary.unknown("cells", "xyz")


def test_a_marker_is_never_taken_for_a_cell_that_lacks_it() -> None:
    vocabulary = Vocabulary(
        [
            Term("cells", "classical monocyte", synonyms=("CD14+CD16- monocyte",)),
            Term("cells", "non-classical monocyte", synonyms=("CD14-CD16+ monocyte",)),
        ]
    )
    for text in ("CD14", "CD14 monocyte"):
        assert vocabulary.expand_partial("cells", text) == ()
        assert vocabulary.nearest("cells", text) == ("classical monocyte",)
    assert vocabulary.expand_partial("cells", "CD14+") == ("classical monocyte",)
    assert vocabulary.expand_partial("cells", "CD14-") == ("non-classical monocyte",)


def test_a_part_of_names_is_offered_as_no_new_term_that_would_hide_them() -> None:
    vocabulary = Vocabulary([Term("cells", "CD8+ T cell")])
    said = "`CD8` is not in the vocabulary of cells; it is part of: `CD8+ T cell`"
    assert vocabulary.unknown("cells", "CD8") == said
