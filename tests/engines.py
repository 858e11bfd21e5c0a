"""Servers and sessions answer what `tdr list` and `tdr matrix` answer: `make engines`.

PostgreSQL and Spark read what `tdr export parquet` writes and run what `tdr sql` and `tdr matrix
--sql` print, for some hundred random selections, wide matrices and gaps, then count some
selections of a million claims (`--claims N` for another number, 0 for none). PostgreSQL runs in a
scratch directory on a socket of its own and Spark on the loopback address; both are stopped at the
end, of an interrupted run, too. `make` installs pyspark into an environment of its own; PostgreSQL
and Java are installed with apt-get by root where they are missing, or reported.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import tdr
from tdr.ask.evidence import Evidence
from tdr.export.duck import parquet
from tdr.export.tables import BY_NAME
from tdr.model.errors import TdrError
from tdr.model.filters import Criteria
from tdr.model.table import COLUMNS, ClaimColumn
from tdr.render.sql import COUNT, DIALECTS, Dialect, statement
from tests.bench import generate
from tests.render.test_sql import criteria
from tests.render.test_sql_matrix import wide_or_gaps

ROOT = Path(__file__).resolve().parent.parent
SELECTIONS = 300
MATRICES = 20
COUNTS = 40

Rows = list[list[str]]


class Case(NamedTuple):
    """What is asked in a dialect, and the rows that `tdr` gives."""

    write: Callable[[Dialect], str]
    rows: Sequence[Sequence[Any]]


class NotHereError(Exception):
    """The engine is not installed."""


def installed(package: str) -> None:
    """Have apt-get install a package, if there is apt-get and this is root."""
    if shutil.which("apt-get") is None or os.geteuid() != 0:
        raise NotHereError(package)
    for words in (("update",), ("install", "-y", "--no-install-recommends", package)):
        done = subprocess.run(["apt-get", *words], capture_output=True, check=False)
    if done.returncode:
        raise NotHereError(package)


def drawn(strategy: st.SearchStrategy[Any], most: int) -> list[Any]:
    """Random values, the same in every run."""
    found: list[Any] = []

    @settings(
        max_examples=most, database=None, derandomize=True, deadline=None,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(strategy)
    def collect(value: Any) -> None:
        found.append(value)

    collect()
    return found


def selections(evidence: Evidence, most: int, *, count: bool = False) -> Iterator[Case]:
    """The ids of random selections, or how many they are."""
    for wanted in drawn(criteria(evidence), most):
        try:
            chosen = evidence.select(wanted)
        except TdrError:
            continue
        columns = COUNT if count else ("id",)
        (found,) = evidence.index.ids_of_each([chosen.bits])
        ids = [[len(chosen)]] if count else [[one] for one in found]
        yield Case(partial(statement, evidence.conditions(wanted), columns=columns), ids)


def matrices(evidence: Evidence, most: int) -> Iterator[Case]:
    """Random matrices with a column for each term, and gaps of such."""
    for asked in drawn(wide_or_gaps(evidence), most):
        yield Case(asked.write, asked.rows)


# --- PostgreSQL ----------------------------------------------------------------------------

_TYPES = {"text": "text", "number": "bigint", "flag": "boolean"}


@contextmanager
def postgres_server(scratch: Path) -> Iterator[list[str]]:
    """A server on a socket in the scratch directory; the command that asks it."""
    home = Path("/usr/lib/postgresql")
    if not list(home.glob("*/bin/postgres")):
        installed("postgresql")
    homes = sorted(path.parent for path in home.glob("*/bin/postgres"))
    data = scratch / "postgres"
    data.mkdir()
    as_user: list[str] = []
    if os.geteuid() == 0:  # it refuses to run as root
        as_user = ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups"]
        scratch.chmod(0o755)
        shutil.chown(data, "postgres", "postgres")

    def do(program: str, *argv: str, check: bool = True) -> None:
        command = [*as_user, str(homes[-1] / program), "-D", str(data / "db"), *argv]
        subprocess.run(command, check=check, capture_output=True, cwd=data)

    do("initdb", "-U", "tdr", "--encoding=UTF8", "--locale=C.UTF-8")
    own_socket = f"-k {data} -c listen_addresses=''"
    try:
        do("pg_ctl", "start", "-w", "-l", str(data / "log"), "-o", own_socket)
        yield [str(homes[-1] / "psql"), "-h", str(data), "-U", "tdr", "-d", "postgres", "-qAt",
               "-F", "\t", "-v", "ON_ERROR_STOP=1"]  # fmt: skip
    finally:
        do("pg_ctl", "stop", "-m", "immediate", check=False)


def postgres(files: Path, statements: Sequence[str], scratch: Path) -> list[Rows]:
    """What PostgreSQL answers."""
    rows = scratch / "claims.csv"
    # A list of JSON with other brackets is how PostgreSQL reads an array.
    arrays = ", ".join(
        f"'{{' || CAST(to_json({column.name}) AS VARCHAR)[2:-2] || '}}' AS {column.name}"
        for column in COLUMNS
        if column.is_list
    )
    duckdb.execute(
        f"COPY (SELECT * REPLACE ({arrays}) FROM '{files}/claims.parquet') TO '{rows}' (HEADER)"
    )
    columns = ", ".join(f"{column.name} {_type(column)}" for column in COLUMNS)
    script = [
        f"CREATE UNLOGGED TABLE claims (n bigint, {columns});",
        f"\\copy claims FROM '{rows}' (FORMAT csv, HEADER)",
        "ANALYZE claims;",
        *(f"{text.rstrip()};\nSELECT '--';" for text in statements),
    ]
    with postgres_server(scratch) as ask:
        done = subprocess.run(
            ask, input="\n".join(script), stdout=subprocess.PIPE, text=True, check=True
        )
    answers: list[Rows] = [[]]
    for line in done.stdout.split("\n")[:-1]:
        if line == "--":
            answers.append([])
        else:
            answers[-1].append(line.split("\t"))
    return answers[:-1]


def _type(column: ClaimColumn) -> str:
    if column.is_list:
        return "integer[]" if column.type == "number" else "text[]"
    return _TYPES[column.type]


# --- Spark ---------------------------------------------------------------------------------

# Statements are short and each is another: compiled well they take twice as long.
_SPARK = """
import json, sys
from pyspark.sql import SparkSession
spark = (SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false")
         .config("spark.driver.bindAddress", "127.0.0.1").config("spark.driver.host", "127.0.0.1")
         .config("spark.driver.extraJavaOptions",
                 "-XX:TieredStopAtLevel=1 -XX:ReservedCodeCacheSize=256m")
         .config("spark.local.dir", ".").config("spark.sql.shuffle.partitions", "2").getOrCreate())
