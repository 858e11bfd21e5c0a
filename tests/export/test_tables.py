"""The claims as tables in databases and data sets: what is in them, and that they read back."""

from __future__ import annotations

import csv
import json
import sqlite3
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tdr
from tdr.ask.evidence import Evidence
from tdr.export import EXPORTS
from tdr.export.tables import TABLES, VIEWS, Table
from tdr.model.errors import TdrError
from tdr.model.fields import IN_RECORD
from tdr.model.filters import Criteria
from tests.conftest import Run
from tests.fuzz import PRINTABLE, examples
from tests.stepped import CELL, TAM, stepped_evidence

Rows = list[tuple[Any, ...]]
BY_NAME = {table.name: table for table in TABLES}


def exported(evidence: Evidence, name: str, path: Path, **filters: str) -> Path:
    EXPORTS[name].load()(evidence, evidence.select(Criteria.of(**filters)), path)
    return path


@cache
def rows_of(name: str, evidence: Evidence) -> Rows:
    return list(BY_NAME[name].rows(evidence, evidence.select(Criteria())))


def expected(table: Table, evidence: Evidence) -> Rows:
    rows = rows_of(table.name, evidence)
    places = [[c.name for c in table.columns].index(name) for name in table.order]
    return sorted(rows, key=lambda row: [row[place] for place in places]) if places else rows


# --- what is in them -----------------------------------------------------------------------


def test_a_claim_is_a_row_with_lists_and_its_items_are_rows(stepped: Evidence) -> None:
    names = [column.name for column in BY_NAME["claims"].columns]
    first = dict(zip(names, rows_of("claims", stepped)[0], strict=True))
    assert (first["n"], first["id"], first["promotes"]) == (0, "che-001", [TAM])
    assert (first["section"], first["paragraph"]) == ("chemo/immune", 1)
    assert [first[f"verified_{part}"] for part in ("by", "date", "ref")] == [
        "Doe J", "2026-01-02", 1,
    ]  # fmt: skip
    items = rows_of("claim_terms", stepped)
    assert (0, "che-001", "promotes", TAM) in items
    assert (0, "che-001", "step_to", "resistance") in items
    references = rows_of("claim_refs", stepped)
    assert references[:2] == [(0, "che-001", "main", 1), (0, "che-001", "main", 2)]


def test_every_field_of_a_claim_is_in_the_tables() -> None:
    """A record has a column for each of its parts; lists of records have tables of their own."""
    columns = {column.name for column in BY_NAME["claims"].columns}
    for field in IN_RECORD:
        parts = {"at": "section paragraph", "verified": "verified_by verified_date verified_ref"}
        if field.type == "records":
            assert {"steps": "steps", "primary": "comparisons"}[field.name] in BY_NAME
        elif field.type == "record":
            assert columns.issuperset(parts[field.name].split())
            assert len(field.fields) == len(parts[field.name].split())
        else:
            assert field.name in columns


def test_steps_are_rows_with_their_sign(stepped: Evidence) -> None:
    assert rows_of("steps", stepped)[1:3] == [
        ("che-001", 2, "CCL5", "activates", "STAT3 signaling", CELL, 1),
        ("che-001", 3, "STAT3 signaling", "increases", "resistance", None, 1),
    ]


def test_the_closure_has_each_term_below_itself_and_all_wider_ones(stepped: Evidence) -> None:
    closure = rows_of("closure", stepped)
    assert ("cells", CELL, CELL) in closure
    assert ("cells", CELL, "immune cell") in closure
    assert ("cells", "immune cell", CELL) not in closure


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_every_column_says_what_it_means_and_keys_are_unique(
    evidence: Evidence, table: Table
) -> None:
    assert all(column.meaning for column in table.columns)
    places = [[c.name for c in table.columns].index(name) for name in table.primary_key]
    keys = [tuple(row[place] for place in places) for row in rows_of(table.name, evidence)]
    assert len(set(keys)) == len(keys)
    names = {column.name for column in table.columns}
    for columns, other in table.foreign_keys.items():
        assert names.issuperset(columns)
        assert len(columns) == len(BY_NAME[other].primary_key)


# --- read back -----------------------------------------------------------------------------


def listed(column: Any, value: Any) -> Any:
    return json.loads(value) if column.is_list else value


