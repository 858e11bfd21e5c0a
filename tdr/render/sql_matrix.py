"""A matrix as one SQL statement, for engines that hold the claims as a table.

Claims with the same lists are counted together first, and only these few groups are taken apart
into terms: a million claims have some hundred different lists of cells.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from tdr.ask.conditions import Conditions
from tdr.ask.evidence import Evidence
from tdr.ask.views.axes import AS_USED, Axis, RollUp, cited_together, known_order
from tdr.ask.views.matrix import Matrix, refuse_alike
from tdr.model.fields import SIDES
from tdr.model.table import COLUMNS, column_of
from tdr.render.crosstab import crosstab_columns
from tdr.render.sql import Dialect, remarks, split_reference, where_lines

_LISTS = {column.name for column in COLUMNS if column.is_list}
_ORDER_REMARK = (
    "-- in order of labels; `tdr matrix` has the largest first, and counts what is contested"
)
_JOINED = "FROM grouped JOIN down ON down.g = grouped.g JOIN across ON across.g = grouped.g"

Ctes = dict[str, list[str]]
"""Common table expressions: name -> lines. Each selects from those before it."""


@dataclass(frozen=True, slots=True)
class MatrixOptions:
    """The `unit` that is counted (one of UNITS), and which rows and columns are selected: rows
    with a count in at least `min_cols` columns, then the `top` largest rows and columns."""

    unit: str = "claims"
    min_cols: int = 0
    top: int | None = None


DEFAULT_OPTIONS = MatrixOptions()


@dataclass(frozen=True, slots=True)
class MatrixQuery:
    """A matrix to be counted: the claims that meet the conditions, by two fields."""

    evidence: Evidence
    conditions: Conditions
    dialect: Dialect
    rows: Axis
    columns: Axis
    roll_up: RollUp = AS_USED
    options: MatrixOptions = DEFAULT_OPTIONS

    @property
    def axes(self) -> Mapping[str, Axis]:
        return {"down": self.rows, "across": self.columns}

    @property
    def labels(self) -> dict[str, str]:
        """The names of the two columns of the result that have labels."""
        return {name: self.dialect.name(axis.name) for name, axis in self.axes.items()}

    @property
    def unit(self) -> str:
        """The name of the column of the result that has the number."""
        return self.dialect.name(self.options.unit)

    @property
    def remarks(self) -> list[str]:
        return remarks(self.conditions, self.evidence.data_version)


def matrix_statement(query: MatrixQuery) -> str:
    """The statement that counts every combination that occurs, one a row, in order of labels.

    Where a field is of cells it also counts each side. References that this evidence has as one
    work are counted as one, as `tdr matrix` does.
    Raises TdrError if the two fields are the same, as the other statements do.
    """
    ctes = _grouped(query)
    last = [*_counted(query), "ORDER BY down.label, across.label"]
    if query.options != DEFAULT_OPTIONS:
        ctes["counted"] = [f"  {line}" for line in last[:-1]]
        if query.options.top:
            ctes |= _places(query)
        chosen = _choose(query, ctes)
        last = [f"SELECT * FROM {chosen}", f"ORDER BY {', '.join(query.labels.values())}"]
    return _statement(ctes, last, [*query.remarks, _ORDER_REMARK])


def wide_statement(query: MatrixQuery, matrix: Matrix) -> str:
    """The statement that gives a row for each term, with the columns of `crosstab`.

    SQL needs the columns of a result in advance: they are those that the matrix of this evidence
    has.
    """
    options, dialect, unit, labels = (
        query.options,
        query.dialect,
        query.unit,
        query.labels,
    )
    ctes = _grouped(query)
    ctes["counted"] = [f"  {line}" for line in _counted(query)]
    ctes |= _places(query, ["down"])
    chosen = _choose(query, ctes, ["down"])
    total, totals = "down_places.size", []
    if options.unit != "claims":
        total = "coalesce(totals.total, 0)"
        ctes["totals"] = [
            "  SELECT label, count(*) AS total",
            "  FROM (",
            "    SELECT DISTINCT down.label, cited.source, cited.number",
            "    FROM down JOIN cited ON cited.g = down.g",
            "  ) AS each_once",
            "  GROUP BY label",
        ]
        totals = ["LEFT JOIN totals ON totals.label = down_places.label"]
    cells = [f"down_places.label AS {labels['down']}", f"{total} AS {unit}"]
    for name, (number, side) in crosstab_columns(matrix).items():
        count = unit if side == "total" else side
        here = f"{chosen}.{labels['across']} = {dialect.text(matrix.columns[number].label)}"
        cell = f"sum(CASE WHEN {here} THEN {chosen}.{count} ELSE 0 END)"
        cells.append(f"{cell} AS {dialect.quoted(name)}")
    joined = "JOIN" if options.min_cols else "LEFT JOIN"
    last = [
        "SELECT",
        ",\n".join(f"  {cell}" for cell in cells),
        f"FROM down_places {joined} {chosen} ON {chosen}.{labels['down']} = down_places.label",
        *totals,
        *(["WHERE down_places.label IN (SELECT label FROM largest_down)"] if options.top else []),
        f"GROUP BY down_places.label, {total}, down_places.place",
        "ORDER BY down_places.place",
    ]
    version = query.evidence.data_version
    remark = f"-- the columns are the terms that these claims name in data {version}"
    return _statement(ctes, last, [*query.remarks, remark])


def gaps_statement(query: MatrixQuery) -> str:
    """The statement for the combinations of occurring terms with no claim or one, the most
    surprising first."""
    query = replace(query, options=DEFAULT_OPTIONS)
    ctes = _grouped(query)
    ctes |= _places(query)
    ctes["met"] = [
        "  SELECT down.label AS down, across.label AS across,",
        "    sum(size) AS size, min(grouped.g) AS n",
        f"  {_JOINED}",
        "  GROUP BY down.label, across.label",
    ]
    labels = [f"{name}_places.label AS {head}" for name, head in query.labels.items()]
    # In hundredths; slightly more than exact, because engines round a half differently.
    expected = "(4e2 * down_places.size * across_places.size + 1) / (4e0 * everything.size)"
    last = [
        f"SELECT {', '.join(labels)},",
        "  coalesce(met.size, 0) AS claims, claims.id AS claim,",
        f"  round({expected}) / 100 AS expected",
        "FROM down_places CROSS JOIN across_places",
        "CROSS JOIN (SELECT sum(size) AS size FROM grouped) AS everything",
        "LEFT JOIN met ON met.down = down_places.label AND met.across = across_places.label",
        "LEFT JOIN claims ON claims.n = met.n",
        "WHERE coalesce(met.size, 0) < 2",
        "ORDER BY coalesce(met.size, 0), down_places.size * across_places.size DESC,",
        "  down_places.place, across_places.place",
    ]
    return _statement(ctes, last, query.remarks)


def _statement(ctes: Ctes, last: Iterable[str], remarks: Iterable[str]) -> str:
    """The remarks, the CTEs, and the lines that select from them."""
    lines = [*remarks]
    for number, (name, cte) in enumerate(ctes.items()):
        lines += [f"{', ' if number else 'WITH '}{name} AS (", *cte, ")"]
    return "\n".join([*lines, *last]) + "\n"


def _grouped(query: MatrixQuery) -> Ctes:
    """CTEs of claims grouped by equal lists, of their labels and, if counted, references."""
    refuse_alike(query.rows, query.columns)
    unit = query.options.unit
    cited = ["source", "refs"] if unit != "claims" else []
    columns = [column for axis in query.axes.values() for column in _columns(axis)]
    names = ", ".join(dict.fromkeys([*columns, *cited]))
    tests = (f"  {line}" for line in where_lines(query.conditions, query.dialect))
    select = f"  SELECT min(n) AS g, count(*) AS size, {names}"
    ctes = {"grouped": [select, "  FROM claims", *tests, f"  GROUP BY {names}"]}
    for name, axis in query.axes.items():
        placed = _rolled_up(query.evidence, axis, query.roll_up)
        ctes[name] = [*_labels(axis, query.dialect, placed)]
    if cited:
        ctes["cited"] = [*_cited(query.evidence, query.dialect, works=unit == "works")]
    return ctes


def _counted(query: MatrixQuery) -> Iterator[str]:
    """The lines that select the counts of every combination."""
    labels, unit = query.labels, query.unit
    sided = [name for name, axis in query.axes.items() if axis.sided]
    tests = {
        side: f"{' + '.join(f'{name}.{side}' for name in sided)} > 0" for side in SIDES if sided
    }
    named = f"SELECT down.label AS {labels['down']}, across.label AS {labels['across']}"
    if unit == "claims":
        sides = (f", sum(CASE WHEN {on} THEN size ELSE 0 END) AS {s}" for s, on in tests.items())
        yield from (f"{named},", f"  sum(size) AS claims{''.join(sides)}", _JOINED)
        yield "GROUP BY down.label, across.label"
        return
    both = ", ".join(labels.values())
    counts = ", ".join([f"count(*) AS {unit}", *(f"sum({side}) AS {side}" for side in tests)])
    sides = (f", max(CASE WHEN {on} THEN 1 ELSE 0 END) AS {side}" for side, on in tests.items())
    yield f"SELECT {both}, {counts}"
    yield "FROM ("
    yield f"  {named}{''.join(sides)}"
    yield f"  {_JOINED} JOIN cited ON cited.g = grouped.g"
    yield "  GROUP BY down.label, across.label, cited.source, cited.number"
    yield ") AS each_once"
    yield f"GROUP BY {both}"


def _cited(evidence: Evidence, dialect: Dialect, *, works: bool) -> Iterator[str]:
    """The lines that select the references of each group; of those of one work, the first."""
    first = evidence.index.keys[0]
    same: list[str] = []
    for one, *others in cited_together(evidence, works=works):
        for other in others:
            (of_key, of_number), (key, number) = (
                split_reference(name, first) for name in (one, other)
            )
            same.append(
                f"SELECT {dialect.text(key)} AS source, {number} AS number, "
                f"{dialect.text(of_key)} AS of_source, {of_number} AS of_number"
            )
    items = dialect.unnest.format(column="refs")
    source, number = "named.source", "named.number"
    if same:
        source, number = (f"coalesce(same.of_{one}, named.{one})" for one in ("source", "number"))
    yield f"  SELECT DISTINCT named.g, {source} AS source, {number} AS number"
    yield "  FROM ("
    yield f"    SELECT grouped.g, grouped.source, {dialect.item} AS number FROM grouped{items}"
    yield "  ) AS named"
    if same:
        yield "  LEFT JOIN ("
        yield from union_all(same)
        yield "  ) AS same ON same.source = named.source AND same.number = named.number"


def _places(
    query: MatrixQuery, names: Iterable[str] = ("down", "across")
) -> Iterator[tuple[str, list[str]]]:
    """CTEs of the labels of these axes, with their numbers of claims and positions in a matrix."""
    for name in names:
        axis = query.axes[name]
        other = "across" if name == "down" else "down"
        fixed, known = known_order(query.evidence, axis)
        cases = (f"WHEN {query.dialect.text(label)} THEN {n}" for n, label in enumerate(known))
        order = [] if fixed else ["size DESC"]
        order += [f"CASE label {' '.join(cases)} ELSE {len(known)} END"] if known else []
        # Where the other field is restricted to a part, labels without a claim in it are left out.
        common = f"(SELECT {name}.label FROM {name} JOIN {other} ON {other}.g = {name}.g)"
        restricted = query.roll_up.restricts(query.axes[other])
        yield (
            f"{name}_places",
            [
                "  SELECT label, size, row_number() OVER (",
                f"    ORDER BY {', '.join([*order, 'label'])}",
                "  ) AS place",
                "  FROM (",
                f"    SELECT {name}.label, sum(grouped.size) AS size",
                f"    FROM {name} JOIN grouped ON grouped.g = {name}.g",
                *([f"    WHERE {name}.label IN {common}"] if restricted else []),
                f"    GROUP BY {name}.label",
                "  ) AS sized",
            ],
        )


def _choose(query: MatrixQuery, ctes: Ctes, names: Iterable[str] = ("down", "across")) -> str:
    """Add the CTEs that apply the options to the counts; return the name of the last one."""
    options, labels, last = query.options, query.labels, "counted"
    if options.min_cols > 1:
        head = labels["down"]
        filled = f"SELECT {head} FROM {last} GROUP BY {head} HAVING count(*) >= {options.min_cols}"
        ctes["filled"] = [f"  SELECT * FROM {last}", f"  WHERE {head} IN ({filled})"]
        last = "filled"
    for name in names if options.top else ():
        head = labels[name]
        ctes[f"largest_{name}"] = [
            "  SELECT label FROM (",
            "    SELECT label, row_number() OVER (",
            f"      ORDER BY sum(coalesce({query.unit}, 0)) DESC, max(place)",
            "    ) AS number",
            f"    FROM {name}_places LEFT JOIN {last} ON {last}.{head} = label",
            "    GROUP BY label",
            f"  ) AS ranked WHERE number <= {options.top}",
        ]
        ctes[f"top_{name}"] = [
            f"  SELECT * FROM {last}",
            f"  WHERE {head} IN (SELECT label FROM largest_{name})",
        ]
        last = f"top_{name}"
    return last


def _columns(axis: Axis) -> list[str]:
    return [column_of(facet).name for facet in axis.facets]


def _rolled_up(
    evidence: Evidence, axis: Axis, roll_up: RollUp
) -> dict[str, tuple[str, ...]] | None:
    """Label in claims -> labels that it is counted under; None if each is counted as itself."""
    place = roll_up.place(axis, evidence.vocabulary)
    labels = dict.fromkeys(label for one in axis.facets for label in evidence.index.values(one))
    placed = {label: place(label) for label in labels}
    return None if all(shown == (label,) for label, shown in placed.items()) else placed


def _labels(
    axis: Axis, dialect: Dialect, placed: Mapping[str, tuple[str, ...]] | None
) -> Iterator[str]:
    """The lines that select the labels of each group, each once; of cells, with their sides."""
    sides = "".join(f", max({side}) AS {side}" for side in SIDES) if axis.sided else ""
    label = "named.label" if placed is None else "placed.shown"
    yield f"  SELECT named.g, {label} AS label{sides}"
    yield "  FROM ("
    for number, column in enumerate(_columns(axis)):
        flags = "".join(f", {int(column == side)} AS {side}" for side in SIDES)
        item, items = column, ""
        if column in _LISTS:
            item, items = dialect.item, dialect.unnest.format(column=column)
        union = "UNION ALL " if number else ""
        only = "" if items else f" WHERE {column} IS NOT NULL"
        selected = f"{item} AS label{flags if sides else ''}"
        yield f"    {union}SELECT g, {selected} FROM grouped{items}{only}"
    yield "  ) AS named"
    if placed is not None:
        yield "  JOIN ("
        pairs = [(at, shown) for at, several in placed.items() for shown in several] or [("", "")]
        yield from union_all(
            [
                f"SELECT {dialect.text(at)} AS label, {dialect.text(shown)} AS shown"
                for at, shown in pairs
            ]
        )
        yield "  ) AS placed ON placed.label = named.label"
    yield f"  GROUP BY named.g, {label}"


def union_all(selects: Sequence[str]) -> Iterator[str]:
    """The lines of a UNION ALL of these statements, nested, because SQLite takes only 500."""
    if len(selects) <= 500:
        yield from (f"    {'UNION ALL ' if n else ''}{select}" for n, select in enumerate(selects))
        return
    for start in range(0, len(selects), 500):
        yield f"    {'UNION ALL ' if start else ''}SELECT * FROM ("
        yield from union_all(selects[start : start + 500])
        yield "    ) AS part"
