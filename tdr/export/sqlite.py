"""The tables as a SQLite database; comments in its schema describe every column."""

from __future__ import annotations

import errno
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from tdr.ask.evidence import Evidence
from tdr.ask.evidence_data import Selection
from tdr.export import ExportResult
from tdr.export.readme import about
from tdr.export.tables import BY_NAME, TABLES, VIEWS, Table, TableRow

_TYPES = {"text": "TEXT", "number": "INTEGER", "flag": "INTEGER"}


def sqlite(evidence: Evidence, selection: Selection, path: Path) -> ExportResult:
    """Write a database with `TABLES`, `VIEWS` and a table `about`; lists are JSON arrays."""
    try:
        connection = sqlite3.connect(path, isolation_level=None)
        try:
            connection.execute("PRAGMA journal_mode = OFF")  # an incomplete file is deleted
            connection.execute("PRAGMA synchronous = OFF")
            connection.execute("BEGIN")
            for table in TABLES:
                connection.execute(_create(table))
                marks = ", ".join("?" * len(table.columns))
                rows = _rows(table, evidence, selection)
                connection.executemany(f"INSERT INTO {table.name} VALUES ({marks})", rows)
            connection.execute("CREATE INDEX claim_terms_value ON claim_terms (value)")
            connection.execute("CREATE INDEX closure_wider ON closure (wider)")
            for name, (meaning, statement) in VIEWS.items():
                connection.execute(f"CREATE VIEW {name} AS -- {meaning}\n{statement}")
            connection.execute("CREATE TABLE about ( -- What this is.\n  key TEXT, value TEXT)")
            connection.executemany(
                "INSERT INTO about VALUES (?, ?)", about(evidence, selection).items()
            )
            connection.execute("COMMIT")
        finally:
            connection.close()
    except sqlite3.Error as error:
        # Usually a full disk. The caller, which chose the path, adds the name of the file.
        raise OSError(errno.EIO, f"SQLite: {error}") from None
    return ExportResult(f"{len(TABLES)} tables, {len(VIEWS)} views")


def _create(table: Table) -> str:
    """The statement that creates a table, with a comment on each column."""
    lines = [f"CREATE TABLE {table.name} ( -- {table.meaning}"]
    for column in table.columns:
        kind = "TEXT" if column.is_list else _TYPES[column.type]
        array = "JSON array. " if column.is_list else ""
        lines.append(f'  "{column.name}" {kind}, -- {array}{column.meaning}')
    keys = [f"PRIMARY KEY ({', '.join(table.primary_key)})"]
    for columns, other in table.foreign_keys.items():
        named = ", ".join(BY_NAME[other].primary_key)
        keys.append(f"FOREIGN KEY ({', '.join(columns)}) REFERENCES {other} ({named})")
    return "\n".join([*lines, "  " + ",\n  ".join(keys), ")"])


def _rows(table: Table, evidence: Evidence, selection: Selection) -> Iterator[TableRow]:
    import json

    lists = [column.is_list for column in table.columns]
    for row in table.rows(evidence, selection):
        yield tuple(
            json.dumps(value, ensure_ascii=False) if is_list else value
            for value, is_list in zip(row, lists, strict=True)
        )
