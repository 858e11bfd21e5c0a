"""The tables as Parquet files or as one DuckDB file, both written by DuckDB.

Rows reach DuckDB as JSON Lines: it reads a million of them in seconds, and would take minutes
for a million inserts.

DuckDB is imported with this module, before any file is begun: a signal handler that raises while
the library initialises would abort the process.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tdr.ask.evidence import Evidence
from tdr.ask.evidence_data import Selection
from tdr.export import ExportResult
from tdr.export.readme import about, readme
from tdr.export.tables import TABLES, VIEWS, Column, Table
from tdr.model.errors import TdrError, library_error

try:
    import duckdb as engine
except ImportError as error:
    raise library_error("DuckDB and Parquet files need", "parquet", error) from None

_TYPES = {"text": "VARCHAR", "number": "BIGINT", "flag": "BOOLEAN"}

# Size of row groups and level of compression were chosen by measurements on a million claims.
_PARQUET = "FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 3, ROW_GROUP_SIZE 122880"

_README = """\
Parquet files, one a table. Lists are list columns and never NULL; texts may be NULL. `n` is the
place of a claim in file order: `tdr sql` prints statements that select what `tdr list` selects,
ordered by it. `claim_terms` has the lists one item a row, sorted for quick look-ups.

"""


def duckdb(evidence: Evidence, selection: Selection, path: Path) -> ExportResult:
    """Write a DuckDB file with `TABLES`, `VIEWS` and a table `about`, all with comments."""
    with _database(path, path.parent) as (connection, scratch):
        for table in TABLES:
            _create_table(connection, evidence, selection, scratch, table)
        for name, (meaning, statement) in VIEWS.items():
            connection.execute(f"CREATE VIEW {name} AS {statement}")
            connection.execute(f"COMMENT ON VIEW {name} IS {_literal(meaning)}")
        connection.execute("CREATE TABLE about (key VARCHAR, value VARCHAR)")
        for pair in about(evidence, selection).items():
            connection.execute("INSERT INTO about VALUES (?, ?)", pair)
    return ExportResult(f"{len(TABLES)} tables, {len(VIEWS)} views")


def parquet(
    evidence: Evidence, selection: Selection, directory: Path, tables: Sequence[Table] = TABLES
) -> ExportResult:
    """Write a Parquet file for each of the tables, and a README."""
    with _database(":memory:", directory.parent) as (connection, scratch):
        for table in tables:
            _create_table(connection, evidence, selection, scratch, table)
            file = _literal(str(directory / f"{table.name}.parquet"))
            connection.execute(f"COPY {table.name} TO {file} ({_PARQUET})")
            connection.execute(f"DROP TABLE {table.name}")
    listed = "".join(f"- `{table.name}.parquet`: {table.meaning}\n" for table in tables)
    readme(evidence, selection, directory, _README + listed)
    return ExportResult(f"{len(tables)} tables")


@contextmanager
def _database(path: Path | str, parent: Path) -> Iterator[tuple[Any, Path]]:
    """A connection to the database, and a temporary directory in `parent` that both may use.

    Raises TdrError if DuckDB fails.
    """
    try:
        with TemporaryDirectory(dir=parent) as scratch:
            connection = engine.connect(str(path))
            try:
                connection.execute(f"SET temp_directory = {_literal(scratch)}")
                connection.execute("SET memory_limit = '1GB'")  # larger sorts use files
                yield connection, Path(scratch)
            finally:
                connection.close()
    except engine.Error as error:
        raise TdrError(f"DuckDB: {str(error).splitlines()[0]}") from None


def _create_table(
    connection: Any, evidence: Evidence, selection: Selection, scratch: Path, table: Table
) -> None:
    """Create a table with its rows, sorted by its `order`."""
    import json

    encode = json.JSONEncoder(allow_nan=False).encode
    names = [column.name for column in table.columns]
    rows = scratch / "rows.jsonl"
    with rows.open("w", encoding="ascii") as file:
        file.writelines(
            encode(dict(zip(names, row, strict=True))) + "\n"
            for row in table.rows(evidence, selection)
        )
    connection.execute(_create_statement(table, rows))
    connection.execute(f"COMMENT ON TABLE {table.name} IS {_literal(table.meaning)}")
    for column in table.columns:
        name = f'{table.name}."{column.name}"'
        connection.execute(f"COMMENT ON COLUMN {name} IS {_literal(column.meaning)}")


def _create_statement(table: Table, rows: Path) -> str:
    types = ", ".join(f"{_literal(c.name)}: {_literal(_type(c))}" for c in table.columns)
    order = f" ORDER BY {', '.join(table.order)}" if table.order else ""
    return (
        f"CREATE TABLE {table.name} AS SELECT * FROM read_json({_literal(str(rows))}, "
        f"format = 'newline_delimited', columns = {{{types}}}){order}"
    )


def _type(column: Column) -> str:
    if column.is_list and column.type == "number":
        return "INTEGER[]"  # PostgreSQL compares an array of literals with no other type
    return _TYPES[column.type] + ("[]" if column.is_list else "")


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
