"""Servers and sessions select what `tdr list` selects: `make engines`.

PostgreSQL and Spark read what `tdr export parquet` writes and run what `tdr sql` prints, for
some hundred random selections. PostgreSQL is the system's (Debian: postgresql), runs in a scratch
directory on a socket of its own and is stopped at the end; Spark needs Java, and pyspark comes
from PyPI into a scratch environment. What a machine lacks is reported as such.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import duckdb
from hypothesis import HealthCheck, given, settings

import tdr
from tdr.ask.conditions import Conditions
from tdr.ask.query import Evidence
from tdr.export import EXPORTS
from tdr.model.errors import TdrError
from tdr.model.filters import Criteria
from tdr.model.table import COLUMNS
from tdr.render.sql import DIALECTS, statement
from tests.render.test_sql import criteria

ROOT = Path(__file__).resolve().parent.parent
SELECTIONS = 300

Case = tuple[Conditions, list[str]]
"""What is asked, and the ids that `tdr list` gives."""


class NotHereError(Exception):
    """The engine is not installed."""


def cases(evidence: Evidence) -> list[Case]:
    """Random selections, the same in every run."""
    found: list[Case] = []

    @settings(
        max_examples=SELECTIONS, database=None, derandomize=True, deadline=None,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(criteria(evidence))
    def collect(wanted: Criteria) -> None:
        try:
            selection = evidence.select(wanted)
        except TdrError:
            return
        ids = [claim.id for claim in evidence.selected(selection)]
        found.append((evidence.conditions(wanted), ids))

    collect()
    return found


# --- PostgreSQL ----------------------------------------------------------------------------

_TYPES = {"text": "text", "number": "bigint", "flag": "boolean"}


@contextmanager
def postgres_server(scratch: Path) -> Iterator[list[str]]:
    """A server on a socket in the scratch directory; the command that asks it."""
    homes = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    if not homes:
        raise NotHereError("postgresql")
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
        raise NotHereError("java")
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


def main() -> int:
    """Ask every engine; how many answers differ, and exit 1 if any does."""
    evidence = tdr.load(ROOT / "evidence")
    asked = cases(evidence)
    ids = sum(len(listed) for _, listed in asked)
    print(f"{len(asked)} selections, {ids} ids", flush=True)
    wrong = 0
    for name, engine in ENGINES.items():
        with tempfile.TemporaryDirectory() as directory:
            scratch = Path(directory)
            files = scratch / "parquet"
            files.mkdir()
            EXPORTS["parquet"].load()(evidence, evidence.select(Criteria()), files)
            texts = [statement(meant, DIALECTS[name], columns=("id",)) for meant, _ in asked]
            try:
                answers = engine(files, texts, scratch)
            except NotHereError as missing:
                print(f"{name}: not here: {missing}", flush=True)
                continue
        differ = [n for n, (_, listed) in enumerate(asked) if answers[n] != listed]
        print(f"{name}: {len(answers)} answers, {len(differ)} differ", flush=True)
        for number in differ[:3]:
            print(texts[number])
        wrong += len(differ)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
