"""A matrix as listings: a record for each combination, or a table with a column for each term."""

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


def page(evidence: Evidence, matrix: Matrix) -> Listing:
    """A table to read on a page: one column for each term, `3▲! 1▼` in its cells."""
    terms = [_unlike_fields(matrix, column.label) for column in matrix.columns]
    cells: list[dict[str, object]] = [
        {term: _signed(matrix, count) for term, count in zip(terms, counts, strict=True)}
        for counts in matrix.counts
    ]
    return _rows(evidence, matrix, terms, cells)


def crossed(matrix: Matrix) -> dict[str, tuple[int, str]]:
    """The columns of a table to compute with: name -> number of the term, and what of its counts
    (`total`, or a side)."""
    columns: dict[str, tuple[int, str]] = {}
    for n, column in enumerate(matrix.columns):
        if not matrix.sided:
            columns[_unlike_fields(matrix, column.label)] = n, "total"
            continue
        for side in SIDES:
            if any(getattr(counts[n], side) for counts in matrix.counts):
                columns[f"{column.label} {side}"] = n, side
    return columns


def crosstab(evidence: Evidence, matrix: Matrix) -> Listing:
    """A table to compute with: one column (or one per side) for each term."""
    columns = crossed(matrix)
    cells = [
        {name: getattr(counts[n], side) for name, (n, side) in columns.items()}
        for counts in matrix.counts
    ]
    return _rows(evidence, matrix, list(columns), cells)


def _rows(
    evidence: Evidence, matrix: Matrix, names: list[str], cells: list[dict[str, object]]
) -> Listing:
    """One record for each row: its term, everything counted under it, and its cells."""
    records: list[Mapping[str, object]] = [
        {matrix.row_field: row.label, matrix.unit: row.all.total, **of_row}
        for row, of_row in zip(matrix.rows, cells, strict=True)
    ]
    columns = Columns("rows", (matrix.row_field, matrix.unit, *names))
    return Listing.of(evidence, columns, records, answer=matrix)


def _signed(matrix: Matrix, count: Count) -> str | None:
    """The numbers of a cell with their signs, marked where claims behind them are contested."""
    contested = matrix.sides(count.contested) if count.contested else (0, 0)
    signs = "▲▼" if matrix.sided else ("",)
    shown = [
        f"{number}{sign}{'!' if disputed else ''}"
        for number, sign, disputed in zip(matrix.sides(count), signs, contested, strict=False)
        if number
    ]
    return " ".join(shown) or None


def _unlike_fields(matrix: Matrix, label: str) -> str:
    """A term as the name of a column; told from the first two columns if it has such a name."""
    return f"{label} (term)" if label in (matrix.row_field, matrix.unit) else label
