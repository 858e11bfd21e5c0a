"""Fills in identifiers that a reference list lacks, from a bibliography of the same works."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from tdr.model.text import fold
from tdr.model.values import IDENTIFIERS, Reference


@dataclass(frozen=True, slots=True)
class FillResult:
    """What a bibliography adds to references: `added` is number -> name of an identifier -> value.

    `matched` is the number of references that it has, `unmatched` that of its records that fit no
    reference; `different` are values that do not agree: (number, identifier, ours, theirs).
    """

    added: Mapping[int, Mapping[str, str]]
    matched: int
    unmatched: int
    different: tuple[tuple[int, str, str, str], ...]


def fill(references: Mapping[int, Reference], records: Iterable[Reference]) -> FillResult:
    """Match records to references, and find the identifiers that the references lack.

    A record matches by the first of these that exactly one reference shares: key and title, DOI,
    PMID or PMCID, title and year. A value that is there is never replaced.
    """
    known: dict[tuple[str, ...], list[int]] = {}
    for number, reference in references.items():
        for key in match_keys(reference):
            known.setdefault(key, []).append(number)
    added: dict[int, dict[str, str]] = {}
    different: list[tuple[int, str, str, str]] = []
    matched: set[int] = set()
    unmatched = 0
    for record in records:
        fitting = (known.get(key, ()) for key in match_keys(record))
        numbers = next((numbers for numbers in fitting if len(numbers) == 1), ())
        if not numbers:
            unmatched += 1
            continue
        (number,) = numbers
        matched.add(number)
        for name in IDENTIFIERS:
            theirs: str | None = getattr(record, name)
            ours: str | None = getattr(references[number], name)
            ours = ours or added.get(number, {}).get(name)
            if theirs and not ours:
                added.setdefault(number, {})[name] = theirs
            elif theirs and ours and theirs.casefold() != ours.casefold():
                different.append((number, name, ours, theirs))
    return FillResult(added, len(matched), unmatched, tuple(different))


def match_keys(reference: Reference) -> Iterator[tuple[str, ...]]:
    """What a work is recognized by, the surest first; a title without a year is not enough."""
    title = fold(reference.title)
    if reference.key:
        yield "key", reference.key, title
    yield from reference.identifiers
    if reference.year is not None and title:
        yield title, str(reference.year)
