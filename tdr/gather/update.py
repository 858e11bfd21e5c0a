"""Compares a new version of an imported article with what was imported: what would change."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from tdr.gather.fill import match_keys
from tdr.model.place import Place
from tdr.model.source import Paragraph
from tdr.model.text import fold
from tdr.model.values import Claim, Reference


@dataclass(frozen=True, slots=True)
class Update:
    """What is different in the new version.

    `moved`: old number -> new number; `gone` and `new` are numbers of the old and the new
    list. `places` are paragraphs that are gone, new, or cite otherwise than before when
    references have their new numbers. `claims` are those that rest on a reference or a place that
    changed: id -> what happens to each.
    """

    moved: Mapping[int, int]
    gone: tuple[int, ...]
    new: tuple[int, ...]
    places: Mapping[Place, str]
    claims: Mapping[str, tuple[str, ...]]

    @property
    def is_empty(self) -> bool:
        """Whether nothing changed."""
        return not (self.moved or self.gone or self.new or self.places)


def compare_versions(
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
        for key in _match_keys_of(reference):
            places.setdefault(key, reference.number)
    new_numbers: dict[int, int] = {}
    for number, reference in references.items():
        new_number = next((places[key] for key in _match_keys_of(reference) if key in places), None)
        if new_number is not None:
            new_numbers[number] = new_number
    old = {
        p.place: [[new_numbers.get(n, 0) for n in group] for group in p.citations]
        for p in paragraphs
    }
    new = {p.place: [list(group) for group in p.citations] for p in new_paragraphs}
    changed = {
        place: "gone" if place not in new else "new" if place not in old else "cites otherwise"
        for place in dict.fromkeys((*old, *new))
        if old.get(place) != new.get(place)
    }
    moved = {
        number: new_number for number, new_number in new_numbers.items() if number != new_number
    }
    gone = tuple(number for number in references if number not in new_numbers)
    affected = {
        claim.id: changes
        for claim in claims
        if (changes := tuple(_changes_of(claim, new_numbers, changed)))
    }
    reached = set(new_numbers.values())
    added = tuple(r.number for r in listed if r.number not in reached)
    return Update(moved, gone, added, changed, affected)


def _changes_of(
    claim: Claim, new_numbers: Mapping[int, int], places: Mapping[Place, str]
) -> Iterator[str]:
    for number in claim.refs:
        if new_numbers.get(number) != number:
            yield f"reference {number} " + (
                f"becomes {new_numbers[number]}" if number in new_numbers else "is gone"
            )
    if claim.at is not None and places.get(claim.at, "new") != "new":
        yield f"{claim.at} {'is gone' if places[claim.at] == 'gone' else places[claim.at]}"


def _match_keys_of(reference: Reference) -> Iterator[tuple[str, ...]]:
    yield from match_keys(reference)
    yield (
        fold(reference.title),
        str(reference.year),
    )  # here a title is enough: it is one list in two versions
