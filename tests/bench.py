"""How long commands take, as ratios to a minimal Typer program measured in the same run.

    python -P -m tests.bench            # two to three minutes
    python -P -m tests.bench --large    # adds a million claims (some minutes, 4 GB of disk)
    python -P -m tests.bench --huge     # ten million alone (an hour, 40 GB of disk)
    python -P -m tests.bench --engines  # tdr, DuckDB and polars at a million, alone

Needs nothing but the standard library and tdr. T1 is one command without options
that prints a line, run by the same interpreter with the same Typer. Both run from
bytecode, as an installed program does. Every row alternates with T1, so that what
else the machine does weighs on both, and is the median of the ratios of forty such
pairs, of processor time: of 300 pairs on a machine that was busy all the time such
medians had a standard deviation of 2 %, those of elapsed time 2 to 5 %, and the ratio
of two medians of fifteen elapsed times 9 to 12 %; their means were the same.
Elapsed time counts where several processes or threads share the work.

T1 has no options, not even `--help`, because Typer 0.29 reads each of them by pydantic: with
one it executes 670 million instructions, with none 270, with 0.28 either way 250.
"""

from __future__ import annotations

import argparse
import compileall
import json
import os
import pty
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import tracemalloc
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from operator import attrgetter
from pathlib import Path
from typing import Any, NamedTuple

import tdr
from tdr import TdrError
from tdr.ask.evidence import Evidence
from tdr.gather.jats import read_article
from tdr.index.cache import write_shipped
from tdr.read.files import find_layout

ROOT = Path(__file__).resolve().parent.parent
MINIMAL = """
from typer.core import TyperCommand
TyperCommand("main", callback=lambda: print("hello"), add_help_option=False)()
"""
TDR = (sys.executable, "-P", "-m", "tdr")


VIEWS = (
    ("info",),
    ("refs", "20"),
    ("coverage",),
    ("matrix", "-o", "csv"),
    ("steps", "--from", "TAM", "--does", "secretes", "-n", "20", "-o", "json"),
    ("path", "TAM", "resistance", "-o", "json"),
    ("stats",),
    ("stats", "-c", "TAM"),
    ("compare", "TAM", "CAF", "-o", "json"),
    ("counter", "-n", "20", "-o", "json"),
    ("conflicts", "--count"),
    ("conflicts", "-n", "20", "-o", "json"),
    ("conflicts", "--steps", "-n", "20", "-o", "json"),
)
"""Questions about all claims, measured beside `list`."""


@dataclass(frozen=True)
class Row:
    """One measured thing: what, in which unit, how much, and how much it may be."""

    what: str
    value: float
    unit: str
    bar: float | None = None
    note: str = ""

    def __str__(self) -> str:
        bar = "" if self.bar is None else f"{self.bar:g}"
        verdict = "" if self.bar is None else "ok" if self.value <= self.bar else "OVER"
        return f"{self.what:<56}{self.value:>9.2f} {self.unit:<6}{bar:>6} {verdict:<5}{self.note}"


class Run(NamedTuple):
    """Seconds that passed, seconds of the processor, and the peak of memory in MB."""

    elapsed: float
    processor: float
    memory: float


