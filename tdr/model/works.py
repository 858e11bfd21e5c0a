"""When two references are one work, and when they may be."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping

from tdr.model.authors import author
from tdr.model.text import fold
from tdr.model.values import NO_TITLE, Reference


def differ(one: Reference, other: Reference) -> bool:
    """Whether the best identifier that both have tells them apart."""
    theirs = dict(other.identifiers)
    both = [(ours, theirs[field]) for field, ours in one.identifiers if field in theirs]
    return bool(both) and both[0][0] != both[0][1]


def is_same(one: Reference, other: Reference) -> bool:
    """Whether they have an identifier in common, and no better one tells them apart."""
    return not set(one.identifiers).isdisjoint(other.identifiers) and not differ(one, other)


def same_as(reference: Reference) -> tuple[str, int] | None:
    """The key and the number of the entry that `same_as` names; None if it is no such name."""
    named = re.fullmatch("(.+):([1-9][0-9]{0,5})", reference.same_as or "")
    return (named[1], int(named[2])) if named else None


def title_and_year(reference: Reference) -> tuple[str, int | None] | None:
    """What references that may be one work have in common; None where there is no title."""
    title = "" if reference.title == NO_TITLE else fold(reference.title)
    return (title, reference.year) if title else None


def may_be_one(one: Reference, other: Reference) -> bool:
    """Whether title, year and first author, as far as both name one, are the same, and no
    identifier tells them apart."""
    same = title_and_year(one)
    if same is None or same != title_and_year(other) or differ(one, other):
        return False
    first = {fold(author(each.authors[0]).family) for each in (one, other) if each.authors}
    return len(first) < 2


class KnownWorks:
    """The references of some sources (key -> number -> reference), to find a work among them."""

    def __init__(self, lists: Mapping[str, Mapping[int, Reference]]) -> None:
        self._by: dict[object, dict[str, Reference]] = defaultdict(dict)
        for key, references in lists.items():
            for number, reference in references.items():
                for mark in _marks(reference):
                    self._by[mark][f"{key}:{number}"] = reference

    def like(self, reference: Reference) -> Iterator[str]:
        """For each reference to the same work: `is the same work as li2024:3`, or may be it."""
        alike: dict[str, Reference] = {}
        for mark in _marks(reference):
            alike |= self._by.get(mark, {})
        for name, other in alike.items():
            if is_same(reference, other):
                yield f"is the same work as {name}"
            elif may_be_one(reference, other if reference.year else other._replace(year=None)):
                yield f"may be the same work as {name}; `same_as: {name}` in its entry says so"


def _marks(reference: Reference) -> tuple[object, ...]:
    """Of two references to one work, one at least is the same."""
    found = title_and_year(reference)
    return (*reference.identifiers, *(found[:1] if found else ()))
