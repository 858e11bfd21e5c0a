"""What criteria mean: every value understood, before any claim is looked at.

`Evidence.select` folds conditions into a bitmap and `tdr sql` writes them for another engine:
the two cannot drift apart.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING

from tdr.model.errors import Problem, TdrError
from tdr.model.fields import TERM_FIELDS
from tdr.model.filters import FILTERS, YES, Criteria, Filter, Meaning
from tdr.model.text import fold, hyphened
from tdr.model.therapies import therapy_named

if TYPE_CHECKING:
    from tdr.ask.query import Evidence

_REF_RANGE = re.compile(r"([1-9][0-9]{0,5})(?:-([1-9][0-9]{0,5}))?")

Labels = Mapping[str, Sequence[str]]
"""Field of the index -> values that are looked for in it."""


@dataclass(frozen=True, slots=True)
class Condition:
    """Met by a claim with at least one of the labels in one of the fields.

    `any_of` are (field, labels) pairs; fields are those of the index, which are the claim's
    own except `ref`, `section` and `noted`. A negated condition is met by every other claim.
    """

    any_of: tuple[tuple[str, tuple[str, ...]], ...]
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Conditions:
    """What a claim must meet, all of it, and how the values were understood.

    `expansions` are sentences for people: `TAM: tumor-associated macrophage and 3
    narrower cells`, one for each value that stands for more than what was typed.
    """

    all_of: tuple[Condition, ...]
    expansions: tuple[str, ...] = ()


def conditions(evidence: Evidence, criteria: Criteria) -> Conditions:
    """What the criteria mean in this evidence.

    Raises TdrError naming every filter and value that is not known, with the nearest known ones.
    """
    found: list[Condition] = []
    expansions: dict[str, None] = {}
    problems: list[Problem] = []
    for name, values, negated in _groups(criteria):
        labels: dict[str, dict[str, None]] = {}
        for value in values:
            try:
                meant, said = _understand(evidence, name, value, criteria.exact)
            except TdrError as error:
                problems.extend(error.problems)
                continue
            for field, of_field in meant.items():
                labels.setdefault(field, {}).update(dict.fromkeys(of_field))
            if said:
                expansions[said] = None
        any_of = tuple((field, tuple(of_field)) for field, of_field in labels.items())
        found.append(Condition(any_of, negated))
    if problems:
        raise TdrError(*problems)
    return Conditions(tuple(found), tuple(expansions))


def _groups(criteria: Criteria) -> Iterator[tuple[str, list[str], bool]]:
    """Filter, the values of which one must match, and whether none may."""
    for pairs, negated in ((criteria.wanted, False), (criteria.exclude, True)):
        of_filter: dict[str, list[str]] = {}
        for name, value in pairs:
            of_filter.setdefault(name, []).append(value)
        yield from ((name, values, negated) for name, values in of_filter.items())


def _understand(evidence: Evidence, name: str, value: str, exact: bool) -> tuple[Labels, str]:
    """The labels that one value of one filter stands for, and what there is to say about it."""
    entry = FILTERS.get(name)
    if entry is None:
        hint = did_you_mean(near(name, FILTERS))
        raise TdrError(Problem(f"unknown filter `{name}`{hint}", "usage"))
    if not value.strip():
        raise TdrError(Problem(f"the value of {name} is empty", "usage"))
    labels, said = _MEANINGS[entry.meaning](evidence, entry, value, exact)
    return dict.fromkeys(entry.facets, labels), said


def _term(evidence: Evidence, entry: Filter, value: str, exact: bool) -> tuple[Sequence[str], str]:
    kind = entry.kind
    assert kind is not None
    vocabulary = evidence.vocabulary
    labels = vocabulary.meant(kind, value, exact=exact)
    if not labels:
        hint = did_you_mean(vocabulary.suggest(kind, value))
        raise TdrError(
            Problem(f"unknown {entry.name} `{value}`{hint} (`tdr terms {kind}` lists all)", "usage")
        )
    named = {
        label
        for field, of in TERM_FIELDS.items()
        if of == kind
        for label in evidence.index.values(field)
    }
    first, *narrower = labels
    if named.isdisjoint(labels):
        above = vocabulary.ancestors(kind, first)
        wider = next((label for label in above if label in named), None)
        return labels, f"{value}: in no claim" + (f"; wider: {wider}" if wider else "")
    there = [first, *(label for label in narrower if label in named)]
    return labels, _expansion(value, there, kind)


def _expansion(value: str, labels: Sequence[str], kind: str) -> str:
    first, *others = labels
    if not others:
        return "" if fold(first) == fold(value) else f"{value}: {first}"
    rest = f"{len(others)} narrower {kind}" if len(others) > 4 else ", ".join(others)
    return f"{value}: {first} + {rest}"


def _therapy(_: Evidence, __: Filter, value: str, ___: bool) -> tuple[Sequence[str], str]:
    return (therapy_named(value),), ""


def _word(_: Evidence, entry: Filter, value: str, __: bool) -> tuple[Sequence[str], str]:
    word = next((word for word in entry.words if fold(word) == fold(value)), None)
    if word is None:
        known = ", ".join(entry.words)
        raise TdrError(Problem(f"unknown {entry.name} `{value}`; one of {known}", "usage"))
    return (word,), ""


def _reference(_: Evidence, __: Filter, value: str, ___: bool) -> tuple[Sequence[str], str]:
    return tuple(map(str, parse_refs(value))), ""


def _section(evidence: Evidence, _: Filter, value: str, exact: bool) -> tuple[Sequence[str], str]:
    known = evidence.source.sections
    wanted = [fold(part) for part in value.strip(" /").split("/")]
    inside = []
    for name in known:
        parts = [fold(part) for part in name.split("/")]
        if parts == wanted or (not exact and parts[: len(wanted)] == wanted):
            inside.append(name)
    if not inside:
        raise TdrError(Problem(f"unknown section `{value}`; one of {', '.join(known)}", "usage"))
    return inside, ""


def _phrase(evidence: Evidence, entry: Filter, value: str, _: bool) -> tuple[Sequence[str], str]:
    """Interventions are free text: those that contain every word of the value, or name
    the same thing in another form of it."""
    (field,) = entry.facets
    phrases = evidence.index.values(field)
    forms = {value}
    for kind in ("agents", "molecules", "cells"):
        term = evidence.vocabulary.resolve(kind, value)
        if term:
            forms.update(term.forms)
    found = [phrase for phrase in phrases if any(says(phrase, form) for form in forms)]
    if not found:
        hint = did_you_mean(near(value, phrases))
        raise TdrError(
            Problem(f"no intervention matches `{value}`{hint} (`tdr counter` lists all)", "usage")
        )
    said = f"{value}: {', '.join(found)}" if [fold(p) for p in found] != [fold(value)] else ""
    return found, said


def _flag(_: Evidence, entry: Filter, value: str, __: bool) -> tuple[Sequence[str], str]:
    if value != YES:
        raise TdrError(Problem(f"{entry.option} takes no value, and got `{value}`", "usage"))
    return (YES,), ""


_MEANINGS: Mapping[Meaning, Callable[[Evidence, Filter, str, bool], tuple[Sequence[str], str]]] = {
    "term": _term,
    "therapy": _therapy,
    "word": _word,
    "reference": _reference,
    "section": _section,
    "phrase": _phrase,
    "flag": _flag,
}


def parse_refs(text: str) -> tuple[int, ...]:
    """Reference numbers as people write them: `20`, `51-54`, `13,57`, `[13, 57]`.

    Raises TdrError for anything else.
    """
    found: dict[int, None] = {}
    for part in text.strip().strip("[]").split(","):
        match = _REF_RANGE.fullmatch(hyphened(part.strip()))
        if not match:
            raise TdrError(
                Problem(f"`{text}` is not a reference; write 20, 51-54 or 13,57", "usage")
            )
        first, last = int(match[1]), int(match[2] or match[1])
        if last < first or last - first > 10_000:
            raise TdrError(Problem(f"`{part.strip()}` is not a range of references", "usage"))
        found.update(dict.fromkeys(range(first, last + 1)))
    return tuple(found)


def says(text: str, words: str) -> bool:
    """Whether every word stands in the text, in any notation, or the whole does as one piece."""
    if fold(words) in fold(text):
        return True
    there = {fold(word) for word in re.split(r"[\s/,()]+", text)}
    return all(fold(word) in there for word in words.split())


def near(value: str, known: Iterable[str]) -> list[str]:
    """The three known names that look most like a value, if any does."""
    return get_close_matches(value.casefold(), list(known), 3, 0.5)


def did_you_mean(names: Sequence[str]) -> str:
    """`; did you mean A, B or C?`, or nothing if there is no name."""
    if not names:
        return ""
    *others, last = (f"`{name}`" for name in names)
    return f"; did you mean {', '.join(others)}{' or ' if others else ''}{last}?"
