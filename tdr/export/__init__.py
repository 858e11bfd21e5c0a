"""Data sets for other tools: one registry of exporters.

An exporter is a function of the evidence and a selection. What becomes one text comes back in
chunks; a database or a set of files is written to a path, which `tdr.export.destination` gives
and moves to its place when it is complete.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Literal

__all__ = ["EXPORTS", "ExportResult", "Exporter"]


@dataclass(frozen=True, slots=True)
class ExportResult:
    """What an exporter wrote: a `summary` in a few words, and `chunks` of text if it is a text."""

    summary: str
    chunks: Iterable[str] = ()


@dataclass(frozen=True, slots=True)
class Exporter:
    """A kind of data set.

    `function` names its function, `module:name`, which is imported when it is used. A `text`
    is made by `function(evidence, selection)`, a `file` or a `directory` by
    `function(evidence, selection, path)`; both return an `ExportResult`. `endings` are those of
    the names of its files, the usual one first. `manifest` is the file of a directory that is
    written last: without it the set is incomplete.
    """

    name: str
    help: str
    makes: Literal["text", "file", "directory"]
    function: str
    endings: tuple[str, ...] = ()
    manifest: str = "README.md"

    def load(self) -> Callable[..., ExportResult]:
        """Its function."""
        module, _, name = self.function.partition(":")
        function: Callable[..., Any] = getattr(import_module(f"tdr.export.{module}"), name)
        return function


EXPORTS: dict[str, Exporter] = {
    entry.name: entry
    for entry in (
        Exporter(
            "graphml", "steps for Gephi, yEd, igraph", "text", "graphs:graphml", ("graphml", "xml")
        ),
        Exporter("cytoscape", "steps for Cytoscape", "text", "graphs:cytoscape", ("cyjs", "json")),
        Exporter("cx2", "steps for NDEx", "text", "graphs:cx2", ("cx2", "json")),
        Exporter("sif", "triples without attributes", "text", "graphs:sif", ("sif", "txt")),
        Exporter("indra", "INDRA statements", "text", "indra:indra", ("json",)),
        Exporter("kgx", "a Biolink graph", "directory", "kgx:kgx"),
        Exporter(
            "sqlite", "all tables in one file", "file", "sqlite:sqlite", ("sqlite", "sqlite3", "db")
        ),
        Exporter("duckdb", "the same for DuckDB", "file", "duck:duckdb", ("duckdb", "db")),
        Exporter("parquet", "the same as Parquet files", "directory", "duck:parquet"),
        Exporter(
            "datapackage",
            "the same as CSV files with a schema",
            "directory",
            "datapackage:datapackage",
            manifest="datapackage.json",
        ),
    )
}
"""Every exporter by its name, in the order of help."""
