"""Numbers about a selection: what is frequent, what rests on what, what is seldom said."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from tdr.ask.views.axes import (
    AS_USED,
    AXES,
    Axis,
    ReferenceCounter,
    RollUp,
    categories,
    counter_of,
    counts,
    references_behind,
)
from tdr.index import SIDE_FIELDS
from tdr.model.fields import BASES, EFFECTS
from tdr.model.rows import Columns, Row
from tdr.model.standing import STANDINGS

if TYPE_CHECKING:
    from tdr.ask.evidence import Evidence
    from tdr.ask.evidence_data import Selection

STROMAL_CELL = "non-immune stromal cell"
STROMAL_TYPE = "cancer-associated fibroblast"
"""The type of stromal cells that is not directly below the root: the tumour's own fibroblast."""

_COUNTERED, _NOTED = (SIDE_FIELDS["countered_by"], ["yes"]), ("noted", ["yes"])
"""Facets of the claims that name what restores response, and of those with a curator's note."""

_FREQUENT = ("cancer", "agent", "pathway", "member", "molecule", "process")


@dataclass(frozen=True, slots=True)
class Fact(Row):
    """One number: `count` out `of` a whole, in `unit` (claims or references).

    `about` names what is counted, `value` which of them; `mean` facts are averages
    and are not `of` anything.
    """

    columns: ClassVar = Columns("facts", ("about", "value", "count", "of", "share", "unit"))

    about: str
    value: str
    count: float
    of: int | None
    unit: str = "claims"

    @property
    def share(self) -> float | None:
        """The part of the whole, 0 to 1; None for averages and where there is no whole."""
        return round(self.count / self.of, 4) if self.of else None


@dataclass(frozen=True, slots=True)
class Breakdown(Row):
    """The selected claims that name one term, counted in several ways.

    `promoting` and `opposing` count the claims of each side where the term is a cell,
    else they are None. `therapies` and `cells` are how many different ones.
    """

    columns: ClassVar = Columns(
        "terms",
        ("term", "claims", "share", "references", "therapies", "cells", "resistance", "sensitivity",
         "promoting", "opposing", "countered", "noted"),
        shown=("term", "claims", "share", "references", "cells", "therapies", "countered"),
    )  # fmt: skip

    term: str
    claims: int
    of: int
    references: int
    therapies: int
    cells: int
    resistance: int
    sensitivity: int
    promoting: int | None
    opposing: int | None
    countered: int
    noted: int

    @property
    def share(self) -> float:
        """The part of the selected claims, 0 to 1."""
        return round(self.claims / self.of, 4) if self.of else 0.0


def stats(evidence: Evidence, selection: Selection, top: int = 5) -> tuple[Fact, ...]:
    """Facts about a selection, at most `top` terms of each field (the most frequent)."""
    return tuple(_facts(evidence, selection.bits, top))


def _facts(evidence: Evidence, bits: int, top: int) -> Iterator[Fact]:
    index, selected = evidence.index, bits.bit_count()

    def fact(about: str, value: str, claims: int) -> Fact:
        return Fact(about, value, (claims & bits).bit_count(), selected)

    yield Fact("claims", "selected", selected, len(evidence))
    behind, known = references_behind(evidence, bits), len(evidence.bibliography)
    yield Fact("references", "behind these claims", behind, known, "references")
    spread = references_per_claim(evidence, bits)
    if selected:
        mean = sum(size * claims for size, claims in spread.items()) / selected
        yield Fact("references per claim", "mean", round(mean, 2), None, "references")
    for size, claims in spread.items():
        yield Fact("references per claim", str(size), claims, selected)
    for name in ("therapy", "effect"):
        for label, count in counts(evidence, AXES[name], bits):
            yield Fact(name, label, count, selected)
    yield from _frequent_cells(evidence, bits, top)
    for name in _FREQUENT:
        for label, count in counts(evidence, AXES[name], bits)[:top]:
            yield Fact(name, label, count, selected)
    for basis in BASES:
        yield fact("basis", basis, index.claims_with("basis", [basis]))
    yield fact("basis", "not stated", ~index.claims_with("basis", BASES))
    for standing in STANDINGS:
        yield fact("standing", standing, index.claims_with("standing", [standing]))
    stromal, subtyped = stromal_claims(evidence)
    yield fact("stromal cells", "named", stromal)
    subtype, of = (subtyped & bits).bit_count(), (stromal & bits).bit_count()
    yield Fact("stromal cells", "of a named subtype", subtype, of)
    yield fact("countermeasure", "named", index.claims_with(*_COUNTERED))
    yield fact("curator's note", "present", index.claims_with(*_NOTED))


