"""Servers and sessions select what `tdr list` selects: `make engines`.

PostgreSQL and Spark read what `tdr export parquet` writes and run what `tdr sql` prints, for
some hundred random selections, then count some over a million claims (`--claims N` for another
number, 0 for none). PostgreSQL runs in a scratch directory on a socket of its own and Spark on
the loopback address; both are stopped at the end. What a machine lacks is installed, PostgreSQL
and Java with apt-get by root, pyspark from PyPI into a scratch environment, or reported.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import duckdb
from hypothesis import HealthCheck, given, settings

import tdr
from tdr.ask.conditions import Conditions
from tdr.ask.corpus import Selection
from tdr.ask.evidence import Evidence
from tdr.export import EXPORTS
from tdr.model.errors import TdrError
from tdr.model.filters import Criteria
from tdr.model.table import COLUMNS
from tdr.render.sql import COUNT, DIALECTS, statement
from tests.bench import generate
from tests.render.test_sql import criteria

ROOT = Path(__file__).resolve().parent.parent
SELECTIONS = 300
COUNTS = 20

Case = tuple[Conditions, Selection]
"""What is asked, and what `tdr list` gives."""


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


def cases(evidence: Evidence, most: int) -> list[Case]:
    """Random selections, the same in every run."""
    found: list[Case] = []

    @settings(
        max_examples=most, database=None, derandomize=True, deadline=None,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(criteria(evidence))
    def collect(wanted: Criteria) -> None:
        try:
            selection = evidence.select(wanted)
        except TdrError:
            return
        found.append((evidence.conditions(wanted), selection))

    collect()
    return found


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

    def do(program: str, *argv: str) -> None:
        command = [*as_user, str(homes[-1] / program), "-D", str(data / "db"), *argv]
        subprocess.run(command, check=True, capture_output=True, cwd=data)

    do("initdb", "-U", "tdr", "--encoding=UTF8", "--locale=C.UTF-8")
    do("pg_ctl", "start", "-w", "-l", str(data / "log"), "-o", f"-k {data} -c listen_addresses=''")
    try:
        yield [str(homes[-1] / "psql"), "-h", str(data), "-U", "tdr", "-d", "postgres", "-qAt",
               "-v", "ON_ERROR_STOP=1"]  # fmt: skip
    finally:
        do("pg_ctl", "stop", "-m", "immediate")


def postgres(files: Path, statements: Sequence[str], scratch: Path) -> list[list[str]]:
    """What PostgreSQL answers; lists travel as JSON."""
    kinds = {column.name: _TYPES[column.type] for column in COLUMNS}
    lists = {
        column.name: "integer[]" if column.type == "number" else "text[]"
        for column in COLUMNS
        if column.is_list
    }
    as_json = ", ".join(f"to_json({name}) AS {name}" for name in lists)
    rows = scratch / "claims.csv"
    duckdb.execute(
        f"COPY (SELECT * REPLACE ({as_json}) FROM '{files}/claims.parquet') TO '{rows}' (HEADER)"
    )

    def column(name: str) -> str:
        if name not in lists:
            return name
        items = f"jsonb_array_elements_text({name})"
        return f"ARRAY(SELECT {items})::{lists[name]} AS {name}"

    names = ["n", *kinds]
    raw = ", ".join(
        f"{name} {'jsonb' if name in lists else kinds.get(name, 'bigint')}" for name in names
    )
    script = [
        f"CREATE TEMP TABLE raw ({raw});",
        f"\\copy raw FROM '{rows}' (FORMAT csv, HEADER)",
        f"CREATE TABLE claims AS SELECT {', '.join(map(column, names))} FROM raw;",
        *(f"{text.rstrip()};\nSELECT '--';" for text in statements),
    ]
    with postgres_server(scratch) as ask:
        done = subprocess.run(
            ask, input="\n".join(script), stdout=subprocess.PIPE, text=True, check=True
        )
    answers = done.stdout.split("--\n")[:-1]
    return [answer.split() for answer in answers]


# --- Spark ---------------------------------------------------------------------------------

_SPARK = """
import json, sys
from pyspark.sql import SparkSession
spark = (SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false")
         .config("spark.driver.bindAddress", "127.0.0.1").config("spark.driver.host", "127.0.0.1")
         .config("spark.sql.shuffle.partitions", "2").getOrCreate())