spark.sparkContext.setLogLevel("ERROR")
spark.read.parquet(sys.argv[1] + "/claims.parquet").createOrReplaceTempView("claims")
statements = json.load(open(sys.argv[2]))
answers = [[["" if value is None else str(value) for value in row]
           for row in spark.sql(text).collect()] for text in statements]
json.dump(answers, open(sys.argv[3], "w"))
spark.stop()
"""


def spark(files: Path, statements: Sequence[str], scratch: Path) -> list[Rows]:
    """What Spark answers."""
    if not find_spec("pyspark"):
        raise NotHereError("pyspark; `make engines` installs it")
    if shutil.which("java") is None:
        installed("default-jre-headless")
    asked, answered = scratch / "asked.json", scratch / "answered.json"
    asked.write_text(json.dumps(statements), "utf-8")
    log = scratch / "log"
    with log.open("w", encoding="utf-8") as said:
        session = subprocess.Popen(
            [sys.executable, "-c", _SPARK, files, asked, answered],
            stdout=said, stderr=said, cwd=scratch, start_new_session=True,
        )  # fmt: skip
        try:
            failed = session.wait()
        finally:  # Java outlives the Python that started it
            with suppress(ProcessLookupError):
                os.killpg(session.pid, signal.SIGKILL)
    if failed:
        raise SystemExit(f"Spark failed:\n{log.read_text('utf-8')[-4000:]}")
    answers: list[Rows] = json.loads(answered.read_text("utf-8"))
    return answers


ENGINES: dict[str, Callable[[Path, Sequence[str], Path], list[Rows]]] = {
    "postgres": postgres,
    "spark": spark,
}


def same(rows: Rows, expected: Sequence[Sequence[Any]]) -> bool:
    """Whether an engine's texts are these values."""
    if [len(row) for row in rows] != [len(row) for row in expected]:
        return False
    pairs = (
        (text, value)
        for row in zip(rows, expected, strict=True)
        for text, value in zip(*row, strict=True)
    )
    return all(
        float(text) == value
        if isinstance(value, float)
        else text == ("" if value is None else str(value))
        for text, value in pairs
    )


def compare(evidence: Evidence, kinds: dict[str, list[Case]], scratch: Path) -> int:
    """Ask every engine that can be had; how many answers differ."""
    started = time.perf_counter()
    files = scratch / "parquet"
    files.mkdir(parents=True)
    parquet(evidence, evidence.select(Criteria()), files, [BY_NAME["claims"]])
    print(f"{len(evidence):,} claims written in {time.perf_counter() - started:.0f} s", flush=True)
    wrong = 0
    for name, answered in ENGINES.items():
        started = time.perf_counter()
        cases = [case for of_kind in kinds.values() for case in of_kind]
        texts = [case.write(DIALECTS[name]) for case in cases]
        place = scratch / name
        place.mkdir()
        try:
            answers = answered(files, texts, place)
        except NotHereError as missing:
            print(f"{name}: cannot be had here: {missing}", flush=True)
            continue
        finally:
            shutil.rmtree(place)
        differ = [
            text
            for text, rows, case in zip(texts, answers, cases, strict=True)
            if not same(rows, case.rows)
        ]
        asked = " and ".join(f"{len(of_kind)} {kind}" for kind, of_kind in kinds.items())
        print(
            f"{name}: {len(evidence):,} claims, {asked}, {len(differ)} differ "
            f"({time.perf_counter() - started:.0f} s with start and loading)",
            flush=True,
        )
        for text in differ[:3]:
            print(text)
        wrong += len(differ)
    return wrong


def main() -> int:
    """Exit code 1 if any answer differs."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--claims", type=int, default=1_000_000, help="so many are counted last")
    chosen = parser.parse_args()
    for number in (signal.SIGTERM, signal.SIGHUP):  # servers are stopped then, too
        signal.signal(number, lambda number, _: sys.exit(128 + number))
    evidence = tdr.load(ROOT / "evidence")
    kinds = {
        "selections": [*selections(evidence, SELECTIONS)],
        "matrices": [*matrices(evidence, MATRICES)],
    }
    with tempfile.TemporaryDirectory(prefix="tdr-engines-") as directory:
        scratch = Path(directory)
        scratch.chmod(0o755)  # PostgreSQL runs as another user
        wrong = compare(evidence, kinds, scratch / "shipped")
        if chosen.claims:
            started = time.perf_counter()
            made = generate(evidence, scratch / "many", chosen.claims)
            many = tdr.load(made, cache=False)
            print(f"{len(many):,} claims made in {time.perf_counter() - started:.0f} s", flush=True)
            counts = [*selections(many, COUNTS, count=True)]
            wrong += compare(many, {"counts": counts}, scratch / "million")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
