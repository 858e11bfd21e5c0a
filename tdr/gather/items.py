"""One record of a bibliography as read: the reference, where it began, what is wrong."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeVar

from tdr.gather import identifiers
from tdr.model.authors import is_unclear, several
from tdr.model.errors import Location, Problem
from tdr.model.text import cleaned
from tdr.model.values import NO_TITLE, Reference

_MARKUP = re.compile(r"</?(?:i|b|u|em|strong|sup|sub|sc|scp|span)\b[^<>]*>", re.I)
_Value = TypeVar("_Value", str, int)


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
        self.has_editors = False

    def warn(self, text: str, line: int | None = None) -> None:
        at = Location(self.name, line or self.line)
        self.problems.append(Problem(text, "bibliography", at, severity="warning"))

    def unread(self, text: str = "") -> Item:
        """The record where it cannot be read, and why."""
        if text:
            self.warn(text)
        return Item(None, self.line, tuple(self.problems))

    def names(self, said: str, understand: Callable[[str], str]) -> Iterable[str]:
        """The names in what a record has for one author: as this one is understood, parted
        where it holds several, and as it stands where it may; both are said."""
        if names := several(said):
            self.warn(f"author `{said[:80]}` holds several names; read as {len(names)}")
            return map(identifiers.comma_name, names)
        if is_unclear(said):
            self.warn(f"author `{said[:80]}` may hold several names; kept as it stands")
            return (said,)
        return (understand(said),)

    def understood(
        self, name: str, text: str | None, understand: Callable[[str], _Value | None]
    ) -> _Value | None:
        """What a text of the record means; a warning where it means nothing."""
        text = cleaned(text or "")
        value = understand(text)
        if text and value is None:
            self.warn(f"`{text}` is not a {name}; the field is left out")
        return value

    def item(
        self,
        *,
        authors: list[str],
        title: str,
        journal: str = "",
        year: str = "",
        key: str = "",
        doi: str = "",
        pmid: str | None = "",
        pmcid: str | None = "",
        **texts: str | None,
    ) -> Item:
        """The record; its number is 0 until it has a place in a list."""
        if self.has_editors and not authors:
            self.warn("the record has editors and no authors; editors are left out")
        title = cleaned(_MARKUP.sub("", title))
        if not title:
            self.warn(f"the record has no title; it is kept as `{NO_TITLE}`")
        reference = Reference(
            number=0,
            authors=tuple(filter(None, map(cleaned, authors))),
            title=title or NO_TITLE,
            journal=cleaned(journal) or None,
            year=self.understood("year", year, identifiers.year),
            doi=self.understood("DOI", doi, identifiers.doi),
            pmid=self.understood("PMID", pmid, identifiers.pmid),
            pmcid=self.understood("PMCID", pmcid, identifiers.pmcid),
            key=cleaned(key) or None,
            **{name: cleaned(text or "") or None for name, text in texts.items()},  # type: ignore[arg-type]  # None or text, as these fields are
        )
        return Item(reference, self.line, tuple(self.problems))
