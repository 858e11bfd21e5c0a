"""When two references are one work, and when they may be."""

from __future__ import annotations

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
