"""How many claims there are for every combination of two fields, and where there are none."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from operator import itemgetter, or_
from typing import TYPE_CHECKING, Any, ClassVar

from tdr.ask.views.axes import (
    AS_USED,
    Axis,
    Category,
    ReferenceCounter,
    RollUp,
    categories,
    counter_of,
    short_name,
)
from tdr.model.errors import usage_error
from tdr.model.rows import Columns, Row

if TYPE_CHECKING:
    from tdr.ask.evidence import Evidence
    from tdr.ask.evidence_data import Selection


@dataclass(frozen=True, slots=True)
class Count:
    """A number of claims (or references, or works), and on which side a cell stands in them.

    A claim in which a rolled-up cell stands on both sides is one of each side and
    one in total. Both sides are 0 where no cells are counted. `contested` are the same
    numbers for the contested claims among them; None where there are none.
    """

    total: int
    promotes: int = 0
    opposes: int = 0
    contested: Count | None = None


@dataclass(frozen=True, slots=True)
class Heading:
    """A row or a column: its term, a short form of it, and everything counted under it.

    `group` is where a cell comes from, one of LINEAGES; None for what is no cell, or not known.
    """

    label: str
    short: str
    all: Count
    group: str | None = None


@dataclass(frozen=True, slots=True)
class Matrix:
    """Counts for each row and column that occur in a selection.

    `rows[i].all` counts what names the row's term, whether or not it names any of a
    column; `both` the claims of the selection that name a row and a column at all.
    `sided` says whether the counts tell promotes from opposes. What `top` and its
    like have left out is counted in `rows_left_out` and `columns_left_out`.
    """

    row_field: str
    column_field: str
    rows: tuple[Heading, ...]
    columns: tuple[Heading, ...]
    counts: tuple[tuple[Count, ...], ...]
    unit: str
    sided: bool
    selected: int
    both: int
    rows_left_out: int = 0
    columns_left_out: int = 0

    @property
    def names(self) -> tuple[str, ...]:
        """What a record is made of: the two fields, the count, its sides where they are told apart,
        and how many of it are contested."""
        sides = ("promotes", "opposes") if self.sided else ()
        return (self.row_field, self.column_field, self.unit, *sides, "contested")

    def records(self) -> list[dict[str, Any]]:
        """A plain dictionary for each combination that occurs."""
        return [
            dict(zip(self.names, (row.label, column.label, *self._numbers(count)), strict=True))
            for row, counts in zip(self.rows, self.counts, strict=True)
            for column, count in zip(self.columns, counts, strict=True)
            if count.total
        ]

    def _numbers(self, count: Count) -> tuple[int, ...]:
        sides = self.sides(count) if self.sided else ()
        return (count.total, *sides, count.contested.total if count.contested else 0)

    @property
    def most(self) -> int:
        """The largest count, of one side where sides are told apart."""
        return max((side for row in self.counts for c in row for side in self.sides(c)), default=0)

    def sides(self, count: Count) -> tuple[int, ...]:
        """The numbers that a count is shown as."""
        return (count.promotes, count.opposes) if self.sided else (count.total,)

    def of_rows(self, chosen: Sequence[int]) -> Matrix:
        """These rows only, in this order."""
        return replace(
            self,
            rows=tuple(self.rows[n] for n in chosen),
            counts=tuple(self.counts[n] for n in chosen),
            rows_left_out=self.rows_left_out + len(self.rows) - len(chosen),
        )

    def of_columns(self, chosen: Sequence[int]) -> Matrix:
        """These columns only, in this order."""
        return replace(
            self,
            columns=tuple(self.columns[n] for n in chosen),
            counts=tuple(tuple(row[n] for n in chosen) for row in self.counts),
            columns_left_out=self.columns_left_out + len(self.columns) - len(chosen),
        )

    def in_columns(self, least: int) -> Matrix:
        """The rows that count in at least so many columns."""
        filled = (sum(count.total > 0 for count in row) for row in self.counts)
        chosen = [n for n, columns in enumerate(filled) if columns >= least]
        return replace(self.of_rows(chosen), rows_left_out=self.rows_left_out)

    def top(self, most: int, columns: int | None = None) -> Matrix:
        """The rows, then the columns, with the largest sums, at most so many (of each)."""
        part = self.of_rows(_largest([sum(c.total for c in row) for row in self.counts], most))
        sums = [sum(row[n].total for row in part.counts) for n in range(len(self.columns))]
        return part.of_columns(_largest(sums, columns or most))


def _largest(sums: Sequence[int], most: int) -> list[int]:
    """Places of the largest sums, in their order; of equal ones the first."""
    ranked = sorted(range(len(sums)), key=lambda n: (-sums[n], n))
    return sorted(ranked[:most])


@dataclass(frozen=True, slots=True)
class Gap(Row):
    """A combination that no claim names, or only one.

    `expected` is the count that there would be if row and column had nothing to do
    with each other: the larger, the more the gap is worth a look.
    """

    columns: ClassVar = Columns("gaps")

    row: str
    column: str
    claims: int
    claim: str | None
    expected: float


def matrix(
    evidence: Evidence,
    selection: Selection,
    rows: Axis,
    columns: Axis,
    *,
    roll_up: RollUp = AS_USED,
    unit: str = "claims",
) -> Matrix:
    """Count the selected claims for every combination of two fields.

    Raises TdrError if the two fields are the same.
    """
    across, down = _down_and_across(evidence, selection, rows, columns, roll_up)
    counter = counter_of(evidence, selection.bits, unit)
    sided = rows.sided or columns.sided
    contested = evidence.index.claims_with("standing", ["contested"])
    counts: list[tuple[Count, ...]] = []
    for row in down:
        part = counter.within(row.bits) if counter else None
        counts.append(
            tuple(_count(_combined(row, column), sided, contested, part) for column in across)
        )

    def headings(axis: Axis, groups: Iterable[Category]) -> tuple[Heading, ...]:
        return tuple(
            Heading(
                group.label,
                short_name(evidence, axis, group.label),
                _count(group, axis.sided, contested, counter),
                evidence.vocabulary.lineage(group.label) if axis.sided else None,
            )
            for group in groups
        )

    both = reduce(or_, (row.bits for row in down), 0)
    both &= reduce(or_, (column.bits for column in across), 0)
    return Matrix(
        row_field=rows.name,
        column_field=columns.name,
        rows=headings(rows, down),
        columns=headings(columns, across),
        counts=tuple(counts),
        unit=unit,
        sided=sided,
        selected=len(selection),
        both=both.bit_count(),
    )


def gaps(
    evidence: Evidence,
    selection: Selection,
    rows: Axis,
    columns: Axis,
    *,
    roll_up: RollUp = AS_USED,
) -> tuple[Gap, ...]:
    """The combinations of occurring terms with no claim or one; the most surprising first."""
    across, down = _down_and_across(evidence, selection, rows, columns, roll_up)
    found: list[tuple[int, int, Gap]] = []
    for row in down:
        for column in across:
            bits = row.bits & column.bits
            if bits.bit_count() > 1:
                continue
            claim = next(evidence.index.claims(bits)).id if bits else None
            both = row.bits.bit_count() * column.bits.bit_count()
            # Half a hundredth is rounded up, and exactly: so an engine can say the same.
            hundredths = (200 * both + len(selection)) // (2 * len(selection))
            gap = Gap(row.label, column.label, bits.bit_count(), claim, hundredths / 100)
            found.append((gap.claims, -both, gap))
    return tuple(gap for *_, gap in sorted(found, key=itemgetter(0, 1)))


def refuse_alike(rows: Axis, columns: Axis) -> None:
    """Raise TdrError if the two fields are the same."""
    if rows == columns:
        raise usage_error(f"rows and columns are both `{rows.name}`; choose two")


def _down_and_across(
    evidence: Evidence, selection: Selection, rows: Axis, columns: Axis, roll_up: RollUp
) -> tuple[tuple[Category, ...], tuple[Category, ...]]:
    refuse_alike(rows, columns)
    down = categories(evidence, rows, selection.bits, roll_up)
    across = categories(evidence, columns, selection.bits, roll_up)
    # What has nothing in common with the part of the other field that is asked for is no answer.
    if roll_up.restricts(rows):
        across = tuple(column for column in across if any(column.bits & row.bits for row in down))
    if roll_up.restricts(columns):
        down = tuple(row for row in down if any(row.bits & column.bits for column in across))
    return across, down


def _combined(row: Category, column: Category) -> Category:
    """The claims of both, on the side of the one that is a cell."""
    promotes = (row.promotes & column.bits) | (column.promotes & row.bits)
    opposes = (row.opposes & column.bits) | (column.opposes & row.bits)
    return Category(row.label, row.bits & column.bits, promotes, opposes)


def _count(of: Category, sided: bool, contested: int, counter: ReferenceCounter | None) -> Count:
    if not of.bits:
        return Count(0)
    size = counter.count if counter else int.bit_count
    promotes, opposes = (of.promotes, of.opposes) if sided else (0, 0)
    doubt = None
    if of.bits & contested:
        total, one, other = (size(bits & contested) for bits in (of.bits, promotes, opposes))
        doubt = Count(total, one, other)
    return Count(size(of.bits), size(promotes), size(opposes), doubt)
