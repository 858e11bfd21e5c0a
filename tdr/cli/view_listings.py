"""Views of the core as listings: one record per count, fact, conflict, term, finding or edge."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from tdr.ask.query import Evidence
from tdr.ask.views.compare import Comparison
from tdr.ask.views.conflicts import Conflict, Side
from tdr.ask.views.graph import Graph
from tdr.ask.views.matrix import Count, Gap, Heading, Matrix
from tdr.ask.views.stats import Breakdown, Fact
from tdr.ask.views.tables import Row, cited
from tdr.cli.listings import arrange
from tdr.render import Listing

Record = dict[str, Any]


class Order(NamedTuple):
    """How records are ordered and cut: `--sort` and `--limit`."""

    sort: str | None = None
    limit: int | None = None


UNORDERED = Order()


def _listing(
    evidence: Evidence,
    kind: str,
    columns: Sequence[str],
    records: Iterable[Record],
    counts: tuple[int, int],
    *,
    shown: Sequence[str] | None = None,
    id_column: str | None = None,
    order: Order = UNORDERED,
) -> Listing:
    """A listing; `counts` are how many records matched, and of how many."""
    matched, total = counts
    return Listing(
        kind=kind,
        columns=tuple(columns),
        records=arrange(records, columns, order.sort, order.limit),
        matched=matched,
        total=total,
        shown=tuple(shown or columns),
        data_version=evidence.index.data_version,
        id_column=id_column or columns[0],
    )


# --- matrix --------------------------------------------------------------------------------


def combinations(evidence: Evidence, matrix: Matrix, order: Order = UNORDERED) -> Listing:
    """A matrix as data: one record for each combination that occurs."""
    columns = [matrix.row_field, matrix.column_field, matrix.unit]
    if matrix.sided:
        columns += ["promotes", "opposes"]
    records = [
        _combination(matrix, row, column, count)
        for row, counts in zip(matrix.rows, matrix.counts, strict=True)
        for column, count in zip(matrix.columns, counts, strict=True)
        if count.total
    ]
    possible = len(matrix.rows) * len(matrix.columns)
    return _listing(
        evidence,
        "combinations",
        columns,
        records,
        (len(records), possible),
        order=order,
    )


def _combination(matrix: Matrix, row: Heading, column: Heading, count: Count) -> Record:
    record: Record = {
        matrix.row_field: row.label,
        matrix.column_field: column.label,
        matrix.unit: count.total,
    }
    if matrix.sided:
        record |= {"promotes": count.promotes, "opposes": count.opposes}
    return record


def wide_columns(matrix: Matrix) -> dict[str, tuple[int, str | None]]:
    """Columns of a matrix laid out as a table -> (which column, which side or None)."""
    if not matrix.sided:
        return {
            _unlike_fields(matrix, column.label): (n, None)
            for n, column in enumerate(matrix.columns)
        }
    return {
        f"{column.label} {side}": (n, side)
        for n, column in enumerate(matrix.columns)
        for side in ("promotes", "opposes")
        if any(getattr(counts[n], side) for counts in matrix.counts)
    }


def page(evidence: Evidence, matrix: Matrix, order: Order = UNORDERED) -> Listing:
    """A matrix as a table to read on a page: one column for each term, `3▲ 1▼` in its cells."""
    terms = [_unlike_fields(matrix, column.label) for column in matrix.columns]
    records = [
        {matrix.row_field: row.label, matrix.unit: row.all.total}
        | {term: _signed(matrix, count) for term, count in zip(terms, counts, strict=True)}
        for row, counts in zip(matrix.rows, matrix.counts, strict=True)
    ]
    return _listing(
        evidence,
        "rows",
        [matrix.row_field, matrix.unit, *terms],
        records,
        (len(records), len(records)),
        order=order,
    )


def _signed(matrix: Matrix, count: Count) -> str | int | None:
    if not matrix.sided:
        return count.total or None
    shown = [
        f"{number}{sign}" for number, sign in zip(matrix.sides(count), "▲▼", strict=True) if number
    ]
    return " ".join(shown) or None


def _unlike_fields(matrix: Matrix, label: str) -> str:
    """A term as the name of a column; told from the first two columns if it has such a name."""
    return f"{label} (term)" if label in (matrix.row_field, matrix.unit) else label


def crosstab(evidence: Evidence, matrix: Matrix, order: Order = UNORDERED) -> Listing:
    """A matrix as a table: one record for each row, one column (or one per side) for each term."""
    columns = wide_columns(matrix)
    records = [
        {matrix.row_field: row.label, matrix.unit: row.all.total}
        | {
            name: getattr(counts[n], side) if side else counts[n].total
            for name, (n, side) in columns.items()
        }
        for row, counts in zip(matrix.rows, matrix.counts, strict=True)
    ]
    return _listing(
        evidence,
        "rows",
        [matrix.row_field, matrix.unit, *columns],
        records,
        (len(records), len(records)),
        order=order,
    )


def gaps(
    evidence: Evidence,
    found: Sequence[Gap],
    fields: tuple[str, str],
    possible: int,
    order: Order = UNORDERED,
) -> Listing:
    """Combinations with no claim or one."""
    rows, columns = fields
    records = (
        {
            rows: gap.row,
            columns: gap.column,
            "claims": gap.claims,
            "claim": gap.claim,
            "expected": gap.expected,
        }
        for gap in found
    )
    names = (rows, columns, "claims", "claim", "expected")
    return _listing(evidence, "gaps", names, records, (len(found), possible), order=order)


# --- stats ---------------------------------------------------------------------------------


def facts(
    evidence: Evidence,
    found: Sequence[Fact],
    *,
    percent: bool = False,
    order: Order = UNORDERED,
) -> Listing:
    """Numbers about a selection."""
    records = (
        {
            "about": fact.about,
            "value": fact.value,
            "count": fact.count,
            "of": fact.out_of,
            "share": _share(fact.share, percent),
            "unit": fact.unit,
        }
        for fact in found
    )
    names = ("about", "value", "count", "of", "share", "unit")
    return _listing(evidence, "facts", names, records, (len(found), len(found)), order=order)


def _share(share: float | None, percent: bool) -> float | str | None:
    """A part of a whole: a number from 0 to 1, or for people in per cent."""
    return f"{share:.0%}" if percent and share is not None else share


def breakdown(
    evidence: Evidence,
    field: str,
    found: Sequence[Breakdown],
    *,
    percent: bool = False,
    order: Order = UNORDERED,
) -> Listing:
    """One record for each term of a field."""
    names = (
        field,
        "claims",
        "share",
        "references",
        "therapies",
        "cells",
        "resistance",
        "sensitivity",
        "promoting",
        "opposing",
        "countered",
        "noted",
    )
    records = (
        {field: row.term}
        | {name: getattr(row, name) for name in names[1:]}
        | {"share": _share(row.share, percent)}
        for row in found
    )
    sided = any(row.promoting is not None for row in found)
    sides = ("promoting", "opposing") if sided else ("references", "cells")
    shown = (field, "claims", "share", *sides, "therapies", "countered")
    return _listing(
        evidence,
        "terms",
        names,
        records,
        (len(found), len(found)),
        shown=shown,
        order=order,
    )


# --- conflicts -----------------------------------------------------------------------------


def citations(evidence: Evidence, found: Iterable[Conflict]) -> Mapping[str, tuple[str, ...]]:
    """Id of a claim in a conflict -> its references as author, year and number."""
    claims = {side.claim.id: side.claim for c in found for side in (*c.promotes, *c.opposes)}
    return {identifier: cited(evidence, claim) for identifier, claim in claims.items()}


def conflicts(
    evidence: Evidence,
    found: Sequence[Conflict],
    order: Order = UNORDERED,
) -> Listing:
    """Conflicts with the claims of both sides."""
    names = (
        "kind",
        "cell",
        "therapies",
        "agents",
        "cancers",
        "promotes",
        "promoted_by",
        "promotes_refs",
        "opposes",
        "opposed_by",
        "opposes_refs",
        "notes",
    )
    records = (
        {
            "kind": conflict.kind,
            "cell": conflict.cell,
            "therapies": list(conflict.therapies),
            "agents": list(conflict.agents),
            "cancers": list(conflict.cancers),
            **_side("promotes", "promoted_by", conflict.promotes),
            **_side("opposes", "opposed_by", conflict.opposes),
            "notes": _notes(conflict),
        }
        for conflict in found
    )
    return _listing(
        evidence,
        "conflicts",
        names,
        records,
        (len(found), len(found)),
        shown=("kind", "cell", "therapies", "agents", "promoted_by", "opposed_by"),
        id_column="cell",
        order=order,
    )


def _side(field: str, ids: str, sides: Sequence[Side]) -> Record:
    return {
        field: list(dict.fromkeys(side.cell for side in sides)),
        ids: list(dict.fromkeys(side.claim.id for side in sides)),
        f"{field}_refs": sorted({number for side in sides for number in side.claim.refs}),
    }


def _notes(conflict: Conflict) -> list[str]:
    """The curators' notes on the claims of both sides, each behind the id of its claim."""
    claims = {side.claim.id: side.claim for side in (*conflict.promotes, *conflict.opposes)}
    return [f"{claim.id}: {claim.note}" for claim in claims.values() if claim.note]