spark.sparkContext.setLogLevel("ERROR")
spark.read.parquet(sys.argv[1] + "/claims.parquet").cache().createOrReplaceTempView("claims")
statements = json.load(open(sys.argv[2]))
answers = [[row[0] for row in spark.sql(text).collect()] for text in statements]
json.dump(answers, open(sys.argv[3], "w"))
spark.stop()
"""


def spark(files: Path, statements: Sequence[str], scratch: Path) -> list[list[str]]:
    """What Spark answers."""
    if shutil.which("java") is None:
        installed("default-jre-headless")
    python = os.environ.get("PYSPARK", "")
    if not python:
        home = scratch / "pyspark"
        subprocess.run([sys.executable, "-m", "venv", home], check=True)
        python = str(home / "bin/python")
        install = [python, "-m", "pip", "install", "--quiet", "pyspark"]
        if subprocess.run(install, capture_output=True, check=False).returncode:
            raise NotHereError("pyspark")
    asked, answered = scratch / "asked.json", scratch / "answered.json"
    asked.write_text(json.dumps(statements), "utf-8")
    subprocess.run(
        [python, "-c", _SPARK, files, asked, answered], check=True, capture_output=True, cwd=scratch
    )
    answers: list[list[str]] = json.loads(answered.read_text("utf-8"))
    return answers


ENGINES: dict[str, Callable[[Path, Sequence[str], Path], list[list[str]]]] = {
    "postgres": postgres,
    "spark": spark,
}


def differing(
    evidence: Evidence, engine: str, files: Path, scratch: Path, asked: Sequence[Case], *, ids: bool
) -> int:
    """How many answers of an engine differ: the ids of each selection, or their number."""
    columns = ("id",) if ids else COUNT
    texts = [statement(meant, DIALECTS[engine], columns=columns) for meant, _ in asked]
    started = time.perf_counter()
    answers = ENGINES[engine](files, texts, scratch)
    seconds = time.perf_counter() - started
    expected = [
        list(evidence.index.ids_of(chosen.bits)) if ids else [str(len(chosen))]
        for _, chosen in asked
    ]
    differ = [n for n, listed in enumerate(expected) if list(map(str, answers[n])) != listed]
    print(
        f"{engine}: {len(evidence):,} claims, {len(answers)} {'selections' if ids else 'counts'}, "
        f"{len(differ)} differ ({seconds:.0f} s with start and loading)",
        flush=True,
    )
    for number in differ[:3]:
        print(texts[number])
    return len(differ)


def compare(evidence: Evidence, wanted: Sequence[Case], *, ids: bool) -> int:
    """Ask every engine that can be had; how many answers differ."""
    wrong = 0
    with tempfile.TemporaryDirectory() as directory:
        files = Path(directory) / "parquet"
        files.mkdir()
        EXPORTS["parquet"].load()(evidence, evidence.select(Criteria()), files)
        for name in ENGINES:
            with tempfile.TemporaryDirectory() as scratch:
                Path(directory).chmod(0o755)
                try:
                    wrong += differing(evidence, name, files, Path(scratch), wanted, ids=ids)
                except NotHereError as missing:
                    print(f"{name}: cannot be had here: {missing}", flush=True)
    return wrong


def main() -> int:
    """Exit code 1 if any answer differs."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--claims", type=int, default=1_000_000, help="so many are counted last")
    chosen = parser.parse_args()
    evidence = tdr.load(ROOT / "evidence")
    wrong = compare(evidence, cases(evidence, SELECTIONS), ids=True)
    if chosen.claims:
        with tempfile.TemporaryDirectory() as directory:
            made = generate(evidence, Path(directory) / "many", chosen.claims)
            many = tdr.load(made, cache=False)
            wrong += compare(many, cases(many, COUNTS), ids=False)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
