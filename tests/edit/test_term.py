"""A new term beside what the files of the vocabulary say already."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tdr.edit.term import complete_term
from tdr.model.errors import TdrError
from tdr.read.dataset import read_support
from tdr.read.files import find_layout
from tdr.read.record import Support

MINIMAL = Path(__file__).parents[1] / "data" / "minimal"


@pytest.fixture(scope="module")
def support() -> Support:
    return read_support(find_layout(MINIMAL, "shared"))


@pytest.mark.parametrize(
    ("term", "told"),
    [
        ({"label": "macrophage"},
         "there is a term `macrophage` already (shared/vocabulary/cells.yaml:3:12); "
         "a further form is said with --synonym, a wider term with --parent"),
        ({"label": "macrophage", "abbreviation": "MP"},
         "`abbreviation` of `macrophage` is `Mφ` (shared/vocabulary/cells.yaml:3:12): "
         "leave out --abbreviation, or give the term another label"),
        ({"label": "x cell", "xref": "CL:0000084"},
         "--xref CURIE, --xref-label TEXT and --xref-match exact|broad|narrow belong together"),
    ],
)  # fmt: skip
def test_what_another_directory_says_of_a_term_is_not_said_otherwise(
    support: Support, term: dict[str, str], told: str
) -> None:
    with pytest.raises(TdrError, match=re.escape(told)):
        complete_term(support, "cells", "own/vocabulary/cells.yaml", term)


def test_a_term_of_the_file_itself_is_edited_there(support: Support) -> None:
    term = {"label": "macrophage", "synonyms": ["x"]}
    with pytest.raises(TdrError, match=r"already \(shared/vocabulary/cells.yaml:3:12\): edit it"):
        complete_term(support, "cells", "shared/vocabulary/cells.yaml", term)


def test_a_label_of_another_kind_is_taken(support: Support) -> None:
    with pytest.raises(TdrError, match="`macrophage` is a label in cells"):
        complete_term(
            support, "molecules", "own/vocabulary/molecules.yaml", {"label": "Macrophage"}
        )


def test_what_is_new_of_a_term_may_be_said_and_wider_terms_in_any_form(support: Support) -> None:
    term = {"label": "M2 macrophage", "synonyms": ["x"], "parents": ["Mφ", "unknown"]}
    assert complete_term(support, "cells", "own/vocabulary/cells.yaml", term) == {
        **term,
        "parents": ["macrophage", "unknown"],
    }
