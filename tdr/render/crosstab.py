"""A matrix as a listing: a record for each combination, or a table with a column for each term."""

from __future__ import annotations

from collections.abc import Mapping

from tdr.ask.evidence import Evidence
from tdr.ask.views.matrix import Count, Matrix
from tdr.model.fields import SIDES
from tdr.model.rows import Columns
from tdr.render.listing import Listing


def combinations(evidence: Evidence, matrix: Matrix) -> Listing:
    """One record for each combination that occurs."""
    possible = len(matrix.rows) * len(matrix.columns)
    columns = Columns("combinations", matrix.names)
    return Listing.of(evidence, columns, matrix.records(), total=possible, answer=matrix)


def display_table(evidence: Evidence, matrix: Matrix) -> Listing:
    """The matrix for people: one column for each term, with cells like `3▲! 1▼`."""
    terms = [_column_name(matrix, column.label) for column in matrix.columns]
    cells: list[dict[str, object]] = [
        {term: _signed(matrix, count) for term, count in zip(terms, counts, strict=True)}
        for counts in matrix.counts
    ]
    return _rows(evidence, matrix, terms, cells)


def crosstab_columns(matrix: Matrix) -> dict[str, tuple[int, str]]:
    """The columns of `crosstab`: name -> position of the term, and which of its counts (`total`, or
    a side)."""
    columns: dict[str, tuple[int, str]] = {}
    for n, column in enumerate(matrix.columns):
        if not matrix.sided:
            columns[_column_name(matrix, column.label)] = n, "total"
            continue
        for side in SIDES:
            if any(getattr(counts[n], side) for counts in matrix.counts):
                columns[f"{column.label} {side}"] = n, side
    return columns


def crosstab(evidence: Evidence, matrix: Matrix) -> Listing:
    """The matrix for programs: one column (or one per side) for each term, with numbers."""
    columns = crosstab_columns(matrix)
    cells = [
        {name: getattr(counts[n], side) for name, (n, side) in columns.items()}
        for counts in matrix.counts
    ]
    return _rows(evidence, matrix, list(columns), cells)


def _rows(
    evidence: Evidence, matrix: Matrix, names: list[str], cells: list[dict[str, object]]
) -> Listing:
    """One record for each row: its term, its total, and its cells."""
    records: list[Mapping[str, object]] = [
        {matrix.row_field: row.label, matrix.unit: row.all.total, **of_row}
        for row, of_row in zip(matrix.rows, cells, strict=True)
    ]
    columns = Columns("rows", (matrix.row_field, matrix.unit, *names))
    return Listing.of(evidence, columns, records, answer=matrix)


def _signed(matrix: Matrix, count: Count) -> str | None:
    """The numbers of a cell with their signs, and with `!` if contested claims are among them."""
    contested = matrix.sides(count.contested) if count.contested else (0, 0)
    signs = "▲▼" if matrix.sided else ("",)
    shown = [
        f"{number}{sign}{'!' if disputed else ''}"
        for number, sign, disputed in zip(matrix.sides(count), signs, contested, strict=False)
        if number
    ]
    return " ".join(shown) or None


def _column_name(matrix: Matrix, label: str) -> str:
    """The name of the column of a term, changed if one of the first two columns has this name."""
    return f"{label} (term)" if label in (matrix.row_field, matrix.unit) else label
