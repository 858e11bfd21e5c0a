"""A selection as SQL: the text in eight dialects, and what engines select with it."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tdr.ask.conditions import Condition, Conditions
from tdr.ask.evidence import Evidence
from tdr.cli.boundary import Streams
from tdr.export import EXPORTS
from tdr.index import Index
from tdr.model.errors import TdrError
from tdr.model.fields import FIELDS
from tdr.model.filters import FILTERS, YES, Criteria, Filter
from tdr.read.files import find_layout
from tdr.render.sql import COUNT, DIALECTS, statement, where_expression
from tests.conftest import Run
from tests.fuzz import examples
from tests.small import small_evidence, two_sources
from tests.stepped import QUALIFIED

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
    assert where_expression(Conditions(()), duckdb) == "1 = 1\n"
    assert where_expression(Conditions((Condition(()),)), duckdb) == "1 = 0\n"
    assert where_expression(Conditions((Condition((), negated=True),)), duckdb) == "NOT (1 = 0)\n"


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
        (("--columns", "id,at"), "unknown column `at`; one of n, id, therapy"),
        (("--table", "claims; DROP TABLE claims"), "is not the name of a table"),
        (("--table", "-5"), "is not the name of a table"),
        (("--table", '"x'), "is not the name of a table"),
        (("--table", '"x\'"y"'), "is not the name of a table"),
        (("-c", "xyzzy"), "unknown cell `xyzzy`"),
    ],
)
def test_what_cannot_be_printed_is_refused(
    run: Callable[..., Run], argv: tuple[str, ...], said: str
) -> None:
    done = run("sql", *argv)
    assert (done.exit, done.out) == (2, "")
    assert said in done.err


@pytest.mark.parametrize("name", ['"my claims"', "lake.`a'b`", '"a""b"'])
def test_a_table_may_have_a_quoted_name(run: Callable[..., Run], name: str) -> None:
    assert run("sql", "--table", name).out == f"SELECT *\nFROM {name}\nORDER BY n\n"


@pytest.mark.parametrize(("terminal", "shown"), [(True, "'\\x1b[2J'\n"), (False, "'\x1b[2J'\n")])
def test_a_terminal_is_shown_what_it_would_obey(
    monkeypatch: pytest.MonkeyPatch,
    capfdbinary: pytest.CaptureFixture[bytes],
    terminal: bool,
    shown: str,
) -> None:
    monkeypatch.setattr("tdr.cli.boundary.Streams.is_terminal", lambda *_: terminal)
    Streams().write_code("'\x1b[2J'\n")
    assert capfdbinary.readouterr().out == shown.encode()


# --- the same selection in an engine ---------------------------------------------------------


Ask = Callable[[str], list[str]]

ENGINES = {"sqlite": "sqlite", "duckdb": "duckdb", "parquet": "duckdb"}
"""What `tdr export` writes -> the dialect of the engine that reads it."""


@contextmanager
def exported(kind: str, evidence: Evidence, directory: Path) -> Iterator[Ask]:
    """Runs a statement in an engine over what `tdr export` writes for it."""
    path = directory if kind == "parquet" else directory / kind
    EXPORTS[kind].load()(evidence, evidence.select(Criteria()), path)
    connection: Any
    if kind == "sqlite":
        connection = sqlite3.connect(path)
    elif kind == "duckdb":
        connection = duckdb.connect(str(path), read_only=True)
    else:
        connection = duckdb.connect()
        connection.execute(f"CREATE VIEW claims AS FROM '{path}/claims.parquet'")
    with closing(connection):
        yield lambda text: [identifier for (identifier,) in connection.execute(text).fetchall()]


PLAIN = {
    **{
        name: value
        for name, value in QUALIFIED.items()
        if name not in ("steps", "primary", "flags", "verified")
    },
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
    lines = "".join(json.dumps(claim) + "\n" for claim in (QUALIFIED, PLAIN))
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
    known = {
        "section": evidence.source.sections,
        "source": tuple(evidence.sources),
        "phrase": tuple(evidence.index.values("countered_by")),
        "flag": (YES,),
    }
    if entry.meaning in known:
        return st.sampled_from(known[entry.meaning])
    if entry.words:
        return st.sampled_from(entry.words).flatmap(spelled)
    numbers = st.builds("{}-{}".format, st.integers(1, 80), st.integers(80, 166))
    keys = st.sampled_from(list(evidence.sources))
    return (
        numbers | st.builds("{}:{}".format, keys, numbers)
        if entry.meaning == "reference"
        else numbers
    )


@st.composite
def criteria(draw: st.DrawFn, evidence: Evidence) -> Criteria:
    pairs = st.sampled_from(list(FILTERS.values())).flatmap(
        lambda entry: st.tuples(st.just(entry.name), values_of(evidence, entry))
    )
    wanted = draw(st.lists(pairs, max_size=3))
    exclude = draw(st.lists(pairs, max_size=2))
    return Criteria(tuple(wanted), tuple(exclude), exact=draw(st.booleans()))


@pytest.mark.hypothesis  # `make fuzz` takes what carries it
@pytest.mark.parametrize("kind", ENGINES)
def test_an_engine_selects_the_same_claims_in_the_same_order(
    evidence: Evidence, kind: str, tmp_path: Path
) -> None:
    dialect = DIALECTS[ENGINES[kind]]

    @settings(max_examples=examples(0.6), suppress_health_check=[HealthCheck.too_slow])
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

    with exported(kind, evidence, tmp_path) as ask:
        compare()


@pytest.mark.parametrize("kind", ENGINES)
def test_steps_doubts_and_cited_papers_select_the_same_claims_in_an_engine(
    surer: Evidence, kind: str, tmp_path: Path
) -> None:
    with exported(kind, surer, tmp_path) as ask:
        for criteria, listed in SURER:
            conditions = surer.conditions(criteria)
            assert [claim.id for claim in surer.selected(surer.select(criteria))] == listed
            assert ask(statement(conditions, DIALECTS[ENGINES[kind]], columns=("id",))) == listed


@pytest.mark.parametrize("kind", ENGINES)
def test_every_field_by_which_claims_are_found_has_a_column(
    surer: Evidence, kind: str, tmp_path: Path
) -> None:
    """So that a new filter needs no more for SQL than its entry."""
    facets = {one.facet for field in FIELDS for one in (field, *field.fields) if one.facet}
    names = {"refs": "ref", "place": "section"}  # what filters look in for these
    with exported(kind, surer, tmp_path) as ask:
        for facet in sorted(names.get(facet, facet) for facet in facets):
            for label, bits in surer.index.claims_by_value(facet).items():
                meant = Conditions((Condition(((facet, (label,)),)),))
                text = statement(meant, DIALECTS[ENGINES[kind]], columns=("id",))
                assert ask(text) == [claim.id for claim in surer.index.claims(bits)]


OF_TWO = [
    (Criteria.of(ref="1"), ["che-001"]),
    (Criteria.of(ref="acar2016:1"), ["acar2016-che-001"]),
    (Criteria.of(ref=["2", "acar2016:1"]), ["che-002", "acar2016-che-001"]),
    (Criteria.of(exclude={"ref": "1"}), ["che-002", "acar2016-che-001"]),
    (Criteria.of(source="acar2016"), ["acar2016-che-001"]),
    (Criteria.of(year="2015"), ["acar2016-che-001"]),
]


@pytest.mark.parametrize("kind", ["sqlite", "duckdb"])
def test_a_number_selects_the_claims_of_its_own_source_in_an_engine(
    tmp_path: Path, kind: str
) -> None:
    layout = find_layout(two_sources(tmp_path / "two"), "x")
    evidence = Evidence(Index.temporary(layout, ""))
    with exported(kind, evidence, tmp_path) as ask:
        for criteria, listed in OF_TWO:
            conditions = evidence.conditions(criteria)
            assert [claim.id for claim in evidence.selected(evidence.select(criteria))] == listed
            assert ask(statement(conditions, DIALECTS[ENGINES[kind]], columns=("id",))) == listed


@settings(max_examples=examples(3))
@given(st.text(st.characters(exclude_characters="\0", codec="utf-8")))
def test_any_text_comes_back_from_its_literal(value: str) -> None:
    """Hazard 74."""
    with closing(sqlite3.connect(":memory:")) as lite:
        (found,) = lite.execute(f"SELECT {DIALECTS['sqlite'].text(value)}")
    assert found == (value,)
    assert duckdb.execute(f"SELECT {DIALECTS['duckdb'].text(value)}").fetchall() == [(value,)]
