"""The tables as a Frictionless data package: CSV files, and a descriptor of all columns.

https://specs.frictionlessdata.io/tabular-data-package/. Cells hold exact values, for programs,
not protected from spreadsheets as those of `-o csv` are; lists are JSON arrays.
"""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path
from typing import Any

from tdr.ask.evidence import Evidence
from tdr.ask.evidence_data import Selection
from tdr.export import ExportResult
from tdr.export.readme import about
from tdr.export.tables import BY_NAME, TABLES, Column, Table

_TYPES = {"text": "string", "number": "integer", "flag": "boolean"}


def datapackage(evidence: Evidence, selection: Selection, directory: Path) -> ExportResult:
    """Write a CSV file for each of `TABLES`, then datapackage.json."""
    for table in TABLES:
        with (directory / f"{table.name}.csv").open("w", encoding="utf-8", newline="") as file:
            write = csv.writer(file, lineterminator="\n").writerow
            write([column.name for column in table.columns])
            for row in table.rows(evidence, selection):
                write(map(_cell, row))
    package: dict[str, Any] = {
        "profile": "tabular-data-package",
        "name": "tdr",
        "title": "Claims on how tumour-infiltrating cells drive resistance to therapy",
        "version": evidence.data_version,
        "sources": [
            {"title": str(source.record.get("title") or source.key)}
            for source in evidence.sources.values()
        ],
        "about": about(evidence, selection),
        "resources": [_resource(table) for table in TABLES],
    }
    licences = {one.data_licence: None for one in evidence.sources.values() if one.data_licence}
    if licences:
        package["licenses"] = list(map(_licence, licences))
    text = json.dumps(package, indent=2) + "\n"
    (directory / "datapackage.json").write_text(text, encoding="ascii")
    return ExportResult(f"{len(TABLES)} tables")


def _licence(title: str) -> dict[str, str]:
    """The descriptor of a licence, with a name in the form of the Open Definition: `CC-BY-4.0`."""
    name = re.sub(r"[^\w.]+", "-", title, flags=re.A).strip("-")
    return {"name": name or "other", "title": title}


def _cell(value: object) -> object:
    if isinstance(value, bool | list):
        return json.dumps(value, ensure_ascii=False)
    return value


def _resource(table: Table) -> dict[str, Any]:
    schema: dict[str, Any] = {
        "fields": [_field(table, column) for column in table.columns],
        "missingValues": [""],
        "primaryKey": list(table.primary_key),
    }
    keys = [
        {
            "fields": list(columns),
            "reference": {"resource": other, "fields": list(BY_NAME[other].primary_key)},
        }
        for columns, other in table.foreign_keys.items()
    ]
    if keys:
        schema["foreignKeys"] = keys
    return {
        "profile": "tabular-data-resource",
        "name": table.name,
        "path": f"{table.name}.csv",
        "description": table.meaning,
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "schema": schema,
    }


def _field(table: Table, column: Column) -> dict[str, Any]:
    kind = "array" if column.is_list else _TYPES[column.type]
    field: dict[str, Any] = {"name": column.name, "type": kind, "description": column.meaning}
    if column.name in table.primary_key:
        field["constraints"] = {"required": True}
    return field