class Bench:
    """Runs commands in an environment of their own and compares them with T1."""

    def __init__(self, folder: Path, runs: int, clock: Callable[[Run], float]) -> None:
        self.folder, self.runs, self.clock = folder, runs, clock
        self.minimal = folder / "minimal.py"
        self.minimal.write_text(MINIMAL, encoding="utf-8")
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("TDR_", "PYTHON"))}
        self.environment = kept | {
            "PYTHONPYCACHEPREFIX": str(folder / "bytecode"),
            "PYTHONPATH": str(ROOT),
            "XDG_CACHE_HOME": str(folder / "cache"),
            "COLUMNS": "120",
        }
        (folder / "cache").mkdir()

    def run(self, command: Sequence[str], *, terminal: bool = False, **environment: str) -> Run:
        """Run once; raises SystemExit if it fails."""
        reading, writing = pty.openpty() if terminal else os.pipe()
        started = time.perf_counter()
        process = subprocess.Popen(
            command,
            stdout=writing,
            stderr=subprocess.DEVNULL,
            stdin=subprocess.DEVNULL,
            env=self.environment | environment,
        )
        os.close(writing)
        reader = threading.Thread(target=drain, args=(reading,))
        reader.start()
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        reader.join()
        os.close(reading)
        if process.returncode:
            raise SystemExit(f"exit {process.returncode}: {' '.join(command)}")
        return Run(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)

    def compare(
        self,
        what: str,
        command: Sequence[str],
        bar: float | None,
        *,
        beside: tuple[str, Sequence[str]] | None = None,
        runs: int | None = None,
        before: Callable[[], object] = lambda: None,
        terminal: bool = False,
        memory: float = 0,
        **environment: str,
    ) -> list[Row]:
        """Alternate a command with T1, or with another one `beside` it, which is named;
        `before` prepares each run and is not measured."""
        name, other_command = beside or ("T1", (sys.executable, str(self.minimal)))
        base: list[Run] = []
        own: list[Run] = []
        for _ in range(runs or self.runs):
            before()
            base.append(self.run(other_command))
            own.append(self.run(command, terminal=terminal, **environment))
        taken, least = ([self.clock(run) for run in runs] for runs in (own, base))
        ratios = [one / other for one, other in zip(taken, least, strict=True)]
        one, other = (statistics.median(times) * 1000 for times in (taken, least))
        note = f"{one:.0f} of {other:.0f} ms"
        rows = [Row(what, statistics.median(ratios), f"x {name}", bar, note)]
        if memory:
            rows.append(Row(f"{what}: memory", max(run.memory for run in own), "MB", memory))
        return rows

    def forget(self) -> None:
        """Empty the cache."""
        shutil.rmtree(self.folder / "cache")
        (self.folder / "cache").mkdir()


def drain(descriptor: int) -> None:
    """Read until nobody writes any more."""
    try:
        while os.read(descriptor, 1 << 16):
            pass
    except OSError:  # the other end of a terminal is gone
        pass


# --- evidence of any size -------------------------------------------------------------------


def vary(evidence: Evidence, count: int) -> Any:
    """Claims made from the shipped ones by other cancers, molecules, references and words."""
    dice = random.Random(1)
    cancers = list(evidence.vocabulary.terms("cancers"))
    molecules = list(evidence.vocabulary.terms("molecules"))
    numbers = list(evidence.references)
    first = evidence.source.key
    shipped = [claim.to_dict() for claim in evidence.claims if claim.source == first]
    for number in range(count):
        claim = dict(shipped[number % len(shipped)])
        molecule, cancer = dice.choice(molecules), dice.choice(cancers)
        claim["id"] = f"{claim['id'][:3]}-{number:07}"
        claim["cancers"] = [cancer]
        claim["molecules"] = sorted({*claim["molecules"], molecule})
        claim["refs"] = sorted({*claim["refs"], dice.choice(numbers)})
        claim["mechanism"] += f" {molecule} and gene{dice.randrange(40_000)} act in {cancer}."
        yield claim


def generate(evidence: Evidence, directory: Path, count: int, suffix: str = "jsonl") -> Path:
    """An evidence directory of `count` claims."""
    shutil.copytree(ROOT / "evidence" / "vocabulary", directory / "vocabulary")
    for name in ("references.yaml", "source.yaml"):
        shutil.copy(ROOT / "evidence" / name, directory)
    files: dict[str, Any] = {}
    for claim in vary(evidence, count):
        therapy = claim.pop("therapy")
        if therapy not in files:
            files[therapy] = (directory / f"{therapy}.{suffix}").open("w", encoding="utf-8")
            if suffix == "yaml":
                files[therapy].write(f"therapy: {therapy}\nclaims:\n")
        if suffix == "yaml":
            first, *rest = (f"{k}: {json.dumps(v, ensure_ascii=False)}" for k, v in claim.items())
            files[therapy].write("".join([f"  - {first}\n", *(f"    {line}\n" for line in rest)]))
        else:
            files[therapy].write(json.dumps(claim, ensure_ascii=False) + "\n")
    for stream in files.values():
        stream.close()
    return directory


def seconds_to_parse(directory: Path) -> float:
    """Seconds of json.loads over every line."""
    started = time.perf_counter()
    for path in sorted(directory.glob("*.jsonl")):
        with path.open("rb") as stream:
            for line in stream:
                json.loads(line)
    return time.perf_counter() - started


# --- the rows -------------------------------------------------------------------------------


