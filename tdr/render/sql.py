"""A selection as one SQL statement, for engines that hold the claims as a table.

The table is that of `tdr.model.table`: a row for each claim, numbered `n` in file order, with
lists in list columns (in SQLite: JSON arrays). A statement selects what the
same conditions select here, in the same order, because it is written from the same conditions.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from tdr.ask.conditions import Condition, Conditions
from tdr.model.errors import one_of
from tdr.model.table import PRESENT, column_of

COUNT = ("count(*)",)
"""Instead of columns: how many."""

_RESERVED = ("primary", "references")
_NEVER = "1 = 0"
_ALWAYS = "1 = 1"


@dataclass(frozen=True, slots=True)
class Dialect:
    """How an engine writes texts, asks whether a list holds one of some items, and unfolds lists.

    `each` stands behind a table and gives a row for each item of a list, which `item` then is.
    With `backslash` a backslash escapes inside a text, else only a quote does, doubled. `quote`
    stands around names that would be words of SQL; with `name_backslash` a backslash escapes there.
    """

    overlap: str
    each: str
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
        """The name of a column of an answer, quoted if it is a word of SQL."""
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
    """The dialect of an engine; raises TdrError, naming those there are, if there is none."""
    return DIALECTS[one_of("dialect", name, DIALECTS)]


def where(conditions: Conditions, dialect: Dialect) -> list[str]:
    """The conditions, all of which must hold, as expressions that stand beside AND.

    Raises TdrError for one on what is in no column.
    """
    return [_expression(one, dialect, conditions.sources) for one in conditions.all_of]


def where_lines(conditions: Conditions, dialect: Dialect) -> list[str]:
    """The conditions as the lines of a statement."""
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
    if field in PRESENT:  # where there is none it may be NULL or empty, as the engine was fed
        return f"coalesce({column.name}, '') <> ''"
    name = f"coalesce({column.name}, '')" if column.name == "section" else column.name
    items = ", ".join(labels if column.type == "number" else map(dialect.text, labels))
    if column.is_list:
        return dialect.overlap.format(column=column.name, items=items)
    return f"{name} IN ({items})"


def _references(names: Iterable[str], dialect: Dialect, first: str) -> Iterator[str]:
    """Tests for references of several sources, each of which has numbers of its own."""
    numbers: dict[str, list[str]] = {}
    for name in names:
        source, number = in_source(name, first)
        numbers.setdefault(source, []).append(number)
    for source, of_source in numbers.items():
        cited = _test("ref", of_source, dialect)
        yield f"(source IN ({dialect.text(source)}) AND {cited})"


def in_source(name: str, first: str) -> tuple[str, str]:
    """The source of a reference, by default the first, and its number there."""
    source, _, number = name.rpartition(":")
    return source or first, number


def remarks(conditions: Conditions, data_version: str) -> list[str]:
    """Comments on what depends on phrases that only evidence of this version has."""
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

    Table and columns are written as they are given. Where it depends on phrases that only
    evidence of this version has, a comment says so.
    """
    columns = tuple(columns)
    lines = [*remarks(conditions, data_version), f"SELECT {', '.join(columns)}", f"FROM {table}"]
    lines += where_lines(conditions, dialect)
    if columns != COUNT:
        lines.append("ORDER BY n")
        if limit is not None:
            lines.append(f"LIMIT {limit}")
    return "\n".join(lines) + "\n"


def condition_alone(conditions: Conditions, dialect: Dialect) -> str:
    """What stands behind WHERE: for a statement of one's own."""
    return "\n  AND ".join(where(conditions, dialect) or [_ALWAYS]) + "\n"
