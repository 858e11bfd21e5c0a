"""How sure a claim is follows from its flags and from what the cited papers say."""

from __future__ import annotations

import pytest

from tdr.model.standing import PaperComparison, reasons, standing


@pytest.mark.parametrize(
    ("flags", "verdicts", "expected"),
    [
        ((), {}, "unchecked"),
        ((), {1: "yes"}, "unchecked"),  # reference 2 was not compared
        ((), {1: "yes", 2: "unclear"}, "unchecked"),
        ((), {1: "yes", 2: "yes"}, "supported"),
        ((), {1: "yes", 2: "partly"}, "qualified"),
        ((), {1: "partly", 2: "no"}, "contested"),
        (("inferred", "bibliographic"), {1: "yes", 2: "yes"}, "supported"),
        (("broader",), {1: "yes", 2: "yes"}, "qualified"),
        (("author",), {}, "qualified"),
        (("title",), {1: "yes", 2: "yes"}, "contested"),
        (("author", "direction"), {}, "contested"),
    ],
)
def test_standing(flags: tuple[str, ...], verdicts: dict[int, str], expected: str) -> None:
    assert standing(flags, verdicts.items(), (1, 2)) == expected


def test_reasons_name_conflicts_and_papers_that_do_not_agree() -> None:
    primary = (
        PaperComparison(1, "yes"),
        PaperComparison(2, "no", ("cell", "topic")),
        PaperComparison(3, "partly"),
    )
    assert list(reasons(("inferred", "cause"), primary)) == [
        "cause and effect are swapped",
        "[2] disagrees (cell, topic)",
        "[3] agrees in part",
    ]
