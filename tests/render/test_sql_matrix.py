"""A matrix as SQL: what engines count is what `tdr matrix` counts."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tdr.ask.evidence import Evidence
from tdr.ask.views.axes import AXES, Axis, RollUp, axis, roll_up_by
from tdr.ask.views.matrix import matrix
from tdr.export import EXPORTS
from tdr.index import Index
from tdr.model.errors import TdrError
from tdr.model.filters import Criteria
from tdr.read.files import find_layout
from tdr.render.sql import DIALECTS
from tdr.render.sql_matrix import EVERYTHING, Shown, matrix_statement
from tests.conftest import Run
from tests.fuzz import examples
from tests.render.test_sql import criteria
from tests.small import two_sources

Counts = list[tuple[Any, ...]]
Asks = dict[str, Callable[[str], Counts]]
"""Dialect -> what runs a statement in it."""


def counted(
    evidence: Evidence,
    wanted: Criteria,
    down: Axis,
    across: Axis,
    roll_up: RollUp,
    shown: Shown = EVERYTHING,
) -> Counts:
    """What `tdr matrix` counts, as rows of a table."""
    selection = evidence.select(wanted)
    found = matrix(evidence, selection, down, across, roll_up=roll_up, unit=shown.unit)
    found = found.in_columns(shown.min_cols)
    if shown.top:
        found = found.top(shown.top)
    sides = down.sided or across.sided
    return sorted(
        (row.label, column.label, count.total, *((count.promotes, count.opposes) if sides else ()))
        for row, counts in zip(found.rows, found.counts, strict=True)
        for column, count in zip(found.columns, counts, strict=True)
        if count.total
    )


@contextmanager
def engines(evidence: Evidence, directory: Path) -> Iterator[Asks]:
    everything = evidence.select(Criteria())
    for kind, name in (("sqlite", "claims.db"), ("duckdb", "claims.duckdb")):
        EXPORTS[kind].load()(evidence, everything, directory / name)
    with (
        closing(sqlite3.connect(directory / "claims.db")) as lite,
        duckdb.connect(str(directory / "claims.duckdb"), read_only=True) as duck,
    ):
        yield {
            "sqlite": lambda text: lite.execute(text).fetchall(),
            "duckdb": lambda text: duck.execute(text).fetchall(),
        }


@pytest.fixture(scope="module")
def asks(evidence: Evidence, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asks]:
    with engines(evidence, tmp_path_factory.mktemp("engines")) as both:
        yield both


def statement(
    evidence: Evidence,
    wanted: Criteria,
    dialect: str,
    axes: tuple[Axis, Axis],
    roll_up: RollUp,
    shown: Shown = EVERYTHING,
) -> str:
    meant = evidence.conditions(wanted)
    engine = DIALECTS[dialect]
    return matrix_statement(evidence, meant, engine, *axes, roll_up=roll_up, shown=shown)


SHOWN = st.builds(
    Shown,
    st.sampled_from(["claims", "claims", "references", "works"]),
    st.integers(0, 3),
    st.none() | st.integers(1, 4),
)


@pytest.mark.hypothesis  # `make fuzz` takes what carries it
def test_engines_count_what_the_matrix_counts(evidence: Evidence, asks: Asks) -> None:
    fields = st.sampled_from(list(AXES.values()))

    @settings(max_examples=examples(1), suppress_health_check=[HealthCheck.too_slow])
    @given(st.data())
    def compare(data: st.DataObject) -> None:
        wanted = data.draw(criteria(evidence))
        axes = data.draw(st.tuples(fields, fields).filter(lambda pair: pair[0] != pair[1]))
        level = data.draw(st.sampled_from([None, ["0"], ["1"]]))
        shown = data.draw(SHOWN)
        roll_up = roll_up_by(evidence, axes, level, None)
        try:
            expected = counted(evidence, wanted, *axes, roll_up, shown)
        except TdrError:
            return
        for dialect, ask in asks.items():
            found = ask(statement(evidence, wanted, dialect, axes, roll_up, shown))
            assert sorted(found) == expected

    compare()


@pytest.mark.parametrize(
    ("rows", "cols", "under", "within"),
    [
        ("cell", "therapy", "TAM", None),
        ("molecule", "cell", None, "cytokine"),
        ("member", "therapy", None, None),
        ("primary", "source", None, None),
    ],
)
def test_terms_that_are_taken_together_are_counted_once(
    evidence: Evidence, asks: Asks, rows: str, cols: str, under: str | None, within: str | None
) -> None:
    axes = (axis(rows), axis(cols))
    given = ([under] if under else None, [within] if within else None)
    roll_up = roll_up_by(evidence, axes, None, *given)
    expected = counted(evidence, Criteria(), *axes, roll_up)
    assert expected
    for dialect, ask in asks.items():
        assert sorted(ask(statement(evidence, Criteria(), dialect, axes, roll_up))) == expected


def test_sources_are_counted_apart(tmp_path: Path) -> None:
    layout = find_layout(two_sources(tmp_path / "two"), "x")
    evidence = Evidence(Index.temporary(layout, ""))
    axes = (axis("cell"), axis("source"))
    with engines(evidence, tmp_path) as both:
        for dialect, ask in both.items():
            assert ask(
                statement(evidence, Criteria.of(ref="acar2016:1"), dialect, axes, RollUp())
            ) == [("tumor-associated macrophage", "acar2016", 1, 1, 0)]
            for unit in ("references", "works"):
                shown = Shown(unit)
                expected = counted(evidence, Criteria(), *axes, RollUp(), shown)
                text = statement(evidence, Criteria(), dialect, axes, RollUp(), shown)
                assert sorted(ask(text)) == expected


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_parser_of_the_dialect_reads_the_statement(evidence: Evidence, dialect: str) -> None:
    sqlglot = pytest.importorskip("sqlglot")
    axes = (axis("cell"), axis("cancer"))
    roll_up = roll_up_by(evidence, axes, ["0"], None)
    (tree,) = sqlglot.parse(
        statement(evidence, Criteria.of(cell="TAM"), dialect, axes, roll_up), dialect=dialect
    )
    assert [one.alias_or_name for one in tree.selects][2:] == ["claims", "promotes", "opposes"]
    read = (
        axis("primary"),
        axis("flag"),
    )  # called as `tdr matrix` calls them; one is a word of SQL
    (tree_of_read,) = sqlglot.parse(
        statement(evidence, Criteria(), dialect, read, RollUp()), dialect=dialect
    )
    assert [one.alias_or_name for one in tree_of_read.selects] == ["primary", "flag", "claims"]
    shown = statement(evidence, Criteria(), dialect, axes, roll_up, Shown("works", 2, 5))
    assert len(sqlglot.parse(shown, dialect=dialect)) == 1
    assert {table.name for table in tree.find_all(sqlglot.exp.Table)} >= {"claims", "grouped"}


def test_the_command_prints_one_statement(run: Callable[..., Run]) -> None:
    done = run("matrix", "--rows", "effect", "--cols", "therapy", "-c", "iCAF", "--sql", "duckdb")
    assert done.exit == 0
    assert done.out == (
        "WITH grouped AS (\n"
        "  SELECT min(n) AS g, count(*) AS size, effect, therapy\n"
        "  FROM claims\n"
        "  WHERE (list_has_any(promotes, ['inflammatory cancer-associated fibroblast'])\n"
        "    OR list_has_any(opposes, ['inflammatory cancer-associated fibroblast']))\n"
        "  GROUP BY effect, therapy\n"
        ")\n"
        ", down AS (\n"
        "  SELECT named.g, named.label AS label\n"
        "  FROM (\n"
        "    SELECT g, effect AS label FROM grouped WHERE effect IS NOT NULL\n"
        "  ) AS named\n"
        "  GROUP BY named.g, named.label\n"
        ")\n"
        ", across AS (\n"
        "  SELECT named.g, named.label AS label\n"
        "  FROM (\n"
        "    SELECT g, therapy AS label FROM grouped WHERE therapy IS NOT NULL\n"
        "  ) AS named\n"
        "  GROUP BY named.g, named.label\n"
        ")\n"
        "SELECT down.label AS effect, across.label AS therapy,\n"
        "  sum(size) AS claims\n"
        "FROM grouped JOIN down ON down.g = grouped.g JOIN across ON across.g = grouped.g\n"
        "GROUP BY down.label, across.label\n"
        "ORDER BY down.label, across.label\n"
    )
    assert done.err.startswith("iCAF: inflammatory cancer-associated fibroblast")


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (["--gaps"], "compares with chance"),
        (["--wide"], "pivot what the engine answers"),
        (["-n", "0"], "--limit is about counts"),
        (["--sort", "cell"], "--sort is about counts"),
        (["--count"], "--count is about counts"),
        (["-o", "json"], "--output is about counts"),
        (["--svg", "x.svg"], "--sql draws no picture"),
        (["--slide"], "--slide is about a picture; add --svg FILE to make one"),
    ],
)
def test_what_a_statement_cannot_say_is_refused(
    run: Callable[..., Run], argv: list[str], said: str
) -> None:
    done = run("matrix", "--sql", "duckdb", *argv)
    assert (done.exit, done.out) == (2, "")
    assert said in done.err
