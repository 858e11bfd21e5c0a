"""What criteria mean, before any claim is looked at.

`Evidence.select` folds conditions into a bitmap and `tdr sql` writes them for another engine:
the two cannot drift apart.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

from tdr.ask.filter_values import meaning
from tdr.model.errors import Problem, TdrError, did_you_mean, near
from tdr.model.filters import FILTER_ALIASES, FILTERS, Criteria
from tdr.model.plain import Plain

if TYPE_CHECKING:
    from tdr.ask.evidence import Evidence


class Condition(NamedTuple):
    """Met by a claim with at least one of the labels in one of the fields.

    `any_of` are (field, labels) pairs; fields are facets of the index, which are called as the
    claim's own fields except `ref`, `section` and `noted`. A negated condition is met by every
    other claim.
    """

    any_of: tuple[tuple[str, tuple[str, ...]], ...]
    negated: bool = False


class Conditions(Plain):
    """What a claim must meet, all of it, and how the values were understood.

    `expansions` are sentences for people: `TAM: tumor-associated macrophage and 3
    narrower cells`, one for each value that stands for more than what was typed.
    `skipped` are the values that are not known, where the criteria pass over them. `sources` are
    the keys of all sources, the first one first: of several, a bare number is a reference of the
    first, and `KEY:number` one of another.
    """

    all_of: tuple[Condition, ...]
    expansions: tuple[str, ...] = ()
    skipped: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()


def conditions(evidence: Evidence, criteria: Criteria) -> Conditions:
    """What the criteria mean in this evidence.

    Raises TdrError naming every filter and value that is not known, with the nearest known ones.
    """
    found: list[Condition] = []
    expansions: dict[str, None] = {}
    skipped: dict[str, None] = {}
    problems: list[Problem] = []
    for name, values, negated in _groups(criteria):
        entry = FILTERS.get(name)
        if entry is None:
            called = FILTER_ALIASES.get(name.casefold())
            nearest = [called] if called else near(name.casefold(), FILTERS, 3, 0.6)
            hint = did_you_mean(nearest) or f"; one of {', '.join(FILTERS)}"
            problems.append(Problem(f"unknown filter `{name}`{hint}", "usage"))
            continue
        labels: dict[str, dict[str, None]] = {}
        for value in values:
            try:
                found_labels, sentence = meaning(evidence, entry, value, exact=criteria.exact)
            except TdrError as error:
                if criteria.skip_unknown:
                    skipped[value] = None
                else:
                    hint = "; --skip-unknown passes over it" if len(values) > 1 else ""
                    problems += (one._replace(text=one.text + hint) for one in error.problems)
                continue
            for field, of_field in found_labels.items():
                labels.setdefault(field, {}).update(dict.fromkeys(of_field))
            if sentence:
                expansions[sentence] = None
        any_of = tuple((field, tuple(of_field)) for field, of_field in labels.items())
        found.append(Condition(any_of, negated))
    if problems:
        raise TdrError(*problems)
    return Conditions(tuple(found), tuple(expansions), tuple(skipped), evidence.index.keys)


def _groups(criteria: Criteria) -> Iterator[tuple[str, list[str], bool]]:
    """Filter, the values of which one must match, and whether none may."""
    for pairs, negated in ((criteria.wanted, False), (criteria.exclude, True)):
        of_filter: dict[str, list[str]] = {}
        for name, value in pairs:
            of_filter.setdefault(name, []).append(value)
        yield from ((name, values, negated) for name, values in of_filter.items())
    yield from ((name, [value], False) for name, value in criteria.also)


def named_cells(evidence: Evidence, criteria: Criteria) -> frozenset[str] | None:
    """The cells that the filters name; None if they name none."""
    cells = tuple(pair for pair in criteria.wanted if pair[0] in ("cell", "promotes", "opposes"))
    if not cells:
        return None
    of_cells = conditions(evidence, criteria._replace(wanted=cells, also=(), exclude=()))
    return frozenset(chain.from_iterable(labels for c in of_cells.all_of for _, labels in c.any_of))