def test_sqlite_has_every_row(evidence: Evidence, tmp_path: Path) -> None:
    connection = sqlite3.connect(exported(evidence, "sqlite", tmp_path / "x.db"))
    for table in TABLES:
        found = connection.execute(f"SELECT * FROM {table.name} ORDER BY rowid").fetchall()
        assert [
            tuple(listed(c, v) for c, v in zip(table.columns, row, strict=True)) for row in found
        ] == rows_of(table.name, evidence)
    connection.close()


def test_sqlite_is_sound_and_says_what_its_columns_mean(two: Evidence, tmp_path: Path) -> None:
    connection = sqlite3.connect(exported(two, "sqlite", tmp_path / "x.db"))
    assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
    (text,) = connection.execute("SELECT sql FROM sqlite_master WHERE name = 'steps'").fetchone()
    assert "-- 1 raises, -1 lowers, 0 says no direction." in text
    connection.close()


@pytest.mark.parametrize("kind", ["duckdb", "parquet"])
def test_duckdb_reads_every_row_with_its_type(
    evidence: Evidence, tmp_path: Path, kind: str
) -> None:
    path = exported(evidence, kind, tmp_path / kind if kind == "duckdb" else tmp_path)
    database = duckdb.connect(str(path)) if kind == "duckdb" else duckdb.connect()
    for table in TABLES:
        source = table.name if kind == "duckdb" else f"'{path / table.name}.parquet'"
        assert database.execute(f"FROM {source}").fetchall() == expected(table, evidence)
    database.close()


