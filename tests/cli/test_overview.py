"""The overview commands from outside: (exit code, stdout, stderr) of real runs."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import sys
import xml.etree.ElementTree as ET
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from tdr.ask.evidence import Evidence
from tdr.render.terminal.lines import paint, standing_legend
from tests import yaml_facts
from tests.conftest import REVIEW, TESTS, Run
from tests.program import call
from tests.yaml_facts import values

Tdr = Callable[..., Run]
SMALL = str(TESTS / "golden" / "views" / "evidence")

COMMANDS = [
    ["matrix"],
    ["matrix", "--gaps"],
    ["matrix", "--wide"],
    ["stats"],
    ["stats", "--by", "cell"],
    ["conflicts"],
    ["compare", "TAM", "CAF"],
    ["table", "1"],
    ["graph"],
]


@pytest.fixture
def there() -> Tdr:
    """Runs on the small evidence."""
    return partial(call, "--evidence", SMALL)


# -- the same grammar on all ----------------------------------------------


@pytest.mark.parametrize("argv", COMMANDS, ids=" ".join)
def test_every_view_comes_in_every_format_with_the_same_records(
    there: Tdr, argv: list[str]
) -> None:
    as_json = there(*argv, "-o", "json")
    assert as_json.exit == 0
    answer = json.loads(as_json.out)
    kind = list(answer)[-1]
    records = answer[kind]
    assert records or argv[0] == "compare"
    assert there(*argv, "--count").out == f"{len(records)}\n"
    as_lines = there(*argv, "-o", "jsonl").out.splitlines()
    assert [json.loads(line) for line in as_lines] == records
    rows = list(csv.DictReader(io.StringIO(there(*argv, "-o", "csv").out)))
    assert len(rows) == len(records)
    if records:
        assert list(rows[0]) == list(records[0])
        assert all(list(record) == list(records[0]) for record in records)
    assert len(there(*argv, "-o", "ids").out.splitlines()) == len(records)
    for fmt in ("table", "markdown", "yaml", "tsv"):
        assert there(*argv, "-o", fmt).exit == 0


@pytest.mark.parametrize("argv", COMMANDS, ids=" ".join)
def test_columns_sort_limit_and_count_work_on_every_view(there: Tdr, argv: list[str]) -> None:
    records = json.loads(there(*argv, "-o", "json").out)
    rows = records[list(records)[-1]]
    if not rows:
        return
    field = next(iter(rows[0]))
    some = there(*argv, "--columns", field, "--sort", field, "-n", "2", "-o", "csv")
    assert some.exit == 0
    assert some.out.splitlines()[0] == field
    assert len(some.out.splitlines()) == 1 + min(2, len(rows))
    assert there(*argv, "--count").out == f"{records['matched']}\n"
    assert there(*argv, "--sort", "nonsense").exit == 2
    assert there(*argv, "-n", "1", "-o", "table").exit == 0


@pytest.mark.parametrize("argv", COMMANDS, ids=" ".join)
def test_every_view_says_its_unit(there: Tdr, argv: list[str]) -> None:
    assert "claim" in there(*argv, "-o", "tsv").err
    assert "claim" in there(*argv, "-o", "table").err


@pytest.mark.parametrize("command", ["matrix", "stats", "conflicts", "table 1", "graph"])
def test_nothing_selected_is_no_failure_unless_asked(there: Tdr, command: str) -> None:
    nothing = [*command.split(), "-t", "radio", "-c", "CD8+ T cell"]
    for fmt in ("table", "tsv", "json"):
        assert there(*nothing, "-o", fmt).exit == 0
    if command != "stats":  # which has its zeros to tell
        assert there(*nothing, "-e").exit == 1


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        (["matrix", "--rows", "cel"], "unknown field `cel`; did you mean `cell`"),
        (["matrix", "--rows", "cell", "--cols", "cells"], "choose two"),
        (["matrix", "--level", "x"], "write --level N or FIELD=N"),
        (["matrix", "--level", "agent=1"], "no rows or columns of terms are `agent`"),
        (["matrix", "--under", "gefitinib"], "`gefitinib` is no term of cells"),
        (["matrix", "--unit", "edges"], "edges"),
        (["matrix", "--top", "0"], "0"),
        (["matrix", "--svg", ""], "empty"),
        (["conflicts", "--kind", "quarrel"], "unknown kind `quarrel`; one of contradiction"),
        (["compare", "TAM"], "Missing argument 'B'"),
        (["compare", "TAM", "radio"], "compare two of one kind"),
        (["stats", "--level", "2"], "need --by"),
        (["table", "5"], "5"),
        (["table", "one"], "one"),
        (["graph", "--dot", "--mermaid"], "--dot and --mermaid exclude each other"),
        (["graph", "--nodes", "--dot"], "--nodes and --dot exclude each other"),
        (["graph", "--nodes", "-o", "svg"], "--nodes and -o svg exclude each other"),
        (["graph", "--dot", "-o", "csv"], "--dot and -o csv exclude each other"),
        (["graph", "--figure", "-o", "dot"], "--figure and -o dot exclude each other"),
        (["graph", "--svg", "x.png"], "`x.png` is a name for PNG; --svg writes SVG, as to `x.svg`"),
        (["graph", "--svg", "x.graphml"], "`x.graphml` is a name for GRAPHML; --svg writes SVG"),
        (["export", "graphml", "x.csv"], "export graphml writes GRAPHML, as to `x.graphml`"),
        (["export", "sqlite", "x.duckdb"], "export sqlite writes SQLITE, as to `x.sqlite`"),
        (["export", "kgx", "x.csv"], "export kgx writes a directory, as to `x`"),
        (["report", "-o", "x.pdf"], "`x.pdf` is a name for PDF; report writes HTML"),
        (["table", "foo"], "`foo` is not a table of the review; 1 immunotherapy, 2 targeted"),
        (["compare", "TAM", "tumor-associated macrophage"], "are one cell, tumor-associated"),
        (["compare", "TAM", "vs", "CAF"], "what it takes is A B"),
        (["compare", "", "TAM"], "the name of what is compared is empty"),
        (
            ["compare", "!TAM", "CAF"],
            "to leave out what matches: --not about=TAM",
        ),
    ],
)
def test_bad_usage_exits_2_says_why_and_prints_nothing(
    run: Tdr, argv: list[str], message: str
) -> None:
    done = run(*argv)
    assert (done.exit, done.out) == (2, "")
    assert message in done.err
    assert "Traceback" not in done.err


# -- what each of them answers --------------------------------------------


def test_matrix_data_has_one_record_for_each_combination(run: Tdr) -> None:
    rows = json.loads(run("matrix", "-o", "json").out)["combinations"]
    facts = yaml_facts.read(REVIEW)
    assert rows[0].keys() == {"cell", "therapy", "claims", "promotes", "opposes", "contested"}
    assert sum(row["claims"] for row in rows) == sum(len(values(c, "cell")) for c in facts.claims)


def test_matrix_on_a_page_has_a_column_for_each_term(there: Tdr) -> None:
    lines = there("matrix", "-o", "markdown").out.splitlines()
    assert lines[0] == "| cell | claims | immunotherapy | radio |"
    assert "| bone marrow stromal cell | 3 | 1▲ 1▼ | 1▲ |" in lines


@pytest.mark.parametrize("fmt", ["table", "markdown"])
def test_contested_claims_are_marked_however_narrow_it_is(run: Tdr, fmt: str) -> None:
    for argv, marked in ((("-c", "CD8+ T cell"), "9▼!"), (("--rows", "section"), "31!")):
        for columns in ("30", "44", "100"):
            out = run("matrix", *argv, "-o", fmt, COLUMNS=columns).out
            assert marked in out.replace(" ", ""), (argv, columns)
    assert "!: some of them contested\n" in run("matrix", "-o", "markdown").err


def test_matrix_on_a_narrow_terminal_says_how_many_columns_are_left_out(run: Tdr) -> None:
    done = run("matrix", "--rows", "therapy", "--cols", "molecule", "-o", "table", COLUMNS="80")
    assert "columns do not fit, those with the fewest claims" in done.err
    assert "of " in done.err
    data = run("matrix", "--rows", "therapy", "--cols", "molecule", "-o", "csv", COLUMNS="80")
    assert "do not fit" not in data.err


def test_matrix_keeps_an_asked_for_order(there: Tdr) -> None:
    shown = there("matrix", "--sort", "cell", "-n", "2", "-o", "table").out.splitlines()
    assert shown[2].startswith("bone marrow stromal cell")
    assert shown[3].startswith("cancer-associated fibroblast")
    assert not any(line.startswith("tumor-associated") for line in shown)


def test_gaps_count_empty_and_single_combinations(there: Tdr) -> None:
    done = there("matrix", "--gaps", "-o", "json")
    gaps = json.loads(done.out)["gaps"]
    empty = [gap for gap in gaps if not gap["claims"]]
    assert (
        f"{len(empty)} combinations without a claim, {len(gaps) - len(empty)} with one" in done.err
    )
    assert "cell: without narrower terms; roll up with --level cell=1\n" in done.err
    assert "narrower" not in there("matrix", "--gaps", "--level", "cell=1").err
    assert all((gap["claim"] is None) == (gap["claims"] == 0) for gap in gaps)


def test_a_breakdown_agrees_with_the_list_that_the_same_filter_gives(run: Tdr) -> None:
    rows = json.loads(run("stats", "--by", "molecule", "-n", "3", "-o", "json").out)["terms"]
    for row in rows:
        assert run("list", "--molecule", row["molecule"], "--exact", "--count").out == (
            f"{row['claims']}\n"
        )


def test_shares_are_numbers_in_data_and_per_cent_for_people(there: Tdr) -> None:
    facts = json.loads(there("stats", "-o", "json").out)["facts"]
    shares = {(f["about"], f["value"]): f["share"] for f in facts}
    assert shares["stromal cells", "of a named subtype"] == 0.25
    (line,) = [
        line for line in there("stats", "-o", "table").out.splitlines() if "named subtype" in line
    ]
    assert line.split()[-2:] == ["25%", "claims"]


def test_conflicts_carry_both_sides_their_references_and_notes(there: Tdr) -> None:
    rows = json.loads(there("conflicts", "--kind", "contradiction", "-o", "json").out)["conflicts"]
    assert rows == [
        {
            "kind": "contradiction",
            "cell": "bone marrow stromal cell",
            "therapies": ["immunotherapy"],
            "agents": ["checkpoint blockade"],
            "cancers": [],
            "promotes": ["bone marrow stromal cell"],
            "promoted_by": ["imm-004"],
            "promotes_claims": 1,
            "promotes_refs": [4],
            "opposes": ["bone marrow stromal cell"],
            "opposed_by": ["imm-005"],
            "opposes_claims": 1,
            "opposes_refs": [1],
            "notes": ["imm-004: Text and cited title point in opposite directions."],
            "works": None,
            "abstracts": [],
            "citing": [],
        }
    ]


def test_of_a_side_with_many_claims_the_first_are_given_and_all_are_counted(
    there: Tdr, monkeypatch: pytest.MonkeyPatch
) -> None:
    of_all = ("conflicts", "--kind", "subtype", "-o", "tsv", "--no-header")
    argv = (*of_all, "--columns", "opposed_by,opposes_claims,opposes_refs")
    cut = (
        "the first 1 claims of either side "
        "(promotes_claims and opposes_claims count them; --all gives them)\n"
    )
    counts = "1 of 1 conflicts\n1 subtype; counts beside the sides are claims\n"
    for module in ("tdr.ask.views.conflict_sides", "tdr.cli.conflicts"):
        monkeypatch.setattr(f"{module}.FIRST", 1)
    done, full = there(*argv), there(*argv, "--all")
    assert (done.exit, done.out, done.err) == (0, "imm-002\t2\t2\n", counts + cut)
    assert (full.exit, full.out, full.err) == (0, "imm-002|imm-003\t2\t2|3\n", counts)
    assert "and 1 more claim (--all)" in there(*of_all[:3], "-o", "table").out


def test_a_part_of_the_other_is_pointed_out(there: Tdr) -> None:
    assert "M2 tumor-associated macrophage is part of tumor-associated macrophage" in (
        there("compare", "TAM", "M2-TAM").err
    )
    assert "is part of" not in there("compare", "TAM", "M2-TAM", "--exact").err


def test_a_table_names_first_author_year_and_number(there: Tdr) -> None:
    rows = json.loads(there("table", "1", "-o", "json").out)["findings"]
    assert rows[0]["references"] == ["Adams et al. 2001 [1]", "van der Berg 2002 [2]"]
    assert rows[3]["references"] == ["Diaz et al. [4]"]
    shown = there("table", "4", "-o", "table", COLUMNS="200").out
    assert "Evans 2005 [5]" in shown
    assert "rad-001" in shown


# -- pictures -------------------------------------------------------------

PICTURES = [["matrix", "--svg"], ["graph", "--svg"]]


@pytest.mark.parametrize("argv", PICTURES, ids=" ".join)
def test_a_picture_is_written_whole_and_never_over_a_file_by_accident(
    there: Tdr, tmp_path: Path, argv: list[str]
) -> None:
    path = tmp_path / "picture.svg"
    done = there(*argv, str(path))
    assert (done.exit, done.out) == (0, "")
    assert f"wrote {path}" in done.err
    ET.parse(path)
    path.write_text("mine")
    again = there(*argv, str(path))
    assert (again.exit, again.out) == (2, "")
    assert "exists; --force overwrites it" in again.err
    assert path.read_text() == "mine"
    assert there(*argv, str(path), "--force").exit == 0
    ET.parse(path)
    assert [entry.name for entry in tmp_path.iterdir()] == ["picture.svg"]
    assert there(*argv, "/dev/null").err == "/dev/null: error: is not a plain file; name a file\n"


@pytest.mark.parametrize("argv", PICTURES, ids=" ".join)
def test_a_picture_does_not_go_through_a_symbolic_link(
    there: Tdr, tmp_path: Path, argv: list[str]
) -> None:
    target = tmp_path / "target.svg"
    target.write_text("mine")
    link = tmp_path / "link.svg"
    os.symlink(target, link)
    done = there(*argv, str(link), "--force")
    assert (done.exit, done.out) == (2, "")
    assert "symbolic link" in done.err
    assert target.read_text() == "mine"


@pytest.mark.parametrize("argv", PICTURES, ids=" ".join)
def test_a_picture_that_cannot_be_written_is_a_failure(
    there: Tdr, tmp_path: Path, argv: list[str]
) -> None:
    done = there(*argv, str(tmp_path / "nowhere" / "picture.svg"))
    assert (done.exit, done.out) == (2, "")
    assert "nowhere" in done.err


def test_several_pictures_are_all_made_before_one_is_written(
    there: Tdr, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "typst", None)
    svg, png = str(tmp_path / "a.svg"), str(tmp_path / "a.png")
    refused = [
        (svg, png, "pip install 'tdr[pictures]'"),
        ("-", png, "pip install 'tdr[pictures]'"),
        (svg, str(tmp_path / "nowhere" / "a.png"), "cannot be written: No such file or directory"),
        (svg, svg, "takes one picture"),
        ("-", "-", "takes one picture"),
    ]
    for first, second, said in refused:
        done = there("graph", "-c", "TAM", "--svg", first, "--png", second)
        assert (done.exit, done.out) == (2, "")
        assert said in done.err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("argv", "besides"),
    [
        ("matrix --svg PICTURE -o json", "--svg draws a picture, without -o json"),
        ("graph --svg PICTURE --count", "--svg draws a picture, without --count"),
        ("path TAM --png PICTURE --sort sign", "--png draws a picture, without --sort"),
        ("matrix --gaps --svg PICTURE", "--gaps draws no picture"),
        ("matrix --sql duckdb --svg PICTURE", "--sql draws no picture"),
    ],
)
def test_a_picture_leaves_nothing_unsaid_that_was_asked_for(
    there: Tdr, tmp_path: Path, argv: str, besides: str
) -> None:
    done = there(*argv.replace("PICTURE", str(tmp_path / "picture")).split())
    assert (done.exit, done.out) == (2, "")
    assert done.err == f"tdr: error: {besides}: run it once for each\n"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("argv", PICTURES, ids=" ".join)
def test_a_picture_can_go_to_stdout(there: Tdr, argv: list[str]) -> None:
    done = there(*argv, "-", "--title", "A <title> & more")
    root = ET.fromstring(done.out)
    assert "A <title> & more" in [element.text for element in root.iter()]
    assert "wrote" not in done.err


def test_a_picture_of_large_evidence_keeps_to_a_slide(run: Tdr, evidence: Evidence) -> None:
    assert len(evidence.index.values("molecules")) > 40
    done = run("matrix", "--rows", "molecule", "--cols", "therapy", "--svg", "-")
    shown = [element.text or "" for element in ET.fromstring(done.out).iter()]
    left_out = len(evidence.index.values("molecules")) - 40
    assert f"left out: {left_out} more rows" in done.err
    assert any(f"{left_out} more rows not shown" in text for text in shown)


# -- networks -------------------------------------------------------------


def test_json_has_the_nodes_beside_the_edges_and_edges_name_them(there: Tdr) -> None:
    found = json.loads(there("graph", "-o", "json").out)
    ids = {node["id"] for node in found["nodes"]}
    assert ids == {edge[end] for edge in found["edges"] for end in ("source_id", "target_id")}
    assert all(edge["claims"] and edge["refs"] for edge in found["edges"])


def test_nodes_are_a_table_of_their_own(there: Tdr) -> None:
    done = there("graph", "--nodes", "-t", "radio", "-o", "csv")
    assert done.out.splitlines()[0] == "id,label,kind,xref,claims"
    assert "cell:bone marrow stromal cell,bone marrow stromal cell,cell,,1" in done.out


def test_a_picture_says_what_was_asked_for_and_where_it_is_from(there: Tdr) -> None:
    done = there("graph", "-t", "radio", "-c", "CAF", "--svg", "-")
    shown = [element.text for element in ET.fromstring(done.out).iter()]
    assert "Steps to resistance (therapy: radio · cell: CAF)" in shown
    assert any(text and "Adams 2020, by tdr; data 1" in text for text in shown)


# -- how sure -------------------------------------------------------------


def test_a_table_marks_claims_beside_their_ids_and_says_what_the_marks_mean(run: Tdr) -> None:
    for command in (["list", "-t", "radio"], ["table", "4"]):
        shown = run(*command, "-o", "table", COLUMNS="120").out
        assert re.search(r"^rad-018 !  ", shown, re.M)
        assert re.search(r"^rad-004 ✓  ", shown, re.M)
        assert re.search(r"^rad-001    ", shown, re.M)  # unchecked
        assert shown.rstrip().endswith("! contested   ~ qualified   ✓ supported")
    rows = json.loads(run("table", "4", "-o", "json").out)["findings"]
    assert {row["id"]: row["standing"] for row in rows}["rad-018"] == "contested"


def test_marks_are_ascii_where_only_that_will_do() -> None:
    said = standing_legend(("contested", "qualified", "supported"), ascii_only=True)
    assert [paint(line, color=False) for line in said] == [
        "! contested",
        "~ qualified",
        "* supported",
    ]


def test_standing_is_a_column_for_programs(run: Tdr) -> None:
    done = run("list", "-r", "31", "--columns", "id,standing", "-o", "csv")
    assert done.out == "id,standing\r\nimm-012,contested\r\n"


def test_a_card_cannot_be_read_past_what_contests_the_claim(run: Tdr) -> None:
    shown = run("show", "imm-012", "-o", "table").out
    assert shown.startswith("imm-012 !  immunotherapy")
    words = " ".join(shown.split())
    reason, mechanism = words.index("reports the opposite: Bone marrow"), words.index("Interaction")
    assert words.index("CONTESTED: the sign is reversed") < reason < mechanism


def test_conflicts_and_matrix_mark_contested_claims(run: Tdr) -> None:
    conflicts = run("conflicts", "-o", "table", COLUMNS="120").out
    assert re.search(r"imm-012 ! ", conflicts)
    matrix = run("matrix", "-o", "table", COLUMNS="120").out
    assert re.search(r"^CD8\+ T cell .*9▼!", matrix, re.M)
    assert "! some of them contested" in matrix


def test_a_matrix_counts_its_contested_claims_for_programs(run: Tdr) -> None:
    rows = json.loads(run("matrix", "-c", "BMSC", "-t", "immunotherapy", "-o", "json").out)
    row = next(r for r in rows["combinations"] if r["cell"] == "bone marrow stromal cell")
    assert row["contested"] == 2


# -- slides ---------------------------------------------------------------


@pytest.mark.parametrize("command", ["matrix", "graph"])
def test_a_slide_is_16_to_9(run: Tdr, command: str) -> None:
    root = ET.fromstring(run(command, "-t", "radio", "--slide", "--svg", "-").out)
    assert (root.get("width"), root.get("height")) == ("1920", "1080")
    wide, high = map(float, root.attrib["viewBox"].split()[2:])
    assert abs(wide / high - 16 / 9) < 0.001


def test_a_map_on_a_slide_has_twelve_rows_in_blocks_by_lineage_and_large_print(run: Tdr) -> None:
    root = ET.fromstring(run("matrix", "--slide", "--svg", "-").out)
    width, height = map(float, root.attrib["viewBox"].split()[2:])
    assert width / height == pytest.approx(16 / 9, rel=1e-3)
    assert width <= 1920  # nothing had to shrink
    texts = [e for e in root.iter() if e.tag.endswith("text")]
    shown = [e.text for e in texts]
    blocks = [shown.index(name) for name in ("lymphoid", "myeloid", "stromal", "vascular")]
    assert blocks == sorted(blocks)
    assert shown.index("lymphoid") < shown.index("CD8+ T cell") < shown.index("myeloid")
    assert min(float(e.attrib["font-size"]) for e in texts) * 1920 / width >= 20
    assert not [text for text in shown if text and "…" in text]


@pytest.mark.parametrize("rows", ["matrix --cols cancer -t chemo", "graph -c CAF"])
def test_what_does_not_fit_a_slide_in_print_that_can_be_read_is_left_out_and_said(
    run: Tdr, rows: str
) -> None:
    done = run(*rows.split(), "--slide", "--svg", "-")
    root = ET.fromstring(done.out)
    width = float(root.attrib["viewBox"].split()[2])
    texts = [e for e in root.iter() if e.tag.endswith("text")]
    assert min(float(e.attrib["font-size"]) for e in texts) * 1920 / width >= 12
    assert "left out: " in done.err


def test_a_therapy_is_known_by_the_head_of_its_column(run: Tdr) -> None:
    heads = run("matrix", "-o", "table", COLUMNS="120").out
    assert "immuno" in heads
    assert run("list", "-t", "immuno", "--count").out == run("list", "-t", "imm", "--count").out


def test_the_most_frequent_values_of_a_field_are_as_many_as_wanted(run: Tdr) -> None:
    every = run("stats", "--by", "cell", "--columns", "cell").out.splitlines()
    done = run("stats", "--by", "cell", "--columns", "cell", "--top", "3")
    assert done.out.splitlines() == every[:4]
    assert done.err.startswith(f"3 shown of {len(every) - 1} ")