def _frequent_cells(evidence: Evidence, bits: int, top: int) -> Iterator[Fact]:
    rows = categories(evidence, AXES["cell"], bits)
    for side in ("promotes", "opposes"):
        counted = [(getattr(row, side).bit_count(), row.label) for row in rows]
        counted.sort(key=lambda pair: -pair[0])
        for count, label in counted[:top]:
            if count:
                yield Fact(side, label, count, bits.bit_count())


def stromal_claims(evidence: Evidence) -> tuple[int, int]:
    """The claims that name a stromal cell, and those that name a subtype of one.

    Stromal cells are 'non-immune stromal cell' and everything below it. Types are
    the cells directly below it and the cancer-associated fibroblast; what is
    narrower than a type is a subtype (inflammatory CAF, bone marrow MSC ...).
    """
    vocabulary = evidence.vocabulary
    below = vocabulary.descendants("cells", STROMAL_CELL)
    types = {*vocabulary.children("cells", STROMAL_CELL), STROMAL_TYPE}
    subtypes = [label for label in below if label not in types]
    naming = partial(evidence.index.claims_naming, "cells")
    return naming([STROMAL_CELL, *below]), naming(subtypes)


def references_per_claim(evidence: Evidence, within: int) -> Mapping[int, int]:
    """Number of references -> how many claims rest on so many, in order."""
    (found,) = evidence.index.counts("cited", within)
    return {int(size): found[size] for size in sorted(found, key=int)}


def breakdown(
    evidence: Evidence,
    selection: Selection,
    axis: Axis,
    *,
    roll_up: RollUp = AS_USED,
    unit: str = "claims",
) -> tuple[Breakdown, ...]:
    """One row for each value of a field that occurs in the selection; what counts most first.

    Of another unit than claims, all numbers but `therapies` and `cells` are of that unit: the
    works behind the claims, say.
    """
    index, within = evidence.index, selection.bits
    references = ReferenceCounter(evidence, within)
    counter = counter_of(evidence, within, unit)
    size = counter.count if counter else int.bit_count
    therapies = [group.bits for group in categories(evidence, AXES["therapy"], within)]
    cells = [group.bits for group in categories(evidence, AXES["cell"], within)]
    resistance, sensitivity = (index.claims_with("effect", [effect]) for effect in EFFECTS)
    countered, noted = index.claims_with(*_COUNTERED), index.claims_with(*_NOTED)
    whole = size(within)
    rows = (
        Breakdown(
            term=row.label,
            claims=size(row.bits),
            of=whole,
            references=references.count(row.bits),
            therapies=sum(1 for bits in therapies if bits & row.bits),
            cells=sum(1 for bits in cells if bits & row.bits),
            resistance=size(row.bits & resistance),
            sensitivity=size(row.bits & sensitivity),
            promoting=size(row.promotes) if axis.sided else None,
            opposing=size(row.opposes) if axis.sided else None,
            countered=size(row.bits & countered),
            noted=size(row.bits & noted),
        )
        for row in categories(evidence, axis, within, roll_up)
    )
    return tuple(rows) if counter is None else tuple(sorted(rows, key=lambda row: -row.claims))
