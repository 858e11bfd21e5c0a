"""A selection as SQL: the text in eight dialects, and what engines select with it."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tdr.ask.conditions import Condition, Conditions
from tdr.ask.query import Evidence
from tdr.index import Index
from tdr.model.errors import TdrError
from tdr.model.filters import FILTERS, YES, Criteria, Filter
from tdr.model.table import COLUMNS, row
from tdr.model.values import Claim
from tdr.read.files import find_layout
from tdr.render.sql import COUNT, DIALECTS, condition_alone, statement
from tests.conftest import Run
from tests.fuzz import examples
from tests.small import small_evidence

NAMES = ("n", *(column.name for column in COLUMNS))
GOLDEN = Path(__file__).parent.parent / "golden" / "sql"

QUOTES = Conditions(
    (
        Condition((("promotes", ("TAM", "5'-AMP cell")), ("opposes", ("TAM", "5'-AMP cell")))),
        Condition((("therapy", ("radio", "chemo")),)),
        Condition((("ref", ("51", "52")),)),
        Condition((("countered_by", ("back\\slash",)),), negated=True),
        Condition((("noted", (YES,)),)),
    )
)


@pytest.mark.parametrize("name", DIALECTS)
def test_each_dialect_has_its_quotes_lists_and_overlap(name: str) -> None:
    text = statement(QUOTES, DIALECTS[name], limit=20, data_version="1.0.0")
    assert text == (GOLDEN / f"{name}.sql").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", DIALECTS)
def test_a_parser_of_the_dialect_reads_exactly_the_labels_that_were_meant(name: str) -> None:
    sqlglot = pytest.importorskip("sqlglot")
    text = statement(QUOTES, DIALECTS[name], limit=20)
    (tree,) = sqlglot.parse(text, dialect=name)
    texts = {node.this for node in tree.find_all(sqlglot.exp.Literal) if node.is_string}
    assert texts == {"TAM", "5'-AMP cell", "radio", "chemo", "back\\slash", ""}
    numbers = {node.this for node in tree.find_all(sqlglot.exp.Literal) if not node.is_string}
    assert numbers - {"1"} == {"51", "52", "20"}  # EXISTS (SELECT 1 ...)


def test_no_condition_is_no_where_and_no_label_is_never() -> None:
    duckdb = DIALECTS["duckdb"]
    assert statement(Conditions(()), duckdb) == "SELECT *\nFROM claims\nORDER BY n\n"
    assert statement(Conditions(()), duckdb, columns=COUNT) == "SELECT count(*)\nFROM claims\n"
    assert condition_alone(Conditions(()), duckdb) == "1 = 1\n"
    assert condition_alone(Conditions((Condition(()),)), duckdb) == "1 = 0\n"
    assert condition_alone(Conditions((Condition((), negated=True),)), duckdb) == "NOT (1 = 0)\n"


def test_the_command_prints_one_statement_and_says_what_was_understood(
    run: Callable[..., Run],
) -> None:
    done = run("sql", "-c", "iCAF", "-t", "RT", "--columns", "id,refs", "--table", "lake.claims")
    assert done.exit == 0
    assert done.out == (
        "SELECT id, refs\nFROM lake.claims\n"
        "WHERE therapy IN ('radio')\n"
        "  AND (list_has_any(promotes, ['inflammatory cancer-associated fibroblast'])\n"
        "    OR list_has_any(opposes, ['inflammatory cancer-associated fibroblast']))\n"
        "ORDER BY n\n"
    )
    assert done.err.startswith("iCAF: inflammatory cancer-associated fibroblast")


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (("--dialect", "oracle"), "unknown dialect `oracle`; one of duckdb, spark"),
        (("--columns", "id,at"), "unknown column `at` (columns: n, id, therapy"),
        (("--table", "claims; DROP TABLE claims"), "is not the name of a table"),
        (("-c", "xyzzy"), "unknown cell `xyzzy`"),
    ],
)
def test_what_cannot_be_printed_is_refused(
    run: Callable[..., Run], argv: tuple[str, ...], said: str
) -> None:
    done = run("sql", *argv)
    assert (done.exit, done.out) == (2, "")
    assert said in done.err


# --- the same selection in an engine ---------------------------------------------------------


Ask = Callable[[str], list[str]]


def in_sqlite(claims: Iterable[Claim]) -> Ask:
    """Runs a statement in SQLite over these claims, lists as JSON."""
    connection = sqlite3.connect(":memory:")
    connection.execute(f"CREATE TABLE claims ({', '.join(NAMES)})")
    for number, claim in reversed(list(enumerate(claims))):
        values = row(number, claim).values()
        connection.execute(
            f"INSERT INTO claims VALUES ({', '.join('?' * len(NAMES))})",
            [json.dumps(value) if isinstance(value, list) else value for value in values],
        )
    return lambda text: [identifier for (identifier,) in connection.execute(text)]


def in_duckdb(claims: Iterable[Claim]) -> Ask:
    """Runs a statement in DuckDB over these claims."""
    connection = pytest.importorskip("duckdb").connect()
    types = {"text": "VARCHAR", "number": "BIGINT", "flag": "BOOLEAN"}
    columns = [f"{one.name} {types[one.type]}{'[]' * one.is_list}" for one in COLUMNS]
    connection.execute(f"CREATE TABLE claims (n BIGINT, {', '.join(columns)})")
    connection.executemany(
        f"INSERT INTO claims VALUES ({', '.join('?' * len(NAMES))})",
        [list(row(number, claim).values()) for number, claim in enumerate(claims)],
    )
    return lambda text: [identifier for (identifier,) in connection.execute(text).fetchall()]


ENGINES = {"sqlite": in_sqlite, "duckdb": in_duckdb}


CLAIM = {
    "id": "che-001",
    "promotes": ["tumor-associated macrophage"],
    "effect": "resistance",
    "mechanism": "Macrophages resist.",
    "steps": [
        {"from": "tumor-associated macrophage", "does": "secretes", "to": "CCL5"},
        {"from": "CCL5", "does": "increases", "to": "resistance", "in": "CD8+ T cell"},
    ],
    "hedged": True,
    "refs": [1],
    "at": {"section": "chemo/immune", "paragraph": 1},
    "flags": ["broader", "inferred"],
    "note": "It is.",
    "primary": [{"ref": 1, "agrees": "partly", "differs": ["cell", "scope"]}],
}
PLAIN = {
    **{name: value for name, value in CLAIM.items() if name not in ("steps", "primary", "flags")},
    "id": "che-002",
    "hedged": False,
    "note": None,
}
SURER = [
    (Criteria.of(standing="Qualified"), ["che-001"]),
    (Criteria.of(standing="unchecked"), ["che-002"]),
    (Criteria.of(standing=["qualified", "unchecked"], hedged=True), ["che-001"]),
    (Criteria.of(exclude={"hedged": True}), ["che-002"]),
    (Criteria.of(flag="broader", also={"flag": "inferred"}), ["che-001"]),
    (Criteria.of(primary="partly", differs=["topic", "scope"]), ["che-001"]),
    (Criteria.of(primary="yes"), []),
    (Criteria.of(about="CCL5"), ["che-001"]),
    (Criteria.of(about="CD8+ T cell"), ["che-001"]),
    (Criteria.of(about="TAM"), ["che-001", "che-002"]),
]


@pytest.fixture
def surer(tmp_path: Path) -> Evidence:
    """Two claims, one with steps, flags and a cited paper that was compared."""
    directory = small_evidence(tmp_path / "evidence")
    (directory / "chemo.yaml").unlink()
    lines = "".join(json.dumps(claim) + "\n" for claim in (CLAIM, PLAIN))
    (directory / "chemo.jsonl").write_text(lines, encoding="utf-8")
    return Evidence(Index.temporary(find_layout(directory, "x"), ""))


def spelled(form: str) -> st.SearchStrategy[str]:
    """A form of a name in some other notation."""
    return st.sampled_from((form, form.upper(), form.lower(), form.replace("-", " "), f" {form} "))


def values_of(evidence: Evidence, entry: Filter) -> st.SearchStrategy[str]:
    """Values of a filter that are known, as people write them."""
    if entry.kind:
        terms = evidence.vocabulary.terms(entry.kind).values()
        return st.sampled_from([form for term in terms for form in term.forms]).flatmap(spelled)
    if entry.meaning == "section":
        return st.sampled_from(evidence.source.sections)
    if entry.meaning == "phrase":
        return st.sampled_from(list(evidence.index.values("countered_by")))
    if entry.meaning == "flag":
        return st.just(YES)
    if entry.words:
        return st.sampled_from(entry.words).flatmap(spelled)
    return st.builds("{}-{}".format, st.integers(1, 80), st.integers(80, 166))


@st.composite
def criteria(draw: st.DrawFn, evidence: Evidence) -> Criteria:
    pairs = st.sampled_from(list(FILTERS.values())).flatmap(
        lambda entry: st.tuples(st.just(entry.name), values_of(evidence, entry))
    )
    wanted = draw(st.lists(pairs, max_size=3))
    exclude = draw(st.lists(pairs, max_size=2))
    return Criteria(tuple(wanted), tuple(exclude), exact=draw(st.booleans()))


@pytest.mark.parametrize("engine", ENGINES)
def test_an_engine_selects_the_same_claims_in_the_same_order(
    evidence: Evidence, engine: str
) -> None:
    ask = ENGINES[engine](evidence.claims)
    dialect = DIALECTS[engine]

    @settings(max_examples=examples(3), suppress_health_check=[HealthCheck.too_slow])
    @given(st.data())
    def compare(data: st.DataObject) -> None:
        wanted = data.draw(criteria(evidence))
        try:
            selection = evidence.select(wanted)
        except TdrError:
            return  # two terms may share a form; that a value is refused is tested elsewhere
        conditions = evidence.conditions(wanted)
        listed = [claim.id for claim in evidence.selected(selection)]
        assert ask(statement(conditions, dialect, columns=("id",))) == listed
        assert ask(statement(conditions, dialect, columns=COUNT)) == [len(listed)]

    compare()


@pytest.mark.parametrize("engine", ENGINES)
def test_steps_doubts_and_cited_papers_select_the_same_claims_in_an_engine(
    surer: Evidence, engine: str
) -> None:
    ask = ENGINES[engine](surer.claims)
    for criteria, listed in SURER:
        conditions = surer.conditions(criteria)
        assert [claim.id for claim in surer.selected(surer.select(criteria))] == listed, criteria
        assert ask(statement(conditions, DIALECTS[engine], columns=("id",))) == listed, criteria


@settings(max_examples=examples(3))
@given(st.text(st.characters(exclude_characters="\0", codec="utf-8")))
def test_any_text_comes_back_from_its_literal(value: str) -> None:
    (found,) = sqlite3.connect(":memory:").execute(f"SELECT {DIALECTS['sqlite'].text(value)}")
    assert found == (value,)
    duckdb = pytest.importorskip("duckdb")
    assert duckdb.execute(f"SELECT {DIALECTS['duckdb'].text(value)}").fetchall() == [(value,)]
