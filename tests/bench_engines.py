"""tdr, DuckDB and polars side by side at a million claims: `make bench BENCH=--engines`.

Whole processes that print the same first page, the same count and the same matrix, from cold
Python to the answer; each alternates with T1 as every row does. DuckDB and polars read what
`tdr export parquet` writes, DuckDB runs what `tdr sql` and `tdr matrix --sql` print. They are
installed by `make`.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

from tdr.ask.evidence import Evidence
from tests.bench import TDR, Bench, Row, generate

CRITERIA = ("-c", "TAM", "-k", "lung cancer")

_DUCKDB = """
import sys, duckdb
print(len(duckdb.execute(open(sys.argv[1]).read()).fetchall()))
"""
_POLARS = """
import json, sys, polars
cells, cancers = json.load(open(sys.argv[2]))
def named(column, labels):
    return polars.col(column).list.set_intersection(labels).list.len() > 0
found = polars.scan_parquet(sys.argv[1] + "/claims.parquet").filter(
    named("cancers", cancers) & (named("promotes", cells) | named("opposes", cells))
)
last = found.head(20) if sys.argv[3] == "page" else found.select(polars.len())
print(len(last.collect()))
"""


def engine_rows(bench: Bench, evidence: Evidence, claims: int) -> list[Row]:
    """The table; a few minutes, most of which are spent on making the claims."""
    directory = generate(evidence, bench.folder / "engines", claims)
    at = (*TDR, "--evidence", str(directory))
    bench.run((*at, "list", "--count"))
    rows = []
    for what, words in (
        ("first page", ("list", *CRITERIA, "-n", "20", "-o", "json")),
        ("count", ("list", *CRITERIA, "--count")),
        ("matrix", ("matrix", "-o", "csv")),
    ):
        rows += bench.compare(f"tdr: {what}", (*at, *words), None)
    lake = bench.folder / "lake"
    bench.run((*at, "export", "parquet", str(lake)))
    rows += duckdb_rows(bench, at, lake)
    rows += polars_rows(bench, evidence, lake)
    bench.forget()
    shutil.rmtree(directory)
    return rows


def duckdb_rows(bench: Bench, at: tuple[str, ...], lake: Path) -> list[Row]:
    name = f"DuckDB {version('duckdb')}"
    rows = bench.compare(f"{name}: import", (sys.executable, "-c", "import duckdb"), None)
    for what, words in (
        ("first page", ("sql", *CRITERIA, "-n", "20")),
        ("count", ("sql", *CRITERIA, "--count")),
        ("matrix", ("matrix", "--sql", "duckdb")),
    ):
        text = subprocess.run(
            (*at, *words), env=bench.environment, capture_output=True, text=True, check=True
        ).stdout
        question = bench.folder / f"{what}.sql"
        table = f"FROM '{lake}/claims.parquet'"
        question.write_text(text.replace("FROM claims", table), encoding="utf-8")
        command = (sys.executable, "-c", _DUCKDB, str(question))
        rows += bench.compare(f"{name}, Parquet: {what}", command, None)
    return rows


def polars_rows(bench: Bench, evidence: Evidence, lake: Path) -> list[Row]:
    name = f"polars {version('polars')}"
    rows = bench.compare(f"{name}: import", (sys.executable, "-c", "import polars"), None)
    labels = bench.folder / "labels.json"
    meant = [
        evidence.vocabulary.expand("cells", "TAM"),
        evidence.vocabulary.expand("cancers", "lung cancer"),
    ]
    labels.write_text(json.dumps(meant), encoding="utf-8")
    for what in ("first page", "count"):
        command = (sys.executable, "-c", _POLARS, str(lake), str(labels), what.rpartition(" ")[2])
        rows += bench.compare(f"{name}, Parquet: {what}", command, None)
    return rows