def shipped_rows(bench: Bench) -> list[Row]:
    listing = (*TDR, "list", "-c", "TAM")
    bench.run(listing)  # the index and the bytecode
    rows = bench.compare("list -c TAM -o json, shipped, warm", (*listing, "-o", "json"), 1.35)
    searching = (*TDR, "search", "gefitnib exosome", "-o", "json")
    rows += bench.compare("search 'gefitnib exosome' -o json, warm", searching, 1.6)
    rows += bench.compare("list -c TAM as a table on a terminal", listing, 1.5, terminal=True)
    rows += bench.compare("--help", (*TDR, "--help"), 0.95)
    return rows + bench.compare(
        "first run after install, shipped, no cache",
        (*TDR, "list", "-c", "TAM", "-o", "json"),
        1.7,
        before=bench.forget,
        PYTHONPATH=str(installed(bench)),
    )


def installed(bench: Bench) -> Path:
    """The package as a wheel leaves it: evidence and index inside, compiled."""
    place = bench.folder / "installed"
    if place.exists():
        return place
    shutil.copytree(ROOT / "tdr", place / "tdr", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(ROOT / "evidence", place / "tdr" / "evidence")
    write_shipped(find_layout(place / "tdr" / "evidence"), place / "tdr")
    sys.pycache_prefix = bench.environment["PYTHONPYCACHEPREFIX"]
    compileall.compile_dir(place, quiet=2)
    return place


def own_rows(bench: Bench, evidence: Evidence) -> list[Row]:
    """The first run as a wheel leaves the program: what ships is known from its index. Then with
    the largest file of the vocabulary changed, and from a checkout, which has no index."""
    own = generate(evidence, bench.folder / "own", 150, "yaml")
    command = (*TDR, "--evidence", str(own), "list", "-c", "TAM", "-o", "json")

    def first(what: str, bar: float | None, **environment: str) -> list[Row]:
        name = f"150 own YAML claims, {what}"
        return bench.compare(name, command, bar, runs=10, before=bench.forget, **environment)

    place = str(installed(bench))
    rows = first("first run", 3.5, PYTHONPATH=place)
    rows += bench.compare("150 own YAML claims, later runs", command, 1.5, PYTHONPATH=place)
    with (own / "vocabulary" / "molecules.yaml").open("a", encoding="utf-8") as stream:
        stream.write("# of one's own\n")
    rows += first("first run, molecules changed", None, PYTHONPATH=place)
    return rows + first("first run from a checkout", None)


def bulk_rows(
    bench: Bench,
    evidence: Evidence,
    count: int,
    bars: Mapping[str, float | None],
    *,
    memory: float = 120,
) -> list[Row]:
    name = f"{count:,} claims"
    directory = generate(evidence, bench.folder / f"bulk{count}", count)
    at = (*TDR, "--evidence", str(directory))
    parses, builds, peak = [seconds_to_parse(directory)], [], 0.0
    for _ in range(3 if count <= 1_000_000 else 1):  # single builds differed by a sixth
        bench.forget()
        building = bench.run((*at, "list", "--count"))
        builds.append(building.elapsed)
        peak = max(peak, building.memory)
        parses.append(seconds_to_parse(directory))
    parsed, built = statistics.median(parses), statistics.median(builds)
    note = f"{built:.1f} of {parsed:.2f} s"
    rows = [
        Row(f"{name}: first run, all JSONL", built / parsed, "x json", bars["build"], note),
        Row(f"{name}: first run, memory", peak, "MB", 300),
        Row(f"{name}: index", size(bench.folder / "cache"), "MB"),
    ]
    listing = (*at, "list", "-c", "TAM", "-k", "lung cancer", "-n", "20", "-o", "json")
    searching = (*at, "search", "gefitnib exosome macrophage", "-n", "20", "-o", "json")
    for what, command in (("list", listing), ("search", searching)):
        rows += bench.compare(f"{name}: {what}, limit 20, warm", command, bars[what], memory=memory)
    for words in VIEWS if "view" in bars else ():
        what = f"{name}: {' '.join(words)}"
        beside = ("list", listing)
        runs = max(5, bench.runs // 4)  # these are not near their bars
        rows += bench.compare(what, (*at, *words), bars["view"], beside=beside, runs=runs)
    bench.forget()
    shutil.rmtree(directory)
    return rows


def size(directory: Path) -> float:
    return sum(path.stat().st_size for path in directory.rglob("*") if path.is_file()) / 2**20


def check_rows(bench: Bench, evidence: Evidence) -> list[Row]:
    """`tdr check` against yamllint on 5,000 YAML claims; nothing without yamllint."""
    if not find_spec("yamllint"):
        print("(no row for check: yamllint is not installed)")
        return []
    directory = generate(evidence, bench.folder / "check", 5000, "yaml")
    linting = (sys.executable, "-m", "yamllint", "-d", "relaxed", str(directory))
    other = bench.run(("sh", "-c", '"$@"; true', "sh", *linting)).elapsed
    own = bench.run(("sh", "-c", '"$@"; true', "sh", *TDR, "check", str(directory))).elapsed
    return [Row("check on 5,000 YAML claims", own / other, "x lint", 0.15, f"{own:.1f} s")]


def import_rows(runs: int) -> list[Row]:
    """Real articles in JATS, where there are some beside the checkout: speed and memory."""
    here = Path(os.environ.get("TDR_JATS", ROOT.parent / "shared/jats"))
    files = {path.name: path.read_bytes() for path in sorted(here.glob("*ml"))}
    whole = {name: data for name, data in files.items() if is_article(data, name)}
    if not whole:
        return []
    read_all = min(seconds(lambda: [read_article(d, n) for n, d in whole.items()])
                   for _ in range(runs))  # fmt: skip
    size = sum(map(len, whole.values()))
    name, data = max(whole.items(), key=lambda item: len(item[1]))
    tracemalloc.start()
    read_article(data, name)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    speed = f"{size / 1e6 / read_all:.1f} MB/s, {len(whole)} articles"
    return [
        Row("import: 10 MB of JATS", read_all / size * 1e7, "s", 1, speed),
        Row("import: memory of the largest", peak / len(data), "x file", 10),
    ]


def is_article(data: bytes, name: str) -> bool:
    """Whether it is one that is not refused."""
    try:
        read_article(data, name)
    except TdrError:
        return False
    return True


def seconds(work: Callable[[], object]) -> float:
    """Of the processor, so that what else the machine does weighs less."""
    start = time.process_time()
    work()
    return time.process_time() - start


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--large", action="store_true", help="add a million claims, and check")
    parser.add_argument("--huge", action="store_true", help="ten million claims, and no more")
    parser.add_argument("--engines", action="store_true", help="tdr and others, and no more")
    parser.add_argument("--claims", type=int, default=1_000_000, help="of --engines (a million)")
    parser.add_argument("--runs", type=int, default=40, help="runs of each row (default 40)")
    chosen = parser.parse_args()
    print(f"T1: minimal program, Typer {version('typer')}, Python {sys.version.split()[0]}")
    print(f"{'':56}{'':>9} {'':6}{'bar':>6}")
    evidence = tdr.load(ROOT / "evidence", cache=False)
    with tempfile.TemporaryDirectory(prefix="tdr-bench-") as folder:
        clock = attrgetter("elapsed" if chosen.engines else "processor")
        bench = Bench(Path(folder), chosen.runs, clock)
        parts: list[Callable[[], list[Row]]] = [
            lambda: shipped_rows(bench),
            lambda: own_rows(bench, evidence),
            lambda: import_rows(5),
            lambda: bulk_rows(bench, evidence, 10_000, dict.fromkeys(("build", "list", "search"))),
            lambda: bulk_rows(
                bench, evidence, 100_000, {"build": None, "list": 1.3, "search": 1.7, "view": 3}
            ),
        ]
        if chosen.large:
            parts += [
                lambda: bulk_rows(
                    bench, evidence, 1_000_000, {"build": 6, "list": 1.6, "search": 3, "view": 5}
                ),
                lambda: check_rows(bench, evidence),
            ]
        if chosen.huge:
            bars = {"build": 6, "list": 3, "search": 15}
            parts = [lambda: bulk_rows(bench, evidence, 10_000_000, bars, memory=400)]
        if chosen.engines:
            from tests.bench_engines import engine_rows  # which needs all of this

            parts = [lambda: engine_rows(bench, evidence, chosen.claims)]
        for part in parts:
            for row in part():
                print(row, flush=True)


if __name__ == "__main__":
    main()
