"""A matrix as SQL: what engines count is what `tdr matrix` counts."""

from __future__ import annotations

import csv
import io
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import astuple
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
import pytest
from hypothesis import HealthCheck, given, reject, settings
from hypothesis import strategies as st

from tdr import load
from tdr.ask.evidence import Evidence
from tdr.ask.views.axes import AXES, Axis, RollUp, axis, roll_up_by
from tdr.ask.views.matrix import Matrix, gaps, matrix
from tdr.export import EXPORTS
from tdr.index import Index
from tdr.model.errors import TdrError
from tdr.model.filters import Criteria
from tdr.read.files import find_layout
from tdr.render.crosstab import crosstab
from tdr.render.sql import DIALECTS, Dialect
from tdr.render.sql_matrix import (
    DEFAULT_OPTIONS,
    MatrixOptions,
    MatrixQuery,
    gaps_statement,
    matrix_statement,
    union_all,
    wide_statement,
)
from tests.conftest import Run
from tests.fuzz import examples
from tests.render.test_sql import criteria
from tests.small import two_sources

Counts = list[tuple[Any, ...]]
Asks = dict[str, Callable[[str], Any]]
"""Dialect -> what runs a statement in it and gives a cursor."""


def matrix_of(
    evidence: Evidence,
    wanted: Criteria,
    axes: tuple[Axis, Axis],
    roll_up: RollUp,
    options: MatrixOptions,
) -> Matrix:
    selection = evidence.select(wanted)
    found = matrix(evidence, selection, *axes, roll_up=roll_up, unit=options.unit)
    found = found.in_columns(options.min_cols)
    return found.top(options.top) if options.top else found


def counted(
    evidence: Evidence,
    wanted: Criteria,
    down: Axis,
    across: Axis,
    roll_up: RollUp,
    options: MatrixOptions = DEFAULT_OPTIONS,
) -> Counts:
    """What `tdr matrix` counts, as rows of a table."""
    found = matrix_of(evidence, wanted, (down, across), roll_up, options)
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
        yield {"sqlite": lite.execute, "duckdb": duck.execute}


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
    options: MatrixOptions = DEFAULT_OPTIONS,
) -> str:
    meant = evidence.conditions(wanted)
    engine = DIALECTS[dialect]
    return matrix_statement(MatrixQuery(evidence, meant, engine, *axes, roll_up, options))


