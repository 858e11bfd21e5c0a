"""A matrix as one SQL statement, for engines that hold the claims as a table.

Claims with the same lists are counted together first, and only these few groups are taken apart
into terms: a million claims have some hundred different lists of cells.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from tdr.ask.conditions import Conditions
from tdr.ask.corpus import Corpus
from tdr.ask.views.axes import Axis, RollUp, cited_together, known_order
from tdr.model.fields import SIDES
from tdr.model.table import COLUMN_OF, COLUMNS
from tdr.render.sql import Dialect, where_lines

_LISTS = {column.name for column in COLUMNS if column.is_list}
_COUNT = {"claims": "claims", "references": "refs", "works": "works"}
"""Unit -> name of the column of its counts; `references` is a word of SQL."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What is counted (one of UNITS), and which of it is shown: the rows that count in so many
    columns, then the `top` largest rows and columns."""

    unit: str = "claims"
    min_cols: int = 0
    top: int | None = None


EVERYTHING = Shown()


def matrix_statement(
    evidence: Corpus,
    conditions: Conditions,
    dialect: Dialect,
    rows: Axis,
    columns: Axis,
    *,
    roll_up: RollUp,
    shown: Shown = EVERYTHING,
) -> str:
    """The statement that counts every combination that occurs, one a row.

    Where cells are counted it also tells what counts on the side of resistance and what on the
    other. References that are one work according to this evidence are counted as `tdr matrix` does.
    """
    axes = {"down": rows, "across": columns}
    heads = {name: dialect.name(axis.name) for name, axis in axes.items()}
    cited = ["source", "refs"] if shown.unit != "claims" else []
    names = ", ".join(dict.fromkeys([*_columns(rows), *_columns(columns), *cited]))
    tests = (f"  {line}" for line in where_lines(conditions, dialect))
    select = f"  SELECT min(n) AS g, count(*) AS size, {names}"
    parts = {"grouped": [select, "  FROM claims", *tests, f"  GROUP BY {names}"]}
    for name, axis in axes.items():
        parts[name] = [*_labels(axis, dialect, _placed(evidence, axis, roll_up))]
    if cited:
        parts["cited"] = [*_cited(evidence, dialect, works=shown.unit == "works")]
    counted = [*_counted(axes, heads, shown.unit)]
    order = "ORDER BY down.label, across.label"
    if cited or shown.min_cols > 1 or shown.top:
        parts["counted"] = [f"  {line}" for line in counted]
        parts |= dict(_chosen(evidence, dialect, axes, heads, shown))
        counted = [f"SELECT * FROM {list(parts)[-1]}"]
        order = f"ORDER BY {', '.join(heads.values())}"
    written: list[str] = []
    for name, lines in parts.items():
        written += [f"{', ' if written else 'WITH '}{name} AS (", *lines, ")"]
    return "\n".join([*written, *counted, order]) + "\n"


def _counted(axes: Mapping[str, Axis], heads: Mapping[str, str], unit: str) -> Iterator[str]:
    """The numbers of every combination."""
    sided = [name for name, axis in axes.items() if axis.sided]
    stands = {
        side: f"{' + '.join(f'{name}.{side}' for name in sided)} > 0" for side in SIDES if sided
    }
    named = f"SELECT down.label AS {heads['down']}, across.label AS {heads['across']}"
    joined = "FROM grouped JOIN down ON down.g = grouped.g JOIN across ON across.g = grouped.g"
    if unit == "claims":
        sides = (f", sum(CASE WHEN {on} THEN size ELSE 0 END) AS {s}" for s, on in stands.items())
        yield from (f"{named},", f"  sum(size) AS claims{''.join(sides)}", joined)
        yield "GROUP BY down.label, across.label"
        return
    both = ", ".join(heads.values())
    counts = ", ".join([f"count(*) AS {_COUNT[unit]}", *(f"sum({s}) AS {s}" for s in stands)])
    sides = (f", max(CASE WHEN {on} THEN 1 ELSE 0 END) AS {side}" for side, on in stands.items())
    yield f"SELECT {both}, {counts}"
    yield "FROM ("
    yield f"  {named}{''.join(sides)}"
    yield f"  {joined} JOIN cited ON cited.g = grouped.g"
    yield "  GROUP BY down.label, across.label, cited.source, cited.number"
    yield ") AS each_once"
    yield f"GROUP BY {both}"


def _cited(evidence: Corpus, dialect: Dialect, *, works: bool) -> Iterator[str]:
    """The groups with the references that they rest on; of those that are one work, the first."""
    first = evidence.index.keys[0]
    same: list[str] = []
    for one, *others in cited_together(evidence, works=works):
        for other in others:
            (of_key, of_number), (key, number) = (_parts(name, first) for name in (one, other))
            same.append(
                f"SELECT {dialect.text(key)} AS source, {number} AS number, "
                f"{dialect.text(of_key)} AS of_source, {of_number} AS of_number"
            )
    items = dialect.each.format(column="refs")
    source, number = "named.source", "named.number"
    if same:
        source, number = (f"coalesce(same.of_{one}, named.{one})" for one in ("source", "number"))
    yield f"  SELECT DISTINCT named.g, {source} AS source, {number} AS number"
    yield "  FROM ("
    yield f"    SELECT grouped.g, grouped.source, {dialect.item} AS number FROM grouped{items}"
    yield "  ) AS named"
    if same:
        yield "  LEFT JOIN ("
        yield from (f"    {'UNION ALL ' if n else ''}{line}" for n, line in enumerate(same))
        yield "  ) AS same ON same.source = named.source AND same.number = named.number"


def _parts(name: str, first: str) -> tuple[str, str]:
    """Source and number of a reference by its name."""
    source, _, number = name.rpartition(":")
    return source or first, number


def _chosen(
    evidence: Corpus,
    dialect: Dialect,
    axes: Mapping[str, Axis],
    heads: Mapping[str, str],
    shown: Shown,
) -> Iterator[tuple[str, list[str]]]:
    """Name and lines of each further step, which selects from the one before it."""
    last = "counted"
    if shown.min_cols > 1:
        head = heads["down"]
        filled = f"SELECT {head} FROM {last} GROUP BY {head} HAVING count(*) >= {shown.min_cols}"
        yield "filled", [f"  SELECT * FROM {last}", f"  WHERE {head} IN ({filled})"]
        last = "filled"
    for name, axis in axes.items() if shown.top else ():
        head, fixed, known = heads[name], *known_order(evidence, axis)
        places = " ".join(f"WHEN {dialect.text(label)} THEN {n}" for n, label in enumerate(known))
        order = [f"sum({_COUNT[shown.unit]}) DESC", *([] if fixed else ["max(sizes.size) DESC"])]
        order += [f"CASE {head} {places} ELSE {len(known)} END"] if known else []
        yield (
            f"top_{name}",
            [
                f"  SELECT * FROM {last}",
                f"  WHERE {head} IN (SELECT {head} FROM (",
                f"    SELECT {head}, row_number() OVER (",
                f"      ORDER BY {', '.join(order)}, {head}",
                "    ) AS place",
                f"    FROM {last} JOIN (",
                f"      SELECT {name}.label, sum(grouped.size) AS size",
                f"      FROM {name} JOIN grouped ON grouped.g = {name}.g GROUP BY {name}.label",
                f"    ) AS sizes ON sizes.label = {head}",
                f"    GROUP BY {head}",
                f"  ) AS ranked WHERE place <= {shown.top})",
            ],
        )
        last = f"top_{name}"


def _columns(axis: Axis) -> list[str]:
    return [COLUMN_OF.get(facet, facet) for facet in axis.facets]


def _placed(evidence: Corpus, axis: Axis, roll_up: RollUp) -> dict[str, tuple[str, ...]] | None:
    """Label in use -> labels that it is counted under; None if each is counted as itself."""
    place = roll_up.place(axis, evidence.vocabulary)
    labels = dict.fromkeys(label for one in axis.facets for label in evidence.index.values(one))
    placed = {label: place(label) for label in labels}
    return None if all(shown == (label,) for label, shown in placed.items()) else placed


def _labels(
    axis: Axis, dialect: Dialect, placed: Mapping[str, tuple[str, ...]] | None
) -> Iterator[str]:
    """The groups with each of their labels once; of cells, with the sides on which they stand."""
    sides = "".join(f", max({side}) AS {side}" for side in SIDES) if axis.sided else ""
    label = "named.label" if placed is None else "placed.shown"
    yield f"  SELECT named.g, {label} AS label{sides}"
    yield "  FROM ("
    for number, column in enumerate(_columns(axis)):
        flags = "".join(f", {int(column == side)} AS {side}" for side in SIDES)
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
