"""One record of a bibliography as read: the reference, where it began, what is wrong."""

from __future__ import annotations

from dataclasses import dataclass

from tdr.gather import identifiers
from tdr.model.errors import Location, Problem
from tdr.model.text import cleaned
from tdr.model.values import Reference


@dataclass(frozen=True, slots=True)
class Item:
    """A record: its reference (None: it could not be read), its first line, its problems."""

    reference: Reference | None
    line: int
    problems: tuple[Problem, ...] = ()


class Draft:
    """Collects the fields of one record; empty ones are absent."""

    def __init__(self, name: str, line: int) -> None:
        self.name, self.line = name, line
        self.problems: list[Problem] = []

    def warn(self, text: str, line: int | None = None) -> None:
        at = Location(self.name, line or self.line)
        self.problems.append(Problem(text, "bibliography", at, severity="warning"))

    def item(
        self,
        *,
        authors: list[str],
        title: str,
        journal: str = "",
        year: str = "",
        key: str = "",
        doi: str = "",
        **texts: str | None,
    ) -> Item:
        """The record; its number is 0 until it has a place in a list."""
        title = cleaned(title)
        if not title:
            self.warn("record without a title")
        if doi and identifiers.doi(doi) is None:
            self.warn(f"`{cleaned(doi)}` is not a DOI; left out")
        reference = Reference(
            number=0,
            authors=tuple(filter(None, map(cleaned, authors))),
            title=title or "(no title)",
            journal=cleaned(journal),
            year=identifiers.year(year),
            doi=identifiers.doi(doi),
            key=cleaned(key) or None,
            **{name: cleaned(text or "") or None for name, text in texts.items()},  # type: ignore[arg-type]  # None or text, as these fields are
        )
        return Item(reference, self.line, tuple(self.problems))