OPTIONS = st.builds(
    MatrixOptions,
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
        options = data.draw(OPTIONS)
        roll_up = roll_up_by(evidence, axes, level, None)
        try:
            expected = counted(evidence, wanted, *axes, roll_up, options)
        except TdrError:
            return
        for dialect, ask in asks.items():
            found = ask(statement(evidence, wanted, dialect, axes, roll_up, options))
            assert sorted(found.fetchall()) == expected

    compare()


class Asked(NamedTuple):
    """What writes a statement in a dialect, and what an engine is to answer."""

    write: Callable[[Dialect], str]
    heads: list[str]
    rows: list[tuple[Any, ...]]


@st.composite
def wide_or_gaps(draw: st.DrawFn, evidence: Evidence) -> Asked:
    """A matrix with a column for each term, or the gaps of one."""
    wanted = draw(criteria(evidence))
    fields = st.sampled_from(list(AXES.values()))
    axes = draw(st.tuples(fields, fields).filter(lambda pair: pair[0] != pair[1]))
    level = draw(st.sampled_from([{}, {one.name: 0 for one in axes if one.kind}]))
    within = draw(st.sampled_from([(), (("molecules", "cytokine"),)]))
    roll_up = RollUp(level, (), within)
    options = draw(OPTIONS)
    try:
        meant, selection = evidence.conditions(wanted), evidence.select(wanted)
    except TdrError:
        reject()
    if draw(st.booleans()):
        heads = [axes[0].name, axes[1].name, "claims", "claim", "expected"]
        rows = [astuple(gap) for gap in gaps(evidence, selection, *axes, roll_up=roll_up)]
        return Asked(
            lambda dialect: gaps_statement(MatrixQuery(evidence, meant, dialect, *axes, roll_up)),
            heads,
            rows,
        )
    found = matrix_of(evidence, wanted, axes, roll_up, options)
    listing = crosstab(evidence, found)
    return Asked(
        lambda dialect: wide_statement(
            MatrixQuery(evidence, meant, dialect, *axes, roll_up, options), found
        ),
        [*listing.columns],
        [tuple(record.values()) for record in listing.records],
    )


@pytest.mark.hypothesis
def test_engines_answer_with_the_columns_and_rows_of_a_wide_matrix_and_of_its_gaps(
    evidence: Evidence, asks: Asks
) -> None:
    @settings(max_examples=examples(1), suppress_health_check=[HealthCheck.too_slow])
    @given(wide_or_gaps(evidence))
    def compare(asked: Asked) -> None:
        for dialect, ask in asks.items():
            answer = ask(asked.write(DIALECTS[dialect]))
            assert [head for head, *_ in answer.description] == asked.heads
            assert answer.fetchall() == asked.rows

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
        found = ask(statement(evidence, Criteria(), dialect, axes, roll_up))
        assert sorted(found.fetchall()) == expected


def test_sources_are_counted_apart(tmp_path: Path) -> None:
    layout = find_layout(two_sources(tmp_path / "two"), "x")
    evidence = Evidence(Index.temporary(layout, ""))
    axes = (axis("cell"), axis("source"))
    with engines(evidence, tmp_path) as both:
        for dialect, ask in both.items():
            assert ask(
                statement(evidence, Criteria.of(ref="acar2016:1"), dialect, axes, RollUp())
            ).fetchall() == [("tumor-associated macrophage", "acar2016", 1, 1, 0)]
            for unit in ("references", "works"):
                options = MatrixOptions(unit)
                expected = counted(evidence, Criteria(), *axes, RollUp(), options)
                text = statement(evidence, Criteria(), dialect, axes, RollUp(), options)
                assert sorted(ask(text).fetchall()) == expected


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_parser_of_the_dialect_reads_the_statement(three_claims: Path, dialect: str) -> None:
    sqlglot = pytest.importorskip("sqlglot")
    evidence = load(three_claims)  # of few terms: every one is a line of the statement
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
    shown = statement(evidence, Criteria(), dialect, axes, roll_up, MatrixOptions("works", 1, 5))
    assert len(sqlglot.parse(shown, dialect=dialect)) == 1
    meant, works = evidence.conditions(Criteria.of(cell="TAM")), MatrixOptions("works", 1, 5)
    query = MatrixQuery(evidence, meant, DIALECTS[dialect], *axes, roll_up, works)
    (tree_of_gaps,) = sqlglot.parse(gaps_statement(query), dialect=dialect)
    assert tree_of_gaps.named_selects == ["cell", "cancer", "claims", "claim", "expected"]
    found = matrix_of(evidence, Criteria.of(cell="TAM"), axes, roll_up, works)
    (tree_of_wide,) = sqlglot.parse(wide_statement(query, found), dialect=dialect)
    assert tree_of_wide.named_selects == [*crosstab(evidence, found).columns]
    assert {table.name for table in tree.find_all(sqlglot.exp.Table)} >= {"claims", "grouped"}


@pytest.mark.parametrize("asked", ["--wide", "--gaps"])
def test_an_engine_answers_what_the_command_shows(
    run: Callable[..., Run], asks: Asks, asked: str
) -> None:
    table = [*csv.reader(io.StringIO(run("matrix", asked, "-o", "csv").out))]
    done = run("matrix", asked, "--sql", "duckdb")
    answer = asks["duckdb"](done.out)
    assert (done.exit, [head for head, *_ in answer.description]) == (0, table[0])
    assert [row[:2] for row in answer.fetchall()] == [
        (row, int(column) if asked == "--wide" else column) for row, column, *_ in table[1:]
    ]


def test_any_text_may_be_the_name_of_a_column() -> None:
    name = "5'-\"a`\\b"
    with closing(sqlite3.connect(":memory:")) as lite:
        answer = lite.execute(f"SELECT 1 AS {DIALECTS['sqlite'].quoted(name)}")
        assert answer.description[0][0] == name
    assert DIALECTS["spark"].quoted(name) == "`5'-\"a``\\b`"
    assert DIALECTS["bigquery"].quoted(name) == "`5'-\"a\\`\\\\b`"
    assert DIALECTS["clickhouse"].quoted(name) == '"5\'-\\"a`\\\\b"'


def test_the_command_prints_one_statement(run: Callable[..., Run]) -> None:
    done = run("matrix", "--rows", "effect", "--cols", "therapy", "-c", "iCAF", "--sql", "duckdb")
    assert done.exit == 0
    assert done.out == (
        "-- in order of labels; `tdr matrix` has the largest first, and counts what is contested\n"
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
        (["--rows", "therapy"], "rows and columns are both `therapy`"),
        (["-n", "0"], "`--limit` does nothing with --sql"),
        (["--sort", "cell"], "`--sort` does nothing with --sql"),
        (["--count"], "`--count` does nothing with --sql"),
        (["-o", "json"], "`-o json` does nothing with --sql"),
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


def test_more_labels_than_an_engine_takes_at_once_are_all_there() -> None:
    with closing(sqlite3.connect(":memory:")) as lite:
        rows = "\n".join(union_all([f"SELECT {n} AS number" for n in range(1001)]))
        assert lite.execute(f"SELECT count(DISTINCT number) FROM ({rows})").fetchall() == [(1001,)]
