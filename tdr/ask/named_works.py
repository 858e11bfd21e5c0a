"""Works that words name: by an author, a year or words of the title."""

from __future__ import annotations

from collections.abc import Iterable
from shlex import quote
from typing import TYPE_CHECKING

from tdr.model.text import fold, words

if TYPE_CHECKING:
    from tdr.ask.evidence import Evidence


def as_references(evidence: Evidence, texts: Iterable[str]) -> tuple[str | None, frozenset[str]]:
    """The command that lists the works which some words name by author, year or title.

    And which of the words these are; no command if there are none.
    """
    wanted = list(dict.fromkeys(texts))
    if not wanted:
        return None, frozenset()
    works = tuple(evidence.bibliography.values())
    names = {name for one in works for name in one.authors}
    there = {
        "author": {word for name in names for word in words(name)},
        "year": {str(one.year) for one in works},
        "title": {word for one in works for word in words(one.title)},
    }
    parts: dict[str, list[str]] = {of: [] for of in there}
    for text in wanted:
        of = next((of for of, known in there.items() if known.issuperset(words(text))), None)
        if of:
            parts[of].append(text)
    named = frozenset(text for some in parts.values() for text in some)
    together = set().union(*(words(text) for text in named))
    if not any(together.issubset(words(f"{one.byline} {one.title}")) for one in works):
        parts = {of: parts[of] for of in parts if of == "author"}  # of several, one is enough
    options = [quote(name) for name in _joined(parts["author"], names)]
    options += [f"--year {year}" for year in parts.get("year", ())]
    if parts.get("title"):
        options.append(f"--title {quote(' '.join(parts['title']))}")
    return (" ".join(("tdr refs", *options)) if options else None), named


def _joined(texts: list[str], names: Iterable[str]) -> list[str]:
    """Words of names as one name, if somebody is called so."""
    whole = " ".join(texts)
    return [whole] if any(is_called(whole, name) for name in names) else texts


def is_called(wanted: str, author: str) -> bool:
    """Whether neighbouring words of an author's name are the wanted ones, in any notation."""
    want, have = words(wanted), words(author)
    windows = (have[start : start + len(want)] for start in range(len(have)))
    return bool(want) and (want in windows or fold(wanted) == fold(author))
