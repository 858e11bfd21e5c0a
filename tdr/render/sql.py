"""A selection as one SQL statement, for engines that hold the claims as a table.

The table is that of `tdr.model.table`: a row for each claim, numbered `n` in file order, with
lists in list columns (in SQLite: JSON arrays). A statement is written from the conditions by which
`tdr list` selects, so it selects the same claims in the same order.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from tdr.ask.conditions import Condition, Conditions
from tdr.model.errors import one_of
from tdr.model.table import PRESENT, column_of

COUNT = ("count(*)",)
"""Given as the columns of a statement: the number of claims instead."""

_RESERVED = ("primary", "references")
_NEVER = "1 = 0"
_ALWAYS = "1 = 1"


@dataclass(frozen=True, slots=True)
class Dialect:
    """The SQL of an engine for tests of lists, their items, literals and quoted names.

    `overlap` tests whether a list has one of some items. `unnest` is written after a table and
    gives a row for each item of a list, in which `item` is the item. With `backslash` a backslash
    escapes in literals, else a quote is doubled. `quote` encloses names that would be keywords;
    with `name_backslash` a backslash escapes in them.
    """

    overlap: str
    unnest: str
    item: str = "item.label"
    backslash: bool = False
    quote: str = '"'
    name_backslash: bool = False

    def quoted(self, name: str) -> str:
        """Any text as the name of a column."""
        escaped = "\\" + self.quote if self.name_backslash else self.quote * 2
        if self.name_backslash:
            name = name.replace("\\", "\\\\")
        return f"{self.quote}{name.replace(self.quote, escaped)}{self.quote}"

    def name(self, column: str) -> str:
        """The name of a column of a result, quoted if it is a keyword of SQL."""
        return self.quoted(column) if column in _RESERVED else column

    def text(self, value: str) -> str:
        """A text as a literal."""
        if not self.backslash:
            return "'" + value.replace("'", "''") + "'"
        for char, escaped in (("\\", "\\\\"), ("'", "\\'"), ("\n", "\\n"), ("\r", "\\r")):
            value = value.replace(char, escaped)
        return f"'{value}'"


DIALECTS: Mapping[str, Dialect] = {
    "duckdb": Dialect(
        "list_has_any({column}, [{items}])", ", unnest(grouped.{column}) AS item(label)"
    ),
    "spark": Dialect(
        "arrays_overlap({column}, array({items}))",
        " LATERAL VIEW explode({column}) item AS label",
        backslash=True,
        quote="`",
    ),
    "postgres": Dialect("{column} && ARRAY[{items}]", ", unnest(grouped.{column}) AS item(label)"),
    "sqlite": Dialect(
        "EXISTS (SELECT 1 FROM json_each({column}) WHERE value IN ({items}))",
        ", json_each(grouped.{column}) AS item",
        "item.value",
    ),
    "trino": Dialect(
        "arrays_overlap({column}, ARRAY[{items}])",
        " CROSS JOIN UNNEST(grouped.{column}) AS item(label)",
    ),
    "bigquery": Dialect(
        "EXISTS (SELECT 1 FROM UNNEST({column}) AS item WHERE item IN ({items}))",
        ", UNNEST(grouped.{column}) AS item",
        "item",
        backslash=True,
        quote="`",
        name_backslash=True,
    ),
    "snowflake": Dialect(
        "ARRAYS_OVERLAP({column}, ARRAY_CONSTRUCT({items}))",
        ", LATERAL FLATTEN(input => grouped.{column}) AS item",
        "item.value::string",
        backslash=True,
    ),
    "clickhouse": Dialect(
        "hasAny({column}, [{items}])",
        " ARRAY JOIN {column} AS item",
        "item",
        backslash=True,
        name_backslash=True,
    ),
}
"""Engine -> its dialect."""


def dialect_named(name: str) -> Dialect:
    """The dialect of an engine; raises TdrError, naming all engines, if it is not known."""
    return DIALECTS[one_of("dialect", name, DIALECTS)]


def where(conditions: Conditions, dialect: Dialect) -> list[str]:
    """The conditions as expressions that are joined with AND.

    Raises TdrError for a condition on a field that has no column.
    """
    return [_expression(one, dialect, conditions.sources) for one in conditions.all_of]


def where_lines(conditions: Conditions, dialect: Dialect) -> list[str]:
    """The WHERE clause of the conditions, in lines; none without conditions."""
    expressions = enumerate(where(conditions, dialect))
    return [f"{'  AND' if number else 'WHERE'} {expression}" for number, expression in expressions]


def _expression(condition: Condition, dialect: Dialect, sources: Sequence[str]) -> str:
    tests: list[str] = []
    for field, labels in condition.any_of:
        if field == "ref" and len(sources) > 1:
            tests += _references(labels, dialect, sources[0])
        elif labels:
            tests.append(_test(field, labels, dialect))
    either = "\n    OR ".join(tests) or _NEVER
    if condition.negated:
        return f"NOT ({either})"
    return f"({either})" if len(tests) > 1 else either


def _test(field: str, labels: Sequence[str], dialect: Dialect) -> str:
    column = column_of(field)
    if column.type == "flag":
        return column.name
    if field in PRESENT:  # without a value NULL or empty, depending on how the table was loaded
        return f"coalesce({column.name}, '') <> ''"
    name = f"coalesce({column.name}, '')" if column.name == "section" else column.name
    items = ", ".join(labels if column.type == "number" else map(dialect.text, labels))
    if column.is_list:
        return dialect.overlap.format(column=column.name, items=items)
    return f"{name} IN ({items})"


def _references(names: Iterable[str], dialect: Dialect, first: str) -> Iterator[str]:
    """Tests for references of several sources, each with its own numbers."""
    numbers: dict[str, list[str]] = {}
    for name in names:
        source, number = split_reference(name, first)
        numbers.setdefault(source, []).append(number)
    for source, of_source in numbers.items():
        cited = _test("ref", of_source, dialect)
        yield f"(source IN ({dialect.text(source)}) AND {cited})"


def split_reference(name: str, first: str) -> tuple[str, str]:
    """The source in the name of a reference, by default `first`, and its number there."""
    source, _, number = name.rpartition(":")
    return source or first, number


def remarks(conditions: Conditions, data_version: str) -> list[str]:
    """A comment if conditions use phrases that only evidence of this version has."""
    if any(field == "countered_by" for one in conditions.all_of for field, _ in one.any_of):
        return [f"-- countered_by is free text: these are its phrases in data {data_version}"]
    return []


def statement(
    conditions: Conditions,
    dialect: Dialect,
    *,
    table: str = "claims",
    columns: Iterable[str] = ("*",),
    limit: int | None = None,
    data_version: str = "",
) -> str:
    """The statement that selects the claims in file order, or counts them (`COUNT`).

    Table and columns are written as they are given. The `remarks` come first.
    """
    columns = tuple(columns)
    lines = [*remarks(conditions, data_version), f"SELECT {', '.join(columns)}", f"FROM {table}"]
    lines += where_lines(conditions, dialect)
    if columns != COUNT:
        lines.append("ORDER BY n")
        if limit is not None:
            lines.append(f"LIMIT {limit}")
    return "\n".join(lines) + "\n"


def where_expression(conditions: Conditions, dialect: Dialect) -> str:
    """The conditions as one expression for a WHERE clause in another statement."""
    return "\n  AND ".join(where(conditions, dialect) or [_ALWAYS]) + "\n"
