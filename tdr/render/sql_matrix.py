"""A matrix as one SQL statement, for engines that hold the claims as a table.

Claims with the same lists are counted together first, and only these few groups are taken apart
into terms: a million claims have some hundred different lists of cells.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from tdr.ask.conditions import Conditions
from tdr.ask.query import Evidence
from tdr.ask.views.axes import Axis, RollUp
from tdr.model.table import COLUMN_OF, COLUMNS
from tdr.render.sql import Dialect, where

_LISTS = {column.name for column in COLUMNS if column.is_list}
_SIDES = ("promotes", "opposes")


def matrix_statement(
    evidence: Evidence,
    conditions: Conditions,
    dialect: Dialect,
    rows: Axis,
    columns: Axis,
    *,
    roll_up: RollUp,
) -> str:
    """The statement that counts the claims of every combination that occurs, one a row.

    Where cells are counted it also tells the claims in which they promote and oppose resistance.
    """
    grouped = dict.fromkeys(name for one in (rows, columns) for name in _columns(one))
    names = ", ".join(grouped)
    lines = [
        "WITH grouped AS (",
        f"  SELECT min(n) AS g, count(*) AS size, {names}",
        "  FROM claims",
    ]
    for number, expression in enumerate(where(conditions, dialect)):
        lines.append(f"  {'  AND' if number else 'WHERE'} {expression}")
    lines += [f"  GROUP BY {names}", ")"]
    for name, axis in (("down", rows), ("across", columns)):
        lines += [f", {name} AS (", *_labels(axis, dialect, _placed(evidence, axis, roll_up)), ")"]
    shown = [COLUMN_OF.get(one.name, one.name) for one in (rows, columns)]
    counts = ["sum(size) AS claims"]
    sided = [name for name, axis in (("down", rows), ("across", columns)) if axis.sided]
    if sided:
        for side in _SIDES:
            stands = " + ".join(f"{name}.{side}" for name in sided)
            counts.append(f"sum(CASE WHEN {stands} > 0 THEN size ELSE 0 END) AS {side}")
    lines += [
        f"SELECT down.label AS {shown[0]}, across.label AS {shown[1]},",
        f"  {', '.join(counts)}",
        "FROM grouped JOIN down ON down.g = grouped.g JOIN across ON across.g = grouped.g",
        "GROUP BY down.label, across.label",
        "ORDER BY down.label, across.label",
    ]
    return "\n".join(lines) + "\n"


def _columns(axis: Axis) -> list[str]:
    return [COLUMN_OF.get(facet, facet) for facet in axis.facets]


def _placed(evidence: Evidence, axis: Axis, roll_up: RollUp) -> dict[str, tuple[str, ...]] | None:
    """Under which labels each label in use is counted; None if each is counted for itself."""
    place = roll_up.place(axis, evidence.vocabulary)
    labels = dict.fromkeys(label for one in axis.facets for label in evidence.index.values(one))
    placed = {label: place(label) for label in labels}
    return None if all(shown == (label,) for label, shown in placed.items()) else placed


def _labels(
    axis: Axis, dialect: Dialect, placed: Mapping[str, tuple[str, ...]] | None
) -> Iterator[str]:
    """The groups with each of their labels once; of cells, with the sides on which they stand."""
    sides = "".join(f", max({side}) AS {side}" for side in _SIDES) if axis.sided else ""
    label = "named.label" if placed is None else "placed.shown"
    yield f"  SELECT named.g, {label} AS label{sides}"
    yield "  FROM ("
    for number, column in enumerate(_columns(axis)):
        flags = "".join(f", {int(column == side)} AS {side}" for side in _SIDES)
        item, items = column, ""
        if column in _LISTS:
            item, items = dialect.item, dialect.each.format(column=column)
        union = "UNION ALL " if number else ""
        only = "" if items else f" WHERE {column} IS NOT NULL"
        said = f"{item} AS label{flags if sides else ''}"
        yield f"    {union}SELECT g, {said} FROM grouped{items}{only}"
    yield "  ) AS named"
    if placed is not None:
        yield "  JOIN ("
        pairs = [(at, shown) for at, several in placed.items() for shown in several] or [("", "")]
        for number, (at, shown) in enumerate(pairs):
            union = "UNION ALL " if number else ""
            yield f"    {union}SELECT {dialect.text(at)} AS label, {dialect.text(shown)} AS shown"
        yield "  ) AS placed ON placed.label = named.label"
    yield f"  GROUP BY named.g, {label}"
