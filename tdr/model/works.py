"""Whether two references are to one work, or may be."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping

from tdr.model.authors import author
from tdr.model.text import fold
from tdr.model.values import NO_TITLE, Reference


def differ(one: Reference, other: Reference) -> bool:
    """Whether the best identifier that both have is not the same."""
    theirs = dict(other.identifiers)
    both = [(ours, theirs[field]) for field, ours in one.identifiers if field in theirs]
    return bool(both) and both[0][0] != both[0][1]


def is_same(one: Reference, other: Reference) -> bool:
    """Whether they have an identifier in common and no better one differs."""
    return not set(one.identifiers).isdisjoint(other.identifiers) and not differ(one, other)


def same_as(reference: Reference) -> tuple[str, int] | None:
    """The source key and the number in `same_as`; None if it does not hold such a name."""
    named = re.fullmatch("(.+):([1-9][0-9]{0,5})", reference.same_as or "")
    return (named[1], int(named[2])) if named else None


def title_and_year(reference: Reference) -> tuple[str, int | None] | None:
    """Folded title and year, equal for references that may be one work; None without a title."""
    title = "" if reference.title == NO_TITLE else fold(reference.title)
    return (title, reference.year) if title else None


def may_be_one(one: Reference, other: Reference) -> bool:
    """Whether title, year and first author, as far as both name one, are the same, and no
    identifier differs."""
    same = title_and_year(one)
    if same is None or same != title_and_year(other) or differ(one, other):
        return False
    first = {fold(author(each.authors[0]).family) for each in (one, other) if each.authors}
    return len(first) < 2


class KnownWorks:
    """The references of some sources (key -> number -> reference), to find a work among them."""

    def __init__(self, lists: Mapping[str, Mapping[int, Reference]]) -> None:
        self._by_match_key: dict[object, dict[str, Reference]] = defaultdict(dict)
        for key, references in lists.items():
            for number, reference in references.items():
                for match_key in _match_keys(reference):
                    self._by_match_key[match_key][f"{key}:{number}"] = reference

    def like(self, reference: Reference) -> Iterator[str]:
        """For each reference to the same work: `is the same work as li2024:3`, or may be it."""
        alike: dict[str, Reference] = {}
        for match_key in _match_keys(reference):
            alike |= self._by_match_key.get(match_key, {})
        for name, other in alike.items():
            if is_same(reference, other):
                yield f"is the same work as {name}"
            elif may_be_one(reference, other if reference.year else other._replace(year=None)):
                yield f"may be the same work as {name}; `same_as: {name}` in its entry says so"


def _match_keys(reference: Reference) -> tuple[object, ...]:
    """Identifiers and title: references to one work have at least one of these in common."""
    found = title_and_year(reference)
    return (*reference.identifiers, *(found[:1] if found else ()))
