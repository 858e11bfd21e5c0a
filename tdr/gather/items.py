"""One record of a bibliography: its reference, its first line, and what is wrong with it."""

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


class ItemBuilder:
    """Makes an `Item` of the fields of one record, and collects what is wrong with them."""

    def __init__(self, name: str, line: int) -> None:
        self.name, self.line = name, line
        self.problems: list[Problem] = []
        self.has_editors = False

    def warn(self, text: str, line: int | None = None) -> None:
        """Add a warning, at the first line of the record unless another is given."""
        at = Location(self.name, line or self.line)
        self.problems.append(Problem(text, "bibliography", at, severity="warning"))

    def unreadable(self, text: str = "") -> Item:
        """The item of a record that cannot be read; `text` says why."""
        if text:
            self.warn(text)
        return Item(None, self.line, tuple(self.problems))

    def names(self, author: str, parse: Callable[[str], str]) -> Iterable[str]:
        """The names in one author field: one name, as `parse` reads it, or several with a warning.

        A field that may hold several names is kept as it is, with a warning.
        """
        if names := several(author):
            self.warn(f"author `{author[:80]}` holds several names; read as {len(names)}")
            return map(identifiers.comma_name, names)
        if is_unclear(author):
            self.warn(f"author `{author[:80]}` may hold several names; kept as it stands")
            return (author,)
        return (parse(author),)

    def parsed(
        self, name: str, text: str | None, parse: Callable[[str], _Value | None]
    ) -> _Value | None:
        """The value of a field, read by `parse`; None with a warning where that finds no value."""
        text = cleaned(text or "")
        value = parse(text)
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
        """The item of the record; its reference has the number 0 until it is in a list."""
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
            year=self.parsed("year", year, identifiers.year),
            doi=self.parsed("DOI", doi, identifiers.doi),
            pmid=self.parsed("PMID", pmid, identifiers.pmid),
            pmcid=self.parsed("PMCID", pmcid, identifiers.pmcid),
            key=cleaned(key) or None,
            **{name: cleaned(text or "") or None for name, text in texts.items()},  # type: ignore[arg-type]  # None or text, as these fields are
        )
        return Item(reference, self.line, tuple(self.problems))