# --- compare -------------------------------------------------------------------------------


def comparison(
    evidence: Evidence,
    found: Comparison,
    order: Order = UNORDERED,
) -> Listing:
    """One record for each term, with its claims on either side."""
    names = ("field", "term", "where", "a", "b")
    records = (
        {"field": row.field, "term": row.term, "where": row.where, "a": row.a, "b": row.b}
        for row in found.terms
    )
    return _listing(
        evidence,
        "terms",
        names,
        records,
        (sum(row.where == "both" for row in found.terms), len(found.terms)),
        id_column="term",
        order=order,
    )


# --- table ---------------------------------------------------------------------------------


def table(
    evidence: Evidence,
    rows: Iterable[Row],
    counts: tuple[int, int],
    order: Order = UNORDERED,
) -> Listing:
    """The findings of one of the review's tables."""
    names = (
        "id",
        "therapy",
        "promotes",
        "opposes",
        "cancers",
        "agents",
        "pathways",
        "molecules",
        "mechanism",
        "references",
        "refs",
    )
    records = (
        {name: value for name, value in row.claim.to_dict().items() if name in names}
        | {"references": list(row.references)}
        for row in rows
    )
    return _listing(
        evidence,
        "findings",
        names,
        records,
        counts,
        shown=(
            "id",
            "promotes",
            "opposes",
            "cancers",
            "agents",
            "pathways",
            "mechanism",
            "references",
        ),
        order=order,
    )


# --- graph ---------------------------------------------------------------------------------


def edges(evidence: Evidence, found: Graph, order: Order = UNORDERED) -> Listing:
    """The edges of a network."""
    names = ("source", "source_kind", "target", "target_kind", "sign", "claims")
    nodes = {node.key: node for node in found.nodes}
    records = (
        {
            "source": nodes[edge.source].label,
            "source_kind": nodes[edge.source].kind,
            "target": nodes[edge.target].label,
            "target_kind": nodes[edge.target].kind,
            "sign": edge.sign or None,
            "claims": edge.claims,
        }
        for edge in found.edges
    )
    return _listing(
        evidence,
        "edges",
        names,
        records,
        (len(found.edges), len(found.edges)),
        order=order,
    )
