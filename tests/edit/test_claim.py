"""The id of a new claim; its fields are tested with the commands that write it (test_add.py)."""

from __future__ import annotations

import pytest

from tdr.edit.claim import next_id
from tdr.model.errors import TdrError


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        ([], "rad-001"),
        ([b"id: rad-009\n"], "rad-010"),
        ([b"id: rad-009", b'{"id": "rad-1234"}'], "rad-1235"),
        ([b"# rad-700 was withdrawn, xrad-800 is none"], "rad-701"),
        ([b"id: che-009"], "rad-001"),
    ],
)
def test_the_next_id_follows_the_highest_that_is_mentioned(
    texts: list[bytes], expected: str
) -> None:
    assert next_id("rad", texts) == expected


def test_after_the_last_id_there_is_none() -> None:
    with pytest.raises(TdrError, match="rad-999999999 is the last id that there can be"):
        next_id("rad", [b"id: rad-999999999"])
