"""A new version of an imported article beside what is there: what would move."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from tdr.gather.fill import signs
from tdr.model.place import Place
from tdr.model.source import Paragraph
from tdr.model.text import fold
from tdr.model.values import Claim, Reference


@dataclass(frozen=True, slots=True)
class Update:
    """What is different in the new version.

    `moved`: old number -> new number; `gone` and `new` are numbers of the old and the new
    list. `places` are paragraphs that are gone, new, or cite otherwise, their references
    called by their new numbers. `claims` rest on what moved or is gone, or are placed there: id ->
    what its references and its place come to.
    """

    moved: Mapping[int, int]
    gone: tuple[int, ...]
    new: tuple[int, ...]
    places: Mapping[Place, str]
    claims: Mapping[str, tuple[str, ...]]

    @property
    def is_empty(self) -> bool:
        return not (self.moved or self.gone or self.new or self.places)


def compare(
    references: Mapping[int, Reference],
    paragraphs: Iterable[Paragraph],
    claims: Iterable[Claim],
    new_references: Iterable[Reference],
    new_paragraphs: Iterable[Paragraph],
) -> Update:
    """Map the old list to the new one by key and title, identifiers, or title and year."""
    places: dict[tuple[str, ...], int] = {}
    listed = list(new_references)
    for reference in listed:
        for sign in _signs(reference):
            places.setdefault(sign, reference.number)
    now: dict[int, int] = {}
    for number, reference in references.items():
        found = next((places[sign] for sign in _signs(reference) if sign in places), None)
        if found is not None:
            now[number] = found
    old = {p.place: [[now.get(n, 0) for n in group] for group in p.citations] for p in paragraphs}
    new = {p.place: [list(group) for group in p.citations] for p in new_paragraphs}
    changed = {
        place: "gone" if place not in new else "new" if place not in old else "cites otherwise"
        for place in dict.fromkeys((*old, *new))
        if old.get(place) != new.get(place)
    }
    moved = {number: found for number, found in now.items() if number != found}
    gone = tuple(number for number in references if number not in now)
    affected = {claim.id: plan for claim in claims if (plan := tuple(_plan(claim, now, changed)))}
    reached = set(now.values())
    fresh = tuple(r.number for r in listed if r.number not in reached)
    return Update(moved, gone, fresh, changed, affected)


def _plan(claim: Claim, now: Mapping[int, int], places: Mapping[Place, str]) -> Iterator[str]:
    for number in claim.refs:
        if now.get(number) != number:
            yield f"reference {number} " + (
                f"becomes {now[number]}" if number in now else "is gone"
            )
    if claim.at is not None and places.get(claim.at, "new") != "new":
        yield f"{claim.at} {'is gone' if places[claim.at] == 'gone' else places[claim.at]}"


def _signs(reference: Reference) -> Iterator[tuple[str, ...]]:
    yield from signs(reference)
    yield fold(reference.title), str(reference.year)  # in a new version of one list, without it too
