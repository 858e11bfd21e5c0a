"""A paragraph of a source: where it cites the references of a claim, or names a term."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

MAX_PARAGRAPH = 100_000


class Place(NamedTuple):
    """Where the source cites the references of a claim: a section and its 1-based paragraph."""

    section: str
    paragraph: int

    def to_dict(self) -> dict[str, Any]:
        return {"section": self.section, "paragraph": self.paragraph}

    @classmethod
    def from_dict(cls, raw: Mapping[str, Any]) -> Place:
        return cls(raw["section"], raw["paragraph"])

    def __str__(self) -> str:
        return f"{self.section}, paragraph {self.paragraph}"

    def __bool__(self) -> bool:
        return self.section != ""

    @classmethod
    def parse(cls, text: str) -> Place | None:
        """The place in a text such as `introduction/1`; None if no number stands behind a slash."""
        section, _, number = text.rpartition("/")
        if not section or not number.isascii() or not number.isdigit():
            return None
        return cls(section, int(number))


NOWHERE = Place("", 0)
"""The place of a claim that rests on papers, without a review."""