def test_what_duckdb_has_put_aside_is_there_until_the_last_table_is_written(
    stepped: Evidence, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A million claims do not fit into the memory that it may take."""
    connect, there = duckdb.connect, []

    class Watched:
        def __init__(self, path: str) -> None:
            self.connection = connect(path)

        def execute(self, statement: str, *values: object) -> object:
            if statement.startswith("COPY"):
                setting = "SELECT current_setting('temp_directory')"
                (directory,) = self.connection.execute(setting).fetchone() or ("",)
                there.append(Path(directory).is_dir())
            return self.connection.execute(statement, *values)

        def close(self) -> None:
            self.connection.close()

    monkeypatch.setattr(duckdb, "connect", Watched)
    (tmp_path / "set").mkdir()
    exported(stepped, "parquet", tmp_path / "set")
    assert there == [True] * len(TABLES)
    assert [path.name for path in tmp_path.iterdir()] == ["set"]


def test_views_answer_the_same_in_both_databases(two: Evidence, tmp_path: Path) -> None:
    lite = sqlite3.connect(exported(two, "sqlite", tmp_path / "x.db"))
    duck = duckdb.connect(str(exported(two, "duckdb", tmp_path / "x.duckdb")))
    for view in VIEWS:
        # Lists are JSON in one of them: leave out the authors.
        columns = "claim, source, number, title, doi" if view == "claim_citations" else "*"
        statement = f"SELECT {columns} FROM {view}"
        rows = sorted(duck.execute(statement).fetchall(), key=repr)
        assert rows
        assert sorted(lite.execute(statement).fetchall(), key=repr) == rows
    lite.close()
    duck.close()


def test_a_reference_is_that_of_the_source_of_the_claim(two: Evidence, tmp_path: Path) -> None:
    lite = sqlite3.connect(exported(two, "sqlite", tmp_path / "x.db"))

    def answer(columns: str, view: str) -> list[tuple[Any, ...]]:
        return lite.execute(f"SELECT {columns} FROM {view} ORDER BY 1, 2, 3").fetchall()

    assert answer("claim, number, title", "claim_citations") == [
        ("acar2016-che-001", 1, "Another work on macrophages"),
        ("che-001", 1, "Macrophages and drugs"),
        ("che-002", 2, "T cells: a study"),
        ("che-002", 3, "More on T cells"),
    ]
    assert answer("*", "source_claims") == [("acar2016", "chemo", 1), ("main", "chemo", 2)]
    assert answer("*", "shared_works") == [("main:2", "acar2016", 1, "main", 2)]
    lite.close()


def test_networks_say_which_source_a_link_is_from(two: Evidence, tmp_path: Path) -> None:
    exported(two, "kgx", tmp_path)
    with (tmp_path / "edges.tsv").open(encoding="utf-8", newline="") as file:
        found = [
            (row["source_key"], row["publications"])
            for row in csv.DictReader(file, dialect="excel-tab")
        ]
    assert found == [("acar2016", "doi:10.1000/other")]


def test_a_wider_term_finds_the_claims_of_narrower_ones(stepped: Evidence, tmp_path: Path) -> None:
    lite = sqlite3.connect(exported(stepped, "sqlite", tmp_path / "x.db"))
    found = lite.execute(
        "SELECT DISTINCT claim FROM claim_wider WHERE term = 'immune cell' AND field = 'opposes'"
    ).fetchall()
    assert sorted(found) == [("che-002",), ("che-003",)]
    lite.close()


PROFILE = {
    "required": ["profile", "name", "resources", "licenses"],
    "properties": {
        "name": {"pattern": "^[-a-z0-9._/]+$"},
        "licenses": {
            "minItems": 1,
            "items": {
                "required": ["name"],
                "properties": {"name": {"pattern": "^[-a-zA-Z0-9._]+$"}},
            },
        },
        "sources": {
            "minItems": 1,
            "items": {
                "required": ["title"],
                "properties": {"title": {"type": "string", "minLength": 1}},
            },
        },
        "resources": {
            "items": {
                "required": ["name", "path", "schema", "profile"],
                "properties": {"name": {"pattern": "^[-a-z0-9._/]+$"}},
            },
        },
    },
}
"""What the specification of a tabular data package demands, and what is more than a type there.

`make readback` asks frictionless for the rest."""


@pytest.mark.parametrize(
    ("licence", "name"),
    [("CC BY 4.0", "CC-BY-4.0"), ("all rights: ours; ©", "all-rights-ours"), ("无", "other")],
)
def test_a_data_package_is_valid_whatever_its_licence(
    tmp_path: Path, licence: str, name: str
) -> None:
    directory = stepped_evidence(tmp_path / "e")
    source = directory / "source.yaml"
    text = source.read_text(encoding="utf-8").replace("  title: A review", "  note: A review")
    source.write_text(f"data_licence: {json.dumps(licence)}\n{text}", encoding="utf-8")
    (tmp_path / "p").mkdir()
    exported(tdr.load(directory, cache=False), "datapackage", tmp_path / "p")
    package = json.loads((tmp_path / "p/datapackage.json").read_text(encoding="ascii"))
    jsonschema.validate(package, PROFILE)
    assert package["licenses"] == [{"name": name, "title": licence}]


def of(row: dict[str, Any], names: list[str]) -> tuple[Any, ...]:
    return tuple(row[name] for name in names)


def test_a_data_package_is_what_its_descriptor_says(two: Evidence, tmp_path: Path) -> None:
    exported(two, "datapackage", tmp_path)
    package = json.loads((tmp_path / "datapackage.json").read_text(encoding="ascii"))
    read: dict[str, list[dict[str, Any]]] = {}
    types: dict[str, Callable[[str], Any]] = {
        "string": str,
        "integer": int,
        "boolean": {"true": True, "false": False}.__getitem__,
        "array": json.loads,
    }
    for resource in package["resources"]:
        fields = {field["name"]: field for field in resource["schema"]["fields"]}
        with (tmp_path / resource["path"]).open(encoding="utf-8", newline="") as file:
            reader = csv.DictReader(file, strict=True)
            rows = list(reader)
        assert reader.fieldnames == list(fields)
        read[resource["name"]] = [
            {k: types[fields[k]["type"]](v) if v else None for k, v in row.items()} for row in rows
        ]
    for table in TABLES:
        wanted = list(table.rows(two, two.select(Criteria())))
        assert [tuple(row.values()) for row in read[table.name]] == wanted
    for resource in package["resources"]:
        for key in resource["schema"].get("foreignKeys", ()):
            other = key["reference"]
            there = {of(row, other["fields"]) for row in read[other["resource"]]}
            assert {of(row, key["fields"]) for row in read[resource["name"]]} <= there


def test_only_the_selected_claims_are_in_the_tables_of_claims(
    stepped: Evidence, tmp_path: Path
) -> None:
    path = exported(stepped, "sqlite", tmp_path / "x.db", effect="sensitivity")
    lite = sqlite3.connect(path)
    assert lite.execute("SELECT n, id FROM claims").fetchall() == [(0, "che-003")]
    assert lite.execute("SELECT count(*) FROM steps").fetchone() == (0,)
    assert lite.execute("SELECT count(*) FROM refs").fetchone() == (3,)
    lite.close()


def test_hostile_text_is_a_value_and_nothing_else(tmp_path: Path) -> None:
    directory = stepped_evidence(tmp_path / "e")
    hostile = "=cmd()'; DROP TABLE claims; -- \" ]]> \u202e\x1b[2J\r\n\t,|"
    claims = directory / "chemo.jsonl"
    text = claims.read_text(encoding="utf-8").replace(
        '"T cells help; nobody says how."', json.dumps(hostile)
    )
    claims.write_text(text, encoding="utf-8")
    evidence = tdr.load(directory, cache=False)
    wanted = [(hostile,)]
    statement = "SELECT mechanism FROM claims WHERE id = 'che-003'"
    for name, connect in (("sqlite", sqlite3.connect), ("duckdb", duckdb.connect)):
        database = connect(str(exported(evidence, name, tmp_path / name)))
        assert database.execute(statement).fetchall() == wanted
        database.close()
    (tmp_path / "p").mkdir()
    exported(evidence, "parquet", tmp_path / "p")
    source = f"'{tmp_path}/p/claims.parquet'"
    assert duckdb.execute(statement.replace("claims", source)).fetchall() == wanted
    exported(evidence, "datapackage", tmp_path / "p")
    with (tmp_path / "p/claims.csv").open(encoding="utf-8", newline="") as file:
        assert [row["mechanism"] for row in csv.DictReader(file)][-1:] == [hostile]


@settings(max_examples=examples(0.1))
@given(texts=st.lists(PRINTABLE, min_size=1, max_size=40))
def test_any_text_comes_back_from_every_data_set(stepped: Evidence, texts: list[str]) -> None:
    claim = stepped.claims[0].to_dict() | {"steps": []}
    lines = [
        json.dumps(claim | {"id": f"x-{number:02}", "mechanism": text, "countered_by": [text]})
        for number, text in enumerate(texts)
    ]
    rows = [(text, f"x-{number:02}") for number, text in enumerate(texts)]
    with TemporaryDirectory() as place:
        directory = stepped_evidence(Path(place) / "e")
        (directory / "chemo.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
        evidence = tdr.load(directory, cache=False)
        for name, connect in (("sqlite", sqlite3.connect), ("duckdb", duckdb.connect)):
            database = connect(str(exported(evidence, name, Path(place) / name)))
            for asked in (
                "SELECT mechanism, id FROM claims ORDER BY id",
                "SELECT value, claim FROM claim_terms WHERE field = 'countered_by' ORDER BY claim",
            ):
                found = database.execute(asked).fetchall()
                assert [row for row in found if row[1].startswith("x-")] == rows
            database.close()
        package = Path(place) / "p"
        package.mkdir()
        exported(evidence, "datapackage", package)
        with (package / "claims.csv").open(encoding="utf-8", newline="") as file:
            found = [(row["mechanism"], row["id"]) for row in csv.DictReader(file)]
        assert [row for row in found if row[1].startswith("x-")] == rows


@pytest.mark.parametrize("kind", ["duckdb", "parquet"])
def test_a_missing_extra_is_said_before_anything_is_written(
    kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Hazard 31. A signal while DuckDB sets itself up would end the process on the spot."""
    monkeypatch.delitem(sys.modules, "tdr.export.duck", raising=False)
    monkeypatch.setitem(sys.modules, "duckdb", None)
    said = r"DuckDB and Parquet files need one more package: pip install 'tdr\[parquet\]'"
    with pytest.raises(TdrError, match=said):
        EXPORTS[kind].load()


def test_export_of_a_file_and_of_a_set(run: Callable[..., Run], tmp_path: Path) -> None:
    stepped_evidence(tmp_path / "e")
    for name, dest in (("sqlite", "t.db"), ("duckdb", "t.duckdb"), ("parquet", "set")):
        done = run("--evidence", "e", "export", name, dest, "--effect", "resistance", cwd=tmp_path)
        assert (done.exit, done.out) == (0, "")
        assert done.err.startswith(f"wrote {dest}: 9 tables")
        assert done.err.endswith("2 of 3 claims\n")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["e", "set", "t.db", "t.duckdb"]
    assert (tmp_path / "set/README.md").exists()
